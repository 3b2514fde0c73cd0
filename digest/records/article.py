"""An Article made of the fields of one record, value by value.

Every value is checked here and nowhere later: texts and addresses are cleaned, dates brought to UTC. A value that is
absent has a meaning (docs/archive.md lists them); one that is there and wrong is a Problem with its line, and counts as
absent, or as false where it is a flag. Only without a title there is no article.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta, timezone
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from digest.config.values import FieldPlan, ReadingPlan
from digest.model import Article, Picture, Problem, Provider, Related
from digest.records import (
    dates,
    excerpts,
    filenames,
    lengths,
    markdown,
    markup,
    names,
    permalinks,
    publishers,
    scoring,
    topics,
)
from digest.records.fields import Fields, inside
from digest.records.figures import NoFigure, number
from digest.records.names import CHANGED, DATE, EMBARGO, EXPIRES
from digest.records.permalinks import OwnPost
from digest.text import languages, sanitize
from digest.text.urls import has_bare_host, host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from digest.config.yamlfile import Node
    from digest.model import Address, Text

_ADDRESS_KEYS = ("webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl")
_LINKED_KEYS = _ADDRESS_KEYS[:3]
"""Keys of the addresses that a headline may lead to, best first. The AMP cache's only helps to recognise a story."""

# The longest of 400 real articles have 136 and 457. Without a limit, one hostile text pushes the rest out of a letter.
_TITLE, _EXCERPT = 300, 4_000
"""Most characters of a title and of an excerpt."""

# What WordPress, Ghost and Pelican call an article that readers must not see.
_UNPUBLISHED = frozenset({"draft", "private", "pending", "scheduled", "future", "trash", "trashed", "hidden"})
"""Values of `status` of what is not published, in lower case."""

_OURS = FieldPlan()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One article as its source has it.

    *place* names it in messages: a path to open, or such as `export.jsonl:3`. *fields* are its values by the source's
    own names, written as texts; *base* holds further ones that are known of all records of the source. *path* is that
    of its file, which may tell its day: its name within the archive, "" where many records share a file. *name* is what
    one of these is called in the archive, "" for one that is not in it yet. *body* is the text below its fields. *html*
    names those of our fields that their source declares to be HTML, and `body` where that is, *text* those that it
    declares to be text; of others their looks decide.
    """

    place: str
    fields: Mapping[str, Node]
    base: Mapping[str, Node] = field(default_factory=dict)
    path: str = ""
    name: str = ""
    body: str = ""
    html: frozenset[str] = frozenset()
    text: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of a record.

    *read* is its article, which may lack the title, without which it is none. *problems* is what is wrong with it, and
    *wrong* the same of its own keys, by key.
    """

    read: Article
    problems: tuple[Problem, ...]
    wrong: Mapping[str, str]

    @property
    def article(self) -> Article | None:
        """The article; None where it has no title."""
        return self.read if self.read.title else None


def build(record: Record, plan: FieldPlan = _OURS) -> Reading:
    """Return the article that *record* describes and what is wrong with it; none where it has no title.

    *plan* is what the settings say of reading: names of fields, what makes a heat, and the zone of dates without one.
    """
    fields = Fields(place=record.place, pairs=record.fields, base=record.base, plan=plan, names=names.by_field(plan))
    title = _title(fields, record)
    dated = _published_at(fields, record.path)
    own = partial(_own_address, record, fields, title, dated.astimezone(ZoneInfo(plan.zone)) if dated else None)
    url, addresses = _addresses(fields, own)
    heat, score = _heat(fields, plan)
    article = Article(
        path=record.path or record.name,
        title=title,
        excerpt=_excerpt(fields, record),
        provider=_provider(fields, url, is_html="provider" in record.html),
        topics=_topics(fields),
        kind=fields.text("type") or "article",
        category=fields.text("category"),
        language=_language(fields) or permalinks.language(plan.site, record.path),
        published=_is_published(fields),
        published_at=_public_at(fields, dated),
        expires_at=_moment(fields, EXPIRES),
        heat=heat,
        quality=_integer(fields, "quality") or 0,
        url=url,
        addresses=addresses,
        picture=_picture(fields),
        related=tuple(filter(None, map(_related, fields.each("related")))),
        score=score,
        words=_length(fields, "wordCount", lengths.words),
        minutes=_length(fields, "readingTime", lengths.minutes),
    )
    if article.title:
        return Reading(read=article, problems=tuple(fields.problems), wrong=fields.wrong)
    # Without a title there is no article, so that its other problems are nobody's.
    titles = [fields.wrong["title"], "no title"] if "title" in fields.wrong else ["no title"]
    line = record.fields["title"].line if "title" in record.fields else 0
    problems = tuple(Problem(path=record.place, line=line or None, what=what) for what in titles)
    return Reading(read=article, problems=problems, wrong=fields.wrong)


