"""A letter for each reader: which edition each gets, written in parts that survive whatever happens to the run."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import golden
import pytest
import yaml
from command import run

from digest import pipeline, selection
from digest.config import settings as config
from digest.config.values import Match, ReadersPlan, Secret, SectionPlan
from digest.editions import common, press, roll

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.model import Issue, Wish

KEY = "0123456789abcdef-of-a-test"
DAY = ("editions", "--date", "2020-11-11")
TOPICS = ("AI", "Computer Vision", "AI Ethics", "AI in Healthcare", "Power Apps", "Robotics")
MARKER = "zq7marker"
"""Stands in every address of the tests, and nowhere else."""


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READER_KEY", KEY)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return the folder of a newsletter with the sample archive and a list of 60 readers."""
    return newsroom(tmp_path)


def newsroom(folder: Path, **editions: object) -> Path:
    """Set up a newsletter in *folder* with the settings *editions*, by default of four parts, and 60 readers."""
    folder.mkdir(exist_ok=True)
    (folder / "seeds").symlink_to(golden.SEEDS)
    chosen = {"topics": list(TOPICS), "fewest": 2, "parts": 4, **editions}
    written = {key: value for key, value in chosen.items() if value}
    readers = {"from": "readers.csv", "id": {"env": "READER_KEY"}}
    (folder / "digest.yaml").write_text(yaml.safe_dump({"readers": readers, "editions": written}), "utf-8")
    enlist(folder, 60)
    return folder


def enlist(folder: Path, count: int) -> dict[str, tuple[str, ...]]:
    """Write a list of *count* readers, and return what each asks for by address."""
    chance = random.Random(7)
    asked = {
        f"{MARKER}{number}@example.com": tuple(chance.sample(TOPICS, chance.randint(0, 4))) for number in range(count)
    }
    asked[f"{MARKER}5@example.com"] = ("Power Apps",)  # which nobody writes about
    rows = [f"{address},{'; '.join(topics)}\n" for address, topics in asked.items()]
    (folder / "readers.csv").write_text("email,topics\n" + "".join(rows), "utf-8")
    return asked


