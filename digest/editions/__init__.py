"""A letter for each reader: who gets which edition of a week is written down in parts, and sent from these.

    list ─▶ roll ─▶ asked/part-k.jsonl: id, wish ┐
            (no address leaves it)               ├─▶ press ─▶ editions/part-k.jsonl   which stories    (written first)
    archive, memory, theme ─▶ common: the week ──┘            readers/part-k.jsonl    who gets which   (= it is done)
                                                                    │
    list ─▶ addresses: id, address ─┐                               ▼
                                    ├─▶ sending ◀── dispatch, letters: which parts, and the letter of an edition
    claims/part-k (mail.claims) ────┘               when it leaves; a message is never stored

    part_files  the files of a part              making   a part made by the press
    workers     processes that make parts        engine   a cluster of them
    memory      what each reader had earlier     stories  the week as later weeks remember it
    words       the editor's own, in editions    marks    hashes that are the same everywhere
    history     how a hand-over went             reader   one reader's edition, and whether it is as written down
    example     a list of made-up readers

The week is told once in each process, and a choice is made once for each wish and memory. A part depends alone on its
readers, on what they had before and on the week, so that whoever makes it writes the same bytes; one that stands there
is done. Who makes parts is given a place and a number.

Decisions: docs/decisions/editions.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest import folders, steps
from digest.editions import common, memory, part_files, roll, workers
from digest.errors import OutputError
from digest.mail import claims
from digest.model import ISSUE_ID
from digest.tables import places, storage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from digest.config.settings import Settings
    from digest.editions.part_files import Counts, PartHead
    from digest.editions.roll import Roll
    from digest.editions.workers import LeftPart
    from digest.model import Problem, Window
    from digest.tables.storage import Storage

__all__ = ["Editions", "make"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Editions:
    """What a run came to.

    *counts* are those of all parts that stand in *folder*, *parts* is how many there should be; *made* were made by
    this run, *stood* before it, and *left* are those that could not be made. Of those that stood, *older* are of
    another list of readers, and *unaware* were made before more was sent of earlier issues. *faults* are lines of the
    list by what is wrong there, *offer* is what may be asked for, *duplicates* rows beyond the first of a reader,
    *not_due* those of readers who ask for another frequency. *problems* are those of the archive.
    """

    folder: str
    window: Window
    counts: Counts
    parts: int
    made: tuple[int, ...]
    stood: tuple[int, ...]
    older: tuple[int, ...]
    unaware: tuple[int, ...]
    left: tuple[LeftPart, ...]
    faults: Mapping[str, Sequence[int]]
    offer: tuple[str, ...]
    duplicates: int
    not_due: int
    problems: tuple[Problem, ...]


def make(
    settings: Settings, window: Window, source: str, only: tuple[int, int] | None = None, at: str = ""
) -> Editions:
    """Make the editions of *window* for the readers of the list *source*, all parts that are not there yet.

    *only* is the number of one part, from 1, and of how many: that one is made in this process. Else parts are made by
    the workers of the cluster *at* an address, or the processors of this machine. Raises DigestError for what the user
    must fix: a list that cannot be read, a key that is missing, wrong edits, a folder that holds parts of
    another week, under another key, or another number of them, a cluster that is not there or of another program.
    """
    if only:
        settings = replace(settings, editions=replace(settings.editions, parts=only[1]))
    folder = _folder(settings, window)
    # The key first: without it nothing of the list may be read.
    ids = roll.ids(settings.readers)
    with workers.crew(at, alone=only is not None) as crew:
        week, problems = common.of(settings, window)
        listed = roll.read(source, settings, week.offer, ids, only[0] if only else None)
        wanted = [only[0]] if only else list(range(1, settings.editions.parts + 1))
        place = storage.opened(folder)
        before = {number: head for number in wanted if (head := part_files.head(place, number))}
        _refuse_others(place, week.mark, settings.editions.parts)
        missing = [number for number in wanted if number not in before]
        _ask(place, listed, missing, before)
        left = crew(week, folder, missing)
    made = [number for number in missing if number not in {part.number for part in left}]
    heads = {**before, **{number: part_files.needed_head(place, number) for number in made}}
    return Editions(
        folder=place.place,
        window=window,
        counts=part_files.total(heads.values()),
        parts=len(wanted),
        made=tuple(made),
        stood=tuple(before),
        older=tuple(number for number, head in before.items() if head.readers_mark != listed.mark(number)),
        unaware=_unaware(week, before),
        left=left,
        faults=listed.faults,
        offer=week.offer.topics,
        duplicates=listed.duplicates,
        not_due=listed.not_due,
        problems=problems,
    )


def _ask(place: Storage, listed: Roll, missing: Sequence[int], stand: Collection[int]) -> None:
    """Write down who is in the parts that are *missing*, and remove what a killed run has left of those that *stand*.

    Raises OutputError.
    """
    part_files.forget(place, stand)
    for number in steps.each(missing, "sorting readers"):
        part_files.ask(place, number, listed.of_part(number))


def _unaware(week: common.CommonWeek, heads: Mapping[int, PartHead]) -> tuple[int, ...]:
    return tuple(number for number, head in heads.items() if head.memory_mark != memory.mark_of_part(week, number))


def _folder(settings: Settings, window: Window) -> str:
    """Return the folder of a window's editions, or its address. Raises OutputError where none should be written."""
    out = places.path_of(settings.editions.out)
    if not places.is_address(out):
        folders.guard(
            folders.resolve(out, "editions.out"),
            out,
            "name a folder for editions with editions.out",
            may_hold=lambda name: name.startswith(".") or re.fullmatch(ISSUE_ID, name) is not None,
            keeps={**dict.fromkeys(settings.folders, "the archive"), settings.out: "where issues are written"},
        )
    return part_files.folder_of(settings.editions.out, window.issue_id)


def _refuse_others(place: Storage, mark: str, parts: int) -> None:
    """Raise OutputError where a storage holds parts of another week, settings or key, or another number of parts.

    Also where it holds claims of a part that is gone: made anew it may have other readers, who may have their letters.
    """
    heads = dict(part_files.heads(place))
    for number, head in heads.items():
        wrong = f"is one of {head.parts} parts, and this run makes {parts}" if head.parts != parts else ""
        wrong = wrong or (part_files.OTHER_WEEK if head.week_mark != mark else "")
        if wrong:
            # Of those made at another place none could be sent, as readers have some of these.
            elsewhere = "" if claims.anybody_has(place) else ", or name another with editions.out"
            remedy = f"{part_files.remedy(place)}{elsewhere}; nothing was changed"
            raise OutputError(place.shown(part_files.readers_file(number)), wrong, remedy)
    gone = [number for number in claims.claimed(place) if number not in heads]
    if gone:
        remedy = "bring it back" if claims.anybody_has(place) else part_files.remedy(place)
        wrong = "is gone, and there are claims on its readers"
        raise OutputError(place.shown(part_files.readers_file(gone[0])), wrong, f"{remedy}; nothing was changed")
