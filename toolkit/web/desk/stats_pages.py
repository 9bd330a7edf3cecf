"""The desk measures itself: agreement, the models against the moderators, drift, thresholds."""

from __future__ import annotations

import threading
import time
from typing import Any, Final

import polars as pl
from fastapi import APIRouter, Request, Response

from toolkit.moderation import frames
from toolkit.moderation.simulate import simulate_thresholds
from toolkit.moderation.statistics import Statistics, judged_rows, statistics
from toolkit.web.desk.app import render
from toolkit.web.desk.queue_pages import number
from toolkit.web.desk.session import Me, needs, store_of

routes = APIRouter()
#: Seconds for which figures are shown again: working them out resamples.
FRESH: Final = 60.0
_RESAMPLES: Final = 500
#: Columns that their name does not explain.
_HEADS: Final = {"ece": "calibration error", "ece_if_calibrated": "if calibrated"}
#: Thresholds of the table.
_STEPS: Final = tuple(step / 10 for step in range(1, 10))


@routes.get("/stats", dependencies=[needs("stats")])
def stats_page(
    request: Request,
    me: Me,  # noqa: ARG001 - needs the session
    threshold: str = "0.5",
    attribute: str = "toxicity__toxicity",
) -> Response:
    """All figures, with their intervals, and what a threshold would cost."""
    store = store_of(request)
    at = number(threshold)
    at = 0.5 if at is None or not 0 <= at <= 1 else at
    found = kept_figures(request, at)
    decided = frames.decisions(store)
    rows = judged_rows(decided, frames.scores(store, [attribute]))
    drift = _of(found.score_drift, attribute).filter(pl.col("comments") > 0)
    # The figure has all steps.
    simulated = simulate_thresholds(rows, sorted({*_STEPS, at}))
    names = sorted(set(found.performance["attribute"]) | {"toxicity__toxicity"})
    return render(
        request,
        "stats.html",
        found=found,
        threshold=at,
        attribute=attribute,
        attributes=names,
        performance=_table(found.performance),
        moderators=_table(found.moderators),
        reasons=_table(found.agreement_by_reason),
        pairs=_table(found.agreement_by_pair),
        spans=_table(found.agreement_by_span_label),
        error=_table(_of(found.calibration_error, attribute)),
        weeks=_table(_of(found.precision_by_week, attribute)),
        drift=_table(drift),
        drifts=drift["psi"].count() > 0,
        simulated=_table(simulated.drop("attribute")),
    )


_lock = threading.Lock()


def kept_figures(request: Request, threshold: float) -> Statistics:
    """All figures, worked out anew once a minute."""
    state = request.app.state
    with _lock:  # worked out once, however many ask
        kept: dict[float, tuple[float, Statistics]] = getattr(state, "figures", {})
        if threshold in kept and kept[threshold][0] > time.monotonic() - FRESH:
            return kept[threshold][1]
        found = statistics(store_of(request), threshold=threshold, resamples=_RESAMPLES)
        state.figures = {threshold: (time.monotonic(), found)}
        return found


def _of(frame: pl.DataFrame, attribute: str) -> pl.DataFrame:
    """The rows of the attribute that the page is about."""
    return frame.filter(pl.col("attribute") == attribute).drop("attribute")


def _table(frame: pl.DataFrame) -> dict[str, Any]:
    """Columns with a value, and their rows as text; notes once, and not in each row."""
    kept = [name for name in frame.columns if frame[name].null_count() < len(frame)]
    notes: list[str] = []
    if "note" in kept:
        kept.remove("note")
        notes = frame["note"].drop_nulls().unique(maintain_order=True).to_list()
    return {
        "columns": [_HEADS.get(name, name) for name in kept],
        "rows": [[_cell(value) for value in row] for row in frame.select(kept).iter_rows()],
        "notes": notes,
    }


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return ", ".join(_cell(one) for one in value)
    return str(value)
