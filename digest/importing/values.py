"""Values of strangers' records, of whatever type they are, taken as the type that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Mapping


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


def stamp(value: object) -> str:
    """Return a date as it is written, which may be a number that counts from 1970; "" for none, which 0 stands for."""
    return text(value) or (str(value) if value and isinstance(value, int | float) else "")


def in_utc(value: object) -> str:
    """Return a date and time that its service writes without an offset and means in UTC; a date alone as it is."""
    written = stamp(value)
    has_time = ":" in written
    has_offset = written.endswith(("Z", "z", "UTC", "GMT")) or "+" in written or "-" in written[11:]
    return f"{written}Z" if has_time and not has_offset else written


def between_bars(value: object) -> list[str]:
    """Return topics written between bars, which may stand in words of their own."""
    return [part for part in (part.strip() for part in text(value).split("|")) if part]
