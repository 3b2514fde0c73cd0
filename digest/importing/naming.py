"""Names of articles' files: the date and the title, in the letters of whatever script it is written in."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_LONGEST = 80
"""Most characters of a title in a file's name."""

# Common file systems allow 255 bytes. The date before the title, a number and the ending behind it take 25, and the
# hidden name of a file that is being written some more.
_MOST_BYTES = 200
"""Most bytes of a title in a file's name; letters of Chinese have three each."""


def stem(day: date, title: str) -> str:
    """Return the stem of an article's file, such as `2020-11-09-title-in-letters`.

    Letters and digits of every script stay, in lower case and composed (NFC); Latin ones without their accents, as far
    as that leaves a letter. All else becomes hyphens. A title without any letter becomes `article`.
    """
    letters = "".join(map(_letter, unicodedata.normalize("NFKC", title).casefold()))
    # A mark that stands alone behind an ASCII letter or a hyphen is an accent that had no composed form.
    slug = re.sub(r"(?<![^\W_a-z0-9])[\u0300-\u036f]+", "", letters)
    slug = re.sub(r"[\s-]+", "-", slug).strip("-")[:_LONGEST]
    slug = slug.encode()[:_MOST_BYTES].decode(errors="ignore").rstrip("-")
    return f"{day.isoformat()}-{unicodedata.normalize('NFC', slug) or 'article'}"


def former_stem(day: date, title: str) -> str:
    """Return the stem that files had formerly, in ASCII only, by which those are known again."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_LONGEST].rstrip("-")
    return f"{day.isoformat()}-{slug or 'article'}"


def _letter(character: str) -> str:
    """Return what stands for a character in a file's name: a letter, a digit, a mark or a hyphen."""
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    if plain.isalnum():
        return plain
    # Signs of vowels in Indian scripts are marks, without which words could not be read.
    return character if unicodedata.category(character)[0] in "LNM" and not character.isascii() else "-"
