"""Whether the plain text is fit to be read as it stands."""

from __future__ import annotations

import re
import unicodedata
from html.entities import html5
from typing import TYPE_CHECKING

from digest.checks.opened import TAG, TEXT
from digest.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.checks.opened import Opened
    from digest.model import Finding

_COLUMNS = 78
_ENTITY = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def findings(issue: Opened) -> Iterator[Finding]:
    """Yield what is wrong with the text."""
    if not re.search(r"\w", issue.text):
        yield finding("text-empty", TEXT, "has no words")
    for number, line in enumerate(issue.text.splitlines(), 1):
        columns = sum(map(_columns, line))
        if columns > _COLUMNS and "://" not in line:
            yield finding("text-width", TEXT, f"{columns} columns", line=number)
        if markup := next(_markup(line), None):
            yield finding("text-markup", TEXT, f"{markup[:60]} stands in it", line=number)
        if control := _CONTROL.search(line):
            yield finding("text-control", TEXT, f"U+{ord(control[0]):04X} stands in it", line=number)


def _markup(line: str) -> Iterator[str]:
    """Tags and entities."""
    yield from (found[0] for found in TAG.finditer(line))
    for found in _ENTITY.finditer("" if "://" in line else line):
        if found[0][1] == "#" or found[0][1:] in html5:
            yield found[0]


def _columns(sign: str) -> int:
    """How many columns a character takes: two for East Asian wide ones, none for those that combine."""
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Mc", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1
