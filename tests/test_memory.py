"""What earlier issues ran, what comes late, thin weeks and the editor's word, week after week through real builds."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from command import run
from weeks import FERRY, Newsroom

from digest import pipeline, sending
from digest.errors import DigestError, EditsError, NothingToSend, RecordError, Sealed, SendingError, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from digest.config.settings import Settings
    from digest.model import Issue


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """Return a newsroom with one section of three slots."""
    return Newsroom(tmp_path)


def paths(room: Newsroom, day: str) -> list[str]:
    """Return the picks of an issue, built now."""
    return [pick.article.path[:-3] for pick in room.issue(day).picks]


def because(room: Newsroom, day: str, name: str) -> str:
    """Return the rule and words of one verdict of an issue, built now."""
    return next(f"{one.rule}: {one.because}" for one in room.issue(day).verdicts if one.article.path == f"{name}.md")


@pytest.mark.parametrize(
    "again",
    [
        {"webUrl": "http://example.com/a/?utm_source=letter", "title": "Reworded from the first word to the last"},
        {"webUrl": "https://example.com/b", "ampWebUrl": "https://example.com/a", "title": "Quite another one"},
        {"webUrl": "https://example.com/new"},
    ],
    ids=["address", "amp address", "title"],
)
def test_what_ran_is_not_run_again(room: Newsroom, again: dict[str, object]) -> None:
    """A story that an issue ran is known again by its address in any form, and by its title."""
    room.file("a")
    assert paths(room, "2020-11-09") == ["a"]
    room.sent("2020-11-09")
    (room.folder / "archive" / "a.md").unlink()
    room.file("b", **({"title": "All about a and its many consequences"} | again))
    room.file("c", heat=1)

    assert paths(room, "2020-11-10") == ["c"]
    assert because(room, "2020-11-10", "b") == (
        "repeat: ran on 9 November 2020, marked as sent: “All about a and its many consequences” (Times)"
    )


def test_a_story_may_run_again_after_a_while(tmp_path: Path) -> None:
    """`repeat_after` days after it ran, a story is forgotten."""
    room = Newsroom(tmp_path, select="{repeat_after: 2}")
    room.file("a")
    room.file("b", heat=1)

    assert paths(room, "2020-11-09") == ["a", "b"]
    room.sent("2020-11-09")
    room.file("c", heat=2)
    assert paths(room, "2020-11-11") == ["c"]
    room.sent("2020-11-11")
    assert paths(room, "2020-11-13") == ["a", "b"]


def test_of_several_runs_the_last_one_counts(tmp_path: Path) -> None:
    """A run that is forgotten, known by its address, hides no newer one that is known by its title."""
    room = Newsroom(tmp_path, select="{repeat_after: 2}")
    room.file("old")
    room.build("2020-11-09")
    room.sent("2020-11-09")
    room.file("new", title="The harbour ferry sails without a crew from today")
    assert paths(room, "2020-11-11") == ["new"]
    room.sent("2020-11-11")
    for name in ("old", "new"):
        (room.folder / "archive" / f"{name}.md").unlink()
    address = {"webUrl": "https://example.com/old"}
    room.file("both", title="The harbour ferry sails without a crew from today", **address)
    room.file("other", heat=1)

    assert paths(room, "2020-11-13") == ["other"]
    assert because(room, "2020-11-13", "both") == (
        "repeat: ran on 11 November 2020, marked as sent: “The harbour ferry sails without a crew from today” (Times)"
    )


def test_a_story_returns_with_more_coverage(tmp_path: Path) -> None:
    """`returns_with: 1` brings a story back once one more provider reports it; one that copies it does not."""
    room = Newsroom(tmp_path, select="{returns_with: 1}")
    (title, excerpt), (other_title, other_excerpt), *_ = FERRY
    room.file("a", heat=60, title=title, excerpt=excerpt)
    assert paths(room, "2020-11-09") == ["a"]
    room.sent("2020-11-09")
    room.file("copy", title=title, provider={"name": "Ledger"})
    with pytest.raises(NothingToSend, match="1 merged, 1 repeat"):
        room.build("2020-11-10")
    room.file("b", title=other_title, excerpt=other_excerpt, provider={"name": "Gazette"})

    assert paths(room, "2020-11-10") == ["a"]


def test_a_rehearsal_takes_nothing_from_the_real_issue(room: Newsroom) -> None:
    """What was built of these days and not handed over counts for nothing, and the build says so."""
    room.file("a")
    assert paths(room, "2020-11-09") == ["a"]
    built = room.build("2020-11-10")

    assert [pick.article.path for pick in built.issue.picks] == ["a.md"]
    assert built.issue.rehearsals == ("2020-11-09",)


def test_an_issue_of_other_days_counts_until_something_was_handed_over(room: Newsroom) -> None:
    """Whoever pastes HTML by hand leaves no trace, so weeks that are over count; with a trace only handed-over ones."""
    room.file("old", publishedDateTime="2020-11-02T10:00:00Z")
    room.file("again", webUrl="https://example.com/old", title="Ferries sail at night without crews")
    room.file("other", title="Beekeepers count mites by camera", heat=1)
    assert paths(room, "2020-11-02") == ["old"]
    assert paths(room, "2020-11-09") == ["other"]
    assert because(room, "2020-11-09", "again").startswith(
        "repeat: ran on 2 November 2020, built, and not known to be sent: “All about old"
    )

    room.file("first", publishedDateTime="2020-10-20T10:00:00Z", title="Orchestra plays for whales")
    room.build("2020-10-20")
    room.sent("2020-10-20")
    # Readers never got it, so it comes late, and the later report of the window leads it.
    assert paths(room, "2020-11-09") == ["again", "other"]


def test_a_newsletter_has_a_memory_of_its_own(room: Newsroom) -> None:
    """What another newsletter of the same `out` ran may run here, unless the settings say otherwise."""
    room.file("a")
    room.file("b", heat=1, title="Ferries sail at night without crews")
    room.build("2020-11-09")
    room.sent("2020-11-09")
    other = room.settings()
    weekly = replace(other, newsletter=replace(other.newsletter, name="The Weekly"))
    window = pipeline.window_of(weekly, last=date(2020, 11, 10))
    both = replace(weekly, rules=replace(weekly.rules, remember_all=True))

    assert [pick.article.path for pick in pipeline.choose(weekly, window).issue.picks] == ["a.md", "b.md"]
    with pytest.raises(NothingToSend, match="2 repeat"):
        pipeline.choose(both, window)


def test_memory_reads_candidates_of_recent_issues_only(room: Newsroom) -> None:
    """Of older issues no more than the picks is read: what stands behind them may be anything."""
    room.file("a", publishedDateTime="2020-09-01T10:00:00Z")
    room.build("2020-09-01")
    room.sent("2020-09-01")
    record = room.folder / "out" / "2020-09-01" / "issue.json"
    content = record.read_bytes()
    end = content.index(b'\n "verdicts": [')
    record.write_bytes(content[:end] + b'\n "verdicts": [ cut off')
    room.file("b", webUrl="https://example.com/a", title="Ferries sail at night without crews")
    room.file("c", heat=1, title="Beekeepers count mites by camera")

    assert paths(room, "2020-11-09") == ["c"]


def test_a_pipe_in_place_of_an_old_record_is_named(room: Newsroom) -> None:
    """The memory waits for nobody to write into it."""
    room.file("a", publishedDateTime="2020-09-01T10:00:00Z")
    room.build("2020-09-01")
    room.sent("2020-09-01")
    record = room.folder / "out" / "2020-09-01" / "issue.json"
    record.unlink()
    os.mkfifo(record)

    with pytest.raises(RecordError, match=r"issue\.json: is a pipe, not a file"):
        room.build("2020-11-09")


def test_what_was_handed_over_meanwhile_stops_a_sending(tmp_path: Path) -> None:
    """Two issues that were built of the same days cannot both be handed over."""
    room = Newsroom(tmp_path)
    room.file("a")
    room.build("2020-11-09")
    room.build("2020-11-10")
    room.sent("2020-11-10")

    with pytest.raises(SendingError) as caught:
        sending.prepare(room.settings(), "2020-11-09", "outbox")
    assert str(caught.value) == (
        f"{room.folder}/out/2020-11-09: 1 of its stories ran in issue 2020-11-10, which was handed over since this was "
        "built; build it again: digest build --date 2020-11-09"
    )


def files(room: Newsroom, day: str) -> dict[str, bytes]:
    """Return the files of an issue by name."""
    folder = room.folder / "out" / day
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_sent_issue_is_sealed(room: Newsroom) -> None:
    """A rebuild that changes nothing is fine; one that would is refused, and nothing is touched."""
    room.file("a")
    room.build("2020-11-09")
    room.sent("2020-11-09")
    before = files(room, "2020-11-09")
    assert room.build("2020-11-09").sent is not None
    room.file("hotter", heat=90, title="Ferries sail at night without crews")

    with pytest.raises(Sealed) as caught:
        room.build("2020-11-09")
    folder = f"{room.folder}/out/2020-11-09"
    assert str(caught.value) == (
        f"{folder}: was handed over (marked as sent), and nothing was changed; --again builds over it and keeps what "
        f"readers got in {folder}/sent"
    )
    assert files(room, "2020-11-09") == before


def test_what_is_handed_over_while_it_is_built_is_sealed(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hand-over that begins during a build keeps the letter that it hands over."""
    room.file("a")
    room.build("2020-11-09")
    room.file("hotter", heat=90, title="Ferries sail at night without crews")
    before, render = files(room, "2020-11-09"), pipeline.render

    def handed_over_meanwhile(settings: Settings, issue: Issue) -> pipeline.Rendered:
        room.sent("2020-11-09")
        return render(settings, issue)

    monkeypatch.setattr(pipeline, "render", handed_over_meanwhile)
    with pytest.raises(Sealed):
        room.build("2020-11-09")
    after = files(room, "2020-11-09")
    assert {name: content for name, content in after.items() if name != "sent.json"} == before


