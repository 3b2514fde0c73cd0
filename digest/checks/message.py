"""The message: MIME that every server passes on unchanged (RFC 2045 to 2049), with the headers that bulk mail owes.

Its parts must be the files beside it, so that what was looked at is what goes out. Headers are read as they travel,
not as a library mends them: a header that stands twice, or is encoded where it must not be, has to be seen.
"""

from __future__ import annotations

import re
from collections import Counter
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from typing import TYPE_CHECKING

from digest.checks.context import HTML, MESSAGE, TEXT
from digest.checks.rule import RuleGroup, Spot, rule
from digest.text import languages
from digest.text.phrases import bare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from digest.checks.context import Context


# RFC 5322, 2.1.1: bytes without the line end.
_LINE_LIMIT = 998


@rule("mime-structure", "error", RuleGroup.MESSAGE, do="build the issue again")
def structure(issue: Context) -> Iterator[Spot]:
    """The message is multipart/alternative: the text, then the HTML, nothing else.

    Clients show the last part they understand.
    """
    if _parts(issue) is None:
        kinds = [part.get_content_type() for part in _leaves(issue)]
        yield Spot(MESSAGE, f"is {issue.mail.get_content_type()} of {', '.join(kinds)}")


@rule("mime-encoding", "error", RuleGroup.MESSAGE, do="build the issue again")
def encoding(issue: Context) -> Iterator[Spot]:
    """Both parts are UTF-8 and quoted-printable, or ASCII as it stands.

    Servers on the way may spoil others.
    """
    for part in _parts(issue) or ():
        if not _is_quoted_utf8(part) and not _is_ascii(part):
            encoding, charset = _encoding(part)
            yield Spot(MESSAGE, f"{part.get_content_type()} is {charset} in {encoding}")


@rule("mime-lines", "error", RuleGroup.MESSAGE, do="build the issue again")
def line_ends(issue: Context) -> Iterator[Spot]:
    """The message is ASCII, its lines end in CRLF and have 998 bytes at most.

    Servers on the way may refuse it or break it.
    """
    eml = issue.eml
    for number, line in enumerate(eml.split(b"\n"), 1):
        if len(line) - line.endswith(b"\r") > _LINE_LIMIT:
            yield Spot(MESSAGE, f"a line of {len(line):,} bytes", line=number)
        if not line.isascii():
            yield Spot(MESSAGE, "a line that is not ASCII", line=number)
    if eml.count(b"\n") != eml.count(b"\r\n") or eml.count(b"\r") != eml.count(b"\r\n"):
        yield Spot(MESSAGE, "lines that do not end in CRLF")


@rule("mime-parts", "error", RuleGroup.MESSAGE, do="build the issue again")
def parts(issue: Context) -> Iterator[Spot]:
    """The parts are index.txt and index.html.

    What was looked at is not what is sent.
    """
    for part, name, wanted in zip(_parts(issue) or (), (TEXT, HTML), (issue.text, issue.html), strict=False):
        # Without the right charset there is nothing to compare.
        if not _is_quoted_utf8(part) and not _is_ascii(part):
            continue
        payload = part.get_payload(decode=True)
        content = payload.decode(errors="replace") if isinstance(payload, bytes) else ""
        if _compared(content, part) != _compared(wanted, part):
            yield Spot(MESSAGE, f"the part {part.get_content_type()} is not {name}")


@rule("mime-broken", "error", RuleGroup.MESSAGE, do="build the issue again")
def defects(issue: Context) -> Iterator[Spot]:
    """The message can be parsed without a defect.

    Each client mends it in another way.
    """
    for part in issue.mail.walk():
        for defect in part.defects:
            description = str(defect) or (type(defect).__doc__ or "").strip()
            yield Spot(MESSAGE, description.split("\n", maxsplit=1)[0].rstrip("."))


def _leaves(issue: Context) -> list[EmailMessage]:
    """Return the parts of the message that hold content, in order."""
    return [part for part in issue.mail.walk() if not part.is_multipart()]


def _parts(issue: Context) -> list[EmailMessage] | None:
    """Return the two parts, text and HTML; None where the message is anything else than these alternatives."""
    leaves = _leaves(issue)
    kinds = [part.get_content_type() for part in leaves]
    is_whole = issue.mail.get_content_type() == "multipart/alternative" and kinds == ["text/plain", "text/html"]
    return leaves if is_whole else None


def _encoding(part: EmailMessage) -> tuple[str, str]:
    """Return the transfer encoding and the charset of *part*, in lower case."""
    return str(part.get("Content-Transfer-Encoding", "7bit")).lower(), str(part.get_content_charset() or "none")


def _is_quoted_utf8(part: EmailMessage) -> bool:
    return _encoding(part) == ("quoted-printable", "utf-8")


