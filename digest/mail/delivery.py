"""One message to each reader, with a ledger that is always a step ahead. Knows outcomes, not protocols.

A reader is marked `sending` before the point of no return and marked again after the answer, so a crash at any moment
loses nobody, and leaves as `unknown` at most what was under way. Soft refusals wait and are tried again, ever later;
refusals in a row stop the run before it burns the list. The target brings the connection, the caller the clock.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Protocol

from digest.errors import DigestError
from digest.mail.ledger import Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.ledger import Due, Handover, Ledger, State
    from digest.mail.letter import Reader
    from digest.model import SendPlan

BREAK_AT = 10
"""So many hard refusals or lost connections in a row stop the run."""

_LONGEST_WAIT = 3_600
_LONGEST_RECONNECT = 30


class Unreachable(Exception):
    """The service hung up or cannot be reached, before anything was handed over. Worth another try, on a new line."""


class Refused(Exception):
    """The service refuses us, not a reader: the login, the sender, the whole message. The run has to stop."""


class Lost(Exception):
    """The answer got lost after the point of no return: the message may have been accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the service said about one reader. *suppress*: never write to this address again."""

    state: State
    reply: str = ""
    suppress: bool = False


class Carrier(Protocol):
    """One connection to a service. Used by one thread at a time."""

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> Sequence[Outcome]:
        """Hand over one message each, and return an outcome each.

        Calls *sending* right before the point of no return. Raises Unreachable, Refused or Lost.
        """

    def close(self) -> None:
        """Say goodbye; must not raise."""


@dataclass(frozen=True, slots=True)
class Line:
    """How to reach a service: *connect* opens a connection that takes *size* readers at a time."""

    connect: Callable[[], Carrier]
    size: int = 1


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the caller has it: *now* in seconds since 1970, *wait* sleeps, *jitter* is a number from 0 to 1."""

    now: Callable[[], float]
    wait: Callable[[float], object]
    jitter: Callable[[], float] = field(default=random.random)


@dataclass(slots=True)
class Tally:
    """How a run stands. *stopped* says why it ended early."""

    counts: Counter[State]
    stopped: str = ""

    @property
    def total(self) -> int:
        """All readers of the list."""
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        """Those who have no message yet and may still get one."""
        return self.counts["queued"] + self.counts["deferred"]

    @property
    def done(self) -> int:
        """Those for whom nothing more happens by itself."""
        return self.total - self.waiting - self.counts["sending"]


