"""Editions to their readers: joined with the list, counted, and written to; and how that went.

A letter is made when it leaves, from the part that says who gets it, and is never stored. No reader is written to
twice: claims beside the parts (`mail.claims`) say who has her letter, whichever run on whichever machine sent it.

Decisions: docs/decisions/editions.md.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from digest import sending
from digest.config.values import TargetPlan
from digest.editions import addresses
from digest.editions.letters import LettersOfReaders
from digest.errors import DigestError, OutputError, SendingError
from digest.issue import output, sent
from digest.mail import claims, registry
from digest.mail import ledger as ledgers
from digest.mail.built import Receipt
from digest.mail.claim_book import ClaimBook
from digest.mail.delivery import Delivery
from digest.mail.discreet import discreet
from digest.mail.ledger import HandoverBook
from digest.mail.options import Options
from digest.mail.target import ReaderTarget

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from digest.editions.addresses import Addressed
    from digest.editions.dispatch import EditionsJob
    from digest.mail.delivery import Clock, Tally, Transport
    from digest.mail.ledger import State
    from digest.mail.target import Target

ALIVE = claims.ALIVE
"""Seconds for which a claim without an outcome may be that of a run which is alive; older ones may be sent again."""

_WAITS = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds before another try to write sent.json where another run is at it: many may begin, or end, at once."""


def address(job: EditionsJob, source: str) -> Addressed:
    """Return who of the list *source* gets what by the parts that are sent. Raises SendingError."""
    return addresses.read(source, job.settings, job.place, job.wanted, job.parts)


def book(
    job: EditionsJob, addressed: Addressed, clock: Clock, *, unknown: bool = False, failed: bool = False
) -> tuple[ClaimBook, Counter[State]]:
    """Return who is to be written to, by the claims so far, and how many are in which state. Nothing is claimed yet.

    With *unknown* those are, too, who may have their letter since more than ALIVE seconds, with *failed* those whom the
    server refused. Raises OutputError for claims of other editions, and SendingError where some were lost.
    """
    now = clock.now()
    claimed = ClaimBook(
        job.place,
        addressed.parts,
        clock,
        unknown_before=now - ALIVE if unknown else 0,
        failed_before=now if failed else 0,
    )
    counts = claimed.counts()
    _refuse_lost_claims(job, counts)
    return claimed, counts


def deliver(
    job: EditionsJob, addressed: Addressed, claimed: ClaimBook, clock: Clock, watch: Callable[[Tally], None]
) -> Tally:
    """Write to the readers of *claimed* who wait, and return how that went.

    sent.json of the issue for all, where that is built, says so before the first message leaves, and says nothing in
    the end where none left. *watch* is called with the state of the run five times a second. Raises SendingError for a
    target that cannot be used as it is set up.
    """
    # Made first: a key that cannot sign, or a target without its extra, is told before anything is written.
    transport = discreet(_transport(job, job.job.target, job.job.options, addressed, clock))
    run = Delivery(claimed, transport, job.job.plan, clock)
    # Before sent.json says so: that tells from then on of claims that were lost.
    claims.begin(job.place)
    say_how_it_stands(job, run.tally.counts, clock, begins=True)
    try:
        tally = run.run(watch)
    except BaseException:
        # What stopped the run is what the user has to see, not what went wrong in writing it down.
        with suppress(DigestError):
            say_how_it_stands(job, run.tally.counts, clock)
        raise
    say_how_it_stands(job, tally.counts, clock)
    return tally


def dry_run(
    job: EditionsJob,
    addressed: Addressed,
    clock: Clock,
    watching: Callable[[int], AbstractContextManager[Callable[[Tally], None]]],
) -> Tally:
    """Write into the folder of `outbox` what every reader would get, past claims and sent.json.

    *watching* lends, for so many readers, what is called with the state of the run.
    """
    plan = TargetPlan(name="outbox", kind="outbox")
    outbox = registry.find(plan)
    transport = discreet(_transport(job, outbox, Options(plan, outbox.OPTIONS), addressed, clock))
    with ledgers.opened(ledgers.PASSING) as passing:
        receipt = Receipt(state="draft", reference=job.job.letter.name)
        handover = passing.note(job.job.edition, plan.name, receipt, at=clock.now())
        passing.enlist(handover, addressed.readers, at=clock.now())
        with watching(len(addressed.shares)) as watch:
            return Delivery(HandoverBook(passing, handover), transport, job.job.plan, clock).run(watch)


