r"""Dates as sources write them, brought to UTC: what can be read in one way only is read, whatever its form.

    2021-05-06T10:00:00Z   2021-05-06 9:05 +0200   2021/5/6   20210506T1000   2021-W18-4   2021年5月6日
    6 May 2021   May 6, 2021 at 10:00 am EDT   Thu, 06 May 2021 10:00:00 GMT   6. Mai 2021   6 de mayo de 2021
    2021-05-06 10:00:00 +0000 UTC (Go)   Thu May  6 10:00:00 2021 (C)   1620288000   1620288000000

A date has three parts, looked for in this order: the time of day, the zone behind it, and what is left, which must be a
day. Nothing is filled in and nothing passed over: what does not belong to one of them makes it no date. That is why no
general parser is used (docs/decisions/reading.md).

A day without a time is its first moment in the newsletter's zone, and a time without an offset is local to it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NoReturn

from digest.records import datenames
from digest.text.languages import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import tzinfo

# Where the wrong field is named, or a feed is hostile, a whole article may stand in the date's place.
_LONGEST = 100
"""Most characters of what may be a date."""

# Every moment has a day in every zone: in the years 1 and 9999 an offset may lead out of Python's calendar.
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
"""The first moment that a date can be, and the first that it cannot."""

_QUICK = re.compile(
    r"(\d{4})([-/.])(\d\d?)\2(\d\d?)"
    r"(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?(?:(Z|UTC|GMT)|([+-])(\d\d):?(\d\d)))?)?",
    re.ASCII,
)
"""The forms of nearly all dates, read at once: an archive may have a hundred thousand."""

_NUMBER = re.compile(r"(\d+)(?:\.\d*)?(?:[eE]\+?(\d{1,2}))?", re.ASCII)
_COMPACT = re.compile(r"(?:19|20|21)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d[0-5]\d(?:[0-5]\d)?)?")
"""A day, or a day with a time, as digits alone: 20210506, 202105061000, 20210506100000."""

_UNITS = ((1, 8), (1_000, 11), (1_000_000, 14), (1_000_000_000, 17))
"""Units of a second that are counted since 1970, each with the power of ten from which on a number is taken for it.

