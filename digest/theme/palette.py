"""One accent to all colours of a theme, in light and in dark.

A theme that names an `accent` has every colour below; what it or digest.yaml names itself stays, if it can be read:

    grounds  paper (around the letter), card (behind stories), panel (behind the contents)   tinted with the accent
    text     ink, quiet, link                            7:1 at least on every ground (WCAG 2.2, AAA)
    lines    accent (rules and bars), 3:1 at least on every ground (WCAG 2.2, 1.4.11); line, which is decoration

and each again for dark mode, as `dark_…`. Hue and colourfulness come from the accent, lightness is searched in OKLCH,
where equal steps look equal; a colour outside sRGB is brought into it by giving up colourfulness.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from digest.errors import ThemeError
from digest.text.colours import contrast_ratio, parse_colour

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coloraide import Color

    from digest.text.colours import Colour

TEXT_CONTRAST = 7.0
"""The least contrast of text: WCAG 2.2, 1.4.6, level AAA."""
LINE_CONTRAST = 3.0
"""The least contrast of lines that mean something: WCAG 2.2, 1.4.11."""
# What is aimed at for the dark accent: at 3:1 it looks dull.
_LIVELY = 4.5

_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_GROUNDS = ("paper", "card", "panel")
_TEXTS = ("ink", "quiet", "link")

# Lightness and colourfulness in OKLCH, the latter at most: a grey accent stays grey.
_TINTS = {
    "paper": (0.955, 0.007),
    "card": (1.0, 0.0),
    "panel": (0.972, 0.006),
    "ink": (0.21, 0.012),
    "quiet": (0.4, 0.02),
    "line": (0.87, 0.012),
    "dark_paper": (0.165, 0.012),
    "dark_card": (0.21, 0.014),
    "dark_panel": (0.255, 0.018),
    "dark_ink": (0.965, 0.004),
    "dark_quiet": (0.83, 0.02),
    "dark_line": (0.37, 0.02),
}
NAMES = frozenset({*_TINTS, "accent", "link", "dark_accent", "dark_link"})
"""Every colour that an accent gives."""

# Lightness between two tries; no eye sees it.
_STEP = 0.002

# What a suggested colour has to spare: another accent tints its grounds a little differently.
_MARGIN = 1.02


def complete(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the tokens *chosen* with the colours that its accent gives and it does not name itself.

    Colours are `#rrggbb`. A theme whose accent is none is returned as it is. Raises ThemeError for a colour that cannot
    be read on its grounds, with the nearest that can.
    """
    if not _COLOUR.fullmatch(chosen.get("accent", "")):
        return dict(chosen)
    colours = {**_tints(chosen["accent"]), **chosen}
    for scheme in ("", "dark_"):
        # The accent in light is the one that was asked for, so only the dark one is searched. A link is derived from
        # the accent of its scheme, so that the two look alike.
        accent, link = f"{scheme}accent", f"{scheme}link"
        colours.setdefault(accent, _nearest(colours["accent"], _grounds(colours, scheme), _LIVELY) or colours["accent"])
        colours.setdefault(link, _nearest(colours[accent], _grounds(colours, scheme), TEXT_CONTRAST) or colours[accent])
        for name in (*_TEXTS, "accent"):
            _check(colours, scheme, name, LINE_CONTRAST if name == "accent" else TEXT_CONTRAST)
    return colours


def contrast(first: str, other: str) -> float:
    """Return the contrast of two colours by WCAG 2, from 1 to 21. Raises ThemeError for what is no colour of CSS."""
    return contrast_ratio(_rgb(first), _rgb(other))


def _rgb(written: str) -> Colour:
    """Return the colour that a theme writes. Raises ThemeError for what is none."""
    colour = parse_colour(written)
    if colour is None:
        raise ThemeError("theme", f"{written!r} is no colour", "write it as #rrggbb")
    return colour


@lru_cache(maxsize=8)
def _tints(accent: str) -> Mapping[str, str]:
    """Return the grounds, texts and lines in the hue of *accent*, which is no more colourful in them than it is."""
    base = _oklch(accent)
    return {name: _hex(_at(base, light, min(base["chroma"], most))) for name, (light, most) in _TINTS.items()}


def _grounds(colours: Mapping[str, str], scheme: str) -> tuple[str, ...]:
    """Return the colours of paper, card and panel; *scheme* is empty for light and `dark_` for dark."""
    return tuple(colours[f"{scheme}{ground}"] for ground in _GROUNDS)


def _check(colours: Mapping[str, str], scheme: str, name: str, needed: float) -> None:
    """Raise ThemeError for a colour whose contrast with one of its grounds is less than *needed*.

    The message names the first such ground and the nearest colour that would do on all of them.
    """
    colour = colours[f"{scheme}{name}"]
    for ground in _GROUNDS:
        ground_colour = colours[f"{scheme}{ground}"]
        if (ratio := contrast(colour, ground_colour)) < needed:
            problem = (
                f"{colour} has a contrast of {ratio:.2f}:1 on {scheme}{ground} {ground_colour}, "
                f"and {needed:g}:1 is needed"
            )
            better = _nearest(colour, _grounds(colours, scheme), needed * _MARGIN)
            remedy = f"the nearest that works is {better}" if better else "no colour works; take grounds more alike"
            raise ThemeError(f"theme.{scheme}{name}", problem, remedy)


# A preview compiles the theme again and again, with the same colours.
@lru_cache(maxsize=64)
def _nearest(colour: str, grounds: tuple[str, ...], needed: float) -> str | None:
    """Return the colour of the same hue, nearest in lightness, that has the contrast *needed* with all *grounds*.

    None where there is none: grounds as different as black and white leave no colour for text.
    """
    base = _oklch(colour)
    # In both directions at once, since the nearest may be lighter or darker.
    tries = [base["lightness"] + sign * number * _STEP for number in range(round(1 / _STEP) + 1) for sign in (1, -1)]
    for lightness in tries:
        if 0 <= lightness <= 1:
            candidate = _hex(_at(base, lightness, base["chroma"]))
            if all(contrast(candidate, ground) >= needed for ground in grounds):
                return candidate
    return None


def _oklch(colour: str) -> Color:
    """Return *colour* in OKLCH, the space in which steps of lightness look equal in every hue."""
    from coloraide import Color  # noqa: PLC0415 - only a theme that changed needs colours

    # Not normalised: a grey would get an undefined hue, with which no arithmetic works.
    return Color(colour).convert("oklch", norm=False)


def _at(base: Color, lightness: float, chroma: float) -> Color:
    """Return *base* with this lightness (0 to 1) and colourfulness; the hue stays."""
    return base.clone().set({"lightness": lightness, "chroma": chroma})


def _hex(colour: Color) -> str:
    """Return *colour* as `#rrggbb`, brought into sRGB where it lies outside."""
    # By giving up colourfulness: cutting off each channel, the quick way, would change hue and lightness.
    return colour.convert("srgb").fit("srgb", method="oklch-chroma").to_string(hex=True)
