"""Articles to an Issue: window, sections, floors, shares and the verdict of every candidate."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weeks import FERRY, WEEK, article, picked, related, report, rules, section, verdict

from digest.config.muting import MuteRule
from digest.config.values import Match, Order, Rules, SectionPlan
from digest.errors import EditsError
from digest.model import Address, Article, Edits, Past, Pin, Provider, Ran, Text, Window
from digest.selection import Tellings, order, select
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        (datetime(2020, 11, 4, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2020, 11, 5, tzinfo=UTC), True),
        (datetime(2020, 11, 11, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2020, 11, 12, tzinfo=UTC), False),
        (None, False),
    ],
)
def test_both_ends_of_the_window_are_inside(moment: datetime | None, *, inside: bool) -> None:
    """The window covers whole days, first and last; what has no date is in none."""
    assert inside == (moment in WEEK)


def test_the_window_is_counted_where_the_newsletter_lives() -> None:
    """Half past midnight in Berlin belongs to the new day there, though not in UTC."""
    moment = datetime(2020, 11, 4, 23, 30, tzinfo=UTC)

    assert moment in Window(first=WEEK.first, last=WEEK.last, timezone="Europe/Berlin")
    assert moment not in WEEK


def test_a_day_that_changes_the_clock_is_whole() -> None:
    """The 25-hour day at the end of summer time is one day of the window."""
    window = Window(first=date(2020, 10, 25), last=date(2020, 10, 25), timezone="Europe/Berlin")

    assert timedelta(hours=25) == window.ends_at - window.starts_at


def test_hottest_first() -> None:
    """A section takes the hottest stories up to its limit, in the order of heat."""
    issue = select([article("cold", heat=1), article("hot", heat=9), article("warm", heat=5)], WEEK, rules(("AI", 2)))

    assert picked(issue) == {"AI": ["hot", "warm"]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"published": False}, ("unpublished", "its file says `published: false`")),
        (
            {"expires_at": datetime(2020, 11, 12, tzinfo=UTC)},
            ("expired", "its file says that it is no longer public from 2020-11-12 on"),
        ),
        ({"heat": None}, ("unscored", "it has no heat (absent, negative or not a number), so it cannot be ranked")),
        (
            {"url": None, "addresses": ()},
            ("no-address", "it has no http(s) address for its headline to lead to"),
        ),
        ({"topics": "Golf"}, ("no-section", "no section takes its topics (Golf); the sections are: AI")),
        ({"topics": ""}, ("no-section", "it has no topic; the sections are: AI")),
        (
            {"heat": 9},
            ("min-heat", "its heat 9 is below the floor; heat 10 (`min_heat`) would have been enough"),
        ),
        (
            {"heat": 40},
            (
                "limit",
                "the only slot of AI went to hotter stories; the last of them is “All about rival and its many "
                "consequences” (heat 50, Times); heat 51 would have been enough",
            ),
        ),
        (
            {"heat": 50, "path": "zz.md"},
            (
                "limit",
                "the only slot of AI went to hotter stories; the last of them is “All about rival and its many "
                "consequences” (heat 50, Times), before it by path: first by file name, all else being equal; "
                "heat 51 would have been enough",
            ),
        ),
        (
            {"heat": 40, "topics": "Golf, AI", "url": Address("https://www.example.com/rival/?utm_source=x")}
            | {"addresses": (Address("https://www.example.com/rival/?utm_source=x"),)},
            (
                "merged",
                "it tells the same story as “All about rival and its many consequences” (heat 50, Times): "
                "the same address",
            ),
        ),
        ({"heat": 60}, ("picked", "place 1 of 1 in AI with heat 60")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_every_rule_has_its_words(change: dict[str, object], expected: tuple[str, str]) -> None:
    """Each verdict names the rule and says why in words, with the heat that would have been enough."""
    asked = article("x", **change)  # type: ignore[arg-type]  # fields by name

    issue = select([article("rival"), asked], WEEK, rules(("AI", 1), min_heat=10))

    assert expected == verdict(issue, asked.path[:-3])


def test_a_provider_has_its_share() -> None:
    """The cap takes a provider's hottest stories, and the verdict says which heat was missing."""
    wire = [article("one", heat=9, provider="Wire"), article("two", heat=8, provider="Wire")]

    issue = select([*wire, article("three", heat=1)], WEEK, rules(("AI", 3), per_provider=1))

    assert picked(issue) == {"AI": ["one", "three"]}
    assert verdict(issue, "two") == (
        "provider",
        "Wire already leads 1 story, its share (`per_provider`); its heat 8 was given up for “All about three and its "
        "many consequences” (heat 1, Times); the last of them is “All about one and its many consequences” (heat 9, "
        "Wire); heat 10 would have been enough",
    )


