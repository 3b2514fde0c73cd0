"""A hand-over to a list of ours: the list read into the ledger, counted, and written to one by one.

Ledger and sent.json are a step ahead of the wire. Reading a list and writing to it are two steps, `enlist` and
`deliver`, so that a person can be asked in between with the true numbers; a dry run, a test copy and a count take the
same way through a ledger that is gone at the end.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from digest.config.values import TargetPlan
from digest.errors import DigestError, SendingError
from digest.mail import built, dkim, options, personalise, recipients, registry
from digest.mail import ledger as ledgers
from digest.mail.built import Reader, Receipt
from digest.mail.delivery import Delivery
from digest.mail.ledger import HandoverBook
from digest.mail.target import ReaderTarget
from digest.sending.history import one_reader, take_back, tell
from digest.sending.job import Job, hold_against, hold_ledger
from digest.tables import places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from digest.config.values import SendPlan
    from digest.mail.built import BuiltIssue
    from digest.mail.delivery import Clock, Tally
    from digest.mail.ledger import Handover, Held, Ledger, ListSize, State
    from digest.mail.recipients import BadRow


# A list with less than this share of its last readers is asked about: it may be a half-written export.
_SHRUNK_TO = 0.9

# Before the subject of a test copy, so that nobody takes it for the issue, or forwards it as that.
_TEST = "[Test] "

_KEPT = 64
"""Letters that are kept cut where a run has many: each has the weight of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlisted:
    """A list that was read into the ledger.

    *size* counts its readers, *duplicates* its rows beyond the first of a reader, *counts* the readers in each state,
    *held* those who have the issue, by target; *bad_rows* were left out. *shrank_from* is the last list where this one
    is much shorter, else None. *unnamed* readers have no unsubscribe address of their own, and so no one-click
    unsubscribing.
    """

    handover: Handover
    size: int
    duplicates: int
    counts: dict[State, int]
    held: tuple[Held, ...]
    bad_rows: tuple[BadRow, ...]
    unnamed: int
    shrank_from: ListSize | None

    @property
    def waiting(self) -> int:
        """How many readers a run would write to."""
        return self.counts.get("queued", 0) + self.counts.get("deferred", 0)


def enlist(
    job: Job, ledger: Ledger, source: str, clock: Clock, *, unknown: bool = False, failed: bool = False
) -> Enlisted:
    """Read the list *source* into the ledger, so that a run can begin or go on. Sends nothing.

    Readers of a killed run become `unknown`; with *unknown* those are to be written to again, with *failed* those whom
    the server refused. Raises SendingError where the list cannot be read to its end, or names no reader.
    """
    receipt = Receipt(state=_state(ledger, job), reference=job.letter.name)
    handover = ledger.note(job.edition, job.name, receipt, at=clock.now())
    ledger.resume(handover, unknown=unknown, failed=failed)
    # Before the list, and whole: a file of suppressions with a bad row must stop us while nobody is queued.
    excluded = [key for file in job.plan.suppressions for key in recipients.suppressions(file)]
    bad_rows: list[BadRow] = []
    unnamed = personalise.Unnamed(job.plan.unsubscribe, job.letter.unsubscribe)
    readers = unnamed.passing(_readers(source, job.plan, bad_rows))
    size, duplicates = ledger.enlist(handover, readers, excluded=excluded, at=clock.now())
    # Counted by the ledger and not here, since duplicates and those who left are known to it alone.
    counts, last = ledger.counts(handover), ledger.last_list(handover)
    return Enlisted(
        handover=handover,
        size=size,
        duplicates=duplicates,
        counts=counts,
        held=tuple(ledger.held(handover)),
        bad_rows=tuple(bad_rows),
        unnamed=unnamed.count,
        shrank_from=last if last and size < last.readers * _SHRUNK_TO else None,
    )


def deliver(
    job: Job, ledger: Ledger, clock: Clock, *, size: int = 0, watch: Callable[[Tally], None] = lambda _: None
) -> Tally:
    """Write to the readers who wait in the ledger, and return how that went; *size* is how many the list has.

    sent.json says so before the first message leaves. Where none left, it says nothing in the end. *watch* is called
    with the state of the run five times a second. Raises SendingError for a target that cannot be used as it is set up.
    """
    handover = ledger.note(job.edition, job.name, Receipt(state="sending", reference=job.letter.name), at=clock.now())
    # Dry runs and test copies leave no trace beside the issue.
    if ledger.path == ledgers.PASSING:
        return _delivery(job, ledger, handover, clock).run(watch)
    # Made first: a key that cannot sign, or a target without its extra, is told before sent.json seals the issue.
    run = _delivery(job, ledger, handover, clock)
    tell(job, "sending", ledger.carried(handover)[0], clock)
    ledger.note_list(handover, size)
    try:
        tally = run.run(watch)
    except BaseException:
        # What stopped the run is what the user has to see, not what went wrong in writing it down.
        with suppress(DigestError):
            say_how_it_stands(job, ledger, handover, clock, over=False)
        raise
    say_how_it_stands(job, ledger, handover, clock, over=not tally.waiting and not tally.stopped)
    return tally


def say_how_it_stands(job: Job, ledger: Ledger, handover: Handover, clock: Clock, *, over: bool) -> None:
    """Write into ledger and sent.json how many have the issue; a run that reached nobody leaves no trace in sent.json.

    *over*: nobody of the list waits any more.
    """
    # One who may have it counts as a trace: the issue must stay as that reader may have got it.
    certain, doubtful = ledger.carried(handover)
    state = "draft" if not certain and not doubtful else "sent" if over else "sending"
    ledger.note(job.edition, job.name, Receipt(state=state, reference=job.letter.name), at=clock.now())
    if state == "draft":
        take_back(job.folder, job.name)
    else:
        tell(job, "sent" if over else "sending", certain, clock)


