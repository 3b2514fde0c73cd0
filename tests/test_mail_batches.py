"""Services that take our list: Mailgun and Postmark against strict fakes, SES against moto."""

from __future__ import annotations

import html as html_entities
import shutil
import urllib.request
from typing import TYPE_CHECKING

import boto3
import pytest
from fakes import batches, web
from mailroom import DAY, Done, Mailroom
from moto.server import ThreadedMotoServer
from moto.ses.models import ses_backends

from digest.mail import pieces
from digest.mail.letter import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAGS = "{{ 7*7 }} *|UNSUB|* {% now %} %recipient% <%x%>"
TEMPLATE = "https://example.com/u?e={email}&t={token}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Mailroom:
    """One built issue for all."""
    made = Mailroom(tmp_path_factory.mktemp("built"))
    made.build(TAGS)
    return made


@pytest.fixture
def room(built: Mailroom, tmp_path: Path) -> Mailroom:
    """A copy of the built issue."""
    shutil.copytree(built.folder, tmp_path / "room")
    return Mailroom(tmp_path / "room")


@pytest.fixture(params=batches.ALL)
def fake(request: pytest.FixtureRequest, room: Mailroom) -> Iterator[batches.Batches]:
    """Each service in turn, as the target `it`, with three readers."""
    with web.running(batches.ALL[request.param]()) as running:
        assert isinstance(running, batches.Batches)
        base = f"http://127.0.0.1:{running.port}{running.prefix}"
        target = {**running.target, "key": {"env": "SERVICE_KEY"}, "timeout": "1", "base": base}
        plan = {"unsubscribe": TEMPLATE, "connections": 1, "retry_after": 1}
        room.configure({"it": target}, recipients=room.readers(3), **plan)
        yield running


def send(room: Mailroom, *more: str, key: str = web.KEY) -> Done:
    """Hand the issue to the target `it`."""
    return room.run("send", DAY, "--to", "it", "--insecure", *more, SERVICE_KEY=key)


def test_each_reader_gets_one_message_of_their_own(fake: batches.Batches, room: Mailroom) -> None:
    """One call, a message a reader, each with their own unsubscribe address; what looks like a tag stays as it is."""
    done = send(room, "--send", "--yes")
    letter = room.letter()

    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (0, "3 sent", "")
    assert len(fake.calls) == 1
    assert sorted(mail.reader for mail in fake.mails) == [f"r{number}@example.com" for number in range(3)]
    for number, mail in enumerate(sorted(fake.mails, key=lambda mail: mail.reader)):
        own = f"https://example.com/u?e=r{number}%40example.com&t=t{number}"
        assert mail.subject == letter.subject == TAGS
        assert html_entities.unescape(mail.html) == html_entities.unescape(letter.html).replace(letter.unsubscribe, own)
        assert mail.text == letter.text.replace(letter.unsubscribe, own)
        assert mail.headers["List-Unsubscribe"] == f"<{own}>, <{letter.unsubscribe_mail}>"
        assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("fault", ["stall", "drop"])
def test_a_lost_answer_is_unknown(fake: batches.Batches, room: Mailroom, fault: str) -> None:
    """Where the answer to a call is lost, its readers are unknown and are not written to by the next run."""
    fake.fault = fault
    first = send(room, "--send", "--yes")
    second = send(room, "--send", "--yes")

    assert "3 readers may have the message or not" in first.stderr
    assert second.stdout.splitlines()[-1] == "nothing to do: 3 unknown"
    assert "3 readers may have the message or not" in second.stderr
    assert len(fake.calls) == 1


def test_a_wrong_key_stops_the_run(fake: batches.Batches, room: Mailroom) -> None:
    """A refused key stops the run; everybody waits, and the key is shown nowhere."""
    done = send(room, "--send", "--yes", key="planted-wrong-key")

    assert done.stdout.splitlines()[-1] == "3 queued"
    assert done.stderr.startswith('stopped: answers 401: {"message": "the key is wrong"')
    assert "planted" not in done.stdout + done.stderr
    assert b"planted" not in room.written()
    assert fake.mails == []


def test_one_copy_to_look_at(fake: batches.Batches, room: Mailroom) -> None:
    """--test sends one message."""
    assert send(room, "--test", "me@example.com").stdout == "1 sent\n"
    assert [mail.reader for mail in fake.mails] == ["me@example.com"]


def test_postmark_refuses_single_readers(room: Mailroom) -> None:
    """A reader whom Postmark refuses fails, an inactive one is suppressed, the others get theirs."""
    with web.running(batches.Postmark(refuse={"r0@example.com": 406, "r1@example.com": 300})) as fake:
        target = {"kind": "postmark", "key": {"env": "SERVICE_KEY"}, "base": f"http://127.0.0.1:{fake.port}"}
        room.configure({"it": target}, recipients=room.readers(3))
        done = send(room, "--send", "--yes")

    assert done.stdout.splitlines()[-1] == "2 failed, 1 sent"
    listed = room.run("sent", DAY, "--list", "failed").stdout.splitlines()[1:]
    assert listed == ["  r0@example.com  406 no", "  r1@example.com  300 no"]


# --- SES


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """Moto's server, with a verified sender. Gives its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def through_ses(room: Mailroom, moto: str, *, verified: bool) -> Done:
    """Send the issue over SES."""
    urllib.request.urlopen(urllib.request.Request(f"{moto}/moto-api/reset", method="POST")).close()
    if verified:
        client = boto3.client(
            "sesv2", region_name="eu-central-1", endpoint_url=moto, aws_access_key_id="a", aws_secret_access_key="b"
        )
        client.create_email_identity(EmailIdentity="news@example.com")
        client.close()
    target = {
        "kind": "ses", "region": "eu-central-1", "base": moto, "key_id": {"env": "SERVICE_KEY"},
        "key": {"env": "SERVICE_KEY"},
    }  # fmt: skip
    room.configure({"it": target}, recipients=room.readers(3), unsubscribe=TEMPLATE)
    return send(room, "--send", "--yes")


def test_ses_keeps_the_very_bytes(room: Mailroom, moto: str) -> None:
    """SES gets each reader's whole MIME message."""
    done = through_ses(room, moto, verified=True)
    stored = [one.raw_data for one in ses_backends["123456789012"]["eu-central-1"].sent_messages]
    cut = pieces.cut(room.letter())
    expected = [
        cut.message(Reader(address=f"r{n}@example.com"), f"https://example.com/u?e=r{n}%40example.com&t=t{n}").decode()
        for n in range(3)
    ]

    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (0, "3 sent", "")
    assert sorted(str(one) for one in stored) == sorted(expected)


def test_an_unverified_sender_stops_ses(room: Mailroom, moto: str) -> None:
    """Where SES does not know the sender the run stops, and everybody waits."""
    done = through_ses(room, moto, verified=False)

    assert done.stdout.splitlines()[-1] == "3 queued"
    assert done.stderr.startswith("stopped: SES refuses us: MessageRejected: ")


def test_ses_takes_the_built_message() -> None:
    """The call holds the message as it is, for one reader."""
    from digest.mail.targets import ses  # noqa: PLC0415 - beside it

    call = ses.request("news@example.com", "set", "ann@example.com", b"raw")
    assert call == {
        "FromEmailAddress": "news@example.com",
        "Destination": {"ToAddresses": ["ann@example.com"]},
        "Content": {"Raw": {"Data": b"raw"}},
        "ConfigurationSetName": "set",
    }
