"""The arithmetic under ``agreement``: judgements as codes, coefficients of many draws at once.

Sources stand with the public functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from toolkit.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Codes:
    """Judgements as numbers: ``units``, ``raters`` and ``codes`` run alongside each other.

    ``codes`` are places in ``values``; ``scale`` holds the values themselves
    where they are numbers on an interval scale, else their ranks.
    """

    units: Ints
    raters: Ints
    codes: Ints
    values: list[Any]
    scale: Floats
    rater_names: list[Any]


@dataclass(frozen=True, slots=True)
class Pairing:
    """What alpha counts: the judgements that stand beside another of their unit."""

    units: int
    judgements: int
    raters: int
    #: Judgements of each value, alongside ``Codes.values``.
    totals: Floats
    #: Share of pairs of judgements of a unit that are equal; null without pairs.
    observed: float | None


def encode(ratings: pl.DataFrame, order: Sequence[Any] | None, *, numeric: bool) -> Codes:
    """Rows ``unit``, ``rater``, ``value`` without nulls as codes.

    Raises InputError for a rater who judges a unit twice, a value that
    ``order`` lacks, or (``numeric``) values that are no finite numbers.
    """
    given = ratings.select("unit", "rater", "value").drop_nulls()
    dtype = given["value"].dtype
    if numeric and given.height and not dtype.is_numeric():
        raise InputError(
            f"an interval scale needs numbers, and these values are {dtype}",
            next_step="Use the nominal or the ordinal level.",
        )
    if dtype.is_float() and not given["value"].is_finite().all():
        raise InputError(
            "a value is not a number or infinite",
            next_step="Give null where there is no judgement.",
        )
    if given.select(pl.struct("unit", "rater").is_duplicated().any()).item():
        raise InputError(
            "a rater judges a unit twice", next_step="Keep the last judgement of each rater."
        )
    occurring = given["value"].unique().sort().to_list()
    values = list(order) if order is not None else occurring
    foreign = [str(value) for value in occurring if value not in values]
    if foreign:
        raise InputError(
            f"the order lacks {', '.join(foreign)}", next_step="Rank every value that occurs."
        )
    names = given["rater"].unique().sort().to_list()
    ranks = np.arange(len(values), dtype=np.float64)
    return Codes(
        units=given["unit"].rank("dense").cast(pl.Int64).to_numpy() - 1,
        raters=_places(given["rater"], names),
        codes=_places(given["value"], values),
        values=values,
        scale=np.asarray(values, dtype=np.float64) if numeric else ranks,
        rater_names=names,
    )


def _places(column: pl.Series, known: Sequence[Any]) -> Ints:
    if column.is_empty():
        return np.zeros(0, dtype=np.int64)
    table = pl.DataFrame({"key": pl.Series(known, dtype=column.dtype)}).with_row_index("place")
    joined = column.to_frame("key").join(table, on="key", how="left", maintain_order="left")
    places: Ints = joined["place"].cast(pl.Int64).to_numpy()
    return places


def patterns(judged: Codes) -> tuple[Floats, Floats]:
    """How often each value stands in a unit, (patterns, values), and how many units are so.

    Units with fewer than two judgements are left out. Units with the same
    judgements are one pattern: there are few, and a draw of units is a draw of
    patterns.
    """
    size = len(judged.values)
    if not len(judged.units):
        return np.zeros((0, size)), np.zeros(0)
    counts = np.zeros((int(judged.units.max()) + 1, size), dtype=np.int64)
    np.add.at(counts, (judged.units, judged.codes), 1)
    found, often = np.unique(counts[counts.sum(axis=1) >= 2], axis=0, return_counts=True)
    return found.astype(np.float64), often.astype(np.float64)


def alpha_by_value(counts: Floats, weights: Floats, *, ordinal: bool) -> Floats:
    """Nominal or ordinal alpha for each row of ``weights`` (draws, patterns).

    Not a number where nothing varies. ``counts`` is (patterns, values).
    """
    if not len(counts) or not len(weights):
        return np.full(len(weights), np.nan)
    paired = counts.sum(axis=1)
    totals = weights @ counts
    n = totals.sum(axis=1)
    if ordinal:
        observed, expected = np.empty(len(weights)), np.empty(len(weights))
        for draw, total in enumerate(totals):
            apart = _ordinal_distances(total)
            pairs = counts.T @ (counts * (weights[draw] / (paired - 1))[:, None])
            observed[draw] = (pairs * apart).sum()
            expected[draw] = total @ apart @ total
    else:
        observed = weights @ ((paired**2 - (counts**2).sum(axis=1)) / (paired - 1))
        expected = n**2 - (totals**2).sum(axis=1)
    return _ratio(observed, expected, n, floor=0.5)


def alpha_interval(judged: Codes, resamples: int, seed: int) -> tuple[Floats, Floats]:
    """Interval alpha of all units (one value), and of each resample.

    The sums of squared differences over pairs are taken in closed form from
    each unit's count, sum and sum of squares, so that any number of distinct
    values costs the same.
    """
    if not len(judged.units):
        return np.full(1, np.nan), np.zeros(0)
    value = judged.scale[judged.codes]
    # Centred, since the closed form is a difference of squares.
    value = value - value.mean()
    paired = np.bincount(judged.units).astype(np.float64)
    first = np.bincount(judged.units, weights=value)
    second = np.bincount(judged.units, weights=value**2)
    keep = paired >= 2
    paired, first, second = paired[keep], first[keep], second[keep]
    if not len(paired):
        return np.full(1, np.nan), np.zeros(0)
    within = 2 * (paired * second - first**2) / (paired - 1)
    floor = 1e-12 * max(float(np.ptp(value)) ** 2, 1e-300)

    def alpha(weights: Floats) -> Floats:
        n = weights @ paired
        expected = 2 * (n * (weights @ second) - (weights @ first) ** 2)
        return _ratio(weights @ within, expected, n, floor=floor)

    ones = np.ones((1, len(paired)))
    # In blocks: draws by units would be a large table for many units.
    drawn = [alpha(block) for block in _blocks(np.ones(len(paired)), resamples, seed, 2_000_000)]
    return alpha(ones), np.concatenate(drawn) if drawn else np.zeros(0)


def kappa(rows: Ints, columns: Ints, weights: Floats, distance: Floats) -> Floats:
    """Kappa for each row of ``weights`` (draws, cells) of the table's filled cells."""
    if not len(rows) or not len(weights):
        return np.full(len(weights), np.nan)
    n = weights.sum(axis=1)
    size = len(distance)
    left, right = weights @ np.eye(size)[rows], weights @ np.eye(size)[columns]
    observed = weights @ distance[rows, columns]
    expected = np.einsum("bi,ij,bj->b", left, distance, right) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 1e-9, 1 - observed / expected, np.nan)


