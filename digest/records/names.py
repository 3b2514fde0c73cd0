"""The names that the fields of an article have in sources, for archives and imports alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "headline", "name"),
    "excerpt": ("excerpt", "description", "summary", "abstract", "content_text", "content_html", "paragraph"),
    "publishedDateTime": (
        "publishedDateTime",
        "date",
        "date_published",
        "published_at",
        "pubDate",
        "published",
        "updated",
    ),
    "webUrl": ("webUrl", "link", "url", "external_url", "permalink", "canonical", "enclosures.0.href"),
    "heat": ("heat", "score"),
    "quality": ("quality",),
    "topics": ("topics", "tags", "categories", "keywords", "category"),
    "provider": ("provider.name", "provider", "source.title", "source", "publisher", "outlet", "site"),
    "language": ("language", "lang", "locale"),
    "image": ("images.0.url", "image", "banner_image", "cover", "thumbnail", "media_thumbnail.0.url"),
    "published": ("published",),
    "draft": ("draft",),
}
"""For each field of the archive, the names that it may have in a source, best first.

They are those of the archive itself, of JSON Feed (`date_published`, `external_url`), of feedparser's entries (`link`,
`enclosures`, `media_thumbnail`), of Hugo and Jekyll (`date`, `permalink`, `cover`), and of common exports.
"""
