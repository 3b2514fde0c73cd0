"""Past weeks chosen again under other settings, and the figures by which two replays are compared.

    windows ─▶ for each week: ArchiveByWeek ─▶ selection ─▶ ReplayedWeek ─▶ Figures, Difference ─▶ report, page
                                                  ▲   │
                                                  └ memory

A replay is builds without files: the same selection, and a memory that starts with the issues in `out/` before the
first week and then grows, week by week, by what the replay itself ran. With the same settings and archive it gives the
picks that `digest build` gave, week after week; a test holds it to that.

An archive whose name has `{id}` in it, such as `archive/{id}`, is one folder for each week, as the archive was on that
day. Any other archive is read once for all weeks, as it is now: articles that were changed since count as changed.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from digest import archive, pipeline, steps
from digest.analysis import statistics
from digest.config.values import Query
from digest.errors import ArchiveError, EditsError
from digest.issue import memory, record
from digest.issue import windows as calendar
from digest.model import FIRST_YEAR, Window, day_of_issue
from digest.selection import Tellings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.archive import Archive
    from digest.config.settings import Settings
    from digest.config.values import Source
    from digest.model import Issue, Pick
    from digest.pipeline import Reader


__all__ = ["Replay", "ReplayedWeek", "play", "windows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedWeek:
    """One week as it would have been chosen.

    *is_void* is True where too few stories were picked for an issue, so that a build would have written none; the picks
    are in *issue* all the same, and `run` leaves them out. *note* says what was unusual, and is mostly empty. *muted*
    are the picks that the week would have had without the settings' rules to mute, each with the place of the rule that
    took it.
    """

    issue: Issue
    muted: tuple[tuple[Pick, str], ...] = ()
    is_void: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """All weeks under one configuration, oldest first; *name* is what reports call it."""

    name: str
    weeks: tuple[ReplayedWeek, ...]


def play(several: Sequence[tuple[str, Settings]], weeks: Sequence[Window]) -> list[Replay]:
    """Return the issues of *weeks* under each of *several* settings, as builds one after the other would choose them.

    *weeks* are oldest first, as `windows` returns them. The editor's files count as in a build; where one does not fit
    the settings, such as for a section that they do not have, its week is chosen without it and has a note. A week with
    too few stories is not remembered, as no issue would have been written. Raises ArchiveError, SettingsError and
    RecordError.
    """
    archives: list[ArchiveByWeek] = []
    for _, settings in several:
        same = next((before for before in archives if before.serves(settings)), None)
        archives.append(same or ArchiveByWeek(settings, weeks))
    players = [_Player(settings, weeks) for _, settings in several]
    for window in steps.each(weeks, "choosing weeks"):
        # Week by week and not settings by settings: those that tell a week alike tell it once. No week tells another.
        readers = {each: each.reader(window) for each in archives}
        tellings = Tellings(_TELLINGS * len(several))
        for player, each in zip(players, archives, strict=True):
            player.play(window, readers[each], tellings)
    return [Replay(name=name, weeks=tuple(player.weeks)) for (name, _), player in zip(several, players, strict=True)]


_TELLINGS = 4
"""Tellings that a week may take under one of the settings: with and without muting, each with a thin section."""


class _Player:
    """Plays one week after the other under *settings*; each is remembered in the next."""

    def __init__(self, settings: Settings, weeks: Sequence[Window]) -> None:
        self.weeks: list[ReplayedWeek] = []
        self._settings = settings
        self._past = memory.past(settings, weeks[0]) if weeks else None

    def play(self, window: Window, read: Reader, tellings: Tellings) -> None:
        """Choose the next week from what *read* reads, with what *tellings* know of it."""
        week = self._choose(window, read, tellings)
        # An issue without any story is not written even where the settings ask for none.
        needed = max(self._settings.rules.min_stories, 1)
        if len(week.issue.picks) >= needed:
            self._past = record.past_of([record.of_choice(week.issue)], onto=self._past)
        else:
            why = f"no issue: {len(week.issue.picks)} of the {needed} it needs (select.min_stories)"
            week = replace(week, is_void=True, note=f"{why}; {week.note}" if week.note else why)
        self.weeks.append(week)

    def _choose(self, window: Window, read: Reader, tellings: Tellings) -> ReplayedWeek:
        settings, past = self._settings, self._past

        def chosen(*, edited: bool) -> ReplayedWeek:
            choose = partial(pipeline.select, window=window, past=past, read=read, edited=edited, tellings=tellings)
            issue = choose(settings).issue
            if not any(verdict.muted_by for verdict in issue.verdicts):
                return ReplayedWeek(issue=issue)
            unmuted = replace(settings, rules=replace(settings.rules, mute=(), adverts_run=True))
            return ReplayedWeek(issue=issue, muted=_muted_picks(issue, choose(unmuted).issue))

        try:
            return chosen(edited=True)
        except EditsError as error:
            note = f"without the editor's file, which does not fit: {error.lines[0]}"
            return replace(chosen(edited=False), note=note)


def _muted_picks(issue: Issue, unmuted: Issue) -> tuple[tuple[Pick, str], ...]:
    """Return the picks of *unmuted*, chosen without the rules, that *issue* lacks for one, each with its rule."""
    rules = {verdict.article.path: verdict.muted_by for verdict in issue.verdicts if verdict.muted_by}
    return tuple((pick, rules[pick.article.path]) for pick in unmuted.picks if pick.article.path in rules)


PLACE = "{id}"
"""What stands for a week's last day in the name of an archive folder."""


