"""`digest check` as a whole and rule by rule where the museum is too coarse: places, order, reports, the command."""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import faults
import golden
import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st
from samples import examples
from weeks import Newsroom

from digest import archive, checks, cli
from digest.checks import attribution, clients, content, plaintext, report, structure
from digest.checks import rule as rules
from digest.checks.context import facts, outlook_branch
from digest.checks.rule import RuleGroup, Spot
from digest.config.values import Waiver
from digest.errors import RecordError
from digest.model import Severity
from digest.text.phrases import bare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MUSEUM = golden.ROOT / "tests" / "museum"


def broken(*changes: Callable[[faults.Parts], None]) -> dict[str, bytes]:
    """Return the golden issue with several faults."""
    parts = faults._parts()
    faults.both(*changes)(parts)
    return faults.files(parts)


def said(*changes: Callable[[faults.Parts], None]) -> list[tuple[str, str]]:
    """Return what is said about such an issue, as (rule, what)."""
    return [(one.rule, one.what) for one in checks.check(broken(*changes))]


def run(*arguments: str) -> Result:
    """Run `digest check` on the day after the sample's last."""
    return CliRunner().invoke(cli.main, ["check", *arguments], env={"SOURCE_DATE_EPOCH": str(NEXT_DAY)})


NEXT_DAY = 1_606_089_600
"""23 November 2020, in seconds since 1970."""


def written(folder: Path, files: dict[str, bytes]) -> str:
    """Write an issue below *folder* as out/2020-11-22 and return its folder."""
    place = folder / "out" / "2020-11-22"
    place.mkdir(parents=True)
    for name, written in files.items():
        (place / name).write_bytes(written)
    return str(place)


# Findings as a whole


def test_a_finding_names_its_place_and_says_what_to_do() -> None:
    """A finding prints as `place: what; what to do`, with the line of the element and a short name of it."""
    (found,) = checks.check(broken(faults.html("</h1>", '</h1>\n<img src="https://e.example.com/a.png" width="9">')))
    line = faults._parts().html.partition("</h1>")[0].count("\n") + 2

    assert str(found) == f'index.html:{line} img “a.png”: has no alt; add alt=""'


def test_errors_come_first_and_then_the_order_of_the_files() -> None:
    """Findings are sorted by gravity, file and line, whatever order the rules run in."""
    found = checks.check(
        broken(
            faults.put("<!-- a comment -->"),
            faults.text("\n\n", f"\n\n{'word ' * 20}\n\nIt&#8217;s so\n\n"),
            faults.link("http://news.example.com/a"),
            faults.put("<h2></h2>"),
        )
    )

    assert [(one.severity, one.rule) for one in found] == [
        ("error", "heading-empty"),
        ("error", "text-markup"),
        ("warning", "link-https"),
        ("warning", "text-width"),
        ("note", "comment"),
    ]


def test_the_same_fault_is_told_once_and_counted() -> None:
    """Three pictures without alt text are one finding, at the first of them."""
    (found,) = checks.check(broken(faults.put('<img src="https://e.example.com/a.png" width="9">' * 3)))

    assert found.more == 2
    assert found.place.endswith("img “a.png” (and 2 more)")


def test_the_same_files_give_the_same_findings() -> None:
    """Nothing depends on the process: two runs with other hash seeds say the same."""
    code = (
        "import sys; sys.path.insert(0, 'tests'); import faults; from digest import checks; p = faults._parts();"
        "faults.both(faults.put('<center id=a><b id=a>x</b></center>'), faults.say('{{ a }} TODO'))(p);"
        "print(checks.check(faults.files(p)))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=golden.ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(outputs) == 1
    assert "duplicate-id" in outputs.pop()


def test_all_faults_at_once_are_all_told() -> None:
    """No rule silences another that has a fault of its own: one issue with many faults names each."""
    alone = ("image-alt", "heading-empty", "tab-order", "placeholder", "link-https", "duplicate-id", "event-handler")
    several = [next(one for one in faults.FAULTS if one.rule == rule) for rule in alone]

    assert {rule for rule, _ in said(*(one.change for one in several))} == set(alone)


def test_a_folder_without_an_issue_is_no_issue(tmp_path: Path) -> None:
    """Where there is none of the four files, that is an error of the user's."""
    with pytest.raises(RecordError) as caught:
        checks.load(str(tmp_path))

    assert str(caught.value) == f"{tmp_path}: there is no issue; build it first, or name the folder of one"


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A folder where a file should be is said with its path."""
    (tmp_path / "index.html").mkdir()

    with pytest.raises(RecordError) as caught:
        checks.load(str(tmp_path))

    assert str(caught.value) == f"{tmp_path / 'index.html'}: is a folder, not a file; make it readable"


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"null", b'"x"', b'{"format": 1}', b"[" * 100_000, b"\xff", b"{"])
def test_what_is_no_record(raw: bytes) -> None:
    """Any bytes that are no record are a finding, never a traceback."""
    files = faults.sound() | {"issue.json": raw}

    assert [one.rule for one in checks.check(files)] == ["record"]


@given(st.binary(max_size=300), st.binary(max_size=200), st.binary(max_size=300))
@example(b"<a href='//['>x</a><img src='https://[x'>", b"", b"From: \r\n\r\n")
@example(b"<table><td><style>a{</style><svg><a></svg>", b"&amp;", b"Content-Type: multipart/x\r\nDate: x\r\n\r\n")
@example("<p style='font-size:1e9px;color:rgb(1)' lang='' dir=''>\u202e</p>".encode(), b"\x00", b"\r\n")
def test_any_bytes_are_judged_without_a_traceback(html: bytes, text: bytes, eml: bytes) -> None:
    """Whatever stands in the files, there is a list of findings and no exception."""
    files = faults.sound() | {"index.html": html, "index.txt": text, "message.eml": eml}

    found = checks.check(files)

    assert any(one.severity == "error" for one in found)
    assert checks.verdicts(files) is not None


@settings(max_examples=examples(20), deadline=None)
@given(
    st.lists(st.sampled_from(["{{", "<", "&#8217;", "%X%", "é", "\n", '"', "'", "<!--", "-->", "]]>", "\u202e", "#"]))
)
def test_words_of_an_article_never_end_the_check(words: list[str]) -> None:
    """Odd words in a page are findings at most."""
    parts = faults._parts()
    parts.html = parts.html.replace("</h1>", f"</h1><p>{''.join(words)}</p>")

    assert isinstance(checks.check(faults.files(parts)), tuple)


# Rules that need more than one broken issue


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF))
def test_contrast_is_told_exactly_where_it_is_too_low(ink: int, ground: int) -> None:
    """Text in any colour on any other is a finding if and only if WCAG's formula gives less than 7:1."""
    html = f'<body style="background-color:#{ground:06x}"><p style="color:#{ink:06x}">Words</p></body>'
    opened = checks.inputs.opened(faults.sound() | {"index.html": html.encode()})

    def linear(part: int) -> float:
        return part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4

    def light(number: int) -> float:
        red, green, blue = number >> 16, number >> 8 & 255, number & 255
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) + 0.05

    ratio = max(light(ink), light(ground)) / min(light(ink), light(ground))
    told = bool(opened.low_contrasts)

    assert told is (ratio < 7) or ratio == pytest.approx(7, abs=1e-9)


