"""Which of all that ever ran may decide about the articles of a week. Nearly none does, and readers have had much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.selection.stories import APART, normalised
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from digest.model import Article, Ran


def mattering(articles: Sequence[Article]) -> Callable[[Ran], bool]:
    """Return what tells whether a run may be of a story among *articles*: by address, title, or as the same event.

    Guarantees: a choice among *articles* with a memory of such runs alone is that with a memory of all.
    """
    signs_of_week = {sign for article in articles for sign in signs(article, map(canonical, article.addresses))}
    first = min((article.published_at for article in articles if article.published_at), default=None)

    def matters(ran: Ran) -> bool:
        # As `running.Recent`, for which an event is near where the first article is.
        is_near = first and ran.published_at and first - ran.published_at <= APART
        return bool(is_near) or not signs_of_week.isdisjoint(signs(ran, ran.addresses))

    return matters


def signs(report: Article | Ran, addresses: Iterable[str]) -> tuple[str, ...]:
    """Return what a story with *report* is known again by: canonical *addresses*, and the title in quotation marks."""
    return (*addresses, f"“{normalised(report.title, report.provider)}”")
