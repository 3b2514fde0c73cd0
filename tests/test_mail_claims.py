"""Many runs at the same part: each reader is claimed before she is written to, and nobody is written to by two."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import cycle
from time import sleep
from typing import TYPE_CHECKING

import pytest
from claiming import hold, id_of, ids, kill_again_and_again, part
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from mailroom import Time
from test_mail_delivery import DEFERRED, FAILED, GONE, NO_RELAY, SENT, Fake

from digest.config.values import SendPlan
from digest.errors import OutputError, SendingError
from digest.mail import claims
from digest.mail.built import Reader
from digest.mail.claim_book import ClaimBook, Recipient
from digest.mail.claims import BATCH, Claim, Standing
from digest.mail.delivery import Delivery, HungUp, Lost, Outcome, Refused, Tally, Transport, Unreachable
from digest.mail.discreet import discreet
from digest.mail.ledger import Mark
from digest.tables import storage
from digest.tables.storage import LocalStorage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from digest.mail.ledger import Due, State
    from digest.mail.smtp import Fault
    from digest.tables.storage import Storage

    Record = Callable[[str, object], None]


@pytest.fixture
def place(tmp_path: Path) -> Storage:
    """A folder for claims."""
    return storage.opened(str(tmp_path))


def run(
    place: Storage,
    recipients: Sequence[Recipient],
    fake: Fake,
    time: Time | None = None,
    *,
    unknown_before: float = 0,
    failed_before: float = 0,
    **plan: int,
) -> Tally:
    """Run a delivery over part 1 by one connection unless *plan* says otherwise."""
    clock = (time or Time()).clock()
    book = ClaimBook(place, {1: recipients}, clock, unknown_before=unknown_before, failed_before=failed_before)
    chosen = SendPlan(**{"connections": 1, **plan})  # type: ignore[arg-type]  # fields by name
    return Delivery(book, Transport(fake.connect), chosen, clock).run()


def states(place: Storage, recipients: Sequence[Recipient]) -> dict[State, int]:
    """Return how many readers of part 1 are in which state, by the claims."""
    return dict(Counter(each.state for each in claims.standing(place, 1, ids(recipients)).readers.values()))


def who_is(state: State, place: Storage, recipients: Sequence[Recipient]) -> list[str]:
    """Return the ids of the readers of part 1 in *state*, by the claims."""
    stands = claims.standing(place, 1, ids(recipients)).readers
    return [reader for reader, each in stands.items() if each.state == state]


def rows(place: Storage, name: str) -> list[dict[str, object]]:
    """Return the lines of a file of claims behind its head."""
    return [json.loads(line) for line in (place.read(f"claims/part-1/{name}") or b"").splitlines()[1:]]


def test_every_reader_gets_one_message(place: Storage, tmp_path: Path) -> None:
    """All readers of all parts get one message each, and no file names an address."""
    parts = {1: part(50), 7: part(3)}
    for number, recipient in enumerate(parts[7]):
        parts[7][number] = Recipient(id=f"f{recipient.id}", reader=Reader(address=f"s{number}@example.com"))
    fake, clock = Fake(), Time().clock()
    book = ClaimBook(place, parts, clock)
    tally = Delivery(book, Transport(fake.connect), SendPlan(connections=3), clock).run()

    assert dict(tally.counts) == {"queued": 0, "sent": 53}
    assert Counter(fake.taken.values()) == {1: 53}
    assert place.names("claims/part-1") == [f"0000{number}.1.{end}" for number in range(3) for end in ("claim", "done")]
    assert rows(place, "00002.1.done")[0] == {"reader": id_of(40), "state": "sent", "tries": 1}
    stands = [claims.standing(place, number, ids(own)).readers.values() for number, own in parts.items()]
    assert Counter(each.state for readers in stands for each in readers) == {"sent": 53}
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*.*"))
    assert written.count(id_of(7).encode()) == 2
    assert b"example" not in written


def test_a_second_run_sends_nothing(place: Storage) -> None:
    """Who has a message gets no second one, and nothing is claimed."""
    fake = Fake()
    run(place, part(25), fake)
    again = run(place, part(25), fake)

    assert dict(again.counts) == {"sent": 25}
    assert fake.connected == 1
    assert len(place.names("claims/part-1")) == 4


def test_books_over_one_part_share_its_readers(place: Storage) -> None:
    """Three at once, none lends whom another has."""
    books = [ClaimBook(place, {1: part(205)}, Time().clock()) for _ in range(3)]
    lent: list[set[str]] = [set(), set(), set()]
    for _ in range(12):
        for book, own in zip(books, lent, strict=True):
            own.update(due.reader.address for due in book.due(now=9, wanted=1, busy=own))

    assert [len(own) > 20 for own in lent] == [True, True, True]
    assert sum(map(len, lent)) == len(set.union(*lent)) == 205


# --- killed, lost, resumed


def test_a_killed_run_leaves_its_claims_unknown(place: Storage) -> None:
    """What a run had claimed when it was killed is passed by, until the editor decides; nobody else is touched."""
    time, fake = Time(), Fake()
    ClaimBook(place, {1: part(50)}, time.clock()).due(now=time.at, wanted=1, busy=())
    tally = run(place, part(50), fake, time)

    unknown = tally.counts["unknown"]
    assert dict(tally.counts) == {"queued": 0, "sent": 50 - unknown, "unknown": unknown}
    assert unknown in (10, BATCH)
    assert len(who_is("unknown", place, part(50))) == unknown
    assert dict(run(place, part(50), fake, time).counts) == {"sent": 50 - unknown, "unknown": unknown}
    # Asked for at once, while the run may be alive.
    assert run(place, part(50), fake, time, unknown_before=time.at).counts["unknown"] == unknown
    assert dict(run(place, part(50), fake, time, unknown_before=time.at + 1).counts) == {"queued": 0, "sent": 50}
    assert Counter(fake.taken.values()) == {1: 50}


def test_a_lost_answer_is_unknown_and_never_sent_again(place: Storage) -> None:
    """Who may have the message is unknown, and is written to again when that is asked for."""
    time, fake = Time(), Fake({"r1@example.com": [Lost("no answer")]})
    run(place, part(3), fake, time)
    again = run(place, part(3), fake, time)

    assert dict(again.counts) == {"sent": 2, "unknown": 1}
    assert who_is("unknown", place, part(3)) == [id_of(1)]
    assert fake.taken["r1@example.com"] == 1
    time.at += 600
    assert dict(run(place, part(3), fake, time, unknown_before=time.at).counts) == {"queued": 0, "sent": 3}
    assert fake.taken["r1@example.com"] == 2
    assert rows(place, "00000.2.done") == [{"reader": id_of(1), "state": "sent", "tries": 2}]


def test_a_word_that_comes_late_is_not_lost(place: Storage) -> None:
    """A run that was taken for dead tells that a reader has it, after another was refused for her."""
    time, slow = Time(), ClaimBook(place, {1: part(2)}, Time().clock())
    slow.due(now=time.at, wanted=1, busy=())
    refusing = Fake({"r0@example.com": [FAILED]})
    run(place, part(2), refusing, time, unknown_before=time.at + 1)
    assert states(place, part(2)) == {"sent": 1, "failed": 1}
    slow.mark([Mark(address="r0@example.com", state="sent"), Mark(address="r1@example.com", state="failed")], at=0)

    assert states(place, part(2)) == {"sent": 2}


def test_a_run_that_hands_nothing_over_gives_all_back(place: Storage) -> None:
    """A refused login: who was claimed is queued, not unknown, and the next run writes to all."""
    fake = Fake()
    fake.always = Refused("the login is refused: 535")
    tally = run(place, part(30), fake)

    assert (tally.stopped, dict(tally.counts)) == ("the login is refused: 535", {"queued": 30})
    assert states(place, part(30)) == {"queued": 30}
    assert dict(run(place, part(30), Fake()).counts) == {"queued": 0, "sent": 30}


@pytest.mark.parametrize("connections", [1, 3])
def test_a_run_whose_first_are_refused_gives_them_back(place: Storage, connections: int) -> None:
    """Nobody is blamed for what is about us: all wait, and a mended server gets everybody's message, once."""
    fake = Fake()
    fake.always = FAILED
    tally = run(place, part(100), fake, connections=connections)

    assert tally.stopped.startswith("the first 1")
    assert dict(tally.counts) == {"queued": 100, "failed": 0}
    assert states(place, part(100)) == {"queued": 100}
    fake.always = SENT
    assert run(place, part(100), fake).counts["sent"] == 100
    assert Counter(fake.taken.values()) == {1: 100}


