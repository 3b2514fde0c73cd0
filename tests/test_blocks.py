"""The editor's own words between the stories: each kind, at each place, in each theme, and never lost."""

from __future__ import annotations

import html as entities
import json
import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import golden
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from samples import THEME, article, full_issue, issue, newsletter, section, theme

from digest import checks, cli, pipeline, rendering, weight
from digest.config import edits, settings
from digest.config.draft import Draft
from digest.config.values import Shape
from digest.errors import EditsError, RecordError, SettingsError
from digest.issue import record
from digest.model import Block, BlockKind, BlockLink
from digest.preview import editor
from digest.rendering import blocks, language, view
from digest.rendering.view import Budget, RenderOptions
from digest.site import feeds
from digest.site.issues import PublishedIssues
from digest.site.places import Places
from digest.text import sanitize
from digest.theme import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Issue, Message

DAY = date(2020, 11, 11)
LOOKS = sorted(str(path.parent) for path in Path(THEME).parent.glob("*/issue.mjml"))
SETTINGS = """
newsletter: {{language: {language}}}
archive: [{seeds}]
templates: {theme}
sections: [{{topic: AI, limit: 2}}, {{topic: Robotics, limit: 2}}]
blocks:
  - kind: sponsor
    name: Acme Lasers
    title: Cuts what others only mark
    text: Lasers for **small** workshops, [thirty days](https://acme.example.com/try) on trial.
    url: https://acme.example.com/?issue={{id}}
    picture: https://acme.example.com/laser.jpg
    alt: A laser on a workbench
    {place}
  - kind: note
    title: To the reader
    text: |
      We are back, with these:

      1. a saw
      2. a lamp

      - and a table

      > Good wood.

      ***

      ![A saw that listens](https://example.com/saw.jpg)
    {place}
  - kind: links
    title: Quick hits
    text: In passing.
    links: [{{title: A ferry without a crew, url: "https://example.com/ferry?a=1&b=2"}}]
    {place}
  - {{kind: quote, text: We saw it coming., name: Ada Ferrer, url: https://example.com/ada, {flow}}}
  - kind: picture
    picture: https://example.com/robot.jpg
    alt: A robot folds a towel
    text: At home.
    url: https://example.com/robot
    {place}
  - {{kind: story, title: We rode along, text: No crew., name: The editors, url: https://example.com/own, {flow}}}
  - kind: poll
    title: Which was best
    text: One click will do.
    choices: [{{title: The ferry, url: https://example.com/1}}, {{title: The lamp, url: https://example.com/2}}]
    {place}
"""
PLACES = ("at: top", "after: AI", "section: Robotics, position: 2", "at: end")


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def built(folder: Path, place: str, *, look: str = THEME, tongue: str = "en", more: str = "") -> pipeline.Built:
    """Build the sample with every kind of block at *place*, and *more* settings."""
    lines = place.replace(", ", "\n    ")
    text = SETTINGS.format(language=tongue, seeds=golden.SEEDS, theme=look, place=lines, flow=place)
    (folder / "digest.yaml").write_text(f"{text}{more}\n", "utf-8")
    chosen = settings.load(str(folder / "digest.yaml"))
    return pipeline.build(chosen, pipeline.window_of(chosen, last=DAY))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("tongue", ["en", "ar"])
@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_every_kind_is_shown_everywhere(tmp_path: Path, look: str, tongue: str, place: str) -> None:
    """Each kind stands in HTML and text, whatever theme, direction and place, and `check` finds nothing."""
    done = built(tmp_path, place, look=look, tongue=tongue)
    opened = checks.load(done.folder)
    label = language.load(tongue, {}).say("Advertisement")

    assert {block.kind for block in done.issue.blocks} == set(get_args(BlockKind))
    assert done.message.notes == ()
    assert [str(found) for found in checks.check(opened) if found.rule != "old-issue"] == []
    assert label in done.message.html
    assert label.upper() in done.message.text
    for address in re.findall(r"https://[\w./?=&-]+", done.message.text.replace("\u2066", " ")):
        assert entities.escape(address) in done.message.html or "example.com/saw" in address


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_words_keep_their_direction(tmp_path: Path, look: str) -> None:
    """A full stop stands where its sentence ends, whatever the letter's direction; no mark where they are the same."""
    words = {"en": "We are <em>back</em>.", "ar": "\u0639\u062f\u0646\u0627 <em>\u0627\u0644\u064a\u0648\u0645</em>."}
    marked = {"en": '<span dir="ltr">We are', "ar": '<span dir="rtl">\u0639\u062f\u0646\u0627'}
    written = [re.sub("</?em>", "*", line) for line in words.values()]
    (tmp_path / "edits").mkdir()
    text = "\n\n".join(written)
    (tmp_path / "edits" / f"{DAY}.yaml").write_text(yaml.safe_dump({"introduction": text}, allow_unicode=True), "utf-8")
    for own, foreign in (("en", "ar"), ("ar", "en")):
        message = built(tmp_path, "at: end", look=look, tongue=own, more="fragment: true").message
        for part in (message.html, message.fragment):
            assert marked[foreign] in part
            assert marked[own] not in part
            assert words[own] in part


