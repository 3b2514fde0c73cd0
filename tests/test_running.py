"""What tells the event of an earlier issue: a repeat where nothing is new, else an update."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from samples import ROOT
from test_same_event import REST
from weeks import FERRY, WEEK, Newsroom, at, picked, report, rules, verdict

from digest import pipeline
from digest.analysis import explain
from digest.errors import RecordError
from digest.issue import memory, record
from digest.model import Edits, Pin
from digest.preview import editor
from digest.selection import select

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Article, Issue, Past
    from digest.pipeline import Built

BEFORE = replace(WEEK, first=WEEK.first - timedelta(days=7), last=WEEK.last - timedelta(days=7))
ALL = rules(("AI", 30))
RAN = (
    "Ferry Skarvik runs aground off Hallen",
    "The Skarvik hit a rock at dawn with passengers on board, the harbour says.",
)
OTHER_WORDS = (
    "Keepers of lighthouses learn to count to four in the long winters, says Ivo, who wrote songs about fog, herring "
    "and storms, and rows to the islands on Sundays."
)
AGAIN = "Skarvik hit the rock at dawn, the harbour says, with passengers on board."


def past(title: str = RAN[0], excerpt: str = RAN[1], *, day: str = "2020-11-04", provider: str = "Times") -> Past:
    """Return the memory of an issue of the week before that ran a report of the ferry."""
    ran = report(title, excerpt, day=day, provider=provider)
    return record.past_of([record.of_choice(select([ran], BEFORE, ALL))])


def chosen(*reports: Article, earlier: Past | None = None, edits: Edits | None = None, **more: object) -> Issue:
    """Return an issue of the week after with *reports* among other news."""
    return select([*reports, *REST], WEEK, rules(("AI", 30), **more), earlier or past(), edits)


def told(title: str, excerpt: str = AGAIN, *, day: str = "2020-11-05", provider: str = "Gazette") -> Article:
    """Return the report of the week that may tell of the ferry again; its path is `again.md`."""
    return replace(report(title, excerpt, day=day, provider=provider), path="again.md")


def test_an_event_told_again_is_a_repeat() -> None:
    """Another outlet's report of what ran, in other words and without news, does not run, and the verdict says why."""
    issue = chosen(told("Off Hallen the ferry Skarvik runs aground"))
    rule, because = verdict(issue, "again")

    assert rule == "repeat"
    assert because.startswith(
        "it tells what ran on 4 November 2020, and nothing new: “Ferry Skarvik runs aground off Hallen” (Times); "
        "titles agree by "
    )
    assert next(one.ran_in for one in issue.verdicts if one.rule == "repeat") == "2020-11-04"


@pytest.mark.parametrize(
    ("title", "new"),
    [
        ("Ferry Skarvik runs aground off Hallen with 12 hurt", "12"),
        ("Two held as ferry Skarvik runs aground off Hallen", "Two"),
        ("Ferry Skarvik runs aground off Hallen, captain Ekholm held", "Ekholm"),
        ("Ferry Skarvik runs aground off Hallen, 5m krone lost by Veltra", "5m, Veltra"),
    ],
)
def test_a_new_number_or_name_makes_an_update(title: str, new: str) -> None:
    """It runs, and pick and verdict know what it adds to which telling."""
    issue = chosen(told(title))
    pick = next(one for one in issue.picks if one.article.path == "again.md")

    assert pick.update is not None
    assert (pick.update.ran.issue, ", ".join(pick.update.new)) == ("2020-11-04", new)
    assert verdict(issue, "again")[1].endswith(
        f"; an update of “Ferry Skarvik runs aground off Hallen” (Times), new since 4 November 2020: {new}"
    )


