"""The issue in memory: what is read again for which change, and what the desk may write."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import faults
import pytest
from hypothesis import given
from hypothesis import strategies as st
from previewing import Newsroom, ask, newsroom, post, serving
from samples import SEEDS, WINDOW

from digest import archive, checks, sending
from digest.analysis import explain
from digest.config import edits
from digest.errors import DigestError, EditsError, Sealed
from digest.issue import record
from digest.mail.delivery import Clock
from digest.model import Edits, Finding
from digest.preview import actions, background_check, editor, request_values
from digest.preview.session import Conflict, Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.config.values import Waiver
    from digest.preview import Preview

NEW = (
    "---\ntitle: {title}\nheat: {heat}\npublishedDateTime: 2020-11-09T10:00:00Z\n"
    "webUrl: https://news.example.com/{name}\ntopics: [AI]\nprovider: {{name: Harbour Times}}\n---\n"
)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Set up a newsroom."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    return newsroom(tmp_path)


@pytest.fixture
def live(room: Newsroom) -> Session:
    """Build it in memory."""
    return Session(room.load)


def titles(live: Session) -> list[str]:
    """Return all headlines."""
    return [pick.article.title for pick in live.snapshot.issue.picks]


def refresh(live: Session, room: Newsroom, *files: Path) -> bool:
    """Say that some files have changed."""
    return live.refresh({str(file) for file in files}, str(room.config))


def test_it_shows_what_a_build_writes(room: Newsroom, live: Session) -> None:
    """In memory the files are byte for byte those of the next build, also after an edit of the desk."""
    live.edit(lambda draft: draft.words("subject", "Mine"), "the subject", live.snapshot.edits_hash)
    built = room.build()

    written = {name: (room.folder / "out" / "2020-11-11" / name).read_bytes() for name in live.snapshot.files}
    assert written == dict(live.snapshot.files)
    assert built.message.subject == "Mine"


def test_only_the_changed_article_is_read(room: Newsroom, live: Session) -> None:
    """A new article is read on its own: others that changed without a word are not looked at."""
    other = next(file for file in (room.folder / "seeds").glob("2020-11-09-*.md"))
    content = other.read_text("utf-8")
    other.unlink()
    new = room.folder / "seeds" / "new.md"
    new.write_text(NEW.format(title="New here", heat=500, name="new"), "utf-8")
    before = len(live.snapshot.issue.verdicts)
    refresh(live, room, new)

    assert "New here" in titles(live)
    assert len(live.snapshot.issue.verdicts) == before + 1
    other.write_text(content, "utf-8")


def test_a_folder_that_comes_is_read_whole(room: Newsroom, live: Session) -> None:
    """A folder of articles that is moved in is in the issue."""
    folder = room.folder / "seeds" / "more"
    folder.mkdir()
    (folder / "new.md").write_text(NEW.format(title="New here", heat=500, name="new"), "utf-8")

    assert refresh(live, room, folder)
    assert "New here" in titles(live)


@pytest.mark.parametrize(
    "name", ["seeds/notes.txt", "seeds/.hidden.md", "README.md", "edits/2020-11-04.yaml", "elsewhere.md"]
)
def test_what_does_not_matter_changes_nothing(room: Newsroom, live: Session, name: str) -> None:
    """Other files, hidden ones and the edits of other issues are not a new picture, or leave it as it is."""
    file = room.folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("x")
    before = live.snapshot.letter
    refresh(live, room, file)

    assert (live.snapshot.letter, live.snapshot.error) == (before, "")


def test_a_file_saved_as_it_was_is_no_new_state(room: Newsroom, live: Session) -> None:
    """Nothing is announced, so that the page does not replace a desk in which somebody is pressing a button."""
    article = next((room.folder / "seeds").glob("2020-11-09-*.md"))
    before = live.snapshot
    article.write_bytes(article.read_bytes())

    assert not refresh(live, room, article, room.config)
    assert live.snapshot is before


def test_an_error_leaves_the_last_good_issue(room: Newsroom, live: Session) -> None:
    """What cannot be built is said with its place; what mends it clears it, also when another file came between."""
    good = live.snapshot.letter
    room.config.write_text("archive: [seeds]\ntemplate: theme\n")
    refresh(live, room, room.config)
    told, kept = live.snapshot.error, live.snapshot.letter
    new = room.folder / "seeds" / "new.md"
    new.write_text(NEW.format(title="New here", heat=500, name="new"), "utf-8")
    refresh(live, room, new)
    still = live.snapshot.error
    room.config.write_text("archive: [seeds]\ntemplates: theme\n")
    refresh(live, room, room.config)

    assert told == still == f"{room.config}:2: unknown key 'template'; did you mean 'templates'?"
    assert kept == good
    assert live.snapshot.error == ""
    assert "New here" in titles(live)


def test_a_mistake_of_our_own_is_said_and_logged(
    room: Newsroom, live: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug does not end the session: its traceback is logged, the page says so, and the letter stays."""
    monkeypatch.setattr(live, "_load", lambda: 1 / 0)
    refresh(live, room, room.config)

    assert live.snapshot.error == "an error in digest itself; its traceback is in the terminal"
    assert "ZeroDivisionError" in caplog.text


