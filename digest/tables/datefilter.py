r"""The condition by which DuckDB leaves out rows whose date certainly lies elsewhere, and reads none of their columns.

Whoever asks reads the date of each row that comes again, exactly and with zones; this only spares rows that need no
look. So it is sure and not sharp: it allows for two days on each side, which no zone and no clock passes, and a row
that it has doubts about comes.

By the kind of the column:

DATE, TIMESTAMP…    compared as they stand. Parquet keeps the least and the greatest of each part of a file, so that
                    whole parts are passed over. A time with its zone is a moment, for which nothing is allowed.
text                a date that begins as ISO 8601 has it (`2020-11-09…`) sorts as text; any other text comes, and so
                    does a day or time that does not exist (`2020-02-30`), which is a problem to be told.
whole numbers       counts of seconds, milli-, micro- or nanoseconds since 1970; numbers that are no count come.
anything else       comes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.tables.row import Dates

_SLACK = timedelta(days=2)

_MOMENTS = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"})
_WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"})
_ISO = (
    r"[12]\d{3}-\d\d-\d\d"
    r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?: ?(?:Z|UTC|GMT|[+-](?:0\d|1[0-4]):?[0-5]\d))?)?"
)
"""Days with times and zones that exist, but for the day of the month."""

_NO_COUNTS = ((-(10**18), 10**8 - 1), (10**10, 10**11 - 1), (10**13, 10**14 - 1), (10**16, 10**17 - 1))
"""Numbers that `records.dates` takes for no count of seconds, or milli-, micro- or nanoseconds."""

_DIGITS = (190_001_010_000, 219_912_312_359)
"""Numbers that are the digits of a day and a time. Those of a day alone, and with seconds, are no count."""


def condition(dates: Dates, types: Mapping[str, str], spelled: Mapping[str, str]) -> str:
    """Return the condition for *dates*; "" where every row comes.

    *types* has DuckDB's type of each column, and *spelled* how the column is written in SQL.
    """
    if any("." in name and name.partition(".")[0] in types for name in (*dates.columns, *dates.delays)):
        return ""
    present = [name for name in dates.columns if name in types]
    inside = _first_of(present, dates, types, spelled)
    if inside == "TRUE":
        return ""
    # Whose date is not the column that delays it: an embargo only makes a date later.
    delays = [name for name in dates.delays if name in types and name not in present[:1]]
    return " OR ".join([f"({inside})", *(f"{spelled[name]} IS NOT NULL" for name in delays)])


def _first_of(names: list[str], dates: Dates, types: Mapping[str, str], spelled: Mapping[str, str]) -> str:
    """Return the condition on the first of columns that has a value."""
    if not names:
        return "TRUE"
    column, (name, *others) = spelled[names[0]], names
    empty = f"{column} IS NULL"
    kind = types[name]
    if kind == "BOOLEAN":
        return _first_of(others, dates, types, spelled)
    if kind in _MOMENTS:
        inside = _moments(column, kind, dates)
    elif kind in _WHOLE:
        inside = _numbers(column, dates)
    # A text under `published` may be a flag, and the date then stands in the next column.
    elif kind == "VARCHAR" and name != "published":
        inside = _texts(column, dates)
        empty += f" OR {column} = ''"
    else:
        return "TRUE"
    further = _first_of(others, dates, types, spelled)
    return f"{inside} OR ({empty})" if further == "TRUE" else f"{inside} OR (({empty}) AND ({further}))"


def _shifted(moment: datetime, by: timedelta) -> datetime:
    """Return *moment* moved in UTC, at the calendar's end where it would lie behind that."""
    try:
        return moment.astimezone(UTC) + by
    except OverflowError:
        return datetime(1, 1, 1, tzinfo=UTC) if by < timedelta(0) else datetime(9999, 12, 31, tzinfo=UTC)


def _moments(column: str, kind: str, dates: Dates) -> str:
    """Return the condition on a column of DATE or TIMESTAMP, with a zone or without."""
    slack = timedelta(0) if "ZONE" in kind else _SLACK
    first, after = _shifted(dates.first, -slack), _shifted(dates.after, slack)
    if kind == "DATE":
        return f"({column} >= DATE '{_day(first)}' AND {column} <= DATE '{_day(after)}')"
    literal, zone = ("TIMESTAMPTZ", "+00:00") if "ZONE" in kind else ("TIMESTAMP", "")
    start, end = (f"{literal} '{_day(moment)} {moment:%H:%M:%S}{zone}'" for moment in (first, after))
    return f"({column} >= {start} AND {column} < {end})"


def _texts(column: str, dates: Dates) -> str:
    """Return the condition on a column of texts."""
    first, after = _shifted(dates.first, -_SLACK), _shifted(dates.after, _SLACK)
    return (
        f"(({column} >= '{_day(first)}' AND {column} < '{_day(_shifted(after, timedelta(days=1)))}')"
        f" OR NOT regexp_full_match({column}, '{_ISO}') OR TRY_CAST(left({column}, 10) AS DATE) IS NULL)"
    )


def _numbers(column: str, dates: Dates) -> str:
    """Return the condition on a column of whole numbers."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    first, after = (
        (_shifted(moment, by) - epoch) // timedelta(seconds=1)
        for moment, by in ((dates.first, -_SLACK), (dates.after, _SLACK))
    )
    counts = [(first * unit, after * unit) for unit in (1, 1_000, 1_000_000, 1_000_000_000)]
    ranges = [f"{column} BETWEEN {least} AND {most}" for least, most in (*counts, *_NO_COUNTS, _DIGITS)]
    return f"({' OR '.join(ranges)})"


def _day(moment: datetime) -> str:
    return f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