def of_archive(record: Record, how: ReadingPlan) -> Reading:
    """Return what `build` makes of a record of the archive that is read by *how*, which may do without its text."""
    # The title may be the heading that the text begins with.
    has_title = any(name in record.fields for name in names.of("title", how.fields))
    return build(record if how.beginnings or not has_title else replace(record, body=""), how.fields)


def public_at(record: Record, plan: FieldPlan = _OURS) -> datetime | None:
    """Return when the article that *record* describes became public, in UTC; None where nothing tells it.

    It is the date that `build` gives it, without the rest of the work. Only the fields of `date_fields` are looked at.
    """
    fields = Fields(place=record.place, pairs=record.fields, plan=plan, names=names.by_field(plan))
    return _public_at(fields, _published_at(fields, record.path))


@lru_cache(maxsize=8)
def date_fields(plan: FieldPlan = _OURS) -> frozenset[str]:
    """Return the names of the fields that a date depends on; for one such as `meta.date` also that of its mapping."""
    whole = frozenset(name for key in (DATE, EMBARGO, CHANGED, "webUrl") for name in names.of(key, plan))
    return whole | {name.partition(".")[0] for name in whole}


def _worded(written: str, most: int, *, is_html: bool) -> Text:
    """Return a clean text of at most *most* characters; of what may be HTML its words."""
    # Entities are decoded exactly once, by `words` or by `text`: twice would make a tag of `&amp;lt;b>`.
    return (
        sanitize.again(markup.words(written), most=most)
        if is_html and "<" in written
        else sanitize.text(written, most=most)
    )


def _title(fields: Fields, record: Record) -> Text:
    """Return the title, which is text unless its source says that it is HTML; that of a post may be Markdown."""
    written = fields.raw("title") or _heading(record) or _named(record)
    if "title" in record.html | record.text or _is_ours(record):
        return _worded(written, _TITLE, is_html="title" in record.html)
    return sanitize.again(markdown.title(written) if record.path else markup.title(written), most=_TITLE)


_HEADING = re.compile(r"\s*+#[ \t]++(.*)")


def _heading(record: Record) -> str:
    """Return the heading that a Markdown text begins with: notes, and the documentation of programs, have no other."""
    match = _HEADING.match(record.body) if "body" not in record.html else None
    return match[1].rstrip().rstrip("#").rstrip() if match else ""


def _named(record: Record) -> str:
    """Return the name of a note, whose title it is, in words: without blanks it is one that a program has made."""
    name = permalinks.OwnPost(path=record.path, title="", moment=None, fields={}).name
    return name.strip() if filenames.is_in_words(record.path) else ""


def _excerpt(fields: Fields, record: Record) -> Text:
    """Return the words of the excerpt, else those that the body begins with."""
    written = fields.raw("excerpt")
    is_html = "excerpt" in record.html
    is_text = "excerpt" in record.text or (_is_ours(record) and not is_html)
    worded = sanitize.unescaped(written) if is_text else excerpts.of_field(written, is_html=is_html)
    author = sanitize.again(worded, most=_EXCERPT)
    if author or not record.body:
        return author
    return sanitize.again(excerpts.of_body(record.body, may_be_html="body" in record.html))


def _is_ours(record: Record) -> bool:
    """Whether a record is in the archive's own format, whose texts are text, whatever they look like."""
    return bool(record.path or record.name) and DATE in record.fields


