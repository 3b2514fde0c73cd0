"""What stands in an article's file: front matter that `archive` reads back exactly, and how it is brought up to date.

    ---
    title: "Night bakers vote"
    webUrl: "https://news.example.com/bakers"
    heat: 89
    # imported: 5d1f3a20 - - 8c2e7b11 0f6b9d42
    ---

The comment has a checksum (CRC-32) of each line as the last import wrote it, in the order of `_KEYS`. A line that still
has its checksum is the import's and may be replaced; any other is the editor's, and so are lines of other names,
comments and the body. Who takes the comment away has the whole file to himself.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

from digest.importing.values import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from digest.model import Article

_KEY = re.compile(r"([A-Za-z]\w*):(?: |$)")
_MARK = "# imported:"

_KEYS = (
    "title",
    "excerpt",
    "publishedDateTime",
    "expiryDate",
    "webUrl",
    "heat",
    "quality",
    "published",
    "language",
    "provider",
    "topics",
    "images",
    "wordCount",
    "readingTime",
)
"""Keys that a file of an import may have, in their order; new ones go to the end, so that older comments stay true."""

_OURS = frozenset({"title", "publishedDateTime", "webUrl"})
"""Keys that each file of an import has."""

_SHORT = frozenset(
    {"title", "heat", "quality", "published", "publishedDateTime", "language", "webUrl", "wordCount", "readingTime"}
)
"""Keys whose values are short enough to be told when they change."""


def file_content(article: Article) -> bytes:
    """Return the bytes of an article's file: front matter without a body; fields without a value are left out.

    Each text is written so that `archive` reads it back as it is, whatever it holds.
    """
    lines = _lines(article)
    return "\n".join(
        ["---", *lines.values(), _comment({key: _sum(line) for key, line in lines.items()}), "---", ""]
    ).encode()


def at(article: Article) -> datetime:
    """Return the article's date, which every article that is brought in has."""
    assert article.published_at is not None, "an import without a date is a problem, not an article"
    return article.published_at


def _lines(article: Article) -> dict[str, str]:
    """Return the lines of an article's front matter by their keys."""
    provider = {"name": escaped(article.provider.name)}
    provider |= {"domain": article.provider.domain} if article.provider.domain else {}
    fields: dict[str, object] = {
        "title": escaped(article.title),
        "excerpt": escaped(article.excerpt),
        # isoformat, since strftime writes years before 1000 without their zeros on Linux. Whole seconds and a `Z`: the
        # form that is read soonest.
        "publishedDateTime": f"{at(article).replace(microsecond=0, tzinfo=None).isoformat()}Z",
        "expiryDate": article.expires_at and article.expires_at.isoformat(),
        "webUrl": article.url,
        "heat": article.heat,
        "quality": article.quality or None,
        "published": None if article.published else False,
        "language": article.language,
        "provider": provider,
        "topics": [escaped(topic) for topic in article.topics],
        "images": [{"url": article.picture.url}] if article.picture else None,
        "wordCount": article.words,
        "readingTime": article.minutes,
    }
    return {key: f"{key}: {_written(key, fields[key])}" for key in _KEYS if fields[key] not in (None, "", [])}


def _written(key: str, value: object) -> str:
    """Return a value as YAML: JSON, which YAML includes, but for the date, which people write bare."""
    return str(value) if key == "publishedDateTime" else json.dumps(value, ensure_ascii=False)


def _sum(line: str) -> str:
    """Return the checksum of a line."""
    return f"{crc32(line.encode()):08x}"


def _comment(sums: Mapping[str, str]) -> str:
    """Return the comment with the checksums of lines by their keys."""
    # Without the keys' names: whoever searches the file for one should meet the line itself.
    return " ".join([_MARK, *(sums.get(key, "-") for key in _KEYS)]).rstrip(" -")


