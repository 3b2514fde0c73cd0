"""Clocks and calendars: windows where days are short, long, double or missing, and who is asked what day it is."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from weeks import Newsroom

from digest import cli
from digest.model import Window

if TYPE_CHECKING:
    from pathlib import Path

ZONES = ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo", "Pacific/Apia", "Asia/Kathmandu",
         "Australia/Lord_Howe", "America/Havana", "Asia/Tehran", "Pacific/Kwajalein", "Atlantic/Azores"]  # fmt: skip
"""Some change their clocks at midnight, some have left out a day."""


def week(last: str, zone: str = "UTC", days: int = 7) -> Window:
    """Return the window of that many days that ends on *last*."""
    end = date.fromisoformat(last)
    return Window(first=end - timedelta(days=days - 1), last=end, timezone=zone)


@given(
    moment=st.datetimes(datetime(1970, 1, 2), datetime(2037, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone stands beside
    zone=st.sampled_from(ZONES),
    days=st.integers(1, 10),
)
def test_every_moment_is_in_one_window(moment: datetime, zone: str, days: int) -> None:
    """Windows that follow each other leave no moment out and take none twice, and agree with the calendar there."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    here = Window(first=day, last=day, timezone=zone)
    before, after = (
        Window(first=day - timedelta(days=days), last=day - timedelta(days=1), timezone=zone),
        Window(first=day + timedelta(days=1), last=day + timedelta(days=days), timezone=zone),
    )

    assert (moment in before, moment in here, moment in after) == (False, True, False)
    assert before.ends_at == here.starts_at <= here.ends_at == after.starts_at


@pytest.mark.parametrize(
    ("last", "zone", "hours"),
    [
        ("2020-03-29", "Europe/Berlin", 167),
        ("2020-10-25", "Europe/Berlin", 169),
        ("2020-02-29", "UTC", 168),
        ("2021-01-03", "UTC", 168),
        ("2011-12-31", "Pacific/Apia", 144),
        ("2018-11-04", "America/Sao_Paulo", 167),
    ],
    ids=["short", "long", "leap-day", "week-53", "a-day-left-out", "change-at-midnight"],
)
def test_a_week_is_as_long_as_it_is_there(last: str, zone: str, hours: int) -> None:
    """Seven days of the calendar, whatever the clocks do in between."""
    window = week(last, zone)

    assert (window.ends_at - window.starts_at) / timedelta(hours=1) == hours


def test_a_day_that_was_left_out_has_no_news() -> None:
    """Samoa went from 29 to 31 December 2011; the window of the 30th is empty and does no harm."""
    gone = week("2011-12-30", "Pacific/Apia", days=1)

    assert gone.starts_at == gone.ends_at
    assert gone.starts_at not in gone


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    """Run a command; return its exit status and what it said."""
    done = CliRunner().invoke(cli.main, arguments, env=environment)
    return done.exit_code, done.output


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31"])
def test_days_at_the_ends_of_the_calendar(day: str) -> None:
    """A day whose window would leave the calendar is wrong usage, not a crash."""
    status, said = run("build", "--date", day)

    assert (status, said.splitlines()[-1]) == (
        2,
        f"Error: Invalid value for '--date': '{day}' is too far away; issues are of the years 1900 to 2999",
    )


def test_a_day_to_come_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive has nothing there yet, and the nearest day that has is named."""
    monkeypatch.chdir(tmp_path)
    Newsroom(tmp_path).file("a", publishedDateTime="2020-11-09T10:00:00Z")
    status, said = run("build", "--date", "2999-12-31", "--archive", "archive")

    assert status == 3
    assert "the nearest stories are of 2020-11-09" in said


def test_another_moment_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SOURCE_DATE_EPOCH stands in for the clock, in the newsletter's time zone; nonsense in it is named."""
    monkeypatch.chdir(tmp_path)
    Newsroom(tmp_path).file("a", publishedDateTime="2020-11-09T10:00:00Z")
    (tmp_path / "digest.yaml").write_text("archive: archive\nnewsletter: {timezone: Pacific/Auckland}\n", "utf-8")
    evening = str(int(datetime(2020, 11, 11, 20, tzinfo=UTC).timestamp()))

    assert run("build", SOURCE_DATE_EPOCH=evening)[1].startswith("The AI Week, issue 2020-11-12: 2020-11-06 to")
    status, said = run("build", SOURCE_DATE_EPOCH="-62135596800")
    assert (status, said.splitlines()[-1]) == (
        2,
        "Error: SOURCE_DATE_EPOCH is '-62135596800', a moment of the year 1; issues are of the years 1900 to 2999",
    )
    for wrong in ("soon", "9" * 30):
        status, said = run("build", SOURCE_DATE_EPOCH=wrong)
        assert (status, said.splitlines()[-1]) == (
            2,
            f"Error: SOURCE_DATE_EPOCH is '{wrong}', not a number of seconds since 1970",
        )


def test_the_clock_and_zone_of_the_machine_change_nothing(tmp_path: Path) -> None:
    """The same issue under the antipodes' clock."""
    Newsroom(tmp_path).file("a", publishedDateTime="2020-11-09T10:00:00Z")
    issues = []
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        command = [
            sys.executable,
            "-m",
            "digest",
            "build",
            "--date",
            "2020-11-11",
            "--archive",
            "archive",
            "--out",
            zone,
        ]
        subprocess.run(command, cwd=tmp_path, env={**os.environ, "TZ": zone}, check=True, capture_output=True)
        issues.append({file.name: file.read_bytes() for file in (tmp_path / zone / "2020-11-11").iterdir()})

    assert issues[0] == issues[1]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here, which is a full disk")
def test_a_full_disk_behind_the_report_is_told(tmp_path: Path) -> None:
    """Where what is printed cannot be kept, one line says so; the issue itself is there."""
    Newsroom(tmp_path).file("a", publishedDateTime="2020-11-09T10:00:00Z")
    command = [sys.executable, "-m", "digest", "build", "--date", "2020-11-11", "--archive", "archive"]
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert (done.returncode, (tmp_path / "out" / "2020-11-11" / "issue.json").exists()) == (1, True)
    assert done.stderr == ("standard output: cannot be written (No space left on device); the work itself is done\n")
