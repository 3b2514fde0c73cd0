"""Dates as sources write them: each form is read in one way, and what has two readings is named with both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from dateutil import parser as dateutil
from hypothesis import given
from hypothesis import strategies as st

from digest import archive
from digest.config import settings
from digest.model import Window
from digest.records import datenames, dates

if TYPE_CHECKING:
    from pathlib import Path

NEW_YORK, TOKYO, SHANGHAI = ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo"), ZoneInfo("Asia/Shanghai")
SAMOA, SAO_PAULO = ZoneInfo("Pacific/Apia"), ZoneInfo("America/Sao_Paulo")
DAY, MORNING = datetime(2021, 5, 6, tzinfo=UTC), datetime(2021, 5, 6, 10, tzinfo=UTC)

OF_A_DAY = """
2021-05-06
2021/05/06
2021.05.06
2021-5-6
2021/5/6
2021. 5. 6.
20210506
2021-W18-4
2021W184
2021-05-06Z
2021-05-06+02:00
May 6, 2021
May 6 2021
May 06 2021
May 6th, 2021
Thursday, May 6, 2021
Thu May 06 2021
6 May 2021
06 May, 2021
6th of May 2021
6-May-2021
06 May 21
Thu, 06 May 2021
2021 May 6
2021-May-06
2021-05-06 Thu
6. Mai 2021
Donnerstag, 6. Mai 2021
6 mai 2021
6 de mayo de 2021
jueves, 6 de mayo de 2021
quinta-feira, 6 de maio de 2021
6 maggio 2021
6 mei 2021
6 maja 2021
6 травня 2021 р.
6 мая 2021 г.
6 Mayıs 2021
2021. május 6.
"2021-05-06"
6 मई 2021
٦ مايو ٢٠٢١
6 במאי 2021
2021年5月6日
2021年5月6日 星期四
2021년 5월 6일
\uff12\uff10\uff12\uff11/05/06
""".strip().splitlines()

OF_TEN_IN_THE_MORNING = """
2021-05-06T10:00:00Z
2021-05-06T10:00:00z
2021-05-06T10:00Z
2021-05-06T10Z
2021-05-06 10:00:00Z
2021-05-06T12:00:00+02:00
2021-05-06T12:00:00+0200
2021-05-06 12:00:00 +0200
2021-05-06 12:00:00 +02
2021-05-06 12:00:00 +02:00
2021-05-06T05:00:00\u221205:00
2021-05-06 5:00 -0500
2021-05-06T10:00:00-00:00
20210506T100000Z
20210506T1000Z
2021/05/06 10:00:00 GMT
2021-05-06 10:00:00 UTC
2021-05-06 10:00:00 +0000 UTC
2021-05-06 12:00:00 +0200 CEST
2021-05-06 12:00:00 +0200 +0200
2021-05-06 12:00:00 +0200 CEST m=+0.001
2021-05-06T12:00+02:00[Europe/Berlin]
2021-05-06 12:00 Europe/Berlin
Thu, 06 May 2021 10:00:00 GMT
Thu, 06 May 2021 10:00:00 +0000
Thu, 06 May 2021 12:00:00 +02:00
Thu, 06 May 2021 12:00:00 GMT+02:00
Thu, 06 May 2021 12:00:00 GMT+2
Thu, 06 May 2021 05:00:00 EST
Thu, 06 May 2021 06:00:00 EDT
Thu, 06 May 2021 06:00:00 ET
Thu, 06 May 2021 12:00:00 MEST
Thu, 06 May 2021 11:00:00 CET
Thu, 06 May 21 10:00:00 GMT
Thu, 06 May, 2021 10:00:00 GMT
Thu, 2021/05/06 10:00:00 GMT
06 May 2021 10:00 UT
May 6, 2021 at 10:00 AM UTC
May 6, 2021, 10am UTC
Thu May  6 10:00:00 UTC 2021
Thu May 06 10:00:00 +0000 2021
Thu May 06 2021 12:00:00 GMT+0200 (Central European Summer Time)
10:00, 6 May 2021 (UTC)
2021:05:06 10:00:00Z
1620295200
1620295200.0
1.6202952e9
1620295200000
1620295200000.0
1620295200000000
1620295200000000000
""".strip().splitlines()


@pytest.mark.parametrize("written", OF_A_DAY)
def test_a_day_is_read(written: str) -> None:
    """Each form of a day without a time is its first moment in the newsletter's zone."""
    assert dates.moment(written, UTC) == DAY
    assert dates.moment(f"  {written}\n", NEW_YORK) == DAY + timedelta(hours=4)
    assert dates.is_date(written)


