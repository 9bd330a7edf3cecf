"""The figures of a report: a frame of plain columns in, a matplotlib Figure out.

``frames`` computes what is drawn; a function here draws it and nothing more,
so that the tests look at data and not at pixels.

Colours are Okabe and Ito's (2008), told apart by the colour-blind; shape says
the same once more, so that a grey print loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from toolkit.reporting.data import STANCE_LABELS, words_for
from toolkit.reporting.escape import plain, shorten
from toolkit.reporting.findings import GRADE_BANDS, LIX_BANDS, TOXIC, of
from toolkit.reporting.style import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    INK,
    MUTED,
    VERMILLION,
    WIDTH,
    place_axes,
    text_inches,
)

#: Most comments that the readability figure shows as a dot each.
MAX_DOTS: Final = 250

#: Colour, shape and filling by stance label.
LOOK: Final = {
    "agree": (BLUE, "o", True),
    "disagree": (VERMILLION, "D", True),
    "discuss": (GREY, "s", True),
    "unrelated": (GREY, "o", False),
    None: (GREY, "X", True),
}


def draw_overview(frame: pl.DataFrame) -> Figure:
    """Toxicity in the order of the page, small enough for the first one."""
    shown = frame.filter(pl.col("toxicity").is_not_null())
    figure = Figure(figsize=(WIDTH, 1.84))
    axes = place_axes(figure, bottom=0.46, height=1.12)
    top = _toxicity_axis(axes, shown)
    _marks(axes, shown, "number", "toxicity", _sizes(shown))
    _key(axes, shown, 1.13)
    axes.set_xlim(0.4, frame.height + 0.6)
    _number_axis(axes, frame.height)
    high = shown.filter(pl.col("toxicity") >= TOXIC).sort("toxicity", descending=True).head(6)
    taken: list[int] = []
    for number, score in high.select("number", "toxicity").iter_rows():
        if any(abs(number - other) < 0.035 * frame.height for other in taken):
            continue
        taken.append(number)
        axes.text(number, score - 0.09 * top, str(number), size=7, ha="center", va="top")
    return figure


def draw_glance(frame: pl.DataFrame) -> Figure:
    """Stance against toxicity, and under it the thread."""
    deepest = min(int(str(frame["depth"].max() or 0)), 12)
    lower = 0.34 + 0.11 * deepest
    height = 0.27 + 2.6 + 0.52 + lower + 0.45
    figure = Figure(figsize=(WIDTH, height))
    _draw_scatter(place_axes(figure, bottom=height - 2.87, height=2.6), frame)
    _draw_thread(place_axes(figure, bottom=0.45, height=lower), frame, deepest)
    return figure


def _sizes(frame: pl.DataFrame) -> list[float]:
    """Areas in points squared, in proportion to the words, smaller where there are many."""
    scale = 0.9 if frame.height <= 60 else 0.5 if frame.height <= 400 else 0.2
    least = 13.0 if frame.height <= 400 else 5.0
    return [min(max(least, scale * (words or 0)), 420.0) for words in frame["words"]]


def _marks(axes: Axes, frame: pl.DataFrame, x: str, y: str, sizes: Sequence[float]) -> None:
    alpha = 0.85 if frame.height <= 60 else 0.6 if frame.height <= 400 else 0.4
    labels = frame["label"].to_list()
    for label, (colour, shape, filled) in LOOK.items():
        chosen = [n for n, value in enumerate(labels) if value == label]
        if not chosen:
            continue
        axes.scatter(
            frame[x].gather(chosen).to_numpy(),
            frame[y].gather(chosen).to_numpy(),
            s=[sizes[n] for n in chosen],
            marker=shape,
            facecolor=colour if filled else "white",
            edgecolor="white" if filled else colour,
            linewidth=0.6,
            alpha=alpha,
            zorder=3,
            clip_on=False,
        )


def _toxicity_axis(axes: Axes, frame: pl.DataFrame) -> float:
    """The toxicity axis with the mark on it; its upper end."""
    top = max(0.62, min(1.04, float(str(frame["toxicity"].max())) + 0.08))
    axes.set_ylim(-0.03, top)
    axes.axhline(TOXIC, color=FAINT, linewidth=0.6, linestyle=(0, (4, 3)), zorder=0)
    axes.text(1, TOXIC + 0.01, f"mark {TOXIC}", ha="right", va="bottom", color=MUTED, size=7,
              transform=axes.get_yaxis_transform())  # fmt: skip
    ticks = [tick for tick in (0, 0.25, 0.5, 0.75, 1) if tick <= top]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_ylabel("toxicity")
    return top


def _number_axis(axes: Axes, count: int) -> None:
    steps = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)
    step = next((n for n in steps if count / n <= (25 if count < 500 else 12)), 10_000)
    ticks = sorted({1, *range(step, count + 1, step)})
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.set_xlabel("comment, in the order of the page")


def _draw_scatter(axes: Axes, frame: pl.DataFrame) -> None:
    shown = frame.filter(pl.col("alignment").is_not_null() & pl.col("toxicity").is_not_null())
    sizes = _sizes(shown)
    top = _toxicity_axis(axes, shown)
    axes.set_xlim(-1.08, 1.08)
    axes.axvline(0, color=FAINT, linewidth=0.6, zorder=0)
    _marks(axes, shown, "alignment", "toxicity", sizes)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["−1", "−0.5", "0", "0.5", "1"])
    axes.set_xlabel("←  disagrees with the claim        alignment        agrees  →")
    _key(axes, shown, 1.045)
    _number_marks(axes, shown, sizes, top)


def _key(axes: Axes, frame: pl.DataFrame, y: float) -> None:
    """Shapes by name, in one line above the marks."""
    there = set(frame["label"].to_list())
    names = [name for name in (*STANCE_LABELS, None) if name in there]
    if names == [None]:
        return
    x = 0.008
    for name in names:
        colour, shape, filled = LOOK[name]
        axes.scatter([x], [y], marker=shape, s=26, facecolor=colour if filled else "white",
                     edgecolor=colour, linewidth=0.8, transform=axes.transAxes,
                     clip_on=False)  # fmt: skip
        word = name or "no stance"
        axes.text(x + 0.014, y, word, transform=axes.transAxes, va="center_baseline", size=7.5,
                  color=colour if filled and colour != GREY else MUTED)  # fmt: skip
        x += 0.052 + 0.0088 * len(word)


def _number_marks(axes: Axes, frame: pl.DataFrame, sizes: Sequence[float], top: float) -> None:
    """Number the marks that stand out (all of few), beside them where there is room."""
    marks = [
        (row["number"], row["alignment"], row["toxicity"], size)
        for row, size in zip(frame.iter_rows(named=True), sizes, strict=True)
    ]
    marks.sort(key=lambda mark: (-mark[2], -abs(mark[1])))

    def half(size: float) -> tuple[float, float]:
        return (size**0.5) / 2 * 0.0042, (size**0.5) / 2 * 0.0056 * top

    # Boxes as (x, y, half width, half height): marks first, then the numbers that are set.
    taken = [(x, y, *half(size)) for _, x, y, size in marks]
    left = len(marks) if len(marks) <= 25 else 14
    for number, x, y, size in marks:
        if not left:
            break
        wide, tall = 0.009 + 0.012 * len(str(number)), 0.026 * top
        mark_wide, mark_tall = half(size)
        aside, above = mark_wide + wide + 0.006, mark_tall + tall + 0.004 * top
        spots = [(x + aside, y), (x - aside, y), (x, y + above), (x, y - above)]
        free = [
            (a, b)
            for a, b in spots
            if -1.06 < a < 1.06
            and not any(
                abs(a - c) < wide + w and abs(b - d) < tall + h for c, d, w, h in taken
            )
        ]  # fmt: skip
        if not free:
            continue
        taken.append((*free[0], wide, tall))
        axes.text(*free[0], str(number), size=7, color=INK, ha="center",
                  va="center_baseline", zorder=4)  # fmt: skip
        left -= 1


def _draw_thread(axes: Axes, frame: pl.DataFrame, deepest: int) -> None:
    shown = frame.with_columns(pl.col("depth").clip(upper_bound=deepest))
    depths = dict(shown.select("number", "depth").iter_rows())
    lines = [
        [(parent, depths[parent]), (parent, depth), (number, depth)]
        for number, parent, depth in shown.select("number", "parent", "depth").iter_rows()
        if parent is not None
    ]
    axes.add_collection(LineCollection(lines, colors=FAINT, linewidths=0.5, zorder=1))
    _marks(axes, shown, "number", "depth", [min(size, 120.0) * 0.5 for size in _sizes(shown)])
    axes.set_ylim(deepest + 0.6, -0.6)
    axes.set_xlim(0.4, max(frame.height, 2) + 0.6)
    axes.set_yticks([0, deepest] if deepest else [0], ["top", f"depth {deepest}"][: deepest + 1])
    _number_axis(axes, frame.height)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def draw_stance(frame: pl.DataFrame) -> Figure:
    """Bars by label, close calls pale at the end of each."""
    figure = Figure(figsize=(WIDTH, 0.25 * frame.height + 0.06))
    axes = place_axes(figure, bottom=0.03, height=0.25 * frame.height, left=0.68)
    total = int(frame["comments"].sum())
    for place, (label, count, close) in enumerate(frame.iter_rows()):
        colour, _, filled = LOOK[label]
        face = colour if filled else "white"
        axes.barh(place, count - close, color=face, edgecolor=colour, linewidth=0.8, height=0.62)
        axes.barh(place, close, left=count - close, color=face, edgecolor=colour, alpha=0.35,
                  linewidth=0.8, height=0.62)  # fmt: skip
    notes = [
        (of(count, total) if count else "none") + (f", {close:,} a close call" if close else "")
        for _, count, close in frame.iter_rows()
    ]
    _end_bars(axes, frame["comments"].to_list(), notes)
    _bare_bars(axes, frame["label"].to_list())
    return figure


def _end_bars(axes: Axes, lengths: Sequence[int], notes: Sequence[str]) -> None:
    """Write each bar's note behind its end, with room for the widest."""
    whole = axes.get_position().width * WIDTH
    scale = max(
        length / max(whole - text_inches(note) - 0.1, 1.0)
        for length, note in zip(lengths, notes, strict=True)
    )
    right = max(scale, max(lengths) / whole, 1e-9) * whole
    axes.set_xlim(0, right)
    for place, (length, note) in enumerate(zip(lengths, notes, strict=True)):
        axes.text(length + right * 0.009, place, note, va="center", color=MUTED, size=7.5)


