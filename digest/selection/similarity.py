"""Whether two texts report the same event. Knows words and their rarity; no addresses, no providers, no slots.

Two texts agree by the *rare* words they share: "AI", "learning" or a topic's own name prove nothing, "Osterby" and
"orvicin" do. A word weighs the more, the fewer texts of the week use it; the measure is the cosine of these weights
(0 to 1), once for the titles and once for titles and excerpts together. Two things forbid it, whatever the measure
says: numbers or signs that differ ("$5 million" and "$12 million", 2019 and 2020, C++ and C#), and names on both sides
that the other text does not know ("Keyspaces" and "A2I").

The thresholds were set on real archives, where `related` names 38 pairs, 21 of them true; see `tests/test_stories.py`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

# Words too common in the news to tell two events apart, whatever week it is.
_COMMON = """
a about add after again all also already an and announce announced any are as at available back be been before best
better between big both bring but by can come company could data day did digital do does down each even ever every
feature find first for from general get give global go good great had has have he help her here high his how hundred
i if in industry into introduce is it its just know last latest launch learn learning less look low machine make many
market may me million billion thousand more most much must my need never new news next no not now of off offer on one
only or other our out over own people platform product provide raise real release report research researcher reveal
same say scientist see service shall she should show so software some startup still study such system take team tech
technology tell than that the their them then there these they thing third this those three through time to today
tool tomorrow too two under unveil up update us use user using version very want was way we week well were what when
where which who whom whose why will with without work world would year yes yesterday yet you your
"""

# "2.5" and "12,000" are one token: cut at their sign, two different figures would share a half.
_TOKEN = re.compile(r"\w+(?:[.,]\d+)*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MARKS = re.compile("['’`\u0300-\u036f]")
# C++, C#, F*, and the letters alone: of longer words the sign is seldom all that tells two apart (Disney+).
_SIGNED_LETTER = re.compile(r"(?<![\w'’+#*-])([A-Za-z])(\+{1,2}|[#*\u2212-])?(?![\w'’+#*-])")
_SIGNED_NUMBER = re.compile(r"(?<![\w.,)])([-+\u2212\u2013\u2191\u2193\u25b2\u25bc]) ?(\d+(?:[.,]\d+)*)")
_SIGN = str.maketrans("\u2212\u2013\u2191\u2193\u25b2\u25bc", "--+-+-")
"""Minus signs, dashes and arrows, as plus and minus."""
_WORDS_OF_A_LETTER = frozenset("aeioy")
# Texts that are assumed beside those of the week, so that in a week of five no word counts as rare or common.
_SMOOTHING = 20

# What a word of a topic's name weighs, where a rare word weighs 3 to 6: everything in a week about robots says "robot".
_TOPIC_WEIGHT = 0.3


@lru_cache(maxsize=100_000)
def _stem(written: str) -> str:
    """Return a word as it is compared: without case, and without the most common English endings.

    Other languages keep their endings, so a German plural and its singular are two words. That misses some pairs and
    ties no strangers together.
    """
    word = written.casefold()
    for ending in ("ing", "ies", "ed", "es", "s", "e", "y"):
        # Three letters must remain, or "red" and "rs" would become the same as half the dictionary.
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


_COMMON_STEMS = frozenset(_stem(word) for word in _COMMON.split())


def plain(text: str) -> str:
    """Return *text* without apostrophes and accents."""
    # Nine texts of ten in an English archive, and normalising costs ten times as much as this.
    if text.isascii():
        return text.replace("'", "").replace("`", "")
    return _MARKS.sub("", unicodedata.normalize("NFKD", text))


def _tokens(text: str) -> list[str]:
    """Return the words of a text as written."""
    return _TOKEN.findall(plain(text))


def _compared(tokens: Iterable[str]) -> frozenset[str]:
    """Return words as compared, without the common ones."""
    return frozenset(map(_stem, tokens)) - _COMMON_STEMS


# The preview chooses again and again from the same texts, and two newsletters of one archive share most of theirs.
@lru_cache(maxsize=8_192)
def _vocabulary(text: str) -> tuple[str, ...]:
    return tuple(_compared(_tokens(text)))


class Signs(NamedTuple):
    """What tells titles apart that are alike in their words: numbers, and signs (C++ and C#, +5 and -5).

    *marks* are pairs of a letter or number and its sign; a letter alone has the sign "".
    """

    numbers: frozenset[str]
    marks: frozenset[tuple[str, str]]

    def agree(self, other: Signs) -> bool:
        """Whether both may tell of one event: no numbers that the other lacks on both sides, and no other sign."""
        if not (self.numbers <= other.numbers or other.numbers <= self.numbers):
            return False
        signed = {base for base, _ in self.marks} & {base for base, _ in other.marks}
        return not any(self._of(base).isdisjoint(other._of(base)) for base in signed)

    def _of(self, base: str) -> set[str]:
        return {mark for marked, mark in self.marks if marked == base}


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
    def title_tokens(self) -> list[str]:
        """The title's words as written."""
        return _tokens(self.title)

    @cached_property
    def title_words(self) -> frozenset[str]:
        """The title's words as compared."""
        return _compared(self.title_tokens)

    @cached_property
    def as_written(self) -> dict[str, str]:
        """The words as compared, with the first way each is written."""
        written: dict[str, str] = {}
        for word in _tokens(f"{self.title} {self.excerpt}"):
            written.setdefault(_stem(word), word)
        return written

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers of the title."""
        return frozenset(_NUMBER.findall(self.title))

    @cached_property
    def signs(self) -> Signs:
        """The numbers and signs of the title."""
        return Signs(self.numbers, marks(self.title))

    @cached_property
    def names(self) -> frozenset[str]:
        """Words of the title that look like names: capitalised behind the first word, or written in mixed case."""
        return frozenset(_names(self.title_tokens))

    @cached_property
    def all_names(self) -> frozenset[str]:
        """Words of title and excerpt that look like names."""
        return self.names | frozenset(_names(_tokens(self.excerpt)))


def _names(tokens: Iterable[str]) -> Iterable[str]:
    for place, word in enumerate(tokens):
        # The first word of a title is capitalised whatever it is; "iPhone" and "OpenAI" are names there, too.
        capitalised = word[0].isupper() and (place > 0 or any(sign.isupper() for sign in word[1:]))
        if capitalised and len(word) > 1:
            stem = _stem(word)
            if stem not in _COMMON_STEMS:
                yield stem


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


class Rarity:
    """What each word weighs in one week: the fewer of its articles use it, the more.

    Weights are kept squared, as the cosine needs them.
    """

    def __init__(self, reports: Iterable[Report], topics: Iterable[str]) -> None:
        everything = [report.vocabulary for report in reports]
        texts = len(everything) + _SMOOTHING
        self._count = Counter(chain.from_iterable(everything))
        self._topics = frozenset(_stem(word) for topic in topics for word in _tokens(topic))
        self._weights = {word: math.log(texts / count) ** 2 for word, count in self._count.items()}
        # After the words of the week, so that a topic's name is light however seldom it is written.
        self._weights |= dict.fromkeys(self._topics, _TOPIC_WEIGHT**2)
        self._unseen = math.log(texts) ** 2

    def seldom(self, most: int) -> frozenset[str]:
        """Return the words that at least two texts of the week use, and at most *most*."""
        return frozenset(word for word, count in self._count.items() if 1 < count <= most)

    def rarest(self, tokens: Iterable[str], most: int) -> list[str]:
        """Return the heaviest of *tokens* of the week, at most *most*; of two that weigh the same the first by name."""
        return sorted(sorted(tokens), key=self._weights.__getitem__, reverse=True)[:most]

    def same_event(self, report: Report, other: Report, *, listed: bool) -> Agreement | None:
        """Return how the two agree if they report the same event, else None.

        *listed* says that one of them names the other as related: then less agreement is enough.
        """
        if not report.signs.agree(other.signs):
            return None
        titles = self._cosine(report.title_words, other.title_words)
        if titles < 0.45 and not listed:
            return None
        texts = self._cosine(report.words, other.words)
        enough = titles >= 0.7 or (titles >= 0.45 and texts >= 0.2)
        if not enough and not (listed and texts >= 0.14):
            return None
        strangers = self._unknown(report.names, other.words), self._unknown(other.names, report.words)
        if all(strangers):
            return None
        if not enough and texts < 0.24 and (any(strangers) or not self._share_a_name(report, other)):
            return None
        shared = self.rarest(report.words & other.words, 3)
        return Agreement(titles, texts, tuple(report.as_written[word] for word in shared))

    def _share_a_name(self, report: Report, other: Report) -> bool:
        return not (report.all_names & other.all_names) <= self._topics

    def _unknown(self, names: Iterable[str], tokens: frozenset[str]) -> list[str]:
        return [name for name in names if name not in tokens and name not in self._topics]

    def _cosine(self, first: frozenset[str], other: frozenset[str]) -> float:
        shared = self._square(first & other)
        return shared / math.sqrt(self._square(first) * self._square(other)) if shared else 0.0

    def _square(self, tokens: Iterable[str]) -> float:
        # Exact: a set has no order.
        return math.fsum([self._weights.get(word, self._unseen) for word in tokens])
