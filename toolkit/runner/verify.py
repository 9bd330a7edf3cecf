"""A receipt that anyone can check: counts, bytes, and a sample computed again."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import polars as pl

from toolkit.dumps import read_dump
from toolkit.errors import ToolkitError
from toolkit.pipeline import Pipeline
from toolkit.runner.manifest import (
    REJECTS_FILE,
    Manifest,
    Shard,
    describe_files,
    environment,
    sha256_of,
)
from toolkit.schema import COMMENT_SCHEMA, CONTEXT_SCHEMA
from toolkit.settings import Settings

_Say = Callable[[str], None]
_DETOXIFY_TOLERANCE: Final = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was checked and what is wrong. ``notes`` explain, ``problems`` condemn.

    ``sampled`` rows were computed again; ``reread`` says whether the inputs were
    read again, too.
    """

    shards: int
    rows: int
    sampled: int
    reread: bool
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.problems


def verify(directory: Path, *, sample: int = 1000, seed: int = 0, reread: bool = False) -> Verdict:
    """Check every shard's bytes and counts, and recompute ``sample`` rows drawn by ``seed``.

    The results are computed again from the text that the shards hold; ``reread``
    reads the inputs as well and compares all counts and the sampled rows with them.

    Raises InputError where the folder holds no manifest.
    """
    manifest = Manifest.read(directory)
    problems: list[str] = []
    notes: list[str] = []
    if manifest.status != "complete":
        problems.append(f"the run is {manifest.status}, not complete")
    sound = _sound_shards(directory, manifest, problems.append)
    _check_counts(directory, manifest, problems.append)
    here = _check_inputs(manifest, problems.append, notes.append)
    packages = environment()
    notes += [
        f"{name} was {was} and is {packages.get(name)}"
        for name, was in manifest.identity["packages"].items()
        if packages.get(name) != was
    ]
    chosen = _draw(sound, sample, seed)
    sampled = 0
    try:
        sampled = _recompute(directory, manifest, chosen, problems.append)
    except ToolkitError as error:
        problems.append(f"no row was computed again: {error}")
    if reread and here:
        _reread(directory, manifest, chosen, problems.append)
    return Verdict(
        shards=len(manifest.shards),
        rows=sum(shard.rows for shard in manifest.shards),
        sampled=sampled,
        reread=reread and here,
        problems=tuple(problems),
        notes=tuple(notes),
    )


def _sound_shards(directory: Path, manifest: Manifest, wrong: _Say) -> list[Shard]:
    """The shards that hold what they held when they were written, and no row twice."""
    sound = []
    offset = 0
    for shard in manifest.shards:
        if problem := _problem(directory / shard.file, shard, offset):
            wrong(f"{shard.file} {problem}")
        else:
            sound.append(shard)
        offset += shard.rows
    named = {shard.file for shard in manifest.shards}
    stray = sorted(path.name for path in directory.glob("part-*.parquet"))
    for name in stray:
        if name not in named:
            wrong(f"{name} is in no manifest")
    return sound


def _problem(path: Path, shard: Shard, offset: int) -> str | None:
    if not path.exists():
        return "is missing"
    if sha256_of(path) != shard.sha256:
        return "has other bytes than were written"
    try:
        place = pl.scan_parquet(path, glob=False).select("position").collect().to_series()
    except (pl.exceptions.PolarsError, OSError) as error:
        return f"cannot be read: {error}"
    if len(place) != shard.rows:
        return f"holds {len(place)} rows, the manifest says {shard.rows}"
    expected = pl.int_range(offset, offset + shard.rows, dtype=pl.Int64, eager=True)
    if place.ne_missing(expected).any():
        return "does not hold the rows that follow on the shard before it"
    return None


def _check_counts(directory: Path, manifest: Manifest, wrong: _Say) -> None:
    rows = sum(shard.rows for shard in manifest.shards)
    path = directory / REJECTS_FILE
    rejected = 0
    if path.exists():
        with path.open("rb") as file:
            rejected = sum(1 for _ in file)
        if sha256_of(path) != manifest.rejects_sha256:
            wrong(f"{REJECTS_FILE} has other bytes than were written")
    if rows != manifest.rows_out:
        wrong(f"the shards hold {rows} rows, the manifest says {manifest.rows_out}")
    if rejected != manifest.rows_rejected:
        wrong(f"{REJECTS_FILE} holds {rejected} rows, the manifest says {manifest.rows_rejected}")
    if manifest.rows_in != rows + rejected:
        wrong(f"{manifest.rows_in} rows in, {rows} out, {rejected} rejected")


