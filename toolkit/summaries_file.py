"""A summary of more rows than memory holds, by way of the disk.

The rows are cut along the key into pieces that follow on each other, each
piece is summed up by itself with :func:`toolkit.summaries.summarize`, and the
pieces are the summary, in its order. Every number is the exact one: nothing is
sampled and no quantile estimated.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from toolkit.errors import OutputError
from toolkit.schema import SEPARATOR
from toolkit.summaries import (
    LABEL,
    QUANTILES,
    QUOTED,
    By,
    keyed,
    keys_of,
    summarize,
    with_quotes,
    with_thread_ids,
)
from toolkit.tables import check_table_path, write_table

#: Rows of a piece: a summary has up to eight numbers a column for each of them.
ROWS_EACH: Final = 50_000
#: Numbers that are grouped at a time. A piece that is larger, since its rows share one
#: key, is summed up fewer columns at a time.
VALUES_AT_ONCE: Final = 8_000_000

#: Rows that are cut at a time.
_BATCH: Final = 50_000
_PIECE: Final = "piece__number"


def write_summary(
    frame: pl.LazyFrame,
    by: By,
    path: Path,
    *,
    quantiles: Sequence[float] = QUANTILES,
    rows_each: int = ROWS_EACH,
    values_at_once: int = VALUES_AT_ONCE,
) -> None:
    """Write ``summarize(frame, by, quantiles=quantiles)`` to ``path``, by its suffix.

    Memory holds one piece of about ``rows_each`` rows, or one column of the
    largest key, whichever is more; a single article's comments also hold their
    ids at once when threads are summed up. The rest lies in a hidden folder
    beside ``path`` until the file is whole (about as large as the result columns).

    Raises what ``summarize`` and ``write_table`` raise.
    """
    check_table_path(path)
    summary = summarize(frame, by, quantiles=quantiles)
    rows = int(frame.select(pl.len()).collect(engine="streaming").item())
    if rows <= rows_each:
        write_table(summary, path)
        return
    lean = _lean(frame)
    work = _Work(by, quantiles, rows_each, values_at_once)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".toolkit-summary-", dir=path.parent) as name:
            place = Path(name)
            key = "article_id" if by == "thread" else keys_of(by)[0]
            start = lean if by == "thread" else keyed(lean, by)
            done: list[Path] = []
            for piece in _cut(start, key, rows, rows_each, place / "rows"):
                for table in work.summed(piece, place):
                    done.append(place / f"sum-{len(done):06}.parquet")
                    table.write_parquet(done[-1])
            write_table(pl.scan_parquet(done, glob=False), path)
    except (OSError, pl.exceptions.ComputeError) as error:
        if not isinstance(error, OSError) and "os error" not in str(error):
            raise
        raise OutputError(
            f"{path.parent} takes no more: {getattr(error, 'strerror', None) or error}",
            next_step="Make room on the disk, or choose another place with -o.",
        ) from error


def _lean(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The columns that a summary reads; of the text only whether there is one, and quotes."""
    frame = with_quotes(frame)
    names = [
        name
        for name in frame.collect_schema().names()
        if SEPARATOR in name
        or name in ("article_id", "comment_id", "parent_id", "created_at", "thread_id", "text")
        or name == QUOTED
        or name.startswith("author_")
    ]
    lean = frame.select(names)
    if "text" in names:
        there = pl.when(pl.col("text").is_not_null()).then(pl.lit("")).alias("text")
        lean = lean.with_columns(there)
    return lean


