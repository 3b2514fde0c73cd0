"""Buttondown: an e-mail to all subscribers. Creating one sends it unless its status is draft, so it always is here.

Its e-mails have no name: ours is kept in the metadata. It makes the plain text itself. Calls and fields are those of
Buttondown's OpenAPI description, against which tests/test_mail_campaigns.py holds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.mail.merge_tags import LIQUID
from digest.mail.target import (
    Able,
    Access,
    Audience,
    Campaign,
    CampaignPage,
    CampaignService,
    Request,
    Response,
    get,
    parameter,
    several,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_KEY = "digest"

# Tells Buttondown that the body is HTML; without it the body is read as Markdown.
_MODE = "<!-- buttondown-editor-mode: fancy -->\n"


class Buttondown(CampaignService):
    """E-mails at Buttondown, which has one list: all subscribers of the account that the key belongs to."""

    ABLE = Able(text=False, preheader=False, headers=False, schedule=True, test=True)
    OPTIONS = several("https://api.buttondown.com/v1")
    LANGUAGE = LIQUID
    UNSUBSCRIBE = "{{ unsubscribe_url }}"
    CAMPAIGNS = "/emails"

    def access(self) -> Access:
        """Return the key as what Buttondown calls a token."""
        key = self.options.needed("key")
        return Access(headers={"Authorization": f"Token {key.reveal()}"}, secrets=(key,))

    def condition(self) -> Request | None:
        """Ask for the newsletters of the account, where the letter says where answers go: that is theirs to say."""
        return get("/newsletters", ("page", "1")) if self.letter.reply_address else None

    def meets(self, response: Response) -> None:
        """Refuse a newsletter whose answers go elsewhere. Raises SendingError."""
        key = self.options.needed("key").reveal()
        rows = response.body["results"]
        # An account may have several; the one that the e-mail will be of is known by its key.
        own = next((row for row in rows if row.get("api_key") == key), rows[0] if len(rows) == 1 else {})
        self.refuse_other_answers(str(own.get("reply_to_address") or ""), "Buttondown's newsletter")

    def look(self, cursor: str) -> Request:
        """Ask for all e-mails, newest first, without their bodies."""
        query = (("ordering", "-creation_date"), ("excluded_fields", "body"), ("page", cursor or "1"))
        return get(self.CAMPAIGNS, *query)

    def found(self, response: Response, cursor: str) -> CampaignPage:
        """Read a page; `next` is the address of the next one."""
        return self.page(response.body["results"], parameter(response.body.get("next"), "page"))

    def title(self, row: Mapping[str, Any]) -> str:
        """Return our name for it from the metadata, which others may have left empty or filled with their own."""
        return str((row.get("metadata") or {}).get(_KEY, ""))

    def address(self, row: Mapping[str, Any]) -> str:
        """Return its page, which Buttondown says."""
        return str(row.get("absolute_url", ""))

    def fields(self) -> dict[str, Any]:
        """Return subject and body, in the template that adds nothing around it."""
        return {"subject": self.letter.subject, "body": _MODE + self.letter.html, "template": "naked"}

    def create(self) -> Request:
        """Make a draft, once: by the idempotency key the service knows a call that comes twice."""
        draft = {"status": "draft", "metadata": {_KEY: self.letter.name}}
        return Request(
            method="POST",
            path=self.CAMPAIGNS,
            json={**self.fields(), **draft},
            # With the hash: after another build the bare name would bring back the answer to the first call.
            headers={"X-Idempotency-Key": f"{self.letter.name}:{self.letter.hash[:32]}"},
        )

    def audience(self) -> tuple[Request, ...]:
        """Ask for the subscribers who get mail; `regular` leaves out those who never confirmed or have left."""
        return (get("/subscribers", ("type", "regular"), ("page", "1")),)

    def audience_of(self, responses: Sequence[Response]) -> Audience:
        """Read how many they are."""
        return Audience(name="all subscribers", size=int(responses[0].body["count"]))

    def send(self, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
        """Let it go now, or at a time."""
        status = {"status": "scheduled", "publish_date": when.isoformat()} if when else {"status": "about_to_send"}
        return (Request(method="PATCH", path=self.at(campaign), json=status),)

    def test(self, campaign: Campaign, address: str) -> Request:
        """Send the draft to one address."""
        return Request(method="POST", path=self.at(campaign, "/send-draft"), json={"recipients": [address]})
