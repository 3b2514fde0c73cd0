"""Dates as sources write them, brought to UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

# Where the wrong field is named, or a feed is hostile, a whole article may stand in the date's place.
_LONGEST_DATE = 100
"""Most characters of what may be a date."""

_SPACED_OFFSET = re.compile(r" +(?=[+-]\d\d:?\d\d$)")
"""The blank before the offset in `2020-11-09 10:29:00 +0100`, which Jekyll writes and ISO 8601 does not have."""


class NoDate(ValueError):
    """A text that is no date, and why, in words that follow the name of its field."""


def moment(written: str, zone: ZoneInfo) -> datetime:
    """Return a date and time in UTC, from ISO 8601 or RFC 2822.

    A time without an offset is one of *zone*, a date without a time its first moment there. Raises NoDate.
    """
    parsed = _parsed(_SPACED_OFFSET.sub("", written.strip()))
    if parsed is None:
        raise NoDate(f"is no date and time: {written[:80]!r}; write it like 2020-11-09T10:29:00Z")
    try:
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
    # In UTC, a time of the year 1 or 9999 with an offset may lie outside Python's calendar.
    except OverflowError as error:
        raise NoDate(f"is outside the calendar: {written[:80]!r}") from error


def is_date(written: str) -> bool:
    """Whether a text can be read as a date."""
    return bool(_parsed(written.strip()))


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
