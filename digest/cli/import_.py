"""`digest import`: articles from elsewhere into the archive.

One source that cannot be read, or one broken record, stops no other. The JSON has `new`, `known`, `updated` and `bad`,
counts of articles, `left_out`, counts by kind of what exports hold beside articles, and `errors`, a sentence for each
source that could not be read at all. Exit status 1 where there is such a source, or where nothing could be used.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import GIVEN, counted, settings_of
from digest.cli.output import first_word_coloured, printing, warn
from digest.errors import ImportingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.cli.output import Printer
    from digest.importing import Brought
    from digest.importing.store import Store, Stored
    from digest.model import Problem

# Lines that are printed one by one: a feed of the wrong kind has as many problems as records.
_MOST = 20


@click.command("import")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--to",
    "folder",
    type=GIVEN,
    metavar="FOLDER",
    help="Where articles are written.  [default: the archive's first folder]",
)
@click.option("--items", default="", metavar="PATH", help="Where the list stands in a JSON document: data.stories.")
@click.option("--encoding", default="", metavar="NAME", help="Encoding of files that do not say it: windows-1250.")
@click.option("--fetch-feeds", is_flag=True, help="Fetch the feeds of a list of feeds (OPML).")
@click.option("--update", is_flag=True, help="Bring new heat and corrections to articles that are there already.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--config", type=GIVEN, metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@printing
def import_(
    *,
    sources: tuple[str, ...],
    folder: str | None,
    update: bool,
    dry_run: bool,
    printer: Printer,
    **options: Any,
) -> None:
    """Write articles from elsewhere into the archive.

    SOURCE is a file, a folder of posts, - for standard input, or an address, which alone is fetched. What stands in a
    file tells what it is: JSON, JSON Lines, CSV, RSS, Atom, JSON Feed, bookmarks, or an export of WordPress, Ghost,
    Pocket, Instapaper, Raindrop, Readwise, Pinboard, wallabag, Hacker News, Lobsters, Miniflux, FreshRSS or GDELT.
    `fields` and `score` in digest.yaml say what fields are called elsewhere. No article is written twice; --update
    brings heat and corrections to those that are there, and keeps what you wrote in their files. A record, file or
    address that cannot be read is told, and the others are brought in; status 1 if a whole SOURCE could not be read.
    """
    from digest import folders, importing
    from digest.importing.store import Store

    hints = importing.Hints(**{name: options.pop(name) for name in ("items", "encoding", "fetch_feeds")})
    settings = settings_of(archive=(), out=None, templates=None, days=None, **options)
    target = folders.for_articles(folder, settings.folders)
    # One store for all sources, so that an article which two of them have is written once.
    store = Store(target, dry_run=dry_run, update=update)
    tally = _Tally()
    for source in sources:
        try:
            tally.take(importing.read(source, settings.fields, hints), store)
        except ImportingError as error:
            # The other sources are read all the same.
            click.echo(str(error), err=True)
            tally.errors.append(str(error))
    lines = [*_first(tally.changes, "line"), *tally.told(target, dry_run=dry_run)]
    for line in lines if len(tally.errors) < len(sources) else []:
        printer.say(line)
    left_out = dict(tally.left_out.most_common())
    printer.note(folder=target, dry_run=dry_run, **tally.count, left_out=left_out, errors=tally.errors)
    # Of a source of which nothing could be used somebody has to hear, although each record was reported.
    click.get_current_context().exit(int(bool(tally.errors) or not tally.count["new"] + tally.count["known"]))


@dataclass(slots=True)
class _Tally:
    """What was brought in of all sources: counts of articles and of what is none, changes in lines, and errors."""

    count: dict[str, int] = field(default_factory=lambda: {"new": 0, "known": 0, "updated": 0, "bad": 0})
    left_out: Counter[str] = field(default_factory=Counter)
    changes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def take(self, brought: Brought, store: Store) -> None:
        """Write the articles of a source, and print what it could not give."""
        _warn_of(brought.problems, brought.notes)
        self.count["bad"] += len(brought.problems)
        self.left_out.update(brought.left_out)
        for stored in store.bring(brought.articles):
            self.count["new" if stored.is_new else "known"] += 1
            self.count["updated"] += bool(stored.changes)
            self.changes += _changes(stored)

    def told(self, target: str, *, dry_run: bool) -> list[str]:
        """Return what was brought into the folder *target* in one line, and what was left out in another."""
        count, would = self.count, "would be " if dry_run else ""
        line = f"{target}: {counted(count['new'], 'article')} {would}written, {count['known']:,} there already"
        line += f", {count['bad']:,} could not be read"
        if count["updated"]:
            line += f"; {count['updated']:,} {would}brought up to date"
        if self.errors:
            line += f"; {counted(len(self.errors), 'source')} not read at all"
        kinds = [counted(number, kind) for kind, number in self.left_out.most_common()]
        return [line, *([f"left out: {', '.join(kinds)}"] if kinds else [])]


def _changes(stored: Stored) -> list[str]:
    """Return in lines what was changed in a file, and what stays because the editor wrote it."""
    changed = [f"{stored.path}: {', '.join(stored.changes)}"] if stored.changes else []
    return changed + ([f"{stored.path}: kept as edited: {', '.join(stored.kept)}"] if stored.kept else [])


def _first(lines: Sequence[str], word: str) -> list[str]:
    """Return the first of many lines, and how many more there are."""
    more = [f"{counted(len(lines) - _MOST, f'more {word}')} like these"] if len(lines) > _MOST else []
    return [*lines[:_MOST], *more]


def _warn_of(problems: Sequence[Problem], notes: Sequence[Problem]) -> None:
    """Print what a source could not give, and what was guessed of it, on standard error."""
    for note in _first(list(map(str, notes)), "note"):
        click.echo(first_word_coloured(f"note: {note}"), err=True)
    for problem in _first(list(map(str, problems)), "problem"):
        warn(problem)
