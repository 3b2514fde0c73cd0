"""HTML and CSS by the standards: names that exist, values that they take, elements where they may stand.

A short list of what the standards allow (html_names.json), not a validator: it knows the values of the properties and
attributes that letters use, and says nothing about others. tests/test_checks_outside.py compares it with Nu's checker.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks import cascade, html_names
from digest.checks.context import HTML
from digest.checks.rule import RuleGroup, Spot, rule
from digest.text.colours import parse_colour

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.cascade import Declaration
    from digest.checks.context import Context
    from digest.checks.page import Page


_HEAD_ONLY = frozenset({"title", "base", "meta", "style"})
_QUERY = r"\s*(?:(?:(?:not|only)\s+)?[a-z]+|\([^()]+\))(?:\s+and\s+\([^()]+\))*\s*"
# The values of attributes that no other rule asks about.
_VALUES = {
    **dict.fromkeys(("colspan", "rowspan", "cellpadding", "cellspacing", "border"), re.compile(r"\d+")),
    "http-equiv": re.compile("content-(?:type|language|security-policy)|x-ua-compatible|default-style", re.IGNORECASE),
    "name": re.compile(r".+"),
    "media": re.compile(rf"{_QUERY}(?:,{_QUERY})*", re.IGNORECASE),
    "target": re.compile("_(?:blank|self|top|parent)"),
    "xmlns": re.compile(re.escape("http://www.w3.org/1999/xhtml")),
}
# The parser's names for a missing or odd doctype, which is a rule of its own.
_DOCTYPE_ERRORS = frozenset({"expected-doctype-but-got-start-tag", "expected-doctype-but-got-chars", "unknown-doctype"})


@rule("html-parse", "error", RuleGroup.PAGE, waivable=True, do="mend it in the theme")
def parse_errors(issue: Context) -> Iterator[Spot]:
    """The page parses without an error.

    Each client mends it in another way.
    """
    for line, code in issue.page.errors:
        if code not in _DOCTYPE_ERRORS:
            yield Spot(HTML, code.replace("-", " "), line=line)


@rule("html-nesting", "error", RuleGroup.PAGE, waivable=True, do="nest them as HTML asks")
def nesting(issue: Context) -> Iterator[Spot]:
    """Elements stand where HTML allows them.

    Each client mends it in another way.
    """
    for element in issue.page.elements:
        # MJML's accordion is a label around blocks, or a click would not open it: `interactive` tells of that.
        if issue.page.opens_at_a_click(element):
            continue
        name, around = str(element.tag), _around(issue.page, element)
        if name in html_names.FLOW and around in html_names.PHRASING:
            yield issue.on(element, f"{name} stands in {around}")
        if name in _HEAD_ONLY and issue.page.within(element, "head") is None:
            yield issue.on(element, f"{name} stands in the body")
        if name in ("dt", "dd") and around not in ("dl", "div"):
            yield issue.on(element, f"{name} stands in {around}")


def _around(page: Page, element: Element) -> str:
    """Return the name of the parent, past links, ins and del: they may hold what the element around them may."""
    ancestor = page.parents.get(element)
    while ancestor is not None and ancestor.tag in ("a", "ins", "del"):
        ancestor = page.parents.get(ancestor)
    return "" if ancestor is None else str(ancestor.tag)


@rule("html-attribute", "warning", RuleGroup.PAGE, do="correct or remove it")
def wrong_attributes(issue: Context) -> Iterator[Spot]:
    """Attributes are ones that HTML knows, with values that they can have.

    A misspelt one does nothing.
    """
    for element in issue.page.elements:
        # Active elements are forbidden altogether; a brace is how the parser writes a namespace (SVG, MathML).
        if element.tag not in html_names.ACTIVE and not str(element.tag).startswith("{"):
            yield from (issue.on(element, problem) for problem in _attributes(element))


def _attributes(element: Element) -> Iterator[str]:
    """Yield what is wrong with the attributes of *element*, as far as names and a few values tell."""
    name = str(element.tag)
    if name == "meta" and not _says_something(element):
        yield "meta lacks a name or what it says"
    for attribute, value in element.attrib.items():
        # Namespaces and handlers: the first are Outlook's or XML's, the second have a rule of their own.
        if attribute.startswith(("aria-", "data-", "on", "{", "xml:")) or ":" in attribute:
            continue
        if attribute not in html_names.attributes_of(name):
            yield f"{name} has no attribute {attribute}"
        elif attribute in _VALUES and not _VALUES[attribute].fullmatch(value):
            yield f"{attribute} is {value!r}"
        elif (name, attribute) == ("style", "type") and value != "text/css":
            yield f"type is {value!r}"


def _says_something(meta: Element) -> bool:
    return "charset" in meta.attrib or (bool(meta.get("content")) and bool({"name", "http-equiv"} & meta.attrib.keys()))


@rule("html-obsolete", "warning", RuleGroup.PAGE, do="use styles")
def obsolete_elements(issue: Context) -> Iterator[Spot]:
    """No element is one that HTML has given up.

    Its looks differ by client.
    """
    for element in issue.page.elements:
        name = str(element.tag)
        if name in html_names.GIVEN_UP:
            yield issue.on(element, f"{name} is given up")
        elif name not in html_names.ELEMENTS and not name.startswith("{"):
            yield issue.on(element, f"there is no element {name}")


@rule("duplicate-id", "error", RuleGroup.PAGE, do="give each an id of its own")
def duplicate_ids(issue: Context) -> Iterator[Spot]:
    """No id stands twice.

    Links and labels reach only the first.
    """
    seen: set[str] = set()
    for element in issue.page.elements:
        name = element.get("id")
        if name is not None and (name in seen or not name or " " in name):
            yield issue.on(element, f"id {name!r} stands twice" if name in seen else f"id is {name!r}")
        seen.add(name or "")


# Zero needs no unit, every other length does; a function is taken as it is.
_LENGTH = re.compile(r"-?(?:0|(?:\d+|\d*\.\d+)(?:px|pt|em|rem|%|ch|ex|vw|vh|cm|mm|in|pc))|(?:calc|min|max|clamp)\(.*\)")
_FONT = re.compile(r"""\s*(?:"[^"]*"|'[^']*'|[a-z_-][\w\s-]*)\s*""")
# The message lists the words that a property takes where they are this few.
_SHORT = 4
_COLOUR_WORDS = frozenset({"transparent", "currentcolor", "canvas", "canvastext"})


