"""The names that the fields of an article have in sources, for archives and imports alike."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.config.values import FieldPlan

DATE = "publishedDateTime"
"""Key of an article's date, unless the settings name another."""

EMBARGO = "publishDate"
"""Key of the day before which an article is not public: it is dated no earlier."""

EXPIRES = "expiryDate"
"""Key of the day from which an article is no longer public."""

CHANGED = "updated"
"""Key of the day on which an article was last changed, which serves as its date where there is no other."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "headline", "name"),
    "excerpt": (
        "excerpt",
        "description",
        "summary",
        "abstract",
        "custom_excerpt",
        "teaser",
        "content_text",
        "content_html",
    ),
    DATE: (
        DATE,
        "date",
        EMBARGO,
        "publishdate",
        "publish_date",
        "publication_date",
        "date_published",
        "published_at",
        "publishedAt",
        "pubDate",
        "pubdate",
        "datePublished",
        "published",
        "created_at",
        "created",
    ),
    EMBARGO: (EMBARGO, "publishdate", "publish_date", "embargo", "scheduled_at"),
    EXPIRES: (
        EXPIRES,
        "expirydate",
        "expiry_date",
        "expires",
        "expires_at",
        "expirationDate",
        "unpublishDate",
        "unpublishdate",
        "unpublish_date",
    ),
    CHANGED: ("updated", "updated_at", "modified", "lastmod"),
    "webUrl": (
        "webUrl",
        "link",
        "url",
        "external_url",
        "external-url",
        "externalUrl",
        "permalink",
        "canonical",
        "canonical_url",
        "enclosures.0.href",
    ),
    "heat": ("heat", "score"),
    "quality": ("quality",),
    "topics": ("topics", "tags", "categories", "keywords", "category"),
    "provider": ("provider.name", "provider", "source.title", "source", "publisher", "outlet", "site"),
    "language": ("language", "lang", "locale"),
    "images": ("images", "image", "banner_image", "cover", "thumbnail", "media_thumbnail"),
    "published": ("published",),
    "draft": ("draft",),
    "status": ("status",),
}
"""For each field of the archive, the names that it may have in a source, best first.

They are those of the archive itself, of JSON Feed (`date_published`, `external_url`), of feedparser's entries (`link`,
`enclosures`, `media_thumbnail`), of Hugo, Jekyll and Ghost (`date`, `expirydate`, `permalink`, `custom_excerpt`), and
of common exports.
"""


@lru_cache(maxsize=1_000)
def of(field: str, plan: FieldPlan) -> tuple[str, ...]:
    """Return the names of our *field*, best first: as the settings say, then ours, then those in use elsewhere."""
    # Kept, because each file of an archive asks for a dozen fields. dict, as a name that comes twice counts once.
    asked = plan.called("image") if field == "images" else plan.called(field)
    return tuple(dict.fromkeys([*asked, *NAMES.get(field, ())]))
