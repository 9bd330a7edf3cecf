"""A site's own decisions -> a monotone map from a model's score to a probability.

Two ways to such a map. :func:`fit` takes labels and fits isotonic regression
(Ayer et al. 1955, the pool-adjacent-violators algorithm; for classifiers
Zadrozny and Elkan 2002). :func:`match` takes old scores of another service for
the same comments and maps quantile on quantile, so that thresholds which were
set on the old scale select as many comments as before.

A map keeps the order of scores: it never makes a lower one the higher one.
"""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import orjson

from toolkit.errors import CalibrationError, OutputError, TooFewLabelsError

Floats = npt.NDArray[np.float64]
Method = Literal["isotonic", "quantile"]

#: Fewer labels than this, or than :data:`MIN_OF_A_KIND` on either side of one
#: half, fit the chance in a sample and not the site's judgement.
MIN_LABELS: Final = 100
MIN_OF_A_KIND: Final = 20
#: Old scores below which quantiles in the upper tail stand on a handful of comments.
MIN_MATCHES: Final = 200
FOLDS: Final = 5
#: Bins of :func:`expected_calibration_error`, as in Guo et al. (2017).
BINS: Final = 15

_FORMAT: Final = 1
_QUANTILES: Final = np.array([*np.arange(0, 1, 0.01), 0.995, 0.999, 1.0])


@dataclass(frozen=True, slots=True)
class ScoreMap:
    """Rises from knot to knot in straight lines; flat outside of them.

    ``x`` strictly increases, ``y`` does not decrease; all in [0, 1].
    """

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __call__(self, score: float) -> float:
        """The value at one score."""
        at = bisect.bisect_right(self.x, score)
        if at == 0:
            return self.y[0]
        if at == len(self.x):
            return self.y[-1]
        left, right = self.x[at - 1], self.x[at]
        low, high = self.y[at - 1], self.y[at]
        # The share is in [0, 1), so that the result never leaves [low, high].
        return low + (high - low) * ((score - left) / (right - left))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A map, what it was fitted on, and how well it does on labels it has not seen.

    ``brier_*`` is the mean squared error (Brier 1950), ``ece_*`` the expected
    calibration error; both in [0, 1], lower is better. ``after`` is by
    cross-validation: each label is predicted by a map that was fitted without
    its fold.
    """

    map: ScoreMap
    labels: int
    positives: float
    brier_before: float
    brier_after: float
    ece_before: float
    ece_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """An old threshold, the share of comments at or above it, and the score that selects as many.

    ``agreement`` is the share of comments that both put on the same side.
    """

    old: float
    share: float
    score: float
    agreement: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A map onto another service's scale, and what becomes of its thresholds."""

    map: ScoreMap
    comments: int
    rank_correlation: float
    thresholds: tuple[Threshold, ...]


def isotonic(scores: Sequence[float] | Floats, labels: Sequence[float] | Floats) -> ScoreMap:
    """The non-decreasing step function nearest to the labels in squares, as a map.

    Equal scores count as one with their mean label. Between two steps the map
    rises in a straight line, so that scores that differ keep apart.
    """
    x, inverse, counts = np.unique(
        np.asarray(scores, np.float64), return_inverse=True, return_counts=True
    )
    means = np.bincount(inverse, weights=np.asarray(labels, np.float64)) / counts
    # A block is (weight, mean, first knot, last knot).
    blocks: list[tuple[float, float, int, int]] = []
    for place, (weight, mean) in enumerate(zip(counts.tolist(), means.tolist(), strict=True)):
        block = (float(weight), mean, place, place)
        while blocks and blocks[-1][1] >= block[1]:
            before = blocks.pop()
            total = before[0] + block[0]
            block = (
                total,
                (before[0] * before[1] + block[0] * block[1]) / total,
                before[2],
                block[3],
            )
        blocks.append(block)
    knots: dict[float, float] = {}
    for _, mean, first, last in blocks:
        value = min(1.0, max(0.0, mean))
        knots[float(x[first])] = value
        knots[float(x[last])] = value
    return ScoreMap(tuple(knots), tuple(knots.values()))


