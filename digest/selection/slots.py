"""Who gets a slot: stories into sections, hottest first. Knows order, topics and limits; writes no sentences.

A story may stand in several sections but takes one slot. It is admitted if a slot of one of its sections is free, or
can be freed by moving stories that are already in among *their own* sections (an augmenting path):

    AI (1 slot): Hospital      CV (1 slot): -
    Faces wants in, and may stand in AI only: Hospital moves from AI to CV, Faces takes AI.

Sets of stories that can be seated together form a transversal matroid, for which taking them hottest first is optimal:
no story left out for want of a slot is hotter than one that could have given up its own (Edmonds 1971).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from digest.selection import order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.model import SectionPlan, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A story without a slot. *rivals* are the stories that stand in its way, hottest first."""

    story: Story
    rule: Literal["no-section", "provider", "limit"]
    rivals: tuple[Story, ...] = ()
    plans: tuple[SectionPlan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    """Which story stands in which section, hottest first, and who stayed out."""

    plans: tuple[SectionPlan, ...]
    seats: dict[int, tuple[Story, ...]]
    refusals: tuple[Refusal, ...] = ()

    def stories_in(self, plan: SectionPlan) -> tuple[Story, ...]:
        """Return the stories of *plan*, hottest first."""
        return self.seats[self.plans.index(plan)]


def seat(stories: Iterable[Story], plans: Sequence[SectionPlan], per_provider: int | None = None) -> Seating:
    """Seat *stories* in the sections of *plans*, hottest first, at most *per_provider* led by one provider."""
    ranked = sorted(stories, key=lambda story: order.key(story.lead))
    choices = _choices(ranked, plans)
    room = _Room([plan.limit for plan in plans], choices)
    led: Counter[str] = Counter()
    refused: list[tuple[int, Literal["no-section", "provider", "limit"]]] = []
    for number, story in enumerate(ranked):
        provider = story.lead.provider.key
        if not choices[number]:
            refused.append((number, "no-section"))
        elif per_provider is not None and led[provider] >= per_provider:
            refused.append((number, "provider"))
        elif not room.admit(number):
            refused.append((number, "limit"))
        else:
            led[provider] += 1
    seats = {place: tuple(ranked[number] for number in sorted(taken)) for place, taken in enumerate(room.taken)}
    return Seating(plans=tuple(plans), seats=seats, refusals=tuple(_refusals(refused, ranked, room, plans)))


def _choices(ranked: Sequence[Story], plans: Sequence[SectionPlan]) -> list[list[int]]:
    """For each story its sections by preference: fewest eligible stories first, so an umbrella takes what remains."""
    fitting = [
        [place for place, plan in enumerate(plans) if plan.topic_keys & topics]
        for topics in (story.topic_keys for story in ranked)
    ]
    popularity = Counter(place for places in fitting for place in places)
    return [sorted(places, key=lambda place: (popularity[place], place)) for places in fitting]


def _refusals(
    refused: Iterable[tuple[int, Literal["no-section", "provider", "limit"]]],
    ranked: Sequence[Story],
    room: _Room,
    plans: Sequence[SectionPlan],
) -> Iterable[Refusal]:
    led: dict[str, list[Story]] = defaultdict(list)
    for number in sorted(number for taken in room.taken for number in taken):
        led[ranked[number].lead.provider.key].append(ranked[number])
    for number, rule in refused:
        story = ranked[number]
        if rule == "provider":
            yield Refusal(story=story, rule=rule, rivals=tuple(led[story.lead.provider.key]))
        else:
            places = room.reach(room.choices[number])
            rivals = sorted(rival for place in places for rival in room.taken[place])
            yield Refusal(
                story=story,
                rule=rule,
                rivals=tuple(ranked[rival] for rival in rivals),
                plans=tuple(plans[place] for place in sorted(places)),
            )


@dataclass(slots=True)
class _Room:
    """Slots by section number, stories by rank. Once a set of sections is full for good, it is never searched again."""

    limits: Sequence[int]
    choices: Sequence[Sequence[int]]
    taken: list[list[int]] = field(init=False)
    full: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.taken = [[] for _ in self.limits]

    def admit(self, story: int) -> bool:
        """Give *story* a slot, moving others where that helps; return whether it got one."""
        came_from: dict[int, tuple[int, int] | None] = {
            place: None for place in self.choices[story] if place not in self.full
        }
        queue = list(came_from)
        for place in queue:  # grows while it is read: breadth first, so the shortest chain of moves wins
            if len(self.taken[place]) < self.limits[place]:
                self._shift(story, place, came_from)
                return True
            for occupant in self.taken[place]:
                for next_place in self.choices[occupant]:
                    if next_place not in came_from and next_place not in self.full:
                        came_from[next_place] = (place, occupant)
                        queue.append(next_place)
        # Whoever sits in a searched section can only move to another of them: none will ever have room again.
        self.full.update(queue)
        return False

    def reach(self, places: Iterable[int]) -> set[int]:
        """Return where a free slot would help a story of *places*: there, and wherever a chain of moves leads."""
        queue = list(places)
        for place in queue:
            queue += {move for one in self.taken[place] for move in self.choices[one]} - set(queue)
        return set(queue)

    def _shift(self, story: int, place: int, came_from: dict[int, tuple[int, int] | None]) -> None:
        while step := came_from[place]:
            previous, occupant = step
            self.taken[previous].remove(occupant)
            self.taken[place].append(occupant)
            place = previous
        self.taken[place].append(story)
