"""What readers were to see and a theme does not show them: a line for the editor about each.

Whatever a theme asks of the variables, what counts is what is in the parts of the issue as they were made.
"""

from __future__ import annotations

import html as html_entities
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.text.phrases import bare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

HTML, TEXT, FRAGMENT = "HTML", "plain text", "fragment"
"""What the parts of an issue are called, for the editor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Something that readers are to see: *place* and *name* tell the editor of it, a theme has it as *variable*.

    *pieces* must be in every part and *pictured*, a picture and what is said of it, in those that have pictures; an
    empty piece is in all of them. *in_fragment* is false for what the fragment may do without.
    """

    place: str
    name: str
    variable: str
    pieces: tuple[str, ...] = ()
    pictured: tuple[str, ...] = ()
    in_fragment: bool = True

    def pieces_in(self, part: str) -> tuple[str, ...]:
        """Return the pieces that a part must have."""
        if part == FRAGMENT and not self.in_fragment:
            return ()
        return self.pieces if part == TEXT else (*self.pieces, *self.pictured)


def notes(wanted: Iterable[Wanted], parts: Mapping[str, str]) -> Iterator[str]:
    """Yield a line about each of *wanted* that one of *parts* does not show.

    These are HTML, TEXT and FRAGMENT by their names; one that the issue does not have is empty.
    """
    asked = list(wanted)
    # The parts are long, and most issues ask for nothing of their own.
    made = {name: part for name, part in parts.items() if part and asked}
    seen = {name: bare(part if name == TEXT else html_entities.unescape(part)) for name, part in made.items()}
    for each in asked:
        lost = [part for part, shown in seen.items() if not all(bare(piece) in shown for piece in each.pieces_in(part))]
        if lost:
            where = " and ".join(lost)
            yield f"{each.place}: the theme does not show {each.name} in its {where}; show `{each.variable}` there"
