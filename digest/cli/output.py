"""How every command speaks: in plain lines, as JSON, or only of what is wrong.

Results go to standard output, warnings and questions to standard error, so that a script reads the one and a person
sees the other. With --json a command prints one JSON value and no other line, also where it fails: then the value is an
object with `error`. With --quiet it prints nothing unless something is wrong. Colour is for terminals: see `--color`,
NO_COLOR and FORCE_COLOR.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

import click

from digest import steps
from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

# Each of these words says by itself what it is: colour adds nothing that a screen without it would lose.
COLOURS = {
    **dict.fromkeys(("error", "error:"), "red"),
    **dict.fromkeys(("warning", "warning:"), "yellow"),
    **dict.fromkeys(("note", "note:"), "cyan"),
    **dict.fromkeys(("in", "In"), "green"),
}


class Printer:
    """What one run of a command prints. Used as a context: the JSON comes at its end, whatever ended it.

    *quiet* and *as_json* are the options of those names. With both, the JSON is printed and nothing else.
    """

    def __init__(self, *, quiet: bool, as_json: bool) -> None:
        self.quiet, self.as_json = quiet, as_json
        self._value: object = None
        self._facts: dict[str, object] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, DigestError):
            # What was noted before it failed stays in: how many readers have the issue is of interest then, too.
            self._value = None
            self.note(error=str(error))
        self.flush()

    def say(self, *lines: str) -> None:
        """Print lines of the result, the first word of each in its colour."""
        if not self.quiet and not self.as_json:
            click.echo("\n".join(map(first_word_coloured, lines)))

    def report(self, *lines: str) -> None:
        """Print findings, which are a result and what is wrong in one: --quiet does not silence them."""
        if lines and not self.as_json:
            click.echo("\n".join(map(first_word_coloured, lines)))

    def aside(self, line: str) -> None:
        """Print a line about what was done beside the result: with --json on standard error."""
        if not self.quiet:
            click.echo(line, err=self.as_json)

    def remark(self, line: str) -> None:
        """Print a note on standard error, beside the result; "" is none."""
        if line and not self.quiet:
            click.echo(first_word_coloured(f"note: {line}"), err=True)

    def ask(self, line: str) -> None:
        """Print what a question is about. With --quiet and --json, too, but beside the question, on standard error."""
        click.echo(line, err=self.quiet or self.as_json)

    def note(self, **facts: object) -> None:
        """Note facts for the JSON object; a later one of the same name takes its place."""
        self._facts.update(facts)

    def result(self, value: object) -> None:
        """Give the JSON value as a whole, in place of an object of noted facts."""
        self._value = value

    def flush(self) -> None:
        """Print the JSON, once: at the end, or earlier by a command that goes on running."""
        value = self._facts if self._value is None else self._value
        if self.as_json and (self._facts or self._value is not None):
            _print_json(value)
        self._value, self._facts = None, {}


# Below a second, a bar would flicker and be gone; drawn more often than ten times a second, it would cost more than the
# work that it shows.
PATIENCE, _BETWEEN = 1.0, 0.1
"""Seconds that a loop runs before it is shown, and between two looks at it."""


class Bar:
    """Shows how far a long loop has come: a bar on standard error with the rate and the time that is left.

    Only on a terminal, only of loops that take over a second, and not with *quiet*. See `steps.Watcher`.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._label = ""
        self._total: int | None = None
        self._done = 0
        self._begun = self._looked = 0.0
        self._open = ExitStack()
        self._bar: Any = None

    def begin(self, label: str, total: int | None) -> None:
        """Note what begins."""
        self._label, self._total, self._done = label, total, 0
        self._begun = self._looked = time.monotonic()

    def step(self) -> None:
        """Count a step, and show it where the work takes long."""
        self._done += 1
        now = time.monotonic()
        if now - self._looked < _BETWEEN:
            return
        self._looked = now
        if self._bar is None and now - self._begun >= PATIENCE and not self._quiet and sys.stderr.isatty():
            self._bar = self._drawn(now - self._begun)
        if self._bar is not None:
            self._bar.update(self._done - self._bar.pos)

    def end(self) -> None:
        """Show the last step, and leave the line to others."""
        if self._bar is not None:
            self._bar.update(self._done - self._bar.pos)
        self._bar = None
        self._open.close()

    def _drawn(self, passed: float) -> Any:
        """Return click's bar, drawn from now on; *passed* are the seconds of the work so far."""
        # Without a number of steps click shows how many are done.
        endless = None if self._total is not None else (None for _ in ())
        bar = click.progressbar(
            endless,
            length=self._total,
            label=self._label,
            bar_template="%(label)s  [%(bar)s]  %(info)s",
            show_pos=True,
            item_show_func=lambda _: f"{self._done / (time.monotonic() - self._begun):,.0f}/s",
            file=sys.stderr,
        )
        # What was done before counts for the time that is left.
        bar.start -= passed
        return self._open.enter_context(bar)


def printing(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the options --quiet and --json, and a `Printer` that heeds them as its argument `printer`."""

    @click.option("--quiet", is_flag=True, help="Print warnings and errors only.")
    @click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
    @functools.wraps(command)
    def printed(*, quiet: bool, as_json: bool, **options: Any) -> None:
        with Printer(quiet=quiet, as_json=as_json) as printer, steps.watched(Bar(quiet=quiet)):
            command(printer=printer, **options)

    return printed


def _print_json(value: object) -> None:
    """Print *value* as JSON that a person can read, too; days are written as in ISO 8601."""
    import json

    # Titles in every script stay readable, which `\\u` escapes would not.
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, default=str))


def warn(problem: object) -> None:
    """Print a warning on standard error: it is wanted with --quiet, and must not stand among the JSON."""
    click.echo(first_word_coloured(f"warning: {problem}"), err=True)


def first_word_coloured(line: str) -> str:
    """Return *line* with its first word in colour, where it has one; `click.echo` takes it off where none is wanted."""
    inner = line.lstrip(" ")
    word = inner.partition(" ")[0]
    if word not in COLOURS:
        return line
    return line[: -len(inner)] + click.style(word, fg=COLOURS[word]) + inner[len(word) :]


def wanted_colour(choice: str) -> bool | None:
    """Return whether output is coloured; None leaves it to whether it goes to a terminal.

    `--color` comes first, then NO_COLOR (no-color.org), then FORCE_COLOR, each of them if it is not empty.
    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None
