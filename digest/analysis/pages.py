"""Replay and statistics as pages of their own, with plain SVG plots.

The plots are plain SVG: bars for how many candidates have a heat, above them a mark for each pick. No script, nothing
from the network, readable without colour; titles on the marks name the stories.

No script, nothing from the network, readable without colour; each plot says in words what it shows.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.analysis import replay as figures
from digest.analysis import replay_report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.analysis.replay import Replay
    from digest.analysis.statistics import Filling, Survey
    from digest.model import Pick


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
class PlotMark:
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
    marks: tuple[PlotMark, ...]
    bars: tuple[tuple[float, float, float], ...]
    ticks: tuple[tuple[float, int], ...]
    words: str


def replay_page(replays: Sequence[Replay], newsletter: str) -> str:
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
    for number, played in enumerate(zip(*(replay.weeks for replay in replays), strict=True)):
        picks = [figures.run(week) for week in played]
        lone = [apart[number].only_first, apart[number].only_second] if apart else [(), ()]
        weeks.append(
            {
                "issue": played[0].issue,
                "played": [
                    {"name": replay.name, "week": week, "figures": figures.figures_of(week)}
                    for replay, week in zip(replays, played, strict=True)
                ],
                "lone": lone,
                "shared": [pick for pick in picks[0] if pick not in lone[0]],
                "plot": _plot(picks, lone, figures.heats_of(played[0].issue), most),
            }
        )
    return environment.get_template("replay.html").render(
        newsletter=newsletter,
        names=[replay.name for replay in replays],
        weeks=weeks,
        totals=[(replay.name, figures.total(replay)) for replay in replays],
        report=replay_report,
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
            PlotMark(
                x=place,
                y=_ROW * row + _ROW // 2,
                title=replay_report.titled(pick).strip(),
                shared=pick not in lone[row],
            )
            for row, chosen in enumerate(picks)
            for pick, place in _spread(chosen, x)
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
    placed: list[tuple[Pick, float]] = []
    free = float(WIDTH)
    for pick in sorted(picks, key=lambda pick: -(pick.article.heat or 0)):
        place = min(x(pick.article.heat or 0), free)
        placed.append((pick, round(place, 1)))
        free = place - gap
    return placed


def _ticks(most: int) -> list[int]:
    """Round numbers from 0 to *most*, about *_TICKS* of them."""
    step = next(
        size for power in range(12) for size in (10**power, 2 * 10**power, 5 * 10**power) if size * _TICKS >= most
    )
    return list(range(0, most + 1, step))


def _words(picks: Sequence[Sequence[Pick]], heats: Sequence[int]) -> str:
    if not heats:
        return "No candidate has a heat."
    chosen = sorted({pick.article.heat or 0 for week in picks for pick in week}, reverse=True)
    span = f"{len(heats)} candidates with heat {min(heats)} to {max(heats)}"
    return f"{span}; picked: {', '.join(map(str, chosen)) or 'none'}."


_TOPICS_DRAWN = 40
_WIDTH, _HEIGHT, _BAR_GAP = 240, 40, 3
_HEAT_BINS = 24
"""Units of a drawing; how many bars show heat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars as (x, y, width, height), and what they say in words."""

    bars: tuple[tuple[float, float, float, float], ...]
    words: str
    width: int = _WIDTH
    height: int = _HEIGHT


def statistics_page(survey: Survey, fillings: Sequence[Filling], name: str) -> str:
    """Return the page."""
    import jinja2  # noqa: PLC0415 - only the page needs it

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FileSystemLoader(os.path.dirname(__file__)),
    )
    most = max(survey.heat.most, 1)
    topics = [(topic, by_week(topic.weeks), by_heat(topic.heats, most)) for topic in survey.topics[:_TOPICS_DRAWN]]
    return environment.get_template("statistics.html").render(
        name=name,
        survey=survey,
        topics=topics,
        more=len(survey.topics) - len(topics),
        heat=by_heat([heat for topic in survey.topics for heat in topic.heats], most),
        fillings=[(filling, by_week(filling.weeks, most=filling.limit)) for filling in fillings],
        top=most,
    )


def by_week(counts: Sequence[int], *, most: int = 0) -> Bars:
    """Return a bar a week; the tallest is the most, or *most*."""
    listed = ", ".join(map(str, counts))
    return Bars(bars=_bars(counts, most), words=f"Stories a week, oldest first: {listed or 'none'}")


def by_heat(heats: Sequence[int], most: int) -> Bars:
    """Return how many have which heat, from 0 on the left to *most* on the right."""
    bins = Counter(min(heat * _HEAT_BINS // (most + 1), _HEAT_BINS - 1) for heat in heats)
    label = f"Heat from {min(heats)} to {max(heats)}" if heats else "No heat"
    return Bars(bars=_bars([bins[place] for place in range(_HEAT_BINS)], 0), words=label)


def _bars(counts: Sequence[int], most: int) -> tuple[tuple[float, float, float, float], ...]:
    tallest = max(most, *counts, 1) if counts else 1
    step = _WIDTH / max(len(counts), 1)
    bars = []
    for place, count in enumerate(counts):
        height = round(max(_HEIGHT * count / tallest, 2), 1) if count else 0
        if height:
            bars.append((round(place * step, 1), round(_HEIGHT - height, 1), round(step - _BAR_GAP, 1), height))
    return tuple(bars)
