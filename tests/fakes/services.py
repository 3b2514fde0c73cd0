"""The services that keep the readers: strict fakes, written from their documentation."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from fakes import engines
from fakes.web import KEY, Call, Refused, Service, basic, bearer, strict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEXT, NUMBER, FLAG, LIST, OBJECT = str, int, bool, list, dict
WHEN = "2020-11-12T07:00:00+01:00"


_NO_TEST = {
    "type": "subject", "winner_criteria": "open", "test_percentage": 0, "duration": "", "winning_template_id": "",
    "winner_selected_at": None, "expiration_date": None,
}  # fmt: skip
"""The description wants all of it, also of a Single Send without an A/B test."""


@dataclass
class Campaigns(Service):
    """What all of them share: campaigns by reference, and how each stands."""

    campaigns: dict[str, dict[str, Any]] = field(default_factory=dict)
    tests: list[str] = field(default_factory=list)
    target: ClassVar[Mapping[str, Any]] = {}
    prefix = ""
    engine = ""
    says_text = True
    answers = ""
    """Where answers go by what stands at the service, for those that take no such address with a campaign."""

    def known(self, headers: Mapping[str, str]) -> bool:
        """A bearer key, unless a service has something else."""
        return bearer(headers)

    def one(self, reference: str) -> dict[str, Any]:
        """Return a campaign; who is not there is a 404."""
        if reference not in self.campaigns:
            raise Refused(404, "not found")
        return self.campaigns[reference]

    def editable(self, reference: str) -> dict[str, Any]:
        """Return a campaign that may still change."""
        found = self.one(reference)
        if found["status"] not in {"draft", "save"}:
            raise Refused(400, f"the campaign is {found['status']}")
        return found

    def words(self, campaign: dict[str, Any]) -> tuple[str, str, str]:
        """Return subject, HTML and text of a campaign."""
        return campaign["subject"], campaign["html"], campaign.get("text", "")

    def delivered(self) -> tuple[str, str, str]:
        """Return subject, HTML and text as a reader gets those of the only campaign."""
        [campaign] = self.campaigns.values()
        subject, html, text = self.words(campaign)
        render = getattr(engines, self.engine)
        return render(subject, "subject"), render(html, "html"), render(text, "text")


class Resend(Campaigns):
    """Resend's broadcasts."""

    target: ClassVar[Mapping[str, Any]] = {"kind": "resend", "segment": "s1"}
    creating = "POST /broadcasts"
    engine = "resend"

    def routes(self) -> dict[str, Callable[..., tuple[int, Any]]]:
        """Return the routes."""
        names = ["name", "segment_id", "from", "subject", "preview_text", "html", "text"]
        fields: dict[str, Any] = {**dict.fromkeys(names, TEXT), "reply_to": LIST}

        def create(call: Call) -> tuple[int, Any]:
            body = strict(call.body, {**fields, "send": FLAG}, "from subject segment_id", 422)
            reference = str(uuid.uuid4())
            self.campaigns[reference] = {**body, "id": reference, "status": "sent" if body.get("send") else "draft"}
            return 201, {"id": reference, "object": "broadcast"}

        def update(call: Call, reference: str) -> tuple[int, Any]:
            self.editable(reference).update(strict(call.body, fields, "", 422))
            return 200, {"id": reference, "object": "broadcast"}

        def look(call: Call) -> tuple[int, Any]:
            rows = list(self.campaigns.values())[::-1]
            ids = [row["id"] for row in rows]
            start = ids.index(call.query["after"]) + 1 if "after" in call.query else 0
            size = int(call.query.get("limit", 20))
            shown = [
                {name: row.get(name, "") for name in ("id", "name", "status", "segment_id")}
                for row in rows[start : start + size]
            ]
            return 200, {"object": "list", "has_more": start + size < len(rows), "data": shown}

        def send(call: Call, reference: str) -> tuple[int, Any]:
            body = strict(call.body, {"scheduled_at": TEXT}, "", 422)
            self.editable(reference)["status"] = "scheduled" if body else "queued"
            return 200, {"id": reference}

        def test(call: Call) -> tuple[int, Any]:
            texts = dict.fromkeys(["from", "subject", "html", "text"], TEXT)
            body = strict(call.body, {**texts, "to": LIST, "reply_to": LIST}, "from to", 422)
            self.tests += body["to"]
            return 200, {"id": str(uuid.uuid4())}

        return {
            "GET /broadcasts": look, "POST /broadcasts": create, "PATCH /broadcasts/{reference}": update,
            "POST /broadcasts/{reference}/send": send, "POST /emails": test,
            "GET /segments/{one}": lambda call, one: (200, {"id": one, "name": "Readers", "object": "segment"}),
        }  # fmt: skip


