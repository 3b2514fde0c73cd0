"""A replay counted: what each week picked, avoided, merged and left out, and where two replays differ. No words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Issue, Pick, Window
    from digest.replay import Replay, Week


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


def of(week: Week) -> Figures:
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
    weeks = [of(week) for week in replay.weeks]
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


def run(week: Week) -> tuple[Pick, ...]:
    """Return what the week's issue runs, in reading order."""
    return () if week.is_void else week.issue.picks


def differences(first: Replay, second: Replay) -> list[Difference]:
    """Return, a week, what one replay runs and the other does not; a story is the same whichever article leads it."""
    return [_difference(one, other) for one, other in zip(first.weeks, second.weeks, strict=True)]


def hottest(replays: Sequence[Replay]) -> int:
    """Return the greatest heat of any candidate, at least 1: where a plot of heat ends."""
    heats = [heat for replay in replays for week in replay.weeks for heat in heats_of(week.issue)]
    return max(heats, default=1) or 1


def heats_of(issue: Issue) -> list[int]:
    """Return the heat of each candidate that has one."""
    return [verdict.article.heat for verdict in issue.verdicts if verdict.article.heat is not None]


def _difference(one: Week, other: Week) -> Difference:
    first, second = run(one), run(other)
    of_first, of_second = ({path for pick in picks for path in _paths(pick)} for picks in (first, second))
    only_first = tuple(pick for pick in first if not _paths(pick) & of_second)
    return Difference(
        window=one.issue.window,
        only_first=only_first,
        only_second=tuple(pick for pick in second if not _paths(pick) & of_first),
        both=len(first) - len(only_first),
    )


def _paths(pick: Pick) -> set[str]:
    return {pick.story.lead.path, *(other.path for other in pick.story.others)}


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
