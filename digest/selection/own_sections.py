"""A reader's own sections, each of a topic: as she asks for them, and what the editor's word means in them.

The editor speaks of the sections of the issue. A section of a reader's is the counterpart of the one with its title and
of those that take its topic; there the editor's word on them counts. The words are followed as far as they can be:

- a pin stands in the counterpart of its section, without one in the section that takes the story, else nowhere; nor
  does it stand where its reader asks for another language;
- a move is to a counterpart, without one the story stands where it would;
- an order, a line and a style are those of the counterparts;
- what is dropped, joined, split or told in other words is so for all.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from digest.config.values import Match, SectionPlan
from digest.model import Story
from digest.selection.edits import paths
from digest.text.languages import covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from digest.model import Block, Edits, Pin, Wish
    from digest.selection.telling import Telling


class OwnSections:
    """Makes the sections that readers ask for.

    They are as *each* but for title, topic, language and limit. What names no language is in *language*, "" for none.
    """

    def __init__(self, each: SectionPlan | None = None, language: str = "") -> None:
        self._each, self._language = each or SectionPlan(title="", match=Match()), language
        self._plans: dict[tuple[str, int, str], SectionPlan] = {}

    def of(self, wish: Wish) -> tuple[SectionPlan, ...]:
        """Return the sections that *wish* asks for."""
        return tuple(self._plan(topic, limit, wish.language) for topic, limit in wish.topics)

    def _plan(self, topic: str, limit: int, language: str) -> SectionPlan:
        key = topic, limit, language
        if key not in self._plans:
            languages = (language,) if language else self._each.match.languages
            is_own = bool(language and self._language and covers(language, self._language))
            unnamed = self._each.match.unnamed or is_own
            match = replace(self._each.match, any=(topic,), languages=languages, unnamed=unnamed)
            self._plans[key] = replace(self._each, title=topic, match=match, limit=limit)
        return self._plans[key]


class Counterparts:
    """Which sections of an issue, those of *plans*, a reader's own section stands for, by titles without case."""

    def __init__(self, plans: Iterable[SectionPlan]) -> None:
        self._taking: dict[str, list[str]] = defaultdict(list)
        for plan in plans:
            for topic in plan.topics:
                self._taking[topic.casefold()].append(plan.title.casefold())

    def of(self, title: str) -> tuple[str, ...]:
        """Return the titles of what the section called *title* stands for, that one first."""
        key = title.casefold()
        return key, *(other for other in self._taking.get(key, ()) if other != key)

    def among(self, titles: Iterable[str]) -> dict[str, str]:
        """Return by title of the issue's sections which of a reader's, called *titles*, stands for it."""
        standing: dict[str, str] = {}
        for title in titles:
            own, *others = self.of(title)
            standing[own] = title
            for other in others:
                # A section with its very title stands for it before one with its topic, wherever they are.
                standing.setdefault(other, title)
        return standing

    def blocks(self, blocks: Iterable[Block], titles: Iterable[str]) -> Iterator[Block]:
        """Yield those of *blocks* that stand in a letter with sections called *titles*, each with its section there.

        What stands behind or in a section is left out where there is none for it.
        """
        standing = self.among(titles)
        for block in blocks:
            if not block.section:
                yield block
            elif title := standing.get(block.section.casefold()):
                yield replace(block, section=title)


class SharedEdits:
    """The *edits* of an issue with sections as *plans*, named by path, as they count for each of its readers.

    *telling* is of the issue's articles with these edits. A join or split of what is none of its candidates, such as a
    thin section of the issue has looked back to, counts for no reader.
    """

    def __init__(self, edits: Edits, plans: Sequence[SectionPlan], telling: Telling) -> None:
        candidates = {article.path for article in telling.pool.candidates}
        joins = (tuple(path for path in join if path in candidates) for join in edits.joins)
        self.common = replace(
            edits,
            joins=tuple(join for join in joins if len(join) > 1),
            splits=tuple(path for path in edits.splits if path in candidates),
            # They are no part of a choice; `Counterparts.blocks` says where they stand.
            blocks=(),
        )
        """What counts for all, beside sections that nobody may have asked for."""
        self._counterparts = Counterparts(plans)
        self._order = {title.casefold(): stories for title, stories in reversed(edits.order)}
        self._words = {change.title.casefold(): change for change in reversed(edits.sections)}
        named = {pin.story for pin in edits.pins}.union(story for story, _ in edits.moves)
        self._leads = {path: story.lead for story in telling.ranked for path in named.intersection(paths(story))}
        self._is_of_sections = bool(named or edits.order or edits.sections)

    def of(self, plans: Sequence[SectionPlan]) -> Edits:
        """Return the edits as they count for a reader with the sections *plans*. Pure.

        Guarantees: every section that they name is one of *plans*; a pin without a section stands wherever one takes
        its story.
        """
        if not self._is_of_sections:
            return self.common
        by_title = {plan.title: plan for plan in plans}
        homes = {title: by_title[own] for title, own in self._counterparts.among(by_title).items()}
        named = [(plan.title, self._counterparts.of(plan.title)) for plan in plans]
        ordered = (
            (title, tuple(chain.from_iterable(self._order.get(name, ()) for name in names))) for title, names in named
        )
        said = (
            (title, next((self._words[name] for name in names if name in self._words), None)) for title, names in named
        )
        return replace(
            self.common,
            pins=tuple(self._pin(pin, homes) for pin in self.common.pins),
            moves=tuple(
                (story, home.title) for story, title in self.common.moves if (home := self._home(story, title, homes))
            ),
            order=tuple((title, stories) for title, stories in ordered if stories),
            sections=tuple(replace(change, title=title) for title, change in said if change),
        )

    def _pin(self, pin: Pin, homes: Mapping[str, SectionPlan]) -> Pin:
        home = self._home(pin.story, pin.section, homes)
        return replace(pin, section=home.title) if home else replace(pin, section="", position=None)

    def _home(self, path: str, title: str, homes: Mapping[str, SectionPlan]) -> SectionPlan | None:
        """Return the section for a story that the editor puts into the one called *title*; None where there is none."""
        home, lead = homes.get(title.casefold()), self._leads.get(path)
        if home is None or lead is None:
            return None
        # The editor says what a story is about, and its reader in which languages she reads.
        reads = Match(languages=home.match.languages, unnamed=home.match.unnamed)
        return home if reads.takes(Story(lead=lead)) else None