def test_again_keeps_what_readers_got(room: Newsroom) -> None:
    """--again builds over a sealed issue; what readers got stands beside it, and the memory goes by that."""
    room.file("a")
    room.build("2020-11-09")
    room.sent("2020-11-09")
    before = files(room, "2020-11-09")
    for heat, title in ((90, "Ferries sail at night without crews"), (91, "Beekeepers count mites by camera")):
        room.file("hotter", heat=heat, title=title)
        loaded = room.settings()
        pipeline.build(loaded, pipeline.window_of(loaded, last=date(2020, 11, 9)), again=True)

    after = files(room, "2020-11-09")
    assert {name.removeprefix("sent/"): after[name] for name in after if name.startswith("sent/")} == {
        name: content for name, content in before.items() if name != "sent.json"
    }
    assert after["sent.json"] == before["sent.json"]
    assert b"Beekeepers" in after["index.txt"]
    assert paths(room, "2020-11-10") == ["hotter"]  # readers never got it


def test_an_issue_that_turns_out_empty_leaves_none_behind(room: Newsroom) -> None:
    """What stood there and was not handed over cannot be sent any more; own files stay, and so does a sealed issue."""
    room.file("a")
    for day in ("2020-11-09", "2020-11-10"):
        room.build(day)
    room.sent("2020-11-10")
    (room.folder / "out" / "2020-11-09" / "mine.txt").write_text("mine", "utf-8")
    room.file("a", published=False)

    for day in ("2020-11-09", "2020-11-10"):
        with pytest.raises(NothingToSend):
            room.build(day)
    assert set(files(room, "2020-11-09")) == {"mine.txt"}
    assert set(files(room, "2020-11-10")) >= {"index.html", "issue.json", "sent.json"}


