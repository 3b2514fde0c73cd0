"""A newcomer's first commands: settings that fit what is there, and a look at what the archive holds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import date
from typing import TYPE_CHECKING

import golden
import pytest
from command import run
from hypothesis import given
from hypothesis import strategies as st
from weeks import report

from digest.analysis import pages, starter, statistics
from digest.config import settings, yamlfile
from digest.text import sanitize

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

REAL = golden.ROOT.parent / "shared" / "archives" / "power-apps"


def test_a_demo_in_an_empty_folder(tmp_path: Path) -> None:
    """Two commands, and the sample issue stands there; the printed command is the second."""
    status, said, _ = run(tmp_path, "init", "--demo")
    command = next(line for line in said.splitlines() if "digest build" in line).split("#")[0].split()

    assert status == 0
    assert sorted(os.listdir(tmp_path)) == [".gitignore", "digest.yaml", "edits", "seeds"]
    assert run(tmp_path, *command[1:])[0] == 0
    assert (tmp_path / "out" / "2020-11-11" / "index.html").exists()


def test_an_empty_folder_without_a_demo(tmp_path: Path) -> None:
    """Nothing is written, and what to do is said."""
    assert run(tmp_path, "init") == (
        1,
        "",
        ".: no article with a title and a date below it; put your articles (*.md) into a folder there, bring some in "
        "with `digest import`, or try `digest init --demo`\n",
    )
    assert os.listdir(tmp_path) == []


POST = """---
layout: link
title: Post {number}
date: 2020-11-0{number} 10:00:00 +0100
link: https://example.com/{number}
tags: [AI, Robots]
points: {number}0
source: The Example Post
---
Words.
"""


def test_posts_with_other_names_for_their_fields(tmp_path: Path) -> None:
    """A folder of Jekyll's posts: names in use are read as they are, a figure makes the heat."""
    (tmp_path / "posts").mkdir()
    for number in range(1, 6):
        (tmp_path / "posts" / f"2020-11-0{number}-post.md").write_text(POST.format(number=number), "utf-8")
    (tmp_path / "posts" / "about.md").write_text("no front matter\n", "utf-8")
    status, said, _ = run(tmp_path, "init")
    command = next(line for line in said.splitlines() if "digest build" in line).split("#")[0].split()
    built = run(tmp_path, *command[1:])
    written = (tmp_path / "digest.yaml").read_text("utf-8")

    assert status == 0
    assert "\nfields:" not in written
    assert "\nscore: points   # what makes a heat; several weigh as {shares: 1, comments: 2.5}\n" in written
    assert "  50  Post 5 (The Example Post)" in built.printed
    assert "“Post 5” (heat 50 = points 50 × 1, The Example Post" in run(tmp_path, "explain", "Post 5").printed


@pytest.mark.parametrize("name", ["digest.yaml", "seeds"])
def test_nothing_is_written_over(tmp_path: Path, name: str) -> None:
    """Settings and a folder that are there stay as they are."""
    (tmp_path / name).write_text("mine", "utf-8")
    status, _, said = run(tmp_path, "init", "--demo")

    assert (status, said.split(";")[0]) == (1, f"{name}: is there already")
    assert (tmp_path / name).read_text("utf-8") == "mine"


def test_a_gitignore_that_is_there_stays(tmp_path: Path) -> None:
    """It is named, with what it should hold."""
    (tmp_path / ".gitignore").write_text("mine", "utf-8")
    status, said, _ = run(tmp_path, "init", "--demo")

    assert (status, (tmp_path / ".gitignore").read_text("utf-8")) == (0, "mine")
    assert ".gitignore: is there already; add what keeps issue.json and sent.json of out/*, the memory" in said


