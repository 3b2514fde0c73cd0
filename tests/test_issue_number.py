"""The number of an issue: one more than that of the last one that ran, and no more for a rehearsal or a rebuild."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from command import run
from hypothesis import given
from hypothesis import settings as options
from hypothesis import strategies as st
from samples import THEME, examples, full_issue, newsletter, theme
from weeks import Newsroom

from digest import rendering
from digest.config import edits
from digest.errors import EditsError, RecordError
from digest.issue import record
from digest.rendering import language
from digest.theme import load

LOOKS = sorted(str(path.parent) for path in Path(THEME).parent.glob("*/issue.mjml"))


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """Return a newsroom whose issues are numbered from 7, with a story for each week."""
    return furnished(Newsroom(tmp_path, newsletter="{first_number: 7}"))


def furnished(room: Newsroom) -> Newsroom:
    """Return *room* with a story for each week of a month."""
    for name, day in (("a", "2020-11-02"), ("b", "2020-11-09"), ("c", "2020-11-16"), ("d", "2020-11-23")):
        room.file(name, publishedDateTime=f"{day}T10:00:00Z")
    return room


def test_the_first_has_the_settings_number_and_each_other_one_more(room: Newsroom) -> None:
    """Counted are the issues that were handed over; the record keeps each one's."""
    numbers = []
    for day in ("2020-11-04", "2020-11-11", "2020-11-18"):
        numbers.append(room.issue(day).number)
        room.sent(day)

    assert numbers == [7, 8, 9]
    assert [room.record(day)["number"] for day in ("2020-11-04", "2020-11-11", "2020-11-18")] == numbers


def test_a_rebuild_and_a_rehearsal_raise_nothing(room: Newsroom) -> None:
    """The same issue has its number again, the same bytes too; one that no reader has takes none."""
    room.issue("2020-11-04")
    room.sent("2020-11-04")
    rehearsed = [room.issue("2020-11-10").number, room.issue("2020-11-11").number]
    before = room.text("out/2020-11-11/message.eml")
    again = room.issue("2020-11-11").number

    assert (*rehearsed, again) == (8, 8, 8)
    assert room.text("out/2020-11-11/message.eml") == before
    assert room.issue("2020-11-18").number == 8
    assert room.build("2020-11-04").sent is not None


def test_without_hand_overs_issues_count_as_their_stories_do(room: Newsroom) -> None:
    """Where an editor sends by hand, an issue has run once its days are over."""
    assert [room.issue(day).number for day in ("2020-11-04", "2020-11-11", "2020-11-12", "2020-11-18")] == [7, 8, 8, 9]


def test_what_readers_have_is_what_counts(room: Newsroom) -> None:
    """An issue that was built again after it was sent keeps the number that it was sent with."""
    room.issue("2020-11-04")
    room.sent("2020-11-04")
    room.edits("2020-11-04", "number: 30\n")
    done = run(room.folder, "build", "--date", "2020-11-04", "--again")

    assert done.status == 0, done.told
    assert room.record("2020-11-04")["number"] == 30
    assert room.issue("2020-11-11").number == 8


def test_the_editor_sets_it(room: Newsroom) -> None:
    """For one issue, and the next ones count on from it; also where the settings number none."""
    room.edits("2020-11-04", "number: 40\n")
    first = room.issue("2020-11-04").number
    room.sent("2020-11-04")
    plain = replace(room, newsletter="{}")
    plain.edits("2020-11-11", "number: 3\n")

    assert (first, room.issue("2020-11-18").number) == (40, 41)
    assert (plain.issue("2020-11-11").number, plain.issue("2020-11-18").number) == (3, None)


def test_a_first_number_that_is_raised_goes_on_from_there(room: Newsroom) -> None:
    """One that is below what is due changes nothing."""
    room.issue("2020-11-04")
    room.sent("2020-11-04")

    assert replace(room, newsletter="{first_number: 1}").issue("2020-11-11").number == 8
    assert replace(room, newsletter="{first_number: 100}").issue("2020-11-11").number == 100


def test_a_number_comes_once_whatever_is_switched_off_between(room: Newsroom) -> None:
    """An issue that was sent while the settings numbered none does not begin the count again."""
    room.issue("2020-11-04")
    room.sent("2020-11-04")
    plain = replace(room, newsletter="{}")
    plain.issue("2020-11-11")
    plain.sent("2020-11-11")

    assert room.issue("2020-11-18").number == 8


