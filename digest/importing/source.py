"""What articles are read from: the bytes of a file or a URL, and the records in them."""

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
"""Largest source that is read, unpacked."""

FEEDS = (".xml", ".rss", ".atom")
_POSTS = (".md", ".markdown")
KNOWN = (".jsonl", ".ndjson", ".csv", ".json", *FEEDS, *_POSTS)
"""Endings of the names of files that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A source's bytes. *place* names it to the user, *ending* is `.csv` and the like, *charset* what a server says."""

    place: str
    data: bytes
    ending: str
    charset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """One record as it was found: *place* is where, *base* what is known of all records of its source."""

    place: str
    fields: Mapping[str, Any]
    base: Mapping[str, Any]


def of_file(path: str) -> Content:
    """Return what a file holds. Raises ImportingError, also for a pipe or a device, which might never end."""
    try:
        # Without O_NONBLOCK the opening of a pipe waits for somebody who writes into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb", closefd=True) as handle:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise ImportingError(path, "is a pipe or a device", "write what it gives into a file and name that")
            data = handle.read(MOST_BYTES + 1)
    except OSError as error:
        raise ImportingError(path, f"cannot be read ({error.strerror})", "name another file") from error
    if len(data) > MOST_BYTES:
        raise too_large(path)
    return Content(place=path, data=data, ending=ending(path))


def too_large(place: str) -> ImportingError:
    """Return the error for a source of more than MOST_BYTES."""
    return ImportingError(place, f"has more than {MOST_BYTES:,} bytes", "split it")


def ending(name: str) -> str:
    """Return `.csv` and the like, in lower case."""
    return os.path.splitext(name)[1].casefold()


def posts(folder: str) -> Iterator[str | Problem]:
    """Yield the Markdown files below *folder*, each folder's in order of their names, and which folders cannot be read.

    Hidden names are left out and links to folders are not followed.
    """
    waiting = [
        folder
    ]  # not os.walk, which is recursive before Python 3.12: folders may be nested deeper than its stack
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
