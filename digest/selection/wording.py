"""Texts as words that can be compared, in any script. Knows no story, no rarity.

A word is compared without case, accents and endings: its first six letters. On news in ten languages that found as many
pairs of one event as a stemmer for each language, needs no field that names the language, and costs nothing. Where a
script sets no blanks between words (Chinese, Japanese, Thai), every two neighbouring characters are a word. Numbers are
compared as figures, however they are written: "two" and 2, "third" and 3rd.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from operator import add
from typing import TYPE_CHECKING

from digest.text.phrases import UNSPACED, UNSPACED_SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterable

# Words too common in the news to tell two events apart, whatever week it is: of English all that its news is full of,
# of the other languages what joins words. One list, since few archives say in which language an article is.
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
der die das ein eine einen einem einer des dem den und oder im am auf zu zum zur von vom mit bei fur ist sind wird
werden nach aus uber vor hat sich um es er sie doch noch auch nicht wie was bis ab nur wenn dass so mehr ohne
le la les un une de du d l et ou en au aux dans sur pour par avec est sont ont se s ce cette ces qui que son sa ses plus
sans mais comme comment apres avant
el los las una del y o con para su sus son lo como mas este esta que sin ya muy hasta desde entre cuando tras ante
os as um uma do da dos das e em na nos nas com por seu sua ao sao mais foi ja
il lo gli di che per con della nel alla non sono het een van voor op met aan
в во на и с со по из за к об от до для у не что как это его их после
في من على الى عن مع و بعد قبل هذا هذه التي الذي كيف بين حتى كل ان كان قد ما هو هي خلال لدى
neue neuer neues neuen jahr jahre jahren tag tage heute nouveau nouvelle nouveaux an ans annee jour nuevo nueva nuevos
ano anos dia dias hoy novo nova novos hoje anno anni год года году лет день дня новыи новая عام سنة يوم اليوم
leto leta letu
v je so za z po od ki in na se ter pri med brez zaradi tudi kar kaj kako koliko ker ko bo bodo ni ne kot lahko
"""

# "2.5" and "12,000" are one token: cut at their sign, two different figures would share a half.
_TOKEN = re.compile(r"\w+(?:[.,]\d+)*")
# What is written above or below a letter, in Latin, Cyrillic, Arabic and Hebrew, and the Arabic letter that lengthens.
_MARKS = re.compile("['\u2019`\u0300-\u036f\u0591-\u05bd\u0640\u064b-\u0655]")
_LETTERS_A_WORD = tuple((re.compile(f"[{ranges}]"), letters) for ranges, letters in UNSPACED_SCRIPTS)
_UNSPACED = re.compile(f"[{UNSPACED}]+")
_FIRST_UNSPACED = "\u0e00"
"""The lowest character of `UNSPACED`."""
# The Arabic article and the short words that are written as one with the next.
_ARABIC_PREFIX = re.compile("(?:[وفبكل]?ال|لل|[وبل](?=....))(?=...)")
_LETTERS = 6
_SHORT = 3
_KEPT = 100_000
"""Words of which it is kept how they are compared."""

# Words for 2 to 12; 1 is an article in most languages. Of 2nd to 10th the same, with a point: "two" is no "second".
_CARDINALS = """
two zwei deux dos dois два две|three drei trois tres три ثلاث ثلاثة|four vier quatre cuatro quatro четыре اربع اربعة
five funf cinq cinco пять خمس خمسة|six sechs seis шесть
seven sieben siete sete семь سبع سبعة|eight huit ocho oito восемь
nine neun nueve nove девять تسع تسعة|ten zehn diez dez десять|eleven elf onze одиннадцать|twelve zwolf douze doce doze
"""
_ORDINALS = """
second zweite zweiter zweiten deuxieme segundo segunda второи вторая الثاني الثانية
third dritte dritter dritten troisieme tercer tercera terceiro terceira третии третья третью الثالث الثالثة
fourth vierte vierter vierten quatrieme cuarto cuarta quarto quarta четвертыи четвертая الرابع الرابعة
fifth funfte funfter funften cinquieme quinto quinta пятыи пятая الخامس الخامسة
sixth sechste sechster sechsten sixieme sexto sexta шестои السادس السادسة
seventh siebte siebter siebten septieme septimo septima setimo setima седьмои السابع السابعة
eighth achte achter achten huitieme octavo octava oitavo восьмои الثامن الثامنة
ninth neunte neunter neunten neuvieme noveno novena девятыи التاسع التاسعة
tenth zehnte zehnter zehnten dixieme decimo decima десятыи العاشر العاشرة
"""


