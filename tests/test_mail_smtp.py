from __future__ import annotations

import smtplib
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest
from fakes import rude, smtp
from mailroom import DAY, OWN, Mailroom, Time, date_of

from digest import sending
from digest.errors import SendingError, SettingsError
from digest.mail import ledger as ledgers
from digest.mail import personalise
from digest.mail.built import Reader
from digest.mail.delivery import HungUp, Outcome
from digest.mail.ledger import Edition
from digest.mail.smtp import connected
from digest.mail.target import ReaderTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from digest.mail.delivery import Tally
    from digest.mail.ledger import Ledger


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Mailroom:
    """One built issue for all tests here."""
    made = Mailroom(tmp_path_factory.mktemp("room"))
    made.build(**OWN)
    return made


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """A ledger that passes away with the test."""
    with ledgers.opened(ledgers.PASSING) as one:
        yield one


def plain(server: smtp.Server | rude.Rude, **more: Any) -> dict[str, Any]:
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

    cut, taken = personalise.cut(room.letter()), dict(server.messages)
    expected = {
        f"r{number}@example.com": cut.message(
            Reader(address=f"r{number}@example.com"),
            f"https://example.com/u?e=r{number}%40example.com&t=t{number}",
            at=date_of(taken[f"r{number}@example.com"]).timestamp(),
            one_click=True,
        )
        for number in range(3)
    }
    assert taken == expected
    assert all(date_of(raw).timestamp() >= Time.at for raw in taken.values())
    assert dict(tally.counts) == {"queued": 0, "sent": 3}


def test_lines_that_begin_with_a_dot_arrive(tmp_path: Path, ledger: Ledger) -> None:
    """A dot at the start of a line is not the end of the message."""
    room = Mailroom(tmp_path)
    room.build(". ..a " * 30)
    with smtp.running(smtp.Server()) as server:
        room.configure(plain(server))
        send(room, ledger, 1)

    [(_, raw)] = server.messages
    own = personalise.cut(room.letter()).message(
        Reader(address="r0@example.com"), room.letter().unsubscribe, at=date_of(raw).timestamp(), one_click=False
    )
    assert b"\r\n." in own
    assert raw == own


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
    """A hard refusal fails one reader; only one that says the mailbox is gone suppresses it, at the second issue."""
    earlier = Edition(newsletter="the-ai-week", issue="2020-11-04", content="x")
    before = ledger.note(earlier, "relay", smtp_receipt(), at=0)
    ledger.refused(before, {"r1@example.com": "550 5.1.1"}, at=0)
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
    from digest.mail.built import Receipt  # noqa: PLC0415 - only here

    return Receipt(state="draft", reference="")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            {"mail": lambda _: "550 5.1.8 bad sender"},
            "the sender letters@machines-letter.org is refused: 550 5.1.8 bad sender",
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


# --- servers that break off


def meet(room: Mailroom, ledger: Ledger, server: rude.Rude, readers: int = 3, **options: Any) -> Tally:
    """Send to that many readers over one connection to a rude server."""
    room.configure(plain(server, timeout="1", **options), connections=1, retry_after=1, give_up=60)
    return send(room, ledger, readers)


def states(ledger: Ledger) -> dict[str, int]:
    """Return how many readers are in which state."""
    handover = ledger.handover("the-ai-week", DAY, "relay")
    assert handover is not None
    return {state: count for state, count in ledger.counts(handover).items() if count}


def at_reader(
    reader: str, do: Callable[[rude.Talk], None], usual: bytes = b"250 ok\r\n"
) -> Callable[[rude.Talk], None]:
    """Return a turn that is rude to one reader alone."""
    return lambda talk: do(talk) if talk.reader == reader else talk.say(usual)


GONE = b"550 5.1.1 no such user\r\n"


@pytest.mark.parametrize(
    "turn",
    [
        lambda talk: talk.hang_up(GONE),
        lambda talk: talk.hang_up(GONE, hard=True),
        lambda talk: talk.hang_up(GONE + b"421 4.7.0 too many errors\r\n"),
        lambda talk: talk.hang_up(b"550-5.1.1 no such user\r\n550 5.1.1 here\r\n"),
    ],
    ids=["end", "reset", "421", "lines"],
)
def test_a_refusal_is_kept_when_the_server_hangs_up(
    room: Mailroom, ledger: Ledger, turn: Callable[[rude.Talk], None]
) -> None:
    """A 550 and the end of the connection: that reader has failed, the others get theirs over a new connection."""
    with rude.running(rude.Rude({"RCPT": at_reader("r1@example.com", turn)})) as server:
        tally = meet(room, ledger, server)

    assert (tally.stopped, states(ledger)) == ("", {"failed": 1, "sent": 2})
    assert server.asked == ["r0@example.com", "r1@example.com", "r2@example.com"]
    assert server.sessions == 2