def _is_ascii(part: EmailMessage) -> bool:
    """Whether *part* is ASCII that travels as it stands, in short lines."""
    encoding, charset = _encoding(part)
    return encoding == "7bit" and charset in ("utf-8", "us-ascii") and str(part.get_payload()).isascii()


def _compared(text: str, part: EmailMessage) -> str | list[str]:
    """Return *text* line by line; word by word where the part may be flowed, which is told by white space alone.

    A flowed text has no indentation and other lines, so the marks of direction that each line has stand elsewhere.
    """
    if part.get_param("format") == "flowed":
        return languages.unmarked(text).split()
    return text.replace("\r\n", "\n").strip("\n")


# What a message needs to be one (RFC 5322, RFC 2045), and what readers and Gmail and Yahoo ask of one to many.
_OWED = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-ID", "List-Unsubscribe")
# Providers whose DMARC policy is reject or quarantine, or that may say so any day.
_FREE_MAILBOX = re.compile(
    r"""(?:gmail|googlemail|ymail|rocketmail|msn|aol|icloud|me|mac|fastmail|protonmail|qq|163|126|naver|rediffmail)\.com
    |(?:yahoo|hotmail|outlook|live|gmx|yandex)\.(?:com?\.)?(?:com|net|[a-z]{2})
    |proton\.me|pm\.me|web\.de|t-online\.de|mail\.ru|orange\.fr|wanadoo\.fr|laposte\.net|libero\.it|bk\.ru|list\.ru""",
    re.VERBOSE | re.IGNORECASE,
)
# What servers write on the way, each its own: a letter that has arrived has several of them.
_ON_THE_WAY = re.compile(r"Received(-SPF)?|DKIM-Signature|Authentication-Results|ARC-[\w-]+|X-[\w-]+", re.IGNORECASE)
_MAILBOX = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")


@rule("header-missing", "error", RuleGroup.MESSAGE, do="build the issue again")
def missing_headers(issue: Context) -> Iterator[Spot]:
    """All headers are there that a bulk sender owes.

    Gmail and Yahoo refuse bulk mail without them.
    """
    present = {name.lower() for name, _, _ in issue.headers}
    return (Spot(MESSAGE, f"there is no {name}", element=name) for name in _OWED if name.lower() not in present)


@rule("header-twice", "error", RuleGroup.MESSAGE, do="build the issue again")
def repeated_headers(issue: Context) -> Iterator[Spot]:
    """No header stands twice.

    Clients and signatures differ in which they take.
    """
    headers = [header for header in issue.headers if not _ON_THE_WAY.fullmatch(header[0])]
    counts = Counter(name.lower() for name, _, _ in headers)
    seen: Counter[str] = Counter()
    for name, _, line in headers:
        seen[name.lower()] += 1
        if seen[name.lower()] == 2:
            yield Spot(MESSAGE, f"there are {counts[name.lower()]}", line=line, element=name)


@rule("header-bcc", "error", RuleGroup.MESSAGE, do="remove it; the mail service knows the readers")
def bcc(issue: Context) -> Iterator[Spot]:
    """No Bcc or Cc is in it.

    It tells readers who else gets the issue.
    """
    for name, value, line in _firsts(issue, "bcc", "cc"):
        yield Spot(MESSAGE, f"is {value[:60]!r}", line=line, element=name)


@rule("header-from", "error", RuleGroup.MESSAGE, do="set newsletter.from")
def sender(issue: Context) -> Iterator[Spot]:
    """From is one mailbox.

    Several, or none, look like forgery.
    """
    for name, value, line in _firsts(issue, "from"):
        mailboxes = getaddresses([value])
        if len(mailboxes) != 1:
            yield Spot(MESSAGE, f"has {len(mailboxes)} mailboxes", line=line, element=name)
        elif not _MAILBOX.fullmatch(mailboxes[0][1]):
            yield Spot(MESSAGE, f"{value[:60]!r} is no mailbox", line=line, element=name)


@rule("header-reply-to", "error", RuleGroup.MESSAGE, do="set newsletter.reply_to")
def answers(issue: Context) -> Iterator[Spot]:
    """Reply-To, where it is there, is one mailbox.

    Readers' answers come back, or go to nobody.
    """
    for name, value, line in _firsts(issue, "reply-to"):
        mailboxes = getaddresses([value])
        if len(mailboxes) != 1 or not _MAILBOX.fullmatch(mailboxes[0][1]):
            yield Spot(MESSAGE, f"{value[:60]!r} is no mailbox", line=line, element=name)


