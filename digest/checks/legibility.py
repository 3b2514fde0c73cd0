"""Whether text is large enough, links are easy to find and to hit, and nothing is hidden."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks import cascade
from digest.checks.page import name_of, text_of, visible
from digest.checks.styles import texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.opened import Opened
    from digest.model import Finding

_SMALLEST = 14.0
_BODY = 16.0
_RUNNING = 100
"""Characters from which a block is running text, if it has two sentences and no link."""

_TALL = 24.0
_LEAST_FACTOR = 1.4
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]\S{0,2}\s+\S")


def findings(issue: Opened) -> Iterator[Finding]:
    """Yield text that is small, tight or hidden, and links that are hard to find or to hit."""
    yield from _small(issue)
    yield from _running(issue)
    yield from _links(issue)
    yield from _hidden(issue)


def _small(issue: Opened) -> Iterator[Finding]:
    told: set[Element] = set()
    for view in cascade.VIEWS[:3]:
        for element, _, style in texts(issue.page, issue.look(view)):
            if style.size < _SMALLEST and element not in told:
                told.add(element)
                yield issue.on(element, "text-size", f"text of {style.size:g} px")


def _running(issue: Opened) -> Iterator[Finding]:
    look = issue.look(cascade.LIGHT)
    for element, words, style in texts(issue.page, look):
        if len(words) < _RUNNING or not _SENTENCE_END.search(words) or element.find(".//a") is not None:
            continue
        if _SMALLEST <= style.size < _BODY:
            yield issue.on(element, "body-size", f"running text of {style.size:g} px")
        if style.line_height < _LEAST_FACTOR * style.size:
            what = f"a line height of {style.line_height:g} px for text of {style.size:g} px"
            yield issue.on(element, "line-height", what)


def _links(issue: Opened) -> Iterator[Finding]:
    page, look = issue.page, issue.look(cascade.LIGHT)
    for link in page.named("a"):
        style = look[link]
        if link.get("href") is None or style.hidden or not name_of(link):
            continue
        block = next(one for one in page.ancestors(link) if look[one].block)
        inside = look[block]
        rest = _outside_links(block)
        # WCAG 2.5.8: a link in a sentence may be as tall as its line, one that stands alone may not.
        tall = max(style.line_height, inside.line_height) + inside.padding + inside.margin
        if not re.search(r"\w", rest) and tall < _TALL and link.find(".//img") is None:
            yield issue.on(link, "tap-target", f"a link of {tall:g} px")
        in_text = re.search(r"\w\W*\w", rest) and link.find(".//img") is None
        if in_text and not style.underlined and not any(look[one].underlined for one in link.iter() if one in look):
            yield issue.on(link, "link-in-text", "a link in text that is not underlined")


def _outside_links(block: Element) -> str:
    """The words of *block* that are in no link."""
    pieces = [block.text or ""]
    for child in block:
        if child.tag != "a":
            pieces.append(_outside_links(child))
        pieces.append(child.tail or "")
    return visible(" ".join(pieces))


def _hidden(issue: Opened) -> Iterator[Finding]:
    page = issue.page
    looks = [issue.look(view) for view in cascade.VIEWS[:2]]
    first = True
    for element in page.body.iter():
        if element is page.body:
            continue
        why = looks[0][element].hidden
        above = looks[0][page.parents[element]].hidden
        words = text_of(element)
        if not why or above or why == "not shown" or not re.search(r"\w", words):
            continue
        is_preheader, first = first, False  # whether it is the right one is asked elsewhere
        has_way_out = any(link.get("href") == issue.unsubscribe for link in element.iter("a"))  # likewise
        if not is_preheader and not has_way_out and all(look[element].hidden for look in looks):
            yield issue.on(element, "hidden-text", f"{words[:40]!r} is hidden ({why})")
