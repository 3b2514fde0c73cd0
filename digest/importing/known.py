"""The articles that a folder has already, by their addresses.

Each file is read once an import, and only its beginning; what was read of files that have not changed since is kept in
the user's cache from one import to the next.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import time
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from digest import cache, files
from digest.importing.source import POSTS, ending
from digest.records.names import DATE, NAMES
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST_READ = 64 * 1024
"""Bytes of a file in which its address is looked for; files that we write have a tenth of that at most."""

_FEW = 1_000
"""Files below which nothing is kept: to read them is as quick."""

# A weekly page, or a show whose episodes all lead to its own page, has another article at the same address seven days
# later; a headline is corrected sooner.
_WEEK = 7
"""Days within which one address is one article."""

_FORMAT = 1
"""To be raised when more or other things are kept of a file."""

# FAT keeps times in steps of two seconds: a file that was written later than that may change without its time changing.
_TICK = 2_000_000_000
"""The coarsest clock of a file system, in nanoseconds."""

_ADDRESSES = [name for name in NAMES["webUrl"] if "." not in name]
_LINE = re.compile(
    rb"^[\"']?(%b)[\"']?[ \t]*+[:=][ \t]*+(\S.*)$" % "|".join(map(re.escape, _ADDRESSES)).encode(), re.MULTILINE
)
_DATE_LINE = re.compile(
    rb"^[\"']?(?:%b)[\"']?[ \t]*+[:=][ \t\"']*+(\d{4}-\d\d-\d\d)" % f"{DATE}|date".encode(), re.MULTILINE
)
_FENCE = re.compile(rb"^(?:---|\+\+\+)[ \t]*\r?$", re.MULTILINE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class KnownFile(NamedTuple):
    """A file of the folder: its path, and the day of its article as a number, None where neither tells."""

    path: str
    day: int | None


class Catalogue:
    """The files of a folder by the addresses of their articles, those in the folders inside it as well.

    Hidden files are left out, and links to folders are not followed. Raises OSError where the folder cannot be listed.
    """

    def __init__(self, folder: str) -> None:
        self._files: dict[str, dict[int | None, dict[str, KnownFile]]] = {}
        self.names: list[str] = []
        name = f"imported-{hashlib.sha256(os.path.realpath(folder).encode()).hexdigest()[:24]}.json"
        before = _kept(name)
        after: dict[str, list[object]] = {}
        for path, inner, stamp in self._paths(folder):
            seen = before.get(inner) if stamp else None
            if seen is None or seen[0] != stamp:
                address, day = look(path)
                seen = [stamp, address, day]
            if stamp:
                after[inner] = seen
            self.enter(str(seen[1]), KnownFile(path, seen[2] if isinstance(seen[2], int) else None))
        if after != before and len(after) >= _FEW:
            cache.store(name, json.dumps([_FORMAT, after]).encode())

    def _paths(self, folder: str) -> Iterator[tuple[str, str, str]]:
        """Yield each post's path, its path within the folder and its stamp, "" where it has to be read each time."""
        late = time.time_ns() - _TICK
        waiting = [""]
        while waiting:
            start = waiting.pop()
            try:
                with os.scandir(os.path.join(folder, start)) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except FileNotFoundError:
                continue
            except OSError:
                if not start:
                    raise
                continue
            self.names += [entry.name for entry in listed] if not start else []
            for entry in listed:
                inner = os.path.join(start, entry.name)
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(inner)
                elif ending(entry.name) in POSTS:
                    yield entry.path, inner, _stamp(entry, late)

    def enter(self, address: str, file: KnownFile) -> None:
        """Note that *file* has an article of that address; one without any is nobody's."""
        if address:
            shelf = self._files.setdefault(address, {}).setdefault(file.day, {})
            for stem in stems(file.path):
                shelf.setdefault(stem, file)

    def near(self, address: str, day: int, names: Iterable[str]) -> tuple[KnownFile, bool] | None:
        """Return a file whose article has that address and is of *day* or less than a week from it; None without one.

        One with a stem among *names* comes first, and the second value is whether it has; then one of unknown day.
        """
        # By day and stem, since a hostile source may have a hundred thousand articles of one address.
        days = self._files.get(address, {})
        shelves = [days[key] for key in (None, *range(day - _WEEK + 1, day + _WEEK)) if key in days]
        same = next((shelf[name] for shelf in shelves for name in names if name in shelf), None)
        if same:
            return same, True
        return (next(iter(shelves[0].values())), False) if shelves else None

    def renamed(self, address: str, file: KnownFile, path: str) -> None:
        """Note that *file* has another path by now."""
        shelf = self._files[address][file.day]
        for stem in stems(file.path):
            if shelf.get(stem) == file:
                del shelf[stem]
        self.enter(address, file._replace(path=path))


_FILE = re.compile(r"(?P<stem>.+?)(?:-(?P<number>[2-9]|[1-9]\d{1,8}))?\.md")
"""Names of articles' files: a stem, and from the second namesake on a number without leading zeros."""


def stems(path: str) -> dict[str, int]:
    """Return the stems that a file's name may have, with its number among its namesakes.

    `a-2.md` may be the second `a`, or the first article called `a 2`.
    """
    name = os.path.basename(path)
    match = _FILE.fullmatch(name)
    if not match:
        return {name: 1}
    numbered = {match["stem"]: int(match["number"])} if match["number"] else {}
    return {name.removesuffix(".md"): 1, **numbered}


def _stamp(entry: os.DirEntry[str], late: int) -> str:
    """Return what tells that a file has not changed; "" for a link, and for one that was changed just now."""
    if entry.is_symlink():
        return ""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return ""
    if max(status.st_mtime_ns, status.st_ctime_ns) > late:
        return ""
    return f"{status.st_mtime_ns} {status.st_ctime_ns} {status.st_size} {status.st_ino}"


def _kept(name: str) -> dict[str, list[object]]:
    """Return what was kept of the folder's files: stamp, address and day by path; nothing where that is damaged."""
    content = cache.load(name)
    try:
        version, kept = json.loads(content) if content else (0, {})
    except (ValueError, TypeError):
        return {}
    return kept if version == _FORMAT and isinstance(kept, dict) else {}


def look(path: str) -> tuple[str, int | None]:
    """Return the address of a file's article and its day as a number; "" and None where it is none."""
    content = b""
    # Any error means that no article is there, such as a pipe or a dangling link of that name.
    try:
        with os.fdopen(files.open_descriptor(path), "rb") as handle:
            if stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
                content = handle.read(_MOST_READ)
    except OSError:
        return "", None
    # The body of a post may quote anything; only above its closing fence there are fields.
    opening = _FENCE.search(content, 0, 200)
    closing = _FENCE.search(content, opening.end()) if opening else None
    head = content[: closing.start()] if closing else content
    written = {match[1].decode(): match[2] for match in reversed(list(_LINE.finditer(head)))}
    each = (written[name].decode("utf-8", "replace").strip(" \t\r\"',") for name in _ADDRESSES if name in written)
    address = next(filter(None, map(sanitize.address, each)), "")
    dated = _DATE_LINE.search(head)
    day = dated[1].decode() if dated else _DAY.match(os.path.basename(path))
    return str(address), _ordinal(day if isinstance(day, str) else day[0] if day else "")


def _ordinal(day: str) -> int | None:
    """Return the number of a day; None for what is none."""
    try:
        return date.fromisoformat(day).toordinal()
    except ValueError:
        return None
