"""Plain text in lines, for any script: its width, cutting, excerpts, wrapping, and marks for writing directions.

Lengths are columns of a fixed-width screen: a Chinese character takes two, a combining mark none (UAX #11, by way of
wcwidth). Nothing is cut inside what a reader takes for one character (grapheme clusters, UAX #29).

Wrapped lines end in SOFT until the text is written: the MIME part makes flowed lines (RFC 3676) of them, and `plain`
ordinary ones.

Directions are told by Unicode's invisible marks (UAX #9), which only plain text needs; HTML has `dir` and `<bdi>`.

Texts of Latin, Greek, Cyrillic, Hebrew or Arabic letters take a shortcut everywhere: one column is one character there,
so that no table has to be loaded or asked.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from digest.text.languages import END_OF_ISOLATE, ISOLATE, MARK

if TYPE_CHECKING:
    from collections.abc import Iterable


COLUMNS = 74
"""Width of a line of plain text: two levels of quotation by a reply still fit into 78."""

# Marks take no column, so a line of 74 columns may have far more characters; RFC 5322 (2.1.1) asks for at most 78, and
# some programs count these.
_SIGNS = 75
"""Most characters of a line."""

COLUMNS_A_MINUTE = 1_300
"""Columns that people read in a minute: 220 English words of six, or 650 Japanese characters of two."""

SIGNATURE = "-- "
"""The line above a signature, with its blank (RFC 3676, 4.3): without it clients do not fold what stands below."""

SOFT = "\u2028"
"""A line end that `fill` made and not the theme, U+2028. No article's text has one: `sanitize` takes it out."""

_NARROW = re.compile(
    "[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u0482\u048a-\u052f\u2010-\u2027"
    "\u05d0-\u05ea\u060c\u061b\u061f\u0621-\u064a\u0660-\u066f\u0671-\u06d5]*"
)
"""A text of one column a character: Latin, Greek, Cyrillic, Hebrew and Arabic letters without combining marks."""

# A line of Chinese or Japanese may break between any two characters but these (JIS X 4051 and UAX #14 call it kinsoku):
# none begins with what closes or with a small kana, none ends with what opens.
_WIDE = "\u2e80-\u303e\u3041-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff"
_OPENING = "(（［｛「『【〔〈《〖“‘\\["
_CLOSING = (
    "\\])）］｝」』】〕〉》〗”’、。，．・：；？！‥…‐–〜゠%％,.:;?!"
    "ーァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎゕゖ々〻ゝゞヽヾ"
)
_JOINERS = "\u200c\u200d"
_SPACES = (" ", "\t", "\n")
_CHUNK = re.compile("[ \t\n]+|[^ \t\n]+")

# A full stop ends a sentence only before a space or the end, so that no excerpt ends inside "3.5". A Japanese one ends
# it at once, unless it stands in a quotation that the sentence goes on behind (「…。」と).
_SENTENCE_END = re.compile(
    r"[.!?؟۔।॥][\"'”’»)\]]*(?=\s|$)"
    r"|[。！？｡](?:[」』）〉》】〕”’\"')]+(?!と)|(?![」』）〉》】〕”’\"')]))"
)
_TRAIL = re.compile(r"(?:\s*\[?(?:\.{3,}|…)\]?)+$")
"""The marks of a text that its source has broken off: `...`, `…`, `[…]`, with or without a space in front."""

_TRAIL_ENDS = (".", "…", "]")
"""What a trail can end with. A look at the last character spares most texts the search."""
_DANGLING = " ,;:–—-،؛、，；：・"
"""What looks wrong before an ellipsis, in several scripts."""

# Shorter ones are headlines and captions, which end without punctuation; a longer one was broken off by a scraper.
_WHOLE_BELOW = 80
"""Columns up to which a text without punctuation at its end counts as whole."""


# Letters of many readers have the same texts; a week has some thousands.
@lru_cache(maxsize=1 << 13)
def width(text: str) -> int:
    """Return how many columns *text* takes on a screen of fixed width."""
    if _NARROW.fullmatch(text):
        return len(text)
    import wcwidth  # noqa: PLC0415 - its tables take longer to load than a Latin letter to fill

    return wcwidth.width(text, control_codes="ignore")


