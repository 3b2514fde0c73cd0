"""An SMTP server that breaks off, drips and rambles: a test says what it does, byte by byte. aiosmtpd is too polite."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

QUIET = b""


@dataclass
class Rude:
    """What it answers to a command, by its first four letters; a function gets the Talk and does what it likes.

    *taken* are the readers whose message it took, *asked* every RCPT, *sessions* the connections so far.
    """

    answers: dict[str, bytes | Callable[[Talk], None]] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    sessions: int = 0
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)


@dataclass
class Talk:
    """One connection."""

    server: Rude
    peer: socket.socket
    lines: Any
    reader: str = ""

    def say(self, raw: bytes) -> None:
        """Send bytes as they are."""
        self.peer.sendall(raw)

    def drip(self, raw: bytes, pause: float = 0.05) -> None:
        """Send the same again and again, until the other side hangs up or the test is over."""
        while not self.server.over.wait(pause):
            self.say(raw)

    def hang_up(self, last: bytes = QUIET, *, hard: bool = False) -> None:
        """Say a last thing and close, *hard* with a reset instead of an end."""
        if last:
            self.say(last)
        if hard:
            self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.peer.close()
        else:
            self.peer.shutdown(socket.SHUT_RDWR)
        raise ConnectionError

    def body(self) -> None:
        """Read a message up to its dot; where it ends before that there is nobody to answer."""
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                raise ConnectionError

    def upgrade(self, context: ssl.SSLContext) -> None:
        """Go on over TLS."""
        self.lines.close()
        self.peer = context.wrap_socket(self.peer, server_side=True)
        self.lines = self.peer.makefile("rb")

    def turn(self, verb: str, usual: bytes) -> None:
        """Answer as the test says, else as usual."""
        answer = self.server.answers.get(verb, usual)
        if callable(answer):
            answer(self)
        else:
            self.say(answer)

    def session(self) -> None:
        """Talk to one client."""
        self.turn("BANN", b"220 rude\r\n")
        while line := self.lines.readline():
            verb = line[:4].upper().decode("latin-1").strip()
            if verb == "QUIT":
                self.turn(verb, b"221 bye\r\n")
                return
            if verb == "RCPT":
                self.reader = line.decode().split("<")[1].split(">")[0]
                self.server.asked.append(self.reader)
            if verb == "DATA":
                self.data()
            else:
                self.turn(verb, b"250 ok\r\n")

    def data(self) -> None:
        """Take a message."""
        self.turn("DATA", b"354 go\r\n")
        self.body()
        if "DOT" not in self.server.answers:
            self.server.taken.append(self.reader)
        self.turn("DOT", b"250 taken\r\n")


@contextmanager
def running(server: Rude) -> Iterator[Rude]:
    """Let *server* listen on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server.port = listening.getsockname()[1]
    peers: list[socket.socket] = []

    def serve(peer: socket.socket) -> None:
        talk = Talk(server, peer, peer.makefile("rb"))
        with contextlib.suppress(OSError):
            talk.session()
        talk.lines.close()
        talk.peer.close()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = listening.accept()
                server.sessions += 1
                peers.append(peer)
                threads.append(threading.Thread(target=serve, args=(peer,), daemon=True))
                threads[-1].start()

    threads: list[threading.Thread] = []
    door = threading.Thread(target=accept, daemon=True)
    door.start()
    try:
        yield server
    finally:
        server.over.set()
        listening.shutdown(socket.SHUT_RDWR)
        door.join(10)
        listening.close()
        for peer in peers:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(10)
