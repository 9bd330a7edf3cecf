"""``toolkit batch``, ``summarize`` and ``verify``: long runs and their receipts."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.console import say
from toolkit.cli.options import Lexicon, Map, Only, Thesis, Toxicity, load_settings, names, pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from toolkit.runner import Progress

from contextlib import contextmanager


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


def batch(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="INPUT...", help="Dumps, or folders of them.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for the shards.")
    ],
    only: Only = None,
    thesis: Thesis = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes (default: one a core).")
    ] = None,
    shard_rows: Annotated[
        int, typer.Option("--shard-rows", help="Comments in one output file.")
    ] = 50_000,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped.")
    ] = False,
    input_format: Annotated[
        str, typer.Option("--input-format", help="Format of the dump (toolkit formats).")
    ] = "auto",
    mapping: Map = None,
    lexicon: Lexicon = None,
    toxicity: Toxicity = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    progress: Annotated[
        ProgressStyle, typer.Option("--progress", help="json: one line a shard, on stderr.")
    ] = ProgressStyle.auto,
) -> None:
    """Analyse a dump into parquet shards, on all cores; stop and resume at will.

    Example: toolkit batch seeds/dumps/reddit.ndjson -o out --only readability,rhetoric
    """
    from toolkit.runner import Job, run

    job = Job(
        inputs=tuple(inputs),
        directory=output,
        only=None if only is None else tuple(names(only) or ()),
        thesis=thesis,
        settings=load_settings(lexicon, toxicity),
        format=input_format,
        mapping=pairs(mapping),
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
    from toolkit.summaries import summarize as sum_up
    from toolkit.tables import check_table_path, write_table

    check_table_path(output)
    write_table(sum_up(results(directory), by.value), output)
    say(f"Wrote {output}")


def verify(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder that toolkit batch wrote.")
    ],
    sample: Annotated[int, typer.Option("--sample", min=0, help="Rows to compute again.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="Which rows are drawn.")] = 0,
) -> None:
    """Check a batch: bytes, counts, and a sample of rows computed again.

    Example: toolkit verify out --sample 500
    """
    from toolkit.runner import verify as check

    verdict = check(directory, sample=sample, seed=seed)
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
