"""Articles and a window to an Issue with a verdict for every candidate. Pure: knows no disk, no clock, no look.

    articles ─▶ candidates ─▶ sift ─▶ stories ─▶ edits, memory ─▶ sections ─▶ seating, slots ─▶ Issue
                of the       may it   who tells   what has run,   which      who gets in
                window, and  run?     the same?   what the editor are there
                late ones                         dropped

Each step takes some candidates out of the race and leaves a verdict for each; what is left at the end is picked.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from digest.model import Edits, Issue, Past, Pick, Section
from digest.selection import candidates, memory, order, seating, sections, sift, verdicts
from digest.selection import edits as editing
from digest.selection.edits import missing
from digest.selection.memory import repeats
from digest.selection.reuse import Reuse
from digest.selection.telling import tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.model import Article, Pin, Rules, SectionPlan, Story, Verdict, Window
    from digest.selection.candidates import Field
    from digest.selection.seating import Outcome
    from digest.selection.telling import Telling


__all__ = ["Reuse", "missing", "repeats", "select"]


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Pause the garbage collector: selection makes no cycles, and to search 50,000 articles for some takes as long."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_no_search_for_cycles()
def select(
    articles: Sequence[Article],
    window: Window,
    rules: Rules,
    past: Past | None = None,
    edits: Edits | None = None,
    reuse: Reuse | None = None,
) -> Issue:
    """Choose the issue of *window*.

    *articles* may hold more than the window: what is older may be late, pinned, or fill a thin section. The stories
    that *edits* name must be among them. Who chooses again and again among the same gives the same *reuse* each time.

    Guarantees: the same arguments give the same issue, whatever the order of the articles; no story takes two slots; no
    story left out for want of a slot ranks above one that could have given up its own; what an earlier issue ran is not
    run again; the editor's word wins; every candidate has exactly one verdict. Raises EditsError.
    """
    memories, steps, known = past or Past(), reuse or Reuse(), tuple(articles)
    wishes = editing.resolve(edits or Edits(), known)

    def run(widening: tuple[SectionPlan, ...] = ()) -> Issue:
        telling = steps.of(_told, known, window, rules, memories, wishes.pins, widening)
        return _run(telling, window, memories, wishes, steps)

    issue = run()
    picked = {section.title: len(section.picks) for section in issue.sections}
    thin = [plan for plan in rules.plans or () if plan.thin == "widen" and picked.get(plan.title, 0) < plan.minimum]
    return run(tuple(thin)) if thin else issue


def _told(
    articles: tuple[Article, ...],
    window: Window,
    rules: Rules,
    past: Past,
    pins: tuple[Pin, ...],
    widening: tuple[SectionPlan, ...],
) -> Telling:
    return tell(candidates.gather(articles, window, rules, past, pins, widening), rules)


def _run(telling: Telling, window: Window, past: Past, edits: Edits, steps: Reuse) -> Issue:
    field, rules = telling.field, telling.rules
    pinned = [story for story in telling.ranked if field.pinned.intersection(editing.paths(story))]
    running = [story for story in telling.ranked if story not in pinned]
    running, dropped = editing.dropped(running, edits)
    running, repeats = memory.fresh(running, past, window, rules)
    running, cold = sift.warm_enough(running, rules.min_heat)
    entering = {story.lead.path for story in (*pinned, *running)}
    racing = tuple(story for story in telling.ranked if story.lead.path in entering)
    if rules.plans is not None:
        plans, places = rules.plans, editing.placements(racing, edits, rules.plans)
    else:  # a drop may take a section out of the issue that the editor has ordered before
        plans = sections.of_topics(racing, rules)
        topics = frozenset().union(*(story.topic_keys for story in telling.ranked)) if edits.order else frozenset()
        places = editing.placements(racing, edits, plans, topics)
    outcome, refused = steps.of(_seated, racing, plans, rules, field, places)
    found = [*telling.unable, *dropped, *repeats, *cold, *refused]
    found += [verdict for one in telling.told for verdict in verdicts.merged(*one)]
    found += verdicts.seated(outcome, field, edits)
    return Issue(
        window=window,
        sections=_sections(outcome, telling, edits),
        verdicts=_in_order(field, found),
        empty_sections=_empty(outcome),
        edits=edits,
        rehearsals=past.rehearsals,
    )


def _seated(
    racing: tuple[Story, ...], plans: tuple[SectionPlan, ...], rules: Rules, field: Field, places: editing.Places
) -> tuple[Outcome, tuple[Verdict, ...]]:
    outcome = seating.settle(racing, plans, rules, field, places)
    return outcome, tuple(verdicts.refused(outcome, rules))


def _sections(outcome: Outcome, telling: Telling, edits: Edits) -> tuple[Section, ...]:
    """Sections with at least one pick, in the order of the settings or of their first pick."""
    field, rules = telling.field, telling.rules
    filled: list[tuple[SectionPlan, Sequence[Story]]] = [
        (plan, some) for plan, some in zip(outcome.seating.plans, outcome.seating.seats, strict=True) if some
    ]
    if rules.plans is None or rules.by_heat:
        filled.sort(key=lambda one: order.by(rules.order)(one[1][0]))
    changes = {change.story: change for change in edits.changes}

    def pick(story: Story) -> Pick:
        change = next((changes[path] for path in editing.paths(story) if path in changes), None)
        return Pick(
            story=telling.week.covered(story),
            late=story.lead.path in field.late,
            pinned=bool(field.pinned.intersection(editing.paths(story))),
            title=change.title if change else None,
            excerpt=change.excerpt if change else None,
        )

    return tuple(
        Section(
            title=plan.title,
            topics=plan.topics,
            picks=tuple(pick(story) for story in editing.in_order(some, plan.title, edits)),
        )
        for plan, some in filled
    )


def _empty(outcome: Outcome) -> tuple[str, ...]:
    """Name each section that is not in the issue, and say why."""
    names = []
    for number, plan in enumerate(outcome.seating.plans):
        if outcome.closed.get(number):
            names.append(f"{plan.title} (has {outcome.closed[number]} of the {plan.minimum} stories it needs)")
        elif not outcome.seating.seats[number]:
            names.append(plan.title)
    return tuple(names)


def _in_order(field: Field, found: Sequence[Verdict]) -> tuple[Verdict, ...]:
    of = {verdict.article.path: verdict for verdict in found}
    return tuple(of[article.path] for article in field.candidates)
