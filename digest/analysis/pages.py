"""Replay and statistics as pages of their own, with plots in SVG.

A page is one file that can be mailed and kept: no script, and nothing from the network. The plots can be read without
colour, and each says in words what it shows, for those who cannot see it.

- A replay's plot is the heat of a week's candidates as bars, and above them a row of marks for the picks of each
  replay. The title of a mark names its story.
- In the statistics each topic has bars for its weeks and for its heat.

What is plotted is counted elsewhere: `replay` and `statistics` give the figures.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from digest.analysis import replay_report
from digest.analysis.replay import differences, figures_of, heats_of, hottest, run, total
from digest.text.numbers import apart as told_apart
from digest.text.numbers import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import jinja2

    from digest.analysis.replay import Replay
    from digest.analysis.statistics import Filling, Survey
    from digest.model import Pick


# The plot of a replay. Lengths are in units of the drawing: the margin at both sides, the height of a row of marks, of
# the tallest bar and of the axis, and the least distance of two marks, at which they do not overlap.
WIDTH = 640
_EDGE = 10
_ROW = 20
_BARS = 48
_AXIS = 26
_GAP = 14

# How many bars there are, of ten units each, and about how many labels the axis has.
_BINS = 62
_TICKS = 5

# The plots of the statistics, in units of a drawing, and how many bars show heat.
_WIDTH, _HEIGHT, _BAR_GAP = 240, 40, 3
_HEAT_BINS = 24

# Topics that are drawn; the others are counted.
_TOPICS_DRAWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotMark:
    """A pick in a plot: its centre, the title that names it, and whether the other replay runs it too (*shared*)."""

    x: float
    y: int
    title: str
    shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """The plot of a week.

    *base* is the height of the axis from the top and *bar* the width of a bar. *bars* are (x, y, height) and *ticks*,
    the labels of the axis, (x, heat). *words* say what the plot shows.
    """

    width: int
    height: int
    base: int
    bar: float
    marks: tuple[PlotMark, ...]
    bars: tuple[tuple[float, float, float], ...]
    ticks: tuple[tuple[float, str], ...]
    words: str


def replay_page(replays: Sequence[Replay], newsletter: str) -> str:
    """Return the HTML page of one replay, or of two of the same weeks side by side; *newsletter* is its name."""
    apart = differences(*replays) if len(replays) == 2 else []
    most = hottest(replays)
    weeks = []
    for number, played in enumerate(zip(*(replay.weeks for replay in replays), strict=True)):
        picks = [run(week) for week in played]
        lone = [apart[number].only_first, apart[number].only_second] if apart else [(), ()]
        weeks.append(
            {
                "issue": played[0].issue,
                "played": [
                    {"name": replay.name, "week": week, "figures": figures_of(week)}
                    for replay, week in zip(replays, played, strict=True)
                ],
                "lone": lone,
                "shared": [pick for pick in picks[0] if pick not in lone[0]],
                "plot": _plot(picks, lone, heats_of(played[0].issue), most),
            }
        )
    return (
        _environment()
        .get_template("replay.html")
        .render(
            newsletter=newsletter,
            names=[replay.name for replay in replays],
            weeks=weeks,
            totals=[(replay.name, total(replay)) for replay in replays],
            report=replay_report,
            shown=shown,
        )
    )


def _plot(picks: Sequence[Sequence[Pick]], lone: Sequence[Sequence[Pick]], heats: Sequence[float], most: float) -> Plot:
    """Return the plot of a week.

    *picks* are those of each replay and *lone* those that only it runs, *heats* are of the candidates, and *most* is
    the heat at the right end of the axis: the same for all weeks, so that weeks can be compared.
    """

    def x(heat: float) -> float:
        return round(_EDGE + heat / most * (WIDTH - 2 * _EDGE), 1)

    base = _ROW * len(picks) + _BARS + 6
    step = most / _BINS
    bins = Counter(min(int(heat / step), _BINS - 1) for heat in heats)
    tallest = max(bins.values(), default=1)
    # Two units at least: a single candidate must be seen beside a bar of hundreds.
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
        ticks=tuple((x(heat), shown(heat)) for heat in _ticks(most)),
        words=_words(picks, heats),
    )


def _spread(picks: Sequence[Pick], x: Callable[[float], float]) -> list[tuple[Pick, float]]:
    """Return each pick with its x: at its heat, or as near as there is room for it on the left.

    To the left, from the hottest on: the picks are the hottest candidates and lie close together at the right end.
    """
    gap = min(_GAP, (WIDTH - 2 * _EDGE) / max(len(picks), 1))
    placed: list[tuple[Pick, float]] = []
    free = float(WIDTH)
    for pick in sorted(picks, key=lambda pick: -(pick.article.heat or 0)):
        place = min(x(pick.article.heat or 0), free)
        placed.append((pick, round(place, 1)))
        free = place - gap
    return placed


def _ticks(most: float) -> list[float]:
    """Return round numbers from 0 to *most*, at most _TICKS steps of 1, 2 or 5 times a power of ten."""
    # From a billionth, as a score may be a share of one; in fractions, since 10**-1 is not a tenth.
    powers = (10**power if power >= 0 else Fraction(1, 10**-power) for power in range(0 if most >= 1 else -9, 12))
    step = next(size for power in powers for size in (power, 2 * power, 5 * power) if size * _TICKS >= most)
    return [float(step * number) for number in range(int(most / step) + 1)]


def _words(picks: Sequence[Sequence[Pick]], heats: Sequence[float]) -> str:
    """Return what a plot shows as a sentence."""
    if not heats:
        return "No candidate has a heat."
    chosen = sorted({pick.article.heat or 0 for week in picks for pick in week}, reverse=True)
    span = f"{len(heats)} candidates with heat {shown(min(heats))} to {shown(max(heats))}"
    return f"{span}; picked: {', '.join(told_apart(chosen)) or 'none'}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A plot of bars, each (x, y, width, height), and *words* that say what it shows. A count of 0 has no bar."""

    bars: tuple[tuple[float, float, float, float], ...]
    words: str
    width: int = _WIDTH
    height: int = _HEIGHT


