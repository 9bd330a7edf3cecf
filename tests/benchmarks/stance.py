"""Pairs a second, vectors a second and peak memory of the stance analyzer, a process a core.

    python -m pytest tests/benchmarks/stance.py -m benchmark -s

Times are CPU seconds of the process, so that a busy machine does not matter.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

COMMENTS = 300
CORES = 2

TIMED = """
import json, random, resource, sys, time
import polars as pl
from toolkit.analyzers.stance import StanceAnalyzer
from toolkit.inference.encoder import SentenceEncoder
from toolkit.inference.stance_backends import open_backend
from toolkit.settings import Settings

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
analyzer = StanceAnalyzer(open_backend(sys.argv[2], Settings()))
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
@pytest.mark.parametrize("backend", ["encoder", "cues"])
def test_pairs_a_second(backend: str) -> None:
    command = [sys.executable, "-c", TIMED, str(COMMENTS), backend]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(CORES)]
    found = [json.loads(process.communicate()[0]) for process in running]
    one = found[0]
    print(  # noqa: T201
        f"\n{backend}: {COMMENTS} comments of 200 characters, a thesis of three lines, {CORES} "
        f"processes of one thread: {sum(each['pairs'] for each in found):.0f} pairs a second; in "
        f"one of them {one['vectors']:.0f} vectors of whole comments a second; opening "
        f"{one['opening']:.2f} s; peak {one['rss']} MB"
    )
    assert one["pairs"] > 10
