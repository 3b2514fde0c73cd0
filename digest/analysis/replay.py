"""Past weeks chosen anew under other rules, and the figures by which two replays are compared.

    windows ─▶ for each: shelf ─▶ selection ─▶ Week ─▶ figures ─▶ report (text, JSON)
    weeks                        articles        │  issue         what was        page (HTML with a plot a week)
                                    memory ◀─────┘                counted

The memory starts with what stands in `out/` before the first week and then grows in memory, week by week, as it would
have on disk: the same settings and archive give the picks that `digest build` gave.

An archive named with `{id}` in it, such as `archive/{id}`, is a folder a week, as it stood on that day; any other is
read once for all weeks, as it stands now.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from digest import archive, pipeline
from digest.errors import ArchiveError, EditsError
from digest.issue import memory, record
from digest.model import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.archive import Archive
    from digest.config.settings import Settings
    from digest.model import Issue, Past, Pick


__all__ = ["Replay", "ReplayedWeek", "play", "windows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedWeek:
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
    weeks: tuple[ReplayedWeek, ...]


def play(name: str, settings: Settings, weeks: Sequence[Window]) -> Replay:
    """Choose the issues of *weeks*, oldest first, as builds one after the other would have.

    The editor's files count as they did then; where one does not fit these settings, its week is chosen without it and
    says so. A week with too few stories leaves nothing to remember, as no issue would have been written. Writes
    nothing. Raises ArchiveError, SettingsError and RecordError.
    """
    archives = ArchiveByWeek(settings, weeks)
    past = memory.past(settings, weeks[0]) if weeks else None
    played: list[ReplayedWeek] = []
    for window in weeks:
        week = _choose(settings, window, archives, past)
        needed = max(settings.rules.min_stories, 1)
        if len(week.issue.picks) >= needed:
            past = record.past_of([record.of_choice(week.issue)], onto=past)
        else:
            why = f"no issue: {len(week.issue.picks)} of the {needed} it needs (select.min_stories)"
            week = replace(week, is_void=True, note=f"{why}; {week.note}" if week.note else why)
        played.append(week)
    return Replay(name=name, weeks=tuple(played))


def _choose(settings: Settings, window: Window, archives: ArchiveByWeek, past: Past | None) -> ReplayedWeek:
    read = archives.reader(window)
    try:
        return ReplayedWeek(issue=pipeline.select(settings, window, past=past, read=read).issue)
    except EditsError as error:
        issue = pipeline.select(settings, window, past=past, read=read, edited=False).issue
        return ReplayedWeek(issue=issue, note=f"without the editor's file, which does not fit: {error.lines[0]}")


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


class ArchiveByWeek:
    """The archive of each week, read as seldom as can be."""

    def __init__(self, settings: Settings, weeks: Sequence[Window]) -> None:
        self._settings = settings
        self._reach = timedelta(days=settings.rules.reach_days(remembers=True))
        self._all: Archive | None = None
        if not _by_week(settings):
            days = replace(weeks[0], first=weeks[0].first - self._reach, last=weeks[-1].last)
            self._all = archive.read(settings.archive, settings.reading, within=days)

    def reader(self, week: Window) -> Callable[[Window | None], Archive]:
        """Return what reads the archive for *week*: what it had to choose from, or everything for None."""
        near = replace(week, first=week.first - self._reach)

        def read(within: Window | None) -> Archive:
            if within and self._all is not None:
                return self._all
            return archive.read(self._folders(week), self._settings.reading, within=within and near)

        return read

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
    days = [day for name in names if name.startswith(start) and (day := _day(name[len(start) :][:10]))]
    return sorted({day for day in days if os.path.isdir(f"{before}{day}{behind}")})


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a week, or all weeks together, came to. *providers* are those who lead stories, the most first.

    *thin* names the sections that are left out and why.
    """

    candidates: int
    picks: int
    repeats: int
    merged: int
    late: int
    providers: tuple[tuple[str, int], ...]
    thin: tuple[str, ...] = ()

    @property
    def widest(self) -> tuple[str, int]:
        """The provider who leads most stories, and its share of the picks in percent."""
        name, count = self.providers[0] if self.providers else ("", 0)
        return name, round(100 * count / self.picks) if self.picks else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What two replays of one week do not share: the picks that only the one, and only the other, has."""

    window: Window
    only_first: tuple[Pick, ...]
    only_second: tuple[Pick, ...]
    both: int


def figures_of(week: ReplayedWeek) -> Figures:
    """Return the figures of one week. Where no issue came about, nothing was picked."""
    issue = week.issue
    picks = run(week)
    rules = Counter(verdict.rule for verdict in issue.verdicts)
    return Figures(
        candidates=len(issue.verdicts),
        picks=len(picks),
        repeats=rules["repeat"],
        merged=rules["merged"],
        late=sum(pick.late for pick in picks),
        providers=_ranked(Counter(pick.article.provider.name for pick in picks)),
        thin=issue.empty_sections,
    )


def total(replay: Replay) -> Figures:
    """Return the figures of all weeks together."""
    weeks = [figures_of(week) for week in replay.weeks]
    providers: Counter[str] = Counter()
    for week in weeks:
        providers.update(dict(week.providers))
    return Figures(
        candidates=sum(week.candidates for week in weeks),
        picks=sum(week.picks for week in weeks),
        repeats=sum(week.repeats for week in weeks),
        merged=sum(week.merged for week in weeks),
        late=sum(week.late for week in weeks),
        providers=_ranked(providers),
    )


def run(week: ReplayedWeek) -> tuple[Pick, ...]:
    """Return what the week's issue runs, in reading order."""
    return () if week.is_void else week.issue.picks


def differences(first: Replay, second: Replay) -> list[Difference]:
    """Return, a week, what one replay runs and the other does not; a story is the same whichever article leads it."""
    return [_difference(week, other) for week, other in zip(first.weeks, second.weeks, strict=True)]


def hottest(replays: Sequence[Replay]) -> int:
    """Return the greatest heat of any candidate, at least 1: where a plot of heat ends."""
    heats = [heat for replay in replays for week in replay.weeks for heat in heats_of(week.issue)]
    return max(heats, default=1) or 1


def heats_of(issue: Issue) -> list[int]:
    """Return the heat of each candidate that has one."""
    return [verdict.article.heat for verdict in issue.verdicts if verdict.article.heat is not None]


def _difference(replayed_week: ReplayedWeek, other: ReplayedWeek) -> Difference:
    first, second = run(replayed_week), run(other)
    of_first, of_second = ({path for pick in picks for path in _paths(pick)} for picks in (first, second))
    only_first = tuple(pick for pick in first if not _paths(pick) & of_second)
    return Difference(
        window=replayed_week.issue.window,
        only_first=only_first,
        only_second=tuple(pick for pick in second if not _paths(pick) & of_first),
        both=len(first) - len(only_first),
    )


def _paths(pick: Pick) -> set[str]:
    return {pick.story.lead.path, *(other.path for other in pick.story.others)}


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda provider: (-provider[1], provider[0])))
