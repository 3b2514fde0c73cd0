"""What each reader had: stories that reached her do not come again to her, and what did not reach her may."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import pytest
import yaml
from command import run
from fakes import smtp
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from mailroom import OWN
from test_editions import newsroom
from test_week import EVENTS
from weeks import Newsroom

from digest import editions, pipeline, selection, sending
from digest.config import settings as config
from digest.editions import common, memory, part_files, press, roll
from digest.errors import NothingToSend, OutputError, SettingsError
from digest.issue import memory as issue_memory
from digest.issue import record
from digest.issue.folder import IssueFolder
from digest.mail import claims
from digest.mail.claims import BATCH, Claim, Standing
from digest.mail.delivery import Clock
from digest.model import Past
from digest.selection.own_sections import OwnSections
from digest.selection.week import ToldWeek
from digest.tables import storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from digest.config.settings import Settings
    from digest.model import Issue, Ran, Window

KEY = "0123456789abcdef-of-a-test"
TOPICS = ("AI", "Bees", "Canals")
DAYS = ("2020-11-04", "2020-11-11", "2020-11-18", "2020-11-25")
Fate = Literal["sent", "unknown", "failed", "waiting"]
FATES: tuple[Fate, ...] = get_args(Fate)
_T = TypeVar("_T")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READER_KEY", KEY)


@dataclass
class Letters:
    """A newsletter of editions in *folder*, week after week: its archive, list, parts and claims."""

    folder: Path
    select: Mapping[str, object] = field(default_factory=dict)
    editions: Mapping[str, object] = field(default_factory=dict)
    parts: int = 1

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        written = {
            "archive": ["archive"],
            "sections": [{"topic": topic} for topic in TOPICS],
            "select": self.select,
            "readers": {"id": {"env": "READER_KEY"}},
            "editions": {"fewest": 1, "topics": list(TOPICS), **self.editions, "parts": self.parts},
        }
        file = self.folder / "digest.yaml"
        file.write_text(json.dumps(written), "utf-8")
        return config.load(os.fspath(file))

    def file(self, name: str, **fields: object) -> None:
        """Write an article's file, as `Newsroom` does."""
        Newsroom(self.folder).file(name, **fields)

    def enlist(self, wishes: Mapping[str, Iterable[str]]) -> None:
        """Write the list: names of readers with their topics."""
        rows = [f"{name}@example.com,{';'.join(topics)}\n" for name, topics in wishes.items()]
        (self.folder / "readers.csv").write_text("".join(["email,topics\n", *rows]), "utf-8")

    def window(self, day: str) -> Window:
        """Return the week that ends on a *day*."""
        return pipeline.window_of(self.settings, last=date.fromisoformat(day))

    def week(self, day: str) -> common.CommonWeek:
        """Return the week that ends on a *day* as `digest editions` reads it."""
        return common.of(self.settings, self.window(day))[0]

    def make(self, day: str) -> None:
        """Make all parts of a day's editions."""
        for number in range(1, self.parts + 1):
            source = os.fspath(self.folder / "readers.csv")
            made = editions.make(self.settings, self.window(day), source, (number, self.parts))
            assert not made.left, made.left

    def place(self, day: str) -> storage.Storage:
        """Return where the editions of a day stand."""
        return storage.opened(os.path.join(self.settings.editions.out, day))

    def id_of(self, name: str) -> str:
        """Return the id of a reader."""
        return roll.ids(self.settings.readers)(f"{name}@example.com").hex()

    def gets(self, day: str) -> dict[str, str | None]:
        """Return the name of the edition of each reader, by her id."""
        return {
            row.reader: row.edition
            for number, _ in part_files.heads(self.place(day))
            for row in part_files.readers(self.place(day), number)
        }

    def made(self, day: str) -> dict[str, press.EditionRow]:
        """Return all editions of a day by their names."""
        return {
            name: row
            for number, _ in part_files.heads(self.place(day))
            for name, row in part_files.editions(self.place(day), number).items()
        }

    def got(self, day: str, name: str) -> object:
        """Return the sections of a reader's edition with the paths of their stories; general, None for nothing."""
        edition = self.gets(day)[self.id_of(name)]
        row = self.made(day).get(edition or "")
        return [(title, list(picks)) for title, picks in row.sections] if row else edition

    def stories(self, day: str, name: str) -> list[str]:
        """Return the names of the stories in a reader's edition, none where she has none."""
        edition = self.gets(day)[self.id_of(name)]
        sections = self.made(day)[edition].sections if edition else ()
        return [path.removesuffix(".md") for _, paths in sections for path in paths]

    def send(self, day: str, fates: Mapping[str, Fate] | None = None, default: Fate = "sent") -> None:
        """Send a day's editions; *fates*, by id, say what becomes of readers, *default* of all others."""
        place = self.place(day)
        for number, _ in part_files.heads(place):
            readers = [row.reader for row in part_files.readers(place, number) if row.edition]
            for start in range(0, len(readers), BATCH):
                fate_of = {reader: (fates or {}).get(reader, default) for reader in readers[start : start + BATCH]}
                answered = {reader: fate for reader, fate in fate_of.items() if fate in ("sent", "failed")}
                unknown = [reader for reader, fate in fate_of.items() if fate == "unknown"]
                for attempt, claimed in enumerate(filter(None, (list(answered), unknown)), start=1):
                    claim = Claim(
                        part=number,
                        batch=start // BATCH,
                        attempt=attempt,
                        run="a run",
                        at=1.0,
                        roster=claims.standing(place, number, readers).roster,
                        readers=tuple(claimed),
                    )
                    assert claims.take(place, claim)
                    if claimed != unknown:
                        claims.finish(place, claim, {each: Standing(state=fate) for each, fate in answered.items()})


