"""The desk: sections, stories and candidates as its page shows them. What it does to the draft is in `actions`.

There is one way to a panel, from a record. An issue in memory is recorded first, as far as the panel shows it: what an
editor sees live and what they see of an issue built before cannot drift apart. A record holds no edits, so only a live
issue says what was moved, dropped, joined, split and written by the editor.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from digest.analysis import explain
from digest.issue import record
from digest.preview import block_cards
from digest.preview.block_cards import PlacedCards
from digest.text.languages import MONTHS
from digest.text.numbers import apart, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from digest.issue.record import Record
    from digest.model import Issue, Message, Pick, Rule, Verdict, Window

FOUND = 8
"""How many candidates a search shows at most."""

_UNABLE = frozenset({"unpublished", "expired", "over", "unscored", "no-address", "muted"})
"""Verdicts on what may not run, which come before the question which articles tell one story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedReport:
    """An article behind the lead of a story.

    *path* names it in an action. *because* is what ties it to the lead, in words. *joined* says that the editor named
    it in a join. *near* is the path of what could be the same story and is kept apart, and *near_title* its headline.
    """

    path: str
    title: str
    because: str
    provider: str
    day: str
    joined: bool = False
    near: str = ""
    near_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A story on the desk.

    *path* names it in an action: that of its leading article in the archive. *title*, *excerpt*, *kicker* and *why*
    (Markdown) are those of the letter. *because* is the verdict in words and *rule* its name; `picked` is a story that
    runs. *heat* is None for an article without one, and *heat_shown* the same for show. *day* is the day of publication
    like `9 Nov`, and *also* counts the other providers that the letter names. *is_update*: it adds to what an earlier
    issue told. *pinned*, *moved*, *changed*, *joined* (it or another article of its story) and *split* say what the
    editor asked for. *others* are the articles behind it; *near* and *near_title* are as those of a merged report.
    """

    path: str
    title: str
    because: str
    provider: str
    heat: float | None
    url: str
    day: str
    rule: str = "picked"
    excerpt: str = ""
    kicker: str = ""
    why: str = ""
    also: int = 0
    late: bool = False
    is_update: bool = False
    pinned: bool = False
    moved: bool = False
    changed: bool = False
    joined: bool = False
    split: bool = False
    others: tuple[MergedReport, ...] = ()
    near: str = ""
    near_title: str = ""
    heat_shown: str = "–"

    @property
    def is_able(self) -> bool:
        """Whether it may run at all: what may not is asked for no story, so it is neither joined nor split off."""
        return self.rule not in _UNABLE

    @property
    def is_shared(self) -> bool:
        """Whether other articles tell its story too, so that it can be split off."""
        return bool(self.others) or self.rule == "merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPanel:
    """A section: its picks in the order of the letter, and those that would run if it had more slots, hottest first."""

    title: str
    picks: tuple[Card, ...]
    waiting: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A story that the editor took out, or an invitation to a past event.

    *title* is its path where it is no candidate any more.
    """

    path: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Articles that the editor joined, by their headlines; *path* is that of the lead of their story."""

    path: str
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """An article that the editor split off."""

    path: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the editor asked of a live issue: the paths of the stories moved, and of the articles joined and split."""

    moved: AbstractSet[str] = frozenset()
    joined: AbstractSet[str] = frozenset()
    split: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Subject, preheader and introduction as the letter has them; *own* names those that the editor wrote."""

    subject: str
    preheader: str
    introduction: str
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorPanel:
    """The whole desk. *empty* says of each section that is left out why, *candidates* counts the candidates.

    *muted* counts those that the settings mute, by the place of the rule; *over* are invitations to past events.
    *blocks* are the words of the editor's own, by their places in the letter.
    """

    words: Words
    shelves: tuple[SectionPanel, ...]
    drops: tuple[Drop, ...]
    empty: tuple[str, ...]
    candidates: int
    muted: tuple[tuple[str, int], ...] = ()
    joins: tuple[Together, ...] = ()
    splits: tuple[Apart, ...] = ()
    over: tuple[Drop, ...] = ()
    blocks: PlacedCards = field(default_factory=lambda: PlacedCards({}))

    @property
    def picks(self) -> int:
        """How many stories run."""
        return sum(len(shelf.picks) for shelf in self.shelves)


def of_record(built: Record, *, wishes: Wishes | None = None) -> EditorPanel:
    """Return the panel of an issue by its record; *wishes* are the editor's where it is live."""
    titles = {verdict["path"]: verdict["title"] for verdict in built["verdicts"]}
    cards = _Cards(built["verdicts"], record.window(built), wishes or Wishes(), titles)

    def waiting(section: Record) -> tuple[Card, ...]:
        verdicts = explain.next_in_line(
            section["title"],
            section["topics"],
            built["verdicts"],
            explain.in_record,
            sections=len(built["sections"]),
        )
        return tuple(map(cards.of_candidate, verdicts))

    return EditorPanel(
        words=Words(subject=built.get("subject", ""), preheader=built.get("preheader", ""), introduction=""),
        shelves=tuple(
            _shelf(section["title"], tuple(map(cards.of_pick, section["picks"])), waiting(section))
            for section in built["sections"]
        ),
        drops=_of_rule("dropped", built),
        over=_of_rule("over", built),
        # A record is valid without it (`record.read`).
        empty=tuple(built.get("empty", ())),
        candidates=len(built["verdicts"]),
        muted=_counted(verdict.get("muted_by", "") for verdict in built["verdicts"]),
        blocks=block_cards.cards(
            [(section["title"], [pick["path"] for pick in section["picks"]]) for section in built["sections"]],
            record.blocks(built),
        ),
    )


