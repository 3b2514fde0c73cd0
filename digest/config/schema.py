"""Every key of digest.yaml, declared once: what may be written, the default, and a sentence; and the JSON Schema of it.

A new setting is an attribute of a group here and a value in `values`, which `settings` fills from it. Whatever lists
settings (the keys that are allowed, the schema, the table in docs/settings.md) follows.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Literal, get_args

from digest.config import values
from digest.config.blocks import Blocks
from digest.config.declared import (
    Choice,
    Group,
    Integer,
    LanguageTag,
    LanguageTags,
    Listed,
    Nested,
    Number,
    NumberOrNone,
    OptionalInteger,
    PlainText,
    Setting,
    Switch,
    Texts,
    TimeZone,
    WebAddress,
    WordList,
)
from digest.config.formula import Score
from digest.config.hours import HourOfDay, OneOf, Suffix, WeekStart
from digest.config.identity import FeedbackGroup, LogoGroup, SignatureGroup, SocialGroup
from digest.config.values import (
    PLACEHOLDER,
    EditionsPlan,
    Empty,
    Every,
    Images,
    Option,
    Order,
    Query,
    ReadersPlan,
    ReadingPlan,
    Secret,
    SitePlan,
    Source,
    TargetPlan,
    Thin,
    Waiver,
)
from digest.config.yamlfile import Keys
from digest.model import SectionStyle
from digest.text import sanitize
from digest.weight import ROOM

if TYPE_CHECKING:
    from collections.abc import Iterator

SHIPPED_THEMES = "templates"
DEFAULT_THEME = f"{SHIPPED_THEMES}/default"
_MAX_SLOTS = 100
_MAX_TOTAL = 1_000
_MAX_DAYS = 3_660
MOST_PARTS = 10_000
LARGEST_ARTICLE = ReadingPlan().most
MAILBOX = r"[^\s@<>,?]+@[^\s@<>,?]+"
UNSUBSCRIBE_URL = r"(https://[^\s<>\"]+)?"
SELECTOR = r"[A-Za-z0-9._-]+"
_DAYS_OF = ("newsletter", "written")
_PATTERN = PLACEHOLDER.pattern.join((r"^(?:[^{}]|", r")+$"))
_ORDERS = "#/$defs/order"
_SECRETS = "#/$defs/secret"


class NewsletterGroup(Group):
    """Who sends."""

    name = PlainText("What it is called.", values.NAME)
    sender = PlainText("The sender, as `Name <address>`.", key="from", pattern="@")
    reply_to = PlainText("Where answers go, as an address or `Name <address>`; by default to the sender.", pattern="@")
    language = LanguageTag(
        "Language tag of the letter's own words.", "en", pattern="^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$"
    )
    timezone = TimeZone("Where a day begins and ends, such as Europe/Berlin.", "UTC")
    address = PlainText("The postal address that bulk mail must carry.")
    web = WebAddress("Address of an issue's web view, with {id} in it.", values.WEB, pattern="^https?://")
    unsubscribe = WebAddress("Where a reader unsubscribes.", placeholder=values.UNSUBSCRIBE)
    unsubscribe_mail = PlainText(
        "Mailbox that takes unsubscribing mail; by default the sender's.", pattern=f"^{MAILBOX}$"
    )
    why = PlainText("The sentence that tells readers why they get this; by default the language's own.")
    tagline = PlainText("A line under the name.")
    logo = Nested(LogoGroup)
    social = Listed("Where else it can be followed, a row of words in the foot.", SocialGroup)
    signature = Nested(SignatureGroup)
    subscribe = WebAddress("Where somebody subscribes to whom a letter was forwarded.")
    feedback = Nested(FeedbackGroup)
    first_number = OptionalInteger(
        "Number of the first issue, from which the next ones count on; without it they have none.",
        least=1,
        most=values.LAST_NUMBER,
    )


class WindowGroup(Group):
    """The days an issue covers."""

    days = Integer("Length of a week in days.", 7, least=1, most=_MAX_DAYS)
    every = OneOf("Windows of the calendar instead of `days`; an issue is then of the last one that is over.", Every)
    starts = WeekStart("When a week starts: a weekday, or for `2 weeks` the day on which one of them starts.")
    until = HourOfDay('When a day of the newsletter ends, such as "06:00"; by default at midnight.')
    since = OneOf("The issue begins where the last one that was sent ended.", Literal["sent"])
    suffix = Suffix("What follows the day in an issue's name, for two letters of one day in the same `out`.")


class MatchGroup(Group):
    """Which stories it takes: all that is given must hold."""

    languages = LanguageTags("Languages, such as en; what names none is in the newsletter's.", key="language")
    any_of = Texts("Any of these topics.", key="any")
    all_of = Texts("All of these topics.", key="all")
    none_of = Texts("None of these topics.", key="none")
    kinds = Texts("Types, such as article or video.", key="type")
    categories = Texts("Categories.", key="category")
    providers = Texts("Outlets, by name or domain.", key="provider")
    paths = Texts("Globs on the article's path.", key="path")


class WidenGroup(Group):
    """How far a thin section looks back."""

    widen = Integer("How many days to look back.", 7, least=1, most=_MAX_DAYS)


class ThinPolicy(Setting[tuple[Thin, int]]):
    """`skip`, `keep`, or `{widen: DAYS}`."""

    def read(self, keys: Keys) -> tuple[Thin, int]:
        """Return the policy, and the days of the third."""
        if keys.has(self.key) and isinstance(keys.pairs[self.key].value, dict):
            return "widen", WidenGroup(keys.inner(self.key, WidenGroup.settings())).widen
        written = keys.text(self.key, "skip")
        if written not in ("skip", "keep"):
            keys.problem(self.key, f"{keys.prefix}{self.key} is {written!r}; write skip, keep or {{widen: DAYS}}")
        return ("keep" if written == "keep" else "skip"), 0

    def schema(self) -> dict[str, Any]:
        """Return two words or the group."""
        return {"default": "skip", "oneOf": [{"enum": ["skip", "keep"]}, WidenGroup.schema()]}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "`skip`, `keep` or `{widen: DAYS}`"


class SectionGroup(Group):
    """A section of the letter."""

    title = PlainText("Its heading; by default the first topic.")
    topic = Texts("Topics it takes: any of them.")
    match = Nested(MatchGroup)
    limit = Integer("Most stories in it.", values.DEFAULT_LIMIT, least=0, most=_MAX_SLOTS)
    minimum = Integer(
        "Fewest stories in it; below that, thin says what happens.", 1, least=0, most=_MAX_SLOTS, key="min"
    )
    thin = ThinPolicy("What happens to a section with fewer stories than min.")
    per_provider = OptionalInteger("Most stories that one outlet leads in it.", least=1, most=_MAX_SLOTS)
    line = PlainText("A line below its heading.")
    style = Choice("How much it shows of its stories; brief: headline and outlet.", get_args(SectionStyle))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the schema of the group: a section takes topics or has another match."""
        return {**super().schema(), "anyOf": [{"required": ["topic"]}, {"required": ["match"]}]}


