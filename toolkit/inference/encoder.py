"""Sentence vectors: all-MiniLM-L6-v2 in int8, one text at a time or the sentences of one text.

A dynamically quantised model scales each matrix product by what is in it, so a
text's vector would depend on the texts that share its pass. One text a pass
makes it depend on the text alone; a cache makes up for the lost speed where
texts repeat. The sentences of one comment may share a pass: each vector then
depends on that comment alone, and a short pass costs hardly less than a long one.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from toolkit.inference.packed import PackedModel, open_packed

Vectors = NDArray[np.float32]

#: The graph's inputs, each (1, tokens): word pieces, places in the text, number of the text.
INPUTS: Final = ("input_ids", "position_ids", "text_ids")

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

    def embed_together(self, texts: Sequence[str]) -> Vectors:
        """``(len(texts), 384)`` of texts that are one whole, such as the sentences of a comment.

        As `embed`, in as few passes as their length allows, without the cache.
        The vectors depend on what is in ``texts`` and on their order: cosine to
        those of `embed` is 0.99 on average.

        Raises ModelError where the model files are missing or damaged.
        """
        model = open_packed(self._weights, _FACTS)
        rows = np.zeros((len(texts), int(model.facts["dimensions"])), dtype=np.float32)
        windows = [
            (row, window)
            for row, text in enumerate(texts)
            for window in _windows(model, text.encode("utf-8", "replace").decode("utf-8"))
        ]
        for shared in _passes(windows, int(model.facts["window_tokens"])):
            places, pieces = zip(*shared, strict=True)
            # A text in several windows gets the sum of theirs.
            np.add.at(rows, list(places), model.session.run(None, feed(pieces))[0])
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
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


def feed(windows: Sequence[Sequence[int]]) -> dict[str, NDArray[np.int64]]:
    """The graph's inputs for windows of word pieces laid end to end; `INPUTS` names them."""
    columns = [
        (piece, place, number)
        for number, window in enumerate(windows)
        for place, piece in enumerate(window)
    ]
    rows = np.array(columns, dtype=np.int64).T
    return {name: row[None] for name, row in zip(INPUTS, rows, strict=True)}


def _windows(model: PackedModel, text: str) -> list[list[int]]:
    """Word pieces in the fewest windows of equal size, each between its special pieces."""
    pieces = model.tokenizer.encode(text, add_special_tokens=False).ids
    count = math.ceil(len(pieces) / (int(model.facts["window_tokens"]) - 2))
    bounds = [number * len(pieces) // count for number in range(count + 1)] if count else []
    return [[model.first, *pieces[start:end], model.last] for start, end in pairwise(bounds)]


def _passes(
    windows: Sequence[tuple[int, list[int]]], room: int
) -> Iterator[list[tuple[int, list[int]]]]:
    """The windows in order, in runs of at most ``room`` pieces together."""
    shared: list[tuple[int, list[int]]] = []
    for row, window in windows:
        if sum(len(other) for _, other in shared) + len(window) > room:
            yield shared
            shared = []
        shared.append((row, window))
    if shared:
        yield shared


def _vector(model: PackedModel, text: str) -> Vectors:
    total = np.zeros(int(model.facts["dimensions"]), dtype=np.float32)
    for window in _windows(model, text):
        total += model.session.run(None, feed([window]))[0][0]
    length = float(np.linalg.norm(total))
    return total / np.float32(length) if length else total