def distances(size: int, weights: str) -> Floats:
    """How far two ranks are apart: 0 or 1 (none), the steps (linear), their square."""
    ranks = np.arange(size, dtype=np.float64)
    apart: Floats = np.abs(ranks[:, None] - ranks[None, :])
    if weights == "none":
        return (apart > 0).astype(np.float64)
    return apart if weights == "linear" else apart**2


def resampled(weights: Floats, resamples: int, seed: int) -> Floats:
    """``resamples`` draws of as many units, with replacement: (draws, patterns)."""
    blocks = list(_blocks(weights, resamples, seed, 1 << 62))
    return blocks[0] if blocks else np.zeros((0, len(weights)))


def pairing(judged: Codes) -> Pairing:
    """Count what is paired. Each judgement has the same weight in ``observed``, as in alpha."""
    size = len(judged.values)
    if not len(judged.units):
        return Pairing(0, 0, 0, np.zeros(size), None)
    paired = np.bincount(judged.units)
    kept = paired[judged.units] >= 2
    units, codes = judged.units[kept], judged.codes[kept]
    cells, n = np.unique(units * size + codes, return_counts=True)
    equal = (n * (n - 1) / (paired[cells // size] - 1)).sum() if len(cells) else 0.0
    return Pairing(
        units=int((paired >= 2).sum()),
        judgements=len(units),
        raters=len(np.unique(judged.raters[kept])),
        totals=np.bincount(codes, minlength=size).astype(np.float64),
        observed=float(equal) / len(units) if len(units) else None,
    )


def _blocks(weights: Floats, resamples: int, seed: int, cells: int) -> Iterator[Floats]:
    """Draws in blocks of at most ``cells`` numbers each."""
    if not len(weights):
        return
    rng = np.random.default_rng(seed)
    total, share = int(weights.sum()), weights / weights.sum()
    block = max(1, cells // len(weights))
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        yield rng.multinomial(total, share, size=size).astype(np.float64)


def _ratio(observed: Floats, expected: Floats, n: Floats, *, floor: float) -> Floats:
    """``1 - D_o / D_e``, not a number where nothing differs from anything."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > floor, 1 - (n - 1) * observed / expected, np.nan)


def _ordinal_distances(totals: Floats) -> Floats:
    """``(sum_{g=c..k} n_g - (n_c + n_k) / 2)^2``, which is the squared distance of midranks."""
    middle = np.cumsum(totals) - totals / 2
    apart: Floats = (middle[:, None] - middle[None, :]) ** 2
    return apart
