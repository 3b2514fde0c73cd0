"""Articles written into a folder of the archive, one Markdown file each.

Guarantees, also where several imports write into one folder at once, or one is killed:

- no file is written over: an article's file appears under a name that was free, in one step of the file system;
- no file is half written: it is on the disk as a whole before it has its name;
- no article is written twice: one of the same address within a week is known again, whatever its headline is by now,
  and in whichever folder below it stands;
- what an editor wrote in a file stays: only what the last import wrote is brought up to date (`entry`), and that where
  it is asked for. Without being asked a file that nobody touched follows its source's corrected headline.

The file's name is the article's date and title (`naming`), with a number from 2 on for namesakes.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest import files, steps
from digest.errors import OutputError
from digest.importing import entry, naming
from digest.importing.known import Catalogue, KnownFile, look, stems
from digest.importing.placing import write_new

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from digest.model import Article


_CORRECTED = frozenset({"title"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of an article: it is *new*, or *known*.

    *path* is its file. Of a known one *changes* are in words what was brought up to date, and *kept* what differs in
    the source and stays, because the editor wrote it.
    """

    path: str
    is_new: bool
    changes: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(slots=True)
class _Numbers:
    """The numbers that files of one stem have (1 for the file without one), and the one to try next."""

    taken: set[int] = field(default_factory=set)
    free: int = 1

    def next(self) -> int:
        """Return a number that is free, which is taken from then on."""
        while self.free in self.taken:
            self.free += 1
        self.taken.add(self.free)
        return self.free


class Store:
    """A folder that articles are written into; it is made with the first of them.

    With *update* known articles are brought up to date. With *dry_run* nothing is written, and each article is judged
    as if the ones before had been. Raises OutputError where the folder cannot be listed.
    """

    def __init__(self, folder: str, *, dry_run: bool = False, update: bool = False) -> None:
        self._folder, self._dry_run, self._update = folder, dry_run, update
        # The folder is listed once and a file read at most once: six thousand articles of one day and title all have
        # one name, and looking through them anew for each took minutes.
        try:
            self._catalogue = Catalogue(folder)
        except OSError as error:
            raise self._failed(folder, error) from error
        self._numbers: defaultdict[str, _Numbers] = defaultdict(_Numbers)
        for name in self._catalogue.names:
            if name.endswith(".md"):
                for stem, number in stems(name).items():
                    self._numbers[stem].taken.add(number)

    def bring(self, articles: Iterable[Article]) -> Iterator[Stored]:
        """Write the articles of one source, and say what became of each. Raises OutputError."""
        listed = list(articles)
        shared = _shared(listed)
        for article in steps.each(listed, "writing articles"):
            yield self.add(article, is_shared=str(article.url) in shared)

    def add(self, article: Article, *, is_shared: bool = False) -> Stored:
        """Write an article, unless it is there already. Raises OutputError.

        *is_shared*: its source has several articles of that address, so that name and day have to agree as well.
        """
        while True:
            known = self._known(article, is_shared=is_shared)
            if known:
                return self._followed(*known, article)
            stem = naming.stem(entry.at(article).date(), article.title)
            path = self._path(stem, self._numbers[stem].next())
            if self._dry_run or self._write(path, entry.file_content(article)):
                self._catalogue.enter(str(article.url), KnownFile(path, entry.at(article).toordinal()))
                return Stored(path=path, is_new=True)
            # Another import has just taken that name, maybe with this very article.
            address, day = look(path)
            self._catalogue.enter(address, KnownFile(path, day))

    def _known(self, article: Article, *, is_shared: bool) -> tuple[KnownFile, bool] | None:
        """Return the file that an article has already, and whether that has the name of its headline."""
        day = entry.at(article).date()
        names = dict.fromkeys((naming.stem(day, article.title), naming.former_stem(day, article.title)))
        near = self._catalogue.near(str(article.url), day.toordinal(), names)
        return near if near and (near[1] or not is_shared) else None

    def _followed(self, file: KnownFile, is_called_so: bool, article: Article) -> Stored:  # noqa: FBT001 - a pair's half
        """Bring a known article up to date, as far as that is asked for and the file is the import's."""
        # A dry run has not written the files of its own articles.
        is_settled = is_called_so and not self._update
        if is_settled or (self._dry_run and not os.path.lexists(file.path)):
            return Stored(path=file.path, is_new=False)
        before = files.read_file(file.path)
        merged = entry.merged(before, article, None if self._update else _CORRECTED)
        if not self._update and not merged.was_untouched:
            return Stored(path=file.path, is_new=False)
        if not merged.changes:
            return Stored(path=file.path, is_new=False, kept=merged.kept)
        path = file.path
        if not self._dry_run:
            files.write_file(path, merged.content)
            path = self._renamed(file, article) if merged.was_untouched else path
        return Stored(path=path, is_new=False, changes=merged.changes, kept=merged.kept)

    def _renamed(self, file: KnownFile, article: Article) -> str:
        """Give a file that nobody touched the name of its article's headline by now, and return its path."""
        stem = naming.stem(entry.at(article).date(), article.title)
        above, name = os.path.split(file.path)
        # One whose name somebody chose, or that was sorted into another folder, keeps it.
        if stem in stems(name) or above != self._folder or not re.match(r"\d{4}-\d\d-\d\d-", name):
            return file.path
        path = self._path(stem, self._numbers[stem].next())
        try:
            os.link(file.path, path)
            os.unlink(file.path)
        # Without hard links, or where another import took the name, the old name serves.
        except OSError:
            return file.path
        self._catalogue.renamed(str(article.url), file, path)
        return path

    def _path(self, stem: str, number: int) -> str:
        """Return the path of the file with that stem and number."""
        return os.path.join(self._folder, f"{stem}.md" if number == 1 else f"{stem}-{number}.md")

    def _write(self, path: str, content: bytes) -> bool:
        """Write a new file as a whole and return True; False where something has that name by now.

        Raises OutputError.
        """
        try:
            os.makedirs(self._folder, exist_ok=True)
            return write_new(self._folder, path, content)
        except OSError as error:
            raise self._failed(path, error) from error

    @staticmethod
    def _failed(path: str, error: OSError) -> OutputError:
        """Return the error for what the system refused to do at *path*."""
        return OutputError(path, f"cannot be written ({error.strerror})", "make room or choose another folder")


def _shared(articles: Iterable[Article]) -> set[str]:
    """Return the addresses that several articles of a source have: their headlines and moments differ.

    Of one moment they are one article, whose headline was corrected while somebody kept a log of it.
    """
    headlines: defaultdict[str, set[tuple[datetime, str]]] = defaultdict(set)
    for article in articles:
        headlines[str(article.url)].add((entry.at(article), article.title))
    return {
        address
        for address, each in headlines.items()
        if len({moment for moment, _ in each}) > 1 and len({title for _, title in each}) > 1
    }
