"""Thresholds from data: for a wished precision, or for a budget of reviews.

A threshold that was fitted on some rows looks better on them than on the next
ones. So what to expect is measured on the rows that a bootstrap sample left
out (Efron 1983): fit on the sample, look at the rest, many times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from toolkit.errors import SettingsError
from toolkit.inference.audit.metrics import Bools, Floats, sweep

#: Bootstrap samples.
SAMPLES: Final = 1000
#: Fewer flagged rows than this say nothing about a precision.
LEAST_FLAGGED: Final = 10

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A threshold and what to expect of it; intervals are 95 percent.

    ``wish`` is ``precision`` or ``review_budget``, ``target`` its value in (0, 1].
    ``threshold`` is None where no threshold reaches the wish on these rows;
    ``reached`` is the share of bootstrap samples in which one does.
    ``precision``, ``recall`` and ``flagged`` (shares) are medians over left-out
    rows, None where they could not be measured.
    """

    wish: str
    target: float
    rows: int
    threshold: float | None
    threshold_interval: Interval | None
    reached: float
    precision: float | None
    precision_interval: Interval | None
    recall: float | None
    recall_interval: Interval | None
    flagged: float | None
    flagged_interval: Interval | None


def for_precision(
    truth: Bools, scores: Floats, target: float, *, samples: int = SAMPLES, seed: int = 0
) -> Recommendation:
    """The lowest threshold from which on at least ``target`` of what is flagged is toxic.

    The lowest has the highest recall. Thresholds that flag fewer than
    ``LEAST_FLAGGED`` rows are not considered. Raises SettingsError where
    ``target`` is not in (0, 1].
    """
    check_share(target, "precision")

    def fit(truth: Bools, scores: Floats) -> float | None:
        thresholds, precision, _ = sweep(truth, scores)
        flagged = np.searchsorted(np.sort(-scores), -thresholds, side="right")
        good = np.flatnonzero((precision >= target) & (flagged >= LEAST_FLAGGED))
        return float(thresholds[good[-1]]) if good.size else None

    return _bootstrap("precision", target, truth, scores, fit, samples, seed)


def for_budget(
    truth: Bools, scores: Floats, target: float, *, samples: int = SAMPLES, seed: int = 0
) -> Recommendation:
    """The lowest threshold that sends at most the share ``target`` of all rows to review.

    Raises SettingsError where ``target`` is not in (0, 1].
    """
    check_share(target, "review budget")

    def fit(_: Bools, scores: Floats) -> float | None:
        values, counts = np.unique(scores, return_counts=True)
        flagged = np.cumsum(counts[::-1])[::-1]
        good = np.flatnonzero(flagged <= target * scores.size)
        return float(values[good[0]]) if good.size else None

    return _bootstrap("review_budget", target, truth, scores, fit, samples, seed)


def check_share(target: float, name: str) -> None:
    """Raise SettingsError where ``target`` is no share in (0, 1]."""
    if not 0 < target <= 1:
        raise SettingsError(
            f"a {name} of {target:g} cannot be asked for",
            next_step="Give a share above 0 and up to 1, such as 0.9.",
        )


def _bootstrap(
    wish: str,
    target: float,
    truth: Bools,
    scores: Floats,
    fit: Callable[[Bools, Floats], float | None],
    samples: int,
    seed: int,
) -> Recommendation:
    rng = np.random.default_rng(seed)
    found: list[float] = []
    expected: dict[str, list[float]] = {"precision": [], "recall": [], "flagged": []}
    for _ in range(samples if truth.size else 0):
        drawn = rng.integers(0, truth.size, truth.size)
        threshold = fit(truth[drawn], scores[drawn])
        if threshold is None:
            continue
        found.append(threshold)
        left = np.ones(truth.size, np.bool_)
        left[drawn] = False
        if not left.any():
            continue
        flags, toxic = scores[left] >= threshold, truth[left]
        expected["flagged"].append(float(flags.mean()))
        if flags.any():
            expected["precision"].append(float(toxic[flags].mean()))
        if toxic.any():
            expected["recall"].append(float(flags[toxic].mean()))
    return Recommendation(
        wish=wish,
        target=target,
        rows=int(truth.size),
        threshold=fit(truth, scores) if truth.size else None,
        threshold_interval=_interval(found),
        reached=len(found) / samples,
        precision=_median(expected["precision"]),
        precision_interval=_interval(expected["precision"]),
        recall=_median(expected["recall"]),
        recall_interval=_interval(expected["recall"]),
        flagged=_median(expected["flagged"]),
        flagged_interval=_interval(expected["flagged"]),
    )


def _median(values: list[float]) -> float | None:
    return float(np.median(values)) if values else None


def _interval(values: list[float]) -> Interval | None:
    if not values:
        return None
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
