"""Comments a second: the literal part of the lexicon, and the whole analyzer.

    TOOLKIT_CORPORA=... python -m pytest tests/benchmarks/rhetoric.py -m benchmark -s

The literal part is the canonical form, the Aho-Corasick pass, word boundaries and
the neighbours that guards name, for all literal entries at once. One core,
comments of 200 code points. Seconds are the processor's, and the best of
five rounds counts for each batch, so that other work on the machine does not. Without
TOOLKIT_CORPORA the comments are made from the lexicon's own examples.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

import polars as pl
import pytest

from toolkit.analyzers.lexicon import load
from toolkit.analyzers.lexicon.match import BATCH, Matcher
from toolkit.analyzers.lexicon.needles import Needles
from toolkit.analyzers.lexicon.tokens import canonical
from toolkit.analyzers.rhetoric import RhetoricAnalyzer

NUMBER = 20_000
LENGTH = 200
ROUNDS = 5
#: Comments a second that the literal part must reach on one core.
LITERAL_FLOOR = 100_000


def comments() -> list[str]:
    folder = os.environ.get("TOOLKIT_CORPORA")
    if folder:
        path = Path(folder) / "data" / "stance" / "news_comments_two_stances_train.jsonl.gz"
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            written = " ".join(json.loads(line)["text"] for line in lines)
    else:
        categories = load().categories.values()
        texts = [
            t for c in categories for t in (*(e.text for e in c.examples), *c.counter_examples)
        ]
        written = " ".join(islice(cycle(texts), 20_000))
    pieces = [written[at : at + LENGTH] for at in range(0, len(written) - LENGTH, LENGTH)]
    return list(islice(cycle(pieces), NUMBER))


def per_second(work: Callable[[list[str]], object], batches: list[list[str]]) -> float:
    """Comments a second, from the best time of each batch."""
    best = [float("inf")] * len(batches)
    for _ in range(ROUNDS):
        for index, batch in enumerate(batches):
            begin = time.process_time()
            work(batch)
            best[index] = min(best[index], time.process_time() - begin)
    return sum(map(len, batches)) / sum(best)


@pytest.mark.benchmark
def test_speed(capsys: pytest.CaptureFixture[str]) -> None:
    texts = comments()
    matcher = Matcher(load(), "en")
    needles = Needles(matcher.entries)
    batches = [texts[at : at + BATCH] for at in range(0, NUMBER, BATCH)]
    analyzer = RhetoricAnalyzer()

    def analyze(batch: list[str]) -> pl.DataFrame:
        frame = pl.DataFrame({"text": batch, "language__tag": ["en"] * len(batch)})
        return frame.select(analyzer.expr())

    analyze(batches[0])
    hits = sum(needles.find(canonical(batch)).row.size for batch in batches)
    literal = per_second(lambda batch: needles.find(canonical(batch)), batches)
    spans = per_second(matcher.find, batches)
    whole = per_second(analyze, batches)
    report = (
        f"{NUMBER} comments of {LENGTH} code points, {hits / NUMBER:.1f} literal hits each",
        f"literal part   {literal:10,.0f} comments a second",
        f"all spans      {spans:10,.0f} comments a second",
        f"whole analyzer {whole:10,.0f} comments a second",
    )
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(report) + "\n")
    assert literal >= LITERAL_FLOOR
