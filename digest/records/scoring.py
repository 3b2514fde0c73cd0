"""What a heat is made of (`score` in the settings): figures, and what a week knows of its stories, as points.

    points = weight x curve(value) / curve(cap)       a field, coverage; the value never counts beyond its cap
    points = weight x curve(value)                    without a cap; linear: the value times the weight
    points = weight x 0.5 ^ (hours / half-life)       age, up to the end of the window
    points = what the table says                      provider

Fields make the heat of an article that has none, where it is read and where it is imported, so that the same figures
give the same heat. All other signals are added in selection, to what was read: an imported article keeps its heat, and
its story still cools. Points are exact to nine decimals, and a heat is never negative.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.config.values import Signal
from digest.text.numbers import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from digest.config.values import Curve, FieldPlan
    from digest.model import Article, Provider, Story

# Without a cap, each tenfold of the value is worth the weight once more.
_CURVES: Mapping[Curve, Callable[[float], float]] = {
    "linear": lambda value: value,
    "log": lambda value: math.log10(1 + max(value, 0)),
    "sqrt": lambda value: math.sqrt(max(value, 0)),
}

# So that 0.1 + 0.2 and 0.3 are one heat; no editor tells two apart by less.
_PLACES = 9
"""Decimals to which points are reckoned."""


def counted(signal: Signal, value: float) -> float:
    """Return the points of *value* under the curve, cap and weight of *signal*."""
    curve = _CURVES[signal.curve]
    if signal.cap is None:
        return signal.weight * curve(value)
    return signal.weight * (curve(min(value, signal.cap)) / curve(signal.cap))


def heat(plan: FieldPlan, figure: Callable[[str], float | None]) -> tuple[float, str] | None:
    """Return the points of the fields that *plan* names, at least 0, and their terms in words; None without a figure.

    *figure* returns the number in a field; None, where there is none, counts as 0. The terms are for `digest explain`,
    such as `shares 40 × 1 + comments 36 × 2.5`.
    """
    weights = [Signal(name="field", field=name, weight=weight) for name, weight in plan.score]
    parts = [(signal, figure(signal.field)) for signal in (*weights, *plan.signals)]
    if all(value is None for _, value in parts):
        return None
    points = [counted(signal, value or 0) for signal, value in parts]
    terms = [_term(signal.field, value or 0, signal) for signal, value in parts]
    return _total(points), " + ".join(terms)


def of_article(article: Article, signals: Iterable[Signal], ends_at: datetime) -> Article:
    """Return *article* with the points of the *signals* that are known of it alone; *ends_at* is that of the window.

    Its words say what was added. An article without heat has these points alone.
    """
    parts: list[tuple[float, str]] = []
    for signal in signals:
        if signal.name == "constant":
            parts.append((signal.weight, f"constant {shown(signal.weight)}"))
        elif signal.name == "provider":
            points = _of_provider(signal, article.provider)
            parts.append((points, f"provider {article.provider.name} ({shown(points)})"))
        elif signal.name == "age":
            # Without a date, which only a pin brings in, nothing is known to be fresh.
            hours = max((ends_at - article.published_at).total_seconds() / 3600, 0) if article.published_at else None
            points = 0.0 if hours is None else signal.weight * 0.5 ** (hours / signal.half_life)
            age = "unknown" if hours is None else f"{shown(round(hours, 1))} h"
            parts.append((points, f"age {age} ({shown(points)} of {shown(signal.weight)})"))
    return _warmer(article, parts)


def of_story(story: Story, signals: Iterable[Signal]) -> Story:
    """Return *story* with the points of its coverage added to its lead."""
    coverage = [signal for signal in signals if signal.name == "coverage"]
    parts = [(counted(signal, story.coverage), _term("coverage", story.coverage, signal)) for signal in coverage]
    return replace(story, lead=_warmer(story.lead, parts)) if parts else story


def _of_provider(signal: Signal, provider: Provider) -> float:
    """Return the points of *provider*: by its name or domain, else by that of the domain above, else of all others."""
    table = {name.casefold().removeprefix("www."): points for name, points in signal.points}
    names = [provider.name.casefold(), provider.key]
    host = provider.key
    while "." in host:
        host = host.partition(".")[2]
        names.append(host)
    return next((table[name] for name in names if name in table), signal.other)


def _warmer(article: Article, parts: list[tuple[float, str]]) -> Article:
    """Return *article* with points added to its heat, each with its term, behind what its heat was made of before."""
    if not parts:
        return article
    before = article.score or ("" if article.heat is None else shown(article.heat))
    terms = [before, *(term for _, term in parts)]
    points = [article.heat or 0, *(points for points, _ in parts)]
    return replace(article, heat=_total(points), score=" + ".join(filter(None, terms)))


def _total(points: Iterable[float]) -> float:
    return max(0.0, round(math.fsum(points), _PLACES))


def _term(name: str, value: float, signal: Signal) -> str:
    """Return what a signal adds, in words: its value, and its points where they are not simply value times weight."""
    if signal.cap is None and signal.curve == "linear":
        return f"{name} {shown(value)} × {shown(signal.weight)}"
    most = "" if signal.cap is None else f" of {shown(signal.weight)}"
    return f"{name} {shown(value)} ({shown(counted(signal, value))}{most})"
