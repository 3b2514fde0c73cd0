"""A line below a section's title, and a section in brief: for every issue, for one, in each theme and direction."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import golden
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from samples import THEME, address, article, full_issue, issue, newsletter, section, theme

from digest import checks, pipeline, rendering, weight
from digest.analysis import explain
from digest.config import edits, settings
from digest.config.values import Shape
from digest.errors import EditsError, SettingsError
from digest.issue import record
from digest.model import Picture, Ran, SectionChange, Update
from digest.rendering import language, view
from digest.rendering.view import Budget, RenderOptions
from digest.site import feeds
from digest.site.issues import PublishedIssues
from digest.site.places import Places
from digest.text import sanitize
from digest.theme import load

if TYPE_CHECKING:
    from digest.config.values import Images
    from digest.model import Issue, Message, SectionStyle

DAY = date(2020, 11, 11)
LOOKS = sorted(str(path.parent) for path in Path(THEME).parent.glob("*/issue.mjml"))
LINE = "Who decides & who is <asked>."
SECTIONS = """
  - {topic: AI Ethics, limit: 2}
  - {topic: AI, limit: 3, line: Who decides & who is <asked>., style: brief}
"""


def shown(line: str = "", style: SectionStyle = "full", at: int = 1) -> Issue:
    """Return an issue of two sections, one of which has that line and style."""
    made = full_issue()
    sections = list(made.sections)
    sections[at] = replace(sections[at], line=sanitize.text(line), style=style)
    return replace(made, sections=tuple(sections))


def letter(made: Issue, look: str = THEME) -> Message:
    """Return the message of *made*."""
    return rendering.render(made, newsletter(), load(look, {}, language="en"))


def view_of(made: Issue, images: Images = "all") -> view.View:
    """Return what a theme can show of *made*."""
    links = view.as_sent(made, Shape())
    return view.of(
        made, newsletter(), RenderOptions(language=language.load("en", {}), room=Budget(), images=images, links=links)
    )


# --- what may be written


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sections: [{title: AI}]", "1: a section without line or style; write one of them"),
        ("sections: [{title: AI, style: breif}]", "1: sections[0].style is 'breif'; write full or brief"),
        ("sections: [{title: AI, lin: A}]", "1: unknown key 'sections[0].lin'; did you mean 'line'?"),
        ("sections: [{line: A}]", "1: sections[0].title is missing"),
        ("sections: [{title: AI, line: [A]}]", "1: sections[0].line is not a text"),
        ("sections: [{title: AI, line: ''}]", "1: sections[0].line is not a text"),
        (
            "sections:\n- {title: AI, line: A}\n- {title: ai, style: brief}",
            "3: the section 'ai' stands here again; write both in one entry",
        ),
        ("sections: AI", "1: sections is not a list"),
    ],
)
def test_what_cannot_be_in_the_editors_file_is_told(text: str, problem: str) -> None:
    """With its line."""
    with pytest.raises(EditsError) as caught:
        edits.parse(text.encode(), "e.yaml")

    assert f"e.yaml:{problem}" in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("style: short", "1: sections[0].style is 'short'; write full or brief"),
        ("line: {a: b}", "1: sections[0].line is not a text"),
    ],
)
def test_what_cannot_be_in_the_settings_is_told(keys: str, problem: str) -> None:
    """With its line."""
    with pytest.raises(SettingsError) as caught:
        settings.of_text(f"sections: [{{topic: AI, {keys}}}]".encode(), "digest.yaml")

    assert f"digest.yaml:{problem}" in str(caught.value)


def test_an_unknown_section_is_told_with_the_nearest(tmp_path: Path) -> None:
    """With and without sections in the settings; one that comes and goes with its topic waits."""
    (tmp_path / "edits").mkdir()
    file = tmp_path / "edits" / f"{DAY}.yaml"

    def chosen(text: str, sections: str = "") -> Issue:
        (tmp_path / "digest.yaml").write_text(f"archive: [{golden.SEEDS}]\n{sections}", "utf-8")
        file.write_text(text, "utf-8")
        asked = settings.load(str(tmp_path / "digest.yaml"))
        return pipeline.choose(asked, pipeline.window_of(asked, last=DAY)).issue

    for sections in ("", f"sections:{SECTIONS}"):
        with pytest.raises(EditsError) as caught:
            chosen("# mine\nsections:\n- {title: AI Ethcs, style: brief}\n", sections)
        assert str(caught.value) == f"{file}:3: the issue has no section 'AI Ethcs'; did you mean 'AI Ethics'?"
    # Dropping all of a topic takes its section away.
    candidates = [verdict.article for verdict in chosen("").verdicts]
    of_topic = [article.path for article in candidates if "AI in Healthcare" in article.topics]
    drops = "".join(f"- {{story: {path}}}\n" for path in of_topic)
    made = chosen(f"drop:\n{drops}sections: [{{title: AI in Healthcare, style: brief}}, {{title: AI, line: Mine}}]")
    assert of_topic
    assert [
        (part.title, part.style) for part in made.sections if part.title == "AI in Healthcare" or part.style == "brief"
    ] == []
    assert [part.line for part in made.sections if part.title == "AI"] == ["Mine"]


def test_the_editor_comes_before_the_settings(tmp_path: Path) -> None:
    """What she does not say stays as they have it; titles are the same in any case."""
    (tmp_path / "edits").mkdir()
    (tmp_path / "digest.yaml").write_text(f"archive: [{golden.SEEDS}]\nsections:{SECTIONS}", "utf-8")
    chosen = settings.load(str(tmp_path / "digest.yaml"))
    window = pipeline.window_of(chosen, last=DAY)

    def choice(text: str) -> list[tuple[str, str]]:
        (tmp_path / "edits" / f"{DAY}.yaml").write_text(text, "utf-8")
        return [(part.line, part.style) for part in pipeline.choose(chosen, window).issue.sections]

    assert choice("") == [("", "full"), (LINE, "brief")]
    assert choice("sections: [{title: ai, style: full}]") == [("", "full"), (LINE, "full")]
    assert choice("sections: [{title: AI, line: Mine}, {title: ai ethics, style: brief}]") == [
        ("", "brief"),
        ("Mine", "brief"),
    ]


def test_hashes_of_before_stay() -> None:
    """Settings and edits that say nothing of it have the hash that they had; others have another."""
    plain = edits.parse(b"change: [{story: a.md, title: Mine}]", "e.yaml")
    own = replace(plain, sections=(SectionChange(title="AI", style="brief"),))
    of = {
        keys: settings.of_text(f"sections: [{{topic: AI{keys}}}]".encode(), "digest.yaml").digest
        for keys in ("", ", style: full", ", style: brief", ", line: A")
    }

    assert record.hash_of(plain) == "1e70a1a8f0b1e95eb8daba7bfe9384a189e4dd0a1e2a9ac5127e0a6f676a6885"
    assert record.hash_of(own) != record.hash_of(plain)
    assert of[""] == of[", style: full"] == "3228302e1b415b89eb27e9df3056d83222c470815889f0275c2dbf592d7d61c2"
    assert len(set(of.values())) == 3


# --- the letter


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_every_look_shows_the_line(look: str) -> None:
    """Between the title and the first story, in both parts, escaped."""
    message = letter(shown(LINE), look)
    [part] = [each for each in re.split(r"<h2\b", message.html)[1:] if "Chips get colder" in each]

    order = [part.index(words) for words in ("Science &amp; more", "Who decides &amp; who is &lt;asked&gt;.", "Chips")]
    assert order == sorted(order)
    assert f"SCIENCE & MORE\n{LINE}\n\n" in message.text
    assert message.notes == ()


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_a_section_in_brief_is_a_line_or_two_for_each_story(look: str) -> None:
    """Headline and outlet, without excerpt, picture, date and other coverage; the other section is as it was."""
    brief, full = letter(shown(style="brief", at=0), look), letter(shown(), look)
    parts = re.split(r"<h2\b", brief.html)
    [part] = [each for each in parts[1:] if "Bees count to four" in each]

    assert re.findall(r"\(<?[^<]*?Wired Meadow(?:</span>)?\)", part) != []
    assert [words for words in ("They did it", "9 November", "<img", "Lab Notes") if words in part] == []
    assert (
        "1. Robots learn to fold towels (Wired Meadow)\n   https://news.example.com/lead?a=1&b=2\n\n2. Bees"
        in brief.text
    )
    assert part.count('href="https://news.example.com/') == 2
    # What follows is untouched, but for the lead that there is none of.
    assert brief.text.partition("SCIENCE")[2].split() == full.text.partition("SCIENCE")[2].split()


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_words_of_the_editor_stay_in_brief(look: str) -> None:
    """Kicker, excerpt, why it matters and blocks are shown; of a picture she is told that it is not."""
    made = shown(style="brief")
    picks = list(made.sections[1].picks)
    picks[0] = replace(
        picks[0],
        kicker=sanitize.text("Cold"),
        excerpt=sanitize.text("Hers."),
        why="It is *hot*.",
        picture=Picture(url=address("https://example.com/own.jpg")),
    )
    made = replace(made, sections=(made.sections[0], replace(made.sections[1], picks=tuple(picks))))
    message = letter(made, look)

    for part in (message.html, message.text):
        flat = " ".join(re.sub(r"<[^>]*>", "", part).split()).casefold()
        order = [flat.rindex(words) for words in ("cold", "chips get colder (", "hers.", "why it matters: it is hot.")]
        assert order[1:] == sorted(order[1:])
    assert "own.jpg" not in message.html
    assert message.notes == ("chips.md: your picture is not shown, since its section is brief",)


@pytest.mark.parametrize("why", ["", "It is *hot*.", "- hot\n- cold"])
@pytest.mark.parametrize("updates", [False, True])
def test_own_words_leave_no_hole_in_brief(why: str, *, updates: bool) -> None:
    """In the text one empty line parts what belongs to a story, and one story from the next."""
    made = shown(style="brief")
    lead = made.sections[1].picks[0].story.lead
    earlier = Ran(
        issue="2020-11-04",
        day=date(2020, 11, 4),
        title=sanitize.text("Chips get cold"),
        provider=lead.provider,
        published_at=None,
        addresses=frozenset(),
        coverage=1,
        web=address("https://example.com/old"),
    )
    update = Update(ran=earlier, new=("40",)) if updates else None
    picks = tuple(replace(pick, why=why, update=update) for pick in made.sections[1].picks)
    made = replace(made, sections=(made.sections[0], replace(made.sections[1], picks=picks)))
    stories = letter(made).text.partition("SCIENCE & MORE\n\n")[2].partition("\n-- \n")[0]

    assert stories.count("Update to") == 2 * updates
    assert stories.count("Why it matters: ") == 2 * bool(why)
    assert "\n\n\n" not in stories
    assert "\n\n4. Robots" in stories


def test_any_theme_is_brief() -> None:
    """The values themselves lack what is not shown, so that weight and time to read count what is."""
    brief, full = (view_of(shown(style=style, at=0)) for style in ("brief", "full"))

    for story in brief.sections[0].stories:
        assert (story.excerpt, story.picture, story.icon, story.also) == ("", None, None, ())
    assert any(story.picture and story.icon and story.also for story in full.sections[0].stories)
    assert brief.sections[1].stories == full.sections[1].stories
    assert [section.style for section in brief.sections] == ["brief", "full"]


def test_time_to_read_and_weight_count_what_is_shown() -> None:
    """A long text that is not shown takes no time and no room."""
    long = [
        article(excerpt="Word after word. " * 20, path=f"{name}.md", url=f"https://a.example.com/{name}")
        for name in "abcdefghij"
    ]
    made = issue(sections=(section(article()), section(*long, title="Long")))
    first, last = made.sections
    full, brief = (replace(made, sections=(first, replace(last, style=style))) for style in ("full", "brief"))

    assert [view_of(each).issue.reading_time for each in (full, brief)] == ["2 min read", "1 min read"]
    assert weight.of(letter(brief).html) < weight.of(letter(full).html) / 1.4


@given(st.text(max_size=60))
def test_any_line_is_only_words(words: str) -> None:
    """Whatever it is, it adds no element and is read as no template."""
    line = sanitize.text(f"{words} {{{{ 1234+1111 }}}} [[ theme.ink ]] <script>")
    made = view_of(shown(line))

    assert made.sections[1].line == line


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_a_hostile_line_is_printed_as_it_is(look: str) -> None:
    """Escaped, in every look, and never read as a template."""
    hostile = "{{ 1234+1111 }} {% raw %} [[ theme.ink ]] <mj-section> <script>x</script>"
    bad, good = letter(shown(hostile), look), letter(shown("Words"), look)

    assert ("2345" in bad.html, "2345" in bad.text) == (False, False)
    assert "{{ 1234+1111 }} {% raw %} [[ theme.ink ]] &lt;mj-section&gt; &lt;script&gt;x" in bad.html
    assert re.findall(r"<([a-z0-9]+)", bad.html) == re.findall(r"<([a-z0-9]+)", good.html)


def test_a_theme_that_shows_no_line_is_told(tmp_path: Path) -> None:
    """In HTML and in text, with the variable."""
    look = Path(theme(tmp_path))
    for name in ("issue.mjml", "issue.txt"):
        text = (look / name).read_text("utf-8").replace("section.line", "''")
        (look / name).write_text(text, "utf-8")

    assert letter(shown(LINE), str(look)).notes == (
        "Science & more: the theme does not show the line below its title in its HTML and plain text; "
        "show `section.line` there",
    )


# --- built, checked, explained, published


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
@pytest.mark.parametrize("tag", ["en", "ar", "ja"])
def test_a_built_issue_is_sound(tmp_path: Path, look: str, tag: str) -> None:
    """The record has line and style, `check` has nothing to say and misses a line that is lost."""
    lines = f"newsletter: {{language: {tag}}}\narchive: [{golden.SEEDS}]\ntemplates: {look}\nsections:{SECTIONS}"
    (tmp_path / "digest.yaml").write_text(lines, "utf-8")
    chosen = settings.load(str(tmp_path / "digest.yaml"))
    done = pipeline.build(chosen, pipeline.window_of(chosen, last=DAY))
    written = record.read(done.folder)

    assert [(part.get("line"), part.get("style")) for part in written["sections"]] == [(None, None), (LINE, "brief")]
    assert list(Draft202012Validator(record.json_schema()).iter_errors(written)) == []
    assert done.message.notes == ()
    assert [str(each) for each in checks.check(checks.load(done.folder)) if each.rule != "old-issue"] == []

    text = Path(done.folder, "index.txt")
    text.write_text(text.read_text("utf-8").replace("Who decides", "Who knows"), "utf-8")
    lost = [each for each in checks.check(checks.load(done.folder)) if each.rule == "block-missing"]
    assert [each.element for each in lost] == ["the line below “AI”"]


def test_explain_and_feeds_know_both(tmp_path: Path) -> None:
    """`explain` names them, and a feed has the line below the title."""
    (tmp_path / "digest.yaml").write_text(f"archive: [{golden.SEEDS}]\nsections:{SECTIONS}", "utf-8")
    chosen = settings.load(str(tmp_path / "digest.yaml"))
    done = pipeline.build(chosen, pipeline.window_of(chosen, last=DAY))
    told = explain.issue(record.read(done.folder))
    shelf = PublishedIssues(str(tmp_path / "out"), Places("https://example.com/issues/{id}/"), every=True)
    content = json.loads(feeds.make(shelf, newsletter())["feed.json"])["items"][0]["content_html"]

    assert told[told.index("AI (in brief)") + 1] == f"  line  {LINE}"
    assert "AI Ethics" in told
    assert "<h2>AI</h2><p>Who decides &amp; who is &lt;asked&gt;.</p><ul>" in content
    assert "<h2>AI Ethics</h2><ul>" in content
