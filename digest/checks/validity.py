"""Whether HTML and CSS of the page are valid, as far as a short list of what they allow can tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks import cascade
from digest.checks.context import HTML
from digest.checks.html_names import (
    ACTIVE,
    COLOURED,
    ELEMENTS,
    FLOW,
    GIVEN_UP,
    KEYWORDS,
    LENGTH_WORDS,
    LENGTHS,
    PHRASING,
    PROPERTIES,
    WIDE,
    attributes,
)
from digest.checks.rule import finding
from digest.text.colours import parse_colour

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.cascade import Declaration
    from digest.checks.context import Context
    from digest.checks.page import Page
    from digest.model import Finding


_LENGTH = re.compile(r"-?(?:0|(?:\d+|\d*\.\d+)(?:px|pt|em|rem|%|ch|ex|vw|vh|cm|mm|in|pc))|(?:calc|min|max|clamp)\(.*\)")
_FONT = re.compile(r"""\s*(?:"[^"]*"|'[^']*'|[a-z_-][\w\s-]*)\s*""")
_SHORT = 4
"""Words that are few enough to be listed."""

_WORDS = frozenset({"transparent", "currentcolor", "canvas", "canvastext"})


def style_findings(issue: Context) -> Iterator[Finding]:
    """Yield styles that cannot be read or do nothing."""
    page, sheet = issue.page, issue.cascade.sheet
    for fault in sheet.broken:
        yield finding("css-parse", HTML, f"cannot be read: {fault.what}", line=fault.line)
    for rule in sheet.rules:
        for problem in _wrong(rule.declarations):
            yield finding("css-property", HTML, problem, line=rule.line, element=rule.selectors[:40])
    for element in page.elements:
        declarations, broken = cascade.inline(element.get("style", ""))
        for fault in broken:
            yield issue.on(element, "css-parse", f"cannot be read: {fault.what}")
        for problem in _wrong(declarations):
            yield issue.on(element, "css-property", problem)


def _wrong(declarations: Iterable[Declaration]) -> Iterator[str]:
    for name, value, _, _ in declarations:
        if name.startswith(("-", "mso-")) or "{" in value:  # a left-over is told by its own rule
            continue
        if name not in PROPERTIES:
            yield f"there is no property {name}"
        elif not value:
            yield f"{name} has no value"
        elif problem := _wrong_value(name, value.lower()):
            yield f"{name} is {value!r}, {problem}"


def _wrong_value(name: str, value: str) -> str:
    """What is wrong with *value*; empty where nothing is, or nothing is known."""
    if value in WIDE:
        return ""
    if name in KEYWORDS:
        keywords = KEYWORDS[name]
        return (
            ""
            if value in keywords
            else f"not {_listed(keywords)}"
            if len(keywords) < _SHORT
            else "which it does not know"
        )
    if name in LENGTHS:
        return _wrong_lengths(name, _split(value))
    if name == "font-family" and not all(map(_FONT.fullmatch, value.split(","))):
        return "which is no list of fonts"
    if name in COLOURED and not all(map(_is_colour, _split(value))):
        return "which is no colour"
    return ""


def _wrong_lengths(name: str, values: list[str]) -> str:
    odd = [word for word in values if not _is_length(word, name)]
    if odd and re.fullmatch(r"-?[\d.]+", odd[0]):
        return "a number without unit"
    return "which is no length" if odd or len(values) > LENGTHS[name] else ""


def _listed(values: Iterable[str]) -> str:
    *others, last = sorted(values)
    return f"{', '.join(others)} or {last}" if others else last


def _is_length(word: str, name: str) -> bool:
    if name == "line-height" and re.fullmatch(r"[\d.]+", word):
        return True
    return word in LENGTH_WORDS.get(name, ()) or _LENGTH.fullmatch(word) is not None


def _split(value: str) -> list[str]:
    return re.findall(r"[^\s(]+(?:\([^)]*\))?", value)


