"""SMTP: one message a reader over a server of one's own (RFC 5321, 3207, 4954). Knows the protocol, not the ledger.

smtplib and not aiosmtplib: it is in the standard library, its steps can be taken one by one (the ledger needs to stand
between RCPT and DATA, and between the last dot and its answer), and threads wait for the network as well as tasks do.
Certificates are verified: `starttls` gets a context, which smtplib (3.11) does not make by itself.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

from digest.errors import SendingError
from digest.mail.delivery import Line, Lost, Outcome, Refused, Unreachable
from digest.mail.letter import Able
from digest.mail.options import Known, Options, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.letter import Letter, Reader, Writer
    from digest.mail.options import Hidden

ABLE = Able(text=True, preheader=False, headers=True, schedule=False, test=True)
OPTIONS = (
    Known(name="host"),
    Known(name="port", default="587"),
    Known(name="security", default="starttls"),
    Known(name="user", default=""),
    Known(name="password", default="", secret=True),
    Known(name="from", default=""),
    Known(name="helo", default=""),
    Known(name="ca", default=""),
    Known(name="timeout", default="60"),
)
_NOT_THE_READER = ("5.1.7", "5.1.8", "5.7.")
"""Enhanced codes (RFC 3463) of refusals that are about the sender or a rule, whatever command they answer."""

_MAILBOX = frozenset({521, 550, 551, 553, 556})
"""Answers to RCPT that mean: this mailbox takes no mail, now or later."""


def line(options: Options, letter: Letter, write: Writer, *, insecure: bool) -> Line:
    """Return how to reach the server; *write* makes a reader's message. Raises SendingError for an unsafe plan."""
    security = options.text("security")
    host, place = options.text("host"), f"targets.{options.name}"
    if security not in {"starttls", "tls", "none"}:
        raise SendingError(f"{place}.security", f"is {security!r}", "write starttls, tls or none")
    if security == "none" and not (insecure and is_loopback(host)):
        raise SendingError(
            f"{place}.security", "none would send everything in the clear", "only to this machine, with --insecure"
        )
    password = options.secret("password")
    if bool(options.text("user")) != bool(password):
        raise SendingError(place, "needs user and password, or neither", "add the other")
    context = ssl.create_default_context(cafile=options.text("ca") or None)
    sender = options.text("from") or letter.sender
    helo = options.text("helo") or letter.sender.rpartition("@")[2]  # not getfqdn(): it may wait for a name server
    port, timeout = options.number("port"), options.number("timeout")

    def connect() -> _Connection:
        session = _greeted(
            lambda: (
                smtplib.SMTP_SSL(host, port, helo, timeout=timeout, context=context)
                if security == "tls"
                else smtplib.SMTP(host, port, helo, timeout=timeout)
            ),
            f"{host}:{port}",
            context if security == "starttls" else None,
        )
        return _Connection(session, sender, write).login(options.text("user"), password)

    return Line(connect)


def _greeted(dial: Callable[[], smtplib.SMTP], name: str, upgrade: ssl.SSLContext | None) -> smtplib.SMTP:
    """Connect, encrypt with *upgrade* where it is given, and greet."""
    try:
        with ExitStack() as undo:
            smtp = dial()
            undo.callback(smtp.close)
            if smtp.sock:  # else the end of a message may wait for the acknowledgement of its middle
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if upgrade:
                smtp.starttls(context=upgrade)
            smtp.ehlo_or_helo_if_needed()
            undo.pop_all()
    except ssl.SSLError as error:
        raise Refused(f"{name}: no trusted TLS connection ({error.reason or error})") from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused(f"{name}: offers no STARTTLS") from error
    except smtplib.SMTPResponseException as error:
        _refuse_or_retry(error.smtp_code, f"{name} says {_words(error.smtp_error)}")
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(f"{name}: {error}") from error
    return smtp


