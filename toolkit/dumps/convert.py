"""A dump as one file: parquet, CSV or JSON lines."""

from __future__ import annotations

from pathlib import Path

from toolkit.dumps.base import Counts
from toolkit.dumps.dump import Dump
from toolkit.errors import DumpReadError
from toolkit.tables import check_table_path, write_table


def convert(dump: Dump, path: Path, *, articles: Path | None = None) -> Counts:
    """Stream the comments to ``path`` (by its suffix), and the articles to ``articles``.

    A file is there whole or not at all. In CSV, text that a spreadsheet would run as
    a formula gets a leading apostrophe; parquet and JSON lines keep every letter.

    Raises OutputError for a place that cannot be written, DumpReadError where not one
    row could be read, and what reading raises.
    """
    check_table_path(path)
    if articles is not None:
        check_table_path(articles)
    write_table(dump.comments, path)
    counts = dump.counts
    if counts.rejected and not counts.rows_out and not counts.articles:
        path.unlink(missing_ok=True)
        raise DumpReadError(
            f"not one of {counts.rows_in:,} rows could be read as {dump.format}",
            next_step="Look at the rejects for the reasons; is it the right --input-format?",
        )
    if articles is not None:
        write_table(dump.articles, articles)
    return counts
