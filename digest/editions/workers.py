"""Who makes parts: processes of this machine, the workers of a cluster, or this process.

Each is given a place and a number, and reads there who is in the part: engines write down in their logs what a task was
given. On this machine one that is killed, or runs out of memory, costs its part alone: each thread here has a process
of its own, so that it is certain at which part it ended. That part is tried again in a new process, and after the third
time it is left and named. A cluster sees to that itself. What stands stays.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import platform
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib import metadata
from multiprocessing import connection
from typing import TYPE_CHECKING

from digest import steps
from digest.editions import engine, making, memory
from digest.editions.press import Press
from digest.errors import DigestError, EngineError
from digest.tables import places, storage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from digest.editions.common import CommonWeek

TRIES = 3
"""How often a part is begun whose process ends under it."""

_LABEL = "making editions"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftPart:
    """A part that could not be made, and *why*."""

    number: int
    why: str


Crew = Callable[["CommonWeek", str, Sequence[int]], tuple[LeftPart, ...]]
"""Makes the parts of those numbers in the storage at a place, and returns those that could not be made."""


class _Station:
    """What a process holds on to from part to part: the week that it told last. One part at a time is made of it."""

    lock = threading.Lock()
    week: CommonWeek | None = None
    begun: tuple[str, int, str] | None = None
    press: Press


def begin(week: CommonWeek) -> None:
    """Tell *week* in this process, for all parts that it makes."""
    # What is no part of the mark, and of the parts that are made all the same: how many, and where earlier ones stand.
    begun = week.mark, week.settings.editions.parts, week.memory.out
    if _Station.begun != begun:
        _Station.begun, _Station.week, _Station.press = begun, week, Press(week)


def work(place: str, number: int) -> LeftPart | None:
    """Make a part of the week that was begun, in the storage at *place*; return it where it cannot be made."""
    assert _Station.week is not None
    try:
        remember = partial(memory.of_part, _Station.week, number)
        making.make(storage.opened(place), number, _Station.week, _Station.press, remember)
    except DigestError as error:
        return LeftPart(number=number, why=str(error))
    return None


@contextmanager
def crew(at: str, *, alone: bool) -> Iterator[Crew]:
    """Lend those who make parts: the workers of the cluster *at* an address, else processes here; *alone*: this one.

    Raises EngineError where the cluster is not there, or is of another program.
    """
    if not at:
        yield _alone if alone else _here
        return
    with engine.opened(at) as cluster:
        _refuse_others(cluster)
        yield partial(_there, cluster)


def _alone(week: CommonWeek, place: str, numbers: Sequence[int]) -> tuple[LeftPart, ...]:
    begin(week)
    return _left(work(place, number) for number in steps.each(numbers, _LABEL))


def _here(week: CommonWeek, place: str, numbers: Sequence[int]) -> tuple[LeftPart, ...]:
    if not numbers:
        return ()
    processes = _Processes(week, place)
    with ThreadPoolExecutor(min(len(numbers), _processors())) as threads:
        try:
            futures = [threads.submit(processes.make, number) for number in numbers]
            return _left(future.result() for future in steps.each(as_completed(futures), _LABEL, len(futures)))
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            processes.dismiss()


def _processors() -> int:
    """Return how many processors this process may use: where jobs share a machine these are not all that it has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _there(cluster: engine.Cluster, week: CommonWeek, place: str, numbers: Sequence[int]) -> tuple[LeftPart, ...]:
    lent, program, place = cluster.lend(week), fingerprint(), places.from_anywhere(place)
    tasks = {cluster.executor.submit(_work_for, lent, program, place, number): number for number in numbers}

    def outcome(number: int, task: Future[LeftPart | None]) -> LeftPart | None:
        try:
            return cluster.result(task)
        except engine.WorkersEnded:
            return LeftPart(number=number, why="one worker after another was ended at it, perhaps for want of memory")

    done = steps.each(cluster.done(tasks), _LABEL, len(tasks))
    return _left(outcome(tasks[task], task) for task in done)


def _left(outcomes: Iterable[LeftPart | None]) -> tuple[LeftPart, ...]:
    return tuple(sorted(filter(None, outcomes), key=lambda part: part.number))


def _work_for(week: CommonWeek, program: str, place: str, number: int) -> LeftPart | None:
    """Do as `work`, on a worker that may have been at another week, or have other threads at work."""
    if fingerprint() != program:
        return LeftPart(number=number, why="a worker that has joined has another digest or Python")
    with _Station.lock:
        begin(week)
        return work(place, number)


def _refuse_others(cluster: engine.Cluster) -> None:
    """Raise EngineError where a worker of *cluster* is another program than this: its parts might have other bytes."""
    for address, program in sorted(cluster.answers(fingerprint).items()):
        if program != fingerprint():
            has = program if isinstance(program, str) else "none"
            remedy = "install the same on all, and start its workers anew; nothing was changed"
            raise EngineError(address, f"has another digest ({has}; here {fingerprint()})", remedy)


@cache
def fingerprint() -> str:
    """Return which program this is: version and code of digest, and version of Python."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    files = (os.path.join(top, name) for top, _, names in os.walk(root) for name in names if name.endswith(".py"))
    code = hashlib.sha256()
    for file in sorted(files):
        with open(file, "rb") as handle:
            code.update(handle.read())
    major, minor, _ = platform.python_version_tuple()
    return f"{metadata.version('heat-digest')} of code {code.hexdigest()[:8]}, Python {major}.{minor}"


class _Processes:
    """A process for each thread that asks."""

    def __init__(self, week: CommonWeek, place: str) -> None:
        self._week, self._place = week, place
        self._own = threading.local()
        self._all: list[ProcessPoolExecutor] = []

    def make(self, number: int) -> LeftPart | None:
        """Make a part; return it where it cannot be made."""
        for _ in range(TRIES):
            try:
                return self._pool().submit(work, self._place, number).result()
            except BrokenProcessPool:
                self._own.pool = None
        return LeftPart(number=number, why=f"its process was ended {TRIES} times, perhaps for want of memory")

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
