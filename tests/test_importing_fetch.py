"""Import from an address: what is asked, how long and how much is waited for, and where a redirect may lead."""

from __future__ import annotations

import gzip
import http.server
import json
import os
import socket
import socketserver
import threading
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from command import run
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ImportingError
from digest.importing import decoding, fetch, source
from digest.importing import fetch as network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LINE = json.dumps({"title": "Good", "date": "2020-11-09", "url": "https://example.org/good"}).encode()
BOMB_MEMBER = zlib.compressobj(9, zlib.DEFLATED, 31)
ZEROS = BOMB_MEMBER.compress(bytes(60_000_000)) + BOMB_MEMBER.flush()
"""60 MB in 60 kB."""


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A server on this machine that does what its routes say and notes what it is asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.routes: dict[str, Callable[[Handler], None]] = {}
        self.over = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by the server's routes."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Do as the route says."""
        self.server.asked.append((self.path, dict(self.headers)))
        self.close_connection = True
        self.server.routes[self.path](self)

    def answer(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """Answer whole."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as the library has it
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that is there for one test."""
    made = Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.over.set()
    made.shutdown()
    made.server_close()
    thread.join()


def refused(address: str, seconds: float = 20) -> str:
    """Return the sentence with which an address is refused, from its first colon and blank on."""
    with pytest.raises(ImportingError) as caught:
        fetch.fetch(address, seconds)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{address}: ")


def to(location: str, status: int = 302) -> Callable[[Handler], None]:
    """Return a route that leads elsewhere."""
    return lambda handler: handler.answer(status, Location=location)


def packed(body: bytes, coding: str) -> Callable[[Handler], None]:
    """Return a route that answers *body* and says that it is packed."""
    return lambda handler: handler.answer(200, body, Content_Encoding=coding)


def raw_deflate(content: bytes) -> bytes:
    """Return *content* packed without the two bytes of zlib in front."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


PACKED = {
    "plain": (LINE, ""),
    "identity": (LINE, "identity"),
    "gzip": (gzip.compress(LINE), "gzip"),
    "x-gzip": (gzip.compress(LINE), "X-GZip"),
    "deflate": (zlib.compress(LINE), "deflate"),
    "raw-deflate": (raw_deflate(LINE), "deflate"),
    "twice": (gzip.compress(zlib.compress(LINE)), "deflate, gzip"),
    "members": (gzip.compress(LINE[:9]) + gzip.compress(LINE[9:]), "gzip"),
    "padded": (gzip.compress(LINE) + bytes(5_000), "gzip"),
}


@pytest.mark.parametrize("case", PACKED)
def test_what_is_packed_is_unpacked(server: Server, case: str) -> None:
    """In each way that servers use, also where nobody asked for it."""
    server.routes["/a.jsonl"] = packed(*PACKED[case])
    content = fetch.fetch(f"{server.url}/a.jsonl")

    assert (content.data, content.ending, content.place) == (LINE, ".jsonl", f"{server.url}/a.jsonl")


BADLY_PACKED = {
    "brotli": (LINE, "br", "it is packed as br, which was not asked for"),
    "cut": (gzip.compress(LINE)[:-9], "gzip", "what is packed ends too early"),
    "damaged": (b"nonsense", "gzip", "what is packed is damaged"),
    "towers": (LINE, "gzip, " * 5 + "gzip", "it is packed 6 times over"),
}


@pytest.mark.parametrize("case", BADLY_PACKED)
def test_what_cannot_be_unpacked(server: Server, case: str) -> None:
    """It is one sentence."""
    body, coding, expected = BADLY_PACKED[case]
    server.routes["/a"] = packed(body, coding)

    assert refused(f"{server.url}/a") == f"cannot be fetched ({expected}); save it to a file and name that"


BOMBS = {
    "gzip": (ZEROS, "gzip"),
    "gzip-of-gzip": (gzip.compress(ZEROS), "gzip, gzip"),
    "members": (gzip.compress(bytes(1_000_000)) * 60, "gzip"),
}


@pytest.mark.parametrize("case", BOMBS)
def test_a_bomb_goes_off_outside(server: Server, case: str) -> None:
    """What unpacks to more than a source may have is refused, and never more than that is held."""
    body, coding = BOMBS[case]
    server.routes["/a"] = packed(body, coding)

    assert refused(f"{server.url}/a") == f"has more than {source.MOST_BYTES:,} bytes; split it"


@given(st.binary(max_size=3000).filter(lambda content: len(set(content)) < 3), st.integers(1, 400))
def test_unpacking_is_done_in_small_pieces(content: bytes, step: int) -> None:
    """However it comes in, it comes out the same and never much at once."""
    whole = content * 100
    body = zlib.compress(whole)
    pieces = list(decoding.unpacked((body[start : start + step] for start in range(0, len(body), step)), "deflate"))

    assert b"".join(pieces) == whole
    assert all(len(piece) <= 65_536 for piece in pieces)


def _more_than_allowed(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(source.MOST_BYTES // 1_000_000 + 2):
        handler.wfile.write(bytes(1_000_000))


def test_an_answer_without_end(server: Server) -> None:
    """Without a length, too, no more is taken than a source may have."""
    server.routes["/a"] = _more_than_allowed

    assert refused(f"{server.url}/a") == f"has more than {source.MOST_BYTES:,} bytes; split it"


def _drips_body(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.over.wait(0.05):
        handler.wfile.write(b" ")


def _drips_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not handler.server.over.wait(0.05):
        handler.wfile.write(b"X: y\r\n")


def _says_nothing(handler: Handler) -> None:
    handler.server.over.wait(30)


def _leads_on_slowly(handler: Handler) -> None:
    handler.server.over.wait(0.3)
    handler.answer(302, Location="/a")


@pytest.mark.parametrize("route", [_drips_body, _drips_headers, _says_nothing, _leads_on_slowly])
def test_the_time_is_bounded_as_a_whole(server: Server, route: Callable[[Handler], None]) -> None:
    """A byte at a time, headers without end, silence and slow redirects are all given up at the same moment."""
    server.routes["/a"] = route

    assert refused(f"{server.url}/a", 0.8) == (
        "was not there in full within 0.8 seconds; save it to a file and name that"
    )


def test_a_name_that_is_looked_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look-up counts, too, though nothing can end it."""
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(30))
    said = refused("http://slow.example/", 0.2)
    over.set()

    assert said == "was not there in full within 0.2 seconds; save it to a file and name that"


