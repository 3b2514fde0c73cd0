"""Records of services whose names for fields mean something else than elsewhere, brought to ours.

A service is known by the names that its records have; nobody has to say where a file comes from. The record keeps its
own names beside ours, so that `fields` and `score` in the settings can speak of them. Where each service has its
exports, and what comes of them, is told in docs/importing.md.
"""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from digest.importing import ghost, wordpress
from digest.importing.source import HTML, LeftOut, Raw
from digest.importing.values import between_bars, first, mapping, members, stamp, text
from digest.model import Problem
from digest.records.names import DATE, NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Fields = dict[str, Any]
_Outcome = Fields | LeftOut | str
"""Fields by our names, what the record is instead of an article, or what is wrong with it."""


class _Service(NamedTuple):
    """One service: the names that its records have at least, how they are read, and what is HTML in them."""

    names: frozenset[str]
    read: Callable[[Mapping[str, Any]], _Outcome]
    html: frozenset[str]


def read(raw: Raw) -> Raw | LeftOut | Problem:
    """Return a record with our names for what its service calls otherwise; as it is where no service is known."""
    for service in _SERVICES:
        if service.names <= raw.fields.keys():
            break
    else:
        return _elsewhere(raw)
    outcome = service.read(raw.fields)
    if isinstance(outcome, LeftOut):
        return outcome
    if isinstance(outcome, str):
        return Problem(path=raw.place, what=outcome)
    # None takes a name away that means something else here, such as Pinboard's `description` for a title.
    body = text(outcome.pop("body", ""))
    fields = {key: value for key, value in {**raw.fields, **outcome}.items() if value is not None}
    return replace(raw, fields=fields, body=body, html=service.html)


# Of Pocket's API, linkding, Omnivore, Karakeep, Reddit and others. In an archive in place they are not read: there
# `saved_at` may be anything.
_ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "title": ("resolved_title", "given_title"),
    DATE: (
        "publishedDate",
        "time_added",
        "date_added",
        "savedAt",
        "saved_at",
        "createdAt",
        "created_utc",
        "time",
        "timestamp",
    ),
    "webUrl": ("resolved_url", "given_url", "originalArticleUrl", "href", "uri", "content.url"),
    "topics": ("tag_names", "labels"),
}
"""Further names of our fields, which count where a record has none that is usual."""


def _elsewhere(raw: Raw) -> Raw:
    """Return a record of no service that is known, with our names for what bookmarks are often called."""
    fields = dict(raw.fields)
    for ours, others in _ELSEWHERE.items():
        if any(raw.fields.get(name) for name in NAMES[ours]):
            continue
        for name in others:
            outer, _, inner = name.partition(".")
            value = raw.fields.get(outer)
            value = mapping(value).get(inner) if inner else value
            if value:
                fields[ours] = stamp(value) if ours == DATE else value
                break
    return replace(raw, fields=fields) if fields.keys() != raw.fields.keys() else raw


def _titled(fields: Mapping[str, Any], title: str, url: str) -> str | None:
    """Return the title under that name; None where it repeats the address, as services write for an unknown one."""
    written = text(fields.get(title))
    return None if written == text(fields.get(url)) else written


def pocket(fields: Mapping[str, Any]) -> _Outcome:
    """Return a row of Pocket's CSV."""
    return {
        "title": _titled(fields, "title", "url"),
        "publishedDateTime": stamp(fields["time_added"]),
        "topics": between_bars(fields.get("tags")),
    }


# Folders of Instapaper that say how far somebody has read, and nothing of the article.
_STATES = frozenset({"unread", "archive", "starred", "home", "liked"})


def instapaper(fields: Mapping[str, Any]) -> _Outcome:
    """Return a row of Instapaper's CSV; a folder of one's own is a topic."""
    folder = text(fields.get("folder"))
    folders = [] if folder.casefold() in _STATES else [folder]
    return {
        "title": _titled(fields, "title", "url"),
        "excerpt": text(fields.get("selection")),
        "publishedDateTime": stamp(fields["timestamp"]),
        "topics": _literal_list(fields.get("tags")) or folders,
    }


def raindrop(fields: Mapping[str, Any]) -> _Outcome:
    """Return a row of Raindrop's CSV."""
    return {
        "title": _titled(fields, "title", "url"),
        "excerpt": text(fields.get("excerpt")) or None,
        "publishedDateTime": text(fields.get("created")),
        "image": text(fields.get("cover")) or None,
    }


def reader(fields: Mapping[str, Any]) -> _Outcome:
    """Return a row of the CSV of Readwise Reader."""
    return {
        "title": _titled(fields, "title", "url"),
        "publishedDateTime": text(fields["saved date"]),
        "topics": _literal_list(fields.get("document tags")),
    }


