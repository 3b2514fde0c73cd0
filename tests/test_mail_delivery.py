from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from mailroom import Time

from digest.config.values import SendPlan
from digest.errors import SendingError
from digest.mail import ledger as ledgers
from digest.mail.built import Reader, Receipt
from digest.mail.delivery import Clock, Delivery, HungUp, Lost, Outcome, Refused, Tally, Transport, Unreachable
from digest.mail.ledger import Edition, HandoverBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.mail.ledger import Handover, Ledger

SENT = Outcome(state="sent")
DEFERRED = Outcome(state="deferred", reply="450 later")
FAILED = Outcome(state="failed", reply="554 no")
GONE = Outcome(state="failed", reply="550 5.1.1 unknown", suppress=True)
NO_RELAY = Outcome(state="failed", reply="550 relay not permitted", fault="relay")


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


def edition(issue: str = "2020-11-11", content: str = "hash", newsletter: str = "weekly") -> Edition:
    """Return an issue as the ledger knows it."""
    return Edition(newsletter=newsletter, issue=issue, content=content)


def listed(ledger: Ledger, count: int) -> Handover:
    """Return a hand-over with that many readers, r0 and so on."""
    handover = ledger.note(edition(), "relay", Receipt(state="draft", reference=""), at=0)
    ledger.enlist(handover, [Reader(address=f"r{number}@example.com") for number in range(count)], at=0)
    return handover


def run(ledger: Ledger, handover: Handover, fake: Fake, time: Time | None = None, **plan: int) -> Tally:
    """Run a delivery over one connection unless *plan* says otherwise."""
    chosen = SendPlan(**{"connections": 1, **plan})  # type: ignore[arg-type]  # fields by name
    return Delivery(HandoverBook(ledger, handover), Transport(fake.connect), chosen, (time or Time()).clock()).run()


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


def issue(ledger: Ledger, day: str) -> Handover:
    """Return the hand-over of another issue to r0, r1 and r2."""
    handover = ledger.note(edition(day), "relay", Receipt(state="draft", reference=""), at=0)
    ledger.enlist(handover, [Reader(address=f"r{number}@EXAMPLE.com") for number in range(3)], at=0)
    return handover


def test_a_mailbox_is_suppressed_when_it_is_refused_again(ledger: Ledger) -> None:
    """A reader whose mailbox is gone fails, gets the next issue all the same, and after a second refusal no more."""
    handover, time = listed(ledger, 3), Time()
    tally = run(ledger, handover, Fake({"r1@example.com": [GONE], "r2@example.com": [FAILED]}), time)

    assert dict(tally.counts) == {"queued": 0, "sent": 1, "failed": 2}
    assert list(ledger.listed(handover, "failed")) == [
        ("r1@example.com", "550 5.1.1 unknown"), ("r2@example.com", "554 no"),
    ]  # fmt: skip
    second = issue(ledger, "2020-11-18")
    assert ledger.counts(second) == {"queued": 3}
    run(ledger, second, Fake({"r1@EXAMPLE.com": [GONE], "r2@EXAMPLE.com": [FAILED]}), time)
    third = issue(ledger, "2020-11-25")
    assert list(ledger.listed(third, "suppressed")) == [("r1@EXAMPLE.com", "suppressed")]
    assert ledger.counts(third) == {"queued": 2, "suppressed": 1}


def test_a_message_that_arrives_forgives_an_old_refusal(ledger: Ledger) -> None:
    """A mailbox that took an issue since it was refused begins anew: a server had a bad day."""
    time = Time()
    script: list[Outcome | Exception] = [GONE, SENT, GONE]
    for number, answer in enumerate(script):
        time.at += 1_000
        run(ledger, issue(ledger, f"2020-11-0{number + 1}"), Fake({"r1@EXAMPLE.com": [answer]}), time)

    assert ledger.counts(issue(ledger, "2020-11-04")) == {"queued": 3}


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


