"""A built issue read back from its files, and the other values that cross the seam to a target.

What is sent is what was built: the bytes on disk are compared with the hashes in the record, and what the record does
not hold (sender, label, unsubscribe addresses) is read from the headers of message.eml, so that no second place decides
it. Raises SendingError for an issue that was changed or damaged since.
"""

from __future__ import annotations

import hashlib
import html
import os
import re
from dataclasses import dataclass, field, replace
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any, Protocol

from digest import files
from digest.errors import SendingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message as EmailHeaders

    from digest.config.values import Newsletter
    from digest.issue.folder import IssueFolder
    from digest.mail.delivery import Clock
    from digest.model import Message


FILES = ("index.html", "index.txt", "message.eml")
"""The files of an issue that a target gets."""

# Between two headers; a line that begins with white space goes on with the one before (RFC 5322, 2.2.3).
_FIELDS = re.compile(rb"\r\n(?![ \t])")

# Headers that differ from message to message and so are no part of what an issue is known by.
_EACH_ITS_OWN = (b"date:", b"list-unsubscribe-post:")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIssue:
    """A built issue, ready to be handed over.

    *issue* is its day and *newsletter* the newsletter's name; *label* is that name as a DNS label, which ledger and
    services know it by. *html*, *text* and *mime* are the bytes on disk. *unsubscribe* is the web address that stands
    in all of them, *unsubscribe_mail* the mailto address; *web* is where the issue stands on the web.
    """

    issue: str
    newsletter: str
    label: str
    sender_name: str
    sender: str
    subject: str
    preheader: str
    html: str
    text: str
    mime: bytes
    unsubscribe: str
    unsubscribe_mail: str
    web: str

    @property
    def name(self) -> str:
        """What the campaign of this issue is called at a service, so that a second run finds it."""
        return f"digest:{self.label}:{self.issue}"

    @property
    def mailbox(self) -> str:
        """The sender as `"Name" <a@b>`, unencoded, as services take it; the address alone where it has no name."""
        return _mailbox(self.sender_name, self.sender)

    @property
    def reply_to(self) -> str:
        """Where answers go, as `mailbox` writes the sender; empty where they go to the sender."""
        name, address = parseaddr(self._header("Reply-To"))
        return _mailbox(str(make_header(decode_header(name))), address)

    @property
    def reply_address(self) -> str:
        """The address alone of where answers go, for services that take no name with it; empty for the sender's."""
        return parseaddr(self._header("Reply-To"))[1]

    @property
    def list_id(self) -> str:
        """The value of List-ID, on one line and in ASCII, as services take a header."""
        return self._header("List-ID")

    @property
    def language(self) -> str:
        """The value of Content-Language."""
        return self._header("Content-Language")

    def _header(self, name: str) -> str:
        return re.sub(r"\r?\n[ \t]+", " ", str(_headers(self.mime)[name] or ""))

    @property
    def hash(self) -> str:
        """A SHA-256 of everything a reader could see, by which the ledger knows whether an issue was built anew.

        Without the date and the offer of one click, which are each message's own.
        """
        head, gap, body = self.mime.partition(b"\r\n\r\n")
        shared = b"\r\n".join(field for field in _FIELDS.split(head) if not field.lower().startswith(_EACH_ITS_OWN))
        mime = shared + gap + body
        # Hashes of hashes, so that what moves from the end of one part to the start of the next changes the sum.
        parts = [self.subject.encode(), self.preheader.encode(), self.html.encode(), self.text.encode(), mime]
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Able:
    """What a target can express. What it cannot is refused by name, never dropped silently.

    *text*: a plain-text part of our own; *preheader*: as a field of its own (it stands in the HTML either way);
    *headers*: our own header lines; *schedule*: sending later by itself; *test*: one message to one address.
    *editions*: a letter for each reader, where a target makes all that it hands over of what `Writer` gives.
    """

    text: bool = True
    preheader: bool = False
    headers: bool = False
    schedule: bool = False
    test: bool = True
    editions: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One recipient. *address* is valid and ASCII, *fields* the other columns of the recipients' file.

    *line* is where the file names that reader, 0 for nowhere.
    """

    address: str
    fields: Mapping[str, str] = field(default_factory=dict)
    line: int = field(default=0, compare=False)


class Writer(Protocol):
    """Makes what one reader gets. `sending.Writing` is one."""

    def __call__(self, reader: Reader) -> bytes:
        """Return the whole message, dated now and signed. Raises SendingError for what cannot stand in a header."""

    def edition(self, reader: Reader) -> str:
        """Return the name of the letter that the reader gets: readers with the same name get the same one."""

    def letter(self, reader: Reader) -> BuiltIssue:
        """Return the letter that the reader gets, as it was built."""

    def address(self, reader: Reader) -> str:
        """Return the reader's own unsubscribe address, the newsletter's where there is none."""

    def one_click(self, reader: Reader) -> bool:
        """Return whether a POST to that address takes this reader, and nobody else, off the list (RFC 8058)."""

    @property
    def clock(self) -> Clock:
        """The caller's clock, which dates the messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a service answered: the *state* of the campaign, its *reference* there, and the *address* to look at it."""

    state: str
    reference: str
    address: str = ""


