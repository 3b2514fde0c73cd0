"""Which reader of a list gets which edition: ids of the parts, joined with the addresses of the list.

    list ─▶ id, address ─┐
                         ├─▶ recipients of part k, in the order of its file
    readers/part-k ──────┘

Where addresses come back to ids: they are given to a run and to nobody else. Held in memory are the readers of the
parts that are sent, with no more of their rows than a message needs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest.editions import part_files, roll
from digest.errors import SendingError
from digest.mail import ledger as ledgers
from digest.mail import personalise, recipients
from digest.mail.built import Reader
from digest.mail.claim_book import Recipient
from digest.tables import places

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from digest.config.settings import Settings
    from digest.config.values import SendPlan
    from digest.editions.letters import Share
    from digest.tables.storage import Storage


@dataclass(slots=True, kw_only=True)
class Addressed:
    """Who of a list gets what.

    *parts* has the readers who get a letter, by part and in the order of its file, and *shares* what those get who can
    be written to, by address. *nothing* counts readers of the parts who get nothing this week, and *unlisted* those of
    the list who came to it since. *faults* are lines of the whole list by what is wrong there, *duplicates* its rows
    beyond the first of a reader. *unnamed* have no unsubscribe address of their own.
    """

    parts: dict[int, tuple[Recipient, ...]] = field(default_factory=dict)
    shares: dict[str, Share] = field(default_factory=dict)
    faults: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    duplicates: int = 0
    unlisted: int = 0
    nothing: int = 0
    unnamed: int = 0

    @property
    def readers(self) -> Iterator[Reader]:
        """All who can be written to, part by part."""
        return (each.reader for recipients in self.parts.values() for each in recipients if each.reader)

    @property
    def left_out(self) -> Counter[str]:
        """How many get a letter and are not to be written to now, by why: `suppressed`, or `absent` from the list."""
        every = (each for recipients in self.parts.values() for each in recipients)
        return Counter(each.because for each in every if not each.reader)


def read(source: str, settings: Settings, place: Storage, wanted: Collection[int], parts: int) -> Addressed:
    """Return who of the list *source* gets what by the parts *wanted* of *parts* that stand in *place*.

    Raises SendingError where the list cannot be read to its end or names nobody, and for a list of suppressions with a
    bad row: nobody is written to then.
    """
    # Before the list, and whole: a file of suppressions with a bad row must stop us.
    excluded = _suppressed(settings.send)
    addressed = Addressed()
    listed = _listed(source, settings, addressed, wanted, parts)
    for number in wanted:
        addressed.parts[number] = tuple(_recipients(addressed, place, number, listed, excluded))
    addressed.unlisted = len(listed)
    template, general = settings.send.unsubscribe, settings.newsletter.unsubscribe
    addressed.unnamed = sum(not personalise.offered(template, reader, general) for reader in addressed.readers)
    return addressed


def _suppressed(plan: SendPlan) -> set[str]:
    """Return the keys of readers who are never to be written to, by the files of suppressions and by the ledger."""
    keys: set[str] = set()
    for file in plan.suppressions:
        for row in recipients.read(file):
            if isinstance(row, recipients.BadRow):
                # Not `recipients.suppressions`, which quotes the row.
                place = f"{places.shown(file)}, line {row.line}"
                problem = "is no address, and stands in a list of suppressions"
                raise SendingError(place, problem, "mend the row; nobody was written to")
            keys.add(recipients.key(row.address))
    with ledgers.snapshot(plan.ledger) as ledger:
        return keys | ledger.suppressed()


def _listed(
    source: str, settings: Settings, addressed: Addressed, wanted: Collection[int], parts: int
) -> dict[bytes, Reader]:
    """Return the readers of a list who are in the parts *wanted*, by id; of several rows of a reader the first counts.

    Bad rows and duplicates are counted in *addressed*.
    """
    id_of, template = roll.ids(settings.readers), settings.send.unsubscribe
    needs = recipients.columns(template)
    listed: dict[bytes, Reader] = {}
    is_empty, numbers = True, frozenset(wanted)
    for row in recipients.read(source, needs):
        if isinstance(row, recipients.BadRow):
            addressed.faults[roll.fault(row.reason)].append(row.line)
            continue
        is_empty = False
        if not roll.is_due(row, settings):
            continue
        reader = id_of(row.address)
        if reader in listed:
            addressed.duplicates += 1
        elif roll.part_of(reader, parts) in numbers:
            kept = {name: row.fields[name] for name in (*needs, personalise.COLUMN) if name in row.fields}
            own = Reader(address=row.address, fields=kept)
            if not personalise.fits_header(personalise.address(template, own, "")):
                addressed.faults[f"{roll.LEFT_OUT}has an unsubscribe address that no header takes"].append(row.line)
                continue
            listed[reader] = own
    if is_empty:
        raise SendingError(places.shown(source), "names no reader", "export it again; nothing was changed")
    return listed


def _recipients(
    addressed: Addressed, place: Storage, number: int, listed: dict[bytes, Reader], excluded: Collection[str]
) -> Iterator[Recipient]:
    """Yield the readers of a part who get a letter, and take all of the part out of *listed*."""
    shares: dict[str, Share] = {}
    for row in part_files.readers(place, number):
        reader = listed.pop(bytes.fromhex(row.reader), None)
        if row.edition is None:
            addressed.nothing += 1
        elif reader is None:
            yield Recipient(id=row.reader)
        elif recipients.key(reader.address) in excluded:
            yield Recipient(id=row.reader, because="suppressed")
        else:
            addressed.shares[reader.address] = shares.setdefault(row.edition, (number, row.edition))
            yield Recipient(id=row.reader, reader=reader)
