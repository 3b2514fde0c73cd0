"""Bookmarks that browsers and services of bookmarks export as HTML, in the format of Netscape's browser.

    <DT><A HREF="https://…" ADD_DATE="1620288000" TAGS="bread,night">Night bakers vote</A>
    <DD>What somebody wrote of it

Folders are headings (`<H3>`) above a list; their names are topics where a bookmark has none of its own. The format is
no HTML that a parser could nest, so its tags are taken one by one, each once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.importing.source import LeftOut, Raw
from digest.importing.values import stamp
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

START = "<!doctype netscape-bookmark-file"
"""What a file of bookmarks begins with, in lower case."""

_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>dl|dt|dd|a|h3|title)\b(?P<attributes>(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"([\w-]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))")

# Names of the folders that browsers make themselves.
_SHELVES = frozenset({
    "bookmarks", "bookmarks bar", "bookmarks toolbar", "bookmarks menu", "other bookmarks", "mobile bookmarks",
    "favorites", "favourites", "favorites bar", "reading list", "unsorted bookmarks", "unsorted", "imported",
})  # fmt: skip


def read(place: str, html: str) -> Iterator[Raw | LeftOut]:
    """Yield the bookmarks of a file, numbered from 1; *place* names it in messages."""
    folders: list[str] = []
    waiting = ""  # a heading whose list is still to come
    bookmark: dict[str, str] = {}
    number = 0
    tags = list(_TAG.finditer(html))
    # The text behind a tag reaches to the next one that the format has; what stands in between is part of it.
    ends = [*(tag.start() for tag in tags[1:]), len(html)]
    for tag, end in zip(tags, ends, strict=False):
        name, content = tag["name"].casefold(), html[tag.end() : end].strip()
        if bookmark and not tag["end"] and name != "dd":
            yield _record(f"{place}, bookmark {number}", bookmark)
            bookmark = {}
        if name == "dl":
            folders = folders[:-1] if tag["end"] else [*folders, waiting][-20:]
            waiting = ""
        elif tag["end"]:
            continue
        elif name == "h3":
            waiting = content
        elif name == "a":
            number += 1
            bookmark = {**_attributes(tag["attributes"]), "title": content, "folder": folders[-1] if folders else ""}
        elif name == "dd" and bookmark:
            bookmark["note"] = content
    if bookmark:
        yield _record(f"{place}, bookmark {number}", bookmark)


def _attributes(written: str) -> dict[str, str]:
    """Return the attributes of a tag by their names in lower case."""
    return {
        match[1].casefold(): sanitize.unescaped(match[2] or match[3] or match[4] or "")
        for match in _ATTRIBUTE.finditer(written)
    }


def _record(place: str, bookmark: Mapping[str, str]) -> Raw | LeftOut:
    """Return a bookmark by our names; one that is marked as private is left out, and so is a separator or a feed."""
    if bookmark.get("private") == "1":
        return LeftOut(kind="private bookmark")
    url = bookmark.get("href", "")
    if not url.casefold().startswith(("http:", "https:")):
        # Bookmarklets, settings pages and saved searches of browsers; a file of bookmarks is full of them.
        return LeftOut(kind="bookmark of no web page")
    folder = sanitize.unescaped(bookmark["folder"])
    topics = [part.strip() for part in bookmark.get("tags", "").split(",") if part.strip()]
    fields = {
        "title": "" if bookmark["title"] == url else bookmark["title"],
        "webUrl": url,
        "publishedDateTime": stamp(bookmark.get("add_date") or bookmark.get("time_added")),
        "excerpt": bookmark.get("note", ""),
        "topics": topics or ([] if folder.casefold() in _SHELVES else [folder]),
        "language": bookmark.get("lang", ""),
    }
    return Raw(place=place, fields=fields, html=frozenset({"excerpt"}))
