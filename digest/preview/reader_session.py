"""One reader's edition as it is now, in memory: built again when a file changes, and never edited.

The desk stays the general issue's: the editor's word there goes into every edition that has what it speaks of.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.editions.reader import folder_of_readers, with_stories
from digest.preview.session import Session

if TYPE_CHECKING:
    from digest import pipeline
    from digest.editions.reader import OneReader, ReaderEdition
    from digest.preview.session import Judge, Load, Render, Snapshot


class ReaderSession(Session):
    """The edition of one *reader*; otherwise as Session.

    Raises DigestError where she gets no edition. While it runs, that is the error of a state like any other.
    """

    def __init__(self, load: Load, reader: OneReader, *, judge: Judge | None = None, render: Render) -> None:
        self._reader = reader
        self._edition: ReaderEdition | None = None
        super().__init__(load, judge=judge, render=render)

    @property
    def beside(self) -> tuple[str, ...]:
        """As of Session: the list, and who gets which edition of this week."""
        return self._reader.source, folder_of_readers(self._read.settings, self._read.window)

    def _begin(self) -> pipeline.Chosen:
        settings, window = self._load()
        self._edition = with_stories(self._reader.edition(settings, window))
        return self._edition.chosen

    def _reread(self) -> pipeline.Chosen:
        return self._begin()

    def _shown(self, version: int, rendered: pipeline.Rendered | None = None) -> Snapshot:
        return replace(super()._shown(version, rendered), edition=self._edition)
