from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import html5lib
import jinja2
import pytest
from samples import MUSEUM, THEME, exhibit, in_footer, issue, newsletter, text_in_footer, theme

from digest import cache, rendering
from digest.errors import ThemeError, together
from digest.rendering import language as spoken
from digest.rendering import template
from digest.theme import load, palette, placeholders, source

REMEDY = "templates/README.md lists what a theme can use"
LOST = "gets lost in the compiled theme; MJML allows no Jinja there; move it"
STYLE = "news in a style; styles come from the theme: write [[ theme.… ]]"

BROKEN = {
    "attribute-without-name": "head.mjml:4:7: no element can have an attribute '' with this value; "
    "give it a name such as data-id, and plain text\n"
    "head.mjml:5:7: no element can have an attribute 'data id' with this value; "
    "give it a name such as data-id, and plain text",
    "body-in-per-cent": "issue.mjml:2:3: the width '80%' of <mj-body> is not in pixels; write one such as 600px",
    "carousel": "footer.mjml:3:5: <mj-carousel> is not for themes: most programs show its first picture only; "
    "write an <mj-image>",
    "columns-that-repeat": "footer.mjml:3:3: <mj-column> in a loop: the widths of columns are computed once; "
    "let rows repeat, as in {% for row in section.stories|batch(2) %}, and write a column each for row[0] and row[1]",
    "comment-not-closed": "footer.mjml:4:8: a comment is not closed; write --> behind it",
    "expression-as-attribute": "footer.mjml:4:10: a {{ … }} inside a tag but not inside quotes; "
    'write attribute="{{ … }}"',
    "expression-as-width": f"footer.mjml:3:22: `{{{{ issue.id }}}}` {LOST}",
    "expression-between-defaults": "head.mjml:3:5: words directly in <mj-attributes>; take them out",
    "expression-in-class-nobody-uses": f"head.mjml:3:34: `{{{{ web_url }}}}` {LOST}",
    "expression-over-lines": f"head.mjml:3:34: `{{{{ web_url ~ 1 }}}}` {LOST}",
    "expression-unquoted": 'footer.mjml:4:15: a {{ … }} inside a tag but not inside quotes; write attribute="{{ … }}"',
    "gap-in-a-loop": "footer.mjml:3:3: the first of the sections that a gap keeps apart is in a loop; "
    "take the gap out, and give the section a padding-top",
    "head-behind-body": "issue.mjml:4:13: `{% if sections %}` is moved or doubled in the compiled theme; "
    "put it around whole elements",
    "import": "head.mjml:3:5: @import would go to the network; write the styles out",
    "import-to-inline": "head.mjml:3:5: @import would go to the network; write the styles out",
    "include-behind-others": "footer.mjml:2:14: there is no 'goodbye.mjml' to include; its partials are blocks.mjml, "
    "footer.mjml, head.mjml, identity.mjml, issue.mjml, masthead.mjml, source.mjml, story.mjml, update.mjml",
    "include-of-nothing": "footer.mjml:1:1: <mj-include> is not for themes: without a path in quotes it includes "
    'nothing; write <mj-include path="./part.mjml" />\n'
    "footer.mjml:2:1: <mj-include> is not for themes: without a path in quotes it includes nothing; "
    'write <mj-include path="./part.mjml" />',
    "include-outside": "footer.mjml:1:1: there is no '../footer.mjml' to include; copy it into the theme's folder",
    "includes-missing": "".join(
        f"issue.mjml:{place}: there is no '{name}.mjml' to include; its partials are blocks.mjml, footer.mjml, "
        "head.mjml, identity.mjml, issue.mjml, masthead.mjml, source.mjml, story.mjml, update.mjml\n"
        for place, name in (("3:5", "styles"), ("6:5", "hello"), ("7:5", "goodbye"))
    )
    + "issue.mjml:8:5: <mj-spacer> stands in <mj-body>; put it into <mj-column>",
    "macro-with-elements": "footer.mjml:3:28: <mj-text> in a macro of the news, which knows no MJML; "
    "write [% macro … %], and call it as [[ … ]]\n"
    "footer.mjml:4:5: words directly in <mj-column>; put them into an <mj-text>",
    "many-problems": "footer.mjml:1:1: <mj-section> has no attribute 'paddin'; did you mean 'padding'?\n"
    "footer.mjml:3:14: <p> is not closed; write </p>\n"
    "footer.mjml:4:5: <p> stands in <mj-column>, which holds elements of MJML; put it into an <mj-text> or an <mj-raw>"
    "\nfooter.mjml:5:5: unknown element <mj-fnot>; did you mean 'mj-font'?\n"
    "footer.mjml:7:3: <mj-text> stands in <mj-section>; put it into <mj-column>",
    "merge-tags": "issue.mjml:5:18: `[[data:name]]` is no Jinja: expected token 'end of print statement', got ':'; "
    "mend it, or take it out\n"
    "issue.mjml:8:18: 'company' is undefined; the theme's own are theme.…, language and direction; "
    "words of the news are {{ … }}\n"
    "issue.mjml:6:18: `{{{body}}}` is no Jinja: expected token ':', got '}'; mend it, or take it out\n"
    "issue.mjml:6:33: `{{ a | default: b }}` is no Jinja: expected token 'end of print statement', got ':'; "
    "mend it, or take it out\n"
    "issue.mjml:7:18: `{{#if member}}` is no Jinja: unexpected char '#'; mend it, or take it out\n"
    "issue.mjml:7:33: `{{/if}}` is no Jinja: unexpected '/'; mend it, or take it out\n"
    "issue.mjml:7:41: `{% load news %}` is no Jinja: Encountered unknown tag 'load'; mend it, or take it out\n"
    "issue.mjml:7:57: `<%= address %>` is of another template language; take it out",
    "nested-too-deep": "footer.mjml:1:697: nested deeper than 60 elements; flatten it",
    "news-in-background": "footer.mjml:1:1: a picture of the news behind the words of <mj-hero>; "
    "show it with an <mj-image>",
    "news-in-colour": f"footer.mjml:3:21: {STYLE}",
    "news-in-default-colour": f"head.mjml:3:21: {STYLE}",
    "news-in-mj-style": f"head.mjml:3:21: {STYLE}",
    "news-in-style-attribute": f"footer.mjml:4:24: {STYLE}",
    "news-in-style-element": f"footer.mjml:4:30: {STYLE}",
    "news-not-closed": "footer.mjml:4:1: Unexpected end of template. Jinja was looking for the following tags: "
    "'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'.; mend the Jinja there",
    "news-syntax": "footer.mjml:4:10: `{{ issue. }}` is no Jinja: expected name or number; mend it, or take it out",
    "not-utf-8": "footer.mjml: is not UTF-8; save it as UTF-8",
    "own-filter": "footer.mjml:4:10: No filter named 'shade'.",
    "own-syntax": "footer.mjml:4:10: `[[ theme. ]]` is no Jinja: expected name or number; mend it, or take it out",
    "own-type": 'footer.mjml:4:10: can only concatenate str (not "int") to str',
    "partial-missing": "footer.mjml:2:3: there is no 'goodbye.mjml' to include; its partials are blocks.mjml, "
    "footer.mjml, head.mjml, identity.mjml, issue.mjml, masthead.mjml, source.mjml, story.mjml, update.mjml",
    "private-character": "footer.mjml: holds the private characters U+E000 or U+E001; remove them",
    "raw": "footer.mjml:4:1: {% raw %} is not for themes; write the characters out",
    "reserved-word": "footer.mjml:4:10: the word jinjax0001x is reserved; use another",
    "selector-unreadable": "head.mjml:3:5: 'a >' is no selector of CSS; write one such as .title a",
    "statement-in-attribute": "footer.mjml:4:17: a {% … %} inside a tag; put it around the whole element",
    "statement-in-head": f"head.mjml:2:3: `{{% if issue %}}` {LOST}",
    "statement-in-tag": "footer.mjml:4:10: a {% … %} inside a tag; put it around the whole element",
    "token-nested": "theme.yaml:1: the token 'accent' is no plain text; write a colour, a length or a list of fonts",
    "token-undefined": "issue.mjml:2:30: 'dict object' has no attribute 'papper'",
    "token-undefined-in-partial": "footer.mjml:4:24: 'dict object' has no attribute 'inc'",
    "token-with-markup": "theme.yaml:2: the token 'serif' is no plain text; "
    "write a colour, a length or a list of fonts",
    "tokens-not-yaml": "theme.yaml:1: a quote opens here and is not closed",
    "unknown-attribute": "footer.mjml:3:5: <mj-text> has no attribute 'colour'; did you mean 'color'?",
    "unknown-element": "footer.mjml:3:5: unknown element <mj-txt>; did you mean 'mj-text'?",
}
"""Exhibits of the museum that cannot be compiled, with the message."""

