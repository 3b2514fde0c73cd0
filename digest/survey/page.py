"""A survey as a page of its own, with plain SVG plots. Knows geometry and HTML, counts nothing.

No script, nothing from the network, readable without colour; each plot says in words what it shows.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.survey import Survey
    from digest.survey.report import Filling

_TOPICS = 40
_WIDTH, _HEIGHT, _GAP = 240, 40, 3
_BINS = 24
"""Units of a drawing; how many bars show heat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars as (x, y, width, height), and what they say in words."""

    bars: tuple[tuple[float, float, float, float], ...]
    words: str
    width: int = _WIDTH
    height: int = _HEIGHT


def to_html(survey: Survey, fillings: Sequence[Filling], name: str) -> str:
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
    topics = [(topic, by_week(topic.weeks), by_heat(topic.heats, most)) for topic in survey.topics[:_TOPICS]]
    return environment.get_template("page.html").render(
        name=name,
        survey=survey,
        topics=topics,
        more=len(survey.topics) - len(topics),
        heat=by_heat([heat for topic in survey.topics for heat in topic.heats], most),
        fillings=[(one, by_week(one.weeks, most=one.limit)) for one in fillings],
        top=most,
    )


def by_week(counts: Sequence[int], *, most: int = 0) -> Bars:
    """Return a bar a week; the tallest is the most, or *most*."""
    listed = ", ".join(map(str, counts))
    return Bars(bars=_bars(counts, most), words=f"Stories a week, oldest first: {listed or 'none'}")


def by_heat(heats: Sequence[int], most: int) -> Bars:
    """Return how many have which heat, from 0 on the left to *most* on the right."""
    bins = Counter(min(heat * _BINS // (most + 1), _BINS - 1) for heat in heats)
    words = f"Heat from {min(heats)} to {max(heats)}" if heats else "No heat"
    return Bars(bars=_bars([bins[place] for place in range(_BINS)], 0), words=words)


def _bars(counts: Sequence[int], most: int) -> tuple[tuple[float, float, float, float], ...]:
    tallest = max(most, *counts, 1) if counts else 1
    step = _WIDTH / max(len(counts), 1)
    found = []
    for place, count in enumerate(counts):
        height = round(max(_HEIGHT * count / tallest, 2), 1) if count else 0
        if height:
            found.append((round(place * step, 1), round(_HEIGHT - height, 1), round(step - _GAP, 1), height))
    return tuple(found)