@pytest.mark.parametrize(
    "title",
    [
        "Ferry Skarvik runs aground off Hallen in 2020",
        "Ferry Skarvik runs aground off Hallen on 4 November",
        "Ferry Skarvik runs aground off Hallen on Wednesday",
        "Gazette: Ferry Skarvik runs aground off Hallen",
        "Line-7 ferry Skarvik runs aground off Hallen",
        "Ferry Skarvik's crew runs aground off Hallen",
    ],
)
def test_dates_and_outlets_are_no_news(title: str) -> None:
    """Years, days of the calendar, the number of a name, an outlet's own name and other forms of a word add nothing."""
    assert verdict(chosen(told(title)), "again")[0] == "repeat"


@pytest.mark.parametrize(
    ("again", "earlier"),
    [
        (told("Off Hallen the ferry Skarvik runs aground", provider="Times"), past()),
        (told("Off Hallen the ferry Skarvik runs aground", day="2020-11-09"), past()),
        (
            told("渡船史卡維克號在哈倫附近觸礁", "渡船載有旅客，清晨撞上礁石。"),
            past("渡船史卡維克號於哈倫外海觸礁", "渡船載有旅客，清晨撞上礁石。"),
        ),
        (told("Ferry Skarvik and its captain: aground", OTHER_WORDS), past()),
        (told("Ferry Skarvik does not run aground off Hallen"), past()),
    ],
    ids=["of the same outlet", "days later", "without capitals", "another text", "a denial"],
)
def test_where_it_is_not_sure_it_runs_as_any_story(again: Article, earlier: Past) -> None:
    """A story that is held back wrongly is lost, so all must speak for a repeat."""
    issue = chosen(again, earlier=earlier)

    assert next(one.update for one in issue.picks if one.article.path == "again.md") is None


def test_an_outlet_updates_its_own_report() -> None:
    """Who tells an event twice has news; a number says which."""
    issue = chosen(told("Ferry Skarvik runs aground off Hallen: 12 hurt", RAN[1], provider="Times"))

    assert verdict(issue, "again")[1].endswith("new since 4 November 2020: 12")


@pytest.mark.parametrize(("name", "outlet"), [("EU", "Reuters"), ("Oman", "Romania Insider")])
def test_a_name_inside_that_of_the_outlet_is_news(name: str, outlet: str) -> None:
    """An outlet's own name is none, and that is told by whole words."""
    title = f"Ferry Skarvik runs aground at dawn off the rocks of Hallen, {name} asks for an inquiry"

    assert verdict(chosen(told(title, provider=outlet)), "again")[1].endswith(f"new since 4 November 2020: {name}")
    own = title.replace(name, outlet.partition(" ")[0])
    assert verdict(chosen(told(own, provider=outlet)), "again")[0] == "repeat"


@pytest.mark.parametrize("more", [0, 1, 2])
def test_more_publishers_make_an_update(more: int) -> None:
    """What `returns_with` brings back is one, too, also under the address at which it ran."""
    (title, excerpt), *rest = FERRY
    ran = report(title, excerpt, day="2020-11-04", heat=60)
    earlier = record.past_of([record.of_choice(select([ran], BEFORE, ALL))])
    again = replace(ran, path="again.md", published_at=at("2020-11-05"))
    outlets = zip(rest[:more], ("Gazette", "Ledger"), strict=False)
    others = [report(*words, provider=outlet, day="2020-11-05", heat=1) for words, outlet in outlets]
    rule, because = verdict(chosen(again, *others, earlier=earlier, returns_with=1), "again")

    assert rule == ("picked" if more else "repeat")
    assert because.endswith(("", "new since 4 November 2020: 1 more publisher", "2 more publishers")[more])


@given(st.permutations([*range(6)]))
def test_the_order_of_the_archive_decides_nothing(order: list[int]) -> None:
    """Whatever the order in which articles are read, each is a repeat or an update of the same, for the same reason."""
    reports = [
        told("Off Hallen the ferry Skarvik runs aground"),
        report("Ferry Skarvik runs aground off Hallen with 12 hurt", AGAIN, day="2020-11-05", provider="Ledger"),
        report("Ferry Skarvik runs aground off Hallen, Ekholm held", AGAIN, day="2020-11-06", provider="Herald"),
        *REST[:3],
    ]
    expected, issue = (select(articles, WEEK, ALL, past()) for articles in (reports, [reports[at] for at in order]))

    assert record.of_choice(issue) == record.of_choice(expected)
    assert all(one.ran_in == "2020-11-04" for one in issue.verdicts if one.rule == "repeat")


