"""What a corpus report is made of: sums over all rows, none of them held in memory.

Every number here comes from a streaming query over the result columns. Its
memory depends on how many days, languages and bins there are, not on how many rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import polars as pl

from toolkit.reporting.data import (
    LANGUAGE,
    READABILITY,
    RHETORIC,
    STANCE,
    STANCE_LABELS,
    TOXICITY,
    Thread,
)
from toolkit.reporting.findings import TOXIC, UNCERTAIN
from toolkit.schema import NULL_REASON, SEPARATOR, Metric, Unit, column

#: Bins of a histogram; a quantile read from one is off by one bin at most.
BINS: Final = 500
#: A histogram reaches so many standard deviations; what lies beyond is counted in its last bins.
REACH: Final = 6.0
#: Languages that are named; the rest is summed up.
MAX_LANGUAGES: Final = 10

_PER_100: Final = "_per_100_words"
#: Rates that are shown as a score; those of single categories are shown as shares of comments.
_RATES: Final = ("critical", "constructive")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusData:
    """Many analysed comments, whole or a part of them.

    ``frame`` holds one row a comment: columns of ``COMMENT_SCHEMA`` and result
    columns as ``metrics`` describes them. ``families`` sorts the categories of
    markers as in ``ReportData``. ``manifest`` says in words what made the
    numbers, ``versions`` which analyzers, ``notes`` what a reader should know.
    ``explain`` appends the column ``evidence`` to a few rows; without it
    quoted comments carry no marks.
    """

    name: str
    frame: pl.LazyFrame = field(repr=False)
    metrics: Mapping[str, Metric]
    manifest: Mapping[str, str]
    versions: Mapping[str, str] = field(default_factory=dict)
    families: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    explain: Callable[[pl.DataFrame], pl.DataFrame] | None = None

    def described(self) -> dict[str, Metric]:
        """The metrics whose columns the frame has, in its order."""
        return {
            name: self.metrics[name]
            for name in self.frame.collect_schema()
            if SEPARATOR in name and name in self.metrics
        }

    def lexicon(self) -> Thread:
        """Names and families of categories, without any comment."""
        analyzers: dict[str, list[Metric]] = {}
        for name, metric in self.described().items():
            analyzers.setdefault(name.partition(SEPARATOR)[0], []).append(metric)
        return Thread(
            rows=(),
            analyzers={name: tuple(found) for name, found in analyzers.items()},
            families=dict(self.families),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A corpus in numbers. Every frame is small, whatever the corpus is."""

    comments: int
    with_text: int
    dated: int
    replies: int
    first: datetime | None
    last: datetime | None
    #: day (Date), comments, toxic, scored; in order of time.
    days: pl.DataFrame
    #: column, count, nulls, over (at or above the mark, of probabilities), mean, deviation, min,
    #: p10, median, p90, max, step (the error of the three quantiles).
    scores: pl.DataFrame
    #: column, low, high, count; the first and the last bin of a column also hold what lies beyond.
    bins: pl.DataFrame
    #: label, comments, close_calls (of them), as the figure of an article has it.
    stance: pl.DataFrame
    #: category, title, family, comments (with it), markers; the most frequent first.
    categories: pl.DataFrame
    #: tag, comments; the most frequent first, the rest under null.
    languages: pl.DataFrame
    #: analyzer, reason, comments without any number of the analyzer.
    reasons: pl.DataFrame
    #: Rows with text that were looked through for markers.
    read: int

    def score(self, name: str) -> dict[str, Any] | None:
        """The row of ``scores`` for a column; None where nothing was measured."""
        found = self.scores.filter(pl.col("column") == name)
        return found.row(0, named=True) if found.height and found["count"][0] else None

    def at_or_above_mark(self) -> int:
        """Comments whose toxicity reaches the mark."""
        return int(self.days["toxic"].sum())


def is_score(name: str, metric: Metric) -> bool:
    """Whether a column is shown as a distribution of its own."""
    if not metric.dtype.is_numeric() or name == column(LANGUAGE, "confidence"):
        return False
    if name.startswith(RHETORIC + SEPARATOR):
        return metric.name.removesuffix(_PER_100) in _RATES and metric.name.endswith(_PER_100)
    return metric.unit is not Unit.COUNT or name == column(READABILITY, "words")


