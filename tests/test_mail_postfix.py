"""Through a real mail server: what Postfix takes from us, keeps while the far side is down, and hands on."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from fakes import postfix, smtp
from mailroom import DAY, OWN, Mailroom, date_of
from test_mail_crash import LISTS, SEND, kill_again_and_again, kills_of, states

from digest.mail import personalise
from digest.mail.built import Reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Record = Callable[[str, object], None]

READERS = 400


@pytest.fixture
def room(tmp_path: Path) -> Mailroom:
    """A built issue."""
    made = Mailroom(tmp_path / "room")
    made.folder.mkdir()
    made.build()
    return made


def configure(room: Mailroom, server: postfix.Postfix, readers: int) -> None:
    """Let Postfix be the relay, over STARTTLS."""
    relay = {"kind": "smtp", "host": "localhost", "port": str(server.port), "ca": server.authority}
    leave = "https://example.com/leave?reader={token}"
    room.configure({"relay": relay}, recipients=room.readers(readers), unsubscribe=leave, connections=4)


def wait_until_empty(server: postfix.Postfix) -> None:
    """Let Postfix hand on all that it holds."""
    end = time.monotonic() + 60
    while server.waiting():
        assert time.monotonic() < end, server.log()
        server.flush()
        time.sleep(0.2)


def below_its_own_headers(raw: bytes) -> bytes:
    """Return a message without the Received lines that Postfix puts above it."""
    return b"From:" + raw.partition(b"\r\nFrom:")[2] if not raw.startswith(b"From:") else raw


def test_what_the_far_side_could_not_take_arrives_later(room: Mailroom, tmp_path: Path) -> None:
    """With the far side down Postfix keeps all 400; when it is up, each reader gets the very message we made."""
    far = postfix.free_port()
    with postfix.running(tmp_path / "postfix", far) as server:
        configure(room, server, READERS)
        done = room.digest(*SEND)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, f"{READERS} sent"), done.stderr
        assert server.waiting() == READERS
        with smtp.running(smtp.Server(port=far)) as world:
            wait_until_empty(server)
            taken = dict(world.messages)
            counts = world.taken

    cut, number = personalise.cut(room.letter()), READERS - 1
    reader = Reader(address=f"r{number}@example.com")
    at = date_of(taken[reader.address]).timestamp()
    own = cut.message(reader, f"https://example.com/leave?reader=t{number}", at=at, one_click=True)
    assert counts == Counter({f"r{number}@example.com": 1 for number in range(READERS)})
    assert below_its_own_headers(taken[reader.address]) == below_its_own_headers(own)


@pytest.mark.parametrize("rewritten", LISTS)
def test_killed_while_postfix_takes_it(
    room: Mailroom, tmp_path: Path, request: pytest.FixtureRequest, record_property: Record, rewritten: str
) -> None:
    """A real server, real kills, a list that is rewritten: nobody is lost, and nobody is written to twice."""
    kills = kills_of(request, rewritten)
    far = postfix.free_port()
    with postfix.running(tmp_path / "postfix", far) as server, smtp.running(smtp.Server(port=far)) as world:
        configure(room, server, READERS)
        with room.rewriting(rewritten):
            kill_again_and_again(room, lambda: len(world.messages), kills)
        room.digest(*SEND)
        wait_until_empty(server)
        taken = world.taken

    found = states(room)
    unknown = {reader for reader, state in found.items() if state == "unknown"}
    assert len(found) == READERS
    assert [reader for reader, count in taken.items() if count > 1] == []
    assert set(found) - set(taken) <= unknown
    assert set(found.values()) <= {"sent", "unknown"}
    delivered = len(unknown & set(taken))
    record_property(
        "inputs", f"{kills} kills, Postfix, list {rewritten} rewritten: {len(unknown)} unknown, {delivered} delivered"
    )


def test_a_certificate_of_nobody_gets_nothing(room: Mailroom, tmp_path: Path) -> None:
    """A Postfix whose authority is not trusted gets neither reader nor letter."""
    room.build(**OWN)
    with postfix.running(tmp_path / "postfix", postfix.free_port()) as server:
        room.configure(
            {"relay": {"kind": "smtp", "host": "localhost", "port": str(server.port)}}, recipients=room.readers(3)
        )
        done = room.digest("send", DAY, "--to", "relay", "--send", "--yes")
        assert server.waiting() == 0

    assert done.returncode == 1
    assert "no trusted TLS connection (CERTIFICATE_VERIFY_FAILED)" in done.stderr
