"""Kinds of articles that are one story, or are not: pages, headlines in any script, signs, and columns."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weeks import WEEK, article, at, report, rules, verdict

from digest.config.values import Rules
from digest.model import Address, Past, Provider, Ran, Text
from digest.selection import order, select, stories
from digest.text.urls import canonical

if TYPE_CHECKING:
    from digest.model import Article

DEFAULT = order.of_articles(Rules().order)


def told(*articles: Article) -> int:
    """Return how many stories *articles* are."""
    return len(stories.Week(articles, DEFAULT).stories())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://forum.example.com/showthread.php?184467-Bakers", "https://forum.example.com/showthread.php?184501"),
        ("https://wiki.example.com/index.php?Kites", "https://wiki.example.com/index.php?Salt_mine"),
        ("https://example.com/?p", "https://example.com/?q"),
        ("https://example.com/?p", "https://example.com/"),
    ],
)
def test_a_parameter_without_a_value_names_a_page(one: str, other: str) -> None:
    """Forums and wikis name their pages so."""
    assert canonical(one) != canonical(other)
    assert canonical(one) == canonical(f"{one}&utm_source=rss#top")


@given(st.lists(st.sampled_from(["p", "p=1", "q", "q=", "a=b", "184467-x"]), min_size=1, max_size=4))
def test_what_counts_readers_makes_no_other_page(parameters: list[str]) -> None:
    """Whatever names a page, marks without a value and with one change nothing."""
    page = f"https://example.com/x?{'&'.join(parameters)}"

    assert canonical(page) == canonical(f"{page}&fbclid&utm_source=a")


def test_one_address_is_one_story_whatever_its_headline_says() -> None:
    """A report that is rewritten as the count rises does not stand twice in an issue."""
    fire = Address("https://example.com/fire")
    reports = [
        report(f"Ferry fire: {count} missing off Hallen", day=f"2020-11-0{5 + number}", addresses=(fire,), url=fire)
        for number, count in enumerate((12, 15, 18))
    ]

    assert told(*reports) == 1
    assert told(*reports, report("Ferry fire: 99 missing off Hallen", provider="Gazette")) == 2


def test_an_address_with_hundreds_of_headlines_takes_no_square_of_time() -> None:
    """Where a page has had more numbers in its headline than can be asked, nothing else agrees with it."""
    fire = Address("https://example.com/fire")
    counts = [report(f"Ferry fire off Hallen: {count} missing", addresses=(fire,), url=fire) for count in range(300)]

    assert told(*counts, report("Ferry fire off Hallen: many missing", provider="Gazette")) == 2


@pytest.mark.parametrize(
    "title",
    [
        "\u4eba\u5de5\u77e5\u80fd\u304c\u7881\u306e\u540d\u4eba\u306b\u518d\u3073\u52dd\u5229",
        "\u8c37\u5e95\u7684\u56fe\u4e66\u9986\u5728\u5348\u591c\u5411\u6240\u6709\u4eba\u5f00\u653e",
        "\u0e2b\u0e49\u0e2d\u0e07\u0e2a\u0e21\u0e38\u0e14\u0e41\u0e2b\u0e48\u0e07\u0e43\u0e2b\u0e21\u0e48\u0e40\u0e1b\u0e34\u0e14\u0e43\u0e2b\u0e49\u0e1a\u0e23\u0e34\u0e01\u0e32\u0e23",
        "\ub3c4\uc11c\uad00 \uc790\uc815\uc5d0 \ubb38\uc744 \uc5f4\ub2e4",
        "Ferry runs without crew",
    ],
    ids=["Japanese", "Chinese", "Thai", "Korean", "English"],
)
def test_the_same_headline_is_one_story_in_any_script(title: str) -> None:
    """A script without blanks between words has as many words as another."""
    assert told(report(title, provider="Times"), report(title, provider="Gazette")) == 1


@pytest.mark.parametrize("title", ["\u6bcf\u5468\u65b0\u95fb\u6c47\u603b", "\u4eca\u65e5\u306e\u5929\u6c17"])
def test_a_short_title_proves_nothing(title: str) -> None:
    """Two outlets' round-ups of a week are two, in scripts without blanks, too."""
    one = report(title, "Bakers and kites in Osterby.", provider="Times")

    assert told(one, report(title, "Violins, and salt from Hallen.", provider="Gazette")) == 2


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("What is new in C++ this spring", "What is new in C# this spring", 2),
        ("What is new in C++ this spring", "What is new in C this spring", 2),
        ("What is new in C++ this spring", "What is new in C++ this spring", 1),
        ("Is the F* compiler any good?", "Is the F# compiler any good?", 2),
        ("Prices of bread +5% in Osterby", "Prices of bread -5% in Osterby", 2),
        ("Prices of bread +5% in Osterby", "Prices of bread \u22125% in Osterby", 2),
        ("Prices of bread +5% in Osterby", "Prices of bread 5% in Osterby", 1),
        ("Prices of bread \u25b2 5% in Osterby", "Prices of bread \u25bc 5% in Osterby", 2),
        ("Osterby bonds rated A+ again", "Osterby bonds rated A- again", 2),
        ("A better A* search for Skarvik maps", "Better A* search for Skarvik maps", 1),
        ("Disney+ raises Osterby prices", "Disney raises Osterby prices", 1),
    ],
)
def test_signs_tell_titles_apart(one: str, other: str, count: int) -> None:
    """C, C++ and C# are three, +5 % and -5 % are two; a sign that one outlet leaves out forbids nothing."""
    assert told(report(one, provider="Times"), report(other, provider="Gazette")) == count