def _headers(mime: bytes) -> EmailHeaders:
    # Without the body, a hundred times as long, which the parser would look through.
    return BytesHeaderParser().parsebytes(mime.partition(b"\r\n\r\n")[0])


def _mailbox(name: str, address: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>' if name else address


def read(place: IssueFolder) -> BuiltIssue:
    """Return the issue in *place*. Raises RecordError, and SendingError where its files are not what was built."""
    standing, record = place.standing, place.record
    raw = {name: _file(os.path.join(standing, name), record["outputs"].get(name, "")) for name in FILES}
    return of(raw, record, place=place.path)


def of(raw: Mapping[str, bytes], record: Mapping[str, Any], *, place: str) -> BuiltIssue:
    """Return the issue whose files are *raw* and whose record is *record*. Raises SendingError, which names *place*."""
    headers = _headers(raw["message.eml"])
    name, sender = parseaddr(str(headers["From"]))
    unsubscribe = re.findall(r"<([^<>]+)>", re.sub(r"\r?\n[ \t]", "", str(headers["List-Unsubscribe"])))
    label = re.search(r"<([^<>@]+)>\s*$", str(headers["List-ID"]))
    if not sender or len(unsubscribe) != 2 or not label:
        raise SendingError(
            os.path.join(place, "message.eml"), "lacks From, List-ID or List-Unsubscribe", "build it again"
        )
    return BuiltIssue(
        issue=record["id"],
        newsletter=record["newsletter"]["name"],
        label=label[1].removesuffix(f".{sender.rpartition('@')[2]}"),
        sender_name=str(make_header(decode_header(name))),
        sender=sender,
        subject=record["subject"],
        preheader=record["preheader"],
        html=raw["index.html"].decode(),
        text=raw["index.txt"].decode(),
        mime=raw["message.eml"],
        unsubscribe=unsubscribe[0],
        unsubscribe_mail=unsubscribe[1],
        web=record["newsletter"]["web"],
    )


def in_memory(
    files: Mapping[str, bytes], message: Message, newsletter: Newsletter, *, issue: str, place: str
) -> BuiltIssue:
    """Return the letter whose files are *files*, of an *issue* that need not stand on the disk.

    *message* is what they were made of; *place* names the issue in messages. Raises SendingError as `of` does.
    """
    # The whole record would take longer than the letter itself.
    about = {
        "id": issue,
        "newsletter": {"name": newsletter.name, "web": newsletter.web_address(issue)},
        "subject": message.subject,
        "preheader": message.preheader,
    }
    return of(files, about, place=place)


def with_subject_prefix(letter: BuiltIssue, prefix: str) -> BuiltIssue:
    """Return *letter* with the ASCII *prefix* before its subject, in the message as well."""
    # Before an encoded word, too: a prefix in plain ASCII and a blank may stand beside one (RFC 2047, 5).
    mime = re.sub(rb"(?m)^Subject: ", lambda match: match[0] + prefix.encode("ascii"), letter.mime, count=1)
    return replace(letter, subject=prefix + letter.subject, mime=mime)


def _file(path: str, expected: str) -> bytes:
    """Return the bytes of *path*, whose SHA-256 is *expected* by the record. Raises SendingError where it is not."""
    try:
        content = files.read(path)
    except OSError as error:
        raise SendingError(path, files.trouble(error), "build the issue again") from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise SendingError(path, "is not what was built: its hash is not in issue.json", "build the issue again")
    return content


# What comes before is asked last: a search for plain words is many times as fast.
_HREF = re.compile(r'href(?<=\bhref)="([^"]*)"')


def in_html(text: str, address: str) -> list[tuple[int, int]]:
    """Return where in the HTML *text* the *address* is the value of an href, as (start, end)."""
    return [match.span(1) for match in _HREF.finditer(text) if html.unescape(match[1]) == address]


def in_text(text: str, address: str) -> list[tuple[int, int]]:
    """Return where in the plain *text* the *address* stands as a word of its own, as (start, end)."""
    word = re.escape(address)
    return [match.span() for match in re.finditer(rf"{word}(?<!\S{word})(?!\S)", text)]
