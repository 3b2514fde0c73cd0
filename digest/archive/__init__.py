"""The archive: folders of Markdown files, and tables, read as Articles and Problems (docs/archive.md has the format).

    folders ─▶ walk ─▶ dateprobe ──────────▶ walk ─▶ frontmatter ─▶ article ─▶ Articles, Problems
               which   can it matter?        bytes   fields with    typed
               files   (index: what earlier          their lines    values
                        runs have proven)                              ▲
    tables ──▶ tables.rows, within the window ─▶ rows ─────────────────┘

A bad file is a Problem, with its line where there is one, and never stops the others. What is read depends on the files
alone: the index, the number of cores and the window that is asked for change how long it takes, not which articles of
the window there are.

Decisions: docs/decisions/reading.md.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest import files, steps
from digest.archive import dateprobe, walk
from digest.archive.spread import over_cores
from digest.config.values import Query, ReadingPlan
from digest.errors import ArchiveError
from digest.model import Article, Problem
from digest.records import article, dates, filenames, frontmatter
from digest.records.article import Record
from digest.tables.places import ENDINGS, is_table, shown, stem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from digest.archive.packing import Packer
    from digest.config.values import Source
    from digest.model import Window
    from digest.records.frontmatter import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The content of the archive's folders.

    *articles* and *problems* are sorted by path within each folder, the folders in the order of the settings. *files*
    counts all files of articles and rows of tables, also those that were proven to lie outside the window and not read.
    *passed_over* says in a line what else there is and is not read, "" where that is nothing.
    """

    articles: tuple[Article, ...]
    problems: tuple[Problem, ...]
    files: int
    passed_over: str = ""


_AS_OURS = ReadingPlan()
# Measured (docs/speed.md): below this, starting a child and passing its articles on costs more than it saves.
_WORTH_READING = 500
"""Files to be parsed for each core that make a fork worth while."""


# An article takes a kilobyte or two.
_MOST_ROWS = 2_000_000
"""Rows of one table that are read at once."""


def read(
    sources: Sequence[Source],
    how: ReadingPlan = _AS_OURS,
    *,
    within: Window | None = None,
    most_rows: int = _MOST_ROWS,
) -> Archive:
    """Return every article of *sources*, folders and tables, and every problem found on the way.

    With *within*, files and rows that provably carry a date outside it are counted and not read further, so neither
    their articles nor their problems appear; without it everything is read in full. Either way the articles of the
    window are the same. *how* says what fields are called, and from how many bytes on a file or row is a problem.

    Raises ArchiveError for a folder that is missing, where no source holds any article, and where the system has no
    more files or memory for this program; TableError, which is one, for a table that cannot be read, and TooManyRows
    where more than *most_rows* of one would have to be kept.
    """
    articles: list[Article] = []
    problems: list[Problem] = []
    count = 0
    passed = Counter[str]()
    for source, prefix in zip(sources, _prefixes(sources), strict=True):
        if isinstance(source, Query) or is_table(source):
            from digest.archive import rows  # noqa: PLC0415 - most archives are folders

            part, its_problems, its_count = rows.read(source, prefix, within, how, most_rows)
        else:
            if not os.path.isdir(source):
                raise _no_folder(source)
            part, its_problems, its_count = _read_folder(source, prefix, within, how, passed)
            its_problems = sorted(its_problems, key=lambda problem: problem.path.split(os.sep))
        # By the parts of the path: as text, `a-b/x.md` would come before `a/x.md`, since a hyphen sorts before a slash.
        articles += sorted(part, key=lambda article: article.path.split("/"))
        problems += its_problems
        count += its_count
    if not count:
        has_tables = len(_folders(sources)) < len(sources)
        problem = "no article in it" if has_tables else "no article (*.md) in it"
        raise ArchiveError(
            ", ".join(shown(str(source)) for source in sources), problem, "name the folder with --archive"
        )
    return Archive(
        articles=tuple(articles),
        problems=tuple(problems),
        files=count,
        passed_over=filenames.passed_over(passed.items()),
    )


