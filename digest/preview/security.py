"""Who may ask the preview, and what its answers may do in a browser.

- The `Host` must be one of this server's, so that no foreign name can be pointed at it (DNS rebinding).
- The token printed at the start must have been shown once; a cookie says so afterwards.
- Without it, programs of the same user on this machine are let in, where the system can tell (`peer`): they could read
  and write the files themselves. A browser is one of them and acts for any page that is open in it, so it is let in
  only for what no other page has asked for; and a program that says it forwards for somebody else is not let in.
- What writes must come from this very page: its `Origin`, its token in a header, and JSON.
- No answer may be framed elsewhere, run scripts of others, or be kept.

The system writes down who opened each connection of this machine, so that nobody can claim to be another one. Only
Linux has such a list to read; elsewhere nobody is known, and everybody has to show the token.
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
_FORWARDING = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})
"""Headers by which a proxy says that it asks for somebody else."""

_PORT_DIGITS = 5

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FRAME_POLICY = (
    "default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; img-src {images}; base-uri 'self'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
"""The frame is of the same origin, so that the page can read and scroll it; it cannot run script, so it cannot."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where the server stands, the token *access* that lets a browser in, and the token *write* of its pages."""

    host: str
    port: int
    access: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    write: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def cookie(self) -> str:
        """The name of the cookie: browsers share cookies among all ports of a machine, and so may two previews."""
        return f"digest-{self.port}"

    def knows(self, name: str) -> bool:
        """Whether *name*, a Host header, is one of this server's."""
        host, port = _host_and_port(name)
        if port != self.port:
            return False
        if host in LOOPBACK or host == self.host.lower():
            return True
        return self.host in {"0.0.0.0", "::"} and _is_address(host)  # noqa: S104 - asked for with --host


class Guard:
    """Stands before the whole application."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the headers that every answer has."""
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
        if headers.get("origin") != own or headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return PlainTextResponse("not from this page", 403)
        if not _same(headers.get(TOKEN_HEADER, ""), self.door.write):
            return PlainTextResponse("without the token of this page", 403)
        if headers.get("content-type", "").split(";")[0] != "application/json":
            return PlainTextResponse("not JSON", 415)
        return None

    def _shows_token(self, scope: Scope) -> bool:
        return _same(_query(scope).get("token", [""])[0], self.door.access)

    def _welcome(self, scope: Scope) -> Response:
        """Let in who shows the token in the address, and take it out of the address."""
        rest = urlencode({key: values for key, values in _query(scope).items() if key != "token"}, doseq=True)
        answer = RedirectResponse("/" + (f"?{rest}" if rest else ""), 303)
        answer.set_cookie(self.door.cookie, self.door.access, httponly=True, samesite="strict")
        return answer

    def _is_own_program(self, scope: Scope, headers: Headers) -> bool:
        """Whether a program of this server's user asks, for itself."""
        if self.door.host not in LOOPBACK or not scope["client"] or not scope["server"]:
            return False
        if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            return False
        return _FORWARDING.isdisjoint(headers.keys()) and is_same_user(scope["client"], scope["server"])


def _same(mine: str, other: str) -> bool:
    return bool(other) and secrets.compare_digest(mine.encode(), other.encode())


def _query(scope: Scope) -> dict[str, list[str]]:
    return parse_qs(scope["query_string"].decode("latin-1"))


def _host_and_port(name: str) -> tuple[str, int]:
    host, _, port = name.rpartition(":")
    if not port.isascii() or not port.isdigit() or len(port) > _PORT_DIGITS:
        host, port = name, "80"
    return host.strip("[]").lower(), int(port)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host  # a zone may hold any text


_LISTS = ("/proc/net/tcp", "/proc/net/tcp6")
_NOBODY = 65534
"""Whom the list names for a user whom this one's namespace does not have (a container): that may be anybody."""

_End = tuple[str, int]


def is_same_user(client: _End, server: _End) -> bool:
    """Whether the connection from *client* to *server*, both on this machine, was opened by this program's own user.

    False where that cannot be told: on other systems, for a user outside the container, for an end that has hung up.
    """
    if sys.platform != "linux":
        return False
    mine = os.geteuid()
    return mine != _NOBODY and _user(client, server, _lines()) == mine


def _lines() -> Iterable[str]:
    for path in _LISTS:
        try:
            with open(path, encoding="ascii") as handle:
                yield from handle
        except OSError:  # a system without it: without IPv6, or one that hides it
            continue


def _user(client: _End, server: _End, lines: Iterable[str]) -> int | None:
    """Return the number of the user who opened the connection, by *lines* as `/proc/net/tcp` has them."""
    wanted = [f" {local} {other} " for local, other in zip(_written(*client), _written(*server), strict=True)]
    for line in lines:
        if any(pair in line for pair in wanted):
            fields = line.split()
            if fields[9] != "0":  # an end that has hung up belongs to nobody, and says 0, which is root
                return int(fields[7])
    return None


def _written(host: str, port: int) -> tuple[str, str]:
    """Return an end of a connection as the lists for IPv4 and IPv6 write it; the second has both kinds of addresses."""
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
    """Words of four bytes in the byte order of the machine, as the kernel prints them."""
    groups = [packed[start : start + 4] for start in range(0, len(packed), 4)]
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in groups)
