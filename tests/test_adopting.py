"""`digest theme new NAME --from FILE.mjml`: a designer's file becomes a theme that builds, checks and sends."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from digest import cli
from digest.errors import ThemeError
from digest.theme import adopting

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
    assert mjml.startswith("<mjml><mj-head ><mj-preview>{{ preheader }}</mj-preview><mj-title>{{ subject }}</mj-title>")
    image = '<mj-image src="{{ story.picture }}" alt="{{ story.picture_alt }}" />'
    assert f"{image}{{% endif %}}<mj-text /><mj-text align='left'><h2 " in mjml
    assert "Words" not in mjml


def test_a_picture_alone_gets_its_headline_where_it_stands() -> None:
    """In a column the headline is one more of its elements; around sections it is a section more."""
    image = '<mj-image src="a.png" />'
    inside = f"<mj-section><mj-column><!-- story -->{image}<!-- /story --></mj-column></mj-section>"
    around = f"<!-- story --><mj-section><mj-column>{image}</mj-column></mj-section><!-- /story -->"
    column, section = (
        adopting.adopt(f"<mjml><mj-body>{body}</mj-body></mjml>", "a.mjml").mjml for body in (inside, around)
    )

    assert '{% endif %}<mj-text><h2 style="margin:0' in column
    assert '</mj-section><mj-section><mj-column><mj-text><h2 style="margin:0' in section


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