def _bare_bars(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=8, labelcolor=INK)
    axes.set_xticks([])
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)


def draw_rhetoric(frame: pl.DataFrame) -> Figure:
    """Bars by category, the most frequent first."""
    names = [shorten(plain(name), 34) for name in frame["category"]]
    figure = Figure(figsize=(WIDTH, 0.2 * frame.height + 0.06))
    left = 0.2 + max(map(text_inches, names))
    axes = place_axes(figure, bottom=0.03, height=0.2 * frame.height, left=left)
    for place, (_, family, comments, _) in enumerate(frame.iter_rows()):
        [bar] = axes.barh(place, comments, height=0.55, linewidth=0.8, color=FAINT)
        if family == "critical":
            bar.set(facecolor=BLUE, edgecolor=BLUE)
        elif family == "constructive":
            bar.set(facecolor="white", edgecolor=GREEN, hatch="/////")
    notes = [
        f"{comments:,} comment{'' if comments == 1 else 's'}"
        + (f", {count:,} markers" if count != comments else "")
        for comments, count in frame.select("comments", "markers").iter_rows()
    ]
    _end_bars(axes, frame["comments"].to_list(), notes)
    _bare_bars(axes, names)
    return figure


def draw_readability(frame: pl.DataFrame) -> Figure:
    """All texts on one scale with named bands."""
    grade = frame["metric"][0] == "flesch_kincaid_grade"
    bands = GRADE_BANDS if grade else LIX_BANDS
    low, high = (0.0, 21.0) if grade else (10.0, 80.0)
    width = 0.5 if grade else 1.75
    article = frame.filter(pl.col("text") == "article")["value"].to_list()
    comments = frame.filter(pl.col("text") == "comment")
    stacks: dict[int, int] = {}
    places: list[tuple[float, int]] = []
    for value in comments["value"]:
        slot = int((min(max(value, low), high - width / 2) - low) // width)
        places.append((low + (slot + 0.5) * width, stacks.get(slot, 0)))
        stacks[slot] = stacks.get(slot, 0) + 1
    tallest = max(stacks.values(), default=1)
    few = comments.height <= 40
    step = 0.17 if few else min(0.1, 1.8 / tallest)
    tall = max(0.45, step * tallest + 0.1)
    figure = Figure(figsize=(WIDTH, 0.79 + tall))
    axes = place_axes(figure, bottom=0.46, height=tall, left=0.05)
    start = low
    for n, (end, name) in enumerate(bands):
        stop = min(end, high)
        if n % 2 == 0:
            axes.axvspan(start, stop, color="#f1f3f5", zorder=0, linewidth=0)
        axes.text((start + stop) / 2, tall + 0.06, name, ha="center", va="bottom",
                  color=MUTED, size=7.5)  # fmt: skip
        start = stop
    # The y axis counts inches, so that marks touch and never overlap.
    size = (min(step, 0.17) * 72 * 0.94) ** 2
    heights = [(place + 0.5) * step for _, place in places]
    if comments.height > MAX_DOTS:
        slots = [low + (slot + 0.5) * width for slot in stacks]
        bars = [count * step for count in stacks.values()]
        axes.bar(slots, bars, width=width * 0.86, color=BLUE, linewidth=0, zorder=3)
    else:
        axes.scatter([x for x, _ in places], heights, s=size, color=BLUE, linewidth=0, zorder=3)
    if few:
        for (x, _), y, number in zip(places, heights, comments["number"], strict=True):
            axes.text(x, y, str(number), ha="center", va="center_baseline", size=6,
                      color="white", zorder=4)  # fmt: skip
    axes.set_ylim(0, tall)
    for value in article:
        at = min(max(value, low), high)
        axes.axvline(at, color=INK, linewidth=1.4, zorder=2)
        right = at > (low + high) / 2
        axes.text(at + (-0.006 if right else 0.006) * (high - low), tall - 0.02,
                  f"article {value:.1f}", ha="right" if right else "left", va="top",
                  color=INK, size=7.5, zorder=5,
                  bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1})  # fmt: skip
    ticks = [end for end, _ in bands[:-1]]
    axes.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
    axes.set_xlim(low, high)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    beyond = sum(value < low or value > high for value in comments["value"])
    label = "Flesch-Kincaid grade" if grade else "LIX"
    if beyond:
        label += f"  ({beyond:,} beyond the ends of the scale stand at its ends)"
    axes.set_xlabel(label)
    return figure


