"""Floors of the default stance model, on some of the debates that it never saw.

The full figures, with intervals, are ``scripts/eval_stance.py``'s.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from pathlib import Path

import numpy as np
import polars as pl

import toolkit
from toolkit.analyzers.stance import StanceAnalyzer, pair_of
from toolkit.inference.stance_backends import LABELS
from toolkit.inference.stance_encoder import StanceEncoder
from toolkit.pipeline import Pipeline

#: The training keeps the first 40 debates of this order out (``HELD`` there).
DEBATES = 4
RIGHT_SIDE_FLOOR = 0.60
RELATED_FLOOR = 0.84
#: Every third of the dev claims; every hundredth headline with a body that no training read.
CLAIM_STEP, CLAIM_FLOOR = 3, 0.75
HEADLINE_STEP, HEADLINE_FLOOR = 100, 0.75


def rows_of(corpora: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(corpora / "data" / "stance" / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def held_comments(corpora: Path) -> list[dict[str, str]]:
    rows = rows_of(corpora, "news_comments_two_stances_train.jsonl.gz")
    names = sorted(
        {row["debate"] for row in rows}, key=lambda name: hashlib.sha256(name.encode()).hexdigest()
    )
    return [row for row in rows if row["debate"] in names[:DEBATES]]


def test_unseen_debates(corpora: Path) -> None:
    rows = held_comments(corpora)
    generator = random.Random(1)
    theses: list[str] = []
    for row in rows:
        stances = [row["stance1"], row["stance2"]]
        wrong = next(stance for stance in stances if stance != row["gold_text"])
        other = generator.choice([r for r in rows if r["debate"] != row["debate"]])
        theses += [row["gold_text"], wrong, other["gold_text"]]
    frame = pl.LazyFrame(
        {"text": [row["text"] for row in rows for _ in range(3)], "thesis": theses}
    ).with_columns(language__tag=pl.lit("en"))
    found = frame.select(StanceAnalyzer().expr().alias("s")).unnest("s").collect()
    assert found["null_reason"].null_count() == found.height
    alignment = found["alignment"].to_numpy().reshape(-1, 3)
    assert np.mean(alignment[:, 0] > alignment[:, 1]) >= RIGHT_SIDE_FLOOR
    unrelated = (found["label"] == "unrelated").to_numpy().reshape(-1, 3)
    balanced = (unrelated[:, 2].mean() + (~unrelated[:, :2]).mean()) / 2
    assert balanced >= RELATED_FLOOR


def test_unseen_claims(corpora: Path) -> None:
    rows = rows_of(corpora, "claim_perspective_dev.jsonl.gz")[::CLAIM_STEP]
    given = StanceEncoder().probabilities([pair_of(row["claim"], row["text"]) for row in rows])
    right = (given[:, 0] > given[:, 1]) == np.array([row["label"] == "favor" for row in rows])
    assert right.mean() >= CLAIM_FLOOR


def test_unseen_headlines(corpora: Path) -> None:
    """FNC-1's weighted score: a quarter for related or not, the rest for the right label."""
    bodies = {row["body_id"]: row["text"] for row in rows_of(corpora, "headline_bodies.jsonl.gz")}
    rows = rows_of(corpora, "headline_body_train.jsonl.gz")
    rows = [row for row in rows if int(row["body_id"]) % 5 == 0][::HEADLINE_STEP]
    pairs = [pair_of(row["headline"], bodies[row["body_id"]]) for row in rows]
    guess = [LABELS[best] for best in StanceEncoder().probabilities(pairs).argmax(axis=1)]
    points = total = 0.0
    for row, said in zip(rows, guess, strict=True):
        related = row["label"] != "unrelated"
        total += 1.0 if related else 0.25
        points += 0.25 * (related == (said != "unrelated")) + 0.75 * (
            related and said == row["label"]
        )
    assert points / total >= HEADLINE_FLOOR


def test_the_real_pages_show_what_a_comment_answers(corpora: Path) -> None:
    for path in sorted((corpora / "seeds").iterdir()):
        page = toolkit.parse(path)
        rows = toolkit.analyze(page, only=["stance"]).collect().to_dicts()
        assert len(rows) == len(page.comments)
        for row in rows:
            assert row["stance__null_reason"] is None
            # It speaks of Iran and Baghdad at length, and never of the headline's comparison.
            assert row["stance__label"] == "discuss"
            assert row["stance__relevance"] > 0.4
            row["article_text"] = page.article.text
            evidence = Pipeline.of(["stance"]).explain(row)
            stance = [item for item in evidence if item.analyzer == "stance"]
            assert stance
            for item in stance:
                assert row["text"][item.start : item.end] == item.quote
            notes = [item.note for item in stance if item.note]
            assert len(notes) == 1
            told = re.search(r"“(.+)” \(article text (\d+)–(\d+), similarity", notes[0], re.DOTALL)
            assert told is not None
            quoted = page.article.text[int(told[2]) : int(told[3])]
            assert " ".join(quoted.split()) == told[1]
