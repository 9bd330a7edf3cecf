"""Articles, threads and writers of a corpus: how many, and which stand out.

The rows are cut by article (and once more by author) into parts that fit into
memory, each part is grouped by itself, and of each only the leaders are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from toolkit.intervals import (
    division,
    split_entropy_interval,
    wilson,
    z_for,
)
from toolkit.reporting.corpus_data import CorpusData
from toolkit.reporting.data import RHETORIC, STANCE, TOXICITY
from toolkit.reporting.findings import TOXIC
from toolkit.schema import column
from toolkit.summaries import with_thread_ids
from toolkit.summaries_parts import parts_of

#: Entries of a list of articles, threads or writers.
TOP: Final = 10
#: Fewest scored (or read) comments of a thread that can be listed.
MIN_THREAD: Final = 10
#: Fewest judged comments of an article that can be listed as divided.
MIN_JUDGED: Final = 15
#: Comments of the corpus's average that every group is thought to have beside its own.
STRENGTH: Final = 20.0
#: Rows of a part, by which everything here is bounded.
ROWS_EACH: Final = 200_000

#: Upper ends of the classes by which writers and articles are counted.
SIZES: Final = (1, 4, 9, 49, 199)

_AUTHOR: Final = ("author_id", "author_handle", "author_name")
_SHOWN: Final = ("author_name", "author_handle", "author_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The corpus as a whole: what a group is drawn towards and compared with.

    Counts of comments: with a toxicity score and at or above the mark, looked
    through for markers and constructive, with a stance and on either side.
    """

    scored: int
    toxic: int
    read: int
    constructive: int
    judged: int
    agree: int
    disagree: int

    def share(self, kind: str) -> float | None:
        """Share of comments that are ``toxic`` or ``constructive``; None where not measured."""
        count, total = {
            "toxic": (self.toxic, self.scored),
            "constructive": (self.constructive, self.read),
        }[kind]
        return count / total if total else None

    @property
    def divided(self) -> float:
        """How divided the corpus is, in [0, 1]; see :func:`division`."""
        return division(self.judged, self.agree, self.disagree)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Who and what a corpus is made of; every frame has a few rows."""

    base: Base
    articles: int
    threads: int
    authors: int
    #: Comments without an article, without a known author.
    no_article: int
    no_author: int
    #: article_id, comments, row (of its first comment).
    top_articles: pl.DataFrame
    #: from, to (null: no end), articles, comments.
    article_sizes: pl.DataFrame
    #: author (as shown), comments.
    top_authors: pl.DataFrame
    #: from, to, authors, comments.
    author_sizes: pl.DataFrame
    #: article_id, judged, agree, disagree, neither, divided, entropy, low, high (both of the
    #: entropy, in bits), agree_row, disagree_row (surest comment of each side), row.
    divisive: pl.DataFrame
    #: article_id, thread_id, comments, total, count, share, low, high, clear, row. ``clear``: the
    #: share lies above the corpus's even when the best of all threads that qualify was picked.
    toxic: pl.DataFrame
    constructive: pl.DataFrame
    #: Threads (``toxic``, ``constructive``) and articles (``divisive``) with enough comments.
    eligible: dict[str, int]


def is_constructive() -> pl.Expr:
    """A constructive marker and no toxicity at the mark; null where no marker was looked for."""
    return pl.col("constructive").gt(0) & pl.col("toxicity").lt(TOXIC).fill_null(True)


def group(data: CorpusData, rows: int, *, rows_each: int = ROWS_EACH) -> Groups:
    """All groups of ``data``, which holds ``rows`` comments."""
    narrow = _narrow(data)
    base = _base(narrow)
    articles, authors = _Articles(base), _Authors()
    with parts_of(narrow, pl.col("article_id"), rows=rows, rows_each=rows_each) as parts:
        for part in parts:
            articles.add(part)
    names = narrow.select("author", "shown")
    with parts_of(names, pl.col("author"), rows=rows, rows_each=rows_each) as parts:
        for part in parts:
            authors.add(part)
    return Groups(
        base=base,
        articles=articles.count,
        threads=articles.threads,
        authors=authors.count,
        no_article=articles.lost,
        no_author=authors.unknown,
        top_articles=articles.top.found,
        article_sizes=articles.sizes.frame("articles"),
        top_authors=authors.top.found.select(pl.col("shown").alias("author"), "comments"),
        author_sizes=authors.sizes.frame("authors"),
        divisive=_with_entropy(articles.best["divisive"].found),
        toxic=_with_intervals(articles, "toxic"),
        constructive=_with_intervals(articles, "constructive"),
        eligible=articles.eligible,
    )


def _narrow(data: CorpusData) -> pl.LazyFrame:
    """The few columns that groups are made of; a measure that did not run is null."""
    names = data.frame.collect_schema().names()

    def result(analyzer: str, metric: str, dtype: type[pl.DataType]) -> pl.Expr:
        name = column(analyzer, metric)
        value = pl.col(name) if name in names else pl.lit(None)
        return value.cast(dtype).alias(metric)

    return data.frame.with_row_index("row").select(
        pl.col("row").cast(pl.Int64),
        "article_id",
        "comment_id",
        "parent_id",
        pl.coalesce([name for name in _AUTHOR if name in names]).alias("author"),
        pl.coalesce([name for name in _SHOWN if name in names]).alias("shown"),
        result(TOXICITY, "toxicity", pl.Float32),
        result(RHETORIC, "constructive", pl.Int32),
        result(STANCE, "label", pl.String),
        result(STANCE, "agree", pl.Float32),
        result(STANCE, "disagree", pl.Float32),
    )


def _base(narrow: pl.LazyFrame) -> Base:
    sums = narrow.select(
        pl.col("toxicity").count().alias("scored"),
        (pl.col("toxicity") >= TOXIC).sum().alias("toxic"),
        is_constructive().count().alias("read"),
        is_constructive().sum().alias("constructive"),
        pl.col("label").count().alias("judged"),
        (pl.col("label") == "agree").sum().alias("agree"),
        (pl.col("label") == "disagree").sum().alias("disagree"),
    )
    return Base(**sums.collect(engine="streaming").row(0, named=True))


class _Best:
    """The first ``TOP`` of many rows, by the column ``ranked_by`` and then by the keys."""

    def __init__(self, *keys: str) -> None:
        self._keys = keys
        self._found: pl.DataFrame | None = None

    def add(self, frame: pl.DataFrame) -> None:
        found = frame if self._found is None else pl.concat([self._found, frame])
        order = ["ranked_by", *self._keys]
        self._found = found.sort(
            order, descending=[True] + [False] * len(self._keys), nulls_last=True
        ).head(TOP)

    @property
    def found(self) -> pl.DataFrame:
        assert self._found is not None, "no part was added"
        return self._found.drop("ranked_by")


class _Sizes:
    """Groups and their comments, counted by size."""

    def __init__(self) -> None:
        self._counts: dict[int, list[int]] = {n: [0, 0] for n in range(len(SIZES) + 1)}

    def add(self, sizes: pl.Series) -> None:
        place = pl.lit(0)
        for end in SIZES:
            place = place + (pl.col("n") > end).cast(pl.Int32)
        found = pl.DataFrame({"n": sizes}).group_by(place.alias("class")).agg(
            pl.len(), pl.col("n").sum()
        )  # fmt: skip
        for number, groups, comments in found.iter_rows():
            self._counts[number][0] += groups
            self._counts[number][1] += comments

    def frame(self, noun: str) -> pl.DataFrame:
        return pl.DataFrame(
            [
                (1 if n == 0 else SIZES[n - 1] + 1, SIZES[n] if n < len(SIZES) else None, *counts)
                for n, counts in self._counts.items()
            ],
            schema={"from": pl.Int64, "to": pl.Int64, noun: pl.Int64, "comments": pl.Int64},
            orient="row",
        )


class _Authors:
    def __init__(self) -> None:
        self.count = self.unknown = 0
        self.sizes, self.top = _Sizes(), _Best("author")

    def add(self, part: pl.LazyFrame) -> None:
        found = (
            part.group_by("author")
            .agg(pl.len().cast(pl.Int64).alias("comments"), pl.col("shown").first())
            .collect(engine="streaming")
        )
        self.unknown += int(found.filter(pl.col("author").is_null())["comments"].sum())
        known = found.filter(pl.col("author").is_not_null())
        self.count += known.height
        self.sizes.add(known["comments"])
        self.top.add(known.with_columns(pl.col("comments").cast(pl.Float64).alias("ranked_by")))


class _Articles:
    """Articles and threads, part by part."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.count = self.threads = self.lost = 0
        self.sizes, self.top = _Sizes(), _Best("article_id")
        self.best = {
            "toxic": _Best("article_id", "thread_id"),
            "constructive": _Best("article_id", "thread_id"),
            "divisive": _Best("article_id"),
        }
        self.eligible = dict.fromkeys(self.best, 0)

    def add(self, part: pl.LazyFrame) -> None:
        rows = with_thread_ids(part).collect()
        self._add_articles(rows)
        self._add_threads(rows.with_columns(is_constructive().alias("helps")))

    def _add_articles(self, rows: pl.DataFrame) -> None:
        sides = {side: pl.col("label") == side for side in ("agree", "disagree")}
        found = rows.group_by("article_id").agg(
            pl.len().cast(pl.Int64).alias("comments"),
            pl.col("row").min(),
            pl.col("label").count().cast(pl.Int64).alias("judged"),
            *(on.sum().cast(pl.Int64).alias(side) for side, on in sides.items()),
            *(_first(pl.when(on).then(side), f"{side}_row") for side, on in sides.items()),
        )
        known = found.filter(pl.col("article_id").is_not_null())
        self.lost += int(found["comments"].sum()) - int(known["comments"].sum())
        self.count += known.height
        self.sizes.add(known["comments"])
        size = pl.col("comments").cast(pl.Float64)
        self.top.add(known.select("article_id", "comments", "row", size.alias("ranked_by")))
        enough = known.filter(pl.col("judged") >= MIN_JUDGED)
        self.eligible["divisive"] += enough.height
        divided = [
            division(*counts) for counts in enough["judged", "agree", "disagree"].iter_rows()
        ]
        self.best["divisive"].add(
            enough.drop("comments")
            .with_columns(pl.Series("divided", divided, pl.Float64))
            .with_columns(_ranked_by("divided", "judged", self.base.divided))
        )

    def _add_threads(self, rows: pl.DataFrame) -> None:
        helps = pl.when("helps").then("constructive")
        found = (
            rows.filter(pl.col("thread_id").is_not_null())
            .group_by("article_id", "thread_id")
            .agg(
                pl.len().cast(pl.Int64).alias("comments"),
                pl.col("toxicity").count().cast(pl.Int64).alias("toxic_total"),
                (pl.col("toxicity") >= TOXIC).sum().cast(pl.Int64).alias("toxic"),
                _first(pl.col("toxicity"), "toxic_row"),
                pl.col("helps").count().cast(pl.Int64).alias("constructive_total"),
                pl.col("helps").sum().cast(pl.Int64).alias("constructive"),
                _first(helps, "constructive_row"),
            )
        )
        self.threads += found.height
        for kind in ("toxic", "constructive"):
            enough = found.filter(pl.col(f"{kind}_total") >= MIN_THREAD).select(
                "article_id",
                "thread_id",
                "comments",
                pl.col(f"{kind}_total").alias("total"),
                pl.col(kind).alias("count"),
                (pl.col(kind) / pl.col(f"{kind}_total")).alias("share"),
                pl.col(f"{kind}_row").alias("row"),
            )
            self.eligible[kind] += enough.height
            base = self.base.share(kind) or 0.0
            self.best[kind].add(enough.with_columns(_ranked_by("share", "total", base)))


