"""A list of readers, read strictly: CSV with any of three delimiters, JSON Lines, bare addresses, or Parquet.

- It is a file of this machine or stands behind an address, Parquet also in several files by a pattern.
- It is read line by line, so a list of any length takes the same memory.
- Where the form of the list is broken (a quote left open, a row with too few cells, half a line of JSON) the whole list
  is refused with a SendingError: it may be a half-written export, and nobody can tell how much of it is missing.
- A row that is whole and names no valid address is a BadRow and is left out; the others go on.
- Duplicates pass; the ledger finds them.

The same reader serves lists of suppressions, in which a bad row is refused, too.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, TextIO
from urllib.parse import quote

from digest import tables
from digest.errors import SendingError, TableError
from digest.mail.built import Reader
from digest.model import Problem
from digest.tables import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

STDIN = "-"
_ADDRESS = "email"

# What mail services and spreadsheets call the column of addresses, without case, blanks and hyphens; best first.
_COLUMNS = (
    _ADDRESS, "emailaddress", "mail", "mailaddress", "emailadresse", "adresseemail", "correoelectronico",
    "subscriberemail", "emailid",
)  # fmt: skip

# Spreadsheets of many countries write a semicolon, since the comma stands in their numbers.
_DELIMITERS = (",", ";", "\t")

_SLOT = re.compile(r"\{(\w+)\}")

# Characters of one cell. What fills the unsubscribe address has to fit into a header's line of 998 octets.
_FIELD_LIMIT = 500

_AGAIN = "export the list again; nothing was sent"

# What Python allows where nobody says otherwise.
_LONGEST_CELL = 131_072
"""Most characters of a cell of a list; a longer one is a quote that nobody closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that names no reader. *reason* is the same for all rows with the same fault, *value* is what stands there.

    *line* counts from 1, the header included; of Parquet it is the row, through all files.
    """

    line: int
    reason: str
    value: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {f'{self.value!r} ' if self.value else ''}{self.reason}"


def read(path: str, needs: Sequence[str] = (), *, option: str = "--recipients") -> Iterator[Reader | BadRow]:
    """Yield the readers of the list *path*, and a BadRow for each row that names none or lacks one of *needs*.

    *path* is a path or an address, `-` is standard input; *needs* are columns that the unsubscribe address asks for;
    *option* is what names the list on the command line. Raises SendingError where the list cannot be read to its end:
    then nobody of it may be written to, so a caller has to read it whole before it acts.
    """
    shown = places.shown(path)
    try:
        if places.is_parquet(path):
            yield from (_reader(row, number, needs) for number, row in enumerate(_parquet_rows(path), start=1))
            return
        with _opened(path) as handle:
            yield from of_lines(handle, shown, needs)
    except TableError as error:
        raise SendingError(error.place, error.what, error.remedy) from error
    except OSError as error:
        raise SendingError(shown, f"cannot be read ({error.strerror})", f"name the list with {option}") from error
    except UnicodeDecodeError as error:
        raise SendingError(shown, "is not UTF-8", "save it as UTF-8") from error


def of_lines(lines: Iterable[str], path: str, needs: Sequence[str] = ()) -> Iterator[Reader | BadRow]:
    """Yield the readers of a list whose first line says what it is: JSON objects, columns with a header, addresses.

    *path* names the list in messages. Raises SendingError as `read` does.
    """
    numbered = enumerate(lines, start=1)
    number, first = next(((number, line) for number, line in numbered if line.strip()), (0, ""))
    if not first:
        return
    rest = (line for _, line in numbered)
    delimiter = _delimiter(first)
    if first.lstrip().startswith("{"):
        rows = _json_rows(first, rest, path, number)
    elif delimiter:
        rows = _csv_rows(first, rest, path, number, delimiter, needs)
    elif "@" not in first:
        raise SendingError(path, "has no column named email", "give the column of addresses that name")
    elif re.search(r"[,;\t]", first.strip()):
        _refuse(path, number, "has cells and no header", "name the columns in the first line, such as email,name")
    else:
        rows = _bare_rows(first, rest, number)
    for line, row in rows:
        yield _reader(row, line, needs)


def suppressions(path: str) -> Iterator[str]:
    """Yield the keys of the addresses in a file of readers who are never to be written to.

    Raises SendingError for a bad row, too: to leave it out would mean to write to that reader.
    """
    for row in read(path):
        if isinstance(row, BadRow):
            raise SendingError(f"{places.shown(path)}: {row}", "stands in a list of suppressions", "mend the row")
        yield key(row.address)


def key(address: str) -> str:
    """Return the address to compare by, without case.

    RFC 5321 (2.4) lets the part before the @ depend on case; hardly any mailbox does, and no list means it.
    """
    return address.casefold()


def address(raw: str) -> str:
    """Return *raw* as an ASCII address that every mail server takes: a domain in another script as Punycode.

    Asks no DNS. Raises ValueError that says what is wrong, also for a mailbox that needs SMTPUTF8 (RFC 6531).
    """
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - 40 ms that only sending needs

    try:
        valid = validate_email(raw, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise ValueError(str(error).rstrip(".")) from error
    return valid.ascii_email or valid.normalized


def unsubscribe(template: str, reader: Reader) -> str:
    """Return a reader's own unsubscribe address: *template* with the columns in braces filled in, percent-encoded.

    Raises SendingError for a column that the reader does not have.
    """

    def fill(slot: re.Match[str]) -> str:
        value = reader.address if slot[1] == _ADDRESS else reader.fields.get(slot[1], "")
        if not value:
            raise SendingError(
                reader.address, f"has no {slot[1]!r}, which send.unsubscribe needs", "add the column to the list"
            )
        return quote(value, safe="")

    return _SLOT.sub(fill, template)


def columns(template: str) -> list[str]:
    """Return the columns that an unsubscribe address asks for."""
    return [name for name in _SLOT.findall(template) if name != _ADDRESS]


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    """Lend the list *path* open for reading. Raises OSError and TableError."""
    with ExitStack() as stack:
        if path == STDIN:
            raw: BinaryIO = sys.stdin.buffer
        elif places.is_address(path):
            raw = stack.enter_context(places.behind(path).opened(path))
        else:
            raw = stack.enter_context(open(path, "rb"))
        # utf-8-sig drops the mark that spreadsheets put before UTF-8; newline="" leaves line breaks in quotes to csv.
        yield stack.enter_context(io.TextIOWrapper(raw, encoding="utf-8-sig", newline=""))


def _parquet_rows(path: str) -> Iterator[dict[str, Any]]:
    """Yield the cells of each row by column. Raises SendingError and TableError."""
    with tables.named(path, _LONGEST_CELL) as table:
        try:
            for row in table.rows():
                # One of several files, and nobody can tell how many readers are in it.
                if isinstance(row, Problem):
                    raise SendingError(row.path, "is no Parquet file", _AGAIN)
                yield _by_column(row.values)
        except TableError:
            # Not what DuckDB says: it may quote a cell, and that may be an address.
            raise SendingError(places.shown(path), "cannot be read to its end", _AGAIN) from None


def _refuse(path: str, line: int, problem: str, remedy: str) -> NoReturn:
    raise SendingError(f"{path}, line {line}", problem, f"{remedy}; nothing was sent")


def _delimiter(header: str) -> str:
    """Return what parts the cells of a list, empty where *header* names no column of addresses."""
    return next((sign for sign in _DELIMITERS if _column_of_addresses(_cells(header, sign)) >= 0), "")


def _cells(header: str, delimiter: str) -> list[str]:
    return next(csv.reader([header], delimiter=delimiter), [])


def _column_of_addresses(names: Iterable[str]) -> int:
    """Return the number of the column in which the addresses stand, -1 where no name says so."""
    plain = [re.sub(r"[\W_]+", "", name.casefold()) for name in names]
    return next((plain.index(name) for name in _COLUMNS if name in plain), -1)


def _bare_rows(first: str, rest: Iterator[str], number: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the address of each line that is not empty."""
    yield number, {_ADDRESS: first.strip()}
    for line, written in enumerate(rest, start=number + 1):
        if written.strip():
            yield line, {_ADDRESS: written.strip()}


