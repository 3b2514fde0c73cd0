"""`digest init` and `digest topics`."""

from __future__ import annotations

import os

import click

from digest.cli.options import GIVEN, counted
from digest.errors import DigestError


@click.command()
@click.argument("folder", default=".", type=GIVEN, metavar="[DIR]")
@click.option("--demo", is_flag=True, help="Bring the sample archive, to try things out.")
def init(*, folder: str, demo: bool) -> None:
    """Set up a newsletter in DIR, by default here.

    Looks at the articles it finds below DIR and writes a commented digest.yaml that fits them, a folder for your edits
    and a .gitignore. Writes nothing over anything.
    """
    from digest import archive
    from digest.analysis import starter, statistics
    from digest.config import values
    from digest.config.values import FieldPlan, ReadingPlan
    from digest.issue import output
    from digest.text import sanitize

    files = {name: os.path.normpath(os.path.join(folder, name)) for name in ("digest.yaml", ".gitignore")}
    if os.path.lexists(files["digest.yaml"]):
        raise DigestError(files["digest.yaml"], "is there already", "change it, or set up another folder")
    if demo:
        _bring_samples(folder)
    folders, plan = starter.find(folder) if os.path.isdir(folder) else ((), FieldPlan())
    if not folders:
        raise DigestError(
            folder,
            "no article with a title, a date, an address and heat below it",
            "put your articles (*.md) into a folder there, bring some in with `digest import`, or try "
            "`digest init --demo`",
        )
    articles = archive.read([os.path.join(folder, name) for name in folders], ReadingPlan(fields=plan)).articles
    survey = statistics.of(articles)
    name = sanitize.text(os.path.basename(os.path.abspath(folder)).replace("-", " ").replace("_", " ").title())
    text = starter.settings(values.NAME if demo else name or "The Week", folders, survey, plan)
    output.make_folder(os.path.normpath(os.path.join(folder, "edits")))
    output.write_file(files["digest.yaml"], text.encode())
    click.echo(f"{files['digest.yaml']}: written, for {counted(survey.able, 'article')} that may run")
    if os.path.lexists(files[".gitignore"]):
        click.echo(
            f"{files['.gitignore']}: is there already; add what keeps issue.json and sent.json of out/*, the memory"
        )
    else:
        output.write_file(files[".gitignore"], starter.GITIGNORE.encode())
    _say_next(folder, statistics.good_day(articles))


def _bring_samples(folder: str) -> None:
    from digest.config import settings
    from digest.issue import output

    target = os.path.normpath(os.path.join(folder, "seeds"))
    if os.path.lexists(target):
        raise DigestError(target, "is there already", "set up an empty folder")
    samples = settings.shipped("seeds")
    assert samples is not None, "the sample archive belongs to the program"
    output.copy_folder(samples, target)
    click.echo(f"{target}: the sample archive")


def _say_next(folder: str, day: object) -> None:
    click.echo("\nNow:")
    if os.path.abspath(folder) != os.getcwd():
        click.echo(f"  cd {folder}")
    for command, why in (
        ("preview --open", "look at an issue"),
        (f"build --date {day}", "write it"),
        (f"explain --date {day}", "why is each story in, or not?"),
        ("topics", "what the archive holds"),
    ):
        click.echo(f"  digest {command:<26} # {why}")
