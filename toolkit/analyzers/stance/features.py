"""What a comment and a thesis have in common, and which side the comment's words take.

Numbers that a person can check: similarity of vectors, shared words, phrases
of agreement and disagreement, negation, opposite words, tone, questions.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import regex
from numpy.typing import NDArray

from toolkit.text.normalize import fold_quotes
from toolkit.text.words import word_spans

Vectors = NDArray[np.float32]

_FILE: Final = Path(__file__).with_name("cues.toml")

#: The features, in the order of the model's weights.
FEATURES: Final = (
    "nearest",  # highest cosine of a sentence of the comment with a line of the thesis
    "whole",  # cosine of the mean of the comment's sentences with its nearest line
    "nearest_squared",
    "shared_words",  # share of the line's topic words that the comment holds
    "negated_gap",  # cosine of the nearest sentence with the line minus that with its negation
    "whole_gap",  # the same for the mean of the comment's sentences
    "agrees",  # log(1 + phrases of agreement that no "but" takes back)
    "disagrees",  # log(1 + phrases of disagreement)
    "agrees_first",  # 1 if the first sentence agrees
    "disagrees_first",  # 1 if the first sentence disagrees
    "negation_differs",  # 1 if just one of the nearest sentence and the line is negated
    "negated",  # negations per sentence, at most 2
    "thesis_negated",  # 1 if the line is negated
    "opposites",  # log(1 + words of the comment opposite to a word of the line)
    "tone",  # (positive - negative words) / (1 + both) in the comment
    "tone_agrees",  # tone of the nearest sentence times tone of the line
    "adversative",  # but, however … per sentence, at most 1
    "asks",  # share of sentences that are questions
    "exclaims",  # 1 if it shouts with an exclamation mark
    "length",  # log(1 + words)
)


@dataclass(frozen=True, slots=True)
class Cues:
    """The compiled cues of ``cues.toml``."""

    agreement: regex.Pattern[str]
    turn_ahead: regex.Pattern[str]
    turn_within: regex.Pattern[str]
    disagreement: regex.Pattern[str]
    words: dict[str, frozenset[str]]
    opposites: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a thesis with its vector and that of its negation."""

    text: str
    vector: Vectors
    negated_vector: Vectors
    words: frozenset[str]
    topic: frozenset[str]
    is_negated: bool
    tone: float