A hundred million seconds were over in 1973, ten thousand millions will be in 2286, so that no two units overlap.
"""

_TIME = re.compile(
    r"""(?:(?<=\d)T|(?<![\w:.+-]))
        (?P<hour>\d{1,2})
        (?: [:h](?P<minute>\d\d) (?: :(?P<second>\d\d) (?:[.,](?P<fraction>\d{1,9}))? )?
          | (?<=T\d\d) (?: (?P<minute2>\d\d) (?P<second2>\d\d)? )? (?![\d:])
          | (?=\ ?[ap]\.?m\b) )
        (?:\ ?(?P<half>[ap])\.?m\b\.?)?""",
    re.VERBOSE | re.IGNORECASE,
)
"""The time of day, with a colon, behind a T, or with am or pm."""

_OFFSET = re.compile(
    r" ?(?:UTC|GMT|UT)? ?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?(?::\d\d)?(?!\d)", re.IGNORECASE
)
_ZONE = re.compile(r" ?\[?(?P<name>[A-Za-z]+(?:/[A-Za-z0-9_+-]+)+|[A-Za-z]{1,5}\b)\]?")
# Go prints the offset and the zone's name, or the offset twice, and a reading of the machine's clock; Java the name.
_AGAIN = re.compile(r"(?: ?\[[\w/+-]+\]?| [A-Z]{1,5}\b| [+-]\d{4}\b)?(?: m=[+-][\d.]+)?")

# XML Schema's dates may have an offset, which moves the day of nobody who reads it.
_ZONE_OF_A_DAY = re.compile(r"(?:Z|\+\d\d:\d\d| ?\b(?:GMT|UTC))$", re.ASCII)

_COMMENT = re.compile(r"\(([^()]*)\)")
_CONNECTED = re.compile(r"(?<=[\s\d])(?:at|um|om|alle|a las|à|às|kl\.?|uhr)(?=\s|$)", re.IGNORECASE)
_OF = re.compile(r"(?:,|\b(?:of|the|de|del|den|le|г\.?|р\.?)(?=[\s,]|$))", re.IGNORECASE)
"""What stands between the parts of a day and says nothing."""

_WORD = r"(?P<word>[^\d\s,/.:'-]+(?!\d)\.?)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.|º|o)?"
_DAYS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})(?P<sign>[-/.: ]|\. )(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})\.?",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
        r"(?P<year>\d{4}) ?[年년] ?(?P<month>\d{1,2}) ?[月월] ?(?P<day>\d{1,2}) ?[日일]",
        rf"{_DAY}[ /-]?{_WORD}[ /-]?'?(?P<year>\d{{4}}|\d\d)",
        rf"{_WORD}[ /-]?{_DAY}[ /-](?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})\.?[ /-]?{_WORD}[ /-]?{_DAY}",
    )
]
_WEEK = re.compile(r"(\d{4})-?W(\d\d)-?([1-7])")
_DOUBTFUL = re.compile(r"(?P<first>\d{1,2})(?P<sign>[-/.]|\. )(?P<second>\d{1,2})(?P=sign)(?P<third>\d{4}|\d\d)\.?")
"""A day whose order of numbers is one of several."""

_IN_PATH = re.compile(
    r"""(?<![^/]) (?P<year>(?:19|20)\d\d)
        (?: (?P<sign>[-_.]) (?P<month>\d\d?) (?P=sign) (?P<day>\d\d?) (?= [-_. /] | T\d | $ )
          | (?P<month2>\d\d) (?P<day2>\d\d) (?:T?\d{4}(?:\d\d)?)? (?= [-_. /] | $ )
          | [-/] (?P<month3>\d\d?|[A-Za-z]{3,9}) / (?P<day3>\d\d?) (?= / | $ )
          | [-/]?W (?P<week>\d\d) (?:-?(?P<weekday>[1-7]))? (?= [-_. /] | $ ) )""",
    re.VERBOSE,
)
_AT_THE_END = re.compile(r"(?<=[-_. ])(?P<year>(?:19|20)\d\d)(?P<sign>[-_])(?P<month>\d\d?)(?P=sign)(?P<day>\d\d?)$")


class NoDate(ValueError):
    """What stands in a date's place cannot be read; as text it goes on after the field's name: `is no date …; …`.

    *is_date* says that it is one: a day that does not exist, or one that can be read in two ways.
    """

    def __init__(self, problem: str, *, is_date: bool = False) -> None:
        super().__init__(problem)
        self.is_date = is_date


def moment(written: str, zone: tzinfo, clock: tzinfo | None = None) -> datetime:
    """Return the moment that *written* names, in UTC.

    A day without a time is its first moment in *zone*, the newsletter's. A time without an offset is one of *clock*, by
    default of *zone*.
    Raises NoDate for what is no date, does not exist, or can be read in several ways.
    """
    text, shown = written.strip(), repr(written[:80])
    try:
        # Steps that grow with the square of a text are none where it is short.
        at = _in_utc(text, zone, clock or zone) if len(text) <= _LONGEST else None
    except _Several as error:
        raise NoDate(f"can be {error.spoken}: {shown}; write {error.remedy}", is_date=True) from error
    except datenames.UnknownZone as error:
        raise NoDate(f"{error}: {shown}; write the offset, like +02:00", is_date=True) from error
    except _Impossible as error:
        raise NoDate(f"{error}: {shown}; write it like 2020-11-09T10:29:00Z", is_date=True) from error
    except OverflowError as error:
        raise NoDate(f"is outside the calendar: {shown}", is_date=True) from error
    if at is None:
        raise NoDate(f"is no date and time: {shown}; write it like 2020-11-09T10:29:00Z")
    if not _FIRST <= at < _LAST:
        raise NoDate(f"is outside the calendar: {shown}", is_date=True)
    return at


def is_date(written: str) -> bool:
    """Whether *written* is a date, be it one that does not exist or can be read in several ways."""
    try:
        moment(written, UTC)
    except NoDate as error:
        return error.is_date
    return True


def in_path(path: str) -> date | None:
    """Return the day that the path of a file names, in its name or its folders; None where it names none.

    Of several the file's own name says it, at its start rather than at its end; then the innermost folder:
    `2021-05-04-title.md`, `2021-05-04_title/index.md`, `20210504T1000-title.md`, `letter-2021-05-04.md`,
    `2021/05/04/title.md`, `2021/May/4/title.md`. A week (`2021-W18/title.md`) stands for its Monday.
    """
    # `2021/05/10-tips.md` is left alone: a title may begin with a number.
    stem = path.rpartition(".")[0] or path
    name = stem.rfind("/") + 1
    last: date | None = None
    at_the_end = _AT_THE_END.search(stem, name)
    for match in _IN_PATH.finditer(stem):
        day = _named(match.groupdict())
        if day and match.end() > name:
            return day
        last = day or last
    return (_named(at_the_end.groupdict()) if at_the_end else None) or last


def _named(parts: Mapping[str, str | None]) -> date | None:
    """Return the day of a path from its *parts*, by the names of `_IN_PATH`; None where it does not exist."""
    year = int(parts["year"] or 0)
    day = parts["day"] or parts.get("day2") or parts.get("day3")
    month = parts["month"] or parts.get("month2") or parts.get("month3") or ""
    try:
        if day is None:
            return date.fromisocalendar(year, int(parts.get("week") or 0), int(parts.get("weekday") or 1))
        return date(year, int(month) if month.isdecimal() else datenames.english_month(month), int(day))
    except ValueError:
        return None


def _spoken(day: date) -> str:
    """Return a day in words, its month beyond doubt."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


