"""The editor joins reports and splits them, whatever the rule of one story says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weeks import FERRY as FERRIES
from weeks import WEEK, article, at, related, rules, verdict

from digest.config import edits as file
from digest.errors import EditsError
from digest.issue import record
from digest.model import Address, Edits, Pin, Text
from digest.selection import Tellings, select

if TYPE_CHECKING:
    from random import Random

    from digest.config.values import Rules
    from digest.model import Article, Issue

NAMES = ("a.md", "b.md", "c.md", "d.md", "e.md")
AI = rules(("AI", 9))
FERRY = Text("Ferry runs aground off the northern island")
SHARED = Address("https://example.com/harbour")

# A and B have one title, B and C one address: the rule makes them one story. D and E are strangers.
ARTICLES = [
    article("a", heat=9, title=FERRY),
    article("b", heat=8, title=FERRY, url=SHARED, addresses=(SHARED,)),
    article("c", heat=7, title=Text("Harbour master resigns at last"), url=SHARED, addresses=(SHARED,)),
    article("d", heat=6, title=Text("Bakery sells its thousandth loaf")),
    article("e", heat=5, title=Text("Orchestra tours without any conductor")),
]
TIES = (frozenset({"a.md", "b.md"}), frozenset({"b.md", "c.md"}))

GROUPS = st.lists(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True).map(tuple), max_size=3)


def chosen(
    *, joins: tuple[tuple[str, ...], ...] = (), splits: tuple[str, ...] = (), articles: list[Article] = ARTICLES
) -> Issue:
    """Return the issue of *articles*, joined and split so."""
    return select(articles, WEEK, AI, None, Edits(joins=joins, splits=splits))


def stories(issue: Issue) -> set[frozenset[str]]:
    """Return the stories of an issue in which every story runs, as sets of paths."""
    return {frozenset((pick.article.path, *(other.path for other in pick.story.others))) for pick in issue.picks}


def united(ties: list[frozenset[str]]) -> set[frozenset[str]]:
    """Return what *ties* make of the articles, found the slow way."""
    groups = {frozenset({name}) for name in NAMES}
    for tie in ties:
        touched = {group for group in groups if group & tie}
        groups = groups - touched | {frozenset().union(*touched)}
    return groups


@given(GROUPS, st.sets(st.sampled_from(NAMES)), st.randoms())
def test_joins_and_splits_make_the_stories_that_they_name(
    joins: list[tuple[str, ...]], splits: set[str], random: Random
) -> None:
    """Each candidate keeps one verdict, joins are transitive, a split ties nobody, and no order of anything matters."""
    splits -= {path for join in joins for path in join}
    ties = [tie for tie in TIES if not tie & splits] + [frozenset(join) for join in joins]
    issue = chosen(joins=tuple(joins), splits=tuple(splits))
    mixed = [tuple(random.sample(join, len(join))) for join in random.sample(joins, len(joins))]
    again = chosen(joins=tuple(mixed), splits=tuple(sorted(splits, reverse=True)), articles=ARTICLES[::-1])

    assert [one.article.path for one in issue.verdicts] == list(NAMES)
    assert stories(issue) == united(ties)
    assert again.verdicts == issue.verdicts


def test_a_join_is_told_and_keeps_what_the_rule_tied() -> None:
    """Who is joined comes with its whole story; the verdicts name the editor, and the rule where it tied."""
    issue = chosen(joins=(("d.md", "a.md"), ("e.md", "c.md")))
    lead = "it tells the same story as “Ferry runs aground off the northern island” (heat 9, Times): "

    assert stories(issue) == {frozenset(NAMES)}
    assert verdict(issue, "b") == ("merged", f"{lead}the same title")
    assert verdict(issue, "d") == ("merged", f"{lead}the editor joined them")
    assert [one.lead for one in issue.verdicts] == ["", "a.md", "a.md", "a.md", "a.md"]
    behind = chosen(joins=(("d.md", "b.md"),), articles=[replace(ARTICLES[3], heat=99), *ARTICLES[:3]])
    assert verdict(behind, "b")[1].endswith(": the editor joined them")
    assert verdict(behind, "c")[1].endswith(": the same address, with a report that the editor joined")


def test_a_join_is_stronger_than_numbers_that_differ_and_weeks_between() -> None:
    """What the rule keeps apart for its numbers, or never compares for its days, is one story all the same."""
    five = article("a", title=Text("Court fines Norvex five times: 5 million crowns"))
    twelve = article("b", title=Text("Court fines Norvex five times: 12 million crowns"))

    assert len(chosen(articles=[five, twelve]).picks) == 2
    assert len(chosen(articles=[five, twelve], joins=(("a.md", "b.md"),)).picks) == 1


def test_a_split_is_told_with_what_it_was_tied_to() -> None:
    """The verdicts of both sides name the editor; one that nothing ties is told so; one address is two stories."""
    issue = chosen(splits=("b.md", "e.md"))

    assert stories(issue) == {frozenset({name}) for name in NAMES}
    other = "; another story than “Ferry runs aground off the northern island” "
    assert verdict(issue, "a")[1].endswith(f"{other}(heat 8, Times): the editor split it off")
    assert verdict(issue, "b")[1].endswith(f"{other}(heat 9, Times): the editor split it off")
    assert verdict(issue, "e")[1].endswith("; the editor split it off, though nothing ties it to another story")
    assert [one.near_miss for one in issue.verdicts] == ["b.md", "a.md", "b.md", "", ""]


def test_the_others_of_one_address_stay_together_when_the_first_is_split_off() -> None:
    """Three articles of one page, the hottest split off: the two that are left are one story."""
    pages = [article(name, heat=heat, title=Text(f"{name} {name} {name}"), addresses=(SHARED,)) for name, heat in
             (("alpha", 9), ("beta", 8), ("gamma", 7))]  # fmt: skip

    assert stories(chosen(articles=pages, splits=("alpha.md",))) == {
        frozenset({"alpha.md"}), frozenset({"beta.md", "gamma.md"})
    }  # fmt: skip


def test_a_split_report_is_no_coverage_of_what_it_was_split_from() -> None:
    """A lead that lists another article as related names its outlet, until that article is split off."""
    (title, excerpt), _, (second, text) = FERRIES
    other = article("b", heat=5, provider="Gazette", title=Text(second), excerpt=Text(text))
    listed = related(second, text, url=str(other.url))
    lead = article("a", heat=9, title=Text(title), excerpt=Text(excerpt), related=(listed,))

    def covered(*splits: str) -> list[list[str]]:
        return [[str(one.provider.name) for one in pick.story.also] for pick in
                chosen(articles=[lead, other], splits=splits).picks]  # fmt: skip

    assert covered() == [["Gazette"]]
    assert covered("b.md") == covered("a.md") == [[], []]


def test_what_may_not_run_is_not_joined_and_is_told() -> None:
    """A report that is not public keeps its verdict, which says that the join counts for nothing."""
    hidden = article("h", published=False)

    issue = chosen(articles=[*ARTICLES, hidden], joins=(("a.md", "h.md"),))

    assert verdict(issue, "h")[0] == "unpublished"
    assert verdict(issue, "h")[1].endswith(
        "; the editor joined them with another, which counts for nothing while it may not run"
    )


@pytest.mark.parametrize(("wish", "rule"), [("pins", "picked"), ("drops", "dropped")])
def test_a_joined_story_is_pinned_or_dropped_whole(wish: str, rule: str) -> None:
    """What the editor asks of one article of a joined story holds for all of it, and a pinned one leads it."""
    asked: object = {"pins": (Pin(story="d.md", section="AI"),), "drops": (("d.md", "no"),)}[wish]
    wishes = replace(Edits(joins=(("a.md", "d.md"),)), **{wish: asked})  # type: ignore[arg-type]  # a field by name
    issue = select(ARTICLES, WEEK, AI, None, wishes)

    assert {verdict(issue, name)[0] for name in ("a", "b", "c", "d")} == {rule, "merged"}
    assert verdict(issue, "d" if wish == "pins" else "a")[0] == rule


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("split: [a.md]\njoin:\n  - [d.md, e.md]\n  - [b.md, https://example.com/a]\n",
         "e.yaml:1: 'a.md' is split off here and joined at e.yaml:4; take one of them out"),
        ("join: [a.md, https://example.com/a]\n",
         "e.yaml:1: 'a.md' and 'https://example.com/a' are one article; join it to another, or take the line out"),
        ("join:\n  - [a.md,\n     bb.md]\n", "e.yaml:3: no article is 'bb.md'; did you mean 'b.md'?"),
        ("split: dd.md\n", "e.yaml:1: no article is 'dd.md'; did you mean 'd.md'?"),
        ("split: [d.md, https://example.com/old]\n",
         "e.yaml:1: 'old.md' is no candidate of this issue, so it cannot be joined or split; pin it to bring it in, or "
         "take it out of the line"),
        ("join: a.md\n", "e.yaml:1: join is not two or more stories, or a list of such lists; write `join: [[a, b]]`"),
        ("join: [a.md]\n",
         "e.yaml:1: join is not two or more stories, or a list of such lists; write `join: [[a, b]]`"),
        ("join:\n  - [a.md, b.md]\n  - c.md\n",
         "e.yaml:1: join is not two or more stories, or a list of such lists; write `join: [[a, b]]`"),
        ("split: {a: b}\n", "e.yaml:1: split is not a text"),
    ],
    ids=["both", "itself", "unknown-join", "unknown-split", "older", "lone", "short", "mixed", "mapping"],
)  # fmt: skip
def test_bad_joins_and_splits_are_one_clear_line(written: str, problem: str) -> None:
    """Each is an error with its line, a contradiction with both lines."""
    old = replace(article("old", title=Text("Lighthouse sold to a choir")), published_at=WEEK_BEFORE)

    with pytest.raises(EditsError) as caught:
        select([*ARTICLES, old], WEEK, AI, None, file.parse(written.encode(), "e.yaml"))

    assert str(caught.value).splitlines() == [problem]


WEEK_BEFORE = article().published_at.replace(month=9)  # type: ignore[union-attr]  # a sample has a date


def test_a_flat_list_is_one_join() -> None:
    """`join: [a, b]` is the same as a list of that one list, and every way to name a story serves."""
    flat = file.parse(f"join: [https://example.com/d, {ARTICLES[4].title}]\n".encode(), "e.yaml")
    nested = file.parse(b"join:\n  - [d.md, e.md]\n", "e.yaml")

    first, second = (select(ARTICLES, WEEK, AI, None, wishes) for wishes in (flat, nested))
    assert first.verdicts == second.verdicts
    assert frozenset({"d.md", "e.md"}) in stories(first)


LISTED = Address("https://gazette.example/bridge")
BRIDGE = ("Ostervik bridge closes for repairs until spring", "Bridge of Ostervik closes until spring for repairs")
# What is tied and kept apart by words too, with a witness that may not run, and coverage that one of them lists.
TEXTS = [
    *(article(f"ferry-{place}", heat=20 + place, provider=outlet, title=Text(title), excerpt=Text(text),
              related=(related(*FERRIES[2], url="https://example.com/ferry-2"),) if place == 0 else ())
      for place, (outlet, (title, text)) in enumerate(zip(("Times", "Gazette", "Courier"), FERRIES, strict=True))),
    article("hidden", provider="Herald", published=False, title=Text(FERRIES[0][0]), excerpt=Text(FERRIES[0][1])),
    # Too far apart in time to be one story, and near enough to be coverage of it.
    article("bridge", provider="Times", title=Text(BRIDGE[0]), related=(related(BRIDGE[1], url=LISTED),)),
    article("listed", provider="Gazette", title=Text(BRIDGE[1]), url=LISTED, addresses=(LISTED,),
            published_at=at("2020-11-05")),
    article("five", provider="Times", title=Text("Court fines Norvex five times: 5 million crowns")),
    article("twelve", provider="Gazette", title=Text("Court fines Norvex five times: 12 million crowns")),
]  # fmt: skip
EVERYTHING = (*ARTICLES, *TEXTS)
PATHS = st.sampled_from([one.path for one in EVERYTHING])
WISHES = st.builds(
    lambda joins, splits, pins: Edits(
        joins=tuple(joins),
        splits=tuple(sorted(splits - {path for join in joins for path in join})),
        pins=tuple(Pin(story=path, section="AI") for path in sorted(pins)),
    ),
    st.lists(st.lists(PATHS, min_size=2, max_size=3, unique=True).map(tuple), max_size=2),
    st.sets(PATHS, max_size=2),
    st.sets(PATHS, max_size=2),
)


@pytest.mark.parametrize(
    "settings", [AI, replace(AI, returns_with=1, order=("coverage", "heat"))], ids=["heat", "coverage"]
)
@given(asked=st.lists(WISHES, min_size=1, max_size=5))
def test_what_is_kept_from_the_choice_before_changes_nothing(settings: Rules, asked: list[Edits]) -> None:
    """Choices one after the other, as at the desk, are those of a program that has just begun."""
    tellings = Tellings()
    for wishes in (*asked, asked[0]):
        kept = select(EVERYTHING, WEEK, settings, None, wishes, tellings)
        assert kept == select(EVERYTHING, WEEK, settings, None, wishes)


def test_coverage_that_is_kept_minds_what_is_split_off() -> None:
    """A story that stays as it is loses the report that it lists, and only that, when that report is split off."""
    tellings = Tellings()

    def also(*splits: str) -> int:
        issue = select(EVERYTHING, WEEK, rules(("AI", 20)), None, Edits(splits=splits), tellings)
        return next(len(pick.story.also) for pick in issue.picks if pick.article.path == "bridge.md")

    assert (also(), also("listed.md"), also("d.md"), also("bridge.md")) == (1, 0, 1, 0)


@given(st.sets(PATHS.filter(lambda path: path != "hidden.md"), max_size=3))
def test_a_pin_changes_who_leads_and_not_what_is_one_story(pins: set[str]) -> None:
    """The stories are the same sets of articles, and each is led by a pinned one where it has one."""
    wishes = Edits(pins=tuple(Pin(story=path, section="AI") for path in sorted(pins)))
    chosen = select(EVERYTHING, WEEK, rules(("AI", 20)), None, wishes)

    assert stories(chosen) == stories(select(EVERYTHING, WEEK, rules(("AI", 20))))
    assert all(pick.article.path in pins for pick in chosen.picks if pins & {one.path for one in pick.story.others})


def test_edits_without_joins_keep_their_hash() -> None:
    """The record of an issue built before joins were known has the hash that the same edits have today."""
    assert record.hash_of(Edits(subject=Text("A"))) != record.hash_of(Edits(subject=Text("A"), splits=("a.md",)))
    assert record.hash_of(Edits()) == BEFORE


BEFORE = "3298a0577f93c01faf7f776f3b73a81281977f1888e21cf326193f2f1ac2f405"
