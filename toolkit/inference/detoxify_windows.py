"""Detoxify's numbers over texts of any length, whatever computes them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from toolkit.inference import LABELS, ToxicSpan
from toolkit.text.sentences import sentence_spans

#: Model class -> the languages that Detoxify's checkpoint of it was trained on.
LANGUAGES: Final = {
    "BertForSequenceClassification": frozenset({"en"}),
    "RobertaForSequenceClassification": frozenset({"en"}),
    "AlbertForSequenceClassification": frozenset({"en"}),
    "XLMRobertaForSequenceClassification": frozenset({"en", "fr", "es", "it", "pt", "tr", "ru"}),
}
#: Detoxify's own names for the Jigsaw labels.
RENAMED: Final = {
    "toxic": "toxicity",
    "severe_toxic": "severe_toxicity",
    "identity_hate": "identity_attack",
}
#: Labels that are shown, in this order; a checkpoint may have further ones.
KNOWN: Final = (*LABELS, "sexual_explicit")
#: The toxicity from which on sentences are shown. Detoxify names no threshold of its own.
REVIEW: Final = 0.5


class WindowedDetoxify(ABC):
    """The contract of ``ToxicityModel`` over scores of texts that the model can read whole.

    Detoxify cuts a text at 512 tokens without a word. Here a longer one is
    read in windows, each half over the one before.
    """

    review_threshold: float = REVIEW

    def __init__(
        self,
        labels: tuple[str, ...],
        languages: frozenset[str],
        version: str,
        *,
        longest: int,
        special: int,
    ) -> None:
        """``longest``: tokens that the model can read, ``special`` of them begin and end a text."""
        self.labels = labels
        self.languages = languages
        self.version = version
        self._longest = longest
        self._special = special

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Probabilities, shape (texts, labels); of a long text the highest window a label."""
        pieces: list[str] = []
        owner: list[int] = []
        for index, text in enumerate(texts):
            for start, end in self._windows(text):
                pieces.append(text[start:end])
                owner.append(index)
        result = np.full((len(texts), len(self.labels)), -np.inf, np.float32)
        scores = self._scores(pieces)
        np.maximum.at(result, np.array(owner, np.intp), scores)
        return result

    def spans(self, text: str) -> list[ToxicSpan]:
        """Sentences that are toxic by themselves, where the whole text is; in order.

        Detoxify names no words. The score is the sentence's toxicity, the label
        the highest of the others, or ``toxicity`` where none reaches the threshold.
        """
        if not text or self.predict([text])[0, 0] < self.review_threshold:
            return []
        sentences = sentence_spans(text, "en")
        found = []
        for (start, end), row in zip(
            sentences, self.predict([text[a:b] for a, b in sentences]), strict=True
        ):
            if row[0] < self.review_threshold:
                continue
            kinds = {
                label: float(score)
                for label, score in zip(self.labels, row, strict=True)
                if label not in ("toxicity", "severe_toxicity") and score >= self.review_threshold
            }
            label = max(kinds, key=lambda name: kinds[name]) if kinds else "toxicity"
            found.append(
                ToxicSpan(start=start, end=end, label=label, score=round(float(row[0]), 4))
            )
        return found

    def window(self, text: str) -> tuple[int, int] | None:
        """The window with the highest toxicity; None for a text of one window."""
        windows = self._windows(text)
        if len(windows) == 1:
            return None
        return windows[int(np.argmax(self._scores([text[a:b] for a, b in windows])[:, 0]))]

    @abstractmethod
    def _scores(self, pieces: Sequence[str]) -> npt.NDArray[np.float32]:
        """Probabilities, shape (pieces, labels), of texts that fit into the model."""

    @abstractmethod
    def _offsets(self, text: str) -> list[tuple[int, int]]:
        """Code points of each token of ``text``, special tokens left out."""

    def _windows(self, text: str) -> list[tuple[int, int]]:
        """Windows of a text that the model reads whole, each half over the one before."""
        offsets = self._offsets(text)
        room = self._longest - self._special
        if len(offsets) <= room:
            return [(0, len(text))]
        # A slice may have a few more tokens than it had in its text.
        width = max(room - room // 16, 1)
        starts = [*range(0, len(offsets) - width, max(width // 2, 1)), len(offsets) - width]
        windows: list[tuple[int, int]] = []
        for first in starts:
            start = 0 if first == 0 else offsets[first][0]
            end = len(text) if first == starts[-1] else offsets[first + width - 1][1]
            windows += self._fitting(text, start, end, room)
        return windows

    def _fitting(self, text: str, start: int, end: int, room: int) -> list[tuple[int, int]]:
        """The window, or its halves where its slice has too many tokens."""
        if end - start <= 1 or len(self._offsets(text[start:end])) <= room:
            return [(start, end)]
        middle = (start + end) // 2
        return [
            *self._fitting(text, start, middle, room),
            *self._fitting(text, middle, end, room),
        ]
