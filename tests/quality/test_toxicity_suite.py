"""Floors of the embedded toxicity models on the built-in functional suite and identity swaps.

A floor may be raised and never lowered. The suite is no training data, and its
labels are not changed because a model misses them.
"""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.inference.audit import (
    AuditData,
    BackendAudit,
    Scored,
    audit_backend,
    suite_data,
    swap_data,
)
from toolkit.inference.backends import open_backend
from toolkit.settings import Settings

#: Backend -> least AUC, least share of cases right, least BPSN AUC of swaps,
#: highest false-positive rate of swaps, most sets that flip.
FLOORS = {
    "linear": (0.815, 0.725, 0.955, 0.015, 8),
    "encoder": (0.96, 0.915, 0.99, 0.005, 2),
}


def audited(backend: str) -> BackendAudit:
    model = open_backend(backend, Settings())

    def scored(data: AuditData) -> Scored:
        return Scored(
            backend=backend,
            version=model.version,
            threshold=model.review_threshold,
            toxicity=model.predict(data.texts)[:, 0].astype(np.float64),
            reasons=(None,) * len(data.texts),
        )

    data, swaps = suite_data(), swap_data()
    return audit_backend(data, scored(data), swaps=(swaps, scored(swaps)))


@pytest.mark.parametrize("backend", FLOORS)
def test_the_suite(backend: str) -> None:
    auc, right, bpsn, false_positives, flips = FLOORS[backend]
    found = audited(backend)
    assert found.swaps is not None
    assert found.auc is not None
    assert found.right is not None
    everyone = found.swaps.groups[0]
    assert everyone.bpsn_auc is not None
    assert everyone.false_positive_rate is not None
    measured = (
        f"AUC {found.auc:.4f}, right {found.right:.4f}, swaps: BPSN AUC {everyone.bpsn_auc:.4f}, "
        f"false positives {everyone.false_positive_rate:.4f}, flips {found.swaps.flips}"
    )
    assert found.auc >= auc, measured
    assert found.right >= right, measured
    assert everyone.bpsn_auc >= bpsn, measured
    assert everyone.false_positive_rate <= false_positives, measured
    assert found.swaps.flips <= flips, measured


def test_no_function_is_beyond_the_encoder() -> None:
    # Each function has ten cases or so: this is a floor against blindness, no measure.
    weak = {one.function: one.share for one in audited("encoder").functions if one.share < 0.6}
    assert weak == {}
