"""Posts of WordPress: its REST API's JSON, and its export file (WXR), which is RSS with elements of its own.

Only published posts for everybody are articles; whatever else an export holds is left out by its kind. Titles and
excerpts are HTML in both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from digest.importing.source import LeftOut
from digest.importing.values import first, in_utc, mapping, members, text
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATES = {
    "draft": "draft",
    "auto-draft": "draft",
    "pending": "draft",
    "future": "scheduled post",
    "private": "private post",
    "trash": "trashed post",
}
"""What a post of another status than `publish` is called."""

_TYPES = {
    "page": "page",
    "attachment": "attachment",
    "nav_menu_item": "menu item",
    "revision": "revision",
    "wp_block": "block",
    "wp_template": "template",
    "wp_global_styles": "style sheet",
    "custom_css": "style sheet",
}
"""What a post of another type than `post` is called."""

_CUT = r"\[(?:&hellip;|&#8230;|…|\.\.\.)\]"
_LINK = r"<a\b(?:[^<>m]++|m(?!ore-link\b))*+more-link\b[^<>]*+>[^<]*+(?:<(?!/?a\b)[^<]*+)*+</a>"
_MORE = re.compile(rf"(?:{_CUT}\s*+)?{_LINK}|{_CUT}")
"""What WordPress appends to an excerpt that it cut by itself."""

_TAXONOMIES = frozenset({"category", "post_tag"})
"""The taxonomies that are topics; others are formats, languages and whatever plug-ins invent."""

_NEVER = "0000-00-00 00:00:00"
"""The date of a post that has none."""


def left_out(kind: str, status: str, *, is_locked: bool) -> LeftOut | None:
    """Return what a post of that type and status is, None for an article; *is_locked*: it asks for a password."""
    # Custom types (`podcast`, `product`) are told by their own names.
    if kind not in {"post", ""}:
        return LeftOut(kind=_TYPES.get(kind, f"{kind.replace('_', ' ')[:40]} item"))
    if status not in {"publish", "inherit", ""}:
        return LeftOut(kind=_STATES.get(status, f"{status[:40]} post"))
    return LeftOut(kind="locked post") if is_locked else None


def of_rest(fields: Mapping[str, Any]) -> dict[str, Any] | LeftOut:
    """Return a post of the REST API by our names; its topics only where it was asked for with `_embed`."""
    excerpt, content = mapping(fields.get("excerpt")), mapping(fields.get("content"))
    is_locked = bool(content.get("protected") or excerpt.get("protected"))
    other = left_out(text(fields.get("type")), text(fields.get("status")), is_locked=is_locked)
    if other:
        return other
    embedded = mapping(fields.get("_embedded"))
    terms = [mapping(term) for group in members(embedded.get("wp:term")) for term in members(group)]
    title = fields.get("title")
    return {
        "title": text(mapping(title).get("rendered")) or text(title),
        "excerpt": _MORE.sub("…", text(excerpt.get("rendered"))) or None,
        "content": None,
        "body": text(content.get("rendered")),
        "publishedDateTime": in_utc(fields.get("date_gmt")) or text(fields.get("date")),
        # Without `_embed` they are numbers.
        "categories": None,
        "tags": None,
        "topics": [text(term.get("name")) for term in terms if text(term.get("taxonomy")) in _TAXONOMIES],
        "image": first(embedded.get("wp:featuredmedia"), "source_url") or None,
        **_word_count(fields),
    }


def _word_count(fields: Mapping[str, Any]) -> dict[str, int]:
    """Return how many words the post has, by our name, where the plug-in Yoast SEO says so."""
    graph = members(mapping(mapping(fields.get("yoast_head_json")).get("schema")).get("@graph"))
    counts = (mapping(piece).get("wordCount") for piece in graph)
    return next(({"wordCount": count} for count in counts if isinstance(count, int)), {})


_ESCAPED = re.compile(r"&lt;[a-z][a-z0-9]{0,10}(?:\s[^<>]{0,300}?)?/?&gt;")


def _unescaped(written: str) -> str:
    """Return an excerpt whose mark-up is escaped as HTML: feedparser escapes what no feed has where XML is broken."""
    return sanitize.unescaped(written) if "<" not in written and _ESCAPED.search(written) else written


def of_export(entry: Mapping[str, Any]) -> dict[str, Any] | LeftOut:
    """Return an item of an export by our names; *entry* is feedparser's, in which `wp:status` is `wp_status`."""
    kind, status = text(entry.get("wp_post_type")), text(entry.get("wp_status"))
    other = left_out(kind, status, is_locked=bool(text(entry.get("wp_post_password"))))
    if other:
        return other
    stamp = text(entry.get("wp_post_date_gmt"))
    terms = [mapping(tag) for tag in members(entry.get("tags"))]
    return {
        "excerpt": _unescaped(text(entry.get("excerpt_encoded"))) or None,
        "body": first(entry.get("content"), "value"),
        **({"publishedDateTime": in_utc(stamp)} if stamp and stamp != _NEVER else {}),
        "topics": [text(term.get("term")) for term in terms if text(term.get("scheme")) in _TAXONOMIES],
        "tags": None,
    }
