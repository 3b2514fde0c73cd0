from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes import smtp
from mailroom import DAY, Mailroom, Time

from digest import sending
from digest.errors import SendingError, SettingsError
from digest.mail import ledger as ledgers
from digest.mail import pieces
from digest.mail.ledger import Edition
from digest.mail.letter import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from digest.mail.delivery import Tally
    from digest.mail.ledger import Ledger


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Mailroom:
    """One built issue for all tests here."""
    made = Mailroom(tmp_path_factory.mktemp("room"))
    made.build()
    return made


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """A ledger that passes away with the test."""
    with ledgers.opened(ledgers.PASSING) as one:
        yield one


def plain(server: smtp.Server, **more: Any) -> dict[str, Any]:
    """Return the settings of a target that is that server, in the clear."""
    return {"relay": {"kind": "smtp", "host": "127.0.0.1", "port": str(server.port), "security": "none", **more}}


def send(room: Mailroom, ledger: Ledger, readers: int = 3, **plan: Any) -> Tally:
    """Send the issue to that many readers over the target `relay`."""
    del plan
    job, clock = room.job("relay"), Time().clock()
    sending.enlist(job, ledger, room.readers(readers), clock)
    return sending.deliver(job, ledger, clock)


def test_stored_bytes_are_the_built_ones(room: Mailroom, ledger: Ledger) -> None:
    """What a real server stores for each reader is that reader's message, byte for byte, sent by the sender."""
    with smtp.running(smtp.Server()) as server:
        room.configure(plain(server), unsubscribe="https://example.com/u?e={email}&t={token}", connections=2)
        tally = send(room, ledger)

    cut = pieces.cut(room.letter())
    expected = {
        f"r{number}@example.com": cut.message(
            Reader(address=f"r{number}@example.com"), f"https://example.com/u?e=r{number}%40example.com&t=t{number}"
        )
        for number in range(3)
    }
    assert dict(server.messages) == expected
    assert dict(tally.counts) == {"queued": 0, "sent": 3}


def test_lines_that_begin_with_a_dot_arrive(tmp_path: Path, ledger: Ledger) -> None:
    """A dot at the start of a line is not the end of the message."""
    room = Mailroom(tmp_path)
    room.build(". ..a " * 30)
    with smtp.running(smtp.Server()) as server:
        room.configure(plain(server))
        send(room, ledger, 1)

    own = pieces.cut(room.letter()).message(Reader(address="r0@example.com"), room.letter().unsubscribe)
    assert b"\r\n." in own
    assert [raw for _, raw in server.messages] == [own]


# --- trust


def test_starttls_and_login_with_a_trusted_certificate(room: Mailroom, ledger: Ledger, tmp_path: Path) -> None:
    """Over STARTTLS with a certificate of a trusted authority, the login goes through and the mail is taken."""
    trust = smtp.authority(tmp_path)
    (tmp_path / "secret").write_text(f"{smtp.PASSWORD}\n", "utf-8")
    with smtp.running(
        smtp.Server(), tls_context=trust.context, require_starttls=True, authenticator=smtp.login(), auth_required=True
    ) as server:
        room.configure({
            "relay": {
                "kind": "smtp", "host": "localhost", "port": str(server.port), "ca": trust.file, "user": "me",
                "password": {"file": str(tmp_path / "secret")},
            }
        })  # fmt: skip
        tally = send(room, ledger)

    assert dict(tally.counts) == {"queued": 0, "sent": 3}


@pytest.mark.parametrize("name", ["localhost", "other.example"], ids=["unknown-authority", "other-name"])
def test_a_certificate_that_is_not_trusted_stops_the_run(
    room: Mailroom, ledger: Ledger, tmp_path: Path, name: str
) -> None:
    """A certificate of an unknown authority, or of another name, gets neither login nor mail."""
    trust = smtp.authority(tmp_path, name)
    known = {"ca": trust.file} if name == "other.example" else {}
    with smtp.running(smtp.Server(), tls_context=trust.context, require_starttls=True) as server:
        room.configure({"relay": {"kind": "smtp", "host": "localhost", "port": str(server.port), **known}})
        tally = send(room, ledger)

    assert tally.stopped == f"localhost:{server.port}: no trusted TLS connection (CERTIFICATE_VERIFY_FAILED)"
    assert (tally.waiting, server.messages) == (3, [])


