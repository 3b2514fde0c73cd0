"""A DKIM signature (RFC 6376) in front of a message, by dkimpy, the extra `dkim`. Asks no DNS.

Both List-Unsubscribe headers are covered: receivers honour one-click only then (RFC 8058, section 4). So is the Date
that leaves, unless the service is known to write its own. RSA with SHA-256, both canonicalisations relaxed. A signature
costs some milliseconds a reader, because dkimpy is written in Python; a server that signs by itself is faster.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from digest.errors import SendingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.config.values import DkimPlan

# Headers that a signature covers where the message has them. Each that a reader or a filter believes; not those that
# servers add or change on the way, which would break it.
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


def signer(plan: DkimPlan, sender: str, *, unsigned: Sequence[str] = ()) -> Callable[[bytes], bytes]:
    """Return a function that puts a signature in front of a message of *sender*; the message itself stays as it is.

    *unsigned* are headers, in lower case, that the service writes anew: covered, they would break the signature. The
    domain is that of *plan*, else the sender's. Raises SendingError without dkimpy or a usable key, also later, when a
    message cannot be signed.
    """
    try:
        import dkim  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SendingError("send.dkim", "needs the extra dkim", "pip install 'heat-digest[dkim]'") from error
    key = _key(plan)
    covered = [name for name in COVERED if name.decode() not in unsigned]
    domain = (plan.domain or sender.rpartition("@")[2]).encode()

    def sign(message: bytes) -> bytes:
        try:
            signature = dkim.sign(
                message,
                plan.selector.encode(),
                domain,
                key,
                canonicalize=(b"relaxed", b"relaxed"),
                include_headers=covered,
            )
        except dkim.DKIMException as error:
            # Its message may hold the key, and so may the chain of exceptions: only the kind of error is told.
            raise SendingError("send.dkim", f"cannot sign ({type(error).__name__})", "mend the key") from None
        return bytes(signature) + message

    # A key that cannot sign is found before the run, not at its first reader.
    sign(b"From: a@example.com\r\n\r\n\r\n")
    return sign


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
