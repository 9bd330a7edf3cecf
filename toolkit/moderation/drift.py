"""Whether scores, and how often they are right, change from week to week.

Pure functions over frames. A week begins on Monday, UTC. Weeks are compared
within one attribute and model version alone: a new version starts anew.

Sources: B. Yurdakul and J. Naranjo, *Journal of Risk Model Validation* 14
(2020) for the population stability index and its spread without any drift;
N. Smirnov (1948) and M. A. Stephens (1970) for the distance of two
distributions and its p-value.
"""

from __future__ import annotations

from math import exp, sqrt
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from toolkit.errors import InputError
from toolkit.moderation.evaluation import SELECTED_NOTE, SELECTION, wilson

#: Bins of the index, as in most of its literature.
BINS: Final = 10

#: Fewer scores than this, in a week or in the weeks it is compared with, say nothing.
MIN_SCORES: Final = 50

_Floats = npt.NDArray[np.float64]

DRIFT_SCHEMA: Final = pl.Schema(
    {
        "attribute": pl.String(),
        "model_version": pl.String(),
        "week": pl.Date(),
        "baseline": pl.Boolean(),
        "comments": pl.Int64(),
        "unscored": pl.Int64(),
        "mean_score": pl.Float64(),
        "psi": pl.Float64(),
        "psi_noise": pl.Float64(),
        "ks": pl.Float64(),
        "ks_p": pl.Float64(),
        "null_reason": pl.String(),
    }
)


def score_drift(scores: pl.DataFrame, *, baseline_weeks: int = 4) -> pl.DataFrame:
    """Each week's scores against those of the first weeks: ``DRIFT_SCHEMA``.

    ``scores`` has ``attribute``, ``model_version``, ``score`` (null where
    there is none) and ``at`` (when the comment was written or came in). Give
    all comments that came in, not the decided ones: what a queue selects
    changes with its rules. The baseline is the first ``baseline_weeks``
    calendar weeks of a model version; a baseline week is not compared.

    ``psi`` is ``sum((q - p) ln(q / p))`` over ten bins of equal mass in the
    baseline, with half a comment added to each bin; 0 is no difference.
    ``psi_noise`` is what it stays under in 95 of 100 weeks without any drift:
    ``(1/n + 1/m)`` times the 95th percentile of chi-squared. ``ks`` is the
    largest distance of the two cumulative distributions, in [0, 1], ``ks_p``
    the chance of one as large without drift (for many weeks, expect some small ones).
    Null with a reason: ``baseline``, ``too_few`` where either side has fewer
    than ``MIN_SCORES`` scores, ``no_time`` for the comments without a time (one
    row without a week). Weeks without comments are listed with 0.

    Raises InputError for missing columns, and for times without a zone.
    """
    _need(scores, {"attribute", "model_version", "score", "at"})
    if baseline_weeks < 1:
        raise InputError("a baseline needs a week", next_step="Give baseline_weeks=4.")
    found: list[dict[str, Any]] = []
    placed = _placed(scores, "at")
    for key, part in placed.group_by("attribute", "model_version", maintain_order=True):
        weeks = [*_calendar(part["week"]), *([None] if part["week"].null_count() else [])]
        first = [week for week in weeks[:baseline_weeks] if week is not None]
        base = _values(part.filter(pl.col("week").is_in(first)))
        by_week = {when: rows for (when,), rows in part.group_by("week")}
        for week in weeks:
            rows = by_week.get(week)
            values = _values(rows) if rows is not None else np.zeros(0)
            reason = "no_time" if week is None else "baseline" if week in first else None
            if reason is None and min(len(values), len(base)) < MIN_SCORES:
                reason = "too_few"
            found.append(
                {
                    "attribute": key[0],
                    "model_version": key[1],
                    "week": week,
                    "baseline": week in first,
                    "comments": rows.height if rows is not None else 0,
                    "unscored": rows["score"].null_count() if rows is not None else 0,
                    "mean_score": float(values.mean()) if len(values) else None,
                    **(_compared(base, values) if reason is None else {}),
                    "null_reason": reason,
                }
            )
    return pl.DataFrame(found, schema=DRIFT_SCHEMA).sort(
        "attribute", "model_version", "week", nulls_last=True
    )


WEEKLY_SCHEMA: Final = pl.Schema(
    {
        "attribute": pl.String(),
        "model_version": pl.String(),
        "selection": SELECTION,
        "week": pl.Date(),
        "threshold": pl.Float64(),
        "flagged": pl.Int64(),
        "precision": pl.Float64(),
        "precision_lower": pl.Float64(),
        "precision_upper": pl.Float64(),
        "note": pl.String(),
    }
)


