"""Archives without figures: an order that ranks by no heat needs none, and says what it ranked by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from command import run
from hypothesis import given
from hypothesis import strategies as st
from weeks import FERRY, WEEK, article, at, picked, report, rules, verdict

from digest.analysis import statistics
from digest.config import settings
from digest.config.values import WITHOUT_HEAT, Order
from digest.model import Address, Past
from digest.selection import select

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from digest.model import Article

BY_COVERAGE = rules(("AI", 2), order=WITHOUT_HEAT)


def twice(name: str, **more: object) -> list[Article]:
    """Return two reports of one story by two outlets, each in its own words."""
    return [
        replace(report(*words, provider=outlet, path=f"{name}{outlet}.md"), **{"heat": None, **more})  # type: ignore[arg-type]  # fields by name
        for outlet, words in zip(("Times", "Gazette"), FERRY, strict=False)
    ]


def test_what_most_report_comes_first_then_what_is_new() -> None:
    """Without heat the order is coverage, then the later report, and each pick says so."""
    known = [
        *twice("Orvicin", published_at=at("2020-11-06")),
        article("new", heat=None, published_at=at("2020-11-11")),
        article("old", heat=None, published_at=at("2020-11-07")),
    ]
    issue = select(known, WEEK, BY_COVERAGE)

    assert picked(issue) == {"AI": ["OrvicinGazette", "new"]}
    assert verdict(issue, "OrvicinGazette") == (
        "picked",
        "place 1 of 2 in AI, before “All about new and its many consequences” (Times): more providers report it, "
        "2 to 1",
    )
    assert verdict(issue, "new") == ("picked", "place 2 of 2 in AI")
    assert verdict(issue, "old") == (
        "limit",
        "all 2 slots of AI went to better placed stories; the last of them is “All about new and its many consequences”"
        " (Times), before it by latest: published later",
    )
    assert [one.article.path for one in issue.verdicts] == ["OrvicinGazette.md", "OrvicinTimes.md", "new.md", "old.md"]


def test_a_section_says_what_put_it_first() -> None:
    """Where sections follow their first story, that story says so, also if it stands alone in its section."""
    known = [
        article("new", heat=None, topics="Golf", published_at=at("2020-11-11")),
        article("old", heat=None, topics="AI", published_at=at("2020-11-07")),
        article("older", heat=None, topics="AI", published_at=at("2020-11-06")),
    ]
    free, fixed = rules(order=WITHOUT_HEAT), rules(("Golf", 1), ("AI", 1), order=WITHOUT_HEAT)

    assert verdict(select(known, WEEK, free), "new")[1] == "place 1 of 3 in Golf; Golf comes before AI: published later"
    assert verdict(select(known, WEEK, free), "older")[1] == "place 2 of 3 in AI"
    assert verdict(select(known, WEEK, fixed), "new")[1] == "place 1 of 1 in Golf"


def test_the_survey_has_no_heat_to_tell() -> None:
    """`topics` shows hyphens for heats where no story has one, and counts the stories all the same."""
    survey = statistics.of([article(heat=None)], rules=statistics.UNRANKED)

    assert (survey.able, survey.topics[0].stories) == (1, 1)
    assert statistics.lines(survey)[-3].split() == ["AI", "1", "-,", "-,", "-", "█"]


def test_an_order_by_heat_needs_one() -> None:
    """As soon as heat is among the keys, an article without one cannot be ranked."""
    issue = select([article("a", heat=None), article("b")], WEEK, rules(("AI", 2), order=("latest", "heat")))

    assert verdict(issue, "a") == (
        "unscored",
        "it has no heat (absent, negative or not a number), so it cannot be ranked",
    )


def test_a_floor_is_not_reached_without_heat() -> None:
    """An editor who asks for a least heat gets no story without one, whatever the order."""
    issue = select([article("a", heat=None), article("b", heat=2.5)], WEEK, replace(BY_COVERAGE, min_heat=2.5))

    assert picked(issue) == {"AI": ["b"]}
    assert verdict(issue, "a") == (
        "min-heat",
        "it has no heat, which is below the floor; heat 2.5 (`min_heat`) would have been enough",
    )


def test_what_has_no_heat_may_come_late() -> None:
    """An article that no earlier issue had to choose from comes late, with or without heat."""
    late = article("late", heat=None, published_at=at("2020-11-02"))
    past = Past(since=at("2020-10-29").date())

    assert picked(select([late], WEEK, BY_COVERAGE, past)) == {"AI": ["late"]}
    assert picked(select([late], WEEK, rules(("AI", 2)), past)) == {}


def test_the_share_of_a_provider_is_told_without_heat() -> None:
    """What a share cost is named by its title where there is no heat to give up."""
    known = [
        article("first", heat=None, published_at=at("2020-11-11")),
        article("second", heat=None, published_at=at("2020-11-10")),
        article("third", heat=None, published_at=at("2020-11-09"), provider="Gazette"),
    ]
    issue = select(known, WEEK, replace(BY_COVERAGE, per_provider=1))

    assert verdict(issue, "second")[1] == (
        "Times already leads 1 story, its share (`per_provider`); it was given up for “All about third and its many "
        "consequences” (Gazette); the last of them is “All about first and its many consequences” (Times), before it "
        "by latest: published later"
    )


def test_an_archive_without_heat_is_ordered_all_the_same(tmp_path: Path) -> None:
    """With no settings file the order for the case without heat holds, one line of build says so, and explain why."""
    write(tmp_path / "seeds", [article("a", heat=None), article("b", heat=None, published_at=at("2020-11-10"))])
    built = run(tmp_path, "build", "--date", "2020-11-11")
    explained = run(tmp_path, "explain", "--date", "2020-11-11")

    assert (built.status, built.told) == (0, "")
    assert "No article of these days has a heat, so they are ordered by coverage, then latest\n" in built.printed
    assert explained.printed.splitlines()[3:5] == [
        "  in    “All about b and its many consequences” (no heat, Times, 2020-11-10)",
        "        place 1 of 3 in AI, before “All about a and its many consequences” (Times): published later",
    ]


def test_one_heat_is_enough_to_rank_by_it(tmp_path: Path) -> None:
    """Where any candidate has a heat, the others are unscored, as ever."""
    write(tmp_path / "seeds", [article("a", heat=None), article("b", heat=1)])
    built = run(tmp_path, "build", "--date", "2020-11-11")

    assert "1 picked" in built.printed
    assert "ordered by" not in built.printed


def test_with_a_settings_file_the_settings_decide(tmp_path: Path) -> None:
    """Nothing falls back there: the error counts what is missing and says what to write, and that works."""
    write(tmp_path / "news", [article("a", heat=None)])
    (tmp_path / "digest.yaml").write_text("archive: news\n", "utf-8")
    refused = run(tmp_path, "build", "--date", "2020-11-11")
    (tmp_path / "digest.yaml").write_text("archive: news\nselect: {order: [coverage, latest]}\n", "utf-8")
    built = run(tmp_path, "build", "--date", "2020-11-11")

    assert refused == (
        3,
        "",
        "2020-11-05 to 2020-11-11: none of the 1 articles of the archive may ever run (1 has no heat); "
        "`select: {order: [coverage, latest]}` ranks without heat, and `score` makes one of other figures\n",
    )
    assert (built.status, built.told) == (0, "")


def test_no_hash_in_a_record_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds without a settings file is no setting, so it is no part of the hash of the settings."""
    monkeypatch.chdir(tmp_path)
    without = settings.load()
    (tmp_path / "digest.yaml").write_text("out: out\n", "utf-8")

    assert without.rules != settings.load().rules
    assert without.digest == settings.load().digest