class MuteGroup(Group):
    """What never runs unless it is pinned: all that is given must hold."""

    providers = Texts("Outlets, by name or domain.", key="provider")
    titles = Texts("Words of the title as they follow each other; `*` stands for any text.", key="title")
    paths = Texts("Globs on the article's path.", key="path")
    topics = Texts("Any of these topics.", key="topic")
    quality_below = OptionalInteger("A quality below this; a file without one has 0.", least=1, most=1_000_000)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the schema of the group: a rule asks for something."""
        return {**super().schema(), "minProperties": 1}


class SelectGroup(Group):
    """How stories are chosen."""

    order = WordList(
        "What stories are ordered by, the first that differs.",
        Order,
        ("heat", "quality", "earliest"),
        reference=_ORDERS,
    )
    sections = Choice("The order of the sections.", ("as written", "by heat"))
    mute = Listed("What never runs, a rule each.", MuteGroup)
    adverts = Choice("Whether adverts for market reports are muted.", ("mute", "run"))
    past_events = Choice("Whether invitations to events that are over are left out.", ("skip", "run"))
    min_heat = Number("No story below this runs; decimals are allowed.", 0, least=0, most=1_000_000)
    min_stories = Integer("Fewer, and there is no issue.", 1, least=1, most=_MAX_SLOTS)
    per_provider = OptionalInteger("Most stories that one outlet leads in an issue.", least=1, most=_MAX_SLOTS)
    soft_caps = Switch("Whether a section below its `min` takes stories beyond `per_provider`.", default=False)
    total = OptionalInteger("Most stories in an issue.", least=1, most=_MAX_TOTAL)
    repeat_after = OptionalInteger("Days after which a story may run again.", least=1, most=_MAX_DAYS, none="never")
    returns_with = OptionalInteger(
        "A story may run again with so many more outlets.", least=1, most=_MAX_SLOTS, none="never"
    )
    updates = Choice(
        "What tells an event that ran: marked as an update if it has news, else a repeat; or a story like any.",
        ("mark", "off"),
    )
    late_days = Integer("How many days before the window an article may come late.", 14, least=0, most=_MAX_DAYS)
    half_life = NumberOrNone(
        "Days after which half of a late story's heat counts; decimals are allowed.",
        3,
        least=0.1,
        most=_MAX_DAYS,
        none="never",
    )
    remember = Choice(
        "Whose earlier issues count as having run: the newsletter's own, or all that stand in `out`.", ("own", "all")
    )


class SizeLimit(Setting[int | None]):
    """Bytes, or null for no limit."""

    least, most = 1_000, 10_000_000

    def read(self, keys: Keys) -> int | None:
        """Return the bytes, or None where null is written."""
        never = self.key in keys.pairs and not keys.has(self.key)
        return None if never else keys.integer(self.key, ROOM, least=self.least, most=self.most)

    def schema(self) -> dict[str, Any]:
        """Return a number or null."""
        number = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {"default": ROOM, "oneOf": [number, {"type": "null"}]}

    def kind(self) -> str:
        """Return in words what may be written."""
        return f"{self.least:,} to {self.most:,}, or `null`"


class SizeGroup(Group):
    """How large a message may be."""

    limit = SizeLimit("Bytes of HTML before the message is trimmed; null: never.")


class TextGroup(Group):
    """The plain-text part."""

    references = OptionalInteger(
        "Longer addresses, in characters, become numbers such as [3], with a list of them at the end.",
        least=1,
        most=2_000,
        none="never",
    )


class ImagesChoice(Choice):
    """A choice in which YAML reads one of the words as false."""

    def schema(self) -> dict[str, Any]:
        """Return the words, and what YAML makes of a bare `off`."""
        return {"enum": [*self.choices, False], "default": self.choices[0]}


class UtmGroup(Group):
    """The newsletter's own marks on story links."""

    source = PlainText("utm_source of story links; {id} is the issue.")
    medium = PlainText("utm_medium of story links; {id} is the issue.")
    campaign = PlainText("utm_campaign of story links; {id} is the issue.")
    term = PlainText("utm_term of story links; {id} is the issue.")
    content = PlainText("utm_content of story links; {id} is the issue.")


