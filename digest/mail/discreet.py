"""What a server says of a reader, without her name: for runs in whose output no address may stand."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.errors import DigestError
from digest.mail.delivery import Lost, Outcome, Refused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.built import Reader
    from digest.mail.delivery import Connection, Transport


def discreet(transport: Transport) -> Transport:
    """Return the same way to a service, in whose answers and errors no reader is named though the service does it."""
    return replace(transport, connect=lambda: _Discreet(transport.connect()))


class _Discreet:
    """A connection from whose answers the names of its readers are taken out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        """As of Connection."""
        try:
            outcomes = self._connection.carry(readers, sending)
        except (Unreachable, Refused, Lost) as error:
            # In place, as it may be of a class that says more.
            error.args = (_nameless([str(error)], readers)[0],)
            raise
        except DigestError as error:
            raise Refused(_nameless([str(error)], readers)[0]) from error
        # Nobody reads what was said of a message that was taken.
        replies = _nameless(["" if outcome.state == "sent" else outcome.reply for outcome in outcomes], readers)
        return [replace(outcome, reply=reply) for outcome, reply in zip(outcomes, replies, strict=True)]

    def close(self) -> None:
        """As of Connection."""
        self._connection.close()


# The codes of an answer stay, though a mailbox may be called 550.
_CODES = re.compile(r"(?:\d{3}\b(?:[ -]\d\.\d{1,3}\.\d{1,3}\b)?)?")


def _nameless(texts: Sequence[str], readers: Sequence[Reader]) -> list[str]:
    """Return *texts* without addresses, or what stands before the @ of those of *readers*."""
    if not any(texts):
        return list(texts)
    names = {reader.address.partition("@")[0] for reader in readers}
    # Servers leave out what stands behind a plus.
    names |= {name.partition("+")[0] for name in names}
    longest_first = sorted(filter(None, names), key=len, reverse=True)
    named = re.compile(
        rf"[^\s<>]+@[^\s<>]*[^\s<>:;,.)]|(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE
    )
    nameless = []
    for text in texts:
        codes = _CODES.match(text)
        begin = codes[0] if codes else ""
        nameless.append(begin + named.sub("…", text[len(begin) :]))
    return nameless
