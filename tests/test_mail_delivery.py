from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from mailroom import Time

from digest.errors import SendingError
from digest.mail import ledger as ledgers
from digest.mail.delivery import Delivery, Line, Lost, Outcome, Refused, Tally, Unreachable
from digest.mail.letter import Reader, Receipt
from digest.model import SendPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.mail.ledger import Handover, Ledger

SENT = Outcome(state="sent")
DEFERRED = Outcome(state="deferred", reply="450 later")
FAILED = Outcome(state="failed", reply="554 no")
GONE = Outcome(state="failed", reply="550 5.1.1 unknown", suppress=True)


class Fake:
    """A service that answers each reader from a script; without one it takes everything."""

    def __init__(self, script: dict[str, list[Outcome | Exception]] | None = None) -> None:
        self.script = script or {}
        self.taken: Counter[str] = Counter()
        self.connected = self.closed = 0
        self.always: Outcome | Exception = SENT

    def connect(self) -> Fake:
        """Open a connection."""
        self.connected += 1
        return self

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        """Answer; what is lost was taken all the same."""
        [reader] = readers
        answers = self.script.get(reader.address, [])
        answer = answers.pop(0) if answers else self.always
        if isinstance(answer, Unreachable | Refused):
            raise answer
        sending()
        if isinstance(answer, Lost) or answer == SENT:
            self.taken[reader.address] += 1
        if isinstance(answer, Exception):
            raise answer
        return [answer]

    def close(self) -> None:
        """Count."""
        self.closed += 1


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """A ledger that passes away with the test."""
    with ledgers.opened(ledgers.PASSING) as one:
        yield one


def listed(ledger: Ledger, count: int) -> Handover:
    """Return a hand-over with that many readers, r0 and so on."""
    handover = ledger.note("2020-11-11", "relay", "hash", Receipt(state="draft", reference=""), at=0)
    ledger.enlist(handover, [Reader(address=f"r{number}@example.com") for number in range(count)], at=0)
    return handover


def run(ledger: Ledger, handover: Handover, fake: Fake, time: Time | None = None, **plan: int) -> Tally:
    """Run a delivery over one connection unless *plan* says otherwise."""
    chosen = SendPlan(**{"connections": 1, **plan})  # type: ignore[arg-type]  # fields by name
    return Delivery(ledger, handover, Line(fake.connect), chosen, (time or Time()).clock()).run()


def test_every_reader_gets_one_message(ledger: Ledger) -> None:
    """All readers get one message each, over as many connections as asked for."""
    fake = Fake()
    tally = run(ledger, listed(ledger, 1_234), fake, connections=4)

    assert dict(tally.counts) == {"queued": 0, "sent": 1_234}
    assert Counter(fake.taken.values()) == {1: 1_234}
    assert fake.connected == fake.closed > 1


def test_a_second_run_sends_nothing(ledger: Ledger) -> None:
    """Who has a message gets no second one."""
    fake, handover = Fake(), listed(ledger, 5)
    run(ledger, handover, fake)
    run(ledger, handover, fake)

    assert Counter(fake.taken.values()) == {1: 5}
    assert fake.connected == 1


def test_connections_are_renewed(ledger: Ledger) -> None:
    """A connection carries as many messages as set, then a new one is made."""
    fake = Fake()
    run(ledger, listed(ledger, 10), fake, messages=4)

    assert (fake.connected, fake.closed) == (3, 3)


def test_soft_refusals_are_tried_again_ever_later(ledger: Ledger) -> None:
    """A reader who is refused for now gets the message later, the waits doubling."""
    fake, time = Fake({"r0@example.com": [DEFERRED, DEFERRED, DEFERRED]}), Time()
    before = time.at
    tally = run(ledger, listed(ledger, 3), fake, time, retry_after=60)

    assert dict(tally.counts) == {"queued": 0, "deferred": 0, "sent": 3}
    assert 60 + 120 + 240 <= time.at - before < 60 + 120 + 240 + 10


