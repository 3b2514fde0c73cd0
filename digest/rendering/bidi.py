"""Both writing directions in one text: which way words run, and Unicode's marks that keep them apart.

Knows characters, no language and no Issue. HTML has `dir` for it; these marks are for plain text.
"""

from __future__ import annotations

import unicodedata

_RIGHT_TO_LEFT_MARK, _ISOLATE, _END_OF_ISOLATE = "\u200f", "\u2068", "\u2069"


def isolated(words: str) -> str:
    """Return *words* between Unicode's isolates, so that they keep their own direction inside a line of the other."""
    return f"{_ISOLATE}{words}{_END_OF_ISOLATE}"


def strong(words: str) -> str:
    """Return the direction of the first letter that has one, ltr or rtl; an empty text where none has."""
    kinds = (unicodedata.bidirectional(sign) for sign in words)
    return next(("ltr" if kind == "L" else "rtl" for kind in kinds if kind in {"L", "R", "AL"}), "")


def marked(text: str, direction: str) -> str:
    """Return *text* with each isolate closed at the end of its line and opened again on the next.

    Mail clients guess the direction of a line by its first letter: in a text from right to left, every line but an
    address begins with a mark that says so.
    """
    lines = _balanced(text.split("\n"))
    if direction == "rtl":
        lines = [_RIGHT_TO_LEFT_MARK + line if _is_prose(line) else line for line in lines]
    return "\n".join(lines)


def _balanced(lines: list[str]) -> list[str]:
    """Close each isolate at the end of its line and open it again on the next."""
    found: list[str] = []
    opened = False
    for line in lines:
        if not line:
            found.append(line)
            continue
        bare = line.lstrip(" ")
        begun = f"{line[: len(line) - len(bare)]}{_ISOLATE}{bare}" if opened else line
        opened = begun.count(_ISOLATE) > begun.count(_END_OF_ISOLATE)
        found.append(f"{begun}{_END_OF_ISOLATE}" if opened else begun)
    return found


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and line != "-- " and not line.lstrip().startswith(("https://", "http://"))