def size(text: str) -> int:
    """Return the columns of *text*, where heaps of combining marks count at least half their number.

    For limits: by width alone, a text of nothing but marks would be free and could be endless.
    """
    return len(text) if _NARROW.fullmatch(text) else sum(_size(cluster) for cluster in _clusters(text))


def visible(text: str) -> str:
    """Return *text* without invisible characters (category Cf), but for the joiners that shape letters and emoji.

    Spam hides words with them and filters count them, so a subject may have none; in a headline they stay.
    """
    if _NARROW.fullmatch(text):
        return text
    return "".join(sign for sign in text if sign in _JOINERS or unicodedata.category(sign) != "Cf")


def minutes(texts: Iterable[str]) -> int:
    """Return how long it takes to read *texts*, in whole minutes, at least one."""
    return max(round(sum(map(width, texts)) / COLUMNS_A_MINUTE), 1)


def minutes_of_words(count: int, language: str) -> int:
    """Return how long it takes to read so many words of *language* (a tag), in whole minutes, at least one.

    Who counts the words of Chinese and Japanese, which set no blanks, counts characters.
    """
    columns = 2 if language.partition("-")[0] in {"ja", "yue", "zh"} else 6
    return max(round(count * columns / COLUMNS_A_MINUTE), 1)


def cut(text: str, limit: int) -> str:
    """Return *text* in at most *limit* columns, cut where a line may break and ended by an ellipsis.

    The ellipsis counts. A first word that is too long by itself is cut between two characters.
    """
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
    """Return a narrow *text* without the last piece of `_chunks`: the word that was cut, or the spaces."""
    if text[-1:] in _SPACES:
        return text.rstrip("".join(_SPACES))
    return text[: max(map(text.rfind, _SPACES)) + 1]


def _marked(text: str) -> str:
    """Return *text* with an ellipsis in place of punctuation that looks wrong before one."""
    return text.rstrip(_DANGLING) + "…"


def excerpt(text: str, limit: int) -> str:
    """Return *text* in at most *limit* columns, ended with a sentence where one ends in the second half of them.

    Else it is cut like any text. One that its source broke off is mended in the same way, even if it fits: its last
    word may be half a word, so it goes. "" where *text* is nothing but an ellipsis.
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
    # "a man in ..." was broken off between words, so the last one is whole; a Chinese character is never half a word.
    if fits and ((trail and trail[0].startswith(" ")) or re.search(f"[{_WIDE}]$", whole)):
        return f"{whole}…"
    # The x makes the last word, which may be half a one, too long to stay.
    return cut(f"{piece}x" if fits else whole, min(limit, size(piece)))


def fill(text: str, indent: str = "", first: str = "") -> str:
    """Return *text* in lines of at most COLUMNS, the first indented by *first*, the rest by *indent*.

    Addresses and long words are never broken, so such a line may be longer. The lines end in SOFT, behind the space
    that stood there, if one did: format=flowed (RFC 3676) tells by that space how to join them again.
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
    """Return *text* without white space at line ends, with at most two empty lines in a row, and one LF at its end.

    Lines may end in LF, CR or CRLF.
    """
    lines = re.split(r"\r\n|[\r\n]", text) if "\r" in text else text.split("\n")
    lines = [line if line == SIGNATURE else line.rstrip(" \t") for line in lines]
    tidy = "\n".join(lines)
    return (re.sub(r"\n{4,}", "\n\n\n", tidy) if "\n\n\n\n" in tidy else tidy).strip("\n") + "\n"


def plain(text: str) -> str:
    """Return *text* with ordinary line ends in place of soft ones."""
    *lines, last = text.split(SOFT)
    return "\n".join([*(line.rstrip(" ") for line in lines), last])


def flat(text: str) -> str:
    """Return *text* without indentation at the beginnings of lines, hard and soft.

    A client that joins flowed lines would leave the indentation of the second inside the sentence.
    """
    # One after the other, since a search for one sign is several times as fast as one for either.
    return re.sub(f"{SOFT} +", SOFT, re.sub("\n +", "\n", text.lstrip(" ")))


