"""Values of strangers' records, of whatever type they are, taken as the type that is wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Mapping

_START = datetime(1970, 1, 1, tzinfo=UTC)

# Seconds have ten digits from 2001 to 2286; exports of other programs count in thousandths or millionths of them.
_UNITS = ((1e14, 1e6), (1e11, 1e3), (1e8, 1.0))
"""From which number on how many units make a second."""


def text(value: object) -> str:
    """Return a text without the white space around it; "" for anything else."""
    return value.strip() if isinstance(value, str) else ""


def mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - whatever a record holds
    """Return a mapping; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def members(value: Any) -> list[Any]:  # noqa: ANN401 - whatever a record holds
    """Return a list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def first(value: Any, key: str) -> str:  # noqa: ANN401 - whatever a record holds
    """Return the first text under *key* in a list of mappings, "" without any."""
    return next(filter(None, (text(mapping(member).get(key)) for member in members(value))), "")


def escaped(written: str) -> str:
    """Return a text so that it is read back as it is, where entities are decoded once."""
    return written if sanitize.unescaped(written) == written else written.replace("&", "&amp;")


def since_1970(value: object) -> str:
    """Return seconds since 1970, or thousandths or millionths of them, as ISO 8601 in UTC; a text as it is, else ""."""
    written = text(value)
    try:
        count = float(written or (value if isinstance(value, int | float) else ""))
        unit = next(unit for least, unit in _UNITS if count >= least)
        return f"{(_START + timedelta(seconds=count / unit)).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
    # StopIteration: too small a number for a date of the web, such as a year; OverflowError: too large for any.
    except (ValueError, OverflowError, StopIteration):
        return written


def in_utc(value: object) -> str:
    """Return a date and time that its service writes without an offset and means in UTC; a date alone as it is."""
    written = since_1970(value)
    has_time = ":" in written
    has_offset = written.endswith(("Z", "z", "UTC", "GMT")) or "+" in written or "-" in written[11:]
    return f"{written}Z" if has_time and not has_offset else written


def between_bars(value: object) -> list[str]:
    """Return topics written between bars, which may stand in words of their own."""
    return [part for part in (part.strip() for part in text(value).split("|")) if part]
