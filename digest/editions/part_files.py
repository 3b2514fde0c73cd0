"""The files of a part, in JSON Lines: which editions there are, and which reader gets which.

The first line of each is the head: number of the part and of all parts, hashes of what it was made of, and counts. The
file of the readers is written last, so that a part whose readers are there is whole.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from digest import files
from digest.editions.roll import mark_of
from digest.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.editions.common import CommonWeek
    from digest.editions.press import EditionRow, Press
    from digest.model import Wish

GENERAL = "general"
"""What stands for an edition where a reader gets the issue for all."""

_NAME = r"part-(\d+)\.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """*readers* in all: *personal* get an edition of their own, *wishless* asked for nothing and get the issue for all.

    So do *general*, for whom the week has too little; *skipped* get nothing for that. *editions* are different ones in
    a part.
    """

    readers: int = 0
    personal: int = 0
    wishless: int = 0
    general: int = 0
    skipped: int = 0
    editions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHead:
    """The first line of a part's files."""

    number: int
    parts: int
    week_mark: str
    readers_mark: str
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class PartJob:
    """A part to be made in *folder*: *readers* are ids with their wishes, in order."""

    folder: str
    number: int
    readers: tuple[tuple[bytes, Wish | None], ...]


def write(job: PartJob, week: CommonWeek, press: Press) -> None:
    """Make a part and write its files, that of the readers last. Raises OutputError."""
    empty = GENERAL if week.settings.editions.empty == "general" else None
    made: dict[str, EditionRow] = {}
    rows: list[dict[str, str | None]] = []
    tally = dict.fromkeys((each.name for each in fields(Counts)), 0)
    for reader, wish in job.readers:
        edition = press.edition(wish) if wish else None
        if edition:
            made[edition.name] = edition
        fate = "personal" if edition else "wishless" if wish is None else "general" if empty else "skipped"
        tally[fate] += 1
        gets = edition.name if edition else GENERAL if wish is None else empty
        rows.append({"reader": reader.hex(), "edition": gets})
    counts = Counts(**{**tally, "readers": len(rows), "editions": len(made)})
    head = _head_row(job, week, counts)
    _write(editions_file(job.folder, job.number), [head, *(_edition_row(made[name]) for name in sorted(made))])
    _write(readers_file(job.folder, job.number), [head, *rows])


def _head_row(job: PartJob, week: CommonWeek, counts: Counts) -> dict[str, Any]:
    return {
        "issue": week.window.issue_id,
        "part": job.number,
        "parts": week.settings.editions.parts,
        "week": week.mark,
        "list": mark_of(job.readers),
        "counts": {each.name: getattr(counts, each.name) for each in fields(counts)},
    }


def _edition_row(edition: EditionRow) -> dict[str, Any]:
    return {
        "edition": edition.name,
        "subject": edition.subject,
        "language": edition.language,
        "sections": [{"title": title, "picks": list(picks)} for title, picks in edition.sections],
    }


def _write(file: str, rows: Iterable[dict[str, Any]]) -> None:
    files.write_file(file, "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode())


def editions_file(folder: str, number: int) -> str:
    """Return where the editions of a part stand."""
    return os.path.join(folder, "editions", f"part-{number}.jsonl")


def readers_file(folder: str, number: int) -> str:
    """Return where the readers of a part stand."""
    return os.path.join(folder, "readers", f"part-{number}.jsonl")


def head(folder: str, number: int) -> PartHead | None:
    """Return the head of a part, None where it is not there yet. Raises OutputError for a file that is none of ours."""
    file = readers_file(folder, number)
    if not os.path.exists(file):
        return None
    try:
        with open(file, encoding="utf-8") as handle:
            row = json.loads(handle.readline())
        return PartHead(
            number=row["part"],
            parts=row["parts"],
            week_mark=row["week"],
            readers_mark=row["list"],
            counts=Counts(**row["counts"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            file, "is no part of editions that can be read", "move it away; nothing was changed"
        ) from error


def needed_head(folder: str, number: int) -> PartHead:
    """Return the head of a part that has just been made. Raises OutputError where somebody has removed it."""
    made = head(folder, number)
    if made is None:
        raise OutputError(readers_file(folder, number), "is gone", "run the same command again")
    return made


def heads(folder: str) -> Iterator[tuple[int, PartHead]]:
    """Yield each part that stands in *folder*, by its number. Raises OutputError."""
    place = os.path.join(folder, "readers")
    names = os.listdir(place) if os.path.isdir(place) else []
    numbers = sorted(int(match[1]) for name in names if (match := re.fullmatch(_NAME, name)))
    for number in numbers:
        yield number, needed_head(folder, number)


def total(parts: Iterable[PartHead]) -> Counts:
    """Return the counts of all *parts* together."""
    counts = [part.counts for part in parts]
    return Counts(**{each.name: sum(getattr(count, each.name) for count in counts) for each in fields(Counts)})
