"""The figures of a report: a frame of plain columns in, a matplotlib Figure out.

``*_frame`` computes what is drawn and ``draw_*`` draws it and nothing more, so
that the tests look at data and not at pixels. Each figure has a smallest
number of marks below which the report uses a sentence in its place.

Colours are Okabe and Ito's (2008), told apart by the colour-blind; shape says
the same once more, so that a grey print loses nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from io import BytesIO
from typing import Any, Final

import polars as pl
from matplotlib import font_manager, rc_context, rc_params_from_file
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from toolkit.reporting.data import READABILITY, STANCE, STANCE_LABELS, TOXICITY, ReportData, Thread
from toolkit.reporting.findings import (
    GRADE_BANDS,
    LIX_BANDS,
    TOXIC,
    band,
    grade_metric,
    is_uncertain,
    markers,
    of,
    words_for,
)
from toolkit.reporting.fonts import font_set

#: Width of the text on the page, in inches (170 mm).
WIDTH: Final = 170 / 25.4
#: Pixels per inch of the PNG files: twice a screen's 96.
PNG_DPI: Final = 192
#: Fewest marks that make a figure of the whole discussion, of stance, of toxicity.
MIN_MARKS: Final = 3
#: Fewest comments with markers that make a figure of categories.
MIN_CATEGORIES: Final = 2

INK: Final = "#1d2329"
MUTED: Final = "#5b6570"
FAINT: Final = "#c9ced4"
BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
GREY: Final = "#7f8790"

#: Colour, shape and filling by stance label.
LOOK: Final = {
    "agree": (BLUE, "o", True),
    "disagree": (VERMILLION, "D", True),
    "discuss": (GREY, "s", True),
    "unrelated": (GREY, "o", False),
    None: (GREY, "X", True),
}

_lock = threading.Lock()
_added: set[str] = set()


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with what stands under it and what is read out in its place."""

    name: str
    caption: str
    #: Says in words what the figure shows; for those who do not see it.
    alt: str
    frame: pl.DataFrame
    draw: Callable[[pl.DataFrame], Figure]

    def render(self, *formats: str) -> dict[str, bytes]:
        """The figure as ``svg`` or ``png`` (2x) bytes, the same bytes for the same frame."""
        found: dict[str, bytes] = {}
        with _style():
            figure = self.draw(self.frame)
            FigureCanvasAgg(figure)
            for kind in formats:
                buffer = BytesIO()
                metadata: dict[str, Any] = {"Title": self.name}
                metadata |= {"Date": None} if kind == "svg" else {"Description": self.alt}
                figure.savefig(buffer, format=kind, dpi=PNG_DPI, metadata=metadata)
                found[kind] = buffer.getvalue()
        return found


@contextmanager
def _style() -> Iterator[None]:
    # matplotlib keeps its settings and its list of fonts in module globals; the
    # lock keeps two reports in one process from seeing each other's.
    with _lock:
        for face in font_set().faces:
            if str(face.file) not in _added:
                font_manager.fontManager.addfont(face.file)
                _added.add(str(face.file))
        with as_file(files("toolkit.reporting").joinpath("report.mplstyle")) as path:
            style = rc_params_from_file(path, use_default_template=False)
        names = set(font_set().families())
        style["font.family"] = [name for name in style["font.family"] if name in names]
        with rc_context(style):
            yield


def drawings(data: ReportData, thread: Thread) -> list[Drawing]:
    """The figures that have enough to show, in the order of the report."""
    made = (
        _glance(thread),
        _stance(thread),
        _rhetoric(thread),
        _readability(data, thread),
        _toxicity(thread),
    )
    return [drawing for drawing in made if drawing is not None]


# The discussion at a glance -------------------------------------------------


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
    return Drawing("discussion", caption, alt, frame, draw_glance)


