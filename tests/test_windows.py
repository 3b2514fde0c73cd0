"""Windows of the calendar: that they tile time, what they are called, and that every command goes by them."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
import samples
from command import run
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from digest.cli import dates, options
from digest.config import settings
from digest.config.values import NAME
from digest.issue import record, sent, windows
from digest.model import ISSUE_ID, Issue
from digest.text.languages import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.config.settings import Settings
    from digest.model import Window

ZONES = ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo", "Pacific/Apia", "Asia/Kathmandu",
         "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "America/Havana", "Asia/Tehran"]  # fmt: skip
"""Some change their clocks at midnight, one by half an hour, one twice around Ramadan; one has left out a day."""

CALENDARS = ["every: day", "every: week", "every: week, starts: sunday", "every: 2 weeks", "every: month"]
HOURS = ["", ', until: "00:30"', ', until: "02:30"', ', until: "18:00"']


def newsletter(window: str, zone: str = "UTC", more: str = "") -> Settings:
    """Return settings with that `window`."""
    text = f"newsletter: {{timezone: {zone}}}\nwindow: {{{window}}}\n{more}"
    return settings.of_text(text.encode(), "digest.yaml")


def century(own: Settings) -> Iterator[Window]:
    """Yield the windows of a calendar from 2000 to 2100."""
    window = windows.of(own, date(2000, 1, 1))
    while window.first.year <= 2100:
        yield window
        window = windows.of(own, window.last + timedelta(days=1))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("calendar", CALENDARS)
def test_windows_tile_a_century(calendar: str, zone: str) -> None:
    """From 2000 to 2100 each window begins where the one before ended: no gap, no overlap, whatever the clocks do."""
    # Each calendar has another hour in each zone: all of them together would take a minute.
    hour = HOURS[(ZONES.index(zone) + CALENDARS.index(calendar)) % len(HOURS)]
    tiles = list(century(newsletter(calendar + hour, zone)))

    assert [before.ends_at for before in tiles[:-1]] == [after.starts_at for after in tiles[1:]]
    assert all(tile.starts_at <= tile.ends_at for tile in tiles)
    # Samoa left out 30 December 2011: of two days that end at the same moment the second is empty.
    empty = [str(tile.last) for tile in tiles if tile.starts_at == tile.ends_at]
    assert empty == (["2011-12-31"] if (zone, calendar) == ("Pacific/Apia", "every: day") else [])
    assert len({tile.issue_id for tile in tiles}) == len(tiles)


@given(
    day=st.dates(date(1950, 1, 1), date(2150, 12, 31)),
    calendar=st.sampled_from(CALENDARS),
    hour=st.sampled_from(HOURS),
    zone=st.sampled_from(ZONES),
)
def test_every_day_names_the_window_that_has_it(day: date, calendar: str, hour: str, zone: str) -> None:
    """Whichever day of a window is named, it is that window, also by the day that names its issue."""
    own = newsletter(calendar + hour, zone)
    window = windows.of(own, day)

    assert window.first <= day <= window.last
    assert windows.of(own, window.first) == window == windows.of(own, window.last)
    assert windows.before(own, window).last == window.first - timedelta(days=1)


@given(
    now=st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone stands beside
    calendar=st.sampled_from([*CALENDARS, "days: 3", "since: sent"]),
    hour=st.sampled_from(HOURS),
    zone=st.sampled_from(ZONES),
)
def test_the_latest_window_is_over(now: datetime, calendar: str, hour: str, zone: str) -> None:
    """The last window that is over has ended, and the one after it has not."""
    own = newsletter(calendar + hour, zone)
    latest = windows.of_calendar(own, windows.latest(own, now))
    step = timedelta(days=2 if zone == "Pacific/Apia" else 1)  # beyond the day that was left out
    after = windows.of_calendar(own, latest.last + step)

    assert latest.ends_at <= now < after.ends_at


@pytest.mark.parametrize(
    ("window", "day", "told", "name"),
    [
        ("every: day", "2020-11-11", "2020-11-11 to 2020-11-11", "2020-11-11"),
        ("every: week", "2020-11-11", "2020-11-09 to 2020-11-15", "2020-11-15"),
        ("every: week, starts: sunday", "2020-11-11", "2020-11-08 to 2020-11-14", "2020-11-14"),
        ("every: week, starts: 2020-11-12", "2020-11-11", "2020-11-05 to 2020-11-11", "2020-11-11"),
        ("every: 2 weeks", "2020-11-11", "2020-11-09 to 2020-11-22", "2020-11-22"),
        ("every: 2 weeks, starts: 2020-11-02", "2020-11-11", "2020-11-02 to 2020-11-15", "2020-11-15"),
        ("every: month", "2020-02-11", "2020-02-01 to 2020-02-29", "2020-02-29"),
        ("days: 10", "2020-11-11", "2020-11-02 to 2020-11-11", "2020-11-11"),
        ("every: day, until: 06:00", "2020-11-11", "2020-11-10 06:00 to 2020-11-11 06:00", "2020-11-11"),
        ("every: week, until: 06:00", "2020-11-16", "2020-11-09 06:00 to 2020-11-16 06:00", "2020-11-16"),
        ("every: week, until: 06:00", "2020-11-17", "2020-11-16 06:00 to 2020-11-23 06:00", "2020-11-23"),
        ("every: month, until: 9:30", "2020-12-01", "2020-11-01 09:30 to 2020-12-01 09:30", "2020-12-01"),
        ("every: week, until: 24:00", "2020-11-11", "2020-11-09 to 2020-11-15", "2020-11-15"),
        ("every: day, suffix: daily", "2020-11-11", "2020-11-11 to 2020-11-11", "2020-11-11-daily"),
    ],
)
def test_what_a_day_names(window: str, day: str, told: str, name: str) -> None:
    """The windows of docs/settings.md."""
    named = windows.of(newsletter(window), date.fromisoformat(day))

    assert (str(named), named.issue_id) == (told, name)


def test_a_window_does_not_change_the_hash_of_the_settings() -> None:
    """The record has the window itself, so that old records and new ones name the same settings."""
    assert newsletter("every: month").digest == newsletter("days: 7").digest


def test_a_flag_wins_over_the_calendar(tmp_path: Path) -> None:
    """--days, --from and --to name other windows, as they always have."""
    room(tmp_path, "every: month", "2020-11-09T10:00:00Z")

    three = run(tmp_path, "build", "--days", "3", "--date", "2020-11-11")
    other = run(tmp_path, "build", "--from", "2020-11-05", "--to", "2020-11-10")

    assert three.printed.splitlines()[0] == "Harbour Post, issue 2020-11-11: 2020-11-09 to 2020-11-11 (UTC)"
    assert other.printed.splitlines()[0] == "Harbour Post, issue 2020-11-10: 2020-11-05 to 2020-11-10 (UTC)"


def room(folder: Path, window: str, *moments: str, name: str = "digest.yaml", zone: str = "UTC") -> None:
    """Write settings with that window, and an article for each moment; its name is the number of the moment."""
    text = f"newsletter: {{name: Harbour Post, timezone: {zone}}}\narchive: archive\nsections: [{{topic: Ports}}]\n"
    (folder / name).write_text(f"{text}window: {{{window}}}\n", "utf-8")
    (folder / "archive").mkdir(exist_ok=True)
    for number, moment in enumerate(moments, len(list((folder / "archive").iterdir()))):
        subject = ("ferries", "cranes", "lighthouses", "pilots", "dredgers", "tides", "customs", "herring")[number]
        fields = {
            "title": f"All about {subject} of the harbour",
            "publishedDateTime": moment,
            "webUrl": f"https://example.com/{subject}",
            "provider": {"name": "Times"},
            "topics": ["Ports"],
            "heat": 50,
        }
        lines = [f"{key}: {json.dumps(value)}" for key, value in fields.items()]
        (folder / "archive" / f"{number}.md").write_text("\n".join(["---", *lines, "---", ""]), "utf-8")


def picks(folder: Path, issue: str) -> list[str]:
    """Return the names of the articles that an issue picked."""
    built = json.loads((folder / "out" / issue / "issue.json").read_text("utf-8"))
    return sorted(pick["path"][:-3] for section in built["sections"] for pick in section["picks"])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be Monday 16 November 2020, seven o'clock, in UTC."""
    moment = int(datetime(2020, 11, 16, 7, tzinfo=UTC).timestamp())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(moment))


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("window", "issue"),
    [
        ("every: day", "2020-11-15"),
        ('every: day, until: "06:00"', "2020-11-16"),
        ('every: day, until: "18:00"', "2020-11-15"),
        ("every: week", "2020-11-15"),
        ('every: week, until: "06:00"', "2020-11-16"),
        ("every: month", "2020-10-31"),
        ("since: sent", "2020-11-15"),
        ("days: 40", "2020-11-16"),
    ],
)
def test_a_build_without_a_day(tmp_path: Path, window: str, issue: str) -> None:
    """Without --date the issue is of the last window of the calendar that is over; else it ends today, as always."""
    room(tmp_path, window, "2020-10-20T10:00:00Z", "2020-11-14T20:00:00Z", "2020-11-15T10:00:00Z")

    assert run(tmp_path, "build", "--json").status == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == [issue]


