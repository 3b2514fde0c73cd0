"""Resend: a broadcast to a segment. A draft until it is sent by a call of its own.

Its variables are `{{{NAME}}}`; it has no way to write three opening braces in plain text. Calls and fields are those of
Resend's OpenAPI description, against which tests/test_mail_campaigns.py holds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.mail.merge_tags import RESEND
from digest.mail.target import (
    Able,
    Audience,
    Campaign,
    CampaignPage,
    CampaignService,
    Known,
    Request,
    Response,
    get,
    several,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


class Resend(CampaignService):
    """Broadcasts at Resend. `segment` is the id of the segment of readers."""

    ABLE = Able(text=True, preheader=True, headers=False, schedule=True, test=True)
    OPTIONS = several("https://api.resend.com", Known(name="segment"))
    LANGUAGE = RESEND
    UNSUBSCRIBE = "{{{RESEND_UNSUBSCRIBE_URL}}}"
    CAMPAIGNS = "/broadcasts"

    def look(self, cursor: str) -> Request:
        """Ask for all broadcasts, newest first."""
        after = (("after", cursor),) if cursor else ()
        return get(self.CAMPAIGNS, ("limit", "100"), *after)

    def found(self, response: Response, cursor: str) -> CampaignPage:
        """Read a page; the next one begins after the last reference of this one."""
        rows = response.body["data"]
        return self.page(rows, rows[-1]["id"] if rows and response.body.get("has_more") else "")

    def address(self, row: Mapping[str, Any]) -> str:
        """Return the page of the broadcast."""
        return f"https://resend.com/broadcasts/{row['id']}"

    def fields(self) -> dict[str, Any]:
        """Return the broadcast; without `send` it stays a draft."""
        return {
            "name": self.letter.name,
            "segment_id": self.options.text("segment"),
            "from": self.letter.mailbox,
            **self._answers(),
            "subject": self.letter.subject,
            "preview_text": self.letter.preheader,
            "html": self.letter.html,
            "text": self.letter.text,
        }

    def audience(self) -> tuple[Request, ...]:
        """Ask for the segment."""
        return (get(f"/segments/{self.options.text('segment')}"),)

    def audience_of(self, responses: Sequence[Response]) -> Audience:
        """Read its name; Resend does not say how many readers are in it."""
        return Audience(name=responses[0].body["name"])

    def send(self, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
        """Send it now, or at a time."""
        time = {"scheduled_at": when.isoformat()} if when else {}
        return (Request(method="POST", path=self.at(campaign, "/send"), json=time),)

    def test(self, campaign: Campaign, address: str) -> Request:
        """Send one mail with the same content: Resend has no test of a broadcast.

        Its unsubscribe link leads nowhere, since this reader is in no segment.
        """
        letter = self.letter
        message = {"from": letter.mailbox, "to": [address], "subject": letter.subject, "html": letter.html}
        return Request(method="POST", path="/emails", json={**message, "text": letter.text, **self._answers()})

    def _answers(self) -> dict[str, Any]:
        """Return the field with the addresses for answers; none where they go to the sender."""
        return {"reply_to": [self.letter.reply_to]} if self.letter.reply_to else {}
