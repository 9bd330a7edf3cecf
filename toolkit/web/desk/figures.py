"""The figures of the statistics pages: a frame in, an SVG out, and its words for who cannot see it.

Each figure is drawn from a frame of ``moderation`` and nothing else, in light
and dark and for a wide and a narrow page. A table with the same numbers
belongs beside it. Colours are Okabe and Ito's (2008), and shape or line says
the same once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, Final, Literal

import polars as pl
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from toolkit.reporting.escape import plain, shorten
from toolkit.reporting.style import place_axes, styled, text_inches

Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of a theme and the width of a page, in inches."""

    ink: str
    muted: str
    faint: str
    paper: str
    blue: str
    vermillion: str
    green: str
    width: float


_COLOURS: Final = {
    "light": ("#1c2024", "#565e66", "#c9ced4", "#ffffff", "#0072b2", "#d55e00", "#00795a"),
    # The same hues, lighter, so that each keeps 3:1 on the dark ground.
    "dark": ("#e6e8ea", "#a5adb5", "#4a525a", "#1d2125", "#56b4e9", "#f0894a", "#3cc39f"),
}
WIDE: Final = 7.2
NARROW: Final = 3.7

Draw = Callable[[pl.DataFrame, Look], Figure]


def render(
    draw: Draw,
    frame: pl.DataFrame,
    *,
    title: str,
    theme: Theme = "light",
    narrow: bool = False,
) -> bytes:
    """The figure of ``frame`` as SVG, its letters as outlines; the same frame, the same bytes.

    Serve it with ``style-src 'unsafe-inline'`` in a policy of its own, and
    show it with ``<img alt>``: an image runs no script.
    """
    look = Look(*_COLOURS[theme], NARROW if narrow else WIDE)
    buffer = BytesIO()
    with styled(frame):
        rcParams.update(
            {
                "text.color": look.ink,
                "axes.edgecolor": look.muted,
                "axes.labelcolor": look.muted,
                "xtick.color": look.muted,
                "ytick.color": look.muted,
                "figure.facecolor": look.paper,
                "axes.facecolor": look.paper,
                "savefig.facecolor": look.paper,
            }
        )
        figure = draw(frame, look)
        figure.savefig(buffer, format="svg", metadata={"Title": title, "Date": None})
    return buffer.getvalue()


def draw_agreement(frame: pl.DataFrame, look: Look) -> Figure:
    """Alpha with its interval by label (``agreement.LABELS_SCHEMA``); behind, custom's marks."""
    names = [shorten(plain(name), 24) for name in frame["label"]]
    rows = max(len(names), 1)
    figure = Figure(figsize=(look.width, 0.28 * rows + 0.66))
    left = 0.2 + max((text_inches(name) for name in names), default=0.5)
    axes = place_axes(figure, bottom=0.5, height=0.28 * rows, left=left)
    known = frame.select("alpha", "lower", "upper").drop_nulls()
    low = min(-0.25, *(known["lower"].to_list() or [0.0]), *frame["alpha"].drop_nulls().to_list())
    axes.set_xlim(low - 0.03, 1.03)
    for mark in (0.0, 0.667, 0.8):
        axes.axvline(mark, color=look.faint, linewidth=0.8, zorder=0,
                     linestyle="-" if mark == 0 else (0, (4, 3)))  # fmt: skip
    for place, row in enumerate(frame.iter_rows(named=True)):
        if row["alpha"] is None:
            reason = (row["null_reason"] or "unknown").replace("_", " ")
            axes.text(0.01, place, reason, va="center", size=7.5, color=look.muted)
            continue
        if row["lower"] is not None:
            axes.plot([row["lower"], row["upper"]], [place, place], color=look.blue, linewidth=1.6,
                      solid_capstyle="butt")  # fmt: skip
        axes.plot([row["alpha"]], [place], "o", color=look.blue, markersize=5)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelcolor=look.ink)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("alpha: 0 is chance, 1 full agreement")
    return figure


def describe_agreement(frame: pl.DataFrame) -> str:
    """What the figure shows, in words."""
    known = frame.filter(pl.col("alpha").is_not_null()).sort("alpha", descending=True)
    if known.is_empty():
        return "No reason has enough double judgements for an alpha."
    best, worst = known.row(0, named=True), known.row(-1, named=True)
    said = f"Alpha is highest for {plain(best['label'])} ({best['alpha']:.2f})"
    if known.height > 1:
        said += f" and lowest for {plain(worst['label'])} ({worst['alpha']:.2f})"
    missing = frame.height - known.height
    return said + (f"; {missing} without a value." if missing else ".")


