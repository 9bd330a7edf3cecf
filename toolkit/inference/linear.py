"""Toxicity by a linear model over hashed words and letter groups.

Exact arithmetic: the weights are small integers, a sum of integers has no
order, and only one division and one table look-up a text follow. So a text's
score is the same bit for bit alone, in any batch, and on any machine.

Features of a word: itself; itself with doubled letters made single; it with
the word before; it with the second before; and its letter groups of 3 to 5,
the spaces at its ends included. Each is hashed to one row of weights, one
weight a label (feature hashing: Weinberger et al. 2009, arXiv:0902.2206). Over
a window of n words a label's logit is ``bias + scale * sum / sqrt(n + damping)``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from toolkit.errors import ModelError
from toolkit.inference import LABELS, ToxicSpan
from toolkit.inference.folding import SPACE, Array, Folded, FoldTable, fold

#: The embedded weights.
WEIGHTS: Final = Path(__file__).parent / "weights" / "toxicity-linear" / "model.npz"
#: The layout of the file; a file of another layout is refused.
FORMAT: Final = "toxicity-linear/1"

#: Words in a window, and from one window's first word to the next one's.
WINDOW: Final = 24
STRIDE: Final = 12
#: Letters of a batch that are worked on at once: small enough for the cache.
_CHUNK: Final = 1 << 16

_LANES: Final = 8  # bytes in a row of weights: six labels, the span head, one spare
_SPAN_LANE: Final = len(LABELS)
_ZERO: Final = 128  # weights are stored as weight + 128, so that bytes can be summed side by side
GRAMS: Final = (3, 4, 5)

# Logits are looked up in a table from -_REACH to _REACH: exp() may differ by
# machine, a table made by one rule does not.
_REACH: Final = 16
_STEPS: Final = 512

_random = np.random.Generator(np.random.PCG64(20_240))
_PLACE = _random.integers(0, 1 << 63, 64, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_GRAM = np.array([0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1], np.uint32)
_GRAM_END = dict(zip(GRAMS, np.array([0x297A2D39, 0x7FEB352D, 0x846CA68B], np.uint32), strict=True))
_SELF, _BEFORE, _SECOND = (
    np.uint64(number) for number in (0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB)
)
_OPENING: Final = np.uint64(12_345)  # stands for the word before a text's first


@dataclass(frozen=True, slots=True)
class Buckets:
    """Rows of weights that a batch of words stands on; row 0 is always zero.

    ``word``, ``squeezed``, ``pair`` and ``skip`` have one entry a word;
    ``grams`` has one array a group length with one entry a letter (of
    ``Folded.letters``; the group that begins there), so that word ``i`` owns
    the entries ``spaces[i]`` up to ``spaces[i + 1]``.
    """

    word: Array
    squeezed: Array
    pair: Array
    skip: Array
    grams: tuple[Array, ...]


def hash_features(folded: Folded, bits: int) -> Buckets:
    """Hash every feature of a batch to ``2 ** bits`` rows: letter groups to the lower half."""
    letters, spaces = folded.letters, folded.spaces
    own = _word_hashes(letters, spaces)
    fresh = np.ones(letters.size, np.bool_)
    fresh[1:] = letters[1:] != letters[:-1]
    single = letters[fresh]
    squeezed = _word_hashes(single, np.flatnonzero(single == SPACE))
    bounds = folded.first_word
    first = np.zeros(own.size + 1, np.bool_)
    first[bounds[:-1][bounds[:-1] < bounds[1:]]] = True
    first = first[:-1]
    before = np.empty_like(own)
    before[1:] = own[:-1]
    before[first] = _OPENING
    second = np.empty_like(own)
    second[1:] = before[:-1]
    pair = _to_rows(own * _SELF + before * _BEFORE, 3, bits)
    second[first] = 0
    skip = _to_rows(own * _SELF + second * _SECOND, 4, bits)
    skip[first] = 0
    return Buckets(
        _to_rows(own, 1, bits), _to_rows(squeezed, 2, bits), pair, skip, _grams(letters, bits)
    )


def _word_hashes(letters: Array, spaces: Array) -> Array:
    """64 bits a word: the sum of its letters, each times a number for its place."""
    place = np.arange(letters.size) - np.repeat(spaces, np.diff(spaces, append=letters.size))
    values = letters * _PLACE[place & 63]
    values[spaces] = 0
    hashed: Array = np.add.reduceat(values, spaces[:-1])
    return hashed


def _to_rows(hashed: Array, salt: int, bits: int) -> Array:
    """The top bits after two rounds of mixing (the finaliser of SplitMix64)."""
    mixed = (hashed + np.uint64(salt)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0x94D049BB133111EB)
    rows = (mixed >> np.uint64(65 - bits)).astype(np.int64)
    rows += 1 << (bits - 1)
    return rows


def _grams(letters: Array, bits: int) -> tuple[Array, ...]:
    """Rows of the letter groups that cross no space; 0 where one would."""
    size = letters.size
    space = letters == SPACE
    roll = letters * _GRAM[0]
    crosses = np.zeros(size, np.bool_)
    found: list[Array] = []
    for length in range(2, max(GRAMS) + 1):
        width = max(size - length + 1, 0)
        roll = roll[:width] + letters[length - 1 :] * _GRAM[length - 1]
        if length > 2:
            crosses = crosses[:width] | space[length - 2 : length - 2 + width]
        if length in _GRAM_END:
            rows = np.zeros(size, np.uint32)
            mixed = (roll ^ (roll >> np.uint32(15))) * _GRAM_END[length]
            np.right_shift(mixed, np.uint32(33 - bits), out=rows[:width])
            rows[:width][crosses] = 0
            found.append(rows)
    return tuple(found)


class LinearToxicity:
    """The embedded linear model; read-only, so threads may share it."""

    labels: tuple[str, ...] = LABELS
    languages: frozenset[str] = frozenset({"en"})

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """From the arrays of a weights file (see :meth:`load`)."""
        meta = json.loads(str(arrays["meta"]))
        self.version: str = meta["version"]
        self.review_threshold: float = meta["review_threshold"]
        self._damping: int = meta["damping"]
        self._span_gate: float = meta["span_gate"]
        self._span_low, self._span_high = meta["span_thresholds"]
        self._bits: int = meta["bits"]
        weights = np.full((1 << self._bits, _LANES), _ZERO, np.uint8)
        weights[:, : _SPAN_LANE + 1] += arrays["weights"].view(np.uint8)
        self._bytes = weights
        self._packed = weights.view(np.uint64).ravel()
        self._scale = arrays["scale"].astype(np.float64)
        self._bias = arrays["bias"].astype(np.float64)
        self._table = FoldTable.from_arrays(
            arrays["fold_source"], arrays["fold_target"], arrays["word_runs"]
        )
        self._sigmoid = np.array(
            [1 / (1 + math.exp(-i / _STEPS)) for i in range(-_REACH * _STEPS, _REACH * _STEPS + 1)],
            np.float32,
        )

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> LinearToxicity:
        """Read a weights file; nothing in it is executed.

        Raises ModelError where it is missing, damaged or of another layout.
        """
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            _check(arrays)
            return cls(arrays)
        except FileNotFoundError as error:
            raise ModelError(
                f"there is no model at {path}",
                next_step="Install the package again: its weights are missing.",
            ) from error
        except Exception as error:  # zip, zlib, json, numpy: a damaged file fails in many ways
            raise ModelError(
                f"{path} is no model of the kind {FORMAT}: {error}",
                next_step="Install the package again, or train the model anew.",
            ) from error

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Probabilities, shape (texts, 6), of the highest window; NaN rows where no word is."""
        result = np.full((len(texts), len(LABELS)), np.nan, np.float32)
        for begin, end in _chunks(texts):
            folded = fold(texts[begin:end], self._table)
            if folded.spaces.size == 1:
                continue
            counts = np.diff(folded.first_word)
            first, last, owner = _windows(folded.first_word, counts)
            scores = self._sigmoid[_index(self._logits(folded, first, last))]
            heads = np.flatnonzero(np.diff(owner, prepend=-1))
            result[begin:end][counts > 0] = np.maximum.reduceat(scores, heads, axis=0)
        return result

    def spans(self, text: str) -> list[ToxicSpan]:
        """Runs of words that the span head marks, where the text as a whole is toxic enough.

        A word is marked at the high threshold, or at the low one beside a
        marked word. The label is the one (of obscene, threat, insult,
        identity_attack) to which the run adds most, ``toxicity`` where it adds
        to none; the score is the highest probability of its words.
        """
        if not self.predict([text])[0, 0] >= self._span_gate:  # NaN is no toxicity
            return []
        folded = fold([text], self._table)
        own, pair, skip = self._word_sums(folded)
        sums = own + pair + skip
        head = self._sigmoid[
            _index(sums[:, _SPAN_LANE] * self._scale[_SPAN_LANE] + self._bias[_SPAN_LANE])
        ]
        found = []
        for first, last in _marked_runs(head, self._span_low, self._span_high):
            adds = sums[first:last, :_SPAN_LANE].sum(axis=0) * self._scale[:_SPAN_LANE]
            kind = max(range(2, len(LABELS)), key=lambda lane: float(adds[lane]))
            found.append(
                ToxicSpan(
                    start=int(folded.starts[first]),
                    end=int(folded.ends[last - 1]),
                    label=LABELS[kind] if adds[kind] > 0 else LABELS[0],
                    score=round(float(head[first:last].max()), 4),
                )
            )
        return found

    def window(self, text: str) -> tuple[int, int] | None:
        """Code points of the window with the highest toxicity; None for a text of one window."""
        folded = fold([text], self._table)
        first, last, _ = _windows(folded.first_word, np.diff(folded.first_word))
        if first.size < 2:
            return None
        best = int(np.argmax(self._logits(folded, first, last)[:, 0]))
        return int(folded.starts[first[best]]), int(folded.ends[last[best] - 1])

    def _word_sums(self, folded: Folded) -> tuple[Array, Array, Array]:
        """Integer sums a word, shape (words, 8): own, with the word before, the second before."""
        buckets = hash_features(folded, self._bits)
        # Eight bytes a row, four of them in each half of the work: 16-bit fields
        # hold the sum of 3 x 65 bytes, and a word has at most 64 letters.
        mask = np.uint64(0x00FF00FF00FF00FF)
        even = np.zeros(folded.letters.size, np.uint64)
        odd = np.zeros(folded.letters.size, np.uint64)
        for rows in buckets.grams:
            taken = self._packed[rows]
            even += taken & mask
            odd += (taken >> np.uint64(8)) & mask
        cuts = folded.spaces[:-1]
        own = np.empty((cuts.size, _LANES), np.int64)
        own[:, 0::2] = np.add.reduceat(even, cuts).view(np.uint16).reshape(-1, 4)
        own[:, 1::2] = np.add.reduceat(odd, cuts).view(np.uint16).reshape(-1, 4)
        terms = np.diff(folded.spaces) * len(GRAMS)
        terms[-1] += len(GRAMS)  # reduceat takes the last space into the last word
        own -= (terms * _ZERO)[:, None]
        own += self._rows(buckets.word)
        own += self._rows(buckets.squeezed)
        return own, self._rows(buckets.pair), self._rows(buckets.skip)

    def _rows(self, rows: Array) -> Array:
        return self._bytes[rows].astype(np.int64) - _ZERO

    def _logits(self, folded: Folded, first: Array, last: Array) -> Array:
        """Logits, shape (windows, 6), of the words ``first:last`` of each window."""
        own, pair, skip = self._word_sums(folded)
        total = _between(own, first, last)
        # What a window's first words share with the words before it is not the window's
        # own, save at the text's beginning, where an opening stands for the word before.
        opens = np.isin(first, folded.first_word)
        total += _between(pair, np.where(opens, first, first + 1), last)
        total += _between(skip, np.where(opens, first, np.minimum(first + 2, last)), last)
        root = np.sqrt((last - first + self._damping).astype(np.float64))
        lanes = slice(0, len(LABELS))
        logits: Array = total[:, lanes] * self._scale[lanes] / root[:, None] + self._bias[lanes]
        return logits


