"""Long addresses of a plain text as numbers, `[3]`, and a numbered list of them at its end.

Works on the finished text and not in the theme, so that every theme's text has them, and an address has one number
wherever it stands: on a line of its own, or behind words that an editor linked.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from digest.text import layout

if TYPE_CHECKING:
    from collections.abc import Collection

# Addresses are ASCII (`sanitize.address`), so one ends where another script goes on without a blank.
_ADDRESS = re.compile(r"(?<![!-~])\(?https?://[!-~]+")
_ALONE = re.compile(r" *(https?://[!-~]+)")
_PUNCTUATION = re.compile(r"[.,;:!?'\"]*")


def numbered(text: str, longest: int, *, kept: Collection[str], heading: str) -> str:
    """Return *text* with a number for each address of more than *longest* characters, and below *heading* a list.

    *text* is as `layout.tidy` returns it, with its soft line ends; what has changed is filled anew. The number of an
    address that had a line of its own ends the line above, if that holds words. The addresses *kept* stay, and so does
    one among words that ends in a sign which may be the sentence's. The list stands before the signature, or at the end
    where there is none. A text without long addresses is returned as it is.
    """
    numbering = _Numbering(longest, kept)
    lines: list[str] = []
    for line in text.split("\n"):
        alone = _ALONE.fullmatch(line)
        mark = numbering.mark(alone[1]) if alone else ""
        if alone and mark:
            above = lines.pop() if lines and _holds_words(lines[-1]) else ""
            lines.append(_filled(f"{above} {mark}", _indentation(line)) if above else f"{_indentation(line)}{mark}")
        elif not alone and "://" in line:
            lines.append(numbering.paragraph(line))
        else:
            lines.append(line)
    if not numbering.numbers:
        return text
    at = len(lines) - 1 - lines[::-1].index(layout.SIGNATURE) if layout.SIGNATURE in lines else len(lines)
    listed = [f"[{number}] {address}" for address, number in numbering.numbers.items()]
    return layout.tidy("\n".join([*lines[:at], "", "", heading, "", *listed, "", *lines[at:]]))


class _Numbering:
    """Numbers addresses as they come; *numbers* has those of the long ones that are not *kept*."""

    def __init__(self, longest: int, kept: Collection[str]) -> None:
        self.numbers: dict[str, int] = {}
        self._longest, self._kept = longest, kept

    def mark(self, address: str) -> str:
        """Return what stands for *address*, such as `[3]`; empty where the address itself does."""
        if len(address) <= self._longest or address in self._kept:
            return ""
        return f"[{self.numbers.setdefault(address, len(self.numbers) + 1)}]"

    def paragraph(self, line: str) -> str:
        """Return a *line* of words, with its soft ends, that has numbers in it."""
        whole = _joined(line)
        shorter = _ADDRESS.sub(self._marked, whole)
        return line if shorter == whole else _filled(line, _indentation(line), shorter)

    def _marked(self, match: re.Match[str]) -> str:
        word = match[0]
        if not word.startswith("("):
            is_certain = word[-1].isalnum() or word[-1] == "/"
            return (self.mark(word) if is_certain else "") or word
        address, end, after = word[1:].rpartition(")")
        mark = self.mark(address) if end and _PUNCTUATION.fullmatch(after) else ""
        return f"{mark}{after}" if mark else word


def _holds_words(line: str) -> bool:
    return bool(line.strip()) and line != layout.SIGNATURE and not _ALONE.fullmatch(line)


def _joined(line: str) -> str:
    """Return *line* without its soft ends: `fill` breaks behind a blank, so that nothing is lost."""
    first, *others = line.split(layout.SOFT)
    return first + "".join(piece.removeprefix(_indentation(piece)) for piece in others)


def _filled(line: str, indent: str, text: str = "") -> str:
    """Return *line*, or what its *text* has become, filled as it was; *indent* is for one that had no soft end yet."""
    first, *others = line.split(layout.SOFT)
    return layout.fill(
        text or _joined(line), indent=_indentation(others[0]) if others else indent, first=_indentation(first)
    )


def _indentation(line: str) -> str:
    rest = line.lstrip(" ")
    blanks = len(line) - len(rest)
    # A mark without a letter stands on the blank before it, which is then part of the words, as in `layout`.
    if blanks and rest and (rest[0] == "\u200d" or unicodedata.category(rest[0]).startswith("M")):
        blanks -= 1
    return line[:blanks]
