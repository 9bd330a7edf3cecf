from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from lxml import etree

from toolkit.moderation.agreement import LABELS_SCHEMA
from toolkit.moderation.drift import DRIFT_SCHEMA, WEEKLY_SCHEMA, precision_by_week, score_drift
from toolkit.moderation.evaluation import CALIBRATION_SCHEMA, JUDGED_SCHEMA, calibration_curve
from toolkit.moderation.frames import DECISIONS_SCHEMA
from toolkit.moderation.simulate import SIMULATION_SCHEMA, simulate_thresholds
from toolkit.web.desk import figures

START = datetime(2026, 3, 2, tzinfo=UTC)


def _judged(count: int = 400) -> pl.DataFrame:
    rng = np.random.default_rng(2)
    scores = rng.beta(1, 2, count)
    return pl.DataFrame(
        {
            "comment_id": [f"c{n}" for n in range(count)],
            "attribute": "toxicity__insult",
            "model_version": "1",
            "score": scores,
            "positive": rng.random(count) < scores**1.5,
            "selection": "random",
            "decided_at": [START + timedelta(hours=6 * n) for n in range(count)],
        },
        schema=JUDGED_SCHEMA,
    )


def _labels() -> pl.DataFrame:
    rows = [("insult", 0.74, 0.6, 0.85, None), ("<b>$hate$ \u202e", -0.1, None, None, None),
            ("other", None, None, None, "no_variation")]  # fmt: skip
    return pl.DataFrame(
        [
            {
                "label": label, "units": 40, "judgements": 80, "raters": 3, "alpha": alpha,
                "lower": lower, "upper": upper, "observed": 0.9, "specific": 0.8,
                "prevalence": 0.2, "null_reason": reason, "note": None,
            }
            for label, alpha, lower, upper, reason in rows
        ],
        schema=LABELS_SCHEMA,
    )  # fmt: skip


def _drift() -> pl.DataFrame:
    rng = np.random.default_rng(3)
    return score_drift(
        pl.concat(
            pl.DataFrame(
                {
                    "attribute": "toxicity__insult",
                    "model_version": "1",
                    "score": rng.beta(1 + week // 9, 4, 120),
                    "at": [START + timedelta(weeks=week)] * 120,
                }
            )
            for week in range(12)
        )
    )


def _times() -> pl.DataFrame:
    seconds = [1.0, 3.0, 3.5, 7.0, 500.0, None]
    return pl.DataFrame({"seconds": seconds}).select(
        pl.lit(None, dtype).alias(name) if name != "seconds" else pl.col(name)
        for name, dtype in DECISIONS_SCHEMA.items()
    )


FIGURES: dict[str, tuple[Any, Any, Callable[[], pl.DataFrame], pl.Schema]] = {
    "agreement": (figures.draw_agreement, figures.describe_agreement, _labels, LABELS_SCHEMA),
    "calibration": (
        figures.draw_calibration,
        figures.describe_calibration,
        lambda: calibration_curve(_judged()),
        CALIBRATION_SCHEMA,
    ),
    "weeks": (
        figures.draw_precision_weeks,
        figures.describe_precision_weeks,
        lambda: precision_by_week(_judged(), 0.5),
        WEEKLY_SCHEMA,
    ),
    "drift": (figures.draw_drift, figures.describe_drift, _drift, DRIFT_SCHEMA),
    "thresholds": (
        figures.draw_thresholds,
        figures.describe_thresholds,
        lambda: simulate_thresholds(_judged()),
        SIMULATION_SCHEMA,
    ),
    "times": (figures.draw_times, figures.describe_times, _times, DECISIONS_SCHEMA),
}


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_one_safe_picture_and_the_same_each_time(name: str) -> None:
    draw, describe, make, _ = FIGURES[name]
    frame = make()
    found = figures.render(draw, frame, title=name)
    assert found == figures.render(draw, frame, title=name)
    root = etree.fromstring(found)
    tags = {
        etree.QName(element).localname
        for element in root.iter()
        if element.tag is not etree.Comment
    }
    assert not tags & {"script", "foreignObject", "image", "a", "text"}
    assert not re.search(rb'href="(?!#)', found)
    assert describe(frame).endswith(".")
    dark = figures.render(draw, frame, title=name, theme="dark", narrow=True)
    assert b"#1d2125" in dark
    assert b"#ffffff" not in dark
    assert float(etree.fromstring(dark).get("width")[:-2]) < 300


@pytest.mark.parametrize("name", FIGURES)
def test_no_figure_fails_for_want_of_rows(name: str) -> None:
    draw, describe, _, schema = FIGURES[name]
    empty = pl.DataFrame(schema=schema)
    assert figures.render(draw, empty, title=name).startswith(b"<?xml")
    assert describe(empty).endswith(".")


def test_the_words_say_what_the_figures_show() -> None:
    assert figures.describe_agreement(_labels()).startswith("Alpha is highest for insult (0.74)")
    assert figures.describe_agreement(_labels()).endswith("1 without a value.")
    assert figures.describe_times(_times()) == (
        "5 timed decisions; half took under 3.5 s, nine in ten under 302.8 s."
    )
    assert figures.time_bins(_times())["decisions"].to_list() == [1, 2, 1, 0, 0, 0, 0, 1]
    weekly = pl.DataFrame(
        [
            {"week": date(2026, 3, 2), "precision": 0.5},
            {"week": date(2026, 3, 9), "precision": None},
            {"week": date(2026, 3, 16), "precision": 0.75},
        ]
    )
    assert figures.describe_precision_weeks(weekly) == (
        "Precision was 0.50 in the week from 2026-03-02 and 0.75 in the week from 2026-03-16; "
        "2 weeks."
    )
