"""Services that take our list: Mailgun and Postmark against strict fakes, SES against moto."""

from __future__ import annotations

import html as html_entities
import re
import shutil
import time
import urllib.request
from dataclasses import replace
from email.header import decode_header, make_header
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from fakes import batches, engines, web
from mailroom import DAY, Done, Mailroom, Time, date_of, undated
from moto.server import ThreadedMotoServer
from moto.ses.models import ses_backends

from digest.config.values import Secret, SendPlan, TargetPlan
from digest.mail import merge_tags, personalise
from digest.mail.built import Reader
from digest.mail.target import Options
from digest.mail.targets.mailgun import Mailgun
from digest.sending import Writing

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
    service = batches.Postmark(handling="Custom") if request.param == "postmark" else batches.ALL[request.param]()
    with web.running(service) as running:
        assert isinstance(running, batches.Batches)
        configure(room, running, recipients=room.readers(3), unsubscribe=TEMPLATE)
        yield running


def configure(room: Mailroom, fake: batches.Batches, **plan: Any) -> None:
    """Let the fake be the target `it`."""
    base = f"http://127.0.0.1:{fake.port}{fake.prefix}"
    target = {**fake.target, "key": {"env": "SERVICE_KEY"}, "timeout": "1", "base": base}
    room.configure({"it": target}, **{"connections": 1, "retry_after": 1, **plan})


def send(room: Mailroom, *more: str, key: str = web.KEY) -> Done:
    """Hand the issue to the target `it`."""
    return room.run("send", DAY, "--to", "it", "--insecure", *more, SERVICE_KEY=key)


def test_each_reader_gets_one_message_of_their_own(fake: batches.Batches, room: Mailroom) -> None:
    """One call, a message a reader, each with their own unsubscribe address; what looks like a tag stays as it is."""
    done = send(room, "--send", "--yes")
    letter = room.letter()

    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (0, "3 sent", "")
    assert len([call for call in fake.calls if call.startswith("POST")]) == 1
    assert sorted(mail.reader for mail in fake.mails) == [f"r{number}@example.com" for number in range(3)]
    for number, mail in enumerate(sorted(fake.mails, key=lambda mail: mail.reader)):
        own = f"https://example.com/u?e=r{number}%40example.com&t=t{number}"
        assert mail.subject == letter.subject == TAGS
        assert html_entities.unescape(mail.html) == html_entities.unescape(letter.html).replace(letter.unsubscribe, own)
        assert mail.text == letter.text.replace(letter.unsubscribe, own)
        assert mail.headers["List-Unsubscribe"] == f"<{own}>, <{letter.unsubscribe_mail}>"
        assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail.headers["List-ID"] == '"The AI Week" <the-ai-week.example.com>'
        assert mail.headers["Content-Language"] == "en"


def test_a_name_full_of_tags_acts_in_no_header(room: Mailroom) -> None:
    """A newsletter's name is neutralised in List-ID as it is in the text."""
    letter = room.letter()
    mime = letter.mime.replace(b'List-ID: "The AI', b'List-ID: "The %recipient.token%')
    told = merge_tags.translate(
        replace(letter, mime=mime), merge_tags.MAILGUN, unsubscribe=Mailgun.UNSUBSCRIBE, target="it"
    )
    given = (("domain", "mg.example.com"), ("key", Secret(env="SERVICE_KEY")))
    options = Options(TargetPlan(name="it", kind="mailgun", options=given), Mailgun.OPTIONS)
    call = Mailgun(options, told).request([], Writing(told, SendPlan(), Time().clock()))
    form = dict(call.form)

    assert engines.mailgun(form["h:List-ID"], {"percent": "%", "token": "t0"}) == (
        '"The %recipient.token% Week" <the-ai-week.example.com>'
    )


