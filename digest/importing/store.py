"""Articles as files of a folder: never over another file, never half, never twice.

Two imports may write into one folder at once. Each file appears whole under a name that nobody had, in one step of the
file system, so that neither import can write over what the other has just written.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import sys
import tempfile
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from digest.errors import OutputError
from digest.files import umask
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.importing.shape import Found


_FILE = re.compile(r"(?P<stem>.+?)(?:-(?P<number>[2-9]|[1-9]\d{1,8}))?\.md")
_OPEN_FILES = "/proc/self/fd"

_MOST_READ = 1024 * 1024
"""Bytes of a file in which its address is looked for; ours are a thousandth of that."""


@dataclass(slots=True)
class _Namesakes:
    """The articles of one name: which numbers are taken, which addresses they have, and the number to try next."""

    unread: set[int] = field(default_factory=set)
    addresses: set[bytes] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    free: int = 1


class Store:
    """A folder that articles are written into; with *dry_run* nothing is written, and all is counted alike."""

    def __init__(self, folder: str, *, dry_run: bool = False) -> None:
        self._folder, self._dry_run = folder, dry_run
        self._names: dict[str, _Namesakes] = {}
        # The folder is listed once and a file read at most once: six thousand titles without a Latin letter on one day
        # all have one name, and looking through them anew for each took minutes.
        for stem, number in self._listed():
            self._namesakes(stem).unread.add(number)

    def add(self, article: Found) -> bool:
        """Write an article, unless it is there: the same name and address, perhaps other words or heat by now.

        Return whether it is new. Raises OutputError.
        """
        stem, content = file_name(article), file_content(article)
        namesakes, address = self._read(stem), address_line(content)
        if address in namesakes.addresses:
            return False
        while True:
            while namesakes.free in namesakes.taken:
                namesakes.free += 1
            number = namesakes.free
            namesakes.taken.add(number)
            if self._dry_run or self._write(self._path(stem, number), content):
                namesakes.addresses.add(address)
                return True
            # Another import has just taken that name, maybe with this very article.
            namesakes.addresses.add(self._address(self._path(stem, number)))
            if address in namesakes.addresses:
                return False

    def _listed(self) -> Iterator[tuple[str, int]]:
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._failed(self._folder, error) from error
        for name in names:
            if match := _FILE.fullmatch(name):
                # `a-2.md` may be the second `a`, or the first of an article called `a 2`.
                yield name.removesuffix(".md"), 1
                if match["number"]:
                    yield match["stem"], int(match["number"])

    def _namesakes(self, stem: str) -> _Namesakes:
        return self._names.setdefault(stem, _Namesakes())

    def _read(self, stem: str) -> _Namesakes:
        """Return the articles of a name, read where they were not."""
        namesakes = self._namesakes(stem)
        for number in namesakes.unread:
            namesakes.addresses.add(self._address(self._path(stem, number)))
        namesakes.taken |= namesakes.unread
        namesakes.unread.clear()
        namesakes.addresses.discard(b"")
        return namesakes

    def _path(self, stem: str, number: int) -> str:
        return os.path.join(self._folder, f"{stem}.md" if number == 1 else f"{stem}-{number}.md")

    def _address(self, path: str) -> bytes:
        """Return the line with the address in a file, b"" where it is no article: a folder, a pipe, a dangling link."""
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
            with os.fdopen(descriptor, "rb") as handle:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    return address_line(handle.read(_MOST_READ))
        return b""

    def _write(self, path: str, content: bytes) -> bool:
        """Write a new file, whole, and return True; False where there is something of that name by now."""
        try:
            os.makedirs(self._folder, exist_ok=True)
            return _write_new(self._folder, path, content)
        except OSError as error:
            raise self._failed(path, error) from error

    @staticmethod
    def _failed(path: str, error: OSError) -> OutputError:
        return OutputError(path, f"cannot be written ({error.strerror})", "make room or choose another folder")


def _write_new(folder: str, path: str, content: bytes) -> bool:
    """Write a file whole, and return whether its name was free."""
    if sys.platform == "linux":
        # Whatever is wrong is met again below, and told there: many file systems and sandboxes lack some part of this.
        with contextlib.suppress(OSError):
            return _write_unnamed(folder, path, content)
    return _write_hidden(folder, path, content)


def _write_unnamed(folder: str, path: str, content: bytes) -> bool:
    """Write a file that has no name before it is on the disk, so that a kill leaves nothing behind."""
    above = os.open(folder, os.O_RDONLY)
    try:
        with os.fdopen(os.open(folder, os.O_WRONLY | os.O_TMPFILE, 0o666), "wb") as handle:
            _write_through(handle, content)
            # Only where it is given a folder, even one that does not matter, does Python ask linkat() to follow a link.
            os.link(f"{_OPEN_FILES}/{handle.fileno()}", path, src_dir_fd=above, follow_symlinks=True)
    except FileExistsError:
        return False
    finally:
        os.close(above)
    return True


def _write_hidden(folder: str, path: str, content: bytes) -> bool:
    """Write a file under a hidden name and give it its own as well."""
    place, working = tempfile.mkstemp(prefix=".import-", suffix=".new", dir=folder)
    try:
        with os.fdopen(place, "wb") as handle:
            _write_through(handle, content)
        os.chmod(working, 0o666 & ~umask())
        _link(working, path)
    except FileExistsError:
        return False
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(working)
    return True


def _write_through(handle: BinaryIO, content: bytes) -> None:
    handle.write(content)
    handle.flush()
    os.fsync(handle.fileno())


def _link(working: str, path: str) -> None:
    try:
        os.link(working, path)
    except FileExistsError:
        raise
    except OSError:
        # No hard links on this file system: the name is taken first, by an empty file, and then the file put there.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        os.replace(working, path)


_LONGEST = 80


def file_name(article: Found) -> str:
    """Return `2020-11-09-title-in-letters`, without an ending: ASCII letters, digits and hyphens only.

    Articles of a day whose titles have no such letters all have the same name, and are told apart by a number.
    """
    letters = unicodedata.normalize("NFKD", article.title).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_LONGEST].rstrip("-")
    return f"{article.at.date().isoformat()}-{slug or 'article'}"


def file_content(article: Found) -> bytes:
    """Return the file's bytes; each text is quoted, so that it is read back as it was."""
    provider = {"name": _safe(article.provider), **({"domain": article.domain} if article.domain else {})}
    fields: dict[str, object] = {
        "title": _safe(article.title),
        "excerpt": _safe(article.excerpt),
        # Not strftime, which writes years before 1000 without their zeros on Linux.
        "publishedDateTime": f"{article.at.replace(microsecond=0, tzinfo=None).isoformat()}Z",
        "webUrl": article.url,
        "heat": article.heat,
        "quality": article.quality,
        "published": None if article.published else False,
        "language": article.language,
        "provider": provider,
        "topics": [_safe(topic) for topic in article.topics],
        "images": [{"url": article.image}] if article.image else None,
    }
    lines = [f"{key}: {_written(key, value)}" for key, value in fields.items() if value not in (None, "", [])]
    return "\n".join(["---", *lines, "---", ""]).encode()


def address_line(content: bytes) -> bytes:
    """Return the line of a file of ours that holds its article's address, b"" where none does."""
    match = re.search(rb"^webUrl: .*$", content, re.MULTILINE)
    return match[0].rstrip() if match else b""


def _safe(text: str) -> str:
    """Return words that the reader, who decodes entities once, reads as they are."""
    return text if sanitize.unescaped(text) == text else text.replace("&", "&amp;")


def _written(key: str, value: object) -> str:
    """The date stays bare, so that a look can prove it; everything else is JSON, which is YAML."""
    return str(value) if key == "publishedDateTime" else json.dumps(value, ensure_ascii=False)
