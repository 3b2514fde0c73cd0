"""The issue without a frame, fragment.html: what is in it, in every theme, and its looks on pages of others."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import golden
import hostile
import html5lib
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from previewing import ISSUE, ask, newsroom, serving
from samples import THEME, address, article, full_issue, issue, newsletter, section
from test_blocks import LOOKS, PLACES, built
from test_checks_outside import axe, nu, tools
from test_hostile import SETTINGS as HOSTILE
from test_hostile import Shape, build
from test_identity import DAY
from test_identity import SETTINGS as IDENTITY

from digest import checks, cli, pipeline, rendering
from digest.config import settings
from digest.config.values import Shape as LetterShape
from digest.errors import SettingsError, ThemeError
from digest.model import BlockKind, Edits, Picture
from digest.rendering import language, template
from digest.site import feeds
from digest.site.issues import PublishedIssues
from digest.site.places import Places
from digest.text import sanitize
from digest.theme import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from digest.model import CompiledTheme

__all__ = ["axe", "tools"]

DESIGNS = Path(__file__).parent / "designs"
WITH = LetterShape(fragment=True)
START, END = '<div lang="en" dir="ltr">\n', "</div>\n"

ELEMENTS = {"a", "blockquote", "div", "em", "h2", "h3", "hr", "img", "li", "ol", "p", "small", "span", "strong", "ul"}
ATTRIBUTES = {"alt", "aria-label", "dir", "height", "href", "lang", "rel", "src", "start", "style", "width"}
STYLES = {
    *("border", "border-top", "clear", "float", "height", "margin", "margin-left", "margin-right", "max-width"),
    *("padding", "padding-top", "width"),
}
"""What the filter of WordPress (wp-includes/kses.php of 6.8) lets an author have, as far as it is used here."""


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def look() -> CompiledTheme:
    """Compile the default theme."""
    return load(THEME, {}, language="en")


def paragraphs(text: str, look: CompiledTheme) -> str:
    """Return the fragment of an issue with *text* for its introduction."""
    changed = replace(issue(), edits=Edits(introduction=text))
    return rendering.render(changed, newsletter(), look, WITH).fragment


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("tongue", ["en", "ar"])
@pytest.mark.parametrize("folder", LOOKS, ids=os.path.basename)
def test_every_kind_of_block_in_every_theme(tmp_path: Path, folder: str, tongue: str, place: str) -> None:
    """The fragment has every story and all own words, and `check` finds nothing in it; the letter stays as it is."""
    without = built(tmp_path, place, look=folder, tongue=tongue)
    done = built(tmp_path, place, look=folder, tongue=tongue, more="fragment: true")
    kinds = {block.kind for block in done.issue.blocks}
    files = checks.load(done.folder)

    assert (without.message.html, without.message.text) == (done.message.html, done.message.text)
    assert kinds == set(get_args(BlockKind))
    assert done.message.notes == ()
    assert [str(each) for each in checks.check(files) if each.rule != "old-issue"] == []
    assert files["fragment.html"].decode() == done.message.fragment
    assert f'<div lang="{tongue}" dir="{"rtl" if tongue == "ar" else "ltr"}">' == done.message.fragment.splitlines()[0]
    assert done.message.fragment.count('rel="sponsored"') == 2


@pytest.mark.parametrize("folder", LOOKS, ids=os.path.basename)
def test_it_has_nothing_that_services_take_away(tmp_path: Path, folder: str) -> None:
    """Elements, attributes and styles are those that WordPress lets an author have; no id, no class, no comment."""
    fragment = built(tmp_path, "after: AI", look=folder, tongue="ar", more="fragment: true").message.fragment
    parts = Shape(fragment).parts
    styles = {
        pair.split(":")[0].strip() for style in re.findall('style="([^"]*)"', fragment) for pair in style.split(";")
    }

    assert {element for element, _ in parts} == ELEMENTS - {"em"}
    assert {attribute for _, attribute in parts} - {""} <= ATTRIBUTES
    assert styles - {""} <= STYLES
    assert "<!--" not in fragment


@pytest.mark.parametrize("folder", LOOKS, ids=os.path.basename)
def test_each_line_is_an_element(tmp_path: Path, folder: str) -> None:
    """No line is empty, begins or ends with words: WordPress' Classic editor would make paragraphs and breaks of it."""
    lines = built(tmp_path, "at: end", look=folder, more="fragment: true").message.fragment.splitlines()

    assert [line for line in lines if not re.fullmatch(r"<.*>", line)] == []