def test_default_sections_are_topics_by_their_hottest_story() -> None:
    """Without configured sections each topic gets one, the hottest pick first; one without picks is named as empty."""
    articles = [
        article("a", heat=5, topics="AI"),
        article("b", heat=9, topics="Vision, AI"),
        article("c", heat=7, topics="Golf"),
        *(article(f"{topic}2", heat=3, topics=topic) for topic in ("AI", "Vision", "Golf")),
    ]

    issue = select(articles, WEEK, rules())

    assert picked(issue) == {"Vision": ["b", "Vision2"], "Golf": ["c", "Golf2"], "AI": ["a", "AI2"]}
    assert list(picked(issue)) == ["Vision", "Golf", "AI"]


def test_at_most_six_default_sections_of_three() -> None:
    """Of eight topics with five stories each, six are taken, with three slots each."""
    articles = [
        article(f"{topic}{heat}", heat=heat, topics=f"Topic {topic}") for topic in range(8) for heat in range(5)
    ]

    issue = select(articles, WEEK, rules())

    assert [len(names) for names in picked(issue).values()] == [3] * 6


def test_topics_compare_without_case() -> None:
    """A section takes a topic however it is written."""
    issue = select([article(topics="computer VISION")], WEEK, rules(("Computer Vision", 1)))

    assert picked(issue) == {"Computer Vision": ["a"]}


def test_an_empty_section_is_left_out_and_named() -> None:
    """A configured section without a story is not in the issue, and the issue says so."""
    issue = select([article()], WEEK, rules(("AI", 1), ("Golf", 1)))

    assert issue.empty_sections == ("Golf",)
    assert list(picked(issue)) == ["AI"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.example.com/a/", "http://example.com/a"),
        ("https://example.com/a?utm_source=x&id=1", "https://example.com/a?id=1#top"),
        ("https://EXAMPLE.com/a?fbclid=x", "https://example.com/a"),
    ],
)
def test_addresses_of_one_page_are_equal(one: str, other: str) -> None:
    """Scheme, www., trailing slash, fragment and tracking parameters do not count."""
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a?id=1", "https://example.com/a?id=2"),
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/a", "https://news.example.com/a"),
    ],
)
def test_addresses_of_two_pages_differ(one: str, other: str) -> None:
    """What may tell two pages apart counts: path, case, other parameters and hosts."""
    assert canonical(one) != canonical(other)


def alone(one: Article, number: int) -> Article:
    """Return *one* as an article of the week that may run and tells a story of its own."""
    address = Address(f"https://example.com/alone/{number}")
    return replace(
        one,
        title=Text(one.path),
        published=True,
        heat=one.heat or 0,
        quality=number % 2,
        published_at=datetime(2020, 11, 9, tzinfo=UTC),
        url=address,
        addresses=(address,),
    )


def ran(address: int, *, issue: str = "2020-11-04", coverage: int = 1) -> Ran:
    """Return a story at that address that an earlier issue ran."""
    return Ran(
        issue=issue,
        day=date.fromisoformat(issue),
        title=Text("Something else altogether"),
        provider=Provider(name=Text("Times")),
        published_at=datetime(2020, 11, 1, tzinfo=UTC),
        addresses=frozenset({f"example.com/{address}"}),
        coverage=coverage,
    )


