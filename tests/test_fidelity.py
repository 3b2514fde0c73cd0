"""What our engine does otherwise than the official MJML is mended: each kind, in the HTML that comes out."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import ThemeError
from digest.theme import compiler, source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOKENS = {"accent": "#1d4ed8"}
PIECES = [
    *"<>/=\"'-! \na{}%#[]", "mj-text", "mjml", "<!--", "-->", "<mj-raw>", "</mj-raw>", "<mj-tezt>", "</mj-tezt>",
    '<mj-class name="a" color="red" />', '<mj-tezt mj-class="a" />', "{% if a %}", "{% endif %}", "{{ a }}",
    "<mj-section>", "</mj-section>", "<!--[if mso]>", "<![endif]-->",
]  # fmt: skip


def page(body: str, *, head: str = "", root: str = "<mjml>", language: str = "en", **files: str) -> str:
    """Return the template that a theme of its own with *body* and *head* is compiled to."""
    text = f"{root}<mj-head>{head}</mj-head><mj-body>{body}</mj-body></mjml>"
    contents: Mapping[str, str] = {source.HTML: text, source.TEXT: "", source.TOKENS: "", **files}
    return compiler.compile_theme(source.with_shared(source.ThemeFiles("", contents)), TOKENS, language=language).html


def column(elements: str, *, head: str = "") -> str:
    """Return the same for *elements* in one column."""
    return page(f"<mj-section><mj-column>{elements}</mj-column></mj-section>", head=head)


class Tags(HTMLParser):
    """The tags of a page, each with its attributes as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))

    def only(self, name: str) -> dict[str, str | None]:
        """Return the attributes of the one element of that name."""
        [attributes] = [attributes for tag, attributes in self.tags if tag == name]
        return attributes


def style(html: str, tag: str, css_class: str) -> str:
    """Return the style of the first *tag* inside the element with *css_class*."""
    inside = html[html.index(f'class="{css_class}"') :]
    return str(next(attributes.get("style") for name, attributes in Tags(inside).tags if name == tag))


# --- attributes and words come through whole


@given(value=st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=12))
def test_attributes_of_html_come_through(value: str) -> None:
    """Whatever stands in an attribute of HTML, a browser reads it from the compiled theme."""
    written = (
        value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("{", "(").replace("[", "(")
    )
    html = column(f'<mj-text><b title="{written}">a</b></mj-text>')
    assert Tags(html).only("b")["title"] == value.replace("{", "(").replace("[", "(")


@given(value=st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), min_size=1, max_size=12))
@example(value="x-important-")
def test_attributes_of_mjml_come_through(value: str) -> None:
    """The same in an attribute of MJML, which our engine prints as a programmer would."""
    written = (
        value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("{", "(").replace("[", "(")
    )
    html = column(f'<mj-image src="https://example.com/a.png" alt="{written}" />')
    assert Tags(html).only("img")["alt"] == value.replace("{", "(").replace("[", "(")


def test_an_attribute_over_lines_acts() -> None:
    """A style and a stack of fonts that a formatter wrote over lines are styles in the page."""
    html = column('<mj-text font-family="Georgia,\n  serif"><p style="\n  color: red;\n">a</p></mj-text>')
    assert "font-family:Georgia, serif" in html
    assert re.sub(r"\s+", "", str(Tags(html).only("p")["style"])) == "color:red;"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<b>Read on</b>\n<i>the web</i>", "<b>Read on</b> <i>the web</i>"),
        ("<b>a</b>\n  {% if issue %}<i>b</i>{% endif %}", "<b>a</b> {% if issue %}<i>b</i>{% endif %}"),
        ("<p>a</p>\n<p>b</p>", "<p>a</p><p>b</p>"),
        ("<b>a</b><!-- note --><i>b</i>", "<b>a</b><i>b</i>"),
        ("on<!-- note -->line", "online"),
        ("<B>a</b>\n<i>b</I>", "<b>a</b> <i>b</i>"),
    ],
    ids=["inline", "statement", "blocks", "comment", "comment-in-a-word", "capitals"],
)
def test_white_space_is_where_readers_see_it(markup: str, expected: str) -> None:
    """A line break between two pieces of a line is a blank, between two blocks nothing; a comment is nothing."""
    assert expected in re.sub(r">\n+<", "><", column(f"<mj-text>{markup}</mj-text>"))


def test_a_pre_keeps_its_lines() -> None:
    """Empty lines are left out of a page, and kept where they are seen."""
    assert "<pre>a\n\n\n  b</pre>" in column("<mj-text><pre>a\n\n\n  b</pre></mj-text>")


def test_an_attribute_without_quotes_is_one() -> None:
    """As in HTML, quotes may be left out, and of an attribute that stands twice the first holds."""
    assert "color:red;" in column("<mj-text color=red color=blue>a</mj-text>")


# --- what a theme says of its elements


