"""How good is a stance backend on debates it never saw?

    TOOLKIT_CORPORA=... python scripts/eval_stance.py [--stance BACKEND]
        [--part comments claims headlines] [--headlines N]

The debates are those that ``scripts/train_stance_cues.py`` keeps out. Each
comment is paired with the statement it supports (agree), with the opposite one
(disagree) and with a statement of another debate (unrelated); comments that
take neither side are discuss. Intervals: 95 % bootstrap, debates resampled.

Beside them: claims and perspectives of Perspectrum's development file, and N
headlines (0: all) of FNC-1 with bodies whose number is divisible by five,
which no training read.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence

import numpy as np
from train_stance_cues import Pair, comment_pairs, is_held, read

from toolkit.analyzers.stance import label_of, pair_of
from toolkit.inference.stance_backends import LABELS, StanceBackend, open_backend
from toolkit.settings import Settings

PARTS = ("comments", "claims", "headlines")
RESAMPLES = 2000
SEED = 5
#: The three labels that the corpus has in number.
FORCED = ("agree", "disagree", "unrelated")


def probabilities(backend: StanceBackend, pairs: Sequence[Pair]) -> np.ndarray:
    """``(len(pairs), 4)`` in the order of LABELS."""
    return backend.probabilities([pair_of(pair.thesis, pair.text) for pair in pairs])


def predicted(given: np.ndarray) -> np.ndarray:
    """The analyzer's labels."""
    return np.array([LABELS.index(label_of(row)) for row in given])


def scores(truth: np.ndarray, guess: np.ndarray, label: int) -> tuple[float, float, float]:
    """Precision, recall and F1 of one label; 0 where there is none of it."""
    hits = float(((truth == label) & (guess == label)).sum())
    precision = hits / max(1.0, float((guess == label).sum()))
    recall = hits / max(1.0, float((truth == label).sum()))
    return precision, recall, 2 * precision * recall / max(1e-12, precision + recall)


def macro(truth: np.ndarray, guess: np.ndarray, labels: Sequence[int]) -> float:
    return float(np.mean([scores(truth, guess, label)[2] for label in labels]))


