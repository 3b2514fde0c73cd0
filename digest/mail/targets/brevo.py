"""Brevo: an e-mail campaign to lists. A draft until it is sent by a call of its own.

It makes the plain text itself, takes HTML under 1 MB, and reads Django's templates and its own older tags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.errors import SendingError
from digest.mail.built import Able
from digest.mail.campaign import Audience, Campaign, CampaignPage
from digest.mail.http import Access, Request, Response
from digest.mail.merge_tags import DJANGO
from digest.mail.options import Known, Options, several, web_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from digest.mail.built import BuiltIssue
    from digest.mail.campaign import State

ABLE = Able(text=False, preheader=True, headers=False, schedule=True, test=True)
OPTIONS = several("https://api.brevo.com/v3", Known(name="lists", several=True), web_view())
LANGUAGE = DJANGO
UNSUBSCRIBE = "{{ unsubscribe }}"
WEB_VIEW = "{{ mirror }}"
_STATES: Mapping[str, State] = {"draft": "draft", "queued": "scheduled"}
_LIMIT = 1_000_000
_PAGE = 100


def access(options: Options) -> Access:
    """A key in a header of its own."""
    key = options.needed("key")
    return Access(headers={"api-key": key.reveal()}, secrets=(key,))


def look(options: Options, letter: BuiltIssue, cursor: str) -> Request:
    """All campaigns, newest first, without their words."""
    del options, letter
    query = (("limit", str(_PAGE)), ("offset", cursor or "0"), ("sort", "desc"), ("excludeHtmlContent", "true"))
    return Request(method="GET", path="/emailCampaigns", query=query, again=True)


def found(options: Options, response: Response, cursor: str) -> CampaignPage:
    """Read them."""
    del options
    rows = response.body.get("campaigns", [])
    seen = int(cursor or 0) + len(rows)
    campaigns = tuple(_campaign(row["id"], row["name"], row["status"]) for row in rows)
    return CampaignPage(campaigns=campaigns, cursor=str(seen) if rows and seen < response.body["count"] else "")


def create(options: Options, letter: BuiltIssue) -> Request:
    """Make a draft: a campaign without a time is one."""
    return Request(method="POST", path="/emailCampaigns", json=_fields(options, letter))


def created(options: Options, letter: BuiltIssue, response: Response) -> Campaign:
    """Read its reference."""
    del options
    return _campaign(response.body["id"], letter.name, "draft")


def update(options: Options, letter: BuiltIssue, campaign: Campaign) -> Request:
    """Bring it up to date."""
    path = f"/emailCampaigns/{campaign.reference}"
    return Request(method="PUT", path=path, json=_fields(options, letter), again=True)


def content(options: Options, letter: BuiltIssue, campaign: Campaign) -> None:
    """The words are in it already."""
    del options, letter, campaign


def audience(options: Options) -> tuple[Request, ...]:
    """The lists."""
    return tuple(Request(method="GET", path=f"/contacts/lists/{text}", again=True) for text in options.texts("lists"))


def audience_of(options: Options, responses: Sequence[Response]) -> Audience:
    """Read their names and sizes."""
    del options
    lists = [response.body for response in responses]
    return Audience(name=", ".join(row["name"] for row in lists), size=sum(row["uniqueSubscribers"] for row in lists))


def send(options: Options, letter: BuiltIssue, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
    """Send it now; a time is a field of the campaign."""
    del options, letter
    path = f"/emailCampaigns/{campaign.reference}"
    if when is None:
        return (Request(method="POST", path=f"{path}/sendNow"),)
    return (Request(method="PUT", path=path, json={"scheduledAt": when.isoformat(timespec="milliseconds")}),)


def test(options: Options, letter: BuiltIssue, campaign: Campaign, address: str) -> Request:
    """Send one copy; the address has to be a contact's."""
    del options, letter
    return Request(method="POST", path=f"/emailCampaigns/{campaign.reference}/sendTest", json={"emailTo": [address]})


def _fields(options: Options, letter: BuiltIssue) -> dict[str, Any]:
    if len(letter.html.encode()) >= _LIMIT:
        raise SendingError("index.html", "is over 1 MB, which brevo does not take", "take fewer stories")
    return {
        "name": letter.name,
        "subject": letter.subject,
        "previewText": letter.preheader,
        "sender": {"name": letter.sender_name or letter.newsletter, "email": letter.sender},
        "htmlContent": letter.html,
        "recipients": {"listIds": options.numbers("lists")},
    }


def _campaign(reference: int, name: str, status: str) -> Campaign:
    return Campaign(
        reference=str(reference),
        name=name,
        state=_STATES.get(status, "sent"),
        address=f"https://app.brevo.com/marketing-campaign/edit/{reference}",
    )
