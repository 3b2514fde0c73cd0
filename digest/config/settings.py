"""digest.yaml and flags to frozen Settings: the declared keys of `schema` read into the values that other rooms know.

Every problem is reported at once with its line, and an unknown key with the nearest known one. Paths in the file are
relative to the file, paths in flags to the working directory. Reads no article and asks no clock.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from dataclasses import dataclass, field, fields, is_dataclass, replace
from difflib import get_close_matches
from email.utils import getaddresses, parseaddr
from typing import TYPE_CHECKING, Any, cast

from digest import files
from digest.config import blocks, identity, muting, values
from digest.config.schema import (
    DEFAULT_THEME,
    LARGEST_ARTICLE,
    MAILBOX,
    SELECTOR,
    SHIPPED_THEMES,
    UNSUBSCRIBE_URL,
    DkimGroup,
    EditionsGroup,
    FieldsGroup,
    NewsletterGroup,
    ReadersGroup,
    SectionGroup,
    SelectGroup,
    SendGroup,
    SettingsFile,
    WindowGroup,
)
from digest.config.values import (
    WITHOUT_HEAT,
    DkimPlan,
    EditionsPlan,
    FieldPlan,
    Match,
    Newsletter,
    Query,
    ReadersPlan,
    ReadingPlan,
    Rules,
    SectionPlan,
    SendPlan,
    Shape,
    Signal,
    SitePlan,
    TargetPlan,
    Waiver,
    WindowPlan,
)
from digest.config.yamlfile import Keys, parse, read
from digest.errors import SettingsError
from digest.model import Block, BlockLink, Problem
from digest.tables import places
from digest.text import languages, sanitize
from digest.text.languages import covers

if TYPE_CHECKING:
    from digest.config.values import Empty, Every, Images, Order, Source
    from digest.model import SectionStyle

FILE = "digest.yaml"
"""Where settings are looked for when no file is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that can be set.

    *largest_article* is in bytes; *section_places* says where in the file each section plan stands, for messages.
    *waivers* are what the newsletter does without of `digest check`.
    *blocks* are the editor's own words that stand in every issue.
    """

    newsletter: Newsletter
    archive: tuple[Source, ...]
    out: str
    edits: str
    templates: str
    days: int
    rules: Rules
    shape: Shape
    theme: tuple[tuple[str, str], ...]
    section_places: tuple[str, ...] = ()
    targets: tuple[TargetPlan, ...] = ()
    send: SendPlan = field(default_factory=SendPlan)
    fields: FieldPlan = field(default_factory=FieldPlan)
    largest_article: int = LARGEST_ARTICLE
    window: WindowPlan = field(default_factory=WindowPlan)
    waivers: tuple[Waiver, ...] = ()
    blocks: tuple[Block, ...] = ()
    readers: ReadersPlan = field(default_factory=ReadersPlan)
    editions: EditionsPlan = field(default_factory=EditionsPlan)

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the archive, without its tables."""
        return tuple(each for each in self.archive if isinstance(each, str) and not places.is_table(each))

    @property
    def local_tables(self) -> tuple[str, ...]:
        """The tables and databases of this machine among the archive, as they are named: some may be patterns."""
        named = [each.database if isinstance(each, Query) else each for each in self.archive]
        return tuple(each for each in named if each not in self.folders and not places.is_address(each))

    @property
    def archive_in_words(self) -> str:
        """The archive for messages, without what may be a secret."""
        return ", ".join(places.shown(str(each)) for each in self.archive)

    @property
    def reading(self) -> ReadingPlan:
        """How the archive is read."""
        return ReadingPlan(most=self.largest_article, fields=self.fields)

    @property
    def counting(self) -> ReadingPlan:
        """How it is read where articles are counted, and nobody sees their excerpts."""
        return replace(self.reading, beginnings=False)

    @property
    def digest(self) -> str:
        """A hash of all that shapes an issue. Folders are not part of it: a moved newsletter stays the same."""
        # Titles follow the language, and the zone is the newsletter's: both are in the hash already.
        rules = replace(self.rules, more_title=Rules().more_title, all_title=Rules().all_title)
        shaping: dict[str, Any] = {
            "newsletter": _hashed(self.newsletter),
            "rules": _hashed(rules),
            "shape": _hashed(self.shape),
            "theme": self.theme,
        }
        reading = replace(self.fields, zone=FieldPlan().zone)
        if reading != FieldPlan():
            shaping["fields"] = _hashed(reading)
        if self.blocks:
            shaping["blocks"] = _hashed(self.blocks)
        return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()


