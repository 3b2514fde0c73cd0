"""How a command speaks: in words, as JSON, or only of what is wrong. Prints; knows no command.

Results go to standard output, warnings and questions to standard error, so that a script reads the one and a person
sees the other. Colour is for terminals: see `--color`, NO_COLOR and FORCE_COLOR.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COLOURS = {
    **dict.fromkeys(("error", "error:"), "red"),
    **dict.fromkeys(("warning", "warning:"), "yellow"),
    **dict.fromkeys(("note", "note:"), "cyan"),
    **dict.fromkeys(("in", "In"), "green"),
}
"""What has a colour; each says in words what it is, too."""


class Voice:
    """Says lines, unless it is to be quiet or to speak JSON; what is noted becomes the JSON."""

    def __init__(self, *, quiet: bool, as_json: bool) -> None:
        self._silent = quiet or as_json
        self.facts: dict[str, object] = {}

    def say(self, line: str) -> None:
        """Print a line of the result."""
        if not self._silent:
            click.echo(line)

    def ask(self, line: str) -> None:
        """Print what a question is about; where results are JSON or nothing, beside the question."""
        click.echo(line, err=self._silent)

    def note(self, **facts: object) -> None:
        """Note facts for the JSON; a later one of the same name takes its place."""
        self.facts.update(facts)


def spoken(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the options `--quiet` and `--json`."""
    command = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(command)
    return click.option("--quiet", is_flag=True, help="Print warnings and errors only.")(command)


@contextmanager
def voice(*, quiet: bool, as_json: bool) -> Iterator[Voice]:
    """Lend a command a voice; what it noted is printed as JSON at the end, also where it fails, with its `error`."""
    lent = Voice(quiet=quiet, as_json=as_json)
    try:
        yield lent
    except DigestError as error:
        lent.note(error=str(error))
        raise
    finally:
        if as_json and lent.facts:
            print_json(lent.facts)


def print_json(value: Any) -> None:
    """Print *value* as JSON that a person can read, too."""
    import json

    click.echo(json.dumps(value, indent=1, ensure_ascii=False))


def warn(problem: object) -> None:
    """Print a warning on standard error."""
    click.echo(first_word_coloured(f"warning: {problem}"), err=True)


def first_word_coloured(line: str) -> str:
    """Return *line* with its first word in colour, where it has one; `click.echo` takes it off where none is wanted."""
    inner = line.lstrip(" ")
    word = inner.partition(" ")[0]
    if word not in COLOURS:
        return line
    return line[: -len(inner)] + click.style(word, fg=COLOURS[word]) + inner[len(word) :]


def wanted_colour(choice: str) -> bool | None:
    """Return whether output is coloured; None for where a terminal is.

    `--color` comes first, then NO_COLOR (no-color.org), then FORCE_COLOR, each of them if it is not empty.
    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None
