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
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.importing.formats import Raw
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

_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "em",
        "font",
        "i",
        "kbd",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
        "var",
        "wbr",
    ]
)
"""Elements that do not part words."""

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
    url = clean.address(str(here.value("webUrl") or ""))
    at = moment(here.value("publishedDateTime"))
    lacks = [name for name, there in (("title", title), ("http(s) address", url), ("date", at)) if not there]
    if lacks or url is None or at is None:
        return Problem(path=raw.place, what=f"has no {' and no '.join(lacks)}; name the field with `fields`")
    domain = (urlsplit(url).hostname or "").removeprefix("www.")
    return Found(
        place=raw.place,
        title=title,
        excerpt=here.text("excerpt", _EXCERPT)
        or clean.text(words_of(str(raw.base.get("paragraph", ""))), most=_EXCERPT),
        at=at,
        url=url,
        provider=here.text("provider", 200) or clean.again(domain),
        domain=domain,
        topics=here.texts("topics"),
        heat=here.heat(),
        quality=here.integer("quality"),
        language=languages.normal(str(here.value("language") or "")),
        image=clean.address(str(here.value("image") or "")),
        published=not _is_true(here.value("draft")) and str(here.value("published")).casefold() not in {"false", "no"},
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

    def text(self, name: str, most: int) -> Text:
        """Words, without mark-up."""
        value = self.value(name)
        return (
            clean.text(words_of(value), most=most)
            if isinstance(value, str)
            else clean.text(str(value or ""), most=most)
        )

    def texts(self, name: str) -> tuple[Text, ...]:
        """A list, or words between commas."""
        value = self.value(name)
        members = value if isinstance(value, list) else str(value or "").split(",")
        words = [clean.text(words_of(str(one)), most=200) for one in members if isinstance(one, (str, int, float))]
        return tuple(dict.fromkeys(filter(None, words)))

    def integer(self, name: str) -> int | None:
        """A whole number that is not negative, rounded; None for anything else."""
        number = scoring.number(self.value(name))
        return None if number is None or number < 0 else round(number)

    def heat(self) -> int | None:
        """The heat, else the score that the settings make of other fields."""
        own = self.integer("heat")
        made = scoring.heat(self._plan.score, lambda name: inside(self._raw.fields, name)) if own is None else None
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
        parsed = _parsed(str(value or "").strip())
        if parsed is None:
            return None
        found = parsed
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _parsed(written: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def words_of(html: str) -> str:
    """Return the words of a text that may be HTML; what stands in scripts and styles is none."""
    if "<" not in html:
        return html
    import tinyhtml5  # noqa: PLC0415 - only texts with mark-up need a parser

    tree = tinyhtml5.parse(html, namespace_html_elements=False)
    for element in list(tree.iter()):
        if element.tag in {"script", "style", "template"}:
            element.text = ""
            for inner in list(element):
                element.remove(inner)
        if element.tag not in _INLINE:
            element.text, element.tail = f" {element.text or ''}", f" {element.tail or ''}"
    return " ".join("".join(tree.itertext()).split())


def _is_true(value: object) -> bool:
    return str(value).casefold() in {"true", "yes", "1"}
