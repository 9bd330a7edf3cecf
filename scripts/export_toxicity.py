"""Make the package's comment encoder from a training run: ONNX, int8, thresholds, figures.

    TOOLKIT_CORPORA=DIR python scripts/export_toxicity.py --base DIR --work DIR [DIR ...]
        [--no-write]

Takes the averaged weights of the checkpoint in ``--work``; of several runs, where
one went on from the other, the mean of theirs. Of the package's own ``model.onnx`` only
windows and thresholds are made anew, and "fp32" is what its integers stand for. Thresholds come
from held-out rows (fold 0 of `toxicity_corpora.py`), never from a ``*_dev``
file; the ``*_dev`` files and the held-out patterns are only measured, fp32
beside int8.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from export_encoder import quantise
from onnx_export import sha256, ship, to_onnx, write_facts
from sklearn.metrics import roc_auc_score
from toxicity_corpora import Row, load, read, slurs
from toxicity_pairs import pairs
from toxicity_plain import plain
from toxicity_templates import examples
from train_toxicity import SEED, Model, begun
from training import tokenizer_of

from toolkit.inference import LABELS, linear
from toolkit.inference.audit.cases import load_suite, swap_data
from toolkit.inference.comment_encoder import WEIGHTS, CommentEncoder

NAME = "comment-encoder"
#: Set, not fitted: the sources disagree about what is toxic, so a fitted one would
#: say more about their mixture than about comments.
REVIEW_THRESHOLD = 0.5
#: Shorter than the windows of training (128): one insult weighs more in a shorter window, so a long
#: polite comment hides it less. Chosen on held-out comments among 128, 96 and 64.
WINDOW_TOKENS = 96
#: The odds of each of n windows are divided by n to this power: the highest of many is high by
#: chance. Held-out comments rank best at 1, but then an insult in a long civil comment is
#: missed too often (`say_planted`); at 0.5 most of what is to be gained is.
WINDOW_DISCOUNT = 0.5
#: Set, not fitted: a civil comment has no toxic words, and a guess without any ground is none.
SPAN_GATE, SPAN_LEAST = 0.2, 0.1
#: Put between the sentences of long civil comments, to see whether they are found there.
PLANTED = (
    "You are an idiot.",
    "You're a pathetic liar and everyone knows it.",
    "Shut up, you stupid moron.",
    "What a disgusting piece of trash you are.",
    "Go to hell, loser.",
)
WIKIPEDIA = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")


class Exported(torch.nn.Module):
    """One text a call, so no padding and no mask."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """input_ids (1, tokens) -> labels (1, 6), pieces (1, tokens, 1); logits."""
        labels, pieces = self.model(input_ids, torch.ones_like(input_ids))
        return labels, pieces


def export_fp32(model: Model, target: Path) -> None:
    model.encoder.set_attn_implementation("eager")
    to_onnx(
        Exported(model),
        ["input_ids"],
        {"labels": False, "pieces": True},
        target,
        attention=(model.encoder.config.num_attention_heads, model.encoder.config.hidden_size),
    )


def version(model: Path) -> str:
    """Of all that gives a text's score: the weights and how windows count."""
    what = f"{sha256(model)} {WINDOW_TOKENS} {WINDOW_DISCOUNT}"
    return hashlib.sha256(what.encode()).hexdigest()[:8]


def character_f1(
    texts: Sequence[str],
    gold: Sequence[set[int]],
    spans: Callable[[str], list[Any]],
) -> float:
    """Mean F1 of toxic characters (SemEval-2021 task 5)."""
    found = []
    for text, wanted in zip(texts, gold, strict=True):
        marked = {place for span in spans(text) for place in range(span.start, span.end)}
        if marked and wanted:
            found.append(2 * len(marked & wanted) / (len(marked) + len(wanted)))
        else:
            found.append(float(marked == wanted))
    return float(np.mean(found))


