"""A finished message as a mailbox has it: its parts, its headers, its sender. Knows MIME, not how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One header: decoded, and as it is written where that differs."""

    name: str
    value: str
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the tree: how deep, of what kind, how encoded, how large as sent and as read, and how it begins."""

    depth: int
    kind: str
    encoding: str
    charset: str
    sent: int
    read: int
    start: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMessage:
    """A message taken apart. *sender* is the name the inbox shows."""

    headers: tuple[Header, ...]
    parts: tuple[Part, ...]
    size: int
    sender: str
    address: str


def sender(content: bytes) -> str:
    """Return the name that the inbox shows of the message in *content*: only its headers are taken apart."""
    return _sender(BytesHeaderParser(policy=policy.default).parsebytes(content))[0]


def read(content: bytes) -> ParsedMessage:
    """Return the message in *content* as a mail program reads it."""
    message = message_from_bytes(content, policy=policy.default)
    written = dict(message_from_bytes(content, policy=policy.compat32).raw_items())
    name, address = _sender(message)
    return ParsedMessage(
        headers=tuple(
            Header(name=key, value=str(value), raw=_one_line(str(written.get(key, ""))))
            for key, value in message.items()
        ),
        parts=tuple(_parts(message, 0)),
        size=len(content),
        sender=name,
        address=address,
    )


def _sender(message: EmailMessage) -> tuple[str, str]:
    """The name that the inbox shows, which is the address where there is none, and the address."""
    name, address = parseaddr(str(message["From"] or ""))
    return name or address, address


def _parts(part: EmailMessage, depth: int) -> Iterator[Part]:
    content = b"" if part.is_multipart() else part.get_payload(decode=True)
    read = content if isinstance(content, bytes) else b""
    yield Part(
        depth=depth,
        kind=part.get_content_type(),
        encoding=str(part.get("Content-Transfer-Encoding", "")),
        charset=part.get_content_charset() or "",
        sent=len(part.as_bytes()),
        read=len(read),
        start=" ".join(read[:400].decode(part.get_content_charset() or "ascii", "replace").split())[:160],
    )
    for inner in part.iter_parts() if part.is_multipart() else ():
        yield from _parts(inner, depth + 1)  # type: ignore[arg-type]  # the default policy makes EmailMessages


def _one_line(raw: str) -> str:
    return " ".join(raw.split())
