"""The domain's values, which cross from one layer to the next: frozen, and independent of files, settings and clock.

Guarantees, stated once:

- every `Text` is one line without control, bidi-override or lone-surrogate characters, its entities decoded;
- every `Address` is an absolute http(s) address in ASCII (both are made in `text.sanitize` and nowhere else);
- every datetime is aware and in UTC; sequences are tuples; nothing here can be changed after it is made.

Values that are equal are interchangeable, so a result may be kept for as long as its inputs are equal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NewType
from zoneinfo import ZoneInfo

# NewType, so that mypy shows where a raw str is about to be shown or linked, at no cost when the program runs.
Text = NewType("Text", str)
Address = NewType("Address", str)

Rule = Literal[
    "picked",
    "merged",
    "unpublished",
    "expired",
    "over",
    "unscored",
    "no-address",
    "muted",
    "repeat",
    "dropped",
    "min-heat",
    "no-section",
    "provider",
    "limit",
    "thin",
]
"""The rules that can decide about a candidate, in the words of verdicts and of `digest explain`."""

RULES: dict[Rule, str] = {
    "picked": "it has a slot",
    "merged": "another article tells the same story",
    "unpublished": "`published: false` or `draft: true`",
    "expired": "no longer public when the issue ends",
    "over": "the event that it invites to is over (`select.past_events`)",
    "unscored": "no heat",
    "no-address": "nowhere to lead to",
    "muted": "the settings mute it (`select.mute`, `select.adverts`)",
    "repeat": "an earlier issue ran it",
    "dropped": "the editor took it out",
    "min-heat": "below the floor",
    "no-section": "no section of the issue takes it",
    "provider": "its provider has its share already",
    "limit": "all slots it could have went to others",
    "thin": "its section is left out this week",
}
"""What each rule means, in a few words; the schema of the record and docs/record.md take them from here."""


# Frozen dataclasses cost 0.7 ms each at every start; named tuples would take an eighth of that, but equal any tuple of
# the same values (docs/speed.md).
@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to fix in what is read; as text it is `path:line: what`.

    *path* is to be opened by the user; *line* counts from 1, None where it is about the file as a whole. *key* is the
    setting that it is about, such as `blocks[0].text`, for a form that shows it beside its field; mostly empty.
    """

    path: str
    line: int | None = None
    what: str
    # Not compared: it says nothing that `what` does not.
    key: str = field(default="", compare=False)

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.what}"


Severity = Literal["error", "warning", "note"]
"""An issue with an error must not be sent, a warning should be looked at, a note is good to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault that a rule of `digest check` has found in a built issue; as text it is `place: what; remedy`.

    *rule* is its name, *file* one of the issue's files, *line* a line of that, from 1. *element* is the short name of
    an HTML element, *clients* are the mail clients concerned where it is about some of them, *more* counts further
    places with the very same fault. *waived* is the reason for which the settings do without the rule.
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
    waived: str = ""

    @property
    def stops(self) -> bool:
        """Whether the issue must not be sent because of it."""
        return self.severity == "error" and not self.waived

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
    """Who published an article. Two are the same provider when their keys are equal.

    *domain* is a host name in lower case, "" where the archive names none; *family* the one that stands for all hosts
    of that publisher, None where it is the domain itself.
    """

    name: Text
    domain: str = ""
    icon: Picture | None = None
    family: str | None = None

    @property
    def key(self) -> str:
        """What to count and compare by, without case and `www.`: the family, else the domain, else the name."""
        return (self.family or self.domain or self.name).casefold().removeprefix("www.")

    @property
    def names(self) -> frozenset[str]:
        """All that settings may call it, without case and `www.`: its name, its domain, its family."""
        return frozenset({self.key, self.name.casefold(), self.domain.casefold().removeprefix("www.")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Other coverage that an article's file lists under `related`.

    A hint and not a fact: in a real archive 17 of 38 entries were about something else. It makes a merge of stories
    likelier, and is shown as coverage only where its own words tell of the same event.
    """

    title: Text
    excerpt: Text
    provider: Provider
    url: Address
    quality: int = 0
    published_at: datetime | None = None


