"""SMTP: one message a reader over a server of one's own (RFC 5321, 3207, 4954).

smtplib and not aiosmtplib: it is in the standard library, its steps can be taken one by one (the ledger needs to stand
between RCPT and DATA, and between the last dot and its answer), and threads wait for the network as well as tasks do.
Certificates are verified: `starttls` gets a context, which smtplib (3.11) does not make by itself. `mail.smtp` sees to
it that no server holds us longer than the timeout.

Errors say for whom they matter: Refused for the whole run (login, sender, size), Unreachable for a connection that
broke before the message was handed over, HungUp where it broke on one reader, Lost where the answer is missing.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

from digest.errors import SendingError
from digest.mail.smtp import connected, fault
from digest.mail.target import (
    Able,
    HungUp,
    Known,
    Lost,
    Outcome,
    ReaderTarget,
    Refused,
    Transport,
    Unreachable,
    is_loopback,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.options import SecretValue
    from digest.mail.smtp import SmtpSession
    from digest.mail.target import Reader, Writer


class Smtp(ReaderTarget):
    """Messages over an SMTP server, with TLS by STARTTLS unless the options say otherwise.

    `security` is `starttls` (port 587), `tls` for TLS from the first byte (465), or `none`. `from` is the envelope's
    sender, to which bounces go, by default the newsletter's; `helo` the name we greet with, by default the domain of
    the newsletter; `ca` a file of certificates to trust instead of the system's; `timeout` seconds for each step.
    """

    ABLE = Able(text=True, preheader=False, headers=True, schedule=False, test=True, editions=True)
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

    def line(self, write: Writer, *, insecure: bool) -> Transport:
        """Return how to reach the server. Raises SendingError for an unsafe plan; nothing was connected to then."""
        options, place = self.options, f"targets.{self.options.name}"
        security, host = self._security(insecure=insecure), options.text("host")
        user, password = options.text("user"), options.secret("password")
        if bool(user) != bool(password):
            raise SendingError(place, "needs user and password, or neither", "add the other")
        context = _trust(options.text("ca"), place)
        sender = options.text("from") or self.letter.sender
        # Not getfqdn(), which smtplib would ask: it may wait for a name server.
        helo = options.text("helo") or self.letter.sender.rpartition("@")[2]
        port, timeout = options.number("port"), options.number("timeout")
        if timeout < 1:
            raise SendingError(f"{place}.timeout", f"is {timeout}", "write seconds, one at least")

        def dial() -> SmtpSession:
            session = _greeted(
                lambda: connected(host, port, helo, timeout, context if security == "tls" else None),
                f"{host}:{port}",
                context if security == "starttls" else None,
            )
            return _logged_in(session, user, password)

        return Transport(lambda: _SmtpConnection(dial, sender, write))

    def _security(self, *, insecure: bool) -> str:
        """Return the option `security`.

        Raises SendingError for a word that is none, and for `none` unless *insecure* and the server is this machine:
        password and addresses would be read by anybody on the way.
        """
        security, place = self.options.text("security"), f"targets.{self.options.name}.security"
        if security not in {"starttls", "tls", "none"}:
            raise SendingError(place, f"is {security!r}", "write starttls, tls or none")
        if security == "none" and not (insecure and is_loopback(self.options.text("host"))):
            problem, remedy = "none would send everything in the clear", "only to this machine, with --insecure"
            raise SendingError(place, problem, remedy)
        return security


def _trust(file: str, place: str) -> ssl.SSLContext:
    """Return what certificates are verified with: those in *file*, else the system's. Raises SendingError."""
    try:
        return ssl.create_default_context(cafile=file or None)
    except OSError as error:
        problem = f"{file} holds no certificates we can read ({error.strerror or error})"
        raise SendingError(f"{place}.ca", problem, "mend the path or the file") from error