@pytest.mark.parametrize(("heats", "lacks"), [([], False), ([None, None], True), ([None, 3], False)])
def test_whether_an_archive_lacks_heat(heats: Sequence[float | None], *, lacks: bool) -> None:
    """It does where articles could run and none has a heat; an empty one lacks more than that."""
    assert statistics.lacks_heat([article(heat=heat) for heat in heats]) is lacks
    assert statistics.lacks_heat([article(heat=None, url=None)]) is False


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-3, 2), st.sampled_from("PQ")), max_size=9))
def test_heat_makes_no_difference_where_nothing_ranks_by_it(rows: list[tuple[int, int, str]]) -> None:
    """An order without heat gives the same issue of articles with heat and of the same without."""
    orders: list[tuple[Order, ...]] = [WITHOUT_HEAT, ("latest",), ("freshness", "path")]
    known = [
        article(
            f"n{number}",
            heat=heat,
            provider=outlet,
            published_at=at("2020-11-09") + timedelta(days=day),
            url=Address(f"https://example.com/{number}"),
        )
        for number, (heat, day, outlet) in enumerate(rows)
    ]
    for names in orders:
        by = rules(("AI", 3), order=names)
        bare = select([replace(one, heat=None) for one in known], WEEK, by)

        assert picked(select(known, WEEK, by)) == picked(bare)
        assert [one.rule for one in bare.verdicts].count("unscored") == 0


def write(folder: Path, articles: Sequence[Article]) -> None:
    """Write *articles* into an archive."""
    folder.mkdir()
    for one in articles:
        heat = "" if one.heat is None else f"heat: {one.heat}\n"
        assert one.published_at is not None
        (folder / one.path).write_text(
            f"---\ntitle: {one.title}\npublishedDateTime: {one.published_at.isoformat()}\nwebUrl: {one.url}\n{heat}"
            f"provider: {{name: {one.provider.name}}}\ntopics: [{', '.join(one.topics)}]\n---\n",
            "utf-8",
        )
