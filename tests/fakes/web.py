"""A web service in a thread: routes to functions, JSON in and out, and faults that a test asks for."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

KEY = "planted-key-of-the-service"  # a test looks for it in everything that is written
STALL = 3.0
"""Seconds that a stalled answer takes; the client of a test waits for less."""


class Refused(Exception):
    """The service does not take a call: status and words, and when it may be made again."""

    def __init__(self, status: int, words: str, retry_after: str = "") -> None:
        super().__init__(words)
        self.status, self.retry_after = status, retry_after


@dataclass
class Call:
    """One call as a route gets it."""

    body: Any
    query: dict[str, str]
    headers: Mapping[str, str]
    form: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Service:
    """A fake: routes are `METHOD /path` with names in braces. *fault* is what happens to the next creating call.

    `stall`: it is carried out and the answer comes too late; `drop`: it is not carried out and there is no answer.
    *refusals* are the answers to the next calls, whatever these are.
    """

    fault: str = ""
    refusals: list[Refused] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    port: int = 0

    def routes(self) -> dict[str, Callable[..., tuple[int, Any]]]:
        """Return the routes."""
        raise NotImplementedError

    def known(self, headers: Mapping[str, str]) -> bool:
        """Whether the caller has the key."""
        raise NotImplementedError

    creating = ""
    """The route that makes a campaign."""


def bearer(headers: Mapping[str, str]) -> bool:
    """Whether a bearer key is the right one."""
    return headers.get("Authorization") == f"Bearer {KEY}"


def basic(headers: Mapping[str, str]) -> bool:
    """Whether a Basic password is the key."""
    kind, _, rest = headers.get("Authorization", "").partition(" ")
    return kind == "Basic" and base64.b64decode(rest).decode().partition(":")[2] == KEY


def strict(body: Any, fields: Mapping[str, Any], needed: str = "", status: int = 400) -> dict[str, Any]:
    """Return *body* if it has no unknown field, all that are needed, and values of the right types."""
    if not isinstance(body, dict):
        raise Refused(status, "the body is no object")
    for name, value in body.items():
        if name not in fields:
            raise Refused(status, f"unknown field {name}")
        if not isinstance(value, fields[name]) or (isinstance(value, bool) and fields[name] is int):
            raise Refused(status, f"{name} is of the wrong type")
    for name in needed.split():
        if body.get(name) in (None, "", [], {}):
            raise Refused(status, f"{name} is missing")
    return body


@contextmanager
def running(service: Service) -> Iterator[Service]:
    """Let *service* listen on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            address = urlsplit(self.path)
            service.calls.append(f"{self.command} {address.path}")
            retry_after = ""
            try:
                if service.refusals:
                    raise service.refusals.pop(0)
                status, body = self._route(raw, address.path, dict(parse_qsl(address.query)))
            except Refused as refused:
                status, retry_after = refused.status, refused.retry_after
                body = {"message": str(refused), "seen": dict(self.headers)}
            content = b"" if body is None else json.dumps(body).encode()
            try:
                self.send_response(status)
                if content:
                    self.send_header("Content-Type", "application/json")
                if retry_after:
                    self.send_header("Retry-After", retry_after)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:  # the caller did not wait
                self.close_connection = True

        def _route(self, raw: bytes, path: str, query: dict[str, str]) -> tuple[int, Any]:
            if not service.known(self.headers):  # type: ignore[arg-type]  # it is a mapping
                raise Refused(401, "the key is wrong")
            is_json = "json" in self.headers.get("Content-Type", "")
            body = json.loads(raw) if raw and is_json else None
            form = [] if is_json else parse_qsl(raw.decode(), keep_blank_values=True)
            for route, function in service.routes().items():
                method, _, pattern = route.partition(" ")
                found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern), path)
                if not found or method != self.command:
                    continue
                fault, service.fault = (service.fault, "") if route == service.creating else ("", service.fault)
                if fault == "drop":
                    time.sleep(STALL)
                    raise Refused(503, "nothing happened")
                answer = function(Call(body, query, self.headers, form), **found.groupdict())  # type: ignore[arg-type]  # likewise
                if fault == "stall":
                    time.sleep(STALL)
                return answer
            raise Refused(404, f"no {self.command} {path}")

        do_GET = do_POST = do_PUT = do_PATCH = _answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