def _is_colour(word: str) -> bool:
    return word.lower() in _WORDS or word.startswith(("var(", "light-dark(")) or parse_colour(word) is not None


_HEAD_ONLY = frozenset({"title", "base", "meta", "style"})
_QUERY = r"\s*(?:(?:(?:not|only)\s+)?[a-z]+|\([^()]+\))(?:\s+and\s+\([^()]+\))*\s*"
_VALUES = {
    **dict.fromkeys(("colspan", "rowspan", "cellpadding", "cellspacing", "border"), re.compile(r"\d+")),
    "http-equiv": re.compile("content-(?:type|language|security-policy)|x-ua-compatible|default-style", re.IGNORECASE),
    "name": re.compile(r".+"),
    "media": re.compile(rf"{_QUERY}(?:,{_QUERY})*", re.IGNORECASE),
    "target": re.compile("_(?:blank|self|top|parent)"),
    "xmlns": re.compile(re.escape("http://www.w3.org/1999/xhtml")),
}
"""What attributes may say, where it is not asked elsewhere."""

_SAID_ELSEWHERE = frozenset({"expected-doctype-but-got-start-tag", "expected-doctype-but-got-chars", "unknown-doctype"})


def findings(issue: Context) -> Iterator[Finding]:
    """Yield where the page is no valid HTML."""
    page = issue.page
    for line, code in page.errors:
        if code not in _SAID_ELSEWHERE:
            yield finding("html-parse", HTML, code.replace("-", " "), line=line)
    seen: set[str] = set()
    for element in page.elements:
        for rule, problem in (*_element(page, element), *_attributes(element)):
            yield issue.on(element, rule, problem)
        name = element.get("id")
        if name is not None and (name in seen or not name or " " in name):
            yield issue.on(element, "duplicate-id", f"id {name!r} stands twice" if name in seen else f"id is {name!r}")
        seen.add(name or "")


def _element(page: Page, element: Element) -> Iterator[tuple[str, str]]:
    name = str(element.tag)
    if name in GIVEN_UP:
        yield "html-obsolete", f"{name} is given up"
    elif name not in ELEMENTS and not name.startswith("{"):
        yield "html-obsolete", f"there is no element {name}"
    around = _around(page, element)
    if name in FLOW and around in PHRASING:
        yield "html-nesting", f"{name} stands in {around}"
    if name in _HEAD_ONLY and page.within(element, "head") is None:
        yield "html-nesting", f"{name} stands in the body"
    if name in ("dt", "dd") and around not in ("dl", "div"):
        yield "html-nesting", f"{name} stands in {around}"


def _around(page: Page, element: Element) -> str:
    """The parent, where a link stands for what it is in: it may hold what its parent may."""
    ancestor = page.parents.get(element)
    while ancestor is not None and ancestor.tag in ("a", "ins", "del"):
        ancestor = page.parents.get(ancestor)
    return "" if ancestor is None else str(ancestor.tag)


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    name = str(element.tag)
    if name in ACTIVE or name.startswith("{"):
        return
    if name == "meta" and not _says_something(element):
        yield "html-attribute", "meta lacks a name or what it says"
    for attribute, value in element.attrib.items():
        if attribute.startswith(("aria-", "data-", "on", "{", "xml:")) or ":" in attribute:
            continue
        if attribute not in attributes(name):
            yield "html-attribute", f"{name} has no attribute {attribute}"
        elif attribute in _VALUES and not _VALUES[attribute].fullmatch(value):
            yield "html-attribute", f"{attribute} is {value!r}"
        elif (name, attribute) == ("style", "type") and value != "text/css":
            yield "html-attribute", f"type is {value!r}"


def _says_something(meta: Element) -> bool:
    return "charset" in meta.attrib or (bool(meta.get("content")) and bool({"name", "http-equiv"} & meta.attrib.keys()))
