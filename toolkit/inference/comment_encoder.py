"""Toxicity and toxic words from one pass of a small transformer.

A fine-tuned MiniLM (6 layers, 384 wide) in int8, with two heads: the comment's
labels and toxic word pieces. A dynamically quantised model scales each matrix
product by what is in it, so a text's score would depend on the texts beside it;
one text a call makes it depend on the text alone.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from toolkit.inference import LABELS, ToxicSpan
from toolkit.inference.packed import PackedModel, open_packed
from toolkit.inference.pieces import of_word, sigmoid, stretches, windows, words

#: The embedded weights.
WEIGHTS: Final = Path(__file__).parent / "weights" / "comment-encoder"
_FACTS: Final = "model.json"

#: Readings kept, about 2 KB each: a comment that is scored is often explained next.
CACHE_SIZE: Final = 8192

#: A span's own words name its label from this probability on; below it is `toxicity`.
_NAMED: Final = 0.4


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model says about one text.

    ``windows`` holds the labels' probabilities, shape (windows, labels), each as
    it counts among so many windows (:func:`_discount`);
    ``bounds`` the first and last code point (exclusive) of each window;
    ``starts`` and ``ends`` the code points of each word piece; ``pieces`` how
    likely each is toxic, shape (pieces,), each in its highest window.
    """

    windows: npt.NDArray[np.float32]
    bounds: tuple[tuple[int, int], ...]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    pieces: npt.NDArray[np.float32]


class CommentEncoder:
    """The embedded encoder. Cheap to make: files are opened at the first text, once a process.

    Threads may share it; a copy in another process starts with an empty cache.
    """

    labels: tuple[str, ...] = LABELS

    def __init__(self, weights: Path = WEIGHTS, *, cache_size: int = CACHE_SIZE) -> None:
        self._weights = weights
        self._cache_size = cache_size
        self._cache: OrderedDict[bytes, Reading | None] = OrderedDict()
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (self._weights, self._cache_size))

    @property
    def version(self) -> str:
        """Name and version of the weights."""
        return self._model.version

    @property
    def languages(self) -> frozenset[str]:
        """The languages it was trained on."""
        return frozenset(self._model.facts["languages"])

    @property
    def review_threshold(self) -> float:
        """The toxicity from which on a comment is worth a person's look, in [0, 1]."""
        return float(self._model.facts["review_threshold"])

    @property
    def cascade_range(self) -> tuple[float, float]:
        """The linear model's toxicity, [low, high), in which it leaves a comment to this one."""
        low, high = self._model.facts["cascade_range"]
        return float(low), float(high)

    @property
    def _model(self) -> PackedModel:
        return open_packed(self._weights, _FACTS)

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Probabilities, shape (texts, 6), of the highest window; NaN rows where no word is.

        Raises ModelError where the weights are missing or damaged.
        """
        result = np.full((len(texts), len(LABELS)), np.nan, np.float32)
        for index, text in enumerate(texts):
            reading = self.read(text)
            if reading is not None:
                result[index] = reading.windows.max(axis=0)
        return result

    def spans(self, text: str) -> list[ToxicSpan]:
        """The words that the score stands on, where the text as a whole is toxic enough.

        Of all sets of words, the one that promises the best F1 with what
        raters would mark (:func:`_likeliest`): many words where many are
        likely, the one likeliest where none is. The label is that of obscene,
        threat, insult and identity_attack which the words have by themselves,
        ``toxicity`` where they have none; the score is that of the surest piece.
        """
        reading = self.read(text)
        facts = self._model.facts
        if reading is None or reading.windows[:, 0].max() < facts["span_gate"]:
            return []
        found = []
        for start, end, score in _likeliest(text, reading, *facts["span_calibration"]):
            if score < facts["span_least"]:
                continue
            alone = self.predict([text[start:end]])[0, 2:]
            kind = 2 + int(np.argmax(alone)) if alone.max() >= _NAMED else 0
            found.append(ToxicSpan(start=start, end=end, label=LABELS[kind], score=score))
        return found

    def window(self, text: str) -> tuple[int, int] | None:
        """Code points of the window with the highest toxicity; None for a text of one window."""
        reading = self.read(text)
        if reading is None or len(reading.bounds) < 2:
            return None
        return reading.bounds[int(np.argmax(reading.windows[:, 0]))]

    def read(self, text: str) -> Reading | None:
        """One pass over ``text``; None where it has no word piece."""
        encoded = text.encode("utf-8", "replace")
        key = hashlib.blake2b(encoded, digest_size=16).digest()
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        reading = _read(self._model, encoded.decode("utf-8"))
        with self._lock:
            self._cache[key] = reading
            while len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)
        return reading


@cache
def embedded() -> CommentEncoder:
    """The process's own encoder: one cache for all analyzers that read the same comments."""
    return CommentEncoder()