class Buttondown(Campaigns):
    """Buttondown's e-mails: created without `status` they go out at once."""

    target: ClassVar[Mapping[str, Any]] = {"kind": "buttondown", "without": ["text"]}
    prefix = "/v1"
    creating = "POST /v1/emails"
    engine = "liquid_and_django"
    says_text = False

    @property
    def newsletters(self) -> list[dict[str, Any]]:
        """The account's: another one, and that of the key."""
        rows = [("other", "other@example.com", "another"), (KEY, self.answers, "ours")]
        return [
            {"id": name, "api_key": key, "reply_to_address": answers, "name": name, "username": name,
             "creation_date": "2020-01-01T00:00:00Z", "description": ""}
            for key, answers, name in rows
        ]  # fmt: skip

    def known(self, headers: Mapping[str, str]) -> bool:
        """A token."""
        return headers.get("Authorization") == f"Token {KEY}"

    def routes(self) -> dict[str, Callable[..., tuple[int, Any]]]:
        """Return the routes."""
        fields: dict[str, Any] = {
            **dict.fromkeys(["subject", "body", "template", "status", "publish_date"], TEXT),
            "metadata": OBJECT,
        }

        def shown(row: dict[str, Any]) -> dict[str, Any]:
            empty = {
                "canonical_url": "", "commenting_mode": "enabled", "description": "", "archival_mode": "enabled",
                "featured": False, "filters": {"filters": [], "groups": [], "predicate": "and"}, "image": "",
                "creation_date": "2020-11-12T00:00:00Z", "modification_date": "2020-11-12T00:00:00Z",
                "related_email_ids": [], "should_trigger_pay_per_email_billing": False, "source": "api",
                "absolute_url": f"https://buttondown.example.com/{row['id']}",
            }  # fmt: skip
            return {**empty, **row}

        def create(call: Call) -> tuple[int, Any]:
            body = strict(call.body, fields, "subject", 422)
            if not call.headers.get("X-Idempotency-Key"):
                raise Refused(400, "a call that makes something needs a key")
            reference = str(uuid.uuid4())
            self.campaigns[reference] = {"status": "about_to_send", "metadata": {}, **body, "id": reference}
            return 201, shown(self.campaigns[reference])

        def update(call: Call, reference: str) -> tuple[int, Any]:
            row = self.editable(reference)
            row.update(strict(call.body, fields, "", 422))
            return 200, shown(row)

        def look(call: Call) -> tuple[int, Any]:
            page, size = int(call.query["page"]), 2
            rows = [shown(row) for row in list(self.campaigns.values())[::-1]]
            following = f"http://x/v1/emails?page={page + 1}&x=1" if page * size < len(rows) else None
            return 200, {"results": rows[(page - 1) * size : page * size], "count": len(rows), "next": following,
                         "previous": None}  # fmt: skip

        def test(call: Call, reference: str) -> tuple[int, Any]:
            self.editable(reference)
            self.tests.extend(strict(call.body, {"recipients": LIST}, "recipients", 422)["recipients"])
            return 200, None

        return {
            "GET /v1/emails": look, "POST /v1/emails": create, "PATCH /v1/emails/{reference}": update,
            "POST /v1/emails/{reference}/send-draft": test,
            "GET /v1/newsletters": lambda _: (200, {"results": self.newsletters, "count": 2, "next": None,
                                                      "previous": None}),
            "GET /v1/subscribers": lambda _: (200, {"results": [], "count": 321, "next": None, "previous": None}),
        }  # fmt: skip

    def words(self, campaign: dict[str, Any]) -> tuple[str, str, str]:
        """The body has to say that it is HTML."""
        mode, _, html = campaign["body"].partition("\n")
        assert mode == "<!-- buttondown-editor-mode: fancy -->"
        return campaign["subject"], html, ""


BARE, WRAPPING = '{{ template "content" . }}', '<html><body>{{ template "content" . }}</body></html>'


def template(number: int, body: str, *, default: bool = False, kind: str = "campaign") -> dict[str, Any]:
    """Return a template of listmonk's."""
    return {"id": number, "name": f"Template {number}", "body": body, "type": kind, "is_default": default}


