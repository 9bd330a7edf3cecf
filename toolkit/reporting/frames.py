"""What each figure shows: its frame, its caption, and the words that stand in for it.

Each figure has a smallest number of marks; below it the report says the same
in a sentence, and there is no chart of one bar.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl
from matplotlib.figure import Figure

from toolkit.reporting import figures, style
from toolkit.reporting.data import (
    READABILITY,
    STANCE,
    STANCE_LABELS,
    TOXICITY,
    ReportData,
    Thread,
    words_for,
)
from toolkit.reporting.findings import TOXIC, grade_metric, is_uncertain, markers, of

#: Fewest comments that make a figure of the whole discussion, of stance, of toxicity.
MIN_MARKS: Final = 5
#: Fewest categories that make a figure of markers.
MIN_CATEGORIES: Final = 2


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with what stands under it and what is read out in its place."""

    name: str
    caption: str
    #: Says in words what the figure shows; for those who do not see it.
    alt: str
    frame: pl.DataFrame
    draw: Callable[[pl.DataFrame], Figure]

    def svg(self) -> bytes:
        """The figure as SVG."""
        return style.render(self.draw, self.frame, title=self.name)


def drawings(data: ReportData, thread: Thread) -> list[Drawing]:
    """The figures that have enough to show, in the order of the report."""
    made = (
        _overview(thread),
        _glance(thread),
        _stance(thread),
        _rhetoric(thread),
        _readability(data, thread),
        _toxicity(thread),
    )
    return [drawing for drawing in made if drawing is not None]


def glance_frame(thread: Thread) -> pl.DataFrame:
    """One row a comment: number, parent, depth, words, label, alignment, toxicity."""
    return pl.DataFrame(
        {
            "number": [row.number for row in thread.rows],
            "parent": [row.parent for row in thread.rows],
            "depth": [row.depth for row in thread.rows],
            "words": [row.words for row in thread.rows],
            "label": [row.label_of(STANCE, "label") for row in thread.rows],
            "alignment": [row.number_of(STANCE, "alignment") for row in thread.rows],
            "toxicity": [row.number_of(TOXICITY, "toxicity") for row in thread.rows],
        },
        schema={
            "number": pl.Int64,
            "parent": pl.Int64,
            "depth": pl.Int64,
            "words": pl.Int64,
            "label": pl.String,
            "alignment": pl.Float64,
            "toxicity": pl.Float64,
        },
    )


def _overview(thread: Thread) -> Drawing | None:
    frame = glance_frame(thread)
    scored = frame.filter(pl.col("toxicity").is_not_null())
    if scored.height < MIN_MARKS:
        return None
    caption = "Every comment in the order of the page: its toxicity by height, its words by area"
    caption += ", its stance by shape and colour." if thread.has(STANCE) else "."
    if scored.height < frame.height:
        caption += (
            f" {of(frame.height - scored.height, frame.height)} without a score are left out."
        )
    peak = scored.sort("toxicity", descending=True).row(0, named=True)
    alt = (
        f"Strip of {scored.height} comments in page order by toxicity; "
        f"the highest is comment {peak['number']} at {peak['toxicity']:.2f}."
    )
    return Drawing("overview", caption, alt, frame, figures.draw_overview)


def _glance(thread: Thread) -> Drawing | None:
    frame = glance_frame(thread)
    both = frame.filter(pl.col("alignment").is_not_null() & pl.col("toxicity").is_not_null())
    if both.height < MIN_MARKS:
        return None
    left = frame.height - both.height
    caption = (
        "Each mark is a comment, its area the number of words. Above: the stance a model "
        "estimates, from disagreement (left) to agreement (right), against estimated toxicity. "
        "Below: the same comments in the order of the page, replies hanging under what they answer."
    )
    if left:
        caption += f" {of(left, frame.height)} without both numbers stand only below."
    over = both.filter(pl.col("toxicity") >= TOXIC).height
    counts = both["label"].value_counts(sort=True).iter_rows()
    alt = (
        f"Scatter of {both.height} comments, stance against toxicity: "
        + ", ".join(f"{count} {label}" for label, count in counts)
        + f"; {over} at or above toxicity {TOXIC}. Below it, the comments in thread order."
    )
    return Drawing("discussion", caption, alt, frame, figures.draw_glance)


def stance_frame(thread: Thread) -> pl.DataFrame:
    """One row a label: comments, and how many of them are a close call."""
    counted = {label: [0, 0] for label in STANCE_LABELS}
    for row in thread.rows:
        label = row.label_of(STANCE, "label")
        if label in counted:
            counted[label][0] += 1
            counted[label][1] += is_uncertain(row)
    return pl.DataFrame(
        {
            "label": list(counted),
            "comments": [value[0] for value in counted.values()],
            "close_calls": [value[1] for value in counted.values()],
        }
    )


