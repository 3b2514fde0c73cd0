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
from digest.selection import candidates, memory, order, seating, sections, sift, stories, verdicts
from digest.selection import edits as editing
from digest.selection.edits import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.model import Article, Rules, SectionPlan, Story, Verdict, Window
    from digest.selection.candidates import Field
    from digest.selection.seating import Outcome


__all__ = ["missing", "select"]


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
) -> Issue:
    """Choose the issue of *window*.

    *articles* may hold more than the window: what is older may be late, pinned, or fill a thin section. The stories
    that *edits* name must be among them.

    Guarantees: the same arguments give the same issue, whatever the order of the articles; no story takes two slots; no
    story left out for want of a slot ranks above one that could have given up its own; what an earlier issue ran is not
    run again; the editor's word wins; every candidate has exactly one verdict. Raises EditsError.
    """
    memories = past or Past()
    wishes = editing.resolve(edits or Edits(), articles)
    issue = _run(candidates.gather(articles, window, rules, memories, wishes), window, rules, memories, wishes)
    picked = {section.title: len(section.picks) for section in issue.sections}
    thin = [plan for plan in rules.plans or () if plan.thin == "widen" and picked.get(plan.title, 0) < plan.minimum]
    if not thin:
        return issue
    field = candidates.gather(articles, window, rules, memories, wishes, widening=thin)
    return _run(field, window, rules, memories, wishes)


def _run(field: Field, window: Window, rules: Rules, past: Past, edits: Edits) -> Issue:
    able, found = sift.eligible(field.candidates, field.pinned)
    lead_key, story_key = _keys(field, rules)
    week = stories.Week(able, lead_key)
    told = week.stories()
    if "coverage" in rules.order or rules.returns_with is not None:
        told = [(week.covered(story), others) for story, others in told]
    ranked = sorted((story for story, _ in told), key=story_key)
    pinned = [story for story in ranked if field.pinned.intersection(editing.paths(story))]
    running = [story for story in ranked if story not in pinned]
    running, dropped = editing.dropped(running, edits)
    running, repeats = memory.fresh(running, past, window, rules)
    running, cold = sift.warm_enough(running, rules.min_heat)
    found += dropped + repeats + cold
    entering = {story.lead.path for story in (*pinned, *running)}
    racing = [story for story in ranked if story.lead.path in entering]
    plans = rules.plans if rules.plans is not None else sections.of_topics(racing, rules)
    outcome = seating.settle(racing, plans, rules, field, edits)
    found += [verdict for one in told for verdict in verdicts.merged(*one)]
    found += verdicts.seated(outcome, field, edits) + verdicts.refused(outcome, rules)
    return Issue(
        window=window,
        sections=_sections(outcome, week, field, edits, rules),
        verdicts=_in_order(field, found),
        empty_sections=_empty(outcome),
        edits=edits,
    )


def _keys(field: Field, rules: Rules) -> tuple[candidates.ArticleKey, order.StoryKey]:
    """How leads and stories are ranked: what a thin section looks back to comes behind everything of the window.

    A story is led by what the editor pinned, else by the first of its articles.
    """
    place = {article.path: number for number, article in enumerate(field.candidates)}
    of_story = order.by(rules.order)
    return (
        lambda article: (article.path not in field.pinned, article.path in field.wide, place[article.path]),
        lambda story: (story.lead.path in field.wide, of_story(story)),
    )


def _sections(outcome: Outcome, week: stories.Week, field: Field, edits: Edits, rules: Rules) -> tuple[Section, ...]:
    """Sections with at least one pick, in the order of the settings or of their first pick."""
    filled: list[tuple[SectionPlan, Sequence[Story]]] = [
        (plan, some) for plan, some in zip(outcome.seating.plans, outcome.seating.seats, strict=True) if some
    ]
    if rules.plans is None or rules.by_heat:
        filled.sort(key=lambda one: order.by(rules.order)(one[1][0]))
    changes = {change.story: change for change in edits.changes}

    def pick(story: Story) -> Pick:
        change = next((changes[path] for path in editing.paths(story) if path in changes), None)
        return Pick(
            story=week.covered(story),
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