def test_a_sponsor_is_marked(tmp_path: Path) -> None:
    """Its links say that they are paid for, and no other link does; `{id}` in its address is the issue."""
    page = built(tmp_path, "at: top").message.html
    paid = re.findall(r'<a [^>]*rel="sponsored"[^>]*>', page)

    assert [re.findall('href="([^"]*)"', link)[0] for link in paid] == [
        "https://acme.example.com/?issue=2020-11-11",
        "https://acme.example.com/try",
    ]
    assert page.count("sponsored") == 2


def test_every_address_of_a_block_may_name_the_issue() -> None:
    """`{id}` is the issue in the address of a block, of its picture and of each of its lines."""
    address = "https://example.com/{id}"
    link = BlockLink(title=sanitize.text("A"), url=address)
    written = Block(kind="poll", url=address, picture=address, links=(link,))

    made = written.of_issue("2020-11-11")

    assert {made.url, made.picture, made.links[0].url} == {"https://example.com/2020-11-11"}


# --- places


TITLES = ("AI", "Robotics", "Poetry", "Chess")


@st.composite
def issues(draw: st.DrawFn) -> tuple[Issue, tuple[str, ...]]:
    """An issue of up to three sections with blocks all over it, and the stories that had no room in its letter."""
    sections, paths = [], []
    for title in draw(st.lists(st.sampled_from(TITLES[:3]), min_size=1, max_size=3, unique=True)):
        names = [f"{title}-{number}.md" for number in range(draw(st.integers(1, 4)))]
        told = [article(name, path=name, url=f"https://news.example.com/{name}") for name in names]
        sections.append(section(*told, title=title))
        paths += names
    spots = st.one_of(
        st.tuples(st.sampled_from(["top", "end"]), st.just(""), st.just(1)),
        st.tuples(st.just("after"), st.sampled_from([*TITLES, "ai"]), st.just(1)),
        st.tuples(st.just("inside"), st.sampled_from(TITLES), st.integers(1, 6)),
    )
    written = tuple(
        Block(kind="note", spot=spot, section=title, position=position, text=f"word{number}x")  # type: ignore[arg-type]
        for number, (spot, title, position) in enumerate(draw(st.lists(spots, max_size=8)))
    )
    gone = draw(st.sets(st.sampled_from(paths))) - {paths[0]}
    return replace(issue(sections=tuple(sections)), blocks=written), tuple(sorted(gone))


def in_reading_order(shown: view.View) -> list[str]:
    """Return what a theme shows, from top to end: titles of sections, paths of stories, and words of blocks."""

    def own(of: tuple[blocks.BlockView, ...]) -> list[str]:
        return [block.paragraphs[0].text for block in of]

    order = own(shown.blocks.top)
    for part in shown.sections:
        order.append(f"# {part.title}")
        for told in part.stories:
            order += [*own(told.blocks), told.headline]
        order += own(part.blocks)
    return order + own(shown.blocks.end)


