"""Hacker News items as the Firebase interface and the BigQuery table give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from toolkit.dumps.base import Batch, Format, Reading
from toolkit.dumps.flat import Flat, number_id, read_flat, truthy
from toolkit.dumps.opening import Member
from toolkit.dumps.shape import Opening, has_keys

_ARTICLES: Final = ["story", "poll", "job"]
_URL: Final = pl.coalesce(
    pl.when(pl.col("url").str.strip_chars() != "").then("url"),
    pl.format("https://news.ycombinator.com/item?id={}", number_id("id")),
)

_FLAT: Final = Flat(
    columns=(
        "id", "parent", "by", "author", "time", "time_ts", "timestamp", "text", "type",
        "dead", "deleted", "title", "url", "score",
    ),
    is_article=pl.col("type").is_in(_ARTICLES)
    | (pl.col("type").is_null() & pl.col("parent").is_null() & pl.col("title").is_not_null()),
    is_comment=(pl.col("type") == "comment")
    | (pl.col("type").is_null() & pl.col("parent").is_not_null()),
    comment={
        "comment_id": number_id("id"),
        "parent_id": number_id("parent"),
        "author_id": pl.coalesce("by", "author"),
        "author_name": pl.coalesce("by", "author"),
        "author_handle": pl.coalesce("by", "author"),
        "created_at": pl.coalesce("time", "timestamp", "time_ts"),
        "text": pl.col("text"),
        "source_status": pl.when(truthy("deleted"))
        .then(pl.lit("deleted"))
        .when(truthy("dead"))
        .then(pl.lit("removed")),
    },
    article={
        "article_id": number_id("id"),
        "url": _URL,
        "title": pl.col("title"),
        "text": pl.col("text"),
    },
    markup="html",
)  # fmt: skip


def _recognise(opening: Opening) -> tuple[float, str] | None:
    rows = opening.rows()
    typed = [row for row in rows if row.get("type") in (*_ARTICLES, "comment", "pollopt")]
    mostly = has_keys(typed, "id", "time") and len(typed) * 2 >= len(rows)
    if mostly and any("by" in row or "deleted" in row for row in typed):
        return 0.9, "items with id, type, by and time"
    if {"id", "by", "parent", "text", "time", "type"} <= set(opening.columns):
        return 0.9, "columns id, by, parent, text, time and type"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    return read_flat(_FLAT, member, opening, reading)


FORMAT: Final = Format(
    name="hackernews-firebase",
    title="Hacker News, Firebase items or BigQuery table",
    containers="JSON lines, JSON array, CSV, parquet",
    fields={
        "comment_id": "id",
        "article_id": "the story at the top of the parents",
        "parent_id": "parent; null where that is the story",
        "author_id": "by",
        "author_name": "by",
        "author_handle": "by",
        "created_at": "time",
        "text": "text (HTML)",
        "source_status": "deleted; removed where dead",
    },
    notes=(
        "Comments name no story: it is found by climbing the parents, null where they are "
        "not in the dump (or stand too far away).",
        "Stories, polls and jobs become articles; poll options are rejected as not_a_comment.",
    ),
    example="hackernews-firebase.ndjson",
    recognise=_recognise,
    read=_read,
    climbs=True,
)