def draw_glance(frame: pl.DataFrame) -> Figure:
    """Stance against toxicity, and under it the thread."""
    deepest = min(int(str(frame["depth"].max() or 0)), 12)
    lower = 0.55 + 0.09 * deepest
    figure = Figure(figsize=(WIDTH, 3.3 + lower + 0.5), layout="constrained")
    upper, thread = figure.subplots(2, 1, height_ratios=[3.3, lower])
    _draw_scatter(upper, frame)
    _draw_thread(thread, frame, deepest)
    return figure


def _sizes(frame: pl.DataFrame) -> list[float]:
    """Areas in points squared, in proportion to the words, smaller where there are many."""
    scale = 0.9 if frame.height <= 60 else 0.5 if frame.height <= 400 else 0.2
    return [min(max(8.0, scale * (words or 0)), 420.0) for words in frame["words"]]


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
        )


def _draw_scatter(axes: Axes, frame: pl.DataFrame) -> None:
    shown = frame.filter(pl.col("alignment").is_not_null() & pl.col("toxicity").is_not_null())
    sizes = _sizes(shown)
    top = max(0.62, min(1.02, float(str(shown["toxicity"].max())) + 0.08))
    axes.set_xlim(-1.08, 1.08)
    axes.set_ylim(-0.03, top)
    axes.axvline(0, color=FAINT, linewidth=0.6, zorder=0)
    axes.axhline(TOXIC, color=FAINT, linewidth=0.6, linestyle=(0, (4, 3)), zorder=0)
    axes.text(1.08, TOXIC + 0.008, f"mark {TOXIC}", ha="right", va="bottom", color=MUTED, size=7)
    _marks(axes, shown, "alignment", "toxicity", sizes)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["−1", "−0.5", "0", "0.5", "1"])
    axes.set_ylabel("toxicity")
    axes.set_xlabel("←  disagrees with the claim        alignment        agrees  →")
    _key(axes, shown)
    _number_marks(axes, shown, sizes, top)


def _key(axes: Axes, frame: pl.DataFrame) -> None:
    """Shapes by name, in one line above the marks."""
    there = set(frame["label"].to_list())
    names = [name for name in (*STANCE_LABELS, None) if name in there]
    for place, name in enumerate(names):
        colour, shape, filled = LOOK[name]
        x = place * 0.145
        axes.scatter(
            [x + 0.008],
            [1.045],
            marker=shape,
            s=26,
            facecolor=colour if filled else "white",
            edgecolor=colour,
            linewidth=0.8,
            transform=axes.transAxes,
            clip_on=False,
        )
        axes.text(
            x + 0.024, 1.045, name or "no stance", transform=axes.transAxes, va="center",
            color=colour if filled and colour != GREY else MUTED, size=7.5,
        )  # fmt: skip


def _number_marks(axes: Axes, frame: pl.DataFrame, sizes: Sequence[float], top: float) -> None:
    """Number the marks that stand out (all of few), where numbers do not collide."""
    rows = list(zip(frame.iter_rows(named=True), sizes, strict=True))
    rows.sort(key=lambda item: (-item[0]["toxicity"], -abs(item[0]["alignment"])))
    budget = len(rows) if len(rows) <= 25 else 14
    taken: list[tuple[float, float]] = []
    width, height = 0.07, 0.05 * top
    for row, size in rows:
        if budget == 0:
            break
        offset = (size**0.5) / 2 * 0.0042 + 0.012
        x, y = row["alignment"] + offset, row["toxicity"]
        if x > 1.0:
            x = row["alignment"] - offset - 0.045
        if any(abs(x - a) < width and abs(y - b) < height for a, b in taken):
            continue
        taken.append((x, y))
        axes.text(x, y, str(row["number"]), size=7, color=INK, va="center", zorder=4)
        budget -= 1


