"""Records of a source by its format: what stands in it decides, and the ending of its name where that leaves a choice.

.jsonl .ndjson      an object a line              .csv .tsv           a header and rows
.json               a list of objects             .xml .rss .atom     any dialect of RSS and Atom (feedparser)
.html               bookmarks of a browser        .opml               a list of feeds, which is named
.md                 front matter in YAML (---) or TOML (+++), as Jekyll and Hugo write it

Which service an export is of is seen in its records (`services`). A record that cannot be read is a Problem with its
line or number, and those behind it are read. Nothing takes the square of the source's size, whatever it holds. Values
are handed on as the format has them; what the fields mean is decided in `shape`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from digest.config.yamlfile import Node
from digest.errors import ImportingError
from digest.importing import bookmarks, decoding, feeds, objects, opml, services, tables
from digest.importing.source import FEEDS, KNOWN, POSTS, TABLES, Raw
from digest.model import Problem
from digest.records import frontmatter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.importing.decoding import Decoded
    from digest.importing.source import Content, LeftOut

_LINES = (".jsonl", ".ndjson")
_PACKED = {b"PK\x03\x04": "a ZIP archive", b"\x1f\x8b": "packed by gzip"}
"""First bytes of what has to be unpacked first."""


def decoded(content: Content) -> Decoded:
    """Return the text of a source. Raises ImportingError where it names an unknown encoding and is not UTF-8."""
    packing = next((kind for start, kind in _PACKED.items() if content.data.startswith(start)), "")
    if packing:
        raise ImportingError(content.place, f"is {packing}", "unpack it and name the files in it")
    try:
        text = decoding.decode(content.data, content.charset)
    except decoding.UnknownEncoding as error:
        problem = f"names an encoding that is not known ({error})"
        raise ImportingError(content.place, problem, "save it as UTF-8") from error
    is_unknown = text.mark and not content.charset and content.ending in TABLES
    return (decoding.western(content.data) if is_unknown else None) or text


def records(content: Content, text: Decoded, items: str = "") -> Iterator[Raw | LeftOut | Problem]:
    """Yield the records of *content*, whose text is *text*, in their order, and a Problem for each that is broken.

    *items* is the path of the list inside a JSON document, "" where it has to be found. Raises ImportingError, some of
    it only while iterating, where the source as a whole cannot be read: it is of no known kind, a web page, a list of
    feeds, or holds no list.
    """
    each = _parsed(content, text, items)
    yield from _without_damage(content.place, each, text) if text.mark else each


def _served(each: Iterator[Raw | LeftOut | Problem]) -> Iterator[Raw | LeftOut | Problem]:
    """Yield records with the names of their service brought to ours."""
    for record in each:
        yield services.read(record) if isinstance(record, Raw) else record


def _parsed(content: Content, decoded: Decoded, items: str) -> Iterator[Raw | LeftOut | Problem]:
    """Return the records by the format that the ending names, else by the one that is seen in the text."""
    place, text, ending = content.place, decoded.text, content.ending
    start = text.lstrip("\ufeff \t\r\n")[:3]
    if ending in _LINES and not items:
        return _served(objects.json_lines(place, text))
    if ending == ".json" or (ending not in KNOWN and start[:1] in {"[", "{"}):
        return _served(objects.json_document(place, text, items))
    if ending in POSTS or (ending not in {*TABLES, *FEEDS} and start in {"---", "+++"}):
        return iter([read_front_matter(place, text)])
    if ending in TABLES or (start[:1] != "<" and ending not in FEEDS and tables.is_table(text)):
        return _served(tables.read_csv(place, text, decoded))
    if ending in FEEDS or start[:1] == "<":
        return _of_markup(place, text, content.address)
    raise ImportingError(place, "is of no kind that is known", f"known are {', '.join(KNOWN)} and folders")


def _of_markup(place: str, text: str, address: str) -> Iterator[Raw | LeftOut | Problem]:
    """Return the records of HTML or XML. Raises ImportingError for a list of feeds and for a web page."""
    start = text.lstrip("\ufeff \t\r\n")[:100].casefold()
    # Before feeds, since feedparser would only say that there are no entries.
    if start.startswith(bookmarks.START):
        return bookmarks.read(place, text)
    if opml.is_list(text):
        raise opml.refused(place, opml.feeds(text))
    # Users often name the page that links to the feed.
    if start.startswith(("<!doctype html", "<html")):
        raise ImportingError(place, "is a web page, not a feed", "name the feed's own address or file")
    return feeds.read(place, text, address)


def _without_damage(
    place: str, each: Iterator[Raw | LeftOut | Problem], decoded: Decoded
) -> Iterator[Raw | LeftOut | Problem]:
    """Yield a Problem in place of each record that holds an invalid byte, and the others.

    A title with letters missing looks like an ordinary one once it is in the archive, so nothing is brought in of such
    a record. Damage in what the source says of itself is left out of the others, and reported once.
    """
    problem = f"is not {decoded.encoding}; save it as UTF-8"
    told_of_base = False
    for record in each:
        if not isinstance(record, Raw):
            yield record
        elif _holds([record.fields, record.body], decoded.mark):
            yield Problem(path=record.place, what=problem)
        else:
            base = {key: value for key, value in record.base.items() if not _holds(value, decoded.mark)}
            if len(base) < len(record.base) and not told_of_base:
                told_of_base = True
                yield Problem(path=place, what=f"what it says of itself {problem}")
            yield replace(record, base=base)


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
        elif isinstance(member, Node):
            waiting.append(member.value)
    return False


def read_front_matter(place: str, text: str) -> Raw | Problem:
    """Return the fields of a post, or what is wrong with it; lines count from the file's top."""
    try:
        # The mark of invalid bytes becomes one again, whose line is then named.
        post = frontmatter.parse(text.encode("utf-8", "surrogateescape"), place)
    except frontmatter.Malformed as error:
        return Problem(path=place, line=error.line, what=error.what)
    html = frozenset({"body"}) if post.kind == "html" else frozenset[str]()
    return Raw(place=place, path=place, fields=post.fields, body=post.body, html=html)
