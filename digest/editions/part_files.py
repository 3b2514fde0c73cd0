"""The files of a part, in JSON Lines: who asks for what, which editions there are, and which reader gets which.

    asked/part-k ─▶ make ─▶ editions/part-k, readers/part-k

The first line of the latter two is the head: number of the part and of all parts, hashes of what it was made of, and
counts. The file of the readers is written last, so that a part whose readers are there is whole; then nobody needs any
more what was asked. Names are those of a Storage.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from digest.editions import stories
from digest.editions.press import EditionRow
from digest.editions.roll import Asked
from digest.errors import OutputError
from digest.mail import claims
from digest.model import Wish
from digest.tables import places, storage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.config.settings import Settings
    from digest.config.values import EditionsPlan
    from digest.editions.common import CommonWeek
    from digest.editions.memory import PartMemory
    from digest.editions.press import Press
    from digest.tables.storage import Storage

GENERAL = "general"
"""What stands for an edition where a reader gets the issue for all."""

Remember = Callable[[Collection[str]], "PartMemory"]
"""Returns what readers of those ids had."""

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


def make(place: Storage, number: int, week: CommonWeek, press: Press, remember: Remember) -> None:
    """Make a part of the readers that are asked to be in it, unless it stands. Raises OutputError.

    *remember* returns what those of these ids had. Whoever makes the first part writes the stories of the week, too.
    """
    content = place.read(asked_file(number))
    # Where it stands another run, or another try of this task, was first; and may have removed what was asked since.
    if not place.exists(readers_file(number)):
        if content is None:
            problem, remedy = "is not there", "run the same command again; all its processes have to see this folder"
            raise OutputError(place.shown(asked_file(number)), problem, remedy)
        try:
            asked = Asked.of(content)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(place, asked_file(number)) from error
        if number == 1:
            stories.keep(place, week, press)
        past = remember({reader for reader, _ in asked.readers})
        _write(place, number, asked, week, press, past)
    place.remove(asked_file(number))


def _write(place: Storage, number: int, asked: Asked, week: CommonWeek, press: Press, past: PartMemory) -> None:
    """Choose for the readers of a part, who had that *past*, and write its files, that of the readers last."""
    empty = instead(week.settings.editions)
    made: dict[str, EditionRow] = {}
    rows: list[dict[str, str | None]] = []
    tally = dict.fromkeys((each.name for each in fields(Counts)), 0)
    for reader, wish in asked.readers:
        edition = press.edition(wish, past.had(reader)) if wish else None
        if edition:
            made.setdefault(edition.name, edition)
        fate = "personal" if edition else "wishless" if wish is None else "general" if empty else "skipped"
        tally[fate] += 1
        gets = edition.name if edition else GENERAL if wish is None else empty
        rows.append({"reader": reader, "edition": gets})
    # Who gets the same stands together: a letter is then made once, and a call that takes one letter has all of them.
    rows.sort(key=lambda row: row["edition"] or "")
    counts = Counts(**{**tally, "readers": len(rows), "editions": len(made)})
    head = _head_row(number, (asked.mark, past.mark), week, counts)
    place.write(editions_file(number), _lines([head, *(_edition_row(made[name]) for name in sorted(made))]))
    place.write(readers_file(number), _lines([head, *rows]))


def _head_row(number: int, marks: tuple[str, str], week: CommonWeek, counts: Counts) -> dict[str, Any]:
    return {
        "issue": week.window.issue_id,
        "part": number,
        "parts": week.settings.editions.parts,
        "week": week.mark,
        "list": marks[0],
        "memory": marks[1],
        "counts": {each.name: getattr(counts, each.name) for each in fields(counts)},
    }


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


def folder_of(settings: Settings, issue: str) -> str:
    """Return the folder or the address of the editions of the *issue* of that name."""
    out = places.path_of(settings.editions.out)
    return f"{out.rstrip('/')}/{issue}" if places.is_address(out) else os.path.join(out, issue)


def place_of(settings: Settings, issue: str) -> Storage:
    """Return where the editions of the *issue* of that name stand, which need not be there."""
    return storage.opened(folder_of(settings, issue))


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
        raise _unreadable(place, name) from error


def needed_head(place: Storage, number: int) -> PartHead:
    """Return the head of a part that has just been made. Raises OutputError where somebody has removed it."""
    made = head(place, number)
    if made is None:
        raise OutputError(place.shown(readers_file(number)), "is gone", "run the same command again")
    return made


def heads(place: Storage) -> Iterator[tuple[int, PartHead]]:
    """Yield each part that stands in *place*, by its number. Raises OutputError."""
    numbers = sorted(int(match[1]) for name in place.names("readers") if (match := re.fullmatch(_NAME, name)))
    for number in numbers:
        yield number, needed_head(place, number)


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
        raise _unreadable(place, name) from error
    return rows


def _unreadable(place: Storage, name: str) -> OutputError:
    problem = "is no part of editions that can be read"
    return OutputError(place.shown(name), problem, "move it away; nothing was changed")


def remedy(place: Storage) -> str:
    """Return what to do where parts are not of what there is now: to make them anew, unless readers have some of them.

    Whoever removed those would remove what says so, and write to these readers again.
    """
    numbers = [int(match[1]) for name in place.names("readers") if (match := re.fullmatch(_NAME, name))]
    if any(claims.have_reached(place, number) for number in numbers):
        return "readers have some of these editions, so bring back what they were made of"
    return "remove the folder to make them anew"


def total(parts: Iterable[PartHead]) -> Counts:
    """Return the counts of all *parts* together."""
    counts = [part.counts for part in parts]
    return Counts(**{each.name: sum(getattr(count, each.name) for count in counts) for each in fields(Counts)})
