"""One accent to all colours of a theme, in light and in dark. Knows colour, not what a theme does with it.

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
LINE_CONTRAST = 3.0
_LIVELY = 4.5
"""What is aimed at for the dark accent: at 3:1 it looks dull."""

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

_STEP = 0.002
"""Lightness between two tries; no eye sees it."""

_MARGIN = 1.02
"""What a suggested colour has to spare: another accent tints its grounds a little differently."""


def complete(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return *chosen* with the colours that its accent gives and it does not name itself.

    Raises ThemeError for a colour that cannot be read on its grounds, with the nearest that can.
    """
    if not _COLOUR.fullmatch(chosen.get("accent", "")):
        return dict(chosen)
    colours = {**_tints(chosen["accent"]), **chosen}
    for scheme in ("", "dark_"):
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
    colour = parse_colour(written)
    if colour is None:
        raise ThemeError("theme", f"{written!r} is no colour", "write it as #rrggbb")
    return colour


@lru_cache(maxsize=8)
def _tints(accent: str) -> Mapping[str, str]:
    base = _oklch(accent)
    return {name: _hex(_at(base, light, min(base["chroma"], most))) for name, (light, most) in _TINTS.items()}


def _grounds(colours: Mapping[str, str], scheme: str) -> tuple[str, ...]:
    return tuple(colours[f"{scheme}{ground}"] for ground in _GROUNDS)


def _check(colours: Mapping[str, str], scheme: str, name: str, needed: float) -> None:
    """Refuse a colour that does not stand out from one of its grounds."""
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


@lru_cache(maxsize=64)  # a preview compiles the theme again and again, with the same colours
def _nearest(colour: str, grounds: tuple[str, ...], needed: float) -> str | None:
    """Return the colour of the same hue, nearest in lightness, that stands out from all *grounds*, if there is one."""
    base = _oklch(colour)
    tries = [base["lightness"] + sign * number * _STEP for number in range(round(1 / _STEP) + 1) for sign in (1, -1)]
    for lightness in tries:
        if 0 <= lightness <= 1:
            candidate = _hex(_at(base, lightness, base["chroma"]))
            if all(contrast(candidate, ground) >= needed for ground in grounds):
                return candidate
    return None


def _oklch(colour: str) -> Color:
    from coloraide import Color  # noqa: PLC0415 - see contrast

    return Color(colour).convert("oklch", norm=False)


def _at(base: Color, lightness: float, chroma: float) -> Color:
    return base.clone().set({"lightness": lightness, "chroma": chroma})


def _hex(colour: Color) -> str:
    return colour.convert("srgb").fit("srgb", method="oklch-chroma").to_string(hex=True)
