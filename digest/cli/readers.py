"""What commands ask of a list of readers: which list, which one reader of it, and which of its rows are wrong.

Wrong usage is a click.UsageError (exit status 2) with a sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import GIVEN, counted
from digest.cli.output import warn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from digest.config.settings import Settings
    from digest.editions.reader import OneReader, ReaderEdition
    from digest.model import Window


def of_reader(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the options that ask for the edition of one reader, as `reader` and `source`."""
    for option in (
        click.option(
            "--readers",
            "source",
            type=GIVEN,
            metavar="FILE",
            help="With --reader: the list that the reader is in.  [default: readers.from]",
        ),
        click.option("--reader", type=GIVEN, metavar="ADDRESS", help="The edition of one reader instead."),
    ):
        command = option(command)
    return command


def asked_reader(settings: Settings, *, reader: str | None, source: str | None, **_: Any) -> OneReader | None:
    """Return the reader whom the options of `of_reader` name, None where they name none; wrong usage for half of it."""
    if reader:
        from digest.editions.reader import OneReader

        return OneReader(list_of_readers(settings, source), reader)
    if source:
        raise click.UsageError("--readers names the list that the reader of --reader is in; give both")
    return None


def edition_of(settings: Settings, window: Window, **options: Any) -> ReaderEdition | None:
    """Return the edition of the reader of `asked_reader`. Raises as both."""
    reader = asked_reader(settings, **options)
    return reader.edition(settings, window) if reader else None


def list_of_readers(settings: Settings, source: str | None) -> str:
    """Return the list of readers that --readers names, else that of the settings; wrong usage where neither does."""
    listed = source or settings.readers.source
    if not listed:
        raise click.UsageError("name the list of readers with --readers FILE, or with readers.from in digest.yaml")
    return listed


def warn_of_rows(source: str, faults: Mapping[str, Sequence[int]], remedies: Mapping[str, str] | None = None) -> None:
    """Warn of rows of the list *source*, whose lines *faults* has by what is wrong there.

    *remedies* are what to do about some of these.
    """
    for fault, lines in faults.items():
        # Five lines are enough to find the cause; an export may have lost a column in a hundred thousand of them.
        shown = ", ".join(map(str, lines[:5])) + (", …" if lines[5:] else "")
        remedy = (remedies or {}).get(fault, "")
        told = f"{counted(len(lines), 'row')} {fault} (line{'s' * (len(lines) > 1)} {shown})"
        warn(f"{source}: {told}{remedy and f'; {remedy}'}")
