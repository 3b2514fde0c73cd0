"""The sections of an issue for which nobody configured any: one a topic found. Knows no slots."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from digest.model import SectionPlan
from digest.selection import order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.model import Rules, Story


def of_topics(stories: Iterable[Story], rules: Rules) -> tuple[SectionPlan, ...]:
    """Return a plan a topic, at most *rules.default_sections*, chosen by their hottest story.

    Where two topics share their hottest story, the one with fewer stories comes first, then the name: an umbrella
    topic never pushes a narrow one out. A topic is titled as its hottest story writes it.
    """
    of: dict[str, list[Story]] = defaultdict(list)
    titles: dict[str, str] = {}
    for story in sorted(stories, key=lambda story: order.key(story.lead)):
        for article in (story.lead, *story.others):
            for topic in article.topics:
                titles.setdefault(topic.casefold(), topic)
        for key in story.topic_keys:
            of[key].append(story)
    ranked = sorted(of, key=lambda key: (order.key(of[key][0].lead), len(of[key]), key))
    return tuple(
        SectionPlan(title=titles[key], topics=(titles[key],), limit=rules.default_limit)
        for key in ranked[: rules.default_sections]
    )
