"""Whether the page's styles can be read, and their properties exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks import cascade, colours
from digest.checks.names import COLOURED, KEYWORDS, LENGTH_WORDS, LENGTHS, PROPERTIES, WIDE
from digest.checks.opened import HTML
from digest.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.checks.cascade import Declaration
    from digest.checks.opened import Opened
    from digest.model import Finding

_LENGTH = re.compile(r"-?(?:0|(?:\d+|\d*\.\d+)(?:px|pt|em|rem|%|ch|ex|vw|vh|cm|mm|in|pc))|(?:calc|min|max|clamp)\(.*\)")
_FONT = re.compile(r"""\s*(?:"[^"]*"|'[^']*'|[a-z_-][\w\s-]*)\s*""")
_SHORT = 4
"""Words that are few enough to be listed."""

_WORDS = frozenset({"transparent", "currentcolor", "canvas", "canvastext"})


def findings(issue: Opened) -> Iterator[Finding]:
    """Yield styles that cannot be read or do nothing."""
    page, sheet = issue.page, issue.cascade.sheet
    for one in sheet.broken:
        yield finding("css-parse", HTML, f"cannot be read: {one.what}", line=one.line)
    for rule in sheet.rules:
        for what in _wrong(rule.declarations):
            yield finding("css-property", HTML, what, line=rule.line, element=rule.selectors[:40])
    for element in page.elements:
        declarations, broken = cascade.inline(element.get("style", ""))
        for one in broken:
            yield issue.on(element, "css-parse", f"cannot be read: {one.what}")
        for what in _wrong(declarations):
            yield issue.on(element, "css-property", what)


def _wrong(declarations: Iterable[Declaration]) -> Iterator[str]:
    for name, value, _, _ in declarations:
        if name.startswith(("-", "mso-")) or "{" in value:  # a left-over is told by its own rule
            continue
        if name not in PROPERTIES:
            yield f"there is no property {name}"
        elif not value:
            yield f"{name} has no value"
        elif what := _wrong_value(name, value.lower()):
            yield f"{name} is {value!r}, {what}"


def _wrong_value(name: str, value: str) -> str:
    """What is wrong with *value*; empty where nothing is, or nothing is known."""
    if value in WIDE:
        return ""
    if name in KEYWORDS:
        known = KEYWORDS[name]
        return "" if value in known else f"not {_listed(known)}" if len(known) < _SHORT else "which it does not know"
    if name in LENGTHS:
        return _wrong_lengths(name, _split(value))
    if name == "font-family" and not all(map(_FONT.fullmatch, value.split(","))):
        return "which is no list of fonts"
    if name in COLOURED and not all(map(_is_colour, _split(value))):
        return "which is no colour"
    return ""


def _wrong_lengths(name: str, words: list[str]) -> str:
    odd = [word for word in words if not _is_length(word, name)]
    if odd and re.fullmatch(r"-?[\d.]+", odd[0]):
        return "a number without unit"
    return "which is no length" if odd or len(words) > LENGTHS[name] else ""


def _listed(words: Iterable[str]) -> str:
    *others, last = sorted(words)
    return f"{', '.join(others)} or {last}" if others else last


def _is_length(word: str, name: str) -> bool:
    if name == "line-height" and re.fullmatch(r"[\d.]+", word):
        return True
    return word in LENGTH_WORDS.get(name, ()) or _LENGTH.fullmatch(word) is not None


def _split(value: str) -> list[str]:
    return re.findall(r"[^\s(]+(?:\([^)]*\))?", value)


def _is_colour(word: str) -> bool:
    return word.lower() in _WORDS or word.startswith(("var(", "light-dark(")) or colours.parse(word) is not None
