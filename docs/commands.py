"""Writes docs/commands.md from the commands themselves. Run by `make docs`; a test holds the file against them."""

from __future__ import annotations

import os
import sys

import click

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


if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(__file__), "commands.md"), "w", encoding="utf-8") as handle:
        handle.write(markdown())
    sys.stdout.write("docs/commands.md: written\n")
