"""A replay in words: lines for a terminal and values for JSON.

It counts nothing itself: what both say and what the page draws are the figures of `replay`, so they cannot disagree.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from digest.analysis.replay import differences, figures_of, run, total
from digest.text.numbers import column, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.analysis.replay import Figures, Replay, ReplayedWeek
    from digest.model import Pick

PROVIDERS_SHOWN = 5
"""Providers that a line names; the others are counted, so that a line fits a terminal."""


def lines(replays: Sequence[Replay]) -> list[str]:
    """Return the report of one replay, or of two that are compared: a block for each week, then the sums.

    Of one replay a week lists its picks by section; of two only the picks that they do not share.
    """
    report: list[str] = []
    apart = differences(*replays) if len(replays) == 2 else []
    for number, weeks in enumerate(zip(*(replay.weeks for replay in replays), strict=True)):
        report += ["", f"{weeks[0].issue.id}  ({weeks[0].issue.window})"]
        for replay, week in zip(replays, weeks, strict=True):
            name = f"{replay.name}: " if len(replays) > 1 else ""
            report += [f"  {name}{summary(figures_of(week))}", *(f"    {line}" for line in _remarks(week))]
            report += _muted(week)
            if not apart:
                report += _picks(week)
        if apart:
            report.append(f"  both run {apart[number].both}")
            report += _only(replays[0].name, apart[number].only_first)
            report += _only(replays[1].name, apart[number].only_second)
    report += ["", f"{counted(len(replays[0].weeks), 'week')} in all"]
    for replay in replays:
        sums = total(replay)
        name = f"{replay.name}: " if len(replays) > 1 else ""
        report += [f"  {name}{summary(sums)}", f"  {name}providers: {shares(sums)}"]
        report += [f"  {name}{line}" for line in _muted_in_all(replay)]
    if apart:
        first, second = (
            sum(len(difference.only_first) for difference in apart),
            sum(len(difference.only_second) for difference in apart),
        )
        report.append(
            f"  only {replays[0].name} {first}, only {replays[1].name} {second}, "
            f"both {sum(difference.both for difference in apart)}"
        )
    return report[1:]


def values(replays: Sequence[Replay]) -> list[dict[str, Any]]:
    """Return the report for other programs: one mapping for each configuration, with its weeks and their picks.

    Days are in ISO 8601. The keys are public: programs read them from `digest replay --json`.
    """
    return [
        {
            "config": replay.name,
            "total": _as_values(total(replay)),
            "weeks": [
                {
                    "id": week.issue.id,
                    "first": week.issue.window.first.isoformat(),
                    "last": week.issue.window.last.isoformat(),
                    "note": week.note,
                    **_as_values(figures_of(week)),
                    "muted": [{**_as_value(pick), "muted_by": place} for pick, place in week.muted],
                    "run": [_as_value(pick) for pick in run(week)],
                }
                for week in replay.weeks
            ],
        }
        for replay in replays
    ]


def summary(figures: Figures) -> str:
    """Return figures as a phrase: `2 picks of 25 candidates; 1 repeat avoided; 3 merged; 0 carried over`."""
    repeats = "repeat" if figures.repeats == 1 else "repeats"
    return (
        f"{counted(figures.picks, 'pick')} of {counted(figures.candidates, 'candidate')}; "
        f"{figures.repeats} {repeats} avoided; {figures.merged} merged; {figures.late} carried over"
    )


def shares(figures: Figures) -> str:
    """Return the providers with how many picks each leads, such as `Harbour Times 3, Gazette 1 and 2 more`."""
    shown = [f"{name} {count}" for name, count in figures.providers[:PROVIDERS_SHOWN]]
    more = len(figures.providers) - len(shown)
    return ", ".join(shown or ["none"]) + (f" and {more} more" if more else "")


def titled(pick: Pick, heat: str = "") -> str:
    """Return a pick as a line: its heat, its headline in the archive's words, and its provider.

    *heat* is how it is shown beside that of others.
    """
    late = ", carried over" if pick.late else ""
    return f"{heat or shown(pick.article.heat)}  {pick.article.title} ({pick.article.provider.name}{late})"


def counted(number: int, word: str) -> str:
    """Return a number with a regular noun, such as `1 week` or `1,200 weeks`."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _picks(week: ReplayedWeek) -> list[str]:
    """Return the picks of a week by section; none where no issue came about."""
    if week.is_void:
        return []
    heats = iter(column(pick.article.heat for pick in week.issue.picks))
    return [
        line
        for section in week.issue.sections
        for line in [f"    {section.title}", *(f"      {titled(pick, next(heats))}" for pick in section.picks)]
    ]


def _muted(week: ReplayedWeek) -> list[str]:
    """Return the picks that a rule of the settings took from a week, the rule first."""
    return [f"    muted by {place}: {titled(pick)}" for pick, place in week.muted]


def _muted_in_all(replay: Replay) -> list[str]:
    """Return what each rule to mute took from all weeks together: what it costs."""
    costs = Counter(place for week in replay.weeks for _, place in week.muted)
    return [f"{place} took {counted(count, 'pick')}" for place, count in costs.items()]


def _only(name: str, picks: Sequence[Pick]) -> list[str]:
    """Return the picks that one of two replays has alone."""
    heats = column(pick.article.heat for pick in picks)
    return [f"  only {name}: {titled(pick, heat)}" for pick, heat in zip(picks, heats, strict=True)]


def _remarks(week: ReplayedWeek) -> list[str]:
    """Return what else there is to say of a week: its note, sections left out, providers."""
    sums = figures_of(week)
    remarks = [week.note] if week.note else []
    remarks += [f"left out: {'; '.join(sums.thin)}"] if sums.thin else []
    return remarks + ([f"providers: {shares(sums)}"] if sums.providers else [])


def _as_value(pick: Pick) -> dict[str, Any]:
    """Return a pick by the names that other programs know its fields by."""
    return {
        "path": pick.article.path,
        "title": pick.article.title,
        "heat": pick.article.heat,
        "provider": pick.article.provider.name,
        "late": pick.late,
    }


def _as_values(figures: Figures) -> dict[str, Any]:
    """Return figures by the names that other programs know them by."""
    # Written out: the fields of Figures may be renamed, these keys may not.
    return {
        "candidates": figures.candidates,
        "picks": figures.picks,
        "repeats_avoided": figures.repeats,
        "merged": figures.merged,
        "carried_over": figures.late,
        "sections_left_out": list(figures.thin),
        "providers": dict(figures.providers),
    }
