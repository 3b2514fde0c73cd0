"""Buttondown: an e-mail to all subscribers. Creating one sends it unless its status is draft, so it always is here.

Its e-mails have no name: ours is kept in the metadata. It makes the plain text itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.mail.built import Able
from digest.mail.campaign import Audience, Campaign, CampaignPage
from digest.mail.http import Access, Request, Response
from digest.mail.merge_tags import LIQUID
from digest.mail.options import Options, several

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from digest.mail.built import BuiltIssue

ABLE = Able(text=False, preheader=False, headers=False, schedule=True, test=True)
OPTIONS = several("https://api.buttondown.com/v1")
LANGUAGE = LIQUID
UNSUBSCRIBE = "{{ unsubscribe_url }}"
WEB_VIEW = ""
_KEY = "digest"
_MODE = "<!-- buttondown-editor-mode: fancy -->\n"
"""Tells it that the body is HTML, so that it does not read it as Markdown."""


def access(options: Options) -> Access:
    """A token."""
    key = options.needed("key")
    return Access(headers={"Authorization": f"Token {key.reveal()}"}, secrets=(key,))


def look(options: Options, letter: BuiltIssue, cursor: str) -> Request:
    """All e-mails, newest first, without their bodies."""
    del options, letter
    query = (("ordering", "-creation_date"), ("excluded_fields", "body"), ("page", cursor or "1"))
    return Request(method="GET", path="/emails", query=query, again=True)


def found(options: Options, response: Response, cursor: str) -> CampaignPage:
    """Read them; `next` is the address of the next page."""
    del options, cursor
    following = str(response.body.get("next") or "")
    page = following.partition("page=")[2].partition("&")[0]
    return CampaignPage(campaigns=tuple(_campaign(row) for row in response.body["results"]), cursor=page)


def create(options: Options, letter: BuiltIssue) -> Request:
    """Make a draft, once: the key lets the service know a call that comes twice."""
    del options
    return Request(
        method="POST",
        path="/emails",
        json={**_fields(letter), "status": "draft", "metadata": {_KEY: letter.name}},
        headers={"X-Idempotency-Key": f"{letter.name}:{letter.hash[:32]}"},
    )


def created(options: Options, letter: BuiltIssue, response: Response) -> Campaign:
    """Read its reference."""
    del options
    return _campaign({**response.body, "metadata": {_KEY: letter.name}})


def update(options: Options, letter: BuiltIssue, campaign: Campaign) -> Request:
    """Bring it up to date."""
    del options
    return Request(method="PATCH", path=f"/emails/{campaign.reference}", json=_fields(letter), again=True)


def content(options: Options, letter: BuiltIssue, campaign: Campaign) -> None:
    """The words are in it already."""
    del options, letter, campaign


def audience(options: Options) -> tuple[Request, ...]:
    """All subscribers who get mail."""
    del options
    return (Request(method="GET", path="/subscribers", query=(("type", "regular"), ("page", "1")), again=True),)


def audience_of(options: Options, responses: Sequence[Response]) -> Audience:
    """Read how many."""
    del options
    return Audience(name="all subscribers", size=int(responses[0].body["count"]))


def send(options: Options, letter: BuiltIssue, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
    """Let it go now, or at a time."""
    del options, letter
    status = {"status": "scheduled", "publish_date": when.isoformat()} if when else {"status": "about_to_send"}
    return (Request(method="PATCH", path=f"/emails/{campaign.reference}", json=status),)


def test(options: Options, letter: BuiltIssue, campaign: Campaign, address: str) -> Request:
    """Send the draft to one address."""
    del options, letter
    return Request(method="POST", path=f"/emails/{campaign.reference}/send-draft", json={"recipients": [address]})


def _fields(letter: BuiltIssue) -> dict[str, Any]:
    return {"subject": letter.subject, "body": _MODE + letter.html, "template": "naked"}


def _campaign(row: Mapping[str, Any]) -> Campaign:
    status = row["status"]
    return Campaign(
        reference=row["id"],
        name=str((row.get("metadata") or {}).get(_KEY, "")),
        state="draft" if status == "draft" else "scheduled" if status == "scheduled" else "sent",
        address=str(row.get("absolute_url", "")),
    )
