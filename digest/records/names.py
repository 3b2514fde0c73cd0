"""The names that the fields of an article have in sources, for archives and imports alike."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
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
        "pubDatetime",
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
    "wordCount": ("wordCount", "word_count", "wordcount", "word-count", "wordsCount", "readingTime.words", "words"),
    "readingTime": (
        "readingTime",
        "readingTime.minutes",
        "reading_time",
        "reading-time",
        "readTime",
        "read_time",
        "readtime",
        "timeRequired",
        "minutes",
    ),
    "published": ("published",),
    "draft": ("draft",),
    "status": ("status",),
}
"""For each field of the archive, the names that it may have in a source, best first.

They are those of the archive itself, of JSON Feed (`date_published`, `external_url`), of feedparser's entries (`link`,
`enclosures`, `media_thumbnail`), of Hugo, Jekyll and Ghost (`date`, `expirydate`, `permalink`, `custom_excerpt`), of
schema.org and of plug-ins for Jekyll, Eleventy and Astro (`timeRequired`, `readtime`, `readingTime.minutes`), and of
common exports.
"""


class FieldNames:
    """The names of each of our fields, best first, in *table*; a field that has no other name is not in it."""

    def __init__(self, table: Mapping[str, tuple[str, ...]] = MappingProxyType({})) -> None:
        self.table = table
        # The records of an archive have few sets of keys, and each record asks for three dozen fields.
        self.among = lru_cache(maxsize=1_000)(self._among)

    def _among(self, keys: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
        """Return those names that may be had of a record with *keys*: `a.b` also of one with `a`."""
        there = frozenset(keys)
        return {
            field: tuple(name for name in names if name in there or name.partition(".")[0] in there)
            for field, names in self.table.items()
        }


@lru_cache(maxsize=8)
def by_field(plan: FieldPlan) -> FieldNames:
    """Return the names of our fields: as the settings say, then ours, then those in use elsewhere."""
    # Kept, and made for all fields at once: to hash a plan takes longer than to look one up. dict, as a name that comes
    # twice counts once.
    renamed = {"images" if ours == "image" else ours for ours, _ in plan.names}
    return FieldNames(
        {
            field: tuple(dict.fromkeys([*plan.called("image" if field == "images" else field), *NAMES.get(field, ())]))
            for field in dict.fromkeys([*NAMES, *sorted(renamed)])
        }
    )


def of(field: str, plan: FieldPlan) -> tuple[str, ...]:
    """Return the names of our *field*, best first."""
    return by_field(plan).table.get(field) or (field,)
