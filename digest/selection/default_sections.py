"""Sections for settings that name none: they follow the week.

The topics of the hottest stories become sections, as long as these hold the week: at least nine of the ten hottest
stories, and 95 % of the heat that as many slots can hold. Where they do not (hundreds of topics, each with a story;
stories without a topic), the hottest stories come first: only topics that hold at least two of them get a section, and
a last one takes the rest, under the widest topic that all of these carry, or as "More" ("Stories", where it leads the
letter). The fewer topics, the more slots the last one has; with none left it is the hottest stories in a row, so that
some number of topics always holds.

A section for one story is made only where that story is worth a heading: it is among the first stories, as many as
there may be sections, and as the week's stories could fill. So a week of five stories has no five headings. Another one
stands in the section for the rest, "More" where it is alone there.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from digest.config.values import Match, SectionPlan
from digest.selection import assignment
from digest.selection.contenders import Contender, ContenderList, choices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.config.values import Rules
    from digest.model import Story

_HOTTEST = 10
"""Stories of which at most one may be missing; of fewer, none."""

_SHARE = 0.95
"""The least share of the heat of the hottest stories, as many as there are slots, that sections must hold."""

# A story far down the order adds next to nothing to a sum of heat, and a week may have thousands.
_MANY = 10
"""Stories looked at for each slot."""


def of_week(stories: Sequence[Story], rules: Rules) -> tuple[SectionPlan, ...]:
    """Return the sections for *stories*, which come in order, of together at most as many slots as *rules* allow.

    Where two topics share their first story, the one with fewer stories comes first, then the name: an umbrella
    topic never pushes a narrow one out. A topic is titled as its first story writes it.
    """
    topics = _Topics(stories)
    slots = rules.default_sections * rules.default_limit
    first = tuple(topics.plan(key, rules.default_limit) for key in topics.ranked()[: rules.default_sections])
    if first and _holds(stories, strong := _with_standing(stories, first, rules), slots, rules):
        return strong
    narrow = tuple(topics.plan(key, rules.default_limit) for key in topics.narrow(slots)[: rules.default_sections - 1])
    while narrow:
        plans = (*narrow, topics.rest(narrow, slots, rules))
        strong = _with_standing(stories, plans, rules)
        # Without a narrow one its stories are the rest's, so that this has another title and more slots.
        if weak := tuple(plan for plan in narrow if plan not in strong):
            narrow = tuple(plan for plan in narrow if plan not in weak)
        elif _holds(stories, strong, slots, rules):
            return strong
        elif _holds(stories, plans, slots, rules):
            return plans
        else:
            narrow = narrow[:-1]
    return (topics.rest((), slots, rules),) if stories else ()


def for_editor(
    plans: tuple[SectionPlan, ...], wanted: Iterable[str], stories: Iterable[Story], rules: Rules
) -> tuple[SectionPlan, ...]:
    """Return *plans* with a section for each title that is *wanted* and missing, if a topic of *stories* is called so.

    The editor pins a story in a section that she has seen, and the next article must not make an error of that. The
    same holds for the section of the rest, which then has no story but hers.
    """
    topics: Iterator[str] = (topic for story in stories for topic in story.lead.topics)
    written = {title.casefold(): title for title in (*topics, rules.more_title, rules.all_title)}
    keys = dict.fromkeys(title.casefold() for title in wanted)
    missing = [key for key in keys if key in written and key not in {plan.title.casefold() for plan in plans}]
    added = [SectionPlan(title=written[key], match=Match(any=(written[key],)), limit=1) for key in missing]
    return (*plans, *added)


def _with_standing(stories: Sequence[Story], plans: tuple[SectionPlan, ...], rules: Rules) -> tuple[SectionPlan, ...]:
    """Return those of *plans* that would have more than one story, or one that is worth a heading."""
    full = max(len(stories) // max(rules.default_limit, 1), 1)
    first = {story.lead.path for story in stories[: min(rules.default_sections, full)]}
    seats = _seats(stories, plans, rules.default_sections * rules.default_limit)
    return tuple(
        plan
        for plan, seated in zip(plans, seats, strict=True)
        if len(seated) > 1 or any(story.lead.path in first for story in seated)
    )


class _Topics:
    """The topics of stories that come in order: where their stories stand, and how they are written."""

    def __init__(self, stories: Sequence[Story]) -> None:
        self._stories = stories
        self.places: dict[str, list[int]] = defaultdict(list)
        self._titles: dict[str, str] = {}
        for number, story in enumerate(stories):
            for article in (story.lead, *story.others):
                for topic in article.topics:
                    self._titles.setdefault(topic.casefold(), topic)
            for key in story.topic_keys:
                self.places[key].append(number)

    def ranked(self) -> list[str]:
        """Return the topics by their first story."""
        return sorted(self.places, key=lambda key: (self.places[key][0], len(self.places[key]), key))

    def narrow(self, hottest: int) -> list[str]:
        """Return the topics with at least two of the *hottest* stories, and with no more than half of them.

        What most stories carry is a title for the rest, and says little in a section of its own.
        """
        most = min(hottest, len(self._stories)) // 2
        count = {key: sum(number < hottest for number in self.places[key]) for key in self.places}
        return [key for key in self.ranked() if 2 <= count[key] <= max(2, most)]

    def plan(self, key: str, limit: int) -> SectionPlan:
        """Return a section of a topic."""
        return SectionPlan(title=self._titles[key], match=Match(any=(self._titles[key],)), limit=limit)

    def rest(self, narrow: Sequence[SectionPlan], slots: int, rules: Rules) -> SectionPlan:
        """Return the section for what the *narrow* ones leave of *slots*: of a topic that all of it has, or of all."""
        taken = [plan.title.casefold() for plan in narrow]
        # Slots that a topic has too few stories for are the rest's.
        limit = slots - sum(min(plan.limit, len(self.places[plan.title.casefold()])) for plan in narrow)
        left = [story.topic_keys for story in self._stories[:slots] if story.topic_keys.isdisjoint(taken)]
        shared = frozenset.intersection(*map(frozenset, left)).difference(taken) if left else frozenset()
        # One story is no topic of the week, and one of low standing no heading of its own.
        if shared and (len(left) > 1 or not narrow):
            # The widest, which has most for the slots that are left; of two alike the first by name.
            return self.plan(min(shared, key=lambda key: (-len(self.places[key]), key)), limit)
        # Sections stand in the order of their first stories, and nothing is "more" at the head of a letter.
        leads = self._stories[0].topic_keys.isdisjoint(taken)
        title = rules.more_title if narrow and not leads else rules.all_title
        return SectionPlan(title=f"{title} …" if title.casefold() in taken else title, match=Match(), limit=limit)


def _seats(stories: Sequence[Story], plans: Sequence[SectionPlan], slots: int) -> Sequence[Sequence[Story]]:
    """Return the stories that each of *plans* would have, of as many as matter for *slots*."""
    looked_at = stories[: slots * _MANY]
    fitting = choices(looked_at, plans)
    rows = [Contender(story=story, choices=places) for story, places in zip(looked_at, fitting, strict=True)]
    return assignment.seat(ContenderList(rows), plans).seats


def _holds(stories: Sequence[Story], plans: Sequence[SectionPlan], slots: int, rules: Rules) -> bool:
    """Whether sections hold enough of the hottest stories and of their heat."""
    looked_at = stories[: slots * _MANY]
    seated = {story.lead.path for seats in _seats(stories, plans, slots) for story in seats}
    hottest = looked_at[:_HOTTEST]
    missing = sum(story.lead.path not in seated for story in hottest)
    if missing > len(hottest) // _HOTTEST:
        return False
    # An order without heat has no sum of it; there each story counts alike.
    weights = [(story.lead.counted_heat or 0) if rules.order[0] == "heat" else 1 for story in looked_at]
    held = sum(weight for weight, story in zip(weights, looked_at, strict=True) if story.lead.path in seated)
    return held >= _SHARE * sum(weights[:slots])
