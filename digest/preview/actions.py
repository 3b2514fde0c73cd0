"""What the page of the desk asks for, as changes of the editor's file: read, refused, and told when they are done.

An action is read against the issue that the page shows, so that what it names is there and what it asks for does not
contradict what the editor's file says already. Whether it gives an issue is tried by `session.Session.edit`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from digest.config.values import LAST_PLACE
from digest.errors import SeveralProblems
from digest.model import Problem
from digest.preview import block_actions, request_values
from digest.preview.request_values import Action, BadAction

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.config.draft import Draft
    from digest.errors import DigestError
    from digest.model import Issue

_Change = tuple["Callable[[Draft], None]", str]

_TEXTS = frozenset({"subject", "preheader", "introduction"})
_FIELD = re.compile(r"(?:(?:blocks|change)\[\d+\]\.)?(.+)")


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
    | change | story; of title, excerpt, kicker and why those to change: an empty one takes the archive's, or none |
    | join | stories: paths of two or more that are one story |
    | unjoin | story: joined with nothing any more, nor any article behind it |
    | split | story: an article that tells a story of its own |
    | unsplit | story: not split off any more |

    and those on blocks, which `block_actions.read` knows.

    Raises BadAction for everything else: the request may come from a page that is older than the issue.
    """
    name = request_values.text(asked, "action")
    if name in block_actions.NAMES:
        return block_actions.read(name, asked, issue)
    if name == "words":
        return _text_action(asked)
    if name == "join":
        return _join(_stories(asked), issue)
    if name == "order":
        paths_known = [_story(story, issue)[0] for story in _stories(asked)]
        section = request_values.section(asked, issue)
        return Action(lambda draft: draft.order(section, paths_known), f"the order of {section}")
    if name not in _STORY:
        raise BadAction(repr(name), "is no action of the desk", "reload the page")
    path = request_values.text(asked, "story")
    paths = _story(path, issue)
    change, label = _STORY[name](asked, paths, issue)
    return Action(change, f"{label} {_named(path, issue)}", path)


def action_outcome(action: Action, issue: Issue) -> str:
    """Return the sentence that tells the editor what an action led to in the *issue* after it.

    It says why where a story that was moved or put back still does not run, and which story an article is told by.
    """
    verdict = next((verdict for verdict in issue.verdicts if verdict.article.path == action.story), None)
    if verdict is None or verdict.rule in {"picked", "dropped"}:
        return f"Done: {action.what}."
    if verdict.rule == "merged":
        return f"Done: {action.what}. {_named(action.story, issue)}: {verdict.because}."
    return f"Done: {action.what}. It does not run: {verdict.because}."


def problems_by_field(error: DigestError) -> tuple[dict[str, str], str]:
    """Return what is wrong with fields of the form that an action came from, by their names, and the rest, in lines.

    A field is named by its key in a block, in a change of a story or in the file, such as `links[1].url`. The file was
    sound before the action, so that whatever is wrong with one of these is wrong with what was sent.
    """
    fields: dict[str, str] = {}
    rest: list[str] = []
    for problem in error.problems if isinstance(error, SeveralProblems) else (error,):
        if isinstance(problem, Problem) and (in_form := _FIELD.fullmatch(problem.key)):
            fields[in_form[1]] = "\n".join(filter(None, (fields.get(in_form[1]), problem.what)))
        else:
            rest.append(str(problem))
    return fields, "\n".join(rest)


def _text_action(asked: dict[str, Any]) -> Action:
    """Return the action that writes a text of the issue."""
    key = request_values.text(asked, "key")
    if key not in _TEXTS:
        raise BadAction(repr(key), "is not a text of the issue", "reload the page")
    # The introduction is Markdown; the others stand in headers.
    text = request_values.lines(asked, "text") if key == "introduction" else request_values.one_line(asked, "text")
    return Action(lambda draft: draft.words(key, text), f"the {key}")


def _join(stories: list[str], issue: Issue) -> Action:
    """Return the action that makes *stories* one.

    Raises BadAction where they are one already, and where that would contradict what the editor asked of one of them.
    """
    leads = {verdict.article.path: verdict.lead for verdict in issue.verdicts}
    # By lead, so that each story is named once; the article that was asked for stands first.
    whole: dict[str, tuple[str, ...]] = {}
    for path in stories:
        _story(path, issue)
        lead = leads.get(path) or path
        whole.setdefault(lead, tuple(dict.fromkeys((path, *paths_of(issue, lead)))))
    if len(whole) < 2:
        raise BadAction("stories", "are one already, or there is but one", "tick another to join it with")
    joined = tuple(whole.values())
    _refuse_contradiction(joined, issue)
    first, *others = (_named(paths[0], issue) for paths in joined)
    label = f"the join of {first} and {others[0] if len(others) == 1 else f'{len(others)} others'}"
    return Action(lambda draft: draft.join(joined), label, joined[0][0])


