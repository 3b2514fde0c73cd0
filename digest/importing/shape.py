"""A raw record to an article's fields. Knows what fields are called elsewhere; opens no file.

Names that the settings give come first, then the archive's own, then those that others use. `a.b` is b inside a.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from digest import clean, languages, scoring
from digest.importing import markup
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.importing.source import Raw
    from digest.model import Address, FieldPlan, Text

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
"""What each field may be called, best first."""

_LONGEST_DATE = 100

_EXCERPT = 600
"""Most characters of an excerpt; a feed may carry the whole article, which is not ours to reprint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An article that can be written down. *at* is in UTC; *heat* None: it has no score, and will not run."""

    place: str
    title: Text
    excerpt: Text
    at: datetime
    url: Address
    provider: Text
    domain: str
    topics: tuple[Text, ...]
    heat: int | None = None
    quality: int | None = None
    language: str = ""
    image: Address | None = None
    published: bool = True


def article(raw: Raw, plan: FieldPlan) -> Found | Problem:
    """Return the article of a record, or what it lacks."""
    here = _Fields(raw, plan)
    title = here.text("title", 300)
    url = clean.address(here.written("webUrl"))
    at = moment(here.value("publishedDateTime"))
    lacks = [name for name, there in (("title", title), ("http(s) address", url), ("date", at)) if not there]
    if lacks or url is None or at is None:
        return Problem(path=raw.place, what=f"has no {' and no '.join(lacks)}; name the field with `fields`")
    domain = (urlsplit(url).hostname or "").removeprefix("www.")
    return Found(
        place=raw.place,
        title=title,
        excerpt=here.text("excerpt", _EXCERPT),
        at=at,
        url=url,
        provider=here.text("provider", 200) or clean.again(domain),
        domain=domain,
        topics=here.texts("topics"),
        heat=here.heat(),
        quality=here.integer("quality"),
        language=languages.normal(here.written("language")),
        image=clean.address(here.written("image")),
        published=not _is_true(here.written("draft")) and here.written("published").casefold() not in {"false", "no"},
    )


class _Fields:
    """A record with getters by our own names."""

    def __init__(self, raw: Raw, plan: FieldPlan) -> None:
        self._raw, self._plan = raw, plan
        self._names = dict(plan.names)

    def value(self, name: str) -> Any:  # noqa: ANN401 - whatever the record holds
        """The first that is there of what a field may be called."""
        known = (self._names[name],) if name in self._names else NAMES[name]
        for where in (self._raw.fields, self._raw.base):
            for one in known:
                found = inside(where, one)
                if found not in (None, "", [], {}):
                    return found
        return None

    def written(self, name: str) -> str:
        """The value as text, "" where it is none, such as a list."""
        return _written(self.value(name))

    def text(self, name: str, most: int) -> Text:
        """Words, without mark-up."""
        return _words(self.value(name), most)

    def texts(self, name: str) -> tuple[Text, ...]:
        """A list, or words between commas."""
        value = self.value(name)
        members = value if isinstance(value, list) else _written(value).split(",")
        return tuple(dict.fromkeys(filter(None, (_words(member, 200) for member in members))))

    def integer(self, name: str) -> int | None:
        """A whole number that is not negative, rounded; None for anything else."""
        number = scoring.number(_figure(self.value(name)))
        return None if number is None or number < 0 else round(number)

    def heat(self) -> int | None:
        """The heat, else the score that the settings make of other fields."""
        own = self.integer("heat")
        made = (
            scoring.heat(self._plan.score, lambda name: _figure(inside(self._raw.fields, name)))
            if own is None
            else None
        )
        return made[0] if made else own


def inside(where: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - whatever the record holds
    """Return the value called *name*: as it stands, else `a.b` as b inside a, and `a.0` as the first of a."""
    if name in where:
        return where[name]
    value: Any = where
    for step in name.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value if not isinstance(value, dict) else None


def moment(value: object) -> datetime | None:
    """Return a date and time in UTC, from ISO 8601, RFC 2822 or a date of TOML; None where it is none."""
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime(value.year, value.month, value.day, tzinfo=UTC)
    else:
        parsed = _parsed(_written(value).strip())
        if parsed is None:
            return None
        found = parsed
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _parsed(written: str) -> datetime | None:
    if len(written) > _LONGEST_DATE:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _written(value: object) -> str:
    """Return a text or a number as it is written; "" for anything else, which would be code of Python, not words."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, date)):
        return str(value)
    return str(value) if _figure(value) is not None else ""


def _figure(value: object) -> str | int | float | None:
    """Return what may be a number; not one of thousands of digits, which Python refuses to write down."""
    if isinstance(value, int):
        return value if value.bit_length() < 64 else None
    return value if isinstance(value, str | float) else None


def _words(value: object, most: int) -> Text:
    written = "" if isinstance(value, bool) else _written(value)
    # Entities are decoded once: by whoever takes the mark-up off, else by whoever cleans.
    return clean.again(markup.words(written), most=most) if "<" in written else clean.text(written, most=most)


def _is_true(written: str) -> bool:
    return written.casefold() in {"true", "yes", "1"}
