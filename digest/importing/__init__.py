"""Articles from elsewhere, written down in the archive's format.

    address ─▶ fetch ─┐
    file, folder ─────┴▶ source ─▶ formats ─▶ raw fields ─▶ shape ─▶ Found ─▶ store ─▶ archive/2020-11-09-title.md
                         bytes     JSON, CSV, feeds,        names,   or a     never over another article
                                   Hugo and Jekyll          score    Problem

What came off the web stays text: mark-up is reduced to its words, and every value is written so that it is read back as
it was. One bad record is one Problem and stops no other; so is one bad file of a folder.

Decisions: docs/decisions/reading.md.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import ImportingError
from digest.importing import fetch, formats, shape
from digest.importing.source import Content, of_file, posts
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.config.values import FieldPlan
    from digest.importing.shape import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a source holds: articles, what is wrong with the rest, and what else there is to say about it."""

    found: tuple[Found, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()


def read(name: str, plan: FieldPlan) -> Brought:
    """Return the articles in the file or folder *name*, or at that http(s) address, which is fetched.

    Raises ImportingError where the source as a whole cannot be read.
    """
    articles: list[Found] = []
    problems: list[Problem] = []
    notes: list[Problem] = []
    for content in _contents(name):
        if isinstance(content, Problem):
            problems.append(content)
            continue
        text = formats.decoded(content)
        notes += [Problem(path=content.place, what=text.doubt)] if text.doubt else []
        for record in formats.records(content, text):
            article = record if isinstance(record, Problem) else shape.article(record, plan)
            (problems if isinstance(article, Problem) else articles).append(article)  # type: ignore[arg-type]  # each to its own list
    return Brought(found=tuple(articles), problems=tuple(problems), notes=tuple(notes))


def _contents(name: str) -> Iterator[Content | Problem]:
    """Yield what there is to read; of a folder, a file that cannot be read is a Problem."""
    if fetch.is_address(name):
        yield fetch.fetch(name)
        return
    if not os.path.isdir(name):
        yield of_file(name)
        return
    for path in posts(name):
        if isinstance(path, Problem):
            yield path
            continue
        try:
            yield of_file(path)
        except ImportingError as error:
            yield Problem(path=error.place, what=f"{error.what}; {error.remedy}")
