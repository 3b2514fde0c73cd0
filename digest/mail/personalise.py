"""Each reader's own message: the MIME message of an issue cut where readers differ, and who may leave with one click.

**Cutting.** HTML and text are encoded once an issue, and a message is a join of bytes (`Pieces`). Only To, Date,
Message-ID, the List-Unsubscribe headers and the unsubscribe links in HTML and text are each message's own; every other
byte is that of message.eml. That file is dated at the end of its window, so that a build is reproducible; a message is
dated when it leaves, because spam filters count a date in the future or long ago.

**One click** (RFC 8058). A mail client POSTs to the https address of List-Unsubscribe without asking the reader
anything. Where all readers share that address nobody can tell who left, so the offer would be a false one: it is left
out, and the links and the mailto address stay.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from itertools import groupby
from quopri import decodestring, encodestring
from typing import TYPE_CHECKING

from digest.errors import SendingError
from digest.mail import recipients, registry
from digest.mail.built import Reader, in_html, in_text
from digest.mail.target import ReaderTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.config.values import SendPlan, TargetPlan
    from digest.mail.built import BuiltIssue


_SLOTS = frozenset({"to", "date", "message-id", "list-unsubscribe"})

# Stands in message.eml; what leaves has it behind a reader's own address and nowhere else.
_ONE_CLICK = "list-unsubscribe-post"

_DATE = re.compile(rb"^Date:[^\r]*(?:\r\n[ \t][^\r]*)*\r\n", re.IGNORECASE | re.MULTILINE)
_POST = re.compile(rb"^List-Unsubscribe-Post:[^\r]*\r\n", re.IGNORECASE | re.MULTILINE)
_ID = re.compile(rb"^message-id:\s*<([^<>@]+)@([^<>]+)>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pieces:
    """The message in *chunks*, with a slot between each two: `slots[n]` stands behind `chunks[n]`.

    *identity* is the Message-ID of the issue, parted at its @; *mailto* the mailto address for unsubscribing.
    """

    chunks: tuple[bytes, ...]
    slots: tuple[str, ...]
    identity: tuple[str, str]
    mailto: str

    def message(self, reader: Reader, unsubscribe: str, *, at: float, one_click: bool) -> bytes:
        """Return the message for one reader, with CRLF. Raises SendingError for what cannot stand in a header.

        *at* is the time of leaving, in seconds since 1970. *one_click*: a POST to *unsubscribe* takes this reader off
        the list (RFC 8058).
        """
        # Checked here for the last time, whoever made the value.
        for value in (reader.address, unsubscribe):
            if not fits_header(value):
                raise SendingError(reader.address, f"cannot stand in a header: {value[:80]!r}", "mend the list")
        local, domain = self.identity
        post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if one_click else ""
        # The same for a reader at every try, so that a mail client shows a message that came twice once.
        own = hashlib.sha256(f"{local}\0{reader.address}".encode()).hexdigest()[:16]
        filled = {
            "to": f"To: <{reader.address}>\r\n".encode(),
            "date": date_header(at),
            "message-id": f"Message-ID: <{local}.{own}@{domain}>\r\n".encode(),
            "list-unsubscribe": f"List-Unsubscribe: <{unsubscribe}>,\r\n <{self.mailto}>\r\n{post}".encode(),
            "text/html": _encoded(html.escape(unsubscribe)) + b"=\r\n",
            "text/plain": _encoded(unsubscribe) + b"=\r\n",
        }
        parts = [self.chunks[0]]
        for slot, chunk in zip(self.slots, self.chunks[1:], strict=True):
            parts += [filled[slot], chunk]
        return b"".join(parts)


def fits_header(value: str) -> bool:
    """Return whether an address may stand in a header: a line break in it would be a header of somebody's own."""
    # 900 leaves room for the header's name in a line of 998 octets (RFC 5322, 2.1.1).
    return value.isascii() and value.isprintable() and not re.search(r"[\s<>\"]", value) and len(value) <= 900


