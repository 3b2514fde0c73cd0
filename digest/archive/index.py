"""What a look at each file found, kept from run to run: a date, or that there is no telling. Knows no window.

    for each folder:  names │ stamps (mtime, ctime, size, inode of each) │ dates

A stamp that is the same means that the file is: a rewrite of the same length with its time set back still has another
ctime or inode. As in git's index a file that was touched within two seconds of the look is not trusted, since a clock
may not tell the next write from that one; nor is a link, whose target may change. Such files are looked at each time.

Nothing here is ever needed: an index that is missing, damaged or of another format is one that knows nothing, and of
two programs at once the last one's is kept, whole. See `kept` for where.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import time
from array import array
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from digest import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.archive.walk import Listing

_FORMAT = 1
"""To be raised when `glance` proves otherwise, or the layout changes."""

UNPROVEN = -1
"""In a date's place: the file has to be read in full."""
_UNSEEN = -2

_DOUBTFUL = (-1, -1, -1, -1)
"""The stamp of a file that is looked at each time."""
_TICK = 2_000_000_000
"""The coarsest clock of a file system, in nanoseconds."""

_KIND = 0o170000
"""The bits of a mode that say whether it is a file: S_ISREG() is a call more for each."""

_FEW = 1_000
"""Below so many files a look at each is as quick as an index."""


class _Known(NamedTuple):
    """A folder as it was when it was last looked at."""

    names: bytes
    stamps: bytes
    dates: bytes


class Index:
    """What is known of the files below one folder. Made for one run: `dates` for each listing, then `keep`."""

    def __init__(self, folder: str, keys: Sequence[str]) -> None:
        about = json.dumps([_FORMAT, sys.byteorder, os.path.realpath(folder), folder, list(keys)])
        self._name = f"archive-{hashlib.sha256(about.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.index"
        self._before = _unpacked(kept.load(self._name) or b"")
        self._after: dict[str, _Known] = {}
        self._files = 0
        self._trusted_until = time.time_ns() - _TICK

    def dates(self, listing: Listing, look: Callable[[str], int]) -> array[int]:
        """Return for each file of *listing* its proven date, or UNPROVEN; *look* says so of a file that is new."""
        names = "\0".join(listing.names).encode()
        stamps = _stamps(listing, self._trusted_until)
        known = self._before.get(listing.start)
        if known and known.names == names and known.stamps == stamps.tobytes():
            dates = array("q", known.dates)
        else:
            dates = _carried_over(listing, stamps, known)
        kept_dates = dates
        if _UNSEEN in dates:
            dates = array("q", dates)
            for number, date in enumerate(dates):
                if date == _UNSEEN:
                    dates[number] = look(listing.start + listing.names[number])
            kept_dates = array("q", dates)
            for number in range(len(dates)):
                if stamps[4 * number] == -1:
                    kept_dates[number] = _UNSEEN
        self._after[listing.start] = _Known(names, stamps.tobytes(), kept_dates.tobytes())
        self._files += len(listing.names)
        return dates

    def keep(self) -> None:
        """Keep what is known now for the next run, where that is worth it."""
        if self._files >= _FEW and self._after != self._before:
            kept.store(self._name, _packed(self._after))


def _stamps(listing: Listing, trusted_until: int) -> array[int]:
    """Return four numbers a file that are others as soon as it is written."""
    stamps = array("q")
    add, start, status_of = stamps.extend, listing.start, os.lstat
    for name in listing.names:
        try:
            status = status_of(start + name)
            written, changed = status.st_mtime_ns, status.st_ctime_ns
            if written < trusted_until > changed and status.st_mode & _KIND == stat.S_IFREG:
                add((written, changed, status.st_size, status.st_ino))
            else:
                add(_DOUBTFUL)
        except (OSError, OverflowError):  # it vanished; or a number beyond all bounds
            del stamps[len(stamps) - len(stamps) % 4 :]
            add(_DOUBTFUL)
    return stamps


def _carried_over(listing: Listing, stamps: array[int], known: _Known | None) -> array[int]:
    """Return the dates of the files that are as they were, and for the others that they are to be looked at."""
    dates = array("q", [_UNSEEN]) * len(listing.names)
    if known:
        places = {name: place for place, name in enumerate(known.names.decode().split("\0"))}
        before, seen = array("q", known.stamps), array("q", known.dates)
        for number, name in enumerate(listing.names):
            place = places.get(name, -1)
            if place >= 0 and before[4 * place : 4 * place + 4] == stamps[4 * number : 4 * number + 4]:
                dates[number] = seen[place]
    return dates


def _packed(folders: dict[str, _Known]) -> bytes:
    sizes = [[start, len(known.names), len(known.stamps), len(known.dates)] for start, known in folders.items()]
    return b"\n".join([json.dumps(sizes).encode(), b"".join(part for known in folders.values() for part in known)])


def _unpacked(content: bytes) -> dict[str, _Known]:
    """Return what `_packed` was given; nothing where there is nothing. What is damaged does not get here."""
    header, _, parts = content.partition(b"\n")
    folders, offset = {}, 0
    for start, *sizes in json.loads(header or b"[]"):
        ends = [offset + sum(sizes[:place]) for place in range(4)]
        folders[start] = _Known(*(parts[one:other] for one, other in pairwise(ends)))
        offset = ends[-1]
    return folders