@pytest.mark.parametrize(
    "words",
    [
        "Profits rose by 5% and 6%", "Set {A, B} and {1, 2}", "100 %", "None of the above", "C:\\users\\new",
        "He said: undefined behaviour", "NÃO É NÃO", "Âge d'or", "R&D; and AT&T", "it's null and void", "$5 and 6}",
        "To do: nothing", "[1] and [sic]", "Tübingen — “quoted” …", "50% of 60% of 70%", "f(x) = {x}²",
    ],
)  # fmt: skip
def test_what_is_no_left_over(words: str) -> None:
    """Ordinary words that look a little like a left-over are none, in the page and in the text."""
    assert said(faults.say(words.replace("&", "&amp;")), faults.text("\n\n", f"\n\n{words}\n\n")) == []


def test_percent_encoding_is_no_left_over() -> None:
    """An address is not taken for merge tags."""
    address = "https://news.example.com/%D8%AF%D9%88%D8%B1%20%ABcdef%20x"

    assert said(faults.link(address)) == []


def test_no_article_of_the_sample_archive_has_a_left_over() -> None:
    """Titles and excerpts of 100 articles are taken as they are."""
    articles = archive.read((golden.SEEDS,)).articles
    words = [escape(words) for each in articles for words in (each.title, each.excerpt, each.provider.name)]
    page = f"<!DOCTYPE html><body>{''.join(f'<p>{words}</p>' for words in words)}</body>"
    opened = checks.inputs.opened(faults.sound() | {"index.html": page.encode()})
    # One article is about a letter that began with "{{ first_name }}".
    left_overs = [each for each in rules.rules_of(content) if each.group == RuleGroup.LEFT_OVERS][1:]

    assert len(words) > 250
    assert len(left_overs) == 7
    assert [finding for each in left_overs for finding in each(opened)] == []


def test_what_an_article_quotes_is_a_warning() -> None:
    """A story about templates may say what they look like: the editor is asked to look, and nothing is stopped."""
    parts = faults._parts()
    parts.html = parts.html.replace("Skippers can open", "Type {{ 7*7 }} &lt;b&gt;now&lt;/b&gt;. Skippers can open")
    parts.text = parts.text.replace("Skippers can open", "Type {{ 7*7\n   }} <b>now</b>. Skippers can open")
    faults.excerpt("Skippers can open", "Type {{ 7*7 }} <b>now</b>. Skippers can open")(parts)

    assert [(one.rule, one.severity, one.what) for one in checks.check(faults.files(parts))] == [
        ("article-words", "warning", "'{{ 7*7 }}' is left (placeholder)"),
        ("article-words", "warning", "<b> stands in it (text-markup)"),
    ]


def test_what_stands_in_every_story_is_the_themes() -> None:
    """A left-over that the text repeats in every story is no article's word."""
    found = said(faults.text(r"(\n   [^\n]*November\n   https)", r"\n   {{ story.note }}\1", 0))

    assert found == [("placeholder", "'{{ story.note }}' is left")]


