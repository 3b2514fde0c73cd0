"""Typed getters over a YAML file that a person wrote. Knows kinds of values, not what they are for.

Every problem is collected with its line, an unknown key with the nearest known one; a bad value reads as its default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest import clean, languages, regular, yamltree
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from digest.yamltree import Node


_ID = "0-issue-id-0"
"""Stands for `{id}` while an address is cleaned; lower case because hosts are."""


def read(file: str) -> Keys:
    """Return the keys of *file*; what keeps it from being read as YAML is among the problems. Raises OSError."""
    return parse(regular.read(file), file)


def parse(written: bytes, file: str) -> Keys:
    """Return the keys of a file's content; *file* is what problems name."""
    content = written.removeprefix(b"\xef\xbb\xbf")
    keys = Keys(file, {})
    try:
        content.decode("utf-8")
        root = yamltree.parse(content)
    except UnicodeDecodeError as error:
        keys.line = content.count(b"\n", 0, error.start) + 1
        keys.problem("", "is not UTF-8; save it as UTF-8")
    except yamltree.YamlProblem as error:
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
    """A mapping of the file with typed getters. Collects every problem; a bad value reads as its default."""

    file: str
    pairs: Mapping[str, Node]
    prefix: str = ""
    line: int = 1
    problems: list[Problem] = field(default_factory=list)

    def allow(self, known: Iterable[str]) -> None:
        """Report every key that is not among *known*."""
        names = sorted(known)
        for key in sorted(set(self.pairs) - set(names)):
            near = get_close_matches(key, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
            self.problem(key, f"unknown key {self.prefix + key!r}; {hint}")

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return key in self.pairs and self.pairs[key].value is not None

    def place(self, key: str) -> str:
        """Where the value of a key stands, for a message."""
        return f"{self.file}:{self.pairs[key].line if key in self.pairs else self.line}"

    def problem(self, key: str, what: str) -> None:
        """Report something wrong with the value of a key."""
        line = self.pairs[key].line if key in self.pairs else self.line
        self.problems.append(Problem(path=self.file, line=line, what=what))

    def text(self, key: str, default: str) -> str:
        """A text."""
        if not self.has(key):
            return default
        value = self.pairs[key].value
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.problem(key, f"{self.prefix}{key} is not a text")
        return default

    def texts(self, key: str, default: list[str]) -> list[str]:
        """A list of texts, or a single one."""
        value = self.pairs[key].value if self.has(key) else None
        if not isinstance(value, tuple):
            single = self.text(key, "")
            return [single] if single else default
        words = [member.value.strip() for member in value if isinstance(member.value, str) and member.value.strip()]
        if not words or len(words) != len(value):
            self.problem(key, f"{self.prefix}{key} is not a list of texts")
        return words

    def all_texts(self) -> dict[str, str]:
        """Every key with its text; a key without one is a problem."""
        for key in self.pairs:
            if not self.has(key):
                self.problem(key, f"{self.prefix}{key} is not a text")
        return {key: self.text(key, "") for key in self.pairs}

    def integer(self, key: str, default: int, *, least: int, most: int) -> int:
        """A whole number within bounds."""
        written = self.text(key, str(default))
        if re.fullmatch(r"-?[0-9]{1,9}", written) and least <= int(written) <= most:
            return int(written)
        if self.has(key) and isinstance(self.pairs[key].value, str):
            self.problem(key, f"{self.prefix}{key} is {written!r}, not a whole number from {least} to {most}")
        return default

    def optional(self, key: str, *, least: int, most: int, none: str = "") -> int | None:
        """A whole number, or None where the key is absent or says *none*."""
        if not self.has(key) or (none and self.text(key, none) == none):
            return None
        return self.integer(key, least, least=least, most=most)

    def choice(self, key: str, default: str, known: Sequence[str]) -> str:
        """One of some words."""
        written = self.text(key, default)
        if written in known:
            return written
        self.problem(key, f"{self.prefix}{key} is {written!r}; write {' or '.join(known)}")
        return default

    def in_order(self) -> list[Problem]:
        """The problems found so far, by line."""
        return sorted(self.problems, key=lambda problem: problem.line or 0)

    def matching(self, key: str, default: str, pattern: str, wanted: str) -> str:
        """A text that a pattern describes."""
        written = self.text(key, default)
        if re.fullmatch(pattern, written):
            return written
        self.problem(key, f"{self.prefix}{key} is not {wanted}: {written!r}")
        return default

    def address(self, key: str, default: str) -> str:
        """An https address; `{id}` may stand in it."""
        written = self.text(key, default)
        address = clean.address(written.replace("{id}", _ID))
        if address and address.startswith("https:"):
            return address.replace(_ID, "{id}")
        self.problem(key, f"{self.prefix}{key} is not an https address: {written!r}")
        return default

    def timezone(self, key: str, default: str) -> str:
        """The name of a time zone."""
        written = self.text(key, default)
        try:
            ZoneInfo(written)
        except (OSError, ValueError, KeyError):  # a name that is a folder, malformed, or unknown
            self.problem(key, f"{self.prefix}{key} is no time zone: {written!r}; write it like Europe/Berlin")
            return default
        return written

    def language(self, key: str, default: str) -> str:
        """A language tag, written by rule."""
        written = self.text(key, default)
        tag = languages.normal(written)
        if tag == default or (tag and languages.locale(tag)):
            return tag
        self.problem(key, f"{self.prefix}{key} is no language: {written!r}; {languages.nearest(written)}")
        return default

    def inner(self, key: str, known: Iterable[str] | None = None) -> Keys:
        """The mapping at *key*, empty where there is none; None for *known* allows any key."""
        value = self.pairs[key].value if self.has(key) else {}
        line = self.pairs[key].line if key in self.pairs else self.line
        if not isinstance(value, dict):
            self.problem(key, f"{self.prefix}{key} is not a list of `key: value` lines")
            value = {}
        here = Keys(self.file, value, f"{self.prefix}{key}.", line, self.problems)
        if known is not None:
            here.allow(known)
        return here

    def each(self, key: str, known: Iterable[str]) -> list[Keys]:
        """The mappings of the list at *key*."""
        value = self.pairs[key].value
        found = []
        for number, member in enumerate(value if isinstance(value, tuple) else ()):
            if isinstance(member.value, dict):
                here = Keys(self.file, member.value, f"{key}[{number}].", member.line, self.problems)
                here.allow(known)
                found.append(here)
            else:
                self.problems.append(
                    Problem(
                        path=self.file, line=member.line, what=f"{key}[{number}] is not a list of `key: value` lines"
                    )
                )
        if value is not None and not isinstance(value, tuple):
            self.problem(key, f"{key} is not a list")
        return found
