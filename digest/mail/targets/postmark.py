"""Postmark: up to 500 messages a call over a broadcast stream, with an answer for each.

A stream either handles unsubscribing by itself, as every broadcast stream does at first, or leaves it to us; it is
asked which before a run. Where it does, its placeholder `{{{ pm:unsubscribe }}}` stands in place of our link, since
Postmark appends a footer to a message that lacks it, and it writes the List-Unsubscribe headers, which nobody can
change. Where it does not, each reader's own address of ours stands in message and headers. Postmark dates a message
when it takes it.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from digest.errors import SendingError
from digest.mail.merge_tags import POSTMARK, plain
from digest.mail.target import Able, Access, BatchService, Known, Outcome, Refused, Request, Response, get, several

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.target import BuiltIssue, Client, Options, Reader, Writer

_PLACEHOLDER = "{{{ pm:unsubscribe }}}"

# Postmark takes 50 MB a call. Ours are smaller because the addresses of readers differ in length from the one measured.
_BATCH_BYTES = 40_000_000

# The code for an address that bounced or complained before ("Inactive recipient").
_INACTIVE = 406

# Refusals that may be about one reader; 300 is an address that Postmark cannot read. All other codes are about us.
_ABOUT_READERS = frozenset({300, _INACTIVE})


class Postmark(BatchService):
    """Batches at Postmark, each message of which is whole.

    *handles*: the stream handles unsubscribing by itself, as a broadcast stream does until somebody changes it.
    """

    ABLE = Able(text=True, preheader=False, headers=True, schedule=False, test=True, editions=True)
    OPTIONS = several("https://api.postmarkapp.com", Known(name="stream", default="broadcast"))
    LANGUAGE = POSTMARK
    # A mark for the reader's own address until that goes in; the NUL makes sure that no issue can hold it.
    UNSUBSCRIBE = "\0own\0"
    UNLESS = "Postmark's stream handles unsubscribing"
    BATCH = 500
    MIXES = True

    def __init__(self, options: Options, letter: BuiltIssue) -> None:
        super().__init__(options, letter)
        self.handles = True

    def access(self) -> Access:
        """Return the key of a server, in Postmark's own header."""
        key = self.options.needed("key")
        # Postmark requires Accept (its API overview); httpx sends */* by itself.
        headers = {"X-Postmark-Server-Token": key.reveal(), "Accept": "application/json"}
        return Access(headers=headers, secrets=(key,))

    def tag(self, connect: Callable[[], Client]) -> str:
        """Ask the stream how readers unsubscribe. Raises SendingError for a stream that sends nothing."""
        client = connect()
        try:
            response = client.call(get(f"/message-streams/{quote(self.options.text('stream'), safe='')}"))
        finally:
            client.close()
        self.handles = self._handles(response)
        return _PLACEHOLDER if self.handles else self.UNSUBSCRIBE

    def batch(self) -> int:
        """Return how many messages of this issue Postmark takes at once, by their number and their bytes."""
        weight = len(json.dumps(self._message(self.letter, "", "", one_click=True)))
        return max(1, min(self.BATCH, _BATCH_BYTES // weight))

    def request(self, readers: Sequence[Reader], write: Writer) -> Request:
        """Return the call, with a whole message for each reader."""
        messages = [
            self._message(
                self.letter_of(reader, write), reader.address, write.address(reader), one_click=write.one_click(reader)
            )
            for reader in readers
        ]
        return Request(method="POST", path="/email/batch", json=messages)

    def outcomes(self, response: Response, count: int) -> list[Outcome]:
        """Read one answer a message. Raises Refused where none was taken, and for a reason that is ours.

        Where some were taken, a refusal that is ours is for now, such as credits that ran out: nobody loses the issue.
        """
        codes = [row["ErrorCode"] for row in response.body]
        if codes and not _ABOUT_READERS & set(codes) and 0 not in codes:
            raise Refused(f"Postmark refuses us: {response.body[0]['ErrorCode']} {response.body[0]['Message']}"[:300])
        return [_outcome(row) for row in response.body]

    def _handles(self, response: Response) -> bool:
        """Return whether the stream that *response* describes handles unsubscribing. Raises SendingError."""
        place, name = f"targets.{self.options.name}.stream", self.options.text("stream")
        body = response.body if isinstance(response.body, dict) else {}
        kind = str(body.get("MessageStreamType", ""))
        if kind.casefold() == "inbound" or body.get("ArchivedAt"):
            why = "is archived" if body.get("ArchivedAt") else "takes mail and sends none"
            raise SendingError(place, f"{name!r} {why}", "name a broadcast stream of this server")
        management = body.get("SubscriptionManagementConfiguration") or {}
        # Where Postmark does not say, it is a broadcast stream as it is at first.
        own = "Postmark" if kind.casefold() != "transactional" else "None"
        return bool(management.get("UnsubscribeHandlingType", own) == "Postmark")

    def _message(self, letter: BuiltIssue, address: str, own: str, *, one_click: bool) -> dict[str, Any]:
        """Return the message with *letter* to *address*, whose unsubscribe address is *own*."""
        headers = {"List-ID": plain(letter.list_id, POSTMARK), "Content-Language": letter.language}
        if not self.handles:
            headers["List-Unsubscribe"] = f"<{own}>, <{letter.unsubscribe_mail}>"
            if one_click:
                headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return {
            "From": letter.mailbox,
            "To": address,
            **({"ReplyTo": letter.reply_to} if letter.reply_to else {}),
            "Subject": letter.subject,
            "HtmlBody": letter.html.replace(self.UNSUBSCRIBE, escape(own)),
            "TextBody": letter.text.replace(self.UNSUBSCRIBE, own),
            "MessageStream": self.options.text("stream"),
            "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
        }


def _outcome(row: dict[str, Any]) -> Outcome:
    """Return what one of Postmark's answers means for its reader."""
    code, reply = row["ErrorCode"], f"{row['ErrorCode']} {row['Message']}"[:200]
    if code == 0:
        return Outcome(state="sent", reply=str(row.get("MessageID", "")))
    # Such as credits that ran out in the middle of a call: it costs no reader the issue.
    if code not in _ABOUT_READERS:
        return Outcome(state="deferred", reply=reply)
    return Outcome(state="failed", reply=reply, suppress=code == _INACTIVE)
