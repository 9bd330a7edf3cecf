"""Two sets of comments side by side: what is compared, and how surely it differs.

Every measure is a ratio of two sums over the comments (how many with something,
of how many that were looked at; or the sum of a number, over how many have it).
Where both sides have enough articles, the intervals take articles as the unit
that was drawn, since comments under one article resemble one another; else they
take the comments, and the report says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from toolkit.intervals import (
    Interval,
    normal_difference,
    share_difference,
    wilson,
    z_for,
)
from toolkit.reporting.corpus_data import CorpusData, Totals
from toolkit.reporting.corpus_groups import ROWS_EACH
from toolkit.reporting.data import READABILITY, RHETORIC, STANCE, TOXICITY, words_for
from toolkit.reporting.findings import TOXIC
from toolkit.schema import SEPARATOR, column
from toolkit.summaries_parts import parts_of

#: Fewest comments on either side of a share that is compared.
MIN_SHARE: Final = 10
#: Fewest values on either side of a mean that is compared: from here on it is near to normal.
MIN_MEAN: Final = 30
#: Articles on both sides from which on they are the unit of the intervals.
MIN_CLUSTERS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something that both sides have. ``value`` is null for comments that do not count."""

    name: str
    #: As it follows 'comments that …' for a share, or a noun for a mean.
    title: str
    kind: Literal["share", "mean"]
    #: Headline measures are shown first and get intervals that hold together among themselves.
    headline: bool
    value: pl.Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """One side of a measure."""

    #: Sum of the values and of their squares, and how many there are.
    value: float
    squares: float
    total: int
    articles: int
    #: Variance of the ratio with articles as the unit (Cochran 1977, 6.3, without replacement
    #: ignored); None with fewer than two.
    clustered: float | None

    @property
    def ratio(self) -> float | None:
        """The share or the mean; None where nothing counts."""
        return self.value / self.total if self.total else None

    @property
    def variance(self) -> float:
        """Variance of the mean with comments as the unit."""
        if self.total < 2:
            return 0.0
        spread = self.squares - self.value * self.value / self.total
        return max(spread, 0.0) / (self.total - 1) / self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A measure on both sides, and the second minus the first."""

    measure: Measure
    first: Sums
    second: Sums
    #: None where one side has too few.
    difference: Interval | None
    by_article: bool

    @property
    def verdict(self) -> Literal["higher", "lower", "no clear difference", "too few to compare"]:
        """Where the second side lies, as far as the interval tells."""
        if self.difference is None:
            return "too few to compare"
        if not self.difference.clear:
            return "no clear difference"
        return "higher" if self.difference.value > 0 else "lower"

    def interval(self, side: Sums) -> Interval | None:
        """The 95 % interval of one side's share; None for a mean or where nothing counts."""
        if self.measure.kind == "mean" or not side.total:
            return None
        return wilson(side.value, side.total)


def measures_of(first: CorpusData, second: CorpusData, grade: str | None) -> list[Measure]:
    """What both sides have columns for; ``grade`` names the readability scale in use."""
    there = set(first.described()) & set(second.described())
    found = [_share("replies", "answer another comment", pl.col("parent_id").is_not_null())]
    toxicity = [
        name
        for name, metric in first.described().items()
        if name in there and name.startswith(TOXICITY + SEPARATOR) and metric.bounds == (0.0, 1.0)
    ]
    for name in toxicity:
        label = name.partition(SEPARATOR)[2]
        title = (
            f"reach the toxicity mark of {TOXIC}"
            if label == TOXICITY
            else f"reach {TOXIC} for {words_for(label)}"
        )
        found.append(_share(name, title, pl.col(name) >= TOXIC, headline=label == TOXICITY))
    label = column(STANCE, "label")
    if label in there:
        stance = pl.col(label).cast(pl.String)
        found.append(_share("stance__agree", "agree with the claim", stance == "agree"))
        found.append(_share("stance__disagree", "disagree with the claim", stance == "disagree"))
    for family in ("constructive", "critical"):
        name = column(RHETORIC, family)
        if name in there:
            found.append(_share(name, f"hold a {family} marker", pl.col(name) > 0))
    lexicon = first.lexicon()
    for category in lexicon.categories:
        name = column(RHETORIC, category)
        if name in there:
            title = f"hold a marker of {lexicon.title(category).lower()}"
            found.append(_share(name, title, pl.col(name) > 0, headline=False))
    if grade is not None and column(READABILITY, grade) in there:
        title = "Flesch-Kincaid grade" if grade == "flesch_kincaid_grade" else "LIX"
        found.append(_mean(column(READABILITY, grade), title))
    if column(READABILITY, "words") in there:
        found.append(_mean(column(READABILITY, "words"), "words of a comment"))
    return found


