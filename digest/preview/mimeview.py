"""A finished message as a mail program reads it: headers, sender, and the tree of its parts.

It reads with Python's own parser (RFC 5322, MIME) and tolerates what is wrong with a message: the page is there to show
it, and `digest check` to say it.
"""

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
    """A header: its *name*, its *value* decoded, and as it is written in the message, folded lines joined (*raw*)."""

    name: str
    value: str
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the message's tree.

    *depth* is 0 for the message itself. *kind* is its media type, such as `text/html`, *encoding* its transfer encoding
    and *charset* empty for what is no text. *sent* and *read* are its size in bytes as transferred, with headers, and
    as decoded. *start* are the first 160 characters of its text.
    """

    depth: int
    kind: str
    encoding: str
    charset: str
    sent: int
    read: int
    start: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMessage:
    """A message taken apart: headers in their order, parts in the order of the tree, and its size in bytes.

    *sender* is the name that the inbox shows, which is *address* where the message has none.
    """

    headers: tuple[Header, ...]
    parts: tuple[Part, ...]
    size: int
    sender: str
    address: str


def sender(content: bytes) -> str:
    """Return the name that the inbox shows for the message in *content*.

    Only its headers are read: the row above the letter shows it with every new state.
    """
    return _sender(BytesHeaderParser(policy=policy.default).parsebytes(content))[0]


def read(content: bytes) -> ParsedMessage:
    """Return the message in *content* as a mail program reads it."""
    message = message_from_bytes(content, policy=policy.default)
    # Read a second time by the old policy, which keeps headers as they are written.
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
    """Return the name that the inbox shows and the address; both are empty without a From."""
    name, address = parseaddr(str(message["From"] or ""))
    return name or address, address


def _parts(part: EmailMessage, depth: int) -> Iterator[Part]:
    """Yield *part* and all parts inside it, each before those that it holds."""
    content = b"" if part.is_multipart() else part.get_payload(decode=True)
    read = content if isinstance(content, bytes) else b""
    yield Part(
        depth=depth,
        kind=part.get_content_type(),
        encoding=str(part.get("Content-Transfer-Encoding", "")),
        charset=part.get_content_charset() or "",
        sent=len(part.as_bytes()),
        read=len(read),
        # A picture's bytes would be gibberish in any charset; ASCII with replacements at least shows its format.
        start=" ".join(read[:400].decode(part.get_content_charset() or "ascii", "replace").split())[:160],
    )
    for inner in part.iter_parts() if part.is_multipart() else ():
        yield from _parts(inner, depth + 1)  # type: ignore[arg-type]  # the default policy makes EmailMessages


def _one_line(raw: str) -> str:
    """Return a header without the line breaks of its folding (RFC 5322, 2.2.3)."""
    return " ".join(raw.split())