def offered(folder: Path) -> str:
    """Return the issue that `digest preview` shows where no day is named."""
    own = settings.load(str(folder / "digest.yaml"))
    return options.window_of(own, last=None, first=None, to=None, days=None, newest=True).issue_id


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("window", "before", "built", "after_it_was_sent"),
    [
        # One that is due is offered, whatever was built before it.
        ("every: week", "2020-11-08", "2020-11-15", "2020-11-15"),
        # The day before today is always due: the issue built is at hand until readers have it.
        ("since: sent", "2020-11-12", "2020-11-12", "2020-11-15"),
        ("days: 7", "2020-11-12", "2020-11-12", "2020-11-12"),
        # Nothing has come since.
        ("every: day", "2020-11-11", "2020-11-11", "2020-11-11"),
    ],
)
def test_the_preview_offers_the_issue_that_is_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: str, before: str, built: str, after_it_was_sent: str
) -> None:
    """Without a day it shows the newest issue built, or the window of the calendar that is over since and has news."""
    monkeypatch.chdir(tmp_path)
    room(tmp_path, window, "2020-11-07T10:00:00Z", "2020-11-11T10:00:00Z", "2020-11-14T10:00:00Z")
    assert run(tmp_path, "build", "--date", before).status == 0

    assert offered(tmp_path) == built
    run(tmp_path, "sent", "--mark", before)
    assert offered(tmp_path) == after_it_was_sent


