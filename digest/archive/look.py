"""Which files may matter to a window: each is looked at, and only what is not proven to lie outside is read in full.

What a look finds is a fact about the file alone, so the index keeps it for the next run, whatever its window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.archive import glance, walk
from digest.archive.index import UNPROVEN, Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from digest.archive.walk import Listing
    from digest.model import Window


def below(
    folder: str, listings: Iterable[Listing], within: Window | None, keys: Sequence[str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield for each of *listings*, which are below *folder*, how many files it has and which may matter to *within*.

    All of them may where it is None. *keys* are where a file may bear its date.
    """
    if within is None:
        yield from ((len(one.names), [one.start + name for name in one.names]) for one in listings)
        return
    every = list(listings)
    is_outside, index = glance.outside(within), Index(folder, keys)
    for one, dates in zip(every, index.dates(every, _look(keys)), strict=True):
        inside = [
            one.start + name
            for name, date in zip(one.names, dates, strict=True)
            if date == UNPROVEN or not is_outside(date)
        ]
        yield len(one.names), inside
    index.keep()


def at(file: str, within: Window | None, keys: Sequence[str]) -> bool:
    """Whether *file* may matter to *within*."""
    date = UNPROVEN if within is None else _look(keys)(file)
    return within is None or date == UNPROVEN or not glance.outside(within)(date)


def _look(keys: Sequence[str]) -> Callable[[str], int]:
    """Return what tells a file's proven date; UNPROVEN also of one that cannot be read, which is then told."""
    proven = glance.date(keys)

    def look(file: str) -> int:
        try:
            date = proven(walk.start_of(file))
        except OSError:
            return UNPROVEN
        return UNPROVEN if date is None else date

    return look
