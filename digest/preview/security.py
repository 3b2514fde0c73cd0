"""Access control: who may ask the preview, and what its answers may do in a browser.

The preview shows drafts and writes a file, on a machine that other users and any web page in a browser can reach.

- The `Host` header must name this server, so that no foreign name can be pointed at it (DNS rebinding).
- The access token of the printed address must have been shown once; afterwards a cookie of the browser says so.
- Without it, programs of the same user on this machine are let in, where the system can tell (`is_same_user`): they
  could read and write the files themselves. A browser is such a program but acts for every page open in it, so it is
  let in only for what no other page has asked for (`Sec-Fetch-Site`). A proxy that says it forwards is not let in.
- A request that writes must come from the page itself: its `Origin`, its write token in a header, and JSON, which no
  form of another page can send.
- No answer may be framed elsewhere, run scripts of others, or be cached.

Linux keeps a list of who opened each connection of the machine, which nobody can forge. Other systems have none to
read, so there everybody has to show the token.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TOKEN_HEADER = "x-digest-token"  # noqa: S105 - the name of a header

# Headers by which a proxy says that it asks for somebody else.
_FORWARDING = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})

# Digits of a port at most; `int` raises an exception of its own for thousands of them.
_PORT_DIGITS = 5

# The page loads its modules, its style and its pictures from here and nothing from anywhere; `data:` are icons.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# The frame is of the same origin, so that the page can read and scroll it. It cannot run a script, so it cannot do the
# same to the page. Its links open in windows that are not bound by the sandbox, as a reader's would.
FRAME_POLICY = (
    "default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; img-src {images}; base-uri 'self'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)


@dataclass(frozen=True, slots=True)
class Door:
    """The server's *host* and *port*, and its two tokens, which are new with each start.

    *access* lets a browser in and is in the printed address; *write* is in the pages, and in their requests that write.
    """

    host: str
    port: int
    access: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    write: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def cookie(self) -> str:
        """The name of the cookie, with the port in it: browsers share the cookies of a host among all its ports."""
        return f"digest-{self.port}"

    def knows(self, name: str) -> bool:
        """Whether *name*, a Host header, names this server: any name of this machine itself, with the right port.

        A server for all addresses cannot know its own; there every address will do, but no name except `localhost`: to
        rebind DNS takes a name.
        """
        host, port = _host_and_port(name)
        if port != self.port:
            return False
        if host in LOOPBACK or host == self.host.lower():
            return True
        return self.host in {"0.0.0.0", "::"} and _is_address(host)  # noqa: S104 - asked for with --host


class Guard:
    """ASGI middleware before the whole application: refuses requests, and adds headers to all answers.

    401 is the answer to a client that is not let in, 403 to a request from elsewhere, 405 and 415 to one that no page
    of ours sends. What is not HTTP, such as the lifespan, passes.
    """

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a refusal, or let the application answer; either has the headers that every answer has."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", PAGE_POLICY)
                headers.setdefault("X-Frame-Options", "DENY")
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        answer = self._refusal(scope)
        await (answer or self.app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:  # noqa: PLR0911 - one return a reason
        """Return the refusal of a request, or the redirect of one that shows the token; None lets it pass."""
        headers = Headers(scope=scope)
        if not self.door.knows(headers.get("host", "")):
            return PlainTextResponse("not a name of this server", 403)
        if scope["method"] == "GET" and self._shows_token(scope):
            return self._welcome(scope)
        if not _same(cookie_parser(headers.get("cookie", "")).get(self.door.cookie, ""), self.door.access) and not (
            self._is_own_program(scope, headers)
        ):
            return PlainTextResponse("the address needs the token that `digest preview` printed", 401)
        if scope["method"] in {"GET", "HEAD"}:
            return None
        if scope["method"] != "POST":
            return PlainTextResponse("only GET and POST", 405)
        own = f"{scope['scheme']}://{headers['host']}"
        # Old browsers send no Sec-Fetch-Site, but all send an Origin with a POST.
        if headers.get("origin") != own or headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return PlainTextResponse("not from this page", 403)
        if not _same(headers.get(TOKEN_HEADER, ""), self.door.write):
            return PlainTextResponse("without the token of this page", 403)
        if headers.get("content-type", "").split(";")[0] != "application/json":
            return PlainTextResponse("not JSON", 415)
        return None

    def _shows_token(self, scope: Scope) -> bool:
        """Whether the address of a request has the access token in its query."""
        return _same(_query(scope).get("token", [""])[0], self.door.access)

    def _welcome(self, scope: Scope) -> Response:
        """Return the redirect that gives a browser its cookie, to the same address without the token.

        Else the token would be in the browser's history, and in a screenshot.
        """
        rest = urlencode({key: values for key, values in _query(scope).items() if key != "token"}, doseq=True)
        answer = RedirectResponse("/" + (f"?{rest}" if rest else ""), 303)
        answer.set_cookie(self.door.cookie, self.door.access, httponly=True, samesite="strict")
        return answer

    def _is_own_program(self, scope: Scope, headers: Headers) -> bool:
        """Whether a request is of a program of this server's user, and not one that it makes for somebody else."""
        if self.door.host not in LOOPBACK or not scope["client"] or not scope["server"]:
            return False
        if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            return False
        return _FORWARDING.isdisjoint(headers.keys()) and is_same_user(scope["client"], scope["server"])


