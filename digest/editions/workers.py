"""Parts made by several processes of this machine. One that is killed, or runs out of memory, costs its part alone.

Each thread here has a process of its own, so that it is certain at which part it ended. That part is tried again in a
new process, and after the third time it is left and named; what stands on the disk stays.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection
from typing import TYPE_CHECKING

from digest import steps
from digest.editions import part_files
from digest.editions.press import Press
from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.editions.common import CommonWeek
    from digest.editions.part_files import PartJob

TRIES = 3
"""How often a part is begun whose process ends under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftPart:
    """A part that could not be made, and *why*."""

    number: int
    why: str


class _Station:
    """What a process holds on to from part to part."""

    week: CommonWeek
    press: Press


def begin(week: CommonWeek) -> None:
    """Tell *week* in this process, for all parts that it makes."""
    _Station.week, _Station.press = week, Press(week)


def work(job: PartJob) -> None:
    """Make a part of the week that was begun. Raises OutputError."""
    part_files.write(job, _Station.week, _Station.press)


def run(week: CommonWeek, jobs: Sequence[PartJob]) -> tuple[LeftPart, ...]:
    """Make all *jobs* on the processors of this machine, and return the parts that could not be made."""
    if not jobs:
        return ()
    count = min(len(jobs), os.cpu_count() or 1)
    crew = _Crew(week)
    with ThreadPoolExecutor(count) as threads:
        try:
            futures = [threads.submit(crew.make, job) for job in jobs]
            outcomes = [future.result() for future in steps.each(as_completed(futures), "making editions", len(jobs))]
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            crew.dismiss()
    return tuple(sorted(filter(None, outcomes), key=lambda part: part.number))


class _Crew:
    """A process for each thread that asks."""

    def __init__(self, week: CommonWeek) -> None:
        self._week = week
        self._own = threading.local()
        self._all: list[ProcessPoolExecutor] = []

    def make(self, job: PartJob) -> LeftPart | None:
        """Make a part; return it where it cannot be made."""
        for _ in range(TRIES):
            try:
                self._pool().submit(work, job).result()
            except BrokenProcessPool:
                self._own.pool = None
            except DigestError as error:
                return LeftPart(number=job.number, why=str(error))
            else:
                return None
        return LeftPart(number=job.number, why=f"its process was ended {TRIES} times, perhaps for want of memory")

    def dismiss(self) -> None:
        """End all processes, once they have done what they are at."""
        for pool in self._all:
            pool.shutdown(wait=True, cancel_futures=True)

    def _pool(self) -> ProcessPoolExecutor:
        pool: ProcessPoolExecutor | None = getattr(self._own, "pool", None)
        if pool is None:
            # Not forked: threads are at work, and a child of theirs may wait for ever for what one of them held.
            context = multiprocessing.get_context("spawn")
            pool = ProcessPoolExecutor(1, mp_context=context, initializer=_enter, initargs=(self._week,))
            self._own.pool = pool
            self._all.append(pool)
        return pool


def _enter(week: CommonWeek) -> None:
    """Begin *week* in a process that ends with the one that started it."""
    # Ctrl-C is for that one, which lets the parts under way be finished.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin(week)


def _end_with_parent() -> None:
    # A pool's process would wait for work for ever where the one that started it was killed.
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
