"""Runs over claims, for tests: a part's readers, and a run of its own process, which a test may kill.

`python claiming.py PLACE PORT READERS` writes to readers r0 and so on by the SMTP server on that port of this machine,
over two connections, as claims in PLACE allow.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fakes import smtp

from digest.config.values import SendPlan, TargetPlan
from digest.mail import claims, options
from digest.mail.built import BuiltIssue, Reader
from digest.mail.claim_book import ClaimBook, Recipient
from digest.mail.claims import BATCH
from digest.mail.delivery import Clock, Delivery
from digest.mail.targets.smtp import Smtp
from digest.tables import storage

if TYPE_CHECKING:
    from collections.abc import Sequence

LANES = 2
PROCESSES = 8


def id_of(number: int) -> str:
    """Return the id of reader r0, r1 and so on."""
    return f"{number:032x}"


def part(count: int, *, suppressed: Sequence[int] = (), absent: Sequence[int] = ()) -> list[Recipient]:
    """Return the readers of a part, r0 and so on."""
    return [
        Recipient(
            id=id_of(number),
            reader=None if number in {*suppressed, *absent} else Reader(address=f"r{number}@example.com"),
            because="suppressed" if number in suppressed else "absent",
        )
        for number in range(count)
    ]


def ids(recipients: Sequence[Recipient]) -> list[str]:
    """Return their ids."""
    return [recipient.id for recipient in recipients]


class _Letter:
    """Writes a message of two lines; nobody reads it."""

    clock = Clock(time.time, time.sleep)

    def __init__(self, letter: BuiltIssue) -> None:
        self._letter = letter

    def edition(self, reader: Reader) -> str:
        del reader
        return ""

    def letter(self, reader: Reader) -> BuiltIssue:
        del reader
        return self._letter

    def __call__(self, reader: Reader) -> bytes:
        return f"To: {reader.address}\r\n\r\nHello\r\n".encode()

    def address(self, reader: Reader) -> str:
        return f"https://example.com/leave?{reader.address}"

    def one_click(self, reader: Reader) -> bool:
        return bool(reader)


def run(place: str, port: int, readers: int, *, unknown_before: float = 0) -> None:
    """Write to whom claims allow."""
    letter = BuiltIssue(
        issue="2020-11-11", newsletter="Weekly", label="weekly", sender_name="News", sender="news@example.com",
        subject="Hello", preheader="", html="", text="", mime=b"", unsubscribe="", unsubscribe_mail="", web="",
    )  # fmt: skip
    where = {"host": "127.0.0.1", "port": str(port), "security": "none"}
    plan = TargetPlan(name="relay", kind="smtp", options=tuple(where.items()))
    target = Smtp(options.Options(plan, Smtp.OPTIONS), letter)
    book = ClaimBook(storage.opened(place), {1: part(readers)}, _Letter.clock, unknown_before=unknown_before)
    sending = SendPlan(connections=LANES, retry_after=1, give_up=10)
    Delivery(book, target.line(_Letter(letter), insecure=True), sending, _Letter.clock).run()


@dataclass(frozen=True)
class Killed:
    """What became of readers: how many messages each got, who is named unknown, and how it stood when all was over."""

    readers: int
    taken: Counter[str]
    states: dict[str, str]
    unknown: set[str]
    again: Counter[str]


def kill_again_and_again(place: str, kills: int) -> Killed:
    """Let PROCESSES write to one part, and kill one of them, *kills* times, in whose place another comes.

    Then a last run writes to whoever waits, and one more to those who are unknown.
    """
    readers = 400 + 120 * kills
    dice = random.Random(kills)
    with smtp.running(smtp.Server(delay=0.002)) as server:
        command = [sys.executable, __file__, place, str(server.port), str(readers)]
        runs = deque(subprocess.Popen(command) for _ in range(PROCESSES))
        try:
            for number in range(kills):
                goal = len(server.messages) + dice.randint(0, readers // (2 * kills))
                while len(server.messages) < goal and any(each.poll() is None for each in runs):
                    time.sleep(0.001)
                # The eldest, which is at work for certain.
                oldest = runs.popleft()
                assert oldest.poll() is None, f"no run could be killed for the time {number + 1}"
                oldest.kill()
                oldest.wait()
                runs.append(subprocess.Popen(command))
            for each in runs:
                assert each.wait(120) == 0
        finally:
            for each in runs:
                each.kill()
                each.wait()
        run(place, server.port, readers)
        taken = server.taken
        stands = claims.standing(storage.opened(place), 1, ids(part(readers))).readers
        run(place, server.port, readers, unknown_before=time.time())
        again = server.taken
    states = {f"r{int(reader, 16)}@example.com": standing.state for reader, standing in stands.items()}
    unknown = {reader for reader, state in states.items() if state == "unknown"}
    return Killed(readers, taken, dict(states), unknown, again)


def hold(killed: Killed, kills: int) -> str:
    """Hold what became of readers to what is promised; return what to tell of it."""
    doubles = [reader for reader, count in killed.taken.items() if count > 1]
    assert doubles == []
    assert len(killed.states) == killed.readers
    assert set(killed.states.values()) <= {"sent", "unknown"}
    assert set(killed.states) - set(killed.taken) <= killed.unknown
    assert len(killed.unknown) <= kills * LANES * BATCH
    # The editor had them written to again: nobody else was, and nobody is left.
    assert {reader for reader, count in killed.again.items() if count > 1} <= killed.unknown
    assert set(killed.again) == set(killed.states)
    delivered = len(killed.unknown & set(killed.taken))
    return f"{kills} kills, {PROCESSES} processes: {len(killed.unknown)} unknown, {delivered} delivered"


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