def _first(value: pl.Expr, name: str) -> pl.Expr:
    """The row with the highest ``value``, the earliest of equals; null where all are null."""
    best = pl.col("row").sort_by(value, "row", descending=[True, False], nulls_last=True).first()
    return pl.when(value.count() > 0).then(best).alias(name)


def _ranked_by(value: str, total: str, base: float) -> pl.Expr:
    """``intervals.shrunk`` as an expression."""
    drawn = pl.col(value) * pl.col(total) + base * STRENGTH
    return (drawn / (pl.col(total) + STRENGTH)).alias("ranked_by")


def _with_entropy(best: pl.DataFrame) -> pl.DataFrame:
    spans = [split_entropy_interval(*sides) for sides in best["agree", "disagree"].iter_rows()]
    return best.with_columns(
        (pl.col("judged") - pl.col("agree") - pl.col("disagree")).alias("neither"),
        pl.Series("entropy", [span.value for span in spans], pl.Float64),
        pl.Series("low", [span.low for span in spans], pl.Float64),
        pl.Series("high", [span.high for span in spans], pl.Float64),
    )


def _with_intervals(articles: _Articles, kind: str) -> pl.DataFrame:
    best, base = articles.best[kind].found, articles.base.share(kind)
    z = z_for(articles.eligible[kind])
    counts = list(best["count", "total"].iter_rows())
    spans = [wilson(count, total) for count, total in counts]
    clear = [base is not None and wilson(count, total, z).low > base for count, total in counts]
    return best.with_columns(
        pl.Series("low", [span.low for span in spans], pl.Float64),
        pl.Series("high", [span.high for span in spans], pl.Float64),
        pl.Series("clear", clear, pl.Boolean),
    )
