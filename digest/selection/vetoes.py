"""What forbids that two titles tell one event, however alike their words. Knows titles; no rarity, no providers.

Most of it is one idea: two titles that are one sentence with other words in one place tell two events ("Oslo bans
phones", "Turin bans phones"; "court clears merger", "court blocks merger"). It needs no list of opposites, of places or
of names, and so holds in every language.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from digest.selection.wording import COMMON, FIGURES, in_order, is_unspaced, plain, stem, written_in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

# At least this share of the shorter title stands in both, and in at most so many places are other words, at most so
# many each: beyond that it is another sentence about perhaps the same event.
_ONE_SENTENCE = 0.6
_SLOTS = 2
_SLOT = 4
# Words that begin alike are forms of one, such as "China" and "Chinese".
_ALIKE = 4
# Letters that languages write for each other in one name: Tokio and Tokyo, Kiew and Kiev.
_SOUNDS = str.maketrans("ykzw", "icsv")

_NOT = "not no never nicht kein keine nie ne pas jamais nunca nao не нет لا لن لم ليس"
_NEGATIONS = frozenset(_NOT.split())
# The "no" of Portuguese is "in the": where one of these stands, it denies nothing.
_PORTUGUESE = frozenset(("em", "na", "nas", "ao", "aos", "um", "uma", "pelo", "pela"))

# How many, where nobody has counted yet: "several hurt" becomes "nine hurt".
_QUANTITIES = """
several many dozen dozens scores hundreds mehrere viele dutzende hunderte plusieurs dizaines nombreux varios varias
decenas muchos dezenas muitos vec desetine несколько много десятки عدة عشرات
"""
# What counts the dead, the hurt and the missing: "12 people killed", "toll rises to 31". Where both titles do, their
# numbers may differ, since a toll rises. Beside a number, so that "Dead Sea 2" is no toll.
_WRITTEN = (*(word for word, figure in FIGURES.items() if figure.isdigit()), *_QUANTITIES.split())
_NUMBER = rf"(?:\d[\d.,]*|\b(?:{'|'.join(_WRITTEN)})\b)"
_VICTIMS = (
    "killed|dead|deaths?|injured|hurt|wounded|missing|tote[nr]?|todesopfer|verletzte[nr]?|vermisste[nr]?|morts?|blesses?|"
    "disparus|muert[oa]s?|herid[oa]s?|fallecid[oa]s|desaparecid[oa]s|mort[oa]s|ferid[oa]s|morti|feriti|mrtvih|ranjenih|"
    r"погиб\w*|ранен\w*|жертв\w*|قتلى|قتيلا?|جريحا?|جرحى|وفاة|ضحايا"
)
_COUNTED = re.compile(
    rf"{_NUMBER}(?:\W+\w+){{0,2}}?\W+(?:{_VICTIMS})\b"
    rf"|\b(?:kills|kill|killed|toll|deaths|todesopfer|victimes|victimas)(?:\W+\w+){{0,3}}?\W+{_NUMBER}"
    "|[\\d一二三四五六七八九十百千两兩数數多複余]+[人名]?[^\\d]{0,2}(?:死|亡|傷|伤|けが|不明)|死[^\\d]{0,6}\\d"
)
_COUNTING = frozenset("一二三四五六七八九十百千两兩数數多複余") | frozenset(map(stem, _QUANTITIES.split()))


_Slot = tuple["Sequence[str]", "Sequence[str]"]
"""The words that two titles say in one place."""


@lru_cache(maxsize=8_192)
def counts_victims(title: str) -> bool:
    """Whether *title* counts the dead, the hurt or the missing."""
    return _COUNTED.search(plain(title).casefold()) is not None


def forbidden(title: str, other: str) -> str:
    """Return why the two titles cannot tell one event, "" where nothing in them says so.

    Symmetric. Numbers and signs are judged in `similarity.Signs`.
    """
    # Sorted, so that it is the same either way, and names the words in one order.
    title, other = sorted((title, other))
    mine, theirs = in_order(title), in_order(other)
    if mine == theirs:
        return ""
    written = dict(zip(mine, written_in_order(title), strict=True))
    written |= dict(zip(theirs, written_in_order(other), strict=True))
    if not _PORTUGUESE.isdisjoint(chain(mine, theirs)):
        mine, theirs = (tuple(word for word in words if word != "no") for words in (mine, theirs))
    if counts_victims(title) and counts_victims(other):
        mine, theirs = _uncounted(mine), _uncounted(theirs)
    if _swapped(mine, theirs):
        return "they say the same words in another order"
    slots = _slots(mine, theirs) or _places(mine, theirs)
    if not slots:
        return ""
    if any(_is_negation(slot) for slot in slots):
        return "one of them denies what the other says"
    joint = "" if is_unspaced(title) else " "
    return " and ".join(_named([joint.join(written[word] for word in words) for words in slot]) for slot in slots)


def _uncounted(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if not word[0].isdigit() and word not in _COUNTING)


def _swapped(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two parts of a sentence have changed places around what stands between: "A sues B", "B sues A"."""
    start = 0
    shorter = min(len(mine), len(theirs))
    while start < shorter and mine[start] == theirs[start]:
        start += 1
    end = 0
    while end < shorter - start and mine[-1 - end] == theirs[-1 - end]:
        end += 1
    middle, other = mine[start : len(mine) - end], theirs[start : len(theirs) - end]
    if middle and Counter(middle) == Counter(other):
        return True
    # Around one word, whatever else the two say: "US beats Japan in softball", "gold as Japan beats US".
    around = set(zip(mine, mine[1:], mine[2:], strict=False))
    return any(
        (right, word, left) in around
        for left, word, right in zip(theirs, theirs[1:], theirs[2:], strict=False)
        if left != right and COMMON.isdisjoint((word,))
    )


