"""How well do the thesis sentences match a headline that was hidden?

    TOOLKIT_CORPORA=... python scripts/eval_thesis.py          # figures on the report split
    TOOLKIT_CORPORA=... python scripts/eval_thesis.py --dev    # the same while tuning
    TOOLKIT_CORPORA=... python scripts/eval_thesis.py --titles # which headlines are claims
    TOOLKIT_CORPORA=... python scripts/eval_thesis.py --fit    # fit the weights

The figures are on ``data/rhetoric/propaganda_spans_train.jsonl.gz``, news
articles whose first line is the headline. The weights are fitted on other
articles, ``data/stance/headline_bodies.jsonl.gz``, with the headlines that
agree with each body (or discuss it, where none agrees); how sharp the fit is
and what length costs was chosen on the dev split. Near copies stand on one
side of the split. The measures are the cosine of sentence vectors and ROUGE-1 F1 (word overlap)
against the headline, for the first choice, for the mean of the three choices,
and for the three read as one text.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from toolkit.analyzers import thesis
from toolkit.analyzers.thesis import features as thesis_features
from toolkit.analyzers.thesis.cues import is_claim_title
from toolkit.analyzers.thesis.sentences import candidates
from toolkit.inference.encoder import SentenceEncoder
from toolkit.records import Article
from toolkit.text.sentences import sentence_spans
from toolkit.text.words import count_words, word_spans

SEED = 7
DEV_SHARE = 0.4
#: The target of the fit: this share ROUGE-1, the rest cosine.
ROUGE_SHARE = 0.5
#: The target as a distribution over an article's sentences: softmax(target / this).
SHARPNESS = 0.05
PENALTY = 1.0
RESAMPLES = 10_000
STATEMENTS = ("stance1", "stance2")
MEASURES = ("first choice", "mean of three", "three as one")

encoder = SentenceEncoder(cache_size=400_000)


def read(name: str) -> list[dict[str, Any]]:
    """The rows of a corpus file."""
    folder = os.environ.get("TOOLKIT_CORPORA")
    if not folder:
        raise SystemExit("TOOLKIT_CORPORA is not set: it names a folder of labelled corpora")
    with gzip.open(Path(folder) / "data" / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_articles() -> list[tuple[str, str, str]]:
    """(id, headline, text without it)."""
    articles = []
    for row in read("rhetoric/propaganda_spans_train.jsonl.gz"):
        headline, _, text = row["text"].partition("\n")
        articles.append((row["article_id"], headline.strip(), text.strip("\n")))
    return articles


def read_bodies() -> list[tuple[list[str], str]]:
    """(headlines, body): those that agree with it, or else discuss it; at most four."""
    headlines: dict[tuple[str, str], set[str]] = {}
    for row in read("stance/headline_body_train.jsonl.gz"):
        headlines.setdefault((row["body_id"], row["label"]), set()).add(row["headline"])
    bodies = []
    for row in read("stance/headline_bodies.jsonl.gz"):
        found = headlines.get((row["body_id"], "agree")) or headlines.get(
            (row["body_id"], "discuss")
        )
        if found:
            bodies.append((sorted(found)[:4], row["text"]))
    return bodies


def split(articles: Sequence[tuple[str, str, str]]) -> tuple[list[int], list[int]]:
    """Indexes of (dev, report); articles that share much of their wording stay together."""
    grams = [_grams(text) for _, _, text in articles]
    group = list(range(len(articles)))
    for one in range(len(articles)):
        for other in range(one):
            if len(grams[one] & grams[other]) > 0.2 * min(len(grams[one]), len(grams[other])):
                old, new = group[one], group[other]
                group = [new if value == old else value for value in group]
    order = sorted(set(group))
    random.Random(SEED).shuffle(order)
    dev: list[int] = []
    for number in order:
        if len(dev) >= DEV_SHARE * len(articles):
            break
        dev += [index for index, value in enumerate(group) if value == number]
    return sorted(dev), sorted(set(range(len(articles))) - set(dev))


def _grams(text: str) -> set[tuple[str, ...]]:
    words = [text[start:end].lower() for start, end in word_spans(text)]
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


def rouge1(text: str, reference: str) -> float:
    """ROUGE-1 F1 (Lin 2004): the harmonic mean of unigram precision and recall."""
    ours, theirs = (
        Counter(part[start:end].lower() for start, end in word_spans(part))
        for part in (text, reference)
    )
    shared = sum((ours & theirs).values())
    return 2 * shared / (sum(ours.values()) + sum(theirs.values())) if shared else 0.0


def likeness(text: str, headline: str) -> tuple[float, float]:
    """(cosine, ROUGE-1) with the headline."""
    one, other = encoder.embed([text, headline])
    return float(one @ other), rouge1(text, headline)


def measure(choices: Sequence[str], in_order: Sequence[str], headline: str) -> list[float]:
    """Cosine and ROUGE-1 for each of ``MEASURES``; zeros where nothing was chosen."""
    if not choices:
        return [0.0] * 6
    each = [likeness(choice, headline) for choice in choices]
    together = likeness(" ".join(in_order), headline)
    return [*each[0], *(float(np.mean(column)) for column in zip(*each, strict=True)), *together]


# --- choosers: text -> (choices, best first; the same in text order) ------------------------


def ours(text: str, language: str) -> tuple[list[str], list[str]]:
    chosen = thesis.extract_thesis(Article(article_id="x", text=text, language=language))
    by_place = sorted(chosen, key=lambda sentence: sentence.start)
    return [s.text for s in chosen], [s.text for s in by_place]


def sentences_of(text: str) -> list[str]:
    """Plain sentences for the baselines; very short ones are no use to them."""
    found = [text[start:end] for start, end in sentence_spans(text, "en")]
    return [sentence for sentence in found if count_words(sentence) >= 5] or found


def leading(text: str) -> tuple[list[str], list[str]]:
    first = sentences_of(text)[:3]
    return first, first


def _best(found: list[str], values: np.ndarray) -> tuple[list[str], list[str]]:
    best = [int(index) for index in np.argsort(-values, kind="stable")[:3]]
    return [found[index] for index in best], [found[index] for index in sorted(best)]


def centroid(text: str) -> tuple[list[str], list[str]]:
    """Nearest to the mean of the sentence vectors."""
    found = sentences_of(text)
    vectors = encoder.embed(found)
    return _best(found, vectors @ vectors.mean(axis=0))


def textrank(text: str) -> tuple[list[str], list[str]]:
    """Mihalcea and Tarau (2004): PageRank, damping 0.85, over shared words by log lengths."""
    found = sentences_of(text)
    words = [{s[a:b].lower() for a, b in word_spans(s)} for s in found]
    graph = np.zeros((len(found), len(found)))
    for one, mine in enumerate(words):
        for other in range(one):
            if len(mine) > 1 and len(words[other]) > 1:
                weight = len(mine & words[other]) / (
                    math.log(len(mine)) + math.log(len(words[other]))
                )
                graph[one, other] = graph[other, one] = weight
    return _best(found, _pagerank(graph))


def textrank_vectors(text: str) -> tuple[list[str], list[str]]:
    """TextRank over cosines of sentence vectors."""
    found = sentences_of(text)
    vectors = encoder.embed(found)
    graph = np.maximum(vectors @ vectors.T, 0.0)
    np.fill_diagonal(graph, 0.0)
    return _best(found, _pagerank(graph))


def _pagerank(graph: np.ndarray) -> np.ndarray:
    count = len(graph)
    totals = graph.sum(axis=1, keepdims=True)
    steps = np.where(totals > 0, graph / np.where(totals > 0, totals, 1), 1 / count)
    rank = np.full(count, 1 / count)
    for _ in range(100):
        rank = 0.15 / count + 0.85 * steps.T @ rank
    return rank


CHOOSERS: dict[str, Callable[[str], tuple[list[str], list[str]]]] = {
    "thesis": lambda text: ours(text, "en"),
    # As for a language that the encoder does not know.
    "thesis, words alone": lambda text: ours(text, "xx"),
    "first sentences": leading,
    "centroid": centroid,
    "TextRank, words": textrank,
    "TextRank, vectors": textrank_vectors,
}


def evaluate(articles: Sequence[tuple[str, str, str]]) -> dict[str, np.ndarray]:
    """Chooser -> (articles, 6): cosine and ROUGE-1 of each of ``MEASURES``."""
    return {
        name: np.array([measure(*choose(text), headline) for _, headline, text in articles])
        for name, choose in CHOOSERS.items()
    }


def interval(values: np.ndarray) -> tuple[float, float]:
    """95 % bootstrap interval of the mean, articles resampled."""
    generator = np.random.default_rng(SEED)
    picks = generator.integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.quantile(values[picks].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


def report(results: dict[str, np.ndarray]) -> None:
    rivals = [name for name in results if not name.startswith("thesis")]
    for column in range(6):
        kind = ("cosine", "ROUGE-1")[column % 2]
        print(f"\n{MEASURES[column // 2]}: {kind}")
        for name, values in results.items():
            low, high = interval(values[:, column])
            print(f"  {name:22} {values[:, column].mean():.3f}  [{low:.3f}, {high:.3f}]")
        best = max(rivals, key=lambda name: results[name][:, column].mean())
        gain = results["thesis"][:, column] - results[best][:, column]
        low, high = interval(gain)
        print(f"  thesis minus {best}: {gain.mean():+.3f}  [{low:+.3f}, {high:+.3f}]")


def fit(bodies: Sequence[tuple[list[str], str]]) -> str:
    """The weights file: a softmax over each body's sentences, fitted to their likeness."""
    tables = {}
    for name in ("words", "vectors"):
        features, targets, cosines = [], [], []
        for headlines, text in bodies:
            able = [s.text for s in candidates(text, "en") if s.role == "claim"]
            if len(able) < 4:
                continue
            rows = thesis_features.word_features(able)
            if name == "vectors":
                ranked = (rows - rows.mean(axis=0)) @ tables["words"][0]
                kept = sorted(np.argsort(-ranked, kind="stable")[: thesis._WITH_VECTOR].tolist())
                able = [able[index] for index in kept]
                whole = encoder.embed([thesis_features.gist(able)])[0]
                vectors = thesis_features.vector_features(encoder.embed(able), whole)
                rows = np.hstack((rows[kept], vectors))
            cosine = (encoder.embed(able) @ encoder.embed(headlines).T).mean(axis=1)
            rouge = [np.mean([rouge1(text, headline) for headline in headlines]) for text in able]
            features.append(rows - rows.mean(axis=0))
            targets.append((1 - ROUGE_SHARE) * cosine + ROUGE_SHARE * np.array(rouge))
            cosines.append(cosine)
        values = solve(features, targets)
        slope, base = np.polyfit(np.vstack(features) @ values, np.concatenate(cosines), 1)
        tables[name] = (values, base, slope)
    lines = [
        "# Written by scripts/eval_thesis.py --fit.",
        "# Score of a sentence = base + slope * sum(weight * (feature - the article's mean)).",
    ]
    for name, (values, base, slope) in tables.items():
        names = thesis_features.WORD_FEATURES
        if name == "vectors":
            names = (*names, *thesis_features.VECTOR_FEATURES)
        lines += ["", f"[{name}]", f"base = {base:.4f}", f"slope = {slope:.5f}", ""]
        lines += [f"[{name}.weights]"]
        lines += [f"{key} = {value:.4f}" for key, value in zip(names, values, strict=True)]
    return "\n".join(lines) + "\n"


