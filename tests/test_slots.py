"""Who gets a slot: digest/selection/assignment.py against every other way to seat the stories."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import permutations, product
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from digest.config.values import Match, Order, Rules, SectionPlan
from digest.model import Article, Provider, Story, Text, Window
from digest.selection import assignment, order, reasons, refusals
from digest.selection.candidates import Candidates
from digest.selection.contenders import Contender, ContenderList, choices, of_race
from digest.selection.slots import SlotNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.selection.refusals import Rejection

TOPICS = ("A", "B", "C", "D")
NAMES: tuple[Order, ...] = ("heat", "quality", "earliest")
RANK = order.by(NAMES)


def story(heat: float, topics: Sequence[str], number: int = 0, provider: str = "P", quality: int = 0) -> Story:
    """Return a story with that heat and those topics."""
    return Story(
        lead=Article(
            path=f"{number:03}.md",
            title=Text(f"story {number}"),
            excerpt=Text(""),
            provider=Provider(name=Text(provider)),
            topics=tuple(Text(topic) for topic in topics),
            heat=heat,
            quality=quality,
        )
    )


def plan(topics: Sequence[str], limit: int, minimum: int = 0, per_provider: int | None = None) -> SectionPlan:
    """Return a section that takes any of those topics."""
    match = Match(any=tuple(topics))
    return SectionPlan(title="+".join(topics), match=match, limit=limit, minimum=minimum, per_provider=per_provider)


TOPIC_SETS = st.lists(st.sampled_from(TOPICS), min_size=1, max_size=3, unique=True)
STORIES = st.lists(st.tuples(st.integers(0, 6), TOPIC_SETS, st.sampled_from("PQR"), st.integers(0, 1)), max_size=7).map(
    lambda rows: [story(heat, topics, number, name, good) for number, (heat, topics, name, good) in enumerate(rows)]
)
PLANS = st.lists(st.tuples(TOPIC_SETS, st.integers(0, 2)), min_size=1, max_size=4).map(
    lambda rows: [plan(topics, limit) for topics, limit in rows]
)
SHARED_PLANS = st.lists(
    st.tuples(TOPIC_SETS, st.integers(0, 3), st.integers(0, 2), st.none() | st.integers(1, 2)), min_size=1, max_size=3
).map(lambda rows: [plan(*row) for row in rows])
SHARE = st.none() | st.integers(1, 3)


def seat(stories: Sequence[Story], plans: Sequence[SectionPlan], per_provider: int | None = None) -> assignment.Seating:
    """Seat *stories*, in order, wherever they fit."""
    return assigned(stories, plans, Rules(per_provider=per_provider, soft_caps=True)).seating


def refused(stories: Sequence[Story], plans: Sequence[SectionPlan], per_provider: int | None = None) -> list[Rejection]:
    """Return what keeps out each of *stories* that `seat` seats nowhere."""
    rules = Rules(per_provider=per_provider, soft_caps=True)
    return refusals.of(assigned(stories, plans, rules), rules)


def assigned(
    stories: Sequence[Story], plans: Sequence[SectionPlan], rules: Rules, pins: Mapping[str, int] | None = None
) -> assignment.Assignment:
    """Assign *stories* to sections; *pins* are numbers of sections by path."""
    ranked = sorted(stories, key=RANK)
    placed = {number: pins[one.lead.path] for number, one in enumerate(ranked) if pins and one.lead.path in pins}
    return assignment.assign(of_race(ranked, plans, NOTHING_SPECIAL, (placed, {})), plans, rules)


NOTHING_SPECIAL = Candidates(
    candidates=(),
    window=Window(first=date(2020, 11, 5), last=date(2020, 11, 11), timezone="UTC"),
    late=frozenset(),
    wide=frozenset(),
    pinned=frozenset(),
)


def seated(seating: assignment.Seating) -> list[Story]:
    """Return all stories with a slot, section by section."""
    return [one for stories in seating.seats for one in stories]


def wheres(stories: Sequence[Story], plans: Sequence[SectionPlan]) -> list[list[int | None]]:
    """Return for each story where it may be: nowhere, or in one of its sections."""
    return [
        [None, *(number for number, one in enumerate(plans) if set(one.match.any) & set(each.lead.topics))]
        for each in stories
    ]


def fits(choice: Sequence[int | None], plans: Sequence[SectionPlan]) -> bool:
    """Whether no section has more stories than slots."""
    return all(choice.count(number) <= one.limit for number, one in enumerate(plans))


def best(stories: Sequence[Story], plans: Sequence[SectionPlan]) -> list[tuple[object, ...]]:
    """Return the best possible set of stories as sorted keys, by trying every way to seat them."""
    found = [
        sorted(RANK(each) for each, where in zip(stories, choice, strict=True) if where is not None)
        for choice in product(*wheres(stories, plans))
        if fits(choice, plans)
    ]
    # The better set is the one that is first in the order of stories where they differ; a longer one beats its part.
    return min(found, key=lambda keys: [*keys, (float("inf"),)])


def can_all_sit(stories: Sequence[Story], plans: Sequence[SectionPlan]) -> bool:
    """Whether there is a way to give each of *stories* a slot."""
    return any(None not in choice and fits(choice, plans) for choice in product(*wheres(stories, plans)))


@given(STORIES, PLANS)
def test_the_admitted_set_is_optimal(stories: list[Story], plans: list[SectionPlan]) -> None:
    """No other way to seat the stories admits a better set."""
    admitted = sorted(RANK(one) for one in seated(seat(stories, plans)))

    assert best(stories, plans) == admitted


@given(STORIES, PLANS)
def test_nobody_is_left_out_behind_one_who_could_have_given_up_its_slot(
    stories: list[Story], plans: list[SectionPlan]
) -> None:
    """No story without a slot could take that of a worse one, however the others move."""
    seating = seat(stories, plans)
    inside = seated(seating)

    for refusal in refused(stories, plans):
        for worse in (one for one in inside if RANK(one) > RANK(refusal.story)):
            assert not can_all_sit([refusal.story, *(one for one in inside if one is not worse)], plans)


@given(STORIES, PLANS, SHARE)
def test_every_story_is_seated_once_or_refused(
    stories: list[Story], plans: list[SectionPlan], per_provider: int | None
) -> None:
    """A story has one slot or one refusal, limits and the share of a provider hold, and a seat fits its topics."""
    seating = seat(stories, plans, per_provider)
    told = [one.lead.path for one in seated(seating)] + [
        refusal.story.lead.path for refusal in refused(stories, plans, per_provider)
    ]

    assert sorted(one.lead.path for one in stories) == sorted(told)
    for number, one in enumerate(plans):
        assert len(seating.seats[number]) <= one.limit
        assert all(one.match.takes(each) for each in seating.seats[number])
    providers = [one.lead.provider.name for one in seated(seating)]
    assert per_provider is None or all(providers.count(name) <= per_provider for name in providers)


@given(STORIES, SHARED_PLANS, SHARE)
def test_shares_hold_unless_a_section_would_be_too_thin(
    stories: list[Story], plans: list[SectionPlan], per_provider: int | None
) -> None:
    """Without the stories that are told to be beyond a share, every share of issue and section holds."""
    seating = seat(stories, plans, per_provider)
    within = [[one.lead.provider.name for one in some if one not in seating.beyond] for some in seating.seats]

    for one, names in zip(plans, within, strict=True):
        assert one.per_provider is None or all(names.count(name) <= one.per_provider for name in names)
    everyone = [name for names in within for name in names]
    assert per_provider is None or all(everyone.count(name) <= per_provider for name in everyone)


@given(STORIES, SHARED_PLANS, SHARE)
def test_nobody_goes_beyond_a_share_but_for_a_minimum(
    stories: list[Story], plans: list[SectionPlan], per_provider: int | None
) -> None:
    """A section with a story beyond a share has no more stories than its minimum, and never more than its slots."""
    seating = seat(stories, plans, per_provider)

    for one, some in zip(plans, seating.seats, strict=True):
        assert len(some) <= one.limit
        assert len(some) <= one.minimum or not set(seating.beyond).intersection(some)


@given(STORIES, SHARED_PLANS, SHARE)
def test_everyone_has_one_place_with_shares_too(
    stories: list[Story], plans: list[SectionPlan], per_provider: int | None
) -> None:
    """Whatever shares and minimums there are, a story has exactly one slot or one refusal."""
    seating = seat(stories, plans, per_provider)
    told = [one.lead.path for one in seated(seating)] + [
        refusal.story.lead.path for refusal in refused(stories, plans, per_provider)
    ]

    assert sorted(one.lead.path for one in stories) == sorted(told)


@given(STORIES, PLANS, st.none() | st.integers(1, 2))
def test_one_degree_more_than_the_last_rival_is_enough(
    stories: list[Story], plans: list[SectionPlan], per_provider: int | None
) -> None:
    """A story refused for want of a slot gets in with one degree more than its last rival, not with one degree less."""
    for refusal in refused(stories, plans, per_provider):
        if refusal.rule == "limit" and refusal.rivals:
            rest = [one for one in stories if one is not refusal.story]
            number = int(refusal.story.lead.path[:3])
            rival = refusal.rivals[-1].lead.heat or 0
            hotter = story(rival + 1, refusal.story.lead.topics, number, refusal.story.lead.provider.name)
            colder = story(max(rival - 1, 0), refusal.story.lead.topics, number, refusal.story.lead.provider.name)
            assert hotter in seated(seat([*rest, hotter], plans, per_provider))
            assert rival == 0 or colder not in seated(seat([*rest, colder], plans, per_provider))


@given(STORIES, PLANS, st.randoms())
def test_the_order_of_the_input_changes_nothing(stories: list[Story], plans: list[SectionPlan], random: object) -> None:
    """The same stories in any order are seated alike."""
    shuffled = list(stories)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random

    assert seat(stories, plans) == seat(shuffled, plans)


@given(STORIES, st.lists(st.sampled_from(NAMES), unique=True))
def test_the_order_is_total(stories: list[Story], names: list[Order]) -> None:
    """No two stories rank alike, by whatever keys."""
    assert len({order.by(names)(one) for one in stories}) == len(stories)


def test_a_story_moves_over_to_make_room() -> None:
    """A story that has another section leaves its slot to one that has not."""
    both, only = story(90, "AB", 1), story(50, "A", 2)

    seating = seat([both, only], [plan("A", 1), plan("B", 1)])

    assert ((only,), (both,)) == seating.seats


def test_narrow_topics_keep_theirs() -> None:
    """A story prefers the section with fewer stories to choose from, so that the umbrella takes what remains."""
    narrow, wide = story(90, "AB", 1), story(80, "A", 2)

    seating = seat([narrow, wide], [plan("A", 2), plan("B", 1)])

    assert ((wide,), (narrow,)) == seating.seats


def test_a_long_chain_of_moves_is_found() -> None:
    """Every story moves one section on to let the last one in."""
    chain = [story(90 - number, TOPICS[number : number + 2], number) for number in range(3)]
    last = story(1, "A", 9)

    seating = seat([*chain, last], [plan(topic, 1) for topic in TOPICS])

    assert [last, *chain] == seated(seating)


def test_equal_stories_stand_by_path() -> None:
    """Heat decides, then quality, then the earlier publication, then the path, in any order of the input."""
    stories = [story(5, "A", 3), story(5, "A", 2), story(7, "A", 9), story(5, "A", 1)]

    found = {tuple(seat(ordered, [plan("A", 4)]).seats[0]) for ordered in permutations(stories)}

    assert {(stories[2], stories[3], stories[1], stories[0])} == found


def test_a_pinned_story_is_seated_beyond_the_limit() -> None:
    """Pinned stories all stand in their section, and leave the others only what remains of it."""
    pins = [Contender(story=story(1, "A", number), choices=(0,), pinned=True) for number in (1, 2)]
    hot = Contender(story=story(99, "A", 3), choices=(0,))

    seating = assignment.seat(ContenderList([hot, *pins]), [plan("A", 1)])

    assert ((pins[0].story, pins[1].story),) == seating.seats


def test_a_pinned_story_stays_where_it_is() -> None:
    """A pinned story does not move over, though its topics would let it."""
    pin = Contender(story=story(1, "AB", 1), choices=(0,), pinned=True)
    hot = Contender(story=story(99, "A", 2), choices=(0,))

    assert ((pin.story,), ()) == assignment.seat(ContenderList([hot, pin]), [plan("A", 1), plan("B", 1)]).seats


def test_a_pinned_story_counts_for_its_provider() -> None:
    """The share of a provider includes what the editor pinned."""
    pin = Contender(story=story(1, "A", 1), choices=(0,), pinned=True)
    hot = Contender(story=story(99, "A", 2), choices=(0,))

    assert ((pin.story,),) == assignment.seat(ContenderList([hot, pin]), [plan("A", 2)], Rules(per_provider=1)).seats


def test_a_section_below_its_minimum_takes_beyond_the_share() -> None:
    """With too few stories otherwise, the best of those that a share kept out come in, and are told apart."""
    stories = [story(9 - number, "A", number) for number in range(4)]

    seating = seat(stories, [plan("A", 4, minimum=2, per_provider=1)])

    assert (tuple(stories[:2]), (stories[1],)) == (seating.seats[0], seating.beyond)


CAPPED_PLANS = st.lists(
    st.tuples(TOPIC_SETS, st.integers(0, 3), st.integers(0, 3), st.none() | st.integers(1, 2), st.booleans()),
    min_size=1,
    max_size=3,
).map(
    lambda rows: [
        replace(plan(topics, limit, minimum, share), thin="keep" if keeps else "skip")
        for topics, limit, minimum, share, keeps in rows
    ]
)
RULES = st.builds(Rules, per_provider=SHARE, total=st.none() | st.integers(1, 6), soft_caps=st.booleans())
HARD = st.builds(Rules, per_provider=SHARE, total=st.none() | st.integers(1, 6))
PINS = st.dictionaries(st.sampled_from(["000.md", "001.md", "002.md"]), st.just(0), max_size=2)


def keeps_rules(
    choice: Sequence[int | None], stories: Sequence[Story], plans: Sequence[SectionPlan], rules: Rules,
    floors: Sequence[int], pins: Mapping[str, int],
) -> bool:  # fmt: skip
    """Whether *choice*, a section for each story or None, is a way to seat them; pins stand beside all limits."""
    free = [one.lead.path not in pins for one in stories]
    every = list(zip(choice, [one.lead.provider.key for one in stories], free, strict=True))
    for number, one in enumerate(plans):
        inside = [(name, is_free) for where, name, is_free in every if where == number]
        names = [name for name, _ in inside]
        if any(is_free for _, is_free in inside) and len(inside) > one.limit:
            return False
        if one.per_provider and any(is_free and names.count(name) > one.per_provider for name, is_free in inside):
            return False
    seated = [(name, is_free) for where, name, is_free in every if where is not None]
    names = [name for name, _ in seated]
    if rules.per_provider and any(is_free and names.count(name) > rules.per_provider for name, is_free in seated):
        return False
    counts = [choice.count(number) for number in range(len(plans))]
    promised = sum(max(count, floor) for count, floor in zip(counts, floors, strict=True))
    alone = [sum(pins.get(one.lead.path) == number for one in stories) for number in range(len(plans))]
    least = sum(max(count, floor) for count, floor in zip(alone, floors, strict=True))
    return rules.total is None or promised <= max(rules.total, least)


def best_set(
    stories: Sequence[Story], plans: Sequence[SectionPlan], rules: Rules, floors: Sequence[int], pins: Mapping[str, int]
) -> list[str]:
    """Return the paths of the best set of stories, in order, by trying every way to seat them."""
    ranked = sorted(stories, key=RANK)
    ways = [
        [pins[each.lead.path]] if each.lead.path in pins else places
        for each, places in zip(ranked, wheres(ranked, plans), strict=True)
    ]
    # The better way has the first story that only one of them has.
    best = max(
        (choice for choice in product(*ways) if keeps_rules(choice, ranked, plans, rules, floors, pins)),
        key=lambda choice: [where is not None for where in choice],
    )
    return [one.lead.path for one, where in zip(ranked, best, strict=True) if where is not None]


@given(STORIES, CAPPED_PLANS, HARD, PINS, st.lists(st.integers(0, 2), min_size=3, max_size=3))
def test_caps_totals_and_floors_against_every_other_way(
    stories: list[Story], plans: list[SectionPlan], rules: Rules, pins: dict[str, int], wanted: list[int]
) -> None:
    """Within caps of issue and sections, a total and promised slots, no other way to seat the stories is better."""
    ranked = sorted(stories, key=RANK)
    pins = {path: place for path, place in pins.items() if path in {one.lead.path for one in stories}}
    floors = [min(floor, one.limit) for floor, one in zip(wanted, plans, strict=False)]
    if rules.total is not None and sum(floors) > rules.total:
        floors = [0] * len(plans)
    contenders = [
        Contender(story=one, choices=(pins[one.lead.path],), pinned=True)
        if one.lead.path in pins
        else Contender(story=one, choices=places)
        for one, places in zip(ranked, choices(ranked, plans), strict=True)
    ]
    seating = assignment.seat(ContenderList(contenders), plans, rules, floors)

    admitted = [one.lead.path for one in sorted(seated(seating), key=RANK)]
    assert best_set(stories, plans, rules, floors, pins) == admitted


def heated(stories: Sequence[Story], path: str, heat: int) -> list[Story]:
    """Return *stories*, the one at *path* with another heat."""
    return [replace(one, lead=replace(one.lead, heat=heat)) if one.lead.path == path else one for one in stories]


@given(STORIES, CAPPED_PLANS, RULES, PINS)
def test_the_heat_that_would_have_been_enough(
    stories: list[Story], plans: list[SectionPlan], rules: Rules, pins: dict[str, int]
) -> None:
    """With the heat that a verdict names the story has a slot, with one degree less it has none."""
    outcome = assigned(stories, plans, rules, pins)
    for verdict in reasons.refused(outcome, NOTHING_SPECIAL, rules):
        enough = re.search(r"heat (\d+) would have been enough", verdict.because)
        if enough:
            path, heat = verdict.article.path, int(enough[1])
            for now, is_in in ((heat, True), (heat - 1, False)):
                seating = assigned(heated(stories, path, now), plans, rules, pins).seating
                assert (path in {one.lead.path for one in seated(seating)}) is is_in, (now, verdict.because)


@given(STORIES, CAPPED_PLANS, RULES, PINS)
def test_hard_caps_hold_and_everyone_is_told(
    stories: list[Story], plans: list[SectionPlan], rules: Rules, pins: dict[str, int]
) -> None:
    """A story has one slot or one refusal, and beyond a cap or the total stand only pins and what is told to."""
    outcome = assigned(stories, plans, rules, pins)
    seating = outcome.seating
    out = [refusal.story.lead.path for refusal in refusals.of(outcome, rules)]

    assert sorted([one.lead.path for one in seated(seating)] + out) == sorted(one.lead.path for one in stories)
    assert rules.soft_caps or not seating.beyond
    within = [
        [one.lead.provider.key for one in some if one not in seating.beyond and one.lead.path not in pins]
        for some in seating.seats
    ]
    for one, names in zip(plans, within, strict=True):
        assert one.per_provider is None or all(names.count(name) <= one.per_provider for name in names)
    everyone = [name for names in within for name in names]
    assert rules.per_provider is None or all(everyone.count(name) <= rules.per_provider for name in everyone)
    beyond_total = [one for one in seated(seating) if one.lead.path not in pins]
    assert rules.total is None or len(beyond_total) <= rules.total


def one_by_one(
    contenders: ContenderList, plans: Sequence[SectionPlan], rules: Rules, floors: Sequence[int]
) -> tuple[list[list[int]], list[tuple[int, str]]]:
    """Return who stands where if each contender is asked in its turn, to the last, and why each of the others does not.

    The rule as `seat` follows it without ever stopping; whom a share or the slots keep out is noted in that turn.
    """
    network = SlotNetwork(contenders, plans, floors, rules.total)
    led: Counter[str] = Counter()
    out: list[tuple[int, str]] = []
    for number in contenders.pinned:
        network.put(number, contenders[number].choices[0])
        led[network.outlet(number)] += 1
    for number, contender in contenders.each():
        if contender.pinned:
            continue
        if not contender.choices:
            out.append((number, "no-section"))
        elif rules.per_provider is not None and led[network.outlet(number)] >= rules.per_provider:
            out.append((number, "provider"))
        elif network.admit(number):
            led[network.outlet(number)] += 1
        else:
            out.append((number, "limit"))
    network.keep_floors()
    return network.taken, out


MANY_STORIES = st.lists(
    st.tuples(st.integers(0, 9), TOPIC_SETS, st.sampled_from("PQR"), st.integers(0, 1)), min_size=4, max_size=30
).map(lambda rows: [story(heat, topics, number, name, good) for number, (heat, topics, name, good) in enumerate(rows)])


@given(MANY_STORIES, CAPPED_PLANS, HARD, PINS, st.lists(st.integers(0, 2), min_size=3, max_size=3))
def test_to_stop_when_no_slot_is_free_changes_nothing(
    stories: list[Story], plans: list[SectionPlan], rules: Rules, pins: dict[str, int], wanted: list[int]
) -> None:
    """Everyone stands where they would if all were asked, and has the reason that their own turn would have given."""
    ranked = sorted(stories, key=RANK)
    placed = {number: pins[one.lead.path] for number, one in enumerate(ranked) if one.lead.path in pins}
    contenders = of_race(ranked, plans, NOTHING_SPECIAL, (placed, {}))
    floors = [min(floor, one.limit) for floor, one in zip(wanted, plans, strict=False)]
    if rules.total is not None and sum(floors) > rules.total:
        floors = [0] * len(plans)
    taken, out = one_by_one(contenders, plans, rules, floors)

    seating = assignment.seat(contenders, plans, rules, floors)
    outcome = assignment.Assignment(seating=seating, closed={}, is_certain=True)

    assert seating.network.taken == taken
    told = [
        (refusal.story.lead.path, refusal.rule.replace("share", "limit")) for refusal in refusals.of(outcome, rules)
    ]
    assert told == [(contenders[number].story.lead.path, rule) for number, rule in out]


def test_a_total_keeps_what_sections_are_promised() -> None:
    """The hottest stories take what the total leaves beside the minimum of each section."""
    stories = [story(90 - number, "A", number) for number in range(5)] + [story(9, "B", 8), story(8, "B", 9)]

    outcome = assigned(stories, [plan("A", 5), plan("B", 3, minimum=2)], Rules(total=4))

    assert [len(some) for some in outcome.seating.seats] == [2, 2]
    assert next(verdict.because for verdict in reasons.refused(outcome, NOTHING_SPECIAL, Rules(total=4))) == (
        "all 4 slots of the issue (`total`) went to hotter stories; the last that could make way is “story 1” "
        "(heat 89, P); heat 90 would have been enough"
    )


def test_a_section_gets_its_minimum_from_one_that_can_spare_it() -> None:
    """A story that fits two sections stands where a minimum is asked for, and nobody loses a slot for it."""
    both = [story(90, "AB", 1), story(80, "AB", 2)]
    only = [story(70, "A", 3), story(60, "A", 4)]

    outcome = assigned([*both, *only], [plan("A", 4), plan("B", 2, minimum=2)], Rules())

    assert [len(some) for some in outcome.seating.seats] == [2, 2]


def test_a_cap_is_hard() -> None:
    """One outlet never leads more stories than it may, also where a section stays below its minimum."""
    stories = [story(9 - number, "A", number) for number in range(4)]

    outcome = assigned(stories, [replace(plan("A", 4, minimum=2), thin="keep")], Rules(per_provider=1))

    assert [len(some) for some in outcome.seating.seats] == [1]
