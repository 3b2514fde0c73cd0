"""What to tell an editor whose issue cannot be: a misspelt topic, a week without stories.

Reads the whole archive for it, which a good build never needs.
"""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING

from digest.errors import NothingToSend, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from digest.archive import Archive
    from digest.config.settings import Settings
    from digest.model import Issue

_FAR = 60
"""Days from the window to the nearest story beyond which the date itself is in doubt."""


def check_topics(settings: Settings, issue: Issue, whole: Callable[[], Archive]) -> None:
    """Raise SettingsError for each section topic that no article of the whole archive carries: it is misspelt.

    *whole* reads the whole archive; it is asked only when a topic is missing from the week.
    """
    plans = settings.rules.plans or ()
    this_week = {key for verdict in issue.verdicts for key in verdict.article.topic_keys}
    if all(topic.casefold() in this_week for plan in plans for topic in plan.match.topics):
        return
    topics = {topic.casefold(): topic for article in whole().articles for topic in article.topics}
    wrong = [
        f"{place}: no article has the topic {topic!r}; {_nearest(topic, topics)}"
        for plan, place in zip(plans, settings.section_places, strict=True)
        for topic in plan.match.topics
        if topic.casefold() not in topics
    ]
    if wrong:
        raise SettingsError(wrong)


def nothing_to_send(settings: Settings, issue: Issue, whole: Callable[[], Archive]) -> NothingToSend:
    """Return the error that says why the window gives no issue, and which days would."""
    window = issue.window
    if issue.picks:
        count, least = len(issue.picks), settings.rules.min_stories
        problem = f"only {count} {'story' if count == 1 else 'stories'}; an issue needs {least} (`select.min_stories`)"
        return NothingToSend(f"{window.first} to {window.last}", problem, "`digest explain` says why of the others")
    full = whole()
    days = [
        window.day_of(article.published_at)
        for article in full.articles
        if article.published_at and article.published and article.heat is not None and article.url
    ]
    place = f"{window.first} to {window.last}"
    if not days:
        problem = f"none of the {full.files} articles of the archive may ever run"
        return NothingToSend(place, problem, "they need heat, a date, an address and not `published: false`")
    before = max((day for day in days if day < window.first), default=None)
    after = min((day for day in days if day > window.last), default=None)
    near = [
        (gap, f"{day} ({_days(gap)} {side})")
        for day, gap, side in (
            (before, (window.first - before).days if before else 0, "before"),
            (after, (after - window.last).days if after else 0, "after"),
        )
        if day
    ]
    remedy = "`digest explain` says why of each"
    if near:
        doubt = "is the date right? " if min(near)[0] > _FAR else ""
        remedy = f"{doubt}the nearest stories are of {' and '.join(day for _, day in near)}"
    if issue.verdicts:
        counts = Counter(verdict.rule for verdict in issue.verdicts)
        reasons = ", ".join(f"{counts[rule]} {rule}" for rule in sorted(counts))
        return NothingToSend(place, f"no story of the window may run ({reasons})", remedy)
    return NothingToSend(place, "the archive has nothing in this window", remedy)


def _nearest(topic: str, topics: Mapping[str, str]) -> str:
    near = get_close_matches(topic.casefold(), topics, n=1)
    return f"did you mean {topics[near[0]]!r}?" if near else f"known are {', '.join(sorted(topics.values()))}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
