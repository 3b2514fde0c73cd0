"""A source's bytes to raw records. Knows which format a source is in, not what the fields mean.

.jsonl .ndjson      an object a line              .csv                a header and rows
.json               JSON Feed, or a list          .xml .rss .atom     any dialect of RSS and Atom (feedparser)
.md                 front matter in YAML (---) or TOML (+++), as Jekyll and Hugo write it

A record that cannot be read is a Problem, and those behind it are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.errors import ImportingError
from digest.importing import decoding, feeds, matter, objects, rows
from digest.importing.source import FEEDS, KNOWN, Raw
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.importing.decoding import Decoded
    from digest.importing.source import Content


def decoded(content: Content) -> Decoded:
    """Return a source's text. Raises ImportingError where its encoding is not known."""
    try:
        return decoding.decode(content.data, content.charset)
    except decoding.UnknownEncoding as error:
        what = f"names an encoding that is not known ({error})"
        raise ImportingError(content.place, what, "save it as UTF-8") from error


def records(content: Content, text: Decoded) -> Iterator[Raw | Problem]:
    """Yield the records of a source, whose text is *text*. Raises ImportingError where it cannot be read as a whole."""
    each = _parsed(content, text)
    yield from _without_damage(content.place, each, text) if text.mark else each


def _parsed(content: Content, decoded: Decoded) -> Iterator[Raw | Problem]:
    place, text, ending = content.place, decoded.text, content.ending
    start = text.lstrip("\ufeff \t\r\n")[:100].casefold()
    if ending in {".jsonl", ".ndjson"}:
        return objects.lines(place, text)
    if ending == ".csv":
        return rows.read(place, text, decoded)
    if ending in {".md", ".markdown"}:
        return iter([matter.read(place, text)])
    if ending == ".json" or (ending not in KNOWN and start[:1] in {"[", "{"}):
        return objects.document(place, text)
    if start.startswith(("<!doctype html", "<html")):
        raise ImportingError(place, "is a web page, not a feed", "name the feed's own address or file")
    if ending in FEEDS or start[:1] == "<":
        return feeds.read(place, text)
    raise ImportingError(place, "is of no kind that is known", f"known are {', '.join(KNOWN)} and folders")


def _without_damage(place: str, each: Iterator[Raw | Problem], decoded: Decoded) -> Iterator[Raw | Problem]:
    """Tell records that hold bytes of no meaning; their text would be wrong, and nobody would see it."""
    what = f"is not {decoded.encoding}; save it as UTF-8"
    told_of_base = False
    for record in each:
        if isinstance(record, Problem):
            yield record
        elif _holds(record.fields, decoded.mark):
            yield Problem(path=record.place, what=what)
        else:
            base = {key: value for key, value in record.base.items() if not _holds(value, decoded.mark)}
            if len(base) < len(record.base) and not told_of_base:
                told_of_base = True
                yield Problem(path=place, what=f"what it says of itself {what}")
            yield Raw(place=record.place, fields=record.fields, base=base)


def _holds(value: Any, mark: str) -> bool:  # noqa: ANN401 - whatever a record holds
    waiting = [value]  # not recursion: values may be nested deeper than Python's stack
    while waiting:
        member = waiting.pop()
        if isinstance(member, str):
            if mark in member:
                return True
        elif isinstance(member, dict):
            waiting += [*member, *member.values()]
        elif isinstance(member, list | tuple):
            waiting += member
    return False
