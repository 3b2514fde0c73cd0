"""`digest theme`: a shipped theme, copied to be changed, and a theme judged.

`theme new` never writes over a folder. Its JSON has `folder`; that of `theme check` has `problems` and `notes`, too.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import GIVEN, settings_of
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


@theme.command("check")
@click.argument("name", required=False, type=GIVEN)
@click.option("--config", type=GIVEN, metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@printing
def check_theme(*, name: str | None, printer: Printer, **options: Any) -> None:
    """Say everything that is wrong with a theme.

    NAME is a folder, or a theme in templates/; by default the theme of the settings. Exit status 1 where it cannot be
    compiled. What becomes of it in mail programs is what `digest check` says of a letter.
    """
    from digest import theme as themes
    from digest.rendering import language, template

    folder = name if name is None or os.path.isdir(name) else os.path.join("templates", name)
    settings = settings_of(archive=(), templates=folder, out=None, days=None, **options)
    folder, tag = settings.templates, settings.newsletter.language
    problems: list[str] = []
    notes: tuple[str, ...] = ()
    try:
        notes = themes.notes(folder, dict(settings.theme), language=tag)
        look = themes.load(folder, dict(settings.theme), language=tag)
        template.prove(look, language.load(tag, dict(look.catalogues)))
    except ThemeError as error:
        problems = str(error).splitlines()
    printer.note(folder=folder, problems=problems, notes=list(notes))
    printer.report(*(f"error {problem}" for problem in problems))
    summary = f"{folder}: {len(problems)} to mend" if problems else f"{folder}: can be compiled"
    printer.say(*(f"note {note}" for note in notes), summary)
    click.get_current_context().exit(int(bool(problems)))
