"""Records of JSON and JSON Lines: a list of objects, wherever it stands in the document.

A record that cannot be read is a Problem with its line or number, and those behind it are read: a broken list is taken
apart by its commas. Nothing takes the square of the source's size, whatever it holds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from digest.errors import ImportingError
from digest.importing import ghost
from digest.importing.source import Raw
from digest.model import Problem
from digest.tables.jsonl import NoJson, loaded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.importing.source import LeftOut

_LISTS = (
    "items",
    "hits",
    "articles",
    "entries",
    "posts",
    "results",
    "stories",
    "bookmarks",
    "list",
    "children",
    "data",
    "records",
)
"""Keys under which services keep the list of their articles, best first.

JSON Feed and Google Reader (`items`), Algolia (`hits`), GDELT and NewsAPI (`articles`), Miniflux (`entries`), Ghost's
Content API (`posts`), Readwise and linkding (`results`), Karakeep (`bookmarks`), Pocket's API (`list`), Reddit
(`children`).
"""

_INNER = ("_embedded", "response", "data", "result")
"""Keys under which there is a mapping with one of these (HAL as in wallabag's API, and habits of others)."""

# Possessive (`++`): without backtracking, a quote without an end is looked through once.
_SIGN = re.compile(r'"(?:[^"\\]++|\\.)*+"?+|[\[\]{},]', re.DOTALL)
"""A bracket, brace or comma, or a whole string, in which none of these counts; without an end it takes all the rest."""

_ITEMS = re.compile(rf'"(?:{"|".join(_LISTS)})"\s*+:\s*+\[')
"""Where the list of a document begins, such as `items` of a JSON Feed (https://jsonfeed.org/version/1.1)."""


def json_lines(place: str, text: str) -> Iterator[Raw | LeftOut | Problem]:
    """Yield the objects of JSON Lines, one a line; blank lines count and are no records."""
    # Not splitlines(), which also parts at U+2028 and the like: JSON may have these inside its strings (RFC 8259, 7).
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = loaded(line)
        except NoJson as error:
            yield Problem(path=place, line=number, what=str(error))
            continue
        yield _object(f"{place}:{number}", value) or Problem(path=place, line=number, what="is no object")


def json_document(place: str, text: str, items: str = "") -> Iterator[Raw | LeftOut | Problem]:
    """Yield the objects of the document's list, or a lone object, which is one record.

    *items* is the path of the list, such as `data.stories`, "" where it has to be found. Where the document is broken,
    each member of its list is read by itself. Raises ImportingError where no list can be made out.
    """
    try:
        value = loaded(text)
    except NoJson as error:
        # Many an export that is called .json has an object a line.
        if _has_a_line_each(text):
            yield from json_lines(place, text)
            return
        members = _members(text)
        if members is None:
            raise ImportingError(place, str(error), "mend it, or name it .jsonl") from error
        yield from _each(place, members, {})
        return
    if not items and (data := ghost.data(value)):
        yield from ghost.records(place, data)
        return
    listed, base = (_at(place, value, items), {}) if items else _listed(value)
    if not isinstance(listed, list):
        raise ImportingError(place, "holds no list of articles", "name the list with --items, such as data.stories")
    if listed and not any(isinstance(member, dict | NoJson) for member in listed):
        # One sentence instead of one a member: lists of identifiers, as Hacker News gives them, have hundreds.
        yield Problem(path=place, what=f"is a list of {_kind(listed[0])}, not of articles; export the articles")
        return
    yield from _each(place, listed, base)


def _has_a_line_each(text: str) -> bool:
    """Whether a text that is no JSON may be JSON Lines: its first line is an object, and another follows."""
    first, _, rest = text.lstrip().partition("\n")
    return first.startswith("{") and first.rstrip().endswith("}") and rest.lstrip().startswith("{")


def _at(place: str, value: Any, items: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what stands at the path *items*; the values of a mapping. Raises ImportingError where nothing does."""
    for step in items.split("."):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            raise ImportingError(place, f"has nothing at {items}", "name the path of a list, such as data.stories")
    return list(value.values()) if isinstance(value, dict) else value


def _listed(value: Any) -> tuple[Any, Mapping[str, Any]]:  # noqa: ANN401 - whatever JSON holds
    """Return the list of a document and what the document says of all its members."""
    if not isinstance(value, dict):
        return value, {}
    for outer in (value, *(value[key] for key in _INNER if isinstance(value.get(key), dict))):
        for key in _LISTS:
            listed = outer.get(key)
            # Pocket's API has a mapping by number in the list's place, an empty one excepted.
            if key == "list" and isinstance(listed, dict):
                listed = list(listed.values())
            # Reddit's things are wrapped in their kind.
            if key == "children" and isinstance(listed, list):
                listed = [member.get("data") if isinstance(member, dict) else member for member in listed]
            if isinstance(listed, list) and (key == "items" or any(isinstance(member, dict) for member in listed)):
                return listed, {"site": value.get("title", ""), "language": value.get("language", "")}
    lists = [member for member in value.values() if isinstance(member, list) and isinstance((member or [0])[0], dict)]
    # An article may have a list of its own, of its pictures, say; a document has no address.
    is_article = any(key in value for key in ("url", "link", "webUrl", "title"))
    return (lists[0], {}) if len(lists) == 1 and not is_article else ([value], {})


def _kind(value: object) -> str:
    """Return what a list of such members is a list of."""
    return {str: "texts", int: "numbers", float: "numbers", list: "lists"}.get(type(value), "other values")


def _each(place: str, members: list[Any], base: Mapping[str, Any]) -> Iterator[Raw | LeftOut | Problem]:
    """Yield the members of a list as records, numbered from 1; *base* is known of all."""
    for number, member in enumerate(members, start=1):
        if isinstance(member, NoJson):
            yield Problem(path=place, what=f"item {number} {member}")
            continue
        record = _object(f"{place}, item {number}", member, base)
        yield record or Problem(path=place, what=f"item {number} is no object")


def _object(place: str, value: Any, base: Mapping[str, Any] | None = None) -> Raw | None:  # noqa: ANN401 - whatever JSON holds
    """Return a value of JSON as a record; None where it is no object."""
    return Raw(place=place, fields=value, base=base or {}) if isinstance(value, dict) else None


def _members(text: str) -> list[Any] | None:
    """Return the members of a list in which something is wrong, each read by itself; None where no list starts.

    A member that cannot be read is the NoJson that says why, in its place of the list. The list is the document
    itself, or stands under a key such as `items` of a JSON Feed.
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
    """Yield the text of each member of the list that begins at *start*, as the commas outside of strings part them."""
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
    """Return the value of one member, or the NoJson that says why there is none."""
    try:
        return loaded(part)
    except NoJson as error:
        return error
