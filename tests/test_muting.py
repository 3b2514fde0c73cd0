"""What the settings mute: by outlet, words, path, topic and quality; who hears of it; and what it would have cost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from command import run
from hypothesis import given
from hypothesis import strategies as st
from weeks import FERRY, WEEK, Newsroom, article, picked, related, report, rules, verdict

from digest import pipeline
from digest.analysis import explain, pages, replay, replay_report
from digest.config.muting import MuteRule
from digest.issue import record
from digest.model import Edits, Pin, Provider, Text
from digest.preview import editor
from digest.selection import select
from digest.text import phrases

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("phrase", "title", "stands"),
    [
        ("market size", "Nanorobots Market Size, Share and Growth", True),
        ("market size", "Supermarket size matters", False),
        ("size market", "Nanorobots Market Size", False),
        ("Market * Forecast", "Drone market: growth and FORECAST 2027", True),
        ("market * forecast", "Drone market forecast", True),
        ("market * forecast", "Forecast for the drone market", False),
        ("market*", "Markets fall", True),
        ("market *", "Markets fall", False),
        ("*", "Markets fall", False),
        ("c++", "What is new in C++ and C#", True),
        ("c", "What is new in C++ and C#", False),
        ("市场规模", "全球市场规模预测", True),
        ("市场*预测", "全球市场规模与预测", True),
        ("e-mail", "E‑Mail is back", True),
    ],
)
def test_phrases_are_whole_words(phrase: str, title: str, *, stands: bool) -> None:
    """A phrase is found by whole words in their order, in any script, and `*` takes what stands between."""
    assert phrases.stands_in(phrase, title) is stands


@given(st.lists(st.sampled_from(["market", "size", "a", "*"]), max_size=6), st.text("market size*", max_size=40))
def test_a_phrase_stands_in_what_it_is_cut_from(parts: list[str], filling: str) -> None:
    """Whatever text takes the place of each `*`, the phrase stands in it, if it has a word."""
    phrase = " ".join(parts)
    title = " ".join(filling if part == "*" else part for part in parts)

    assert phrases.stands_in(phrase, title) is phrases.has_word(phrase)


def test_a_hostile_title_takes_no_time() -> None:
    """A title on which a regular expression with as many `.*` would not end is read at once."""
    assert not phrases.stands_in("a * " * 40 + "b", "a " * 20_000)


ADVERT = article(
    "ads/drones", provider="Press Office", topics="Drones, AI", title=Text("Drone Market Forecast"), quality=30
)


@pytest.mark.parametrize(
    "rule",
    [
        MuteRule(providers=("press office",)),
        MuteRule(providers=("press.example",)),
        MuteRule(providers=("wire.press.example", "elsewhere.example")),
        MuteRule(titles=("market * forecast",)),
        MuteRule(paths=("ads/*",)),
        MuteRule(topics=("drones",)),
        MuteRule(quality_below=31),
        MuteRule(providers=("Press Office",), topics=("AI",), quality_below=40),
    ],
    ids=str,
)
def test_each_way_to_mute(rule: MuteRule) -> None:
    """An article is muted by its outlet (name, domain, family), title, path, topic or quality; its verdict says so."""
    outlet = Provider(name=Text("Press Office"), domain="wire.press.example", family="press.example")
    advert = replace(ADVERT, provider=outlet)
    rule = replace(rule, place="digest.yaml:12")

    issue = select([advert, article("news", heat=1, quality=99)], WEEK, rules(("AI", 3), mute=(rule,)))

    assert picked(issue) == {"AI": ["news"]}
    assert verdict(issue, "ads/drones") == ("muted", f"digest.yaml:12 (`select.mute`) mutes it: {rule}")


@pytest.mark.parametrize(
    "rule",
    [
        MuteRule(providers=("Press Office",), topics=("Ferries",)),
        MuteRule(titles=("drone forecast",)),
        MuteRule(quality_below=30),
        MuteRule(paths=("ads",)),
    ],
    ids=str,
)
def test_all_of_a_rule_must_hold(rule: MuteRule) -> None:
    """A rule of which a part does not hold mutes nothing."""
    issue = select([ADVERT], WEEK, rules(("AI", 3), mute=(rule,)))

    assert picked(issue) == {"AI": ["ads/drones"]}


def test_a_pin_wins() -> None:
    """The editor's word brings back what the settings mute."""
    edits = Edits(pins=(Pin(story="ads/drones.md", section="AI"),))

    issue = select([ADVERT], WEEK, rules(("AI", 3), mute=(MuteRule(topics=("AI",)),)), edits=edits)

    assert picked(issue) == {"AI": ["ads/drones"]}


def test_what_cannot_run_is_not_said_to_be_muted() -> None:
    """An unpublished article is unpublished: taking the rule away would not bring it back."""
    issue = select([replace(ADVERT, published=False)], WEEK, rules(("AI", 3), mute=(MuteRule(topics=("AI",)),)))

    assert verdict(issue, "ads/drones")[0] == "unpublished"


