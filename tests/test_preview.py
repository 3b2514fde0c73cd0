"""The server, asked by a real client over a socket: what it gives, and what it refuses."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from previewing import CONFIG, ISSUE, Newsroom, ask, newsroom, page_values, post, serving

from digest.errors import OutputError, SettingsError
from digest.preview import Preview, server
from digest.preview.templates import CONTROLS

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAD = "2020-11-06-grading-algorithm-marked-down-evening-students-for-nine-years-inquiry-finds.md"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Set up a newsroom with an older issue, and things around it that must not be served."""
    folder = tmp_path_factory.mktemp("room")
    made = newsroom(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        made.build(date(2020, 11, 4))
    (folder / "secret.png").write_bytes(b"secret")
    (folder / "out" / "2020-11-04" / ".hidden").write_text("secret")
    (folder / "out" / "2020-11-04" / "other.html").write_text("secret")
    shutil.copytree(folder / "out" / "2020-11-04", folder / "elsewhere")
    os.symlink(folder / "elsewhere", folder / "out" / "2020-10-28")
    shutil.copytree(folder / "out" / "2020-11-04", folder / "out" / "2020-10-21")
    (folder / "out" / "2020-10-21" / "index.html").unlink()
    os.symlink(folder / "secret.png", folder / "out" / "2020-10-21" / "index.html")
    pictures = folder / "seeds" / "pictures"
    (pictures / ".hidden.png").write_bytes(b"secret")
    os.symlink(folder / "secret.png", pictures / "linked.png")
    return made


@pytest.fixture(scope="module")
def served(room: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """Run its preview."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        with serving(room) as running:
            yield running


def test_answers_are_sent_at_once() -> None:
    """No connection waits for the other side to confirm one packet before it sends the next.

    asyncio sees to that only where the listening socket names its protocol.
    """
    listening = server.listen("127.0.0.1", 0)

    async def option() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            told.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(accept, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            writer.close()
            return await told

    assert asyncio.run(option()) != 0


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/?issue=2020-11-04", "text/html; charset=utf-8"),
        ("/desk", "text/html; charset=utf-8"),
        ("/search?words=pianist", "text/html; charset=utf-8"),
        (f"/frame/{ISSUE}/letter", "text/html; charset=utf-8"),
        (f"/frame/{ISSUE}/text?text=200", "text/html; charset=utf-8"),
        (f"/frame/{ISSUE}/inbox?scheme=dark", "text/html; charset=utf-8"),
        (f"/frame/{ISSUE}/source", "text/html; charset=utf-8"),
        (f"/frame/{ISSUE}/message", "text/html; charset=utf-8"),
        ("/frame/2020-11-04/letter?scheme=forced", "text/html; charset=utf-8"),
        ("/pictures/bees.png", "image/png"),
        ("/static/page.css", "text/css; charset=utf-8"),
        ("/static/page.js", "text/javascript; charset=utf-8"),
        ("/static/frame.js", "text/javascript; charset=utf-8"),
    ],
)
def test_each_address_gives_what_it_is(served: Preview, path: str, kind: str) -> None:
    """The page, the frame's views, pictures of the archive and the page's own files have their types."""
    answer = ask(served, path)

    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert b"secret" not in answer.content


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/index.html",
        "/frame/2020-11-04/other.html",
        "/frame/2020-11-04/.hidden",
        "/frame/2020-11-03/letter",
        "/frame/2020-10-28/letter",
        "/frame/2020-10-21/letter",
        "/frame/../letter",
        "/frame/%2e%2e/letter",
        "/frame/..%2f..%2felsewhere/letter",
        "/?issue=../elsewhere",
        "/?issue=..%2felsewhere",
        "/?issue=2020-10-28",
        "/pictures/",
        "/pictures/README.txt",
        "/pictures/.hidden.png",
        "/pictures/linked.png",
        "/pictures/../../secret.png",
        "/pictures/%2e%2e/%2e%2e/secret.png",
        "/pictures/..%2f..%2fsecret.png",
        "/pictures/..%5c..%5csecret.png",
        "/pictures/....//secret.png",
        "/pictures/%00bees.png",
        "/static/",
        "/static/page.html",
        "/static/package.json",
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/etc/passwd",
        "//etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    ],
)
def test_nothing_else_is_served(served: Preview, path: str) -> None:
    """Other files, dot-files, links out of the issue, and whatever lies elsewhere, however written, are not found."""
    answer = ask(served, path)

    assert answer.status == 404
    assert b"secret" not in answer.content


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1", "127.0.0.1:1", "localhost.example.com:{port}", ""])
@pytest.mark.parametrize("path", ["/", f"/frame/{ISSUE}/letter", "/pictures/bees.png", "/events"])
def test_a_foreign_name_is_refused(served: Preview, host: str, path: str) -> None:
    """A name that is not this server's gets nothing, so that no site can point its own name here."""
    port = re.findall(r":(\d+)/", served.address)[0]

    answer = ask(served, path, headers={"Host": host.format(port=port)})

    assert (answer.status, answer.content) == (403, b"not a name of this server")


def test_this_machine_has_several_names(served: Preview) -> None:
    """Localhost and ::1 are this machine as well."""
    port = re.findall(r":(\d+)/", served.address)[0]

    assert [
        ask(served, "/static/page.css", headers={"Host": f"{name}:{port}"}).status for name in ("localhost", "[::1]")
    ] == [
        200,
        200,
    ]


@pytest.mark.parametrize("path", ["/edit", "/undo"])
@pytest.mark.parametrize(
    ("headers", "status", "why"),
    [
        ({"origin": "http://evil.example.com"}, 403, "not from this page"),
        ({"origin": "null"}, 403, "not from this page"),
        ({"origin": ""}, 403, "not from this page"),
        ({"sec_fetch_site": "cross-site"}, 403, "not from this page"),
        ({"x_digest_token": ""}, 403, "without the token of this page"),
        ({"x_digest_token": "guessed"}, 403, "without the token of this page"),
        ({"content_type": "text/plain"}, 415, "not JSON"),
        ({"content_type": "application/x-www-form-urlencoded"}, 415, "not JSON"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_only_the_page_itself_writes(
    room: Newsroom, served: Preview, path: str, headers: dict[str, str], status: int, why: str
) -> None:
    """A request to write from elsewhere, without the token or not as JSON is refused, and nothing is written."""
    asked = {"action": "drop", "story": LEAD, "reason": "", "base": page_values(served)["base"]}

    answer = post(served, path, asked, **headers)

    assert (answer.status, answer.text) == (status, why)
    assert not room.edits.exists()


def test_a_post_without_an_origin_is_refused(room: Newsroom, served: Preview) -> None:
    """Who names no origin is not this page."""
    values = page_values(served)
    headers = {"Content-Type": "application/json", "X-Digest-Token": values["token"]}

    assert ask(served, "/undo", "POST", headers, b"{}").status == 403
    assert not room.edits.exists()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_no_other_method_is_known(served: Preview, method: str) -> None:
    """Only GET and POST are."""
    assert ask(served, "/edit", method).status == 405


@pytest.mark.parametrize(
    ("asked", "status", "why"),
    [
        ({"action": "explode"}, 422, "'explode': is no action of the desk"),
        ({"action": "drop", "story": "../x.md"}, 422, "'../x.md': is not a candidate of this issue"),
        ({"action": "pin", "story": LEAD, "section": "No"}, 422, "'No': is not a section of this issue"),
        (
            {"action": "pin", "story": LEAD, "section": "AI", "position": "1"},
            422,
            "position: is not a place in a section",
        ),
        ({"action": "order", "section": "AI", "stories": LEAD}, 422, "stories: is not a list of paths"),
        ({"action": "words", "key": "pin", "text": "x"}, 422, "'pin': is not a text of the issue"),
        ({"action": "drop", "story": LEAD, "base": None}, 400, "base: is missing"),
    ],
    ids=lambda value: value["action"] if isinstance(value, dict) else "",
)
def test_what_the_desk_does_not_do_is_refused(
    room: Newsroom, served: Preview, asked: dict[str, object], status: int, why: str
) -> None:
    """A request that the page never makes is told what is wrong, and nothing is written."""
    answer = post(served, "/edit", {"base": "", **asked})

    assert (answer.status, answer.json) == (status, {"error": f"{why}; reload the page"})
    assert not room.edits.exists()


def test_a_text_of_any_other_kind_is_refused(room: Newsroom, served: Preview) -> None:
    """Subject, reason and the like are texts of a length that a person writes."""
    answers = [
        post(served, "/edit", {"action": "words", "key": "subject", "text": text, "base": ""})
        for text in (1, None, "x" * 30_000)
    ]

    assert [(answer.status, answer.json["error"]) for answer in answers] == [
        (422, "text: is not a text, or has more than 20,000 characters; shorten it")
    ] * 3
    assert not room.edits.exists()


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 400), (b'"' + b"x" * 300_000 + b'"', 413)])
def test_what_is_no_request_is_refused(served: Preview, body: bytes, status: int) -> None:
    """Damaged JSON, a list, and more than any edit needs are refused."""
    values = page_values(served)
    headers = {
        "Origin": served.origin,
        "Content-Type": "application/json",
        "X-Digest-Token": values["token"],
    }

    assert ask(served, "/edit", "POST", headers, body).status == status


def test_the_page_runs_no_foreign_script_and_is_in_no_frame(served: Preview) -> None:
    """The page's policy allows its own script and style; nobody may frame it."""
    headers = ask(served, "/").headers

    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    names = ("x-frame-options", "x-content-type-options", "referrer-policy", "cache-control")
    assert [headers[name] for name in names] == ["DENY", "nosniff", "no-referrer", "no-store"]


def test_the_frame_runs_no_script(served: Preview) -> None:
    """The letter's policy forbids scripts, forms and all but pictures and styles, also when opened on its own."""
    policy = ask(served, f"/frame/{ISSUE}/letter").headers["content-security-policy"]

    assert policy == (
        "default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; "
        f"img-src {served.origin} https:; base-uri 'self'; form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    )


def test_without_images_none_is_allowed(served: Preview) -> None:
    """With images off the browser may not even ask."""
    policy = ask(served, f"/frame/{ISSUE}/letter?images=off").headers["content-security-policy"]

    assert "img-src 'none'" in policy


def test_pictures_of_the_archive_need_no_network(served: Preview) -> None:
    """Pictures whose file is in the archive are taken from here."""
    text = ask(served, f"/frame/{ISSUE}/letter").text

    assert text.count('src="/pictures/') > 5


def test_a_built_issue_is_shown_as_it_was_built(room: Newsroom, served: Preview) -> None:
    """An older issue comes from its folder, byte for byte but for the frame's needs, and has no desk to edit."""
    html = (room.folder / "out" / "2020-11-04" / "index.html").read_text(encoding="utf-8")
    page = ask(served, "/?issue=2020-11-04").text
    source = ask(served, "/frame/2020-11-04/source").text

    assert source.count("<li>") == len(html.splitlines())
    assert 'data-do="drop"' not in page
    assert 'data-do="drop"' in ask(served, "/").text


def test_an_issue_can_be_seen_as_a_target_gets_it(served: Preview) -> None:
    """The source for a service has its own unsubscribe tag; what stands in the news stays what it says."""
    built, told = (ask(served, f"/frame/{ISSUE}/source?target={name}").text for name in ("", "mailchimp"))
    older = ask(served, "/frame/2020-11-04/text?target=listmonk").text

    assert ("*|UNSUB|*" in built, "*|UNSUB|*" in told) == (False, True)
    assert "https://example.com/unsubscribe" in built
    assert "https://example.com/unsubscribe" not in told
    assert "{{ UnsubscribeURL }}" in older


def test_what_a_target_would_refuse_is_said_in_its_place(tmp_path: Path) -> None:
    """A target that cannot be spoken to as the settings say shows why, and the page stays."""
    room = newsroom(tmp_path)
    room.config.write_text(CONFIG + "targets:\n  news: {kind: nowhere}\n")
    with serving(room) as served:
        shown = ask(served, f"/frame/{ISSUE}/letter?target=news")
        page = ask(served, "/").status

    assert (shown.status, page) == (200, 200)
    assert "news would refuse this issue" in shown.text
    assert "no target is called &#39;nowhere&#39;" in shown.text


def test_the_fragment_is_shown_whatever_target_is_chosen(tmp_path: Path) -> None:
    """No target gets it, so one that would refuse the issue refuses nothing of it."""
    room = newsroom(tmp_path)
    room.config.write_text(CONFIG + "targets:\n  news: {kind: nowhere}\nfragment: true\n")
    with serving(room) as served:
        shown = ask(served, f"/frame/{ISSUE}/fragment?target=news").text

    assert "AI Ethics</h2>" in shown
    assert "would refuse" not in shown


def test_issues_can_be_chosen(served: Preview) -> None:
    """All issues in out/ that are plain folders stand in the switcher, newest first."""
    choice = ask(served, "/").text.partition('<select id="issues">')[2].partition("</select>")[0]
    found = re.findall(r'<option value="([^"]+)"', choice)

    assert found == ["2020-11-11", "2020-11-04", "2020-10-21"]


def test_read_only_has_no_desk(room: Newsroom) -> None:
    """With read_only nothing can be written, not even with a token."""
    with serving(room, read_only=True) as running:
        answer = post(running, "/edit", {"action": "drop", "story": LEAD, "base": ""})
        page = ask(running, "/").text

    assert answer.status == 403
    assert page_buttons(page) == {"show"}
    assert not room.edits.exists()


def page_buttons(page: str) -> set[str]:
    """Return what the buttons of a page do."""
    return set(re.findall(r'data-do="(\w+)"', page))


def test_read_only_knows_no_way_to_write(room: Newsroom) -> None:
    """Even who knows the token finds no address that writes."""
    with serving(room, read_only=True) as running:
        token = running.door.write
        answer = post(running, "/edit", {"action": "drop", "story": LEAD, "base": ""}, x_digest_token=token)

    assert answer.status == 404


def test_another_address_asks_for_the_token(room: Newsroom) -> None:
    """Listening beyond this machine, nothing is given without the token; with it once, a cookie opens the rest."""
    nothing = {"Cookie": ""}
    with serving(room, host="0.0.0.0") as running:
        token = running.address.split("token=")[1]
        refused = [
            ask(running, path, headers=nothing).status
            for path in ("/", "/desk", "/pictures/bees.png", "/static/page.js")
        ]
        wrong = ask(running, "/?token=wrong", headers=nothing).status
        welcome = ask(running, f"/?token={token}&issue=2020-11-04")
        cookie = welcome.headers["set-cookie"]
        inside = ask(running, "/", headers={"Cookie": cookie.split(";")[0]}).status
        foreign = ask(running, "/", headers={"Cookie": cookie.split(";")[0], "Host": "example.com:80"}).status

    assert refused == [401] * 4
    assert (wrong, welcome.status, welcome.headers["location"], inside, foreign) == (
        401,
        303,
        "/?issue=2020-11-04",
        200,
        403,
    )
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_it_listens_on_this_machine_only(served: Preview) -> None:
    """Without a host the preview is bound to 127.0.0.1, and its address carries a token, too."""
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}", served.address)
    assert served._socket.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_is_something_to_mend(room: Newsroom) -> None:
    """A port that another program has is named, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(OutputError) as caught:
            Preview(room.load, config=str(room.config), port=port)

    assert str(caught.value) == f"port {port}: Address already in use; take another with --port"


def test_settings_that_cannot_be_read_are_said_at_once(tmp_path: Path) -> None:
    """Where not even the issue's day is known, the preview does not start."""
    (tmp_path / "digest.yaml").write_text("archiv: [seeds]\n")
    with pytest.raises(SettingsError) as caught:
        Preview(Newsroom(tmp_path).load, config=str(tmp_path / "digest.yaml"))

    assert str(caught.value) == f"{tmp_path}/digest.yaml:1: unknown key 'archiv'; did you mean 'archive'?"


def test_the_page_before_an_issue_serves_nothing_else(tmp_path: Path) -> None:
    """A build that fails at the start stands in a page, with its place; nothing but that page is there."""
    (tmp_path / "digest.yaml").write_text("archive: [nowhere]\n")
    with serving(Newsroom(tmp_path)) as served:
        said = ask(served, "/")
        others = [ask(served, path).status for path in ("/desk", "/frame/2020-11-11/letter", "/static/../app.py")]
        foreign = ask(served, "/", headers={"Host": "evil.example"}).status

    assert served.trouble.endswith("/nowhere: there is no such folder; name your archive with --archive FOLDER")
    assert (said.status, others, foreign) == (503, [404, 404, 404], 403)
    assert f"<code>{served.trouble}</code>" in said.text


def test_each_view_is_a_control_with_one_default(served: Preview) -> None:
    """Its inputs are those that Python declares, with their defaults, and the documentation has the label of each."""
    text = ask(served, "/").text
    guide = (Path(__file__).parent.parent / "docs" / "preview.md").read_text("utf-8")
    bar = text[text.index('<div class="bar">') : text.index('<label class="target">')]
    inputs = re.findall(r'<input type="(?:radio|checkbox)" name="([^"]*)" value="([^"]*)"([^>]*)>', bar)
    chosen = {name: value for name, value, rest in inputs if "checked" in rest}
    chosen |= {name: rest.split('"')[1] for name, _, rest in inputs if "data-off" in rest}

    assert chosen == {control.name: control.default for control in CONTROLS}
    assert [(name, value) for name, value, _ in inputs] == [
        (control.name, choice.value) for control in CONTROLS for choice in control.choices if choice.label
    ]
    assert [choice.label for control in CONTROLS for choice in control.choices if choice.label not in guide] == []


def test_it_is_quiet(served: Preview, capfd: pytest.CaptureFixture[str]) -> None:
    """Requests, good and bad, write nothing to the terminal."""
    assert [ask(served, path).status for path in ("/", "/nothing")] == [200, 404]
    assert capfd.readouterr() == ("", "")


def test_events_begin_with_the_picture_there_is(served: Preview) -> None:
    """Who listens is told the version at once."""
    with socket.create_connection(("127.0.0.1", int(re.findall(r":(\d+)/", served.address)[0])), timeout=10) as line:
        line.sendall(f"GET /events HTTP/1.1\r\nHost: {served.origin[7:]}\r\n\r\n".encode())
        told = b""
        while told.count(b"\n\n") < 2:
            told += line.recv(4096)

    data = re.search(rb"event: snapshot\ndata: (\{.*\})", told)
    assert data
    assert json.loads(data[1])["version"] == served.live.snapshot.version
