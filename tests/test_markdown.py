"""The editor's Markdown as plain values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.markdown import Run, paragraphs, refused


def runs(markdown: str) -> list[Run]:
    """Return all runs of a text."""
    return [run for paragraph in paragraphs(markdown) for run in paragraph.runs]


def test_blocks_have_their_kind() -> None:
    """Headings, paragraphs, list items and quotations are told apart."""
    found = paragraphs("# Head\n\nText\n\n- one\n- two\n\n> said\n")

    assert [paragraph.kind for paragraph in found] == ["heading", "paragraph", "bullet", "bullet", "quote"]
    assert [paragraph.text for paragraph in found] == ["Head", "Text", "- one", "- two", "said"]


def test_emphasis_and_links_are_runs() -> None:
    """Words that stand out or lead somewhere keep the blanks around them."""
    assert runs("Read *this* and **[that](https://example.com/a)** now") == [
        Run(text="Read "),
        Run(text="this", emphasis=True),
        Run(text=" and "),
        Run(text="that", strong=True, url="https://example.com/a"),
        Run(text=" now"),
    ]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "ftp://example.com/", "file:///etc"])
def test_other_addresses_are_not_linked(address: str) -> None:
    """Only http(s) and mailto lead somewhere; the words stay."""
    assert not any(run.url for run in runs(f"[go]({address})"))


def test_mark_up_is_text_and_pictures_are_their_description() -> None:
    """HTML is printed as it stands, and a picture does not appear."""
    assert paragraphs("<b>x</b> ![a cat](https://example.com/cat.png)")[0].text == "<b>x</b> a cat"


def test_nothing_gives_nothing() -> None:
    """An empty introduction has no paragraph."""
    assert paragraphs(" \n") == ()


def test_items_keep_their_numbers() -> None:
    """A numbered list begins where it says, and only the first paragraph of an item has its mark."""
    shown = paragraphs("3. three\n\n   and more\n4. four\n\n- dash\n\n  and more\n")

    assert [paragraph.text for paragraph in shown] == ["3. three", "and more", "4. four", "- dash", "and more"]
    assert [paragraph.number for paragraph in shown] == [3, None, 4, None, None]


def test_a_picture_of_its_own_and_a_rule_are_shown() -> None:
    """A picture has its address and its words; one over http is its words alone."""
    shown = paragraphs("![a cat](https://example.com/cat.png)\n\n***\n\n![a dog](http://example.com/dog.png)")

    assert [(paragraph.kind, paragraph.text, paragraph.picture) for paragraph in shown] == [
        ("picture", "a cat", "https://example.com/cat.png"),
        ("rule", "\u2042", ""),
        ("paragraph", "a dog", ""),
    ]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("[it](https://example.com/a)", "it (https://example.com/a)"),
        ("[a **big** deal](https://example.com/a), really", "a big deal (https://example.com/a), really"),
        ("<https://example.com/a>", "https://example.com/a"),
        ("[example.com/a](https://example.com/a)", "https://example.com/a"),
        ("[Example.com](https://example.com/)", "https://example.com/"),
        ("[http://example.com](https://example.com/)", "https://example.com/"),
        ("[example.com](https://example.com/a)", "example.com (https://example.com/a)"),
        ("[us](mailto:ed@example.com?subject=Hello)", "us (ed@example.com)"),
        ("<ed@example.com>", "ed@example.com"),
        ("[it](https://example.com/a) and [it](https://example.com/a)", "it (https://example.com/a) and it"),
        ("[it](https://example.com/beside), too", "it, too"),
    ],
)
def test_an_address_is_spelled_once(markdown: str, text: str) -> None:
    """Plain text has each address behind its words: once, and not where it is the words or stands beside the text."""
    (paragraph,) = paragraphs(markdown, ["https://example.com/beside"])

    assert paragraph.text == text


def test_a_later_paragraph_spells_no_address_again() -> None:
    """The first paragraph that links to an address spells it."""
    shown = paragraphs("[a](https://example.com/a)\n\n- [b](https://example.com/b)\n- [a](https://example.com/a)")

    assert [paragraph.text for paragraph in shown] == [
        "a (https://example.com/a)",
        "- b (https://example.com/b)",
        "- a",
    ]


@given(st.text(alphabet="ab *_#>-1.)([]!`<|~\n\\:/&;") | st.text())
def test_any_text_is_read(markdown: str) -> None:
    """Whatever is written there, it is read, no value has mark-up that acts, and refusals name a line of it."""
    lines = len(markdown.splitlines()) + 1

    assert all("\n" not in paragraph.text and paragraph.runs for paragraph in paragraphs(markdown))
    assert all(0 <= line <= lines and reason for line, reason in refused(markdown))


@pytest.mark.parametrize(
    "markdown",
    [
        "# Head",
        "*a* **b** [c](https://example.com/)",
        "<mail@example.com>",
        "- a\n- b",
        "1. a",
        "> q",
        "***",
        "a \\< b",
    ],
)
def test_what_is_taken_is_not_refused(markdown: str) -> None:
    """All that the reference names."""
    assert list(refused(markdown)) == []
