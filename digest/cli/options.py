"""Options that several commands share, and what they mean: days, windows, settings, and the clock. Prints nothing.

Wrong usage is a click.UsageError (exit status 2) with a sentence; what the settings say wrong is a SettingsError.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from digest.cli.dates import Day, named, newest_issue, now_in, today

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from digest.config.settings import Settings
    from digest.mail.delivery import Clock
    from digest.model import Window


class Given(click.ParamType["str"]):
    """A text that is not empty. `--out "$UNSET"` in a script is wrong usage, and never means the default."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return *value* as it is; wrong usage where it is empty."""
        if not str(value).strip():
            self.fail("it is empty", param, ctx)
        return str(value)


GIVEN = Given()


_WEEK = (
    click.option(
        "--date",
        "last",
        type=Day(),
        metavar="DAY",
        help="Last day of the window, as 2020-11-11, today, yesterday, last-monday or latest.  [default: today]",
    ),
    click.option("--from", "first", type=Day(), metavar="DAY", help="First day of the window, instead of --days."),
    click.option("--to", "to", type=Day(), metavar="DAY", help="Last day of the window; the same as --date."),
    click.option("--days", type=click.IntRange(1, 3660), help="Length of the window in days.  [default: 7]"),
    click.option(
        "--archive",
        multiple=True,
        type=GIVEN,
        metavar="SOURCE",
        help="Folder or table of articles; may be given more than once.  [default: seeds]",
    ),
)
_PLACES = (
    click.option("--out", type=GIVEN, metavar="FOLDER", help="Where issues are written.  [default: out]"),
    click.option("--templates", type=GIVEN, metavar="FOLDER", help="The theme.  [default: templates/default]"),
)


def common(command: Callable[..., None], *, configs: bool = False) -> Callable[..., None]:
    """Give *command* the options that say which week of which archive; *configs*: --config may be given twice.

    They reach the command as `last`, `first`, `to`, `days`, `archive`, `config`, `out` and `templates`, which is what
    `settings_of` and `window_of` take.
    """
    config = click.option(
        "--config",
        multiple=configs,
        type=GIVEN,
        metavar="FILE",
        help=f"Settings{'; twice to compare two' * configs}.  [default: digest.yaml, if there is one]",
    )
    # Decorators apply from the inside out, so the last one comes first to stand last in the help.
    for option in reversed((*_WEEK, config, *_PLACES)):
        command = option(command)
    return command


def settings_of(
    *, config: str | None, archive: tuple[str, ...], out: str | None, templates: str | None, days: int | None, **_: Any
) -> Settings:
    """Return what digest.yaml and the flags of `common` say together; a flag wins. Raises SettingsError."""
    from digest.config import settings

    return settings.load(config, settings.Overrides(archive=archive, out=out, templates=templates, days=days))


def window_of(
    settings: Settings,
    *,
    last: date | None,
    first: date | None,
    to: date | None,
    days: int | None,
    newest: bool = False,
    **_: Any,
) -> Window:
    """Return the window that the flags name; wrong usage where two of them say the same thing.

    Without any it ends today, or with *newest* with the last issue built; one of the calendar is the last that is over,
    with *newest* too where that is due.
    """
    from digest import pipeline

    if to and last:
        raise click.UsageError("--to and --date say the same; give one")
    if first and days:
        raise click.UsageError("--from and --days both say where the window starts; give one")
    first, last, to = (named(settings, day) for day in (first, last, to))
    day = to or last or (_worth_a_look(settings) if newest and not first else None)
    day = day or (today(settings) if first else _day_of_issue(settings))
    if first and first > day:
        raise click.UsageError(f"--from {first} is after the last day, {day}")
    return pipeline.window_of(settings, last=day, first=first)


def _day_of_issue(settings: Settings) -> date:
    """Return the day of the issue that is built where none is named: today, or of a calendar the last that is over."""
    from digest.issue import windows

    if not settings.window.is_of_calendar:
        return today(settings)
    return windows.latest(settings, now_in(settings.newsletter.timezone))


def _worth_a_look(settings: Settings) -> date | None:
    """Return the day to show somebody who names none; None for today.

    That is the last issue built, or the one that is due after it, if there is news; where none is built, today if there
    is news, else the last full week of the archive: a newcomer who tries an old archive is to see an issue and not an
    empty week.
    """
    from digest import archive, pipeline
    from digest.analysis import statistics
    from digest.errors import ArchiveError
    from digest.model import day_of_issue

    built = newest_issue(settings)
    if built and not _is_another_due(settings, built):
        return day_of_issue(built)
    window = pipeline.window_of(settings, last=_day_of_issue(settings))
    try:
        if any(
            article.published_at in window
            for article in archive.read(settings.archive, settings.counting, within=window).articles
        ):
            return None
        if built:
            return day_of_issue(built)
        articles = archive.read(settings.archive, settings.counting).articles
    except ArchiveError:
        # The command itself reads the archive, too, and says so in its place.
        return None
    return statistics.good_day(
        articles,
        timezone=settings.newsletter.timezone,
        days=settings.days,
        rules=settings.rules.settled(articles),
        today=today(settings),
    )


def _is_another_due(settings: Settings, built: str) -> bool:
    """Whether a build that names no day makes an issue after the one called *built*.

    Where windows only follow what was sent, its day is always yesterday: the editor's issue is the one built, until it
    is handed over. Seven days end today, whatever is due.
    """
    from digest.issue.folder import IssueFolder
    from digest.model import day_of_issue

    if not settings.window.is_of_calendar or _day_of_issue(settings) <= day_of_issue(built):
        return False
    return settings.window.every is not None or IssueFolder.of(settings.out, built).handed_over is not None


def newsletters(config: str | None) -> list[tuple[str, str]]:
    """Return the name and the file of settings of each newsletter in the folder *config*, by default `newsletters`.

    Raises SettingsError where there is none, or where two would write into the same folder: their memories would mix.
    Two letters with other suffixes, of a morning and an evening, are meant to.
    """
    from digest.config import settings
    from digest.errors import SettingsError

    folder = config or "newsletters"
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    configs = [(name[:-5], os.path.join(folder, name)) for name in names if name.endswith(".yaml") and name[0] != "."]
    if not configs:
        problem = f"{folder}: no settings (*.yaml) in it"
        raise SettingsError([f"{problem}; write one a newsletter, or name the folder with --config"])
    taken: dict[tuple[str, str], str] = {}
    for name, file in configs:
        # By their real paths: a link or `..` may lead two of them into one folder.
        try:
            own = settings.load(file)
        except SettingsError:
            # Its own build says so, and stops no other.
            continue
        place = os.path.realpath(own.out), own.window.suffix
        if place in taken:
            problem = f"{file}: writes into the same folder as {taken[place]}"
            raise SettingsError([f"{problem}; give each an `out` of its own, such as out: ../out/{name}"])
        taken[place] = file
    return configs


def counted(count: int, word: str, several: str = "") -> str:
    """Return *count* with its *word*, in the plural *several* or with an s: `1 article`, `1,200 articles`."""
    return f"{count:,} {word if count == 1 else several or f'{word}s'}"


def clock() -> Clock:
    """Return the computer's clock as a run takes it. Only this package asks it; everybody else is handed one."""
    import time

    from digest.mail.delivery import Clock

    return Clock(time.time, time.sleep, monotonic=time.monotonic)
