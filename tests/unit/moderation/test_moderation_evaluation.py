from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import brier_score_loss, precision_recall_fscore_support

from toolkit.errors import InputError
from toolkit.moderation.drift import (
    DRIFT_SCHEMA,
    WEEKLY_SCHEMA,
    precision_by_week,
    score_drift,
    smirnov,
    stability_index,
)
from toolkit.moderation.evaluation import (
    CALIBRATION_SCHEMA,
    JUDGED_SCHEMA,
    PERFORMANCE_SCHEMA,
    SELECTED_NOTE,
    calibration_curve,
    calibration_error,
    judged,
    performance,
    wilson,
)

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def rows(
    scores: list[float | None], labels: list[bool | None], *, selection: str | None = "random"
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "comment_id": [f"c{n}" for n in range(len(scores))],
            "attribute": "insult",
            "model_version": "1",
            "score": scores,
            "positive": labels,
            "selection": selection,
            "decided_at": [MONDAY + timedelta(hours=n) for n in range(len(scores))],
        },
        schema=JUDGED_SCHEMA,
    )


pairs = st.lists(
    st.tuples(st.floats(0, 1, allow_nan=False), st.booleans()), min_size=1, max_size=60
)


@settings(max_examples=25, deadline=None)
@given(pairs, st.floats(0, 1))
def test_performance_is_scikit_learns(found: list[tuple[float, bool]], threshold: float) -> None:
    scores, labels = map(list, zip(*found, strict=True))
    row = performance(rows(scores, labels), threshold).row(0, named=True)
    says = [score >= threshold for score in scores]
    precision, recall, f1, _ = precision_recall_fscore_support(
        labels, says, average="binary", zero_division=0
    )
    counted = sum(
        row[n] for n in ("true_positive", "false_positive", "false_negative", "true_negative")
    )
    assert counted == row["comments"] == len(found)
    assert (row["precision"] or 0) == pytest.approx(precision)
    assert (row["recall"] or 0) == pytest.approx(recall)
    assert (row["f1"] or 0) == pytest.approx(f1)
    assert (row["precision"] is None) == (not any(says))
    assert (row["recall"] is None) == (not any(labels))
    for name in ("precision", "recall", "f1"):
        if row[name] is not None:
            assert 0 <= row[f"{name}_lower"] <= row[name] <= row[f"{name}_upper"] <= 1


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_scipys(counts: tuple[int, int]) -> None:
    k, n = counts
    expected = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
    lower, upper = wilson(k, n)
    assert lower == pytest.approx(expected.low, abs=1e-9)
    assert upper == pytest.approx(expected.high, abs=1e-9)


def test_nothing_counted_is_unknown() -> None:
    assert wilson(0, 0) == (None, None)
    row = performance(rows([0.1], [False]), 0.5).row(0, named=True)
    assert row["precision"] is None
    assert row["precision_lower"] is None
    assert row["f1"] is None
    assert performance(rows([], []), 0.5).schema == PERFORMANCE_SCHEMA


def test_unknown_scores_and_decisions_are_counted_and_left_out() -> None:
    row = performance(rows([0.9, None, 0.2, 0.8], [True, True, None, False]), 0.5).row(
        0, named=True
    )
    assert (row["comments"], row["unscored"], row["undecided"]) == (2, 1, 1)
    assert row["precision"] == 0.5


def test_only_a_random_sample_is_called_unbiased() -> None:
    both = pl.concat(
        [rows([0.9], [True], selection=name) for name in ("random", "queue")]
        + [rows([0.9, 0.8], [True, False], selection=None)]
    )
    found = performance(both, 0.5)
    assert found.select("selection", "comments", "unbiased", "note").rows() == [
        ("random", 1, True, None),
        ("queue", 1, False, SELECTED_NOTE),
        (None, 2, False, SELECTED_NOTE),
    ]


def test_versions_and_attributes_are_never_mixed() -> None:
    frame = pl.concat(
        [
            rows([0.9], [True]),
            rows([0.9], [False]).with_columns(model_version=pl.lit("2")),
            rows([0.9], [False]).with_columns(attribute=pl.lit("threat")),
        ]
    )
    found = performance(frame, 0.5)
    assert found.select("attribute", "model_version", "precision").rows() == [
        ("insult", "1", 1.0),
        ("insult", "2", 0.0),
        ("threat", "1", 0.0),
    ]