def _of_rule(rule: Rule, built: Record) -> tuple[Drop, ...]:
    """Return the stories of a record that *rule* took out, each with its reason."""
    return tuple(
        Drop(path=verdict["path"], title=verdict["title"], reason=verdict["because"])
        for verdict in built["verdicts"]
        if verdict["verdict"] == rule
    )


def of_issue(issue: Issue, message: Message) -> EditorPanel:
    """Return the panel of an issue in memory, with the words of its *message* and what the editor asked for."""
    # Only the verdicts that the panel shows are recorded: thousands of others would cost more than the whole page.
    shown = replace(issue, verdicts=_shown(issue))
    panel = of_record(record.of_choice(shown), wishes=_wishes(issue))
    titles = {verdict.article.path: str(verdict.article.title) for verdict in issue.verdicts}
    own = {"subject": issue.edits.subject, "preheader": issue.edits.preheader, "introduction": issue.edits.introduction}
    return replace(
        panel,
        words=Words(
            subject=message.subject,
            preheader=message.preheader,
            introduction=issue.edits.introduction,
            own=frozenset(key for key, text in own.items() if text),
        ),
        # In the order of the editor's file, and also where the dropped story is no candidate any more.
        drops=tuple(Drop(path=path, title=titles.get(path, path), reason=reason) for path, reason in issue.edits.drops),
        candidates=len(issue.verdicts),
        muted=_counted(verdict.muted_by for verdict in issue.verdicts),
        joins=tuple(
            Together(path=_lead(issue, join[0]), titles=tuple(titles.get(path, path) for path in join))
            for join in issue.edits.joins
        ),
        splits=tuple(Apart(path=path, title=titles.get(path, path)) for path in issue.edits.splits),
        blocks=block_cards.cards(
            [(section.title, [pick.article.path for pick in section.picks]) for section in issue.sections],
            issue.blocks,
            message.notes,
            live=issue,
        ),
    )


