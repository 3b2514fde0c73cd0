"""The stories of a week as later weeks remember them: `stories.jsonl` in the folder of its editions, made and read.

The first line has what tells the issue, and each other one a story that an edition may have, with what the record of an
issue has of a pick, as far as a memory asks for it; behind these stand the articles that could have run and are in
none, by path and addresses, since they are not late in the week after. Readers have no place here.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from digest.errors import OutputError
from digest.issue import record
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.editions.common import CommonWeek
    from digest.editions.press import Press
    from digest.issue.record import Record
    from digest.model import Past, Window
    from digest.tables.storage import Storage

FILE = "stories.jsonl"


def keep(place: Storage, week: CommonWeek, press: Press) -> None:
    """Write the stories of *week*, the same whoever does. Raises OutputError.

    Whoever makes the first part does, so that not all try.
    """
    head = {
        "id": week.window.issue_id,
        "window": record.of_window(week.window),
        "newsletter": {"name": week.settings.newsletter.name},
        "key": week.key,
    }
    runs = map(record.of_run, press.picks())
    others = ({"path": each.path, "addresses": sorted(map(canonical, each.addresses))} for each in press.others())
    rows = (json.dumps(row, ensure_ascii=False) for row in (head, *runs, *others))
    place.write(FILE, "".join(f"{row}\n" for row in rows).encode())


def read(place: Storage) -> tuple[Record, list[Record]]:
    """Return the first line and the others. Raises OutputError where they are not there, and ValueError."""
    content = place.read(FILE)
    if content is None:
        problem = "is not there, and it says what readers of that issue had"
        raise OutputError(place.shown(FILE), problem, "bring it back, or make the first part of that issue")
    head, *rows = map(json.loads, content.splitlines())
    return head, rows


@contextmanager
def telling(place: Storage) -> Iterator[None]:
    """Turn what goes wrong with the stories of *place* into an OutputError."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = "is no file of stories that can be read, and it says what readers of that issue had"
        raise OutputError(place.shown(FILE), problem, "bring it back; nothing was changed") from error


def window_of(place: Storage) -> Window:
    """Return the window of the issue in *place*. Raises OutputError."""
    with telling(place):
        return record.window(read(place)[0])


def hold_key(place: Storage, head: Record, key: str) -> None:
    """Raise OutputError where ids are made with another *key* now."""
    if head["key"] != key:
        problem = "is of another key, under which nobody of that issue is known again"
        remedy = "set readers.id to that key; with another editions.out all may come again that readers had"
        raise OutputError(place.shown(FILE), problem, remedy)


def picks(rows: Sequence[Record]) -> list[Record]:
    """Return those of *rows* that an edition may have had."""
    return [row for row in rows if "title" in row]


def considered(past: Past, window: Window, rows: Sequence[Record]) -> Past:
    """Return *past* with what editions of *window* had to choose from; a story that was late may be late again."""
    names = {
        name
        for row in rows
        if "title" not in row or datetime.fromisoformat(row["published"]) >= window.starts_at
        for name in (row["path"], *row["addresses"])
    }
    since = min(past.since or window.first, window.first)
    return replace(past, since=since, considered=past.considered | names)
