"""Coral: an export of its MongoDB collections, or a reader's own my_comments.csv."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from toolkit.dumps.base import BadRow, Batch, Builder, Format, Reading
from toolkit.dumps.flat import Flat, read_flat
from toolkit.dumps.json_stream import Node
from toolkit.dumps.opening import Member
from toolkit.dumps.records import Source, get, mongo, read_records, text
from toolkit.dumps.shape import Opening, has_keys, objects_in
from toolkit.text.html_text import html_to_text

_STATUS: Final = {"PREMOD": "pending", "SYSTEM_WITHHELD": "pending", "REJECTED": "removed"}

_OWN: Final = Flat(
    columns=("Comment ID", "Published Timestamp", "Article URL", "Comment URL", "Comment Text"),
    comment={
        "comment_id": pl.col("Comment ID"),
        "article_id": pl.col("Article URL"),
        "created_at": pl.col("Published Timestamp"),
        "text": pl.col("Comment Text"),
    },
    mentioned={"article_id": pl.col("Article URL"), "url": pl.col("Article URL")},
    markup="html",
)


def _arrays(level: int, path: tuple[str, ...]) -> bool:
    return (level, path) in ((0, ()), (1, ("comments",)))


class _Handler:
    def __init__(self, out: Builder) -> None:
        self._out = out

    def opened(self, _value: dict[str, Any], node: Node, _path: tuple[str, ...], /) -> None:
        node.value = "page"

    def record(self, value: dict[str, Any], node: Node, _path: tuple[str, ...], /) -> None:
        if node.value == "page":
            return
        name = mongo(value.get("id")) or mongo(value.get("_id"))
        if "storyID" not in value and "url" in value and "metadata" in value:
            self._out.article(
                name, url=text(value.get("url")), title=text(get(value, "metadata", "title"))
            )
            return
        if "storyID" not in value:
            raise BadRow("not_a_comment")
        body = text(get(value, "revisions", -1, "body"))
        body = body if body is not None else text(value.get("body"))
        deleted = mongo(value.get("deletedAt")) is not None
        self._out.comment(
            comment_id=name,
            article_id=mongo(value.get("storyID")),
            parent_id=mongo(value.get("parentID")) or None,
            author_id=mongo(value.get("authorID")),
            created_at=mongo(value.get("createdAt")),
            text=html_to_text(body or ""),
            like_count=mongo(get(value, "actionCounts", "REACTION")),
            source_status="deleted" if deleted else _STATUS.get(str(value.get("status"))),
        )
        self._out.article(mongo(value.get("storyID")), counted=False)


def _recognise(opening: Opening) -> tuple[float, str] | None:
    rows = opening.rows()
    if has_keys(rows, "storyID", "revisions"):
        return 0.97, "records with storyID and revisions"
    if {"Comment ID", "Published Timestamp", "Article URL", "Comment Text"} <= set(opening.columns):
        return 0.97, "the columns of my_comments.csv"
    inner = [item for row in rows for item in objects_in(row.get("comments"))]
    if has_keys(inner, "storyID"):
        return 0.95, "comments with storyID"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    if opening.kind in ("csv", "parquet"):
        reading.remark("my_comments.csv names no parents: depth is unknown", 1)
        return read_flat(_OWN, member, opening, reading)
    lines = opening.kind == "lines"
    source = Source(member=member, reading=reading, lines=lines, arrays=_arrays, flat_from=1)
    return read_records(source, _Handler)


FORMAT: Final = Format(
    name="coral",
    title="Coral (MongoDB export), my_comments.csv",
    containers="JSON lines (mongoexport), JSON array; CSV",
    fields={
        "comment_id": "id",
        "article_id": "storyID; the Article URL in my_comments.csv",
        "parent_id": "parentID; my_comments.csv has none",
        "author_id": "authorID",
        "created_at": "createdAt",
        "text": "revisions[-1].body (HTML)",
        "like_count": "actionCounts.REACTION",
        "source_status": "pending (PREMOD, SYSTEM_WITHHELD), removed (REJECTED), deleted",
    },
    notes=("Stories in the same dump become articles. Names stand in the users collection.",),
    example="coral.json",
    recognise=_recognise,
    read=_read,
)
