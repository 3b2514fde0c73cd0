"""The fields of one article with typed getters: found by any of their names, cleaned, their problems collected.

A field is looked up by the names that the settings give it, then by ours, then by those in use elsewhere; first in the
record, then in what holds of its whole source. An empty value counts as absent. A name such as `a.b` is b inside a, and
`a.0` the first of a.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from typing import TYPE_CHECKING, Any

from digest.config.values import FieldPlan
from digest.config.yamlfile import Node
from digest.model import Problem
from digest.records.names import FieldNames
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.model import Text

_NO = frozenset({"false", "no", "off", "n", "0"})
_YES = frozenset({"true", "yes", "on", "y", "1"})
"""Spellings of a flag, in lower case: YAML 1.1's, which Jekyll's parser knows, and digits."""

# No field of an article is nested deeper; below it, a hostile record could exhaust Python's stack.
_DEEPEST = 8
"""Levels of a record that are looked at."""

_OURS = FieldPlan()
_NO_NAMES = FieldNames()


def nodes(value: Any, levels: int = _DEEPEST) -> Node:  # noqa: ANN401 - whatever JSON or TOML holds
    """Return a value of JSON or TOML as a node without a line, its texts as they are written.

    What no field can be counts as empty: what is nested too deeply, and what `scalar` has no text for.
    """
    # First what most values are: millions of rows are read so.
    if type(value) is str:
        return Node(value, 0)
    if isinstance(value, Node):
        return value
    if isinstance(value, dict) and levels:
        return Node({str(key): nodes(member, levels - 1) for key, member in value.items()}, 0)
    if isinstance(value, list | tuple) and levels:
        return Node(tuple(nodes(member, levels - 1) for member in value), 0)
    return Node(scalar(value), 0)


def scalar(value: object) -> str | None:
    """Return a text, flag, number or date of JSON or TOML as YAML would have it written.

    None for anything else, and for an integer of more than 64 bits.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time):
        return value.isoformat()
    # str() raises ValueError for more than 4,300 digits (CVE-2020-10735), and TOML writes such a number in hexadecimal.
    if isinstance(value, str | float) or (isinstance(value, int) and value.bit_length() <= 64):
        return str(value)
    return None


def inside(pairs: Mapping[str, Node], name: str) -> Node | None:
    """Return what stands under *name*; where no key is called so, `a.b` is b inside a, and `a.0` the first of a."""
    # A column of a table may itself be called `a.b`, so the name as it stands comes first.
    if name in pairs:
        return pairs[name]
    outer, dot, inner = name.partition(".")
    if not dot or outer not in pairs:
        return None
    node: Node | None = pairs[outer]
    for step in inner.split("."):
        value = node.value if node else None
        if isinstance(value, dict):
            node = value.get(step)
        elif isinstance(value, tuple) and step.isdecimal() and int(step) < len(value):
            node = value[int(step)]
        else:
            return None
    return node


@dataclass(slots=True, kw_only=True)
class Fields:
    """The fields of a record, by our keys.

    *place* is the file to open, or the record's name in its source. *base* holds what is known of all records of the
    source. *names* are those of our keys, best first (`names.by_field`); a key that is not among them has its own name
    alone, as inside of other mappings, which only our own format has. Problems are collected in *problems*,
    which the mappings inside share; *wrong* has those of the record's own keys, by key.
    """

    place: str
    pairs: Mapping[str, Node]
    base: Mapping[str, Node] = field(default_factory=dict)
    plan: FieldPlan = _OURS
    names: FieldNames = _NO_NAMES
    problems: list[Problem] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)
    _there: Mapping[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Look once which names there are."""
        self._there = self.names.among((*self.pairs, *self.base))

    def problem(self, key: str, line: int, problem: str) -> None:
        """Report what is wrong with the value of *key*; *line* is 0 where the source has no lines."""
        if self.wrong.get(key) == problem:
            return
        self.wrong[key] = problem
        self.problems.append(Problem(path=self.place, line=line or None, what=problem))

    def named(self, key: str) -> list[tuple[str, Node]]:
        """Return each value that is there under one of the names of *key*, with that name, best first."""
        values = []
        for pairs in (self.pairs, self.base) if self.base else (self.pairs,):
            for name in self._there.get(key, (key,)):
                # The look inside is only for names with a point: this runs for each name of each field of each file.
                node = pairs.get(name) or (inside(pairs, name) if "." in name else None)
                if node is not None and node.value:
                    values.append((name, node))
        return values

    def written(self, key: str) -> tuple[str, str, int]:
        """Return the first text of *key* as it is written, its name and its line; "", the key and 0 without one.

        A list or mapping is passed over for another name; where there is only that, under a name that is meant for the
        field, it is a problem.
        """
        values = self.named(key)
        for name, node in values:
            if isinstance(node.value, str) and node.value.strip():
                return node.value, name, node.line
        if values:
            self.no_text(key)
        return "", key, 0

    def no_text(self, key: str) -> None:
        """Report a list or mapping that stands where *key* should have a text."""
        # A name that is in use elsewhere may well mean something else here, and then nothing is wrong.
        meant = self.plan.called(key)
        name, node = next((pair for pair in self.named(key) if pair[0] in meant), ("", None))
        if node is not None and not isinstance(node.value, str):
            self.problem(key, node.line, f"{name} is a list or mapping, not a text")

    def raw(self, key: str) -> str:
        """The first text of *key* as it is written, "" without one."""
        return self.written(key)[0]

    def text(self, key: str, most: int = 200) -> Text:
        """A clean text of at most *most* characters."""
        return sanitize.text(self.raw(key), most=most)

    def flag(self, key: str, *, absent: bool) -> bool:
        """Whether a flag is set; *absent* where it is missing or empty, False (and a problem) for any other word."""
        # The doubtful value is taken for false: `published: soon` must not run.
        value, name, line = self.written(key)
        word = value.strip().casefold()
        if word in _NO or (not word and self.named(key)):
            return False
        if word and word not in _YES:
            self.problem(key, line, f"{name} is neither true nor false: {word[:80]!r}; taken for false")
            return False
        return absent if not word else True

    def each(self, key: str) -> list[Fields]:
        """The mappings of a list, or a single one; their problems count as this record's."""
        node = self.pairs.get(key)
        if node is None or node.value is None:
            return []
        members = node.value if isinstance(node.value, tuple) else (node,)
        mappings = [member.value for member in members if isinstance(member.value, dict)]
        if len(mappings) != len(members):
            self.problem(key, node.line, f"{key} is not a list of mappings")
        return [self._within(pairs) for pairs in mappings]

    def inner(self, key: str) -> Fields:
        """A mapping inside this one, empty where there is none."""
        node = self.pairs.get(key)
        return self._within(node.value if node is not None and isinstance(node.value, dict) else {})

    def _within(self, pairs: Mapping[str, Node]) -> Fields:
        return Fields(place=self.place, pairs=pairs, plan=self.plan, problems=self.problems)