def brier(scores: Floats, labels: Floats) -> float:
    """Mean squared difference of score and label, in [0, 1]."""
    return float(np.mean((scores - labels) ** 2))


def expected_calibration_error(scores: Floats, labels: Floats) -> float:
    """Mean distance of score and label over equal-width bins, weighted by size; in [0, 1]."""
    bins = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, weights=scores - labels, minlength=BINS)
    return float(np.abs(gaps).sum() / scores.size)


def fit(
    scores: Sequence[float], labels: Sequence[float], *, groups: Sequence[str] | None = None
) -> Fit:
    """Fit a map on all labels, and measure it by cross-validation.

    ``labels`` in [0, 1]: 0 and 1, or the share of people who said yes. Rows of
    one group (an article; by default each row is its own) never stand in both
    the fitted and the measured part. The folds depend on the groups' names alone.

    Raises TooFewLabelsError.
    """
    x, y = np.asarray(scores, np.float64), np.asarray(labels, np.float64)
    positives = int((y >= 0.5).sum())
    names = [str(number) for number in range(x.size)] if groups is None else list(groups)
    if x.size < MIN_LABELS or min(positives, x.size - positives) < MIN_OF_A_KIND:
        raise TooFewLabelsError(
            f"{x.size} labels, of which {positives} say yes",
            next_step=f"Collect at least {MIN_LABELS}, with {MIN_OF_A_KIND} of each kind.",
        )
    folds = _folds(names)
    if len(set(folds.tolist())) < FOLDS:
        raise TooFewLabelsError(
            f"the labels come from {len(set(names))} groups",
            next_step=f"Collect labels from at least {FOLDS} groups (articles).",
        )
    held_out = np.empty_like(x)
    for fold in range(FOLDS):
        there = folds == fold
        found = isotonic(x[~there], y[~there])
        held_out[there] = [found(score) for score in x[there].tolist()]
    return Fit(
        map=isotonic(x, y),
        labels=int(x.size),
        positives=float(y.mean()),
        brier_before=brier(x, y),
        brier_after=brier(held_out, y),
        ece_before=expected_calibration_error(x, y),
        ece_after=expected_calibration_error(held_out, y),
    )