@pytest.mark.parametrize("answer", [b"250 ok\r\n", b"421 bye\r\n", b"503 what\r\n"], ids=["ok", "421", "503"])
def test_a_refusal_is_kept_whatever_is_said_to_rset(room: Mailroom, ledger: Ledger, answer: bytes) -> None:
    """What the server makes of RSET after a refusal says nothing about anybody."""
    answers: dict[str, Any] = {"RCPT": at_reader("r1@example.com", lambda talk: talk.say(GONE)), "RSET": answer}
    with rude.running(rude.Rude(answers)) as server:
        tally = meet(room, ledger, server)

    assert (tally.stopped, states(ledger)) == ("", {"failed": 1, "sent": 2})


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (b"554 5.7.1 spam\r\n", {"failed": 1, "sent": 2}),
        (b"450 4.7.1 later\r\n", {"sent": 3}),
        (b"421 bye\r\n", {"sent": 3}),
        (b"", {"sent": 3}),
    ],
    ids=["554", "450", "421", "nothing"],
)
@pytest.mark.parametrize("verb", ["DATA", "body"])
def test_a_server_that_breaks_off_before_the_dot(
    room: Mailroom, ledger: Ledger, verb: str, last: bytes, expected: dict[str, int]
) -> None:
    """Nothing was handed over: what it said is kept, and where it said nothing the reader is tried again, once."""
    rudeness = iter([True])

    def once_rude(talk: rude.Talk) -> None:
        if talk.reader == "r1@example.com" and next(rudeness, False):
            if verb == "body":
                talk.say(b"354 go\r\n")
                talk.lines.readline()
            talk.hang_up(last)
        talk.say(b"354 go\r\n")

    with rude.running(rude.Rude({"DATA": once_rude})) as server:
        tally = meet(room, ledger, server)

    assert tally.stopped == ""
    # A message this small may have left as a whole before we see the end: then nobody can tell what became of it.
    assert states(ledger) in ((expected,) if verb == "DATA" else (expected, {"sent": 2, "unknown": 1}))
    assert sorted(server.taken) == sorted(set(server.taken))


@pytest.mark.parametrize("last", [b"554 5.7.1 spam\r\n", b"421 bye\r\n", b""], ids=["554", "421", "nothing"])
def test_the_reason_for_breaking_off_is_read(room: Mailroom, last: bytes) -> None:
    """Of a message too large for the wire: a server that hangs up in its middle is asked why, and had no message."""

    def turn(talk: rude.Talk) -> None:
        talk.say(b"354 go\r\n")
        talk.lines.readline()
        talk.hang_up(last)

    with rude.running(rude.Rude({"DATA": turn})) as server:
        room.configure(plain(server, timeout="5"))
        job = room.job("relay")
        assert issubclass(job.target, ReaderTarget)
        writing = Huge(job.letter, job.plan, Time().clock())
        line = job.target(job.options, job.letter).line(writing, insecure=True)
        connection = line.connect()
        if last.startswith(b"554"):
            [outcome] = connection.carry([Reader(address="r0@example.com")], lambda: None)
            assert outcome == Outcome(state="failed", reply="554 5.7.1 spam", fault="content")
        else:
            with pytest.raises(HungUp, match="421 bye" if last else "while sending: "):
                connection.carry([Reader(address="r0@example.com")], lambda: None)
        connection.close()


class Huge(sending.Writing):
    """Writes a message that no socket holds as a whole."""

    def __call__(self, reader: Reader) -> bytes:
        """Return forty megabytes."""
        del reader
        return b"x\r\n" + b"x" * 40_000_000 + b"\r\n"