MISPLACED = {
    "element-not-closed": "footer.mjml:3:5",
    "empty": "issue.mjml",
    "partial-includes-itself": "footer.mjml",
    "stray-less-than": "footer.mjml:4",
    "tag-not-closed": "footer.mjml:4:7",
    "tokens-a-list": "theme.yaml:1",
    "wrong-element-closed": "footer.mjml:",
}
"""Exhibits that cannot be compiled, with the start of the place; the words are the engine's."""

UNFIT = {
    "division-by-zero": f"footer.mjml:4:10: integer division or modulo by zero; {REMEDY}",
    "filter-unknown": f"footer.mjml:4:10: No filter named 'shout'.; {REMEDY}",
    "not-iterable": f"footer.mjml:4:10: 'int' object is not iterable; {REMEDY}",
    "text-division-by-zero": f"issue.txt:3: integer division or modulo by zero; {REMEDY}",
    "text-filter-unknown": f"issue.txt:3: No filter named 'shout'.; {REMEDY}",
    "text-syntax": f"issue.txt:3: Expected an expression, got 'end of statement block'; {REMEDY}",
    "text-variable-unknown": "issue.txt:4: 'digest.rendering.view.SectionView object' has no attribute 'titel'; "
    + REMEDY,
    "variable-out-of-reach": f"footer.mjml:4:10: 'excerpt' is undefined; {REMEDY}",
    "variable-unknown": "footer.mjml:4:73: 'digest.rendering.view.StoryView object' has no attribute 'titel'; "
    + REMEDY,
}
"""Exhibits that compile but do not fit the news, with the message."""


