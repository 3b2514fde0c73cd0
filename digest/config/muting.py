"""What the editor never wants to see in an issue: the rules of `select.mute`, and what they ask of an article.

    select:
      mute:
        - provider: Press Office          # every article of an outlet
        - title: market * forecast        # words of the title, `*` for any text between
        - {topic: Sponsored, quality_below: 40}

All that a rule gives must hold; of a list any member will do. The editor's pin wins over every rule.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from digest.model import folded
from digest.text import phrases, sanitize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.config.schema import MuteGroup
    from digest.model import Article, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteRule:
    """A rule by which articles are muted: all of it that is not empty must hold.

    *providers* are names, domains or families, *titles* phrases (`text.phrases`), *paths* globs on the article's path,
    *topics* are compared without case. *quality_below*: the article's quality is less, None where it is not asked; a
    file without one has 0. *place* is where the rule stands in the settings, such as `digest.yaml:12`.
    """

    providers: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    quality_below: int | None = None
    place: str = ""

    def takes(self, article: Article) -> bool:
        """Whether *article* is muted."""
        return (
            self._is_of(article.provider)
            and self._is_titled(article.title)
            and (not self.paths or any(fnmatchcase(article.path, glob) for glob in self.paths))
            and (not self.topics or not article.topic_keys.isdisjoint(folded(self.topics)))
            and (self.quality_below is None or article.quality < self.quality_below)
        )

    def takes_report(self, title: str, provider: Provider) -> bool:
        """Whether it mutes a report of which only title and provider are known: one that another article lists."""
        asks_more = self.paths or self.topics or self.quality_below is not None
        return not asks_more and self._is_of(provider) and self._is_titled(title)

    def _is_of(self, provider: Provider) -> bool:
        return not self.providers or not provider.names.isdisjoint(folded(self.providers))

    def _is_titled(self, title: str) -> bool:
        return not self.titles or any(phrases.stands_in(phrase, title) for phrase in self.titles)

    def __str__(self) -> str:
        parts = [
            _listed("provider", self.providers),
            _listed("title", self.titles),
            _listed("path", self.paths),
            _listed("topic", self.topics),
            "" if self.quality_below is None else f"quality below {self.quality_below:,}",
        ]
        return " and ".join(filter(None, parts))


def _listed(name: str, members: Sequence[str]) -> str:
    return f"{name} {' or '.join(f'“{member}”' for member in members)}" if members else ""


def rules_of(groups: Iterable[MuteGroup]) -> tuple[MuteRule, ...]:
    """Return the rules that the settings give; one that asks for nothing is noted there as a problem."""
    return tuple(_rule(group) for group in groups)


def _rule(group: MuteGroup) -> MuteRule:
    keys = group.keys
    rule = MuteRule(
        providers=_tamed(group.providers),
        titles=_tamed(group.titles),
        paths=group.paths,
        topics=_tamed(group.topics),
        quality_below=group.quality_below,
        # Without its folder, so that a record is the same wherever the newsletter lies.
        place=f"{os.path.basename(keys.file)}:{keys.line}",
    )
    # By the keys and not by the values: a value of the wrong kind has a problem of its own.
    if not keys.pairs:
        name = keys.prefix.rstrip(".")
        keys.problem("", f"{name} asks for nothing; give provider, title, path, topic or quality_below")
    for phrase in rule.titles:
        if not phrases.has_word(phrase):
            keys.problem("title", f"{keys.prefix}title has no word in {phrase!r}; `*` stands for text between words")
    return rule


def _tamed(texts: Iterable[str]) -> tuple[str, ...]:
    """Return texts as those of articles are: verdicts quote them."""
    return tuple(sanitize.text(text) for text in texts)
