"""What each element looks like in a view: colours, size, spacing, and whether anybody sees it.

Inheritance and the sizes, weights and colours that browsers have for elements without styles (HTML, "Rendering").
tests/test_checks_styles.py compares it with Chromium's computed styles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from digest.checks.cascade import NUMBER
from digest.checks.html_names import BLOCKS
from digest.checks.page import Page, own_text
from digest.text.colours import Colour, contrast_ratio, parse_colour

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from digest.checks.cascade import Cascade, MediaView


LARGE = 24.0
"""Pixels from which text counts as large (WCAG 2.2: 18 pt); bold text does from three quarters of it, less rounding."""

_LARGE_BOLD = 18.66
_BOLD_FROM = 700
ContrastLevel = Literal["AA", "AAA"]
"""How much contrast is asked for (WCAG 2.2, 1.4.3 and 1.4.6)."""

NEEDED: Mapping[ContrastLevel, tuple[float, float]] = {"AA": (4.5, 3.0), "AAA": (7.0, 4.5)}
"""The contrast that text needs by level, and the one that large text needs."""

WHITE = Colour(255, 255, 255)
BLACK = Colour(0, 0, 0)
NIGHT = Colour(18, 18, 18)
"""What a browser paints behind a page that says it can be dark and sets no background."""


def needed_contrast(size: float, weight: int, level: ContrastLevel) -> float:
    """Return the contrast that text of *size* pixels and of *weight* (100 to 900) needs for a level of WCAG."""
    is_large = size >= LARGE or (size >= _LARGE_BOLD and weight >= _BOLD_FROM)
    return NEEDED[level][is_large]


# How much larger text is in an element than around it, if no style says so.
_SIZES = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67, "small": 5 / 6, "big": 1.2}

_KEYWORDS = {"xx-small": 9, "x-small": 10, "small": 13, "medium": 16, "large": 18, "x-large": 24, "xx-large": 32}
_STEPS = {"smaller": 5 / 6, "larger": 1.2}
_BOLD = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "th"})
_UNSEEN = frozenset({"head", "style", "script", "title", "template", "noscript"})
# What Chromium paints links with that have no colour, in either scheme.
_LINK = Colour(0, 0, 238)
_LINK_AT_NIGHT = Colour(158, 158, 255)
# Why an element is hidden whose children may be seen all the same.
_INVISIBLE = "visibility:hidden"

# Pixels to the left from which text is out of sight.
_FAR_OUT = -100


@dataclass(frozen=True, slots=True)
class Style:
    """What one element looks like.

    *colour* is the text's as it is set, *background* what is seen behind it, an opaque colour; *backed* says that
    something of the page has set it, *picture* that a picture or gradient is in it, *inked* that the text's colour is
    set. *opacity* is that of the element and all around it, from 0 to 1.

    *size*, *padding* and *margin* are CSS pixels, the last two those above and below: paddings added, of margins the
    larger. *weight* is from 100 to 900. *line* is the height of a line in pixels, *factor* as a multiple of the text's
    size: one of the two. *block* says that it stands on lines of its own. *hidden* says why nobody sees the element,
    and is empty else.
    """

    colour: Colour
    background: Colour
    size: float = 16.0
    weight: int = 400
    line: float | None = None
    factor: float | None = 1.2
    block: bool = True
    underlined: bool = False
    hidden: str = ""
    picture: bool = False
    inked: bool = False
    backed: bool = False
    padding: float = 0.0
    margin: float = 0.0
    opacity: float = 1.0

    @property
    def ink(self) -> Colour:
        """The colour that is seen of the text."""
        colour = self.colour
        return colour._replace(alpha=colour.alpha * self.opacity).over(self.background)

    @property
    def colours(self) -> str:
        """The text's colour on that behind it, in words."""
        return f"{self.ink} on {self.background}"

    @property
    def contrast(self) -> float:
        """The contrast of the text, from 1 to 21."""
        return contrast_ratio(self.ink, self.background)

    @property
    def missed_level(self) -> ContrastLevel | None:
        """The lowest level of WCAG that the contrast of the text misses; None where it is enough for all."""
        return next((level for level in NEEDED if self.contrast < needed_contrast(self.size, self.weight, level)), None)

    @property
    def line_height(self) -> float:
        """The height of a line in pixels."""
        return self.line if self.line is not None else self.size * (self.factor or 1.2)


def look(cascade: Cascade, view: MediaView) -> dict[Element, Style]:
    """Return the style of each element of the page for *view*."""
    page, won = cascade.page, cascade.winners(view)
    night = view.dark and _can_be_dark(page, won)
    canvas = Style(colour=WHITE if night else BLACK, background=NIGHT if night else WHITE)
    styles: dict[Element, Style] = {}
    # In reading order a parent comes before its children, which inherit from it.
    for element in page.elements:
        parent = styles[page.parents[element]] if element in page.parents else canvas
        styles[element] = _style(element, won[element], parent, night=night)
    return styles


def _can_be_dark(page: Page, won: Mapping[Element, Mapping[str, str]]) -> bool:
    # A browser paints its own dark background only behind a page that says it can be dark.
    metas = [meta.get("content", "") for meta in page.named("meta") if meta.get("name", "").lower() == "color-scheme"]
    return "dark" in " ".join([*metas, won[page.root].get("color-scheme", "")])


