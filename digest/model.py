"""The frozen values that cross from one layer to the next. Knows no files, no settings, no clock.

Guarantees, stated once:

- every `Text` is one line without control, bidi-override or lone-surrogate characters, its entities decoded;
- every `Address` is an absolute http(s) address in ASCII (both are made in `clean` and nowhere else);
- every datetime is aware and in UTC; sequences are tuples; nothing here can be changed after it is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal, NewType
from zoneinfo import ZoneInfo

from digest.weight import ROOM

Text = NewType("Text", str)
Address = NewType("Address", str)

Rule = Literal[
    "picked",
    "merged",
    "unpublished",
    "unscored",
    "no-address",
    "repeat",
    "dropped",
    "min-heat",
    "no-section",
    "provider",
    "limit",
    "thin",
]
"""What can become of a candidate; each is explained in `selection/verdicts.py`."""

Order = Literal["heat", "quality", "coverage", "freshness", "earliest", "latest", "path"]
"""What stories can be ordered by; each is explained in `selection/order.py`."""

Images = Literal["all", "lead", "off"]
"""Which pictures a letter shows: all, that of the first story only, or none; icons count as pictures."""

Thin = Literal["skip", "keep", "widen"]
"""What happens to a section with fewer stories than its minimum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to fix: where it is and what is wrong. Prints as `path:line: what`."""

    path: str
    line: int | None = None
    what: str

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.what}"


Severity = Literal["error", "warning", "note"]
"""An error must not go out, a warning wants to be looked at, a note is good to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found: the rule, where, what is wrong and what to do. Prints as `place: what; remedy`.

    *element* is the short name of an element, *clients* are the mail clients concerned where it is about some of
    them, *more* counts further places with the very same fault.
    """

    rule: str
    severity: Severity
    file: str
    line: int | None = None
    element: str = ""
    what: str
    remedy: str
    clients: tuple[str, ...] = ()
    more: int = 0

    @property
    def place(self) -> str:
        """Where it is: `index.html:81 h3 “Crewless ferry…” (and 2 more)`."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        others = f"(and {self.more} more)" if self.more else ""
        return " ".join(filter(None, [place, self.element, others]))

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture on the web; width and height in pixels where the archive names them."""

    url: Address
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who published an article. Two are the same provider when their `key` is."""

    name: Text
    domain: str = ""
    icon: Picture | None = None

    @property
    def key(self) -> str:
        """The name to count by: the domain where there is one, else the name; without case."""
        return (self.domain or self.name).casefold().removeprefix("www.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Coverage that an article's file lists. The archive's guess, not a fact."""

    title: Text
    excerpt: Text
    provider: Provider
    url: Address
    quality: int = 0
    published_at: datetime | None = None


@lru_cache(maxsize=10_000)
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    """Return *words* without case. Few lists of topics are different, and each is compared with each section's."""
    return frozenset(word.casefold() for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One file of the archive.

    *path* is relative to the archive folder, with `/`. *kind* is the archive's `type` (article, video).
    *language* is its language tag, empty where the file names none. *heat* is None for an unscored article,
    *published_at* for an undated one, *url* for one without a usable address. *addresses* are all its addresses,
    *url* first. *score* says what its heat was made of, where the settings make it of other fields.
    """

    path: str
    title: Text
    excerpt: Text
    provider: Provider
    topics: tuple[Text, ...] = ()
    kind: str = "article"
    category: str = ""
    language: str = ""
    published: bool = True
    published_at: datetime | None = None
    heat: int | None = None
    quality: int = 0
    url: Address | None = None
    addresses: tuple[Address, ...] = ()
    picture: Picture | None = None
    related: tuple[Related, ...] = ()
    score: str = ""

    @property
    def heat_shown(self) -> str:
        """The heat as columns of text show it: a hyphen for an article that the editor pinned without one."""
        return "-" if self.heat is None else str(self.heat)

    @property
    def topic_keys(self) -> frozenset[str]:
        """The topics as they are compared: without case."""
        return _folded(self.topics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days an issue covers, both ends included, counted in the newsletter's time zone."""

    first: date
    last: date
    timezone: str = "UTC"

    @property
    def starts_at(self) -> datetime:
        """The first moment inside, in UTC."""
        return self._midnight(self.first)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it, in UTC."""
        return self._midnight(self.last + timedelta(days=1))

    @property
    def issue_id(self) -> str:
        """The name of the issue that covers this window: its last day, such as `2020-11-11`."""
        return self.last.isoformat()

    def __contains__(self, moment: datetime | None) -> bool:
        return moment is not None and self.starts_at <= moment < self.ends_at

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    def day_of(self, moment: datetime) -> date:
        """The calendar day of *moment* where the newsletter lives."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.timezone)).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """Who sends: what readers see around the stories, and what a bulk sender owes them.

    *sender* is a mailbox (`Name <a@b>`), *postal* the address bulk mail must carry, *web* the address of an issue's
    web view with `{id}` in it, *why* the sentence that tells readers why they get this; empty for the language's own.
    """

    name: str
    sender: str
    language: str
    timezone: str
    postal: str
    web: str
    unsubscribe: str
    unsubscribe_mail: str
    why: str

    def web_address(self, issue_id: str) -> str:
        """The address of the web view of one issue."""
        return self.web.replace("{id}", issue_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How an issue becomes a message, whatever its theme.

    *limit* is the most bytes of HTML, None for no limit; *images* says which pictures are shown; *utm* are the
    newsletter's own marks on story links, as (source, the-ai-week), with `{id}` for the issue; *clean_links* takes off
    what counts readers.
    """

    limit: int | None = ROOM
    images: Images = "all"
    utm: tuple[tuple[str, str], ...] = ()
    clean_links: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which stories a section takes: all that is given must hold; what is empty is not asked.

    Topics compare without case; *paths* are globs on the lead's path; the rest is asked of the lead.
    """

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic named, wanted or not."""
        return (*self.any, *self.all, *self.none)

    def takes(self, story: Story) -> bool:
        """Whether *story* may stand in the section."""
        lead, topics = story.lead, story.topic_keys
        return (
            (not self.any or not topics.isdisjoint(_folded(self.any)))
            and (not self.all or topics.issuperset(_folded(self.all)))
            and (not self.none or topics.isdisjoint(_folded(self.none)))
            and (not self.kinds or lead.kind.casefold() in _folded(self.kinds))
            and (not self.categories or lead.category.casefold() in _folded(self.categories))
            and (
                not self.providers
                or not {lead.provider.key, lead.provider.name.casefold()}.isdisjoint(_folded(self.providers))
            )
            and (not self.paths or any(fnmatchcase(lead.path, glob) for glob in self.paths))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlan:
    """What fields are called where articles come from, and what makes a heat where there is none.

    *names* maps ours to theirs; *score* is weights of fields, whose sum is the heat.
    """

    names: tuple[tuple[str, str], ...] = ()
    score: tuple[tuple[str, float], ...] = ()

    def called(self, name: str) -> tuple[str, ...]:
        """What our field *name* may be called, best first: as the settings say, then as we do."""
        return (*(theirs for ours, theirs in self.names if ours == name and theirs != name), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPlan:
    """How the files of an archive are read: none of more than *most* bytes, its fields by the names of *fields*."""

    most: int = 1024 * 1024
    fields: FieldPlan = FieldPlan()


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPlan:
    """A section as the settings ask for it, before anything is picked.

    *limit* slots; below *minimum* stories its policy *thin* holds, *widen_days* says by how many days; *per_provider*
    is the most stories one provider may lead in it.
    """

    title: str
    match: Match
    limit: int = 3
    minimum: int = 1
    thin: Thin = "skip"
    widen_days: int = 0
    per_provider: int | None = None

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics it takes."""
        return self.match.any or self.match.all


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How to choose. *plans* None: a section a topic found, at most *default_sections* of *default_limit* slots.

    *order* ranks stories; *by_heat* lets the sections follow their first story instead of the settings' order.
    *min_heat* is the least heat that may run, *per_provider* the most stories one provider may lead in an issue,
    *min_stories* the fewest that make an issue. *repeat_after* days a story may run again (None: never), and with
    *returns_with* more providers at once (None: not for that). Articles of up to *late_days* before the window may come
    late. *remember_all*: what other newsletters of the same `out` ran counts, too.
    """

    plans: tuple[SectionPlan, ...] | None = None
    by_heat: bool = False
    order: tuple[Order, ...] = ("heat", "quality", "earliest")
    min_heat: int = 0
    per_provider: int | None = None
    min_stories: int = 1
    repeat_after: int | None = None
    returns_with: int | None = None
    late_days: int = 14
    remember_all: bool = False
    default_sections: int = 6
    default_limit: int = 3

    @property
    def reach_days(self) -> int:
        """How many days before the window an article may still matter."""
        return max([self.late_days, *(plan.widen_days for plan in self.plans or ())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A story that an earlier issue ran, as its record has it.

    *addresses* are canonical, *coverage* counts providers, *fate* says what became of that issue.
    """

    issue: str
    day: date
    title: Text
    provider: Provider
    published_at: datetime | None
    addresses: frozenset[str]
    coverage: int
    fate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What earlier issues ran, and what they had to choose from.

    *considered* holds the paths and canonical addresses of all articles that were able to run then; *since* is the
    first day that any of their windows covers, None if there is no earlier issue. *rehearsals* names issues of these
    days that were built and never handed over, so they count for nothing.
    """

    ran: tuple[Ran, ...] = ()
    considered: frozenset[str] = frozenset()
    since: date | None = None
    rehearsals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """The editor's word that a story runs, in that section and at that place, counted from 1."""

    story: str
    section: str
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The editor's own headline or excerpt for a story."""

    story: str
    title: Text | None = None
    excerpt: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What the editor asks of one issue. Stories are named by path once they are resolved against the archive.

    *drops* and *moves* map a story to the reason and to the section's title; *order* a section's title to the stories
    that come first in it, *places* each name as written to where it stands, for messages.
    """

    subject: Text | None = None
    preheader: Text | None = None
    introduction: str = ""
    pins: tuple[Pin, ...] = ()
    drops: tuple[tuple[str, str], ...] = ()
    moves: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    order: tuple[tuple[str, tuple[str, ...]], ...] = ()
    places: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Another provider's report of a picked story, to stand under "also covered by"."""

    provider: Provider
    url: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The articles that report the same thing. *lead* is the one shown, *others* the rest, best first.

    *also* is other providers' coverage, one a provider, best quality first.
    """

    lead: Article
    others: tuple[Article, ...] = ()
    also: tuple[Coverage, ...] = ()

    @property
    def coverage(self) -> int:
        """How many providers report it."""
        return 1 + len(self.also)

    @property
    def topic_keys(self) -> frozenset[str]:
        """The topics of all its articles: a story may stand wherever one of them may."""
        keys = self.lead.topic_keys
        return keys.union(*[other.topic_keys for other in self.others]) if self.others else keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A story in a slot.

    *late*: it is of an earlier window and was no candidate there; *pinned*: the editor put it there; *title* and
    *excerpt*: the editor's own, where there are some.
    """

    story: Story
    late: bool = False
    pinned: bool = False
    title: Text | None = None
    excerpt: Text | None = None

    @property
    def article(self) -> Article:
        """The article shown."""
        return self.story.lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A topic with its picks, hottest first."""

    title: str
    topics: tuple[str, ...]
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one candidate: the rule that decided, the section where it has one, and why in plain words.

    *ran_in* names the earlier issue that ran the story, where that decided.
    """

    article: Article
    rule: Rule
    because: str
    section: str = ""
    ran_in: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One dated edition before it has a look.

    *verdicts* has exactly one for every candidate: the articles of the window, late arrivals, and what a thin section
    or the editor brought in. *empty_sections* says of each section that is left out why. *rehearsals* names earlier
    issues of these days that count for nothing, since they were never handed over.
    """

    window: Window
    sections: tuple[Section, ...]
    verdicts: tuple[Verdict, ...]
    empty_sections: tuple[str, ...] = ()
    edits: Edits = field(default_factory=Edits)
    rehearsals: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The issue's name: the last day of its window."""
        return self.window.issue_id

    @property
    def picks(self) -> tuple[Pick, ...]:
        """All picks in reading order."""
        return tuple(pick for section in self.sections for pick in section.picks)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledTheme:
    """A theme ready to be filled with news.

    *html* and *text* are plain Jinja templates; *expressions* are the news' Jinja of the HTML with the place of each
    in the theme, for messages, as *text_place* is for the text; *catalogues* are its own words in other languages,
    gettext's with their places; *digest* is a hash of all of it.
    """

    html: str
    text: str
    text_place: str
    expressions: tuple[tuple[str, str], ...]
    digest: str
    catalogues: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The rendered issue, ready to be read: one subject, one preheader, one HTML part and its plain-text twin.

    *flowed* is the text without indentation, each line end inside a paragraph written as U+2028.
    *weight* is the bytes of the HTML as it travels; *trimmed* says what was given up for it, *web_only* names the
    stories that stand on the web only, by path, and *web* is then the HTML with all of them. *links* are the stories'
    addresses as (in the archive, as sent). *notes* tell the editor what could not be shown as asked.
    """

    subject: str
    preheader: str
    html: str
    text: str
    flowed: str = ""
    weight: int = 0
    trimmed: tuple[str, ...] = ()
    web_only: tuple[str, ...] = ()
    web: str = ""
    links: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret is kept: the name of an environment variable, or a file. Never the secret itself."""

    env: str = ""
    file: str = ""


Option = str | tuple[str, ...] | Secret
"""What an option of a target may be; the target says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPlan:
    """A mail service as the settings name it. *kind* says which module talks to it, *place* where it is set."""

    name: str
    kind: str
    options: tuple[tuple[str, Option], ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimPlan:
    """How to sign: *domain* by default the sender's."""

    selector: str
    key: Secret
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPlan:
    """How to send where we address each reader ourselves.

    *recipients* and *suppressions* are files, *unsubscribe* is an address with columns of the recipients' file in
    braces. *rate* is messages a second (None: no limit), *messages* the most on one connection. A soft refusal is tried
    again after *retry_after* seconds, then ever later, and no more after *give_up* seconds. *dkim* None: not signed.
    """

    ledger: str = "sent.db"
    recipients: str = ""
    suppressions: tuple[str, ...] = ()
    unsubscribe: str = ""
    rate: int | None = None
    connections: int = 2
    messages: int = 100
    retry_after: int = 60
    give_up: int = 14_400
    dkim: DkimPlan | None = None
