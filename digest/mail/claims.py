"""Claims: which run writes to which readers of a part, and what became of them, where many runs work at once.

A part's readers, in their order, are cut into batches of BATCH. A run creates `claims/part-3/00012.1.claim`, which one
of all that try can, before it writes to readers of batch 12, and writes `00012.1.done` when each has an answer. Who
waits after that is in the second claim of the batch, and so on.

A claim without its `.done` is under way, or its run was killed: its readers are `unknown`, and nobody decides but the
editor. So no run, on whatever machine, writes to a reader whom another has or may have written to.

Readers stand here by their ids, as parts have them, and no word of a server does: it may quote the address.
"""

from __future__ import annotations

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from digest.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from digest.mail.ledger import State
    from digest.mail.smtp import Fault
    from digest.tables.storage import Storage

FOLDER: Final = "claims"
"""The folder with a folder of claims for each part."""

BATCH: Final = 20
"""Readers of a claim. It stands in no setting: two runs that cut differently would write to a reader twice.

It divides what services take in a call; a call of 500 takes 25 claims. The fewer, the fewer a kill leaves `unknown`.
Claims of another size are refused (`_roster`), also where the memory of a later week asks for them: whoever changes
this has to let those be read.
"""

ALIVE: Final = 900
"""Seconds for which a claim without an outcome may be that of a run which is alive.

Older ones may be written to again where the editor says so: a run lets go of a claim before.
"""

# Files that are read at the same time: a storage behind an address takes its time for each.
_AT_ONCE = 16

_BEGUN = f"{FOLDER}/begun"