def test_the_editor_and_the_settings_win() -> None:
    """A pin runs all the same, a story that is split off tells nothing again, and `updates: off` asks for nothing."""
    again = told("Off Hallen the ferry Skarvik runs aground")
    risen = told("Ferry Skarvik runs aground off Hallen with 12 hurt")
    pin = Edits(pins=(Pin(story="again.md", section="AI"),))

    for issue in (
        chosen(again, edits=pin),
        chosen(again, edits=Edits(splits=("again.md",))),
        chosen(again, marks_updates=False),
        chosen(risen, marks_updates=False),
    ):
        assert [one.update for one in issue.picks if one.article.path == "again.md"] == [None]


def test_the_last_telling_is_the_one_that_is_named() -> None:
    """What an update said is known too: only what no telling had is new."""
    first = report(*RAN, day="2020-11-03")
    second = report("Ferry Skarvik runs aground off Hallen with 12 hurt", AGAIN, day="2020-11-04", provider="Gazette")
    earlier = record.past_of(
        [
            record.of_choice(select([first], replace(BEFORE, last=BEFORE.last - timedelta(days=1)), ALL)),
            record.of_choice(select([second], BEFORE, ALL)),
        ]
    )
    known = chosen(told("Ferry Skarvik runs aground off Hallen, 12 hurt", provider="Ledger"), earlier=earlier)
    risen = chosen(told("Ferry Skarvik runs aground off Hallen, 20 hurt", provider="Ledger"), earlier=earlier)

    assert verdict(known, "again")[0] == "repeat"
    assert verdict(risen, "again")[1].endswith("with 12 hurt” (Gazette), new since 4 November 2020: 20")


def test_with_nothing_to_remember_nothing_changes() -> None:
    """Without earlier issues, or with none of these days, every story is told for the first time."""
    again = told("Off Hallen the ferry Skarvik runs aground")

    assert "again" in picked(select([again, *REST], WEEK, ALL))["AI"]
    assert "again" in picked(chosen(again, earlier=past(day="2020-10-29")))["AI"]


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """Return a newsroom with the ferry of 4 November, which has the editor's headline, and what was told since."""
    room = Newsroom(tmp_path)
    title, excerpt = RAN
    room.file("ran", title=title, excerpt=excerpt, publishedDateTime="2020-11-04T10:00:00Z")
    room.edits("2020-11-04", "change:\n  - {story: ran.md, title: 'Aground: <the> Skarvik'}\n")
    room.file(
        "again",
        title="Ferry Skarvik runs aground off Hallen with 12 hurt",
        excerpt=AGAIN,
        publishedDateTime="2020-11-05T10:00:00Z",
        provider={"name": "Gazette"},
    )
    return room


def built(room: Newsroom, theme: str = "plain", web: str = "https://example.com/issues/{id}/") -> Built:
    """Build the issues of both weeks, of which the first was sent, and return the second."""
    loaded = replace(room.settings(), templates=os.path.join(ROOT, "templates", theme))
    loaded = replace(loaded, newsletter=replace(loaded.newsletter, web=web))
    pipeline.build(loaded, BEFORE)
    room.sent("2020-11-04")
    return pipeline.build(loaded, WEEK)


