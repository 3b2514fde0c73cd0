"""Colours, and how well one is read on another (WCAG 2.2, 1.4.6). Knows no page."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

LARGE = 24.0
"""Pixels from which text counts as large; bold text does from three quarters of it, less rounding."""

_LARGE_BOLD = 18.66
_BOLD = 700
NEEDED = 7.0
NEEDED_LARGE = 4.5


class Colour(NamedTuple):
    """Red, green and blue from 0 to 255, and how much of it covers what is below, from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, below: Colour) -> Colour:
        """What is seen of this colour on an opaque one."""
        pairs = zip(self[:3], below[:3], strict=True)
        red, green, blue = (mine * self.alpha + other * (1 - self.alpha) for mine, other in pairs)
        return Colour(red, green, blue)

    def __str__(self) -> str:
        """`#1d4ed8`; what is below is not part of it."""
        return "#" + "".join(f"{round(part):02x}" for part in self[:3])


WHITE = Colour(255, 255, 255)
BLACK = Colour(0, 0, 0)
NIGHT = Colour(18, 18, 18)
"""What a browser paints behind a page that says it can be dark and sets no background."""


@cache
def parse(value: str) -> Colour | None:
    """Return the colour that *value* writes in CSS; None for what is none, and for `currentcolor`."""
    from tinycss2 import color4  # noqa: PLC0415 - `digest --help` must not wait for it

    found = color4.parse_color(value.strip())
    if found is None or isinstance(found, str):
        return None
    red, green, blue = (min(max(part, 0), 1) * 255 for part in found.to("srgb").coordinates)
    return Colour(red, green, blue, float(found.alpha))


def luminance(colour: Colour) -> float:
    """The relative luminance of an opaque colour, from 0 (black) to 1 (white)."""
    linear = [part / 255 for part in colour[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in linear)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """The contrast of two opaque colours, from 1 to 21; which is the text does not matter."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def needed(size: float, weight: int) -> float:
    """The contrast that text of *size* pixels and of *weight* needs for WCAG's level AAA."""
    large = size >= LARGE or (size >= _LARGE_BOLD and weight >= _BOLD)
    return NEEDED_LARGE if large else NEEDED