def measure(data: CorpusData) -> Totals:
    """All sums over the rows of ``data``."""
    frame, metrics = data.frame, data.described()
    schema = frame.collect_schema()
    lexicon = data.lexicon()
    scores = [name for name, metric in metrics.items() if is_score(name, metric)]
    categories = [column(RHETORIC, name) for name in lexicon.categories]
    sums = [
        pl.len().alias("comments"),
        pl.col("text").count().alias("with_text"),
        pl.col("created_at").count().alias("dated"),
        pl.col("parent_id").count().alias("replies"),
        pl.col("created_at").min().alias("first"),
        pl.col("created_at").max().alias("last"),
    ]
    for name in scores:
        value = pl.col(name).cast(pl.Float64)
        sums += [
            value.count().alias(f"{name}|count"),
            value.mean().alias(f"{name}|mean"),
            value.std().alias(f"{name}|deviation"),
            value.min().alias(f"{name}|min"),
            value.max().alias(f"{name}|max"),
        ]
        if metrics[name].unit is Unit.PROBABILITY:
            sums.append((value >= TOXIC).sum().alias(f"{name}|over"))
    for name in categories:
        sums += [
            (pl.col(name) > 0).sum().alias(f"{name}|comments"),
            pl.col(name).cast(pl.Int64).sum().alias(f"{name}|markers"),
        ]
    if categories:
        sums.append(pl.col(categories[0]).count().alias("read"))
    reasons = [name for name in metrics if name.endswith(f"{SEPARATOR}null_reason")]
    for name in reasons:
        # A reason may also stand where one number of several is missing.
        missing = pl.all_horizontal(
            pl.col(other).is_null() for other in _results(metrics, name) or [name]
        )
        sums += [
            ((pl.col(name).cast(pl.String) == reason) & missing).sum().alias(f"{name}|{reason}")
            for reason in NULL_REASON.categories
        ]
    label = column(STANCE, "label")
    if label in schema:
        for name in STANCE_LABELS:
            on = pl.col(label).cast(pl.String) == name
            share = pl.col(column(STANCE, name))
            sums.append(on.sum().alias(f"stance|{name}"))
            sums.append((on & (share < UNCERTAIN)).sum().alias(f"close|{name}"))
    found = frame.select(sums).collect(engine="streaming").row(0, named=True)
    rows = found["comments"]
    described = [_score(frame, name, metrics[name], found, rows) for name in scores]
    return Totals(
        comments=rows,
        with_text=found["with_text"],
        dated=found["dated"],
        replies=found["replies"],
        first=found["first"],
        last=found["last"],
        days=_days(frame, schema),
        scores=pl.DataFrame([row for row, _ in described], schema=_SCORES),
        bins=pl.concat([_NO_BINS, *(bins for _, bins in described)]),
        stance=pl.DataFrame(
            [
                (name, found.get(f"stance|{name}", 0), found.get(f"close|{name}", 0))
                for name in STANCE_LABELS
            ],
            schema={"label": pl.String, "comments": pl.Int64, "close_calls": pl.Int64},
            orient="row",
        ),
        categories=_categories(lexicon, found),
        languages=_languages(frame, schema),
        reasons=pl.DataFrame(
            [
                (name.partition(SEPARATOR)[0], reason, found[f"{name}|{reason}"])
                for name in reasons
                for reason in NULL_REASON.categories
                if found[f"{name}|{reason}"]
            ],
            schema={"analyzer": pl.String, "reason": pl.String, "comments": pl.Int64},
            orient="row",
        ),
        read=found.get("read", 0),
    )


def _results(metrics: Mapping[str, Metric], reason: str) -> list[str]:
    """The numbers and labels that the analyzer of ``reason`` gives, without its counts."""
    analyzer = reason.partition(SEPARATOR)[0] + SEPARATOR
    return [
        name
        for name, metric in metrics.items()
        if name.startswith(analyzer) and metric.unit not in (Unit.COUNT, Unit.REASON)
    ]


def _days(frame: pl.LazyFrame, schema: pl.Schema) -> pl.DataFrame:
    toxicity = column(TOXICITY, "toxicity")
    score = pl.col(toxicity) if toxicity in schema else pl.lit(None, pl.Float32)
    return (
        frame.select(pl.col("created_at").dt.date().alias("day"), score.alias("score"))
        .group_by("day")
        .agg(
            pl.len().cast(pl.Int64).alias("comments"),
            (pl.col("score") >= TOXIC).sum().cast(pl.Int64).alias("toxic"),
            pl.col("score").count().cast(pl.Int64).alias("scored"),
        )
        .sort("day", nulls_last=True)
        .collect(engine="streaming")
    )