class RandomWeeks:
    """Four weeks of a newsletter with readers of their own luck, drawn by a number; what each had is noted by itself.

    Of a week editions are sent, with all that may become of them, or the issue for all, or nothing.
    """

    def __init__(self, number: int, folder: Path) -> None:
        self._chance = random.Random(number)
        select = {
            "repeat_after": self._any((None, None, 8)),
            "returns_with": self._any((None, 1)),
            "per_provider": self._any((None, None, 2)),
        }
        empty = self._any(("skip", "general"))
        limit = self._any((1, 2))
        self.letters = Letters(
            folder, {key: each for key, each in select.items() if each}, {"empty": empty, "limit": limit, "fewest": 2}
        )
        self.wishes = {f"reader{number}": self._chance.sample(TOPICS, self._any((0, 1, 2, 3))) for number in range(8)}
        self.letters.enlist(self.wishes)
        self._had: dict[str, list[Ran]] = {name: [] for name in self.wishes}
        self._sent: set[str] = set()
        self.happened: set[str] = set()
        self._written = 0
        for day in DAYS:
            self._week(day)

    def _any(self, choices: Sequence[_T]) -> _T:
        return self._chance.choice(choices)

    def _write(self, last: date) -> None:
        """Write articles of a week, some of which tell what others did, and some come late."""
        for _ in range(self._chance.randint(6, 10)):
            self._written += 1
            made_up = " ".join("".join(self._chance.choices("abdefgiklmnoprstuv", k=6)) for _ in range(6)).capitalize()
            title, excerpt = self._any(EVENTS) if self._chance.random() < 0.6 else (made_up, made_up[::-1])
            day = last - timedelta(days=self._any((0, 1, 2, 3, 4, 5, 6, 8)))
            self.letters.file(
                f"a{self._written}",
                title=title,
                excerpt=excerpt,
                publishedDateTime=f"{day}T09:00:00Z",
                webUrl=f"https://example.com/{self._any((self._written, self._chance.randint(1, 20)))}",
                provider={"name": self._any(("Times", "Gazette", "Post"))},
                topics=self._chance.sample(TOPICS, self._any((1, 1, 2))),
                heat=self._chance.randint(1, 90),
            )

    def _week(self, day: str) -> None:
        letters, last = self.letters, date.fromisoformat(day)
        self._write(last)
        letters.parts = self._any((1, 2, 3, 4))
        with suppress(NothingToSend, SettingsError):
            pipeline.build(letters.settings, letters.window(day))
        kind = self._any(("editions", "editions", "editions", "rehearsal", "to all"))
        if kind == "to all":
            self.happened.add(kind)
            # Nothing may run in such a week.
            if os.path.exists(os.path.join(letters.settings.out, day)):
                sending.mark(letters.settings, day, Clock(lambda: 1_605_000_000.0, lambda _: None))
            return
        letters.make(day)
        week = letters.week(day)
        issues = {name: self._alone(week, name) for name in self.wishes}
        assert {name: letters.got(day, name) for name in self.wishes} == {
            name: self._shown(name, issue, week) for name, issue in issues.items()
        }
        fates: dict[str, Fate] = {}
        if kind == "editions":
            fates = {name: self._any(FATES) for name, issue in issues.items() if self._shown(name, issue, week)}
            letters.send(day, {letters.id_of(name): fate for name, fate in fates.items()})
        # Where nobody's turn has come, nothing was sent.
        if set(fates.values()) - {"waiting"}:
            self._sent.add(day)
        for name, fate in fates.items():
            if fate in ("sent", "unknown"):
                self._had[name] += self._runs(name, issues[name], week)
        self.happened |= {kind, *fates.values()}

    def _alone(self, week: common.CommonWeek, name: str) -> Issue:
        """Return the issue that `select` makes for a reader with all that she had."""
        to_all = [ran for ran in issue_memory.past(week.settings, week.window).ran if ran.issue not in self._sent]
        after = week.settings.rules.repeat_after
        # What may run again is not read.
        own = [ran for ran in self._had[name] if after is None or week.window.last <= ran.day + timedelta(days=after)]
        had = tuple(sorted([*to_all, *own], key=lambda ran: ran.issue))
        told = ToldWeek(week.articles, week.window, week.settings.rules, Past(), OwnSections(language="en"))
        rules = replace(week.settings.rules, plans=told.plans(week.offer.wish(self.wishes[name], "")))
        issue = selection.select(week.articles, week.window, rules, replace(week.past, ran=had))
        without = selection.select(week.articles, week.window, rules, replace(week.past, ran=()))
        self.happened |= {"held back"} if paths(issue) != paths(without) else set()
        self.happened |= {"update"} if any(pick.update for pick in issue.picks) else set()
        self.happened |= {"late"} if any(pick.late for pick in issue.picks) else set()
        return issue

    def _shown(self, name: str, issue: Issue, week: common.CommonWeek) -> object:
        """Return what a reader gets for whom `select` makes that *issue*, as `Letters.got` does."""
        if not self.wishes[name]:
            return "general"
        plan = week.settings.editions
        return paths(issue) if len(issue.picks) >= plan.fewest else "general" if plan.empty == "general" else None

    def _runs(self, name: str, issue: Issue, week: common.CommonWeek) -> tuple[Ran, ...]:
        """Return what a reader had with her edition: its picks, or those of the issue for all."""
        if self._shown(name, issue, week) != "general":
            return record.past_of([record.of_choice(issue)], fate="sent in editions").ran
        built = IssueFolder.of(week.settings.out, issue.id)
        self.happened.add("general")
        return record.past_of([built.record], fate="sent in editions").ran if built.is_built else ()