@dataclass
class Listmonk(Campaigns):
    """listmonk's campaigns, which it sets into a template: the one that is asked for, else the default one."""

    templates: list[dict[str, Any]] = field(default_factory=lambda: [template(1, BARE, default=True)])

    target: ClassVar[Mapping[str, Any]] = {"kind": "listmonk", "user": "me", "lists": ["1", "2"]}
    prefix = "/api"
    creating = "POST /api/campaigns"
    engine = "go"

    def known(self, headers: Mapping[str, str]) -> bool:
        """User and token."""
        return basic(headers)

    def routes(self) -> dict[str, Callable[..., tuple[int, Any]]]:
        """Return the routes."""
        names = ["name", "subject", "from_email", "content_type", "messenger", "type", "body", "altbody", "send_at"]
        fields: dict[str, Any] = {
            **dict.fromkeys(names, TEXT),
            "lists": LIST,
            "headers": LIST,
            "send_later": FLAG,
            "template_id": NUMBER,
        }

        def create(call: Call) -> tuple[int, Any]:
            body = strict(call.body, fields, "name subject lists body content_type")
            number = len(self.campaigns) + 1
            self.campaigns[str(number)] = {**body, "id": number, "status": "draft"}
            return 200, {"data": self.campaigns[str(number)] | {"lists": []}}

        def update(call: Call, reference: str) -> tuple[int, Any]:
            self.editable(reference).update(strict(call.body, fields, "name subject lists body"))
            return 200, {"data": {**self.one(reference), "lists": [], "send_at": {}}}

        def look(call: Call) -> tuple[int, Any]:
            page, size = int(call.query["page"]), int(call.query["per_page"])
            rows = list(self.campaigns.values())[::-1]
            shown = [
                {name: row[name] for name in ("id", "name", "status")} for row in rows[(page - 1) * size : page * size]
            ]
            return 200, {"data": {"results": shown, "total": len(rows), "page": page, "per_page": size, "query": ""}}

        def status(call: Call, reference: str) -> tuple[int, Any]:
            asked = strict(call.body, {"status": TEXT}, "status")["status"]
            row = self.editable(reference)
            if asked == "scheduled" and not row.get("send_at"):
                raise Refused(400, "no time to schedule for")
            row["status"] = asked
            return 200, {"data": {"id": int(reference), "status": asked}}

        def test(call: Call, reference: str) -> tuple[int, Any]:
            self.one(reference)
            self.tests.extend(strict(call.body, {**fields, "subscribers": LIST}, "subscribers body")["subscribers"])
            return 200, {"data": True}

        def one_template(_: Call, number: str) -> tuple[int, Any]:
            rows = [row for row in self.templates if row["id"] == int(number)]
            if not rows:
                raise Refused(400, "template not found")
            return 200, {"data": rows[0]}

        return {
            "GET /api/templates": lambda _: (200, {"data": self.templates}),
            "GET /api/templates/{number}": one_template,
            "GET /api/campaigns": look, "POST /api/campaigns": create, "PUT /api/campaigns/{reference}": update,
            "PUT /api/campaigns/{reference}/status": status, "POST /api/campaigns/{reference}/test": test,
            "GET /api/lists/{one}": lambda _, one: (
                200, {"data": {"id": int(one), "name": f"List {one}", "subscriber_count": 100}},
            ),
        }  # fmt: skip

    def words(self, campaign: dict[str, Any]) -> tuple[str, str, str]:
        """Return them."""
        return campaign["subject"], campaign["body"], campaign["altbody"]


