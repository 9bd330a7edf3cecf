"""Fit the provisional stance model: a softmax over a few readable features.

    TOOLKIT_CORPORA=... python scripts/train_stance_cues.py

Reads comments with two opposite statements each and comments that take neither
side, keeps ``HELD`` debates out by name, and writes
``toolkit/inference/weights/stance-cues/weights.toml``.
``scripts/eval_stance.py`` measures on the debates that were kept out. About
three minutes on one core; seeded.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from toolkit.analyzers import stance
from toolkit.analyzers.stance import features as stance_features
from toolkit.inference.stance_cues import LABELS, WEIGHTS

SEED = 11
#: Of all debates, so many are never trained on.
HELD = 40
PENALTY = 2.0
#: Weights that are set and not learned: the corpus pairs each comment with both
#: sides, so "I agree" stands on both. Under an article it speaks of the article.
BY_HAND = {
    "agrees": {"agree": 2.5, "unrelated": -1.5},
    "agrees_first": {"agree": 0.7},
    "disagrees": {"disagree": 2.5, "unrelated": -1.5},
    "disagrees_first": {"disagree": 0.7},
}


@dataclass(frozen=True)
class Pair:
    """A thesis, a text, the stance of the text to it, and where it comes from."""

    thesis: str
    text: str
    label: str
    group: str
    source: str
    sarcastic: bool = False
    #: Joins the two sides of one comment.
    key: str = ""


def read(name: str) -> list[dict[str, Any]]:
    folder = os.environ.get("TOOLKIT_CORPORA")
    if not folder:
        raise SystemExit("TOOLKIT_CORPORA is not set: it names a folder of labelled corpora")
    with gzip.open(Path(folder) / "data" / "stance" / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def comment_pairs() -> list[Pair]:
    """Debates of a newspaper: both statements of each comment, those without a stance, re-pairs."""
    rows = read("news_comments_two_stances_train.jsonl.gz")
    debate_of: dict[str, str] = {}
    statements: dict[str, tuple[str, str]] = {}
    pairs = []
    for number, row in enumerate(rows):
        debate = row["debate"]
        statements[debate] = (row["stance1"], row["stance2"])
        for statement in statements[debate]:
            debate_of[_bare(statement)] = debate
            label = "agree" if statement == row["gold_text"] else "disagree"
            pairs.append(
                Pair(statement, row["text"], label, debate, "debate", row["sarcastic"], str(number))
            )
    for row in read("news_comments_no_stance_train.jsonl.gz"):
        group = debate_of.get(_bare(row["headline"]), row["headline"])
        pairs.append(Pair(row["headline"], row["text"], "discuss", group, "none"))
    generator = random.Random(SEED)
    names = sorted(statements)
    for row in rows:  # a statement of another debate on the same side of the split
        side = [name for name in names if is_held(name) == is_held(row["debate"])]
        other = generator.choice([name for name in side if name != row["debate"]])
        statement = generator.choice(statements[other])
        pairs.append(Pair(statement, row["text"], "unrelated", row["debate"], "re-pair"))
    return pairs


def _bare(statement: str) -> str:
    """The files spell quotation marks in different ways."""
    return "".join(letter for letter in statement.lower() if letter.isalnum())


def is_held(debate: str) -> bool:
    return debate in held_debates()


_HELD: set[str] = set()


def held_debates() -> set[str]:
    """The debates that are kept out, chosen by a hash of their names."""
    if not _HELD:
        names = {row["debate"] for row in read("news_comments_two_stances_train.jsonl.gz")}
        order = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
        _HELD.update(order[:HELD])
    return _HELD


def compute(pairs: Sequence[Pair]) -> np.ndarray:
    """``(len(pairs), len(FEATURES))``."""
    return np.vstack([stance.features_of(pair.thesis, pair.text) for pair in pairs])


def fit(features: np.ndarray, labels: Sequence[int], weights: np.ndarray) -> tuple[Any, Any]:
    """Multinomial logistic regression with an L2 penalty: (weights, bias), features unscaled."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-9
    rows = np.hstack(((features - mean) / scale, np.ones((len(features), 1))))
    wanted = np.eye(len(LABELS))[list(labels)]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        values = flat.reshape(rows.shape[1], len(LABELS))
        raw = rows @ values
        raw -= raw.max(axis=1, keepdims=True)
        given = np.exp(raw)
        given /= given.sum(axis=1, keepdims=True)
        inner = np.vstack((values[:-1], np.zeros((1, len(LABELS)))))
        total = -(weights[:, None] * wanted * np.log(given + 1e-12)).sum()
        slope = rows.T @ (weights[:, None] * (given - wanted)) + 2 * PENALTY * inner
        return total + PENALTY * (inner**2).sum(), slope.ravel()

    start = np.zeros(rows.shape[1] * len(LABELS))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    values = found.reshape(rows.shape[1], len(LABELS))
    inner = values[:-1] / scale[:, None]
    return inner, values[-1] - mean @ inner


def pair_weights(pairs: Sequence[Pair]) -> np.ndarray:
    """Each label counts the same in all."""
    labels = np.array([LABELS.index(pair.label) for pair in pairs])
    return (len(labels) / len(LABELS) / np.bincount(labels, minlength=len(LABELS)))[labels]


def main() -> None:
    pairs = [pair for pair in comment_pairs() if not is_held(pair.group)]
    names = stance_features.FEATURES
    learned = [index for index, name in enumerate(names) if name not in BY_HAND]
    labels = [LABELS.index(pair.label) for pair in pairs]
    values = np.zeros((len(names), len(LABELS)))
    values[learned], bias = fit(compute(pairs)[:, learned], labels, pair_weights(pairs))
    for name, given in BY_HAND.items():
        for label, weight in given.items():
            values[names.index(name), LABELS.index(label)] = weight
    lines = [
        "# Written by scripts/train_stance_cues.py: probability of a label is the softmax of",
        "# bias + the sum of weight * feature. Set by hand, not learned, are those of",
        f"# {', '.join(BY_HAND)}.",
        'version = "0.1-provisional"',
        f"features = {json.dumps(list(stance_features.FEATURES))}",
    ]
    for index, label in enumerate(LABELS):
        lines += ["", f"[{label}]", f"bias = {bias[index]:.4f}"]
        weights = ", ".join(f"{value:.4f}" for value in values[:, index])
        lines.append(f"weights = [{weights}]")
    WEIGHTS.mkdir(parents=True, exist_ok=True)
    (WEIGHTS / "weights.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"wrote {WEIGHTS / 'weights.toml'} from {len(pairs)} pairs")


if __name__ == "__main__":
    main()