def _json_rows(first: str, rest: Iterator[str], path: str, number: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the fields of each JSON object, one a line. Raises SendingError for anything else."""
    for line, written in enumerate(chain([first], rest), start=number):
        if not written.strip():
            continue
        try:
            row = json.loads(written)
        except (ValueError, RecursionError):
            _refuse(path, line, "is no JSON", "export the list again")
        if not isinstance(row, dict):
            _refuse(path, line, "is no JSON object", 'write one reader a line, as {"email": "ann@example.com"}')
        yield line, _by_column(row)


def _by_column(row: Mapping[str, object]) -> dict[str, Any]:
    """Return the cells of *row* by column, in lower case and that of the addresses under its own name."""
    names = [str(name).strip().casefold() for name in row]
    where = _column_of_addresses(names)
    if where >= 0:
        names[where] = _ADDRESS
    return dict(zip(names, row.values(), strict=True))


def _csv_rows(
    header: str, rest: Iterator[str], path: str, number: int, delimiter: str, needs: Sequence[str]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the first line and the cells of each row; a row may have several lines. Raises SendingError."""
    names = [name.strip().casefold() for name in _cells(header, delimiter)]
    names[_column_of_addresses(names)] = _ADDRESS
    twice = next((name for name in names if name and names.count(name) > 1), "")
    if twice:
        _refuse(path, number, f"names two columns {twice!r}", "give each a name of its own")
    lacks = next((name for name in needs if name not in names), "")
    if lacks:
        _refuse(path, number, f"has no column {lacks!r}, which send.unsubscribe needs", "add the column to the list")
    # The limit is the whole process's, and an import raises it.
    csv.field_size_limit(_LONGEST_CELL)
    # strict: without it csv takes a quote that nobody closed for the rest of the file.
    rows = csv.reader(rest, delimiter=delimiter, strict=True)
    line = number
    try:
        for row in rows:
            begins, line = line + 1, number + rows.line_num
            if any(row):
                yield begins, _csv_row(names, row, path, begins)
    except csv.Error as error:
        _refuse(path, line + 1, f"is no row of a CSV file ({error})", "export the list again")


def _csv_row(names: list[str], row: list[str], path: str, line: int) -> dict[str, Any]:
    """Return the cells of *row* by column. Refuses the list where the row is cut off, or has cells without a column."""
    if len(row) < len(names):
        _refuse(path, line, f"has {len(row)} of {len(names)} cells", "export the list again")
    if any(cell.strip() for cell in row[len(names) :]):
        _refuse(path, line, f"has {len(row)} cells, the header {len(names)}", "put quotes around cells with commas")
    cells = dict(zip(names, row, strict=False))
    # A quote left open swallows the next rows up to another quote: csv takes that for one sound cell.
    if re.search(r"[\r\n]", cells[_ADDRESS].strip()):
        _refuse(path, line, "holds a line break in its address", "close the quote that stands open there")
    return cells


def _reader(row: dict[str, Any], line: int, needs: Sequence[str]) -> Reader | BadRow:
    """Return the reader whom a row names, or what is wrong with it. Cells that are empty count as missing."""
    raw = row.get(_ADDRESS)
    if not isinstance(raw, str) or not raw.strip():
        return BadRow(line=line, reason="has no e-mail address")
    cells = {name: _cell(value) for name, value in row.items() if name and name != _ADDRESS}
    fields = {name: value for name, value in cells.items() if value}
    for name, value in fields.items():
        if not value.isprintable() or len(value) > _FIELD_LIMIT:
            return BadRow(line=line, reason=f"holds a control character or is too long in column {name!r}")
    lacks = next((name for name in needs if name not in fields), "")
    if lacks:
        return BadRow(line=line, reason=f"has no {lacks!r}, which send.unsubscribe needs")
    try:
        return Reader(address=address(raw.strip()), fields=fields, line=line)
    except ValueError as error:
        return BadRow(line=line, reason=f"is no e-mail address: {error}", value=raw.strip()[:80])


def _cell(value: object) -> str:
    """Return a value as text: the members of a list with `;` between them, as columns of several topics are written."""
    return "; ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