def test_the_table_of_the_documentation() -> None:
    """docs/settings.md says of each window what `digest build` makes of it on that Monday morning."""
    page = (Path(samples.ROOT) / "docs" / "settings.md").read_text("utf-8")
    rows = re.findall(r"^\| `\{((?:every|since).*?)\}` \|.*?\| `(\d{4}-\d\d-\d\d)`", page, re.MULTILINE)
    now = datetime(2020, 11, 16, 7, tzinfo=UTC)
    made = [(row, str(windows.latest(newsletter(row), now))) for row, _ in rows]

    assert len(rows) == 9
    assert made == rows


@pytest.mark.usefixtures("clock")
def test_a_window_that_is_not_over_is_told(tmp_path: Path) -> None:
    """Who builds the running month learns that it is not over."""
    room(tmp_path, "every: month", "2020-11-14T20:00:00Z")
    done = run(tmp_path, "build", "--date", "today")

    assert "The window 2020-11-01 to 2020-11-30 is not over yet; build again when it is" in done.printed.splitlines()


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2020-11-5", "2020-11-05"),
        ("2020-1-31", "2020-01-31"),
        ("today", "2020-11-16"),
        ("Yesterday", "2020-11-15"),
        ("last monday", "2020-11-09"),
        ("last-wednesday", "2020-11-11"),
        ("last sunday", "2020-11-15"),
        ("latest", "2020-11-15"),
    ],
)
def test_days_in_words(tmp_path: Path, written: str, day: str) -> None:
    """Days are named as people name them; the last Monday is never today."""
    room(tmp_path, "days: 400", "2020-01-30T10:00:00Z")
    done = run(tmp_path, "build", "--date", written)

    assert f"issue {day}: " in done.printed


