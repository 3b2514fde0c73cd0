"""How much of an issue a message has room for. Knows an issue and what a message may weigh, not how it is rendered.

What is given up, in this order: the length of excerpts, names under "also covered by", and then stories, the last in
rank first: those stand on the web only. The first story stays, and what the editor pinned goes last.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.rendering.view import Room

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.model import Issue

_STEPS = (
    Room(),
    Room(excerpt=160, lead_excerpt=240),
    Room(excerpt=100, lead_excerpt=160),
    Room(excerpt=100, lead_excerpt=160, also=1),
)


def fit(issue: Issue, limit: int | None, weigh: Callable[[Room], int]) -> Room:
    """Return the most room that keeps the message within *limit* bytes; None is no limit.

    *weigh* says what a message with that much room weighs. Where even one story is too heavy, that one is left.
    """
    if limit is None:
        return Room()
    for room in _STEPS:
        if weigh(room) <= limit:
            return room
    tightest, leaving = _STEPS[-1], _leaving(issue)

    def without(count: int) -> Room:
        return replace(tightest, web_only=tuple(leaving[:count]))

    least, most = min(1, len(leaving)), len(leaving)
    while least < most:
        half = (least + most) // 2
        least, most = (least, half) if weigh(without(half)) <= limit else (half + 1, most)
    return without(least)


def said(room: Room) -> tuple[str, ...]:
    """Return what was given up, for the editor."""
    whole = Room()
    steps = (
        (room.excerpt < whole.excerpt, f"excerpts cut to {room.excerpt} columns"),
        (room.also < whole.also, f"“also covered by” cut to {room.also}"),
        (bool(room.web_only), f"on the web only: {len(room.web_only)} of the stories"),
    )
    return tuple(words for given_up, words in steps if given_up)


def _leaving(issue: Issue) -> Sequence[str]:
    """The paths of the stories that may leave, the first to go first."""
    ranks = {verdict.article.path: rank for rank, verdict in enumerate(issue.verdicts)}
    others = sorted(issue.picks[1:], key=lambda pick: (pick.pinned, -ranks[pick.article.path]))
    return [pick.article.path for pick in others]