def solve(features: list[np.ndarray], targets: list[np.ndarray]) -> np.ndarray:
    """Minimise the cross entropy of softmax(features @ w) to softmax(target / SHARPNESS)."""
    scale = np.vstack(features).std(axis=0) + 1e-9
    scaled = [rows / scale for rows in features]
    wanted = [softmax(target / SHARPNESS) for target in targets]

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = PENALTY * values @ values, 2 * PENALTY * values
        for rows, share in zip(scaled, wanted, strict=True):
            given = softmax(rows @ values)
            total -= share @ np.log(given + 1e-12)
            slope = slope - rows.T @ (share - given)
        return total, slope

    start = np.zeros(len(scale))
    return minimize(loss, start, jac=True, method="L-BFGS-B").x / scale


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max())
    return powers / powers.sum()


def report_titles() -> None:
    """How often is_claim_title is right; its word lists were written with these in view."""
    debates = read("stance/news_comments_two_stances_train.jsonl.gz")
    claims = {row["claim"] for row in read("stance/claim_perspective_train.jsonl.gz")}
    headlines = {row["headline"] for row in read("stance/headline_body_train.jsonl.gz")}
    for name, expected, titles in (
        ("statements of debates", True, {row[key] for row in debates for key in STATEMENTS}),
        ("claims", True, claims),
        ("news headlines, questions left out", True, {t for t in headlines if "?" not in t}),
        ("titles of debates (topics and questions)", False, {row["title"] for row in debates}),
    ):
        right = sum(is_claim_title(title) is expected for title in titles)
        print(f"{name}: {right} of {len(titles)} taken for {'a' if expected else 'no'} claim")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fit", action="store_true", help="write thesis_weights.toml")
    parser.add_argument("--dev", action="store_true", help="figures on the dev split (for tuning)")
    parser.add_argument("--titles", action="store_true", help="which headlines are claims")
    arguments = parser.parse_args()
    if arguments.titles:
        report_titles()
        return
    if arguments.fit:
        target = Path(thesis_features.__file__).with_name("weights.toml")
        bodies = read_bodies()
        target.write_text(fit(bodies), encoding="utf-8")
        print(f"wrote {target} from {len(bodies)} articles")
        return
    articles = read_articles()
    dev, held = split(articles)
    chosen = dev if arguments.dev else held
    print(f"{len(articles)} articles, {len(dev)} for tuning; figures on {len(chosen)}")
    report(evaluate([articles[index] for index in chosen]))


if __name__ == "__main__":
    main()
