"""SendGrid Marketing Campaigns: a Single Send. A draft until it is scheduled, for a time or for now.

Its templates are Handlebars. It wants a suppression group, or the newsletter's own unsubscribe address, and a sender
that is verified there; that one has the address for answers, too. It cannot send a test of a Single Send by a call.
Calls and fields are those of SendGrid's OpenAPI descriptions; tests/test_mail_campaigns.py holds them against that of
Single Sends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.mail.merge_tags import HANDLEBARS
from digest.mail.target import (
    Able,
    Campaign,
    CampaignPage,
    CampaignService,
    Known,
    Request,
    Response,
    get,
    parameter,
    several,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class SendGrid(CampaignService):
    """Single Sends at SendGrid.

    `sender` is the number of a verified sender, which has the From address; `suppression_group` that of the group which
    readers leave by the unsubscribe link; `lists` are the ids of contact lists.
    """

    ABLE = Able(text=True, preheader=False, headers=False, schedule=True, test=False)
    OPTIONS = several(
        "https://api.sendgrid.com",
        Known(name="sender"),
        Known(name="suppression_group"),
        Known(name="lists", several=True),
    )
    LANGUAGE = HANDLEBARS
    UNSUBSCRIBE = "{{{unsubscribe}}}"
    CAMPAIGNS = "/v3/marketing/singlesends"
    LISTS = "/v3/marketing/lists"
    SIZE = "contact_count"

    def condition(self) -> Request | None:
        """Ask for the sender, where the letter says where answers go."""
        return get(f"/v3/marketing/senders/{self.options.number('sender')}") if self.letter.reply_address else None

    def meets(self, response: Response) -> None:
        """Refuse a sender whose answers go elsewhere. Raises SendingError."""
        answers = str((response.body.get("reply_to") or {}).get("email") or "")
        self.refuse_other_answers(answers, f"SendGrid's sender {self.options.text('sender')}")

    def look(self, cursor: str) -> Request:
        """Search by name."""
        page = (("page_token", cursor),) if cursor else ()
        return Request(
            method="POST",
            path=f"{self.CAMPAIGNS}/search",
            json={"name": self.letter.name},
            query=(("page_size", "100"), *page),
            # A POST that changes nothing, so that it may be repeated like a GET.
            again=True,
        )

    def found(self, response: Response, cursor: str) -> CampaignPage:
        """Read a page; `next` is the address of the next one."""
        following = (response.body.get("_metadata") or {}).get("next")
        return self.page(response.body.get("result", []), parameter(following, "page_token"))

    def address(self, row: Mapping[str, Any]) -> str:
        """Return the page where the Single Send is edited."""
        return f"https://mc.sendgrid.com/single-sends/{row['id']}/editor"

    def fields(self) -> dict[str, Any]:
        """Return the Single Send, with our plain text instead of the one that SendGrid would make."""
        return {
            "name": self.letter.name,
            "send_to": {"list_ids": list(self.options.texts("lists"))},
            "email_config": {
                "subject": self.letter.subject,
                "html_content": self.letter.html,
                "plain_content": self.letter.text,
                "generate_plain_content": False,
                "editor": "code",
                "suppression_group_id": self.options.number("suppression_group"),
                "sender_id": self.options.number("sender"),
            },
        }

    def send(self, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
        """Schedule it, for now where no time is given: a Single Send has no other way to leave."""
        time = {"send_at": when.isoformat() if when else "now"}
        return (Request(method="PUT", path=self.at(campaign, "/schedule"), json=time),)