def _no_folder(source: str) -> ArchiveError:
    """Return the error for a *source* that is neither a folder nor named like a table."""
    if os.path.isfile(source):
        remedy = f"unpack it if it is compressed; tables end in {', '.join(ENDINGS)}"
        return ArchiveError(source, "is neither a folder nor a table", remedy)
    return ArchiveError(source, "there is no such folder", "name your archive with --archive FOLDER")


def reread(
    before: Archive,
    sources: Sequence[Source],
    changed: Iterable[str],
    how: ReadingPlan = _AS_OURS,
    *,
    within: Window | None = None,
) -> Archive:
    """Return the archive *before* with the files *changed* read anew, whether written, added or removed.

    No other file is looked at: the preview reads one saved article without the ten thousand around it. *how* and
    *within* have to be what *before* was read with. Files are not counted anew, and articles that were read anew come
    behind the others.
    """
    named = [place for file in sorted(set(changed)) for place in _named(sources, file)]
    gone = {path for path, _, _ in named} | {file for _, file, _ in named}
    articles = [article for article in before.articles if article.path not in gone]
    problems = [problem for problem in before.problems if problem.path not in gone]
    for path, file, folder in named:
        if os.path.lexists(file) and dateprobe.at(file, path, within, how.fields):
            reread_article, its_problems = _read_file(path, file, folder, how)
            articles += reread_article
            problems += its_problems
    return Archive(
        articles=tuple(articles), problems=tuple(problems), files=before.files, passed_over=before.passed_over
    )


