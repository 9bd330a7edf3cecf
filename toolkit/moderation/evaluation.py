"""A model against the moderators: how often it is right, and whether that changes.

Pure functions over judged rows (``JUDGED_SCHEMA``): one row a decided comment
and attribute, with the model's score and what a person decided. They say what
holds for the comments that were judged; whether that holds for all comments
depends on how these were chosen, which each row carries as ``selection``:

- ``random``: drawn without looking at the score. Figures are unbiased for the
  comments that the draw was made from.
- ``queue``: the queue put it before a moderator, mostly for its score. What
  the queue leaves out is not seen: misses are undercounted, so recall looks
  too good, and precision is that of the queue's mixture of scores.
- null: not known, which is read as ``queue``.

Rows without a score or without a decision (null) are counted and left out.

Sources: E. B. Wilson, *JASA* 22 (1927) for intervals of shares; N. Nguyen and
B. O'Connor, *EMNLP* (2015) for calibration error over bins of equal size;
J. Bröcker and L. A. Smith, *Weather and Forecasting* 22 (2007) for what a
calibrated model would show in a sample of the same size.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from toolkit import intervals
from toolkit.errors import InputError

CONFIDENCE: Final = intervals.CONFIDENCE

#: How a comment came before a moderator.
SELECTION: Final = pl.Enum(["random", "queue"])

JUDGED_SCHEMA: Final = pl.Schema(
    {
        "comment_id": pl.String(),
        "attribute": pl.String(),
        "model_version": pl.String(),
        "score": pl.Float64(),  # in [0, 1]; null: not scored
        "positive": pl.Boolean(),  # what the model should find is there; null: not decided
        "selection": SELECTION,
        "decided_at": pl.Datetime("us", "UTC"),
    }
)

#: What figures of a group are read by: never across attributes, versions or selections.
GROUP: Final = ("attribute", "model_version", "selection")

#: Said beside every figure that no random sample stands behind.
SELECTED_NOTE: Final = (
    "These comments were chosen by the queue, not drawn at random: recall looks better than it "
    "is, and precision holds for the queue's mixture of scores alone."
)

_Floats = npt.NDArray[np.float64]


def judged(
    decisions: pl.DataFrame,
    scores: pl.DataFrame,
    *,
    reasons: Mapping[str, Collection[str]] | None = None,
) -> pl.DataFrame:
    """Decisions joined with scores: ``JUDGED_SCHEMA``, one row a decision and attribute.

    ``decisions`` has ``comment_id``, ``status`` (APPROVED, REJECTED, or
    another, which decides nothing), ``reasons`` (list of codes), ``selection``
    and ``decided_at``; ``scores`` has ``comment_id``, ``attribute``,
    ``model_version`` and ``score``. ``reasons`` says which codes speak for an
    attribute: a rejection for another reason is then no finding of it. Of an
    attribute that it does not name, every rejection is one.

    Raises InputError for missing columns.
    """
    _need(decisions, {"comment_id", "status", "reasons", "selection", "decided_at"})
    _need(scores, {"comment_id", "attribute", "model_version", "score"})
    rejected = pl.col("status").cast(pl.String) == "REJECTED"
    approved = pl.col("status").cast(pl.String) == "APPROVED"
    positive = rejected
    for attribute, codes in sorted((reasons or {}).items()):
        named = (
            pl.col("reasons")
            .list.eval(pl.element().is_in(sorted(codes)))
            .list.any()
            .fill_null(value=False)
        )
        positive = (
            pl.when(pl.col("attribute") == attribute).then(rejected & named).otherwise(positive)
        )
    return (
        decisions.join(scores, on="comment_id", how="inner", suffix="_of_score")
        .with_columns(positive=pl.when(rejected | approved).then(positive))
        .select(pl.col(name).cast(dtype) for name, dtype in JUDGED_SCHEMA.items())
        .sort("attribute", "model_version", "decided_at", "comment_id", nulls_last=True)
    )


def groups(
    rows: pl.DataFrame, by: tuple[str, ...]
) -> Iterator[tuple[dict[str, Any], pl.DataFrame]]:
    """The parts of ``rows`` that share the columns ``by``, in their order.

    Raises InputError for missing columns, and for scores that are no probabilities.
    """
    _need(rows, {*by, "score", "positive"})
    outside = rows.filter(~pl.col("score").is_between(0, 1)).height
    if outside:
        raise InputError(
            f"{outside} scores lie outside of 0 to 1",
            next_step="Scores are probabilities; give null where there is none.",
        )
    for key in rows.select(by).unique().sort(by, nulls_last=True).iter_rows(named=True):
        same = [pl.col(name).eq_missing(pl.lit(key[name], rows.schema[name])) for name in by]
        yield key, rows.filter(same)


def wilson(count: float, total: float) -> tuple[float | None, float | None]:
    """Score interval of a share with ``CONFIDENCE``; nulls where nothing was counted."""
    if total <= 0:
        return None, None
    found = intervals.wilson(count, total)
    return found.low, found.high


PERFORMANCE_SCHEMA: Final = pl.Schema(
    {
        "attribute": pl.String(),
        "model_version": pl.String(),
        "selection": SELECTION,
        "threshold": pl.Float64(),
        "comments": pl.Int64(),  # judged and scored
        "unscored": pl.Int64(),
        "undecided": pl.Int64(),
        "true_positive": pl.Int64(),
        "false_positive": pl.Int64(),
        "false_negative": pl.Int64(),
        "true_negative": pl.Int64(),
        "prevalence": pl.Float64(),
        **{
            name: pl.Float64()
            for measure in ("precision", "recall", "f1")
            for name in (measure, f"{measure}_lower", f"{measure}_upper")
        },
        "unbiased": pl.Boolean(),
        "note": pl.String(),
    }
)


def performance(rows: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """Counts, precision, recall and F1 at ``score >= threshold``: ``PERFORMANCE_SCHEMA``.

    One row an attribute, model version and selection. Intervals of precision
    and recall are Wilson's. F1 is ``2G / (1 + G)`` with ``G = TP / (TP + FP +
    FN)``, which rises with G; its interval is that of the share G, carried over.
    Null where the denominator is 0.

    Raises InputError for missing columns or a threshold outside [0, 1].
    """
    if not 0 <= threshold <= 1:
        raise InputError(
            f"the threshold {threshold} lies outside of 0 to 1",
            next_step="Scores are probabilities; choose a threshold between.",
        )
    found = []
    for group, part in groups(rows, GROUP):
        known = part.filter(pl.col("score").is_not_null() & pl.col("positive").is_not_null())
        says, is_so = known["score"] >= threshold, known["positive"]
        tp, fp = int((says & is_so).sum()), int((says & ~is_so).sum())
        fn, tn = int((~says & is_so).sum()), int((~says & ~is_so).sum())
        overlap = [_share(tp, tp + fp + fn), *wilson(tp, tp + fp + fn)]
        f1 = [None if value is None else 2 * value / (1 + value) for value in overlap]
        unbiased = group["selection"] == "random"
        found.append(
            {
                **group,
                "threshold": threshold,
                "comments": known.height,
                "unscored": part["score"].null_count(),
                "undecided": part["positive"].null_count(),
                "true_positive": tp,
                "false_positive": fp,
                "false_negative": fn,
                "true_negative": tn,
                "prevalence": _share(tp + fn, known.height),
                **_with_bounds("precision", _share(tp, tp + fp), wilson(tp, tp + fp)),
                **_with_bounds("recall", _share(tp, tp + fn), wilson(tp, tp + fn)),
                **_with_bounds("f1", f1[0], (f1[1], f1[2])),
                "unbiased": unbiased,
                "note": None if unbiased else SELECTED_NOTE,
            }
        )
    return pl.DataFrame(found, schema=PERFORMANCE_SCHEMA)


CALIBRATION_SCHEMA: Final = pl.Schema(
    {
        "attribute": pl.String(),
        "model_version": pl.String(),
        "selection": SELECTION,
        "bin": pl.Int64(),
        "comments": pl.Int64(),
        "lowest": pl.Float64(),
        "highest": pl.Float64(),
        "mean_score": pl.Float64(),
        "positive": pl.Float64(),
        "positive_lower": pl.Float64(),
        "positive_upper": pl.Float64(),
    }
)


def calibration_curve(rows: pl.DataFrame, *, bins: int = 10) -> pl.DataFrame:
    """Share of positives against the mean score, in bins of equal size: ``CALIBRATION_SCHEMA``.

    Rows are cut by the rank of their score; equal scores are never parted, so
    that there can be fewer bins, and of unequal size. Bounds are Wilson's.
    """
    _check_bins(bins)
    found = []
    for group, part in groups(rows, GROUP):
        scores, labels = _known(part)
        places = _equal_mass(scores, bins)
        for place in np.unique(places).tolist():
            there = places == place
            count, n = int(labels[there].sum()), int(there.sum())
            lower, upper = wilson(count, n)
            found.append(
                {
                    **group,
                    "bin": place,
                    "comments": n,
                    "lowest": float(scores[there].min()),
                    "highest": float(scores[there].max()),
                    "mean_score": float(scores[there].mean()),
                    "positive": count / n,
                    "positive_lower": lower,
                    "positive_upper": upper,
                }
            )
    return pl.DataFrame(found, schema=CALIBRATION_SCHEMA)


ERROR_SCHEMA: Final = pl.Schema(
    {
        "attribute": pl.String(),
        "model_version": pl.String(),
        "selection": SELECTION,
        "comments": pl.Int64(),
        "ece": pl.Float64(),
        "ece_if_calibrated": pl.Float64(),
        "ece_if_calibrated_upper": pl.Float64(),
        "brier": pl.Float64(),
        "unbiased": pl.Boolean(),
    }
)


def calibration_error(
    rows: pl.DataFrame, *, bins: int = 10, resamples: int = 500, seed: int = 0
) -> pl.DataFrame:
    """Expected calibration error and Brier score: ``ERROR_SCHEMA``, one row a group.

    ``ece`` is the mean distance of mean score and share of positives over the
    bins of :func:`calibration_curve`, weighted by size, in [0, 1]. A sample of
    a perfectly calibrated model has an error too: ``ece_if_calibrated`` is its
    mean, and ``_upper`` its 95th percentile, over draws in which each comment
    is positive with the probability that its score states. Read an ``ece``
    below ``_upper`` as no sign of a fault.
    """
    _check_bins(bins)
    found = []
    for group, part in groups(rows, GROUP):
        scores, labels = _known(part)
        error, mean, upper = None, None, None
        if len(scores):
            places = _equal_mass(scores, bins)
            error = _ece(places, scores - labels)
            rng = np.random.default_rng(seed)
            drawn = [
                _ece(places, scores - (rng.random(len(scores)) < scores)) for _ in range(resamples)
            ]
            if drawn:
                mean, upper = float(np.mean(drawn)), float(np.quantile(drawn, CONFIDENCE))
        found.append(
            {
                **group,
                "comments": len(scores),
                "ece": error,
                "ece_if_calibrated": mean,
                "ece_if_calibrated_upper": upper,
                "brier": float(np.mean((scores - labels) ** 2)) if len(scores) else None,
                "unbiased": group["selection"] == "random",
            }
        )
    return pl.DataFrame(found, schema=ERROR_SCHEMA)


def _known(part: pl.DataFrame) -> tuple[_Floats, _Floats]:
    known = part.select("score", "positive").drop_nulls()
    return (
        known["score"].cast(pl.Float64).to_numpy(),
        known["positive"].cast(pl.Float64).to_numpy(),
    )


def _equal_mass(scores: _Floats, bins: int) -> npt.NDArray[np.int64]:
    """A bin for each score by its rank; equal scores share the bin of the lowest of them."""
    ordered = np.sort(scores)
    first = np.searchsorted(ordered, scores, side="left")
    found: npt.NDArray[np.int64] = (first * bins) // max(len(scores), 1)
    return found


def _ece(places: npt.NDArray[np.int64], gaps: _Floats) -> float:
    return float(np.abs(np.bincount(places, weights=gaps)).sum() / len(gaps))


def _share(count: int, total: int) -> float | None:
    return count / total if total else None


def _with_bounds(
    name: str, value: float | None, bounds: tuple[float | None, float | None]
) -> dict[str, float | None]:
    return {name: value, f"{name}_lower": bounds[0], f"{name}_upper": bounds[1]}


def _check_bins(bins: int) -> None:
    if bins < 1:
        raise InputError(f"{bins} bins hold nothing", next_step="Use 10 bins, or at least one.")


def _need(frame: pl.DataFrame, names: set[str]) -> None:
    missing = names - set(frame.columns)
    if missing:
        raise InputError(
            f"the rows lack {', '.join(sorted(missing))}",
            next_step="Give the columns that the function's description lists.",
        )
