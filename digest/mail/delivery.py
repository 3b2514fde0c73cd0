"""One message to each reader, with a book that is always a step ahead of the wire. Knows outcomes, not protocols.

The book is a ledger's (`ledger.HandoverBook`), or of claims where several runs work together (`claim_book.ClaimBook`).
A reader is marked `sending` before the point of no return and marked again after the answer, so a crash at any moment
loses nobody, and leaves as `unknown` at most the messages that were under way. A lost answer and a lost message look
the same from here, so only the editor may have those written to again.

Soft refusals wait in the book and are tried again, ever later: there they outlast the process. Refusals in a row stop
the run before it burns the list (`breaker` says when). The target brings the connection, the caller the clock.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import islice
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Protocol

from digest.errors import DigestError
from digest.mail.breaker import BREAK_AT, Answer, Breaker, Pace
from digest.mail.ledger import LAST_IN_LINE, Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from digest.config.values import SendPlan
    from digest.mail.breaker import Ruling
    from digest.mail.built import Reader
    from digest.mail.ledger import Due, State
    from digest.mail.smtp import Fault

# Seconds between two tries of a reader whose server is busy; greylisting seldom asks for more than an hour.
_LONGEST_WAIT = 3_600

# Seconds before the next connection. A run that has nothing else to do must notice soon that the server is back.
_LONGEST_RECONNECT = 30


class Unreachable(Exception):
    """The service hung up or cannot be reached, before anything was handed over. Worth another try, newly connected.

    *after*: not before so many seconds, because the service asks for it.
    """

    def __init__(self, problem: str, *, after: float = 0) -> None:
        super().__init__(problem)
        self.after = after


class HungUp(Unreachable):
    """The service hung up on this reader after it had listened to us. The other readers come first, then this one."""


class Refused(Exception):
    """The service refuses us, not a reader: the login, the sender, the whole message. The run has to stop."""


class Lost(Exception):
    """The answer got lost after the point of no return: the message may have been accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the service said about one reader.

    *state* is `sent`, `deferred` (try again later) or `failed`; *reply* are the service's own words, on one line.
    *fault* says what a failure is about. *suppress* is short for the fault `mailbox`: never write to this address
    again, once another issue heard the same.
    """

    state: State
    reply: str = ""
    suppress: bool = False
    fault: Fault = "unclear"

    @property
    def blame(self) -> Fault:
        """What a failure is about, the short form included."""
        return "mailbox" if self.suppress else self.fault


class Connection(Protocol):
    """One connection to a service, opened by `Transport.connect`. Used by one thread at a time."""

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> Sequence[Outcome]:
        """Hand over one message to each of *readers*, and return an outcome for each, in their order.

        Calls *sending* right before the point of no return, after which the message may have been accepted. Raises
        Unreachable or HungUp where it was not, Lost where nobody can tell, and Refused where the service refuses us.
        What the service said about a reader is returned whatever happens to the connection afterwards.
        """

    def close(self) -> None:
        """Say goodbye; must not raise."""


@dataclass(frozen=True, slots=True)
class Transport:
    """How to reach a service: *connect* opens a connection that takes *size* readers at a time.

    *connect* is called by several threads. It raises Unreachable or Refused. Those of whom *alike* says different
    things are never taken together.
    """

    connect: Callable[[], Connection]
    size: int = 1
    alike: Callable[[Reader], str] | None = None


class Book(Protocol):
    """Who is to be written to in a run, and what became of it. Safe to use from several threads.

    Every method raises a DigestError where it cannot do its work: nobody is written to without a book. *at* and *now*
    are seconds since 1970.
    """

    def counts(self) -> Mapping[State, int]:
        """Return how many readers are in which state; states without a reader may be left out."""

    def due(self, *, now: float, wanted: int, busy: Collection[str]) -> Sequence[Due]:
        """Return readers who are to be written to by *now*: *wanted* of them or more, fewer where there are no more.

        Those whose addresses are *busy* are under way and not among them.
        """

    def next_due(self) -> float | None:
        """Return when the next reader is to be written to; None where nobody waits."""

    def lends(self, addresses: Collection[str]) -> bool:
        """Return whether readers whom `due` returned may still be written to; if not, it has to be asked anew."""

    def mark(self, marks: Sequence[Mark], *, at: float) -> None:
        """Write down what became of readers: a crash after this finds it, or leaves them `unknown`."""

    def give_back(self, addresses: Iterable[str]) -> None:
        """Let readers who failed be asked again, after all others."""

    def refused(self, replies: Mapping[str, str], *, at: float) -> None:
        """Note that a server said of these mailboxes that they take no mail: *replies* by address."""

    def end(self) -> None:
        """End the run: whoever was not written to waits for the next one."""


# The former name of Transport, for targets outside this repository.
Line = Transport


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the caller has it: *now* in seconds since 1970, *wait* sleeps seconds, *jitter* is a number from 0 to 1.

    *monotonic* counts seconds and never jumps; without it *now* is taken for such a clock. Tests give one that jumps
    instead of waiting.
    """

    now: Callable[[], float]
    wait: Callable[[float], object]
    jitter: Callable[[], float] = field(default=random.random)
    monotonic: Callable[[], float] | None = None