def test_a_chain_never_joins_different_signs() -> None:
    """A third report without the sign ties no C++ to a C#."""
    reports = [
        report("Skarvik rewrites the Hallen ferry in C++", provider="Times"),
        report("Skarvik rewrites the Hallen ferry", provider="Gazette"),
        report("Skarvik rewrites the Hallen ferry in C#", provider="Post"),
    ]

    assert told(*reports) == 2


def ran(title: str, excerpt: str = "", *, provider: str = "Times", day: str = "2020-11-02") -> Past:
    """Return a past in which an issue ran that title at another address."""
    run = Ran(
        issue="2020-11-04",
        day=at("2020-11-04").date(),
        title=Text(title),
        provider=Provider(name=Text(provider)),
        published_at=at(day),
        addresses=frozenset({"example.com/one"}),
        coverage=1,
        excerpt=Text(excerpt),
    )
    return Past(ran=(run,))


COLUMN = "What the editors are reading this weekend"


@pytest.mark.parametrize(
    ("past", "excerpt", "rule"),
    [
        (ran(COLUMN, "Bakers and kites."), "Violins and salt.", "picked"),
        (ran(COLUMN), "", "picked"),
        (ran(COLUMN, "Bakers and kites."), "", "picked"),
        (ran(COLUMN, "Bakers, and kites!"), "Bakers and kites", "repeat"),
        (ran(COLUMN, "Bakers and kites.", day="2020-11-09"), "Violins and salt.", "repeat"),
        (ran(COLUMN, "Bakers and kites.", day="2020-11-08"), "Violins and salt.", "picked"),
        (ran(COLUMN, "Bakers and kites.", day="2020-11-08"), "Bakers and kites, corrected.", "repeat"),
        (ran(COLUMN, "Bakers and kites.", day="2020-11-08"), "", "repeat"),
        (ran(COLUMN, "Bakers and kites.", provider="Gazette"), "Violins and salt.", "repeat"),
        (ran(COLUMN, "Bakers and kites.", provider="Gazette", day="2020-10-20"), "Violins and salt.", "picked"),
        (ran("Weekly round-up", "Bakers.", provider="Gazette"), "Bakers.", "picked"),
    ],
    ids=[
        "a column",
        "a column without words",
        "a column that had some",
        "the same words",
        "moved to another address",
        "a daily column",
        "moved a day later",
        "moved without words",
        "another outlet's copy",
        "another outlet's of long ago",
        "another title",
    ],
)
def test_a_column_at_a_new_address_is_news(past: Past, excerpt: str, rule: str) -> None:
    """What an outlet publishes days later under the same title is news, unless its words are those that ran."""
    known = article("two", title=Text(COLUMN), excerpt=Text(excerpt), url=Address("https://example.com/two"))

    assert verdict(select([known], WEEK, rules(("AI", 1)), past), "two")[0] == rule


def test_a_round_up_of_another_outlet_is_no_repeat() -> None:
    """A title of three words is no evidence that two outlets tell the same."""
    known = article("two", title=Text("Weekly round-up"), url=Address("https://example.com/two"))
    past = ran("Weekly round-up", provider="Gazette")

    assert verdict(select([known], WEEK, rules(("AI", 1)), past), "two")[0] == "picked"


@given(st.integers(2, 40), st.text("abc", max_size=3), st.text("abc", max_size=3))
def test_only_the_same_words_are_refused_of_a_column(days: int, before: str, now: str) -> None:
    """However often a column comes, it runs with new words, and never twice with the same within a fortnight."""
    day = (at("2020-11-09") - timedelta(days=days)).date().isoformat()
    known = article("two", title=Text(COLUMN), excerpt=Text(now), url=Address("https://example.com/two"))
    rule = verdict(select([known], WEEK, rules(("AI", 1)), ran(COLUMN, before, day=day)), "two")[0]

    assert (rule == "repeat") is (bool(now) and now == before and days <= 14)


def test_two_articles_of_one_moment_are_no_update() -> None:
    """What an outlet publishes in one moment under two titles is two stories; a minute later it is an update."""
    first = report("Heat written the comma way", "body")
    same = report("Heat written the comma-bare way", "body")
    later = report("Heat written the comma-bare way", "body", published_at=at("2020-11-09") + timedelta(minutes=1))

    assert (told(first, same), told(first, later)) == (2, 1)
    issue = select([first, same], WEEK, rules(("AI", 3)))
    assert verdict(issue, same.path[:-3])[1].endswith(
        "another story than “Heat written the comma way” (heat 50, Times): one outlet published both in one moment, "
        "and an update comes later"
    )


@pytest.mark.parametrize(("title", "count"), [("Ferry Skarvik sinks", 1), ("Weekly round-up", 2)])
def test_a_short_headline_of_two_outlets(title: str, count: int) -> None:
    """Three words that are said of nothing else are evidence; a column's are none."""
    assert told(report(title, provider="Nord"), report(title, provider="Syd")) == count
