"""Pairs a second, vectors a second and peak memory of the stance analyzer, one thread.

    python -m pytest tests/benchmarks/stance.py -m benchmark -s

Times are CPU seconds of the process, so that a busy machine does not matter.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

COMMENTS = 300

TIMED = """
import json, random, resource, sys, time
import polars as pl
from toolkit.analyzers.stance import StanceAnalyzer
from toolkit.inference.encoder import SentenceEncoder

rng = random.Random(3)
words = (
    "the bridge council town should close open cars never agree wrong because people walk pay "
    "shops winter mayor plan cost more less not think they would ruin save old new every year"
).split()

def comment():
    text = ""
    while len(text) < 200:
        text += " ".join(rng.choices(words, k=rng.randint(8, 16))).capitalize() + ". "
    return text[:200]

thesis = "The town should close the old bridge to cars.\\nThe bridge is not safe.\\nShops gain."
texts = [comment() for _ in range(int(sys.argv[1]))]
frame = pl.LazyFrame({"text": texts, "thesis": thesis, "language__tag": "en"})
analyzer = StanceAnalyzer()
began = time.process_time()
frame.head(1).select(analyzer.expr()).collect()
opening = time.process_time() - began
began = time.process_time()
height = frame.slice(1).select(analyzer.expr()).collect().height
stance = time.process_time() - began
encoder = SentenceEncoder(cache_size=0)
began = time.process_time()
encoder.embed(texts)
vectors = time.process_time() - began
print(json.dumps(dict(
    opening=opening, pairs=height / stance, vectors=len(texts) / vectors,
    rss=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
)))
"""


@pytest.mark.benchmark
def test_pairs_a_second() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TIMED, str(COMMENTS)], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    print(  # noqa: T201
        f"\n{COMMENTS} comments of 200 characters, a thesis of three lines, one thread: "
        f"{found['pairs']:.0f} pairs a second, {found['vectors']:.0f} vectors of whole comments "
        f"a second; opening {found['opening']:.2f} s; peak {found['rss']} MB"
    )
    assert found["pairs"] > 10
