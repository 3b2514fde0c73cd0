"""What a message says of its own leaving: its date, and how a reader leaves the list with one click."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from datetime import date, timedelta
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from mailroom import DAY, Mailroom, date_of
from weeks import Newsroom

from digest import pipeline
from digest.config import settings

if TYPE_CHECKING:
    from pathlib import Path

GENERAL = "https://example.com/unsubscribe"
LEAVE = "https://example.com/leave?reader={email}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Mailroom:
    """One built issue for all."""
    made = Mailroom(tmp_path_factory.mktemp("built"))
    made.build()
    return made


@pytest.fixture
def room(built: Mailroom, tmp_path: Path) -> Mailroom:
    """A copy of the built issue."""
    shutil.copytree(built.folder, tmp_path / "room")
    return Mailroom(tmp_path / "room")


def outbox(room: Mailroom, day: str = DAY) -> list[bytes]:
    """Return the messages in outbox/, by reader."""
    return sorted((path.read_bytes() for path in (room.folder / "outbox" / day).iterdir()), key=lambda raw: raw[:80])


def points(raw: bytes) -> list[str]:
    """Return SpamAssassin's rules about dates that *raw* breaks where it is received now."""
    trace = f"Received: from mail.example.com by mx.example.org with ESMTP; {formatdate()}\r\n".encode()
    done = subprocess.run(["spamassassin", "-L", "-t"], input=trace + raw, capture_output=True, check=True)
    report = done.stdout.decode().partition("pts rule name")[2]
    assert report, "SpamAssassin reports nothing"
    return re.findall(r"DATE_IN_\w+", report)


# --- the date


def test_each_copy_is_dated_when_it_leaves(room: Mailroom) -> None:
    """In the outbox, as a test and in a dry run the date is now, not the end of the issue's window."""
    room.configure({}, recipients=room.readers(2))
    for more in (["--send", "--yes"], ["--dry-run"], ["--test", "r0@example.com"]):
        shutil.rmtree(room.folder / "outbox", ignore_errors=True)
        begun = int(time.time())
        assert room.run("send", DAY, "--to", "outbox", *more).returncode == 0
        dates = [date_of(raw).timestamp() for raw in outbox(room)]
        assert dates, more
        assert [at for at in dates if not begun <= at <= time.time()] == []


@pytest.mark.skipif(not shutil.which("spamassassin"), reason="SpamAssassin is not here; looked for spamassassin")
@pytest.mark.parametrize("late", [0, 7], ids=["on-the-day", "a-week-late"])
def test_spamassassin_counts_no_point_for_the_date(tmp_path: Path, late: int) -> None:
    """Sent on the morning of its last day or a week late, a letter breaks no rule about dates; message.eml would."""
    room, last = Mailroom(tmp_path), date.today() - timedelta(days=late)  # noqa: DTZ011 - any zone's day will do
    news = Newsroom(tmp_path)
    news.file("a", title="Robots fold towels", publishedDateTime=f"{last - timedelta(days=1)}T08:00:00Z")
    (tmp_path / "digest.yaml").write_text("archive: archive\nsend: {recipients: readers.csv}\n", "utf-8")
    loaded = settings.load(str(tmp_path / "digest.yaml"))
    pipeline.build(loaded, pipeline.window_of(loaded, last=last))
    room.readers(1)
    done = room.run("send", str(last), "--to", "outbox", "--send", "--yes")
    [raw] = outbox(room, str(last))

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 sent"), done.stderr
    assert points(raw) == []
    if late:
        assert points((tmp_path / "out" / str(last) / "message.eml").read_bytes()) == ["DATE_IN_PAST_96_XX"]


# --- one click


NOTHING = "no one-click unsubscribing for"
WARNED = [("warning", "List-Unsubscribe-Post will be left out: newsletter.unsubscribe is one address for all readers")]


def warned(room: Mailroom, place: str = DAY) -> list[tuple[str, str]]:
    """Return what `check` says of one-click."""
    found = json.loads(room.run("check", place, "--json").stdout)["findings"]
    return [(one["severity"], one["what"]) for one in found if one["rule"] == "one-click"]


def one_click(raw: bytes) -> bool:
    """Whether a message offers it."""
    return b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


def test_a_shared_address_offers_no_one_click(room: Mailroom) -> None:
    """Where all readers share an address the header is left out, and `check` and `send` say so; links stay."""
    room.configure({}, recipients=room.readers(2))
    done = room.run("send", DAY, "--to", "outbox", "--send", "--yes")

    assert warned(room) == WARNED
    assert done.stdout.splitlines()[-2:] == [
        f"{NOTHING} 2 readers: their unsubscribe address is everybody's; "
        "write send.unsubscribe with {email} or another column of the list in it",
        "2 sent",
    ]
    assert [raw for raw in outbox(room) if one_click(raw)] == []
    assert all(f"List-Unsubscribe: <{GENERAL}>,\r\n <mailto:".encode() in raw for raw in outbox(room))


