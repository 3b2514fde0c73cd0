"""The desk: sections, picks and candidates in words, and the page's actions as changes of the draft.

A live issue gives everything; a built one gives what its record holds, which is enough to read and not to edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from digest.analysis import explain
from digest.errors import DigestError
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from digest.config.draft import Draft
    from digest.issue.record import Record
    from digest.model import Article, Issue, Message, Pick, Verdict


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
class SectionPanel:
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
class EditorPanel:
    """All of it. *empty* says of each section that is left out why, *candidates* how many there were."""

    words: Words
    shelves: tuple[SectionPanel, ...]
    drops: tuple[Drop, ...]
    empty: tuple[str, ...]
    candidates: int

    @property
    def picks(self) -> int:
        """How many stories run."""
        return sum(len(shelf.picks) for shelf in self.shelves)


def of_issue(issue: Issue, message: Message) -> EditorPanel:
    """Return the desk of an issue in memory."""
    verdicts = {verdict.article.path: verdict for verdict in issue.verdicts}
    moved = {path for path, _ in issue.edits.moves}
    titles = {verdict.article.path: str(verdict.article.title) for verdict in issue.verdicts}
    own = {"subject": issue.edits.subject, "preheader": issue.edits.preheader, "introduction": issue.edits.introduction}
    return EditorPanel(
        words=Words(
            subject=message.subject,
            preheader=message.preheader,
            introduction=issue.edits.introduction,
            own=frozenset(key for key, value in own.items() if value),
        ),
        shelves=tuple(
            SectionPanel(
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


def of_record(record: Record) -> EditorPanel:
    """Return the desk of a built issue, to be read only."""
    because = {verdict["path"]: verdict["because"] for verdict in record["verdicts"]}
    return EditorPanel(
        words=Words(subject=record["subject"], preheader=record["preheader"], introduction=""),
        shelves=tuple(
            SectionPanel(
                title=section["title"],
                picks=tuple(_recorded_pick(pick, because) for pick in section["picks"]),
                waiting=tuple(
                    _recorded(verdict, verdict["because"], verdict["verdict"])
                    for verdict in explain.next_in_line(
                        section["title"], section["topics"], record["verdicts"], explain.in_record
                    )
                ),
            )
            for section in record["sections"]
        ),
        drops=tuple(
            Drop(path=verdict["path"], title=verdict["title"], reason=verdict["because"])
            for verdict in record["verdicts"]
            if verdict["verdict"] == "dropped"
        ),
        empty=tuple(record.get("empty", ())),
        candidates=len(record["verdicts"]),
    )


def search(issue: Issue, query: str) -> list[Card]:
    """Return the candidates with all words of *query* in their title or provider, in order."""
    terms = query.casefold().split()
    matching = [
        verdict
        for verdict in issue.verdicts
        if terms
        and all(word in f"{verdict.article.title} {verdict.article.provider.name}".casefold() for word in terms)
    ]
    moved = {path for path, _ in issue.edits.moves}
    return [_waiting(issue, verdict, moved) for verdict in matching[:FOUND]]


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


def _recorded(record: Record, because: str, rule: str, title: str | None = None) -> Card:
    return Card(
        paths=(record["path"],),
        title=title or record["title"],
        original=record["title"],
        because=because,
        provider=record["provider"],
        heat=record["heat"],
        url=record["url"] or "",
        day=_words((record["published"] or "")[:10]),
        rule=rule,
        also=len(record.get("also", ())),
        late=record.get("late", False),
        pinned=record.get("pinned", False),
        changed=bool(title),
    )


_WORDS = frozenset({"subject", "preheader", "introduction"})
_LONGEST = 20_000
"""Characters that a text of the desk may have."""


class BadAction(DigestError):
    """The page asked for something the desk does not do."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do to the draft, what it is called when it is to be undone, and the story it is about, if one."""

    change: Callable[[Draft], None]
    what: str
    story: str = ""