def test_rebuilding_an_old_issue_gives_that_issue(room: Newsroom) -> None:
    """Later issues do not change an older one: the bytes are the same."""
    room.file("a")
    room.build("2020-11-09")
    before = room.text("out/2020-11-09/issue.json")
    room.file("b", publishedDateTime="2020-11-10T10:00:00Z")
    room.build("2020-11-10")
    room.build("2020-11-09")

    assert before == room.text("out/2020-11-09/issue.json")


@pytest.mark.parametrize("lack", [{"published": False}, {"heat": None}, {"webUrl": None}], ids=str)
def test_what_could_not_run_comes_late(room: Newsroom, lack: dict[str, object]) -> None:
    """An article that was unpublished, unscored or without address in its week runs later, and is marked."""
    room.file("a")
    room.file("b", title="Beekeepers count mites by camera", **lack)
    room.build("2020-11-09", first="2020-11-03")
    room.file("b", title="Beekeepers count mites by camera")
    room.file("c", publishedDateTime="2020-11-12T10:00:00Z", title="Ferries sail at night without crews")
    room.build("2020-11-16", first="2020-11-10")

    picks = {pick["path"]: pick["late"] for pick in room.record("2020-11-16")["sections"][0]["picks"]}
    assert picks == {"b.md": True, "c.md": False}
    assert "Times, 9 November, from last week" in room.text("out/2020-11-16/index.txt")
    assert ", from last week</p>" in room.text("out/2020-11-16/index.html")