def _slots(first: Sequence[str], second: Sequence[str]) -> list[_Slot]:
    """Return the differing words of two titles that are one sentence otherwise, none where they are not."""
    # Without its list of "junk", which leaves out what is frequent in long texts.
    codes = SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    equal = sum(end - start for kind, start, end, _, _ in codes if kind == "equal")
    if equal < _ONE_SENTENCE * min(len(first), len(second)):
        return []
    changes = [(first[start:end], second[from_:to]) for kind, start, end, from_, to in codes if kind != "equal"]
    negated = [change for change in changes if _is_negation(change)]
    if negated:
        return negated
    changes = [change for change in changes if not COMMON.issuperset(chain(*change))]
    # What only one of them says is more of the same: a place, an outlet, an hour.
    if not all(left and right for left, right in changes):
        return []
    unlike: list[_Slot] = [(_unlike(left, right), _unlike(right, left)) for left, right in changes]
    slots = [(left, right) for left, right in unlike if left and right and not COMMON.issuperset(chain(left, right))]
    return slots if len(slots) <= _SLOTS and all(len(words) <= _SLOT for words in chain(*slots)) else []


def _is_negation(slot: _Slot) -> bool:
    left, right = (not _NEGATIONS.isdisjoint(words) for words in slot)
    return left is not right


def _places(first: Sequence[str], second: Sequence[str]) -> list[_Slot]:
    """Return the differing words of two titles of the same length that differ in several places apart.

    What the alignment of `_slots` misses where a word stands in both, in another place: "stellt 30 Leute ein", "baut 30
    Stellen ab".
    """
    if len(first) != len(second):
        return []
    words = enumerate(zip(first, second, strict=True))
    differing = [place for place, (left, right) in words if left != right and not COMMON.issuperset((left, right))]
    is_one_sentence = len(first) - len(differing) >= _ONE_SENTENCE * len(first)
    if len(differing) < 2 or not is_one_sentence or differing[-1] - differing[0] < len(differing):
        return []
    return [(first[place : place + 1], second[place : place + 1]) for place in differing]


def _unlike(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return the words that are no form of one of *others*."""
    return [word for word in words if not any(_are_forms(word, other) for other in others)]


def _are_forms(word: str, other: str) -> bool:
    if word == other:
        return True
    if word[0].isdigit() or other[0].isdigit():
        return False
    # A slip of letters is a form, too.
    slip = len(word) > 2 and sorted(word) == sorted(other)
    return slip or (len(word) >= _ALIKE and word[:_ALIKE] == other[:_ALIKE]) or _sound(word) == _sound(other)


def _sound(word: str) -> str:
    return word.translate(_SOUNDS)


def _named(slot: Sequence[str]) -> str:
    left, right = sorted(slot)
    return f"“{left}” in the place of “{right}”"
