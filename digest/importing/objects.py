"""Records as JSON: an object a line, a list of objects, or a JSON Feed. Knows JSON, not what the keys mean."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from digest.errors import ImportingError
from digest.importing.source import Raw
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SIGN = re.compile(r'"(?:[^"\\]++|\\.)*+"?+|[\[\]{},]', re.DOTALL)
"""What parts a list, and strings, in which nothing does. A string without end goes to the end of the text."""

_ITEMS = re.compile(r'"items"\s*:\s*\[')


class _Unreadable(ValueError):
    """A text that is no JSON we read, and why."""


def lines(place: str, text: str) -> Iterator[Raw | Problem]:
    """Yield the objects of JSON Lines."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = _loaded(line)
        except _Unreadable as error:
            yield Problem(path=place, line=number, what=str(error))
            continue
        yield _object(f"{place}:{number}", value) or Problem(path=place, line=number, what="is no object")


def document(place: str, text: str) -> Iterator[Raw | Problem]:
    """Yield the objects of a list or a JSON Feed. Raises ImportingError where there is no list to be seen."""
    try:
        value = _loaded(text)
    except _Unreadable as error:
        members = _members(text)
        if members is None:
            raise ImportingError(place, str(error), "mend it, or name it .jsonl") from error
        yield from _each(place, members, {})
        return
    feed = value if isinstance(value, dict) else {}
    listed = feed.get("items", [value]) if feed else value
    if not isinstance(listed, list):
        raise ImportingError(place, "holds no list of articles", "write a list, a JSON Feed or JSON Lines")
    yield from _each(place, listed, {"site": feed.get("title", "")} if "items" in feed else {})


def _each(place: str, members: list[Any], base: Mapping[str, Any]) -> Iterator[Raw | Problem]:
    for number, member in enumerate(members, start=1):
        if isinstance(member, _Unreadable):
            yield Problem(path=place, what=f"item {number} {member}")
            continue
        record = _object(f"{place}, item {number}", member, base)
        yield record or Problem(path=place, what=f"item {number} is no object")


def _object(place: str, value: Any, base: Mapping[str, Any] | None = None) -> Raw | None:  # noqa: ANN401 - whatever JSON holds
    return Raw(place=place, fields=value, base=base or {}) if isinstance(value, dict) else None


def _loaded(text: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return the value of a JSON text. Raises _Unreadable."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise _Unreadable("is nested too deeply to be read") from error
    except json.JSONDecodeError as error:
        raise _Unreadable(f"is no JSON ({error})") from error
    except ValueError as error:  # a number of thousands of digits, which Python refuses to read
        raise _Unreadable("holds a number that is too long to be read") from error


def _members(text: str) -> list[Any] | None:
    """Return the members of a list in which something is wrong, each read by itself; None where no list starts.

    A member that cannot be read is the _Unreadable that says why.
    """
    stripped = len(text) - len(text.lstrip())
    feed = _ITEMS.search(text)
    if text[stripped : stripped + 1] == "[":
        start = stripped + 1
    elif text[stripped : stripped + 1] == "{" and feed:
        start = feed.end()
    else:
        return None
    return [_member(part) for part in _parts(text, start) if part.strip()]


def _parts(text: str, start: int) -> Iterator[str]:
    depth = 0
    position = start
    for sign in _SIGN.finditer(text, start):
        character = sign[0]
        if character in {"[", "{"}:
            depth += 1
        elif character in {"]", "}"}:
            depth -= 1
        if depth < 0 or (not depth and character == ","):
            yield text[position : sign.start()]
            position = sign.end()
        if depth < 0:
            return
    yield text[position:]


def _member(part: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return _loaded(part)
    except _Unreadable as error:
        return error