def test_the_frame_is_left_to_the_page(look: CompiledTheme) -> None:
    """No name, no preheader, no address to leave at, no postal address, no head; and not the web view of the letter."""
    made = rendering.render(full_issue(), newsletter(), look, WITH)
    sender = newsletter()

    for gone in (sender.name, made.preheader, sender.unsubscribe, sender.postal, "<h1", "<style", "<head", "<body"):
        assert gone in made.html
        assert gone not in made.fragment


def test_links_are_as_sent(look: CompiledTheme) -> None:
    """The newsletter's own parameters are on story links."""
    shape = LetterShape(fragment=True, utm=(("source", "the-week"),))
    made = rendering.render(issue(article(url="https://news.example.com/a?b=1")), newsletter(), look, shape)

    assert 'href="https://news.example.com/a?b=1&amp;utm_source=the-week"' in made.fragment


def test_a_trimmed_letter_has_a_whole_fragment(look: CompiledTheme) -> None:
    """Where stories stand on the web only, the fragment has them, with whole excerpts, and no word of "more"."""
    shown = [
        article(f"Story {number}", url=f"https://news.example.com/{number}", path=f"{number}.md") for number in range(9)
    ]
    chosen = issue(sections=(section(*shown),))
    limit = len(rendering.render(chosen, newsletter(), look).html) * 9 // 10
    made = rendering.render(chosen, newsletter(), look, LetterShape(fragment=True, limit=limit), weigh=len)

    assert 0 < len(made.web_only) < 9
    assert [each for each in shown if f'href="{each.url}"' not in made.fragment] == []
    assert "more on the web" not in made.fragment


@pytest.mark.parametrize(("name", "count"), [("default", 2), ("magazine", 2), ("plain", 0), ("links", 0)])
def test_it_has_the_pictures_that_the_theme_shows(name: str, count: int) -> None:
    """A theme without pictures has none in its fragment, either."""
    folder = next(folder for folder in LOOKS if os.path.basename(folder) == name)
    shown = [
        article(
            f"Story {number}",
            url=f"https://news.example.com/{number}",
            picture=f"https://a.example/{number}.png?a=1&b=2",
        )
        for number in range(2)
    ]
    made = rendering.render(issue(*shown), newsletter(), load(folder, {}, language="en"), WITH)

    assert made.fragment.count("<img ") == count


def test_what_a_service_would_act_on_is_text(look: CompiledTheme) -> None:
    """Liquid, merge tags and shortcodes of an article or of the editor are characters, and read as they stood."""
    hostile_text = "{{ subscriber.email }} {% if x %} [gallery id=1] *|UNSUB|*"
    chosen = issue(article(hostile_text, excerpt=hostile_text, provider=hostile_text))
    made = rendering.render(chosen, newsletter(), look, WITH)
    text = "".join(html5lib.parse(made.fragment, namespaceHTMLElements=False).itertext())

    assert re.findall(r"[{}\[\]|]", made.fragment) == []
    assert text.count(hostile_text) == 3
    assert re.findall(r"[{}\[\]|]", paragraphs(f"A {hostile_text} **{hostile_text}**", look)) == []


MARKDOWN = st.lists(
    st.sampled_from(
        ["words", "- a", "- b", "1. one", "2. two", "5) five", "> said", "***", "## Title", "", "", "  more"]
    )
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    max_size=14,
).map("\n".join)


@given(text=MARKDOWN)
@examples(max_examples=150, deadline=None)
def test_any_markdown_gives_sound_html(look: CompiledTheme, text: str) -> None:
    """Lists and quotes open and close where they should, whatever stands beside them, each line an element."""
    fragment = paragraphs(text, look)
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(f"<!DOCTYPE html><title>x</title>{fragment}")

    assert [code for _, code, _ in parser.errors if "codepoint" not in code] == []
    assert [line for line in fragment.splitlines() if not re.fullmatch(r"<.*>", line)] == []