LIES = {
    "length-too-great": ({"Content-Length": "1000"}, "peer closed connection without sending complete message body"),
    "length-below-zero": ({"Content-Length": "-5"}, "bad Content-Length"),
    "length-no-number": ({"Content-Length": "many"}, "bad Content-Length"),
}


@pytest.mark.parametrize("case", LIES)
def test_a_length_that_lies(server: Server, case: str) -> None:
    """It is one sentence, and half an answer is never taken for the whole."""
    headers, expected = LIES[case]
    server.routes["/a"] = lambda handler: handler.answer(200, LINE, **headers)

    assert refused(f"{server.url}/a").startswith(f"cannot be fetched ({expected}")


def _writes_junk(handler: Handler) -> None:
    handler.wfile.write(b"\x1b[31m" + b"x" * 5_000 + b"\r\n\r\n")


def test_what_is_no_http(server: Server) -> None:
    """What a stranger sends is shown as one printable line, and only so much of it."""
    server.routes["/a"] = _writes_junk
    said = refused(f"{server.url}/a")

    assert said.startswith("cannot be fetched (illegal status line")
    assert said.isprintable()
    assert len(said) < 300


@pytest.mark.parametrize(
    ("status", "expected"), [(404, "404 Not Found"), (304, "304 Not Modified"), (302, "302 Found"), (799, "799")]
)
def test_other_answers(server: Server, status: int, expected: str) -> None:
    """An answer that is none, such as a redirect that leads nowhere, is named by its number."""
    server.routes["/a"] = lambda handler: handler.answer(status)

    assert refused(f"{server.url}/a") == f"cannot be fetched (it answers {expected}); save it to a file and name that"


def test_redirects_within_a_host(server: Server) -> None:
    """They are followed, a relative one too; the kind is told by the address that was named, else where it ends."""
    server.routes |= {"/a": to("b/"), "/b/": to("../c.csv", 308), "/c.csv": lambda handler: handler.answer(200, b"x")}
    content = fetch.fetch(f"{server.url}/a")

    assert (content.data, content.ending, content.place) == (b"x", ".csv", f"{server.url}/a")


