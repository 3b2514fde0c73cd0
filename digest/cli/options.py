"""Options that several commands share, and what they mean: days, windows, settings, and the clock. Prints nothing.

Wrong usage is a click.UsageError (exit status 2) with a sentence; what the settings say wrong is a SettingsError.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from click.shell_completion import CompletionItem

    from digest.config.settings import Settings
    from digest.mail.delivery import Clock
    from digest.model import Window


# Days of the year 1, where no issue can be. They stand for a day that only the newsletter's time zone can tell, which
# is not known before the settings are read, while click converts the options one by one.
YESTERDAY = 1
TODAY = 2

_RELATIVE = {"yesterday": YESTERDAY, "today": TODAY}


class Day(click.ParamType["date"]):
    """A calendar day in ISO 8601, of the years in which issues can be; *relative* allows `today` and `yesterday`."""

    name = "day"

    def __init__(self, *, relative: bool = False) -> None:
        self.relative = relative

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day that *value* names, for a relative one `YESTERDAY` or `TODAY` of the year 1; see `named`.

        Wrong usage where it names none, or one in which there are no issues.
        """
        from datetime import date

        if self.relative and value in _RELATIVE:
            return date.fromordinal(_RELATIVE[str(value)])
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day of the calendar; write it like 2020-11-11", param, ctx)
        if not has_issues(day):
            self.fail(f"{value!r} is too far away; issues are of the years 1900 to 2999", param, ctx)
        return day

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the issues that stand in out/, newest first.

        In the folder `out` alone: while the user types, settings that name another are not read.
        """
        from click.shell_completion import CompletionItem

        del ctx, param
        built = os.listdir("out") if os.path.isdir("out") else []
        days = sorted((name for name in built if name[:1].isdigit() and name.startswith(incomplete)), reverse=True)
        return [CompletionItem(day) for day in days]


class Given(click.ParamType["str"]):
    """A text that is not empty. `--out "$UNSET"` in a script is wrong usage, and never means the default."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return *value* as it is; wrong usage where it is empty."""
        if not str(value).strip():
            self.fail("it is empty", param, ctx)
        return str(value)


GIVEN = Given()