@given(issues())
def test_every_block_stands_where_it_was_asked_for(drawn: tuple[Issue, tuple[str, ...]]) -> None:
    """Once each, whatever had no room: at its end, behind its section, or before its story, and in order as written."""
    made, gone = drawn
    spoken = language.load("en", {})
    frame = RenderOptions(language=spoken, room=Budget(web_only=gone), images="off", links={})
    order = in_reading_order(view.of(made, newsletter(), frame))
    at = {words: place for place, words in enumerate(order)}
    titles = [part.title.casefold() for part in made.sections]
    stories = [path for part in made.sections for path in (pick.article.path for pick in part.picks)]
    heading = min(at[f"# {part.title}"] for part in made.sections if f"# {part.title}" in at)
    last = max(at[path] for path in stories if path in at)

    assert sorted(words for words in order if words.startswith("word")) == sorted(each.text for each in made.blocks)
    for block in made.blocks:
        place = at[block.text]
        if block.spot == "top":
            assert place < heading
        elif block.spot == "end" or block.section.casefold() not in titles:
            assert place > last
        else:
            number = titles.index(block.section.casefold())
            mine = [pick.article.path for pick in made.sections[number].picks]
            later = [path for part in made.sections[number + 1 :] for path in (one.article.path for one in part.picks)]
            before = stories[: stories.index(mine[0])]
            ahead = mine if block.spot == "after" else mine[: block.position - 1]
            behind = later if block.spot == "after" else [*mine[block.position - 1 :], *later]
            assert all(at[path] < place for path in [*before, *ahead] if path in at)
            assert all(at[path] > place for path in behind if path in at)
    for one, other in zip(made.blocks, made.blocks[1:], strict=False):
        if (one.spot, one.section, one.position) == (other.spot, other.section, other.position):
            assert at[one.text] < at[other.text]


def test_nothing_is_given_up_for_the_size(tmp_path: Path) -> None:
    """A letter that is cut to its first story still has its sponsor, and all else that the editor wrote."""
    made = built(tmp_path, "section: Robotics, position: 2").issue
    shape = Shape(limit=1_000)

    cut = rendering.render(made, newsletter(), load(THEME, {}, language="en"), shape, weight.of)

    assert len(cut.web_only) == len(made.picks) - 1
    assert [note for note in cut.notes if "size.limit" not in note] == []
    assert "Acme Lasers" in cut.html
    assert "Acme Lasers" in cut.text


# --- lost, and told


def note(words: str = "A few words.", **given: Any) -> Block:
    """Return a note."""
    return Block(kind="note", text=words, place="digest.yaml:3", **given)


def letter(look: str, *own: Block) -> Message:
    """Return the letter of a full issue with blocks."""
    shown = replace(full_issue(), blocks=own)
    return rendering.render(shown, newsletter(), load(look, {}, language="en"))


def unable(folder: Path) -> str:
    """Return a theme that knows no blocks."""
    look = theme(folder)
    for file in [*Path(look).glob("*.mjml"), Path(look) / "issue.txt"]:
        file.write_text(re.sub(r"\{\{ shown\(.*?\}\}", "", file.read_text("utf-8")), "utf-8")
    return look


def test_a_theme_that_shows_no_blocks_is_told(tmp_path: Path) -> None:
    """A line for each, with its place in the settings; the letter is built all the same."""
    made = letter(unable(tmp_path), note(), Block(kind="sponsor", name=sanitize.text("Acme"), place="digest.yaml:7"))

    assert made.notes == (
        "digest.yaml:3: the theme does not show note in its HTML and plain text; show `blocks` there",
        "digest.yaml:7: the theme does not show sponsor “Acme” in its HTML and plain text; show `blocks` there",
    )


def test_a_block_without_its_section_is_told() -> None:
    """It stands at the end, and the build says so."""
    made = letter(THEME, note(spot="after", section="Poetry"))

    assert made.notes == ("digest.yaml:3: the issue has no section 'Poetry'; note stands at the end",)
    assert made.text.index("A few words.") > made.text.rindex("https://news.example.com/")


def test_a_section_that_there_cannot_be_is_an_error(tmp_path: Path) -> None:
    """In the settings where these name all sections, and in the editor's file; one that is left out is none."""
    for name in ("Robotcs", "Poetry"):
        text = (
            f"sections: [{{topic: AI}}, {{topic: Robotics}}]\nblocks:\n- {{kind: note, text: Words, after: {name}}}\n"
        )
        (tmp_path / "digest.yaml").write_text(text, "utf-8")
        with pytest.raises(SettingsError, match=f"digest.yaml:3: no section is '{name}'"):
            settings.load(str(tmp_path / "digest.yaml"))
    (tmp_path / "edits").mkdir()
    for sections in ("sections: [{topic: AI}, {topic: Robotics}]\n", ""):
        (tmp_path / "digest.yaml").write_text(f"archive: [{golden.SEEDS}]\n{sections}", "utf-8")
        chosen = settings.load(str(tmp_path / "digest.yaml"))
        file = tmp_path / "edits" / f"{DAY}.yaml"
        file.write_text("# mine\nblocks:\n- {kind: note, text: Words, after: Robotcs}\n", "utf-8")
        with pytest.raises(
            EditsError, match=re.escape(f"{file}:3: the issue has no section 'Robotcs'; did you mean 'R")
        ):
            pipeline.choose(chosen, pipeline.window_of(chosen, last=DAY))


