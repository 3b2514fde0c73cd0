"""Past weeks chosen anew: the same picks as real builds, two configurations side by side, and the page in a browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from samples import SEEDS
from test_browser import TEXTS
from weeks import Newsroom

from digest import pipeline
from digest.analysis import pages, replay, replay_report
from digest.config import settings
from digest.config.muting import MuteRule
from digest.errors import ArchiveError, NothingToSend
from digest.issue import record

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from digest.config.settings import Settings

REAL = Path(__file__).parent.parent.parent / "shared" / "archives" / "power-apps-as-of"
DAYS = [date(2020, 10, 28), date(2020, 11, 4), date(2020, 11, 11), date(2020, 11, 18)]


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """Return a newsroom with one section of one slot and stories in two weeks."""
    room = Newsroom(tmp_path, sections="[{topic: AI, limit: 1}]")
    room.file("hot", heat=90)
    room.file("warm", heat=60, provider={"name": "Gazette"}, title="Ferries sail at night without crews")
    room.file("old", heat=70, publishedDateTime="2020-11-03T10:00:00Z", title="Beekeepers count mites by camera")
    return room


def digest(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run the command in *folder*; return its exit status and what it printed."""
    command = [sys.executable, "-m", "digest", "replay", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    return done.returncode, done.stdout, done.stderr


def sample(tmp_path: Path, select: str) -> Settings:
    """Return settings for the sample archive, with an empty `out`."""
    (tmp_path / "digest.yaml").write_text(f"archive: {SEEDS}\nselect: {select}\n", encoding="utf-8")
    return settings.load(os.fspath(tmp_path / "digest.yaml"))


@pytest.mark.parametrize(
    "select",
    ["{}", "{per_provider: 1, late_days: 0}", "{repeat_after: 7, order: [quality, heat]}", "{min_stories: 10}"],
)
def test_a_replay_picks_what_builds_picked(tmp_path: Path, select: str) -> None:
    """Week after week, a replay has the verdicts and picks of real builds into one folder, and writes nothing."""
    chosen = sample(tmp_path, select)
    weeks = replay.windows(chosen, first=None, last=DAYS[-1], count=len(DAYS))
    played = replay.play([("digest.yaml", chosen)], weeks)[0]
    assert not (tmp_path / "out").exists()

    for week, day in zip(played.weeks, DAYS, strict=True):
        window = pipeline.window_of(chosen, last=day)
        assert week.issue.window == window
        try:
            built = pipeline.build(chosen, window).issue
        except NothingToSend:
            assert week.is_void
        else:
            assert not week.is_void
            assert record.of_choice(week.issue) == record.of_choice(built)


def test_a_replay_remembers_what_was_really_sent_before(room: Newsroom) -> None:
    """The memory starts with the issues in `out` that are older than the first week, and with no later one."""
    room.build("2020-11-10")
    room.sent("2020-11-10")
    room.build("2020-11-12")
    weeks = replay.windows(room.settings(), first=None, last=date(2020, 11, 11), count=1)

    played = replay.play([("digest.yaml", room.settings())], weeks)[0]

    assert [pick.article.path for pick in played.weeks[0].issue.picks] == ["warm.md"]
    assert replay.figures_of(played.weeks[0]).repeats == 1


def test_a_folder_a_week_is_read_as_it_stood_then(room: Newsroom) -> None:
    """`{id}` in the archive's name stands for the day; weeks without a folder are no weeks; what came late is late."""
    for day, names in [("2020-11-04", ["old"]), ("2020-11-11", ["hot", "warm"]), ("2020-11-18", ["hot", "warm"])]:
        folder = room.folder / "archive" / day
        folder.mkdir()
        for name in names:
            shutil.copy(room.folder / "archive" / f"{name}.md", folder)
    (room.folder / "archive" / "not-a-day").mkdir()
    chosen = replace(room.settings(), archive=(os.fspath(room.folder / "archive" / "{id}"),))
    weeks = replay.windows(chosen, first=None, last=None, count=None)
    played = replay.play([("digest.yaml", chosen)], weeks)[0]

    assert [week.issue.id for week in played.weeks] == ["2020-11-04", "2020-11-11", "2020-11-18"]
    assert [[pick.article.path for pick in replay.run(week)] for week in played.weeks] == [["old.md"], ["hot.md"], []]
    assert played.weeks[2].note == "no issue: 0 of the 1 it needs (select.min_stories)"


def test_weeks_lie_end_to_end() -> None:
    """Without folders of days, weeks are counted back from the last day, to --from or as many as --last says."""
    chosen = settings.load(None, settings.Overrides(archive=(SEEDS,), out="none"))

    assert [week.last for week in replay.windows(chosen, first=None, last=DAYS[-1], count=4)] == DAYS
    days = replay.windows(chosen, first=date(2020, 11, 4), last=DAYS[-1], count=None)
    assert [week.last for week in days] == DAYS[1:]
    assert replay.windows(chosen, first=None, last=None, count=1)[0].last == date(2020, 11, 21)
    earlier = replay.windows(chosen, first=None, last=None, count=1, today=date(2020, 11, 12))
    assert earlier[0].last == date(2020, 11, 12)


@given(
    several=st.lists(
        st.tuples(st.sampled_from([1, 2, 5]), st.none() | st.integers(1, 2), st.sampled_from([0, 60]), st.booleans()),
        min_size=2,
        max_size=3,
    )
)
@examples(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_replays_side_by_side_are_those_of_each_alone(
    room: Newsroom, several: list[tuple[int, int | None, int, bool]]
) -> None:
    """Settings that are replayed together have the weeks, with every verdict, that each of them has by itself."""
    weeks = replay.windows(room.settings(), first=None, last=date(2020, 11, 18), count=3)
    before = room.settings()
    named = []
    for number, (limit, share, floor, muted) in enumerate(several):
        plans = tuple(replace(plan, limit=limit) for plan in before.rules.plans or ())
        mute = (MuteRule(titles=("ferries",), place="digest.yaml:9"),) if muted else ()
        by = replace(before.rules, plans=plans, per_provider=share, min_heat=floor, mute=mute)
        named.append((f"{number}.yaml", replace(before, rules=by)))

    assert replay.play(named, weeks) == [replay.play([each], weeks)[0] for each in named]


def test_an_editors_file_counts_and_one_that_does_not_fit_is_left_out(room: Newsroom) -> None:
    """Edits apply as they did; where the other settings lack their section, the week says that it goes without."""
    room.edits("2020-11-11", "pin:\n  - story: warm.md\n    section: AI\n")
    weeks = replay.windows(room.settings(), first=None, last=date(2020, 11, 11), count=1)
    other = replace(room.settings(), rules=replace(room.settings().rules, plans=None))
    fits, without = (each.weeks[0] for each in replay.play([("a", room.settings()), ("b", other)], weeks))

    assert ([pick.article.path for pick in fits.issue.picks], fits.note) == (["warm.md"], "")
    assert [pick.article.path for pick in without.issue.picks] == ["hot.md", "warm.md"]

    room.edits("2020-11-11", "pin:\n  - story: warm.md\n    section: Robots\n")
    without = replay.play([("b", other)], weeks)[0].weeks[0]
    assert [pick.article.path for pick in without.issue.picks] == ["hot.md", "warm.md"]
    assert without.note == (
        f"without the editor's file, which does not fit: {room.folder}/edits/2020-11-11.yaml:3: "
        "the issue has no section 'Robots'"
    )


def test_a_pin_reaches_back_beyond_the_weeks(room: Newsroom) -> None:
    """What the editor pinned from long before the first week is found, as in a build."""
    room.file("ancient", publishedDateTime="2019-01-01T10:00:00Z", title="A mill turns again after a century")
    room.edits("2020-11-11", "pin:\n  - story: ancient.md\n    section: AI\n")
    weeks = replay.windows(room.settings(), first=None, last=date(2020, 11, 11), count=1)
    week = replay.play([("a", room.settings())], weeks)[0].weeks[0]

    assert ([pick.article.path for pick in week.issue.picks], week.note) == (["ancient.md"], "")


def test_two_configurations_side_by_side(room: Newsroom) -> None:
    """Each week says what both run and what only one does; then come the sums."""
    settings_file = room.folder / "digest.yaml"
    room.settings()
    (room.folder / "best.yaml").write_text(
        settings_file.read_text(encoding="utf-8").replace("select: {}", "select: {order: [latest], min_heat: 61}"),
        encoding="utf-8",
    )
    room.file("late", heat=61, publishedDateTime="2020-11-10T10:00:00Z", title="A bridge counts its own cars")

    status, printed, errors = digest(
        room.folder, "--config", "digest.yaml", "--config", "best.yaml", "--to", "2020-11-11", "--last", "2"
    )

    assert (status, errors) == (0, "")
    assert printed.splitlines() == [
        "2020-11-04  (2020-10-29 to 2020-11-04)",
        "  digest.yaml: 1 pick of 1 candidate; 0 repeats avoided; 0 merged; 0 carried over",
        "    providers: Times 1",
        "  best.yaml: 1 pick of 1 candidate; 0 repeats avoided; 0 merged; 0 carried over",
        "    providers: Times 1",
        "  both run 1",
        "",
        "2020-11-11  (2020-11-05 to 2020-11-11)",
        "  digest.yaml: 1 pick of 3 candidates; 0 repeats avoided; 0 merged; 0 carried over",
        "    providers: Times 1",
        "  best.yaml: 1 pick of 3 candidates; 0 repeats avoided; 0 merged; 0 carried over",
        "    providers: Times 1",
        "  both run 0",
        "  only digest.yaml:   90  All about hot and its many consequences (Times)",
        "  only best.yaml:   61  A bridge counts its own cars (Times)",
        "",
        "2 weeks in all",
        "  digest.yaml: 2 picks of 4 candidates; 0 repeats avoided; 0 merged; 0 carried over",
        "  digest.yaml: providers: Times 2",
        "  best.yaml: 2 picks of 4 candidates; 0 repeats avoided; 0 merged; 0 carried over",
        "  best.yaml: providers: Times 2",
        "  only digest.yaml 1, only best.yaml 1, both 1",
    ]


def test_the_same_as_json(room: Newsroom) -> None:
    """`--json` gives figures and picks by week, and nothing else on stdout."""
    room.settings()
    status, printed, _ = digest(room.folder, "--to", "2020-11-11", "--last", "1", "--json", "--html", "page.html")

    assert status == 0
    (one,) = json.loads(printed)
    assert one["config"] == "digest.yaml"
    assert one["total"]["picks"] == 1
    assert one["weeks"][0]["run"] == [
        {
            "path": "hot.md",
            "title": "All about hot and its many consequences",
            "heat": 90,
            "provider": "Times",
            "late": False,
        }
    ]
    assert (room.folder / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            ["--from", "2020-11-20", "--to", "2020-11-10"],
            2,
            "Error: --from 2020-11-20 is after the last day, 2020-11-10",
        ),
        (["--config", "a", "--config", "b", "--config", "c"], 2, "Error: two configurations can be compared, not more"),
        (["--to", "2020-11-10", "--date", "2020-11-10"], 2, "Error: --to and --date say the same; give one"),
        (["--archive", "nope/{id}"], 1, "nope: cannot be read (No such file or directory); name your archive"),
        (
            ["--archive", "archive/{id}"],
            1,
            "archive/{id}: no week of those days; name others with --from and --to",
        ),
        (
            ["--archive", "archive", "--html", "archive"],
            1,
            "archive: is a folder; name a file; nothing was changed",
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_wrong_usage_is_one_clear_line(room: Newsroom, arguments: list[str], status: int, message: str) -> None:
    """What cannot be replayed is said in a line, with what to do."""
    assert (found := digest(room.folder, *arguments))[0] == status
    assert message in found[2].splitlines()[-1]


def test_a_mis_spelt_folder_of_weeks_is_named(room: Newsroom) -> None:
    """A day without folder in a second configuration's archive is an error that names the folder."""
    chosen = replace(room.settings(), archive=("elsewhere/{id}",))
    weeks = replay.windows(room.settings(), first=None, last=date(2020, 11, 11), count=1)

    with pytest.raises(ArchiveError) as caught:
        replay.play([("b", chosen)], weeks)
    assert str(caught.value) == "elsewhere/2020-11-11: there is no such folder; name your archive with --archive FOLDER"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_in_a_browser(browser: Browser, tmp_path: Path, scheme: str) -> None:
    """No sideways scrolling at three widths, AA contrast, a mark a pick; hostile titles are text; no request."""
    room = Newsroom(tmp_path, sections="[{topic: AI, limit: 9}]")
    for number in range(6):
        room.file(
            f"n{number}", heat=50 + number // 3, title=f"<script>document.title = {number}</script> & co {number}x"
        )
    room.file("outlier", heat=1000, title="Much hotter than all the rest of the week")
    weeks = replay.windows(room.settings(), first=None, last=date(2020, 11, 11), count=2)
    played = replay.play([(name, room.settings()) for name in ("a.yaml", "b.yaml")], weeks)
    (tmp_path / "page.html").write_text(pages.replay_page(played, "The <b>Week</b>"), encoding="utf-8")

    with browser.new_context(color_scheme=scheme) as context:  # type: ignore[arg-type]  # light or dark
        shown = context.new_page()
        fetched: list[str] = []
        shown.on("request", lambda request: fetched.append(request.url))
        shown.goto((tmp_path / "page.html").as_uri())
        for width in (320, 400, 1200):
            shown.set_viewport_size({"width": width, "height": 800})
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
        texts = shown.evaluate(TEXTS)
        marks = shown.evaluate(
            "[...document.querySelectorAll('circle')].map((one) => [one.cx.baseVal.value, one.cy.baseVal.value])"
        )

    assert [one for one in texts if one["contrast"] < 4.5] == []
    assert "<script>document.title = 5</script> & co 5x" in " ".join(one["text"] for one in texts)
    assert len(marks) == 2 * len(played[0].weeks[1].issue.picks) == 14
    assert len({tuple(place) for place in marks}) == len(marks)
    assert fetched == [(tmp_path / "page.html").as_uri()]


def test_thirty_one_real_weeks() -> None:
    """On a real archive, as it stood each week: nothing runs twice, and what came late is carried over."""
    if not REAL.is_dir():
        pytest.skip(f"the real archives are not here; looked for {REAL}")
    overrides = settings.Overrides(archive=(os.fspath(REAL / "{id}"),), out="none")
    chosen = settings.load(None, overrides)
    weeks = replay.windows(chosen, first=None, last=None, count=None)
    ran = [pick for week in replay.play([("digest.yaml", chosen)], weeks)[0].weeks for pick in replay.run(week)]

    assert len(weeks) == 31
    assert len(ran) == len({pick.article.path for pick in ran})
    assert any(pick.late for pick in ran)
    assert replay_report.counted(len(weeks), "week") == "31 weeks"
