"""Words as readers see them: dates, excerpts, filled lines. Knows the English language and no Issue."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

COLUMNS = 74
"""Width of the plain text; a quoting reply still fits in 78."""

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_SENTENCE_END = re.compile(r"[.!?。！？][\"'”’»)\]]*(?=\s|$)")
_TRAIL = re.compile(r"(?:\s*\[?(?:\.{3,}|…)\]?)+$")
_WHOLE_BELOW = 80
"""A text shorter than this that ends without punctuation was written so; a longer one was broken off by a scraper."""


def day(when: date) -> str:
    """Return `9 November`."""
    return f"{when.day} {_MONTHS[when.month - 1]}"


def period(first: date, last: date) -> str:
    """Return `5–11 November 2020`, `30 October – 5 November 2020` or `11 November 2020`, as short as is clear."""
    end = f"{day(last)} {last.year}"
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    if first.year == last.year:
        return f"{day(first)} – {end}"
    return f"{day(first)} {first.year} – {end}"


def cut(words: str, limit: int) -> str:
    """Return *words* in at most *limit* characters, cut behind a word and marked with an ellipsis."""
    if len(words) <= limit:
        return words
    kept = words[:limit]
    if not words[limit - 1].isspace():
        kept = kept[: limit - 1].rsplit(" ", 1)[0]
    return kept.rstrip(" ,;:–—-") + "…"


def excerpt(words: str, limit: int) -> str:
    """Return *words* in at most *limit* characters that end with a sentence where one ends in the second half.

    What the source itself broke off is mended in the same way: its last word may be half a word, so it goes.
    """
    trail = _TRAIL.search(words)
    whole = words[: trail.start()] if trail else words
    broken = bool(trail and trail[0].strip()) or (len(whole) > _WHOLE_BELOW and not _SENTENCE_END.search(whole[-3:]))
    if not whole:
        return ""
    if len(whole) <= limit and not broken:
        return whole
    piece = whole[:limit]
    ends = [end.end() for end in _SENTENCE_END.finditer(whole) if end.end() <= limit]
    if ends and ends[-1] >= len(piece) // 2:
        return piece[: ends[-1]]
    if len(whole) <= limit and trail and trail[0].startswith(" "):
        return f"{whole}…"  # "a man in ..." was broken off between words
    return cut(f"{piece}x" if len(whole) <= limit else whole, min(limit, len(piece)))


def fill(words: str, indent: str = "", first: str = "") -> str:
    """Return *words* in lines of at most COLUMNS, the first indented by *first*, the rest by *indent*.

    Addresses and long words are never broken.
    """
    return textwrap.fill(
        words, COLUMNS, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def tidy(text: str) -> str:
    """Return *text* without white space at line ends (but for the signature mark) and with two empty lines at most."""
    lines = [line if line == "-- " else line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n") + "\n"
