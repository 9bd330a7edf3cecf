"""Decisions and labelled spans as files: CSV, JSON lines, Parquet.

CSV cells that a spreadsheet would run as a formula get an apostrophe before
them (``tables.csv_safe``); a program that reads them takes JSON lines or
Parquet, which hold every text as it is. docs/desk-measures.md describes the
columns; their names and types only grow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import polars as pl
from sqlalchemy import select

from toolkit.errors import InputError
from toolkit.moderation import frames
from toolkit.moderation.store import Store
from toolkit.moderation.tables import Account, Head
from toolkit.tables import check_table_path, write_table

What = Literal["decisions", "spans"]

#: ``frames.SPANS_SCHEMA``, and the words that the span covers.
LABELLED_SCHEMA: Final = pl.Schema({**frames.SPANS_SCHEMA, "quote": pl.String()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written. ``head`` is the log's last hash; note it, and check it later."""

    path: Path
    rows: int
    events: int
    head: str


def export(
    store: Store, what: What, path: Path, *, named: bool = True, undone: bool = True
) -> Exported:
    """Write ``what`` to ``path`` (.csv, .jsonl or .parquet), whole or not at all.

    ``decisions``: ``frames.DECISIONS_SCHEMA``. ``spans``: ``LABELLED_SCHEMA``,
    what people confirmed or denied, as labelled data. ``named=False`` puts
    ``moderator-3`` for names (the desk's number of the account: the same person
    has the same one in every export). ``undone=False`` leaves out what was taken back.

    Raises OutputError for another suffix or a place that cannot be written,
    InputError for another ``what``.
    """
    if what not in get_args(What):
        raise InputError(
            f"there is no export of {what!r}",
            next_step=f"Choose from {', '.join(get_args(What))}.",
        )
    check_table_path(path)
    # The head first: whatever it seals is in the rows that are read after it.
    with store.read() as session:
        head = session.execute(select(Head.seq, Head.hash)).one()
        accounts = session.execute(select(Account.login, Account.id))
        numbers = {row.login: row.id for row in accounts}
    frame = frames.decisions(store) if what == "decisions" else labelled_spans(store)
    if not undone:
        frame = frame.filter(pl.col("undone_by").is_null())
    if not named:
        places = {login: f"moderator-{number}" for login, number in numbers.items()}
        frame = frame.with_columns(
            pl.col("moderator").replace_strict(places, return_dtype=pl.String)
        )
    write_table(frame.lazy(), path)
    return Exported(path=path, rows=frame.height, events=head.seq, head=head.hash)


def labelled_spans(store: Store) -> pl.DataFrame:
    """Span labels with the words they cover: ``LABELLED_SCHEMA``.

    ``start`` and ``end`` are code points of ``text``, end exclusive. ``quote``
    is null where the comment has no text any more, or was edited so that the
    span lies beyond its end.
    """
    frame = frames.span_labels(store)
    quotes = [
        text[start:end] if text is not None and 0 <= start < end <= len(text) else None
        for text, start, end in frame.select("text", "start", "end").iter_rows()
    ]
    return frame.with_columns(pl.Series("quote", quotes, dtype=pl.String))
