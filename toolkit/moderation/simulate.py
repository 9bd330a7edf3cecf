"""What a threshold, or a rule, would have done to comments that people have decided.

Pure functions over past decisions. They answer for the comments that were
decided: how far that speaks for all comments depends on ``selection``, as in
:mod:`toolkit.moderation.evaluation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, get_args

import numpy as np
import polars as pl

from toolkit.errors import InputError
from toolkit.moderation.evaluation import GROUP, SELECTED_NOTE, SELECTION, groups, wilson

Action = Literal["approve", "reject", "escalate", "highlight"]

#: What an action leaves of a comment; the others change nothing that could differ.
_OUTCOME: Final = {"approve": "APPROVED", "highlight": "APPROVED", "reject": "REJECTED"}

#: The steps that a simulator's slider has.
STEPS: Final = tuple(round(step / 100, 2) for step in range(101))

SIMULATION_SCHEMA: Final = pl.Schema(
    {
        "attribute": pl.String(),
        "model_version": pl.String(),
        "selection": SELECTION,
        "threshold": pl.Float64(),
        "comments": pl.Int64(),
        "unscored": pl.Int64(),
        "flagged": pl.Int64(),
        "caught": pl.Int64(),
        "missed": pl.Int64(),
        "needless": pl.Int64(),
        "precision": pl.Float64(),
        "recall": pl.Float64(),
        "days": pl.Float64(),
        "reviews_per_day": pl.Float64(),
        "unbiased": pl.Boolean(),
        "note": pl.String(),
    }
)


def simulate_thresholds(
    judged: pl.DataFrame,
    thresholds: Sequence[float] = STEPS,
    *,
    arrivals: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """What each threshold would have caught, missed and cost: ``SIMULATION_SCHEMA``.

    ``judged`` is ``evaluation.JUDGED_SCHEMA``. A comment is flagged where
    ``score >= threshold``. ``caught``: flagged, and people found what the
    attribute names; ``missed``: they found it, and it is not flagged;
    ``needless``: flagged, and they did not. Comments without a score are never
    flagged, and counted.

    ``reviews_per_day`` is how many of ``arrivals`` (``attribute``,
    ``model_version``, ``score``, ``at``) are flagged a day, over ``days`` from
    the first to the last of them, at least one. Without arrivals it is that of
    the decided comments, which is less than a desk gets where its queue left
    comments out.

    Raises InputError for missing columns, or a threshold outside [0, 1].
    """
    marks = np.asarray(thresholds, dtype=np.float64)
    if not ((marks >= 0) & (marks <= 1)).all():
        raise InputError(
            "a threshold lies outside of 0 to 1",
            next_step="Scores are probabilities; choose thresholds between.",
        )
    found: list[dict[str, Any]] = []
    for group, part in groups(judged, GROUP):
        decided = part.filter(pl.col("positive").is_not_null())
        known = decided.filter(pl.col("score").is_not_null())
        flagged = _at_least(known["score"], marks)
        caught = _at_least(known.filter("positive")["score"], marks)
        positives = int(decided["positive"].sum())
        came, days = _came(group, part, arrivals)
        per_day = _at_least(came, marks) / days if days else None
        unbiased = group["selection"] == "random"
        for place, threshold in enumerate(marks.tolist()):
            right, all_flagged = int(caught[place]), int(flagged[place])
            found.append(
                {
                    **group,
                    "threshold": threshold,
                    "comments": decided.height,
                    "unscored": decided.height - known.height,
                    "flagged": all_flagged,
                    "caught": right,
                    "missed": positives - right,
                    "needless": all_flagged - right,
                    "precision": right / all_flagged if all_flagged else None,
                    "recall": right / positives if positives else None,
                    "days": days or None,
                    "reviews_per_day": None if per_day is None else float(per_day[place]),
                    "unbiased": unbiased,
                    "note": None if unbiased else SELECTED_NOTE,
                }
            )
    return pl.DataFrame(found, schema=SIMULATION_SCHEMA)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRule:
    """``{attribute, lower, upper, action}``: acts where ``lower <= score <= upper``.

    Raises InputError for bounds that are crossed or no numbers, or another action.
    """

    attribute: str
    lower: float
    upper: float
    action: Action

    def __post_init__(self) -> None:
        if self.action not in get_args(Action):
            raise InputError(
                f"no action is called {self.action!r}",
                next_step=f"Choose from {', '.join(get_args(Action))}.",
            )
        # Not a number compares as false, and is refused with the rest.
        if not self.lower <= self.upper:
            raise InputError(
                f"no score lies between {self.lower} and {self.upper}",
                next_step="Give a lower bound that is not above the upper one.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a rule would have done to decided comments.

    ``acts_on`` of the ``comments`` lie in its range; of these it ``differs``
    from what people decided: ``removes_kept`` and ``keeps_removed``. Ids are in
    the order of the scores, the rule's surest first. ``unscored`` comments are
    left alone. ``lower`` and ``upper`` bound the share that differs (Wilson).
    An action that neither keeps nor removes cannot differ: ``comparable`` is false.
    """

    rule: ScoreRule
    comments: int
    unscored: int
    acts_on: int
    comparable: bool
    removes_kept: tuple[str, ...]
    keeps_removed: tuple[str, ...]
    lower: float | None
    upper: float | None
    by_chance: int

    @property
    def differs(self) -> int:
        """How many of ``acts_on`` were decided otherwise."""
        return len(self.removes_kept) + len(self.keeps_removed)

    @property
    def sentence(self) -> str:
        """The finding in words, with all that it is out of."""
        if not self.acts_on:
            return f"This rule would have acted on none of {_counted(self.comments)}."
        whole = f"It would have acted on {self.acts_on:,} of {_counted(self.comments)}."
        if not self.comparable:
            return whole
        said = (
            f"This rule would have differed from your team on {self.differs:,} of {self.acts_on:,}"
        )
        if self.lower is not None and self.upper is not None:
            share = self.differs / self.acts_on
            said += f" ({share:.1%}, 95% interval {self.lower:.1%} to {self.upper:.1%})"
        return f"{said}. {whole}"