@pytest.mark.parametrize("template", [LEAVE, "https://example.com/{token}"])
def test_an_address_that_names_the_reader_offers_one_click(room: Mailroom, template: str) -> None:
    """With a column in send.unsubscribe each message has the header, and there is nothing to say."""
    room.configure({}, recipients=room.readers(2), unsubscribe=template)
    done = room.run("send", DAY, "--to", "outbox", "--send", "--yes", "--json")

    assert warned(room) == []
    assert json.loads(done.stdout)["without_one_click"] == 0
    assert [raw for raw in outbox(room) if not one_click(raw)] == []


def test_an_address_without_a_column_is_everybodys(room: Mailroom) -> None:
    """A send.unsubscribe that says the same of all readers names none of them."""
    room.configure({}, recipients=room.readers(1), unsubscribe="https://example.com/leave")
    room.run("send", DAY, "--to", "outbox", "--send", "--yes")

    assert warned(room) == WARNED
    assert [one_click(raw) for raw in outbox(room)] == [False]


def test_each_reader_is_offered_what_their_row_allows(room: Mailroom) -> None:
    """The list's own column counts by row: an https address of their own, and no other."""
    rows = ["ann@example.com,https://example.com/leave/ann", "bo@example.com,", "cy@example.com,http://example.com/cy",
            f"di@example.com,{GENERAL}", "ed@example.com,mailto:leave+ed@example.com"]  # fmt: skip
    (room.folder / "readers.csv").write_text("\n".join(["email,unsubscribe", *rows, ""]), "utf-8")
    room.configure({}, recipients=str(room.folder / "readers.csv"))
    done = room.run("send", DAY, "--to", "outbox", "--send", "--yes")

    assert warned(room) == []
    assert f"{NOTHING} 4 readers: " in done.stdout
    assert [one_click(raw) for raw in outbox(room)] == [True, False, False, False, False]


def test_check_is_silent_where_nobody_knows_how_it_is_sent(room: Mailroom) -> None:
    """Services that keep the readers bring their own address; and a folder elsewhere has no settings of ours."""
    service = {"kind": "resend", "segment": "s", "key": {"env": "SERVICE_KEY"}}
    relay = {"kind": "smtp", "host": "mail.example.com"}
    shutil.copytree(room.folder / "out" / DAY, room.folder / "elsewhere" / DAY)
    told = []
    for targets in ({"weekly": service}, {"weekly": service, "relay": relay}, {"weekly": {"kind": "unheard-of"}}):
        room.configure(targets)
        told.append((warned(room), warned(room, f"elsewhere/{DAY}")))

    assert told == [([], []), (WARNED, []), ([], [])]


# --- the dry run


@pytest.mark.parametrize("target", ["outbox", "file", "relay", "weekly"])
def test_a_dry_run_never_says_that_anything_was_sent(room: Mailroom, target: str) -> None:
    """Whatever the target, in words and as JSON: files were written, and no ledger knows of it."""
    service = {"kind": "resend", "segment": "s", "key": {"env": "SERVICE_KEY"}}
    relay = {"kind": "smtp", "host": "mail.example.com"}
    room.configure({"weekly": service, "relay": relay}, recipients=room.readers(2))
    said = room.run("send", DAY, "--to", target, "--dry-run")
    noted = room.run("send", DAY, "--to", target, "--dry-run", "--json")

    assert (said.returncode, noted.returncode, said.stderr) == (0, 0, "")
    assert said.stdout.endswith("; nothing has left this machine\n")
    assert "sent" not in said.stdout.split()
    assert re.findall(r"\bsent\b", noted.stdout) == []
    assert (room.folder / "outbox" / DAY).is_dir()
    assert not (room.folder / "handed-over").exists()
    assert room.run("sent").stdout == "nothing was handed over yet\n"


def test_a_dry_run_names_the_rows_that_fail(room: Mailroom) -> None:
    """Who would be left out is said before anything is sent."""
    (room.folder / "readers.csv").write_text("email\nann@example.com\nbo\n", "utf-8")
    room.configure({}, recipients=str(room.folder / "readers.csv"))
    done = room.run("send", DAY, "--to", "outbox", "--dry-run")

    assert "1 row left out: is no e-mail address" in done.stderr
    assert done.stdout.splitlines()[-1] == f"outbox/{DAY}: 1 message written; nothing has left this machine"