ROWS = st.tuples(
    st.none() | st.integers(0, 5),
    st.lists(st.sampled_from(["AI", "Vision", "Golf"]), max_size=3, unique=True),
    st.booleans(),
    st.integers(-12, 9),
    st.sampled_from("PQ"),
    st.integers(0, 6),
)
ARTICLES = st.lists(ROWS, max_size=10).map(
    lambda rows: [
        article(
            f"n{number}",
            heat=heat,
            topics=",".join(topics),
            provider=provider,
            published=published,
            published_at=datetime(2020, 11, 5, tzinfo=UTC) + timedelta(days=day),
            title=Text(f"All about {address} and its many consequences"),
            url=Address(f"https://example.com/{address}"),
            addresses=(Address(f"https://example.com/{address}"),),
        )
        for number, (heat, topics, published, day, provider, address) in enumerate(rows)
    ]
)
"""Articles of three weeks, several of them at one address with one title."""

STRANGERS = ARTICLES.map(lambda articles: [alone(one, number) for number, one in enumerate(articles)])
"""Articles of the week that tell a story each."""

PASTS = st.builds(
    lambda addresses, considered: Past(
        ran=tuple(map(ran, sorted(addresses))),
        considered=frozenset({f"n{number}.md" for number in considered}),
        since=date(2020, 10, 29),
    ),
    st.sets(st.integers(0, 6), max_size=3),
    st.sets(st.integers(0, 9), max_size=3),
) | st.just(Past())

LOOKING_BACK = section("AI", 2, minimum=2, thin="widen", widen_days=9)
RULES = st.sampled_from(
    [
        rules(),
        rules(("AI", 1), ("Golf", 2)),
        rules(min_heat=2, per_provider=1),
        rules(LOOKING_BACK, section("Golf+Vision", 2, per_provider=1)),
        rules(("AI", 2), ("Golf", 2), late_days=5, order=("coverage", "latest")),
    ]
)
FIXED = st.sampled_from(
    [
        rules(section("AI", 1), section("Golf", 2)),
        rules(section("AI", 1, minimum=0), section("Golf", 2, minimum=0), per_provider=1),
        rules(section("AI", 2, minimum=0, per_provider=1), section("Golf", 2, minimum=2, per_provider=1)),
        rules(section("AI+Vision", 2), section("Vision", 1), order=("heat", "latest")),
        rules(),
        rules(LOOKING_BACK, section("Vision", 1)),
    ]
)
ENOUGH = re.compile(r"; heat ([\d.]+) would have been enough")


def pins(numbers: Iterable[int], title: str = "AI") -> Edits:
    """Return edits that pin these articles in a section."""
    return Edits(pins=tuple(Pin(story=f"n{number}.md", section=title) for number in numbers))


def in_ai(articles: Iterable[Article]) -> list[Article]:
    """Return *articles* with AI among their topics, so that there is such a section."""
    return [replace(one, topics=(*one.topics, Text("AI"))) if "AI" not in one.topics else one for one in articles]


@given(ARTICLES, RULES, PASTS, st.sets(st.integers(0, 9), max_size=2))
def test_every_candidate_has_exactly_one_verdict(
    articles: list[Article], by: Rules, past: Past, pinned: set[int]
) -> None:
    """Each candidate is told of once, and the picks are those whose verdict says so."""
    known = in_ai(articles)
    issue = select(known, WEEK, by, past, pins(number for number in pinned if number < len(known)))

    told = [one.article.path for one in issue.verdicts]
    assert sorted(set(told)) == sorted(told)
    assert sorted(pick.article.path for pick in issue.picks) == sorted(
        one.article.path for one in issue.verdicts if one.rule == "picked"
    )


@given(ARTICLES, RULES, PASTS, st.sets(st.integers(0, 9), max_size=2))
def test_candidates_are_of_the_window_or_late_or_widened_or_pinned(
    articles: list[Article], by: Rules, past: Past, pinned: set[int]
) -> None:
    """Nobody else is told of, and of these everybody; only what a thin section may look back to need not be."""
    known = in_ai(articles)
    wanted = {f"n{number}.md" for number in pinned if number < len(known)}
    issue = select(known, WEEK, by, past, pins(sorted(number for number in pinned if number < len(known))))

    told = {one.article.path for one in issue.verdicts}
    must = {one.path for one in known if one.published_at in WEEK or is_late(one, past, by)} | wanted
    assert must <= told
    assert told <= must | {one.path for one in known if looked_back_to(one, by)}