class ThemeTokens(Setting[tuple[tuple[str, str], ...]]):
    """The tokens of the theme, which knows what they are."""

    def read(self, keys: Keys) -> tuple[tuple[str, str], ...]:
        """Return each token with its value, by name."""
        return tuple(sorted(keys.inner(self.key).all_texts().items()))

    def schema(self) -> dict[str, Any]:
        """Return any texts; the accent is the one that every theme of ours has."""
        accent = {
            "type": "string",
            "description": "All other colours follow from it.",
            "pattern": "^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$",
        }
        return {
            "type": "object",
            "additionalProperties": {"type": ["string", "number"]},
            "properties": {"accent": accent},
        }

    def kind(self) -> str:
        """Return in words what may be written."""
        return "tokens with their values"


class Targets(Setting[tuple[TargetPlan, ...]]):
    """Each target's options as written; the module that talks to the service knows what they mean."""

    def read(self, keys: Keys) -> tuple[TargetPlan, ...]:
        """Return the targets in the order of the file."""
        inner = keys.inner(self.key)
        base = os.path.dirname(keys.file)
        plans = []
        for name in inner.pairs:
            target = inner.inner(name)
            options = {key: _option(target, key, base) for key in target.pairs if key != "kind"}
            kind = target.text("kind", name)
            plans.append(TargetPlan(name=name, kind=kind, options=tuple(options.items()), place=inner.place(name)))
        return tuple(plans)

    def schema(self) -> dict[str, Any]:
        """Return targets of any options: which there are, the service says."""
        option = {
            "oneOf": [
                {"type": ["string", "number", "boolean"]},
                {"type": "array", "items": {"type": ["string", "number"]}},
                {"$ref": _SECRETS},
            ]
        }
        kind = {"type": "string", "description": "Which service; by default the name."}
        target = {"type": "object", "properties": {"kind": kind}, "additionalProperties": option}
        return {"type": "object", "additionalProperties": target}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "targets with their options"


