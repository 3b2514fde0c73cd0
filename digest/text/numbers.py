"""Numbers as people read them: rounded for show, and with as many digits as tell apart what is compared.

Everything is ranked by exact numbers, so that what is shown alike here is alike there.
"""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_CEILING, Decimal
from math import floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DIGITS = 3
"""Digits that a number is rounded to for show; a whole number keeps all of its own."""

_PLACES, _MOST_PLACES = 12, 20
"""Most decimals for show, and to tell numbers apart; what still looks alike is written out as Python does."""


def shown(figure: float | None) -> str:
    """Return *figure* for show: whole as it is, else in about three digits (12.5, 0.831, 1235); a hyphen for None."""
    return "-" if figure is None else _written(figure, _places(figure))


def apart(figures: Iterable[float | None]) -> list[str]:
    """Return *figures* for show, each as by `shown`, with more decimals where two that differ would look alike."""
    in_order = list(figures)
    places = {figure: _places(figure) for figure in in_order if figure is not None}
    while True:
        texts = {figure: _written(figure, place) for figure, place in places.items()}
        count = Counter(texts.values())
        alike = [figure for figure, text in texts.items() if count[text] > 1 and places[figure] <= _MOST_PLACES]
        if not alike:
            return ["-" if figure is None else texts[figure] for figure in in_order]
        for figure in alike:
            places[figure] += 1


def column(figures: Iterable[float | None]) -> list[str]:
    """Return *figures* as by `apart`, to stand below each other: to the right, at least four characters wide."""
    texts = apart(figures)
    wide = max([4, *map(len, texts)])
    return [text.rjust(wide) for text in texts]


def least_above(figures: Sequence[tuple[float, bool]], own: float) -> str:
    """Return a number, rounded up for show, that is above each of *figures*, or level with it where its flag says so.

    As text, which `float` reads as a number that keeps the promise, and which looks greater than *own*.
    """
    highest = max(figure for figure, _ in figures)
    is_enough = all(level for figure, level in figures if figure == highest)
    if isinstance(highest, int) and isinstance(own, int):
        return str(max(highest + (not is_enough), own + 1))
    exact, step = Decimal(repr(highest)), Decimal(1).scaleb(-_places(highest))
    least = exact.quantize(step, rounding=ROUND_CEILING)
    if least == exact and not is_enough:
        least += step
    while least <= Decimal(shown(own)):
        least += step
    text = f"{least:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _places(figure: float) -> int:
    """Return how many decimals *figure* has for show."""
    if figure == floor(figure):
        return 0
    return min(max(0, _DIGITS - 1 - floor(log10(abs(figure)))), _PLACES)


def _written(figure: float, places: int) -> str:
    """Return *figure* with at most *places* decimals, without zeros at the end."""
    if figure == floor(figure):
        return str(int(figure))
    if places > _MOST_PLACES:
        return repr(figure)
    text = f"{figure:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
