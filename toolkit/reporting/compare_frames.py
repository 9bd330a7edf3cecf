"""What each figure of a comparison shows: its frame, its caption, and the words in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from toolkit.reporting import compare_figures
from toolkit.reporting.compare_data import Compared
from toolkit.reporting.compare_findings import SIDES, signed, span
from toolkit.reporting.corpus_data import CorpusData, Totals
from toolkit.reporting.corpus_frames import coarse
from toolkit.reporting.data import READABILITY, TOXICITY
from toolkit.reporting.frames import Drawing
from toolkit.schema import column

#: Fewest comments with a score on either side for a figure of its spread.
MIN_SPREAD: Final = 20
#: Fewest measures that make a figure.
MIN_MEASURES: Final = 2


def comparison_drawings(
    sides: Sequence[CorpusData],
    totals: Sequence[Totals],
    compared: Sequence[Compared],
    grade: str | None,
) -> list[Drawing]:
    """The figures that have enough to show, in the order of the report."""
    del sides
    made = [
        _shares(compared),
        _spread("toxicity", column(TOXICITY, "toxicity"), 0.0, 1.0, 20, totals),
    ]
    if grade == "flesch_kincaid_grade":
        made.append(_spread("readability", column(READABILITY, grade), 0.0, 21.0, 21, totals))
    elif grade == "lix":
        made.append(_spread("readability", column(READABILITY, grade), 10.0, 80.0, 14, totals))
    return [drawing for drawing in made if drawing is not None]


def _shares(compared: Sequence[Compared]) -> Drawing | None:
    shown = [
        item
        for item in compared
        if item.measure.headline and item.measure.kind == "share" and item.difference is not None
    ]
    if len(shown) < MIN_MEASURES:
        return None
    rows = []
    for item in shown:
        one, two = item.interval(item.first), item.interval(item.second)
        if one is None or two is None:
            continue
        clear = item.verdict in ("higher", "lower")
        rows.append(
            (
                item.measure.title,
                *(one.value, one.low, one.high),
                *(two.value, two.low, two.high),
                f"{signed(item)} ({span(item)})" if clear else "no clear difference",
                clear,
            )
        )
    names = ("a", "a_low", "a_high", "b", "b_low", "b_high")
    frame = pl.DataFrame(
        rows,
        schema={"name": pl.String, **dict.fromkeys(names, pl.Float64)}
        | {"note": pl.String, "clear": pl.Boolean},
        orient="row",
    )
    said = "; ".join(
        f"{row['name']}: {row['a'] * 100:.0f} and {row['b'] * 100:.0f} %, {row['note']}"
        for row in frame.to_dicts()
    )
    return Drawing(
        "shares",
        "Shares of comments in A (circles) and B (diamonds) with their 95 % intervals. On the "
        "right the difference in percentage points, with an interval widened for the number of "
        "rows.",
        f"Shares in A and B. {said}.",
        frame,
        compare_figures.draw_shares,
    )


def _spread(
    name: str, score: str, low: float, high: float, bars: int, totals: Sequence[Totals]
) -> Drawing | None:
    frames, said = [], []
    for letter, total in zip(SIDES, totals, strict=True):
        row = total.score(score)
        if row is None or row["count"] < MIN_SPREAD:
            return None
        counted = coarse(total.bins.filter(pl.col("column") == score), low, high, bars)
        frames.append(
            counted.select(
                pl.lit(letter).alias("side"),
                "low",
                "high",
                (pl.col("count") / row["count"]).alias("share"),
            )
        )
        said.append(f"{letter} has its middle at {row['median']:.2f}")
    what = {"toxicity": "toxicity score", "readability": "readability"}[name]
    metric = score.partition("__")[2]
    axis = {"flesch_kincaid_grade": "Flesch-Kincaid grade", "lix": "LIX"}.get(metric, metric)
    return Drawing(
        name,
        f"How the comments of A (line) and B (dashes) are spread by {what}, each as a share of its "
        "own comments.",
        f"Outlines of two histograms by {what}: {', '.join(said)}.",
        pl.concat(frames).with_columns(pl.lit(axis).alias("axis")),
        compare_figures.draw_spread,
    )
