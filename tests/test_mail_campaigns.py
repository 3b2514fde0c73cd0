"""The contract that every service which keeps the readers has to pass; and the four with descriptions against those."""

from __future__ import annotations

import html as html_entities
import json
import os
import re
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import golden
import pytest
import yaml
from fakes import engines, services, web
from mailroom import DAY, OWN, Done, Mailroom

from digest.config.values import TargetPlan
from digest.mail import registry
from digest.mail.target import CampaignService

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def service(kind: str) -> type[CampaignService]:
    """Return a shipped service that keeps the readers."""
    target = registry.find(TargetPlan(name=kind, kind=kind))
    assert issubclass(target, CampaignService)
    return target


NAME = f"digest:the-ai-week:{DAY}"
SPECS = golden.ROOT.parent / "shared" / "mail" / "specs"


def configure(room: Mailroom, fake: services.Campaigns, port: int = 0, **more: Any) -> None:
    """Let the fake be the target `it`."""
    target = {
        **fake.target, "key": {"env": "SERVICE_KEY"}, "timeout": "1",
        "base": f"http://127.0.0.1:{port or fake.port}{fake.prefix}", **more,
    }  # fmt: skip
    room.configure({"it": target})


def send(room: Mailroom, *more: str, key: str = web.KEY, stdin: str = "") -> Done:
    """Hand the issue to the target `it`."""
    return room.run("send", DAY, "--to", "it", "--insecure", *more, stdin=stdin, SERVICE_KEY=key)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Mailroom:
    """One built issue for all."""
    made = Mailroom(tmp_path_factory.mktemp("built"))
    made.build()
    return made


@pytest.fixture
def room(built: Mailroom, tmp_path: Path) -> Mailroom:
    """A copy of the built issue."""
    shutil.copytree(built.folder, tmp_path / "room")
    return Mailroom(tmp_path / "room")


@pytest.fixture(params=services.ALL)
def fake(request: pytest.FixtureRequest, room: Mailroom) -> Iterator[services.Campaigns]:
    """Each service in turn, as the target `it`."""
    with web.running(services.ALL[request.param]()) as running:
        assert isinstance(running, services.Campaigns)
        configure(room, running)
        yield running


def states(fake: services.Campaigns) -> list[str]:
    """Return how each campaign of the fake stands."""
    return [one["status"] for one in fake.campaigns.values()]


def test_a_draft_is_made_and_nothing_is_sent(fake: services.Campaigns, room: Mailroom) -> None:
    """Without --send there is one draft with the issue's words and the service's unsubscribe tag, and an address."""
    done = send(room)

    letter = room.letter()
    subject, html, text = fake.delivered()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"it: draft {NAME} at http")
    assert states(fake) in (["draft"], ["save"])
    assert subject == letter.subject
    assert re.sub(r"\s", "", html) == re.sub(r"\s", "", letter.html.replace(letter.unsubscribe, engines.LINK))
    assert text == (letter.text.replace(letter.unsubscribe, engines.LINK) if fake.says_text else "")


PAGES = {"listmonk": "{{ MessageURL }}", "mailchimp": "*|ARCHIVE|*", "brevo": "{{ mirror }}"}


def test_the_web_view_can_be_the_services_own(fake: services.Campaigns, room: Mailroom) -> None:
    """Where a service makes a page of each campaign, links to the web view may lead there; elsewhere that is said."""
    kind = str(fake.target["kind"])
    configure(room, fake, web_view="service")
    done = send(room)
    if kind not in PAGES:
        assert done.stderr.startswith(f"digest.yaml:3: targets.it: unknown option 'web_view' of {kind};")
        return
    [campaign] = fake.campaigns.values()
    html = fake.words(campaign)[1]
    letter = room.letter()

    assert (done.returncode, done.stderr) == (0, "")
    assert html.count(f'href="{PAGES[kind]}"') == letter.html.count(f'href="{letter.web}"') > 0
    assert letter.web not in html


def test_a_web_view_of_nobody_is_refused(room: Mailroom) -> None:
    """Whose page it is has two answers."""
    with web.running(services.ALL["mailchimp"]()) as fake:
        assert isinstance(fake, services.Campaigns)
        configure(room, fake, web_view="mine")
        done = send(room)

    assert (done.returncode, done.stderr) == (
        1,
        "targets.it.web_view: is 'mine'; write newsletter or service\n",
    )


