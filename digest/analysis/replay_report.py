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
    found: list[str] = []
    apart = figures.differences(*replays) if len(replays) == 2 else []
    for number, weeks in enumerate(zip(*(replay.weeks for replay in replays), strict=True)):
        found += ["", f"{weeks[0].issue.id}  ({weeks[0].issue.window})"]
        for replay, week in zip(replays, weeks, strict=True):
            name = f"{replay.name}: " if len(replays) > 1 else ""
            found += [f"  {name}{summary(figures.figures_of(week))}", *(f"    {line}" for line in _remarks(week))]
            if not apart:
                found += _picks(week)
        if apart:
            found.append(f"  both run {apart[number].both}")
            found += [f"  only {replays[0].name}: {titled(pick)}" for pick in apart[number].only_first]
            found += [f"  only {replays[1].name}: {titled(pick)}" for pick in apart[number].only_second]
    found += ["", f"{counted(len(replays[0].weeks), 'week')} in all"]
    for replay in replays:
        sums = figures.total(replay)
        name = f"{replay.name}: " if len(replays) > 1 else ""
        found += [f"  {name}{summary(sums)}", f"  {name}providers: {shares(sums)}"]
    if apart:
        first, second = sum(len(one.only_first) for one in apart), sum(len(one.only_second) for one in apart)
        found.append(
            f"  only {replays[0].name} {first}, only {replays[1].name} {second}, both {sum(one.both for one in apart)}"
        )
    return found[1:]


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


def summary(found: Figures) -> str:
    """Return the figures as a phrase, such as `2 picks of 25 candidates; 1 repeat avoided; 3 merged; 0 late`."""
    repeats = "repeat" if found.repeats == 1 else "repeats"
    return (
        f"{counted(found.picks, 'pick')} of {counted(found.candidates, 'candidate')}; "
        f"{found.repeats} {repeats} avoided; {found.merged} merged; {found.late} carried over"
    )


def shares(found: Figures) -> str:
    """Return who leads how many of the picks."""
    shown = [f"{name} {count}" for name, count in found.providers[:PROVIDERS_SHOWN]]
    more = len(found.providers) - len(shown)
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
    found = figures.figures_of(week)
    remarks = [week.note] if week.note else []
    remarks += [f"left out: {'; '.join(found.thin)}"] if found.thin else []
    return remarks + ([f"providers: {shares(found)}"] if found.providers else [])


def _as_values(found: Figures) -> dict[str, Any]:
    return {
        "candidates": found.candidates,
        "picks": found.picks,
        "repeats_avoided": found.repeats,
        "merged": found.merged,
        "carried_over": found.late,
        "sections_left_out": list(found.thin),
        "providers": dict(found.providers),
    }
