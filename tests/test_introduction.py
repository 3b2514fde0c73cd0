"""The editor's Markdown as plain values."""

from __future__ import annotations

import pytest

from digest.rendering.introduction import Run, blocks


def runs(markdown: str) -> list[Run]:
    """Return all runs of a text."""
    return [run for block in blocks(markdown) for run in block.runs]


def test_blocks_have_their_kind() -> None:
    """Headings, paragraphs, list items and quotations are told apart."""
    found = blocks("# Head\n\nText\n\n- one\n- two\n\n> said\n")

    assert [block.kind for block in found] == ["heading", "paragraph", "bullet", "bullet", "quote"]
    assert [block.text for block in found] == ["Head", "Text", "- one", "- two", "said"]


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
    assert blocks("<b>x</b> ![a cat](https://example.com/cat.png)")[0].text == "<b>x</b> a cat"


def test_nothing_gives_nothing() -> None:
    """An empty introduction has no block."""
    assert blocks(" \n") == ()