def test_lists_and_quotes_are_such(look: CompiledTheme) -> None:
    """Items stand in one list, quotations in one blockquote, and a list that begins later says so."""
    fragment = paragraphs("- a\n- b\n\n3. c\n4. d\n\n> e\n>\n> f\n\n***\n\n*g* **h**", look)

    assert fragment.partition("<h2")[0] == (
        START + "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n" + '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>\n'
        "<blockquote>\n<p>e</p>\n<p>f</p>\n</blockquote>\n<hr>\n<p><em>g</em> <strong>h</strong></p>\n"
    )


def test_a_hostile_archive_adds_no_element(tmp_path: Path) -> None:
    """Two thousand hostile files give no element, attribute or scheme that fifty good ones do not."""
    shapes = []
    for name, count in (("alone", 0), ("mixed", hostile.HOSTILE)):
        (tmp_path / name).mkdir()
        hostile.write(tmp_path / name / "archive", hostile=count)
        done = build(tmp_path / name, settings=HOSTILE + "fragment: true\n")
        assert done.returncode == 0, done.stderr[-2000:]
        shapes.append((tmp_path / name / "out" / ISSUE / "fragment.html").read_text("utf-8"))
    alone, mixed = shapes

    assert Shape(mixed).parts - Shape(alone).parts <= {("span", ""), ("span", "dir"), ("span", "lang")}
    assert [each for each in Shape(mixed).addresses if not re.match(r"https?://[a-z0-9.-]+(/|$)", each)] == []
    assert [line for line in mixed.splitlines() if not re.fullmatch(r"<.*>", line)] == []
    assert re.findall(r"[{}\[\]|]", mixed) == []
    assert len(mixed) > len(alone) / 2, "it must have looked at something"


# The theme's own.


def own(folder: Path, content: str) -> str:
    """Write the default theme with *content* for its fragment to *folder*; return the folder."""
    default = next(each for each in LOOKS if os.path.basename(each) == "default")
    for file in Path(default).iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "fragment.html").write_text(content, "utf-8")
    return str(folder)


def fragment_of(folder: str) -> str:
    """Return the fragment that the theme in *folder* makes of a small issue."""
    look = load(folder, {}, language="en")
    template.prove(look, language.load("en", {}))
    return rendering.render(issue(), newsletter(), look, WITH).fragment


def test_a_theme_may_have_one_of_its_own(tmp_path: Path) -> None:
    """With both kinds of Jinja, as elsewhere; it is part of the theme's hash, and a theme without one keeps its own."""
    folder = own(tmp_path, '[% include "part.html" %]\n<p>{{ sections[0].stories[0].headline }}</p>\n')
    (tmp_path / "part.html").write_text('<p style="color: [[ theme.accent ]]">{{ _("In this issue") }}</p>\n', "utf-8")
    with_own = load(folder, {}, language="en")
    shared = fragment_of(folder)
    (tmp_path / "fragment.html").unlink()
    without = load(folder, {}, language="en")

    assert shared == '<p style="color: #1d4ed8">In this issue</p>\n<p>Robots learn to fold towels</p>\n'
    assert with_own.html == without.html
    assert with_own.digest != without.digest == load(THEME, {}, language="en").digest


def test_a_theme_begins_with_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`theme new --fragment` writes the one that all share, which gives the same fragment; without it there is none."""
    monkeypatch.chdir(tmp_path)
    for name, options in (("mine", ["--fragment"]), ("other", [])):
        assert CliRunner().invoke(cli.main, ["theme", "new", name, *options]).exit_code == 0

    assert set(os.listdir("templates/mine")) - set(os.listdir("templates/other")) == {"fragment.html"}
    assert fragment_of("templates/mine") == fragment_of("templates/other")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<p>\n{{ subjekt }}</p>", "fragment.html:2:1: 'subjekt' is undefined"),
        (
            "<p>\n{{ issue.perod }}</p>",
            "fragment.html:2:1: 'digest.rendering.view.IssueView object' has no attribute 'perod'",
        ),
        ("<p>\n\n{% if %}</p>", "fragment.html:3:1: Expected an expression, got 'end of statement block'"),
        ("<p>\n[[ theme.acent ]]</p>", "fragment.html:2:1: 'dict object' has no attribute 'acent'"),
        ('<p>\n[% include "gone.html" %]</p>', "fragment.html:2:1: there is no 'gone.html' to include"),
        (
            "<p>\n[% for %]</p>",
            "fragment.html:2:1: `[% for %]` is no Jinja: Expected an expression, got 'end of statement block'",
        ),
    ],
    ids=["variable", "attribute", "statement", "token", "partial", "own-statement"],
)
def test_a_mistake_in_it_is_told_with_its_place(tmp_path: Path, content: str, message: str) -> None:
    """File and line, as for the theme's other files."""
    folder = own(tmp_path, content)
    with pytest.raises(ThemeError) as error:
        fragment_of(folder)

    assert str(error.value).removeprefix(f"{folder}/").startswith(message)


