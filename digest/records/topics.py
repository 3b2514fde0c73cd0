"""The topics of an article, in any of the shapes that generators and exports write them in.

A list is taken as it stands, member by member. A single text is parted by what it holds: bars (Pocket), semicolons
(Pelican), line ends or commas; where there is none of these, `tags` and `categories` are parted by blanks, as Jekyll
has it, and a text under any other name is one topic (`category: Machine learning`). Mappings give their names
(`{name: Robots, slug: robots}`), words with numbers the words (`{robots: 3}`), taxonomies all that they hold.

Each topic is there once without regard to case, as first written; accents are composed (NFC), so that two spellings of
the same letters are the same topic.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.config.yamlfile import Node
    from digest.model import Text

_LONGEST = 200
"""Most characters of a topic, the `…` of a cut one included."""

_BLANKED = frozenset({"tags", "categories"})
"""Names of fields in which Jekyll parts a text by blanks; it takes `tag` and `category` for a single one."""

_NAMES = ("name", "label", "title", "term", "tag", "slug")
"""Keys of a mapping that hold its name, best first: of Ghost and WordPress, Raindrop, feeds."""

_TAXONOMIES = frozenset({"tags", "tag", "categories", "category", "topics", "topic", "keywords", "subjects", "labels"})
"""Taxonomies of Hugo and Zola whose terms are topics; others are authors, series and the like."""

_PARTS = ("|", ";", "\n", ",")
"""What parts topics in a text, the rarest in a topic first."""

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?")
_NUMBER_SIGN = re.compile(r"#(?=\w)")


def read(node: Node, key: str, aliases: tuple[tuple[str, str], ...] = ()) -> tuple[tuple[Text, ...], bool]:
    """Return the topics in *node*, and whether all that stands there could be used.

    *key* is the name of the field, of which the last part counts (`params.tags`). *aliases* are other names of topics,
    each with the name to take instead.
    """
    better = _by_alias(aliases)
    unique: dict[str, Text] = {}
    usable = True
    for written in _each(node, key.rpartition(".")[2].casefold()):
        if written is None:
            usable = False
            continue
        topic = _clean(written)
        topic = better.get(topic.casefold(), topic)
        if topic:
            unique.setdefault(topic.casefold(), topic)
    return tuple(unique.values()), usable


@lru_cache(maxsize=8)
def _by_alias(aliases: tuple[tuple[str, str], ...]) -> dict[str, Text]:
    """Return the name to take for each alias without case."""
    return {_clean(alias).casefold(): _clean(name) for alias, name in aliases}


# A week has some hundred topics, and each of its articles several of them.
@lru_cache(maxsize=10_000)
def _clean(written: str) -> Text:
    """Return a topic as a text with composed accents, without the sign that marks it as one elsewhere (`#robots`)."""
    topic = sanitize.unescaped(_composed(written))
    # Composed before it is cut: of marks on one letter `again` keeps as many as are written beside it.
    topic = sanitize.again(_composed(topic), most=_LONGEST)
    return sanitize.again(topic[1:]) if _NUMBER_SIGN.match(topic) else topic


def _composed(written: str) -> str:
    return written if written.isascii() else unicodedata.normalize("NFC", written)


def _each(node: Node, key: str) -> Iterator[str | None]:
    """Yield the text of each topic in *node*, and None for each thing that is none."""
    value = node.value
    if isinstance(value, str):
        yield from _parted(value, key)
    elif isinstance(value, tuple):
        yield from _members(value)
    elif value is not None:
        yield from _of_mapping(value)


def _members(members: tuple[Node, ...]) -> Iterator[str | None]:
    """Yield the topics of a list, which may hold lists and mappings."""
    # Not by `_each` for a text: the list has parted it already, so its blanks and commas are its own.
    for member in members:
        if isinstance(member.value, str):
            yield member.value
        elif member.value is not None:
            yield from _each(member, "")


def _of_mapping(pairs: dict[str, Node]) -> Iterator[str | None]:
    """Yield the name of what a mapping describes, the words that it counts, or the terms of the taxonomies in it."""
    # Ghost's internal tags steer its themes, and no reader of its site sees them.
    visibility, slug = pairs.get("visibility"), pairs.get("slug")
    if (visibility and visibility.value == "internal") or (slug and str(slug.value).startswith("hash-")):
        return
    name = next((pairs[key].value for key in _NAMES if key in pairs and isinstance(pairs[key].value, str)), None)
    if isinstance(name, str):
        yield name
        return
    for key, node in pairs.items():
        value = node.value
        if key.casefold() in _TAXONOMIES:
            yield from _each(node, "")
        elif value is None or (isinstance(value, str) and (_NUMBER.fullmatch(value) or value.casefold() == "true")):
            yield key
        # Terms of other taxonomies are no topics, and nothing is wrong with them.
        elif not isinstance(value, tuple) and not (isinstance(value, str) and value.casefold() == "false"):
            yield None


def _parted(text: str, key: str) -> list[str]:
    """Return the topics in a single text under *key*."""
    text = text.strip()
    # A list that a program has written into a cell, such as `['robots', 'health']`.
    is_list = text.startswith("[") and text.endswith("]")
    if is_list:
        text = text[1:-1]
    sign = next((sign for sign in _PARTS if sign in text), None)
    # None parts at blanks.
    parts = [text] if sign is None and (is_list or key not in _BLANKED) else text.split(sign)
    return [part.strip().strip("\"'").strip() for part in parts] if is_list else parts