def cut(letter: BuiltIssue) -> Pieces:
    """Return the pieces of *letter*'s MIME message. Raises SendingError for a message that lacks one of the slots."""
    head, _, body = letter.mime.partition(b"\r\n\r\n")
    sequence = [*_head(head), b"\r\n", *_body(head, body, letter.unsubscribe)]
    chunks: list[list[bytes]] = [[]]
    slots: list[str] = []
    for piece in sequence:
        if isinstance(piece, bytes):
            chunks[-1].append(piece)
        else:
            slots.append(piece)
            chunks.append([])
    match = _ID.search(head)
    if not match or not set(slots) >= _SLOTS:
        raise SendingError("message.eml", "lacks To, Date, Message-ID or List-Unsubscribe", "build the issue again")
    identity = (match[1].decode(), match[2].decode())
    return Pieces(tuple(map(b"".join, chunks)), tuple(slots), identity, letter.unsubscribe_mail)


def date_header(at: float) -> bytes:
    """Return the header Date for *at*, in seconds since 1970, with its line end. UTC: a reader's client converts it."""
    return _date_header(int(at))


# A run writes many messages in a second, and the words would be a quarter of each one's cost.
@lru_cache(maxsize=16)
def _date_header(second: int) -> bytes:
    return f"Date: {format_datetime(datetime.fromtimestamp(second, UTC))}\r\n".encode()


def dated(mime: bytes, at: float) -> bytes:
    """Return the message *mime* as it leaves for nobody in particular at *at*, in seconds since 1970.

    It is dated then, and offers no one-click unsubscribing, since its address names no reader.
    """
    head, gap, body = mime.partition(b"\r\n\r\n")
    head = _POST.sub(b"", _DATE.sub(date_header(at), head + b"\r\n", count=1), count=1)
    return head + gap[2:] + body


def _head(head: bytes) -> Iterable[bytes | str]:
    """Yield the headers as they stand, and the name of a slot in place of each that is a message's own."""
    for field in re.split(rb"\r\n(?![ \t])", head):
        name = field.partition(b":")[0].decode("ascii").lower()
        if name in _SLOTS:
            yield name
        elif name != _ONE_CLICK:
            yield field + b"\r\n"


def _body(head: bytes, body: bytes, unsubscribe: str) -> Iterable[bytes | str]:
    """Yield the parts of the multipart *body*, with slots where *unsubscribe* stands in them. Raises SendingError."""
    boundary = re.search(rb'boundary="([^"]+)"', head)
    if not boundary:
        raise SendingError("message.eml", "is not a multipart message", "build the issue again")
    mark = b"--" + boundary[1]
    before, *parts = (b"\r\n" + body).split(b"\r\n" + mark)
    opening = before[2:]
    yield opening
    for number, part in enumerate(parts):
        if number or opening:
            yield b"\r\n"
        yield mark
        yield from _part(part, unsubscribe)


def _part(part: bytes, unsubscribe: str) -> Iterable[bytes | str]:
    """Yield a part's pieces; one without the address, or not quoted-printable, stays byte for byte as it is."""
    fields, gap, content = part.partition(b"\r\n\r\n")
    kind = "text/html" if b"text/html" in fields.lower() else "text/plain"
    decoded = decodestring(content).decode()
    spans = (in_html if kind == "text/html" else in_text)(decoded, unsubscribe)
    if not spans or b"quoted-printable" not in fields.lower():
        yield part
        return
    yield fields + gap
    # Each line is encoded by itself, so that all that have no address are there already.
    done = 0
    for left, in_line in groupby(spans, lambda span: decoded.count("\r\n", span[1])):
        first, last = _line(content, left)
        yield content[done:first]
        yield from _around(decoded, [*in_line], kind)
        done = last
    yield content[done:]


