"""Whether text can be read: its contrast in light and dark (WCAG 2.2, 1.4.6), its size, its links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks import cascade
from digest.checks.context import HTML
from digest.checks.page import name_of, text_of, visible
from digest.checks.rule import finding
from digest.checks.style import needed_contrast, texts
from digest.text.colours import contrast_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.context import Context
    from digest.checks.style import Style
    from digest.model import Finding


_DARK = next(view for view in cascade.VIEWS if view.dark)
_OUTLOOK = next(view for view in cascade.VIEWS if view.outlook)


def findings(issue: Context) -> Iterator[Finding]:
    """Yield text that is hard to read, and what keeps a page from being dark."""
    missing = list(_undeclared(issue))
    for problem in missing:
        yield finding("dark-mode", HTML, f"{problem} is missing")
    yield from _contrast(issue)
    yield from _behind(issue)
    if not missing:
        yield from _pairs(issue)


def _undeclared(issue: Context) -> Iterator[str]:
    page, sheet = issue.page, issue.cascade.sheet
    for name in ("color-scheme", "supported-color-schemes"):
        metas = [meta for meta in page.named("meta") if meta.get("name", "").lower() == name]
        if len(metas) != 1 or "dark" not in metas[0].get("content", ""):
            yield f'<meta name="{name}" content="light dark">'
    roots = [rule for rule in sheet.rules if re.search(r":root|\bhtml\b", rule.selectors)]
    if not any(declaration.name == "color-scheme" for rule in roots for declaration in rule.declarations):
        yield ":root { color-scheme: light dark; }"
    if not any(
        "prefers-color-scheme: dark" in re.sub(r":\s*", ": ", query) for rule in sheet.rules for query in rule.media
    ):
        yield "@media (prefers-color-scheme: dark)"
    selectors = " ".join(rule.selectors for rule in sheet.rules)
    if lacks := [name for name in ("[data-ogsc]", "[data-ogsb]") if name not in selectors]:
        yield " and ".join(lacks)


def _contrast(issue: Context) -> Iterator[Finding]:
    seen: set[tuple[Element, str, str]] = set()
    for view in cascade.VIEWS:
        for element, _, style in texts(issue.page, issue.look(view)):
            key = (element, str(style.ink), str(style.background))
            if not _is_read(style) and key not in seen:
                seen.add(key)
                ratio = contrast_ratio(style.ink, style.background)
                needed = needed_contrast(style.size, style.weight)
                # Cut, not rounded: 6.998 must not be called 7.
                problem = f"{_pair(style)} {view.name} is {int(ratio * 100) / 100:g}:1, not {needed:g}:1"
                yield issue.on(element, "contrast", problem)


def _behind(issue: Context) -> Iterator[Finding]:
    for element, _, style in texts(issue.page, issue.look(cascade.LIGHT)):
        if style.picture:
            yield issue.on(element, "background-picture", "text on a background picture")
        elif style.inked and not style.backed:
            yield issue.on(element, "background-missing", "a text colour is set on no background")


def _pairs(issue: Context) -> Iterator[Finding]:
    """Text that is dark in the media query's way must be dark in Outlook.com's way too."""
    dark, outlook = issue.look(_DARK), issue.look(_OUTLOOK)
    for element, _, style in texts(issue.page, dark):
        other = outlook[element]
        # What cannot be read in one of them is told as that.
        if _pair(style) != _pair(other) and _is_read(style) and _is_read(other):
            problem = f"{_pair(style)} in dark, {_pair(other)} in Outlook.com's dark"
            yield issue.on(element, "dark-pairs", problem)


def _is_read(style: Style) -> bool:
    return contrast_ratio(style.ink, style.background) >= needed_contrast(style.size, style.weight)


def _pair(style: Style) -> str:
    return f"{style.ink} on {style.background}"


_SMALLEST = 14.0
_BODY = 16.0
_RUNNING = 100
"""Characters from which a block is running text, if it has two sentences and no link."""

_TALL = 24.0
_LEAST_FACTOR = 1.4
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]\S{0,2}\s+\S")


def legibility_findings(issue: Context) -> Iterator[Finding]:
    """Yield text that is small, tight or hidden, and links that are hard to find or to hit."""
    yield from _small(issue)
    yield from _running(issue)
    yield from _links(issue)
    yield from _hidden(issue)


def _small(issue: Context) -> Iterator[Finding]:
    seen: set[Element] = set()
    for view in cascade.VIEWS[:3]:
        for element, _, style in texts(issue.page, issue.look(view)):
            if style.size < _SMALLEST and element not in seen:
                seen.add(element)
                yield issue.on(element, "text-size", f"text of {style.size:g} px")


def _running(issue: Context) -> Iterator[Finding]:
    look = issue.look(cascade.LIGHT)
    for element, text, style in texts(issue.page, look):
        if len(text) < _RUNNING or not _SENTENCE_END.search(text) or element.find(".//a") is not None:
            continue
        if _SMALLEST <= style.size < _BODY:
            yield issue.on(element, "body-size", f"running text of {style.size:g} px")
        if style.line_height < _LEAST_FACTOR * style.size:
            problem = f"a line height of {style.line_height:g} px for text of {style.size:g} px"
            yield issue.on(element, "line-height", problem)


def _links(issue: Context) -> Iterator[Finding]:
    page, look = issue.page, issue.look(cascade.LIGHT)
    for link in page.named("a"):
        style = look[link]
        if link.get("href") is None or style.hidden or not name_of(link):
            continue
        block = next(ancestor for ancestor in page.ancestors(link) if look[ancestor].block)
        inside = look[block]
        rest = _outside_links(block)
        # WCAG 2.5.8: a link in a sentence may be as tall as its line, one that stands alone may not.
        tall = max(style.line_height, inside.line_height) + inside.padding + inside.margin
        if not re.search(r"\w", rest) and tall < _TALL and link.find(".//img") is None:
            yield issue.on(link, "tap-target", f"a link of {tall:g} px")
        in_text = re.search(r"\w\W*\w", rest) and link.find(".//img") is None
        if in_text and not style.underlined and not any(look[node].underlined for node in link.iter() if node in look):
            yield issue.on(link, "link-in-text", "a link in text that is not underlined")


def _outside_links(block: Element) -> str:
    """The words of *block* that are in no link."""
    pieces = [block.text or ""]
    for child in block:
        if child.tag != "a":
            pieces.append(_outside_links(child))
        pieces.append(child.tail or "")
    return visible(" ".join(pieces))


def _hidden(issue: Context) -> Iterator[Finding]:
    page = issue.page
    looks = [issue.look(view) for view in cascade.VIEWS[:2]]
    first = True
    for element in page.body.iter():
        if element is page.body:
            continue
        why = looks[0][element].hidden
        above = looks[0][page.parents[element]].hidden
        text = text_of(element)
        if not why or above or why == "not shown" or not re.search(r"\w", text):
            continue
        is_preheader, first = first, False  # whether it is the right one is asked elsewhere
        has_way_out = any(link.get("href") == issue.unsubscribe for link in element.iter("a"))  # likewise
        if not is_preheader and not has_way_out and all(look[element].hidden for look in looks):
            yield issue.on(element, "hidden-text", f"{text[:40]!r} is hidden ({why})")
