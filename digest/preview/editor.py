"""The desk: sections, stories and candidates as its page shows them, and the page's actions as changes of the draft.

There is one way to a panel, from a record. An issue in memory is recorded first, as far as the panel shows it: what an
editor sees live and what they see of an issue built before cannot drift apart. A record holds no edits, so only a live
issue says what was moved, dropped and written by the editor.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from digest.analysis import explain
from digest.errors import DigestError
from digest.issue import record
from digest.text import sanitize
from digest.text.languages import MONTHS
from digest.text.numbers import apart, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    from digest.config.draft import Draft
    from digest.issue.record import Record
    from digest.model import Issue, Message, Pick, Verdict, Window

_Change = tuple["Callable[[Draft], None]", str]

_TEXTS = frozenset({"subject", "preheader", "introduction"})

FOUND = 8
"""How many candidates a search shows at most."""

# Characters of a text of the desk: far more than an introduction has, and few enough to be edited in a page.
_LONGEST = 20_000

# The last place in a section that a pin may ask for.
_LAST_PLACE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A story on the desk.

    *path* names it in an action: that of its leading article in the archive. *title* and *excerpt* are those of the
    letter. *because* is the verdict in words and *rule* its name; `picked` is a story that runs. *heat* is None for an
    article without one, and *heat_shown* the same for show. *day* is the day of publication like `9 Nov`, and *also*
    counts the other providers that the letter names. *pinned*, *moved* and *changed* say what the editor asked for.
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
    also: int = 0
    late: bool = False
    pinned: bool = False
    moved: bool = False
    changed: bool = False
    heat_shown: str = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPanel:
    """A section: its picks in the order of the letter, and those that would run if it had more slots, hottest first."""

    title: str
    picks: tuple[Card, ...]
    waiting: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A story that the editor took out; *title* is its path where it is no candidate any more."""

    path: str
    title: str
    reason: str


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

    *muted* counts those that the settings mute, by the place of the rule.
    """

    words: Words
    shelves: tuple[SectionPanel, ...]
    drops: tuple[Drop, ...]
    empty: tuple[str, ...]
    candidates: int
    muted: tuple[tuple[str, int], ...] = ()

    @property
    def picks(self) -> int:
        """How many stories run."""
        return sum(len(shelf.picks) for shelf in self.shelves)


def of_record(built: Record, *, moved: AbstractSet[str] = frozenset()) -> EditorPanel:
    """Return the panel of an issue by its record; *moved* are the paths of stories that the editor moved."""
    because = {verdict["path"]: verdict["because"] for verdict in built["verdicts"]}
    window = record.window(built)

    def picked(pick: Record) -> Card:
        return _card(pick, window, because=because.get(pick["path"], ""), moved=moved)

    def waiting(section: Record) -> tuple[Card, ...]:
        verdicts = explain.next_in_line(
            section["title"],
            section["topics"],
            built["verdicts"],
            explain.in_record,
            sections=len(built["sections"]),
        )
        return tuple(_candidate(verdict, window, moved) for verdict in verdicts)

    return EditorPanel(
        words=Words(subject=built.get("subject", ""), preheader=built.get("preheader", ""), introduction=""),
        shelves=tuple(
            _shelf(section["title"], tuple(map(picked, section["picks"])), waiting(section))
            for section in built["sections"]
        ),
        drops=tuple(
            Drop(path=verdict["path"], title=verdict["title"], reason=verdict["because"])
            for verdict in built["verdicts"]
            if verdict["verdict"] == "dropped"
        ),
        # A record is valid without it (`record.read`).
        empty=tuple(built.get("empty", ())),
        candidates=len(built["verdicts"]),
        muted=_counted(verdict.get("muted_by", "") for verdict in built["verdicts"]),
    )


def of_issue(issue: Issue, message: Message) -> EditorPanel:
    """Return the panel of an issue in memory, with the words of its *message* and what the editor asked for."""
    # Only the verdicts that the panel shows are recorded: thousands of others would cost more than the whole page.
    shown = replace(issue, verdicts=_shown(issue))
    panel = of_record(record.of_choice(shown), moved=_moved(issue))
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
    recorded = record.of_choice(replace(issue, sections=(), verdicts=matching[:FOUND]))["verdicts"]
    moved = _moved(issue)
    return [_candidate(verdict, issue.window, moved) for verdict in recorded]


def paths_of(issue: Issue, path: str) -> tuple[str, ...]:
    """Return the paths of all articles of the story that *path* leads, itself first.

    The editor's file may name a story by any of them, and a change of the story has to find that entry.
    """
    return next((_paths(pick) for pick in issue.picks if pick.article.path == path), (path,))


def _shown(issue: Issue) -> tuple[Verdict, ...]:
    """Return the verdicts on the picks and on those next in line, in their order."""
    paths = {pick.article.path for pick in issue.picks}
    for section in issue.sections:
        waiting = explain.next_in_line(
            section.title, section.topics, issue.verdicts, _facts, sections=len(issue.sections)
        )
        paths.update(verdict.article.path for verdict in waiting)
    return tuple(verdict for verdict in issue.verdicts if verdict.article.path in paths)


def _facts(verdict: Verdict) -> tuple[str, str, frozenset[str]]:
    """Return what `explain.next_in_line` asks of a verdict in memory."""
    return verdict.rule, verdict.section, verdict.article.topic_keys


def _moved(issue: Issue) -> frozenset[str]:
    """Return the paths of the stories that the editor moved; any article of a story may be the one that they named."""
    named = {path for path, _ in issue.edits.moves}
    return frozenset(named | {pick.article.path for pick in issue.picks if named.intersection(_paths(pick))})


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


def _candidate(verdict: Record, window: Window, moved: AbstractSet[str]) -> Card:
    """Return the card of a candidate that does not run, by its verdict in a record."""
    return _card(verdict, window, because=verdict["because"], rule=verdict["verdict"], moved=moved)


def _card(story: Record, window: Window, *, because: str, moved: AbstractSet[str], rule: str = "picked") -> Card:
    """Return the card of a pick or of a verdict: a pick's own words come before the article's."""
    own = story.get("changed", {"title": "", "excerpt": ""})
    return Card(
        path=story["path"],
        title=own["title"] or story["title"],
        excerpt=own["excerpt"] or story.get("excerpt", ""),
        because=because,
        provider=story["provider"],
        heat=story["heat"],
        url=story["url"] or "",
        day=_day(story["published"], window),
        rule=rule,
        also=len(story.get("also", ())),
        late=story.get("late", False),
        pinned=story.get("pinned", False),
        moved=story["path"] in moved,
        changed=bool(own["title"] or own["excerpt"]),
        heat_shown="–" if story["heat"] is None else shown(story["heat"]),
    )


def _day(published: str | None, window: Window) -> str:
    """Return the day like `9 Nov` of a time in a record, which is in UTC, in the newsletter's time zone."""
    if not published:
        return "no date"
    day = window.day_of(datetime.fromisoformat(published))
    return f"{day.day} {MONTHS[day.month - 1][:3]}"


