"""The preview when something goes wrong: it says so in one line, goes on, and ends when it is told to."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from previewing import Newsroom, ask, newsroom, page_values, post, serving

from digest import render_process, theme
from digest.errors import OutputError
from digest.preview import Preview, background_check, server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOOP = "{% for x in range(10**9) %}{% for y in range(10**9) %}{% endfor %}{% endfor %}"
OWN_LOOP = LOOP.replace("{%", "[%").replace("%}", "%]")
SHORT = 2
"""Seconds that a theme has in these tests."""

NOT_FINISHED = r"has not finished after (2|15) s; look for a loop (there )?that does not end"
"""What is said then: on a very busy machine the longest time by the clock is over first."""

SECONDS = 60.0
"""How long a condition is waited for: on a busy machine everything takes its time."""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Set up a newsroom whose theme is compiled, so that a shorter time is enough for it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setattr(render_process, "SECONDS", SHORT)
    made = newsroom(tmp_path)
    theme.load(str(tmp_path / "theme"), {}, language="en")
    return made


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """Run a preview for all the malformed requests."""
    folder = tmp_path_factory.mktemp("room")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        with serving(newsroom(folder)) as running:
            yield running


def until(true: Callable[[], bool]) -> None:
    """Wait for a condition."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < SECONDS
        time.sleep(0.05)


def trouble(served: Preview) -> str:
    """Return what the page says is wrong."""
    told = ask(served, "/desk").text.partition('role="alert"')[2].partition("</div>")[0]
    lines = re.findall(r"<code>(.*?)</code>", told)
    return "\n".join(lines)


def raw(served: Preview, request: bytes) -> bytes:
    """Return the whole answer to the bytes of a request."""
    with socket.create_connection(("127.0.0.1", served.door.port), timeout=SECONDS) as line:
        told = b""
        with suppress(ConnectionResetError, BrokenPipeError):  # it has heard enough
            line.sendall(request)
            while piece := line.recv(65536):
                told += piece
    return told