class _Several(ValueError):
    """A day that can be read in several ways: those are *spoken* in words, and *remedy* says how to write them."""

    def __init__(self, days: Iterable[date]) -> None:
        super().__init__()
        *others, last = sorted(days)
        self.spoken = f"{', '.join(map(_spoken, others))} or {_spoken(last)}"
        self.remedy = f"{', '.join(map(date.isoformat, others))} or {last}"


class _Impossible(ValueError):
    """A day or time that does not exist; as text it says which of them."""


def _in_utc(text: str, zone: tzinfo, clock: tzinfo) -> datetime | None:
    """Return the moment that a text names; None where it is no date. Raises what its parts raise, and OverflowError."""
    at = _quick(text) or _from_number(text) or _from_parts(text, zone)
    if at is None or at.tzinfo:
        return at and at.astimezone(UTC)
    # Asked only where the answer matters: for nearly all newsletters both are one.
    has_time = clock is not zone and (_TIME.search(text) or (_COMPACT.fullmatch(text) and len(text) > 8))
    return at.replace(tzinfo=clock if has_time else zone).astimezone(UTC)


def _quick(text: str) -> datetime | None:
    """Return the date and time of the usual forms; None for every other."""
    match = _QUICK.fullmatch(text)
    if not match:
        return None
    year, _, month, day, hour, minute, second, fraction, utc, sign, hours, minutes = match.groups()
    zone: tzinfo | None = UTC if utc else None
    try:
        if sign:
            away = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(-away if sign == "-" else away)
        micro = int(fraction.ljust(6, "0")[:6]) if fraction else 0
        numbers = int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
        return datetime(*numbers, micro, tzinfo=zone)
    # What does not exist, or not quite (24:00), is looked at part by part.
    except ValueError:
        return None


def _from_number(text: str) -> datetime | None:
    """Return the moment that a number counts to from 1970, or whose digits it is; None for other numbers and texts."""
    if not _NUMBER.fullmatch(text):
        return None
    if _COMPACT.fullmatch(text):
        form = "%Y%m%d%H%M%S"[: len(text) - 2]
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - made local by the caller
        except ValueError:
            return None if len(text) == 12 else _impossible("is a day that does not exist")
    number = float(text)
    per_second = next((unit for unit, power in _UNITS if 10**power <= number < 10 ** (power + 2)), None)
    # Added, since fromtimestamp() knows no more than the clock of the system does.
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=number / per_second) if per_second else None


def _from_parts(text: str, home: tzinfo) -> datetime | None:
    """Return the date and time of any other form; None where *text* has none."""
    plain = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-").strip("<>[]'\"")
    plain = " ".join(_CONNECTED.sub(" ", _COMMENT.sub(" ", plain)).split())
    clock = _TIME.search(plain)
    if not clock:
        day = _day(_ZONE_OF_A_DAY.sub("", plain))
        return datetime(day.year, day.month, day.day) if day else None  # noqa: DTZ001 - made local by the caller
    zone, end = _zone_behind(plain, clock.end())
    day = _day(f"{plain[: clock.start()]} {plain[end:]}")
    if day is None:
        return None
    at = _at(day, clock)
    if zone is None:
        # "10:00, 6 May 2021 (UTC)", as Wikipedia signs.
        zone = next(filter(datenames.is_zone, _COMMENT.findall(text)), None)
    if isinstance(zone, str):
        return datenames.in_zone(at, zone, home)
    return at if zone is None else at.replace(tzinfo=timezone(zone))


