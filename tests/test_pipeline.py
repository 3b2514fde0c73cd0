"""The stages of a choice, kept where their inputs are equal."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from digest import pipeline
from digest.config import settings
from digest.errors import EditsError, NothingToSend

if TYPE_CHECKING:
    from pathlib import Path

ARTICLE = """---
title: {title}
excerpt: What {title} is about.
publishedDateTime: 2020-11-{day:02}T08:00:00Z
heat: {heat}
published: true
provider: {{name: {title} Times}}
topics: [AI]
originalUrl: https://example.com/{title}
---
"""
DAY = date(2020, 11, 11)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an archive of three articles, and the working folder of this test."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "edits").mkdir()
    for number, title in enumerate(("Apples", "Bridges", "Clouds")):
        text = ARTICLE.format(title=title, day=9 + number, heat=50 - number)
        (tmp_path / "seeds" / f"{title}.md").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def chosen() -> pipeline.Chosen:
    """Choose the week from the disk."""
    loaded = settings.load(None)
    return pipeline.choose(loaded, pipeline.window_of(loaded, last=DAY))


def titles(result: pipeline.Chosen) -> list[str]:
    """The headlines that run, in order."""
    return [pick.article.title for pick in result.issue.picks]


def test_nothing_runs_where_nothing_changed(room: Path) -> None:
    """A choice after no change is the one before, the very object."""
    del room
    before = chosen()

    assert pipeline.choose_again(before, pipeline.Changes()) is before
    assert pipeline.choose_again(before, pipeline.Changes(past=True, edits=True)) is before


def test_an_edit_reads_no_article(room: Path) -> None:
    """Edits are chosen with from what was read before, and give what a choice from the disk gives."""
    before = chosen()
    (room / "edits" / "2020-11-11.yaml").write_text("drop: [{story: Apples.md}]\n", encoding="utf-8")

    after = pipeline.choose_again(before, pipeline.Changes(edits=True))

    assert titles(after) == ["Bridges", "Clouds"]
    assert (after.archive, after.past) == (before.archive, before.past)
    assert after.archive is before.archive
    assert after.issue == chosen().issue


def test_edits_may_be_tried_before_they_are_written(room: Path) -> None:
    """Content in memory takes the place of the file; a comment alone changes the file and not the issue."""
    before = chosen()

    assert titles(pipeline.choose_again(before, pipeline.Changes(), content=b"drop: [{story: Apples.md}]\n")) == [
        "Bridges",
        "Clouds",
    ]
    assert pipeline.choose_again(before, pipeline.Changes(), content=b"# nothing yet\n").issue is before.issue
    assert not (room / "edits" / "2020-11-11.yaml").exists()


def test_only_saved_articles_are_read_again(room: Path) -> None:
    """An article that was saved is read again, the others are kept, and the issue is what a build gives."""
    before = chosen()
    text = ARTICLE.format(title="Clouds", day=11, heat=99)
    (room / "seeds" / "Clouds.md").write_text(text, encoding="utf-8")

    after = pipeline.choose_again(before, pipeline.Changes(articles=frozenset({"seeds/Clouds.md"})))

    assert titles(after) == ["Clouds", "Apples", "Bridges"]
    kept = {article.path: article for article in before.archive.articles}
    assert [article.path for article in after.archive.articles if article is kept[article.path]] == [
        "Apples.md",
        "Bridges.md",
    ]
    assert after.issue == chosen().issue


def test_other_settings_choose_among_what_was_told(room: Path) -> None:
    """New limits tell no week anew, though the archive is read again; an article that was saved does."""
    before = chosen()
    (room / "digest.yaml").write_text("archive: seeds\nsections: [{topic: AI, limit: 2}]\n", encoding="utf-8")
    loaded = settings.load(None)
    window = pipeline.window_of(loaded, last=DAY)
    lead = before.issue.picks[0].article

    after = pipeline.choose(loaded, window, tellings=before.tellings)
    assert (titles(after), after.issue) == (["Apples", "Bridges"], chosen().issue)
    # The very article of the first reading, so what was told of it is, too.
    assert after.issue.picks[0].article is lead

    (room / "seeds" / "Clouds.md").write_text(ARTICLE.format(title="Clouds", day=11, heat=70), encoding="utf-8")
    assert titles(pipeline.choose(loaded, window, tellings=before.tellings)) == ["Clouds", "Apples"]


def test_a_refused_edit_leaves_the_choice_before(room: Path) -> None:
    """Edits that cannot be read raise, and the choice before them can go on."""
    del room
    before = chosen()

    with pytest.raises(EditsError, match=r"edits/2020-11-11\.yaml:1"):
        pipeline.choose_again(before, pipeline.Changes(), content=b"drops: [Apples.md]\n")
    assert titles(pipeline.choose_again(before, pipeline.Changes())) == ["Apples", "Bridges", "Clouds"]


def test_a_choice_with_too_few_stories_can_be_asked_for(room: Path) -> None:
    """`select` returns an issue that `choose` refuses, so a replay can say how it came about."""
    del room
    loaded = settings.load(None)
    window = pipeline.window_of(loaded, last=date(2020, 11, 30))

    assert titles(pipeline.select(loaded, window)) == []
    with pytest.raises(NothingToSend):
        pipeline.choose(loaded, window)
