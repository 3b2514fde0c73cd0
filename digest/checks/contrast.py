"""Whether text is easy to read on what is behind it, in light and in dark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks import cascade, colours
from digest.checks.opened import HTML
from digest.checks.rules import finding
from digest.checks.styles import texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.opened import Opened
    from digest.checks.styles import Style
    from digest.model import Finding

_DARK = next(view for view in cascade.VIEWS if view.dark)
_OUTLOOK = next(view for view in cascade.VIEWS if view.outlook)


def findings(issue: Opened) -> Iterator[Finding]:
    """Yield text that is hard to read, and what keeps a page from being dark."""
    missing = list(_undeclared(issue))
    for what in missing:
        yield finding("dark-mode", HTML, f"{what} is missing")
    yield from _contrast(issue)
    yield from _behind(issue)
    if not missing:
        yield from _pairs(issue)


def _undeclared(issue: Opened) -> Iterator[str]:
    page, sheet = issue.page, issue.cascade.sheet
    for name in ("color-scheme", "supported-color-schemes"):
        metas = [one for one in page.named("meta") if one.get("name", "").lower() == name]
        if len(metas) != 1 or "dark" not in metas[0].get("content", ""):
            yield f'<meta name="{name}" content="light dark">'
    roots = [rule for rule in sheet.rules if re.search(r":root|\bhtml\b", rule.selectors)]
    if not any(one.name == "color-scheme" for rule in roots for one in rule.declarations):
        yield ":root { color-scheme: light dark; }"
    if not any(
        "prefers-color-scheme: dark" in re.sub(r":\s*", ": ", query) for rule in sheet.rules for query in rule.media
    ):
        yield "@media (prefers-color-scheme: dark)"
    selectors = " ".join(rule.selectors for rule in sheet.rules)
    if lacks := [name for name in ("[data-ogsc]", "[data-ogsb]") if name not in selectors]:
        yield " and ".join(lacks)


def _contrast(issue: Opened) -> Iterator[Finding]:
    told: set[tuple[Element, str, str]] = set()
    for view in cascade.VIEWS:
        for element, _, style in texts(issue.page, issue.look(view)):
            key = (element, str(style.ink), str(style.background))
            if not _is_read(style) and key not in told:
                told.add(key)
                found = colours.contrast(style.ink, style.background)
                needed = colours.needed(style.size, style.weight)
                # Cut, not rounded: 6.998 must not be called 7.
                what = f"{_pair(style)} {view.name} is {int(found * 100) / 100:g}:1, not {needed:g}:1"
                yield issue.on(element, "contrast", what)


def _behind(issue: Opened) -> Iterator[Finding]:
    for element, _, style in texts(issue.page, issue.look(cascade.LIGHT)):
        if style.picture:
            yield issue.on(element, "background-picture", "text on a background picture")
        elif style.inked and not style.backed:
            yield issue.on(element, "background-missing", "a text colour is set on no background")


def _pairs(issue: Opened) -> Iterator[Finding]:
    """Text that is dark in the media query's way must be dark in Outlook.com's way too."""
    dark, outlook = issue.look(_DARK), issue.look(_OUTLOOK)
    for element, _, style in texts(issue.page, dark):
        other = outlook[element]
        # What cannot be read in one of them is told as that.
        if _pair(style) != _pair(other) and _is_read(style) and _is_read(other):
            what = f"{_pair(style)} in dark, {_pair(other)} in Outlook.com's dark"
            yield issue.on(element, "dark-pairs", what)


def _is_read(style: Style) -> bool:
    return colours.contrast(style.ink, style.background) >= colours.needed(style.size, style.weight)


def _pair(style: Style) -> str:
    return f"{style.ink} on {style.background}"
