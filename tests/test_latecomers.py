"""Late stories: how their heat counts, when they lead, how long they wait, and what readers see of their age."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import golden
import pytest
from command import run
from hypothesis import given
from hypothesis import strategies as st
from weeks import WEEK, Newsroom, article, at, picked, rules, section, verdict

from digest import pipeline
from digest.errors import NothingToSend
from digest.model import Edits, Past, Pin
from digest.rendering import language
from digest.selection import latecomers, select

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Article

THEMES = sorted(path.parent.name for path in (golden.ROOT / "templates").glob("*/issue.mjml"))

BEFORE = Past(since=date(2020, 10, 1))
"""An issue before the window is remembered, and it had nothing to choose from."""


def late(name: str, days: int, **more: object) -> Article:
    """Return an article that is so many days older than the week."""
    return article(name, published_at=at(str(WEEK.first - timedelta(days=days))), **more)  # type: ignore[arg-type]  # fields by name


def test_half_of_a_late_heat_is_left_after_three_days() -> None:
    """It takes the place of what counts, and its verdict has the account of it."""
    known = [late("late", 3, heat=80), article("hot", heat=41), article("cool", heat=39)]

    issue = select(known, WEEK, rules(("AI", 3)), BEFORE)

    assert picked(issue) == {"AI": ["hot", "late", "cool"]}
    assert verdict(issue, "late") == (
        "picked",
        "place 2 of 3 in AI with heat 80 (counts as 40, as it is 3 days older than the window); "
        "it came too late for the issue of its days",
    )


@pytest.mark.parametrize(("half_life", "order"), [(1, ["a", "b", "late"]), (6, ["a", "late", "b"]), (None, ["late"])])
def test_the_half_life_is_a_setting(half_life: float | None, order: list[str]) -> None:
    """`half_life` says after how many days, with decimals; without one all of the heat counts."""
    known = [late("late", 3, heat=200), article("a", heat=150), article("b", heat=60)]

    issue = select(known, WEEK, rules(("AI", 3), half_life=half_life, order=("heat",)), BEFORE)
    ranked = [one.article.path[:-3] for one in issue.verdicts]

    assert ranked[: len(order)] == order


@given(st.integers(0, 1000), st.integers(1, 14), st.integers(1, 14), st.floats(0.1, 100))
def test_who_is_older_counts_for_less(heat: int, days: int, more: int, half_life: float) -> None:
    """Each half-life halves what counts; nothing counts for more than its heat, or for less than none."""
    by = rules(half_life=half_life)
    window = WEEK.from_day(WEEK.first)
    old, older = (
        latecomers.arrivals([late("a", age, heat=heat)], window, BEFORE, replace(by, late_days=60))[0].counted_heat or 0
        for age in (days, days + more)
    )

    assert 0 <= older <= old <= heat
    assert math.isclose(older, old * 0.5 ** (more / half_life), abs_tol=1e-6)


@pytest.mark.parametrize(("heat", "leads"), [(50, False), (49, True)])
def test_a_late_story_leads_where_nothing_of_the_window_comes_close(heat: int, *, leads: bool) -> None:
    """Close is half of what it counts."""
    known = [late("late", 3, heat=200), article("own", heat=heat), article("other", heat=1)]

    issue = select(known, WEEK, rules(("AI", 3)), BEFORE)

    assert picked(issue)["AI"][:2] == (["late", "own"] if leads else ["own", "late"])
    because = (
        "so “All about own and its many consequences” (heat 50, Times) leads, which comes close and is of the window"
    )
    assert (because in verdict(issue, "late")[1]) is not leads


def test_a_section_of_a_late_story_does_not_lead_either() -> None:
    """Where sections follow their first story, that of the window comes first, with settings or without."""
    known = [late("late", 3, heat=200, topics="Golf"), *(article(f"n{n}", heat=60 - n, topics="AI") for n in range(3))]
    by_heat = rules(section("Golf"), section("AI"), by_heat=True)

    assert list(picked(select(known, WEEK, by_heat, BEFORE))) == ["AI", "Golf"]
    assert next(iter(picked(select(known, WEEK, rules(), BEFORE)))) == "AI"
    assert list(picked(select(known, WEEK, replace(by_heat, by_heat=False), BEFORE))) == ["Golf", "AI"]


def test_a_verdict_says_why_a_section_stands_before_that_of_a_late_story() -> None:
    """Where the order decides it names that, and else that the other section begins with a story of other days."""
    known = [
        late("late", 3, quality=9, topics="Golf"),
        article("own", quality=1, topics="AI"),
        article("low", quality=0, topics="Tea"),
    ]

    issue = select(
        known, WEEK, rules(section("Golf"), section("AI"), section("Tea"), by_heat=True, order=("quality",)), BEFORE
    )

    assert list(picked(issue)) == ["AI", "Golf", "Tea"]
    assert verdict(issue, "own")[1] == (
        "place 1 of 3 in AI; AI comes before Golf, as “All about late and its many consequences” "
        "(heat 50 that counts as 25, Times) is not of the window"
    )
    assert "; Golf comes before Tea: better quality, 9 to 0; it came too late" in verdict(issue, "late")[1]
    assert verdict(issue, "low")[1] == "place 1 of 3 in Tea"


def test_without_heat_every_story_of_the_window_comes_close() -> None:
    """An order that does not begin with heat has no measure of near and far."""
    known = [late("late", 1, quality=9), article("own", quality=0)]

    issue = select(known, WEEK, rules(("AI", 3), order=("quality",)), BEFORE)

    assert picked(issue) == {"AI": ["own", "late"]}


def test_the_editor_lets_a_late_story_lead() -> None:
    """A pin at the first place and an order of the section win."""
    known = [late("late", 3, heat=100), article("own", heat=60)]
    pin = Edits(pins=(Pin(story="late.md", section="AI", position=1),))
    order = Edits(order=(("AI", ("late.md",)),))

    assert picked(select(known, WEEK, rules(("AI", 3)), BEFORE, pin)) == {"AI": ["late", "own"]}
    assert picked(select(known, WEEK, rules(("AI", 3)), BEFORE, order)) == {"AI": ["late", "own"]}


@pytest.mark.parametrize(
    ("edits", "picks"),
    [
        (Edits(order=(("AI", ("late.md",)),)), ["late", "own", "low"]),
        (Edits(order=(("AI", ("low.md",)),)), ["low", "own", "late"]),
        (Edits(pins=(Pin(story="low.md", section="AI", position=1),)), ["low", "own", "late"]),
    ],
    ids=["late first", "another first", "another pinned first"],
)
def test_a_verdict_names_no_leader_that_the_editor_moved(edits: Edits, picks: list[str]) -> None:
    """Which story of the window leads before a late one is said where it does, not where the editor let another."""
    known = [late("late", 3, heat=200), article("own", heat=60), article("low", heat=10)]

    issue = select(known, WEEK, rules(("AI", 3)), BEFORE, edits)

    assert picked(issue) == {"AI": picks}
    assert verdict(issue, "late")[1].endswith("; it came too late for the issue of its days")


def test_the_floor_asks_for_the_whole_heat() -> None:
    """`min_heat` is about quality: a late story that had it then has it now."""
    issue = select([late("late", 6, heat=80), article("own")], WEEK, rules(("AI", 3), min_heat=50), BEFORE)

    assert picked(issue) == {"AI": ["own", "late"]}


def test_a_late_story_without_a_slot_is_told_why() -> None:
    """No heat is named that would have been enough, since only a part of it counts; a rival's counts in part, too."""
    known = [late("late", 3, heat=80), article("own", heat=60), late("hot", 3, heat=200), article("cool", heat=39)]

    issue = select(known, WEEK, rules(("AI", 2)), BEFORE)

    assert verdict(issue, "late")[1] == (
        "all 2 slots of AI went to hotter stories; the last of them is “All about own and its many consequences” "
        "(heat 60, Times); its heat 80 (counts as 40, as it is 3 days older than the window)"
    )
    assert picked(issue) == {"AI": ["own", "hot"]}
    assert verdict(issue, "cool")[1].endswith("(heat 60, Times); heat 60 would have been enough")


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """Return a newsroom with one slot, whose first issue ran a story of its week."""
    room = Newsroom(tmp_path, sections="[{topic: AI, limit: 1}]")
    room.file("first", publishedDateTime="2020-11-02T10:00:00Z", title="Orchestra plays for whales")
    room.build("2020-11-03")
    return room


