"""A run on one machine: read once, analyse on all cores, write shards that are whole.

The parent reads the dump and cuts it into shards by row count alone, so what
stands in a shard depends neither on the number of workers nor on their speed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from toolkit.context import ARTICLE_COLUMNS
from toolkit.dumps import Dump, read_dump
from toolkit.dumps.pseudonymize import Pseudonymizer
from toolkit.errors import (
    DumpReadError,
    InternalError,
    OutputError,
    SettingsError,
)
from toolkit.pipeline import Pipeline
from toolkit.registry import DEFAULT
from toolkit.runner.manifest import (
    JOURNAL_FILE,
    MANIFEST_FILE,
    REJECTS_FILE,
    SPARK_FILE,
    Journal,
    Manifest,
    Shard,
    describe_files,
    differences,
    environment,
    fingerprint,
    now,
    sha256_of,
)
from toolkit.runner.pool import ARTICLES_FILE, cores, locked, sweep, workers
from toolkit.runner.worker import Task, analyse, peak_rss
from toolkit.settings import Settings
from toolkit.tables import whole_file

#: Rows a shard where the user says nothing: some 10 MB of text.
SHARD_ROWS: Final = 50_000
#: The same where a transformer reads them: about a minute of one core, so that small
#: inputs keep all cores busy, and a stopped run loses little.
SLOW_SHARD_ROWS: Final = 2_000

_RESUME: Final = "Run the same command with --resume to go on."


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to run. ``only`` None means every built-in analyzer.

    ``inputs`` are what ``read_dump`` takes: files, folders, globs, ``-``; they form
    one dump. ``pseudonymize``, ``encoding`` and ``keep_broken`` are its options, too.
    ``shard_rows`` None is :data:`SHARD_ROWS`, or :data:`SLOW_SHARD_ROWS` where an
    analyzer runs a transformer.
    """

    inputs: tuple[str | Path, ...]
    directory: Path
    only: tuple[str, ...] | None = None
    thesis: str | None = None
    settings: Settings = field(default_factory=Settings)
    format: str = "auto"
    mapping: Mapping[str, str] | None = None
    pseudonymize: str | None = field(default=None, repr=False)
    encoding: str | None = None
    keep_broken: bool = False
    shard_rows: int | None = None
    workers: int = field(default_factory=cores)

    @property
    def rows_a_shard(self) -> int:
        """``shard_rows``, or what stands for None."""
        if self.shard_rows is not None:
            return self.shard_rows
        names = DEFAULT if self.only is None else self.only
        slow = bool({"stance", "techniques"} & set(names)) or (
            "toxicity" in names and self.settings.toxicity != "linear"
        )
        return SLOW_SHARD_ROWS if slow else SHARD_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands. ``seconds`` sums each analyzer's time over all workers.

    ``rows`` and ``shards`` are finished ones, those of earlier sittings included;
    ``rows_per_second`` is the pace of this sitting. ``fraction`` of the input that
    is finished, in [0, 1], by the bytes it was read from; it and ``seconds_left``
    are None where they cannot be known.
    """

    rows: int
    rejected: int
    shards: int
    wall_seconds: float
    rows_per_second: float
    seconds: Mapping[str, float]
    fraction: float | None = None
    seconds_left: float | None = None


def run(
    job: Job,
    *,
    resume: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    on_note: Callable[[str], None] | None = None,
) -> Manifest:
    """Analyse ``job.inputs`` into ``job.directory``; the manifest of the whole run.

    Work is done in processes of its own, so a script that calls this needs the
    usual ``if __name__ == "__main__":``.

    Raises OutputError where the folder holds a run (without ``resume``), lies in
    an input, or is in use, SettingsError naming each difference where a resumed
    run would not be the same run, and what reading raises. After any error, and
    after Ctrl-C, what is finished stays finished.
    """
    note = on_note or (lambda _: None)
    _check(job, resume=resume)
    pipeline = Pipeline.of(job.only, job.settings)
    dump = read_dump(
        list(job.inputs),
        format=job.format,
        mapping=job.mapping,
        pseudonymize=job.pseudonymize,
        rejects=job.directory / REJECTS_FILE,
        encoding=job.encoding,
        keep_broken=job.keep_broken,
    )
    for words in dump.notes:
        note(words)
    with locked(job.directory):
        identity = _identity(job, pipeline, dump)
        before, done = _begin(job, identity, resume=resume)
        if before is not None and before.status == "complete" and len(done) == len(before.shards):
            note(f"{job.directory} is complete; there is nothing left to do")
            return before
        manifest = Manifest(
            status="running",
            identity=identity,
            sittings=1 if before is None else before.sittings + 1,
            started_at=now() if before is None else before.started_at,
        )
        manifest.write(job.directory)
        state = _State(job=job, dump=dump, done=done, on_progress=on_progress)
        said = len(dump.notes)
        try:
            articles = _articles(job, pipeline, dump)
            with (
                workers(job.workers, job.only, job.settings) as pool,
                # Reading ends here and now, also after an error; it still writes its rejects.
                closing(dump.batches(rows=job.rows_a_shard)) as batches,
            ):
                state.work(state.tasks(batches, articles), pool)
        except BrokenProcessPool as error:
            raise InternalError(
                "a worker process was killed, perhaps for want of memory",
                next_step=f"{_RESUME} Fewer --workers or --shard-rows need less memory.",
            ) from error
        except OutputError as error:
            error.next_step = f"{error.next_step} {_RESUME}".strip()
            raise
        finally:
            sweep(job.directory)
        for words in dump.notes[said:]:
            note(words)
        manifest = _finished(manifest, state)
        manifest.write(job.directory)
        return manifest


def shard_name(number: int) -> str:
    """``part-000000.parquet``: sorts in source order."""
    return f"part-{number:06d}.parquet"


def _check(job: Job, *, resume: bool) -> None:
    """What can be refused before anything is read."""
    if job.rows_a_shard < 1 or job.workers < 1:
        raise SettingsError(
            "a run needs at least one worker and one row a shard",
            next_step="Give --workers and --shard-rows values of 1 or more.",
        )
    here = job.directory.resolve()
    for item in map(Path, job.inputs):
        # The next look at such a folder would find our own files in it.
        if item.is_dir() and here.is_relative_to(item.resolve()):
            raise OutputError(
                f"{job.directory} lies in the input {item}",
                next_step="Choose a folder outside it with -o.",
            )
    if (job.directory / SPARK_FILE).exists() or (
        not resume and (job.directory / MANIFEST_FILE).exists()
    ):
        raise OutputError(
            f"{job.directory} holds a run already",
            next_step="Add --resume to go on with it, or choose another folder with -o.",
        )


def _identity(job: Job, pipeline: Pipeline, dump: Dump) -> dict[str, Any]:
    configuration = {
        "format": dump.format,
        "mapping": dict(job.mapping) if job.mapping else None,
        # Tells keys apart and gives none away.
        "pseudonyms": job.pseudonymize and Pseudonymizer(job.pseudonymize).author("")[:16],
        "encoding": job.encoding,
        "keep_broken": job.keep_broken,
        "analyzers": pipeline.versions,
        "thesis": job.thesis,
        "settings": job.settings.model_dump(mode="json", exclude={"reports"}),
        "lexicon files": describe_files((str(path), path) for path in job.settings.lexicon),
        "shard_rows": job.rows_a_shard,
    }
    return {
        "inputs": describe_files(dump.files),
        **configuration,
        "configuration_sha256": fingerprint(configuration),
        "packages": environment(),
    }


def _begin(
    job: Job, identity: Mapping[str, Any], *, resume: bool
) -> tuple[Manifest | None, dict[int, Shard]]:
    """The run as it was left, and its finished shards; checks that it is the same run."""
    if not (job.directory / MANIFEST_FILE).exists():
        if (job.directory / JOURNAL_FILE).exists() or any(job.directory.glob("part-*.parquet")):
            raise OutputError(
                f"{job.directory} holds shards without their {MANIFEST_FILE}",
                next_step="Choose another folder with -o.",
            )
        return None, {}
    # Once more, now that no other run can get in between.
    _check(job, resume=resume)
    before = Manifest.read(job.directory)
    changed = differences(before.identity, identity)
    if changed:
        raise SettingsError(
            f"this is not the run that {job.directory} holds: {'; '.join(changed)}",
            next_step="Undo the change, or choose another folder with -o.",
        )
    done = Journal(job.directory).read()
    return before, {
        number: shard for number, shard in done.items() if shard.is_there(job.directory)
    }


def _articles(job: Job, pipeline: Pipeline, dump: Dump) -> Path | None:
    """The dump's articles on the disk, where a thesis is to be found in them."""
    if job.thesis is not None or not {"thesis", "article_text"} & set(pipeline.reads):
        return None
    path = job.directory / ARTICLES_FILE
    told = pl.col("title").is_not_null() | pl.col("text").is_not_null()
    with whole_file(path) as temporary:
        dump.articles.select(ARTICLE_COLUMNS).filter(told).sink_parquet(temporary)
    return path