def test_what_lies_between_two_windows_comes_late(room: Newsroom) -> None:
    """An article of a day that no window covered is carried over."""
    room.file("a", publishedDateTime="2020-11-01T10:00:00Z")
    room.build("2020-11-01")
    room.file("gap", publishedDateTime="2020-11-03T10:00:00Z", title="Ferries sail at night without crews")
    room.file("b", publishedDateTime="2020-11-12T10:00:00Z")

    assert paths(room, "2020-11-14") == ["b", "gap"]


def test_who_was_a_candidate_is_not_late(tmp_path: Path) -> None:
    """A story that lost its slot had its chance."""
    room = Newsroom(tmp_path, sections="[{topic: AI, limit: 1}]")
    room.file("a", heat=60)
    room.file("loser")
    room.build("2020-11-09", first="2020-11-03")
    room.file("b", publishedDateTime="2020-11-12T10:00:00Z", heat=1)

    assert paths(room, "2020-11-16") == ["b"]


def test_nothing_is_late_without_an_earlier_issue_or_when_turned_off(tmp_path: Path) -> None:
    """The first issue knows no week before it, and `late_days: 0` looks at none."""
    room = Newsroom(tmp_path, select="{late_days: 0}")
    room.file("old", publishedDateTime="2020-11-01T10:00:00Z")
    room.file("a")
    assert [pick.late for pick in room.issue("2020-11-09").picks] == [False]
    room.file("older", publishedDateTime="2020-11-02T10:00:00Z")
    room.file("b", publishedDateTime="2020-11-12T10:00:00Z")

    assert paths(room, "2020-11-16") == ["b"]


def test_a_damaged_memory_is_an_error(room: Newsroom) -> None:
    """An earlier record that cannot be read stops the build: who does not know what ran may repeat it."""
    room.file("a")
    room.build("2020-11-09")
    room.sent("2020-11-09")
    (room.folder / "out" / "2020-11-09" / "issue.json").write_text("{", encoding="utf-8")

    with pytest.raises(RecordError, match=r"out/2020-11-09/issue.json: is damaged; build the issue again$"):
        room.build("2020-11-10")


def test_every_edit_reaches_the_issue(tmp_path: Path) -> None:
    """Pin, drop, move, change, order, subject and preheader do what they say, and the verdicts name the editor."""
    room = Newsroom(tmp_path, sections="[{topic: AI, limit: 2}, {topic: Golf, limit: 2}]")
    for heat, name in enumerate(["pinned", "kept", "moved", "dropped"], start=1):
        room.file(name, heat=heat, topics=["AI", "Golf"] if name == "moved" else ["AI"])
    room.file("hidden", published=False, topics=[], publishedDateTime="2020-01-01T10:00:00Z")
    room.edits(
        "2020-11-09",
        "subject: Mine\npreheader: Yours\n"
        "pin:\n  - {story: pinned.md, section: ai, position: 1}\n"
        "  - {story: 'https://www.example.com/hidden/', section: AI}\n"
        "drop: [{story: All about dropped and its many consequences, reason: not ours}]\n"
        "move: [{story: moved.md, section: Golf}]\n"
        "change: [{story: moved.md, title: Better, excerpt: Still better.}]\n",
    )

    built = room.build("2020-11-09")
    assert [[pick.article.path for pick in one.picks] for one in built.issue.sections] == [
        ["pinned.md", "hidden.md"],
        ["moved.md"],
    ]
    assert (built.message.subject, built.message.preheader) == ("Mine", "Yours")
    assert "Better\n\n   Still better.\n" in room.text("out/2020-11-09/index.txt")
    assert because(room, "2020-11-09", "dropped") == "dropped: the editor dropped it: not ours"
    assert because(room, "2020-11-09", "pinned") == "picked: the editor pinned it in AI, place 1"
    assert because(room, "2020-11-09", "moved").endswith("; the editor moved it there")


def test_the_editor_orders_a_section(room: Newsroom) -> None:
    """What `order` names comes first, in that order; the rest follows by heat."""
    for heat, name in enumerate(["a", "b", "c"], start=1):
        room.file(name, heat=heat)
    room.edits("2020-11-09", "order: {AI: [a.md, b.md]}\n")

    assert paths(room, "2020-11-09") == ["a", "b", "c"]


