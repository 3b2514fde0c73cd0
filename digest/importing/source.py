"""Sources of articles: the bytes of a file or an address, and the records in them.

Files are opened without waiting and read only where they are regular ones, so that a pipe or a device among them holds
nothing up. No source has more than MOST_BYTES.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from digest.errors import ImportingError
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


MOST_BYTES = 50 * 1024 * 1024
"""Largest source that is read, in bytes, unpacked."""

FEEDS = (".xml", ".rss", ".atom")
_POSTS = (".md", ".markdown")
KNOWN = (".jsonl", ".ndjson", ".csv", ".json", *FEEDS, *_POSTS)
"""Endings of the names of files that are read, in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The bytes of a source.

    *place* names it in messages. *ending* is that of its name in lower case (`.csv`), "" where none is known. *charset*
    is what a server says of its encoding, "" for files.
    """

    place: str
    data: bytes
    ending: str
    charset: str = ""


SHOWN = frozenset({"title", "excerpt", "topics", "provider"})
"""The archive's fields that readers see, which may hold HTML in any source but a text file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """One record as it stands in its source.

    *place* names it in messages, such as `export.jsonl:3`. *fields* are its values by the source's own names; *base*
    holds further ones that are known of all records of the source, and count where the record itself has none. *body*
    is the text below the fields of a post. *html* names those of the archive's fields whose values may be HTML, and
    `body` where that is. *path* is that of the file, which may tell its day, where it holds this record alone.
    """

    place: str
    fields: Mapping[str, Any]
    base: Mapping[str, Any]
    body: str = ""
    html: frozenset[str] = SHOWN
    path: str = ""


def of_file(path: str) -> Content:
    """Return the content of a file.

    Raises ImportingError where it cannot be read, has more than MOST_BYTES, or is a pipe or a device, which may never
    end.
    """
    try:
        # Without O_NONBLOCK, open() of a pipe waits until somebody opens it for writing. The check of the mode comes
        # after the opening, on the descriptor: before it, the file could be exchanged in between.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb", closefd=True) as handle:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise ImportingError(path, "is a pipe or a device", "write what it gives into a file and name that")
            # The size is read, not asked for: the file may be growing.
            data = handle.read(MOST_BYTES + 1)
    except OSError as error:
        raise ImportingError(path, f"cannot be read ({error.strerror})", "name another file") from error
    if len(data) > MOST_BYTES:
        raise too_large(path)
    return Content(place=path, data=data, ending=ending(path))


def too_large(place: str) -> ImportingError:
    """Return the error for a source with more than MOST_BYTES."""
    return ImportingError(place, f"has more than {MOST_BYTES:,} bytes", "split it")


def ending(name: str) -> str:
    """Return the ending of a file's name with its dot, in lower case; "" where it has none."""
    return os.path.splitext(name)[1].casefold()


def posts(folder: str) -> Iterator[str | Problem]:
    """Yield the paths of the Markdown files below *folder*, and a Problem for each folder that cannot be read.

    Each folder's files come in the order of their names, before those of the folders in it. Hidden names are left out,
    and links to folders are not followed, so that no link in a circle makes it endless.
    """
    # Not os.walk, which is recursive before Python 3.12: folders may be nested deeper than its stack.
    waiting = [folder]
    while waiting:
        start = waiting.pop()
        try:
            with os.scandir(start) as entries:
                listed = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
        except OSError as error:
            yield Problem(path=start, what=f"cannot be read ({error.strerror})")
            continue
        visible = [(os.path.join(start, name), is_folder) for name, is_folder in listed if not name.startswith(".")]
        yield from (path for path, is_folder in visible if not is_folder and ending(path) in _POSTS)
        waiting += [path for path, is_folder in reversed(visible) if is_folder]
