"""Whose fault a finding is: what a story's own words cause is a warning on that story, never an error.

An article may say anything, and one article must not stop a week. So where there are errors the issue is looked at a
second time with the stories' own words taken out (`masking`): an error that is gone then was theirs. This needs
nothing of a rule, so it holds for every rule there is and for those to come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.checks.context import HTML, RECORD, TEXT
from digest.checks.masking import Mask
from digest.checks.rule import RuleGroup, Spot, rule
from digest.checks.subject import clipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from digest.checks.context import Context, ShownStory
    from digest.model import Finding

# Rules about the sum of all words, which the words put in their place would change: no single story breaks them.
_OF_THE_WHOLE = frozenset({clipped.name})
_SHOWN = 40


def attributed(
    issue: Context, findings: Sequence[Finding], judge: Callable[[Context], Iterable[Finding]]
) -> list[Finding]:
    """Return the *findings* of *issue*, with errors that a story's own words cause as warnings that name the story.

    *judge* is what gave them; it is called once more, with the masked issue, and only where there are errors.
    """
    errors = [finding for finding in findings if finding.severity == "error" and finding.rule not in _OF_THE_WHOLE]
    if not errors:
        return list(findings)
    mask = Mask(issue.facts.stories)
    masked = mask.issue(issue)
    remaining = {_place(finding) for finding in judge(masked)}
    own = [error for error in errors if _place(error) not in remaining]
    # By identity: two findings with the same values are two places.
    others = [finding for finding in findings if not any(finding is other for other in own)]
    return [*others, *story_faults(own, mask, masked)]


def _place(finding: Finding) -> tuple[str, str, int | None]:
    # Without what is wrong: a message may quote the very words that were replaced.
    return finding.rule, finding.file, finding.line


@rule(
    "article-words",
    "warning",
    RuleGroup.LEFT_OVERS,
    do="if it is not meant, write your own words in the editor's file, or drop the story",
)
def story_faults(own: list[Finding], mask: Mask, masked: Context) -> Iterator[Spot]:
    """No story's own words would be an error in a letter.

    It may be meant; it may also be broken where the article comes from. One article must not stop a week, so it is
    no error.
    """
    # Each fault of each story once, at the first place where it stands.
    merged: dict[tuple[str, str, str], Spot] = {}
    for error in own:
        story = _story(error, mask, masked)
        name = f"“{_short(story.headline)}”" if story else error.element
        key = (error.rule, name, error.what)
        first = merged.get(key)
        spot = Spot(error.file, f"{error.what} ({error.rule})", line=error.line, element=name)
        merged[key] = first._replace(more=first.more + 1) if first else spot
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