def test_an_order_waits_for_a_section_that_a_drop_took_out(tmp_path: Path) -> None:
    """Without `sections` they come of the topics: one ordered before is no mistake when its last story is dropped."""
    room = Newsroom(tmp_path, sections="")
    room.file("a", heat=2, topics=["Golf"])
    room.file("b", heat=1)
    room.file("c", heat=0)
    room.edits("2020-11-09", "order: {golf: [a.md]}\ndrop: [{story: a.md}]\n")
    dropped = paths(room, "2020-11-09")
    room.edits("2020-11-09", "order: {Gulf: [a.md]}\n")

    assert dropped == ["b", "c"]
    with pytest.raises(EditsError, match=r"1: the issue has no section 'Gulf'; did you mean 'Golf'\?"):
        room.build("2020-11-09")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("drop:\n  - story: b.md\n    reason: x\n", "2: no article is 'b.md'; did you mean 'a.md'?"),
        ("drop: [{story: All about a}]\n", "1: no article is 'All about a'; did you mean 'All about a and its many c"),
        ("pin: [{story: a.md, section: AY}]\n", "1: the issue has no section 'AY'; did you mean 'AI'?"),
        ("pin: [{story: homeless.md, section: AI}]\n", "1: 'homeless.md' has no address to lead to; it cannot be pin"),
        ("pinn: []\n", "1: unknown key 'pinn'; did you mean 'pin'?"),
        ("pin: [a.md]\n", "1: pin[0] is not a list of `key: value` lines"),
        (
            "change: [{story: a.md}]\n",
            "1: a change without title, excerpt, kicker, why, picture, alt or credit; write one of them",
        ),
        ("subject: [\n", "2: not valid YAML"),
    ],
)
def test_an_edit_that_names_nothing_is_an_error(room: Newsroom, text: str, message: str) -> None:
    """Each message has the file, its line and the nearest match."""
    room.file("a")
    room.file("homeless", webUrl=None)
    room.edits("2020-11-09", text)

    with pytest.raises(EditsError) as caught:
        room.build("2020-11-09")
    assert f"{room.folder}/edits/2020-11-09.yaml:{message}" in str(caught.value)


@pytest.mark.parametrize(
    ("thin", "expected"),
    [("skip", ["ai"]), ("keep", ["ai", "golf"]), ("{widen: 5}", ["ai", "golf", "older"])],
)
def test_a_thin_section_follows_its_policy(tmp_path: Path, thin: str, expected: list[str]) -> None:
    """Below its minimum a section is left out, kept, or looks further back for itself alone."""
    room = Newsroom(tmp_path, sections=f"[{{topic: AI}}, {{topic: Golf, min: 2, thin: {thin}}}]")
    room.file("ai", title="Machines learn to knit")
    room.file("golf", topics=["Golf"], title="Ferries sail at night", webUrl="https://example.com/golf")
    room.file("older", topics=["Golf", "AI"], publishedDateTime="2020-11-01T10:00:00Z", heat=99)

    assert sorted(paths(room, "2020-11-09")) == expected


def test_stories_of_a_skipped_section_move_on(tmp_path: Path) -> None:
    """A story whose section is left out takes a slot elsewhere if it may; else its verdict says what was missing."""
    room = Newsroom(tmp_path, sections="[{topic: AI}, {topic: Golf, min: 3}]")
    room.file("both", topics=["Golf", "AI"])
    room.file("golf", topics=["Golf"], title="Ferries sail at night")

    assert paths(room, "2020-11-09") == ["both"]
    assert because(room, "2020-11-09", "golf").startswith("thin: Golf is left out this week: it has ")


def test_too_few_stories_make_no_issue(tmp_path: Path) -> None:
    """Below `min_stories` nothing is written, and the message says how many there were."""
    room = Newsroom(tmp_path, select="{min_stories: 2}")
    room.file("a")

    with pytest.raises(NothingToSend, match=r"only 1 story; an issue needs 2 \(`select.min_stories`\)"):
        room.build("2020-11-09")
    assert not (room.folder / "out").exists()


def test_a_soft_cap_gives_way_to_a_minimum(tmp_path: Path) -> None:
    """It relaxes, visibly, where a section would be too thin; a hard one leaves the section out."""
    room = Newsroom(tmp_path, sections="[{topic: AI, limit: 2, min: 2}]", select="{per_provider: 1, soft_caps: true}")
    room.file("a", heat=9)
    room.file("b", heat=8, title="Ferries sail at night")
    assert paths(room, "2020-11-09") == ["a", "b"]
    assert because(room, "2020-11-09", "b").endswith("beyond the share of Times, as AI would have been too thin")


