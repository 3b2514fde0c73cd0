"""Files of many kinds to raw records. Knows the formats, not what the fields mean.

.jsonl .ndjson      an object a line              .csv                a header and rows
.json               JSON Feed, or a list          .xml .rss .atom     any dialect of RSS and Atom (feedparser)
.md, a folder       front matter in YAML (---), TOML (+++) or JSON ({), as Jekyll and Hugo write it
"""

from __future__ import annotations

import csv
import io
import json
import os
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from digest import yamltree
from digest.errors import ImportingError
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.yamltree import Node

MOST_BYTES = 50 * 1024 * 1024
"""Largest file that is read."""

_FEEDS = (".xml", ".rss", ".atom")
_KNOWN = (".jsonl", ".ndjson", ".csv", ".json", *_FEEDS, ".md", ".markdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """One record as it was found: *place* is where, *base* what is known of all records of its source."""

    place: str
    fields: Mapping[str, Any]
    base: Mapping[str, Any]


def records(source: str, content: bytes | None = None) -> Iterator[Raw | Problem]:
    """Yield the records of a file or folder, or of its *content*. Raises ImportingError."""
    if content is None and os.path.isdir(source):
        for file in sorted(_markdown(source)):
            yield from records(file)
        return
    words = _text(source, content)
    ending = os.path.splitext(source.partition("?")[0])[1].casefold()
    start = words.lstrip("\ufeff \t\r\n")[:1]
    if ending in {".jsonl", ".ndjson"}:
        yield from _lines(source, words)
    elif ending == ".csv":
        yield from _rows(source, words)
    elif ending in {".md", ".markdown"}:
        yield _front_matter(source, words)
    elif ending == ".json" or (ending not in _KNOWN and start in "[{" and start):
        yield from _json(source, words)
    elif ending in _FEEDS or start == "<":
        yield from _feed(source, words)
    else:
        raise ImportingError(source, "is of no kind that is known", f"known are {', '.join(_KNOWN)} and folders")


def _markdown(folder: str) -> Iterator[str]:
    for where, inside, names in os.walk(folder):
        inside[:] = [name for name in inside if not name.startswith(".")]
        yield from (os.path.join(where, name) for name in names if name.endswith((".md", ".markdown")))


def _text(source: str, content: bytes | None) -> str:
    try:
        if content is None:
            with open(source, "rb") as handle:
                content = handle.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ImportingError(source, f"has more than {MOST_BYTES:,} bytes", "split it")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise ImportingError(source, f"cannot be read ({error.strerror})", "name another file") from error
    except UnicodeDecodeError as error:
        if content is not None and content.lstrip()[:1] == b"<":
            return content.decode("latin-1")  # a feed names its own encoding, and feedparser heeds it
        raise ImportingError(source, "is not UTF-8", "save it as UTF-8") from error


def _lines(source: str, words: str) -> Iterator[Raw | Problem]:
    for number, line in enumerate(words.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            yield Problem(path=source, line=number, what=f"is no JSON ({error})")
            continue
        yield _object(f"{source}:{number}", value) or Problem(path=source, line=number, what="is no object")


def _rows(source: str, words: str) -> Iterator[Raw | Problem]:
    reader = csv.DictReader(io.StringIO(words, newline=""), strict=True)
    try:
        for row in reader:
            if None in row:
                yield Problem(path=source, line=reader.line_num, what="has more cells than the header")
            else:
                yield Raw(place=f"{source}:{reader.line_num}", fields=row, base={})
    except csv.Error as error:
        yield Problem(path=source, line=reader.line_num, what=f"is no CSV ({error}); what follows is not read")


def _json(source: str, words: str) -> Iterator[Raw | Problem]:
    try:
        value = json.loads(words)
    except ValueError as error:
        raise ImportingError(source, f"is no JSON ({error})", "mend it, or name it .jsonl") from error
    feed = value if isinstance(value, dict) else {}
    members = feed.get("items", [value]) if feed else value
    if not isinstance(members, list):
        raise ImportingError(source, "holds no list of articles", "write a list, a JSON Feed or JSON Lines")
    for number, member in enumerate(members, start=1):
        found = _object(f"{source}, item {number}", member, {"site": feed.get("title", "")} if "items" in feed else {})
        yield found or Problem(path=source, what=f"item {number} is no object")


def _object(place: str, value: Any, base: Mapping[str, Any] | None = None) -> Raw | None:  # noqa: ANN401 - whatever JSON holds
    return Raw(place=place, fields=value, base=base or {}) if isinstance(value, dict) else None


def _feed(source: str, words: str) -> Iterator[Raw | Problem]:
    try:
        import feedparser  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ImportingError(source, "is a feed", "pip install 'heat-digest[feeds]' to read feeds") from error
    # Bytes, never a name: given an address, feedparser would fetch it.
    read = feedparser.parse(
        io.BytesIO(words.encode("utf-8")), response_headers={"content-type": "application/xml; charset=utf-8"}
    )
    if not read.entries:
        what = f" ({read.bozo_exception})" if read.bozo else ""
        raise ImportingError(source, f"is a feed without entries{what}", "look at it in a browser")
    base = {
        "site": read.feed.get("title", ""),
        "home": read.feed.get("link", ""),
        "language": read.feed.get("language", ""),
    }
    for number, entry in enumerate(read.entries, start=1):
        fields = dict(entry)
        fields["tags"] = [tag.get("term", "") for tag in entry.get("tags", [])]
        fields["enclosures"] = entry.get("enclosures", [])
        yield Raw(place=f"{source}, entry {number}", fields=fields, base=base)


def _front_matter(source: str, words: str) -> Raw | Problem:
    """The fields of a post; its first paragraph where it has no summary."""
    start = len(words) - len(words.lstrip("\r\n"))  # as Hugo, which looks past empty lines
    above = words.count("\n", 0, start)
    fence, _, rest = words[start:].partition("\n")
    fence = fence.rstrip()
    if fence not in {"---", "+++"}:
        return Problem(path=source, line=1, what="no front matter: the first line is neither `---` nor `+++`")
    matter, closing, body = f"\n{rest}".replace("\r\n", "\n").partition(f"\n{fence}\n")
    if not closing:
        return Problem(
            path=source, line=above + 1, what=f"the front matter that starts here has no closing `{fence}` line"
        )
    try:
        fields = (
            tomllib.loads(matter) if fence == "+++" else _plain(yamltree.parse(matter.encode(), first_line=above + 1))
        )
    except tomllib.TOMLDecodeError as error:
        return Problem(path=source, what=f"is no TOML ({error})")
    except yamltree.YamlProblem as error:
        return Problem(path=source, line=error.line, what=error.what)
    if not isinstance(fields, dict):
        return Problem(path=source, line=above + 2, what="the front matter is not a list of `key: value` lines")
    paragraph = next((part for part in body.strip().split("\n\n") if part.strip()), "")
    return Raw(place=source, fields=fields, base={"paragraph": paragraph})


def _plain(node: Node) -> Any:  # noqa: ANN401 - whatever YAML holds
    value = node.value
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
