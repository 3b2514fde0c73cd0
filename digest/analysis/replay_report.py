"""A replay in words: lines for a terminal, values for JSON. Knows figures, counts nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.analysis import replay as figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.analysis.replay import Figures, Replay, ReplayedWeek
    from digest.model import Pick

PROVIDERS_SHOWN = 5
"""Most providers named a line; the rest is counted."""


def lines(replays: Sequence[Replay]) -> list[str]:
    """Return what one replay, or two side by side, came to: a block a week, then the sums."""
    report: list[str] = []
    apart = figures.differences(*replays) if len(replays) == 2 else []
    for number, weeks in enumerate(zip(*(replay.weeks for replay in replays), strict=True)):
        report += ["", f"{weeks[0].issue.id}  ({weeks[0].issue.window})"]
        for replay, week in zip(replays, weeks, strict=True):
            name = f"{replay.name}: " if len(replays) > 1 else ""
            report += [f"  {name}{summary(figures.figures_of(week))}", *(f"    {line}" for line in _remarks(week))]
            if not apart:
                report += _picks(week)
        if apart:
            report.append(f"  both run {apart[number].both}")
            report += [f"  only {replays[0].name}: {titled(pick)}" for pick in apart[number].only_first]
            report += [f"  only {replays[1].name}: {titled(pick)}" for pick in apart[number].only_second]
    report += ["", f"{counted(len(replays[0].weeks), 'week')} in all"]
    for replay in replays:
        sums = figures.total(replay)
        name = f"{replay.name}: " if len(replays) > 1 else ""
        report += [f"  {name}{summary(sums)}", f"  {name}providers: {shares(sums)}"]
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
    """Return the same for other programs: a mapping a configuration, with its weeks and their picks."""
    return [
        {
            "config": replay.name,
            "total": _as_values(figures.total(replay)),
            "weeks": [
                {
                    "id": week.issue.id,
                    "first": week.issue.window.first.isoformat(),
                    "last": week.issue.window.last.isoformat(),
                    "note": week.note,
                    **_as_values(figures.figures_of(week)),
                    "run": [
                        {
                            "path": pick.article.path,
                            "title": pick.article.title,
                            "heat": pick.article.heat,
                            "provider": pick.article.provider.name,
                            "late": pick.late,
                        }
                        for pick in figures.run(week)
                    ],
                }
                for week in replay.weeks
            ],
        }
        for replay in replays
    ]


def summary(figures: Figures) -> str:
    """Return the figures as a phrase, such as `2 picks of 25 candidates; 1 repeat avoided; 3 merged; 0 late`."""
    repeats = "repeat" if figures.repeats == 1 else "repeats"
    return (
        f"{counted(figures.picks, 'pick')} of {counted(figures.candidates, 'candidate')}; "
        f"{figures.repeats} {repeats} avoided; {figures.merged} merged; {figures.late} carried over"
    )


def shares(figures: Figures) -> str:
    """Return who leads how many of the picks."""
    shown = [f"{name} {count}" for name, count in figures.providers[:PROVIDERS_SHOWN]]
    more = len(figures.providers) - len(shown)
    return ", ".join(shown or ["none"]) + (f" and {more} more" if more else "")


def titled(pick: Pick) -> str:
    """Return a pick as one line."""
    late = ", carried over" if pick.late else ""
    return f"{pick.article.heat_shown:>4}  {pick.article.title} ({pick.article.provider.name}{late})"


def counted(number: int, word: str) -> str:
    """Return `1 week`, `2 weeks`."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _picks(week: ReplayedWeek) -> list[str]:
    if week.is_void:
        return []
    return [
        line
        for section in week.issue.sections
        for line in [f"    {section.title}", *(f"      {titled(pick)}" for pick in section.picks)]
    ]


def _remarks(week: ReplayedWeek) -> list[str]:
    sums = figures.figures_of(week)
    remarks = [week.note] if week.note else []
    remarks += [f"left out: {'; '.join(sums.thin)}"] if sums.thin else []
    return remarks + ([f"providers: {shares(sums)}"] if sums.providers else [])


def _as_values(figures: Figures) -> dict[str, Any]:
    return {
        "candidates": figures.candidates,
        "picks": figures.picks,
        "repeats_avoided": figures.repeats,
        "merged": figures.merged,
        "carried_over": figures.late,
        "sections_left_out": list(figures.thin),
        "providers": dict(figures.providers),
    }
