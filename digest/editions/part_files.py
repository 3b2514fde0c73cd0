"""The files of a part, in JSON Lines: who asks for what, which editions there are, and which reader gets which.

    asked/part-k ─▶ making ─▶ editions/part-k, readers/part-k

The first line of the latter two is the head: number of the part and of all parts, hashes of what it was made of, and
counts. The file of the readers is written last, so that a part whose readers are there is whole; then nobody needs any
more what was asked. Names are those of a Storage.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from digest.editions.press import EditionRow
from digest.errors import OutputError
from digest.mail import claims
from digest.model import Wish, day_of_issue
from digest.tables import places, storage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from digest.config.settings import Settings
    from digest.config.values import EditionsPlan
    from digest.tables.storage import Storage

GENERAL = "general"
"""What stands for an edition where a reader gets the issue for all."""

OTHER_WEEK = "is of other articles, edits, settings, theme, memory or key than there are now"
"""What is wrong with a part that is not of the week as it is."""

_NAME = r"part-(\d+)\.jsonl"
_JSON = json.JSONEncoder(ensure_ascii=False)


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
    memory_mark: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """A reader, by her id in hexadecimal digits, and the name of her edition: GENERAL, or None for nothing."""

    reader: str
    edition: str | None


def instead(plan: EditionsPlan) -> str | None:
    """Return what stands for an edition where a reader has too few stories for one."""
    return GENERAL if plan.empty == "general" else None


def ask(place: Storage, number: int, readers: bytes) -> None:
    """Write down who is in a part that is to be made: *readers* as `Roll.of_part` returns them. Raises OutputError."""
    place.write(asked_file(number), readers)


def forget(place: Storage, numbers: Collection[int]) -> None:
    """Remove what was asked of the parts *numbers*, which stand, where a run was killed before it could."""
    for name in place.names("asked"):
        if (match := re.fullmatch(_NAME, name)) and int(match[1]) in numbers:
            place.remove(asked_file(int(match[1])))


def write(
    place: Storage, issue: str, head: PartHead, editions: Iterable[EditionRow], readers: Iterable[ReaderRow]
) -> None:
    """Write the files of a part of *issue*, that of its *readers* last. Raises OutputError."""
    row = {
        "issue": issue,
        "part": head.number,
        "parts": head.parts,
        "week": head.week_mark,
        "list": head.readers_mark,
        "memory": head.memory_mark,
        "counts": asdict(head.counts),
    }
    place.write(editions_file(head.number), _lines([row, *map(_edition_row, editions)]))
    place.write(readers_file(head.number), _lines([row, *map(asdict, readers)]))


def _edition_row(edition: EditionRow) -> dict[str, Any]:
    return {
        "edition": edition.name,
        "subject": edition.subject,
        "asked": dict(edition.wish.topics),
        "language": edition.wish.language,
        "had": list(edition.had),
        "sections": [{"title": title, "picks": list(picks)} for title, picks in edition.sections],
    }


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(f"{_JSON.encode(row)}\n" for row in rows).encode()


def folder_of(out: str, issue: str) -> str:
    """Return the folder or the address of the editions of the *issue* of that name, below *out*."""
    path = places.path_of(out)
    return f"{path.rstrip('/')}/{issue}" if places.is_address(path) else os.path.join(path, issue)


def place_of(settings: Settings, issue: str) -> Storage:
    """Return where the editions of the *issue* of that name stand, which need not be there."""
    return storage.opened(folder_of(settings.editions.out, issue))


def issues(settings: Settings) -> list[str]:
    """Return the names of all issues that have a place for editions, the oldest first. Raises OutputError."""
    return list(filter(_is_issue, storage.opened(settings.editions.out).folders("")))


def _is_issue(name: str) -> bool:
    try:
        return bool(day_of_issue(name))
    except ValueError:
        return False


def asked_file(number: int) -> str:
    """Return the name of the file of who is in a part, which is there until that is made."""
    return f"asked/part-{number}.jsonl"


def editions_file(number: int) -> str:
    """Return the name of the file of a part's editions."""
    return f"editions/part-{number}.jsonl"


def readers_file(number: int) -> str:
    """Return the name of the file of a part's readers."""
    return f"readers/part-{number}.jsonl"


def head(place: Storage, number: int) -> PartHead | None:
    """Return the head of a part, None where it is not there yet. Raises OutputError for a file that is none of ours."""
    name = readers_file(number)
    content = place.read(name)
    if content is None:
        return None
    try:
        row = json.loads(content.partition(b"\n")[0])
        return PartHead(
            number=row["part"],
            parts=row["parts"],
            week_mark=row["week"],
            readers_mark=row["list"],
            memory_mark=row["memory"],
            counts=Counts(**row["counts"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise unreadable(place, name) from error


def needed_head(place: Storage, number: int) -> PartHead:
    """Return the head of a part that has just been made. Raises OutputError where somebody has removed it."""
    made = head(place, number)
    if made is None:
        raise OutputError(place.shown(readers_file(number)), "is gone", "run the same command again")
    return made


def heads(place: Storage) -> Iterator[tuple[int, PartHead]]:
    """Yield each part that stands in *place*, by its number. Raises OutputError."""
    for number in _standing(place):
        yield number, needed_head(place, number)


def _standing(place: Storage) -> list[int]:
    """Return the numbers of the parts that stand in *place*, in order."""
    return sorted(int(match[1]) for name in place.names("readers") if (match := re.fullmatch(_NAME, name)))


def readers(place: Storage, number: int) -> list[ReaderRow]:
    """Return the readers of a part, those of an edition together, in the order of their ids.

    Raises OutputError, also where there is no such part.
    """
    return [ReaderRow(row["reader"], row["edition"]) for row in _rows(place, readers_file(number))]


def editions(place: Storage, number: int) -> dict[str, EditionRow]:
    """Return the editions of a part by their names. Raises OutputError, also where there is no such part."""
    return {
        row["edition"]: EditionRow(
            name=row["edition"],
            subject=row["subject"],
            wish=Wish(topics=tuple(row["asked"].items()), language=row["language"]),
            had=tuple(row["had"]),
            sections=tuple((section["title"], tuple(section["picks"])) for section in row["sections"]),
        )
        for row in _rows(place, editions_file(number))
    }


def _rows(place: Storage, name: str) -> list[dict[str, Any]]:
    """Return the lines of a file behind its head. Raises OutputError."""
    content = place.read(name)
    if content is None:
        raise OutputError(place.shown(name), "is not there", "run digest editions first; nothing was changed")
    try:
        # As one list, which takes a third of the time that a row at a time does.
        rows: list[dict[str, Any]] = json.loads(b"[%s]" % b",".join(content.splitlines()[1:]))
    except ValueError as error:
        raise unreadable(place, name) from error
    return rows


def unreadable(place: Storage, name: str) -> OutputError:
    """Return the error for a file *name* that is none of ours."""
    problem = "is no part of editions that can be read"
    return OutputError(place.shown(name), problem, "move it away; nothing was changed")


def remedy(place: Storage) -> str:
    """Return what to do where parts are not of what there is now: to make them anew, unless readers have some of them.

    Whoever removed those would remove what says so, and write to these readers again.
    """
    if claims.anybody_has(place):
        return "readers have some of these editions, so bring back what they were made of"
    return "remove the folder to make them anew"


def total(parts: Iterable[PartHead]) -> Counts:
    """Return the counts of all *parts* together."""
    counts = [part.counts for part in parts]
    return Counts(**{each.name: sum(getattr(count, each.name) for count in counts) for each in fields(Counts)})
