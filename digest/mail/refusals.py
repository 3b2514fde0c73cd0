"""What a hard refusal is about: one mailbox, or us. Reads SMTP replies; knows neither connections nor the ledger.

An enhanced status code (RFC 3463; the IANA registry that RFC 5248 set up) is believed before words, and words about us
(relaying, sender, blocking, content, policy) before words about a mailbox: a mailbox that is wrongly taken for dead
loses a reader, one that is wrongly taken for alive costs one more refusal at the next issue.
"""

from __future__ import annotations

import re
from typing import Final, Literal

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

_MAILBOX = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1"})
"""No such mailbox, no such domain, bad syntax, ambiguous, moved, null MX (RFC 7505), disabled."""

_SENDER = frozenset({"5.1.7", "5.1.8", "5.7.20", "5.7.21", "5.7.22", "5.7.23", "5.7.24", "5.7.26", "5.7.27"})
"""Sender's syntax, sender's domain, DKIM, SPF, several authentication checks (RFC 7372), sender with a null MX."""

_RELAY = frozenset({"5.7.3", "5.7.8", "5.7.9", "5.7.11", "5.7.64"})
"""Log in first, in the way the server wants (RFC 4954); 5.7.64 is Exchange's for relaying."""

_LOG_IN = frozenset({"530", "534", "535", "538"})
"""Basic codes of RFC 4954 that say the same."""

_NO_CODE = ("", "5.0.", "5.5.0", "5.3.0")
"""Status codes that say nothing: Outlook.com answers 5.5.0 for a mailbox that does not exist, others 5.0.0."""


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_STATUS = re.compile(r"[(\s]#?(5\.\d{1,3}\.\d{1,3})\b")
"""At the start of the text; qmail and Cisco write it as (#5.1.1) or #5.1.0, qmail at the end."""

_NAMES = re.compile(r"<[^>]*>|\bhttps?://\S+|\S+@\S+")
"""Addresses and links: a reader called spam@example.com is no spam."""

_SIZE = _pattern(r"too (?:large|big|long)|message size|size (?:limit|exceed)|exceeds? .{0,30}(?:size|limit)")
_FULL = _pattern(r"quota|mail ?box (?:is )?full|(?:inbox|mail ?box) .{0,20}storage|\bfull\b|exceeded storage")
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
    """Return what a hard refusal is about. *reply* begins with its three digits.

    *message*: it answers the message, not RCPT; then it is about the content where it does not say otherwise.
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
        weak = _first(_OURS_WEAK, text) if status == "5.1.0" else None  # some use it for senders, too
        return strong or weak or "mailbox"
    return strong or _by_code(code, status, text, message=message)


def settled(reply: str) -> bool:
    """Whether one such answer to RCPT is enough to know that everybody will hear it: the sender, or log in first."""
    return reply.startswith("530 ") or _status_of(reply) in {"5.1.7", "5.1.8"}


def _by_code(code: str, status: str, text: str, *, message: bool) -> Fault:
    """Return the fault of a reply that neither has a clear code nor speaks of us."""
    if status in {"5.3.4", "5.2.3"} or status.startswith("5.6.") or _SIZE.search(text):
        return "content"
    if status == "5.4.1" and "recipient address rejected" in text.casefold():
        return "likely"  # Exchange Online's words for an address that its directory does not have
    weak = _first(_OURS_WEAK, text) or ("policy" if status.startswith("5.7.") else None)
    if weak:
        return weak
    if code == "556" and not status:  # RFC 7504: the domain accepts no mail
        return "mailbox"
    if _says_nothing(status) and _LIKELY.search(text):
        return "likely"
    return _rest(status, message=message)


def _rest(status: str, *, message: bool) -> Fault:
    if status.startswith(("5.2.", "5.4.")):
        return "reader"
    return "content" if message else "unclear"


def _says_nothing(status: str) -> bool:
    return status in _NO_CODE or status.startswith("5.0.")


def _status_of(reply: str) -> str:
    """Return the enhanced status code of a reply, "" where it has none."""
    match = _STATUS.search(f"{reply} ")
    return match[1] if match and reply[:1] == "5" else ""


def _first(table: tuple[tuple[Fault, re.Pattern[str]], ...], text: str) -> Fault | None:
    return next((name for name, pattern in table if pattern.search(text)), None)