def _same(mine: str, other: str) -> bool:
    """Whether two tokens are equal, in a time that does not tell how many of their characters are.

    An empty one is equal to none, not even to another empty one.
    """
    return bool(other) and secrets.compare_digest(mine.encode(), other.encode())


def _query(scope: Scope) -> dict[str, list[str]]:
    """Return the parameters of a request's address."""
    return parse_qs(scope["query_string"].decode("latin-1"))


def _host_and_port(name: str) -> tuple[str, int]:
    """Return host, without brackets and in lower case, and port of a Host header; the port is 80 where it has none."""
    host, _, port = name.rpartition(":")
    if not port.isascii() or not port.isdigit() or len(port) > _PORT_DIGITS:
        host, port = name, "80"
    return host.strip("[]").lower(), int(port)


def _is_address(host: str) -> bool:
    """Whether *host* is an IP address and not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    # The zone of an address, behind a percent sign, may be any text, and so a name.
    return "%" not in host


_LISTS = ("/proc/net/tcp", "/proc/net/tcp6")

# The user that the lists name for one that this user namespace does not have, as in a container: it may be anybody.
_NOBODY = 65534

# Address and port of one end of a connection.
_End = tuple[str, int]


def is_same_user(client: _End, server: _End) -> bool:
    """Whether the connection from *client* to *server*, both on this machine, was opened by this process's user.

    False where that cannot be told: on other systems than Linux, for a user outside the container, for a client that
    has closed its end.
    """
    if sys.platform != "linux":
        return False
    mine = os.geteuid()
    return mine != _NOBODY and _user(client, server, _lines()) == mine


def _lines() -> Iterable[str]:
    """Yield the lines of the kernel's lists of TCP connections (proc_net_tcp in the kernel's documentation)."""
    for path in _LISTS:
        try:
            with open(path, encoding="ascii") as handle:
                yield from handle
        # A system without IPv6, or one that hides the lists.
        except OSError:
            continue


def _user(client: _End, server: _End, lines: Iterable[str]) -> int | None:
    """Return the number of the user who opened the connection, by *lines* as `/proc/net/tcp` has them."""
    wanted = [f" {local} {other} " for local, other in zip(_written(*client), _written(*server), strict=True)]
    for line in lines:
        if any(pair in line for pair in wanted):
            fields = line.split()
            # A closed end has no inode and belongs to nobody; its user is given as 0, which is root.
            if fields[9] != "0":
                return int(fields[7])
    return None


def _written(host: str, port: int) -> tuple[str, str]:
    """Return an end of a connection as the lists for IPv4 and for IPv6 write it.

    The second has IPv4 addresses too, as mapped ones (RFC 4291, 2.5.5.2): of a server that listens on both.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "?", "?"
    if isinstance(address, ipaddress.IPv4Address):
        short = address.packed
        long = ipaddress.IPv6Address(f"::ffff:{host}").packed
        return f"{_hex(short)}:{port:04X}", f"{_hex(long)}:{port:04X}"
    return "?", f"{_hex(address.packed)}:{port:04X}"


def _hex(packed: bytes) -> str:
    """Return an address as the kernel prints it: words of four bytes, each in the byte order of the machine."""
    groups = [packed[start : start + 4] for start in range(0, len(packed), 4)]
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in groups)
