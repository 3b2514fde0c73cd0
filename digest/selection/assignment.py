"""Stories into the slots of sections: pins first, then by order, under limits and shares.

A story may stand in several sections but takes one slot. It is admitted if a slot of one of its sections is free, or
can be freed by moving stories that are already in among *their own* sections (an augmenting path):

    AI (1 slot): Hospital      CV (1 slot): -
    Faces wants in, and may stand in AI only: Hospital moves from AI to CV, Faces takes AI.

Sets of stories that can be seated together form a transversal matroid, for which taking them in order is optimal:
no story left out for want of a slot is hotter than one that could have given up its own (Edmonds 1971).

A share (`per_provider`) is kept while seating, of the issue and of a section; a section that would stay below its
minimum takes stories beyond it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.config.values import Rules, SectionPlan
    from digest.model import Story
    from digest.selection.candidates import Candidates
    from digest.selection.edits import Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Which story stands where. *closed* are the sections left out as too thin: number to the stories they had."""

    seating: Seating
    closed: dict[int, int]


def assign(
    stories: Sequence[Story], plans: Sequence[SectionPlan], rules: Rules, pool: Candidates, places: Places
) -> Assignment:
    """Assign *stories*, which come in the order of the rules, to the slots of *plans*; the editor's *places* first.

    While a section is below its minimum, the thinnest one is closed and everything assigned anew, because the stories
    of a closed section may find a slot elsewhere. A section with a pinned story is never closed.
    """
    pins, moves = places
    fitting = choices(stories, plans)
    closed: dict[int, int] = {}
    while True:
        contenders = _contenders(stories, plans, fitting, (pins, moves, closed), pool)
        seating = seat(contenders, plans, rules.per_provider)
        thin = {
            number: len(seating.seats[number])
            for number, plan in enumerate(plans)
            # A limit below the minimum would close a section for ever, so the smaller of both is asked for.
            if plan.thin != "keep" and number not in closed and number not in pins.values()
            if len(seating.seats[number]) < min(plan.minimum, plan.limit)
        }
        if not thin:
            return Assignment(seating=_unsure(seating) if closed else seating, closed=closed)
        # One at a time: its stories may fill the next thinnest, which then need not close. Of two alike the earlier
        # closes, so the result does not depend on chance.
        thinnest = min(thin, key=lambda number: (thin[number], number))
        closed[thinnest] = thin[thinnest]


def _unsure(seating: Seating) -> Seating:
    """Mark refusals for a provider's share as unsure where a section was closed.

    A hotter story could have kept that section open, and then the share would have been another: the heat that would
    have been enough cannot be named.
    """
    refusals = [
        replace(refusal, sure=False) if refusal.rule in {"provider", "share"} else refusal
        for refusal in seating.refusals
    ]
    return replace(seating, refusals=tuple(refusals))


def _contenders(
    stories: Sequence[Story],
    plans: Sequence[SectionPlan],
    fitting: Sequence[tuple[int, ...]],
    places: tuple[dict[int, int], dict[int, int], dict[int, int]],
    pool: Candidates,
) -> list[Contender]:
    pins, moves, closed = places
    contenders = []
    for number, story in enumerate(stories):
        if number in pins:
            contenders.append(Contender(story=story, choices=(pins[number],), pinned=True))
            continue
        # The editor moved it there: it competes for a slot of that section alone, and needs not match it.
        choices = (moves[number],) if number in moves else fitting[number]
        if story.lead.path in pool.wide:
            # An older article was brought in for a thin section, and must not take a slot of another one.
            choices = tuple(choice for choice in choices if plans[choice].thin == "widen")
        contenders.append(Contender(story=story, choices=tuple(choice for choice in choices if choice not in closed)))
    return contenders


