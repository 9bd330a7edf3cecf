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
from toolkit.analyzers.stance import StanceAnalyzer
from toolkit.pipeline import Pipeline

#: The training keeps the first 40 debates of this order out (``HELD`` there).
DEBATES = 4
RIGHT_SIDE_FLOOR = 0.60
RELATED_FLOOR = 0.84


def held_comments(corpora: Path) -> list[dict[str, str]]:
    path = corpora / "data" / "stance" / "news_comments_two_stances_train.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
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
