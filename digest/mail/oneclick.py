"""Who can leave with one click (RFC 8058): a reader whose unsubscribe address names them, and nobody else.

A mail client POSTs to the https address of List-Unsubscribe without asking the reader anything. Where all readers share
that address nobody can tell who left, so the offer would be a false one; the links and the mailto address stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.errors import SendingError
from digest.mail import recipients, registry
from digest.mail.letter import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.model import SendPlan, TargetPlan

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
    """Return whether *reader* has an https address that is not everybody's."""
    if template:
        return _names(template)
    own = reader.fields.get(COLUMN, "")
    return own.lower().startswith("https://") and own != general


class Unnamed:
    """Counts, among the readers who pass, those whose address does not name them."""

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
    ours = [kind for kind in kinds if isinstance(kind, registry.Readers)]
    writes = any(not hasattr(kind, "UNLESS") for kind in ours) if ours else bool(plan.recipients)
    return writes and not _anybody(plan)


def _anybody(plan: SendPlan) -> bool:
    """Whether readers of *plan* have addresses of their own."""
    if plan.unsubscribe:
        return _names(plan.unsubscribe)
    if plan.recipients in {"", recipients.STDIN}:
        return False
    try:
        first = next((row for row in recipients.read(plan.recipients) if isinstance(row, Reader)), None)
    except SendingError:  # what is wrong with the list is for `send` to say
        return False
    return first is not None and offered("", first, "")


def _names(template: str) -> bool:
    return "{email}" in template or bool(recipients.columns(template))