@rule("header-free-mailbox", "warning", RuleGroup.MESSAGE, do="set newsletter.from to an address of your own domain")
def free_mailbox(issue: Context) -> Iterator[Spot]:
    """From is an address of a domain of one's own.

    Receivers take bulk mail in the name of gmail.com, yahoo.com and their like for forged (DMARC), unless that
    provider sent it: it lands in spam or is refused.
    """
    domain = parseaddr(str(issue.mail["From"] or ""))[1].rpartition("@")[2]
    if _FREE_MAILBOX.fullmatch(domain):
        yield Spot(MESSAGE, f"is a mailbox at {domain}", element="From")


@rule("header-subject", "error", RuleGroup.MESSAGE, do="build the issue again")
def subject(issue: Context) -> Iterator[Spot]:
    """The subject is the one of the record.

    What was looked at is not what is sent.
    """
    for name, _, line in _firsts(issue, "subject"):
        # Decoded: as it travels it is in encoded words (RFC 2047).
        subject = str(issue.mail["Subject"] or "")
        if " ".join(subject.split()) != " ".join(issue.facts.subject.split()):
            problem = f"is {subject[:60]!r}, in the record {issue.facts.subject[:60]!r}"
            yield Spot(MESSAGE, problem, line=line, element=name)


@rule("header-date", "error", RuleGroup.MESSAGE, do="build the issue again")
def date(issue: Context) -> Iterator[Spot]:
    """Date is a date with an offset.

    Spam filters count a missing or odd one.
    """
    for name, value, line in _firsts(issue, "date"):
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            yield Spot(MESSAGE, f"{value[:60]!r} is no date", line=line, element=name)
            continue
        if moment.tzinfo is None:
            yield Spot(MESSAGE, f"{value[:60]!r} has no offset", line=line, element=name)


@rule("header-message-id", "error", RuleGroup.MESSAGE, do="build the issue again")
def message_id(issue: Context) -> Iterator[Spot]:
    """Message-ID is one word between angle brackets with a domain.

    Replies and bounces cannot be told apart without.
    """
    return _unlike(issue, "message-id", r"<[^\s<>@]+@[^\s<>@]+>")


@rule("header-list-id", "error", RuleGroup.MESSAGE, do="set newsletter.name and newsletter.from")
def list_id(issue: Context) -> Iterator[Spot]:
    """List-ID ends with a name between angle brackets.

    Readers filter by it.
    """
    return _unlike(issue, "list-id", r"(?s:.*)<[^\s<>@]+\.[^\s<>@]+>")


@rule("header-unsubscribe", "error", RuleGroup.MESSAGE, do="set newsletter.unsubscribe and newsletter.unsubscribe_mail")
def unsubscribe(issue: Context) -> Iterator[Spot]:
    """List-Unsubscribe offers an https address and a mailto address, not encoded.

    Mail clients offer no way to leave otherwise, and Gmail asks for it.
    """
    for name, value, line in _firsts(issue, "list-unsubscribe"):
        if "=?" in value:
            yield Spot(MESSAGE, "is encoded", line=line, element=name)
            continue
        addresses = re.findall(r"<([^<>\s]+)>", value)
        for scheme in ("https", "mailto"):
            if not any(address.startswith(f"{scheme}:") for address in addresses):
                yield Spot(MESSAGE, f"offers no {scheme} address", line=line, element=name)


@rule("header-one-click", "error", RuleGroup.MESSAGE, do="build the issue again")
def one_click(issue: Context) -> Iterator[Spot]:
    """List-Unsubscribe-Post, where it is there, is `List-Unsubscribe=One-Click`.

    Gmail and Yahoo ask for exactly this.
    """
    return _unlike(issue, "list-unsubscribe-post", "List-Unsubscribe=One-Click")


@rule("header-language", "warning", RuleGroup.MESSAGE, do="set newsletter.language")
def language(issue: Context) -> Iterator[Spot]:
    """Content-Language is the page's language.

    Screen readers and translators go by it.
    """
    page = issue.page.root.get("lang", "")
    for name, value, line in _firsts(issue, "content-language"):
        if page and bare(value) != bare(page):
            yield Spot(MESSAGE, f"is {value[:20]!r}, the page's is {page!r}", line=line, element=name)


def _firsts(issue: Context, *names: str) -> Iterator[tuple[str, str, int]]:
    """Yield the first header of each of *names* (in lower case) that the message has: name, value, line."""
    # A second one is a finding of `header-twice`, whatever it says.
    firsts: dict[str, tuple[str, str, int]] = {}
    for header in issue.headers:
        firsts.setdefault(header[0].lower(), header)
    return (header for name, header in firsts.items() if name in names)


def _unlike(issue: Context, name: str, pattern: str) -> Iterator[Spot]:
    """Yield the first header called *name* if *pattern* does not match all of its value."""
    for written, value, line in _firsts(issue, name):
        if not re.fullmatch(pattern, value):
            yield Spot(MESSAGE, f"is {value[:60]!r}", line=line, element=written)