@pytest.mark.parametrize(
    "arguments", ["build --date", "explain --from", "preview --to", "replay --date", "edit", "send --to file", "sent"]
)
@pytest.mark.parametrize("written", ["2021-13-9", "9.5.2021", "wednesday", "last", "2020-11-11-", ""])
def test_what_is_no_day(tmp_path: Path, arguments: str, written: str) -> None:
    """Wherever a day is taken, what cannot be read is one line with an example."""
    room(tmp_path, "days: 7")
    done = run(tmp_path, *arguments.split(), written)

    sentence = f"{written!r} is no day of the calendar; write it like 2020-11-11, yesterday or 'last wednesday'"
    assert (done.status, done.told.splitlines()[-1].partition(": ")[2].partition(": ")[2]) == (2, sentence)


@pytest.mark.usefixtures("clock")
def test_two_letters_of_one_day(tmp_path: Path) -> None:
    """A morning and an evening letter stand beside each other, and the second does not run what the first ran."""
    moments = ["2020-11-14T20:00:00Z", "2020-11-15T05:00:00Z", "2020-11-15T12:00:00Z", "2020-11-15T19:00:00Z"]
    room(tmp_path, 'every: day, until: "06:00", suffix: morning', *moments, name="morning.yaml")
    room(tmp_path, 'every: day, until: "18:00", suffix: evening', name="evening.yaml")

    for letter in ("morning", "evening"):
        done = run(tmp_path, "build", "--date", "2020-11-15", "--config", f"{letter}.yaml")
        assert done.printed.startswith(f"Harbour Post, issue 2020-11-15-{letter}: ")
        marked = run(tmp_path, "sent", "--mark", "2020-11-15", "--config", f"{letter}.yaml")
        assert marked.printed == f"2020-11-15-{letter}: marked as sent\n"

    assert picks(tmp_path, "2020-11-15-morning") == ["0", "1"]
    assert picks(tmp_path, "2020-11-15-evening") == ["2"]
    listed = run(tmp_path, "sent", "2020-11-15-evening", "--config", "morning.yaml").printed
    assert listed.startswith("2020-11-15-evening  by hand")
    # In the order of time and not of the alphabet, in which the evening comes first.
    site = run(tmp_path, "site", "--config", "evening.yaml", "--to", "web")
    assert site.status == 0, site.told
    page = (tmp_path / "web" / "index.html").read_text("utf-8")
    assert page.index("November 15, 2020 (evening)") < page.index("November 15, 2020 (morning)")
    assert '<time datetime="2020-11-15">' in page


@pytest.mark.usefixtures("clock")
def test_the_latest_letter_is_that_of_its_settings(tmp_path: Path) -> None:
    """`send latest` takes the morning letter by the settings of the morning, also where the evening's is there."""
    room(tmp_path, 'every: day, until: "06:00", suffix: morning', "2020-11-15T05:00:00Z", name="morning.yaml")
    room(tmp_path, 'every: day, until: "18:00", suffix: evening', "2020-11-15T12:00:00Z", name="evening.yaml")
    for letter in ("morning", "evening"):
        run(tmp_path, "build", "--date", "2020-11-15", "--config", f"{letter}.yaml")
        checked = run(tmp_path, "check", "--config", f"{letter}.yaml")
        assert f"2020-11-15-{letter}" in checked.printed
    done = run(tmp_path, "send", "latest", "--to", "file", "--send", "--yes", "--config", "morning.yaml")

    assert (done.status, done.told) == (0, "")
    assert sorted(path.parent.name for path in tmp_path.glob("out/*/sent.json")) == ["2020-11-15-morning"]


