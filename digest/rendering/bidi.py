"""Both writing directions in one text: which way words run, and Unicode's marks that keep them apart.

Knows characters, no language and no Issue. HTML has `dir` for it; these marks are for plain text.
"""

from __future__ import annotations

import re
import unicodedata

from digest.languages import END_OF_ISOLATE, ISOLATE, MARK


def isolated(words: str) -> str:
    """Return *words* between Unicode's isolates, so that they keep their own direction inside a line of the other."""
    return f"{ISOLATE}{words}{END_OF_ISOLATE}"


def strong(words: str) -> str:
    """Return the direction of the first letter that has one, ltr or rtl; an empty text where none has."""
    if words[:1].isascii() and words[:1].isalpha():  # as most begin
        return "ltr"
    kinds = (unicodedata.bidirectional(sign) for sign in words)
    return next(("ltr" if kind == "L" else "rtl" for kind in kinds if kind in {"L", "R", "AL"}), "")


def marked(text: str, direction: str) -> str:
    """Return *text* with each isolate closed at the end of its line and opened again on the next.

    Mail clients guess the direction of a line by its first letter: in a text from right to left, every line but an
    address begins with a mark that says so.
    """
    pieces = re.split("([\n\u2028])", text)
    lines = _balanced(pieces[::2])
    if direction == "rtl":
        lines = [MARK + line if _is_prose(line) else line for line in lines]
    return "".join(line + end for line, end in zip(lines, [*pieces[1::2], ""], strict=True))


def _balanced(lines: list[str]) -> list[str]:
    found: list[str] = []
    opened = False
    for line in lines:
        before, words, after = _split(line)
        words = ISOLATE + words if opened and words else words
        opened = words.count(ISOLATE) > words.count(END_OF_ISOLATE) if words else opened
        found.append(before + words + (END_OF_ISOLATE if opened and words else "") + after)
    return found


def _split(line: str) -> tuple[str, str, str]:
    """Return the indentation, the words, and the space behind them."""
    words = line.strip(" ")
    before, _, after = line.partition(words) if words else ("", "", line)
    return before, words, after


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and line != "-- " and not line.lstrip().startswith(("https://", "http://"))
