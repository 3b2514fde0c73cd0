"""How many publishers report a story independently: families, wire copies, witnesses; and all asks the one count."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weeks import FERRY, WEEK, Newsroom, article, picked, related, report, rules, section

from digest.model import Address, Provider, Text
from digest.selection import select
from digest.selection.coverage import independent

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Article, Issue

LEAD, SECOND, THIRD = (report(*words, provider=outlet) for words, outlet in zip(FERRY, "ABC", strict=True))
DAWN = (
    "The ferry Skarvik left Ostervik at dawn with ninety passengers and broke through the ice in under an hour, "
    "its owner said"
)
"""A text of a wire, in nineteen words."""


def counted(*reports: Article) -> tuple[list[str], int]:
    """Return who stands under "also covered by" of the first of *reports*, and the story's coverage."""
    also, unlinked = independent(reports[0], reports[1:], ())
    return [coverage.provider.name for coverage in also], 1 + len(also) + unlinked


def test_outlets_with_words_of_their_own_count_each() -> None:
    """Three outlets that tell one event in their own words are three."""
    assert counted(LEAD, SECOND, THIRD) == (["B", "C"], 3)


@pytest.mark.parametrize(
    "copy",
    [
        {"title": LEAD.title},
        {"title": Text(f"UPDATE 2-{LEAD.title}")},
        {"provider": Provider(name=Text("M"), domain="m.a.example", family="a.example")},
        {"excerpt": Text(f"By our staff. {DAWN} …")},
        {"excerpt": Text("OSTERVIK (Reuters) - Ninety passengers saw the ferry leave.")},
        {"excerpt": Text("Ninety saw it leave, reports AFP"), "provider": Provider(name=Text("Reuters"))},
        {"addresses": LEAD.addresses},
    ],
    ids=["title", "agency-prefix", "family", "run of words", "agency", "the agency itself", "page"],
)
def test_copies_count_once(copy: dict[str, object]) -> None:
    """One text under two names, one family, one agency, and one page are one report."""
    outlet = Provider(name=Text("A"), domain="a.example", family="a.example")
    lead = replace(LEAD, provider=outlet, excerpt=Text(f"OSTERVIK, Nov 9 (Reuters) - {DAWN}"))

    assert counted(lead, replace(SECOND, **copy)) == ([], 1)  # type: ignore[arg-type]  # fields by name
    assert counted(lead, SECOND) == (["B"], 2)


def test_a_copy_of_a_copy_is_one() -> None:
    """What two reports share with a third makes all three one, in whatever order they come."""
    title, both = replace(SECOND, title=LEAD.title), replace(THIRD, excerpt=Text(DAWN))
    bridge = replace(title, provider=Provider(name=Text("D")), excerpt=Text(f"{DAWN}, and again"))

    assert counted(LEAD, both, title) == (["C"], 2)
    assert counted(LEAD, both, title, bridge) == ([], 1)


def test_a_text_in_chinese_needs_a_longer_run() -> None:
    """Where characters are words, a dozen of them is a phrase, and two dozen are a copied text."""
    words = "斯卡维克号渡轮今晨从奥斯特维克出发船上有九十名乘客冰层在一小时内被破开"
    lead = replace(LEAD, excerpt=Text(words))

    assert counted(lead, replace(SECOND, excerpt=Text(f"消息：{words[:13]}，明日再航"))) == (["B"], 2)
    assert counted(lead, replace(SECOND, excerpt=Text(f"消息：{words[:30]}"))) == ([], 1)


@given(st.permutations([LEAD, SECOND, THIRD, replace(SECOND, path="copy.md", provider=Provider(name=Text("D")))]))
def test_the_count_knows_no_order(reports: list[Article]) -> None:
    """However reports come, as many publishers tell the story, and no more than that are named with its lead."""
    names, count = counted(*reports)

    assert (count, len(names)) == (3, 2)


