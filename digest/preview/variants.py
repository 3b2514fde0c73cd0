"""The letter as other readers get it: HTML to HTML, a function a reader. Knows mail programs; no server and no issue.

scheme    light, dark by the author's styles, or forced dark (`colours`)
images    off: nothing is loaded, alternative texts show
styles    off: no style sheet, no style attribute, no presentational attribute
text      200: letters and lines twice as large, as a reader with poor eyes sets it
outlook   on: conditional comments as Outlook for Windows reads them, and no media queries
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args, get_type_hints

from digest.preview import colours, conditions, markup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.preview.markup import Attributes

_PREFERS = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_HOLDS, _FAILS = "(min-width: 0px)", "(max-width: 0px)"
_MEDIA = re.compile(r"@media([^{]*)\{", re.IGNORECASE)
_SUPPORTED = re.compile(r"(?<![\w-])(color-scheme\s*:\s*)light dark\b", re.IGNORECASE)
_PIXELS = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)px")
_SIZES = frozenset({"font", "font-size", "line-height"})
_PRESENTATIONAL = frozenset(
    {"style", "class", "bgcolor", "background", "color", "width", "height", "align", "valign", "border", "face", "size"}
)
_PICTURE = re.compile(r"https:[^\"\s]*?/([\w.-]+\.(?:png|jpe?g|gif|webp))(?:\?[^\"\s]*)?")
_BACKGROUND = re.compile(r"url\([^)]*\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How the letter is looked at; the names and values are those of the page's address."""

    scheme: Literal["light", "dark", "forced"] = "light"
    images: Literal["on", "off"] = "on"
    styles: Literal["on", "off"] = "on"
    text: Literal["100", "200"] = "100"
    outlook: Literal["off", "on"] = "off"


_KNOWN = {name: get_args(kind) for name, kind in get_type_hints(View).items()}


def view(query: Mapping[str, str]) -> View:
    """Return what an address asks for; what it does not know is left at its default."""
    return View(**{name: query[name] for name, known in _KNOWN.items() if query.get(name) in known})  # type: ignore[arg-type]  # each is one of its literals


def letter(html: str, how: View) -> str:
    """Return the letter as a reader with that view gets it."""
    if how.outlook == "on":
        html = outlook(html)
    html = forced_dark(html) if how.scheme == "forced" else with_scheme(html, how.scheme)
    if how.text == "200":
        html = larger(html)
    if how.images == "off":
        html = without_images(html)
    if how.styles == "off":
        html = without_styles(html)
    return html


def with_scheme(html: str, scheme: Literal["light", "dark"]) -> str:
    """Return *html* as in a browser whose reader prefers *scheme*, whatever this browser's reader does."""

    def query(found: re.Match[str]) -> str:
        return _HOLDS if found[1].lower() == scheme else _FAILS

    def css(sheet: str) -> str:
        medias = _MEDIA.sub(lambda found: f"@media{_PREFERS.sub(query, found[1])}{{", sheet)
        return _SUPPORTED.sub(rf"\g<1>{scheme}", medias)

    def tag(name: str, attributes: Attributes) -> Attributes:
        if attributes.get("media"):
            attributes["media"] = _PREFERS.sub(query, attributes["media"] or "")
        if name == "meta" and attributes.get("name") == "color-scheme":
            supported = (attributes.get("content") or "").split()
            attributes["content"] = scheme if scheme in supported else "light"
        return attributes

    return markup.rewrite(html, tag=tag, css=css)


def forced_dark(html: str) -> str:
    """Return *html* as a mail program shows it that turns all colours around; the author's dark styles do not act."""

    def tag(_: str, attributes: Attributes) -> Attributes:
        if attributes.get("style"):
            attributes["style"] = colours.in_css(attributes["style"] or "")
        for name in ("bgcolor", "color"):
            if attributes.get(name):
                attributes[name] = colours.turn(attributes[name] or "")
        return attributes

    light = with_scheme(html, "light")
    turned = markup.rewrite(light, tag=tag, css=colours.in_css)
    start = f"<style>html {{ background: {colours.GROUND}; color: {colours.INK}; }}</style>"
    return re.sub(r"(<head\b[^>]*>)", rf"\g<1>{start}", turned, count=1, flags=re.IGNORECASE)


def without_images(html: str) -> str:
    """Return *html* without any picture's address; alternative texts and sizes stay."""

    def tag(name: str, attributes: Attributes) -> Attributes:
        if attributes.get("style"):
            attributes["style"] = _BACKGROUND.sub("none", attributes["style"] or "")
        pictures = {"src", "srcset"} if name in {"img", "source", "v:fill", "v:image", "input"} else set()
        return {key: value for key, value in attributes.items() if key not in pictures | {"background"}}

    return markup.rewrite(html, tag=tag, css=lambda sheet: _BACKGROUND.sub("none", sheet))


def without_styles(html: str) -> str:
    """Return *html* bare: what is left is the order of reading, headings, lists, links and texts."""

    def tag(name: str, attributes: Attributes) -> Attributes | None:
        if name == "link" and "stylesheet" in (attributes.get("rel") or "").lower():
            return None
        return {key: value for key, value in attributes.items() if key not in _PRESENTATIONAL}

    return markup.rewrite(html, tag=tag, css=lambda _: None)


def larger(html: str) -> str:
    """Return *html* with text of twice the size; widths and pictures stay as they are."""

    def change(name: str, value: str) -> str:
        if name not in _SIZES:
            return value
        return _PIXELS.sub(lambda found: f"{float(found[1]) * 2:g}px", value)

    def tag(_: str, attributes: Attributes) -> Attributes:
        if attributes.get("style"):
            attributes["style"] = markup.declarations(attributes["style"] or "", change)
        return attributes

    doubled = markup.rewrite(html, tag=tag, css=lambda sheet: markup.declarations(sheet, change))
    return markup.in_head(doubled, "<style>html { font-size: 200%; }</style>")


def outlook(html: str) -> str:
    """Return *html* with what Outlook for Windows reads. Its layout is Word's; that is not imitated."""
    read = conditions.as_outlook_reads(html)
    return markup.rewrite(read, css=lambda sheet: _MEDIA.sub("@media not all {", sheet))


def with_local_pictures(html: str, addresses: Mapping[str, str]) -> str:
    """Return *html* with each picture whose file name is known taken from the address that *addresses* gives it."""

    def tag(name: str, attributes: Attributes) -> Attributes:
        for key in ("src", "background"):
            if attributes.get(key) and (key == "background" or name in {"img", "v:fill", "v:image"}):
                found = _PICTURE.fullmatch(attributes[key] or "")
                attributes[key] = addresses.get(found[1], attributes[key]) if found else attributes[key]
        return attributes

    return markup.rewrite(html, tag=tag) if any(name in html for name in addresses) else html


def framed(html: str) -> str:
    """Return *html* for the frame: links open beside it, and a phone's width has no scroll bar, as on a phone."""
    return markup.in_head(
        html,
        '<base target="_blank"><style>@media (max-width: 480px) { html { scrollbar-width: none; } }</style>',
    )
