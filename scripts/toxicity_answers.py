"""What teachers of `train_toxicity.py` answer for, and their answers in a file.

A teacher with another base than its student's writes its answers down; a text is
known by a digest, so no text of a corpus is in the file.
"""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import numpy as np
from toxicity_corpora import UNKNOWN, Row

from toolkit.inference import LABELS
from toolkit.text.sentences import sentence_spans


def parts(rows: list[Row], times: int, seed: int) -> list[Row]:
    """One to three sentences of Wikipedia's comments, whose label only a teacher can say."""
    rng = random.Random(seed)
    found: dict[str, Row] = {}
    for row in rows:
        spans = sentence_spans(row.text, "en") if row.source == "wikipedia" else []
        for _ in range(times if len(spans) > 1 else 0):
            first, length = rng.randrange(len(spans)), rng.choice((1, 1, 2, 3))
            last = min(first + length, len(spans)) - 1
            text = row.text[spans[first][0] : spans[last][1]]
            if len(text) >= 12 and text != row.text:
                unknown = [UNKNOWN] * len(LABELS)
                found[text] = Row(text, unknown, 1.0, "wikipedia_parts", row.group, None, row.fold)
    return list(found.values())


def asked_of(rows: list[Row]) -> list[Row]:
    """Rows that a teacher answers for."""
    asked = ("wikipedia", "wikipedia_nontoxic", "wikipedia_parts")
    return [row for row in rows if row.source in asked]


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def write_answers(file: Path, texts: list[str], answers: np.ndarray) -> None:
    """Answers by text, for a student with another base; the texts themselves are not in it."""
    np.savez(file, texts=[_digest(text) for text in texts], answers=answers.astype(np.float32))


def read_answers(file: Path, texts: list[str]) -> np.ndarray:
    """``(len(texts), labels)``; exits where a text has no answer."""
    with np.load(file, allow_pickle=False) as stored:
        found = dict(zip(stored["texts"].tolist(), stored["answers"], strict=True))
    try:
        return np.array([found[_digest(text)] for text in texts])
    except KeyError:
        raise SystemExit(
            f"{file} lacks a text of the corpora: run its training with --answers"
        ) from None
