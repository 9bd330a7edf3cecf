"""Numbers in, numbers out: models, tokenizers, batching. No room above is known here.

A toxicity model of any kind keeps :class:`ToxicityModel`; what stands behind
it (a linear model, an encoder, Detoxify) is nobody else's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

#: Detoxify's labels, in the order in which our own models give them.
LABELS: Final = (
    "toxicity",
    "severe_toxicity",
    "obscene",
    "threat",
    "insult",
    "identity_attack",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToxicSpan:
    """Code points ``start:end`` of a text that carry ``label``; ``score`` is in [0, 1]."""

    start: int
    end: int
    label: str
    score: float


class ToxicityModel(Protocol):
    """What the toxicity analyzer needs of a model."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the columns of :meth:`predict`; the first is ``toxicity``."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever any number the model gives can change."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """The languages it was made for, as primary BCP 47 subtags."""
        ...

    @property
    def review_threshold(self) -> float:
        """The toxicity from which on a comment is worth a person's look, in [0, 1]."""
        ...

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Probabilities, shape (texts, labels); a row of NaN for a text without a word.

        Each row depends on its own text alone. A long text is read in
        overlapping windows, and each label has its highest window.
        """
        ...

    def spans(self, text: str) -> list[ToxicSpan]:
        """What makes ``text`` toxic, in order; nothing where the whole text is civil."""
        ...

    def window(self, text: str) -> tuple[int, int] | None:
        """Where the most toxic window of ``text`` lies; None where one window holds it all."""
        ...