def _delivery(job: Job, ledger: Ledger, handover: Handover, clock: Clock) -> Delivery:
    """Return the run over the readers who wait, with the target's own way to connect. Raises SendingError."""
    assert issubclass(job.target, ReaderTarget)
    write = Writing(job.letter, job.plan, clock, unsigned=job.target.REWRITES)
    transport = job.target(job.options, job.letter).line(write, insecure=job.insecure)
    return Delivery(HandoverBook(ledger, handover), transport, job.plan, clock)


def test_copy(job: Job, address: str, clock: Clock) -> Tally:
    """Send one message to *address*, past list and ledger, marked as a test in its subject. Raises SendingError."""
    if not job.target.ABLE.test:
        raise SendingError(f"--test {address}", f"{job.options.kind} cannot send a test", "look at its draft instead")
    marked = replace(job, letter=built.with_subject_prefix(job.letter, _TEST))
    with ledgers.opened(ledgers.PASSING) as passing:
        receipt = Receipt(state="draft", reference=job.letter.name)
        handover = passing.note(marked.edition, job.name, receipt, at=clock.now())
        passing.enlist(handover, [one_reader(address, job.plan)], at=clock.now())
        return deliver(marked, passing, clock)


def dry_run(
    job: Job, source: str, clock: Clock, watching: Callable[[int], AbstractContextManager[Callable[[Tally], None]]]
) -> tuple[Enlisted, Tally]:
    """Write into the folder of `outbox` what every reader of the list would get, past ledger and sent.json.

    *watching* lends, for so many readers, what is called with the state of the run.
    """
    outbox = registry.find(TargetPlan(name="outbox", kind="outbox"))
    dry = replace(job, target=outbox, options=options.Options(TargetPlan(name="outbox", kind="outbox"), outbox.OPTIONS))
    with ledgers.opened(ledgers.PASSING) as passing:
        enlisted = enlist(dry, passing, source, clock)
        with watching(enlisted.waiting) as watch:
            return enlisted, deliver(dry, passing, clock, watch=watch)


def count(job: Job, source: str, clock: Clock) -> Enlisted:
    """Return what a run would find, and write nothing anywhere. Raises SendingError for a ledger that is refused."""
    hold_ledger(job)
    with ledgers.snapshot(job.plan.ledger, job.letter.label) as passing:
        hold_against(job, passing)
        return enlist(job, passing, source, clock)


class Letters(Protocol):
    """Which letter each reader of a run gets, where they get different ones. Safe to use from several threads."""

    def edition(self, reader: Reader) -> str:
        """As of `built.Writer`."""

    def letter(self, reader: Reader) -> BuiltIssue:
        """As of `built.Writer`."""


class Writing:
    """Makes each reader's message (`built.Writer`): everything that readers of a letter share is encoded once.

    *letter* is that of all readers, or with *letters* one of theirs. *clock* dates the messages; *unsigned* are headers
    that the service writes anew, which a signature must not cover.
    """

    def __init__(
        self,
        letter: BuiltIssue,
        plan: SendPlan,
        clock: Clock,
        *,
        unsigned: Sequence[str] = (),
        letters: Letters | None = None,
    ) -> None:
        self.clock = clock
        self._letter, self._letters = letter, letters
        self._template, self._general = plan.unsubscribe, letter.unsubscribe
        self._cut = lru_cache(_KEPT)(personalise.cut)
        # At the start, where nobody has been written to: an issue that lacks what each message needs is told then.
        self._cut(letter)
        self._sign = dkim.signer(plan.dkim, letter.sender, unsigned=unsigned) if plan.dkim else bytes

    def __call__(self, reader: Reader) -> bytes:
        """Return the whole message, dated now, signed where the settings say how."""
        at, one_click = self.clock.now(), self.one_click(reader)
        pieces = self._cut(self.letter(reader))
        return self._sign(pieces.message(reader, self.address(reader), at=at, one_click=one_click))

    def edition(self, reader: Reader) -> str:
        """Return the name of the reader's letter, empty where all get the same one."""
        return self._letters.edition(reader) if self._letters else ""

    def letter(self, reader: Reader) -> BuiltIssue:
        """Return the reader's letter, as it was built."""
        return self._letters.letter(reader) if self._letters else self._letter

    def address(self, reader: Reader) -> str:
        """Return the reader's own unsubscribe address, the newsletter's where there is none."""
        return personalise.address(self._template, reader, self._general)

    def one_click(self, reader: Reader) -> bool:
        """Return whether a POST to that address takes this reader off the list."""
        return personalise.offered(self._template, reader, self._general)


def _state(ledger: Ledger, job: Job) -> str:
    """Return how the hand-over stands by the ledger; one that was never begun is a draft."""
    handover = ledger.handover(job.letter.label, job.letter.issue, job.name)
    return handover.state if handover else "draft"


def _readers(source: str, plan: SendPlan, bad_rows: list[BadRow]) -> Iterator[Reader]:
    """Yield the readers of a list and put its bad rows aside. Raises SendingError where it names no reader."""
    # A list without a reader is more likely a broken export than a newsletter that all have left; to take it would let
    # everybody who waits become absent.
    nobody = True
    for row in recipients.read(source, recipients.columns(plan.unsubscribe)):
        if isinstance(row, recipients.BadRow):
            bad_rows.append(row)
        else:
            nobody = False
            yield row
    if nobody:
        why = f"; its {len(bad_rows):,} rows are bad, the first: {bad_rows[0]}" if bad_rows else ""
        raise SendingError(places.shown(source), f"names no reader{why}", "export it again; nothing was changed")