def test_who_is_refused_again_and_again_has_failed(place: Storage) -> None:
    """Answers are counted over runs: a run that stops and is started again comes to an end."""
    fake = Fake()
    fake.always = FAILED
    for _ in range(12):
        run(place, part(12), fake)

    assert states(place, part(12)) == {"failed": 12}


def test_soft_refusals_are_tried_again_by_the_same_run(place: Storage) -> None:
    """Ever later, in a claim of their own, beside which those who have it are not named."""
    fake, time = Fake({"r0@example.com": [DEFERRED, DEFERRED, DEFERRED]}), Time()
    before = time.at
    tally = run(place, part(3), fake, time, retry_after=60)

    assert dict(tally.counts) == {"queued": 0, "deferred": 0, "sent": 3}
    assert 60 + 120 + 240 <= time.at - before < 60 + 120 + 240 + 10
    assert rows(place, "00000.1.done")[0] == {"reader": id_of(0), "state": "deferred", "tries": 1, "code": "450"}
    assert rows(place, "00000.4.done") == [{"reader": id_of(0), "state": "sent", "tries": 4}]


def test_soft_refusals_end_with_the_time(place: Storage) -> None:
    """After the time that is set nothing is tried again; the reader waits for the next run, which tries at once."""
    fake, time = Fake(), Time()
    fake.always = DEFERRED
    tally = run(place, part(1), fake, time, give_up=600)

    assert (tally.waiting, states(place, part(1))) == (1, {"deferred": 1})
    before = time.at
    assert dict(run(place, part(1), Fake(), time).counts) == {"deferred": 0, "sent": 1}
    assert time.at == before


