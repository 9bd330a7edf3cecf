from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

import pytest

from toolkit.records import Article, Comment, Page, PageWarning, merge_spans


def _page() -> Page:
    return Page(
        article=Article(article_id="a", title="T", text="Body", thesis="kept out of the JSON"),
        comments=(
            Comment(
                comment_id="c1",
                article_id="a",
                text="سلام",
                author_name="N",
                created_at=datetime(2020, 1, 2, tzinfo=UTC),
            ),
        ),
        comments_open=False,
        stated_comment_count=1,
        warnings=(PageWarning(code="x", message="y"),),
    )


def test_json_shape() -> None:
    data = json.loads(_page().to_json())
    assert list(data) == [
        "schema_version",
        "article",
        "comments",
        "comments_open",
        "stated_comment_count",
        "warnings",
    ]
    assert set(data["article"]) == {
        "article_id",
        "url",
        "title",
        "byline",
        "published_at",
        "language",
        "text",
        "truncated",
    }
    assert data["comments"] == [
        {
            "comment_id": "c1",
            "parent_id": None,
            "author_name": "N",
            "author_handle": None,
            "created_at": "2020-01-02T00:00:00+00:00",
            "text": "سلام",
            "depth": 0,
            "position": 0,
        }
    ]
    assert "سلام" in _page().to_json()


def test_records_are_frozen_and_keyword_only() -> None:
    page = _page()
    with pytest.raises(dataclasses.FrozenInstanceError):
        page.comments_open = True  # type: ignore[misc]
    with pytest.raises(TypeError):
        Article("a")  # type: ignore[misc]
    assert page.with_thesis("new").article.thesis == "new"
    assert page.article.thesis == "kept out of the JSON"


def test_merge_spans() -> None:
    assert merge_spans([(5, 6), (0, 2), (2, 3), (1, 2)]) == [(0, 3), (5, 6)]
    assert merge_spans([]) == []
