"""What was handed over of editions, as the claims of all parts tell it: sums, and ids of readers. Names nobody."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from digest.editions import part_files
from digest.issue.folder import IssueFolder
from digest.mail import claims

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from digest.config.settings import Settings
    from digest.mail.claims import Standing
    from digest.mail.ledger import State
    from digest.tables.storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOverEditions:
    """How the hand-over of the editions of *issue* went to all *targets*, as far as these are known.

    *counts* has how many readers are in which state, *at* is when the first claim that counts was made, in seconds
    since 1970; *listed* are id and code of the last answer of each reader in the state that was asked for.
    """

    issue: str
    newsletter: str
    targets: tuple[str, ...]
    at: float
    counts: Counter[State]
    listed: tuple[tuple[str, str], ...]

    def facts(self, zone: tzinfo) -> dict[str, object]:
        """Return it for other programs, as `sending.HandedOver.facts`; readers are known by their ids."""
        return {
            "issue": self.issue,
            "newsletter": self.newsletter,
            "target": " and ".join(self.targets) or "editions",
            "state": "sending" if self.counts["queued"] or self.counts["deferred"] else "sent",
            "at": datetime.fromtimestamp(self.at, zone).isoformat(timespec="seconds"),
            "address": "",
            "readers": dict(sorted(self.counts.items())),
            "listed": [{"reader": reader, "reply": code} for reader, code in self.listed],
            "editions": True,
        }


def handed_over(settings: Settings, issue: str, state: str | None = None) -> Iterator[HandedOverEditions]:
    """Yield how the editions of *issue*, of all where it is empty, were handed over; of none that were not.

    With *state*, with the readers in that state. Raises OutputError for claims that cannot be read.
    """
    for name in [issue] if issue else part_files.issues(settings):
        place = part_files.place_of(settings, name)
        numbers = [number for number, _ in part_files.heads(place)]
        if any(place.names(claims.folder(number)) for number in numbers):
            yield _told(settings, name, _standings(place, numbers), state)


def _told(
    settings: Settings, issue: str, standings: Iterator[tuple[str, Standing]], state: str | None
) -> HandedOverEditions:
    counts: Counter[State] = Counter()
    listed: list[tuple[str, str]] = []
    first = 0.0
    for reader, standing in standings:
        counts[standing.state] += 1
        first = min(first or standing.at, standing.at or first)
        if standing.state == state:
            listed.append((reader, standing.code))
    so_far = IssueFolder.of(settings.out, issue).sent
    return HandedOverEditions(
        issue=issue,
        newsletter=so_far.newsletter if so_far else settings.newsletter.name,
        targets=tuple(hand_over.target for hand_over in so_far.hand_overs if hand_over.editions) if so_far else (),
        at=first,
        counts=counts,
        listed=tuple(listed),
    )


def _standings(place: Storage, numbers: list[int]) -> Iterator[tuple[str, Standing]]:
    """Yield how each reader of the parts stands who is to get a letter, a part at a time."""
    for number in numbers:
        gets = [row.reader for row in part_files.readers(place, number) if row.edition]
        yield from claims.standing(place, number, gets).readers.items()
