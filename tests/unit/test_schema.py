from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest

from toolkit.records import Comment
from toolkit.schema import (
    ARTICLE_SCHEMA,
    COMMENT_SCHEMA,
    CONTEXT_SCHEMA,
    SEPARATOR,
    Metric,
    Unit,
    column,
    comments_frame,
)


def test_columns_in_order() -> None:
    assert list(COMMENT_SCHEMA) == [
        "comment_id",
        "article_id",
        "parent_id",
        "author_id",
        "author_name",
        "author_handle",
        "created_at",
        "text",
        "like_count",
        "depth",
        "position",
        "source_format",
        "source_status",
    ]
    for schema in (COMMENT_SCHEMA, ARTICLE_SCHEMA, CONTEXT_SCHEMA):
        assert not any(SEPARATOR in name for name in schema)


def test_column_name() -> None:
    assert column("toxicity", "insult") == "toxicity__insult"
    with pytest.raises(ValueError, match="__"):
        Metric(name="a__b", dtype=pl.Float32(), unit=Unit.SCORE, description="")


def test_comments_frame() -> None:
    zone = timezone(timedelta(hours=2))
    frame = comments_frame(
        [
            Comment(comment_id="1", article_id="a", text="x", created_at=datetime(2020, 1, 1)),
            Comment(
                comment_id="2",
                article_id="a",
                text=None,
                parent_id="1",
                depth=1,
                position=1,
                created_at=datetime(2020, 1, 1, 2, tzinfo=zone),
                source_status="deleted",
            ),
        ]
    )
    assert frame.schema == COMMENT_SCHEMA
    midnight = datetime(2020, 1, 1, tzinfo=UTC)
    assert frame["created_at"].to_list() == [midnight, midnight]
    assert frame["text"].to_list() == ["x", None]
    assert frame["depth"].to_list() == [0, 1]


def test_no_comments_is_an_empty_table_with_all_columns() -> None:
    frame = comments_frame([])
    assert frame.height == 0
    assert frame.schema == COMMENT_SCHEMA
