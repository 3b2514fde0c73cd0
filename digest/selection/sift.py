"""Which candidates may run at all, whatever else there is. Knows no sections and no slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from digest.model import Article, Story


def eligible(
    candidates: Iterable[Article], pinned: AbstractSet[str] = frozenset()
) -> tuple[list[Article], list[Verdict]]:
    """Return the articles that may run, and a verdict for each of the others; those *pinned*, by path, may."""
    able: list[Article] = []
    verdicts: list[Verdict] = []
    for article in candidates:
        if article.path in pinned:
            able.append(article)
        elif not article.published:
            because = "its file says `published: false`"
            verdicts.append(Verdict(article=article, rule="unpublished", because=because))
        elif article.heat is None:
            because = "it has no heat (absent, negative or not a number), so it cannot be ranked"
            verdicts.append(Verdict(article=article, rule="unscored", because=because))
        elif article.url is None:
            because = "it has no http(s) address for its headline to lead to"
            verdicts.append(Verdict(article=article, rule="no-address", because=because))
        else:
            able.append(article)
    return able, verdicts


def warm_enough(stories: Iterable[Story], min_heat: int) -> tuple[list[Story], list[Verdict]]:
    """Return the stories that reach *min_heat*, and a verdict for the lead of each of the others."""
    warm: list[Story] = []
    verdicts: list[Verdict] = []
    for story in stories:
        heat = story.lead.heat or 0
        if heat >= min_heat:
            warm.append(story)
        else:
            because = f"its heat {heat} is below the floor; heat {min_heat} (`min_heat`) would have been enough"
            verdicts.append(Verdict(article=story.lead, rule="min-heat", because=because))
    return warm, verdicts
