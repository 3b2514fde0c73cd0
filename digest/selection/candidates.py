"""Who is in the race: the articles of the window, and the older ones that may join them. Knows days, no stories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.model import Story
from digest.selection import memory, order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.model import Article, Past, Pin, Rules, SectionPlan, Window


ArticleKey = Callable[["Article"], tuple[object, ...]]
"""What to sort articles by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """The candidates in order, and by path those that are no ordinary ones.

    *late* came too late for the issue of their days, *wide* are looked back to by a thin section, *pinned* are what
    the editor wants.
    """

    candidates: tuple[Article, ...]
    late: frozenset[str]
    wide: frozenset[str]
    pinned: frozenset[str]


def gather(
    everything: Sequence[Article],
    window: Window,
    rules: Rules,
    past: Past,
    pins: Iterable[Pin],
    widening: Iterable[SectionPlan] = (),
) -> Field:
    """Return the field of *window* with what the editor pins; sections of *widening* look back as far as they may."""
    wanted = frozenset(pin.story for pin in pins)
    inside = {article.path: article for article in _dated_in(window, everything)}
    late = {article.path: article for article in memory.late(everything, window, past, rules)}
    wide = {article.path: article for article in _older(everything, window, widening)}
    pinned = {article.path: article for article in everything if article.path in wanted}
    candidates = (pinned | wide | late | inside).values()
    return Field(
        candidates=tuple(sorted(candidates, key=order.of_articles(rules.order))),
        late=frozenset(late),
        wide=frozenset(wide) - frozenset(late) - wanted,
        pinned=wanted,
    )


def _dated_in(window: Window, everything: Iterable[Article]) -> Iterable[Article]:
    starts_at, ends_at = window.starts_at, window.ends_at  # once: each asks the time zone
    return (article for article in everything if article.published_at and starts_at <= article.published_at < ends_at)


def _older(everything: Iterable[Article], window: Window, widening: Iterable[SectionPlan]) -> Iterable[Article]:
    looks = [(plan, window.first - timedelta(days=plan.widen_days)) for plan in widening]
    if not looks:
        return
    for article in everything:
        day = window.day_of(article.published_at) if article.published_at else None
        if day and any(first <= day < window.first and plan.match.takes(Story(lead=article)) for plan, first in looks):
            yield article