def test_a_name_in_another_script_is_one_ascii_line(room: Mailroom) -> None:
    """A List-ID that is folded in the message goes to a service encoded, on one line."""
    name = "Grüße aus der Woche der künstlichen Intelligenz und der Roboter 東京"
    with web.running(batches.Mailgun()) as fake:
        assert isinstance(fake, batches.Batches)
        room.build(name=name, address="1 Street, Town")
        configure(room, fake, recipients=room.readers(1), unsubscribe=TEMPLATE)
        done = send(room, "--test", "me@example.com")

    assert done.returncode == 0, done.stderr
    encoded = fake.mails[0].headers["List-ID"]
    assert encoded.isascii()
    assert encoded.isprintable()
    assert str(make_header(decode_header(encoded))).startswith(f"{name} <")


def test_without_an_address_of_their_own_nobody_gets_one_click(fake: batches.Batches, room: Mailroom) -> None:
    """Where all readers share an address there is no List-Unsubscribe-Post, and `send` says so in a line."""
    configure(room, fake, recipients=room.readers(3))
    counted = send(room)
    done = send(room, "--send", "--yes")

    unless = " unless Postmark's stream handles unsubscribing" if fake.target["kind"] == "postmark" else ""
    assert counted.stdout.splitlines()[-2:] == [
        f"no one-click unsubscribing for 3 readers{unless}: their unsubscribe address is everybody's; "
        "write send.unsubscribe with {email} or another column of the list in it",
        "nothing was sent; add --send",
    ]
    assert done.returncode == 0
    general, mail_address = room.letter().unsubscribe, room.letter().unsubscribe_mail
    assert [mail.headers["List-Unsubscribe"] for mail in fake.mails] == [f"<{general}>, <{mail_address}>"] * 3
    assert [mail.headers for mail in fake.mails if "List-Unsubscribe-Post" in mail.headers] == []


@pytest.mark.parametrize("handling", ["Postmark", ""])
def test_a_stream_that_handles_unsubscribing_appends_no_footer(room: Mailroom, handling: str) -> None:
    """Where Postmark handles unsubscribing its tag stands in place of our link, and it writes the headers."""
    with web.running(batches.Postmark(handling=handling)) as fake:
        assert isinstance(fake, batches.Batches)
        configure(room, fake, recipients=room.readers(2))
        done = send(room, "--send", "--yes")
    letter = room.letter()

    assert (done.returncode, done.stderr) == (0, "")
    assert fake.calls == ["GET /message-streams/broadcast", "POST /email/batch"]
    for mail in fake.mails:
        assert f'href="{engines.LINK}"' in mail.html
        assert mail.text == letter.text.replace(letter.unsubscribe, engines.LINK)
        assert not mail.html.endswith("Unsubscribe")
        assert sorted(mail.headers) == ["Content-Language", "List-ID"]


def test_a_transactional_stream_gets_our_addresses(room: Mailroom) -> None:
    """A stream without unsubscribing of its own carries each reader's own address, in headers and message."""
    with web.running(batches.Postmark(handling="", kind="Transactional")) as fake:
        assert isinstance(fake, batches.Batches)
        configure(room, fake, recipients=room.readers(1), unsubscribe=TEMPLATE)
        send(room, "--send", "--yes")

    [mail] = fake.mails
    assert "https://example.com/u?e=r0%40example.com&t=t0" in mail.text
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


STREAMS = {
    "Inbound": "targets.it.stream: 'broadcast' takes mail and sends none; name a broadcast stream of this server\n",
    "archived": "targets.it.stream: 'broadcast' is archived; name a broadcast stream of this server\n",
}


@pytest.mark.parametrize("kind", STREAMS)
def test_a_stream_that_sends_nothing_is_refused(room: Mailroom, kind: str) -> None:
    """A stream for incoming mail, and one that was archived, is named before anybody is written to."""
    with web.running(batches.Postmark(kind=kind)) as fake:
        assert isinstance(fake, batches.Batches)
        configure(room, fake, recipients=room.readers(1))
        done = send(room, "--send", "--yes")

    assert (done.returncode, done.stderr, fake.mails) == (1, STREAMS[kind], [])


