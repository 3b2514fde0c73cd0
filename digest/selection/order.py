"""The order of stories, by named keys. It is total: what the keys leave equal, the path decides, never chance.

A new key is a line in `_KEYS` and one in `_WORDS`, and its name in `config.values.Order`; the schema and the reference
page of the settings follow from there.

heat       the hotter first, late ones less    earliest   the earlier report first
quality    the better first                    latest     the later report first
coverage   more providers first                freshness  the later day first, whatever the hour
path       by file name
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from digest.text.numbers import apart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.config.values import Order
    from digest.model import Article, Story

StoryKey = Callable[["Story"], tuple[object, ...]]
"""What to sort stories by: the smallest key is the first choice."""

# An undated article, which only a pin brings in, comes behind all dated ones under `earliest`.
_NEVER = datetime.max.replace(tzinfo=UTC)

# Each key is made of a story's lead and of its coverage. Smaller comes first, so numbers that should be large are
# negated.
_KEYS: dict[Order, Callable[[Article, int], int | float | str]] = {
    # Heat is never negative, so 1 puts an article without heat behind every other.
    "heat": lambda lead, _: 1 if lead.heat is None else -(lead.counted_heat or 0),
    "quality": lambda lead, _: -lead.quality,
    "coverage": lambda _, coverage: -coverage,
    "freshness": lambda lead, _: -_moment(lead).toordinal(),
    # As seconds: one comparison of floats where comparing datetimes is a call each.
    "earliest": lambda lead, _: _moment(lead).timestamp(),
    "latest": lambda lead, _: -_moment(lead).timestamp(),
    "path": lambda lead, _: lead.path,
}


def by(names: Sequence[Order]) -> StoryKey:
    """Return the key that ranks stories by *names*, then by path."""
    keys = [_KEYS[name] for name in names]
    return lambda story: (*[key(story.lead, story.coverage) for key in keys], story.lead.path)


def of_articles(
    names: Sequence[Order], coverage: Mapping[str, int] = MappingProxyType({})
) -> Callable[[Article], tuple[object, ...]]:
    """Return the key that ranks articles as `by` ranks the stories they lead.

    *coverage* is that of their stories, by path; where an article is not in it, as if it were a story alone.
    """
    keys = [_KEYS[name] for name in names]
    return lambda article: (*[key(article, coverage.get(article.path, 1)) for key in keys], article.path)


def _moment(article: Article) -> datetime:
    return article.published_at or _NEVER


def decided_by(names: Sequence[Order], winner: Story, loser: Story) -> Order:
    """Return the first of *names* in which the two differ; the path where none does. *winner* stands before *loser*."""
    return next(
        (
            name
            for name in names
            if _KEYS[name](winner.lead, winner.coverage) != _KEYS[name](loser.lead, loser.coverage)
        ),
        "path",
    )


def comes_first_when_level(names: Sequence[Order], story: Story, other: Story) -> bool:
    """Whether *story* would come before *other* if both had the same heat.

    Decides whether reaching a rival's heat would have been enough, or one more is needed.
    """
    for key in (_KEYS[name] for name in names if name != "heat"):
        mine, theirs = key(story.lead, story.coverage), key(other.lead, other.coverage)
        if mine != theirs:
            return mine < theirs  # type: ignore[operator]  # one key makes one type
    return story.lead.path < other.lead.path


_WORDS: dict[Order, Callable[[Story, Story], str]] = {
    "heat": lambda winner, loser: f"heat {' to '.join(apart([winner.lead.counted_heat, loser.lead.counted_heat]))}",
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