@dataclass(slots=True)
class Tally:
    """How a run stands: how many readers are in which state. *stopped* says why it ended early, empty if it did not."""

    counts: Counter[State]
    stopped: str = ""

    @property
    def total(self) -> int:
        """All readers of the list, whatever their state."""
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        """Readers who have no message yet and may still get one in this run or the next."""
        return self.counts["queued"] + self.counts["deferred"]

    @property
    def done(self) -> int:
        """Readers for whom nothing more happens by itself: sent, failed, unknown, suppressed or absent."""
        return self.total - self.waiting - self.counts["sending"]


class Delivery:
    """A run over the readers who wait in *book*, over `plan.connections` connections at once.

    *line* says how to connect; *plan* has the rate, the tries and for how many seconds deferred readers are waited for.
    """

    def __init__(self, book: Book, line: Transport, plan: SendPlan, clock: Clock) -> None:
        self._book, self._plan, self._clock = book, plan, clock
        self._connect, self._size, self._alike = line.connect, line.size, line.alike
        self.tally = Tally(Counter(book.counts()))
        self._guard = Lock()
        self._page: deque[Due] = deque()
        self._claimed: set[str] = set()
        self._stop = Event()
        self._pace = Pace(clock, self._stop, rate=plan.rate)
        self._ends = self._pace.time() + plan.give_up
        self._breaker = Breaker(proven=self.tally.counts["sent"] > 0, patience=plan.give_up)
        self._soft = 0
        self._bug: BaseException | None = None

    def run(self, watch: Callable[[Tally], None] = lambda _: None) -> Tally:
        """Write to all readers who wait, until nobody does, time is up or the service refuses us; return how it went.

        Calls *watch* five times a second, in the caller's thread. Readers who are left wait in the book for the next
        run. An interrupt (Ctrl-C) lets each connection end the message it is at, so that it leaves nobody unknown; a
        second one does not wait. A bug in a connection's thread is raised here.
        """
        # Not Thread.join: where Ctrl-C breaks it off, Python (3.11) takes the thread for ended while it still sends.
        # The threads are daemons so that a second Ctrl-C ends the program although one of them waits for a server.
        ends = [Event() for _ in range(self._plan.connections)]
        for lane, end in enumerate(ends):
            Thread(target=self._work, args=(lane, end), daemon=True).start()
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
            self._follow(self._breaker.end())
            self._end()
        watch(self.tally)
        if self._bug:
            raise self._bug
        return self.tally

    def _end(self) -> None:
        """End the book of the run, and count what stands there: other runs may have written to some of the readers."""
        try:
            self._book.end()
        except DigestError as error:
            self._halt(str(error))
        try:
            counts = self._book.counts()
        except DigestError as error:
            self._halt(str(error))
            return
        for state in {*self.tally.counts, *counts}:
            self.tally.counts[state] = counts.get(state, 0)

    # --- the work of each connection, in a thread of its own

    def _work(self, lane: int, end: Event) -> None:
        """Write to readers over the connection number *lane* until nobody waits, and set *end* whatever happens."""
        try:
            self._loop(lane)
        except DigestError as error:
            # The book can lend nobody more: what was sent is told all the same.
            self._halt(str(error))
        except BaseException as error:  # noqa: BLE001 - handed to the caller, who sees the traceback
            self._bug = self._bug or error
            self._stop.set()
        finally:
            end.set()

    def _loop(self, lane: int) -> None:
        """Take readers and hand them over; connect when that is needed, and anew after `plan.messages` of them."""
        carrier: Connection | None = None
        carried = lost = 0
        while not self._stop.is_set():
            batch = self._take()
            if not batch:
                break
            started = self._pace.seconds()
            try:
                batch = self._in_slot(batch)
                if not batch:
                    continue
                # Anew: the wait for a slot is ours and must not count as the server's.
                started = self._pace.seconds()
                if carrier is None:
                    carrier, carried = self._connect(), 0
                self._carry(lane, carrier, batch)
                carried, lost = carried + len(batch), 0
            except Unreachable as error:
                if carrier:
                    carrier.close()
                carrier, lost = None, lost + 1
                self._lose(str(error), self._pace.seconds() - started)
                # Twice what was asked for: the jitter of a pause may halve it.
                wait = min(_LONGEST_RECONNECT, self._plan.retry_after, 0.25 * 2.0**lost)
                self._pace.pause(max(2 * error.after, wait))
                with self._guard:
                    # It may have been a long one, and the book has to be asked who is still to be written to.
                    self._page.clear()
            except (Refused, DigestError) as error:
                self._halt(str(error))
            finally:
                # In any case, or a reader of a broken batch would be passed over until the next run.
                with self._guard:
                    self._claimed -= _addresses(batch)
            if carrier and carried >= self._plan.messages:
                carrier.close()
                carrier = None
        if carrier:
            carrier.close()

    def _carry(self, lane: int, carrier: Connection, batch: Sequence[Due]) -> None:
        """Hand *batch* over and mark what became of each reader. Raises Unreachable and Refused."""
        readers = [due.reader for due in batch]

        def sending() -> None:
            if not self._book.lends(_addresses(batch)):
                raise Unreachable("it took so long to listen that others may write to these readers by now")
            self._mark(batch, [Outcome(state="sending")] * len(batch), tallied=False)
            marked.append(True)

        marked: list[bool] = []
        try:
            outcomes = carrier.carry(readers, sending)
        except Lost as error:
            self._mark(batch, [Outcome(state="unknown", reply=str(error))] * len(batch))
            raise Unreachable(str(error)) from error
        except (Unreachable, Refused) as error:
            # Nothing was handed over after all, so nobody may stay `sending`. Those who were hung up on come after all
            # others from now on, or every run would begin with the same readers, and end there.
            if marked or isinstance(error, HungUp):
                self._mark(batch, [Outcome(state="queued", reply=str(error))] * len(batch))
            raise
        self._mark(batch, outcomes)
        self._weigh(lane, batch, outcomes)

    def _mark(self, batch: Sequence[Due], outcomes: Sequence[Outcome], *, tallied: bool = True) -> None:
        marks = [
            Mark(
                address=due.reader.address,
                state=outcome.state,
                reply=outcome.reply,
                due=self._when(outcome.state, due.tries),
                fault=outcome.blame if outcome.state == "failed" else None,
            )
            for due, outcome in zip(batch, outcomes, strict=True)
        ]
        self._book.mark(marks, at=self._clock.now())
        if tallied:
            with self._guard:
                for due, outcome in zip(batch, outcomes, strict=True):
                    self.tally.counts[due.state] -= 1
                    self.tally.counts[outcome.state] += 1

    def _when(self, state: State, tries: int) -> float | None:
        """Return when a reader in *state* is due again, in the run's time of day; None for never by itself."""
        if state == "queued":
            return LAST_IN_LINE
        if state != "deferred":
            return None
        wait = min(_LONGEST_WAIT, self._plan.retry_after * 2.0**tries)
        return self._pace.time() + wait * self._pace.spread()

    # --- the readers whose turn it is

    def _take(self) -> list[Due]:
        """Return the next readers, waiting for the deferred ones; an empty list where nobody is left for this run.

        Deferred readers are waited for until `plan.give_up` seconds after the start; then they wait in the book.
        """
        while not self._stop.is_set():
            with self._guard:
                batch = self._next()
                busy = bool(self._claimed)
            if batch:
                return batch
            due = self._book.next_due()
            now = self._pace.time()
            # While another connection is busy its readers may come back as deferred, so nobody may leave yet.
            if due is None and not busy:
                return []
            if due is not None and due > 0 and max(due, now) > self._ends and not busy:
                return []
            self._clock.wait(min(1.0, max(0.01, (due or now) - now)))
        return []

    def _next(self) -> list[Due]:
        """Claim up to `size` readers who are due. The caller holds the lock.

        The book may lend more of them; these are next.
        """
        if not self._page:
            now = self._pace.time()
            # When time is up, only those who were not tried yet: each reader gets one try at least.
            until = 0 if now > self._ends else now
            self._page.extend(self._book.due(now=until, wanted=self._size, busy=self._claimed))
        batch = self._together()
        self._claimed |= _addresses(batch)
        return batch

    def _in_slot(self, batch: list[Due]) -> list[Due]:
        """Return *batch* when it may leave by the rate; an empty list where the run was stopped.

        Where that took so long that the book does not lend it any more, whose turn it is by then takes its slot.
        """
        if not self._pace.slot(len(batch)):
            return []
        if self._book.lends(_addresses(batch)):
            return batch
        with self._guard:
            self._claimed -= _addresses(batch)
            self._page.clear()
            return self._next()

    def _together(self) -> list[Due]:
        """Take the readers of one call out of the page: the first, and others as far as the service takes them."""
        page, alike = self._page, self._alike
        if not (page and alike):
            return [page.popleft() for _ in range(min(self._size, len(page)))]
        kind = alike(page[0].reader)
        batch = list(islice((due for due in page if alike(due.reader) == kind), self._size))
        taken = {due.reader.address for due in batch}
        self._page = deque(due for due in page if due.reader.address not in taken)
        return batch

    # --- when to stop

    def _weigh(self, lane: int, batch: Sequence[Due], outcomes: Sequence[Outcome]) -> None:
        """Tell the breaker what became of *batch*, and slow down where the whole service defers."""
        refused = [
            Answer(
                address=due.reader.address,
                reply=outcome.reply,
                fault=outcome.blame,
                tries=due.tries,
            )
            for due, outcome in zip(batch, outcomes, strict=True)
            if outcome.state == "failed"
        ]
        accepted = any(outcome.state == "sent" for outcome in outcomes)
        with self._guard:
            ruling = self._breaker.heard(lane, refused, accepted=accepted)
            self._soft = 0 if accepted else self._soft + sum(outcome.state == "deferred" for outcome in outcomes)
        self._follow(ruling)
        if self._soft >= BREAK_AT:
            # So many soft refusals in a row are about the whole service, not about mailboxes.
            self._pace.pause(min(_LONGEST_RECONNECT, self._plan.retry_after, 2.0 ** (self._soft - BREAK_AT)))

    def _follow(self, ruling: Ruling) -> None:
        """Do what the breaker says: stop the run, ask readers again, count refusals against mailboxes."""
        if ruling.why:
            self._halt(ruling.why)
        if ruling.back:
            back = [answer.address for answer in ruling.back]
            self._book.give_back(back)
            with self._guard:
                self.tally.counts["failed"] -= len(back)
                self.tally.counts["queued"] += len(back)
        if ruling.strikes:
            replies = {answer.address: answer.reply for answer in ruling.strikes}
            self._book.refused(replies, at=self._clock.now())

    def _lose(self, why: str, waited: float) -> None:
        """Tell the breaker of a connection that was lost after *waited* seconds."""
        with self._guard:
            ruling = self._breaker.lost(why, waited=waited)
        self._follow(ruling)

    def _halt(self, why: str) -> None:
        """Stop the run after the messages that are under way. The first reason is the one that is told."""
        self.tally.stopped = self.tally.stopped or why
        self._stop.set()


def _addresses(batch: Sequence[Due]) -> set[str]:
    return {due.reader.address for due in batch}