def test_what_postmark_holds_against_us_costs_nobody_the_issue(room: Mailroom) -> None:
    """A refusal that is not about readers stops the run where it meets all; one in the middle of a call is for now."""
    with web.running(batches.Postmark(refuse={f"r{number}@example.com": 405 for number in range(3)})) as fake:
        assert isinstance(fake, batches.Batches)
        configure(room, fake, recipients=room.readers(3), give_up=1, retry_after=60)
        stopped = send(room, "--send", "--yes")
        del fake.refuse["r0@example.com"]
        partly = send(room, "--send", "--yes")

    assert stopped.stdout.splitlines()[-1] == "3 queued"
    assert stopped.stderr.startswith("stopped: Postmark refuses us: 405 no; ")
    assert partly.stdout.splitlines()[-1] == "2 deferred, 1 sent"


def test_a_run_waits_as_long_as_a_service_asks(fake: batches.Batches, room: Mailroom) -> None:
    """A call that is refused for now is made again when the service said, and nobody gets two messages."""
    fake.refusals = [web.Refused(429, "slowly", "1")]
    begun = time.monotonic()
    done = send(room, "--send", "--yes")

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "3 sent")
    assert time.monotonic() - begun >= 1
    assert len(fake.mails) == 3


def test_a_service_that_asks_for_an_hour_ends_the_run(room: Mailroom) -> None:
    """Longer than two minutes nobody waits: everybody is left to the next run, and the line says from when on."""
    with web.running(batches.Mailgun(refusals=[web.Refused(429, "come back", "3600")])) as fake:
        assert isinstance(fake, batches.Batches)
        configure(room, fake, recipients=room.readers(3), unsubscribe=TEMPLATE)
        done = send(room, "--send", "--yes")

    assert done.stdout.splitlines()[-1] == "3 queued"
    assert re.match(r"stopped: takes calls again after 20\d\d-\d\d-\d\d \d\d:\d\d UTC \(429: ", done.stderr)
    assert len(fake.calls) == 1


@pytest.mark.parametrize("fault", ["stall", "drop"])
def test_a_lost_answer_is_unknown(fake: batches.Batches, room: Mailroom, fault: str) -> None:
    """Where the answer to a call is lost, its readers are unknown and are not written to by the next run."""
    fake.fault = fault
    first = send(room, "--send", "--yes")
    second = send(room, "--send", "--yes")

    assert "3 readers may have the message or not" in first.stderr
    assert second.stdout.splitlines()[-1] == "nothing to do: 3 unknown"
    assert "3 readers may have the message or not" in second.stderr
    assert len([call for call in fake.calls if call.startswith("POST")]) == 1


def test_a_wrong_key_stops_the_run(fake: batches.Batches, room: Mailroom) -> None:
    """A refused key stops the run; everybody waits, and the key is shown nowhere."""
    done = send(room, "--send", "--yes", key="planted-wrong-key")

    if fake.target["kind"] == "postmark":  # its stream is asked before anybody is written to
        stream = f"http://127.0.0.1:{fake.port}/message-streams/broadcast"
        assert done.stderr.startswith(f'GET {stream}: refuses our key (401: {{"message": "the key is wrong"')
    else:
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
    cut = personalise.cut(room.letter())
    at = date_of(str(stored[0]).encode()).timestamp()
    expected = [
        cut.message(
            Reader(address=f"r{n}@example.com"),
            f"https://example.com/u?e=r{n}%40example.com&t=t{n}",
            at=at,
            one_click=True,
        ).decode()
        for n in range(3)
    ]

    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (0, "3 sent", "")
    assert abs(at - time.time()) < 60
    assert sorted(undated(str(raw).encode()) for raw in stored) == sorted(undated(raw.encode()) for raw in expected)


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
