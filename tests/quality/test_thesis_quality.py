"""Floors of thesis extraction: on news articles with the headline hidden, and on real pages.

The full figures, with intervals and more rivals, are ``scripts/eval_thesis.py``'s.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np

import toolkit
from toolkit.analyzers.thesis import extract_thesis
from toolkit.inference.encoder import SentenceEncoder
from toolkit.records import Article
from toolkit.text.normalize import collapse
from toolkit.text.sentences import sentence_spans
from toolkit.text.words import count_words

#: Every so many articles of the corpus: the test has seconds, not minutes.
STEP = 20
COSINE_FLOOR = 0.46
LEAD_FLOOR = 0.02


def test_chosen_sentences_are_nearer_to_the_hidden_headline_than_the_lead(corpora: Path) -> None:
    path = corpora / "data" / "rhetoric" / "propaganda_spans_train.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines][::STEP]
    encoder = SentenceEncoder()
    ours, lead = [], []
    for text in texts:
        headline, _, body = text.partition("\n")
        body = body.strip()
        found = extract_thesis(Article(article_id="x", text=body, language="en"))
        first = [
            body[start:end]
            for start, end in sentence_spans(body, "en")
            if count_words(body[start:end]) >= 5
        ][:3]
        target = encoder.embed([headline])[0]
        ours.append(float((encoder.embed([s.text for s in found]) @ target).mean()))
        lead.append(float((encoder.embed(first) @ target).mean()))
    assert np.mean(ours) >= COSINE_FLOOR
    assert np.mean(ours) - np.mean(lead) >= LEAD_FLOOR


def test_the_thesis_of_the_real_pages(corpora: Path) -> None:
    pages = sorted((corpora / "seeds").iterdir())
    assert pages
    for path in pages:
        article = toolkit.parse(path).article
        found = extract_thesis(article)
        assert found[0].source == "title"
        assert found[0].text == article.title
        assert len(found) == 3
        opening = article.text.split("\n")[0]
        for sentence in found[1:]:
            assert collapse(article.text[sentence.start : sentence.end]) == sentence.text
            assert not sentence.text.endswith("?")
            assert sentence.text not in opening  # who spoke to whom is no claim
            assert "answer in the interview" in sentence.reason
        # The headline's own two places, in the words of the person interviewed.
        assert any("Baghdad" in s.text and "Damascus" in s.text for s in found[1:])
