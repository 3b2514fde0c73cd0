"""Fields of one file to an Article, value by value. Knows the archive's keys, not YAML and not what will be picked.

A value that is absent has a meaning (see each getter); one that is there and wrong is a Problem with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from digest import scoring
from digest.config.values import FieldPlan
from digest.config.yamlfile import Node
from digest.model import Article, Picture, Problem, Provider, Related, Text
from digest.text import languages, sanitize
from digest.text.urls import has_bare_host

if TYPE_CHECKING:
    from digest.model import Address

_ADDRESS_KEYS = ("webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl")
_LINKED_KEYS = _ADDRESS_KEYS[:3]
"""Where a headline may lead, best first. The AMP cache's address only helps to recognise a story."""

_TITLE, _EXCERPT = 300, 4_000
"""Most characters; the longest of 400 real articles have 136 and 457."""

DATE = "publishedDateTime"
"""Where an article's date stands, unless the settings name another key; `glance` proves by both."""

_LANGUAGE_KEYS = ("language", "lang", "locale")

_SPACED_OFFSET = re.compile(r" +(?=[+-]\d\d:?\d\d$)")
"""As in `2020-11-09 10:29:00 +0100`, which is Jekyll's way."""

_INTEGER = re.compile(r"[+-]?\d{1,9}")
_NO = frozenset({"false", "no", "off", "n", "0"})
_YES = frozenset({"true", "yes", "on", "y", "1"})


_AS_OURS = FieldPlan()


def build(
    path: str, fields: dict[str, Node], file: str, plan: FieldPlan = _AS_OURS
) -> tuple[Article | None, list[Problem]]:
    """Return the article that *fields* describe and what is wrong with it; no article where it has no title.

    *path* is the article's name within the archive, *file* what a problem names: the path to open. *plan* says what
    fields are called there; where its name is absent, ours is looked for.
    """
    here = _by_our_names(file, fields, plan)
    title = here.text("title", _TITLE)
    if not title:
        here.problem("title", "no title")
        return None, here.problems
    url, addresses = _addresses(here)
    heat, score = _heat(here, fields, plan)
    article = Article(
        path=path,
        title=title,
        excerpt=here.text("excerpt", _EXCERPT),
        provider=_provider(here),
        topics=here.texts("topics"),
        kind=here.text("type") or "article",
        category=here.text("category"),
        language=_language(here),
        published=here.flag("published", absent=True) and not here.flag("draft", absent=False),
        published_at=here.moment(DATE),
        heat=heat,
        quality=here.integer("quality") or 0,
        url=url,
        addresses=addresses,
        picture=_picture(here),
        related=tuple(filter(None, map(_related, here.each("related")))),
        score=score,
    )
    return article, here.problems


@dataclass(slots=True)
class _ArticleFields:
    """A mapping of the file with typed getters; collects what is wrong."""

    file: str
    pairs: dict[str, Node]
    problems: list[Problem] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def problem(self, key: str, what: str) -> None:
        line = self.pairs[key].line if key in self.pairs else None
        self.problems.append(Problem(path=self.file, line=line, what=what))

    def wrong(self, key: str, what: str) -> None:
        """Report what is wrong with the value of *key*, by the name it has in the file."""
        self.problem(key, f"{self.names.get(key, key)} {what}")

    def raw(self, key: str) -> str:
        node = self.pairs.get(key)
        if node is None or node.value is None:
            return ""
        if not isinstance(node.value, str):
            self.wrong(key, "is a list or mapping, not a text")
            return ""
        return node.value

    def text(self, key: str, most: int = 200) -> Text:
        return sanitize.text(self.raw(key), most=most)

    def texts(self, key: str) -> tuple[Text, ...]:
        """A list of texts, or a single one; each once, as first written."""
        node = self.pairs.get(key)
        if node is None or node.value is None:
            return ()
        members = node.value if isinstance(node.value, tuple) else (node,)
        words = [sanitize.text(member.value) for member in members if isinstance(member.value, str)]
        if len(words) != len(members):
            self.wrong(key, "is not a plain list of words")
        found: dict[str, Text] = {}
        for word in filter(None, words):
            found.setdefault(word.casefold(), word)
        return tuple(found.values())

    def integer(self, key: str) -> int | None:
        """A whole number; None where there is none."""
        written = self.raw(key).strip()
        return int(written) if _INTEGER.fullmatch(written) else None

    def flag(self, key: str, *, absent: bool) -> bool:
        node = self.pairs.get(key)
        written = self.raw(key).strip().casefold()
        if written in _NO or (node is not None and isinstance(node.value, (tuple, dict))):
            return False
        if written and written not in _YES:
            self.wrong(key, f"is neither true nor false: {written!r}; taken for false")
            return False
        return absent if not written else True

    def moment(self, key: str) -> datetime | None:
        """A date and time, in UTC unless it names an offset; a date alone is its first moment."""
        written = self.raw(key).strip()
        if not written:
            return None
        try:
            moment = datetime.fromisoformat(_SPACED_OFFSET.sub("", written))
        except ValueError:
            self.wrong(key, f"is no date and time: {written!r}; write it like 2020-11-09T10:29:00Z")
            return None
        try:
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except OverflowError:  # an offset at the end of the calendar
            self.wrong(key, f"is outside the calendar: {written!r}")
            return None

    def each(self, key: str) -> list[_ArticleFields]:
        """The mappings of a list; its problems count as this file's."""
        node = self.pairs.get(key)
        if node is None or node.value is None:
            return []
        members = node.value if isinstance(node.value, tuple) else (node,)
        mappings = [member.value for member in members if isinstance(member.value, dict)]
        if len(mappings) != len(members):
            self.wrong(key, "is not a list of mappings")
        return [_ArticleFields(self.file, pairs, self.problems) for pairs in mappings]

    def inner(self, key: str) -> _ArticleFields:
        """A mapping inside this one, empty where there is none."""
        node = self.pairs.get(key)
        if node is not None and node.value is not None and not isinstance(node.value, dict):
            self.wrong(key, "is not a mapping")
        pairs = node.value if node is not None and isinstance(node.value, dict) else {}
        return _ArticleFields(self.file, pairs, self.problems)


