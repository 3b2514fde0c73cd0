from __future__ import annotations

import time
import zipfile
from typing import TYPE_CHECKING

import pytest
from fakes import smtp
from mailroom import DAY, Mailroom, date_of, undated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUBJECT = "The AI Week, issue 2020-11-11: Robots learn to fold towels"


@pytest.fixture
def room(tmp_path: Path) -> Mailroom:
    """A built issue."""
    made = Mailroom(tmp_path)
    made.build()
    return made


@pytest.fixture
def server(room: Mailroom) -> Iterator[smtp.Server]:
    """A server with three readers, as the target `relay`."""
    with smtp.running(smtp.Server()) as running:
        relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(running.port), "security": "none"}
        room.configure({"relay": relay}, recipients=room.readers(3))
        yield running


def test_without_send_nothing_leaves(room: Mailroom, server: smtp.Server) -> None:
    """The first step shows issue, list and size, and sends nothing."""
    done = room.digest("send", DAY, "--to", "relay", "--insecure")

    assert done.stdout.splitlines() == [
        SUBJECT,
        f"3 readers of {room.folder}/readers.csv to write to over relay (0 duplicates, 0 suppressed, 0 in bad rows)",
        "no one-click unsubscribing for 3 readers: their unsubscribe address is everybody's; "
        "write send.unsubscribe with {email} or another column of the list in it",
        "nothing was sent; add --send",
    ]
    assert (done.returncode, server.sessions) == (0, 0)


@pytest.mark.parametrize(("answer", "count"), [("yes\n", 3), ("y\n", 0), ("\n", 0), ("", 0)])
def test_sending_wants_a_typed_yes(room: Mailroom, server: smtp.Server, answer: str, count: int) -> None:
    """Only a typed yes sends."""
    done = room.digest("send", DAY, "--to", "relay", "--send", "--insecure", stdin=answer)

    assert "Write to them all? Type yes" in done.stderr
    assert (len(server.messages), done.returncode) == (count, 0 if count else 1)


def test_yes_on_the_command_line_sends(room: Mailroom, server: smtp.Server) -> None:
    """--yes does not ask; a second run sends nothing more, and `sent` says what happened."""
    first = room.digest("send", DAY, "--to", "relay", "--send", "--yes", "--insecure")
    second = room.digest("send", DAY, "--to", "relay", "--send", "--yes", "--insecure")
    told = room.digest("sent", DAY, "--list", "sent")

    assert first.stdout.splitlines()[-1] == "3 sent"
    assert second.stdout.splitlines()[-2].startswith("3 of 3 have it, by relay, since ")
    assert second.stdout.splitlines()[-1] == "nothing to do: 3 sent"
    assert second.returncode == 0
    assert len(server.messages) == 3
    lines = told.stdout.splitlines()
    assert lines[0].startswith(f"{DAY}  relay  sent  ")
    assert lines[0].endswith("  3 sent")
    assert lines[1:] == [f"  r{number}@example.com  250 OK" for number in range(3)]


def test_a_misspelt_state_is_wrong_usage(room: Mailroom) -> None:
    """To list nobody would read as if nobody were in doubt."""
    done = room.digest("sent", DAY, "--list", "unknwn")

    states = "queued, sending, sent, deferred, failed, unknown, suppressed, absent"
    message = f"Error: Invalid value for '--list': 'unknwn' is no state; write one of {states}"
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, message)


def test_readers_on_standard_input(room: Mailroom, server: smtp.Server) -> None:
    """A list on standard input is read; bad rows are named; without --yes nobody could be asked."""
    command = ("send", DAY, "--to", "relay", "--send", "--insecure", "--recipients", "-")
    refused = room.digest(*command, stdin="ann@example.com\n")
    done = room.digest(*command, "--yes", stdin="ann@example.com\nbo\nann@EXAMPLE.com\n")

    assert refused.returncode == 2
    assert "the list comes on standard input, so nobody can be asked there; add --yes" in refused.stderr
    assert "1 reader of - to write to over relay (1 duplicates, 0 suppressed, 1 in bad rows)" in done.stdout
    assert (
        "warning: -: 1 row left out: is no e-mail address: An email address must have an @-sign (line 2)" in done.stderr
    )
    assert [reader for reader, _ in server.messages] == ["ann@example.com"]


