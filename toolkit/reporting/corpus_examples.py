"""The few comments that a corpus report quotes, and how it calls articles and threads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from toolkit.records import Article, Page
from toolkit.reporting.corpus_data import CorpusData
from toolkit.reporting.corpus_groups import Groups
from toolkit.reporting.data import READABILITY, TOXICITY, ReportData, Row, Thread, read_thread
from toolkit.schema import column

#: Threads and articles of which a comment is quoted, the first of each list.
QUOTED: Final = 3
#: Lower ends of the bands of toxicity from each of which one comment is shown.
BANDS: Final = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)
#: Words of a comment that stands for a band: enough to judge, short enough to read.
BAND_WORDS: Final = (6, 60)

#: How the role of a comment that stands for a band begins.
BAND_ROLE: Final = "example of toxicity "

_ROW: Final = "row__number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Whole comments by the number that the report gives them, from 1."""

    thread: Thread
    #: Number -> why it stands here, article.
    roles: Mapping[int, str]
    articles: Mapping[int, str | None]
    #: Row of the corpus -> number.
    numbers: Mapping[int, int]
    #: article_id -> what its comments' thesis column says it claims; without those unknown.
    claims: Mapping[str, str]

    def at(self, row: int | None) -> Row | None:
        """The example that is a row of the corpus; None where it is not among them."""
        number = None if row is None else self.numbers.get(row)
        return None if number is None else self.thread.rows[number - 1]

    def claim(self, article_id: str | None) -> str:
        """The first line of what an article claims, its title where it has one; else empty."""
        return self.claims.get(article_id or "", "").strip().split("\n")[0].strip()


def choose(data: CorpusData, groups: Groups) -> Examples:
    """Read the comments that lists and bands point at."""
    roles: dict[int, str] = {}

    def add(row: int | None, role: str) -> None:
        if row is not None:
            roles[row] = f"{roles[row]}; {role}" if row in roles else role

    for place, row in enumerate(groups.toxic["row"].head(QUOTED), start=1):
        add(row, f"highest toxicity in thread {place} by toxic comments")
    for place, row in enumerate(groups.constructive["row"].head(QUOTED), start=1):
        add(row, f"most constructive markers in thread {place} by constructive comments")
    for place, found in enumerate(groups.divisive.head(QUOTED).iter_rows(named=True), start=1):
        add(found["agree_row"], f"surest agreement under divided article {place}")
        add(found["disagree_row"], f"surest disagreement under divided article {place}")
    for band, row in _bands(data):
        add(row, f"{BAND_ROLE}{band}")
    rows = list(roles)
    # One slice a row: the scan skips every file and column group that holds none.
    indexed = data.frame.with_row_index(_ROW)
    picked = [indexed.slice(row, 1).collect(engine="streaming") for row in rows]
    frame = pl.concat(picked) if picked else indexed.head(0).collect()
    frame = frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("position"))
    if data.explain is not None and frame.height:
        frame = data.explain(frame.drop(_ROW))
    read = ReportData(
        page=Page(article=Article(article_id="")),
        thesis=(),
        # Their places in the thread say nothing here, where only a few of it stand.
        comments=frame.with_columns(
            pl.concat_str(pl.lit("e"), pl.col("position").cast(pl.String)).alias("comment_id"),
            pl.lit(None, pl.String).alias("parent_id"),
        ),
        article_metrics=None,
        metrics=data.described(),
        manifest={},
        families=data.families,
    )
    numbers = {row: number for number, row in enumerate(rows, start=1)}
    return Examples(
        thread=read_thread(read),
        roles={numbers[row]: role for row, role in roles.items()},
        articles=dict(enumerate(frame["article_id"].to_list(), start=1)),
        numbers=numbers,
        claims=_claims(data, groups),
    )


def say_band(low: float, high: float) -> str:
    """A band in words: '0.1 to 0.3'."""
    return f"{low:g} to {high:g}"


def _bands(data: CorpusData) -> Iterable[tuple[str, int]]:
    """For each band of toxicity the row nearest to its middle, the earliest of equals."""
    names = data.frame.collect_schema().names()
    score, words = column(TOXICITY, "toxicity"), column(READABILITY, "words")
    if score not in names:
        return
    frame = data.frame.with_row_index(_ROW)
    if words in names:
        frame = frame.filter(pl.col(words).is_between(*BAND_WORDS))
    for low, high in zip(BANDS, (*BANDS[1:], 1.0), strict=True):
        inside = pl.col(score).is_between(low, high, closed="left" if high < 1 else "both")
        nearest = (
            frame.select(_ROW, score)
            .filter(inside)
            .select(pl.col(_ROW), (pl.col(score) - (low + high) / 2).abs().alias("off"))
            .bottom_k(1, by=["off", _ROW])
            .collect(engine="streaming")
        )
        if nearest.height:
            yield say_band(low, high), int(nearest[_ROW][0])


def _claims(data: CorpusData, groups: Groups) -> dict[str, str]:
    """What the articles of the lists claim, where the comments say so."""
    if "thesis" not in data.frame.collect_schema():
        return {}
    named = [groups.top_articles, groups.divisive, groups.toxic, groups.constructive]
    wanted = pl.concat([frame.select("article_id") for frame in named]).to_series().unique()
    found = (
        data.frame.select("article_id", "thesis")
        .filter(pl.col("article_id").is_in(wanted.drop_nulls().implode()), pl.col("thesis") != "")
        .group_by("article_id")
        .agg(pl.col("thesis").first())
        .collect(engine="streaming")
    )
    return dict(found.iter_rows())