def test_the_price_of_a_share(tmp_path: Path) -> None:
    """The verdict says which heat was given up for which story."""
    room = Newsroom(tmp_path, sections="[{topic: AI, limit: 2}]", select="{per_provider: 1}")
    room.file("a", heat=9)
    room.file("b", heat=8, title="Ferries sail at night")
    room.file("c", heat=1, title="Bees counted by camera", provider={"name": "Gazette"})

    assert because(room, "2020-11-09", "b") == (
        "provider: Times already leads 1 story, its share (`per_provider`); its heat 8 was given up for “Bees counted "
        "by camera” (heat 1, Gazette); the last of them is “All about a and its many consequences” (heat 9, Times); "
        "heat 10 would have been enough"
    )


def test_a_section_of_videos(tmp_path: Path) -> None:
    """`match` takes stories by type, whatever their topics."""
    room = Newsroom(tmp_path, sections="[{title: Videos, match: {type: video}}, {topic: AI}]")
    room.file("a", title="Machines learn to knit")
    room.file("v", type="video", title="Ferries sail at night")

    assert [one.title for one in room.issue("2020-11-09").sections] == ["Videos", "AI"]


def test_errors_are_for_the_user() -> None:
    """Every failure of this kind is one the command line prints without a traceback."""
    assert all(issubclass(kind, DigestError) for kind in (EditsError, NothingToSend, RecordError))


UNMATCHED = {
    "topic: Robotic": "no article has the topic 'Robotic'; did you mean 'Robotics'?",
    "match: {provider: Tines}": "no article has the provider 'Tines'; did you mean 'Times'?",
    "match: {type: vidio}": "no article has the type 'vidio'; did you mean 'video'?",
    "match: {category: sport}": "no article has the category 'sport'; no article has any",
    "match: {language: fr}": "no article has the language 'fr'; known are de",
    "match: {path: 'blag/*'}": "no article has the path 'blag/*'; did you mean 'blog/*'?",
}
"""Sections that take nothing, by what they ask for, and what is said of each."""


@pytest.mark.parametrize("asked", UNMATCHED)
def test_a_section_that_takes_nothing_stops_no_week(tmp_path: Path, asked: str) -> None:
    """The other sections are there, what fits no article is told with the nearest, and only --strict stops for it."""
    room = Newsroom(tmp_path, sections=f"[{{topic: AI}}, {{title: Odd, {asked}}}]")
    room.file("a")
    # Of another week: the word is looked for in the whole archive.
    room.file("blog/b", publishedDateTime="2019-01-01T10:00:00Z", topics=["Robotics"], type="video", language="de")
    built = room.build("2020-11-11")
    told = [line.partition("digest.yaml:")[2] for line in built.unmatched]

    assert [pick.article.path for pick in built.issue.picks] == ["a.md"]
    assert told == [f"2: {UNMATCHED[asked]}"]
    with pytest.raises(SettingsError, match="no article has the"):
        pipeline.build(room.settings(), pipeline.window_of(room.settings(), last=date(2020, 11, 11)), strict=True)


def test_a_word_of_another_week_is_no_mistake(tmp_path: Path) -> None:
    """A topic that nobody writes about this week is spelled right if an older article has it."""
    room = Newsroom(tmp_path, sections="[{topic: AI}, {topic: robotics}]")
    room.file("a")
    room.file("b", publishedDateTime="2019-01-01T10:00:00Z", topics=["Robotics"])

    assert room.build("2020-11-11").unmatched == ()


def test_the_commands_warn_of_a_section_that_takes_nothing(tmp_path: Path) -> None:
    """`build` and `explain` say so on standard error, and JSON has it among the problems."""
    room = Newsroom(tmp_path, sections="[{topic: AI}, {topic: Robotic}]")
    room.file("a", topics=["AI", "Robotics"])
    room.settings()
    explained = run(tmp_path, "explain", "--date", "2020-11-11")
    built = run(tmp_path, "build", "--date", "2020-11-11", "--json")
    warning = "digest.yaml:2: no article has the topic 'Robotic'; did you mean 'Robotics'?"

    assert (explained.status, built.status) == (0, 0)
    assert explained.told == built.told == f"warning: {warning}\n"
    assert json.loads(built.printed)["problems"] == [warning]