def test_the_last_class_named_wins() -> None:
    """mj-class: the class named last is the stronger one, an attribute of the element's own the strongest."""
    head = (
        '<mj-attributes><mj-class name="red" color="red" font-size="20px" css-class="a" />'
        '<mj-class name="green" color="green" css-class="b" /></mj-attributes>'
    )
    html = column(
        '<mj-text mj-class="green red">a</mj-text><mj-text mj-class="red green" font-size="9px">b</mj-text>', head=head
    )
    assert "color:red" in style(html, "div", "b a")
    assert re.findall(r"(font-size:9px|color:green)", style(html, "div", "a b")) == ["font-size:9px", "color:green"]


def test_a_class_speaks_of_children() -> None:
    """An element in a class says how such elements look inside whatever has the class."""
    head = '<mj-attributes><!-- note --><mj-class name="note"><mj-text color="#92400e" /></mj-class></mj-attributes>'
    html = page('<mj-section><mj-column mj-class="note"><mj-text>a</mj-text></mj-column></mj-section>', head=head)
    assert "color:#92400e" in html


@pytest.mark.parametrize("padding", ["0 30px", "0 30px 0", "10px 0 0 60px", "0px 30px"])
def test_a_zero_needs_no_unit(padding: str) -> None:
    """A zero without unit takes nothing from the other sides of a padding: the picture is as wide as is left."""
    html = page(
        f'<mj-section padding="{padding}"><mj-column><mj-image padding="0" src="https://example.com/a" /></mj-column>'
        "</mj-section>"
    )
    assert Tags(html).only("img")["width"] == "540"


def test_a_colour_has_six_digits() -> None:
    """One of three is written out, for an attribute such as bgcolor, which Outlook reads in six alone."""
    html = page('<mj-section background-color="#1aF"></mj-section>')
    assert re.findall(r'bgcolor="([^"]*)"', html) == ["#11aaFF"]


def test_pictures_have_a_text() -> None:
    """A picture without alt has an empty one."""
    assert Tags(column('<mj-image src="https://example.com/a.png" />')).only("img")["alt"] == ""


@pytest.mark.parametrize(
    ("root", "expected"),
    [("<mjml>", ("he", "rtl")), ('<mjml lang="en" dir="ltr">', ("en", "ltr"))],
    ids=["unset", "set"],
)
def test_the_letter_has_a_language(root: str, expected: tuple[str, str]) -> None:
    """Where the theme names no language, the page has the letter's."""
    html = Tags(page("", root=root, language="he")).only("html")
    assert (html["lang"], html["dir"]) == expected


# --- styles


def test_important_rules_win() -> None:
    """A rule to be inlined wins with !important over MJML's own style, and not without."""
    head = '<mj-style inline="inline">.note div { color: red !important; line-height: 2; }</mj-style>'
    html = column('<mj-text css-class="note">a</mj-text>', head=head)
    assert re.findall(r"(?<![-\w])(?:color|line-height):\s*[^;]+", style(html, "div", "note")) == [
        "line-height:1",
        "color:red",
    ]


@pytest.mark.parametrize("value", ['"Open Sans", serif', "'Open Sans', serif"], ids=["double", "single"])
def test_important_values_stay_whole(value: str) -> None:
    """A name in quotes is part of its value, in the element and, for what cannot stand there, in the head."""
    rules = f".note p {{ font-family: {value} !important; }} .note:hover {{ font-family: {value} !important; }}"
    words = '<p style="background: url(data:image/png;base64,AA); font-family: Arial">a</p>'
    html = column(f'<mj-text css-class="note">{words}</mj-text>', head=f'<mj-style inline="inline">{rules}</mj-style>')
    given = re.sub(r"[\s\"']", "", str(Tags(html).only("p")["style"]))
    assert given == "background:url(data:image/png;base64,AA);font-family:OpenSans,serif"
    assert re.search(r'\.note:hover\s*{\s*font-family: ?"Open Sans", serif !important;?\s*}', html)


def test_important_rules_for_the_head_stay_important() -> None:
    """What cannot stand in an element, such as :hover, stays in the head with its !important."""
    head = '<mj-style inline="inline">.note:hover { color: red !important; }</mj-style>'
    html = column('<mj-text css-class="note">a</mj-text>', head=head)
    assert re.search(r"\.note:hover\s*{\s*color: ?red !important;?\s*}", html)
    assert "x-important" not in html


def test_selectors_give_attributes() -> None:
    """mj-html-attributes gives what its selectors match the attributes that it names."""
    head = (
        '<mj-html-attributes><mj-selector path=".lead div"><mj-html-attribute name="data-id">{{ issue.id }}'
        "</mj-html-attribute></mj-selector></mj-html-attributes>"
    )
    html = column('<mj-text css-class="lead">a</mj-text><mj-text>b</mj-text>', head=head)
    assert [attributes["data-id"] for _, attributes in Tags(html).tags if "data-id" in attributes] == ["{{ issue.id }}"]


# --- comments