P = f'<p style="{faults.TEXT_STYLE}'


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            faults.style("a { color: red } } b"),
            [("css-parse", "cannot be read: EOF reached before {} block for a qualified rule.")],
        ),
        (faults.style("@media print { .a { colr: #000000 } }"), [("css-property", "there is no property colr")]),
        (faults.style(".a { color: {{ theme.ink }} }"), [("placeholder", "'{{' is left")]),
        (faults.put(f'{P}; width:">Words</p>'), [("css-property", "width has no value")]),
        (
            faults.put(f'{P}; font-family:12px, serif">Words</p>'),
            [("css-property", "font-family is '12px, serif', which is no list of fonts")],
        ),
        (faults.put(f'{P}; direction:up">Words</p>'), [("css-property", "direction is 'up', not ltr or rtl")]),
        (faults.put(f'{P}; display:blok">Words</p>'), [("css-property", "display is 'blok', which it does not know")]),
        (faults.put(f'{P}; padding:banana">Words</p>'), [("css-property", "padding is 'banana', which is no length")]),
        (
            faults.put(f'{P}; padding:1px 2px 3px 4px 5px">Words</p>'),
            [("css-property", "padding is '1px 2px 3px 4px 5px', which is no length")],
        ),
        (faults.put(f'{P}; width:inherit; mso-width-alt:5; -webkit-foo:1; margin:0 auto">Words</p>'), []),
        (
            faults.put('<p style="margin:0; font-size:smaller; line-height:25px">Words</p>'),
            [("text-size", "text of 13.3333 px")],
        ),
        (
            faults.both(
                faults.html("</head>", '<link rel="stylesheet" href="https://fonts.example.com/lato.css"></head>'),
                faults.put(f'{P}; font-family: Georgia, Lato">Words</p>'),
            ),
            [
                ("font-stack", "the stack of fonts 'Georgia, Lato' ends in none that all have"),
                ("web-font", "loads https://fonts.example.com/lato.css"),
            ],
        ),
        (faults.put(f'{P}; font-family: Georgia, Lato">Words</p>'), []),
        (
            faults.both(
                faults.html("</head>", '<link rel="stylesheet" href="https://fonts.example.com/lato.css"></head>'),
                faults.put(
                    f"{P}; mso-fareast-font-family:Calibri; font-family:'Lato; Bold', Sans-Serif !important\">Words</p>"
                    f'{P}; font-family: inherit">Words</p>'
                ),
            ),
            [("web-font", "loads https://fonts.example.com/lato.css")],
        ),
        (
            faults.put('<input type="password" class="mj-menu-checkbox">'),
            [("active-content", "input is in the page")],
        ),
        (
            faults.put('<bgsound src="https://e.example.com/a.wav">'),
            [("active-content", "bgsound is in the page"), ("html-obsolete", "bgsound is given up")],
        ),
        (
            faults.put(
                '<label class="mj-accordion-element"><input type="checkbox" class="mj-accordion-checkbox"><div>'
                '<div class="mj-accordion-content" style="display:none">Words</div></div></label>'
            ),
            [("interactive", "opens a part of the page")],
        ),
        (
            faults.html("</head>", '<meta http-equiv="refresh" content="1"></head>'),
            [("active-content", "meta refresh is in the page"), ("html-attribute", "http-equiv is 'refresh'")],
        ),
        (faults.html("</head>", '<meta name="a"></head>'), [("html-attribute", "meta lacks a name or what it says")]),
        (faults.html("</head>", '<link rel="canonical" href="https://example.com/"></head>'), []),
        (faults.html("</head>", '<style type="a"></style></head>'), [("html-attribute", "type is 'a'")]),
        (faults.html("</head>", '<style media="("></style></head>'), [("html-attribute", "media is '('")]),
        (faults.html("</head>", '<meta charset="utf-8"></head>'), [("charset", "2 charsets")]),
        (faults.html("width=device-width", "width=600"), [("viewport", "width is not device-width")]),
        (faults.put('<p lang="English">Words</p>'), [("lang", "lang 'English' is no language")]),
        (faults.put('<p lang="en" xml:lang="de">Words</p>'), [("lang", "xml:lang 'de' is not its lang")]),
        (faults.put('<p lang="ar" dir="up">Words</p>'), [("dir", "dir is 'up'")]),
        (faults.put('<p lang="zh-Hant-TW" dir="auto">Words</p>'), []),
        (faults.put('<p aria-lable="a">Words</p>'), [("aria", "there is no aria-lable")]),
        (faults.put('<p aria-hidden="yes">Words</p>'), [("aria", "aria-hidden is 'yes'")]),
        (faults.put("<li>Words</li>"), [("list", "li stands in no list")]),
        (faults.put("<ul><li>Words</li></ul><dl><dt>Word</dt><dd>Words</dd></dl>"), []),
        (faults.put("<section><dd>Words</dd></section>"), [("html-nesting", "dd stands in section")]),
        (faults.put("<article><style>a {}</style></article>"), [("html-nesting", "style stands in the body")]),
        (faults.put("<newsletter>Words</newsletter>"), [("html-obsolete", "there is no element newsletter")]),
        (
            faults.put('<table role="presentation"><tr><td colspan="two"></td></tr></table>'),
            [("html-attribute", "colspan is 'two'")],
        ),
        (faults.put("<table><tr><th>Word</th></tr></table>"), []),
        (
            faults.picture('src="https://e.example.com/a.png" width="9" height="x" alt=""'),
            [("image-width", "height is 'x'")],
        ),
        (
            faults.picture('src="https://[e/a.png" width="9" alt=""'),
            [("image-address", "'https://[e/a.png' is no https address")],
        ),
        (
            faults.put(
                '<h2><img src="https://e.example.com/a.png" width="9" alt="More news of this week"> '
                "More news of this week</h2>"
            ),
            [
                ("parity-headlines", "'More news of this week More news of this week' of the HTML is not there"),
                ("image-alt-repeats", "alt says 'More news of this week' again"),
            ],
        ),
        (faults.put('<p id="s1">Words</p><p><a id="s2"></a>Words</p>'), [("link-address", "has no address")]),
        (faults.say("A &amp;nosuchentity; and &amp;c."), []),
        (faults.text("\n\n", "\n\nA &nosuchentity;\n\nhttps://e.example.com/?a&amp;b\n\n"), []),
        (faults.put("<!--[if mso]><table role='presentation'><tr><td/></tr></table><![endif]-->"), []),
        (
            faults.put(f'{P}; display:grid; grid-template-columns:1px">Words</p>'),
            [
                (
                    "client-support",
                    "display:grid is not supported by Gmail (Android), Gmail (Desktop Webmail), Gmail (iOS), "
                    "Outlook (Android) …",
                ),
                (
                    "client-support",
                    "grid-template-* properties is not supported by Gmail (Android), Gmail (Desktop Webmail), "
                    "Gmail (iOS), Gmail (Mobile Webmail) …",
                ),
            ],
        ),
        (faults.late(lambda made: (made.pop("issue.json"), None)[1]), [("file-missing", "is not there")]),
        (
            faults._record(lambda record: record["newsletter"].update(web="https://example.com/latest")),
            [
                ("web-view", "the address of the web view, https://example.com/latest, is no link"),
                ("web-view", "the address of the web view, https://example.com/latest, is not there"),
            ],
        ),
    ],
)
def test_more_faults(change: Callable[[faults.Parts], None], found: list[tuple[str, str]]) -> None:
    """Faults that are small variations of the museum's, and things that look like faults and are none."""
    assert said(change) == found


