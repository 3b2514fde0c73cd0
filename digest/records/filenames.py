"""Names of the files that hold articles, and of folders that hold none, for archives and imports alike."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGES = frozenset({".html", ".htm"})
"""Endings of pages, in lower case, which are articles only where they have front matter."""

ENDINGS = frozenset({".md", ".markdown", ".mdx", *PAGES})
"""Endings of the names of articles, in lower case."""

_OTHER_TEXTS = frozenset({".rst", ".org", ".adoc", ".asciidoc", ".textile", ".rmd", ".qmd", ".ipynb"})
"""Endings of files that may well be articles, and that are not read; of `.txt` most are notes and licences."""

_NO_ARCHIVE = frozenset({
    "_drafts", "drafts", "draft",  # not published
    "_site", "public", "node_modules", "vendor", "__pycache__",  # made by programs
    "_data", "_includes", "_layouts", "_sass", "archetypes",  # what a site is made with
})  # fmt: skip
"""Names of folders that hold no articles: drafts, output of generators (Jekyll, Hugo), packages, templates."""

LINK = "linked folder"
"""What a link to a folder is called among what is passed over."""


def is_article(name: str) -> bool:
    """Whether a file of that name may be an article: by its ending in any case, and no page of a section.

    Hugo and Zola describe a section in `_index.md`, or `_index.en.md`.
    """
    if name.startswith("_index."):
        return False
    # The usual one first: each of 100,000 names is asked about.
    return name.endswith(".md") or os.path.splitext(name)[1].casefold() in ENDINGS


def is_page(name: str) -> bool:
    """Whether a file of that name holds HTML, so that without front matter it is no article, and nothing is wrong."""
    return os.path.splitext(name)[1].casefold() in PAGES


def is_in_words(path: str) -> bool:
    """Whether a file's name is written in words, as those of notes are: with a blank in it."""
    return " " in path.rpartition("/")[2].strip()


def is_archive(folder: str) -> bool:
    """Whether a folder of that name is looked into; hidden ones are not."""
    return folder not in _NO_ARCHIVE and not folder.startswith(".")


def is_in_archive(path: str) -> bool:
    """Whether a walk comes to the file at *path*, which is relative to the archive and parted by `/`."""
    *folders, name = path.split("/")
    return is_article(name) and not name.startswith(".") and all(map(is_archive, folders))


def kind_of_text(name: str) -> str:
    """Return the ending, as it is written, of a file that may be an article and is not read; "" for any other."""
    ending = os.path.splitext(name)[1]
    return ending if ending.casefold() in _OTHER_TEXTS and not name.startswith(".") else ""


def passed_over(counts: Iterable[tuple[str, int]]) -> str:
    """Say what was not read: `not read: 3 .rst, 1 linked folder, 2 vendor folders`; "" where that is nothing.

    *counts* says how often each kind was met: an ending, LINK, or the name of a folder.
    """
    parts = []
    for kind, count in sorted(counts):
        label = kind if kind.startswith(".") or kind == LINK else f"{kind} folder"
        parts.append(f"{count:,} {label}{'s' if count > 1 and not kind.startswith('.') else ''}")
    return f"not read: {', '.join(parts)}" if parts else ""
