"""`digest theme`."""

from __future__ import annotations

import os

import click


@click.group()
def theme() -> None:
    """Themes of your own."""


@theme.command("new")
@click.argument("name")
@click.option("--from", "original", default="default", show_default=True, help="The shipped theme to start from.")
def new_theme(*, name: str, original: str) -> None:
    """Copy a theme to templates/NAME, to be changed there."""
    from digest import settings, theme

    shipped = settings.shipped_theme(f"templates/{original}")
    if shipped is None:
        raise click.UsageError(f"no shipped theme is called {original!r}; there are default and plain")
    folder = os.path.join("templates", name)
    theme.copy(shipped, folder)
    click.echo(f"{folder}: written; change it, and name it with `templates: {folder}` or --templates {folder}")
