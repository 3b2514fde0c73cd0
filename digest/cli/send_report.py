"""What `digest send` says of a list before a run, of the run while it goes on, and of how it went.

Each function both says lines for a person and notes facts for --json. Counts of readers are the ledger's. A run that
left something to do ends as a SendingError whose remedy is the next command.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from digest.cli.options import counted
from digest.cli.readers import warn_of_rows
from digest.errors import SendingError
from digest.tables import places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from digest.cli.output import Printer
    from digest.config.settings import Settings
    from digest.mail.delivery import Tally
    from digest.mail.ledger import State
    from digest.sending import Enlisted, Job


def say_enlisted(settings: Settings, job: Job, tell: Callable[[str], object], source: str, enlisted: Enlisted) -> None:
    """Say what the list *source* comes to, line by line with *tell*; bad rows are warnings, grouped by their fault.

    *tell* prints beside the question where one follows, else among the results.
    """
    place = places.shown(source)
    faults: dict[str, list[int]] = {}
    for row in enlisted.bad_rows:
        faults.setdefault(f"left out: {row.reason}", []).append(row.line)
    warn_of_rows(place, faults)
    tell(f"{job.letter.newsletter}, issue {job.letter.issue}: {job.letter.subject}")
    tell(
        f"{counted(enlisted.waiting, 'reader')} of {place} to write to over {job.name} "
        f"({enlisted.duplicates:,} duplicates, "
        f"{enlisted.counts.get('suppressed', 0):,} suppressed, {len(enlisted.bad_rows):,} in bad rows)"
    )
    for held in enlisted.held:
        tell(f"{held.readers:,} of {enlisted.size:,} have it, by {held.target}, since {_at(held.since, settings)}")
    if enlisted.counts.get("absent"):
        tell(f"{counted(enlisted.counts['absent'], 'reader')} of an earlier list wait and are not in this one")
    if enlisted.waiting:
        say_one_click(tell, job, enlisted.unnamed)


def note_enlisted(printer: Printer, enlisted: Enlisted) -> None:
    """Note what a list comes to, for other programs: counts of readers, `have_it` by target."""
    printer.note(
        waiting=enlisted.waiting,
        duplicates=enlisted.duplicates,
        suppressed=enlisted.counts.get("suppressed", 0),
        absent=enlisted.counts.get("absent", 0),
        bad=len(enlisted.bad_rows),
        without_one_click=enlisted.unnamed,
        have_it={held.target: held.readers for held in enlisted.held},
    )


def say_nothing_to_do(printer: Printer, states: Mapping[State, int]) -> None:
    """Say that nobody waits, and how all readers stand: *states* counts them.

    Raises SendingError where some may have the message or not: that is not done, and only a person can decide it.
    """
    counts = ", ".join(f"{count:,} {state}" for state, count in sorted(states.items()))
    printer.note(readers=dict(sorted(states.items())))
    printer.say(f"nothing to do: {counts}")
    if states.get("unknown"):
        raise _not_sure(states["unknown"])


def _not_sure(readers: int) -> SendingError:
    """Return the error of a run after which so many *readers* are `unknown`."""
    return SendingError(
        "not sure",
        f"{counted(readers, 'reader')} may have the message or not",
        "see `digest sent ISSUE --list unknown`; --resend-unknown writes to them again",
    )


def _at(seconds: float, settings: Settings) -> str:
    """Return a moment, in seconds since 1970, as a date and a time where the newsletter lives."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return f"{datetime.fromtimestamp(seconds, ZoneInfo(settings.newsletter.timezone)):%Y-%m-%d %H:%M}"


@contextmanager
def watching(total: int, *, quiet: bool = False) -> Iterator[Callable[[Tally], None]]:
    """Lend what shows how a run over *total* readers stands, on standard error.

    On a terminal that is a bar with rate and time left, elsewhere a line a minute, with *quiet* nothing.
    """
    import time

    start = last = time.monotonic()
    if quiet or not sys.stderr.isatty():
        # A scheduler keeps what it is told for months: a line a minute, and none of a run that takes less.
        def tell(tally: Tally) -> None:
            nonlocal last
            if time.monotonic() - last >= 60 and not quiet:
                last = time.monotonic()
                click.echo(f"{tally.done:,} of {tally.total:,} readers, {tally.waiting:,} waiting", err=True)

        yield tell
        return
    with click.progressbar(length=total, label="sending", show_pos=True, file=sys.stderr, item_show_func=str) as bar:

        def draw(tally: Tally) -> None:
            # Readers who were asked again wait anew; a bar that goes backwards would be taken for a fault.
            done = max(total - tally.waiting, bar.pos)
            bar.update(done - bar.pos, f"{done / max(time.monotonic() - start, 0.001):.0f}/s")

        yield draw


def say_one_click(tell: Callable[[str], object], job: Job, unnamed: int) -> None:
    """Say that one-click unsubscribing is left out for the *unnamed* readers, if there are any."""
    from digest.mail import personalise
    from digest.mail.target import ReaderTarget

    if unnamed:
        unless = job.target.UNLESS if issubclass(job.target, ReaderTarget) else ""
        readers = counted(unnamed, "reader") + (f" unless {unless}" if unless else "")
        tell(f"no one-click unsubscribing for {readers}: {personalise.WHY}; {personalise.REMEDY}")


def say_dry_files(printer: Printer, paths: list[str]) -> None:
    """Say which files a dry run wrote where the target takes no message a reader: calls, or the issue itself."""
    printer.say(*paths, f"{counted(len(paths), 'file')} written; nothing has left this machine")
    printer.note(written=paths)


def say_dry_run(printer: Printer, job: Job, tally: Tally) -> None:
    """Say what a dry run wrote: never that anything was sent. Raises SendingError where it could not end."""
    folder, count = f"outbox/{job.letter.issue}", tally.counts["sent"]
    printer.say(f"{folder}: {counted(count, 'message')} written; nothing has left this machine")
    printer.note(folder=folder, written=count)
    if tally.stopped:
        raise SendingError("stopped", tally.stopped, "mend it and run the same command again")


def say_tally(printer: Printer, tally: Tally) -> None:
    """Say how many readers are in which state after a run.

    Raises SendingError where something is left to do: the run was stopped, readers were refused for now, or nobody
    knows whether some have the message.
    """
    printer.note(readers={state: count for state, count in sorted(tally.counts.items()) if count})
    printer.say(", ".join(f"{count:,} {state}" for state, count in sorted(tally.counts.items()) if count) or "nobody")
    if tally.stopped:
        raise SendingError("stopped", tally.stopped, "mend it and run the same command again: it goes on from here")
    if tally.waiting:
        raise SendingError("not done", f"{counted(tally.waiting, 'reader')} refused for now", "run it again later")
    if tally.counts["unknown"]:
        raise _not_sure(tally.counts["unknown"])
