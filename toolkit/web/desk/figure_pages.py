"""The statistics pages' figures as images: what is drawn, for which theme and width."""

from __future__ import annotations

from typing import Final, Literal

import polars as pl
from fastapi import APIRouter, HTTPException, Query, Request, Response

from toolkit.moderation import frames
from toolkit.moderation.simulate import simulate_thresholds
from toolkit.moderation.statistics import judged_rows
from toolkit.web.desk import figures
from toolkit.web.desk.session import Me, needs, store_of
from toolkit.web.desk.stats_pages import kept_figures

routes = APIRouter()

#: Name in the address -> how it is drawn, and its words.
DRAWN: Final = {
    "agreement": (figures.draw_agreement, figures.describe_agreement),
    "calibration": (figures.draw_calibration, figures.describe_calibration),
    "weeks": (figures.draw_precision_weeks, figures.describe_precision_weeks),
    "drift": (figures.draw_drift, figures.describe_drift),
    "thresholds": (figures.draw_thresholds, figures.describe_thresholds),
    "times": (figures.draw_times, figures.describe_times),
}


@routes.get("/stats/figure/{name}.svg", dependencies=[needs("stats")])
def figure(
    request: Request,
    me: Me,  # noqa: ARG001 - needs the session
    name: str,
    attribute: str = "toxicity__toxicity",
    threshold: float = Query(0.5, ge=0, le=1),
    theme: Literal["light", "dark"] = "light",
    narrow: bool = False,
) -> Response:
    """One figure as SVG."""
    if name not in DRAWN:
        raise HTTPException(404, "There is no such figure.")
    frame = figure_frame(request, name, attribute=attribute, threshold=threshold)
    svg = figures.render(DRAWN[name][0], frame, title=name, theme=theme, narrow=narrow)
    return Response(svg, media_type="image/svg+xml")


@routes.get("/stats/figure/{name}.txt", dependencies=[needs("stats")])
def words(
    request: Request,
    me: Me,  # noqa: ARG001 - needs the session
    name: str,
    attribute: str = "toxicity__toxicity",
    threshold: float = Query(0.5, ge=0, le=1),
) -> Response:
    """What the figure shows, in words."""
    if name not in DRAWN:
        raise HTTPException(404, "There is no such figure.")
    frame = figure_frame(request, name, attribute=attribute, threshold=threshold)
    return Response(DRAWN[name][1](frame), media_type="text/plain; charset=utf-8")


def figure_frame(request: Request, name: str, *, attribute: str, threshold: float) -> pl.DataFrame:
    """What a figure is drawn from; see :func:`one_group`."""
    store = store_of(request)
    if name == "times":
        return frames.decisions(store)
    found = kept_figures(request, threshold)
    if name == "agreement":
        return found.agreement_by_reason
    if name == "thresholds":
        rows = judged_rows(frames.decisions(store), frames.scores(store, [attribute]))
        return one_group(simulate_thresholds(rows), attribute)
    frame = {
        "calibration": found.calibration_curve,
        "weeks": found.precision_by_week,
        "drift": found.score_drift,
    }[name]
    return one_group(frame, attribute)


def one_group(frame: pl.DataFrame, attribute: str) -> pl.DataFrame:
    """The rows of one attribute, model version and selection: curves of two are never joined.

    The version that sorts last; of it the random sample, else what the queue chose.
    """
    part = frame.filter(pl.col("attribute") == attribute)
    for column in ("model_version", "selection"):
        if column not in part.columns or part.is_empty():
            continue
        values = part[column].cast(pl.String)
        # "random" sorts after "queue"; unknown comes first.
        last = values.sort(nulls_last=False)[-1]
        part = part.filter(values.eq_missing(pl.Series([last], dtype=pl.String)))
    return part
