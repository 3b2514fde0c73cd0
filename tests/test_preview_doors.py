"""Who gets through the preview's door: the printed token, programs of the same user, and nobody else."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from previewing import ISSUE, ask, newsroom, serving

from digest.preview import security

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.preview import Preview

NEEDS = "the address needs the token that `digest preview` printed"
ADDRESSES = [
    "/",
    "/desk",
    f"/frame/{ISSUE}/letter",
    "/events",
    "/search?words=a",
    "/pictures/bees.png",
    "/static/page.js",
]
NO_COOKIE = {"Cookie": ""}

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which user opened a connection")
root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can ask as another user; looked for user 0"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """Run a preview."""
    folder = tmp_path_factory.mktemp("room")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        with serving(newsroom(folder)) as running:
            yield running


def as_nobody(served: Preview, path: str, headers: str = "", method: str = "GET") -> str:
    """Return what another user of this machine is answered."""
    code = (
        "import encodings.idna, os, socket, sys\n"
        "os.setgid(65534); os.setuid(65534)\n"
        f"with socket.create_connection(('127.0.0.1', {served.door.port}), timeout=20) as line:\n"
        "    line.sendall(sys.argv[1].encode())\n"
        "    print(line.makefile('rb').read(2000).decode('latin-1'))\n"
    )
    request = f"{method} {path} HTTP/1.1\r\nHost: {served.origin[7:]}\r\nConnection: close\r\n{headers}\r\n"
    command = [sys.executable, "-I", "-c", code, request]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@linux
@root
@pytest.mark.parametrize("path", ADDRESSES)
def test_another_user_of_the_machine_gets_nothing(served: Preview, path: str) -> None:
    """Neither a page nor a picture nor a line of events, and so no token to write with."""
    told = as_nobody(served, path)

    assert told.startswith("HTTP/1.1 401 ")
    assert NEEDS in told


@linux
@root
def test_another_user_who_was_given_the_address_is_let_in(served: Preview) -> None:
    """The printed address is what counts then."""
    cookie = f"Cookie: {served.door.cookie}={served.door.access}\r\n"

    assert as_nobody(served, "/", cookie).startswith("HTTP/1.1 200 ")


@linux
def test_a_program_of_the_same_user_needs_no_token(served: Preview) -> None:
    """It could read the files themselves."""
    assert [ask(served, path, headers=NO_COOKIE).status for path in ("/", "/desk", "/static/page.js")] == [200] * 3


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"X-Forwarded-Host": "example.com"},
        {"X-Real-IP": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"Via": "1.1 proxy"},
    ],
    ids=lambda value: next(iter(value)) + value.get("Sec-Fetch-Site", ""),
)
@pytest.mark.parametrize("path", ADDRESSES)
def test_who_asks_for_somebody_else_needs_the_token(served: Preview, path: str, headers: dict[str, str]) -> None:
    """A browser on behalf of another page, and a proxy on behalf of anybody, are not the user."""
    answer = ask(served, path, headers={**NO_COOKIE, **headers})

    assert (answer.status, answer.text) == (401, NEEDS)


def test_where_users_cannot_be_told_everybody_needs_the_token(served: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    """On other systems, and where the list of connections is hidden, nobody is let in unseen."""
    monkeypatch.setattr(security, "_LISTS", ("/nowhere",))
    hidden = [ask(served, path, headers=NO_COOKIE).status for path in ADDRESSES]
    inside = ask(served, "/").status
    monkeypatch.setattr(sys, "platform", "darwin")
    elsewhere = ask(served, "/", headers=NO_COOKIE).status

    assert (hidden, inside, elsewhere) == ([401] * len(ADDRESSES), 200, 401)


def test_the_printed_address_opens_the_page(served: Preview) -> None:
    """It gives a cookie that no script reads and no other page sends, and takes the token out of the address."""
    answer = ask(served, f"/?token={served.door.access}&issue={ISSUE}", headers=NO_COOKIE)
    wrong = ask(served, "/?token=wrong", headers={**NO_COOKIE, "X-Forwarded-For": "203.0.113.7"})

    assert served.address == f"{served.origin}/?token={served.door.access}"
    assert (answer.status, answer.headers["location"]) == (303, f"/?issue={ISSUE}")
    assert re.fullmatch(
        rf"digest-{served.door.port}={served.door.access}; HttpOnly; Path=/; SameSite=strict",
        answer.headers["set-cookie"],
    )
    assert (wrong.status, wrong.text) == (401, NEEDS)


@pytest.mark.parametrize("cookie", ['{"a": 1}=x; {own}', "a=b; {own}; c=d", 'odd="x;y"; {own}'])
def test_cookies_of_other_pages_do_not_lock_anybody_out(served: Preview, cookie: str) -> None:
    """Every server of a machine shares the browser's cookies, and some are odd."""
    own = f"{served.door.cookie}={served.door.access}"
    headers = {"Cookie": cookie.replace("{own}", own), "X-Forwarded-For": "203.0.113.7"}

    assert ask(served, "/static/page.css", headers=headers).status == 200


@linux
def test_an_end_that_has_hung_up_is_nobody() -> None:
    """The system says user 0 of it, which would be root."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        one = socket.create_connection(listening.getsockname())
        other, name = listening.accept()
        with other:
            before = security.is_same_user(name, listening.getsockname())
            one.close()
            after = security.is_same_user(name, listening.getsockname())

    assert (before, after) == (True, False)


@linux
@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::ffff:127.0.0.1")])
def test_a_connection_may_be_of_either_kind(family: socket.AddressFamily, host: str) -> None:
    """A program that speaks IPv6 may reach IPv4, and stands in the other list then."""
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket(family) as one:
        one.connect((host, listening.getsockname()[1]))
        other, name = listening.accept()
        with other:
            assert security.is_same_user(name, listening.getsockname())


def test_a_user_from_outside_the_container_is_not_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is outside of one's namespace is shown as 65534; to be that user oneself proves nothing."""
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    monkeypatch.setattr(security, "_user", lambda *_: 65534)

    assert not security.is_same_user(("127.0.0.1", 1), ("127.0.0.1", 2))


@given(st.text(), st.integers(0, 65535), st.lists(st.text(alphabet=" 0123456789ABCDEF:\n", max_size=150), max_size=5))
def test_no_list_makes_somebody_of_nobody(host: str, port: int, lines: list[str]) -> None:
    """Names that are no address, and lines that are no connection, are never anybody."""
    assert security._user((host, port), ("127.0.0.1", 1), lines) is None
