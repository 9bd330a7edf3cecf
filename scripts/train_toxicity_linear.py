"""Train the embedded linear toxicity model.

    TOOLKIT_CORPORA=FOLDER python scripts/train_toxicity_linear.py

Needs scikit-learn and scipy, takes some minutes on two cores and about 6 GB,
goes nowhere near the network, and gives the same model every time. Writes
``model.npz`` and ``training.log`` beside it; the figures at the end are those
of the model card. ``*_dev`` files are read at the end, for the table alone.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import sys
import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse as sp
from toxicity_corpora import Row, load, read, wikipedia_targets
from toxicity_evaluation import character_f1, functional_table, label_table

from toolkit.inference import LABELS
from toolkit.inference.folding import CODE_POINTS, FoldTable, fold
from toolkit.inference.linear import (
    FORMAT,
    WEIGHTS,
    WINDOW,
    LinearToxicity,
    hash_features,
)

BITS = 19
DAMPING = 5
LAMBDA = 3e-4
SPAN_LAMBDA = 1e-4
#: At most this share of civil comments may show spans.
CIVIL_WITH_SPANS = 0.02
ROUNDS = (45, 25, 15)  # steps of L-BFGS: with whole texts, then twice with their worst windows
SPAN_ROUNDS = 60

# Look-alikes that Unicode's compatibility forms do not name.
LOOK_ALIKE = {
    **dict(zip("αβγεικνορτυχωϲϳη", "abyeiknoptuxwcjn", strict=True)),
    **dict(zip("авсԁеёһніїјкмоԛрѕтуԝхѵгпиьзлє", "abcdeehhiijkmoqpstuwxvrnubene", strict=True)),
    **dict(
        zip(
            "ıłøđħßæœɑɡƒʀɴᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍᴏᴘꜱᴛᴜᴠᴡʏᴢ",
            "ilodhsaoagfrnabcdefghijklmopstuvwyz",
            strict=True,
        )
    ),
    **dict(zip("ցոսօհ×", "gnuohx", strict=True)),
    **dict.fromkeys("∗⁎•●■█▪", "*"),
}
LEFT_OUT = set(
    "'\u2018\u2019\u201a\u201b\u02bc\u02b9\u02bb\uff07`\u00b4\u2032\u3164\u115f\u1160\uffa0"
)


def fold_arrays() -> dict[str, np.ndarray]:
    """The folding table as changed code points and runs of word characters."""
    source, target = [], []
    word = np.zeros(CODE_POINTS + 2, np.int8)
    for code in range(CODE_POINTS):
        letter = chr(code)
        category = unicodedata.category(letter)
        word[code + 1] = category[0] in "LN" or category == "Mc" or letter == "*"
        if category in ("Cs", "Co", "Cn"):
            continue
        to = 0 if category in ("Mn", "Me", "Cf") or letter in LEFT_OUT else _plain(letter)
        if to != code:
            source.append(code)
            target.append(to)
    runs = np.flatnonzero(np.diff(word)).reshape(-1, 2)
    return {
        "fold_source": np.array(source, np.int32),
        "fold_target": np.array(target, np.int32),
        "word_runs": runs.astype(np.int32),
    }


def _plain(letter: str) -> int:
    code = ord(letter)
    if 0x1F130 <= code <= 0x1F189 and (code - 0x1F130) % 32 < 26:  # letters in boxes
        return ord("a") + (code - 0x1F130) % 32
    base = letter.lower()[0]
    if base not in LOOK_ALIKE and code > 127:
        parts = unicodedata.normalize("NFKD", base)
        base = next((p for p in parts if unicodedata.category(p)[0] in "LN"), parts[0])
        base = base.lower()[0]
    return ord(LOOK_ALIKE.get(base, base))


class Features:
    """Texts to sparse counts, by the very functions that the model runs on."""

    def __init__(self, table: FoldTable) -> None:
        self.table = table

    def comments(self, texts: Sequence[str]) -> tuple[sp.csr_matrix, np.ndarray]:
        """(texts x buckets) counts and the number of words of each text."""
        return self._matrix(texts, by_word=False)

    def words(self, texts: Sequence[str]) -> tuple[sp.csr_matrix, np.ndarray]:
        """(words x buckets) counts and the number of words of each text."""
        return self._matrix(texts, by_word=True)

    def _matrix(self, texts: Sequence[str], *, by_word: bool) -> tuple[sp.csr_matrix, np.ndarray]:
        parts, counts, base = [], [], 0
        for start in range(0, len(texts), 2000):
            folded = fold(texts[start : start + 2000], self.table)
            buckets = hash_features(folded, BITS)
            number = np.diff(folded.first_word)
            words = int(number.sum())
            owner = np.arange(words) if by_word else np.repeat(np.arange(number.size), number)
            letters = np.append(np.repeat(owner, np.diff(folded.spaces)), 0)
            per_word = (buckets.word, buckets.squeezed, buckets.pair, buckets.skip)
            for rows, places in [(b, owner) for b in per_word] + [
                (g, letters) for g in buckets.grams
            ]:
                used = rows != 0
                parts.append((places[used] + base, rows[used].astype(np.int32)))
            base += words if by_word else number.size
            counts.append(number)
        place = np.concatenate([part[0] for part in parts]).astype(np.int32)
        rows = np.concatenate([part[1] for part in parts])
        shape = (base, 1 << BITS)
        data = np.ones(rows.size, np.float32)
        return sp.coo_matrix((data, (place, rows)), shape=shape).tocsr(), np.concatenate(counts)

    def windows(self, text: str) -> list[str]:
        """Texts of windows that cover the text; one for a text of up to WINDOW words."""
        folded = fold([text], self.table)
        words = folded.starts.size
        if words <= WINDOW:
            return [text]
        # Windows side by side, where the model's own overlap: half the work.
        begins = [*range(0, words - WINDOW, WINDOW), words - WINDOW]
        return [text[folded.starts[b] : folded.ends[b + WINDOW - 1]] for b in begins]


def rarity(matrix: sp.csr_matrix) -> np.ndarray:
    """log(rows / rows with the feature), 0 where fewer than two rows have it."""
    found = np.bincount(matrix.indices, minlength=matrix.shape[1])
    factor = np.log((matrix.shape[0] + 1) / (found + 1)) / 3
    factor[found < 2] = 0
    return factor.astype(np.float32)


def fit(
    matrix: sp.csr_matrix,
    targets: np.ndarray,
    weight: np.ndarray,
    *,
    steps: int,
    start: np.ndarray | None = None,
    penalty: float = LAMBDA,
) -> np.ndarray:
    """Masked logistic regression on soft targets; (buckets + 1, labels), the bias last."""
    buckets = matrix.shape[1]
    labels = targets.shape[1]
    known = np.isfinite(targets)
    wanted = np.where(known, targets, 0).astype(np.float32)
    mass = (known * weight[:, None]).astype(np.float32)
    total = mass.sum(axis=0)  # of each label: a rare corpus counts as much as a common one
    transposed = matrix.T.tocsr()

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = flat.reshape(buckets + 1, labels)
        weights = parameters[:buckets].astype(np.float32)
        logits = matrix @ weights + parameters[buckets].astype(np.float32)
        losses = mass * (np.logaddexp(0, logits) - wanted * logits)
        value = float((losses.sum(axis=0, dtype=np.float64) / total).sum())
        value += 0.5 * penalty * float((parameters[:buckets] ** 2).sum())
        slope = mass * (0.5 + 0.5 * np.tanh(0.5 * logits) - wanted) / total
        gradient = np.vstack(
            [transposed @ slope + penalty * weights, slope.sum(axis=0, keepdims=True)]
        )
        return value, gradient.astype(np.float64).ravel()

    first = np.zeros((buckets + 1, labels)) if start is None else start.astype(np.float64)
    if start is None:
        share = (mass * wanted).sum(axis=0) / total
        first[-1] = np.log(share / (1 - share))
    options = {"maxiter": steps, "maxcor": 6}
    result = scipy.optimize.minimize(
        loss, first.ravel(), jac=True, method="L-BFGS-B", options=options
    )
    print(f"  loss {result.fun:.5f} after {result.nit} steps", flush=True)
    return result.x.reshape(buckets + 1, labels).astype(np.float32)


def damp(matrix: sp.csr_matrix, words: np.ndarray, factor: np.ndarray) -> sp.csr_matrix:
    root = ((words + DAMPING) ** -0.5).astype(np.float32)
    return (sp.diags(root) @ matrix @ sp.diags(factor)).tocsr()


def train_comments(features: Features, rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
    """Weights (buckets, 6) with rarity worked in, and biases (6)."""
    texts: list[str] = []
    targets: list[list[float]] = []
    weight: list[float] = []
    toxic: list[tuple[int, int, float]] = []  # place of the whole text, its windows, its weight
    for row in rows:
        windows = features.windows(row.text)
        if len(windows) == 1:
            share = row.weight
        elif all(not target > 0.3 for target in row.targets):
            share = row.weight / len(windows) ** 0.5  # every window must be seen to be civil
        else:
            toxic.append((len(texts), len(windows), row.weight))
            texts.append(row.text)
            targets.append(row.targets)
            weight.append(row.weight)
            share = 0.0
        texts += windows
        targets += [row.targets] * len(windows)
        weight += [share] * len(windows)
    y, w = np.array(targets, np.float32), np.array(weight, np.float32)
    counts, words = features.comments(texts)
    factor = rarity(counts)
    matrix = damp(counts, words, factor)
    print(f"{len(rows)} rows, {len(texts)} windows, {matrix.nnz} features", flush=True)
    parameters: np.ndarray | None = None
    for steps in ROUNDS:
        if parameters is not None:
            # A comment is toxic where its worst window is: the others teach nothing.
            score = matrix @ parameters[:-1, 0]
            for place, size, mass in toxic:
                w[place : place + size + 1] = 0
                w[place + 1 + int(np.argmax(score[place + 1 : place + 1 + size]))] = mass
        used = w > 0
        parameters = fit(matrix[used], y[used], w[used], steps=steps, start=parameters)
    return parameters[:-1] * factor[:, None], parameters[-1]


def train_spans(features: Features, rows: Sequence[Row]) -> tuple[np.ndarray, float]:
    """The span head: weights (buckets) and a bias for a word's own features."""
    marked = [row for row in rows if row.spans is not None]
    matrix, _ = features.words([row.text for row in marked])
    target = []
    for row in marked:
        toxic = np.zeros(len(row.text) + 1, np.float32)
        toxic[[i for i in row.spans or () if i < len(row.text)]] = 1
        folded = fold([row.text], features.table)
        target += [toxic[a:b].mean() for a, b in zip(folded.starts, folded.ends, strict=True)]
    civil = [r.text for r in rows if r.source in ("news_civil", "wikipedia_identity")][::3]
    others, _ = features.words(civil)
    print(f"{len(marked)} comments with spans: {len(target)} words, {np.mean(target):.3f} toxic")
    print(f"{len(civil)} civil comments: {others.shape[0]} words", flush=True)
    matrix = sp.vstack([matrix, others]).tocsr()
    y = np.zeros((matrix.shape[0], 1), np.float32)
    y[: len(target), 0] = target
    weight = np.ones(y.size, np.float32)
    weight[len(target) :] = 0.3
    factor = rarity(matrix)
    scaled = (matrix @ sp.diags(factor)).tocsr()
    parameters = fit(scaled, y, weight, steps=SPAN_ROUNDS, penalty=SPAN_LAMBDA)
    return parameters[:-1, 0] * factor, float(parameters[-1, 0])


