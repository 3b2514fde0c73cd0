"""Sixty nasty subjects through every target: the subject reads the same at the other end, and nothing is injected."""

from __future__ import annotations

import email
import email.policy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx
import pytest
from fakes import batches, services, smtp, web
from fakes.web import Call
from mailroom import Time
from nasty import SUBJECTS
from samples import issue, message, newsletter
from test_mail_campaigns import service
from test_mail_pieces import letter as plain_letter

from digest.config.values import Secret, SendPlan, TargetPlan
from digest.mail import merge_tags
from digest.mail.built import BuiltIssue, Reader
from digest.mail.mime import to_bytes
from digest.mail.options import Options
from digest.mail.targets.file import contents
from digest.mail.targets.mailgun import Mailgun
from digest.mail.targets.outbox import Outbox
from digest.mail.targets.postmark import Postmark
from digest.mail.targets.smtp import Smtp
from digest.sending import Writing
from digest.text import sanitize

if TYPE_CHECKING:
    from pathlib import Path

ANN, OWN = Reader(address="ann@example.com"), "https://example.com/own?e={email}"
LINK = '<p><a href="https://example.com/unsubscribe">Leave</a></p>'
TEXT = "Leave: https://example.com/unsubscribe \n"


def letter(raw: str) -> BuiltIssue:
    """Return a letter with that subject, as a build cleans and writes it."""
    subject = sanitize.text(raw)
    mime = to_bytes(message(subject=subject, html=LINK, text=TEXT), issue(), newsletter())
    return replace(plain_letter(LINK, TEXT), subject=subject, mime=mime)


def headers(raw: bytes) -> tuple[list[str], str]:
    """Return the names of a message's headers, and its subject as a mail client shows it."""
    found = email.message_from_bytes(raw, policy=email.policy.default)
    return found.keys(), str(found["Subject"])


KEYS = headers(letter("x").mime)[0]
SHARED = [name for name in KEYS if name != "List-Unsubscribe-Post"]
"""What leaves with an unsubscribe address that is everybody's."""

ALL = list(SUBJECTS.items())


def test_there_are_sixty() -> None:
    """The list is as long as it says."""
    assert len(SUBJECTS) == 60


def options(kind: str, **given: Any) -> Options:
    """Return the options of a target, with a key where one is needed."""
    from digest.mail import registry  # noqa: PLC0415 - only here

    pairs = {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items() if name != "kind"
    }
    if kind not in {"smtp", "outbox", "file"}:
        pairs |= {"key": Secret(env="SERVICE_KEY")}
    plan = TargetPlan(name=kind, kind=kind, options=tuple(pairs.items()))
    return Options(plan, registry.find(plan).OPTIONS)


def test_through_smtp_and_outbox(tmp_path: Path) -> None:
    """Over SMTP, into the outbox and as a file, every subject arrives and adds no header."""
    wrong = []
    with smtp.running(smtp.Server()) as server:
        given = {"host": "127.0.0.1", "port": str(server.port), "security": "none"}
        for name, raw in ALL:
            shown = letter(raw)
            writing = Writing(shown, SendPlan(), Time().clock())
            for target in (
                Smtp(options("smtp", **given), shown),
                Outbox(options("outbox", folder=str(tmp_path)), shown),
            ):
                carrier = target.line(writing, insecure=True).connect()
                [outcome] = carrier.carry([ANN], lambda: None)
                carrier.close()
                assert outcome.state == "sent"
            written = next((tmp_path / shown.issue).iterdir()).read_bytes()
            eml = next(content for path, content in contents(shown).items() if path.endswith(".eml"))
            left = [headers(one) for one in (server.messages[-1][1], written)]
            wrong += [name for one in left if one != (SHARED, shown.subject)]
            wrong += [name] if headers(eml) != (KEYS, shown.subject) else []
    assert wrong == []


@pytest.mark.parametrize("kind", services.ALL)
def test_through_services_that_keep_the_readers(kind: str) -> None:
    """As a campaign, every subject arrives as it was, through JSON and the service's language."""
    fake, target = services.ALL[kind](), service(kind)
    create = fake.routes()[fake.creating]
    chosen = options(**({"base": "https://x.example"} | dict(fake.target)))
    found = []
    for _, raw in ALL:
        assert target.LANGUAGE
        shown = merge_tags.translate(letter(raw), target.LANGUAGE, unsubscribe=target.UNSUBSCRIBE, target=kind)
        fake.campaigns.clear()
        call = target(chosen, shown).create()
        create(Call(json.loads(json.dumps(call.json)), {}, {"X-Idempotency-Key": "1"}))
        [campaign] = fake.campaigns.values()
        words = campaign.get("email_config") or campaign.get("settings") or campaign
        found.append(words.get("subject_line", words.get("subject")))

    assert found == [sanitize.text(raw) for _, raw in ALL]


def test_through_mailgun() -> None:
    """As a form, every subject arrives as it was."""
    fake = batches.Mailgun()
    send = fake.routes()[fake.creating]
    for _, raw in ALL:
        told = merge_tags.translate(
            letter(raw), merge_tags.MAILGUN, unsubscribe="%recipient.unsubscribe%", target="mailgun"
        )
        writing = Writing(told, SendPlan(unsubscribe=OWN), Time().clock())
        call = Mailgun(options("mailgun", domain="mg.example.com"), told).request([ANN], writing)
        encoded = httpx.Request("POST", "https://x.example", data=dict(call.form)).content
        send(Call(None, {}, {}, parse_qsl(encoded.decode(), keep_blank_values=True)), domain="mg.example.com")

    assert [mail.subject for mail in fake.mails] == [sanitize.text(raw) for _, raw in ALL]


def test_through_postmark() -> None:
    """As JSON, every subject arrives as it was."""
    fake = batches.Postmark(handling="Custom")
    send = fake.routes()[fake.creating]
    for _, raw in ALL:
        told = merge_tags.translate(letter(raw), merge_tags.POSTMARK, unsubscribe="\0own\0", target="postmark")
        target = Postmark(options("postmark"), told)
        target.handles = False
        call = target.request([ANN], Writing(told, SendPlan(unsubscribe=OWN), Time().clock()))
        send(Call(json.loads(json.dumps(call.json)), {}, {"X-Postmark-Server-Token": web.KEY}))

    assert [mail.subject for mail in fake.mails] == [sanitize.text(raw) for _, raw in ALL]
