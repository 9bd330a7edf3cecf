"""What the desk knows of itself, in one place: for the pages, and for ``toolkit desk stats``.

Each part is a pure function of frames (``frames`` reads them); ``statistics``
puts them together.

Whose decisions count:

- *Agreement* reads comments that had a first and a blind second look. An act
  keeps (approve, highlight) or removes (reject); who escalated did not judge.
- *Model against moderators* reads the last decision of a person that stands,
  one a comment. Bulk acts and rules follow the scores themselves, and blind
  second looks are kept for agreement; neither counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from toolkit.moderation import frames
from toolkit.moderation.agreement import (
    RESAMPLES,
    Agreement,
    agreement_by_label,
    agreement_by_pair,
    krippendorff_alpha,
)
from toolkit.moderation.drift import precision_by_week, score_drift
from toolkit.moderation.evaluation import (
    calibration_curve,
    calibration_error,
    judged,
    performance,
)
from toolkit.moderation.store import Store

#: Reasons of the policy that a new desk begins with which speak for an attribute.
#: Of an attribute that is not named, every rejection is a finding.
ATTRIBUTE_REASONS: Final[Mapping[str, Collection[str]]] = {
    "toxicity__insult": ("insult",),
    "toxicity__identity_attack": ("hate",),
    "toxicity__threat": ("threat",),
    "toxicity__sexual_explicit": ("sexual",),
    "toxicity__toxicity": ("insult", "hate", "threat", "sexual"),
    "toxicity__severe_toxicity": ("insult", "hate", "threat", "sexual"),
    "toxicity__obscene": ("insult", "hate", "threat", "sexual"),
}

_SIDES: Final = {"approve": "keep", "highlight": "keep", "reject": "remove"}
_STATUS: Final = {"keep": "APPROVED", "remove": "REJECTED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """All figures of the desk; frames have the schemas of the functions that made them."""

    threshold: float
    totals: dict[str, int]
    moderators: pl.DataFrame
    agreement: Agreement
    agreement_by_reason: pl.DataFrame
    agreement_by_pair: pl.DataFrame
    agreement_by_span_label: pl.DataFrame
    performance: pl.DataFrame
    calibration_error: pl.DataFrame
    calibration_curve: pl.DataFrame
    precision_by_week: pl.DataFrame
    score_drift: pl.DataFrame
    appeals: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; times and days as ISO 8601 text, unknown as null."""
        found: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if isinstance(value, pl.DataFrame):
                found[name] = value.with_columns(pl.selectors.temporal().cast(pl.String)).to_dicts()
            elif isinstance(value, Agreement):
                found[name] = {key: getattr(value, key) for key in value.__dataclass_fields__}
            else:
                found[name] = value
        return found


def statistics(
    store: Store,
    *,
    threshold: float = 0.5,
    reasons: Mapping[str, Collection[str]] = ATTRIBUTE_REASONS,
    resamples: int = RESAMPLES,
) -> Statistics:
    """Read the database and work out everything. Raises InputError for a bad threshold."""
    decided = frames.decisions(store)
    ratings = second_looks(decided)
    spans = span_ratings(frames.span_labels(store))
    rows = judged_rows(decided, frames.scores(store), reasons=reasons)
    return Statistics(
        threshold=threshold,
        totals=totals(decided),
        moderators=by_moderator(decided),
        agreement=krippendorff_alpha(ratings, resamples=resamples),
        agreement_by_reason=agreement_by_label(
            ratings.with_columns(
                labels=pl.when(pl.col("reason").is_null())
                .then(pl.lit([], pl.List(pl.String)))
                .otherwise(pl.concat_list("reason"))
            ),
            resamples=resamples,
        ),
        agreement_by_pair=agreement_by_pair(ratings, resamples=resamples),
        agreement_by_span_label=span_agreement(spans, resamples=resamples),
        performance=performance(rows, threshold),
        calibration_error=calibration_error(rows),
        calibration_curve=calibration_curve(rows),
        precision_by_week=precision_by_week(rows, threshold),
        score_drift=score_drift(frames.arrivals(store)),
        appeals=appeal_counts(frames.appeals(store)),
    )


def second_looks(decisions: pl.DataFrame) -> pl.DataFrame:
    """Ratings of the comments that two people looked at, the second without knowing of the first.

    ``decisions`` is ``frames.DECISIONS_SCHEMA``. One row a look: ``unit`` (the
    comment), ``rater``, ``value`` (keep, remove), ``reason`` (of a removal).
    """
    looks = (
        decisions.filter(pl.col("undone_by").is_null(), pl.col("round").is_in(["first", "second"]))
        .with_columns(value=_side())
        .filter(pl.col("value").is_not_null())
        # Who looked again after an undo has said it anew: the last look counts.
        .sort("decision")
        .unique(["comment", "round"], keep="last", maintain_order=True)
        .unique(["comment", "moderator"], keep="last", maintain_order=True)
    )
    return looks.filter(pl.len().over("comment") > 1).select(
        pl.col("comment").cast(pl.String).alias("unit"),
        pl.col("moderator").alias("rater"),
        "value",
        pl.when(pl.col("value") == "remove").then("reason").alias("reason"),
    )