@pytest.mark.parametrize(
    ("branch", "what"),
    [
        ("<!--[if mso]>a<![endif]--><!--[if !mso]><!-->b<!--<![endif]-->", []),
        ("<!--[if mso | IE]>a<![endif]--><!-- plain --><!--[if gte mso 9]>b<![endif]-->", []),
        ("<![if !mso]>a<![endif]>", []),
        ("<!--[if mso]>a<!--<![endif]-->", ["<!--<![endif]--> closes nothing"]),
        ("<!--[if mso]>a", ["a conditional comment is never closed"]),
        ("a<![endif]-->", ["<![endif]--> closes nothing"]),
        ("<!-- [if mso]> no condition -->", []),
        ("<!--[if !mso]><!-- -->a<!--<![endif]-->", []),
    ],
)
def test_conditional_comments(branch: str, what: list[str]) -> None:
    """Comments that open and close in pairs are fine, others are told."""
    opened = checks.inputs.opened(faults.sound() | {"index.html": branch.encode()})

    assert [one.what for one in structure.conditional_comments(opened)] == what


@pytest.mark.parametrize("comment", ["<!-->", "<!-- -->"])
def test_outlooks_branch_is_what_outlook_reads(comment: str) -> None:
    """Conditions for Outlook are on, those for others and for very old ones are off, lines stay."""
    html = f"a<!--[if mso]>b<![endif]-->\n<!--[if !mso]>{comment}c\n<!--<![endif]--><!--[if lte mso 11]>d<![endif]-->e"

    assert outlook_branch(html) == "ab\n\ne"


def test_a_tag_that_outlook_never_sees_closed() -> None:
    """A table that is opened for Outlook alone must be closed for it."""
    found = said(faults.html("</body>", "<!--[if mso]><table role=presentation><![endif]--></body>"))

    assert found == [("mso-tables", "table is never closed")]


@pytest.mark.parametrize(
    ("line", "columns"),
    [("abc", 3), ("新聞", 4), ("ü", 1), ("u\u0308", 1), ("हिन्दी", 3), ("\u2067عرب\u2069", 3), ("ｈ", 2)],
)
def test_columns_are_those_of_a_terminal(line: str, columns: int) -> None:
    """Wide characters count two, combining and invisible ones none."""
    assert sum(map(plaintext._columns, line)) == columns