@pytest.mark.parametrize("written", OF_TEN_IN_THE_MORNING)
def test_a_moment_is_read(written: str) -> None:
    """Each form that has a time and a zone is that moment, wherever the newsletter lives."""
    assert (dates.moment(written, TOKYO), dates.moment(written, NEW_YORK)) == (MORNING, MORNING)


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2021-05-06 9:05", "09:05"),
        ("2021-05-06T09:05:00", "09:05"),
        ("2021/5/6 9:05", "09:05"),
        ("2021-05-06 - 09:05", "09:05"),
        ("202105060905", "09:05"),
        ("20210506090500", "09:05"),
        ("Thu May  6 09:05:00 2021", "09:05"),
        ("6 mai 2021 à 9h05", "09:05"),
        ("Donnerstag, 6. Mai 2021, 9:05 Uhr", "09:05"),
        ("2021年5月6日(木) 9:05", "09:05"),
        ("<2021-05-06 Thu 09:05>", "09:05"),
        ("May 6, 2021 9:05 p.m.", "21:05"),
        ("May 6, 2021 12:05 AM", "00:05"),
        ("6 May 2021 12pm", "12:00"),
        ("2021-05-06T23:59:60", "23:59:59"),
        ("2021-05-06T09:05:00.123456789", "09:05:00.123456"),
        ("2021-05-06 9:05:00,5", "09:05:00.500000"),
    ],
)
def test_a_time_without_a_zone_is_local(written: str, time: str) -> None:
    """A time of day without an offset is one of the newsletter's zone."""
    local = datetime.fromisoformat(f"2021-05-06T{time}").replace(tzinfo=TOKYO)
    assert dates.moment(written, TOKYO) == local


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2021-05-06 10:00", "2021-05-06T10:00:00+00:00"),
        ("20210506100000", "2021-05-06T10:00:00+00:00"),
        ("6 May 2021, 10:00 am", "2021-05-06T10:00:00+00:00"),
        ("2021-05-06T00:00:00", "2021-05-06T00:00:00+00:00"),
        ("2021-05-06T10:00:00+02:00", "2021-05-06T08:00:00+00:00"),
        ("2021-05-06", "2021-05-06T04:00:00+00:00"),
        ("20210506", "2021-05-06T04:00:00+00:00"),
        ("6 May 2021", "2021-05-06T04:00:00+00:00"),
    ],
)
def test_times_of_another_zone_than_days(written: str, expected: str) -> None:
    """A newsletter of New York may read an archive whose times are UTC; its days stay those of New York."""
    assert dates.moment(written, ZoneInfo("America/New_York"), UTC).isoformat() == expected


def test_times_in_the_settings(tmp_path: Path) -> None:
    """`times: UTC` holds where articles are read and where their dates are proven; an unknown zone is a problem."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text(
        "---\ntitle: A\ndate: 2021-05-10 01:00\nlink: https://example.com/a\n---\n", encoding="utf-8"
    )
    (tmp_path / "digest.yaml").write_text(
        "newsletter: {timezone: America/New_York}\narchive: [posts]\ntimes: UTC\n", encoding="utf-8"
    )
    loaded = settings.load(str(tmp_path / "digest.yaml"))
    week = Window(first=date(2021, 5, 3), last=date(2021, 5, 9), timezone="America/New_York")

    assert [article.title for article in archive.read(loaded.archive, loaded.reading, within=week).articles] == ["A"]
    assert replace(loaded, fields=replace(loaded.fields, clock="")).digest != loaded.digest


def test_the_end_of_a_day_is_the_next_ones_start() -> None:
    """ISO 8601's 24:00 is midnight of the day after."""
    assert dates.moment("2021-05-31 24:00", UTC) == datetime(2021, 6, 1, tzinfo=UTC)