@rule("css-parse", "warning", RuleGroup.STYLES, do="correct it")
def unreadable_styles(issue: Context) -> Iterator[Spot]:
    """Styles can be read.

    A client drops what it cannot read, some drop all that follows.
    """
    for fault in issue.cascade.sheet.broken:
        yield Spot(HTML, f"cannot be read: {fault.what}", line=fault.line)
    for element in issue.page.elements:
        for fault in cascade.inline(element.get("style", ""))[1]:
            yield issue.on(element, f"cannot be read: {fault.what}")


@rule("css-property", "warning", RuleGroup.STYLES, do="correct or remove it")
def wrong_properties(issue: Context) -> Iterator[Spot]:
    """Properties are ones there are, and lengths have units.

    A misspelt one does nothing.
    """
    for block in issue.cascade.sheet.rules:
        for problem in _wrong(block.declarations):
            yield Spot(HTML, problem, line=block.line, element=block.selectors[:40])
    for element in issue.page.elements:
        for problem in _wrong(cascade.inline(element.get("style", ""))[0]):
            yield issue.on(element, problem)


def _wrong(declarations: Iterable[Declaration]) -> Iterator[str]:
    """Yield what is wrong with each declaration: an unknown property, no value, a value that it does not take."""
    for name, value, _, _ in declarations:
        # Makers' own names cannot be known, and a brace is a left-over, which has a rule of its own.
        if name.startswith(("-", "mso-")) or "{" in value:
            continue
        if name not in html_names.PROPERTIES:
            yield f"there is no property {name}"
        elif not value:
            yield f"{name} has no value"
        elif problem := _wrong_value(name, value.lower()):
            yield f"{name} is {value!r}, {problem}"


def _wrong_value(name: str, value: str) -> str:
    """Return what is wrong with *value*; empty where nothing is, and for a property whose values are not listed."""
    if value in html_names.WIDE:
        return ""
    if name in html_names.KEYWORDS:
        return "" if value in html_names.KEYWORDS[name] else _not_listed(html_names.KEYWORDS[name])
    if name in html_names.LENGTHS:
        return _wrong_lengths(name, _split(value))
    if name == "font-family" and not all(map(_FONT.fullmatch, value.split(","))):
        return "which is no list of fonts"
    if name in html_names.COLOURED and not all(map(_is_colour, _split(value))):
        return "which is no colour"
    return ""


def _not_listed(keywords: Iterable[str]) -> str:
    *others, last = sorted(keywords)
    if len(others) + 1 >= _SHORT:
        return "which it does not know"
    return f"not {', '.join(others)} or {last}" if others else f"not {last}"


def _wrong_lengths(name: str, values: list[str]) -> str:
    """Return what is wrong with the lengths of the property *name*; empty where nothing is."""
    odd = [word for word in values if not _is_length(word, name)]
    if odd and re.fullmatch(r"-?[\d.]+", odd[0]):
        return "a number without unit"
    return "which is no length" if odd or len(values) > html_names.LENGTHS[name] else ""


def _is_length(word: str, name: str) -> bool:
    # Of all properties only this one takes a bare number: a multiple of the text's size.
    if name == "line-height" and re.fullmatch(r"[\d.]+", word):
        return True
    return word in html_names.LENGTH_WORDS.get(name, ()) or _LENGTH.fullmatch(word) is not None


def _split(value: str) -> list[str]:
    """Return the words of a value, a function with its arguments as one of them."""
    return re.findall(r"[^\s(]+(?:\([^)]*\))?", value)


def _is_colour(word: str) -> bool:
    return word.lower() in _COLOUR_WORDS or word.startswith(("var(", "light-dark(")) or parse_colour(word) is not None
