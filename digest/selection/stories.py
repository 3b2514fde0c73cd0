"""Which articles tell the same story. Knows addresses, titles and texts; decides no slot.

Articles become one story when

1. they share a canonical address, or their titles are equal once case, punctuation, agency prefixes and outlet
   suffixes are gone (`canonical`, `normalised`); or
2. they are within three days of each other, and their texts agree (`similarity`): of one outlet nearly in all,
   as an update does, of two outlets the less, the nearer they are; and less again if one lists the other as related, or
   both list the same third.

`related` alone proves nothing: in real archives it ties strangers together. The same test decides who stands under
"also covered by". False merges are worse than misses: a story told twice is a blemish, two told as one is a lie.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from itertools import chain, combinations
from typing import TYPE_CHECKING

from digest.model import Edits, Story
from digest.selection import joining
from digest.selection.similarity import SELDOM, Agreement, Closeness, Forbidden, Rarity, Report, marks
from digest.selection.wording import length, plain
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from digest.model import Article, Provider, Related
    from digest.selection.similarity import Signs

# Most time between two reports of one event; more where one lists the other as related.
APART = timedelta(days=3)
LISTED_APART = timedelta(days=5)

_AGENCY = re.compile(
    r"(?:(?:feature|exclusive|analysis|update \d+|re-?transmission|correct(?:ed|ion)|refile|wrapup \d+)\s*[-:–]\s*"
    # Behind these a hyphen may be one of a word: "Live-action".
    r"|(?:update|breaking(?: news)?|live(?: updates)?|watch|show hn|eilmeldung|en direct|en vivo|ao vivo|срочно|عاجل"
    r"|速報|快讯|快訊)(?:\s*[:\uff1a]|\s+[-–](?=\s))\s*)+",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
# Fewest words of a title that may tie two articles: "Weekly round-up" is no evidence. Where a script sets no blanks
# between words, a word is taken for as many characters as it mostly has.
_MIN_WORDS = 4
# Of two outlets it is evidence from three words on that are not said of everything: "Ferry Skarvik sinks".
_MIN_UNCOMMON = 3


def normalised(title: str, provider: Provider) -> str:
    """Return *title* as it is compared: no case, accents, punctuation, agency prefix or outlet suffix.

    Signs that tell titles apart stand at the end: `whats new in c c++`.
    """
    return _normalised(_bare(title, provider))


# Kept for the preview, as the vocabulary of a text is: it chooses again after every edit.
@lru_cache(maxsize=8_192)
def _normalised(bare: str) -> str:
    normal = " ".join(_WORD.findall(plain(bare).casefold()))
    signs = sorted(f"{base}{sign}" for base, sign in marks(bare) if sign)
    return " ".join([normal, *signs]) if signs else normal


def _bare(title: str, provider: Provider) -> str:
    """Return *title* without agency prefixes and outlet suffixes."""
    prefix = _AGENCY.match(title)
    bare = title[prefix.end() :] if prefix else title
    for outlet in (provider.name, provider.domain):
        ending = bare.rstrip(" |")
        if outlet and ending.casefold().endswith(outlet.casefold()):
            bare = re.sub(r"\s+[-|–—]\s*$", "", ending[: -len(outlet)])
    return bare


def prepared(article: Article | Related) -> Report:
    """Return title and excerpt of *article* as they are compared."""
    return Report(_bare(article.title, article.provider), article.excerpt)


def is_telling(title: str) -> bool:
    """Whether a normalised *title* has so many words that two articles with it tell the same story."""
    return length(title) >= _MIN_WORDS


_NOTHING = Edits()

Others = tuple[tuple["Article", str], ...]
"""The articles behind a story's lead, each with the evidence that ties it."""


