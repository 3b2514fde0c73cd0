"""The slots of an issue as its sections: in their order, each pick with what the editor and the memory say of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from digest.model import Change, Pick, Section, Story
from digest.selection import edits as editing
from digest.selection import latecomers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.config.values import Rules, SectionPlan
    from digest.model import Edits, Update
    from digest.selection.assignment import Assignment
    from digest.selection.candidates import Candidates
    from digest.selection.telling import Telling

Picking = Callable[[Story], Pick]
"""Makes a pick of a story that has a slot."""


def picking(telling: Telling, edits: Edits, updates: Mapping[str, Update]) -> Picking:
    """Return what makes picks of the stories of *telling*; *updates* are those that add to what ran, by path."""
    pool = telling.pool
    changes = {change.story: change for change in edits.changes}

    def pick(story: Story) -> Pick:
        nothing = Change(story=story.lead.path)
        change = next((changes[path] for path in editing.paths(story) if path in changes), nothing)
        return Pick(
            story=telling.covered(story),
            late=story.lead.path in pool.late,
            pinned=bool(pool.pinned.intersection(editing.paths(story))),
            title=change.title,
            excerpt=change.excerpt,
            kicker=change.kicker,
            why=change.why,
            picture=change.picture,
            without_picture=change.without_picture,
            alt=change.alt,
            credit=change.credit,
            update=updates.get(story.lead.path),
        )

    return pick


def of(outcome: Assignment, pool: Candidates, rules: Rules, edits: Edits, pick: Picking) -> tuple[Section, ...]:
    """Return the sections with at least one pick, in the order of the settings or of their first pick."""
    filled: list[tuple[SectionPlan, Sequence[Story]]] = [
        (plan, seated) for plan, seated in zip(outcome.seating.plans, outcome.seating.seats, strict=True) if seated
    ]
    if rules.plans is None or rules.by_heat:
        # Without sections of their own making, editors expect the hottest topic first.
        filled = latecomers.by_leads(filled, pool, rules)
    return tuple(
        Section(
            title=plan.title,
            topics=plan.topics,
            picks=tuple(pick(story) for story in editing.in_order(seated, plan.title, edits)),
            line=change.line or plan.line,
            style=change.style or plan.style,
        )
        for plan, seated in filled
        for change in [editing.of_section(plan.title, edits)]
    )


def empty(outcome: Assignment) -> tuple[str, ...]:
    """Name each section that is not in the issue, and say why."""
    names = []
    for number, plan in enumerate(outcome.seating.plans):
        if outcome.closed.get(number):
            names.append(f"{plan.title} (has {outcome.closed[number]} of the {plan.minimum} stories it needs)")
        elif not outcome.seating.seats[number]:
            names.append(plan.title)
    return tuple(names)
