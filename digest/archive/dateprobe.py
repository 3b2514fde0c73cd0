"""Selection of the files that may matter to a window: those whose date is proven to lie outside it need no parser.

`dateproof` says what is proven of a file, and `index` keeps it for the next run.
"""

from __future__ import annotations

import os
import zlib
import zoneinfo
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from digest.archive import dateproof, walk
from digest.archive.dateproof import Prover
from digest.archive.index import UNPROVEN, Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from digest.archive.walk import Listing
    from digest.config.values import FieldPlan
    from digest.model import Window


def outside(window: Window) -> Callable[[int], bool]:
    """Return a function from a proven date to whether it lies outside *window*."""
    first, after = dateproof.seconds(window.starts_at), dateproof.seconds(window.ends_at)
    return lambda moment: not first <= moment < after


def below(
    folder: str, prefix: str, listings: Iterable[Listing], within: Window | None, plan: FieldPlan
) -> Iterator[tuple[int, list[str]]]:
    """Yield for each of *listings* how many files it has, and the paths of those that may matter to *within*.

    All of them may where that is None. *folder* is what the listings lie below, and *prefix* what stands before the
    names of its articles; its index is read and kept. *plan* says what fields are called, and the zone of days.
    """
    if within is None:
        yield from ((len(listing.names), [listing.start + name for name in listing.names]) for listing in listings)
        return
    every = list(listings)
    prover = Prover(plan)
    zones = [_rules(plan.zone), _rules(plan.clock or plan.zone)]
    is_outside, index = outside(within), Index(folder, [*prover.basis, *zones, prefix])
    for listing, dates in zip(every, index.dates(every, _look(prover, folder, prefix)), strict=True):
        inside = [
            listing.start + name
            for name, date in zip(listing.names, dates, strict=True)
            if date == UNPROVEN or not is_outside(date)
        ]
        yield len(listing.names), inside
    index.keep()


def at(file: str, path: str, within: Window | None, plan: FieldPlan) -> bool:
    """Whether *file* may matter to *within*; any does where that is None. *path* is the name of its article.

    The index is neither asked nor changed.
    """
    if within is None:
        return True
    date = _date(Prover(plan), file, path)
    return date == UNPROVEN or not outside(within)(date)


def _look(prover: Prover, folder: str, prefix: str) -> Callable[[str], int]:
    """Return a function from a file's path to its proven date, or UNPROVEN."""
    skip = len(os.path.join(folder, ""))
    return lambda file: _date(prover, file, prefix + file[skip:].replace(os.sep, "/"))


def _date(prover: Prover, file: str, path: str) -> int:
    """Return the date that is proven of *file*, or UNPROVEN.

    UNPROVEN is also the answer for a file that cannot be read: it is opened again in full, and then reported.
    """
    try:
        date = prover.date(walk.start_of(file), path)
    except OSError:
        return UNPROVEN
    return UNPROVEN if date is None else date


@lru_cache
def _rules(zone: str) -> str:
    """Return a checksum of the rules of a time zone: with other rules, a day begins at another moment."""
    for folder in zoneinfo.TZPATH:
        try:
            return f"{zlib.crc32(Path(folder, zone).read_bytes()):x}"
        except OSError:
            continue
    # Where the system has none, they are those of the package.
    from importlib import metadata  # noqa: PLC0415 - takes a tenth of a build to load, and few systems have none

    return metadata.version("tzdata")
