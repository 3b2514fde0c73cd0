"""`digest archive`: an archive in another form.

The JSON of `archive pack` has `file`, `rows`, `bytes` and `problems`. A file that is no article is told and left out,
as a build leaves it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import GIVEN, counted, settings_of
from digest.cli.output import printing, warn

if TYPE_CHECKING:
    from digest.cli.output import Printer
    from digest.model import Problem


@click.group()
def archive() -> None:
    """Archives in other forms."""


@archive.command("pack")
@click.argument("folder", type=GIVEN)
@click.option(
    "--to", "file", type=GIVEN, required=True, metavar="FILE", help="A path or address that ends in .jsonl or .parquet."
)
@click.option("--replace", is_flag=True, help="Write over a table that is there.")
@click.option("--config", type=GIVEN, metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@printing
def pack(*, folder: str, file: str, replace: bool, printer: Printer, **options: Any) -> None:
    """Write the articles of FOLDER as one table, a row a file.

    `archive: FILE` in the settings then gives the issues that the folder gives, byte for byte, memory and edits
    included. The folder stays as it is.
    """
    from digest.archive import packing

    settings = settings_of(archive=(), out=None, templates=None, days=None, **options)
    problems: list[Problem] = []
    packed = packing.pack(folder, file, settings.reading, problems.append, replace=replace)
    for problem in problems:
        warn(problem)
    printer.say(f"{packed.name}: {counted(packed.rows, 'article')}, {packed.size:,} bytes")
    printer.note(file=packed.name, rows=packed.rows, bytes=packed.size, problems=list(map(str, problems)))