@pytest.fixture(autouse=True)
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def compiled(folder: Path, *, language: str = "en", **files: str) -> str:
    """Return the HTML template of the default theme with *files* replaced."""
    return load(theme(folder, **files), {}, language=language).html


def failure(folder: str, tokens: dict[str, str] | None = None) -> str:
    """Return the message with which the theme in *folder* fails, short of the folder."""
    with pytest.raises(ThemeError) as caught:
        rendering.render(issue(), newsletter(), load(folder, tokens or {}, language="en"))
    return str(caught.value).replace(f"{folder}/", "")


def jinja(template: str) -> list[str]:
    """Return the statements of a template in order."""
    return re.findall(r"{%.*?%}", template)


# --- what a theme may do


def test_fills_theme_tokens(tmp_path: Path) -> None:
    """A token of theme.yaml stands in the compiled theme."""
    assert '<hr color="#1d4ed8">' in compiled(
        tmp_path, footer_mjml="<mj-raw><hr color='[[ theme.accent ]]' /></mj-raw>"
    )


def test_tokens_of_the_settings_win(tmp_path: Path) -> None:
    """A token of the settings replaces the theme's own everywhere."""
    html = load(theme(tmp_path), {"accent": "#123456"}, language="en").html
    assert ("#123456" in html, "#1d4ed8" in html) == (True, False)


def test_includes_partials_in_partials(tmp_path: Path) -> None:
    """A partial may include another."""
    html = compiled(
        tmp_path, footer_mjml=text_in_footer('[% include "inner.mjml" %]'), inner_mjml="<p>inner {{ issue.id }}</p>"
    )
    assert "<p>inner {{ issue.id }}</p>" in html


def test_only_what_was_saved_is_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code of each file is kept by its content: a second theme of the same files, and one that takes it back."""
    compiled: list[str] = []
    compile_it = jinja2.Environment.compile

    def noted(self: jinja2.Environment, source: str, name: str | None = None, *rest: Any) -> Any:
        compiled.append(name or "")
        return compile_it(self, source, name, *rest)

    monkeypatch.setattr(jinja2.Environment, "compile", noted)
    texts = []
    for number, words in enumerate(("One", "One", "Two", "One")):
        compiled.append(f"{number}:")
        folder = theme(tmp_path, footer_mjml=in_footer(f"<mj-text>{words} [[ theme.accent ]]</mj-text>"))
        chosen = palette.complete(source.tokens(source.read(folder), {}))
        texts.append(source.fill(source.read(folder), chosen, language="en", direction="ltr").text)

    assert texts[0] == texts[1] == texts[3] == texts[2].replace("Two", "One")
    assert compiled[-4:] == ["2:", "footer.mjml", "3:", "footer.mjml"]
    assert compiled[compiled.index("1:") + 1] == "2:"


def test_own_comments_disappear(tmp_path: Path) -> None:
    """A [# comment #] and a {# comment #} are not in the compiled theme."""
    html = compiled(tmp_path, footer_mjml=text_in_footer("<p>a[# own #]{# news' #}b</p>"))
    assert "<p>ab</p>" in html


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>{{ subject }}</p>", "<p>{{ subject }}</p>"),
        ("<p>{{ '<b> & \"é\"' }}</p>", "<p>{{ '<b> & \"é\"' }}</p>"),
        ('<a href="{{ web_url }}">a</a>', '<a href="{{ web_url }}">a</a>'),
        ('<a href="{{ web_url }}?a=1&amp;b={{ issue.id }}">a</a>', 'href="{{ web_url }}?a=1&amp;b={{ issue.id }}"'),
        ('<img src="{{ web_url }}" alt="{{ subject }}">', '<img src="{{ web_url }}" alt="{{ subject }}">'),
        ('<p title="{{ issue.id|replace("-", "/") }}">a</p>', 'title="{{ issue.id|replace("-", "/") }}"'),
        ("<p title='{{ subject }}'>a</p>", 'title="{{ subject }}"'),
        ("<!--[if mso]><b>{{ subject }}</b><![endif]-->", "<!--[if mso]><b>{{ subject }}</b><![endif]-->"),
    ],
    ids=["text", "odd-signs", "href", "inside-href", "src-and-alt", "quotes-inside", "single-quotes", "outlook"],
)
def test_expressions_survive_in_html(tmp_path: Path, markup: str, expected: str) -> None:
    """An expression comes through the engines untouched, wherever news may stand."""
    assert expected in compiled(tmp_path, footer_mjml=text_in_footer(markup))