def test_who_failed_is_asked_again_only_if_the_editor_says_so(place: Storage) -> None:
    """What the failure was about stands in its outcome, and no word of the server."""
    time, fake = Time(), Fake({"r1@example.com": [GONE]})
    run(place, part(3), fake, time)

    assert rows(place, "00000.1.done")[1] == {
        "reader": id_of(1), "state": "failed", "tries": 1, "fault": "mailbox", "code": "550",
    }  # fmt: skip
    assert dict(run(place, part(3), fake, time).counts) == {"sent": 2, "failed": 1}
    time.at += 1
    assert dict(run(place, part(3), fake, time, failed_before=time.at).counts) == {"queued": 0, "sent": 3}


def test_who_is_not_to_be_written_to_is_noted(place: Storage) -> None:
    """Suppressed and absent readers get nothing, count as that, and are readers again when that ends."""
    fake, first = Fake(), part(45, suppressed=[*range(20, 40), 3], absent=[4])
    tally = run(place, first, fake)

    assert dict(tally.counts) == {"queued": 0, "sent": 23, "suppressed": 21, "absent": 1}
    assert states(place, first) == {"sent": 23, "suppressed": 21, "absent": 1}
    assert run(place, first, fake).counts["sent"] == 23
    assert len(place.names("claims/part-1")) == 6
    assert dict(run(place, part(45), fake).counts) == {"queued": 0, "sent": 45}
    assert Counter(fake.taken.values()) == {1: 45}


@pytest.mark.parametrize("count", [3, 10, 20, 25])
def test_what_a_finished_claim_says_is_taken_back(place: Storage, count: int) -> None:
    """Also where the run ends with the last answer of a claim, whose outcome stands there already."""
    fake = Fake()
    fake.always = NO_RELAY
    assert run(place, part(count), fake).stopped.endswith("ask its operator (the last answer: 550 relay not permitted)")
    assert states(place, part(count)) == {"queued": count}


def test_a_bug_leaves_what_was_under_way_unknown(place: Storage) -> None:
    """And the others of the claim in the line."""
    fake = Fake({"r1@example.com": [LookupError("a bug")]})
    with pytest.raises(LookupError):
        run(place, part(4), fake)

    assert states(place, part(4)) == {"sent": 1, "unknown": 1, "queued": 2}
    assert who_is("unknown", place, part(4)) == [id_of(1)]


def test_who_was_to_be_written_to_again_and_was_not_is_unknown(place: Storage) -> None:
    """The tally of a run that could not begin says how it stands."""
    time = Time()
    ClaimBook(place, {1: part(4)}, time.clock()).due(now=time.at, wanted=1, busy=())
    book = ClaimBook(place, {1: part(4)}, time.clock(), unknown_before=time.at + 1)
    assert dict(book.counts()) == {"queued": 4}
    book.end()

    assert dict(book.counts()) == {"unknown": 4}


@pytest.mark.parametrize("answer", [Refused("535 no login"), NO_RELAY, HungUp("421 not now")])
def test_a_run_that_writes_again_and_reaches_nobody_leaves_them_unknown(
    place: Storage, answer: Outcome | Exception
) -> None:
    """They may have the issue as before, and the next run writes to them only where it is told to."""
    time, fake = Time(), Fake()
    ClaimBook(place, {1: part(20)}, time.clock()).due(now=time.at, wanted=1, busy=())
    fake.always = answer
    tally = run(place, part(20), fake, time, unknown_before=time.at + 1, give_up=1)

    assert tally.stopped
    assert dict(tally.counts) == {"queued": 0, "unknown": 20} | ({"failed": 0} if answer == NO_RELAY else {})
    assert run(place, part(20), Fake(), time).counts == {"unknown": 20}
    time.at += 1
    assert run(place, part(20), Fake(), time, unknown_before=time.at).counts["sent"] == 20


