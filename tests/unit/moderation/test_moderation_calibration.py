from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import CalibrationError, OutputError, TooFewLabelsError
from toolkit.moderation.calibration import (
    Calibration,
    ScoreMap,
    brier,
    expected_calibration_error,
    fit,
    isotonic,
    match,
)

PAIRS = st.lists(
    st.tuples(st.integers(0, 40).map(lambda n: n / 40), st.sampled_from([0.0, 0.25, 1.0])),
    min_size=1,
    max_size=60,
)


@given(PAIRS)
@settings(max_examples=50, deadline=None)
def test_isotonic_is_scikit_learns(pairs: list[tuple[float, float]]) -> None:
    from sklearn.isotonic import IsotonicRegression

    x, y = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    oracle = IsotonicRegression(out_of_bounds="clip").fit(x, y)
    grid = np.linspace(0, 1, 101)
    found = isotonic(x, y)
    assert np.allclose([found(float(score)) for score in grid], oracle.predict(grid))


@given(PAIRS)
@settings(max_examples=40, deadline=None)
def test_a_map_keeps_order_and_bounds(pairs: list[tuple[float, float]]) -> None:
    found = isotonic([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    values = [found(n / 50) for n in range(-5, 56)]
    assert values == sorted(values)
    assert all(0 <= value <= 1 for value in values)


def test_figures_by_hand() -> None:
    scores, labels = np.array([0.9, 0.8, 0.1]), np.array([1.0, 0.0, 0.0])
    assert brier(scores, labels) == pytest.approx((0.01 + 0.64 + 0.01) / 3)
    # 0.9 and 0.8 fall into bins 13 and 12, 0.1 into 1: three gaps of 0.1, 0.8 and 0.1.
    assert expected_calibration_error(scores, labels) == pytest.approx((0.1 + 0.8 + 0.1) / 3)
    assert expected_calibration_error(np.array([1.0]), np.array([1.0])) == 0


def overconfident(size: int, seed: int = 1) -> tuple[list[float], list[float]]:
    """Scores whose labels come true with the square of the score's chance."""
    rng = np.random.default_rng(seed)
    scores = rng.random(size)
    return scores.tolist(), (rng.random(size) < scores**2).astype(float).tolist()


def test_fit_mends_what_is_overconfident_and_says_so_on_labels_it_has_not_seen() -> None:
    scores, labels = overconfident(4000)
    found = fit(scores, labels)
    assert found.labels == 4000
    assert found.brier_after < found.brier_before
    assert found.ece_before == pytest.approx(1 / 2 - 1 / 3, abs=0.03)
    assert found.ece_after < 0.03
    assert found.map(0.5) == pytest.approx(0.25, abs=0.06)
    # A measurement on the very labels of the fit would be better than that of the folds.
    own = np.array([found.map(score) for score in scores])
    assert brier(own, np.array(labels)) < found.brier_after
    assert fit(scores, labels) == found


def test_groups_stay_together() -> None:
    # Each group has one score and one label: only what is told of others can be
    # predicted for it, and that is nothing.
    rng = np.random.default_rng(2)
    per_group = rng.random(40)
    answers = rng.integers(0, 2, 40).astype(float)
    scores = np.repeat(per_group, 10).tolist()
    labels = np.repeat(answers, 10).tolist()
    together = fit(scores, labels, groups=[str(n // 10) for n in range(400)])
    apart = fit(scores, labels)
    assert together.brier_after > apart.brier_after


@pytest.mark.parametrize(
    ("size", "positives", "groups", "words"),
    [
        (99, 50, None, "99 labels"),
        (200, 19, None, "19 say yes"),
        (200, 190, None, "190 say yes"),
        (200, 100, 4, "4 groups"),
        (0, 0, None, "0 labels"),
    ],
)
def test_too_few_labels_are_refused(
    size: int, positives: int, groups: int | None, words: str
) -> None:
    labels = [1.0] * positives + [0.0] * (size - positives)
    names = None if groups is None else [str(n % groups) for n in range(size)]
    with pytest.raises(TooFewLabelsError, match=words) as caught:
        fit([0.5] * size, labels, groups=names)
    assert caught.value.next_step


def test_match_carries_thresholds_over() -> None:
    rng = np.random.default_rng(3)
    ours = rng.random(5000)
    theirs = ours**3  # another scale, the same order
    found = match(ours.tolist(), theirs.tolist())
    assert found.rank_correlation == pytest.approx(1.0)
    assert found.map(0.5) == pytest.approx(0.125, abs=0.01)
    for row in found.thresholds:
        assert row.score == pytest.approx(row.old ** (1 / 3), abs=0.01)
        assert row.share == pytest.approx(float((theirs >= row.old).mean()))
        assert row.agreement > 0.99
        # The old threshold on the mapped score selects as many as before.
        mapped = np.array([found.map(score) for score in ours.tolist()])
        assert float((mapped >= row.old).mean()) == pytest.approx(row.share, abs=0.01)
    with pytest.raises(TooFewLabelsError):
        match([0.1] * 199, [0.2] * 199)


def test_match_of_scores_without_order_says_so() -> None:
    rng = np.random.default_rng(4)
    found = match(rng.random(1000).tolist(), rng.random(1000).tolist())
    assert abs(found.rank_correlation) < 0.1
    assert found.thresholds[9].agreement < 0.6
    assert match([0.5] * 300, rng.random(300).tolist()).rank_correlation == 0


def calibration() -> Calibration:
    return Calibration(
        method="isotonic",
        analyzers={"toxicity": "m/1"},
        maps={"TOXICITY": ScoreMap((0.0, 0.5, 1.0), (0.1, 0.2, 0.9))},
        figures={"TOXICITY": {"labels": 100}},
    )


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    calibration().write(path)
    read = Calibration.read(path)
    assert read == calibration()
    assert read.version == calibration().version
    assert read.checked({"toxicity": "m/1", "stance": "2"}) is read
    other = replace(calibration(), analyzers={"toxicity": "m/2"})
    assert other.version != read.version
    with pytest.raises(CalibrationError, match="m/1; this is m/2"):
        read.checked({"toxicity": "m/2"})
    with pytest.raises(CalibrationError, match="not there"):
        read.checked({})
    with pytest.raises(OutputError):
        calibration().write(tmp_path / "none" / "x.json")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"format": 1', '"format": 2'),
        ('"method": "isotonic"', '"method": "magic"'),
        ("0.9", "1.9"),
        ("0.9", "0.15"),
        ("0.5", "0.0"),
        ("0.2,", ""),
        ("0.9", "0.95"),
        ("{", "", ),
        ('"x"', '"z"'),
        ("[", '"'),
    ],
)  # fmt: skip
def test_a_damaged_file_is_named(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "calibration.json"
    calibration().write(path)
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(CalibrationError, match=r"calibration\.json"):
        Calibration.read(path)
    with pytest.raises(CalibrationError):
        Calibration.read(tmp_path / "none.json")