def reader_api(fields: Mapping[str, Any]) -> _Outcome:
    """Return a document of Readwise Reader's API, whose `url` leads to Reader."""
    tags = fields.get("tags")
    return {
        "webUrl": text(fields["source_url"]),
        "excerpt": text(fields.get("summary")) or None,
        "publishedDateTime": stamp(fields.get("published_date")) or stamp(fields["saved_at"]),
        "provider": text(fields.get("site_name")),
        "image": text(fields.get("image_url")) or None,
        "topics": list(tags) if isinstance(tags, dict) else members(tags),
    }


def highlights(_: Mapping[str, Any]) -> _Outcome:
    """Return what is wrong with a row of Readwise's highlights."""
    return "is a highlight, which has no address; export the library of Readwise Reader instead"


def pinboard(fields: Mapping[str, Any]) -> _Outcome:
    """Return a bookmark of Pinboard, or of Delicious, whose format it is."""
    if text(fields.get("shared")) == "no":
        return LeftOut(kind="private bookmark")
    return {
        "title": _titled(fields, "description", "href"),
        "excerpt": text(fields.get("extended")),
        "description": None,
        "publishedDateTime": text(fields.get("time")),
        "webUrl": text(fields["href"]),
        "topics": text(fields.get("tags")).split(),
    }


def wallabag(fields: Mapping[str, Any]) -> _Outcome:
    """Return an entry of wallabag, which carries the whole article as HTML."""
    tags = [tag if isinstance(tag, str) else text(mapping(tag).get("label")) for tag in members(fields.get("tags"))]
    return {
        "publishedDateTime": text(fields.get("published_at")) or text(fields.get("created_at")),
        "body": text(fields.get("content")),
        "image": text(fields.get("preview_picture")) or None,
        "topics": tags,
        "provider": text(fields.get("domain_name")),
    }


def hacker_news_search(fields: Mapping[str, Any]) -> _Outcome:
    """Return a hit of Hacker News's search (Algolia)."""
    tags = members(fields.get("_tags"))
    if "comment" in tags or text(fields.get("comment_text")):
        return LeftOut(kind="comment")
    if not text(fields.get("url")):
        return _ON_HACKER_NEWS
    created = text(fields.get("created_at")) or stamp(fields.get("created_at_i"))
    # What Algolia's `_tags` hold are kinds, names of authors and identifiers; nothing of them is a topic.
    return {"publishedDateTime": created, "heat": fields.get("points"), "topics": None, "tags": None}


_ON_HACKER_NEWS = "has no http(s) address: it is a text on Hacker News itself"


def hacker_news(fields: Mapping[str, Any]) -> _Outcome:
    """Return an item of Hacker News's own API (Firebase)."""
    kind = text(fields["type"])
    if fields.get("deleted") or fields.get("dead"):
        return LeftOut(kind="deleted item")
    if kind in {"comment", "poll", "pollopt"}:
        return LeftOut(kind={"pollopt": "poll option"}.get(kind, kind))
    if not text(fields.get("url")):
        return _ON_HACKER_NEWS
    return {"publishedDateTime": stamp(fields.get("time")), "heat": fields.get("score")}


def lobsters(fields: Mapping[str, Any]) -> _Outcome:
    """Return a story of Lobsters; one without an address is a text there, and leads to its page."""
    return {
        "publishedDateTime": text(fields.get("created_at")),
        "webUrl": text(fields.get("url")) or text(fields["short_id_url"]),
        "excerpt": text(fields.get("description")),
        "heat": fields.get("score"),
    }


def miniflux(fields: Mapping[str, Any]) -> _Outcome:
    """Return an entry of Miniflux, whose feed stands inside it."""
    feed = mapping(fields["feed"])
    category = text(mapping(feed.get("category")).get("title"))
    tags = members(fields.get("tags")) or [category]
    return {
        "publishedDateTime": text(fields["published_at"]),
        "body": text(fields.get("content")),
        "provider": text(feed.get("title")),
        # `All` is the category of whoever never made one.
        "topics": [tag for tag in map(text, tags) if tag not in {"", "All"}],
        "image": _picture(members(fields.get("enclosures")), "url", "mime_type"),
    }


