"""Records of any source shaped into articles: fields found by their usual names, values cleaned, mark-up taken off.

A field is looked up by the name that the settings give it, and by no other where they give one; else by the archive's
own name and then by those in use elsewhere (`records.names`). First in the record, then in what holds of its whole
source. A name such as `a.b` means b inside a.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from digest.model import Problem
from digest.records import scoring
from digest.records.dates import moment
from digest.records.markup import words
from digest.records.names import NAMES
from digest.text import languages, sanitize

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from digest.config.values import FieldPlan
    from digest.importing.source import Raw
    from digest.model import Address, Text


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
