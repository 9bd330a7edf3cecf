"""The SFU Opinion and Comments Corpus (CSV)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from toolkit.dumps.base import Batch, Format, Reading
from toolkit.dumps.flat import Flat, number_id, read_flat, without
from toolkit.dumps.opening import Member
from toolkit.dumps.shape import Opening
from toolkit.text.html_text import html_to_text

_NONE: Final = ("", "0", "nan", "NaN", "None", "null")
#: source_article_number, then one number a level: a reply's parent is all but the last.
_REPLY: Final = r"^(.+_.+_\d+(?:_\d+)*)_\d+$"
_COUNTER: Final = pl.col("comment_counter").str.strip_chars()
_COMMENT_ID: Final = without(number_id("comment_id"), *_NONE)
# Ids and counters are two namespaces: a parent is named in that of its child.
_BY_COUNTER: Final = _COUNTER.is_not_null() & (_COUNTER != "")
_STATUS: Final = pl.col("status").str.strip_chars().str.to_lowercase()

_FLAT: Final = Flat(
    columns=(
        "article_id", "comment_id", "comment_counter", "parentID", "comment_author", "timestamp",
        "post_time", "comment_text", "posVotes", "TotalVotes", "status", "title", "globe_url",
        "article_url", "article_text",
    ),
    is_article=pl.col("comment_text").is_null()
    & (pl.col("article_text").is_not_null() | pl.col("article_url").is_not_null()),
    comment={
        "comment_id": pl.when(_BY_COUNTER).then(_COUNTER).otherwise(_COMMENT_ID),
        "article_id": number_id("article_id"),
        "parent_id": pl.when(_BY_COUNTER)
        .then(_COUNTER.str.extract(_REPLY))
        .otherwise(without(number_id("parentID"), *_NONE)),
        "author_name": without(pl.col("comment_author"), *_NONE),
        "created_at": pl.coalesce(
            without(number_id("timestamp"), *_NONE), without(pl.col("post_time"), *_NONE)
        ),
        "text": pl.col("comment_text"),
        "like_count": pl.col("posVotes"),
        "source_status": pl.when(_STATUS == "deleted")
        .then(pl.lit("deleted"))
        .when(_STATUS == "rejected")
        .then(pl.lit("removed")),
    },
    article={
        "article_id": number_id("article_id"),
        "url": pl.col("article_url"),
        "title": pl.col("title"),
        "text": pl.col("article_text"),
    },
    mentioned={
        "article_id": number_id("article_id"),
        "url": pl.coalesce("article_url", "globe_url"),
        "title": pl.col("title"),
    },
)  # fmt: skip


def _recognise(opening: Opening) -> tuple[float, str] | None:
    columns = set(opening.columns)
    if {"article_id", "comment_text"} <= columns and columns & {
        "comment_counter",
        "posVotes",
        "post_time",
        "threadID",
    }:
        return 0.95, "columns article_id, comment_counter and comment_text"
    if {"article_id", "article_url", "article_text", "ntop_level_comments"} <= columns:
        return 0.9, "columns article_id, article_text and ntop_level_comments"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    for batch in read_flat(_FLAT, member, opening, reading):
        batch.articles = [
            (name, url, title, text and html_to_text(text))
            for name, url, title, text in batch.articles
        ]
        yield batch


FORMAT: Final = Format(
    name="socc",
    title="SFU Opinion and Comments Corpus",
    containers="CSV, parquet",
    fields={
        "comment_id": "comment_counter, or comment_id where there is none",
        "article_id": "article_id",
        "parent_id": "the counter without its last number, or parentID",
        "author_name": "comment_author",
        "created_at": "timestamp, or post_time",
        "text": "comment_text",
        "like_count": "posVotes",
        "source_status": "deleted, removed: from status",
    },
    notes=("The articles file beside it gives titles, addresses and texts.",),
    example="socc.csv",
    recognise=_recognise,
    read=_read,
)
