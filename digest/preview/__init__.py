"""The issue as every reader will see it, live in the browser, with a desk to edit it. Prints nothing.

    files ─▶ watch ─▶ live ─▶ app ─▶ page: frame (variants, mailbox), desk ─┐
                       ▲                                                     │ actions
                       └──────────── edits/DAY.yaml ◀── draft ◀──────────────┘

Builds in memory and writes nothing but the editor's file, and that only when the desk is used. Listens on 127.0.0.1
unless told otherwise; `guard` says what is refused.
"""

from __future__ import annotations

import os
import secrets
import socket
from typing import TYPE_CHECKING

import uvicorn

from digest import edits
from digest.errors import DigestError, OutputError
from digest.preview.app import Application
from digest.preview.guard import LOOPBACK, Door
from digest.preview.live import Live
from digest.preview.waiting import Waiting

if TYPE_CHECKING:
    from digest.model import Window
    from digest.preview.live import Judge, Load
    from digest.settings import Settings

LOCAL = "127.0.0.1"


class Preview:
    """A live issue and its server, which listens from the start and answers while it runs.

    *load* reads the settings, from the file *config* among others; *judge* finds what is wrong with built files. With
    *read_only* there is no desk. Where the files give no issue, *trouble* says why; the page says it too, and shows the
    issue as soon as they do. Raises DigestError for settings that cannot be read, and OutputError for a port that is
    taken.
    """

    def __init__(
        self,
        load: Load,
        *,
        config: str,
        port: int = 0,
        host: str = LOCAL,
        read_only: bool = False,
        judge: Judge | None = None,
    ) -> None:
        self._load, self._judge = load, judge
        self._config, self._read_only = config, read_only
        settings, window = load()
        self.issue = window.issue_id
        self._places = _places(settings, window, config)
        self._live: Live | None = None
        self.trouble = self._attempt()
        self._socket = _listen(host, port)
        token = None if host in LOOPBACK else secrets.token_urlsafe(24)
        self.door = Door(host, self._socket.getsockname()[1], token)
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{self.door.port}/" + (
            f"?token={token}" if token else ""
        )
        self._server: _Server | None = None
        self._stopped = False

    @property
    def live(self) -> Live:
        """The issue, once there is one."""
        assert self._live is not None
        return self._live

    def run(self) -> None:
        """Answer until `stop` or an interrupt."""
        if self._live is None and not self._stopped:
            waiting = Waiting(self._attempt, lambda: self._places, self._next, self.door, trouble=self.trouble)
            self._answer(waiting)
        if self._live is not None and not self._stopped:
            options = {"config": self._config, "read_only": self._read_only}
            self._answer(Application(self._live, self.door, **options))  # type: ignore[arg-type]  # mypy does not look into the dictionary

    def stop(self) -> None:
        """End `run`, which may be in another thread."""
        self._stopped = True
        self._next()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def _answer(self, pages: Application | Waiting) -> None:
        self._server = _Server(pages)
        self._server.should_exit = self._stopped
        self._server.run(sockets=[self._socket.dup()])  # a server closes what it was given

    def _next(self) -> None:
        """End the pages of now."""
        if self._server is not None:
            self._server.should_exit = True

    def _attempt(self) -> str:
        """Try to build; return what is wrong, nothing where the issue is there."""
        try:
            settings, window = self._load()
            self._places = _places(settings, window, self._config)
            self._live = Live(self._load, judge=self._judge)
        except DigestError as error:
            return str(error)
        return ""


def _places(settings: Settings, window: Window, config: str) -> frozenset[str]:
    """Return every file and folder that the issue is made of, there or not."""
    written = edits.path(settings.edits, window.issue_id)
    return frozenset({*settings.archive, settings.templates, settings.out, config, written})


class _Server(uvicorn.Server):
    """Ends the lines of events before it waits for them."""

    def __init__(self, app: Application | Waiting) -> None:
        quiet = {"log_config": None, "access_log": False, "server_header": False, "date_header": False}
        super().__init__(
            uvicorn.Config(app.asgi, http="h11", ws="none", loop="asyncio", proxy_headers=False, lifespan="on", **quiet)  # type: ignore[arg-type]  # mypy does not look into the dictionary
        )
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.close()
        await super().shutdown(sockets)


def _listen(host: str, port: int) -> socket.socket:
    try:
        plain = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        # asyncio sends at once (TCP_NODELAY) only from a socket that names its protocol; from others, a letter's end
        # waits 40 ms for the browser to confirm its beginning.
        return socket.socket(plain.family, plain.type, socket.IPPROTO_TCP, fileno=plain.detach())
    except OSError as error:
        place = f"port {port}" if host == LOCAL else f"{host}, port {port}"
        raise OutputError(place, os.strerror(error.errno or 0), "take another with --port") from error
