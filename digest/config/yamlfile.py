"""A YAML file to typed values that know their line: the parser's safe subset and the getters over it.

Every scalar stays the string that was written (`NO`, `010` and `2020-11-09` are not guessed at), so whoever reads a
value decides its type and can name its line. Built from the parser's events, never from its constructor: nothing in
the text can create an object, expand an alias or recurse. Used for article front matter and for digest.yaml.

Every problem is collected with its line, an unknown key with the nearest known one; a bad value reads as its default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import yaml

from digest import files
from digest.model import Problem
from digest.text import languages, sanitize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


# The C parser is ten times faster; some builds lack it.
Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

# Deepest nesting that is read; real archives need four levels, and a hostile one must not exhaust the stack.
MAX_DEPTH = 16
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"


# Not frozen, though nobody changes one: that takes three times as long to make, and an article has some twenty.
@dataclass(slots=True)
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

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.what = problem
        self.line = line


def compose(text: bytes, *, first_line: int = 1) -> Node:
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
        # Libyaml has a limit of its own since 0.2.6.
        if "nesting depth" in (error.problem or ""):
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
            # `key: ""` is an empty text and `key:` is none: an editor who writes the quotes means the text.
            return None if written in _EMPTY and not event.style else written
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(depth + 1)
        if isinstance(event, yaml.SequenceStartEvent):
            return tuple(self.members(depth + 1))
        # Nothing else starts a value. An alias is refused, since ten of them can stand for a billion values.
        assert isinstance(event, yaml.AliasEvent)
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
            # YAML parsers silently take the last of two; the other is then an edit that had no effect.
            if key in pairs:
                raise YamlProblem(f"the key {key!r} stands here again", line)
            pairs[key] = Node(self.value(next(self.events), depth), line)
        return pairs

    def line(self, event: yaml.Event) -> int:
        return self.first_line + (event.start_mark.line if event.start_mark else 0)


# Stands for `{id}` while an address is cleaned; lower case because hosts are.
_ID = "0-issue-id-0"


def read(file: str) -> Keys:
    """Return the keys of *file*; what keeps it from being read as YAML is among the problems. Raises OSError."""
    return parse(files.read(file), file)


def parse(written: bytes, file: str) -> Keys:
    """Return the keys of a file's content; *file* is what problems name."""
    content = written.removeprefix(b"\xef\xbb\xbf")
    keys = Keys(file, {})
    try:
        content.decode("utf-8")
        root = compose(content)
    except UnicodeDecodeError as error:
        keys.line = content.count(b"\n", 0, error.start) + 1
        keys.problem("", "is not UTF-8; save it as UTF-8")
    except YamlProblem as error:
        keys.line = error.line
        keys.problem("", error.what)
    else:
        if isinstance(root.value, dict):
            keys.pairs = root.value
        elif root.value is not None:
            keys.line = root.line
            keys.problem("", "is not a list of `key: value` lines")
    return keys


