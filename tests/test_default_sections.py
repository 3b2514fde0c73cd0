"""Sections of a week whose settings name none: they hold what is hottest, whatever its topics are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import golden
import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st
from weeks import WEEK, article, picked, rules

from digest.model import Address, Edits, Pin, Text
from digest.selection import select
from digest.text import languages

if TYPE_CHECKING:
    from digest.model import Article, Issue

REST = {"More", "Stories"}

RUNNING = {"picked", "limit", "no-section", "thin"}
"""What became of stories that could have run."""


def week(*rows: tuple[int | None, str]) -> list[Article]:
    """Return an article for each heat and its topics, each a story of its own."""
    return [
        replace(
            article(f"n{number}", heat=heat, topics=topics),
            title=Text(f"n{number}"),
            published_at=datetime(2020, 11, 9, tzinfo=UTC),
            url=Address(f"https://example.com/{number}"),
            addresses=(Address(f"https://example.com/{number}"),),
        )
        for number, (heat, topics) in enumerate(rows)
    ]


def held(issue: Issue) -> tuple[int, float]:
    """Return how many of the ten hottest stories are not in an issue, and its share of the heat of as many hottest."""
    heats = sorted((verdict.article.heat or 0 for verdict in issue.verdicts if verdict.rule in RUNNING), reverse=True)
    inside = sorted((pick.article.heat or 0 for pick in issue.picks), reverse=True)
    hottest = heats[: len(inside)]
    tenth = heats[:10][-1] if heats else 0
    # Of stories as hot as the tenth any will do.
    sure = sum(heat > tenth for heat in heats)
    missing = sure - sum(heat > tenth for heat in inside)
    missing += max(0, min(10, len(heats)) - sure - sum(heat == tenth for heat in inside))
    return missing, sum(inside) / (sum(hottest) or 1) if sum(hottest) else 1.0


TOPICS = [f"Topic {number}" for number in range(200)]
ROWS = st.lists(st.tuples(st.integers(0, 300), st.lists(st.sampled_from(TOPICS), max_size=4, unique=True)), max_size=60)
FEW = st.lists(st.tuples(st.integers(0, 9), st.lists(st.sampled_from("ABCD"), max_size=3, unique=True)), max_size=40)


@settings(max_examples=150)
@given(ROWS | FEW)
def test_a_week_holds_what_is_hottest(rows: list[tuple[int, list[str]]]) -> None:
    """At least nine of the ten hottest stories, and 95 % of the heat of as many; sections never have other bounds."""
    issue = select(week(*((heat, ",".join(topics)) for heat, topics in rows)), WEEK, rules())
    missing, share = held(issue)

    assert missing <= (1 if len(rows) >= 10 else 0)
    assert share >= 0.95
    assert len(issue.picks) <= 18
    assert len(issue.sections) <= 6
    assert len({section.title.casefold() for section in issue.sections}) == len(issue.sections)


def test_two_hundred_topics_of_a_story_each() -> None:
    """No topic holds two of the hottest, so that they stand in one section; each is there."""
    issue = select(week(*((200 - number, f"Topic {number}") for number in range(200))), WEEK, rules())

    assert list(picked(issue)) == ["Stories"]
    assert [pick.article.heat for pick in issue.picks] == list(range(200, 182, -1))


def test_topics_that_hold_two_and_the_rest() -> None:
    """A topic with two of the hottest is a section; single ones stand together, behind it or before it by heat."""
    pairs = [(100 - number, f"Pair {number // 2}") for number in range(6)]
    issue = select(week(*pairs, *((90 - number, f"Alone {number}") for number in range(12))), WEEK, rules())

    assert {title: len(names) for title, names in picked(issue).items()} == {
        "Pair 0": 2,
        "Pair 1": 2,
        "Pair 2": 2,
        "More": 12,
    }


def test_the_rest_stands_under_a_topic_that_it_shares() -> None:
    """The widest topic that all of the rest has is its title."""
    pairs = [(100 - number, f"AI,News,Pair {number // 2}") for number in range(4)]
    issue = select(week(*pairs, *((90 - number, f"AI,News,Alone {number}") for number in range(12))), WEEK, rules())

    assert {title: len(names) for title, names in picked(issue).items()} == {"Pair 0": 2, "Pair 1": 2, "AI": 12}


def test_an_archive_without_topics() -> None:
    """It is one section, with all slots, in the language of the newsletter; nothing is left for want of a topic."""
    issue = select(week(*((number, "") for number in range(25))), WEEK, rules(all_title="Meldungen"))

    assert {title: len(names) for title, names in picked(issue).items()} == {"Meldungen": 18}
    assert select([], WEEK, rules()).sections == ()


@pytest.mark.parametrize(("heat", "title"), [(99, "Stories"), (20, "More")])
def test_a_story_without_a_topic_has_a_section_of_its_own(heat: int, title: str) -> None:
    """Topics that hold the rest of the week stay sections; at the head of a letter nothing is more."""
    rows = [(50 - number, f"Topic {number % 3}") for number in range(8)]
    issue = select(week(*rows, (heat, "")), WEEK, rules())

    assert picked(issue) == {
        title: ["n8"],
        "Topic 0": ["n0", "n3", "n6"],
        "Topic 1": ["n1", "n4", "n7"],
        "Topic 2": ["n2", "n5"],
    }


def test_no_section_is_made_for_one_story_of_low_standing() -> None:
    """A topic with one story gets a section where that is among the hottest six; else it is among the rest."""
    rows = [(90 - number, "AI" if number % 2 else "Bees") for number in range(6)]

    hot = select(week((99, "Golf"), *rows), WEEK, rules())
    cold = select(week((9, "Golf"), *rows), WEEK, rules())

    assert picked(hot)["Golf"] == ["n0"]
    assert picked(cold)["More"] == ["n0"]
    assert "Golf" not in picked(cold)


@settings(max_examples=100)
@given(FEW)
def test_a_section_of_one_story_has_one_of_the_hottest(rows: list[tuple[int, list[str]]]) -> None:
    """Whatever the week, a topic's section of one story holds one of the hottest; the rest may be a lone one.

    The hottest are six, and in a thin week a third of its stories.
    """
    issue = select(week(*((heat, ",".join(topics)) for heat, topics in rows)), WEEK, rules())
    hottest = sorted((verdict.article.heat or 0 for verdict in issue.verdicts), reverse=True)
    hottest = hottest[: min(6, max(len(rows) // 3, 1))]
    lone = [section for section in issue.sections if len(section.picks) == 1 and section.title not in REST]

    assert all((section.picks[0].article.heat or 0) >= hottest[-1] for section in lone)


def test_a_topic_called_as_the_rest() -> None:
    """Two sections never have one title."""
    rows = [(50 - number, "More") for number in range(4)]
    issue = select(week(*rows, *((20 - number, "") for number in range(6))), WEEK, rules())

    assert list(picked(issue)) == ["More", "More …"]


@pytest.mark.parametrize("order", [("latest",), ("coverage", "latest")])
def test_an_order_without_heat(order: tuple[str, ...]) -> None:
    """The first in the order are in, and no slot stays empty."""
    rows = [(number, f"Topic {number}") for number in range(40)]
    issue = select(week(*rows), WEEK, rules(order=order))

    assert len(issue.picks) == 18


def test_titles_in_every_language() -> None:
    """Each language that has a catalogue has titles of its own, with a region too; any other has English ones."""
    folder = golden.ROOT / "digest" / "rendering" / "locale"
    for file in folder.glob("*.po"):
        with file.open("rb") as handle:
            tag = str(read_po(handle).locale).replace("_", "-")
        more, every = languages.section_titles(tag)
        assert more != every
        assert (more, every) != languages.section_titles("en")
    assert languages.section_titles("de-AT") == ("Weitere Meldungen", "Meldungen")
    assert languages.section_titles("fi") == ("More", "Stories")


@pytest.mark.parametrize("title", ["Low", "More"])
def test_a_pin_in_a_section_that_the_week_does_not_make(title: str) -> None:
    """The editor's word is no error because the news is other by now: the section is there for her story."""
    known = [article(f"a{number}", heat=90 - number, topics="High") for number in range(8)]
    known.append(article("low", heat=1, topics="Low"))
    edits = Edits(pins=(Pin(story="a3.md", section=title),))

    issue = select(known, WEEK, rules(), None, edits)

    assert picked(issue)[title] == ["a3"]
