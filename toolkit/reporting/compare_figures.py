"""The figures of a comparison: a frame in, a matplotlib Figure out."""

from __future__ import annotations

from typing import Final

import polars as pl
from matplotlib.figure import Figure

from toolkit.reporting.style import (
    BLUE,
    FAINT,
    INK,
    MUTED,
    VERMILLION,
    WIDTH,
    place_axes,
    text_inches,
)

#: Colour, shape and line of a side.
LOOK: Final = {"A": (BLUE, "o", "-"), "B": (VERMILLION, "D", (0, (4, 2)))}


def draw_shares(frame: pl.DataFrame) -> Figure:
    """Two marks with intervals in a row by measure, the difference in words beside them.

    ``name``, ``a``, ``a_low``, ``a_high``, ``b``, ``b_low``, ``b_high``, ``note``, ``clear``.
    """
    names = frame["name"].to_list()
    step = 0.36
    tall = step * len(names)
    figure = Figure(figsize=(WIDTH, tall + 0.66))
    left = 0.15 + max(map(text_inches, names))
    right = 0.15 + max(map(text_inches, frame["note"]))
    axes = place_axes(figure, bottom=0.44, height=tall, left=left, right=right)
    for place, row in enumerate(frame.iter_rows(named=True)):
        for side, offset in (("a", -0.16), ("b", 0.16)):
            colour, shape, _ = LOOK[side.upper()]
            at = place + offset
            axes.plot([row[f"{side}_low"], row[f"{side}_high"]], [at, at], color=colour,
                      linewidth=1.1, solid_capstyle="butt")  # fmt: skip
            axes.scatter([row[side]], [at], marker=shape, s=24, color=colour, linewidth=0,
                         zorder=3, clip_on=False)  # fmt: skip
            if place == 0:
                axes.text(row[f"{side}_high"], at, f"  {side.upper()}", size=8, color=colour,
                          va="center_baseline")  # fmt: skip
        axes.text(1.02, place, row["note"], size=7.5, color=INK if row["clear"] else MUTED,
                  va="center_baseline", transform=axes.get_yaxis_transform())  # fmt: skip
        if place:
            axes.axhline(place - 0.5, color=FAINT, linewidth=0.4, zorder=0)
    top = max(float(str(frame[name].max())) for name in ("a_high", "b_high"))
    top = min(1.0, top * 1.08 + 0.04)
    axes.set_xlim(0, top)
    step_ = next(n for n in (0.05, 0.1, 0.25) if top / n <= 5.5)
    ticks = [n * step_ for n in range(int(top / step_ + 1e-9) + 1)]
    axes.set_xticks(ticks, [f"{tick * 100:.0f} %" for tick in ticks])
    axes.set_xlabel("share of the comments")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=8, labelcolor=INK)
    axes.spines["left"].set_visible(False)
    return figure


def draw_spread(frame: pl.DataFrame) -> Figure:
    """Two histograms as outlines; ``side``, ``low``, ``high``, ``share``, ``axis``."""
    figure = Figure(figsize=(WIDTH, 1.79))
    axes = place_axes(figure, bottom=0.46, height=1.15)
    top = float(str(frame["share"].max()))
    peaks = []
    for side, (colour, _, line) in LOOK.items():
        part = frame.filter(pl.col("side") == side)
        edges = [*part["low"].to_list(), part["high"][-1]]
        axes.stairs(part["share"].to_numpy(), edges, color=colour, linewidth=1.5, linestyle=line,
                    baseline=None)  # fmt: skip
        peaks.append((side, colour, part))
    other = {"A": "B", "B": "A"}
    for side, colour, part in peaks:
        theirs = frame.filter(pl.col("side") == other[side])["share"].to_list()
        mine = part["share"].to_list()
        # Where the two lie furthest apart is the place to say which is which.
        place = max(range(len(mine)), key=lambda n: mine[n] - theirs[n])
        middle = (part["low"][place] + part["high"][place]) / 2
        axes.text(middle, mine[place] + 0.03 * top, side, color=colour, size=8.5, ha="center",
                  va="bottom")  # fmt: skip
    axes.set_ylim(0, top * 1.18)
    axes.set_xlim(float(str(frame["low"].min())), float(str(frame["high"].max())))
    step = next((n for n in (0.02, 0.05, 0.1, 0.25) if top / n <= 4), 0.25)
    ticks = [n * step for n in range(int(top / step) + 1)]
    axes.set_yticks(ticks, [f"{tick * 100:.0f} %" for tick in ticks])
    axes.set_xlabel(frame["axis"][0])
    return figure
