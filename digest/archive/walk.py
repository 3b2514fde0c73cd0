"""The files of articles below an archive's folder, and their bytes, past the traps of a file system.

No link is followed out of the archive, no pipe or device is waited for, and no more is read of a file than was asked
for. What cannot be read is reported and stops nothing.

Written with os.scandir and os.open: on 10,000 files pathlib and open() cost two to three times as much.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest import files
from digest.records import filenames
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SHORT = 64 * 1024
"""Bytes of a file that a first look reads: the whole of an ordinary one."""

# With O_NOFOLLOW the system itself refuses a link (ELOOP). A look first with islink() is one more call a file, and the
# file could become a link in between.
_NO_LINK = files.WITHOUT_WAITING | getattr(os, "O_NOFOLLOW", 0)


class Unfit(ValueError):
    """A file that is not read, and why, in words that follow its path."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of articles directly in one folder.

    *start* is the folder's path with a separator at its end, so that *start* and a name make a path; *names* are
    sorted.
    """

    start: str
    names: list[str]


def listings(folder: str, trouble: Callable[[str, str], None], passed: Counter[str] | None = None) -> Iterator[Listing]:
    """Yield a listing of *folder* and of each folder below it, the deepest at any depth.

    *trouble* is called with a path and what is wrong there, for each folder that cannot be entered and each name that
    cannot be written down. Hidden names are left out, and links to folders are not followed. What else is passed over
    is counted in *passed*, by its kind (`filenames.passed_over`). A folder that vanishes meanwhile is one that cannot
    be entered. Raises OSError where the program has run out of files or memory.
    """
    # Not recursion: folders may be nested deeper than Python's stack.
    waiting = [folder]
    counts = Counter[str]() if passed is None else passed
    while waiting:
        start = os.path.join(waiting.pop(), "")
        names: list[str] = []
        folders: list[str] = []
        try:
            with os.scandir(start) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.name)
                    elif filenames.is_article(entry.name):
                        names.append(entry.name)
                    elif kind := _kind(entry):
                        counts[kind] += 1
        except OSError as error:
            if files.is_passing(error):
                raise
            trouble(start.rstrip(os.sep) or os.sep, f"cannot be read ({error.strerror})")
            continue
        for name in _usable(folders, start, trouble):
            if filenames.is_archive(name):
                waiting.append(start + name)
            else:
                counts[name] += 1
        yield Listing(start, sorted(_usable(names, start, trouble)))


def _kind(entry: os.DirEntry[str]) -> str:
    """Return what an entry that holds no article is called among what is passed over; "" for what nobody misses."""
    if entry.is_symlink() and not entry.name.startswith("."):
        try:
            return filenames.LINK if entry.is_dir() else ""
        except OSError:
            return ""
    return filenames.kind_of_text(entry.name)


def _usable(names: list[str], start: str, trouble: Callable[[str, str], None]) -> list[str]:
    """Return *names* without the hidden ones and those that cannot be written down, which *trouble* is told of."""
    # One search for all names at once, joined by what no name can hold, and a quick one where all are ASCII, as they
    # nearly always are: a search for each of 100,000 names can be measured.
    together = "/".join(names)
    if together.startswith(".") or "/." in together:
        names = [name for name in names if not name.startswith(".")]
        together = "/".join(names)
    if (together.isascii() and together.isprintable()) or sanitize.is_printable(together):
        return names
    for name in names:
        if not sanitize.is_printable(name):
            trouble(start + ascii(name)[1:-1], "its name is not UTF-8 or holds control characters; rename it")
    return [name for name in names if sanitize.is_printable(name)]


def start_of(file: str) -> bytes:
    """Return the first 64 KB of *file*, at most. Raises OSError, for a link as well.

    Not checked for being a regular file, which would be one more call for each: of a pipe nothing comes, as it was
    opened without waiting, and a device only has its first bytes read.
    """
    descriptor = os.open(file, _NO_LINK)
    try:
        return os.read(descriptor, _SHORT)
    finally:
        os.close(descriptor)


def read_bytes(file: str, root: str, most: int) -> bytes:
    """Return the whole content of *file*, which is below the folder *root*.

    A link is followed where it leads to a file below *root*. Raises Unfit for any other link and for a file of more
    than *most* bytes, files.NotAFile for what is no regular file, and OSError.
    """
    try:
        descriptor = files.open_descriptor(file, _NO_LINK)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        descriptor = files.open_descriptor(_target(file, root))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise files.not_a_file(status.st_mode, file)
        if status.st_size > most:
            raise Unfit(f"has {status.st_size:,} bytes; more than {most:,} are not read")
        content = os.read(descriptor, status.st_size + 1)
        # One byte more than the size was asked for; if it came, the file is growing, and is read until it stands still
        # or reaches the limit.
        while len(content) > status.st_size and len(content) <= most:
            more = os.read(descriptor, most + 1 - len(content))
            if not more:
                break
            content += more
        return content
    finally:
        os.close(descriptor)


def _target(file: str, root: str) -> str:
    """Return where a link leads. Raises Unfit where that is outside *root*, or round in circles."""
    # realpath() gives up at a circle and returns a path that is still a link.
    target = os.path.realpath(file)
    if os.path.islink(target):
        raise Unfit("is a link that goes round in circles")
    if not target.startswith(os.path.realpath(root).rstrip(os.sep) + os.sep):
        raise Unfit("is a link out of the archive; put the file itself there")
    return target
