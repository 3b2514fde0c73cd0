"""Which weeks there are, and the articles each had to choose from. Knows folders and days; chooses nothing.

An archive named with `{id}` in it, such as `archive/{id}`, is a folder a week, as it stood on that day; any other is
read once for all weeks, as it stands now.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from digest import archive, record
from digest.errors import ArchiveError
from digest.model import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Article
    from digest.settings import Settings

PLACE = "{id}"
"""Stands for a week's last day in the name of an archive folder."""


def windows(settings: Settings, *, first: date | None, last: date | None, count: int | None) -> list[Window]:
    """Return the weeks to replay, oldest first: those of *first* to *last*, at most the *count* latest of them.

    They lie end to end and the last ends on *last*: by default on the day of the newest issue, where there is none of
    the newest article. In an archive with `{id}` they are the days that it has a folder of. Raises ArchiveError.
    """
    days = _folder_days(settings) if _by_week(settings) else None
    if days is None:
        days = _regular_days(settings, first, last or _newest(settings), count)
    chosen = [day for day in days if (first is None or day >= first) and (last is None or day <= last)]
    if not chosen:
        raise ArchiveError(", ".join(settings.archive), "no week of those days", "name others with --from and --to")
    span, zone = timedelta(days=settings.days - 1), settings.newsletter.timezone
    return [Window(first=day - span, last=day, timezone=zone) for day in (chosen[-count:] if count else chosen)]


class Shelf:
    """The articles of each week, read as seldom as can be."""

    def __init__(self, settings: Settings, weeks: Sequence[Window]) -> None:
        self._settings = settings
        self._reach = timedelta(days=settings.rules.reach_days)
        self._all: tuple[Article, ...] | None = None
        if not _by_week(settings):
            days = replace(weeks[0], first=weeks[0].first - self._reach, last=weeks[-1].last)
            self._all = archive.read(settings.archive, settings.reading, within=days).articles

    def articles(self, week: Window) -> tuple[Article, ...]:
        """Return what *week* had to choose from, and what of the weeks before it may matter. Raises ArchiveError."""
        if self._all is not None:
            return self._all
        return self._read(week, within=replace(week, first=week.first - self._reach))

    def everything(self, week: Window) -> tuple[Article, ...]:
        """Return all articles there are, of whatever day. Raises ArchiveError."""
        return self._read(week)

    def _read(self, week: Window, *, within: Window | None = None) -> tuple[Article, ...]:
        return archive.read(self._folders(week), self._settings.reading, within=within).articles

    def _folders(self, week: Window) -> list[str]:
        return [folder.replace(PLACE, week.issue_id) for folder in self._settings.archive]


def _by_week(settings: Settings) -> bool:
    return any(PLACE in folder for folder in settings.archive)


def _folder_days(settings: Settings) -> list[date]:
    """The days for which there is a folder, oldest first."""
    before, _, behind = next(folder for folder in settings.archive if PLACE in folder).partition(PLACE)
    parent, start = os.path.split(before)
    try:
        names = os.listdir(parent or ".")
    except OSError as error:
        raise ArchiveError(parent, f"cannot be read ({error.strerror})", "name your archive with --archive") from error
    found = [day for name in names if name.startswith(start) and (day := _day(name[len(start) :][:10]))]
    return sorted({day for day in found if os.path.isdir(f"{before}{day}{behind}")})


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if len(word) == 10 else None
    except ValueError:
        return None


def _regular_days(settings: Settings, first: date | None, last: date, count: int | None) -> list[date]:
    """The last day of each week from *first* on, or of the *count* latest, oldest first."""
    days = [last]
    step = timedelta(days=settings.days)
    while (count is None or len(days) < count) and (first is None or days[0] - step >= first) and (first or count):
        days.insert(0, days[0] - step)
    return days


def _newest(settings: Settings) -> date:
    """The day of the newest issue built, else of the newest article."""
    built = [day for name in record.issues(settings.out) if (day := _day(name))]
    if built:
        return max(built)
    moments = [
        article.published_at
        for article in archive.read(settings.archive, settings.reading).articles
        if article.published_at
    ]
    if not moments:
        raise ArchiveError(", ".join(settings.archive), "no article has a date", "name the last day with --to")
    today = Window(first=date.min, last=date.min, timezone=settings.newsletter.timezone)
    return today.day_of(max(moments))