def test_own_words_that_it_lacks_are_told(tmp_path: Path) -> None:
    """As those that a letter lacks; `check` takes them for an error."""
    (tmp_path / "look").mkdir()
    folder = own(tmp_path / "look", '<div lang="en" dir="ltr">{{ sections[0].title }}</div>\n')
    done = built(tmp_path, "at: top", look=folder, more="fragment: true")

    assert len(done.message.notes) == 7
    assert done.message.notes[0].endswith(
        ": the theme does not show sponsor “Acme Lasers” in its fragment; show `blocks` there"
    )
    assert {each.rule for each in checks.check(checks.load(done.folder)) if each.severity == "error"} == {
        "advert-label",
        "block-missing",
        "story-missing",
    }


@pytest.mark.parametrize(("design", "options"), [("bulletin", ()), ("cards", ("--story", "5")), ("service", ())])
def test_a_strangers_theme_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, design: str, options: tuple[str, ...]
) -> None:
    """A theme made of a designer's file builds a fragment without another edit, and `check` has no error."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(cli.main, list(arguments))
        assert done.exit_code == 0, done.output
        return done.output

    run("init", "--demo")
    run("theme", "new", design, "--from", str(DESIGNS / f"{design}.mjml"), *options)
    written = Path("digest.yaml").read_text("utf-8")
    Path("digest.yaml").write_text(f"{written}\nfragment: true\ntemplates: templates/{design}\n", "utf-8")
    report = run("build", "--date", ISSUE)
    run("check", ISSUE)
    fragment = Path("out", ISSUE, "fragment.html").read_text("utf-8")

    assert f"out/{ISSUE}/fragment.html  {len(fragment.encode()):,} bytes" in report
    assert fragment.count("<h3 ") == 18
    assert "design.example.com" not in fragment


# As a file of the issue.


def test_it_is_a_file_of_the_issue(tmp_path: Path) -> None:
    """The record has its hash, the same inputs give the same bytes, and without the setting it goes."""
    done = built(tmp_path, "at: top", more="fragment: true")
    record = json.loads(Path(done.folder, "issue.json").read_text("utf-8"))
    again = built(tmp_path, "at: top", more="fragment: true")
    without = built(tmp_path, "at: top")

    assert "fragment.html" in record["outputs"]
    assert done.message == again.message
    assert sorted(done.sizes) == ["fragment.html", "index.html", "index.txt", "issue.json", "message.eml"]
    assert sorted(os.listdir(without.folder)) == ["index.html", "index.txt", "issue.json", "message.eml"]


def test_the_setting_is_true_or_false(tmp_path: Path) -> None:
    """Anything else is told with its line."""
    file = tmp_path / "digest.yaml"
    file.write_text("\nfragment: wordpress\n", "utf-8")
    with pytest.raises(SettingsError) as error:
        settings.load(str(file))

    assert error.value.lines == (f"{file}:2: fragment is 'wordpress'; write true or false",)


BROKEN: dict[str, tuple[Callable[[str], str], list[str]]] = {
    "frame": (
        lambda text: f"<html><style>p{{}}</style>{text}<!-- end --></html>",
        ["fragment-frame html is in it", "fragment-frame style is in it", "fragment-frame a comment is in it"],
    ),
    "unsubscribe": (
        lambda text: text.replace(END, f'<p><a href="https://example.com/unsubscribe?x=1">Leave</a></p>\n{END}'),
        ["fragment-unsubscribe leads to the unsubscribe page"],
    ),
    "script": (lambda text: text.replace(END, f"<script>x()</script>{END}"), ["active-content script is in the page"]),
    "unclosed": (lambda text: text.removesuffix(END), ["html-parse expected one end tag but got another"]),
    "language": (lambda text: text.replace(START, "<div>\n"), ["dir has no dir", "lang has no lang"]),
    "sponsor": (
        lambda text: text.replace("Advertisement", "Thanks"),
        ["advert-label says 'Advertisement' 0 times for 1 of them"],
    ),
    "paid link": (
        lambda text: text.replace(' rel="sponsored"', "", 1),
        ["advert-rel leads to https://acme.example.com/?issue=2020-11-11, which is a sponsor's"],
    ),
    "story": (
        lambda text: re.sub('(?s)<h3 style="clear: both"><a.*?</h3>', "", text, count=1),
        ["story-missing no link to https://www.harbour-times.example.com/2020/11/06/"],
    ),
    "block": (
        lambda text: text.replace("We rode along", ""),
        ["block-missing does not say 'We rode along'", "heading-empty an empty h2", "link-name leads to"],
    ),
    "merge tag": (lambda text: text.replace(END, f"<p>{{{{ name }}}}</p>{END}"), ["placeholder '{{ name }}' is left"]),
    "picture": (lambda text: text.replace(' alt=""', "", 1), ["image-alt has no alt"]),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of an issue with a fragment."""
    return checks.load(built(tmp_path_factory.mktemp("sound"), "at: top", more="fragment: true").folder)


