"""Writes docs/commands.md from the commands themselves. Run by `make docs`; a test holds the file against them."""

from __future__ import annotations

import os
import sys

import click

from digest import cli


def markdown() -> str:
    """Return every command with its help, as the terminal shows it at 100 columns."""
    lines = ["# Commands", "", "Written from the program by `make docs`; what `-h` says is what stands here.", ""]
    for name, command in sorted(_all("digest", cli.main)):
        context = click.Context(command, info_name=name, terminal_width=100, max_content_width=100)
        lines += [f"## {name}", "", "```text", command.get_help(context).rstrip(), "```", ""]
    return "\n".join(lines)


def _all(name: str, command: click.Command) -> list[tuple[str, click.Command]]:
    inner = command.commands.items() if isinstance(command, click.Group) else ()
    return [(name, command), *(found for word, one in inner for found in _all(f"{name} {word}", one))]


if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(__file__), "commands.md"), "w", encoding="utf-8") as handle:
        handle.write(markdown())
    sys.stdout.write("docs/commands.md: written\n")
