"""Whether every server and client takes the message as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest import languages
from digest.checks.opened import HTML, MESSAGE, TEXT
from digest.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from digest.checks.opened import Opened
    from digest.model import Finding

_LINE_LIMIT = 998


def findings(issue: Opened) -> Iterator[Finding]:
    """Yield what is wrong with the message as MIME."""
    yield from _bytes(issue.eml)
    mail = issue.mail
    for part in mail.walk():
        for defect in part.defects:
            words = str(defect) or (type(defect).__doc__ or "").strip()
            yield finding("mime-broken", MESSAGE, words.split("\n", maxsplit=1)[0].rstrip("."))
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
    found = payload.decode(errors="replace") if isinstance(payload, bytes) else ""
    if _compared(found, part) != _compared(wanted, part):
        yield finding("mime-parts", MESSAGE, f"the part {part.get_content_type()} is not {name}")


def _compared(words: str, part: EmailMessage) -> str | list[str]:
    """Line by line; word by word where the part may be flowed, since that is told by white space.

    A flowed text has no indentation and other lines, so the marks of direction that each line has stand elsewhere.
    """
    if part.get_param("format") == "flowed":
        return languages.unmarked(words).split()
    return words.replace("\r\n", "\n").strip("\n")