@pytest.mark.parametrize(
    "comment",
    [
        "<!-- two -- dashes -->",
        "<!-- {% for story in sections %}{{ story.nothing }}{% endfor %} -->",
        "<!-- <mj-text>switched off</mj-text> -->",
        "<!-- {% if -->",
    ],
    ids=["dashes", "loop", "element", "half"],
)
def test_comments_are_left_out(comment: str) -> None:
    """A comment may stand anywhere and hold anything; nothing of it is in the letter, and places stay right."""
    plain = page("<mj-section><mj-column><mj-text>a</mj-text></mj-column></mj-section>")
    text = f"<mj-section>{comment}<mj-column>{comment}<mj-text>{comment}a</mj-text></mj-column></mj-section>{comment}"
    head = f"{comment}<mj-attributes>{comment}</mj-attributes>"
    assert page(text, head=head, root=f'<?xml version="1.0"?>{comment}<mjml>') == plain


@pytest.mark.parametrize("name", ["mj-style", "style"])
def test_rules_in_a_comment_of_a_style_hold(name: str) -> None:
    """In a style the ends of a comment are nothing, and the rules between them act, as in a browser."""
    style = f"<{name}><!-- .x {{ color: red; }} --></{name}>"
    html = page("", head=style if name == "mj-style" else f"<mj-raw>{style}</mj-raw>")
    assert re.search(r"<style[^>]*>\s*\.x \{ color: red; \}\s*</style>", html)


def test_a_comment_in_a_string_is_news() -> None:
    """What looks like a comment inside of Jinja is a string of it."""
    assert '{{ "<!-- a -->" }}' in column('<mj-text>{{ "<!-- a -->" }}</mj-text>')


def test_a_comment_of_statements_is_those_statements() -> None:
    """Statements that were put into comments, to hide them from an editor of MJML, act."""
    text = "<!-- {% if issue %} --><mj-section></mj-section><!-- {% endif %} -->"
    assert re.findall(r"{%.*?%}", page(text)) == ["{% if issue %}", "{% endif %}"]


@pytest.mark.parametrize("name", ["mj-title", "mj-preview"])
def test_a_title_may_have_conditions(name: str) -> None:
    """Statements in the title or the preview act, and leave no sign of a comment in the words."""
    words = "{% if issue.more %}{{ issue.more }}{% else %}{{ subject }}{% endif %}"
    assert re.search(rf">\s*{re.escape(words)}\s*</(title|div)>", page("", head=f"<{name}>{words}</{name}>"))


def test_outlook_has_news_of_its_own() -> None:
    """Statements and expressions inside Outlook's comments are there, and end none."""
    branch = "<!--[if mso]>{% if sections %}<p>{{ subject }}</p>{% endif %}<![endif]-->"
    other = "<!--[if !mso]><!--><p>Others</p><!--<![endif]-->"
    html = column(f"<mj-text>{branch}{other}</mj-text>")
    assert branch in html
    assert re.sub(r"\n", "", html).count(other) == 1


@pytest.mark.parametrize("start", ["<!-->", "<!---->", "<!-- -->"], ids=["short", "whole", "blank"])
def test_what_is_for_all_but_outlook_is_shown(start: str) -> None:
    """However the start is written, it is one in the page, so that the branch is part of it for everybody else."""
    html = column(f"<mj-text><!--[if !mso]>{start}<b>Others {{{{ subject }}}}</b><!--<![endif]--></mj-text>")
    assert "<!--[if !mso]><!--><b>Others {{ subject }}</b><!--<![endif]-->" in html
    around = page(f"<mj-section><!--[if !mso]>{start}<!--<![endif]--><mj-column></mj-column></mj-section>")
    assert "<!--[if !mso]><!--><!--<![endif]-->" in around


def test_each_class_has_its_name_in_outlook() -> None:
    """Of several classes each has the ending that tells Outlook's elements from the others."""
    html = page('<mj-section css-class="one two"></mj-section>')
    assert re.findall(r'class="(one[^"]*)"', html) == ["one-outlook two-outlook", "one two"]


# --- attributes that do nothing in our engine


@pytest.mark.parametrize(
    ("element", "tag", "expected"),
    [
        ('<mj-image src="a" border-top="6px solid red" css-class="probe" />', "img", "border-top:6px solid red"),
        ('<mj-image src="a" border-left="1px solid red" css-class="probe" />', "img", "border-left:1px solid red"),
        ('<mj-table cellspacing="4" css-class="probe"></mj-table>', "table", "border-collapse:separate"),
    ],
    ids=["border-top", "border-left", "cellspacing"],
)
def test_what_the_engine_passes_over_is_written_behind_it(element: str, tag: str, expected: str) -> None:
    """A style that our engine knows nothing of stands where the official MJML writes it, and no trace of the way."""
    html = column(element)
    assert expected in style(html, tag, "probe")
    assert "hook" not in html