def test_soft_refusals_end_with_the_time(ledger: Ledger) -> None:
    """After the time that is set nothing is tried again; the reader waits in the ledger for the next run."""
    fake, time, handover = Fake(), Time(), listed(ledger, 1)
    fake.always = DEFERRED
    before = time.at
    tally = run(ledger, handover, fake, time, give_up=600)

    assert (tally.waiting, tally.stopped) == (1, "")
    assert time.at - before < 600
    fake.always, time.at = SENT, time.at + 10_000
    assert dict(run(ledger, handover, fake, time).counts) == {"deferred": 0, "sent": 1}


def test_a_hard_refusal_suppresses_one_reader(ledger: Ledger) -> None:
    """A reader whose mailbox is gone fails, is suppressed for later issues, and the others go on."""
    handover = listed(ledger, 3)
    tally = run(ledger, handover, Fake({"r1@example.com": [GONE], "r2@example.com": [FAILED]}))
    later = ledger.note("2020-11-18", "relay", "hash", Receipt(state="draft", reference=""), at=0)
    ledger.enlist(later, [Reader(address=f"r{number}@EXAMPLE.com") for number in range(3)], at=0)

    assert dict(tally.counts) == {"queued": 0, "sent": 1, "failed": 2}
    assert list(ledger.listed(handover, "failed")) == [
        ("r1@example.com", "550 5.1.1 unknown"), ("r2@example.com", "554 no"),
    ]  # fmt: skip
    assert list(ledger.listed(later, "suppressed")) == [("r1@EXAMPLE.com", "suppressed")]


def test_a_lost_answer_is_unknown_and_never_sent_again(ledger: Ledger) -> None:
    """Who may have the message is unknown, is not written to by the next run, and is when that is asked for."""
    fake, handover = Fake({"r1@example.com": [Lost("no answer")]}), listed(ledger, 3)
    tally = run(ledger, handover, fake)
    again = run(ledger, handover, fake)

    assert dict(tally.counts) == dict(again.counts) == {"queued": 0, "sent": 2, "unknown": 1} or dict(again.counts) == {
        "sent": 2, "unknown": 1,
    }  # fmt: skip
    assert list(ledger.listed(handover, "unknown")) == [("r1@example.com", "no answer")]
    assert fake.taken["r1@example.com"] == 1
    ledger.resume(handover, unknown=True)
    assert dict(run(ledger, handover, fake).counts) == {"queued": 0, "sent": 3}
    assert fake.taken["r1@example.com"] == 2


def test_a_killed_run_leaves_what_was_under_way_as_unknown(ledger: Ledger) -> None:
    """What a run that was killed left as sending becomes unknown when the next one begins."""
    handover = listed(ledger, 2)
    ledger.mark(handover, [ledgers.Mark(address="r0@example.com", state="sending")], at=0)
    ledger.resume(handover, unknown=False)
    fake = Fake()
    run(ledger, handover, fake)

    assert dict(fake.taken) == {"r1@example.com": 1}
    assert list(ledger.listed(handover, "unknown")) == [("r0@example.com", "the run ended before the answer")]


def test_a_lost_connection_is_made_anew(ledger: Ledger) -> None:
    """Where the service hangs up before the message, the reader gets it over a new connection."""
    fake = Fake({"r1@example.com": [Unreachable("421 bye"), Unreachable("421 bye")]})
    tally = run(ledger, listed(ledger, 3), fake)

    assert dict(tally.counts) == {"queued": 0, "sent": 3}
    assert fake.connected == 3
    assert Counter(fake.taken.values()) == {1: 3}


def test_a_refused_sender_stops_the_run(ledger: Ledger) -> None:
    """Where the service refuses us, nobody else is tried, and all who are left wait."""
    fake = Fake({"r2@example.com": [Refused("the sender is refused: 550")]})
    tally = run(ledger, listed(ledger, 100), fake)

    assert tally.stopped == "the sender is refused: 550"
    assert tally.counts["sent"] + tally.waiting == 100
    assert tally.counts["sent"] == fake.taken.total() < 100