class Delivery:
    """A run over the readers of one hand-over who wait in the ledger."""

    def __init__(self, ledger: Ledger, handover: Handover, line: Line, plan: SendPlan, clock: Clock) -> None:
        self._ledger, self._handover, self._plan, self._clock = ledger, handover, plan, clock
        self._connect, self._size = line.connect, line.size
        self.tally = Tally(Counter(ledger.counts(handover)))
        self._guard = Lock()
        self._page: deque[Due] = deque()
        self._claimed: set[str] = set()
        self._hard = 0
        self._soft = 0
        self._ends = clock.now() + plan.give_up
        self._next_slot = 0.0
        self._stop = Event()
        self._bug: BaseException | None = None

    def run(self, watch: Callable[[Tally], None] = lambda _: None) -> Tally:
        """Write to all readers who wait, until nobody does, time is up or the service refuses us; then say how it went.

        Calls *watch* now and then. What is left waits in the ledger for the next run. An interrupt (Ctrl-C) lets each
        connection end the message it is at, so that nobody is left unknown by it; a second one does not wait.
        """
        # Not Thread.join: where Ctrl-C breaks it off, Python (3.11) takes the thread for ended while it still sends.
        ends = [Event() for _ in range(self._plan.connections)]
        for end in ends:
            Thread(target=self._work, args=(end,), daemon=True).start()
        try:
            for end in ends:
                while not end.wait(0.2):
                    watch(self.tally)
        except KeyboardInterrupt:
            self._halt("interrupted")
        finally:
            self._stop.set()
            for end in ends:
                end.wait()
        watch(self.tally)
        if self._bug:
            raise self._bug
        return self.tally

    # --- what each connection does

    def _work(self, end: Event) -> None:
        try:
            self._loop()
        except BaseException as error:  # noqa: BLE001 - handed to the caller, who sees the traceback
            self._bug = self._bug or error
            self._stop.set()
        finally:
            end.set()

    def _loop(self) -> None:
        carrier: Carrier | None = None
        carried = lost = 0
        while not self._stop.is_set():
            batch = self._take()
            if not batch:
                break
            try:
                if carrier is None:
                    carrier, carried = self._connect(), 0
                self._carry(carrier, batch)
                carried, lost = carried + len(batch), 0
            except Unreachable as error:
                carrier, lost = None, lost + 1
                self._count_hard(str(error))
                self._pause(min(_LONGEST_RECONNECT, self._plan.retry_after, 0.25 * 2.0**lost))
            except (Refused, DigestError) as error:
                self._halt(str(error))
            finally:
                with self._guard:
                    self._claimed -= {due.reader.address for due in batch}
            if carrier and carried >= self._plan.messages:
                carrier.close()
                carrier = None
        if carrier:
            carrier.close()

    def _carry(self, carrier: Carrier, batch: Sequence[Due]) -> None:
        readers = [due.reader for due in batch]

        def sending() -> None:
            self._mark(batch, [Outcome(state="sending")] * len(batch), told=False)
            marked.append(True)

        marked: list[bool] = []
        try:
            self._wait_for_slot(len(batch))
            outcomes = carrier.carry(readers, sending)
        except Lost as error:
            self._mark(batch, [Outcome(state="unknown", reply=str(error))] * len(batch))
            raise Unreachable(str(error)) from error
        except (Unreachable, Refused) as error:
            if marked:  # it says that nothing was handed over after all
                self._mark(batch, [Outcome(state="queued", reply=str(error))] * len(batch), told=False)
            raise
        else:
            self._mark(batch, outcomes)
            self._weigh(outcomes)

    def _mark(self, batch: Sequence[Due], outcomes: Sequence[Outcome], *, told: bool = True) -> None:
        now = self._clock.now()
        marks = [
            Mark(
                address=due.reader.address, state=one.state, reply=one.reply, due=self._when(one.state, due.tries, now)
            )
            for due, one in zip(batch, outcomes, strict=True)
        ]
        self._ledger.mark(self._handover, marks, at=now)
        bad = [due.reader.address for due, one in zip(batch, outcomes, strict=True) if one.suppress]
        if bad:
            self._ledger.suppress(bad, f"refused in issue {self._handover.issue}", at=now)
        if told:
            with self._guard:
                for due, one in zip(batch, outcomes, strict=True):
                    self.tally.counts[due.state] -= 1
                    self.tally.counts[one.state] += 1

    def _when(self, state: State, tries: int, now: float) -> float | None:
        if state == "queued":
            return 0
        if state != "deferred":
            return None
        wait = min(_LONGEST_WAIT, self._plan.retry_after * 2.0**tries)
        return now + wait * (0.5 + self._clock.jitter())

    # --- whose turn it is

    def _take(self) -> list[Due]:
        """Return the next readers, waiting for the deferred ones; nobody where nobody comes any more."""
        while not self._stop.is_set():
            with self._guard:
                batch = self._next()
                busy = bool(self._claimed)
            if batch:
                return batch
            due = self._ledger.next_due(self._handover)
            now = self._clock.now()
            if due is None and not busy:
                return []
            if due is not None and due > 0 and max(due, now) > self._ends and not busy:
                return []
            self._clock.wait(min(1.0, max(0.01, (due or now) - now)))
        return []

    def _next(self) -> list[Due]:
        if not self._page:
            now = self._clock.now()
            until = 0 if now > self._ends else now  # when time is up, only those who were not tried yet
            found = self._ledger.due(self._handover, now=until, limit=500 + len(self._claimed))
            self._page.extend(due for due in found if due.reader.address not in self._claimed)
        batch = [self._page.popleft() for _ in range(min(self._size, len(self._page)))]
        self._claimed |= {due.reader.address for due in batch}
        return batch

    def _wait_for_slot(self, messages: int) -> None:
        if not self._plan.rate:
            return
        with self._guard:
            now = self._clock.now()
            slot = max(now, self._next_slot)
            self._next_slot = slot + messages / self._plan.rate
        if slot > now:
            self._clock.wait(slot - now)

    # --- when to stop

    def _weigh(self, outcomes: Sequence[Outcome]) -> None:
        """Count refusals in a row; a message that got through starts the count anew."""
        for one in outcomes:
            if one.state == "failed":
                self._count_hard(one.reply)
            elif one.state == "deferred":
                self._soft += 1
            else:
                self._hard = self._soft = 0
        if self._soft >= BREAK_AT:  # the whole service is short of breath, not a mailbox
            self._pause(min(_LONGEST_RECONNECT, self._plan.retry_after, 2.0 ** (self._soft - BREAK_AT)))

    def _count_hard(self, reply: str) -> None:
        self._hard += 1
        if self._hard >= BREAK_AT:
            self._halt(f"{BREAK_AT} refusals or lost connections in a row, the last: {reply}")

    def _halt(self, why: str) -> None:
        self.tally.stopped = self.tally.stopped or why
        self._stop.set()

    def _pause(self, seconds: float) -> None:
        """Wait, in steps that notice a stop."""
        left = seconds * (0.5 + self._clock.jitter())
        while left > 0 and not self._stop.is_set():
            self._clock.wait(min(left, 0.5))
            left -= 0.5
