"""A receipt that anyone can check: counts, bytes, and a sample computed again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from toolkit.pipeline import Pipeline
from toolkit.runner.manifest import REJECTS_FILE, Manifest, environment, sha256_of
from toolkit.schema import COMMENT_SCHEMA, CONTEXT_SCHEMA
from toolkit.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was checked and what is wrong. ``notes`` explain, ``problems`` condemn."""

    shards: int
    rows: int
    sampled: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.problems


def verify(directory: Path, *, sample: int = 1000, seed: int = 0) -> Verdict:
    """Check every shard's bytes and counts, and recompute ``sample`` rows drawn by ``seed``.

    Raises InputError where the folder holds no manifest.
    """
    manifest = Manifest.read(directory)
    problems: list[str] = []
    notes: list[str] = []
    if manifest.status != "complete":
        problems.append(f"the run is {manifest.status}, not complete")
    sound = [
        shard
        for shard in manifest.shards
        if _check_shard(directory / shard.file, shard.rows, shard.sha256, problems)
    ]
    stray = {path.name for path in directory.glob("part-*.parquet")} - {
        shard.file for shard in manifest.shards
    }
    problems += [f"{name} is in no manifest" for name in sorted(stray)]
    rows = sum(shard.rows for shard in manifest.shards)
    rejected = _count_lines(directory / REJECTS_FILE)
    if rows != manifest.rows_out:
        problems.append(f"the shards hold {rows} rows, the manifest says {manifest.rows_out}")
    if rejected != manifest.rows_rejected:
        problems.append(
            f"{REJECTS_FILE} holds {rejected} rows, the manifest says {manifest.rows_rejected}"
        )
    if manifest.rows_in != rows + rejected:
        problems.append(f"{manifest.rows_in} rows in, {rows} out, {rejected} rejected")
    for item in manifest.identity["inputs"]:
        path = Path(item["path"])
        if not path.exists():
            notes.append(f"input {path} is not here, so its bytes were not checked")
        elif sha256_of(path) != item["sha256"]:
            problems.append(f"input {path} has other bytes than it had")
    here = environment()
    notes += [
        f"{name} was {was} and is {here.get(name)}"
        for name, was in manifest.identity["packages"].items()
        if here.get(name) != was
    ]
    sampled = _recompute(
        [directory / shard.file for shard in sound], manifest, sample, seed, problems
    )
    return Verdict(
        shards=len(manifest.shards),
        rows=rows,
        sampled=sampled,
        problems=tuple(problems),
        notes=tuple(notes),
    )


def _check_shard(path: Path, rows: int, sha256: str, problems: list[str]) -> bool:
    if not path.exists():
        problems.append(f"{path.name} is missing")
        return False
    if sha256_of(path) != sha256:
        problems.append(f"{path.name} has other bytes than were written")
        return False
    height = pl.scan_parquet(path).select(pl.len()).collect().item()
    if height != rows:
        problems.append(f"{path.name} holds {height} rows, the manifest says {rows}")
        return False
    return True


def _count_lines(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _recompute(
    files: Sequence[Path], manifest: Manifest, sample: int, seed: int, problems: list[str]
) -> int:
    """Analyse rows drawn from all shards again; every result must be the same to the bit."""
    heights = {shard.file: shard.rows for shard in manifest.shards}
    total = sum(heights[path.name] for path in files)
    # A seeded draw is no secret; it lets two people check the same rows.
    chosen = sorted(random.Random(seed).sample(range(total), min(sample, total)))  # noqa: S311
    settings = Settings(**manifest.identity["settings"])
    pipeline = Pipeline.of(tuple(manifest.identity["analyzers"]), settings)
    if pipeline.versions != manifest.identity["analyzers"]:
        problems.append(
            f"the analyzers here are {pipeline.versions}, the run had "
            f"{dict(manifest.identity['analyzers'])}; no row was recomputed"
        )
        return 0
    offset = 0
    for path in files:
        height = heights[path.name]
        mine = [number - offset for number in chosen if offset <= number < offset + height]
        offset += height
        if not mine:
            continue
        stored = pl.read_parquet(path)[mine]
        outside = [
            name for name in stored.columns if name in COMMENT_SCHEMA or name in CONTEXT_SCHEMA
        ]
        again, _ = pipeline.run(stored.select(outside))
        for name in pipeline.metrics:
            differ = stored[name].ne_missing(again[name]).sum()
            if differ:
                problems.append(
                    f"{path.name}: {differ} of {len(mine)} sampled rows differ in {name}"
                )
    return len(chosen)
