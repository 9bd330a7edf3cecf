"""A run on one machine: read once, analyse on all cores, write shards that are whole.

The parent reads the dump and cuts it into shards by row count alone, so what
stands in a shard depends neither on the number of workers nor on their speed.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any, Final

import polars as pl

from toolkit.context import ARTICLE_COLUMNS
from toolkit.dumps import Dump, read_dump
from toolkit.errors import InternalError, OutputError, SettingsError, ToolkitError
from toolkit.pipeline import Pipeline
from toolkit.runner.manifest import (
    JOURNAL_FILE,
    MANIFEST_FILE,
    REJECTS_FILE,
    Journal,
    Manifest,
    Shard,
    describe_inputs,
    differences,
    environment,
)
from toolkit.runner.worker import THREAD_VARIABLES, Task, analyse, peak_rss, start
from toolkit.settings import Settings

#: Rows a shard where the user says nothing: some 10 MB of text.
SHARD_ROWS: Final = 50_000

_RESUME: Final = "Run the same command with --resume to go on."


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to run. ``only`` None means every built-in analyzer."""

    inputs: tuple[Path, ...]
    directory: Path
    only: tuple[str, ...] | None = None
    thesis: str | None = None
    settings: Settings = field(default_factory=Settings)
    format: str = "auto"
    mapping: Mapping[str, str] | None = None
    shard_rows: int = SHARD_ROWS
    workers: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands. ``seconds`` sums each analyzer's time over all workers.

    ``fraction`` of the input that was read, in [0, 1]; None where it cannot be known.
    """

    rows: int
    rejected: int
    shards: int
    wall_seconds: float
    seconds: Mapping[str, float]
    fraction: float | None = None


def run(
    job: Job,
    *,
    resume: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    on_note: Callable[[str], None] | None = None,
) -> Manifest:
    """Analyse ``job.inputs`` into ``job.directory``; the manifest of the whole run.

    Raises OutputError where the folder holds a run (without ``resume``) or is
    in use, SettingsError naming each difference where a resumed run would not
    be the same run, and what reading raises. After any error, and after
    Ctrl-C, what is finished stays finished.
    """
    if job.shard_rows < 1 or job.workers < 1:
        raise SettingsError(
            "a run needs at least one worker and one row a shard",
            next_step="Give --workers and --shard-rows values of 1 or more.",
        )
    pipeline = Pipeline.of(job.only, job.settings)
    with _locked(job.directory):
        identity = _identity(job, pipeline)
        done = _begin(job, identity, resume=resume)
        manifest = Manifest(status="running", identity=identity)
        manifest.write(job.directory)
        dump = read_dump(
            list(job.inputs),
            format=job.format,
            mapping=job.mapping,
            rejects=job.directory / REJECTS_FILE,
        )
        for note in dump.notes:
            if on_note is not None:
                on_note(note)
        articles = None
        if "thesis" in pipeline.reads and job.thesis is None:
            articles = dump.articles.select(ARTICLE_COLUMNS).collect()
        state = _State(job=job, dump=dump, done=done, on_progress=on_progress)
        state.work(_tasks(job, dump, articles, done))
        counts = dump.counts
        shards = tuple(state.done[number] for number in sorted(state.done))
        manifest = replace(
            manifest,
            status="complete",
            shards=shards,
            rows_in=counts.rows_in,
            rows_out=sum(shard.rows for shard in shards),
            rows_rejected=counts.rejected,
            wall_seconds=round(state.elapsed(), 3),
            peak_rss=max([peak_rss(), *(shard.peak_rss for shard in shards)]),
        )
        if manifest.rows_in != manifest.rows_out + manifest.rows_rejected:
            raise InternalError(
                f"{manifest.rows_in} rows in, but {manifest.rows_out} out and "
                f"{manifest.rows_rejected} rejected",
                next_step="Keep the folder and send us its manifest.json and rejects.jsonl.",
            )
        manifest.write(job.directory)
        return manifest


def shard_name(number: int) -> str:
    """``part-000000.parquet``: sorts in source order."""
    return f"part-{number:06d}.parquet"


def _identity(job: Job, pipeline: Pipeline) -> dict[str, Any]:
    return {
        "inputs": describe_inputs(job.inputs),
        "format": job.format,
        "mapping": dict(job.mapping) if job.mapping else None,
        "analyzers": pipeline.versions,
        "thesis": job.thesis,
        "settings": job.settings.model_dump(mode="json", exclude={"reports"}),
        "lexicon files": describe_inputs(job.settings.lexicon),
        "shard_rows": job.shard_rows,
        "packages": environment(),
    }


def _begin(job: Job, identity: Mapping[str, Any], *, resume: bool) -> dict[int, Shard]:
    """The shards that are finished already; checks that a resumed run is the same run."""
    if not (job.directory / MANIFEST_FILE).exists():
        if (job.directory / JOURNAL_FILE).exists():
            raise OutputError(
                f"{job.directory} holds a {JOURNAL_FILE} without its {MANIFEST_FILE}",
                next_step="Choose another folder with -o.",
            )
        return {}
    if not resume:
        raise OutputError(
            f"{job.directory} holds a run already",
            next_step="Add --resume to go on with it, or choose another folder with -o.",
        )
    changed = differences(Manifest.read(job.directory).identity, identity)
    if changed:
        raise SettingsError(
            f"this is not the run that {job.directory} holds: {'; '.join(changed)}",
            next_step="Undo the change, or choose another folder with -o.",
        )
    done = Journal(job.directory).read()
    for shard in list(done.values()):
        if not (job.directory / shard.file).exists():
            del done[shard.number]
    return done


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Only one run may write to a folder."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = (directory / ".lock").open("w")
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
        for left_over in directory.glob(".part-*.parquet"):
            left_over.unlink(missing_ok=True)
        yield


def _tasks(
    job: Job, dump: Dump, articles: pl.DataFrame | None, done: Mapping[int, Shard]
) -> Iterator[Task]:
    """The shards that are still to do, cut by row count in the order of the source."""
    for number, comments in enumerate(dump.batches(rows=job.shard_rows)):
        finished = done.get(number)
        if finished is not None:
            if finished.rows != comments.height:
                raise InternalError(
                    f"shard {number} had {finished.rows} rows and now has {comments.height}",
                    next_step="Run the batch into a new folder.",
                )
            continue
        yield Task(
            number=number,
            comments=comments,
            articles=None
            if articles is None
            else articles.filter(
                pl.col("article_id").is_in(comments["article_id"].drop_nulls().unique().implode())
            ),
            thesis=job.thesis,
            path=job.directory / shard_name(number),
        )


@dataclass(kw_only=True)
class _State:
    """A run in motion."""

    job: Job
    dump: Dump
    done: dict[int, Shard]
    on_progress: Callable[[Progress], None] | None
    started: float = field(default_factory=time.perf_counter)

    def elapsed(self) -> float:
        return time.perf_counter() - self.started

    def work(self, tasks: Iterator[Task]) -> None:
        """Keep every worker busy with one shard waiting, and no more in memory."""
        journal = Journal(self.job.directory)
        pending: set[Future[Shard]] = set()
        with _pool(self.job) as pool:
            try:
                for task in tasks:
                    pending.add(pool.submit(analyse, task))
                    if len(pending) > self.job.workers:
                        pending = self._collect(pending, journal)
                while pending:
                    pending = self._collect(pending, journal)
            except BrokenProcessPool as error:
                raise InternalError(
                    "a worker process was killed, perhaps for want of memory",
                    next_step=f"{_RESUME} Fewer --workers or --shard-rows need less memory.",
                ) from error
            except ToolkitError as error:
                if isinstance(error, OutputError):
                    error.next_step = f"Make room on the disk. {_RESUME}"
                raise

    def _collect(self, pending: set[Future[Shard]], journal: Journal) -> set[Future[Shard]]:
        finished, waiting = wait(pending, return_when=FIRST_COMPLETED)
        # In order of number, so that the journal is the same for the same pace.
        for shard in sorted((item.result() for item in finished), key=lambda item: item.number):
            journal.append(shard)
            self.done[shard.number] = shard
        if self.on_progress is not None:
            self.on_progress(self._progress())
        return waiting

    def _progress(self) -> Progress:
        seconds: dict[str, float] = {}
        for shard in self.done.values():
            for name, value in shard.seconds.items():
                seconds[name] = seconds.get(name, 0.0) + value
        return Progress(
            rows=sum(shard.rows for shard in self.done.values()),
            rejected=self.dump.counts.rejected,
            shards=len(self.done),
            wall_seconds=self.elapsed(),
            seconds=seconds,
        )


@contextmanager
def _pool(job: Job) -> Iterator[ProcessPoolExecutor]:
    """Worker processes that are gone, whatever happens, when the block ends.

    ``spawn`` and not ``fork``: polars and onnxruntime hold threads and locks
    that a forked child would inherit in an unknown state.
    """
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    pool = ProcessPoolExecutor(
        max_workers=job.workers,
        mp_context=get_context("spawn"),
        initializer=start,
        initargs=(job.only, job.settings),
    )
    ours = set(active_children())
    try:
        yield pool
        pool.shutdown(wait=True)
    except BaseException:
        # Do not wait for shards in the making: they would be thrown away.
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(active_children()) - ours:
            child.kill()
        raise
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
