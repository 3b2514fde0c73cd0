"""The order of stories, by named keys. Total: whatever the keys leave equal, the path decides; never a dice roll.

heat       the hotter first                    earliest   the earlier report first
quality    the better first                    latest     the later report first
coverage   more providers first                freshness  the later day first, whatever the hour
path       by file name
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from digest.model import Story

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Article, Order

StoryKey = Callable[[Story], tuple[object, ...]]
"""What to sort stories by: the smallest key is the first choice."""

_NEVER = datetime.max.replace(tzinfo=UTC)

_KEYS: dict[Order, Callable[[Story], int | float | str]] = {
    "heat": lambda story: 1 if story.lead.heat is None else -story.lead.heat,
    "quality": lambda story: -story.lead.quality,
    "coverage": lambda story: -story.coverage,
    "freshness": lambda story: -_moment(story.lead).toordinal(),
    "earliest": lambda story: _moment(story.lead).timestamp(),
    "latest": lambda story: -_moment(story.lead).timestamp(),
    "path": lambda story: story.lead.path,
}


def by(names: Sequence[Order]) -> StoryKey:
    """Return the key that ranks stories by *names*, then by path."""
    functions = [_KEYS[name] for name in names]
    return lambda story: (*(function(story) for function in functions), story.lead.path)


def of_articles(names: Sequence[Order]) -> Callable[[Article], tuple[object, ...]]:
    """Return the key that ranks articles as `by` ranks the stories they would lead alone."""
    key = by(names)
    return lambda article: key(Story(lead=article))


def _moment(article: Article) -> datetime:
    return article.published_at or _NEVER


def decided_by(names: Sequence[Order], winner: Story, loser: Story) -> Order:
    """Return the first of *names* that puts *winner* before *loser*."""
    return next((name for name in names if _KEYS[name](winner) != _KEYS[name](loser)), "path")


_WORDS: dict[Order, Callable[[Story, Story], str]] = {
    "heat": lambda winner, loser: f"heat {winner.lead.heat} to {loser.lead.heat}",
    "quality": lambda winner, loser: f"better quality, {winner.lead.quality} to {loser.lead.quality}",
    "coverage": lambda winner, loser: f"more providers report it, {winner.coverage} to {loser.coverage}",
    "freshness": lambda *_: "of a later day",
    "earliest": lambda *_: "published earlier",
    "latest": lambda *_: "published later",
    "path": lambda *_: "first by file name, all else being equal",
}


def because(name: Order, winner: Story, loser: Story) -> str:
    """Say in words what put *winner* before *loser*."""
    return _WORDS[name](winner, loser)