def bootstrap(
    groups: np.ndarray, measure: Callable[[np.ndarray], float]
) -> tuple[float, float, float]:
    """(value, low, high) of ``measure(rows)``; whole groups are drawn with replacement."""
    names = np.unique(groups)
    rows = {name: np.flatnonzero(groups == name) for name in names}
    generator = np.random.default_rng(SEED)
    drawn = [
        measure(np.concatenate([rows[name] for name in generator.choice(names, len(names))]))
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return measure(np.arange(len(groups))), float(low), float(high)


def show(name: str, found: tuple[float, float, float]) -> None:
    print(f"  {name:52} {found[0]:.3f}  [{found[1]:.3f}, {found[2]:.3f}]")


def report(pairs: Sequence[Pair], given: np.ndarray) -> None:
    """Print the figures of debate comments."""
    truth = np.array([LABELS.index(pair.label) for pair in pairs])
    groups = np.array([pair.group for pair in pairs])
    three = [LABELS.index(label) for label in FORCED]
    forced = np.isin(truth, three)
    choice = np.array(three)[given[:, three].argmax(axis=1)]
    final = predicted(given)
    print(f"{len(set(groups))} debates, {len(pairs)} pairs")
    f_truth, f_choice, f_groups = truth[forced], choice[forced], groups[forced]
    show(
        "macro-F1 of agree, disagree, unrelated (forced choice)",
        bootstrap(f_groups, lambda rows: macro(f_truth[rows], f_choice[rows], three)),
    )
    for label in three:
        precision, recall, f1 = scores(f_truth, f_choice, label)
        print(f"    {LABELS[label]:10} precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}")
    show(
        "macro-F1 of all four, labels as given out",
        bootstrap(groups, lambda rows: macro(truth[rows], final[rows], range(4))),
    )
    for label in range(4):
        precision, recall, f1 = scores(truth, final, label)
        print(f"    {LABELS[label]:10} precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}")
    sides(pairs, given)
    sided = np.isin(truth, (0, 1)) & np.isin(final, (0, 1))
    right = (truth == final)[sided]
    share = sided.sum() / np.isin(truth, (0, 1)).sum()
    show(
        f"right side where one is named ({share:.0%} of sided pairs)",
        bootstrap(groups[sided], lambda rows: float(right[rows].mean())),
    )
    best = given.max(axis=1)
    print(f"  expected calibration error of the likeliest label: {ece(best, given, truth):.3f}")


def won(pairs: Sequence[Pair], lean: np.ndarray) -> tuple[np.ndarray, list[Pair]]:
    """Of each comment with both statements whether the right one leans more, and its right pair.

    1 where it does, 0.5 where both lean alike.
    """
    both: dict[str, dict[str, int]] = {}
    for index, pair in enumerate(pairs):
        if pair.source == "debate":
            both.setdefault(pair.key, {})[pair.label] = index
    found = [index for index in both.values() if len(index) == 2]
    gap = np.array([lean[index["agree"]] - lean[index["disagree"]] for index in found])
    return (gap > 0) + 0.5 * (gap == 0), [pairs[index["agree"]] for index in found]


def right_side(pairs: Sequence[Pair], lean: np.ndarray) -> float:
    """The share of comments whose right statement leans more, in [0, 1]."""
    return float(won(pairs, lean)[0].mean())


def sides(pairs: Sequence[Pair], given: np.ndarray) -> None:
    """Print how often the right statement of a comment scores above the opposite one."""
    wins, right = won(pairs, given[:, 0] - given[:, 1])
    groups = np.array([pair.group for pair in right])
    sarcastic = np.array([pair.sarcastic for pair in right])
    show("right side above the wrong one", bootstrap(groups, lambda rows: float(wins[rows].mean())))
    for name, chosen in (("sarcastic", sarcastic), ("not sarcastic", ~sarcastic)):
        part, part_groups = wins[chosen], groups[chosen]
        show(
            f"  {name} ({chosen.sum()})",
            bootstrap(part_groups, lambda rows, part=part: float(part[rows].mean())),
        )


def ece(best: np.ndarray, given: np.ndarray, truth: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over equal bins of confidence (Guo et al. 2017)."""
    hit = given.argmax(axis=1) == truth
    place = np.minimum((best * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(hit[place == number].mean() - best[place == number].mean())
            * (place == number).mean()
            for number in range(bins)
            if (place == number).any()
        )
    )


def perspectives(backend: StanceBackend) -> None:
    """Print the accuracy over for and against on the dev claims."""
    label = {"favor": "agree", "against": "disagree"}
    pairs = [
        Pair(row["claim"], row["text"], label[row["label"]], row["claim"], "perspective")
        for row in read("claim_perspective_dev.jsonl.gz")
    ]
    given = probabilities(backend, pairs)
    right = (given[:, 0] > given[:, 1]) == np.array([pair.label == "agree" for pair in pairs])
    print(f"\nClaims and perspectives, dev: {len(pairs)} pairs")
    groups = np.array([pair.group for pair in pairs])
    show("right side", bootstrap(groups, lambda rows: float(right[rows].mean())))


def weighted_score(pairs: Sequence[Pair], given: np.ndarray) -> float:
    """FNC-1's measure in [0, 1]: a quarter for related or not, the rest for the right label."""
    unrelated = LABELS.index("unrelated")
    guess = given.argmax(axis=1)
    truth = np.array([LABELS.index(pair.label) for pair in pairs])
    related = truth != unrelated
    points = 0.25 * (related == (guess != unrelated)) + 0.75 * (related & (truth == guess))
    return float(points.sum() / np.where(related, 1.0, 0.25).sum())


def headlines(backend: StanceBackend, count: int) -> None:
    """Print FNC-1's weighted score: a quarter for related or not, the rest for the right label."""
    bodies = {row["body_id"]: row["text"] for row in read("headline_bodies.jsonl.gz")}
    rows = [r for r in read("headline_body_train.jsonl.gz") if int(r["body_id"]) % 5 == 0]
    if count:
        rows = random.Random(SEED).sample(rows, min(count, len(rows)))
    pairs = [
        Pair(row["headline"], bodies[row["body_id"]], row["label"], row["body_id"], "fnc")
        for row in rows
    ]
    given = probabilities(backend, pairs)
    groups = np.array([pair.group for pair in pairs])
    print(f"\nHeadlines and bodies (FNC-1): {len(pairs)} pairs, {len(set(groups))} bodies")
    show(
        "weighted score",
        bootstrap(groups, lambda rows: weighted_score([pairs[i] for i in rows], given[rows])),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stance", default=Settings().stance, help="backend")
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--headlines", type=int, default=2000, help="FNC-1 pairs; 0: all")
    args = parser.parse_args()
    backend = open_backend(args.stance, Settings())
    print(f"stance backend {backend.name}, {backend.version}")
    if "comments" in args.part:
        pairs = [pair for pair in comment_pairs() if is_held(pair.group)]
        report(pairs, probabilities(backend, pairs))
    if "claims" in args.part:
        perspectives(backend)
    if "headlines" in args.part:
        headlines(backend, args.headlines)


if __name__ == "__main__":
    main()