def test_a_second_run_updates_the_draft(fake: services.Campaigns, room: Mailroom) -> None:
    """A re-run after another build finds the draft among others and brings it up to date."""
    send(room)
    for number in range(3):
        other = next(iter(fake.campaigns.values()))
        fake.campaigns[f"{900 + number}"] = {
            **json.loads(json.dumps(other).replace(DAY, "2020-01-01")),
            "id": 900 + number,
        }
    room.build("Bees count to four")
    configure(room, fake)
    done = send(room)

    assert (done.returncode, done.stderr) == (0, "")
    assert len(fake.campaigns) == 4
    assert fake.words(next(iter(fake.campaigns.values())))[0] == "Bees count to four"


@pytest.mark.parametrize("fault", ["stall", "drop"])
def test_a_time_out_while_creating_makes_no_second_one(fake: services.Campaigns, room: Mailroom, fault: str) -> None:
    """Whether the lost call made the campaign or not, after a re-run there is exactly one, with its words."""
    fake.fault = fault
    first = send(room)
    assert len(fake.campaigns) == (1 if fault == "stall" else 0)
    second = send(room)

    if fault == "drop":
        assert "did not answer (ReadTimeout); run the same command again: it looks first" in first.stderr
    else:
        assert (first.returncode, first.stderr) == (0, "")
    assert (second.returncode, second.stderr) == (0, "")
    assert fake.calls.count(fake.creating) == (1 if fault == "stall" else 2)
    assert len(fake.campaigns) == 1
    assert fake.delivered()[0] == room.letter().subject


def test_sending_wants_a_yes_and_happens_once(fake: services.Campaigns, room: Mailroom) -> None:
    """--send shows list and size and sends only after a yes; a sent campaign is never touched again."""
    refused = send(room, "--send", stdin="no\n")
    assert states(fake) in (["draft"], ["save"])
    done = send(room, "--send", stdin="yes\n")
    after, count = states(fake), len(fake.calls)
    again = send(room, "--send", "--yes")

    assert refused.returncode == 1
    assert re.search(r"\nto (\d+ )?readers of .+, now\n", done.stdout)
    assert done.stdout.splitlines()[-1].startswith("it: sent; see http")
    assert after not in (["draft"], ["save"])
    assert states(fake) == after
    assert again.returncode == 0
    assert again.stdout.startswith("nothing to do: it has it since ")
    assert [call for call in fake.calls[count:] if not call.startswith("GET") and "search" not in call] == []
    assert room.run("sent").stdout.split()[:3] == [DAY, "it", "sent"]


def test_scheduling_is_a_second_step_too(fake: services.Campaigns, room: Mailroom) -> None:
    """--schedule gives it a time and leaves it alone from then on."""
    done = send(room, "--schedule", "2020-11-12T07:00", "--yes")
    again = send(room)

    assert (done.returncode, done.stderr) == (0, "")
    assert ", at 2020-11-12 07:00 UTC\n" in done.stdout
    assert states(fake)[0] in {"scheduled", "schedule", "queued"}
    assert f"it, {NAME}: is scheduled already; it was not touched" in again.stderr


def test_one_copy_to_look_at(fake: services.Campaigns, room: Mailroom) -> None:
    """--test sends one copy, or says that the service cannot; the draft stays one."""
    done = send(room, "--test", "me@example.com")

    if service(str(fake.target["kind"])).ABLE.test:
        assert (done.returncode, fake.tests) == (0, ["me@example.com"])
    else:
        assert done.stderr == "--test me@example.com: sendgrid cannot send a test; look at its draft instead\n"
    assert states(fake) in (["draft"], ["save"])


@pytest.mark.usefixtures("fake")
def test_a_wrong_key_is_said_and_not_shown(room: Mailroom) -> None:
    """A service that echoes the key in its refusal does not bring it into message, ledger or files."""
    wrong = send(room, key="planted-wrong-key")
    right = send(room)

    assert "refuses our key (401: " in wrong.stderr
    assert "check the key and its rights" in wrong.stderr
    assert right.returncode == 0
    assert "planted" not in wrong.stdout + wrong.stderr + right.stdout + right.stderr
    assert b"planted" not in room.written()


