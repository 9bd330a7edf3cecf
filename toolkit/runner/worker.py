"""What a worker process does: one pipeline for its life, one shard a task."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path

import polars as pl

from toolkit.context import with_articles
from toolkit.pipeline import Pipeline
from toolkit.runner.manifest import Shard, sha256_of
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The rows of one shard and the articles that they stand under."""

    number: int
    comments: pl.DataFrame
    articles: pl.DataFrame | None
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
    frame = task.comments.lazy()
    if task.thesis is not None:
        frame = frame.with_columns(pl.lit(task.thesis).alias("thesis"))
    elif task.articles is not None:
        frame = with_articles(frame, task.articles)
    result, seconds = _pipeline.run(frame.collect())
    if "article_text" in result.columns:
        result = result.drop("article_text")
    with whole_file(task.path) as temporary:
        result.write_parquet(temporary, compression="zstd")
        digest = sha256_of(temporary)
    return Shard(
        number=task.number,
        file=task.path.name,
        rows=result.height,
        sha256=digest,
        seconds=seconds,
        peak_rss=peak_rss(),
    )


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
