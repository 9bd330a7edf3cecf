"""Measure rhetoric spans against news articles with labelled propaganda techniques.

    TOOLKIT_CORPORA=folder .venv/bin/python scripts/eval_rhetoric.py
        [--part heldout|open|all] [--layer lexicon model both]

Reads ``data/rhetoric/propaganda_spans_train.jsonl.gz`` in that folder: one
article a line, ``text`` and ``spans`` (``technique``, ``start``, ``end`` in
code points). An article is held out where the SHA-256 of its id is divisible
by five; entries of the lexicon are written without looking at those, and the
model is not trained on them.

The measure is that of SemEval-2020 task 11 (Da San Martino et al. 2020,
section 5): a predicted span s and a gold span t of the same technique score
their overlap over the length of s (precision) or of t (recall). "identified"
merges the spans of the five techniques and asks only where, not which. The
labels are those of news articles: comments differ.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from toolkit.analyzers.rhetoric import RhetoricAnalyzer
from toolkit.inference.technique_encoder import embedded
from toolkit.records import merge_spans

#: Technique -> the categories of the lexicon that stand for it.
TECHNIQUES = {
    "Loaded_Language": ("loaded_language",),
    "Name_Calling,Labeling": ("name_calling", "loaded_label"),
    "Exaggeration,Minimisation": ("exaggeration", "minimizing"),
    "Doubt": ("doubt",),
    "Repetition": (),
    "Appeal_to_fear-prejudice": ("appeal_to_fear",),
    "Appeal_to_Authority": ("appeal_to_authority",),
    "Flag-Waving": ("flag_waving",),
    "Whataboutism,Straw_Men,Red_Herring": ("whataboutism",),
    "Black-and-White_Fallacy": ("false_dilemma",),
}
#: The five that a learned layer is to mark as well.
FIVE = tuple(TECHNIQUES)[:5]
LAYERS = ("lexicon", "model", "both")

Span = tuple[int, int]


@dataclass
class Tally:
    """Sums for one technique over all articles."""

    hit_predicted: float = 0.0
    hit_gold: float = 0.0
    predicted: int = 0
    gold: int = 0

    def add(self, predicted: list[Span], gold: list[Span]) -> None:
        """Take in the spans of one article; neither list overlaps itself."""
        self.predicted += len(predicted)
        self.gold += len(gold)
        for start, end in predicted:
            shared = sum(max(0, min(end, e) - max(start, s)) for s, e in gold)
            self.hit_predicted += min(1.0, shared / (end - start))
        for start, end in gold:
            shared = sum(max(0, min(end, e) - max(start, s)) for s, e in predicted)
            self.hit_gold += min(1.0, shared / (end - start))

    def scores(self) -> tuple[float, float, float]:
        """Precision, recall, F1; 0 where there is nothing to divide by."""
        precision = self.hit_predicted / self.predicted if self.predicted else 0.0
        recall = self.hit_gold / self.gold if self.gold else 0.0
        both = precision + recall
        return precision, recall, 2 * precision * recall / both if both else 0.0


def part_of(article_id: str) -> str:
    """``heldout`` (one in five), ``thresholds`` (one in ten) or ``train``, by the id alone."""
    number = int(hashlib.sha256(article_id.encode()).hexdigest(), 16)
    return "heldout" if number % 5 == 0 else "thresholds" if number % 10 == 1 else "train"


def articles(corpora: Path, part: str) -> Iterator[tuple[str, dict[str, list[Span]]]]:
    """Text and gold spans by technique of each article of ``part``."""
    file = corpora / "data" / "rhetoric" / "propaganda_spans_train.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            held = part_of(article["article_id"]) == "heldout"
            if part != "all" and held != (part == "heldout"):
                continue
            gold: dict[str, list[Span]] = {}
            for span in article["spans"]:
                gold.setdefault(span["technique"], []).append((span["start"], span["end"]))
            yield article["text"], gold


#: A layer says which spans of a text belong to which technique.
Layer = Callable[[str], dict[str, list[Span]]]


def lexicon_layer(analyzer: RhetoricAnalyzer) -> Layer:
    """The spans of the categories that stand for each technique."""

    def mark(text: str) -> dict[str, list[Span]]:
        found: dict[str, list[Span]] = {}
        for marker in analyzer.markers(text, "en"):
            found.setdefault(marker.category, []).append((marker.start, marker.end))
        return {
            technique: [span for name in names for span in found.get(name, ())]
            for technique, names in TECHNIQUES.items()
        }

    return mark


def model_layer() -> Layer:
    """The spans that the embedded encoder marks."""
    model = embedded()

    def mark(text: str) -> dict[str, list[Span]]:
        found: dict[str, list[Span]] = {}
        for span in model.technique_spans(text):
            found.setdefault(span.technique, []).append((span.start, span.end))
        return found

    return mark


def both_layers(one: Layer, other: Layer) -> Layer:
    """What either marks."""

    def mark(text: str) -> dict[str, list[Span]]:
        first, second = one(text), other(text)
        return {name: [*first.get(name, ()), *second.get(name, ())] for name in TECHNIQUES}

    return mark


def evaluate(layer: Layer, texts: Iterable[tuple[str, dict[str, list[Span]]]]) -> dict[str, Tally]:
    """A tally for each technique and for ``identified`` (the five, merged)."""
    tallies = {name: Tally() for name in (*TECHNIQUES, "identified")}
    for text, gold in texts:
        found = layer(text)
        for technique in TECHNIQUES:
            tallies[technique].add(
                merge_spans(found.get(technique, ())), merge_spans(gold.get(technique, ()))
            )
        tallies["identified"].add(
            merge_spans(span for technique in FIVE for span in found.get(technique, ())),
            merge_spans(span for technique in FIVE for span in gold.get(technique, ())),
        )
    return tallies


def main() -> None:
    """Print one line for each technique."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--part", choices=("heldout", "open", "all"), default="heldout")
    parser.add_argument("--layer", nargs="+", choices=LAYERS, default=list(LAYERS))
    arguments = parser.parse_args()
    corpora = os.environ.get("TOOLKIT_CORPORA")
    if not corpora:
        parser.error("set TOOLKIT_CORPORA to the folder of labelled corpora")
    analyzer = RhetoricAnalyzer()
    chosen = list(articles(Path(corpora), arguments.part))
    print(f"rhetoric {analyzer.version}, {len(chosen)} articles ({arguments.part})")
    for name in arguments.layer:
        layer = lexicon_layer(analyzer)
        if name != "lexicon":
            layer = model_layer() if name == "model" else both_layers(layer, model_layer())
        print(f"\n{name:36}{'precision':>10}{'recall':>8}{'F1':>8}{'found':>8}{'gold':>7}")
        for technique, tally in evaluate(layer, chosen).items():
            precision, recall, f1 = tally.scores()
            figures = f"{precision:10.3f}{recall:8.3f}{f1:8.3f}{tally.predicted:8}{tally.gold:7}"
            print(f"{technique:36}{figures}")


if __name__ == "__main__":
    main()
