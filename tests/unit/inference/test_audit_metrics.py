"""The audit's metrics against scikit-learn, against hand-worked cases, and at the edges."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from toolkit.inference.audit import metrics

ROWS = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5, 0.75, 0.9, 1.0])),
    min_size=1,
    max_size=60,
)


def arrays(rows: list[tuple[bool, float]]) -> tuple[metrics.Bools, metrics.Floats]:
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows])


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_areas_are_scikit_learns(rows: list[tuple[bool, float]]) -> None:
    truth, scores = arrays(rows)
    if truth.all() or not truth.any():
        assert metrics.roc_auc(truth, scores) is None
    else:
        assert metrics.roc_auc(truth, scores) == pytest.approx(roc_auc_score(truth, scores))
    if truth.any():
        assert metrics.average_precision(truth, scores) == pytest.approx(
            average_precision_score(truth, scores)
        )
    else:
        assert metrics.average_precision(truth, scores) is None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert metrics.brier(truth, scores) == pytest.approx(
            brier_score_loss(truth, scores, pos_label=True)
        )


@settings(max_examples=60, deadline=None)
@given(ROWS, st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.1]))
def test_operating_points_are_scikit_learns(rows: list[tuple[bool, float]], at: float) -> None:
    truth, scores = arrays(rows)
    found, flags = metrics.operating(truth, scores, at), scores >= at
    assert found.flagged == flags.sum()
    if flags.any():
        assert found.precision == pytest.approx(precision_score(truth, flags, zero_division=0))
    else:
        assert found.precision is None
    if truth.any():
        assert found.recall == pytest.approx(recall_score(truth, flags))
        assert found.f1 == pytest.approx(f1_score(truth, flags, zero_division=0))
    best = metrics.best_f1(truth, scores)
    if best is None:
        assert not truth.any()
    else:
        assert best.f1 == pytest.approx(
            max(f1_score(truth, scores >= value, zero_division=0) for value in np.unique(scores))
        )


def test_bias_areas_look_at_the_right_rows() -> None:
    truth = np.array([True, True, False, False])
    member = np.array([True, False, True, False])
    scores = np.array([0.6, 0.5, 0.7, 0.1])
    # In the group the civil row (0.7) outranks the toxic one (0.6).
    assert metrics.subgroup_auc(truth, scores, member) == 0.0
    # The toxic row without the group (0.5) against the civil one with it (0.7).
    assert metrics.bpsn_auc(truth, scores, member) == 0.0
    # The civil row without it (0.1) against the toxic one with it (0.6).
    assert metrics.bnsp_auc(truth, scores, member) == 1.0
    assert metrics.subgroup_auc(truth, scores, ~member) == 1.0
    assert metrics.bpsn_auc(truth, scores, np.zeros(4, np.bool_)) is None


def test_calibration() -> None:
    scores = np.repeat([0.25, 0.75, 1.0], 20)
    truth = np.concatenate([np.arange(20) < 5, np.arange(20) < 15, np.ones(20, np.bool_)])
    bins = metrics.reliability(truth, scores)
    assert [one.rows for one in bins] == [0, 0, 20, 0, 0, 0, 0, 20, 0, 20]
    assert metrics.calibration_error(bins) == pytest.approx(0.0)
    assert metrics.calibration_error(metrics.reliability(truth, scores * 0.8)) == pytest.approx(
        (0.25 * 0.2 + 0.75 * 0.2 + 0.2) / 3
    )
    assert metrics.calibration_error(metrics.reliability(truth[:0], scores[:0])) is None


def test_wilson() -> None:
    # Brown, Cai and DasGupta 2001 give the interval's formula; 5 of 10 is symmetric.
    low, high = metrics.wilson(5, 10) or (0, 0)
    assert (low, high) == (pytest.approx(0.2366, abs=1e-4), pytest.approx(0.7634, abs=1e-4))
    assert metrics.wilson(0, 10) == (0.0, pytest.approx(0.2775, abs=1e-4))
    assert metrics.wilson(0, 0) is None


def test_the_worst_group_counts_most() -> None:
    assert metrics.power_mean([]) is None
    assert metrics.power_mean([0.9, 0.9]) == pytest.approx(0.9)
    mean = metrics.power_mean([0.5, 0.9, 0.9])
    assert mean is not None
    assert 0.5 < mean < np.mean([0.5, 0.9, 0.9])
    assert metrics.power_mean([0.0, 1.0]) == 0.0
