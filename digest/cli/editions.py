"""`digest editions`: who of a list gets which edition of a week, written down in parts.

The JSON is an object (see `_values`). No line and no value has an address in it, nor anything else of a row.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import GIVEN, common, counted, settings_of, window_of
from digest.cli.output import printing, warn
from digest.cli.readers import list_of_readers, warn_of_rows
from digest.tables import places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.cli.output import Printer
    from digest.config.settings import Settings
    from digest.editions import Editions
    from digest.model import Window


class PartOfParts(click.ParamType["tuple[int, int]"]):
    """A part and of how many, such as `7/64`."""

    name = "part"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Return both numbers; wrong usage where there is no such part."""
        from digest.config.schema import MOST_PARTS

        number, _, parts = str(value).partition("/")
        if not all(each.isascii() and each.isdigit() for each in (number, parts)):
            self.fail(f"{value!r} is no part; write it like 7/64", param, ctx)
        if not 1 <= int(number) <= int(parts) <= MOST_PARTS:
            self.fail(f"there is no part {value}; parts count from 1, and there are at most {MOST_PARTS:,}", param, ctx)
        return int(number), int(parts)


@click.command()
@partial(common)
@click.option(
    "--readers",
    "source",
    type=GIVEN,
    metavar="FILE",
    help="List of readers: CSV, JSON Lines or Parquet, by path or address.  [default: readers.from]",
)
@click.option("--part", type=PartOfParts(), metavar="K/N", help="Make one part of N, in this process.")
@click.option("--engine", metavar="URL", help="Work on a Dask cluster, as tls://scheduler:8786.")
@click.option(
    "--example",
    type=click.IntRange(1, 10_000_000),
    metavar="NUMBER",
    help="Print a list of so many made-up readers instead, to try things out.",
)
@printing
def editions(
    *,
    source: str | None,
    part: tuple[int, int] | None,
    engine: str | None,
    example: int | None,
    printer: Printer,
    **options: Any,
) -> None:
    """Write down which edition of a week each reader gets: stories of the topics that she asks for.

    Nothing is sent. Parts that are there stay; after a run that was killed the same command makes the rest.
    """
    from digest import editions as making
    from digest.errors import OutputError

    if part and engine:
        raise click.UsageError("--part makes its part in this process; leave out --engine")
    settings = settings_of(**options)
    window = window_of(settings, **options)
    if example:
        _print_example(settings, window, example, printer)
        return
    listed = list_of_readers(settings, source)
    done = making.make(settings, window, listed, part, engine or "")
    _warn(done, listed)
    printer.note(**_values(done))
    printer.say(*_report(done, settings, listed))
    if done.left:
        numbers = ", ".join(str(left.number) for left in done.left)
        raise OutputError(
            done.folder,
            f"{counted(len(done.left), 'part')} could not be made: {numbers} ({done.left[0].why})",
            "mend that and run the same command again",
        )


def _warn(done: Editions, source: str) -> None:
    """Warn of what is wrong with the archive and the list *source*, and of parts that are of other things than now."""
    from digest.editions import part_files, roll
    from digest.tables import storage

    for problem in done.problems:
        warn(problem)
    # Whoever has put commas between topics has asked for one that nobody offers.
    offered = f"write some of {'; '.join(done.offer)}, with `;` between them"
    warn_of_rows(places.shown(source), done.faults, {roll.NOT_OFFERED: offered})
    stale = {"of another list of readers": done.older, "before more was sent of earlier issues": done.unaware}
    for when, parts in stale.items():
        if parts:
            stand = f"{counted(len(parts), 'part')} made {when}, which stay as they are"
            warn(f"{done.folder}: {stand}; {part_files.remedy(storage.opened(done.folder))}")


def _print_example(settings: Settings, window: Window, count: int, printer: Printer) -> None:
    """Print a list of *count* made-up readers as a CSV file, in JSON as objects."""
    from digest.editions import example

    rows = list(example.readers(settings, window, count))
    printer.result([{"email": address, settings.readers.topics: topics} for address, topics in rows])
    printer.say(*example.csv_lines(rows, settings.readers.topics))


def _values(done: Editions) -> dict[str, object]:
    """Return what was made, for other programs, whose keys are only ever added to.

    `counts` are readers: with an edition of their own (`personal`), without a wish, with too little for them (`general`
    or `skipped`); its `editions` are summed over parts. `faults` are numbers of rows by what is wrong with them.
    """
    return {
        "id": done.window.issue_id,
        "folder": done.folder,
        "counts": asdict(done.counts),
        "parts": {
            "wanted": done.parts,
            "made": len(done.made),
            "stood": len(done.stood),
            "older": list(done.older),
            "unaware": list(done.unaware),
        },
        "left": [asdict(left) for left in done.left],
        "duplicates": done.duplicates,
        "not_due": done.not_due,
        "faults": {fault: len(lines) for fault, lines in done.faults.items()},
        "problems": [str(problem) for problem in done.problems],
    }


def _report(done: Editions, settings: Settings, source: str) -> Iterator[str]:
    """Yield what an editor wants to know of a run, in lines."""
    counts = done.counts
    yield f"{settings.newsletter.name}, editions of {done.window.issue_id}: {done.window}"
    yield f"{counted(counts.readers, 'reader')} of {places.shown(source)} ({counted(done.duplicates, 'duplicate')})"
    different = counted(counts.editions, "different one")
    yield f"  {counts.personal:,} with an edition of their own, {different} within their parts"
    if done.not_due:
        wanted = settings.editions.frequency
        yield f"  {counted(done.not_due, 'more reader')} left out who did not ask for a {wanted} letter"
    if counts.wishless:
        yield f"  {counts.wishless:,} without a wish get the issue for all"
    fewest = f"for whom the week has fewer than {counted(settings.editions.fewest, 'story', 'stories')}"
    if counts.general:
        yield f"  {counts.general:,} {fewest} get the issue for all"
    if counts.skipped:
        yield f"  {counts.skipped:,} {fewest} get nothing"
    stood = f"{len(done.stood):,} {'was' if len(done.stood) == 1 else 'were'} there"
    yield f"{done.folder}: {len(done.made):,} of {counted(done.parts, 'part')} made, {stood}"