def test_a_server_without_starttls_gets_nothing(room: Mailroom, ledger: Ledger) -> None:
    """A server that offers no encryption is not written to, unless that is asked for."""
    with smtp.running(smtp.Server()) as server:
        room.configure({"relay": {"kind": "smtp", "host": "127.0.0.1", "port": str(server.port)}})
        tally = send(room, ledger)

    assert tally.stopped == f"127.0.0.1:{server.port}: offers no STARTTLS"
    assert server.messages == []


def test_a_refused_login_stops_the_run_and_shows_no_secret(
    room: Mailroom, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password stops the run at once; the message does not hold it."""
    trust = smtp.authority(tmp_path)
    monkeypatch.setenv("RELAY_PASSWORD", smtp.PASSWORD)
    with smtp.running(
        smtp.Server(), tls_context=trust.context, require_starttls=True, authenticator=smtp.login("other")
    ) as server:
        room.configure({
            "relay": {
                "kind": "smtp", "host": "localhost", "port": str(server.port), "ca": trust.file, "user": "me",
                "password": {"env": "RELAY_PASSWORD"},
            }
        }, connections=1)  # fmt: skip
        tally = send(room, ledger)

    assert tally.stopped == "refused with 535: the login"
    assert (tally.waiting, server.sessions) == (3, 1)  # of two connections the second may not have begun yet


@pytest.mark.parametrize(
    ("options", "insecure", "expected"),
    [
        (
            {"security": "none"}, False,
            "targets.relay.security: none would send everything in the clear; only to this machine, with --insecure",
        ),
        (
            {"security": "none", "host": "mail.example.com"}, True,
            "targets.relay.security: none would send everything in the clear; only to this machine, with --insecure",
        ),
        ({"security": "ssl"}, True, "targets.relay.security: is 'ssl'; write starttls, tls or none"),
        ({"user": "me"}, True, "targets.relay: needs user and password, or neither; add the other"),
        (
            {"user": "me", "password": {"env": "NOT_SET"}}, True,
            "targets.relay.password: $NOT_SET is not set; export it",
        ),
        (
            {"user": "me", "password": {"file": "/nowhere"}}, True,
            "/nowhere: cannot be read as the file of a secret; mend the path or its rights",
        ),
    ],
    ids=["clear", "clear-far", "security", "half", "variable", "file"],
)  # fmt: skip
def test_an_unsafe_plan_is_refused(
    room: Mailroom, ledger: Ledger, options: dict[str, Any], insecure: bool, expected: str
) -> None:
    """What would be unsafe is refused before any connection is made."""
    room.configure({"relay": {"kind": "smtp", "host": "127.0.0.1", "port": "1", **options}})
    with pytest.raises(SendingError) as caught:
        sending.deliver(room.job("relay", insecure=insecure), ledger, Time().clock())
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "host is missing"),
        (
            {"host": "a", "password": "hunter2"},
            "password is a secret; write {env: NAME} or {file: PATH}",
        ),
        ({"host": {"env": "X"}}, "host is no secret; write the value"),
        ({"host": ["a", "b"]}, "host takes one value, not a list"),
        ({"host": "a", "prot": "25"}, "unknown option 'prot' of smtp; did you mean 'port'?"),
    ],
    ids=["missing", "secret-in-settings", "no-secret", "list", "misspelt"],
)
def test_options_are_checked(room: Mailroom, options: dict[str, Any], expected: str) -> None:
    """A target's options are checked with their line, and a secret has no place in digest.yaml."""
    room.configure({"relay": {"kind": "smtp", **options}})
    with pytest.raises(SettingsError) as caught:
        room.job("relay")
    assert str(caught.value) == f"{room.folder}/digest.yaml:3: targets.relay: {expected}"


def test_an_unknown_target_is_named(room: Mailroom) -> None:
    """A target that is not there is an error with the nearest match."""
    room.configure({})
    with pytest.raises(SettingsError) as caught:
        room.job("smpt")
    assert str(caught.value) == "--to: no target is called 'smpt'; did you mean 'smtp'?"
    room.configure({"weekly": {"kind": "smtp", "host": "127.0.0.1"}})
    with pytest.raises(SettingsError) as caught:
        room.job("weekyl")
    assert str(caught.value) == "--to: no target is called 'weekyl'; did you mean 'weekly'?"


# --- what servers answer


def run_with(room: Mailroom, ledger: Ledger, server: smtp.Server, **plan: Any) -> Tally:
    """Send to four readers over one connection to a server with a script."""
    with smtp.running(server):
        room.configure(plain(server, timeout="5"), **{"connections": 1, **plan})
        return send(room, ledger, 4)


def once(reader: str, answer: str) -> Any:
    """Return a script that answers one reader so, once."""
    left = {reader: answer}
    return lambda address: left.pop(address, "")


@pytest.mark.parametrize("command", ["mail", "rcpt", "content"])
@pytest.mark.parametrize("answer", ["450 4.2.1 greylisted", "451 4.3.0 try later", "421 4.3.2 going down"])
def test_soft_refusals_are_mended_by_waiting(room: Mailroom, ledger: Ledger, command: str, answer: str) -> None:
    """Whatever command is refused for now, each reader gets one message in the end."""
    reader = "news@example.com" if command == "mail" else "r1@example.com"
    server = smtp.Server(**{command: once(reader, answer)})
    tally = run_with(room, ledger, server)

    assert tally.counts["sent"] == 4
    assert server.taken == {f"r{number}@example.com": 1 for number in range(4)}


@pytest.mark.parametrize(
    ("answer", "suppressed"),
    [
        ("550 5.1.1 no such user", True),
        ("550 no such user", True),
        ("553 5.1.3 bad address", True),
        ("552 5.2.2 mailbox full", False),
        ("550 5.7.1 relaying denied", False),
        ("554 5.7.1 blocked", False),
    ],
)
def test_hard_refusals_of_a_reader(room: Mailroom, ledger: Ledger, answer: str, suppressed: bool) -> None:
    """A hard refusal fails one reader; only one that says the mailbox is gone suppresses it."""
    server = smtp.Server(rcpt=once("r1@example.com", answer))
    tally = run_with(room, ledger, server)
    handover = ledger.handover("the-ai-week", DAY, "relay")

    assert handover
    assert (tally.counts["sent"], tally.counts["failed"]) == (3, 1)
    assert list(ledger.listed(handover, "failed")) == [("r1@example.com", answer)]
    again = ledger.note(
        Edition(newsletter="the-ai-week", issue="2020-11-18", content="x"), "relay", smtp_receipt(), at=0
    )
    ledger.enlist(again, [Reader(address="r1@example.com")], at=0)
    assert ledger.counts(again) == {"suppressed" if suppressed else "queued": 1}


def smtp_receipt() -> Any:
    """Return the receipt of a draft."""
    from digest.mail.letter import Receipt  # noqa: PLC0415 - only here

    return Receipt(state="draft", reference="")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            {"mail": lambda _: "550 5.1.8 bad sender"},
            "the sender news@example.com is refused: 550 5.1.8 bad sender",
        ),
        ({"rcpt": lambda _: "550 5.1.8 bad sender"}, "the sender or login is refused: 550 5.1.8 bad sender"),
        ({"rcpt": lambda _: "530 5.7.0 log in"}, "the sender or login is refused: 530 5.7.0 log in"),
    ],
    ids=["mail", "rcpt", "login"],
)
def test_refusals_of_us_stop_the_run(room: Mailroom, ledger: Ledger, script: dict[str, Any], expected: str) -> None:
    """A refusal of the sender or the login stops the run, and everybody waits."""
    tally = run_with(room, ledger, smtp.Server(**script))

    assert (tally.stopped, tally.waiting) == (expected, 4)