def _by_our_names(file: str, pairs: dict[str, Node], plan: FieldPlan) -> _ArticleFields:
    """Return the fields of a file, with what *plan* says they are called there under our names."""
    found, names = dict(pairs), {}
    for ours, theirs in plan.names:
        node = _inside(pairs, theirs)
        if node is not None and node.value is not None:
            key, found_there = _shaped(ours, node)
            found[key], names[key] = found_there, theirs
    return _ArticleFields(file, found, names=names)


def _inside(pairs: dict[str, Node], name: str) -> Node | None:
    """Return what stands under *name*; where nothing is called so, `a.b` is b inside a."""
    if name in pairs:
        return pairs[name]
    outer, dot, inner = name.partition(".")
    within = pairs[outer].value if dot and outer in pairs else None
    return _inside(within, inner) if isinstance(within, dict) else None


def _shaped(ours: str, node: Node) -> tuple[str, Node]:
    """Return the key and shape that a field has with us: a provider's name and a picture's address may stand alone."""
    if isinstance(node.value, str) and ours == "provider":
        return ours, Node({"name": node}, node.line)
    if ours == "image":
        return "images", Node({"url": node}, node.line) if isinstance(node.value, str) else node
    return ours, node


def _heat(here: _ArticleFields, fields: dict[str, Node], plan: FieldPlan) -> tuple[int | None, str]:
    """The heat, else what the settings make of other fields, and of which.

    Absent, negative or not a number: the article is unscored.
    """
    heat = here.integer("heat")
    if heat is not None:
        return (None if heat < 0 else heat), ""

    def figure(name: str) -> object:
        node = _inside(fields, name)
        return node.value if node else None

    return (scoring.heat(plan.score, figure) if plan.score else None) or (None, "")


def _language(here: _ArticleFields) -> str:
    """The first language named, as a tag."""
    key = next((key for key in _LANGUAGE_KEYS if here.raw(key).strip()), "")
    tag = languages.normal(here.raw(key)) if key else ""
    if key and not tag:
        here.problem(key, f"{key} is no language tag: {here.raw(key)[:80]!r}; write it like en or pt-BR")
    return tag


def _addresses(here: _ArticleFields) -> tuple[Address | None, tuple[Address, ...]]:
    """Return where the headline leads, and every address the article is known by."""
    found: dict[str, Address] = {}
    for key in _ADDRESS_KEYS:
        written = here.raw(key)
        address = sanitize.address(written) if written else None
        if address and has_bare_host(address):
            # What answers there is the reader's own machine or network: no link that a letter may carry. A private
            # name (printer.local) stays, since it leads nowhere else; the gate warns of it.
            here.problem(key, f"{key} leads to a machine by its number, not to a public name: {written[:80]!r}")
        elif address:
            found[key] = address
        elif written:
            here.problem(key, f"{key} is not an http(s) address: {written[:80]!r}")
    url = next((found[key] for key in _LINKED_KEYS if key in found), None)
    if url is None:
        here.problem("title", "no usable address (webUrl, originalUrl or ampWebUrl); it cannot be picked")
    return url, tuple(dict.fromkeys([url, *found.values()] if url else found.values()))


def _provider(here: _ArticleFields) -> Provider:
    provider = here.inner("provider")
    domain = provider.text("domain").casefold()
    return Provider(
        name=provider.text("name") or sanitize.again(domain) or sanitize.again("unknown provider"),
        domain=domain,
        icon=_picture(provider),
    )


def _picture(here: _ArticleFields) -> Picture | None:
    """The first of `images` that has a usable address."""
    for image in here.each("images"):
        url = sanitize.address(image.raw("url"))
        if url:
            return Picture(url=url, width=image.integer("width"), height=image.integer("height"))
    return None


def _related(here: _ArticleFields) -> Related | None:
    usable = filter(None, (sanitize.address(here.raw(key)) for key in _LINKED_KEYS))
    url = next((one for one in usable if not has_bare_host(one)), None)
    title = here.text("title", _TITLE)
    if url is None or not title:
        return None
    return Related(
        title=title,
        excerpt=here.text("excerpt", _EXCERPT),
        provider=_provider(here),
        url=url,
        quality=here.integer("quality") or 0,
        published_at=here.moment("publishedDateTime"),
    )
