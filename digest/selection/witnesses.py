"""Unpublished articles as witnesses: that a file says `published: false` does not undo the event that it reports.

A witness runs nowhere, leads nothing and is never linked; it only counts as an outlet that tells the story. It is
compared with the articles that may run as these are with each other, and ties no two of them. Nothing is prepared until
someone asks, and then once for the week.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from digest.selection.similarity import Agreement, Rarity
from digest.selection.stories import compared, is_telling, normalised, prepared
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.model import Article
    from digest.selection.similarity import Report
    from digest.selection.stories import Week


class Witnesses:
    """The witnesses of *week*, the articles that may run: *unpublished* ones, by what they share with those."""

    def __init__(self, week: Week, unpublished: Iterable[Article]) -> None:
        self._week = week
        self._witnesses = tuple(unpublished)

    def of(self, article: Article) -> list[Article]:
        """Return the witnesses of what *article* reports, in the order in which they were given."""
        if not self._witnesses:
            return []
        sure = {number for sign in _signs(article) for number in self._by_sign.get(sign, ())}
        telling = self._rarity.telling(self._week.reports[article.path])
        shared = Counter(chain.from_iterable(self._having.get(word, ()) for word in telling))
        alike = {number for number, count in shared.items() if count > 1 and self._agrees(article, number)}
        return [self._witnesses[number] for number in sorted(sure | alike)]

    def _agrees(self, article: Article, number: int) -> bool:
        reports = self._week.reports[article.path], self._reports[number]
        return isinstance(compared(article, self._witnesses[number], reports, self._rarity), Agreement)

    @cached_property
    def _reports(self) -> list[Report]:
        return [prepared(witness) for witness in self._witnesses]

    @cached_property
    def _rarity(self) -> Rarity:
        topics = {topic for article in (*self._week.articles, *self._witnesses) for topic in article.topics}
        return Rarity(self._reports, topics, beside=self._week.rarity)

    @cached_property
    def _having(self) -> dict[str, list[int]]:
        having: dict[str, list[int]] = defaultdict(list)
        for number, report in enumerate(self._reports):
            for word in self._rarity.telling(report):
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