class Sendgrid(Campaigns):
    """SendGrid's Single Sends."""

    target: ClassVar[Mapping[str, Any]] = {
        "kind": "sendgrid", "sender": "7", "suppression_group": "8",
        "lists": ["00000000-0000-4000-8000-000000000001"],
    }  # fmt: skip
    creating = "POST /v3/marketing/singlesends"
    engine = "handlebars"

    def routes(self) -> dict[str, Callable[..., tuple[int, Any]]]:
        """Return the routes."""
        config: dict[str, Any] = {
            **dict.fromkeys(["subject", "html_content", "plain_content", "editor"], TEXT),
            "generate_plain_content": FLAG,
            "suppression_group_id": NUMBER, "sender_id": NUMBER,
        }  # fmt: skip

        def checked(call: Call) -> dict[str, Any]:
            body = strict(call.body, {"name": TEXT, "send_to": OBJECT, "email_config": OBJECT}, "name")
            strict(body["email_config"], config, "suppression_group_id")
            if len(body["name"]) > 100:
                raise Refused(400, "name is too long")
            return body

        def create(call: Call) -> tuple[int, Any]:
            body, reference = checked(call), str(uuid.uuid4())
            self.campaigns[reference] = {**body, "id": reference, "status": "draft"}
            return 201, self.campaigns[reference]

        def update(call: Call, reference: str) -> tuple[int, Any]:
            self.editable(reference).update(checked(call))
            return 202, self.one(reference)

        def look(call: Call) -> tuple[int, Any]:
            name = strict(call.body, {"name": TEXT})["name"]
            rows = [row for row in self.campaigns.values() if name in row["name"]]
            more = {
                "abtest": _NO_TEST,
                "is_abtest": False,
                "categories": [],
                "updated_at": WHEN,
                "created_at": WHEN,
            }
            shown = [{**{field: row[field] for field in ("id", "name", "status")}, **more} for row in rows]
            return 200, {"result": shown, "_metadata": {"count": len(shown)}}

        def schedule(call: Call, reference: str) -> tuple[int, Any]:
            at = strict(call.body, {"send_at": TEXT}, "send_at")["send_at"]
            self.editable(reference)["status"] = "triggered" if at == "now" else "scheduled"
            return 201, {"send_at": WHEN, "status": "scheduled"}

        path = "/v3/marketing/singlesends"
        return {
            f"POST {path}/search": look, f"POST {path}": create, f"PATCH {path}/{{reference}}": update,
            f"PUT {path}/{{reference}}/schedule": schedule,
            "GET /v3/marketing/senders/7": lambda _: (200, {"id": 7, "reply_to": {"email": self.answers, "name": ""}}),
            "GET /v3/marketing/lists/{one}": lambda _, one: (200, {"id": one, "name": "Readers", "contact_count": 321}),
        }  # fmt: skip

    def words(self, campaign: dict[str, Any]) -> tuple[str, str, str]:
        """Return them."""
        config = campaign["email_config"]
        return config["subject"], config["html_content"], config["plain_content"]


class Mailchimp(Campaigns):
    """Mailchimp's campaigns: settings and words are two calls."""

    target: ClassVar[Mapping[str, Any]] = {"kind": "mailchimp", "list": "a1"}
    prefix = "/3.0"
    creating = "POST /3.0/campaigns"
    engine = "mailchimp"

    def known(self, headers: Mapping[str, str]) -> bool:
        """The key as a password."""
        return basic(headers)

    def routes(self) -> dict[str, Callable[..., tuple[int, Any]]]:
        """Return the routes."""
        settings = dict.fromkeys(["title", "subject_line", "preview_text", "from_name", "reply_to"], TEXT)

        def checked(call: Call, extra: dict[str, Any]) -> dict[str, Any]:
            body = strict(call.body, {"recipients": OBJECT, "settings": OBJECT, **extra}, "recipients settings")
            strict(body["settings"], settings, "subject_line from_name reply_to")
            strict(body["recipients"], {"list_id": TEXT}, "list_id")
            return body

        def create(call: Call) -> tuple[int, Any]:
            body = checked(call, {"type": TEXT})
            if body.get("type") != "regular":
                raise Refused(400, "type is missing")
            reference = uuid.uuid4().hex[:10]
            self.campaigns[reference] = {**body, "id": reference, "web_id": 99, "status": "save"}
            return 200, self.campaigns[reference]

        def update(call: Call, reference: str) -> tuple[int, Any]:
            self.editable(reference).update(checked(call, {}))
            return 200, self.one(reference)

        def content(call: Call, reference: str) -> tuple[int, Any]:
            self.editable(reference)["words"] = strict(call.body, {"html": TEXT, "plain_text": TEXT}, "html")
            return 200, {}

        def look(call: Call) -> tuple[int, Any]:
            start, size = int(call.query["offset"]), min(int(call.query["count"]), 2)
            rows = list(self.campaigns.values())[::-1]
            shown = [
                {
                    "id": row["id"],
                    "web_id": 99,
                    "status": row["status"],
                    "settings": {"title": row["settings"]["title"]},
                }
                for row in rows[start : start + size]
            ]
            return 200, {"campaigns": shown, "total_items": len(rows)}

        def send(call: Call, reference: str) -> tuple[int, Any]:
            if call.body is not None:
                raise Refused(400, "no body is expected")
            if "words" not in self.editable(reference):
                raise Refused(400, "the campaign has no content")
            self.one(reference)["status"] = "sending"
            return 204, None

        def schedule(call: Call, reference: str) -> tuple[int, Any]:
            at = strict(call.body, {"schedule_time": TEXT}, "schedule_time")["schedule_time"]
            if not at.endswith(("00:00+00:00", "15:00+00:00", "30:00+00:00", "45:00+00:00")):
                raise Refused(400, "not a quarter of an hour in UTC")
            self.editable(reference)["status"] = "schedule"
            return 204, None

        def test(call: Call, reference: str) -> tuple[int, Any]:
            self.one(reference)
            body = strict(call.body, {"test_emails": LIST, "send_type": TEXT}, "test_emails send_type")
            self.tests.extend(body["test_emails"])
            return 204, None

        path = "/3.0/campaigns/{reference}"
        return {
            "GET /3.0/campaigns": look, "POST /3.0/campaigns": create, f"PATCH {path}": update,
            f"PUT {path}/content": content, f"POST {path}/actions/send": send,
            f"POST {path}/actions/schedule": schedule, f"POST {path}/actions/test": test,
            "GET /3.0/lists/{one}": lambda _, one: (200, {"name": f"Audience {one}", "stats": {"member_count": 321}}),
        }  # fmt: skip

    def words(self, campaign: dict[str, Any]) -> tuple[str, str, str]:
        """Return them."""
        return campaign["settings"]["subject_line"], campaign["words"]["html"], campaign["words"]["plain_text"]


