"""Metrics of a binary score, in numpy alone.

Everywhere ``truth`` is a boolean array, shape (rows,), True for toxic, and
``scores`` a float array of the same shape without NaN. What cannot be said
(an area without both classes, a share of nothing) is None.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit import intervals

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """What flagging every score at or above ``threshold`` does; shares are in [0, 1]."""

    threshold: float
    flagged: int
    precision: float | None
    recall: float | None
    f1: float | None
    false_positive_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Scores in [low, high): their mean, and how many of their rows are toxic in truth."""

    low: float
    high: float
    rows: int
    mean_score: float | None
    share_toxic: float | None
    interval: tuple[float, float] | None


def roc_auc(truth: Bools, scores: Floats) -> float | None:
    """Probability that a toxic row scores above a civil one, ties counting half; [0, 1].

    The Mann-Whitney statistic over mean ranks. None without both classes.
    """
    positives = int(truth.sum())
    negatives = truth.size - positives
    if not positives or not negatives:
        return None
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    above = float(ranks[truth].sum()) - positives * (positives + 1) / 2
    return above / (positives * negatives)


def average_precision(truth: Bools, scores: Floats) -> float | None:
    """Sum over thresholds of precision times the recall that the threshold adds; [0, 1].

    No interpolation; tied scores are one threshold. None without a toxic row.
    """
    if not truth.any():
        return None
    flagged, hits, _ = _sweep(truth, scores)
    recall = hits / hits[-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * hits / flagged))


def _sweep(truth: Bools, scores: Floats) -> tuple[Floats, Floats, Floats]:
    """Rows flagged, toxic rows among them, and the threshold, from the highest score down."""
    order = np.argsort(-scores, kind="stable")
    sorted_scores = scores[order]
    hits = np.cumsum(truth[order]).astype(np.float64)
    ends = np.append(np.flatnonzero(np.diff(sorted_scores)), truth.size - 1)
    return (ends + 1).astype(np.float64), hits[ends], sorted_scores[ends]


def sweep(truth: Bools, scores: Floats) -> tuple[Floats, Floats, Floats]:
    """Every threshold that changes something: ``(thresholds, precision, recall)``, highest first.

    ``recall`` is 0 throughout where no row is toxic. Empty for no rows.
    """
    if not truth.size:
        nothing = np.empty(0)
        return nothing, nothing, nothing
    flagged, hits, thresholds = _sweep(truth, scores)
    return thresholds, hits / flagged, hits / max(float(truth.sum()), 1.0)


def operating(truth: Bools, scores: Floats, threshold: float) -> Operating:
    """Precision, recall, F1 and false-positive rate of one threshold."""
    flags = scores >= threshold
    hits, flagged = int((flags & truth).sum()), int(flags.sum())
    toxic = int(truth.sum())
    total = flagged + toxic
    return Operating(
        threshold=float(threshold),
        flagged=flagged,
        precision=share(hits, flagged),
        recall=share(hits, toxic),
        f1=2 * hits / total if total else None,
        false_positive_rate=share(flagged - hits, truth.size - toxic),
    )


def best_f1(truth: Bools, scores: Floats) -> Operating | None:
    """The threshold with the highest F1 (the higher of equals); None without a toxic row."""
    if not truth.any():
        return None
    thresholds, precision, recall = sweep(truth, scores)
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
    return operating(truth, scores, float(thresholds[int(np.argmax(f1))]))


def reliability(truth: Bools, scores: Floats, bins: int = 10) -> list[Bin]:
    """Equal-width bins over [0, 1] with the share that is toxic in truth in each."""
    places = np.clip((scores * bins).astype(np.int64), 0, bins - 1)
    found = []
    for place in range(bins):
        inside = places == place
        rows = int(inside.sum())
        toxic = int(truth[inside].sum())
        found.append(
            Bin(
                low=place / bins,
                high=(place + 1) / bins,
                rows=rows,
                mean_score=float(scores[inside].mean()) if rows else None,
                share_toxic=share(toxic, rows),
                interval=wilson(toxic, rows),
            )
        )
    return found


def calibration_error(bins: list[Bin]) -> float | None:
    """Expected calibration error: mean distance of score and truth, weighted by rows; [0, 1].

    Naeini, Cooper and Hauskrecht 2015. None for no rows.
    """
    rows = sum(one.rows for one in bins)
    if not rows:
        return None
    return sum(
        one.rows * abs(one.mean_score - one.share_toxic)
        for one in bins
        if one.mean_score is not None and one.share_toxic is not None
    ) / rows  # fmt: skip


def brier(truth: Bools, scores: Floats) -> float | None:
    """Mean squared distance of score and truth (Brier 1950); [0, 1], 0 is best."""
    return float(np.mean((scores - truth) ** 2)) if truth.size else None


def subgroup_auc(truth: Bools, scores: Floats, member: Bools) -> float | None:
    """Area within the rows that name the group (Borkan et al. 2019, arXiv:1903.04561)."""
    return roc_auc(truth[member], scores[member])


def bpsn_auc(truth: Bools, scores: Floats, member: Bools) -> float | None:
    """Background positive, subgroup negative: toxic rows without, civil rows with the group.

    Low where civil comments about the group score as high as toxic ones about others.
    """
    chosen = (truth & ~member) | (~truth & member)
    return roc_auc(truth[chosen], scores[chosen])


def bnsp_auc(truth: Bools, scores: Floats, member: Bools) -> float | None:
    """Background negative, subgroup positive: civil rows without, toxic rows with the group.

    Low where toxic comments about the group score as low as civil ones about others.
    """
    chosen = (~truth & ~member) | (truth & member)
    return roc_auc(truth[chosen], scores[chosen])


def power_mean(values: list[float], power: float = -5.0) -> float | None:
    """The generalised mean that lets the worst group count most (Borkan et al. 2019)."""
    if not values:
        return None
    if min(values) <= 0:
        return 0.0
    return float(np.mean(np.power(np.array(values), power)) ** (1 / power))


def share(part: int, whole: int) -> float | None:
    """``part / whole``; None of nothing."""
    return part / whole if whole else None


def wilson(part: int, whole: int) -> tuple[float, float] | None:
    """95 percent score interval of a share (Wilson 1927); None of nothing."""
    if not whole:
        return None
    found = intervals.wilson(part, whole)
    return found.low, found.high