# What the first records took into their hash, at its default or not. A setting that came later is part of it only where
# it is not at its default, so that no hash in an old record changes when a setting is added.
_FROM_THE_FIRST: dict[type, str] = {
    Newsletter: "name sender language timezone postal web unsubscribe unsubscribe_mail why",
    Rules: "plans by_heat order min_heat per_provider min_stories repeat_after returns_with late_days default_sections "
    "default_limit",
    SectionPlan: "title match limit minimum thin widen_days per_provider",
    Match: "any all none kinds categories providers paths",
    Shape: "limit images utm clean_links",
    FieldPlan: "names score",
    SitePlan: "address permalink folders",
    Signal: "name",
    muting.MuteRule: "",
    Block: "kind",
    BlockLink: "title url",
    identity.Logo: "picture alt",
    identity.Signature: "name",
    identity.Feedback: "links",
}

# What follows from there being no file, and not from what one says; and in which line something is said.
_NOT_SET = frozenset({"without_heat", "place"})


def _hashed(value: object) -> Any:  # noqa: ANN401 - what JSON holds
    """Return *value*, of the settings, as JSON: the fields of each frozen value in it that count for the hash."""
    if isinstance(value, tuple):
        return [_hashed(member) for member in value]
    if not is_dataclass(value):
        return value
    always = _FROM_THE_FIRST[type(value)].split()
    counting = [
        each
        for each in fields(value)
        if each.name in always or (each.name not in _NOT_SET and getattr(value, each.name) != each.default)
    ]
    return {each.name: _hashed(getattr(value, each.name)) for each in counting}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What flags say instead of the file; None and empty mean that the flag was not given."""

    archive: tuple[str, ...] = ()
    out: str | None = None
    templates: str | None = None
    days: int | None = None


def load(file: str | None = None, overrides: Overrides | None = None) -> Settings:
    """Return the settings of *file*, by default of digest.yaml if there is one here, with *overrides* on top.

    Raises SettingsError with every problem of the file.
    """
    flags = overrides or Overrides()
    name = file or FILE
    # Without a file the defaults apply, so that `digest build` works in a folder that has only articles. A file that
    # was named must be there.
    if file is None and not os.path.exists(FILE):
        settings = _settings(Keys(FILE, {}), flags)
        return replace(settings, rules=replace(settings.rules, without_heat=WITHOUT_HEAT))
    try:
        keys = read(name)
    except OSError as error:
        problem = f"{name}: {files.trouble(error)}; name your settings with --config FILE"
        raise SettingsError([problem]) from error
    return _checked(keys, flags)


def of_text(content: bytes, file: str) -> Settings:
    """Return the settings that *content* says, as if it stood in *file*. Raises SettingsError with every problem."""
    return _checked(parse(content, file), Overrides())


def _checked(keys: Keys, flags: Overrides) -> Settings:
    settings = _settings(keys, flags)
    if keys.problems:
        raise SettingsError(keys.in_order())
    return settings


def _settings(keys: Keys, flags: Overrides) -> Settings:
    keys.allow(SettingsFile.settings())
    file = SettingsFile(keys)
    base = os.path.dirname(keys.file)
    newsletter = _newsletter(file.newsletter)
    plans, places = _sections(file, newsletter.language)
    weights, signals = file.score
    window = _window(file.window, flags.days)
    return Settings(
        newsletter=newsletter,
        archive=flags.archive or tuple(_placed(source, base) for source in file.archive),
        out=flags.out or os.path.join(base, file.out),
        edits=os.path.join(base, file.edits),
        templates=_templates("", flags.templates) if flags.templates else _templates(base, file.templates),
        days=flags.days or _LENGTH.get(window.every) or file.window.days,
        window=window,
        rules=_rules(file.select, plans, newsletter.language, tuple(each for each in signals if each.name != "field")),
        shape=_shape(file),
        theme=file.theme,
        section_places=places,
        targets=file.targets,
        send=_send(file.send, base),
        fields=FieldPlan(
            names=_names(file.fields),
            score=weights,
            signals=tuple(signal for signal in signals if signal.name == "field"),
            zone=newsletter.timezone,
            clock=file.times,
            site=_site(file),
            aliases=file.topics.aliases,
        ),
        largest_article=file.largest_article,
        waivers=file.check.allow,
        blocks=_blocks(file, plans),
        readers=_readers(file.readers, base),
        editions=_editions(file.editions, base),
    )


def _placed(source: Source, base: str) -> Source:
    """Return *source* with its path read against the folder *base* of the settings."""
    if isinstance(source, Query):
        return replace(source, database=os.path.join(base, source.database))
    return _path(source, base)


def _path(name: str, base: str) -> str:
    """Return the path *name* read against the folder *base* of the settings; "" and addresses as they are."""
    return os.path.join(base, name) if name and not places.is_address(name) else name


# How long a window of the calendar is, for what counts in days, such as the day to show a newcomer.
_LENGTH: dict[Every | None, int] = {"day": 1, "week": 7, "2 weeks": 14, "month": 31}


def _window(group: WindowGroup, days: int | None) -> WindowPlan:
    """Return which days issues cover. *days* is what a flag says; it holds instead of the calendar."""
    keys, every = group.keys, cast("Every | None", group.every or None)
    if keys.has("every") and keys.has("days"):
        keys.problem("days", "window has days and every, which both say how long it is; leave one out")
    if keys.has("starts") and every not in ("week", "2 weeks"):
        keys.problem("starts", "window.starts is for `every: week` and `every: 2 weeks`; leave it out, or add one")
    return WindowPlan(
        every=None if days else every,
        starts=group.starts,
        until=group.until,
        since_sent=bool(group.since) and not days,
        suffix=group.suffix,
    )


def _names(group: FieldsGroup) -> tuple[tuple[str, str], ...]:
    """Return our name and theirs for each name that the file gives a field, the best first."""
    return tuple((key, name) for key in group.keys.pairs for name in group.keys.texts(key, []))


def _site(file: SettingsFile) -> SitePlan:
    """Return the site of the settings, whose articles are published by the newsletter where that has a name."""
    is_named = file.site.address and file.newsletter.name != values.NAME
    return replace(file.site, name=file.newsletter.name) if is_named else file.site


def _newsletter(group: NewsletterGroup) -> Newsletter:
    name = sanitize.text(group.name)
    sender = sanitize.text(group.sender or mailbox(name, values.MAILBOX))
    mail = parseaddr(sender)[1]
    if "@" not in mail:
        group.keys.problem("from", f"from is no mailbox: {sender!r}; write it like `{name} <news@example.com>`")
    return Newsletter(
        name=name,
        sender=sender,
        language=group.language,
        timezone=group.timezone,
        postal=sanitize.text(group.address or values.POSTAL),
        web=group.web,
        unsubscribe=group.unsubscribe,
        unsubscribe_mail=group.keys.matching(
            "unsubscribe_mail", mail if "@" in mail else values.MAILBOX, MAILBOX, "an e-mail address"
        ),
        why=sanitize.text(group.why),
        reply_to=_reply_to(group),
        tagline=sanitize.text(group.tagline),
        logo=identity.logo(group.logo, name),
        social=identity.links(group.social),
        signature=identity.signature(group.signature),
        subscribe=group.subscribe,
        feedback=identity.feedback(group.feedback),
        first_number=group.first_number,
    )


def _reply_to(group: NewsletterGroup) -> str:
    """Return the mailbox for answers, empty where none is set; what is none, or are several, is a problem."""
    written = sanitize.text(group.reply_to)
    addresses = [address for _, address in getaddresses([written])] if written else []
    # A header is in ASCII, and unlike the sender's this address is asked for nothing else that would notice.
    if written and not (len(addresses) == 1 and addresses[0].isascii() and re.fullmatch(MAILBOX, addresses[0])):
        group.keys.problem(
            "reply_to",
            f"{group.keys.prefix}reply_to is no mailbox: {written!r}; write one, like `Ann Editor <ann@example.com>`",
        )
    return written


def mailbox(name: str, address: str) -> str:
    """Return `Name <a@b>`, the name quoted where it needs to be."""
    quoted = name if re.fullmatch(r"[^()<>@,:;.\\\"\[\]]*", name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{quoted} <{address}>"


def _sections(file: SettingsFile, language: str) -> tuple[tuple[SectionPlan, ...] | None, tuple[str, ...]]:
    """Return the sections, None without the key, and where each stands; *language* is the newsletter's."""
    keys = file.keys
    if "sections" not in keys.pairs:
        return None, ()
    plans, places = [], []
    for section in file.sections:
        inner = section.keys
        match = _match(section, language)
        if match == Match():
            inner.problem("topic", "a section without topic or match; name a topic, or several as [A, B]")
        thin, days = section.thin
        plans.append(
            SectionPlan(
                title=section.title or next(iter(match.any), "Section"),
                match=match,
                limit=section.limit,
                minimum=section.minimum,
                thin=thin,
                widen_days=days,
                per_provider=section.per_provider,
                line=sanitize.text(section.line),
                style=cast("SectionStyle", section.style),
            )
        )
        places.append(inner.place("topic" if "topic" in inner.pairs else "match"))
    if keys.pairs["sections"].value in (None, ()):
        keys.problem("sections", "sections is empty; leave it out for one section a topic")
    titles = [plan.title.casefold() for plan in plans]
    for title in sorted({title for title in titles if titles.count(title) > 1}):
        keys.problem("sections", f"two sections are titled {title!r}; give each a title of its own")
    return tuple(plans), tuple(places)