def google_reader(fields: Mapping[str, Any]) -> _Outcome:
    """Return an item of Google Reader's format, in which FreshRSS, Inoreader and others export."""
    labels = [text(label) for label in members(fields.get("categories"))]
    # `user/-/state/com.google/starred` is a state, `user/-/label/Bread` a label, anything else a topic of the feed.
    topics = [label.partition("/label/")[2] or label for label in labels if "/state/" not in label]
    body = text(mapping(fields.get("summary")).get("content")) or text(mapping(fields.get("content")).get("content"))
    origin = mapping(fields["origin"])
    return {
        "publishedDateTime": stamp(fields.get("published")) or stamp(fields.get("crawlTimeMsec")),
        "webUrl": first(fields.get("canonical"), "href") or first(fields.get("alternate"), "href"),
        "summary": None,
        "body": body,
        "provider": text(origin.get("title")),
        "topics": topics,
        "image": _picture(members(fields.get("enclosure")), "href", "type"),
    }


def _picture(enclosures: list[Any], address: str, kind: str) -> str | None:
    """Return the address of the first enclosure that is a picture."""
    pictures = [each for each in map(mapping, enclosures) if text(each.get(kind)).startswith("image/")]
    return first(pictures, address) or None


def gdelt(fields: Mapping[str, Any]) -> _Outcome:
    """Return an article of GDELT's DOC API."""
    seen = text(fields["seendate"])
    if len(seen) == 16 and seen[8] == "T":  # 20210506T080000Z
        seen = f"{seen[:4]}-{seen[4:6]}-{seen[6:11]}:{seen[11:13]}:{seen[13:]}"
    return {
        "publishedDateTime": seen,
        "provider": text(fields.get("domain")),
        "language": _language(text(fields.get("language"))),
        "image": text(fields.get("socialimage")) or None,
    }


def _language(name: str) -> str:
    """Return the code of a language that is named in English, such as `German`; a code as it is."""
    from babel import Locale  # noqa: PLC0415 - 20 ms that only GDELT needs

    codes: dict[str, str] = {
        label.casefold(): code for code, label in sorted(Locale("en").languages.items(), reverse=True)
    }
    return codes.get(name.casefold(), name if len(name) < 4 else "").replace("_", "-")


def news_api(fields: Mapping[str, Any]) -> _Outcome:
    """Return an article of NewsAPI and its kin."""
    return {
        "publishedDateTime": text(fields["publishedAt"]),
        "image": text(fields.get("urlToImage")) or text(fields.get("image")) or None,
        "provider": text(mapping(fields.get("source")).get("name")),
    }


def _literal_list(value: object) -> list[str]:
    """Return the texts of a list that is written in a cell as JSON or as Python has it; parted by commas else."""
    written = text(value)
    if written.startswith("[") and len(written) < 10_000:
        for parse in (json.loads, ast.literal_eval):
            # Python's parser runs out of memory or stack for what is nested deeply; no list of tags is.
            try:
                return [text(member) for member in members(parse(written)) if text(member)]
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                continue
    return [part for part in (part.strip() for part in written.strip("[]").split(",")) if part]


_TEXT: frozenset[str] = frozenset()
"""What is HTML in the records of services that have none."""

_SERVICES = (
    _Service(frozenset({"url", "title", "time_added", "tags", "status"}), pocket, _TEXT),
    _Service(frozenset({"url", "title", "selection", "folder", "timestamp"}), instapaper, _TEXT),
    _Service(frozenset({"url", "title", "note", "excerpt", "created", "cover"}), raindrop, _TEXT),
    _Service(frozenset({"url", "title", "document tags", "saved date"}), reader, _TEXT),
    _Service(frozenset({"highlight", "book title", "highlighted at"}), highlights, _TEXT),
    _Service(frozenset({"source_url", "reading_progress", "saved_at"}), reader_api, _TEXT),
    _Service(frozenset({"href", "description", "extended"}), pinboard, _TEXT),
    _Service(frozenset({"url", "title", "is_archived", "is_starred"}), wallabag, HTML),
    _Service(frozenset({"objectID", "author", "points"}), hacker_news_search, _TEXT),
    _Service(frozenset({"id", "type", "by", "time"}), hacker_news, _TEXT),
    _Service(frozenset({"id", "type", "deleted", "time"}), hacker_news, _TEXT),
    _Service(frozenset({"short_id_url", "title"}), lobsters, HTML),
    _Service(frozenset({"feed", "url", "published_at", "content"}), miniflux, HTML),
    _Service(frozenset({"origin", "title", "categories"}), google_reader, HTML),
    _Service(frozenset({"seendate", "url", "title"}), gdelt, _TEXT),
    _Service(frozenset({"publishedAt", "source", "url"}), news_api, _TEXT),
    _Service(frozenset({"title", "content", "link", "date_gmt"}), wordpress.of_rest, HTML | {"title", "topics"}),
    _Service(frozenset({"title", "slug", "html", "published_at"}), ghost.of_api, HTML),
)
"""The services that are known, the first whose names a record has before the others."""