@pytest.mark.parametrize("answer", [FAILED, GONE, Unreachable("refused"), Lost("no answer")])
def test_refusals_in_a_row_stop_the_run(ledger: Ledger, answer: Outcome | Exception) -> None:
    """Ten refusals or lost connections in a row stop the run, so that a broken server does not burn the list."""
    fake = Fake()
    fake.always = answer
    tally = run(ledger, listed(ledger, 100), fake)

    assert tally.stopped.startswith("10 refusals or lost connections in a row, the last: ")
    assert tally.waiting >= 90


def test_a_service_short_of_breath_is_left_alone(ledger: Ledger) -> None:
    """Ten soft refusals in a row slow the run down instead of racing through the list."""
    fake, time = Fake(), Time()
    fake.always = DEFERRED
    run(ledger, listed(ledger, 20), fake, time, give_up=60)

    assert sum(time.waits) > 60


def test_the_rate_is_kept(ledger: Ledger) -> None:
    """No more messages a second than set, over all connections together."""
    time = Time()
    before = time.at
    run(ledger, listed(ledger, 100), Fake(), time, rate=10)

    assert time.at - before == pytest.approx(9.9)


def test_a_bug_keeps_its_traceback(ledger: Ledger) -> None:
    """What goes wrong in a connection's thread is raised in the caller's."""
    fake = Fake({"r0@example.com": [ZeroDivisionError("a bug")]})

    with pytest.raises(ZeroDivisionError):
        run(ledger, listed(ledger, 3), fake)


def test_the_issue_is_frozen_once_it_is_sent(ledger: Ledger) -> None:
    """A draft may change; from the first sending on the same target takes no other content, another target does."""
    for state in ("draft", "draft", "sending"):
        ledger.note("2020-11-11", "relay", f"hash of {state}", Receipt(state=state, reference=""), at=0)

    with pytest.raises(SendingError) as caught:
        ledger.note("2020-11-11", "relay", "other", Receipt(state="sending", reference=""), at=0)
    assert str(caught.value) == (
        "issue 2020-11-11: was handed to relay with other content before; bring that build back, or name another target"
    )
    assert ledger.note("2020-11-11", "list", "other", Receipt(state="sending", reference=""), at=0).hash == "other"


def test_a_list_may_change_between_runs(ledger: Ledger) -> None:
    """New readers are added, who left the list and waits is passed over, who has a message keeps it."""
    handover = listed(ledger, 2)
    run(ledger, handover, Fake())
    handover = ledger.note("2020-11-11", "relay", "hash", Receipt(state="sending", reference=""), at=0)
    ledger.enlist(handover, [Reader(address=one) for one in ("r1@example.com", "b@example.com", "c@example.com")], at=0)
    twice = ledger.enlist(handover, [Reader(address=one) for one in ("c@example.com", "c@EXAMPLE.com")], at=0)

    assert twice == 1
    assert dict(ledger.counts(handover)) == {"queued": 1, "sent": 2, "suppressed": 1}
    assert list(ledger.listed(handover, "suppressed")) == [("b@example.com", "left the list")]


def test_one_run_at_a_time(tmp_path: object) -> None:
    """A second run on the same ledger is refused while the first goes on."""
    path = f"{tmp_path}/sent.db"
    with ledgers.opened(path), pytest.raises(SendingError) as caught, ledgers.opened(path):
        pass
    assert str(caught.value) == f"{path}: another run is sending; wait for it, or end it"


def test_a_ledger_is_for_its_owner(tmp_path: object) -> None:
    """The ledger holds readers' addresses: nobody else may read it."""
    import stat  # noqa: PLC0415 - only here
    from pathlib import Path  # noqa: PLC0415 - only here

    path = Path(f"{tmp_path}/sent.db")
    with ledgers.opened(str(path)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_ledger_is_named(tmp_path: object) -> None:
    """A file that is no ledger is refused, and not written over."""
    from pathlib import Path  # noqa: PLC0415 - only here

    path = Path(f"{tmp_path}/sent.db")
    path.write_bytes(b"x" * 5_000)

    with pytest.raises(SendingError) as caught, ledgers.opened(str(path)):
        pass
    assert str(caught.value) == f"{path}: is no ledger we can use (file is not a database); name another as send.ledger"
    assert path.read_bytes() == b"x" * 5_000
