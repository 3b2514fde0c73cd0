"""Records of any source shaped into articles: fields found by their usual names, values cleaned, mark-up taken off.

A field is looked up by the name that the settings give it, and by no other where they give one; else by the archive's
own name and then by those in use elsewhere (NAMES). First in the record, then in what holds of its whole source. A name
such as `a.b` means b inside a.

Mark-up is reduced to its words by a tokenizer alone (`words`), after the HTML standard's rules for where tags, comments
and scripts begin and end. No tree is built: a parser that keeps one walks through all open elements at each tag, so
that 20,000 nested <div> take it nine seconds.
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
"""For each field of the archive, the names that it may have in a source, best first.

They are those of the archive itself, of JSON Feed (`date_published`, `external_url`), of feedparser's entries (`link`,
`enclosures`, `media_thumbnail`), of Hugo and Jekyll (`date`, `permalink`, `cover`), and of common exports.
"""

# Where the wrong field is named, or a feed is hostile, a whole article may stand in the date's place.
_LONGEST_DATE = 100
"""Most characters of what may be a date."""

# A feed may carry the whole article, which is not ours to reprint.
_EXCERPT = 600
"""Most characters of an excerpt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An article that can be written into the archive.

    *place* names its record in messages. *at* is when it was published, in UTC. *domain* is the host of *url* without
    `www.`, and *provider* the publisher's name, or that domain where the source names none. *heat* is None where there
    is no score, and such an article is never picked. *published* is False for a draft.
    """

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
    """Return the article of a record, or a Problem that names all it lacks of title, http(s) address and date.

    *plan* is what the settings say of field names and of what a heat is made of.
    """
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
    """A record with getters by the archive's names for fields."""

    def __init__(self, raw: Raw, plan: FieldPlan) -> None:
        self._raw, self._plan = raw, plan
        self._names = dict(plan.names)

    def value(self, name: str) -> Any:  # noqa: ANN401 - whatever the record holds
        """The first value that is not empty, by the names that a field may have; None without any."""
        names = (self._names[name],) if name in self._names else NAMES[name]
        # The whole record before its source: a feed's own title, say, is no reason to pass over an entry's publisher
        # because that has a less common name.
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
        """The value's words without mark-up, at most *most* characters."""
        return _words(self.value(name), most)

    def texts(self, name: str) -> tuple[Text, ...]:
        """The members of a list, or of a text parted by commas; each once, without mark-up."""
        value = self.value(name)
        members = value if isinstance(value, list) else _written(value).split(",")
        return tuple(dict.fromkeys(filter(None, (_words(member, 200) for member in members))))

    def integer(self, name: str) -> int | None:
        """A number, also one written as text, rounded to a whole one; None for anything else and for negative ones."""
        number = scoring.number(_figure(self.value(name)))
        return None if number is None or number < 0 else round(number)

    def heat(self) -> int | None:
        """The record's own heat, else the one that the settings make of other fields; None without either."""
        own = self.integer("heat")
        made = (
            scoring.heat(self._plan.score, lambda name: _figure(inside(self._raw.fields, name)))
            if own is None
            else None
        )
        return made[0] if made else own


def inside(where: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - whatever the record holds
    """Return the value called *name*: as it stands, else `a.b` as b inside a, and `a.0` as the first of a.

    None where there is none, and for a mapping, which is no value of any field.
    """
    # A column of CSV may itself be called `a.b`, so the name as it stands comes first.
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
    """Return a date and time in UTC, from ISO 8601, RFC 2822 or a date of TOML; None where it is none.

    A time without an offset is taken for UTC, a date without a time for its first moment.
    """
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
    # In UTC, a time of the year 1 or 9999 with an offset may lie outside Python's calendar.
    except OverflowError:
        return None


def _parsed(written: str) -> datetime | None:
    """Return the date and time of a text; None where neither parser reads it."""
    if len(written) > _LONGEST_DATE:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        # For broken dates parsedate_to_datetime raises what its parts raise, not ValueError alone as documented.
        try:
            return read(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _written(value: object) -> str:
    """Return a text, number, flag or date as it is written; "" for a list or mapping, whose str() would be Python's."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, date)):
        return str(value)
    return str(value) if _figure(value) is not None else ""


def _figure(value: object) -> str | int | float | None:
    """Return a value that is a number or may be the text of one; None for others and for huge integers."""
    if isinstance(value, int):
        # str() raises ValueError for more than 4,300 digits (CVE-2020-10735); TOML can write such a number in
        # hexadecimal.
        return value if value.bit_length() < 64 else None
    return value if isinstance(value, str | float) else None


def _words(value: object, most: int) -> Text:
    """Return the words of a value without mark-up, cleaned and cut; a flag has none."""
    written = "" if isinstance(value, bool) else _written(value)
    # Entities are decoded exactly once, by `words` or by `text`: twice would make a tag of `&amp;lt;b>`.
    return sanitize.again(words(written), most=most) if "<" in written else sanitize.text(written, most=most)


def _is_true(written: str) -> bool:
    """Whether a flag is set in one of the usual spellings."""
    return written.casefold() in {"true", "yes", "1"}


_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small", "span",
    "strong", "sub", "sup", "u", "var", "wbr",
})  # fmt: skip
"""Elements that do not part words: `<b>w</b>ord` is one word, `<li>a</li><li>b</li>` are two."""

_RAW = frozenset({"iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"})
"""Elements whose content is text up to their own end tag, whatever it looks like (HTML, 13.2.6.2 and .4)."""

_HIDDEN = frozenset({"script", "style"})
"""Those of them whose content nobody reads."""

_TAG = re.compile(
    # What is not closed goes to the end of the text, as the standard has it. Each quantifier is possessive, so nothing
    # is looked through twice: ten thousand comments that stay open are one.
    r"<(?:"
    r"!--(?:-?>|(?:(?!--!?>).)*+(?:--!?>)?+)"  # a comment
    r"|[!?][^>]*+>?+|/[^a-zA-Z>][^>]*+>?+|/>"  # a bogus one
    r"|(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)"
    # A `>` inside quotes does not close the tag, but only behind a `=` is a quote one.
    r"[^>=]*+(?:=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)?+[^>=]*+)*+>?+"
    r")",
    re.DOTALL,
)
_CLOSING = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}


def words(html: str) -> str:
    """Return the words of a text that may be HTML, parted by single spaces, with entities decoded once.

    The content of scripts, styles, templates and comments is left out. The steps grow with the length of *html*,
    whatever is open or nested in it.
    """
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
            # An element that is never closed goes to the end, as in browsers.
            start, position = position, closing.start() if closing else len(html)
            if not templates and name not in _HIDDEN:
                pieces.append(html[start:position])
    if not templates:
        pieces.append(html[position:])
    return " ".join("".join(map(sanitize.unescaped, pieces)).split())
