"""`digest import`: articles from elsewhere into the archive.

One source that cannot be read, or one broken record, stops no other. The JSON has `new`, `known` and `bad`, counts of
articles, `left_out`, counts by kind of what exports hold beside articles, and `errors`, a sentence for each source that
could not be read at all. Exit status 1 where there is such a source, or where nothing could be used.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import GIVEN, counted, settings_of
from digest.cli.output import first_word_coloured, printing, warn
from digest.errors import ImportingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.cli.output import Printer
    from digest.model import Problem

# Problems of a source that are printed one by one: a feed of the wrong kind has as many as records.
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
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--config", type=GIVEN, metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@printing
def import_(*, sources: tuple[str, ...], folder: str | None, dry_run: bool, printer: Printer, **options: Any) -> None:
    """Write articles from elsewhere into the archive.

    SOURCE is a file, a folder of posts, - for standard input, or an address, which alone is fetched. What stands in a
    file tells what it is: JSON, JSON Lines, CSV, RSS, Atom, JSON Feed, bookmarks, or an export of WordPress, Ghost,
    Pocket, Instapaper, Raindrop, Readwise, Pinboard, wallabag, Hacker News, Lobsters, Miniflux, FreshRSS or GDELT.
    `fields` and `score` in digest.yaml say what fields are called elsewhere. Nothing is written over; a second import
    of the same changes nothing. A record, file or address that cannot be read is told, and the others are brought in;
    status 1 if a whole SOURCE could not be read.
    """
    from digest import folders, importing
    from digest.importing.store import Store

    hints = importing.Hints(**{name: options.pop(name) for name in ("items", "encoding", "fetch_feeds")})
    settings = settings_of(archive=(), out=None, templates=None, days=None, **options)
    target = folders.for_articles(folder, settings.archive)
    # One store for all sources, so that an article which two of them have is written once.
    store = Store(target, dry_run=dry_run)
    count = {"new": 0, "known": 0, "bad": 0}
    left_out: Counter[str] = Counter()
    errors: list[str] = []
    for source in sources:
        try:
            brought = importing.read(source, settings.fields, hints)
        except ImportingError as error:
            # The other sources are read all the same.
            click.echo(str(error), err=True)
            errors.append(str(error))
            continue
        _warn_of(brought.problems, brought.notes)
        count["bad"] += len(brought.problems)
        left_out.update(brought.left_out)
        for article in brought.articles:
            count["new" if store.add(article) else "known"] += 1
    if len(errors) < len(sources):
        printer.say(_summary(target, count, len(errors), dry_run=dry_run))
    if left_out:
        printer.say(f"left out: {', '.join(counted(number, kind) for kind, number in left_out.most_common())}")
    printer.note(folder=target, dry_run=dry_run, **count, left_out=dict(left_out.most_common()), errors=errors)
    # Of a source of which nothing could be used somebody has to hear, although each record was reported.
    click.get_current_context().exit(int(bool(errors) or not count["new"] + count["known"]))


def _summary(target: str, count: Mapping[str, int], unread: int, *, dry_run: bool) -> str:
    """Return one line of what was brought into the folder *target*; *unread* sources could not be read at all."""
    written = f"{counted(count['new'], 'article')} {'would be written' if dry_run else 'written'}"
    line = f"{target}: {written}, {count['known']:,} there already, {count['bad']:,} could not be read"
    return f"{line}; {counted(unread, 'source')} not read at all" if unread else line


def _warn_of(problems: Sequence[Problem], notes: Sequence[Problem]) -> None:
    """Print what a source could not give, and what was guessed of it, on standard error."""
    for note in notes:
        click.echo(first_word_coloured(f"note: {note}"), err=True)
    for problem in problems[:_MOST]:
        warn(problem)
    if len(problems) > _MOST:
        warn(f"{counted(len(problems) - _MOST, 'more problem')} like these")
