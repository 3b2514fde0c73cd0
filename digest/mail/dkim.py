"""A DKIM signature (RFC 6376) in front of a message, by dkimpy, the extra `dkim`. Knows no server and asks no DNS.

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

COVERED = (
    b"from",
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
    """Return what signs a message of *sender*, all but the headers *unsigned*.

    Raises SendingError without dkimpy or a usable key.
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
        except dkim.DKIMException as error:  # its words may hold the key; only their kind is told
            raise SendingError("send.dkim", f"cannot sign ({type(error).__name__})", "mend the key") from None
        return bytes(signature) + message

    sign(b"From: a@example.com\r\n\r\n\r\n")  # a key that cannot sign is found before the run, not in it
    return sign


def _key(plan: DkimPlan) -> bytes:
    """The private key in PEM, from where the settings say."""
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
