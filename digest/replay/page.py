"""A replay as a page of its own: figures, picks and a plot of heat a week. Knows geometry and HTML, no rule.

The plots are plain SVG: bars for how many candidates have a heat, above them a mark for each pick. No script, nothing
from the network, readable without colour; titles on the marks name the stories.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.replay import figures, report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.model import Pick
    from digest.replay import Replay

WIDTH = 640
_EDGE = 10
_BINS = 62
_TICKS = 5
_ROW = 20
_BARS = 48
_AXIS = 26
_GAP = 14
"""Lengths in units of the drawing, the last the least between two marks; how many bars and labels the axis has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A pick in a plot: where it stands, what it is, and whether the other replay runs it too."""

    x: float
    y: int
    title: str
    shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A week's plot: marks, bars as (x, y, height), labels of the axis as (x, heat), and words for who cannot see."""

    width: int
    height: int
    base: int
    bar: float
    marks: tuple[Mark, ...]
    bars: tuple[tuple[float, float, float], ...]
    ticks: tuple[tuple[float, int], ...]
    words: str


def to_html(replays: Sequence[Replay], newsletter: str) -> str:
    """Return the page of one replay, or of two side by side."""
    import jinja2  # noqa: PLC0415 - only the page needs it

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FileSystemLoader(os.path.dirname(__file__)),
    )
    apart = figures.differences(*replays) if len(replays) == 2 else []
    most = figures.hottest(replays)
    weeks = []
    for number, some in enumerate(zip(*(replay.weeks for replay in replays), strict=True)):
        picks = [figures.run(week) for week in some]
        lone = [apart[number].only_first, apart[number].only_second] if apart else [(), ()]
        weeks.append(
            {
                "issue": some[0].issue,
                "played": [
                    {"name": replay.name, "week": week, "figures": figures.of(week)}
                    for replay, week in zip(replays, some, strict=True)
                ],
                "lone": lone,
                "shared": [pick for pick in picks[0] if pick not in lone[0]],
                "plot": _plot(picks, lone, figures.heats_of(some[0].issue), most),
            }
        )
    return environment.get_template("page.html").render(
        newsletter=newsletter,
        names=[replay.name for replay in replays],
        weeks=weeks,
        totals=[(replay.name, figures.total(replay)) for replay in replays],
        report=report,
    )


def _plot(picks: Sequence[Sequence[Pick]], lone: Sequence[Sequence[Pick]], heats: Sequence[int], most: int) -> Plot:
    def x(heat: float) -> float:
        return round(_EDGE + heat / most * (WIDTH - 2 * _EDGE), 1)

    base = _ROW * len(picks) + _BARS + 6
    step = most / _BINS
    bins = Counter(min(int(heat / step), _BINS - 1) for heat in heats)
    tallest = max(bins.values(), default=1)
    heights = {place: max(_BARS * count / tallest, 2) for place, count in bins.items()}
    return Plot(
        width=WIDTH,
        height=base + _AXIS,
        base=base,
        bar=round((WIDTH - 2 * _EDGE) / _BINS - 1, 1),
        marks=tuple(
            Mark(
                x=place,
                y=_ROW * row + _ROW // 2,
                title=report.titled(pick).strip(),
                shared=pick not in lone[row],
            )
            for row, some in enumerate(picks)
            for pick, place in _spread(some, x)
        ),
        bars=tuple(
            (x(place * step), round(base - height, 1), round(height, 1)) for place, height in sorted(heights.items())
        ),
        ticks=tuple((x(heat), heat) for heat in _ticks(most)),
        words=_words(picks, heats),
    )


def _spread(picks: Sequence[Pick], x: Callable[[float], float]) -> list[tuple[Pick, float]]:
    """Give each pick a place of its own: at its heat, or as near on the left of it as there is room."""
    gap = min(_GAP, (WIDTH - 2 * _EDGE) / max(len(picks), 1))
    found: list[tuple[Pick, float]] = []
    free = float(WIDTH)
    for pick in sorted(picks, key=lambda pick: -(pick.article.heat or 0)):
        place = min(x(pick.article.heat or 0), free)
        found.append((pick, round(place, 1)))
        free = place - gap
    return found


def _ticks(most: int) -> list[int]:
    """Round numbers from 0 to *most*, about *_TICKS* of them."""
    step = next(
        size for power in range(12) for size in (10**power, 2 * 10**power, 5 * 10**power) if size * _TICKS >= most
    )
    return list(range(0, most + 1, step))


def _words(picks: Sequence[Sequence[Pick]], heats: Sequence[int]) -> str:
    if not heats:
        return "No candidate has a heat."
    chosen = sorted({pick.article.heat or 0 for some in picks for pick in some}, reverse=True)
    span = f"{len(heats)} candidates with heat {min(heats)} to {max(heats)}"
    return f"{span}; picked: {', '.join(map(str, chosen)) or 'none'}."