def _match(section: SectionGroup, language: str) -> Match:
    """Return what a section matches; `topic:` is short for `match: {any: …}`, and both may be given.

    What names no language is in *language*, the newsletter's.
    """
    match = section.match
    return Match(
        any=_composed(*section.topic, *match.any_of),
        all=_composed(*match.all_of),
        none=_composed(*match.none_of),
        kinds=match.kinds,
        categories=match.categories,
        providers=match.providers,
        paths=match.paths,
        languages=match.languages,
        unnamed=any(covers(wanted, language) for wanted in match.languages),
    )


def _composed(*topics: str) -> tuple[str, ...]:
    """Return topics with their accents composed (NFC), as those of articles are: both spellings are the same topic."""
    return tuple(unicodedata.normalize("NFC", topic) for topic in topics)


def _blocks(file: SettingsFile, plans: tuple[SectionPlan, ...] | None) -> tuple[Block, ...]:
    """Return the blocks of every issue; a section that none of *plans* makes is a problem, where there are some."""
    titles = {plan.title.casefold(): plan.title for plan in plans or ()}
    for title, place in blocks.section_places(file.keys, file.blocks):
        if plans is not None and title.casefold() not in titles:
            near = get_close_matches(title.casefold(), titles, n=1, cutoff=0.4)
            hint = f"did you mean {titles[near[0]]!r}?" if near else f"there are {', '.join(titles.values())}"
            line = int(place.rpartition(":")[2])
            file.keys.problems.append(Problem(path=file.keys.file, line=line, what=f"no section is {title!r}; {hint}"))
    return file.blocks


