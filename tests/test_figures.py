"""Numbers as sources write them: which forms are read as what, and that everything else is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.records.figures import NoFigure, number


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("89", 89),
        (" 89 ", 89),
        ("+5", 5),
        ("-5", -5),
        ("\u22125", -5),
        ("017", 17),
        ("89.0", 89),
        ("12.5", 12.5),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("1.5E+03", 1500),
        ("2e-1", 0.2),
        ("1_000", 1000),
        ("89%", 89),
        ("12 %", 12),
        ("12\u00a0%", 12),
        ("\u0668\u0669", 89),
        ("\u0661\u066c\u0662\u0663\u0664\u066b\u0665", 1234.5),
        ("\uff11\uff12", 12),
        ("999999999.5", 999_999_999.5),
    ],
)
def test_a_number_is_read(written: str, value: float) -> None:
    """Programs, spreadsheets and other scripts write the same numbers."""
    assert number(written) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,234", 1234),
        ("12,345,678", 12_345_678),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1.234.567", 1_234_567),
        ("1.234.567,25", 1_234_567.25),
        ("1 234", 1234),
        ("1\u00a0234,5", 1234.5),
        ("1\u202f234\u202f567", 1_234_567),
        ("1\u2009234", 1234),
        ("1'234.50", 1234.5),
        ("1\u2019234", 1234),
        ("12,34,567", 1_234_567),
        ("-1,234", -1234),
    ],
)
def test_thousands_are_parted(written: str, value: float) -> None:
    """Commas, points, blanks of any width and apostrophes part thousands, where exactly three digits follow."""
    assert number(written) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [("1.234", 1.234), ("1,234", 1234), ("0,123", 0.123), ("12,5", 12.5), ("1,23", 1.23), ("1234,567", 1234.567)],
)
def test_what_has_two_readings_goes_by_rule(written: str, value: float) -> None:
    """A point alone is decimal; a comma alone parts thousands before three digits, else it is decimal."""
    assert number(written) == value


@pytest.mark.parametrize(
    "written",
    [
        *("many", "89 points", "1.2k", "0x59", "inf", "-inf", "nan", "true", "1:30", "5\u00b2", "\u2163"),
        *("1,23,4", "1,234,5", "1.23.456", "1 23", "12 34 567", "1'23", "1,234'567", "0,123,456"),
        *("1__0", "_1", "1_", "--5", "+", "%", ".", ",5", "1e", "1e9999", ""),
    ],
)
def test_what_is_no_number_is_refused(written: str) -> None:
    """Words, units, other bases and broken groups are no number, and the message says what stands there."""
    with pytest.raises(NoFigure) as raised:
        number(written)

    assert str(raised.value) == f"is no number: {written!r}; write it like 89 or 12.5"


@pytest.mark.parametrize("written", ["1000000000", "1,000,000,000", "-1e9", "1e300"])
def test_a_billion_is_a_mistake(written: str) -> None:
    """An identifier in the wrong column is no heat."""
    with pytest.raises(NoFigure) as raised:
        number(written)

    assert str(raised.value) == f"is a billion or more, which no figure of an article is: {written!r}"


def test_a_whole_article_in_its_place_is_cut_in_the_message() -> None:
    """Nobody reads a message of a megabyte, and it takes no time to say that it is no number."""
    with pytest.raises(NoFigure) as raised:
        number("1" * 1_000_000)

    assert str(raised.value) == f"is no number: {'1' * 80!r}; write it like 89 or 12.5"


@given(st.integers(-999_999_999, 999_999_999), st.sampled_from([",", ".", " ", "'", "\u00a0", "\u202f", "_"]))
def test_thousands_parted_by_anything_are_the_same_number(value: int, separator: str) -> None:
    """However a program groups a whole number, it is read back as it was; a point needs two groups to be no decimal."""
    written = f"{value:,}".replace(",", separator)

    if separator != "." or written.count(".") != 1:
        assert number(written) == value


@given(
    st.decimals("-999999.99", "999999.99", places=2), st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", ".")])
)
def test_decimals_of_every_land_are_the_same_number(value: object, signs: tuple[str, str]) -> None:
    """Thousands and decimals by the signs of England, Germany, France and Switzerland give one number."""
    thousands, decimal = signs
    written = f"{value:,}".translate({ord(","): thousands, ord("."): decimal})

    assert number(written) == float(str(value))


@given(st.floats(-1e8, 1e8))
def test_what_a_program_writes_is_read_exactly(value: float) -> None:
    """Any number that Python writes comes back as the same number."""
    assert number(repr(value)) == value


@given(st.text(alphabet="0123456789.,' _%+-eE\u0661", max_size=60))
def test_anything_is_a_number_or_refused(written: str) -> None:
    """No text ends in another error, and no number is infinite."""
    try:
        value = number(written)
    except NoFigure:
        value = 0.0
    assert abs(value) < 1e9