def test_a_file_changed_meanwhile_is_not_written_over(room: Newsroom, live: Session) -> None:
    """Who saw an older file writes nothing, and neither does undo."""
    base = live.snapshot.edits_hash
    live.edit(lambda draft: draft.words("subject", "Mine"), "the subject", base)
    room.edits.write_text("subject: Theirs\n")
    with pytest.raises(Conflict) as caught:
        live.edit(lambda draft: draft.words("subject", "Mine again"), "the subject", live.snapshot.edits_hash)
    with pytest.raises(Conflict):
        live.undo()

    assert str(caught.value) == (
        f"{room.edits}: was changed meanwhile, and nothing was written; look at what is new there, then do it again"
    )
    assert room.edits.read_text() == "subject: Theirs\n"


def test_undo_goes_all_the_way_back(room: Newsroom, live: Session) -> None:
    """Each step is taken back in turn to the very bytes there were, at last to no file."""
    first = live.snapshot.letter
    room.edits.parent.mkdir()
    room.edits.write_text("# mine\n\n\nsubject:   'x'\n")
    refresh(live, room, room.edits)
    for words in ("one", "two"):
        live.edit(lambda draft, words=words: draft.words("subject", words), words, live.snapshot.edits_hash)  # type: ignore[misc]  # the word of this turn

    assert (live.snapshot.undo, live.undo(), live.undo(), live.snapshot.undo) == ("two", "two", "one", "")
    assert room.edits.read_text() == "# mine\n\n\nsubject:   'x'\n"
    with pytest.raises(Conflict, match="there is nothing to undo"):
        live.undo()
    assert live.snapshot.letter != first


def test_an_edit_that_gives_no_issue_is_not_written(room: Newsroom, live: Session) -> None:
    """What the build would refuse is refused at the desk, in the same words."""
    with pytest.raises(EditsError, match=r"2020-11-11.yaml:2: no article is 'x.md'"):
        live.edit(lambda draft: draft.order("AI", ["x.md"]), "x", live.snapshot.edits_hash)
    lead = live.snapshot.issue.picks[0].article.path
    with pytest.raises(DigestError, match="no section 'Nowhere'"):
        live.edit(lambda draft: draft.pin([lead], "Nowhere"), "x", live.snapshot.edits_hash)

    assert not room.edits.exists()
    assert live.snapshot.error == ""


def test_an_older_story_that_is_pinned_is_found(room: Newsroom, live: Session) -> None:
    """A story from before the window is looked for in the whole archive, as a build does."""
    room.edits.parent.mkdir()
    room.edits.write_text("pin:\n- {story: Startup’s chatbot greeted customers as first name for a day, section: AI}\n")
    refresh(live, room, room.edits)
    wrong = live.snapshot.error
    old = next((room.folder / "seeds").glob("2020-10-27-port-*.md")).name
    room.edits.write_text(f"pin:\n- {{story: {old}, section: AI}}\n")
    refresh(live, room, room.edits)

    assert "2020-11-11.yaml:2" in wrong
    assert live.snapshot.error == ""
    assert old in [pick.article.path for pick in live.snapshot.issue.picks]


