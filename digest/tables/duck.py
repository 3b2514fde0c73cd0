"""Parquet files and queries, through DuckDB (the extra `tables`). Nothing is fetched but the files that are named.

Every column comes as text, JSON or bytes, made by DuckDB: so a time has no zone of this machine, a decimal no rounding,
and no further package is needed for them.

A query is one SELECT over a database that is opened for reading alone, in a DuckDB that has no files, no network, no
extensions, and settings that cannot be changed.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from digest.errors import TableError
from digest.model import Problem
from digest.tables import datefilter, places
from digest.tables.jsonl import NoJson, as_written, loaded
from digest.tables.row import Dates, Table, TableRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.tables.places import TableFile

Config = dict[str, str | bool | int | float | list[str]]

# By itself DuckDB downloads an extension that a file or a function asks for.
_ALONE: Config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_SHUT: Config = {**_ALONE, "enable_external_access": "false"}

# By itself it shows times in the zone of the machine, and draws a bar among what is printed.
_QUIET = "SET TimeZone = 'UTC'; SET enable_progress_bar = false"

_AT_ONCE = 1_000
"""Rows that are fetched at a time."""

_OBJECT = 1 << 24
"""Bytes of a line of JSON that DuckDB makes room for by itself, several times over; a longer line needs as much."""

_GROUP = 10_240
"""Rows in a part of a file that is written, which DuckDB holds in memory; by itself it takes twelve times as many."""

_VIEW = "digest_articles"
"""What the query is called in its DuckDB."""

_FILE, _NUMBER = "file of digest", "file_row_number"
"""Columns that DuckDB adds: the file that a row is in, and how many rows of it are before that."""

_KIND_OF_ERROR = re.compile(r"^\s*(?:\w+\.)*(\w+): ", re.MULTILINE)
"""The kind of an exception, at the end of its traceback."""

_NESTED = ("STRUCT", "MAP", "UNION", "JSON", "VARIANT")
_ZONED = "TIMESTAMP WITH TIME ZONE"

Reader = Callable[[Any], object]
"""Makes a value of what a cell comes as."""

Types = dict[str, str]
"""DuckDB's types of columns, by their names."""


