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
from functools import partial
from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

from digest import cache
from digest.archive.spread import over_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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

_WORTH_ASKING, _WORTH_LOOKING = 20_000, 8_000
"""Files for each core that are worth a fork: to ask for their times, and to look into them (docs/speed.md)."""


class _Known(NamedTuple):
    """A folder as it was when it was last looked at."""

    names: bytes
    stamps: bytes
    dates: bytes


class Index:
    """What is known of the files below one folder. Made for one run: `dates` of its listings, then `keep`."""

    def __init__(self, folder: str, keys: Sequence[str]) -> None:
        about = json.dumps([_FORMAT, sys.byteorder, os.path.realpath(folder), folder, list(keys)])
        self._name = f"archive-{hashlib.sha256(about.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.index"
        self._before = _unpacked(cache.load(self._name) or b"")
        self._after: dict[str, _Known] = {}
        self._files = 0
        self._trusted_until = time.time_ns() - _TICK

    def dates(self, listings: Sequence[Listing], look: Callable[[str], int]) -> list[array[int]]:
        """Return for each file of each listing its proven date, or UNPROVEN; *look* says so of a file that is new."""
        files = [listing.start + name for listing in listings for name in listing.names]
        stamps = over_cores(partial(_stamps, trusted_until=self._trusted_until), files, worth=_WORTH_ASKING)
        ends = accumulate((len(listing.names) for listing in listings), initial=0)
        each = [stamps[4 * start : 4 * end] for start, end in pairwise(ends)]
        names = ["\0".join(listing.names).encode() for listing in listings]
        entries = [self._known(*each_folder) for each_folder in zip(listings, names, each, strict=True)]
        dates = chain.from_iterable(entries)
        new = [file for file, date in zip(files, dates, strict=True) if date == _UNSEEN]
        looked = iter(over_cores(partial(_looked, look=look), new, worth=_WORTH_LOOKING))
        for each_folder in zip(listings, names, each, entries, strict=True):
            self._note(*each_folder, looked)
        return entries

    def _note(
        self, listing: Listing, names: bytes, stamps: array[int], dates: array[int], looked: Iterator[int]
    ) -> None:
        """Put what was looked at into *dates*, and keep in mind what may be trusted."""
        to_keep = array("q", dates)
        if _UNSEEN in dates:
            for number, date in enumerate(dates):
                if date == _UNSEEN:
                    dates[number] = next(looked)
                    to_keep[number] = _UNSEEN if stamps[4 * number] == _DOUBTFUL[0] else dates[number]
        self._after[listing.start] = _Known(names, stamps.tobytes(), to_keep.tobytes())
        self._files += len(listing.names)

    def _known(self, listing: Listing, names: bytes, stamps: array[int]) -> array[int]:
        """Return the dates of the files that are as they were, and for the others that they are to be looked at."""
        entry = self._before.get(listing.start)
        if entry and entry.stamps == stamps.tobytes() and entry.names == names:
            return array("q", entry.dates)
        dates = array("q", [_UNSEEN]) * len(listing.names)
        if entry:
            places = {name: place for place, name in enumerate(entry.names.decode().split("\0"))}
            before, seen = array("q", entry.stamps), array("q", entry.dates)
            for number, name in enumerate(listing.names):
                place = places.get(name, -1)
                if place >= 0 and before[4 * place : 4 * place + 4] == stamps[4 * number : 4 * number + 4]:
                    dates[number] = seen[place]
        return dates

    def keep(self) -> None:
        """Keep what is known now for the next run, where that is worth it."""
        if self._files >= _FEW and self._after != self._before:
            cache.store(self._name, _packed(self._after))


def _stamps(files: Sequence[str], trusted_until: int) -> array[int]:
    """Return four numbers a file that are others as soon as it is written."""
    stamps = array("q")
    add, status_of = stamps.extend, os.lstat
    for file in files:
        try:
            status = status_of(file)
            written, changed = status.st_mtime_ns, status.st_ctime_ns
            if written < trusted_until > changed and status.st_mode & _KIND == stat.S_IFREG:
                add((written, changed, status.st_size, status.st_ino))
            else:
                add(_DOUBTFUL)
        except (OSError, OverflowError):  # it vanished; or a number beyond all bounds
            del stamps[len(stamps) - len(stamps) % 4 :]
            add(_DOUBTFUL)
    return stamps


def _looked(files: Sequence[str], look: Callable[[str], int]) -> array[int]:
    return array("q", map(look, files))


def _packed(folders: dict[str, _Known]) -> bytes:
    sizes = [[start, len(entry.names), len(entry.stamps), len(entry.dates)] for start, entry in folders.items()]
    return b"\n".join([json.dumps(sizes).encode(), b"".join(part for entry in folders.values() for part in entry)])


def _unpacked(content: bytes) -> dict[str, _Known]:
    """Return what `_packed` was given; nothing where there is nothing. What is damaged does not get here."""
    ends_at = content.find(b"\n")
    folders, offset = {}, ends_at + 1
    for start, *sizes in json.loads(content[:ends_at]) if content else ():
        ends = [offset + sum(sizes[:place]) for place in range(4)]
        folders[start] = _Known(*(content[begin:other] for begin, other in pairwise(ends)))
        offset = ends[-1]
    return folders
