"""Unpublished articles as witnesses: that a file says `published: false` does not undo the event that it reports.

A witness runs nowhere, leads nothing and is never linked; it only counts as an outlet that tells the story. It is
compared with the articles that may run as these are with each other, and ties no two of them. Nothing is prepared until
someone asks, and then once for the week.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from digest.selection.similarity import Agreement, Closeness, Rarity
from digest.selection.stories import APART, is_telling, normalised, prepared
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.model import Article
    from digest.selection.similarity import Report

_TELLING, _SELDOM = 10, 24
"""As in `stories`: texts are compared if two of each other's rarest words are shared, which few texts have."""


class Witnesses:
    """The witnesses of a week: *witnesses* by what they share with *articles*, those that may run."""

    def __init__(self, articles: Sequence[Article], witnesses: Iterable[Article]) -> None:
        self._articles = articles
        self._witnesses = tuple(witnesses)

    def of(self, article: Article) -> list[Article]:
        """Return the witnesses of what *article* reports, in the order in which they were given."""
        if not self._witnesses:
            return []
        sure = {number for sign in _signs(article) for number in self._by_sign.get(sign, ())}
        telling = self._telling(self._reports[article.path])
        shared = Counter(chain.from_iterable(self._having.get(word, ()) for word in telling))
        alike = {number for number, count in shared.items() if count > 1 and self._agrees(article, number)}
        return [self._witnesses[number] for number in sorted(sure | alike)]

    def _agrees(self, article: Article, number: int) -> bool:
        witness = self._witnesses[number]
        moments = article.published_at, witness.published_at
        apart = abs(moments[0] - moments[1]) if moments[0] and moments[1] else timedelta()
        if apart > APART:
            return False
        closeness = Closeness(apart / timedelta(hours=1), article.provider.key == witness.provider.key)
        reports = self._reports[article.path], self._reports[witness.path]
        return isinstance(self._rarity.same_event(*reports, closeness), Agreement)

    def _telling(self, report: Report) -> list[str]:
        return self._rarity.rarest(self._seldom.intersection(report.vocabulary), _TELLING)

    @cached_property
    def _reports(self) -> dict[str, Report]:
        return {article.path: prepared(article) for article in (*self._articles, *self._witnesses)}

    @cached_property
    def _rarity(self) -> Rarity:
        topics = {topic for article in (*self._articles, *self._witnesses) for topic in article.topics}
        return Rarity(self._reports.values(), topics)

    @cached_property
    def _seldom(self) -> frozenset[str]:
        return self._rarity.seldom(_SELDOM)

    @cached_property
    def _having(self) -> dict[str, list[int]]:
        having: dict[str, list[int]] = defaultdict(list)
        for number, witness in enumerate(self._witnesses):
            for word in self._telling(self._reports[witness.path]):
                having[word].append(number)
        return having

    @cached_property
    def _by_sign(self) -> dict[str, list[int]]:
        named: dict[str, list[int]] = defaultdict(list)
        for number, witness in enumerate(self._witnesses):
            for sign in _signs(witness):
                named[sign].append(number)
        return named


def _signs(article: Article) -> set[str]:
    """Return what alone shows that two articles report one event: the addresses, and a title that says enough."""
    title = normalised(article.title, article.provider)
    return {*map(canonical, article.addresses), *([f"“{title}”"] if is_telling(title) else [])}
