"""Intervals and shrinkage: how far a share can be trusted, and how far two differ.

All shares are in [0, 1]. ``z`` is the number of standard errors an interval
reaches to either side; :func:`z_for` widens it where many intervals stand side
by side, so that all of them together hold with the stated confidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2, sqrt
from statistics import NormalDist
from typing import Final

import polars as pl

#: Confidence of every interval, for all intervals of a table together.
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its lower and upper end."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether 0 lies outside: for a difference, that there is one."""
        return self.low > 0 or self.high < 0


def z_for(comparisons: int, confidence: float = CONFIDENCE) -> float:
    """Standard errors for ``comparisons`` intervals that shall hold together (Bonferroni)."""
    return NormalDist().inv_cdf(1 - (1 - confidence) / 2 / max(comparisons, 1))


def wilson(count: float, total: float, z: float | None = None) -> Interval:
    """The score interval of a share (Wilson 1927); [0, 1] where nothing was counted."""
    z = z_for(1) if z is None else z
    if total <= 0:
        return Interval(0.0, 0.0, 1.0)
    share = count / total
    square = z * z
    centre = (share + square / (2 * total)) / (1 + square / total)
    reach = z * sqrt(share * (1 - share) / total + square / (4 * total * total))
    reach /= 1 + square / total
    # Rounding must not cut the share itself off.
    low, high = max(0.0, centre - reach), min(1.0, centre + reach)
    return Interval(share, min(low, share), max(high, share))


def wilson_columns(count: pl.Expr, total: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Both ends of :func:`wilson` for a table's columns; null where nothing was counted."""
    count, total = count.cast(pl.Float64), total.cast(pl.Float64)
    z = z_for(1)
    share, square = count / total, z * z
    whole = 1 + square / total
    centre = (share + square / (2 * total)) / whole
    reach = z * (share * (1 - share) / total + square / (4 * total * total)).sqrt() / whole
    # Rounding must not cut the share itself off.
    low = pl.min_horizontal((centre - reach).clip(0, 1), share)
    high = pl.max_horizontal((centre + reach).clip(0, 1), share)
    return pl.when(total > 0).then(low), pl.when(total > 0).then(high)


def share_difference(
    count: float, total: float, other_count: float, other_total: float, z: float | None = None
) -> Interval:
    """The other share minus the first, with Newcombe's hybrid score interval (1998, method 10)."""
    one, two = wilson(count, total, z), wilson(other_count, other_total, z)
    if total <= 0 or other_total <= 0:
        return Interval(0.0, -1.0, 1.0)
    value = two.value - one.value
    below = sqrt((two.value - two.low) ** 2 + (one.high - one.value) ** 2)
    above = sqrt((two.high - two.value) ** 2 + (one.value - one.low) ** 2)
    return Interval(value, value - below, value + above)


def normal_difference(
    value: float, variance: float, other: float, other_variance: float, z: float | None = None
) -> Interval:
    """The other value minus the first; ``variance`` is that of each estimate, not of the rows."""
    z = z_for(1) if z is None else z
    difference = other - value
    reach = z * sqrt(variance + other_variance)
    return Interval(difference, difference - reach, difference + reach)


def shrunk(value: float, total: float, base: float, strength: float) -> float:
    """``value`` of ``total`` rows drawn towards ``base``, as if ``strength`` rows of it were added.

    The posterior mean under a beta prior of that weight (Gelman et al. 2013,
    Bayesian Data Analysis, 2.4): small groups move most, so none leads by chance alone.
    """
    return (value * total + base * strength) / (total + strength)


def split_entropy(count: float, other: float) -> float:
    """Shannon entropy of two counts in bits: 0 where one is empty, 1 where they are equal."""
    total = count + other
    if total <= 0 or not count or not other:
        return 0.0
    share = count / total
    return -(share * log2(share) + (1 - share) * log2(1 - share))


def split_entropy_interval(count: float, other: float, z: float | None = None) -> Interval:
    """:func:`split_entropy` over the Wilson interval of the share; highest where that holds 0.5."""
    span = wilson(count, count + other, z)
    ends = [split_entropy(end, 1 - end) for end in (span.low, span.high)]
    top = 1.0 if span.low <= 0.5 <= span.high else max(ends)
    value = split_entropy(count, other)
    return Interval(value, min(*ends, value), max(top, value))


def division(judged: float, agree: float, disagree: float) -> float:
    """Share of judged comments that take a side, times the entropy of the sides in bits.

    1 where all take a side and the sides are equal, 0 where nobody does or all are on one.
    """
    return (agree + disagree) / judged * split_entropy(agree, disagree) if judged else 0.0
