"""Worker processes, and the folder that they write to."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Final

from toolkit.errors import OutputError
from toolkit.runner.worker import THREAD_VARIABLES, start
from toolkit.settings import Settings

#: The articles of a run, for as long as it lasts.
ARTICLES_FILE: Final = ".articles.parquet"
_LOCK_FILE: Final = ".lock"
#: What a run that was killed may leave behind.
_LEFT_OVERS: Final = (
    ".part-*.parquet",
    "..articles-*.parquet",
    ".manifest-*.json",
    ".rejects-*.jsonl",
    ARTICLES_FILE,
)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold ``directory`` for one run: made if need be, swept of what a killed one left.

    Raises OutputError where it cannot be written to, or another run holds it.
    The lock goes with the process, however that ends.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = (directory / _LOCK_FILE).open("w")
    except OSError as error:
        raise OutputError(
            f"{directory} cannot be written to: {error.strerror or error}",
            next_step="Choose another folder with -o.",
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OutputError(
                f"another run is writing to {directory}",
                next_step="Wait for it, or choose another folder with -o.",
            ) from error
        sweep(directory)
        yield


def sweep(directory: Path) -> None:
    """Remove files that have no name yet, or none any more."""
    for pattern in _LEFT_OVERS:
        for path in directory.glob(pattern):
            path.unlink(missing_ok=True)


@contextmanager
def workers(count: int, only: Sequence[str] | None, settings: Settings) -> Iterator[Executor]:
    """``count`` processes that are gone, whatever happens, when the block ends.

    ``spawn`` and not ``fork``: polars and onnxruntime hold threads and locks
    that a forked child would inherit in an unknown state.
    """
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    pool = ProcessPoolExecutor(
        max_workers=count,
        mp_context=get_context("spawn"),
        initializer=start,
        initargs=(only, settings),
    )
    others = set(active_children())
    try:
        yield pool
        pool.shutdown(wait=True)
    except BaseException:
        # Do not wait for shards in the making: they would be thrown away.
        pool.shutdown(wait=False, cancel_futures=True)
        ours = set(active_children()) - others
        for child in ours:
            child.kill()
        for child in ours:
            child.join(timeout=1)
        raise
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