NO_HTTP = "cannot be fetched (it redirects to something that is no http address: {}); save it to a file and name that"
NOT_PUBLIC = "redirects to {}, which is no public address; name that address yourself if it is meant"
BAD_REDIRECTS = {
    "ftp://127.0.0.1/": NO_HTTP.format("it begins with ftp://"),
    "file:///etc/passwd": NO_HTTP.format("it begins with file://"),
    "http://[::1": NO_HTTP.format("Invalid port: ':1'"),
    "http://x:99999/": NO_HTTP.format("it has an impossible port"),
    f"http://{'a' * 300}.example/": NO_HTTP.format("a part of its host's name is empty or too long"),
    "http://localhost:{port}/b": NOT_PUBLIC.format("localhost"),
    "http://127.0.0.2:{port}/b": NOT_PUBLIC.format("127.0.0.2"),
    "http://2130706434:{port}/b": NOT_PUBLIC.format("2130706434"),
    "http://[::1]:{port}/b": NOT_PUBLIC.format("::1"),
    "http://[::ffff:127.0.0.1]:{port}/b": NOT_PUBLIC.format("::ffff:127.0.0.1"),
    "http://169.254.169.254/latest/meta-data/": NOT_PUBLIC.format("169.254.169.254"),
    "http://10.0.0.1/": NOT_PUBLIC.format("10.0.0.1"),
    "/a": "cannot be fetched (it redirects more than 10 times); save it to a file and name that",
}


@pytest.mark.parametrize("location", BAD_REDIRECTS)
def test_redirects_that_are_not_followed(server: Server, location: str) -> None:
    """Other schemes, hosts that are none, and each address that is not public and was not named by the user."""
    server.routes |= {"/a": to(location.format(port=server.server_port)), "/b": lambda handler: handler.answer(200)}

    assert refused(f"{server.url}/a") == BAD_REDIRECTS[location]
    assert {path for path, _ in server.asked} == {"/a"}


def test_no_redirect_from_https_to_http() -> None:
    """Nobody on the way may change what a secure address has begun."""
    task = fetch._Fetch("https://example.org/feed", 1)
    with pytest.raises(ImportingError) as caught:
        task._next(fetch._url("https://example.org/feed"), "http://example.org/feed")

    assert "it redirects from https to http, where anybody may change what comes" in str(caught.value)
    assert str(task._next(fetch._url("http://example.org/feed"), "https://example.org/x")) == "https://example.org/x"


def test_a_name_is_looked_up_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that has another address the second time leads nowhere else: what was checked is what is asked."""
    answers = iter(["127.0.0.1", "127.0.0.3", "127.0.0.3"])
    asked = []

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    server.routes |= {
        "/a": to(f"http://news.example:{server.server_port}/b"),
        "/b": lambda handler: handler.answer(200, LINE),
    }
    whole = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, *rest, **more: (
            look_up(host, port) if "news" in str(host) else whole(host, port, *rest, **more)
        ),
    )

    assert fetch.fetch(f"http://news.example:{server.server_port}/a").data == LINE
    assert asked == ["news.example"]
    assert {headers["Host"] for _, headers in server.asked} == {f"news.example:{server.server_port}"}


def test_one_machine_of_a_host_is_down(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next address of the same name is asked."""
    machines = ["127.0.0.9", "127.0.0.1"]
    monkeypatch.setattr(network, "addresses", lambda *_: machines)
    server.routes["/a"] = lambda handler: handler.answer(200, LINE)

    assert fetch.fetch(f"http://news.example:{server.server_port}/a").data == LINE


