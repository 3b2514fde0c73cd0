"""Size: what a message gives up to stay below its limit, in which order, and who is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import html5lib
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from samples import SEEDS, THEME, article, issue, newsletter, section, story

from digest import cli, pipeline, rendering, weight
from digest import rendering as fit
from digest.config import settings
from digest.config.values import Shape
from digest.errors import SettingsError
from digest.model import Pick, Section
from digest.rendering.view import Budget
from digest.theme import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from digest.model import Issue, Message
    from digest.pipeline import Built

LONG = "A sentence of a certain length that says very little. " * 8
ALSO = (("Lab Notes", "https://lab.example.com/1"), ("Morning Ledger", "https://ledger.example.com/2"))


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def many(count: int) -> Issue:
    """Return an issue of that many stories, the best first, each with a long excerpt and two more names."""
    told = [
        story(
            article(f"Story {number}", excerpt=LONG, path=f"{number}.md", url=f"https://news.example.com/{number}"),
            also=ALSO,
        )
        for number in range(count)
    ]
    return issue(*told)


def letter(shown: Issue, limit: int | None) -> Message:
    """Return the message with that limit."""
    return rendering.render(shown, newsletter(), load(THEME, {}, language="en"), Shape(limit=limit), weight.of)


def headlines(html: str) -> list[str]:
    """Return the headlines of a page in order."""
    return ["".join(one.itertext()) for one in html5lib.parse(html, namespaceHTMLElements=False).iter("h3")]


def left(shown: Issue, limit: int) -> Budget:
    """Return the room there is where a story weighs 100 bytes and everything else nothing."""
    return fit.fit(shown, limit, lambda room: 100 * (len(shown.picks) - len(room.web_only)))


# --- what is given up, in which order


def test_a_light_message_is_whole() -> None:
    """Below the limit nothing is given up, and there is no page for the web."""
    message = letter(many(3), 99_000)
    assert (message.trimmed, message.web_only, message.web) == ((), (), "")


def test_null_is_never() -> None:
    """Without a limit nothing is weighed or given up."""
    assert fit.fit(many(3), None, lambda _: 10**9) == Budget()


def test_the_order_of_what_is_given_up() -> None:
    """Excerpts go first, then names, then stories: with ever less room, ever more of it."""
    shown = many(12)
    steps = []
    for limit in range(letter(shown, None).weight, 20_000, -500):
        trimmed = letter(shown, limit).trimmed
        if trimmed not in steps:
            steps.append(trimmed)

    stories = [f"on the web only: {count} of the stories" for count in range(1, 12)]
    least = ("excerpts cut to 100 columns", "“also covered by” cut to 1")
    assert steps[:4] == [
        (),
        ("excerpts cut to 160 columns",),
        ("excerpts cut to 100 columns",),
        least,
    ]
    assert steps[4:] == [(*least, words) for words in stories[: len(steps) - 4]]
    assert len(steps) > 7


@pytest.mark.parametrize("limit", [80_000, 60_000, 45_000, 30_000])
def test_a_trimmed_message_is_below_its_limit(limit: int) -> None:
    """What a message weighs, as it travels, is within the limit."""
    message = letter(many(30), limit)

    assert message.trimmed
    assert message.weight == weight.of(message.html) <= limit


@given(st.integers(1, 40), st.integers(0, 4_100))
def test_no_more_is_given_up_than_must_be(count: int, limit: int) -> None:
    """The message is within its limit with the most stories that fit; the first always stays."""
    left_out = len(left(many(count), limit).web_only)

    assert left_out == min(max(count - limit // 100, 0), count - 1)


def test_the_last_in_rank_leave_first() -> None:
    """Stories leave by rank from behind, whatever section they stand in; the first of the letter and pins stay."""
    names = ["a", "b", "c", "d", "e"]
    picks = {name: Pick(story=story(article(name, path=f"{name}.md"))) for name in names}
    picks["e"] = replace(picks["e"], pinned=True)
    sections = tuple(
        Section(title=title, topics=(title,), picks=tuple(picks[name] for name in inside))
        for title, inside in (("AI", "da"), ("Law", "ebc"))
    )
    shown = issue(sections=sections)
    ranked = replace(shown, verdicts=tuple(sorted(shown.verdicts, key=lambda verdict: verdict.article.path)))

    assert [left(ranked, limit).web_only for limit in (400, 300, 200, 100)] == [
        ("c.md",),
        ("c.md", "b.md"),
        ("c.md", "b.md", "a.md"),
        ("c.md", "b.md", "a.md", "e.md"),
    ]


def test_the_editors_own_excerpt_stays_whole() -> None:
    """An excerpt that the editor wrote is not cut."""
    own = article("x", excerpt=LONG).excerpt
    pick = Pick(story=story(article(excerpt=LONG)), excerpt=own)
    shown = issue(sections=(Section(title="AI", topics=("AI",), picks=(pick,)),))

    assert own in letter(shown, 10_000).html


def test_one_story_that_is_too_heavy_is_noted() -> None:
    """Where even one story is over the limit it is shown, and the editor is told."""
    message = letter(many(2), 5_000)

    assert headlines(message.html) == ["Story 0"]
    assert message.notes == (f"size.limit: the first story alone makes {message.weight:,} bytes of 5,000",)


# --- who is told


def test_readers_are_told_what_is_on_the_web() -> None:
    """Page and text say how many stories are missing and where they are; the web's page has them all."""
    message = letter(many(30), 45_000)
    missing = len(message.web_only)
    words = f"{missing} more stories on the web"

    assert headlines(message.html) == [f"Story {number}" for number in range(30 - missing)]
    assert headlines(message.web) == [f"Story {number}" for number in range(30)]
    links = html5lib.parse(message.html, namespaceHTMLElements=False).iter("a")
    assert [one.get("href") for one in links if one.text == words] == ["https://example.com/issues/2020-11-11/"]
    assert f"\n\n{words}\n\n" in message.text
    assert "\nRead on the web:\nhttps://example.com/issues/2020-11-11/\n" in message.text
    assert message.text.count("https://example.com/issues/2020-11-11/") == 1
    assert (words in message.web, f"{30 - missing} stories" in message.text) == (False, True)


