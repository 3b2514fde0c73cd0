"""listmonk: a campaign to lists of a server of one's own. A draft until its status is set to running.

Its templates are Go's; html/template drops comments, and with them Outlook's, unless `Safe` hands them over. It sets
every campaign into a template of the server's; a letter is whole by itself, so that one may hold the content alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from digest.errors import SendingError
from digest.mail.campaigns import Audience, Campaign, Page
from digest.mail.http import Access, Request, Response
from digest.mail.letter import Able
from digest.mail.merge import GO
from digest.mail.options import Known, Options, several, web_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from digest.mail.campaigns import State
    from digest.mail.letter import Letter

ABLE = Able(text=True, preheader=False, headers=False, schedule=True, test=True)
OPTIONS = several(
    None, Known(name="user"), Known(name="lists", several=True), Known(name="template", default=""), web_view()
)
LANGUAGE = GO
UNSUBSCRIBE = "{{ UnsubscribeURL }}"
WEB_VIEW = "{{ MessageURL }}"
_STATES: Mapping[str, State] = {"draft": "draft", "scheduled": "scheduled"}
_WRAPPER = '{{ template "content" . }}'
_CONTENT = re.compile(r"""\{\{-?\s*template\s*(?:"content"|`content`)\s*\.\s*-?\}\}""")
_SAYS_NOTHING = re.compile(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}|<!--.*?-->|\s+", re.DOTALL)
"""Comments of Go's templates and of HTML, which html/template drops, and white space."""


def access(options: Options) -> Access:
    """User and token, as Basic authentication."""
    key = options.needed("key")
    return Access(basic=(options.text("user"), key.reveal()), secrets=(key,))


def condition(options: Options) -> Request:
    """The template that the campaign would be set into: the one of the settings, else the default one of all."""
    path = f"/templates/{options.number('template')}" if options.text("template") else "/templates"
    return Request(method="GET", path=path, query=(("no_body", "false"),), again=True)


def meets(options: Options, response: Response) -> None:
    """Refuse a template that holds more than the content: the letter would be a page inside a page."""
    rows = response.body["data"]
    templates = rows if isinstance(rows, list) else [rows]
    used = templates if options.text("template") else [row for row in templates if row.get("is_default")]
    for row in used:  # without a default one, listmonk sends the content as it is
        if not _is_bare(row):
            fitting = next((str(other["id"]) for other in templates if _is_bare(other)), "")
            raise SendingError(
                f"targets.{options.name}.template",
                f"listmonk would put the letter, a whole page, into its template {row['id']} ({row.get('name')!r})",
                f"write template: {fitting}, which holds the content alone"
                if fitting
                else f"make a campaign template there that holds only {_WRAPPER} and write its number as template",
            )


def look(options: Options, letter: Letter, cursor: str) -> Request:
    """All campaigns, newest first, a hundred a page."""
    del options, letter
    query = (("order_by", "created_at"), ("order", "DESC"), ("per_page", "100"), ("page", cursor or "1"))
    return Request(method="GET", path="/campaigns", query=query, again=True)


def found(options: Options, response: Response, cursor: str) -> Page:
    """Read them."""
    del cursor
    body = response.body["data"]
    campaigns = tuple(_campaign(options, row) for row in body["results"])
    more = body["page"] * body["per_page"] < body["total"]
    return Page(campaigns=campaigns, cursor=str(body["page"] + 1) if more else "")


def create(options: Options, letter: Letter) -> Request:
    """Make a draft: a campaign is one until it is started."""
    return Request(method="POST", path="/campaigns", json=_fields(options, letter))


def created(options: Options, letter: Letter, response: Response) -> Campaign:
    """Read its reference."""
    return _campaign(options, {**response.body["data"], "name": letter.name, "status": "draft"})


def update(options: Options, letter: Letter, campaign: Campaign) -> Request:
    """Bring it up to date."""
    return Request(method="PUT", path=f"/campaigns/{campaign.reference}", json=_fields(options, letter), again=True)


def content(options: Options, letter: Letter, campaign: Campaign) -> None:
    """The words are in it already."""
    del options, letter, campaign


def audience(options: Options) -> tuple[Request, ...]:
    """The lists."""
    return tuple(Request(method="GET", path=f"/lists/{number}", again=True) for number in options.numbers("lists"))


def audience_of(options: Options, responses: Sequence[Response]) -> Audience:
    """Read their names and sizes; who is in two is counted twice."""
    del options
    lists = [response.body["data"] for response in responses]
    return Audience(name=", ".join(one["name"] for one in lists), size=sum(one["subscriber_count"] for one in lists))


def send(options: Options, letter: Letter, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
    """Start it; or give it its time, and then make that good."""
    path = f"/campaigns/{campaign.reference}"
    if when is None:
        return (Request(method="PUT", path=f"{path}/status", json={"status": "running"}),)
    fields = {**_fields(options, letter), "send_later": True, "send_at": when.isoformat()}
    return (
        Request(method="PUT", path=path, json=fields, again=True),
        Request(method="PUT", path=f"{path}/status", json={"status": "scheduled"}),
    )


def test(options: Options, letter: Letter, campaign: Campaign, address: str) -> Request:
    """Send one copy; the address has to be a subscriber's."""
    fields = {**_fields(options, letter), "subscribers": [address]}
    return Request(method="POST", path=f"/campaigns/{campaign.reference}/test", json=fields)


def _is_bare(row: Mapping[str, Any]) -> bool:
    """Whether a template is for campaigns and holds the content, once, and nothing else that a reader would get."""
    left, count = _CONTENT.subn("", str(row.get("body") or ""))
    return row.get("type", "campaign") == "campaign" and count == 1 and not _SAYS_NOTHING.sub("", left)


def _fields(options: Options, letter: Letter) -> dict[str, Any]:
    return {
        "name": letter.name,
        "subject": letter.subject,
        "lists": options.numbers("lists"),
        "from_email": letter.mailbox,
        "type": "regular",
        "content_type": "html",
        "messenger": "email",
        "body": letter.html,
        "altbody": letter.text,
        **({"template_id": options.number("template")} if options.text("template") else {}),
    }


def _campaign(options: Options, row: dict[str, Any]) -> Campaign:
    base = options.text("base").rstrip("/").removesuffix("/api")
    return Campaign(
        reference=str(row["id"]),
        name=row["name"],
        state=_STATES.get(row["status"], "sent"),
        address=f"{base}/admin/campaigns/{row['id']}",
    )
