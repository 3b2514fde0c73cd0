"""`digest edit`: the editor's file of an issue, written with all candidates and opened.

Writes edits/DAY.yaml where there is none, and never over one. Without $EDITOR or $VISUAL it says where the file is. The
JSON has `issue`, `file` and `written`: whether the file is new.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from digest.cli.dates import Day
from digest.cli.options import common, settings_of, window_of
from digest.cli.output import printing

if TYPE_CHECKING:
    from datetime import date

    from digest.cli.output import Printer


@click.command()
@click.argument("day", required=False, type=Day())
@common
@click.option("--again", is_flag=True, help="Edit an issue that was handed over, to build over it.")
@printing
def edit(*, day: date | None, again: bool, printer: Printer, **options: Any) -> None:
    """Open the editor's file of an issue, with all its candidates to choose from.

    DAY is the last day of the issue, or a day of its window. Pins, drops, moves, joins, splits, your own words, subject
    and introduction go in there.
    """
    from digest import pipeline
    from digest.config import edits
    from digest.issue import output
    from digest.issue.folder import IssueFolder

    if day:
        options["last"] = day
    settings = settings_of(**options)
    window = window_of(settings, **options)
    place = IssueFolder.of(settings.out, window.issue_id)
    # Before the editor opens: an hour of editing must not end in the refusal of the next build.
    handed_over = place.handed_over
    if handed_over and not again:
        raise pipeline.sealed(place.path, handed_over)
    file = edits.path(settings.edits, window.issue_id)
    # A file that is there is the editor's, however old: candidates that came since stand in the preview's desk.
    new = not os.path.exists(file)
    if new:
        output.write_file(file, edits.template(pipeline.choose(settings, window).issue).encode())
        printer.say(f"{file}: written, with all candidates")
    printer.note(issue=window.issue_id, file=file, written=new)
    # Raises for a pipe, at which an editor would wait for ever.
    edits.read(settings.edits, window.issue_id)
    if os.environ.get("EDITOR") or os.environ.get("VISUAL"):
        click.edit(filename=file)
    else:
        printer.say(f"{file}: open it in your editor ($EDITOR is not set)")