def test_defaults_are_written_behind_the_engine_too() -> None:
    """The same holds for what the head says of all elements, and for their classes."""
    head = '<mj-attributes><mj-image border-top="6px solid red" css-class="probe" /></mj-attributes>'
    assert "border-top:6px solid red" in style(column('<mj-image src="a" />', head=head), "img", "probe")


@pytest.mark.parametrize(
    ("part", "given", "around"),
    [
        ("mj-accordion-element", 'icon-width="24px" border="none"', "<mj-accordion>{}</mj-accordion>"),
        (
            "mj-accordion-text",
            'font-size="19px"',
            "<mj-accordion><mj-accordion-element>{}</mj-accordion-element></mj-accordion>",
        ),
        ("mj-social-element", 'icon-size="44px" color="#b91c1c"', '<mj-social icon-size="20px">{}</mj-social>'),
        ("mj-navbar-link", 'color="#b91c1c"', "<mj-navbar>{}</mj-navbar>"),
    ],
    ids=["accordion-element", "accordion-text", "social-element", "navbar-link"],
)
def test_defaults_of_a_part_are_stronger_than_its_list(part: str, given: str, around: str) -> None:
    """What the head says of icons, links and texts in a list is as if each of them said it."""
    by_default = column(around.format(f"<{part}></{part}>"), head=f"<mj-attributes><{part} {given} /></mj-attributes>")
    assert by_default == column(around.format(f"<{part} {given}></{part}>"))


def test_a_tag_ends_behind_its_attributes() -> None:
    """A > in an attribute ends no tag, so that what is written behind the engine stands in the tag it is for."""
    html = column('<mj-image src="a" alt="a > b" title="c" href="d" sizes="300px" border-top="6px solid red" />')
    picture = Tags(html).only("img")
    assert (picture["alt"], picture["sizes"]) == ("a > b", "300px")
    assert "border-top:6px solid red" in str(picture["style"])
    assert "<" not in re.sub(r"<[^>]*>", "", html[html.index("<body") :])
    spoken = page("", head="<mj-preview>a</mj-preview>", root="<mjml lang='e\"n'>")
    assert {attributes["lang"] for tag, attributes in Tags(spoken).tags if tag in {"html", "div"}} == {'e"n'}


def test_titles_stand_where_there_is_something_to_point_at() -> None:
    """A button and a picture's link have the title that their element has; a picture without a link has no other's."""
    html = column(
        '<mj-image src="a" title="Roof" /><mj-button href="b" title="To the &quot;map&quot;">b</mj-button>'
        '<mj-image src="c" href="c" title="Hive" />'
    )
    links = [attributes.get("title") for tag, attributes in Tags(html).tags if tag == "a"]
    assert links == ['To the "map"', "Hive"]


def test_a_button_is_as_wide_as_it_says() -> None:
    """Border and padding are part of a button's width."""
    html = column('<mj-button href="b" width="300px" border="2px solid red" inner-padding="14px 40px">b</mj-button>')
    assert "width:216px" in str(Tags(html).only("a")["style"])


def test_an_icon_stands_behind_its_words() -> None:
    """icon-position="right" puts the icon behind the words; an icon without words stays as it is."""
    icon = '<mj-social-element src="{0}" href="{0}" icon-position="right">{1}</mj-social-element>'
    html = column(
        "<mj-social>" + icon.format("a", "One") + icon.format("b", "") + icon.format("c", "Two") + "</mj-social>"
    )
    assert re.findall(r">(One|Two)<|<img[^>]*src=\"(.)\"", html) == [
        ("One", ""),
        ("", "a"),
        ("", "b"),
        ("Two", ""),
        ("", "c"),
    ]


def test_a_preheader_says_its_language() -> None:
    """mj-preview is a hidden text with the language and direction of the letter."""
    html = page("", head="<mj-preview>{{ preheader }}</mj-preview>", language="he")
    assert re.search(r'<body[^>]*>\s*<div lang="he" dir="rtl" style="display:none;[^>]*>{{ preheader }}</div>', html)


@pytest.mark.parametrize(
    ("body", "width"),
    [
        ('<mj-section><mj-column inner-border="3px solid red">{}</mj-column></mj-section>', "544"),
        ('<mj-section><mj-column inner-border-left="3px solid red">{}</mj-column></mj-section>', "547"),
        ('<mj-section><mj-column width="33.33333333333333%">{}</mj-column></mj-section>', "149"),
        ('<mj-hero padding="0 30px 0 10px">{}</mj-hero>', "510"),
        ('<mj-hero padding="5px" padding-left="20px">{}</mj-hero>', "525"),
    ],
    ids=["borders", "border", "third", "hero", "hero-sides"],
)
def test_a_picture_is_as_wide_as_its_place(body: str, width: str) -> None:
    """What a column or a hero keeps for itself is not the picture's, and Outlook goes by the number."""
    html = page(body.format('<mj-image src="a" />'))
    assert Tags(html).only("img")["width"] == width
    assert f'<td style="width:{width}px;">' in html