def test_expressions_survive_in_mjml_attributes(tmp_path: Path) -> None:
    """An image takes its source, address, alternative text and title from the news."""
    image = '<mj-image src="{{ a }}" href="{{ b }}" alt="{{ c }}" title="{{ d }}" />'
    html = compiled(tmp_path, footer_mjml=in_footer(image))
    found = re.search(r'<a href="{{ b }}"[^>]*><img alt="{{ c }}" src="{{ a }}" title="{{ d }}"', html)
    assert found is not None


@pytest.mark.parametrize(
    "footer",
    [
        "{% for s in sections %}<mj-section><mj-column><mj-text>a</mj-text></mj-column></mj-section>{% endfor %}",
        "{% if issue %}<mj-section></mj-section>{% else %}<mj-wrapper></mj-wrapper>{% endif %}",
        in_footer("{% for s in sections %}<mj-text>{{ s.title }}</mj-text>{% endfor %}"),
        in_footer("{% if issue %}<mj-spacer />{% elif subject %}<mj-divider />{% endif %}"),
        in_footer("<mj-table>{% for s in sections %}<tr><td>{{ s.title }}</td></tr>{% endfor %}</mj-table>"),
        in_footer('<mj-button href="{{ web_url }}">{% if issue %}{{ issue.id }}{% endif %}</mj-button>'),
        text_in_footer("a {% if issue %}b{% endif %} c {% set x = 1 %}{{ x }}"),
        text_in_footer("<p>{% if 1 < 2 and 2 > 1 %}<b>{{ issue.id }}</b>{% endif %}</p>"),
        "<mj-wrapper>{% for s in sections %}<mj-section></mj-section>{% endfor %}</mj-wrapper>",
        "<mj-section><mj-group>{% if issue %}<mj-column></mj-column>{% endif %}</mj-group></mj-section>",
    ],
    ids=["sections", "either-or", "elements", "element", "rows", "button", "text", "signs", "wrapper", "group"],
)
def test_statements_come_back_in_order(tmp_path: Path, footer: str) -> None:
    """Loops and conditions around sections, elements and text come back exactly once and in order."""
    whole = compiled(tmp_path, footer_mjml=footer)
    without = compiled(tmp_path, footer_mjml="")
    assert jinja(without) + jinja(footer) == jinja(whole)


@pytest.mark.parametrize(
    "footer",
    [
        "<mj-wrapper>{% for s in sections %}<mj-section></mj-section>{% endfor %}</mj-wrapper>",
        "<mj-section><mj-group>{% if issue %}<mj-column></mj-column>{% endif %}</mj-group></mj-section>",
    ],
    ids=["wrapper", "group"],
)
def test_statements_do_not_end_conditional_comments(tmp_path: Path, footer: str) -> None:
    """A statement that MRML puts into an Outlook comment leaves no comment inside it."""
    html = compiled(tmp_path, footer_mjml=footer)
    branches = re.findall(r"<!--\[if mso[^\]]*\]>(.*?)<!\[endif\]-->", html, re.DOTALL)
    assert [branch for branch in branches if "<!--" in branch or "-->" in branch] == []


def test_wrapper_loop_runs(tmp_path: Path) -> None:
    """A loop directly inside mj-wrapper shows each of its turns to every reader."""
    footer = """<mj-wrapper>{% for n in [1, 2] %}<mj-section><mj-column><mj-text>turn {{ n }}</mj-text></mj-column>
        </mj-section>{% endfor %}</mj-wrapper>"""
    look = load(theme(tmp_path, footer_mjml=footer), {}, language="en")
    page = html5lib.parse(rendering.render(issue(), newsletter(), look).html, namespaceHTMLElements=False)
    assert re.findall(r"turn \d", "".join(page.itertext())) == ["turn 1", "turn 2"]


