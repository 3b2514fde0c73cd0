"""Articles and a window to an Issue with a verdict for every candidate. Pure: knows no disk, no clock, no look.

    articles ─▶ candidates ─▶ sift ─▶ stories ─▶ sections ─▶ slots ─▶ Issue
                of the       may it   who tells   which      who
                window       run?     the same?   are there  gets in

Each step takes some candidates out of the race and leaves a verdict for each; what is left at the end is picked.
Memory of earlier issues, late arrivals and the editor's own word join between `stories` and `slots`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.model import Issue, Pick, Section
from digest.selection import order, sections, sift, slots, stories, verdicts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.model import Article, Rules, SectionPlan, Verdict, Window


def select(articles: Iterable[Article], window: Window, rules: Rules) -> Issue:
    """Choose the issue of *window*.

    Guarantees: the same articles in any order give the same issue; no story takes two slots; no story left out for want
    of a slot is hotter than one that could have given up its own; every candidate has exactly one verdict.
    """
    candidates = sorted((article for article in articles if article.published_at in window), key=order.key)
    able, found = sift.eligible(candidates)
    told = stories.tell(able)
    found += [verdicts.merged(story, other, why) for story, reasons in told for other, why in reasons]
    running, cold = sift.warm_enough([story for story, _ in told], rules.min_heat)
    plans = rules.plans if rules.plans is not None else sections.of_topics(running, rules)
    seating = slots.seat(running, plans, rules.per_provider)
    found += cold + verdicts.seated(seating) + verdicts.refused(seating)
    return Issue(
        window=window,
        sections=_sections(seating, in_plan_order=rules.plans is not None),
        verdicts=_in_order(candidates, found),
        empty_sections=tuple(plan.title for plan in plans if not seating.stories_in(plan)),
    )


def _sections(seating: slots.Seating, *, in_plan_order: bool) -> tuple[Section, ...]:
    """Sections with at least one pick; those nobody configured stand in the order of their hottest pick."""
    filled: list[SectionPlan] = [plan for plan in seating.plans if seating.stories_in(plan)]
    if not in_plan_order:
        filled.sort(key=lambda plan: order.key(seating.stories_in(plan)[0].lead))
    return tuple(
        Section(
            title=plan.title,
            topics=plan.topics,
            picks=tuple(Pick(story=story) for story in seating.stories_in(plan)),
        )
        for plan in filled
    )


def _in_order(candidates: list[Article], found: list[Verdict]) -> tuple[Verdict, ...]:
    of = {verdict.article.path: verdict for verdict in found}
    return tuple(of[article.path] for article in candidates)