def test_a_side_has_its_own_padding() -> None:
    """In an accordion, too, a side's padding is stronger than that of all sides."""
    html = column(
        "<mj-accordion><mj-accordion-element><mj-accordion-title padding-left='37px'>One</mj-accordion-title>"
        "<mj-accordion-text padding-top='29px'>Two</mj-accordion-text></mj-accordion-element></mj-accordion>"
    )
    assert re.findall(r"padding:16px;(padding-[a-z]+:\d+px)", html) == ["padding-left:37px", "padding-top:29px"]


@pytest.mark.parametrize(
    "around",
    ["<mj-wrapper>{}</mj-wrapper>", "<mj-section>{}</mj-section>", "<mj-section><mj-group>{}</mj-group></mj-section>"],
    ids=["wrapper", "section", "group"],
)
def test_raw_html_between_elements_is_for_everybody(around: str) -> None:
    """HTML between the sections of a wrapper, or between columns, is not for Outlook alone."""
    child = "<mj-section></mj-section>" if "wrapper" in around else "<mj-column></mj-column>"
    html = page(around.format(f"{child}<mj-raw><b>Raw</b></mj-raw><!--[if mso]><i>Old</i><![endif]-->{child}"))
    assert "<b>Raw</b>" in re.sub(r"<!--\[if[^\]]*\]>(?!<!-->).*?<!\[endif\]-->", "", html, flags=re.DOTALL)
    assert "<!--[if mso]><i>Old</i><![endif]-->" in html


def test_the_first_line_may_be_raw() -> None:
    """mj-raw for the start of the file stands before the page, be it in the body or directly in mjml."""
    raw = '<mj-raw position="file-start"><!--[if mso]>first<![endif]--></mj-raw>'
    assert page("", root=f"<mjml>{raw}").startswith("<!--[if mso]>first<![endif]-->\n<!DOCTYPE html>")
    assert page(raw) == page("", root=f"<mjml>{raw}")


def test_icons_may_repeat() -> None:
    """A loop among icons leaves no empty tables between them; HTML among them stays what it is."""
    icon = '<mj-social-element src="{{ story.icon }}" href="{{ story.url }}">a</mj-social-element>'
    loop = f"{{% for story in section.stories %}}{icon}<mj-raw><b>or</b></mj-raw>{{% endfor %}}"
    html = column(f"<mj-social>{loop}</mj-social>")
    inside = html[html.index("{% for") : html.index("{% endfor")]
    assert (inside.count("<img"), inside.count("<b>or</b>"), inside.count("<table")) == (1, 1, 2)


def test_a_width_is_a_whole_number() -> None:
    """Half of an odd width is rounded down, for the picture and its cell."""
    html = page('<mj-section padding="0 12.5px"><mj-column><mj-image src="a" /></mj-column><mj-column /></mj-section>')
    assert str(Tags(html).only("img")["width"]).isdecimal()
    assert re.findall(r'<td style="width:([\d.]+)px', html) == [Tags(html).only("img")["width"]]


def test_a_gap_keeps_sections_apart() -> None:
    """mj-wrapper gap is a distance above each section but the first, in Outlook too; there the gap is not coloured."""
    section = '<mj-section background-color="#ffffff" css-class="s"><mj-column></mj-column></mj-section>'
    html = page(f'<mj-wrapper gap="21px">{section}{{% for s in sections %}}{section}{{% endfor %}}</mj-wrapper>')
    assert re.findall(r'<div class="s" style="[^"]*?(?:margin-top:(\d+)px;)?"', html) == ["", "21"]
    outlook = re.findall(r'<table [^>]*class="s-outlook"[^>]*>', html)
    assert [("padding-top:21px" in table, "bgcolor" in table) for table in outlook] == [(False, False), (True, False)]


def test_a_hero_is_as_high_as_its_picture() -> None:
    """mode="fluid-height" keeps the ratio of the background picture, in whole per cent."""
    hero = '<mj-hero mode="fluid-height" background-width="600px" background-height="400px" background-url="a" />'
    assert re.findall(r"padding-bottom:([^;]+);width:0\.01%", page(hero)) == ["67%", "67%"]


def test_menus_have_ids_of_their_own() -> None:
    """Two menus that open are two: each label belongs to the box before it. Their links are words apart."""
    link = '<mj-navbar-link href="a">one</mj-navbar-link>'
    html = column(f'<mj-navbar hamburger="hamburger">{link}{link}</mj-navbar>' * 2)
    tags = Tags(html).tags
    boxes = [attributes["id"] for tag, attributes in tags if tag == "input"]
    labels = [attributes for tag, attributes in tags if tag == "label"]
    assert boxes == [attributes["for"] for attributes in labels]
    assert len(set(boxes)) == 2
    assert [attributes.get("align") for attributes in labels] == [None, None]
    assert re.sub(r"<!--.*?-->|<[^>]*>|\s*\n\s*", "", html[html.rindex("mj-inline-links") :]).endswith("one one")


