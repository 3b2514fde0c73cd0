"""Postmark: up to 500 messages a call over a broadcast stream, with an answer for each.

A stream either handles unsubscribing by itself, as every broadcast stream does at first, or leaves it to us; it is
asked which before a run. Where it does, its placeholder `{{{ pm:unsubscribe }}}` stands in place of our link, since
Postmark appends a footer to a message that lacks it, and it writes the List-Unsubscribe headers, which nobody can
change. Where it does not, each reader's own address of ours stands in message and headers. Postmark dates a message
when it takes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from digest.errors import SendingError
from digest.mail.built import Able
from digest.mail.delivery import Outcome, Refused, Transport
from digest.mail.http import Access, Client, Request, Response, post
from digest.mail.merge_tags import POSTMARK, plain, translate
from digest.mail.options import Known, Options, base_address, several

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.built import BuiltIssue, Reader, Writer

ABLE = Able(text=True, preheader=False, headers=True, schedule=False, test=True)
OPTIONS = several("https://api.postmarkapp.com", Known(name="stream", default="broadcast"))
LANGUAGE = POSTMARK
UNSUBSCRIBE = "\0own\0"
"""Stands for the reader's own address until that goes in; no issue can hold it."""

UNLESS = "Postmark's stream handles unsubscribing"
"""Where the list need not: what `send` says of readers who have no address of their own."""

_PLACEHOLDER = "{{{ pm:unsubscribe }}}"
_BATCH, _BATCH_BYTES = 500, 40_000_000
"""Messages and bytes a call; Postmark takes 50 MB."""

_INACTIVE = 406
"""Postmark's code for an address that bounced or complained before."""

_ABOUT_READERS = frozenset({300, _INACTIVE})
"""Codes of refusals that may be about one reader: 300 is an address that Postmark cannot read. Others are about us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A message stream, and whether it handles unsubscribing by itself."""

    name: str
    handles: bool


def line(options: Options, letter: BuiltIssue, write: Writer, *, insecure: bool) -> Transport:
    """Return how to reach it, having asked the stream how readers unsubscribe. Raises SendingError."""
    key = options.needed("key")
    access = Access(headers={"X-Postmark-Server-Token": key.reveal(), "Accept": "application/json"}, secrets=(key,))
    base, timeout = base_address(options, insecure=insecure), options.number("timeout")
    client = Client(base, access, clock=write.clock, timeout=timeout)
    try:
        response = client.call(stream_request(options.text("stream")))
    finally:
        client.close()
    stream = stream_of(options, response)
    tag = _PLACEHOLDER if stream.handles else UNSUBSCRIBE
    translated = translate(letter, LANGUAGE, unsubscribe=tag, target=options.name)
    size = max(1, min(_BATCH, _BATCH_BYTES // len(json.dumps(_message(stream, translated, "", "", one_click=True)))))
    return Transport(
        lambda: _PostmarkConnection(
            Client(base, access, clock=write.clock, timeout=timeout), stream, translated, write
        ),
        size,
    )


def stream_request(name: str) -> Request:
    """Ask for a message stream."""
    return Request(method="GET", path=f"/message-streams/{quote(name, safe='')}", again=True)


def stream_of(options: Options, response: Response) -> Stream:
    """Read the answer. Raises SendingError for a stream that sends nothing."""
    place, name = f"targets.{options.name}.stream", options.text("stream")
    body = response.body if isinstance(response.body, dict) else {}
    kind = str(body.get("MessageStreamType", ""))
    if kind.casefold() == "inbound" or body.get("ArchivedAt"):
        why = "is archived" if body.get("ArchivedAt") else "takes mail and sends none"
        raise SendingError(place, f"{name!r} {why}", "name a broadcast stream of this server")
    management = body.get("SubscriptionManagementConfiguration") or {}
    # Where Postmark does not say, it is a broadcast stream as it is at first.
    own = "Postmark" if kind.casefold() != "transactional" else "None"
    return Stream(name=name, handles=management.get("UnsubscribeHandlingType", own) == "Postmark")


class _PostmarkConnection:
    def __init__(self, client: Client, stream: Stream, letter: BuiltIssue, write: Writer) -> None:
        self._client, self._stream, self._letter, self._write = client, stream, letter, write

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        """Hand over one call."""
        rows = [(reader.address, self._write.address(reader), self._write.one_click(reader)) for reader in readers]
        return outcomes(post(self._client, request(self._stream, self._letter, rows), sending))

    def close(self) -> None:
        """Hang up."""
        self._client.close()


def request(stream: Stream, letter: BuiltIssue, readers: Sequence[tuple[str, str, bool]]) -> Request:
    """Return the call for *readers*: (address, unsubscribe address, whether a POST to the latter is enough)."""
    messages = [_message(stream, letter, address, own, one_click=one_click) for address, own, one_click in readers]
    return Request(method="POST", path="/email/batch", json=messages)


def outcomes(response: Response) -> list[Outcome]:
    """One answer a message, in order. Raises Refused where none was taken, and for a reason that is ours."""
    codes = [row["ErrorCode"] for row in response.body]
    if codes and not _ABOUT_READERS & set(codes) and 0 not in codes:
        raise Refused(f"Postmark refuses us: {response.body[0]['ErrorCode']} {response.body[0]['Message']}"[:300])
    return [_outcome(row) for row in response.body]


def _outcome(row: dict[str, Any]) -> Outcome:
    code, reply = row["ErrorCode"], f"{row['ErrorCode']} {row['Message']}"[:200]
    if code == 0:
        return Outcome(state="sent", reply=str(row.get("MessageID", "")))
    if code not in _ABOUT_READERS:  # such as credits that ran out in the middle of a call
        return Outcome(state="deferred", reply=reply)
    return Outcome(state="failed", reply=reply, suppress=code == _INACTIVE)


def _message(stream: Stream, letter: BuiltIssue, address: str, own: str, *, one_click: bool) -> dict[str, Any]:
    headers = {"List-ID": plain(letter.list_id, LANGUAGE), "Content-Language": letter.language}
    if not stream.handles:
        headers["List-Unsubscribe"] = f"<{own}>, <{letter.unsubscribe_mail}>"
        if one_click:
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return {
        "From": letter.mailbox,
        "To": address,
        "Subject": letter.subject,
        "HtmlBody": letter.html.replace(UNSUBSCRIBE, escape(own)),
        "TextBody": letter.text.replace(UNSUBSCRIBE, own),
        "MessageStream": stream.name,
        "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
    }
