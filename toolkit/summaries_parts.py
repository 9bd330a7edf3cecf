"""A table cut by a key into parts that fit into memory, by way of the disk.

Whatever is asked of groups (threads, authors, articles) can be asked of each
part alone, since all rows of a group lie in one part.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl

from toolkit.errors import OutputError

#: Rows that a part has on average.
ROWS_EACH: Final = 250_000
#: Most parts: each is a file that is open while the table is cut.
MAX_PARTS: Final = 256

_PART: Final = "part__number"


@contextmanager
def parts_of(
    frame: pl.LazyFrame,
    key: pl.Expr,
    *,
    rows: int,
    rows_each: int = ROWS_EACH,
    folder: Path | None = None,
    row_group: int | None = None,
) -> Iterator[list[pl.LazyFrame]]:
    """``frame`` in parts of about ``rows_each`` rows; rows of one ``key`` stay together, in order.

    ``rows`` is how many there are. A table that is small enough is one part as
    it is; else the parts lie in a hidden folder inside ``folder`` (default: the
    system's for temporary files) until the block ends. A null key is a key like
    any other, and a single key with more rows makes a larger part.

    Raises OutputError where the disk takes no more.
    """
    count = min(MAX_PARTS, -(-rows // rows_each))
    if count <= 1:
        yield [frame]
        return
    place = Path(tempfile.mkdtemp(prefix=".toolkit-parts-", dir=folder))
    try:
        try:
            frame.with_columns((key.hash() % count).cast(pl.UInt16).alias(_PART)).sink_parquet(
                pl.PartitionBy(
                    place, key=_PART, include_key=False, approximate_bytes_per_file=None
                ),
                compression="lz4",
                statistics=False,
                row_group_size=row_group,
                mkdir=True,
            )
        except (OSError, pl.exceptions.ComputeError) as error:
            if not isinstance(error, OSError) and "os error" not in str(error):
                raise
            raise OutputError(
                f"{place.parent} takes no more: {error}",
                next_step="Make room on the disk, or name another folder in TMPDIR.",
            ) from error
        yield [
            pl.scan_parquet(sorted(part.glob("*.parquet")), glob=False)
            for part in sorted(place.iterdir())
        ]
    finally:
        shutil.rmtree(place, ignore_errors=True)
