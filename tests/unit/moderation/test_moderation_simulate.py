from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.moderation.evaluation import JUDGED_SCHEMA, SELECTED_NOTE, performance
from toolkit.moderation.simulate import (
    SIMULATION_SCHEMA,
    STEPS,
    ScoreRule,
    dry_run,
    simulate_thresholds,
)

START = datetime(2026, 3, 2, tzinfo=UTC)


def judged(rows: list[tuple[float | None, bool | None]], selection: str = "random") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "comment_id": [f"c{n}" for n in range(len(rows))],
            "attribute": "insult",
            "model_version": "1",
            "score": [score for score, _ in rows],
            "positive": [label for _, label in rows],
            "selection": selection,
            "decided_at": [START + timedelta(days=n) for n in range(len(rows))],
        },
        schema=JUDGED_SCHEMA,
    )


scored = st.lists(
    st.tuples(st.one_of(st.none(), st.floats(0, 1)), st.one_of(st.none(), st.booleans())),
    min_size=1,
    max_size=30,
)


@settings(max_examples=25, deadline=None)
@given(scored, st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_the_simulator_counts_as_the_evaluation_does(rows: Any, thresholds: list[float]) -> None:
    frame = judged(rows)
    found = simulate_thresholds(frame, thresholds)
    assert found.schema == SIMULATION_SCHEMA
    assert found["threshold"].to_list() == thresholds
    for row in found.iter_rows(named=True):
        expected = performance(frame, row["threshold"]).row(0, named=True)
        unscored_positives = sum(score is None and label is True for score, label in rows)
        assert row["caught"] == expected["true_positive"]
        assert row["needless"] == expected["false_positive"]
        # People found it, and no threshold would: it has no score.
        assert row["missed"] == expected["false_negative"] + unscored_positives
        assert row["flagged"] == row["caught"] + row["needless"]
        assert row["comments"] == sum(label is not None for _, label in rows)


def test_a_higher_threshold_never_flags_more() -> None:
    found = simulate_thresholds(judged([(n / 40, n % 3 == 0) for n in range(40)]))
    assert found.height == len(STEPS)
    for name in ("flagged", "caught", "needless", "reviews_per_day"):
        assert found[name].is_sorted(descending=True)
    assert found["missed"].is_sorted()


def test_the_cost_is_that_of_what_comes_in() -> None:
    decided = judged([(0.9, True), (0.8, False), (0.2, False)], selection="queue")
    alone = simulate_thresholds(decided, [0.5]).row(0, named=True)
    assert (alone["days"], alone["reviews_per_day"]) == (2.0, 1.0)
    arrivals = pl.DataFrame(
        {
            "attribute": "insult",
            "model_version": ["1"] * 8 + ["2"] * 8,
            "score": [0.9, 0.8, 0.7, 0.2, 0.1, 0.1, None, 0.6] * 2,
            "at": [START + timedelta(hours=12 * n) for n in range(8)] * 2,
        }
    )
    found = simulate_thresholds(decided, [0.5], arrivals=arrivals).row(0, named=True)
    assert (found["days"], found["reviews_per_day"]) == (3.5, pytest.approx(4 / 3.5))
    assert (found["unbiased"], found["note"]) == (False, SELECTED_NOTE)
    none = simulate_thresholds(decided, [0.5], arrivals=arrivals.clear()).row(0, named=True)
    assert (none["days"], none["reviews_per_day"]) == (None, None)


def decided(rows: list[tuple[str, float | None]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "comment_id": [f"c{n}" for n in range(len(rows))],
            "status": [status for status, _ in rows],
            "score": [score for _, score in rows],
            "selection": ["random", *["queue"] * (len(rows) - 1)],
        },
        schema_overrides={"score": pl.Float64},
    )


def test_a_dry_run_says_what_it_is_out_of() -> None:
    rows: list[tuple[str, float | None]] = (
        [("REJECTED", 0.95)] * 398
        + [("APPROVED", 0.97)] * 14
        + [("APPROVED", 0.1)] * 100
        + [("APPROVED", None), ("PREMOD", 0.99)]
    )
    found = dry_run(
        ScoreRule(attribute="insult", lower=0.9, upper=1.0, action="reject"), decided(rows)
    )
    assert (found.comments, found.unscored, found.acts_on, found.differs) == (513, 1, 412, 14)
    assert found.removes_kept == tuple(f"c{n}" for n in sorted(map(str, range(398, 412))))
    assert found.keeps_removed == ()
    assert found.by_chance == 1
    assert found.sentence == (
        "This rule would have differed from your team on 14 of 412 (3.4%, 95% interval 2.0% to "
        "5.6%). It would have acted on 412 of 513 decided comments."
    )


def test_what_a_rule_that_approves_would_have_kept() -> None:
    rows: list[tuple[str, float | None]] = [
        ("REJECTED", 0.05),
        ("REJECTED", 0.02),
        ("APPROVED", 0.0),
    ]
    found = dry_run(
        ScoreRule(attribute="insult", lower=0.0, upper=0.05, action="approve"), decided(rows)
    )
    assert found.keeps_removed == ("c1", "c0")
    assert (found.differs, found.acts_on) == (2, 3)


def test_an_action_that_decides_nothing_cannot_differ() -> None:
    rule = ScoreRule(attribute="insult", lower=0.5, upper=1.0, action="escalate")
    found = dry_run(rule, decided([("REJECTED", 0.9)]))
    assert not found.comparable
    assert (found.differs, found.lower) == (0, None)
    assert found.sentence == "It would have acted on 1 of 1 decided comment."
    assert dry_run(rule, decided([("REJECTED", 0.1)])).sentence == (
        "This rule would have acted on none of 1 decided comment."
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["APPROVED", "REJECTED", "NONE"]),
            st.one_of(st.none(), st.floats(0, 1), st.just(float("nan"))),
        ),
        min_size=1,
        max_size=25,
    ),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from(["approve", "reject", "highlight"]),
)
def test_a_dry_run_by_hand(rows: Any, a: float, b: float, action: Any) -> None:
    lower, upper = min(a, b), max(a, b)
    rule = ScoreRule(attribute="insult", lower=lower, upper=upper, action=action)
    found = dry_run(rule, decided(rows))
    gives = "REJECTED" if action == "reject" else "APPROVED"
    inside = [
        (f"c{n}", status)
        for n, (status, score) in enumerate(rows)
        if status != "NONE" and score is not None and lower <= score <= upper
    ]
    assert found.acts_on == len(inside)
    different = {name for name, status in inside if status != gives}
    assert set(found.removes_kept) | set(found.keeps_removed) == different
    if inside:
        assert found.lower is not None
        assert found.upper is not None
        assert found.lower <= found.differs / found.acts_on <= found.upper


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: simulate_thresholds(judged([(0.1, True)]), [1.1]), "outside of 0 to 1"),
        (lambda: simulate_thresholds(judged([(0.1, True)]), [float("nan")]), "outside of 0 to 1"),
        (lambda: ScoreRule(attribute="a", lower=0.5, upper=0.4, action="reject"), "no score lies"),
        (
            lambda: ScoreRule(attribute="a", lower=float("nan"), upper=1, action="reject"),
            "no score lies",
        ),
        (lambda: ScoreRule(attribute="a", lower=0, upper=1, action="burn"), "'burn'"),  # type: ignore[arg-type]
        (
            lambda: dry_run(
                ScoreRule(attribute="a", lower=0, upper=1, action="reject"),
                pl.DataFrame({"score": [0.1]}),
            ),
            "lack comment_id, status",
        ),
    ],
)
def test_what_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert caught.value.next_step