def test_who_is_written_to_again_after_a_lost_connection_is_reached_by_the_same_run(place: Storage) -> None:
    """That she may have the issue keeps this run from nothing."""
    time, fake = Time(), Fake({"r1@example.com": [HungUp("421 not now")]})
    ClaimBook(place, {1: part(20)}, time.clock()).due(now=time.at, wanted=1, busy=())

    assert run(place, part(20), fake, time, unknown_before=time.at + 1).counts["sent"] == 20


def test_each_reader_has_her_own_wait(place: Storage) -> None:
    """Of a batch only those are asked again whose time has come."""
    book = ClaimBook(place, {1: part(2)}, Time().clock())
    book.due(now=5, wanted=1, busy=())
    marks = [Mark(address=f"r{number}@example.com", state="deferred", due=10.0 * (number + 1)) for number in range(2)]
    book.mark(marks, at=5)

    assert (book.due(now=9, wanted=1, busy=()), book.next_due()) == ([], 10)
    assert [due.reader.address for due in book.due(now=15, wanted=1, busy=())] == ["r0@example.com"]
    book.mark([Mark(address="r0@example.com", state="sent")], at=15)
    assert (book.due(now=15, wanted=1, busy=()), book.next_due()) == ([], 20)


def test_a_service_takes_many_claims_in_a_call(place: Storage) -> None:
    """A call of fifty is three claims, and none is opened beyond what a call needs."""
    book = ClaimBook(place, {1: part(205)}, Time().clock(), run=0)

    assert len(book.due(now=5, wanted=50, busy=())) == 60
    assert len(place.names("claims/part-1")) == 3


def test_a_claim_is_let_go_before_it_may_be_given_to_another(place: Storage) -> None:
    """Who is left of an old claim is claimed anew, unless a message of it is under way."""
    time = Time()
    book = ClaimBook(place, {1: part(20)}, time.clock())
    first = book.due(now=time.at, wanted=1, busy=())
    time.at += claims.ALIVE - 300
    assert book.due(now=time.at, wanted=1, busy=()) == first
    time.at += 1
    assert book.due(now=time.at, wanted=1, busy={"r1@example.com"}) == []
    assert place.names("claims/part-1") == ["00000.1.claim"]
    assert len(book.due(now=time.at, wanted=1, busy=())) == 20
    assert place.names("claims/part-1") == ["00000.1.claim", "00000.1.done", "00000.2.claim"]


def test_a_run_that_was_silent_for_an_hour_writes_to_nobody_whom_another_took(place: Storage) -> None:
    """A service asks for silence, the editor thinks that the run is dead, and another writes to its readers."""
    quiet, other, time = Fake({"r0@example.com": [Unreachable("429", after=3_600)]}), Fake(), Time()
    clock = time.clock()

    def wait(seconds: float) -> None:
        clock.wait(seconds)
        if time.seconds > claims.ALIVE + 60 and not other.connected:
            run(place, part(20), other, time, unknown_before=time.at - claims.ALIVE)

    book = ClaimBook(place, {1: part(20)}, clock)
    tally = Delivery(book, Transport(quiet.connect), SendPlan(connections=1), replace(clock, wait=wait)).run()

    assert dict(tally.counts) == {"queued": 0, "sent": 20}
    assert (other.taken.total(), quiet.taken.total()) == (20, 0)