def windows(
    settings: Settings, *, first: date | None, last: date | None, count: int | None, today: date | None = None
) -> list[Window]:
    """Return the weeks to replay, oldest first: those that end from *first* to *last*, at most the *count* latest.

    A week is as long as `window` says. Weeks follow each other without a gap, and the last one ends on *last*, by
    default on the day of the newest issue in `out/`, and without one on that of the newest article up to *today*. Of a
    calendar it is the one that has that day. Without *first* and *count* it is that one week. For an archive with
    `{id}` the weeks are those that it has a folder for, and since the last issue they are those of the issues that were
    sent. Raises ArchiveError where there is none, or where the archive cannot be read, and RecordError.
    """
    weeks = _given(settings)
    if weeks is not None:
        chosen = [week for week in weeks if first is None or week.last >= first]
        chosen = [week for week in chosen if last is None or week.last <= last]
    else:
        chosen = _regular(settings, first, last or _newest(settings, today), count)
    if not chosen:
        raise ArchiveError(settings.archive_in_words, "no week of those days", "name others with --from and --to")
    return chosen[-count:] if count else chosen


def _given(settings: Settings) -> list[Window] | None:
    """Return the weeks that the archive has folders for, or that were sent; None where the calendar says them."""
    if _by_week(settings):
        return [calendar.of_calendar(settings, day) for day in _folder_days(settings)]
    if settings.window.since_sent and settings.window.every is None:
        # Before the first one was sent they are as the settings say besides.
        return calendar.sent(settings) or None
    return None


class ArchiveByWeek:
    """The archive of each week: one folder is read once for all, one with `{id}` in its name for each week.

    *weeks* are all that will be asked for, oldest first. Raises ArchiveError.
    """

    def __init__(self, settings: Settings, weeks: Sequence[Window]) -> None:
        self._settings = settings
        self._reach = timedelta(days=settings.rules.reach_days(remembers=True))
        self._all: Archive | None = None
        if not _by_week(settings):
            # Everything that any week may ask for, with what lies before the first one and may be carried over; and a
            # day more, since the hours or the zone of the first week may have been others.
            days = weeks[-1].from_day(weeks[0].first - self._reach - timedelta(days=1))
            self._all = archive.read(settings.archive, settings.reading, within=days)

    def serves(self, settings: Settings) -> bool:
        """Whether this is the archive of *settings*, too: the same folders, read alike and reaching as far back."""
        mine = self._settings
        return (settings.archive, settings.reading, settings.rules.reach_days(remembers=True)) == (
            mine.archive,
            mine.reading,
            self._reach.days,
        )

    def reader(self, week: Window) -> Reader:
        """Return the function that reads the archive as it was in *week*, as `pipeline.select` takes it.

        Called with a window it returns at least the articles of *week* and of the days that the rules reach back to;
        selection takes none from outside its window, so more does not hurt. Called with None it reads all days. What
        it has read it returns again.
        """
        near = week.from_day(week.first - self._reach)

        @cache
        def read(within: Window | None) -> Archive:
            if within and self._all is not None:
                return self._all
            return archive.read(self._folders(week), self._settings.reading, within=within and near)

        return read

    def _folders(self, week: Window) -> list[Source]:
        """Return the archive's sources in *week*; those without `{id}` in their name are the same in every week."""
        return [
            source if isinstance(source, Query) else source.replace(PLACE, week.issue_id)
            for source in self._settings.archive
        ]


def _by_week(settings: Settings) -> bool:
    """Whether the archive has a folder, or a table, for each week."""
    return any(PLACE in str(source) for source in settings.archive if not isinstance(source, Query))


