"""`digest topics`: what the archive holds, week by week.

Helps an editor to name sections before there are any, so it reads the whole archive and needs no built issue. The JSON
has the weeks, topics and providers of `statistics.values`, and how full each configured section would have been.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli.dates import named, today
from digest.cli.options import GIVEN, common, settings_of
from digest.cli.output import printing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.analysis.statistics import Filling, Survey
    from digest.cli.output import Printer
    from digest.config.settings import Settings
    from digest.model import Window


@click.command()
@common
@click.option("--last", "count", type=click.IntRange(1, 520), default=10, show_default=True, help="How many weeks.")
@click.option("--html", type=GIVEN, metavar="FILE", help="Write it as a page too, with plots.")
@printing
def topics(*, count: int, html: str | None, printer: Printer, **options: Any) -> None:
    """Say what the archive holds: topics by week and heat, providers, and how full each section would have been.

    Weeks end on --date, by default on the day of the last story that is not of days to come.
    """
    from digest import archive
    from digest.analysis import pages, statistics
    from digest.issue import output

    settings = settings_of(**options)
    last = named(settings, options["last"] or options["to"])
    # All of it, not one window: the survey covers many weeks.
    articles = archive.read(settings.archive, settings.counting).articles
    survey = statistics.of(
        articles,
        timezone=settings.newsletter.timezone,
        last=last,
        weeks=count,
        rules=settings.rules.settled(articles),
        today=today(settings),
    )
    fillings = _fillings(settings, survey)
    printer.result(statistics.values(survey, fillings))
    printer.say(*statistics.lines(survey, fillings))
    if html:
        output.write_file(html, pages.statistics_page(survey, fillings, settings.newsletter.name).encode())
        printer.aside(f"{html}: written")


def _fillings(settings: Settings, survey: Survey) -> Sequence[Filling]:
    """Return how many stories each configured section would have run in the weeks of *survey*, if any is."""
    from datetime import timedelta

    from digest import pipeline
    from digest.analysis import replay
    from digest.analysis.statistics import Filling

    if not settings.rules.plans or not survey.weeks:
        return ()
    # The survey is of weeks; windows of a calendar would hold several of them, or none.
    firsts = [day - timedelta(days=6) if settings.window.is_of_calendar else None for day in survey.weeks]
    weeks: list[Window] = [
        pipeline.window_of(settings, last=day, first=first) for day, first in zip(survey.weeks, firsts, strict=True)
    ]
    played = replay.play([("", settings)], weeks)[0].weeks
    picks = [{section.title: len(section.picks) for section in week.issue.sections} for week in played]
    return [
        Filling(title=plan.title, limit=plan.limit, weeks=tuple(week.get(plan.title, 0) for week in picks))
        for plan in settings.rules.plans
    ]
