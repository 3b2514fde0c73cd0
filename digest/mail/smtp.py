"""The two things that smtplib lacks for a newsletter: deadlines, and what a refusal means.

**What a refusal is about**, a mailbox or us (`fault`). An enhanced status code (RFC 3463, in the IANA registry that
RFC 5248 set up) is believed before the text, and text about us (relaying, sender, blocking, content, policy) before
text about a mailbox: a mailbox that is wrongly taken for dead loses a reader, one that is wrongly taken for alive costs
one more refusal at the next issue.

**A deadline for each reply and each message** (`SmtpSession`). smtplib's timeout is for one read, so a server that
sends a byte a second, or lines without end, holds it for ever; Postfix has smtp_per_request_deadline for that. Only
what waits for the network is replaced.
"""

from __future__ import annotations

import re
import smtplib
import time
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator


Fault = Literal["mailbox", "likely", "reader", "relay", "sender", "blocked", "content", "policy", "unclear"]
"""mailbox: it does not exist or takes no mail, and the code says so. likely: only the words say so. reader: something
else that is this reader's alone, such as a full mailbox. relay, sender, blocked, content, policy: about us. unclear:
the reply does not say."""

OURS: Final = frozenset({"relay", "sender", "blocked", "content", "policy"})
"""Faults that no reader can have: whoever was refused for one of these is not to be blamed."""

REMEDIES: Final[dict[Fault, str]] = {
    "mailbox": "these mailboxes are unknown; is this the right list of readers?",
    "likely": "these mailboxes seem to be unknown, or the server does not relay for us; check the list and the login",
    "reader": "these mailboxes are full or cannot be reached; try again later",
    "relay": "the server does not relay for us; set user and password, or ask its operator",
    "sender": "the sender is not accepted; check the sender's address, and SPF, DKIM and DMARC of its domain",
    "blocked": "we are blocked; ask the server's operator, and look for our address in the block lists",
    "content": "the message itself is refused; see `digest check`, and ask the server's operator",
    "policy": "a rule of the server forbids it; ask its operator",
    "unclear": "the server does not say why; ask its operator",
}

# No such mailbox, no such domain, bad syntax, ambiguous, moved, null MX (RFC 7505), disabled.
_MAILBOX = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1"})

# Sender's syntax, sender's domain, DKIM, SPF, several authentication checks (RFC 7372), sender with a null MX.
_SENDER = frozenset({"5.1.7", "5.1.8", "5.7.20", "5.7.21", "5.7.22", "5.7.23", "5.7.24", "5.7.26", "5.7.27"})

# Log in first, in the way the server wants (RFC 4954); 5.7.64 is Exchange's for relaying.
_RELAY = frozenset({"5.7.3", "5.7.8", "5.7.9", "5.7.11", "5.7.64"})

# Basic codes of RFC 4954 that say the same.
_LOG_IN = frozenset({"530", "534", "535", "538"})

# Status codes that say nothing: Outlook.com answers 5.5.0 for a mailbox that does not exist, others 5.0.0.
_NO_CODE = ("", "5.0.", "5.5.0", "5.3.0")


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


# At the start of the text; qmail and Cisco write it as (#5.1.1) or #5.1.0, qmail at the end.
_STATUS = re.compile(r"[(\s]#?(5\.\d{1,3}\.\d{1,3})\b")

# Addresses and links are left out of the text: a reader called spam@example.com is no spam.
_NAMES = re.compile(r"<[^>]*>|\bhttps?://\S+|\S+@\S+")