def head(served: Preview, line: str = "GET / HTTP/1.1", **headers: str) -> bytes:
    """Return the head of a request that the page could have made, with some headers of one's own."""
    own = {
        "Host": served.origin[7:],
        "Connection": "close",
        "Cookie": f"{served.door.cookie}={served.door.access}",
        "Origin": served.origin,
        "X-Digest-Token": served.door.write,
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [line, *(f"{name}: {value}" for name, value in own.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


# --- themes ----------------------------------------------------------------------------------------------------------


def test_a_theme_that_loops_is_said_and_mended(room: Newsroom) -> None:
    """The page says where the theme loops, answers meanwhile, and follows as soon as the theme is mended."""
    footer = room.folder / "theme" / "footer.mjml"
    kept = footer.read_text("utf-8")
    with serving(room) as served:
        footer.write_text(f"{kept}{OWN_LOOP}\n", "utf-8")
        until(lambda: served._renderer._since is not None)
        meanwhile = [ask(served, path).status for path in ("/", "/desk", "/search?words=a")]
        until(lambda: bool(trouble(served)))
        said = trouble(served)
        footer.write_text(kept, "utf-8")
        until(lambda: not trouble(served))

    assert meanwhile == [200] * 3
    assert re.fullmatch(rf"{footer.parent}(/footer\.mjml:\d+:\d+)?: {NOT_FINISHED}", said)


def test_the_desk_refuses_what_a_looping_theme_cannot_show(room: Newsroom) -> None:
    """An edit that cannot be tried is not written, and the answer says why."""
    footer = room.folder / "theme" / "footer.mjml"
    with serving(room) as served:
        base = page_values(served)["base"]
        footer.write_text(f"{footer.read_text('utf-8')}{OWN_LOOP}\n", "utf-8")
        answer = post(served, "/edit", {"action": "words", "key": "subject", "text": "Mine", "base": base})

    assert answer.status == 422
    assert re.search(NOT_FINISHED, answer.json["error"])
    assert not room.edits.exists()


def test_the_first_build_may_loop(room: Newsroom) -> None:
    """Then the page before there is an issue says so, and gives way when the theme is mended."""
    footer = room.folder / "theme" / "footer.mjml"
    kept = footer.read_text("utf-8")
    footer.write_text(f"{kept}{OWN_LOOP}\n", "utf-8")
    with serving(room) as served:
        said = served.trouble
        footer.write_text(kept, "utf-8")
        until(lambda: ask(served, "/").status == 200)

    assert re.search(NOT_FINISHED, said)


def test_a_theme_that_cannot_be_read_is_not_tried_again_and_again(room: Newsroom) -> None:
    """What has failed is tried again when a file changes, not with every look at the files."""
    config = room.folder / "digest.yaml"
    with serving(room) as served:
        (room.folder / "theme" / "footer.mjml").unlink()
        until(lambda: bool(trouble(served)))

        def stays_in_three_looks() -> bool:
            version = served.live.snapshot.version
            for _ in range(3):
                served.live.refresh({served.live.edits_file}, str(config))
            return served.live.snapshot.version == version

        # On a busy machine the system may tell of the file that is gone once more, and rightly it is tried then.
        until(stays_in_three_looks)


# --- files and folders -----------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here; looked for os.mkfifo")
def test_a_pipe_in_place_of_the_editors_file_is_said(room: Newsroom) -> None:
    """It holds up nothing, and the issue is back when it has gone."""
    room.edits.parent.mkdir()
    with serving(room) as served:
        os.mkfifo(room.edits)
        until(lambda: bool(trouble(served)))
        said, edited = trouble(served), post(served, "/undo", {}).status
        room.edits.unlink()
        until(lambda: not trouble(served))

    assert said == f"{room.edits}: is a pipe, not a file; put a file there, or remove it"
    assert edited == 409


@pytest.mark.parametrize("name", ["seeds", "theme"])
def test_a_folder_that_goes_and_comes_back_is_followed(room: Newsroom, name: str) -> None:
    """The page says that it has gone, and shows the issue again when it is there, whatever was changed in it."""
    with serving(room) as served:
        folder = room.folder / name
        folder.rename(room.folder / "elsewhere")
        until(lambda: bool(trouble(served)))
        if name == "seeds":
            story = next((room.folder / "elsewhere").glob("2020-11-06-grading*.md"))
            story.write_text(story.read_text("utf-8").replace('title: "', 'title: "QQZ ', 1), "utf-8")
        (room.folder / "elsewhere").rename(folder)
        until(lambda: not trouble(served))
        until(lambda: name != "seeds" or "QQZ" in ask(served, "/desk").text)


def test_a_folder_that_is_replaced_at_once_is_followed(room: Newsroom) -> None:
    """As a checkout of another branch does it: nobody sees the moment without one."""
    shutil.copytree(room.folder / "seeds", room.folder / "other")
    story = next((room.folder / "other").glob("2020-11-06-grading*.md"))
    story.write_text(re.sub(r"(?m)^(title: \W?)", r"\1QQZ ", story.read_text("utf-8"), count=1), "utf-8")
    with serving(room) as served:
        (room.folder / "seeds").rename(room.folder / "old")
        (room.folder / "other").rename(room.folder / "seeds")
        until(lambda: "QQZ" in ask(served, "/desk").text)


def test_a_built_issue_that_goes_is_not_found(room: Newsroom) -> None:
    """A folder of `out/` that somebody removes is a page that is not there."""
    from datetime import date  # noqa: PLC0415 - for this test alone

    room.build(date(2020, 11, 4))
    with serving(room) as served:
        before = ask(served, "/?issue=2020-11-04").status
        shutil.rmtree(room.folder / "out")
        after = [ask(served, path) for path in ("/?issue=2020-11-04", "/frame/2020-11-04/letter")]

    assert before == 200
    assert [(one.status, one.text) for one in after] == [(404, "there is nothing at this address")] * 2


def test_an_edit_that_cannot_be_written_is_one_line(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a full disk the desk says what the system said; nothing is half-written, and later it is written."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with serving(room) as served:
        asked = {"action": "words", "key": "subject", "text": "Mine", "base": page_values(served)["base"]}
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            refused = post(served, "/edit", asked)
        left = list(room.edits.parent.iterdir())
        done = post(served, "/edit", asked)

    assert refused.status == 422
    assert refused.json["error"] == (
        f"{room.edits}: cannot be written (No space left on device); make room or choose another folder"
    )
    assert (left, done.status) == ([], 200)


# --- requests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("\x00\x01\x02", 400),
        ("GET  / HTTP/1.1", 400),
        ("GET /\xff HTTP/1.1", 400),
        ("GET /%ff%zz HTTP/1.1", 404),
        ("GET /?issue=%ff%00 HTTP/1.1", 404),
        (f"GET /?issue={'9' * 5000} HTTP/1.1", 404),
        ("GET /frame/%00/letter HTTP/1.1", 404),
        ("GET /edit HTTP/1.1", 405),
        ("POST / HTTP/1.1", 405),
        ("PUT /edit HTTP/1.1", 405),
        ("OPTIONS * HTTP/1.1", 405),
        ("HEAD /events HTTP/1.1", 200),
        ("HEAD / HTTP/1.1", 200),
        (f"GET /{'a' * 200_000} HTTP/1.1", 400),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_a_request_that_is_none_is_refused(served: Preview, line: str, status: int) -> None:
    """Each gets a status and a sentence, and none a traceback."""
    answer = raw(served, head(served, line))

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "a:" + "9" * 5000}, 403),
        ({"Host": "\xff"}, 403),
        ({"Content_Length": "x"}, 400),
        ({"Content_Length": "-1"}, 400),
        ({"Content_Length": "9" * 40}, 400),
        ({"Transfer_Encoding": "odd"}, 400),
        ({"Cookie": "\xff\xfe"}, 200),
        ({"Last_Event_ID": "\xff" * 100}, 200),
        ({"Upgrade": "websocket", "Connection": "Upgrade, close"}, 200),
        ({"X_Long": "a" * 200_000}, 400),
    ],
    ids=lambda value: "/".join(value) if isinstance(value, dict) else "",
)
@pytest.mark.skipif(sys.platform != "linux", reason="without a cookie only Linux knows its user")
def test_headers_that_are_none_are_refused(served: Preview, headers: dict[str, str], status: int) -> None:
    """Lengths, names and cookies of any kind end in a status."""
    answer = raw(served, head(served, "GET /static/page.css HTTP/1.1", **headers))

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