def _finished(manifest: Manifest, state: _State) -> Manifest:
    """The manifest of a run that has come to its end; checks that its books balance."""
    counts = state.dump.counts
    shards = tuple(state.done[number] for number in sorted(state.done))
    rows_out = sum(shard.rows for shard in shards)
    rejects = state.job.directory / REJECTS_FILE
    if counts.rows_in != rows_out + counts.rejected or [s.number for s in shards] != list(
        range(len(shards))
    ):
        raise InternalError(
            f"{counts.rows_in} rows in, but {rows_out} out and {counts.rejected} rejected",
            next_step=f"Keep the folder and send us its {JOURNAL_FILE} and {REJECTS_FILE}.",
        )
    if counts.rejected and not rows_out and not counts.articles:
        raise DumpReadError(
            f"not one of {counts.rows_in:,} rows could be read as {state.dump.format}",
            next_step=f"Look at {rejects} for the reasons; is it the right --input-format?",
        )
    return replace(
        manifest,
        status="complete",
        shards=shards,
        rows_in=counts.rows_in,
        rows_out=rows_out,
        rows_rejected=counts.rejected,
        rejects_sha256=sha256_of(rejects) if counts.rejected else None,
        notes=state.dump.notes,
        finished_at=now(),
        wall_seconds=round(state.elapsed(), 3),
        peak_rss=max([peak_rss(), *(shard.peak_rss for shard in shards)]),
    )