def _style(element: Element, won: Mapping[str, str], parent: Style, *, night: bool) -> Style:
    """Return the style of *element*, given the values that won and its parent's style; *night* is a dark canvas."""
    style = replace(
        parent,
        block=_is_block(element, won),
        opacity=parent.opacity * _number(won.get("opacity", "")),
        underlined=parent.underlined or "underline" in won.get("text-decoration-line", ""),
    )
    style = _sized(element, won, style, parent)
    style = _coloured(element, won, style, parent, night=night)
    if "text-decoration-line" not in won and element.tag == "a" and element.get("href") is not None:
        style = replace(style, underlined=True)
    # Of all ways to hide, this one alone can be taken back by a child.
    above = "" if parent.hidden == _INVISIBLE and won.get("visibility") == "visible" else parent.hidden
    return replace(style, hidden=above or _hidden(element, won, style))


def _is_block(element: Element, won: Mapping[str, str]) -> bool:
    display = won.get("display", "")
    return display in ("block", "table", "table-cell", "list-item", "flex", "grid", "inline-block") or (
        not display.startswith("inline") and element.tag in BLOCKS
    )


def _sized(element: Element, won: Mapping[str, str], style: Style, parent: Style) -> Style:
    """Return *style* with size, weight, line height and distances."""
    default = _SIZES.get(str(element.tag), 1.0) * parent.size
    size = _font_size(won.get("font-size", ""), parent.size, default)
    weight = 700 if element.tag in _BOLD else parent.weight
    written = won.get("font-weight", "")
    weight = {"normal": 400, "bold": 700, "bolder": 700, "lighter": 300}.get(written, weight)
    weight = int(written) if written.isdecimal() else weight
    line, factor = _line(won.get("line-height", ""), size, parent)
    inner = [length(won.get(f"padding-{side}", ""), size) or 0.0 for side in ("top", "bottom")]
    outer = [length(won.get(f"margin-{side}", ""), size) or 0.0 for side in ("top", "bottom")]
    return replace(
        style, size=size, weight=weight, line=line, factor=factor, padding=sum(inner), margin=max(*outer, 0.0)
    )


def _font_size(value: str, inherited: float, default: float) -> float:
    if value in _KEYWORDS:
        return float(_KEYWORDS[value])
    if value in _STEPS:
        return inherited * _STEPS[value]
    size = length(value, inherited)
    return default if size is None else size


def _line(value: str, size: float, parent: Style) -> tuple[float | None, float | None]:
    """Return the line's height in pixels, or as a factor of the text's size: a factor is what children inherit."""
    if value == "normal":
        return None, 1.2
    if re.fullmatch(NUMBER, value):
        return None, float(value)
    height = length(value, size)
    return (parent.line, parent.factor) if height is None else (height, None)


# The same few lengths stand on every element of a letter.
@lru_cache(maxsize=4096)
def length(value: str, size: float) -> float | None:
    """Return *value* in pixels where text is *size* pixels; None for what is no length, and for units no letter uses.

    Per cent are taken of the text's size, which is right for sizes and line heights, and near enough for paddings.
    """
    match = re.fullmatch(rf"(-?{NUMBER})(px|pt|em|rem|%)?", value)
    if not match or (not match[2] and float(match[1])):
        return None
    return float(match[1]) * {"px": 1, "pt": 4 / 3, "em": size, "rem": 16, "%": size / 100, None: 0}[match[2]]


def _coloured(element: Element, won: Mapping[str, str], style: Style, parent: Style, *, night: bool) -> Style:
    """Return *style* with the colours of text and background, and whether the page has set them."""
    colour, inked = parent.colour, parent.inked
    if element.tag == "a" and element.get("href") is not None:
        colour = _LINK_AT_NIGHT if night else _LINK
    written = won.get("color", "")
    if written in ("inherit", "unset", "currentcolor"):
        colour = parent.colour
    elif parsed := parse_colour(written):
        colour, inked = parsed, True
    behind = won.get("background-color", "")
    mine = colour if behind == "currentcolor" else parent.background if behind == "inherit" else parse_colour(behind)
    opaque = mine is not None and mine.alpha == 1
    background = mine.over(parent.background) if mine else parent.background
    backed = parent.backed or (mine is not None and mine.alpha > 0)
    picture = won.get("background-image", "none") not in ("none", "initial")
    return replace(
        style,
        colour=colour,
        inked=inked,
        background=background,
        backed=backed,
        picture=picture or (parent.picture and not opaque) or bool(element.get("background")),
    )


def _hidden(element: Element, won: Mapping[str, str], style: Style) -> str:
    """Return why nobody sees the element, by the tricks that spam filters look for; empty where it is seen."""
    clipped = "hidden" in (won.get("overflow", ""), won.get("overflow-y", ""))
    reasons = (
        (element.tag in _UNSEEN, "not shown"),
        (won.get("display") == "none", "display:none"),
        (won.get("visibility") in ("hidden", "collapse"), _INVISIBLE),
        (_number(won.get("opacity", "")) == 0, "opacity:0"),
        (clipped and 0 in (length(won.get(name, "x"), 16) for name in ("max-height", "height")), "height:0"),
        (clipped and 0 in (length(won.get(name, "x"), 16) for name in ("max-width", "width")), "width:0"),
        ((length(won.get("text-indent", ""), style.size) or 0) < _FAR_OUT, "text-indent"),
        (
            won.get("position") in ("absolute", "fixed")
            and any((length(won.get(side, ""), 16) or 0) < _FAR_OUT for side in ("left", "top")),
            "position",
        ),
    )
    return next((why for holds, why in reasons if holds), "")


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 1.0


def texts(page: Page, styles: Mapping[Element, Style]) -> Iterator[tuple[Element, str, Style]]:
    """Yield each visible element that holds text of its own, with that text; a picture's alt text is its text.

    Text is on one line and without invisible characters, in reading order.
    """
    for element in page.elements:
        text = element.get("alt", "").strip() if element.tag == "img" else own_text(element)
        if text and not styles[element].hidden:
            yield element, text, styles[element]
