"""A ledger that is missing, damaged, locked, old or somebody else's is one clear error, and never a second sending."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import smtp
from mailroom import DAY, Mailroom

from digest.errors import SendingError
from digest.mail import ledger as ledgers
from digest.mail.built import Reader, Receipt
from digest.mail.ledger import Edition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEND = ("send", DAY, "--to", "relay", "--send", "--yes", "--insecure")


@pytest.fixture
def room(tmp_path: Path) -> Mailroom:
    """A built issue."""
    made = Mailroom(tmp_path)
    made.build()
    return made


@pytest.fixture
def server(room: Mailroom) -> Iterator[smtp.Server]:
    """A server with three readers, as the target `relay`; all of them have the issue."""
    with smtp.running(smtp.Server()) as running:
        relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(running.port), "security": "none"}
        room.configure({"relay": relay}, recipients=room.readers(3))
        assert room.run(*SEND).returncode == 0
        yield running


def truncate(file: Path) -> None:
    """Cut the file off in the middle of a page."""
    os.truncate(file, file.stat().st_size // 2 + 100)


def scribble(file: Path) -> None:
    """Write over the pages behind the first one."""
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def foreign(file: Path) -> None:
    """Put the database of another program there."""
    file.unlink()
    with closing(sqlite3.connect(file)) as disk:
        disk.execute("CREATE TABLE photos (name TEXT)")


def from_the_future(file: Path) -> None:
    """Let a later digest have written it."""
    with closing(sqlite3.connect(file)) as disk:
        disk.execute("PRAGMA user_version = 9")


def another(file: Path) -> None:
    """Put a ledger there that knows nothing of this issue."""
    file.unlink()
    with ledgers.opened(str(file)) as ledger:
        ledger.suppress(["gone@example.com"], "test", at=0)


def old_copy(file: Path) -> None:
    """Put a copy there of the time when one reader had the issue."""
    with closing(sqlite3.connect(file)) as disk, disk:
        disk.execute("UPDATE mail SET state = 'queued', due = 0 WHERE reader <> 'r0@example.com'")


def folder(file: Path) -> None:
    """Put a folder there."""
    file.unlink()
    file.mkdir()


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (
        Path.unlink,
        "is missing or empty, and issue 2020-11-11 was handed over with it (sent to 3 readers); b",
    ),
    "empty": (lambda file: file.write_bytes(b""), "is missing or empty, and issue 2020-11-11 was handed over with it"),
    "text": (lambda file: file.write_bytes(b"x" * 9_000), "is damaged or no ledger (file is not a database); bring"),
    "truncated": (truncate, "is damaged or no ledger ("),
    "scribbled": (scribble, "is damaged or no ledger ("),
    "foreign": (foreign, "is a database of another program; this digest writes format 2"),
    "newer": (from_the_future, "is a ledger of format 9; this digest writes format 2"),
    "another": (another, "knows 0 of the 3 readers who have issue 2020-11-11 by relay; it is an old copy or another"),
    "old-copy": (old_copy, "knows 1 of the 3 readers who have issue 2020-11-11 by relay; it is an old copy or another"),
    "folder": (folder, "cannot be used (Is a directory); see to it, or name another as send.ledger"),
}


@pytest.mark.parametrize("name", DAMAGE)
@pytest.mark.parametrize("command", [SEND, SEND[:4], (*SEND, "--new-ledger")], ids=["send", "count", "new-ledger"])
def test_a_damaged_ledger_never_sends_twice(
    room: Mailroom, server: smtp.Server, name: str, command: tuple[str, ...]
) -> None:
    """One line says what is wrong; nobody who has the issue gets it again, and the file is left as it is."""
    damage, message = DAMAGE[name]
    damage(room.folder / "sent.db")
    done = room.run(*command)

    assert done.returncode == 1
    assert done.stderr.startswith(f"sent.db: {message}")
    assert done.stderr.count("\n") == 1
    assert len(server.messages) == 3


def test_a_locked_ledger_is_named(room: Mailroom, server: smtp.Server) -> None:
    """Another run, or another program, that holds the file is waited for by the user, not by us."""
    with ledgers.opened(str(room.folder / "sent.db")):
        done = room.run(*SEND)
    assert done.stderr == "sent.db: another run is sending; wait for it, or end it\n"
    assert len(server.messages) == 3


def test_a_lost_ledger_may_be_begun_anew_for_later_issues(room: Mailroom, server: smtp.Server) -> None:
    """--new-ledger begins another where no reader of this issue depends on the old one."""
    del server
    (room.folder / "sent.db").unlink()
    shutil.copytree(room.folder / "out" / DAY, room.folder / "out" / "2020-11-04")
    (room.folder / "out" / DAY / "sent.json").unlink()
    earlier = room.folder / "out" / "2020-11-04" / "issue.json"
    earlier.write_text(
        json.dumps(json.loads(earlier.read_text("utf-8")) | {"id": "2020-11-04", "sections": []}), "utf-8"
    )
    refused, done = room.run(*SEND), room.run(*SEND, "--new-ledger")

    assert "is missing or empty, and issue 2020-11-04 was handed over with it" in refused.stderr
    assert done.stdout.splitlines()[-1] == "3 sent"


def test_counting_writes_nothing_anywhere(room: Mailroom, server: smtp.Server) -> None:
    """Without --send every file of the folder stays as it is, with and without a ledger."""
    for _ in range(2):
        before = {path: path.read_bytes() for path in sorted(room.folder.rglob("*")) if path.is_file()}
        done = room.run("send", DAY, "--to", "relay", "--recipients", room.readers(3))
        assert done.stdout.splitlines()[-1] == "nothing was sent; add --send"
        assert {path: path.read_bytes() for path in sorted(room.folder.rglob("*")) if path.is_file()} == before
        (room.folder / "sent.db").unlink(missing_ok=True)
        (room.folder / "out" / DAY / "sent.json").unlink(missing_ok=True)
    assert len(server.messages) == 3


def test_at_rest_it_is_one_file_for_its_owner(room: Mailroom, server: smtp.Server) -> None:
    """A copy of one file is a backup, and nobody else may read it."""
    del server
    files = sorted(room.folder.glob("sent.db*"))

    assert [file.name for file in files] == ["sent.db", "sent.db.lock"]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]


FORMAT_1 = """
CREATE TABLE handover (
  id INTEGER PRIMARY KEY, issue TEXT NOT NULL, target TEXT NOT NULL, hash TEXT NOT NULL, state TEXT NOT NULL,
  reference TEXT NOT NULL DEFAULT '', address TEXT NOT NULL DEFAULT '', at REAL NOT NULL, UNIQUE (issue, target));
