"""Mailgun: one call for up to 1,000 readers, each of whom gets a message of their own by recipient variables.

`%recipient.unsubscribe%` is each reader's own address; `%recipient.percent%` is how a percent sign is written that
would open a variable. Mailgun dates a message when it takes it. It adds List-Unsubscribe headers and a footer of its
own only where "unsubscribes" is switched on for the domain, which nobody needs whose letter brings them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from digest.mail.merge_tags import MAILGUN, plain
from digest.mail.target import Able, Access, BatchService, Known, Outcome, Request, Response, several

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.mail.target import Reader, Writer


class Mailgun(BatchService):
    """Batches at Mailgun. One call has one set of headers and one body; variables make them each reader's own."""

    ABLE = Able(text=True, preheader=False, headers=True, schedule=False, test=True, editions=True)
    OPTIONS = several("https://api.mailgun.net/v3", Known(name="domain"))
    LANGUAGE = MAILGUN
    UNSUBSCRIBE = "%recipient.unsubscribe%"
    BATCH = 1_000

    def access(self) -> Access:
        """Return the key as the password of the user `api`."""
        key = self.options.needed("key")
        return Access(basic=("api", key.reveal()), secrets=(key,))

    def request(self, readers: Sequence[Reader], write: Writer) -> Request:
        """Return the call, a form: Mailgun takes no JSON for messages."""
        letter = self.letter
        variables = {reader.address: {"unsubscribe": write.address(reader), "percent": "%"} for reader in readers}
        # The headers are the same for the whole call, so one-click is offered where it is right for all of its readers.
        one_click = all(write.one_click(reader) for reader in readers)
        form = [
            ("from", letter.mailbox),
            *(("to", reader.address) for reader in readers),
            ("subject", letter.subject),
            ("html", letter.html),
            ("text", letter.text),
            ("recipient-variables", json.dumps(variables, sort_keys=True)),
            ("h:List-Unsubscribe", f"<{self.UNSUBSCRIBE}>, <{letter.unsubscribe_mail}>"),
            *([("h:List-Unsubscribe-Post", "List-Unsubscribe=One-Click")] if one_click else []),
            ("h:List-ID", plain(letter.list_id, MAILGUN)),
            ("h:Content-Language", letter.language),
            *([("h:Reply-To", plain(letter.reply_to, MAILGUN))] if letter.reply_to else []),
        ]
        return Request(method="POST", path=f"/{self.options.text('domain')}/messages", form=form)

    def outcomes(self, response: Response, count: int) -> list[Outcome]:
        """Read the one id that all messages have: the call is taken whole or not at all."""
        return [Outcome(state="sent", reply=str(response.body.get("id", "")))] * count
