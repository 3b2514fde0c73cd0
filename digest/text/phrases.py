"""Phrases looked for in a title: words as they follow each other, with `*` for any text between.

No regular expression, on purpose: a title is a stranger's text, and an expression that suits it can take hours over
one. A phrase is looked for part by part from the left, so that a title is read once however many `*` there are.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

UNSPACED_SCRIPTS = (
    ("\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff", 2),  # Chinese, Japanese
    ("\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff", 4),  # Thai, Lao, Burmese, Khmer
)
"""Scripts that set no blanks between words: the ranges of their characters, and how many of these a word mostly has."""

UNSPACED = "".join(ranges for ranges, _ in UNSPACED_SCRIPTS)
"""The characters of all of them, as ranges for a regular expression."""

# `C++` and `C#` are words of their own: who mutes one of them does not mean the letter.
_WORD = re.compile(rf"[{UNSPACED}]|(?:(?![{UNSPACED}])[\w+#])+")


def stands_in(phrase: str, text: str) -> bool:
    """Whether *phrase* stands in *text*, compared by whole words, without case and without what stands between words.

    A `*` is any text, also none: a blank beside it ends a word, and without one `market*` takes `markets`, too. A
    phrase without a word stands in nothing.
    """
    parts, title = _parts(phrase), _spaced(text)
    place = 0
    for part in parts:
        start = title.find(part, place)
        if start < 0:
            return False
        # The blank behind a word is the one before the next, too.
        place = start + len(part) - part.endswith(" ")
    return bool(parts)


def has_word(phrase: str) -> bool:
    """Whether there is anything to look for in *phrase*."""
    return bool(_parts(phrase))


@lru_cache(maxsize=1_024)
def _parts(phrase: str) -> tuple[str, ...]:
    """Return what stands between the `*` of *phrase*, with a blank where a word must begin or end."""
    pieces = phrase.split("*")
    parts = []
    for number, piece in enumerate(pieces):
        middle = " ".join(words(piece))
        begins = number == 0 or piece[:1].isspace()
        ends = number == len(pieces) - 1 or piece[-1:].isspace()
        if middle:
            parts.append(f"{' ' * begins}{middle}{' ' * ends}")
    return tuple(parts)


# Each title is asked for by every rule.
@lru_cache(maxsize=8_192)
def _spaced(text: str) -> str:
    return f" {' '.join(words(text))} "


def words(text: str) -> list[str]:
    """Return the words of *text* without case; of scripts that set no blanks, each character."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def bare(text: str) -> str:
    """Return *text* in the form in which texts are compared: letters and digits alone, without case."""
    # Two texts are the same whatever wraps, quotes or decorates them.
    return "".join(sign for sign in without_case(text) if sign.isalnum())


def without_case(text: str) -> str:
    """Return *text* without case, so that it is the same whether or not a theme writes it in capitals."""
    # Over capitals: they do not tell a dotless ı from i, nor a long ſ from s, so neither may this.
    return text.upper().casefold()