CREATE TABLE mail (
  handover INTEGER NOT NULL REFERENCES handover, reader TEXT NOT NULL, address TEXT NOT NULL, fields TEXT NOT NULL,
  state TEXT NOT NULL, due REAL, tries INTEGER NOT NULL DEFAULT 0, reply TEXT NOT NULL DEFAULT '', at REAL NOT NULL,
  seen INTEGER NOT NULL, PRIMARY KEY (handover, reader)) WITHOUT ROWID;
CREATE INDEX due ON mail (handover, due) WHERE due IS NOT NULL;
CREATE TABLE suppressed (reader TEXT PRIMARY KEY, because TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
INSERT INTO handover VALUES (1, '2020-11-11', 'relay', 'c', 'sending', 'digest:weekly:2020-11-11', '', 5);
INSERT INTO handover VALUES (2, '2020-11-11', 'other', 'c', 'draft', 'digest:weekly:2020-11-11', '', 5);
INSERT INTO mail VALUES (1, 'A@example.com', 'A@example.com', '{}', 'sent', NULL, 1, '250 OK', 5, 1);
INSERT INTO mail VALUES (1, 'b@example.com', 'b@example.com', '{}', 'queued', 0, 0, '', 5, 1);
INSERT INTO mail VALUES (1, 'c@example.com', 'c@example.com', '{}', 'suppressed', NULL, 0, 'left the list', 5, 1);
INSERT INTO mail VALUES (2, 'a@example.com', 'a@example.com', '{}', 'queued', 0, 0, '', 5, 1);
INSERT INTO suppressed VALUES ('D@example.com', 'refused in issue 2020-11-04', 1);
INSERT INTO suppressed VALUES ('e@example.com', 'stands in left.txt', 1);
"""


def test_a_ledger_of_format_1_is_brought_up_to_date(tmp_path: Path) -> None:
    """What the first format knew is kept: who has an issue by any target, who waits, and who was refused."""
    path = str(tmp_path / "sent.db")
    with closing(sqlite3.connect(path)) as disk:
        disk.executescript(FORMAT_1)
    with ledgers.snapshot(path, "weekly") as copy:
        assert [one.target for one in copy.handovers()] == ["other", "relay"]
    with ledgers.opened(path, "weekly") as ledger:
        relay = ledger.handover("weekly", "2020-11-11", "relay")
        assert relay is not None
        readers = [Reader(address=f"{name}@example.com") for name in "abcde"]
        ledger.enlist(relay, readers, at=0)
        assert dict(ledger.counts(relay)) == {"queued": 3, "sent": 1, "suppressed": 1}
        assert list(ledger.listed(relay, "sent")) == [("A@example.com", "250 OK")]
        assert list(ledger.listed(relay, "suppressed")) == [("d@example.com", "suppressed")]
        edition = Edition(newsletter="weekly", issue="2020-11-11", content="x")
        with pytest.raises(SendingError, match="with other content before"):
            ledger.note(edition, "relay", Receipt(state="sending", reference=""), at=0)


def test_a_second_refusal_in_another_issue_suppresses(tmp_path: Path) -> None:
    """A mailbox that one issue found refused is tried again by the next, and then no more."""
    with ledgers.opened(str(tmp_path / "sent.db")) as ledger:
        for issue, expected in (("2020-11-04", "queued"), ("2020-11-11", "queued"), ("2020-11-18", "suppressed")):
            edition = Edition(newsletter="weekly", issue=issue, content="c")
            handover = ledger.note(edition, "relay", Receipt(state="draft", reference=""), at=0)
            ledger.enlist(handover, [Reader(address="a@example.com")], at=0)
            assert dict(ledger.counts(handover)) == {expected: 1}
            ledger.refused(handover, {"A@example.com": "550 5.1.1"}, at=0)
            ledger.refused(handover, {"A@example.com": "550 5.1.1"}, at=0)
            assert bool(list(ledger.listed(handover, "suppressed"))) == (expected == "suppressed")