Reason = Literal["no-section", "provider", "share", "limit"]
"""Why a story has no slot: no section takes it, its provider has its share of the issue or of its section, or all
slots are taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A story that competes for a slot, and the numbers of the sections that take it, best first.

    *pinned*: it stands in its one section whatever the limits say.
    """

    story: Story
    choices: tuple[int, ...]
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A story without a slot.

    *rivals* stand in its way, in order, of *held* that do: the editor's pins give way to none and are no rivals.
    *plans* are the sections where a slot would help. *slots* are the stories to beat as well where no slot is free.
    *sure* says whether beating the last of them is enough; with pins it may not be.
    """

    story: Story
    rule: Reason
    rivals: tuple[Story, ...] = ()
    held: int = 0
    slots: tuple[Story, ...] = ()
    sure: bool = True
    plans: tuple[SectionPlan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    """Which story stands in which section, in order, and who stayed out. *beyond* were seated beyond a share."""

    plans: tuple[SectionPlan, ...]
    seats: tuple[tuple[Story, ...], ...]
    refusals: tuple[Rejection, ...] = ()
    beyond: tuple[Story, ...] = ()


def choices(stories: Sequence[Story], plans: Sequence[SectionPlan]) -> list[tuple[int, ...]]:
    """Return for each story the numbers of the sections that take it, best first.

    Best is the section that the fewest stories match, so that an umbrella topic takes what the narrow ones leave; of
    two alike, the first in the settings.
    """
    # An index by topic, because matching 2,000 stories with 50 sections one by one took a third of a choice.
    by_topic: dict[str, list[int]] = defaultdict(list)
    for number, plan in enumerate(plans):
        for topic in plan.match.any:
            by_topic[topic.casefold()].append(number)
    of_any_topic = [number for number, plan in enumerate(plans) if not plan.match.any]
    fitting = []
    for story in stories:
        wanted = {number for topic in story.topic_keys for number in by_topic.get(topic, ())}.union(of_any_topic)
        fitting.append([number for number in wanted if plans[number].match.takes(story)])
    popularity = Counter(chain.from_iterable(fitting))
    return [tuple(sorted(numbers, key=lambda number: (popularity[number], number))) for numbers in fitting]


def seat(contenders: Sequence[Contender], plans: Sequence[SectionPlan], per_provider: int | None = None) -> Seating:
    """Assign *contenders*, which come in order, to the sections of *plans*; one provider leads at most *per_provider*.

    Guarantees that no story left out ranks above one that could have given up its slot (see above), that pins stand
    where they are put, and that every story without a slot has one refusal with the rule that decided.
    """
    room = _Room(contenders, plans)
    led: Counter[str] = Counter()
    refused: list[tuple[int, Reason]] = []
    # Pins first, and beside the slots: they count towards their provider's share, and give way to nobody.
    for number, contender in enumerate(contenders):
        if contender.pinned:
            room.pin(number)
            led[contender.story.lead.provider.key] += 1
    for number, contender in enumerate(contenders):
        provider = contender.story.lead.provider.key
        if contender.pinned:
            continue
        if not contender.choices:
            refused.append((number, "no-section"))
        elif per_provider is not None and led[provider] >= per_provider:
            refused.append((number, "provider"))
        elif room.admit(number):
            led[provider] += 1
        else:
            refused.append((number, "share" if room.share_is_full(number) else "limit"))
    # After everybody had a chance within the shares: a share is a wish, a section's minimum a promise.
    beyond = _relax(room, refused)
    return Seating(
        plans=tuple(plans),
        seats=tuple(tuple(contenders[number].story for number in sorted(taken)) for taken in room.taken),
        refusals=tuple(_refusals(refused, room)),
        beyond=tuple(contenders[number].story for number in beyond),
    )


def _relax(room: _Room, refused: list[tuple[int, Reason]]) -> list[int]:
    """Let sections below their minimum take stories that only a share kept out.

    Returns the numbers of these stories, and takes them out of *refused*.
    """
    beyond: list[int] = []
    for place, plan in enumerate(room.plans):
        for number, reason in list(refused):
            if len(room.taken[place]) >= min(plan.minimum, plan.limit):
                break
            if reason in {"provider", "share"} and place in room.contenders[number].choices:
                room.taken[place].append(number)
                refused.remove((number, reason))
                beyond.append(number)
    return beyond


def _refusals(refused: Sequence[tuple[int, Reason]], room: _Room) -> Iterable[Rejection]:
    led: dict[str, list[Story]] = defaultdict(list)
    for number in sorted(number for taken in room.taken for number in taken):
        if not room.contenders[number].pinned:
            led[room.provider(number)].append(room.contenders[number].story)
    ways = room.ways_of({room.contenders[number].choices for number, _ in refused})
    for number, rule in refused:
        contender = room.contenders[number]
        plans, rivals = ways[contender.choices]
        held, sure = len(rivals), True
        slots: tuple[Story, ...] = ()
        if rule == "provider":
            free = room.has_free_slot(plans)
            # Where all slots are pinned no heat would help, so none is promised.
            slots, sure = () if free else rivals, free or bool(rivals)
            rivals, held = tuple(led[room.provider(number)]), room.count_of(number)
        elif rule == "share":
            plans, rivals, stuck = room.share_of(number)
            held, sure = len(rivals), stuck and not any(contender.pinned for contender in room.contenders)
        yield Rejection(story=contender.story, rule=rule, rivals=rivals, held=held, slots=slots, sure=sure, plans=plans)


_Way = tuple[tuple["SectionPlan", ...], tuple["Story", ...]]
"""Sections, and the stories that stand in them."""


@dataclass(slots=True)
class _Room:
    """Who stands where, while stories are admitted: slots by section number, stories by rank.

    *taken* holds the numbers of the stories in each section, *full* the sections that can never have room again.
    """

    contenders: Sequence[Contender]
    plans: Sequence[SectionPlan]
    taken: list[list[int]] = field(init=False)
    full: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.taken = [[] for _ in self.plans]

    def provider(self, number: int) -> str:
        return self.contenders[number].story.lead.provider.key

    def pin(self, number: int) -> None:
        """Seat a story where the editor wants it, in a slot or beside them."""
        self.taken[self.contenders[number].choices[0]].append(number)

    def admit(self, number: int) -> bool:
        """Give a story a slot, moving others where that helps; return whether it got one."""
        # For each section reached: the section and the occupant whose move led there, None where the story may enter it
        # itself. The chain of these is the augmenting path.
        came_from: dict[int, tuple[int, int] | None] = {
            place: None for place in self.contenders[number].choices if place not in self.full
        }
        queue = list(came_from)
        # The queue grows while it is read: breadth first, so the shortest chain of moves wins.
        for place in queue:
            step = came_from[place]
            entering = number if step is None else step[1]
            crowded = self._crowded(place, entering)
            if len(self.taken[place]) < self.plans[place].limit and not crowded:
                self._shift(number, place, came_from)
                return True
            for occupant in self.taken[place]:
                # In a section where the provider has its share, only one of its own stories makes room by leaving.
                if self.contenders[occupant].pinned or (crowded and self.provider(occupant) != self.provider(entering)):
                    continue
                for next_place in self.contenders[occupant].choices:
                    if next_place not in came_from and next_place not in self.full:
                        came_from[next_place] = (place, occupant)
                        queue.append(next_place)
        if all(plan.per_provider is None for plan in self.plans):
            # Whoever sits in a searched section can only move to another of them: none will ever have room again.
            self.full.update(queue)
        return False

    def share_is_full(self, number: int) -> bool:
        """Whether a section's share, and not its slots alone, kept a story out."""
        return any(self._crowded(place, number) for place in self.contenders[number].choices)

    def has_free_slot(self, plans: Iterable[SectionPlan]) -> bool:
        """Whether one of some sections has room."""
        return any(len(self.taken[self.plans.index(plan)]) < plan.limit for plan in plans)

    def count_of(self, number: int) -> int:
        """How many stories the provider of a story leads."""
        return sum(self.provider(other) == self.provider(number) for taken in self.taken for other in taken)

    def share_of(self, number: int) -> tuple[tuple[SectionPlan, ...], tuple[Story, ...], bool]:
        """Return the sections in which the provider of a story has its share, its stories there, and if they are stuck.

        If one of them could have moved to another section, less than its heat may have been enough.
        """
        crowded = [place for place in self.contenders[number].choices if self._crowded(place, number)]
        inside = sorted(seated for place in crowded for seated in self.taken[place])
        theirs = [seated for seated in inside if self.provider(seated) == self.provider(number)]
        stuck = all(set(self.contenders[their].choices) <= set(crowded) for their in theirs)
        return (
            tuple(self.plans[place] for place in crowded),
            tuple(self.contenders[their].story for their in theirs),
            stuck,
        )

    def ways_of(self, wanted: Iterable[tuple[int, ...]]) -> dict[tuple[int, ...], _Way]:
        """Return by choices what stands in the way of a story: where a free slot would help, and who is there.

        That is its own sections, and wherever a chain of moves leads from them. What is pinned gives way to none.
        """
        movable = [[seated for seated in taken if not self.contenders[seated].pinned] for taken in self.taken]
        moves = [{place for number in seated for place in self.contenders[number].choices} for seated in movable]
        # Many choices lead to the same few sets of sections; the stories of each set are collected once.
        ways: dict[tuple[int, ...], _Way] = {}
        reachable = {}
        for choices in wanted:
            queue = list(choices)
            for place in queue:
                queue += moves[place].difference(queue)
            reached = tuple(sorted(queue))
            if reached not in ways:
                rivals = sorted(rival for place in reached for rival in movable[place])
                plans = tuple(self.plans[place] for place in reached)
                ways[reached] = plans, tuple(self.contenders[rival].story for rival in rivals)
            reachable[choices] = ways[reached]
        return reachable

    def _crowded(self, place: int, number: int) -> bool:
        share = self.plans[place].per_provider
        if share is None:
            return False
        return sum(self.provider(other) == self.provider(number) for other in self.taken[place]) >= share

    def _shift(self, number: int, place: int, came_from: dict[int, tuple[int, int] | None]) -> None:
        while step := came_from[place]:
            previous, occupant = step
            self.taken[previous].remove(occupant)
            self.taken[place].append(occupant)
            place = previous
        self.taken[place].append(number)
