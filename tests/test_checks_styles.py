"""Colours and the cascade: what a reader sees, computed without a browser."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal

import golden
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.checks import cascade, page, style
from digest.text import colours

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from digest.checks.cascade import MediaView

VIEWS = [view for view in cascade.VIEWS if not view.outlook]
HARD = """<!DOCTYPE html>
<html lang="en"><head><title>Hard</title><meta name="color-scheme" content="light dark">
<style>
body { background: rgb(250 240 230); color: #222; font: 18px/1.5 Georgia, serif }
#one { color: #010101 } .two { color: #020202 } p.two { color: #030303 } div > p { color: #040404 }
.loud { color: #050505 !important } .quiet { color: #060606 }
.em { font-size: .75em; line-height: 2em } .em span { font-size: 200%; line-height: normal }
.keyword { font-size: small } .bold { font-weight: 600 } .bolder b { font-weight: normal }
.half { background-color: rgba(0, 0, 255, .5) } .half .half { background: hsl(120 100% 50% / 50%) }
.short { background: #123456 url("a.png") no-repeat; background: #abcdef }
.again { background-color: #abcdef; background: none }
@media (max-width: 500px) { .narrow { color: #070707 } }
@media screen and (min-width: 31.3em) { .wide { color: #080808 } }
@media (prefers-color-scheme: dark) { body { background: #111 !important; color: #eee }
  .two { color: #ccc !important } }
@media print { p { color: #ff0000 } } @media not screen { p { color: #ff0000 } }
@media screen and (orientation: none), (max-width: 400px) { .either { color: #090909 } }
@supports (display: block) { .supported { color: #0a0a0a } }
a { color: #0b0b0b } .inherit { color: inherit } .initial, .unset { color: unset }
h2 { font-weight: 400 } li::before { color: #ff0000 } p:hover { color: #ff0000 } li:first-child { color: #0c0c0c }
</style><style media="print">p { color: #ff0000 }</style>
<style media="(max-width: 400px)">.media { color: #0d0d0d }</style>
</head><body>
<div><p id="one" class="two">id beats class</p><p class="two">child</p>
<p class="loud quiet" style="color: #0e0e0e">loud</p>
<p class="em">small <span>large</span></p><p class="keyword">keyword</p><p class="bold">bold</p>
<p class="bolder">not <b>bold</b> <strong>strong</strong></p></div>
<div class="half">half<div class="half">a quarter</div></div><p class="short">short</p><p class="again">again</p>
<p class="narrow wide">width</p><p class="either">either</p><p class="supported">supported</p><p class="media">media</p>
<p>a <a href="#">link</a>, <a class="inherit" href="#">inherits</a>, <a class="unset" href="#">unset</a></p>
<h1>Heading</h1><h2>Plain heading</h2><h3>Third</h3><ul><li>first</li><li>second</li></ul>
<table bgcolor="#fedcba"><tr><td bgcolor="#012345" style="color:#fff">cell</td><td>other</td></tr></table>
<p style="font-size:0"><span style="font-size:1.5rem; color:hsla(10, 50%, 50%, .8)">rem</span></p>
<p style="COLOR: RED; Background-Color: White">capitals</p><p style="color: #123; color: nonsense">nonsense</p>
<p style="padding: 3px 1em"><small>small</small> <big>big</big></p><p style="opacity: .5">faint</p>
<div hidden>hidden</div><p style="visibility:hidden">unseen <b style="visibility:visible">seen</b></p>
</body></html>"""
SEEN = """() => {
  const rgba = (colour) => { const [r, g, b, a] = colour.match(/[\\d.]+/g).map(Number); return [r, g, b, a ?? 1]; };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const night = matchMedia('(prefers-color-scheme: dark)').matches;
  const ground = (element) => {
    if (!element) return night ? [18, 18, 18] : [255, 255, 255];
    return over(rgba(getComputedStyle(element).backgroundColor), ground(element.parentElement));
  };
  return [...document.querySelectorAll('*')].map((element) => {
    const style = getComputedStyle(element);
    const height = style.lineHeight === 'normal' ? null : parseFloat(style.lineHeight);
    return { tag: element.localName, colour: rgba(style.color), ground: ground(element),
      size: parseFloat(style.fontSize),
      weight: Number(style.fontWeight), line: height, seen: element.checkVisibility({ visibilityProperty: true }) };
  });
}"""


def look(source: str, view: MediaView = cascade.LIGHT) -> tuple[page.Page, dict[Any, style.Style]]:
    """Return the page of *source* and what it looks like to *view*."""
    parsed = page.parse(source)
    return parsed, style.look(cascade.Cascade(parsed, cascade.read(parsed)), view)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view.name} at {view.width}")
@pytest.mark.parametrize("name", ["hard", *(case.name for case in golden.cases())])
def test_styles_are_those_of_a_browser(browser: Browser, name: str, view: MediaView) -> None:
    """Colour, background, size, weight, line height and visibility of all text are what Chromium computes."""
    source = HARD if name == "hard" else (golden.HERE / name / "index.html").read_text(encoding="utf-8")
    shown = source if view.head else re.sub(r"<style.*?</style>", "", source, flags=re.DOTALL)
    scheme: Literal["dark", "light"] = "dark" if view.dark else "light"
    tab = browser.new_page(viewport={"width": view.width, "height": 900}, color_scheme=scheme)
    tab.route("**/*", lambda route: route.abort())
    tab.set_content(shown)
    theirs = {place: one for place, one in enumerate(tab.evaluate(SEEN)) if one["tag"] not in ("head", "style")}
    tab.close()
    parsed, ours = look(shown, view)

    assert [one["tag"] for one in theirs.values()] == [
        element.tag for element in parsed.elements if element.tag not in ("head", "style")
    ]
    compared = 0
    for place, element in enumerate(parsed.elements):
        if not page.own_text(element) or element.tag in ("style", "title"):
            continue
        mine, their = ours[element], theirs[place]
        assert bool(mine.hidden) is not their["seen"] or mine.hidden in CLIPPED, parsed.label(element)
        if mine.hidden:
            continue
        compared += 1
        assert list(mine.colour[:3]) == pytest.approx(their["colour"][:3], abs=1), parsed.label(element)
        assert mine.colour.alpha == pytest.approx(their["colour"][3], abs=0.01)
        assert list(mine.background[:3]) == pytest.approx(their["ground"], abs=1), parsed.label(element)
        assert mine.size == pytest.approx(their["size"], abs=0.05), parsed.label(element)
        assert mine.weight == their["weight"], parsed.label(element)
        if their["line"] is not None:
            assert mine.line_height == pytest.approx(their["line"], abs=0.1), parsed.label(element)
    assert compared > 10, "it must have compared something"


CLIPPED = ("opacity:0", "height:0", "width:0", "text-indent", "position")
"""Ways of hiding that a browser does not count as hidden."""


@pytest.mark.parametrize(
    ("one", "other", "contrast"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#595959", "#ffffff", 7.0),
        ("#0000ff", "#ffffff", 8.59),
        ("#ff0000", "#00ff00", 2.91),
    ],
)
def test_contrast_of_known_pairs(one: str, other: str, contrast: float) -> None:
    """The contrast of well-known pairs is the one that the WCAG's own tools give."""
    colour, behind = colours.parse_colour(one), colours.parse_colour(other)

    assert colour is not None
    assert behind is not None
    assert colours.contrast_ratio(colour, behind) == pytest.approx(contrast, abs=0.01)


COLOURS = st.builds(
    colours.Colour,
    st.integers(0, 255),
    st.integers(0, 255),
    st.integers(0, 255),
    st.floats(0, 1, allow_subnormal=False),
)


@given(COLOURS, COLOURS)
def test_contrast_is_symmetrical_and_within_bounds(one: colours.Colour, other: colours.Colour) -> None:
    """Which is the text does not matter, and the contrast is from 1 to 21."""
    found = colours.contrast_ratio(one, other)

    assert found == colours.contrast_ratio(other, one)
    assert 1 <= found <= 21.000001


@given(COLOURS, COLOURS)
def test_contrast_is_that_of_coloraide(first: colours.Colour, second: colours.Colour) -> None:
    """The formula agrees with the library that knows all colour spaces; its matrices have other last figures."""
    from coloraide import Color  # noqa: PLC0415 - only here

    theirs = Color(str(first)).contrast(str(second), method="wcag21")

    assert colours.contrast_ratio(first, second) == pytest.approx(theirs, rel=3e-4)


@given(COLOURS, COLOURS)
def test_a_colour_over_another_lies_between_them(one: colours.Colour, other: colours.Colour) -> None:
    """What is seen of a half-transparent colour lies between the two, and is opaque."""
    seen = one.over(other)

    assert seen.alpha == 1
    assert all(
        min(a, b) - 1e-6 <= part <= max(a, b) + 1e-6 for a, b, part in zip(one[:3], other[:3], seen[:3], strict=True)
    )


@given(COLOURS)
def test_a_colour_is_read_back(colour: colours.Colour) -> None:
    """What is printed of a colour is read as the same colour."""
    assert str(colours.parse_colour(str(colour))) == str(colour)


@pytest.mark.parametrize(
    ("size", "weight", "needed"),
    [(16, 400, 7.0), (23.9, 400, 7.0), (24, 400, 4.5), (18.66, 700, 4.5), (18.66, 600, 7.0), (18, 700, 7.0)],
)
def test_large_text_needs_less(size: float, weight: int, needed: float) -> None:
    """Text of 24 px, or of 18.66 px and bold, is large."""
    assert style.needed_contrast(size, weight, "AAA") == needed
    assert style.needed_contrast(size, weight, "AA") == {7.0: 4.5, 4.5: 3.0}[needed]


@pytest.mark.parametrize("value", ["currentcolor", "inherit", "none", "", "#12", "url(a.png)", "lab(/**/1 2 3)"])
def test_what_is_no_colour(value: str) -> None:
    """None is what is left of a value that names no colour by itself."""
    assert colours.parse_colour(value) is None


@pytest.mark.parametrize(
    ("value", "colour"),
    [
        ("oklch(62.8% 0.2577 29.23)", "#ff0000"),
        ("lab(50% 0 0)", "#777777"),
        ("color(display-p3 1 1 1)", "#ffffff"),
        ("oklch(none none none)", "#000000"),
    ],
)
def test_colours_of_all_spaces_are_read(value: str, colour: str) -> None:
    """A colour that is written in another space than sRGB is the one that a browser shows."""
    assert str(colours.parse_colour(value)) == colour


@pytest.mark.parametrize("value", [".", "..", "1.2.3", ".px", "1.2.3px", "..em"])
def test_what_is_no_number_is_passed_over(value: str) -> None:
    """Dots and digits that are no number leave sizes, line heights and queries as they were."""
    parsed, seen = look(f'<p style="font-size:{value};line-height:{value};padding-top:{value}">Words</p>')
    (words,) = (seen[element] for element in parsed.named("p"))

    assert words.size == 16
    assert words.line_height == pytest.approx(19.2)
    assert not cascade.applies(f"(min-width: {value})", cascade.LIGHT)


def test_a_page_is_read_however_deep_it_is() -> None:
    """Elements inside each other, more than Python allows calls, have their text in reading order."""
    parsed = page.parse("<b>a" * 3000 + "<img alt=picture>b<br>c")

    assert page.text_of(parsed.body) == "a" * 3000 + "pictureb c"
    assert parsed.label(parsed.named("b")[-1]).startswith("b “")


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("screen", True), ("all", True), ("print", False), ("not print", True), ("only screen", True),
        ("(max-width: 600px)", False), ("(min-width:600px)", True), ("screen and (min-width: 50em)", True),
        ("(min-width: 50.1em)", False), ("print, screen", True), ("(prefers-color-scheme: light)", True),
        ("(prefers-color-scheme:dark)", False), ("(hover: none)", False), ("not all and (monochrome)", True),
        ("(min-width: wide)", False), ("(min-width)", False), ("screen and {", False),
    ],
)  # fmt: skip
def test_media_queries(query: str, holds: bool) -> None:
    """A query holds for a light page of 800 px as it would in a browser; what is not known does not hold."""
    assert cascade.applies(query, cascade.LIGHT) is holds


@pytest.mark.parametrize(
    ("style", "why"),
    [
        ("display:none", "display:none"),
        ("visibility:hidden", "visibility:hidden"),
        ("opacity:0", "opacity:0"),
        ("max-height:0;overflow:hidden", "height:0"),
        ("height:0px;overflow-y:hidden", "height:0"),
        ("width:0;overflow:hidden", "width:0"),
        ("text-indent:-9999px", "text-indent"),
        ("position:absolute;left:-5000px", "position"),
        ("max-height:0", ""),
        ("position:absolute;left:5px", ""),
        ("opacity:soft", ""),
    ],
)
def test_ways_to_hide(style: str, why: str) -> None:
    """What nobody sees is known by its styles, and its children with it."""
    parsed, found = look(f'<div style="{style}"><b>Words</b></div>')

    assert {found[element].hidden for element in parsed.named("div", "b")} == {why}


def test_outlooks_dark_reads_its_own_selectors() -> None:
    """[data-ogsc] and [data-ogsb] apply in Outlook.com's dark and nowhere else, in both ways to write them."""
    css = "[data-ogsc] p { color: #010203 } p[data-ogsb] { background: #040506 }"
    outlook = next(view for view in cascade.VIEWS if view.outlook)
    source = f"<style>{css}</style><p>Words</p>"
    seen = [look(source, view) for view in (cascade.LIGHT, outlook)]

    assert [str(found[parsed.named("p")[0]].colour) for parsed, found in seen] == ["#000000", "#010203"]
    assert [str(found[parsed.named("p")[0]].background) for parsed, found in seen] == ["#ffffff", "#040506"]
    assert "data-ogsc" not in seen[1][0].named("p")[0].attrib


def test_comments_leave_the_words_around_them() -> None:
    """A comment is taken out of the tree, and the text before and behind it stays."""
    parsed = page.parse("<p>one<!-- a -->two<b>three</b>four<!-- b -->five</p>")

    assert page.text_of(parsed.body) == "onetwothreefourfive"
    assert parsed.comments == (" a ", " b ")


def test_lines_are_those_of_the_source() -> None:
    """An element is where its start tag ends; implied ones have a line too."""
    parsed = page.parse("<!DOCTYPE html>\n<p>one\n<b\n class='x'>two</b>\n<table><tr><td>three</table>")

    assert [(element.tag, parsed.line(element)) for element in parsed.body.iter()] == [
        ("body", 2), ("p", 2), ("b", 4), ("table", 5), ("tbody", 5), ("tr", 5), ("td", 5),
    ]  # fmt: skip


def test_labels_are_short() -> None:
    """An element is called by its words, a picture without words by its file, anything else by its class."""
    markup = (
        '<h1>One two three four five six seven eight nine</h1><img src="https://e.com/a.png"><p class="x y"></p>'
        '<i class=" "></i>'
    )
    parsed = page.parse(markup)

    assert [parsed.label(element) for element in parsed.elements] == [
        "html", "head", "body", "h1 “One two three four five six seven eight…”", "img “a.png”", "p.x", "i",
    ]  # fmt: skip


def test_the_facts_fit_each_other() -> None:
    """Each feature has a letter for each client, and a title."""
    from digest.checks import clients  # noqa: PLC0415 - only here

    known = clients.support()

    assert {len(letters) for letters in known.features.values()} == {len(known.clients)}
    assert set("".join(known.features.values())) == set("yanu")
    assert known.features.keys() == known.titles.keys()
    assert set(clients.FALLBACKS) <= set(known.features)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", known.date)
    assert json.loads(json.dumps(known.titles))["css-display-flex"] == "display:flex"
