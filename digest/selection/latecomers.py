"""Late stories: older than the window, and not able to run in the issue of their days.

They compete with a part of their heat that halves with their age (`select.half_life`), so that a story of last week
needs to be hotter than the week's own to take a slot from it. One that still comes first does not lead where a story of
the window comes close, which is one whose heat is at least half of what the late one counts. A late story that found no
slot stays late until `late_days` are over: it lost by its age, and a thin week may have room for it.

Only heat is discounted: under an order that begins with something else every story of the window comes close.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from digest.selection import order
from digest.text.numbers import apart, shown
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.config.values import Rules, SectionPlan, TellingRules
    from digest.model import Article, Past, Story, Window
    from digest.selection.assignment import Assignment
    from digest.selection.candidates import Candidates

_T = TypeVar("_T")

_CLOSE = 0.5
"""The part of what a late story counts from which on a story of the window comes close to it."""


def arrivals(articles: Iterable[Article], window: Window, past: Past, rules: TellingRules) -> list[Article]:
    """Return the articles of days before *window* that may run now and that no earlier issue could have run.

    They are of days since the first window that is remembered, at most *rules.late_days* back, and were no candidate
    able to run in any earlier issue (not yet in the archive, not yet published, or not yet scored), or came late there
    and found no slot. Each has the share of its heat that counts.
    """
    # Without an earlier issue nothing was missed: a first issue is of its window alone.
    if past.since is None or not rules.late_days:
        return []
    first = max(past.since, window.first - timedelta(days=rules.late_days))
    begin, starts_at = window.from_day(first).starts_at, window.starts_at
    return [
        _discounted(article, window, rules)
        for article in articles
        if article.published_at is not None
        and article.has_all(needs_heat=rules.needs_heat)
        and begin <= article.published_at < starts_at
        and article.path not in past.considered
        # The path may have changed when a file was renamed or imported again; the address says that it was considered.
        and not any(canonical(address) in past.considered for address in article.addresses)
    ]


def _discounted(article: Article, window: Window, rules: TellingRules) -> Article:
    """Return a late article with the share of its heat that counts."""
    if rules.half_life is None:
        return article
    return replace(article, late_share=0.5 ** (days_older(article, window) / rules.half_life))


def days_older(article: Article, window: Window) -> int:
    """Return how many days of the calendar an article, which has a date, is older than *window*; at least 1."""
    if article.published_at is None:
        raise AssertionError(article)
    # Where windows begin at an hour, what came out before it may be of the same day.
    return max((window.day_of(window.starts_at) - window.day_of(article.published_at)).days, 1)


def account(article: Article, window: Window) -> str:
    """Return what the heat of an article counts as, to follow it in a sentence; "" where it counts in full.

    Such as ` (counts as 41, as it is 3 days older than the window)`.
    """
    if article.late_share is None or article.heat is None:
        return ""
    days = days_older(article, window)
    counted = apart([article.heat, article.counted_heat])[1]
    return f" (counts as {counted}, as it is {'1 day' if days == 1 else f'{days} days'} older than the window)"


def with_heat(article: Article, heat: str = "") -> str:
    """Return the heat of an article in words, `heat 80` or `heat 80 that counts as 41`; *heat* is how it is shown."""
    counted = "" if article.late_share is None else f" that counts as {shown(article.counted_heat)}"
    return f"heat {heat or shown(article.heat)}{counted}"


def behind_the_window(outcome: Assignment, pool: Candidates, rules: Rules) -> Assignment:
    """Return *outcome* with sections led by a story of the window, where one in them comes close to the late one."""
    seating = outcome.seating
    seats = tuple(_led(stories, _first_close(stories, pool, rules)) for stories in seating.seats)
    return replace(outcome, seating=replace(seating, seats=seats))


def _first_close(stories: Sequence[Story], pool: Candidates, rules: Rules) -> int:
    """Return which of *stories*, in order, leads: the first, or the first of the window if it comes close to that.

    Returns its number, from 0. What the editor pinned is never late.
    """

    def is_late(story: Story) -> bool:
        lead = story.lead.path
        return (lead in pool.late or lead in pool.wide) and lead not in pool.pinned

    if not stories or not is_late(stories[0]):
        return 0
    number = next((number for number, story in enumerate(stories) if not is_late(story)), 0)
    ours, theirs = (story.lead.counted_heat or 0 for story in (stories[number], stories[0]))
    return number if rules.order[0] != "heat" or ours >= _CLOSE * theirs else 0


def by_leads(
    filled: Iterable[tuple[SectionPlan, Sequence[Story]]], pool: Candidates, rules: Rules
) -> list[tuple[SectionPlan, Sequence[Story]]]:
    """Return sections, each with its stories, in the order of their first stories.

    The section of a late story does not come first where the first story of another comes close. None may be empty.
    """
    rank = order.by(rules.order)
    ordered = sorted(filled, key=lambda section: rank(section[1][0]))
    return list(_led(ordered, _first_close([stories[0] for _, stories in ordered], pool, rules)))


def _led(each: Sequence[_T], first: int) -> tuple[_T, ...]:
    return (*each[first : first + 1], *each[:first], *each[first + 1 :])