def test_decisions_are_joined_with_scores() -> None:
    decisions = pl.DataFrame(
        {
            "comment_id": ["a", "b", "c", "d"],
            "status": ["REJECTED", "REJECTED", "APPROVED", "PREMOD"],
            "reasons": [["insult", "spam"], ["spam"], [], None],
            "selection": ["queue", "random", None, "queue"],
            "decided_at": [MONDAY] * 4,
        }
    )
    scores = pl.DataFrame(
        {
            "comment_id": ["a", "b", "c", "d", "e"] * 2,
            "attribute": ["insult"] * 5 + ["toxicity"] * 5,
            "model_version": ["1"] * 10,
            "score": [0.9, 0.2, 0.1, None, 0.5] * 2,
        }
    )
    found = judged(decisions, scores, reasons={"insult": ["insult"]})
    assert found.schema == JUDGED_SCHEMA
    assert found.filter(attribute="insult")["positive"].to_list() == [True, False, False, None]
    assert found.filter(attribute="toxicity")["positive"].to_list() == [True, True, False, None]


@settings(max_examples=25, deadline=None)
@given(pairs, st.integers(1, 12))
def test_bins_hold_everything_once_and_never_part_equal_scores(
    found: list[tuple[float, bool]], bins: int
) -> None:
    scores, labels = map(list, zip(*found, strict=True))
    curve = calibration_curve(rows(scores, labels), bins=bins)
    assert curve.schema == CALIBRATION_SCHEMA
    assert curve.height <= bins
    assert curve["comments"].sum() == len(found)
    assert (curve["lowest"] <= curve["highest"]).all()
    assert all(
        low > high for low, high in zip(curve["lowest"][1:], curve["highest"][:-1], strict=True)
    )
    assert (curve["positive"] * curve["comments"]).sum() == pytest.approx(sum(labels))
    error = calibration_error(rows(scores, labels), bins=bins, resamples=0).row(0, named=True)
    by_hand = (curve["comments"] * (curve["mean_score"] - curve["positive"]).abs()).sum()
    assert error["ece"] == pytest.approx(by_hand / len(found))
    assert error["brier"] == pytest.approx(brier_score_loss(labels, scores))
    assert error["ece_if_calibrated"] is None


def test_a_calibrated_model_is_not_blamed_and_an_overconfident_one_is() -> None:
    rng = np.random.default_rng(3)
    truth = rng.beta(1, 3, 1500)
    labels = (rng.random(1500) < truth).tolist()
    fair = calibration_error(rows(truth.tolist(), labels)).row(0, named=True)
    assert fair["ece"] <= fair["ece_if_calibrated_upper"]
    assert 0 < fair["ece_if_calibrated"] < fair["ece_if_calibrated_upper"]
    loud = calibration_error(rows((truth**0.5).tolist(), labels)).row(0, named=True)
    assert loud["ece"] > 3 * loud["ece_if_calibrated_upper"]


def arrived(weeks: list[np.ndarray[Any, Any]], version: str = "1") -> pl.DataFrame:
    return pl.concat(
        pl.DataFrame(
            {
                "attribute": "insult",
                "model_version": version,
                "score": values,
                "at": [MONDAY + timedelta(weeks=week, minutes=n) for n in range(len(values))],
            }
        )
        for week, values in enumerate(weeks)
        if len(values)
    )


def test_drift_is_seen_and_its_absence_is_not_called_drift() -> None:
    rng = np.random.default_rng(5)
    weeks = [rng.beta(1, 4, 300) for _ in range(12)] + [rng.beta(2, 4, 300)]
    found = score_drift(arrived(weeks), baseline_weeks=4)
    assert found.schema == DRIFT_SCHEMA
    assert found["null_reason"].to_list() == ["baseline"] * 4 + [None] * 9
    calm, moved = found[4:12], found[12].row(0, named=True)
    assert (calm["psi"] < calm["psi_noise"]).sum() >= 7
    assert (calm["ks_p"] > 0.01).sum() >= 7
    assert moved["psi"] > 3 * moved["psi_noise"]
    assert moved["ks_p"] < 1e-6


def test_weeks_without_enough_comments_say_so() -> None:
    rng = np.random.default_rng(6)
    frame = arrived([rng.random(100), rng.random(0), rng.random(9), rng.random(60)])
    undated = frame.head(2).with_columns(at=pl.lit(None, frame.schema["at"]))
    unscored = frame.tail(1).with_columns(score=pl.lit(None, pl.Float64))
    found = score_drift(pl.concat([frame, undated, unscored]), baseline_weeks=1)
    assert found.select("week", "comments", "unscored", "null_reason").rows() == [
        (date(2026, 3, 2), 100, 0, "baseline"),
        (date(2026, 3, 9), 0, 0, "too_few"),
        (date(2026, 3, 16), 9, 0, "too_few"),
        (date(2026, 3, 23), 61, 1, None),
        (None, 2, 0, "no_time"),
    ]


