"""The sections of an issue for which nobody configured any: one a topic found. Knows no slots."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from digest.model import Match, SectionPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Rules, Story


def of_topics(stories: Sequence[Story], rules: Rules) -> tuple[SectionPlan, ...]:
    """Return a plan a topic, at most *rules.default_sections*, chosen by their first story; *stories* come in order.

    Where two topics share their first story, the one with fewer stories comes first, then the name: an umbrella
    topic never pushes a narrow one out. A topic is titled as its first story writes it.
    """
    found: dict[str, list[int]] = defaultdict(list)
    titles: dict[str, str] = {}
    for number, story in enumerate(stories):
        for article in (story.lead, *story.others):
            for topic in article.topics:
                titles.setdefault(topic.casefold(), topic)
        for key in story.topic_keys:
            found[key].append(number)
    ranked = sorted(found, key=lambda key: (found[key][0], len(found[key]), key))
    return tuple(
        SectionPlan(title=titles[key], match=Match(any=(titles[key],)), limit=rules.default_limit)
        for key in ranked[: rules.default_sections]
    )
