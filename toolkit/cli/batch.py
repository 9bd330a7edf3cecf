"""``toolkit batch``, ``summarize`` and ``verify``: long runs and their receipts."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.console import say
from toolkit.cli.options import (
    Encoding,
    InputFormat,
    KeepBroken,
    Lexicon,
    Map,
    Only,
    Pseudonymize,
    Stance,
    Thesis,
    Toxicity,
    load_settings,
    names,
    pairs,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from toolkit.runner import Progress


class ProgressStyle(StrEnum):
    """How a long run shows where it stands."""

    auto = "auto"
    bar = "bar"
    json = "json"
    none = "none"


class SummaryKey(StrEnum):
    """What one row of a summary stands for."""

    article = "article"
    thread = "thread"
    author = "author"
    day = "day"


class Engine(StrEnum):
    """What does the work."""

    local = "local"
    spark = "spark"


def batch(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Dumps, folders of them, quoted globs, or - for stdin; all form one.",
        ),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="DIR", help="Folder for the shards.")
    ],
    only: Only = None,
    thesis: Thesis = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes (default: one a core).")
    ] = None,
    shard_rows: Annotated[
        int | None,
        typer.Option(
            "--shard-rows",
            help="Comments in one output file (default: 50,000; 2,000 with a transformer).",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped.")
    ] = False,
    input_format: InputFormat = "auto",
    mapping: Map = None,
    encoding: Encoding = None,
    pseudonymize: Pseudonymize = None,
    keep_broken: KeepBroken = False,
    lexicon: Lexicon = None,
    toxicity: Toxicity = None,
    stance: Stance = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="spark: on a cluster (docs/scale.md).")
    ] = Engine.local,
    master: Annotated[
        str | None,
        typer.Option("--master", metavar="URL", help="Spark's master: local[2], yarn, k8s://..."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no notes.")] = False,
    progress: Annotated[
        ProgressStyle, typer.Option("--progress", help="json: one line a step, on stderr.")
    ] = ProgressStyle.auto,
) -> None:
    """Analyse a dump into parquet shards, on all cores; stop and resume at will.

    Example: toolkit batch seeds/dumps/reddit.ndjson -o out --only readability,rhetoric
    """
    from toolkit.runner import Job, run

    chosen = None if only is None else tuple(names(only) or ())
    settings = load_settings(lexicon, toxicity, stance)
    if engine is Engine.spark:
        _refuse(
            "Spark",
            {
                "--workers": workers is not None,
                "--resume": resume,
                "--encoding": encoding is not None,
                "--pseudonymize": pseudonymize is not None,
                "--keep-broken": keep_broken,
            },
            "It belongs to a run on one machine; toolkit convert makes a table that Spark reads.",
        )
        from toolkit.runner.spark import batch as spark_batch

        spark_batch(
            inputs,
            output,
            master=master,
            only=chosen,
            thesis=thesis,
            settings=settings,
            format=input_format,
            mapping=pairs(mapping),
        )
        print(output)  # noqa: T201
        return
    _refuse("a run on one machine", {"--master": master is not None}, "Add --engine spark.")
    job = Job(
        inputs=tuple(inputs),
        directory=Path(output),
        only=chosen,
        thesis=thesis,
        settings=settings,
        format=input_format,
        mapping=pairs(mapping),
        pseudonymize=pseudonymize,
        encoding=encoding,
        keep_broken=keep_broken,
        shard_rows=shard_rows,
        **({} if workers is None else {"workers": workers}),
    )
    style = ProgressStyle.none if quiet else progress
    try:
        with _shown(style) as on_progress:
            manifest = run(
                job,
                resume=resume,
                on_progress=on_progress,
                on_note=None if quiet else say,
            )
    except KeyboardInterrupt:
        say(f"Stopped. What is finished stays in {output}; add --resume to go on.")
        raise
    if not quiet:
        say(
            f"{manifest.rows_in:,} rows in = {manifest.rows_out:,} out + "
            f"{manifest.rows_rejected:,} rejected, {len(manifest.shards)} shards in "
            f"{manifest.wall_seconds:.1f} s"
        )
    print(output)  # noqa: T201


def _refuse(what: str, given: dict[str, bool], next_step: str) -> None:
    from toolkit.errors import SettingsError

    for option, is_there in given.items():
        if is_there:
            raise SettingsError(f"{what} knows no {option}", next_step=next_step)


def summarize(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder that toolkit batch wrote.")
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="Write .parquet, .csv or .jsonl."),
    ],
    by: Annotated[
        SummaryKey, typer.Option("--by", help="What a row stands for.")
    ] = SummaryKey.article,
) -> None:
    """Sum up a batch: one row per article, thread, author or day.

    Example: toolkit summarize out -o by-day.csv --by day
    """
    from toolkit.runner import results
    from toolkit.summaries_file import write_summary
    from toolkit.tables import check_table_path

    check_table_path(output)
    write_summary(results(directory), by.value, output)
    say(f"Wrote {output}")


def verify(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder that toolkit batch wrote.")
    ],
    sample: Annotated[int, typer.Option("--sample", min=0, help="Rows to compute again.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="Which rows are drawn.")] = 0,
    reread: Annotated[
        bool, typer.Option("--reread", help="Read the inputs again and compare with them, too.")
    ] = False,
) -> None:
    """Check a batch: bytes, counts, and a sample of rows computed again.

    Example: toolkit verify out --sample 500
    """
    from toolkit.runner import verify as check

    verdict = check(directory, sample=sample, seed=seed, reread=reread)
    print(json.dumps(asdict(verdict) | {"ok": verdict.ok}, indent=2))  # noqa: T201
    for note in verdict.notes:
        say(note)
    for problem in verdict.problems:
        say(f"WRONG: {problem}")
    if not verdict.ok:
        raise typer.Exit(2)


@contextmanager
def _shown(style: ProgressStyle) -> Iterator[Callable[[Progress], None] | None]:
    """A bar on a terminal, JSON lines for machines, nothing where nobody looks."""
    if style is ProgressStyle.auto:
        style = ProgressStyle.bar if sys.stderr.isatty() else ProgressStyle.none
    if style is ProgressStyle.none:
        yield None
    elif style is ProgressStyle.json:
        yield lambda progress: say(json.dumps(asdict(progress)))
    else:
        from toolkit.cli.progress import bar

        with bar() as show:
            yield show
