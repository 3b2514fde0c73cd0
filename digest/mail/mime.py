"""A built Message to the bytes of a MIME message (RFC 5322, 2045 to 2047, 2369, 8058). Sends nothing.

- multipart/alternative, text before HTML, both quoted-printable; ASCII, CRLF, no line over 998 octets.
- Reproducible: date, Message-ID and boundary come from the issue, so the same issue has the same bytes.
- No recipient and no merge tag is in it; `personalise` or a service fills those in.
- List-Unsubscribe-Post stands in it for whoever puts each reader's own address in; what leaves with an address that all
  readers share goes without (`personalise`), because a POST to that could take nobody off the list.

The structured headers are folded here, because Python's `email` (3.11) encodes a long List-Unsubscribe as RFC 2047
words (which breaks one-click), and refolds a long display name into two addresses. Text that goes into a header has
been through `text.sanitize`, so it holds no line break to smuggle a header with; `_header` refuses one all the same.
"""

from __future__ import annotations

import hashlib
import re
from email.header import Header
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from digest.errors import RenderingError
from digest.weight import EncodedText, encoded

if TYPE_CHECKING:
    from digest.config.values import Newsletter
    from digest.model import Issue, Message

# Octets of a line without its CRLF: the most that RFC 5322 (2.1.1) allows, and the length of an encoded word's line.
_LINE_LIMIT = 998
_FOLD_AT = 76

_QUOTED = "Content-Transfer-Encoding: quoted-printable"

# Longest word that fits on a folded line behind the header's name.
_WORD_LIMIT = 60


def to_bytes(message: Message, issue: Issue, newsletter: Newsletter, html: EncodedText | None = None) -> bytes:
    """Return the MIME message of an issue. Raises RenderingError for a header that cannot be written down safely.

    *html* is the message's HTML encoded, where it already is.
    """
    domain = _domain(newsletter.sender)
    html = html or EncodedText.of(message.html)
    content = _hash(f"{message.subject}\0".encode(), html.utf8, f"\0{message.text}".encode())
    boundary = f"=_digest_{content[:32]}"
    headers = [
        _mailbox("From", newsletter.sender),
        *([_mailbox("Reply-To", newsletter.reply_to)] if newsletter.reply_to else []),
        # An empty group (RFC 5322, 3.4), until a service fills in each reader: without To a message is taken for spam.
        _header("To", "undisclosed-recipients:;"),
        _header("Subject", _words(message.subject)),
        # The moment the window closes, so that a build is reproducible; each message is dated anew when it leaves.
        _header("Date", format_datetime(issue.window.ends_at)),
        _header("Message-ID", f"<{issue.id}.{content[:16]}@{domain}>"),
        _header("List-ID", f"{_phrase(newsletter.name)} <{_list_label(newsletter)}.{domain}>"),
        _header(
            "List-Unsubscribe",
            f"<{newsletter.unsubscribe}>,",
            f"<mailto:{newsletter.unsubscribe_mail}?subject=unsubscribe>",
        ),
        _header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        _header("Content-Language", newsletter.language),
        _header("MIME-Version", "1.0"),
        _header("Content-Type", "multipart/alternative;", f'boundary="{boundary}"'),
    ]
    # In one go: the parts are long, and a copy of each costs as much as all headers.
    pieces = [*headers, "\r\n"]
    for kind, part in (_text(message), ("text/html; charset=utf-8", html.quoted)):
        pieces += [f"--{boundary}\r\nContent-Type: {kind}\r\n{_QUOTED}\r\n\r\n", part, "\r\n"]
    return "".join([*pieces, f"--{boundary}--\r\n"]).encode("ascii")


def _hash(*pieces: bytes) -> str:
    """Return a SHA-256 of *pieces* in a row, of which none has to be copied for it."""
    content = hashlib.sha256()
    for piece in pieces:
        content.update(piece)
    return content.hexdigest()


# These are the same in each letter of a newsletter, and to take an address apart takes longer than to hash a letter.
@lru_cache(maxsize=16)
def _domain(mailbox: str) -> str:
    """Return the domain of a *mailbox*, `Name <a@b>` or an address."""
    return parseaddr(mailbox)[1].rpartition("@")[2]


@lru_cache(maxsize=16)
def _mailbox(header: str, written: str) -> str:
    """Return the header with the mailbox *written*, `Name <a@b>` or an address. Raises RenderingError."""
    # parseaddr would make another mailbox of one with a line break in it.
    if not written.isprintable():
        _refuse(header, f"{header}: {written}")
    name, address = parseaddr(written)
    return _header(header, f"{_phrase(name)} <{address}>" if name else address)


def _header(name: str, *pieces: str) -> str:
    """Return one header; each piece goes on a line of its own and is never broken. Raises RenderingError.

    An address or a mailto link that is folded inside is another one to some mail clients.
    """
    lines = f"{name}: " + "\r\n ".join(pieces)
    first, *folded = lines.split("\r\n")
    for line in (first, *folded):
        if not line.isascii() or not line.isprintable() or len(line) > _LINE_LIMIT:
            _refuse(name, line)
    for line in folded:
        # Without the blank it would be a header of its own.
        if not line.startswith(" "):
            _refuse(name, line)
    return f"{lines}\r\n"


def _refuse(name: str, line: str) -> NoReturn:
    """Raise the RenderingError of a header that cannot be written down safely."""
    raise RenderingError(f"header {name}", f"cannot be written down: {line[:80]!r}", "shorten it, in plain ASCII")


# Of the letters of many readers some hundred begin with the same story.
@lru_cache(maxsize=1 << 10)
def _words(text: str) -> str:
    """Return free text as it may stand in an unstructured header, folded."""
    # What looks like an encoded word is encoded itself, or the other end would decode it into something else.
    looks_encoded = "=?" in text
    unfoldable = any(len(word) > _WORD_LIMIT for word in text.split())
    charset = "us-ascii" if text.isascii() and not looks_encoded and not unfoldable else "utf-8"
    return Header(text, charset, maxlinelen=_FOLD_AT, header_name="Subject").encode(linesep="\r\n")


def _phrase(name: str) -> str:
    """Return a display name: quoted, or as one encoded word a line where it is not ASCII."""
    if name.isascii() and "=?" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return Header(name, "utf-8", maxlinelen=_FOLD_AT, header_name="List-ID").encode(linesep="\r\n")


def _list_label(newsletter: Newsletter) -> str:
    """Return the newsletter's name as a DNS label, which List-ID (RFC 2919) wants; `newsletter` where none is left."""
    label = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in newsletter.name.casefold())
    return "-".join(filter(None, label.split("-")))[:60] or "newsletter"


def _text(message: Message) -> tuple[str, str]:
    """Return the kind and the content of the text part, encoded.

    It is format=flowed (RFC 3676): a line that ends in a space goes on in the next. Where a line goes on without a
    space, as in Chinese, that space must be deleted when it does (delsp).
    """
    kind = "text/plain; charset=utf-8"
    if not message.flowed:
        return kind, encoded(message.text)
    delete = re.search("\u2028(?<! \u2028)", message.flowed)
    flowed = message.flowed.replace("\u2028", " \n" if delete else "\n")
    # Space-stuffing (RFC 3676, 4.4): such a line would be taken for a quote or lose its blank, or a server changes it.
    if any(f"\n{beginning}" in f"\n{flowed}" for beginning in (" ", ">", "From ")):
        flowed = re.sub(r"^(?= |>|From )", " ", flowed, flags=re.MULTILINE)
    return f"{kind};\r\n format=flowed; delsp={'yes' if delete else 'no'}", encoded(flowed)
