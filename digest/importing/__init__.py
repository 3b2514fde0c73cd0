"""Articles from files, folders and addresses, written down in the archive's format.

    address ─▶ fetch ─┐
    file, folder ─────┴▶ source ─▶ formats ─▶ services ─▶ shape ─▶ store ─▶ archive/2020-11-09-title.md
                         bytes     records    whose         an       never over another article
                                   of JSON,   export it     article
                                   CSV, feeds is

Guarantees:

- Text from the web stays text: mark-up is reduced to its words, and every value is quoted so that it reads back as it
  was.
- A bad record is one Problem and does not stop the others; nor does an unreadable file of a folder.
- Nothing is fetched but the address that the user named and where it redirects, and the feeds of a list where the user
  asked for them; addresses inside records never are.
- What an export holds beside published articles (drafts, pages, private posts) is left out and counted.
- What an editor wrote in a file of the archive stays, and an article that is there is not written again (`store`).

Decisions: docs/decisions/reading.md.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest import steps
from digest.errors import ImportingError
from digest.importing import fetch, formats, opml, shape
from digest.importing.source import Content, LeftOut, of_file, posts
from digest.model import Problem
from digest.records import filenames, frontmatter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.config.values import FieldPlan
    from digest.model import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """The content of one source.

    *articles* are its articles and *problems* what is wrong with its records and files, both in the order of the
    source. *notes* are remarks that cost no article, such as an encoding that is declared wrongly. *left_out* counts by
    kind what an export holds beside published articles.
    """

    articles: tuple[Article, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the user says of a source that it does not say itself.

    *items* is the path of the list inside a JSON document, and *encoding* that of files, "" where either has to be
    found. With *fetch_feeds* a list of feeds stands for their articles.
    """

    items: str = ""
    encoding: str = ""
    fetch_feeds: bool = False


_NONE = Hints()


def read(name: str, plan: FieldPlan, hints: Hints = _NONE) -> Brought:
    """Return the articles of *name*: a file, `-`, a folder of posts, or an http(s) address, which is fetched.

    *plan* is what the settings say of the source's field names and of what a heat is made of. Raises ImportingError
    where the source as a whole cannot be read: it is missing, too large, or of a kind or encoding that is not known;
    inside a folder, or for one feed of a list, that is a Problem.
    """
    reading = _Reading(plan, hints.items)
    is_alone = fetch.is_address(name) or not os.path.isdir(name)
    for content in _contents(name, hints.encoding):
        if isinstance(content, Problem):
            reading.problems.append(content)
            continue
        addresses = _feeds(content) if hints.fetch_feeds else []
        parts: list[Content | str] = [*addresses] or [content]
        # The user named the folder, not this file: a post in an unknown encoding among a thousand others is no reason
        # to bring in none of them.
        for each in parts:
            try:
                reading.take(fetch.fetch(each) if isinstance(each, str) else each)
            except ImportingError as error:
                if is_alone and not addresses:
                    raise
                reading.problems.append(_problem(error))
    return reading.brought()


class _Reading:
    """What has been read of a source so far."""

    def __init__(self, plan: FieldPlan, items: str) -> None:
        self._plan, self._items = plan, items
        self._articles: list[Article] = []
        self._notes: list[Problem] = []
        self._left_out: Counter[str] = Counter()
        self.problems: list[Problem] = []

    def take(self, content: Content) -> None:
        """Read one content. Raises ImportingError where it cannot be read as a whole."""
        text = formats.decoded(content)
        self._notes += [Problem(path=content.place, what=text.doubt)] if text.doubt else []
        for record in steps.each(formats.records(content, text, self._items), "reading records"):
            if isinstance(record, LeftOut):
                self._left_out[record.kind] += 1
                continue
            if isinstance(record, Problem):
                self.problems.append(record)
                continue
            shaped = shape.shaped(record, self._plan)
            self._articles += [shaped.article] if shaped.article else []
            # What is wrong with an article that was brought in all the same costs a field of it, not the article.
            (self._notes if shaped.article else self.problems).extend(shaped.problems)

    def brought(self) -> Brought:
        """Return all of it."""
        return Brought(
            articles=tuple(self._articles),
            problems=tuple(self.problems),
            notes=tuple(self._notes),
            left_out=dict(self._left_out.most_common()),
        )


def _problem(error: ImportingError) -> Problem:
    """Return the error of one file among many as a Problem."""
    return Problem(path=error.place, what=f"{error.what}; {error.remedy}")


def _feeds(content: Content) -> list[str]:
    """Return the addresses of the feeds in a list of feeds; none for anything else."""
    # Any encoding will do: the mark-up of OPML and its addresses are ASCII.
    text = content.data.decode("utf-8", "replace")
    return [str(address) for address in opml.feeds(text)] if opml.is_list(text) else []


def _contents(name: str, encoding: str) -> Iterator[Content | Problem]:
    """Yield the contents of a source: one of a file or an address, one a post of a folder.

    Raises ImportingError for a file or an address that cannot be read; inside a folder that is a Problem.
    """
    if fetch.is_address(name):
        yield fetch.fetch(name)
        return
    if not os.path.isdir(name):
        yield of_file(name, encoding)
        return
    for path in posts(name):
        if isinstance(path, Problem):
            yield path
            continue
        # A pipe or a post without permission, likewise.
        try:
            content = of_file(path, encoding)
        except ImportingError as error:
            yield _problem(error)
            continue
        # Beside posts that are pages stand others, which are no articles.
        if not filenames.is_page(path) or frontmatter.has_fence(content.data):
            yield content
