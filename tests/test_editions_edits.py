"""The editor's file of an issue in the letters of its readers: what `digest editions` makes of edits/DAY.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from command import run
from test_editions import DAY, KEY, contents, lines, newsroom, week_of

from digest import pipeline
from digest.editions.press import Press

if TYPE_CHECKING:
    from pathlib import Path

    from digest.editions.common import CommonWeek
    from digest.model import Issue

TOPICS = ("AI Ethics", "Computer Vision", "AI", "AI in Healthcare", "Robotics")
"""In the order in which the issue for all has them, so that some editions begin as it does."""

GRADING = "2020-11-06-grading-algorithm-marked-down-evening-students-for-nine-years-inquiry-finds.md"
CAMERAS = "2020-11-05-port-ellery-switches-off-340-street-cameras-after-face-matching-audit.md"
FACES = "2020-11-09-face-for-sale-leaks-and-lawsuits-blight-russia-facial-recognition.md"
FERRY = "2020-11-10-crewless-ferry-makes-first-night-crossing-between-skarvik-and-hallen.md"
HEDGEROWS = "2020-10-27-volunteers-label-60-000-drone-photographs-to-put-lost-hedgerows-back-on-the-map.md"
LORRIES = "2020-11-08-lindqvists-three-driverless-lorries-finish-412-kilometre-vesterholm-run-unaided.md"

EDITS: dict[str, object] = {
    "number": 40,
    "subject": "Marks by machine",
    "preheader": "And cameras that are off",
    "introduction": "Dear *reader*, a week of machines.",
    "pin": [{"story": HEDGEROWS, "section": "Robotics", "position": 1}],
    "drop": [{"story": LORRIES, "reason": "had it in the podcast"}],
    "change": [{"story": FERRY, "title": "Nobody at the helm", "kicker": "At sea"}],
    "sections": [{"title": "Robotics", "line": "On wheels and on water."}],
    "blocks": [
        {"kind": "sponsor", "name": "Acme", "text": "Lasers."},
        {"kind": "note", "text": "Written by the robot desk.", "after": "Robotics"},
    ],
}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READER_KEY", KEY)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return the folder of a newsletter with the sample archive, 60 readers and the edits above."""
    newsroom(tmp_path, topics=list(TOPICS))
    write(tmp_path, EDITS)
    return tmp_path


def write(folder: Path, edits: dict[str, object]) -> None:
    """Write the editor's file."""
    file = folder / "edits" / "2020-11-11.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(edits, sort_keys=False), "utf-8")


def edition(week: CommonWeek, *topics: str) -> Issue:
    """Return the issue of a reader who asks for *topics*, and had nothing."""
    return Press(week).issue(week.offer.wish(topics, ""), ())


def paths(issue: Issue) -> list[str]:
    """Return the paths of its stories."""
    return [pick.article.path for pick in issue.picks]


