"""Tables of any kind, read row by row: JSON Lines, Parquet and queries; files of this machine or any place by URL.

    places    what a name means: a file, a pattern, an address; the files it names, opened
    storage   a folder of files that are written whole, and created by one of many who try
    remote    either behind an address, through fsspec (the extra `tables`; `s3` for buckets)
    lent      remote files as DuckDB reads them
    jsonl     JSON Lines, which need no extra here
    duck      Parquet, and SELECT over a DuckDB file, through DuckDB (the extra `tables`)
    datefilter the rows whose date certainly lies elsewhere, left out by DuckDB

The only room that knows DuckDB and fsspec, and it knows no article. Both are imported when a table is opened that
needs them. No message has a password or a signature of an address in it.

Decisions: docs/decisions/reading.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from digest.errors import TableError
from digest.tables import places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.tables.row import Table


def named(name: str, most: int) -> Table:
    """Return the table that *name* names: a path, a pattern of paths, or an address, of JSON Lines or Parquet.

    *most* is the most bytes of a row. Raises TableError where there is none, and where an extra is missing.
    """
    files = places.files(name)
    if files[0].is_parquet:
        return cast("Table", _duck(files[0].shown).Parquet(files))
    from digest.tables.jsonl import JsonLines  # noqa: PLC0415 - few archives are tables

    return JsonLines(files, most)


def of_query(sql: str, database: str) -> Table:
    """Return the table that *sql*, one SELECT, makes of what the DuckDB file *database* holds.

    The file is only read, and the query reaches nothing outside of it. Raises TableError where it cannot be opened.
    """
    return cast("Table", _duck(database).Selection(sql, database))


def write_parquet(lines: str, columns: Mapping[str, str], file: str, longest: int) -> None:
    """Write the JSON Lines in the file *lines* as the Parquet file *file*; *columns* are names with DuckDB's types.

    *longest* is how many bytes the longest line has. Rows stay in their order. Raises TableError.
    """
    _duck(file).write_parquet(lines, columns, file, longest)


def _duck(place: str) -> Any:  # noqa: ANN401 - a module
    """Return the module that knows DuckDB. Raises TableError without the extra, naming *place*."""
    try:
        from digest.tables import duck  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise TableError(place, "needs the extra tables", "pip install 'heat-digest[tables]'") from error
    return duck


def columns_alike(names: Sequence[str]) -> tuple[str, str] | None:
    """Return two of *names* that differ in case only, which a table of DuckDB cannot both have; None without such."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            return other, name
    return None
