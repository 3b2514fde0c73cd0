"""What the desk can do, from the page's JSON to a change of the draft. Knows stories and the draft; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from digest import clean
from digest.errors import DigestError
from digest.preview import desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.edits.draft import Draft
    from digest.model import Issue

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


def read(asked: dict[str, Any], issue: Issue) -> Action:
    """Return the action that the page asks for. Raises BadAction."""
    name = _text(asked, "action")
    if name == "words":
        return _words(asked)
    if name == "order":
        stories = asked.get("stories")
        if not isinstance(stories, list) or not all(isinstance(one, str) for one in stories):
            raise BadAction("stories", "are no list of paths", "reload the page")
        known = [_story(one, issue)[0] for one in stories]
        section = _section(asked, issue)
        return Action(lambda draft: draft.order(section, known), f"the order of {section}")
    if name not in _STORY:
        raise BadAction(repr(name), "is nothing that the desk does", "reload the page")
    path = _text(asked, "story")
    paths = _story(path, issue)
    title = next((str(one.article.title) for one in issue.verdicts if one.article.path == path), path)
    change, what = _STORY[name](asked, paths, issue)
    return Action(change, f"{what} “{title}”", path)


def outcome(action: Action, issue: Issue) -> str:
    """Say what came of an action: of a story that the rules still keep out, why."""
    verdict = next((one for one in issue.verdicts if one.article.path == action.story), None)
    if verdict is None or verdict.rule in {"picked", "dropped"}:
        return f"Done: {action.what}."
    return f"Done: {action.what}. It does not run: {verdict.because}."


def _words(asked: dict[str, Any]) -> Action:
    key = _text(asked, "key")
    if key not in _WORDS:
        raise BadAction(repr(key), "is no text of the issue", "reload the page")
    written = _text(asked, "text")
    text = "\n".join(written.splitlines()) if key == "introduction" else clean.text(written)
    return Action(lambda draft: draft.words(key, text), f"the {key}")


_Done = tuple["Callable[[Draft], None]", str]


def _pin(asked: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Done:
    section, position = _section(asked, issue), asked.get("position")
    if position is not None and not (type(position) is int and 1 <= position <= 100):
        raise BadAction("position", "is no place in a section", "reload the page")
    return lambda draft: draft.pin(paths, section, position), "the pin of"


def _drop(asked: dict[str, Any], paths: tuple[str, ...], _: Issue) -> _Done:
    reason = clean.text(_text(asked, "reason"))
    return lambda draft: draft.drop(paths, reason), "the drop of"


def _move(asked: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Done:
    section = _section(asked, issue)
    return lambda draft: draft.move(paths, section), "the move of"


def _release(_: dict[str, Any], paths: tuple[str, ...], __: Issue) -> _Done:
    return lambda draft: draft.release(paths), "leaving to the rules"


def _change(asked: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Done:
    article = next(one.article for one in issue.verdicts if one.article.path == paths[0])
    title, excerpt = (clean.text(_text(asked, key)) for key in ("title", "excerpt"))
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
    known = {verdict.article.path for verdict in issue.verdicts} | {path for path, _ in issue.edits.drops}
    if path not in known:
        raise BadAction(repr(path), "is no candidate of this issue", "reload the page")
    return desk.paths_of(issue, path)