# --- what the compiled theme is


def test_doctype_keeps_browsers_out_of_quirks_mode(tmp_path: Path) -> None:
    """The compiled theme begins with the upper-case doctype."""
    assert compiled(tmp_path).startswith("<!DOCTYPE html>\n<html ")


def test_tables_are_presentation(tmp_path: Path) -> None:
    """Every table says that it is layout, those in Outlook's comments and the theme's own too."""
    footer = in_footer("<mj-table><tr></tr></mj-table>") + text_in_footer("<table><tr><td>a</td></tr></table>")
    html = compiled(tmp_path, footer_mjml=footer)
    assert [tag for tag in re.findall(r"<table\b[^>]*>", html) if 'role="presentation"' not in tag] == []


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("pt-BR", "ltr"), ("ar", "rtl"), ("he-IL", "rtl")])
def test_language_and_direction_stand_on_the_body(tmp_path: Path, language: str, direction: str) -> None:
    """The html element and every child of body carry lang and dir."""
    # A statement in the head is no text, which would begin the body.
    filled = re.sub(r"\{%.*?%\}", "", compiled(tmp_path, language=language))
    page = html5lib.parse(filled, namespaceHTMLElements=False)
    bearers = [page, *(child for child in page.find("body") if isinstance(child.tag, str))]
    assert {(language, direction)} == {(bearer.get("lang"), bearer.get("dir")) for bearer in bearers}


def test_styles_do_not_overrule_the_direction(tmp_path: Path) -> None:
    """In a theme that reads from right to left no style turns text back."""
    assert "direction:ltr" not in compiled(tmp_path, language="ar")


def test_dark_mode_keeps_its_force(tmp_path: Path) -> None:
    """The dark styles are in the head with their !important, under the media query and for Outlook."""
    styles = "\n".join(re.findall(r"<style[^>]*>(.*?)</style>", compiled(tmp_path), re.DOTALL))
    dark = styles[styles.index("@media (prefers-color-scheme: dark)") :]
    assert f"background-color: {palette.complete({'accent': '#1d4ed8'})['dark_card']} !important" in dark
    assert "[data-ogsb] .card" in dark


def test_outlook_styles_match_one_marked_ancestor(tmp_path: Path) -> None:
    """No style for Outlook's dark mode asks for two marked elements inside each other."""
    assert re.findall(r"\[data-ogs[cb]\]\s+\[data-ogs[cb]\].*", compiled(tmp_path)) == []


def test_styles_are_inlined(tmp_path: Path) -> None:
    """A rule of the inline style sheet stands in the elements it is for."""
    html = compiled(tmp_path)
    assert len(re.findall(r'<h2 class="section-title" id=[^>]*style="[^"]*text-transform:uppercase', html)) == 1


def test_fonts_go_to_no_network(tmp_path: Path) -> None:
    """No font in a stack makes the compiled theme load one."""
    html = load(theme(tmp_path), {"sans": "Roboto, Lato, sans-serif"}, language="en").html
    assert "fonts.googleapis.com" not in html


def test_nothing_hidden_stays_hidden(tmp_path: Path) -> None:
    """No stand-in word, no Jinja of the theme's own and no mark of the tools is left."""
    assert re.findall("jinja[xs]|\\[\\[|\\[%|premailer|\ue000", compiled(tmp_path)) == []


def test_proof_sees_doubled_statements(tmp_path: Path) -> None:
    """Markup that doubles the statements at its end is refused."""
    files = source.read(theme(tmp_path))
    tokens = palette.complete(source.tokens(files, {}))
    hidden = placeholders.hide(source.fill(files, tokens, language="en", direction="ltr"))
    with pytest.raises(ThemeError, match=r"`{% endif %}` is doubled in the compiled theme; put it around whole"):
        placeholders.show(hidden.text * 2, hidden)


# --- what the shipped themes have in common


THEMES = {path.name: path for path in Path(THEME).parent.iterdir() if path.is_dir()}
ALIKE = re.compile(r"^(?:\[% set (?:primary|indic|tall) |\{% macro (?:linked|line)\().*$", re.MULTILINE)


