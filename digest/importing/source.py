"""Sources of articles: the bytes of a file or an address, and the records in them.

Files are opened without waiting and read only where they are regular ones, so that a pipe or a device among them holds
nothing up. No source has more than MOST_BYTES.
"""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from digest import files
from digest.errors import ImportingError
from digest.model import Problem
from digest.records import filenames

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


MOST_BYTES = 50 * 1024 * 1024
"""Largest source that is read, in bytes, unpacked."""

STANDARD_INPUT = "-"
"""The name of the source that is read from standard input."""

FEEDS = (".xml", ".rss", ".atom", ".rdf")
TABLES = (".csv", ".tsv")
POSTS = (".md", ".markdown", ".mdx")
KNOWN = (".jsonl", ".ndjson", *TABLES, ".json", *FEEDS, ".opml", ".html", *POSTS)
"""Endings of the names of files that are read, in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The bytes of a source.

    *place* names it in messages. *ending* is that of its name in lower case (`.csv`), "" where none is known. *charset*
    is what a server or the user says of its encoding, *address* where it came from, without a password; "" for files.
    """

    place: str
    data: bytes
    ending: str
    charset: str = ""
    address: str = ""


HTML = frozenset({"excerpt", "body"})
"""What is HTML in the records of most services that have any; titles are text in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """One record as it stands in its source.

    *place* names it in messages, such as `export.jsonl:3`. *fields* are its values by the source's own names, or by
    ours where the source is a service whose names mean something else; *base* holds further ones that are known of all
    records of the source, and count where the record itself has none. *body* is the text below the fields of a post.
    *html* names those of the archive's fields that the source declares to be HTML, and `body` where that is; *text*
    those that it declares to be text; of others their looks decide. *path* is that of the file, which may tell its day,
    where it holds this record alone. *remarks* say of a field of ours why the record lacks it, for the message about
    that.
    """

    place: str
    fields: Mapping[str, Any]
    base: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""
    html: frozenset[str] = frozenset()
    text: frozenset[str] = frozenset()
    path: str = ""
    remarks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A record that is no published article, and what it is instead, in one English word such as `draft` or `page`."""

    kind: str


def of_file(path: str, charset: str = "") -> Content:
    """Return the content of a file; of standard input where *path* is `-`. *charset* is its encoding, if one knows it.

    Raises ImportingError where it cannot be read, has more than MOST_BYTES, or is a pipe or a device, which may never
    end.
    """
    if path == STANDARD_INPUT:
        return Content(
            place="standard input", data=_bounded(sys.stdin.buffer, "standard input"), ending="", charset=charset
        )
    try:
        with os.fdopen(files.open_descriptor(path), "rb") as handle:
            # Asked of the open file, not of the path, behind which another file may stand by now.
            if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
                raise ImportingError(path, "is a pipe or a device", "write what it gives into a file and name that")
            data = _bounded(handle, path)
    except OSError as error:
        raise ImportingError(path, f"cannot be read ({error.strerror})", "name another file") from error
    return Content(place=path, data=data, ending=ending(path), charset=charset)


def _bounded(handle: BinaryIO, place: str) -> bytes:
    """Return all that is left in an open file. Raises ImportingError where that is more than MOST_BYTES."""
    # The size is read, not asked for: the file may be growing, and a pipe has none.
    data = handle.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise too_large(place)
    return data


def too_large(place: str) -> ImportingError:
    """Return the error for a source with more than MOST_BYTES."""
    return ImportingError(place, f"has more than {MOST_BYTES:,} bytes", "split it")


def ending(name: str) -> str:
    """Return the ending of a file's name with its dot, in lower case; "" where it has none."""
    return os.path.splitext(name)[1].casefold()


def posts(folder: str) -> Iterator[str | Problem]:
    """Yield the paths of the files of articles below *folder*, and a Problem for each folder that cannot be read.

    Each folder's files come in the order of their names, before those of the folders in it. Hidden names and folders
    that hold no articles are left out (`records.filenames`), and links to folders are not followed, so that no link in
    a circle makes it endless.
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
        yield from (
            path for path, is_folder in visible if not is_folder and filenames.is_article(os.path.basename(path))
        )
        waiting += [
            path for path, is_folder in reversed(visible) if is_folder and filenames.is_archive(os.path.basename(path))
        ]
