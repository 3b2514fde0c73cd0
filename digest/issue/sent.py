"""What was handed over of a built issue: sent.json in its folder. Holds counts and times, and no reader's address.

The record says what an issue is, this file what became of it. It is written before the first message leaves, so that an
issue is sealed at the latest when a reader has it; `digest build`, memory and the web archive go by it, and it outlives
the ledger. Where a sealed issue is built again on purpose, what readers got is kept in the folder `sent` beside it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from digest import files, folders
from digest.errors import RecordError

FILE = "sent.json"
COPY = "sent"
"""The folder, beside the files of an issue that was built again, that keeps what readers got."""

FORMAT = 1
State = Literal["draft", "sending", "scheduled", "sent", "marked"]
"""draft: stands at a service, where a person may send it; sending: a run has begun and may not be over; marked: the
editor said so, as `digest sent --mark` does."""

LOCAL = frozenset({"file", "outbox"})
"""Kinds of targets that are files on this machine: handing over to them reaches no reader by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """One hand-over of an issue to one target.

    *target* is its name in the settings and *kind* the service, both empty for what the editor marked. *at* is in UTC,
    in ISO 8601. *readers* counts those who have it, None where only the service knows. *content* is a hash of what a
    reader sees. *editions*: each reader got an edition of her own or the issue, and claims beside the editions say who
    has it, and no ledger.
    """

    target: str
    kind: str
    state: State
    at: str
    readers: int | None
    content: str
    editions: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do for this target."""
        return self.state not in ("draft", "sending")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """All hand-overs of one issue, at least one, the first one first. *newsletter* is the name it had then."""

    issue: str
    newsletter: str
    hand_overs: tuple[HandOver, ...]

    @property
    def readers(self) -> int | None:
        """How many readers have it; None where only a service knows, or nobody was counted.

        Files and the outbox reach nobody by themselves, so they count only where somebody said how many.
        """
        counts = [
            hand_over.readers
            for hand_over in self.hand_overs
            if hand_over.kind not in LOCAL or hand_over.readers is not None
        ]
        return None if not counts or None in counts else sum(count or 0 for count in counts)

    def to(self, target: str, *, editions: bool = False) -> HandOver | None:
        """Return the hand-over to *target*, of one letter for all or of *editions*; None for none."""
        own = (one for one in self.hand_overs if (one.target, one.editions) == (target, editions))
        return next(own, None)

    def in_words(self) -> str:
        """Say to whom it went: `sent to 1,204 readers`, `marked as sent`, `handed to listmonk`."""
        if all(hand_over.state == "draft" for hand_over in self.hand_overs):
            services = " and ".join(hand_over.target for hand_over in self.hand_overs)
            return f"a draft at {services}, and not known to be sent"
        if self.readers:
            return f"sent to {self.readers:,} reader{'s' * (self.readers != 1)}"
        names = list(dict.fromkeys(hand_over.target for hand_over in self.hand_overs if hand_over.target))
        return f"handed to {' and '.join(names)}" if names else "marked as sent"


def read(folder: str) -> Sent | None:
    """Return all hand-overs of the issue in *folder*, drafts too, None if there are none. Raises RecordError."""
    path = os.path.join(folders.standing(folder), FILE)
    try:
        return of(json.loads(files.text(path)))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise RecordError(path, files.trouble(error), "see to its permissions") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        remedy = "bring it back, or write it anew with `digest sent --mark DAY`"
        raise RecordError(path, "is damaged, and it says who has this issue", remedy) from error


def handed_over(folder: str) -> Sent | None:
    """Return what was handed over of the issue in *folder* beyond drafts, None if nothing was. Raises RecordError."""
    everything = read(folder)
    left = tuple(hand_over for hand_over in everything.hand_overs if hand_over.state != "draft") if everything else ()
    return replace(everything, hand_overs=left) if everything and left else None


def of(values: Any) -> Sent:  # noqa: ANN401 - JSON as read, which this function checks
    """Return the hand-overs that *values*, JSON as read, describe.

    Raises ValueError, TypeError, KeyError or AttributeError for anything else; `read` turns them into one RecordError.
    """
    # An empty list is damage, too: digest removes the file when the last hand-over is taken back.
    if values["format"] != FORMAT or not values["hand_overs"]:
        raise ValueError(FILE)
    # `editions` came later than the first files, in which it is missing.
    names = [field.name for field in fields(HandOver) if field.name != "editions"]
    hand_overs = tuple(
        HandOver(**{name: value[name] for name in names}, editions=bool(value.get("editions")))
        for value in values["hand_overs"]
    )
    for hand_over in hand_overs:
        datetime.fromisoformat(hand_over.at)
        if hand_over.state not in get_args(State) or not isinstance(hand_over.readers, int | None):
            raise ValueError(hand_over.state)
    return Sent(issue=str(values["issue"]), newsletter=str(values["newsletter"]), hand_overs=hand_overs)


def to_bytes(sent: Sent) -> bytes:
    """Return *sent* as it stands on disk."""
    values = {"format": FORMAT, **asdict(sent)}
    # Left out where it says nothing, so that the files of other hand-overs stay as they are.
    for hand_over in values["hand_overs"]:
        if not hand_over["editions"]:
            del hand_over["editions"]
    return (json.dumps(values, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def with_hand_over(before: Sent | None, hand_over: HandOver, *, issue: str, newsletter: str) -> Sent:
    """Return *before* with *hand_over* in place of the last one of the same letters to the same target."""
    if before is None:
        return Sent(issue=issue, newsletter=newsletter, hand_overs=(hand_over,))
    # One line a target: a run that is resumed is the same hand-over with more readers, not a second one.
    kept = [
        other for other in before.hand_overs if (other.target, other.editions) != (hand_over.target, hand_over.editions)
    ]
    return replace(before, hand_overs=(*kept, hand_over))


def without(before: Sent, target: str, *, editions: bool = False) -> Sent | None:
    """Return *before* without the hand-over to *target*, or that of *editions*; None where no other is left."""
    kept = tuple(
        hand_over for hand_over in before.hand_overs if (hand_over.target, hand_over.editions) != (target, editions)
    )
    return replace(before, hand_overs=kept) if kept else None


def moment(seconds: float) -> str:
    """Return a time in seconds since 1970 as `HandOver.at` has it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def copy_of(folder: str) -> str:
    """Return the folder that holds what readers got of the issue in *folder*: its copy if it was built again."""
    standing = folders.standing(folder)
    copy = os.path.join(standing, COPY)
    return copy if os.path.isfile(os.path.join(copy, "issue.json")) else standing
