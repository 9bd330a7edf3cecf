"""Word pieces of a text: the windows they are read in, the words they make, runs of words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def windows(length: int, size: int) -> Iterator[tuple[int, int]]:
    """First and last (exclusive) of overlapping windows; each starts half a window later.

    A text of up to ``size`` is one window; the last window of a longer one
    ends with the text.
    """
    start = 0
    while start + size < length:
        yield start, start + size
        start += size // 2
    yield max(0, length - size), length


def centred(length: int) -> npt.NDArray[np.float32]:
    """How much each piece of a window counts beside another window: most in its middle.

    A piece at the edge was read without what stands beyond it.
    """
    place = np.arange(length)
    return (1 + np.minimum(place, place[::-1])).astype(np.float32)


def sigmoid(logits: Array) -> npt.NDArray[np.float32]:
    """Probabilities of logits."""
    return (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)


def stretches(chosen: Sequence[bool] | npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """First and last (exclusive) of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def words(text: str, starts: Array, ends: Array) -> list[tuple[int, int]]:
    """Word pieces (first, last exclusive) with no space between them: a word.

    ``starts`` and ``ends`` are the code points of each piece.

    Punctuation at a word's ends stands apart, so that a comma does not enter a
    span with the word before it; inside a word it stays ("f*ck", "low-life").
    """
    chunks: list[tuple[int, int]] = []
    for index, start in enumerate(starts):
        if index and start <= ends[index - 1]:
            chunks[-1] = (chunks[-1][0], index + 1)
        else:
            chunks.append((index, index + 1))
    found: list[tuple[int, int]] = []
    for first, last in chunks:
        solid = [
            index
            for index in range(first, last)
            if of_word(text[int(starts[index]) : int(ends[index])])
        ]
        begin, end = (solid[0], solid[-1] + 1) if solid else (last, last)
        found.extend((index, index + 1) for index in range(first, begin))
        if begin < end:
            found.append((begin, end))
        found.extend((index, index + 1) for index in range(end, last))
    return found


def of_word(piece: str) -> bool:
    """Whether a piece is letters, digits or a sign that people write for a letter."""
    return any(sign.isalnum() or sign in "*$@" for sign in piece)