class BadAction(DigestError):
    """The page asked for an action that the desk does not have, or about something that the issue does not have."""


@dataclass(frozen=True, slots=True)
class Action:
    """A change of the draft, what it is called when it is undone, and the path of its story; empty without one."""

    change: Callable[[Draft], None]
    what: str
    story: str = ""


def read_action(asked: dict[str, Any], issue: Issue) -> Action:
    """Return the action of a request, whose keys depend on its `action`.

    | action | other keys |
    |---|---|
    | words | key: subject, preheader or introduction; text: empty takes the usual one |
    | order | section; stories: all paths of the section's picks in their new order |
    | pin | story, section; position from 1, if at a place |
    | drop | story; reason |
    | move | story, section |
    | release | story: neither pinned, dropped nor moved any more |
    | change | story; title, excerpt: empty takes the archive's |

    Raises BadAction for everything else: the request may come from a page that is older than the issue.
    """
    name = _text(asked, "action")
    if name == "words":
        return _text_action(asked)
    if name == "order":
        stories = asked.get("stories")
        if not isinstance(stories, list) or not all(isinstance(story, str) for story in stories):
            raise BadAction("stories", "is not a list of paths", "reload the page")
        paths_known = [_story(story, issue)[0] for story in stories]
        section = _section(asked, issue)
        return Action(lambda draft: draft.order(section, paths_known), f"the order of {section}")
    if name not in _STORY:
        raise BadAction(repr(name), "is no action of the desk", "reload the page")
    path = _text(asked, "story")
    paths = _story(path, issue)
    title = next((str(verdict.article.title) for verdict in issue.verdicts if verdict.article.path == path), path)
    change, problem = _STORY[name](asked, paths, issue)
    return Action(change, f"{problem} “{title}”", path)


