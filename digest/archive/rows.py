"""Rows of tables read as Articles and Problems, by the code that reads files: same values, same refusals.

What a row is called in the archive, in edits, records and the memory of later issues, is its `archive_path`, which
`digest archive pack` writes, else its `id`, `guid`, `path` or `slug`, else its address; without any of them it is its
file with the number of the row, which stays while rows are only added at the end. A name belongs to the first row that
has it; another one is a Problem.

With a window, rows that are dated elsewhere are counted and not read further, as files are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest import steps, tables
from digest.config.values import Query
from digest.errors import TooManyRows
from digest.model import Problem
from digest.records import article, filenames, names
from digest.records.article import Record
from digest.records.fields import nodes, scalar
from digest.tables.row import Dates, TableRow
from digest.text import sanitize

if TYPE_CHECKING:
    from datetime import datetime

    from digest.config.values import FieldPlan, ReadingPlan
    from digest.model import Article, Window
    from digest.tables.row import Table

PATH = "archive_path"
"""The column that has the path of an article's file within the folder that it was packed from."""

BODY = "body"
"""The column that has the text of an article."""

_NAMES = (PATH, "id", "guid", "path", "slug")
"""Columns that a row may be called by, best first; its address comes behind them."""

_SEVERAL = 20
"""Rows without a title from which on it is the column that is called otherwise; columns that a message names."""

_LONGEST_NAME = 500
"""Characters from which on a value is no name."""


def read(
    source: str | Query, prefix: str, within: Window | None, how: ReadingPlan, most: int
) -> tuple[list[Article], list[Problem], int]:
    """Return the articles and problems of the rows of *source* that may matter, in no order, and the number of rows.

    *prefix* stands before each article's name. Raises TooManyRows where more than *most* rows would have to be kept,
    and TableError where the table cannot be read.
    """
    with _opened(source, how.most) as table:
        # All at once are refused before the first is read, where the number is known.
        count = table.count() if within is None else 0
        reader = _Reader(prefix, within, how)
        for row in steps.each(table.rows(_wanted(within, how.fields)), "reading articles"):
            reader.take(row)
            count = max(count, len(reader.articles))
            if count > most:
                raise TooManyRows(
                    tables.places.shown(str(source)),
                    f"has {count:,} rows or more, and at most {most:,} are read at once",
                    "select fewer with {sql: …, from: …} in `archive`",
                )
        return reader.articles, reader.told(tables.places.shown(str(source))), table.count()


def _opened(source: str | Query, most: int) -> Table:
    """Return the table that *source* is, with no more than *most* bytes a row."""
    if isinstance(source, Query):
        return tables.of_query(source.sql, source.database)
    return tables.named(source, most)


def _wanted(within: Window | None, plan: FieldPlan) -> Dates | None:
    """Return which rows a table has to give for *within*; None for all of them."""
    if within is None:
        return None
    delays = names.of(names.EMBARGO, plan)
    return Dates(first=within.starts_at, after=within.ends_at, columns=names.of(names.DATE, plan), delays=delays)


class _Reader:
    """Takes rows and makes *articles* and *problems* of them."""

    def __init__(self, prefix: str, within: Window | None, how: ReadingPlan) -> None:
        self.articles: list[Article] = []
        self.problems: list[Problem] = []
        self._prefix, self._how = prefix, how
        self._addresses = names.of("webUrl", how.fields)
        self._date_fields = article.date_fields(how.fields)
        self._days = (within.starts_at, within.ends_at) if within else None
        self._taken: dict[str, str] = {}
        self._columns: set[str] = set()
        self._nameless = 0

    def take(self, row: TableRow | Problem) -> None:
        """Take in a row, unless it is dated outside the window."""
        if isinstance(row, Problem):
            self.problems.append(row)
            return
        if self._days and self._is_elsewhere(row, *self._days):
            return
        name, path = self._named(row)
        if not name:
            self._nameless += 1
            return
        place = row.place if row.label else f"{row.place}, {name}"
        problem = self._refusal(row, name)
        if problem:
            self.problems.append(Problem(path=place, what=problem))
            return
        body = row.values.get(BODY)
        if not self.articles:
            self._columns.update(map(sanitize.text, row.values))
        built = article.of_archive(
            Record(
                place=place,
                path=path and self._prefix + path,
                name="" if path else self._prefix + name,
                fields={key: nodes(value) for key, value in row.values.items() if key != PATH},
                body=body if isinstance(body, str) else "",
                # Of a row that is no file nobody says what its text is written in.
                html=frozenset({"body"}) if not path or filenames.is_page(path) else frozenset(),
            ),
            self._how,
        )
        self.problems += built.problems
        if built.article:
            self._taken[name] = place
            self.articles.append(built.article)

    def told(self, name: str) -> list[Problem]:
        """Return what is wrong with the rows of the table called *name*.

        Where none has a title, the column is called otherwise, and one line says so instead of one a row. Rows that
        nothing names, of a query, are one line, too.
        """
        if self._nameless:
            rows = "row has" if self._nameless == 1 else "rows have"
            problem = f"{self._nameless:,} {rows} no name; select an {', '.join(_NAMES[1:])} or address"
            self.problems.append(Problem(path=name, what=problem))
        if self.articles or len(self.problems) < _SEVERAL or any(each.what != "no title" for each in self.problems):
            return self.problems
        columns = ", ".join(sorted(self._columns)[:_SEVERAL])
        problem = (
            f"none of {len(self.problems):,} rows has a title; say in `fields` how it is called (there are {columns})"
        )
        return [Problem(path=name, what=problem)]

    def _is_elsewhere(self, row: TableRow, first: datetime, after: datetime) -> bool:
        """Whether *row* has a date, and that is outside the window: before *first*, or not before *after*."""
        # A million lines of JSON are asked: of their fields no more are looked at than a date depends on.
        fields = {key: nodes(value) for key, value in row.values.items() if key in self._date_fields}
        path = self._file(row)
        record = Record(place=row.place, path=path and self._prefix + path, fields=fields)
        at = article.public_at(record, self._how.fields)
        return at is not None and not first <= at < after

    def _named(self, row: TableRow) -> tuple[str, str]:
        """Return what *row* is called, "" where nothing names it, and the path of its file where it has one."""
        path = self._file(row)
        columns = (column for column in (*_NAMES, *self._addresses) if column in row.values)
        usable = (name for column in columns if (name := _usable(row.values[column])))
        return path or next(usable, row.label), path

    def _file(self, row: TableRow) -> str:
        """Return the path of the file that *row* was, "" where it was none."""
        path = _usable(row.values[PATH]) if PATH in row.values else ""
        return path if filenames.is_article(path) and "://" not in path else ""

    def _refusal(self, row: TableRow, name: str) -> str:
        """Return why *row* is not read, in words that follow its place; "" where it is."""
        if name in self._taken:
            return f"is called {name!r} like {self._taken[name]}; give each row a name of its own"
        size = _bytes(row.values)
        if size > self._how.most:
            return f"has {size:,} bytes; more than {self._how.most:,} are not read"
        return ""


def _usable(value: object) -> str:
    """Return *value* as a name, "" where it can be none."""
    name = scalar(value) or ""
    is_name = name.strip() == name and len(name) <= _LONGEST_NAME and sanitize.is_printable(name)
    return name if is_name else ""


def _bytes(value: object) -> int:
    """Return how many bytes the texts of a value have."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode("utf-8", "replace"))
    if isinstance(value, dict):
        return sum(map(_bytes, value)) + sum(map(_bytes, value.values()))
    return sum(map(_bytes, value)) if isinstance(value, list) else 0