def test_what_an_earlier_issue_ran_is_minded(room: Newsroom, live: Session) -> None:
    """An earlier issue that is handed over meanwhile changes what may run now, and the desk says what it holds back."""
    from datetime import date  # noqa: PLC0415 - for this test alone

    before = titles(live)
    room.build(date(2020, 11, 10))
    sending.mark(live.snapshot.settings, "2020-11-10", Clock(lambda: 1_605_000_000.0, lambda _: None))

    assert refresh(live, room, room.folder / "out" / "2020-11-10")
    assert set(titles(live)).isdisjoint(before)
    assert live.snapshot.remembered[0].startswith("Held back: ")
    assert live.snapshot.remembered[0].endswith(" stories of issue 2020-11-10, marked as sent")


def test_a_judge_is_asked_about_all_files(room: Newsroom) -> None:
    """What the judge finds stands on the desk; it is given all that it would ask of what a build writes."""
    given_files: list[Mapping[str, bytes]] = []

    def judge(files: Mapping[str, bytes], waivers: Sequence[Waiver]) -> list[Finding]:
        assert [waiver.rule for waiver in waivers] == []
        given_files.append(files)
        return [
            Finding(
                rule="clip-near", severity="warning", file="index.html", line=3, what="is large <b>", remedy="trim it"
            )
        ]

    room.edits.parent.mkdir()
    room.edits.write_text("subject: 'Re: SHOCKING!!'\n")
    with serving(room, judge=judge) as served:
        page = ""
        while "finding warning" not in page:
            page = ask(served, "/desk").text
    folder = Path(room.build().folder)
    written = {file.name: file.read_bytes() for file in folder.iterdir()}

    assert sorted(given_files[0]) == sorted(written)
    assert checks.check(given_files[0]) == checks.check(written) != ()
    assert "is large &lt;b&gt;; trim it" in page


def test_the_check_of_another_process_is_the_check() -> None:
    """What it finds comes back as it was found, every field."""
    parts = faults._parts()
    parts.html = parts.html.replace("</h1>", "</h1><p>Lorem ipsum {{ name }}</p><img src='https://example.com/a.webp'>")
    files = faults.files(parts)
    found = background_check.check(files)

    assert found == list(checks.check(files))
    assert len(found) > 3
    assert any(one.clients for one in found)
    assert background_check.check(faults.sound()) == []


def test_a_check_that_fails_ends_no_session(room: Newsroom, caplog: pytest.LogCaptureFixture) -> None:
    """It is told in the terminal, the page has no findings and goes on."""
    asked = threading.Event()

    def broken(_: Mapping[str, bytes], __: Sequence[Waiver]) -> list[Finding]:
        asked.set()
        raise RuntimeError("digest check ended with -9: ")

    with serving(room, judge=broken) as served:
        assert asked.wait(10)
        room.edits.parent.mkdir(exist_ok=True)
        room.edits.write_text("subject: Another\n", "utf-8")
        while "Another" not in ask(served, "/desk").text:
            pass

    assert "the check of the preview failed" in caplog.text
    assert "digest check ended with -9" in caplog.text


def test_a_check_that_cannot_be_run_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it said itself."""
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(RuntimeError, match="digest check ended with 1: "):
        background_check.check({"index.html": b""})


def test_without_a_judge_the_page_is_silent_about_it(room: Newsroom) -> None:
    """Who gave no judge is not told that nothing was found."""
    with serving(room) as served:
        assert "finding" not in ask(served, "/desk").text


def test_the_desk_says_what_came_of_it(room: Newsroom) -> None:
    """An action's answer names it, and of a story that still does not run, why."""
    with serving(room) as served:
        issue = served.live.snapshot.issue
        last = issue.sections[0].picks[-1].article
        told = post(
            served,
            "/edit",
            {
                "action": "move",
                "story": last.path,
                "section": issue.sections[-1].title,
                "base": served.live.snapshot.edits_hash,
            },
        ).json["message"]

    assert told.startswith(f"Done: the move of “{last.title}”.")


def test_five_stand_next_in_line(live: Session) -> None:
    """Each section shows at most five that wait, each with its verdict; the record of the issue gives the same."""
    shown = editor.of_issue(live.snapshot.issue, live.snapshot.message)

    assert [len(shelf.picks) for shelf in shown.shelves] == [3] * 6
    assert max(len(shelf.waiting) for shelf in shown.shelves) == 5
    assert [card for shelf in shown.shelves for card in (*shelf.picks, *shelf.waiting) if not card.because] == []