@pytest.mark.parametrize("select", ["{}", "{remember: all}"])
def test_another_newsletter_counts_by_itself(room: Newsroom, select: str) -> None:
    """Also in the same `out`, and where its stories count as having run."""
    room.issue("2020-11-04")
    room.sent("2020-11-04")
    other = replace(room, newsletter="{name: Other, first_number: 1}", select=select)

    assert other.issue("2020-11-11").number == 1


def test_issues_before_there_were_numbers_have_none(room: Newsroom) -> None:
    """The first one with a number has that of the settings, whatever ran before."""
    plain = replace(room, newsletter="{}")
    plain.issue("2020-11-04")
    plain.sent("2020-11-04")

    assert "number" not in room.record("2020-11-04")
    assert room.issue("2020-11-11").number == 7


@options(max_examples=examples(15), deadline=None)
@given(st.lists(st.sampled_from(["send", "build", "set"]), max_size=6), st.integers(1, 50))
def test_numbers_only_rise(steps: list[str], first: int) -> None:
    """By one for each issue that was sent, from the editor's word on where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        room = Newsroom(Path(folder), newsletter=f"{{first_number: {first}}}")
        for number in range(len(steps)):
            room.file(f"a{number}", publishedDateTime=f"2020-11-{number + 3:02}T10:00:00Z")
        due = first
        for number, step in enumerate(steps):
            day = f"2020-11-{number + 3:02}"
            if step == "set":
                due += 5
                room.edits(day, f"number: {due}\n")
            assert room.issue(day).number == due
            if step != "build":
                room.sent(day)
                due += 1


# --- shown


@pytest.mark.parametrize("tongue", ["en", "ar", "ja"])
@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_every_theme_shows_it(look: str, tongue: str) -> None:
    """Before the days, in HTML and text, in the letter's language."""
    own = newsletter(language=tongue)
    made = rendering.render(replace(full_issue(), number=12), own, load(look, {}, language=tongue))
    number = language.load(tongue, {}).say("No. %(number)s", number=12)
    plain = made.text.replace("\u200f", "")

    assert f">{number} · " in made.html
    assert f"\n{number}" in plain
    assert made.notes == ()
    assert number in {"No. 12", "العدد 12", "第12号"}


def test_a_theme_that_does_not_show_it_is_told(tmp_path: Path) -> None:
    """As with anything else that is set and not seen."""
    look = theme(tmp_path)
    for name in ("masthead.mjml", "issue.txt"):
        file = Path(look) / name
        file.write_text(file.read_text("utf-8").replace("if issue.number", "if false"), "utf-8")

    made = rendering.render(replace(full_issue(), number=12), newsletter(), load(look, {}, language="en"))

    assert made.notes == (
        "issue.number: the theme does not show it in its HTML and plain text; show `issue.number` there",
    )


def test_the_build_says_it(room: Newsroom) -> None:
    """Behind the issue's name, and in the JSON."""
    room.settings()
    lines, values = (run(room.folder, "build", "--date", "2020-11-11", *more).printed for more in ((), ("--json",)))

    assert lines.startswith("The AI Week, issue 2020-11-11, No. 7: ")
    assert json.loads(values)["number"] == 7


# --- what is wrong with it


@pytest.mark.parametrize("written", ["0", "-1", "twelve", "1000001", "[1]"])
def test_what_is_no_number_is_a_problem(written: str) -> None:
    """With its line."""
    with pytest.raises(EditsError, match=r"^e\.yaml:2: number is "):
        edits.parse(f"# mine\nnumber: {written}\n".encode(), "e.yaml")


def test_edits_without_it_keep_their_hash() -> None:
    """And with it they have another."""
    hashes = [record.hash_of(edits.parse(text, "e.yaml")) for text in (b"", b"number: ~", b"number: 1", b"number: 2")]

    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_a_damaged_record_is_told(room: Newsroom) -> None:
    """A number that is none is no traceback."""
    room.issue("2020-11-04")
    room.sent("2020-11-04")
    file = room.folder / "out" / "2020-11-04" / "issue.json"
    file.write_text(file.read_text("utf-8").replace('"number": 7', '"number": "seven"'), "utf-8")

    with pytest.raises(RecordError, match="is not a record that digest wrote"):
        room.issue("2020-11-11")
