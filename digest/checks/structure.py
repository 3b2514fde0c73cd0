"""Whether clients and screen readers can follow the page, and Outlook's branch of it is whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks.context import HTML, line_of
from digest.checks.html_names import ARIA, ROLES
from digest.checks.page import name_of
from digest.checks.rule import finding
from digest.text import languages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.context import Context
    from digest.checks.page import Page
    from digest.model import Finding


_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_FIRST_BYTES = 1024
_LEAST_ZOOM = 2.0


def findings(issue: Context) -> Iterator[Finding]:
    """Yield what is wrong with the frame of the page."""
    page = issue.page
    for part in (_head, _language, _tables, _headings, _aria, _lists, _order):
        yield from part(issue)
    for comment in page.comments:
        if not re.match(r"\[if |<!\[endif\]|\[endif\]", comment.strip()):
            yield finding("comment", HTML, f"the comment {' '.join(comment.split())[:60]!r} is left")


def _head(issue: Context) -> Iterator[Finding]:
    page = issue.page
    if not page.source.startswith("<!DOCTYPE html>"):
        yield finding("doctype", HTML, f"begins with {page.source[:30].strip()!r}", line=1)
    start = page.source.encode()[:_FIRST_BYTES].decode(errors="replace")
    if not re.search(r"<meta[^>]+charset\s*=\s*[\"']?utf-8", start, re.IGNORECASE):
        yield finding("charset", HTML, "no charset in the first 1,024 bytes")
    charsets = [
        meta for meta in page.named("meta") if "charset" in meta.attrib or "charset=" in meta.get("content", "").lower()
    ]
    if len(charsets) > 1:
        yield issue.on(charsets[1], "charset", f"{len(charsets)} charsets")
    titles = [title for title in page.named("title") if page.within(title, "head") is not None]
    texts = [" ".join((title.text or "").split()) for title in titles]
    if len(titles) != 1 or not texts[0]:
        problem = "no title" if not titles else "an empty title" if len(titles) == 1 else f"{len(titles)} titles"
        yield finding("title", HTML, problem, line=page.line(titles[-1]) if titles else None)
    views = [meta for meta in page.named("meta") if meta.get("name", "").lower() == "viewport"]
    if len(views) != 1:
        yield finding("viewport", HTML, "no viewport" if not views else f"{len(views)} viewports")
    for view in views:
        yield from _viewport(page, view)


def _viewport(page: Page, meta: Element) -> Iterator[Finding]:
    pairs = dict(re.findall(r"([a-z-]+)\s*=\s*([^,;\s]+)", meta.get("content", "").lower()))
    if pairs.get("width") != "device-width":
        yield finding("viewport", HTML, "width is not device-width", line=page.line(meta))
    most = pairs.get("maximum-scale", "10")
    if pairs.get("user-scalable") in ("no", "0") or (re.fullmatch(r"[\d.]+", most) and float(most) < _LEAST_ZOOM):
        yield finding("viewport", HTML, "readers may not zoom", line=page.line(meta))


def _language(issue: Context) -> Iterator[Finding]:
    page = issue.page
    top = (page.root, *page.body)
    for element in top:
        lang, direction = element.get("lang", ""), element.get("dir", "").lower()
        if not lang:
            yield issue.on(element, "lang", "has no lang")
        elif element is page.root and _primary(lang) != _primary(issue.facts.language):
            yield issue.on(element, "lang", f"lang is {lang!r}, the issue's is {issue.facts.language!r}")
        if direction not in ("ltr", "rtl"):
            yield issue.on(element, "dir", "has no dir")
        elif lang and direction != languages.direction(lang):
            yield issue.on(element, "dir", f"dir is {direction!r} for {lang!r}")
    for element in page.elements:
        lang = element.get("lang", "")
        if lang and (not _TAG.fullmatch(lang) or lang.lower() == "und"):
            yield issue.on(element, "lang", f"lang {lang!r} is no language")
        if element.get("dir", "ltr").lower() not in ("ltr", "rtl", "auto") and element not in top:
            yield issue.on(element, "dir", f"dir is {element.get('dir')!r}")
        other = element.get("{http://www.w3.org/XML/1998/namespace}lang") or element.get("xml:lang") or lang
        if _primary(other) != _primary(lang or other):
            yield issue.on(element, "lang", f"xml:lang {other!r} is not its lang")


def _primary(language: str) -> str:
    return language.split("-", maxsplit=1)[0].lower()


def _tables(issue: Context) -> Iterator[Finding]:
    page = issue.page
    for table in page.named("table"):
        if table.get("role") not in ("presentation", "none") and table.find(".//th") is None:
            yield issue.on(table, "layout-table", "a table without role")
    for comment in re.finditer(r"<!--\[if[^\]]*mso.*?<!\[endif\]-->", page.source, re.DOTALL):
        for tag in re.finditer(r"<table\b[^>]*>", comment[0]):
            if not re.search(r"role=[\"']?(?:presentation|none)\b", tag[0]):
                line = line_of(page.source, comment.start() + tag.start())
                yield finding("layout-table", HTML, "a table in Outlook's branch without role", line=line)


def _headings(issue: Context) -> Iterator[Finding]:
    page = issue.page
    firsts = [heading for heading in page.headings if heading.tag == "h1"]
    if len(firsts) != 1:
        problem = f"{len(firsts)} h1" if firsts else "no h1"
        yield issue.on(firsts[-1] if firsts else page.body, "heading-one", problem)
    level = 0
    for heading in page.headings:
        mine = int(heading.tag[1])
        if level and mine > level + 1:
            yield issue.on(heading, "heading-order", f"h{mine} follows h{level}")
        level = mine
        if not name_of(heading):
            yield issue.on(heading, "heading-empty", f"an empty h{mine}")


def _aria(issue: Context) -> Iterator[Finding]:
    page = issue.page
    ids = {element.get("id") for element in page.elements}
    for element in page.elements:
        for problem in _wrong_aria(element, ids):
            yield issue.on(element, "aria", problem)
        hidden = next((ancestor for ancestor in page.ancestors(element) if ancestor.get("aria-hidden") == "true"), None)
        if hidden is not None and element.tag in ("a", "button", "input") and "href" in element.attrib:
            yield issue.on(element, "aria", "a link inside aria-hidden")


def _wrong_aria(element: Element, ids: set[str | None]) -> Iterator[str]:
    role = element.get("role")
    if role is not None and role not in ROLES and not role.startswith("doc-"):
        yield f"there is no role {role!r}"
    for name, value in element.attrib.items():
        if not name.startswith("aria-"):
            continue
        if name.removeprefix("aria-") not in ARIA:
            yield f"there is no {name}"
        elif name == "aria-hidden" and value not in ("true", "false"):
            yield f"aria-hidden is {value!r}"
        elif name in ("aria-labelledby", "aria-describedby") and not set(value.split()) <= ids:
            yield f"{name} points to {value!r}, which is not there"


def _lists(issue: Context) -> Iterator[Finding]:
    page = issue.page
    for element in page.named("ul", "ol"):
        for child in element:
            if child.tag not in ("li", "script", "template"):
                yield issue.on(child, "list", f"{child.tag} stands in {element.tag}")
    for element in page.named("li"):
        if page.parents[element].tag not in ("ul", "ol", "menu"):
            yield issue.on(element, "list", "li stands in no list")


def _order(issue: Context) -> Iterator[Finding]:
    page = issue.page
    for element in page.elements:
        index = element.get("tabindex", "0")
        if "accesskey" in element.attrib or (index.isdecimal() and int(index) > 0):
            problem = "accesskey" if "accesskey" in element.attrib else f"tabindex {index}"
            yield issue.on(element, "tab-order", problem)


_MARK = re.compile(
    r"(?P<reveal><!--\[if [^\]]*\]>(?:<!-->|-->))|(?P<hide><!--\[if [^\]]*\]>)|(?P<shown><!\[if [^\]]*\]>)"
    r"|(?P<revealed><!--<!\[endif\]-->)|(?P<hidden><!\[endif\]-->)|(?P<end><!\[endif\]>)|(?P<comment><!--|-->)"
)
_CLOSES = {"revealed": "reveal", "hidden": "hide", "end": "shown"}
_OUTLOOK_TAG = re.compile(
    r"<(/?)(table|tbody|thead|tfoot|tr|td|th|div|a|p|h[1-6]|center|ul|ol|li|span)\b[^>]*?(/?)>", re.IGNORECASE
)


def outlook_findings(issue: Context) -> Iterator[Finding]:
    """Yield where Outlook's branch is not whole."""
    broken = list(_comments(issue.html))
    yield from broken
    if not broken and not issue.page.errors:  # either would show here again
        yield from _outlook_tables(issue.branch)