class Parquet(Table):
    """The rows of Parquet *files*; columns are joined by their names. A file that is none is a Problem."""

    def __init__(self, files: Sequence[TableFile]) -> None:
        self._connection = duckdb.connect(config=_ALONE)
        self._connection.execute(_QUIET)
        self._by_alias = self._lent(files)
        self._problems: list[Problem] = []
        try:
            self._types = self._described(self._names)
        except duckdb.Error:
            # Which of them it is, DuckDB does not always say.
            self._leave_out_damaged()
            with self._errors():
                self._types = self._described(self._names)

    def _lent(self, files: Sequence[TableFile]) -> dict[str, TableFile]:
        """Return *files* by the names that DuckDB knows them by; those behind an address are lent to it."""
        self._close_remote: Callable[[], None] = lambda: None
        if not files[0].is_remote:
            return {file.name: file for file in files}
        from digest.tables.lent import Lent  # noqa: PLC0415 - an extra

        lent = Lent([file.name for file in files])
        self._close_remote = lent.close
        self._connection.register_filesystem(lent)
        return dict(zip(lent.aliases, files, strict=True))

    def rows(self, dates: Dates | None = None) -> Iterator[TableRow | Problem]:
        """Yield the rows of each file in their order, as far as *dates* wants them."""
        yield from self._problems
        spelled = {name: _quoted(name) for name in self._types}
        where = datefilter.condition(dates, self._types, spelled) if dates else ""
        values = ", ".join(_as_text(column, self._types[name]) for name, column in spelled.items())
        # The number that DuckDB gives, unless a column of the files is called so.
        number = "NULL" if any(name.casefold() == _NUMBER for name in self._types) else _NUMBER
        files = f"read_parquet(?, union_by_name=true, filename='{_FILE}')"
        question = f"SELECT {_quoted(_FILE)}, {number}, {values} FROM {files}"  # noqa: S608 - names are quoted
        readers = _readers(self._types)
        with self._errors():
            answer = self._connection.execute(question + (f" WHERE {where}" if where else ""), [self._names])
            for alias, before, *cells in _fetched(answer):
                file = self._by_alias[alias]
                row = "" if before is None else f":{before + 1}"
                yield TableRow(file.shown + row, row and file.label + row, _values(readers, cells))

    def close(self) -> None:
        """Close the files."""
        self._connection.close()
        self._close_remote()

    def count(self) -> int:
        """Return how many rows the files have, by what stands at their ends."""
        with self._errors():
            question = "SELECT count(*) FROM read_parquet(?, union_by_name=true)"
            answer = self._connection.execute(question, [self._names]).fetchone()
        return int(answer[0]) if answer else 0

    @property
    def _names(self) -> list[str]:
        # In a name of a file a sign of a pattern stands for itself.
        return [glob.escape(alias) for alias in self._by_alias]

    def _described(self, names: list[str]) -> Types:
        question = "DESCRIBE SELECT * FROM read_parquet(?, union_by_name=true)"
        return {name: kind for name, kind, *_ in self._connection.execute(question, [names]).fetchall()}

    def _leave_out_damaged(self) -> None:
        """Take out the files that cannot be read by themselves. Raises TableError where none is left."""
        for alias, file in list(self._by_alias.items()):
            try:
                self._described([glob.escape(alias)])
            except duckdb.Error as error:
                del self._by_alias[alias]
                self._problems.append(Problem(path=file.shown, what=f"is no Parquet file ({_first_line(error, file)})"))
        if not self._by_alias:
            problem = self._problems[0]
            raise TableError(problem.path, problem.what, "write it anew")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what DuckDB says into a TableError of these files."""
        try:
            yield
        except duckdb.Error as error:
            first = next(iter(self._by_alias.values()))
            name = first.shown if len(self._by_alias) == 1 else f"{first.shown} and {len(self._by_alias) - 1} more"
            remedy = "try simplecache:: before the address" if first.is_remote else "write the file anew"
            raise TableError(name, f"cannot be read ({_first_line(error, first)})", remedy) from error


class Selection(Table):
    """What *sql* selects in the DuckDB file *database*."""

    def __init__(self, sql: str, database: str) -> None:
        self._place = database
        if not os.path.isfile(database):
            raise TableError(database, "there is no such database", "see to `from` in `archive`")
        with self._errors("is no database that can be opened", "see to the file, and close what has it open"):
            self._connection = duckdb.connect(database, read_only=True, config=_SHUT)
        try:
            self._types = self._opened(sql)
        except TableError:
            # At once: an open database keeps others from writing to it.
            self.close()
            raise

    def _opened(self, sql: str) -> Types:
        """Return the columns of *sql*, which is called _VIEW from now on. Raises TableError."""
        with self._errors():
            # A view and no parentheses around the query: it may end in a comment, and it cannot close a parenthesis.
            self._connection.execute(f"CREATE TEMP VIEW {_VIEW} AS {self._single(sql)}")
            self._connection.execute(f"{_QUIET}; SET lock_configuration = true")
            columns = self._connection.execute(f"DESCRIBE {_VIEW}").fetchall()
        return {name: kind for name, kind, *_ in columns}

    def _single(self, sql: str) -> str:
        """Return the one SELECT of *sql*. Raises TableError for anything else."""
        statements = self._connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise TableError(self._place, "`sql` is not a single SELECT", "an archive is only read")
        return str(statements[0].query)

    def rows(self, dates: Dates | None = None) -> Iterator[TableRow | Problem]:
        """Yield what the query gives, as far as *dates* wants it."""
        spelled = {name: _quoted(name) for name in self._types}
        where = datefilter.condition(dates, self._types, spelled) if dates else ""
        values = ", ".join(_as_text(column, self._types[name]) for name, column in spelled.items())
        question = f"SELECT {values} FROM {_VIEW}"  # noqa: S608 - names are quoted
        readers = _readers(self._types)
        with self._errors():
            for cells in _fetched(self._connection.execute(question + (f" WHERE {where}" if where else ""))):
                yield TableRow(self._place, "", _values(readers, cells))

    def close(self) -> None:
        """Let other programs write to the database again."""
        self._connection.close()

    def count(self) -> int:
        """Return how many rows the query gives."""
        with self._errors():
            answer = self._connection.execute(f"SELECT count(*) FROM {_VIEW}").fetchone()  # noqa: S608 - likewise
        return int(answer[0]) if answer else 0

    @contextmanager
    def _errors(self, problem: str = "", remedy: str = "see to `sql` in `archive`") -> Iterator[None]:
        """Turn what DuckDB says into a TableError of the database."""
        try:
            yield
        except duckdb.Error as error:
            reason = f"{problem or 'the query cannot be answered'} ({_first_line(error)})"
            raise TableError(self._place, reason, remedy) from error


def write_parquet(lines: str, columns: Mapping[str, str], file: str, longest: int) -> None:
    """Write the JSON Lines *lines* as the Parquet file *file*; see `tables.write_parquet`."""
    kinds = ", ".join(f"{_text(name)}: {_text(kind)}" for name, kind in columns.items())
    question = (
        f"COPY (SELECT * FROM read_json({_text(glob.escape(lines))}, format='newline_delimited', columns={{{kinds}}},"  # noqa: S608 - texts are quoted
        f" maximum_object_size={max(longest, _OBJECT)}))"
        f" TO {_text(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_GROUP})"
    )
    try:
        with duckdb.connect(config=_ALONE) as connection:
            connection.execute(f"{_QUIET}; {question}")
    except duckdb.Error as error:
        raise TableError(file, f"cannot be written ({_first_line(error)})", "make room or choose another") from error


def _fetched(answer: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := answer.fetchmany(_AT_ONCE):
        yield from rows


def _as_text(column: str, kind: str) -> str:
    """Return what brings a column over: as text, as JSON, or bytes as they are."""
    if _is_nested(kind):
        return f"CAST(to_json({column}) AS VARCHAR)"
    return column if kind == "BLOB" else f"CAST({column} AS VARCHAR)"


def _is_nested(kind: str) -> bool:
    return kind.startswith(_NESTED) or kind.endswith("]")


def _readers(types: Types) -> list[tuple[str, Reader | None]]:
    """Return the name of each column, with what makes a value of its cells; None where they are values already."""
    return [(name, _reader(kind)) for name, kind in types.items()]


def _values(readers: list[tuple[str, Reader | None]], cells: Sequence[Any]) -> dict[str, object]:
    """Return the values of a row that are there, by column."""
    return {
        name: reader(cell) if reader else cell
        for (name, reader), cell in zip(readers, cells, strict=True)
        if cell is not None
    }


def _reader(kind: str) -> Reader | None:
    if _is_nested(kind):
        return _of_json
    if kind == "BLOB":
        # Old writers do not say of their texts that they are texts.
        return lambda cell: bytes(cell).decode("utf-8", "replace")
    if kind == _ZONED:
        return lambda cell: f"{cell.removesuffix('+00')}Z" if cell.endswith("+00") else cell
    return None


def _of_json(cell: str) -> object:
    try:
        return loaded(cell, as_written)
    # Too deep, which no field of an article is.
    except NoJson:
        return None


def _first_line(error: duckdb.Error, file: TableFile | None = None) -> str:
    """Return what DuckDB says in a line. Of an error of Python's, from behind an address, that is its kind alone."""
    text = str(error)
    kinds = _KIND_OF_ERROR.findall(text) if "Traceback" in text else []
    return str(kinds[-1]) if kinds else places.redacted(text, file.name if file else "")


def _quoted(name: str) -> str:
    """Return the name of a column as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    """Return a text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"
