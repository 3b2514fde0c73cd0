"""What the editor's word on an issue means in the sections that readers ask for: digest/selection/own_sections.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_week import SECTIONS, RandomWeek, names, ran
from weeks import WEEK, article, at, section, verdict

from digest.config.values import Match, Rules, SectionPlan
from digest.errors import EditsError
from digest.model import Block, Change, Edits, Past, Pin, SectionChange, Text, Wish
from digest.selection import select
from digest.selection.own_sections import Counterparts, OwnSections
from digest.selection.week import ToldWeek

if TYPE_CHECKING:
    from digest.model import Article

NEWSROOM = Rules(
    plans=(
        section("AI"),
        SectionPlan(title="Nature", match=Match(any=("Bees", "Canals"))),
        SectionPlan(title="Top", match=Match()),
    )
)
"""The issue for all has a section of a topic, one of two topics, and one of none."""

KNOWN = [
    *(article(f"ai{number}", heat=90 - number, topics="AI") for number in range(4)),
    *(article(f"bees{number}", heat=70 - number, topics="Bees") for number in range(4)),
    article("both", heat=5, topics="AI,Bees"),
    article("deutsch", heat=4, topics="AI", language="de"),
    article("old", heat=3, topics="Bees", published_at=at("2020-10-01")),
]


def wish(*topics: str, language: str = "") -> Wish:
    """Return the wish for two stories of each of *topics*."""
    return Wish(topics=tuple((topic, 2) for topic in topics), language=language)


def gets(edits: Edits, asked: Wish, known: list[Article] = KNOWN) -> dict[str, list[str]]:
    """Return the names of the stories that a reader gets, by section."""
    return names(ToldWeek(known, WEEK, NEWSROOM, Past(), edits=edits).choose(asked))


PINNED: dict[str, tuple[Pin, Wish, dict[str, list[str]]]] = {
    "in the section called so, at its position": (
        Pin(story="both.md", section="ai", position=1),
        wish("Bees", "AI"),
        {"Bees": ["bees0", "bees1"], "AI": ["both", "ai0"]},
    ),
    "in one with a topic of its section": (
        Pin(story="ai3.md", section="Nature", position=2),
        wish("Canals", "AI"),
        {"Canals": ["ai3"], "AI": ["ai0", "ai1"]},
    ),
    "in one that takes it, in the order of stories": (
        Pin(story="both.md", section="Top", position=1),
        wish("Bees"),
        {"Bees": ["bees0", "both"]},
    ),
    "in none that asks for neither": (
        Pin(story="both.md", section="Top"),
        wish("Canals"),
        {},
    ),
    "in none of another language": (
        Pin(story="deutsch.md", section="AI"),
        wish("AI", language="en"),
        {},
    ),
    "in its own language": (
        Pin(story="deutsch.md", section="Nature"),
        wish("Bees", language="de"),
        {"Bees": ["deutsch"]},
    ),
    "whatever its day": (
        Pin(story="old.md", section="AI"),
        wish("AI"),
        {"AI": ["ai0", "old"]},
    ),
}


@pytest.mark.parametrize("case", PINNED)
def test_a_pin_stands(case: str) -> None:
    """A pinned story stands as the name of the case says."""
    pin, asked, expected = PINNED[case]
    assert gets(Edits(pins=(pin,)), asked) == expected


def test_a_pin_comes_again_to_who_had_it() -> None:
    """The editor's word goes before the memory of a reader, as it does before that of the issue; others' stay out."""
    past = ran(KNOWN[0], KNOWN[1])
    edits = Edits(pins=(Pin(story="ai1.md", section="AI"),))
    week = ToldWeek(KNOWN, WEEK, NEWSROOM, past, edits=edits)

    assert names(week.choose(wish("AI"), [0, 1])) == {"AI": ["ai1", "ai2"]}


def test_pins_stand_beside_the_caps() -> None:
    """More pins than slots all run, and nobody else with them; so they do in the issue."""
    edits = Edits(pins=tuple(Pin(story=f"ai{number}.md", section="AI") for number in (1, 2, 3)))
    assert gets(edits, wish("AI", "Bees")) == {"AI": ["ai1", "ai2", "ai3"], "Bees": ["bees0", "bees1"]}


def test_a_pin_that_stands_nowhere_has_its_verdict() -> None:
    """`select` says of a pin without a section, which none takes, that no section does."""
    issue = select(KNOWN, WEEK, Rules(plans=(section("Bees"),)), None, Edits(pins=(Pin(story="ai0.md", section=""),)))
    assert verdict(issue, "ai0") == ("no-section", "no section takes its topics (AI); the sections are: Bees")


MOVED: dict[str, tuple[tuple[str, str], Wish, dict[str, list[str]]]] = {
    "to the section called so": (("ai0.md", "Nature"), wish("Nature", "AI"), {"Nature": ["ai0"], "AI": ["ai1", "ai2"]}),
    "to one with a topic of it": (("ai0.md", "Nature"), wish("Bees"), {"Bees": ["ai0", "bees0"]}),
    "nowhere where there is none": (("ai0.md", "Top"), wish("AI"), {"AI": ["ai0", "ai1"]}),
    "nowhere in another language": (("deutsch.md", "Nature"), wish("Bees", language="en"), {}),
}


@pytest.mark.parametrize("case", MOVED)
def test_a_story_is_moved(case: str) -> None:
    """A story is moved as the name of the case says."""
    move, asked, expected = MOVED[case]
    assert gets(Edits(moves=(move,)), asked) == expected


def test_what_is_dropped_is_in_no_edition() -> None:
    """A drop is of the whole story, for all readers."""
    edits = Edits(drops=(("ai0.md", "no"), ("bees1.md", "no")))
    assert gets(edits, wish("AI", "Bees")) == {"AI": ["ai1", "ai2"], "Bees": ["bees0", "bees2"]}


def test_joins_and_splits_are_for_all() -> None:
    """Stories are told as the editor says, whoever asks; what is no candidate is joined to nothing."""
    twins = [article("a", topics="AI", heat=9), article("b", topics="Bees", heat=8), article("c", topics="AI", heat=7)]
    assert gets(Edits(joins=(("a.md", "b.md"),)), wish("Bees"), twins) == {"Bees": ["a"]}
    title = Text("The ferry runs through the ice again")
    same = [article(name, heat=heat, title=title) for heat, name in enumerate(("b", "a"))]
    assert gets(Edits(splits=("b.md",)), wish("AI"), same) == {"AI": ["a", "b"]}
    assert gets(Edits(), wish("AI"), same) == {"AI": ["a"]}
    strange = Edits(joins=(("ai0.md", "old.md"),))
    assert gets(strange, wish("AI", "Bees")) == {"AI": ["ai0", "ai1"], "Bees": ["bees0", "bees1"]}


def test_words_on_stories_and_sections_go_where_these_are() -> None:
    """An order, a line and a style are those of the section or its topics; a headline goes with its story."""
    edits = Edits(
        introduction="Dear *reader*.",
        changes=(Change(story="bees3.md", title=Text("Ours")),),
        order=(("Nature", ("bees3.md", "bees2.md")), ("Top", ("ai0.md",))),
        sections=(SectionChange(title="nature", line=Text("Outside."), style="brief"),),
        moves=(("bees3.md", "Nature"),),
        drops=(("bees0.md", "no"), ("bees1.md", "no")),
    )
    issue = ToldWeek(KNOWN, WEEK, NEWSROOM, Past(), edits=edits).issue(wish("AI", "Bees"))

    ai, bees = issue.sections
    assert (ai.line, ai.style, bees.line, bees.style) == ("", "full", "Outside.", "brief")
    assert [(pick.article.path, pick.title) for pick in bees.picks] == [("bees3.md", "Ours"), ("bees2.md", None)]
    assert issue.edits.introduction == "Dear *reader*."


def test_a_section_stands_for_its_title_before_its_topic() -> None:
    """What the editor says of a section is of the one called so, where another has a topic of it, in any order."""
    counterparts = Counterparts(SECTIONS)
    assert counterparts.of("Canals") == ("canals", "nature")
    assert counterparts.of("Drones") == ("drones", "canals")
    for titles in (["Drones", "Canals"], ["Canals", "Drones"]):
        assert counterparts.among(titles)["canals"] == "Canals"
    assert counterparts.among(["Drones"])["canals"] == "Drones"


def test_blocks_stand_where_their_section_does() -> None:
    """Those at the ends are in every edition, one behind or in a section where it or its topic is, under its title."""
    blocks = [
        Block(kind="sponsor", name=Text("Acme")),
        Block(kind="note", text="After.", spot="after", section="NATURE"),
        Block(kind="note", text="Inside.", spot="inside", section="Top", position=2),
        Block(kind="note", text="End.", spot="end"),
    ]
    standing = list(Counterparts(NEWSROOM.plans or ()).blocks(blocks, ["AI", "Bees"]))

    assert [(block.text or block.name, block.section) for block in standing] == [
        ("Acme", ""),
        ("After.", "Bees"),
        ("End.", ""),
    ]


def test_a_name_that_no_article_has_is_told() -> None:
    """Edits are checked as those of an issue are."""
    with pytest.raises(EditsError, match=r"^edits: no article is 'ai9.md'; did you mean 'ai\d.md'\?$"):
        ToldWeek(KNOWN, WEEK, NEWSROOM, Past(), edits=Edits(drops=(("ai9.md", "no"),)))


@settings(max_examples=40)
@given(st.integers(0, 10**9))
def test_the_editors_word_wins_in_every_edition(number: int) -> None:
    """In random weeks nothing that is dropped runs but pinned, and a pin runs for whoever asks for it, and no other.

    She does with a section that takes its story, or that stands for the one where it is pinned.
    """
    drawn = RandomWeek(number)
    edits = drawn.edits()
    week = ToldWeek(drawn.articles, WEEK, drawn.rules, drawn.past, OwnSections(drawn.each), edits)
    pinned = {pin.story: pin.section.casefold() for pin in edits.pins}
    dropped = {path for path, _ in edits.drops}
    called: dict[str, set[str]] = {plan.title.casefold(): {plan.title.casefold()} for plan in SECTIONS}
    for plan in SECTIONS:
        called[plan.title.casefold()].update(topic.casefold() for topic in plan.match.any)
    for _ in range(4):
        asked = drawn.wish()
        picks = week.issue(asked, drawn.seen()).picks
        topics = {topic.casefold() for topic, _ in asked.topics}
        members = {pick.article.path: {pick.article, *pick.story.others} for pick in picks}
        running = {one.path for stories in members.values() for one in stories}
        assert all(dropped.isdisjoint(one.path for one in members[pick.article.path]) or pick.pinned for pick in picks)
        for one in (one for one in drawn.articles if one.path in pinned and not asked.language):
            wanted = not topics.isdisjoint(called[pinned[one.path]] | one.topic_keys)
            assert one.path in running or not wanted, (asked, one.path)
        for pick in (pick for pick in picks if pick.pinned):
            homes = [called[pinned[one.path]] for one in members[pick.article.path] if one.path in pinned]
            assert not topics.isdisjoint(pick.story.topic_keys.union(*homes)), (asked, pick.article.path)
