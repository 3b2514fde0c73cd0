"""Whose words a finding is about: what only a story's own words cause is a warning on that story, never an error.

An article may say anything, and one article must not stop a week. So where there are errors the issue is looked at a
second time with the stories' own words taken out: an error that is gone then was theirs. This needs nothing of a rule,
so it holds for every rule there is and for those to come.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.checks.context import HTML, RECORD, TEXT
from digest.checks.masking import Mask
from digest.checks.rule import finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from digest.checks.context import Context, ShownStory
    from digest.model import Finding

RULE = "article-words"
_OF_THE_WHOLE = frozenset({"clip"})
"""Rules about the sum of all words, which other words in their place would change: no single story breaks them."""

_SHOWN = 40


def attributed(
    issue: Context, judged: Iterable[Finding], judge: Callable[[Context], Iterable[Finding]]
) -> list[Finding]:
    """Return what was *judged* of *issue*, with errors that a story's own words cause as warnings that name it."""
    findings = list(judged)
    errors = [one for one in findings if one.severity == "error" and one.rule not in _OF_THE_WHOLE]
    if not errors:
        return findings
    mask = Mask(issue.facts.stories)
    masked = mask.issue(issue)
    remaining = {_place(one) for one in judge(masked)}
    own = [one for one in errors if _place(one) not in remaining]
    others = [one for one in findings if not any(one is other for other in own)]
    return [*others, *_warnings(own, mask, masked)]


def _place(one: Finding) -> tuple[str, str, int | None]:
    return one.rule, one.file, one.line


def _warnings(own: list[Finding], mask: Mask, masked: Context) -> Iterator[Finding]:
    """Yield each fault of each story once, at the first place where it stands."""
    told: dict[tuple[str, str, str], Finding] = {}
    for one in own:
        story = _story(one, mask, masked)
        name = f"“{_short(story.headline)}”" if story else one.element
        key = (one.rule, name, one.what)
        if key in told:
            told[key] = replace(told[key], more=told[key].more + 1)
        else:
            told[key] = finding(RULE, one.file, f"{one.what} ({one.rule})", line=one.line, element=name)
    yield from told.values()


def _story(one: Finding, mask: Mask, masked: Context) -> ShownStory | None:
    """Return the story that *one* is about: the one that stands at its place, else one that it quotes."""
    if one.file == RECORD:
        parts = {"subject": masked.facts.subject, "preheader": masked.facts.preheader}
        found = mask.named(parts.get(one.element, ""))
    else:
        lines = {HTML: masked.html, TEXT: masked.text}.get(one.file, "").split("\n")
        found = mask.named("\n".join(lines[one.line - 1 :])) if one.line else None
    quoted = (story for story in mask.stories if story.url in one.what or _short(story.headline) in one.element)
    return found or next(quoted, None)


def _short(headline: str) -> str:
    return headline if len(headline) <= _SHOWN else f"{headline[:_SHOWN].rstrip()}…"