@cache
def embedded() -> LinearToxicity:
    """The embedded model, read once a process."""
    return LinearToxicity.load()


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Index ranges of texts with about _CHUNK letters together."""
    begin = letters = 0
    for index, text in enumerate(texts):
        letters += len(text) + 2
        if letters >= _CHUNK:
            yield begin, index + 1
            begin, letters = index + 1, 0
    if begin < len(texts):
        yield begin, len(texts)


def _windows(first_word: Array, counts: Array) -> tuple[Array, Array, Array]:
    """First and last word (exclusive) and text of every window; none for a text without words.

    A text of up to WINDOW words is one window; a longer one has a window every
    STRIDE words, the last of which ends with the text.
    """
    extra = np.maximum(-(-(counts - WINDOW) // STRIDE), 0)
    windows = np.where(counts > 0, 1 + extra, 0)
    owner = np.repeat(np.arange(counts.size), windows)
    number = np.arange(owner.size) - np.repeat(np.cumsum(windows) - windows, windows)
    longest = np.minimum(counts, WINDOW)[owner]
    start = np.minimum(number * STRIDE, counts[owner] - longest)
    first = first_word[:-1][owner] + start
    return first, first + longest, owner


def _between(values: Array, first: Array, last: Array) -> Array:
    """Sums of rows ``first:last``; exact, since the values are integers."""
    sums = np.zeros((values.shape[0] + 1, values.shape[1]), np.int64)
    np.cumsum(values, axis=0, out=sums[1:])
    between: Array = sums[last] - sums[first]
    return between


def _index(logits: Array) -> Array:
    """Places in the table of probabilities."""
    steps = np.rint(np.clip(logits, -_REACH, _REACH) * _STEPS)
    places: Array = steps.astype(np.int64) + _REACH * _STEPS
    return places


def _marked_runs(head: Array, low: float, high: float) -> list[tuple[int, int]]:
    """Runs of words at ``low`` or more with one at ``high`` or more among them."""
    loud = np.concatenate(([False], head >= low, [False]))
    change = np.flatnonzero(loud[1:] != loud[:-1])
    return [
        (int(first), int(last))
        for first, last in zip(change[::2], change[1::2], strict=True)
        if head[first:last].max() >= high
    ]


_SHAPES: Final = {
    "scale": (_SPAN_LANE + 1,),
    "bias": (_SPAN_LANE + 1,),
}
_NEEDED: Final = {"meta", "weights", "fold_source", "fold_target", "word_runs", *_SHAPES}


def _check(arrays: Mapping[str, Array]) -> None:
    """Raise ValueError where the arrays of a file do not fit together."""
    if missing := _NEEDED - set(arrays):
        raise ValueError(f"it lacks {', '.join(sorted(missing))}")
    meta = json.loads(str(arrays["meta"]))
    if meta["format"] != FORMAT or tuple(meta["labels"]) != LABELS:
        raise ValueError(f"it says {meta['format']!r} with the labels {meta['labels']}")
    shapes = _SHAPES | {"weights": (1 << meta["bits"], _SPAN_LANE + 1)}
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name} has the shape {arrays[name].shape}, not {shape}")
    if arrays["weights"].dtype != np.int8 or arrays["weights"][0].any():
        raise ValueError("weights must be int8, with zeros in row 0")
    if not all(np.isfinite(arrays[name]).all() for name in _SHAPES):
        raise ValueError("scale and bias must be finite")