def _draw_thread(axes: Axes, frame: pl.DataFrame, deepest: int) -> None:
    place = {number: (number, min(depth, deepest)) for number, depth in
             zip(frame["number"], frame["depth"], strict=True)}  # fmt: skip
    for number, parent in zip(frame["number"], frame["parent"], strict=True):
        if parent is not None:
            (x0, y0), (x1, y1) = place[parent], place[number]
            axes.plot([x0, x0, x1], [y0, y1, y1], color=FAINT, linewidth=0.5, zorder=1)
    shown = frame.with_columns(pl.col("depth").clip(upper_bound=deepest))
    sizes = [min(size, 120.0) * 0.5 for size in _sizes(shown)]
    _marks(axes, shown, "number", "depth", sizes)
    axes.set_ylim(deepest + 0.6, -0.6)
    axes.set_xlim(0.4, max(frame.height, 2) + 0.6)
    axes.set_yticks([0, deepest] if deepest else [0], ["top", f"reply {deepest}"][: deepest + 1]
                    if deepest <= 1 else ["top", f"depth {deepest}"])  # fmt: skip
    step = next(
        n for n in (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 10**9) if frame.height / n <= 25
    )
    ticks = sorted({1, *range(step, frame.height + 1, step)})
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("comment, in the order of the page")


# Stance ---------------------------------------------------------------------


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
    return Drawing("stance", caption, f"{alt}.", frame, draw_stance)


def draw_stance(frame: pl.DataFrame) -> Figure:
    """Bars by label, close calls pale at the end of each."""
    figure = Figure(figsize=(WIDTH, 0.27 * frame.height + 0.12), layout="constrained")
    axes = figure.subplots()
    total = int(frame["comments"].sum())
    most = max(1, int(str(frame["comments"].max())))
    for place, (label, count, close) in enumerate(frame.iter_rows()):
        colour, _, filled = LOOK[label]
        face = colour if filled else "white"
        axes.barh(place, count - close, color=face, edgecolor=colour, linewidth=0.8, height=0.62)
        axes.barh(place, close, left=count - close, color=face, edgecolor=colour, alpha=0.35,
                  linewidth=0.8, height=0.62)  # fmt: skip
        text = of(count, total) if count else "none"
        if close:
            text += f", {close:,} a close call"
        axes.text(count + most * 0.012, place, text, va="center", color=MUTED, size=7.5)
    axes.set_xlim(0, most * 1.45)
    _bare_bars(axes, frame["label"].to_list())
    return figure


def _bare_bars(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=8, labelcolor=INK)
    axes.set_xticks([])
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)


# Rhetoric -------------------------------------------------------------------


def rhetoric_frame(thread: Thread) -> pl.DataFrame:
    """One row a category that occurs: comments with it, and markers in all."""
    found = markers(thread)
    rows = [
        (words_for(name), len({row.number for row, _ in items}), len(items))
        for name, items in found.items()
    ]
    rows.sort(key=lambda item: (-item[1], -item[2], item[0]))
    return pl.DataFrame(
        rows,
        schema={"category": pl.String, "comments": pl.Int64, "markers": pl.Int64},
        orient="row",
    )


def _rhetoric(thread: Thread) -> Drawing | None:
    frame = rhetoric_frame(thread)
    if frame.height < MIN_CATEGORIES or len(thread.rows) < MIN_MARKS:
        return None
    total = len(thread.rows)
    caption = f"Comments, of {total:,}, in which a category of markers occurs."
    alt = "Bars of comments by category of marker: " + ", ".join(
        f"{name} {count}" for name, count, _ in frame.iter_rows()
    )
    return Drawing("markers", caption, f"{alt}.", frame, draw_rhetoric)


def draw_rhetoric(frame: pl.DataFrame) -> Figure:
    """Bars by category, the most frequent first."""
    figure = Figure(figsize=(WIDTH, 0.22 * frame.height + 0.12), layout="constrained")
    axes = figure.subplots()
    most = max(1, int(str(frame["comments"].max())))
    for place, (_, comments, count) in enumerate(frame.iter_rows()):
        axes.barh(place, comments, color=BLUE, height=0.55)
        text = f"{comments:,} comment{'' if comments == 1 else 's'}"
        if count != comments:
            text += f", {count:,} markers"
        axes.text(comments + most * 0.012, place, text, va="center", color=MUTED, size=7.5)
    axes.set_xlim(0, most * 1.4)
    _bare_bars(axes, frame["category"].to_list())
    return figure