def _line(content: bytes, left: int) -> tuple[int, int]:
    """Return where the line of the quoted-printable *content* is that has as many others behind it as are *left*."""
    # From the end, since nearly every letter has the address in its last lines.
    first = last = len(content)
    for _ in range(left + 1):
        last = first
        first = content.rfind(b"\r\n", 0, last)
        # Behind a = a line goes on in the next.
        while first > 0 and content[first - 1] == ord("="):
            first = content.rfind(b"\r\n", 0, first)
    return (first + 2 if first >= 0 else 0), last


def _around(text: str, spans: Sequence[tuple[int, int]], slot: str) -> Iterable[bytes | str]:
    """Yield the line of *text* that has *spans*, encoded, with *slot* in place of each span.

    A soft line break parts that from what comes before.
    """
    start = text.rfind("\n", 0, spans[0][0]) + 1
    for first, last in spans:
        yield _encoded(text[start:first]) + b"=\r\n"
        yield slot
        start = last
    yield _encoded(text[start:].partition("\r\n")[0], last=True)


def _encoded(text: str, *, last: bool = False) -> bytes:
    """Return *text* as quoted-printable (RFC 2045, 6.7) whose last line has room for a soft line break."""
    encoded = encodestring(text.encode(), quotetabs=False).replace(b"\n", b"\r\n")
    line = encoded.rpartition(b"\r\n")[2]
    if last or len(line) < 76:
        return encoded
    # Some characters before the end, but never inside an encoded octet (=C3).
    cut_at = len(encoded) - 4
    while b"=" in encoded[cut_at - 2 : cut_at]:
        cut_at -= 1
    return encoded[:cut_at] + b"=\r\n" + encoded[cut_at:]


COLUMN = "unsubscribe"
"""The column of the list that holds each reader's own address."""

WHY = "their unsubscribe address is everybody's"
REMEDY = "write send.unsubscribe with {email} or another column of the list in it"


def address(template: str, reader: Reader, general: str) -> str:
    """Return *reader*'s unsubscribe address: *template* filled in, else the reader's own, else *general*.

    Raises SendingError for a column that the reader does not have.
    """
    return recipients.unsubscribe(template, reader) if template else reader.fields.get(COLUMN, "") or general


def offered(template: str, reader: Reader, general: str) -> bool:
    """Return whether *reader* can be offered one click: has an https address of their own that names them.

    *template* is `send.unsubscribe`, *general* the newsletter's address for everybody.
    """
    if template:
        return _names(template)
    own = reader.fields.get(COLUMN, "")
    return own.lower().startswith("https://") and own != general


class Unnamed:
    """Counts, among the readers who pass through, those who cannot be offered one click, without keeping the list."""

    def __init__(self, template: str, general: str) -> None:
        self.count = 0
        self._template, self._general = template, general

    def passing(self, readers: Iterable[Reader]) -> Iterator[Reader]:
        """Yield *readers* as they are."""
        for reader in readers:
            self.count += not offered(self._template, reader, self._general)
            yield reader


def left_out(plan: SendPlan, targets: Sequence[TargetPlan]) -> bool:
    """Return whether messages will leave without one-click, as far as settings and list can tell.

    Services that keep the readers have addresses of their own for that. Raises SettingsError for a target of no kind.
    """
    kinds = [registry.find(target) for target in targets]
    ours = [kind for kind in kinds if issubclass(kind, ReaderTarget)]
    writes = any(not kind.UNLESS for kind in ours) if ours else bool(plan.recipients)
    return writes and not _anybody(plan)


def _anybody(plan: SendPlan) -> bool:
    """Return whether readers of *plan* have addresses of their own, by the settings and the first row of the list."""
    if plan.unsubscribe:
        return _names(plan.unsubscribe)
    if plan.recipients in {"", recipients.STDIN}:
        return False
    try:
        first = next((row for row in recipients.read(plan.recipients) if isinstance(row, Reader)), None)
    except SendingError:
        # What is wrong with the list is for `send` to say.
        return False
    return first is not None and offered("", first, "")


def _names(template: str) -> bool:
    """Return whether an unsubscribe address differs from reader to reader."""
    return "{email}" in template or bool(recipients.columns(template))
