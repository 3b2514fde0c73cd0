"""Where readers' answers go: a header of the message, and a field of each service, never dropped without a word."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
from fakes import batches, services, web
from mailroom import DAY, OWN, Done, Mailroom
from samples import issue, message, newsletter

from digest import checks
from digest.config import settings
from digest.errors import RenderingError, SettingsError
from digest.mail import dkim, mime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANSWERS = {**OWN, "reply_to": "Ann \u201cthe\u201d Editor <ann@machines-letter.org>"}
NAMED, ADDRESS = '"Ann \u201cthe\u201d Editor" <ann@machines-letter.org>', "ann@machines-letter.org"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Mailroom:
    """One built issue for all, whose answers go to its editor."""
    made = Mailroom(tmp_path_factory.mktemp("built"))
    made.build(**ANSWERS)
    return made


@pytest.fixture
def room(built: Mailroom, tmp_path: Path) -> Mailroom:
    """A copy of the built issue."""
    shutil.copytree(built.folder, tmp_path / "room")
    return Mailroom(tmp_path / "room")


def send(room: Mailroom, fake: web.Service, target: dict[str, Any], *more: str, **plan: Any) -> Done:
    """Hand the issue to *fake* as the target `it`."""
    base = f"http://127.0.0.1:{fake.port}{getattr(fake, 'prefix', '')}"
    room.configure({"it": {**target, "key": {"env": "SERVICE_KEY"}, "timeout": "1", "base": base}}, **plan)
    return room.run("send", DAY, "--to", "it", "--insecure", *more, SERVICE_KEY=web.KEY)


FIELDS = {
    "resend": ("reply_to", [NAMED]),
    "listmonk": ("headers", [{"Reply-To": NAMED}]),
    "brevo": ("replyTo", ADDRESS),
    "mailchimp": ("settings", ADDRESS),
}
"""The field of each service's campaign that says where answers go."""


@pytest.fixture(params=services.ALL)
def fake(request: pytest.FixtureRequest) -> Iterator[services.Campaigns]:
    """Each service that keeps the readers, in turn."""
    with web.running(services.ALL[request.param]()) as running:
        assert isinstance(running, services.Campaigns)
        yield running


def test_every_campaign_says_where_answers_go(fake: services.Campaigns, room: Mailroom) -> None:
    """In the service's own field; two services have that address with the sender, and it is asked for there."""
    kind = str(fake.target["kind"])
    fake.answers = ADDRESS.upper()
    done = send(room, fake, dict(fake.target))
    [campaign] = fake.campaigns.values()

    assert (done.returncode, done.stderr) == (0, "")
    if kind in FIELDS:
        name, value = FIELDS[kind]
        held = campaign[name]["reply_to"] if kind == "mailchimp" else campaign[name]
        assert held == value
    else:
        assert kind in {"buttondown", "sendgrid"}
        assert "answers" not in str(campaign)


@pytest.mark.parametrize(
    ("kind", "holder"), [("buttondown", "Buttondown's newsletter"), ("sendgrid", "SendGrid's sender 7")]
)
@pytest.mark.parametrize("elsewhere", ["", "others@example.com"])
def test_answers_that_would_go_elsewhere_are_refused(room: Mailroom, kind: str, holder: str, elsewhere: str) -> None:
    """Before a draft is made, with the place where to change it."""
    with web.running(services.ALL[kind]()) as running:
        assert isinstance(running, services.Campaigns)
        running.answers = elsewhere
        done = send(room, running, dict(running.target))

        assert done.returncode == 1
        assert done.stderr == (
            f"targets.it: answers would go to {elsewhere or 'the sender'}, as {holder} has it, and not to {ADDRESS}; "
            "change it there, or newsletter.reply_to\n"
        )
        assert running.campaigns == {}


def test_an_option_of_the_target_comes_first(room: Mailroom) -> None:
    """Mailchimp's `reply_to` was there before the newsletter's."""
    with web.running(services.ALL["mailchimp"]()) as running:
        assert isinstance(running, services.Campaigns)
        send(room, running, {**running.target, "reply_to": "others@example.com"})
        [campaign] = running.campaigns.values()

    assert campaign["settings"]["reply_to"] == "others@example.com"


