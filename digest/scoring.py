"""Figures of other fields to a heat, and how it was made. Knows weights, not where the figures stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOST = 1e9


def number(value: object) -> float | None:
    """Return *value* as a number; None for what is none, and for what no article can have earned."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        parsed = float(str(value))
    except ValueError:
        return None
    return parsed if abs(parsed) < _MOST else None


def heat(weights: Sequence[tuple[str, float]], figure: Callable[[str], object]) -> tuple[int, str] | None:
    """Return the weighted sum of figures, rounded and not negative, and its terms in words; None where none is there.

    *weights* are names and weights, *figure* tells what stands under a name; one that is absent counts as nothing.
    """
    parts = [(name, weight, number(figure(name))) for name, weight in weights]
    if all(count is None for _, _, count in parts):
        return None
    terms = [f"{name} {count or 0:g} × {weight:g}" for name, weight, count in parts]
    return max(0, round(sum(weight * (count or 0) for _, weight, count in parts))), " + ".join(terms)
