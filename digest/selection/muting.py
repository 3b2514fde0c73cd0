"""What the settings mute: it never runs, and nothing counts it.

A muted article is no witness: an editor mutes what is no news to her (adverts, a feed that says everything twice), and
that must not make a story look reported by more outlets than tell it. For the same reason what other articles list as
related is left out where a rule by title or provider takes it. Only a pin brings a muted article back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from digest.config.muting import MuteRule
    from digest.model import Article


def audible(
    articles: Iterable[Article], rules: Sequence[MuteRule], pinned: AbstractSet[str]
) -> tuple[list[Article], list[Verdict]]:
    """Return the *articles* that no rule mutes, each without muted coverage, and a verdict for each of the others.

    Those *pinned*, by path, are never muted. Of several rules the first one decides.
    """
    if not rules:
        return list(articles), []
    heard: list[Article] = []
    verdicts: list[Verdict] = []
    for article in articles:
        rule = None if article.path in pinned else next((rule for rule in rules if rule.takes(article)), None)
        if rule:
            because = f"{rule.place} (`select.mute`) mutes it: {rule}"
            verdicts.append(Verdict(article=article, rule="muted", because=because, muted_by=rule.place))
        else:
            heard.append(_without_muted_coverage(article, rules))
    return heard, verdicts


def _without_muted_coverage(article: Article, rules: Sequence[MuteRule]) -> Article:
    heard = tuple(
        related
        for related in article.related
        if not any(rule.takes_report(related.title, related.provider) for rule in rules)
    )
    return article if len(heard) == len(article.related) else replace(article, related=heard)