class SecretPlace(Setting[Secret]):
    """Where a secret is kept."""

    def read(self, keys: Keys) -> Secret:
        """Return the place; a secret that is written out is a problem."""
        place = _option(keys, self.key, os.path.dirname(keys.file)) if keys.has(self.key) else ""
        if isinstance(place, Secret):
            return place
        keys.problem(self.key, f"{keys.prefix}{self.key} is a secret; write {{env: NAME}} or {{file: PATH}}")
        return Secret()

    def schema(self) -> dict[str, Any]:
        """Return a reference to the definition, which has the sentence."""
        return {"$ref": _SECRETS}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "`{env: NAME}` or `{file: PATH}`"


class DkimGroup(Group):
    """Sign each message ourselves."""

    selector = PlainText("Of the DKIM record.", pattern=f"^{SELECTOR}$", required=True)
    domain = PlainText("By default the sender's.")
    key = SecretPlace("The private key.", required=True)


class SendGroup(Group):
    """How each reader is written to."""

    ledger = PlainText("What was sent to whom.", "sent.db")
    recipients = PlainText("List of readers: CSV, JSONL, Parquet or bare addresses.")
    suppressions = Texts("Lists of readers who are never written to again.")
    unsubscribe = PlainText("Each reader's own address, with columns of the list in braces.", pattern="^(https://.*)?$")
    rate = OptionalInteger("Messages a second.", least=1, most=10_000, none="unlimited")
    connections = Integer("At the same time.", 2, least=1, most=20)
    messages = Integer("On one connection.", 100, least=1, most=100_000)
    retry_after = Integer("Seconds until a soft refusal is tried again.", 60, least=1, most=86_400)
    give_up = Integer("Seconds after which it is left to the next run.", 14_400, least=1, most=604_800)
    dkim = Nested(DkimGroup)


class ReadersGroup(Group):
    """Readers who get editions of their own."""

    source = PlainText("List of readers, CSV, JSON Lines or Parquet: a path or an address.", key="from")
    topics = PlainText("Column of the topics that a reader asks for, with ; between them.", ReadersPlan().topics)
    language = PlainText("Column of the language that a reader's stories are to be in.", ReadersPlan().language)
    frequency = PlainText("Column of how often a reader wants a letter.", ReadersPlan().frequency)
    usual_frequency = PlainText("How often who does not say it wants one.", ReadersPlan().usual_frequency)
    key_place = SecretPlace("Key that makes of an address the id which stands for it.", key="id")


