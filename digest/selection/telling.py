"""The stories of the candidates, in their order; only the editor's pins have been asked for yet. Knows no slots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.selection import order, sift, stories

if TYPE_CHECKING:
    from digest.model import Rules, Story, Verdict
    from digest.selection.candidates import ArticleKey, Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What the articles of *field* tell. *unable* are the verdicts of those that may not run.

    *told* are the stories as their articles come, each with the evidence that ties it; *ranked* the same in the order
    of the rules.
    """

    field: Field
    rules: Rules
    week: stories.Week
    unable: tuple[Verdict, ...]
    told: tuple[tuple[Story, stories.Others], ...]
    ranked: tuple[Story, ...]


def tell(field: Field, rules: Rules) -> Telling:
    """Return the stories of *field*, in order. Pure, and half the work of a choice."""
    able, unable = sift.eligible(field.candidates, field.pinned)
    lead_key, story_key = _keys(field, rules)
    week = stories.Week(able, lead_key)
    told = week.stories()
    if "coverage" in rules.order or rules.returns_with is not None:
        told = [(week.covered(story), others) for story, others in told]
    return Telling(
        field=field,
        rules=rules,
        week=week,
        unable=tuple(unable),
        told=tuple(told),
        ranked=tuple(sorted((story for story, _ in told), key=story_key)),
    )


def _keys(field: Field, rules: Rules) -> tuple[ArticleKey, order.StoryKey]:
    """How leads and stories are ranked: what a thin section looks back to comes behind everything of the window.

    A story is led by what the editor pinned, else by the first of its articles.
    """
    place = {article.path: number for number, article in enumerate(field.candidates)}
    of_story = order.by(rules.order)
    return (
        lambda article: (article.path not in field.pinned, article.path in field.wide, place[article.path]),
        lambda story: (story.lead.path in field.wide, of_story(story)),
    )