def test_a_section_is_named_as_its_title_is_written() -> None:
    """Also where that is not how a letter shows it, as with two blanks in a row."""
    for place in ("after", "section"):
        text = f"sections: [{{topic: AI, title: A  I}}]\nblocks: [{{kind: note, text: Words, {place}: a  i}}]\n"

        assert settings.of_text(text.encode(), "digest.yaml").blocks[0].section == "a  i"


def test_a_drop_may_take_the_section_of_a_block_away(tmp_path: Path) -> None:
    """Where the last story of a section is dropped the block stays, at the end."""
    (tmp_path / "edits").mkdir()
    sections = "sections: [{topic: AI}, {title: Robotics, match: {path: '*ferry*'}}]\n"
    (tmp_path / "digest.yaml").write_text(f"archive: [{golden.SEEDS}]\n{sections}", "utf-8")
    chosen = settings.load(str(tmp_path / "digest.yaml"))
    window = pipeline.window_of(chosen, last=DAY)
    (ferry,) = pipeline.choose(chosen, window).issue.sections[1].picks
    text = f"drop: [{{story: {ferry.article.path}}}]\nblocks: [{{kind: note, text: Words, after: Robotics}}]\n"
    (tmp_path / "edits" / f"{DAY}.yaml").write_text(text, "utf-8")

    made = pipeline.build(chosen, window)

    assert [part.title for part in made.issue.sections] == ["AI"]
    assert made.message.notes == (f"{DAY}.yaml:2: the issue has no section 'Robotics'; note stands at the end",)
    assert "Words" in made.message.text


CHANGED = """
change:
  - story: Crewless ferry makes first night crossing between Skarvik and Hallen
    kicker: At sea
    why: |
      Nobody sailed there *by night*.

      - [A map](https://example.com/map)
"""


def with_words(folder: Path, look: str) -> pipeline.Built:
    """Build the sample with the editor's own words on a story."""
    (folder / "edits").mkdir()
    (folder / "edits" / f"{DAY}.yaml").write_text(CHANGED, "utf-8")
    (folder / "digest.yaml").write_text(f"archive: [{golden.SEEDS}]\ntemplates: {look}\n", "utf-8")
    chosen = settings.load(str(folder / "digest.yaml"))
    return pipeline.build(chosen, pipeline.window_of(chosen, last=DAY))


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_a_story_has_the_editors_words_around_it(tmp_path: Path, look: str) -> None:
    """A kicker above the headline, and why it matters below the excerpt, in both parts and in the record."""
    done = with_words(tmp_path, look)
    (pick,) = [pick for pick in done.issue.picks if pick.kicker]
    recorded = [pick["changed"] for part in record.read(done.folder)["sections"] for pick in part["picks"]]

    for part in (done.message.html, done.message.text):
        flat = " ".join(re.sub(r"<[^>]*>", "", part).split()).casefold()
        order = [flat.rindex(words) for words in ("at sea", "crewless ferry makes", "why it matters: nobody", "a map")]
        assert order == sorted(order)
    assert done.message.notes == ()
    assert [str(found) for found in checks.check(checks.load(done.folder)) if found.rule != "old-issue"] == []
    assert {"title": None, "excerpt": None, "kicker": "At sea", "why": pick.why} in recorded
    assert {"title": None, "excerpt": None} in recorded
    assert list(Draft202012Validator(record.json_schema()).iter_errors(record.read(done.folder))) == []


def test_a_theme_that_shows_no_words_on_a_story_is_told(tmp_path: Path) -> None:
    """A line for each, with the article's path."""
    look = Path(theme(tmp_path))
    for name in ("story.mjml", "issue.txt"):
        text = (look / name).read_text("utf-8").replace("story.kicker", "story.note").replace("story.why", "[]")
        (look / name).write_text(text, "utf-8")

    notes = with_words(tmp_path, str(look)).message.notes

    assert [re.sub(r"^2020\S*ferry\S*\.md", "PATH", note) for note in notes] == [
        "PATH: the theme does not show the kicker in its HTML and plain text; show `story.kicker` there",
        "PATH: the theme does not show why it matters in its HTML and plain text; show `story.why` there",
    ]


