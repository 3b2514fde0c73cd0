"""Articles from elsewhere, written down in the archive's format. Knows neither selection nor what an issue is.

    file or folder ─▶ formats ─▶ raw fields ─▶ shape ─▶ Found ─▶ files ─▶ archive/2020-11-09-title.md
                      JSONL, CSV, feeds,       names,   or a              never over another article
                      Hugo and Jekyll          score    Problem

What came off the web stays text: mark-up is reduced to its words, and every value is written so that it is read back as
it was. One bad record is one Problem and stops no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.importing import formats, shape
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.importing.shape import Found
    from digest.model import FieldPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a source holds: articles, and what is wrong with the rest."""

    found: tuple[Found, ...]
    problems: tuple[Problem, ...]


def read(source: str, plan: FieldPlan, content: bytes | None = None) -> Brought:
    """Return the articles in the file or folder *source*, or in its *content* where that came from the network.

    Raises ImportingError where the source as a whole cannot be read.
    """
    found: list[Found] = []
    problems: list[Problem] = []
    for one in _each(source, plan, content):
        (problems if isinstance(one, Problem) else found).append(one)  # type: ignore[arg-type]  # each to its own list
    return Brought(found=tuple(found), problems=tuple(problems))


def _each(source: str, plan: FieldPlan, content: bytes | None) -> Iterator[Found | Problem]:
    for record in formats.records(source, content):
        if isinstance(record, Problem):
            yield record
            continue
        yield shape.article(record, plan)
