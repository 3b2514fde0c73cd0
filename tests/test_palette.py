"""One accent to all colours: each can be read on its ground; what cannot is named with the nearest that can."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from samples import examples

from digest.errors import ThemeError
from digest.theme import palette

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
GROUNDS = ("paper", "card", "panel")


def failure(**tokens: str) -> str:
    """Return the message with which *tokens* are refused."""
    with pytest.raises(ThemeError) as caught:
        palette.complete(tokens)
    return str(caught.value)


def assert_readable(found: dict[str, str]) -> None:
    """All colours are there, text is 7:1 and the accent 3:1 at least, in both schemes."""
    assert set(found) == palette.NAMES
    for scheme in ("", "dark_"):
        for ground in (found[f"{scheme}{name}"] for name in GROUNDS):
            for text in ("ink", "quiet", "link"):
                assert palette.contrast(found[f"{scheme}{text}"], ground) >= 7
            assert palette.contrast(found[f"{scheme}accent"], ground) >= 3


@settings(max_examples=examples(20), deadline=None)
@given(COLOURS)
@example("#000000")
@example("#ffffff")
@example("#ffee00")
@example("#00ff00")
def test_every_accent_gives_a_readable_palette_or_names_one_that_does(accent: str) -> None:
    """An accent works, or the message names the nearest that works; that one does, and is of the same palette."""
    try:
        found = palette.complete({"accent": accent})
    except ThemeError as error:
        nearest = re.search("the nearest that works is (#[0-9a-f]{6})$", str(error))
        assert nearest
        assert_readable(palette.complete({"accent": nearest[1]}))
    else:
        assert found["accent"] == accent
        assert_readable(found)


def test_a_bad_accent_is_refused_with_the_nearest_that_works() -> None:
    """The message has the contrast, the ground, what is needed, and a darker yellow."""
    assert failure(accent="#ffee00") == (
        "theme.accent: #ffee00 has a contrast of 1.05:1 on paper #f1f0eb, and 3:1 is needed; "
        "the nearest that works is #978b00"
    )


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (
            {"ink": "#888888"},
            "theme.ink: #888888 has a contrast of 3.11:1 on paper #eef0f5, and 7:1 is needed; "
            "the nearest that works is #4f4f4f",
        ),
        (
            {"dark_quiet": "#555555"},
            "theme.dark_quiet: #555555 has a contrast of 2.59:1 on dark_paper #0c0e14, and 7:1 is needed; "
            "the nearest that works is #afafaf",
        ),
        (
            {"card": "#777777"},
            "theme.ink: #16181e has a contrast of 3.96:1 on card #777777, and 7:1 is needed; "
            "no colour works; take grounds more alike",
        ),
    ],
    ids=["ink", "dark", "ground"],
)
def test_a_colour_of_ones_own_must_be_readable(tokens: dict[str, str], message: str) -> None:
    """What a theme or digest.yaml sets itself is held to the same contrast."""
    assert failure(accent="#1d4ed8", **tokens) == message


def test_colours_of_ones_own_stay() -> None:
    """A named colour is kept, and the derived ones are made for it."""
    found = palette.complete({"accent": "#1d4ed8", "paper": "#fff8e7", "width": "620px"})
    assert (found["paper"], found["width"]) == ("#fff8e7", "620px")
    assert palette.contrast(found["link"], "#fff8e7") >= 7


def test_a_theme_without_accent_is_left_alone() -> None:
    """Other themes may name their colours as they like."""
    assert palette.complete({"brand": "#ffee00"}) == {"brand": "#ffee00"}