def statistics_page(survey: Survey, fillings: Sequence[Filling], name: str) -> str:
    """Return the HTML page of an archive's statistics; *name* is the newsletter's."""
    # The heat of all topics ends at the same place, so that they can be compared.
    most = survey.heat.most or 1
    topics = [(topic, by_week(topic.weeks), by_heat(topic.heats, most)) for topic in survey.topics[:_TOPICS_DRAWN]]
    return (
        _environment()
        .get_template("statistics.html")
        .render(
            name=name,
            survey=survey,
            topics=topics,
            more=len(survey.topics) - len(topics),
            heat=by_heat([heat for topic in survey.topics for heat in topic.heats], most),
            fillings=[(filling, by_week(filling.weeks, most=filling.limit)) for filling in fillings],
            top=shown(most),
            shown=shown,
        )
    )


def by_week(counts: Sequence[int], *, most: int = 0) -> Bars:
    """Return a bar for each week; one of full height is the greatest of *counts*, or *most* where that is greater."""
    listed = ", ".join(map(str, counts))
    return Bars(bars=_bars(counts, most), words=f"Stories a week, oldest first: {listed or 'none'}")


def by_heat(heats: Sequence[float], most: float) -> Bars:
    """Return the distribution of *heats* from 0 on the left to *most* on the right."""
    # One more for whole numbers: 0 to 5 are six of them.
    end = most + 1 if isinstance(most, int) else most
    bins = Counter(min(int(heat * _HEAT_BINS / end), _HEAT_BINS - 1) for heat in heats)
    label = f"Heat from {shown(min(heats))} to {shown(max(heats))}" if heats else "No heat"
    return Bars(bars=_bars([bins[place] for place in range(_HEAT_BINS)], 0), words=label)


def _bars(counts: Sequence[int], most: int) -> tuple[tuple[float, float, float, float], ...]:
    """Return the bars of *counts* from left to right, scaled to the greatest of them or to *most*.

    Rounded to tenths of a unit, so that the same figures give the same page on every machine.
    """
    tallest = max(most, *counts, 1) if counts else 1
    step = _WIDTH / max(len(counts), 1)
    bars = []
    for place, count in enumerate(counts):
        height = round(max(_HEIGHT * count / tallest, 2), 1) if count else 0
        if height:
            bars.append((round(place * step, 1), round(_HEIGHT - height, 1), round(step - _BAR_GAP, 1), height))
    return tuple(bars)


def _environment() -> jinja2.Environment:
    """Return the environment of the pages; values are escaped, and a misspelt name is an error."""
    import jinja2  # noqa: PLC0415 - only the pages need it

    return jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FileSystemLoader(os.path.dirname(__file__)),
    )
