"""`digest init` and `digest topics`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import GIVEN, common, counted, settings_of
from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Window
    from digest.settings import Settings
    from digest.survey import Survey
    from digest.survey.report import Filling


@click.command()
@click.argument("folder", default=".", type=GIVEN, metavar="[DIR]")
@click.option("--demo", is_flag=True, help="Bring the sample archive, to try things out.")
def init(*, folder: str, demo: bool) -> None:
    """Set up a newsletter in DIR, by default here.

    Looks at the articles it finds below DIR and writes a commented digest.yaml that fits them, a folder for your edits
    and a .gitignore. Writes nothing over anything.
    """
    from digest import archive, clean, identity, initial, output, survey
    from digest.model import FieldPlan, ReadingPlan

    files = {name: os.path.normpath(os.path.join(folder, name)) for name in ("digest.yaml", ".gitignore")}
    if os.path.lexists(files["digest.yaml"]):
        raise DigestError(files["digest.yaml"], "is there already", "change it, or set up another folder")
    if demo:
        _bring_samples(folder)
    folders, plan = initial.find(folder) if os.path.isdir(folder) else ((), FieldPlan())
    if not folders:
        raise DigestError(
            folder,
            "no article with a title, a date, an address and heat below it",
            "put your articles (*.md) into a folder there, bring some in with `digest import`, or try "
            "`digest init --demo`",
        )
    articles = archive.read([os.path.join(folder, name) for name in folders], ReadingPlan(fields=plan)).articles
    found = survey.of(articles)
    name = clean.text(os.path.basename(os.path.abspath(folder)).replace("-", " ").replace("_", " ").title())
    text = initial.settings(identity.NAME if demo else name or "The Week", folders, found, plan)
    output.make_folder(os.path.normpath(os.path.join(folder, "edits")))
    output.write_file(files["digest.yaml"], text.encode())
    click.echo(f"{files['digest.yaml']}: written, for {counted(found.able, 'article')} that may run")
    if os.path.lexists(files[".gitignore"]):
        click.echo(
            f"{files['.gitignore']}: is there already; add what keeps issue.json and sent.json of out/*, the memory"
        )
    else:
        output.write_file(files[".gitignore"], initial.GITIGNORE.encode())
    _say_next(folder, survey.good_day(articles))


def _bring_samples(folder: str) -> None:
    from digest import output, settings

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


@click.command()
@common
@click.option("--last", "count", type=click.IntRange(1, 520), default=10, show_default=True, help="How many weeks.")
@click.option("--html", type=GIVEN, metavar="FILE", help="Write it as a page too, with plots.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def topics(*, count: int, html: str | None, as_json: bool, **options: Any) -> None:
    """Say what the archive holds: topics by week and heat, providers, and how full each section would have been.

    Weeks end on --date, by default on the day of the last story.
    """
    import json

    from digest import archive, output, survey
    from digest.survey import page, report

    settings = settings_of(**options)
    last = options["last"] or options["to"]
    articles = archive.read(settings.archive, settings.reading).articles
    found = survey.of(articles, timezone=settings.newsletter.timezone, last=last, weeks=count)
    fillings = _fillings(settings, found)
    if as_json:
        click.echo(json.dumps(report.values(found, fillings), indent=1, ensure_ascii=False, default=str))
    else:
        click.echo("\n".join(report.lines(found, fillings)))
    if html:
        output.write_file(html, page.to_html(found, fillings, settings.newsletter.name).encode())
        click.echo(f"{html}: written", err=as_json)


def _fillings(settings: Settings, found: Survey) -> Sequence[Filling]:
    """How many stories each configured section would have run in the weeks of the survey; none without sections."""
    from digest import pipeline, replay
    from digest.survey.report import Filling

    if not settings.rules.plans or not found.weeks:
        return ()
    weeks: list[Window] = [pipeline.window_of(settings, last=day) for day in found.weeks]
    played = replay.play("", settings, weeks).weeks
    picks = [{section.title: len(section.picks) for section in week.issue.sections} for week in played]
    return [
        Filling(title=plan.title, limit=plan.limit, weeks=tuple(week.get(plan.title, 0) for week in picks))
        for plan in settings.rules.plans
    ]
