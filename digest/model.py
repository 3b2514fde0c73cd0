"""The frozen values that cross from one layer to the next. Knows no files, no settings, no clock.

Guarantees, stated once:

- every `Text` is one line without control, bidi-override or lone-surrogate characters, its entities decoded;
- every `Address` is an absolute http(s) address in ASCII (both are made in `clean` and nowhere else);
- every datetime is aware and in UTC; sequences are tuples; nothing here can be changed after it is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NewType
from zoneinfo import ZoneInfo

Text = NewType("Text", str)
Address = NewType("Address", str)

Rule = Literal[
    "picked", "merged", "unpublished", "unscored", "no-address", "no-section", "min-heat", "provider", "limit"
]
"""What can become of a candidate; each is explained in `selection/verdicts.py`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to fix: where it is and what is wrong. Prints as `path:line: what`."""

    path: str
    line: int | None = None
    what: str

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.what}"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One file of the archive.

    *path* is relative to the archive folder, with `/`. *heat* is None for an unscored article, *published_at* for an
    undated one, *url* for one without a usable address. *addresses* are all its addresses, *url* first.
    """

    path: str
    title: Text
    excerpt: Text
    provider: Provider
    topics: tuple[Text, ...] = ()
    published: bool = True
    published_at: datetime | None = None
    heat: int | None = None
    quality: int = 0
    url: Address | None = None
    addresses: tuple[Address, ...] = ()
    picture: Picture | None = None
    related: tuple[Related, ...] = ()

    @property
    def topic_keys(self) -> frozenset[str]:
        """The topics as they are compared: without case."""
        return frozenset(topic.casefold() for topic in self.topics)


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
    web view with `{id}` in it, *why* the sentence that tells readers why they get this.
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
class SectionPlan:
    """A section as the settings ask for it, before anything is picked: its title, topics (any of) and slots."""

    title: str
    topics: tuple[str, ...]
    limit: int

    @property
    def topic_keys(self) -> frozenset[str]:
        """The topics as they are compared: without case."""
        return frozenset(topic.casefold() for topic in self.topics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How to choose. *plans* None: a section a topic found, at most *default_sections* of *default_limit* slots.

    *min_heat* is the least heat that may run; *per_provider* the most stories one provider may lead in an issue.
    """

    plans: tuple[SectionPlan, ...] | None = None
    min_heat: int = 0
    per_provider: int | None = None
    default_sections: int = 6
    default_limit: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Another provider's report of a picked story, to stand under "also covered by"."""

    provider: Provider
    url: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The articles that report the same thing. *lead* is the one shown, *others* the rest, best first."""

    lead: Article
    others: tuple[Article, ...] = ()
    also: tuple[Coverage, ...] = ()

    @property
    def topic_keys(self) -> frozenset[str]:
        """The topics of all its articles: a story may stand wherever one of them may."""
        return self.lead.topic_keys.union(*(other.topic_keys for other in self.others))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A story in a slot."""

    story: Story

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
    """What became of one candidate: the rule that decided, the section where it has one, and why in plain words."""

    article: Article
    rule: Rule
    because: str
    section: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One dated edition before it has a look. *verdicts* has exactly one for every article of the window."""

    window: Window
    sections: tuple[Section, ...]
    verdicts: tuple[Verdict, ...]
    empty_sections: tuple[str, ...] = ()

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
    in the theme, for messages, as *text_place* is for the text; *digest* is a hash of all of it.
    """

    html: str
    text: str
    text_place: str
    expressions: tuple[tuple[str, str], ...]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The rendered issue, ready to be read: one subject, one preheader, one HTML part and its plain-text twin."""

    subject: str
    preheader: str
    html: str
    text: str
