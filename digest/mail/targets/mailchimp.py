"""Mailchimp: a regular campaign to an audience. A draft ("save") until it is sent by a call of its own.

Settings and words are two calls: a draft whose words did not arrive is found by its title and filled by the next run.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from digest.mail.built import Able
from digest.mail.campaign import Audience, Campaign, CampaignPage
from digest.mail.http import Access, Request, Response
from digest.mail.merge_tags import MAILCHIMP
from digest.mail.options import Known, Options, several, web_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from digest.mail.built import BuiltIssue
    from digest.mail.campaign import State

ABLE = Able(text=True, preheader=True, headers=False, schedule=True, test=True)
OPTIONS = several(None, Known(name="list"), Known(name="reply_to", default=""), web_view())
LANGUAGE = MAILCHIMP
UNSUBSCRIBE = "*|UNSUB|*"
WEB_VIEW = "*|ARCHIVE|*"
_STATES: Mapping[str, State] = {"save": "draft", "paused": "draft", "schedule": "scheduled"}
_PAGE = 100


def access(options: Options) -> Access:
    """Any user, and the key as the password."""
    key = options.needed("key")
    return Access(basic=("digest", key.reveal()), secrets=(key,))


def look(options: Options, letter: BuiltIssue, cursor: str) -> Request:
    """The campaigns of the audience, newest first."""
    del letter
    query = (
        ("list_id", options.text("list")),
        ("sort_field", "create_time"),
        ("sort_dir", "DESC"),
        ("count", str(_PAGE)),
        ("offset", cursor or "0"),
        ("fields", "campaigns.id,campaigns.web_id,campaigns.status,campaigns.settings.title,total_items"),
    )
    return Request(method="GET", path="/campaigns", query=query, again=True)


def found(options: Options, response: Response, cursor: str) -> CampaignPage:
    """Read them."""
    del options
    seen = int(cursor or 0) + len(response.body["campaigns"])
    campaigns = tuple(_campaign(row, row["settings"].get("title", "")) for row in response.body["campaigns"])
    return CampaignPage(
        campaigns=campaigns, cursor=str(seen) if campaigns and seen < response.body["total_items"] else ""
    )


def create(options: Options, letter: BuiltIssue) -> Request:
    """Make a draft without words."""
    return Request(method="POST", path="/campaigns", json={"type": "regular", **_fields(options, letter)})


def created(options: Options, letter: BuiltIssue, response: Response) -> Campaign:
    """Read its reference."""
    del options
    return _campaign(response.body, letter.name)


def update(options: Options, letter: BuiltIssue, campaign: Campaign) -> Request:
    """Bring its settings up to date."""
    path = f"/campaigns/{campaign.reference}"
    return Request(method="PATCH", path=path, json=_fields(options, letter), again=True)


def content(options: Options, letter: BuiltIssue, campaign: Campaign) -> Request:
    """Give it its words."""
    del options
    parts = {"html": letter.html, "plain_text": letter.text}
    return Request(method="PUT", path=f"/campaigns/{campaign.reference}/content", json=parts, again=True)


def audience(options: Options) -> tuple[Request, ...]:
    """The audience."""
    query = (("fields", "name,stats.member_count"),)
    return (Request(method="GET", path=f"/lists/{options.text('list')}", query=query, again=True),)


def audience_of(options: Options, responses: Sequence[Response]) -> Audience:
    """Read its name and size."""
    del options
    return Audience(name=responses[0].body["name"], size=responses[0].body["stats"]["member_count"])


def send(options: Options, letter: BuiltIssue, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
    """Send it now, or at a time in UTC, which has to be a quarter of an hour."""
    del options, letter
    path = f"/campaigns/{campaign.reference}/actions"
    if when is None:
        return (Request(method="POST", path=f"{path}/send"),)
    at = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return (Request(method="POST", path=f"{path}/schedule", json={"schedule_time": at}),)


def test(options: Options, letter: BuiltIssue, campaign: Campaign, address: str) -> Request:
    """Send one copy."""
    del options, letter
    body = {"test_emails": [address], "send_type": "html"}
    return Request(method="POST", path=f"/campaigns/{campaign.reference}/actions/test", json=body)


def _fields(options: Options, letter: BuiltIssue) -> dict[str, Any]:
    return {
        "recipients": {"list_id": options.text("list")},
        "settings": {
            "title": letter.name,
            "subject_line": letter.subject,
            "preview_text": letter.preheader,
            "from_name": letter.sender_name,
            "reply_to": options.text("reply_to") or letter.sender,
        },
    }


def _campaign(row: Mapping[str, Any], name: str) -> Campaign:
    return Campaign(
        reference=row["id"],
        name=name,
        state=_STATES.get(row["status"], "sent"),
        address=f"https://admin.mailchimp.com/campaigns/edit?id={row.get('web_id', '')}",
    )
