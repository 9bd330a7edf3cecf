"""Reddit comments and submissions as Pushshift and its successors publish them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from toolkit.dumps.base import Batch, Format, Reading
from toolkit.dumps.flat import Flat, read_flat
from toolkit.dumps.opening import Member
from toolkit.dumps.shape import Opening, has_keys


def _bare(column: str) -> pl.Expr:
    """``t3_abc`` -> ``abc``."""
    return pl.col(column).str.strip_prefix("t1_").str.strip_prefix("t3_")


_ID: Final = pl.coalesce(_bare("id"), _bare("name"))
_LINK: Final = _bare("link_id")
_ARTICLE_URL: Final = pl.format("https://www.reddit.com/comments/{}/", _LINK)
_NOT_TEXT: Final = ["[deleted]", "[removed]", ""]

_FLAT: Final = Flat(
    columns=(
        "id", "name", "parent_id", "link_id", "link_title", "author", "author_fullname",
        "created_utc", "body", "score", "ups", "title", "selftext", "url",
    ),
    is_article=pl.col("body").is_null() & pl.col("title").is_not_null(),
    is_comment=pl.col("body").is_not_null() | pl.col("link_id").is_not_null(),
    comment={
        "comment_id": _ID,
        "article_id": _LINK,
        # t3_ is the submission itself: a comment at the top level.
        "parent_id": pl.when(~pl.col("parent_id").str.starts_with("t3_")).then(_bare("parent_id")),
        "author_id": pl.col("author_fullname"),
        "author_name": pl.col("author"),
        "author_handle": pl.col("author"),
        "created_at": pl.col("created_utc"),
        "text": pl.col("body"),
        "like_count": pl.coalesce("score", "ups"),
    },
    article={
        "article_id": _ID,
        "url": pl.coalesce(
            pl.col("url"), pl.format("https://www.reddit.com/comments/{}/", _ID)
        ),
        "title": pl.col("title"),
        "text": pl.when(~pl.col("selftext").is_in(_NOT_TEXT)).then("selftext"),
    },
    mentioned={
        "article_id": _LINK,
        "url": _ARTICLE_URL,
        "title": pl.col("link_title"),
    },
    markup="escaped",
)  # fmt: skip


def _recognise(opening: Opening) -> tuple[float, str] | None:
    rows = opening.rows()
    if has_keys(rows, "link_id", "parent_id", "body"):
        return 0.95, "records with link_id, parent_id and body"
    if has_keys(rows, "title", "selftext", "subreddit"):
        return 0.9, "records with title, selftext and subreddit"
    if {"link_id", "parent_id", "body"} <= set(opening.columns) and opening.kind != "json":
        return 0.9, "columns link_id, parent_id and body"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    return read_flat(_FLAT, member, opening, reading)


FORMAT: Final = Format(
    name="reddit",
    title="Reddit / Pushshift",
    containers="JSON lines (.ndjson, .zst with windows up to 2^31), JSON array, CSV, parquet",
    fields={
        "comment_id": "id",
        "article_id": "link_id without t3_",
        "parent_id": "parent_id without t1_; null under the submission (t3_)",
        "author_id": "author_fullname",
        "author_name": "author",
        "author_handle": "author",
        "created_at": "created_utc (number or text)",
        "text": "body, with &lt; &gt; &amp; resolved",
        "like_count": "score",
        "source_status": "deleted, removed: from body",
    },
    notes=("Submissions (title, selftext) in the same dump become articles.",),
    example="reddit.ndjson",
    recognise=_recognise,
    read=_read,
)