def fit_spans(encoder: CommentEncoder, held: list[Row]) -> list[float]:
    """Scale and bias with the best mean character F1 on held-out news comments."""
    rows = [row for row in held if row.source == "news" and row.spans is not None]
    texts, gold = [row.text for row in rows], [set(row.spans or ()) for row in rows]
    facts = encoder._model.facts
    best = (-1.0, [1.0, 0.0])
    for scale in (0.8, 1.0, 1.2, 1.4, 1.6, 1.8):
        for bias in (-1.5, -1.25, -1.0, -0.75, -0.5, -0.25, 0.0):
            facts["span_calibration"] = [scale, bias]
            best = max(best, (character_f1(texts, gold, encoder.spans), [scale, bias]))
    print(f"spans on {len(rows)} held-out news comments: F1 {best[0]:.4f} at {best[1]}")
    return best[1]


def say_review(encoder: CommentEncoder, held: list[Row]) -> None:
    """How often the review threshold is right on held-out rows, by source and side."""
    wanted = ("wikipedia", "news_civil", "forum", "tweets", "templates", "wikipedia_identity")
    print(f"held-out rows on the right side of {REVIEW_THRESHOLD}:")
    for name in wanted:
        rows = [r for r in held if r.source == name and not np.isnan(r.targets[0])]
        flagged = encoder.predict([row.text for row in rows])[:, 0] >= REVIEW_THRESHOLD
        truth = np.array([row.targets[0] >= 0.5 for row in rows])
        for side, what in ((True, "toxic"), (False, "civil")):
            if (truth == side).sum() >= 20:
                share = (flagged[truth == side] == side).mean()
                print(f"  {name} {what}: {share:.3f} of {(truth == side).sum()}")


def fit_cascade(encoder: CommentEncoder, held: list[Row], threshold: float) -> list[float]:
    """The linear model's range that is left to the encoder; prints the trade-off.

    On a stream of which 8 in 100 are toxic: held-out rows, weighted to that
    share. A flag is lost where the linear model is under the range and the
    encoder over its threshold. The widest saving is taken that loses at most 2.5
    in 100 of the encoder's flags on rows that are toxic by their label; its false
    alarms are no loss, and are printed beside them. Above the range the linear
    model would have to be right on 98 in 100.
    """
    rows = [
        row
        for row in held
        if row.source in ("wikipedia", "wikipedia_nontoxic", "news", "news_civil")
        and not np.isnan(row.targets[0])
    ]
    texts = [row.text for row in rows]
    fast, full = linear.embedded().predict(texts)[:, 0], encoder.predict(texts)[:, 0]
    toxic = np.array([row.targets[0] >= 0.5 for row in rows])
    weight = np.where(toxic, 0.08 / toxic.mean(), 0.92 / (1 - toxic.mean()))
    flagged = full >= threshold
    chosen = 0.0
    print(f"cascade, {len(rows)} held-out rows weighted to 8 toxic in 100:")
    for low in (0.02, 0.03, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3):
        sent = float((weight * (fast >= low)).sum() / weight.sum())
        lost, quiet = (
            float((weight * flags * (fast < low)).sum() / (weight * flags).sum())
            for flags in (flagged & toxic, flagged & ~toxic)
        )
        print(
            f"  low {low:.2f}: {sent:.3f} go to the encoder, {lost:.3f} of its right flags "
            f"are lost, {quiet:.3f} of its false ones"
        )
        if lost <= 0.025:
            chosen = low
    high = 1.01
    for edge in np.arange(0.99, 0.6, -0.01):
        sure = fast >= edge
        if (weight * sure).sum() and (weight * sure * flagged).sum() >= 0.98 * (
            weight * sure
        ).sum():
            high = round(float(edge), 2)
        elif (weight * sure).sum():
            break
    print(f"  range [{chosen}, {high})")
    return [chosen, high]


def say_pairs(encoder: CommentEncoder, corpora: Path) -> None:
    """Held-out pairs (texts that differ in meaning alone) on the right side, by kind."""
    right: dict[str, list[bool]] = {}
    held = [pair for pair in pairs(slurs(corpora), 4, SEED) if pair.held]
    flagged = encoder.predict([pair.text for pair in held])[:, 0] >= REVIEW_THRESHOLD
    for pair, flag in zip(held, flagged, strict=True):
        right.setdefault(pair.kind, []).append(bool(flag) == (pair.labels["toxicity"] > 0.5))
    print("held-out pairs right:", {kind: round(float(np.mean(r)), 2) for kind, r in right.items()})


