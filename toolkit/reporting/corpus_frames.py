"""What each figure of a corpus shows: its frame, its caption, and the words in its place."""

from __future__ import annotations

from typing import Final

import polars as pl

from toolkit.reporting import corpus_figures, figures
from toolkit.reporting.corpus_data import CorpusData, Totals
from toolkit.reporting.corpus_examples import Examples
from toolkit.reporting.corpus_findings import grade_column, part_of, percent, periods, say_date
from toolkit.reporting.corpus_groups import MIN_JUDGED, MIN_THREAD, STRENGTH, Groups
from toolkit.reporting.data import READABILITY, TOXICITY, words_for
from toolkit.reporting.findings import GRADE_BANDS, LIX_BANDS, TOXIC, of
from toolkit.reporting.frames import MIN_CATEGORIES, MIN_MARKS, Drawing
from toolkit.schema import SEPARATOR, column

#: Bars of a histogram on paper.
BARS: Final = 40
#: Fewest periods, articles and threads that make a figure.
MIN_BARS: Final = 3
#: Most categories of markers in the figure.
MAX_CATEGORIES: Final = 16


def corpus_drawings(
    data: CorpusData, totals: Totals, groups: Groups, examples: Examples
) -> list[Drawing]:
    """The figures that have enough to show, in the order of the report."""
    made = (
        _volume(totals),
        _stance(totals),
        _markers(totals),
        _grades(totals),
        _toxicity(data, totals),
        _divided(groups, examples),
        _threads("toxic", groups, examples),
        _threads("constructive", groups, examples),
    )
    return [drawing for drawing in made if drawing is not None]


def article_name(article_id: str | None, examples: Examples) -> str:
    """What the report calls an article: what it claims, else its id."""
    return examples.claim(article_id) or article_id or "no article"


def _volume(totals: Totals) -> Drawing | None:
    unit, frame = periods(totals.days)
    if frame.height < MIN_BARS or int(frame["comments"].sum()) < MIN_MARKS:
        return None
    start, most = frame.sort("comments", "start", descending=[True, False]).row(0)
    caption = f"Comments by {unit} (UTC)."
    left = totals.comments - totals.dated
    if left:
        caption += f" {of(left, totals.comments)} without a date are left out."
    alt = (
        f"Bars of comments by {unit} from {say_date(frame['start'][0])}, {frame.height} in all; "
        f"the tallest, from {say_date(start)}, has {most:,}."
    )
    return Drawing(
        "volume",
        caption,
        alt,
        frame.with_columns(pl.lit(unit).alias("unit")),
        corpus_figures.draw_volume,
    )


def _stance(totals: Totals) -> Drawing | None:
    judged = int(totals.stance["comments"].sum())
    if judged < MIN_MARKS:
        return None
    said = ", ".join(f"{label} {count:,}" for label, count, _ in totals.stance.iter_rows())
    return Drawing(
        "stance",
        "Comments by estimated stance to what their article claims; the pale part of a bar is a "
        "close call.",
        f"Bars of {judged:,} comments by stance: {said}.",
        totals.stance,
        figures.draw_stance,
    )


def _markers(totals: Totals) -> Drawing | None:
    found = totals.categories.filter(pl.col("comments") > 0)
    if found.height < MIN_CATEGORIES or totals.read < MIN_MARKS:
        return None
    shown = found.head(MAX_CATEGORIES)
    caption = (
        f"Comments, of {totals.read:,}, in which a category of markers occurs: critical devices "
        "filled, constructive ones hatched, matters of style pale."
    )
    if found.height > shown.height:
        caption += f" {found.height - shown.height} less frequent categories are left out."
    said = ", ".join(f"{title} {count:,}" for _, title, _, count, _ in shown.iter_rows())
    return Drawing(
        "markers",
        caption,
        f"Bars of comments by category of marker: {said}.",
        shown.select(pl.col("title").alias("category"), "family", "comments", "markers"),
        figures.draw_rhetoric,
    )


def coarse(bins: pl.DataFrame, low: float, high: float, count: int) -> pl.DataFrame:
    """Bins as ``count`` bars from ``low`` to ``high``; the ends take what lies beyond."""
    width = (high - low) / count
    middle = (pl.col("low") + pl.col("high")) / 2
    place = ((middle - low) / width).floor().clip(0, count - 1).cast(pl.Int64)
    counted = bins.group_by(place.alias("bar")).agg(pl.col("count").sum())
    whole = pl.DataFrame({"bar": range(count)}, schema={"bar": pl.Int64})
    return (
        whole.join(counted, on="bar", how="left")
        .sort("bar")
        .select(
            (low + pl.col("bar") * width).alias("low"),
            (low + (pl.col("bar") + 1) * width).alias("high"),
            pl.col("count").fill_null(0),
        )
    )