def paths(issue: Issue) -> list[tuple[str, list[str]]]:
    """Return the stories of an issue by section."""
    return [(section.title, [pick.article.path for pick in section.picks]) for section in issue.sections]


# A smaller number is no simpler week, so there is nothing to shrink.
@settings(max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 10**9))
def test_a_reader_gets_what_select_would_choose_with_all_that_she_had(number: int) -> None:
    """In every week of a newsletter, whatever became of earlier ones and into however many parts these were cut."""
    with tempfile.TemporaryDirectory() as folder:
        RandomWeeks(number, Path(folder))


def test_random_weeks_have_all_that_may_become_of_editions(tmp_path: Path) -> None:
    """Those of the test above have every fate, repeats and updates, and readers of the issue for all."""
    happened: set[str] = set()
    for number in (7, 8):
        (tmp_path / str(number)).mkdir()
        happened |= RandomWeeks(number, tmp_path / str(number)).happened

    assert happened >= {"editions", "rehearsal", "to all", *FATES, "held back", "update", "late", "general"}


@pytest.fixture
def letters(tmp_path: Path) -> Letters:
    """Return a newsletter with two stories of a first week, which come again in the second, and readers A and B."""
    room = Letters(tmp_path)
    room.file("ferry", publishedDateTime="2020-11-03T10:00:00Z")
    room.file("bridge", publishedDateTime="2020-11-02T10:00:00Z", heat=40)
    room.enlist({"a": ["AI"], "b": ["AI"]})
    return room


