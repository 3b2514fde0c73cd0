"""Posts of Ghost: its export file, a dump of its tables, and the posts of its Content API.

An export names the topics of a post in a table of their own and has no addresses: those are made of a post's `slug` and
the site's address in the export's settings. Drafts, scheduled posts and pages are left out by their kind; posts for
members are articles, which have a page that everybody may open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.importing.source import LeftOut, Raw
from digest.importing.values import in_utc, mapping, members, text
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HOME = "__GHOST_URL__"
"""What an export writes for the site's address."""

_STATES = {"draft": "draft", "scheduled": "scheduled post", "sent": "post sent by e-mail only"}
"""What a post of another status than `published` is called."""


def data(document: Any) -> Mapping[str, Any]:  # noqa: ANN401 - whatever JSON holds
    """Return the tables of an export, with the wrapping `db` or without; an empty mapping for any other document."""
    wrapped = members(mapping(document).get("db"))
    tables = mapping(mapping(wrapped[0] if wrapped else document).get("data"))
    return tables if isinstance(tables.get("posts"), list) else {}


def records(place: str, tables: Mapping[str, Any]) -> Iterator[Raw | LeftOut | Problem]:
    """Yield the posts of an export, numbered from 1."""
    settings = {text(row.get("key")): text(row.get("value")) for row in map(mapping, members(tables.get("settings")))}
    home = settings.get("url", "").rstrip("/")
    language = settings.get("locale") or settings.get("default_locale") or settings.get("lang") or ""
    base = {"site": settings.get("title", ""), "language": language}
    topics = _topics(tables)
    about = {str(row.get("post_id")): row for row in map(mapping, members(tables.get("posts_meta")))}
    for number, post in enumerate(tables["posts"], start=1):
        at = f"{place}, post {number}"
        if not isinstance(post, dict):
            yield Problem(path=at, what="is no object")
            continue
        fields = _article(post, home)
        if isinstance(fields, LeftOut):
            yield fields
            continue
        key = str(post.get("id"))
        fields["topics"] = topics.get(key, [])
        fields.setdefault("description", text(about.get(key, {}).get("meta_description")))
        yield Raw(place=at, fields=fields, base=base, body=fields.pop("body", ""), html=frozenset({"body"}))


def of_api(post: Mapping[str, Any]) -> dict[str, Any] | LeftOut:
    """Return a post of the Content API by our names; its topics stand inside it."""
    tags = [tag for tag in map(mapping, members(post.get("tags"))) if not _is_internal(tag)]
    fields = _article(post, "")
    if isinstance(fields, LeftOut):
        return fields
    return {**fields, "webUrl": text(post.get("url")), "topics": [text(tag.get("name")) for tag in tags]}


def _article(post: Mapping[str, Any], home: str) -> dict[str, Any] | LeftOut:
    """Return a post by our names, but for its topics; *home* is the site's address, "" where it is not known."""
    # Before Ghost 3, `page` told pages from posts.
    kind = text(post.get("type")) or ("page" if post.get("page") == 1 else "post")
    if kind != "post":
        return LeftOut(kind=kind[:40])
    status = text(post.get("status")) or "published"
    if status != "published":
        return LeftOut(kind=_STATES.get(status, f"{status[:40]} post"))
    # Without the site's address a post has the path of its page, which `site` in the settings completes.
    fields = {
        "title": text(post.get("title")),
        "excerpt": text(post.get("custom_excerpt")),
        "body": text(post.get("html")) or text(post.get("plaintext")),
        "publishedDateTime": in_utc(post.get("published_at")) or in_utc(post.get("created_at")),
        "webUrl": f"{home}/{text(post.get('slug'))}/",
        "image": text(post.get("feature_image")) or text(post.get("image")),
        "language": text(post.get("locale")),
    }
    return {key: value.replace(_HOME, home) for key, value in fields.items() if value}


def _topics(tables: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the names of each post's topics in their order, by the post's id."""
    names = {
        str(tag.get("id")): text(tag.get("name"))
        for tag in map(mapping, members(tables.get("tags")))
        if not _is_internal(tag)
    }
    topics: dict[str, list[tuple[int, str]]] = {}
    for row in map(mapping, members(tables.get("posts_tags"))):
        order, name = row.get("sort_order"), names.get(str(row.get("tag_id")))
        if name:
            rank = order if isinstance(order, int) else 0
            topics.setdefault(str(row.get("post_id")), []).append((rank, name))
    return {post: [name for _, name in sorted(each, key=lambda pair: pair[0])] for post, each in topics.items()}


def _is_internal(tag: Mapping[str, Any]) -> bool:
    """Whether a tag is for the site's own use: `#name`, which readers never see."""
    return text(tag.get("name")).startswith("#") or tag.get("visibility") == "internal"