def test_a_reader_without_a_way_to_leave_is_left_out(room: Mailroom, server: smtp.Server) -> None:
    """Who lacks the column that the unsubscribe address needs is a bad row, and the others get their messages."""
    relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(server.port), "security": "none"}
    room.configure({"relay": relay}, unsubscribe="https://example.com/{token}")
    command = ("send", DAY, "--to", "relay", "--send", "--yes", "--insecure", "--recipients", "-")
    done = room.digest(*command, stdin="email,token\nann@example.com,\nbo@example.com,2\n")

    assert "warning: -: 1 row left out: has no 'token', which send.unsubscribe needs (line 2)" in done.stderr
    assert [reader for reader, _ in server.messages] == ["bo@example.com"]


def test_suppressed_readers_get_nothing(room: Mailroom, server: smtp.Server) -> None:
    """Who stands in a list of suppressions is passed over."""
    (room.folder / "gone.txt").write_text("r1@EXAMPLE.com\n", "utf-8")
    relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(server.port), "security": "none"}
    room.configure({"relay": relay}, recipients=room.readers(3), suppressions="gone.txt")
    done = room.digest("send", DAY, "--to", "relay", "--send", "--yes", "--insecure")

    assert done.stdout.splitlines()[-1] == "2 sent, 1 suppressed"
    assert sorted(server.taken) == ["r0@example.com", "r2@example.com"]


def test_a_test_goes_to_one_address_and_into_no_ledger(room: Mailroom, server: smtp.Server) -> None:
    """--test sends one copy and leaves no trace in the ledger."""
    done = room.digest("send", DAY, "--to", "relay", "--test", "me@example.com", "--insecure")

    assert done.stdout == "1 sent\n"
    assert [reader for reader, _ in server.messages] == ["me@example.com"]
    assert room.digest("sent").stdout == "nothing was handed over yet\n"


def test_a_dry_run_writes_what_would_be_sent(room: Mailroom, server: smtp.Server) -> None:
    """--dry-run writes each reader's message to outbox/ and connects to nothing."""
    done = room.digest("send", DAY, "--to", "relay", "--dry-run")

    written = [path.read_bytes() for path in (room.folder / "outbox" / DAY).iterdir()]
    last = f"outbox/{DAY}: 3 messages written; nothing has left this machine"
    assert (done.stdout.splitlines()[-1], len(written), server.sessions) == (last, 3, 0)
    assert sorted(raw.split(b"\r\n")[1] for raw in written) == [b"To: <r%d@example.com>" % n for n in range(3)]


def test_who_the_readers_are_has_to_be_said(room: Mailroom) -> None:
    """Without a list there is nobody to write to."""
    done = room.digest("send", DAY, "--to", "outbox", "--send")

    assert done.returncode == 2
    assert "who are the readers? name the list with --recipients or as send.recipients" in done.stderr


def test_what_is_sent_is_what_was_built(room: Mailroom, server: smtp.Server) -> None:
    """A file that was changed by hand is not sent, and an issue that was not built is named."""
    file = room.folder / "out" / DAY / "index.html"
    file.write_bytes(file.read_bytes() + b" ")
    changed = room.digest("send", DAY, "--to", "relay", "--send", "--yes", "--insecure")
    missing = room.digest("send", "2020-11-18", "--to", "relay")

    assert changed.stderr == (
        f"out/{DAY}/index.html: is not what was built: its hash is not in issue.json; build the issue again\n"
    )
    assert missing.stderr == (
        "out/2020-11-18/issue.json: cannot be read (No such file or directory); build the issue first\n"
    )
    assert server.sessions == 0


