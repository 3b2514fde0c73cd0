"""The letter as other readers get it: forced dark, Outlook, no pictures, no styles, larger text.

`ReaderView` declares what can be chosen: its fields are the parameters of the frame's address and the controls of the
page, which are rendered from it. A new choice is a field here, a function that changes the HTML, and a line of
`letter`.

The functions take and return HTML. They know tags, attributes, comments and CSS declarations, and are meant for what a
theme makes, in which article text is escaped; what is no HTML they leave as it is. They change nothing but what they
name, so that an editor can trust that a difference is the reader's program, not this module.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from functools import lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class ViewOption:
    """One value of a control, as the page's address has it, with its label and, as a tooltip, what it means."""

    value: str
    label: str
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """A control of the page, which is the parameter *name* of the frame's address.

    *default* is the value of one of its choices. A toggle has two of them, off and on; the second carries its label.
    """

    name: str
    label: str
    choices: tuple[ViewOption, ...]
    default: str
    is_toggle: bool = False


def _segments(label: str, *choices: ViewOption) -> Any:  # noqa: ANN401 - a dataclass takes it for a default
    """Return the field of a control whose choices are shown side by side; the first is its default."""
    default = choices[0].value
    return field(default=default, metadata={"label": label, "choices": choices, "default": default})


