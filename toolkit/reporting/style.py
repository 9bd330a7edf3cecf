"""What all figures share: size, colours, fonts, and how one becomes a file."""

from __future__ import annotations

import logging
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from io import BytesIO
from typing import Final

import polars as pl
from matplotlib import font_manager, rc_context, rc_params_from_file, rcdefaults, rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from toolkit.reporting.fonts import families_for, font_set

#: Width of the text on the page, in inches (170 mm).
WIDTH: Final = 170 / 25.4

INK: Final = "#1d2329"
MUTED: Final = "#5b6570"
FAINT: Final = "#c9ced4"
BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
GREEN: Final = "#009E73"
GREY: Final = "#7f8790"

#: Signs that the figures' own labels hold, and what stands for a letter without a font.
_SIGNS: Final = "←→≥−‹›\ufffd"

_lock = threading.Lock()
_added: set[str] = set()


def render(draw: Callable[[pl.DataFrame], Figure], frame: pl.DataFrame, *, title: str) -> bytes:
    """The figure of ``frame`` as SVG, its letters as outlines: the same frame, the same bytes."""
    buffer = BytesIO()
    with styled(frame):
        draw(frame).savefig(buffer, format="svg", metadata={"Title": title, "Date": None})
    return buffer.getvalue()


@contextmanager
def styled(frame: pl.DataFrame) -> Iterator[None]:
    """Matplotlib with this package's style and the fonts that ``frame`` needs."""
    # matplotlib keeps its settings and its list of fonts in module globals; the
    # lock keeps two reports in one process from seeing each other's. It looks
    # through every family for every word, so only those that are needed are named.
    texts = frame.select(pl.col(pl.String)).iter_columns()
    names = "".join(text for column in texts for text in column.drop_nulls().unique())
    wanted = families_for(names + _SIGNS)
    with _lock:
        for face in font_set().faces:
            if face.family in wanted and str(face.file) not in _added:
                font_manager.fontManager.addfont(face.file)
                _added.add(str(face.file))
        with as_file(files("toolkit.reporting").joinpath("report.mplstyle")) as path:
            style = rc_params_from_file(path, use_default_template=False)
        style["font.family"] = wanted
        # A matplotlibrc of the user's must not change what a report looks like.
        with rc_context(), _quiet():
            rcdefaults()
            rcParams.update(style)
            yield


@contextmanager
def _quiet() -> Iterator[None]:
    """A font that comes in one weight is no news to whoever asked for a report."""
    logger = logging.getLogger("matplotlib.font_manager")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def place_axes(
    figure: Figure, *, bottom: float, height: float, left: float = 0.56, right: float = 0.12
) -> Axes:
    """Axes at a place in inches: laying out by measuring the text costs more than drawing it."""
    width, full = figure.get_size_inches()
    return figure.add_axes(
        (left / width, bottom / full, (width - left - right) / width, height / full)
    )


def text_inches(text: str) -> float:
    """About how wide a text of 8 points is."""
    return 0.062 * sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
