"""Why a story has no slot: which limit keeps it out, and whose leaving would have let it in. Seats nobody.

It is worked out when verdicts are asked and not while slots are given: most of it is about stories that never came near
one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.config.values import Rules, SectionPlan
    from digest.model import Story
    from digest.selection.assignment import Assignment
    from digest.selection.slots import SlotNetwork

Reason = Literal["no-section", "provider", "share", "limit"]
"""Why a story has no slot: no section takes it, its outlet has as many as it may in the issue or in its sections, or
all slots are taken."""


# A named tuple: thousands are made for each choice, and a frozen dataclass takes three times as long.
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


def of(outcome: Assignment, rules: Rules) -> list[Rejection]:
    """Return what keeps out each contender that has no slot in *outcome*, in order."""
    network = outcome.seating.network
    # A story seated beyond a cap tells nothing of the others, nor does one that might have kept a section open.
    is_certain = outcome.is_certain and not network.beyond
    led: dict[str, list[int]] = defaultdict(list)
    for number in sorted(chain.from_iterable(network.taken)):
        led[network.outlet(number)].append(number)
    rejections = []
    for number, rule in _refused(network, rules):
        story = network.contenders[number].story
        if rule == "no-section":
            rejections.append(Rejection(story=story, rule=rule))
        elif rule == "provider":
            rejections.append(_for_an_outlet(number, led[network.outlet(number)], network, is_certain=is_certain))
        else:
            rejections.append(_for_a_slot(number, network, is_certain=is_certain))
    return rejections


def _refused(network: SlotNetwork, rules: Rules) -> Iterator[tuple[int, Reason]]:
    """Yield the contenders that have no slot, each with what kept it out when its turn came."""
    led = Counter(map(network.outlet, network.contenders.pinned))
    for number, contender in network.contenders.each():
        if network.holds(number):
            # The share of its outlet was the reason before somebody went beyond it.
            led[network.outlet(number)] += not contender.pinned and number not in network.beyond
        elif not contender.choices:
            yield number, "no-section"
        elif rules.per_provider is not None and led[network.outlet(number)] >= rules.per_provider:
            yield number, "provider"
        else:
            yield number, "limit"


def _for_a_slot(number: int, network: SlotNetwork, *, is_certain: bool) -> Rejection:
    """Return what keeps a story out whose sections are full; *is_certain*: to come before its last rival lets it in."""
    reach = network.reach(number)
    # Reached are only places where its own outlet has its share: nobody else's leaving would help.
    is_share = not reach.sections
    places = reach.outlets if is_share else reach.sections
    return Rejection(
        story=network.contenders[number].story,
        rule="share" if is_share else "limit",
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
