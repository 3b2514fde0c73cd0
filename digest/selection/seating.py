"""Stories and sections to a seating: the editor's places first, thin sections left out. Knows plans and policies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest.selection import slots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Rules, SectionPlan, Story
    from digest.selection.candidates import Field
    from digest.selection.edits import Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A seating, and the sections that were closed because they stayed below their minimum, with what they had."""

    seating: slots.Seating
    closed: dict[int, int]


def settle(
    stories: Sequence[Story], plans: Sequence[SectionPlan], rules: Rules, field: Field, places: Places
) -> Outcome:
    """Seat *stories*, who come in order, the editor's *places* first.

    Then close the thinnest section below its minimum and seat anew: the stories of a closed section may find a slot
    elsewhere. A section with a pinned story is never closed.
    """
    pins, moves = places
    fitting = slots.choices(stories, plans)
    closed: dict[int, int] = {}
    while True:
        entrants = _entrants(stories, plans, fitting, (pins, moves, closed), field)
        seating = slots.seat(entrants, plans, rules.per_provider)
        thin = {
            number: len(seating.seats[number])
            for number, plan in enumerate(plans)
            if plan.thin != "keep" and number not in closed and number not in pins.values()
            if len(seating.seats[number]) < min(plan.minimum, plan.limit)
        }
        if not thin:
            return Outcome(seating=_unsure(seating) if closed else seating, closed=closed)
        thinnest = min(thin, key=lambda number: (thin[number], number))
        closed[thinnest] = thin[thinnest]


def _unsure(seating: slots.Seating) -> slots.Seating:
    """Claim no heat for a provider's share where a section was closed: with another story in it, it might not be."""
    refusals = [replace(one, sure=False) if one.rule in {"provider", "share"} else one for one in seating.refusals]
    return replace(seating, refusals=tuple(refusals))


def _entrants(
    stories: Sequence[Story],
    plans: Sequence[SectionPlan],
    fitting: Sequence[tuple[int, ...]],
    places: tuple[dict[int, int], dict[int, int], dict[int, int]],
    field: Field,
) -> list[slots.Entrant]:
    pins, moves, closed = places
    entrants = []
    for number, story in enumerate(stories):
        if number in pins:
            entrants.append(slots.Entrant(story=story, choices=(pins[number],), pinned=True))
            continue
        choices = (moves[number],) if number in moves else fitting[number]
        if story.lead.path in field.wide:
            choices = tuple(choice for choice in choices if plans[choice].thin == "widen")
        entrants.append(slots.Entrant(story=story, choices=tuple(one for one in choices if one not in closed)))
    return entrants