def kept(scratch: Path | None, name: str, stage: Callable[[], tuple[Any, Any]]) -> tuple[Any, Any]:
    """A stage's result, taken from the scratch folder where it was left there."""
    if scratch is None:
        return stage()
    path = scratch / f"{name}.npz"
    if not path.exists():
        scratch.mkdir(parents=True, exist_ok=True)
        weights, bias = stage()
        np.savez(path, weights=weights, bias=bias)
    with np.load(path) as file:
        return file["weights"], file["bias"]


def quantise(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int8 and the step of each label; the far tail is clipped."""
    step = np.quantile(np.abs(weights), 0.9999, axis=0) / 127
    whole = np.clip(np.rint(weights / step), -127, 127).astype(np.int8)
    whole[0] = 0
    return whole, step.astype(np.float64)


def logits_of(probabilities: np.ndarray) -> np.ndarray:
    clipped = np.clip(probabilities.astype(np.float64), 1e-7, 1 - 1e-7)
    return np.log(clipped / (1 - clipped))


def calibrate(model: LinearToxicity, rows: Sequence[Row], arrays: dict[str, Any]) -> None:
    """Platt scaling a label on the validation fold, worked into scale and bias."""
    score = logits_of(model.predict([row.text for row in rows]))
    for lane in range(len(LABELS)):
        y = np.array([row.targets[lane] for row in rows])
        ok = np.isfinite(y) & np.isfinite(score[:, lane])
        z, y, w = score[ok, lane], y[ok], np.array([_mass(row) for row in rows])[ok]

        def loss(p: np.ndarray, z: np.ndarray = z, y: np.ndarray = y, w: np.ndarray = w) -> float:
            logit = p[0] * z + p[1]
            return float((w * (np.logaddexp(0, logit) - y * logit)).sum() / w.sum())

        slope, shift = scipy.optimize.minimize(loss, [1.0, 0.0], method="Nelder-Mead").x
        print(f"  {LABELS[lane]}: slope {slope:.3f}, shift {shift:.3f}")
        arrays["scale"][lane] *= slope
        arrays["bias"][lane] = arrays["bias"][lane] * slope + shift


def _mass(row: Row) -> float:
    """A row's weight on the validation fold: news comments were all picked as toxic."""
    return row.weight * (0.25 if row.source == "news" else 1.0)


def choose_review(model: LinearToxicity, rows: Sequence[Row]) -> float:
    """The toxicity threshold with the best F1 on the validation fold."""
    rows = [row for row in rows if row.source in CALIBRATED_ON]
    rows = [row for row in rows if not 0.45 < row.targets[0] < 0.55]
    truth = np.array([row.targets[0] > 0.5 for row in rows])
    mass = np.array([_mass(row) for row in rows])
    score = model.predict([row.text for row in rows])[:, 0]
    f1 = {
        round(float(t), 2): float(
            2 * mass[truth & (score >= t)].sum() / (mass[truth].sum() + mass[score >= t].sum())
        )
        for t in np.arange(0.2, 0.8, 0.01)
    }
    best = max(f1, key=lambda threshold: f1[threshold])
    print(f"  review threshold {best:.2f}: F1 {f1[best]:.3f} on validation")
    return best


def choose_span_gate(model: LinearToxicity, rows: Sequence[Row], review: float) -> float:
    """The toxicity from which on spans are shown: few civil comments reach it."""
    civil = [row.text for row in rows if row.source in CALIBRATED_ON and row.targets[0] < 0.3]
    gate = float(np.nanquantile(model.predict(civil)[:, 0], 1 - CIVIL_WITH_SPANS))
    gate = min(round(gate, 3), review)
    print(f"  span gate {gate:.3f}")
    return gate


def choose_span_thresholds(
    arrays: dict[str, Any], meta: dict[str, Any], rows: Sequence[Row]
) -> None:
    """The pair of span thresholds with the best character F1 on the validation fold."""
    marked = [row for row in rows if row.spans is not None]
    best = (-1.0, 0.0, 0.0)
    for high in np.arange(0.2, 0.7, 0.05):
        for low in {round(float(high * part), 3) for part in (0.4, 0.6, 0.8, 1.0)}:
            meta["span_thresholds"] = [low, float(high)]
            model = build(arrays, meta)
            f1 = float(np.mean([character_f1(model.spans(r.text), r.spans or []) for r in marked]))
            best = max(best, (f1, low, float(high)))
    print(f"  span thresholds {best[1]:.2f}, {best[2]:.2f}: F1 {best[0]:.3f} on validation")
    meta["span_thresholds"] = [best[1], round(best[2], 3)]


def build(arrays: dict[str, Any], meta: dict[str, Any]) -> LinearToxicity:
    return LinearToxicity(arrays | {"meta": np.array(json.dumps(meta))})


class Tee(io.TextIOBase):
    """Everything printed also goes to the log."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w", encoding="utf-8")

    def write(self, text: str) -> int:  # noqa: D102
        sys.__stdout__.write(text)
        self.file.write(text)
        return len(text)

    def flush(self) -> None:  # noqa: D102
        sys.__stdout__.flush()
        self.file.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=WEIGHTS.parent)
    parser.add_argument("--scratch", type=Path, help="folder to keep fitted weights in, to resume")
    arguments = parser.parse_args()
    output, scratch = arguments.output, arguments.scratch
    root = os.environ.get("TOOLKIT_CORPORA")
    if not root:
        sys.exit("Set TOOLKIT_CORPORA to a folder of labelled corpora.")
    output.mkdir(parents=True, exist_ok=True)
    sys.stdout = Tee(output / "training.log")
    began = time.monotonic()
    rows = load(Path(root))
    training = [row for row in rows if row.fold]
    validation = [row for row in rows if not row.fold]
    arrays: dict[str, Any] = fold_arrays()
    table = FoldTable.from_arrays(*arrays.values())
    features = Features(table)
    weights, bias = kept(scratch, "comments", lambda: train_comments(features, training))
    span_weights, span_bias = kept(scratch, "spans", lambda: train_spans(features, training))
    arrays["weights"], arrays["scale"] = quantise(np.column_stack([weights, span_weights]))
    arrays["bias"] = np.append(bias, span_bias).astype(np.float64)
    meta: dict[str, Any] = {
        "format": FORMAT,
        "labels": LABELS,
        "bits": BITS,
        "damping": DAMPING,
        "version": "",
        "review_threshold": 0.5,
        "span_gate": 0.0,
        "span_thresholds": [0.4, 0.4],
    }
    print("calibration on the validation fold")
    real = [r for r in validation if r.source in CALIBRATED_ON]
    calibrate(build(arrays, meta), real, arrays)
    meta["review_threshold"] = choose_review(build(arrays, meta), validation)
    review = meta["review_threshold"]
    meta["span_gate"] = choose_span_gate(build(arrays, meta), validation, review)
    choose_span_thresholds(arrays, meta, validation)
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    digest.update(json.dumps(meta).encode())
    meta["version"] = f"linear-1-{digest.hexdigest()[:8]}"
    np.savez_compressed(output / "model.npz", meta=np.array(json.dumps(meta)), **arrays)
    size = (output / "model.npz").stat().st_size
    print(f"wrote model.npz, {size / 1e6:.2f} MB, version {meta['version']}")
    report(LinearToxicity.load(output / "model.npz"), validation, Path(root))
    print(f"took {time.monotonic() - began:.0f} s")


CALIBRATED_ON = (
    "wikipedia",
    "wikipedia_nontoxic",
    "wikipedia_identity",
    "news",
    "news_civil",
    "forum",
    "templates",
)


def report(model: LinearToxicity, validation: Sequence[Row], root: Path) -> None:
    """The final table: development files first, then the validation fold by source."""
    folder = root / "data" / "toxicity"
    dev = read(folder / "wikipedia_talk_6label_dev.jsonl.gz")
    truth = np.array([wikipedia_targets(row) for row in dev])
    print("\nWikipedia talk, development file")
    print(label_table(truth, model.predict([row["text"] for row in dev]), model.review_threshold))
    spans = read(folder / "news_spans_dev.jsonl.gz")
    scores = [character_f1(model.spans(row["text"]), row["spans"]) for row in spans]
    print(f"\nNews spans, development file: character F1 {np.mean(scores):.4f}")
    groups = {
        "Wikipedia": ("wikipedia", "wikipedia_nontoxic"),
        "Wikipedia and identity terms": ("wikipedia", "wikipedia_nontoxic", "wikipedia_identity"),
        "News (toxic against moderated)": ("news", "news_civil"),
        "Tweets": ("tweets",),
        "Forum": ("forum",),
    }
    for name, sources in groups.items():
        chosen = [row for row in validation if row.source in sources]
        targets = np.array([row.targets for row in chosen])
        print(f"\n{name}, validation fold, {len(chosen)} texts")
        print(label_table(targets, model.predict([r.text for r in chosen]), model.review_threshold))
    print("\nOwn sentences from held-out patterns")
    print(functional_table(model))


if __name__ == "__main__":
    main()