def is_late(one: Article, past: Past, by: Rules) -> bool:
    """Whether *one* may run now, is of a day that an earlier issue should have had, and was no candidate there."""
    first = WEEK.starts_at - timedelta(days=by.late_days)
    return (
        past.since is not None
        and one.published_at is not None
        and max(first.date(), past.since) <= one.published_at.date() < WEEK.first
        and one.path not in past.considered
        and one.published
        and (one.heat is not None or not by.needs_heat)
    )


def looked_back_to(one: Article, by: Rules) -> bool:
    """Whether a thin section may look back to *one*."""
    days = max((plan.widen_days for plan in by.plans or ()), default=0)
    return one.published_at is not None and WEEK.starts_at - timedelta(days=days) <= one.published_at < WEEK.starts_at


@given(ARTICLES, RULES, PASTS)
def test_no_story_is_told_twice(articles: list[Article], by: Rules, past: Past) -> None:
    """No address stands in two slots."""
    addresses = [pick.article.url for pick in select(articles, WEEK, by, past).picks]

    assert len(set(addresses)) == len(addresses)


@given(ARTICLES, RULES, PASTS)
def test_what_ran_is_not_run_again(articles: list[Article], by: Rules, past: Past) -> None:
    """No pick has an address that an earlier issue ran."""
    before = frozenset[str]().union(*(one.addresses for one in past.ran))
    issue = select(articles, WEEK, by, past)

    assert not {canonical(str(pick.article.url)) for pick in issue.picks} & before


@given(ARTICLES, PASTS, st.integers(0, 9))
def test_what_ran_runs_again_if_pinned(articles: list[Article], past: Past, number: int) -> None:
    """A pin is stronger than memory, and than everything else."""
    known = in_ai(articles)
    issue = select(known, WEEK, rules(("AI", 1)), past, pins([number] if number < len(known) else []))

    assert number >= len(known) or f"n{number}.md" in {pick.article.path for pick in issue.picks}


@given(STRANGERS, FIXED, st.sets(st.integers(0, 9), max_size=1))
def test_the_heat_said_to_be_enough_is_enough(articles: list[Article], by: Rules, pinned: set[int]) -> None:
    """Who has the heat that a verdict says would have been enough is picked."""
    known, wishes = pinned_in(articles, pinned, by)
    for said in select(known, WEEK, by, None, wishes).verdicts:
        if enough := ENOUGH.search(said.because):
            assert rule_with(int(enough[1]), said.article, known, by, wishes) == "picked", said


@given(STRANGERS, FIXED, st.sampled_from([3, 0.7, 37.001]))
def test_the_heat_said_to_be_enough_is_enough_of_decimals(articles: list[Article], by: Rules, unit: float) -> None:
    """However heats are scaled, the one that a verdict names gets its story in, and no two heats look tied."""
    known = [replace(one, heat=one.heat and one.heat / unit) for one in articles]
    for said in select(known, WEEK, by).verdicts:
        if enough := ENOUGH.search(said.because):
            assert rule_with(float(enough[1]), said.article, known, by, Edits()) == "picked", said


@given(STRANGERS, FIXED, st.sets(st.integers(0, 9), max_size=1))
def test_less_heat_than_said_is_not_enough(articles: list[Article], by: Rules, pinned: set[int]) -> None:
    """Who has one degree less than a verdict says would have been enough is not picked."""
    known, wishes = pinned_in(articles, pinned, by)
    for said in select(known, WEEK, by, None, wishes).verdicts:
        enough = ENOUGH.search(said.because)
        if enough and int(enough[1]) > 0:
            assert rule_with(int(enough[1]) - 1, said.article, known, by, wishes) != "picked", said


def test_the_heat_to_beat_is_of_whoever_could_have_made_room() -> None:
    """A provider's story that could stand elsewhere too makes room for less heat than its own."""
    plans = section("AI", 2, per_provider=1), section("Golf", 2, per_provider=1)
    known = [
        article("wanderer", heat=2, topics="AI, Golf"),
        article("refused", heat=0, topics="AI"),
        article("golf", heat=0, topics="Golf", quality=1),
    ]
    assert verdict(select(known, WEEK, rules(*plans)), "refused") == (
        "provider",
        "Times already leads 2 stories in AI and Golf, its share (`per_provider`); the last of them is “All about golf "
        "and its many consequences” (heat 0, Times), before it by quality: better quality, 1 to 0; heat 1 would have "
        "been enough",
    )
    warmer = [replace(one, heat=1) if one.path == "refused.md" else one for one in known]
    assert verdict(select(warmer, WEEK, rules(*plans)), "refused")[0] == "picked"