class EditionsGroup(Group):
    """A letter for each reader."""

    topics = Texts("What may be asked for; by default the topics of the sections, else those of the week.")
    limit = Integer("Most stories of a topic.", EditionsPlan().limit, least=1, most=_MAX_SLOTS)
    fewest = Integer("Fewest stories of an edition.", EditionsPlan().fewest, least=1, most=_MAX_SLOTS)
    empty = Choice("What a reader gets with fewer: nothing, or the issue for all.", get_args(Empty))
    frequency = PlainText("For readers alone who want a letter that often, such as weekly; by default for all.")
    parts = Integer("Files that readers are spread over.", EditionsPlan().parts, least=1, most=MOST_PARTS)
    out = PlainText("Where editions are written: a folder, or an address of one.", EditionsPlan().out)


def _called(field: str) -> Texts:
    return Texts(f"What {field} is called there, the best name first; a.b is b inside a.", key=field)


class FieldsGroup(Group):
    """What fields are called in the archive, and where `digest import` brings articles from."""

    title = _called("title")
    excerpt = _called("excerpt")
    published_at = _called("publishedDateTime")
    url = _called("webUrl")
    heat = _called("heat")
    quality = _called("quality")
    topics = _called("topics")
    provider = _called("provider")
    language = _called("language")
    image = _called("image")
    published = _called("published")
    draft = _called("draft")
    words = _called("wordCount")
    minutes = _called("readingTime")


class Permalink(PlainText):
    """A pattern of addresses."""

    def read(self, keys: Keys) -> str:
        """Return the pattern; what stands in braces and means nothing is a problem."""
        return _pattern(keys, self.key)


class FolderPermalinks(Setting[tuple[tuple[str, str], ...]]):
    """Patterns by folder."""

    def read(self, keys: Keys) -> tuple[tuple[str, str], ...]:
        """Return each folder with its pattern, in the order of the file."""
        inner = keys.inner(self.key)
        return tuple((folder, _pattern(inner, folder)) for folder in inner.pairs)

    def schema(self) -> dict[str, Any]:
        """Return patterns by name."""
        return {"type": "object", "additionalProperties": {"type": "string", "pattern": _PATTERN}}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "folders with their patterns"


class Aliases(Setting[tuple[tuple[str, str], ...]]):
    """Other names of topics, each with the name to take instead."""

    def read(self, keys: Keys) -> tuple[tuple[str, str], ...]:
        """Return each alias with the topic's name, in the order of the file."""
        return tuple(keys.inner(self.key).all_texts().items())

    def schema(self) -> dict[str, Any]:
        """Return texts by text."""
        return {"type": "object", "additionalProperties": {"type": "string"}}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "other names with the topic's own"


class TopicsGroup(Group):
    """What topics are called."""

    aliases = Aliases("Other names of topics, in any case, such as `AI-Ethics: AI Ethics`.")