_SIZE = _pattern(r"too (?:large|big|long)|message size|size (?:limit|exceed)|exceeds? .{0,30}(?:size|limit)")
_FULL = _pattern(r"quota|mail ?box (?:is )?full|(?:inbox|mail ?box) .{0,20}storage|\bfull\b|exceeded storage")
# Text about us that is believed even beside a code for a dead mailbox: some servers that block us give that code.
_OURS_STRONG: tuple[tuple[Fault, re.Pattern[str]], ...] = (
    (
        "relay",
        # Postfix says "User unknown in relay recipient table" of a mailbox; relay.example.com is a name.
        _pattern(
            r"\brelay(?:ing|ed)?\b(?![.-]\w)(?! recipient table)|rcpthosts|authentication (?:is )?required|smtp auth"
            r"|requires? authentication|(?:must|please) (?:first )?(?:authenticate|log ?in)"
            r"|not (?:logged|authenticated)"
        ),
    ),
    ("sender", _pattern(r"\bspf\b|\bdkim\b|\bdmarc\b|unauthenticated|sender address|\bmail from\b|send as\b")),
    (
        "blocked",
        _pattern(
            r"\bblock(?:ed|ing|list\w*)?\b|black-?list|deny-?list|\bd?n?s?rbl\b|dnsbl|spamhaus|reputation|\bbanned\b"
            r"|reverse dns|\brdns\b|\bptr\b|your (?:ip|host|server|network)\b"
        ),
    ),
    ("content", _pattern(r"spam|\bjunk\b|virus|malware|phish|\bcontents?\b")),
    ("policy", _pattern(r"\bpolic(?:y|ies)\b|prohibit")),
)
# Text about us that servers use of mailboxes, too, so that it counts only where no code is clear.
_OURS_WEAK: tuple[tuple[Fault, re.Pattern[str]], ...] = (
    ("sender", _pattern(r"\bsender\b")),
    ("policy", _pattern(r"denied|not permitted|(?<!mailbox name )not allowed|forbidden|\baccess\b")),
)
_WHO = r"(?:users?|recipients?|mail-?box|mail box|account|address(?:ee)?|customer|local[ -]part|person|rcpt|domain)"
# Reply texts are hostile, too: no two repeated parts beside each other match the same characters.
_LIKELY = _pattern(
    rf"\b{_WHO}\b(?:\W+\w+){{0,3}}?\W+(?:unknown|unavailable|inactive|disabled|invalid|suspended|closed|rejected|inconnu"
    rf"|not (?:be )?(?:found|known|exist\w*|active|valid|ok|allowed|available)|deactivated)"
    rf"|\b(?:unknown|invalid|no such|non-?existent|bad|unrouteable|undeliverable|inactive|unrecognized)\b"
    rf" (?:or \w+ )?(?:virtual |local |destination |e-?mail )?{_WHO}\b"
    rf"|no (?:mail-?box|account|such) |not (?:a |our )?(?:known |valid |local )?{_WHO}\b|badrcptto|null mx"
    rf"|doesn['’]?t have an? \S+ account|does(?: not|n['’]?t) exist|no longer (?:valid|accepts|available|exists)"
    rf"|no ?one (?:with|at|by) th(?:is|at)|recipient ?not ?found"
)


def fault(reply: str, *, message: bool = False) -> Fault:
    """Return what a hard refusal is about.

    *reply* is the server's, on one line, and begins with its three digits. *message*: it answers the message, not RCPT;
    then it is about the content where it does not say otherwise. Never raises: a text that means nothing to us is
    `unclear`.
    """
    code, _, said = reply.partition(" ")
    status = _status_of(reply)
    text = _NAMES.sub(" ", said)
    if status in _SENDER:
        return "sender"
    if status in _RELAY or code in _LOG_IN:
        return "relay"
    strong = _first(_OURS_STRONG, text)
    if not strong and (status == "5.2.2" or _FULL.search(text)):
        return "reader"
    if status in _MAILBOX:
        # 5.1.0 is "other address status": some servers use it for senders, too.
        weak = _first(_OURS_WEAK, text) if status == "5.1.0" else None
        return strong or weak or "mailbox"
    return strong or _by_code(code, status, text, message=message)


def settled(reply: str) -> bool:
    """Return whether one such answer to RCPT is what every reader's would be: the sender is bad, or log in first."""
    return reply.startswith("530 ") or _status_of(reply) in {"5.1.7", "5.1.8"}