def lines(folder: Path, kind: str) -> list[dict[str, Any]]:
    """Return the rows of all parts of a *kind*, editions or readers, without their heads."""
    files = sorted((folder / "editions" / "2020-11-11" / kind).glob("part-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()[1:]]


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below editions, hidden ones included, by its path."""
    root = folder / "editions"
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def week_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> common.CommonWeek:
    """Return the week of the sample as `digest editions` reads it."""
    monkeypatch.chdir(folder)
    settings = config.load()
    return common.of(settings, pipeline.window_of(settings, last=date(2020, 11, 11)))[0]


def alone(week: common.CommonWeek, topics: tuple[str, ...]) -> Issue:
    """Return the issue that `select` makes for a reader alone, with the blocks that have a place in it."""
    limit = week.settings.editions.limit
    plans = tuple(SectionPlan(title=topic, match=Match(any=(topic,)), limit=limit) for topic in topics)
    rules = replace(week.settings.rules, plans=plans)
    issue = selection.select(week.articles, week.window, rules, week.past)
    titles = {"", *(one.title for one in issue.sections)}
    blocks = tuple(block for block in week.frame.blocks if block.section in titles)
    return replace(issue, blocks=blocks, number=week.frame.number)


def test_each_reader_gets_what_a_build_would_choose(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stories of every reader of a list are those of `select` with her topics as the sections, in order."""
    asked = enlist(desk, 60)
    done = run(desk, *DAY, "--quiet")
    assert (done.status, done.printed) == (0, "")
    week = week_of(desk, monkeypatch)
    id_of = roll.ids(week.settings.readers)
    gets = {row["reader"]: row["edition"] for row in lines(desk, "readers")}
    editions = {row["edition"]: row for row in lines(desk, "editions")}
    kinds = set()
    assert len(gets) == 60
    for address, topics in asked.items():
        name = gets[id_of(address).hex()]
        in_order = tuple(topic for topic in TOPICS if topic in topics)
        issue = alone(week, in_order)
        chosen = [(one.title, [pick.article.path for pick in one.picks]) for one in issue.sections]
        if not topics:
            assert name == "general"
        elif len(issue.picks) < 2:
            assert name is None
        else:
            assert [(one["title"], one["picks"]) for one in editions[name]["sections"]] == chosen
            assert editions[name]["subject"] == pipeline.render(week.settings, issue).message.subject
        kinds.add(name if name in ("general", None) else "personal")
    assert kinds == {"general", None, "personal"}


@pytest.mark.parametrize("limit", [None, 40_000])
def test_an_edition_is_rendered_as_that_issue_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int | None
) -> None:
    """Letter, text and message of sampled editions are to the byte those of the issue that `select` makes, cut or not.

    With blocks of every issue, one of them behind a section that not every edition has.
    """
    newsroom(tmp_path / "desk")
    file = tmp_path / "desk" / "digest.yaml"
    blocks = [
        {"kind": "note", "text": "A word to all readers.", "at": "top"},
        {"kind": "note", "text": "On ethics.", "after": "AI Ethics"},
    ]
    written = {**yaml.safe_load(file.read_text("utf-8")), "size": {"limit": limit}}
    file.write_text(yaml.safe_dump({**written, "blocks": blocks}), "utf-8")
    week = week_of(tmp_path / "desk", monkeypatch)
    maker, trimmed = press.Press(week), set()
    for topics in [TOPICS[:1], TOPICS[1:3], TOPICS[:4], TOPICS[2:], (TOPICS[0], TOPICS[2], TOPICS[3])]:
        issue = maker.issue(week.offer.wish(topics, ""), ())
        ours, theirs = (pipeline.render(week.settings, one) for one in (issue, alone(week, topics)))
        assert ours.files == theirs.files
        trimmed.add(bool(ours.message.web_only))
    assert trimmed == ({False} if limit is None else {False, True})


def test_the_name_of_an_edition_follows_all_that_makes_the_letter(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same letter has the same name; another excerpt, order, theme, language or setting gives another."""
    week = week_of(desk, monkeypatch)
    wish = week.offer.wish(("AI", "AI Ethics"), "")

    def name(given: common.CommonWeek, asked: Wish = wish) -> str:
        row = press.Press(given).edition(asked, ())
        assert row is not None
        return row.name

    picked = press.Press(week).issue(wish, ()).picks[0].article
    mended = tuple(
        replace(each, quality=each.quality + 1) if each.path == picked.path else each for each in week.articles
    )
    turned = replace(wish, topics=wish.topics[::-1])
    settings = replace(week.settings, theme=(("accent", "#000000"),))
    names = [
        name(week),
        name(replace(week, articles=mended)),
        name(week, turned),
        name(week, replace(wish, language="en")),
        name(replace(week, look="other")),
        name(replace(week, settings=settings)),
    ]

    assert name(week) == names[0]
    assert len(set(names)) == len(names)


def test_parts_alone_are_the_whole(desk: Path, tmp_path: Path) -> None:
    """`--part` of all parts gives the bytes of one run; the order of the list changes none."""
    run(desk, *DAY)
    other = newsroom(tmp_path / "other")
    head, *rows = (other / "readers.csv").read_text("utf-8").splitlines(keepends=True)
    (other / "readers.csv").write_text("".join([head, *reversed(rows)]), "utf-8")
    for number in (3, 1, 4, 2):
        assert run(other, *DAY, "--part", f"{number}/4").status == 0

    assert contents(other) == contents(desk)
    assert len(contents(desk)) == 9


def test_a_process_that_goes_on_makes_as_many_parts_as_it_is_told(desk: Path) -> None:
    """As a worker of a cluster does, which made the same week in another number of parts before."""
    for parts in (3, 4):
        assert run(desk, *DAY, "--part", f"1/{parts}").status == 0
        head = json.loads((desk / PART).read_text("utf-8").partition("\n")[0])
        assert head["parts"] == parts
        shutil.rmtree(desk / "editions")


def test_what_stands_is_done(desk: Path) -> None:
    """A second run writes nothing and reports the same readers; a part that was removed is made again."""
    first = json.loads(run(desk, *DAY, "--json").printed)
    before = contents(desk)
    stamps = {file: os.stat(file).st_mtime_ns for file in (desk / "editions").rglob("*.jsonl")}
    second = json.loads(run(desk, *DAY, "--json").printed)
    assert stamps == {file: os.stat(file).st_mtime_ns for file in (desk / "editions").rglob("*.jsonl")}
    (desk / "editions/2020-11-11/readers/part-2.jsonl").unlink()
    third = json.loads(run(desk, *DAY, "--json").printed)

    assert first["counts"] == second["counts"] == third["counts"]
    assert [each["parts"]["made"] for each in (first, second, third)] == [4, 0, 1]
    assert contents(desk) == before


def test_another_list_changes_no_part_and_is_told(desk: Path) -> None:
    """Parts whose readers have changed stay as they are, with one line."""
    run(desk, *DAY)
    before = contents(desk)
    enlist(desk, 61)
    done = run(desk, *DAY)

    assert done.status == 0
    assert re.search(
        r"^warning: editions/2020-11-11: 1 part made of another list of readers, which stay as they are; "
        r"remove the folder to make them anew$",
        done.told,
        re.MULTILINE,
    )
    assert contents(desk) == before


STAND = "remove the folder to make them anew, or name another with editions.out; nothing was changed"
PART = "editions/2020-11-11/readers/part-1.jsonl"
UNREADABLE = f"{PART}: is no part of editions that can be read; move it away; nothing was changed"
REFUSED: dict[str, tuple[dict[str, tuple[str | None, str]], str]] = {
    "another week": (
        {"digest.yaml": ("limit: 3", "limit: 2")},
        f"{PART}: is of other articles, edits, settings, theme, memory or key than there are now; {STAND}",
    ),
    "another key": (
        {"digest.yaml": ("env: READER_KEY", "file: key"), "key": (None, "fedcba9876543210-of-a-test\n")},
        f"{PART}: is of other articles, edits, settings, theme, memory or key than there are now; {STAND}",
    ),
    "another number": (
        {"digest.yaml": ("parts: 4", "parts: 5")},
        f"{PART}: is one of 4 parts, and this run makes 5; {STAND}",
    ),
    "a broken part": ({PART: ("{", "[")}, UNREADABLE),
    "an empty part": ({PART: (None, "")}, UNREADABLE),
    "no key": (
        {"digest.yaml": ("  id:\n    env: READER_KEY\n", "")},
        "readers.id: is missing, and without it ids could be guessed; "
        "write `readers: {id: {env: READER_KEY}}`, and keep a long random key in that variable",
    ),
    "a key that is not set": ({"digest.yaml": ("READER_KEY", "NO_KEY")}, "readers.id: $NO_KEY is not set; export it"),
    "a key without a file": (
        {"digest.yaml": ("env: READER_KEY", "file: gone")},
        "readers.id: gone: cannot be read (No such file or directory); mend the path or the file",
    ),
    "a short key": (
        {"digest.yaml": ("env: READER_KEY", "file: key"), "key": (None, "secret\n")},
        "readers.id: the key has 6 characters, and could be guessed; "
        "make a random one of 16 or more, and keep it for good",
    ),
    "no topics": (
        {"readers.csv": ("email,topics", "email,themes")},
        "readers.csv: no reader of it asks for a topic in a column 'topics'; "
        "name the column with readers.topics; nothing was changed",
    ),
    "no list": (
        {"digest.yaml": ("from: readers.csv", "from: gone.csv")},
        "gone.csv: cannot be read (No such file or directory); name the list with --readers",
    ),
    "nobody": (
        {"readers.csv": (None, "email,topics\n")},
        "readers.csv: names no reader; export it again; nothing was changed",
    ),
    "nobody with an address": (
        {"readers.csv": (None, "email,topics\nada,AI\nbob,AI\n")},
        "readers.csv: names no reader (line 2 left out: is no e-mail address); export it again; nothing was changed",
    ),
    "the archive": (
        {"digest.yaml": ("parts: 4", "parts: 4\n  out: seeds")},
        "seeds: is the archive; name a folder for editions with editions.out; nothing was changed",
    ),
    "the issues": (
        {"digest.yaml": ("parts: 4", "parts: 4\n  out: out")},
        "out: is where issues are written; name a folder for editions with editions.out; nothing was changed",
    ),
    "a misspelt key": (
        {"digest.yaml": ("fewest:", "fewist:")},
        "digest.yaml:2: unknown key 'editions.fewist'; did you mean 'fewest'?",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_made_is_told_in_a_line(desk: Path, name: str) -> None:
    """Each reason has its own sentence, and nothing on the disk changes."""
    (desk / "digest.yaml").write_text(
        (desk / "digest.yaml").read_text("utf-8").replace("parts: 4", "limit: 3\n  parts: 4")
    )
    run(desk, *DAY, "--part", "1/4")
    changes, message = REFUSED[name]
    for file, (old, new) in changes.items():
        place = desk / file
        place.parent.mkdir(exist_ok=True)
        text = place.read_text("utf-8") if old else ""
        assert old is None or old in text
        place.write_text(text.replace(old, new) if old else new, "utf-8")
    before = contents(desk)
    done = run(desk, *DAY)

    assert done.status == 1
    assert [line for line in done.told.splitlines() if not line.startswith("warning: seeds")] == [message]
    assert contents(desk) == before


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("7", "'7' is no part; write it like 7/64"),
        ("0/4", "there is no part 0/4; parts count from 1, and there are at most 10,000"),
        ("5/4", "there is no part 5/4; parts count from 1, and there are at most 10,000"),
        ("1/99999", "there is no part 1/99999; parts count from 1, and there are at most 10,000"),
        ("-1/4", "'-1/4' is no part; write it like 7/64"),
        ("1/²", "'1/²' is no part; write it like 7/64"),
    ],
)
def test_a_part_that_there_is_not(desk: Path, part: str, message: str) -> None:
    """It is wrong usage."""
    done = run(desk, *DAY, "--part", part)

    assert (done.status, done.told.splitlines()[-1]) == (2, f"Error: Invalid value for '--part': {message}")


@pytest.mark.parametrize("command", [("editions",), ("explain", "--reader", f"{MARKER}1@example.com")])
def test_a_week_without_news_is_none(desk: Path, command: tuple[str, ...]) -> None:
    """It is told as a build tells it, with the nearest days, and nothing is written: the day may be mistyped."""
    done = run(desk, *command, "--date", "2021-11-11")

    assert (done.status, done.printed) == (3, "")
    assert done.told == (
        "2021-11-05 to 2021-11-11: the archive has nothing in this window; is the date right? "
        "the nearest stories are of 2020-11-18 (352 days before)\n"
    )
    assert contents(desk) == {}


def test_a_list_has_to_be_named(desk: Path) -> None:
    """Without `readers.from` and `--readers` the usage is wrong."""
    file = desk / "digest.yaml"
    file.write_text(file.read_text("utf-8").replace("  from: readers.csv\n", ""), "utf-8")
    done = run(desk, *DAY)

    message = "Error: name the list of readers with --readers FILE, or with readers.from in digest.yaml"
    assert (done.status, done.told.splitlines()[-1]) == (2, message)
    assert run(desk, *DAY, "--readers", "readers.csv").status == 0


def test_wishes_of_all_kinds(desk: Path) -> None:
    """JSON Lines with lists, topics in any case, languages, a topic nobody offers, and one reader twice."""
    rows: list[Mapping[str, object]] = [
        {"email": "a@example.com", "topics": ["ai ethics", "AI"]},
        {"email": "b@example.com", "topics": "AI;AI Ethics"},
        {"email": "c@example.com", "topics": ["AI", "Gardening"]},
        {"email": "d@example.com", "topics": ["AI"], "language": "EN"},
        {"email": "e@example.com", "topics": ["AI"], "language": "fr"},
        {"email": "f@example.com", "topics": ["AI"], "language": "all of them"},
        {"email": "A@Example.com", "topics": ["Power Apps"]},
        {"email": "g@example.com", "topics": []},
        {"email": "h@example.com", "topics": ["الذكاء"]},
    ]
    (desk / "l.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    done = run(desk, *DAY, "--readers", "l.jsonl")
    told = [line for line in done.told.splitlines() if not line.startswith("warning: seeds")]
    gets = {row["reader"]: row["edition"] for row in lines(desk, "readers")}
    id_of = roll.ids(config.load(str(desk / "digest.yaml")).readers)
    of = {letter: gets[id_of(f"{letter}@example.com").hex()] for letter in "abcdefgh"}

    assert told == [
        "warning: l.jsonl: 2 rows taken without a topic: asks for one that is not on offer (lines 3, 9)"
        "; write some of AI; Computer Vision; AI Ethics; AI in Healthcare; Power Apps; Robotics, with `;` between them",
        "warning: l.jsonl: 1 row taken for any language: names no tag such as en (line 6)",
    ]
    assert done.printed.splitlines() == [
        "The AI Week, editions of 2020-11-11: 2020-11-05 to 2020-11-11",
        "8 readers of l.jsonl (1 duplicate)",
        "  5 with an edition of their own, 5 different ones within their parts",
        "  1 without a wish get the issue for all",
        "  2 for whom the week has fewer than 2 stories get nothing",
        "editions/2020-11-11: 4 of 4 parts made, 0 were there",
    ]
    assert of["a"] == of["b"] != of["c"] == of["f"]
    assert of["d"] not in {of["c"], None, "general"}
    assert (of["e"], of["g"], of["h"]) == (None, "general", None)


def test_too_little_may_mean_the_issue_for_all(tmp_path: Path) -> None:
    """With `empty: general` nobody gets nothing, and both kinds are counted apart."""
    desk = newsroom(tmp_path / "desk", empty="general", fewest=5)
    done = json.loads(run(desk, *DAY, "--json").printed)
    counts = done["counts"]

    assert {row["edition"] for row in lines(desk, "readers")} >= {"general"}
    assert None not in {row["edition"] for row in lines(desk, "readers")}
    assert counts["skipped"] == 0 < min(counts["general"], counts["wishless"], counts["personal"])
    assert counts["readers"] == counts["general"] + counts["wishless"] + counts["personal"] == 60


def test_without_settings_the_topics_of_the_week_are_on_offer(tmp_path: Path) -> None:
    """And with sections theirs; what nobody writes about is then no fault of the list."""
    desk = newsroom(tmp_path / "desk", topics=None)
    (desk / "readers.csv").write_text("email,topics\na@example.com,ai; Gardening; ai ethics\n", "utf-8")
    done = run(desk, *DAY)

    assert "not on offer" not in done.told
    assert [one["title"] for one in lines(desk, "editions")[0]["sections"]] == ["AI", "AI Ethics"]
    file = desk / "digest.yaml"
    file.write_text(file.read_text("utf-8") + "sections: [{topic: [AI Ethics, AI]}]\n", "utf-8")
    shutil.rmtree(desk / "editions")
    done = run(desk, *DAY, "--part", "1/1")
    assert "1 row taken without a topic" in done.told


OFTEN = """email,topics,frequency
week@example.com,AI,Weekly
usual@example.com,AI,
month@example.com,AI,monthly
bad,AI,monthly
"""


def test_a_letter_is_for_those_who_want_one_that_often(tmp_path: Path) -> None:
    """Who does not say is taken for the usual; others are counted and in no part; no reader at all is an error."""
    desk = newsroom(tmp_path / "desk", parts=1, fewest=1, frequency="weekly")
    (desk / "readers.csv").write_text(OFTEN, "utf-8")
    done = run(desk, *DAY)
    counted = json.loads(run(desk, *DAY, "--json").printed)

    assert len(lines(desk, "readers")) == 2
    assert "  1 more reader left out who did not ask for a weekly letter\n" in done.printed
    assert (counted["counts"]["readers"], counted["not_due"]) == (2, 1)
    file = desk / "digest.yaml"
    file.write_text(file.read_text("utf-8").replace("weekly", "hourly"), "utf-8")
    assert run(desk, *DAY).told.splitlines()[-1] == (
        "readers.csv: no reader of it asks for 'hourly' in a column 'frequency'; "
        "name the column with readers.frequency; nothing was changed"
    )


def test_what_the_newsletter_ran_does_not_come_again(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of the issues for all is that of every reader."""
    week = week_of(desk, monkeypatch)
    wish = week.offer.wish(("AI",), "")
    before = {pick.article.path for pick in press.Press(week).issue(wish, ()).picks}
    assert run(desk, "build", "--date", "2020-11-10", "--days", "3").status == 0
    assert run(desk, "sent", "--mark", "2020-11-10").status == 0
    ran = json.loads((desk / "out/2020-11-10/issue.json").read_text("utf-8"))
    picked = {pick["path"] for section in ran["sections"] for pick in section["picks"]}
    week = week_of(desk, monkeypatch)
    had = tuple(range(len(week.past.ran)))
    after = {pick.article.path for pick in press.Press(week).issue(wish, had).picks}

    assert before & picked
    assert not after & picked


def started(folder: Path) -> subprocess.Popen[bytes]:
    """Start `digest editions` in *folder* as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "digest", *DAY], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def children(parent: int) -> list[int]:
    """Return the worker processes of *parent* that are alive."""
    pids = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8").rpartition(")")[2].split()
            if (
                int(fields[1]) == parent
                and fields[0] != "Z"
                and b"spawn_main" in (stat.parent / "cmdline").read_bytes()
            ):
                pids.append(int(stat.parent.name))
        except OSError:
            continue
    return pids


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to find worker processes")


@needs_proc
def test_a_run_that_is_killed_goes_on(tmp_path: Path) -> None:
    """Killed at many moments and begun again, a run comes to the bytes of an unbroken one.

    It makes no part twice, and leaves no process.
    """
    unbroken = newsroom(tmp_path / "unbroken", parts=40)
    assert run(unbroken, *DAY).status == 0
    desk = newsroom(tmp_path / "desk", parts=40)
    counts, workers = [], set()
    stamps: dict[Path, int] = {}
    for parts in range(0, 36, 5):
        process = started(desk)
        while process.poll() is None and len(list((desk / "editions").rglob("readers/part-*.jsonl"))) < parts + 1:
            workers |= set(children(process.pid))
            time.sleep(0.002)
        process.kill()
        process.communicate()
        counts.append(len(list((desk / "editions").rglob("readers/part-*.jsonl"))))
        stamps = {file: file.stat().st_mtime_ns for file in (desk / "editions").rglob("readers/part-*.jsonl")} | stamps
    assert run(desk, *DAY).status == 0

    finished = {name: content for name, content in contents(desk).items() if "/." not in name}
    assert len(set(counts)) > 3
    assert finished == contents(unbroken)
    assert stamps == {file: file.stat().st_mtime_ns for file in stamps}
    for _ in range(500):
        if not any(map(alive, workers)):
            break
        time.sleep(0.02)
    assert workers
    assert not any(map(alive, workers))


@needs_proc
def test_a_worker_that_is_killed_costs_nothing(tmp_path: Path) -> None:
    """Twice killed, a process is followed by another, and the run comes to the same bytes."""
    unbroken, desk = newsroom(tmp_path / "unbroken"), newsroom(tmp_path / "desk")
    run(unbroken, *DAY)
    process = started(desk)
    killed: set[int] = set()
    while process.poll() is None and len(killed) < 2:
        for pid in children(process.pid)[: 2 - len(killed)]:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        time.sleep(0.002)
    printed, _ = process.communicate()

    assert len(killed) == 2
    assert process.returncode == 0, printed
    assert contents(desk) == contents(unbroken)


@needs_proc
def test_a_part_that_kills_three_times_is_left(tmp_path: Path) -> None:
    """It is named, the command ends with 1, nothing of a reader is told, and the next run makes the part."""
    desk = newsroom(tmp_path / "desk", parts=1)
    process = started(desk)
    killed: set[int] = set()
    while process.poll() is None:
        for pid in set(children(process.pid)) - killed:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        time.sleep(0.002)
    printed = process.communicate()[0].decode()

    assert len(killed) == 3
    assert process.returncode == 1
    assert printed.splitlines()[-1] == (
        "editions/2020-11-11: 1 part could not be made: 1 (its process was ended 3 times, perhaps for want of memory); "
        "mend that and run the same command again"
    )
    assert MARKER not in printed
    # The first part begins with the stories of the week.
    assert set(contents(desk)) - {"2020-11-11/stories.jsonl"} == {"2020-11-11/asked/part-1.jsonl"}
    assert run(desk, *DAY).status == 0
    parts = {"2020-11-11/editions/part-1.jsonl", "2020-11-11/readers/part-1.jsonl"}
    assert set(contents(desk)) == parts | {"2020-11-11/stories.jsonl"}


def test_a_file_in_the_place_of_the_folder_is_told(desk: Path) -> None:
    """It stands as it was, and the line says what to do."""
    (desk / "editions").mkdir()
    (desk / "editions/2020-11-11").write_text("mine", "utf-8")
    done = run(desk, *DAY)

    assert done.status == 1
    assert done.told.splitlines()[-1] == (
        "editions/2020-11-11/readers: is no folder, or stands below a file; move that file away"
    )
    assert contents(desk) == {"2020-11-11": b"mine"}


def test_a_disk_that_takes_nothing_is_told(desk: Path) -> None:
    """Where a part cannot be written, its place and why stand in the line; others are made."""
    place = desk / "editions/2020-11-11/readers/part-2.jsonl"
    place.mkdir(parents=True)
    done = run(desk, *DAY)

    assert done.status == 1
    assert f"{place.relative_to(desk)}: is a folder, not a file; move it away" in done.told
    place.rmdir()
    (desk / "editions/2020-11-11/editions/part-3.jsonl").mkdir(parents=True)
    done = run(desk, *DAY)
    assert done.status == 1
    assert done.told.splitlines()[-1].startswith(
        "editions/2020-11-11: 1 part could not be made: 3 (editions/2020-11-11/editions/part-3.jsonl: is a folder;"
    )
    assert len(list((desk / "editions").rglob("readers/part-*.jsonl"))) == 3


def test_no_address_gets_out(tmp_path: Path) -> None:
    """A marker in each address, broken rows of all kinds and a process that fails: it stands in no output and file."""
    desk = newsroom(tmp_path / "desk", parts=2)
    with (desk / "readers.csv").open("a", encoding="utf-8") as handle:
        handle.write(f"{MARKER}@,AI\n{MARKER} x@example.com,AI\n{MARKER}@{MARKER}..com,AI\n")
        handle.write(f'{MARKER}@example.com,"{MARKER}a@example.com; AI"\n{MARKER}9@example.com,AI\x07\n')
    (desk / "editions/2020-11-11/editions/part-1.jsonl").mkdir(parents=True)
    printed = ""
    for options in ([], ["--json"], ["--part", "2/2"], ["--quiet"]):
        command = [sys.executable, "-m", "digest", *DAY, *options]
        done = subprocess.run(command, cwd=desk, capture_output=True, text=True, check=False)
        printed += done.stdout + done.stderr
    written = b"".join(contents(desk).values())
    names = " ".join(contents(desk))

    for fault in (
        "3 rows left out: is no e-mail address (lines 62, 63, 64)",
        "1 row left out: holds a control character or is too long (line 66)",
        "1 row taken without a topic: asks for one that is not on offer (line 65)"
        "; write some of AI; Computer Vision; AI Ethics; AI in Healthcare; Power Apps; Robotics, with `;` between them",
    ):
        assert printed.count(f"warning: readers.csv: {fault}\n") >= 3
    assert "part could not be made" in printed
    assert len(written) > 1000
    assert MARKER not in printed
    assert MARKER.encode() not in written
    assert MARKER not in names


@pytest.mark.parametrize(
    "text",
    [
        f'email,topics\n{MARKER}@example.com,"AI\n',
        f"email,topics\n{MARKER}@example.com\n",
        f"{MARKER}@example.com,AI\n",
        f'{{"email": "{MARKER}@example.com"\n',
        f'{{"email": "{MARKER}@example.com", "{MARKER}": "\\u0007"}}\n',
        f"email,topics,topics\n{MARKER}@example.com,AI,AI\n",
        f"{MARKER}@example.com\n",
    ],
    ids=["open quote", "few cells", "no header", "half a line", "control", "twice", "bare"],
)
def test_a_broken_list_lets_no_address_out(desk: Path, text: str) -> None:
    """Whatever is wrong with a list as a whole is told without a word of it."""
    (desk / "readers.csv").write_text(text, "utf-8")
    done = run(desk, *DAY)

    assert done.status == 1
    assert MARKER not in done.printed + done.told
    assert "Traceback" not in done.told


def test_an_id_is_of_the_address_and_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """16 bytes of HMAC-SHA256 (RFC 2104) of the address without case; another key gives others."""
    id_of = roll.ids(ReadersPlan(key=Secret(env="READER_KEY")))
    reference = hmac.new(KEY.encode(), b"ann@example.com", hashlib.sha256).digest()[:16]
    assert id_of("Ann@Example.com") == reference
    monkeypatch.setenv("READER_KEY", KEY[::-1])
    assert roll.ids(ReadersPlan(key=Secret(env="READER_KEY")))("ann@example.com") != reference


def sections_of_page() -> dict[str, str]:
    """Return what stands below each heading of docs/editions.md."""
    page = (golden.ROOT / "docs" / "editions.md").read_text("utf-8")
    return {text.partition("\n")[0]: text for text in page.split("\n## ")}


def test_the_page_can_be_followed(tmp_path: Path) -> None:
    """The settings, the list and the commands of docs/editions.md work as they stand there."""
    page = sections_of_page()["Set it up"]
    (tmp_path / "seeds").symlink_to(golden.SEEDS)
    (tmp_path / "digest.yaml").write_text(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0], "utf-8")
    (tmp_path / "readers.csv").write_text(re.findall(r"```csv\n(.*?)```", page, re.DOTALL)[0], "utf-8")
    # What sends them is followed where there is a server.
    commands = [line for line in page.partition("## Sending")[0].splitlines() if line.startswith("digest ")]
    assert len(commands) == 3
    for line in commands:
        done = run(tmp_path, *shlex.split(line, comments=True)[1:])
        assert done.status == 0, (line, done.told)
    assert {row["edition"] for row in lines(tmp_path, "readers")} > {"general"}
    explaining = [line for line in sections_of_page()["See one reader's letter"].splitlines() if "digest ex" in line]
    assert len(explaining) == 2
    for line in explaining:
        assert run(tmp_path, *shlex.split(line, comments=True)[1:]).printed.startswith("Edition ")


def test_the_walk_prints_what_the_page_says(tmp_path: Path) -> None:
    """Each command of the walk, in order, prints the text that stands below it, but for what hangs on the key."""

    def plain(text: str) -> str:
        return re.sub(r"[0-9a-f]{32}|part-\d+|\d+ different", "#", text)

    printed, seen = "", 0
    for kind, text in re.findall(r"```(\w+)\n(.*?)```", sections_of_page()["Try it"], re.DOTALL):
        if kind == "yaml":
            with (tmp_path / "digest.yaml").open("a", encoding="utf-8") as settings:
                settings.write(f"\n{text}")
        elif kind == "text":
            assert plain(text) in plain(printed)
            seen += 1
        for line in text.splitlines() if kind == "sh" else []:
            command, _, file = line.partition(" > ")
            if command.startswith("digest ") and "preview" not in command:
                done = run(tmp_path, *shlex.split(command)[1:])
                assert done.status == 0, (line, done.told)
                printed = done.printed
            if file:
                (tmp_path / file).write_text(printed, "utf-8")
            if "pianist" in line:
                written = (tmp_path / "readers.csv").read_text("utf-8")
                (tmp_path / "readers.csv").write_text(re.sub("(reader6@[^,]*,).*", r"\1Robotics", written), "utf-8")
    assert seen == 4


def test_made_up_readers_are_always_the_same(desk: Path) -> None:
    """A longer list begins with a shorter one; nobody asks twice for a topic, or for one that cannot be written."""
    few, many = (run(desk, *DAY, "--example", count).printed.splitlines() for count in ("20", "400"))
    values = json.loads(run(desk, *DAY, "--example", "400", "--json").printed)
    asked = [value["topics"].split("; ") for value in values]

    assert many[:21] == few
    assert [f"reader{number}@example.com" for number in range(1, 401)] == [value["email"] for value in values]
    assert all(len(set(topics)) == len(topics) <= 4 for topics in asked)
    assert {topic for topics in asked for topic in topics} == {*TOPICS, ""}
    rewritten = (desk / "digest.yaml").read_text("utf-8").replace("- Robotics", '- "Robots; and, more"')
    (desk / "digest.yaml").write_text(rewritten, "utf-8")
    assert "Robo" not in run(desk, *DAY, "--example", "400").printed
    assert not (desk / "editions").exists()


def test_no_topic_can_be_made_up(tmp_path: Path) -> None:
    """Where none is on offer that a list can name nobody can ask for one, and that is said."""
    desk = newsroom(tmp_path / "desk", topics=["Robots; and more"])
    done = run(desk, *DAY, "--example", "3")

    assert (done.status, done.printed) == (3, "")
    assert done.told == (
        "editions.topics: no topic is on offer in 2020-11-05 to 2020-11-11; name topics, or another --date\n"
    )


def test_two_runs_at_once_come_to_the_same(tmp_path: Path) -> None:
    """Whichever is first at a part, all parts are there in the end, as of a single run."""
    unbroken, desk = newsroom(tmp_path / "unbroken", parts=12), newsroom(tmp_path / "desk", parts=12)
    run(unbroken, *DAY)
    both = [started(desk), started(desk)]
    for process in both:
        process.communicate()

    assert {process.returncode for process in both} <= {0, 1}
    assert run(desk, *DAY).status == 0
    assert contents(desk) == contents(unbroken)
