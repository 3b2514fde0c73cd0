"""`digest theme new NAME --from FILE.mjml`: a designer's file becomes a theme that builds, checks and sends."""

from __future__ import annotations

import contextlib
import re
import shutil
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from samples import SEEDS

from digest import checks, cli, pipeline
from digest.config import settings
from digest.errors import ThemeError
from digest.model import BlockKind
from digest.theme import adopting, own_words

DESIGNS = Path(__file__).parent / "designs"
DAY = "2020-11-11"
SECTION = "<mj-section><mj-column>{}</mj-column></mj-section>"


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set up the sample archive, with settings that name a sender."""
    monkeypatch.chdir(tmp_path)
    run("init", "--demo")
    return tmp_path


def run(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli.main, list(arguments))


@pytest.mark.parametrize(
    ("design", "options"),
    [("bulletin", ()), ("cards", ("--story", "5")), ("service", ())],
    ids=["marked", "line", "tags"],
)
def test_a_design_builds_checks_and_sends(room: Path, design: str, options: tuple[str, ...]) -> None:
    """A theme made of a file is compiled, checked and handed over without another edit, each story once."""
    made = run("theme", "new", design, "--from", str(DESIGNS / f"{design}.mjml"), *options)
    written = Path("digest.yaml").read_text(encoding="utf-8")
    Path("digest.yaml").write_text(f"{written}\ntemplates: templates/{design}\n", encoding="utf-8")
    Path("readers.csv").write_text("email\nreader@example.com\n", encoding="utf-8")
    done = [run("theme", "check"), run("build", "--date", DAY), run("check", DAY)]
    sent = run("send", DAY, "--to", "outbox", "--recipients", "readers.csv", "--send", "--yes")
    page = (room / "out" / DAY / "index.html").read_text(encoding="utf-8")

    assert made.exit_code == 0, made.output
    assert [each.exit_code for each in done] == [0, 0, 0], [each.output for each in done]
    assert "error" not in done[2].output.partition("out/")[0]
    assert sent.exit_code == 0, sent.output
    assert len(re.findall(r"<h2 ", page)) == 18
    assert page.count("design.example.com/boat.png") == page.count("design.example.com/card.png") == 0


def test_merge_tags_become_variables_or_are_named(room: Path) -> None:
    """Each tag of another service is told with what became of it; what no variable is like is taken out."""
    made = run("theme", "new", "mine", "--from", str(DESIGNS / "service.mjml"))
    mjml = (room / "templates" / "mine" / "issue.mjml").read_text(encoding="utf-8")

    assert made.output.splitlines() == [
        "note *|MC:SUBJECT|*: is now {{ subject }}",
        "note *|MC_PREVIEW_TEXT|*: is now {{ preheader }}",
        "note {{contact.FIRSTNAME}}: was taken out; no variable of an issue is like it",
        "note *|ARCHIVE|*: is now {{ web_url }}",
        "note *|LIST:COMPANY|*: is now {{ newsletter.name }}",
        "note [[POSTAL_ADDRESS]]: is now {{ newsletter.postal }}",
        "note %unsubscribe_url%: is now {{ unsubscribe_url }}",
        "note {firstname}: was taken out; no variable of an issue is like it",
        "note a last section was added with what the file lacks: why readers get it",
        "templates/mine: written; change it, and name it with `templates: templates/mine` or --templates "
        "templates/mine",
    ]
    assert "firstname" not in mjml.casefold()


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("[[POSTAL_ADDRESS]]", "{{ newsletter.name|isolated }}{{ _(', ') }}{{ newsletter.postal|isolated }}"),
        ("*|LIST:COMPANY|*, *|LIST:ADDRESS|*", "{{ newsletter.name }}, {{ newsletter.postal }}"),
        ("[[PERMALINK_LABEL]]", "{{ _('Read on the web') }}"),
        ("<a href={{unsubscribe}}>x</a>", '<a href="{{ unsubscribe_url }}">x</a>'),
        ("<a href={{more}} id=a>x</a>", '<a href="" id=a>x</a>'),
        ("{{#if preview}}a{{else}}b{{/if}}", "ab"),
        ("{{if .Address}}a{{ end }}{{range .Subjects}}", "a"),
        ("*|IF:ADDRESS|*a*|END:IF|*", "a"),
        ("<% if subject %>a<% end %>{{> address}}", "a"),
        ("{{ format_date }}{{ if }}{{ section }}", "{{ issue.period }}"),
    ],
)
def test_a_tag_becomes_what_it_stands_for(tag: str, expected: str) -> None:
    """An address has a name before it, a label is words, and what decides or repeats is taken out."""
    story = SECTION.format("<mj-text>a</mj-text>")
    source = f"<mjml><mj-body>{SECTION.format(f'<mj-text>{tag}</mj-text>')}{story}</mj-body></mjml>"
    assert f"<mj-text>{expected}</mj-text>" in adopting.adopt(source, "a.mjml", adopting.parts(source)[1]).mjml


def test_without_a_mark_nothing_is_written(room: Path) -> None:
    """Where nobody can be asked, one line says how to mark a story, and there is no half of a theme."""
    done = run("theme", "new", "mine", "--from", str(DESIGNS / "cards.mjml"))
    nowhere = run("theme", "new", "mine", "--from", str(DESIGNS / "cards.mjml"), "--story", "99")
    shutil.copy(DESIGNS / "cards.mjml", "cards.txt")
    Path("empty.mjml").write_text("<mjml></mjml>", encoding="utf-8")
    empty = run("theme", "new", "mine", "--from", "empty.mjml")

    assert (done.exit_code, done.output) == (
        1,
        f"{DESIGNS / 'cards.mjml'}: does not say where the stories go; put <!-- story --> before what shows one, and "
        "<!-- /story --> behind it, or name its line with --story (sections begin at 3, 4)\n",
    )
    assert (nowhere.exit_code, nowhere.output) == (
        1,
        f"{DESIGNS / 'cards.mjml'}:99: is in no section; name one of these lines: 3, 4\n",
    )
    assert (empty.exit_code, empty.output) == (1, "empty.mjml: has no <mj-body>; name a file of MJML\n")
    assert run("theme", "new", "mine", "--from", "missing.mjml").output.startswith("missing.mjml: ")
    assert not (room / "templates").exists()


def test_a_line_that_is_named_is_stronger_than_a_mark(room: Path) -> None:
    """--story takes the section of its line, though the file has marks around another."""
    parts = (SECTION.format(f"<mj-text>{name}</mj-text>") for name in ("One", "Two"))
    marked = "<mjml><mj-body>\n{}\n<!-- story -->\n{}\n<!-- /story -->\n</mj-body></mjml>".format(*parts)
    Path("marked.mjml").write_text(marked, encoding="utf-8")
    run("theme", "new", "mine", "--from", "marked.mjml", "--story", "2")
    mjml = (room / "templates" / "mine" / "issue.mjml").read_text(encoding="utf-8")
    assert ("One" in mjml, "Two" in mjml) == (False, True)


def test_tags_of_a_design_end_where_they_end() -> None:
    """A > in an attribute ends no tag, an empty text takes nothing with it, and a title in a comment is none."""
    story = SECTION.format("<mj-image src='a' alt='a > b' /><mj-text /><mj-text align='left'>Words</mj-text>")
    head = "<mj-head ><!-- <mj-title>Old</mj-title> --></mj-head>"
    source = f"<mjml>{head}<mj-body>{story}</mj-body></mjml>"
    mjml = adopting.adopt(source, "a.mjml", adopting.parts(source)[0]).mjml
    assert "<!-- <mj-title>Old</mj-title> -->" in mjml
    assert mjml.startswith('<mjml><mj-head ><mj-style inline="inline">')
    assert "</mj-raw>\n<mj-preview>{{ preheader }}</mj-preview><mj-title>{{ subject }}</mj-title><!-- " in mjml
    image = '<mj-image src="{{ story.picture }}" alt="{{ story.picture_alt }}" font-size="16px" />'
    credit = "<mj-text align='left'><p style=\"margin:0\">{{ story.picture_credit|isolated }}</p></mj-text>"
    shown = f"{image}{{% if story.picture_credit %}}{credit}{{% endif %}}{{% endif %}}"
    assert f"{shown}<mj-text /><mj-text align='left'>{{% if story.kicker %}}" in mjml
    assert "Words" not in mjml


def test_what_is_added_stands_in_no_comment() -> None:
    """Neither the styles in a head that is switched off, nor the law's lines behind a body's end that is."""
    story = f"<!-- story -->{SECTION.format('<mj-text>a</mj-text>')}<!-- /story -->"
    body = f'<mj-body css-class="a>b">{story}</mj-body >'
    source = f"<mjml><!-- <mj-head> <mj-body> --><mj-head>\n</mj-head>{body}<!-- </mj-body> --></mjml>"
    mjml = adopting.adopt(source, "a.mjml").mjml

    assert mjml.startswith('<mjml><!-- <mj-head> <mj-body> --><mj-head><mj-style inline="inline">')
    assert '<mj-body css-class="a>b">\n[% include "blocks.mjml" %]' in mjml
    assert mjml.endswith("{% endif %}\n</mj-body ><!-- </mj-body> --></mjml>")
    assert "unsubscribe_url" in mjml


def test_a_picture_alone_gets_its_headline_where_it_stands() -> None:
    """In a column the headline is one more of its elements; around sections it is a section more."""
    image = '<mj-image src="a.png" />'
    inside = f"<mj-section><mj-column><!-- story -->{image}<!-- /story --></mj-column></mj-section>"
    around = f"<!-- story --><mj-section><mj-column>{image}</mj-column></mj-section><!-- /story -->"
    column, section = (
        adopting.adopt(f"<mjml><mj-body>{body}</mj-body></mjml>", "a.mjml").mjml for body in (inside, around)
    )

    assert "{% endif %}<mj-text>{% if story.kicker %}" in column
    assert "</mj-section><mj-section><mj-column><mj-text>{% if story.kicker %}" in section


EVERYTHING = """
newsletter:
  name: Machines of the Week
  language: {language}
  first_number: 12
  tagline: In plain words
  logo: {{picture: https://example.com/logo.png, dark: https://example.com/dark.png, width: 200}}
  social: [{{name: Mastodon, url: https://social.example.com/@week}}, {{name: Podcast, url: https://example.com/pod}}]
  signature: {{text: "Until [Wednesday](https://example.com/w).", name: Ada Ferrer, role: Editor,
    picture: https://example.com/ada.jpg, alt: Ada at her desk}}
  subscribe: https://example.com/subscribe
  feedback: {{links: [{{title: Good, url: "https://example.com/{{id}}"}}, {{title: Poor, url: https://example.com/p}}]}}
sections:
  - {{topic: AI, limit: 2, line: "What machines learned, and from whom."}}
  - {{topic: Robotics, limit: 2, style: brief}}
blocks:
  - {{kind: sponsor, name: Acme Lasers, title: Cuts, text: "For **all**.", url: https://acme.example.com/, at: top,
    picture: https://acme.example.com/laser.jpg, alt: A laser on a bench}}
  - {{kind: note, title: A note, text: "Some *talk* to you.", after: AI}}
  - {{kind: links, title: Quick, links: [{{title: First link, url: https://example.com/1}}], section: AI, position: 2}}
  - {{kind: quote, text: We saw it coming., name: Grace H., url: https://example.com/q, section: Robotics, position: 1}}
  - {{kind: picture, picture: https://example.com/map.png, alt: A map of the coast, at: end}}
  - {{kind: story, title: A story elsewhere, text: Told by phone., url: https://example.com/s, name: Post, after: AI}}
  - {{kind: poll, title: "More?", choices: [{{title: "Yes", url: https://example.com/y}}, {{title: "No",
    url: https://example.com/n}}], at: end}}
archive: [{seeds}]
templates: templates/mine
"""
EDITS = """
introduction: Good *morning*.
change:
  - story: Grading algorithm marked down evening students for nine years, inquiry finds
    kicker: Above all of it
    why: Because of [a map](https://example.com/map).
    picture: https://example.com/ferry.jpg
    alt: A ferry at night
    credit: "Picture: Bea Ferrer"
"""
PLAIN = """
newsletter: {{name: Machines of the Week, language: {language}}}
sections: [{{topic: AI, limit: 2}}, {{topic: Robotics, limit: 2}}]
archive: [{seeds}]
templates: templates/mine
"""


def built(text: str, tongue: str) -> pipeline.Built:
    """Build the sample with the settings *text*."""
    Path("digest.yaml").write_text(text.format(language=tongue, seeds=SEEDS), encoding="utf-8")
    chosen = settings.load("digest.yaml")
    return pipeline.build(chosen, pipeline.window_of(chosen, last=date.fromisoformat(DAY)))


@pytest.mark.parametrize("tongue", ["en", "ar"])
@pytest.mark.parametrize("design", ["bulletin", "cards", "service"])
def test_a_design_shows_all_that_a_newsletter_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, design: str, tongue: str
) -> None:
    """With every setting there is nothing that the theme does not show, and nothing that `check` says of it alone."""
    monkeypatch.chdir(tmp_path)
    options = ("--story", "5") if design == "cards" else ()
    run("theme", "new", "mine", "--from", str(DESIGNS / f"{design}.mjml"), *options)
    plain = built(PLAIN, tongue)
    of_the_design = {(each.rule, each.what) for each in checks.check(checks.load(plain.folder))}
    Path("edits").mkdir()
    Path("edits", f"{DAY}.yaml").write_text(EDITS, encoding="utf-8")
    done = built(EVERYTHING, tongue)
    findings = [each for each in checks.check(checks.load(done.folder)) if (each.rule, each.what) not in of_the_design]

    assert done.message.notes == ()
    assert [str(each) for each in findings] == []
    assert {block.kind for block in done.issue.blocks} == set(get_args(BlockKind))
    for part in (done.message.html, done.message.text):
        flat = " ".join(re.sub(r"<[^>]*>", "", part).split()).casefold()
        for expected in ("above all of it", "because of", "in plain words", "what machines learned", "ada ferrer"):
            assert flat.count(expected) == 1
    # Without all that there is no trace of it.
    assert [name for name in ("logo", "portrait", 'class="words"', "Forwarded") if name in plain.message.html] == []


def test_own_words_stand_on_the_ground_of_a_story() -> None:
    """The colour behind them is the nearest one around the story's words; a picture there is no ground."""
    text = '<mj-text color="#ffffff">a</mj-text>'
    column = f'<mj-column background-color="#111111"><mj-text>a</mj-text></mj-column><mj-column>{text}</mj-column>'
    dark = own_words.look_of(f'<mj-wrapper background-color="#222222"><mj-section>{column}</mj-section>')
    hero = own_words.look_of(f'<mj-hero background-url="https://example.com/a.png">{text}</mj-hero>')
    bare = own_words.look_of(text)

    assert dark.before == '<mj-section background-color="#222222"><mj-column><mj-text color="#ffffff">'
    assert hero.before.startswith('<mj-section background-color="#ffffff"><mj-column><mj-text align="center" color="#4')
    assert bare == ('<mj-text color="#ffffff">', "</mj-text>")


def test_a_class_of_the_design_keeps_its_look() -> None:
    """Elements of our partials have classes, too; of those that the designer has we say nothing."""
    story = SECTION.format('<mj-text><a class="more link">a</a></mj-text>')
    source = f"<mjml><mj-body>{story}</mj-body></mjml>"
    mjml = adopting.adopt(source, "a.mjml", adopting.parts(source)[0]).mjml
    assert re.findall(r"^  \.([\w-]+) \{", mjml, re.MULTILINE) == [
        "words",
        "quiet",
        "headline",
        "logo",
        "logo-dark",
        "portrait",
        "portrait-picture",
    ]


@given(st.text(alphabet="<>/!-= \"'{}[]%|*abmjstory\n", max_size=200))
def test_any_file_is_taken_or_refused(body: str) -> None:
    """Whatever stands in a file, it becomes a theme's text or a problem in one line."""
    source = f"<mjml><mj-body>{body}</mj-body></mjml>"
    part = next(iter(adopting.parts(source)), None)
    if part is None and not adopting.is_marked(source):
        with pytest.raises(ThemeError, match=r"\Aa\.mjml: does not say where the stories go; [^\n]*\Z"):
            adopting.adopt(source, "a.mjml")
        return
    with contextlib.suppress(ThemeError):
        assert adopting.adopt(source, "a.mjml", part).mjml.endswith("</mjml>")
