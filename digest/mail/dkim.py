"""A DKIM signature (RFC 6376) in front of a message, with RSA by OpenSSL: the extra `dkim`. Asks no DNS.

Both List-Unsubscribe headers are covered: receivers honour one-click only then (RFC 8058, section 4). So is the Date
that leaves, unless the service is known to write its own. RSA with SHA-256, both canonicalisations relaxed. A message
of 90 KB costs most of a millisecond, a third of it RSA.

Decisions: docs/decisions/sending.md.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import time
from typing import TYPE_CHECKING

from digest.errors import SendingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from digest.config.values import DkimPlan

# Headers that a signature covers where the message has them; those it lacks are covered too, so that nobody adds one.
# Each that a reader or a filter believes; not those that servers add or change on the way, which would break it.
COVERED = (
    b"from",
    b"reply-to",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"list-id",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
    b"content-language",
    b"mime-version",
    b"content-type",
)

_FEWEST_BITS = 1024
"""Of a key: with fewer a signature counts for nothing (RFC 8301, section 3.2)."""

_NAME = b"DKIM-Signature: "
_LINE, _FIRST_LINE = 71, 58
"""Octets of a folded line; of the first, which has the name of the header before them."""


def signer(plan: DkimPlan, sender: str, *, unsigned: Sequence[str] = ()) -> Callable[[bytes], bytes]:
    """Return a function that puts a signature in front of a message of *sender*; the message itself stays as it is.

    The message has lines that end in CRLF. *unsigned* are headers, in lower case, that the service writes anew:
    covered, they would break the signature. The domain is that of *plan*, else the sender's. The function may be
    called by several threads. Raises SendingError without the extra or a usable key.
    """
    try:
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise SendingError("send.dkim", "needs the extra dkim", "pip install 'heat-digest[dkim]'") from error
    key = _rsa(_key(plan))
    covered = [name for name in COVERED if name.decode() not in unsigned]
    domain = (plan.domain or sender.rpartition("@")[2]).encode()
    signs = b"v=1; a=rsa-sha256; c=relaxed/relaxed; d=%b; i=@%b; q=dns/txt; s=%b;" % (
        domain,
        domain,
        plan.selector.encode(),
    )

    def sign(message: bytes) -> bytes:
        head, _, body = message.partition(b"\r\n\r\n")
        body_hash = base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest())
        says = b"%b t=%d; h=%b; bh=%b;" % (signs, time.time(), b" : ".join(covered), body_hash)
        # The signature stands in lines of its own, so that the ones before are signed as they leave.
        unfinished = _NAME + _folded(says) + b"\r\n b="
        signed = [*_relaxed_headers(head, covered), _relaxed_header(unfinished)]
        signature = base64.b64encode(key.sign(b"\r\n".join(signed), padding.PKCS1v15(), hashes.SHA256()))
        return unfinished[: -len(b"b=")] + _folded(b"b=" + signature, _LINE) + b"\r\n" + message

    return sign


def _folded(written: bytes, room: int = _FIRST_LINE) -> bytes:
    """Return the value of a header in lines, the first of *room* octets, cut at blanks where there are some."""
    lines = []
    while len(written) > room:
        blank = written.rfind(b" ", 0, room)
        cut = blank if blank > 0 else room
        lines.append(written[:cut])
        written, room = written[cut:].removeprefix(b" "), _LINE
    return b"\r\n ".join([*lines, written])


def _relaxed_headers(head: bytes, covered: Sequence[bytes]) -> list[bytes]:
    """Return those headers of a message that are *covered*, in that order, as they are signed; of several the last."""
    headers: dict[bytes, bytes] = {}
    for header in re.split(rb"\r\n(?![ \t])", head):
        headers[header.partition(b":")[0].rstrip().lower()] = header
    return [_relaxed_header(headers[name]) for name in covered if name in headers]


def _relaxed_header(header: bytes) -> bytes:
    """Return a header as it is signed (RFC 6376, section 3.4.2), without the end of its line."""
    name, _, value = header.partition(b":")
    return name.rstrip().lower() + b":" + re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip()


def _relaxed_body(body: bytes) -> bytes:
    """Return the body of a message as it is hashed (RFC 6376, section 3.4.4)."""
    body = body.replace(b"\t", b" ")
    # Not by a regular expression, which stops at each of ten thousand single blanks.
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n")
    while body.endswith(b"\r\n"):
        body = body[:-2]
    return body + b"\r\n" if body else b""


def _rsa(pem: bytes) -> RSAPrivateKey:
    """Return the key that *pem* holds. Raises SendingError, whose words and causes hold nothing of it."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - of the extra
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415 - likewise
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - likewise

    remedy = "make one with `openssl genrsa 2048`"
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise SendingError("send.dkim.key", "has a password", "take it off with `openssl rsa`") from None
    except (ValueError, UnsupportedAlgorithm):
        raise SendingError("send.dkim.key", "holds no private key in PEM", remedy) from None
    if not isinstance(key, RSAPrivateKey):
        raise SendingError("send.dkim.key", "is no RSA key", remedy)
    if key.key_size < _FEWEST_BITS:
        raise SendingError("send.dkim.key", f"has {key.key_size} bits, too few for receivers to trust", remedy)
    return key


def _key(plan: DkimPlan) -> bytes:
    """Return the private key in PEM, from the variable or the file that the settings name. Raises SendingError."""
    if plan.key.env:
        key = os.environ.get(plan.key.env, "")
        if not key:
            raise SendingError("send.dkim.key", f"${plan.key.env} is not set", "export it")
        return key.encode()
    try:
        with open(plan.key.file, "rb") as handle:
            return handle.read()
    except OSError as error:
        raise SendingError(
            plan.key.file, f"cannot be read ({error.strerror})", "mend the path or its rights"
        ) from error