@pytest.mark.parametrize("name", BROKEN)
def test_check_finds_what_is_wrong(sound: dict[str, bytes], name: str) -> None:
    """Each fault by the rule that knows it, in fragment.html, and nothing in the letter."""
    broken, expected = BROKEN[name]
    files = {**sound, "fragment.html": broken(sound["fragment.html"].decode()).encode()}
    findings = [each for each in checks.check(files) if each.rule not in ("old-issue", "html-nesting", "comment")]
    if name == "frame":
        findings = [each for each in findings if each.rule == "fragment-frame"]
    messages = sorted(f"{each.rule} {each.what}" for each in findings)

    assert {each.file for each in findings} == {"fragment.html"}
    assert len(messages) == len(expected)
    assert [line for line, start in zip(messages, sorted(expected), strict=True) if not line.startswith(start)] == []


def test_each_rule_about_it_is_broken_here() -> None:
    """No rule about the fragment is there that nothing breaks."""
    broken = {fault.split()[0] for _, faults in BROKEN.values() for fault in faults}

    assert {rule for rule in checks.RULES if rule.startswith("fragment-")} <= broken


def test_bytes_that_are_no_utf8_are_told(sound: dict[str, bytes]) -> None:
    """With their line, as in the letter."""
    findings = checks.check({**sound, "fragment.html": b"<p>\n\xff</p>"})

    assert [str(each) for each in findings] == [
        "fragment.html:2: byte 0xff is not UTF-8; build the issue again",
    ]


def test_a_storys_own_words_are_no_error(tmp_path: Path) -> None:
    """They are a warning on the story, told once: the letter says the same."""
    room = newsroom(tmp_path)
    room.config.write_text(f"{room.config.read_text('utf-8')}fragment: true\n", "utf-8")
    room.report("odd", "Hello {{ name }}", "Some words.", heat=990, provider="Wired")
    findings = checks.check(checks.load(room.build().folder))

    assert [each.severity for each in findings if each.severity == "error"] == []
    assert {each.file for each in findings if "{{ name }}" in each.what} & {"fragment.html"} == set()
    assert [each.rule for each in findings if "{{ name }}" in each.what] != []


# Elsewhere.


def test_the_feeds_have_it(tmp_path: Path) -> None:
    """In place of the list of headlines, without characters that XML cannot hold."""
    done = built(tmp_path, "after: AI", more="fragment: true")
    file = Path(done.folder, "fragment.html")
    file.write_text(file.read_text("utf-8").replace(END, f"\x0b{END}"), "utf-8")
    shelf = PublishedIssues(str(tmp_path / "out"), Places("https://example.com/issues/{id}/"), every=True)
    made = feeds.make(shelf, newsletter())

    assert json.loads(made["feed.json"])["items"][0]["content_html"] == done.message.fragment
    assert b'rel="sponsored"' in made["feed.atom"]


