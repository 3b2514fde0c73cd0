"""Running stories: what tells the event of an earlier issue, and what it has that is new. Decides no slot.

A pick of an earlier issue is held against the reports of the week as one more report, by the evidence and the vetoes
of `stories`, within the same three days, and whole texts have to agree, too: a story left out for a wrong tie is lost.
New is what a headline of the story says and no earlier telling does, in headline or text:

- a number, but for a year, a day beside its month, and what is part of a name (`COVID-19`);
- a name, which is a rare word with a capital inside a sentence; where a headline writes each word with one, its text
  has to show it. Scripts without capitals show none.

So where nothing new can be seen, it is a repeat only if names could be seen, and if it is another outlet's: who tells
an event twice has news.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from digest.model import Article
from digest.records import datenames
from digest.selection.similarity import Agreement, Forbidden
from digest.selection.stories import APART, compared, normalised, prepared
from digest.selection.wording import COMMON, FIGURES, is_unspaced, plain, stem
from digest.text.sanitize import again
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from digest.model import Past, Provider, Ran, Story
    from digest.selection.similarity import Report
    from digest.selection.stories import Week

# With what is written as one word with it ("5m", "3rd"), and not the number of a name (COVID-19) or of a score.
_NUMBER = re.compile(r"(?<![\w.,:/-])\d\w*(?:[.,:]\d+)*(?!\w)")
# Where words have no blanks between them; a date says which of its numbers is what.
_UNSPACED_NUMBER = re.compile(r"(?<![\dA-Za-z.,:/-])\d+(?:[.,:]\d+)*(?![\d年月日号號])")
_WORD = re.compile(r"[^\W\d_]+")
_OPENING = frozenset('.:?!–—-|/"“„«»‘(¿¡•…')
"""Behind these a word may have a capital and be no name."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_FORMS = 4
"""Letters from which two names are forms of one: China and Chinese, Slovenija and Slovenije."""
_LEAST = 0.35
"""How much whole texts have to agree."""
_MOST = 4
"""New numbers and names that are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """An event that an earlier issue ran, told again: the last run of it, what ties the two, and what is *new*.

    *is_sure* says whether an empty *new* means that nothing is new; it does not where that could not be seen.
    """

    ran: Ran
    why: str
    new: tuple[str, ...]
    is_sure: bool


def retold(stories: Iterable[Story], week: Week, past: Past) -> dict[str, Retold]:
    """Return which of *stories*, of *week*, tell an event that ran, by the path of their lead.

    What has a title that ran is left out, as titles are judged by rules of their own; so is a story with an article
    that the editor splits off, or with one that a veto parts from the run.
    """
    recent = Recent(week, past)
    tellings = {}
    for story in stories if recent.runs else ():
        if telling := recent.told_by(story, recent.near(story)):
            tellings[story.lead.path] = telling
    return tellings


class Recent:
    """The runs that articles of *week* are near enough to in time, prepared to be compared with them.

    *runs* has them by their number in the memory.
    """

    def __init__(self, week: Week, past: Past) -> None:
        moments = [article.published_at for article in week.articles if article.published_at]
        first = min(moments, default=None)
        self.runs = {
            number: ran
            for number, ran in enumerate(past.ran)
            if first and ran.published_at and first - ran.published_at <= APART
        }
        if not self.runs:
            return
        self._week = week
        providers = {article.provider.name.casefold(): article.provider for article in week.articles}
        # A record has an outlet's name and no more; with the domain of that outlet's articles it is the same one.
        self._articles = {
            number: _as_article(ran, providers.get(ran.provider.name.casefold())) for number, ran in self.runs.items()
        }
        self._reports = {number: prepared(article) for number, article in self._articles.items()}
        self._rarity = week.rarity
        self._having: dict[str, list[int]] = defaultdict(list)
        for number, report in self._reports.items():
            for word in self._rarity.telling_outside(report):
                self._having[word].append(number)

    def near(self, story: Story) -> dict[int, Agreement | None]:
        """Return the runs, by number, that *story* may tell again, with what ties each; None where a veto forbids it.

        What the editor splits off tells nothing again.
        """
        members = (story.lead, *story.others)
        near: dict[int, Agreement | None] = {}
        if not self.runs or not self._week.splits.isdisjoint(member.path for member in members):
            return near
        for member in members:
            for number in self._worth_asking(member):
                judged = self._judged(member, number)
                if isinstance(judged, Agreement) and judged.texts >= _LEAST:
                    near.setdefault(number, judged)
                elif isinstance(judged, Forbidden):
                    near[number] = None
        return near

    def told_by(self, story: Story, near: Mapping[int, Agreement | None]) -> Retold | None:
        """Return what ran of the event that *story* tells, of the runs that are *near*; None for nothing."""
        agreed = {number: agreement for number, agreement in near.items() if agreement is not None}
        numbers = sorted(agreed)
        if not numbers:
            return None
        members = (story.lead, *story.others)
        # The memory has the oldest first, and readers remember the last.
        last = numbers[-1]
        reports = [self._week.reports[member.path] for member in members]
        earlier = [self._reports[number] for number in numbers]
        outlets = {self._articles[number].provider.key for number in numbers}
        return Retold(
            ran=self.runs[last],
            why=str(agreed[last]),
            new=self._new(members, earlier),
            is_sure=outlets.isdisjoint(member.provider.key for member in members)
            and all(_shows_names(report) for report in reports),
        )

    def _worth_asking(self, article: Article) -> list[int]:
        """Return the runs that share two telling words with *article*."""
        vocabulary = self._week.reports[article.path].vocabulary
        # Nearly all share none, and to find that out costs a tenth of counting.
        if self._having.keys().isdisjoint(vocabulary):
            return []
        shared = Counter(chain.from_iterable(self._having[word] for word in vocabulary if word in self._having))
        return sorted(number for number, count in shared.items() if count > 1)

    def _judged(self, article: Article, number: int) -> Agreement | Forbidden | None:
        ran, other = self.runs[number], self._articles[number]
        if article.published_at is None or _title(article) == _title(other):
            return None
        listed = any(canonical(related.url) in ran.addresses for related in article.related)
        reports = self._week.reports[article.path], self._reports[number]
        return compared(article, other, reports, self._rarity, listed=listed)

    def _new(self, members: Iterable[Article], earlier: Iterable[Report]) -> tuple[str, ...]:
        """Return what headlines of *members* say and *earlier* reports do not, as it is written, numbers first."""
        reports = [self._week.reports[member.path] for member in members]
        said = frozenset(chain.from_iterable(report.vocabulary for report in earlier))
        # Whole words: "EU" stands in Reuters, too.
        called = " ".join(f"{member.provider.name} {member.provider.domain}" for member in members)
        outlets = frozenset(map(stem, _WORD.findall(plain(called))))
        fresh: dict[str, str] = {}
        for report in reports:
            fresh |= {figure: written for figure, written in _figures(report.title) if figure not in said}
        forms = {word[:_FORMS] for word in said}
        for report in reports:
            for name, written in _names(report).items():
                if (
                    name.removesuffix("s") not in said
                    and name[:_FORMS] not in forms
                    and self._rarity.is_rare(name, besides=reports)
                    and name not in outlets
                    and not _is_of_dates(written)
                ):
                    fresh.setdefault(name, written)
        return tuple(fresh.values())[:_MOST]


def _as_article(ran: Ran, provider: Provider | None) -> Article:
    return Article(
        path="",
        title=ran.title,
        excerpt=ran.excerpt or again(""),
        provider=provider or ran.provider,
        published_at=ran.published_at,
    )


def _title(article: Article) -> str:
    return normalised(article.title, article.provider)


def _figures(title: str) -> Iterator[tuple[str, str]]:
    """Yield the numbers that *title* counts or measures with, as they are compared and as they are written."""
    text = plain(title)
    number = _UNSPACED_NUMBER if is_unspaced(title) else _NUMBER
    for match in number.finditer(text):
        beside = (*_WORD.findall(text[: match.start()])[-1:], *_WORD.findall(text[match.end() :])[:1])
        if not _YEAR.fullmatch(match[0]) and not any(map(datenames.months, beside)):
            yield stem(match[0]), match[0]
    for word in _WORD.findall(text):
        if word.casefold() in FIGURES:
            yield stem(word), word


def _names(report: Report) -> dict[str, str]:
    """Return the words of the title that title or text shows to be names, as compared and as they are written."""
    if not _shows_names(report):
        return {}
    of_text = _capitals(report.excerpt)
    # Of a first word, which has a capital whatever it is, the text tells, too.
    names = {name: written for name, written in of_text.items() if name in report.title_words}
    return _capitals(report.title) | names if report.has_names or not report.excerpt else names


def _capitals(text: str) -> dict[str, str]:
    """Return the words of *text* with a capital inside a sentence, or inside the word, likewise."""
    bare = plain(text)
    capitals = {}
    for match in _WORD.finditer(bare):
        before, word = bare[: match.start()].rstrip(), match[0]
        inside = before and before[-1] not in _OPENING and word[0].isupper()
        if (inside or any(sign.isupper() for sign in word[1:])) and len(word) > 1 and stem(word) not in COMMON:
            capitals[stem(word)] = word
    return capitals


def _shows_names(report: Report) -> bool:
    """Whether the headline is of a script that has capitals."""
    return any(sign.isupper() or sign.islower() for sign in report.title) and not report.is_unspaced


def _is_of_dates(word: str) -> bool:
    return datenames.is_weekday(word) or bool(datenames.months(word))