def judged_rows(
    decisions: pl.DataFrame,
    scores: pl.DataFrame,
    *,
    reasons: Mapping[str, Collection[str]] = ATTRIBUTE_REASONS,
) -> pl.DataFrame:
    """``evaluation.JUDGED_SCHEMA`` of the last standing decision of a person on each comment.

    ``comment_id`` is the desk's own number of the comment, as text: a site's
    ids are unique within an article alone.
    """
    last = (
        decisions.filter(
            pl.col("undone_by").is_null(),
            pl.col("round").is_in(["first", "escalated", "appeal"]),
            _side().is_not_null(),
        )
        .sort("decision")
        .unique("comment", keep="last", maintain_order=True)
        .select(
            pl.col("comment").cast(pl.String).alias("comment_id"),
            _side().replace_strict(_STATUS, return_dtype=pl.String).alias("status"),
            pl.when(_side() == "remove")
            .then(pl.concat_list("reason"))
            .otherwise(pl.lit([], pl.List(pl.String)))
            .alias("reasons"),
            "selection",
            "decided_at",
        )
    )
    named = scores.with_columns(pl.col("comment").cast(pl.String).alias("comment_id"))
    return judged(last, named, reasons=reasons)


def span_ratings(labels: pl.DataFrame) -> pl.DataFrame:
    """Ratings of spans (``frames.SPANS_SCHEMA``): ``unit``, ``rater``, ``value``, ``label``."""
    return (
        labels.filter(pl.col("undone_by").is_null())
        .sort("label_id")
        .unique(
            ["comment", "moderator", "analyzer", "label", "start", "end"],
            keep="last",
            maintain_order=True,
        )
        .select(
            pl.format("{}/{}/{}/{}/{}", "comment", "analyzer", "label", "start", "end").alias(
                "unit"
            ),
            pl.col("moderator").alias("rater"),
            pl.col("confirmed").alias("value"),
            pl.format("{}__{}", "analyzer", "label").alias("label"),
        )
    )


SPAN_AGREEMENT_SCHEMA: Final = pl.Schema(
    {
        "label": pl.String(),
        "labels": pl.Int64(),
        "confirmed": pl.Float64(),
        "units": pl.Int64(),
        "alpha": pl.Float64(),
        "lower": pl.Float64(),
        "upper": pl.Float64(),
        "observed": pl.Float64(),
        "null_reason": pl.String(),
        "note": pl.String(),
    }
)


def span_agreement(ratings: pl.DataFrame, *, resamples: int = RESAMPLES) -> pl.DataFrame:
    """Alpha of confirming and denying, by what the span is said to be.

    ``labels`` counts all judgements of spans, ``confirmed`` is the share that
    confirms (in [0, 1]), ``units`` the spans that several people judged.
    """
    found = []
    for name in ratings["label"].unique().sort():
        part = ratings.filter(pl.col("label") == name)
        alpha = krippendorff_alpha(part, resamples=resamples)
        found.append(
            {
                "label": name,
                "labels": part.height,
                "confirmed": part["value"].mean(),
                "units": alpha.units,
                "alpha": alpha.value,
                "lower": alpha.lower,
                "upper": alpha.upper,
                "observed": alpha.observed,
                "null_reason": alpha.null_reason,
                "note": alpha.note,
            }
        )
    return pl.DataFrame(found, schema=SPAN_AGREEMENT_SCHEMA)


#: ``round`` -> how it is counted.
_ROUNDS: Final = ("first", "second", "escalated", "appeal", "bulk", "rule")


def totals(decisions: pl.DataFrame) -> dict[str, int]:
    """Counts of decisions: all, undone, and of the standing ones by act and by round."""
    standing = decisions.filter(pl.col("undone_by").is_null())
    found = {
        "decisions": decisions.height,
        "undone": decisions.height - standing.height,
        "comments": standing["comment"].n_unique(),
    }
    for act in ("approve", "reject", "escalate", "highlight"):
        found[f"act_{act}"] = standing.filter(pl.col("act") == act).height
    for name in _ROUNDS:
        found[f"round_{name}"] = standing.filter(pl.col("round") == name).height
    return found


MODERATORS_SCHEMA: Final = pl.Schema(
    {
        "moderator": pl.String(),
        "decisions": pl.Int64(),
        "undone": pl.Int64(),
        "rejected": pl.Float64(),
        "timed": pl.Int64(),
        "seconds_median": pl.Float64(),
        "seconds_p90": pl.Float64(),
    }
)


def by_moderator(decisions: pl.DataFrame) -> pl.DataFrame:
    """Decisions made one by one, by person: ``MODERATORS_SCHEMA``, in the order of names.

    ``rejected`` is a share of those that stand, in [0, 1]. Seconds run from
    the card being shown to the decision, breaks included: read the median.
    Different queues hold different comments; this is no ranking of people.
    """
    stands = pl.col("undone_by").is_null()
    rows = decisions.filter(~pl.col("round").is_in(["bulk", "rule"]))
    return (
        rows.group_by("moderator")
        .agg(
            decisions=pl.len().cast(pl.Int64),
            undone=(~stands).sum().cast(pl.Int64),
            rejected=(pl.col("act").filter(stands) == "reject").mean(),
            timed=pl.col("seconds").count().cast(pl.Int64),
            seconds_median=pl.col("seconds").median(),
            seconds_p90=pl.col("seconds").quantile(0.9, "linear"),
        )
        .sort("moderator")
        .cast(MODERATORS_SCHEMA)
    )


def appeal_counts(appeals: pl.DataFrame) -> dict[str, int]:
    """Counts: stated, open, upheld, overturned."""
    return {
        "stated": appeals.height,
        "open": appeals["outcome"].null_count(),
        **{
            name: appeals.filter(pl.col("outcome") == name).height
            for name in ("upheld", "overturned")
        },
    }


def _side() -> pl.Expr:
    return pl.col("act").replace_strict(_SIDES, default=None, return_dtype=pl.String)