def come_again(letters: Letters) -> None:
    """Publish both stories again, at addresses of their own, and a new one that is colder."""
    letters.file("ferry2", webUrl="https://example.com/ferry", title="Other words", excerpt="And more of them.")
    letters.file("bridge2", title="All about bridge and its many consequences", provider={"name": "Echo"}, heat=40)
    letters.file("new", heat=10)


def test_what_reached_a_reader_does_not_come_again_to_her(letters: Letters) -> None:
    """Sent to A, failed for B: A gets what is new alone, and B the stories that never reached her."""
    letters.make("2020-11-04")
    letters.send("2020-11-04", {letters.id_of("b"): "failed"})
    come_again(letters)
    letters.make("2020-11-11")

    assert letters.stories("2020-11-04", "a") == letters.stories("2020-11-04", "b") == ["ferry", "bridge"]
    assert letters.stories("2020-11-11", "a") == ["new"]
    assert letters.stories("2020-11-11", "b") == ["ferry2", "bridge2", "new"]


def test_what_a_server_took_decides_the_next_letter(tmp_path: Path) -> None:
    """By the commands alone: of two readers with the same wish one is refused, and her next letter repeats."""
    desk = newsroom(tmp_path / "desk", parts=1)
    readers = [f"r{number}@example.com" for number in range(4)]
    (desk / "readers.csv").write_text("email,topics\n" + "".join(f"{one},AI; AI Ethics\n" for one in readers), "utf-8")
    file = desk / "digest.yaml"
    refusing = smtp.Server(rcpt=lambda reader: "550 5.1.1 no such user" if reader in readers[:2] else "")
    with smtp.running(refusing) as server:
        relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(server.port), "security": "none"}
        written = {**yaml.safe_load(file.read_text("utf-8")), "newsletter": OWN, "targets": {"relay": relay}}
        file.write_text(yaml.safe_dump(written), "utf-8")
        assert run(desk, "editions", "--date", "2020-11-10", "--part", "1/1").status == 0
        send = ("send", "2020-11-10", "--to", "relay", "--editions", "--insecure", "--send", "--yes")
        assert run(desk, *send).printed.endswith("2 failed, 2 sent\n")
    assert run(desk, "editions", "--date", "2020-11-11", "--part", "1/1").status == 0
    settings = config.load(os.fspath(file))
    again = {}
    for address in readers:
        reader = roll.ids(settings.readers)(address).hex()
        before, now = (stories_of(part_files.place_of(settings, day), reader) for day in ("2020-11-10", "2020-11-11"))
        again[address] = before & now

    assert sorted(server.taken) == readers[2:]
    assert [bool(again[address]) for address in readers] == [True, True, False, False]


def stories_of(place: storage.Storage, reader: str) -> set[str]:
    """Return the paths of the stories in the edition of a reader of the only part."""
    [edition] = [row.edition for row in part_files.readers(place, 1) if row.reader == reader]
    sections = part_files.editions(place, 1)[edition or ""].sections
    return {path for _, paths in sections for path in paths}


@pytest.mark.parametrize(("fate", "again"), [("unknown", False), ("waiting", True), ("failed", True)])
def test_what_may_have_reached_a_reader_counts(letters: Letters, fate: Fate, again: bool) -> None:
    """A claim without an outcome is taken for sent; who was not claimed, or refused, had nothing."""
    letters.make("2020-11-04")
    letters.send("2020-11-04", {letters.id_of("b"): fate})
    come_again(letters)
    letters.make("2020-11-11")

    assert ("ferry2" in letters.stories("2020-11-11", "b")) is again


