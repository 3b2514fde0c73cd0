"""Who of some parts is to be written to in a run, and whose turn it is, by the claims that stand in a storage."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from digest.mail import claims
from digest.mail.claims import BATCH
from digest.mail.ledger import LAST_IN_LINE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.mail.built import Reader
    from digest.mail.claims import Standing
    from digest.mail.ledger import State
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


@dataclass(slots=True, eq=False, kw_only=True)
class Batch:
    """A batch of a part; *attempt* is its last claim, *due* when each reader is to be asked, as in the ledger."""

    part: int
    number: int
    attempt: int
    roster: str
    recipients: Sequence[Recipient]
    standings: dict[str, Standing]
    due: dict[str, float]


class ClaimQueue:
    """The batches of some *parts* in *place* in which somebody waits. Not safe for threads: the caller holds a lock.

    *again* are states whose readers are written to again, with the time before which their claim was made. The number
    *start* says where to begin: runs with different ones do not fight for the same batch again and again.
    """

    def __init__(
        self, place: Storage, parts: Mapping[int, Sequence[Recipient]], again: Mapping[str, float], start: int
    ) -> None:
        self._place, self._parts, self._again, self._start = place, parts, again, start
        self._unopened = deque(_rotated(list(parts), start))
        self._waiting: list[tuple[float, int, Batch]] = []
        self._count = 0

    def counts(self) -> Counter[State]:
        """Return how many readers are in which state, read anew from the storage."""
        counts: Counter[State] = Counter()
        for part, recipients in self._parts.items():
            stands = claims.standing(self._place, part, [recipient.id for recipient in recipients])
            counts.update(self._state(recipient, stands.readers[recipient.id]) for recipient in recipients)
        return counts

    def next(self, now: float) -> Batch | None:
        """Take the next batch out in which somebody is due by *now*; None where there is none.

        Who was not asked yet comes first, whatever the part.
        """
        while self._unopened and not (self._waiting and self._waiting[0][0] <= 0):
            self._open(self._unopened.popleft())
        if self._waiting and self._waiting[0][0] <= now:
            return heapq.heappop(self._waiting)[2]
        return None

    def next_due(self) -> float | None:
        """Return when somebody is due next; None where nobody waits."""
        if self._unopened:
            return 0
        return self._waiting[0][0] if self._waiting else None

    def put(self, batch: Batch) -> None:
        """Put a batch in line where somebody of it waits."""
        waits = [batch.due[recipient.id] for recipient in batch.recipients if self._is_open(batch, recipient)]
        if waits:
            # The count keeps batches of the same time in their order.
            self._count += 1
            heapq.heappush(self._waiting, (min(waits), self._count, batch))

    def due(self, batch: Batch, now: float) -> list[Recipient]:
        """Return who of *batch* is to be written to by *now*, or still to be noted as one who is not."""
        return [
            recipient
            for recipient in batch.recipients
            if self._is_open(batch, recipient) and batch.due[recipient.id] <= now
        ]

    def end(self) -> None:
        """Let those who were to be written to again, and were not, be what they were."""
        self._again = {}

    def _open(self, part: int) -> None:
        """Read how a part stands, and put its batches in line."""
        recipients = self._parts[part]
        stands = claims.standing(self._place, part, [recipient.id for recipient in recipients])
        starts = range(0, len(recipients), BATCH)
        for number in _rotated(range(len(starts)), self._start):
            own = recipients[starts[number] : starts[number] + BATCH]
            standings = {recipient.id: stands.readers[recipient.id] for recipient in own}
            batch = Batch(
                part=part,
                number=number,
                attempt=stands.attempts.get(number, 0),
                roster=stands.roster,
                recipients=own,
                standings=standings,
                # Whoever was asked before comes after all others.
                due={reader: LAST_IN_LINE if each.at else 0 for reader, each in standings.items()},
            )
            self.put(batch)

    def _is_open(self, batch: Batch, recipient: Recipient) -> bool:
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


def _rotated(numbers: Sequence[int], start: int) -> Sequence[int]:
    """Return *numbers* in their order, from another one on."""
    turn = start % len(numbers) if numbers else 0
    return [*numbers[turn:], *numbers[:turn]]