@lru_cache(maxsize=1)
def cues() -> Cues:
    """Read and compile the cue file, once a process."""
    data: dict[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    words = dict(data["words"])
    opposites: dict[str, set[str]] = {}
    for one, other in words.pop("opposites"):
        opposites.setdefault(one, set()).add(other)
        opposites.setdefault(other, set()).add(one)
    return Cues(
        agreement=_any(data["agreement"]["direct"]),
        turn_ahead=_any(data["agreement"]["turns"][:1]),
        turn_within=_any(data["agreement"]["turns"][1:]),
        disagreement=_any(data["disagreement"]["direct"]),
        words={name: frozenset(listed) for name, listed in words.items()},
        opposites={word: frozenset(found) for word, found in opposites.items()},
    )


def negate(sentence: str) -> str:
    """``sentence`` with its meaning turned: a negation taken out, or one put in.

    A rule, not grammar: it takes out the first "not"; else it puts "not"
    behind the first auxiliary verb; else it says "It is not true that".
    """
    folded = fold_quotes(sentence)
    spans = word_spans(folded)
    words = cues().words
    for start, end in spans:
        word = folded[start:end].lower()
        if word in ("not", "never"):
            return f"{sentence[:start].rstrip()} {sentence[end:].lstrip()}".strip()
        if word.endswith("n't") and word not in ("can't", "won't", "ain't"):
            return sentence[: end - 3] + sentence[end:]
        if word in ("cannot", "can't"):
            return f"{sentence[:start]}can{sentence[end:]}"
        if word == "won't":
            return f"{sentence[:start]}will{sentence[end:]}"
    for start, end in spans[1:]:
        if folded[start:end].lower() in words["auxiliaries"]:
            return f"{sentence[:end]} not{sentence[end:]}"
    return f"It is not true that {sentence}"


def line(text: str, vector: Vectors, negated_vector: Vectors) -> Line:
    """A thesis sentence made ready to be compared with many comments."""
    words = _words(text)
    return Line(
        text=text,
        vector=vector,
        negated_vector=negated_vector,
        words=frozenset(words),
        topic=frozenset(_stem(word) for word in words if word not in cues().words["stop"]),
        is_negated=_negations(words) > 0,
        tone=_tone(words),
    )


def nearest_line(vectors: Vectors, lines: Sequence[Line]) -> tuple[int, int, float]:
    """The sentence and the line that are most alike, and their cosine in [-1, 1]."""
    similar = vectors @ np.stack([line.vector for line in lines]).T
    row, column = divmod(int(np.argmax(similar)), len(lines))
    return row, column, float(similar[row, column])


def features(
    sentences: Sequence[str], vectors: Vectors, lines: Sequence[Line], *, ahead: str = ""
) -> NDArray[np.float64]:
    """``(len(FEATURES),)`` for one comment: its sentences, their vectors, the thesis.

    ``ahead`` is the sentence after the last, where a part of a comment is judged.
    """
    row, column, nearest = nearest_line(vectors, lines)
    thesis = lines[column]
    lengths = np.array([max(1, len(sentence)) for sentence in sentences], dtype=np.float32)
    mean = (vectors * lengths[:, None]).sum(axis=0)
    size = float(np.linalg.norm(mean))
    mean = mean / np.float32(size) if size else mean
    known = cues()
    folded = [fold_quotes(sentence) for sentence in sentences]
    each = [_words(sentence) for sentence in sentences]
    words = [word for row_words in each for word in row_words]
    kinds = set(words)
    agrees = _agreements([*folded, fold_quotes(ahead)])[:-1]
    disagrees = [len(known.disagreement.findall(sentence)) for sentence in folded]
    count = len(sentences)
    stems = {_stem(word) for word in words}
    values = (
        nearest,
        float(mean @ thesis.vector),
        nearest * nearest,
        len(thesis.topic & stems) / max(1, len(thesis.topic)),
        nearest - float(vectors[row] @ thesis.negated_vector),
        float(mean @ thesis.vector) - float(mean @ thesis.negated_vector),
        math.log1p(sum(agrees)),
        math.log1p(sum(disagrees)),
        float(agrees[0] > 0),
        float(disagrees[0] > 0),
        float((_negations(each[row]) % 2 > 0) != thesis.is_negated),
        min(2.0, _negations(words) / count),
        float(thesis.is_negated),
        math.log1p(
            sum(bool(known.opposites.get(word, frozenset()) & kinds) for word in thesis.words)
        ),
        _tone(words),
        _tone(each[row]) * thesis.tone,
        min(1.0, sum(word in known.words["adversatives"] for word in words) / count),
        sum(sentence.rstrip(" \"')").endswith("?") for sentence in folded) / count,
        float(any("!" in sentence for sentence in sentences)),
        math.log1p(len(words)),
    )
    return np.array(values, dtype=np.float64)


def _agreements(sentences: Sequence[str]) -> list[int]:
    """Phrases of agreement in each sentence; none where a "but" takes them back."""
    known = cues()
    found = []
    for index, sentence in enumerate(sentences):
        places = [match.end() for match in known.agreement.finditer(sentence)]
        ahead = sentences[index + 1] if index + 1 < len(sentences) else ""
        taken_back = places and (
            known.turn_ahead.search(ahead) or known.turn_within.search(sentence, places[-1])
        )
        found.append(0 if taken_back else len(places))
    return found


def _words(text: str) -> list[str]:
    folded = fold_quotes(text)
    return [folded[start:end].lower() for start, end in word_spans(folded)]


def _stem(word: str) -> str:
    """The first six letters: enough to join "immigrant" and "immigration"."""
    return word[:6]


def _negations(words: Sequence[str]) -> int:
    return sum(word in cues().words["negations"] for word in words)


def _tone(words: Sequence[str]) -> float:
    """(positive - negative) / (1 + both), a negation just before a word turning it."""
    known = cues().words
    good = bad = 0
    for index, word in enumerate(words):
        turned = any(before in known["negations"] for before in words[max(0, index - 2) : index])
        if word in known["positive"]:
            good, bad = (good, bad + 1) if turned else (good + 1, bad)
        elif word in known["negative"]:
            good, bad = (good + 1, bad) if turned else (good, bad + 1)
    return (good - bad) / (1 + good + bad)


def _any(patterns: Sequence[str]) -> regex.Pattern[str]:
    return regex.compile("|".join(f"(?:{pattern})" for pattern in patterns), regex.IGNORECASE)