def test_a_server_that_asks_for_no_message_has_none(room: Mailroom, ledger: Ledger) -> None:
    """250 as an answer to DATA is no receipt of a message that was never sent."""
    with rude.running(rude.Rude({"DATA": b"250 ok\r\n"})) as server:
        tally = meet(room, ledger, server, 1)

    assert tally.counts["sent"] == 0
    assert states(ledger) == {"queued": 1}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"252 fine\r\n", {"sent": 1}),
        (b"354 what\r\n", {"unknown": 1}),
        (b"hello\r\n", {"unknown": 1}),
        (b"-25 x\r\n", {"unknown": 1}),
        (b"550-5.1.1 no\r\n", {"unknown": 1}),
    ],
    ids=["252", "354", "words", "negative", "unfinished"],
)
def test_odd_answers_to_a_message(room: Mailroom, ledger: Ledger, answer: bytes, expected: dict[str, int]) -> None:
    """Only 2xx means that the message was taken; what is no answer leaves the reader unknown."""
    with rude.running(rude.Rude({"DOT": answer})) as server:
        meet(room, ledger, server, 1)

    assert states(ledger) == expected


# --- servers that take their time

LONG_LINE = b"220-" + b"x" * 996 + b"\r\n"


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        (rude.Rude({"BANN": lambda talk: talk.drip(b"2")}), "no whole reply in 1 s"),
        (rude.Rude({"BANN": lambda talk: talk.drip(LONG_LINE, 0)}), "a reply of more than 65,536 bytes"),
        (rude.Rude({"BANN": lambda talk: talk.drip(b"2" * 4_096, 0)}), "a reply of more than 65,536 bytes"),
        (rude.Rude({"BANN": lambda talk: talk.hang_up()}), "the server hung up"),
    ],
    ids=["drip", "lines", "line", "end"],
)  # fmt: skip
def test_a_reply_has_an_end(server: rude.Rude, expected: str) -> None:
    """A reply has a deadline and a size as a whole, however its bytes come."""
    with rude.running(server), pytest.raises(smtplib.SMTPServerDisconnected) as caught:
        connected("127.0.0.1", server.port, "example.com", 1, None)
    assert str(caught.value) == expected


def test_a_reply_in_pieces_arrives() -> None:
    """Slow is not wrong: lines that come byte by byte, two replies in one packet, and bare line feeds are read."""

    def slowly(talk: rude.Talk) -> None:
        for byte in b"220-one\r\n220 two\n":
            talk.say(bytes([byte]))

    answers: dict[str, Any] = {"BANN": slowly, "EHLO": b"250-x\r\n250 SIZE 9\r\n250 early\r\n", "NOOP": b""}
    with rude.running(rude.Rude(answers)) as server:
        session = connected("127.0.0.1", server.port, "example.com", 5, None)
        assert session.ehlo()[0] == 250
        assert session.esmtp_features == {"size": "9"}
        assert session.docmd("NOOP") == (250, b"early")
        session.leave()


def test_a_drip_after_the_message_is_unknown(room: Mailroom, ledger: Ledger) -> None:
    """An answer to the message that never ends leaves the reader unknown, and the next one is written to."""
    answers: dict[str, Any] = {"DOT": at_reader("r1@example.com", lambda talk: talk.drip(b"250-wait\r\n"))}
    with rude.running(rude.Rude(answers)) as server:
        tally = meet(room, ledger, server)

    assert (tally.stopped, states(ledger)) == ("", {"sent": 2, "unknown": 1})


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_drips_holds_nobody(room: Mailroom, ledger: Ledger, verb: str) -> None:
    """Whatever is answered a byte at a time, the run goes on or ends, and nobody is lost."""
    rudeness = iter([True])
    usual = b"354 go\r\n" if verb == "DATA" else b"250 ok\r\n"

    def turn(talk: rude.Talk) -> None:
        talk.drip(b"2") if next(rudeness, False) else talk.say(usual)

    with rude.running(rude.Rude({verb: turn})) as server:
        tally = meet(room, ledger, server)

    assert (tally.stopped, states(ledger)) == ("", {"sent": 3})
    assert sorted(server.taken) == ["r0@example.com", "r1@example.com", "r2@example.com"]


def test_a_goodbye_is_not_waited_for(room: Mailroom, ledger: Ledger) -> None:
    """A server that says its goodbye a byte a second ends the run a second later, not never."""
    with rude.running(rude.Rude({"QUIT": lambda talk: talk.drip(b"2")})) as server:
        assert meet(room, ledger, server).counts["sent"] == 3


