"""Random weeks of an untidy desk: whatever is built, sent, edited and skipped, no reader gets a story twice."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from weeks import Newsroom

from digest import pipeline, sending
from digest.config.values import SendPlan, TargetPlan
from digest.errors import DigestError, NothingToSend, Sealed, SendingError
from digest.issue import memory, record, sent
from digest.issue.folder import IssueFolder
from digest.mail import built, options
from digest.mail.built import Able
from digest.mail.delivery import Clock, Outcome, Transport
from digest.mail.target import ReaderTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.built import Reader, Writer

READERS = ("ann", "bo", "cy")
STEPS = 12


class Collector:
    """A connection that takes every message, but for those of readers who are away."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.away: set[str] = set()

    def target(self) -> type[ReaderTarget]:
        """Return a target that has this one connection."""

        class Collecting(ReaderTarget):
            ABLE = Able()

            def line(target, write: Writer, *, insecure: bool) -> Transport:  # noqa: N805, ARG002 - self is outside
                return Transport(lambda: self)

        return Collecting

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        """Take one message."""
        [reader] = readers
        if reader.address in self.away:
            return [Outcome(state="deferred", reply="450 later")]
        sending()
        self.taken.append(reader.address)
        return [Outcome(state="sent")]

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Desk:
    """A newsroom, what its readers got, and the day it is."""

    room: Newsroom
    dice: random.Random
    day: date = date(2020, 11, 9)
    names: list[str] = field(default_factory=list)
    got: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in READERS})
    sealed: dict[str, bytes] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def arrive(self) -> None:
        """Let a hot article arrive, of a day around this one."""
        name = f"s{len(self.names)}"
        self.names.append(name)
        self.write(name)

    def write(self, name: str, **fields: object) -> None:
        """Write an article that no other is like."""
        day = self.day - timedelta(days=self.dice.randrange(9))
        words = f"{name}alpha {name}beta {name}gamma {name}delta"
        self.room.file(
            name,
            title=words,
            excerpt=f"{words} {name}epsilon",
            heat=self.dice.randrange(1, 100),
            publishedDateTime=f"{day}T10:00:00Z",
            **fields,
        )

    def edit(self) -> None:
        """Drop a story, or unpublish one."""
        if self.names:
            name = self.dice.choice(self.names)
            if self.dice.random() < 0.5:
                self.write(name, published=False)
            else:
                self.room.edits(self.day.isoformat(), f"drop: [{{story: {name}.md}}]\n")

    def build(self, *, again: bool = False) -> None:
        """Build the issue of the day, and look at what it holds back."""
        loaded = self.room.settings()
        window = pipeline.window_of(loaded, last=self.day)
        try:
            built = pipeline.build(loaded, window, again=again)
        except NothingToSend:
            folder = self.room.folder / "out" / self.day.isoformat()
            assert (folder / "sent.json").exists() or not (folder / "issue.json").exists()
        except Sealed:
            self.log.append("sealed")
        except DigestError as error:  # an edit that names what is gone
            self.log.append(str(error))
        else:
            self.hold_back(built)

    def hold_back(self, built: pipeline.Built) -> None:
        """Whatever is held back ran in an issue that readers got, or before anything was handed over."""
        traced = any(sent.read(str(folder)) for folder in (self.room.folder / "out").iterdir())
        for one in built.issue.verdicts:
            if one.ran_in:
                everybody = set().union(*self.got.values())
                assert one.article.path in everybody or not traced, (one.article.path, one.because)

    def rehearse(self) -> None:
        """Build the issue of the day before."""
        self.day -= timedelta(days=1)
        self.build()
        self.day += timedelta(days=1)

    def next_week(self) -> None:
        """Go on to another week, with an issue or without."""
        self.day += timedelta(days=self.dice.choice([1, 7, 7, 14]))

    def mark(self) -> None:
        """Let the editor have sent it by hand."""
        self._hand_over(lambda issue: sending.mark(self.room.settings(), issue, clock()), list(READERS))

    def send(self, target: str = "relay") -> None:
        """Send an issue that stands in out/, perhaps while some readers are away."""
        service = Collector()
        service.away = {f"{name}@example.com" for name in READERS if self.dice.random() < 0.2}

        def deliver(issue: str) -> None:
            job = self.job(issue, target, service)
            sending.refuse_a_second_way(job)
            with sending.ledger_of(job) as ledger:
                enlisted = sending.enlist(job, ledger, str(self.room.folder / "readers.txt"), clock())
                sending.deliver(job, ledger, clock(), size=enlisted.size)

        self._hand_over(deliver, [])
        for address in service.taken:
            self._give(address.partition("@")[0], self.log[-1])

    def job(self, issue: str, target: str, service: Collector) -> sending.Job:
        """Return the job as `prepare` makes it, with our own target and without the long look of `check`."""
        loaded = self.room.settings()
        folder = os.path.join(loaded.out, issue)
        if sent.read(folder) is None and memory.repeats(loaded, issue):
            raise SendingError(folder, "repeats")
        plan = SendPlan(ledger=str(self.room.folder / "sent.db"), connections=1, give_up=1, retry_after=1)
        letter = built.read(IssueFolder(folder))
        chosen = options.Options(TargetPlan(name=target, kind="collector"), ())
        return sending.Job(
            letter=letter, target=service.target(), options=chosen, plan=plan, insecure=False, out=loaded.out
        )

    def _hand_over(self, how: Callable[[str], object], readers: list[str]) -> None:
        issues = record.issues(self.room.settings().out)
        if not issues:
            return
        issue = self.dice.choice(issues[-2:])
        fresh = sent.read(str(self.room.folder / "out" / issue)) is None
        try:
            if readers and not (fresh and not memory.repeats(self.room.settings(), issue)):
                return  # an editor marks what she sent, once
            how(issue)
        except SendingError as error:
            self.log.append(f"refused {error}")
        self.log.append(issue)
        for name in readers:
            self._give(name, issue)

    def _give(self, name: str, issue: str) -> None:
        folder = sent.copy_of(str(self.room.folder / "out" / issue))
        its_record = record.read(folder)
        stories = [pick["path"] for section in its_record["sections"] for pick in section["picks"]]
        assert not set(stories) & set(self.got[name]), f"{name} got a story twice with {issue}"
        self.got[name] += stories
        self.sealed[issue] = Path(folder, "index.html").read_bytes()

    def check(self) -> None:
        """What readers got stands as they got it."""
        for issue, content in self.sealed.items():
            folder = sent.copy_of(str(self.room.folder / "out" / issue))
            assert Path(folder, "index.html").read_bytes() == content, issue


