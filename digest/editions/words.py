"""The editor's own words of an issue in its editions, each where what it speaks of is there.

Words on a story are part of its pick, and those on a section of that (`selection`). Here are the others:

- the introduction is for all;
- a subject is in the place of the first headline: an edition has it that begins with the story with which the issue
  for all does. So it is with the preheader and the headlines that an inbox shows;
- a block behind or in a section stands where there is that section, or the topic of it; any other in all editions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.rendering.view import INBOX
from digest.selection.own_sections import Counterparts

if TYPE_CHECKING:
    from digest.editions.common import CommonWeek
    from digest.model import Issue


class OwnWords:
    """What the editor says in the editions of *week*."""

    def __init__(self, week: CommonWeek) -> None:
        self._frame, self._leads = week.frame, week.leads
        self._counterparts = Counterparts(week.settings.rules.plans or ())

    def on(self, issue: Issue) -> Issue:
        """Return an edition as it was chosen with all that the editor says in it."""
        edits, paths = issue.edits, tuple(pick.article.path for pick in issue.picks[:INBOX])
        fitting = replace(
            edits,
            subject=edits.subject if paths[:1] == self._leads[:1] else None,
            preheader=edits.preheader if paths == self._leads[:INBOX] else None,
        )
        blocks = self._counterparts.blocks(self._frame.blocks, [section.title for section in issue.sections])
        return replace(issue, edits=fitting, blocks=tuple(blocks), number=self._frame.number)