def test_the_records_stay_under_version_control(tmp_path: Path) -> None:
    """Git keeps issue.json of each issue and nothing else that is written."""
    run(tmp_path, "init", "--demo")
    run(tmp_path, "build", "--date", "2020-11-11")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "--all"], cwd=tmp_path, check=True)
    kept = subprocess.run(["git", "ls-files", "out"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    assert kept == "out/2020-11-11/issue.json\n"


def test_settings_fit_a_real_archive(tmp_path: Path) -> None:
    """On a real archive they build an issue of its last weeks without a change."""
    if not REAL.is_dir():
        pytest.skip(f"the real archives are not here; looked in {REAL}")
    shutil.copytree(REAL, tmp_path / "power-apps")
    status = run(tmp_path, "init", "power-apps").status
    found = settings.load(str(tmp_path / "power-apps" / "digest.yaml"))

    assert status == 0
    assert [plan.title for plan in found.rules.plans or ()] == ["Portals", "Teams integration", "Power Apps"]
    assert run(tmp_path / "power-apps", "build", "--date", "2021-05-26")[0] == 0


LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])


@given(
    name=st.text(LETTERS, min_size=1, max_size=20),
    topics=st.lists(st.text(LETTERS, min_size=1, max_size=12).filter(str.strip), max_size=5),
)
def test_whatever_is_found_the_settings_can_be_read(name: str, topics: list[str]) -> None:
    """Names and topics of any letters come back as they were."""
    articles = [report(f"Story {number}", topics=",".join(topics), heat=10 + number) for number in range(4)]
    found = statistics.of(articles)
    text = starter.settings(sanitize.text(name) or "x", ["seeds"], found)
    read = yamlfile.parse(text.encode(), "digest.yaml")
    plans = (
        [one.text("topic", "") for one in read.each("sections", {"topic", "limit", "min"})]
        if "sections" in read.pairs
        else []
    )

    assert read.problems == []
    assert read.inner("newsletter").text("name", "") == (sanitize.text(name) or "x")
    assert plans == [topic.name for some in starter.chosen(found) for topic in some]


def test_a_name_with_signs_is_a_sender_all_the_same(tmp_path: Path) -> None:
    """A folder or site called `Ferries, mills & co: news` gives settings that can be read."""
    folder = tmp_path / "ferries, mills (and co): news"
    (folder / "posts").mkdir(parents=True)
    (folder / "posts" / "a.md").write_text(
        "---\ntitle: A story\ndate: 2021-05-06\nlink: https://example.com/a\n---\n", encoding="utf-8"
    )

    assert run(folder, "init", "--yes").status == 0
    loaded = settings.load(str(folder / "digest.yaml"))
    assert loaded.newsletter.sender == '"Ferries, Mills (And Co): News" <news@example.com>'


def test_a_survey_counts_what_may_run() -> None:
    """Topics come most stories first, with the weeks that have them; what lacks something is counted and left out."""
    articles = [
        report("A", topics="AI,Law", heat=10, day="2020-11-02"),
        report("B", topics="ai", heat=30, day="2020-11-09"),
        report("C", topics="AI", heat=None, day="2020-11-09"),
        report("D", topics="Law", published=False, heat=5, day="2020-11-09"),
    ]
    found = statistics.of(articles)

    assert (found.articles, found.able, found.first, found.last) == (4, 2, date(2020, 11, 2), date(2020, 11, 9))
    assert [(topic.name, topic.stories, topic.weeks, topic.heats) for topic in found.topics] == [
        ("AI", 2, (1, 1), (10, 30)),
        ("Law", 1, (1, 0), (10,)),
    ]
    assert dict(found.lacks)["have no heat"] == dict(found.lacks)["are not published"] == 1
    assert statistics.good_day(articles) == date(2020, 11, 9)


