"""YAML text to a tree of nodes that know their line. Knows YAML, not what the keys mean.

Every scalar stays the string that was written (`NO`, `010` and `2020-11-09` are not guessed at), so whoever reads a
value decides its type and can name its line. Built from the parser's events, never from its constructor: nothing in
the text can create an object, expand an alias or recurse. Used for article front matter and for digest.yaml.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the C parser is ten times faster; some builds lack it

MAX_DEPTH = 16
"""Deepest nesting that is read; the archives need four levels."""
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"


@dataclass(frozen=True, slots=True)
class Node:
    """A value: text, list or mapping; None for an empty one (`key:`, `~`, `null`).

    *line* is where it stands, from 1; for a value of a mapping, where its key stands.
    """

    value: Value
    line: int


Value = str | tuple[Node, ...] | dict[str, Node] | None
_EMPTY = frozenset({"", "~", "null", "Null", "NULL"})


class YamlProblem(ValueError):
    """The text is no YAML we read. Carries the 1-based line and what is wrong."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


def parse(text: bytes, *, first_line: int = 1) -> Node:
    """Return the one document in *text*, which is UTF-8 and starts on *first_line* of its file.

    Raises YamlProblem for malformed YAML, a second document, an alias, a duplicate key, a key that is no plain text,
    and nesting deeper than MAX_DEPTH.
    """
    try:
        return _Builder(yaml.parse(text, Loader=Loader), first_line).document()
    except yaml.MarkedYAMLError as error:
        if error.context_mark and "quoted scalar" in (error.context or "") and "unexpected" in (error.problem or ""):
            # The scanner notices at the end of the file; the user has to look where the quote opens.
            raise YamlProblem("a quote opens here and is not closed", first_line + error.context_mark.line) from error
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        if "nesting depth" in (error.problem or ""):  # libyaml has a limit of its own since 0.2.6
            raise YamlProblem(_TOO_DEEP, line) from error
        raise YamlProblem(_sentence(error), line) from error
    except yaml.reader.ReaderError as error:
        # The parser in C counts bytes, the one in Python characters; the character itself is the same for both.
        wrong = yaml.reader.Reader.NON_PRINTABLE.search(text.decode("utf-8", "replace"))
        line = first_line + (wrong.string.count("\n", 0, wrong.start()) if wrong else 0)
        raise YamlProblem("a character that YAML does not allow (a control character)", line) from error
    except yaml.YAMLError as error:
        raise YamlProblem(str(error), first_line) from error


def _sentence(error: yaml.MarkedYAMLError) -> str:
    context = f"{error.context}: " if error.context else ""
    return f"not valid YAML ({context}{error.problem})"


class _Builder:
    """Makes nodes of events; each file of an archive has a hundred, so a call a value is all that is spent."""

    def __init__(self, events: Iterator[yaml.Event], first_line: int) -> None:
        self.events = events
        self.first_line = first_line

    def document(self) -> Node:
        next(self.events)  # StreamStart
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            return Node(None, self.first_line)
        event = next(self.events)
        root = Node(self.value(event, 0), self.line(event))
        next(self.events)  # DocumentEnd
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise YamlProblem("a second YAML document starts here", self.line(event))
        return root

    def value(self, event: yaml.Event, depth: int) -> Value:
        """Return the value that starts with *event*, read to its end."""
        if depth > MAX_DEPTH:
            raise YamlProblem(_TOO_DEEP, self.line(event))
        if isinstance(event, yaml.ScalarEvent):
            written: str = event.value
            return None if written in _EMPTY and not event.style else written
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(depth + 1)
        if isinstance(event, yaml.SequenceStartEvent):
            return tuple(self.members(depth + 1))
        assert isinstance(event, yaml.AliasEvent)  # nothing else starts a value
        raise YamlProblem(f"an alias (*{event.anchor}); write the value out", self.line(event))

    def members(self, depth: int) -> Iterator[Node]:
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield Node(self.value(event, depth), self.line(event))

    def mapping(self, depth: int) -> dict[str, Node]:
        pairs: dict[str, Node] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key, line = self.value(event, depth), self.line(event)
            if not isinstance(key, str):
                raise YamlProblem("a key that is not plain text", line)
            if key in pairs:
                raise YamlProblem(f"the key {key!r} stands here again", line)
            pairs[key] = Node(self.value(next(self.events), depth), line)
        return pairs

    def line(self, event: yaml.Event) -> int:
        return self.first_line + (event.start_mark.line if event.start_mark else 0)
