"""How far moderators agree: Krippendorff's alpha, Cohen's kappa, and what they hide.

Pure functions over ratings: one row a judgement, ``unit`` (what was judged),
``rater`` (who), and ``value`` (what they said). A row with a null value is a
judgement that was not given; it is left out, as the measures provide for.

Sources:

- K. Krippendorff, *Content Analysis*, 2nd edition (2004), chapter 11, and
  *Computing Krippendorff's Alpha-Reliability* (2011): alpha and its differences.
- J. Cohen, *Educational and Psychological Measurement* 20 (1960), and
  *Psychological Bulletin* 70 (1968): kappa, and kappa with weights.
- D. V. Cicchetti and A. R. Feinstein, *Journal of Clinical Epidemiology* 43
  (1990): why an agreement on a rare label is read beside its prevalence, and
  the agreement that is specific to one label.
- B. Efron and R. J. Tibshirani, *An Introduction to the Bootstrap* (1993),
  chapter 13: percentile intervals; units are drawn, since judgements of one
  unit hang together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import polars as pl

from toolkit.errors import InputError
from toolkit.moderation.agreement_core import (
    Floats,
    Pairing,
    alpha_by_value,
    alpha_interval,
    distances,
    encode,
    kappa,
    pairing,
    patterns,
    resampled,
)

Level = Literal["nominal", "ordinal", "interval"]
Weights = Literal["none", "linear", "quadratic"]

#: Why a value is null: nothing was judged twice, or everybody said the same always.
NullReason = Literal["no_pairs", "no_variation"]

#: Resamples of an interval, and the share of them that an interval covers.
RESAMPLES: Final = 1000
CONFIDENCE: Final = 0.95

#: Resamples without variation have no value. Beyond this share of them the
#: rest would speak for a selection, and no interval is given.
MAX_UNDEFINED: Final = 0.05

#: A label with a smaller (or larger) share than this is called rare (or nearly
#: universal): alpha and kappa are then low even where nearly all judgements agree.
RARE: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One coefficient with what is needed to read it.

    ``value`` is at most 1; 0 is what chance alone would give; it can be
    negative. ``lower`` and ``upper`` bound it with ``CONFIDENCE``; both are
    null where there is no honest interval (``note`` says why). ``observed`` is
    the share of pairs of judgements of one unit that are equal, in [0, 1].
    """

    coefficient: Literal["alpha", "kappa"]
    level: str
    value: float | None
    null_reason: NullReason | None
    lower: float | None
    upper: float | None
    observed: float | None
    #: Units with at least two judgements, the judgements in them, and who gave them.
    units: int
    judgements: int
    raters: int
    #: Share of each value among the judgements that were paired, in [0, 1].
    prevalence: dict[Any, float]
    note: str | None


