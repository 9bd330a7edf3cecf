"""Two toxicity models, one after the other: the fast one where it is sure, the other for the rest.

The fast model's score stands where its toxicity lies outside ``unsure``; what
is civil beyond doubt is most of any stream, so most comments never reach the
slower model. Which of the two answered depends on the comment alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from toolkit.inference import ToxicityModel, ToxicSpan, comment_encoder, linear


class CascadeToxicity:
    """``fast`` and ``full`` must have the same labels. Threads may share it where they share both.

    ``unsure`` is the range of the fast model's toxicity, [low, high), that the
    full model decides.
    """

    def __init__(
        self, fast: ToxicityModel, full: ToxicityModel, unsure: tuple[float, float]
    ) -> None:
        if fast.labels != full.labels:
            raise ValueError(f"the models differ in their labels: {fast.labels}, {full.labels}")
        self._fast = fast
        self._full = full
        self._low, self._high = unsure
        self.labels: tuple[str, ...] = full.labels

    @property
    def version(self) -> str:
        """Both models' versions and the range between them."""
        return f"cascade-{self._fast.version}-{self._low:g}-{self._high:g}-{self._full.version}"

    @property
    def languages(self) -> frozenset[str]:
        """The languages that both models know."""
        return self._fast.languages & self._full.languages

    @property
    def review_threshold(self) -> float:
        """The full model's; below the range the fast model stays under it, above it over it."""
        return self._full.review_threshold

    def unsure(self, texts: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which texts the full model decides; False for a text without a word."""
        return self._is_unsure(self._fast.predict(texts))

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Probabilities, shape (texts, labels); NaN rows where no word is."""
        scores = self._fast.predict(texts)
        rest = np.flatnonzero(self._is_unsure(scores))
        if rest.size:
            scores[rest] = self._full.predict([texts[int(index)] for index in rest])
        return scores

    def spans(self, text: str) -> list[ToxicSpan]:
        """The full model's spans where the comment is not civil beyond doubt."""
        if not self._fast.predict([text])[0, 0] >= self._low:  # NaN is no toxicity
            return []
        return self._full.spans(text)

    def window(self, text: str) -> tuple[int, int] | None:
        """The window of the model that gave the score."""
        return (self._full if self.unsure([text])[0] else self._fast).window(text)

    def _is_unsure(self, scores: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
        toxicity = scores[:, 0]
        found: npt.NDArray[np.bool_] = (toxicity >= self._low) & (toxicity < self._high)
        return found


@cache
def embedded() -> CascadeToxicity:
    """The embedded linear model before the embedded encoder, with the range fitted for them."""
    full = comment_encoder.embedded()
    low, high = full.cascade_range
    return CascadeToxicity(linear.embedded(), full, (low, high))
