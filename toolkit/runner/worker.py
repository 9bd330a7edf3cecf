"""What a worker process does: one pipeline for its life, one shard a task."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final

import polars as pl

from toolkit.context import with_articles
from toolkit.pipeline import Pipeline
from toolkit.runner.manifest import Shard
from toolkit.settings import Settings
from toolkit.tables import whole_file

#: Set in the environment of workers: each is one process on one core, and
#: libraries that start threads of their own would only fight over it.
THREAD_VARIABLES = (
    "POLARS_MAX_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "RAYON_NUM_THREADS",
)


#: Rows that are measured at once. Each row is measured by itself, so their number
#: changes memory alone.
_ROWS_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The rows of one shard. ``articles`` is a parquet file of those they may stand under."""

    number: int
    comments: pl.DataFrame
    articles: Path | None
    thesis: str | None
    path: Path


# One pipeline for the life of the process: that is what a worker is for.
_pipeline: Pipeline | None = None


def start(only: Sequence[str] | None, settings: Settings) -> None:
    """Load the models once, leave Ctrl-C to the parent, and never outlive it."""
    global _pipeline
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _pipeline = Pipeline.of(only, settings)


def analyse(task: Task) -> Shard:
    """Measure the rows, write the shard whole, say what it took."""
    assert _pipeline is not None, "the worker was not started"
    started = time.perf_counter()
    result, seconds = _measured(_pipeline, with_context(task))
    # To memory first: polars has many words for a full disk, the system has one.
    packed = io.BytesIO()
    result.write_parquet(packed, compression="zstd")
    data = packed.getbuffer()
    with whole_file(task.path) as temporary:
        temporary.write_bytes(data)
    return Shard(
        number=task.number,
        file=task.path.name,
        rows=result.height,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        seconds={name: round(value, 6) for name, value in seconds.items()},
        wall_seconds=round(time.perf_counter() - started, 6),
        peak_rss=peak_rss(),
    )


def _measured(pipeline: Pipeline, comments: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, float]]:
    """All rows, some at a time: what an analyzer holds besides its results is thrown away."""
    parts: list[pl.DataFrame] = []
    seconds: dict[str, float] = {}
    for part in comments.iter_slices(_ROWS_AT_ONCE) if comments.height else (comments,):
        result, spent = pipeline.run(part)
        # The article's text served its purpose.
        parts.append(result.drop("article_text", strict=False))
        for name, value in spent.items():
            seconds[name] = seconds.get(name, 0.0) + value
    return pl.concat(parts), seconds


def with_context(task: Task) -> pl.DataFrame:
    """The rows with the thesis that is given, or with that of each one's own article."""
    frame = task.comments.lazy()
    if task.thesis is not None:
        return frame.with_columns(pl.lit(task.thesis).alias("thesis")).collect()
    if task.articles is None:
        return task.comments
    named = task.comments["article_id"].drop_nulls().unique()
    articles = pl.scan_parquet(task.articles, glob=False)
    mine = articles.filter(pl.col("article_id").is_in(named.implode())).collect()
    return with_articles(frame, mine).collect()


def peak_rss() -> int:
    """Largest resident set of this process so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _die_with_parent() -> None:
    # A parent that was killed cannot tell us; without this, its workers would
    # sit on the queue for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