def test_a_section_that_is_empty_leaves_no_title() -> None:
    """A section all of whose stories stand on the web is not named."""
    sections = (section(article("a", path="a.md")), section(article("b", path="b.md"), title="Zoology"))
    message = letter(issue(sections=sections), 15_000)

    assert message.web_only == ("b.md",)
    assert ("Zoology" in message.html, "ZOOLOGY" in message.text, "In this issue" in message.html) == (False,) * 3


@pytest.fixture
def build(tmp_path: Path) -> Callable[[str], Built]:
    """Build the sample issue with a digest.yaml of that text."""

    def build(text: str) -> Built:
        (tmp_path / "digest.yaml").write_text(text, encoding="utf-8")
        chosen = settings.load(
            str(tmp_path / "digest.yaml"),
            settings.Overrides(archive=(SEEDS,), out=str(tmp_path / "out"), templates=THEME),
        )
        return pipeline.build(chosen, pipeline.window_of(chosen, last=date(2020, 11, 11)))

    return build


def test_the_record_says_what_was_given_up(build: Callable[[str], Built]) -> None:
    """issue.json has the steps, the stories that left, and the reason in their verdicts; the web's page is a file."""
    built = build("size: {limit: 50000}")
    with open(f"{built.folder}/issue.json", encoding="utf-8") as file:
        found = json.load(file)

    assert found["trimmed"] == list(built.message.trimmed)
    assert found["web_only"] == list(built.message.web_only)
    assert 0 < found["weight"] == built.message.weight <= 50_000
    told = [verdict["path"] for verdict in found["verdicts"] if "stands on the web only" in verdict["because"]]
    assert sorted(told) == sorted(built.message.web_only)
    assert "web.html" in found["outputs"]
    with open(f"{built.folder}/web.html", encoding="utf-8") as file:
        assert len(headlines(file.read())) == 18


def test_explain_and_the_report_say_it(build: Callable[[str], Built], tmp_path: Path) -> None:
    """`digest build` marks the stories that left, and `digest explain` says why."""
    last = build("size: {limit: 60000}").message.web_only[0].removesuffix(".md")[11:30].replace("-", " ")
    options = [
        "--config",
        str(tmp_path / "digest.yaml"),
        "--archive",
        SEEDS,
        "--out",
        str(tmp_path / "out"),
        "--templates",
        THEME,
    ]
    group = cli.main

    report = CliRunner().invoke(group, ["build", "--date", "2020-11-11", *options]).output
    answer = CliRunner().invoke(group, ["explain", "--date", "2020-11-11", *options, last]).output

    assert (
        "Trimmed to 60,000 bytes: excerpts cut to 100 columns; “also covered by” cut to 1; on the web only: " in report
    )
    assert report.count(" [on the web only]\n") == len(build("size: {limit: 60000}").message.web_only)
    assert "it stands on the web only, because the message had no room for it (`size.limit`)." in answer


# --- settings


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("", 99_000),
        ("size:", 99_000),
        ("size: {limit: 80000}", 80_000),
        ("size: {limit: null}", None),
        ("size: {limit: }", None),
    ],
)
def test_the_limit_is_read(tmp_path: Path, text: str, limit: int | None) -> None:
    """Without a word it is what Gmail shows; null is never."""
    (tmp_path / "digest.yaml").write_text(text, encoding="utf-8")
    assert limit == settings.load(str(tmp_path / "digest.yaml")).shape.limit


def test_a_limit_that_is_none_is_a_problem(tmp_path: Path) -> None:
    """A limit that is no number, or too small for any letter, is named with its line."""
    (tmp_path / "digest.yaml").write_text("size:\n  limit: 99k\n", encoding="utf-8")

    with pytest.raises(SettingsError) as caught:
        settings.load(str(tmp_path / "digest.yaml"))

    assert str(caught.value).endswith("digest.yaml:2: size.limit is '99k', not a whole number from 1000 to 10000000")


def test_a_chinese_character_weighs_nine_bytes() -> None:
    """A message weighs what travels: quoted-printable, line breaks and all."""
    assert [weight.of(text) for text in ("a", "é", "世", "=", "a\nb")] == [1, 6, 9, 3, 4]