def test_a_new_version_has_its_own_baseline() -> None:
    rng = np.random.default_rng(7)
    old, new = arrived([rng.random(60)] * 6), arrived([rng.random(60)] * 2, "2")
    found = score_drift(pl.concat([old, new]), baseline_weeks=2)
    assert found.filter(model_version="2")["null_reason"].to_list() == ["baseline"] * 2


samples = st.lists(st.floats(0, 1).map(lambda x: round(x, 2)), min_size=5, max_size=80)


@settings(max_examples=25, deadline=None)
@given(samples, samples)
def test_the_distance_of_distributions_is_scipys(one: list[float], two: list[float]) -> None:
    distance, chance = smirnov(np.array(one), np.array(two))
    assert distance == pytest.approx(stats.ks_2samp(one, two, method="asymp").statistic)
    size = np.sqrt(len(one) * len(two) / (len(one) + len(two)))
    expected = stats.kstwobign.sf((size + 0.12 + 0.11 / size) * distance)
    assert chance == pytest.approx(expected, abs=1e-5)
    assert smirnov(np.array(two), np.array(one))[0] == pytest.approx(distance)


@settings(max_examples=25, deadline=None)
@given(samples, samples)
def test_the_index_is_no_less_than_nothing(one: list[float], two: list[float]) -> None:
    psi, noise = stability_index(np.array(one), np.array(two))
    assert psi >= 0
    assert noise >= 0
    assert stability_index(np.array(one), np.array(one))[0] == 0


def test_the_noise_of_the_index_is_that_of_chi_squared() -> None:
    base, other = np.linspace(0, 1, 1000), np.linspace(0, 1, 500)
    for bins in (2, 3, 5, 10, 20):
        noise = stability_index(base, other, bins=bins)[1] / (1 / 1000 + 1 / 500)
        assert noise == pytest.approx(stats.chi2.ppf(0.95, bins - 1), abs=0.1)
    rng = np.random.default_rng(8)
    beyond = 0
    for _ in range(300):
        psi, noise = stability_index(rng.random(400), rng.random(300))
        beyond += psi > noise
    assert 0.02 <= beyond / 300 <= 0.09


def test_precision_by_week() -> None:
    frame = rows([0.9, 0.8, 0.1, 0.9], [True, False, True, True]).with_columns(
        decided_at=pl.Series(
            [MONDAY, MONDAY + timedelta(days=6), MONDAY, MONDAY + timedelta(days=14)],
            dtype=JUDGED_SCHEMA["decided_at"],
        )
    )
    found = precision_by_week(frame, 0.5)
    assert found.schema == WEEKLY_SCHEMA
    assert found.select("week", "flagged", "precision").rows() == [
        (date(2026, 3, 2), 2, 0.5),
        (date(2026, 3, 9), 0, None),
        (date(2026, 3, 16), 1, 1.0),
    ]
    assert found["note"].to_list() == [None] * 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: performance(rows([0.5], [True]), 1.5), "outside of 0 to 1"),
        (lambda: performance(rows([1.5], [True]), 0.5), "1 scores lie outside"),
        (lambda: performance(rows([float("nan")], [True]), 0.5), "1 scores lie outside"),
        (lambda: performance(pl.DataFrame({"score": [0.1]}), 0.5), "lack attribute"),
        (lambda: calibration_curve(rows([0.5], [True]), bins=0), "0 bins"),
        (lambda: score_drift(pl.DataFrame({"score": [0.1]})), "lack at, attribute"),
        (lambda: score_drift(arrived([np.ones(1)]), baseline_weeks=0), "needs a week"),
        (
            lambda: score_drift(
                arrived([np.ones(1)]).with_columns(pl.col("at").dt.replace_time_zone(None))
            ),
            "with a zone",
        ),
        (
            lambda: precision_by_week(
                rows([0.5], [True]).with_columns(
                    decided_at=pl.lit(None, JUDGED_SCHEMA["decided_at"])
                ),
                0.5,
            ),
            "has no time",
        ),
    ],
)
def test_what_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert caught.value.next_step