@pytest.mark.parametrize(
    ("subject", "rule"),
    [
        ("What AI can do, and what not", None),
        ("NASA and IBM", None),
        ("ÄRGER ÜBER KÜNSTLICHE INTELLIGENZ", "subject-shouting"),
        ("人工知能が新聞を読む日", None),
        ("¿Qué es la IA?", None),
        ("¡Robots!", None),
        ("Really?!", "subject-marks"),
        ("Why? And how?", None),
        ("AW: Roboter", "subject-reply"),
        ("Report: robots", None),
        ("نشرة الذكاء\u200c الاصطناعي", None),
        ("Tea ☕ and robots", "subject-emoji"),
        ("5 ½ robots © 2020", None),
    ],
)
def test_subjects(subject: str, rule: str | None) -> None:
    """Subjects in several languages: what filters and readers mind is told, and nothing else."""
    raised = said(lambda parts: setattr(parts, "subject", subject))

    assert [name for name, _ in raised if name.startswith("subject-")] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("https://news.example.com/a?b=c&d=%20#e", None),
        ("https://xn--bcher-kva.example/", None),
        ("https://news.example.com:8443/", None),
        ("mailto:news@example.com?subject=unsubscribe", None),
        ("mailto:news", "link-address"),
        ("https://", "link-address"),
        ("https://news", "link-address"),
        ("https://user@bank.example.com/", "link-address"),
        ("https://news.example.com/100%", "link-address"),
        ("https://news.example.com/é", "link-address"),
        ("https://[::1/", "link-address"),
        ("ftp://news.example.com/", "link-address"),
        ("/relative", "link-address"),
        ("tel:+49301234567", "link-address"),
        ("https://[2001:db8::1]/", "link-ip"),
        ("https://3232235777/", "link-ip"),
        ("https://printer.local/", "link-ip"),
        ("https://www.tinyurl.com/x", "link-shortener"),
    ],
)
def test_addresses(address: str, rule: str | None) -> None:
    """Addresses that lead somewhere are fine, others are told by their rule."""
    page = f'<!DOCTYPE html><p><a href="{address}">A name of its own</a></p>'
    opened = checks.inputs.opened(faults.sound() | {"index.html": page.encode()})

    raised = [finding.rule for each in rules.rules_of(checks.links) for finding in each(opened)]

    assert raised == ([rule] if rule else [])


def test_an_address_that_cannot_be_split_is_a_finding_whatever_its_link_says() -> None:
    """A link with half an IPv6 address and an address for its name is two findings, and no error of the program."""
    page = '<!DOCTYPE html><p><a href="https://[::1/">https://news.example.com/</a></p>'
    opened = checks.inputs.opened(faults.sound() | {"index.html": page.encode()})

    assert [(finding.rule, finding.what) for each in rules.rules_of(checks.links) for finding in each(opened)] == [
        ("link-address", "'https://[::1/' is no web or mail address"),
        ("link-disguise", "says news.example.com, leads to "),
    ]


def test_a_link_into_the_page_finds_its_place() -> None:
    """A link to an id that is there is fine, whether it is an id or the name of old."""
    assert said(faults.put('<p id="s1">Words</p>'), faults.link("#s1")) == []


def test_text_and_html_are_compared_without_wrapping_case_and_percent_encoding() -> None:
    """A headline in capitals and an address in its readable form stand in the text all the same."""
    change = faults.both(
        faults.put("<h2>Straße &amp; more</h2>"),
        faults.link("https://news.example.com/caf%C3%A9"),
        faults.text("\n\n", "\n\nSTRASSE &\nMORE\n\n"),
        faults.text("caf%C3%A9", "café"),
    )

    assert said(change) == []


def test_a_flowed_text_is_compared_word_by_word() -> None:
    """format=flowed may end lines with spaces; the words must be the same."""
    flowed = faults.header("text/plain; charset=utf-8", "text/plain; charset=utf-8; format=flowed")
    spaces = faults.mail(lambda eml: eml.replace(b"IN THIS ISSUE\r\n", b"IN THIS =20\r\nISSUE\r\n", 1))
    other = faults.mail(lambda eml: eml.replace(b"IN THIS ISSUE\r\n", b"IN THAT ISSUE\r\n", 1))

    assert said(flowed, spaces) == []
    assert said(flowed, other) == [("mime-parts", "the part text/plain is not index.txt")]


def test_a_story_left_to_the_web_is_not_missed() -> None:
    """A pick that the record counts among those on the web only needs no link."""
    parts = faults._parts()
    parts.record["web_only"] = [parts.record["sections"][1]["picks"][0]["path"]]
    parts.html = re.sub(rf'<a [^>]*href="{faults.FLEET_ADDRESS}"[^>]*>([^<]*)</a>', r"\1", parts.html)

    assert checks.check(faults.files(parts)) == ()


def test_the_editors_headline_is_the_one_that_counts() -> None:
    """A retitled story is looked for under its new title."""
    parts = faults._parts()
    parts.record["sections"][1]["picks"][0]["changed"]["title"] = "Fish, weighed"

    (found,) = checks.check(faults.files(parts))

    assert (found.rule, found.element) == ("story-headline", "“Fish, weighed”")


def test_facts_of_a_record() -> None:
    """The facts are those of issue.json."""
    found = facts(faults.sound()["issue.json"])

    assert (found.id, found.language, found.web) == ("2020-11-22", "en", faults.WEB)
    assert [story.url for story in found.stories][1] == faults.FLEET_ADDRESS


@given(st.text(), st.text())
def test_bare_words_know_no_wrapping(one: str, other: str) -> None:
    """Words are compared the same however they are wrapped."""
    assert bare(f"{one}\n   {other}") == bare(f"{one}{other}")


# Mail clients


def test_a_feature_is_found_in_styles_elements_and_addresses() -> None:
    """Features are named as caniemail names them, with the line of their first use."""
    css = "@media (hover: hover) { .a > .b + #c[d]:not(*) { gap: calc(1px + 1rem) !important } } p::before { --x: 1 }"
    html = f'<!DOCTYPE html>\n<style>\n{css}</style>\n<ul><li><a href="mailto:a@b.example">x</a><img src="a.webp">'
    found = clients.features(checks.inputs.opened(faults.sound() | {"index.html": html.encode()}))

    assert found["css-gap"] == 3
    assert {
        "css-at-media", "css-at-media-hover", "css-selector-child", "css-selector-adjacent-sibling", "css-selector-id",
        "css-selector-attribute", "css-pseudo-class-not", "css-unit-calc", "css-unit-rem", "css-important",
        "css-pseudo-element-before", "css-variables", "html-lists", "html-mailto-links", "image-webp", "html-style",
    } <= set(found)  # fmt: skip