def draw_toxicity(frame: pl.DataFrame) -> Figure:
    """A strip of marks for each label, with the count that reaches the mark."""
    labels = frame["label"].unique(maintain_order=True).to_list()
    figure = Figure(figsize=(WIDTH, 0.28 * len(labels) + 0.34))
    left = 0.2 + max(map(text_inches, labels))
    axes = place_axes(figure, bottom=0.28, height=0.28 * len(labels) + 0.03, left=left)
    total = frame["number"].n_unique()
    axes.axvline(TOXIC, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    small = total > 200
    for place, label in enumerate(labels):
        part = frame.filter(pl.col("label") == label).sort("score")
        over = part["score"] >= TOXIC
        for chosen, colour, shape, alpha in (
            (part.filter(~over), GREY, "o", 0.35 if small else 0.55),
            (part.filter(over), VERMILLION, "D", 0.8),
        ):
            # A fixed spread by the golden ratio parts marks of like score.
            spread = [((n * 0.618034) % 1 - 0.5) * 0.5 for n in chosen["number"]]
            axes.scatter(chosen["score"].to_numpy(), [place + step for step in spread],
                         s=6 if small else 16, marker=shape, color=colour, alpha=alpha,
                         linewidth=0, zorder=3)  # fmt: skip
        count = int(over.sum())
        axes.text(1.035, place, f"{count:,} of {total:,} ≥ {TOXIC}", va="center", size=7.5,
                  color=INK if count else MUTED, clip_on=False)  # fmt: skip
        number, _, score = part.row(part.height - 1)
        spot = ((number * 0.618034) % 1 - 0.5) * 0.5
        side = -0.012 if score > 0.9 else 0.012
        axes.text(score + side, place + spot, str(number), va="center_baseline", size=7,
                  ha="right" if side < 0 else "left", color=INK, zorder=4)  # fmt: skip
    axes.set_xlim(-0.015, 1.2)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    axes.spines["bottom"].set_bounds(0, 1)
    axes.set_yticks(range(len(labels)), [words_for(label) for label in labels])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=8, labelcolor=INK)
    axes.spines["left"].set_visible(False)
    return figure