def _comments(html: str) -> Iterator[Finding]:
    opened: tuple[str, int] | None = None
    ordinary = False
    for mark in _MARK.finditer(html):
        kind, line = mark.lastgroup or "", line_of(html, mark.start())
        if kind == "comment":
            # A hidden branch is one comment: an arrow in it ends it too early.
            if opened and opened[0] == "hide" and mark[0] == "-->":
                yield finding("mso-comments", HTML, "--> ends Outlook's branch too early", line=line)
                opened = None
            ordinary = mark[0] == "<!--"
        elif kind in _CLOSES:
            if opened is None or opened[0] != _CLOSES[kind]:
                yield finding("mso-comments", HTML, f"{mark[0]} closes nothing", line=line)
            opened = None
        elif not ordinary:
            if opened:
                yield finding("mso-comments", HTML, f"{mark[0]} stands inside another", line=line)
            opened = (kind, line)
    if opened:
        yield finding("mso-comments", HTML, "a conditional comment is never closed", line=opened[1])


def _outlook_tables(branch: str) -> Iterator[Finding]:
    plain = re.sub(
        r"<!--.*?-->|<style\b.*?</style>", lambda match: "\n" * match[0].count("\n"), branch, flags=re.DOTALL
    )
    stack: list[tuple[str, int]] = []
    for tag in _OUTLOOK_TAG.finditer(plain):
        closes, name, empty = tag[1], tag[2].lower(), tag[3]
        line = line_of(plain, tag.start())
        if empty:
            continue
        if not closes:
            stack.append((name, line))
        elif stack and stack[-1][0] == name:
            stack.pop()
        else:
            around = f"while {stack[-1][0]} is open" if stack else "and nothing is open"
            yield finding("mso-tables", HTML, f"</{name}> {around}", line=line)
            return  # what follows would follow from it
    if stack:
        yield finding("mso-tables", HTML, f"{stack[-1][0]} is never closed", line=stack[-1][1])
