"""Writing a LazyFrame to a file that is either whole or not there."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl

from toolkit.errors import OutputError

#: File name suffixes that :func:`write_table` knows.
TABLE_SUFFIXES: Final = (".parquet", ".csv", ".jsonl")

# What polars says of a disk that takes no more: no space, a quota, a file too large.
_DISK_FULL: Final = re.compile(r"([^:]+) \(os error (?:27|28|69|122)\)|thrift: transport error")

# A cell that begins with one of these is run as a formula by spreadsheets. The
# apostrophe that is put before it is the spreadsheets' own mark for plain text.
_FORMULA_START: Final = r"^[\s\u200b\ufeff]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]"


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it when the block ends well.

    Raises OutputError where the folder cannot be made or written to. Nothing
    is left behind when the block fails.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem[:40]}-", suffix=path.suffix, dir=path.parent
        )
        os.close(handle)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}",
            next_step="Choose another place with -o, or make the folder writable.",
        ) from error
    temporary = Path(name)
    try:
        yield temporary
        # The name must not outlive a crash of the machine while the bytes do not.
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        # mkstemp makes private files; a result is an ordinary file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except (OSError, pl.exceptions.ComputeError) as error:
        # polars wraps what the system says about a file into an error of its own.
        said = _DISK_FULL.search(str(error))
        if not isinstance(error, OSError) and said is None:
            raise
        reason = getattr(error, "strerror", None) or (said and said[1]) or error
        raise OutputError(
            f"{path} cannot be written: {reason}",
            next_step="Make room on the disk, or choose another place with -o.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_table(frame: pl.LazyFrame, path: Path) -> None:
    """Stream ``frame`` to ``path`` as parquet (zstd), CSV or JSON lines, by its suffix.

    CSV: nested columns become JSON text, and text that a spreadsheet would run
    as a formula gets a leading apostrophe.

    Raises OutputError for another suffix, a directory, or a place that cannot be written.
    """
    check_table_path(path)
    with whole_file(path) as temporary:
        if path.suffix == ".parquet":
            frame.sink_parquet(temporary, compression="zstd")
        elif path.suffix == ".csv":
            csv_safe(frame).sink_csv(temporary)
        else:
            frame.sink_ndjson(temporary)


def check_table_path(path: Path) -> None:
    """Raise OutputError where ``path`` cannot become a table, before any work is done."""
    if path.suffix not in TABLE_SUFFIXES:
        raise OutputError(
            f"{path.name} has no suffix that says how to write it",
            next_step=f"Use one of {', '.join(TABLE_SUFFIXES)}.",
        )
    if path.is_dir():
        raise OutputError(f"{path} is a folder", next_step="Name a file in it.")


def csv_safe(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Nested columns as JSON text; no text cell that a spreadsheet would run."""
    schema = frame.collect_schema()
    changed = []
    for name, dtype in schema.items():
        if dtype.is_nested():
            changed.append(pl.struct(pl.col(name)).struct.json_encode().alias(name))
        elif dtype == pl.String:
            text = pl.col(name)
            changed.append(
                pl.when(text.str.contains(_FORMULA_START))
                .then("'" + text)
                .otherwise(text)
                .alias(name)
            )
    return frame.with_columns(changed)