def _grades(totals: Totals) -> Drawing | None:
    metric = grade_column(totals)
    score = totals.score(column(READABILITY, metric)) if metric else None
    if metric is None or score is None or score["count"] < MIN_MARKS:
        return None
    grade = metric == "flesch_kincaid_grade"
    low, high, bars = (0.0, 21.0, 42) if grade else (10.0, 80.0, 35)
    bins = totals.bins.filter(pl.col("column") == column(READABILITY, metric))
    frame = coarse(bins, low, high, bars).with_columns(pl.lit(metric).alias("metric"))
    bands = GRADE_BANDS if grade else LIX_BANDS
    start, parts = float("-inf"), []
    for end, name in bands:
        middle = (pl.col("low") + pl.col("high")) / 2
        inside = bins.filter((middle >= start) & (middle < end))
        parts.append(f"{name} {int(inside['count'].sum()):,}")
        start = end
    what = (
        "Flesch-Kincaid grade, the years of US schooling that a text asks for"
        if grade
        else "LIX, a language-neutral index of how hard a text is to read"
    )
    return Drawing(
        "readability",
        f"{score['count']:,} comments by {what}. Those beyond the ends stand at the ends.",
        f"Histogram of comments by readability: {', '.join(parts)}.",
        frame.select("metric", "low", "high", "count"),
        corpus_figures.draw_grades,
    )


def _toxicity(data: CorpusData, totals: Totals) -> Drawing | None:
    names = [
        name
        for name, metric in data.described().items()
        if name.startswith(TOXICITY + SEPARATOR)
        and metric.bounds == (0.0, 1.0)
        and (totals.score(name) or {"count": 0})["count"] >= MIN_MARKS
    ]
    frames = []
    for name in names:
        bins = totals.bins.filter(pl.col("column") == name)
        bars = coarse(bins, 0.0, 1.0, BARS)
        score = totals.score(name) or {}
        frames.append(
            bars.with_columns(
                pl.lit(words_for(name.partition(SEPARATOR)[2])).alias("title"),
                pl.lit(score["over"]).alias("over"),
                pl.lit(int(bars["count"].sum())).alias("total"),
            )
        )
    if not frames:
        return None
    frame = pl.concat(frames).select("title", "low", "high", "count", "over", "total")
    said = ", ".join(
        f"{title} {part_of(over, total)}"
        for title, over, total in frame.select("title", "over", "total")
        .unique(maintain_order=True)
        .iter_rows()
    )
    return Drawing(
        "toxicity",
        "Comments by the estimated probability of each label, on a logarithmic axis: a bar of half "
        f"the height is far less than half. What reaches {TOXIC} is coloured.",
        f"Histograms of toxicity scores; at or above {TOXIC}: {said}.",
        frame,
        corpus_figures.draw_panels,
    )


def _divided(groups: Groups, examples: Examples) -> Drawing | None:
    frame = groups.divisive.filter(pl.col("divided") > 0)
    if frame.height < MIN_BARS:
        return None
    names = [article_name(article, examples) for article in frame["article_id"]]
    shown = frame.select("disagree", "neither", "agree").insert_column(0, pl.Series("name", names))
    said = "; ".join(
        f"{place}: {disagree} disagree, {agree} agree, {neither} neither"
        for place, (disagree, neither, agree) in enumerate(
            frame.select("disagree", "neither", "agree").iter_rows(), start=1
        )
    )
    return Drawing(
        "divided",
        f"The most evenly divided of {groups.eligible['divisive']:,} articles with {MIN_JUDGED} "
        "or more judged comments: how many disagree with its claim, take no side, agree.",
        f"Bars by article. {said}.",
        shown,
        corpus_figures.draw_divided,
    )


def _threads(kind: str, groups: Groups, examples: Examples) -> Drawing | None:
    frame: pl.DataFrame = getattr(groups, kind)
    base = groups.base.share(kind)
    if frame.height < MIN_BARS or base is None or not int(frame["count"].sum()):
        return None
    names = [article_name(article, examples) for article in frame["article_id"]]
    columns = ("share", "low", "high", "clear", "count", "total")
    shown = frame.select(columns).insert_column(0, pl.Series("name", names))
    what = (
        f"at or above the toxicity mark of {TOXIC}"
        if kind == "toxic"
        else "with a constructive marker and no toxicity at the mark"
    )
    said = "; ".join(
        f"{place}: {count} of {total}"
        for place, (count, total) in enumerate(frame.select("count", "total").iter_rows(), start=1)
    )
    return Drawing(
        f"threads-{kind}",
        f"The threads with the largest share of comments {what}, of {groups.eligible[kind]:,} with "
        f"{MIN_THREAD} or more, ranked as if each had {STRENGTH:.0f} more comments of the average "
        f"({percent(base)}, dashed). Filled where the share is clearly above it.",
        f"Shares with intervals by thread. {said}; all comments {percent(base)}.",
        shown.with_columns(pl.lit(base).alias("base"), pl.lit(kind).alias("kind")),
        corpus_figures.draw_threads,
    )