def _numbered(table: str, sign: str) -> dict[str, str]:
    rows = enumerate(re.split(r"[\n|]", table.strip()), start=2)
    return {word: f"{number}{sign}" for number, row in rows for word in row.split()}


FIGURES = _numbered(_CARDINALS, "") | _numbered(_ORDINALS, ".")
"""What number words stand for: "two" is 2, "second" is "2.", so that "two" is no "second"."""

_ENGLISH_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")


def plain(text: str) -> str:
    """Return *text* without apostrophes and accents."""
    # Nine texts of ten in an English archive, and normalising costs ten times as much as this.
    if text.isascii():
        return text.replace("'", "").replace("`", "")
    # Composed again, or a Japanese letter would be cut from its mark.
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", text.replace("\u00d7", "x"))))


@lru_cache(maxsize=8_192)
def stem(written: str) -> str:
    """Return a word as it is compared."""
    return _stem(written)


def _stem(written: str) -> str:
    word = written.casefold()
    if word.isascii():
        ordinal = _ENGLISH_ORDINAL.fullmatch(word)
        if ordinal:
            return f"{ordinal[1]}."
    elif "\u0600" <= word[0] <= "\u06ff":
        figure = FIGURES.get(word)
        if figure:
            return figure
        word = _ARABIC_PREFIX.sub("", word, count=1) if _ARABIC_PREFIX.match(word) else word
    figure = FIGURES.get(word)
    if figure:
        return figure
    if word[0].isdigit():
        return word
    # A plural, and what is left of "Hallen's".
    return (word[:-1] if len(word) > _SHORT and word[-1] == "s" and word[-2] != "s" else word)[:_LETTERS]


COMMON = frozenset(stem(word) for word in _COMMON.split())
"""The common words as they are compared."""


def tokens(text: str) -> list[str]:
    """Return the words of a text as written; of a run of characters without blanks each two neighbours."""
    bare = plain(text)
    words = _TOKEN.findall(bare)
    # Asked once for all words: most texts of most archives set blanks.
    if not is_unspaced(bare):
        return words
    return [part for word in words for part in (_parts(word) if _UNSPACED.search(word) else (word,))]


def _parts(word: str) -> list[str]:
    parts: list[str] = []
    end = 0
    for run in _UNSPACED.finditer(word):
        # "PPI" and "7" stand as one with what is around them.
        parts += [word[end : run.start()]] if run.start() > end else []
        parts += map(add, run[0], run[0][1:]) if len(run[0]) > 1 else run[0]
        end = run.end()
    return [*parts, word[end:]] if end < len(word) else parts


class _Compared(dict[str, str]):
    """Words as written, each as it is compared, the common ones as "": worked out once, and asked for by the million.

    Of scripts without blanks every two neighbours are a word, so that a week has hundreds of thousands.
    """

    def __missing__(self, written: str) -> str:
        if len(self) >= _KEPT:
            self.clear()
        # A pair of characters has no ending, is no number, and none is common.
        is_pair = len(written) == 2 and written > _FIRST_UNSPACED
        word = written.casefold() if is_pair else _stem(written)
        kept = self[written] = "" if word in COMMON else word
        return kept


_COMPARED = _Compared()


def compared(written: Iterable[str]) -> frozenset[str]:
    """Return words as compared, without the common ones."""
    return frozenset(map(_COMPARED.__getitem__, written)).difference(("",))


def length(text: str) -> float:
    """Return how many words *text* has; of a script without blanks as many as its characters mostly make."""
    # Most titles of most archives, and two searches for each of thousands.
    if text.isascii():
        return len(text.split())
    count = 0.0
    for script, letters in _LETTERS_A_WORD:
        text, characters = script.subn(" ", text)
        count += characters / letters
    return len(text.split()) + count


def is_unspaced(text: str) -> bool:
    """Whether some of *text* is of a script without blanks between words."""
    return not text.isascii() and _UNSPACED.search(text) is not None


def written_in_order(text: str) -> list[str]:
    """Return the words of a title as written, common ones too; of a script without blanks its characters."""
    words = _TOKEN.findall(plain(text))
    return [sign for word in words for sign in word] if is_unspaced(text) else words


def in_order(text: str) -> tuple[str, ...]:
    """Return the same as they are compared."""
    return tuple(map(stem, written_in_order(text)))
