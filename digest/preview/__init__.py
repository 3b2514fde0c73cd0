"""The issue as every reader will see it, live in the browser, with a desk to edit it. Prints nothing.

    files ─▶ watch ─▶ live ─▶ app ─▶ page: frame (variants, mailbox), desk ─┐
                       ▲                                                     │ actions
                       └──────────── edits/DAY.yaml ◀── draft ◀──────────────┘

Builds in memory and writes nothing but the editor's file, and that only when the desk is used. Listens on 127.0.0.1
unless told otherwise; `guard` says what is refused.

Decisions: docs/decisions/preview.md.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from digest.config import edits
from digest.errors import DigestError
from digest.preview import watch
from digest.preview.app import Application
from digest.preview.security import Door
from digest.preview.server import LOCAL, Server, listen
from digest.preview.session import Session
from digest.preview.waiting import Waiting
from digest.render_process import RenderProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.config.settings import Settings
    from digest.model import Window
    from digest.preview.session import Judge, Load


class Preview:
    """A live issue and its server, which listens from the start and answers while it runs.

    *load* reads the settings, from the file *config* among others; *judge* finds what is wrong with built files. With
    *read_only* there is no desk. Where the files give no issue,
    *trouble* says why; the page says it too, and shows the issue as soon as they do. *on_signal* is called by the
    handler of a signal that ends `run`; *again* lets the desk edit an issue that readers have. Raises DigestError for
    settings that cannot be read, and OutputError for a port that is taken.
    """

    def __init__(  # noqa: PLR0913 - each is an option of the command
        self,
        load: Load,
        *,
        config: str,
        port: int = 0,
        host: str = LOCAL,
        read_only: bool = False,
        again: bool = False,
        judge: Judge | None = None,
        on_signal: Callable[[], None] = lambda: None,
    ) -> None:
        self._load, self._judge, self._on_signal = load, judge, on_signal
        self._config, self._read_only, self._again = config, read_only, again
        settings, window = load()
        self.issue = window.issue_id
        self._places = _places(settings, window, config)
        self._server: Server | None = None
        self._live: Session | None = None
        self._stopped = False
        self._socket = listen(host, port)
        self.door = Door(host, self._socket.getsockname()[1])
        self.origin = f"http://{f'[{host}]' if ':' in host else host}:{self.door.port}"
        self.address = f"{self.origin}/?token={self.door.access}"
        self._renderer = RenderProcess()
        self._begun = time.time() - watch.COARSE
        try:
            self.trouble = self._attempt()
        except BaseException:
            self.close()
            raise

    @property
    def live(self) -> Session:
        """The issue, once there is one."""
        assert self._live is not None
        return self._live

    def run(self) -> None:
        """Answer until `stop` or an interrupt."""
        if self._live is None and not self._stopped:
            waiting = Waiting(
                self._attempt, lambda: self._places, self._next, self.door, trouble=self.trouble, begun=self._begun
            )
            self._answer(waiting)
        if self._live is not None and not self._stopped:
            options = {
                "config": self._config,
                "read_only": self._read_only,
                "give_up": self._renderer.give_up,
            }
            self._answer(Application(self._live, self.door, **options))  # type: ignore[arg-type]  # mypy does not look into the dictionary

    def stop(self) -> None:
        """End `run`, which may be in another thread."""
        self._stopped = True
        self._renderer.stop()
        self._next()

    def close(self) -> None:
        """Stop listening, and end the process that renders."""
        self._renderer.close()
        self._socket.close()

    def _end(self) -> None:
        """End whatever is under way, because of a signal."""
        self._stopped = True
        self._renderer.stop()
        self._on_signal()

    def _answer(self, pages: Application | Waiting) -> None:
        self._server = Server(pages, self._end)
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
            self._live = Session(self._load, judge=self._judge, render=self._renderer.render, again=self._again)
        except DigestError as error:
            return str(error)
        return ""


def _places(settings: Settings, window: Window, config: str) -> frozenset[str]:
    """Return every file and folder that the issue is made of, there or not."""
    written = edits.path(settings.edits, window.issue_id)
    return frozenset({*settings.archive, settings.templates, settings.out, config, written})