MATCHED = "sections: [{title: Recent, match: {none: [Robotics]}, limit: 2}, {topic: Computer Vision, limit: 1}]\n"


@pytest.mark.parametrize("settings_of_sections", ["", MATCHED], ids=["a-topic-each", "matched"])
def test_explain_and_the_desk_name_the_same_runners_up(room: Newsroom, settings_of_sections: str) -> None:
    """Who stands next in line is one answer, also in a section that takes stories by something else than topics."""
    room.config.write_text(room.config.read_text("utf-8") + settings_of_sections, "utf-8")
    live = Session(room.load)
    shown = editor.of_issue(live.snapshot.issue, live.snapshot.message)
    lines = explain.issue(record.of_choice(live.snapshot.issue))

    titles = [card.title for shelf in shown.shelves for card in shelf.waiting]
    assert titles
    named = [line for line in lines if line.startswith("  next")]
    assert [line.startswith(f"  next  “{title}” (") for line, title in zip(named, titles, strict=True)] == [True] * len(
        titles
    )


def test_a_record_gives_the_same_desk(room: Newsroom) -> None:
    """A built issue shows every card as it showed it live, with days of the newsletter's time zone."""
    room.config.write_text(room.config.read_text("utf-8") + "newsletter: {timezone: Pacific/Auckland}\n", "utf-8")
    live = Session(room.load)
    room.build()
    read = editor.of_record(record.read(str(room.folder / "out" / "2020-11-11")))
    shown = editor.of_issue(live.snapshot.issue, live.snapshot.message)

    assert read.shelves == shown.shelves
    assert (read.words.subject, read.candidates, read.empty) == (shown.words.subject, shown.candidates, shown.empty)


def test_names_in_the_file_are_paths_to_the_desk(room: Newsroom) -> None:
    """A story that the file names by its title is the one that the desk puts back."""
    room.edits.parent.mkdir()
    room.edits.write_text(
        "# keep\ndrop:\n- story: Court orders Veldhaven to stop scoring welfare claims by algorithm\n"
    )
    live = Session(room.load)
    path = live.snapshot.issue.edits.drops[0][0]
    live.edit(lambda draft: draft.release([path]), "x", live.snapshot.edits_hash)

    assert room.edits.read_text() == "# keep\n"
    assert edits.load(str(room.edits.parent), "2020-11-11") == Edits()


@given(st.sets(st.sampled_from(sorted(range(8))), max_size=8), st.integers(0, 2**8 - 1))
def test_rereading_some_files_is_reading_them_all(
    tmp_path_factory: pytest.TempPathFactory, before: set[int], after: int
) -> None:
    """After files came, went and changed, reading only these gives what reading the whole archive gives."""
    folder = tmp_path_factory.mktemp("archive")
    (folder / "inner").mkdir()
    (folder / "always.md").write_text(NEW.format(title="Always", heat=1, name="always"), "utf-8")
    files = [folder / ("inner" if number % 2 else ".") / f"{number}.md" for number in range(8)]
    for number, file in enumerate(files):
        if number in before:
            file.write_text(NEW.format(title=f"Old {number}", heat=number, name=number) * (number != 3), "utf-8")
    known = archive.read([str(folder)], within=WINDOW)
    for number, file in enumerate(files):
        file.unlink(missing_ok=True)
        if after >> number & 1:
            file.write_text(NEW.format(title=f"New {number}", heat=number, name=number) * (number != 5), "utf-8")

    reread = archive.reread(known, [str(folder)], [str(file) for file in files], within=WINDOW)

    whole = archive.read([str(folder)], within=WINDOW)
    assert {one.path: one for one in reread.articles} == {one.path: one for one in whole.articles}
    assert set(map(str, reread.problems)) == set(map(str, whole.problems))


