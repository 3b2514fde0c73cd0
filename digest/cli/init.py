"""`digest init`: settings that fit the articles of a folder.

For a newcomer: it looks for articles, guesses what their fields are called, and ends with the commands to try next. It
writes nothing over anything, so a second run says that the settings are there already. The JSON has `settings`,
`archive`, `articles` and `day`, one on which the archive has a full week.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from digest.cli.options import GIVEN, counted, today_in
from digest.cli.output import printing
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.cli.output import Printer
    from digest.config.values import FieldPlan


@click.command()
@click.argument("folder", default=".", type=GIVEN, metavar="[DIR]")
@click.option("--demo", is_flag=True, help="Bring the sample archive, to try things out.")
@printing
def init(*, folder: str, demo: bool, printer: Printer) -> None:
    """Set up a newsletter in DIR, by default here.

    Looks at the articles it finds below DIR and writes a commented digest.yaml that fits them, a folder for your edits
    and a .gitignore. Writes nothing over anything.
    """
    from digest import archive
    from digest.analysis import starter, statistics
    from digest.config import values
    from digest.config.values import ReadingPlan
    from digest.issue import output
    from digest.text import sanitize

    files = {name: os.path.normpath(os.path.join(folder, name)) for name in ("digest.yaml", ".gitignore")}
    if os.path.lexists(files["digest.yaml"]):
        raise DigestError(files["digest.yaml"], "is there already", "change it, or set up another folder")
    # Before the look for articles, so that the samples are found like any other archive.
    if demo:
        _bring_samples(folder, printer)
    folders, plan = _archives(folder)
    articles = archive.read([os.path.join(folder, name) for name in folders], ReadingPlan(fields=plan)).articles
    now = today_in("UTC")
    survey = statistics.of(articles, today=now)
    # A folder's name is somebody's text, which goes into a YAML file and from there into every letter.
    name = sanitize.text(os.path.basename(os.path.abspath(folder)).replace("-", " ").replace("_", " ").title())
    text = starter.settings(values.NAME if demo else name or "The Week", folders, survey, plan)
    output.make_folder(os.path.normpath(os.path.join(folder, "edits")))
    output.write_file(files["digest.yaml"], text.encode())
    printer.say(f"{files['digest.yaml']}: written, for {counted(survey.able, 'article')} that may run")
    if os.path.lexists(files[".gitignore"]):
        missing = "what keeps issue.json and sent.json of out/*, the memory"
        printer.say(f"{files['.gitignore']}: is there already; add {missing}")
    else:
        output.write_file(files[".gitignore"], starter.GITIGNORE.encode())
    day = statistics.good_day(articles, today=now)
    printer.note(settings=files["digest.yaml"], archive=list(folders), articles=survey.able, day=day)
    _say_next(folder, day, printer)


def _archives(folder: str) -> tuple[tuple[str, ...], FieldPlan]:
    """Return the folders below *folder* that hold articles, and what their fields are called. Raises DigestError."""
    from digest.analysis import starter
    from digest.config.values import FieldPlan

    folders, plan = starter.find(folder) if os.path.isdir(folder) else ((), FieldPlan())
    if not folders:
        ways = "put your articles (*.md) into a folder there, bring some in with `digest import`, or try"
        problem = "no article with a title, a date, an address and heat below it"
        raise DigestError(folder, problem, f"{ways} `digest init --demo`")
    return folders, plan


def _bring_samples(folder: str, printer: Printer) -> None:
    """Copy the sample archive that comes with the program into *folder*, as `seeds`.

    Raises DigestError where a folder of that name is there: it may be an archive.
    """
    from digest.config import settings
    from digest.issue import output

    target = os.path.normpath(os.path.join(folder, "seeds"))
    if os.path.lexists(target):
        raise DigestError(target, "is there already", "set up an empty folder")
    samples = settings.shipped("seeds")
    assert samples is not None, "the sample archive belongs to the program"
    output.copy_folder(samples, target)
    printer.say(f"{target}: the sample archive")


def _say_next(folder: str, day: object, printer: Printer) -> None:
    """Say what a newcomer does next; *day* is one on which the archive has a full week."""
    printer.say("\nNow:")
    if os.path.abspath(folder) != os.getcwd():
        printer.say(f"  cd {folder}")
    for command, why in (
        ("preview --open", "look at an issue"),
        (f"build --date {day}", "write it"),
        (f"explain --date {day}", "why is each story in, or not?"),
        ("topics", "what the archive holds"),
    ):
        printer.say(f"  digest {command:<26} # {why}")