def dry_run(rule: ScoreRule, decided: pl.DataFrame) -> DryRun:
    """Try ``rule`` on past decisions; nothing is changed.

    ``decided`` has ``comment_id``, ``status`` (what people decided: APPROVED,
    REJECTED; rows of another are left out) and ``score`` (of the rule's
    attribute; null where there is none), one row a comment; with
    ``selection``, ``by_chance`` counts the rows of a random sample.

    Raises InputError for missing columns.
    """
    missing = {"comment_id", "status", "score"} - set(decided.columns)
    if missing:
        raise InputError(
            f"the decisions lack {', '.join(sorted(missing))}",
            next_step="Give comment_id, status and score.",
        )
    status = pl.col("status").cast(pl.String)
    known = decided.filter(status.is_in(["APPROVED", "REJECTED"]))
    # Between is false for not-a-number only by luck of the order; such a row has no score.
    inside = known.filter(
        pl.col("score").is_not_nan() & pl.col("score").is_between(rule.lower, rule.upper)
    ).sort("score", "comment_id", descending=[rule.action == "reject", False])
    outcome = _OUTCOME.get(rule.action)
    other = inside.filter(status != outcome) if outcome else inside.clear()
    kept = other.filter(status == "APPROVED")["comment_id"].to_list()
    removed = other.filter(status == "REJECTED")["comment_id"].to_list()
    lower, upper = wilson(other.height, inside.height) if outcome else (None, None)
    chance = (
        known.filter(pl.col("selection").cast(pl.String) == "random").height
        if "selection" in known.columns
        else 0
    )
    return DryRun(
        rule=rule,
        comments=known.height,
        unscored=known["score"].null_count(),
        acts_on=inside.height,
        comparable=outcome is not None,
        removes_kept=tuple(kept),
        keeps_removed=tuple(removed),
        lower=lower,
        upper=upper,
        by_chance=chance,
    )


def _at_least(scores: pl.Series, marks: np.ndarray[Any, np.dtype[np.float64]]) -> Any:
    """How many of ``scores`` reach each of ``marks``."""
    ordered = np.sort(scores.drop_nulls().cast(pl.Float64).to_numpy())
    return len(ordered) - np.searchsorted(ordered, marks, side="left")


def _came(
    group: dict[str, Any], part: pl.DataFrame, arrivals: pl.DataFrame | None
) -> tuple[pl.Series, float]:
    """Scores of what came in, and the days it came in; no days where no time is known."""
    rows, time = part, "decided_at"
    if arrivals is not None:
        rows, time = arrivals, "at"
        for name in ("attribute", "model_version"):
            rows = rows.filter(pl.col(name).eq_missing(pl.lit(group[name], pl.String)))
    dated = rows.filter(pl.col(time).is_not_null())
    first, last = dated[time].min(), dated[time].max()
    if first is None or last is None:
        return dated["score"], 0.0
    span: timedelta = last - first  # type: ignore[operator, assignment]
    return dated["score"], max(span / timedelta(days=1), 1.0)


def _counted(comments: int) -> str:
    return f"{comments:,} decided comment{'' if comments == 1 else 's'}"