def _categories(lexicon: Thread, found: Mapping[str, Any]) -> pl.DataFrame:
    rows = [
        (
            name,
            lexicon.title(name),
            lexicon.family(name),
            found[f"{column(RHETORIC, name)}|comments"],
            found[f"{column(RHETORIC, name)}|markers"] or 0,
        )
        for name in lexicon.categories
    ]
    rows.sort(key=lambda row: (-row[3], -row[4], row[0]))
    return pl.DataFrame(
        rows,
        schema={
            "category": pl.String,
            "title": pl.String,
            "family": pl.String,
            "comments": pl.Int64,
            "markers": pl.Int64,
        },
        orient="row",
    )


def _languages(frame: pl.LazyFrame, schema: pl.Schema) -> pl.DataFrame:
    tag = column(LANGUAGE, "tag")
    empty = pl.DataFrame(schema={"tag": pl.String, "comments": pl.Int64})
    if tag not in schema:
        return empty
    found = (
        frame.select(pl.col(tag).cast(pl.String).alias("tag"))
        .drop_nulls()
        .group_by("tag")
        .agg(pl.len().cast(pl.Int64).alias("comments"))
        .sort("comments", "tag", descending=[True, False])
        .collect(engine="streaming")
    )
    named, rest = found.head(MAX_LANGUAGES), found.slice(MAX_LANGUAGES)
    if rest.is_empty():
        return named
    return pl.concat([named, empty.clear(1).with_columns(comments=pl.lit(rest["comments"].sum()))])


_SCORES: Final = {
    "column": pl.String(),
    "count": pl.Int64(),
    "nulls": pl.Int64(),
    "over": pl.Int64(),
    "mean": pl.Float64(),
    "deviation": pl.Float64(),
    "min": pl.Float64(),
    "p10": pl.Float64(),
    "median": pl.Float64(),
    "p90": pl.Float64(),
    "max": pl.Float64(),
    "step": pl.Float64(),
}
_BINS: Final = {
    "column": pl.String(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "count": pl.Int64(),
}
_NO_BINS: Final = pl.DataFrame(schema=_BINS)


def _score(
    frame: pl.LazyFrame, name: str, metric: Metric, found: Mapping[str, Any], rows: int
) -> tuple[dict[str, Any], pl.DataFrame]:
    """One row of ``Totals.scores`` and the bins behind it."""
    row = {key: found[f"{name}|{key}"] for key in ("count", "mean", "deviation", "min", "max")}
    row |= {"column": name, "nulls": rows - row["count"], "over": found.get(f"{name}|over")}
    row |= dict.fromkeys(("p10", "median", "p90", "step"))
    if not row["count"]:
        return row, _NO_BINS
    low, high = metric.bounds
    if low is None or high is None or high - low > 2:
        spread = REACH * (row["deviation"] or 0.0)
        low, high = max(row["min"], row["mean"] - spread), min(row["max"], row["mean"] + spread)
    width = (high - low) / BINS or 1.0
    place = ((pl.col(name).cast(pl.Float64) - low) / width).floor().clip(0, BINS - 1)
    counted = (
        frame.select(place.cast(pl.Int32).alias("bin"))
        .drop_nulls()
        .group_by("bin")
        .agg(pl.len().cast(pl.Int64).alias("count"))
        .sort("bin")
        .collect(engine="streaming")
    )
    bins = counted.select(
        pl.lit(name).alias("column"),
        (low + pl.col("bin") * width).alias("low"),
        (low + (pl.col("bin") + 1) * width).alias("high"),
        "count",
    )
    row |= dict(zip(("p10", "median", "p90"), quantiles(bins, (0.1, 0.5, 0.9)), strict=True))
    # A bin's edge may lie beyond the last value.
    row |= {key: min(max(row[key], row["min"]), row["max"]) for key in ("p10", "median", "p90")}
    row["step"] = width if high > low else 0.0
    return row, bins


def quantiles(bins: pl.DataFrame, wanted: Sequence[float]) -> list[float]:
    """Quantiles of binned values, linear within a bin."""
    reached = bins["count"].cum_sum().to_list()
    lows, highs, counts = (bins[name].to_list() for name in ("low", "high", "count"))
    found = []
    for share in wanted:
        target = share * reached[-1]
        place = next(n for n, total in enumerate(reached) if total >= target)
        inside = (target - (reached[place] - counts[place])) / counts[place]
        found.append(lows[place] + inside * (highs[place] - lows[place]))
    return found
