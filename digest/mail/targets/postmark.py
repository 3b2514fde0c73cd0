"""Postmark: up to 500 messages a call over a broadcast stream, with an answer for each.

Its placeholders are `{{{ pm:unsubscribe }}}`; each reader's own address of ours stands in the message instead.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from digest.mail.delivery import Line, Outcome
from digest.mail.http import Access, Client, Request, Response
from digest.mail.letter import Able
from digest.mail.merge import POSTMARK, translate
from digest.mail.options import Known, Options, base_address, several
from digest.mail.posting import post

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.letter import Letter, Reader, Writer

ABLE = Able(text=True, preheader=False, headers=True, schedule=False, test=True)
OPTIONS = several("https://api.postmarkapp.com", Known(name="stream", default="broadcast"))
LANGUAGE = POSTMARK
UNSUBSCRIBE = "\0own\0"
"""Stands for the reader's own address until that goes in; no issue can hold it."""

_BATCH = 500

_INACTIVE = 406
"""Postmark's code for an address that bounced or complained before."""


def line(options: Options, letter: Letter, write: Writer, *, insecure: bool) -> Line:
    """Return how to reach it."""
    key = options.needed("key")
    access = Access(headers={"X-Postmark-Server-Token": key.reveal(), "Accept": "application/json"}, secrets=(key,))
    base, timeout = base_address(options, insecure=insecure), options.number("timeout")
    told = translate(letter, LANGUAGE, unsubscribe=UNSUBSCRIBE, target=options.name)
    return Line(lambda: _Connection(Client(base, access, timeout=timeout), options.text("stream"), told, write), _BATCH)


class _Connection:
    def __init__(self, client: Client, stream: str, letter: Letter, write: Writer) -> None:
        self._client, self._stream, self._letter, self._write = client, stream, letter, write

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        """Hand over one call."""
        call = request(self._stream, self._letter, [(one.address, self._write.address(one)) for one in readers])
        return outcomes(post(self._client, call, sending))

    def close(self) -> None:
        """Hang up."""
        self._client.close()


def request(stream: str, letter: Letter, readers: Sequence[tuple[str, str]]) -> Request:
    """Return the call for *readers*: (address, unsubscribe address)."""
    return Request(method="POST", path="/email/batch", json=[_message(stream, letter, *one) for one in readers])


def outcomes(response: Response) -> list[Outcome]:
    """One answer a message, in order."""
    return [
        Outcome(state="sent", reply=str(one.get("MessageID", "")))
        if one["ErrorCode"] == 0
        else Outcome(
            state="failed", reply=f"{one['ErrorCode']} {one['Message']}"[:200], suppress=one["ErrorCode"] == _INACTIVE
        )
        for one in response.body
    ]


def _message(stream: str, letter: Letter, address: str, own: str) -> dict[str, Any]:
    return {
        "From": letter.mailbox,
        "To": address,
        "Subject": letter.subject,
        "HtmlBody": letter.html.replace(UNSUBSCRIBE, escape(own)),
        "TextBody": letter.text.replace(UNSUBSCRIBE, own),
        "MessageStream": stream,
        "Headers": [
            {"Name": "List-Unsubscribe", "Value": f"<{own}>, <{letter.unsubscribe_mail}>"},
            {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
        ],
    }
