"""An Article made of one file's fields, value by value.

Every value is checked here and nowhere later: texts and addresses are cleaned, dates brought to UTC, numbers are whole.
A value that is absent has a meaning (docs/archive.md lists them); one that is there and wrong is a Problem with its
line, and counts as absent, or as false where it is a flag. Only without a title there is no article.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from digest.config.values import FieldPlan
from digest.config.yamlfile import Node
from digest.model import Article, Picture, Problem, Provider, Related, Text
from digest.records import scoring
from digest.text import languages, sanitize
from digest.text.urls import has_bare_host

if TYPE_CHECKING:
    from digest.model import Address

_ADDRESS_KEYS = ("webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl")
_LINKED_KEYS = _ADDRESS_KEYS[:3]
"""Keys of the addresses that a headline may lead to, best first. The AMP cache's only helps to recognise a story."""

# The longest of 400 real articles have 136 and 457. Without a limit, one hostile text pushes the rest out of a letter.
_TITLE, _EXCERPT = 300, 4_000
"""Most characters of a title and of an excerpt."""

DATE = "publishedDateTime"
"""Key of an article's date, unless the settings name another; `dateprobe` proves by both."""

_LANGUAGE_KEYS = ("language", "lang", "locale")
"""Keys of an article's language, best first."""

_SPACED_OFFSET = re.compile(r" +(?=[+-]\d\d:?\d\d$)")
"""The blank before the offset in `2020-11-09 10:29:00 +0100`, which Jekyll writes and ISO 8601 does not have."""

# Nine digits hold any count of readers; int() of thousands of digits would be a ValueError.
_INTEGER = re.compile(r"[+-]?\d{1,9}")
_NO = frozenset({"false", "no", "off", "n", "0"})
_YES = frozenset({"true", "yes", "on", "y", "1"})
"""Spellings of a flag, in lower case: YAML 1.1's, which Jekyll's parser knows, and digits."""


_AS_OURS = FieldPlan()


def build(
    path: str, fields: dict[str, Node], file: str, plan: FieldPlan = _AS_OURS
) -> tuple[Article | None, list[Problem]]:
    """Return the article that *fields* describe and what is wrong with it; None where it has no title.

    *path* is the article's name within the archive; *file* is the path to open, which problems name. *plan* says what
    fields are called in this archive; where a file lacks that name, the usual one is looked for, so that imported
    articles and those that were there before live side by side.
    """
    reader = _by_our_names(file, fields, plan)
    title = reader.text("title", _TITLE)
    if not title:
        reader.problem("title", "no title")
        return None, reader.problems
    url, addresses = _addresses(reader)
    heat, score = _heat(reader, fields, plan)
    article = Article(
        path=path,
        title=title,
        excerpt=reader.text("excerpt", _EXCERPT),
        provider=_provider(reader),
        topics=reader.texts("topics"),
        kind=reader.text("type") or "article",
        category=reader.text("category"),
        language=_language(reader),
        published=reader.flag("published", absent=True) and not reader.flag("draft", absent=False),
        published_at=reader.moment(DATE),
        heat=heat,
        quality=reader.integer("quality") or 0,
        url=url,
        addresses=addresses,
        picture=_picture(reader),
        related=tuple(filter(None, map(_related, reader.each("related")))),
        score=score,
    )
    return article, reader.problems


@dataclass(slots=True)
class _ArticleFields:
    """A mapping of the file with typed getters by our keys.

    *pairs* are its values by our keys, *names* for some keys the name that the file has instead. What is wrong is
    collected in *problems*, which the mappings inside share.
    """

    file: str
    pairs: dict[str, Node]
    problems: list[Problem] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def problem(self, key: str, problem: str) -> None:
        """Report a problem, at the line of *key* where the file has that."""
        line = self.pairs[key].line if key in self.pairs else None
        self.problems.append(Problem(path=self.file, line=line, what=problem))

    def wrong(self, key: str, problem: str) -> None:
        """Report what is wrong with the value of *key*, by the name it has in the file."""
        self.problem(key, f"{self.names.get(key, key)} {problem}")

    def raw(self, key: str) -> str:
        """A text as it is written, "" where there is none or it is a list or mapping, which is a problem."""
        node = self.pairs.get(key)
        if node is None or node.value is None:
            return ""
        if not isinstance(node.value, str):
            self.wrong(key, "is a list or mapping, not a text")
            return ""
        return node.value

    def text(self, key: str, most: int = 200) -> Text:
        """A clean text of at most *most* characters."""
        return sanitize.text(self.raw(key), most=most)

    def texts(self, key: str) -> tuple[Text, ...]:
        """A list of texts, or a single one; each once without regard to case, as first written."""
        node = self.pairs.get(key)
        if node is None or node.value is None:
            return ()
        members = node.value if isinstance(node.value, tuple) else (node,)
        texts = [sanitize.text(member.value) for member in members if isinstance(member.value, str)]
        if len(texts) != len(members):
            self.wrong(key, "is not a plain list of words")
        unique: dict[str, Text] = {}
        for word in filter(None, texts):
            unique.setdefault(word.casefold(), word)
        return tuple(unique.values())

    def integer(self, key: str) -> int | None:
        """A whole number of at most nine digits; None where there is none, which is no problem."""
        written = self.raw(key).strip()
        return int(written) if _INTEGER.fullmatch(written) else None

    def flag(self, key: str, *, absent: bool) -> bool:
        """Whether a flag is set; *absent* where it is missing or empty, False (and a problem) for any other word."""
        # The doubtful value is taken for false: `published: soon` must not run.
        node = self.pairs.get(key)
        written = self.raw(key).strip().casefold()
        if written in _NO or (node is not None and isinstance(node.value, (tuple, dict))):
            return False
        if written and written not in _YES:
            self.wrong(key, f"is neither true nor false: {written!r}; taken for false")
            return False
        return absent if not written else True

    def moment(self, key: str) -> datetime | None:
        """A date and time in UTC; one without an offset is in UTC already, a date alone is its first moment."""
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
        # In the years 1 and 9999 an offset may lead out of Python's calendar.
        except OverflowError:
            self.wrong(key, f"is outside the calendar: {written!r}")
            return None

    def each(self, key: str) -> list[_ArticleFields]:
        """The mappings of a list, or a single one; their problems count as this file's."""
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
    """Return the fields of a file under our keys, those that *plan* names among them; an empty value names nothing."""
    by_name, names = dict(pairs), {}
    for ours, theirs in plan.names:
        node = _inside(pairs, theirs)
        if node is not None and node.value is not None:
            key, found_there = _shaped(ours, node)
            by_name[key], names[key] = found_there, theirs
    return _ArticleFields(file, by_name, names=names)