@pytest.mark.usefixtures("clock")
def test_two_letters_of_one_day_are_built_together(tmp_path: Path) -> None:
    """`build --all` takes two newsletters of one `out` whose suffixes differ, and still refuses two of one name."""
    (tmp_path / "newsletters").mkdir()
    room(tmp_path, "days: 7", "2020-11-14T12:00:00Z")
    for letter in ("daily", "weekly"):
        text = (
            f"newsletter: {{name: {letter}}}\narchive: ../archive\nout: ../out\nwindow: {{days: 7, suffix: {letter}}}\n"
        )
        (tmp_path / "newsletters" / f"{letter}.yaml").write_text(text, "utf-8")

    assert run(tmp_path, "build", "--all").status == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["2020-11-16-daily", "2020-11-16-weekly"]
    assert picks(tmp_path, "2020-11-16-daily") == picks(tmp_path, "2020-11-16-weekly") == ["0"]

    (tmp_path / "newsletters" / "third.yaml").write_text("out: ../out\nwindow: {suffix: daily}\n", "utf-8")
    assert run(tmp_path, "build", "--all").told == (
        "newsletters/third.yaml: writes into the same folder as newsletters/daily.yaml; "
        "give each an `out` of its own, such as out: ../out/third\n"
    )


@pytest.mark.usefixtures("clock")
def test_the_latest_letter_is_of_a_window_that_is_over(tmp_path: Path) -> None:
    """Who looked at the running week does not have it sent by the recipe in the place of the last one."""
    room(tmp_path, "every: week", "2020-11-12T10:00:00Z", "2020-11-16T06:00:00Z")
    for day in ("latest", "today"):
        assert run(tmp_path, "build", "--date", day).status == 0
    done = run(tmp_path, "send", "latest", "--to", "file", "--send", "--yes")

    assert (done.status, done.told) == (0, "")
    assert [path.parent.name for path in tmp_path.glob("out/*/sent.json")] == ["2020-11-15"]


def test_sections_are_filled_by_week_in_a_monthly_letter(tmp_path: Path) -> None:
    """`topics` says week by week how full a section would have been, whatever the letter's windows are."""
    room(tmp_path, "every: month", "2020-11-02T10:00:00Z", "2020-11-09T10:00:00Z", "2020-11-10T10:00:00Z")
    survey = json.loads(run(tmp_path, "topics", "--last", "2", "--date", "2020-11-11", "--json").printed)

    assert [filling["weeks"] for filling in survey["sections"]] == [[1, 2]]


def test_issues_from_before_a_suffix(tmp_path: Path) -> None:
    """What was built without a suffix stays an issue, which its day names; a copy of somebody's own is none."""
    room(tmp_path, "days: 7", "2020-11-09T10:00:00Z", "2020-11-16T10:00:00Z")
    run(tmp_path, "build", "--date", "2020-11-11")
    run(tmp_path, "sent", "--mark", "2020-11-11")
    (tmp_path / "out" / "2020-11-11").rename(tmp_path / "kept")
    (tmp_path / "out" / "2020-11-11").mkdir()
    for file in (tmp_path / "kept").iterdir():
        (tmp_path / "out" / "2020-11-11" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "kept").rename(tmp_path / "out" / "2020-11-11-draft")
    room(tmp_path, "days: 9, suffix: weekly")

    assert record.issues(str(tmp_path / "out")) == ["2020-11-11"]
    assert run(tmp_path, "sent", "2020-11-11").printed.startswith("2020-11-11  by hand")
    assert run(tmp_path, "build", "--date", "2020-11-17").status == 0
    assert picks(tmp_path, "2020-11-17-weekly") == ["1"]