def clock() -> Clock:
    """Return a clock that does not wait."""
    moment = iter(range(10**9))
    return Clock(lambda: 1_605_000_000.0 + next(moment), lambda _: None, lambda: 0.5)


def play(seed: int) -> int:
    """Play one sequence; return how many messages readers got."""
    dice = random.Random(seed)
    folder = tempfile.mkdtemp(prefix="sequence")
    try:
        desk = Desk(Newsroom(Path(folder), sections="[{topic: AI, limit: 2}]"), dice)
        (Path(folder) / "readers.txt").write_text("".join(f"{name}@example.com\n" for name in READERS), "utf-8")
        moves: list[Callable[[], None]] = [
            *(desk.arrive, desk.build, desk.build, desk.edit, desk.rehearse, desk.next_week, desk.send, desk.send),
            *(desk.mark, lambda: desk.send("other"), lambda: desk.build(again=True)),
        ]
        for _ in range(3):
            desk.arrive()
        for _ in range(dice.randint(3, STEPS)):
            dice.choice(moves)()
            desk.check()
        return sum(map(len, desk.got.values()))
    finally:
        shutil.rmtree(folder)


def test_no_reader_gets_a_story_twice(record_property: Callable[[str, object], None]) -> None:
    """Sequences of up to twelve steps: nobody gets a story twice, nothing unsent is held back, what is sent stays."""
    count = 500
    given = [play(seed) for seed in range(count)]

    record_property("inputs", f"{count} sequences, {sum(given)} stories given to readers")
    assert sum(map(bool, given)) > count / 4, "most sequences hand something over"