def _stance(thread: Thread) -> Drawing | None:
    frame = stance_frame(thread)
    total = int(frame["comments"].sum())
    if total < MIN_MARKS:
        return None
    caption = "Comments by estimated stance; the pale part of a bar is a close call."
    alt = "Bars of comments by stance: " + ", ".join(
        f"{label} {count}" for label, count, _ in frame.iter_rows()
    )
    return Drawing("stance", caption, f"{alt}.", frame, figures.draw_stance)


def rhetoric_frame(thread: Thread) -> pl.DataFrame:
    """One row a category that occurs: comments with it, and markers in all."""
    found = markers(thread)
    rows = [
        (thread.title(name), thread.family(name), len({row.number for row, _ in items}), len(items))
        for name, items in found.items()
    ]
    rows.sort(key=lambda item: (-item[2], -item[3], item[0]))
    return pl.DataFrame(
        rows,
        schema={
            "category": pl.String,
            "family": pl.String,
            "comments": pl.Int64,
            "markers": pl.Int64,
        },
        orient="row",
    )


def _rhetoric(thread: Thread) -> Drawing | None:
    frame = rhetoric_frame(thread)
    if frame.height < MIN_CATEGORIES or len(thread.rows) < MIN_MARKS:
        return None
    total = len(thread.rows)
    caption = (
        f"Comments, of {total:,}, in which a category of markers occurs: critical devices "
        "filled, constructive ones hatched, matters of style pale."
    )
    alt = "Bars of comments by category of marker: " + ", ".join(
        f"{name} {count}" for name, _, count, _ in frame.iter_rows()
    )
    return Drawing("markers", caption, f"{alt}.", frame, figures.draw_rhetoric)


def readability_frame(data: ReportData, thread: Thread) -> pl.DataFrame:
    """One row a text that can be graded: who (article or comment), number, metric, value."""
    metric = grade_metric(data, thread)
    rows: list[tuple[str, int | None, str, float]] = []
    if metric is not None:
        article = data.article_value(metric)
        if article is not None:
            rows.append(("article", None, metric, article))
        for row in thread.rows:
            value = row.number_of(READABILITY, metric)
            if value is not None:
                rows.append(("comment", row.number, metric, value))
    return pl.DataFrame(
        rows,
        schema={"text": pl.String, "number": pl.Int64, "metric": pl.String, "value": pl.Float64},
        orient="row",
    )


def _readability(data: ReportData, thread: Thread) -> Drawing | None:
    frame = readability_frame(data, thread)
    comments = frame.filter(pl.col("text") == "comment")
    if comments.is_empty() or frame.height < 2:
        return None
    grade = frame["metric"][0] == "flesch_kincaid_grade"
    scale = (
        "Flesch-Kincaid grade: years of US schooling that the text asks for"
        if grade
        else "LIX: a language-neutral index of how hard a text is to read"
    )
    caption = f"{scale}. "
    if comments.height == 1:
        caption += "The dot is the comment"
    elif comments.height > figures.MAX_DOTS:
        caption += f"The bars stack {comments.height:,} comments"
    else:
        caption += "Each dot is a comment"
    caption += "." if comments.height == frame.height else ", the line the article."
    alt = f"{scale}. " + ", ".join(
        f"{text} {number if number else ''} at {value:.1f}".replace("  ", " ")
        for text, number, _, value in frame.head(12).iter_rows()
    )
    if frame.height > 12:
        alt += f", and {frame.height - 12} more"
    return Drawing("readability", caption, f"{alt}.", frame, figures.draw_readability)


def toxicity_frame(thread: Thread) -> pl.DataFrame:
    """One row a comment and label: number, label, score."""
    rows = [
        (row.number, label, score)
        for label in thread.toxicity_labels
        for row in thread.rows
        if (score := row.number_of(TOXICITY, label)) is not None
    ]
    return pl.DataFrame(
        rows,
        schema={"number": pl.Int64, "label": pl.String, "score": pl.Float64},
        orient="row",
    )


def _toxicity(thread: Thread) -> Drawing | None:
    frame = toxicity_frame(thread)
    scored = frame["number"].n_unique()
    if scored < MIN_MARKS:
        return None
    caption = (
        f"Each mark is a comment’s estimated probability for one label; diamonds reach {TOXIC}. "
        "The highest of each label carries the comment’s number."
    )
    over = frame.filter(pl.col("score") >= TOXIC).group_by("label", maintain_order=True).len()
    said = ", ".join(f"{words_for(label)} {count}" for label, count in over.iter_rows())
    alt = f"Toxicity scores of {scored} comments by label; at or above {TOXIC}: {said or 'none'}."
    return Drawing("toxicity", caption, alt, frame, figures.draw_toxicity)