def _sums(comment: str) -> dict[str, str]:
    """Return the checksums of a comment by their keys."""
    each = zip(_KEYS, comment.removeprefix(_MARK).split(), strict=False)
    return {key: written for key, written in each if written != "-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A file brought up to date.

    *content* is what it is to hold. *changes* are in words, such as `heat 10 → 60`; *kept* are the keys that differ in
    the source and stay, because the editor wrote them. *was_untouched*: the file was as the last import wrote it.
    """

    content: bytes
    changes: tuple[str, ...]
    kept: tuple[str, ...]
    was_untouched: bool


def merged(content: bytes, article: Article, only: frozenset[str] | None = None) -> Merged:
    """Return the file *content* with what *article* has by now; *only* these keys, if there are any.

    What the source no longer has stays, but for `published: false`.
    """
    file = _File(content)
    changes: list[str] = []
    kept: list[str] = []
    lines = _lines(article)
    for key in [key for key in (*lines, "published") if only is None or key in only]:
        line = lines.get(key, "")
        before = file.line(key)
        if before == line or (not line and key != "published"):
            continue
        # Where the source says what it said at the last import, the editor's line is no conflict.
        if before and not file.owns(key):
            kept += [key] if file.sums.get(key) != _sum(line) else []
        elif before or (file.takes_more and key not in file.sums):
            file.put(key, line)
            changes.append(_change(key, before, line))
    return Merged(content=file.content(), changes=tuple(changes), kept=tuple(kept), was_untouched=file.was_untouched)


def _change(key: str, before: str, line: str) -> str:
    """Return in words what becomes of a line."""
    if key not in _SHORT:
        return key
    old, new = (text.partition(": ")[2][:100] for text in (before, line))
    return f"{key} {old} → {new}" if old and new else f"{key} {new or f'{old} taken away'}"


class _File:
    """The front matter of a file, line by line, as far as an import may change it.

    *sums* are the checksums of the last import by key; a file without front matter or without them has none, and no
    line of it is the import's. *takes_more*: it may get further lines. *was_untouched*: it is as an import wrote it.
    """

    def __init__(self, content: bytes) -> None:
        # surrogateescape, so that what is no UTF-8 comes back as it was.
        self._all = content.decode("utf-8", "surrogateescape").split("\n")
        self._end = self._closing()
        self._places: dict[str, int] = {}
        self.sums: dict[str, str] = {}
        for number in range(1, self._end):
            line = self._line(number)
            if line.startswith(_MARK):
                self.sums = _sums(line)
            elif match := _KEY.match(line):
                self._places.setdefault(match[1], number)
        others = self._end - 1 - len(self._places) - bool(self.sums)
        is_bare = not others and not "".join(self._all[self._end + 1 :]).strip()
        is_whole = self.sums.keys() == self._places.keys() and all(map(self.owns, self._places))
        self.was_untouched = bool(self.sums) and is_bare and is_whole
        # Imports wrote no checksums at first. Their files have our keys and no others; what they lack may be added.
        self.takes_more = bool(self.sums) or (is_bare and _OURS <= self._places.keys() <= set(_KEYS))

    def _closing(self) -> int:
        """Return the number of the line that closes the front matter, 1 where there is none."""
        if self._line(0) != "---":
            return 1
        return next((number for number in range(1, len(self._all)) if self._line(number) == "---"), 1)

    def _line(self, number: int) -> str:
        return self._all[number].rstrip("\r")

    def line(self, key: str) -> str:
        """Return the line of a key, "" where there is none."""
        return self._line(self._places[key]) if key in self._places else ""

    def owns(self, key: str) -> bool:
        """Whether a line is as the last import wrote it; not where its value goes on in the next one."""
        number = self._places[key]
        goes_on = self._line(number + 1).startswith((" ", "\t", "-")) and number + 1 < self._end
        return not goes_on and self.sums.get(key) == _sum(self._line(number))

    def put(self, key: str, line: str) -> None:
        """Write a line in the place of the one that the key has, else at the end; "" takes it away."""
        if self._end == 1:
            return
        ending = "\r" if self._all[0].endswith("\r") else ""
        if key in self._places and line:
            self._all[self._places[key]] = line + ending
        elif key in self._places:
            self._remove(self._places[key])
        else:
            self._all.insert(self._end, line + ending)
            self._places[key] = self._end
            self._end += 1
        self.sums = (
            {**self.sums, key: _sum(line)} if line else {name: each for name, each in self.sums.items() if name != key}
        )

    def _remove(self, number: int) -> None:
        """Take a line away."""
        del self._all[number]
        self._end -= 1
        self._places = {key: place - (place > number) for key, place in self._places.items() if place != number}

    def content(self) -> bytes:
        """Return the bytes of the file, the comment of checksums brought up to date at the end of the front matter."""
        if self._end > 1 and self.sums:
            ending = "\r" if self._all[0].endswith("\r") else ""
            head = [line for line in self._all[: self._end] if not line.startswith(_MARK)]
            lines = [*head, _comment(self.sums) + ending, *self._all[self._end :]]
        else:
            lines = self._all
        return "\n".join(lines).encode("utf-8", "surrogateescape")
