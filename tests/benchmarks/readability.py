"""Comments a second: readability beside textstat, language, sentences.

    TOOLKIT_CORPORA=... python -m pytest tests/benchmarks/readability.py -m benchmark -s

Seconds are the processor's, so that other work on the machine does not count.
Without TOOLKIT_CORPORA the comments are made: English words by Zipf's law.
textstat is given our copy of the pronouncing dictionary, which it would
otherwise fetch from the network.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from toolkit.analyzers.language import LanguageAnalyzer
from toolkit.analyzers.readability import ReadabilityAnalyzer
from toolkit.text.language import detect
from toolkit.text.sentences import sentence_spans
from toolkit.text.syllables import english_syllables

#: The eight that both compute.
METRICS = (
    "flesch_reading_ease",
    "flesch_kincaid_grade",
    "gunning_fog",
    "smog_index",
    "automated_readability_index",
    "coleman_liau_index",
    "dale_chall_readability_score",
    "lix",
)
NUMBER = 6_000


def comments() -> list[str]:
    folder = os.environ.get("TOOLKIT_CORPORA")
    if folder:
        path = Path(folder) / "data" / "toxicity" / "news_comments_typed_train.jsonl.gz"
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return [json.loads(line)["text"] for _, line in zip(range(NUMBER), lines, strict=False)]
    draw = random.Random(5)
    words = sorted(english_syllables())
    draw.shuffle(words)

    def sentence() -> str:
        ranks = (int(draw.paretovariate(0.9)) % len(words) for _ in range(draw.randint(4, 20)))
        return " ".join(words[rank] for rank in ranks).capitalize() + "."

    return [" ".join(sentence() for _ in range(draw.randint(1, 5))) for _ in range(NUMBER)]


def seconds_of(function: Callable[[], Any]) -> float:
    began = time.process_time()
    function()
    return time.process_time() - began


def readability(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(ReadabilityAnalyzer().expr().alias("r")).unnest("r")


@pytest.mark.benchmark
def test_readability_is_at_least_three_times_as_fast_as_textstat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import textstat
    from textstat.backend.counts import _count_syllables

    pronunciations = {word: [["X1"] * n + ["X"]] for word, n in english_syllables().items()}
    monkeypatch.setattr(_count_syllables, "get_cmudict", lambda _: pronunciations)
    textstat.set_lang("en_US")
    functions = [getattr(textstat, name) for name in METRICS]
    texts = comments()
    frame = pl.DataFrame({"text": texts, "language__tag": ["en"] * len(texts)})
    # Both have their dictionaries loaded and have met no word of the comments.
    readability(frame.head(0).vstack(pl.DataFrame({"text": ["Warm."], "language__tag": ["en"]})))
    for function in functions:
        function("Warm.")

    def theirs() -> None:
        for text in texts:
            for function in functions:
                function(text)

    first = seconds_of(lambda: readability(frame))
    again = seconds_of(lambda: readability(frame))
    textstat_seconds = seconds_of(theirs)
    textstat_again = seconds_of(theirs)
    number = len(texts)
    print(  # noqa: T201
        f"\n{number:,} comments of {sum(map(len, texts)) / number:.0f} characters, one core:\n"
        f"  textstat     {number / textstat_seconds:8,.0f} a second,"
        f" {number / textstat_again:8,.0f} the second time\n"
        f"  readability  {number / first:8,.0f} a second, {number / again:8,.0f} the second time\n"
        f"  ratio        {textstat_seconds / first:8.1f}          "
        f" {textstat_again / again:8.1f}"
    )
    assert textstat_seconds >= 3 * first


@pytest.mark.benchmark
def test_language_sentences_and_the_whole_pipeline() -> None:
    from toolkit.pipeline import Pipeline

    texts = comments()
    frame = pl.LazyFrame({"text": texts})
    pipeline = Pipeline([LanguageAnalyzer(), ReadabilityAnalyzer()])
    pipeline.apply(frame.head(10)).collect()
    jobs: dict[str, Callable[[], Any]] = {
        "language": lambda: detect(texts),
        "sentences": lambda: [sentence_spans(text, "en") for text in texts],
        "language and readability": lambda: pipeline.apply(frame).collect(),
    }
    print()  # noqa: T201
    for name, job in jobs.items():
        print(f"  {name:25} {len(texts) / seconds_of(job):8,.0f} comments a second")  # noqa: T201


@pytest.mark.benchmark
def test_how_far_the_score_of_an_excerpt_strays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spread of an excerpt's score about its article's: why there is a minimum of words."""
    from toolkit.analyzers import readability as module

    folder = os.environ.get("TOOLKIT_CORPORA")
    if not folder:
        pytest.skip("TOOLKIT_CORPORA is not set: it names a folder of labelled corpora")
    monkeypatch.setattr(module, "_LONG_ENOUGH", pl.lit(True))
    monkeypatch.setattr(
        module, "_USABLE", module._COUNTABLE & module._PROSE & (pl.col("sentences") >= 1)
    )
    path = Path(folder) / "data" / "stance" / "headline_bodies.jsonl.gz"
    draw = random.Random(7)
    rows: list[tuple[int, int, str]] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            record = json.loads(line)
            text = record.get("text") or record.get("body") or record["articleBody"]
            spans = sentence_spans(text, "en")
            if len(text.split()) < 400 or len(spans) < 15:
                continue
            rows.append((number, 0, text))
            for wanted in (5, 10, 15, 20, 30, 50, 100):
                first = draw.randrange(len(spans) - 10)
                last = first
                while len(text[spans[first][0] : spans[last][1]].split()) < wanted and (
                    last + 1 < len(spans)
                ):
                    last += 1
                rows.append((number, wanted, text[spans[first][0] : spans[last][1]]))
    frame = pl.DataFrame(rows, schema=["article", "wanted", "text"], orient="row").with_columns(
        pl.lit("en").alias("language__tag")
    )
    scored = frame.hstack(readability(frame))
    whole = scored.filter(pl.col("wanted") == 0)
    print(f"\n  {whole.height} articles; standard deviation of excerpt minus article")  # noqa: T201
    columns = ["flesch_reading_ease", "flesch_kincaid_grade", "lix"]
    both = scored.filter(pl.col("wanted") > 0).join(whole, on="article", suffix="_whole")
    spread = both.group_by("wanted").agg(
        (pl.col(name) - pl.col(f"{name}_whole")).std() for name in columns
    )
    among = whole.select(pl.lit(0).alias("wanted"), *(pl.col(name).std() for name in columns))
    for row in [*spread.sort("wanted").rows(), *among.rows()]:
        label = f"from {row[0]} words" if row[0] else "among articles"
        values = "  ".join(
            f"{name} {value:5.1f}" for name, value in zip(columns, row[1:], strict=True)
        )
        print(f"  {label:15} {values}")  # noqa: T201