def _by_code(code: str, status: str, text: str, *, message: bool) -> Fault:
    """Return the fault of a reply that neither has a clear code nor clearly speaks of us.

    In this order: the message's size and form, what may be about us, what the text says of a mailbox, the bare code.
    """
    if status in {"5.3.4", "5.2.3"} or status.startswith("5.6.") or _SIZE.search(text):
        return "content"
    # What Exchange Online says of an address that its directory does not have.
    if status == "5.4.1" and "recipient address rejected" in text.casefold():
        return "likely"
    weak = _first(_OURS_WEAK, text) or ("policy" if status.startswith("5.7.") else None)
    if weak:
        return weak
    # RFC 7504: the domain accepts no mail.
    if code == "556" and not status:
        return "mailbox"
    if _says_nothing(status) and _LIKELY.search(text):
        return "likely"
    return _rest(status, message=message)


def _rest(status: str, *, message: bool) -> Fault:
    """Return the fault by the subject of the code alone (RFC 3463, 3: X.2 mailbox, X.4 network and routing)."""
    if status.startswith(("5.2.", "5.4.")):
        return "reader"
    return "content" if message else "unclear"


def _says_nothing(status: str) -> bool:
    """Return whether a status code leaves the meaning to the text."""
    return status in _NO_CODE or status.startswith("5.0.")


def _status_of(reply: str) -> str:
    """Return the enhanced status code (RFC 3463) of a hard refusal, such as `5.1.1`; "" where it has none."""
    # Only of a hard refusal: a 4xx may quote the 5.x.x of another server.
    match = _STATUS.search(f"{reply} ")
    return match[1] if match and reply[:1] == "5" else ""


def _first(table: tuple[tuple[Fault, re.Pattern[str]], ...], text: str) -> Fault | None:
    return next((name for name, pattern in table if pattern.search(text)), None)


# Bytes of one reply, all lines together. RFC 5321 has 512 for a line; a long answer to EHLO has some 2,000.
_LARGEST_REPLY = 65_536

# Bytes a second at which a server has to take a message, beyond the time that it has for any reply.
_SLOWEST = 10_000

_PIECE = 4_096

# Seconds for the answer to QUIT. Everything is said by then, and the next run waits for this one to end.
_LONGEST_GOODBYE = 5


class SmtpSession(smtplib.SMTP):
    """An SMTP connection none of whose steps takes much longer than its *timeout*, in seconds.

    Used as smtplib's own, by one thread at a time. Another difference: a connection that breaks while we send is not
    closed, because the server's reason may have arrived before it broke.
    """

    _received = b""

    def send(self, s: Any) -> None:  # noqa: ANN401 - as smtplib has it: str or a buffer
        """Send *s* as a whole. Raises SMTPServerDisconnected where that fails or takes too long."""
        if not self.sock:
            raise smtplib.SMTPServerDisconnected("not connected")
        raw = s.encode(self.command_encoding) if isinstance(s, str) else s
        # The timeout of a socket's sendall is for all of the bytes together, also over TLS (Python 3.5 and later).
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
            # Reading has left a shorter timeout behind; the TLS handshake after STARTTLS takes the one it finds.
            if self.sock:
                self.sock.settimeout(self.timeout)
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
        """Return the next line without its line feed; what came after it waits for the next call. Raises OSError."""
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
        """Go on over TLS. What the server, or somebody between, sent ahead of it in the clear is thrown away.

        Kept, such text would be taken for the server's answers inside TLS (command injection, CVE-2011-0411).
        """
        reply = super().starttls(*arguments, **options)
        self._received = b""
        return reply

    def close(self) -> None:
        """Hang up, and forget what was received."""
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
    """Connect, over TLS from the first byte where *tls* is given, and read the banner.

    *helo* is how we greet later, *timeout* seconds for each step. Raises OSError or SMTPException.
    """
    if tls:
        return SmtpTlsSession(host, port, helo, timeout=timeout, context=tls)
    return SmtpSession(host, port, helo, timeout=timeout)