def _share(name: str, title: str, value: pl.Expr, *, headline: bool = True) -> Measure:
    return Measure(
        name=name, title=title, kind="share", headline=headline, value=value.cast(pl.Float64)
    )


def _mean(name: str, title: str) -> Measure:
    return Measure(
        name=name, title=title, kind="mean", headline=True, value=pl.col(name).cast(pl.Float64)
    )


def sums_of(data: CorpusData, measures: Sequence[Measure], rows: int) -> list[Sums]:
    """The sums behind each measure, by way of those of each article."""
    names = [f"m{place}" for place in range(len(measures))]
    frame = data.frame.select(
        "article_id", *(m.value.alias(name) for m, name in zip(measures, names, strict=True))
    )
    parts: list[pl.DataFrame] = []
    with parts_of(frame, pl.col("article_id"), rows=rows, rows_each=ROWS_EACH) as pieces:
        for piece in pieces:
            articles = piece.group_by("article_id").agg(
                expression
                for name in names
                for expression in (
                    pl.col(name).sum().alias(name),
                    pl.col(name).pow(2).sum().alias(f"{name}s"),
                    pl.col(name).count().cast(pl.Float64).alias(f"{name}n"),
                )
            )
            parts.append(
                articles.select(
                    expression
                    for name in names
                    for expression in (
                        pl.col(name).sum().alias(name),
                        pl.col(f"{name}s").sum(),
                        pl.col(f"{name}n").sum(),
                        (pl.col(f"{name}n") > 0).sum().alias(f"{name}a"),
                        pl.col(name).pow(2).sum().alias(f"{name}xx"),
                        (pl.col(name) * pl.col(f"{name}n")).sum().alias(f"{name}xn"),
                        pl.col(f"{name}n").pow(2).sum().alias(f"{name}nn"),
                    )
                ).collect(engine="streaming")
            )
    whole = pl.concat(parts).sum().row(0, named=True)
    return [_sums(whole, name) for name in names]


def _sums(whole: dict[str, float], name: str) -> Sums:
    value, total, articles = whole[name], whole[f"{name}n"], int(whole[f"{name}a"])
    clustered = None
    if articles >= 2 and total:
        ratio = value / total
        spread = whole[f"{name}xx"] - 2 * ratio * whole[f"{name}xn"]
        spread += ratio * ratio * whole[f"{name}nn"]
        clustered = max(spread, 0.0) * articles / (articles - 1) / (total * total)
    return Sums(
        value=value,
        squares=whole[f"{name}s"],
        total=int(total),
        articles=articles,
        clustered=clustered,
    )


def compare(measures: Sequence[Measure], first: Sequence[Sums], second: Sequence[Sums]) -> list[
    Compared
]:  # fmt: skip
    """Each measure on both sides; intervals hold together, headlines and details apart."""
    counts = {
        headline: sum(measure.headline is headline for measure in measures)
        for headline in (True, False)
    }
    return [
        _compared(measure, one, two, z_for(counts[measure.headline]))
        for measure, one, two in zip(measures, first, second, strict=True)
    ]


def _compared(measure: Measure, first: Sums, second: Sums, z: float) -> Compared:
    least = MIN_SHARE if measure.kind == "share" else MIN_MEAN
    by_article = min(first.articles, second.articles) >= MIN_CLUSTERS
    difference: Interval | None = None
    if min(first.total, second.total) >= least:
        one, two = first.value / first.total, second.value / second.total
        if by_article and first.clustered is not None and second.clustered is not None:
            difference = normal_difference(one, first.clustered, two, second.clustered, z)
        elif measure.kind == "share":
            difference = share_difference(
                first.value, first.total, second.value, second.total, z
            )  # fmt: skip
        else:
            difference = normal_difference(one, first.variance, two, second.variance, z)
    return Compared(
        measure=measure, first=first, second=second, difference=difference, by_article=by_article
    )


def common_grade(first: Totals, second: Totals) -> str | None:
    """The readability scale that most comments of both sides together have."""

    def count(metric: str) -> int:
        scores = (side.score(column(READABILITY, metric)) for side in (first, second))
        return sum(0 if score is None else score["count"] for score in scores)

    grades, indices = count("flesch_kincaid_grade"), count("lix")
    if grades and grades * 2 >= indices:
        return "flesch_kincaid_grade"
    return "lix" if indices else None
