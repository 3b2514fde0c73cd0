"""Titles and excerpts in words, whatever mark-up they come in."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.records import excerpts, markdown, markup

SECOND = "\n\nThe text comes second.\n"
FIRST = {
    "a picture": "![A ferry](/img/ferry.jpg)",
    "a linked picture": "[![A ferry](/img/a.jpg)](https://example.com/a)",
    "a picture with kramdown's attributes": '![A ferry](/a.jpg){:\n.icon width="70"}',
    "a heading": "# The headline again",
    "a box's title": "> [!NOTE] Changed as of May",
    "what a label names": "refs: [Release Note: v8.1](https://example.com/v8.1)",
    "an underlined heading": "The headline again\n===",
    "a short code of Hugo": "{{< youtube abc >}}",
    "a short code of Hugo in Markdown": '{{% notice "x" %}}',
    "a pair of short codes": "{{< highlight go >}}\nfunc main() {}\n\nx\n{{< /highlight >}}",
    "a statement of Liquid": "{% include figure.html src='x' %}",
    "code between statements": "{% highlight ruby %}\nputs 1\n\nputs 2\n{% endhighlight %}",
    "a value that is set": "{% set x = 1 %}{{ x }}{# a note #}",
    "a short code of WordPress": '[gallery ids="1,2"]',
    "a caption of WordPress": '[caption id="x"][![A](/a.jpg)](/a) A ferry at night.[/caption]',
    "an import": "import X from './x.astro'",
    "imports and exports of MDX": "import {A, B} from 'x';\nimport 'y.css'\nexport const z = 1",
    "a component of MDX": "<Youtube id={abc} />",
    "a comment": "<!-- a note to self -->",
    "a comment over paragraphs": "<!-- a note\n\nto self -->",
    "a table of contents": "* TOC\n{:toc}",
    "another table of contents": "[[_TOC_]]",
    "its heading alone": "Table of Contents",
    "a list": "- One\n- Two",
    "a code block": "```\ncode\n```",
    "a table": "| a | b |\n|---|---|\n| c | d |",
    "a bare address": "https://www.example.com/2021/05/ferry",
    "an address in brackets": "<https://example.com/ferry>",
    "a link alone": "[Read this first](https://example.com/first)",
    "what introduces a list": "The ferries this week are:",
    "a figure": "<figure><img src='x'><figcaption>A caption</figcaption></figure>",
    "a frame": "<iframe src='https://example.com'></iframe>",
    "a note at the foot": "[^1]: A note.\n    More of it.",
    "a box": ":::note",
    "a line": "---",
    "a greeting": "Dear readers,",
    "a louder greeting": "Hello all!",
    "letters that were no UTF-8": "Caf\ufffd society.",
}


@pytest.mark.parametrize("kind", FIRST)
def test_what_is_no_first_paragraph(kind: str) -> None:
    """It is passed over for the paragraph behind it."""
    assert excerpts.of_body(FIRST[kind] + SECOND) == "The text comes second."


WORDS = {
    "We read [the report](https://example.com/r) and *liked* it, **really**, `so`.": (
        "We read the report and liked it, really, so."
    ),
    "We read [the report][1] twice.[^1]\n\n[1]: https://example.com/r\n[^1]: Note.": "We read the report twice.",
    "We read [the report][] and [its annex][annex].": "We read the report and its annex.",
    "> They want to sleep, says a baker.\n\nOur comment.": "They want to sleep, says a baker.",
    "The ferry,\nwhich is late,  \nsails.": "The ferry, which is late, sails.",
    "See [[Ferry]] and [[harbour|the port]], ==marked== ![[a.png]] today.": "See Ferry and the port, marked today.",
    "The index is <https://www.example.com/2021/index.html>.": "The index is example.com.",
    "Look at https://example.com/a, or //example.org/b.": "Look at example.com, or example.org.",
    "R&amp;D costs $5 or $6, says AT&T.": "R&D costs $5 or $6, says AT&T.",
    "A formula $a_1*b_1*c_1$ stays as it is.": "A formula $a_1*b_1*c_1$ stays as it is.",
    "It costs 5 \\* 3, and snake_case stays.": "It costs 5 * 3, and snake_case stays.",
    "これは**「強調」**です。次の文。": "これは「強調」です。次の文。",
    "**Update from **14:30 UTC: it sails.": "Update from 14:30 UTC: it sails.",
    "<p>The mill <b>opens</b> &amp; closes.</p>\n\n<p>More.</p>": "The mill opens & closes.",
    "<div class='x'>\n\nThe mill *opens*.\n\n</div>": "The mill opens.",
    "Text with a [broken link](/a b.html) and ![picture](/a b.png) in it.": "Text with a broken link and in it.",
    "Use `{{ name }}` or ``x``, <span>now</span>.<!-- not yet -->": "Use or x, now.",
    "An attribute{: .lead} and [a link](/x){:target='_blank'} behind.": "An attribute and a link behind.",
    "": "",
    "![](a.png)": "",
    "# Only a heading": "",
    "- One of the night ferries\n- Two of the trams": "One of the night ferries",
    "- One\n- Two": "",
    "body": "",
    "[A link alone](https://example.com)": "",
}


@pytest.mark.parametrize("body", WORDS)
def test_words_of_markdown(body: str) -> None:
    """Signs, addresses and pictures go, and the words stay, with entities decoded once."""
    assert excerpts.of_body(body) == WORDS[body]


PAGES = {
    "<p>First.</p><p>Second.</p>": "First.",
    "<h2>A heading</h2><p>The text comes second.</p>": "The text comes second.",
    "<h2>A heading<p>The text comes second.</p>": "The text comes second.",
    "<ul><li>One</li></ul><p>The text comes second.</p>": "The text comes second.",
    "<p><a href='/x'>A link alone</a></p><p>The text comes second.</p>": "The text comes second.",
    "<p><img src=x></p><figure><figcaption>No.</figcaption></figure>The text comes second.": "The text comes second.",
    "The text comes first.\n\nAnd more.": "The text comes first.",
    "The text comes first.<br><br/>And more.": "The text comes first.",
    "The text comes<br>first. And more.": "The text comes first. And more.",
    "<p>One paragraph\n\nin two parts.</p>": "One paragraph in two parts.",
    "[caption id='x']<img src=x> A ferry.[/caption]<p>The text comes second.</p>": "The text comes second.",
    "<script>x()</script><style>y</style><noscript>No.</noscript>The text comes second.": "The text comes second.",
    "<p>{% include x.html %}</p><p>It is &lt; here.</p>": "It is < here.",
    "<svg><title>icon</title></svg>": "",
    '<p>See &lt;a href="https://example.com"&gt;the list&lt;/a&gt; of &amp;lt;b&amp;gt;.</p>': "See the list of <b>.",
}


@pytest.mark.parametrize("body", PAGES)
def test_words_of_a_page(body: str) -> None:
    """The first paragraph of the running text, however the page parts paragraphs."""
    assert excerpts.of_body(body, may_be_html=True) == PAGES[body]


@pytest.mark.parametrize(
    "more",
    ["<!--more-->", "<!-- more -->", "<!--more Read on-->", "<!-- truncate -->", "{{< more >}}", "<!-- excerpt -->"],
)
def test_the_teaser_of_the_author(more: str) -> None:
    """All that stands above the sign for it is the excerpt, and the text below serves where nothing does."""
    assert excerpts.of_body(f"# A\n\nThe teaser.\n\nIts *end*.\n{more}\nThe rest.") == "The teaser. Its end."
    assert excerpts.of_body(f"![](a.png)\n{more}\n\nThe rest follows.") == "The rest follows."
    assert excerpts.of_body(f"<p>The teaser.</p>{more}<p>The rest.</p>", may_be_html=True) == "The teaser."


FIELDS = {
    "Plain text, as it is": "Plain text, as it is",
    "A [link](https://example.com), *stress* and `code`.": "A link, stress and code.",
    "<p>The mill <b>opens</b>.</p>\n<p>All may come.</p>": "The mill opens. All may come.",
    "The mill opens. <!-- internal: not before Friday --> All may come.": "The mill opens. All may come.",
    '<!-- wp:paragraph {"align":"left"} -->\n<p>The mill opens.</p>\n<!-- /wp:paragraph -->': "The mill opens.",
    "<!--[if mso]>Outlook only<![endif]-->The mill opens.": "The mill opens.",
    "<img alt='A mill' src='x'>The mill opens.<noscript>Scripts</noscript><button>Share</button>": "The mill opens.",
    "A Vec<T> and a <template> of std::map<K, V>": "A Vec<T> and a <template> of std::map<K, V>",
    "R&amp;D &amp;amp; more, 1 < 2": "R&D &amp; more, 1 < 2",
    "<p>The mill&amp;#8217;s wheel &amp;ldquo;turns&amp;rdquo;</p>": "The mill’s wheel “turns”",
    "# The ferry\n\nIt sails.\n\n- Early\n- Late": "It sails. Early Late",
    "# The ferry": "The ferry",
    "- One thing": "One thing",
    "2021. A year [sic] of 2 * 3 * 4 snake_case": "2021. A year [sic] of 2 * 3 * 4 snake_case",
    "See https://example.com/a?b=1 for more!": "See https://example.com/a?b=1 for more!",
    "": "",
}


@pytest.mark.parametrize("written", FIELDS)
def test_words_of_a_field(written: str) -> None:
    """An author's excerpt may be text, Markdown or HTML; what is neither stays."""
    assert excerpts.of_field(written) == FIELDS[written]