def test_who_says_nothing_sends_no_such_field(tmp_path: Path) -> None:
    """Neither message nor campaign has one, and no service is asked for it; Mailchimp wants the sender's."""
    room = Mailroom(tmp_path)
    letter = room.build(**OWN)
    assert (letter.reply_to, letter.reply_address) == ("", "")
    assert b"Reply-To" not in letter.mime
    for kind, made in services.ALL.items():
        with web.running(made()) as running:
            assert isinstance(running, services.Campaigns)
            done = send(room, running, dict(running.target))
            [campaign] = running.campaigns.values()

        assert (done.returncode, done.stderr) == (0, ""), kind
        assert {"reply_to", "replyTo", "headers"} & campaign.keys() == set()
        assert kind != "mailchimp" or campaign["settings"]["reply_to"] == "letters@machines-letter.org"


@pytest.mark.parametrize("kind", batches.ALL)
def test_every_message_of_a_batch_says_it(room: Mailroom, kind: str) -> None:
    """As a header, or as the field that the service makes it of."""
    fake = batches.Postmark(handling="Custom") if kind == "postmark" else batches.ALL[kind]()
    with web.running(fake) as running:
        assert isinstance(running, batches.Batches)
        plan = {"recipients": room.readers(2), "unsubscribe": "https://example.com/u?e={email}&t={token}"}
        done = send(room, running, dict(running.target), "--send", "--yes", **plan)

    assert (done.returncode, done.stderr) == (0, "")
    assert [mail.headers["Reply-To"] for mail in running.mails] == [NAMED, NAMED]


def test_every_message_of_ours_says_it(room: Mailroom) -> None:
    """The message of each reader (outbox, SMTP and SES alike) and the file that others take, with its name encoded."""
    room.configure({"out": {"kind": "outbox", "folder": str(room.folder / "o")}}, recipients=room.readers(1))
    done = room.run("send", DAY, "--to", "out", "--send", "--yes")
    [file] = (room.folder / "o" / DAY).glob("*.eml")
    for raw in (file.read_bytes(), room.letter().mime):
        header = message_from_bytes(raw, policy=policy.default)["Reply-To"]
        [mailbox] = header.addresses

        assert (mailbox.display_name, mailbox.addr_spec) == ("Ann \u201cthe\u201d Editor", ADDRESS)
        assert re.search(rb"^Reply-To: =\?utf-8\?", raw, re.MULTILINE)
    assert done.returncode == 0
    assert b"reply-to" in dkim.COVERED


def test_check_reads_it(room: Mailroom) -> None:
    """A letter with it is sound; an example's address must not leave."""
    folder = room.folder / "out" / DAY
    opened = checks.load(str(folder))
    assert [str(each) for each in checks.check(opened, leaves=True) if each.severity == "error"] == []

    Mailroom(room.folder).build(**{**ANSWERS, "reply_to": "ann@example.com"})
    findings = [each for each in checks.check(checks.load(str(folder)), leaves=True) if each.element == "Reply-To"]

    assert [str(each) for each in findings] == [
        "message.eml Reply-To: ann@example.com is an example; nobody has it; set newsletter.name, from, address, web "
        "and unsubscribe in digest.yaml, and build again"
    ]


@pytest.mark.parametrize(
    "written",
    ["Ann Editor", "ann@", "a@example.com, b@example.com", "Editor, Ann <a@example.com>", "\u00fc@example.com"],
)
def test_what_is_no_mailbox_is_a_problem(written: str) -> None:
    """With its line, and how to write one."""
    with pytest.raises(SettingsError) as caught:
        settings.of_text(f"newsletter:\n  reply_to: {written}\n".encode(), "digest.yaml")

    assert caught.value.lines == (
        f"digest.yaml:2: newsletter.reply_to is no mailbox: {written!r}; "
        "write one, like `Ann Editor <ann@example.com>`",
    )


def test_no_header_can_be_smuggled_in() -> None:
    """A line break in it is refused, whoever made the value."""
    own = replace(newsletter(), reply_to="a@example.com\r\nBcc: all@example.com")

    with pytest.raises(RenderingError, match="header Reply-To: cannot be written down"):
        mime.to_bytes(message(), issue(), own)
