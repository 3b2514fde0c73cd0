"""What a table gives: rows with their places, as far as their dates matter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from digest.model import Problem


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row. *place* names it in messages (`news/articles.parquet:7`), counted from 1; *label* is the same, short.

    Where rows have no lasting numbers, as those of a query, *place* is the file alone and *label* is empty. *values*
    are texts, lists, mappings, and None; numbers stand as they were written.
    """

    place: str
    label: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The rows that are wanted by their date: from *first* to before *after*, both with a zone.

    The date of a row stands in the first of *columns* that has a value. A row with a value in one of *delays* may be of
    a later day than that. `Table.rows` may leave out a row that is certainly of another day, and need not.
    """

    first: datetime
    after: datetime
    columns: tuple[str, ...]
    delays: tuple[str, ...] = ()


class Table(ABC):
    """Rows of one kind, from one file, several or a query."""

    @abstractmethod
    def rows(self, dates: Dates | None = None) -> Iterator[TableRow | Problem]:
        """Yield each row, or what is wrong with it, in the table's order; those wanted by *dates* at least.

        Raises TableError where the rest cannot be read.
        """

    @abstractmethod
    def count(self) -> int:
        """Return how many rows the table has; of JSON Lines behind an address, how many have been read."""

    def close(self) -> None:  # noqa: B027 - JSON Lines hold nothing open
        """Let go of what is open; the rows can be read no more."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
