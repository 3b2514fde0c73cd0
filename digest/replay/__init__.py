"""Past weeks chosen anew, to see what other rules would have run. Knows selection and memory; writes no issue.

    windows ─▶ for each: shelf ─▶ selection ─▶ Week ─▶ figures ─▶ report (text, JSON)
    weeks                        articles        │  issue         what was        page (HTML with a plot a week)
                                    memory ◀─────┘                counted

The memory starts with what stands in `out/` before the first week and then grows in memory, week by week, as it would
have on disk: the same settings and archive give the picks that `digest build` gave.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest import edits, memory, record, selection
from digest.errors import EditsError
from digest.replay.shelves import Shelf, windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Issue, Past, Window
    from digest.settings import Settings

__all__ = ["Replay", "Week", "play", "windows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week as the rules would have had it.

    *is_void*: too few stories, so no issue came about; *note* says what was out of the ordinary, and is mostly empty.
    """

    issue: Issue
    is_void: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """All weeks under one configuration, which is called *name*."""

    name: str
    weeks: tuple[Week, ...]


def play(name: str, settings: Settings, weeks: Sequence[Window]) -> Replay:
    """Choose the issues of *weeks*, oldest first, as builds one after the other would have.

    The editor's files count as they did then; where one does not fit these settings, its week is chosen without it and
    says so. A week with too few stories leaves nothing to remember, as no issue would have been written. Writes
    nothing. Raises ArchiveError, SettingsError and RecordError.
    """
    shelf = Shelf(settings, weeks)
    past = memory.past(settings, weeks[0]) if weeks else None
    played: list[Week] = []
    for window in weeks:
        week = _choose(settings, window, shelf, past)
        needed = max(settings.rules.min_stories, 1)
        if len(week.issue.picks) >= needed:
            past = record.past_of([record.of_choice(week.issue)], onto=past)
        else:
            why = f"no issue: {len(week.issue.picks)} of the {needed} it needs (select.min_stories)"
            week = replace(week, is_void=True, note=f"{why}; {week.note}" if week.note else why)
        played.append(week)
    return Replay(name=name, weeks=tuple(played))


def _choose(settings: Settings, window: Window, shelf: Shelf, past: Past | None) -> Week:
    articles = shelf.articles(window)
    try:
        wishes = edits.load(settings.edits, window.issue_id)
        if selection.missing(wishes, articles):  # older than what was read, or misspelt
            articles = shelf.everything(window)
        return Week(issue=selection.select(articles, window, settings.rules, past, wishes))
    except EditsError as error:
        issue = selection.select(articles, window, settings.rules, past)
        return Week(issue=issue, note=f"without the editor's file, which does not fit: {error.lines[0]}")
