"""`digest send --editions`: to each reader of a list the letter that `digest editions` has written down for her.

The JSON has `issue` and `target`, then the counts of `_note`, and `readers`, how many are in which state. No line and
no value has an address in it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from digest.cli.options import clock, counted
from digest.cli.readers import warn_of_rows
from digest.cli.send_report import say_dry_run, say_nothing_to_do, say_one_click, say_tally, watching
from digest.errors import SendingError
from digest.tables import places

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from digest.cli.output import Printer
    from digest.config.settings import Settings
    from digest.editions.addresses import Addressed
    from digest.editions.dispatch import EditionsJob
    from digest.mail.claim_book import ClaimBook
    from digest.mail.ledger import State

_SHRUNK_BY = 0.1
"""A list that lacks more than this share of the readers who have an edition is asked about: it may be half written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the command line answers before it is asked; each field is a flag of `send`.

    *really*: --send. *dry_run*: write it into a folder. *yes*: do not ask. *resend_unknown* and
    *retry_failed*: write to readers in those states again. *list_shrank*, *also* and *new_ledger*: a list that is much
    shorter, a second target and a lost ledger are right.
    """

    really: bool
    dry_run: bool
    yes: bool
    resend_unknown: bool
    retry_failed: bool
    list_shrank: bool
    also: bool
    new_ledger: bool


def editions_job(
    settings: Settings, issue: str, target: str, part: tuple[int, int] | None, answers: Answers, *, insecure: bool
) -> EditionsJob:
    """Return the job of handing over the editions of *issue*, or a *part* of them. Raises DigestError."""
    from digest.editions import dispatch

    asked = dispatch.Dispatch(
        issue=issue,
        target=target,
        only=part,
        insecure=insecure,
        dry_run=answers.dry_run,
        counts=not answers.really,
        also=answers.also,
    )
    return dispatch.prepare(settings, asked)


def send_editions(job: EditionsJob, printer: Printer, source: str | None, answers: Answers) -> None:
    """Write to the readers of the list *source* where --send is given; else count them, and send nothing.

    With --dry-run their messages are written into the folder outbox/. Wrong usage where no list is named.
    """
    from digest.editions import sending

    listed = source or job.settings.readers.source or job.settings.send.recipients
    if not listed:
        raise click.UsageError("who are the readers? name the list with --recipients or as readers.from")
    if listed == "-" and answers.really and not (answers.yes or answers.dry_run):
        raise click.UsageError("the list comes on standard input, so nobody can be asked there; add --yes")
    printer.note(issue=job.job.letter.issue, target=job.job.name)
    addressed = sending.address(job, listed)
    if answers.dry_run:
        _say(job, printer.say, places.shown(listed), addressed, len(addressed.shares))
        shown = partial(watching, quiet=printer.quiet or not sys.stderr.isatty())
        say_dry_run(printer, job.job, sending.dry_run(job, addressed, clock(), shown))
        return
    _send(job, printer, places.shown(listed), addressed, answers)


def _send(job: EditionsJob, printer: Printer, source: str, addressed: Addressed, answers: Answers) -> None:
    """Say how it stands with the readers of the list *source*, and with --send write to those who wait."""
    from digest.editions import sending

    claimed, counts = sending.book(job, addressed, clock(), unknown=answers.resend_unknown, failed=answers.retry_failed)
    waiting = counts["queued"] + counts["deferred"]
    tell = printer.ask if answers.really and not answers.yes else printer.say
    _say(job, tell, source, addressed, waiting)
    if answers.resend_unknown and counts["unknown"]:
        young = f"they were claimed in the last {sending.ALIVE // 60} minutes, maybe by a run that is at work"
        tell(f"{counts['unknown']:,} unknown are left alone: {young}")
    _note(printer, addressed, counts, waiting)
    if not answers.really:
        _say_states(printer.say, counts)
        printer.say("nothing was sent; add --send")
        return
    absent, size = addressed.left_out["absent"], sum(map(len, addressed.parts.values()))
    if absent > size * _SHRUNK_BY and not answers.list_shrank:
        _ask_about(f"{source}: lacks {absent:,} of {counted(size, 'reader')} with a letter", asked=not answers.yes)
    if waiting:
        _deliver(job, printer, addressed, claimed, waiting, answers)
    else:
        sending.say_how_it_stands(job, counts, clock())
        say_nothing_to_do(printer, counts)


def _deliver(
    job: EditionsJob, printer: Printer, addressed: Addressed, claimed: ClaimBook, waiting: int, answers: Answers
) -> None:
    """Write to the readers who are *waiting*, after a yes.

    Raises SendingError where the run left something to do, and Abort without a yes.
    """
    from digest.editions import sending

    if not answers.yes and click.prompt("Write to them all? Type yes", err=True) != "yes":
        raise click.Abort
    with watching(waiting, quiet=printer.quiet) as watch:
        tally = sending.deliver(job, addressed, claimed, clock(), watch)
    say_tally(printer, tally)


def _ask_about(place: str, *, asked: bool) -> None:
    """Ask whether the list may be so much shorter than the editions, as *place* says.

    Raises SendingError where nobody can be asked (not *asked*: --yes was given), and Abort without a yes.
    """
    if not asked:
        raise SendingError(place, "it may be half written", "if it is right, say so with --list-shrank")
    if click.prompt(f"{place}. Is that right? Type yes", err=True) != "yes":
        raise click.Abort


def _say(job: EditionsJob, tell: Callable[[str], object], source: str, addressed: Addressed, waiting: int) -> None:
    """Say what the list *source* comes to, line by line with *tell*; what is wrong with its rows are warnings."""
    from digest.editions.part_files import GENERAL

    warn_of_rows(source, addressed.faults)
    letter, left_out = job.job.letter, addressed.left_out
    parts = "" if job.is_whole else f", part {job.wanted[0]} of {job.parts}"
    tell(f"{letter.newsletter}, editions of {letter.issue}{parts}")
    bad = sum(map(len, addressed.faults.values()))
    tell(
        f"{counted(waiting, 'reader')} of {source} to write to over {job.job.name} "
        f"({addressed.duplicates:,} duplicates, {left_out['suppressed']:,} suppressed, {bad:,} in bad rows)"
    )
    general = sum(edition == GENERAL for _, edition in addressed.shares.values())
    if general:
        tell(f"{general:,} of {counted(len(addressed.shares), 'reader')} get the issue for all")
    if addressed.nothing:
        get = "gets" if addressed.nothing == 1 else "get"
        tell(f"{counted(addressed.nothing, 'reader')} {get} nothing, as the week has too little of what is asked for")
    if addressed.unlisted:
        are = "is" if addressed.unlisted == 1 else "are"
        tell(f"{counted(addressed.unlisted, 'reader')} of the list {are} not in the editions, which were made before")
    if left_out["absent"]:
        are = "is" if left_out["absent"] == 1 else "are"
        tell(f"{counted(left_out['absent'], 'reader')} of the editions {are} not in the list")
    if waiting:
        say_one_click(tell, job.job, addressed.unnamed)


def _say_states(tell: Callable[[str], object], counts: Counter[State]) -> None:
    """Say how many readers are in which state, if anything happened to any."""
    happened = {state: count for state, count in sorted(counts.items()) if count and state in _HAPPENED}
    if happened:
        tell("so far: " + ", ".join(f"{count:,} {state}" for state, count in happened.items()))


_HAPPENED = frozenset({"deferred", "failed", "sent", "unknown"})


def _note(printer: Printer, addressed: Addressed, counts: Counter[State], waiting: int) -> None:
    """Note what list and editions come to, for other programs: counts of readers."""
    printer.note(
        waiting=waiting,
        duplicates=addressed.duplicates,
        suppressed=addressed.left_out["suppressed"],
        absent=addressed.left_out["absent"],
        unlisted=addressed.unlisted,
        nothing=addressed.nothing,
        bad=sum(map(len, addressed.faults.values())),
        without_one_click=addressed.unnamed,
        readers={state: count for state, count in sorted(counts.items()) if count},
    )
