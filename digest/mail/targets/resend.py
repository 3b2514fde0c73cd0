"""Resend: a broadcast to a segment. A draft until it is sent by a call of its own.

Its variables are `{{{NAME}}}`; it has no way to write three opening braces in plain text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.mail.built import Able
from digest.mail.campaign import Audience, Campaign, CampaignPage
from digest.mail.http import Access, Request, Response
from digest.mail.merge_tags import RESEND
from digest.mail.options import Known, Options, several

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from digest.mail.built import BuiltIssue

ABLE = Able(text=True, preheader=True, headers=False, schedule=True, test=True)
OPTIONS = several("https://api.resend.com", Known(name="segment"))
LANGUAGE = RESEND
UNSUBSCRIBE = "{{{RESEND_UNSUBSCRIBE_URL}}}"
WEB_VIEW = ""


def access(options: Options) -> Access:
    """A bearer key."""
    key = options.needed("key")
    return Access(headers={"Authorization": f"Bearer {key.reveal()}"}, secrets=(key,))


def look(options: Options, letter: BuiltIssue, cursor: str) -> Request:
    """All broadcasts, newest first."""
    del options, letter
    after = (("after", cursor),) if cursor else ()
    return Request(method="GET", path="/broadcasts", query=(("limit", "100"), *after), again=True)


def found(options: Options, response: Response, cursor: str) -> CampaignPage:
    """Read them."""
    del options, cursor
    rows = response.body["data"]
    campaigns = tuple(_campaign(row["id"], row.get("name") or "", row["status"]) for row in rows)
    return CampaignPage(campaigns=campaigns, cursor=rows[-1]["id"] if rows and response.body.get("has_more") else "")


def create(options: Options, letter: BuiltIssue) -> Request:
    """Make a draft: without `send` it stays one."""
    return Request(method="POST", path="/broadcasts", json=_fields(options, letter))


def created(options: Options, letter: BuiltIssue, response: Response) -> Campaign:
    """Read its reference."""
    del options
    return _campaign(response.body["id"], letter.name, "draft")


def update(options: Options, letter: BuiltIssue, campaign: Campaign) -> Request:
    """Bring it up to date."""
    return Request(method="PATCH", path=f"/broadcasts/{campaign.reference}", json=_fields(options, letter), again=True)


def content(options: Options, letter: BuiltIssue, campaign: Campaign) -> None:
    """The words are in it already."""
    del options, letter, campaign


def audience(options: Options) -> tuple[Request, ...]:
    """The segment; Resend does not say how many are in it."""
    return (Request(method="GET", path=f"/segments/{options.text('segment')}", again=True),)


def audience_of(options: Options, responses: Sequence[Response]) -> Audience:
    """Read its name."""
    del options
    return Audience(name=responses[0].body["name"])


def send(options: Options, letter: BuiltIssue, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
    """Send it now, or at a time."""
    del options, letter
    at = {"scheduled_at": when.isoformat()} if when else {}
    return (Request(method="POST", path=f"/broadcasts/{campaign.reference}/send", json=at),)


def test(options: Options, letter: BuiltIssue, campaign: Campaign, address: str) -> Request:
    """One mail of the same words; its unsubscribe link leads nowhere, since this reader is in no segment."""
    del options, campaign
    message = {"from": letter.mailbox, "to": [address], "subject": letter.subject, "html": letter.html}
    return Request(method="POST", path="/emails", json={**message, "text": letter.text})


def _fields(options: Options, letter: BuiltIssue) -> dict[str, str]:
    return {
        "name": letter.name,
        "segment_id": options.text("segment"),
        "from": letter.mailbox,
        "subject": letter.subject,
        "preview_text": letter.preheader,
        "html": letter.html,
        "text": letter.text,
    }


def _campaign(reference: str, name: str, status: str) -> Campaign:
    return Campaign(
        reference=reference,
        name=name,
        state="draft" if status == "draft" else "scheduled" if status == "scheduled" else "sent",
        address=f"https://resend.com/broadcasts/{reference}",
    )
