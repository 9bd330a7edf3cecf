"""Sentence vectors: all-MiniLM-L6-v2 in int8, one text at a time.

A dynamically quantised model scales each matrix product by what is in it, so a
text's vector would depend on the texts that share its batch. Batch size 1
makes it depend on the text alone; a cache makes up for the lost speed where
texts repeat.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from toolkit.inference.packed import PackedModel, open_packed

Vectors = NDArray[np.float32]

#: The model files that come with the package.
WEIGHTS: Final = Path(__file__).parent / "weights" / "minilm-l6-v2-int8"

_FACTS: Final = "encoder.json"

#: Vectors kept, 1.5 KB each.
CACHE_SIZE: Final = 4096


class SentenceEncoder:
    """Maps texts to unit vectors whose dot product is their cosine similarity.

    Cheap to make: the model is opened at the first text, once a process, from
    files of the package. Safe to share between threads.
    """

    def __init__(self, weights: Path = WEIGHTS, *, cache_size: int = CACHE_SIZE) -> None:
        self._weights = weights
        self._cache_size = cache_size
        self._cache: OrderedDict[bytes, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy in another process starts with an empty cache.
        return (_rebuild, (self._weights, self._cache_size))

    @property
    def version(self) -> str:
        """Name and version of the weights; any vector can change when it changes."""
        return open_packed(self._weights, _FACTS).version

    def embed(self, texts: Sequence[str]) -> Vectors:
        """``(len(texts), 384)`` float32, each row of length 1.

        A text of more than 254 word pieces is cut into the fewest windows of
        equal size (to one piece); its vector is the mean of theirs, brought
        back to length 1. A text without any word piece (empty, white space,
        control characters) gets the zero vector: it is similar to nothing.

        Raises ModelError where the model files are missing or damaged.
        """
        model = open_packed(self._weights, _FACTS)
        rows = np.zeros((len(texts), int(model.facts["dimensions"])), dtype=np.float32)
        known: dict[str, int] = {}
        for index, text in enumerate(texts):
            if text in known:
                rows[index] = rows[known[text]]
                continue
            known[text] = index
            rows[index] = self._one(model, text)
        return rows

    def _one(self, model: PackedModel, text: str) -> Vectors:
        encoded = text.encode("utf-8", "replace")
        key = hashlib.blake2b(encoded, digest_size=16).digest()
        with self._lock:
            found = self._cache.get(key)
            if found is not None:
                self._cache.move_to_end(key)
                return found
        vector = _vector(model, encoded.decode("utf-8"))
        with self._lock:
            self._cache[key] = vector
            while len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)
        return vector


@lru_cache(maxsize=1)
def shared_encoder() -> SentenceEncoder:
    """The process's own encoder: one cache for all who embed the same sentences."""
    return SentenceEncoder()


def _rebuild(weights: Path, cache_size: int) -> SentenceEncoder:
    return SentenceEncoder(weights, cache_size=cache_size)


def _vector(model: PackedModel, text: str) -> Vectors:
    pieces = model.tokenizer.encode(text, add_special_tokens=False).ids
    if not pieces:
        return np.zeros(int(model.facts["dimensions"]), dtype=np.float32)
    count = math.ceil(len(pieces) / (int(model.facts["window_tokens"]) - 2))
    total = np.zeros(int(model.facts["dimensions"]), dtype=np.float32)
    for window in range(count):
        start = window * len(pieces) // count
        end = (window + 1) * len(pieces) // count
        ids = np.array([[model.first, *pieces[start:end], model.last]], dtype=np.int64)
        total += model.session.run(None, {"input_ids": ids})[0][0]
    length = float(np.linalg.norm(total))
    return total / np.float32(length) if length else total