class Waivers(Setting[tuple[Waiver, ...]]):
    """Rules of `digest check` that the newsletter does without, each with its reason; `check` knows which there are."""

    def read(self, keys: Keys) -> tuple[Waiver, ...]:
        """Return the waivers in the order of the file; one without a reason is a problem."""
        inner = keys.inner(self.key)
        empty = [rule for rule, written in inner.pairs.items() if not written.value]
        for rule in empty:
            inner.problem(rule, f"{inner.prefix}{rule} has no reason; write one that readers of the report understand")
        reasons = {rule: inner.text(rule, "") for rule in inner.pairs if rule not in empty}
        return tuple(Waiver(rule=rule, reason=reason, place=inner.place(rule)) for rule, reason in reasons.items())

    def schema(self) -> dict[str, Any]:
        """Return texts by rule."""
        return {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "rules with a reason each"


class CheckGroup(Group):
    """How a built issue is judged."""

    allow = Waivers('Rules whose findings stop nothing, each with the reason: `{dark-mode: "as the brand book asks"}`.')


class SiteGroup(Group):
    """The site that articles without an address belong to."""

    address = PlainText("Its address, such as https://example.com.", pattern="^https?://", required=True)
    permalink = Permalink("Pattern of addresses; by default /{folder}/{slug}/.", pattern=_PATTERN)
    folders = FolderPermalinks("Patterns of the archive's folders that have one of their own.")
    dates = Choice("Whose zone the day in an address is of; Hugo's is that of the date as written.", _DAYS_OF)
    languages = LanguageTags("Languages that end the names of translated files (`post.de.md`), the site's own first.")


class Site(Setting[SitePlan]):
    """An address, or an address with patterns."""

    def read(self, keys: Keys) -> SitePlan:
        """Return the site; one without an address is none."""
        if not keys.has(self.key):
            return SitePlan()
        if not isinstance(keys.pairs[self.key].value, dict):
            return SitePlan(address=_web_address(keys, self.key))
        group = SiteGroup(keys.inner(self.key, SiteGroup.settings()))
        return SitePlan(
            address=_web_address(group.keys, "address"),
            permalink=group.permalink,
            folders=group.folders,
            as_written=group.dates == _DAYS_OF[1],
            languages=group.languages,
        )

    def schema(self) -> dict[str, Any]:
        """Return an address or the group."""
        return {"oneOf": [{"type": "string", "pattern": "^https?://"}, SiteGroup.schema()]}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "http(s) URL, or `{address: URL, permalink: PATTERN}`"


def _web_address(keys: Keys, key: str) -> str:
    """The http(s) address at a key, made safe; where there is none, a problem."""
    written = keys.text(key, "")
    address = sanitize.address(written)
    if address is None:
        keys.problem(key, f"{keys.prefix}{key} is no http(s) address: {written!r}; write it like https://example.com")
    return address or ""


def _pattern(keys: Keys, key: str) -> str:
    """The pattern at a key; what stands in braces and means nothing is a problem."""
    written = keys.text(key, "")
    left = re.search(r"\{[^{}]*\}?|\}", PLACEHOLDER.sub("", written))
    if left:
        usual = "{year}, {month}, {day}, {slug}, {title} and {folder}"
        keys.problem(key, f"{keys.prefix}{key} has {left[0]!r}, which means nothing; the usual ones are {usual}")
        return ""
    return written


class QueryGroup(Group):
    """Articles that a query finds."""

    sql = PlainText("One SELECT; its columns are called as fields are.", pattern=r"\S", required=True)
    database = PlainText("The DuckDB file that it is answered from.", key="from", pattern=r"\S", required=True)


class Sources(Setting[tuple[Source, ...]]):
    """One or several places of articles, of any kind."""

    default = ("seeds",)

    def read(self, keys: Keys) -> tuple[Source, ...]:
        """Return the places in the order of the file."""
        value = keys.pairs[self.key].value if keys.has(self.key) else None
        members = value if isinstance(value, tuple) else ()
        if not isinstance(value, dict) and not any(isinstance(member.value, dict) for member in members):
            return tuple(keys.texts(self.key, list(self.default)))
        if isinstance(value, dict):
            return tuple(self._query(keys.inner(self.key, QueryGroup.settings())))
        sources: list[Source] = []
        for number, member in enumerate(members):
            if isinstance(member.value, dict):
                entry = Keys(keys.file, member.value, f"{keys.prefix}{self.key}[{number}].", member.line, keys.problems)
                entry.allow(QueryGroup.settings())
                sources += self._query(entry)
            elif isinstance(member.value, str) and member.value.strip():
                sources.append(member.value.strip())
            else:
                keys.problem(self.key, f"{keys.prefix}{self.key} has a member that is neither a text nor a query")
        return tuple(sources)

    def _query(self, entry: Keys) -> Iterator[Query]:
        """Yield the query that *entry* describes; without one of its keys it is a problem."""
        group = QueryGroup(entry)
        for key in QueryGroup.needed():
            if not entry.has(key):
                has = " and ".join(QueryGroup.needed())
                entry.problem(key, f"{entry.prefix}{key} is missing; a query has {has}")
        if group.sql and group.database:
            yield Query(group.sql, group.database)

    def schema(self) -> dict[str, Any]:
        """Return a place, or an array of them."""
        place = [{"type": "string"}, {**QueryGroup.schema(), "description": QueryGroup.about()}]
        several = {"type": "array", "items": {"oneOf": place}, "minItems": 1}
        return {"oneOf": [*place, several], "default": list(self.default)}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "text, `{sql: SELECT, from: FILE}`, or a list of these"


class SettingsFile(Group):
    """Every key has a default. Paths are relative to the file."""

    newsletter = Nested(NewsletterGroup)
    archive = Sources("Where articles are: folders, and tables (docs/tables.md) by path, pattern, address or query.")
    out = PlainText("Where issues are written.", "out")
    edits = PlainText("Where the editor's files stand.", "edits")
    templates = PlainText(
        "The theme: a folder, or a shipped one.",
        DEFAULT_THEME,
        examples=(DEFAULT_THEME, f"{SHIPPED_THEMES}/plain"),
    )
    window = Nested(WindowGroup)
    sections = Listed(
        "The sections in their order; without them they follow the topics of the week.", SectionGroup, least=1
    )
    select = Nested(SelectGroup)
    blocks = Blocks("Your own words between the stories of every issue.")
    size = Nested(SizeGroup)
    text = Nested(TextGroup)
    images = ImagesChoice("Which pictures a letter shows. Quote off: bare, YAML takes it for no.", get_args(Images))
    utm = Nested(UtmGroup)
    clean_links = Switch("Take off what counts readers.", default=True)
    fragment = Switch(
        "Write `fragment.html`, too: the issue without a frame, to paste into Ghost, WordPress and the like.",
        default=False,
    )
    theme = ThemeTokens("Tokens of the theme, such as accent.")
    targets = Targets("Mail services by a name of your own; docs/sending.md has their options.")
    send = Nested(SendGroup)
    readers = Nested(ReadersGroup)
    editions = Nested(EditionsGroup)
    check = Nested(CheckGroup)
    fields = Nested(FieldsGroup)
    topics = Nested(TopicsGroup)
    times = TimeZone("Zone of times that name none, such as UTC; by default the newsletter's.", "")
    score = Score("What makes a heat: a field or weights of fields, where there is none; or signals (docs/heat.md).")
    site = Site("The site that articles without an address of their own belong to, and how it makes their addresses.")
    largest_article = Integer(
        "Bytes of an article's file; a larger one is a problem and is not read.",
        LARGEST_ARTICLE,
        least=1_000,
        most=100_000_000,
    )


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of digest.yaml, for editors that complete and check by it."""
    secret = {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
        "description": "Where a secret is kept; never the secret itself.",
        "properties": {
            "env": {"type": "string", "description": "An environment variable."},
            "file": {"type": "string", "description": "A file."},
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of a newsletter (digest.yaml)",
        "description": SettingsFile.about(),
        **SettingsFile.schema(),
        "$defs": {"order": {"enum": list(get_args(Order))}, "secret": secret},
    }


def _option(target: Keys, key: str, base: str) -> Option:
    """A text, a list of texts, or where a secret is kept."""
    value = target.pairs[key].value
    if isinstance(value, tuple):
        return tuple(target.texts(key, []))
    if not isinstance(value, dict):
        return target.text(key, "")
    where = target.inner(key, {"env", "file"}).all_texts()
    if len(where) != 1:
        target.problem(key, f"{target.prefix}{key} is no place of a secret; write {{env: NAME}} or {{file: PATH}}")
    return Secret(env=where.get("env", ""), file=os.path.join(base, where["file"]) if "file" in where else "")
