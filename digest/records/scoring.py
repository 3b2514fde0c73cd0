"""A heat made of other figures of an article (`score` in the settings), for archives and sources that have none.

Used both where an archive is read and where articles are imported, so that the same figures give the same heat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.records import figures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def number(value: object) -> float | None:
    """Return *value*, a number or the text of one, as a float; None for anything else and for a billion or more."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return figures.number(str(value))
    except figures.NoFigure:
        return None


def heat(weights: Sequence[tuple[str, float]], figure: Callable[[str], object]) -> tuple[int, str] | None:
    """Return the weighted sum of figures, rounded and at least 0, and its terms in words; None where none is there.

    *weights* are names of fields with their weights. *figure* returns the value of a field; one that is no number
    counts as 0. The terms are for `digest explain`, such as `shares 40 × 1 + comments 36 × 2.5`.
    """
    parts = [(name, weight, number(figure(name))) for name, weight in weights]
    if all(count is None for _, _, count in parts):
        return None
    terms = [f"{name} {count or 0:g} × {weight:g}" for name, weight, count in parts]
    return max(0, round(sum(weight * (count or 0) for _, weight, count in parts))), " + ".join(terms)
