"""Measures of a toxicity model, as the training script and the tests print them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score
from toxicity_templates import examples

from toolkit.inference import LABELS, ToxicityModel, ToxicSpan


def character_f1(found: Iterable[ToxicSpan], gold: Sequence[int]) -> float:
    """F1 of character offsets in one comment, SemEval-2021 task 5: 1 where both are empty."""
    marked = {place for span in found for place in range(span.start, span.end)}
    wanted = set(gold)
    if not wanted or not marked:
        return float(wanted == marked)
    return 2 * len(marked & wanted) / (len(marked) + len(wanted))


def expected_calibration_error(truth: np.ndarray, score: np.ndarray, bins: int = 10) -> float:
    """Mean distance of share and score over equal-width bins, weighted by their size."""
    place = np.minimum((score * bins).astype(int), bins - 1)
    total = 0.0
    for number in range(bins):
        inside = place == number
        if inside.any():
            total += inside.mean() * abs(truth[inside].mean() - score[inside].mean())
    return float(total)


def label_table(truth: np.ndarray, score: np.ndarray, threshold: float) -> str:
    """AUC, F1 and calibration error a label; soft targets count as positive above 0.5."""
    lines = [f"{'label':18} {'positive':>8} {'AUC':>7} {'F1':>7} {'ECE':>7}"]
    areas = []
    for lane, label in enumerate(LABELS):
        known = np.isfinite(truth[:, lane]) & np.isfinite(score[:, lane])
        soft, given = truth[known, lane], score[known, lane].astype(float)
        hard = soft > 0.5
        if not 0 < hard.sum() < hard.size:
            continue
        areas.append(roc_auc_score(hard, given))
        cut = threshold if lane == 0 else 0.5
        lines.append(
            f"{label:18} {hard.sum():8d} {areas[-1]:7.4f} {f1_score(hard, given >= cut):7.4f}"
            f" {expected_calibration_error(soft, given):7.4f}"
        )
    return "\n".join([*lines, f"{'mean':18} {'':8} {np.mean(areas):7.4f}"])


def functional_table(model: ToxicityModel) -> str:
    """Share of held-out template sentences on the right side of the review threshold."""
    right: dict[str, list[bool]] = defaultdict(list)
    attack: dict[str, list[bool]] = defaultdict(list)
    cases = list(examples("held_out"))
    scores = model.predict([text for _, text, _ in cases])
    for (family, _, targets), row in zip(cases, scores, strict=True):
        right[family].append((row[0] >= model.review_threshold) == (targets[0] > 0.5))
        attack[family].append((row[5] >= 0.5) == (targets[5] > 0.5))
    lines = [f"{'family':14} {'cases':>6} {'toxicity':>9} {'identity_attack':>16}"]
    for family, found in right.items():
        lines.append(
            f"{family:14} {len(found):6d} {np.mean(found):9.3f} {np.mean(attack[family]):16.3f}"
        )
    return "\n".join(lines)
