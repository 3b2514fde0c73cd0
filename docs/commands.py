"""Writes docs/commands.md and the manual in docs/man from the commands. Run by `make docs`; a test checks both."""

from __future__ import annotations

import os
import shutil
import sys

import click
from click_man import core as click_man  # type: ignore[import-untyped]  # it has no types

from digest import cli


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
    inner = command.commands.items() if isinstance(command, click.Group) else ()
    below = [click.Context(one, parent=context, info_name=name) for name, one in inner]
    return [context, *(found for one in below for found in _all(one))]


def manual(folder: str) -> None:
    """Write a page for `man` into *folder* for each command. Without a date: the pages change when the commands do."""
    # By itself it cuts what a command does at 45 letters, in a way that Click is about to remove.
    click_man.get_short_help_str = lambda command: command.get_short_help_str(limit=120)
    click_man.write_man_pages("digest", cli.main, version="digest", target_dir=folder, date=" ")


if __name__ == "__main__":
    here = os.path.dirname(__file__)
    with open(os.path.join(here, "commands.md"), "w", encoding="utf-8") as handle:
        handle.write(markdown())
    shutil.rmtree(os.path.join(here, "man"), ignore_errors=True)
    os.mkdir(os.path.join(here, "man"))
    manual(os.path.join(here, "man"))
    sys.stdout.write("docs/commands.md, docs/man: written\n")
