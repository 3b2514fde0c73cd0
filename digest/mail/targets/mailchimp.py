"""Mailchimp: a regular campaign to an audience. A draft ("save") until it is sent by a call of its own.

Settings and content are two calls: a draft whose content did not arrive is found by its title and filled by the next
run. Calls and fields are those of Mailchimp's Marketing API 3.0, "Campaigns".
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, ClassVar

from digest.mail.merge_tags import MAILCHIMP
from digest.mail.target import (
    Able,
    Access,
    Audience,
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
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from digest.mail.target import State

# Without `fields` each campaign comes with all its settings, its report and its links.
_ONLY = "campaigns.id,campaigns.web_id,campaigns.status,campaigns.settings.title,total_items"


class Mailchimp(CampaignService):
    """Campaigns at Mailchimp.

    `base` names the account's data centre (https://us1.api.mailchimp.com/3.0); `list` is the id of the audience;
    `reply_to` another address for answers than the letter's. Mailchimp takes the From address from what is verified
    there.
    """

    ABLE = Able(text=True, preheader=True, headers=False, schedule=True, test=True)
    OPTIONS = several(None, Known(name="list"), Known(name="reply_to", default=""), web_view())
    LANGUAGE = MAILCHIMP
    UNSUBSCRIBE = "*|UNSUB|*"
    WEB_VIEW = "*|ARCHIVE|*"
    CAMPAIGNS = "/campaigns"
    STATES: ClassVar[Mapping[str, State]] = {"save": "draft", "paused": "draft", "schedule": "scheduled"}

    def access(self) -> Access:
        """Return the key as the password of Basic authentication; Mailchimp takes any user."""
        key = self.options.needed("key")
        return Access(basic=("digest", key.reveal()), secrets=(key,))

    def look(self, cursor: str) -> Request:
        """Ask for the campaigns of the audience, newest first."""
        return get(
            self.CAMPAIGNS,
            ("list_id", self.options.text("list")),
            ("sort_field", "create_time"),
            ("sort_dir", "DESC"),
            ("count", "100"),
            ("offset", cursor or "0"),
            ("fields", _ONLY),
        )

    def found(self, response: Response, cursor: str) -> CampaignPage:
        """Read a page."""
        rows = response.body["campaigns"]
        return self.page(rows, next_offset(cursor, rows, response.body["total_items"]))

    def title(self, row: Mapping[str, Any]) -> str:
        """Return the title, which is among the settings."""
        return str(row.get("settings", {}).get("title", ""))

    def address(self, row: Mapping[str, Any]) -> str:
        """Return the page where the campaign is edited; it has another number there than in the API."""
        return f"https://admin.mailchimp.com/campaigns/edit?id={row.get('web_id', '')}"

    def fields(self) -> dict[str, Any]:
        """Return the settings of the campaign, without its content."""
        return {
            "recipients": {"list_id": self.options.text("list")},
            "settings": {
                "title": self.letter.name,
                "subject_line": self.letter.subject,
                "preview_text": self.letter.preheader,
                "from_name": self.letter.sender_name,
                "reply_to": self.options.text("reply_to") or self.letter.reply_address or self.letter.sender,
            },
        }

    def create(self) -> Request:
        """Make a draft without content. The type can be set here and never again."""
        return Request(method="POST", path=self.CAMPAIGNS, json={"type": "regular", **self.fields()})

    def content(self, campaign: Campaign) -> Request:
        """Give it HTML and plain text."""
        parts = {"html": self.letter.html, "plain_text": self.letter.text}
        return Request(method="PUT", path=self.at(campaign, "/content"), json=parts, again=True)

    def audience(self) -> tuple[Request, ...]:
        """Ask for the audience."""
        return (get(f"/lists/{self.options.text('list')}", ("fields", "name,stats.member_count")),)

    def audience_of(self, responses: Sequence[Response]) -> Audience:
        """Read its name and size."""
        return Audience(name=responses[0].body["name"], size=responses[0].body["stats"]["member_count"])

    def send(self, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
        """Send it now, or at a time in UTC, which has to be a quarter of an hour."""
        if when is None:
            return (Request(method="POST", path=self.at(campaign, "/actions/send")),)
        time = {"schedule_time": when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")}
        return (Request(method="POST", path=self.at(campaign, "/actions/schedule"), json=time),)

    def test(self, campaign: Campaign, address: str) -> Request:
        """Send one copy."""
        body = {"test_emails": [address], "send_type": "html"}
        return Request(method="POST", path=self.at(campaign, "/actions/test"), json=body)