def _topics(fields: Fields) -> tuple[Text, ...]:
    """Return the topics of the first name that has some; each once without regard to case, as first written."""
    for name, node in fields.named("topics"):
        read, usable = topics.read(node, name, fields.plan.aliases)
        if not usable:
            fields.problem("topics", node.line, f"{name} is not a plain list of words")
        if read:
            return read
    return ()


def _public_at(fields: Fields, at: datetime | None) -> datetime | None:
    """Return when an article dated *at* became public, in UTC: then, but no earlier than the day that it waits for."""
    until = _moment(fields, EMBARGO)
    # An embargo that cannot be read must not be broken.
    if at is None or EMBARGO in fields.wrong:
        return None
    return max(at, until) if until else at


def _published_at(fields: Fields, path: str = "") -> datetime | None:
    """Return when the article was published, in UTC: as a field says, else its path, its last change, its address."""
    # archive/dateproof proves dates by the same rules, without reading the fields.
    at = _moment(fields, DATE)
    if at or DATE in fields.wrong:
        return at
    day = dates.in_path(path)
    if day:
        return dates.moment(day.isoformat(), ZoneInfo(fields.plan.zone))
    at = _moment(fields, CHANGED)
    # Zola's sites may have the day in the path that a page names for itself, and nowhere else. In the address of
    # another's page it is the day of that.
    own = fields.raw("webUrl") if at is None else ""
    day = dates.in_path(own) if own and not _SCHEME.match(own) else None
    if day:
        return dates.moment(day.isoformat(), ZoneInfo(fields.plan.zone))
    if at is None:
        fields.no_text(DATE)
    return at


def _moment(fields: Fields, key: str) -> datetime | None:
    """Return the date under the best name of *key* that has a text, in UTC; None without one."""
    for name, node in fields.named(key):
        written = node.value
        # MkDocs' blogs have several dates of a post in one field.
        if isinstance(written, dict) and "created" in written:
            written = written["created"].value
        # `published` is a flag in most archives, and a date in some.
        if not isinstance(written, str) or (name == "published" and not dates.is_date(written)):
            continue
        try:
            return dates.moment(written, ZoneInfo(fields.plan.zone), ZoneInfo(fields.plan.clock or fields.plan.zone))
        except dates.NoDate as error:
            fields.problem(key, node.line, f"{name} {error}")
            return None
    return None


def _is_published(fields: Fields) -> bool:
    """Whether readers may see the article, by its flags and its status; a date under `published` is no flag."""
    written = fields.raw("published")
    # A look for a digit first, as most values are `true`, and to find that no form of a date fits takes long.
    is_date = any(map(str.isdigit, written)) and dates.is_date(written)
    flagged = is_date or fields.flag("published", absent=True)
    status = fields.raw("status").strip().casefold() not in _UNPUBLISHED
    return flagged and status and not fields.flag("draft", absent=False)


def _integer(fields: Fields, key: str) -> int | None:
    """Return a number, rounded to a whole one; None where there is none, which is no problem."""
    written = fields.raw(key)
    try:
        return round(number(written)) if written else None
    except NoFigure:
        return None


def _length(fields: Fields, key: str, read: Callable[[str], int | None]) -> int | None:
    """Return the first length that *read* knows under a name of *key*; None where there is none.

    Anything else is a problem under a name that is meant for it. Under another it may well mean something else.
    """
    meant = fields.plan.called(key)
    for name, node in fields.named(key):
        if not isinstance(node.value, str) or node.value.strip().casefold() in lengths.SWITCHES:
            continue
        try:
            return read(node.value)
        except NoFigure as error:
            if name in meant:
                fields.problem(key, node.line, f"{name} {error}")
    return None