@dataclass(slots=True)
class Keys:
    """A mapping of the file with typed getters.

    A value of the wrong kind is noted in *problems* with its line and reads as its default, so that one run reports
    everything that is wrong. *prefix* is where the mapping stands in the file, such as `newsletter.`.
    """

    file: str
    pairs: Mapping[str, Node]
    prefix: str = ""
    line: int = 1
    problems: list[Problem] = field(default_factory=list)

    def allow(self, allowed: Iterable[str]) -> None:
        """Note every key that is not among *allowed* as a problem, with the nearest one that is."""
        names = sorted(allowed)
        for key in sorted(set(self.pairs) - set(names)):
            # Most unknown keys are misspelt ones, so the nearest is named and not all of them.
            near = get_close_matches(key, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
            self.problem(key, f"unknown key {self.prefix + key!r}; {hint}")

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return key in self.pairs and self.pairs[key].value is not None

    def place(self, key: str) -> str:
        """Where the value of a key stands, for a message."""
        return f"{self.file}:{self.pairs[key].line if key in self.pairs else self.line}"

    def problem(self, key: str, problem: str, *, line: int = 0) -> None:
        """Note what is wrong with the value of *key*, at its *line*; at the mapping's where the key is absent."""
        line = line or (self.pairs[key].line if key in self.pairs else self.line)
        self.problems.append(Problem(path=self.file, line=line, what=problem, key=self.prefix + key))

    def text(self, key: str, default: str) -> str:
        """Return the text at *key*, without white space around it; an empty one or a list is a problem."""
        if not self.has(key):
            return default
        value = self.pairs[key].value
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.problem(key, f"{self.prefix}{key} is not a text")
        return default

    def texts(self, key: str, default: list[str]) -> list[str]:
        """Return the texts at *key*: a list of them, or a single one, which stands for a list of one.

        An empty list and a member that is no text are problems.
        """
        value = self.pairs[key].value if self.has(key) else None
        if not isinstance(value, tuple):
            single = self.text(key, "")
            return [single] if single else default
        texts = [member.value.strip() for member in value if isinstance(member.value, str) and member.value.strip()]
        if not texts or len(texts) != len(value):
            self.problem(key, f"{self.prefix}{key} is not a list of texts")
        return texts

    def all_texts(self) -> dict[str, str]:
        """Return every key of the mapping with its text; a key without one is a problem.

        For mappings whose keys the program does not know beforehand, such as the tokens of a theme.
        """
        for key in self.pairs:
            if not self.has(key):
                self.problem(key, f"{self.prefix}{key} is not a text")
        return {key: self.text(key, "") for key in self.pairs}

    def integer(self, key: str, default: int, *, least: int, most: int) -> int:
        """Return the whole number at *key*, from *least* to *most*; *default* where there is none, or another value."""
        written = self.text(key, str(default))
        # Not int() alone, which takes `1_000`, ` 7 ` and digits of other scripts.
        if re.fullmatch(r"-?[0-9]{1,9}", written) and least <= int(written) <= most:
            return int(written)
        if self.has(key) and isinstance(self.pairs[key].value, str):
            self.problem(key, f"{self.prefix}{key} is {written!r}, not a whole number from {least} to {most}")
        return default

    def number(self, key: str, default: float, *, least: float, most: float) -> float:
        """Return the number at *key*, from *least* to *most*, an int where it is whole; *default* as by `integer`."""
        written = self.text(key, str(default))
        # As `integer` does: not all that float() takes.
        if re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", written) and least <= float(written) <= most:
            value = float(written)
            return int(value) if value.is_integer() else value
        if self.has(key) and isinstance(self.pairs[key].value, str):
            self.problem(key, f"{self.prefix}{key} is {written!r}, not a number from {least} to {most}")
        return default

    def optional(self, key: str, *, least: int, most: int, none: str = "") -> int | None:
        """Return the whole number at *key*; None where the key is absent or its text is *none*, such as `never`."""
        if not self.has(key) or (none and self.text(key, none) == none):
            return None
        return self.integer(key, least, least=least, most=most)

    def choice(self, key: str, default: str, allowed: Sequence[str]) -> str:
        """Return the text at *key*, which must be one of *allowed*; *default* where there is none, or another."""
        written = self.text(key, default)
        if written in allowed:
            return written
        self.problem(key, f"{self.prefix}{key} is {written!r}; write {' or '.join(allowed)}")
        return default

    def in_order(self) -> list[Problem]:
        """Return the problems noted so far, by line: in the order in which a person mends them."""
        return sorted(self.problems, key=lambda problem: problem.line or 0)

    def matching(self, key: str, default: str, pattern: str, wanted: str) -> str:
        """Return the text at *key*, all of which *pattern* must match; *wanted* says in a message what that is."""
        written = self.text(key, default)
        if re.fullmatch(pattern, written):
            return written
        self.problem(key, f"{self.prefix}{key} is not {wanted}: {written!r}")
        return default

    def address(self, key: str, default: str) -> str:
        """Return the https URL at *key*, made safe as every URL is; `{id}`, which means an issue, survives that."""
        written = self.text(key, default)
        # Also where it stands for what is no text, which has been noted.
        if written == default:
            return default
        address = sanitize.address(written.replace("{id}", _ID))
        if address and address.startswith("https:"):
            return address.replace(_ID, "{id}")
        self.problem(key, f"{self.prefix}{key} is not an https address: {written!r}")
        return default

    def timezone(self, key: str, default: str) -> str:
        """Return the name of a time zone (IANA) at *key* that this machine knows."""
        written = self.text(key, default)
        try:
            ZoneInfo(written)
        # zoneinfo raises all three: for a name that is a folder of the database, malformed, or unknown.
        except (OSError, ValueError, KeyError):  # a name that is a folder, malformed, or unknown
            self.problem(key, f"{self.prefix}{key} is no time zone: {written!r}; write it like Europe/Berlin")
            return default
        return written

    def language(self, key: str, default: str) -> str:
        """Return the language tag (BCP 47) at *key* as the rules write it: `pt-BR` for `pt_br`.

        It must be one that CLDR has a locale for, since dates and lists are written by it.
        """
        written = self.text(key, default)
        tag = languages.normal(written)
        if tag == default or (tag and languages.locale(tag)):
            return tag
        self.problem(key, f"{self.prefix}{key} is no language: {written!r}; {languages.nearest(written)}")
        return default

    def languages(self, key: str) -> list[str]:
        """Return the language tags at *key*, a list of them or a single one, as the rules write them."""
        tags = []
        for written in self.texts(key, []):
            tag = languages.normal(written)
            if tag and languages.locale(tag):
                tags.append(tag)
            else:
                self.problem(key, f"{self.prefix}{key} is no language: {written!r}; {languages.nearest(written)}")
        return tags

    def inner(self, key: str, allowed: Iterable[str] | None = None) -> Keys:
        """Return the mapping at *key*, an empty one where there is none. Its problems are noted with those of this one.

        *allowed* are the keys that it may have; None allows any.
        """
        value = self.pairs[key].value if self.has(key) else {}
        line = self.pairs[key].line if key in self.pairs else self.line
        if not isinstance(value, dict):
            self.problem(key, f"{self.prefix}{key} is not a list of `key: value` lines")
            value = {}
        entry = Keys(self.file, value, f"{self.prefix}{key}.", line, self.problems)
        if allowed is not None:
            entry.allow(allowed)
        return entry

    def each(self, key: str, allowed: Iterable[str] | None = None) -> list[Keys]:
        """Return the mappings of the list at *key*; a member that is none, or has a key not *allowed*, is a problem.

        None allows any.
        """
        value = self.pairs[key].value
        members = []
        for number, member in enumerate(value if isinstance(value, tuple) else ()):
            if isinstance(member.value, dict):
                entry = Keys(self.file, member.value, f"{self.prefix}{key}[{number}].", member.line, self.problems)
                if allowed is not None:
                    entry.allow(allowed)
                members.append(entry)
            else:
                self.problems.append(
                    Problem(
                        path=self.file,
                        line=member.line,
                        what=f"{self.prefix}{key}[{number}] is not a list of `key: value` lines",
                    )
                )
        if value is not None and not isinstance(value, tuple):
            self.problem(key, f"{self.prefix}{key} is not a list")
        return members
