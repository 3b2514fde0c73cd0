"""Folder of Markdown files to Articles and Problems. Knows the archive's format, not what will be picked.

    folders ─▶ walk ─▶ (path, bytes) ─▶ glance ─▶ frontmatter ─▶ article ─▶ Articles, Problems
               which     one read       can this   fields with   typed
               files                    matter?    their lines   values

One bad file is one Problem and never stops the others.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.archive import article, frontmatter, glance, walk
from digest.errors import ArchiveError
from digest.model import Article, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from digest.model import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What was read: the articles by path, all problems by path, and how many files there were."""

    articles: tuple[Article, ...]
    problems: tuple[Problem, ...]
    files: int


def read(folders: Sequence[str], *, within: Window | None = None) -> Archive:
    """Return every article below *folders* and every problem found on the way.

    With *within*, files that provably carry a date outside it are counted and not read further, so neither their
    articles nor their problems appear; without it every file is read in full. Either way the articles of the window
    are the same. Raises ArchiveError for a folder that is missing, or holds no article at all.
    """
    can_skip = glance.outside(within) if within else None
    articles: list[Article] = []
    problems: list[Problem] = []
    files = 0

    def trouble(file: str, what: str) -> None:
        problems.append(Problem(path=file, what=what))

    for path, file, folder in _files(folders, trouble):
        files += 1
        try:
            raw = walk.read_bytes(file, folder)
            if can_skip and can_skip(raw):
                continue
            fields = frontmatter.parse(raw)
        except OSError as error:
            trouble(file, f"cannot be read ({error.strerror})")
        except walk.Unfit as error:
            trouble(file, str(error))
        except frontmatter.Malformed as error:
            problems.append(Problem(path=file, line=error.line, what=error.what))
        else:
            found, its_problems = article.build(path, fields, file)
            problems += its_problems
            if found:
                articles.append(found)
    if not files:
        raise ArchiveError(", ".join(folders), "no article (*.md) in it", "name the folder with --archive")
    return Archive(articles=tuple(articles), problems=tuple(problems), files=files)


def _files(folders: Sequence[str], trouble: Callable[[str, str], None]) -> Iterable[tuple[str, str, str]]:
    """Yield (path to show, path to open, folder) of each file; the first is the same wherever the archive stands."""
    for folder, prefix in zip(folders, _prefixes(folders), strict=True):
        if not os.path.isdir(folder):
            raise ArchiveError(folder, "there is no such folder", "name your archive with --archive FOLDER")
        for file in walk.markdown_files(folder, trouble):
            yield prefix + os.path.relpath(file, folder).replace(os.sep, "/"), file, folder


def _prefixes(folders: Sequence[str]) -> list[str]:
    """Nothing for a lone folder, else its name, numbered where two are named alike."""
    if len(folders) == 1:
        return [""]
    names = [os.path.basename(os.path.abspath(folder)) for folder in folders]
    return [
        f"{name}/" if names.count(name) == 1 else f"{name}-{names[:place].count(name) + 1}/"
        for place, name in enumerate(names)
    ]