def read_action(asked: dict[str, Any], issue: Issue) -> Action:
    """Return the action that the page asks for. Raises BadAction."""
    name = _text(asked, "action")
    if name == "words":
        return _action_words(asked)
    if name == "order":
        stories = asked.get("stories")
        if not isinstance(stories, list) or not all(isinstance(story, str) for story in stories):
            raise BadAction("stories", "are no list of paths", "reload the page")
        paths_known = [_story(story, issue)[0] for story in stories]
        section = _section(asked, issue)
        return Action(lambda draft: draft.order(section, paths_known), f"the order of {section}")
    if name not in _STORY:
        raise BadAction(repr(name), "is nothing that the desk does", "reload the page")
    path = _text(asked, "story")
    paths = _story(path, issue)
    title = next((str(verdict.article.title) for verdict in issue.verdicts if verdict.article.path == path), path)
    change, problem = _STORY[name](asked, paths, issue)
    return Action(change, f"{problem} “{title}”", path)


def action_outcome(action: Action, issue: Issue) -> str:
    """Say what came of an action: of a story that the rules still keep out, why."""
    verdict = next((verdict for verdict in issue.verdicts if verdict.article.path == action.story), None)
    if verdict is None or verdict.rule in {"picked", "dropped"}:
        return f"Done: {action.what}."
    return f"Done: {action.what}. It does not run: {verdict.because}."


def _action_words(asked: dict[str, Any]) -> Action:
    key = _text(asked, "key")
    if key not in _WORDS:
        raise BadAction(repr(key), "is no text of the issue", "reload the page")
    written = _text(asked, "text")
    text = "\n".join(written.splitlines()) if key == "introduction" else sanitize.text(written)
    return Action(lambda draft: draft.words(key, text), f"the {key}")


_Done = tuple["Callable[[Draft], None]", str]


def _pin(asked: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Done:
    section, position = _section(asked, issue), asked.get("position")
    if position is not None and not (type(position) is int and 1 <= position <= 100):
        raise BadAction("position", "is no place in a section", "reload the page")
    return lambda draft: draft.pin(paths, section, position), "the pin of"


def _drop(asked: dict[str, Any], paths: tuple[str, ...], _: Issue) -> _Done:
    reason = sanitize.text(_text(asked, "reason"))
    return lambda draft: draft.drop(paths, reason), "the drop of"


def _move(asked: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Done:
    section = _section(asked, issue)
    return lambda draft: draft.move(paths, section), "the move of"


def _release(_: dict[str, Any], paths: tuple[str, ...], __: Issue) -> _Done:
    return lambda draft: draft.release(paths), "leaving to the rules"


def _change(asked: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Done:
    article = next(verdict.article for verdict in issue.verdicts if verdict.article.path == paths[0])
    title, excerpt = (sanitize.text(_text(asked, key)) for key in ("title", "excerpt"))
    own_title = "" if title == article.title else title
    own_excerpt = "" if excerpt == article.excerpt else excerpt
    return lambda draft: draft.change(paths, own_title, own_excerpt), "the words of"


_STORY = {"pin": _pin, "drop": _drop, "move": _move, "release": _release, "change": _change}


def _text(asked: dict[str, Any], key: str) -> str:
    text = asked.get(key, "")
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise BadAction(key, "is no text, or a very long one", "shorten it")
    return text


def _section(asked: dict[str, Any], issue: Issue) -> str:
    title = _text(asked, "section")
    if title not in {section.title for section in issue.sections}:
        raise BadAction(repr(title), "is no section of this issue", "reload the page")
    return title


def _story(path: str, issue: Issue) -> tuple[str, ...]:
    paths_known = {verdict.article.path for verdict in issue.verdicts} | {path for path, _ in issue.edits.drops}
    if path not in paths_known:
        raise BadAction(repr(path), "is no candidate of this issue", "reload the page")
    return paths_of(issue, path)
