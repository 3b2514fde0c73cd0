"""`digest theme`: a theme of one's own, made of a shipped one or of a designer's file, and a theme judged.

`theme new` never writes over a folder. Its JSON has `folder`; that of `theme check` has `problems` and `notes`, too.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import GIVEN, settings_of
from digest.cli.output import printing
from digest.errors import ThemeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.cli.output import Printer
    from digest.theme.adopting import DesignSection


@click.group()
def theme() -> None:
    """Themes of your own."""


@theme.command("new")
@click.argument("name")
@click.option(
    "--from",
    "original",
    default="default",
    show_default=True,
    help="The shipped theme to start from, or a designer's .mjml file.",
)
@click.option(
    "--story", "line", type=int, metavar="LINE", help="Where in that file a section begins that shows a story."
)
@click.option("--fragment", is_flag=True, help="With a fragment.html to change, as all themes share one.")
@printing
def new_theme(*, name: str, original: str, line: int | None, fragment: bool, printer: Printer) -> None:
    """Make a theme in templates/NAME: a copy of a shipped one, or of a file of MJML.

    In a file of MJML, <!-- story --> and <!-- /story --> stand around what shows one story; else --story names its
    line, or you are asked. Merge tags of other services become variables, and what the law asks for is added.
    """
    from digest.config import settings
    from digest.issue import output
    from digest.theme import source

    # A name that begins with a dot or ~ would be hidden, or be somewhere else to a shell.
    if os.path.basename(name) != name or name.startswith((".", "~")) or not name.strip():
        raise click.UsageError(f"{name!r} is no name for a theme: one word, without a folder, such as mine")
    folder = os.path.join("templates", name)
    if os.path.lexists(folder):
        raise ThemeError(folder, "is there already", "choose another name")
    notes: tuple[str, ...] = ()
    shipped = settings.shipped_theme(f"templates/{original}")
    if original.lower().endswith(".mjml"):
        notes = _adopt(original, folder, line, printer)
    elif shipped is None:
        names = ", ".join(settings.shipped_themes())
        problem = f"no shipped theme is called {original!r}; there are {names}, or name a .mjml file"
        raise click.UsageError(problem)
    else:
        output.copy_folder(shipped, folder)
        # What the theme shares with others is what its editor may want to change next.
        copied = source.read(folder).shared
        _write(folder, {each: source.shared()[each] for each in copied if each != source.FRAGMENT})
    if fragment:
        _write(folder, {source.FRAGMENT: source.shared()[source.FRAGMENT]})
    printer.note(folder=folder, notes=list(notes))
    printer.say(
        *(f"note {note}" for note in notes),
        f"{folder}: written; change it, and name it with `templates: {folder}` or --templates {folder}",
    )


def _adopt(file: str, folder: str, line: int | None, printer: Printer) -> tuple[str, ...]:
    """Write the theme that is made of *file* to *folder*; return what became of what in it. Raises ThemeError."""
    import tempfile

    from digest import files
    from digest.config import settings
    from digest.issue import output
    from digest.theme import adopting, source

    try:
        design = files.text(file)
    except (OSError, UnicodeDecodeError) as error:
        trouble = files.trouble(error) if isinstance(error, OSError) else "is not UTF-8"
        raise ThemeError(file, trouble, "name a file of MJML") from error
    adopted = adopting.adopt(design, file, _story_part(design, file, line, printer))
    default = settings.shipped_theme() or ""
    with tempfile.TemporaryDirectory() as working:
        made = {
            source.HTML: adopted.mjml,
            source.TEXT: adopting.with_design(source.shared()[source.TEXT], adopted.text),
            source.TOKENS: files.text(os.path.join(default, source.TOKENS)),
        }
        _write(working, made)
        output.copy_folder(working, folder)
    return adopted.notes


def _write(folder: str, contents: Mapping[str, str]) -> None:
    """Write each of *contents*, by name, into *folder*."""
    from digest.issue import output

    for name, content in contents.items():
        output.write_file(os.path.join(folder, name), content.encode())


def _story_part(source: str, file: str, line: int | None, printer: Printer) -> DesignSection | None:
    """Return the section that shows a story: the one at *line*, or the one that is chosen; None where it is marked.

    Raises ThemeError where nobody can be asked.
    """
    from digest.theme import adopting

    if adopting.is_marked(source) and line is None:
        return None
    sections = adopting.parts(source)
    if line is not None:
        chosen = [part for part in sections if part.line <= line][-1:]
        if not chosen or line > chosen[0].last_line:
            lines = ", ".join(str(part.line) for part in sections) or "none"
            raise ThemeError(f"{file}:{line}", "is in no section", f"name one of these lines: {lines}")
        return chosen[0]
    if not sections or printer.quiet or printer.as_json or not sys.stdin.isatty():
        return None
    for number, part in enumerate(sections, start=1):
        printer.ask(f"{number:>3}  line {part.line:<5} {part.words or '(a picture)'}")
    number = click.prompt("Which of these shows a story?", type=click.IntRange(1, len(sections)), err=True)
    return sections[number - 1]


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
