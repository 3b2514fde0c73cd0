"""Whether anything is in the page that a mail client removes, or that goes to the network by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks.names import ACTIVE
from digest.checks.opened import HTML, line_of
from digest.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.checks.opened import Opened
    from digest.model import Finding

_FONTS = re.compile(r"fonts\.(?:googleapis|gstatic|bunny)\.|use\.typekit\.|\.woff2?\b", re.IGNORECASE)


def findings(issue: Opened) -> Iterator[Finding]:
    """Yield what must not be in a letter."""
    page = issue.page
    for element in page.elements:
        if element.tag in ACTIVE:
            yield issue.on(element, "active-content", f"{element.tag} is in the page")
        if element.tag == "meta" and element.get("http-equiv", "").lower() in ("refresh", "set-cookie"):
            yield issue.on(element, "active-content", f"meta {element.get('http-equiv')} is in the page")
        for name in element.attrib:
            if re.fullmatch(r"on[a-z]+", name):
                yield issue.on(element, "event-handler", f"{element.tag} has {name}")
    yield from _loaded(issue)
    for found in re.finditer(r"<v:[a-z]+|behavior:\s*url\(#default#VML\)", page.source):
        yield finding("vml", HTML, f"{found[0]} is in the page", line=line_of(page.source, found.start()))


def _loaded(issue: Opened) -> Iterator[Finding]:
    page = issue.page
    for element in page.named("link"):
        if re.search(r"stylesheet|preload|import", element.get("rel", "").lower()):
            rule = "web-font" if _FONTS.search(element.get("href", "")) else "external-css"
            yield issue.on(element, rule, f"loads {element.get('href', '')}")
    for one in issue.cascade.sheet.at_rules:
        if one.name == "import":
            rule = "web-font" if _FONTS.search(one.prelude) else "external-css"
            yield finding(rule, HTML, f"@import {one.prelude}", line=one.line)
        if one.name == "font-face":
            yield finding("web-font", HTML, "@font-face is in the page", line=one.line)
