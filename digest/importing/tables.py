"""Records of tables: CSV as programs and spreadsheets write it.

Commas, semicolons, tabs or bars part the cells: the header tells which, or Excel's own first line (`sep=;`). Headers
are matched whatever their case, blanks, hyphens and underscores. A row that cannot be read is a Problem with its line,
and those behind it are read; one with an open quote is skipped. Nothing takes the square of the table's size.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from digest.errors import ImportingError
from digest.importing.source import MOST_BYTES, Raw
from digest.model import Problem
from digest.records.names import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.importing.decoding import Decoded

_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*+"?')
_EXCEL = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
"""The line above a header by which Excel is told what parts the cells."""


def _plain(name: str) -> str:
    """Return the name of a column without case, blanks, hyphens and underscores."""
    return re.sub(r"[\s_-]+", "", name).casefold()


_SPELLINGS: Mapping[str, str] = {
    _plain(name): name for names in reversed(list(NAMES.values())) for name in reversed(names) if "." not in name
}
"""The names that fields have in sources, by how a header may spell them."""


def delimiter(header: str) -> str:
    """Return the sign that parts the cells of a table with such a *header*: the commonest outside of quotes."""
    bare = _QUOTED.sub("", header)
    return max(_DELIMITERS, key=bare.count)


# Each open quote may swallow the whole rest of a file, which is then read again: a file of nothing but open quotes
# would take the square of its lines.
_REREADS = 4
"""How often the lines of a CSV file may be read again on average, because an open quote swallowed them."""


def is_table(text: str) -> bool:
    """Whether a text may be a table: its first line has several cells, one of which is called like a field."""
    header = text.lstrip("\ufeff \r\n").partition("\n")[0][:10_000]
    cells = header.split(delimiter(header))
    return len(cells) > 1 and any(_plain(cell.strip('"')) in _SPELLINGS for cell in cells)


class _Lines:
    """The lines of a file as an iterator that can be set back: *position* is the line read next, counted from 0.

    It ends early when too many lines were read again; see `is_spent`.
    """

    def __init__(self, text: str) -> None:
        # newline="" keeps line ends as they are, which the csv module asks for: it finds those inside quotes itself.
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

    def sign(self) -> str:
        """Return the sign that parts the cells, and pass over the line of Excel's that names it."""
        first = next((number for number, line in enumerate(self._lines) if line.strip()), 0)
        line = self._lines[first] if self._lines else ""
        if told := _EXCEL.fullmatch(line):
            self.position = first + 1
            return told[1]
        return delimiter(line)

    @property
    def is_spent(self) -> bool:
        """Whether lines are left that are not read, because too many others were read again."""
        return not self._left and self.position < len(self._lines)


def read_csv(place: str, text: str, decoded: Decoded) -> Iterator[Raw | Problem]:
    """Yield the rows below the header as records; cells behind the last that a row has are absent.

    Empty rows are left out. Raises ImportingError where the header itself cannot be read.
    """
    # csv allows 131,072 characters a cell, which the text of a long article reaches; the file's size is bounded
    # already.
    csv.field_size_limit(MOST_BYTES)
    lines = _Lines(text)
    sign = lines.sign()
    # strict, or an open quote would take all the rows behind it into one cell without a word. Blanks behind a comma are
    # no part of a cell, and with a quote behind them they would make that a stray one.
    cells = csv.reader(lines, strict=True, delimiter=sign, skipinitialspace=sign != "\t")
    try:
        header = next((row for row in cells if row), [])
    except csv.Error as error:
        raise ImportingError(f"{place}:1", f"is no CSV ({error})", "mend the header") from error
    # A damaged name would be another field, and all records would lack it.
    if decoded.mark and any(decoded.mark in name for name in header):
        raise ImportingError(place, f"is not {decoded.encoding}", "save it as UTF-8")
    columns = _columns(header)
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
        yield from _record(place, lines.position, columns, row)
    if lines.is_spent:
        yield Problem(path=place, line=lines.position, what="has too many open quotes; what follows is not read")


def _columns(header: list[str]) -> list[list[str]]:
    """Return the names by which each column is known: as it is written, in lower case, and as sources call it.

    A name belongs to the first column that claims it; one in its own spelling before all others.
    """
    stripped = [name.strip() for name in header]
    taken = set(stripped)
    columns = []
    for name in stripped:
        aliases = {name.casefold(), _SPELLINGS.get(_plain(name), name)} - taken
        taken |= aliases
        columns.append([name, *sorted(aliases)])
    return columns


def _record(place: str, line: int, columns: list[list[str]], row: list[str]) -> Iterator[Raw | Problem]:
    """Yield the record of a row that ends in *line*: a Problem where it is too long, nothing where it is empty."""
    # Spreadsheets end their rows with as many empty cells as the widest has.
    if any(cell.strip() for cell in row[len(columns) :]):
        yield Problem(path=place, line=line, what="has more cells than the header")
    elif any(row):
        cells = zip(columns, row, strict=False)
        fields = {name: cell.strip() for names, cell in cells for name in names if name}
        yield Raw(place=f"{place}:{line}", fields=fields)