def test_words_on_a_story_stay_when_the_desk_changes_others() -> None:
    """Taking back a title leaves the kicker; an edit without them keeps the hash it had."""
    draft = Draft(b"change:\n- story: a.md\n  title: Mine\n  kicker: At sea\n", "e.yaml", {})
    draft.change(["a.md"], {"title": "", "excerpt": ""})
    several = Draft(b"change:\n- {story: a.md, title: Mine}\n- {story: b.md, title: Too, why: So}\n", "e.yaml", {})
    several.change(["a.md", "b.md"], {"title": "", "excerpt": ""})
    plain = edits.parse(b"change: [{story: a.md, title: Mine}]", "e.yaml")

    assert draft.to_bytes() == b"change:\n- story: a.md\n  kicker: At sea\n"
    assert several.to_bytes() == b"change:\n- {story: b.md, why: So}\n"
    assert record.hash_of(plain) == "1e70a1a8f0b1e95eb8daba7bfe9384a189e4dd0a1e2a9ac5127e0a6f676a6885"


# --- hostile


HOSTILE = "{{ 1234+1111 }} {% raw %} [[ theme.ink ]] jinjax0001x <mj-section> <script>x</script> & \"q\" 'q'"


def of_each_kind(words: str) -> list[Block]:
    """Return a block of each kind that says *words* in all its fields."""
    said = sanitize.text(words)
    given: dict[str, Any] = {"title": said, "name": said, "alt": said, "picture": "https://example.com/a.png"}
    link = BlockLink(title=said, url="https://example.com/{{1234+1111}}")
    escaped = words.replace("<", "\\<")
    return [Block(kind=kind, text=escaped, links=(link,), **given) for kind in get_args(BlockKind)]


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_words_are_never_read_as_a_template(look: str) -> None:
    """Whatever stands in a block is printed as it is, escaped, in each of its fields."""
    made, sound = (letter(look, *of_each_kind(words)) for words in (HOSTILE, "Words"))

    assert ("2345" in made.text, "2345" in made.html) == (False, False)
    assert made.html.count("{{ 1234+1111 }} {% raw %} [[ theme.ink ]] jinjax0001x &lt;mj-section&gt;") >= 14
    assert elements(made.html) == elements(sound.html)


def elements(page: str) -> list[str]:
    """Return the elements of a page with the names of their attributes, in their order."""
    return [re.sub(r'"[^"]*"', "", tag) for tag in re.findall(r"<[a-z][^>]*>", page)]


# --- record, feed, build


def test_the_record_keeps_them(tmp_path: Path) -> None:
    """By its schema, with the word that marks a sponsor; where there are none, it has no trace of them."""
    done = built(tmp_path, "after: AI")
    read = record.read(done.folder)

    assert list(Draft202012Validator(record.json_schema()).iter_errors(read)) == []
    assert [(each["kind"], each["label"]) for each in read["blocks"][:2]] == [
        ("sponsor", "Advertisement"),
        ("note", ""),
    ]
    assert read["blocks"][0]["place"] == "digest.yaml:7"
    assert "blocks" not in record.of_choice(full_issue())


def test_what_shapes_a_letter_is_in_its_hashes(tmp_path: Path) -> None:
    """A block changes the hash of settings or edits, its line in the file does not, and none leaves it as it was."""

    def of(text: str) -> str:
        (tmp_path / "digest.yaml").write_text(text, "utf-8")
        return settings.load(str(tmp_path / "digest.yaml")).digest

    one = "blocks: [{kind: note, text: One}]"
    assert of(one) == of(f"# a line\n{one}") != of("blocks: [{kind: note, text: Two}]")
    assert of("") == of("blocks: []") != of(one)
    hashes = [record.hash_of(edits.parse(text.encode(), "e.yaml")) for text in (one, f"# a line\n{one}", "")]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("change", [{"kind": 1}, {"links": [{"title": "x"}]}, None])
