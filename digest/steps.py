"""How far a long loop has come, told to whoever watches: the command line, which may show a bar, or nobody.

    for file in steps.each(files, "reading articles"): …

Rooms that work through thousands of things say so where their loop is, and print nothing. Who watches is a context
variable and no argument: the loops lie four calls below the command, in the middle of functions that are asked for
other things. Without a watcher a loop is the plain one.
"""

from __future__ import annotations

import os
from collections.abc import Sized
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Thing = TypeVar("Thing")


class Watcher(Protocol):
    """Who is told: that a loop of *total* steps begins (None: nobody knows how many), each step, and that it ends."""

    def begin(self, label: str, total: int | None) -> None:
        """Hear that a loop begins; *label* says in a word or two what it does."""

    def step(self) -> None:
        """Hear that one more thing is done."""

    def end(self) -> None:
        """Hear that the loop has ended, by itself or by an error."""


_WATCHER: ContextVar[tuple[Watcher, int] | None] = ContextVar("watcher", default=None)
"""Who watches, and the process that it lives in: a forked child has a copy, and must not show a second bar."""


@contextmanager
def watched(by: Watcher) -> Iterator[None]:
    """Let *by* watch every loop in this block; threads that it starts are not watched."""
    token = _WATCHER.set((by, os.getpid()))
    try:
        yield
    finally:
        _WATCHER.reset(token)


def each(things: Iterable[Thing], label: str, total: int | None = None) -> Iterable[Thing]:
    """Return *things*, each told to the watcher when it is done; by default there are as many as `len` says.

    Of loops inside one another the outermost is watched.
    """
    watcher = _WATCHER.get()
    if watcher is None or watcher[1] != os.getpid():
        return things
    count = len(things) if total is None and isinstance(things, Sized) else total
    return _told(things, label, count, watcher[0])


def _told(things: Iterable[Thing], label: str, total: int | None, watcher: Watcher) -> Iterator[Thing]:
    token = _WATCHER.set(None)
    watcher.begin(label, total)
    try:
        for thing in things:
            yield thing
            watcher.step()
    finally:
        watcher.end()
        _WATCHER.reset(token)
