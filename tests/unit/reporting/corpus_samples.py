"""A made-up corpus in the shape of a batch's result. Places and people are fictional."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from reporting_samples import NAMES, SENTENCES, measure, metrics

from toolkit.reporting import CorpusData
from toolkit.schema import COMMENT_SCHEMA, NULL_REASON, Metric, Unit, column

START = datetime(2031, 5, 1, 6, 0, tzinfo=UTC)
TEXTS = [" ".join(pair) for pair in zip(SENTENCES, SENTENCES[5:] + SENTENCES[:5], strict=True)]


def described() -> dict[str, Metric]:
    """The metrics of the sample with the two sums over categories, as the real analyzers have."""
    found = metrics()
    for name in ("constructive", "critical"):
        found[column("rhetoric", name)] = Metric(
            name=name, dtype=pl.Int32(), unit=Unit.COUNT, bounds=(0, None), description="A sum."
        )
        found[column("rhetoric", f"{name}_per_100_words")] = Metric(
            name=f"{name}_per_100_words", dtype=pl.Float32(), unit=Unit.PER_100_WORDS,
            bounds=(0, None), description="The same per 100 words.",
        )  # fmt: skip
    return found


def corpus_frame(
    rows: int,
    *,
    seed: int = 5,
    articles: int = 6,
    change: Callable[[dict[str, Any]], None] | None = None,
) -> pl.DataFrame:
    """``rows`` analysed comments in threads under ``articles`` articles; every 19th has no text."""
    rng = random.Random(seed)
    records = []
    threads: dict[str, list[str]] = {}
    for number in range(rows):
        article = f"a{rng.randrange(articles)}"
        above = threads.setdefault(article, [])
        parent = rng.choice(above[-30:]) if above and rng.random() < 0.85 else None
        text = None if number % 19 == 18 else rng.choice(TEXTS)
        values, _ = measure(text, rng)
        hedges = values["rhetoric__hedge"]
        for name, count in (("constructive", hedges), ("critical", values["rhetoric__doubt"])):
            values[column("rhetoric", name)] = count
            values[column("rhetoric", f"{name}_per_100_words")] = None if count is None else 1.0
        record: dict[str, Any] = {
            "comment_id": f"c{number}",
            "article_id": article,
            "parent_id": parent,
            "author_name": None if number % 31 == 30 else rng.choice(NAMES),
            "created_at": None if number % 23 == 22 else START + timedelta(hours=7 * number),
            "text": text,
            "depth": 0,
            "position": number,
            "source_status": "published",
            "thesis": f"The quay of {article} should stay closed\nIt took too many visitors.",
            **values,
        }
        above.append(f"c{number}")
        if change is not None:
            change(record)
        records.append(record)
    wanted = described()
    types = {**COMMENT_SCHEMA, "thesis": pl.String()} | {
        name: NULL_REASON if metric.name == "null_reason" else metric.dtype
        for name, metric in wanted.items()
    }
    return pl.DataFrame(
        [{name: record.get(name) for name in types} for record in records], schema=types
    )


def corpus(frame: pl.DataFrame, **rest: Any) -> CorpusData:
    """Data for a report on ``frame``."""
    given: dict[str, Any] = {
        "name": "quay",
        "frame": frame.lazy(),
        "metrics": described(),
        "manifest": {"comment-toolkit": "0.1.0", "made": "2031-07-09 10:00 UTC"},
        "versions": {"toxicity": "linear-1", "stance": "provisional-1"},
        "families": {"hedge": "constructive"},
    }
    return CorpusData(**(given | rest))