def test_an_edition_has_the_editors_words(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letter and text have number, introduction and blocks, and a story its pin and its headline, where they are."""
    week = week_of(desk, monkeypatch)
    robots, ethics = edition(week, "Robotics"), edition(week, "AI Ethics")

    assert paths(robots)[0] == HEDGEROWS
    assert FERRY in paths(robots)
    assert LORRIES not in paths(robots)
    assert HEDGEROWS not in paths(ethics)
    shown = {"No. 40": True, "a week of machines.": True, "Lasers.": True}
    of_robots = dict.fromkeys(
        ["Nobody at the helm", "At sea", "On wheels and on water.", "Written by the robot desk."], False
    )
    for issue, has in ((robots, True), (ethics, False)):
        text = pipeline.render(week.settings, issue).message.text
        told = {words: words.casefold() in text.casefold() for words in (*shown, *of_robots)}
        assert told == {**shown, **dict.fromkeys(of_robots, has)}


def test_a_subject_is_of_the_story_that_it_names(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edition has the subject that begins as the issue does, and the preheader whose first four stories are its."""
    week = week_of(desk, monkeypatch)
    said = {}
    for topics in (("AI Ethics",), ("AI Ethics", "Computer Vision"), ("Robotics",), ("Computer Vision", "Robotics")):
        issue = edition(week, *topics)
        row = Press(week).edition(week.offer.wish(topics, ""), ())
        message = pipeline.render(week.settings, issue).message
        assert row is not None
        assert row.subject == message.subject
        said[topics] = message.subject, message.preheader == "And cameras that are off"

    assert week.leads[0] == GRADING
    assert week.leads[3] == CAMERAS
    assert said == {
        ("AI Ethics",): ("Marks by machine", False),
        ("AI Ethics", "Computer Vision"): ("Marks by machine", True),
        ("Robotics",): (next(one.title for one in week.articles if one.path == HEDGEROWS), False),
        ("Computer Vision", "Robotics"): (next(one.title for one in week.articles if one.path == CAMERAS), False),
    }


CHANGED: dict[str, dict[str, object]] = {
    "number": {"number": 41},
    "subject": {"subject": "Others"},
    "preheader": {"preheader": "Others"},
    "introduction": {"introduction": "Others."},
    "pin": {"pin": []},
    "drop": {"drop": [{"story": FERRY}]},
    "headline": {"change": [{"story": FERRY, "title": "Others"}]},
    "line": {"sections": [{"title": "Robotics", "line": "Others."}]},
    "style": {"sections": [{"title": "Robotics", "line": "On wheels and on water.", "style": "brief"}]},
    "block": {"blocks": [{"kind": "note", "text": "Others."}]},
    "order": {"order": {"Computer Vision": [FACES]}},
}


def test_the_name_of_an_edition_follows_the_edits(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each word of the editor's that a reader sees gives another name and another mark of the week; a comment none."""
    asked = ("AI Ethics", "Computer Vision", "Robotics")

    def made(edits: dict[str, object]) -> tuple[str, str]:
        write(desk, edits)
        week = week_of(desk, monkeypatch)
        row = Press(week).edition(week.offer.wish(asked, ""), ())
        assert row is not None
        press = Press(week)
        assert press.name(press.issue(row.wish, row.had), "") == row.name
        return row.name, week.mark

    first = made(EDITS)
    others = {case: made({**EDITS, **change}) for case, change in CHANGED.items()}
    write(desk, EDITS)
    file = desk / "edits" / "2020-11-11.yaml"
    file.write_text("# A comment.\n\n" + file.read_text("utf-8"), "utf-8")
    week = week_of(desk, monkeypatch)
    again = Press(week).edition(week.offer.wish(asked, ""), ())

    assert again is not None
    assert (again.name, week.mark) == first
    assert len({first[0], *(name for name, _ in others.values())}) == len(CHANGED) + 1
    assert len({first[1], *(mark for _, mark in others.values())}) == len(CHANGED) + 1


def test_parts_follow_the_file_and_are_not_mixed(desk: Path) -> None:
    """No reader gets what is dropped; after another edit nothing is made beside parts of before, and all stays."""
    assert run(desk, *DAY).status == 0
    picks = {path for row in lines(desk, "editions") for one in row["sections"] for path in one["picks"]}
    before = contents(desk)
    write(desk, {**EDITS, "drop": [{"story": FERRY}]})
    done = run(desk, *DAY)

    assert HEDGEROWS in picks
    assert FERRY in picks
    assert LORRIES not in picks
    assert (done.status, contents(desk)) == (1, before)
    assert done.told.splitlines()[-1] == (
        "editions/2020-11-11/readers/part-1.jsonl: is of other articles, edits, settings, theme, memory or key than "
        "there are now; remove the folder to make them anew, or name another with editions.out; nothing was changed"
    )


def test_an_older_story_brings_nothing_else_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though all of the archive is read for a pin, what is on offer and looked through is of the week, and the pin."""
    newsroom(tmp_path, topics=None)
    plain = week_of(tmp_path, monkeypatch)
    write(tmp_path, {"pin": EDITS["pin"]})
    week = week_of(tmp_path, monkeypatch)

    assert [one.path for one in week.articles if one not in plain.articles] == [HEDGEROWS]
    assert set(plain.articles) <= set(week.articles)
    assert set(week.offer.topics) - set(plain.offer.topics) <= set(
        next(one.topics for one in week.articles if one.path == HEDGEROWS)
    )


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "a story that there is not": (
        {"drop": [{"story": "Nobody wrote this"}]},
        "edits/2020-11-11.yaml:2: no article is 'Nobody wrote this'",
    ),
    "a section that there is not": (
        {"pin": [{"story": FERRY, "section": "Robots"}]},
        "edits/2020-11-11.yaml:3: the issue has no section 'Robots'; did you mean 'Robotics'?",
    ),
    "a key that there is not": (
        {"drops": []},
        "edits/2020-11-11.yaml:1: unknown key 'drops'; did you mean 'drop'?",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_edits_stop_editions_as_they_stop_a_build(desk: Path, case: str) -> None:
    """What is wrong is told in the words of the build, and nothing is written."""
    edits, expected = WRONG[case]
    write(desk, edits)
    done = run(desk, *DAY)

    assert done.status == 1
    assert expected in done.told
    assert done.told.splitlines()[-1] == run(desk, "build", *DAY[1:]).told.splitlines()[-1]
    assert contents(desk) == {}
