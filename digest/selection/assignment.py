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

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

from digest.config.values import Rules
from digest.selection.slots import SlotNetwork

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from digest.config.values import SectionPlan
    from digest.model import Story
    from digest.selection.candidates import Candidates
    from digest.selection.edits import Places

_UNCAPPED = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Which story stands where. *closed* are the sections left out as too thin: number to the stories they had."""

    seating: Seating
    closed: dict[int, int]


def assign(
    stories: Sequence[Story], plans: Sequence[SectionPlan], rules: Rules, pool: Candidates, places: Places
) -> Assignment:
    """Assign *stories*, which come in the order of the rules, to the slots of *plans*; the editor's *places* first.

    Sections that too few stories match are closed. While another one is below its minimum, the thinnest is closed and
    everything assigned anew, because the stories of a closed section may find a slot elsewhere. A section with a pinned
    story is never closed.
    """
    pins, moves = places
    fitting = choices(stories, plans)
    contenders = _contenders(stories, plans, fitting, (pins, moves), pool)
    closable = {number for number, plan in enumerate(plans) if plan.thin != "keep" and number not in pins.values()}
    matching = Counter(chain.from_iterable(contender.choices for contender in contenders))
    closed = {number: matching[number] for number in sorted(closable) if matching[number] < _least(plans[number])}
    # What is closed for want of matching stories is so whatever their heat; what closes later may not have been.
    is_certain = True
    while True:
        floors = _floors(plans, matching, closed, rules.total)
        seating = seat(_without(contenders, closed), plans, rules, floors)
        thin = {
            number: len(seating.seats[number])
            for number in closable.difference(closed)
            # One that is empty takes nothing from the others.
            if 1 < _least(plans[number]) > len(seating.seats[number])
        }
        if not thin:
            is_certain = is_certain and not _may_close(plans, closable.difference(closed), rules, floors)
            return Assignment(seating=seating if is_certain else _unsure(seating), closed=closed)
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
    plans: Sequence[SectionPlan], matching: Mapping[int, int], closed: Container[int], total: int | None
) -> list[int]:
    """Return how many slots each open section is promised: as many as its minimum, where it has stories for them.

    A minimum of one promises nothing: a section without a story is just not there. Of promises that the *total* cannot
    keep the later sections have none.
    """
    left = sum(plan.limit for plan in plans) if total is None else total
    floors = []
    for number, plan in enumerate(plans):
        floor = min(_least(plan), matching.get(number, 0)) if plan.minimum > 1 and number not in closed else 0
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


def _unsure(seating: Seating) -> Seating:
    """Mark all refusals as unsure: the heat that would have been enough cannot be named.

    A hotter story could have kept a section open, or closed one, and then everything else would have been another.
    """
    return replace(seating, refusals=tuple(refusal._replace(sure=False) for refusal in seating.refusals))


def _without(contenders: Sequence[Contender], closed: Container[int]) -> list[Contender]:
    return [
        contender
        if all(choice not in closed for choice in contender.choices)
        else contender._replace(choices=tuple(choice for choice in contender.choices if choice not in closed))
        for contender in contenders
    ]


def _contenders(
    stories: Sequence[Story],
    plans: Sequence[SectionPlan],
    fitting: Sequence[tuple[int, ...]],
    places: Places,
    pool: Candidates,
) -> list[Contender]:
    pins, moves = places
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
        contenders.append(Contender(story=story, choices=choices))
    return contenders


Reason = Literal["no-section", "provider", "share", "limit"]
"""Why a story has no slot: no section takes it, its outlet has as many as it may in the issue or in its sections, or
all slots are taken."""


# A named tuple, as the next: thousands are made for each choice, and a frozen dataclass takes three times as long.
class Contender(NamedTuple):
    """A story that competes for a slot, and the numbers of the sections that take it, best first.

    *pinned*: it stands in its one section whatever the limits say.
    """

    story: Story
    choices: tuple[int, ...]
    pinned: bool = False


class Rejection(NamedTuple):
    """A story without a slot.

    *rivals* stand in its way, in order, of *held* that do: the editor's pins give way to none and are no rivals.
    *plans* are the sections where a slot would help; *whole*: all slots of the issue are taken, and one anywhere beyond
    what sections are promised would help. *slots* are the stories to beat as well, where a cap is the first reason.
    *sure* says whether to come before the last of them is enough, and no less is; *is_elsewhere*, that it stands in
    none of *plans*, and lets others move up by leaving.
    """

    story: Story
    rule: Reason
    rivals: tuple[Story, ...] = ()
    held: int = 0
    slots: tuple[Story, ...] = ()
    sure: bool = True
    plans: tuple[SectionPlan, ...] = ()
    whole: bool = False
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    """Which story stands in which section, in order, and who stayed out. *beyond* were seated beyond a cap."""

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


def seat(
    contenders: Sequence[Contender], plans: Sequence[SectionPlan], rules: Rules = _UNCAPPED, floors: Sequence[int] = ()
) -> Seating:
    """Assign *contenders*, which come in order, to the sections of *plans*, within the caps and the total of *rules*.

    *floors* are the slots that each section is promised. Guarantees that the outcome is the best (see above), that pins
    stand where they are put, and that every story without a slot has one refusal with the rule that decided.
    """
    network = SlotNetwork(contenders, plans, floors, rules.total)
    led: Counter[str] = Counter()
    refused: list[tuple[int, Reason]] = []
    # Pins first, and beside the slots: they count towards their outlet's cap, and give way to nobody.
    for number, contender in enumerate(contenders):
        if contender.pinned:
            network.put(number, contender.choices[0])
            led[network.outlet(number)] += 1
    for number, contender in enumerate(contenders):
        outlet = network.outlet(number)
        if contender.pinned:
            continue
        if not contender.choices:
            refused.append((number, "no-section"))
        elif rules.per_provider is not None and led[outlet] >= rules.per_provider:
            refused.append((number, "provider"))
        elif network.admit(number):
            led[outlet] += 1
        else:
            refused.append((number, "limit"))
    network.keep_floors()
    beyond = _go_beyond_caps(network, refused, rules.total) if rules.soft_caps else []
    return Seating(
        plans=tuple(plans),
        seats=tuple(tuple(contenders[number].story for number in sorted(taken)) for taken in network.taken),
        refusals=tuple(_rejections(refused, network, is_certain=not beyond)),
        beyond=tuple(contenders[number].story for number in beyond),
    )


def _go_beyond_caps(network: SlotNetwork, refused: list[tuple[int, Reason]], total: int | None) -> list[int]:
    """Let sections below their minimum take stories that only a cap kept out, as long as the *total* has room.

    Returns the numbers of these stories, and takes them out of *refused*.
    """
    beyond: list[int] = []
    left = None if total is None else total - sum(map(len, network.taken))
    for place, plan in enumerate(network.plans):
        for number, reason in list(refused):
            if len(network.taken[place]) >= _least(plan) or (left is not None and len(beyond) >= left):
                break
            if reason != "no-section" and place in network.contenders[number].choices:
                network.put(number, place)
                refused.remove((number, reason))
                beyond.append(number)
    return beyond


def _rejections(
    refused: Sequence[tuple[int, Reason]], network: SlotNetwork, *, is_certain: bool
) -> Iterator[Rejection]:
    """Yield what keeps each story out; *is_certain*: to come before its last rival lets it in, and nothing less."""
    led: dict[str, list[int]] = defaultdict(list)
    for number in sorted(chain.from_iterable(network.taken)):
        led[network.outlet(number)].append(number)
    for number, rule in refused:
        story = network.contenders[number].story
        if rule == "no-section":
            yield Rejection(story=story, rule=rule)
        elif rule == "provider":
            yield _for_an_outlet(number, led[network.outlet(number)], network, is_certain=is_certain)
        else:
            reach = network.reach(number)
            # Reached are only places where its own outlet has its share: nobody else's leaving would help.
            is_share = not reach.sections
            places = reach.outlets if is_share else reach.sections
            yield Rejection(
                story=story,
                rule="share" if is_share else rule,
                rivals=reach.rivals,
                held=len(_of_its_outlet(number, places, network)) if is_share else len(reach.rivals),
                sure=is_certain and bool(reach.rivals),
                plans=tuple(network.plans[place] for place in places),
                whole=reach.whole,
                is_elsewhere=reach.is_elsewhere,
            )


def _for_an_outlet(number: int, led: Sequence[int], network: SlotNetwork, *, is_certain: bool) -> Rejection:
    """Return what keeps a story out whose outlet leads as many of the issue as it may, those numbered in *led*."""
    reach = network.reach(number)
    rivals = [network.contenders[other].story for other in led if not network.contenders[other].pinned]
    return Rejection(
        story=network.contenders[number].story,
        rule="provider",
        rivals=tuple(rivals),
        held=len(led),
        slots=reach.rivals,
        # Where all slots are pinned no heat would help, so none is promised.
        sure=is_certain and bool(rivals) and (reach.is_open or bool(reach.rivals)),
        plans=tuple(network.plans[place] for place in reach.sections),
        whole=reach.whole,
    )


def _of_its_outlet(number: int, places: Iterable[int], network: SlotNetwork) -> list[int]:
    """Return the stories in *places* that the outlet of a story leads."""
    inside = chain.from_iterable(network.taken[place] for place in places)
    return [other for other in inside if network.outlet(other) == network.outlet(number)]
