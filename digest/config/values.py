"""The frozen values that the settings hold: newsletter, sections, rules, targets.

Made in `settings`, which checks them, and read by the rooms above, which know these values and not the file. A value
that is added needs a default that leaves everything as it was, and `Settings.digest` has to leave that default out, so
that the hashes in old records stay true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import date, time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, get_args

from digest.model import Story, folded
from digest.text.languages import covers
from digest.weight import ROOM

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from digest.config.identity import Feedback, Logo, Signature
    from digest.config.muting import MuteRule
    from digest.model import Article, BlockLink, SectionStyle, Text

# What stories can be ordered by; each is explained in `selection/order.py`. Schema and reference follow from here.
Order = Literal["heat", "quality", "coverage", "freshness", "earliest", "latest", "path"]

# Which pictures a letter shows: all, that of the first story only, or none; icons count as pictures.
Images = Literal["all", "lead", "off"]

WITHOUT_HEAT: tuple[Order, ...] = ("coverage", "latest")
"""The order of stories where no article has a figure to be ranked by: what most outlets report, then what is new."""

# Slots of a section unless the settings say otherwise; a letter of six sections is then read in five minutes.
DEFAULT_LIMIT = 3

LAST_NUMBER = 1_000_000
"""The largest number of an issue."""

LAST_PLACE = 100
"""The last place in a section that the editor may ask for, for a story or a block."""

# What happens to a section with fewer stories than its minimum: left out, kept, or filled from earlier days.
Thin = Literal["skip", "keep", "widen"]


@dataclass(frozen=True, slots=True)
class Query:
    """Articles that *sql*, one SELECT, finds in the DuckDB file *database*; as text it is that file."""

    sql: str
    database: str

    def __str__(self) -> str:
        return self.database


Source = str | Query
"""Where articles are: a folder, a table by path, pattern or address, or a query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """Who sends: what readers see around the stories, and what a bulk sender owes them.

    *name* is the newsletter's, *sender* a mailbox (`Name <a@b>`). *language* is a BCP 47 tag, *timezone* an IANA name:
    the days of a window are counted there. *postal* is the address that bulk mail must carry (CAN-SPAM, 16 CFR 316).
    *web* is the URL of an issue's web view with `{id}` in it. *unsubscribe* and *unsubscribe_mail* are where a reader
    leaves (RFC 2369). *why* tells readers why they get this; empty for the language's own sentence.

    *reply_to* is the mailbox for answers, empty for the sender's.

    What it is recognised by is empty or None where it was not set: *tagline* is a line under the name, *logo* stands in
    its place, *social* are places to follow it, *signature* says who writes, *subscribe* is where somebody new
    subscribes, *feedback* asks readers for their opinion. `{id}` in an address is the issue. *first_number* is that of
    the first issue, None where issues are not numbered.
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
    reply_to: str = ""
    tagline: str = ""
    logo: Logo | None = None
    social: tuple[BlockLink, ...] = ()
    signature: Signature | None = None
    subscribe: str = ""
    feedback: Feedback | None = None
    first_number: int | None = None

    def web_address(self, issue_id: str) -> str:
        """The address of the web view of one issue."""
        return self.web.replace("{id}", issue_id)

    def of_issue(self, issue_id: str) -> Newsletter:
        """Return it with the name of the issue for each `{id}` in the addresses of what it is recognised by."""
        return replace(
            self,
            logo=self.logo and self.logo.of_issue(issue_id),
            social=tuple(link.of_issue(issue_id) for link in self.social),
            signature=self.signature and self.signature.of_issue(issue_id),
            subscribe=self.subscribe.replace("{id}", issue_id),
            feedback=self.feedback and self.feedback.of_issue(issue_id),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How an issue becomes a message, whatever its theme.

    *limit* is the most bytes of HTML, None for no limit; *images* says which pictures are shown; *utm* are the
    newsletter's own marks on story links, as (source, the-ai-week), with `{id}` for the issue; *clean_links* takes off
    what counts readers. *fragment* asks for the issue without a frame, too. In the plain text, addresses of more than
    *references* characters are numbers, with a list of them at its end; None is no such list.
    """

    limit: int | None = ROOM
    images: Images = "all"
    utm: tuple[tuple[str, str], ...] = ()
    clean_links: bool = True
    fragment: bool = False
    references: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which stories a section takes: everything that is given must hold, what is empty is not asked.

    *any*, *all* and *none* are topics, compared without case with those of all articles of a story. *kinds*,
    *categories*, *languages* (tags) and *providers* (by name or domain) are asked of its lead, and *paths* are globs on
    the lead's path. *unnamed*: what names no language is in one of *languages*.
    """

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    unnamed: bool = False

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic named, wanted or not."""
        return (*self.any, *self.all, *self.none)

    def takes(self, story: Story) -> bool:
        """Whether *story* may stand in the section."""
        lead, topics = story.lead, story.topic_keys
        return (
            (not self.any or not topics.isdisjoint(folded(self.any)))
            and (not self.all or topics.issuperset(folded(self.all)))
            and (not self.none or topics.isdisjoint(folded(self.none)))
            and (not self.kinds or lead.kind.casefold() in folded(self.kinds))
            and (not self.categories or lead.category.casefold() in folded(self.categories))
            and (not self.providers or not lead.provider.names.isdisjoint(folded(self.providers)))
            and (not self.paths or any(fnmatchcase(lead.path, glob) for glob in self.paths))
            and (not self.languages or self._reads(lead.language))
        )

    def _reads(self, language: str) -> bool:
        return any(covers(wanted, language) for wanted in self.languages) if language else self.unnamed