def _inside(pairs: dict[str, Node], name: str) -> Node | None:
    """Return what stands under *name*; where no key is called so, `a.b` is b inside a, at any depth."""
    if name in pairs:
        return pairs[name]
    outer, dot, inner = name.partition(".")
    within = pairs[outer].value if dot and outer in pairs else None
    return _inside(within, inner) if isinstance(within, dict) else None


def _shaped(ours: str, node: Node) -> tuple[str, Node]:
    """Return the key and shape that a field has in the archive's own format.

    Other archives write a provider as its name alone, and a picture as its address alone.
    """
    if isinstance(node.value, str) and ours == "provider":
        return ours, Node({"name": node}, node.line)
    if ours == "image":
        return "images", Node({"url": node}, node.line) if isinstance(node.value, str) else node
    return ours, node


def _heat(reader: _ArticleFields, fields: dict[str, Node], plan: FieldPlan) -> tuple[int | None, str]:
    """Return the heat and "", else the heat that the settings make of other fields and its terms in words.

    None where the heat is absent and cannot be made, or is negative: the article is unscored and never picked.
    """
    heat = reader.integer("heat")
    if heat is not None:
        return (None if heat < 0 else heat), ""

    def figure(name: str) -> object:
        node = _inside(fields, name)
        return node.value if node else None

    return (scoring.heat(plan.score, figure) if plan.score else None) or (None, "")


def _language(fields: _ArticleFields) -> str:
    """Return the first language that is named, as a tag by rule (`pt-BR`); "" where there is none or it is no tag."""
    key = next((key for key in _LANGUAGE_KEYS if fields.raw(key).strip()), "")
    tag = languages.normal(fields.raw(key)) if key else ""
    if key and not tag:
        fields.problem(key, f"{key} is no language tag: {fields.raw(key)[:80]!r}; write it like en or pt-BR")
    return tag


def _addresses(fields: _ArticleFields) -> tuple[Address | None, tuple[Address, ...]]:
    """Return where the headline leads, and every address the article is known by, each once, that one first."""
    unique: dict[str, Address] = {}
    for key in _ADDRESS_KEYS:
        written = fields.raw(key)
        address = sanitize.address(written) if written else None
        if address and has_bare_host(address):
            # What answers there is the reader's own machine or network: no link that a letter may carry. A private
            # name (printer.local) stays, since it leads nowhere else; the gate warns of it.
            fields.problem(key, f"{key} leads to a machine by its number, not to a public name: {written[:80]!r}")
        elif address:
            unique[key] = address
        elif written:
            fields.problem(key, f"{key} is not an http(s) address: {written[:80]!r}")
    url = next((unique[key] for key in _LINKED_KEYS if key in unique), None)
    if url is None:
        fields.problem("title", "no usable address (webUrl, originalUrl or ampWebUrl); it cannot be picked")
    return url, tuple(dict.fromkeys([url, *unique.values()] if url else unique.values()))


def _provider(fields: _ArticleFields) -> Provider:
    """Return the provider, named by its domain where it has no name, and `unknown provider` without either."""
    provider = fields.inner("provider")
    domain = provider.text("domain").casefold()
    return Provider(
        # `again`, since the domain has been a text already: its entities must not be decoded a second time.
        name=provider.text("name") or sanitize.again(domain) or sanitize.again("unknown provider"),
        domain=domain,
        icon=_picture(provider),
    )


def _picture(fields: _ArticleFields) -> Picture | None:
    """Return the first of `images` that has a usable address; one without is no problem."""
    for image in fields.each("images"):
        url = sanitize.address(image.raw("url"))
        if url:
            return Picture(url=url, width=image.integer("width"), height=image.integer("height"))
    return None


def _related(fields: _ArticleFields) -> Related | None:
    """Return other coverage that the file lists; None for an entry without a title or a public address."""
    usable = filter(None, (sanitize.address(fields.raw(key)) for key in _LINKED_KEYS))
    url = next((address for address in usable if not has_bare_host(address)), None)
    title = fields.text("title", _TITLE)
    if url is None or not title:
        return None
    return Related(
        title=title,
        excerpt=fields.text("excerpt", _EXCERPT),
        provider=_provider(fields),
        url=url,
        quality=fields.integer("quality") or 0,
        published_at=fields.moment("publishedDateTime"),
    )