_NAME = re.compile(r"(\d+)\.(\d+)\.(claim|done)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a reader stands with the issue.

    *tries* counts the answers so far, *at* is when the last claim was made that names her, in seconds since 1970, 0 for
    never. *fault* says what a failure is about; *code* are the three digits of the answer.
    """

    state: State = "queued"
    tries: int = 0
    fault: Fault | None = None
    code: str = ""
    at: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The claim of a *run*, made *at* so many seconds since 1970, to write to *readers* of a *batch* of a *part*.

    *attempt* counts from 1. *roster* is that of the part.
    """

    part: int
    batch: int
    attempt: int
    run: str
    at: float
    roster: str
    readers: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{folder(self.part)}/{self.batch:05}.{self.attempt}.claim"

    @property
    def done(self) -> str:
        """The name of the file of its outcome."""
        return f"{folder(self.part)}/{self.batch:05}.{self.attempt}.done"


@dataclass(slots=True, kw_only=True)
class PartStanding:
    """How the readers of a part stand, by their ids; *attempts* is the last claim of each batch that was claimed."""

    roster: str
    readers: dict[str, Standing]
    attempts: dict[int, int] = field(default_factory=dict)


def folder(part: int) -> str:
    """Return the name of the folder of a part's claims."""
    return f"{FOLDER}/part-{part}"


def begin(place: Storage) -> None:
    """Note that a run will claim readers here: whoever knows of one, and finds no note, knows that claims were lost."""
    place.create(_BEGUN, b"")


def has_begun(place: Storage) -> bool:
    """Return whether `begin` was called."""
    return place.exists(_BEGUN)


def take(place: Storage, claim: Claim) -> bool:
    """Create the file of *claim*; return False where somebody was faster. Raises a DigestError, and then it may stand.

    It is in the storage when this returns.
    """
    head = {"run": claim.run, "at": claim.at, "roster": claim.roster, "readers": claim.readers}
    content = f"{json.dumps(head)}\n".encode()
    # A storage behind an address may ask twice where an answer got lost, and be told of our own.
    return place.create(claim.name, content) or place.read(claim.name) == content


def finish(place: Storage, claim: Claim, outcomes: Mapping[str, Standing]) -> None:
    """Write what became of the readers of *claim*, by their ids. Only the run that made it may; it may do so again."""
    head = {"run": claim.run, "at": claim.at, "roster": claim.roster}
    rows = [{"reader": reader, **_filled(standing)} for reader, standing in sorted(outcomes.items())]
    place.write(claim.done, "".join(f"{json.dumps(row)}\n" for row in (head, *rows)).encode())


def _filled(standing: Standing) -> dict[str, Any]:
    """Return the fields that say something; when the claim was made stands in the head."""
    return {name: value for name, value in asdict(standing).items() if name == "state" or (value and name != "at")}


def standing(place: Storage, part: int, ids: Sequence[str]) -> PartStanding:
    """Return how the readers of a *part* stand, by all claims on them.

    *ids* are all readers of the part who are to get something, in the order of its file, whoever of them is left out
    now. Raises OutputError where the claims are those of other readers, or a file is damaged.
    """
    stands = PartStanding(roster=_roster(ids), readers=dict.fromkeys(ids, Standing()))
    files: dict[tuple[int, int], str] = {}
    # Sorted, so that of two files of a claim `done` comes last and stays.
    for name in place.names(folder(part)):
        if match := _NAME.fullmatch(name):
            files[int(match[2]), int(match[1])] = f"{folder(part)}/{name}"
    attempts = sorted(files)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        contents = list(threads.map(place.read, [files[attempt] for attempt in attempts]))
    for (attempt, batch), content in zip(attempts, contents, strict=True):
        name = files[attempt, batch]
        _hold_earlier(place, part, batch, attempt, stands)
        stands.attempts[batch] = attempt
        if name.endswith(".done"):
            outcomes = _outcomes(place, name, content or b"", stands)
        else:
            outcomes = _unknown(place, name, content or b"", stands, ids[batch * BATCH : (batch + 1) * BATCH])
        for reader, outcome in outcomes.items():
            before = stands.readers.get(reader)
            # A run that was taken for dead may tell late that she has it.
            if before and before.state != "sent":
                stands.readers[reader] = outcome
    return stands


def _hold_earlier(place: Storage, part: int, batch: int, attempt: int, stands: PartStanding) -> None:
    """Refuse an attempt without the one before it, of which nobody else knows who got the issue. Raises OutputError."""
    before = stands.attempts.get(batch, 0)
    if attempt > before + 1:
        lost = place.shown(f"{folder(part)}/{batch:05}.{before + 1}.done")
        raise OutputError(lost, "is gone, and later claims are there", "bring it back; nobody was written to")


def _outcomes(place: Storage, name: str, content: bytes, stands: PartStanding) -> dict[str, Standing]:
    """Return what a `.done` says. Raises OutputError."""
    try:
        head, *rows = map(json.loads, content.splitlines())
        _hold_roster(place, name, head, stands)
        return {row.pop("reader"): Standing(**row, at=head["at"]) for row in rows}
    except (ValueError, KeyError, TypeError) as error:
        problem = "cannot be read, and nobody else knows who has the issue"
        raise OutputError(place.shown(name), problem, "bring a copy of it back; nobody was written to") from error


def _unknown(
    place: Storage, name: str, content: bytes, stands: PartStanding, batch: Sequence[str]
) -> dict[str, Standing]:
    """Return what a claim says for which no outcome is known. Raises OutputError."""
    try:
        head = json.loads(content)
        _hold_roster(place, name, head, stands)
        readers, at = head["readers"], head["at"]
    except (ValueError, KeyError, TypeError):
        # Its run was killed while it was written: nobody was written to yet, but for all that the file says.
        readers, at = batch, 0.0
    return {reader: replace(stands.readers[reader], state="unknown", at=at) for reader in readers}


def _hold_roster(place: Storage, name: str, head: dict[str, Any], stands: PartStanding) -> None:
    if head["roster"] != stands.roster:
        problem = "was written when the part had other readers"
        raise OutputError(place.shown(name), problem, "bring back the editions of that time; nobody was written to")


def _roster(ids: Iterable[str]) -> str:
    """Return a hash of how the readers of a part are cut: batches of others, or of another size, would be others."""
    return hashlib.sha256("\n".join([str(BATCH), *ids]).encode()).hexdigest()[:16]


def have_reached(place: Storage, part: int) -> bool:
    """Return whether a reader of a *part* has the issue or may have it, as far as its claims say."""
    names = {name for name in place.names(folder(part)) if _NAME.fullmatch(name)}
    done = [name for name in names if name.endswith(".done")]
    if any(name.endswith(".claim") and name.replace(".claim", ".done") not in names for name in names):
        return True
    stated = re.compile(rb'"state": "(?:sent|unknown)"')
    return any(stated.search(place.read(f"{folder(part)}/{name}") or b"") for name in done)


def claimed(place: Storage) -> list[int]:
    """Return the numbers of the parts that have claims, whether their readers are known or not, in order."""
    numbers = [int(match[1]) for name in place.folders(FOLDER) if (match := re.fullmatch(r"part-(\d+)", name))]
    return sorted(number for number in numbers if place.names(folder(number)))


def anybody_has(place: Storage) -> bool:
    """Return whether a reader of any part has the issue or may have it, as `have_reached` says."""
    return any(have_reached(place, number) for number in claimed(place))