_DAY = Day(relative=True)
_WEEK = (
    click.option(
        "--date",
        "last",
        type=_DAY,
        metavar="DAY",
        help="Last day of the window, as 2020-11-11, today or yesterday.  [default: today]",
    ),
    click.option("--from", "first", type=_DAY, metavar="DAY", help="First day of the window, instead of --days."),
    click.option("--to", "to", type=_DAY, metavar="DAY", help="Last day of the window; the same as --date."),
    click.option("--days", type=click.IntRange(1, 3660), help="Length of the window in days.  [default: 7]"),
    click.option(
        "--archive",
        multiple=True,
        type=GIVEN,
        metavar="FOLDER",
        help="Folder of articles; may be given more than once.  [default: seeds]",
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

    Without any it ends today, or with *newest* with the last issue built. It is whole days where the newsletter lives.
    """
    from digest import pipeline

    if to and last:
        raise click.UsageError("--to and --date say the same; give one")
    if first and days:
        raise click.UsageError("--from and --days both say where the window starts; give one")
    first, last, to = (named(settings, day) for day in (first, last, to))
    day = to or last or (_worth_a_look(settings) if newest and not first else None) or today(settings)
    if first and first > day:
        raise click.UsageError(f"--from {first} is after the last day, {day}")
    return pipeline.window_of(settings, last=day, first=first)


def named(settings: Settings, day: date | None) -> date | None:
    """Return *day*, or the day of the calendar that `today` or `yesterday` stand for where the newsletter lives.

    None stays None. A day of the year 1 is one of these two words, as `Day` has left it.
    """
    from datetime import timedelta

    if day is None or day.toordinal() not in _RELATIVE.values():
        return day
    return today(settings) - timedelta(days=1 if day.toordinal() == YESTERDAY else 0)


def _worth_a_look(settings: Settings) -> date | None:
    """Return the day to show somebody who names none; None for today.

    That is the last issue built; where none is, today if there is news, else the last full week of the archive: a
    newcomer who tries an old archive is to see an issue and not an empty week.
    """
    from digest import archive, pipeline
    from digest.analysis import statistics
    from digest.errors import ArchiveError

    built = newest_issue(settings)
    if built:
        return built
    window = pipeline.window_of(settings, last=today(settings))
    try:
        if any(
            article.published_at in window
            for article in archive.read(settings.archive, settings.counting, within=window).articles
        ):
            return None
        articles = archive.read(settings.archive, settings.counting).articles
    except ArchiveError:
        # The command itself reads the archive, too, and says so in its place.
        return None
    needs_heat = settings.rules.settled(articles).needs_heat
    return statistics.good_day(
        articles,
        timezone=settings.newsletter.timezone,
        days=settings.days,
        needs_heat=needs_heat,
        today=today(settings),
    )


def today(settings: Settings) -> date:
    """Return the day it is where the newsletter lives; SOURCE_DATE_EPOCH may say another (see `today_in`)."""
    return today_in(settings.newsletter.timezone)


def today_in(timezone: str) -> date:
    """Return the day it is in that zone; SOURCE_DATE_EPOCH, in seconds since 1970, says another moment.

    Wrong usage where that is no moment.
    """
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    # By the convention of reproducible-builds.org, whose value may be in the environment of a build. One that is no
    # number must not silently mean today: the issue of another week would be built.
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
        return moment.astimezone(ZoneInfo(timezone)).date()
    except (ValueError, OverflowError, OSError) as error:
        raise click.UsageError(f"SOURCE_DATE_EPOCH is {epoch!r}, not a number of seconds since 1970") from error


def has_issues(day: date) -> bool:
    """Return whether an issue can be of *day*: windows must not reach over the ends of Python's calendar."""
    return 1900 <= day.year < 3000


def newest_issue(settings: Settings) -> date | None:
    """Return the day of the last issue built, None where none stands in out/. Folders of other names do not count."""
    from datetime import date

    from digest.issue import record

    days = []
    for name in record.issues(settings.out):
        # Folders of one's own may stand in out/, such as one for drafts.
        try:
            days.append(date.fromisoformat(name))
        except ValueError:
            continue
    return max(filter(has_issues, days), default=None)


def newsletters(config: str | None) -> list[tuple[str, str]]:
    """Return the name and the file of settings of each newsletter in the folder *config*, by default `newsletters`.

    Raises SettingsError where there is none, or where two would write into the same folder: their memories would mix.
    """
    from digest.config import settings
    from digest.errors import SettingsError

    folder = config or "newsletters"
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    configs = [(name[:-5], os.path.join(folder, name)) for name in names if name.endswith(".yaml") and name[0] != "."]
    if not configs:
        problem = f"{folder}: no settings (*.yaml) in it"
        raise SettingsError([f"{problem}; write one a newsletter, or name the folder with --config"])
    taken: dict[str, str] = {}
    for name, file in configs:
        # By their real paths: a link or `..` may lead two of them into one folder.
        try:
            out = os.path.realpath(settings.load(file).out)
        except SettingsError:
            # Its own build says so, and stops no other.
            continue
        if out in taken:
            problem = f"{file}: writes into the same folder as {taken[out]}"
            raise SettingsError([f"{problem}; give each an `out` of its own, such as out: ../out/{name}"])
        taken[out] = file
    return configs


def counted(count: int, word: str, several: str = "") -> str:
    """Return *count* with its *word*, in the plural *several* or with an s: `1 article`, `1,200 articles`."""
    return f"{count:,} {word if count == 1 else several or f'{word}s'}"


def clock() -> Clock:
    """Return the computer's clock as a run takes it. Only this package asks it; everybody else is handed one."""
    import time

    from digest.mail.delivery import Clock

    return Clock(time.time, time.sleep, monotonic=time.monotonic)
