"""The preview's server: uvicorn with limits on connections and their time, and an end within seconds.

Whatever comes over a connection, the program goes on. What is no HTTP is answered with 400, a request that does not
arrive within its time with 408, and connections beyond the file descriptors that the program can spare with 503. A
browser, or a program gone wrong, can open hundreds of them; without a limit the builds would find no file to open.
Requests write nothing to the terminal; a mistake of our own does.
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

# Seconds in which a whole request must have arrived.
_PATIENCE = 10

# Seconds that answers under way have when the server ends.
_GRACE = 1

# Connections at once, and how many there are at least, however few files the system allows. A page takes up to seven.
_MOST = 200
_LEAST = 4

# File descriptors that the program needs for its own work: libraries, what it watches and reads, its child processes.
_OWN_FILES = 48

# File descriptors that a connection may take: itself, and a picture that is sent over it.
_FILES_EACH = 2

# Seconds in which the same trouble is not told again.
_QUIET = 60.0

# Connections that wait to be accepted. asyncio accepts as many in one go, before they are counted; and where there is
# no file descriptor left, it tries, fails and reports as often as this.
_BACKLOG = 32

# Said once a minute at most: it comes with every connection that is turned away.
_TOO_MANY = "more connections than there are files for: new ones are turned away until others are closed"

_log = logging.getLogger(__name__)


class Pages(Protocol):
    """What a server serves: an ASGI application whose streams of events can be ended."""

    @property
    def asgi(self) -> ASGIApp:
        """The application."""

    def close(self) -> None:
        """End the answers that would never end by themselves."""


class Server(uvicorn.Server):
    """Serves *pages* until `should_exit` is set or a signal arrives; `run` then returns within about a second.

    *on_signal* is called once, by the handler of the first signal, to end other work.
    """

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
        # uvicorn logs each broken request as an error, and none of them is one of ours.
        logging.getLogger("uvicorn.error").addFilter(_is_mistake)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen; what goes wrong in the event loop is reported by us from now on."""
        asyncio.get_running_loop().set_exception_handler(_tell_of)
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: the streams of events first, because uvicorn waits for all answers."""
        self._pages.close()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End because of the signal *sig*; a second one changes nothing.

        uvicorn would take a second Ctrl-C for an order to leave all connections as they are.
        """
        if not self._signalled:
            self._signalled = True
            self._on_signal()
            super().handle_exit(sig, frame)


class _HttpConnection(H11Protocol):
    """A connection, one of a limited number, over which each request must arrive within a limited time."""

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
        # In any other state the whole request has arrived, and the time is that of our answer.
        if self.conn.their_state not in {h11.IDLE, h11.SEND_BODY}:
            self._forget()
        elif self._late is None:
            self._late = self.loop.call_later(_PATIENCE, self._too_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _forget(self) -> None:
        """Take away the deadline of the request, which has arrived or will not any more."""
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        """Close the connection; say why where a request has begun and no answer has."""
        begun = self.conn.their_state is not h11.IDLE or self.conn.trailing_data[0]
        if begun and self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE} and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"the request has not arrived within {_PATIENCE} s")
        self.transport.close()

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        """Answer without the application, and close."""
        # Past h11, which may be in a state that allows no answer.
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        self.transport.write(f"{head}Content-Length: {len(why)}\r\nConnection: close\r\n\r\n{why}".encode("ascii"))
        self.transport.close()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on *host* and *port*; port 0 takes a free one.

    Raises OutputError for a port that is taken and for a host that is no address of this machine, with what to do.
    """
    try:
        plain = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        # asyncio sends at once (TCP_NODELAY) only from a socket that names its protocol; from others, a letter's end
        # waits 40 ms for the browser to confirm its beginning.
        return socket.socket(plain.family, plain.type, socket.IPPROTO_TCP, fileno=plain.detach())
    except (OSError, UnicodeError) as error:
        number = (error.errno or 0) if isinstance(error, OSError) else 0
        # Below 0 are the errors of getaddrinfo: a name that leads nowhere.
        if number <= 0 or number == errno.EADDRNOTAVAIL:
            raise OutputError(host, "is no address of this machine", "take another with --host") from error
        place = f"port {port}" if host == LOCAL else f"{host}, port {port}"
        raise OutputError(place, os.strerror(number), "take another with --port") from error


def _most() -> int:
    """Return how many connections there may be at once, so that file descriptors are left for the work itself.

    Asked for with each connection, as the limit of the process can be changed while it runs.
    """
    try:
        import resource  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return _MOST
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST if files < 0 else max(_LEAST, min(_MOST, (files - _OWN_FILES) // _FILES_EACH))


def _is_mistake(record: logging.LogRecord) -> bool:
    """Whether a log record of uvicorn reports a mistake of ours.

    A request that is no HTTP is none, and neither is an answer that is cut off when the server ends.
    """
    error = record.exc_info[1] if record.exc_info else None
    if files.is_passing(error):
        _tell(_TOO_MANY)
        return False
    cut_off = isinstance(error, asyncio.CancelledError)
    return record.levelno >= logging.ERROR and not cut_off and not record.getMessage().startswith("Cancel ")


def _tell_of(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report what went wrong in the event loop; a lack of file descriptors only now and then, as it keeps coming."""
    if files.is_passing(context.get("exception")):
        _tell(_TOO_MANY)
    else:
        loop.default_exception_handler(context)


# When each trouble was reported last, by the monotonic clock.
_told: dict[str, float] = {}


def _tell(trouble: str) -> None:
    """Write a warning to the terminal, unless the same one was written within the last minute."""
    now = time.monotonic()
    if now - _told.get(trouble, -_QUIET) >= _QUIET:
        _told[trouble] = now
        _log.warning("%s", trouble)