def test_a_proxy_is_used_and_looks_up_the_names(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind one, names may be known to it alone; a redirect to what is plainly this machine is still refused."""
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "")
    server.routes |= {
        "http://only-the-proxy.knows/a": to("http://another.example/b"),
        "http://another.example/b": lambda handler: handler.answer(200, LINE),
        "http://only-the-proxy.knows/c": to("http://localhost/b"),
        "http://only-the-proxy.knows/d": to("http://0x7f.1/b"),
    }

    assert fetch.fetch("http://only-the-proxy.knows/a").data == LINE
    assert refused("http://only-the-proxy.knows/c") == NOT_PUBLIC.format("localhost")
    assert refused("http://only-the-proxy.knows/d") == NOT_PUBLIC.format("0x7f.1")


ADDRESSES = {
    "http://[::1": "Invalid port: ':1'",
    "http://": "it names no host",
    "http:///x": "it names no host",
    "http://user:secret@": "it names no host",
    "http://user:sec/ret@example.org/": "Invalid port: 'sec'",
    "http://user:secret@[::1/": "Invalid port: ':1'",
    "http://a b/": "it holds blanks or control characters",
    "http://exa\nmple/": "it holds blanks or control characters",
    "http://exa\ud800mple/": "it holds blanks or control characters",
    "http://x:99999/": "it has an impossible port",
    "http://x:0/": "it has an impossible port",
    "http://x:abc/": "Invalid port: 'abc'",
    "http://a..b/": "a part of its host's name is empty or too long",
    f"http://{'a' * 64}.example/": "a part of its host's name is empty or too long",
    "http://☃.example/": "Invalid IDNA hostname: '☃.example'",
    f"http://x/{'a' * 70_000}": "URL too long",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_that_are_none(tmp_path: Path, address: str) -> None:
    """Each is one short sentence, without a password, and nothing is written."""
    status, printed, told = run(tmp_path, "import", address)

    assert (status, printed) == (1, "")
    assert told.endswith(f": is no usable http address ({ADDRESSES[address]}); correct it\n")
    assert told.count("\n") == 1
    assert "sec" not in told.replace("'sec'", "")
    assert len(told) < 500
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("address", ["http://xn--/", "HTTP://xn--/"])
def test_a_host_that_nobody_has(tmp_path: Path, address: str) -> None:
    """It is one sentence, also where the scheme is written large."""
    told = run(tmp_path, "import", address)[2]

    assert told.startswith(f"{address}: cannot be fetched (no host is called xn--: ")
    assert told.count("\n") == 1


def test_a_password_is_for_its_host_and_no_message(server: Server, tmp_path: Path) -> None:
    """It goes with each question to the host it was given for, and stands in no place that is told."""
    address = server.url.replace("://", "://user:secret@")
    server.routes |= {
        "/a.jsonl": to("/b"),
        "/b": lambda handler: handler.answer(200, b"broken\n" + LINE),
        "/gone": lambda handler: handler.answer(404),
        "/other": to(f"http://user:secret@127.0.0.1:{server.server_port}/b"),
    }
    told = [run(tmp_path, "import", f"{address}/{name}", "--to", "news")[2] for name in ("a.jsonl", "gone")]
    fetch.fetch(f"{server.url}/other")

    assert [headers.get("Authorization") for _, headers in server.asked] == ["Basic dXNlcjpzZWNyZXQ="] * 3 + [None] * 2
    assert "secret" not in "".join(told)
    assert told[0].startswith(f"warning: http://***@127.0.0.1:{server.server_port}/a.jsonl:1: is no JSON")
    assert told[1].startswith(f"http://***@127.0.0.1:{server.server_port}/gone: cannot be fetched (it answers 404")


def test_what_the_server_says_of_the_encoding(server: Server, tmp_path: Path) -> None:
    """A table in an encoding that the server names is read; the kind counts where no ending tells it."""
    rows = "title,date,url\nПривет,2020-11-09,https://example.org/1\n".encode("koi8-r")
    server.routes["/export"] = lambda handler: handler.answer(200, rows, Content_Type='text/csv; charset="KOI8-R"')
    run(tmp_path, "import", f"{server.url}/export", "--to", "news")

    assert 'title: "Привет"' in (tmp_path / "news" / "2020-11-09-привет.md").read_text("utf-8")


def test_one_address_that_fails_stops_no_other(server: Server, tmp_path: Path) -> None:
    """The others are brought in, and the status says that something is missing."""
    server.routes |= {"/a": lambda handler: handler.answer(500), "/b.jsonl": lambda handler: handler.answer(200, LINE)}
    done = run(tmp_path, "import", f"{server.url}/a", "http://", f"{server.url}/b.jsonl", "--to", "news")

    assert done[:2] == (
        1,
        "news: 1 article written, 0 there already, 0 could not be read; 2 sources not read at all\n",
    )
    assert len(done[2].splitlines()) == 2


LOCAL = """0.0.0.0 0.1.2.3 10.1.2.3 100.64.0.1 64:ff9b:1::1
    127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192
    192.168.1.1 198.18.0.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16 100.100.100.200
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd00:ec2::254 ff02::1
    64:ff9b::7f00:1 64:ff9b::a00:1 2002:7f00:1:: 2002:a00:1::1 2001:db8::1 2001:0:7f00:1:: nonsense"""
PUBLIC = """1.1.1.1 8.8.8.8 93.184.216.34 172.32.0.1 100.128.0.1 2606:4700:4700::1111 2a00:1450:4001:82a::200e
    ::ffff:8.8.8.8 64:ff9b::808:808"""


@pytest.mark.parametrize("address", LOCAL.split())
def test_addresses_that_are_not_public(address: str) -> None:
    """This machine, its network, its provider's, groups, what is reserved, and each of them wrapped in IPv6."""
    assert not network.is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_addresses_that_are_public(address: str) -> None:
    """The open internet's, also wrapped in IPv6."""
    assert network.is_public(address)