def _refuse_contradiction(stories: tuple[tuple[str, ...], ...], issue: Issue) -> None:
    """Raise BadAction where *stories* cannot be one without one of the editor's words being lost."""
    edits, paths = issue.edits, [path for story in stories for path in story]
    dropped = dict(edits.drops)
    for path in paths:
        if path in edits.splits:
            raise BadAction(_named(path, issue), "is split off, so it joins nothing", "take the split back first")
        if path in dropped:
            raise BadAction(_named(path, issue), "is dropped, and would take the others with it", "put it back first")
    places = {pin.section for pin in edits.pins if pin.story in paths}
    places = places or {section for story, section in edits.moves if story in paths}
    if len({place.casefold() for place in places}) > 1:
        sections = " and in ".join(sorted(places))
        raise BadAction(
            "the stories", f"stand in {sections} by your word", "leave all but one of them to the rules first"
        )


# One function for each action on a story. It gets the request, the paths of the story's articles and the issue, and
# returns the change of the draft with the words that name it before the headline. What it takes from the request it
# reads at once: the change runs later, when nothing can be refused any more.


def _pin(asked: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Change:
    """Let the story run in a section, at a place in it if one is asked for."""
    section, position = request_values.section(asked, issue), asked.get("position")
    # Not isinstance: JSON's true is an int in Python.
    if position is not None and not (type(position) is int and 1 <= position <= LAST_PLACE):
        raise BadAction("position", "is not a place in a section", "reload the page")
    return lambda draft: draft.pin(paths, section, position), "the pin of"


def _drop(asked: dict[str, Any], paths: tuple[str, ...], _: Issue) -> _Change:
    """Take the story out, for a reason that may be empty."""
    reason = request_values.one_line(asked, "reason")
    return lambda draft: draft.drop(paths, reason), "the drop of"


def _move(asked: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Change:
    """Let the story stand in another section, if it runs."""
    section = request_values.section(asked, issue)
    return lambda draft: draft.move(paths, section), "the move of"


def _release(_: dict[str, Any], paths: tuple[str, ...], __: Issue) -> _Change:
    """Leave the story to the rules again."""
    return lambda draft: draft.release(paths), "leaving to the rules"


def _change(asked: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Change:
    """Give the story a headline, an excerpt, a kicker and why it matters in the editor's words."""
    article = next((verdict.article for verdict in issue.verdicts if verdict.article.path == paths[0]), None)
    if article is None:
        raise BadAction(repr(paths[0]), "is not a candidate of this issue", "reload the page")
    readers = {"title": request_values.one_line, "excerpt": request_values.one_line, "kicker": request_values.one_line}
    readers["why"] = request_values.lines
    texts = {key: read(asked, key) for key, read in readers.items() if key in asked}
    # The archive's own words are no change: written down, they would hide a later correction in the archive.
    for key, own in (("title", article.title), ("excerpt", article.excerpt)):
        if texts.get(key) == own:
            texts[key] = ""
    return lambda draft: draft.change(paths, texts), "the words of"


def _unjoin(_: dict[str, Any], paths: tuple[str, ...], __: Issue) -> _Change:
    """Take the story, or an article behind its lead, out of every join."""
    return lambda draft: draft.unjoin(paths), "taking back the join of"


def _split(_: dict[str, Any], paths: tuple[str, ...], issue: Issue) -> _Change:
    """Let the article tell a story of its own."""
    if any(paths[0] in join for join in issue.edits.joins):
        raise BadAction(_named(paths[0], issue), "is joined, so it cannot be split off", "take the join back first")
    return lambda draft: draft.split(paths[0]), "the split of"


def _unsplit(_: dict[str, Any], paths: tuple[str, ...], __: Issue) -> _Change:
    """Leave to the rules which story the article tells."""
    return lambda draft: draft.unsplit(paths[0]), "taking back the split of"


_STORY = {
    "pin": _pin,
    "drop": _drop,
    "move": _move,
    "release": _release,
    "change": _change,
    "unjoin": _unjoin,
    "split": _split,
    "unsplit": _unsplit,
}


def _stories(asked: dict[str, Any]) -> list[str]:
    """Return the paths that a request names. Raises BadAction for anything else."""
    stories = asked.get("stories")
    if not isinstance(stories, list) or not all(isinstance(story, str) for story in stories):
        raise BadAction("stories", "is not a list of paths", "reload the page")
    return stories


def _named(path: str, issue: Issue) -> str:
    """Return the headline of the article with that path, in quotes; its path where it is no candidate."""
    title = next((str(verdict.article.title) for verdict in issue.verdicts if verdict.article.path == path), path)
    return f"“{title}”"


def _story(path: str, issue: Issue) -> tuple[str, ...]:
    """Return the paths of the story that *path* leads, itself first.

    Raises BadAction where it is neither a candidate of this issue nor dropped from it.
    """
    # A dropped story may be no candidate any more, and can still be put back.
    paths_known = {verdict.article.path for verdict in issue.verdicts} | {path for path, _ in issue.edits.drops}
    if path not in paths_known:
        raise BadAction(repr(path), "is not a candidate of this issue", "reload the page")
    return paths_of(issue, path)


def paths_of(issue: Issue, path: str) -> tuple[str, ...]:
    """Return the paths of all articles of the story that *path* leads, itself first.

    The editor's file may name a story by any of them, and a change of the story has to find that entry.
    """
    return (path, *(verdict.article.path for verdict in issue.verdicts if verdict.lead == path))
