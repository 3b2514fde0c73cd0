"""Whether every client can show the pictures, and nothing loads by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.checks.context import HTML, bare, line_of
from digest.checks.html_names import ACTIVE
from digest.checks.page import text_of
from digest.checks.rule import finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.context import Context
    from digest.model import Finding


_FILE_NAME = re.compile(r"[\w%+-]+\.(?:png|jpe?g|gif|webp|svg|avif|bmp)", re.IGNORECASE)
_WORDS = frozenset(
    {
        "image",
        "picture",
        "photo",
        "photograph",
        "icon",
        "logo",
        "img",
        "graphic",
        "thumbnail",
        "banner",
        "spacer",
        "bild",
    }
    | {"foto", "imagen", "immagine", "afbeelding", "zdjęcie", "obraz", "фото", "resim", "صورة", "תמונה", "चित्र"}
    | {"画像", "图片"}
)
_SHORTEST = 12
"""Letters from which an alt text can be called a headline's copy: a provider's name is shorter."""


def findings(issue: Context) -> Iterator[Finding]:
    """Yield what is wrong with the pictures."""
    page = issue.page
    headlines = {bare(text_of(heading)) for heading in page.headings} | {
        bare(story.headline) for story in issue.facts.stories
    }
    for image in page.named("img"):
        around = page.within(image, "h1", "h2", "h3", "h4", "a")
        beside = bare(text_of(around)) if around is not None else ""
        for rule, problem in (*_alt(image, headlines, beside), *_address(image), *_size(image)):
            yield issue.on(image, rule, problem)


def _alt(image: Element, headlines: set[str], beside: str) -> Iterator[tuple[str, str]]:
    alt = image.get("alt")
    if alt is None:
        yield "image-alt", "has no alt"
        return
    shown = bare(alt)
    if len(shown) >= _SHORTEST and (shown in headlines or beside == 2 * shown):
        yield "image-alt-repeats", f"alt says {alt[:40]!r} again"
    elif _FILE_NAME.fullmatch(alt.strip()) or alt.strip().casefold() in _WORDS:
        yield "image-alt-words", f"alt is {alt!r}"


def _address(image: Element) -> Iterator[tuple[str, str]]:
    address = image.get("src", "")
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if address.startswith("data:"):
        yield "image-address", "its bytes stand in the page (data:)"
    elif parts.scheme != "https" or not parts.hostname or re.search(r"[\s\"<>\\^`{|}]", address):
        yield "image-address", f"{address[:60]!r} is no https address"
    elif parts.path.lower().endswith((".svg", ".svgz")):
        yield "image-format", "is SVG"


def _size(image: Element) -> Iterator[tuple[str, str]]:
    width, height = image.get("width", ""), image.get("height", "")
    if not width.isdecimal():
        yield "image-width", f"width is {width!r}" if width else "has no width"
    elif int(width) <= 1 or height in ("0", "1"):
        yield "tracking-pixel", f"is {width} × {height or width} px"
    if "height" in image.attrib and not height.isdecimal():
        yield "image-width", f"height is {height!r}"


_FONTS = re.compile(r"fonts\.(?:googleapis|gstatic|bunny)\.|use\.typekit\.|\.woff2?\b", re.IGNORECASE)


def forbidden_findings(issue: Context) -> Iterator[Finding]:
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
    for match in re.finditer(r"<v:[a-z]+|behavior:\s*url\(#default#VML\)", page.source):
        yield finding("vml", HTML, f"{match[0]} is in the page", line=line_of(page.source, match.start()))


def _loaded(issue: Context) -> Iterator[Finding]:
    page = issue.page
    for element in page.named("link"):
        if re.search(r"stylesheet|preload|import", element.get("rel", "").lower()):
            rule = "web-font" if _FONTS.search(element.get("href", "")) else "external-css"
            yield issue.on(element, rule, f"loads {element.get('href', '')}")
    for at_rule in issue.cascade.sheet.at_rules:
        if at_rule.name == "import":
            rule = "web-font" if _FONTS.search(at_rule.prelude) else "external-css"
            yield finding(rule, HTML, f"@import {at_rule.prelude}", line=at_rule.line)
        if at_rule.name == "font-face":
            yield finding("web-font", HTML, "@font-face is in the page", line=at_rule.line)