def pinned_in(articles: list[Article], numbers: set[int], by: Rules) -> tuple[list[Article], Edits]:
    """Return articles with some of *numbers* pinned in the first section, if there is such a number."""
    wanted = [number for number in numbers if number < len(articles)]
    title = by.plans[0].title if by.plans else "AI"
    return (in_ai(articles), pins(wanted, title)) if wanted else (articles, Edits())


def rule_with(heat: float, asked: Article, articles: list[Article], by: Rules, wishes: Edits) -> str:
    """Return what becomes of *asked* if it has that heat, all else being equal."""
    others = [replace(one, heat=heat) if one.path == asked.path else one for one in articles]
    return verdict(select(others, WEEK, by, None, wishes), asked.path[:-3])[0]


@given(ARTICLES, RULES, PASTS, st.sets(st.integers(0, 6), max_size=2), st.randoms())
def test_the_order_of_the_files_changes_nothing(
    articles: list[Article], by: Rules, past: Past, named: set[int], random: object
) -> None:
    """The same articles in any order give the same issue, with memory and with edits that name stories by title."""
    known = in_ai(articles)
    titles = sorted({one.title for one in known if int(one.title.split()[2]) in named})
    wishes = Edits(pins=tuple(Pin(story=title, section="AI") for title in titles))
    shuffled = list(known)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random

    assert select(known, WEEK, by, past, wishes) == select(shuffled, WEEK, by, past, wishes)


WISHES = st.builds(
    lambda pinned, dropped, moved, first: {"pins": pinned, "drops": dropped, "moves": moved, "order": first},
    st.lists(st.integers(0, 6), max_size=2, unique=True),
    st.lists(st.integers(0, 6), max_size=3, unique=True),
    st.lists(st.integers(0, 6), max_size=1),
    st.lists(st.integers(0, 6), max_size=3, unique=True),
)


def wished(numbers: dict[str, list[int]], known: list[Article], title: str) -> Edits:
    """Return edits that pin, drop, move and order what is there of these articles."""
    there = {key: [f"n{number}.md" for number in some if number < len(known)] for key, some in numbers.items()}
    return Edits(
        pins=tuple(Pin(story=path, section=title) for path in there["pins"]),
        drops=tuple((path, "no time") for path in there["drops"] if path not in there["pins"]),
        moves=tuple((path, title) for path in there["moves"] if path not in there["pins"]),
        order=((title, tuple(there["order"])),) if there["order"] else (),
    )


@given(ARTICLES, RULES, PASTS, st.lists(WISHES, min_size=2, max_size=5), st.data())
def test_a_kept_telling_changes_nothing(
    articles: list[Article], by: Rules, past: Past, asked: list[dict[str, list[int]]], data: st.DataObject
) -> None:
    """However the editor, the memory and the articles change, a choice that uses the last one is one that does not."""
    known = in_ai(articles)
    title = by.plans[0].title if by.plans else "AI"
    tellings = Tellings()
    for numbers in asked:
        wishes = wished(numbers, known, title)
        try:
            fresh: object = select(known, WEEK, by, past, wishes)
        except EditsError as error:  # a drop can leave no section of that name
            fresh = str(error)
        try:
            again: object = select(known, WEEK, by, past, wishes, tellings)
        except EditsError as error:
            again = str(error)

        assert again == fresh
        if data.draw(st.booleans()):
            past = data.draw(PASTS)
        if data.draw(st.booleans()) and known:
            known = [replace(known[0], heat=data.draw(st.integers(0, 20))), *known[1:]]
        if data.draw(st.booleans()):
            by = data.draw(RULES)