def _counted(places: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Return each of *places*, in order, with how often it comes; the empty one is none."""
    return tuple(Counter(filter(None, places)).items())


def search(issue: Issue, query: str) -> list[Card]:
    """Return the candidates with all words of *query* in their title or provider, in order, at most FOUND.

    A word matches anywhere in them and without case; a query without words matches nothing.
    """
    terms = query.casefold().split()
    matching = tuple(
        verdict
        for verdict in issue.verdicts
        if terms
        and all(term in f"{verdict.article.title} {verdict.article.provider.name}".casefold() for term in terms)
    )
    matching = matching[:FOUND]
    # With what could be the same story as one of them, and with the articles behind it.
    shown = {verdict.article.path for verdict in matching}
    recorded = record.of_choice(replace(issue, sections=(), verdicts=_with_others(issue, shown)))["verdicts"]
    titles = {verdict["path"]: verdict["title"] for verdict in recorded}
    cards = _Cards(recorded, issue.window, _wishes(issue), titles)
    return [cards.of_candidate(verdict) for verdict in recorded if verdict["path"] in shown]


def _shown(issue: Issue) -> tuple[Verdict, ...]:
    """Return the verdicts on the picks, on those next in line, on what their cards name, and on past events."""
    paths = {pick.article.path for pick in issue.picks}
    paths.update(verdict.article.path for verdict in issue.verdicts if verdict.rule == "over")
    for section in issue.sections:
        waiting = explain.next_in_line(
            section.title, section.topics, issue.verdicts, _facts, sections=len(issue.sections)
        )
        paths.update(verdict.article.path for verdict in waiting)
    return _with_others(issue, paths)


def _with_others(issue: Issue, paths: AbstractSet[str]) -> tuple[Verdict, ...]:
    """Return the verdicts on *paths*, on the articles behind them, and on what could be the same story, in order."""
    behind = {verdict.article.path for verdict in issue.verdicts if verdict.lead in paths}
    shown = paths | behind
    wanted = shown | {verdict.near_miss for verdict in issue.verdicts if verdict.article.path in shown}
    return tuple(verdict for verdict in issue.verdicts if verdict.article.path in wanted)


def _facts(verdict: Verdict) -> tuple[str, str, frozenset[str]]:
    """Return what `explain.next_in_line` asks of a verdict in memory."""
    return verdict.rule, verdict.section, verdict.article.topic_keys


def _wishes(issue: Issue) -> Wishes:
    """Return what the editor asked; any article of a story that was moved may be the one that they named."""
    named = {path for path, _ in issue.edits.moves}
    moved = {pick.article.path for pick in issue.picks if named.intersection(_paths(pick))}
    joined = frozenset(path for join in issue.edits.joins for path in join)
    return Wishes(moved=named | moved, joined=joined, split=frozenset(issue.edits.splits))


def _lead(issue: Issue, path: str) -> str:
    """Return the path of the article that leads the story of *path*."""
    return next((verdict.lead for verdict in issue.verdicts if verdict.article.path == path), "") or path


def _paths(pick: Pick) -> tuple[str, ...]:
    """Return the paths of all articles of a pick's story, the leading one first."""
    return (pick.article.path, *(other.path for other in pick.story.others))


def _shelf(title: str, picks: tuple[Card, ...], waiting: tuple[Card, ...]) -> SectionPanel:
    """Return a section of the desk, whose cards show their heats so that two that differ look so."""
    cards = (*picks, *waiting)
    heats = apart(card.heat for card in cards)
    cards = tuple(
        card if card.heat is None else replace(card, heat_shown=heat) for card, heat in zip(cards, heats, strict=True)
    )
    return SectionPanel(title=title, picks=cards[: len(picks)], waiting=cards[len(picks) :])


class _Cards:
    """Makes cards of the picks and verdicts of a record; *titles* are headlines by path."""

    def __init__(self, verdicts: Iterable[Record], window: Window, wishes: Wishes, titles: Mapping[str, str]) -> None:
        self._window, self._wishes, self._titles = window, wishes, titles
        self._verdicts: dict[str, Record] = {}
        self._behind: dict[str, list[Record]] = defaultdict(list)
        for verdict in verdicts:
            self._verdicts[verdict["path"]] = verdict
            # Records of before joins and splits name no lead.
            self._behind[verdict.get("lead", "")].append(verdict)

    def of_pick(self, pick: Record) -> Card:
        """Return the card of a story that runs."""
        verdict = self._verdicts.get(pick["path"], {})
        return self._card(pick, because=verdict.get("because", ""), rule="picked", near=self._near(verdict))

    def of_candidate(self, verdict: Record) -> Card:
        """Return the card of a candidate that does not run, or of one that was searched for."""
        return self._card(verdict, because=verdict["because"], rule=verdict["verdict"], near=self._near(verdict))

    def _card(self, story: Record, *, because: str, rule: str, near: str) -> Card:
        """Return the card of a pick or of a verdict: a pick's own words come before the article's."""
        own = {"title": "", "excerpt": "", **story.get("changed", {})}
        others = tuple(self._merged(verdict) for verdict in self._behind.get(story["path"], ()))
        return Card(
            path=story["path"],
            title=own["title"] or story["title"],
            excerpt=own["excerpt"] or story.get("excerpt", ""),
            kicker=own.get("kicker", ""),
            why=own.get("why", ""),
            because=because,
            provider=story["provider"],
            heat=story["heat"],
            url=story["url"] or "",
            day=_day(story["published"], self._window),
            rule=rule,
            also=len(story.get("also", ())),
            late=story.get("late", False),
            is_update="update" in story,
            pinned=story.get("pinned", False),
            moved=story["path"] in self._wishes.moved,
            changed=any(own.values()),
            joined=story["path"] in self._wishes.joined or any(other.joined for other in others),
            split=story["path"] in self._wishes.split,
            others=others,
            near=near,
            near_title=self._titles.get(near, ""),
            heat_shown="–" if story["heat"] is None else shown(story["heat"]),
        )

    def _merged(self, verdict: Record) -> MergedReport:
        near = self._near(verdict)
        return MergedReport(
            path=verdict["path"],
            title=verdict["title"],
            because=verdict["because"],
            provider=verdict["provider"],
            day=_day(verdict["published"], self._window),
            joined=verdict["path"] in self._wishes.joined,
            near=near,
            near_title=self._titles.get(near, ""),
        )

    def _near(self, verdict: Record) -> str:
        """Return what could be the same story and can be joined; the editor has parted what she split off."""
        near = str(verdict.get("near_miss", ""))
        return near if self._wishes.split.isdisjoint((near, verdict.get("path", ""))) else ""


def _day(published: str | None, window: Window) -> str:
    """Return the day like `9 Nov` of a time in a record, which is in UTC, in the newsletter's time zone."""
    if not published:
        return "no date"
    day = window.day_of(datetime.fromisoformat(published))
    return f"{day.day} {MONTHS[day.month - 1][:3]}"
