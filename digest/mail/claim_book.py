"""The book of a run that works at parts together with others: it lends the readers whom the run has claimed.

A claim is a step ahead of the wire, its outcome follows when each of its readers has an answer. A run that is killed
leaves as `unknown` at most a claim for each of its connections.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING

from digest.errors import DigestError
from digest.mail import claims
from digest.mail.claim_queue import ClaimQueue, Recipient
from digest.mail.claims import Claim, Standing
from digest.mail.ledger import Due

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from digest.mail.claim_queue import Batch
    from digest.mail.delivery import Clock
    from digest.mail.ledger import Mark, State
    from digest.tables.storage import Storage

__all__ = ["ClaimBook", "Recipient"]

# Seconds for which a claim is written to. Who is lent by the end of it is written to soon after, and not when the claim
# is so old that the editor may give it to another run: a service may ask for an hour of silence.
_LEASE = claims.ALIVE * 2 / 3


@dataclass(slots=True, eq=False)
class _Held:
    """A claim of this run. *asked* have no answer yet, by address; *sending* are those who may have the message.

    *writing* is held while the outcomes are written.
    """

    claim: Claim
    batch: Batch
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
            state: State = "unknown" if address in self.sending else _unreached(before)
            self.answer(address, replace(before, state=state))


class ClaimBook:
    """The readers of some *parts* in *place*, as `delivery.Book`.

    *parts* are recipients by the number of the part, all who are to get something and in the order of its file; each is
    looked up when its turn comes, so that they need not be in memory together. *clock* is the caller's; *run* is a
    number that no other run has, by default a random one.

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
        run: int | None = None,
    ) -> None:
        self._place, self._clock = place, clock
        self._run = secrets.randbits(64) if run is None else run
        self._queue = ClaimQueue(place, parts, {"unknown": unknown_before, "failed": failed_before}, self._run)
        self._held: dict[str, _Held] = {}
        self._unwritten: list[_Held] = []
        self._failed: dict[str, tuple[_Held, str, Standing]] = {}
        self._guard = Lock()

    def counts(self) -> Counter[State]:
        """As of Book, read anew from the storage: of all runs, as far as they have told."""
        return self._queue.counts()

    def due(self, *, now: float, wanted: int, busy: Collection[str]) -> list[Due]:
        """As of Book: the rest of what is claimed, and then whole claims more."""
        with self._guard:
            self._let_go(busy)
            lent = [
                _due(held, held.asked[address])
                for address, held in self._held.items()
                if address not in busy and address not in held.sending and not self._is_late(held)
            ]
            while len(lent) < wanted and (held := self._claim_next(now)):
                self._held.update(dict.fromkeys(held.asked, held))
                lent.extend(_due(held, recipient) for recipient in held.asked.values())
            return lent

    def next_due(self) -> float | None:
        """As of Book."""
        with self._guard:
            return self._queue.next_due()

    def lends(self, addresses: Collection[str]) -> bool:
        """As of Book: not by a claim that is too old."""
        with self._guard:
            helds = [self._held.get(address) for address in addresses]
        return all(held and not self._is_late(held) for held in helds)

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
                held, reader, before = self._failed.pop(address)
                held.outcomes[reader] = replace(held.outcomes[reader], state=_unreached(before))
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
            self._queue.end()
            left = set(self._held.values())
            self._held.clear()
            for held in left:
                held.give_up()
            self._unwritten += left
            unwritten = list(self._unwritten)
        failures = []
        for held in unwritten:
            # All of them, whatever one comes to: who is not told of here is unknown although she may have it for sure.
            try:
                self._finish(held)
            except DigestError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    # --- claims

    def _let_go(self, busy: Collection[str]) -> None:
        """End claims that are too old, and let who is left of them wait for another. The caller holds the lock."""
        for held in set(self._held.values()):
            under_way = any(address in busy or address in held.sending for address in held.asked)
            if self._is_late(held) and not under_way:
                for address in held.asked:
                    del self._held[address]
                held.give_up()
                self._write(held)
                self._settle(held)

    def _is_late(self, held: _Held) -> bool:
        return self._clock.now() - held.claim.at > _LEASE

    def _claim_next(self, now: float) -> _Held | None:
        """Claim the next readers who are due by *now*; None where others have all. The caller holds the lock."""
        while batch := self._queue.next(now):
            held = self._claimed(batch, now)
            if held and held.asked:
                return held
        return None

    def _claimed(self, batch: Batch, now: float) -> _Held | None:
        """Claim those of *batch* who are due by *now*; None where another run has done so."""
        due = self._queue.due(batch, now)
        asked = {recipient.reader.address: recipient for recipient in due if recipient.reader}
        batch.attempt += 1
        claim = Claim(
            part=batch.part,
            batch=batch.number,
            attempt=batch.attempt,
            run=f"{self._run:016x}",
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

    # --- what became of a claim

    def _answer(self, held: _Held, mark: Mark) -> None:
        reader = held.asked[mark.address].id
        before = held.batch.standings[reader]
        outcome = Standing(
            state=mark.state,
            tries=before.tries + (mark.state != "queued"),
            fault=mark.fault,
            code=code[0] if (code := re.match(r"\d{3}\b", mark.reply)) else "",
            at=held.claim.at,
        )
        if mark.state == "queued" and before.state == "unknown":
            outcome = before
        held.answer(mark.address, outcome)
        held.batch.due[reader] = mark.due or 0
        if mark.state == "failed":
            self._failed[mark.address] = held, reader, before

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
        self._queue.put(held.batch)


def _due(held: _Held, recipient: Recipient) -> Due:
    """Return how the run gets a reader who is asked."""
    assert recipient.reader
    standing = held.batch.standings[recipient.id]
    state: State = "deferred" if standing.state == "deferred" else "queued"
    return Due(reader=recipient.reader, state=state, tries=standing.tries)


def _unreached(before: Standing) -> State:
    """Return how a reader stands to whom nothing was handed over: who may have the issue already still may."""
    return "unknown" if before.state == "unknown" else "queued"
