"""How long a story takes to read: as archives and sources say it, and as a letter shows it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import THEME, article, issue, newsletter
from test_exports import GHOST_POST, REST, brought

from digest import archive, rendering
from digest.config.values import FieldPlan, ReadingPlan
from digest.issue import record
from digest.records import lengths
from digest.records.figures import NoFigure
from digest.rendering import language, view
from digest.rendering.view import Budget, RenderOptions
from digest.text import layout
from digest.theme import load

if TYPE_CHECKING:
    from digest.archive import Archive

LOOKS = sorted(str(path.parent) for path in Path(THEME).parent.glob("*/issue.mjml"))


def read(folder: Path, *lines: str, plan: FieldPlan | None = None) -> Archive:
    """Return the archive of one file with those lines in its front matter."""
    (folder / "a.md").write_text("\n".join(["---", "title: A", "webUrl: https://a.example.com/", *lines, "---", ""]))
    return archive.read([str(folder)], ReadingPlan(fields=plan or FieldPlan()))


@pytest.mark.parametrize(
    ("line", "words", "minutes"),
    [
        ("wordCount: 1234", 1234, None),
        ("word_count: '1,234'", 1234, None),
        ("words: 800", 800, None),
        ("readingTime: 6", None, 6),
        ("readingTime: 5.4", None, 5),
        ("readingTime: 0.3", None, 1),
        ("readingTime: {text: 5 min read, minutes: 4.6, time: 276000, words: 920}", 920, 5),
        ("reading_time: 6 min read", None, 6),
        ("read_time: about 8 minutes", None, 8),
        ("reading-time: ~3 min.", None, 3),
        ("timeRequired: PT1H5M", None, 65),
        ("timeRequired: PT90S", None, 2),
        ("minutes: 12", None, 12),
        ("wordCount: 0\nreadingTime: 0", None, None),
        ("readingTime: true\nreading_time: 4", None, 4),
        ("heat: 3", None, None),
    ],
)
def test_what_archives_say(tmp_path: Path, line: str, words: int | None, minutes: int | None) -> None:
    """Words and minutes are read under their usual names and in their usual forms; what is not said is not there."""
    seen = read(tmp_path, line)

    assert [(each.words, each.minutes) for each in seen.articles] == [(words, minutes)]
    assert seen.problems == ()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("wordCount: many", "wordCount is no number: 'many'; write it like 89 or 12.5"),
        ("wordCount: -3", "wordCount is no number of words of an article: '-3'; write it like 1200"),
        ("wordCount: 1e9", "wordCount is a billion or more, which no figure of an article is: '1e9'"),
        ("readingTime: long", "readingTime is no number of minutes: 'long'; write it like 6"),
        ("readingTime: -3", "readingTime is no number of minutes: '-3'; write it like 6"),
        (
            "readingTime: 276000",
            "readingTime is more than 240 minutes: '276000'; write the minutes that reading takes",
        ),
        ("stats: soon", "stats is no number of minutes: 'soon'; write it like 6"),
    ],
)
def test_what_is_no_length_is_told(tmp_path: Path, line: str, problem: str) -> None:
    """Under our name, and one that the settings give, anything else is a problem with its line."""
    seen = read(tmp_path, line, plan=FieldPlan(names=(("readingTime", "stats"),)))

    assert [(each.words, each.minutes) for each in seen.articles] == [(None, None)]
    assert [str(each) for each in seen.problems] == [f"{tmp_path}/a.md:4: {problem}"]


@pytest.mark.parametrize("line", ["minutes: of the council", "words: [saw, lamp]", "words: by Ada", "minutes: 9999"])
def test_a_name_that_means_something_else_is_no_mistake(tmp_path: Path, line: str) -> None:
    """Under a name that only others use for it, what is no length is passed over."""
    seen = read(tmp_path, line)

    assert [(each.words, each.minutes, seen.problems) for each in seen.articles] == [(None, None, ())]


@given(st.text(max_size=100))
def test_any_text_is_a_length_or_none(written: str) -> None:
    """Whatever is written is a length that an article can have, or NoFigure."""
    for of, most in ((lengths.words, 100_000), (lengths.minutes, 240)):
        try:
            length = of(written)
        except NoFigure:
            continue
        assert length is None or 1 <= length <= most


@given(st.integers(1, 100_000), st.sampled_from(["en", "ja", "zh-Hant", ""]))
def test_more_words_take_no_less_time(count: int, tag: str) -> None:
    """A word more is no minute less, and each text takes one."""
    assert 1 <= layout.minutes_of_words(count, tag) <= layout.minutes_of_words(count + 1, tag)


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_it_stands_beside_the_date(look: str) -> None:
    """In HTML and text of each look, in the letter's language; a film has none, nor what nobody has counted."""
    timed = replace(article(), words=1_300)
    film = replace(article("A film", path="b.md", url="https://b.example.com/"), minutes=45, kind="video")
    silent = article("Silence", path="c.md", url="https://c.example.com/")
    said = {"en": "9 November, 6 min read", "de": "9. November, 6 Min. Lesezeit"}
    for tag, words in said.items():
        letter = rendering.render(issue(timed, film, silent), newsletter(language=tag), load(look, {}, language=tag))
        for part in (letter.html, letter.text):
            assert part.replace("\u00a0", " ").replace("&nbsp;", " ").count(words) == 1
            assert "45 " not in part


@pytest.mark.parametrize(("tag", "own", "minutes"), [("en", "", 6), ("en", "ja", 2), ("ja", "", 2), ("ja", "en", 6)])
def test_words_of_japanese_are_characters(tag: str, own: str, minutes: int) -> None:
    """They are read faster; an article that names no language is in the letter's."""
    counted = replace(article(), words=1_300, language=own)
    spoken = language.load(tag, {})
    frame = RenderOptions(language=spoken, room=Budget(), images="all", links={})
    [[shown]] = [section.stories for section in view.of(issue(counted), newsletter(language=tag), frame).sections]

    assert shown.reading_time == spoken.count("%(num)s min read", "%(num)s min read", minutes)


def test_an_import_keeps_what_a_source_says(tmp_path: Path) -> None:
    """Ghost's minutes and what a plug-in counts for WordPress; a second import changes nothing."""
    ghost = {**GHOST_POST, "url": "https://mill.example.com/m/", "tags": [], "reading_time": 7}
    pieces = [{"@type": "WebSite"}, {"@type": "Article", "wordCount": 863}]
    post = {**REST, "yoast_head_json": {"schema": {"@graph": pieces}}}
    (tmp_path / "g").mkdir()
    (tmp_path / "w").mkdir()

    [mill] = brought(tmp_path / "g", "posts.json", {"posts": [ghost], "meta": {}}).articles
    [wheel] = brought(tmp_path / "w", "posts.json", [post]).articles
    again = brought(tmp_path / "w", "posts.json", [post], "--update")

    assert (mill.minutes, mill.words, wheel.minutes, wheel.words) == (7, None, None, 863)
    assert again.printed[-1:] != []
    assert [each.words for each in again.articles] == [863]


def test_the_record_has_it_only_where_it_is_said() -> None:
    """So the records of archives that are silent stay as they are."""
    plain, timed = (
        record.of_choice(issue(made))["sections"][0]["picks"][0]
        for made in (article(), replace(article(), minutes=6, words=1_300))
    )

    assert {key: value for key, value in timed.items() if key not in plain} == {"minutes": 6, "words": 1_300}
