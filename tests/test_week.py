"""Each reader's own sections out of a week that is told once: digest/selection/week.py against `select`."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from weeks import FERRY, WEEK, article, at, report, section

from digest.config.values import Match, Rules, SectionPlan
from digest.model import (
    Address,
    Article,
    Change,
    Edits,
    Issue,
    Past,
    Pin,
    Provider,
    Ran,
    Section,
    SectionChange,
    Text,
    Wish,
)
from digest.selection import select
from digest.selection.own_sections import OwnSections
from digest.selection.recall import mattering
from digest.selection.week import ToldWeek
from digest.text.urls import canonical

if TYPE_CHECKING:
    from digest.config.values import Thin

_T = TypeVar("_T")

TOPICS = ("AI", "Bees", "Canals", "Drones", "Energy")
EVENTS = (
    *FERRY,
    (
        "Bridge of Lunden opens after nine years",
        "Engineers of Lunden waited nine years for the bridge across the Varn.",
    ),
    ("Lunden bridge across the Varn opened", "After nine years the Varn bridge of Lunden is open, engineers say."),
    ("Turin robot Pipka folds 40 towels", "The Turin laboratory taught Pipka to fold towels in two months."),
    ("Turin robot Pipka folds 60 towels", "Pipka folds sixty towels, the laboratory in Turin says."),
)
"""Reports of few events, so that stories merge, and so that some tell again what ran."""

SECTIONS = (
    section("AI"),
    SectionPlan(title="Nature", match=Match(any=("Bees", "Canals"))),
    SectionPlan(title="Canals", match=Match(any=("canals", "Drones"))),
    SectionPlan(title="Top", match=Match()),
)
"""Of the issue for all: one of a topic, two of several, titled otherwise and as a topic of another, and one of none."""


class RandomWeek:
    """Articles, rules, a memory and readers, drawn by a number."""

    def __init__(self, number: int) -> None:
        self._chance = random.Random(number)
        self.articles = [self._article(place) for place in range(self._any((3, 10, 30, 60)))]
        self.past = self._past()
        self.rules = Rules(
            by_heat=self._any((False, False, True)),
            order=self._any((("heat", "quality", "earliest"), ("heat", "quality", "earliest"), ("coverage", "latest"))),
            min_heat=self._any((0, 0, 8)),
            per_provider=self._any((None, None, 1, 2)),
            total=self._any((None, None, 0, 3, 6)),
            soft_caps=self._any((False, True)),
            repeat_after=self._any((None, None, 8)),
            returns_with=self._any((None, None, 1)),
            marks_updates=self._any((True, True, False)),
            plans=SECTIONS,
        )
        thins: tuple[Thin, ...] = ("skip", "keep", "widen")
        thin = self._any(thins)
        self.each = SectionPlan(
            title="",
            match=Match(unnamed=self._any((False, True))),
            minimum=self._any((0, 1, 1, 2, 3)),
            per_provider=self._any((None, None, 1, 2)),
            thin=thin,
            widen_days=self._any((4, 12)) if thin == "widen" else 0,
        )

    def edits(self) -> Edits:
        """Draw what the editor asks of the issue for all: anything, of any article, half of the time of few."""
        chance, titles = self._chance, [plan.title for plan in SECTIONS]
        paths = [one.path for one in self.articles]

        def some(most: int) -> list[str]:
            return chance.sample(paths, min(chance.randint(0, most), len(paths)))

        joined = some(4)
        return Edits(
            subject=self._any((None, Text("A subject"))),
            introduction="Dear *reader*.",
            pins=tuple(
                Pin(story=path, section=chance.choice(titles), position=self._any((None, 1, 2, 5))) for path in some(4)
            ),
            drops=tuple((path, "no") for path in some(4)),
            moves=tuple((path, chance.choice(titles)) for path in some(4)),
            changes=tuple(Change(story=path, title=Text(f"Ours on {path}"), why="So.") for path in some(4)),
            order=tuple((title, tuple(some(3))) for title in chance.sample(titles, chance.randint(0, 3))),
            joins=(tuple(joined),) if len(joined) > 1 else (),
            splits=tuple(path for path in some(3) if path not in joined),
            sections=tuple(
                SectionChange(title=title.upper(), line=Text(f"On {title}.")) for title in chance.sample(titles, 2)
            ),
        )

    def wish(self) -> Wish:
        """Draw what a reader asks for; nobody writes about one of the topics, and one is written in lower case."""
        topics = self._chance.sample((*TOPICS[1:], "ai", "Nothing"), self._chance.randint(1, 5))
        limits = [self._any((0, 1, 2, 3, 4)) for _ in topics]
        return Wish(topics=tuple(zip(topics, limits, strict=True)), language=self._any(("", "", "en", "de")))

    def seen(self) -> list[int]:
        """Draw what a reader had of what ran."""
        return [number for number in range(len(self.past.ran)) if self._chance.random() < 0.4]

    def _any(self, choices: tuple[_T, ...]) -> _T:
        return self._chance.choice(choices)

    def _article(self, number: int) -> Article:
        made_up = ["".join(self._chance.choices("abdefgiklmnoprstuv", k=6)) for _ in range(14)]
        event = self._any(EVENTS)
        is_event = self._chance.random() < 0.35
        title, excerpt = event if is_event else (" ".join(made_up[:6]).capitalize(), " ".join(made_up[6:]))
        days = self._any((0, 0, 0, 0, 6, 9, 14))
        return article(
            f"{number:02}",
            heat=self._chance.randint(0, 30),
            topics=",".join(self._chance.sample(TOPICS, self._any((0, 1, 1, 1, 2, 3)))),
            provider=self._any(("Times", "Gazette", "Post", "Echo")),
            title=Text(title),
            excerpt=Text(excerpt),
            language=self._any(("", "en", "de")),
            quality=self._chance.randint(0, 2),
            published_at=datetime(2020, 11, self._chance.randint(5, 11), 9, tzinfo=UTC) - timedelta(days=days),
        )

    def _past(self) -> Past:
        runs = sorted((self._ran(number) for number in range(self._chance.randint(0, 12))), key=lambda ran: ran.day)
        considered = [one for one in self.articles if self._chance.random() < 0.4]
        names = {name for one in considered for name in (one.path, *map(canonical, one.addresses))}
        return Past(ran=tuple(runs), considered=frozenset(names), since=self._any((date(2020, 10, 20), None)))

    def _ran(self, number: int) -> Ran:
        """Draw what an earlier issue ran: an article of this week, by its address, its title or its event, or none."""
        again = self._any(tuple(self.articles))
        is_same, day = self._chance.random() < 0.4, date(2020, 11, self._chance.randint(1, 4))
        title, excerpt = (again.title, again.excerpt) if self._chance.random() < 0.4 else map(Text, self._any(EVENTS))
        return Ran(
            issue=str(day),
            day=day,
            title=title,
            provider=Provider(name=self._any((again.provider.name, Text("Herald")))),
            published_at=(again.published_at or at("2020-11-09")) - timedelta(days=self._chance.randint(0, 4)),
            addresses=frozenset(map(canonical, again.addresses if is_same else [f"https://example.org/{number}"])),
            coverage=self._chance.randint(1, 2),
            excerpt=excerpt,
        )


def chosen(drawn: RandomWeek, week: ToldWeek, wish: Wish, seen: list[int]) -> Issue:
    """Return the issue that `select` makes of the week for one reader alone, with the edits as they count for her."""
    past = replace(drawn.past, ran=tuple(drawn.past.ran[number] for number in seen))
    return select(drawn.articles, WEEK, replace(drawn.rules, plans=week.plans(wish)), past, week.edits(wish))


@settings(max_examples=130)
@given(st.integers(0, 10**9), st.booleans())
def test_a_reader_gets_what_select_would_choose(number: int, is_edited: bool) -> None:
    """A thousand readers' sections, picks, updates and their order are those of `select` with their plans and past.

    Half of the weeks have edits, in readers' sections as `own_sections` says.
    """
    drawn = RandomWeek(number)
    edits = drawn.edits() if is_edited else Edits()
    week = ToldWeek(drawn.articles, WEEK, drawn.rules, drawn.past, OwnSections(drawn.each), edits)
    for _ in range(8):
        wish, seen = drawn.wish(), drawn.seen()

        alone, ours = chosen(drawn, week, wish, seen), week.issue(wish, seen)
        picked = [verdict.article for verdict in alone.verdicts if verdict.rule == "picked"]
        assert week.choose(wish, seen) == ours.sections == alone.sections, (wish, seen)
        assert [verdict.article for verdict in ours.verdicts] == picked, (wish, seen)
        assert ours.edits == alone.edits
        assert week.choose(wish, week.mattering(wish, seen)) == ours.sections, (wish, seen)


@settings(max_examples=60)
@given(st.integers(0, 10**9))
def test_what_cannot_matter_is_left_out_of_a_memory(number: int) -> None:
    """The choice of a week with those runs alone that may matter is that with all."""
    drawn = RandomWeek(number)
    rules = replace(drawn.rules, plans=(replace(drawn.each, title="AI", match=Match(any=("AI",))), section("Bees")))
    some = tuple(filter(mattering(drawn.articles), drawn.past.ran))

    assert select(drawn.articles, WEEK, rules, replace(drawn.past, ran=some)) == select(
        drawn.articles, WEEK, rules, drawn.past
    )


def test_of_what_a_reader_had_little_matters() -> None:
    """Neither what is no story of the week, nor what none of her topics takes: she is like who had nothing."""
    known = [article("ai"), article("bees", topics="Bees")]
    past = ran(known[0], known[1], article("gone", published_at=at("2020-10-20")))
    week = ToldWeek(known, WEEK, Rules(), past)

    assert tuple(filter(mattering(known), past.ran)) == past.ran[:2]
    assert week.mattering(Wish(topics=(("AI", 3),)), [2, 1]) == ()
    assert week.mattering(Wish(topics=(("AI", 3), ("Bees", 1))), [2, 1, 0]) == (0, 1)


def test_random_weeks_have_all_that_could_go_wrong() -> None:
    """Weeks drawn for the test above have repeats, updates, late and wide picks, shares, thin sections, all of it."""
    happened: set[str] = set()
    for drawn in map(RandomWeek, range(50)):
        week = ToldWeek(drawn.articles, WEEK, drawn.rules, drawn.past, OwnSections(drawn.each))
        for issue in (chosen(drawn, week, drawn.wish(), drawn.seen()) for _ in range(8)):
            happened.update(verdict.rule for verdict in issue.verdicts)
            happened.update("late" for pick in issue.picks if pick.late)
            happened.update("update" for pick in issue.picks if pick.update)
            happened.update("beyond" for verdict in issue.verdicts if "beyond the share" in verdict.because)
            happened.update("wide" for verdict in issue.verdicts if "of an earlier week" in verdict.because)

    rules = {"picked", "merged", "repeat", "no-section", "min-heat", "provider", "limit", "thin"}
    assert happened >= rules | {"late", "update", "beyond", "wide"}


def names(sections: tuple[Section, ...]) -> dict[str, list[str]]:
    """Return the names of the picks by section."""
    return {one.title: [pick.article.path[:-3] for pick in one.picks] for one in sections}


def test_a_wish_orders_sections_and_limits_them() -> None:
    """Sections stand in the order of the wish, each with as many stories as it asks for, all in its language."""
    known = [
        *(article(f"ai{number}", heat=90 - number, topics="AI", language="en") for number in range(5)),
        *(article(f"bees{number}", heat=50 - number, topics="Bees", language="en") for number in range(5)),
        article("bienen", heat=99, topics="Bees", language="de"),
    ]
    week = ToldWeek(known, WEEK, Rules(), Past())

    assert names(week.choose(Wish(topics=(("Bees", 2), ("AI", 1)), language="en"))) == {
        "Bees": ["bees0", "bees1"],
        "AI": ["ai0"],
    }
    assert names(week.choose(Wish(topics=(("bees", 1),)))) == {"bees": ["bienen"]}
    assert week.choose(Wish(topics=())) == ()


def test_what_names_no_language_is_in_the_newsletters() -> None:
    """A reader who asks for that language gets it, and one who asks for another does not."""
    known = [article("named", heat=9, language="de"), article("unnamed", heat=8, language="")]
    week = ToldWeek(known, WEEK, Rules(), Past(), OwnSections(language="de-AT"))
    of = {tag: names(week.choose(Wish(topics=(("AI", 3),), language=tag))) for tag in ("de", "fr", "")}

    assert of == {"de": {"AI": ["named", "unnamed"]}, "fr": {}, "": {"AI": ["named", "unnamed"]}}


def ran(*reports: Article) -> Past:
    """Return a memory in which each of *reports* ran in an issue of its own."""
    return Past(
        ran=tuple(
            Ran(
                issue=f"2020-11-0{number}",
                day=date(2020, 11, number),
                title=one.title,
                provider=one.provider,
                published_at=one.published_at,
                addresses=frozenset(map(canonical, one.addresses)),
                coverage=1,
                excerpt=one.excerpt,
            )
            for number, one in enumerate(reports, start=1)
        ),
        since=date(2020, 10, 25),
    )


def test_readers_have_memories_of_their_own() -> None:
    """What one reader had is kept from her alone, whether it is known by its address or by another outlet's words."""
    known = [article("seen", heat=90), article("next", heat=80), report(*FERRY[0], provider="Gazette", heat=70)]
    past = ran(known[0], report(*FERRY[2], provider="Post", day="2020-11-08"))
    week = ToldWeek(known, WEEK, Rules(), past)
    wish = Wish(topics=(("AI", 3),))
    ferry = known[2].path[:-3]

    assert names(week.choose(wish)) == {"AI": ["seen", "next", ferry]}
    assert names(week.choose(wish, [0])) == {"AI": ["next", ferry]}
    assert names(week.choose(wish, [1])) == {"AI": ["seen", "next"]}
    assert names(week.choose(wish, {0, 1})) == {"AI": ["next"]}


