"""`digest theme`: a shipped theme, copied to be changed.

`theme new` never writes over a folder. Its JSON has `folder`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from digest.cli.output import printing
from digest.errors import ThemeError

if TYPE_CHECKING:
    from digest.cli.output import Printer


@click.group()
def theme() -> None:
    """Themes of your own."""


@theme.command("new")
@click.argument("name")
@click.option("--from", "original", default="default", show_default=True, help="The shipped theme to start from.")
@printing
def new_theme(*, name: str, original: str, printer: Printer) -> None:
    """Copy a theme to templates/NAME, to be changed there."""
    from digest.config import settings
    from digest.issue import output

    # A name that begins with a dot or ~ would be hidden, or be somewhere else to a shell.
    if os.path.basename(name) != name or name.startswith((".", "~")) or not name.strip():
        raise click.UsageError(f"{name!r} is no name for a theme: one word, without a folder, such as mine")
    shipped = settings.shipped_theme(f"templates/{original}")
    if shipped is None:
        raise click.UsageError(f"no shipped theme is called {original!r}; there are default and plain")
    folder = os.path.join("templates", name)
    if os.path.lexists(folder):
        raise ThemeError(folder, "is there already", "choose another name")
    output.copy_folder(shipped, folder)
    printer.note(folder=folder)
    printer.say(f"{folder}: written; change it, and name it with `templates: {folder}` or --templates {folder}")