@pytest.mark.parametrize("answer", [Unreachable("refused"), HungUp("bye"), Lost("no answer")])
def test_lost_connections_in_a_row_stop_the_run(ledger: Ledger, answer: Exception) -> None:
    """Ten lost connections in a row stop the run, so that a broken server does not burn the list."""
    fake = Fake()
    fake.always = answer
    tally = run(ledger, listed(ledger, 100), fake)

    assert tally.stopped == f"10 refusals or lost connections in a row, the last: {answer}"
    assert tally.waiting == (90 if isinstance(answer, Lost) else 100)


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (FAILED, "the server does not say why; ask its operator"),
        (NO_RELAY, "the server does not relay for us; set user and password, or ask its operator"),
    ],
)
def test_a_run_whose_first_ten_are_refused_gives_them_back(
    ledger: Ledger, answer: Outcome, reason: str, connections: int
) -> None:
    """Nobody is blamed for what is about us: all wait, and a mended server gets everybody's message, once."""
    fake, handover = Fake(), listed(ledger, 100)
    fake.always = answer
    tally = run(ledger, handover, fake, connections=connections)

    assert f": {reason} (the last answer: {answer.reply})" in tally.stopped
    assert "the first 1" in tally.stopped
    assert dict(ledger.counts(handover)) == {"queued": 100}
    assert tally.waiting == 100
    run(ledger, handover, fake)  # a second try does not change that
    fake.always = SENT
    assert run(ledger, handover, fake).counts["sent"] == 100
    assert Counter(fake.taken.values()) == {1: 100}
    assert ledger.counts(issue(ledger, "2020-11-18")) == {"queued": 3}


def test_dead_mailboxes_at_the_head_hold_nobody_up(ledger: Ledger) -> None:
    """Twelve dead mailboxes, then thirty living: one run, the dead have failed."""
    fake, handover = Fake({f"r{number}@example.com": [GONE] for number in range(12)}), listed(ledger, 42)
    tally = run(ledger, handover, fake)

    assert (tally.stopped, tally.counts["sent"], tally.counts["failed"]) == ("", 30, 12)


def test_who_was_refused_comes_last_in_the_next_run(ledger: Ledger) -> None:
    """A stopped run gets further at every start, however many unclear refusals the list begins with."""
    dead = sorted(f"r{number}@example.com" for number in range(42))[:25]
    fake, handover = Fake({address: [FAILED] * 9 for address in dead}), listed(ledger, 42)
    stops = [run(ledger, handover, fake).stopped for _ in range(3)]

    assert [bool(stopped) for stopped in stops] == [True, True, True]
    assert ledger.counts(handover)["sent"] == 17
    for _ in range(6):
        run(ledger, handover, fake)
    assert dict(ledger.counts(handover)) == {"failed": 25, "sent": 17}


def test_a_server_that_turns_against_us_burns_nobody(ledger: Ledger) -> None:
    """Ten refusals for our sake after two hundred messages stop the run, and the ten are asked again."""
    fake, handover = Fake(), listed(ledger, 1_000)
    fake.script = {f"r{number}@example.com": [NO_RELAY] for number in range(1_000) if number % 7 == 3}
    assert run(ledger, handover, fake).stopped == ""  # single ones among successes are those readers' own

    fake, later = Fake(), ledger.note(edition("2020-11-18"), "relay", Receipt(state="draft", reference=""), at=0)
    ledger.enlist(later, [Reader(address=f"r{number}@example.com") for number in range(1_000)], at=0)
    fake.script = {f"r{number}@example.com": [NO_RELAY] for number in range(300, 1_000)}
    tally = run(ledger, later, fake)

    assert tally.stopped.startswith("10 refusals in a row: the server does not relay for us")
    assert tally.counts["failed"] + tally.counts["sent"] + tally.waiting == 1_000
    fake.script = {}
    assert run(ledger, later, fake).counts["sent"] >= 1_000 - tally.counts["failed"]


