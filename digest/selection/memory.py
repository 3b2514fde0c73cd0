"""What earlier issues ran is not run again. Knows stories and the past, no files.

A story is known again by a canonical address, or by its title where the reports are of the same fortnight; its texts
are not asked: a follow-up shares most words with the first report, and is news.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from digest.addresses import canonical
from digest.model import Verdict
from digest.selection.stories import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.model import Article, Past, Ran, Rules, Story, Window

_SAME_TITLE_WITHIN = timedelta(days=14)
"""A title that comes back later than that is a new story under an old headline ("Weekly round-up of ...")."""


def late(articles: Iterable[Article], window: Window, past: Past, rules: Rules) -> list[Article]:
    """Return the articles of days before *window* that may run now and that no earlier issue could have run.

    They are of days since the first window that is remembered, at most *rules.late_days* back, and were no candidate
    able to run in any earlier issue: not yet in the archive, not yet published, or not yet scored.
    """
    if past.since is None or not rules.late_days:
        return []
    first = max(past.since, window.first - timedelta(days=rules.late_days))
    return [
        article
        for article in articles
        if article.published_at is not None
        and (article.published and article.heat is not None and article.url)
        and first <= window.day_of(article.published_at) < window.first
        and article.path not in past.considered
        and not any(canonical(address) in past.considered for address in article.addresses)
    ]


def fresh(stories: Iterable[Story], past: Past, window: Window, rules: Rules) -> tuple[list[Story], list[Verdict]]:
    """Return the stories that no earlier issue ran, or that may return, and a verdict for the lead of the others."""
    if not past.ran:
        return list(stories), []
    by_address = {address: ran for ran in past.ran for address in ran.addresses}
    by_title = {normalised(ran.title, ran.provider): ran for ran in past.ran}
    kept: list[Story] = []
    verdicts: list[Verdict] = []
    for story in stories:
        ran = _known(story, by_address, by_title)
        if ran is None or _forgotten(ran, window, rules) or _grown(story, ran, rules):
            kept.append(story)
        else:
            because = f"the issue of {ran.issue} ran it: “{ran.title}” ({ran.provider.name})"
            verdicts.append(Verdict(article=story.lead, rule="repeat", because=because))
    return kept, verdicts


def _known(story: Story, by_address: dict[str, Ran], by_title: dict[str, Ran]) -> Ran | None:
    articles = (story.lead, *story.others)
    for article in articles:
        for address in article.addresses:
            if ran := by_address.get(canonical(address)):
                return ran
    for article in articles:
        found = by_title.get(normalised(article.title, article.provider))
        if found and _near(article, found):
            return found
    return None


def _near(article: Article, ran: Ran) -> bool:
    if article.published_at is None or ran.published_at is None:
        return True
    return abs(article.published_at - ran.published_at) <= _SAME_TITLE_WITHIN


def _forgotten(ran: Ran, window: Window, rules: Rules) -> bool:
    return rules.repeat_after is not None and window.last > ran.day + timedelta(days=rules.repeat_after)


def _grown(story: Story, ran: Ran, rules: Rules) -> bool:
    return rules.returns_with is not None and story.coverage >= ran.coverage + rules.returns_with
