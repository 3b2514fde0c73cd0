"""The letter as other readers get it: each function from HTML to HTML."""

from __future__ import annotations

from typing import Literal

import pytest
from golden import ROOT
from hypothesis import given
from hypothesis import strategies as st

from digest.preview import emulate, mimeview

Scheme = Literal["light", "dark"]
SAMPLE = (ROOT / "tests" / "golden" / "sample" / "index.html").read_text("utf-8")
MESSAGE = (ROOT / "tests" / "golden" / "sample" / "message.eml").read_bytes()
PAGE = (
    '<html><head><meta name="color-scheme" content="light dark"><style>{css}</style></head><body>{body}</body></html>'
)


def page(css: str = "", body: str = "") -> str:
    """Return a small letter."""
    return PAGE.format(css=css, body=body)


def test_what_is_not_changed_stays_byte_for_byte() -> None:
    """Taking the sample letter apart and putting it together changes nothing."""
    assert emulate.rewrite(SAMPLE, tag=lambda _, attributes: attributes, css=lambda sheet: sheet) == SAMPLE


@given(st.text(alphabet="<>!-[]\"'=/ abif:{}&;\n", max_size=60))
def test_no_text_is_changed_or_lost(text: str) -> None:
    """Whatever stands there, taking it apart and putting it together changes nothing."""
    assert emulate.rewrite(text, tag=lambda _, attributes: attributes, css=lambda sheet: sheet) == text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p title="a &amp; b" class=x>', '<p title="a &amp; b" class="x" id="1">'),
        ("<p title='a \"q\"'>", '<p title="a &quot;q&quot;" id="1">'),
        ('<p hidden title="">', '<p hidden title="" id="1">'),
        ("<br/>", '<br id="1" />'),
        ("<!-- <p> --></p>", "<!-- <p> --></p>"),
        ('<p title="a > b">', '<p title="a &gt; b" id="1">'),
    ],
)
def test_a_changed_tag_is_written_anew(html: str, expected: str) -> None:
    """Values are decoded and encoded again; comments and end tags are no tags."""
    assert emulate.rewrite(html, tag=lambda _, attributes: {**attributes, "id": "1"}) == expected


@pytest.mark.parametrize(("scheme", "dark", "light"), [("dark", "min", "max"), ("light", "max", "min")])
def test_a_scheme_decides_its_media_queries(scheme: Scheme, dark: str, light: str) -> None:
    """A query for the scheme always holds, for the other never; the rest of the query stays."""
    css = "@media screen and (prefers-color-scheme:dark) { a { color: red } } @media (prefers-color-scheme: light) { }"

    found = emulate.with_scheme(page(css), scheme)

    assert f"@media screen and ({dark}-width: 0px) {{ a {{ color: red }} }} @media ({light}-width: 0px) {{ }}" in found
    assert f'content="{scheme}"' in found


def test_a_scheme_decides_sources_and_supported_schemes() -> None:
    """Sources of pictures and `color-scheme` follow the scheme; the same words in the text do not."""
    text = "(prefers-color-scheme: dark) and color-scheme: light dark"
    html = page(":root { color-scheme: light dark; }", f'<source media="(prefers-color-scheme: dark)"><p>{text}</p>')

    found = emulate.with_scheme(html, "dark")

    assert ":root { color-scheme: dark; }" in found
    assert '<source media="(min-width: 0px)">' in found
    assert f"<p>{text}</p>" in found


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_forced_dark_turns_lightness_around(red: int, green: int, blue: int) -> None:
    """The lighter of two colours becomes the darker; black becomes light, white the darkest ground."""
    from coloraide import Color  # noqa: PLC0415 - as in the module itself

    colour = f"#{red:02x}{green:02x}{blue:02x}"

    before, after = (
        Color(colour).convert("oklch")["lightness"],
        Color(emulate.turn(colour)).convert("oklch")["lightness"],
    )

    assert after == pytest.approx(0.18 + 0.82 * (1 - before), abs=0.03)


def test_forced_dark_changes_every_colour_and_no_picture() -> None:
    """Style attributes, sheets and old attributes are turned around; pictures and the author's dark styles are not."""
    html = page(
        ".a { color: #000000; background: url(black.png) } @media (prefers-color-scheme: dark) { .a { color: blue } }",
        '<td bgcolor="#ffffff" style="border: 1px solid black; width: 3px"><img src="a.png"></td>',
    )

    found = emulate.forced_dark(html)

    assert ".a { color: #ffffff; background: url(black.png) } @media (max-width: 0px)" in found
    assert '<td bgcolor="#121212" style="border: 1px solid #ffffff; width: 3px"><img src="a.png"></td>' in found
    assert "html { background: #121212; color: #f2f2f2; }" in found


@pytest.mark.parametrize("word", ["inherit", "transparent", "nonsense", "currentColor"])
def test_what_is_no_colour_stays(word: str) -> None:
    """Words that name no colour are left alone."""
    assert emulate.turn(word) == word


def test_without_images_nothing_is_loaded() -> None:
    """Addresses of pictures go, their alternative texts stay; links keep theirs."""
    html = page(
        ".a { background: url(https://a.example.com/a.png) }",
        '<img src="a.png" srcset="b.png 2x" alt="Bees" width="3"><td background="c.png" style="background: url(d.png)">'
        '<a href="e.png">',
    )

    found = emulate.without_images(html)

    assert '<img alt="Bees" width="3"><td style="background: none"><a href="e.png">' in found
    assert ".a { background: none }" in found