def test_the_preview_shows_it(tmp_path: Path) -> None:
    """In a page, light or dark; without the setting the page says how to get one."""
    room = newsroom(tmp_path)
    with serving(room) as served:
        without = ask(served, f"/frame/{ISSUE}/fragment").text
    room.config.write_text(f"{room.config.read_text('utf-8')}fragment: true\n", "utf-8")
    done = room.build()
    with serving(room) as served:
        shown = [ask(served, f"/frame/{ISSUE}/fragment?scheme={scheme}").text for scheme in ("light", "dark")]
        bare = ask(served, f"/frame/{ISSUE}/fragment?images=off").text

    assert "<code>fragment: true</code>" in without
    assert [page.count("<h3 ") for page in shown] == [done.message.fragment.count("<h3 ")] * 2
    assert shown[0] != shown[1]
    assert (shown[0].count(" src="), bare.count(" src=")) == (done.message.fragment.count(" src="), 0)


def test_the_preview_shows_that_of_an_older_issue(tmp_path: Path) -> None:
    """As it was built; one that was built without one says so."""
    room = newsroom(tmp_path)
    room.build(room.load()[1].last.replace(day=4))
    with serving(room) as served:
        without = ask(served, "/frame/2020-11-04/fragment").text
        Path(room.folder, "out", "2020-11-04", "fragment.html").write_text("<p>As it was built.</p>", "utf-8")
        shown = ask(served, "/frame/2020-11-04/fragment").text

    assert "<code>fragment: true</code>" in without
    assert "<p>As it was built.</p>" in shown


PAGES = {
    "blog": "html { color: #28303d; background: #d1e4dd; font: 19px Georgia } main { max-width: 650px; margin: auto }",
    "dark": "html { color: #eeeeee; background: #15171a; font: 17px Arial } a { color: #7fb3ff }",
    "mail": "main { width: 100%; max-width: 600px; display: block; font: 16px Arial; color: #111111 }",
}
COLOURS = """() => [...document.querySelectorAll('main h2, main h3, main p, main li, main small, main strong')]
  .filter(each => getComputedStyle(each).color !== getComputedStyle(document.querySelector('main')).color)
  .map(each => each.outerHTML)"""


def page(fragment: str, styles: str, direction: str = "ltr") -> str:
    """Return a page of others with the *fragment* in it."""
    return (
        f'<!DOCTYPE html><html lang="en" dir="{direction}"><head><meta charset="utf-8"><title>A site</title>'
        f'<meta name="viewport" content="width=device-width"><style>{styles}</style></head>'
        f"<body><main><h1>A post</h1>{fragment}</main></body></html>"
    )


@pytest.mark.parametrize("tongue", ["en", "ar"])
@pytest.mark.parametrize("kind", PAGES)
def test_a_page_of_others_decides_how_it_looks(tmp_path: Path, browser: Browser, kind: str, tongue: str) -> None:
    """Text has the page's colours, nothing is wider than a phone, and text and pictures stand at their side."""
    fragment = built(tmp_path, "at: top", tongue=tongue, more="fragment: true").message.fragment
    tab = browser.new_page(viewport={"width": 320, "height": 800})
    tab.route(
        "**/*",
        lambda route: route.fulfill(
            content_type="image/svg+xml", body="<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='600'/>"
        ),
    )
    tab.set_content(page(fragment, PAGES[kind]))
    widths = []
    for width in (320, 375, 1200):
        tab.set_viewport_size({"width": width, "height": 800})
        widths.append(tab.evaluate("document.documentElement.scrollWidth"))
    sides = tab.evaluate(
        "[...document.querySelectorAll('main img[style*=float]')].map(each => getComputedStyle(each).float)"
    )
    odd = tab.evaluate(COLOURS)
    tab.close()

    assert widths == [320, 375, 1200]
    assert set(sides) == {"left" if tongue == "ar" else "right"}
    assert odd == []