@dataclass(kw_only=True)
class _State:
    """A run in motion."""

    job: Job
    dump: Dump
    done: dict[int, Shard]
    on_progress: Callable[[Progress], None] | None
    started: float = field(default_factory=time.perf_counter)
    rows: int = 0
    rows_before: int = 0
    rows_read: int = 0
    read_all: bool = False
    total: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for shard in self.done.values():
            self._count(shard)
        self.rows_before = self.rows

    def elapsed(self) -> float:
        return time.perf_counter() - self.started

    def tasks(self, batches: Iterable[pl.DataFrame], articles: Path | None) -> Iterator[Task]:
        """The shards that are still to do, in the order of the source."""
        for number, comments in enumerate(batches):
            self.rows_read += comments.height
            finished = self.done.get(number)
            if finished is None:
                yield Task(
                    number=number,
                    comments=comments,
                    articles=articles,
                    thesis=self.job.thesis,
                    path=self.job.directory / shard_name(number),
                )
            elif finished.rows != comments.height:
                raise InternalError(
                    f"shard {number} had {finished.rows} rows and now has {comments.height}",
                    next_step="Run the batch into a new folder.",
                )

    def work(self, tasks: Iterator[Task], pool: Executor) -> None:
        """Keep every worker busy with one shard waiting, and no more in memory."""
        journal = Journal(self.job.directory)
        pending: set[Future[Shard]] = set()
        for task in tasks:
            pending.add(pool.submit(analyse, task))
            del task  # Its rows are the worker's now.
            self._report()
            if len(pending) > self.job.workers:
                pending = self._collect(pending, journal)
        self.read_all = True
        self._report()
        while pending:
            pending = self._collect(pending, journal)

    def _collect(self, pending: set[Future[Shard]], journal: Journal) -> set[Future[Shard]]:
        finished, waiting = wait(pending, return_when=FIRST_COMPLETED)
        failed = [error for item in finished if (error := item.exception()) is not None]
        good = [item.result() for item in finished if item.exception() is None]
        for shard in sorted(good, key=lambda shard: shard.number):
            journal.append(shard)
            self.done[shard.number] = shard
            self._count(shard)
        if failed:
            raise failed[0]
        self._report()
        return waiting

    def _count(self, shard: Shard) -> None:
        self.rows += shard.rows
        for name, value in shard.seconds.items():
            self.seconds[name] = self.seconds.get(name, 0.0) + value

    def _report(self) -> None:
        if self.on_progress is None:
            return
        elapsed = self.elapsed()
        pace = (self.rows - self.rows_before) / elapsed
        total = self._total()
        fraction = self.rows / total if total else None
        left = (total - self.rows) / pace if total and pace else None
        self.on_progress(
            Progress(
                rows=self.rows,
                rejected=self.dump.counts.rejected,
                shards=len(self.done),
                wall_seconds=round(elapsed, 3),
                rows_per_second=round(pace, 1),
                seconds={name: round(value, 3) for name, value in self.seconds.items()},
                fraction=None if fraction is None else round(fraction, 4),
                seconds_left=None if left is None else round(left, 1),
            )
        )

    def _total(self) -> float | None:
        """How many rows there will be, by the bytes that were read for those so far."""
        read, rows = self.dump.fraction, self.dump.counts.rows_out
        if self.read_all:
            self.total = self.rows_read
        elif read and read < 1 and rows:
            self.total = rows / read
        # Readers go some megabytes ahead: the last rows come when all bytes are read.
        return None if self.total is None else max(self.total, rows, self.rows)