def test_without_styles_only_the_text_is_left() -> None:
    """Sheets, style attributes and presentational attributes go; meaning and links stay."""
    html = page(
        ".a {}", '<link rel="stylesheet" href="x"><p class="a" style="color: red" lang="de">x</p><table width="3">'
    )

    found = emulate.without_styles(html)

    assert found.endswith('<body><p lang="de">x</p><table></body></html>')
    assert "<style" not in found


def test_larger_text_leaves_widths_alone() -> None:
    """Sizes of letters and lines are doubled, in sheets and attributes; widths and texts are not."""
    html = page(
        "p { font: 16px/1.5 Arial; width: 10px }", '<p style="font-size:14.5px;line-height:20px;width:3px">12px</p>'
    )

    found = emulate.larger(html)

    assert "p { font: 32px/1.5 Arial; width: 10px }" in found
    assert '<p style="font-size:29px;line-height:40px;width:3px">12px</p>' in found
    assert found.index("font-size: 200%") < found.index("</head>")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("mso", True),
        ("!mso", False),
        ("IE", False),
        ("gte mso 9", True),
        ("gt mso 16", False),
        ("lte mso 11", False),
        ("lt mso 17", True),
        ("mso 16", True),
        ("mso 12", False),
        ("mso | IE", True),
        ("(mso)|(IE)", True),
        ("(gte mso 9)&(lt mso 12)", False),
        ("!(IE)", True),
        ("!mso & IE", False),
        ("gte IE 9", False),
        ("", False),
        ("(", False),
        ("gte mso", False),
        ("gte mso nine", False),
    ],
)
def test_conditions_hold_as_in_outlook(condition: str, expected: bool) -> None:
    """Word's Outlook is mso 16 and no Internet Explorer; what cannot be read does not hold."""
    assert emulate.holds(condition) is expected


@pytest.mark.parametrize("comment", ["<!-->", "<!-- -->"])
def test_outlook_reads_its_branch_and_no_media_queries(comment: str) -> None:
    """What only Outlook sees is there, what it does not see is not; settings for Word go, media queries never hold."""
    html = page(
        "@media (max-width: 520px) { p { color: red } }",
        "<!--[if mso]><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml><table><![endif]-->"
        f"<!--[if !mso]>{comment}<video></video><!--<![endif]--><!-- kept -->",
    )

    found = emulate.outlook(html)

    assert found.endswith("<body><table><!-- kept --></body></html>")
    assert "@media not all { p { color: red } }" in found


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img src="https://a.example.com/x/bees.png">', '<img src="/p/bees.png?1">'),
        ('<img src="https://a.example.com/x/bees.png?w=3">', '<img src="/p/bees.png?1">'),
        ('<td background="https://a.example.com/bees.png">', '<td background="/p/bees.png?1">'),
        ('<img src="https://a.example.com/ants.png">', '<img src="https://a.example.com/ants.png">'),
        ('<img src="https://a.example.com/no-bees.png">', '<img src="https://a.example.com/no-bees.png">'),
        ('<img src="http://a.example.com/bees.png">', '<img src="http://a.example.com/bees.png">'),
        ('<a href="https://a.example.com/bees.png">', '<a href="https://a.example.com/bees.png">'),
        ("&lt;img src=&#34;https:/a/bees.png&#34;&gt;", "&lt;img src=&#34;https:/a/bees.png&#34;&gt;"),
    ],
    ids=["known", "query", "ground", "unknown", "ending", "no-tls", "link", "text"],
)
def test_only_known_pictures_are_local(html: str, expected: str) -> None:
    """Only the address of a picture whose file name is known is changed."""
    assert emulate.with_local_pictures(html, {"bees.png": "/p/bees.png?1"}) == expected


def test_an_address_asks_for_a_view() -> None:
    """Known values are taken, others are left at their defaults."""
    found = emulate.view({"scheme": "forced", "images": "maybe", "text": "200", "unknown": "x"})

    assert found == emulate.ReaderView(scheme="forced", text="200")


def test_several_wishes_are_met_at_once() -> None:
    """Views can be combined: forced dark, no images, large text, Outlook's branch."""
    found = emulate.letter(SAMPLE, emulate.ReaderView(scheme="forced", images="off", text="200", outlook="on"))

    assert "<!--[if" not in found
    assert 'src="' not in found
    assert "font-size: 60px" in found or "font-size:60px" in found


def test_the_bare_letter_can_be_asked_for() -> None:
    """Without styles there is no style, whatever else is asked."""
    assert "style" not in emulate.letter(page("p {}"), emulate.ReaderView(styles="off", scheme="dark"))


def test_a_message_is_taken_apart() -> None:
    """Headers are decoded, parts are a tree with their sizes."""
    found = mimeview.read(MESSAGE)

    assert [(part.depth, part.kind) for part in found.parts] == [
        (0, "multipart/alternative"),
        (1, "text/plain"),
        (1, "text/html"),
    ]
    assert found.parts[2].read == len(SAMPLE.replace("\n", "\r\n").encode())
    assert (found.sender, found.address, found.size) == ("The AI Week", "news@example.com", len(MESSAGE))
    assert next(header.value for header in found.headers if header.name == "List-Unsubscribe").count("<") == 2