def _rules(
    select: SelectGroup, plans: tuple[SectionPlan, ...] | None, language: str, signals: tuple[Signal, ...]
) -> Rules:
    more_title, all_title = languages.section_titles(language)
    return Rules(
        plans=plans,
        by_heat=select.sections == "by heat",
        # An order of unknown words alone was reported above; heat stands in so that the run can report the rest.
        order=cast("tuple[Order, ...]", select.order) or ("heat",),
        min_heat=select.min_heat,
        mute=muting.rules_of(select.mute),
        adverts_run=select.adverts == "run",
        past_events_run=select.past_events == "run",
        min_stories=select.min_stories,
        per_provider=select.per_provider,
        total=select.total,
        soft_caps=select.soft_caps,
        repeat_after=select.repeat_after,
        returns_with=select.returns_with,
        marks_updates=select.updates == "mark",
        late_days=select.late_days,
        half_life=select.half_life,
        remember_all=select.remember == "all",
        signals=signals,
        more_title=more_title,
        all_title=all_title,
    )


def _shape(file: SettingsFile) -> Shape:
    return Shape(
        limit=file.size.limit,
        images=cast("Images", file.images),
        utm=tuple(sorted((name, sanitize.text(value)) for name, value in file.utm.keys.all_texts().items())),
        clean_links=file.clean_links,
        fragment=file.fragment,
        references=file.text.references,
    )