def action_outcome(action: Action, issue: Issue) -> str:
    """Return the sentence that tells the editor what an action led to in the *issue* after it.

    It says why where a story that was moved or put back still does not run.
    """
    verdict = next((verdict for verdict in issue.verdicts if verdict.article.path == action.story), None)
    if verdict is None or verdict.rule in {"picked", "dropped"}:
        return f"Done: {action.what}."
    return f"Done: {action.what}. It does not run: {verdict.because}."


def _text_action(asked: dict[str, Any]) -> Action:
    """Return the action that writes a text of the issue."""
    key = _text(asked, "key")
    if key not in _TEXTS:
        raise BadAction(repr(key), "is not a text of the issue", "reload the page")
    written = _text(asked, "text")
    # The introduction is Markdown, where lines matter; the others stand in headers, which have one.
    text = "\n".join(written.splitlines()) if key == "introduction" else sanitize.text(written)
    return Action(lambda draft: draft.words(key, text), f"the {key}")


# One function for each action on a story. It gets the request, the paths of the story's articles and the issue, and
# returns the change of the draft with the words that name it before the headline. What it takes from the request it
# reads at once: the change runs later, when nothing can be refused any more.


def _pin(asked: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Change:
    """Let the story run in a section, at a place in it if one is asked for."""
    section, position = _section(asked, issue), asked.get("position")
    # Not isinstance: JSON's true is an int in Python.
    if position is not None and not (type(position) is int and 1 <= position <= _LAST_PLACE):
        raise BadAction("position", "is not a place in a section", "reload the page")
    return lambda draft: draft.pin(paths, section, position), "the pin of"


def _drop(asked: dict[str, Any], paths: tuple[str, ...], _: Issue) -> _Change:
    """Take the story out, for a reason that may be empty."""
    reason = sanitize.text(_text(asked, "reason"))
    return lambda draft: draft.drop(paths, reason), "the drop of"


def _move(asked: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Change:
    """Let the story stand in another section, if it runs."""
    section = _section(asked, issue)
    return lambda draft: draft.move(paths, section), "the move of"


def _release(_: dict[str, Any], paths: tuple[str, ...], __: Issue) -> _Change:
    """Leave the story to the rules again."""
    return lambda draft: draft.release(paths), "leaving to the rules"


def _change(asked: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Change:
    """Give the story a headline and an excerpt of the editor's."""
    article = next(verdict.article for verdict in issue.verdicts if verdict.article.path == paths[0])
    title, excerpt = (sanitize.text(_text(asked, key)) for key in ("title", "excerpt"))
    # The archive's own words are no change: written down, they would hide a later correction in the archive.
    own_title = "" if title == article.title else title
    own_excerpt = "" if excerpt == article.excerpt else excerpt
    return lambda draft: draft.change(paths, own_title, own_excerpt), "the words of"


_STORY = {"pin": _pin, "drop": _drop, "move": _move, "release": _release, "change": _change}


def _text(asked: dict[str, Any], key: str) -> str:
    """Return the text of a request's *key*, empty without one.

    Raises BadAction for a value that is no text, and for a text of more than 20,000 characters.
    """
    text = asked.get(key, "")
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise BadAction(key, f"is not a text, or has more than {_LONGEST:,} characters", "shorten it")
    return text


def _section(asked: dict[str, Any], issue: Issue) -> str:
    """Return the section that a request names. Raises BadAction for one that the issue does not have."""
    title = _text(asked, "section")
    if title not in {section.title for section in issue.sections}:
        raise BadAction(repr(title), "is not a section of this issue", "reload the page")
    return title


def _story(path: str, issue: Issue) -> tuple[str, ...]:
    """Return the paths of the story that *path* leads, itself first.

    Raises BadAction where it is neither a candidate of this issue nor dropped from it.
    """
    # A dropped story may be no candidate any more, and can still be put back.
    paths_known = {verdict.article.path for verdict in issue.verdicts} | {path for path, _ in issue.edits.drops}
    if path not in paths_known:
        raise BadAction(repr(path), "is not a candidate of this issue", "reload the page")
    return paths_of(issue, path)
