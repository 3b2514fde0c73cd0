"""Outlook's conditional comments, switched on: what the Outlook with Word's engine reads. Knows no e-mail.

<!--[if mso]> only Outlook <![endif]-->      <!--[if !mso]><!--> all but Outlook <!--<![endif]-->
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = 16
"""Outlook 2016 to 2024 for Windows all say so."""

_REVEALED = re.compile(r"<!--\[if ([^\]]*)\]><!-->(.*?)<!--<!\[endif\]-->", re.DOTALL | re.IGNORECASE)
_HIDDEN = re.compile(r"<!--\[if ([^\]]*)\]>(.*?)<!\[endif\]-->", re.DOTALL | re.IGNORECASE)
_WORD = re.compile(r"[()!&|]|[\w.]+")
_SETTINGS = re.compile(r"<noscript>\s*<xml>.*?</xml>\s*</noscript>|<xml>.*?</xml>", re.DOTALL | re.IGNORECASE)
_COMPARE = {
    "gte": lambda number: number <= VERSION,
    "gt": lambda number: number < VERSION,
    "lte": lambda number: number >= VERSION,
    "lt": lambda number: number > VERSION,
}


def as_outlook_reads(html: str) -> str:
    """Return *html* with each conditional comment replaced by its content where it holds in Outlook, else removed.

    Settings for Word (`<xml>`) are removed: a browser would print them.
    """

    def chosen(found: re.Match[str]) -> str:
        return found[2] if holds(found[1]) else ""

    return _SETTINGS.sub("", _HIDDEN.sub(chosen, _REVEALED.sub(chosen, html)))


def holds(condition: str) -> bool:
    """Whether Outlook takes `mso`, `gte mso 9`, `!mso`, `(mso)|(IE)`; what cannot be read does not hold."""
    words = iter([*_WORD.findall(condition.lower()), ""])
    try:
        value, rest = _either(words, next(words))
    except (StopIteration, ValueError):
        return False
    return value and rest == ""


def _either(words: Iterator[str], word: str) -> tuple[bool, str]:
    value, word = _both(words, word)
    while word == "|":
        other, word = _both(words, next(words))
        value = value or other
    return value, word


def _both(words: Iterator[str], word: str) -> tuple[bool, str]:
    value, word = _one(words, word)
    while word == "&":
        other, word = _one(words, next(words))
        value = value and other
    return value, word


def _one(words: Iterator[str], word: str) -> tuple[bool, str]:
    if word == "!":
        value, word = _one(words, next(words))
        return not value, word
    if word == "(":
        value, word = _either(words, next(words))
        return value, next(words) if word == ")" else ")"
    if word in _COMPARE:
        feature, number = next(words), float(next(words))
        return feature == "mso" and _COMPARE[word](number), next(words)
    following = next(words)
    if word == "mso" and following.replace(".", "").isdigit():  # `mso 16`: exactly that version
        return float(following) == VERSION, next(words)
    return word in {"mso", "true"}, following