def say_wikipedia(encoder: CommentEncoder, held: list[Row], corpora: Path) -> None:
    """AUC of each label on held-out comments; of toxicity on the development file with interval."""
    rows = [row for row in held if row.source in ("wikipedia", "wikipedia_nontoxic")]
    scores = encoder.predict([row.text for row in rows])
    truth = np.array([row.targets for row in rows]) > 0.5
    found = [round(float(roc_auc_score(truth[:, i], scores[:, i])), 4) for i in range(len(LABELS))]
    print(
        f"int8 AUC, {len(rows)} held-out Wikipedia comments:", dict(zip(LABELS, found, strict=True))
    )
    dev = read(corpora / "data" / "toxicity" / "wikipedia_talk_6label_dev.jsonl.gz")
    score = encoder.predict([row["text"] for row in dev])[:, 0]
    toxic = np.array([row["toxic"] == 1 for row in dev])
    rng, sampled = np.random.default_rng(1), []
    for _ in range(2000):
        drawn = rng.integers(0, len(dev), len(dev))
        sampled.append(roc_auc_score(toxic[drawn], score[drawn]))
    low, high = np.quantile(sampled, [0.025, 0.975])
    print(f"toxicity on the development file, 95 of 100 samples: {low:.4f} to {high:.4f}")


def say_planted(encoder: CommentEncoder, held: list[Row]) -> None:
    """How many long civil comments are flagged, as they are and with one insult in their midst."""
    rng = random.Random(4)
    rows = [row for row in held if row.source == "wikipedia" and row.targets[0] < 0.5]
    texts = [row.text for row in rows if encoder.window(row.text) is not None]
    texts = rng.sample(texts, min(300, len(texts)))
    planted = []
    for text in texts:
        sentences = re.split(r"(?<=[.!?])\s+", text)
        sentences.insert(rng.randrange(len(sentences) + 1), rng.choice(PLANTED))
        planted.append(" ".join(sentences))
    scores = [encoder.predict(found)[:, 0] for found in (texts, planted)]
    flagged = [round(float((score >= REVIEW_THRESHOLD).mean()), 3) for score in scores]
    area = roc_auc_score(np.repeat([0, 1], len(texts)), np.concatenate(scores))
    print(
        f"{len(texts)} held-out civil comments of several windows flagged: {flagged[0]}; "
        f"with one insult: {flagged[1]}; told apart: {area:.4f}"
    )


def say_suite(encoder: CommentEncoder) -> None:
    """The built-in suite's share of right answers, its weak functions, and civil swaps flagged."""
    right: dict[str, list[bool]] = {}
    cases = load_suite()
    flagged = encoder.predict([case.text for case in cases])[:, 0] >= REVIEW_THRESHOLD
    for case, flag in zip(cases, flagged, strict=True):
        right.setdefault(case.function, []).append(bool(flag) == case.toxic)
    weak = {name: round(float(np.mean(r)), 2) for name, r in right.items() if np.mean(r) < 0.7}
    print(
        f"suite: {np.mean([r for found in right.values() for r in found]):.4f} right; weak: {weak}"
    )
    swaps = swap_data()
    flagged = encoder.predict(list(swaps.texts))[:, 0] >= REVIEW_THRESHOLD
    truth = np.array(swaps.truth, bool)
    print(f"civil identity swaps flagged: {flagged[~truth].mean():.4f}")


def say_plain(encoder: CommentEncoder, corpora: Path) -> None:
    """Share of plain texts that are flagged: claims of debates never trained on, held-out rows."""
    rows = read(corpora / "data" / "stance" / "claim_perspective_dev.jsonl.gz")
    texts = {"claims": sorted({row["text"] for row in rows} | {row["claim"] for row in rows})}
    for row in plain(corpora):
        if row.fold == 0:
            texts.setdefault(row.source, []).append(row.text)
    shares = {
        name: round(float((encoder.predict(found[:2000])[:, 0] >= REVIEW_THRESHOLD).mean()), 4)
        for name, found in texts.items()
    }
    print("plain texts flagged:", shares)


