"""Which part of the page a finding is about: by its rule, by its line, by the headline it quotes, or by nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from samples import SEEDS, WINDOW

from digest import pipeline
from digest.config import settings
from digest.model import Finding
from digest.preview import finding_places

if TYPE_CHECKING:
    from digest.model import Issue

LEAD = "2020-11-06-grading-algorithm-marked-down-evening-students-for-nine-years-inquiry-finds.md"
SECOND = "2020-11-05-eu-negotiators-split-over-ban-on-crowd-scanning-cameras-as-talks-enter-final-month.md"
FOOT = "https://example.com/unsubscribe"


@pytest.fixture(scope="module")
def built() -> tuple[pipeline.Rendered, Issue]:
    """Build the sample issue in memory."""
    found = settings.load(None, settings.Overrides(archive=(SEEDS,)))
    issue = pipeline.choose(found, WINDOW).issue
    return pipeline.render(found, issue), issue


def about(built: tuple[pipeline.Rendered, Issue], finding: Finding) -> str:
    """Return what *finding* is about."""
    rendered, issue = built
    return finding_places.place([finding], issue, rendered.message, unsubscribe=FOOT)[0].about


def found(rule: str, *, line: int | None = None, element: str = "", file: str = "index.html") -> Finding:
    """Return a finding."""
    return Finding(
        rule=rule, severity="warning", file=file, line=line, element=element, what="is odd", remedy="mend it"
    )


@pytest.mark.parametrize(
    ("rule", "element", "expected"),
    [
        ("subject-emoji", "subject", "subject"),
        ("spam-phrase", "subject", "subject"),
        ("spam-phrase", "preheader", "preheader"),
        ("preheader-length", "preheader", "preheader"),
        ("clip-near", "", "size"),
        ("header-from", "", "headers"),
        ("mime-lines", "", "headers"),
        ("unsubscribe-link", "", ""),
    ],
)
def test_a_rule_says_what_it_is_about(
    built: tuple[pipeline.Rendered, Issue], rule: str, element: str, expected: str
) -> None:
    """Subject, preheader, size and headers have rules of their own."""
    assert about(built, found(rule, element=element, file="issue.json")) == expected


def test_a_line_belongs_to_the_story_that_stands_on_it(built: tuple[pipeline.Rendered, Issue]) -> None:
    """From its headline to the line before the next one; what stands above the first or in the foot is nobody's."""
    lines = built[0].message.html.split("\n")
    starts = [number for number, line in enumerate(lines, start=1) if "<h3" in line]
    foot = next(number for number, line in enumerate(lines, start=1) if f'href="{FOOT}"' in line)

    assert [about(built, found("contrast", line=line)) for line in (starts[0], starts[1] - 1, starts[1])] == [
        LEAD,
        LEAD,
        SECOND,
    ]
    assert [about(built, found("contrast", line=line)) for line in (1, starts[0] - 2, foot, len(lines))] == [""] * 4
    assert about(built, found("contrast", line=starts[0], file="index.txt")) == ""


def test_every_pick_has_lines_of_its_own(built: tuple[pipeline.Rendered, Issue]) -> None:
    """Each story of the issue is found again on the line of its headline."""
    picks = {pick.article.path for pick in built[1].picks}
    lines = built[0].message.html.split("\n")

    assert {
        about(built, found("contrast", line=at)) for at, line in enumerate(lines, start=1) if "<h3" in line
    } == picks


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("“Grading algorithm marked down evening stu”", LEAD),
        ("h3 “Grading algorithm marked…”", LEAD),
        ("“Grading”", ""),
        ("“No story of this issue says that”", ""),
        ("td", ""),
    ],
)
def test_a_quoted_headline_names_its_story(built: tuple[pipeline.Rendered, Issue], element: str, expected: str) -> None:
    """A headline that is quoted far enough to be one story's; never a guess."""
    assert about(built, found("story-headline", element=element)) == expected