def test_days_to_come_are_not_the_newest_week() -> None:
    """The newest week ends with the newest story up to today; where all are of days to come, with the newest of all."""
    articles = [
        report("A", topics="AI", heat=10, day="2020-11-09"),
        report("B", topics="AI", heat=10, day="2020-12-09"),
        report("C", topics="AI", heat=10, day="2091-11-09"),
    ]

    def newest(today: date | None) -> tuple[date, date | None]:
        return statistics.of(articles, today=today).weeks[-1], statistics.good_day(articles, today=today)

    assert newest(date(2020, 11, 20)) == (date(2020, 11, 9),) * 2
    assert newest(date(2020, 12, 9)) == (date(2020, 12, 9),) * 2
    assert newest(date(2020, 11, 1)) == newest(None) == (date(2091, 11, 9),) * 2
    assert dict(statistics.of(articles, today=date(2020, 11, 20)).lacks)["are of days to come"] == 2


def test_topics_in_words_and_values(tmp_path: Path) -> None:
    """The table and the JSON say the same; each section's slots are filled as a replay would."""
    run(tmp_path, "init", "--demo")
    status, said, _ = run(tmp_path, "topics", "--date", "2020-11-11", "--last", "2")
    values = json.loads(run(tmp_path, "topics", "--date", "2020-11-11", "--last", "2", "--json")[1])

    assert status == 0
    assert said.splitlines()[0] == "101 articles, 78 may run, 2020-10-26 to 2020-11-18"
    assert [one["weeks"] for one in values["sections"] if one["title"] == "AI Ethics"] == [[2, 3]]
    assert "AI Ethics                     2.5 of 3   2 3" in said


def test_an_archive_of_nothing_that_runs() -> None:
    """It is said, not divided by zero."""
    found = statistics.of([report("A", heat=None)])

    assert statistics.lines(found) == [
        "1 article, none of which may run",
        "1 have no heat, 1 have no picture",
    ]
    assert statistics.values(found)["first"] is None
    assert "none" not in pages.statistics_page(found, (), "x")


def test_bars_have_eight_heights() -> None:
    """The most fills the line; nothing is a blank; little is still seen."""
    assert statistics.bars([0, 1, 4, 8]) == " ▁▄█"
    assert statistics.bars([1, 1000]) == "▁█"
    assert statistics.bars([]) == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_topics(tmp_path: Path, browser: Browser, scheme: str) -> None:
    """It shows a plot a topic that says in words what it shows, fits a phone, and loads nothing."""
    run(tmp_path, "init", "--demo")
    run(tmp_path, "topics", "--html", "topics.html")
    context = browser.new_context(viewport={"width": 400, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    loaded: list[str] = []
    shown = context.new_page()
    shown.on("request", lambda request: loaded.append(request.url))
    shown.goto((tmp_path / "topics.html").as_uri())
    plots = shown.locator("svg").count()
    wide = shown.evaluate("() => document.documentElement.scrollWidth")
    label = shown.locator("tbody svg").first.get_attribute("aria-label")
    context.close()

    assert (plots, wide) == (18, 400)
    assert label == "Stories a week, oldest first: 1, 2, 3, 2"
    assert loaded == [(tmp_path / "topics.html").as_uri()]


def test_a_lone_story_stands_under_the_topic_that_all_have(tmp_path: Path) -> None:
    """Where nearly all stories carry one topic, sections of others need two stories; elsewhere one is enough."""
    for number in range(20):
        topics = ["Ferries", "Harbour"] if number % 3 else ["Pilots", "Harbour"]
        text = (
            f"---\ntitle: Report {number} of the quay\npublishedDateTime: 2020-11-{number % 9 + 1:02}T10:00:00Z\n"
            f"webUrl: https://example.com/{number}\nheat: {number}\ntopics: {topics}\n---\n"
        )
        (tmp_path / "news").mkdir(exist_ok=True)
        (tmp_path / "news" / f"{number}.md").write_text(text, encoding="utf-8")

    assert run(tmp_path, "init", "--yes")[0] == 0
    plans = settings.load(str(tmp_path / "digest.yaml")).rules.plans or ()

    assert {plan.title: (plan.limit, plan.minimum) for plan in plans} == {
        "Pilots": (3, 2),
        "Harbour": (6, 1),
    }