def chosen(*articles: Article, **more: object) -> Issue:
    """Return the issue of one slot that those articles make."""
    return select(articles, WEEK, rules(section("AI", 1), **more))


def test_unpublished_reports_are_witnesses() -> None:
    """They count, and neither run nor lead nor are linked."""
    hidden = replace(SECOND, published=False, heat=99)

    issue = chosen(LEAD, hidden, replace(THIRD, published=False, url=None, addresses=()))
    (pick,) = issue.picks

    assert (pick.article, pick.story.also, pick.story.coverage) == (LEAD, (), 3)
    assert [verdict.rule for verdict in issue.verdicts].count("unpublished") == 2


def test_a_witness_of_something_else_is_none() -> None:
    """An unpublished article counts only for the event that it reports."""
    stranger = report("Court lets the harbour pilots strike", "Judges found no fault.", provider="B", published=False)

    assert chosen(LEAD, stranger).picks[0].story.coverage == 1


def test_a_witness_that_copies_counts_for_nothing() -> None:
    """One that has the lead's text under another name is the same report, and one of the lead's outlet, too."""
    copy = replace(LEAD, path="copy.md", url=None, addresses=(), provider=Provider(name=Text("B")), published=False)
    own = replace(SECOND, provider=LEAD.provider, published=False)

    assert chosen(LEAD, copy, own).picks[0].story.coverage == 1


def test_order_and_memory_count_alike(tmp_path: Path) -> None:
    """The order `coverage`, what the record keeps for `returns_with`, and the verdict go by the one count."""
    rival = article("rival", related=(related("All about rival and its many consequences"),))
    issue = chosen(LEAD, replace(SECOND, published=False), rival, order=("coverage", "path"))

    assert picked(issue) == {"AI": [LEAD.path[:-3]]}
    room = Newsroom(tmp_path, select="{returns_with: 1}")
    room.file("a", heat=60, title=FERRY[0][0], excerpt=FERRY[0][1])
    room.issue("2020-11-09")
    room.sent("2020-11-09")
    second = {"title": FERRY[1][0], "excerpt": FERRY[1][1], "provider": {"name": "Gazette"}}
    room.file("b", published=False, publishedDateTime="2020-11-10T08:00:00Z", **second)

    (pick,) = room.issue("2020-11-10").picks

    assert pick.story.coverage == 2
    assert room.record("2020-11-10")["sections"][0]["picks"][0]["coverage"] == 2
    assert room.record("2020-11-09")["sections"][0]["picks"][0]["coverage"] == 1


def test_what_counted_does_not_run_next_week(tmp_path: Path) -> None:
    """A copy that stood nowhere, and a witness that is published later, are the story that ran."""
    room = Newsroom(tmp_path)
    room.file("a", heat=60, title=FERRY[0][0], excerpt=DAWN, provider={"name": "Times"})
    late = {"publishedDateTime": "2020-11-08T10:00:00Z", "title": FERRY[1][0], "excerpt": FERRY[1][1]}
    room.file("b", published=False, provider={"name": "Gazette"}, **late)
    room.issue("2020-11-09")
    room.sent("2020-11-09")
    room.file("b", provider={"name": "Gazette"}, **late)
    room.file("other", title="Beekeepers count mites by camera", publishedDateTime="2020-11-10T08:00:00Z")

    issue = room.build("2020-11-10", "2020-11-10").issue

    assert {verdict.article.path: verdict.rule for verdict in issue.verdicts} == {
        "b.md": "repeat",
        "other.md": "picked",
    }


def test_thousands_of_copies_are_counted_at_once() -> None:
    """A story with thousands of reports takes no time that grows with the square of them."""
    copies = [
        replace(
            LEAD,
            path=f"{number}.md",
            provider=Provider(name=Text(f"P{number}")),
            addresses=(),
            url=Address(f"https://p{number}.example/"),
        )
        for number in range(3_000)
    ]

    assert counted(LEAD, *copies) == ([], 1)