# --- files of the theme


def test_mj_include_takes_files_of_the_theme() -> None:
    """A partial, a style sheet and HTML come from the theme's folder, by their path from the file that asks."""
    files = {
        "parts/top.mjml": '<mj-section><mj-column><mj-include path="deep/words.mjml" /></mj-column></mj-section>',
        "parts/deep/words.mjml": "<mj-text>Words</mj-text>",
        "look.css": ".x { color: red; }",
        "note.html": "<div>Note</div>",
    }
    head = '<mj-include path="./look.css" type="css"></mj-include>'
    body = (
        '<mj-include path="./parts/top.mjml" /><mj-include type="html" path="note.html" />'
        '<!-- <mj-include path="nothing.mjml" /> -->'
    )
    html = page(body, head=head, **files)
    assert [part in html for part in (">Words</div>", "<div>Note</div>", ".x { color: red; }")] == [True] * 3


def test_a_style_sheet_can_be_inlined() -> None:
    """An included style sheet is moved into the elements where the theme says so."""
    head = '<mj-include path="look.css" type="css" css-inline="inline" />'
    html = page('<mj-section css-class="x"></mj-section>', head=head, **{"look.css": ".x { color: red; }"})
    assert re.search(r'<div class="x" style="color:red', html)


def test_a_whole_document_can_be_included() -> None:
    """Of an included document the body stands in its place, and the head goes to the theme's."""
    document = (
        "<mjml><mj-head><mj-attributes><mj-text color='red' /></mj-attributes></mj-head>"
        "<mj-body><mj-text>Words</mj-text></mj-body></mjml>"
    )
    html = page('<mj-section><mj-column><mj-include path="d.mjml" /></mj-column></mj-section>', **{"d.mjml": document})
    assert re.search(r'style="[^"]*color:red;?">\s*Words<', html)
    assert html.count("<body") == 1


def test_only_what_is_included_is_read(tmp_path: Path) -> None:
    """Folders of a theme are read as far as its templates ask for them, and never outside it."""
    theme = tmp_path / "theme"
    for name, content in {
        "theme/issue.mjml": '[% include "parts/a.mjml" %]<mj-include path="../secret.mjml" />',
        "theme/issue.txt": "",
        "theme/theme.yaml": "",
        "theme/parts/a.mjml": "<mj-include path='b/c.mjml' />",
        "theme/parts/b/c.mjml": "",
        "theme/parts/other.mjml": "",
        "theme/news/article.txt": "",
        "secret.mjml": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    names = {source.HTML, source.TEXT, source.TOKENS, "parts/a.mjml", "parts/b/c.mjml"}
    assert set(source.read(str(theme)).contents) == names | source.shared().keys()


# --- lengths that are no whole pixels


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('<mj-image src="a" width="50%" />', 'width="50"'),
        ('<mj-image src="a" width="50" />', 'width="50"'),
        ('<mj-image src="a" padding="10%" />', 'width="580"'),
        ('<mj-image src="a" padding-left="12.5px" padding-right="0" />', 'width="588"'),
        ('<mj-image src="a" padding="0 2em" padding-left="0" />', 'width="598"'),
        ('<mj-image src="a" padding="7px  31px" />', 'width="538"'),
        ('<mj-button width="500">a</mj-button>', "width:450px"),
        ('<mj-divider width="33.33%" />', 'width="181px"'),
    ],
    ids=["per-cent", "bare", "padding", "half-a-pixel", "zero-at-a-side", "two-blanks", "button", "line"],
)
def test_the_first_whole_number_counts(written: str, expected: str) -> None:
    """A width or padding is reckoned with by its first whole number, whatever unit it has, as in the official MJML."""
    assert expected in column(written)


@pytest.mark.parametrize("padding", ["5% 10%", "12.5px", "1em 2em 3em", "0%"])
@pytest.mark.parametrize(
    "element",
    [
        "<mj-section {}></mj-section>",
        '<mj-section full-width="full-width" {}></mj-section>',
        "<mj-wrapper {}><mj-section></mj-section></mj-wrapper>",
        "<mj-hero {}></mj-hero>",
        '<mj-hero mode="fluid-height" background-width="600px" background-height="300px" {}></mj-hero>',
        "<mj-section><mj-column {}></mj-column></mj-section>",
        '<mj-section><mj-column><mj-image src="a" {}></mj-image></mj-column></mj-section>',
        "<mj-section><mj-column><mj-button {}>a</mj-button></mj-column></mj-section>",
        "<mj-section><mj-column><mj-divider {}></mj-divider></mj-column></mj-section>",
    ],
    ids=["section", "full", "wrapper", "hero", "fluid-hero", "column", "image", "button", "divider"],
)
def test_a_padding_stays_as_it_is_written(element: str, padding: str) -> None:
    """Whatever is reckoned with, the style has the author's padding, once."""
    html = page(element.format(f'padding="{padding}" padding-top="3%"'))
    assert (html.count(f"padding:{padding};"), html.count("padding-top:3%")) == (1, 1)
    assert "hook" not in html


