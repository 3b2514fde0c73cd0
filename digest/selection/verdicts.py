"""Why, in words an editor uses. Knows what was decided, decides nothing.

picked       it has a slot                            no-section   no section of the issue wants its topics
merged       another article tells the same story     min-heat     below the floor
unpublished  `published: false`                       provider     its provider has its share already
unscored     no heat                                  limit        all slots it could have went to hotter stories
no-address   nowhere to lead to
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.model import Verdict
from digest.selection import order

if TYPE_CHECKING:
    from digest.model import Article, Story
    from digest.selection.slots import Refusal, Seating


def merged(story: Story, other: Article, why: str) -> Verdict:
    """The verdict of an article whose story another article leads."""
    return Verdict(article=other, rule="merged", because=f"it tells the same story as {_named(story.lead)}: {why}")


def seated(seating: Seating) -> list[Verdict]:
    """The verdicts of all leads that have a slot."""
    found = []
    for plan in seating.plans:
        stories = seating.stories_in(plan)
        for place, story in enumerate(stories, start=1):
            because = f"place {place} of {plan.limit} in {plan.title} with heat {story.lead.heat}"
            found.append(Verdict(article=story.lead, rule="picked", because=because, section=plan.title))
    return found


def refused(seating: Seating) -> list[Verdict]:
    """The verdicts of all leads that found no slot."""
    sentence = {"no-section": _no_section, "provider": _provider, "limit": _limit}
    return [
        Verdict(
            article=refusal.story.lead,
            rule=refusal.rule,
            because=sentence[refusal.rule](refusal, seating),
            section=refusal.plans[0].title if refusal.plans else "",
        )
        for refusal in seating.refusals
    ]


def _no_section(refusal: Refusal, seating: Seating) -> str:
    wanted = ", ".join(plan.title for plan in seating.plans) or "none"
    topics = refusal.story.lead.topics
    if not topics:
        return f"it has no topic; the sections are: {wanted}"
    return f"no section takes its topics ({', '.join(topics)}); the sections are: {wanted}"


def _provider(refusal: Refusal, _: Seating) -> str:
    lead = refusal.story.lead
    count = len(refusal.rivals)
    return (
        f"{lead.provider.name} already leads {_stories(count)}, its share of an issue (`per_provider`); "
        f"{_enough(refusal, 'the last of them')}"
    )


def _limit(refusal: Refusal, _: Seating) -> str:
    slots = sum(plan.limit for plan in refusal.plans)
    if not slots:
        return f"{_titles(refusal)} has no slot (limit 0)"
    taken = "the only slot" if slots == 1 else f"all {slots} slots"
    return f"{taken} of {_titles(refusal)} went to hotter stories; {_enough(refusal, 'the coldest of them')}"


def _enough(refusal: Refusal, which: str) -> str:
    """Name who took the last slot, and the heat that would have taken it back."""
    rival, loser = refusal.rivals[-1].lead, refusal.story.lead
    tie = f", as hot but before it: {order.tie_break(rival, loser)}" if rival.heat == loser.heat else ""
    return f"{which} is {_named(rival)}{tie}; heat {(rival.heat or 0) + 1} would have been enough"


def _titles(refusal: Refusal) -> str:
    titles = [plan.title for plan in refusal.plans]
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"


def _named(article: Article) -> str:
    return f"“{article.title}” (heat {article.heat}, {article.provider.name})"


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count} stories"
