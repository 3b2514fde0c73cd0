"""Records as rows of CSV, read strictly. Knows CSV, not what the columns mean."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from digest.errors import ImportingError
from digest.importing.source import MOST_BYTES, Raw
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.importing.decoding import Decoded

_REREADS = 4
"""How often the lines of a file are read again, on average, behind quotes that are not closed."""


class _Lines:
    """The lines of a file, as an iterator that can be set back."""

    def __init__(self, text: str) -> None:
        self._lines = list(io.StringIO(text, newline=""))
        self.position = 0
        self._left = (1 + _REREADS) * len(self._lines) + 1000

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.position == len(self._lines) or not self._left:
            raise StopIteration
        self._left -= 1
        self.position += 1
        return self._lines[self.position - 1]

    @property
    def is_spent(self) -> bool:
        """Whether lines are left which will not be read, since too many were read again."""
        return not self._left and self.position < len(self._lines)


def read(place: str, text: str, decoded: Decoded) -> Iterator[Raw | Problem]:
    """Yield the rows below the header. Raises ImportingError where the header itself cannot be read."""
    csv.field_size_limit(MOST_BYTES)  # of 131,072 characters; the size of the file is bounded already
    lines = _Lines(text)
    cells = csv.reader(lines, strict=True)
    try:
        header = next((row for row in cells if row), [])
    except csv.Error as error:
        raise ImportingError(f"{place}:1", f"is no CSV ({error})", "mend the header") from error
    if decoded.mark and any(decoded.mark in name for name in header):
        raise ImportingError(place, f"is not {decoded.encoding}", "save it as UTF-8")
    while True:
        start = lines.position
        try:
            row = next(cells)
        except StopIteration:
            break
        except csv.Error as error:
            yield Problem(path=place, line=start + 1, what=f"is no CSV ({error})")
            # An open quote swallows the rows behind it up to the next quote: they are read again, from the next line.
            lines.position = start + 1
            continue
        yield from _record(place, lines.position, header, row)
    if lines.is_spent:
        yield Problem(path=place, line=lines.position, what="has too many open quotes; what follows is not read")


def _record(place: str, line: int, header: list[str], row: list[str]) -> Iterator[Raw | Problem]:
    if len(row) > len(header):
        yield Problem(path=place, line=line, what="has more cells than the header")
    elif row:
        yield Raw(place=f"{place}:{line}", fields=dict(zip(header, row, strict=False)), base={})
