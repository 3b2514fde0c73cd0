"""A Letter's MIME message cut where readers differ, so that a message is a join and nothing is encoded twice.

Knows MIME, not SMTP. The parts are those of message.eml; only To, Date, Message-ID, the List-Unsubscribe headers and
the unsubscribe links in HTML and text are each message's own. message.eml is dated at the end of its window, so that a
build is reproducible; a message is dated when it leaves, because spam filters count a date in the future or long ago.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from quopri import decodestring, encodestring
from typing import TYPE_CHECKING

from digest.errors import SendingError
from digest.mail.links import in_html, in_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.mail.letter import Letter, Reader

_SLOTS = frozenset({"to", "date", "message-id", "list-unsubscribe"})
_ONE_CLICK = "list-unsubscribe-post"
"""Stands in message.eml; what leaves has it behind a reader's own address and nowhere else."""

_DATE = re.compile(rb"^Date:[^\r]*(?:\r\n[ \t][^\r]*)*\r\n", re.IGNORECASE | re.MULTILINE)
_POST = re.compile(rb"^List-Unsubscribe-Post:[^\r]*\r\n", re.IGNORECASE | re.MULTILINE)
_ID = re.compile(rb"^message-id:\s*<([^<>@]+)@([^<>]+)>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pieces:
    """The message in *chunks*, with a slot between each two: `slots[n]` stands behind `chunks[n]`."""

    chunks: tuple[bytes, ...]
    slots: tuple[str, ...]
    identity: tuple[str, str]
    mailto: str

    def message(self, reader: Reader, unsubscribe: str, *, at: float, one_click: bool) -> bytes:
        """Return the message for one reader, with CRLF. Raises SendingError for what cannot stand in a header.

        *at* is the time of leaving, in seconds since 1970. *one_click*: a POST to *unsubscribe* takes this reader off
        the list (RFC 8058).
        """
        for value in (reader.address, unsubscribe):
            if not value.isascii() or not value.isprintable() or re.search(r"[\s<>\"]", value) or len(value) > 900:
                raise SendingError(reader.address, f"cannot stand in a header: {value[:80]!r}", "mend the list")
        local, domain = self.identity
        post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if one_click else ""
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


def cut(letter: Letter) -> Pieces:
    """Return the pieces of *letter*'s MIME message."""
    head, _, body = letter.mime.partition(b"\r\n\r\n")
    sequence = [*_head(head), b"\r\n", *_body(head, body, letter.unsubscribe)]
    chunks: list[bytes] = [b""]
    slots: list[str] = []
    for piece in sequence:
        if isinstance(piece, bytes):
            chunks[-1] += piece
        else:
            slots.append(piece)
            chunks.append(b"")
    found = _ID.search(head)
    if not found or not set(slots) >= _SLOTS:
        raise SendingError("message.eml", "lacks To, Date, Message-ID or List-Unsubscribe", "build the issue again")
    identity = (found[1].decode(), found[2].decode())
    return Pieces(tuple(chunks), tuple(slots), identity, letter.unsubscribe_mail)


def date_header(at: float) -> bytes:
    """Return the header Date for *at*, in seconds since 1970, with its line end. UTC: a reader's client converts it."""
    return _date_header(int(at))


@lru_cache(maxsize=16)  # a run writes many messages in a second, and the words would be a quarter of each one's cost
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
    for field in re.split(rb"\r\n(?![ \t])", head):
        name = field.partition(b":")[0].decode("ascii").lower()
        if name in _SLOTS:
            yield name
        elif name != _ONE_CLICK:
            yield field + b"\r\n"


def _body(head: bytes, body: bytes, unsubscribe: str) -> Iterable[bytes | str]:
    boundary = re.search(rb'boundary="([^"]+)"', head)
    if not boundary:
        raise SendingError("message.eml", "is not a multipart message", "build the issue again")
    mark = b"--" + boundary[1]
    opening, *parts = re.split(rb"(?:\r\n|^)(?=" + re.escape(mark) + rb"(?:--)?\r\n)", body)
    yield opening
    for number, part in enumerate(parts):
        if number or opening:
            yield b"\r\n"
        yield from _part(part, unsubscribe)


def _part(part: bytes, unsubscribe: str) -> Iterable[bytes | str]:
    """Return a part's pieces; a part without the address stays as it is."""
    fields, gap, content = part.partition(b"\r\n\r\n")
    kind = "text/html" if b"text/html" in fields.lower() else "text/plain"
    words = decodestring(content).decode().replace("\r\n", "\n")
    spans = (in_html if kind == "text/html" else in_text)(words, unsubscribe)
    if not spans or b"quoted-printable" not in fields.lower():
        yield part
        return
    yield fields + gap
    yield from _around(words, spans, kind)


def _around(words: str, spans: Sequence[tuple[int, int]], slot: str) -> Iterable[bytes | str]:
    start = 0
    for first, last in spans:
        yield _encoded(words[start:first]) + b"=\r\n"
        yield slot
        start = last
    yield _encoded(words[start:], last=True)


def _encoded(words: str, *, last: bool = False) -> bytes:
    """Return *words* as quoted-printable whose last line has room for a soft line break."""
    encoded = encodestring(words.encode(), quotetabs=False).replace(b"\n", b"\r\n")
    line = encoded.rpartition(b"\r\n")[2]
    if last or len(line) < 76:
        return encoded
    cut_at = len(encoded) - 4
    while b"=" in encoded[cut_at - 2 : cut_at]:  # not inside an encoded octet
        cut_at -= 1
    return encoded[:cut_at] + b"=\r\n" + encoded[cut_at:]