@pytest.mark.usefixtures("clock")
def test_since_the_last_issue(tmp_path: Path) -> None:
    """Each issue begins where the last one that was sent ended, whatever was skipped, rehearsed, or closed when."""
    moments = [f"2020-11-{day:02}T10:00:00Z" for day in (1, 3, 5, 8)]
    room(tmp_path, "days: 4, since: sent", *moments)
    told, since = [], []

    def build(day: str) -> None:
        lines = run(tmp_path, "build", "--date", day).printed.splitlines()
        told.append(lines[0].partition(": ")[2])
        since.append(lines[3])

    build("2020-11-03")
    run(tmp_path, "sent", "--mark", "2020-11-03")
    build("2020-11-05")  # a rehearsal, which moves nothing
    build("2020-11-09")
    run(tmp_path, "sent", "--mark", "2020-11-09")
    build("2020-11-09")  # again, and it is the same
    room(tmp_path, 'days: 4, since: sent, until: "06:00"', "2020-11-10T05:00:00Z", "2020-11-13T05:00:00Z")
    build("2020-11-13")

    assert told == [
        "2020-10-31 to 2020-11-03 (UTC)",
        "2020-11-04 to 2020-11-05 (UTC)",
        "2020-11-04 to 2020-11-09 (UTC)",
        "2020-11-04 to 2020-11-09 (UTC)",
        "2020-11-10 00:00 to 2020-11-13 06:00 (UTC)",
    ]
    assert since == [
        "No issue before it was sent (if readers have one: digest sent --mark DAY)",
        *["Since issue 2020-11-03, the last one that was sent"] * 3,
        "Since issue 2020-11-09, the last one that was sent",
    ]
    assert picks(tmp_path, "2020-11-09") == ["2", "3"]
    assert picks(tmp_path, "2020-11-13") == ["4", "5"]
    window = record.window(record.read(str(tmp_path / "out" / "2020-11-13")))
    assert (window.since, window.starts_at) == (datetime(2020, 11, 10, tzinfo=UTC), datetime(2020, 11, 10, tzinfo=UTC))


@given(
    steps=st.lists(
        st.tuples(st.integers(2, 40), st.sampled_from(HOURS), st.sampled_from(ZONES)), min_size=2, max_size=6
    ),
    day=st.dates(date(2000, 1, 1), date(2099, 1, 1)),
)
@settings_of_hypothesis(max_examples=60)
def test_windows_since_the_last_issue_tile(steps: list[tuple[int, str, str]], day: date) -> None:
    """Whenever issues are sent, and whatever hour and zone the settings have meanwhile, each begins where one ended."""
    made: list[Window] = []
    with TemporaryDirectory() as folder:
        for gap, hour, zone in steps:
            day += timedelta(days=gap)
            window = windows.of(newsletter("since: sent" + hour, zone, f"out: {folder}\n"), day)
            hand_in(Path(folder), window)
            made.append(window)

    assert [before.ends_at for before in made[:-1]] == [after.starts_at for after in made[1:]]
    assert all(window.starts_at < window.ends_at for window in made)


def hand_in(out: Path, window: Window) -> None:
    """Write the record of an issue of *window* without any story, and that it was sent."""
    issue = Issue(window=window, sections=(), verdicts=())
    more = {"format": 1, "newsletter": {"name": NAME}, "outputs": {}}
    (out / window.issue_id).mkdir()
    (out / window.issue_id / "issue.json").write_bytes(record.to_bytes({**record.of_choice(issue), **more}))
    marked = sent.HandOver(target="", kind="", state="marked", at=sent.moment(0), readers=None, content="")
    told = sent.with_hand_over(None, marked, issue=window.issue_id, newsletter=NAME)
    (out / window.issue_id / "sent.json").write_bytes(sent.to_bytes(told))


@pytest.mark.parametrize(
    ("state", "newsletter_name", "told"),
    [
        ("sent", NAME, "2020-11-10 to 2020-11-20"),
        ("draft", NAME, "2020-11-10 to 2020-11-20"),
        ("sent", "Another Letter", "2020-11-14 to 2020-11-20"),
    ],
)
def test_what_counts_as_sent(tmp_path: Path, state: sent.State, newsletter_name: str, told: str) -> None:
    """A draft counts, since a person may have sent it; an issue of another newsletter does not."""
    own = newsletter("since: sent", more=f"out: {tmp_path}\n")
    hand_in(tmp_path, windows.of(own, date(2020, 11, 9)))
    mark = tmp_path / "2020-11-09" / "sent.json"
    mark.write_text(mark.read_text("utf-8").replace("marked", state).replace(NAME, newsletter_name), "utf-8")

    assert str(windows.of(own, date(2020, 11, 20))) == told