# What may stand in a pattern of addresses, and how it is written there; `records/permalinks.py` fills them in.
Placeholder = Literal[
    "year", "short_year", "month", "i_month", "month_name", "month_short", "week", "day", "i_day", "yearday", "weekday",
    "weekday_short", "hour", "minute", "second", "slug", "slug_or_title", "slug_or_file", "title", "name", "file",
    "folder", "section", "category", "categories", "route",
]  # fmt: skip
SlugStyle = Literal["name", "plain", "hugo", "zola", "pelican", "lower", "raw"]

PLACEHOLDER = re.compile(rf"\{{({'|'.join(get_args(Placeholder))})(?::({'|'.join(get_args(SlugStyle))}))?\}}")
"""A placeholder of a pattern: its name and, where one is given, its style."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePlan:
    """A site whose articles do not name their own address.

    *address* is the site's, empty where there is none. *permalink* is the pattern of its articles' addresses, empty for
    the usual one; *folders* are patterns of folders of the archive, as (path, pattern). *as_written*: a date in an
    address is of the zone that the file writes it in, not of the newsletter's. *name* is its publisher's, empty where
    that is called like the host. *languages* are those that files are translated to by their names (`ferry.de.md`), the
    site's own first, which has no folder of its own.
    """

    address: str = ""
    permalink: str = ""
    folders: tuple[tuple[str, str], ...] = ()
    as_written: bool = False
    name: str = ""
    languages: tuple[str, ...] = ()


Every = Literal["day", "week", "2 weeks", "month"]
"""What a calendar's windows are as long as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPlan:
    """Which days an issue covers, as the settings ask for it; `issue/windows.py` makes windows of it.

    *every* is None where windows are a number of days that end on any day. *starts* is the first day of one of the
    weeks, from which all others are counted. *until* is the hour at which a day of the newsletter ends, None for
    midnight. *since_sent*: an issue begins where the last one that was sent ended. *suffix* follows the day in an
    issue's name.
    """

    every: Every | None = None
    starts: date = date(2000, 1, 3)
    until: time | None = None
    since_sent: bool = False
    suffix: str = ""

    @property
    def is_of_calendar(self) -> bool:
        """Whether an issue is of days that are over, and not of those up to the day on which it is built."""
        return self.every is not None or self.since_sent


Curve = Literal["linear", "log", "sqrt"]
"""How points grow with a value: with it, with its digits, or with its root."""