@pytest.mark.parametrize("theme", ["default", "links", "magazine", "plain"])
def test_readers_are_told_what_a_story_goes_on_from(room: Newsroom, theme: str) -> None:
    """Both parts of the letter name the day and the headline that they saw, and lead to that issue on the web."""
    built(room, theme)
    page, text = (room.text(f"out/2020-11-11/{name}") for name in ("index.html", "index.txt"))
    link = page[: page.index("Update to 4\u00a0November: Aground: &lt;the&gt; Skarvik</a></p>")].rpartition("<a")[2]

    assert 'href="https://example.com/issues/2020-11-04/"' in link
    assert "   Update to 4 November: Aground: <the> Skarvik\n   https://example.com/issues/2020-11-04/\n" in text
    assert room.record("2020-11-11")["sections"][0]["picks"][0]["update"] == {
        "issue": "2020-11-04",
        "title": "Aground: <the> Skarvik",
        "new": ["12"],
    }


def test_without_a_web_address_the_day_is_told_alone(room: Newsroom) -> None:
    """A newsletter that stands nowhere on the web has nothing to lead to."""
    built(room, web="")

    assert "Update to 4\u00a0November: Aground: &lt;the&gt; Skarvik</p>" in room.text("out/2020-11-11/index.html")
    assert "Update to 4 November: Aground: <the> Skarvik\n\n" in room.text("out/2020-11-11/index.txt")


def test_an_old_event_is_told_with_its_year(room: Newsroom) -> None:
    """What `returns_with` brings back after a year was not of this one."""
    issue = built(room).issue
    pick = issue.picks[0]
    assert pick.update is not None
    old = replace(pick.update, ran=replace(pick.update.ran, day=pick.update.ran.day.replace(year=2019)))
    shown = replace(issue, sections=(replace(issue.sections[0], picks=(replace(pick, update=old),)),))

    assert "Update to 4 November 2019: " in pipeline.render(room.settings(), shown).message.text


def test_the_editor_sees_it_everywhere(room: Newsroom) -> None:
    """`build`, `explain` and the desk say what is an update of what; the schema knows the record."""
    issue = built(room).issue
    its_record = room.record("2020-11-11")
    card = editor.of_record(its_record).shelves[0].picks[0]
    told = "an update of “Ferry Skarvik runs aground off Hallen” (Times), new since 4 November 2020: 12"

    assert memory.in_words(room.settings(), issue, None) == ["Updates: 1 story of issue 2020-11-04"]
    assert (card.is_update, card.because.endswith(told)) == (True, True)
    assert told in "\n".join(explain.lines(explain.ranked(its_record["verdicts"]), 1, WEEK))
    assert list(Draft202012Validator(record.json_schema()).iter_errors(its_record)) == []


def test_an_update_is_handed_over_with_what_it_adds_to(room: Newsroom) -> None:
    """It may list that report as coverage, and its letter is no repeat for it; a later issue that ran it is another."""
    room.file(
        "again",
        title="Ferry Skarvik runs aground off Hallen with 12 hurt",
        excerpt=AGAIN,
        publishedDateTime="2020-11-05T10:00:00Z",
        provider={"name": "Gazette"},
        related=[
            {
                "title": "Skarvik aground off Hallen, the harbour says",
                "excerpt": RAN[1],
                "webUrl": "https://example.com/ran",
                "publishedDateTime": "2020-11-04T10:00:00Z",
                "provider": {"name": "Times"},
            }
        ],
    )
    built(room)

    assert "example.com/ran" in room.record("2020-11-11")["sections"][0]["picks"][0]["addresses"]
    assert memory.repeats(room.settings(), "2020-11-11") == []
    room.build("2020-11-10", first="2020-11-05")
    room.sent("2020-11-10")
    assert [ran.issue for _, ran in memory.repeats(room.settings(), "2020-11-11")] == ["2020-11-10"]


def test_a_record_with_a_broken_update_is_named(room: Newsroom) -> None:
    """What others wrote into a record is never taken on trust."""
    built(room)
    file = room.folder / "out" / "2020-11-11" / "issue.json"
    file.write_text(file.read_text("utf-8").replace('"issue": "2020-11-04"', '"issue": "yesterday"'), encoding="utf-8")

    with pytest.raises(RecordError, match="is not a record that digest wrote; build the issue again"):
        record.read(str(file.parent))