WRITE = "write it like 2020-11-09T10:29:00Z"


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("06.05.2021", "can be 6 May 2021 or 5 June 2021: '06.05.2021'; write 2021-05-06 or 2021-06-05"),
        ("05/06/2021", "can be 6 May 2021 or 5 June 2021: '05/06/2021'; write 2021-05-06 or 2021-06-05"),
        ("5/6/2021 10:00", "can be 6 May 2021 or 5 June 2021: '5/6/2021 10:00'; write 2021-05-06 or 2021-06-05"),
        (
            "05-06-21",
            "can be 21 June 2005, 6 May 2021 or 5 June 2021: '05-06-21'; write 2005-06-21, 2021-05-06 or 2021-06-05",
        ),
        ("31 February 2021", f"is a day that does not exist: '31 February 2021'; {WRITE}"),
        ("2021-02-31T10:00:00Z", f"is a day that does not exist: '2021-02-31T10:00:00Z'; {WRITE}"),
        ("2021-13-01", f"is a day that does not exist: '2021-13-01'; {WRITE}"),
        ("32.13.2021", f"is a day that does not exist: '32.13.2021'; {WRITE}"),
        ("20210231", f"is a day that does not exist: '20210231'; {WRITE}"),
        ("2021-W54-1", f"is a day that does not exist: '2021-W54-1'; {WRITE}"),
        ("0000-00-00 00:00:00", f"is a day that does not exist: '0000-00-00 00:00:00'; {WRITE}"),
        ("2021-05-06 25:00", f"is a time that does not exist: '2021-05-06 25:00'; {WRITE}"),
        ("2021-05-06 13:00 pm", f"is a time that does not exist: '2021-05-06 13:00 pm'; {WRITE}"),
        ("2021-05-06 10:00 +99:99", f"is a time zone that does not exist: '2021-05-06 10:00 +99:99'; {WRITE}"),
        (
            "2021-05-06 10:00 IST",
            "is in IST, which may be India (+05:30), Israel (+02:00) or Ireland (+01:00): '2021-05-06 10:00 IST'; "
            "write the offset, like +02:00",
        ),
        (
            "2021-05-06 10:00 XYZ",
            "is in XYZ, which is no time zone that is known: '2021-05-06 10:00 XYZ'; write the offset, like +02:00",
        ),
        (
            "2021-05-06 10:00 Europe/Atlantis",
            "is in Europe/Atlantis, which is no time zone that is known: '2021-05-06 10:00 Europe/Atlantis'; "
            "write the offset, like +02:00",
        ),
        ("0001-01-01T00:00:00+05:00", "is outside the calendar: '0001-01-01T00:00:00+05:00'"),
        ("9999-12-31T12:00:00Z", "is outside the calendar: '9999-12-31T12:00:00Z'"),
        ("0001-01-01", "is outside the calendar: '0001-01-01'"),
        ("9999-12-31T23:00:00-05:00", "is outside the calendar: '9999-12-31T23:00:00-05:00'"),
    ],
)
def test_a_date_that_is_none(written: str, problem: str) -> None:
    """What can be read in several ways, or does not exist, is named so, with what to write; it is a date still."""
    with pytest.raises(dates.NoDate) as raised:
        dates.moment(written, UTC)
    assert str(raised.value) == problem
    assert dates.is_date(written)


@pytest.mark.parametrize(
    "written",
    [
        "", "soon", "last Monday", "true", "1", "2021", "2021-05", "May 2021", "6 May", "10:00", "99", "+2021-05-06",
        "2021-05-06-10:00", "6 Meh 2021", "2021-05-06 and so on", "2021-05-06 10:00 America", "x" * 5_000,
        "1" * 5_000, "2021-05-06 " * 20, "nan", "1e99", "-1620295200", "2021-05-06 10:00 ../../etc/passwd",
        "2021-05-06, 2021-05-07", "10:00 11:00 6 May 2021",
    ],
)  # fmt: skip
def test_no_date(written: str) -> None:
    """Words, parts of a date and more than a date are none, and said to be none."""
    with pytest.raises(dates.NoDate) as raised:
        dates.moment(written, UTC)
    assert str(raised.value) == f"is no date and time: {written[:80]!r}; {WRITE}"
    assert not dates.is_date(written)


@pytest.mark.parametrize(
    ("written", "day"), [("25.12.2021", date(2021, 12, 25)), ("12/25/2021", date(2021, 12, 25)), ("05/05/2021", None)]
)
def test_numbers_that_have_one_reading(written: str, day: date | None) -> None:
    """A day whose order is not said is read where only one order, or each, gives the same day."""
    assert dates.moment(written, UTC).date() == (day or date(2021, 5, 5))


def test_a_name_is_first_that_of_the_newsletters_own_zone() -> None:
    """CST is Central Standard Time, but China's for a newsletter that lives there."""
    assert dates.moment("2021-05-06 18:00 CST", SHANGHAI) == MORNING
    assert dates.moment("2021-05-06 04:00 CST", TOKYO) == MORNING
    assert dates.moment("2021-05-06 15:30 IST", ZoneInfo("Asia/Kolkata")) == MORNING
    assert dates.moment("2021-11-07 01:30 EST", NEW_YORK) == datetime(2021, 11, 7, 6, 30, tzinfo=UTC)
    assert dates.moment("2021-11-07 01:30 EDT", NEW_YORK) == datetime(2021, 11, 7, 5, 30, tzinfo=UTC)


ZONES = ["UTC", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "America/Sao_Paulo", "Asia/Kathmandu"]


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from(ZONES), st.integers(0, 3))
def test_a_day_lies_in_the_windows_that_hold_it(day: date, zone: str, before: int) -> None:
    """A date without a time is in the window of its day, in any zone, and not in those before and after."""
    at = dates.moment(day.isoformat(), ZoneInfo(zone))
    window = Window(first=day - timedelta(days=before), last=day, timezone=zone)
    following = Window(first=day + timedelta(days=1), last=day + timedelta(days=2), timezone=zone)
    assert (at in window, at in following) == (True, False)
    assert Window(first=day, last=day, timezone=zone).starts_at == at