def test_issues_from_before_a_calendar(tmp_path: Path) -> None:
    """What was built when windows were others is explained as it was built, newest or by its day."""
    room(tmp_path, "days: 7", "2020-11-09T10:00:00Z")
    run(tmp_path, "build", "--date", "2020-11-11")
    room(tmp_path, "every: month")

    for arguments in (["explain"], ["explain", "--date", "2020-11-11"]):
        assert run(tmp_path, *arguments).printed.startswith("As built in out/2020-11-11:\n")
    other = run(tmp_path, "explain", "--date", "2020-11-12").printed
    assert other.startswith("Not built yet; this is what a build of 2020-11-01 to 2020-11-30 would do:\n")
    assert "\nout/2020-11-11: 0 errors, " in run(tmp_path, "check", "2020-11-11").printed


@pytest.mark.usefixtures("clock")
def test_the_evening_since_the_morning(tmp_path: Path) -> None:
    """Two letters of one day that begin where the last one ended share the day between them."""
    moments = ["2020-11-14T20:00:00Z", "2020-11-15T05:00:00Z", "2020-11-15T12:00:00Z", "2020-11-15T19:00:00Z"]
    room(tmp_path, 'since: sent, days: 1, until: "06:00", suffix: morning', *moments, name="morning.yaml")
    room(tmp_path, 'since: sent, days: 1, until: "18:00", suffix: evening', name="evening.yaml")
    told = []
    for day, letter in (("15", "morning"), ("15", "evening"), ("16", "morning")):
        done = run(tmp_path, "build", "--date", f"2020-11-{day}", "--config", f"{letter}.yaml")
        told.append(done.printed.splitlines()[0].partition(": ")[2])
        run(tmp_path, "sent", "--mark", f"2020-11-{day}", "--config", f"{letter}.yaml")

    assert told == [
        "2020-11-14 06:00 to 2020-11-15 06:00 (UTC)",
        "2020-11-15 06:00 to 2020-11-15 18:00 (UTC)",
        "2020-11-15 18:00 to 2020-11-16 06:00 (UTC)",
    ]
    made = [picks(tmp_path, name) for name in ("2020-11-15-morning", "2020-11-15-evening", "2020-11-16-morning")]
    assert made == [["0", "1"], ["2"], ["3"]]


@pytest.mark.usefixtures("clock")
def test_since_the_last_issue_of_a_calendar(tmp_path: Path) -> None:
    """A month that was not sent is in the letter of the next."""
    room(tmp_path, "every: month, since: sent", "2020-08-10T10:00:00Z", "2020-09-10T10:00:00Z", "2020-10-10T10:00:00Z")
    run(tmp_path, "build", "--date", "2020-8-1")
    run(tmp_path, "sent", "--mark", "2020-08-31")
    done = run(tmp_path, "build")

    assert done.printed.splitlines()[0] == "Harbour Post, issue 2020-10-31: 2020-09-01 to 2020-10-31 (UTC)"


@pytest.mark.usefixtures("clock")
def test_a_replay_steps_by_the_calendar(tmp_path: Path) -> None:
    """The last months are months, also the short ones; since the last issue they are those that were sent."""
    room(tmp_path, "every: month", *(f"2020-0{month}-10T10:00:00Z" for month in (1, 2, 3)))
    replayed = run(tmp_path, "replay", "--last", "3", "--to", "2020-03-05", "--json")
    (only,) = json.loads(replayed.printed)

    assert [(week["first"], week["last"]) for week in only["weeks"]] == [
        ("2020-01-01", "2020-01-31"),
        ("2020-02-01", "2020-02-29"),
        ("2020-03-01", "2020-03-31"),
    ]

    room(tmp_path, "since: sent")
    for day in ("2020-01-12", "2020-02-20", "2020-03-12"):
        run(tmp_path, "build", "--date", day)
        run(tmp_path, "sent", "--mark", day)
    (only,) = json.loads(run(tmp_path, "replay", "--last", "2", "--json").printed)

    assert [(week["first"], week["last"]) for week in only["weeks"]] == [
        ("2020-01-13", "2020-02-20"),
        ("2020-02-21", "2020-03-12"),
    ]


