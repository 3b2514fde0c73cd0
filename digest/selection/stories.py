"""Which articles tell the same story. Knows addresses, titles and texts; decides no slot.

Articles become one story when

1. they share a canonical address, or their titles are equal once case, punctuation, agency prefixes and outlet
   suffixes are gone (`canonical`, `normalised`); or
2. their providers differ, they are within three days of each other, and their texts agree (`texts.same_event`),
   for which less is needed if one lists the other as related, or both list the same third.

`related` alone proves nothing: in real archives it ties strangers together. The same test decides who stands under
"also covered by". False merges are worse than misses: a story told twice is a blemish, two told as one is a lie.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.addresses import canonical
from digest.model import Coverage, Story
from digest.selection.texts import Rarity, Report, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from digest.model import Article, Provider, Related

APART = timedelta(days=3)
LISTED_APART = timedelta(days=5)
"""Most time between two reports of one event; more where one lists the other as related."""

_AGENCY = re.compile(
    r"^(?:(?:feature|exclusive|analysis|update \d+|re-?transmission|correct(?:ed|ion)|refile|wrapup \d+)\s*[-:–]\s*)+",
    re.IGNORECASE,
)
_MIN_WORDS = 4
"""Fewest words of a title that may tie two articles: "Weekly round-up" is no evidence."""

_TELLING = 8
_SELDOM = 24
"""Texts are only compared if they share two of each other's 8 rarest words, and no word that stands in more than 24
texts counts as one; so 5,000 articles are not 12,500,000 comparisons."""


def normalised(title: str, provider: Provider) -> str:
    """Return *title* as it is compared: no case, accents, punctuation, agency prefix or outlet suffix."""
    bare = _AGENCY.sub("", title)
    for outlet in (provider.name, provider.domain):
        if outlet and bare.casefold().endswith(outlet.casefold()):
            bare = re.sub(r"\s+[-|–—]\s*$", "", bare[: -len(outlet)])
    return " ".join(re.findall(r"\w+", plain(bare).casefold()))


Others = tuple[tuple["Article", str], ...]
"""The articles behind a story's lead, each with the evidence that ties it."""


class Week:
    """The articles of a week, ready to be compared.

    The lead of a story is its first article in the order of *keyed*.
    """

    def __init__(self, articles: Iterable[Article], keyed: Callable[[Article], tuple[object, ...]]) -> None:
        self._articles = sorted(articles, key=keyed)
        self._reports = [Report(article.title, article.excerpt) for article in self._articles]
        self._known_as = [frozenset(map(canonical, article.addresses)) for article in self._articles]
        self._lists = [frozenset(canonical(one.url) for one in article.related) for article in self._articles]
        topics = {topic for article in self._articles for topic in article.topics}
        self._rarity = Rarity(self._reports, topics)

    def stories(self) -> list[tuple[Story, Others]]:
        """Return the stories that the articles tell, the story of the first article first, without their coverage."""
        ties = [*self._by_sign(), *self._by_text()]
        tied = _by_article(ties)
        told = []
        for group in _joined(self._articles, ties):
            lead, *others = (self._articles[number] for number in group)
            evidence = _evidence(group, tied) if others else {}
            behind = tuple((self._articles[number], evidence[number]) for number in group[1:])
            told.append((Story(lead=lead, others=tuple(others)), behind))
        return told

    def covered(self, story: Story) -> Story:
        """Return *story* with other providers' coverage: one a provider, best quality first.

        That is the story's other articles, and what one of its articles lists as related if the texts agree. Asked only
        for stories that need it: comparing every related text of a week costs more than all the rest.
        """
        members = [story.lead, *story.others]
        reports = [(other.quality, other.provider, other.url) for other in story.others if other.url]
        for member in members:
            listed = [one for one in member.related if self._reports_it_too(member, one)]
            reports += [(one.quality, one.provider, one.url) for one in listed]
        best: dict[str, Coverage] = {}
        for _, provider, url in sorted(reports, key=lambda report: (-report[0], report[1].key, report[2])):
            if provider.key != story.lead.provider.key:
                best.setdefault(provider.key, Coverage(provider=provider, url=url))
        return replace(story, also=tuple(best.values()))

    def _by_sign(self) -> Iterator[_Tie]:
        """Tie the articles that share an address or a title."""
        first: dict[str, int] = {}
        for number, article in enumerate(self._articles):
            signs = [(f"address {address}", "the same address") for address in sorted(self._known_as[number])]
            title = normalised(article.title, article.provider)
            if len(title.split()) >= _MIN_WORDS:
                signs.append((f"title {title}", "the same title"))
            for sign, why in signs:
                if sign in first:
                    yield _Tie(first[sign], number, why)
                first.setdefault(sign, number)

    def _by_text(self) -> Iterator[_Tie]:
        """Tie the articles of different providers whose texts agree."""
        for one, other in sorted(self._pairs()):
            near, far = self._articles[one], self._articles[other]
            if near.provider.key == far.provider.key or not _close(near, far):
                continue
            listed = self._listed(one, other)
            agreement = self._rarity.same_event(self._reports[one], self._reports[other], listed=bool(listed))
            if agreement:
                yield _Tie(one, other, f"{agreement}; {listed or 'another provider, within 3 days'}")

    def _pairs(self) -> set[tuple[int, int]]:
        """The pairs worth comparing: those that share two telling words, and those that `related` ties."""
        having: dict[str, list[int]] = defaultdict(list)
        shared: dict[tuple[int, int], int] = defaultdict(int)
        for number, report in enumerate(self._reports):
            words = [word for word in report.words if 1 < self._rarity.count(word) <= _SELDOM]
            for word in self._rarity.rarest(words, _TELLING):
                for other in having[word]:
                    shared[other, number] += 1
                having[word].append(number)
        pairs = {pair for pair, count in shared.items() if count > 1}
        naming: dict[str, list[int]] = defaultdict(list)
        for number, addresses in enumerate(self._known_as):
            for address in addresses | self._lists[number]:
                pairs.update((other, number) for other in naming[address])
                naming[address].append(number)
        return pairs

    def _listed(self, one: int, other: int) -> str:
        if self._lists[one] & self._known_as[other] or self._lists[other] & self._known_as[one]:
            return "one lists the other as related"
        return "both list the same report" if self._lists[one] & self._lists[other] else ""

    def _reports_it_too(self, article: Article, related: Related) -> bool:
        """Whether what *article* lists as related reports the same event; of its own provider only the same title."""
        if not _close(article, related, LISTED_APART):
            return False
        if related.provider.key == article.provider.key:
            return normalised(related.title, related.provider) == normalised(article.title, article.provider)
        here, there = Report(article.title, article.excerpt), Report(related.title, related.excerpt)
        return self._rarity.same_event(here, there, listed=True) is not None


