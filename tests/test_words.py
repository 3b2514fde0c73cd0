"""Words as readers see them: dates, cuts, excerpts, filled lines."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.rendering import words

SHORT_WORD = st.text(alphabet="abcäß.,;!?’3—-", min_size=1, max_size=9)
LINE = st.lists(SHORT_WORD, max_size=40).map(" ".join)
TRAIL = st.sampled_from(["", "", "...", " ...", "…", " …", "....", " [...]", " […]", "[…]"])


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2020, 11, 11), date(2020, 11, 11), "11 November 2020"),
        (date(2020, 11, 5), date(2020, 11, 11), "5–11 November 2020"),
        (date(2020, 10, 30), date(2020, 11, 5), "30 October – 5 November 2020"),
        (date(2020, 12, 28), date(2021, 1, 3), "28 December 2020 – 3 January 2021"),
        (date(2019, 11, 5), date(2020, 11, 5), "5 November 2019 – 5 November 2020"),
    ],
)
def test_period(first: date, last: date, expected: str) -> None:
    """A period is written as short as is clear."""
    assert expected == words.period(first, last)


def test_day() -> None:
    """A day is written without leading zero and without its year."""
    assert words.day(date(2020, 11, 9)) == "9 November"


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("", 5, ""),
        ("hello", 5, "hello"),
        ("hello world", 11, "hello world"),
        ("hello world", 10, "hello…"),
        ("hello world", 6, "hello…"),
        ("hello world again", 12, "hello world…"),
        ("hello world again", 13, "hello world…"),
        ("hello, world again", 8, "hello…"),
        ("hello – world again", 10, "hello…"),
        ("unpronounceable", 6, "unpro…"),
    ],
)
def test_cut(text: str, limit: int, expected: str) -> None:
    """A cut keeps as many whole words as fit with the ellipsis, without punctuation before it."""
    assert expected == words.cut(text, limit)


@given(LINE, st.integers(10, 120))
@example("hello world again", 12)
def test_cut_is_never_too_long(text: str, limit: int) -> None:
    """A cut text is at most as long as the limit, and begins like the text."""
    cut = words.cut(text, limit)
    assert len(cut) <= limit
    assert text.startswith(cut.removesuffix("…"))


@given(LINE, st.integers(10, 120))
def test_cut_is_never_in_a_word(text: str, limit: int) -> None:
    """A text is cut where a word ends: what is left of that word is punctuation at most."""
    kept = words.cut(text, limit).removesuffix("…")
    rest = text[len(kept) :].split(" ", 1)[0]
    assert set(rest) <= set(",;:–—-")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Short and whole.", "Short and whole."),
        ("Short without an end", "Short without an end"),
        ("An end in the second half. Then the text goes on and on.", "An end in the second half."),
        ("Is it in the second half? Then the text goes on and on.", "Is it in the second half?"),
        ("He says “in the second half.” Then the text goes on.", "He says “in the second half.”"),
        ("Early. The only end stands in the first half of the text.", "Early. The only end stands in the first…"),
        ("One sentence that is too long goes on unto the very end of it", "One sentence that is too long goes on…"),
        ("One end. Another end in here. A third that is too long.", "One end. Another end in here."),
        ("Version 2.5 of the model is out, and vastly better than before", "Version 2.5 of the model is out, and…"),
    ],
)
def test_excerpt_of_a_whole_text(text: str, expected: str) -> None:
    """An excerpt ends with a sentence where one ends in the second half, else behind a word with an ellipsis."""
    assert expected == words.excerpt(text, 42)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They had found a man in ...", "They had found a man in…"),
        ("They had found a man in …", "They had found a man in…"),
        ("They had found a man in [...]", "They had found a man in…"),
        ("They had found a man in […]", "They had found a man in…"),
        ("They had found a man i...", "They had found a man…"),
        ("They had found a man i…", "They had found a man…"),
        ("They had found a man i[…]", "They had found a man…"),
        ("They had found a man. He was asl...", "They had found a man."),
        ("They had found a man. He was …", "They had found a man."),
        ("They had found a man. […]", "They had found a man."),
        ("They had found a man. ...", "They had found a man."),
        ("Hm. They had found a man who was asl...", "Hm. They had found a man who was…"),
    ],
)
def test_excerpt_of_a_text_the_source_broke_off(text: str, expected: str) -> None:
    """What the source broke off loses its half word, or its half sentence where a whole one is long enough."""
    assert expected == words.excerpt(text, 100)


def test_long_excerpt_without_an_end_was_broken_off() -> None:
    """A text longer than a headline that ends without punctuation loses its last word, which may be half a word."""
    text = "The researchers who looked at all of these texts found that most of them had been broken o"
    assert f"{text.removesuffix(' o')}…" == words.excerpt(text, 200)


def test_long_excerpt_with_an_end_is_whole() -> None:
    """A text of any length that ends with a sentence and fits is shown as it is."""
    text = "The researchers who looked at all of these texts found that most of them were whole “at the end.”"
    assert text == words.excerpt(text, 200)


@given(LINE, TRAIL, st.integers(10, 200))
@example("The model costs its makers 3.5 million", "", 29)
@example("", "...", 10)
def test_excerpt_says_nothing_of_its_own(line: str, trail: str, limit: int) -> None:
    """An excerpt is as long as allowed, the ellipsis apart, and otherwise the beginning of the text."""
    excerpt = words.excerpt(line + trail, limit)
    assert len(excerpt) <= limit + 1
    assert (line + trail).startswith(excerpt.removesuffix("…"))


@given(st.lists(st.text(alphabet="abcäß’3", min_size=1, max_size=9), min_size=30).map(" ".join), st.integers(20, 80))
def test_excerpt_is_never_cut_in_a_word(line: str, limit: int) -> None:
    """An excerpt of words without punctuation ends behind one of them."""
    kept = words.excerpt(line, limit).removesuffix("…")
    assert line[: len(kept) + 1] == f"{kept} "


@pytest.mark.parametrize("number", ["3.5", "1.000", "v2.0"])
def test_point_in_a_number_ends_no_sentence(number: str) -> None:
    """An excerpt never ends at the point of a number, wherever the limit falls."""
    text = f"The model costs its makers {number} million a day or so they say"
    ends = {words.excerpt(text, limit)[-2:] for limit in range(20, len(text))}
    assert set() == {end for end in ends if end[-1] == "."}


@given(st.lists(st.text(alphabet="abc-/.:", min_size=1, max_size=100), max_size=40).map(" ".join))
def test_fill(text: str) -> None:
    """Filled lines fit the columns unless they are one long word, and lose no word."""
    lines = words.fill(text, indent="  ", first="* ").splitlines()
    assert [line for line in lines if len(line) > words.COLUMNS and len(line[2:].split()) > 1] == []
    assert text.split() == " ".join(line[2:] for line in lines).split()


def test_fill_indents() -> None:
    """The first line has its own indent."""
    first, second = words.fill("word " * 20, indent="   ", first="1. ").splitlines()
    assert (first[:7], second[:7]) == ("1. word", "   word")


def test_fill_breaks_no_address() -> None:
    """An address stays whole, however long it is and whatever hyphens it has."""
    address = "https://example.com/" + "a-long-slug-" * 10
    assert ["Read it at", address] == words.fill(f"Read it at {address}").splitlines()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "\n"),
        ("\n\nwords\n\n", "words\n"),
        ("words", "words\n"),
        ("a  \nb\t\n", "a\nb\n"),
        ("a\n\n\n\n\n\nb\n", "a\n\n\nb\n"),
        ("a\n\n\nb\n", "a\n\n\nb\n"),
        ("a\n   \n \n\t\n\nb\n", "a\n\n\nb\n"),
        ("words\n-- \nname\n", "words\n-- \nname\n"),
        ("words\n--  \nname\n", "words\n--\nname\n"),
        ("  indented\n", "  indented\n"),
    ],
)
def test_tidy(text: str, expected: str) -> None:
    """Tidy text has no white space at line ends but the signature mark's, and two empty lines at most."""
    assert expected == words.tidy(text)


@given(st.text(alphabet="a- \n\t", max_size=60))
def test_tidy_once_and_for_all(text: str) -> None:
    """Tidying tidy text changes nothing."""
    assert words.tidy(text) == words.tidy(words.tidy(text))
