"""Heat made of signals: curves, caps and weights; coverage, age and outlets; and that explain accounts for all."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from command import run
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from weeks import FERRY, WEEK, article, at, picked, report, rules, verdict

from digest import archive
from digest.config import schema, settings
from digest.config.values import FieldPlan, Signal
from digest.model import Provider, Text
from digest.records import scoring
from digest.selection import select

if TYPE_CHECKING:
    from digest.config.values import Curve
    from digest.model import Article

PAGE = (Path(__file__).parent.parent / "docs" / "heat.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SHARES = Signal(name="field", field="shares", curve="log", cap=5000, weight=10)
COVERAGE = Signal(name="coverage", curve="log", cap=8, weight=6)
AGE = Signal(name="age", half_life=36, weight=4)
OUTLETS = Signal(name="provider", points=(("nature.com", 6), ("The Post", 3)), other=1)
CONSTANT = Signal(name="constant", weight=1)
VALUES = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6)
SIGNALS = st.builds(
    Signal,
    name=st.just("field"),
    field=st.sampled_from(["shares", "comments"]),
    weight=st.floats(0, 1000),
    curve=st.sampled_from(["linear", "log", "sqrt"]),
    cap=st.none() | st.floats(0.001, 1e6),
)


@pytest.mark.parametrize(
    ("curve", "cap", "value", "points"),
    [
        ("linear", None, 40, 80),
        ("linear", 100, 40, 0.8),
        ("linear", 100, 4000, 2),
        ("linear", None, -40, -80),
        ("log", None, 99, 4),
        ("log", 99, 9, 1),
        ("log", 99, 10**6, 2),
        ("log", 99, -5, 0),
        ("sqrt", None, 9, 6),
        ("sqrt", 400, 100, 1),
        ("sqrt", 400, -1, 0),
    ],
)
def test_points_follow_the_curve(curve: Curve, cap: float | None, value: float, points: float) -> None:
    """Weight times curve of the value, by the curve of the cap where there is one, and never beyond it."""
    assert scoring.counted(Signal(name="field", curve=curve, cap=cap, weight=2), value) == pytest.approx(points)


@given(SIGNALS, VALUES, VALUES)
def test_more_is_never_worth_less(signal: Signal, one: float, other: float) -> None:
    """Whatever the curve, points grow with the value, and stay within the weight where there is a cap."""
    less, more = sorted((scoring.counted(signal, one), scoring.counted(signal, other)))

    assert (less, more) == tuple(scoring.counted(signal, value) for value in sorted((one, other)))
    assert signal.cap is None or more <= signal.weight


@given(st.lists(SIGNALS, min_size=1, max_size=4), st.dictionaries(st.sampled_from(["shares", "comments"]), VALUES))
def test_a_heat_is_a_number_that_is_not_negative(signals: list[Signal], figures: dict[str, float]) -> None:
    """Any figures under any formula make a finite heat of at least 0, or none where no figure is there."""
    made = scoring.heat(FieldPlan(signals=tuple(signals)), figures.get)

    if made is None:
        assert not {signal.field for signal in signals} & set(figures)
    else:
        assert made[0] >= 0
        assert math.isfinite(made[0])
        assert made[1].count(" + ") == len(signals) - 1


def test_weights_go_on_meaning_what_they_meant() -> None:
    """A field, or weights of several, are their weighted sum; it is exact now."""
    figures = {"shares": 1240.0, "comments": 3.0}

    assert scoring.heat(FieldPlan(score=(("shares", 1.0),)), figures.get) == (1240, "shares 1240 × 1")
    assert scoring.heat(FieldPlan(score=(("shares", 1.0), ("comments", 2.5), ("likes", 9.0))), figures.get) == (
        1247.5,
        "shares 1240 × 1 + comments 3 × 2.5 + likes 0 × 9",
    )
    assert scoring.heat(FieldPlan(score=(("shares", -1.0),)), figures.get) == (0, "shares 1240 × -1")
    assert scoring.heat(FieldPlan(score=(("likes", 1.0),)), figures.get) is None
    assert scoring.heat(FieldPlan(), figures.get) is None


def test_sums_that_are_equal_are_one_heat() -> None:
    """What floats make of 0.1 + 0.2 and of 0.3 does not rank one story above another."""
    tenths = FieldPlan(score=(("a", 0.1), ("b", 0.2)))

    assert scoring.heat(tenths, {"a": 1.0, "b": 1.0}.get) == (0.3, "a 1 × 0.1 + b 1 × 0.2")


@pytest.mark.parametrize(
    ("name", "domain", "points"),
    [
        ("Nature", "nature.com", 6),
        ("Nature", "www.nature.com", 6),
        ("Nature blogs", "blogs.nature.com", 6),
        ("the post", "", 3),
        ("The Post", "thepost.example.com", 3),
        ("Signature", "signature.com", 1),
        ("Com", "com", 1),
    ],
)
def test_an_outlet_has_its_points(name: str, domain: str, points: float) -> None:
    """By name or domain without case, or by the domain above; all others have the rest."""
    outlet = Provider(name=Text(name), domain=domain)
    made = scoring.of_article(replace(article(heat=None), provider=outlet), [OUTLETS], WEEK.ends_at)

    assert (made.heat, made.score) == (points, f"provider {name} ({points})")


def test_points_halve_with_age() -> None:
    """All of them at the end of the window, half of them a half-life before, and none without a date."""
    new, old = WEEK.ends_at, at("2020-11-10").replace(hour=12)
    dated = [replace(article(heat=2), published_at=moment) for moment in (new, old, None)]

    assert [scoring.of_article(one, [AGE], WEEK.ends_at).score for one in dated] == [
        "2 + age 0 h (4 of 4)",
        "2 + age 36 h (2 of 4)",
        "2 + age unknown (0 of 4)",
    ]
    assert [scoring.of_article(one, [AGE], WEEK.ends_at).heat for one in dated] == [6, 4, 2]


def test_signals_are_added_to_what_was_read() -> None:
    """A story's heat is its lead's and the points of its coverage; each verdict has all the terms."""
    known: list[Article] = [
        article("lone", heat=5),
        *(
            report(*words, heat=2, provider=outlet, path=f"{outlet}.md")
            for outlet, words in zip("ABC", FERRY, strict=True)
        ),
    ]
    formula = rules(("AI", 2), signals=(CONSTANT, Signal(name="coverage", weight=2)))
    issue = select(known, WEEK, formula)

    assert picked(issue) == {"AI": ["A", "lone"]}
    assert verdict(issue, "A") == ("picked", "place 1 of 2 in AI with heat 9")
    assert {one.article.path: (one.article.heat, one.article.score) for one in issue.verdicts} == {
        "A.md": (9, "2 + constant 1 + coverage 3 × 2"),
        "lone.md": (8, "5 + constant 1 + coverage 1 × 2"),
        "B.md": (3, "2 + constant 1"),
        "C.md": (3, "2 + constant 1"),
    }
    assert [one.article.path for one in issue.verdicts] == ["A.md", "lone.md", "B.md", "C.md"]


def test_a_formula_needs_no_figure() -> None:
    """An archive without heat is ranked by heat where signals make one, floor and all."""
    known = [article("new", heat=None, published_at=at("2020-11-11")), article("old", heat=None)]
    issue = select(known, WEEK, rules(("AI", 2), signals=(AGE,), min_heat=2))

    assert picked(issue) == {"AI": ["new"]}
    assert verdict(issue, "old") == (
        "min-heat",
        "its heat 1.21 is below the floor; heat 2 (`min_heat`) would have been enough",
    )


@given(st.permutations(range(5)), st.lists(st.integers(0, 5), min_size=5, max_size=5))
def test_the_order_of_articles_makes_no_heat(order: list[int], heats: list[int]) -> None:
    """Signals give the same issue whatever the order of the articles, and one choice after another the same."""
    known = [article(f"n{number}", heat=heat, provider="PQ"[number % 2]) for number, heat in enumerate(heats)]
    formula = rules(("AI", 3), signals=(COVERAGE, AGE, OUTLETS, CONSTANT))

    assert select(known, WEEK, formula) == select([known[number] for number in order], WEEK, formula)


def load(folder: Path, text: str) -> settings.Settings:
    """Return the settings of that text."""
    (folder / "digest.yaml").write_text(text, "utf-8")
    return settings.load(str(folder / "digest.yaml"))


def test_the_formula_of_the_page_is_what_it_says(tmp_path: Path) -> None:
    """Every block of docs/heat.md is sound by code and schema, and its comments give the right points."""
    loaded = [load(tmp_path, block) for block in BLOCKS]
    formula = loaded[2]
    shares, comments = formula.fields.signals

    assert all(Draft202012Validator(schema.json_schema()).is_valid(yaml.safe_load(block)) for block in BLOCKS)
    assert (shares, formula.rules.signals) == (SHARES, (COVERAGE, AGE, OUTLETS, CONSTANT))
    assert [round(scoring.counted(shares, value), 1) for value in (70, 5000, 10**6)] == [5.0, 10, 10]
    assert [scoring.counted(comments, value) for value in (100, 400)] == [2.5, 5]
    assert scoring.counted(COVERAGE, 8) == 6
    assert "heat 12.9 = shares 1200 (8.33 of 10)" in PAGE


def test_a_formula_shapes_the_hash_and_weights_alone_do_not_change_it(tmp_path: Path) -> None:
    """Records of before keep their hash; another formula is another input."""
    texts = ("score: {shares: 1}", "score: [{field: shares}]", "score: [{signal: age, half_life: 3}]", "out: out")
    hashes = [load(tmp_path, text).digest for text in texts]

    assert len(set(hashes)) == 4
    assert hashes[0] == "97c70b2ab93b7870850f40798ffbce90d1c9681196c4f01d71c6dec478bc0941"


def test_a_heat_of_its_own_may_be_a_signal(tmp_path: Path) -> None:
    """A formula that names the heat makes another of it, once, also of what was imported; else it stays as it is."""
    (tmp_path / "list.csv").write_text(
        "title,link,date,heat,shares\nAll about bees,https://example.com/bees,2020-11-09,99,10\n", "utf-8"
    )
    rooted = "archive: news\nscore: [{field: heat, curve: log, weight: 2}, {field: shares}]\n"
    other = "archive: news\nscore: [{field: shares, curve: log}]\n"
    (tmp_path / "digest.yaml").write_text(rooted, "utf-8")
    imported = run(tmp_path, "import", "list.csv")
    (file,) = (tmp_path / "news").iterdir()
    heats = []
    for text in (rooted, other):
        plan = load(tmp_path, text)
        (story,) = archive.read([str(tmp_path / "news")], plan.reading).articles
        heats.append((story.heat, story.score))

    assert imported.status == 0
    assert "heat: 99\n" in file.read_text("utf-8")
    assert heats == [(4, "heat 99 (4) + shares 0 × 1"), (99, "")]


def test_from_the_file_to_the_sentence(tmp_path: Path) -> None:
    """A build by the formula of the page has its heat rounded in the report, and explain prints every signal."""
    (tmp_path / "news").mkdir()
    for name, shares, day in (("a", "1,240", "09"), ("b", "none", "10")):
        (tmp_path / "news" / f"{name}.md").write_text(
            f"---\ntitle: All about {name} and what follows from it\npublishedDateTime: 2020-11-{day}T12:00:00Z\n"
            f"webUrl: https://example.com/{name}\nshares: {shares}\nprovider: {{name: The Post}}\ntopics: [AI]\n---\n",
            "utf-8",
        )
    (tmp_path / "digest.yaml").write_text(f"archive: news\n{BLOCKS[2]}", "utf-8")
    built = run(tmp_path, "build", "--date", "2020-11-11")
    said = run(tmp_path, "explain", "--date", "2020-11-11", "what follows")

    assert (built.status, built.told) == (
        0,
        "warning: news/b.md:5: shares is no number: 'none'; write it like 89 or 12.5\n",
    )
    assert "  15.5  All about a and what follows from it (The Post)\n" in built.printed
    assert [line for line in said.printed.splitlines() if line.startswith("“")] == [
        "“All about a and what follows from it” (heat 15.5 = shares 1240 (8.36 of 10) + comments 0 (0 of 5) + "
        "age 60 h (1.26 of 4) + provider The Post (3) + constant 1 + coverage 1 (1.89 of 6), The Post, 2020-11-09)",
        "“All about b and what follows from it” (heat 7.89 = age 36 h (2 of 4) + provider The Post (3) + constant 1 + "
        "coverage 1 (1.89 of 6), The Post, 2020-11-10)",
    ]