def _folder_days(settings: Settings) -> list[date]:
    """Return the days that the archive with `{id}` in its name has a folder for, oldest first. Raises ArchiveError."""
    before, _, behind = next(name for name in map(str, settings.archive) if PLACE in name).partition(PLACE)
    parent, start = os.path.split(before)
    try:
        names = os.listdir(parent or ".")
    except OSError as error:
        raise ArchiveError(parent, f"cannot be read ({error.strerror})", "name your archive with --archive") from error
    days = [day for name in names if name.startswith(start) and (day := _day(name[len(start) :][:10]))]
    # Of two letters of one day each has folders with its own suffix.
    suffix = settings.window.suffix and f"-{settings.window.suffix}"
    return sorted({day for day in days if os.path.exists(f"{before}{day}{suffix}{behind}")})


def _day(word: str) -> date | None:
    try:
        # The length: `fromisoformat` also reads 20201111, which is no name of an issue.
        return date.fromisoformat(word) if len(word) == 10 else None
    except ValueError:
        return None


def _regular(settings: Settings, first: date | None, last: date, count: int | None) -> list[Window]:
    """Return the weeks that end from *first* on, or the *count* latest, up to the one that has *last*, oldest first."""
    weeks = [calendar.of_calendar(settings, last)]
    while (count is None or len(weeks) < count) and (first or count) and weeks[-1].first.year >= FIRST_YEAR:
        before = calendar.before(settings, weeks[-1])
        if first and before.last < first:
            break
        weeks.append(before)
    return weeks[::-1]


def _newest(settings: Settings, today: date | None) -> date:
    """Return the day of the newest issue in `out/`, else of the newest article up to *today*.

    Raises ArchiveError without either.
    """
    built = [day_of_issue(name) for name in record.issues(settings.out) if calendar.is_named_by(settings, name)]
    if built:
        return max(built)
    moments = [
        article.published_at
        for article in archive.read(settings.archive, settings.reading).articles
        if article.published_at
    ]
    if not moments:
        raise ArchiveError(settings.archive_in_words, "no article has a date", "name the last day with --to")
    # Only a window knows which day a moment is of; its own days do not matter here.
    days = Window(first=date.min, last=date.min, timezone=settings.newsletter.timezone)
    return max(statistics.so_far(map(days.day_of, moments), today))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of a week, or of all weeks together.

    *repeats* are candidates that earlier issues ran, *merged* those that tell a story that another one leads, *late*
    picks that were carried over from the days before the window. *providers* are those of the leading articles with
    how many stories each leads, the most first. *thin* says of each section that is left out why; of all weeks
    together it is empty.
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
        """The provider that leads most stories, and its share of the picks in percent, rounded.

        An empty name and 0 where nothing was picked.
        """
        name, count = self.providers[0] if self.providers else ("", 0)
        return name, round(100 * count / self.picks) if self.picks else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The picks of one week that only the first or only the second replay runs, and how many *both* run.

    Both are in reading order. *window* is the week, which is the same in both replays.
    """

    window: Window
    only_first: tuple[Pick, ...]
    only_second: tuple[Pick, ...]
    both: int


def figures_of(week: ReplayedWeek) -> Figures:
    """Return the figures of one week; in a void one nothing was picked."""
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
    """Return the figures of all weeks together; a candidate of two weeks counts in both."""
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
    """Return the picks that readers would have got, in reading order: none in a void week."""
    return () if week.is_void else week.issue.picks


def differences(first: Replay, second: Replay) -> list[Difference]:
    """Return the differences of two replays of the same weeks, one for each week.

    A story is the same whichever of its articles leads it: other rules may merge it in another way.
    """
    return [_difference(week, other) for week, other in zip(first.weeks, second.weeks, strict=True)]


def hottest(replays: Sequence[Replay]) -> float:
    """Return the greatest heat of any candidate in *replays*, 1 without any: all plots of a page end there."""
    heats = [heat for replay in replays for week in replay.weeks for heat in heats_of(week.issue)]
    return max(heats, default=1) or 1


def heats_of(issue: Issue) -> list[float]:
    """Return the heats of the candidates that have one, in the order of the verdicts."""
    return [verdict.article.heat for verdict in issue.verdicts if verdict.article.heat is not None]


def _difference(replayed_week: ReplayedWeek, other: ReplayedWeek) -> Difference:
    """Return the difference of two replays of one week."""
    # By any article of a story, so *both* is counted from the first; the second may have split one of its stories.
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
    """Return the paths of all articles of a pick's story."""
    return {pick.story.lead.path, *(other.path for other in pick.story.others)}


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    # Not `most_common`, which leaves equal counts in the order in which they came.
    return tuple(sorted(counts.items(), key=lambda provider: (-provider[1], provider[0])))