def samples(folders: Sequence[str], most: int) -> Iterator[tuple[str, Post]]:
    """Yield files below *folders*, at most *most* and evenly spread, each with its path within the archive.

    `digest init` asks them what fields are called. Files and folders that cannot be read are left out without a word.
    """
    paths = [
        (prefix, folder, listing.start + name)
        for folder, prefix in zip(folders, _prefixes(folders), strict=True)
        for listing in walk.listings(folder, lambda *_: None)
        for name in listing.names
    ]
    for prefix, folder, file in paths[:: max(1, -(-len(paths) // most))]:
        try:
            post = frontmatter.parse(walk.read_bytes(file, folder, _AS_OURS.most), file)
        except (OSError, ValueError):
            continue
        yield prefix + file[len(os.path.join(folder, "")) :].replace(os.sep, "/"), post


def lines(folder: str, how: ReadingPlan, packer: Packer, trouble: Callable[[Problem], None]) -> Iterator[bytes]:
    """Yield the line of a table for each article in *folder*, in the order of their paths, as *packer* makes it.

    *trouble* is called with what is wrong with a file that is left out, as a build leaves it out. Raises ArchiveError
    for a folder that is missing, and TableError where a file cannot be a row.
    """
    if not os.path.isdir(folder):
        raise ArchiveError(folder, "there is no such folder", "name a folder of articles")

    def unusable(file: str, problem: str) -> None:
        trouble(Problem(path=file, what=problem))

    skip = len(os.path.join(folder, ""))
    paths = [listing.start + name for listing in walk.listings(folder, unusable) for name in listing.names]
    by_path = {file[skip:].replace(os.sep, "/"): file for file in paths}
    for path in steps.each(sorted(by_path, key=lambda path: path.split("/")), "packing articles"):
        post = _post(path, by_path[path], folder, how)
        if isinstance(post, Problem):
            trouble(post)
        elif post is not None:
            yield packer.line(path, by_path[path], post)


def _read_folder(
    folder: str, prefix: str, within: Window | None, how: ReadingPlan, passed: Counter[str]
) -> tuple[list[Article], list[Problem], int]:
    """Return the articles and problems of the files below *folder* that may matter, in no order, and the files' number.

    *prefix* stands before each article's path; what is passed over is counted in *passed*. Raises ArchiveError where
    the program has run out of files or memory.
    """
    articles: list[Article] = []
    problems: list[Problem] = []
    files = 0

    def trouble(file: str, problem: str) -> None:
        problems.append(Problem(path=file, what=problem))

    skip = len(os.path.join(folder, ""))

    def read_each(paths: Sequence[str]) -> list[tuple[list[Article], list[Problem]]]:
        return [
            _read_file(prefix + file[skip:].replace(os.sep, "/"), file, folder, how)
            for file in steps.each(paths, "reading articles")
        ]

    inside: list[str] = []
    try:
        listings = walk.listings(folder, trouble, passed)
        for count, paths in dateprobe.below(folder, prefix, listings, within, how.fields):
            files += count
            inside += paths
    except OSError as error:
        _check_supply(error, folder)
        raise
    for its_articles, its_problems in over_cores(read_each, inside, worth=_WORTH_READING):
        articles += its_articles
        problems += its_problems
    return articles, problems, files


def _read_file(path: str, file: str, folder: str, how: ReadingPlan) -> tuple[list[Article], list[Problem]]:
    """Return the article in *file*, none or one, and what is wrong with it.

    *path* is its name within the archive. Raises ArchiveError where the program has run out of files or memory.
    """
    post = _post(path, file, folder, how)
    if not isinstance(post, frontmatter.Post):
        return [], [post] if post else []
    html = frozenset({"body"}) if post.kind == "html" else frozenset[str]()
    built = article.of_archive(Record(place=file, path=path, fields=post.fields, body=post.body, html=html), how)
    return [built.article] if built.article else [], list(built.problems)


def _post(path: str, file: str, folder: str, how: ReadingPlan) -> Post | Problem | None:
    """Return *file* taken apart, or what is wrong with it; None for what is no article. Raises as `_read_file` does."""
    try:
        return _parsed(walk.read_bytes(file, folder, how.most), path, file)
    except OSError as error:
        _check_supply(error, file)
        return Problem(path=file, what=files.trouble(error))
    except walk.Unfit as error:
        return Problem(path=file, what=str(error))
    except frontmatter.Malformed as error:
        return Problem(path=file, line=error.line, what=error.what)


def _parsed(content: bytes, path: str, file: str) -> Post | None:
    """Return a file taken apart; None for a page of a site that is no article. Raises Malformed."""
    try:
        return frontmatter.parse(content, file)
    except frontmatter.Absent:
        if filenames.is_page(file):
            return None
        # A note has its title as a heading, or is named by it, and its day in its name, and needs no more.
        has_title = content.lstrip().startswith(b"# ") or filenames.is_in_words(path)
        if dates.in_path(path) is None or not has_title:
            raise
        return frontmatter.Post({}, content.decode("utf-8", "replace"), "markdown")


def _check_supply(error: OSError, file: str) -> None:
    """Raise ArchiveError where *error* is about this program's files or memory, not about *file*."""
    # To go on would take each further article for a bad file, and build an issue without the week's stories.
    if files.is_passing(error):
        raise ArchiveError(file, files.trouble(error), "close other programs, or allow more files (ulimit -n)")


def _folders(sources: Sequence[Source]) -> list[tuple[str, str]]:
    """Return those of *sources* that are folders, each with what stands before the paths of its articles."""
    pairs = zip(sources, _prefixes(sources), strict=True)
    return [(source, prefix) for source, prefix in pairs if isinstance(source, str) and not is_table(source)]


def _named(sources: Sequence[Source], file: str) -> Iterable[tuple[str, str, str]]:
    """Yield (path to show, path to open, folder) of *file* for each folder among *sources* that a walk finds it in."""
    for folder, prefix in _folders(sources):
        # Links of the folder are followed, since a watcher may report real paths; the file's own is not, since an
        # article that is a link is known by the link's name.
        where = os.path.join(os.path.realpath(os.path.dirname(file)), os.path.basename(file))
        path = os.path.relpath(where, os.path.realpath(folder)).replace(os.sep, "/")
        if filenames.is_in_archive(path):
            yield prefix + path, os.path.join(folder, path), folder


def _prefixes(sources: Sequence[Source]) -> list[str]:
    """Return for each source what stands before the paths of its articles: its name, numbered where two are alike.

    Nothing where there is one source only, so that paths stay short, and stay as they are in records of earlier weeks.
    """
    if len(sources) == 1:
        return [""]
    names = [
        stem(str(source))
        if isinstance(source, Query) or is_table(source)
        else os.path.basename(os.path.abspath(source))
        for source in sources
    ]
    return [
        f"{name}/" if names.count(name) == 1 else f"{name}-{names[:place].count(name) + 1}/"
        for place, name in enumerate(names)
    ]
