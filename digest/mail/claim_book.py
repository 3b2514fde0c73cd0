"""The book of a run that works at parts together with others: it lends the readers whom the run has claimed.

A claim is a step ahead of the wire, its outcome follows when each of its readers has an answer. A run that is killed
leaves as `unknown` at most a claim for each of its connections.
"""

from __future__ import annotations

import heapq
import re
import secrets
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Literal

from digest.mail import claims
from digest.mail.claims import BATCH, Claim, Standing
from digest.mail.ledger import LAST_IN_LINE, Due

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from digest.mail.built import Reader
    from digest.mail.delivery import Clock
    from digest.mail.ledger import Mark, State
    from digest.tables.storage import Storage

# Of a reader in one of these nobody has the issue, and it may yet be sent.
_WAITING = frozenset({"queued", "deferred", "suppressed", "absent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A reader of a part who is to get something: her *id* there, and what the list says of her.

    *reader* is None where she is not to be written to now, and *because* says why.
    """

    id: str
    reader: Reader | None = None
    because: Literal["suppressed", "absent"] = "absent"


@dataclass(slots=True, eq=False)
class _Batch:
    """A batch of a part; *attempt* is its last claim, *due* when each reader is to be asked, as in the ledger."""

    part: int
    number: int
    attempt: int
    roster: str
    recipients: Sequence[Recipient]
    standings: dict[str, Standing]
    due: dict[str, float]


@dataclass(slots=True, eq=False)
class _Held:
    """A claim of this run. *asked* have no answer yet, by address; *sending* are those who may have the message.

    *writing* is held while the outcomes are written.
    """

    claim: Claim
    batch: _Batch
    asked: dict[str, Recipient]
    sending: set[str] = field(default_factory=set)
    outcomes: dict[str, Standing] = field(default_factory=dict)
    writing: Lock = field(default_factory=Lock)

    def answer(self, address: str, outcome: Standing) -> None:
        """Write down what became of a reader who was asked."""
        self.outcomes[self.asked.pop(address).id] = outcome

    def give_up(self) -> None:
        """Write down what became of those who have no answer."""
        for address, recipient in list(self.asked.items()):
            before = self.batch.standings[recipient.id]
            state: State = "unknown" if address in self.sending else "queued"
            self.answer(address, replace(before, state=state))


class ClaimBook:
    """The readers of some *parts* in *place*, as `delivery.Book`.

    *parts* are recipients by the number of the part, all who are to get something and in the order of its file; each is
    looked up when its turn comes, so that they need not be in memory together. *clock* is the caller's.

    Readers are written to again who are `unknown` by a claim made before *unknown_before*, or `failed` by one before
    *failed_before*, in seconds since 1970. A claim of the last minutes may be that of a run which is alive.

    What happens to a reader in a run of somebody else is seen at the start and the end alone.
    """

    def __init__(
        self,
        place: Storage,
        parts: Mapping[int, Sequence[Recipient]],
        clock: Clock,
        *,
        unknown_before: float = 0,
        failed_before: float = 0,
    ) -> None:
        self._place, self._parts, self._clock = place, parts, clock
        self._again = {"unknown": unknown_before, "failed": failed_before}
        self._run = secrets.token_hex(8)
        # Each run begins elsewhere, or all would fight for the same batch again and again.
        self._start = int(self._run, 16)
        self._unopened = deque(_rotated(list(parts), self._start))
        self._waiting: list[tuple[float, int, _Batch]] = []
        self._count = 0
        self._held: dict[str, _Held] = {}
        self._unwritten: list[_Held] = []
        self._failed: dict[str, tuple[_Held, str]] = {}
        self._guard = Lock()

    def counts(self) -> Counter[State]:
        """As of Book, read anew from the storage: of all runs, as far as they have told."""
        counts: Counter[State] = Counter()
        for part, recipients in self._parts.items():
            stands = claims.standing(self._place, part, [recipient.id for recipient in recipients])
            counts.update(self._state(recipient, stands.readers[recipient.id]) for recipient in recipients)
        return counts

    def due(self, *, now: float, wanted: int, busy: Collection[str]) -> list[Due]:
        """As of Book: the rest of what is claimed, and then whole claims more."""
        with self._guard:
            lent = [
                _due(held, held.asked[address])
                for address, held in self._held.items()
                if address not in busy and address not in held.sending
            ]
            while len(lent) < wanted and (held := self._claim_next(now)):
                self._held.update(dict.fromkeys(held.asked, held))
                lent.extend(_due(held, recipient) for recipient in held.asked.values())
            return lent

    def next_due(self) -> float | None:
        """As of Book."""
        with self._guard:
            if self._unopened:
                return 0
            return self._waiting[0][0] if self._waiting else None

    def mark(self, marks: Sequence[Mark], *, at: float) -> None:  # noqa: ARG002 - as Book has it; the claim has its time
        """As of Book: a claim whose last reader has an answer is finished, and in the storage when this returns."""
        finished = []
        with self._guard:
            for mark in marks:
                held = self._held[mark.address]
                if mark.state == "sending":
                    # The claim says so already.
                    held.sending.add(mark.address)
                    continue
                del self._held[mark.address]
                self._answer(held, mark)
                if not held.asked:
                    finished.append(held)
            self._unwritten += finished
        for held in finished:
            self._finish(held)

    def give_back(self, addresses: Iterable[str]) -> None:
        """As of Book, for the next run."""
        mended = set()
        with self._guard:
            for address in addresses:
                held, reader = self._failed.pop(address)
                held.outcomes[reader] = replace(held.outcomes[reader], state="queued")
                # Where others of the claim have no answer yet it is written later anyway.
                if not held.asked:
                    mended.add(held)
        for held in mended:
            self._write(held)

    def refused(self, replies: Mapping[str, str], *, at: float) -> None:
        """As of Book: what a failure was about stands in each outcome already, and nobody is suppressed by it."""

    def end(self) -> None:
        """As of Book. Raises a DigestError where that cannot be written; those readers stay `unknown` then."""
        with self._guard:
            # What was to be asked again, and was not, is what it was.
            self._again = {}
            left = set(self._held.values())
            self._held.clear()
            for held in left:
                held.give_up()
            self._unwritten += left
            unwritten = list(self._unwritten)
        for held in unwritten:
            self._finish(held)

    # --- the batches whose turn it is; the caller holds the lock

    def _claim_next(self, now: float) -> _Held | None:
        """Claim the next readers who are due by *now*; None where there are none, or others have them."""
        while batch := self._next(now):
            held = self._claimed(batch, now)
            if held and held.asked:
                return held
        return None

    def _next(self, now: float) -> _Batch | None:
        # Who was not asked yet comes first, whatever the part.
        while self._unopened and not (self._waiting and self._waiting[0][0] <= 0):
            self._open(self._unopened.popleft())
        if self._waiting and self._waiting[0][0] <= now:
            return heapq.heappop(self._waiting)[2]
        return None

    def _open(self, part: int) -> None:
        """Read how a part stands, and put its batches in line."""
        recipients = self._parts[part]
        stands = claims.standing(self._place, part, [recipient.id for recipient in recipients])
        starts = range(0, len(recipients), BATCH)
        for number in _rotated(range(len(starts)), self._start):
            own = recipients[starts[number] : starts[number] + BATCH]
            standings = {recipient.id: stands.readers[recipient.id] for recipient in own}
            # Whoever was asked before comes after all others.
            due = {reader: LAST_IN_LINE if standing.at else 0 for reader, standing in standings.items()}
            attempt = stands.attempts.get(number, 0)
            self._line_up(_Batch(part, number, attempt, stands.roster, own, standings, due))

    def _line_up(self, batch: _Batch) -> None:
        """Put a batch in line where somebody of it waits."""
        waits = [batch.due[recipient.id] for recipient in batch.recipients if self._is_open(batch, recipient)]
        if waits:
            # The count keeps batches of the same time in their order.
            self._count += 1
            heapq.heappush(self._waiting, (min(waits), self._count, batch))

    def _claimed(self, batch: _Batch, now: float) -> _Held | None:
        """Claim those of *batch* who are due by *now*; None where another run has done so."""
        due = [
            recipient
            for recipient in batch.recipients
            if self._is_open(batch, recipient) and batch.due[recipient.id] <= now
        ]
        asked = {recipient.reader.address: recipient for recipient in due if recipient.reader}
        batch.attempt += 1
        claim = Claim(
            part=batch.part,
            batch=batch.number,
            attempt=batch.attempt,
            run=self._run,
            at=self._clock.now(),
            roster=batch.roster,
            readers=tuple(recipient.id for recipient in asked.values()),
        )
        if not claims.take(self._place, claim):
            return None
        held = _Held(claim, batch, asked)
        for recipient in due:
            if not recipient.reader:
                held.outcomes[recipient.id] = replace(batch.standings[recipient.id], state=recipient.because)
        if not asked:
            self._write(held)
            self._settle(held)
        return held

    def _is_open(self, batch: _Batch, recipient: Recipient) -> bool:
        """Return whether a reader is to be written to, or it is still to be noted that she is not."""
        standing = batch.standings[recipient.id]
        return self._waits(standing) and (recipient.reader is not None or standing.state != recipient.because)

    def _waits(self, standing: Standing) -> bool:
        return standing.state in _WAITING or standing.at < self._again.get(standing.state, 0)

    def _state(self, recipient: Recipient, standing: Standing) -> State:
        """Return how a reader stands as this run sees her."""
        if not self._waits(standing):
            return standing.state
        if recipient.reader is None:
            return recipient.because
        return "deferred" if standing.state == "deferred" else "queued"

    # --- what became of a claim

    def _answer(self, held: _Held, mark: Mark) -> None:
        reader = held.asked[mark.address].id
        outcome = Standing(
            state=mark.state,
            tries=held.batch.standings[reader].tries + (mark.state != "queued"),
            fault=mark.fault,
            code=code[0] if (code := re.match(r"\d{3}\b", mark.reply)) else "",
            at=held.claim.at,
        )
        held.answer(mark.address, outcome)
        held.batch.due[reader] = mark.due or 0
        if mark.state == "failed":
            self._failed[mark.address] = held, reader

    def _finish(self, held: _Held) -> None:
        """Write the outcome of a claim, and put its batch in line again for those who wait."""
        self._write(held)
        with self._guard:
            self._unwritten.remove(held)
            self._settle(held)

    def _write(self, held: _Held) -> None:
        # One after the other: what is given back while the claim is finished must not be overwritten.
        with held.writing:
            claims.finish(self._place, held.claim, held.outcomes)

    def _settle(self, held: _Held) -> None:
        """Put the batch of a claim that is finished in line again, where somebody waits. The caller holds the lock."""
        held.batch.standings.update(held.outcomes)
        self._line_up(held.batch)


def _due(held: _Held, recipient: Recipient) -> Due:
    """Return how the run gets a reader who is asked."""
    assert recipient.reader
    standing = held.batch.standings[recipient.id]
    state: State = "deferred" if standing.state == "deferred" else "queued"
    return Due(reader=recipient.reader, state=state, tries=standing.tries)


def _rotated(numbers: Sequence[int], start: int) -> Sequence[int]:
    """Return *numbers* in their order, from another one on."""
    turn = start % len(numbers) if numbers else 0
    return [*numbers[turn:], *numbers[:turn]]