def test_editions_that_were_not_sent_are_a_rehearsal(letters: Letters) -> None:
    """They take nothing from the real ones, and the next week asks nothing of their files."""
    letters.make("2020-11-04")
    (letters.folder / "editions/2020-11-04/stories.jsonl").unlink()
    come_again(letters)
    letters.make("2020-11-11")

    assert letters.stories("2020-11-11", "a") == ["ferry2", "bridge2", "new"]


def test_who_got_the_issue_for_all_had_that(letters: Letters) -> None:
    """The row of a reader decides of an issue of which editions were sent; who is in none of its parts had nothing."""
    room = Newsroom(letters.folder, sections="[{topic: AI, limit: 1}]")
    letters.enlist({"a": ["AI"], "b": []})
    room.build("2020-11-04")
    letters.make("2020-11-04")
    letters.send("2020-11-04")
    room.sent("2020-11-04")
    come_again(letters)
    letters.enlist({"a": ["AI"], "b": ["AI"], "c": ["AI"]})
    letters.make("2020-11-11")

    assert letters.gets("2020-11-04")[letters.id_of("b")] == part_files.GENERAL
    assert letters.stories("2020-11-11", "a") == ["new"]
    assert letters.stories("2020-11-11", "b") == ["bridge2", "new"]
    assert letters.stories("2020-11-11", "c") == ["ferry2", "bridge2", "new"]


def test_an_issue_without_editions_was_sent_to_all(letters: Letters) -> None:
    """As before there were any; also to who was not on the list then."""
    room = Newsroom(letters.folder, sections="[{topic: AI, limit: 1}]")
    room.build("2020-11-04")
    room.sent("2020-11-04")
    come_again(letters)
    letters.make("2020-11-11")

    assert letters.stories("2020-11-11", "a") == ["bridge2", "new"]


def test_a_story_may_run_again_after_a_while(letters: Letters) -> None:
    """With `repeat_after` older issues are not read, whatever became of their files."""
    letters.make("2020-11-04")
    letters.send("2020-11-04")
    come_again(letters)
    letters.select = {"repeat_after": 6, "late_days": 0}
    (letters.folder / "editions/2020-11-04/stories.jsonl").unlink()
    letters.make("2020-11-11")

    assert letters.stories("2020-11-11", "a") == ["ferry2", "bridge2", "new"]


@pytest.mark.parametrize(("before", "now"), [(2, 3), (6, 4), (4, 8), (3, 1)])
def test_readers_are_known_again_in_other_parts(letters: Letters, before: int, now: int) -> None:
    """The number of parts may change from week to week."""
    names = [f"r{number}" for number in range(30)]
    letters.enlist({name: ["AI"] for name in names})
    letters.parts = before
    letters.make("2020-11-04")
    failed = names[::3]
    letters.send("2020-11-04", {letters.id_of(name): "failed" for name in failed})
    come_again(letters)
    letters.parts = now
    letters.make("2020-11-11")

    again = [name for name in names if "ferry2" in letters.stories("2020-11-11", name)]
    assert again == failed
    assert len(list((letters.folder / "editions/2020-11-11/readers").iterdir())) == now


def test_editions_in_a_bucket_are_remembered(letters: Letters, tmp_path: Path) -> None:
    """As those in a folder are."""
    letters.editions = {"out": f"memory://{tmp_path.name}/editions"}
    letters.make("2020-11-04")
    letters.send("2020-11-04", {letters.id_of("b"): "failed"})
    come_again(letters)
    letters.make("2020-11-11")

    assert letters.stories("2020-11-11", "a") == ["new"]
    assert letters.stories("2020-11-11", "b") == ["ferry2", "bridge2", "new"]


