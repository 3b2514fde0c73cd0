"""Dates as sources write them, brought to UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

# Where the wrong field is named, or a feed is hostile, a whole article may stand in the date's place.
_LONGEST_DATE = 100
"""Most characters of what may be a date."""


def moment(value: object) -> datetime | None:
    """Return a date and time in UTC, from ISO 8601, RFC 2822 or a date of TOML; None where it is none.

    A time without an offset is taken for UTC, a date without a time for its first moment.
    """
    if isinstance(value, datetime):
        published = value
    elif isinstance(value, date):
        published = datetime(value.year, value.month, value.day, tzinfo=UTC)
    else:
        parsed = _parsed(value.strip() if isinstance(value, str) else "")
        if parsed is None:
            return None
        published = parsed
    try:
        return published.astimezone(UTC) if published.tzinfo else published.replace(tzinfo=UTC)
    # In UTC, a time of the year 1 or 9999 with an offset may lie outside Python's calendar.
    except OverflowError:
        return None


def _parsed(written: str) -> datetime | None:
    """Return the date and time of a text; None where neither parser reads it."""
    if len(written) > _LONGEST_DATE:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        # For broken dates parsedate_to_datetime raises what its parts raise, not ValueError alone as documented.
        try:
            return read(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None
