"""Work on many files, spread over the cores by forked children.

A fork has all that its parent has, so only its results have to be passed back, pickled through a pipe. Where that does
not pay or is not safe (few files, a single core, other threads, another system than Linux), all is done in this
process; so is the part of a child that fails, so that no result is ever missing.

Forks and not threads, which would wait for Python's lock, nor spawned processes, each of which would have to start
Python and import everything anew.
"""

from __future__ import annotations

import os
import sys
import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Sequence

Found = TypeVar("Found", bound="array[int] | list[Any]")

# The parent unpickles all results by itself, which bounds what more cores could gain.
_MOST_CORES = 4


class _Child(NamedTuple):
    """A child at work: its process id, and the descriptor of the pipe that its result comes through."""

    process: int
    answer: int


def over_cores(work: Callable[[Sequence[str]], Found], files: Sequence[str], *, worth: int) -> Found:
    """Return the result of *work* for *files*, in their order.

    *work* is called with parts of *files*, and its results are joined: it has to give for each file the same whatever
    others are in the part, and to change nothing. *worth* is how many files a core needs for a fork to save more time
    than it takes. An error that *work* raises here is raised; in a child it is met again here.
    """
    count = _cores(len(files) // worth)
    ends = [len(files) * number // count for number in range(count + 1)]
    first, *others = (files[start:end] for start, end in pairwise(ends))
    children = [_start(work, part) for part in others]
    results = work(first)
    for child, part in zip(children, others, strict=True):
        answer = _answer(child)
        results.extend(work(part) if answer is None else answer)
    return results


def _cores(useful: int) -> int:
    """Return how many processes to use, at most *useful*, this one included."""
    # A fork has none of the other threads, but their locks, held for ever. On macOS system libraries may crash in one.
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return max(1, min(useful, _MOST_CORES, len(os.sched_getaffinity(0))))


def _start(work: Callable[[Sequence[str]], Found], part: Sequence[str]) -> _Child:
    """Return a child that works on *part*. Raises OSError where there can be none."""
    import pickle  # noqa: PLC0415 - small archives need none

    answer, ours = os.pipe()
    process = os.fork()
    if process:
        os.close(ours)
        return _Child(process, answer)
    status = 1
    try:
        os.close(answer)
        with open(ours, "wb") as handle:
            pickle.dump(work(part), handle, protocol=pickle.HIGHEST_PROTOCOL)
        status = 0
    finally:
        # Not sys.exit(): the child would run the parent's exit handlers and write its buffered output a second time.
        os._exit(status)


def _answer(child: _Child) -> Any:  # noqa: ANN401 - whatever the work finds
    """Return the result of a child, once it has ended; None where it failed."""
    import pickle  # noqa: PLC0415 - as above

    # Read to the end before waiting: a child whose result does not fit into the pipe ends only when it is read.
    with open(child.answer, "rb") as handle:
        content = handle.read()
    _, status = os.waitpid(child.process, 0)
    return None if status else pickle.loads(content)  # noqa: S301 - our own child wrote it, into a pipe of our own
