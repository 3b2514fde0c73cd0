"""Whether the message has the headers that a bulk sender owes, and no other."""

from __future__ import annotations

import re
from collections import Counter
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from typing import TYPE_CHECKING

from digest.checks.opened import MESSAGE, bare
from digest.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.checks.opened import Opened
    from digest.model import Finding

_OWED = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-ID", "List-Unsubscribe")
_FREE_MAILBOX = re.compile(
    r"""(?:gmail|googlemail|ymail|rocketmail|msn|aol|icloud|me|mac|fastmail|protonmail|qq|163|126|naver|rediffmail)\.com
    |(?:yahoo|hotmail|outlook|live|gmx|yandex)\.(?:com?\.)?(?:com|net|[a-z]{2})
    |proton\.me|pm\.me|web\.de|t-online\.de|mail\.ru|orange\.fr|wanadoo\.fr|laposte\.net|libero\.it|bk\.ru|list\.ru""",
    re.VERBOSE | re.IGNORECASE,
)
_MAILBOX = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")


def findings(issue: Opened) -> Iterator[Finding]:
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
            for what in judge(value, issue):
                yield finding(rule, MESSAGE, what, line=line, element=name)


def _of_a_free_mailbox(issue: Opened) -> Iterator[Finding]:
    domain = parseaddr(str(issue.mail["From"] or ""))[1].rpartition("@")[2]
    if _FREE_MAILBOX.fullmatch(domain):
        yield finding("header-free-mailbox", MESSAGE, f"is a mailbox at {domain}", element="From")


def _raw(eml: bytes) -> list[tuple[str, str, int]]:
    """The headers as they stand, unfolded but not decoded, with the line each begins on."""
    found: list[tuple[str, str, int]] = []
    for number, line in enumerate(eml.decode("latin-1").splitlines(), 1):
        if not line:
            break
        if line[0] in " \t" and found:
            name, value, first = found[-1]
            found[-1] = (name, f"{value} {line.strip()}".strip(), first)
        else:
            name, _, value = line.partition(":")
            found.append((name.strip(), value.strip(), number))
    return found


def _bcc(value: str, _: Opened) -> Iterator[str]:
    yield f"is {value[:60]!r}"


def _from(value: str, _: Opened) -> Iterator[str]:
    mailboxes = getaddresses([value])
    if len(mailboxes) != 1:
        yield f"has {len(mailboxes)} mailboxes"
    elif not _MAILBOX.fullmatch(mailboxes[0][1]):
        yield f"{value[:60]!r} is no mailbox"


def _subject(_: str, issue: Opened) -> Iterator[str]:
    found = str(issue.mail["Subject"] or "")
    if " ".join(found.split()) != " ".join(issue.facts.subject.split()):
        yield f"is {found[:60]!r}, in the record {issue.facts.subject[:60]!r}"


def _date(value: str, _: Opened) -> Iterator[str]:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        yield f"{value[:60]!r} is no date"
        return
    if moment.tzinfo is None:
        yield f"{value[:60]!r} has no offset"


def _message_id(value: str, _: Opened) -> Iterator[str]:
    if not re.fullmatch(r"<[^\s<>@]+@[^\s<>@]+>", value):
        yield f"is {value[:60]!r}"


def _list_id(value: str, _: Opened) -> Iterator[str]:
    if not re.search(r"<[^\s<>@]+\.[^\s<>@]+>$", value):
        yield f"is {value[:60]!r}"


def _unsubscribe(value: str, _: Opened) -> Iterator[str]:
    if "=?" in value:
        yield "is encoded"
        return
    addresses = re.findall(r"<([^<>\s]+)>", value)
    for scheme in ("https", "mailto"):
        if not any(address.startswith(f"{scheme}:") for address in addresses):
            yield f"offers no {scheme} address"


def _one_click(value: str, _: Opened) -> Iterator[str]:
    if value != "List-Unsubscribe=One-Click":
        yield f"is {value[:60]!r}"


def _language(value: str, issue: Opened) -> Iterator[str]:
    page = issue.page.root.get("lang", "")
    if page and bare(value) != bare(page):
        yield f"is {value[:20]!r}, the page's is {page!r}"


_CHECKS: dict[str, tuple[str, Callable[[str, Opened], Iterator[str]]]] = {
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