def _greeted(dial: Callable[[], SmtpSession], name: str, upgrade: ssl.SSLContext | None) -> SmtpSession:
    """Connect, encrypt with *upgrade* where it is given, and greet; *name* is the server's in messages.

    Raises Unreachable for what may pass, Refused for what has to be mended.
    """
    try:
        with ExitStack() as undo:
            smtp = dial()
            undo.callback(smtp.close)
            # Without it the end of a message may wait for the acknowledgement of its middle (Nagle's algorithm).
            if smtp.sock:
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if upgrade:
                smtp.starttls(context=upgrade)
            smtp.ehlo_or_helo_if_needed()
            undo.pop_all()
    # A server that is overloaded hangs up here; to take that for a bad certificate would end the run.
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
        raise Unreachable(f"{name}: hung up while TLS began") from error
    except ssl.SSLError as error:
        raise Refused(f"{name}: no trusted TLS connection ({error.reason or error})") from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused(f"{name}: offers no STARTTLS") from error
    except smtplib.SMTPResponseException as error:
        _refuse_or_retry(error.smtp_code, f"{name} says {_words(error.smtp_error)}")
    except UnicodeError as error:
        raise Refused(f"{name}: host or helo is no name of a host") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(f"{name}: {error}") from error
    return smtp


def _logged_in(smtp: SmtpSession, user: str, password: SecretValue | None) -> SmtpSession:
    """Log in where there is a *password*, and return *smtp*. Raises Unreachable and Refused, and closes it then."""
    if not password:
        return smtp
    try:
        with ExitStack() as undo:
            undo.callback(smtp.close)
            smtp.login(user, password.reveal())
            undo.pop_all()
    except smtplib.SMTPNotSupportedError as error:
        raise Refused("the server offers no login that we know") from error
    except smtplib.SMTPResponseException as error:
        # The answer is not repeated: some servers put what they were given into it.
        _refuse_or_retry(error.smtp_code, "the login")
    except UnicodeError as error:
        raise Refused("user or password holds a character that no login over SMTP can carry") from error
    except smtplib.SMTPServerDisconnected as error:
        raise Unreachable("the connection broke during the login") from error
    # What smtplib raises where it knows none of the ways to log in that the server offers.
    except smtplib.SMTPException as error:
        raise Refused("the server offers no login that we know") from error
    except OSError as error:
        raise Unreachable("the connection broke during the login") from error
    return smtp