def _check_inputs(manifest: Manifest, wrong: _Say, note: _Say) -> bool:
    """Whether all inputs are here, with the bytes that they had."""
    complete = True
    for item in manifest.identity["inputs"]:
        path = Path(item["path"])
        if not path.is_file():
            note(f"input {path} is not here, so its bytes were not checked")
            complete = False
        elif describe_files([(str(path), path)]) != [item]:
            wrong(f"input {path} has other bytes than it had")
            complete = False
    if manifest.identity["pseudonyms"]:
        note("authors are pseudonyms, so the inputs cannot be compared without the key")
        complete = False
    return complete


def _draw(shards: Iterable[Shard], sample: int, seed: int) -> list[tuple[Shard, list[int]]]:
    """``sample`` rows of all shards together, as row numbers within each."""
    shards = list(shards)
    total = sum(shard.rows for shard in shards)
    # A seeded draw is no secret; it lets two people check the same rows.
    chosen = sorted(random.Random(seed).sample(range(total), min(sample, total)))  # noqa: S311
    drawn: list[tuple[Shard, list[int]]] = []
    offset = at = 0
    for shard in shards:
        mine = []
        while at < len(chosen) and chosen[at] < offset + shard.rows:
            mine.append(chosen[at] - offset)
            at += 1
        offset += shard.rows
        if mine:
            drawn.append((shard, mine))
    return drawn


def _recompute(
    directory: Path,
    manifest: Manifest,
    chosen: Sequence[tuple[Shard, list[int]]],
    wrong: _Say,
) -> int:
    """Analyse the drawn rows again; every result must be the same to the bit.

    But for Detoxify's scores, whose last bits depend on what else is in a batch.
    """
    settings = Settings(**manifest.identity["settings"])
    pipeline = Pipeline.of(tuple(manifest.identity["analyzers"]), settings)
    if pipeline.versions != manifest.identity["analyzers"]:
        wrong(
            f"the analyzers here are {pipeline.versions}, the run had "
            f"{dict(manifest.identity['analyzers'])}; no row was computed again"
        )
        return 0
    for shard, rows in chosen:
        stored = pl.read_parquet(directory / shard.file, glob=False)[rows]
        outside = [
            name for name in stored.columns if name in COMMENT_SCHEMA or name in CONTEXT_SCHEMA
        ]
        again, _ = pipeline.run(stored.select(outside))
        tolerance = {
            name: _DETOXIFY_TOLERANCE
            for name, metric in pipeline.metrics.items()
            if settings.toxicity.startswith("detoxify")
            and name.startswith("toxicity__")
            and metric.dtype.is_float()
        }
        _compare(shard, stored, again, list(pipeline.metrics), wrong, tolerance)
    return sum(len(rows) for _, rows in chosen)


def _reread(
    directory: Path,
    manifest: Manifest,
    chosen: Sequence[tuple[Shard, list[int]]],
    wrong: _Say,
) -> None:
    """Read the inputs as the run did; compare all counts, and the drawn rows."""
    identity = manifest.identity
    drawn = {shard.number: (shard, rows) for shard, rows in chosen}
    with tempfile.TemporaryDirectory(prefix="toolkit-verify-") as folder:
        dump = read_dump(
            [item["path"] for item in identity["inputs"]],
            format=identity["format"],
            mapping=identity["mapping"],
            rejects=Path(folder) / REJECTS_FILE,
            encoding=identity["encoding"],
            keep_broken=identity["keep_broken"],
        )
        for number, comments in enumerate(dump.batches(rows=identity["shard_rows"])):
            if number in drawn:
                shard, rows = drawn[number]
                stored = pl.read_parquet(
                    directory / shard.file, columns=COMMENT_SCHEMA.names(), glob=False
                )
                if stored.height == comments.height:
                    _compare(shard, stored[rows], comments[rows], COMMENT_SCHEMA.names(), wrong)
        counts = dump.counts
        if (counts.rows_out, counts.rejected) != (manifest.rows_out, manifest.rows_rejected):
            wrong(
                f"the inputs hold {counts.rows_out} comments and {counts.rejected} rejected rows, "
                f"the manifest says {manifest.rows_out} and {manifest.rows_rejected}"
            )


def _compare(
    shard: Shard,
    stored: pl.DataFrame,
    again: pl.DataFrame,
    names: Sequence[str],
    wrong: _Say,
    tolerance: Mapping[str, float] = MappingProxyType({}),
) -> None:
    for name in names:
        if name not in stored.columns:
            wrong(f"{shard.file} has no column {name}")
        elif differ := _differing(stored[name], again[name], tolerance.get(name, 0.0)):
            wrong(f"{shard.file}: {differ} of {stored.height} sampled rows differ in {name}")


def _differing(stored: pl.Series, again: pl.Series, tolerance: float) -> int:
    if not tolerance:
        return int(stored.ne_missing(again).sum())
    apart = ((stored - again).abs() > tolerance).fill_null(False)
    return int((apart | (stored.is_null() != again.is_null())).sum())