@lru_cache(maxsize=10_000)
def folded(texts: tuple[str, ...]) -> frozenset[str]:
    """Return *texts* as a set without case."""
    # Kept, because an archive has few different lists of topics, and each is compared with those of each section.
    return frozenset(word.casefold() for word in texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One file of the archive.

    *path* is relative to the archive folder, with `/`, and is the article's name everywhere. *kind* is the archive's
    `type` (article, video). *language* is its language tag, empty where the file names none. *heat* is exact and never
    negative, an int where it is whole, and None for an unscored article. *published_at* is None for an undated article
    and *url* for one without a usable address; these two are never picked. *quality* settles between stories of equal
    heat. *addresses* are all its addresses, *url* first. *score* says in words what its heat was made of, where the
    settings make it of other fields. From *expires_at* on it is no longer public; None where its file names no end.
    *late_share* is the part of its heat that counts where it came late; None for every other article. *words* and
    *minutes* are how long it is where its file says so, None where it does not.
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
    heat: float | None = None
    quality: int = 0
    url: Address | None = None
    addresses: tuple[Address, ...] = ()
    picture: Picture | None = None
    related: tuple[Related, ...] = ()
    score: str = ""
    expires_at: datetime | None = None
    late_share: float | None = None
    words: int | None = None
    minutes: int | None = None

    def __post_init__(self) -> None:
        # A whole heat is an int, so that it is shown and recorded as it always was, whoever made it.
        if isinstance(self.heat, float) and self.heat.is_integer():
            object.__setattr__(self, "heat", int(self.heat))

    def has_all(self, *, needs_heat: bool) -> bool:
        """Whether it has what a pick of any week needs: it is published, has date and address, and a heat if asked."""
        has_heat = self.heat is not None or not needs_heat
        return bool(self.published and self.published_at and self.url and has_heat)

    @property
    def counted_heat(self) -> float | None:
        """The heat that ranks: its heat, or of a late article the part that counts, to nine decimals."""
        if self.late_share is None or self.heat is None:
            return self.heat
        counted = round(self.heat * self.late_share, 9)
        return int(counted) if counted.is_integer() else counted

    @property
    def topic_keys(self) -> frozenset[str]:
        """The topics as they are compared: without case."""
        return folded(self.topics)


_DAY = timedelta(days=1)

SUFFIX = "[a-z0-9]+(?:-[a-z0-9]+)*"
"""What may follow the day in an issue's name, as a regular expression."""

ISSUE_ID = rf"\d{{4}}-\d\d-\d\d(?:-{SUFFIX})?"
"""What an issue is called, as a regular expression: its day, and a suffix where the settings ask for one."""

FIRST_YEAR, LAST_YEAR = 1900, 2999
"""The years in which issues can be: windows must not reach over the ends of Python's calendar."""


def parts_of_issue(issue_id: str) -> tuple[date, str]:
    """Return the day and the suffix that name an issue, such as `2020-11-11-evening`; without one "".

    Raises ValueError for what is no name of an issue.
    """
    if not re.fullmatch(ISSUE_ID, issue_id, re.ASCII):
        raise ValueError(issue_id)
    return date.fromisoformat(issue_id[:10]), issue_id[11:]


def day_of_issue(issue_id: str) -> date:
    """Return the day that names an issue; raises as `parts_of_issue` does."""
    return parts_of_issue(issue_id)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days an issue covers, both ends included, counted in the newsletter's time zone.

    *timezone* is a name of the IANA database. A moment is `in` the window where it lies on one of its days; None never
    does. With *until* a day of the newsletter ends at that hour, and begins at the same hour of the day before: the
    letter of 11 November is that of the news up to six o'clock that morning. *since* is a first moment that is not the
    beginning of a day: where the issue before ended. *suffix* follows the day in the issue's name.

    Guarantees: of two windows with the same zone and hour, the second of which begins on the day after the first ends,
    `ends_at` of the first is `starts_at` of the second, whatever the clocks do.
    """

    first: date
    last: date
    timezone: str = "UTC"
    until: time | None = None
    since: datetime | None = None
    suffix: str = ""

    @property
    def starts_at(self) -> datetime:
        """The first moment inside, in UTC."""
        return self.since or (self._at(self.first, time()) if self.until is None else self._end_of(self.first - _DAY))

    @property
    def ends_at(self) -> datetime:
        """The first moment after it, in UTC."""
        return self._end_of(self.last)

    @property
    def issue_id(self) -> str:
        """The name of the issue that covers this window: its last day, such as `2020-11-11`, and the suffix."""
        return f"{self.last}-{self.suffix}" if self.suffix else self.last.isoformat()

    @property
    def shown_days(self) -> tuple[date, date]:
        """The first and the last day as readers are told them.

        They are days of the calendar that the window touches; of a single day of the newsletter the one that names it.
        """
        begins = self.day_of(self.starts_at) if self._is_in_hours and self.first < self.last else self.first
        return begins, self.last

    def __contains__(self, moment: datetime | None) -> bool:
        # Half-open: midnight belongs to one window of two that follow each other, not to both or neither.
        return moment is not None and self.starts_at <= moment < self.ends_at

    def __str__(self) -> str:
        if not self._is_in_hours:
            return f"{self.first} to {self.last}"
        return f"{self.told(self.starts_at)} to {self.told(self.ends_at)}"

    def told(self, moment: datetime) -> str:
        """Return *moment* as the ends of the window are told: its day, and the hour where these are of hours."""
        local = moment.astimezone(ZoneInfo(self.timezone))
        return f"{local:%Y-%m-%d %H:%M}" if self._is_in_hours else str(local.date())

    def day_of(self, moment: datetime) -> date:
        """The calendar day of *moment* where the newsletter lives."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def from_day(self, day: date) -> Window:
        """Return the window that begins on *day* and ends as this one does."""
        return replace(self, first=day, since=None)

    @property
    def _is_in_hours(self) -> bool:
        return self.until is not None or self.since is not None

    def _end_of(self, day: date) -> datetime:
        return self._at(day + _DAY, time()) if self.until is None else self._at(day, self.until)

    def _at(self, day: date, hour: time) -> datetime:
        # A date in its zone first and then in UTC: a day on which clocks change has 23 or 25 hours. An hour that a
        # change leaves out is taken as the clock before it would show it, one that comes twice is the first.
        return datetime.combine(day, hour, ZoneInfo(self.timezone)).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A story that an earlier issue ran, as its record has it.

    *issue* is that issue's id. *addresses* are canonical (`text.urls.canonical`). *coverage* counts the providers that
    reported the story then, *fate* says what became of that issue. *excerpt* is the archive's. *headline* is what
    readers saw, where that was the editor's and not *title*; *web* is where that issue stands, None for nowhere.
    """

    issue: str
    day: date
    title: Text
    provider: Provider
    published_at: datetime | None
    addresses: frozenset[str]
    coverage: int
    fate: str = ""
    excerpt: Text | None = None
    headline: Text | None = None
    web: Address | None = None

    @property
    def shown(self) -> Text:
        """The headline that readers saw."""
        return self.headline or self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What a story that runs again adds to its last telling, *ran*.

    *new* are the numbers and names that headlines of the story have and no earlier telling has, as they are written,
    and how many publishers more report it where that brought it back.
    """

    ran: Ran
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What earlier issues ran, and what they had to choose from.

    *considered* holds the paths and canonical addresses of all articles that were able to run then; *since* is the
    first day that any of their windows covers, None if there is no earlier issue. *rehearsals* names issues of these
    days that were built and never handed over, so they count for nothing. *number* is that of the last issue, None
    where it has none, or nobody asks for numbers.
    """

    ran: tuple[Ran, ...] = ()
    considered: frozenset[str] = frozenset()
    since: date | None = None
    rehearsals: tuple[str, ...] = ()
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """The editor's word that a story runs in that section, at *position* of it, counted from 1; None for any.

    With "" for a section it runs in the one that takes it, and where none does not at all.
    """

    story: str
    section: str
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The editor's own headline or excerpt for a story; None where the article's stays.

    *kicker* is a word or two above the headline, *why* her own sentences, in Markdown, on why the story matters.
    *picture* is another one in the place of the archive's, *without_picture* takes that away; *alt* says what the
    picture shows and *credit* whose it is.
    """

    story: str
    title: Text | None = None
    excerpt: Text | None = None
    kicker: Text | None = None
    why: str = ""
    picture: Picture | None = None
    without_picture: bool = False
    alt: Text | Literal[""] = ""
    credit: Text | Literal[""] = ""


BlockKind = Literal["sponsor", "note", "links", "quote", "picture", "story", "poll"]
"""What the editor's own words can be; `config.blocks` says what each has."""

BlockSpot = Literal["top", "end", "after", "inside"]
"""Where a block stands: before all sections, behind all, behind one of them, or in one before a story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLink:
    """Words that lead somewhere: a quick link, a choice of a poll, a place to follow the newsletter."""

    title: Text
    url: str

    def of_issue(self, issue_id: str) -> BlockLink:
        """Return it with the name of the issue for each `{id}` in its address."""
        return replace(self, url=self.url.replace("{id}", issue_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Words of the editor's own that stand between the stories, as she wrote them.

    *spot* says where, with the title of its *section* where it stands behind or in one, and there before the story at
    *position*, from 1. *text* is Markdown. *name* is whose words or money it is; *url* where it leads, *picture* the
    address of a picture and *alt* what that shows; addresses are https, and `{id}` in one is the issue. What is empty
    was not given. *place* is where it is written, such as `digest.yaml:12`.
    """

    kind: BlockKind
    spot: BlockSpot = "top"
    section: str = ""
    position: int = 1
    title: Text | Literal[""] = ""
    text: str = ""
    name: Text | Literal[""] = ""
    url: str = ""
    picture: str = ""
    alt: Text | Literal[""] = ""
    links: tuple[BlockLink, ...] = ()
    place: str = ""

    def of_issue(self, issue_id: str) -> Block:
        """Return it with the name of the issue for each `{id}` in its addresses."""
        links = tuple(link.of_issue(issue_id) for link in self.links)
        url, picture = (address.replace("{id}", issue_id) for address in (self.url, self.picture))
        return replace(self, url=url, picture=picture, links=links)

    @property
    def where(self) -> str:
        """Where it stands, in words."""
        if self.spot == "inside":
            return f"in {self.section}, at {self.position}"
        return f"after {self.section}" if self.spot == "after" else f"at the {self.spot}"

    @property
    def in_words(self) -> str:
        """It with where it stands and is written, for the editor."""
        return f"{self}, {self.where} ({self.place})"

    @property
    def heading(self) -> str:
        """What it is known by: a story by its headline, a sponsor or a quotation by whose it is. It may be empty."""
        return self.title if self.kind == "story" else self.name or self.title

    def __str__(self) -> str:
        return f"{self.kind} “{self.heading}”" if self.heading else self.kind


SectionStyle = Literal["full", "brief"]
"""How much a section shows of its stories: all there is, or headline and provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionChange:
    """What the editor says of the section called *title*: a *line* below that, a *style*.

    What the settings say stands where she says nothing: an empty line, no style.
    """

    title: str
    line: Text | Literal[""] = ""
    style: SectionStyle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What the editor asks of one issue. Stories are named by path once they are resolved against the archive.

    *drops* and *moves* map a story to the reason and to the section's title; *order* a section's title to the stories
    that come first in it. *joins* are articles that tell one story, *splits* those that tell one of their own, whatever
    the rule says. *blocks* are words of her own between the stories, *number* is the issue's, and *sections* what she
    says of some of these. *places* has for messages where each name as written stands, and under `join: NAME` and
    `split: NAME` where it is joined or split.
    """

    subject: Text | None = None
    preheader: Text | None = None
    introduction: str = ""
    pins: tuple[Pin, ...] = ()
    drops: tuple[tuple[str, str], ...] = ()
    moves: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    order: tuple[tuple[str, tuple[str, ...]], ...] = ()
    joins: tuple[tuple[str, ...], ...] = ()
    splits: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    number: int | None = None
    sections: tuple[SectionChange, ...] = ()
    places: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Another provider's report of a picked story, to stand under "also covered by"."""

    provider: Provider
    url: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The articles that report the same event.

    *lead* is the one shown, *others* are the rest, best first. *also* is the independent coverage by other providers,
    one for each, best quality first; *unlinked* counts providers more whose reports are not public. *reported_at* are
    the addresses of all these reports, copies and unpublished ones included: who runs the story knows it by them.
    """

    lead: Article
    others: tuple[Article, ...] = ()
    also: tuple[Coverage, ...] = ()
    unlinked: int = 0
    reported_at: tuple[Address, ...] = ()

    @property
    def coverage(self) -> int:
        """How many providers report it independently."""
        return 1 + len(self.also) + self.unlinked

    @property
    def topic_keys(self) -> frozenset[str]:
        """The topics of all its articles: a story may stand wherever one of them may."""
        keys = self.lead.topic_keys
        return keys.union(*[other.topic_keys for other in self.others]) if self.others else keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A story in a slot.

    *late*: it is of an earlier window and was not able to run there (a story that lost is not late); *pinned*: the
    editor put it there; *title* and *excerpt*: the editor's own, where there are some; so are *kicker*, above the
    headline, and *why* (Markdown), below the excerpt; *picture*, *without_picture*, *alt* and *credit* are as in her
    `Change`. *update*: an earlier issue told the event, and this says more.
    """

    story: Story
    late: bool = False
    pinned: bool = False
    title: Text | None = None
    excerpt: Text | None = None
    update: Update | None = None
    kicker: Text | None = None
    why: str = ""
    picture: Picture | None = None
    without_picture: bool = False
    alt: Text | Literal[""] = ""
    credit: Text | Literal[""] = ""

    @property
    def says_of_picture(self) -> bool:
        """Whether the editor chose its picture, or says something of it."""
        return bool(self.picture or self.alt or self.credit)

    @property
    def article(self) -> Article:
        """The article shown."""
        return self.story.lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of an issue with its picks, in reading order: hottest first unless the editor has ordered them.

    *topics* are the topics that it chooses by, as the settings write them; empty where it chooses otherwise. *line*
    stands below its title, where there is one; *style* says how much is shown of its stories.
    """

    title: str
    topics: tuple[str, ...]
    picks: tuple[Pick, ...]
    line: Text | Literal[""] = ""
    style: SectionStyle = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one reader asks for: *topics* in the order of the sections, each with the most stories that it may have.

    *language* is the tag of the one that all stories are to be in, "" for any.
    """

    topics: tuple[tuple[str, int], ...]
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision about one candidate.

    *rule* is what decided, *because* the reason in plain words, *section* the title of the section concerned, "" where
    there is none. *ran_in* is the id of the earlier issue that ran the story, where that decided, and *muted_by* the
    place in the settings of the rule that mutes it, such as `digest.yaml:12`, or `select.adverts`. *lead* is the path
    of the article that leads the story, where another one does, and *near_miss* that of what its words agree with and
    that is another story all the same.
    """

    article: Article
    rule: Rule
    because: str
    section: str = ""
    ran_in: str = ""
    muted_by: str = ""
    lead: str = ""
    near_miss: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One dated edition of the newsletter, chosen but not yet rendered.

    *verdicts* has exactly one for every candidate: the articles of the window, late arrivals, and what a thin section
    or the editor brought in. *empty_sections* says of each section that is left out why. *rehearsals* names earlier
    issues of these days that count for nothing, since they were never handed over. *blocks* are the editor's own words
    in it: those of every issue, then those of this one. *number* counts the newsletter's issues, None where they are
    not numbered.
    """

    window: Window
    sections: tuple[Section, ...]
    verdicts: tuple[Verdict, ...]
    empty_sections: tuple[str, ...] = ()
    edits: Edits = field(default_factory=Edits)
    rehearsals: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    number: int | None = None

    @property
    def id(self) -> str:
        """The issue's name: the last day of its window, and a suffix where the settings ask for one."""
        return self.window.issue_id

    @property
    def picks(self) -> tuple[Pick, ...]:
        """All picks in reading order."""
        return tuple(pick for section in self.sections for pick in section.picks)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledTheme:
    """A theme ready to be filled with news.

    *html*, *text* and *fragment* are Jinja templates without MJML and without the theme's own Jinja. *expressions* are
    the news' Jinja in the HTML, each with its place in the theme, for messages; *text_place* is the place of the text,
    and *fragment_places* has that of each line of the fragment. *catalogues* are the theme's own gettext catalogues,
    each with its place. *digest* is a hash of all that is the theme's own.
    """

    html: str
    text: str
    text_place: str
    expressions: tuple[tuple[str, str], ...]
    digest: str
    fragment: str
    fragment_places: tuple[str, ...]
    catalogues: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The rendered issue, ready to be read: one subject, one preheader, one HTML part and its plain-text twin.

    *flowed* is the text without indentation, each line end inside a paragraph written as U+2028.
    *weight* is the bytes of the HTML as it travels; *trimmed* says what was given up for it, *web_only* names the
    stories that stand on the web only, by path, and *web* is then the HTML with all of them. *links* are the stories'
    addresses as (in the archive, as sent). *notes* tell the editor what could not be shown as asked. *advert* is the
    word that marks its sponsors, in the letter's language. *fragment* is the issue as HTML without a frame, with all
    stories, for a page of others; empty where the settings ask for none. *pictures* are those of stories that the
    editor chose or described and that it shows, each with the path of its story.
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
    advert: str = ""
    fragment: str = ""
    pictures: tuple[tuple[str, Address], ...] = ()