class _SmtpConnection:
    """A connection that is made anew where the server hung up after an answer, so that its reader loses nothing by it.

    *dial* connects and logs in; *sender* is the envelope's; *write* makes a reader's message.
    """

    def __init__(self, dial: Callable[[], SmtpSession], sender: str, write: Writer) -> None:
        self._dial, self._sender, self._write = dial, sender, write
        self._smtp = dial()
        self._fresh = True
        # Whether the server still holds an envelope that came to nothing, so that RSET has to come first.
        self._open = False

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        """Hand over one message: MAIL, RCPT, then `sending`, DATA and the message (RFC 5321, 3.3)."""
        [reader] = readers
        message = self._write(reader)
        soft = self._begin(len(message))
        if soft:
            return [soft]
        code, reply = self._ask_about(f"RCPT TO:<{reader.address}>")
        if code >= 400:
            return [_refused(code, reply, message=False)]
        sending()
        code, reply = self._ask_about("DATA")
        if code >= 400:
            return [_refused(code, reply, message=True)]
        if code != 354:
            self._smtp.close()
            raise HungUp(f"no answer to DATA that we know: {reply}")
        code, reply = self._content(message)
        self._open = False
        if code >= 400:
            return [_refused(code, reply, message=True)]
        return [Outcome(state="sent", reply=reply)]

    def close(self) -> None:
        """Say goodbye (QUIT); never raises."""
        self._smtp.leave()

    def _begin(self, size: int) -> Outcome | None:
        """Name the sender and the message's *size* in bytes; return a soft refusal, None where the server agrees.

        Over a new connection where the server has ended this one since the last message: it may hang up after each
        refusal, or have had enough messages, and neither is about the next reader. Raises Refused where it takes no
        message from this sender, or none of this size: every reader would hear the same.
        """
        # RFC 1870: a server that takes no message of that size says so before it has read it.
        with_size = f" SIZE={size}" if self._smtp.has_extn("size") else ""
        command = f"MAIL FROM:<{self._sender}>{with_size}"
        answer = None if self._fresh else self._go_on(command)
        if answer is None:
            if not self._fresh:
                self._smtp.leave()
                self._smtp = self._dial()
            answer = self._ask(command)
        self._fresh, self._open = False, True
        code, reply = answer
        if code >= 500 and fault(reply) == "content":
            raise Refused(f"a message of {size:,} bytes is refused: {reply}")
        if code >= 500:
            raise Refused(f"the sender {self._sender} is refused: {reply}")
        return Outcome(state="deferred", reply=reply) if code >= 400 else None

    def _go_on(self, command: str) -> tuple[int, str] | None:
        """Ask over the connection that carried the last message; None where the server does not go on with it.

        A hard refusal counts as that, too: it is believed when a new connection hears it again.
        """
        try:
            if self._open and self._ask("RSET")[0] >= 400:
                return None
            code, reply = self._ask(command)
        except Unreachable:
            return None
        return None if code >= 500 else (code, reply)

    def _ask(self, command: str) -> tuple[int, str]:
        """Send a command and return code and reply. Raises Unreachable, also for 421: nothing was handed over.

        The connection is closed then.
        """
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

    def _ask_about(self, command: str) -> tuple[int, str]:
        """Send a command that concerns one reader and return code and reply. Raises HungUp, which lets others go first.

        Some servers hang up on an address that they block; the next reader may fare better.
        """
        try:
            return self._ask(command)
        except Unreachable as error:
            raise HungUp(str(error)) from error

    def _content(self, message: bytes) -> tuple[int, str]:
        """Send the message and return the answer. Raises Lost where there is none: it may have been accepted.

        Raises HungUp where the server closes the channel (421) or the last dot did not leave: then it was not.
        """
        # A line that begins with a dot gets another one (RFC 5321, 4.5.2). Ours have CRLF, so bytes can be replaced.
        stuffed = message.replace(b"\r\n.", b"\r\n..")
        try:
            self._smtp.send(stuffed + b".\r\n")
        except (OSError, smtplib.SMTPException) as error:
            return self._last_words(f"while sending: {error}")
        try:
            code, raw = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._smtp.close()
            raise Lost(f"the connection broke before the answer to the message ({error})") from error
        reply = f"{code} {_words(raw)}"
        if code == 421:
            self._smtp.close()
            raise HungUp(reply)
        if code < 200 or 300 <= code < 400:
            self._smtp.close()
            raise Lost("no answer to the message")
        return code, reply

    def _last_words(self, trouble: str) -> tuple[int, str]:
        """Return the refusal with which the server hung up before it had the whole message.

        Raises HungUp where it said nothing, *trouble* being what went wrong: the last dot did not leave, so nobody has
        the message.
        """
        # What the server said before it hung up has arrived already, or never comes.
        self._smtp.timeout = 1
        try:
            code, raw = self._smtp.getreply()
        except (OSError, smtplib.SMTPException):
            code, raw = -1, b""
        self._smtp.close()
        reply = f"{code} {_words(raw)}"
        if code >= 400 and code != 421:
            return code, reply
        raise HungUp(reply if code == 421 else trouble)


def _refused(code: int, reply: str, *, message: bool) -> Outcome:
    """Return the outcome of a reply of 400 and above; *message*: it answers the message and not RCPT."""
    if code < 500:
        return Outcome(state="deferred", reply=reply)
    return Outcome(state="failed", reply=reply, fault=fault(reply, message=message))


def _refuse_or_retry(code: int, problem: str) -> NoReturn:
    """Raise what a refusal before any message means: Refused from 500 on, else Unreachable, to be tried again."""
    if code >= 500:
        raise Refused(f"refused with {code}: {problem}")
    raise Unreachable(f"refused for now with {code}: {problem}")


def _words(raw: bytes | str) -> str:
    """Return a reply as one printable line of at most 200 characters: it is stored, printed and logged."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:200]