def test_a_refused_message_fails(room: Mailroom, ledger: Ledger) -> None:
    """A message that is refused after DATA fails with the answer, and the reader is not suppressed."""
    tally = run_with(room, ledger, smtp.Server(content=once("r1@example.com", "554 5.6.0 we do not like it")))

    assert (tally.counts["sent"], tally.counts["failed"]) == (3, 1)


def test_a_lost_acknowledgement_is_unknown(room: Mailroom, ledger: Ledger) -> None:
    """Where the server takes the message and hangs up before its answer, nobody is written to twice."""
    server = smtp.Server(content=once("r1@example.com", "drop"))
    tally = run_with(room, ledger, server)

    assert (tally.counts["sent"], tally.counts["unknown"]) == (3, 1)
    assert server.taken == {f"r{number}@example.com": 1 for number in range(4)}


def test_a_server_that_is_not_there_is_named(room: Mailroom, ledger: Ledger) -> None:
    """Nobody is lost where no server listens."""
    room.configure({"relay": {"kind": "smtp", "host": "127.0.0.1", "port": "1", "security": "none"}})
    tally = send(room, ledger)

    assert tally.stopped == (
        "10 refusals or lost connections in a row, the last: 127.0.0.1:1: [Errno 111] Connection refused"
    )
    assert tally.waiting == 3