def test_a_hero_is_as_high_as_it_says() -> None:
    """The padding above and below is part of the height of a hero, also where the other one is a bare zero."""
    assert 'height="60"' in page('<mj-hero height="100px" padding="20px 0"></mj-hero>')
    assert 'height="50"' in page('<mj-hero height="50%"></mj-hero>')


def test_columns_of_a_group_are_whole_in_outlook() -> None:
    """Each is whole pixels wide, its padding included, and whole per cent on a telephone."""
    columns = '<mj-column padding="0 20px"></mj-column><mj-column width="33.33%"></mj-column><mj-column></mj-column>'
    html = page(f"<mj-section><mj-group>{columns}</mj-group></mj-section>")
    assert re.findall(r"vertical-align:top;width:([^;]*);", html) == ["200px", "33%", "199px", "33.33%", "200px", "33%"]


def test_lines_fit_where_they_are() -> None:
    """A line in a hero, or behind an inner border, is no wider in Outlook than what it is in."""
    hero = page('<mj-hero padding="0px 20px"><mj-divider></mj-divider></mj-hero>')
    bordered = page('<mj-section><mj-column inner-border="5px solid red"><mj-divider /></mj-column></mj-section>')
    assert ('width="510px"' in hero, 'width="540px"' in bordered) == (True, True)


# --- what is written empty, or in another way


def test_defaults_of_the_body_act() -> None:
    """Width and colour of the body may stand in the head."""
    head = '<mj-attributes><mj-body width="500px" background-color="#dddddd" /></mj-attributes>'
    html = page("<mj-section></mj-section>", head=head)
    assert ("max-width:500px" in html, '<body style="word-spacing:normal;background-color:#dddddd' in html) == (
        True,
        True,
    )


def test_a_font_of_an_accordion_goes_down() -> None:
    """Title and text have the accordion's font but for one of their own; what the head says of them is weaker."""
    accordion = (
        '<mj-accordion font-family="Georgia"><mj-accordion-element><mj-accordion-title>a</mj-accordion-title>'
        '<mj-accordion-text font-family="Verdana">b</mj-accordion-text></mj-accordion-element></mj-accordion>'
    )
    html = column(accordion, head='<mj-attributes><mj-accordion-title font-family="Arial" /></mj-attributes>')
    assert ("Arial;" in html, html.count("font-family:Georgia"), html.count("font-family:Verdana")) == (False, 2, 1)


def test_what_is_empty_is_none() -> None:
    """An empty address makes no link and no picture behind words, and an empty class none for Outlook."""
    column = '<mj-column><mj-button href="">a</mj-button></mj-column>'
    html = page(f'<mj-section background-url="" css-class=" ">{column}</mj-section>')
    assert [sign for sign in ("<a ", "url(", '"-outlook', "v:rect") if sign in html] == []


def test_full_width_is_said_in_full() -> None:
    """Any other word than full-width is a section as wide as the others."""
    assert page('<mj-section full-width="false"></mj-section>') == page("<mj-section></mj-section>")


@pytest.mark.parametrize("count", [3, 6, 7])
def test_columns_are_called_as_style_sheets_know_them(count: int) -> None:
    """The class of a column that has its share of a row has as many digits as the official MJML gives it."""
    share = {3: "33-333333333333336", 6: "16-666666666666668", 7: "14-285714285714286"}[count]
    html = page(f"<mj-section>{'<mj-column></mj-column>' * count}</mj-section>")
    assert html.count(f"mj-column-per-{share}") == count + 2


def test_elements_may_be_in_capitals() -> None:
    """As tags of HTML are."""
    body = "<mj-section><mj-column><mj-text>a</mj-text></mj-column></mj-section>"
    assert page(body.replace("mj-", "MJ-").replace("text", "Text")) == page(body)


def test_the_end_of_what_has_none_is_passed_over() -> None:
    """`</img>` is nothing, and `</br>` a break, as browsers read them."""
    assert column("<mj-text>a</br>b<img src='c'></img></mj-text>") == column("<mj-text>a<br>b<img src='c'></mj-text>")


def test_a_star_is_inlined() -> None:
    """Rules with a * in their selector are moved into the elements, and not into what nobody sees."""
    rules = "* { letter-spacing: 3px } .a > * { color: red } [class*=b] { color: blue }"
    html = column(
        '<mj-text css-class="a"><p class="b">x</p></mj-text>', head=f'<mj-style inline="inline">{rules}</mj-style>'
    )
    assert "color:blue; letter-spacing:3px" in html.replace(
        "letter-spacing:3px; color:blue", "color:blue; letter-spacing:3px"
    )
    assert "style=" not in html[html.index("<head") : html.index("</head>")]