class Week:
    """The articles of a week, prepared to be compared with each other.

    *keyed* ranks articles: the lead of a story is its first in that order, but for what the editor pinned. How much a
    word proves depends on how rare it is among these articles, so two articles may be one story in one week and two in
    another.
    """

    def __init__(self, articles: Iterable[Article], keyed: Callable[[Article], tuple[object, ...]]) -> None:
        self.articles = sorted(articles, key=keyed)
        """The articles in the order of *keyed*."""
        self._place = {article.path: place for place, article in enumerate(self.articles)}
        self._agreeing: tuple[list[_Tie], list[_Tie]] | None = None
        self._lone: list[tuple[Story, Others]] = [(Story(lead=article), ()) for article in self.articles]
        self.ask(_NOTHING)
        self._reports = [prepared(article) for article in self.articles]
        self.reports = dict(zip(self._place, self._reports, strict=True))
        """Title and excerpt of each article as they are compared, by path."""
        self._known_as = [_canonical(article.addresses) for article in self.articles]
        self._lists = [_canonical([related.url for related in article.related]) for article in self.articles]
        topics = {topic for article in self.articles for topic in article.topics}
        self.rarity = Rarity(self._reports, topics)
        """What each word of the articles weighs."""
        self.near_misses: dict[str, list[tuple[Article, str]]] = {}
        """By path, what agrees with an article in its words and is another story, and what forbids it: of `stories`."""

    @classmethod
    def after(cls, earlier: Week) -> Week:
        """Return a week of the articles of *earlier*, whose texts are not compared again: no edit changes these."""
        return copy(earlier)

    def ask(self, edits: Edits) -> None:
        """Let pins, joins and splits count, by path and where they name one of the articles; others are forgotten."""
        members = ([self._place[path] for path in join if path in self._place] for join in edits.joins)
        self._joins = [join for join in members if len(join) > 1]
        self.splits = frozenset(edits.splits)
        """What the editor splits off, by path."""
        self._split = {self._place[path] for path in self.splits if path in self._place}
        self._pinned = {self._place[pin.story] for pin in edits.pins if pin.story in self._place}

    def stories(self) -> list[tuple[Story, Others]]:
        """Return the stories that the articles tell, the story of the first article first, without their coverage."""
        if self._agreeing is None:
            self._agreeing = self._by_text()
        by_text, misses = self._agreeing
        # Shared signs first: where both tie a pair, the editor is told of the address and not of a cosine.
        free, severed = self._severed([*self._by_sign(), *by_text])
        tied = _by_article(free)
        stories: list[tuple[Story, Others]] = []
        ruled = _joined(self._reports, free, misses)
        groups = joining.united(ruled, self._joins)
        # The editor's word first: it is what the verdict names.
        self._keep_misses(groups, [*severed, *misses])
        evidence_of = self._evidence(ruled, tied)
        for numbers in groups:
            if len(numbers) == 1:
                stories.append(self._lone[numbers[0]])
                continue
            # The editor's pin leads its story.
            group = sorted(numbers, key=lambda number: number not in self._pinned)
            lead, *others = (self.articles[number] for number in group)
            evidence = zip(others, evidence_of(group), strict=True)
            stories.append((Story(lead=lead, others=tuple(others)), tuple(evidence)))
        return stories

    def _severed(self, ties: Iterable[_Tie]) -> tuple[list[_Tie], list[_Tie]]:
        """Return the ties that the editor leaves, and in place of each that she cuts what is said of it."""
        free, severed = [], []
        for tie in ties:
            if self._split.isdisjoint((tie.one, tie.other)):
                free.append(tie)
            else:
                severed.append(_Tie(tie.one, tie.other, joining.SPLIT))
        # The best ranked first, as among the near misses.
        return free, sorted(severed, key=lambda tie: sorted((tie.one, tie.other)))

    def _evidence(
        self, ruled: Sequence[Sequence[int]], tied: Mapping[int, Sequence[_Tie]]
    ) -> Callable[[Sequence[int]], list[str]]:
        """Return what says for each article of a story behind the lead what ties it; *ruled* are the rule's stories.

        The editor's join is named where the rule alone would not have tied an article to the lead.
        """
        ruled_of = {number: place for place, group in enumerate(ruled) for number in group}
        joined = frozenset(chain.from_iterable(self._joins))

        def of(number: int, lead: int) -> str:
            if ruled_of[number] == ruled_of[lead]:
                return _evidence(number, lead, tied, ruled_of)
            if number in joined:
                return joining.JOINED
            return f"{_evidence(number, lead, tied, ruled_of)}, with a report that the editor joined"

        return lambda group: [of(number, group[0]) for number in group[1:]]

    def _keep_misses(self, groups: Sequence[Sequence[int]], misses: Sequence[_Tie]) -> None:
        group_of = {number: place for place, group in enumerate(groups) for number in group}
        self.near_misses = defaultdict(list)
        for miss in misses:
            # An address may have made one story of them all the same.
            if group_of[miss.one] != group_of[miss.other]:
                one, other = self.articles[miss.one], self.articles[miss.other]
                self.near_misses[one.path].append((other, miss.why))
                self.near_misses[other.path].append((one, miss.why))

    def listed(self, story: Story) -> list[Related]:
        """Return what articles of *story* list as related if the texts agree.

        Asked only for stories that need it: comparing every related text of a week costs more than all the rest.
        """
        members = [story.lead, *story.others]
        return [related for member in members for related in member.related if self._reports_it_too(member, related)]

    def _by_sign(self) -> Iterator[_Tie]:
        """Tie the articles that share an address or a title."""
        by_address: dict[str, int] = {}
        by_title: dict[str, int] = {}
        # What is split off comes last: where it was the first with a sign, the others would lose each other with it.
        for number in sorted(range(len(self.articles)), key=self._split.__contains__):
            for address in self._known_as[number]:
                first = by_address.setdefault(address, number)
                if first != number:
                    yield _Tie(first, number, "the same address", is_sure=True)
            title = _normalised(self._reports[number].title)
            if is_telling(title):
                first = by_title.setdefault(title, number)
                if first != number:
                    yield _Tie(first, number, "the same title")

    def _by_text(self) -> tuple[list[_Tie], list[_Tie]]:
        """Return the ties of articles whose texts agree, and the near misses: they agree, and something forbids it."""
        ties, misses = [], []
        for first, other in sorted(self._pairs()):
            near, far = self.articles[first], self.articles[other]
            one_outlet = near.provider.key == far.provider.key
            # What an outlet lists of its own is a series as often as it is an event.
            listed = "" if one_outlet else self._listed(first, other)
            reports = self._reports[first], self._reports[other]
            judged = compared(near, far, reports, self.rarity, listed=bool(listed))
            if isinstance(judged, Agreement):
                nearness = "the same provider" if one_outlet else "another provider"
                ties.append(_Tie(first, other, f"{judged}; {listed or f'{nearness}, within 3 days'}"))
            elif isinstance(judged, Forbidden):
                misses.append(_Tie(first, other, judged.why))
        return ties, misses

    def _pairs(self) -> set[tuple[int, int]]:
        """The pairs worth comparing: those that share two telling words, and those that `related` ties."""
        pairs: set[tuple[int, int]] = set()
        having: dict[str, list[int]] = defaultdict(list)
        for number, report in enumerate(self._reports):
            telling = self.rarity.telling(report)
            # A single telling word could never make a pair of two shared ones.
            if len(telling) < 2:
                continue
            shared = Counter(chain.from_iterable(having[word] for word in telling))
            pairs.update((other, number) for other, count in shared.items() if count > 1)
            for word in telling:
                having[word].append(number)
        naming: dict[str, list[int]] = defaultdict(list)
        for number, addresses in enumerate(self._known_as):
            # What an article lists as related counts as naming it, so that two that list the same third are compared.
            for address in {*addresses, *self._lists[number]}:
                naming[address].append(number)
        for numbers in naming.values():
            if len(numbers) <= SELDOM:
                pairs.update(combinations(numbers, 2))
        return pairs

    def _listed(self, first: int, other: int) -> str:
        mine, theirs = set(self._lists[first]), set(self._lists[other])
        if mine.intersection(self._known_as[other]) or theirs.intersection(self._known_as[first]):
            return "one lists the other as related"
        return "both list the same report" if mine & theirs else ""

    def _is_split_from(self, number: int, related: Related) -> bool:
        """Whether *related* leads to an article that the editor has split off, or from which she split this one."""
        page = canonical(related.url)
        if number in self._split:
            return page in self._pages and page not in self._known_as[number]
        return any(page in self._known_as[other] for other in self._split)

    @cached_property
    def _pages(self) -> frozenset[str]:
        return frozenset(chain.from_iterable(self._known_as))

    def _reports_it_too(self, article: Article, related: Related) -> bool:
        """Whether *related*, which *article* lists, reports the same event.

        Archives list much that is merely similar, so the texts decide. Of the article's own provider only a report with
        the same title is the same event.
        """
        if not _close(article, related, LISTED_APART):
            return False
        if related.provider.key == article.provider.key:
            return normalised(related.title, related.provider) == normalised(article.title, article.provider)
        if self._is_split_from(self._place[article.path], related):
            return False
        mine, theirs = self._reports[self._place[article.path]], prepared(related)
        return isinstance(self.rarity.same_event(mine, theirs, Closeness(listed=True)), Agreement)