def test_muted_reports_are_no_witnesses() -> None:
    """Neither a muted article nor muted coverage that another one lists counts for a story, or stands under it."""
    listed = (related(*FERRY[1], provider="Press Office"), related(*FERRY[1], provider="Gazette"))
    lead = report(*FERRY[0], heat=60, related=listed)
    copy = report(*FERRY[2], provider="Wire")
    mute = (MuteRule(providers=("Press Office",)), MuteRule(providers=("Wire",), topics=("AI",)))

    (pick,) = select([lead, copy], WEEK, rules(("AI", 3), mute=mute)).picks

    assert [coverage.provider.name for coverage in pick.story.also] == ["Gazette"]


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """Return a newsroom that mutes an outlet and a phrase, with three articles that are muted in two weeks."""
    select = "\n  mute:\n    - provider: Press Office\n    - title: market * forecast"
    room = Newsroom(tmp_path, sections="[{topic: AI, limit: 1}]", select=select)
    room.file("news", heat=40)
    room.file("praise", heat=90, provider={"name": "Press Office"})
    room.file("drones", heat=80, title="Drone Market Forecast", provider={"name": "Gazette"})
    room.file("old", heat=30, publishedDateTime="2020-11-03T10:00:00Z", title="Beekeepers count mites by camera")
    praise = {"heat": 70, "provider": {"name": "Press Office"}, "title": "Ferries sail at night without crews"}
    room.file("praise-again", publishedDateTime="2020-11-03T10:00:00Z", **praise)
    return room


def test_build_counts_what_is_muted(room: Newsroom) -> None:
    """`build` says in a line how many articles each rule mutes, and in JSON."""
    room.settings()

    done = run(room.folder, "build", "--date", "2020-11-11")
    values = json.loads(run(room.folder, "build", "--date", "2020-11-11", "--json").printed)

    assert "Muted: 2 articles (digest.yaml:5 1, digest.yaml:6 1)" in done.printed.splitlines()
    assert values["muted"] == {"digest.yaml:5": 1, "digest.yaml:6": 1}


def test_explain_and_desk_tell(room: Newsroom) -> None:
    """`explain` gives the line of the settings that mutes an article, and the desk counts what each rule takes."""
    room.build("2020-11-11")
    built = room.record("2020-11-11")

    (told,) = explain.named("drone market", explain.ranked(built["verdicts"]))

    assert told["because"] == "digest.yaml:6 (`select.mute`) mutes it: title “market * forecast”"
    assert told["muted_by"] == "digest.yaml:6"
    assert editor.of_record(built).muted == (("digest.yaml:5", 1), ("digest.yaml:6", 1))
    chosen = pipeline.choose(room.settings(), WEEK)
    panel = editor.of_issue(chosen.issue, pipeline.render(room.settings(), chosen.issue).message)
    assert panel.muted == (("digest.yaml:5", 1), ("digest.yaml:6", 1))


def test_replay_says_what_a_rule_costs(room: Newsroom) -> None:
    """`replay` names the picks that each rule took from past weeks with their heat, and counts them."""
    weeks = replay.windows(room.settings(), first=None, last=date(2020, 11, 11), count=2)
    played = replay.play([("digest.yaml", room.settings())], weeks)[0]

    lines = replay_report.lines([played])
    values = replay_report.values([played])

    assert "    muted by digest.yaml:5: 70  Ferries sail at night without crews (Press Office)" in lines
    assert "    muted by digest.yaml:5: 90  All about praise and its many consequences (Press Office)" in lines
    assert lines[-1] == "  digest.yaml:5 took 2 picks"
    page = pages.replay_page([played], "The Week")
    assert '<p class="quiet">Muted by digest.yaml:5: 70  Ferries sail at night without crews (Press Office)</p>' in page
    costs = [[(pick["path"], pick["muted_by"]) for pick in week["muted"]] for week in values[0]["weeks"]]
    assert costs == [[("praise-again.md", "digest.yaml:5")], [("praise.md", "digest.yaml:5")]]


def test_what_was_muted_does_not_come_late(room: Newsroom) -> None:
    """A rule taken away brings back no article of the weeks that it was muted in: the editor had decided."""
    room.build("2020-11-11")
    room.sent("2020-11-11")
    later = replace(room, select="{}")
    later.file("next", publishedDateTime="2020-11-16T10:00:00Z", title="Beekeepers count mites by camera")

    issue = later.issue("2020-11-18")

    assert [pick.article.path for pick in issue.picks] == ["next.md"]
    assert record.of_choice(issue)["verdicts"][0]["verdict"] == "picked"


@pytest.mark.parametrize(("adverts", "able"), [("mute", 1), ("run", 2)])
def test_a_survey_counts_what_the_settings_let_run(tmp_path: Path, adverts: str, able: int) -> None:
    """Who lets adverts for market reports run finds them among the topics, too."""
    room = Newsroom(tmp_path, select=f"{{adverts: {adverts}}}")
    room.file("a")
    room.file("b", title="Drone Market Size, Share and Growth Forecast 2020-2027")
    room.settings()

    assert json.loads(run(tmp_path, "topics", "--json", "--date", "2020-11-11").printed)["able"] == able
