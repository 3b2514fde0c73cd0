"""Windows of the calendar: the days, weeks and months that issues cover, and those since the last one that was sent.

    a day ─▶ of ─▶ the window that has it          latest ─▶ the day on which the last one ended that is over

Every day of the newsletter is in exactly one window of a calendar, so windows tile time without gap or overlap. With an
hour of closing a week that starts on Monday goes from Monday at that hour to Monday at that hour; it is named, as every
window is, by the day on which it ends. Asks no clock.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest.issue import record
from digest.issue.folder import IssueFolder
from digest.model import Window, day_of_issue

if TYPE_CHECKING:
    from datetime import datetime

    from digest.config.settings import Settings
    from digest.config.values import WindowPlan

_DAY = timedelta(days=1)


def of(settings: Settings, last: date, first: date | None = None) -> Window:
    """Return the window that *last* names: of the calendar the one that has this day, else the one that ends on it.

    With *first* it is from that day to *last*, whatever the settings say. Where they say `since: sent` it begins where
    the last issue before it that was sent ended; without one, as they say besides. Raises RecordError.
    """
    plan = settings.window
    if first is not None:
        return _made(settings, first, last)
    window = of_calendar(settings, last)
    return _since(settings, window) if plan.since_sent else window


def of_calendar(settings: Settings, day: date) -> Window:
    """Return the window of `of` as if no issue had been sent."""
    if settings.window.every is None:
        return _made(settings, day - timedelta(days=settings.days - 1), day)
    # An hour of closing shifts days: those of the newsletter from the 2nd to the 1st are a month of the calendar.
    shift = _DAY if settings.window.until else timedelta()
    first, last = _ends(settings.window, day - shift)
    return _made(settings, first + shift, last + shift)


def before(settings: Settings, window: Window) -> Window:
    """Return the window of the calendar before *window*."""
    return of_calendar(settings, window.first - _DAY)


def latest(settings: Settings, now: datetime) -> date:
    """Return the last day of the last window that is over at *now*."""
    day = now.astimezone(ZoneInfo(settings.newsletter.timezone)).date()
    while True:
        window = of_calendar(settings, day)
        # A day that a zone has left out makes an empty window, which is over and nothing.
        if window.starts_at < window.ends_at <= now:
            return window.last
        day -= _DAY


def is_named_by(settings: Settings, issue_id: str) -> bool:
    """Whether an issue is called as these *settings* call theirs: by a day alone, or with their suffix behind it."""
    day = day_of_issue(issue_id)
    return issue_id == _made(settings, day, day).issue_id


def sent(settings: Settings) -> list[Window]:
    """Return the windows of the newsletter's issues that were sent, oldest first. Raises RecordError.

    A draft at a service counts, as a person may have sent it there: to run news twice is worse than to lack some.
    """
    places = [place for place in IssueFolder.all_in(settings.out) if _is_sent(settings, place)]
    return sorted((record.window(place.as_sent.record) for place in places), key=lambda window: window.ends_at)


def _is_sent(settings: Settings, place: IssueFolder) -> bool:
    so_far = place.sent
    return so_far is not None and so_far.newsletter == settings.newsletter.name


def _since(settings: Settings, window: Window) -> Window:
    """Return *window* from where the last issue before it that was sent ended."""
    before_it = sent_before(settings, window)
    if before_it is None:
        return window
    end = before_it.ends_at
    first = min(_day_after(window, end), window.last)
    since = _made(settings, first, window.last)
    return since if since.starts_at == end else _made(settings, first, window.last, since=end)


def sent_before(settings: Settings, window: Window) -> Window | None:
    """Return the window of the last sent issue that ended before *window* does; None where there is none.

    It is that of what readers got. Raises RecordError.
    """
    earlier: list[Window] = []
    newest = date.min
    # The newest first; of the day of the first that counts all, since letters of one day are not in order of time.
    for place in reversed(IssueFolder.all_in(settings.out)):
        day = day_of_issue(place.id)
        if day < newest:
            break
        if day > window.last or place.id == window.issue_id or not _is_sent(settings, place):
            continue
        other = record.window(place.as_sent.record)
        if other.ends_at < window.ends_at:
            earlier.append(other)
            newest = day
    return max(earlier, key=lambda other: other.ends_at, default=None)


def since_in_words(settings: Settings, window: Window) -> list[str]:
    """Return since which issue the news of *window* is, in a line; none where the settings do not go by that.

    Nor of a window that was named by its days. Raises RecordError.
    """
    if not settings.window.since_sent or window != of(settings, window.last):
        return []
    earlier = sent_before(settings, window)
    if earlier is None:
        return ["No issue before it was sent (if readers have one: digest sent --mark DAY)"]
    return [f"Since issue {earlier.issue_id}, the last one that was sent"]


def _day_after(window: Window, end: datetime) -> date:
    """Return the first day of the newsletter that is not over at *end*."""
    # By the hours and the zone of *window*: they may have been others when the issue before was built.
    day = window.day_of(end) - _DAY
    while window.from_day(day).starts_at < end:
        day += _DAY
    return day if window.from_day(day).starts_at == end else day - _DAY


def _made(settings: Settings, first: date, last: date, since: datetime | None = None) -> Window:
    plan = settings.window
    zone = settings.newsletter.timezone
    return Window(first=first, last=last, timezone=zone, until=plan.until, since=since, suffix=plan.suffix)


def _ends(plan: WindowPlan, day: date) -> tuple[date, date]:
    """Return the first and the last day of the calendar's window that has *day*."""
    if plan.every == "month":
        first = day.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1) - _DAY
    length = {"day": 1, "week": 7}.get(plan.every or "", 14)
    first = day - timedelta(days=(day - plan.starts).days % length)
    return first, first + timedelta(days=length - 1)