def test_earlier_parts_are_found_from_any_folder(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of a cluster stand in folders of their own."""
    letters.make("2020-11-04")
    letters.send("2020-11-04")
    come_again(letters)
    monkeypatch.chdir(letters.folder)
    settings = config.load()
    week, _ = common.of(settings, letters.window("2020-11-11"))
    monkeypatch.chdir("/")

    assert settings.editions.out == "editions"
    assert len(memory.of_part(week, 1, {letters.id_of("a")}).had(letters.id_of("a"))) == 2


def test_what_editions_had_to_choose_from_is_not_late(letters: Letters) -> None:
    """Who was passed over in its week does not come late in the next, and what was not there yet does."""
    letters.editions = {"limit": 1}
    letters.select = {"min_heat": 5}
    letters.file("cold", publishedDateTime="2020-11-03T10:00:00Z", heat=1)
    letters.make("2020-11-04")
    letters.send("2020-11-04")
    letters.file("late", publishedDateTime="2020-11-03T10:00:00Z", heat=45)
    letters.file("cold", publishedDateTime="2020-11-03T10:00:00Z", heat=99)
    week = letters.week("2020-11-11")
    candidates = selection.select(week.articles, week.window, week.settings.rules, week.past).verdicts

    assert [verdict.article.path for verdict in candidates] == ["late.md"]
    assert week.past.since == date(2020, 10, 29)


def test_what_another_newsletter_sent_is_not_remembered(letters: Letters) -> None:
    """Unless the settings remember all."""
    letters.make("2020-11-04")
    letters.send("2020-11-04")
    file = letters.folder / "editions/2020-11-04/stories.jsonl"
    head, rows = file.read_bytes().split(b"\n", 1)
    file.write_bytes(b"\n".join([json.dumps({**json.loads(head), "newsletter": {"name": "Other"}}).encode(), rows]))
    come_again(letters)
    letters.make("2020-11-11")
    assert letters.stories("2020-11-11", "a") == ["ferry2", "bridge2", "new"]
    letters.select = {"remember": "all"}
    assert len(letters.week("2020-11-11").memory.issues) == 1


def test_of_two_issues_of_a_day_the_later_remembers_the_earlier(letters: Letters) -> None:
    """A letter in the evening does not tell again what that of the morning told, and not the other way round."""
    letters.make("2020-11-04")
    letters.send("2020-11-04")
    settings, place = letters.settings, letters.folder / "editions"
    evening = replace(letters.window("2020-11-11"), until=time(18), suffix="evening")
    morning = replace(evening, until=time(6), suffix="morning")
    for window in (morning, evening):
        stories = place / window.issue_id / "stories.jsonl"
        shutil.copytree(place / "2020-11-04", place / window.issue_id)
        head, rows = stories.read_bytes().split(b"\n", 1)
        days = json.loads(head) | {"id": window.issue_id, "window": record.of_window(window)}
        stories.write_bytes(b"\n".join([json.dumps(days).encode(), rows]))

    assert memory.sent_before(settings, evening) == ("2020-11-04", "2020-11-11-morning")
    assert memory.sent_before(settings, morning) == ("2020-11-04",)


STORIES = "editions/2020-11-04/stories.jsonl"
BROKEN = "is no file of stories that can be read, and it says what readers of that issue had; "
REFUSED: dict[str, tuple[Callable[[bytes], bytes | None], str]] = {
    "gone": (
        lambda _: None,
        "is not there, and it says what readers of that issue had; bring it back, or make the first part of that issue",
    ),
    "empty": (lambda _: b"", f"{BROKEN}bring it back; nothing was changed"),
    "half a line": (lambda content: content[:-9], f"{BROKEN}bring it back; nothing was changed"),
    "a list": (lambda _: b"[]\n", f"{BROKEN}bring it back; nothing was changed"),
    "no address": (
        lambda content: content.replace(b'"addresses"', b'"adresses"'),
        f"{BROKEN}bring it back; nothing was changed",
    ),
    "another day": (
        lambda content: content.replace(b'"2020-11-03T', b'"2020-13-03T'),
        f"{BROKEN}bring it back; nothing was changed",
    ),
    "another key": (
        lambda content: re.sub(rb'"key": "\w+"', b'"key": "00"', content),
        "is of another key, under which nobody of that issue is known again; "
        "set readers.id to that key; with another editions.out all may come again that readers had",
    ),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED)
def test_stories_that_cannot_be_remembered_stop_editions(
    letters: Letters, change: Callable[[bytes], bytes | None], message: str
) -> None:
    """They are named, and nothing is written."""
    letters.make("2020-11-04")
    letters.send("2020-11-04")
    file = letters.folder / STORIES
    content = change(file.read_bytes())
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    done = run(letters.folder, "editions", "--date", "2020-11-11", "--readers", "readers.csv")

    assert (done.status, done.told) == (1, f"{STORIES}: {message}\n")
    assert not (letters.folder / "editions/2020-11-11").exists()


def test_parts_that_are_gone_stop_editions(letters: Letters) -> None:
    """What was sent of a part cannot be told without it."""
    letters.make("2020-11-04")
    letters.send("2020-11-04")
    shutil.rmtree(letters.folder / "editions/2020-11-04/readers")
    come_again(letters)
    with pytest.raises(OutputError) as error:
        letters.make("2020-11-11")
    place = letters.folder / "editions/2020-11-04/readers"
    assert str(error.value) == f"{place}: is gone, and it says who had that issue; bring it back"


def test_a_part_that_does_not_fit_its_editions_stops_the_next(letters: Letters) -> None:
    """Half of a copy that was brought back is named."""
    letters.make("2020-11-04")
    letters.send("2020-11-04")
    file = letters.folder / "editions/2020-11-04/editions/part-1.jsonl"
    file.write_text(file.read_text("utf-8").splitlines(keepends=True)[0], "utf-8")
    come_again(letters)
    source = os.fspath(letters.folder / "readers.csv")
    made = editions.make(letters.settings, letters.window("2020-11-11"), source, (1, 1))
    place = letters.folder / "editions/2020-11-04/readers/part-1.jsonl"
    assert [each.why for each in made.left] == [
        f"{place}: does not fit its editions, and it says who had that issue; bring both back"
    ]


def test_more_that_was_sent_is_told(letters: Letters) -> None:
    """A part that was made before another reader had the issue of last week stays, and the command says so."""
    letters.make("2020-11-04")
    letters.send("2020-11-04", {letters.id_of("b"): "waiting"})
    come_again(letters)
    options = ("editions", "--date", "2020-11-11", "--readers", "readers.csv")
    letters.make("2020-11-11")
    before = (letters.folder / "editions/2020-11-11/editions/part-1.jsonl").read_bytes()
    unchanged = run(letters.folder, *options)
    place = letters.place("2020-11-04")
    claim = Claim(part=1, batch=0, attempt=2, run="a", at=2.0, roster="", readers=(letters.id_of("b"),))
    claims.take(place, claim)
    done = run(letters.folder, *options)

    assert "made before" not in unchanged.told
    assert done.told == (
        "warning: editions/2020-11-11: 1 part made before more was sent of earlier issues, which stay as they are; "
        "remove the folder to make them anew\n"
    )
    assert (letters.folder / "editions/2020-11-11/editions/part-1.jsonl").read_bytes() == before


def test_stories_hold_all_that_an_edition_may_have(letters: Letters) -> None:
    """Every pick of every edition stands there, with what the record of an issue would give a memory of it."""
    same = {"title": "All about ferry and its many consequences", "publishedDateTime": "2020-11-03T11:00:00Z"}
    letters.file("boat", **same, provider={"name": "Echo"}, heat=9)
    letters.make("2020-11-04")
    head, *rows = map(json.loads, (letters.folder / STORIES).read_text("utf-8").splitlines())
    picks = {path for row in letters.made("2020-11-04").values() for _, paths in row.sections for path in paths}

    assert head == {
        "id": "2020-11-04",
        "window": {"first": "2020-10-29", "last": "2020-11-04", "timezone": "UTC"},
        "newsletter": {"name": "The AI Week"},
        "key": roll.ids(letters.settings.readers)("").hex(),
    }
    assert picks <= {row["path"] for row in rows}
    week = letters.week("2020-11-04")
    issue = press.Press(week).issue(week.offer.wish(("AI",), ""), ())
    by_path = {row["path"]: row for row in rows}
    kept = [by_path[pick.article.path] for pick in issue.picks]
    assert [len(each["addresses"]) for each in kept] == [2, 1]
    assert (
        record.past_of([{"id": issue.id, "sections": [{"picks": kept}]}]).ran
        == record.past_of([record.of_choice(issue)]).ran
    )
