"""What teachers of `train_toxicity.py` answer for, and their answers in a file.

A teacher writes its answers down (`ask_toxicity.py`), since a student with another
base cannot run it; a text is known by a digest, so no text of a corpus is in the file.
"""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import numpy as np
from toxicity_corpora import UNKNOWN, Row

from toolkit.inference import LABELS
from toolkit.text.sentences import sentence_spans

#: Sources whose labels are those of Wikipedia's raters: teachers answer for all six.
WIKIPEDIA = ("wikipedia", "wikipedia_nontoxic", "wikipedia_parts")

#: Comments with labels of other raters: teachers say what Wikipedia's would have marked. Not of
#: sentences from forums, which the large teacher never saw.
ELSEWHERE = ("news", "tweets")

#: Draws of parts from each comment of Wikipedia.
PARTS = 6


def parts(rows: list[Row], times: int, seed: int) -> list[Row]:
    """One to three sentences of Wikipedia's comments, whose label only a teacher can say.

    One in five stands before or after those of another comment, as a remark stands
    among others.
    """
    rng = random.Random(seed)
    found: dict[str, Row] = {}
    before = ""
    for row in rows:
        spans = sentence_spans(row.text, "en") if row.source == "wikipedia" else []
        for _ in range(times if len(spans) > 1 else 0):
            first, length = rng.randrange(len(spans)), rng.choice((1, 1, 2, 3))
            last = min(first + length, len(spans)) - 1
            text = row.text[spans[first][0] : spans[last][1]]
            if len(text) < 12 or text == row.text:
                continue
            joined = text
            if before and rng.random() < 0.2:
                joined = f"{before} {text}" if rng.random() < 0.5 else f"{text} {before}"
            before = text
            unknown = [UNKNOWN] * len(LABELS)
            found[joined] = Row(joined, unknown, 1.0, "wikipedia_parts", row.group, None, row.fold)
    return list(found.values())


def asked_of(rows: list[Row], sources: tuple[str, ...] = WIKIPEDIA + ELSEWHERE) -> list[Row]:
    """Rows that a teacher answers for."""
    return [row for row in rows if row.source in sources]


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def write_answers(file: Path, texts: list[str], answers: np.ndarray) -> None:
    """Add answers by text to those in ``file``; the texts themselves are not in it.

    A writing that is cut off leaves the file as it was.
    """
    found = _stored(file)
    found |= {_digest(text): row for text, row in zip(texts, answers, strict=True)}
    table = np.array(list(found.values()), np.float32)
    # savez adds ".npz" to a path that lacks it, so it gets an open file.
    temporary = file.with_suffix(".tmp")
    with temporary.open("wb") as opened:
        np.savez(opened, texts=list(found), answers=table)
    temporary.replace(file)


def lacking(file: Path, texts: list[str]) -> list[str]:
    """Those of ``texts`` without an answer in ``file``."""
    found = _stored(file)
    return [text for text in texts if _digest(text) not in found]


def _stored(file: Path) -> dict[str, np.ndarray]:
    if not file.exists():
        return {}
    with np.load(file, allow_pickle=False) as stored:
        return dict(zip(stored["texts"].tolist(), stored["answers"], strict=True))


def read_answers(file: Path, texts: list[str]) -> np.ndarray:
    """``(len(texts), labels)``; exits where a text has no answer."""
    found = _stored(file)
    try:
        return np.array([found[_digest(text)] for text in texts])
    except KeyError:
        raise SystemExit(
            f"{file} lacks a text of the corpora: run ask_toxicity.py for it"
        ) from None
