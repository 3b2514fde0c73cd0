"""Mailgun and Postmark, which send what they are given: strict fakes, written from their documentation."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from fakes import engines
from fakes.web import KEY, Call, Refused, Service, basic, strict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Mail:
    """What a reader got."""

    reader: str
    subject: str
    html: str
    text: str
    headers: dict[str, str]


@dataclass
class Batches(Service):
    """What both share. *refuse* maps a reader to an error code."""

    mails: list[Mail] = field(default_factory=list)
    refuse: dict[str, int] = field(default_factory=dict)
    target: ClassVar[Mapping[str, Any]] = {}
    prefix = ""


class Mailgun(Batches):
    """Mailgun's messages with recipient variables."""

    target: ClassVar[Mapping[str, Any]] = {"kind": "mailgun", "domain": "mg.example.com"}
    prefix = "/v3"
    creating = "POST /v3/{domain}/messages"

    def known(self, headers: Mapping[str, str]) -> bool:
        """User `api` and the key."""
        return basic(headers)

    def routes(self) -> dict[str, Callable[..., tuple[int, Any]]]:
        """Return the routes."""
        known = {"from", "to", "subject", "html", "text", "recipient-variables"}

        def send(call: Call, domain: str) -> tuple[int, Any]:
            if domain != "mg.example.com":
                raise Refused(404, "domain not found")
            fields = {name: value for name, value in call.form if name != "to"}
            readers = [value for name, value in call.form if name == "to"]
            wrong = [name for name in fields if name not in known and not re.fullmatch(r"h:[A-Za-z-]+", name)]
            if wrong or not readers or len(readers) > 1_000 or not fields.get("from") or not fields.get("subject"):
                raise Refused(400, f"wrong parameters {wrong}")
            variables = json.loads(fields["recipient-variables"])
            if set(variables) != set(readers):
                raise Refused(400, "recipient-variables do not fit the readers; each would see the others")
            for reader in readers:
                own = variables[reader]
                words = {name: engines.mailgun(value, own) for name, value in fields.items()}
                headers = {name[2:]: value for name, value in words.items() if name.startswith("h:")}
                self.mails.append(Mail(reader, words["subject"], words["html"], words["text"], headers))
            return 200, {"id": "<1@mg.example.com>", "message": "Queued. Thank you."}

        return {self.creating: send}


@dataclass
class Postmark(Batches):
    """Postmark's batch of messages. *handling* is who handles unsubscribing in the stream, empty: it does not say."""

    handling: str = "Postmark"
    kind: str = "Broadcasts"

    target: ClassVar[Mapping[str, Any]] = {"kind": "postmark"}
    creating = "POST /email/batch"

    def known(self, headers: Mapping[str, str]) -> bool:
        """A header of its own."""
        return headers.get("X-Postmark-Server-Token") == KEY and headers.get("Accept") == "application/json"

    def routes(self) -> dict[str, Callable[..., tuple[int, Any]]]:
        """Return the routes."""
        names = ["From", "To", "Subject", "HtmlBody", "TextBody", "MessageStream", "ReplyTo"]
        fields: dict[str, Any] = {**dict.fromkeys(names, str), "Headers": list}

        def send(call: Call) -> tuple[int, Any]:
            if not isinstance(call.body, list) or len(call.body) > 500:
                raise Refused(422, "a batch of at most 500 is expected")
            answers = []
            for message in call.body:
                strict(message, fields, "From To Subject HtmlBody MessageStream", 422)
                code = self.refuse.get(message["To"], 0)
                headers = {one["Name"]: one["Value"] for one in message["Headers"]}
                headers |= {"Reply-To": message["ReplyTo"]} if "ReplyTo" in message else {}
                if self.handling == "Postmark" and any(name.startswith("List-Unsubscribe") for name in headers):
                    raise Refused(422, "the stream writes the List-Unsubscribe headers")
                answers.append(
                    {"ErrorCode": code, "Message": "OK" if not code else "no", "MessageID": "m", "To": message["To"]}
                )
                if not code:
                    html, text = self.delivered(message["HtmlBody"]), self.delivered(message["TextBody"])
                    self.mails.append(Mail(message["To"], engines.postmark(message["Subject"]), html, text, headers))
            return 200, answers

        def stream(_: Call, name: str) -> tuple[int, Any]:
            if name != "broadcast":
                raise Refused(404, "no such stream")
            management = {"SubscriptionManagementConfiguration": {"UnsubscribeHandlingType": self.handling}}
            archived = {"ArchivedAt": "2020-07-01T00:00:00-04:00"} if self.kind == "archived" else {}
            answer = {"ID": name, "MessageStreamType": self.kind, "Description": None, **archived}
            return 200, {**answer, **(management if self.handling else {})}

        return {self.creating: send, "GET /message-streams/{name}": stream}

    def delivered(self, words: str) -> str:
        """A part as a reader gets it: the stream appends its footer where it handles unsubscribing and is not asked."""
        shown = engines.postmark(words)
        return shown + "Unsubscribe" if shown == words and self.handling in {"", "Postmark"} else shown


ALL: dict[str, type[Batches]] = {"mailgun": Mailgun, "postmark": Postmark}
