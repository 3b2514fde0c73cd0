"""Which files an archive holds, and their bytes. Knows the file system and its traps, not the format.

Never follows a link out of the archive, never waits for a pipe or a device, never reads more than it was told of a
file; what cannot be read is told and stops nothing. Written with os.scandir and os.open: on 10,000 files `pathlib` and
`open()` cost two to three times as much.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest import files
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SHORT = 64 * 1024
"""Bytes of a file that a first look reads."""

_NO_LINK = files.WITHOUT_WAITING | getattr(os, "O_NOFOLLOW", 0)


class Unfit(ValueError):
    """A file that is not read, and why."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The Markdown files that stand in one folder itself: *start* and a name make a path to open; names in order."""

    start: str
    names: list[str]


def listings(folder: str, trouble: Callable[[str, str], None]) -> Iterator[Listing]:
    """Yield what *folder* and every folder below it holds, and tell *trouble* (path, what) of what cannot be entered.

    Hidden names are left out, and links to folders are not followed. A folder may vanish meanwhile. Raises
    OSError where the program has run out of files.
    """
    waiting = [folder]  # not recursion: folders may be nested deeper than Python's stack
    while waiting:
        start = os.path.join(waiting.pop(), "")
        names: list[str] = []
        folders: list[str] = []
        try:
            with os.scandir(start) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.name)
                    elif entry.name.endswith(".md"):
                        names.append(entry.name)
        except OSError as error:
            if files.is_passing(error):
                raise
            trouble(start.rstrip(os.sep) or os.sep, f"cannot be read ({error.strerror})")
            continue
        waiting += [start + name for name in _usable(folders, start, trouble)]
        yield Listing(start, sorted(_usable(names, start, trouble)))


def _usable(names: list[str], start: str, trouble: Callable[[str, str], None]) -> list[str]:
    """Return *names* without the hidden ones and those that cannot be written down; these are told."""
    together = "/".join(names)  # one search for all, and a quick one where all is ASCII: hardly ever is there another
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
    """Return what *file* starts with: all of it where it is short. Nothing of a link; raises OSError."""
    descriptor = os.open(file, _NO_LINK)
    try:
        return os.read(descriptor, _SHORT)
    finally:
        os.close(descriptor)


def read_bytes(file: str, root: str, most: int) -> bytes:
    """Return the whole content of *file*, which is below the folder *root*. Raises OSError, and Unfit for a trap.

    A file of more than *most* bytes is one.
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
        while len(content) > status.st_size and len(content) <= most:  # it grows while it is read
            more = os.read(descriptor, most + 1 - len(content))
            if not more:
                break
            content += more
        return content
    finally:
        os.close(descriptor)


def _target(file: str, root: str) -> str:
    """Return where a link leads. Raises Unfit where that is outside *root*, or nowhere."""
    target = os.path.realpath(file)
    if os.path.islink(target):
        raise Unfit("is a link that goes round in circles")
    if not target.startswith(os.path.realpath(root).rstrip(os.sep) + os.sep):
        raise Unfit("is a link out of the archive; put the file itself there")
    return target