def _toggle(on: str, label: str, explanation: str, *, off: str) -> Any:  # noqa: ANN401 - likewise
    """Return the field of a toggle, with its value when it is *on* and, by default, *off*."""
    choices = (ViewOption(off, ""), ViewOption(on, label, explanation))
    return field(default=off, metadata={"label": label, "choices": choices, "default": off, "is_toggle": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderView:
    """How a reader gets the letter; `view` makes one from an address, with the default for what that does not say."""

    scheme: str = _segments(
        "Colour scheme",
        ViewOption("light", "Light", "As in a light mail program"),
        ViewOption("dark", "Dark", "By the theme’s own dark styles"),
        ViewOption("forced", "Forced dark", "As Outlook for Windows and the Gmail app turn colours around"),
    )
    images: str = _toggle("off", "No images", "Pictures blocked", off="on")
    styles: str = _toggle("off", "No styles", "As a program without CSS reads it", off="on")
    text: str = _toggle("200", "Text 200 %", "Letters twice as large", off="100")
    outlook: str = _toggle(
        "on", "Outlook", "Conditional comments as Outlook for Windows reads them, no media queries", off="off"
    )


# The controls of the page, in the order of the fields.
CONTROLS = tuple(Control(name=setting.name, **setting.metadata) for setting in fields(ReaderView))


def view(query: Mapping[str, str]) -> ReaderView:
    """Return the view that the parameters of an address ask for; an unknown parameter or value is ignored."""
    chosen = {control.name: query.get(control.name, "") for control in CONTROLS}
    offered = {control.name: {choice.value for choice in control.choices} for control in CONTROLS}
    return ReaderView(**{name: value for name, value in chosen.items() if value in offered[name]})


def letter(html: str, how: ReaderView) -> str:
    """Return the letter as a reader with that view gets it."""
    # Outlook first: what its conditional comments reveal is then changed like the rest.
    if how.outlook == "on":
        html = outlook(html)
    if how.scheme == "forced":
        html = forced_dark(html)
    else:
        html = with_scheme(html, "dark" if how.scheme == "dark" else "light")
    if how.text == "200":
        html = larger(html)
    if how.images == "off":
        html = without_images(html)
    # Last, as it takes away the styles that the others have written.
    if how.styles == "off":
        html = without_styles(html)
    return html


_PREFERS = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
# Queries that hold and fail everywhere: a query for a scheme is replaced by one of them, so that the rest of a media
# condition still decides.
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


def with_scheme(html: str, scheme: Literal["light", "dark"]) -> str:
    """Return *html* as in a browser whose reader prefers *scheme*, whatever the editor's own browser is set to.

    Media queries for a scheme hold or fail by *scheme*, and a letter that declares both schemes is left with the one.
    """

    def query(match: re.Match[str]) -> str:
        return _HOLDS if match[1].lower() == scheme else _FAILS

    def css(sheet: str) -> str:
        medias = _MEDIA.sub(lambda match: f"@media{_PREFERS.sub(query, match[1])}{{", sheet)
        return _SUPPORTED.sub(rf"\g<1>{scheme}", medias)

    def tag(name: str, attributes: Attributes) -> Attributes:
        if attributes.get("media"):
            attributes["media"] = _PREFERS.sub(query, attributes["media"] or "")
        if name == "meta" and attributes.get("name") == "color-scheme":
            supported = (attributes.get("content") or "").split()
            attributes["content"] = scheme if scheme in supported else "light"
        return attributes

    return rewrite(html, tag=tag, css=css)


def forced_dark(html: str) -> str:
    """Return *html* as a mail program shows it that turns around the lightness of all colours.

    Outlook for Windows and the Gmail app do so: light grounds become dark, dark text becomes light, hues stay, pictures
    are left alone, and the author's dark styles are not asked. Lightness L (OKLCH) becomes 1 - L on a scale that ends
    at a very dark grey instead of black. Each program has curves of its own; this shows what breaks under any of them.
    """

    def tag(_: str, attributes: Attributes) -> Attributes:
        if attributes.get("style"):
            attributes["style"] = in_css(attributes["style"] or "")
        for name in ("bgcolor", "color"):
            if attributes.get(name):
                attributes[name] = turn(attributes[name] or "")
        return attributes

    light = with_scheme(html, "light")
    turned = rewrite(light, tag=tag, css=in_css)
    # At the start of the head, so that a ground that the letter names itself comes behind it and wins.
    start = f"<style>html {{ background: {GROUND}; color: {INK}; }}</style>"
    return re.sub(r"(<head\b[^>]*>)", rf"\g<1>{start}", turned, count=1, flags=re.IGNORECASE)


def without_images(html: str) -> str:
    """Return *html* without the address of any picture, in attributes and styles; alternative texts and sizes stay."""

    def tag(name: str, attributes: Attributes) -> Attributes:
        if attributes.get("style"):
            attributes["style"] = _BACKGROUND.sub("none", attributes["style"] or "")
        pictures = {"src", "srcset"} if name in {"img", "source", "v:fill", "v:image", "input"} else set()
        return {key: value for key, value in attributes.items() if key not in pictures | {"background"}}

    return rewrite(html, tag=tag, css=lambda sheet: _BACKGROUND.sub("none", sheet))


def without_styles(html: str) -> str:
    """Return *html* without style sheets, style attributes, classes and presentational attributes.

    What is left is the order of reading, headings, lists, links and texts, as a program without CSS shows them.
    """

    def tag(name: str, attributes: Attributes) -> Attributes | None:
        if name == "link" and "stylesheet" in (attributes.get("rel") or "").lower():
            return None
        return {key: value for key, value in attributes.items() if key not in _PRESENTATIONAL}

    return rewrite(html, tag=tag, css=lambda _: None)


def larger(html: str) -> str:
    """Return *html* with fonts and lines of twice the size in pixels; widths and pictures stay as they are.

    A reader with poor eyes sets a mail program so; the zoom of a browser would enlarge the whole page.
    """

    def change(name: str, value: str) -> str:
        if name not in _SIZES:
            return value
        return _PIXELS.sub(lambda match: f"{float(match[1]) * 2:g}px", value)

    def tag(_: str, attributes: Attributes) -> Attributes:
        if attributes.get("style"):
            attributes["style"] = declarations(attributes["style"] or "", change)
        return attributes

    doubled = rewrite(html, tag=tag, css=lambda sheet: declarations(sheet, change))
    return in_head(doubled, "<style>html { font-size: 200%; }</style>")


def outlook(html: str) -> str:
    """Return *html* with what Outlook for Windows reads: its conditional comments, and no media query.

    Its layout is that of Word, and is not imitated.
    """
    read = as_outlook_reads(html)
    return rewrite(read, css=lambda sheet: _MEDIA.sub("@media not all {", sheet))


def with_local_pictures(html: str, addresses: Mapping[str, str]) -> str:
    """Return *html* with the pictures that *addresses* has, by file name, loaded from there.

    So the archive's own pictures show without a network, before they are on the web.
    """

    def tag(name: str, attributes: Attributes) -> Attributes:
        for key in ("src", "background"):
            if attributes.get(key) and (key == "background" or name in {"img", "v:fill", "v:image"}):
                match = _PICTURE.fullmatch(attributes[key] or "")
                attributes[key] = addresses.get(match[1], attributes[key]) if match else attributes[key]
        return attributes

    # Rewriting takes longer than looking, and most letters have pictures from elsewhere.
    return rewrite(html, tag=tag) if any(name in html for name in addresses) else html


def framed(html: str) -> str:
    """Return *html* for the frame: links open in another tab, and a narrow frame has no scroll bar, as on a phone.

    A scroll bar would take its width from the letter, and media queries would see another one than was chosen.
    """
    return in_head(
        html,
        '<base target="_blank"><style>@media (max-width: 480px) { html { scrollbar-width: none; } }</style>',
    )


GROUND = "#121212"
"""The ground of a letter that names none when colours are turned around; no colour becomes darker."""

INK = "#f2f2f2"
"""The text on that ground, where the letter names no colour."""

# The lightness of GROUND in OKLCH.
_DARKEST = 0.18
_COLOUR = re.compile(
    r"#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b|(?:rgb|hsl)a?\([^)]*\)|\b[a-z]{3,20}\b", re.IGNORECASE
)
_PROPERTIES = re.compile(
    r"color|background|background-color|border|border-(?:top|right|bottom|left|color)|border-(?:top|right|bottom|left)-color"
)

# Words that stay as they are: `transparent` would become a transparent white, and the others are no colours.
_KEPT = frozenset(
    {"transparent", "inherit", "initial", "currentcolor", "solid", "dashed", "dotted", "none", "important"}
)


def in_css(css: str) -> str:
    """Return *css*, a style sheet or a style attribute, with the lightness of its colours turned around."""

    def change(name: str, value: str) -> str:
        return _turned_around(value) if _PROPERTIES.fullmatch(name) else value

    return declarations(css, change)


@lru_cache(maxsize=1024)
def turn(colour: str) -> str:
    """Return *colour*, in any notation of CSS, with its lightness turned around, as `#rrggbb` or `#rrggbbaa`.

    What is no colour is returned as it is. Kept, as a letter has a dozen colours in thousands of places.
    """
    from coloraide import Color  # noqa: PLC0415 - only who asks for forced dark needs it

    if colour.lower() in _KEPT:
        return colour
    try:
        converted = Color(colour).convert("oklch")
    except ValueError:
        return colour
    # OKLCH: in HSL, yellow and blue of the same lightness are not equally light to the eye.
    converted["lightness"] = _DARKEST + (1 - _DARKEST) * (1 - min(converted["lightness"], 1))
    return converted.convert("srgb").fit().to_string(hex=True)


def _turned_around(value: str) -> str:
    """Return the value of a declaration with all its colours turned around; one with a picture as it is."""
    if "url(" in value.lower():
        return value
    return _COLOUR.sub(lambda match: turn(match[0]), value)


VERSION = 16
"""The version that Outlook 2016 to 2024 for Windows compares conditions with."""

# <!--[if mso]> only Outlook <![endif]-->      <!--[if !mso]><!--> all but Outlook <!--<![endif]-->

_REVEALED = re.compile(r"<!--\[if ([^\]]*)\]><!--(?:>|\s*-->)(.*?)<!--<!\[endif\]-->", re.DOTALL | re.IGNORECASE)
_HIDDEN = re.compile(r"<!--\[if ([^\]]*)\]>(.*?)<!\[endif\]-->", re.DOTALL | re.IGNORECASE)
_WORD = re.compile(r"[()!&|]|[\w.]+")
_SETTINGS = re.compile(r"<noscript>\s*<xml>.*?</xml>\s*</noscript>|<xml>.*?</xml>", re.DOTALL | re.IGNORECASE)
_COMPARE = {
    "gte": lambda number: number <= VERSION,
    "gt": lambda number: number < VERSION,
    "lte": lambda number: number >= VERSION,
    "lt": lambda number: number > VERSION,
}


def as_outlook_reads(html: str) -> str:
    """Return *html* with each conditional comment replaced by its content where it holds in Outlook, else removed.

    Settings for Word (`<xml>`) are removed: a browser would show them as text.
    """

    def chosen(match: re.Match[str]) -> str:
        return match[2] if holds(match[1]) else ""

    return _SETTINGS.sub("", _HIDDEN.sub(chosen, _REVEALED.sub(chosen, html)))


def holds(condition: str) -> bool:
    """Whether a *condition* such as `mso`, `gte mso 9`, `!mso` or `(mso)|(IE)` holds in Outlook for Windows.

    One that cannot be read does not hold: what a program does not understand it does not show.
    """
    tokens = iter([*_WORD.findall(condition.lower()), ""])
    try:
        value, rest = _either(tokens, next(tokens))
    except (StopIteration, ValueError):
        return False
    return value and rest == ""


# A parser by recursive descent. Each function gets the token that it begins with and returns a value and the token that
# comes next; the last one is empty.


def _either(tokens: Iterator[str], word: str) -> tuple[bool, str]:
    """Read alternatives, joined by `|`."""
    value, word = _both(tokens, word)
    while word == "|":
        other, word = _both(tokens, next(tokens))
        value = value or other
    return value, word


def _both(tokens: Iterator[str], word: str) -> tuple[bool, str]:
    """Read what is joined by `&`, which binds closer."""
    value, word = _one(tokens, word)
    while word == "&":
        other, word = _one(tokens, next(tokens))
        value = value and other
    return value, word


def _one(tokens: Iterator[str], word: str) -> tuple[bool, str]:
    """Read a feature with or without a version, a negation, or what is in parentheses."""
    if word == "!":
        value, word = _one(tokens, next(tokens))
        return not value, word
    if word == "(":
        value, word = _either(tokens, next(tokens))
        return value, next(tokens) if word == ")" else ")"
    if word in _COMPARE:
        feature, number = next(tokens), float(next(tokens))
        return feature == "mso" and _COMPARE[word](number), next(tokens)
    following = next(tokens)
    # `mso 16` without a comparison is exactly that version.
    if word == "mso" and following.replace(".", "").isdigit():
        return float(following) == VERSION, next(tokens)
    return word in {"mso", "true"}, following


# A pattern and no parser: what is not changed must stay byte for byte, and a parser would write the letter anew.
_PIECE = re.compile(
    r"(?P<comment><!--.*?-->)"
    r"|(?P<open><style\b[^>]*>)(?P<css>.*?)(?P<close></style\s*>)"
    r"|<(?P<name>[a-zA-Z][\w:-]*)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"\s+([^\s=/>\"']+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
_DECLARATION = re.compile(r"(?<![\w-])([a-z-]+)(\s*:\s*)([^;{}]+?)(?=\s*(?:[;}]|$))", re.IGNORECASE)

Attributes = dict[str, str | None]
"""The attributes of a tag by name in lower case; None for one without a value."""


def rewrite(
    html: str,
    *,
    tag: Callable[[str, Attributes], Attributes | None] | None = None,
    css: Callable[[str], str | None] | None = None,
) -> str:
    """Return *html* with each start tag changed by *tag* and the content of each style element by *css*.

    *tag* gets the name in lower case and the attributes, which it may change and returns; None removes the tag, as None
    from *css* removes the style element. A tag whose attributes are the same afterwards is not written anew. Comments
    stay as they are, so what only Outlook reads is not changed.
    """

    def piece(match: re.Match[str]) -> str:
        if match["comment"]:
            return match[0]
        if match["open"]:
            sheet = css(match["css"]) if css else match["css"]
            return "" if sheet is None else match["open"] + sheet + match["close"]
        if tag is None:
            return match[0]
        before = _attributes(match["attributes"])
        after = tag(match["name"].lower(), dict(before))
        if after is None:
            return ""
        return match[0] if after == before else _written(match["name"], after, match["attributes"])

    return _PIECE.sub(piece, html)


def in_head(html: str, addition: str) -> str:
    """Return *html* with *addition* at the end of its head, or in front of all where it has none."""
    place = re.search(r"</head\s*>", html, re.IGNORECASE)
    at = place.start() if place else 0
    return html[:at] + addition + html[at:]


def declarations(css: str, change: Callable[[str, str], str]) -> str:
    """Return *css*, a style sheet or a style attribute, with the values of its declarations changed.

    *change* gets the property in lower case and the value, and returns the value.
    """
    return _DECLARATION.sub(lambda match: f"{match[1]}{match[2]}{change(match[1].lower(), match[3])}", css)


def _attributes(written: str) -> Attributes:
    """Return the attributes of a start tag, with character references resolved; of two alike the first counts."""
    attributes: Attributes = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        value = double or single or bare
        # An attribute without a value stays one: nothing may be written in another way than the theme wrote it.
        empty = not value and not re.search(rf"{re.escape(name)}\s*=", written)
        attributes.setdefault(name.lower(), None if empty else unescape(value))
    return attributes


def _written(name: str, attributes: Attributes, before: str) -> str:
    """Return a start tag; *before* are its attributes as they were written, which tell whether it closes itself."""
    written = "".join(f" {key}" if value is None else f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}{' /' if before.rstrip().endswith('/') else ''}>"