def test_a_shipped_theme_repeats_no_shared_file() -> None:
    """What all have alike stands once; where a theme has a file of that name it says something else."""
    copies = [path for folder in THEMES.values() for path in folder.iterdir() if path.name in source.shared()]
    assert sorted(str(path.relative_to(Path(THEME).parent)) for path in copies) == [
        "default/blocks.mjml",
        "default/identity.mjml",
    ]
    assert [path for path in copies if path.read_text(encoding="utf-8") == source.shared()[path.name]] == []


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_with_copies_is_the_theme_without(tmp_path: Path, name: str) -> None:
    """A theme that has what it shares in its own folder, as `digest theme new` makes it, gives the same letters."""
    shipped = load(str(THEMES[name]), {}, language="en")
    shutil.copytree(THEMES[name], tmp_path / "mine")
    for file in source.read(str(THEMES[name])).shared - {"fragment.html"}:
        (tmp_path / "mine" / file).write_text(source.shared()[file], encoding="utf-8")
    own = load(str(tmp_path / "mine"), {}, language="en")
    assert (own.html, own.text, own.fragment, own.digest) == (
        shipped.html,
        shipped.text,
        shipped.fragment,
        shipped.digest,
    )


def test_a_file_of_the_theme_counts_instead_of_the_shared_one(tmp_path: Path) -> None:
    """In the text part, in a partial, and back to the shared one where it is gone; a cache keeps them apart."""
    for name in ("issue.mjml", "theme.yaml"):
        (tmp_path / name).write_text((THEMES["plain"] / name).read_text(encoding="utf-8"), encoding="utf-8")
    before = load(str(tmp_path), {}, language="en")
    (tmp_path / "issue.txt").write_text("{{ subject }}", encoding="utf-8")
    shared = source.shared()["identity.mjml"]
    (tmp_path / "identity.mjml").write_text(shared.replace(" · ", " / "), encoding="utf-8")
    own = load(str(tmp_path), {}, language="en")
    (tmp_path / "issue.txt").unlink()
    (tmp_path / "identity.mjml").unlink()

    assert own.text == "{{ subject }}"
    assert (before.html.count(" / "), own.html.count(" / ")) == (0, 1)
    assert own.text_place == str(tmp_path / "issue.txt")
    for again in (load(str(tmp_path), {}, language="en"), before):
        assert again.text_place == "digest/theme/shared/issue.txt"
        assert (again.html, again.text) == (before.html, source.shared()["issue.txt"])


def test_a_token_that_a_shared_file_needs_is_named(tmp_path: Path) -> None:
    """The place is in the shared file, by its path in the program, and not in a file that the theme does not have."""
    page = '<mjml><mj-body>[% include "blocks.mjml" %]</mj-body></mjml>'
    (tmp_path / "issue.mjml").write_text(page, encoding="utf-8")
    (tmp_path / "theme.yaml").write_text('ink: "#000000"\n', encoding="utf-8")
    assert failure(str(tmp_path)) == "digest/theme/shared/blocks.mjml:18:137: 'dict object' has no attribute 'line'"


def test_every_theme_has_the_same_lines() -> None:
    """All themes say alike which scripts need high lines, how the editor's words are read, and which links are paid."""
    lines = {
        name: sorted(ALIKE.findall("\n".join(source.read(str(folder)).contents.values())))
        for name, folder in THEMES.items()
    }
    assert len(lines["plain"]) == 5
    assert lines == dict.fromkeys(THEMES, lines["plain"])


def test_a_mark_of_the_byte_order_is_no_word(tmp_path: Path) -> None:
    """Files that an editor of Windows wrote are as those without their first sign."""
    names = ("issue.mjml", "issue.txt", "theme.yaml", "footer.mjml")
    plain = load(theme(tmp_path / "a"), {}, language="en")
    marked = theme(tmp_path / "b")
    for name in names:
        file = Path(marked, name)
        file.write_text(f"\ufeff{file.read_text(encoding='utf-8')}", encoding="utf-8")
    other = load(marked, {}, language="en")
    assert (other.html, other.text) == (plain.html, plain.text)


# --- what a theme may not do


@pytest.mark.parametrize("name", BROKEN)
def test_broken_theme_names_place_and_remedy(tmp_path: Path, name: str) -> None:
    """A theme of the museum fails with the message written beside it."""
    assert BROKEN[name] == failure(exhibit(tmp_path, name))


@pytest.mark.parametrize("name", MISPLACED)
def test_broken_theme_names_place(tmp_path: Path, name: str) -> None:
    """A theme that is no MJML at all fails with the file and line to look at."""
    assert MISPLACED[name] == failure(exhibit(tmp_path, name))[: len(MISPLACED[name])]


@pytest.mark.parametrize("name", UNFIT)
def test_unfit_theme_names_place_and_remedy(tmp_path: Path, name: str) -> None:
    """A theme that asks the news for what is not there fails with its own file and line."""
    assert UNFIT[name] == failure(exhibit(tmp_path, name))


