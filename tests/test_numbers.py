"""Numbers for show: rounded, told apart where they differ, and what would have been enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.numbers import apart, column, least_above, shown

HEATS = st.integers(0, 10**6) | st.floats(0, 1e6, allow_subnormal=False)


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (None, "-"),
        (0, "0"),
        (89, "89"),
        (123_456, "123456"),
        (89.0, "89"),
        (12.5, "12.5"),
        (37.4825, "37.5"),
        (0.831_23, "0.831"),
        (1234.56, "1235"),
        (0.000_012_345, "0.0000123"),
        (99.96, "100"),
    ],
)
def test_a_number_is_rounded_for_show(figure: float | None, text: str) -> None:
    """Whole numbers stay as they are, others have about three digits."""
    assert shown(figure) == text


def test_numbers_that_differ_are_told_apart() -> None:
    """Two that would look alike have more digits; equal ones look alike, and the others stay short."""
    assert apart([37.4825, None, 37.4831, 12.5, 37.4825, 12]) == ["37.4825", "-", "37.4831", "12.5", "37.4825", "12"]
    assert apart([100, 99.96]) == ["100", "99.96"]


def test_a_column_stands_to_the_right() -> None:
    """Four characters wide, or as wide as the longest needs."""
    assert column([5, None, 12.5]) == ["   5", "   -", "12.5"]
    assert column([12.5, 12.500_01, 7]) == ["    12.5", "12.50001", "       7"]
    assert column([]) == []


@given(st.lists(HEATS | st.none(), max_size=20))
def test_two_look_alike_only_if_they_are(figures: list[float | None]) -> None:
    """However close numbers lie, different ones are never shown alike."""
    distinct = set(figures)
    texts = dict(zip(figures, apart(figures), strict=True))

    assert len(set(texts.values())) == len(distinct)
    assert all(abs(float(text) - figure) <= 0.5 for figure, text in texts.items() if figure is not None)


@given(st.lists(st.tuples(HEATS, st.booleans()), min_size=1, max_size=3), st.floats(0, 1))
def test_what_would_have_been_enough_is(figures: list[tuple[float, bool]], share: float) -> None:
    """It is above what has to be beaten, level only where that is enough, and looks greater than the loser's own."""
    own = share * min(figure for figure, _ in figures)
    least = least_above([(figure, level and figure > own) for figure, level in figures], own)

    assert all(float(least) > figure or (float(least) == figure and level) for figure, level in figures)
    assert float(least) > float(shown(own))


def test_of_whole_numbers_it_is_the_least() -> None:
    """The rival's own heat where the loser wins the tie, else one more; of decimals one more in the last digit."""
    assert least_above([(57, False)], 40) == "58"
    assert least_above([(57, True)], 40) == "57"
    assert least_above([(57, True), (60, False)], 40) == "61"
    assert least_above([(12.5, False)], 12) == "12.6"
    assert least_above([(37.4825, True)], 37.46) == "37.6"
