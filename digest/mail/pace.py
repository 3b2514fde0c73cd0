"""When a run does what: its own time of day, its pace in messages a second, and waits that notice a stop."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event

    from digest.mail.delivery import Clock

_STEP = 0.5


class Pace:
    """The time of one run. Safe to use from several threads.

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
        """Wait until so many *messages* may leave. Returns False where the run was stopped: then nothing may leave."""
        if not self._rate:
            return True
        with self._guard:
            slot = max(self.seconds(), self._next_slot)
            self._next_slot = slot + messages / self._rate
        while (left := slot - self.seconds()) > 0:
            if self._stop.is_set():
                return False
            self._clock.wait(min(left, _STEP))
        return True

    def pause(self, seconds: float) -> None:
        """Wait so long, more or less, or until the run is stopped."""
        left = seconds * self.spread()
        while left > 0 and not self._stop.is_set():
            self._clock.wait(min(left, _STEP))
            left -= _STEP

    def spread(self) -> float:
        """Return a number around 1, so that connections that failed together do not come back together."""
        return 0.5 + self._clock.jitter()