def _zone_behind(text: str, start: int) -> tuple[timedelta | str | None, int]:
    """Return the zone that follows the time of day, as an offset or a name, and where it ends; None without one."""
    offset = _OFFSET.match(text, start)
    if offset:
        away = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        if away >= timedelta(days=1):
            _impossible("is a time zone that does not exist")
        again = _AGAIN.match(text, offset.end())
        return away if offset["sign"] == "+" else -away, again.end() if again else offset.end()
    name = _ZONE.match(text, start)
    if not name:
        return None, start
    word = name["name"]
    is_zone = datenames.is_zone(word) or not (datenames.months(word) or datenames.is_weekday(word))
    return (word, name.end()) if is_zone else (None, start)


def _at(day: date, clock: re.Match[str]) -> datetime:
    """Return *day* at the time of day that *clock* matched."""
    hour, minute, second = (int(clock[name] or 0) for name in ("hour", "minute", "second"))
    minute, second = minute or int(clock["minute2"] or 0), second or int(clock["second2"] or 0)
    if clock["half"]:
        if not 1 <= hour <= 12:
            _impossible("is a time that does not exist")
        hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
    # ISO 8601 has a midnight at the end of a day, and UTC has leap seconds.
    ends_day, second = (hour, minute, second) == (24, 0, 0), min(second, 59) if second == 60 else second
    micro = int((clock["fraction"] or "0").ljust(6, "0")[:6])
    try:
        at = datetime(day.year, day.month, day.day, 0 if ends_day else hour, minute, second, micro)  # noqa: DTZ001 - made local by the caller
    except ValueError:
        _impossible("is a time that does not exist")
    return at + timedelta(days=1) if ends_day else at


def _day(text: str) -> date | None:
    """Return the day that *text* names; None where it names none.

    Raises _Several where it can be read in several ways, and _Impossible for a day that does not exist.
    """
    plain = " ".join(_OF.sub(" ", text).split()).removesuffix(" -")
    first, _, behind_first = plain.partition(" ")
    before_last, _, last = plain.rpartition(" ")
    # The day of the week says nothing new: it is taken off where nothing can be read with it.
    for words, weekday in ((plain, ""), (behind_first, first), (before_last, last)):
        readings = list(_readings(words)) if words else []
        if readings and (not weekday or datenames.is_weekday(weekday)):
            break
    else:
        return None
    days = set()
    for year, month, day in readings:
        try:
            days.add(date(year, month, day))
        except ValueError:
            continue
    if not days:
        _impossible("is a day that does not exist")
    if len(days) > 1:
        raise _Several(days)
    return days.pop()


def _readings(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield each way to read *text*: a year, a month and a day, which need not exist together."""
    for form in _DAYS:
        match = form.fullmatch(text)
        if match:
            names = match.groupdict()
            for month in datenames.months(names["word"]) if "word" in names else [int(names["month"])]:
                yield _full(names["year"]), month, int(names["day"])
            return
    match = _WEEK.fullmatch(text)
    if match:
        year, week, day = map(int, match.groups())
        try:
            reading = date.fromisocalendar(year, week, day)
        except ValueError:
            _impossible("is a day that does not exist")
        yield reading.year, reading.month, reading.day
    match = _DOUBTFUL.fullmatch(text)
    if match:
        first, second, third = match["first"], match["second"], match["third"]
        yield _full(third), int(second), int(first)
        yield _full(third), int(first), int(second)
        if len(third) == 2 and len(first) == 2:
            yield _full(first), int(second), int(third)


def _full(year: str) -> int:
    """Return a year of four digits, or of two as RFC 2822 (4.3) has them: 49 is 2049, 50 is 1950."""
    return int(year) + (0 if len(year) > 2 else 2000 if int(year) < 50 else 1900)


def _impossible(what_is: str) -> NoReturn:
    """Raise _Impossible: *what_is* says what kind of thing does not exist."""
    raise _Impossible(what_is)
