"""Whether the MIME message is fit for every server: headers, encoding, and its plain text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from html.entities import html5
from typing import TYPE_CHECKING

from digest.checks.context import HTML, MESSAGE, TAG, TEXT, bare
from digest.checks.rule import finding
from digest.text import languages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

    from digest.checks.context import Context
    from digest.model import Finding


_COLUMNS = 78
_ENTITY = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def findings(issue: Context) -> Iterator[Finding]:
    """Yield what is wrong with the text."""
    if not re.search(r"\w", issue.text):
        yield finding("text-empty", TEXT, "has no words")
    for number, line in enumerate(issue.text.splitlines(), 1):
        columns = sum(map(_columns, line))
        if columns > _COLUMNS and "://" not in line:
            yield finding("text-width", TEXT, f"{columns} columns", line=number)
        if markup := next(_markup(line), None):
            yield finding("text-markup", TEXT, f"{markup[:60]} stands in it", line=number)
        if control := _CONTROL.search(line):
            yield finding("text-control", TEXT, f"U+{ord(control[0]):04X} stands in it", line=number)


def _markup(line: str) -> Iterator[str]:
    """Tags and entities."""
    yield from (match[0] for match in TAG.finditer(line))
    for match in _ENTITY.finditer("" if "://" in line else line):
        if match[0][1] == "#" or match[0][1:] in html5:
            yield match[0]


def _columns(sign: str) -> int:
    """How many columns a character takes: two for East Asian wide ones, none for those that combine."""
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Mc", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1


_LINE_LIMIT = 998


def mime_findings(issue: Context) -> Iterator[Finding]:
    """Yield what is wrong with the message as MIME."""
    yield from _bytes(issue.eml)
    mail = issue.mail
    for part in mail.walk():
        for defect in part.defects:
            description = str(defect) or (type(defect).__doc__ or "").strip()
            yield finding("mime-broken", MESSAGE, description.split("\n", maxsplit=1)[0].rstrip("."))
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    kinds = [part.get_content_type() for part in leaves]
    if mail.get_content_type() != "multipart/alternative" or kinds != ["text/plain", "text/html"]:
        yield finding("mime-structure", MESSAGE, f"is {mail.get_content_type()} of {', '.join(kinds)}")
        return
    for part, name, wanted in zip(leaves, (TEXT, HTML), (issue.text, issue.html), strict=True):
        yield from _part(part, name, wanted)


def _bytes(eml: bytes) -> Iterator[Finding]:
    for number, line in enumerate(eml.split(b"\n"), 1):
        if len(line) - line.endswith(b"\r") > _LINE_LIMIT:
            yield finding("mime-lines", MESSAGE, f"a line of {len(line):,} bytes", line=number)
        if not line.isascii():
            yield finding("mime-lines", MESSAGE, "a line that is not ASCII", line=number)
    if eml.count(b"\n") != eml.count(b"\r\n") or eml.count(b"\r") != eml.count(b"\r\n"):
        yield finding("mime-lines", MESSAGE, "lines that do not end in CRLF")


def _part(part: EmailMessage, name: str, wanted: str) -> Iterator[Finding]:
    encoding = str(part.get("Content-Transfer-Encoding", "7bit")).lower()
    charset = str(part.get_content_charset() or "none")
    if encoding != "quoted-printable" or charset != "utf-8":
        yield finding("mime-encoding", MESSAGE, f"{part.get_content_type()} is {charset} in {encoding}")
        return
    payload = part.get_payload(decode=True)
    content = payload.decode(errors="replace") if isinstance(payload, bytes) else ""
    if _compared(content, part) != _compared(wanted, part):
        yield finding("mime-parts", MESSAGE, f"the part {part.get_content_type()} is not {name}")


def _compared(text: str, part: EmailMessage) -> str | list[str]:
    """Line by line; word by word where the part may be flowed, since that is told by white space.

    A flowed text has no indentation and other lines, so the marks of direction that each line has stand elsewhere.
    """
    if part.get_param("format") == "flowed":
        return languages.unmarked(text).split()
    return text.replace("\r\n", "\n").strip("\n")


_OWED = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-ID", "List-Unsubscribe")
_FREE_MAILBOX = re.compile(
    r"""(?:gmail|googlemail|ymail|rocketmail|msn|aol|icloud|me|mac|fastmail|protonmail|qq|163|126|naver|rediffmail)\.com
    |(?:yahoo|hotmail|outlook|live|gmx|yandex)\.(?:com?\.)?(?:com|net|[a-z]{2})
    |proton\.me|pm\.me|web\.de|t-online\.de|mail\.ru|orange\.fr|wanadoo\.fr|laposte\.net|libero\.it|bk\.ru|list\.ru""",
    re.VERBOSE | re.IGNORECASE,
)
_MAILBOX = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")


def header_findings(issue: Context) -> Iterator[Finding]:
    """Yield what is wrong with the headers."""
    raw = _raw(issue.eml)
    counts = Counter(name.lower() for name, _, _ in raw)
    for name in _OWED:
        if not counts[name.lower()]:
            yield finding("header-missing", MESSAGE, f"there is no {name}", element=name)
    yield from _of_a_free_mailbox(issue)
    seen: Counter[str] = Counter()
    for name, value, line in raw:
        seen[name.lower()] += 1
        if seen[name.lower()] == 2:
            yield finding("header-twice", MESSAGE, f"there are {counts[name.lower()]}", line=line, element=name)
        elif name.lower() in _CHECKS and seen[name.lower()] == 1:
            rule, judge = _CHECKS[name.lower()]
            for problem in judge(value, issue):
                yield finding(rule, MESSAGE, problem, line=line, element=name)


def _of_a_free_mailbox(issue: Context) -> Iterator[Finding]:
    domain = parseaddr(str(issue.mail["From"] or ""))[1].rpartition("@")[2]
    if _FREE_MAILBOX.fullmatch(domain):
        yield finding("header-free-mailbox", MESSAGE, f"is a mailbox at {domain}", element="From")


def _raw(eml: bytes) -> list[tuple[str, str, int]]:
    """The headers as they stand, unfolded but not decoded, with the line each begins on."""
    headers: list[tuple[str, str, int]] = []
    for number, line in enumerate(eml.decode("latin-1").splitlines(), 1):
        if not line:
            break
        if line[0] in " \t" and headers:
            name, value, first = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}".strip(), first)
        else:
            name, _, value = line.partition(":")
            headers.append((name.strip(), value.strip(), number))
    return headers


def _bcc(value: str, _: Context) -> Iterator[str]:
    yield f"is {value[:60]!r}"


def _from(value: str, _: Context) -> Iterator[str]:
    mailboxes = getaddresses([value])
    if len(mailboxes) != 1:
        yield f"has {len(mailboxes)} mailboxes"
    elif not _MAILBOX.fullmatch(mailboxes[0][1]):
        yield f"{value[:60]!r} is no mailbox"


def _subject(_: str, issue: Context) -> Iterator[str]:
    subject = str(issue.mail["Subject"] or "")
    if " ".join(subject.split()) != " ".join(issue.facts.subject.split()):
        yield f"is {subject[:60]!r}, in the record {issue.facts.subject[:60]!r}"


def _date(value: str, _: Context) -> Iterator[str]:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        yield f"{value[:60]!r} is no date"
        return
    if moment.tzinfo is None:
        yield f"{value[:60]!r} has no offset"


def _message_id(value: str, _: Context) -> Iterator[str]:
    if not re.fullmatch(r"<[^\s<>@]+@[^\s<>@]+>", value):
        yield f"is {value[:60]!r}"


def _list_id(value: str, _: Context) -> Iterator[str]:
    if not re.search(r"<[^\s<>@]+\.[^\s<>@]+>$", value):
        yield f"is {value[:60]!r}"


def _unsubscribe(value: str, _: Context) -> Iterator[str]:
    if "=?" in value:
        yield "is encoded"
        return
    addresses = re.findall(r"<([^<>\s]+)>", value)
    for scheme in ("https", "mailto"):
        if not any(address.startswith(f"{scheme}:") for address in addresses):
            yield f"offers no {scheme} address"


def _one_click(value: str, _: Context) -> Iterator[str]:
    if value != "List-Unsubscribe=One-Click":
        yield f"is {value[:60]!r}"


def _language(value: str, issue: Context) -> Iterator[str]:
    page = issue.page.root.get("lang", "")
    if page and bare(value) != bare(page):
        yield f"is {value[:20]!r}, the page's is {page!r}"


_CHECKS: dict[str, tuple[str, Callable[[str, Context], Iterator[str]]]] = {
    "bcc": ("header-bcc", _bcc),
    "cc": ("header-bcc", _bcc),
    "from": ("header-from", _from),
    "subject": ("header-subject", _subject),
    "date": ("header-date", _date),
    "message-id": ("header-message-id", _message_id),
    "list-id": ("header-list-id", _list_id),
    "list-unsubscribe": ("header-unsubscribe", _unsubscribe),
    "list-unsubscribe-post": ("header-one-click", _one_click),
    "content-language": ("header-language", _language),
}