def _heat(fields: Fields, plan: FieldPlan) -> tuple[float | None, str]:
    """Return the heat and "", else the heat that the settings make of other fields and its terms in words.

    A signal that counts the heat itself makes of it what it says. None where the heat is absent and cannot be made, or
    is negative: the article is unscored.
    """
    written, name, line = fields.written("heat")
    try:
        own = number(written) if written else None
    except NoFigure as error:
        fields.problem("heat", line, f"{name} {error}")
        own = None
    if own is None or any(name == signal.field for signal in plan.signals):
        return scoring.heat(plan, partial(_scored, fields)) or (None, "")
    return (None if own < 0 else own), ""


def _scored(fields: Fields, name: str) -> float | None:
    """Return the figure under a name of `score`; None where there is none, and (a problem) for anything else."""
    node = inside(fields.pairs, name)
    if node is None or node.value in (None, ""):
        return None
    try:
        return number(node.value if isinstance(node.value, str) else "a list or mapping")
    except NoFigure as error:
        fields.problem(f"score.{name}", node.line, f"{name} {error}")
        return None


def _language(fields: Fields) -> str:
    """Return the first language that is named, as a tag by rule (`pt-BR`); "" where there is none or it is no tag."""
    written, name, line = fields.written("language")
    tag = languages.normal(written) if written else ""
    if written and not tag:
        fields.problem("language", line, f"{name} is no language tag: {written[:80]!r}; write it like en or pt-BR")
    return tag


def _addresses(fields: Fields, own: Callable[[], Address | None]) -> tuple[Address | None, tuple[Address, ...]]:
    """Return where the headline leads, and every address the article is known by, each once, that one first.

    *own* gives the address that its site makes of it, for an article that names none.
    """
    unique: dict[str, Address] = {}
    unusable: list[tuple[str, str, str, int]] = []
    for key in _ADDRESS_KEYS:
        written, name, line = _written_address(fields, key)
        address = _read_address(written, fields) if written else None
        if address and not has_bare_host(address):
            unique[key] = address
        elif written:
            unusable.append((key, written[:80], name, line))
    url = next((unique[key] for key in _LINKED_KEYS if key in unique), None)
    elsewhere = url is not None and _is_original(fields, url)
    made = own() if url is None or elsewhere else None
    url = made if elsewhere and made else url
    for key, shown, name, line in unusable:
        # A pattern or a relative address is no mistake where the site makes an address of it.
        if made is None or _SCHEME.match(shown):
            fields.problem(key, line, _unusable(shown, name, fields))
    url = url or made
    if url is None:
        line = fields.pairs["title"].line if "title" in fields.pairs else 0
        fields.problem("url", line, "no usable address (webUrl, originalUrl or ampWebUrl); it cannot be picked")
    return url, tuple(dict.fromkeys([url, *unique.values()] if url else unique.values()))


def _is_original(fields: Fields, url: Address) -> bool:
    """Whether *url* only says, to search engines, where an article of one's own site stood first."""
    site = fields.plan.site.address
    name = _written_address(fields, "webUrl")[1]
    return bool(site) and name.startswith("canonical") and host_of(url) != host_of(site)


_SCHEME = re.compile(r"\s*[a-zA-Z][a-zA-Z0-9+.-]*:")


def _written_address(fields: Fields, key: str) -> tuple[str, str, int]:
    """Return the first usable address of *key* as it is written, with its name and line; without one the first text."""
    for name, node in fields.named(key):
        if isinstance(node.value, str) and _read_address(node.value, fields):
            return node.value, name, node.line
    return fields.written(key)


def _read_address(written: str, fields: Fields) -> Address | None:
    """Return an address that may be relative to the home page of its source, or to the site that it belongs to."""
    address = sanitize.address(_absolute(written, fields))
    return address or permalinks.absolute(fields.plan.site, written)


def _unusable(shown: str, name: str, fields: Fields) -> str:
    """Say what is wrong with an address that no reader could follow, and what to do."""
    if sanitize.address(_absolute(shown, fields)):
        # What answers there is the reader's own machine or network: no link that a letter may carry. A private
        # name (printer.local) stays, since it leads nowhere else; the gate warns of it.
        return f"{name} leads to a machine by its number, not to a public name: {shown!r}"
    if shown.startswith("/") and not fields.plan.site.address:
        return f"{name} is relative: {shown!r}; say where it stands with `site: https://…` in the settings"
    return f"{name} is not an http(s) address: {shown!r}"


