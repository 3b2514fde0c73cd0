"""Work on many files, done on all cores at once by forked children. Knows how to part it, not what it is.

A fork has all that its parent knew, so only its results have to be handed over. Where that does not pay or is not safe
(few files, a single core, other threads, another system than Linux) all is done here, and so is the part of a child
that fails.
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

_MOST_CORES = 4


class _Child(NamedTuple):
    process: int
    answer: int


def over_cores(work: Callable[[Sequence[str]], Found], files: Sequence[str], *, worth: int) -> Found:
    """Return what *work* finds of *files*, in their order.

    It must find of each file the same whatever others it is given with, and change nothing. *worth* is how many files a
    core needs, for a fork to save more than it takes.
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
    if sys.platform != "linux" or threading.active_count() > 1:  # a fork has none of the other threads, but their locks
        return 1
    return max(1, min(useful, _MOST_CORES, len(os.sched_getaffinity(0))))


def _start(work: Callable[[Sequence[str]], Found], part: Sequence[str]) -> _Child:
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
        os._exit(status)  # nothing of the parent's is to be done twice: no handler, no buffer


def _answer(child: _Child) -> Any:  # noqa: ANN401 - whatever the work finds
    """Return what a child found; None where it failed."""
    import pickle  # noqa: PLC0415 - as above

    with open(child.answer, "rb") as handle:
        content = handle.read()
    _, status = os.waitpid(child.process, 0)
    return None if status else pickle.loads(content)  # noqa: S301 - our own child wrote it, into a pipe of our own
