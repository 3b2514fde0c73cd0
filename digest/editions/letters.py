"""The letters of editions: made in memory when they leave, from what a part says of them, and never stored.

A letter is that of the same issue, under the same name, as when the part was made; one that would be another is
refused.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from digest import pipeline
from digest.editions import part_files
from digest.editions.press import Press
from digest.errors import SendingError
from digest.mail import built

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.editions.common import CommonWeek
    from digest.editions.press import EditionRow
    from digest.mail.built import BuiltIssue, Reader
    from digest.model import Issue
    from digest.tables.storage import Storage

_LETTERS = 64
"""Letters that are kept: readers of an edition come one after the other, and each letter has the weight of a page."""

_PARTS = 4
"""Parts whose editions are kept: a run is at one, and goes back to those before for readers who are asked again."""

Share = tuple[int, str]
"""What a reader gets: the part that she is in, and the name of her edition there, or GENERAL."""


class EditionLetters:
    """The letters of a week's editions that stand in *place*, and the issue for all. Safe to use from several threads.

    *general* is that issue, None where nobody gets it.
    """

    def __init__(self, week: CommonWeek, place: Storage, general: BuiltIssue | None) -> None:
        self._week, self._place, self._general = week, place, general
        self._press, self._render, self._guard = Press(week), pipeline.renderer(week.settings), Lock()
        self._rows = lru_cache(_PARTS)(lambda part: part_files.editions(place, part))
        self._made = lru_cache(_LETTERS)(self._make)
        self._first: BuiltIssue | None = None

    def letter(self, share: Share) -> BuiltIssue:
        """Return the letter of *share*. Raises SendingError where it is not the one that was written down."""
        if share[1] == part_files.GENERAL:
            assert self._general is not None, "who needs the issue for all has asked for it"
            return self._general
        # A week chooses for one at a time.
        with self._guard:
            return self._made(share)

    def files(self, share: Share) -> Mapping[str, bytes]:
        """Return the files that a build would write of an edition, its record among them; raises as `letter` does."""
        with self._guard:
            issue, rendered = self._rendered(share)
        return pipeline.with_record(self._week.settings, issue, rendered)

    def _make(self, share: Share) -> BuiltIssue:
        issue, rendered = self._rendered(share)
        message, files = rendered.message, rendered.files
        if self._first is None:
            newsletter, place = self._week.settings.newsletter, self._shown(share)
            self._first = built.in_memory(files, message, newsletter, issue=issue.id, place=place)
        # Who sends, and how readers leave, is the same in all, and read out of the headers of the first alone.
        return replace(
            self._first,
            subject=message.subject,
            preheader=message.preheader,
            html=message.html,
            text=message.text,
            mime=files["message.eml"],
        )

    def _rendered(self, share: Share) -> tuple[Issue, pipeline.Rendered]:
        row = self._row(share)
        issue = self._press.issue(row.wish, row.had)
        if self._press.name(issue, row.wish.language) != row.name:
            raise SendingError(
                self._shown(share),
                f"edition {row.name} would be another letter now than the one written down",
                f"{part_files.remedy(self._place)}; nothing was sent",
            )
        return issue, self._render(issue)

    def _row(self, share: Share) -> EditionRow:
        part, name = share
        row = self._rows(part).get(name)
        if row is None:
            problem = f"has no edition {name}, which its readers get"
            raise SendingError(self._shown(share), problem, f"{part_files.remedy(self._place)}; nothing was sent")
        return row

    def _shown(self, share: Share) -> str:
        return self._place.shown(part_files.editions_file(share[0]))


class LettersOfReaders:
    """Which letter each reader of a run gets (`sending.Letters`): *shares* by address, each made by *letters*."""

    def __init__(self, letters: EditionLetters, shares: Mapping[str, Share]) -> None:
        self._letters, self._shares = letters, shares

    def edition(self, reader: Reader) -> str:
        """As of `built.Writer`."""
        return self._shares[reader.address][1]

    def letter(self, reader: Reader) -> BuiltIssue:
        """As of `built.Writer`."""
        return self._letters.letter(self._shares[reader.address])
