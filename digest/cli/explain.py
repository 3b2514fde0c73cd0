"""`digest explain`: why an article is in an issue, or why not.

Reads the record of a built issue; of a day that is not built it chooses as `build` would, and of a reader's edition as
`editions` would, and writes nothing. The JSON is a list of verdicts, as issue.json has them (docs/record.md); of an
article that was no candidate it is empty. Of an edition it is an object (see `_facts`) with that list as `verdicts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli.dates import AskedIssue, issue_named, named, newest_issue
from digest.cli.options import common, settings_of, window_of
from digest.cli.output import printing, warn
from digest.cli.readers import edition_of, of_reader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from digest.cli.output import Printer
    from digest.config.settings import Settings
    from digest.editions.reader import ReaderEdition
    from digest.model import Window


@click.command()
@click.argument("query", nargs=-1)
@common
@click.option("--topic", metavar="TOPIC", help="Explain every candidate of a topic or section instead.")
@of_reader
@printing
def explain(*, query: tuple[str, ...], topic: str | None, printer: Printer, **options: Any) -> None:
    """Say why an article is in the issue, or why not.

    QUERY is its address, its path in the archive, or words of its title; without one the whole issue is explained. With
    --reader it is the edition of that reader.
    """
    from digest.analysis import explain as explaining
    from digest.issue import record

    if query and topic:
        raise click.UsageError("name an article or --topic TOPIC, not both")
    settings = settings_of(**options)
    window = window_of(settings, newest=True, **options)
    edition = edition_of(settings, window, **options)
    if edition:
        its_record, source = record.of_choice(edition.issue), _source(edition)
        printer.remark(edition.chosen.archive.passed_over)
    else:
        its_record, source = _record(settings, window, _names(settings, window, **options), printer)
    verdicts = explaining.ranked(its_record["verdicts"], its_record["sections"])
    asked = " ".join(query)
    if topic:
        matching = explaining.of_topic(topic, its_record["sections"], verdicts)
    else:
        matching = explaining.named(asked, verdicts) if query else verdicts
    printer.result({**_facts(edition), "verdicts": matching} if edition else matching)
    # An outsider is looked for in the whole archive, which takes a second of a large one: not where nobody reads it.
    if printer.quiet or printer.as_json:
        return
    window = record.window(its_record)
    if topic:
        lines = explaining.table(topic, matching, window)
    elif not query:
        lines = explaining.issue(its_record)
    elif matching:
        lines = explaining.lines(matching, len(verdicts), window)
    else:
        lines = explaining.outsider(asked, settings.archive, window, settings.reading)
    printer.say(source, "", *lines)


def _source(edition: ReaderEdition) -> str:
    """Return the line above an explanation of a reader's edition: which it is, and whether it was written down."""
    which = f"This reader {edition.lack}" if edition.lack else f"Edition {edition.name}"
    return f"{which} ({edition.standing.words}):"


def _facts(edition: ReaderEdition) -> dict[str, object]:
    """Return what an edition is, for other programs.

    `edition` is its name, "general" for the issue for all, null for nothing; `lack` says why of the latter two. Whether
    it `will_be_sent`, and why, says `standing`.
    """
    return {
        "edition": edition.name,
        "lack": edition.lack,
        "will_be_sent": edition.standing.will_be_sent,
        "standing": edition.standing.words,
    }


def _names(
    settings: Settings, window: Window, *, last: date | None, first: date | None, to: date | None, **_: Any
) -> list[str]:
    """Return what the issue may be called that was asked for, the likeliest first.

    An issue that stands in out/ may have been built by other settings, when windows were others.
    """
    day = named(settings, to or last)
    built = newest_issue(settings) if not (day or first) else None
    asked = issue_named(settings, AskedIssue(day)) if day and not first else None
    return [name for name in (built, window.issue_id, asked) if name]


def _record(settings: Settings, window: Window, names: Sequence[str], printer: Printer) -> tuple[dict[str, Any], str]:
    """Return the record of the first built issue of *names*, or of what a build of *window* would choose, and a line.

    The line says which of the two it is.

    What the archive holds and is not read is a note. The line names the copy that readers got, where the issue was
    built over since. Raises RecordError for a record that cannot be read, and what `pipeline.choose` raises.
    """
    from digest import pipeline
    from digest.issue import record
    from digest.issue.folder import IssueFolder

    places = (IssueFolder.of(settings.out, name) for name in names)
    place = next((place for place in places if place.is_built), None)
    if place:
        handed_over = place.handed_over
        fate = f" ({handed_over.in_words()})" if handed_over else ""
        if place.as_sent.path != place.standing and handed_over:
            fate += f"; what readers got is in {place.as_sent.path}"
        return place.record, f"As built in {place.standing}{fate}:"
    chosen = pipeline.choose(settings, window)
    printer.remark(chosen.archive.passed_over)
    for line in chosen.unmatched:
        warn(line)
    return record.of_choice(chosen.issue), f"Not built yet; this is what a build of {window} would do:"