@pytest.mark.parametrize("security", ["none", "starttls"])
def test_a_server_that_reads_slowly_is_hung_up_on(tmp_path: Path, security: str) -> None:
    """A message that is read a byte at a time has a deadline as a whole, in the clear and over TLS."""
    trust = smtp.authority(tmp_path)

    def upgrade(talk: rude.Talk) -> None:
        talk.say(b"220 go\r\n")
        talk.upgrade(trust.context)

    def sip(talk: rude.Talk) -> None:
        while talk.peer.recv(1) and not talk.server.over.wait(0.05):
            pass

    answers: dict[str, Any] = {"EHLO": b"250-x\r\n250 STARTTLS\r\n", "STAR": upgrade, "NOOP": sip}
    with rude.running(rude.Rude(answers)) as server:
        session = connected("localhost", server.port, "example.com", 1, None)
        if security == "starttls":
            session.starttls(context=ssl.create_default_context(cafile=trust.file))
        session.putcmd("NOOP")
        session.timeout = (
            0.5 - 8_000_000 / 10_000
        )  # as if this much took half a second: it is more than lies in between
        before = time.monotonic()
        with pytest.raises(smtplib.SMTPServerDisconnected) as caught:
            session.send(b"x" * 8_000_000)
        assert time.monotonic() - before < 60
        server.over.set()
        session.close()

    assert "timed out" in str(caught.value)


def test_what_was_sent_ahead_of_tls_is_thrown_away(tmp_path: Path) -> None:
    """Somebody between us and the server cannot put an answer in before the connection is encrypted."""
    trust = smtp.authority(tmp_path)

    def upgrade(talk: rude.Talk) -> None:
        talk.say(b"220 go\r\n250 injected\r\n")
        talk.upgrade(trust.context)

    answers: dict[str, Any] = {"EHLO": b"250-x\r\n250 STARTTLS\r\n", "STAR": upgrade}
    with rude.running(rude.Rude(answers)) as server:
        session = connected("localhost", server.port, "example.com", 5, None)
        session.starttls(context=ssl.create_default_context(cafile=trust.file))
        assert session.docmd("NOOP") == (250, b"ok")
        session.leave()


def test_a_handshake_that_never_ends_is_hung_up_on() -> None:
    """Where TLS is to begin and nothing comes, the wait has an end."""

    def silent(talk: rude.Talk) -> None:
        talk.say(b"220 go\r\n")
        talk.server.over.wait(60)

    with rude.running(rude.Rude({"EHLO": b"250-x\r\n250 STARTTLS\r\n", "STAR": silent})) as server:
        session = connected("localhost", server.port, "example.com", 1, None)
        with pytest.raises(TimeoutError, match="handshake operation timed out"):
            session.starttls(context=ssl.create_default_context())
        session.close()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"timeout": "0"}, "targets.relay.timeout: is 0; write seconds, one at least"),
        (
            {"ca": "/nowhere"},
            "targets.relay.ca: /nowhere holds no certificates we can read (No such file or directory); "
            "mend the path or the file",
        ),
    ],
    ids=["timeout", "ca"],
)  # fmt: skip
def test_options_that_cannot_work_are_named(
    room: Mailroom, ledger: Ledger, options: dict[str, str], expected: str
) -> None:
    """An option that would end in a traceback in the middle of a run is refused before it."""
    room.configure({"relay": {"kind": "smtp", "host": "127.0.0.1", "port": "1", "security": "none", **options}})
    with pytest.raises(SendingError) as caught:
        send(room, ledger, 1)
    assert str(caught.value) == expected


def test_a_password_that_no_login_carries_is_named(
    room: Mailroom, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logins are written in ASCII: another character is one clear reason, and the password is not shown."""
    monkeypatch.setenv("RELAY_PASSWORD", "geheim\N{LATIN SMALL LETTER SHARP S}")
    answers: dict[str, Any] = {"EHLO": b"250-x\r\n250 AUTH PLAIN\r\n"}
    with rude.running(rude.Rude(answers)) as server:
        tally = meet(room, ledger, server, user="me", password={"env": "RELAY_PASSWORD"})

    assert tally.stopped == "user or password holds a character that no login over SMTP can carry"
    assert tally.waiting == 3
