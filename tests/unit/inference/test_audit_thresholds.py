from __future__ import annotations

import numpy as np
import pytest

from toolkit.errors import SettingsError
from toolkit.inference.audit import for_budget, for_precision
from toolkit.inference.audit.thresholds import LEAST_FLAGGED


def rows(number: int = 2000, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """A well calibrated score: a row is toxic with the probability that it says."""
    rng = np.random.default_rng(seed)
    scores = rng.random(number)
    return rng.random(number) < scores, scores


def test_a_threshold_for_a_precision_holds_on_fresh_rows() -> None:
    truth, scores = rows()
    found = for_precision(truth, scores, 0.8, samples=200)
    # From t on, a calibrated score is right in (1 + t) / 2 of the cases.
    assert found.threshold == pytest.approx(0.6, abs=0.08)
    assert found.precision == pytest.approx(0.8, abs=0.03)
    assert found.precision_interval is not None
    low, high = found.precision_interval
    assert low < 0.8 < high
    assert found.threshold_interval is not None
    assert found.threshold_interval[0] < 0.6 < found.threshold_interval[1]
    fresh, again = rows(seed=2)
    flags = again >= found.threshold
    assert low - 0.02 <= fresh[flags].mean() <= high + 0.02
    assert found.reached == 1.0


def test_a_budget_is_kept() -> None:
    truth, scores = rows()
    found = for_budget(truth, scores, 0.05, samples=200)
    assert found.threshold == pytest.approx(0.95, abs=0.02)
    assert (scores >= found.threshold).mean() <= 0.05
    assert found.flagged == pytest.approx(0.05, abs=0.01)


def test_ties_do_not_break_a_budget() -> None:
    scores = np.array([0.9] * 30 + [0.1] * 70)
    truth = scores > 0.5
    assert for_budget(truth, scores, 0.3, samples=5).threshold == 0.9
    assert for_budget(truth, scores, 0.29, samples=5).threshold is None


def test_what_no_threshold_reaches_is_none() -> None:
    rng = np.random.default_rng(3)
    scores = rng.random(400)
    truth = rng.random(400) < 0.1  # the score says nothing
    found = for_precision(truth, scores, 0.95, samples=50)
    assert found.threshold is None
    assert found.reached < 0.1


def test_a_few_lucky_rows_are_no_precision() -> None:
    scores = np.linspace(0, 1, 100)
    truth = np.zeros(100, np.bool_)
    truth[-(LEAST_FLAGGED - 1) :] = True
    found = for_precision(truth, scores, 0.95, samples=20)
    assert found.threshold is None


def test_the_same_rows_give_the_same_answer() -> None:
    truth, scores = rows(300)
    assert for_precision(truth, scores, 0.7, samples=50) == for_precision(
        truth, scores, 0.7, samples=50
    )


@pytest.mark.parametrize("target", [0, -1, 1.5, float("nan")])
def test_a_wish_must_be_a_share(target: float) -> None:
    truth, scores = rows(20)
    with pytest.raises(SettingsError, match="cannot be asked"):
        for_precision(truth, scores, target)
    with pytest.raises(SettingsError, match="cannot be asked"):
        for_budget(truth, scores, target)


def test_no_rows() -> None:
    found = for_budget(np.empty(0, np.bool_), np.empty(0), 0.1)
    assert (found.threshold, found.precision, found.reached) == (None, None, 0.0)