def _transport(
    job: EditionsJob, target: type[Target], chosen: Options, addressed: Addressed, clock: Clock
) -> Transport:
    """Return the *target*'s own way to connect, over which each reader gets her own letter. Raises SendingError."""
    assert issubclass(target, ReaderTarget)
    letters = LettersOfReaders(job.letters, addressed.shares)
    write = sending.Writing(job.job.letter, job.job.plan, clock, unsigned=target.REWRITES, letters=letters)
    return target(chosen, job.job.letter).line(write, insecure=job.job.insecure)


# --- what is written down beside the issue for all


def _refuse_lost_claims(job: EditionsJob, counts: Mapping[State, int]) -> None:
    """Refuse claims that know of fewer readers than sent.json: the others would get their letters again."""
    so_far = job.job.place.handed_over
    begun = [hand_over for hand_over in so_far.hand_overs if hand_over.editions] if so_far else []
    recorded = sum(hand_over.readers or 0 for hand_over in begun)
    known = counts.get("sent", 0)
    if known < recorded and job.is_whole:
        problem = f"its claims know {known:,} of the {recorded:,} readers who have issue {job.job.letter.issue}"
        raise SendingError(job.place.place, problem, "bring back the folder as it was; nobody was written to")
    # Also where none are recorded: a run that was killed recorded none.
    if begun and not claims.has_begun(job.place):
        who = f"{recorded:,} readers" if recorded else "readers may"
        problem = f"its claims are gone, and {who} have issue {job.job.letter.issue}"
        raise SendingError(job.place.place, problem, "bring back the folder as it was; nobody was written to")


def say_how_it_stands(job: EditionsJob, counts: Mapping[State, int], clock: Clock, *, begins: bool = False) -> None:
    """Write into sent.json how many have their letters by the *counts* of the parts sent; *begins*: a run does.

    A run that reached nobody leaves no trace there. Where the issue for all is not built, the claims alone say so.
    Raises OutputError.
    """
    if not job.job.place.is_built:
        return
    reached = counts.get("sent", 0) or counts.get("unknown", 0)
    nobody = not begins and not reached and not claims.anybody_has(job.place)
    for wait in (*_WAITS, None):
        try:
            if nobody:
                sending.take_back(job.job.place.path, job.job.name, editions=True)
            else:
                _tell(job, counts, clock, begins=begins)
        except OutputError as error:
            if wait is None or not isinstance(error.__cause__, BlockingIOError):
                raise
            # Another run says at this moment how it stands with its own parts.
            clock.wait(wait)
        else:
            return


def _tell(job: EditionsJob, counts: Mapping[State, int], clock: Clock, *, begins: bool) -> None:
    place, target = job.job.place, job.job.name
    so_far = place.sent
    before = so_far.to(target, editions=True) if so_far else None
    waiting = counts.get("queued", 0) or counts.get("deferred", 0) or counts.get("sending", 0)
    now = sent.HandOver(
        target=target,
        kind=job.job.options.kind,
        state="sending" if begins or waiting or not job.is_whole else "sent",
        at=before.at if before else sent.moment(clock.now()),
        readers=_readers(job, counts.get("sent", 0)),
        content=job.content,
        editions=True,
    )
    letter = job.job.letter
    sent_json = sent.with_hand_over(so_far, now, issue=letter.issue, newsletter=letter.newsletter)
    output.write_file(os.path.join(place.path, sent.FILE), sent.to_bytes(sent_json))


def _readers(job: EditionsJob, certain: int) -> int:
    """Return how many of *certain* readers have their letters by this target, as sent.json is to say it."""
    so_far = job.job.place.sent
    editions = [hand_over for hand_over in so_far.hand_overs if hand_over.editions] if so_far else []
    by_others = sum(hand_over.readers or 0 for hand_over in editions if hand_over.target != job.job.name)
    # Of a part alone, runs of other parts may have told more.
    recorded = max((hand_over.readers or 0 for hand_over in editions if hand_over.target == job.job.name), default=0)
    return max(certain - by_others, recorded)
