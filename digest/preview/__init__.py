"""The issue as every reader will see it, live in the browser, with a desk to edit it. Prints nothing.

    files ─▶ watch ─▶ follow ─▶ session ─▶ app ─▶ page: frame (views, mailbox), desk ─┐
                                   ▲                                                  │ actions
                                   └──────── edits/DAY.yaml ◀── draft ◀───────────────┘

It builds in memory and writes nothing but the editor's file, and that only when the desk is used. It listens on
127.0.0.1 unless told otherwise; `security` says what is refused.

Decisions: docs/decisions/preview.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.preview.app import Application
from digest.preview.follow import Opening
from digest.preview.reader_session import ReaderSession
from digest.preview.security import Door
from digest.preview.server import LOCAL, Server, listen
from digest.preview.session import Session
from digest.render_process import RenderProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.editions.reader import OneReader, ReaderEdition
    from digest.preview.session import Judge, Load


class Preview:
    """A live issue and its server, which listens from the start and answers while `run` is called.

    *load* reads the settings, from the file *config* among others. *judge* returns the findings of an issue's files;
    without it the page shows none. With *read_only* there is no desk to write with, and with *again* the desk edits an
    issue that readers already have. *on_signal* is called by the handler of a signal that ends `run`. With *reader* it
    is the edition of that one, without a desk to write with; where she gets none, DigestError says so at once.

    Files that give no issue are no error: `trouble` says why, the page says it too, and the issue appears as soon as
    they do. Raises DigestError for settings that cannot be read, because then not even the issue's day is known, and
    OutputError for a port that is taken or a host that is not this machine.
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
        reader: OneReader | None = None,
        on_signal: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_signal = on_signal
        self._server: Server | None = None
        self._stopped = False

        def begin() -> Session:
            if reader:
                return ReaderSession(load, reader, judge=judge, render=self._renderer.render)
            return Session(load, judge=judge, render=self._renderer.render, again=again)

        self._opening = Opening(load, begin, config=config, is_patient=reader is None)
        # Before the first build, which may take seconds: nobody should wait for it to hear that the port is taken.
        self._socket = listen(host, port)
        self._renderer = RenderProcess()
        self.door = Door(host, self._socket.getsockname()[1])
        self.origin = f"http://{f'[{host}]' if ':' in host else host}:{self.door.port}"
        self.address = f"{self.origin}/?token={self.door.access}"
        self._application = Application(
            self._opening, self.door, read_only=read_only or reader is not None, give_up=self._renderer.give_up
        )
        try:
            self._opening.attempt()
        except BaseException:
            self.close()
            raise

    @property
    def issue(self) -> str:
        """The issue's id, which is the last day of its window."""
        return self._opening.issue

    @property
    def trouble(self) -> str:
        """Why the files give no issue, a line each; empty once there is one."""
        return self._opening.trouble

    @property
    def edition(self) -> ReaderEdition | None:
        """That of the reader who was asked for, if one was."""
        return self._opening.session.snapshot.edition if self._opening.session else None

    @property
    def live(self) -> Session:
        """The session of the issue, once there is one."""
        assert self._opening.session is not None
        return self._opening.session

    def run(self) -> None:
        """Answer requests until `stop` is called or a signal arrives."""
        self._server = Server(self._application, self._end)
        self._server.should_exit = self._stopped
        # A copy: the server closes the socket that it was given, and `close` closes this one.
        self._server.run(sockets=[self._socket.dup()])

    def stop(self) -> None:
        """End `run`, from any thread; a rendering under way is ended too."""
        self._stopped = True
        self._renderer.stop()
        if self._server is not None:
            self._server.should_exit = True

    def close(self) -> None:
        """Stop listening, and end the process that renders."""
        self._renderer.close()
        self._socket.close()

    def _end(self) -> None:
        """End the work under way, because of a signal; uvicorn ends itself."""
        self._stopped = True
        self._renderer.stop()
        self._on_signal()
