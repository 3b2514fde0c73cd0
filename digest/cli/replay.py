"""`digest replay`: what past weeks would have run by today's settings, or by two settings compared.

Each week is chosen as a build of its day would have, with that week's edits and the memory of the weeks before it; no
issue is written. The JSON is a list, one item for each of the settings.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from digest.cli.dates import named, today
from digest.cli.options import GIVEN, common, settings_of
from digest.cli.output import printing

if TYPE_CHECKING:
    from digest.cli.output import Printer


@click.command()
@partial(common, configs=True)
@click.option("--last", "count", type=click.IntRange(1, 1000), help="How many weeks.  [default: 10]")
@click.option("--html", type=GIVEN, metavar="FILE", help="Write it as a page too, with a plot of heat a week.")
@printing
def replay(*, config: tuple[str, ...], count: int | None, html: str | None, printer: Printer, **options: Any) -> None:
    """Choose past weeks anew and say what each would have run.

    Weeks end on --to, by default with the newest issue, and reach back to --from or over --last weeks. With --config
    twice, both are replayed and compared. {id} in --archive stands for the day of each week. Writes no issue.
    """
    from digest.analysis import pages, replay, replay_report
    from digest.issue import output

    if len(config) > 2:
        raise click.UsageError("two configurations can be compared, not more")
    if options["to"] and options["last"]:
        raise click.UsageError("--to and --date say the same; give one")
    several = [settings_of(config=file, **options) for file in config or (None,)]
    first, last = (named(several[0], day) for day in (options["first"], options["to"] or options["last"]))
    if first and last and first > last:
        raise click.UsageError(f"--from {first} is after the last day, {last}")
    weeks = replay.windows(
        several[0], first=first, last=last, count=count or (None if first else 10), today=today(several[0])
    )
    # The shortest names that tell the two apart: with the same file name in two folders, their whole paths.
    names = [os.path.basename(file) for file in config] if len({*map(os.path.basename, config)}) > 1 else list(config)
    replays = replay.play(list(zip(names or ["digest.yaml"], several, strict=True)), weeks)
    printer.result(replay_report.values(replays))
    printer.say(*replay_report.lines(replays))
    if html:
        output.write_file(html, pages.replay_page(replays, several[0].newsletter.name).encode())
        printer.aside(f"{html}: written")
