"""Intervals against published values and their own definitions."""

from __future__ import annotations

import pytest

from toolkit.intervals import (
    Interval,
    normal_difference,
    share_difference,
    shrunk,
    split_entropy,
    split_entropy_interval,
    wilson,
    z_for,
)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    # Newcombe (1998, Two-sided confidence intervals for the single proportion), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson_gives_published_values(count: int, total: int, low: float, high: float) -> None:
    found = wilson(count, total)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.value == count / total


def test_wilson_of_nothing_says_nothing() -> None:
    assert wilson(0, 0) == Interval(0.0, 0.0, 1.0)
    assert wilson(20, 20).high == 1.0


@pytest.mark.parametrize(
    ("one", "two", "low", "high"),
    # Newcombe (1998, Interval estimation for the difference), table II, method 10.
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090),
     ((10, 10), (0, 10), 0.6075, 1.0)],
)  # fmt: skip
def test_differences_of_shares_are_published_ones(
    one: tuple[int, int], two: tuple[int, int], low: float, high: float
) -> None:
    found = share_difference(*two, *one)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    turned = share_difference(*one, *two)
    assert (turned.low, turned.high) == pytest.approx((-high, -low), abs=5e-5)


def test_no_rows_no_difference() -> None:
    assert not share_difference(0, 0, 5, 9).clear


def test_intervals_widen_with_the_number_of_comparisons() -> None:
    assert z_for(1) == pytest.approx(1.959964, abs=1e-6)
    assert z_for(10) == pytest.approx(2.807034, abs=1e-6)
    narrow, wide = (normal_difference(1.0, 0.01, 1.25, 0.01, z_for(n)) for n in (1, 10))
    assert narrow.low > wide.low
    assert narrow.value == wide.value == 0.25


def test_small_groups_move_towards_the_whole() -> None:
    assert shrunk(1.0, 2, 0.1, 20) < shrunk(0.6, 60, 0.1, 20)
    assert shrunk(0.3, 0, 0.1, 20) == 0.1


def test_entropy_of_sides() -> None:
    assert split_entropy(7, 7) == 1.0
    assert split_entropy(7, 0) == split_entropy(0, 0) == 0.0
    assert split_entropy(1, 3) == pytest.approx(0.811278, abs=1e-6)
    few, many = split_entropy_interval(3, 2), split_entropy_interval(300, 200)
    assert few.low < many.low < many.value < few.high == 1.0
    assert many.high < 1.0
