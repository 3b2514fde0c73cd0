"""Diagnosis of an issue that cannot be: a misspelt topic in the settings, a window without enough stories.

The whole archive is read for it, which a good build never does.
"""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING

from digest.config.values import WITHOUT_HEAT
from digest.errors import NothingToSend, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from digest.archive import Archive
    from digest.config.settings import Settings
    from digest.model import Issue, Window

# A newsroom that still works has published something within two months; a year that is mistyped is farther off.
_FAR = 60
"""Days from the window to the nearest story beyond which the message doubts the window's date."""


def check_topics(settings: Settings, issue: Issue, whole: Callable[[], Archive]) -> None:
    """Raise SettingsError, with a line for each topic of a section that no article of the whole archive carries.

    *whole* reads the whole archive. Case is ignored. Raises ArchiveError where the archive cannot be read.
    """
    plans = settings.rules.plans or ()
    this_week = {key for verdict in issue.verdicts for key in verdict.article.topic_keys}
    # A topic of this week is spelled right, and nothing has to be read; a rare one may be missing from the week for
    # lack of news, so that only the whole archive tells a misspelling.
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
    """Return the error that says why the window gives no issue, and which days would.

    *issue* is what selection made of the window: with too few picks, or none; *whole* reads the whole archive. The
    remedy names the nearest days before and after that have an article which may run. Raises ArchiveError where the
    archive cannot be read.
    """
    window = issue.window
    if issue.picks:
        count, least = len(issue.picks), settings.rules.min_stories
        problem = f"only {count} {'story' if count == 1 else 'stories'}; an issue needs {least} (`select.min_stories`)"
        return NothingToSend(str(window), problem, "`digest explain` says why of the others")
    full = whole()
    needs_heat = settings.rules.settled(full.articles).needs_heat
    moments = [
        article.published_at
        for article in full.articles
        # The conditions that hold in any week; those of one (repeats, limits, sections) would need a choice for each
        # day.
        if article.published_at and article.published and article.url and (article.heat is not None or not needs_heat)
    ]
    place = str(window)
    if not moments:
        return NothingToSend(place, *_nothing_ever(full, needs_heat=needs_heat))
    near = _nearest_days(window, moments)
    remedy = "`digest explain` says why of each"
    if near:
        doubt = "is the date right? " if min(near)[0] > _FAR else ""
        remedy = f"{doubt}the nearest stories are of {' and '.join(day for _, day in near)}"
    if issue.verdicts:
        counts = Counter(verdict.rule for verdict in issue.verdicts)
        reasons = ", ".join(f"{counts[rule]} {rule}" for rule in sorted(counts))
        return NothingToSend(place, f"no story of the window may run ({reasons})", remedy)
    return NothingToSend(place, "the archive has nothing in this window", remedy)


def _nearest_days(window: Window, moments: Sequence[datetime]) -> list[tuple[int, str]]:
    """Return the nearest days with news before and after *window*, each with its distance in days, and in words."""
    before = max((at for at in moments if at < window.starts_at), default=None)
    after = min((at for at in moments if at >= window.ends_at), default=None)
    near = []
    if before:
        day = window.day_of(before)
        near.append(((window.day_of(window.starts_at) - day).days, day, "before"))
    if after:
        day = window.day_of(after)
        near.append(((day - window.last).days, day, "after"))
    return [(gap, f"{day} ({_days(gap)} {side})") for gap, day, side in near]


def _nothing_ever(archive: Archive, *, needs_heat: bool) -> tuple[str, str]:
    """Return what is wrong with an archive none of whose articles may run in any week, and what to do about it."""
    articles = archive.articles
    lacking = [
        (sum(article.heat is None for article in articles) if needs_heat else 0, "no heat"),
        (sum(article.published_at is None for article in articles), "no date"),
        (sum(article.url is None for article in articles), "no address"),
    ]
    counts = ", ".join(f"{count} {'has' if count == 1 else 'have'} {thing}" for count, thing in lacking if count)
    problem = f"none of the {archive.files} articles of the archive may ever run{f' ({counts})' if counts else ''}"
    if needs_heat and any(article.published and article.published_at and article.url for article in articles):
        order = ", ".join(WITHOUT_HEAT)
        return problem, f"`select: {{order: [{order}]}}` ranks without heat, and `score` makes one of other figures"
    if articles and not any(article.url for article in articles):
        return problem, "if they are of your own site, say where that is: `site: https://example.com`"
    wanted = "heat, a date" if needs_heat else "a date"
    return problem, f"they need {wanted}, an address and not `published: false`"


def _nearest(topic: str, topics: Mapping[str, str]) -> str:
    """Return what to do about an unknown *topic*, in words: the most similar one that there is, or else all of them.

    *topics* maps each topic without case to the topic as it is written.
    """
    near = get_close_matches(topic.casefold(), topics, n=1)
    return f"did you mean {topics[near[0]]!r}?" if near else f"known are {', '.join(sorted(topics.values()))}"


def _days(count: int) -> str:
    """Return a number of days in words."""
    return "1 day" if count == 1 else f"{count} days" if count else "hours"
