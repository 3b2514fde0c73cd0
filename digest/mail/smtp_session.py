"""smtplib with an end to everything: each reply has a deadline and a size, and each message a deadline to be taken.

smtplib's timeout is for one read, so a server that sends a byte a second, or lines without end, holds it for ever
(Postfix has smtp_per_request_deadline for that). Only what waits for the network is replaced here.
"""

from __future__ import annotations

import smtplib
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

_LARGEST_REPLY = 65_536
"""Bytes of one reply, all lines together. RFC 5321 has 512 for a line; a long answer to EHLO has some 2,000."""

_SLOWEST = 10_000
"""Bytes a second at which a server has to take a message, beyond the time that it has for any reply."""

_PIECE = 4_096
_LONGEST_GOODBYE = 5


class SmtpSession(smtplib.SMTP):
    """An SMTP connection none of whose steps takes much longer than *timeout* seconds.

    Another difference from smtplib's: a connection that breaks while we send is not closed, because the server's reason
    may have arrived before it broke.
    """

    _received = b""

    def send(self, s: Any) -> None:  # noqa: ANN401 - as smtplib has it: str or a buffer
        """Send *s* as a whole. Raises SMTPServerDisconnected where that fails or takes too long."""
        if not self.sock:
            raise smtplib.SMTPServerDisconnected("not connected")
        raw = s.encode(self.command_encoding) if isinstance(s, str) else s
        # sendall's timeout is for all of it, also over TLS.
        self.sock.settimeout(self.timeout + len(raw) / _SLOWEST)
        try:
            self.sock.sendall(raw)
        except OSError as error:
            raise smtplib.SMTPServerDisconnected(f"the connection broke ({error})") from error

    def getreply(self) -> tuple[int, bytes]:
        """Return the code and the lines of one reply; the code is -1 where it is no reply.

        Raises SMTPServerDisconnected, and has closed the connection then.
        """
        ends = time.monotonic() + self.timeout
        try:
            lines = list(self._reply(ends))
            if self.sock:
                self.sock.settimeout(self.timeout)  # as the TLS handshake after STARTTLS expects it
        except OSError as error:
            self.close()
            late = isinstance(error, TimeoutError)
            why = f"no whole reply in {self.timeout:.0f} s" if late else str(error)
            raise smtplib.SMTPServerDisconnected(why) from error
        last = lines[-1][:3]
        code = int(last) if last.isdigit() else -1
        return (code if 200 <= code < 600 else -1), b"\n".join(line[4:].strip() for line in lines)

    def _reply(self, ends: float) -> Iterator[bytes]:
        """Yield the lines of a reply: all but the last have a hyphen after the code. Raises OSError."""
        limit, more = _LARGEST_REPLY, True
        while more:
            line = self._line(ends, limit)
            limit -= len(line) + 1
            more = line[3:4] == b"-" and line[:3].isdigit()
            yield line

    def _line(self, ends: float, limit: int) -> bytes:
        """Return the next line. What arrived after it waits for the next call. Raises OSError."""
        while b"\n" not in self._received:
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if len(self._received) > limit:
                raise OSError(f"a reply of more than {_LARGEST_REPLY:,} bytes")
            if not self.sock:
                raise ConnectionError("not connected")
            self.sock.settimeout(left)
            piece = self.sock.recv(_PIECE)
            if not piece:
                raise ConnectionError("the server hung up")
            self._received += piece
        line, _, self._received = self._received.partition(b"\n")
        if len(line) > limit:
            raise OSError(f"a reply of more than {_LARGEST_REPLY:,} bytes")
        return line

    def starttls(self, *arguments: Any, **options: Any) -> tuple[int, bytes]:  # noqa: ANN401 - as smtplib has it
        """Go on over TLS. What the server (or somebody between) sent ahead of it in the clear is thrown away."""
        reply = super().starttls(*arguments, **options)
        self._received = b""
        return reply

    def close(self) -> None:
        """Hang up."""
        self._received = b""
        super().close()

    def leave(self) -> None:
        """Say goodbye and hang up; never raises, and does not wait long for the answer."""
        self.timeout = min(self.timeout, _LONGEST_GOODBYE)
        try:
            self.quit()
        except (OSError, smtplib.SMTPException):
            self.close()


class SmtpTlsSession(SmtpSession, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


def connected(host: str, port: int, helo: str, timeout: float, tls: ssl.SSLContext | None) -> SmtpSession:
    """Connect, over TLS where *tls* is given, and read the banner. Raises OSError or SMTPException."""
    if tls:
        return SmtpTlsSession(host, port, helo, timeout=timeout, context=tls)
    return SmtpSession(host, port, helo, timeout=timeout)