def test_the_facts_are_made_from_the_package(tmp_path: Path) -> None:
    """`make caniemail` keeps a letter for the newest test of each client, and no prose."""
    package = tmp_path / "node_modules" / "caniemail"
    (package / "data").mkdir(parents=True)
    (package / "package.json").write_text('{"version": "9.9.9"}', encoding="utf-8")
    stats = {"gmail": {"ios": {"2019-01": "n", "16.80": "a #1"}, "android": {"2020-01": "y"}}, "hey": {"ios": {}}}
    feature = {"slug": "css-gap", "title": "gap", "description": "Prose.", "notes": "Prose.", "stats": stats}
    names = {"family": {"gmail": "Gmail", "hey": "HEY"}, "platform": {"ios": "iOS", "android": "Android"}}
    data = {"last_update_date": "2025-09-09 18:08", "nicenames": names, "data": [feature]}
    (package / "data" / "caniemail.json").write_text(json.dumps(data), encoding="utf-8")

    script = str(golden.ROOT / "docs" / "client_support.py")
    subprocess.run([sys.executable, script, str(tmp_path), str(tmp_path / "facts.json")], check=True)

    assert json.loads((tmp_path / "facts.json").read_text(encoding="utf-8")) == {
        "source": "caniemail.com (npm package caniemail 9.9.9)",
        "date": "2025-09-09",
        "clients": {"gmail.android": "Gmail (Android)", "gmail.ios": "Gmail (iOS)", "hey.ios": "HEY (iOS)"},
        "features": {"css-gap": "yau"},
        "titles": {"css-gap": "gap"},
    }


# The command


def test_check_of_a_sound_issue(tmp_path: Path) -> None:
    """A sound issue gives one line and exit status 0."""
    folder = written(tmp_path, faults.sound())
    done = run(folder)

    assert (done.exit_code, done.output) == (
        0,
        f"{folder}: 0 errors, 0 warnings, 0 notes; ready to send\n",
    )


def test_check_prints_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finding is two lines: severity, rule and place; what is wrong and what to do. An error gives status 1."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, broken(faults.text("\n\n", "\n\nIt&#8217;s so\n\n"), faults.link("http://news.example.com/a")))
    done = run("2020-11-22")
    line = re.search(r"index\.html:(\d+)", done.output)

    assert line
    assert done.exit_code == 1
    assert done.output == (
        "error    text-markup  index.txt:6\n"
        "         &#8217; stands in it; write the character itself\n"
        f"warning  link-https   index.html:{line[1]} a “A link of the museum”\n"
        "         is http; use the https address if there is one\n"
        "out/2020-11-22: 1 error, 1 warning, 0 notes\n"
    )


def test_warnings_alone_do_not_fail(tmp_path: Path) -> None:
    """An issue with a warning may go out."""
    done = run(written(tmp_path, broken(faults.link("http://news.example.com/a"))))

    assert (done.exit_code, done.output.splitlines()[-1].partition(": ")[2]) == (
        0,
        "0 errors, 1 warning, 0 notes; ready to send",
    )