TITLES = {
    "Why Vec<T> beats a list": "Why Vec<T> beats a list",
    "How we use the <dialog> element": "How we use the <dialog> element",
    "The <template> tag": "The <template> tag",
    "std::map<K, V> in six lines": "std::map<K, V> in six lines",
    "a <b and c> d": "a <b and c> d",
    "I <3 lighthouses": "I <3 lighthouses",
    "1 < 2 > 0, and C# > C++": "1 < 2 > 0, and C# > C++",
    "x &lt; y at AT&T &amp;amp; friends": "x < y at AT&T &amp; friends",
    "A comment <!-- draft -->in the title": "A comment in the title",
    "The <em>Skarvik</em> <B class='x'>sails</B>": "The Skarvik sails",
    "One<br>two, but the <br> tag": "One two, but the <br> tag",
    "<b>Bold": "<b>Bold",
}
MARKDOWN_TITLES = TITLES | {
    "The `Vec<T>` type, **really** *new*": "The Vec<T> type, really new",
    "A _word_ of snake_case and __init__": "A word of snake_case and __init__",
    "2 * 3 * 4, *args and **kwargs": "2 * 3 * 4, *args and **kwargs",
    "A [link](https://example.com) and [brackets] (so)": "A link and [brackets] (so)",
    "5 \\* 3 \\_ \\\\ \\<b>x\\</b>": "5 * 3 _ \\ <b>x</b>",
    "**`code` in _bold_**": "code in bold",
}


