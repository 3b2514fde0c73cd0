"""Which files may matter to a window: each is looked at, and only what is not proven to lie outside is read in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.archive import glance, walk
from digest.archive.article import DATE_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.model import Window


def among(files: Iterable[str], within: Window | None) -> Iterator[str]:
    """Yield those of *files* that may matter to *within*: all of them where it is None."""
    if within is None:
        yield from files
        return
    date, is_outside = glance.date(DATE_KEYS), glance.outside(within)
    for file in files:
        try:
            proven = date(walk.start_of(file))
        except OSError:  # to be told by whoever reads it in full
            proven = None
        if proven is None or not is_outside(proven):
            yield file
