"""The circuit breaker of a run, which stops it after refusals in a row, and the pace that it keeps.

Both protect the list and the sender's reputation. A server that refuses us answers every reader alike, and each of
those answers looks like a dead mailbox: a run that went on would suppress its own readers. So a refusal counts against
its reader only once a message to another got through, and a row of refusals without one stops the run.

`Breaker` is pure: it is told the answers and returns a `Ruling`, and `delivery` does what follows. `Pace` waits, by the
caller's clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from digest.mail.smtp import OURS, REMEDIES, settled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from digest.mail.delivery import Clock
    from digest.mail.smtp import Fault


# So many hard refusals or lost connections in a row stop the run.
BREAK_AT = 10

# So many where each says clearly that this one mailbox takes no mail. More than ten, because a list may begin with dead
# mailboxes, and stopping there would keep the issue from the living. Not without end, because a server whose table of
# users is broken answers so, too.
BREAK_AT_CLEAR = 50

# Faults that are this reader's alone by what the server says.
_CLEAR = frozenset({"mailbox", "reader"})

# So many answers to one reader settle it, more where they were about us: a run that stops and is started again must
# come to an end some day.
_ENOUGH = 3
_ENOUGH_OURS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A hard refusal of one reader.

    *reply* is the server's line, code first; *tries* counts the answers that the reader had before it.
    """

    address: str
    reply: str
    fault: Fault
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a run has to do after an answer.

    *strikes* count against their mailboxes; *back* are to be asked again as if they had not answered; *why* is why the
    run has to stop, empty where it goes on.
    """

    strikes: tuple[Answer, ...] = ()
    back: tuple[Answer, ...] = ()
    why: str = ""


class Breaker:
    """Counts the refusals of one run in a row. Not safe for threads: the caller holds a lock.

    *patience* is how many seconds a run waits for a server that loses connections. *proven*: this issue reached
    somebody in an earlier run, so list and server fit each other.

    Refusals are counted over all connections together, so that the first ten readers are ten; and for each connection,
    so that one of several servers behind a name that refuses everybody is noticed although the others take the mail.
    """

    def __init__(self, *, proven: bool, patience: float) -> None:
        self._proven, self._patience = proven, patience
        self._accepted = False
        self._why = ""
        self._streak: list[Answer] = []
        self._lanes: dict[int, list[Answer]] = {}
        self._lost = 0
        self._waited = 0.0

    def heard(self, lane: int, refused: Sequence[Answer], *, accepted: bool) -> Ruling:
        """Weigh the hard refusals of one batch over the connection *lane*; *accepted*: a message of it got through."""
        if self._why:
            # It was under way over another connection when the run was stopped, so it counts as part of that row.
            return Ruling(back=self._unharmed(refused), why=self._why)
        if accepted or refused:
            self._lost, self._waited = 0, 0.0
        own = self._lanes.setdefault(lane, [])
        own.extend(refused)
        self._streak.extend(refused)
        if accepted:
            own.clear()
            self._accepted = True
            return self._settle()
        if not self._accepted and not self._proven and any(settled(answer.reply) for answer in refused):
            return self._break(self._streak, "the sender or login is refused")
        # Clear refusals count in the row of all connections alone: one connection may meet fifty dead mailboxes while
        # the others go on.
        for streak, limits in ((self._streak, True), (own, False)):
            if self._too_many(streak, clear_too=limits):
                return self._break(streak)
        return Ruling()

    def lost(self, why: str, *, waited: float) -> Ruling:
        """Count a connection that was lost after *waited* seconds; *why* is what happened to it.

        Ten in a row are enough, and so are two that took all our patience: each may take the target's whole timeout,
        and ten of those would be a quarter of an hour in which nothing is sent.
        """
        self._lost += 1
        self._waited += waited
        if self._lost >= BREAK_AT:
            return Ruling(why=f"{BREAK_AT} refusals or lost connections in a row, the last: {why}")
        if self._lost > 1 and self._waited >= self._patience:
            return Ruling(why=f"{self._lost} connections lost after {self._waited:.0f} s, the last: {why}")
        return Ruling()

    def end(self) -> Ruling:
        """Weigh what is left when the run ends: a list of three has to come to the same as the start of a long one."""
        if self._why or not self._streak:
            return Ruling()
        if self._accepted:
            return self._settle()
        ours = [answer for answer in self._streak if answer.fault in OURS]
        if not self._proven and (len(ours) * 2 > len(self._streak) or len(self._streak) >= BREAK_AT):
            return self._break(self._streak)
        return self._settle()

    def _settle(self) -> Ruling:
        """End the row and blame its mailboxes; where nobody has this issue, only those whose code itself says so."""
        blamed = {"mailbox", "likely"} if self._accepted else {"mailbox"}
        strikes = tuple(answer for answer in self._streak if answer.fault in blamed)
        self._streak.clear()
        return Ruling(strikes=strikes)

    def _too_many(self, streak: Sequence[Answer], *, clear_too: bool) -> bool:
        doubtful = sum(1 for answer in streak if not self._clear(answer))
        if doubtful >= BREAK_AT:
            return True
        return clear_too and (
            len(streak) >= BREAK_AT_CLEAR or (len(streak) >= BREAK_AT and doubtful * 2 >= len(streak))
        )

    def _clear(self, answer: Answer) -> bool:
        return answer.fault in _CLEAR or (answer.fault == "likely" and self._accepted)

    def _break(self, streak: Sequence[Answer], why: str = "") -> Ruling:
        # No strikes: of a row that stops a run nobody knows whose fault it was. The message names the most frequent
        # kind of fault, and of two as frequent the one that is ours, since that one can be mended.
        faults: Counter[Fault] = Counter(answer.fault for answer in streak)
        fault = max(faults, key=lambda name: (faults[name], name in OURS))
        count, last = len(streak), streak[-1].reply
        begin = f"{count} refusals in a row" if self._accepted or self._proven else _first(count)
        self._why = f"{why}: {last}" if why else f"{begin}: {REMEDIES[fault]} (the last answer: {last})"
        back = self._unharmed(streak)
        self._streak.clear()
        return Ruling(back=back, why=self._why)

    def _unharmed(self, streak: Sequence[Answer]) -> tuple[Answer, ...]:
        return tuple(answer for answer in streak if self._forgiven(answer))

    def _forgiven(self, answer: Answer) -> bool:
        """Return whether the reader is asked again: not where a clear answer fits a server that takes our mail."""
        reached = self._proven or self._accepted
        if answer.fault in OURS:
            return not reached or answer.tries < _ENOUGH_OURS
        if self._clear(answer) and reached:
            return False
        return answer.tries < _ENOUGH - 1


def _first(count: int) -> str:
    """Return how a message begins that stops a run in which nobody was written to."""
    return "the only reader was refused" if count == 1 else f"the first {count} readers were all refused"


# Seconds of one wait, so that a run which is stopped ends within them however long it was to wait.
_STEP = 0.5


class Pace:
    """The time of one run, and its rate. Safe to use from several threads.

    *rate* is messages a second over all connections, None for as many as the server takes; *stop* ends every wait.

    What is due stands in the ledger as time of day, and a computer's time of day may jump while the run goes on. So the
    run has one of its own: the computer's at its start, and from there on what the monotonic clock counts. Else a clock
    that is put back by an hour would stop the run for an hour, and one that is put forward would send all deferred
    mail at once.
    """

    def __init__(self, clock: Clock, stop: Event, *, rate: int | None) -> None:
        self._clock, self._stop, self._rate = clock, stop, rate
        self.seconds = clock.monotonic or clock.now
        self._offset = clock.now() - self.seconds()
        self._guard = Lock()
        self._next_slot = 0.0

    def time(self) -> float:
        """Return the run's own time of day, in seconds since 1970."""
        return self._offset + self.seconds()

    def slot(self, messages: int) -> bool:
        """Wait until so many *messages* may leave. Return False where the run was stopped: then nothing may leave."""
        if not self._rate:
            return True
        # Each caller takes its slot under the lock and waits for it outside, so that connections do not wait in turn.
        with self._guard:
            slot = max(self.seconds(), self._next_slot)
            self._next_slot = slot + messages / self._rate
        while (left := slot - self.seconds()) > 0:
            if self._stop.is_set():
                return False
            self._clock.wait(min(left, _STEP))
        return True

    def pause(self, seconds: float) -> None:
        """Wait about so many *seconds*, between half of them and one and a half, or until the run is stopped."""
        left = seconds * self.spread()
        while left > 0 and not self._stop.is_set():
            self._clock.wait(min(left, _STEP))
            left -= _STEP

    def spread(self) -> float:
        """Return a number from 0.5 to 1.5, so that connections that failed together do not come back together."""
        return 0.5 + self._clock.jitter()
