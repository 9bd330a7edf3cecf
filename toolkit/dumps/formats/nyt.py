"""Comments of the New York Times as published on Kaggle (CSV)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from toolkit.dumps.base import Batch, Format, Reading
from toolkit.dumps.flat import Flat, number_id, read_flat, without
from toolkit.dumps.opening import Member
from toolkit.dumps.shape import Opening

_STATUS: Final = pl.col("status").str.to_lowercase()
_FLAT: Final = Flat(
    columns=(
        "commentID", "parentID", "userID", "userDisplayName", "createDate", "commentBody",
        "articleID", "recommendations", "status", "headline", "webURL", "articleWordCount",
    ),
    # The articles file of the same collection has no comment columns.
    is_article=pl.col("commentID").is_null() & pl.col("headline").is_not_null(),
    comment={
        "comment_id": number_id("commentID"),
        "article_id": pl.col("articleID"),
        "parent_id": without(number_id("parentID"), "0", "", "nan"),
        "author_id": without(number_id("userID"), "0", "", "nan"),
        "author_name": pl.col("userDisplayName"),
        "created_at": pl.col("createDate"),
        "text": pl.col("commentBody"),
        "like_count": pl.col("recommendations"),
        "source_status": pl.when(~_STATUS.is_in(["approved", "", "nan"])).then(
            pl.when(_STATUS == "pending").then(pl.lit("pending")).otherwise(pl.lit("removed"))
        ),
    },
    article={
        "article_id": pl.col("articleID"),
        "url": pl.col("webURL"),
        "title": pl.col("headline"),
    },
    mentioned={"article_id": pl.col("articleID")},
    markup="html",
)  # fmt: skip


def _recognise(opening: Opening) -> tuple[float, str] | None:
    columns = set(opening.columns)
    if {"commentID", "commentBody"} <= columns and columns & {"articleID", "userDisplayName"}:
        return 0.95, "columns commentID, commentBody and articleID"
    if {"articleID", "headline", "webURL"} <= columns:
        return 0.8, "columns articleID, headline and webURL"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    return read_flat(_FLAT, member, opening, reading)


FORMAT: Final = Format(
    name="nyt",
    title="New York Times comments (Kaggle)",
    containers="CSV, parquet",
    fields={
        "comment_id": "commentID (22022598.0 is read as 22022598)",
        "article_id": "articleID",
        "parent_id": "parentID; 0 is none",
        "author_id": "userID",
        "author_name": "userDisplayName",
        "created_at": "createDate (epoch seconds)",
        "text": "commentBody (HTML breaks)",
        "like_count": "recommendations",
        "source_status": "pending, removed: from status",
    },
    notes=("The articles file beside it gives titles and addresses.",),
    example="nyt.csv",
    recognise=_recognise,
    read=_read,
)
