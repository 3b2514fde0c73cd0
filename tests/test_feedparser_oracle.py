"""Feeds against feedparser's own test feeds: titles, links, summaries, dates and encodings as these files state them.

Each file says in a comment what a parser has to find in it. They are in feedparser's source alone, which `.ci/run`
downloads by its name into `.cache/feedparser`; where it is not there, these tests are skipped.
"""

from __future__ import annotations

import ast
import calendar
import contextlib
import re
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import feedparser
import pytest
import tinyhtml5

from digest.config.values import FieldPlan
from digest.errors import ImportingError
from digest.importing import formats, shape
from digest.importing.source import Content, Raw
from digest.records import markup

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = sorted((Path(__file__).parent.parent / ".cache" / "feedparser").glob("feedparser-*.tar.gz"))
STATED = re.compile(rb"Description:\s*.*?\s*Expect:\s*(.*?)\s*-->", re.DOTALL)
HEADER = re.compile(rb"^Header:\s+([^:\r\n]+):(.+?)\r?$", re.MULTILINE)

FIELDS = {
    "['title']": "title",
    "['title_detail']['value']": "title",
    "['link']": "url",
    "['summary']": "excerpt",
    "['summary_detail']['value']": "excerpt",
    "['description']": "excerpt",
    "['published_parsed']": "published_at",
    "['created_parsed']": "published_at",
    "['updated_parsed']": "published_at",
}
"""What we call what a file states of its first entry."""


class Stated(NamedTuple):
    """One thing that a file states: of which of our fields, and the value."""

    file: str
    field: str
    value: Any


EXPLAINED: dict[str, str] = {
    "wellformed/base/http_item_link_base_docuri.xml": "a machine by its number is no address for a letter",
    "wellformed/rss/item_description_not_a_doctype.xml": "to HTML it is a comment that stays open, which nobody reads",
    "wellformed/rss/item_image_link_conflict.xml": "the name of a host is written in small letters, which is the same",
    "wellformed/sanitize/entry_summary_iframe.xml": "what stands in a frame is for browsers that know none",
}
"""Files whose statement we do not follow, and why."""


def feeds() -> Iterator[tuple[str, bytes]]:
    """Yield the test feeds, by their path."""
    with tarfile.open(SOURCES[-1]) as tar:
        for member in tar:
            path = member.name.partition("/")[2]
            handle = tar.extractfile(member)
            if path.startswith("tests/") and path.endswith(".xml") and handle:
                yield path.removeprefix("tests/"), handle.read()


def expression(data: bytes) -> str:
    """Return what a file states, in Python; a file in UTF-16 or UTF-32 states it in that."""
    for codec in ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp037"):
        try:
            text = data.decode(codec) if codec != "utf-8" else data.decode("utf-8", "replace")
        except UnicodeDecodeError:
            continue
        found = STATED.search(text.encode("utf-8", "replace"))
        if found:
            return found[1].decode()
    return ""


def statements(file: str, data: bytes) -> Iterator[Stated]:
    """Yield what a file states of its first entry that concerns us, and its encoding."""
    try:
        tree = ast.parse(expression(data).strip(), mode="eval")
    except (SyntaxError, ValueError):
        return
    # feedparser skips these itself where no guesser of encodings is installed: we never guess by frequencies.
    if b"__import__('chardet')" in data:
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq)):
            continue
        left = ast.unparse(node.left)
        field = "encoding" if left == "encoding" else FIELDS.get(left.removeprefix("entries[0]"), "")
        # A few compare two parts of the feed with each other, or make the value.
        with contextlib.suppress(ValueError):
            yield from [Stated(file, field, ast.literal_eval(node.comparators[0]))] if field else []


def headers(data: bytes) -> dict[str, str]:
    """Return the headers with which a feed is said to have come."""
    return {name.decode().casefold(): value.decode("latin-1").strip() for name, value in HEADER.findall(data)}


def content(file: str, data: bytes) -> Content:
    """Return a feed as it would be fetched."""
    sent = headers(data)
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", sent.get("content-type", ""))
    place = sent.get("content-location", "")
    return Content(place=file, data=data, ending=".xml", charset=charset[1] if charset else "", address=place)


def ours(given: Content, field: str) -> Any:
    """Return what we make of a field of the first entry.

    Of one without a summary feedparser takes the whole content for it, and we the first paragraph that says something:
    there all words of the content count.
    """
    [first, *_] = formats.records(given, formats.decoded(given))
    assert isinstance(first, Raw)
    if field == "excerpt" and first.body and not first.fields.get("summary"):
        return markup.words(first.body)
    return getattr(shape.reading(first, FieldPlan()).read, field)


def letters(value: str, *, is_html: bool) -> str:
    """Return the letters of a text, of HTML those that a parser finds that is neither ours nor feedparser's."""
    if is_html:
        tree = tinyhtml5.parse(value, namespace_html_elements=False)
        for element in tree.iter():
            if not isinstance(element.tag, str) or element.tag in {"script", "style", "template"}:
                element.text = ""
        value = "".join(tree.itertext())
    return "".join(value.split())


def differs(stated: Stated, data: bytes) -> str:
    """Return how our reading differs from what a file states; "" where it does not."""
    given = content(stated.file, data)
    if stated.field == "encoding":
        return same_letters(stated.value, given)
    try:
        found = ours(given, stated.field)
    except ImportingError as error:
        return str(error)
    if stated.field == "published_at":
        wanted = stated.value and datetime.fromtimestamp(calendar.timegm(stated.value), UTC)
        return "" if found == wanted else f"{found} is not {wanted}"
    if stated.field == "url":
        return "" if (found or "") == stated.value else f"{found} is not {stated.value}"
    parsed = feedparser.parse(data, response_headers=headers(data), sanitize_html=False)
    name = {"title": "title_detail", "excerpt": "summary_detail"}[stated.field]
    detail = parsed.entries[0].get(name) or parsed.entries[0].get("content", [{}])[0]
    is_html = detail.get("type", "text/plain") != "text/plain"
    # What RSS describes an article with is HTML, whether it looks so or not.
    wanted = letters(stated.value, is_html=is_html or (name == "summary_detail" and "atom" not in parsed.version))
    return "" if "".join(found.split()) == wanted else f"{found!r} is not {wanted!r}"


def same_letters(encoding: str, given: Content) -> str:
    """Return how our text differs from that in the encoding which a file is said to have; "" where it does not."""
    text = formats.decoded(given).text
    wanted = given.data.decode(encoding).removeprefix("\ufeff")
    return "" if text == wanted else f"{text[:60]!r} is not {wanted[:60]!r}"


@pytest.mark.skipif(not SOURCES, reason="feedparser's test feeds are not in .cache/feedparser; .ci/run brings them")
def test_feeds_are_read_as_feedparsers_own_tests_state() -> None:
    """At least 99 of 100 statements agree, and each that does not has its reason in the list."""
    each = [(stated, data) for file, data in feeds() for stated in statements(file, data)]
    differences = {stated.file: told for stated, data in each if (told := differs(stated, data))}

    assert len(each) > 800
    assert len(differences) <= len(each) / 100, differences
    assert differences.keys() == EXPLAINED.keys(), differences