def test_two_campaigns_of_one_name_are_not_guessed_at(fake: services.Campaigns, room: Mailroom) -> None:
    """Where two have the issue's name, neither is touched."""
    send(room)
    [reference] = fake.campaigns
    fake.campaigns["77"] = {**fake.campaigns[reference], "id": 77}
    done = send(room, "--send", "--yes")

    assert done.stderr == f"it: has 2 campaigns named {NAME!r}; delete all but one there\n"
    assert len(states(fake)) == 2
    assert set(states(fake)) <= {"draft", "save"}


def test_what_was_sent_and_is_gone_is_not_sent_again(fake: services.Campaigns, room: Mailroom) -> None:
    """Where our ledger knows of a sending and the service has lost the campaign, no new one is made."""
    send(room, "--send", "--yes")
    fake.campaigns.clear()
    (room.folder / "out" / DAY / "sent.json").unlink()
    done = send(room, "--send", "--yes")

    assert done.stderr == f"it, {NAME}: is sent by our ledger, and gone there; it is not sent again\n"
    assert fake.campaigns == {}


def test_a_dry_run_calls_nothing(fake: services.Campaigns, room: Mailroom) -> None:
    """--dry-run writes the calls to outbox/, without the key."""
    done = send(room, "--dry-run")

    *paths, last = done.stdout.splitlines()
    assert paths[0] == f"outbox/{DAY}/it-1.json"
    assert last == f"{len(paths)} file{'s' if paths[1:] else ''} written; nothing has left this machine"
    assert json.loads((room.folder / paths[0]).read_text("utf-8"))["method"] == "POST"
    assert fake.calls == []
    assert b"planted" not in room.written()


def test_plain_text_is_not_dropped_silently(room: Mailroom) -> None:
    """A service that makes its own plain text is refused, unless the settings say that ours may be left out."""
    room.build(**OWN)
    room.configure({"buttondown": {"key": {"env": "SERVICE_KEY"}}})
    done = room.run("send", DAY, "--to", "buttondown", SERVICE_KEY="x")

    assert done.stderr == (
        "targets.buttondown: cannot take our plain text; say that it may be left out: without: [text]\n"
    )


def test_a_key_does_not_travel_in_the_clear(room: Mailroom) -> None:
    """A service by plain http is refused, on another machine even with --insecure."""
    room.build(**OWN)
    room.configure({"resend": {"key": {"env": "SERVICE_KEY"}, "segment": "s", "base": "http://mail.example.com"}})
    done = room.run("send", DAY, "--to", "resend", "--insecure", SERVICE_KEY="x")

    assert done.stderr == (
        "targets.resend.base: 'http://mail.example.com' would carry the key in the clear; write an https address "
        "(plain http: only to this machine, with --insecure)\n"
    )


# --- listmonk's templates

_HINT = 'make a campaign template there that holds only {{ template "content" . }} and write its number as template'
_PUT = "targets.it.template: listmonk would put the letter, a whole page, into its template"
BARE = [
    services.BARE, '{{template "content" .}}', '{{- template "content" . -}}\r\n', "{{ template `content` . }}",
    '<!-- ours -->\n{{/* the letter is whole */}}\n  {{ template "content" . }}  \n',
]  # fmt: skip
WRAPPING = [
    services.WRAPPING, f"{services.BARE}<p>{{{{ UnsubscribeURL }}}}</p>", f"{services.BARE}{services.BARE}",
    f"{services.BARE}{{{{ TrackView }}}}", f"Hello {services.BARE}", "<p>no content at all</p>", "",
]  # fmt: skip


def through_listmonk(room: Mailroom, templates: list[dict[str, Any]], **more: Any) -> tuple[Done, services.Listmonk]:
    """Hand the issue to a listmonk with those templates."""
    with web.running(services.Listmonk(templates=templates)) as fake:
        assert isinstance(fake, services.Listmonk)
        configure(room, fake, **more)
        return send(room), fake