def match(scores: Sequence[float], old: Sequence[float]) -> Match:
    """Map our scores onto those that another service gave the same comments.

    The map sends each quantile of ``scores`` to that of ``old``; the table says
    for round old thresholds which of our scores selects as many comments.

    Raises TooFewLabelsError.
    """
    ours, theirs = np.asarray(scores, np.float64), np.asarray(old, np.float64)
    if ours.size < MIN_MATCHES:
        raise TooFewLabelsError(
            f"{ours.size} comments with an old score",
            next_step=f"Give at least {MIN_MATCHES}; thresholds near 1 need thousands.",
        )
    x, inverse, counts = np.unique(
        np.quantile(ours, _QUANTILES), return_inverse=True, return_counts=True
    )
    y = np.bincount(inverse, weights=np.quantile(theirs, _QUANTILES)) / counts
    table = []
    for threshold in np.arange(0.05, 1, 0.05).round(2).tolist():
        share = float((theirs >= threshold).mean())
        if share == 0:
            break
        score = float(np.quantile(ours, 1 - share, method="higher"))
        same = (ours >= score) == (theirs >= threshold)
        table.append(
            Threshold(old=threshold, share=share, score=score, agreement=float(same.mean()))
        )
    return Match(
        map=ScoreMap(tuple(x.tolist()), tuple(np.maximum.accumulate(y).tolist())),
        comments=int(ours.size),
        rank_correlation=_rank_correlation(ours, theirs),
        thresholds=tuple(table),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Maps by attribute, bound to the versions of the analyzers whose scores they read.

    ``version`` is a digest of all that matters to a number: the same labels
    and the same analyzers give the same version.
    """

    method: Method
    analyzers: Mapping[str, str]
    maps: Mapping[str, ScoreMap]
    figures: Mapping[str, Mapping[str, Any]]

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits."""
        known = {
            "method": self.method,
            "analyzers": dict(self.analyzers),
            "maps": {name: [found.x, found.y] for name, found in self.maps.items()},
        }
        return hashlib.sha256(orjson.dumps(known, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]

    def checked(self, versions: Mapping[str, str]) -> Calibration:
        """Itself. Raises CalibrationError where an analyzer now has another version."""
        for name, version in self.analyzers.items():
            if versions.get(name) != version:
                raise CalibrationError(
                    f"the calibration was fitted on {name} {version}; "
                    f"this is {versions.get(name, 'not there')}",
                    next_step="Fit it again: toolkit calibrate.",
                )
        return self

    def write(self, path: Path) -> None:
        """Write JSON. Raises OutputError."""
        table = {
            "format": _FORMAT,
            "version": self.version,
            "method": self.method,
            "analyzers": dict(self.analyzers),
            "attributes": {
                name: {**self.figures.get(name, {}), "x": found.x, "y": found.y}
                for name, found in self.maps.items()
            },
        }
        try:
            path.write_bytes(orjson.dumps(table, option=orjson.OPT_INDENT_2) + b"\n")
        except OSError as error:
            raise OutputError(
                f"{path} cannot be written: {error}", next_step="Choose another -o FILE."
            ) from error

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """Read what :meth:`write` wrote. Raises CalibrationError naming what is wrong."""
        try:
            table = orjson.loads(path.read_bytes())
            if table["format"] != _FORMAT:
                raise ValueError(f"format {table['format']!r} is not known")
            if table["method"] not in ("isotonic", "quantile"):
                raise ValueError(f"method {table['method']!r} is not known")
            attributes = table["attributes"]
            found = cls(
                method=table["method"],
                analyzers={str(key): str(value) for key, value in table["analyzers"].items()},
                maps={name: _read_map(name, entry) for name, entry in attributes.items()},
                figures={
                    name: {key: value for key, value in entry.items() if key not in ("x", "y")}
                    for name, entry in attributes.items()
                },
            )
            if found.version != table["version"]:
                raise ValueError("its version is not that of its maps: it was changed by hand")
        except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise CalibrationError(
                f"{path} is no calibration: {error}",
                next_step="Make it with toolkit calibrate, and leave it as it is.",
            ) from error
        return found


def _read_map(name: str, entry: Mapping[str, Any]) -> ScoreMap:
    x, y = tuple(map(float, entry["x"])), tuple(map(float, entry["y"]))
    if not x or len(x) != len(y):
        raise ValueError(f"{name} has {len(x)} and {len(y)} knots")
    if list(x) != sorted(set(x)) or list(y) != sorted(y):
        raise ValueError(f"the knots of {name} are not in order")
    if not all(0 <= value <= 1 for value in (*x, *y)):
        raise ValueError(f"a knot of {name} lies outside of 0 to 1")
    return ScoreMap(x, y)


def _folds(groups: Sequence[str]) -> npt.NDArray[np.int64]:
    """A fold for each row: groups are dealt out in the order of their digests."""
    names = sorted(
        set(groups),
        key=lambda name: hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest(),
    )
    fold = {name: place % FOLDS for place, name in enumerate(names)}
    return np.array([fold[group] for group in groups], np.int64)


def _rank_correlation(first: Floats, second: Floats) -> float:
    """Spearman's, with mean ranks for ties; 0 where one of both never varies."""
    ranks = [_ranks(values) for values in (first, second)]
    if min(float(rank.std()) for rank in ranks) == 0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    means: Floats = (last - (counts - 1) / 2)[inverse]
    return means