def test_rereading_looks_past_what_is_not_the_archives(tmp_path: Path) -> None:
    """A hidden file, one elsewhere and one that is no article are not read."""
    known = archive.read([SEEDS], within=WINDOW)
    (tmp_path / "a.md").write_text(NEW.format(title="Elsewhere", heat=1, name="a"), "utf-8")

    found = archive.reread(known, [SEEDS], [str(tmp_path / "a.md"), f"{SEEDS}/.a.md", f"{SEEDS}/pictures/bees.png"])

    assert found == known


def test_a_sent_issue_is_not_edited(room: Newsroom, live: Session) -> None:
    """Readers have it: the desk says so and writes nothing, unless the session was begun to build over it."""
    room.build()
    sending.mark(live.snapshot.settings, live.window.issue_id, Clock(lambda: 1_605_000_000.0, lambda _: None))
    refresh(live, room, room.folder / "out" / live.window.issue_id)
    folder = f"{room.folder}/out/{live.window.issue_id}"

    assert live.snapshot.remembered[0] == (
        f"Handed over before: marked as sent; see `digest sent {live.window.issue_id}`"
    )
    with pytest.raises(Sealed) as caught:
        live.edit(lambda draft: draft.words("subject", "Mine"), "the subject", live.snapshot.edits_hash)
    assert str(caught.value) == (
        f"{folder}: was handed over (marked as sent), and nothing was changed; --again builds over it and keeps what "
        f"readers got in {folder}/sent"
    )
    assert not os.path.exists(live.edits_file)
    over = Session(room.load, again=True)
    over.edit(lambda draft: draft.words("subject", "Mine"), "the subject", over.snapshot.edits_hash)
    assert over.snapshot.message.subject == "Mine"


TOLD = "2020-11-09-update-2-court-orders-veldhaven-to-stop-scoring-welfare-claims-by-algorithm.md"
LEAD = "2020-11-09-court-orders-veldhaven-to-stop-scoring-welfare-claims-by-algorithm.md"


def near(room: Newsroom) -> tuple[str, str]:
    """Add two reports that agree but for a number, the hotter one first."""
    text = "Norvex scanned shoppers in Ostervik, the court of Vesterholm says."
    return (
        room.report("five", "Court fines Norvex 5 million crowns for covert scans", text, heat=141, provider="Gazette"),
        room.report(
            "twelve", "Court fines Norvex 12 million crowns for covert scans", text, heat=140, provider="Courier"
        ),
    )


def cards(live: Session) -> dict[str, editor.Card]:
    """Return the cards of the desk by path."""
    shown = editor.of_issue(live.snapshot.issue, live.snapshot.message)
    return {card.path: card for shelf in shown.shelves for card in (*shelf.picks, *shelf.waiting)}


def asked(live: Session, **action: object) -> str:
    """Do what a request of the desk asks for; return what the desk says of it."""
    read = actions.read_action(action, live.snapshot.issue)
    live.edit(read.change, read.what, live.snapshot.edits_hash)
    return actions.action_outcome(read, live.snapshot.issue)


def test_a_near_miss_can_be_joined_and_taken_back(room: Newsroom) -> None:
    """Each of two cards names the other; joined they are one, with the second behind it; the undoing is an action."""
    five, twelve = near(room)
    live = Session(room.load)
    assert (cards(live)[five].near, cards(live)[twelve].near) == (twelve, five)
    assert cards(live)[five].near_title == "Court fines Norvex 12 million crowns for covert scans"

    said = asked(live, action="join", stories=[twelve, five])
    assert said == (
        "Done: the join of “Court fines Norvex 12 million crowns for covert scans” and “Court fines Norvex 5 million "
        "crowns for covert scans”. “Court fines Norvex 12 million crowns for covert scans”: it tells the same story as "
        "“Court fines Norvex 5 million crowns for covert scans” (heat 141, Gazette): the editor joined them."
    )
    assert room.edits.read_text() == "join:\n  - [twelve.md, five.md]\n"
    card = cards(live)[five]
    assert (card.joined, [(other.path, other.joined) for other in card.others]) == (True, [(twelve, True)])
    panel = editor.of_issue(live.snapshot.issue, live.snapshot.message)
    assert [(together.path, len(together.titles)) for together in panel.joins] == [(five, 2)]

    asked(live, action="unjoin", story=five)
    assert not room.edits.exists()
    assert (cards(live)[five].joined, cards(live)[twelve].near) == (False, five)


