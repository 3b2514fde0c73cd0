"""Text in lines for any script: width, cutting, wrapping, and Unicode's marks for both writing directions.

Lengths are columns of a fixed-width screen: a Chinese character takes two, a combining mark none. Nothing is cut
inside what a reader takes for one character.

Knows characters, no language and no Issue. HTML has `dir` for it; these marks are for plain text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from digest.text.languages import END_OF_ISOLATE, ISOLATE, MARK

if TYPE_CHECKING:
    from collections.abc import Iterable


COLUMNS = 74
"""Width of the plain text; a quoting reply still fits in 78."""

_SIGNS = 75
"""Most characters of a line, for those who count these: marks take no column, and RFC 5322 (2.1.1) asks for 78."""

COLUMNS_A_MINUTE = 1_300
"""How fast people read: 220 English words of six columns, 650 Japanese characters of two."""

SOFT = "\u2028"
"""A line end that `fill` made, and not the theme. No article text has one: `clean` takes it out."""

_NARROW = re.compile(
    "[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u0482\u048a-\u052f\u2010-\u2027"
    "\u05d0-\u05ea\u060c\u061b\u061f\u0621-\u064a\u0660-\u066f\u0671-\u06d5]*"
)
"""Texts of one column a character: Latin, Greek, Cyrillic, Hebrew and Arabic letters. They need no tables."""

_WIDE = "\u2e80-\u303e\u3041-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff"
_OPENING = "(（［｛「『【〔〈《〖“‘\\["
_CLOSING = (
    "\\])）］｝」』】〕〉》〗”’、。，．・：；？！‥…‐–〜゠%％,.:;?!"
    "ーァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎゕゖ々〻ゝゞヽヾ"
)
_JOINERS = "\u200c\u200d"
_SPACES = (" ", "\t", "\n")
_CHUNK = re.compile("[ \t\n]+|[^ \t\n]+")

_SENTENCE_END = re.compile(
    r"[.!?؟۔।॥][\"'”’»)\]]*(?=\s|$)"
    r"|[。！？｡](?:[」』）〉》】〕”’\"')]+(?!と)|(?![」』）〉》】〕”’\"')]))"  # a quotation goes on with と
)
_TRAIL = re.compile(r"(?:\s*\[?(?:\.{3,}|…)\]?)+$")
_TRAIL_ENDS = (".", "…", "]")
_DANGLING = " ,;:–—-،؛、，；：・"
_WHOLE_BELOW = 80
"""A text shorter than this that ends without punctuation was written so; a longer one was broken off by a scraper."""


def width(text: str) -> int:
    """Return how many columns *text* take on a screen."""
    if _NARROW.fullmatch(text):
        return len(text)
    import wcwidth  # noqa: PLC0415 - its tables take longer to load than a Latin letter to fill

    return wcwidth.width(text, control_codes="ignore")


def size(text: str) -> int:
    """Return the columns of *text*, and of heaps of marks at least half their number, so that nothing is free."""
    return len(text) if _NARROW.fullmatch(text) else sum(_size(cluster) for cluster in _clusters(text))


def visible(text: str) -> str:
    """Return *text* without characters that nobody sees, but for the joiners that shape letters and emoji.

    Spam hides words behind them, so no subject may have one; a headline may.
    """
    if _NARROW.fullmatch(text):
        return text
    return "".join(sign for sign in text if sign in _JOINERS or unicodedata.category(sign) != "Cf")


def minutes(texts: Iterable[str]) -> int:
    """Return how long it takes to read *texts*, in whole minutes, one at least."""
    return max(round(sum(map(width, texts)) / COLUMNS_A_MINUTE), 1)


def cut(text: str, limit: int) -> str:
    """Return *text* in at most *limit* columns, cut where a line may break and marked with an ellipsis."""
    if _NARROW.fullmatch(text):
        return text if len(text) <= limit else _marked(_without_last(text[:limit]) or text[: max(limit - 1, 0)])
    if size(text) <= limit:
        return text
    kept, room = "", limit - 1
    for chunk in _chunks(text):
        room -= size(chunk)
        if room < 0:
            break
        kept += chunk
    return _marked(kept or text[: _fitting(text, limit - 1)])


def _without_last(text: str) -> str:
    """Return *text* without the last piece of `_chunks`, where all are of one column; it is the one that was cut."""
    if text[-1:] in _SPACES:
        return text.rstrip("".join(_SPACES))
    return text[: max(map(text.rfind, _SPACES)) + 1]


def _marked(text: str) -> str:
    return text.rstrip(_DANGLING) + "…"


def excerpt(text: str, limit: int) -> str:
    """Return *text* in at most *limit* columns that end with a sentence where one ends in the second half.

    What the source itself broke off is mended in the same way: its last word may be half a word, so it goes.
    """
    trail = _TRAIL.search(text) if text.endswith(_TRAIL_ENDS) else None
    whole = text[: trail.start()] if trail else text
    fits = size(whole) <= limit
    broken = bool(trail and trail[0].strip()) or (size(whole) > _WHOLE_BELOW and not _SENTENCE_END.search(whole[-3:]))
    if not whole:
        return ""
    if fits and not broken:
        return whole
    piece = whole[: _fitting(whole, limit)]
    ends = [end.end() for end in _SENTENCE_END.finditer(whole) if end.end() <= len(piece)]
    if ends and ends[-1] >= len(piece) // 2:
        return piece[: ends[-1]]
    if fits and ((trail and trail[0].startswith(" ")) or re.search(f"[{_WIDE}]$", whole)):
        return f"{whole}…"  # "a man in ..." was broken off between words; a Chinese character is never half a word
    return cut(f"{piece}x" if fits else whole, min(limit, size(piece)))


def fill(text: str, indent: str = "", first: str = "") -> str:
    """Return *text* in lines of at most COLUMNS, the first indented by *first*, the rest by *indent*.

    Addresses and long words are never broken. The lines end in SOFT, behind the space that stood there, if one did.
    """
    fits = _is_short if _NARROW.fullmatch(f"{first}{indent}{text}") else _fits
    lines, line, begun = [], first, False
    for chunk in _chunks(text):
        if chunk.isspace() and not begun:
            continue
        if begun and not chunk.isspace() and not fits(line + chunk):
            lines.append(line)
            line = indent
        line += chunk
        begun = begun or not chunk.isspace()
    return SOFT.join([*lines, line.rstrip(" ")])


def tidy(text: str) -> str:
    """Return *text* without white space at line ends (but for the signature mark) and with two empty lines at most."""
    lines = [line if line == "-- " else line.rstrip(" \t") for line in re.split(r"\r\n|[\r\n]", text)]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n") + "\n"


def plain(text: str) -> str:
    """Return *text* with ordinary line ends in place of soft ones."""
    return re.sub(f" *{SOFT}", "\n", text)


def flat(text: str) -> str:
    """Return *text* without indentation, which a client that fills lines anew would leave inside them."""
    return re.sub(f"(^|[\n{SOFT}]) +", r"\1", text)


def _fits(line: str) -> bool:
    return len(line) <= _SIGNS and width(line) <= COLUMNS


def _is_short(line: str) -> bool:
    return len(line) <= COLUMNS


def _chunks(text: str) -> list[str]:
    """Return the pieces of *text* between which a line may break; a mark stays with what it stands on."""
    if _NARROW.fullmatch(text):
        return _CHUNK.findall(text)
    chunks: list[str] = []
    for chunk in _chunk_of_any_script().findall(text):
        if chunks and (chunk[0] == "\u200d" or unicodedata.category(chunk[0]).startswith("M")):
            chunks[-1] += chunk
        else:
            chunks.append(chunk)
    return chunks


@cache
def _chunk_of_any_script() -> re.Pattern[str]:
    """A line breaks at spaces and between Chinese characters, but not before what closes and behind what opens."""
    return re.compile(f"[ \t\n]+|[{_OPENING}]*(?:[{_WIDE}]|[^ \t\n{_WIDE}]+)[{_CLOSING}]*")


def _fitting(text: str, limit: int) -> int:
    """Return the length of the longest beginning of *text* that takes at most *limit* columns."""
    if _NARROW.fullmatch(text):
        return min(len(text), max(limit, 0))
    length = 0
    for cluster in _clusters(text):
        limit -= _size(cluster)
        if limit < 0:
            break
        length += len(cluster)
    return length


def _clusters(text: str) -> Iterable[str]:
    """Return what a reader takes for single characters: a letter with its marks, an emoji with its colour."""
    import wcwidth  # noqa: PLC0415 - see width

    return wcwidth.iter_graphemes(text)


def _size(cluster: str) -> int:
    return max(width(cluster), (len(cluster) + 1) // 2)


def isolated(text: str) -> str:
    """Return *text* between Unicode's isolates, so that they keep their own direction inside a line of the other."""
    return f"{ISOLATE}{text}{END_OF_ISOLATE}"


def strong(text: str) -> str:
    """Return the direction of the first letter that has one, ltr or rtl; an empty text where none has."""
    if text[:1].isascii() and text[:1].isalpha():  # as most begin
        return "ltr"
    kinds = (unicodedata.bidirectional(sign) for sign in text)
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
    balanced: list[str] = []
    opened = False
    for line in lines:
        before, inner, after = _split(line)
        inner = ISOLATE + inner if opened and inner else inner
        opened = inner.count(ISOLATE) > inner.count(END_OF_ISOLATE) if inner else opened
        balanced.append(before + inner + (END_OF_ISOLATE if opened and inner else "") + after)
    return balanced


def _split(line: str) -> tuple[str, str, str]:
    """Return the indentation, the words, and the space behind them."""
    inner = line.strip(" ")
    before, _, after = line.partition(inner) if inner else ("", "", line)
    return before, inner, after


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and line != "-- " and not line.lstrip().startswith(("https://", "http://"))
