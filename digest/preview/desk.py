"""What the desk shows: sections with their picks and who stands next in line, in words. Knows issues and records.

A live issue gives everything; a built one gives what its record holds, which is enough to read and not to edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest import explain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.model import Article, Issue, Message, Pick, Verdict
    from digest.record import Record

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

FOUND = 8
"""How many candidates a search shows at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A story on the desk.

    *paths* are those of all its articles, the lead's first; *title* and *excerpt* as the letter has them, *original* as
    the archive has the title. *moved*, *pinned*, *retitled*: what the editor asked.
    """

    paths: tuple[str, ...]
    title: str
    because: str
    provider: str
    heat: int | None
    url: str
    day: str
    rule: str = "picked"
    excerpt: str = ""
    original: str = ""
    original_excerpt: str = ""
    also: int = 0
    late: bool = False
    pinned: bool = False
    moved: bool = False
    changed: bool = False

    @property
    def path(self) -> str:
        """The path to write down."""
        return self.paths[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A section: its picks in order, and the next in line."""

    title: str
    picks: tuple[Card, ...]
    waiting: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A story that the editor took out."""

    path: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Subject, preheader and introduction as the letter has them; *own* names those that are the editor's."""

    subject: str
    preheader: str
    introduction: str
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """All of it. *empty* says of each section that is left out why, *candidates* how many there were."""

    words: Words
    shelves: tuple[Shelf, ...]
    drops: tuple[Drop, ...]
    empty: tuple[str, ...]
    candidates: int

    @property
    def picks(self) -> int:
        """How many stories run."""
        return sum(len(shelf.picks) for shelf in self.shelves)


def of_issue(issue: Issue, message: Message) -> Desk:
    """Return the desk of an issue in memory."""
    verdicts = {verdict.article.path: verdict for verdict in issue.verdicts}
    moved = {path for path, _ in issue.edits.moves}
    titles = {verdict.article.path: str(verdict.article.title) for verdict in issue.verdicts}
    own = {"subject": issue.edits.subject, "preheader": issue.edits.preheader, "introduction": issue.edits.introduction}
    return Desk(
        words=Words(
            subject=message.subject,
            preheader=message.preheader,
            introduction=issue.edits.introduction,
            own=frozenset(key for key, words in own.items() if words),
        ),
        shelves=tuple(
            Shelf(
                title=section.title,
                picks=tuple(_picked(issue, pick, verdicts, moved) for pick in section.picks),
                waiting=tuple(
                    _waiting(issue, verdict, moved)
                    for verdict in explain.next_in_line(section.title, section.topics, issue.verdicts, _facts)
                ),
            )
            for section in issue.sections
        ),
        drops=tuple(Drop(path=path, title=titles.get(path, path), reason=reason) for path, reason in issue.edits.drops),
        empty=issue.empty_sections,
        candidates=len(issue.verdicts),
    )


def of_record(record: Record) -> Desk:
    """Return the desk of a built issue, to be read only."""
    because = {verdict["path"]: verdict["because"] for verdict in record["verdicts"]}
    return Desk(
        words=Words(subject=record["subject"], preheader=record["preheader"], introduction=""),
        shelves=tuple(
            Shelf(
                title=section["title"],
                picks=tuple(_recorded_pick(pick, because) for pick in section["picks"]),
                waiting=tuple(
                    _recorded(one, one["because"], one["verdict"])
                    for one in explain.next_in_line(
                        section["title"], section["topics"], record["verdicts"], explain.in_record
                    )
                ),
            )
            for section in record["sections"]
        ),
        drops=tuple(
            Drop(path=one["path"], title=one["title"], reason=one["because"])
            for one in record["verdicts"]
            if one["verdict"] == "dropped"
        ),
        empty=tuple(record.get("empty", ())),
        candidates=len(record["verdicts"]),
    )


def search(issue: Issue, query: str) -> list[Card]:
    """Return the candidates with all words of *query* in their title or provider, in order."""
    words = query.casefold().split()
    found = [
        verdict
        for verdict in issue.verdicts
        if words
        and all(word in f"{verdict.article.title} {verdict.article.provider.name}".casefold() for word in words)
    ]
    moved = {path for path, _ in issue.edits.moves}
    return [_waiting(issue, verdict, moved) for verdict in found[:FOUND]]


def paths_of(issue: Issue, path: str) -> tuple[str, ...]:
    """Return the paths of all articles of the story that *path* leads, itself first."""
    for pick in issue.picks:
        if pick.article.path == path:
            return _paths(pick)
    return (path,)


def _paths(pick: Pick) -> tuple[str, ...]:
    return (pick.article.path, *(other.path for other in pick.story.others))


def _picked(issue: Issue, pick: Pick, verdicts: Mapping[str, Verdict], moved: set[str]) -> Card:
    article, paths = pick.article, _paths(pick)
    return Card(
        paths=paths,
        title=pick.title or article.title,
        excerpt=pick.excerpt or article.excerpt,
        original=article.title,
        original_excerpt=article.excerpt,
        because=verdicts[article.path].because,
        provider=article.provider.name,
        heat=article.heat,
        url=article.url or "",
        day=_day(issue, article),
        also=len(pick.story.also),
        late=pick.late,
        pinned=pick.pinned,
        moved=bool(moved.intersection(paths)),
        changed=bool(pick.title or pick.excerpt),
    )


def _waiting(issue: Issue, verdict: Verdict, moved: set[str]) -> Card:
    article = verdict.article
    return Card(
        paths=(article.path,),
        title=article.title,
        original=article.title,
        because=verdict.because,
        provider=article.provider.name,
        heat=article.heat,
        url=article.url or "",
        day=_day(issue, article),
        rule=verdict.rule,
        moved=article.path in moved,
    )


def _facts(verdict: Verdict) -> tuple[str, str, frozenset[str]]:
    return verdict.rule, verdict.section, verdict.article.topic_keys


def _day(issue: Issue, article: Article) -> str:
    return _words(issue.window.day_of(article.published_at).isoformat()) if article.published_at else "no date"


def _words(day: str) -> str:
    """`2020-11-09` to `9 Nov`."""
    return f"{int(day[8:])} {_MONTHS[int(day[5:7]) - 1]}" if day else "no date"


def _recorded_pick(pick: Record, because: Mapping[str, str]) -> Card:
    return _recorded(pick, because.get(pick["path"], ""), "picked", pick["changed"]["title"])


def _recorded(one: Record, because: str, rule: str, title: str | None = None) -> Card:
    return Card(
        paths=(one["path"],),
        title=title or one["title"],
        original=one["title"],
        because=because,
        provider=one["provider"],
        heat=one["heat"],
        url=one["url"] or "",
        day=_words((one["published"] or "")[:10]),
        rule=rule,
        also=len(one.get("also", ())),
        late=one.get("late", False),
        pinned=one.get("pinned", False),
        changed=bool(title),
    )
