"""One reader's edition as an editor sees it: in the preview and explained, the same as is written down and sent."""

from __future__ import annotations

import json
import re
import shutil
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command import run
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from previewing import Newsroom, ask, post, serving
from samples import theme
from test_editions import DAY, KEY, MARKER, TOPICS, alone, enlist, lines, newsroom, week_of
from test_editions_edits import CAMERAS, EDITS, FACES, write
from test_editions_memory import Letters

from digest import pipeline
from digest.config import settings as config
from digest.editions import part_files, press, roll
from digest.editions.letters import EditionLetters
from digest.editions.reader import OneReader
from digest.errors import SendingError
from digest.mail import claims
from digest.mail.claims import Claim, Standing
from digest.model import Wish

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.editions.common import CommonWeek
    from digest.editions.reader import ReaderEdition
    from digest.preview import Preview

WHO = f"{MARKER}1@example.com"
PART = "editions/2020-11-11/readers/part-1.jsonl"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READER_KEY", KEY)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return the folder of a newsletter with the sample archive and six readers in one part."""
    newsroom(tmp_path, parts=1)
    rows = ["AI; AI Ethics", "Robotics", "Power Apps", "", "Gardening", "Computer Vision"]
    written = [f"{MARKER}{number}@example.com,{topics}\n" for number, topics in enumerate(rows, start=1)]
    (tmp_path / "readers.csv").write_text("email,topics\n" + "".join(written), "utf-8")
    return tmp_path


def edition(address: str = WHO) -> ReaderEdition:
    """Return the edition of a reader by the settings and the list in the working folder."""
    settings = config.load()
    window = pipeline.window_of(settings, last=date(2020, 11, 11))
    return OneReader("readers.csv", address).edition(settings, window)


