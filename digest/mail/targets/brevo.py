"""Brevo: an e-mail campaign to lists. A draft until it is sent by a call of its own.

It makes the plain text itself, takes HTML under 1 MB, and reads Django's templates and its own older tags. Calls and
fields are those of Brevo's API reference, v3, "Email campaigns".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from digest.errors import SendingError
from digest.mail.merge_tags import DJANGO
from digest.mail.target import (
    Able,
    Access,
    Campaign,
    CampaignPage,
    CampaignService,
    Known,
    Request,
    Response,
    get,
    next_offset,
    several,
    web_view,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from digest.mail.target import State

# In bytes. Brevo's API reference names 1 MB for `htmlContent`.
_LIMIT = 1_000_000


class Brevo(CampaignService):
    """Campaigns at Brevo. `lists` are the numbers of contact lists."""

    ABLE = Able(text=False, preheader=True, headers=False, schedule=True, test=True)
    OPTIONS = several("https://api.brevo.com/v3", Known(name="lists", several=True), web_view())
    LANGUAGE = DJANGO
    UNSUBSCRIBE = "{{ unsubscribe }}"
    WEB_VIEW = "{{ mirror }}"
    CAMPAIGNS = "/emailCampaigns"
    UPDATE = "PUT"
    STATES: ClassVar[Mapping[str, State]] = {"draft": "draft", "queued": "scheduled"}
    LISTS = "/contacts/lists"
    SIZE = "uniqueSubscribers"

    def access(self) -> Access:
        """Return the key in a header of Brevo's own."""
        key = self.options.needed("key")
        return Access(headers={"api-key": key.reveal()}, secrets=(key,))

    def look(self, cursor: str) -> Request:
        """Ask for all campaigns, newest first, without their HTML."""
        query = (("limit", "100"), ("offset", cursor or "0"), ("sort", "desc"), ("excludeHtmlContent", "true"))
        return get(self.CAMPAIGNS, *query)

    def found(self, response: Response, cursor: str) -> CampaignPage:
        """Read a page; an account without campaigns gets no list at all."""
        rows = response.body.get("campaigns", [])
        return self.page(rows, next_offset(cursor, rows, response.body["count"]) if rows else "")

    def address(self, row: Mapping[str, Any]) -> str:
        """Return the page where the campaign is edited."""
        return f"https://app.brevo.com/marketing-campaign/edit/{row['id']}"

    def fields(self) -> dict[str, Any]:
        """Return the campaign; without `scheduledAt` it is a draft."""
        if len(self.letter.html.encode()) >= _LIMIT:
            raise SendingError("index.html", "is over 1 MB, which brevo does not take", "take fewer stories")
        return {
            "name": self.letter.name,
            "subject": self.letter.subject,
            "previewText": self.letter.preheader,
            "sender": {"name": self.letter.sender_name or self.letter.newsletter, "email": self.letter.sender},
            **({"replyTo": self.letter.reply_address} if self.letter.reply_address else {}),
            "htmlContent": self.letter.html,
            "recipients": {"listIds": self.options.numbers("lists")},
        }

    def send(self, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
        """Send it now by a call of its own; for later its time is a field, and Brevo queues what has one."""
        if when is None:
            return (Request(method="POST", path=self.at(campaign, "/sendNow")),)
        # Not `again`: where the answer is lost, the campaign is looked at before anything is repeated.
        time = {"scheduledAt": when.isoformat(timespec="milliseconds")}
        return (Request(method="PUT", path=self.at(campaign), json=time),)

    def test(self, campaign: Campaign, address: str) -> Request:
        """Send one copy; the address has to be a contact's."""
        return Request(method="POST", path=self.at(campaign, "/sendTest"), json={"emailTo": [address]})