def test_an_issue_that_was_sent_cannot_change(room: Mailroom, server: smtp.Server) -> None:
    """After the first message another build of the same issue is refused, for every target."""
    room.digest("send", DAY, "--to", "relay", "--send", "--yes", "--insecure")
    (room.folder / "out" / DAY / "sent.json").rename(room.folder / "kept.json")  # as if somebody had cleared it away
    room.build("Something else")
    (room.folder / "kept.json").rename(room.folder / "out" / DAY / "sent.json")
    relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(server.port), "security": "none"}
    room.configure({"relay": relay, "other": relay}, recipients=room.readers(4))

    for target in ("relay", "other"):
        refused = room.digest("send", DAY, "--to", target, "--send", "--yes", "--insecure")
        assert refused.stderr == (
            f"issue {DAY}: was handed over with other content before; bring that build back; if the issue was built "
            "again, what readers got is in its folder `sent`\n"
        )
    assert len(server.messages) == 3


def test_files_are_handed_over(room: Mailroom) -> None:
    """The target `file` writes .eml, .html, .txt and .zip; the letter is dated then, and offers no one click."""
    room.configure({"file": {"folder": str(room.folder / "there")}})
    done = room.digest("send", DAY, "--to", "file")
    first = {path.name: path.read_bytes() for path in (room.folder / "there").iterdir()}

    stem = f"the-ai-week-{DAY}"
    assert done.stdout == f"file: {room.folder}/there/{stem}.zip\n"
    assert sorted(first) == [f"{stem}.eml", f"{stem}.html", f"{stem}.txt", f"{stem}.zip"]
    eml = first[f"{stem}.eml"]
    assert abs(date_of(eml).timestamp() - time.time()) < 60
    built = undated((room.folder / "out" / DAY / "message.eml").read_bytes())
    assert undated(eml) == built.replace(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b"")
    packed = zipfile.ZipFile(room.folder / "there" / f"{stem}.zip")
    assert {name: packed.read(name) for name in packed.namelist()} == {
        name: content for name, content in first.items() if not name.endswith(".zip")
    }


def test_files_go_to_what_fsspec_knows(room: Mailroom) -> None:
    """With an address instead of a folder the files go there, here into fsspec's memory."""
    import fsspec  # noqa: PLC0415 - an extra

    from digest.mail.targets.file import Files  # noqa: PLC0415 - beside it

    room.configure({"file": {"folder": "memory://bucket/path"}})
    receipt = Files(room.job("file").options, room.letter()).write()

    stem = f"the-ai-week-{DAY}"
    assert receipt.address == f"memory://bucket/path/{stem}.zip"
    with fsspec.open(f"memory://bucket/path/{stem}.eml") as handle:
        assert handle.read() == room.letter().mime


def test_no_secret_is_written_anywhere(room: Mailroom, tmp_path: Path) -> None:
    """A password from the environment stands in no file and no output, whether the login works or not."""
    trust = smtp.authority(tmp_path)
    for right in (smtp.PASSWORD, "another"):
        options = {"tls_context": trust.context, "require_starttls": True, "authenticator": smtp.login(right)}
        with smtp.running(smtp.Server(), **options) as server:
            relay = {
                "kind": "smtp", "host": "localhost", "port": str(server.port), "ca": trust.file, "user": "me",
                "password": {"env": "RELAY_PASSWORD"},
            }  # fmt: skip
            room.configure({"relay": relay}, recipients=room.readers(3))
            command = ("send", DAY, "--to", "relay", "--send", "--yes", "--insecure")
            done = room.digest(*command, RELAY_PASSWORD=smtp.PASSWORD)
        assert smtp.PASSWORD not in done.stdout + done.stderr
        assert len(server.messages) == (3 if right == smtp.PASSWORD else 0)
        (room.folder / "sent.db").unlink()
        (room.folder / "out" / DAY / "sent.json").unlink(missing_ok=True)
    assert smtp.PASSWORD.encode() not in room.written()
    assert b"planted" not in room.written()