NO_JSON = "the request is not JSON in UTF-8; reload the page"
NO_OBJECT = "the request is not a JSON object; reload the page"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", NO_JSON),
        (b'{"base": "\xff"}', NO_JSON),
        ("{}".encode("utf-16"), NO_JSON),
        (b"[" * 100_000, NO_JSON),
        (b'{"a":' * 20_000, NO_JSON),
        (b'{"base": "", "action": "words", "key": "introduction", "text": "\\ud800"}', NO_JSON),
        (b'{"base": ' + b"9" * 5000 + b"}", NO_JSON),
        (b"[]", NO_OBJECT),
        (b"null", NO_OBJECT),
        (b"1", NO_OBJECT),
    ],
    ids=["open", "bytes", "utf-16", "deep list", "deep object", "half a character", "number", "list", "null", "one"],
)
def test_a_body_that_is_none_is_one_sentence(served: Preview, body: bytes, said: str) -> None:
    """What is no JSON object is 400, and says what is wrong."""
    answer = raw(served, head(served, "POST /edit HTTP/1.1", Content_Length=str(len(body))) + body)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(said.encode())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec="utf-8"), max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
BEGINNINGS = [b"", b"GET ", b"POST /edit HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: "]
KEYS = [
    *("action", "base", "story", "section", "stories", "position", "key", "text", "reason", "title", "excerpt"),
    *("kicker", "why", "kind", "texts", "place", "block", "by"),
]
ACTIONS = [
    *("pin", "drop", "move", "release", "change", "order", "words", "explode"),
    *("add-block", "change-block", "place-block", "step-block", "remove-block"),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(KEYS), VALUES), st.sampled_from(ACTIONS), st.booleans())
def test_no_action_is_a_traceback(served: Preview, asked: dict[str, object], action: str, known: bool) -> None:
    """Whatever the values are, the answer is a status below 500, and it is JSON or a sentence."""
    issue = served.live.snapshot.issue
    if known:
        asked |= {
            "action": action,
            "base": served.live.snapshot.edits_hash,
            "story": issue.picks[0].article.path,
            "section": issue.sections[0].title,
            "key": "introduction",
            "kind": "links",
            "place": {"at": "top"},
            "texts": {key: asked.get("texts") for key in ("links", "title", "text")},
        }
    answer = post(served, "/edit", asked)

    assert answer.status in {200, 400, 409, 422}
    assert answer.json["error"] if answer.status > 200 else answer.json["message"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from(BEGINNINGS))
def test_no_bytes_are_a_traceback(served: Preview, content: bytes, begin: bytes) -> None:
    """Whatever comes over a connection is answered below 500, or not at all because it is not whole."""
    with socket.create_connection(("127.0.0.1", served.door.port), timeout=SECONDS) as line:
        line.sendall(begin + content + b"\r\n\r\n")
        line.shutdown(socket.SHUT_WR)
        line.settimeout(0.2)
        told = b""
        with suppress(TimeoutError, ConnectionResetError):
            told = line.recv(100)

    assert not told or re.match(rb"HTTP/1\.1 [1234]\d\d ", told)
    assert ask(served, "/static/page.css").status == 200


