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
    errors = [finding for finding in findings if finding.severity == "error" and finding.rule not in _OF_THE_WHOLE]
    if not errors:
        return findings
    mask = Mask(issue.facts.stories)
    masked = mask.issue(issue)
    remaining = {_place(finding) for finding in judge(masked)}
    own = [error for error in errors if _place(error) not in remaining]
    others = [finding for finding in findings if not any(finding is other for other in own)]
    return [*others, *_warnings(own, mask, masked)]


def _place(finding: Finding) -> tuple[str, str, int | None]:
    return finding.rule, finding.file, finding.line


def _warnings(own: list[Finding], mask: Mask, masked: Context) -> Iterator[Finding]:
    """Yield each fault of each story once, at the first place where it stands."""
    merged: dict[tuple[str, str, str], Finding] = {}
    for error in own:
        story = _story(error, mask, masked)
        name = f"“{_short(story.headline)}”" if story else error.element
        key = (error.rule, name, error.what)
        if key in merged:
            merged[key] = replace(merged[key], more=merged[key].more + 1)
        else:
            merged[key] = finding(RULE, error.file, f"{error.what} ({error.rule})", line=error.line, element=name)
    yield from merged.values()


def _story(finding: Finding, mask: Mask, masked: Context) -> ShownStory | None:
    """Return the story that *finding* is about: the one that stands at its place, else one that it quotes."""
    if finding.file == RECORD:
        parts = {"subject": masked.facts.subject, "preheader": masked.facts.preheader}
        story = mask.named(parts.get(finding.element, ""))
    else:
        lines = {HTML: masked.html, TEXT: masked.text}.get(finding.file, "").split("\n")
        story = mask.named("\n".join(lines[finding.line - 1 :])) if finding.line else None
    quoted = (story for story in mask.stories if story.url in finding.what or _short(story.headline) in finding.element)
    return story or next(quoted, None)


def _short(headline: str) -> str:
    return headline if len(headline) <= _SHOWN else f"{headline[:_SHOWN].rstrip()}…"
