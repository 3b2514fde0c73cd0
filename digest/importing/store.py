"""Articles written into a folder of the archive, one Markdown file each.

Guarantees, also where several imports write into one folder at once, or one is killed:

- no file is overwritten: an article's file appears under a name that was free, in one step of the file system (a hard
  link, which fails where there is something of that name);
- no file is half written: it is on the disk as a whole before it has its name;
- no article is written twice: one of the same name and address is known again.

The file's name is the article's date and title (`file_name`), with a number from 2 on for namesakes. The content is
front matter that `archive` reads back exactly (`file_content`).
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
    from datetime import datetime

    from digest.model import Article


_FILE = re.compile(r"(?P<stem>.+?)(?:-(?P<number>[2-9]|[1-9]\d{1,8}))?\.md")
"""Names of articles' files: a stem, and from the second namesake on a number without leading zeros."""

_OPEN_FILES = "/proc/self/fd"
"""Where Linux shows the open files of a process, each as a link that linkat() can be told to follow."""

_MOST_READ = 1024 * 1024
"""Bytes of a file in which its address is looked for; files that we write have a thousandth of that."""


@dataclass(slots=True)
class _Namesakes:
    """The articles in the folder that share one stem.

    *taken* are their numbers (1 for the file without one), *addresses* their lines `webUrl: …`. *unread* are numbers
    whose files have not been looked into yet; *free* is the number to try next.
    """

    unread: set[int] = field(default_factory=set)
    addresses: set[bytes] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    free: int = 1


class Store:
    """A folder that articles are written into; it is made with the first of them.

    With *dry_run* nothing is written, and each article is judged as if the ones before had been. Raises OutputError
    where the folder cannot be listed.
    """

    def __init__(self, folder: str, *, dry_run: bool = False) -> None:
        self._folder, self._dry_run = folder, dry_run
        self._names: dict[str, _Namesakes] = {}
        # The folder is listed once and a file read at most once: six thousand titles without a Latin letter on one day
        # all have one name, and looking through them anew for each took minutes.
        for stem, number in self._listed():
            self._namesakes(stem).unread.add(number)

    def add(self, article: Article) -> bool:
        """Write an article, unless one of the same name and address is there; return whether it is new.

        One that is there stays as it is, whatever words or heat it has by now. Raises OutputError.
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
        """Yield the stems and numbers that the files of the folder may have; nothing where there is no folder."""
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
        """Return what is known of a stem's articles, empty at first."""
        return self._names.setdefault(stem, _Namesakes())

    def _read(self, stem: str) -> _Namesakes:
        """Return the articles of a stem, those looked into that were not before."""
        namesakes = self._namesakes(stem)
        for number in namesakes.unread:
            namesakes.addresses.add(self._address(self._path(stem, number)))
        namesakes.taken |= namesakes.unread
        namesakes.unread.clear()
        namesakes.addresses.discard(b"")
        return namesakes

    def _path(self, stem: str, number: int) -> str:
        """Return the path of the file with that stem and number."""
        return os.path.join(self._folder, f"{stem}.md" if number == 1 else f"{stem}-{number}.md")

    def _address(self, path: str) -> bytes:
        """Return the line with the address in a file, b"" where it is no article: a folder, a pipe, a dangling link."""
        # Any error means that no article is there. The name counts as taken all the same, so nothing is lost by that.
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
            with os.fdopen(descriptor, "rb") as handle:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    return address_line(handle.read(_MOST_READ))
        return b""

    def _write(self, path: str, content: bytes) -> bool:
        """Write a new file as a whole and return True; False where something has that name by now.

        Raises OutputError.
        """
        try:
            os.makedirs(self._folder, exist_ok=True)
            return _write_new(self._folder, path, content)
        except OSError as error:
            raise self._failed(path, error) from error

    @staticmethod
    def _failed(path: str, error: OSError) -> OutputError:
        """Return the error for what the system refused to do at *path*."""
        return OutputError(path, f"cannot be written ({error.strerror})", "make room or choose another folder")


def _write_new(folder: str, path: str, content: bytes) -> bool:
    """Write a file as a whole, and return whether its name was free. Raises OSError."""
    if sys.platform == "linux":
        # Many file systems and sandboxes lack O_TMPFILE, /proc or linkat(). An error that has another cause, such as a
        # full disk, comes again below and is raised there.
        with contextlib.suppress(OSError):
            return _write_unnamed(folder, path, content)
    return _write_hidden(folder, path, content)


