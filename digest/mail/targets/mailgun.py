"""Mailgun: one call for up to 1,000 readers, each of whom gets a message of their own by recipient variables.

`%recipient.unsubscribe%` is each reader's own address; `%recipient.percent%` is how a percent sign is written that
would open a variable. Mailgun dates a message when it takes it. It adds List-Unsubscribe headers and a footer of its
own only where "unsubscribes" is switched on for the domain, which nobody needs whose letter brings them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from digest.mail.built import Able
from digest.mail.delivery import Outcome, Transport
from digest.mail.http import Access, Client, Request, Response, post
from digest.mail.merge_tags import MAILGUN, plain, translate
from digest.mail.options import Known, Options, base_address, several

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.built import BuiltIssue, Reader, Writer

ABLE = Able(text=True, preheader=False, headers=True, schedule=False, test=True)
OPTIONS = several("https://api.mailgun.net/v3", Known(name="domain"))
LANGUAGE = MAILGUN
UNSUBSCRIBE = "%recipient.unsubscribe%"
_BATCH = 1_000


def line(options: Options, letter: BuiltIssue, write: Writer, *, insecure: bool) -> Transport:
    """Return how to reach it."""
    key = options.needed("key")
    access = Access(basic=("api", key.reveal()), secrets=(key,))
    base, timeout = base_address(options, insecure=insecure), options.number("timeout")
    translated = translate(letter, LANGUAGE, unsubscribe=UNSUBSCRIBE, target=options.name)

    def connect() -> _MailgunConnection:
        client = Client(base, access, clock=write.clock, timeout=timeout)
        return _MailgunConnection(client, options.text("domain"), translated, write)

    return Transport(connect, _BATCH)


class _MailgunConnection:
    def __init__(self, client: Client, domain: str, letter: BuiltIssue, write: Writer) -> None:
        self._client, self._domain, self._letter, self._write = client, domain, letter, write

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        """Hand over one call."""
        # The headers are the same for the whole call, so one-click is offered where it is right for all of it.
        one_click = all(self._write.one_click(reader) for reader in readers)
        pairs = [(reader.address, self._write.address(reader)) for reader in readers]
        call = request(self._domain, self._letter, pairs, one_click=one_click)
        response = post(self._client, call, sending)
        return outcomes(response, len(readers))

    def close(self) -> None:
        """Hang up."""
        self._client.close()


def request(domain: str, letter: BuiltIssue, readers: Sequence[tuple[str, str]], *, one_click: bool) -> Request:
    """Return the call for *readers*: (address, unsubscribe address). *one_click*: a POST to the latter is enough."""
    variables = {address: {"unsubscribe": own, "percent": "%"} for address, own in readers}
    form = [
        ("from", letter.mailbox),
        *(("to", address) for address, _ in readers),
        ("subject", letter.subject),
        ("html", letter.html),
        ("text", letter.text),
        ("recipient-variables", json.dumps(variables, sort_keys=True)),
        ("h:List-Unsubscribe", f"<%recipient.unsubscribe%>, <{letter.unsubscribe_mail}>"),
        *([("h:List-Unsubscribe-Post", "List-Unsubscribe=One-Click")] if one_click else []),
        ("h:List-ID", plain(letter.list_id, LANGUAGE)),
        ("h:Content-Language", letter.language),
    ]
    return Request(method="POST", path=f"/{domain}/messages", form=form)


def outcomes(response: Response, count: int) -> list[Outcome]:
    """One id for all: the call is taken whole or not at all."""
    return [Outcome(state="sent", reply=str(response.body.get("id", "")))] * count
