"""Who gets a slot: the greedy of digest/selection/slots.py against brute force."""

from __future__ import annotations

from itertools import permutations, product
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from digest.model import Article, Provider, SectionPlan, Story, Text
from digest.selection import order, slots

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

TOPICS = ("A", "B", "C", "D")


def story(heat: int, topics: Sequence[str], number: int = 0, provider: str = "P") -> Story:
    """Return a story with that heat and those topics."""
    return Story(
        lead=Article(
            path=f"{number:03}.md",
            title=Text(f"story {number}"),
            excerpt=Text(""),
            provider=Provider(name=Text(provider)),
            topics=tuple(Text(topic) for topic in topics),
            heat=heat,
        )
    )


def plan(topics: Sequence[str], limit: int) -> SectionPlan:
    """Return a section that takes any of those topics."""
    return SectionPlan(title="+".join(topics), topics=tuple(topics), limit=limit)


TOPIC_SETS = st.lists(st.sampled_from(TOPICS), min_size=1, max_size=3, unique=True)
STORIES = st.lists(st.tuples(st.integers(0, 6), TOPIC_SETS, st.sampled_from("PQR")), max_size=7).map(
    lambda rows: [story(heat, topics, number, provider) for number, (heat, topics, provider) in enumerate(rows)]
)
PLANS = st.lists(st.tuples(TOPIC_SETS, st.integers(0, 2)), min_size=1, max_size=4).map(
    lambda rows: [plan(topics, limit) for topics, limit in rows]
)


def seated(seating: slots.Seating) -> list[Story]:
    """Return all stories with a slot, section by section."""
    return [one for stories in seating.seats.values() for one in stories]


def best(stories: Sequence[Story], plans: Sequence[SectionPlan]) -> list[tuple[int, int, datetime, str]]:
    """Return the best possible set of stories as sorted keys, by trying every way to seat them."""
    wheres = [
        [None, *[number for number, one in enumerate(plans) if one.topic_keys & each.topic_keys]] for each in stories
    ]
    found = [
        sorted(order.key(each.lead) for each, where in zip(stories, choice, strict=True) if where is not None)
        for choice in product(*wheres)
        if all(choice.count(number) <= one.limit for number, one in enumerate(plans))
    ]
    # The better set is the one that is first in the order of stories where they differ; a longer one beats its part.
    return min(found, key=lambda keys: [*keys, (float("inf"),)])


@given(STORIES, PLANS)
def test_the_admitted_set_is_optimal(stories: list[Story], plans: list[SectionPlan]) -> None:
    """No other way to seat the stories admits a hotter set."""
    admitted = sorted(order.key(one.lead) for one in seated(slots.seat(stories, plans)))

    assert best(stories, plans) == admitted


@given(STORIES, PLANS, st.none() | st.integers(1, 3))
def test_every_story_is_seated_once_or_refused(
    stories: list[Story], plans: list[SectionPlan], per_provider: int | None
) -> None:
    """A story has one slot or one refusal, limits and the share of a provider hold, and a seat fits its topics."""
    seating = slots.seat(stories, plans, per_provider)
    told = [one.lead.path for one in seated(seating)] + [refusal.story.lead.path for refusal in seating.refusals]

    assert sorted(one.lead.path for one in stories) == sorted(told)
    for number, one in enumerate(plans):
        assert len(seating.seats[number]) <= one.limit
        assert all(one.topic_keys & each.topic_keys for each in seating.seats[number])
    providers = [one.lead.provider.name for one in seated(seating)]
    assert per_provider is None or all(providers.count(name) <= per_provider for name in providers)


@given(STORIES, PLANS, st.none() | st.integers(1, 2))
def test_the_heat_said_to_be_enough_is_enough(
    stories: list[Story], plans: list[SectionPlan], per_provider: int | None
) -> None:
    """A story refused for want of a slot or share gets in with one degree more than its last rival; not with less."""
    for refusal in slots.seat(stories, plans, per_provider).refusals:
        if refusal.rule == "limit" and refusal.rivals:
            rest = [one for one in stories if one is not refusal.story]
            number = int(refusal.story.lead.path[:3])
            rival = refusal.rivals[-1].lead.heat or 0
            hotter = story(rival + 1, refusal.story.lead.topics, number, refusal.story.lead.provider.name)
            colder = story(max(rival - 1, 0), refusal.story.lead.topics, number, refusal.story.lead.provider.name)
            assert hotter in seated(slots.seat([*rest, hotter], plans, per_provider))
            assert rival == 0 or colder not in seated(slots.seat([*rest, colder], plans, per_provider))


@given(STORIES, PLANS, st.randoms())
def test_the_order_of_the_input_changes_nothing(stories: list[Story], plans: list[SectionPlan], random: object) -> None:
    """The same stories in any order are seated alike."""
    shuffled = list(stories)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random

    assert slots.seat(stories, plans) == slots.seat(shuffled, plans)


def test_a_story_moves_over_to_make_room() -> None:
    """A story that has another section leaves its slot to one that has not."""
    both, only = story(90, "AB", 1), story(50, "A", 2)

    seating = slots.seat([both, only], [plan("A", 1), plan("B", 1)])

    assert {0: (only,), 1: (both,)} == seating.seats


def test_narrow_topics_keep_theirs() -> None:
    """A story prefers the section with fewer stories to choose from, so that the umbrella takes what remains."""
    narrow, wide = story(90, "AB", 1), story(80, "A", 2)

    seating = slots.seat([narrow, wide], [plan("A", 2), plan("B", 1)])

    assert {0: (wide,), 1: (narrow,)} == seating.seats


def test_a_long_chain_of_moves_is_found() -> None:
    """Every story moves one section on to let the last one in."""
    chain = [story(90 - number, TOPICS[number : number + 2], number) for number in range(3)]
    last = story(1, "A", 9)

    seating = slots.seat([*chain, last], [plan(topic, 1) for topic in TOPICS])

    assert [last, *chain] == seated(seating)


def test_order_is_total() -> None:
    """Heat decides, then quality, then the earlier publication, then the path, in any order of the input."""
    stories = [story(5, "A", 3), story(5, "A", 2), story(7, "A", 9), story(5, "A", 1)]

    found = {tuple(slots.seat(ordered, [plan("A", 4)]).seats[0]) for ordered in permutations(stories)}

    assert {(stories[2], stories[3], stories[1], stories[0])} == found