def test_readers_on_whom_a_server_hangs_up_hold_nobody_up(ledger: Ledger) -> None:
    """Twelve readers at whose names the server hangs up: the second run gets past them."""
    stumbling = sorted(f"r{number}@example.com" for number in range(42))[:12]
    fake, handover = Fake({address: [HungUp("RCPT TO: hung up")] * 99 for address in stumbling}), listed(ledger, 42)
    first = run(ledger, handover, fake)
    second = run(ledger, handover, fake)

    assert first.stopped.endswith("in a row, the last: RCPT TO: hung up")
    assert (second.counts["sent"], second.waiting) == (30, 12)
    assert set(ledger.listed(handover, "queued")) == {(address, "RCPT TO: hung up") for address in stumbling}


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


@pytest.mark.parametrize("jump", [-3_600.0, 3_600.0])
def test_a_clock_that_is_set_changes_neither_pace_nor_waits(ledger: Ledger, jump: float) -> None:
    """The time of day goes back or forward by an hour in the middle of a run; the run takes the seconds it takes."""
    time = Time()
    fake = Fake({f"r{number}@example.com": [DEFERRED] for number in range(3)})
    setting = fake.carry

    def carry(readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        if fake.taken.total() == 20:
            time.at += jump
            fake.taken["nobody"] += 1
        return setting(readers, sending)

    fake.carry = carry  # type: ignore[method-assign]  # a server that is slow while the clock is set
    tally = run(ledger, listed(ledger, 50), fake, time, rate=10, retry_after=120, give_up=1_000)

    assert tally.counts["sent"] == 50
    assert 120 <= time.seconds <= 120 + 8  # the deferred were tried once more, after their two minutes
    assert sum(time.waits) == pytest.approx(time.seconds)


@pytest.mark.parametrize("jump", [-3_600.0, 3_600.0])
def test_giving_up_goes_by_a_clock_that_cannot_be_set(ledger: Ledger, jump: float) -> None:
    """A clock that is set an hour back or forward neither ends the tries early nor prolongs them."""
    fake, time, handover = Fake(), Time(), listed(ledger, 1)
    fake.always = DEFERRED
    clock = time.clock()
    waited: list[float] = []

    def wait(seconds: float) -> None:
        if not waited:
            time.at += jump
        waited.append(seconds)
        clock.wait(seconds)

    plan = SendPlan(connections=1, retry_after=60, give_up=600)
    setting = Clock(clock.now, wait, clock.jitter, clock.monotonic)
    tally = Delivery(HandoverBook(ledger, handover), Transport(fake.connect), plan, setting).run()

    assert tally.waiting == 1
    assert 400 <= time.seconds <= 600


def test_a_stop_does_not_wait_for_the_pace(ledger: Ledger) -> None:
    """At one message a second a refused sender ends all connections at once, and nothing leaves after it."""
    fake = Fake({"r0@example.com": [Refused("no")]})
    tally = run(ledger, listed(ledger, 100), fake, rate=1, connections=4)

    assert tally.stopped == "no"
    assert tally.counts["sent"] + tally.waiting == 100


def test_a_bug_keeps_its_traceback(ledger: Ledger) -> None:
    """What goes wrong in a connection's thread is raised in the caller's."""
    fake = Fake({"r0@example.com": [ZeroDivisionError("a bug")]})

    with pytest.raises(ZeroDivisionError):
        run(ledger, listed(ledger, 3), fake)


def test_the_content_is_frozen_by_the_first_accepted_message(ledger: Ledger) -> None:
    """A draft may change, and so may a run that reached nobody; from the first message on no target takes another."""
    for state in ("draft", "sending"):
        ledger.note(edition(content=f"hash of {state}"), "relay", Receipt(state=state, reference=""), at=0)
    run(ledger, listed(ledger, 1), Fake())

    for target in ("relay", "list"):
        with pytest.raises(SendingError) as caught:
            ledger.note(edition(content="other"), target, Receipt(state="sending", reference=""), at=0)
        assert str(caught.value) == (
            "issue 2020-11-11: was handed over with other content before; bring that build back; if the issue was "
            "built again, what readers got is in its folder `sent`"
        )
    daily = ledger.note(
        edition(content="other", newsletter="daily"), "relay", Receipt(state="draft", reference=""), at=0
    )
    assert daily.hash == "other"


def enlist(ledger: Ledger, handover: Handover, *names: str, excluded: tuple[str, ...] = ()) -> tuple[int, int]:
    """Let the list be these readers."""
    readers = [Reader(address=name if "@" in name else f"{name}@example.com") for name in names]
    return ledger.enlist(handover, readers, excluded=excluded, at=0)


def test_a_list_may_change_between_runs(ledger: Ledger) -> None:
    """Readers who wait follow the list as it is now: absent while it lacks them, and readers again when it has them."""
    handover = listed(ledger, 2)
    run(ledger, handover, Fake())
    assert enlist(ledger, handover, "r1", "b", "c") == (3, 0)
    assert enlist(ledger, handover, "c", "C@EXAMPLE.com") == (1, 1)
    assert dict(ledger.counts(handover)) == {"absent": 1, "queued": 1, "sent": 2}
    assert list(ledger.listed(handover, "absent")) == [("b@example.com", "")]

    enlist(ledger, handover, "r1", "b", "c")
    assert dict(ledger.counts(handover)) == {"queued": 2, "sent": 2}


def test_a_suppression_is_a_state_of_the_list(ledger: Ledger) -> None:
    """Whoever leaves a file of suppressions, or is lifted, is a reader again."""
    handover = listed(ledger, 0)
    ledger.suppress(["A@example.com"], "asked us", at=0)
    enlist(ledger, handover, "a", "b", "c", excluded=("b@example.com",))
    assert dict(ledger.counts(handover)) == {"queued": 1, "suppressed": 2}

    assert ledger.lift("a@EXAMPLE.com")
    assert not ledger.lift("nobody@example.com")
    enlist(ledger, handover, "a", "b", "c")
    assert dict(ledger.counts(handover)) == {"queued": 3}


def test_a_list_that_breaks_off_changes_nothing(ledger: Ledger) -> None:
    """Where reading the list fails half-way, the ledger stands as before."""
    handover = listed(ledger, 3)

    def broken() -> Iterator[Reader]:
        yield Reader(address="r1@example.com")
        raise SendingError("list", "breaks off")

    with pytest.raises(SendingError):
        ledger.enlist(handover, broken(), at=0)
    assert dict(ledger.counts(handover)) == {"queued": 3}


def test_whichever_target_carried_it_a_reader_has_the_issue(ledger: Ledger) -> None:
    """A second target writes only to those who do not have it, and says who has it by which target."""
    run(ledger, listed(ledger, 2), Fake())
    other = ledger.note(edition(), "other", Receipt(state="draft", reference=""), at=0)
    enlist(ledger, other, "r0", "R1", "r2")
    fake = Fake()
    run(ledger, other, fake)

    assert dict(fake.taken) == {"r2@example.com": 1}
    assert [(one.target, one.readers) for one in ledger.held(other)] == [("other", 1), ("relay", 2)]


def test_newsletters_share_a_ledger(ledger: Ledger) -> None:
    """The same day of another newsletter is another issue."""
    run(ledger, listed(ledger, 2), Fake())
    daily = ledger.note(
        edition(content="other", newsletter="daily"), "relay", Receipt(state="draft", reference=""), at=0
    )
    enlist(ledger, daily, "r0", "r1")

    assert dict(run(ledger, daily, Fake()).counts) == {"queued": 0, "sent": 2}


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