class _Connection:
    """A session that is logged in where it has to be."""

    def __init__(self, smtp: smtplib.SMTP, sender: str, write: Writer) -> None:
        self._smtp, self._sender, self._write = smtp, sender, write

    def login(self, user: str, password: Hidden | None) -> _Connection:
        """Log in where there is somebody to be."""
        if not password:
            return self
        try:
            with ExitStack() as undo:
                undo.callback(self._smtp.close)
                self._smtp.login(user, password.reveal())
                undo.pop_all()
        except smtplib.SMTPNotSupportedError as error:
            raise Refused("the server offers no login that we know") from error
        except smtplib.SMTPResponseException as error:
            # The answer is not repeated: some servers put what they were given into it.
            _refuse_or_retry(error.smtp_code, "the login")
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable("the connection broke during the login") from error
        return self

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        """Hand over one message."""
        [reader] = readers
        message = self._write(reader)
        refusal = self._envelope(reader, len(message))
        if refusal:
            self._ask("RSET")
            return [refusal]
        sending()
        code, reply = self._ask("DATA")
        if code == 354:
            code, reply = self._content(message)
        if code == 421:
            self.close()
            raise Unreachable(reply)
        if code == 250:
            return [Outcome(state="sent", reply=reply)]
        return [Outcome(state="deferred" if code < 500 else "failed", reply=reply)]

    def close(self) -> None:
        """Say goodbye."""
        try:
            self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            self._smtp.close()

    def _envelope(self, reader: Reader, size: int) -> Outcome | None:
        """Name sender and reader; return what speaks against the reader, if anything."""
        with_size = f" SIZE={size}" if self._smtp.has_extn("size") else ""
        code, reply = self._ask(f"MAIL FROM:<{self._sender}>{with_size}")
        if code >= 500:
            raise Refused(f"the sender {self._sender} is refused: {reply}")
        if code < 400:
            code, reply = self._ask(f"RCPT TO:<{reader.address}>")
        if code < 400:
            return None
        if code < 500:
            return Outcome(state="deferred", reply=reply)
        status = reply.split()[1] if len(reply.split()) > 1 else ""
        if status in _NOT_THE_READER[:2] or code == 530:
            raise Refused(f"the sender or login is refused: {reply}")
        return Outcome(
            state="failed", reply=reply, suppress=code in _MAILBOX and not status.startswith(_NOT_THE_READER)
        )

    def _ask(self, command: str) -> tuple[int, str]:
        """Send a command and return the answer; a connection that breaks here has handed nothing over."""
        try:
            code, raw = self._smtp.docmd(command)
        except (OSError, smtplib.SMTPException) as error:
            self._smtp.close()
            raise Unreachable(f"{command.split(':', maxsplit=1)[0]}: {error}") from error
        reply = f"{code} {_words(raw)}"
        if code in {421, -1}:
            self._smtp.close()
            raise Unreachable(reply)
        return code, reply

    def _content(self, message: bytes) -> tuple[int, str]:
        """Send the message and return the answer. Raises Lost where there is none: it may have been accepted."""
        stuffed = message.replace(b"\r\n.", b"\r\n..")
        try:
            self._smtp.send(stuffed + b".\r\n")
        except (OSError, smtplib.SMTPException) as error:  # the last dot did not leave
            self._smtp.close()
            raise Unreachable(f"while sending: {error}") from error
        try:
            code, raw = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._smtp.close()
            raise Lost("the connection broke before the answer to the message") from error
        if code == -1:
            self._smtp.close()
            raise Lost("no answer to the message")
        return code, f"{code} {_words(raw)}"


def _refuse_or_retry(code: int, what: str) -> NoReturn:
    if code >= 500:
        raise Refused(f"refused with {code}: {what}")
    raise Unreachable(f"refused for now with {code}: {what}")


def _words(raw: bytes | str) -> str:
    """An answer as one printable line that is not long."""
    words = raw.decode("ascii", "replace") if isinstance(raw, bytes) else raw
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())[:200]
