"""JSON Lines: an object a line. A line that cannot be read is a Problem, and those behind it are read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

from digest.model import Problem
from digest.tables import places
from digest.tables.row import Dates, Table, TableRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.tables.places import TableFile

# JSON may write a byte of text in six (`\u0001`), and has the names of the columns besides.
_SPELLED = 8
"""How many times longer than its texts a line may be, before it is passed over unread."""


class NoJson(ValueError):
    """A text that is no JSON, or more than Python reads, and why in words that follow its place."""


# Numbers stay texts, so that none is too long, and none is rounded.
as_written = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str).decode
"""Returns the value of a JSON text with its numbers as they are written."""


def loaded(text: str, decode: Callable[[str], Any] = json.loads) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return the value of a JSON text, as *decode* has it. Raises NoJson for any that has none."""
    try:
        return decode(text)
    # Two errors of the parser that json does not announce: it recurses in C, and it refuses numbers of more than 4,300
    # digits with a bare ValueError (CVE-2020-10735). JSONDecodeError is a ValueError, too, so its clause comes first.
    except RecursionError as error:
        raise NoJson("is nested too deeply to be read") from error
    except json.JSONDecodeError as error:
        raise NoJson(f"is no JSON ({error})") from error
    except ValueError as error:
        raise NoJson("holds a number that is too long to be read") from error


class JsonLines(Table):
    """The objects of *files*, none from a line of many times *most* bytes."""

    def __init__(self, files: Sequence[TableFile], most: int) -> None:
        self._files = files
        self._longest = most * _SPELLED
        self._count = 0

    def rows(self, dates: Dates | None = None) -> Iterator[TableRow | Problem]:
        """Yield every row: to know its date, a line has to be read."""
        del dates
        self._count = 0
        for file in self._files:
            for number, line in self._written(file):
                self._count += 1
                yield _row(file, number, line, self._longest)

    def count(self) -> int:
        """Return how many rows there are; behind an address, where to count is to fetch, how many have been read."""
        if not self._count:
            self._count = sum(1 for file in self._files if not file.is_remote for _ in self._written(file))
        return self._count

    def _written(self, file: TableFile) -> Iterator[tuple[int, bytes | None]]:
        """Yield each line that is not empty with its number, None for one that is too long."""
        with places.opened(file) as handle:
            for number, line in enumerate(_lines(handle, self._longest), start=1):
                if line is None or line.strip():
                    yield number, line


def _lines(handle: BinaryIO, longest: int) -> Iterator[bytes | None]:
    """Yield each line; None for one of more than *longest* bytes, which is passed over in pieces."""
    while line := handle.readline(longest + 1):
        if len(line) <= longest or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = handle.readline(longest)
        yield None


def _row(file: TableFile, number: int, line: bytes | None, longest: int) -> TableRow | Problem:
    """Return the row in *line*, or what is wrong with it."""
    if line is None:
        return Problem(path=file.shown, line=number, what=f"has more than {longest:,} bytes, which are not read")
    if number == 1:
        line = line.removeprefix(b"\xef\xbb\xbf")
        if line.startswith((b"\xff\xfe", b"\xfe\xff")):
            return Problem(path=file.shown, line=number, what="is UTF-16; save it as UTF-8")
    try:
        value = loaded(line.decode("utf-8"), as_written)
    except UnicodeDecodeError:
        return Problem(path=file.shown, line=number, what="is not UTF-8; save it as UTF-8")
    except NoJson as error:
        return Problem(path=file.shown, line=number, what=str(error))
    if not isinstance(value, dict):
        return Problem(path=file.shown, line=number, what="is no object")
    return TableRow(f"{file.shown}:{number}", f"{file.label}:{number}", value)