def test_check_takes_the_newest_issue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name the last issue built is checked; where there is none, that is said."""
    monkeypatch.chdir(tmp_path)
    empty = run()
    written(tmp_path, faults.sound())
    shutil.copytree("out/2020-11-22", "out/2020-11-15")

    assert (empty.exit_code, empty.output) == (
        1,
        "out: there is no issue; build one first, or name the folder of one\n",
    )
    assert run().output.startswith("out/2020-11-22: 0 errors")
    assert run("--out", "elsewhere", "2020-11-15").output.startswith("elsewhere/2020-11-15: there is no issue")


def test_check_as_json(tmp_path: Path) -> None:
    """`--json` gives all of it under stable keys."""
    folder = written(tmp_path, broken(faults.put('<div style="display:grid">Words</div>')))
    found = json.loads(run(folder, "--json").output)

    assert sorted(found) == ["checked", "clients", "findings", "fit", "not_asked"]
    assert (found["checked"], found["fit"]) == (folder, True)
    assert sorted(found["findings"][0]) == [
        "clients", "element", "file", "line", "more", "place", "remedy", "rule", "severity", "waived", "what",
    ]  # fmt: skip
    assert "Outlook (Windows)" in found["findings"][0]["clients"]
    assert [one["missing"] for one in found["clients"] if one["client"] == "Outlook (Windows)"] == [["display:grid"]]


WAIVERS = 'check: {allow: {text-size: "as the brand book asks", link-ip: our readers are in our network}}\n'
SMALL = faults.put(f'<p style="{faults.TEXT_STYLE}; font-size:12px">Words</p>')


def test_what_the_settings_waive_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A waived finding comes last with the reason in every report, is not told with --quiet, and fails nothing."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, broken(SMALL, faults.link("https://10.0.0.5/a")))
    refused = run("2020-11-22")
    Path("digest.yaml").write_text(WAIVERS, encoding="utf-8")
    done, quiet = run("2020-11-22", "--html", "report.html"), run("2020-11-22", "--quiet")
    answer = json.loads(run("2020-11-22", "--json").output)

    assert (refused.exit_code, refused.output.splitlines()[-1]) == (1, "out/2020-11-22: 1 error, 1 warning, 0 notes")
    assert (done.exit_code, quiet.exit_code, quiet.output) == (0, 0, "")
    assert [line for line in done.output.splitlines() if not line.startswith(("error", "warning"))] == [
        "         leads to 10.0.0.5; waived: our readers are in our network",
        "         text of 12 px; waived: as the brand book asks",
        "out/2020-11-22: 0 errors, 0 warnings, 0 notes, 2 waived; ready to send",
    ]
    assert (answer["fit"], [one["waived"] for one in answer["findings"]]) == (
        True,
        ["our readers are in our network", "as the brand book asks"],
    )
    page = Path("report.html").read_text(encoding="utf-8")
    assert "<h2>Waived by the settings</h2>" in page
    assert "<p>Waived: as the brand book asks</p>" in page
    assert "Errors" not in page


def test_what_cannot_be_waived_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A waiver of what must not reach a reader, or of no rule, is an error at its line, and waives nothing."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, broken(faults.put('<p style="color:#999999; background-color:#ffffff">Words</p>')))
    Path("digest.yaml").write_text("check:\n  allow:\n    contrast: we like grey\n    dark-mood: x\n", encoding="utf-8")
    lines = run("2020-11-22").output.splitlines()

    for line in (
        "         check.allow.contrast cannot be waived: it must not reach a reader; correct it, or take it out of "
        "check.allow",
        "         check.allow.dark-mood is no rule; did you mean 'dark-mode'?",
    ):
        assert line in lines
    assert [line.split()[1:] for line in lines if line.startswith("error")] == [
        ["contrast", *next(line for line in lines if "contrast " in line).split()[2:]],
        ["waiver", "digest.yaml:3"],
        ["waiver", "digest.yaml:4"],
    ]
    Path("seeds").mkdir()
    Path("seeds/a.md").write_text("---\ntitle: A title\n---\n", encoding="utf-8")
    assert run("--archive").output.count("digest.yaml:") == 2


def test_the_issue_of_others_is_judged_without_our_waivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings are those of the issues in their own `out`."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "theirs", broken(SMALL))
    Path("digest.yaml").write_text(WAIVERS, encoding="utf-8")

    assert "waived" not in run("theirs/out/2020-11-22").output


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_a_waiver_is_obeyed_where_it_may_be(fault: faults.Fault) -> None:
    """Every rule that can be waived is, and no other: an error then stops the issue as before."""
    waiver = Waiver(rule=fault.rule, reason="for a test")
    (finding,) = checks.check(fault.files(), waivers=[waiver])

    assert finding.waived == ("for a test" if checks.RULES[fault.rule].waivable else "")
    assert finding.stops == (finding.severity == "error" and not checks.RULES[fault.rule].waivable)
    assert checks.RULES[fault.rule].waivable or finding.severity == "error"


def test_check_says_what_clients_make_of_it(tmp_path: Path) -> None:
    """`--clients` names each major client, and what its readers have instead of what it lacks."""
    printed = run(written(tmp_path, faults.sound()), "--clients").output

    assert re.search(
        r"^Outlook \(Windows\) +lacks nothing that the layout relies on; \d+ fallbacks", printed, re.MULTILINE
    )
    assert "\n:hover: nothing changes under the pointer (5 clients)\n" in printed
    assert "\nFacts of caniemail.com (npm package caniemail " in printed


def test_check_writes_a_page(tmp_path: Path) -> None:
    """`--html` writes a page that needs nothing else, escapes what it shows, and has each finding."""
    folder = written(tmp_path, broken(faults.put("<center>&lt;script&gt;</center><form>Words</form>")))
    done = run(folder, "--html", str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")

    assert done.exit_code == 1
    assert '<strong class="error">active-content</strong>' in page
    assert '<strong class="warning">html-obsolete</strong>' in page
    assert "center “&lt;script&gt;”" in page
    assert "center is given up" in page
    assert not re.search(r"<script|<link|src=|@import|https?://(?!e)", page.split("</style>")[1])
    opened = checks.inputs.opened(faults.sound() | {"index.html": page.encode()})
    modules = (checks.structure, checks.validity, checks.contrast, checks.resources)
    found = {finding.rule for module in modules for each in rules.rules_of(module) for finding in each(opened)}
    # It is a page for a browser: it may lack what only mail needs.
    assert found <= {"lang", "dir", "dark-mode"}


def test_a_report_without_clients_is_a_page_too() -> None:
    """A page needs no clients, and says so by leaving them out."""
    assert "Mail clients" not in report.page("x", [])
    assert "Mail clients" in report.page("x", [], checks.verdicts(faults.sound()))


def test_check_takes_one_issue() -> None:
    """Two issues are wrong usage."""
    done = run("one", "two")

    assert (done.exit_code, done.output.splitlines()[-1]) == (2, "Error: name one issue, or folders behind --archive")


def test_check_of_the_archive_names_every_problem() -> None:
    """`--archive FOLDER` reads every file in full and names each problem with its line."""
    done = run("--archive", str(MUSEUM / "articles"))
    problems = archive.read([str(MUSEUM / "articles")]).problems

    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == f"{MUSEUM / 'articles'}: {len(problems)} errors, 0 warnings, 0 notes"
    place = re.escape(str(MUSEUM / "articles"))
    assert re.search(rf"^error    archive  {place}/tab-indentation.md:\d+\n         .*; .*$", done.output, re.MULTILINE)


def test_a_trimmed_issue_with_marked_links_is_sound(tmp_path: Path) -> None:
    """Stories left to the web view are not missing, and links are looked for as they were sent."""
    room = Newsroom(tmp_path, sections="[{topic: AI, limit: 9}]\nsize: {limit: 20000}\nutm: {source: letter}")
    for number, name in enumerate(("bees", "cranes", "ferries", "mills", "pianos", "trams", "wells")):
        words = f"Nobody in {name.title()} had expected what the {name} would do. " * 6
        room.file(name, heat=90 - number, excerpt=words, webUrl=f"https://example.com/{name}?utm_source=feed&id=1")
    built = room.build("2020-11-11")

    assert 0 < len(built.message.web_only) < 6
    assert checks.check(checks.load(built.folder)) == ()


def test_check_of_a_sound_archive() -> None:
    """Several folders may follow `--archive`, and nothing wrong in them is exit status 0."""
    folder = str(MUSEUM / "good")
    done = run("--archive", folder, folder)

    assert (done.exit_code, done.output) == (
        0,
        f"{folder}, {folder}: 0 errors, 0 warnings, 0 notes; all of it can be read\n",
    )


def test_check_of_the_settings_names_every_problem() -> None:
    """`--archive` names each problem of digest.yaml with its line, and what of it to do where the file says so."""
    done = run("--archive", "--config", str(MUSEUM / "settings" / "several-problems.yaml"))
    lines = done.output.splitlines()

    assert done.exit_code == 1
    assert lines[0].endswith("several-problems.yaml:2")
    assert lines[1] == "         window.days is 'soon', not a whole number from 1 to 3660; mend the file"
    assert lines[-1] == "the settings alone, since they name the archive: 6 errors, 0 warnings, 0 notes"


def test_broken_settings_and_a_broken_archive_are_both_told() -> None:
    """Where folders are named, they are read though the settings are broken."""
    settings = str(MUSEUM / "settings" / "not-a-mapping.yaml")
    found = json.loads(run("--archive", str(MUSEUM / "articles"), "--config", settings, "--json").output)

    assert {one["rule"] for one in found["findings"]} == {"archive", "settings"}


def test_problems_become_findings() -> None:
    """Place, line, what and remedy are taken apart; a problem without a remedy gets the rule's."""
    found = tuple(checks.archive_problems(["a/b.md:3: is odd; mend it", "c.md: is: odder", "no place"]))

    assert [(one.file, one.line, one.what, one.remedy) for one in found] == [
        ("a/b.md", 3, "is odd", "mend it"),
        ("c.md", None, "is: odder", "mend the file"),
        ("no place", None, "", "mend the file"),
    ]