@pytest.mark.parametrize(
    ("own", "problems"),
    [
        ('[% include ["a.mjml", "b.mjml"] %]', ["there is no 'b.mjml' to include; its partials are issue.mjml"]),
        ("[% include [] %]", ["Tried to select from an empty list of templates."]),
        (
            '[% from "a.mjml" import card %][[ card() ]]',
            [
                "there is no 'a.mjml' to include; its partials are issue.mjml",
                "the template 'a.mjml' (imported on line 1 in 'issue.mjml') does not export the requested name 'card'",
            ],
        ),
        (
            "[# [[ data:name ]] #][[ data:name ]]",
            [
                "`[[ data:name ]]` is no Jinja: expected token 'end of print statement', got ':'; "
                "mend it, or take it out"
            ],
        ),
    ],
    ids=["list", "list-of-none", "import", "comment"],
)
def test_what_cannot_be_filled_in_is_told_first(own: str, problems: list[str]) -> None:
    """A missing file is named before what else is wrong without it, and what is in a comment is no mistake."""
    files = source.ThemeFiles("", {source.HTML: f"<mjml><mj-body>{own}</mj-body></mjml>"})
    with pytest.raises(ThemeError) as error:
        raise together(source.fill(files, {}, language="en", direction="ltr").problems)
    assert [line.split(": ", 1)[1] for line in str(error.value).splitlines()] == problems


def test_a_statement_that_takes_blanks_away_moves_no_place(tmp_path: Path) -> None:
    """What stands behind `{%-` is told at its own line and column."""
    text = "<mj-text>a\n\n   {%- if issue.more %}b{% endif %}\n   {{- issue.period }} {{ subjekt }}</mj-text>"
    folder = theme(tmp_path, footer_mjml=in_footer(text))

    assert failure(folder) == f"footer.mjml:6:24: 'subjekt' is undefined; {REMEDY}"


def test_an_attribute_that_moved_has_its_place(tmp_path: Path) -> None:
    """MJML writes alt before src: what is wrong in it is at its own place, and not at the theme's first piece."""
    image = '<mj-image src="{{ web_url }}"\n  alt="{{ subjekt }}" />'
    folder = theme(tmp_path, footer_mjml=in_footer(image))
    assert failure(folder) == f"footer.mjml:4:8: 'subjekt' is undefined; {REMEDY}"
    look = load(folder, {}, language="en")
    with pytest.raises(ThemeError, match=r"footer\.mjml:4:8: 'subjekt' is undefined"):
        template.prove(look, spoken.load("en", {}))


@pytest.mark.parametrize("name", ["issue.mjml", "theme.yaml"])
def test_missing_file_is_named(tmp_path: Path, name: str) -> None:
    """A theme without its page or its tokens fails with the name of that file."""
    folder = theme(tmp_path)
    os.remove(os.path.join(folder, name))
    assert f"{folder}: no {name} in it; copy templates/default to start a theme of your own" == failure(folder)


def test_missing_folder_is_named() -> None:
    """A theme that is not there fails with the folder and the option that names it."""
    assert (
        failure("/nowhere")
        == "/nowhere: cannot be read (No such file or directory); name a theme's folder with --templates"
    )


@pytest.mark.parametrize(
    ("token", "value", "expected"),
    [
        ("acent", "#000000", "theme: unknown token 'acent'; did you mean 'accent'?"),
        (
            "zzzzz",
            "#000000",
            "theme: unknown token 'zzzzz'; known are accent, card, dark_accent, dark_card, dark_ink, dark_line, "
            "dark_link, dark_panel, dark_paper, dark_quiet, ink, line, link, panel, paper, quiet, sans, serif, width",
        ),
        ("accent", "red", "theme.accent: 'red' is not a colour such as #1d4ed8; the theme's own is #1d4ed8"),
        ("width", "wide", "theme.width: 'wide' is not a length such as 16px; the theme's own is 620px"),
        ("sans", "a;b", "theme.sans: 'a;b' is not plain words; the theme's own is "
         "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"),
    ],
    ids=["misspelt", "unknown", "colour", "length", "words"],
)  # fmt: skip
def test_bad_override_is_refused(token: str, value: str, expected: str) -> None:
    """A token of the settings that the theme does not have, or of another kind, is refused."""
    assert expected == failure(THEME, {token: value})


def test_museum_is_complete() -> None:
    """Every exhibit of the museum has its message here."""
    assert sorted(os.listdir(MUSEUM)) == sorted([*BROKEN, *MISPLACED, *UNFIT])


# --- the cache


def loaded_modules(folder: str) -> set[str]:
    """Return the modules that a fresh Python has after loading the theme in *folder*."""
    code = f"import sys; from digest import theme; theme.load({folder!r}, {{}}, language='en'); print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def cached(cache_home: Path) -> list[Path]:
    """Return the compiles in the cache."""
    return sorted((cache_home / "heat-digest").iterdir())


