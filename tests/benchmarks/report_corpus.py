"""Memory and seconds of corpus reports and summaries, by the number of comments.

    REPORT_ROWS=100000,300000,1000000 python -m pytest tests/benchmarks/report_corpus.py \
        -m benchmark -s

The shards are those of a real run over a few hundred sentences, drawn again and
again with ids, threads, times, writers, toxicity and stance of their own; so the
columns are real ones and the groups are as many as in a corpus of that size.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import toolkit
from toolkit.pipeline import Pipeline
from toolkit.runner.manifest import Manifest, Shard, environment

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "reporting"))

from batch import measured, show
from reporting_samples import SENTENCES

pytestmark = pytest.mark.benchmark

ROWS = tuple(int(n) for n in os.environ.get("REPORT_ROWS", "100000,300000,1000000").split(","))
SHARD = 50_000
LABELS = ("agree", "disagree", "discuss", "unrelated")
#: What the peak may grow by from the smallest to the largest number of rows.
GROWTH = 1.25


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corpus")


@pytest.fixture(scope="module")
def sample() -> pl.DataFrame:
    texts = [f"{one} {two}" for one in SENTENCES for two in SENTENCES if one != two]
    frame = pl.LazyFrame({"text": texts}).with_columns(
        pl.lit("The harbour should stay closed\nIt took four thousand visitors.").alias("thesis")
    )
    return toolkit.analyze(frame).collect()


def shard(number: int, sample: pl.DataFrame) -> pl.DataFrame:
    """50,000 rows: articles of 200 comments, threads of all sizes, writers of all habits."""
    rng = np.random.default_rng(number)
    place = np.arange(number * SHARD, (number + 1) * SHARD)
    above = np.minimum(rng.integers(1, 20, SHARD), np.maximum(place % 200, 1))
    parent = np.where((place % 200 > 0) & (rng.random(SHARD) < 0.8), place - above, -1)
    rude = np.where(rng.random(SHARD) < 0.03 + 0.1 * (place // 200 % 17 == 3), 1.0, 0.0)
    stance = rng.dirichlet([2, 2, 3, 1], SHARD)
    drawn = sample.sample(SHARD, with_replacement=True, seed=number)
    ids = {
        "comment_id": pl.concat_str(pl.lit("c"), pl.Series(place).cast(pl.String)),
        "article_id": pl.concat_str(pl.lit("a"), pl.Series(place // 200).cast(pl.String)),
        "parent_id": pl.when(pl.Series(parent) >= 0).then(
            pl.concat_str(pl.lit("c"), pl.Series(parent).cast(pl.String))
        ),
        "author_id": pl.lit(None, pl.String),
        "author_name": pl.concat_str(
            pl.lit("user"), pl.Series((rng.pareto(1.1, SHARD) * 9).astype(int)).cast(pl.String)
        ),
        "author_handle": pl.lit(None, pl.String),
        "created_at": (
            pl.datetime(2024, 1, 1, time_zone="UTC") + pl.duration(minutes=pl.Series(place // 4))
        ).dt.cast_time_unit("us"),
        "position": pl.Series(place),
    }
    label = pl.Series(np.array(LABELS)[stance.argmax(1)]).cast(pl.Enum(LABELS))
    return drawn.with_columns(
        *(value.alias(name) for name, value in ids.items()),
        pl.Series(np.maximum(rude * 0.8, rng.beta(1, 12, SHARD))).cast(pl.Float32)
        .alias("toxicity__toxicity"),
        label.alias("stance__label"),
        *(
            pl.Series(stance[:, n]).cast(pl.Float32).alias(f"stance__{name}")
            for n, name in enumerate(LABELS)
        ),
    )  # fmt: skip


def made(folder: Path, rows: int, sample: pl.DataFrame) -> Path:
    """A batch of ``rows`` comments, as ``toolkit batch`` leaves one."""
    out = folder / str(rows)
    if out.exists():
        return out
    out.mkdir()
    shards = []
    for number in range(rows // SHARD):
        path = out / f"part-{number:06}.parquet"
        shard(number, sample).write_parquet(path)
        shards.append(
            Shard(number=number, file=path.name, rows=SHARD, bytes=path.stat().st_size, sha256="")
        )
    identity = {
        "inputs": [{"path": "made.jsonl", "bytes": 0, "sha256": ""}],
        "analyzers": Pipeline.of().versions,
        "settings": {},
        "packages": environment(),
    }
    Manifest(
        status="complete", identity=identity, shards=tuple(shards), rows_in=rows, rows_out=rows
    ).write(out)
    return out


@pytest.mark.parametrize(
    "command",
    ["report", "report --split 2024-01-10", *(f"summarize --by {by}" for by in
     ("article", "thread", "author", "day"))],
)  # fmt: skip
def test_memory_is_flat(command: str, folder: Path, sample: pl.DataFrame) -> None:
    peaks = []
    for rows in ROWS:
        batch = made(folder, rows, sample)
        name, _, rest = command.partition(" ")
        target = folder / "out" if name == "report" else folder / "out.parquet"
        run = measured(
            [sys.executable, "-m", "toolkit.cli", name, str(batch), *rest.split(), "-o",
             str(target), *(["--pdf"] if name == "report" else [])]
        )  # fmt: skip
        show(f"{command}: {rows:>9,} rows {run.wall:6.1f} s, {run.cpu:6.1f} s of CPU, "
             f"{run.peak:,} MB")  # fmt: skip
        peaks.append(run.peak)
    if min(ROWS) >= 100_000:
        assert max(peaks) < GROWTH * min(peaks)