def _rebuild(weights: Path, cache_size: int) -> CommentEncoder:
    return CommentEncoder(weights, cache_size=cache_size)


def _read(model: PackedModel, text: str) -> Reading | None:
    encoding = model.tokenizer.encode(text, add_special_tokens=False)
    ids = encoding.ids
    if not ids:
        return None
    offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)
    labels, bounds = [], []
    pieces = np.zeros(len(ids), np.float32)
    for first, last in windows(len(ids), int(model.facts["window_tokens"]) - 2):
        row = np.array([[model.first, *ids[first:last], model.last]], np.int64)
        label, piece = model.session.run(None, {"input_ids": row})
        labels.append(label[0])
        np.maximum(pieces[first:last], sigmoid(piece[0, 1:-1, 0]), out=pieces[first:last])
        bounds.append((int(offsets[first, 0]), int(offsets[last - 1, 1])))
    logits = np.stack(labels) - _discount(len(labels), float(model.facts["window_discount"]))
    return Reading(sigmoid(logits), tuple(bounds), offsets[:, 0], offsets[:, 1], pieces)


def _discount(windows: int, share: float) -> float:
    """What each of a text's ``windows`` loses in logits: its odds are divided by n ** ``share``.

    The highest of many is high by chance: without this a long civil text scores
    higher than a short one. At 1 the sum of the odds would be that of one window
    (Bonferroni's correction), at 0 there is none.
    """
    return share * math.log(windows)


def _likeliest(
    text: str, reading: Reading, scale: float, bias: float
) -> Iterator[tuple[int, int, float]]:
    """Runs of the words whose set has the highest expected F1 of characters.

    The logit of a word's probability p is that of the mean of its pieces, times
    ``scale`` plus ``bias``. With words of n characters, a set S promises about
    2 sum_S(p n) / (sum_S(n) + sum(p n)); the best set holds the likeliest
    words (Ye et al. 2012, Optimizing F-measures, theorem 2), so trying each
    number of them is enough.
    """
    found = words(text, reading.starts, reading.ends)
    if not found:
        return
    mean = np.array([reading.pieces[a:b].astype(np.float64).mean() for a, b in found])
    mean = np.clip(mean, 1e-5, 1 - 1e-5)
    chance = 1 / (1 + np.exp(-(np.log(mean / (1 - mean)) * scale + bias)))
    size = np.array([reading.ends[b - 1] - reading.starts[a] for a, b in found], np.float64)
    order = np.argsort(-chance, kind="stable")
    hits = np.cumsum((chance * size)[order])
    best = int(np.argmax(2 * hits / (np.cumsum(size[order]) + hits[-1])))
    chosen = np.zeros(len(found), bool)
    chosen[order[: best + 1]] = True
    for first, last in stretches(chosen):
        pieces = slice(found[first][0], found[last - 1][1])
        start, end = int(reading.starts[pieces][0]), int(reading.ends[pieces][-1])
        if of_word(text[start:end]):
            yield start, end, round(float(reading.pieces[pieces].max()), 4)