def test_a_third_joins_the_story_that_is_there(room: Newsroom, live: Session) -> None:
    """What is joined with a joined story stands in the same list, and one of three can be taken back."""
    picks = [pick.article.path for pick in live.snapshot.issue.picks[:3]]
    asked(live, action="join", stories=picks[:2])
    said = asked(live, action="join", stories=[picks[2], picks[1]])

    assert said.startswith("Done: the join of “")
    assert edits.load(str(room.edits.parent), "2020-11-11").joins == (tuple(picks),)
    asked(live, action="unjoin", story=picks[2])
    assert edits.load(str(room.edits.parent), "2020-11-11").joins == (tuple(picks[:2]),)


def test_an_article_behind_another_can_be_split_off_and_taken_back(room: Newsroom, live: Session) -> None:
    """It stands behind its lead with what ties it; split off it is a story, and back it is told by its lead."""
    assert [other.path for other in cards(live)[LEAD].others] == [TOLD]
    assert cards(live)[LEAD].others[0].because.endswith(": the same title")

    said = asked(live, action="split", story=TOLD)
    assert said.startswith("Done: the split of “UPDATE 2-Court orders Veldhaven")
    assert room.edits.read_text() == f"split: [{TOLD}]\n"
    assert (cards(live)[TOLD].split, cards(live)[TOLD].near, cards(live)[LEAD].near) == (True, "", "")
    assert cards(live)[LEAD].others == ()
    panel = editor.of_issue(live.snapshot.issue, live.snapshot.message)
    assert [apart.path for apart in panel.splits] == [TOLD]

    said = asked(live, action="unsplit", story=TOLD)
    assert said.endswith(": the same title.")
    assert not room.edits.exists()


FIVE, TWELVE = (f"“Court fines Norvex {many} million crowns for covert scans”" for many in (5, 12))
ALONE = "stories: are one already, or there is but one; tick another to join it with"


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ({"action": "join", "stories": [LEAD]}, ALONE),
        ({"action": "join", "stories": [LEAD, TOLD]}, ALONE),
        ({"action": "join", "stories": [LEAD, "no.md"]},
         "'no.md': is not a candidate of this issue; reload the page"),
        ({"action": "join", "stories": LEAD}, "stories: is not a list of paths; reload the page"),
        ({"action": "join", "stories": [LEAD, "five.md"]},
         f"{FIVE}: is split off, so it joins nothing; take the split back first"),
        ({"action": "join", "stories": [LEAD, "twelve.md"]},
         f"{TWELVE}: is dropped, and would take the others with it; put it back first"),
        ({"action": "join", "stories": ["one.md", "two.md"]},
         "the stories: stand in AI Ethics and in Computer Vision by your word; leave all but one of them to the rules "
         "first"),
        ({"action": "split", "story": "three.md"},
         "“Court closes a harbour for three days”: is joined, so it cannot be split off; take the join back first"),
    ],
    ids=["alone", "one-story", "stranger", "text", "split", "dropped", "two-places", "joined"],
)  # fmt: skip
def test_joins_and_splits_that_contradict_are_one_clear_line(
    room: Newsroom, action: dict[str, object], line: str
) -> None:
    """What would lose another of the editor's words is refused, and the file stays as it is."""
    near(room)
    for path, title in {"one": "A lighthouse is sold to a choir", "two": "Bakery sells its thousandth loaf",
                        "three": "Court closes a harbour for three days"}.items():  # fmt: skip
        room.report(path, title, heat=150, provider=path.title())
    room.edits.parent.mkdir()
    written = (
        "split: [five.md]\ndrop: [{story: twelve.md, reason: x}]\njoin: [three.md, one.md]\n"
        "pin: [{story: one.md, section: AI Ethics}, {story: two.md, section: Computer Vision}]\n"
    )
    room.edits.write_text(written)
    live = Session(room.load)

    with pytest.raises(request_values.BadAction) as caught:
        asked(live, **action)

    assert str(caught.value) == line
    assert room.edits.read_text() == written