def test_a_request_that_does_not_end_is_cut_off(served: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that is never whole, a body that stays away and one that drips are each told, and hold up nobody."""
    monkeypatch.setattr(server, "_PATIENCE", 0.5)
    beginnings = {
        "nothing": b"",
        "head": b"GET / HT",
        "body": head(served, "POST /edit HTTP/1.1", Content_Length="500") + b'{"a":',
        "chunks": head(served, "POST /edit HTTP/1.1", Transfer_Encoding="chunked") + b"5\r\nab",
    }
    ends = {name: raw(served, begin) for name, begin in beginnings.items()}

    assert ends.pop("nothing") == b""
    for answer in ends.values():
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert answer.endswith(b"the request has not arrived within 0.5 s")
    assert ask(served, "/desk").status == 200


def test_connections_that_break_off_are_no_trouble(served: Preview, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is said of them, as of a window that is closed."""
    for begin in (b"GET /", head(served, "POST /edit HTTP/1.1", Content_Length="9") + b"{", head(served)):
        with socket.create_connection(("127.0.0.1", served.door.port)) as line:
            line.sendall(begin)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset, not an end
    assert ask(served, "/desk").status == 200

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a" * 70 + ".example", "203.0.113.7"])
def test_an_address_that_is_none_of_this_machine_is_one_line(room: Newsroom, host: str) -> None:
    """Names that lead nowhere or elsewhere are said before anything is built."""
    with pytest.raises(OutputError) as caught:
        Preview(room.load, config=str(room.config), host=host)

    assert str(caught.value) in {
        f"{host}: is no address of this machine; take another with --host",
        f"{host}, port 0: Cannot assign requested address; take another with --port",
    }


# --- the program -----------------------------------------------------------------------------------------------------


@contextmanager
def program(room: Newsroom, *, files: int = 0) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `digest preview` as a program, with so many files at most; give it and its port."""
    command = [sys.executable, "-m", "digest", "preview", "--date", "2020-11-11", "--port", "0"]
    if files:
        command = ["bash", "-c", f'ulimit -n {files}; exec "$@"', "bash", *command]
    log = room.folder / "stderr"
    with log.open("wb") as handle:
        running = subprocess.Popen(command, cwd=room.folder, stdout=subprocess.PIPE, stderr=handle)
        try:
            assert running.stdout
            line = running.stdout.readline().decode()
            yield running, int(re.findall(r":(\d+)/", line)[0])
        finally:
            running.kill()
            running.communicate()


def status(port: int, path: str = "/desk") -> int:
    """Return the status of a page, 0 where there is no answer."""
    import http.client  # noqa: PLC0415 - for this alone

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "ends"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_signal_ends_it_whatever_it_does(room: Newsroom, number: signal.Signals, ends: int) -> None:
    """While a theme loops deep in C, a body stays away and a line of events is open, it ends, and so does its child."""
    with program(room) as (running, port):
        footer = room.folder / "theme" / "footer.mjml"
        footer.write_text(f"{footer.read_text('utf-8')}[[ range(10**12)|sum ]]\n", "utf-8")
        lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        name = f"127.0.0.1:{port}"
        lines[0].sendall(f"GET /events HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
        lines[1].sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nContent-Length: 9\r\n\r\n".encode())
        time.sleep(1)
        start = time.monotonic()
        running.send_signal(number)
        running.send_signal(number)
        running.wait(20)
        took = time.monotonic() - start
        for line in lines:
            line.close()

    assert running.returncode in {ends, 130}
    assert took < 10
    assert (room.folder / "stderr").read_text() == ""


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash for its ulimit; looked for bash")
def test_running_out_of_files_is_one_line(room: Newsroom) -> None:
    """With more listeners than it has files for it says so once, and goes on when they have gone."""
    with program(room, files=64) as (_, port):
        lines = []
        for _ in range(150):
            with suppress(OSError):
                line = socket.create_connection(("127.0.0.1", port), timeout=1)
                line.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
                lines.append(line)
        until(lambda: bool((room.folder / "stderr").read_text()))
        for line in lines:
            line.close()
        until(lambda: status(port) == 200)

    assert (room.folder / "stderr").read_text() == (
        "more connections than there are files for: new ones are turned away until others are closed\n"
    )


def test_a_check_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter may take hours to look at; the check of the preview has its time."""
    monkeypatch.setattr(background_check, "_LONGEST", 0.01)
    with pytest.raises(RuntimeError, match=r"digest check has not finished after 0\.01 s"):
        background_check.check({"index.html": b""})


def test_a_port_that_is_taken_is_said_before_a_build(room: Newsroom) -> None:
    """Nobody waits for a build to hear it."""
    (room.folder / "theme" / "footer.mjml").unlink()
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OutputError) as caught:
        Preview(room.load, config=str(room.config), port=other.getsockname()[1])

    assert json.dumps(str(caught.value)).endswith('Address already in use; take another with --port"')
