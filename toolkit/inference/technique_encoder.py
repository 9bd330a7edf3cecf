"""Spans of rhetorical techniques, marked by a small transformer.

A fine-tuned MiniLM (6 layers, 384 wide) in int8. One output a word piece says
whether any technique is used there, others say which. Spans come from the
first, their names from the others: what a phrase does is easier to see than
which name it has. One text a call, so that a span depends on the text alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from toolkit.inference.packed import PackedModel, open_packed
from toolkit.inference.pieces import centred, of_word, sigmoid, stretches, windows, words

#: The embedded weights.
WEIGHTS: Final = Path(__file__).parent / "weights" / "technique-encoder"
_FACTS: Final = "model.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TechniqueSpan:
    """Code points ``start:end`` of a text in which ``technique`` is used.

    ``score`` in [0, 1] is the probability that the surest word in it belongs to any technique.
    """

    start: int
    end: int
    technique: str
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model says of one text.

    ``starts`` and ``ends`` are the code points of each word piece; ``chances``,
    shape (pieces, 1 + techniques), the probability of any technique and of each:
    of a piece in several windows their mean, weighted to the middle of a window.
    """

    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    chances: npt.NDArray[np.float32]


class TechniqueEncoder:
    """The embedded encoder. Threads may share it; files are opened at the first text."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._weights = weights

    @property
    def version(self) -> str:
        """Name and version of the weights."""
        return self._model.version

    @property
    def languages(self) -> frozenset[str]:
        """The languages it was trained on."""
        return frozenset(self._model.facts["languages"])

    @property
    def techniques(self) -> tuple[str, ...]:
        """What :meth:`technique_spans` can find, by the names of SemEval-2020 task 11."""
        return tuple(self._model.facts["techniques"])

    @property
    def _model(self) -> PackedModel:
        return open_packed(self._weights, _FACTS)

    def technique_spans(self, text: str) -> list[TechniqueSpan]:
        """Spans in order of place; none overlaps another.

        A span is a run of words whose probability is ``low`` or more with one of
        ``high`` or more among them, and ends where its line does. Its technique is
        the one with the highest mean over its pieces. Raises ModelError where the
        weights are missing or damaged.
        """
        decoded = text.encode("utf-8", "replace").decode("utf-8")
        reading = read(self._model, decoded)
        return [] if reading is None else list(spans_of(decoded, reading, self._model.facts))


@cache
def embedded() -> TechniqueEncoder:
    """The process's own encoder."""
    return TechniqueEncoder()


def read(model: PackedModel, text: str) -> Reading | None:
    """One pass over ``text``; None where it has no word piece."""
    encoding = model.tokenizer.encode(text, add_special_tokens=False)
    if not encoding.ids:
        return None
    chances = np.zeros((len(encoding.ids), 1 + len(model.facts["techniques"])), np.float32)
    total = np.zeros((len(encoding.ids), 1), np.float32)
    for first, last in windows(len(encoding.ids), int(model.facts["window_tokens"]) - 2):
        row = np.array([[model.first, *encoding.ids[first:last], model.last]], np.int64)
        weight = centred(last - first)[:, None]
        given = model.session.run(None, {"input_ids": row})[0][0, 1:-1, : chances.shape[1]]
        chances[first:last] += weight * sigmoid(given)
        total[first:last] += weight
    chances /= total
    starts, ends = np.array(encoding.offsets, np.int64).reshape(-1, 2).T
    return Reading(starts, ends, chances)


def spans_of(text: str, reading: Reading, facts: Mapping[str, Any]) -> Iterator[TechniqueSpan]:
    """The spans that the thresholds of ``facts`` give."""
    starts, ends, chances = reading.starts, reading.ends, reading.chances
    found = words(text, starts, ends)
    scores = [float(chances[first:last, 0].max()) for first, last in found]
    # A line break parts what stands on two lines: a headline does not run on in its text.
    breaks = [
        index > 0 and "\n" in text[ends[found[index - 1][1] - 1] : starts[first]]
        for index, (first, _) in enumerate(found)
    ]
    solid = [of_word(text[starts[first] : ends[last - 1]]) for first, last in found]
    low, high = facts["thresholds"]
    for first, last in stretches([score >= low for score in scores]):
        cuts = [first, *(index for index in range(first + 1, last) if breaks[index]), last]
        for begin, stop in pairwise(cuts):
            best = max(scores[begin:stop])
            inside = [index for index in range(begin, stop) if solid[index]]
            if best >= high and inside:
                # Without the commas and dashes at its ends.
                pieces = slice(found[inside[0]][0], found[inside[-1]][1])
                name = facts["techniques"][int(np.argmax(chances[pieces, 1:].mean(axis=0)))]
                yield TechniqueSpan(
                    start=int(starts[pieces][0]),
                    end=int(ends[pieces][-1]),
                    technique=name,
                    score=round(best, 4),
                )