def krippendorff_alpha(
    ratings: pl.DataFrame,
    *,
    level: Level = "nominal",
    order: Sequence[Any] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Agreement:
    """Alpha of ``ratings`` (columns ``unit``, ``rater``, ``value``): any number of raters.

    ``1 - D_o / D_e``: the disagreement observed within units over the one
    expected if the same judgements were spread over the units by chance. Units
    with one judgement are left out (they pair with nothing). ``order`` ranks
    the values of an ordinal scale that does not sort by itself; interval needs
    numbers.

    Raises InputError for missing columns, a rater who judges a unit twice, a
    value outside ``order``, or an interval scale of anything but numbers.
    """
    if level not in get_args(Level):
        raise InputError(
            f"no level of measurement is called {level!r}",
            next_step=f"Choose from {', '.join(get_args(Level))}.",
        )
    _need_columns(ratings)
    judged = encode(ratings, order, numeric=level == "interval")
    if level == "interval":
        whole, drawn = alpha_interval(judged, resamples, seed)
    else:
        ordinal = level == "ordinal"
        counts, often = patterns(judged)
        whole = alpha_by_value(counts, often[None, :], ordinal=ordinal)
        drawn = alpha_by_value(counts, resampled(often, resamples, seed), ordinal=ordinal)
    return _agreement("alpha", level, float(whole[0]), drawn, pairing(judged), judged.values)


def cohen_kappa(
    ratings: pl.DataFrame,
    first: Any,
    second: Any,
    *,
    weights: Weights = "none",
    order: Sequence[Any] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Agreement:
    """Kappa of the units that both ``first`` and ``second`` judged.

    ``1 - sum(w * observed) / sum(w * expected)`` with the expected table made
    of each rater's own shares. ``w`` is 1 off the diagonal, or the distance of
    the two ranks (linear) or its square (quadratic); ranks are those of
    ``order``, or of the sorted values.

    Raises InputError as :func:`krippendorff_alpha` does.
    """
    if weights not in get_args(Weights):
        raise InputError(
            f"no weights are called {weights!r}",
            next_step=f"Choose from {', '.join(get_args(Weights))}.",
        )
    _need_columns(ratings)
    if first == second:
        raise InputError(
            "kappa is a measure of two raters, and these are one", next_step="Name two raters."
        )
    pair = ratings.filter(pl.col("rater").is_in([first, second]) & pl.col("value").is_not_null())
    judged = encode(pair.filter(pl.col("unit").is_duplicated()), order, numeric=False)
    size = len(judged.values)
    # Both judged a unit where it stands twice: sorted by unit, then by rater,
    # even places are the first rater's.
    places = np.lexsort((judged.raters, judged.units))
    if judged.rater_names[:1] == [second]:
        left, right = judged.codes[places[1::2]], judged.codes[places[::2]]
    else:
        left, right = judged.codes[places[::2]], judged.codes[places[1::2]]
    # The bootstrap over units is a multinomial over the cells that occur.
    cells, often = np.unique(left * size + right, return_counts=True)
    rows, columns = np.divmod(cells, max(size, 1))
    found = often.astype(np.float64)
    apart = distances(size, weights)
    whole = kappa(rows, columns, found[None, :], apart)
    drawn = kappa(rows, columns, resampled(found, resamples, seed), apart)
    return _agreement("kappa", weights, float(whole[0]), drawn, pairing(judged), judged.values)


#: One row a pair of raters, the pair with the most shared units first.
PAIRS_SCHEMA: Final = pl.Schema(
    {
        "first": pl.String(),
        "second": pl.String(),
        "units": pl.Int64(),
        "kappa": pl.Float64(),
        "lower": pl.Float64(),
        "upper": pl.Float64(),
        "observed": pl.Float64(),
        "null_reason": pl.String(),
        "note": pl.String(),
    }
)


def agreement_by_pair(
    ratings: pl.DataFrame,
    *,
    weights: Weights = "none",
    order: Sequence[Any] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pl.DataFrame:
    """:func:`cohen_kappa` of every pair of raters that shares a unit (``PAIRS_SCHEMA``)."""
    _need_columns(ratings)
    rows = []
    given = ratings.filter(pl.col("value").is_not_null())
    shared = (
        given.select("unit", first="rater")
        .join(given.select("unit", second="rater"), on="unit")
        .filter(pl.col("first") < pl.col("second"))
        .select("first", "second")
        .unique()
        .sort("first", "second")
    )
    for first, second in shared.iter_rows():
        found = cohen_kappa(
            given, first, second, weights=weights, order=order, resamples=resamples, seed=seed
        )
        rows.append(
            {
                "first": str(first),
                "second": str(second),
                "units": found.units,
                "kappa": found.value,
                "lower": found.lower,
                "upper": found.upper,
                "observed": found.observed,
                "null_reason": found.null_reason,
                "note": found.note,
            }
        )
    frame = pl.DataFrame(rows, schema=PAIRS_SCHEMA)
    return frame.sort("units", "first", "second", descending=[True, False, False])


#: One row a label (a reason, an attribute), each read as given or not given.
LABELS_SCHEMA: Final = pl.Schema(
    {
        "label": pl.String(),
        "units": pl.Int64(),
        "judgements": pl.Int64(),
        "raters": pl.Int64(),
        "alpha": pl.Float64(),
        "lower": pl.Float64(),
        "upper": pl.Float64(),
        "observed": pl.Float64(),
        "specific": pl.Float64(),
        "prevalence": pl.Float64(),
        "null_reason": pl.String(),
        "note": pl.String(),
    }
)


def agreement_by_label(
    judgements: pl.DataFrame,
    *,
    labels: Sequence[str] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pl.DataFrame:
    """Alpha for each label on its own: did the moderators give it to the same units?

    ``judgements`` has ``unit``, ``rater`` and ``labels`` (a list of strings;
    an empty list is a judgement that gave none, null is no judgement). One row
    a label in ``LABELS_SCHEMA``, the most frequent first; ``labels`` adds ones
    that nobody gave. ``specific`` is the share of judgements giving the label
    with which another judgement of the unit agrees (positive specific
    agreement), null where nobody gave it.
    """
    missing = {"unit", "rater", "labels"} - set(judgements.columns)
    if missing:
        raise _columns_error(missing)
    given = judgements.filter(pl.col("labels").is_not_null())
    names = set(given["labels"].explode().drop_nulls().to_list()) | set(labels or ())
    rows = []
    for name in sorted(names):
        ratings = given.select("unit", "rater", value=pl.col("labels").list.contains(name))
        found = krippendorff_alpha(ratings, resamples=resamples, seed=seed)
        rows.append(
            {
                "label": name,
                "units": found.units,
                "judgements": found.judgements,
                "raters": found.raters,
                "alpha": found.value,
                "lower": found.lower,
                "upper": found.upper,
                "observed": found.observed,
                "specific": specific_agreement(ratings, True),
                "prevalence": found.prevalence.get(True, 0.0) if found.judgements else None,
                "null_reason": found.null_reason,
                "note": found.note,
            }
        )
    frame = pl.DataFrame(rows, schema=LABELS_SCHEMA)
    return frame.sort("prevalence", "label", descending=[True, False], nulls_last=True)


def specific_agreement(ratings: pl.DataFrame, value: Any) -> float | None:
    """Where one judgement of a unit says ``value``, how often another says so too, in [0, 1].

    ``sum_u n (n - 1) / (m - 1)  /  sum_u n`` over units with ``m >= 2``
    judgements, ``n`` of them ``value``. Null where none says it.
    """
    _need_columns(ratings)
    judged = encode(ratings, None, numeric=False)
    if value not in judged.values:
        return None
    counts, often = patterns(judged)
    n = counts[:, judged.values.index(value)]
    m = counts.sum(axis=1)
    total = float((often * n).sum())
    return float((often * n * (n - 1) / (m - 1)).sum()) / total if total else None


def _agreement(
    coefficient: Literal["alpha", "kappa"],
    level: str,
    value: float,
    drawn: Floats,
    paired: Pairing,
    values: Sequence[Any],
) -> Agreement:
    defined = bool(np.isfinite(value))
    lower, upper, note = _interval(value, drawn)
    total = paired.judgements
    return Agreement(
        coefficient=coefficient,
        level=level,
        value=value if defined else None,
        null_reason=None if defined else "no_variation" if total else "no_pairs",
        lower=lower,
        upper=upper,
        observed=paired.observed,
        units=paired.units,
        judgements=total,
        raters=paired.raters,
        prevalence={
            name: float(n) / total
            for name, n in zip(values, paired.totals, strict=True)
            if level != "interval" and total
        },
        note=" ".join(filter(None, (note, _rarity(values, paired.totals)))) or None,
    )


def _interval(value: float, drawn: Floats) -> tuple[float | None, float | None, str | None]:
    if not np.isfinite(value) or not len(drawn):
        return None, None, None
    defined = drawn[np.isfinite(drawn)]
    if len(defined) < (1 - MAX_UNDEFINED) * len(drawn):
        return None, None, "Too little varies for an interval: judge more units."
    if value >= 1 - 1e-12:
        return None, None, "All judgements agree; resampling cannot show how sure that is."
    tail = (1 - CONFIDENCE) / 2
    lower, upper = np.quantile(defined, [tail, 1 - tail])
    return float(lower), float(upper), None


def _rarity(values: Sequence[Any], paired: Floats) -> str | None:
    if len(values) != 2 or not paired.sum():
        return None
    share = float(paired.min() / paired.sum())
    if not 0 < share < RARE:
        return None
    rare = values[int(paired.argmin())]
    return (
        f"{_word(rare)} makes up {share:.1%} of the judgements: chance alone agrees on nearly "
        "all, so the coefficient can be low while nearly all judgements agree."
    )


def _word(value: Any) -> str:
    return {True: "Giving the label", False: "Not giving the label"}.get(value, f"“{value}”")


def _need_columns(ratings: pl.DataFrame) -> None:
    missing = {"unit", "rater", "value"} - set(ratings.columns)
    if missing:
        raise _columns_error(missing)


def _columns_error(missing: set[str]) -> InputError:
    return InputError(
        f"the ratings lack {', '.join(sorted(missing))}",
        next_step="Give one row a judgement: unit, rater, and what was said.",
    )
