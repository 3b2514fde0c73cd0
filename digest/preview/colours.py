"""Forced dark: what some mail programs do to a letter's colours. Knows CSS colours, not pages.

Outlook for Windows and the Gmail app turn every colour's lightness around and leave pictures alone: light grounds
become dark, dark text becomes light, hues stay. They do not ask the author's dark styles. Here lightness L (OKLCH)
becomes 1 - L on a scale that ends at a very dark grey instead of black, as theirs does. Each program has curves of its
own; this shows what breaks under any of them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from digest.preview import markup

GROUND = "#121212"
"""What stands behind a letter that names no ground, and the darkest colour there is."""

INK = "#f2f2f2"

_DARKEST = 0.18
_COLOUR = re.compile(
    r"#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b|(?:rgb|hsl)a?\([^)]*\)|\b[a-z]{3,20}\b", re.IGNORECASE
)
_PROPERTIES = re.compile(
    r"color|background|background-color|border|border-(?:top|right|bottom|left|color)|border-(?:top|right|bottom|left)-color"
)
_KEPT = frozenset(
    {"transparent", "inherit", "initial", "currentcolor", "solid", "dashed", "dotted", "none", "important"}
)


def in_css(css: str) -> str:
    """Return *css*, a style sheet or a style attribute, with the lightness of its colours turned around."""

    def change(name: str, value: str) -> str:
        return _turned_around(value) if _PROPERTIES.fullmatch(name) else value

    return markup.declarations(css, change)


@lru_cache(maxsize=1024)
def turn(colour: str) -> str:
    """Return one colour with its lightness turned around; what is no colour as it is."""
    from coloraide import Color  # noqa: PLC0415 - only who asks for forced dark needs it

    if colour.lower() in _KEPT:
        return colour
    try:
        found = Color(colour).convert("oklch")
    except ValueError:
        return colour
    found["lightness"] = _DARKEST + (1 - _DARKEST) * (1 - min(found["lightness"], 1))
    return found.convert("srgb").fit().to_string(hex=True)


def _turned_around(value: str) -> str:
    if "url(" in value.lower():
        return value
    return _COLOUR.sub(lambda found: turn(found[0]), value)
