"""A list of readers to Readers: CSV, JSONL, or bare addresses. Knows files and addresses, not what is sent to them.

Reads line by line, so a list of any length takes the same memory. A bad row is a Problem with its line and is left
out; the others go on. Who stands twice is found by the ledger.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from digest.errors import SendingError
from digest.mail.letter import Reader
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STDIN = "-"
_ADDRESS = "email"
_SLOT = re.compile(r"\{(\w+)\}")
_FIELD_LIMIT = 500


def read(path: str) -> Iterator[Reader | Problem]:
    """Yield the readers in the file *path*, and a Problem for each row that is none. Raises SendingError."""
    try:
        with _open(path) as handle:
            yield from of_lines(handle, path)
    except OSError as error:
        raise SendingError(path, f"cannot be read ({error.strerror})", "name the list with --recipients") from error
    except UnicodeDecodeError as error:
        raise SendingError(path, "is not UTF-8", "save it as UTF-8") from error


def of_lines(lines: Iterable[str], path: str) -> Iterator[Reader | Problem]:
    """Yield the readers of a list whose first line says what it is: JSON objects, columns with a header, addresses."""
    source = iter(lines)
    first = next((line for line in source if line.strip()), "")
    if first.lstrip().startswith("{"):
        rows = _json_rows(_chained(first, source))
    elif _ADDRESS in [name.strip().casefold() for name in next(csv.reader([first]), [])]:
        rows = _csv_rows(first, source)
    elif first and "," not in first and "@" not in first:
        raise SendingError(path, "has no column named email", "give the column of addresses that name")
    else:
        rows = ({_ADDRESS: line.strip()} for line in _chained(first, source))
    for number, row in enumerate(rows, start=1):
        yield _reader(row, path, number)


def suppressions(path: str) -> Iterator[str]:
    """Yield the addresses of a file of readers who are never to be written to. Raises SendingError for a bad row.

    A row that cannot be read is an error here and not a warning: leaving it out would mean to write to that reader.
    """
    for found in read(path):
        if isinstance(found, Problem):
            raise SendingError(str(found), "stands in a list of suppressions", "mend the row")
        yield key(found.address)


def key(address: str) -> str:
    """The address to compare by: the domain without case."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.casefold()}"


def address(raw: str) -> str:
    """Return *raw* as an ASCII address that mail servers take. Raises ValueError that says what is wrong."""
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - 40 ms that only sending needs

    try:
        found = validate_email(raw, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise ValueError(str(error).rstrip(".")) from error
    return found.ascii_email or found.normalized


def unsubscribe(template: str, reader: Reader) -> str:
    """Return a reader's own unsubscribe address: *template* with the columns in braces filled in, percent-encoded.

    Raises SendingError for a column that the reader does not have.
    """

    def fill(found: re.Match[str]) -> str:
        value = reader.address if found[1] == _ADDRESS else reader.fields.get(found[1], "")
        if not value:
            raise SendingError(
                reader.address, f"has no {found[1]!r}, which send.unsubscribe needs", "add the column to the list"
            )
        return quote(value, safe="")

    return _SLOT.sub(fill, template)


def columns(template: str) -> list[str]:
    """Return the columns that an unsubscribe address asks for."""
    return [name for name in _SLOT.findall(template) if name != _ADDRESS]


def _open(path: str) -> io.TextIOBase | Any:  # noqa: ANN401 - sys.stdin is a TextIO, which is no TextIOBase to mypy
    if path == STDIN:
        return io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
    return open(path, encoding="utf-8-sig", newline="")


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from (line for line in rest if line.strip())


def _json_rows(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        yield {str(name).casefold(): value for name, value in row.items()} if isinstance(row, dict) else {}


def _csv_rows(first: str, rest: Iterator[str]) -> Iterator[dict[str, Any]]:
    names = [name.strip().casefold() for name in next(csv.reader([first]))]
    for row in csv.reader(rest):
        if any(row):
            yield dict(zip(names, row, strict=False))


def _reader(row: dict[str, Any], path: str, number: int) -> Reader | Problem:
    raw = row.get(_ADDRESS)
    if not isinstance(raw, str) or not raw.strip():
        return Problem(path=path, what=f"row {number} has no e-mail address")
    fields = {name: str(value) for name, value in row.items() if name and name != _ADDRESS and value not in (None, "")}
    for name, value in fields.items():
        if not value.isprintable() or len(value) > _FIELD_LIMIT:
            return Problem(path=path, what=f"row {number}, {name}: holds a control character or is too long")
    try:
        return Reader(address=address(raw.strip()), fields=fields)
    except ValueError as error:
        return Problem(path=path, what=f"row {number}: {raw.strip()[:80]!r} is no e-mail address: {error}")
