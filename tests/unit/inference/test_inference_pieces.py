"""Windows over word pieces, and the words and runs that pieces make."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.inference.pieces import stretches, windows, words


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (1, [(0, 1)]),
        (10, [(0, 10)]),
        (11, [(0, 10), (1, 11)]),
        (20, [(0, 10), (5, 15), (10, 20)]),
        (23, [(0, 10), (5, 15), (10, 20), (13, 23)]),
    ],
)
def test_windows_cover_the_text_and_end_with_it(
    length: int, expected: list[tuple[int, int]]
) -> None:
    assert list(windows(length, 10)) == expected


def test_punctuation_stands_apart_at_the_ends_of_a_word_and_not_inside() -> None:
    text = "So, f*ck low-life!"
    starts = np.array([0, 2, 4, 5, 6, 9, 12, 13, 17])
    ends = np.array([2, 3, 5, 6, 8, 12, 13, 17, 18])
    found = [text[starts[a] : ends[b - 1]] for a, b in words(text, starts, ends)]
    assert found == ["So", ",", "f*ck", "low-life", "!"]


def test_stretches_are_the_runs_of_true() -> None:
    assert list(stretches([True, True, False, True])) == [(0, 2), (3, 4)]
    assert list(stretches([])) == []
