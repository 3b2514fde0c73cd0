"""Which files an archive holds, and their bytes. Knows the file system and its traps, not the format.

Never follows a link out of the archive, never waits for a pipe or a device, never reads more than `MOST_BYTES` of a
file; what cannot be read is told and stops nothing. Written with os.scandir and os.open: on 10,000 files `pathlib` and
`open()` cost two to three times as much.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from digest import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_BYTES = 1024 * 1024
"""Largest file that is read; real articles have 2 to 20 thousand bytes."""

_ALONE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_LINK = _ALONE | getattr(os, "O_NOFOLLOW", 0)
"""How files are opened: a pipe nobody writes to must not hold up the build."""


class Unfit(ValueError):
    """A file that is not read, and why."""


def markdown_files(folder: str, trouble: Callable[[str, str], None]) -> Iterator[str]:
    """Yield every `*.md` file below *folder* in a fixed order, and tell *trouble* (path, what) of what it cannot enter.

    Hidden names are left out, and links to folders are not followed. A folder may vanish meanwhile.
    """
    waiting = [iter([folder])]  # not recursion: folders may be nested deeper than Python's stack
    while waiting:
        path = next(waiting[-1], None)
        if path is None:
            waiting.pop()
        elif path.endswith(os.sep) or path == folder:
            waiting.append(_inside(path, trouble))
        else:
            yield path


def _inside(folder: str, trouble: Callable[[str, str], None]) -> Iterator[str]:
    """Yield what a folder holds, in order: folders with a separator at the end, and Markdown files."""
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        trouble(folder, f"cannot be read ({error.strerror})")
        return
    for entry in ordered:
        if entry.name.startswith("."):
            continue
        path = os.path.join(folder, entry.name)
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder and not entry.name.endswith(".md"):
            continue
        if not clean.is_printable(entry.name):
            shown = os.path.join(folder, ascii(entry.name)[1:-1])
            trouble(shown, "its name is not UTF-8 or holds control characters; rename it")
        else:
            yield path + os.sep if is_folder else path


def read_bytes(file: str, root: str) -> bytes:
    """Return the whole content of *file*, which is below the folder *root*. Raises OSError, and Unfit for a trap."""
    try:
        descriptor = os.open(file, _NO_LINK)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        descriptor = os.open(_target(file, root), _ALONE)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Unfit("is a pipe or a device, not a file")
        if status.st_size > MOST_BYTES:
            raise Unfit(f"has {status.st_size:,} bytes; more than {MOST_BYTES:,} are not read")
        content = os.read(descriptor, status.st_size + 1)
        while len(content) > status.st_size and len(content) <= MOST_BYTES:  # it grows while it is read
            more = os.read(descriptor, MOST_BYTES + 1 - len(content))
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
