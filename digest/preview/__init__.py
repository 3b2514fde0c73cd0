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

from digest.errors import OutputError
from digest.preview.app import Application
from digest.preview.guard import LOOPBACK, Door
from digest.preview.live import Finding, Live

if TYPE_CHECKING:
    from digest.preview.live import Judge, Load

__all__ = ["Finding", "Preview"]

LOCAL = "127.0.0.1"


class Preview:
    """A live issue and its server, which listens from the start and answers while it runs.

    *load* reads the settings, from the file *config* among others; *judge* finds what is wrong with built files; *clip*
    is how many bytes of HTML a mail program shows. With *read_only* there is no desk. Raises DigestError where there is
    no issue to show, and OutputError for a port that is taken.
    """

    def __init__(  # noqa: PLR0913 - each is an option of the command
        self,
        load: Load,
        *,
        config: str,
        port: int = 0,
        host: str = LOCAL,
        read_only: bool = False,
        judge: Judge | None = None,
        clip: int = 102_000,
    ) -> None:
        self.live = Live(load, judge=judge)
        self._socket = _listen(host, port)
        token = None if host in LOOPBACK else secrets.token_urlsafe(24)
        door = Door(host, self._socket.getsockname()[1], token)
        self.app = Application(self.live, door, config=config, clip=clip, read_only=read_only)
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{door.port}/" + (
            f"?token={token}" if token else ""
        )
        self._server = _Server(self.app)

    def run(self) -> None:
        """Answer until `stop` or an interrupt."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """End `run`, which may be in another thread."""
        self._server.should_exit = True

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()


class _Server(uvicorn.Server):
    """Ends the lines of events before it waits for them."""

    def __init__(self, app: Application) -> None:
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
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        place = f"port {port}" if host == LOCAL else f"{host}, port {port}"
        raise OutputError(place, os.strerror(error.errno or 0), "take another with --port") from error
