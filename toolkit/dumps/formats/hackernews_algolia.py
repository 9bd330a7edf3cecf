"""Hacker News through Algolia: search hits, and item trees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from toolkit.dumps.base import BadRow, Batch, Builder, Format, Reading
from toolkit.dumps.json_stream import Node
from toolkit.dumps.opening import Member
from toolkit.dumps.records import Source, get, read_records, text
from toolkit.dumps.shape import Opening, has_keys, objects_in
from toolkit.text.html_text import html_to_text

#: A node with these needs nothing that may stand behind its children.
_ENOUGH: Final = frozenset({"id", "author", "created_at_i", "parent_id", "story_id", "text"})
_ARTICLES: Final = frozenset({"story", "poll", "job"})


def _arrays(level: int, path: tuple[str, ...]) -> bool:
    if path == ("children",):
        return level > 0
    return (level, path) in ((0, ()), (1, ("hits",)))


class _Handler:
    def __init__(self, out: Builder) -> None:
        self._out = out

    def opened(self, value: dict[str, Any], node: Node, path: tuple[str, ...], /) -> None:
        if path == ("hits",):
            node.value = {"page": True}
        elif value.keys() >= _ENOUGH:
            # In reading order: the parent before its children.
            self._item(value)
            node.value = {"done": True, "id": value.get("id")}

    def record(self, value: dict[str, Any], node: Node, _path: tuple[str, ...], /) -> None:
        if node.value is None:
            self._item(value)

    def _item(self, value: dict[str, Any]) -> None:
        name = value.get("objectID") or value.get("id")
        kind = _kind(value)
        body = text(value.get("comment_text")) or text(value.get("text"))
        story, parent = value.get("story_id"), value.get("parent_id")
        if kind in _ARTICLES or (kind is None and parent is None and "title" in value):
            self._out.article(
                name,
                url=text(value.get("url")) or f"https://news.ycombinator.com/item?id={name}",
                title=text(value.get("title")),
                text=html_to_text(text(value.get("story_text")) or body or "") or None,
            )
            return
        if kind == "pollopt" or (kind is None and parent is None and body is None):
            raise BadRow("not_a_comment")
        gone = value.get("deleted") is True or (body is None and value.get("author") is None)
        self._out.comment(
            comment_id=name,
            article_id=story,
            parent_id=None if str(parent) == str(story) else parent,
            author_id=value.get("author"),
            author_name=value.get("author"),
            author_handle=value.get("author"),
            created_at=value.get("created_at_i") or value.get("created_at"),
            text=html_to_text(body or ""),
            like_count=value.get("points"),
            source_status="deleted" if gone else "removed" if value.get("dead") is True else None,
        )
        self._out.article(
            story, url=text(value.get("story_url")), title=text(value.get("story_title")),
            counted=False,
        )  # fmt: skip


def _kind(value: dict[str, Any]) -> str | None:
    """``story``, ``comment``, ...: an item says its type, a hit has it among its tags."""
    said = text(value.get("type"))
    tags = value.get("_tags")
    if said is None and isinstance(tags, list):
        known = (*_ARTICLES, "comment", "pollopt")
        said = next((tag for tag in tags if isinstance(tag, str) and tag in known), None)
    return said


def _recognise(opening: Opening) -> tuple[float, str] | None:
    for row in opening.rows():
        if has_keys(objects_in(row.get("hits")), "objectID", "created_at_i"):
            return 0.97, "hits with objectID and created_at_i"
    rows = opening.rows()
    if has_keys(rows, "created_at_i", "story_id") and (
        has_keys(rows, "objectID") or has_keys(rows, "parent_id", "id")
    ):
        return 0.95, "items with created_at_i, story_id and parent_id"
    if any(get(row, "children") is not None and "created_at_i" in row for row in rows):
        return 0.9, "an item with children and created_at_i"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    lines = opening.kind == "lines" and len(opening.records) > 1
    source = Source(member=member, reading=reading, lines=lines, arrays=_arrays)
    return read_records(source, _Handler)


FORMAT: Final = Format(
    name="hackernews-algolia",
    title="Hacker News, Algolia",
    containers="JSON pages (hits), item trees (children), JSON array, JSON lines",
    fields={
        "comment_id": "objectID, or id",
        "article_id": "story_id",
        "parent_id": "parent_id; null where that is the story",
        "author_id": "author",
        "author_name": "author",
        "author_handle": "author",
        "created_at": "created_at_i",
        "text": "comment_text, or text (HTML)",
        "like_count": "points",
        "source_status": "deleted; removed where dead",
    },
    notes=("Stories, polls and jobs become articles.",),
    example="hackernews-algolia.json",
    recognise=_recognise,
    read=_read,
    climbs=True,
)
