"""The figures of a corpus and of a comparison: a frame in, a matplotlib Figure out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from toolkit.reporting.corpus_findings import MONTHS
from toolkit.reporting.escape import plain, shorten
from toolkit.reporting.findings import GRADE_BANDS, LIX_BANDS, TOXIC
from toolkit.reporting.style import (
    BLUE,
    FAINT,
    GREY,
    INK,
    MUTED,
    VERMILLION,
    WIDTH,
    place_axes,
    text_inches,
)

#: Letters of a name beside a bar.
NAME: Final = 46
#: Panels in a row of small figures.
_ACROSS: Final = 3
_PALE: Final = "#e4e8ec"


def draw_volume(frame: pl.DataFrame) -> Figure:
    """Comments by period; ``start``, ``comments``, ``unit``."""
    figure = Figure(figsize=(WIDTH, 1.85))
    axes = place_axes(figure, bottom=0.34, height=1.2)
    places = range(frame.height)
    counts = frame["comments"].to_list()
    axes.bar(places, counts, width=0.82, color=BLUE, linewidth=0)
    unit = frame["unit"][0]
    _count_axis(axes, max(counts))
    axes.set_xlim(-0.7, frame.height - 0.3)
    starts: list[date] = frame["start"].to_list()
    ticks = _period_ticks(starts, unit)
    axes.set_xticks([place for place, _ in ticks], [said for _, said in ticks])
    axes.tick_params(axis="x", length=0)
    peak = counts.index(max(counts))
    axes.text(peak, counts[peak] * 1.03, f"{counts[peak]:,}", ha="center", va="bottom", size=7,
              color=INK)  # fmt: skip
    axes.set_ylabel(f"comments a {unit}")
    return figure


def _period_ticks(starts: Sequence[date], unit: str) -> list[tuple[int, str]]:
    """At most a dozen dates, the year where it changes."""
    step = max(1, -(-len(starts) // 10))
    found = []
    year = None
    for place in range(0, len(starts), step):
        day = starts[place]
        if unit in ("day", "week"):
            said = f"{day.day} {MONTHS[day.month - 1][:3]}"
        elif unit in ("month", "quarter"):
            said = MONTHS[day.month - 1][:3]
        else:
            said = str(day.year)
        if unit in ("day", "week", "month", "quarter") and day.year != year:
            said += f"\n{day.year}"
        year = day.year
        found.append((place, said))
    return found


def _count_axis(axes: Axes, top: int) -> None:
    axes.set_ylim(0, top * 1.02)
    # Two round ticks are enough to read a bar against.
    step = 10 ** (len(str(top)) - 1)
    if top // step < 2:
        step //= 2
    elif top // step >= 5:
        step *= 2
    ticks = list(range(0, top + 1, max(1, step)))
    axes.set_yticks(ticks, [f"{tick:,}" for tick in ticks])


def draw_panels(frame: pl.DataFrame) -> Figure:
    """Small histograms of scores in [0, 1] side by side, counts on a logarithmic scale.

    ``title``, ``low``, ``high``, ``count``, ``over`` (at or above the mark), ``total``.
    """
    titles = frame["title"].unique(maintain_order=True).to_list()
    down = -(-len(titles) // _ACROSS)
    tall, gap = 0.78, 0.62
    figure = Figure(figsize=(WIDTH, down * (tall + gap) + 0.04))
    left, between = 0.42, 0.3
    wide = (WIDTH - left - 0.1 - between * (_ACROSS - 1)) / _ACROSS
    top = max(*frame["count"].to_list(), 10)
    for place, title in enumerate(titles):
        part = frame.filter(pl.col("title") == title)
        row, column = divmod(place, _ACROSS)
        bottom = 0.26 + (down - 1 - row) * (tall + gap)
        start = left + column * (wide + between)
        axes = place_axes(figure, bottom=bottom, height=tall, left=start,
                          right=WIDTH - start - wide)  # fmt: skip
        over = part["low"] >= TOXIC - 1e-9
        for chosen, colour in ((part.filter(~over), GREY), (part.filter(over), VERMILLION)):
            axes.bar(chosen["low"].to_numpy(), chosen["count"].to_numpy(),
                     width=(chosen["high"] - chosen["low"]).to_numpy() * 0.92, align="edge",
                     color=colour, linewidth=0)  # fmt: skip
        axes.set_yscale("log")
        axes.set_ylim(0.7, top * 1.6)
        axes.set_xlim(0, 1)
        axes.axvline(TOXIC, color=FAINT, linewidth=0.7, linestyle=(0, (4, 3)), zorder=0)
        axes.set_xticks([0, 0.5, 1], ["0", f"{TOXIC}", "1"])
        axes.minorticks_off()
        ticks = [10**n for n in range(0, len(str(top)), 2 if len(str(top)) > 4 else 1)]
        axes.set_yticks(ticks, [f"{tick:,}" for tick in ticks] if column == 0 else [])
        axes.tick_params(labelsize=7)
        axes.text(0, 1.2, title, transform=axes.transAxes, size=8, color=INK, va="bottom")
        count, total = part["over"][0], part["total"][0]
        axes.text(0, 1.05, f"{count:,} of {total:,} ≥ {TOXIC}", transform=axes.transAxes,
                  size=7, color=VERMILLION if count else MUTED, va="bottom")  # fmt: skip
    return figure


def draw_grades(frame: pl.DataFrame) -> Figure:
    """Comments by readability on a scale with named bands.

    ``metric``, ``low``, ``high``, ``count``; the first and last bin hold what lies beyond.
    """
    grade = frame["metric"][0] == "flesch_kincaid_grade"
    bands = GRADE_BANDS if grade else LIX_BANDS
    low, high = float(frame["low"][0]), float(frame["high"][-1])
    figure = Figure(figsize=(WIDTH, 1.79))
    axes = place_axes(figure, bottom=0.46, height=1.08)
    start = low
    for n, (end, name) in enumerate(bands):
        stop = min(end, high)
        if n % 2 == 0:
            axes.axvspan(start, stop, color="#f1f3f5", zorder=0, linewidth=0)
        if stop > start:
            axes.text((start + stop) / 2, 1.03, name, ha="center", va="bottom", color=MUTED,
                      size=7.5, transform=axes.get_xaxis_transform())  # fmt: skip
        start = max(stop, low)
    axes.bar(frame["low"].to_numpy(), frame["count"].to_numpy(), align="edge", color=BLUE,
             width=(frame["high"] - frame["low"]).to_numpy() * 0.9, linewidth=0)  # fmt: skip
    _count_axis(axes, max(*frame["count"].to_list(), 1))
    axes.set_ylabel("comments")
    axes.set_xlim(low, high)
    ticks = [end for end, _ in bands[:-1]]
    axes.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
    axes.set_xlabel("Flesch-Kincaid grade" if grade else "LIX")
    return figure


def _named_axes(names: Sequence[str], *, step: float, right: float) -> tuple[Figure, Axes]:
    """A figure of rows, their names on the left."""
    tall = step * len(names)
    figure = Figure(figsize=(WIDTH, tall + 0.66))
    left = 0.1 + min(2.75, max(map(text_inches, names)))
    axes = place_axes(figure, bottom=0.44, height=tall, left=left, right=right)
    axes.set_yticks([])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.spines["left"].set_visible(False)
    start = -(left - 0.02) / (WIDTH - left - right)
    for place, name in enumerate(names):
        axes.text(start, place, name, size=8, color=INK, va="center_baseline",
                  transform=axes.get_yaxis_transform())  # fmt: skip
    return figure, axes


def label_names(frame: pl.DataFrame) -> list[str]:
    """Names as they stand beside a mark: on one line, short, with their place in the list."""
    names = (shorten(plain(name), NAME) for name in frame["name"])
    return [f"{place}  {name}" for place, name in enumerate(names, start=1)]


def draw_divided(frame: pl.DataFrame) -> Figure:
    """Whole bars by article: who disagrees, takes no side, agrees.

    ``name``, ``disagree``, ``neither``, ``agree``.
    """
    figure, axes = _named_axes(label_names(frame), step=0.27, right=0.12)
    rows = frame.select("disagree", "neither", "agree").iter_rows()
    for place, counts in enumerate(rows):
        total, start = sum(counts), 0.0
        for count, face, ink in zip(
            counts, (VERMILLION, _PALE, BLUE), ("white", INK, "white"), strict=True
        ):
            share = count / total
            axes.barh(place, share, left=start, height=0.66, color=face, linewidth=0)
            if share > 0.05:
                axes.text(start + share / 2, place, f"{count:,}", ha="center",
                          va="center_baseline", size=7, color=ink)  # fmt: skip
            start += share
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], ["0", "half of the judged comments", "all"])
    first = next(frame.select("disagree", "neither", "agree").iter_rows())
    shares = [count / sum(first) for count in first]
    spots = [0.0, shares[0] + shares[1] / 2, 1.0]
    for at, said, colour, side in zip(
        spots,
        ("disagree", "no side", "agree"),
        (VERMILLION, MUTED, BLUE),
        ("left", "center", "right"),
        strict=True,
    ):
        axes.text(at, -0.52, said, size=7.5, color=colour, ha=side, va="bottom")
    return figure


def draw_threads(frame: pl.DataFrame) -> Figure:
    """Shares with their intervals, filled where they lie clearly above the corpus's.

    ``name``, ``share``, ``low``, ``high``, ``clear``, ``count``, ``total``, ``base``, ``kind``.
    """
    figure, axes = _named_axes(label_names(frame), step=0.24, right=1.0)
    colour = VERMILLION if frame["kind"][0] == "toxic" else BLUE
    base = frame["base"][0]
    axes.axvline(base, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    axes.text(base, -0.55, "all comments", ha="left" if base < 0.5 else "right", va="bottom",
              size=7, color=MUTED)  # fmt: skip
    columns = ("share", "low", "high", "clear", "count", "total")
    for place, (share, low, high, clear, count, total) in enumerate(
        frame.select(columns).iter_rows()
    ):
        axes.plot([low, high], [place, place], color=colour, linewidth=1.1, solid_capstyle="butt")
        axes.scatter([share], [place], s=24, facecolor=colour if clear else "white",
                     edgecolor=colour, linewidth=1, zorder=3, clip_on=False)  # fmt: skip
        axes.text(1.03, place, f"{count:,} of {total:,}", size=7.5, color=MUTED,
                  va="center_baseline", clip_on=False)  # fmt: skip
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel("share of the thread’s comments, with 95 % interval")
    return figure