@pytest.mark.parametrize("body", BARE)
def test_a_template_with_the_content_alone_will_do(room: Mailroom, body: str) -> None:
    """Comments and white space beside the content reach no reader; named or default, such a template is used."""
    done, fake = through_listmonk(room, [services.template(3, body, default=True)])
    named, other = through_listmonk(
        room, [services.template(1, services.WRAPPING, default=True), services.template(3, body)], template="3"
    )

    assert (done.returncode, done.stderr, len(fake.campaigns)) == (0, "", 1)
    assert (named.returncode, named.stderr) == (0, "")
    assert [campaign["template_id"] for campaign in other.campaigns.values()] == [3]


@pytest.mark.parametrize("body", WRAPPING)
def test_a_template_that_wraps_the_letter_is_refused(room: Mailroom, body: str) -> None:
    """A template with anything around the content is named with the remedy, before there is a draft."""
    done, fake = through_listmonk(room, [services.template(1, body, default=True)])
    named, other = through_listmonk(room, [services.template(4, body)], template="4")

    assert (done.returncode, done.stderr) == (1, f"{_PUT} 1 ('Template 1'); {_HINT}\n")
    assert (named.returncode, named.stderr) == (1, f"{_PUT} 4 ('Template 4'); {_HINT}\n")
    assert (fake.calls, other.calls) == (["GET /api/templates"], ["GET /api/templates/4"])


def test_a_fitting_template_is_named(room: Mailroom) -> None:
    """Where the server has a template with the content alone, the line gives its number."""
    rows = [services.template(1, services.WRAPPING, default=True), services.template(7, services.BARE, kind="tx"),
            services.template(8, services.BARE)]  # fmt: skip
    done, _ = through_listmonk(room, rows)

    assert done.stderr == f"{_PUT} 1 ('Template 1'); write template: 8, which holds the content alone\n"


def test_a_server_without_a_default_template_sends_the_content_as_it_is(room: Mailroom) -> None:
    """Only a template that the campaign would be set into counts."""
    done, _ = through_listmonk(room, [services.template(1, services.WRAPPING)])

    assert (done.returncode, done.stderr) == (0, "")


def test_numbers_that_are_none_are_named(room: Mailroom) -> None:
    """A template or a list that is no number, or no template there, is one line."""
    words, _ = through_listmonk(room, [], template="Letter")
    missing, _ = through_listmonk(room, [], template="9")
    room.configure({"listmonk": {"user": "me", "lists": ["one"], "base": "https://x", "key": {"env": "SERVICE_KEY"}}})
    named = room.run("send", DAY, "--to", "listmonk", "--dry-run", SERVICE_KEY="x")

    assert words.stderr == "digest.yaml:3: targets.it: template is no whole number\n"
    assert re.match(r"GET http://127.0.0.1:\d+/api/templates/9: answers 400: .*template not found", missing.stderr)
    assert named.stderr == "digest.yaml:3: targets.listmonk: lists: 'one' is no whole number\n"


# --- words that look like tags

TAGS = "{{ 7*7 }} *|UNSUB|* {% now %} %recipient% <%x%>"
WORSE = r"a \{{b}} \\{{c}} {{{{ {#d#} {NAME} *|IF:A|* |* **| *|A"
TAGS_OF_OLD = "[UNSUBSCRIBE] me [unsubscribe] <%asm_x%> https://x.example/@TrackLink"


@pytest.mark.parametrize("title", [TAGS, WORSE, TAGS_OF_OLD], ids=["tags", "worse", "old"])
def test_tags_in_a_title_arrive_as_they_are(fake: services.Campaigns, room: Mailroom, title: str) -> None:
    """A title full of template language reads at the other end, in subject, HTML and text, as it was written."""
    room.build(title)
    configure(room, fake)
    done = send(room)
    subject, html, text = (words.replace("\u2060", "") for words in fake.delivered())  # nobody sees a word joiner

    assert (done.returncode, done.stderr) == (0, "")
    assert subject == room.letter().subject
    assert " ".join(title.split()) in " ".join(html_entities.unescape(re.sub(r"<[^>]+>", "", html)).split())
    if fake.says_text:
        assert "".join(title.split()) in "".join(text.split())
    assert f'href="{engines.LINK}"' in html


