"""A wish to an edition: the stories that its reader gets, under a name that is a hash of all that makes the letter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from digest import selection
from digest.editions.marks import hash_of
from digest.editions.words import OwnWords
from digest.rendering import view
from digest.selection.own_sections import OwnSections
from digest.selection.week import ToldWeek

if TYPE_CHECKING:
    from digest.editions.common import CommonWeek
    from digest.model import Article, Issue, Pick, Wish

_KEPT = 20_000
"""Editions kept by wish and memory, some 20 MB: those that many ask for come again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRow:
    """An edition as it is written down. *sections* are titles with the paths of their stories.

    `Press.issue` makes the same of *wish* and *had*, which are those of one of its readers.
    """

    name: str
    subject: str
    wish: Wish
    had: tuple[int, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...]


class Press:
    """Makes the editions of a week, which it tells once, and keeps the editions of wishes that come again."""

    def __init__(self, week: CommonWeek) -> None:
        self._week = week
        language = week.settings.newsletter.language
        rules, own = week.settings.rules, OwnSections(language=language)
        self._told = ToldWeek(week.articles, week.window, rules, week.past, own, week.frame.edits)
        self._words = OwnWords(week)
        # Asked once: it is worked out anew each time.
        self._look = week.look, week.settings.digest
        self._marks: dict[str, str] = {}
        self._made = lru_cache(_KEPT)(self._row)

    def issue(self, wish: Wish, had: tuple[int, ...]) -> Issue:
        """Return the issue of a reader with that *wish* who *had* these runs of the past, ready to be rendered."""
        return self._words.on(self._told.issue(wish, had))

    def explained(self, wish: Wish, had: tuple[int, ...]) -> Issue:
        """Return the issue of `issue` as `select` makes it, with a verdict on every candidate.

        Guarantees: its sections are the same.
        """
        week = self._week
        rules = replace(week.settings.rules, plans=self._told.plans(wish))
        past = replace(week.past, ran=tuple(week.past.ran[run] for run in had))
        return selection.select(week.articles, week.window, rules, past, self._told.edits(wish))

    def edition(self, wish: Wish, had: tuple[int, ...]) -> EditionRow | None:
        """Return the edition for *wish* and whoever *had* these; None where it has fewer stories than an edition needs.

        Its `had` are those of them that may decide about a story of *wish*.
        """
        return self._made(wish, self._told.mattering(wish, had))

    def picks(self) -> tuple[Pick, ...]:
        """Return every story that an edition may have."""
        return self._told.picks()

    def others(self) -> tuple[Article, ...]:
        """Return the articles that could have run, and that no edition may have."""
        return self._told.others()

    def name(self, issue: Issue, language: str) -> str:
        """Return the name of *issue* as an edition: a hash of all that makes its letter, whoever makes it.

        *language* is that of the wish.
        """
        sections = tuple(
            (section.title, section.line, section.style, tuple(map(self._mark, section.picks)))
            for section in issue.sections
        )
        wording = issue.edits.subject, issue.edits.preheader, issue.edits.introduction
        # Where a block is written is no part of the letter.
        blocks = tuple(replace(block, place="") for block in issue.blocks)
        return hash_of((issue.id, sections, language, *self._look, issue.number, wording, blocks))

    def _row(self, wish: Wish, had: tuple[int, ...]) -> EditionRow | None:
        issue = self.issue(wish, had)
        picks = issue.picks
        if len(picks) < self._week.settings.editions.fewest:
            return None
        return EditionRow(
            name=self.name(issue, wish.language),
            subject=view.subject(issue),
            wish=wish,
            had=had,
            sections=tuple(
                (section.title, tuple(pick.article.path for pick in section.picks)) for section in issue.sections
            ),
        )

    def _mark(self, pick: Pick) -> str:
        """Return a hash of all that a letter may show of *pick*: an article that is mended makes another edition."""
        # An update differs by what its reader had.
        if pick.update:
            return hash_of(pick)
        path = pick.article.path
        if path not in self._marks:
            self._marks[path] = hash_of(pick)
        return self._marks[path]
