"""Index of proven dates, kept from run to run, so that only new and changed files are looked at.

    for each folder:  names │ stamps (mtime, ctime, size, inode of each) │ dates

An unchanged stamp means an unchanged file: a rewrite of the same length with its time set back still has another ctime
or inode. As in git's index, a file that was touched within two seconds of the look is not trusted, since a clock may
not tell the next write from that one; nor is a link, whose target may change. Such files are looked at each time.

Dates are kept, not whether a file lies in some window, so the index holds for every week. It is one file of arrays and
no database: an unchanged folder is one comparison of bytes.

The index is never needed: one that is missing, damaged or of another format knows nothing, and of two programs at once
the last one's stays, whole. `cache` says where it lies.
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

from digest import cache, steps
from digest.archive.spread import over_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.archive.walk import Listing

_FORMAT = 2
"""To be raised when `dateproof` proves otherwise, or the layout changes; older indexes then count as none."""

UNPROVEN = -1
"""In a date's place: the file has to be read in full."""

_UNSEEN = -2
"""In a date's place: the file has to be looked at."""

_DOUBTFUL = (-1, -1, -1, -1)
"""The stamp of a file that is looked at each time."""

# FAT keeps times in steps of two seconds; no file system in use is coarser.
_TICK = 2_000_000_000
"""The coarsest clock of a file system, in nanoseconds."""

# Compared by hand, since stat.S_ISREG() would be one more call for each of 100,000 files.
_KIND = 0o170000
"""The bits of a mode that tell the kind of a file (S_IFMT)."""

_FEW = 1_000
"""Files below which there is no index: a look at each is as quick."""

# Measured (docs/speed.md): below these, starting children and passing results on costs more than it saves.
_WORTH_ASKING, _WORTH_LOOKING = 20_000, 8_000
"""Files for each core that make a fork worth while: to ask for their stamps, and to look into them."""


class _Known(NamedTuple):
    """A folder as it was when it was last looked at.

    *names* are those of its files, in order, parted by NUL; *stamps* four and *dates* one integer a file, as bytes.
    """

    names: bytes
    stamps: bytes
    dates: bytes


class Index:
    """The proven dates of the files below one folder, for one run: call `dates` with its listings, then `keep`.

    *basis* is all that dates are proven by beside the files: names of keys, the zone. Another has an index of its own,
    and so has the same folder under another name, since entries are found by the path of their folder.
    """

    def __init__(self, folder: str, basis: Sequence[str]) -> None:
        about = json.dumps([_FORMAT, sys.byteorder, os.path.realpath(folder), folder, list(basis)])
        self._name = f"archive-{hashlib.sha256(about.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.index"
        self._before = _unpacked(cache.load(self._name) or b"")
        self._after: dict[str, _Known] = {}
        self._files = 0
        # Taken before any file is asked for its times, so that a write in the middle of the run is not trusted.
        self._trusted_until = time.time_ns() - _TICK

    def dates(self, listings: Sequence[Listing], look: Callable[[str], int]) -> list[array[int]]:
        """Return for each listing the proven dates of its files, in their order, UNPROVEN where there is none.

        *look* gives the date of a path; it is called once for each file that is new, changed or not trusted.
        """
        files = [listing.start + name for listing in listings for name in listing.names]
        stamps = over_cores(partial(_stamps, trusted_until=self._trusted_until), files, worth=_WORTH_ASKING)
        ends = accumulate((len(listing.names) for listing in listings), initial=0)
        each = [stamps[4 * start : 4 * end] for start, end in pairwise(ends)]
        # Joined into one text: whether a folder is unchanged is a single comparison of bytes, whatever its size.
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
        """Put the dates in *looked* into *dates*, where they are missing, and remember the folder for `keep`."""
        # A doubtful file's date serves this run; the index gets "unseen", so that the next run looks again.
        to_keep = array("q", dates)
        if _UNSEEN in dates:
            for number, date in enumerate(dates):
                if date == _UNSEEN:
                    dates[number] = next(looked)
                    to_keep[number] = _UNSEEN if stamps[4 * number] == _DOUBTFUL[0] else dates[number]
        self._after[listing.start] = _Known(names, stamps.tobytes(), to_keep.tobytes())
        self._files += len(listing.names)

    def _known(self, listing: Listing, names: bytes, stamps: array[int]) -> array[int]:
        """Return the dates of a folder's files: as kept where the stamp is the same, else _UNSEEN."""
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
        """Write the index for the next run, where there are enough files and something has changed."""
        if self._files >= _FEW and self._after != self._before:
            cache.store(self._name, _packed(self._after))


def _stamps(files: Sequence[str], trusted_until: int) -> array[int]:
    """Return the stamps of *files*: mtime, ctime, size and inode of each, or _DOUBTFUL.

    A file is doubtful that is no regular one, was touched after *trusted_until* (nanoseconds), or has vanished.
    """
    stamps = array("q")
    # Methods are looked up once: the loop runs for every file of the archive in every build, even if nothing has
    # changed.
    add, status_of = stamps.extend, os.lstat
    for file in files:
        try:
            status = status_of(file)
            written, changed = status.st_mtime_ns, status.st_ctime_ns
            if written < trusted_until > changed and status.st_mode & _KIND == stat.S_IFREG:
                add((written, changed, status.st_size, status.st_ino))
            else:
                add(_DOUBTFUL)
        # The file has vanished, or a number does not fit into 64 bits. Then some of the four may be in the array
        # already: extend() adds one after the other.
        except (OSError, OverflowError):
            del stamps[len(stamps) - len(stamps) % 4 :]
            add(_DOUBTFUL)
    return stamps


def _looked(files: Sequence[str], look: Callable[[str], int]) -> array[int]:
    """Return the date of each file, for `over_cores`."""
    return array("q", map(look, steps.each(files, "looking at dates")))


def _packed(folders: dict[str, _Known]) -> bytes:
    """Return an index as bytes: a line of JSON with each folder's path and sizes, then all their parts in a row."""
    sizes = [[start, len(entry.names), len(entry.stamps), len(entry.dates)] for start, entry in folders.items()]
    return b"\n".join([json.dumps(sizes).encode(), b"".join(part for entry in folders.values() for part in entry)])


def _unpacked(content: bytes) -> dict[str, _Known]:
    """Return what `_packed` was given; an empty index for no bytes.

    Damaged bytes do not get here: `cache` holds them back by its checksum.
    """
    ends_at = content.find(b"\n")
    folders, offset = {}, ends_at + 1
    for start, *sizes in json.loads(content[:ends_at]) if content else ():
        ends = [offset + sum(sizes[:place]) for place in range(4)]
        folders[start] = _Known(*(content[begin:other] for begin, other in pairwise(ends)))
        offset = ends[-1]
    return folders