def _send(group: SendGroup, base: str) -> SendPlan:
    return SendPlan(
        ledger=os.path.join(base, group.ledger),
        recipients=_path(group.recipients, base),
        suppressions=tuple(_path(file, base) for file in group.suppressions),
        unsubscribe=group.keys.matching("unsubscribe", "", UNSUBSCRIBE_URL, "an https address"),
        rate=group.rate,
        connections=group.connections,
        messages=group.messages,
        retry_after=group.retry_after,
        give_up=group.give_up,
        dkim=_dkim(group.dkim) if group.keys.has("dkim") else None,
    )


def _readers(group: ReadersGroup, base: str) -> ReadersPlan:
    return ReadersPlan(
        source=_path(group.source, base),
        topics=group.topics,
        language=group.language,
        frequency=group.frequency,
        usual_frequency=group.usual_frequency,
        key=group.key_place if group.keys.has("id") else None,
    )


def _editions(group: EditionsGroup, base: str) -> EditionsPlan:
    return EditionsPlan(
        topics=_composed(*group.topics),
        limit=group.limit,
        fewest=group.fewest,
        empty=cast("Empty", group.empty),
        frequency=group.frequency,
        parts=group.parts,
        out=_path(group.out, base),
    )


def _dkim(group: DkimGroup) -> DkimPlan:
    selector = group.keys.matching("selector", "", SELECTOR, "the selector of a DKIM record")
    return DkimPlan(selector=selector, domain=group.domain, key=group.key)


def _templates(base: str, folder: str) -> str:
    """The theme's folder: the newsletter's own, else the shipped one of that name."""
    own = os.path.join(base, folder)
    return own if os.path.isdir(own) else shipped_theme(folder) or own


def shipped_theme(folder: str = DEFAULT_THEME) -> str | None:
    """Return where a theme that comes with the program stands, such as `templates/plain`; None if none is called so."""
    return shipped(folder) if os.path.dirname(folder) == SHIPPED_THEMES else None


def shipped_themes() -> list[str]:
    """Return the names of the themes that come with the program, in alphabetical order."""
    folder = shipped(SHIPPED_THEMES)
    return sorted(name for name in os.listdir(folder) if os.path.isdir(os.path.join(folder, name))) if folder else []


def shipped(folder: str) -> str | None:
    """Return where a folder that comes with the program stands, such as `seeds`; None if none is called so."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    # In the wheel; in the repository.
    for root in (package, os.path.dirname(package)):
        if os.path.isdir(os.path.join(root, folder)):
            return os.path.join(root, folder)
    return None
