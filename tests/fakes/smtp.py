"""An SMTP server that keeps what it takes and answers as a test tells it to. aiosmtpd does the talking."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PASSWORD = "planted-secret-of-the-relay"  # a test looks for it in everything that is written


@dataclass
class Server:
    """What the server took, and what it answers: functions from a reader's address to an answer, "" for its own."""

    rcpt: Callable[[str], str] = lambda _: ""
    content: Callable[[str], str] = lambda _: ""
    mail: Callable[[str], str] = lambda _: ""
    delay: float = 0.0
    port: int = 0
    messages: list[tuple[str, bytes]] = field(default_factory=list)
    sessions: int = 0

    @property
    def taken(self) -> Counter[str]:
        """How many messages each reader got."""
        return Counter(reader for reader, _ in self.messages)

    # --- what aiosmtpd asks

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Answer MAIL."""
        answer = self.mail(address)
        if not answer:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Answer RCPT."""
        answer = self.rcpt(address)
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        """Take a message, or answer what the test says; `drop` takes it and hangs up before the answer."""
        [reader] = envelope.rcpt_tos
        await asyncio.sleep(self.delay)
        answer = self.content(reader)
        if not answer or answer == "drop":
            self.messages.append((reader, bytes(envelope.original_content)))
        if answer == "drop":
            server.transport.close()  # type: ignore[union-attr]  # it is connected, or who would ask
        return answer or "250 OK"


@contextmanager
def running(server: Server, **options: Any) -> Iterator[Server]:
    """Let *server* listen on its port, a free one where it names none; *options* are aiosmtpd's."""
    loop = asyncio.new_event_loop()

    def session() -> SMTP:
        server.sessions += 1
        return SMTP(server, loop=loop, hostname="fake.example.com", **options)

    listening = loop.run_until_complete(loop.create_server(session, "127.0.0.1", server.port))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_end(listening), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(listening: asyncio.Server) -> None:
    listening.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@dataclass(frozen=True)
class Authority:
    """A certificate authority of the test's own. *file* is what a client has to trust."""

    file: str
    context: ssl.SSLContext


def authority(folder: Path, name: str = "localhost") -> Authority:
    """Return an authority and a server's TLS for *name*."""
    own = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.issue_cert(name).configure_cert(context)
    own.cert_pem.write_to_path(folder / "ca.pem")
    return Authority(str(folder / "ca.pem"), context)


def login(right: str = PASSWORD) -> Callable[..., AuthResult]:
    """Return what lets in who knows the password."""

    def check(server: SMTP, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        good = isinstance(given, LoginPassword) and given.password == right.encode()
        return AuthResult(success=good, handled=False)  # handled=True would never answer a refused login

    return check
