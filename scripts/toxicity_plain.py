"""Plain texts: statements, headlines, passages of news articles, sentences of talk pages.

All civil. A model that learned hate without a rude word from short sentences
takes short sentences for hate ("People will drive less."); these are what most
sentences look like. Rows as in `toxicity_corpora.py`; the stance corpora's
``*_dev`` files are not read.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from toxicity_corpora import Row, apart, read, wikipedia_targets, words

from toolkit.text.sentences import sentence_spans

#: A debate's claim or a headline may be harsh, and attacks nobody who reads it.
CIVIL = [0.02, 0.0, 0.005, 0.002, 0.01, 0.01]
#: Passages drawn from an article, and from a talk page's comment.
PASSAGES, SENTENCES = 8, 3


def plain(corpora: Path, seed: int = 17) -> list[Row]:
    """Rows of the sources "statements", "articles" and "wikipedia_sentences"."""
    stance, folder = corpora / "data" / "stance", corpora / "data" / "toxicity"
    rng = random.Random(seed)
    rows = [
        *_statements(stance),
        *_articles(stance, _rude(folder), rng),
        *_talk(folder, rng),
    ]
    return apart(rows, folder)


def _statements(stance: Path) -> Iterator[Row]:
    texts: dict[str, None] = {}
    for row in read(stance / "claim_perspective_train.jsonl.gz"):
        texts |= {row["claim"]: None, row["text"]: None}
    for row in read(stance / "claim_topic_train.jsonl.gz"):
        texts |= {row["topic"]: None, row["text"]: None}
    for row in read(stance / "headline_body_train.jsonl.gz"):
        texts |= {row["headline"]: None}
    for text in texts:
        text = text.strip()
        if len(words(text)) >= 3:
            yield Row(text, list(CIVIL), 1.0, "statements", text)


def _articles(stance: Path, rude: set[str], rng: random.Random) -> Iterator[Row]:
    for row in read(stance / "headline_bodies.jsonl.gz"):
        found = _sentences(row["text"])
        for _ in range(min(PASSAGES, len(found))):
            start, length = rng.randrange(len(found)), rng.choice((1, 1, 1, 2, 3))
            text = " ".join(found[start : start + length])
            # Now and then what is below the article came along with it.
            if len(text) > 25 and not rude.intersection(words(text)):
                yield Row(text, list(CIVIL), 1.0, "articles", row["text"])


def _talk(folder: Path, rng: random.Random) -> Iterator[Row]:
    texts = [row["text"] for row in read(folder / "wikipedia_talk_nontoxic_train.jsonl.gz")]
    texts += [
        row["text"]
        for row in read(folder / "wikipedia_talk_6label_train.jsonl.gz")
        if not any(wikipedia_targets(row))
    ]
    for text in texts:
        found = [part for part in _sentences(text) if len(words(part)) >= 3]
        if len(found) > 1:
            for part in rng.sample(found, min(SENTENCES, len(found))):
                yield Row(part, list(CIVIL), 1.0, "wikipedia_sentences", text)


def _sentences(text: str) -> list[str]:
    """Whole ones: a heading or what was cut off has no end."""
    found = [text[start:end] for start, end in sentence_spans(text, "en")]
    return [part for part in found if part.rstrip("\"\u201d')")[-1:] in {".", "!", "?"}]


def _rude(folder: Path) -> set[str]:
    """Single words of the profanity list that are severe."""
    return {
        row["term"].lower()
        for row in read(folder / "profanity_lexicon.jsonl.gz")
        if row["severity"] != "Mild"
    }