@dataclass(frozen=True, slots=True)
class _Tie:
    """Two articles, by their place in the order, that tell the same story, and why. *is_sure*: they are one page."""

    one: int
    other: int
    why: str
    is_sure: bool = False


def _canonical(addresses: Iterable[str]) -> tuple[str, ...]:
    """Return the pages that *addresses* lead to, each once, in order."""
    return tuple(sorted(set(map(canonical, addresses))))


def _close(article: Article, other: Article | Related, most: timedelta = APART) -> bool:
    """Whether two reports are of the same days; where a related one has no date, its word is taken."""
    if article.published_at is None or other.published_at is None:
        return True
    return abs(article.published_at - other.published_at) <= most


def compared(
    near: Article, far: Article, reports: tuple[Report, Report], rarity: Rarity, *, listed: bool = False
) -> Agreement | Forbidden | None:
    """Return how two articles agree if their texts report one event, what forbids it where only that does, else None.

    *reports* are theirs (see `prepared`); *listed*: one of them lists the other as related, or both list a third.
    """
    if not _close(near, far) or _is_a_short_title_alone(near, far, reports[0]):
        return None
    one_outlet = near.provider.key == far.provider.key
    judged = rarity.same_event(*reports, Closeness(_hours(near, far), one_outlet, listed))
    if one_outlet and isinstance(judged, Agreement) and _at_once(near, far):
        return Forbidden("one outlet published both in one moment, and an update comes later")
    return judged


