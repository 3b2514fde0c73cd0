"""Whether two texts report the same event. Knows words and their rarity; no addresses, no providers, no slots.

Two texts agree by the *rare* words they share: "AI", "learning" or a topic's own name prove nothing, "Osterby" and
"orvicin" do. A word weighs the more, the fewer texts of the week use it; the measure is the cosine of these weights
(0 to 1), once for the titles and once for titles and excerpts together. Their sum has to reach a bar (`_BARS`), the
higher the less there is to read, and higher still of one outlet, unless one title keeps the words of the other.
Forbidden, whatever the measure says, are numbers and signs that differ ("$5 million" and "$12 million", C++ and C#) and
what `vetoes` knows; where one merely lists the other as related, also names on both sides that the other text does not
know ("Keyspaces" and "A2I").

The thresholds were set on real archives, where `related` names 38 pairs, 21 of them true (`tests/test_stories.py`), and
on news in ten languages.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from digest.selection.vetoes import counts_victims, forbidden
from digest.selection.wording import COMMON, FIGURES, compared, is_unspaced, stem, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# C++, C#, F*, and the letters alone: of longer words the sign is seldom all that tells two apart (Disney+).
# What must not stand before them is asked behind their first character: so most of a title is passed over at once.
_SIGNED_LETTER = re.compile(r"\b([A-Za-z])(?!\w)(?<![\w'’+#*-].)(\+{1,2}|[#*\u2212-])?(?![\w'’+#*-])")
_SIGNED_NUMBER = re.compile(r"([-+\u2212\u2013\u2191\u2193\u25b2\u25bc])(?<![\w.,)].) ?(\d+(?:[.,]\d+)*)")
_SIGN = str.maketrans("\u2212\u2013\u2191\u2193\u25b2\u25bc", "--+-+-")
"""Minus signs, dashes and arrows, as plus and minus."""
_WORDS_OF_A_LETTER = frozenset("aeioy")
# Texts that are assumed beside those of the week, so that in a week of five no word counts as rare or common.
_SMOOTHING = 20

# What a word of a topic's name weighs, where a rare word weighs 3 to 6: everything in a week about robots says "robot".
_TOPIC_WEIGHT = 0.3


# What the cosines of titles and of texts have to add up to. A title heard twice, where an excerpt is missing, is one
# witness and not two; one outlet tells an event twice in nearly the same words, or it tells two; and of pairs of
# characters two texts share fewer than of words.
_BARS = {
    # (one outlet, script without blanks): (both have an excerpt, else)
    (False, False): (0.5, 0.95),
    (False, True): (0.28, 0.28),
    (True, False): (1.3, 1.3),
    (True, True): (0.4, 0.4),
}
# After a day two reports of one event have ever less in common with each other, and more with the next event.
_DAY = 24.0
_PER_HOUR = 0.02
# How rare (0 to 1) a name has to be, for two events to be told apart by it: "Olympics" names none.
_SELDOM_NAMED = 0.75
# An outlet's second report updates its first where it comes within so many hours, and both titles share so many words
# that are at least so rare, and words that are this share of the shorter title by weight. A column comes later, or has
# other words.
_UPDATED = 36.0
_KEPT_WORDS = 3
_KEPT_RARITY = 0.7
_KEPT = 0.75
# Texts are only compared if they share two of each other's 8 rarest words or of the words of their titles that are so
# rare, and no word that stands in more than 24 texts counts as one; nor does an address tie that more than 24 articles
# name or list. So 5,000 articles are not 12,500,000 comparisons.
_TELLING = 8
_TELLING_IN_TITLES = 0.6
SELDOM = 24
# Titles that share less are not read further.
_LEAST_OF_TITLES = 0.1


# The preview chooses again and again from the same texts, and two newsletters of one archive share most of theirs.
@lru_cache(maxsize=16_384)
def _vocabulary(text: str) -> tuple[str, ...]:
    return tuple(compared(tokens(text)))


class Signs(NamedTuple):
    """What tells titles apart that are alike in their words: numbers, and signs (C++ and C#, +5 and -5).

    *marks* are pairs of a letter or number and its sign; a letter alone has the sign "". *spelled* are numbers written
    as words: "two" is 2, but forbids nothing, since "one in ten" tells no event apart.
    """

    numbers: frozenset[str]
    marks: frozenset[tuple[str, str]]
    spelled: frozenset[str] = frozenset()

    def agree(self, other: Signs) -> bool:
        """Whether both may tell of one event: no numbers that the other lacks on both sides, and no other sign."""
        return not self.conflict(other)

    def conflict(self, other: Signs) -> str:
        """Return which numbers or signs of the two forbid that they tell of one event, "" where none do."""
        mine, theirs = self.numbers - other.numbers - other.spelled, other.numbers - self.numbers - self.spelled
        if not (mine and theirs):
            # Of numbers in words only ordinals tell events apart: the second quarter and the third.
            mine, theirs = (_ordinals(signs) for signs in (self, other))
            mine, theirs = mine - theirs, theirs - mine
        if mine and theirs:
            return _two(", ".join(sorted(mine)), ", ".join(sorted(theirs)))
        signed = {base for base, _ in self.marks} & {base for base, _ in other.marks}
        differing = [base for base in sorted(signed) if self.of(base).isdisjoint(other.of(base))]
        return "".join(_two(*(base + max(signs.of(base)) for signs in (self, other))) for base in differing[:1])

    def of(self, base: str) -> set[str]:
        """Return the signs that *base* has."""
        return {mark for marked, mark in self.marks if marked == base}


def _ordinals(signs: Signs) -> frozenset[str]:
    return frozenset(figure for figure in signs.spelled if figure.endswith("."))


def _two(mine: str, theirs: str) -> str:
    return "one says {} and the other {}".format(*sorted((mine, theirs)))


@lru_cache(maxsize=8_192)
def marks(title: str) -> frozenset[tuple[str, str]]:
    """Return the letters and numbers of *title* that have a sign, each with it, and letters that stand alone."""
    letters = {
        (letter.casefold(), sign.translate(_SIGN))
        for letter, sign in _SIGNED_LETTER.findall(title)
        if sign or letter.casefold() not in _WORDS_OF_A_LETTER
    }
    return frozenset(letters | {(number, sign.translate(_SIGN)) for sign, number in _SIGNED_NUMBER.findall(title)})


class Report:
    """A title and an excerpt, taken apart once.

    *vocabulary* has each word as compared once; it is a tuple, as a set takes eight times the memory. Few reports are
    asked for more, so the rest is worked out when it is.
    """

    def __init__(self, title: str, excerpt: str) -> None:
        self.title = title
        self.excerpt = excerpt
        self.vocabulary = _vocabulary(f"{title} {excerpt}")

    @cached_property
    def words(self) -> frozenset[str]:
        """All words as compared."""
        return frozenset(self.vocabulary)

    @cached_property
    def title_words(self) -> frozenset[str]:
        """The title's words as compared."""
        return frozenset(_vocabulary(self.title))

    @cached_property
    def is_unspaced(self) -> bool:
        """Whether the title is of a script without blanks between words."""
        return is_unspaced(self.title)

    @cached_property
    def title_tokens(self) -> list[str]:
        """The title's words as written."""
        return tokens(self.title)

    @cached_property
    def as_written(self) -> dict[str, str]:
        """The words as compared, with the first way each is written."""
        written: dict[str, str] = {}
        for word in tokens(f"{self.title} {self.excerpt}"):
            written.setdefault(stem(word), word)
        return written

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers of the title; none where it counts the dead or the hurt, since such a toll rises."""
        return frozenset() if counts_victims(self.title) else frozenset(_NUMBER.findall(self.title))

    @cached_property
    def spelled(self) -> frozenset[str]:
        """The numbers that the title writes as words, as figures."""
        return frozenset(FIGURES[word] for word in map(str.casefold, self.title_tokens) if word in FIGURES)

    @cached_property
    def signs(self) -> Signs:
        """The numbers and signs of the title."""
        return Signs(self.numbers, marks(self.title), self.spelled)

    @cached_property
    def names(self) -> frozenset[str]:
        """Words of the title that look like names: capitalised behind the first word, or written in mixed case."""
        return frozenset(_names(self.title_tokens))

    @cached_property
    def has_names(self) -> bool:
        """Whether a capital letter in the title means a name: in German, and where Each Word Has One, it does not."""
        words = [word for word in self.title_tokens[1:] if stem(word) not in COMMON]
        return sum(word[0].isupper() for word in words) * 2 <= len(words)

    @cached_property
    def all_names(self) -> frozenset[str]:
        """Words of title and excerpt that look like names."""
        return self.names | frozenset(_names(tokens(self.excerpt)))


def _names(tokens: Iterable[str]) -> Iterable[str]:
    for place, word in enumerate(tokens):
        # The first word of a title is capitalised whatever it is; "iPhone" and "OpenAI" are names there, too.
        capitalised = word[0].isupper() and (place > 0 or any(sign.isupper() for sign in word[1:]))
        if capitalised and len(word) > 1:
            name = stem(word)
            if name not in COMMON:
                yield name


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much two reports agree: cosine of titles and of whole texts (0 to 1), and the rarest words they share.

    Printed, it is the evidence that an editor reads in a verdict.
    """

    titles: float
    texts: float
    shared: tuple[str, ...]

    def __str__(self) -> str:
        shared = f" ({', '.join(self.shared)})" if self.shared else ""
        return f"titles agree by {self.titles:.0%}, texts by {self.texts:.0%}{shared}"


@dataclass(frozen=True, slots=True)
class Forbidden:
    """What forbids that two reports are one story although their words agree."""

    why: str


@dataclass(frozen=True, slots=True)
class Closeness:
    """How near two reports are to each other beside their words. *listed*: one lists the other as related."""

    hours: float = 0.0
    one_outlet: bool = False
    listed: bool = False


class _Weights(dict[str, float]):
    """What words weigh that *count* has in so many *texts*, squared as the cosine needs it, once each is asked for.

    A word that none of the texts has weighs as one that a single text has. Few of a week's words are ever asked for.
    """

    def __init__(self, count: Mapping[str, int], texts: int, given: Mapping[str, float]) -> None:
        super().__init__(given)
        self._count = count
        self._texts = texts

    def __missing__(self, word: str) -> float:
        weight = self[word] = self.of_count(self._count.get(word, 1))
        return weight

    def of_count(self, count: int) -> float:
        """Return what a word weighs that so many texts have."""
        return math.log(self._texts / count) ** 2


class Rarity:
    """What each word weighs in one week: the fewer of its articles use it, the more.

    *beside* is that of other reports of the week, which count as well.
    """

    def __init__(self, reports: Iterable[Report], topics: Iterable[str], beside: Rarity | None = None) -> None:
        everything = [report.vocabulary for report in reports]
        self.texts: int = len(everything) + (beside.texts if beside else _SMOOTHING)
        self.count: Counter[str] = beside.count.copy() if beside else Counter()
        self.count.update(chain.from_iterable(everything))
        self._topics = frozenset(stem(word) for topic in topics for word in tokens(topic))
        # A topic's name is light however seldom it is written.
        self._weights = _Weights(self.count, self.texts, dict.fromkeys(self._topics, _TOPIC_WEIGHT**2))
        self._unseen = self._weights.of_count(1)

    def telling(self, report: Report) -> list[str]:
        """Return the words by which the same event is looked for, in no order: rare ones that few others use, too.

        Of a long text those of its title as well, or three reports with many words each could miss each other.
        """
        seldom = self._seldom.intersection(report.vocabulary)
        if len(seldom) <= _TELLING:
            return list(seldom)
        rarest = self._rarest(seldom, _TELLING)
        return [*rarest, *self._rare_in_titles.intersection(_vocabulary(report.title)).difference(rarest)]

    def telling_outside(self, report: Report) -> list[str]:
        """Return the same of a report that is none of the week's."""
        return self._rarest((word for word in report.vocabulary if 0 < self.count[word] <= SELDOM), _TELLING)

    def _rarest(self, tokens: Iterable[str], most: int) -> list[str]:
        """Return the heaviest of *tokens* of the week, at most *most*; of two that weigh the same the first by name."""
        return sorted(sorted(tokens), key=self._weights.__getitem__, reverse=True)[:most]

    @cached_property
    def _seldom(self) -> frozenset[str]:
        return frozenset(word for word, count in self.count.items() if 1 < count <= SELDOM)

    def is_rare(self, name: str, besides: Iterable[Report] = ()) -> bool:
        """Whether *name* is rare enough, outside of *besides*, to tell two events apart."""
        count = max(1, self.count[name] - sum(name in report.words for report in besides) + 1)
        return name not in self._topics and math.log(self.texts / count) >= _SELDOM_NAMED * math.log(self.texts)

    @cached_property
    def _rare_in_titles(self) -> frozenset[str]:
        return frozenset(word for word in self._seldom if self._share_of_rarity(word) >= _TELLING_IN_TITLES)

    def same_event(self, report: Report, other: Report, closeness: Closeness) -> Agreement | Forbidden | None:
        """Return how the two agree if they report the same event, what forbids it where only that does, else None."""
        titles = self._cosine(report.title_words, other.title_words)
        if titles < _LEAST_OF_TITLES and not closeness.listed:
            return None
        texts = self._cosine(report.words, other.words)
        late = _PER_HOUR * max(0.0, closeness.hours - _DAY)
        one_outlet = closeness.one_outlet and not self._has_grown(report, other, closeness.hours)
        with_excerpt, without = _BARS[one_outlet, report.is_unspaced or other.is_unspaced]
        enough = titles + texts - late >= (with_excerpt if report.excerpt and other.excerpt else without)
        if not enough and not (closeness.listed and self._listed_is_enough(report, other, titles, texts)):
            return None
        conflict = report.signs.conflict(other.signs)
        if conflict:
            return Forbidden(conflict)
        veto = self._veto(report, other, listed=closeness.listed)
        if veto:
            return Forbidden(veto)
        shared = self._rarest(report.words & other.words, 3)
        return Agreement(titles, texts, tuple(report.as_written[word] for word in shared))

    def _has_grown(self, report: Report, other: Report, hours: float) -> bool:
        """Whether one title keeps nearly all of the other, rare words among it, soon after: an outlet's own update."""
        kept = report.title_words & other.title_words
        rare = [word for word in kept if self._share_of_rarity(word) >= _KEPT_RARITY]
        if hours > _UPDATED or len(rare) < _KEPT_WORDS:
            return False
        return self._square(kept) >= _KEPT * min(map(self._square, (report.title_words, other.title_words)))

    def _veto(self, report: Report, other: Report, *, listed: bool) -> str:
        """Return what in the words of the titles forbids it, "" where nothing does."""
        strangers = self._strangers(report, other)
        # Who lists the other as related has said that the two have to do with each other, whatever their words; where
        # the listed one is another thing of the kind, its name says so.
        if listed and not all(strangers):
            return ""
        return self._other_name(report, other, strangers) or forbidden(report.title, other.title)

    def _other_name(self, report: Report, other: Report, strangers: Iterable[list[str]]) -> str:
        """Return the rare names that each title has and the other text does not know, "" where not both have one."""
        if not (report.has_names and other.has_names):
            return ""
        rarest = [max(sorted(names), key=self._share_of_rarity, default="") for names in strangers]
        if not all(name and self._share_of_rarity(name) >= _SELDOM_NAMED for name in rarest):
            return ""
        return _two(report.as_written[rarest[0]], other.as_written[rarest[1]])

    def _share_of_rarity(self, word: str) -> float:
        """Return how rare a word is: 1 where the week uses it once, 0 where every text does."""
        return math.sqrt(self._weights[word] / self._unseen)

    def _listed_is_enough(self, report: Report, other: Report, titles: float, texts: float) -> bool:
        """Whether less agreement is enough, where one lists the other as related."""
        enough = titles >= 0.7 or (titles >= 0.45 and texts >= 0.2)
        if not enough and texts < 0.14:
            return False
        strangers = self._strangers(report, other)
        if all(strangers):
            return False
        return enough or texts >= 0.24 or (not any(strangers) and self._share_a_name(report, other))

    def _share_a_name(self, report: Report, other: Report) -> bool:
        return not (report.all_names & other.all_names) <= self._topics

    def _strangers(self, report: Report, other: Report) -> tuple[list[str], list[str]]:
        """Return the names in the title of each that the other text does not know."""
        return self._unknown(report.names, other.words), self._unknown(other.names, report.words)

    def _unknown(self, names: Iterable[str], tokens: frozenset[str]) -> list[str]:
        return [name for name in names if name not in tokens and name not in self._topics]

    def _cosine(self, first: frozenset[str], other: frozenset[str]) -> float:
        shared = self._square(first & other)
        return shared / math.sqrt(self._square(first) * self._square(other)) if shared else 0.0

    def _square(self, tokens: Iterable[str]) -> float:
        # Exact: a set has no order.
        return math.fsum(map(self._weights.__getitem__, tokens))