# --- the official descriptions


def _closed(schema: Any, found: dict[str, Any], seen: set[str]) -> None:
    """Let every object of a request take no unknown field, wherever the description keeps it."""
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            seen.add(reference)
            _closed(_at(found, reference), found, seen)
        if schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
        for value in schema.values():
            _closed(value, found, seen)
    elif isinstance(schema, list):
        for value in schema:
            _closed(value, found, seen)


def _at(found: dict[str, Any], reference: str) -> Any:
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def description(name: str) -> dict[str, Any]:
    """Return an official description whose requests take no unknown field."""
    [file] = SPECS.glob(f"{name}*")
    found: dict[str, Any] = yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)
    for path, methods in found["paths"].items():
        for method in methods.values():
            if isinstance(method, dict) and "requestBody" in method:
                if name == "listmonk" and path.startswith("/campaigns"):
                    _mend(method, found)
                _closed(method["requestBody"], found, set())
    return found


def _mend(method: dict[str, Any], found: dict[str, Any]) -> None:
    """Listmonk's description forgets the words in its requests and has headers inside the time; its manual has both."""
    schema = method["requestBody"]["content"].get("application/json", {}).get("schema", {})
    while "$ref" in schema:
        schema = _at(found, schema["$ref"])
    if "subject" in schema.get("properties", {}):
        more = ("body", "altbody", "send_at")
        schema["properties"] |= {name: {"type": "string"} for name in more}
        schema["properties"] |= {"template_id": {"type": "number"}, "subscribers": {"type": "array"}}
        schema["additionalProperties"] = False


@contextmanager
def proxy(folder: Path, name: str, fake: services.Campaigns) -> Iterator[int]:
    """Run Prism between us and the fake: it checks both sides against the description. Returns its port."""
    if not SPECS.exists():
        pytest.skip(f"the official descriptions are not here; looked for {SPECS}")
    program = engines.TOOLS / ".bin" / "prism"
    engines.missing(str(program), here=program.exists() and bool(shutil.which("node")))
    (folder / "description.json").write_text(json.dumps(description(name), default=str), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(program), "proxy", "--errors", "-h", "127.0.0.1", "-p", str(port), str(folder / "description.json"),
               f"http://127.0.0.1:{fake.port}{fake.prefix}"]  # fmt: skip
    if name == "buttondown":
        command.remove("--errors")
    with (folder / "prism.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for _ in range(300):
            if b"Prism is listening" in (folder / "prism.log").read_bytes():
                break
            time.sleep(0.1)
        else:
            pytest.fail(f"Prism does not listen: {(folder / 'prism.log').read_text('utf-8')[-500:]}")
        yield port
    finally:
        server.terminate()
        server.wait()


@pytest.mark.parametrize("name", ["resend", "buttondown", "listmonk", "sendgrid"])
def test_calls_and_answers_are_as_described(name: str, room: Mailroom, tmp_path: Path) -> None:
    """Draft, update, test and sending pass the service's own description, as calls and as answers of our fake."""
    os.environ.pop("HTTP_PROXY", None)
    with web.running(services.ALL[name]()) as fake:
        assert isinstance(fake, services.Campaigns)
        with proxy(tmp_path, name, fake) as port:
            prefix, fake.prefix = fake.prefix, ""  # Prism adds it
            configure(room, fake, port)
            room.configure({"it": {**fake.target, "key": {"env": "SERVICE_KEY"}, "base": f"http://127.0.0.1:{port}"}})
            fake.prefix = prefix
            done = [send(room), send(room), send(room, "--test", "me@example.com")]
            lists = [] if name == "sendgrid" else [send(room, "--schedule", "2020-11-12T07:00+00:00", "--yes")]
    log = (tmp_path / "prism.log").read_text("utf-8")

    expected = [0, 0, 1 if name == "sendgrid" else 0]
    assert [one.returncode for one in done] == expected, [one.stderr for one in done]
    assert [one.stderr for one in lists] == ["" for _ in lists], log[-3_000:]
    assert re.findall(r".*(?:violat|Violat).*", log) == []
    assert len(fake.campaigns) == 1
