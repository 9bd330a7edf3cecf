"""The cascade: who answers, and that it depends on the comment alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from toolkit.inference import LABELS, ToxicSpan
from toolkit.inference.cascade import CascadeToxicity


class Fixed:
    """A model that knows each text's toxicity and counts what it is asked."""

    labels = LABELS
    languages = frozenset({"en"})
    review_threshold = 0.5

    def __init__(self, name: str, known: dict[str, float]) -> None:
        self.version = name
        self.known = known
        self.asked: list[str] = []

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked += texts
        rows = np.zeros((len(texts), len(LABELS)), np.float32)
        rows[:, 0] = [self.known[text] for text in texts]
        return rows

    def spans(self, text: str) -> list[ToxicSpan]:
        return [ToxicSpan(start=0, end=len(text), label=self.version, score=1.0)]

    def window(self, text: str) -> tuple[int, int] | None:
        return (0, 1) if self.version == "fast" else (0, 2)


FAST = {"civil": 0.01, "unsure": 0.3, "edge": 0.1, "vile": 0.99, "": float("nan")}
FULL = {"civil": 0.4, "unsure": 0.7, "edge": 0.2, "vile": 0.6, "": float("nan")}


def cascade() -> tuple[CascadeToxicity, Fixed, Fixed]:
    fast, full = Fixed("fast", FAST), Fixed("full", FULL)
    return CascadeToxicity(fast, full, (0.1, 0.95)), fast, full


def test_the_full_model_answers_inside_the_range_alone() -> None:
    model, _, full = cascade()
    texts = ["civil", "unsure", "edge", "vile", ""]
    scores = model.predict(texts)[:, 0]
    np.testing.assert_allclose(scores, [0.01, 0.7, 0.2, 0.99, np.nan], atol=1e-6)
    assert full.asked == ["unsure", "edge"]
    assert model.unsure(texts).tolist() == [False, True, True, False, False]


def test_a_score_does_not_depend_on_its_batch() -> None:
    model, _, _ = cascade()
    together = model.predict(["vile", "unsure", "civil"])
    alone = np.vstack([model.predict([text]) for text in ("vile", "unsure", "civil")])
    np.testing.assert_array_equal(together, alone)


def test_spans_and_windows_come_from_who_answers() -> None:
    model, _, _ = cascade()
    assert model.spans("civil") == []
    assert model.spans("") == []
    assert [span.label for span in model.spans("unsure")] == ["full"]
    assert [span.label for span in model.spans("vile")] == ["full"]
    assert model.window("unsure") == (0, 2)
    assert model.window("vile") == (0, 1)


def test_the_version_names_both_and_the_range() -> None:
    assert cascade()[0].version == "cascade-fast-0.1-0.95-full"


def test_models_of_different_labels_are_refused() -> None:
    other = Fixed("full", FULL)
    other.labels = ("toxicity",)  # type: ignore[assignment]
    with pytest.raises(ValueError, match="labels"):
        CascadeToxicity(Fixed("fast", FAST), other, (0.1, 0.9))
