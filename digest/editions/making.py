"""The making of a part: an edition for each of its readers, by what she asks for and what she had."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import fields
from typing import TYPE_CHECKING

from digest.editions import part_files, stories
from digest.editions.part_files import GENERAL, Counts, PartHead, ReaderRow
from digest.editions.roll import Asked
from digest.errors import OutputError

if TYPE_CHECKING:
    from digest.editions.common import CommonWeek
    from digest.editions.memory import PartMemory
    from digest.editions.press import EditionRow, Press
    from digest.tables.storage import Storage

Remember = Callable[[Collection[str]], "PartMemory"]
"""Returns what readers of those ids had."""


def make(place: Storage, number: int, week: CommonWeek, press: Press, remember: Remember) -> None:
    """Make a part of the readers that are asked to be in it, unless it stands. Raises OutputError.

    *remember* returns what those of these ids had. Whoever makes the first part writes the stories of the week, too.
    """
    file = part_files.asked_file(number)
    content = place.read(file)
    # Where it stands another run, or another try of this task, was first; and may have removed what was asked since.
    if not place.exists(part_files.readers_file(number)):
        if content is None:
            problem, remedy = "is not there", "run the same command again; all its processes have to see this folder"
            raise OutputError(place.shown(file), problem, remedy)
        try:
            asked = Asked.of(content)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise part_files.unreadable(place, file) from error
        if number == 1:
            stories.keep(place, week, press)
        _write(place, number, asked, week, press, remember({reader for reader, _ in asked.readers}))
    place.remove(file)


def _write(place: Storage, number: int, asked: Asked, week: CommonWeek, press: Press, past: PartMemory) -> None:
    """Choose for the readers of a part, who had that *past*, and write its files."""
    empty = part_files.instead(week.settings.editions)
    made: dict[str, EditionRow] = {}
    rows: list[ReaderRow] = []
    tally = dict.fromkeys((each.name for each in fields(Counts)), 0)
    for reader, wish in asked.readers:
        edition = press.edition(wish, past.had(reader)) if wish else None
        if edition:
            made.setdefault(edition.name, edition)
        fate = "personal" if edition else "wishless" if wish is None else "general" if empty else "skipped"
        tally[fate] += 1
        rows.append(ReaderRow(reader, edition.name if edition else GENERAL if wish is None else empty))
    # Who gets the same stands together: a letter is then made once, and a call that takes one letter has all of them.
    rows.sort(key=lambda row: row.edition or "")
    head = PartHead(
        number=number,
        parts=week.settings.editions.parts,
        week_mark=week.mark,
        readers_mark=asked.mark,
        memory_mark=past.mark,
        counts=Counts(**{**tally, "readers": len(rows), "editions": len(made)}),
    )
    part_files.write(place, week.window.issue_id, head, [made[name] for name in sorted(made)], rows)