def test_an_hour_of_closing_decides(tmp_path: Path) -> None:
    """What comes before the hour runs, what comes after it is the next letter's, and nothing is late or twice."""
    moments = ["2020-11-09T05:59:59Z", "2020-11-09T06:00:00Z", "2020-11-16T05:59:59Z", "2020-11-16T06:00:00Z"]
    room(tmp_path, 'every: week, until: "06:00"', *moments)
    for day in ("2020-11-09", "2020-11-16", "2020-11-23"):
        assert run(tmp_path, "build", "--date", day).status == 0
        run(tmp_path, "sent", "--mark", day)

    assert [picks(tmp_path, f"2020-11-{day}") for day in ("09", "16", "23")] == [["0"], ["1", "2"], ["3"]]
    late = [
        pick["late"]
        for day in ("09", "16", "23")
        for section in json.loads((tmp_path / f"out/2020-11-{day}/issue.json").read_text("utf-8"))["sections"]
        for pick in section["picks"]
    ]
    assert late == [False] * 4
    outside = run(tmp_path, "explain", "--date", "2020-11-16", "cranes").printed
    assert "2020-11-09 06:00 to 2020-11-16 06:00" in run(tmp_path, "build", "--date", "2020-11-16").printed
    assert outside.splitlines()[0].startswith("As built in out/2020-11-16")
    told = run(tmp_path, "explain", "--date", "2020-11-16", "pilots").printed.splitlines()[-1]
    assert told.endswith("it is of 2020-11-16 06:00, after the window 2020-11-09 06:00 to 2020-11-16 06:00.")


def test_a_late_story_of_the_hours_before(tmp_path: Path) -> None:
    """What was saved after its letter had gone is late in the next one, and only there."""
    room(tmp_path, 'every: day, until: "06:00"', "2020-11-10T20:00:00Z", "2020-11-12T03:00:00Z")
    run(tmp_path, "build", "--date", "2020-11-11")
    run(tmp_path, "sent", "--mark", "2020-11-11")
    room(tmp_path, 'every: day, until: "06:00"', "2020-11-11T05:00:00Z")
    run(tmp_path, "build", "--date", "2020-11-12")
    built = json.loads((tmp_path / "out/2020-11-12/issue.json").read_text("utf-8"))

    assert {pick["path"]: pick["late"] for section in built["sections"] for pick in section["picks"]} == {
        "1.md": False,
        "2.md": True,
    }
    assert built["window"] == {"first": "2020-11-12", "last": "2020-11-12", "timezone": "UTC", "until": "06:00"}


def test_readers_see_the_days_of_a_window() -> None:
    """A letter names the days that it touches; one of a single day of the newsletter names that."""
    shown = {
        'every: week, until: "06:00"': ("2020-11-09", "2020-11-16"),
        'every: day, until: "06:00"': ("2020-11-16", "2020-11-16"),
        "every: week": ("2020-11-16", "2020-11-22"),
    }

    days = {window: windows.of(newsletter(window), date(2020, 11, 16)).shown_days for window in shown}
    assert {window: (str(first), str(last)) for window, (first, last) in days.items()} == shown


def test_weekdays_and_names_of_issues_are_the_same_everywhere() -> None:
    """The command line has weekdays of its own, which load at once; a record's schema the form of an issue's name."""
    words = {word.removeprefix("last ") for word in dates._RELATIVE if word.startswith("last ")}

    assert words == set(WEEKDAYS)
    schema = json.loads((Path(record.__file__).parents[1] / "schemas" / "issue.json").read_text("utf-8"))
    assert schema["properties"]["id"]["pattern"] == f"^{ISSUE_ID}$"