def test_second_load_imports_no_engine() -> None:
    """The first load imports the engines, the second none of them."""
    engines = {"mjml", "premailer", "lxml", "cssutils"}
    assert engines == engines & loaded_modules(THEME)
    assert set() == (engines | {"jinja2"}) & loaded_modules(THEME)


def test_second_load_gives_the_same(cache_home: Path) -> None:
    """A theme from the cache equals the one just compiled."""
    first = load(THEME, {}, language="en")
    assert first == load(THEME, {}, language="en")
    assert len(cached(cache_home)) == 1


def test_changed_byte_is_compiled_anew(tmp_path: Path) -> None:
    """A change in any file of the theme shows in the next load."""
    folder = theme(tmp_path, footer_mjml=text_in_footer("zebra"))
    assert "zebra" in load(folder, {}, language="en").html
    theme(tmp_path, footer_mjml=text_in_footer("giraffe"))
    assert "giraffe" in load(folder, {}, language="en").html


@pytest.mark.parametrize(("tokens", "language"), [({"ink": "#000000"}, "en"), ({}, "de")], ids=["token", "language"])
def test_changed_setting_is_compiled_anew(cache_home: Path, tokens: dict[str, str], language: str) -> None:
    """Another token and another language are compiles of their own."""
    before = load(THEME, {}, language="en")
    assert before.digest != load(THEME, tokens, language=language).digest
    assert len(cached(cache_home)) == 2


@pytest.mark.parametrize(
    "damage",
    [b"", b"\xff\xfe", b"{}", b"0000\n{}", b"x" * 100_000],
    ids=["empty", "no-text", "no-checksum", "wrong-checksum", "long"],
)
def test_damaged_cache_is_compiled_anew(cache_home: Path, damage: bytes) -> None:
    """A damaged compile is replaced by a good one."""
    whole = load(THEME, {}, language="en")
    [file] = cached(cache_home)
    good = file.read_bytes()
    file.write_bytes(damage)
    assert whole == load(THEME, {}, language="en")
    assert good == file.read_bytes()


def test_cut_off_cache_is_compiled_anew(cache_home: Path) -> None:
    """A compile that lost its end is replaced by a whole one."""
    whole = load(THEME, {}, language="en")
    [file] = cached(cache_home)
    file.write_bytes(file.read_bytes()[:-100])
    assert whole == load(THEME, {}, language="en")


def test_unwritable_cache_is_no_error(cache_home: Path) -> None:
    """Where the cache cannot be written, the theme is compiled all the same."""
    cache_home.write_text("a file in the folder's place")
    assert load(THEME, {}, language="en").html.startswith("<!DOCTYPE html>")


def test_cache_lives_at_home_without_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without XDG_CACHE_HOME compiles are kept in ~/.cache."""
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    load(THEME, {}, language="en")
    assert len(cached(tmp_path / ".cache")) == 1


def test_copies_share_a_compile_and_keep_their_places(tmp_path: Path, cache_home: Path) -> None:
    """A theme is compiled once wherever it stands, and messages name the files of the one that is used."""
    one, other = theme(tmp_path / "one"), theme(tmp_path / "other")
    first, second = load(one, {}, language="en"), load(other, {}, language="en")

    assert len(cached(cache_home)) == 1
    assert first.expressions[0][0].startswith(f"{one}/")
    assert second.expressions == tuple((place.replace(one, other), text) for place, text in first.expressions)
    assert (first.html, first.digest) == (second.html, second.digest)


def test_other_engines_compile_anew(cache_home: Path) -> None:
    """A compile by an engine that is no longer the installed one is not used."""
    load(THEME, {}, language="en")
    [file] = cached(cache_home)
    good = file.read_bytes()
    engines, _, content = (cache.load(file.name) or b"").partition(b"\n")
    cache.store(file.name, engines[::-1] + b"\n" + content.replace(b"<!DOCTYPE", b"<!OLDTYPE"))

    assert load(THEME, {}, language="en").html.startswith("<!DOCTYPE")
    assert good == file.read_bytes()


def test_nothing_is_kept_where_that_is_turned_off(cache_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With DIGEST_CACHE=off nothing is read from the cache and nothing written."""
    monkeypatch.setenv("DIGEST_CACHE", "off")
    load(THEME, {}, language="en")
    assert not cache_home.exists()


def test_loading_writes_nothing_beside_the_theme(tmp_path: Path) -> None:
    """Loading writes nothing into the theme's folder."""
    folder = theme(tmp_path)
    before = sorted(os.listdir(folder))
    load(folder, {}, language="en")
    assert before == sorted(os.listdir(folder))
