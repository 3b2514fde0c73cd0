"""Colours of CSS and their contrast by WCAG 2: the one formula for the palette of a theme and the checks of a page.

A few lines of arithmetic instead of coloraide, which the theme uses for OKLCH: that takes 50 µs for a contrast, this
less than one, and a check asks for thousands. tests/test_checks_styles.py holds the two together.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Colour(NamedTuple):
    """Red, green and blue from 0 to 255, and how much of it covers what is below, from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, below: Colour) -> Colour:
        """Return what is seen of this colour on an opaque one: an opaque colour."""
        pairs = zip(self[:3], below[:3], strict=True)
        red, green, blue = (mine * self.alpha + other * (1 - self.alpha) for mine, other in pairs)
        return Colour(red, green, blue)

    def __str__(self) -> str:
        """`#1d4ed8`; what is below is not part of it."""
        return "#" + "".join(f"{round(part):02x}" for part in self[:3])


# Bounded, since a preview that runs for days meets the colours of every theme its editor tries.
@lru_cache(maxsize=4096)
def parse_colour(value: str) -> Colour | None:
    """Return the colour that *value* writes in CSS; None for what is none, and for `currentcolor`.

    All notations of CSS Color 4 are read; a colour outside sRGB is cut off at its edges.
    """
    from tinycss2 import color4  # noqa: PLC0415 - `digest --help` must not wait for it

    parsed = color4.parse_color(value.strip())
    # A keyword that is no colour by itself comes back as a string.
    if parsed is None or isinstance(parsed, str):
        return None
    try:
        coordinates = parsed.to("srgb").coordinates
    except NotImplementedError:
        # tinycss2 reads Lab, OKLCH and other spaces, but cannot convert them.
        from coloraide import Color  # noqa: PLC0415 - hardly any letter writes one

        match = Color.match(value.strip(), fullmatch=True)
        if match is None:
            return None
        coordinates = match.color.convert("srgb").coords(nans=False)
    red, green, blue = (min(max(part, 0), 1) * 255 for part in coordinates)
    return Colour(red, green, blue, float(parsed.alpha))


@lru_cache(maxsize=4096)
def luminance(colour: Colour) -> float:
    """Return the relative luminance of an opaque colour, from 0 (black) to 1 (white), by WCAG 2.2's definition."""
    linear = [part / 255 for part in colour[:3]]
    # sRGB's own threshold; WCAG writes 0.03928, which is the same for colours of 8 bits.
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in linear)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_ratio(colour: Colour, other: Colour) -> float:
    """Return the contrast of two opaque colours, from 1 to 21; which of them is the text does not matter."""
    dark, light = sorted((luminance(colour), luminance(other)))
    # WCAG adds 0.05 for the light that any screen throws back.
    return (light + 0.05) / (dark + 0.05)