def test_a_damaged_record_is_told(tmp_path: Path, change: dict[str, Any] | None) -> None:
    """A record whose blocks lack something is no traceback."""
    done = built(tmp_path, "at: top")
    file = Path(done.folder) / "issue.json"
    read = json.loads(file.read_text("utf-8"))
    read["blocks"][0] = {**read["blocks"][0], **change} if change else {}
    file.write_text(json.dumps(read), "utf-8")
    if change == {"kind": 1}:
        assert record.read(done.folder)
    else:
        with pytest.raises(RecordError, match="is not a record that digest wrote"):
            record.read(done.folder)


def test_the_feed_has_them(tmp_path: Path) -> None:
    """In their places among the headlines, a sponsor marked as one, and no address that acts."""
    done = built(tmp_path, "after: AI")
    file = Path(done.folder) / "issue.json"
    read = json.loads(file.read_text("utf-8"))
    read["blocks"][2]["links"][0]["url"] = "javascript:alert(1)"
    read["blocks"][3]["name"] = ""
    file.write_text(json.dumps(read), "utf-8")
    shelf = PublishedIssues(str(tmp_path / "out"), Places("https://example.com/issues/{id}/"), every=True)

    content = json.loads(feeds.make(shelf, newsletter())["feed.json"])["items"][0]["content_html"]

    assert (
        '<p>Advertisement: <a href="https://acme.example.com/?issue=2020-11-11" rel="sponsored">Acme Lasers</a></p>'
        in content
    )
    assert content.index("<h2>AI</h2>") < content.index("Acme Lasers") < content.index("<h2>Robotics</h2>")
    assert "<p>1. a saw</p><p>2. a lamp</p><p>• and a table</p>" in content
    assert '<img src="https://example.com/saw.jpg" alt="A saw that listens">' in content
    assert "<p>A ferry without a crew</p>" in content
    assert '<a href="https://example.com/robot"><img src="https://example.com/robot.jpg" alt="A robot folds' in content
    assert '<p><a href="https://example.com/ada">https://example.com/ada</a></p>' in content
    assert "javascript" not in content


def test_the_build_says_what_it_shows(tmp_path: Path) -> None:
    """Each block with where it stands and is written, as lines and as JSON."""
    built(tmp_path, "section: AI, position: 2")
    run = CliRunner().invoke
    common = ["build", "--date", str(DAY), "--config", str(tmp_path / "digest.yaml")]

    lines = run(cli.main, common).output
    values = json.loads(run(cli.main, [*common, "--json"]).stdout)

    assert "\nYour own words\n  sponsor “Acme Lasers”, in AI, at 2 (digest.yaml:7)\n" in lines
    assert values["blocks"][0] == {
        "kind": "sponsor",
        "name": "Acme Lasers",
        "where": "in AI, at 2",
        "place": "digest.yaml:7",
    }


def test_the_desk_lists_them(tmp_path: Path) -> None:
    """Each with where it stands and is written, in an issue at work and in one that was built."""
    done = built(tmp_path, "after: AI")
    panels = editor.of_record(record.read(done.folder)), editor.of_issue(done.issue, done.message)

    of_record, at_work = (
        [(place, card) for place, placed in panel.blocks.at.items() for card in placed] for panel in panels
    )
    assert of_record == [(place, replace(card, is_of_every_issue=False)) for place, card in at_work]
    assert {card.is_of_every_issue for _, card in at_work} == {True}  # All are of digest.yaml; a record needs no word.
    assert [(card.kind, card.heading, card.where, card.place) for card in panels[0].blocks.behind(0)[:2]] == [
        ("sponsor", "Acme Lasers", "after AI", "digest.yaml:7"),
        ("note", "To the reader", "after AI", "digest.yaml:15"),
    ]


def test_both_files_may_have_some(tmp_path: Path) -> None:
    """Those of every issue come first, then those of this one."""
    (tmp_path / "edits").mkdir()
    (tmp_path / "digest.yaml").write_text(
        f"archive: [{golden.SEEDS}]\nblocks: [{{kind: note, text: Every}}]\n", "utf-8"
    )
    (tmp_path / "edits" / f"{DAY}.yaml").write_text("blocks: [{kind: note, text: This}]\n", "utf-8")
    chosen = settings.load(str(tmp_path / "digest.yaml"))

    made = pipeline.choose(chosen, pipeline.window_of(chosen, last=DAY)).issue

    assert [block.text for block in made.blocks] == ["Every", "This"]
