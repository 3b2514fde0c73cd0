"""Whether the page is valid HTML, as far as its parser and a short list of what HTML allows can tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks.names import ACTIVE, ELEMENTS, FLOW, GIVEN_UP, PHRASING, attributes
from digest.checks.opened import HTML
from digest.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.opened import Opened
    from digest.checks.page import Page
    from digest.model import Finding

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


def findings(issue: Opened) -> Iterator[Finding]:
    """Yield where the page is no valid HTML."""
    page = issue.page
    for line, code in page.errors:
        if code not in _SAID_ELSEWHERE:
            yield finding("html-parse", HTML, code.replace("-", " "), line=line)
    seen: set[str] = set()
    for element in page.elements:
        for rule, what in (*_element(page, element), *_attributes(element)):
            yield issue.on(element, rule, what)
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
    here = page.parents.get(element)
    while here is not None and here.tag in ("a", "ins", "del"):
        here = page.parents.get(here)
    return "" if here is None else str(here.tag)


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
