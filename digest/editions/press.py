"""A wish to an edition: the stories that its reader gets, under a name that is a hash of all that makes the letter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest.editions.common import hash_of
from digest.rendering import view
from digest.selection.week import ToldWeek

if TYPE_CHECKING:
    from digest.editions.common import CommonWeek
    from digest.model import Issue, Pick, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRow:
    """An edition as it is written down. *sections* are titles with the paths of their stories."""

    name: str
    subject: str
    language: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]


class Press:
    """Makes the editions of a week, which it tells once; of a wish that comes again it keeps the edition."""

    def __init__(self, week: CommonWeek) -> None:
        self._week = week
        language = week.settings.newsletter.language
        self._told = ToldWeek(week.articles, week.window, week.settings.rules, week.past, language=language)
        # What the newsletter's earlier issues ran is what every reader had; memories of each come later.
        self._seen = range(len(week.past.ran))
        self._marks: dict[str, str] = {}
        self._made: dict[Wish, EditionRow | None] = {}

    def issue(self, wish: Wish) -> Issue:
        """Return the issue that a reader with that *wish* gets, ready to be rendered."""
        frame = self._week.frame
        return replace(self._told.issue(wish, self._seen), blocks=frame.blocks, number=frame.number)

    def edition(self, wish: Wish) -> EditionRow | None:
        """Return the edition for *wish*; None where it has fewer stories than an edition needs."""
        if wish not in self._made:
            self._made[wish] = self._row(self.issue(wish), wish.language)
        return self._made[wish]

    def _row(self, issue: Issue, language: str) -> EditionRow | None:
        picks = issue.picks
        if len(picks) < self._week.settings.editions.fewest:
            return None
        sections = [(section.title, tuple(map(self._mark, section.picks))) for section in issue.sections]
        making = (issue.id, tuple(sections), language, self._week.look, self._week.settings.digest, issue.number)
        return EditionRow(
            name=hash_of(making),
            subject=view.subject(picks[0].article.title),
            language=language,
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