@pytest.mark.parametrize("tongue", ["en", "ar"])
def test_axe_finds_nothing(tmp_path: Path, axe: Callable[[str, str], set[str]], tongue: str) -> None:
    """Nothing that keeps readers out, on a light page and on a dark one: names, order, contrast, room for a finger."""
    fragment = built(tmp_path, "at: top", tongue=tongue, more="fragment: true").message.fragment

    assert [axe(page(fragment, PAGES[kind]), "light") for kind in ("blog", "dark")] == [set(), set()]


def test_the_nu_checker_finds_nothing(tmp_path: Path, tools: Path) -> None:
    """In a page, with every kind of block, in every theme and both directions."""
    pages = {}
    for folder in LOOKS:
        for tongue in ("en", "ar"):
            fragment = built(tmp_path, "after: AI", look=folder, tongue=tongue, more="fragment: true").message.fragment
            pages[f"{os.path.basename(folder)}-{tongue}"] = page(fragment, PAGES["dark"])

    assert nu(tools, tmp_path, pages) == {name: [] for name in pages}


@pytest.mark.parametrize("tongue", ["en", "ar"])
@pytest.mark.parametrize("folder", LOOKS, ids=os.path.basename)
def test_who_writes_and_the_question_stand_in_it(tmp_path: Path, folder: str, tongue: str) -> None:
    """They are the letter's own; logo, other places and where to subscribe are the page's."""
    settings_file = tmp_path / "digest.yaml"
    written = IDENTITY.format(language=tongue, seeds=golden.SEEDS, theme=folder)
    settings_file.write_text(f"{written}fragment: true\n", "utf-8")
    chosen = settings.load(str(settings_file))
    done = pipeline.build(chosen, pipeline.window_of(chosen, last=DAY))
    fragment = done.message.fragment

    assert [each for each in checks.check(checks.load(done.folder)) if each.file == "fragment.html"] == []
    saw = '<span dir="ltr">and a saw</span>' if tongue == "ar" else "and a saw"
    portrait = '<img src="https://example.com/ada.jpg" alt="Ada at her desk"'
    assert f"<ul>\n<li>{saw}</li>\n</ul>\n<p>{portrait}" in fragment
    assert 'href="https://example.com/2020-11-11/good"' in fragment
    for gone in ("logo.png", "In plain words", "social.example.com", "/subscribe"):
        assert gone in done.message.html
        assert gone not in fragment


def test_a_section_in_brief_is_brief_in_it(look: CompiledTheme) -> None:
    """Headline and outlet in a line, no date; the line below the title stands there."""
    made = full_issue()
    first, *others = made.sections
    brief = replace(first, style="brief", line=sanitize.text("Who & what"))
    whole = rendering.render(made, newsletter(), look, WITH).fragment
    short = rendering.render(replace(made, sections=(brief, *others)), newsletter(), look, WITH).fragment
    outlet = first.picks[0].article.provider.name

    assert "<p><em>Who &amp; what</em></p>" in short
    assert re.search(rf"</a> \({outlet}\)</h3>", short)
    assert f"<p><small>{outlet}, " in whole
    assert f"<p><small>{outlet}, " not in short.partition("</h3>")[2].partition("<h3")[0]


def test_what_the_editor_says_of_a_picture_stands_in_it(look: CompiledTheme) -> None:
    """What it shows, and whose it is; how long the article takes to read stands beside its date."""
    made = full_issue()
    first, *others = made.sections
    pick, *rest = first.picks
    lead = replace(pick.story.lead, minutes=6)
    changed = replace(
        pick,
        story=replace(pick.story, lead=lead),
        picture=Picture(url=address("https://example.com/own.jpg")),
        alt=sanitize.text("A crane"),
        credit=sanitize.text("Photo: Ada"),
    )
    sections = (replace(first, picks=(changed, *rest)), *others)
    fragment = rendering.render(replace(made, sections=sections), newsletter(), look, WITH).fragment

    assert '<p><img src="https://example.com/own.jpg" alt="A crane"' in fragment
    assert "<br><small>Photo: Ada</small></p>" in fragment
    assert ", 6\u00a0min\u00a0read</small></p>" in fragment
