"""Records of a source by its format: JSON, JSON Lines, CSV and front matter; RSS and Atom are read in `feeds`.

.jsonl .ndjson      an object a line              .csv                a header and rows
.json               JSON Feed, or a list          .xml .rss .atom     any dialect of RSS and Atom (feedparser)
.md                 front matter of any kind that `records.frontmatter` reads

The ending of the name decides, and where there is none that is known the first character.

A record that cannot be read is a Problem with its line or number, and those behind it are read: a broken list is taken
apart by its commas, a CSV row with an open quote is skipped. Nothing takes the square of the source's size, whatever it
holds. Values are handed on as the format has them; what the fields mean is decided in `shape`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

from digest.errors import ImportingError
from digest.importing import decoding, feeds
from digest.importing.source import FEEDS, KNOWN, MOST_BYTES, Raw
from digest.model import Problem
from digest.records import frontmatter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.config.yamlfile import Node
    from digest.importing.decoding import Decoded
    from digest.importing.source import Content


def decoded(content: Content) -> Decoded:
    """Return the text of a source. Raises ImportingError where it names an unknown encoding and is not UTF-8."""
    try:
        return decoding.decode(content.data, content.charset)
    except decoding.UnknownEncoding as error:
        problem = f"names an encoding that is not known ({error})"
        raise ImportingError(content.place, problem, "save it as UTF-8") from error


def records(content: Content, text: Decoded) -> Iterator[Raw | Problem]:
    """Yield the records of *content*, whose text is *text*, in their order, and a Problem for each that is broken.

    Raises ImportingError, some of it only while iterating, where the source as a whole cannot be read: it is of no
    known kind, a web page, or holds no list.
    """
    each = _parsed(content, text)
    yield from _without_damage(content.place, each, text) if text.mark else each


def _parsed(content: Content, decoded: Decoded) -> Iterator[Raw | Problem]:
    """Return the records by the format that the ending names, else by the one that the text begins like."""
    place, text, ending = content.place, decoded.text, content.ending
    start = text.lstrip("\ufeff \t\r\n")[:100].casefold()
    if ending in {".jsonl", ".ndjson"}:
        return json_lines(place, text)
    if ending == ".csv":
        return read_csv(place, text, decoded)
    if ending in {".md", ".markdown"}:
        return iter([read_front_matter(place, text)])
    if ending == ".json" or (ending not in KNOWN and start[:1] in {"[", "{"}):
        return json_document(place, text)
    # Before feeds, since feedparser would only say that there are no entries. Users often name the page that links to
    # the feed.
    if start.startswith(("<!doctype html", "<html")):
        raise ImportingError(place, "is a web page, not a feed", "name the feed's own address or file")
    if ending in FEEDS or start[:1] == "<":
        return feeds.read(place, text)
    raise ImportingError(place, "is of no kind that is known", f"known are {', '.join(KNOWN)} and folders")


def _without_damage(place: str, each: Iterator[Raw | Problem], decoded: Decoded) -> Iterator[Raw | Problem]:
    """Yield a Problem in place of each record that holds an invalid byte, and the others.

    A title with letters missing looks like an ordinary one once it is in the archive, so nothing is brought in of such
    a record. Damage in what the source says of itself is left out of the others, and reported once.
    """
    problem = f"is not {decoded.encoding}; save it as UTF-8"
    told_of_base = False
    for record in each:
        if isinstance(record, Problem):
            yield record
        elif _holds(record.fields, decoded.mark):
            yield Problem(path=record.place, what=problem)
        else:
            base = {key: value for key, value in record.base.items() if not _holds(value, decoded.mark)}
            if len(base) < len(record.base) and not told_of_base:
                told_of_base = True
                yield Problem(path=place, what=f"what it says of itself {problem}")
            yield Raw(place=record.place, fields=record.fields, base=base)


def _holds(value: Any, mark: str) -> bool:  # noqa: ANN401 - whatever a record holds
    """Whether any text in *value*, also as the key of a mapping, holds *mark*."""
    # Not recursion: the parser nests up to the limit of Python's stack, and a call for each level may need more.
    waiting = [value]
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


# Possessive (`++`): without backtracking, a quote without an end is looked through once.
_SIGN = re.compile(r'"(?:[^"\\]++|\\.)*+"?+|[\[\]{},]', re.DOTALL)
"""A bracket, brace or comma, or a whole string, in which none of these counts; without an end it takes all the rest."""

_ITEMS = re.compile(r'"items"\s*:\s*\[')
"""Where the list of a JSON Feed begins (https://jsonfeed.org/version/1.1)."""


class _Unreadable(ValueError):
    """A text that is no JSON, or more than Python reads, and why in words that follow its place."""


def json_lines(place: str, text: str) -> Iterator[Raw | Problem]:
    """Yield the objects of JSON Lines, one a line; blank lines count and are no records."""
    # Not splitlines(), which also parts at U+2028 and the like: JSON may have these inside its strings (RFC 8259, 7).
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = _loaded(line)
        except _Unreadable as error:
            yield Problem(path=place, line=number, what=str(error))
            continue
        yield _object(f"{place}:{number}", value) or Problem(path=place, line=number, what="is no object")


def json_document(place: str, text: str) -> Iterator[Raw | Problem]:
    """Yield the objects of a list, of a JSON Feed, or a lone object, which is one record.

    Where the document is broken, each member of its list is read by itself. Raises ImportingError where no list can be
    made out.
    """
    try:
        value = _loaded(text)
    except _Unreadable as error:
        members = _members(text)
        if members is None:
            raise ImportingError(place, str(error), "mend it, or name it .jsonl") from error
        yield from _each(place, members, {})
        return
    feed = value if isinstance(value, dict) else {}
    listed = feed.get("items", [value]) if feed else value
    if not isinstance(listed, list):
        raise ImportingError(place, "holds no list of articles", "write a list, a JSON Feed or JSON Lines")
    yield from _each(place, listed, {"site": feed.get("title", "")} if "items" in feed else {})


def _each(place: str, members: list[Any], base: Mapping[str, Any]) -> Iterator[Raw | Problem]:
    """Yield the members of a list as records, numbered from 1; *base* is known of all."""
    for number, member in enumerate(members, start=1):
        if isinstance(member, _Unreadable):
            yield Problem(path=place, what=f"item {number} {member}")
            continue
        record = _object(f"{place}, item {number}", member, base)
        yield record or Problem(path=place, what=f"item {number} is no object")


def _object(place: str, value: Any, base: Mapping[str, Any] | None = None) -> Raw | None:  # noqa: ANN401 - whatever JSON holds
    """Return a value of JSON as a record; None where it is no object."""
    return Raw(place=place, fields=value, base=base or {}) if isinstance(value, dict) else None


def _loaded(text: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return the value of a JSON text. Raises _Unreadable for whatever keeps it from being read."""
    try:
        return json.loads(text)
    # Two errors of the parser that json does not announce: it recurses in C, and it refuses numbers of more than 4,300
    # digits with a bare ValueError (CVE-2020-10735). JSONDecodeError is a ValueError, too, so its clause comes first.
    except RecursionError as error:
        raise _Unreadable("is nested too deeply to be read") from error
    except json.JSONDecodeError as error:
        raise _Unreadable(f"is no JSON ({error})") from error
    except ValueError as error:
        raise _Unreadable("holds a number that is too long to be read") from error


def _members(text: str) -> list[Any] | None:
    """Return the members of a list in which something is wrong, each read by itself; None where no list starts.

    A member that cannot be read is the _Unreadable that says why, in its place of the list. The list is the document
    itself, or `items` of a JSON Feed.
    """
    stripped = len(text) - len(text.lstrip())
    feed = _ITEMS.search(text)
    if text[stripped : stripped + 1] == "[":
        start = stripped + 1
    elif text[stripped : stripped + 1] == "{" and feed:
        start = feed.end()
    else:
        return None
    return [_member(part) for part in _parts(text, start) if part.strip()]


def _parts(text: str, start: int) -> Iterator[str]:
    """Yield the text of each member of the list that begins at *start*, as the commas outside of strings part them."""
    depth = 0
    position = start
    for sign in _SIGN.finditer(text, start):
        character = sign[0]
        if character in {"[", "{"}:
            depth += 1
        elif character in {"]", "}"}:
            depth -= 1
        if depth < 0 or (not depth and character == ","):
            yield text[position : sign.start()]
            position = sign.end()
        if depth < 0:
            return
    yield text[position:]


def _member(part: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return the value of one member, or the _Unreadable that says why there is none."""
    try:
        return _loaded(part)
    except _Unreadable as error:
        return error


# Each open quote may swallow the whole rest of a file, which is then read again: a file of nothing but open quotes
# would take the square of its lines.
_REREADS = 4
"""How often the lines of a CSV file may be read again on average, because an open quote swallowed them."""


class _Lines:
    """The lines of a file as an iterator that can be set back: *position* is the line read next, counted from 0.

    It ends early when too many lines were read again; see `is_spent`.
    """

    def __init__(self, text: str) -> None:
        # newline="" keeps line ends as they are, which the csv module asks for: it finds those inside quotes itself.
        self._lines = list(io.StringIO(text, newline=""))
        self.position = 0
        self._left = (1 + _REREADS) * len(self._lines) + 1000

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.position == len(self._lines) or not self._left:
            raise StopIteration
        self._left -= 1
        self.position += 1
        return self._lines[self.position - 1]

    @property
    def is_spent(self) -> bool:
        """Whether lines are left that are not read, because too many others were read again."""
        return not self._left and self.position < len(self._lines)


def read_csv(place: str, text: str, decoded: Decoded) -> Iterator[Raw | Problem]:
    """Yield the rows below the header as records; cells behind the last that a row has are absent.

    Empty rows are left out. Raises ImportingError where the header itself cannot be read.
    """
    # csv allows 131,072 characters a cell, which the text of a long article reaches; the file's size is bounded
    # already.
    csv.field_size_limit(MOST_BYTES)
    lines = _Lines(text)
    # strict, or an open quote would take all the rows behind it into one cell without a word.
    cells = csv.reader(lines, strict=True)
    try:
        header = next((row for row in cells if row), [])
    except csv.Error as error:
        raise ImportingError(f"{place}:1", f"is no CSV ({error})", "mend the header") from error
    # A damaged name would be another field, and all records would lack it.
    if decoded.mark and any(decoded.mark in name for name in header):
        raise ImportingError(place, f"is not {decoded.encoding}", "save it as UTF-8")
    while True:
        start = lines.position
        try:
            row = next(cells)
        except StopIteration:
            break
        except csv.Error as error:
            yield Problem(path=place, line=start + 1, what=f"is no CSV ({error})")
            # An open quote swallows the rows behind it up to the next quote: they are read again, from the next line.
            lines.position = start + 1
            continue
        yield from _record(place, lines.position, header, row)
    if lines.is_spent:
        yield Problem(path=place, line=lines.position, what="has too many open quotes; what follows is not read")


def _record(place: str, line: int, header: list[str], row: list[str]) -> Iterator[Raw | Problem]:
    """Yield the record of a row that ends in *line*: a Problem where it is too long, nothing where it is empty."""
    if len(row) > len(header):
        yield Problem(path=place, line=line, what="has more cells than the header")
    elif row:
        yield Raw(place=f"{place}:{line}", fields=dict(zip(header, row, strict=False)), base={})


def read_front_matter(place: str, text: str) -> Raw | Problem:
    """Return the fields of a post, or what is wrong with it; lines count from the file's top."""
    try:
        # The mark of invalid bytes becomes one again, whose line is then named.
        post = frontmatter.parse(text.encode("utf-8", "surrogateescape"), place)
    except frontmatter.Malformed as error:
        return Problem(path=place, line=error.line, what=error.what)
    fields = {key: _plain(node) for key, node in post.fields.items()}
    return Raw(place=place, path=place, fields=fields, base={}, body=post.body)


def _plain(node: Node) -> Any:  # noqa: ANN401 - whatever YAML holds; the parser bounds the depth
    """Return the value of a node without its lines: mappings, lists, texts and None."""
    value = node.value
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, tuple) else value