def _cut(
    frame: pl.LazyFrame, key: str, rows: int, rows_each: int, place: Path
) -> Iterator[pl.LazyFrame]:
    """``frame`` in pieces of about ``rows_each`` rows, all rows of a key in one, in its order.

    Null comes last. A piece is gone from the disk when the next one is asked for.
    """
    count = -(-rows // rows_each)
    step = max(1, rows // (count * 200))
    seen = frame.select(key).gather_every(step).drop_nulls().collect(engine="streaming")
    sample = seen.to_series().sort()
    places = [n * len(sample) // count for n in range(1, count)] if len(sample) else []
    cuts: list[Any] = sample.gather(places).to_list()
    edges = [pl.col(key) >= pl.lit(cut) for cut in dict.fromkeys(cuts)]
    number = pl.sum_horizontal(*edges, pl.lit(0)) if edges else pl.lit(0)
    last = len(edges) + 1
    number = pl.when(pl.col(key).is_null()).then(last).otherwise(number).cast(pl.Int32)
    numbered = frame.with_columns(number.alias(_PIECE))
    # Slices and not ``collect_batches``, which reads ahead of whoever writes.
    for turn, start in enumerate(range(0, rows, _BATCH)):
        batch = numbered.slice(start, _BATCH).collect(engine="streaming")
        for (piece,), part in batch.partition_by(
            _PIECE, as_dict=True, include_key=False
        ).items():  # fmt: skip
            folder = place / f"{piece:06}"
            folder.mkdir(parents=True, exist_ok=True)
            part.write_ipc(folder / f"{turn:06}.arrow", compression="lz4")
    for folder in sorted(place.iterdir()):
        files = sorted(folder.iterdir())
        yield pl.scan_ipc(files, glob=False)
        for file in files:
            file.unlink()


class _Work:
    """How pieces are summed up."""

    def __init__(
        self, by: By, quantiles: Sequence[float], rows_each: int, values_at_once: int
    ) -> None:
        self.by, self.quantiles = by, quantiles
        self.rows_each, self.values_at_once = rows_each, values_at_once

    def summed(self, piece: pl.LazyFrame, place: Path) -> Iterator[pl.DataFrame]:
        """The summary of a piece; where an article has many comments, in several tables."""
        if self.by != "thread":
            yield self._summary(piece)
            return
        ids = with_thread_ids(piece.select("article_id", "comment_id", "parent_id"))
        known = ids.select("thread_id").collect()
        piece = pl.concat([piece, known.lazy()], how="horizontal")
        article = pl.col("article_id")
        sizes = piece.group_by("article_id").len().filter(pl.col("len") > self.rows_each)
        large = sizes.sort("article_id").collect()
        if large.height and large["article_id"].null_count():
            # Those without an article are a piece of their own.
            yield from self._threads(piece, known.height, place)
            return
        below = pl.lit(True)
        for name, rows in large.iter_rows():
            yield self._summary(piece.filter(below & (article < name)))
            yield from self._threads(piece.filter(article == name), rows, place)
            below = article > name
        yield self._summary(piece.filter(below) if large.height else piece)

    def _threads(self, piece: pl.LazyFrame, rows: int, place: Path) -> Iterator[pl.DataFrame]:
        """The threads of one article, some at a time."""
        with tempfile.TemporaryDirectory(dir=place) as name:
            for part in _cut(piece, "thread_id", rows, self.rows_each, Path(name)):
                yield self._summary(part)

    def _summary(self, piece: pl.LazyFrame) -> pl.DataFrame:
        rows = int(piece.select(pl.len()).collect(engine="streaming").item())
        names = piece.collect_schema().names()
        base = [name for name in names if SEPARATOR not in name]
        measured = [name for name in names if SEPARATOR in name]
        width = max(1, self.values_at_once // max(rows, 1))
        parts: list[pl.DataFrame] = []
        for start in range(0, max(1, len(measured)), width):
            some = measured[start : start + width]
            # Quotes are as long as a column of numbers is wide, and only the label needs them.
            chosen = piece.select(*(n for n in base if n != QUOTED or LABEL in some), *some)
            part = summarize(chosen, self.by, quantiles=self.quantiles).collect(engine="streaming")
            # Each turn has the same groups in the same order, and counts them again.
            parts.append(
                part.select(name for name in part.columns if not parts or SEPARATOR in name)
            )
        return pl.concat(parts, how="horizontal")