@dataclass(frozen=True, slots=True)
class _Tie:
    """Two articles, by their place in the order, that tell the same story, and why."""

    one: int
    other: int
    why: str


def _close(one: Article, other: Article | Related, most: timedelta = APART) -> bool:
    """Whether two reports are of the same days; where a related one has no date, its word is taken."""
    if one.published_at is None or other.published_at is None:
        return True
    return abs(one.published_at - other.published_at) <= most


def _joined(articles: Sequence[Article], ties: Iterable[_Tie]) -> list[list[int]]:
    """Return the groups that *ties* make, each and all in the order of the articles.

    Two groups with differing numbers in their titles are never joined, however long the chain between them.
    """
    group_of = {number: [number] for number in range(len(articles))}
    numbers = [frozenset(re.findall(r"\d+(?:[.,]\d+)*", article.title)) for article in articles]
    for tie in ties:
        here, there = group_of[tie.one], group_of[tie.other]
        if here is there or not _numbers_agree(here, there, numbers):
            continue
        merged = sorted(here + there)
        for number in merged:
            group_of[number] = merged
    return [group for number, group in group_of.items() if group[0] == number]


def _numbers_agree(here: Sequence[int], there: Sequence[int], numbers: Sequence[frozenset[str]]) -> bool:
    return all(numbers[one] <= numbers[other] or numbers[other] <= numbers[one] for one in here for other in there)


def _by_article(ties: Iterable[_Tie]) -> dict[int, list[_Tie]]:
    found: dict[int, list[_Tie]] = defaultdict(list)
    for tie in ties:
        found[tie.one].append(tie)
        found[tie.other].append(tie)
    return found


def _evidence(group: Sequence[int], tied: Mapping[int, Sequence[_Tie]]) -> dict[int, str]:
    """Say for each article of a group what ties it: to the lead where it is tied to it, else to another.

    A shared sign comes before agreeing texts, as it does among the ties.
    """
    return {
        number: min(
            (tie for tie in tied[number] if tie.one in group and tie.other in group),
            key=lambda tie: group[0] not in (tie.one, tie.other),
        ).why
        for number in group[1:]
    }