def _fits(line: str) -> bool:
    """Whether a line of any script is short enough, in columns and in characters."""
    return len(line) <= _SIGNS and width(line) <= COLUMNS


def _is_short(line: str) -> bool:
    """Whether a narrow line is short enough: the same, without tables."""
    return len(line) <= COLUMNS


def _chunks(text: str) -> list[str]:
    """Return the pieces of *text* between which a line may break: words, runs of spaces, single wide characters.

    Joined they are *text*. A combining mark or a joiner stays with what it stands on.
    """
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
    """Return the expression for a piece of any script, which is compiled only where a text is not narrow.

    A line may break at spaces and between wide characters, but not before what closes nor behind what opens.
    """
    return re.compile(f"[ \t\n]+|[{_OPENING}]*(?:[{_WIDE}]|[^ \t\n{_WIDE}]+)[{_CLOSING}]*")


def _fitting(text: str, limit: int) -> int:
    """Return the length in characters of the longest beginning of *text* of at most *limit* columns, by `size`."""
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
    """Return what a reader takes for single characters (UAX #29): a letter with its marks, an emoji with its colour."""
    import wcwidth  # noqa: PLC0415 - see width

    return wcwidth.iter_graphemes(text)


def _size(cluster: str) -> int:
    """Return the columns of one cluster, at least half the number of its characters."""
    return max(width(cluster), (len(cluster) + 1) // 2)


def isolated(text: str) -> str:
    """Return *text* in a first-strong isolate (UAX #9), so that it keeps its direction in a line of the other one."""
    return f"{ISOLATE}{text}{END_OF_ISOLATE}"


def strong(text: str) -> str:
    """Return the direction of the first letter that has one (UAX #9, rule P2), ltr or rtl; "" where none has."""
    # Most texts begin with an ASCII letter, and need no table.
    if text[:1].isascii() and text[:1].isalpha():
        return "ltr"
    kinds = (unicodedata.bidirectional(sign) for sign in text)
    return next(("ltr" if kind == "L" else "rtl" for kind in kinds if kind in {"L", "R", "AL"}), "")


def marked(text: str, direction: str) -> str:
    """Return *text* with each isolate closed at the end of its line and opened again on the next.

    *direction* is that of the whole text, ltr or rtl. In one from right to left every line of prose begins with a mark
    that says so.
    """
    if direction != "rtl" and ISOLATE not in text:
        return text
    # An isolate ends with its paragraph (UAX #9, X8), which a line is to most clients. They also guess a line's
    # direction by its first letter, so that one which begins with a Latin name would run the wrong way without a mark.
    pieces = re.split("([\n\u2028])", text)
    lines = _balanced(pieces[::2])
    if direction == "rtl":
        lines = [MARK + line if _is_prose(line) else line for line in lines]
    return "".join(line + end for line, end in zip(lines, [*pieces[1::2], ""], strict=True))


def _balanced(lines: list[str]) -> list[str]:
    """Return *lines*, each with as many isolates closed as opened; indentation and spaces at the end stay outside."""
    balanced: list[str] = []
    opened = False
    for line in lines:
        before, inner, after = _split(line)
        inner = ISOLATE + inner if opened and inner else inner
        opened = inner.count(ISOLATE) > inner.count(END_OF_ISOLATE) if inner else opened
        balanced.append(before + inner + (END_OF_ISOLATE if opened and inner else "") + after)
    return balanced


def _split(line: str) -> tuple[str, str, str]:
    """Return a line's indentation, its words, and the spaces behind them."""
    inner = line.strip(" ")
    before, _, after = line.partition(inner) if inner else ("", "", line)
    return before, inner, after


def _is_prose(line: str) -> bool:
    """Whether a line may begin with a mark: neither empty, the signature mark nor an address, which it would break."""
    return bool(line.strip()) and line != SIGNATURE and not line.lstrip().startswith(("https://", "http://"))