@pytest.mark.parametrize("written", TITLES)
def test_a_title_is_text(written: str) -> None:
    """Only comments and pairs of elements that headlines are set with are taken off."""
    assert markup.title(written) == TITLES[written]


@pytest.mark.parametrize("written", MARKDOWN_TITLES)
def test_a_title_of_a_markdown_post(written: str) -> None:
    """It loses the signs of emphasis, code and links as well, and nothing that only looks like them."""
    assert markdown.title(written) == MARKDOWN_TITLES[written]


SIGNS = st.lists(
    st.sampled_from(
        [*"*_`[]()<>!#\\&;~=|{}%-+.:/^$\"' ab", "&amp;", "<b>", "</b>", "<!--", "-->", "](", "{{", "}}", "**"]
    ),
    max_size=14,
).map("".join)


@given(
    st.lists(SIGNS | st.sampled_from(["\n\n", "\n", " word ", "A sentence stands here.", "- ", "    ", "# "])).map(
        "".join
    )
)
def test_the_quick_way_is_the_same_way(body: str) -> None:
    """Paragraphs at the beginning of a text are those that the parser of blocks finds."""
    quick = list(markdown.opening(body))

    assert quick == list(markdown.paragraphs(body, most=10_000))[: len(quick)]


def test_a_body_that_was_escaped_twice() -> None:
    """Character references that a move from one system to another has escaped are letters all the same."""
    body = "<p>Who reads <a href='https://example.com'>the mill&amp;#8217;s book</a> knows that it turns.</p>"

    assert excerpts.of_body(body, may_be_html=True) == "Who reads the mill’s book knows that it turns."


@given(SIGNS, st.booleans())
def test_any_text_is_read(body: str, may_be_html: bool) -> None:
    """Whatever a body holds, its beginning is a clean text within its bound, without comments."""
    text = excerpts.of_body(body, may_be_html=may_be_html, most=20)

    assert len(text) <= 20
    assert text == " ".join(text.split())


CUTS = {
    "One. Two is long.": ("One. Two is long.", 40),
    "The ferry sails at noon. It is late, as Dr. Holm said to all who waited.": ("The ferry sails at noon.", 60),
    "The ferry costs 3.50 a head, e.g. for those who wait. Late.": (
        "The ferry costs 3.50 a head, e.g. for those who wait.",
        56,
    ),
    "Is it late? So they say! Nobody knows it": ("Is it late? So they say!", 30),
    "「フェリー」は出航した。次の文は長いので切られる。": ("「フェリー」は出航した。", 20),
    "Yes. A sentence that goes on and on and has no end in sight": ("Yes. A sentence that goes on and on and…", 40),
    "wordwithoutanyblankinitthatislongerthanitsroom": ("wordwithoutanyblan…", 19),
}


@pytest.mark.parametrize("text", CUTS)
def test_cut_at_a_sentence(text: str) -> None:
    """Whole sentences where there are any of some length, else whole words with an ellipsis."""
    expected, most = CUTS[text]

    assert excerpts.cut(text, most) == expected


HOSTILE = [
    "![a](", "[", "**a", "`a``b```", "<a ", "{{", "{% highlight x %}", "{{< figure x >}}", "[caption a]", "<!--",
    "[a]: b\n", ">", "- a\n", "==a", "[[", "[^a]: b\n c\n", "$a", "import a,", "https://a.b.", "<svg>", "<br>",
    "| a |\n", "[a b=c ", "&#1", "a. ", "\n\n", "[x][", '<a b="', "    ", "{.a", "</p>",
]  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE)
def test_a_hostile_text_takes_no_square(part: str) -> None:
    """Of ten megabytes only the beginning is read: seconds at most, where the square would take days."""
    text = part * (10_000_000 // len(part))
    start = time.monotonic()
    excerpts.of_body(text)
    excerpts.of_body(text, may_be_html=True)
    excerpts.of_field(text)
    markdown.title(text)

    assert time.monotonic() - start < 10
