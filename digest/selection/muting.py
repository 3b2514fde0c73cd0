"""What the settings mute, and adverts for market reports: they never run, and nothing counts them.

A muted article is no witness: an editor mutes what is no news to her (adverts, a feed that says everything twice), and
that must not make a story look reported by more outlets than tell it. For the same reason what other articles list as
related is left out where a rule by title or provider takes it. Only a pin brings a muted article back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.model import Verdict
from digest.records import adverts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from digest.config.muting import MuteRule
    from digest.config.values import TellingRules
    from digest.model import Article


def audible(
    articles: Iterable[Article], rules: TellingRules, pinned: AbstractSet[str]
) -> tuple[list[Article], list[Verdict]]:
    """Return the *articles* that nothing mutes, each without muted coverage, and a verdict for each of the others.

    Those *pinned*, by path, are never muted. Of several rules of the settings the first one decides.
    """
    heard: list[Article] = []
    verdicts: list[Verdict] = []
    for article in articles:
        muted = None if article.path in pinned else _by_a_rule(article, rules) or _as_an_advert(article, rules)
        if muted:
            verdicts.append(muted)
        else:
            heard.append(_without_muted_coverage(article, rules.mute))
    return heard, verdicts


def _by_a_rule(article: Article, rules: TellingRules) -> Verdict | None:
    rule = next((rule for rule in rules.mute if rule.takes(article)), None)
    if rule is None:
        return None
    because = f"{rule.place} (`select.mute`) mutes it: {rule}"
    return Verdict(article=article, rule="muted", because=because, muted_by=rule.place)


def _as_an_advert(article: Article, rules: TellingRules) -> Verdict | None:
    signs = () if rules.adverts_run else adverts.signs(article)
    if not signs:
        return None
    because = f"it is an advert for a market report: {', '.join(signs)}; `select.adverts: run` lets such run"
    return Verdict(article=article, rule="muted", because=because, muted_by="select.adverts")


def _without_muted_coverage(article: Article, rules: Sequence[MuteRule]) -> Article:
    if not rules:
        return article
    heard = tuple(
        related
        for related in article.related
        if not any(rule.takes_report(related.title, related.provider) for rule in rules)
    )
    return article if len(heard) == len(article.related) else replace(article, related=heard)
