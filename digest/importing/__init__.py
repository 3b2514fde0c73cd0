"""Articles from files, folders and addresses, written down in the archive's format.

    address ─▶ fetch ─┐
    file, folder ─────┴▶ source ─▶ formats ─▶ raw fields ─▶ shape ─▶ Article ─▶ store ─▶ archive/2020-11-09-title.md
                         bytes     JSON, CSV, feeds,        names,   or a     never over another article
                                   Hugo and Jekyll          score    Problem

Guarantees:

- Text from the web stays text: mark-up is reduced to its words, and every value is quoted so that it reads back as it
  was.
- A bad record is one Problem and does not stop the others; nor does an unreadable file of a folder.
- Nothing is fetched but the address that the user named and where it redirects; addresses inside records never are.
- No file of the archive is overwritten, and an article that is there is not written again (`store`).

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
    from digest.model import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """The content of one source.

    *articles* are its articles and *problems* what is wrong with its records and files, both in the order of the
    source. *notes* are remarks that cost no article, such as an encoding that is declared wrongly.
    """

    articles: tuple[Article, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()


def read(name: str, plan: FieldPlan) -> Brought:
    """Return the articles of *name*: a file, a folder of Markdown posts, or an http(s) address, which is fetched.

    *plan* is what the settings say of the source's field names and of what a heat is made of. Raises ImportingError
    where the source as a whole cannot be read: it is missing, too large, or of a kind or encoding that is not known.
    """
    articles: list[Article] = []
    problems: list[Problem] = []
    notes: list[Problem] = []
    for content in _contents(name):
        if isinstance(content, Problem):
            problems.append(content)
            continue
        text = formats.decoded(content)
        notes += [Problem(path=content.place, what=text.doubt)] if text.doubt else []
        for record in formats.records(content, text):
            if isinstance(record, Problem):
                problems.append(record)
                continue
            shaped = shape.shaped(record, plan)
            articles += [shaped.article] if shaped.article else []
            # What is wrong with an article that was brought in all the same costs a field of it, not the article.
            (notes if shaped.article else problems).extend(shaped.problems)
    return Brought(articles=tuple(articles), problems=tuple(problems), notes=tuple(notes))


def _contents(name: str) -> Iterator[Content | Problem]:
    """Yield the contents of a source: one of a file or an address, one a post of a folder.

    Raises ImportingError for a file or an address that cannot be read; inside a folder that is a Problem.
    """
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
        # The user named the folder, not this file: a pipe or a post without permission among a thousand others is
        # no reason to bring in none of them.
        try:
            yield of_file(path)
        except ImportingError as error:
            yield Problem(path=error.place, what=f"{error.what}; {error.remedy}")
