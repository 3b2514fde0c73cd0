"""Articles to an Issue: window, sections, floors, shares and the verdict of every candidate."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Address, Article, Issue, Provider, Related, Rules, SectionPlan, Text, Window
from digest.selection import select, stories

WEEK = Window(first=date(2020, 11, 5), last=date(2020, 11, 11))


def article(
    name: str = "a", *, heat: int | None = 50, topics: str = "AI", provider: str = "Times", **more: object
) -> Article:
    """Return an article of the week with the given fields; *topics* are separated by commas."""
    fields: dict[str, object] = {
        "path": f"{name}.md",
        "title": Text(f"All about {name} and its many consequences"),
        "excerpt": Text(""),
        "provider": Provider(name=Text(provider)),
        "topics": tuple(Text(topic.strip()) for topic in topics.split(",") if topic),
        "published_at": datetime(2020, 11, 9, 10, tzinfo=UTC),
        "heat": heat,
        "url": Address(f"https://example.com/{name}"),
        "addresses": (Address(f"https://example.com/{name}"),),
    }
    return Article(**{**fields, **more})  # type: ignore[arg-type]  # fields by name


def rules(*plans: tuple[str, int], **more: int) -> Rules:
    """Return rules with one section for each (topic, limit)."""
    named = tuple(SectionPlan(title=topic, topics=(topic,), limit=limit) for topic, limit in plans)
    return Rules(plans=named or None, **more)


def picked(issue: Issue) -> dict[str, list[str]]:
    """Return the names of the picks by section."""
    return {section.title: [pick.article.path[:-3] for pick in section.picks] for section in issue.sections}


def verdict(issue: Issue, name: str) -> tuple[str, str]:
    """Return rule and words of one verdict."""
    return next((one.rule, one.because) for one in issue.verdicts if one.article.path == f"{name}.md")


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
                "the only slot of AI went to hotter stories; the coldest of them is “All about rival and its many "
                "consequences” (heat 50, Times); heat 51 would have been enough",
            ),
        ),
        (
            {"heat": 50, "path": "zz.md"},
            (
                "limit",
                "the only slot of AI went to hotter stories; the coldest of them is “All about rival and its many "
                "consequences” (heat 50, Times), as hot but before it: first by file name, all else being equal; "
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
        "Wire already leads 1 story, its share of an issue (`per_provider`); the last of them is “All about one and "
        "its many consequences” (heat 9, Wire); heat 10 would have been enough",
    )


def test_default_sections_are_topics_by_their_hottest_story() -> None:
    """Without configured sections each topic gets one, the hottest pick first; one without picks is named as empty."""
    articles = [
        article("a", heat=5, topics="AI"),
        article("b", heat=9, topics="Vision, AI"),
        article("c", heat=7, topics="Golf"),
    ]

    issue = select(articles, WEEK, rules())

    assert picked(issue) == {"Vision": ["b"], "Golf": ["c"], "AI": ["a"]}
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


def test_other_coverage_is_one_a_provider_best_quality_first() -> None:
    """Under "also covered by" each other provider stands once, the better one first, three at most."""

    def report(name: str, quality: int) -> Related:
        url = Address(f"https://example.org/{name}/{quality}")
        return Related(title=Text("t"), excerpt=Text(""), provider=Provider(name=Text(name)), url=url, quality=quality)

    reports = [
        report(name, quality) for name, quality in [("A", 1), ("B", 5), ("A", 9), ("Times", 9), ("C", 3), ("D", 2)]
    ]

    issue = select([article(related=tuple(reports))], WEEK, rules())

    assert [(one.provider.name, one.url) for one in issue.picks[0].story.also] == [
        ("A", "https://example.org/A/9"),
        ("B", "https://example.org/B/5"),
        ("C", "https://example.org/C/3"),
    ]


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
    assert stories.canonical(Address(one)) == stories.canonical(Address(other))


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
    assert stories.canonical(Address(one)) != stories.canonical(Address(other))


@pytest.mark.parametrize(
    "title",
    [
        "Court orders Veldhaven to stop",
        "FEATURE-Court orders Veldhaven to stop",
        "UPDATE 2-Court orders Veldhaven to stop",
        "RE-TRANSMISSION: Court orders Veldhaven to stop",
        "“Court orders” Veldhaven to stop!",
        "Court orders Veldhaven to stop | Times",
        "Court orders Veldhaven to stop - Times",
    ],
)
def test_titles_of_one_story_are_equal(title: str) -> None:
    """Case, punctuation, agency prefixes and outlet suffixes do not count."""
    assert stories.normalised(title, Provider(name=Text("Times"))) == "court orders veldhaven to stop"


ARTICLES = st.lists(
    st.tuples(
        st.none() | st.integers(0, 5),
        st.lists(st.sampled_from(["AI", "Vision", "Golf"]), max_size=3, unique=True),
        st.booleans(),
        st.integers(-2, 9),
        st.sampled_from("PQ"),
        st.integers(0, 6),
    ),
    max_size=10,
).map(
    lambda rows: [
        article(
            f"n{number}",
            heat=heat,
            topics=",".join(topics),
            provider=provider,
            published=published,
            published_at=datetime(2020, 11, 5, tzinfo=UTC) + timedelta(days=day),
            url=Address(f"https://example.com/{address}"),
            addresses=(Address(f"https://example.com/{address}"),),
        )
        for number, (heat, topics, published, day, provider, address) in enumerate(rows)
    ]
)


@given(ARTICLES, st.sampled_from([rules(), rules(("AI", 1), ("Golf", 2)), rules(min_heat=2, per_provider=1)]))
def test_every_candidate_has_exactly_one_verdict(articles: list[Article], by: Rules) -> None:
    """The candidates are the articles dated in the window, and each is told of once."""
    issue = select(articles, WEEK, by)

    candidates = sorted(one.path for one in articles if one.published_at in WEEK)
    assert candidates == sorted(one.article.path for one in issue.verdicts)
    assert sorted(pick.article.path for pick in issue.picks) == sorted(
        one.article.path for one in issue.verdicts if one.rule == "picked"
    )


@given(ARTICLES, st.randoms())
def test_the_order_of_the_files_changes_nothing(articles: list[Article], random: object) -> None:
    """The same articles in any order give the same issue."""
    shuffled = list(articles)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random

    assert select(articles, WEEK, rules()) == select(shuffled, WEEK, rules())
