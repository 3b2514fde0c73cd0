"""Days and issues as people name them on the command line, and what day it is. Prints nothing.

`2020-11-11` and `2020-5-9` are days of the calendar; `today`, `yesterday`, `last wednesday` and `latest` are days that
only the settings tell, since they say where the newsletter lives. What names no day is wrong usage (exit status 2).
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from datetime import date, datetime

    from click.shell_completion import CompletionItem

    from digest.config.settings import Settings

# Days of the year 1, where no issue can be. They stand for a day that only the newsletter's time zone can tell, which
# is not known before the settings are read, while click converts the options one by one.
YESTERDAY = 1
TODAY = 2
LATEST = 3
_LAST = 11

# As `text.languages` has them, which takes too long to load where only `--help` is asked for; a test compares them.
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RELATIVE = {
    "yesterday": YESTERDAY,
    "today": TODAY,
    "latest": LATEST,
    **{f"last {day}": _LAST + number for number, day in enumerate(_WEEKDAYS)},
}


class Day(click.ParamType["date"]):
    """A day of the years in which issues can be, or a word for one."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day that *value* names, for a word one of the year 1; see `named`.

        Wrong usage where it names none, or one in which there are no issues.
        """
        from datetime import date

        # A hyphen joins the words where no quotes shall be needed: last-wednesday.
        word = " ".join(str(value).lower().replace("-", " ").split())
        if word in _RELATIVE:
            return date.fromordinal(_RELATIVE[word])
        day = _written(str(value))
        if day is None:
            remedy = "write it like 2020-11-11, yesterday or 'last wednesday'"
            self.fail(f"{value!r} is no day of the calendar; {remedy}", param, ctx)
        if not has_issues(day):
            self.fail(f"{str(value)!r} is too far away; {_years()}", param, ctx)
        return day

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the days of the issues that stand in out/, newest first."""
        from click.shell_completion import CompletionItem

        del ctx, param
        return [CompletionItem(day) for day in sorted({name[:10] for name in _built(incomplete)}, reverse=True)]


class AskedIssue(NamedTuple):
    """An issue as the command line names it: by a day, which may be a word for one, and a suffix where one is given."""

    day: date
    suffix: str = ""

    @property
    def is_latest(self) -> bool:
        """Whether it is the newest one, whichever that is."""
        return self.day.toordinal() == LATEST


class IssueArgument(click.ParamType["AskedIssue"]):
    """The name of an issue, such as `2020-11-11` or `2020-11-11-evening`; or its day, as `Day` takes it."""

    name = "issue"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> AskedIssue:
        """Return the issue that *value* names; wrong usage where it names none."""
        from digest.model import parts_of_issue

        try:
            day, suffix = parts_of_issue(str(value))
        except ValueError:
            return AskedIssue(Day().convert(value, param, ctx))
        return AskedIssue(Day().convert(day, param, ctx), suffix)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer `latest`, then the issues that stand in out/, newest first."""
        from click.shell_completion import CompletionItem

        del ctx, param
        words = ["latest"] if "latest".startswith(incomplete) else []
        return [CompletionItem(name) for name in (*words, *_built(incomplete))]


def _built(incomplete: str) -> list[str]:
    """Return the names of issues in `out` that begin like that, newest first.

    In the folder `out` alone: while the user types, settings that name another are not read.
    """
    names = os.listdir("out") if os.path.isdir("out") else []
    return sorted((name for name in names if name[:1].isdigit() and name.startswith(incomplete)), reverse=True)


def _written(written: str) -> date | None:
    """Return the day of the calendar that *written* names; None for none."""
    from datetime import date

    parts = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", written.strip(), re.ASCII)
    try:
        return date(*map(int, parts.groups())) if parts else date.fromisoformat(written)
    except ValueError:
        return None


def named(settings: Settings, day: date | None) -> date | None:
    """Return *day*, or the day of the calendar that a word stands for where the newsletter lives.

    `latest` is the last day of the last window that is over, and `last wednesday` is never today. None stays None. A
    day of the year 1 is one of these words, as `Day` has left it.
    """
    from datetime import timedelta

    from digest.issue import windows

    word = day.toordinal() if day else 0
    if day is None or word not in _RELATIVE.values():
        return day
    if word == LATEST:
        return windows.latest(settings, now_in(settings.newsletter.timezone))
    now = today(settings)
    if word >= _LAST:
        return now - timedelta(days=(now.weekday() - (word - _LAST) - 1) % 7 + 1)
    return now - timedelta(days=1 if word == YESTERDAY else 0)


def issue_named(settings: Settings, asked: AskedIssue) -> str:
    """Return the id of the issue that was *asked* for, which need not stand in `out`.

    `latest` is the newest one built. A day alone is an issue with the suffix of the settings, or one without where only
    that was built: the suffix may have come into the settings since.
    """
    from digest.issue.folder import IssueFolder

    if asked.is_latest and (newest := newest_issue(settings)):
        return newest
    day = named(settings, asked.day)
    suffix = asked.suffix or settings.window.suffix
    own = f"{day}-{suffix}" if suffix else str(day)
    was_before = not asked.suffix and not IssueFolder.of(settings.out, own).is_built
    return str(day) if was_before and IssueFolder.of(settings.out, str(day)).is_built else own


def issue_written(place: str) -> AskedIssue | None:
    """Return the issue that *place* names, where it is no path of something that stands on the disk; else None."""
    if os.path.exists(place) and not place[:1].isdigit():
        return None
    try:
        return IssueArgument().convert(place, None, None)
    except click.UsageError:
        return None


def newest_issue(settings: Settings) -> str | None:
    """Return the id of the last issue built by these settings, None where none stands in out/.

    Folders of other names, and with other suffixes, do not count.
    """
    from digest.issue import record, windows
    from digest.model import day_of_issue

    names = [name for name in record.issues(settings.out) if has_issues(day_of_issue(name))]
    return max((name for name in names if windows.is_named_by(settings, name)), default=None)


def today(settings: Settings) -> date:
    """Return the day it is where the newsletter lives; SOURCE_DATE_EPOCH may say another (see `now_in`)."""
    return today_in(settings.newsletter.timezone)


def today_in(timezone: str) -> date:
    """Return the day it is in that zone; raises as `now_in` does."""
    return now_in(timezone).date()


def now_in(timezone: str) -> datetime:
    """Return what time it is in that zone; SOURCE_DATE_EPOCH, in seconds since 1970, says another moment.

    Wrong usage where that is no moment.
    """
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    # By the convention of reproducible-builds.org, whose value may be in the environment of a build. One that is no
    # number must not silently mean today: the issue of another week would be built.
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
        local = moment.astimezone(ZoneInfo(timezone))
    except (ValueError, OverflowError, OSError) as error:
        raise click.UsageError(f"SOURCE_DATE_EPOCH is {epoch!r}, not a number of seconds since 1970") from error
    if not has_issues(local.date()):
        problem = f"SOURCE_DATE_EPOCH is {epoch!r}, a moment of the year {local.year}"
        raise click.UsageError(f"{problem}; {_years()}")
    return local


def has_issues(day: date) -> bool:
    """Return whether an issue can be of *day*."""
    from digest.model import FIRST_YEAR, LAST_YEAR

    return FIRST_YEAR <= day.year <= LAST_YEAR


def _years() -> str:
    from digest.model import FIRST_YEAR, LAST_YEAR

    return f"issues are of the years {FIRST_YEAR} to {LAST_YEAR}"
