"""Connections: who is let in, how long one may take, and how all of them end. Knows HTTP's edges, not what is asked.

Whatever comes over a connection, the program goes on: what is no HTTP is answered with 400, a request that does not
come to an end with 408, and more connections than the program has files for are turned away with 503.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from digest import files
from digest.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from starlette.types import ASGIApp

LOCAL = "127.0.0.1"

_PATIENCE = 10
"""Seconds in which a request must have arrived, all of it."""

_GRACE = 1
"""Seconds that answers under way have when the server ends."""

_MOST = 200
"""Connections at once; a page takes up to seven."""

_LEAST = 4
_OWN_FILES = 48
"""Files that the program needs for its own work: libraries, what it watches and reads, its child processes."""

_FILES_EACH = 2
"""Files that a connection may take: itself, and a picture that is sent over it."""

_QUIET = 60.0
"""Seconds in which the same trouble is not told again."""

_BACKLOG = 32
"""Connections that wait to be taken. asyncio takes as many in one go, before they are counted; and where there is no
file left, it tries, fails and tells as often as this."""

_TOO_MANY = "more connections than there are files for: new ones are turned away until others are closed"

_log = logging.getLogger(__name__)


class Pages(Protocol):
    """What a server serves: an ASGI application, and how to let the answers end that have no end."""

    @property
    def asgi(self) -> ASGIApp:
        """The application."""

    def close(self) -> None:
        """Let every answer end."""


class Server(uvicorn.Server):
    """Serves *pages* until it is told to end; *on_signal* is called by the handler of a signal that ends it."""

    def __init__(self, pages: Pages, on_signal: Callable[[], None]) -> None:
        quiet = {"log_config": None, "access_log": False, "server_header": False, "date_header": False}
        super().__init__(
            uvicorn.Config(
                pages.asgi,
                http=_HttpConnection,
                ws="none",
                loop="asyncio",
                proxy_headers=False,
                lifespan="on",
                backlog=_BACKLOG,
                timeout_graceful_shutdown=_GRACE,
                **quiet,  # type: ignore[arg-type]  # mypy does not look into the dictionary
            )
        )
        self._pages, self._on_signal, self._signalled = pages, on_signal, False
        logging.getLogger("uvicorn.error").addFilter(_is_mistake)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        asyncio.get_running_loop().set_exception_handler(_tell_of)
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: first the lines of events, which would last for ever."""
        self._pages.close()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End because of a signal; a second one changes nothing: the end is not far."""
        if not self._signalled:
            self._signalled = True
            self._on_signal()
            super().handle_exit(sig, frame)


class _HttpConnection(H11Protocol):
    """One of a limited number, over which a request must arrive within a limited time."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own exemption
        super().connection_made(transport)
        if len(self.connections) > _most():
            _tell(_TOO_MANY)
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "too many connections; close other windows of the preview")
        else:
            self._late = self.loop.call_later(_PATIENCE, self._too_late)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self.conn.their_state not in {h11.IDLE, h11.SEND_BODY}:  # all of a request is there
            self._forget()
        elif self._late is None:
            self._late = self.loop.call_later(_PATIENCE, self._too_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _forget(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        begun = self.conn.their_state is not h11.IDLE or self.conn.trailing_data[0]
        if begun and self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE} and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"the request has not arrived within {_PATIENCE} s")
        self.transport.close()

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        self.transport.write(f"{head}Content-Length: {len(why)}\r\nConnection: close\r\n\r\n{why}".encode("ascii"))
        self.transport.close()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises OutputError."""
    try:
        plain = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        # asyncio sends at once (TCP_NODELAY) only from a socket that names its protocol; from others, a letter's end
        # waits 40 ms for the browser to confirm its beginning.
        return socket.socket(plain.family, plain.type, socket.IPPROTO_TCP, fileno=plain.detach())
    except (OSError, UnicodeError) as error:
        number = (error.errno or 0) if isinstance(error, OSError) else 0
        if number <= 0 or number == errno.EADDRNOTAVAIL:  # below 0: a name that leads nowhere
            raise OutputError(host, "is no address of this machine", "take another with --host") from error
        place = f"port {port}" if host == LOCAL else f"{host}, port {port}"
        raise OutputError(place, os.strerror(number), "take another with --port") from error


def _most() -> int:
    """Return how many connections there may be, with files left for the work itself."""
    try:
        import resource  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return _MOST
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST if files < 0 else max(_LEAST, min(_MOST, (files - _OWN_FILES) // _FILES_EACH))


def _is_mistake(record: logging.LogRecord) -> bool:
    """Whether uvicorn tells of a mistake of ours: a request that is no HTTP, and one cut off at the end, is none."""
    error = record.exc_info[1] if record.exc_info else None
    if files.is_passing(error):
        _tell(_TOO_MANY)
        return False
    cut_off = isinstance(error, asyncio.CancelledError)
    return record.levelno >= logging.ERROR and not cut_off and not record.getMessage().startswith("Cancel ")


def _tell_of(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell of what went wrong in the loop; of a lack of files only now and then, as it comes back until there are."""
    if files.is_passing(context.get("exception")):
        _tell(_TOO_MANY)
    else:
        loop.default_exception_handler(context)


_told: dict[str, float] = {}
"""When each trouble was told last, by the clock that only goes forward."""


def _tell(trouble: str) -> None:
    now = time.monotonic()
    if now - _told.get(trouble, -_QUIET) >= _QUIET:
        _told[trouble] = now
        _log.warning("%s", trouble)