def _is_a_short_title_alone(near: Article, far: Article, report: Report) -> bool:
    """Whether a title of few words is the same and nothing else is: "Weekly round-up" is no evidence."""
    title = normalised(near.title, near.provider)
    if title != normalised(far.title, far.provider) or is_telling(title):
        return False
    # What is compared of scripts without blanks are pairs of characters and no words.
    uncommon = 0 if report.is_unspaced else len(report.title_words)
    if near.provider.key != far.provider.key and uncommon >= _MIN_UNCOMMON:
        return False
    return not (near.excerpt and plain(near.excerpt).casefold() == plain(far.excerpt).casefold())


def _at_once(article: Article, other: Article) -> bool:
    """Whether two articles are of one moment, with other titles: what an outlet updates comes later."""
    moment, title = article.published_at, normalised(article.title, article.provider)
    return moment is not None and moment == other.published_at and title != normalised(other.title, other.provider)


def _hours(article: Article, other: Article) -> float:
    """Return how many hours lie between two articles, 0 where one has no date."""
    if article.published_at is None or other.published_at is None:
        return 0.0
    return abs(article.published_at - other.published_at) / timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Group:
    """Articles that tell one story, the different numbers and signs in their titles, and what none of them may join."""

    members: list[int]
    signs: set[Signs]
    barred: list[int]

    def agrees_with(self, other: _Group) -> bool:
        """Whether no title of one differs in its numbers or signs from a title of the other.

        Where an address ties headlines of too many different numbers to ask them all, nothing else agrees with them.
        """
        if max(len(self.signs), len(other.signs)) > SELDOM:
            return False
        return all(mine.agree(theirs) for mine in self.signs for theirs in other.signs)


def _joined(reports: Sequence[Report], ties: Iterable[_Tie], misses: Iterable[_Tie]) -> list[list[int]]:
    """Return the groups that *ties* make, each and all in the order of the articles.

    Two groups with differing numbers or signs in their titles are not joined, nor two with a near miss between them,
    however long the chain; but an address is one page, whatever its headline says by now.
    """
    group_of: dict[int, _Group] = {}
    barred: dict[int, list[int]] = defaultdict(list)
    for miss in misses:
        barred[miss.one].append(miss.other)
        barred[miss.other].append(miss.one)
    for tie in ties:
        for number in (tie.one, tie.other):
            group_of.setdefault(number, _Group([number], {reports[number].signs}, list(barred[number])))
        small, large = sorted((group_of[tie.one], group_of[tie.other]), key=lambda group: len(group.members))
        # "$5 million" and "$12 million" are two events, even where a third text that names no sum ties both.
        if small is large:
            continue
        apart = not small.agrees_with(large) or any(group_of.get(number) is large for number in small.barred)
        if apart and not tie.is_sure:
            continue
        # The small into the large, so that the work stays n log n in whatever order the ties come.
        large.members.extend(small.members)
        large.signs.update(small.signs)
        large.barred.extend(small.barred)
        for number in small.members:
            group_of[number] = large
    lone = [[number] for number in range(len(reports)) if number not in group_of]
    return sorted([*lone, *(sorted(group.members) for number, group in group_of.items() if group.members[0] == number)])


def _by_article(ties: Iterable[_Tie]) -> dict[int, list[_Tie]]:
    grouped: dict[int, list[_Tie]] = defaultdict(list)
    for tie in ties:
        grouped[tie.one].append(tie)
        grouped[tie.other].append(tie)
    return grouped


def _evidence(number: int, lead: int, tied: Mapping[int, Sequence[_Tie]], story_of: Mapping[int, int]) -> str:
    """Say what ties an article to the *lead* where it is, else to another of its story.

    A shared sign comes before agreeing texts, as it does among the ties.
    """
    inside = (tie for tie in tied[number] if story_of[tie.one] == story_of[tie.other])
    return min(inside, key=lambda tie: lead not in (tie.one, tie.other)).why
