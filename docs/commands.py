"""Writes the reference from the code: docs/commands.md and docs/man of the commands, docs/record.md of its schema.

Of docs/settings.md and docs/checks.md the tables alone: what stands above them is written by hand.

Run by `make docs`; a test holds each against what it is written from.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

import click
from click_man import core as click_man  # type: ignore[import-untyped]  # it has no types

from digest import checks, cli
from digest.checks import rule
from digest.config import declared, schema
from digest.issue import record as issue_record


def markdown() -> str:
    """Return every command with its help, as the terminal shows it at 100 columns."""
    lines = ["# Commands", "", "Written from the program by `make docs`; what `-h` says is what stands here.", ""]
    root = click.Context(cli.main, info_name="digest", terminal_width=100, **cli.main.context_settings)
    for context in sorted(_all(root), key=lambda one: one.command_path):
        lines += [f"## {context.command_path}", "", "```text", context.get_help().rstrip(), "```", ""]
    return "\n".join(lines)


def _all(context: click.Context) -> list[click.Context]:
    """Return the context of a command and of those inside it, each below its own, as in a run."""
    command = context.command
    group = command if isinstance(command, click.Group) else click.Group()
    inner = [(name, group.get_command(context, name)) for name in group.list_commands(context)]
    below = [click.Context(one, parent=context, info_name=name) for name, one in inner if one]
    return [context, *(found for one in below for found in _all(one))]


def record() -> str:
    """Return every key of issue.json with what it is, from its schema."""
    schema = issue_record.json_schema()
    verdicts = schema["properties"]["verdicts"]["items"]["properties"]["verdict"]["oneOf"]
    lines = [
        "# The record, issue.json",
        "",
        "Written from `digest schema issue` by `make docs`.",
        "Each issue has one beside its letter: why each story is in it, and what later issues remember of it.",
        "Keep it; the other files can be built again.",
        "",
        *_rows(schema, ""),
        "",
        "## Verdicts",
        "",
        "| verdict | meaning |",
        "|---|---|",
        *(f"| `{one['const']}` | {one['description']} |" for one in verdicts),
        "",
    ]
    return "\n".join(lines)


def _rows(schema: dict[str, Any], inside: str) -> list[str]:
    """A table of an object's keys, then one for each object in it."""
    lines, below = ["| key | kind | what it is |", "|---|---|---|"], []
    for name, one in schema["properties"].items():
        member = one.get("items", one)
        kind = "list" if "items" in one else one.get("type", "text" if "oneOf" in one else "integer")
        words = " or ".join(kind) if isinstance(kind, list) else kind
        lines.append(f"| `{name}` | {words.replace('string', 'text')} | {one['description']} |")
        if "properties" in member:
            title = f"{inside}{name}{'[]' if 'items' in one else ''}"
            below += ["", f"## {title}", "", member["description"], "", *_rows(member, f"{title}.")]
    return lines + below


_EVERY = "## Every setting\n"


def settings_page(page: str) -> str:
    """Return docs/settings.md, the *page* as it stands, with the table of all settings made anew."""
    lines = [
        _EVERY,
        "Written from `digest schema settings` by `make docs`; `[]` marks a list of such settings.",
        "",
        "| key | what may be written | default | what it is |",
        "|---|---|---|---|",
        *(
            f"| `{key}` | {kind} | {default} | {about.replace('|', chr(92) + '|')} |"
            for key, kind, default, about in declared.rows(schema.SettingsFile)
        ),
        "",
    ]
    return page.partition(_EVERY)[0] + "\n".join(lines)


def checks_page(page: str) -> str:
    """Return docs/checks.md, given as it stands, with the tables of the rules as they are."""
    tables = rule.markdown(checks.RULES.values())
    return page.partition("## Files and record")[0] + tables


def manual(folder: str) -> None:
    """Write a page for `man` into *folder* for each command. Without a date: the pages change when the commands do."""
    # By itself it cuts what a command does at 45 letters, in a way that Click is about to remove.
    click_man.get_short_help_str = lambda command: command.get_short_help_str(limit=120)
    click_man.write_man_pages("digest", cli.main, version="digest", target_dir=folder, date=" ")


if __name__ == "__main__":
    here = os.path.dirname(__file__)
    with open(os.path.join(here, "commands.md"), "w", encoding="utf-8") as handle:
        handle.write(markdown())
    with open(os.path.join(here, "record.md"), "w", encoding="utf-8") as handle:
        handle.write(record())
    for name, written in (("settings.md", settings_page), ("checks.md", checks_page)):
        with open(os.path.join(here, name), encoding="utf-8") as handle:
            page = written(handle.read())
        with open(os.path.join(here, name), "w", encoding="utf-8") as handle:
            handle.write(page)
    shutil.rmtree(os.path.join(here, "man"), ignore_errors=True)
    os.mkdir(os.path.join(here, "man"))
    manual(os.path.join(here, "man"))
    sys.stdout.write("docs/checks.md, docs/commands.md, docs/record.md, docs/settings.md, docs/man: written\n")
