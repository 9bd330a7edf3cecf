from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from toolkit.analyzers.stance.features import FEATURES
from toolkit.errors import ModelError
from toolkit.inference.stance_cues import LABELS, WEIGHTS, load


def test_the_weights_fit_the_features() -> None:
    model = load()
    assert model.features == FEATURES
    assert model.weights.shape == (len(FEATURES), len(LABELS))
    assert (WEIGHTS / "MODEL_CARD.md").is_file()


def test_probabilities_sum_to_one_even_far_out() -> None:
    model = load()
    for scale in (0.0, 1.0, 1e6):
        found = model.probabilities(np.full(len(FEATURES), scale))
        assert found.sum() == pytest.approx(1.0)
        assert np.isfinite(found).all()


@pytest.mark.parametrize("content", [None, "", "version = 1", 'features = ["a"]\nversion = "1"'])
def test_odd_weights_are_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "weights.toml").write_text(content)
    with pytest.raises(ModelError, match=r"weights\.toml"):
        load(tmp_path)