def draw_calibration(frame: pl.DataFrame, look: Look) -> Figure:
    """Share of findings against the score, for one group (``evaluation.CALIBRATION_SCHEMA``)."""
    side = min(look.width, 4.2)
    figure = Figure(figsize=(side, side))
    axes = place_axes(figure, bottom=0.5, height=side - 0.65)
    axes.plot([0, 1], [0, 1], color=look.faint, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    x, y = frame["mean_score"].to_list(), frame["positive"].to_list()
    bounds = frame.select("mean_score", "positive_lower", "positive_upper")
    for score, lower, upper in bounds.iter_rows():
        axes.plot([score, score], [lower, upper], color=look.blue, linewidth=1.2)
    axes.plot(x, y, "-o", color=look.blue, markersize=4, linewidth=0.8)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel("mean score")
    axes.set_ylabel("share that moderators found")
    return figure


def describe_calibration(frame: pl.DataFrame) -> str:
    """What the figure shows, in words."""
    if frame.is_empty():
        return "No comments were both scored and decided."
    gap = frame.with_columns(gap=pl.col("positive") - pl.col("mean_score"))
    row = gap.sort(pl.col("gap").abs(), descending=True).row(0, named=True)
    way = "more" if row["gap"] > 0 else "less"
    return (
        f"{frame['comments'].sum():,} comments in {frame.height} bins. The curve is furthest from "
        f"the diagonal at a mean score of {row['mean_score']:.2f}, where moderators found "
        f"{row['positive']:.0%}, {way} than the score says."
    )


def draw_precision_weeks(frame: pl.DataFrame, look: Look) -> Figure:
    """Precision with its interval by week, for one group (``drift.WEEKLY_SCHEMA``)."""
    figure = Figure(figsize=(look.width, 2.4))
    axes = place_axes(figure, bottom=0.5, height=1.8)
    known = frame.sort("week").with_row_index("place").drop_nulls("precision")
    for place, lower, upper in known.select(
        "place", "precision_lower", "precision_upper"
    ).iter_rows():
        axes.plot([place, place], [lower, upper], color=look.blue, linewidth=1.2)
    axes.plot(known["place"].to_list(), known["precision"].to_list(), "o", color=look.blue,
              markersize=4)  # fmt: skip
    axes.set_ylim(-0.02, 1.02)
    axes.set_ylabel("precision")
    _weeks(axes, frame["week"].sort().to_list(), look)
    return figure


def describe_precision_weeks(frame: pl.DataFrame) -> str:
    """What the figure shows, in words."""
    known = frame.drop_nulls("precision").sort("week")
    if known.is_empty():
        return "Nothing was flagged in any week."
    first, last = known.row(0, named=True), known.row(-1, named=True)
    return (
        f"Precision was {first['precision']:.2f} in the week from {first['week']} and "
        f"{last['precision']:.2f} in the week from {last['week']}; {known.height} weeks."
    )


def draw_drift(frame: pl.DataFrame, look: Look) -> Figure:
    """The index of each week, and what it stays under by chance (``drift.DRIFT_SCHEMA``)."""
    figure = Figure(figsize=(look.width, 2.4))
    axes = place_axes(figure, bottom=0.5, height=1.8)
    dated = frame.drop_nulls("week").sort("week").with_row_index("place")
    known = dated.drop_nulls("psi")
    axes.plot(known["place"].to_list(), known["psi_noise"].to_list(), color=look.muted, linewidth=1,
              linestyle=(0, (4, 3)))  # fmt: skip
    over = known["psi"] > known["psi_noise"]
    for part, colour, shape in (
        (known.filter(~over), look.blue, "o"),
        (known.filter(over), look.vermillion, "D"),
    ):
        axes.plot(part["place"].to_list(), part["psi"].to_list(), shape, color=colour, markersize=5)
    top = max([*known["psi"].to_list(), *known["psi_noise"].to_list(), 0.05])
    axes.set_ylim(0, top * 1.1)
    axes.set_ylabel("stability index")
    _weeks(axes, dated["week"].to_list(), look)
    return figure


def describe_drift(frame: pl.DataFrame) -> str:
    """What the figure shows, in words."""
    known = frame.drop_nulls(["week", "psi"])
    if known.is_empty():
        return "No week has enough scores beside its baseline."
    over = known.filter(pl.col("psi") > pl.col("psi_noise")).height
    return (
        f"{over} of {known.height} weeks differ from the first ones by more than chance would in "
        "95 of 100."
    )


def draw_thresholds(frame: pl.DataFrame, look: Look) -> Figure:
    """Precision, recall and reviews a day by threshold (``simulate.SIMULATION_SCHEMA``)."""
    figure = Figure(figsize=(look.width, 3.95))
    upper = place_axes(figure, bottom=1.75, height=1.9)
    lower = place_axes(figure, bottom=0.5, height=0.95)
    x = frame["threshold"].to_list()
    styles: dict[str, tuple[str, Any]] = {
        "precision": (look.blue, "-"),
        "recall": (look.vermillion, (0, (5, 2))),
    }
    for name, (colour, style) in styles.items():
        values = [float("nan") if value is None else value for value in frame[name]]
        upper.plot(x, values, color=colour, linestyle=style, linewidth=1.4, label=name)
    upper.legend(loc="lower center", frameon=False, ncols=2, labelcolor=look.ink, fontsize=8,
                 bbox_to_anchor=(0.5, 0.96))  # fmt: skip
    upper.set_ylim(-0.02, 1.02)
    upper.set_xticks([])
    cost = [float("nan") if value is None else value for value in frame["reviews_per_day"]]
    lower.plot(x, cost, color=look.green, linewidth=1.4)
    lower.set_ylim(bottom=0)
    lower.set_ylabel("comments a day")
    lower.set_xlabel("threshold")
    for axes in (upper, lower):
        axes.set_xlim(-0.01, 1.01)
    return figure


def describe_thresholds(frame: pl.DataFrame) -> str:
    """What the figure shows at 0.5, in words."""
    half = frame.filter((pl.col("threshold") - 0.5).abs() < 1e-9)
    if half.is_empty():
        return "No comments were both scored and decided."
    row = half.row(0, named=True)
    cost = row["reviews_per_day"]
    return (
        f"At 0.5, {row['caught']:,} of {row['caught'] + row['missed']:,} findings are caught and "
        f"{row['needless']:,} comments are flagged needlessly"
        + (f", {cost:,.1f} a day are flagged." if cost is not None else ".")
    )


def draw_times(frame: pl.DataFrame, look: Look) -> Figure:
    """How many decisions took how long, in doubling steps (``frames.DECISIONS_SCHEMA``)."""
    figure = Figure(figsize=(look.width, 2.2))
    axes = place_axes(figure, bottom=0.5, height=1.6)
    counts = time_bins(frame)
    places = range(counts.height)
    axes.bar(places, counts["decisions"].to_list(), color=look.blue, width=0.86)
    if look.width < WIDE:
        # Where the bins begin; their names would run into each other.
        axes.set_xticks([place - 0.5 for place in places], [str(n) for n in (0, *TIME_ENDS)])
    else:
        axes.set_xticks(places, counts["seconds"].to_list())
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("decisions")
    axes.set_xlabel("seconds from card to decision")
    return figure


#: Upper ends of the bins of time, in seconds.
TIME_ENDS: Final = (2, 4, 8, 16, 32, 64, 128)


def time_bins(frame: pl.DataFrame) -> pl.DataFrame:
    """Decisions by how long they took: ``seconds`` (the bin in words), ``decisions``."""
    values = frame["seconds"].drop_nulls()
    starts = (0, *TIME_ENDS)
    names = [f"{start}–{end}" for start, end in zip(starts, TIME_ENDS, strict=False)]
    names.append(f"{TIME_ENDS[-1]}+")
    counts = [
        values.filter((values >= start) & (values < end)).len()
        for start, end in zip(starts, (*TIME_ENDS, float("inf")), strict=True)
    ]
    return pl.DataFrame({"seconds": names, "decisions": counts})


def describe_times(frame: pl.DataFrame) -> str:
    """What the figure shows, in words."""
    values = frame["seconds"].drop_nulls()
    if values.is_empty():
        return "No decision was timed."
    half, most = (values.quantile(share, "linear") for share in (0.5, 0.9))
    return (
        f"{len(values):,} timed decisions; half took under {half:.1f} s, "
        f"nine in ten under {most:.1f} s."
    )


def _weeks(axes: Axes, weeks: list[date], look: Look) -> None:
    """Few enough dates under the places 0, 1, 2, …"""
    most = 3 if look.width < WIDE else 7
    step = max(1, -(-len(weeks) // most))
    places = range(0, len(weeks), step)
    axes.set_xticks(places, [weeks[place].isoformat() for place in places])
    axes.set_xlim(-0.6, max(len(weeks), 1) - 0.4)
    axes.set_xlabel("week from")