# Readability ----------------------------------------------------------------


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
    caption += "The dot is the comment" if comments.height == 1 else "Each dot is a comment"
    caption += "." if comments.height == frame.height else ", the line the article."
    alt = f"{scale}. " + ", ".join(
        f"{text} {number if number else ''} at {value:.1f}".replace("  ", " ")
        for text, number, _, value in frame.head(12).iter_rows()
    )
    if frame.height > 12:
        alt += f", and {frame.height - 12} more"
    return Drawing("readability", caption, f"{alt}.", frame, draw_readability)


def draw_readability(frame: pl.DataFrame) -> Figure:
    """All texts on one scale with named bands."""
    grade = frame["metric"][0] == "flesch_kincaid_grade"
    bands = GRADE_BANDS if grade else LIX_BANDS
    low, high = (0.0, 21.0) if grade else (15.0, 75.0)
    width = 0.5 if grade else 1.5
    article = frame.filter(pl.col("text") == "article")["value"].to_list()
    comments = frame.filter(pl.col("text") == "comment")
    inside = [min(max(value, low), high) for value in comments["value"]]
    stacks: dict[int, int] = {}
    places: list[tuple[float, int]] = []
    for value in inside:
        slot = int((value - low) // width)
        places.append(
            (low + (slot + 0.5) * width if len(inside) > 12 else value, stacks.get(slot, 0))
        )
        stacks[slot] = stacks.get(slot, 0) + 1
    tallest = max(stacks.values(), default=1)
    figure = Figure(figsize=(WIDTH, 1.15 + min(1.6, 0.11 * tallest)), layout="constrained")
    axes = figure.subplots()
    start = low
    for n, (end, name) in enumerate(bands):
        stop = min(end, high)
        if n % 2 == 0:
            axes.axvspan(start, stop, color="#f1f3f5", zorder=0, linewidth=0)
        axes.text((start + stop) / 2, 1.03, name, transform=axes.get_xaxis_transform(),
                  ha="center", va="bottom", color=MUTED, size=7.5)  # fmt: skip
        start = stop
    size = 34 if tallest <= 8 else max(3.0, 34 * 8 / tallest)
    axes.scatter([x for x, _ in places], [y for _, y in places], s=size, color=BLUE,
                 edgecolor="white", linewidth=0.5, zorder=3, clip_on=False)  # fmt: skip
    if len(inside) <= 12:
        for (x, y), number in zip(places, comments["number"], strict=True):
            axes.text(x, y + 0.42, str(number), ha="center", va="bottom", size=7, color=INK)
    top = max(2.4, tallest + 0.6)
    axes.set_ylim(-0.7, top)
    for value in article:
        at = min(max(value, low), high)
        axes.axvline(at, color=INK, linewidth=1.4, zorder=2)
        right = at > (low + high) / 2
        axes.text(at + (-0.006 if right else 0.006) * (high - low), top * 0.93,
                  f"article {value:.1f}", ha="right" if right else "left", va="top",
                  color=INK, size=7.5)  # fmt: skip
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


# Toxicity -------------------------------------------------------------------


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
    return Drawing("toxicity", caption, alt, frame, draw_toxicity)


def draw_toxicity(frame: pl.DataFrame) -> Figure:
    """A strip of marks for each label, with the count that reaches the mark."""
    labels = frame["label"].unique(maintain_order=True).to_list()
    figure = Figure(figsize=(WIDTH, 0.3 * len(labels) + 0.45), layout="constrained")
    axes = figure.subplots()
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
        axes.text(
            score + 0.012, place + spot, str(number), va="center", size=7, color=INK, zorder=4
        )
    axes.set_xlim(-0.015, 1.2)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    axes.spines["bottom"].set_bounds(0, 1)
    axes.set_yticks(range(len(labels)), [words_for(label) for label in labels])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=8, labelcolor=INK)
    axes.spines["left"].set_visible(False)
    return figure


def band_of(metric: str, value: float) -> str:
    """The band's name for a value of the readability scale in use."""
    return band(value, GRADE_BANDS if metric == "flesch_kincaid_grade" else LIX_BANDS)
