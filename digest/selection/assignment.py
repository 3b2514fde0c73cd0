"""Stories into the slots of sections: pins first, then by order, within caps, a total and what sections are promised.

A story may stand in several sections but takes one slot. Stories are taken in the order of the rules, and each is let
in if it can have a slot beside all that were let in before it (`slots`); so the outcome is the best in this sense:

    of any two ways to seat stories, the better is the one that has the first story, in order, that only one of them has

No story is traded for two lesser ones: a sum of heat would throw the hottest story of a capped outlet out for two
lukewarm ones, and has no meaning under other orders. The best way is that of greed whatever the caps are, because a
part of what can be seated together can be seated, too; a test compares it with every other way.

Caps (`per_provider`) hold, of the issue and of a section, also for a section that stays below its minimum; with
`soft_caps` it takes stories beyond them. A minimum of two or more is a promise: the slots are kept free within `total`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from heapq import merge
from typing import TYPE_CHECKING

from digest.config.values import Rules
from digest.selection.slots import SlotNetwork

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from digest.config.values import SectionPlan
    from digest.model import Story
    from digest.selection.contenders import Contenders

_UNCAPPED = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Which story stands where. *closed* are the sections left out as too thin: number to the stories they had.

    *is_certain*: neither a section that closed nor one that might have can make another story's heat worth more.
    """

    seating: Seating
    closed: dict[int, int]
    is_certain: bool


def assign(contenders: Contenders, plans: Sequence[SectionPlan], rules: Rules) -> Assignment:
    """Assign *contenders* to the slots of *plans*.

    Sections that too few stories match are closed. While another one is below its minimum, the thinnest is closed and
    everything assigned anew, because the stories of a closed section may find a slot elsewhere. A section with a pinned
    story is never closed.
    """
    kept = {contenders[number].choices[0] for number in contenders.pinned}
    closable = {number for number, plan in enumerate(plans) if plan.thin != "keep" and number not in kept}
    matching = [contenders.matching(number) for number in range(len(plans))]
    closed = {number: matching[number] for number in sorted(closable) if matching[number] < _least(plans[number])}
    # What is closed for want of matching stories is so whatever their heat; what closes later may not have been.
    is_certain = True
    while True:
        floors = _floors(plans, matching, closed, rules.total)
        seating = seat(contenders.without(closed) if closed else contenders, plans, rules, floors)
        thin = {
            number: len(seating.seats[number])
            for number in closable.difference(closed)
            # One that is empty takes nothing from the others.
            if 1 < _least(plans[number]) > len(seating.seats[number])
        }
        if not thin:
            is_certain = is_certain and not _may_close(plans, closable.difference(closed), rules, floors)
            return Assignment(seating=seating, closed=closed, is_certain=is_certain)
        # One at a time: its stories may fill the next thinnest, which then need not close. Of two alike the earlier
        # closes, so the result does not depend on chance.
        thinnest = min(thin, key=lambda number: (thin[number], number))
        closed[thinnest] = thin[thinnest]
        is_certain = False


def _least(plan: SectionPlan) -> int:
    """Return the fewest stories with which a section is open."""
    # A limit below the minimum would close a section for ever, so the smaller of both is asked for.
    return min(plan.minimum, plan.limit)


def _floors(
    plans: Sequence[SectionPlan], matching: Sequence[int], closed: Container[int], total: int | None
) -> list[int]:
    """Return how many slots each open section is promised: as many as its minimum, where it has stories for them.

    A minimum of one promises nothing: a section without a story is just not there. Of promises that the *total* cannot
    keep the later sections have none.
    """
    left = sum(plan.limit for plan in plans) if total is None else total
    floors = []
    for number, plan in enumerate(plans):
        floor = min(_least(plan), matching[number]) if plan.minimum > 1 and number not in closed else 0
        floors.append(floor if floor <= left else 0)
        left -= floors[-1]
    return floors


def _may_close(plans: Sequence[SectionPlan], closable: Iterable[int], rules: Rules, floors: Sequence[int]) -> bool:
    """Whether another story in the issue could leave a section below its minimum, which then would close.

    Within the slots alone one story takes the place of one other, and no section loses one that it is promised. Under
    the cap of an outlet it may begin a row of such changes.
    """
    promised = [number for number in closable if plans[number].minimum > 1]
    return any(rules.per_provider is not None or floors[number] < _least(plans[number]) for number in promised)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    """Which story stands in which section, in order. *beyond* were seated beyond a cap.

    *network* holds them by number, for who asks why another one has no slot (`refusals`).
    """

    plans: tuple[SectionPlan, ...]
    seats: tuple[tuple[Story, ...], ...]
    beyond: tuple[Story, ...] = ()
    network: SlotNetwork = field(compare=False, repr=False)


def seat(
    contenders: Contenders, plans: Sequence[SectionPlan], rules: Rules = _UNCAPPED, floors: Sequence[int] = ()
) -> Seating:
    """Assign *contenders* to the sections of *plans*, within the caps and the total of *rules*.

    *floors* are the slots that each section is promised. Guarantees that the outcome is the best (see above), and that
    pins stand where they are put.
    """
    network = SlotNetwork(contenders, plans, floors, rules.total)
    led: Counter[str] = Counter()
    # Pins first, and beside the slots: they count towards their outlet's cap, and give way to nobody.
    for number in contenders.pinned:
        network.put(number, contenders[number].choices[0])
        led[network.outlet(number)] += 1
    for number in _coming(contenders, network):
        outlet = network.outlet(number) if rules.per_provider is not None else ""
        if (rules.per_provider is None or led[outlet] < rules.per_provider) and network.admit(number):
            led[outlet] += 1
            if network.is_full:
                break
    network.keep_floors()
    if rules.soft_caps:
        _go_beyond_caps(network, rules.total)
    return Seating(
        plans=tuple(plans),
        seats=tuple(tuple(contenders[number].story for number in sorted(taken)) for taken in network.taken),
        beyond=tuple(contenders[number].story for number in network.beyond),
        network=network,
    )


def _coming(contenders: Contenders, network: SlotNetwork) -> Iterator[int]:
    """Yield the contenders in order, each once, but for those before whom all their sections are shut."""

    def before(place: int) -> Iterator[int]:
        for number in contenders.of(place):
            if network.is_shut(place):
                return
            yield number

    last = None
    for number in merge(*map(before, range(len(network.plans)))):
        if number != last:
            yield number
        last = number


def _go_beyond_caps(network: SlotNetwork, total: int | None) -> None:
    """Let sections below their minimum take stories that only a cap kept out, as long as the *total* has room."""
    left = None if total is None else total - sum(map(len, network.taken))
    for place, plan in enumerate(network.plans):
        for number in network.contenders.of(place):
            if len(network.taken[place]) >= _least(plan) or (left is not None and len(network.beyond) >= left):
                break
            if not network.holds(number):
                network.put(number, place)
                network.beyond.append(number)
