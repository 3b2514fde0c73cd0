"""Many runs at the same part: each reader is claimed before she is written to, and nobody is written to by two."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from mailroom import Time
from test_mail_delivery import DEFERRED, FAILED, GONE, SENT, Fake

from digest.config.values import SendPlan
from digest.mail import claims
from digest.mail.built import Reader
from digest.mail.claim_book import ClaimBook, Recipient
from digest.mail.claims import BATCH
from digest.mail.delivery import Delivery, Lost, Refused, Tally, Transport
from digest.mail.ledger import Mark
from digest.tables import storage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from digest.mail.ledger import State
    from digest.tables.storage import Storage


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


@pytest.fixture
def place(tmp_path: Path) -> Storage:
    """A folder for claims."""
    return storage.opened(str(tmp_path))


def run(
    place: Storage, recipients: Sequence[Recipient], fake: Fake, time: Time | None = None, **options: float
) -> Tally:
    """Run a delivery over part 1 by one connection unless *options* of the plan say otherwise."""
    clock = (time or Time()).clock()
    again = {name: options.pop(name) for name in ("unknown_before", "failed_before") if name in options}
    book = ClaimBook(place, {1: recipients}, clock, **again)
    plan = SendPlan(**{"connections": 1, **options})  # type: ignore[arg-type]  # fields by name
    return Delivery(book, Transport(fake.connect), plan, clock).run()


def states(place: Storage, recipients: Sequence[Recipient]) -> dict[State, int]:
    """Return how many readers of part 1 are in which state, by the claims."""
    return dict(claims.summary(place, {1: ids(recipients)}))


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
    assert claims.summary(place, {number: ids(own) for number, own in parts.items()}) == {"sent": 53}
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
    assert len(claims.in_state(place, {1: ids(part(50))}, "unknown")) == unknown
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
    assert claims.in_state(place, {1: ids(part(3))}, "unknown") == [id_of(1)]
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
