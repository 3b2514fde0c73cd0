"""listmonk: a campaign to lists of a server of one's own. A draft until its status is set to running.

Its templates are Go's; html/template drops comments, and with them Outlook's, unless `Safe` hands them over. It sets
every campaign into a template of the server's; a letter is whole by itself, so that one may hold the content alone.
Calls and fields are those of listmonk's OpenAPI description and manual (the description lacks `body` and `altbody`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from digest.errors import SendingError
from digest.mail.merge_tags import GO
from digest.mail.target import (
    Able,
    Access,
    Campaign,
    CampaignPage,
    CampaignService,
    Known,
    Request,
    Response,
    get,
    several,
    web_view,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_WRAPPER = '{{ template "content" . }}'
_CONTENT = re.compile(r"""\{\{-?\s*template\s*(?:"content"|`content`)\s*\.\s*-?\}\}""")

# Comments of Go's templates and of HTML, which html/template drops, and white space: no reader gets any of them.
_SAYS_NOTHING = re.compile(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}|<!--.*?-->|\s+", re.DOTALL)


class Listmonk(CampaignService):
    """Campaigns of a listmonk server. Every answer of its API has what it says below `data`.

    `base` ends in /api; `user` and `key` are those of an API user; `lists` are numbers. `template` is the number of the
    campaign template to use, by default the server's own default.
    """

    ABLE = Able(text=True, preheader=False, headers=False, schedule=True, test=True)
    OPTIONS = several(
        None, Known(name="user"), Known(name="lists", several=True), Known(name="template", default=""), web_view()
    )
    LANGUAGE = GO
    UNSUBSCRIBE = "{{ UnsubscribeURL }}"
    WEB_VIEW = "{{ MessageURL }}"
    CAMPAIGNS = "/campaigns"
    UPDATE = "PUT"
    LISTS = "/lists"
    SIZE = "subscriber_count"

    def access(self) -> Access:
        """Return user and token as Basic authentication."""
        key = self.options.needed("key")
        return Access(basic=(self.options.text("user"), key.reveal()), secrets=(key,))

    def condition(self) -> Request:
        """Ask for the template that the campaign would be set into: the one of the options, else all of them."""
        path = f"/templates/{self.options.number('template')}" if self.options.text("template") else "/templates"
        return get(path, ("no_body", "false"))

    def meets(self, response: Response) -> None:
        """Refuse a template that holds more than the content: the letter would be a page inside a page.

        The SendingError names a template of the server that would do, or how to make one.
        """
        rows = response.body["data"]
        templates = rows if isinstance(rows, list) else [rows]
        # Without a default template listmonk sends the content as it is, so there is nothing to refuse.
        used = templates if self.options.text("template") else [row for row in templates if row.get("is_default")]
        for row in used:
            if not _is_bare(row):
                fitting = next((str(other["id"]) for other in templates if _is_bare(other)), "")
                raise SendingError(
                    f"targets.{self.options.name}.template",
                    f"listmonk would put the letter, a whole page, into its template {row['id']} ({row.get('name')!r})",
                    f"write template: {fitting}, which holds the content alone"
                    if fitting
                    else f"make a campaign template there that holds only {_WRAPPER} and write its number as template",
                )

    def look(self, cursor: str) -> Request:
        """Ask for all campaigns, newest first, a hundred a page."""
        query = (("order_by", "created_at"), ("order", "DESC"), ("per_page", "100"), ("page", cursor or "1"))
        return get(self.CAMPAIGNS, *query)

    def found(self, response: Response, cursor: str) -> CampaignPage:
        """Read a page."""
        body = response.body["data"]
        more = body["page"] * body["per_page"] < body["total"]
        return self.page(body["results"], str(body["page"] + 1) if more else "")

    def row(self, response: Response) -> dict[str, Any]:
        """Return what stands below `data`."""
        row: dict[str, Any] = response.body["data"]
        return row

    def address(self, row: Mapping[str, Any]) -> str:
        """Return the campaign's page in the server's admin."""
        base = self.options.text("base").rstrip("/").removesuffix("/api")
        return f"{base}/admin/campaigns/{row['id']}"

    def fields(self) -> dict[str, Any]:
        """Return the whole campaign, without a time: it stays a draft until it is started."""
        return {
            "name": self.letter.name,
            "subject": self.letter.subject,
            "lists": self.lists(),
            "from_email": self.letter.mailbox,
            **({"headers": [{"Reply-To": self.letter.reply_to}]} if self.letter.reply_to else {}),
            "type": "regular",
            "content_type": "html",
            "messenger": "email",
            "body": self.letter.html,
            "altbody": self.letter.text,
            **({"template_id": self.options.number("template")} if self.options.text("template") else {}),
        }

    def lists(self) -> Sequence[int]:
        """Return the numbers of the lists: listmonk knows them by nothing else."""
        return self.options.numbers("lists")

    def send(self, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
        """Start it; or give it its time, and then its status: listmonk schedules nothing that has no time yet."""
        status = self.at(campaign, "/status")
        if when is None:
            return (Request(method="PUT", path=status, json={"status": "running"}),)
        fields = {**self.fields(), "send_later": True, "send_at": when.isoformat()}
        return (
            Request(method="PUT", path=self.at(campaign), json=fields, again=True),
            Request(method="PUT", path=status, json={"status": "scheduled"}),
        )

    def test(self, campaign: Campaign, address: str) -> Request:
        """Send one copy; the address has to be a subscriber's."""
        fields = {**self.fields(), "subscribers": [address]}
        return Request(method="POST", path=self.at(campaign, "/test"), json=fields)


def _is_bare(row: Mapping[str, Any]) -> bool:
    """Return whether a template is for campaigns and holds the content, once, and nothing else a reader would get."""
    left, count = _CONTENT.subn("", str(row.get("body") or ""))
    return row.get("type", "campaign") == "campaign" and count == 1 and not _SAYS_NOTHING.sub("", left)
