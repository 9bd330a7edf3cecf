"""Discourse topics as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from toolkit.dumps.base import BadRow, Batch, Builder, Format, Reading
from toolkit.dumps.json_stream import Node
from toolkit.dumps.opening import Member
from toolkit.dumps.records import Source, get, read_records, text
from toolkit.dumps.shape import Opening, has_keys, objects_in
from toolkit.text.html_text import html_to_text

_LIKE: Final = 2
_REGULAR: Final = (None, 1, 2)
#: Post numbers of one topic that are remembered.
_NUMBERS: Final = 200_000


def _arrays(level: int, path: tuple[str, ...]) -> bool:
    return (level, path) in (
        (0, ()),
        (1, ("post_stream", "posts")),
        (1, ("posts",)),
        (1, ("latest_posts",)),
    )


class _Handler:
    def __init__(self, out: Builder, reading: Reading) -> None:
        self._out = out
        self._reading = reading
        # Replies name a number within the topic; ours name an id.
        self._ids: dict[tuple[str, int], str] = {}

    def opened(self, value: dict[str, Any], node: Node, _path: tuple[str, ...], /) -> None:
        node.value = {"id": value.get("id")}

    def record(self, value: dict[str, Any], node: Node, _path: tuple[str, ...], /) -> None:
        if node.value is not None or "post_stream" in value:
            slug, name = text(value.get("slug")), value.get("id")
            if "title" in value and name is not None:
                self._out.article(
                    name,
                    title=text(value.get("title")),
                    url=f"/t/{slug}/{name}" if slug else f"/t/{name}",
                    counted=False,
                )
            return
        number, topic = value.get("post_number"), value.get("topic_id")
        if topic is None and node.parent is not None:
            topic = get(node.parent.value, "id")
        if not isinstance(number, int) or ("cooked" not in value and "raw" not in value):
            raise BadRow("not_a_comment")
        if value.get("post_type") not in _REGULAR:
            raise BadRow("not_a_comment", "a note that the forum made itself")
        cooked = text(value.get("cooked"))
        body = html_to_text(cooked) if cooked is not None else text(value.get("raw"))
        if number == 1:
            self._out.article(topic, text=body, title=text(value.get("topic_title")))
            return
        self._out.comment(
            comment_id=value.get("id"),
            article_id=topic,
            parent_id=self._parent(str(topic), value.get("reply_to_post_number")),
            author_id=value.get("user_id"),
            author_name=text(value.get("name")) or text(value.get("username")),
            author_handle=text(value.get("username")),
            created_at=value.get("created_at"),
            text=body,
            like_count=_likes(value),
            source_status=_status(value),
        )
        if len(self._ids) >= _NUMBERS:
            self._ids.clear()
        self._ids[str(topic), number] = str(value.get("id"))

    def _parent(self, topic: str, number: Any) -> str | None:
        # The first post is the article: a reply to it stands at the top.
        if not isinstance(number, int) or number <= 1:
            return None
        known = self._ids.get((topic, number))
        if known is None:
            self._reading.remark(
                "replies to a post that does not stand before them (parent_id is topic/number): {n}"
            )
            return f"{topic}/{number}"
        return known


def _likes(value: dict[str, Any]) -> Any:
    actions = value.get("actions_summary")
    if isinstance(actions, list):
        for action in actions:
            if get(action, "id") == _LIKE:
                return get(action, "count") or 0
        return 0
    return value.get("like_count")


def _status(value: dict[str, Any]) -> str | None:
    if value.get("user_deleted") is True or value.get("deleted_at"):
        return "deleted"
    return "removed" if value.get("hidden") is True else None


def _recognise(opening: Opening) -> tuple[float, str] | None:
    rows = opening.rows()
    if any(get(row, "post_stream", "posts") is not None for row in rows):
        return 0.97, "a topic with post_stream.posts"
    posts = [post for row in rows for post in objects_in(row.get("latest_posts"))]
    if has_keys(posts or rows, "post_number", "topic_id", "reply_to_post_number"):
        return 0.95, "posts with post_number, topic_id and reply_to_post_number"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    lines = opening.kind == "lines" and len(opening.records) > 1
    source = Source(member=member, reading=reading, lines=lines, arrays=_arrays, flat_from=1)
    return read_records(source, lambda out: _Handler(out, reading))


FORMAT: Final = Format(
    name="discourse",
    title="Discourse topic",
    containers="JSON document, one a topic (or a page of its posts); JSON lines; posts alone",
    fields={
        "comment_id": "id",
        "article_id": "topic_id",
        "parent_id": "the id of reply_to_post_number; null for the first post",
        "author_id": "user_id",
        "author_name": "name, or username",
        "author_handle": "username",
        "created_at": "created_at",
        "text": "cooked (HTML), or raw",
        "like_count": "actions_summary, id 2",
        "source_status": "deleted; removed where hidden",
    },
    notes=(
        "Post 1 is the article.",
        "Notes that the forum makes itself (a topic was closed) are rejected as not_a_comment.",
        "Addresses are paths, since a topic does not name its site.",
    ),
    example="discourse.json",
    recognise=_recognise,
    read=_read,
)
