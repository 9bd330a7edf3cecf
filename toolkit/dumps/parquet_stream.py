"""Parquet in slices, every column as text."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl

from toolkit.dumps.compress import BLOCK
from toolkit.dumps.opening import Member
from toolkit.errors import DumpReadError

_SLICE_ROWS: Final = 50_000


@contextmanager
def on_disk(member: Member) -> Iterator[Path]:
    """A path that parquet can be read at: the file, or its unpacked copy."""
    with member.open() as stream:
        if stream.compression is None and member.entry is None:
            yield member.path
            return
        with tempfile.NamedTemporaryFile(suffix=".parquet") as copy:
            while data := stream.read(BLOCK):
                copy.write(data)
            copy.flush()
            yield Path(copy.name)


def parquet_frames(member: Member, columns: Sequence[str]) -> Iterator[tuple[pl.DataFrame, int]]:
    """``columns`` of a file as strings, some rows at a time, and the row each begins at.

    Times become ISO 8601 with their zone, nested values JSON text, a column that is
    not there is null. Raises DumpReadError where the file is damaged.
    """
    with on_disk(member) as path:
        try:
            schema = pl.read_parquet_schema(path)
            height = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
            chosen = (
                pl.scan_parquet(path, glob=False).select(
                    _as_text(name, schema[name])
                    if name in schema
                    else pl.lit(None, pl.String).alias(name)
                    for name in columns
                )
                if any(name in schema for name in columns)
                else None
            )
            if chosen is None:
                chosen = pl.select(
                    pl.repeat(None, height, dtype=pl.String).alias(name) for name in columns
                ).lazy()
            start = 0
            while True:
                frame = chosen.slice(start, _SLICE_ROWS).collect()
                if not frame.height:
                    return
                # Read by path, so that nobody counted its bytes.
                member.meter.reached(member.name, member.size * (start + frame.height) // height)
                yield frame, start
                start += frame.height
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise DumpReadError(
                f"{member.name} cannot be read as parquet: {error}",
                next_step="Check that the file is whole.",
            ) from error


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is None:
            return column.dt.to_string("%Y-%m-%dT%H:%M:%S%.6f")
        return column.dt.convert_time_zone("UTC").dt.to_string("%Y-%m-%dT%H:%M:%S%.6f+00:00")
    if isinstance(dtype, pl.Date):
        return column.dt.to_string("%Y-%m-%d")
    if dtype.is_nested():
        return (
            pl.when(column.is_not_null())
            .then(pl.struct(column.alias("v")).struct.json_encode().str.slice(5).str.head(-1))
            .alias(name)
        )
    return column.cast(pl.String, strict=False)