SignalName = Literal["field", "coverage", "age", "provider", "constant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Something that adds points to a heat; `records.scoring` says how many.

    *field* is the name of a figure, for the signal of that name. A value counts by *curve* up to *cap* (None: without
    end), where it is worth *weight*. *half_life* is in hours, for age; *points* are those of providers by name or
    domain, and *other* those of all others.
    """

    name: SignalName
    field: str = ""
    weight: float = 1
    curve: Curve = "linear"
    cap: float | None = None
    half_life: float = 1
    points: tuple[tuple[str, float], ...] = ()
    other: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlan:
    """What fields are called where articles come from, and what makes a heat where there is none.

    *names* are pairs of ours and theirs, the best first where a field has several; *score* is weights of fields, whose
    sum is the heat, and *signals* are fields that count by a curve. *zone* is the newsletter's time zone, in which days
    are, and *clock* that of times which do not name one, "" for the newsletter's. *site* is the one that articles
    without an address of their own belong to. *aliases* are other names of topics, each with the name to take instead.
    """

    names: tuple[tuple[str, str], ...] = ()
    score: tuple[tuple[str, float], ...] = ()
    signals: tuple[Signal, ...] = ()
    zone: str = "UTC"
    clock: str = ""
    site: SitePlan = SitePlan()
    aliases: tuple[tuple[str, str], ...] = ()

    def called(self, name: str) -> tuple[str, ...]:
        """What our field *name* may be called, best first: as the settings say, then as we do."""
        return (*(theirs for ours, theirs in self.names if ours == name and theirs != name), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPlan:
    """How the files of an archive are read: none of more than *most* bytes, its fields by the names of *fields*.

    *beginnings* says whether an article without an excerpt gets the beginning of its text for one; whoever counts
    articles can do without, which takes half of the time.
    """

    most: int = 1024 * 1024
    fields: FieldPlan = FieldPlan()
    beginnings: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPlan:
    """A section as the settings ask for it, before anything is picked.

    *limit* is its number of slots. With fewer than *minimum* stories it is thin, and *thin* says what happens: it is
    left out, kept, or looks back *widen_days* days before the window. *per_provider* is the most stories that one
    provider may lead in it, None for no limit. *line* and *style* are as in `model.Section`.
    """

    title: str
    match: Match
    limit: int = DEFAULT_LIMIT
    minimum: int = 1
    thin: Thin = "skip"
    widen_days: int = 0
    per_provider: int | None = None
    line: Text | Literal[""] = ""
    style: SectionStyle = "full"

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics it takes."""
        return self.match.any or self.match.all


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingRules:
    """Those rules that say which articles may run, how they are ranked, and which of them tell one story.

    *order* ranks stories; *without_heat* is the order that holds instead where no candidate has a heat, empty where the
    settings decide. *signals* add to the heats that were read. Articles of up to *late_days* before the window may come
    late, and every *half_life* days half of their heat is left (None: all counts). What *mute* takes runs only where
    the editor pins it, and so do adverts for market reports unless *adverts_run*, and invitations to events that are
    over unless *past_events_run*. *marks_updates*: what tells the event of an earlier issue is a repeat, or an update
    of it. With *returns_with* more providers at once a story may run again (None: not for that).
    """

    order: tuple[Order, ...] = ("heat", "quality", "earliest")
    without_heat: tuple[Order, ...] = ()
    signals: tuple[Signal, ...] = ()
    late_days: int = 14
    half_life: float | None = 3
    mute: tuple[MuteRule, ...] = ()
    adverts_run: bool = False
    past_events_run: bool = False
    marks_updates: bool = True
    returns_with: int | None = None

    @property
    def ranks_by_heat(self) -> bool:
        """Whether heat is among the keys of the order."""
        return "heat" in self.order

    @property
    def needs_heat(self) -> bool:
        """Whether an article without heat cannot be ranked, and so cannot run: no signal gives it one."""
        return self.ranks_by_heat and not self.signals

    @property
    def counts_coverage(self) -> bool:
        """Whether it must be known of all stories how many providers report them, and not of the picks alone."""
        by_signal = any(signal.name == "coverage" for signal in self.signals)
        return by_signal or "coverage" in self.order

    def settled(self, articles: Iterable[Article]) -> Self:
        """Return the rules as they hold for *articles*: where none of them has a heat, with the order for that case."""
        if not self.without_heat or any(article.heat is not None for article in articles):
            return self
        return replace(self, order=self.without_heat, without_heat=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(TellingRules):
    """How to choose. *plans* None: sections that follow the week, at most *default_sections* of *default_limit* slots.

    Then *more_title* is what a section is called for stories under none of the others, *all_title* that for all.
    *by_heat* lets the sections follow their first story instead of the settings' order. *min_heat* is the least heat
    that may run, *per_provider* the most stories one provider may lead in an issue, *total* the most that an issue has,
    None for no limit, *min_stories* the fewest that make an issue. *soft_caps*: a section below its minimum takes
    stories beyond the caps. *repeat_after* days a story may run again (None: never). *remember_all*: what other
    newsletters of the same `out` ran counts, too.
    """

    plans: tuple[SectionPlan, ...] | None = None
    by_heat: bool = False
    min_heat: float = 0
    per_provider: int | None = None
    min_stories: int = 1
    repeat_after: int | None = None
    remember_all: bool = False
    default_sections: int = 6
    default_limit: int = DEFAULT_LIMIT
    more_title: str = "More"
    all_title: str = "Stories"
    total: int | None = None
    soft_caps: bool = False

    @property
    def telling(self) -> TellingRules:
        """Those of the rules that telling a week asks: rules that are alike in them tell it alike."""
        return TellingRules(**{each.name: getattr(self, each.name) for each in fields(TellingRules)})

    def told_by(self, telling: TellingRules) -> Rules:
        """Return the rules with those of *telling*, as they were settled for a week."""
        return replace(self, **{each.name: getattr(telling, each.name) for each in fields(telling)})

    def reach_days(self, *, remembers: bool) -> int:
        """Return how many days before the window an article may still matter.

        A thin section may look back to it; it may come late only where an earlier issue is remembered.
        """
        return max([self.late_days if remembers else 0, *(plan.widen_days for plan in self.plans or ())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret is kept: the name of an environment variable, or a file. Never the secret itself."""

    env: str = ""
    file: str = ""


Option = str | tuple[str, ...] | Secret
"""What an option of a target may be; the target says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPlan:
    """A mail service as the settings name it.

    *name* is the editor's, *kind* the target that talks to it. *options* are as written: only the target knows what
    they mean. *place* is file and line, for messages.
    """

    name: str
    kind: str
    options: tuple[tuple[str, Option], ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A *rule* of `digest check` that the newsletter does without, and the *reason*; *place* is `file:line`."""

    rule: str
    reason: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimPlan:
    """How to sign messages by DKIM (RFC 6376): *selector* and *domain* (empty: the sender's) name the public key."""

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


Empty = Literal["skip", "general"]
"""What a reader gets for whom the week has too little: nothing, or the issue for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadersPlan:
    """Who gets editions: *source* is the list, in which *topics*, *language* and *frequency* are columns.

    Who does not say how often is taken for *usual_frequency*. *key* is where the key is kept that makes of an address
    the id which stands for it; None where it is not set.
    """

    source: str = ""
    topics: str = "topics"
    language: str = "language"
    frequency: str = "frequency"
    usual_frequency: str = "weekly"
    key: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionsPlan:
    """What an edition is: sections of *limit* stories each, for those of *topics* that its reader asks for.

    Without *topics* those of the sections are on offer, else those of the week. With fewer stories than *fewest* the
    reader gets what *empty* says. With a *frequency* they are for readers who ask for that, in upper or lower case.
    *parts* is how many files the readers are spread over, *out* the folder of them.
    """

    topics: tuple[str, ...] = ()
    limit: int = DEFAULT_LIMIT
    fewest: int = 3
    empty: Empty = "skip"
    frequency: str = ""
    parts: int = 64
    out: str = "editions"


# Who the sample's newsletter pretends to be. The domains are reserved for examples and tests (RFC 2606, RFC 6761), so
# nobody answers there, no newsletter of this world has one, and `check` can tell one that was never set up.
NAME = "The AI Week"
MAILBOX = "news@example.com"
POSTAL = "1 Example Street, 10115 Berlin, Germany"
WEB = "https://example.com/issues/{id}/"
UNSUBSCRIBE = "https://example.com/unsubscribe"

_RESERVED = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|net|org)|example|test|invalid|localhost|localdomain)\.?", re.IGNORECASE
)


def is_example(host: str) -> bool:
    """Whether *host* is one of the domains that belong to nobody, or below one."""
    return bool(_RESERVED.fullmatch(host))