def test_who_waited_long_for_a_slot_is_claimed_anew(place: Storage) -> None:
    """A low rate or a computer that sleeps: the slot is theirs who are claimed then, so that the run goes on."""
    fake, time, ages = Fake(), Time(), list[float]()
    clock = time.clock()

    def wait(seconds: float) -> None:
        clock.wait(seconds)
        time.at += 100 * seconds

    def carry(readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        sending()
        fake.taken.update(reader.address for reader in readers)
        names = set(place.names("claims/part-1"))
        alive = [name for name in names if name.endswith("claim") and name.replace("claim", "done") not in names]
        ages.extend(time.at - json.loads(place.read(f"claims/part-1/{name}") or b"")["at"] for name in alive)
        return [SENT] * len(readers)

    fake.carry = carry  # type: ignore[method-assign]  # many a call
    book = ClaimBook(place, {1: part(80)}, clock)
    run_of_40 = Delivery(book, Transport(fake.connect, 40), SendPlan(connections=1, rate=1), replace(clock, wait=wait))

    assert dict(run_of_40.run().counts) == {"queued": 0, "sent": 80}
    assert (Counter(fake.taken.values()), ages) == ({1: 80}, [0, 0, 0, 0])
    assert len(place.names("claims/part-1")) == 2 * (4 + 2)


def test_who_is_asked_about_too_long_is_not_written_to(place: Storage) -> None:
    """The server listens for minutes, or the computer sleeps: by then another may have the readers."""
    time, fake = Time(), Fake()

    def carry(readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        if not other.connected:
            time.at += claims.ALIVE
            run(place, part(20), other, time, unknown_before=time.at - 1)
        sending()
        fake.taken.update(reader.address for reader in readers)
        return [SENT]

    other, fake.carry = Fake(), carry  # type: ignore[method-assign]  # slower
    tally = run(place, part(20), fake, time)

    assert dict(tally.counts) == {"queued": 0, "sent": 20}
    assert (other.taken.total(), fake.taken.total()) == (20, 0)


def test_who_is_being_written_to_is_lent_to_nobody(place: Storage) -> None:
    """Also where the caller does not say that she is busy, and when her claim is old."""
    time = Time()
    book = ClaimBook(place, {1: part(3)}, time.clock())
    book.due(now=time.at, wanted=1, busy=())
    book.mark([Mark(address="r1@example.com", state="sending")], at=time.at)

    assert [due.reader.address for due in book.due(now=time.at, wanted=1, busy=())] == [
        "r0@example.com", "r2@example.com",
    ]  # fmt: skip
    time.at += claims.ALIVE
    assert book.due(now=time.at, wanted=1, busy=()) == []


def test_an_interrupt_gives_back_who_was_not_written_to(place: Storage) -> None:
    """Ctrl-C ends what is under way and leaves nobody unknown."""
    fake, clock, interrupts = Fake(), Time().clock(), [KeyboardInterrupt()]

    def carry(readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        sending()
        fake.taken.update(reader.address for reader in readers)
        sleep(0.05)
        return [SENT]

    def watch(_: Tally) -> None:
        if fake.taken and interrupts:
            raise interrupts.pop()

    fake.carry = carry  # type: ignore[method-assign]  # slower
    book = ClaimBook(place, {1: part(600)}, clock)
    tally = Delivery(book, Transport(fake.connect), SendPlan(connections=2), clock).run(watch)

    sent = fake.taken.total()
    assert (tally.stopped, dict(tally.counts)) == ("interrupted", {"queued": 600 - sent, "sent": sent})
    assert 0 < sent < 600


# --- what stands in the storage


def test_a_claim_that_is_ours_is_taken_though_the_answer_got_lost(place: Storage) -> None:
    """A storage that was asked twice, and is there already by our own hand."""
    claim = Claim(part=1, batch=0, attempt=1, run="a", at=1.0, roster="b", readers=("c",))

    assert claims.take(place, claim)
    assert claims.take(place, claim)
    assert not claims.take(place, replace(claim, run="other"))


def test_a_claim_whose_run_was_killed_while_it_was_written(place: Storage) -> None:
    """Nobody can tell whom it names, so its whole batch is unknown, until the editor decides."""
    place.write("claims/part-1/00001.1.claim", b"")
    fake, time = Fake(), Time()

    assert dict(run(place, part(45), fake, time).counts) == {"queued": 0, "sent": 25, "unknown": 20}
    assert run(place, part(45), fake, time, unknown_before=time.at).counts["sent"] == 45
    assert Counter(fake.taken.values()) == {1: 45}


def test_other_readers_of_the_part_are_refused(place: Storage) -> None:
    """A list of one reader less would cut all batches anew."""
    run(place, part(45), Fake())
    ClaimBook(place, {1: part(45)}, Time().clock()).due(now=9, wanted=1, busy=())
    with pytest.raises(OutputError) as error:
        run(place, part(44), Fake())
    assert str(error.value) == (
        f"{place.place}/claims/part-1/00000.1.done: was written when the part had other readers;"
        " bring back the editions of that time; nobody was written to"
    )


def test_batches_of_another_size_are_refused(place: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of the program on another machine would have to cut as this one does."""
    run(place, part(45), Fake())
    monkeypatch.setattr(claims, "BATCH", 30)
    with pytest.raises(OutputError, match=re.escape("00000.1.done: was written when the part had other readers;")):
        run(place, part(45), Fake())


@pytest.mark.parametrize("ends", ["12", "1"])
def test_a_claim_that_is_gone_is_missed(place: Storage, tmp_path: Path, ends: str) -> None:
    """Where a later one of the batch is there: those whom it names would be written to again."""
    fake = Fake({"r1@example.com": [DEFERRED, DEFERRED]})
    run(place, part(3), fake)
    for number in ends:
        for end in ("claim", "done"):
            (tmp_path / f"claims/part-1/00000.{number}.{end}").unlink()
    with pytest.raises(OutputError) as error:
        run(place, part(3), fake)

    assert str(error.value) == (
        f"{place.place}/claims/part-1/00000.1.done: is gone, and later claims are there;"
        " bring it back; nobody was written to"
    )
    assert Counter(fake.taken.values()) == {1: 3}


@pytest.mark.parametrize("content", [b"", b"{}\n", b"[]\n", b"torn", b'{"at": 0, "run": ""}\n{}\n'])
def test_an_outcome_that_cannot_be_read_is_refused(place: Storage, content: bytes) -> None:
    """It may say that somebody has the issue, and whoever goes on without it writes to her again."""
    run(place, part(3), Fake())
    place.write("claims/part-1/00000.1.done", content)
    with pytest.raises(OutputError) as error:
        run(place, part(3), Fake())
    assert str(error.value) == (
        f"{place.place}/claims/part-1/00000.1.done: cannot be read, and nobody else knows who has the issue;"
        " bring a copy of it back; nobody was written to"
    )


def test_an_outcome_that_cannot_be_written_stops_the_run(place: Storage, tmp_path: Path) -> None:
    """Its readers stay unknown, and nobody else is written to."""
    (tmp_path / "claims/part-1/00000.1.done").mkdir(parents=True)
    fake = Fake()
    tally = run(place, part(20), fake)

    assert tally.stopped == (f"{tmp_path}/claims/part-1/00000.1.done: is a folder; name a file; nothing was changed")
    assert dict(tally.counts) == {"queued": 0, "sent": 0, "unknown": 20}
    assert fake.taken.total() == 20
    assert states(place, part(20)) == {"unknown": 20}


class Absent(LocalStorage):
    """A place that is away when the outcome of the first claim is to be written."""

    def write(self, name: str, content: bytes) -> None:
        """Write any other file."""
        if name.endswith("00000.1.done"):
            raise OutputError(self.shown(name), "cannot be reached", "see to the network")
        super().write(name, content)


def test_of_several_outcomes_that_are_left_each_is_written_if_it_can_be(tmp_path: Path) -> None:
    """One that cannot be keeps no other reader unknown."""
    place, marks = Absent(str(tmp_path)), [Mark(address=f"r{number}@example.com", state="sent") for number in range(39)]
    book = ClaimBook(place, {1: part(40)}, Time().clock(), run=0)
    book.due(now=5, wanted=40, busy=())
    with pytest.raises(OutputError):
        book.mark(marks, at=5)
    with pytest.raises(OutputError) as error:
        book.end()

    assert str(error.value) == f"{tmp_path}/claims/part-1/00000.1.done: cannot be reached; see to the network"
    assert states(place, part(40)) == {"unknown": 20, "sent": 19, "queued": 1}


class FullDisk(LocalStorage):
    """A disk that has room for so many claims."""

    room = 2

    def create(self, name: str, content: bytes) -> bool:
        """Create a file while there is room."""
        if not self.room:
            raise OutputError(self.shown(name), "cannot be written (No space left on device)", "make room")
        self.room -= 1
        return super().create(name, content)


@pytest.mark.parametrize("size", [1, 30, 500])
def test_a_claim_that_cannot_be_written_stops_the_run(tmp_path: Path, size: int) -> None:
    """Who was claimed and not written to is given back, and the tally says who has it."""
    place, fake, clock = FullDisk(str(tmp_path)), Fake(), Time().clock()

    def carry(readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        sending()
        fake.taken.update(reader.address for reader in readers)
        return [SENT] * len(readers)

    fake.carry = carry  # type: ignore[method-assign]  # many a call
    book = ClaimBook(place, {1: part(100)}, clock, run=0)
    tally = Delivery(book, Transport(fake.connect, size), SendPlan(connections=1), clock).run()

    sent = {1: 40, 30: 40, 500: 0}[size]
    assert (
        tally.stopped
        == f"{tmp_path}/claims/part-1/00002.1.claim: cannot be written (No space left on device); make room"
    )
    assert (tally.counts["sent"], tally.waiting, fake.taken.total()) == (sent, 100 - sent, sent)
    assert states(place, part(100)).get("unknown") is None


# --- what a server says of a reader


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 5.1.1 <Ada.Marker+news@example.com>: unknown", "550 5.1.1 <…>: unknown"),
        ("550-5.1.1 no mailbox ada.marker here", "550-5.1.1 no mailbox … here"),
        (
            "554 blocked, see https://block.example/?r=ada.marker%2Bnews%40example.com",
            "554 blocked, see https://block.example/?r=…%2Bnews%40example.com",
        ),
        ("554 5.7.1 blocked by us, write to post@example.org", "554 5.7.1 blocked by us, write to …"),
        ("421 ada.markers is another", "421 ada.markers is another"),
        ("550 550 is no user", "550 … is no user"),
        ("", ""),
    ],
)
def test_a_refusal_names_no_reader(said: str, kept: str) -> None:
    """Neither the address nor what stands before its @, and the codes stay."""
    readers = [Reader(address="ada.marker+news@example.com"), Reader(address="550@example.com")]
    fake = Fake()
    answers: list[Outcome] = [Outcome(state="failed", reply=said, fault="mailbox"), Outcome(state="sent", reply=said)]
    fake.carry = lambda *_: answers  # type: ignore[method-assign]  # a call of two
    connection = discreet(Transport(fake.connect, 2)).connect()

    assert connection.carry(readers, lambda: None) == [
        Outcome(state="failed", reply=kept, fault="mailbox"), Outcome(state="sent"),
    ]  # fmt: skip
    connection.close()
    assert (fake.connected, fake.closed) == (1, 1)


@pytest.mark.parametrize("kind", [Unreachable, HungUp, Refused, Lost])
def test_an_error_names_no_reader(kind: type[Exception]) -> None:
    """Whatever ends a call, the run says it without the reader's name, and does what it did."""
    fake = Fake()
    fake.always = kind("550 said of r1@example.com")
    connection = discreet(Transport(fake.connect)).connect()
    with pytest.raises(kind) as raised:
        connection.carry([Reader(address="r1@example.com")], lambda: None)

    assert (raised.value, str(raised.value)) == (fake.always, "550 said of …")


def test_what_cannot_be_made_for_a_reader_names_nobody(place: Storage) -> None:
    """A message that cannot be made stops the run, as ever."""
    fake = Fake({"r1@example.com": [SendingError("r1@example.com", "cannot stand in a header", "mend it")]})
    book = ClaimBook(place, {1: part(3)}, Time().clock())
    delivery = Delivery(book, discreet(Transport(fake.connect)), SendPlan(connections=1), Time().clock())

    assert delivery.run().stopped == "…: cannot stand in a header; mend it"


# --- any order of things


ANSWERS: tuple[State, ...] = ("sent", "failed", "deferred", "queued", "unknown")
WHICH = st.integers(0, 2)
MEMORY = "/dev/shm"
SELDOM = st.sampled_from([False, False, False, True])


@dataclass
class Live:
    """A run that is alive: whom its book has lent, and what it said of them."""

    book: ClaimBook
    lent: dict[str, Due] = field(default_factory=dict)
    said: dict[str, State] = field(default_factory=dict)


class Runs(RuleBasedStateMachine):
    """Runs over one part come, are answered, are killed and end, in any order."""

    def __init__(self) -> None:
        super().__init__()
        # In memory where there is such a folder: a disk takes its time for each file of a claim.
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if os.path.isdir(MEMORY) else None)
        self.place = storage.opened(self.folder.name)
        self.time = Time()
        self.delivered: Counter[str] = Counter()
        # How often the editor let a reader be written to again.
        self.resent: Counter[str] = Counter()
        self.alive: list[Live] = []
        self.told: set[str] = set()
        self.part = part(45, suppressed=[7], absent=[41])

    def standings(self) -> dict[str, Standing]:
        """Return how each reader stands, by her address."""
        stands = claims.standing(self.place, 1, ids(self.part)).readers
        return {f"r{int(reader, 16)}@example.com": standing for reader, standing in stands.items()}

    def one_of(self, which: int) -> Live:
        """Return a run that is alive."""
        return self.alive[which % len(self.alive)]

    @initialize()
    def begin(self) -> None:
        """There are two runs, which have begun."""
        for number in range(2):
            self.start(number=number, again=False, failed=False)
            self.lend(number, 1, later=False)

    @precondition(lambda self: len(self.alive) < 3)
    @rule(number=WHICH, again=SELDOM, failed=SELDOM)
    def start(self, number: int, *, again: bool, failed: bool) -> None:
        """Start a run, which writes to the unknown or the failed again where the editor says so."""
        self.time.at += 1
        now = self.time.at
        if again:
            self.resent.update(address for address, each in self.standings().items() if each.state == "unknown")
        self.alive.append(
            Live(
                ClaimBook(
                    self.place,
                    {1: self.part},
                    self.time.clock(),
                    unknown_before=now if again else 0,
                    failed_before=now if failed else 0,
                    run=3 * len(self.place.names("claims/part-1")) + number,
                )
            )
        )

    @precondition(lambda self: self.alive)
    @rule(which=WHICH, wanted=st.sampled_from([1, 30]), later=st.booleans())
    def lend(self, which: int, wanted: int, *, later: bool) -> None:
        """Readers are lent whom no other run has."""
        self.time.at += 9 if later else 1
        run = self.one_of(which)
        for due in run.book.due(now=self.time.at, wanted=wanted, busy=run.lent):
            address = due.reader.address
            others = [other for other in self.alive if address in other.lent]
            assert not others or self.resent[address]
            run.lent[address] = due

    @precondition(lambda self: self.alive)
    @rule(
        which=WHICH,
        answers=st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=3),
        count=st.sampled_from([1, 19, 40]),
        arrives=st.booleans(),
    )
    def answer(self, which: int, answers: list[State], count: int, *, arrives: bool) -> None:
        """The service answers, or the answer is lost and the message may have arrived."""
        run = self.one_of(which)
        for address, state in zip(list(run.lent)[:count], cycle(answers), strict=False):
            del run.lent[address]
            run.book.mark([Mark(address=address, state="sending")], at=self.time.at)
            self.delivered[address] += state == "sent" or (state == "unknown" and arrives)
            due = {"queued": 1.0, "deferred": self.time.at + 5}.get(state)
            fault: Fault | None = "mailbox" if state == "failed" else None
            run.book.mark([Mark(address=address, state=state, due=due, fault=fault)], at=self.time.at)
            run.said[address] = state

    @precondition(lambda self: self.alive)
    @rule(
        which=WHICH,
        end=st.sampled_from(["unreached", "ended", "killed", "bug", "forgiving"]),
        sending=WHICH,
        arrive=st.booleans(),
    )
    def leave(self, which: int, end: str, sending: int, *, arrive: bool) -> None:
        """A run lets go of its readers, or ends: it is killed, stopped by a bug, or forgives what was about us."""
        run = self.one_of(which)
        if end == "unreached":
            run.lent.clear()
            return
        for address in list(run.lent)[: sending if end in ("killed", "bug") else 0]:
            run.book.mark([Mark(address=address, state="sending")], at=self.time.at)
            self.delivered[address] += arrive
        self.alive.remove(run)
        if end == "killed":
            return
        failed = [address for address, state in run.said.items() if state == "failed"] if end == "forgiving" else []
        run.book.give_back(failed)
        run.book.end()
        self.told |= {address for address, state in run.said.items() if state == "sent"}
        stands = self.standings()
        assert {stands[address].state for address in failed if not self.resent[address]} <= {"queued", "sent"}

    @invariant()
    def nobody_is_written_to_twice(self) -> None:
        """But for whom the editor had written to again."""
        assert [address for address, count in self.delivered.items() if count > 1 + self.resent[address]] == []

    @invariant()
    def no_word_is_lost(self) -> None:
        """Who has it is `sent` or `unknown`, and who is `sent` has it."""
        standings = self.standings()
        sent = {address for address, each in standings.items() if each.state == "sent"}
        assert self.told <= sent <= {address for address, count in self.delivered.items() if count}
        doubtful = {address for address, each in standings.items() if each.state == "unknown"}
        assert {address for address, count in self.delivered.items() if count and not self.resent[address]} <= (
            sent | doubtful
        )

    def teardown(self) -> None:
        """A last run writes to all who wait, and then nobody does."""
        while self.alive:
            self.leave(0, "ended", 0, arrive=False)
        fake, clock = Fake(), self.time.clock()
        waited = {address for address, each in self.standings().items() if each.state in ("queued", "deferred")}
        tally = Delivery(
            ClaimBook(self.place, {1: self.part}, clock), Transport(fake.connect), SendPlan(connections=1), clock
        ).run()
        assert set(fake.taken) == waited - {"r7@example.com", "r41@example.com"}
        assert (tally.waiting, tally.counts["sending"]) == (0, 0)
        self.folder.cleanup()


TestRuns = Runs.TestCase
TestRuns.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


# --- real processes that get a real SIGKILL


def test_killed_at_random_points_by_eight_at_once(
    tmp_path: Path, request: pytest.FixtureRequest, record_property: Record
) -> None:
    """Eight processes at one part, one after the other is killed: nobody lost, nobody twice. `--kills 50` is long."""
    kills = int(request.config.getoption("--kills"))
    # In the short form fewer than of one process alone: eight have to start for it.
    kills = kills if kills >= 50 else 4
    record_property("inputs", hold(kill_again_and_again(str(tmp_path), kills), kills))