def test_rules_that_telling_does_not_ask_tell_a_week_once() -> None:
    """Sections, limits, floors and shares tell no week anew; an order, muting and what may come late do."""
    tellings = Tellings(4)
    known = (article("a", topics="AI"), article("b", heat=40, topics="Bees", provider="Gazette"))
    by = rules(("AI", 1), ("Bees", 1))

    def told(by: Rules) -> object:
        return tellings.of(known, WEEK, by.telling, Past(), Edits(), ())

    first = told(by)
    others = {"plans": None, "min_heat": 45, "per_provider": 1, "total": 1, "by_heat": True, "min_stories": 2}
    assert all(told(replace(by, **{name: value})) is first for name, value in others.items())  # type: ignore[arg-type]  # fields by name
    asked = {"order": ("latest",), "late_days": 3, "mute": (MuteRule(topics=("AI",)),), "adverts_run": True}
    assert all(told(replace(by, **{name: value})) is not first for name, value in asked.items())  # type: ignore[arg-type]  # likewise


def test_every_order_key_can_rank_and_be_told() -> None:
    """What the settings allow as an order has a key to sort by and words to say so, and nothing else has."""
    assert set(order._KEYS) == set(order._WORDS) == set(get_args(Order))


def test_of_two_files_whose_names_differ_in_case_each_can_be_named() -> None:
    """A path means the file of exactly that name; where none is, case is not looked at and the first by path counts."""
    known = [article("B"), article("b")]

    def chosen(name: str) -> list[str]:
        pinned = select(known, WEEK, rules(("AI", 2)), None, Edits(pins=(Pin(story=name, section="AI"),)))
        return [verdict.article.path for verdict in pinned.verdicts if "pinned" in verdict.because]

    twins = [article("Twin"), article("twin")]
    resolved = select(twins, WEEK, rules(("AI", 2)), None, Edits(pins=(Pin(story="TWIN.md", section="AI"),)))

    assert (chosen("B.md"), chosen("b.md")) == (["B.md"], ["b.md"])
    assert [pin.story for pin in resolved.edits.pins] == ["Twin.md"]


@given(STRANGERS, st.integers(1, 2))
def test_a_share_of_the_issue_holds(articles: list[Article], share: int) -> None:
    """No provider leads more stories than its share where no section needs it."""
    by = rules(section("AI", 3, minimum=0), section("Golf", 3, minimum=0), per_provider=share)
    leads = [pick.article.provider.name for pick in select(articles, WEEK, by).picks]

    assert all(leads.count(name) <= share for name in leads)


@given(STRANGERS)
def test_verdicts_stand_in_order(articles: list[Article]) -> None:
    """The verdicts come in the order of the rules, and that is total."""
    keys = [order.of_articles(rules().order)(one.article) for one in select(articles, WEEK, rules()).verdicts]

    assert keys == sorted(set(keys))


@pytest.mark.parametrize(
    ("match", "names"),
    [
        (Match(any=("ai", "Golf")), ["both", "golf", "video", "ai"]),
        (Match(all=("AI", "GOLF")), ["both"]),
        (Match(any=("AI",), none=("golf",)), ["video", "ai"]),
        (Match(kinds=("VIDEO",)), ["video"]),
        (Match(categories=("Tools",)), ["golf"]),
        (Match(providers=("wire",)), ["golf"]),
        (Match(providers=("Wire.example",)), ["golf"]),
        (Match(paths=("a*.md", "g?lf.md")), ["golf", "ai"]),
        (Match(any=("AI",), paths=("b*",)), ["both"]),
        (Match(languages=("de",)), ["golf"]),
        (Match(languages=("de", "no")), ["golf", "video"]),
        (Match(languages=("en",), unnamed=True), ["both", "ai"]),
    ],
    ids=str,
)
def test_a_section_takes_what_it_asks_for(match: Match, names: list[str]) -> None:
    """All that is given must hold; topics, kinds, categories and providers compare without case."""
    wire = Provider(name=Text("Wire"), domain="www.wire.example")
    articles = [
        article("both", heat=9, topics="AI, Golf"),
        replace(article("golf", heat=8, topics="Golf", category="tools", language="de-AT"), provider=wire),
        article("video", heat=7, kind="video", language="nb"),
        article("ai", heat=6),
    ]

    issue = select(articles, WEEK, rules(SectionPlan(title="S", match=match, limit=4)))

    assert picked(issue) == {"S": names}


def test_the_verdict_names_the_language() -> None:
    """Where sections choose by language, who is left out reads in which one the article is."""
    german = SectionPlan(title="Deutsch", match=Match(languages=("de",)))
    issue = select([article("a", language="fr"), article("b", language="de")], WEEK, rules(german))

    assert verdict(issue, "a") == ("no-section", "no section takes its topics (AI) in fr; the sections are: Deutsch")