def test_a_slip_in_a_rule_costs_that_alone() -> None:
    """A declaration of an inlined style that cannot be read takes nothing with it, as in a browser."""
    rules = "p { color: red; %) } b { color: blue } i { : 1px; width: } i { color: green }"
    html = column("<mj-text><p>a</p><b>b</b><i>c</i></mj-text>", head=f'<mj-style inline="inline">{rules}</mj-style>')
    styles = [attributes.get("style") for name, attributes in Tags(html).tags if name in {"p", "b", "i"}]
    assert styles == ["color:red", "color:blue", "color:green"]


def test_an_icon_with_a_blank_has_no_words() -> None:
    """Where nothing but a blank stands in mj-social-element there is no cell for it."""
    icons = [
        f'<mj-social><mj-social-element src="a" href="#">{words}</mj-social-element></mj-social>' for words in " \n"
    ]
    assert column(icons[0]) == column(icons[1]) == column(icons[0].replace(" </", "</"))


# --- what does nothing


def test_what_does_nothing_is_noted() -> None:
    """What MJML leaves out is told: words, a second attribute of a name, one that there is not, an unknown class."""
    section = '<mj-section mj-class="b" padding="1px" padding="2px" vertical-align="top" zzz="a"></mj-section>'
    text = f"<mjml><mj-body>a{section}</mj-body></mjml>"
    files = source.with_shared(source.ThemeFiles("", {source.HTML: text, source.TEXT: "", source.TOKENS: ""}))
    assert [note.what for note in compiler.notes(files, TOKENS, language="en")] == [
        "words directly in <mj-body>",
        "padding stands twice, and MJML takes the first",
        "vertical-align does nothing in <mj-section>",
        "zzz does nothing in <mj-section>",
        "no mj-class 'b'",
    ]


def test_an_attribute_of_another_element_does_nothing() -> None:
    """Nor one of an older MJML, though our engine knows it."""
    columns = [
        f'<mj-section><mj-column width="300px"{more}></mj-column></mj-section>' for more in ("", ' mobile-width="a"')
    ]
    assert page(columns[1]) == page(columns[0])


@pytest.mark.parametrize(
    ("columns", "count"),
    [
        ("{% if a %}<mj-column />{% else %}<mj-column />{% endif %}", 2),
        ('{% if a %}<mj-column width="30%" />{% endif %}<mj-column width="70%" />', 0),
        ("{% if a %}<mj-column />{% endif %}", 0),
    ],
    ids=["either-or", "widths", "alone"],
)
def test_columns_that_may_be_missing_are_noted(columns: str, count: int) -> None:
    """A row is divided among all its columns, those under a condition too, unless each has a width of its own."""
    text = f"<mjml><mj-body><mj-section>{columns}</mj-section></mj-body></mjml>"
    files = source.with_shared(source.ThemeFiles("", {source.HTML: text, source.TEXT: "", source.TOKENS: ""}))
    notes = [note.what for note in compiler.notes(files, TOKENS, language="en")]
    assert notes == ["<mj-column> under a condition: the row is divided as if all its columns were there"] * count


@pytest.mark.parametrize(
    "body",
    [
        "{% macro a() %}{%endmacro%}<mj-section></mj-section>",
        "<mj-section>{%for a in b%}<mj-raw>x</mj-raw>{%endfor%}<mj-column></mj-column></mj-section>",
        "<mj-section>{%-if(a)-%}<mj-raw>x</mj-raw>{%-endif-%}<mj-column></mj-column><mj-column></mj-column></mj-section>",
    ],
    ids=["macro", "loop", "condition"],
)
def test_statements_need_no_blanks(body: str) -> None:
    """A macro, a loop or a condition is over behind its end, however that is written; nothing is refused or noted."""
    text = f"<mjml><mj-body>{body}</mj-body></mjml>"
    files = source.with_shared(source.ThemeFiles("", {source.HTML: text, source.TEXT: "", source.TOKENS: ""}))
    assert compiler.notes(files, TOKENS, language="en") == []


def test_css_without_blanks_is_no_comment() -> None:
    """`{#` in a style is a rule for an id, unless the style has comments of Jinja's in it."""
    css = "@media print{#menu{color:red}}"
    html = page("", head=f"<mj-style>{css}</mj-style><mj-include path='a.css' type='css' />", **{"a.css": css})
    assert html.count("@media print{ #menu{color:red}}") == 2
    assert "note" not in page("", head="<mj-style>a {}{# note #}</mj-style>")


@given(text=st.lists(st.sampled_from(PIECES), max_size=40))
def test_anything_is_read(text: list[str]) -> None:
    """Whatever stands in a theme is compiled or refused with a place; nothing else comes of it."""
    body, message = "".join(text), ""
    try:
        page(body, head=body)
    except ThemeError as error:
        message = str(error)
    assert [line for line in message.splitlines() if not re.match(r"issue\.mjml(:\d+){0,2}: ", line)] == []
