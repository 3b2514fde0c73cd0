"""Articles and a window to an Issue with a verdict for every candidate. Pure: no disk, no clock, no rendering.

    articles ─▶ candidates ─▶ stories ─▶ edits, memory ─▶ sections ─▶ assignment ─▶ Issue
                of the        who tells   what has run,    which       who gets a
                window, and   the same?   what the editor  are there   slot
                late ones                 dropped

Each step takes some candidates out of the race and leaves a verdict for each; what is left at the end is picked.

Decisions: docs/decisions/selection.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.model import Edits, Issue, Past
from digest.selection import (
    assignment,
    candidates,
    contenders,
    default_sections,
    joining,
    latecomers,
    reasons,
    sections,
)
from digest.selection import edits as editing
from digest.selection.candidates import repeats
from digest.selection.edits import missing
from digest.selection.telling import Tellings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.config.values import Rules, SectionPlan
    from digest.model import Article, Story, Verdict, Window
    from digest.selection.assignment import Assignment
    from digest.selection.candidates import Candidates, Remembered
    from digest.selection.edits import Places
    from digest.selection.telling import Telling


__all__ = ["Tellings", "missing", "repeats", "select"]


def select(
    articles: Sequence[Article],
    window: Window,
    rules: Rules,
    past: Past | None = None,
    edits: Edits | None = None,
    tellings: Tellings | None = None,
) -> Issue:
    """Choose the issue of *window*.

    *articles* may hold more than the window: what is older may be late, pinned, or fill a thin section. The stories
    that *edits* name must be among them.

    Guarantees: the same arguments give the same issue, whatever the order of the articles; no story takes two slots; no
    story left out for want of a slot ranks above one that could have given up its own; what an earlier issue ran is not
    run again, but as an update with something new; the editor's word wins; every candidate has exactly one verdict.
    Raises EditsError.
    """
    memories, considered = past or Past(), tuple(articles)
    resolved = editing.resolve(edits or Edits(), considered)
    tellings = tellings or Tellings()

    def race(widening: tuple[SectionPlan, ...] = ()) -> _Race:
        telling = tellings.of(considered, window, rules.telling, memories, resolved, widening)
        return _raced(telling, rules.told_by(telling.rules), memories, resolved)

    run = race()
    # Only now is known which sections are thin; what they look back to may tell the same story as an article of the
    # window, so everything is chosen again.
    thin = [plan for plan in rules.plans or () if plan.thin == "widen" and run.seated(plan) < plan.minimum]
    run = race(tuple(thin)) if thin else run
    # Only now are all candidates known: a thin section may have brought some in.
    joining.candidates_only(edits or Edits(), resolved, {article.path for article in run.telling.pool.candidates})
    return _issue(run, memories)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Race:
    """Stories that raced for slots: what took the others out before, and who won. *edits* are by path."""

    telling: Telling
    rules: Rules
    edits: Edits
    remembered: Remembered
    dropped: Sequence[Verdict]
    cold: Sequence[Verdict]
    outcome: Assignment

    def seated(self, plan: SectionPlan) -> int:
        """Return how many stories the section called as *plan* has."""
        return sum(
            len(seats)
            for other, seats in zip(self.outcome.seating.plans, self.outcome.seating.seats, strict=True)
            if other.title == plan.title
        )


def _raced(telling: Telling, rules: Rules, past: Past, edits: Edits) -> _Race:
    """Take the stories that may not run out of the race, one rule after the other, and assign slots to the rest."""
    pool = telling.pool
    pinned = [story for story in telling.ranked if not pool.pinned.isdisjoint(editing.paths(story))]
    free = [story for story in telling.ranked if story not in pinned]
    free, dropped = editing.dropped(free, edits)
    remembered = candidates.not_repeated(free, past, pool.window, rules, telling.retold)
    warm, cold = candidates.warm_enough(remembered.stories, rules.min_heat)
    entering = {story.lead.path for story in (*pinned, *warm)}
    racing = tuple(story for story in telling.ranked if story.lead.path in entering)
    plans, places = _planned(racing, telling, rules, edits)
    outcome = assignment.assign(contenders.of_race(racing, plans, pool, places), plans, rules)
    return _Race(
        telling=telling,
        rules=rules,
        edits=edits,
        remembered=remembered,
        dropped=dropped,
        cold=cold,
        outcome=latecomers.behind_the_window(outcome, pool, rules),
    )


def _planned(
    racing: Sequence[Story], telling: Telling, rules: Rules, edits: Edits
) -> tuple[tuple[SectionPlan, ...], Places]:
    """Return the sections of the issue, of the settings or of the week, and where in them the editor places stories."""
    numbered = tuple(enumerate(racing))
    if rules.plans is not None:
        return rules.plans, editing.placements(numbered, edits, rules.plans)
    wanted = [*(pin.section for pin in edits.pins), *(section for _, section in edits.moves)]
    plans = default_sections.of_week(racing, rules)
    plans = default_sections.for_editor(plans, wanted, telling.ranked, rules)
    # A drop may take a section out of the issue that the editor has ordered before: that is no misspelt title.
    # So may a week that its topics hold leave out the section for the rest.
    rest = {title.casefold() for title in (rules.more_title, rules.all_title)}
    waits = edits.order or edits.blocks or edits.sections
    topics = rest.union(*(story.topic_keys for story in telling.ranked)) if waits else frozenset()
    return plans, editing.placements(numbered, edits, plans, topics)


def _issue(run: _Race, past: Past) -> Issue:
    """Return the issue of a race, with the verdict of each candidate."""
    telling, rules, edits, pool, updates = run.telling, run.rules, run.edits, run.telling.pool, run.remembered.updates
    refused = reasons.refused(run.outcome, pool, rules)
    verdicts = [*telling.unable, *run.dropped, *run.remembered.verdicts, *run.cold, *refused]
    verdicts += [verdict for merged in telling.told for verdict in reasons.merged(*merged)]
    verdicts += reasons.seated(run.outcome, pool, edits, rules, updates)
    unable = {verdict.article.path for verdict in telling.unable}
    verdicts = joining.remarked(verdicts, edits, unable, telling.week.near_misses)
    return Issue(
        window=pool.window,
        sections=sections.of(run.outcome, pool, rules, edits, sections.picking(telling, edits, updates)),
        verdicts=_in_order(pool, reasons.told_apart(verdicts, telling.week.near_misses)),
        empty_sections=sections.empty(run.outcome),
        edits=edits,
        rehearsals=past.rehearsals,
    )


def _in_order(pool: Candidates, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    of = {verdict.article.path: verdict for verdict in verdicts}
    return tuple(of[article.path] for article in pool.candidates)