def paths(room: Newsroom, day: str) -> list[str]:
    """Return the picks of an issue, built now."""
    return [pick.article.path[:-3] for pick in room.issue(day).picks]


def test_a_late_story_waits_for_a_slot(room: Newsroom) -> None:
    """It lost by its age, so a thin week has it, while what lost in its own week is gone; `late_days` end the wait."""
    room.file("late", heat=60, publishedDateTime="2020-11-03T09:00:00Z", title="Ferries sail at night without crews")
    room.file("own", heat=99)
    room.file("lost", heat=10, title="Beekeepers count mites by camera")

    assert paths(room, "2020-11-10") == ["own"]
    assert paths(room, "2020-11-17") == ["late"]
    with pytest.raises(NothingToSend):
        paths(replace(room, select="{late_days: 7}"), "2020-11-17")


@pytest.mark.parametrize("tag", ["en", "de", "ar", "ja"])
@pytest.mark.parametrize("theme", THEMES)
def test_readers_see_the_date_of_a_late_story(room: Newsroom, theme: str, tag: str) -> None:
    """In HTML and text of every theme it stands with its day and that it is of another week, in the letter's words."""
    room.file("late", publishedDateTime="2020-11-03T09:00:00Z", title="Ferries sail at night without crews")
    loaded = room.settings()
    newsletter = replace(loaded.newsletter, language=tag)
    settings = replace(loaded, newsletter=newsletter, templates=str(golden.ROOT / "templates" / theme))
    spoken = language.load(tag, {})

    message = pipeline.render(settings, room.issue("2020-11-10")).message
    day, note = spoken.day(date(2020, 11, 3)), spoken.say("from last week")

    for part in (message.html, message.text):
        plain = part.replace("\u00a0", " ")
        assert day in plain
        assert note in plain


def test_a_build_marks_what_counts_in_part(room: Newsroom) -> None:
    """Its line says what it counts as, since it stands below others that have less heat."""
    room.file("late", heat=80, publishedDateTime="2020-11-01T09:00:00Z", title="Ferries sail at night without crews")
    room.file("own", heat=41)
    wide = replace(room, sections="[{topic: AI, limit: 3}]")
    wide.settings()

    lines = run(room.folder, "build", "--date", "2020-11-10").printed.splitlines()

    assert lines[5:7] == [
        "    41  All about own and its many consequences (Times)",
        "    80  Ferries sail at night without crews (Times) [late, counts as 40]",
    ]