def _own_address(record: Record, fields: Fields, title: str, moment: datetime | None) -> Address | None:
    """Return the address that its own site makes of an article in the archive; None for one that was imported.

    *moment* is its date in the newsletter's zone.
    """
    site = fields.plan.site
    if not site.address or not record.path:
        return None
    if moment and site.as_written:
        moment = moment.astimezone(_written_zone(fields) or moment.tzinfo)
    return permalinks.address(site, OwnPost(path=record.path, title=title, moment=moment, fields=record.fields))


_OFFSET = re.compile(r"\d([+-])(\d\d):?(\d\d)(?: [A-Z]+)?\s*$|\d ([+-])(\d\d):?(\d\d)(?: [+-]\d{4}| [A-Z]+)?\s*$")
"""The offset at the end of a date with a time, as ISO 8601, Jekyll and Go write it."""


def _written_zone(fields: Fields) -> timezone | None:
    """Return the zone that an article's date is written in; None for a date without an offset."""
    written = next((node.value for _, node in fields.named(DATE) if isinstance(node.value, str)), "")
    match = _OFFSET.search(written[-40:]) if ":" in written else None
    if match is None:
        return None
    sign, hours, minutes = (match[1], match[2], match[3]) if match[1] else (match[4], match[5], match[6])
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    # Of more than a day there is none.
    return timezone(-offset if sign == "-" else offset) if offset < timedelta(days=1) else None


def _absolute(written: str, fields: Fields) -> str:
    """Return an address as written, one that is relative read against the home page of its source, if that is known."""
    home = fields.base.get("home")
    if home is None or not isinstance(home.value, str) or not sanitize.address(home.value):
        return written
    try:
        return written if urlsplit(written).scheme else urljoin(home.value, written.strip())
    except ValueError:
        return written


def _provider(fields: Fields, url: Address | None, *, is_html: bool) -> Provider:
    """Return the provider, named by its domain where it has no name, else by that of the article's address."""
    inner = fields.inner("provider")
    domain = inner.text("domain").casefold()
    named = inner.raw("name") if inner.pairs else fields.raw("provider")
    name = _worded(named, 200, is_html=is_html)
    # Some sources have the publisher's address in the place of its name.
    address = sanitize.address(name) or ("" if name or domain else url or "")
    host = host_of(address)
    # `again`, since the domain has been a text already: its entities must not be decoded a second time.
    shown = sanitize.again(host) or name or sanitize.again(domain) or sanitize.again("unknown provider")
    site = fields.plan.site
    if not (name or domain) and site.name and host == host_of(site.address):
        shown = sanitize.again(site.name)
    return Provider(name=shown, domain=domain or host, icon=_picture(inner), family=publishers.family(domain or host))


def _picture(fields: Fields) -> Picture | None:
    """Return the first picture that has a usable address; one without is no problem."""
    for name, node in fields.named("images"):
        for member in node.value if isinstance(node.value, tuple) else (node,):
            pairs = member.value if isinstance(member.value, dict) else {"url": member}
            image = Fields(place=fields.place, pairs=pairs)
            url = sanitize.address(_absolute(image.raw("url"), fields))
            if url:
                return Picture(url=url, width=_integer(image, "width"), height=_integer(image, "height"))
            if name == "images" and not isinstance(member.value, dict):
                fields.problem(name, node.line, "images is not a list of mappings")
    return None


def _related(fields: Fields) -> Related | None:
    """Return other coverage that the file lists; None for an entry without a title or a public address."""
    usable = filter(None, (sanitize.address(fields.raw(key)) for key in _LINKED_KEYS))
    url = next((address for address in usable if not has_bare_host(address)), None)
    title = fields.text("title", _TITLE)
    if url is None or not title:
        return None
    return Related(
        title=title,
        excerpt=fields.text("excerpt", _EXCERPT),
        provider=_provider(fields, url, is_html=False),
        url=url,
        quality=_integer(fields, "quality") or 0,
        published_at=_published_at(fields),
    )