class Brevo(Campaigns):
    """Brevo's campaigns."""

    target: ClassVar[Mapping[str, Any]] = {"kind": "brevo", "lists": ["2"], "without": ["text"]}
    prefix = "/v3"
    creating = "POST /v3/emailCampaigns"
    engine = "jinja"
    says_text = False

    def known(self, headers: Mapping[str, str]) -> bool:
        """A header of its own."""
        return headers.get("api-key") == KEY

    def routes(self) -> dict[str, Callable[..., tuple[int, Any]]]:
        """Return the routes."""
        names = ["name", "subject", "previewText", "htmlContent", "scheduledAt", "replyTo"]
        fields: dict[str, Any] = {**dict.fromkeys(names, TEXT), "sender": OBJECT, "recipients": OBJECT}

        def create(call: Call) -> tuple[int, Any]:
            body = strict(call.body, fields, "name sender subject htmlContent")
            number = len(self.campaigns) + 1
            self.campaigns[str(number)] = {**body, "id": number, "status": "draft"}
            return 201, {"id": number}

        def update(call: Call, reference: str) -> tuple[int, Any]:
            body = strict(call.body, fields)
            self.editable(reference).update(body)
            if "scheduledAt" in body:
                self.one(reference)["status"] = "queued"
            return 204, None

        def look(call: Call) -> tuple[int, Any]:
            start, size = int(call.query["offset"]), min(int(call.query["limit"]), 2)
            rows = list(self.campaigns.values())[::-1]
            if not rows:
                return 200, {"count": 0}
            shown = [{name: row[name] for name in ("id", "name", "status")} for row in rows[start : start + size]]
            return 200, {"count": len(rows), "campaigns": shown}

        def send(call: Call, reference: str) -> tuple[int, Any]:
            del call
            self.editable(reference)["status"] = "sent"
            return 204, None

        def test(call: Call, reference: str) -> tuple[int, Any]:
            self.one(reference)
            self.tests.extend(strict(call.body, {"emailTo": LIST}, "emailTo")["emailTo"])
            return 204, None

        path = "/v3/emailCampaigns/{reference}"
        return {
            "GET /v3/emailCampaigns": look, "POST /v3/emailCampaigns": create, f"PUT {path}": update,
            f"POST {path}/sendNow": send, f"POST {path}/sendTest": test,
            "GET /v3/contacts/lists/{one}": lambda _, one: (
                200, {"id": one, "name": "Readers", "uniqueSubscribers": 321},
            ),
        }  # fmt: skip

    def words(self, campaign: dict[str, Any]) -> tuple[str, str, str]:
        """Return them."""
        return campaign["subject"], campaign["htmlContent"], ""


ALL: dict[str, type[Campaigns]] = {
    "resend": Resend,
    "buttondown": Buttondown,
    "listmonk": Listmonk,
    "sendgrid": Sendgrid,
    "mailchimp": Mailchimp,
    "brevo": Brevo,
}
