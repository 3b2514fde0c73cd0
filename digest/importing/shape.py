"""A raw record to an article's fields, under whatever names they have elsewhere.

Names that the settings give come first, then the archive's own, then those that others use. `a.b` is b inside a.

No tree is built: a parser that keeps one walks through all open elements at each tag, so that 20,000 nested <div> take
nine seconds. Words need the tags' boundaries only; these are the tokenizer's rules of the HTML standard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from digest import scoring
from digest.model import Problem
from digest.text import languages, sanitize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.config.values import FieldPlan
    from digest.importing.source import Raw
    from digest.model import Address, Text


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
    fields = _RecordFields(raw, plan)
    title = fields.text("title", 300)
    url = sanitize.address(fields.written("webUrl"))
    at = moment(fields.value("publishedDateTime"))
    lacks = [name for name, value in (("title", title), ("http(s) address", url), ("date", at)) if not value]
    if lacks or url is None or at is None:
        return Problem(path=raw.place, what=f"has no {' and no '.join(lacks)}; name the field with `fields`")
    domain = (urlsplit(url).hostname or "").removeprefix("www.")
    return Found(
        place=raw.place,
        title=title,
        excerpt=fields.text("excerpt", _EXCERPT),
        at=at,
        url=url,
        provider=fields.text("provider", 200) or sanitize.again(domain),
        domain=domain,
        topics=fields.texts("topics"),
        heat=fields.heat(),
        quality=fields.integer("quality"),
        language=languages.normal(fields.written("language")),
        image=sanitize.address(fields.written("image")),
        published=not _is_true(fields.written("draft"))
        and fields.written("published").casefold() not in {"false", "no"},
    )


class _RecordFields:
    """A record with getters by our own names."""

    def __init__(self, raw: Raw, plan: FieldPlan) -> None:
        self._raw, self._plan = raw, plan
        self._names = dict(plan.names)

    def value(self, name: str) -> Any:  # noqa: ANN401 - whatever the record holds
        """The first that is there of what a field may be called."""
        names = (self._names[name],) if name in self._names else NAMES[name]
        for where in (self._raw.fields, self._raw.base):
            for alias in names:
                value = inside(where, alias)
                if value not in (None, "", [], {}):
                    return value
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
        published = value
    elif isinstance(value, date):
        published = datetime(value.year, value.month, value.day, tzinfo=UTC)
    else:
        parsed = _parsed(_written(value).strip())
        if parsed is None:
            return None
        published = parsed
    try:
        return published.astimezone(UTC) if published.tzinfo else published.replace(tzinfo=UTC)
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
    return sanitize.again(words(written), most=most) if "<" in written else sanitize.text(written, most=most)


def _is_true(written: str) -> bool:
    return written.casefold() in {"true", "yes", "1"}


_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small", "span",
    "strong", "sub", "sup", "u", "var", "wbr",
})  # fmt: skip
"""Elements that do not part words."""

_RAW = frozenset({"iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"})
"""Elements in which no other can start."""

_HIDDEN = frozenset({"script", "style"})

_TAG = re.compile(
    # What is not closed goes to the end of the text, as the standard has it: nothing is looked through twice.
    r"<(?:"
    r"!--(?:-?>|(?:(?!--!?>).)*+(?:--!?>)?+)"  # a comment
    r"|[!?][^>]*+>?+|/[^a-zA-Z>][^>]*+>?+|/>"  # a bogus one
    r"|(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)"
    r"[^>=]*+(?:=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)?+[^>=]*+)*+>?+"  # a `>` inside quotes does not close the tag
    r")",
    re.DOTALL,
)
_CLOSING = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}


def words(html: str) -> str:
    """Return the words of a text that may be HTML, with entities decoded; what is in scripts and styles is none."""
    pieces: list[str] = []
    position = templates = 0
    while tag := _TAG.search(html, position):
        if not templates:
            pieces.append(html[position : tag.start()])
        position = tag.end()
        name = (tag["name"] or "").casefold()
        if name == "template":
            templates = max(0, templates + (-1 if tag["end"] else 1))
        if not templates and name and name not in _INLINE:
            pieces.append(" ")
        if name in _RAW and not tag["end"]:
            closing = _CLOSING[name].search(html, position)
            start, position = position, closing.start() if closing else len(html)
            if not templates and name not in _HIDDEN:
                pieces.append(html[start:position])
    if not templates:
        pieces.append(html[position:])
    return " ".join("".join(map(sanitize.unescaped, pieces)).split())