def test_the_rules_are_well_formed() -> None:
    """Each rule has all of its words and a name that can be typed, and is declared once."""
    declared = [each for module in vars(checks).values() if inspect.ismodule(module) for each in rules.rules_of(module)]
    names = sorted(each.name for each in declared)

    assert names == sorted(checks.RULES)
    assert [name for name in names if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []
    assert [each.name for each in declared if not all((each.asks, each.why, each.do))] == []
    assert {each.group for each in declared} == set(RuleGroup)
    assert {each.severity for each in declared} == set(get_args(Severity))


def test_a_rule_gives_findings_of_the_spots_of_its_function() -> None:
    """The declaration gives name, severity and remedy; a spot may have a remedy of its own, and counts others."""

    @rules.rule("odd-word", "warning", RuleGroup.PAGE, do="take another")
    def odd_words(words: list[str]) -> Iterator[Spot]:
        """No word is odd.

        Readers stumble
        over it.
        """
        return (Spot("index.txt", f"says {word}", line=at, remedy=word[:3], more=at) for at, word in enumerate(words))

    plain, strange = odd_words(["", "strange"])

    assert (odd_words.asks, odd_words.why) == ("No word is odd.", "Readers stumble over it.")
    assert (plain.rule, plain.severity, str(plain)) == ("odd-word", "warning", "index.txt:0: says ; take another")
    assert str(strange) == "index.txt:1 (and 1 more): says strange; str"
    assert "| `odd-word` | warning | No word is odd. | Readers stumble over it. | take another |" in rules.markdown(
        [odd_words]
    )


def test_a_module_has_the_rules_that_it_declares_and_no_others() -> None:
    """Rules that a module has imported belong to the one that declares them."""
    assert vars(attribution)["clipped"] is checks.RULES["clip"]
    assert [each.name for each in rules.rules_of(attribution)] == ["article-words"]


def test_rules_work_without_their_docstrings() -> None:
    """`python -OO` drops docstrings: findings are the same, only the tables for the documents have gaps."""
    code = "from digest.checks import RULES, structure; print(RULES['doctype'].asks == '' == structure.doctype.why)"

    done = subprocess.run([sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "True\n"