def test_several_runs_of_an_event_are_judged_together() -> None:
    """A headline is news to whoever had one telling of its event, and a repeat to whoever had both."""
    # Each run lacks a number of the headline that the other has.
    title, excerpt = "Ferry Skarvik with 90 people and 12 cars leaves Ostervik in ice", "The Skarvik left at dawn."
    halves = ("with 90 people", "Post"), ("with 12 cars", "Echo")
    told = [
        report(f"Ferry Skarvik {half} leaves Ostervik in ice", excerpt, provider=outlet, day="2020-11-08")
        for half, outlet in halves
    ]
    known = [report(title, excerpt, provider="Gazette", heat=70)]
    past, wish = ran(*told), Wish(topics=(("AI", 3),))
    week = ToldWeek(known, WEEK, Rules(), past)
    updates = []
    for seen in ([0], [1], [0, 1]):
        sections = week.choose(wish, seen)
        alone = replace(past, ran=tuple(past.ran[number] for number in seen))
        assert sections == select(known, WEEK, Rules(plans=week.plans(wish)), alone).sections
        updates.append([pick.update.new for one in sections for pick in one.picks if pick.update])

    assert updates == [[("12",)], [("90",)], []]


@pytest.mark.parametrize("count", [2, 40])
def test_many_thin_sections_look_back_in_their_turn(count: int) -> None:
    """However many sections look back, each has the older stories of its own topic, at a second look, too."""
    topics = [f"Topic {number}" for number in range(count)]
    known = [article(f"n{number}", topics=topic, published_at=at("2020-11-02")) for number, topic in enumerate(topics)]
    each = section("", minimum=1, thin="widen", widen_days=7)
    week = ToldWeek(known, WEEK, Rules(), Past(), OwnSections(each))

    for _ in range(2):
        for number, topic in enumerate(topics):
            assert names(week.choose(Wish(topics=((topic, 3),)))) == {topic: [f"n{number}"]}


def test_a_minimum_counts_what_a_reader_can_still_get() -> None:
    """A section below its minimum once what she had is out is left out for her, and not for others."""
    known = [article(name, heat=heat) for heat, name in enumerate(("c", "b", "a"), start=50)]
    week = ToldWeek(known, WEEK, Rules(), ran(known[0], known[1]), OwnSections(section("", minimum=2)))
    wish = Wish(topics=(("AI", 3),))

    assert names(week.choose(wish)) == {"AI": ["a", "b", "c"]}
    assert names(week.choose(wish, [0])) == {"AI": ["a", "b"]}
    assert week.choose(wish, [0, 1]) == ()


def test_addresses_that_ran_count_however_they_are_written() -> None:
    """A story is known again by any of the addresses of its articles."""
    known = [
        article("a", addresses=(Address("https://example.com/a"), Address("https://m.example.com/a?utm_source=x")))
    ]
    past = Past(ran=(replace(ran(article("b")).ran[0], addresses=frozenset({canonical("https://m.example.com/a")})),))

    assert ToldWeek(known, WEEK, Rules(), past).choose(Wish(topics=(("AI", 1),)), [0]) == ()