def precision_by_week(judged: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """Precision at ``score >= threshold`` by week of the decision: ``WEEKLY_SCHEMA``.

    ``judged`` is ``evaluation.JUDGED_SCHEMA``. Weeks in which nothing was
    flagged are listed with 0 and null. Moderators change as well as models:
    read it beside their agreement.
    """
    _need(judged, {"attribute", "model_version", "selection", "score", "positive", "decided_at"})
    known = judged.filter(pl.col("score").is_not_null() & pl.col("positive").is_not_null())
    if known["decided_at"].null_count():
        raise InputError("a decision has no time", next_step="Give decided_at with each.")
    placed = _placed(known, "decided_at")
    by = ("attribute", "model_version", "selection")
    found: list[dict[str, Any]] = []
    for key, part in placed.group_by(*by, maintain_order=True):
        flagged = part.filter(pl.col("score") >= threshold)
        counts = {
            week: (right, n)
            for week, right, n in flagged.group_by("week")
            .agg(right=pl.col("positive").sum(), n=pl.len())
            .iter_rows()
        }
        for week in _calendar(part["week"]):
            right, n = counts.get(week, (0, 0))
            lower, upper = wilson(right, n)
            found.append(
                {
                    **dict(zip(by, key, strict=True)),
                    "week": week,
                    "threshold": threshold,
                    "flagged": n,
                    "precision": right / n if n else None,
                    "precision_lower": lower,
                    "precision_upper": upper,
                    "note": None if key[2] == "random" else SELECTED_NOTE,
                }
            )
    return pl.DataFrame(found, schema=WEEKLY_SCHEMA).sort(*by, "week", nulls_last=True)


def stability_index(base: _Floats, other: _Floats, *, bins: int = BINS) -> tuple[float, float]:
    """The index of two samples, and what it stays under in 95 of 100 samples without drift."""
    edges = np.unique(np.quantile(base, np.linspace(0, 1, bins + 1)[1:-1]))
    size = len(edges) + 1
    # A score at an edge belongs above it, for both samples alike.
    p, q = (
        np.bincount(np.searchsorted(edges, values, side="right"), minlength=size) + 0.5
        for values in (base, other)
    )
    p, q = p / p.sum(), q / q.sum()
    noise = (1 / len(base) + 1 / len(other)) * _chi_squared_95(size - 1)
    return float(((q - p) * np.log(q / p)).sum()), noise


def smirnov(base: _Floats, other: _Floats) -> tuple[float, float]:
    """Largest distance of the two cumulative distributions, and its approximate p-value."""
    one, two = np.sort(base), np.sort(other)
    both = np.concatenate([one, two])
    apart = np.abs(
        np.searchsorted(one, both, side="right") / len(one)
        - np.searchsorted(two, both, side="right") / len(two)
    )
    distance = float(apart.max())
    size = sqrt(len(one) * len(two) / (len(one) + len(two)))
    at = (size + 0.12 + 0.11 / size) * distance
    return distance, _kolmogorov(at)


def _kolmogorov(at: float) -> float:
    """Chance that Kolmogorov's variable exceeds ``at``."""
    # The alternating series does not settle there; the chance is 1 - 9e-6.
    if at < 0.3:
        return 1.0
    signs = ((1 if k % 2 else -1, k) for k in range(1, 101))
    total = sum(sign * exp(-2 * k * k * at * at) for sign, k in signs)
    return min(1.0, max(0.0, 2 * total))


def _chi_squared_95(freedom: int) -> float:
    """95th percentile by Wilson and Hilferty's cube (1931); within 0.1 of the exact one."""
    if freedom < 1:
        return 0.0
    z, part = NormalDist().inv_cdf(0.95), 2 / (9 * freedom)
    return freedom * (1 - part + z * sqrt(part)) ** 3


def _compared(base: _Floats, values: _Floats) -> dict[str, float]:
    psi, noise = stability_index(base, values)
    distance, chance = smirnov(base, values)
    return {"psi": psi, "psi_noise": noise, "ks": distance, "ks_p": chance}


def _placed(frame: pl.DataFrame, time: str) -> pl.DataFrame:
    dtype = frame.schema[time]
    if not isinstance(dtype, pl.Datetime) or dtype.time_zone is None:
        raise InputError(
            f"{time} is {dtype}, and a week needs a time with a zone",
            next_step="Give times in UTC.",
        )
    return frame.with_columns(
        week=pl.col(time).dt.convert_time_zone("UTC").dt.truncate("1w").dt.date()
    )


def _calendar(weeks: pl.Series) -> list[Any]:
    first, last = weeks.min(), weeks.max()
    if first is None:
        return []
    return pl.select(pl.date_range(pl.lit(first), pl.lit(last), "1w")).to_series().to_list()


def _values(rows: pl.DataFrame) -> _Floats:
    return rows["score"].drop_nulls().cast(pl.Float64).to_numpy()


def _need(frame: pl.DataFrame, names: set[str]) -> None:
    missing = names - set(frame.columns)
    if missing:
        raise InputError(
            f"the rows lack {', '.join(sorted(missing))}",
            next_step="Give the columns that the function's description lists.",
        )
