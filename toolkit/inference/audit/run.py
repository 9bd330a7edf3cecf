"""One backend's scores against the truth: everything that ``toolkit audit`` shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from toolkit.inference.audit import metrics
from toolkit.inference.audit.cases import AuditData, functions, term_members
from toolkit.inference.audit.metrics import Bin, Bools, Floats, Operating
from toolkit.inference.audit.thresholds import (
    Recommendation,
    check_share,
    for_budget,
    for_precision,
)

#: Stands for every group taken together.
ANY: Final = "any group"
#: Fewest toxic and fewest civil rows of a group that count in a mean over groups.
LEAST_ROWS: Final = 5
#: Thresholds at which F1 and its parts are always given, besides the backend's own.
THRESHOLDS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a backend made of the texts, shape (texts,): NaN with a reason where it gave no score.

    ``threshold`` is the backend's own review threshold.
    """

    backend: str
    version: str
    threshold: float
    toxicity: Floats
    reasons: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a threshold should bring, shares in (0, 1]; None: nothing wished.

    Raises SettingsError for what is no such share.
    """

    precision: float | None = None
    review_budget: float | None = None

    def __post_init__(self) -> None:
        for name in ("precision", "review_budget"):
            if (target := getattr(self, name)) is not None:
                check_share(target, name.replace("_", " "))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAudit:
    """Rows about one group; areas and rates in [0, 1], rates at the backend's threshold."""

    group: str
    rows: int
    toxic: int
    subgroup_auc: float | None
    bpsn_auc: float | None
    bnsp_auc: float | None
    false_positive_rate: float | None
    false_positive_interval: tuple[float, float] | None
    false_negative_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermAudit:
    """Civil rows that name a group in words: how many of them are flagged."""

    term: str
    civil: int
    flagged: int
    false_positive_rate: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionAudit:
    """One function of the suite; a case without a score counts as wrong."""

    function: str
    about: str
    toxic: bool
    cases: int
    right: int
    share: float
    interval: tuple[float, float]
    unscored: int
    mean_score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapAudit:
    """Sentences that differ in the group they name: does the verdict change with it?

    ``flips`` counts the sets with members on both sides of the threshold, and
    ``flipped`` names them; ``mean_gap`` and ``max_gap`` are the distance between
    a set's highest and lowest score. ``groups`` begins with all groups together.
    """

    sets: int
    flips: int
    flipped: tuple[dict[str, Any], ...]
    mean_gap: float | None
    max_gap: float | None
    groups: tuple[GroupAudit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendAudit:
    """All that one backend's scores say; what cannot be said is None."""

    backend: str
    version: str
    threshold: float
    rows: int
    scored: int
    unscored: dict[str, int]
    toxic: int
    auc: float | None
    average_precision: float | None
    brier: float | None
    calibration_error: float | None
    reliability: tuple[Bin, ...]
    own: Operating
    best_f1: Operating | None
    operating: tuple[Operating, ...]
    groups: tuple[GroupAudit, ...]
    bias: dict[str, float | None]
    terms: tuple[TermAudit, ...]
    functions: tuple[FunctionAudit, ...]
    right: float | None
    swaps: SwapAudit | None
    wrong: tuple[dict[str, Any], ...]
    recommendations: tuple[Recommendation, ...]


def audit_backend(
    data: AuditData,
    scored: Scored,
    *,
    swaps: tuple[AuditData, Scored] | None = None,
    wish: Wish | None = None,
) -> BackendAudit:
    """Everything about one backend. Rows without a score stay out of all but the functions.

    ``swaps`` are :func:`~toolkit.inference.audit.cases.swap_data` and its scores.
    """
    has = ~np.isnan(scored.toxicity)
    scores, truth = scored.toxicity[has].astype(np.float64), data.truth[has]
    texts = [text for text, kept in zip(data.texts, has, strict=True) if kept]
    groups = [names for names, kept in zip(data.groups, has, strict=True) if kept]
    bins = metrics.reliability(truth, scores)
    by_group = _groups(truth, scores, groups, scored.threshold)
    by_function = _functions(data, scored)
    wish = wish or Wish()
    recommendations = []
    if wish.precision is not None:
        recommendations.append(for_precision(truth, scores, wish.precision))
    if wish.review_budget is not None:
        recommendations.append(for_budget(truth, scores, wish.review_budget))
    return BackendAudit(
        backend=scored.backend,
        version=scored.version,
        threshold=scored.threshold,
        rows=len(data.texts),
        scored=int(has.sum()),
        unscored=dict(Counter(reason for reason in scored.reasons if reason is not None)),
        toxic=int(truth.sum()),
        auc=metrics.roc_auc(truth, scores),
        average_precision=metrics.average_precision(truth, scores),
        brier=metrics.brier(truth, scores),
        calibration_error=metrics.calibration_error(bins),
        reliability=tuple(bins),
        own=metrics.operating(truth, scores, scored.threshold),
        best_f1=metrics.best_f1(truth, scores),
        operating=tuple(metrics.operating(truth, scores, at) for at in THRESHOLDS),
        groups=tuple(by_group),
        bias={
            name: metrics.power_mean(
                [
                    value
                    for one in by_group[1:]
                    if min(one.toxic, one.rows - one.toxic) >= LEAST_ROWS
                    and (value := getattr(one, name)) is not None
                ]
            )
            for name in ("subgroup_auc", "bpsn_auc", "bnsp_auc")
        },
        terms=tuple(_terms(truth, scores, texts, scored.threshold)),
        functions=tuple(by_function),
        right=metrics.share(
            sum(one.right for one in by_function), sum(one.cases for one in by_function)
        ),
        swaps=None if swaps is None else _swaps(*swaps),
        wrong=tuple(_wrong(data, scored)),
        recommendations=tuple(recommendations),
    )


def to_json(data: AuditData, audits: Sequence[BackendAudit]) -> dict[str, Any]:
    """The audit as JSON values; ``docs/audit.md`` describes it."""
    return {
        "data": {
            "name": data.name,
            "rows": len(data.texts),
            "toxic": int(data.truth.sum()),
            "skipped": dict(data.skipped),
        },
        "backends": [asdict(one) for one in audits],
    }


def _groups(
    truth: Bools, scores: Floats, groups: Sequence[frozenset[str]], threshold: float
) -> list[GroupAudit]:
    """All rows that name a group, then each group; nothing where no row names one."""
    names = sorted({name for found in groups for name in found})
    members = {
        ANY: np.array([bool(found) for found in groups], np.bool_),
        **{name: np.array([name in found for found in groups], np.bool_) for name in names},
    }
    if not names:
        return []
    found = []
    for group, member in members.items():
        flags = scores >= threshold
        civil, toxic = member & ~truth, member & truth
        false, missed = int((flags & civil).sum()), int((~flags & toxic).sum())
        found.append(
            GroupAudit(
                group=group,
                rows=int(member.sum()),
                toxic=int(toxic.sum()),
                subgroup_auc=metrics.subgroup_auc(truth, scores, member),
                bpsn_auc=metrics.bpsn_auc(truth, scores, member),
                bnsp_auc=metrics.bnsp_auc(truth, scores, member),
                false_positive_rate=metrics.share(false, int(civil.sum())),
                false_positive_interval=metrics.wilson(false, int(civil.sum())),
                false_negative_rate=metrics.share(missed, int(toxic.sum())),
            )
        )
    return found


def _terms(truth: Bools, scores: Floats, texts: Sequence[str], threshold: float) -> list[TermAudit]:
    found = []
    for term, member in term_members(texts).items():
        civil = member & ~truth
        rows, flagged = int(civil.sum()), int((civil & (scores >= threshold)).sum())
        interval = metrics.wilson(flagged, rows)
        if interval is not None:
            found.append(
                TermAudit(
                    term=term,
                    civil=rows,
                    flagged=flagged,
                    false_positive_rate=flagged / rows,
                    interval=interval,
                )
            )
    return found


def _right(data: AuditData, scored: Scored) -> Bools:
    """Which verdicts are right; NaN compares as False on either side, so no score is wrong."""
    toxic = scored.toxicity >= scored.threshold
    civil = scored.toxicity < scored.threshold
    found: Bools = np.where(data.truth, toxic, civil)
    return found


def _functions(data: AuditData, scored: Scored) -> list[FunctionAudit]:
    if data.functions is None:
        return []
    right = _right(data, scored)
    names = np.array(data.functions)
    found = []
    for name in dict.fromkeys(data.functions):
        inside = names == name
        scores = scored.toxicity[inside]
        known = scores[~np.isnan(scores)]
        cases, good = int(inside.sum()), int(right[inside].sum())
        interval = metrics.wilson(good, cases)
        assert interval is not None
        found.append(
            FunctionAudit(
                function=name,
                about=functions().get(name, ""),
                toxic=bool(data.truth[inside][0]),
                cases=cases,
                right=good,
                share=good / cases,
                interval=interval,
                unscored=cases - known.size,
                mean_score=float(known.mean()) if known.size else None,
            )
        )
    return found


def _swaps(data: AuditData, scored: Scored) -> SwapAudit:
    sets: dict[str, list[int]] = {}
    for index, pair in enumerate(data.pairs or ()):
        if pair is not None and not np.isnan(scored.toxicity[index]):
            sets.setdefault(pair, []).append(index)
    gaps, flipped = [], []
    for pair, members in sets.items():
        scores = scored.toxicity[members]
        gaps.append(float(scores.max() - scores.min()))
        if scores.min() < scored.threshold <= scores.max():
            flipped.append(
                {
                    "pair": pair,
                    "toxic": bool(data.truth[members[0]]),
                    "scores": _by_group(data, members, scored),
                }
            )
    has = ~np.isnan(scored.toxicity)
    groups = [names for names, kept in zip(data.groups, has, strict=True) if kept]
    return SwapAudit(
        sets=len(sets),
        flips=len(flipped),
        flipped=tuple(flipped),
        mean_gap=float(np.mean(gaps)) if gaps else None,
        max_gap=max(gaps) if gaps else None,
        groups=tuple(_groups(data.truth[has], scored.toxicity[has], groups, scored.threshold)),
    )


def _by_group(data: AuditData, members: Sequence[int], scored: Scored) -> Mapping[str, float]:
    return {
        ", ".join(sorted(data.groups[index])) or "no group": round(float(scored.toxicity[index]), 4)
        for index in members
    }


def _wrong(data: AuditData, scored: Scored) -> list[dict[str, Any]]:
    """The suite's cases that went wrong. Of a user's own file no text is repeated."""
    if data.functions is None:
        return []
    return [
        {
            "function": data.functions[index],
            "text": data.texts[index],
            "toxic": bool(data.truth[index]),
            "score": None
            if np.isnan(scored.toxicity[index])
            else round(float(scored.toxicity[index]), 4),
        }
        for index in np.flatnonzero(~_right(data, scored))
    ]