def _write_unnamed(folder: str, path: str, content: bytes) -> bool:
    """Write a file that has no name until it is on the disk (O_TMPFILE, Linux), so that a kill leaves nothing behind.

    Return whether its name was free. Raises OSError where the system cannot.
    """
    above = os.open(folder, os.O_RDONLY)
    try:
        with os.fdopen(os.open(folder, os.O_WRONLY | os.O_TMPFILE, 0o666), "wb") as handle:
            _write_through(handle, content)
            # The unnamed file is reached through a link in /proc, which only linkat() can be told to follow. Python
            # calls that only where it is given a folder's descriptor, even one that does not matter, as the path is
            # absolute; otherwise it calls link(), which does not follow.
            os.link(f"{_OPEN_FILES}/{handle.fileno()}", path, src_dir_fd=above, follow_symlinks=True)
    except FileExistsError:
        return False
    finally:
        os.close(above)
    return True


def _write_hidden(folder: str, path: str, content: bytes) -> bool:
    """Write a file under a hidden name, then give it its own as well and take the hidden one away.

    Return whether its name was free. A kill leaves the hidden file behind, which no reader of an archive looks at.
    Raises OSError.
    """
    place, working = tempfile.mkstemp(prefix=".import-", suffix=".new", dir=folder)
    try:
        with os.fdopen(place, "wb") as handle:
            _write_through(handle, content)
        # mkstemp() makes a file that its owner alone may read; articles are as open as the user's other files.
        os.chmod(working, 0o666 & ~umask())
        _link(working, path)
    except FileExistsError:
        return False
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(working)
    return True


def _write_through(handle: BinaryIO, content: bytes) -> None:
    """Write *content* and wait until it is on the disk."""
    # Without fsync a crash of the machine may keep the name and lose the content, and an empty article would stay.
    handle.write(content)
    handle.flush()
    os.fsync(handle.fileno())


def _link(working: str, path: str) -> None:
    """Give the file *working* the name *path*. Raises FileExistsError where something has it."""
    try:
        os.link(working, path)
    except FileExistsError:
        raise
    except OSError:
        # No hard links on this file system (FAT, some network ones). rename() would write over an article of another
        # import, so the name is taken first, by an empty file that must be new, and then that one replaced.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        os.replace(working, path)


_LONGEST = 80
"""Most characters of a title in a file's name."""


def file_name(article: Article) -> str:
    """Return the stem of an article's file, such as `2020-11-09-title-in-letters`: ASCII letters, digits and hyphens.

    Accents are dropped. Titles without any such letter become `article`, so that all of a day share one name and are
    told apart by their numbers.
    """
    letters = unicodedata.normalize("NFKD", article.title).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_LONGEST].rstrip("-")
    return f"{_at(article).date().isoformat()}-{slug or 'article'}"


def file_content(article: Article) -> bytes:
    """Return the bytes of an article's file: front matter without a body; fields without a value are left out.

    Each text is written so that `archive` reads it back as it is, whatever it holds.
    """
    provider = {"name": _safe(article.provider.name)}
    provider |= {"domain": article.provider.domain} if article.provider.domain else {}
    fields: dict[str, object] = {
        "title": _safe(article.title),
        "excerpt": _safe(article.excerpt),
        # isoformat, since strftime writes years before 1000 without their zeros on Linux. Whole seconds and a `Z`: the
        # form that is read soonest.
        "publishedDateTime": f"{_at(article).replace(microsecond=0, tzinfo=None).isoformat()}Z",
        "expiryDate": article.expires_at and article.expires_at.isoformat(),
        "webUrl": article.url,
        "heat": article.heat,
        "quality": article.quality or None,
        "published": None if article.published else False,
        "language": article.language,
        "provider": provider,
        "topics": [_safe(topic) for topic in article.topics],
        "images": [{"url": article.picture.url}] if article.picture else None,
    }
    lines = [f"{key}: {_written(key, value)}" for key, value in fields.items() if value not in (None, "", [])]
    return "\n".join(["---", *lines, "---", ""]).encode()


def _at(article: Article) -> datetime:
    """Return the article's date, which every article that is brought in has."""
    assert article.published_at is not None, "an import without a date is a problem, not an article"
    return article.published_at


def address_line(content: bytes) -> bytes:
    """Return the line `webUrl: …` of a file that we wrote, b"" where it has none.

    Lines are compared as they stand and not parsed: a file that spells the same address otherwise is another article.
    """
    match = re.search(rb"^webUrl: .*$", content, re.MULTILINE)
    return match[0].rstrip() if match else b""


def _safe(text: str) -> str:
    """Return a text so that it comes back as it is from `archive`, which decodes entities once."""
    return text if sanitize.unescaped(text) == text else text.replace("&", "&amp;")


def _written(key: str, value: object) -> str:
    """Return a value as YAML: JSON, which YAML includes, but for the date, which people write bare."""
    return str(value) if key == "publishedDateTime" else json.dumps(value, ensure_ascii=False)