def test_words_for_a_dropped_story_of_another_week_are_refused(live: Session) -> None:
    """It can be put back, and has no words in this issue; the page that asks is older than the file."""
    issue = replace(live.snapshot.issue, edits=Edits(drops=(("old.md", "x"),)))

    assert actions.read_action({"action": "release", "story": "old.md"}, issue).what == "leaving to the rules “old.md”"
    with pytest.raises(request_values.BadAction) as caught:
        actions.read_action({"action": "change", "story": "old.md", "title": "Mine"}, issue)

    assert str(caught.value) == "'old.md': is not a candidate of this issue; reload the page"


def test_what_is_searched_for_can_be_split_and_joined(live: Session) -> None:
    """An article behind another is found with what it is told by, one that may not run is asked for no story."""
    merged = editor.search(live.snapshot.issue, "update 2-court")[0]
    unable = [card for card in editor.search(live.snapshot.issue, "a") if not card.is_able]

    assert (merged.rule, merged.is_shared, merged.is_able) == ("merged", True, True)
    assert all(card.rule in {"unpublished", "unscored", "no-address"} for card in unable)
    cards = editor.search(live.snapshot.issue, "court orders veldhaven")
    assert [other.path for card in cards for other in card.others] == [TOLD]


def test_what_may_not_run_is_offered_no_story(room: Newsroom) -> None:
    """The desk offers Join and Split for exactly the articles of which a join or a split counts."""
    fields = {
        "unpublished": {"published": "false"}, "expired": {"expiryDate": "2020-11-10"}, "unscored": {"heat": ""},
        "no-address": {"webUrl": ""}, "muted": {}, "over": {"title": "Join us for Port Day! November 10th, 2020"},
        "able": {},
    }  # fmt: skip
    for name, lines in fields.items():
        file = room.folder / "seeds" / room.report(name, f"Port keeps its {name} harbour", heat=150, provider=name)
        _, front, rest = file.read_text("utf-8").split("---\n")
        kept = [line for line in front.splitlines() if line.partition(":")[0] not in lines]
        changed = "\n".join([*kept, *(f"{key}: {value}" for key, value in lines.items())])
        file.write_text(f"---\n{changed}\n---\n{rest}", "utf-8")
    room.config.write_text(room.config.read_text("utf-8") + "select: {mute: [{path: muted.md}]}\n", "utf-8")
    room.edits.parent.mkdir()
    room.edits.write_text(f"split: [{', '.join(f'{name}.md' for name in fields)}]\n", "utf-8")
    issue = Session(room.load).snapshot.issue
    verdicts = {verdict.article.path: verdict for verdict in issue.verdicts if verdict.article.path[:-3] in fields}

    able = {card.path: card.is_able for query in ("port keeps", "port day") for card in editor.search(issue, query)}

    assert {path: verdict.rule for path, verdict in verdicts.items() if path != "able.md"} == {
        f"{name}.md": name for name in fields if name != "able"
    }
    assert able == {
        path: "counts for nothing while it may not run" not in verdict.because for path, verdict in verdicts.items()
    }


@pytest.mark.parametrize("is_early", [True, False])
def test_the_news_begins_where_an_issue_sent_meanwhile_ended(room: Newsroom, *, is_early: bool) -> None:
    """With `since: sent` an earlier issue that is marked as sent while the desk is open moves the window at once.

    Also where that is before the folder of that issue is watched.
    """
    states = []

    def mark(served: Preview) -> None:
        states.append(served.live.snapshot)
        sending.mark(states[0].settings, "2020-11-09", Clock(lambda: 1_605_000_000.0, lambda _: None))

    room.config.write_text(
        room.config.read_text("utf-8") + "newsletter: {name: Post}\nwindow: {since: sent}\n", "utf-8"
    )
    room.build(date(2020, 11, 9))
    with serving(room, first=mark if is_early else lambda _: None) as served:
        if not is_early:
            mark(served)
        before = states[0]
        end = time.monotonic() + 30
        while served.live.snapshot.issue.window == before.issue.window:
            assert time.monotonic() < end
            time.sleep(0.05)
        after = served.live.snapshot

    assert before.remembered[0] == "No issue before it was sent (if readers have one: digest sent --mark DAY)"
    assert after.remembered[0] == "Since issue 2020-11-09, the last one that was sent"
    assert str(after.issue.window) == "2020-11-10 to 2020-11-11"
    assert after.issue == room.build().issue
