"""SendGrid Marketing Campaigns: a Single Send. A draft until it is scheduled, for a time or for now.

Its templates are Handlebars. It wants a suppression group, or the newsletter's own unsubscribe address, and a sender
that is verified there. It cannot send a test of a Single Send by a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.mail.built import Able
from digest.mail.campaign import Audience, Campaign, CampaignPage
from digest.mail.http import Access, Request, Response
from digest.mail.merge_tags import HANDLEBARS
from digest.mail.options import Known, Options, several

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from digest.mail.built import BuiltIssue
    from digest.mail.campaign import State

ABLE = Able(text=True, preheader=False, headers=False, schedule=True, test=False)
OPTIONS = several(
    "https://api.sendgrid.com",
    Known(name="sender"),
    Known(name="suppression_group"),
    Known(name="lists", several=True),
)
LANGUAGE = HANDLEBARS
UNSUBSCRIBE = "{{{unsubscribe}}}"
WEB_VIEW = ""
_STATES: Mapping[str, State] = {"draft": "draft", "scheduled": "scheduled"}


def access(options: Options) -> Access:
    """A bearer key."""
    key = options.needed("key")
    return Access(headers={"Authorization": f"Bearer {key.reveal()}"}, secrets=(key,))


def look(options: Options, letter: BuiltIssue, cursor: str) -> Request:
    """Search by name; a POST that changes nothing."""
    del options
    page = (("page_token", cursor),) if cursor else ()
    return Request(
        method="POST",
        path="/v3/marketing/singlesends/search",
        json={"name": letter.name},
        query=(("page_size", "100"), *page),
        again=True,
    )


def found(options: Options, response: Response, cursor: str) -> CampaignPage:
    """Read them; `next` is the address of the next page."""
    del options, cursor
    following = str((response.body.get("_metadata") or {}).get("next") or "")
    token = following.partition("page_token=")[2].partition("&")[0]
    return CampaignPage(campaigns=tuple(_campaign(row) for row in response.body.get("result", [])), cursor=token)


def create(options: Options, letter: BuiltIssue) -> Request:
    """Make a draft."""
    return Request(method="POST", path="/v3/marketing/singlesends", json=_fields(options, letter))


def created(options: Options, letter: BuiltIssue, response: Response) -> Campaign:
    """Read its reference."""
    del options
    return _campaign({**response.body, "name": letter.name})


def update(options: Options, letter: BuiltIssue, campaign: Campaign) -> Request:
    """Bring it up to date."""
    path = f"/v3/marketing/singlesends/{campaign.reference}"
    return Request(method="PATCH", path=path, json=_fields(options, letter), again=True)


def content(options: Options, letter: BuiltIssue, campaign: Campaign) -> None:
    """The words are in it already."""
    del options, letter, campaign


def audience(options: Options) -> tuple[Request, ...]:
    """The lists."""
    return tuple(
        Request(method="GET", path=f"/v3/marketing/lists/{text}", again=True) for text in options.texts("lists")
    )


def audience_of(options: Options, responses: Sequence[Response]) -> Audience:
    """Read their names and sizes."""
    del options
    lists = [response.body for response in responses]
    return Audience(name=", ".join(row["name"] for row in lists), size=sum(row["contact_count"] for row in lists))


def send(options: Options, letter: BuiltIssue, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
    """Schedule it, for now where no time is given."""
    del options, letter
    path = f"/v3/marketing/singlesends/{campaign.reference}/schedule"
    return (Request(method="PUT", path=path, json={"send_at": when.isoformat() if when else "now"}),)


def test(options: Options, letter: BuiltIssue, campaign: Campaign, address: str) -> None:
    """There is no such call."""
    del options, letter, campaign, address


def _fields(options: Options, letter: BuiltIssue) -> dict[str, Any]:
    return {
        "name": letter.name,
        "send_to": {"list_ids": list(options.texts("lists"))},
        "email_config": {
            "subject": letter.subject,
            "html_content": letter.html,
            "plain_content": letter.text,
            "generate_plain_content": False,
            "editor": "code",
            "suppression_group_id": options.number("suppression_group"),
            "sender_id": options.number("sender"),
        },
    }


def _campaign(row: Mapping[str, Any]) -> Campaign:
    return Campaign(
        reference=row["id"],
        name=row["name"],
        state=_STATES.get(row["status"], "sent"),
        address=f"https://mc.sendgrid.com/single-sends/{row['id']}/editor",
    )