def test_a_day_that_starts_at_one_and_a_day_that_never_was() -> None:
    """A day without a midnight begins at its first moment; one that a country left out is the moment of the leap."""
    assert dates.moment("2018-11-04", SAO_PAULO) == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert dates.moment("2011-12-30", SAMOA) == datetime(2011, 12, 30, 10, tzinfo=UTC)


FORMS = [
    "%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y%m%d", "%Y%m%dT%H%M%S", "%d %B %Y", "%B %d, %Y",
    "%b %d %Y", "%d-%b-%Y %H:%M", "%a, %d %b %Y %H:%M:%S", "%A, %B %d, %Y %I:%M %p", "%a %b %d %H:%M:%S %Y", "%Y %b %d",
]  # fmt: skip


@given(st.datetimes(datetime(1970, 1, 1), datetime(2099, 1, 1)), st.sampled_from(FORMS))  # noqa: DTZ001 - local
def test_another_parser_reads_the_same(at: datetime, form: str) -> None:
    """For forms that dateutil knows, both read the same moment."""
    written = at.strftime(form)
    assert dates.moment(written, UTC) == dateutil.parse(written).replace(tzinfo=UTC)


@given(st.text(st.sampled_from("0123456789-/:. TZ+,ampMy[]()'é月"), max_size=60))
def test_nothing_but_a_problem_comes_of_any_text(written: str) -> None:
    """Whatever stands there is a moment in UTC or a problem of one line."""
    try:
        said = str(dates.moment(written, NEW_YORK).tzinfo)
    except dates.NoDate as error:
        said = str(error)
    assert said.startswith(("UTC", "is ", "can be "))
    assert said.isprintable()


def test_months_of_all_languages_are_one_month() -> None:
    """No word names two months, in whatever languages: such a date would have two readings."""
    january = {name for name, numbers in datenames._foreign()[0].items() if numbers == {1}}
    assert {"januar", "enero", "janvier", "gennaio", "января", "ocak", "січня", "يناير"} <= january
    assert [name for name, numbers in datenames._foreign()[0].items() if len(numbers) > 1] == []


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2021-05-04-title.md", date(2021, 5, 4)),
        ("2021-05-04_title.md", date(2021, 5, 4)),
        ("2021-05-04 title.md", date(2021, 5, 4)),
        ("2021-5-4-title.md", date(2021, 5, 4)),
        ("2021.05.04.md", date(2021, 5, 4)),
        ("_posts/2021-05-04-title.markdown", date(2021, 5, 4)),
        ("2021-05-04.md", date(2021, 5, 4)),
        ("2021-05-04_title/index.md", date(2021, 5, 4)),
        ("2021/05/04/title.md", date(2021, 5, 4)),
        ("2021/5/4/index.md", date(2021, 5, 4)),
        ("2021/May/4/title.md", date(2021, 5, 4)),
        ("2021/05/04.md", date(2021, 5, 4)),
        ("20210504-title.md", date(2021, 5, 4)),
        ("20210504T100000--title.md", date(2021, 5, 4)),
        ("letter-2021-05-04.md", date(2021, 5, 4)),
        ("2021-W18/title.md", date(2021, 5, 3)),
        ("2021/W18/title.md", date(2021, 5, 3)),
        ("2021-W18-2.md", date(2021, 5, 4)),
        ("2019/2021-05-04-title.md", date(2021, 5, 4)),
        ("2021/05/01/2021-05-04-title.md", date(2021, 5, 4)),
        ("2021-05-01/letter-2021-05-04.md", date(2021, 5, 4)),
        ("2020-01-01/2021-05-04/title.md", date(2021, 5, 4)),
        ("2021-05-04-to-2021-05-10.md", date(2021, 5, 4)),
        ("2021-05-04-about-2020-02-02.md", date(2021, 5, 4)),
        ("2021-02-31-title.md", None),
        ("2021-W54.md", None),
        ("2021/05/10-tips.md", None),
        ("2021/05/title.md", None),
        ("21-05-04-title.md", None),
        ("04-05-2021-title.md", None),
        ("what-2001-09-11-was.md", None),
        ("2021-05-041.md", None),
        ("1620288000.md", None),
        ("12345678.md", None),
        ("2021/Meh/04/title.md", None),
        ("title.md", None),
        ("", None),
    ],
)
def test_day_of_a_path(path: str, day: date | None) -> None:
    """A file's name or its folders tell its day, as generators of sites have it, where that is beyond doubt."""
    assert dates.in_path(path) == day