def areas(score: Callable[[list[str]], np.ndarray], corpora: Path) -> dict[str, float]:
    rows = read(corpora / "data" / "toxicity" / "wikipedia_talk_6label_dev.jsonl.gz")
    scores = score([row["text"] for row in rows])
    return {
        label: round(float(roc_auc_score([row[name] for row in rows], scores[:, lane])), 4)
        for lane, (label, name) in enumerate(zip(LABELS, WIKIPEDIA, strict=True))
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument(
        "--work", nargs="+", type=Path, required=True, help="a run's folder; of several, their mean"
    )
    parser.add_argument("--no-write", action="store_true", help="measure only")
    args = parser.parse_args()
    corpora = Path(os.environ["TOOLKIT_CORPORA"])
    torch.set_num_threads(1)
    model = Model(args.base)
    model.load_state_dict(begun(args.work, model))
    origin = args.work[0]
    with tempfile.TemporaryDirectory() as scratch:
        plain, packed = Path(scratch) / "fp32", Path(scratch) / "int8"
        for folder in (plain, packed):
            folder.mkdir()
            shutil.copy(tokenizer_of(origin), folder)
        export_fp32(model.eval(), plain / "model.onnx")
        if origin.suffix == ".onnx":
            shutil.copy(origin, packed / "model.onnx")
        else:
            # Few weights, and one may be many times the others: eight bits would not do.
            quantise(plain / "model.onnx", packed / "model.onnx", keep=("/comment/", "/unsaid/"))
        facts: dict[str, Any] = {
            "name": NAME,
            "version": version(packed / "model.onnx"),
            "labels": list(LABELS),
            "languages": ["en"],
            "window_tokens": WINDOW_TOKENS,
            "window_discount": WINDOW_DISCOUNT,
            "review_threshold": REVIEW_THRESHOLD,
            "cascade_range": [0.05, 1.01],
            "span_gate": SPAN_GATE,
            "span_least": SPAN_LEAST,
            "span_calibration": [1.0, 0.0],
        }
        for folder in (plain, packed):
            write_facts(folder, dict(facts))
        int8, fp32 = (CommentEncoder(f, cache_size=100_000) for f in (packed, plain))

        every = [row for row in load(corpora) if row.fold == 0]
        facts["span_calibration"] = fit_spans(int8, every)
        held = random.Random(5).sample(every, min(5000, len(every)))
        say_review(int8, held)
        facts["cascade_range"] = fit_cascade(int8, held, REVIEW_THRESHOLD)
        for encoder, folder in ((int8, packed), (fp32, plain)):
            write_facts(folder, dict(facts))
            encoder._model.facts.update(facts)

        print("fp32 AUC, Wikipedia dev:", found := areas(fp32.predict, corpora))
        print(f"  mean {np.mean(list(found.values())):.4f}")
        print("int8 AUC, Wikipedia dev:", found := areas(int8.predict, corpora))
        print(f"  mean {np.mean(list(found.values())):.4f}")
        rows = read(corpora / "data" / "toxicity" / "wikipedia_talk_6label_dev.jsonl.gz")
        texts = [row["text"] for row in rows]
        above = [m.predict(texts)[:, 0] >= REVIEW_THRESHOLD for m in (fp32, int8)]
        agree = np.mean(above[0] == above[1])
        print(f"same side of the review threshold: {agree:.4f}")
        rows = read(corpora / "data" / "toxicity" / "news_spans_dev.jsonl.gz")
        texts, gold = [row["text"] for row in rows], [set(row["spans"]) for row in rows]
        print(f"spans F1, news dev: int8 {character_f1(texts, gold, int8.spans):.4f}")
        by_family: dict[str, list[bool]] = {}
        for family, text, targets in examples("held_out"):
            right = (int8.predict([text])[0, 0] >= REVIEW_THRESHOLD) == (targets[0] >= 0.5)
            by_family.setdefault(family, []).append(bool(right))
        shares = {name: round(float(np.mean(right)), 3) for name, right in by_family.items()}
        print("held-out patterns, share right:", shares)
        say_wikipedia(int8, every, corpora)
        say_planted(int8, every)
        say_pairs(int8, corpora)
        say_suite(int8)
        say_plain(int8, corpora)
        if not args.no_write:
            ship(packed, WEIGHTS)


if __name__ == "__main__":
    main()
