"""Numbers that tell a thesis sentence from the others of its article.

Those of ``WORD_FEATURES`` hold in any language with words between spaces:
place, words shared with the rest of the text and with its beginning, length,
capitals (the last three look at English and a few other languages' words, and
are 0 elsewhere). The weights are in ``weights.toml``, fitted by
``scripts/eval_thesis.py --fit`` with headlines as the target.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import regex
from numpy.typing import NDArray

from toolkit.analyzers.thesis.cues import cues
from toolkit.text.normalize import fold_quotes
from toolkit.text.words import word_spans

Matrix = NDArray[np.float64]
Vectors = NDArray[np.float32]

_WEIGHTS: Final = Path(__file__).with_name("weights.toml")
#: A word in more sentences than this share says nothing about the topic.
_COMMON: Final = 0.25
#: Words of the text that are read as a whole: four windows of the encoder.
GIST_WORDS: Final = 700
_SPEECH: Final = regex.compile(r"\b(?:said|says|told|according to)\b", regex.IGNORECASE)
_PERSON: Final = regex.compile(r"\b(?:I|we|my|our|me|us|you|your)\b", regex.IGNORECASE)

#: Features without vectors, in column order.
WORD_FEATURES: Final = (
    "first",  # 1 for the first sentence
    "early",  # 1 / (1 + index)
    "opening",  # exp(-index / 5)
    "place",  # index / count
    "topic_words",  # cosine of the words with those of all sentences
    "lead_words",  # cosine of the words with the first sentence's
    "word_reach",  # mean share of sentences that its topic words are in
    "name_reach",  # the same of its three widest names, by the root of the count
    "length",  # words / 40, at most 1
    "length_squared",  # (words / 40) squared, at most 4
    "capitals",  # share of words with a capital, the first left out
    "leaning",  # 1 if it leans on the sentence before (he, this, but)
    "speech",  # 1 if it reports speech
    "person",  # 1 if it speaks of I, we or you
)
#: Features of sentence vectors, behind the others.
VECTOR_FEATURES: Final = (
    "gist",  # cosine with the vector of the text read as a whole
    "centre",  # cosine with the mean vector
    "degree",  # mean cosine with all sentences
    "lead",  # cosine with the first sentence, 0 for itself
    "opening_centre",  # cosine with the mean weighted by exp(-index / 3)
)


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear score over features relative to their mean in the article."""

    values: Matrix
    #: Expected cosine with the headline: ``base + slope * score``.
    base: float
    slope: float


def weights(with_vectors: bool) -> Weights:
    """The fitted weights, with or without the vectors' features."""
    return _weights()[with_vectors]


@lru_cache(maxsize=1)
def _weights() -> tuple[Weights, Weights]:
    data = tomllib.loads(_WEIGHTS.read_text(encoding="utf-8"))

    def read(name: str, features: Sequence[str]) -> Weights:
        table = data[name]
        values = [table["weights"][feature] for feature in features]
        return Weights(np.array(values), table["base"], table["slope"])

    return (
        read("words", WORD_FEATURES),
        read("vectors", (*WORD_FEATURES, *VECTOR_FEATURES)),
    )


def scores(features: Matrix, with_vectors: bool) -> Matrix:
    """Expected cosine of each sentence with the headline; a little outside [0, 1] at times.

    The features are taken relative to their mean in the article: the fit is
    about which sentence of one article, not about which article.
    """
    fitted = weights(with_vectors)
    relative: Matrix = (features - features.mean(axis=0)) @ fitted.values
    return np.asarray(fitted.base + fitted.slope * relative)


def word_features(sentences: Sequence[str]) -> Matrix:
    """``(len(sentences), len(WORD_FEATURES))`` for sentences in text order."""
    words = [_words(sentence) for sentence in sentences]
    folded = [[word.lower() for word in row] for row in words]
    count = len(sentences)
    reach = Counter(word for row in folded for word in set(row))
    names = Counter(word.lower() for row in words for word in set(row[1:]) if word[:1].isupper())
    limit = max(2.0, _COMMON * count)
    topical = {word for word, number in reach.items() if number <= limit and len(word) > 1}
    vectors = [Counter(word for word in row if word in topical) for row in folded]
    whole = Counter(word for row in vectors for word in row)
    known = cues()
    rows = []
    for index, sentence in enumerate(sentences):
        line = fold_quotes(sentence)
        own, kinds = folded[index], set(folded[index])
        length = len(own)
        widest = sorted((names[word] for word in kinds if word in names), reverse=True)[:3]
        rows.append(
            (
                float(index == 0),
                1 / (1 + index),
                math.exp(-index / 5),
                index / count,
                _cosine(vectors[index], whole),
                _cosine(vectors[index], vectors[0]) if index else 0.0,
                sum(whole[word] for word in kinds) / count / max(1, len(kinds)),
                sum(widest) / 3 / math.sqrt(count),
                min(length, 40) / 40,
                min(length / 40, 2.0) ** 2,
                sum(word[:1].isupper() for word in words[index][1:]) / max(1, length - 1),
                float(known.leaning.search(line) is not None),
                float(_SPEECH.search(line) is not None),
                float(_PERSON.search(line) is not None),
            )
        )
    return np.array(rows, dtype=np.float64).reshape(count, len(WORD_FEATURES))


def gist(sentences: Sequence[str]) -> str:
    """What the ``gist`` feature's vector is made from: the first sentences read as one text.

    A text read in windows says better what it is about than the mean of its
    sentences does.
    """
    taken, words = [], 0
    for sentence in sentences:
        taken.append(sentence)
        words += word_count(sentence)
        if words >= GIST_WORDS:
            break
    return " ".join(taken)


def vector_features(vectors: Vectors, whole: Vectors) -> Matrix:
    """``(len(vectors), len(VECTOR_FEATURES))`` for unit vectors in text order.

    ``whole`` is the vector of :func:`gist`.
    """
    count = len(vectors)
    fading = np.exp(-np.arange(count) / 3)[:, None].astype(np.float32)
    lead = vectors @ vectors[0]
    lead[0] = 0.0
    return np.column_stack(
        (
            vectors @ whole,
            vectors @ _unit(vectors.mean(axis=0)),
            (vectors @ vectors.T).mean(axis=1),
            lead,
            vectors @ _unit((fading * vectors).sum(axis=0)),
        )
    ).astype(np.float64)


def overlap(title: str, sentence: str) -> float:
    """The share of the title's longer words that the sentence holds, in [0, 1]."""
    wanted = {word.lower() for word in _words(title) if len(word) > 3 or word[:1].isupper()}
    if not wanted:
        return 0.0
    return len(wanted & {word.lower() for word in _words(sentence)}) / len(wanted)


def word_count(sentence: str) -> int:
    """How many words the length features count."""
    return len(_words(sentence))


def _words(text: str) -> list[str]:
    return [text[start:end] for start, end in word_spans(text)]


def _cosine(left: Counter[str], right: Counter[str]) -> float:
    shared = sum(number * right[word] for word, number in left.items())
    if not shared:
        return 0.0
    lengths = (math.sqrt(sum(n * n for n in side.values())) for side in (left, right))
    return shared / math.prod(lengths)


def _unit(vector: Vectors) -> Vectors:
    length = np.linalg.norm(vector)
    return vector / length if length else vector