def test_who_wants_another_letter_is_told_so(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not that she is not in the list."""
    monkeypatch.chdir(desk)
    rows = f"email,topics,frequency\n{WHO},AI,monthly\n{MARKER}2@example.com,AI,\n"
    (desk / "readers.csv").write_text(rows, "utf-8")
    (desk / "digest.yaml").write_text(
        (desk / "digest.yaml").read_text("utf-8").replace("editions:\n", "editions:\n  frequency: weekly\n"), "utf-8"
    )
    with pytest.raises(SendingError) as error:
        edition()

    assert str(error.value) == (
        "--reader: does not ask for a weekly letter, and gets none of these editions; "
        "name the settings of her letter with --config"
    )
    assert edition(f"{MARKER}2@example.com").name


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> tuple[CommonWeek, CommonWeek]:
    """The week of the sample with what an issue three days into it has run, and the same with edits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("READER_KEY", KEY)
        folder = newsroom(tmp_path_factory.mktemp("desk"))
        assert run(folder, "build", "--date", "2020-11-08", "--days", "9").status == 0
        assert run(folder, "sent", "--mark", "2020-11-08").status == 0
        week = week_of(folder, patch)
        write(folder, {**EDITS, "move": [{"story": FACES, "section": "AI Ethics"}], "join": [[CAMERAS, FACES]]})
        edited = week_of(folder, patch)
    assert len(week.past.ran) > 9
    return week, edited


@limits(max_examples=60)
@given(st.data())
def test_what_is_explained_is_what_is_picked(weeks: tuple[CommonWeek, CommonWeek], data: st.DataObject) -> None:
    """Of any wish and memory, edited or not, the verdict `picked` is on the stories of the edition and on no others."""
    topics = data.draw(st.lists(st.sampled_from((*TOPICS, "Nothing")), min_size=1, max_size=5, unique=True))
    asked = tuple((topic, data.draw(st.integers(1, 4))) for topic in topics)
    wish = Wish(topics=asked, language=data.draw(st.sampled_from(("", "en"))))
    week = data.draw(st.sampled_from(weeks))
    had = tuple(sorted(data.draw(st.sets(st.integers(0, len(week.past.ran) - 1)))))
    most = data.draw(st.sampled_from((None, 1, 2)))
    rules = replace(week.settings.rules, per_provider=most)
    maker = press.Press(replace(week, settings=replace(week.settings, rules=rules)))
    issue, explained = maker.issue(wish, had), maker.explained(wish, had)
    picked = [(verdict.article.path, verdict.section) for verdict in explained.verdicts if verdict.rule == "picked"]

    assert explained.sections == issue.sections
    assert [(verdict.article.path, verdict.section) for verdict in issue.verdicts] == picked
    assert sorted(picked) == sorted((pick.article.path, one.title) for one in issue.sections for pick in one.picks)


def test_each_reader_is_shown_what_is_written_down_for_her(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of readers of all kinds and parts name and stories are those of the parts, whatever number of these was made."""
    desk = newsroom(tmp_path)
    asked = enlist(desk, 60)
    monkeypatch.chdir(desk)
    for number in range(1, 4):
        assert run(desk, *DAY, "--part", f"{number}/3").status == 0
    id_of = roll.ids(config.load().readers)
    gets = {row["reader"]: row["edition"] for row in lines(desk, "readers")}
    stories = {row["edition"]: [one["picks"] for one in row["sections"]] for row in lines(desk, "editions")}
    seen = set[str]()
    for address in [f"{MARKER}{number}@example.com" for number in range(10) if asked[f"{MARKER}{number}@example.com"]]:
        shown = edition(f" {address.upper()}")

        assert shown.name == gets[id_of(address).hex()]
        assert (shown.name is None) == bool(shown.lack)
        assert [[pick.article.path for pick in one.picks] for one in shown.issue.sections] == stories.get(
            shown.name or "", [[pick.article.path for pick in one.picks] for one in shown.issue.sections]
        )
        assert re.fullmatch(
            r"as it will be sent: editions/2020-11-11/readers/part-[123].jsonl has the same", shown.standing.words
        )
        seen.add("personal" if shown.name else "nothing")
    assert seen == {"personal", "nothing"}


def rewritten(file: Path, old: str, new: str) -> None:
    """Replace a text that stands in *file*."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def asks_for(topics: str) -> Callable[[Path], None]:
    """Return what changes the reader's row of the list."""
    return lambda desk: rewritten(desk / "readers.csv", f"{WHO},AI; AI Ethics", f"{WHO},{topics}")


CHANGES: dict[str, tuple[Callable[[Path], None], bool, str]] = {
    "nothing": (lambda _: None, True, f"as it will be sent: {PART} has the same"),
    "another reader": (
        lambda desk: rewritten(desk / "readers.csv", "Robotics", "AI"),
        True,
        f"as it will be sent: {PART} has the same",
    ),
    "her wish": (asks_for("AI"), False, f"the list has changed since: by {PART} this reader gets edition NAME"),
    "no part": (
        lambda desk: shutil.rmtree(desk / "editions"),
        False,
        "not written down yet; `digest editions` does it",
    ),
    "the week": (
        lambda desk: rewritten(desk / "digest.yaml", "fewest: 2", "fewest: 3"),
        False,
        f"not to be sent: {PART} is of other articles, edits, settings, theme, memory or key than there are now; "
        "remove the folder to make them anew",
    ),
    "her address": (
        lambda desk: rewritten(desk / "readers.csv", f"{MARKER}6@", f"{MARKER}7@"),
        False,
        f"the list has changed since: by {PART} this reader gets nothing",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whether_it_is_what_will_be_sent(desk: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What has changed since the parts were made is told, and nothing else is."""
    monkeypatch.chdir(desk)
    address = f"{MARKER}7@example.com" if name == "her address" else WHO
    assert run(desk, *DAY).status == 0
    before = edition().name
    change, same, words = CHANGES[name]
    change(desk)
    standing = edition(address).standing

    assert (standing.will_be_sent, standing.words) == (same, words.replace("NAME", str(before)))


REFUSED = {
    "no address": ("ann", 1, "--reader: is no e-mail address; write the one that stands in the list"),
    "a stranger": (f"{MARKER}9@example.com", 1, "--reader: is not in readers.csv; write the address that stands there"),
    "no wish": (
        f"{MARKER}4@example.com",
        1,
        "--reader: asks for no topic and gets the issue for all; leave --reader out to see that",
    ),
}
LACKING = {
    "too little": (f"{MARKER}3@example.com", "has fewer stories (0) than an edition needs (2), and gets nothing"),
    "not on offer": (f"{MARKER}5@example.com", "asks for no topic that is on offer this week, and gets nothing"),
}
WHY = "`digest explain --reader` says of each story why"


@pytest.mark.parametrize("name", [*REFUSED, *LACKING])
def test_who_has_no_edition_is_told_in_a_line(desk: Path, name: str) -> None:
    """By the preview, which does not begin then, and where there is no wish by `explain`, too."""
    address, status, message = REFUSED.get(name) or (LACKING[name][0], 3, f"--reader: {LACKING[name][1]}; {WHY}")
    shown = run(desk, "preview", *DAY[1:], "--port", "0", "--reader", address)

    assert (shown.status, shown.printed) == (status, "")
    assert shown.told == f"{message}\n"
    if name in REFUSED:
        explained = run(desk, "explain", *DAY[1:], "--reader", address)
        assert (explained.status, explained.printed, explained.told) == (status, "", f"{message}\n")


@pytest.mark.parametrize("name", LACKING)
def test_nothing_is_explained(desk: Path, name: str) -> None:
    """Who gets no mail is told so with the verdict on each story of the week, in words and as JSON."""
    address, lack = LACKING[name]
    told = run(desk, "explain", *DAY[1:], "--reader", address)
    values = json.loads(run(desk, "explain", *DAY[1:], "--reader", address, "--json").printed)
    no_section = sum(verdict["verdict"] == "no-section" for verdict in values["verdicts"])

    assert told.status == 0
    assert told.printed.startswith(f"This reader {lack} (not written down yet; `digest editions` does it):\n")
    assert f"{no_section} no-section" in told.printed.splitlines()[-1]
    assert no_section > 30
    assert (values["edition"], values["lack"], values["will_be_sent"]) == (None, lack, False)


def test_empty_may_be_the_issue_for_all(desk: Path) -> None:
    """By the settings who has too little gets that, and it is said."""
    rewritten(desk / "digest.yaml", "fewest: 2", "fewest: 2\n  empty: general")
    assert run(desk, *DAY).status == 0
    address, lack = LACKING["too little"]
    values = json.loads(run(desk, "explain", *DAY[1:], "--reader", address, "--json").printed)

    assert (values["edition"], values["will_be_sent"]) == ("general", True)
    assert values["lack"] == lack.replace("nothing", "the issue for all")


def test_a_story_is_explained_for_one_reader(desk: Path) -> None:
    """The same story runs for one reader and not for another, each with the reason in its words."""
    pictures, robots = f"{MARKER}6@example.com", f"{MARKER}2@example.com"
    told = [
        run(desk, "explain", *DAY[1:], "--reader", address, *words.split()).printed
        for address, words in (
            (pictures, "retail fined"),
            (robots, "retail fined"),
            (pictures, "face for sale"),
        )
    ]
    topic = run(desk, "explain", *DAY[1:], "--reader", WHO, "--topic", "AI Ethics").printed
    whole = run(desk, "explain", *DAY[1:], "--reader", WHO).printed.splitlines()

    assert re.match(r"Edition [0-9a-f]{32} \(not written down yet; `digest editions` does it\):\n\n", told[0])
    assert [re.findall(r"issue \[([\w-]+)\]", one) for one in told] == [["picked"], ["no-section"], ["limit"]]
    assert "heat 105 would have been enough" in told[2]
    assert "AI Ethics: 13 candidates, 5 in the issue" in topic
    assert [line for line in whole if line and line[0] not in " EA5"] == []
    assert sum(line.startswith("  in ") for line in whole) == 6
    assert run(desk, "explain", *DAY[1:], "--reader", WHO, "nobody", "wrote", "this").status == 1


def test_the_editors_word_is_in_the_explanation(desk: Path) -> None:
    """A pin of the issue for all runs for who asks for its section, and what was dropped says that it was."""
    write(desk, EDITS)
    robots = f"{MARKER}2@example.com"
    pinned = run(desk, "explain", *DAY[1:], "--reader", robots, "hedgerows").printed
    dropped = run(desk, "explain", *DAY[1:], "--reader", robots, "lorries", "finish").printed

    assert "In the issue [picked]: the editor pinned it in Robotics, place 1." in pinned
    assert "Not in the issue [dropped]: " in dropped


USAGE = {
    "a list alone": (
        ("explain", "--readers", "readers.csv"),
        "--readers names the list that the reader of --reader is in; give both",
    ),
    "no list": (
        ("explain", "--reader", WHO, "--config", "bare.yaml"),
        "name the list of readers with --readers FILE, or with readers.from in digest.yaml",
    ),
    "to edit": (
        ("preview", "--reader", WHO, "--again"),
        "--again lets the desk edit, which it does not with --reader; leave one out",
    ),
}


@pytest.mark.parametrize("name", USAGE)
def test_half_a_question_is_wrong_usage(desk: Path, name: str) -> None:
    """What is missing is said."""
    (desk / "bare.yaml").write_text("archive: [seeds]\n", "utf-8")
    arguments, message = USAGE[name]
    done = run(desk, *arguments)

    assert (done.status, done.told.splitlines()[-1]) == (2, f"Error: {message}")


def test_no_address_is_repeated(desk: Path) -> None:
    """Whatever is asked of a reader, nothing that is printed has her address, nor has any file beside the list."""
    for arguments in [("explain",), ("explain", "--json"), ("explain", "--topic", "AI"), ("explain", "robot")]:
        done = run(desk, *arguments, *DAY[1:], "--reader", WHO)
        assert done.status == 0
        assert MARKER not in done.printed + done.told
    assert MARKER not in repr(OneReader("readers.csv", WHO))
    written = [file for file in desk.rglob("*") if file.is_file() and file.name != "readers.csv"]
    assert not any(MARKER.encode() in file.read_bytes() for file in written)


def test_what_is_shown_is_what_sending_makes(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the byte; and where a byte of the theme has changed, the one says so and the other refuses."""
    theme(desk)
    rewritten(desk / "digest.yaml", "editions:", "templates: theme\neditions:")
    assert run(desk, *DAY).status == 0
    week, shown = week_of(desk, monkeypatch), edition()
    share = 1, str(shown.name)
    place = part_files.place_of(week.settings, week.window.issue_id)
    sent = EditionLetters(week, place, None).letter(share)
    files = pipeline.render(week.settings, shown.issue).files

    assert (sent.html.encode(), sent.text.encode(), sent.mime) == tuple(
        files[name] for name in ("index.html", "index.txt", "message.eml")
    )
    rewritten(desk / "theme" / "footer.mjml", "28px 0 40px", "28px 0 41px")
    changed = edition()
    assert changed.name != shown.name
    assert changed.standing.words.startswith(f"not to be sent: {PART} is of other articles, edits, settings, theme,")
    with pytest.raises(SendingError, match="would be another letter now than the one written down"):
        EditionLetters(week_of(desk, monkeypatch), place, None).letter(share)


def test_a_letter_is_the_same_whichever_was_made_before(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What letters have in common is read out of the first one, whichever that is."""
    assert run(desk, *DAY).status == 0
    week = week_of(desk, monkeypatch)
    place = part_files.place_of(week.settings, week.window.issue_id)
    in_a_row = EditionLetters(week, place, None)
    shares = [(part, name) for part, _ in part_files.heads(place) for name in part_files.editions(place, part)]

    assert len({in_a_row.letter(share).html for share in shares}) > 1
    assert [in_a_row.letter(share) for share in shares] == [
        EditionLetters(week, place, None).letter(share) for share in shares
    ]


def test_what_she_had_is_held_back_in_the_explanation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A story that reached one reader and not the other is explained to each by her own memory, as parts have it."""
    monkeypatch.chdir(tmp_path)
    letters = Letters(tmp_path)
    letters.file("ferry", publishedDateTime="2020-11-03T10:00:00Z")
    letters.enlist({"a": ["AI"], "b": ["AI"]})
    letters.make("2020-11-04")
    letters.send("2020-11-04", {letters.id_of("b"): "failed"})
    letters.file("ferry2", webUrl="https://example.com/ferry", title="Other words", excerpt="And more of them.")
    letters.file("new", heat=10)
    letters.make("2020-11-11")
    told, names = [], []
    for name in "ab":
        asked = ("--date", "2020-11-11", "--readers", "readers.csv", "--reader", f"{name}@example.com", "--json")
        values = json.loads(run(tmp_path, "explain", *asked, "other", "words").printed)
        told.append((values["will_be_sent"], [verdict["verdict"] for verdict in values["verdicts"]]))
        names.append(values["edition"])

    assert told == [(True, ["repeat"]), (True, ["picked"])]
    assert names == [letters.gets("2020-11-11")[letters.id_of(name)] for name in "ab"]
    # When the parts stand already, the first week reaches the other reader after all.
    place, other = letters.place("2020-11-04"), letters.id_of("b")
    roster = claims.standing(place, 1, sorted(letters.gets("2020-11-04"))).roster
    retried = Claim(part=1, batch=0, attempt=2, run="another", at=2.0, roster=roster, readers=(other,))
    assert claims.take(place, retried)
    claims.finish(place, retried, {other: Standing(state="sent")})
    later = OneReader("readers.csv", "b@example.com").edition(letters.settings, letters.window("2020-11-11")).standing
    changed = f"by {tmp_path / PART} this reader gets edition {names[1]}"
    assert later.words == f"the list, or what was sent of earlier issues, has changed since: {changed}"


def until(served: Preview, wanted: str) -> str:
    """Return the page's parts as soon as they have *wanted* in them."""
    deadline = time.monotonic() + 60
    while wanted not in (text := ask(served, "/desk").text):
        assert time.monotonic() < deadline, text
        time.sleep(0.05)
    return text


def test_the_preview_shows_her_letter(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the byte the letter of her issue, with its name, and read-only; what changes meanwhile is followed."""
    monkeypatch.chdir(desk)
    room = Newsroom(Path())
    expected = pipeline.render(config.load(), alone(week_of(desk, monkeypatch), ("AI", "AI Ethics")))
    with serving(room, reader=OneReader("readers.csv", WHO)) as served:
        snapshot, name = served.live.snapshot, edition().name
        page = ask(served, "/").text
        letter = ask(served, "/frame/2020-11-11/letter").text

        assert snapshot.files == expected.files
        assert all(pick.article.title in letter for pick in snapshot.issue.picks)
        assert f"Edition {name}" in page
        assert "Not written down yet; `digest editions` does it" in page
        assert "One reader&#39;s edition" in page
        assert "6 of 57 candidates" in page
        assert post(served, "/edit", {"base": ""}, x_digest_token=served.door.write).status == 404
        assert MARKER not in page + letter

        assert run(desk, *DAY).status == 0
        until(served, f"As it will be sent: {PART} has the same")
        asks_for("Robotics")(desk)
        changed = until(served, f"by {PART} this reader gets edition {name}")
        assert f"Edition {edition().name}" in changed
        write(desk, {"introduction": "A word to all."})
        until(served, "A word to all.")
        rewritten(desk / "digest.yaml", "fewest: 2", "fewest: 2\n  limit: 2")
        until(served, "2 of 57 candidates")
        rewritten(desk / "readers.csv", f"{WHO},Robotics", f"{WHO},Power Apps")
        gone = until(served, "--reader: has fewer stories (0)")
        assert "The last good issue is shown." in gone
        assert MARKER not in gone


def test_the_printed_address_is_of_the_page_alone(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The JSON of the preview has the edition's name and how it stands, and no address of a reader."""
    monkeypatch.setattr("digest.preview.Preview.run", lambda _: None)
    done = run(desk, "preview", *DAY[1:], "--port", "0", "--reader", WHO, "--json")
    values: dict[str, Any] = json.loads(done.printed)
    monkeypatch.chdir(desk)

    assert done.status == 0
    assert values["edition"] == edition().name
    assert values["standing"] == "not written down yet; `digest editions` does it"
    assert MARKER not in done.printed + done.told