def test_sections_stand_as_written() -> None:
    """Configured sections keep their order, whatever the heat of their stories."""
    articles = [article("cold", heat=1), article("hot", heat=9, topics="Golf")]

    assert list(picked(select(articles, WEEK, rules(("AI", 1), ("Golf", 1))))) == ["AI", "Golf"]


def test_sections_by_heat() -> None:
    """With `sections: by heat` the section with the hottest story comes first."""
    articles = [article("cold", heat=1), article("hot", heat=9, topics="Golf")]

    assert list(picked(select(articles, WEEK, rules(("AI", 1), ("Golf", 1), by_heat=True)))) == ["Golf", "AI"]


@pytest.mark.parametrize(
    ("key", "first"),
    [
        ("heat", "a"),
        ("quality", "b"),
        ("coverage", "c"),
        ("earliest", "d"),
        ("latest", "e"),
        ("freshness", "e"),
        ("path", "a"),
    ],
)
def test_each_key_orders(key: Order, first: str) -> None:
    """Each of the named keys puts another story first."""
    articles = [
        article("a", heat=9),
        article("b", quality=9),
        report(*FERRY[0], path="c.md", related=(related(*FERRY[1]),)),
        article("d", published_at=datetime(2020, 11, 6, tzinfo=UTC)),
        article("e", published_at=datetime(2020, 11, 10, tzinfo=UTC)),
    ]

    issue = select(
        [replace(one, heat=one.heat if one.path == "a.md" else 5) for one in articles], WEEK, rules(order=(key,))
    )

    assert issue.picks[0].article.path == f"{first}.md"


def test_freshness_counts_days_and_not_hours() -> None:
    """Two stories of one day are equally fresh, and the next key decides."""
    late = article("late", heat=1, published_at=datetime(2020, 11, 9, 23, tzinfo=UTC))
    early = article("early", heat=2, published_at=datetime(2020, 11, 9, 1, tzinfo=UTC))

    assert picked(select([late, early], WEEK, rules(("AI", 2), order=("freshness", "heat")))) == {
        "AI": ["early", "late"]
    }


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("quality", "before it by quality: better quality, 9 to 0"),
        ("coverage", "before it by coverage: more providers report it, 2 to 1"),
        ("earliest", "before it by earliest: published earlier"),
    ],
)
def test_the_key_that_decided_is_named(key: Order, words: str) -> None:
    """Who lost by another key than heat is told by which."""
    winner = report(*FERRY[0], quality=9, day="2020-11-08", related=(related(*FERRY[1]),))

    issue = select([article("a"), winner], WEEK, rules(("AI", 1), order=(key,)))

    assert words in verdict(issue, "a")[1]


def test_a_section_without_slots_says_so() -> None:
    """A section that is switched off with a limit of 0 is named, and so is the reason of its stories."""
    issue = select([article(), article("b", topics="Golf")], WEEK, rules(("AI", 0), ("Golf", 1)))

    assert verdict(issue, "a") == ("limit", "AI has no slot (limit 0)")
    assert issue.empty_sections == ("AI",)


def test_the_share_of_a_section_counts_that_section() -> None:
    """The verdict about a section's share names the stories of that section, and a heat that is enough there."""
    golf = [article(f"golf{number}", heat=number, topics="Golf") for number in (1, 2)]
    by = rules(section("AI", 3, per_provider=1), section("Golf", 3))

    issue = select([article("one", heat=9), article("two", heat=8), *golf], WEEK, by)

    rule, because = verdict(issue, "two")
    assert rule == "provider"
    assert because.startswith("Times already leads 1 story")
    assert because.endswith("“All about one and its many consequences” (heat 9, Times); heat 10 would have been enough")


def test_no_heat_is_enough_against_the_editor() -> None:
    """A story that lost its slot to a pinned one is not told that some heat would have been enough."""
    issue = select([article("n0", heat=1), article("n1", heat=9)], WEEK, rules(("AI", 1)), None, pins([0]))

    rule, because = verdict(issue, "n1")
    assert rule == "limit"
    assert "would have been enough" not in because
