"""YouTube Data API: comment threads and comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

from toolkit.dumps.base import BadRow, Batch, Builder, Format, Reading
from toolkit.dumps.json_stream import Node
from toolkit.dumps.opening import Member
from toolkit.dumps.records import Source, get, read_records, text
from toolkit.dumps.shape import Opening, objects_in
from toolkit.text.html_text import html_to_text

_MODERATION: Final = {"heldForReview": "pending", "likelySpam": "spam", "rejected": "removed"}


def _arrays(level: int, path: tuple[str, ...]) -> bool:
    return (level, path) in ((0, ()), (1, ("items",)))


class _Handler:
    def __init__(self, out: Builder, source: Source) -> None:
        self._out = out
        self._source = source

    def opened(self, _value: dict[str, Any], node: Node, _path: tuple[str, ...], /) -> None:
        """A page of results says nothing that its items do not say."""
        node.value = "page"

    def record(self, value: dict[str, Any], node: Node, _path: tuple[str, ...], /) -> None:
        snippet = value.get("snippet")
        if node.value == "page":
            return
        if get(snippet, "topLevelComment") is not None:
            self._thread(value, snippet, node)
        elif get(snippet, "textDisplay") is not None or get(snippet, "textOriginal") is not None:
            self._comment(value, video=get(snippet, "videoId"), parent=get(snippet, "parentId"))
        elif value.get("kind") == "youtube#video":
            name = value.get("id")
            self._out.article(
                name,
                url=f"https://www.youtube.com/watch?v={name}",
                title=get(snippet, "title"),
                text=get(snippet, "description"),
            )
        else:
            raise BadRow("not_a_comment")

    def _thread(self, value: dict[str, Any], snippet: Any, node: Node) -> None:
        video = get(snippet, "videoId")
        top = get(snippet, "topLevelComment")
        if not isinstance(top, dict):
            raise BadRow("not_a_comment")
        name = top.get("id") or value.get("id")
        self._comment({**top, "id": name}, video=video, parent=None)
        replies = get(value, "replies", "comments")
        replies = replies if isinstance(replies, list) else []
        for reply in replies:
            if isinstance(reply, dict) and reply.get("id"):
                self._comment(reply, video=video, parent=name)
            else:
                self._source.reading.reject(
                    self._source.member, node.offset, "missing_id", orjson.dumps(reply)
                )
        stated = get(snippet, "totalReplyCount")
        if isinstance(stated, int):
            self._source.reading.remark(
                "replies that threads count but do not hold: {n}",
                max(0, stated - len(replies)),
            )

    def _comment(self, value: dict[str, Any], *, video: Any, parent: Any) -> None:
        snippet = value.get("snippet")
        original = text(get(snippet, "textOriginal"))
        shown = text(get(snippet, "textDisplay"))
        author = text(get(snippet, "authorDisplayName"))
        video = video or get(snippet, "videoId")
        self._out.comment(
            comment_id=value.get("id"),
            article_id=video,
            parent_id=get(snippet, "parentId") or parent,
            author_id=get(snippet, "authorChannelId", "value"),
            author_name=author,
            author_handle=author[1:] if author and author.startswith("@") else None,
            created_at=get(snippet, "publishedAt"),
            text=original if original is not None else html_to_text(shown or ""),
            like_count=get(snippet, "likeCount"),
            source_status=_MODERATION.get(str(get(snippet, "moderationStatus"))),
        )
        if isinstance(video, str):
            self._out.article(video, url=f"https://www.youtube.com/watch?v={video}", counted=False)


def _recognise(opening: Opening) -> tuple[float, str] | None:
    rows = opening.rows()
    items = [item for row in rows for item in objects_in(row.get("items"))]
    for found in (rows, items):
        kinds = {str(row.get("kind")) for row in found}
        if kinds & {"youtube#commentThread", "youtube#comment"}:
            return 0.97, "records of the kind youtube#commentThread or youtube#comment"
        for row in found:
            if get(row, "snippet", "topLevelComment", "snippet") is not None:
                return 0.95, "records with snippet.topLevelComment"
            if get(row, "snippet", "authorDisplayName") is not None:
                return 0.9, "records with snippet.authorDisplayName"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    lines = opening.kind == "lines" and len(opening.records) > 1
    source = Source(member=member, reading=reading, lines=lines, arrays=_arrays, flat_from=1)
    return read_records(source, lambda out: _Handler(out, source))


FORMAT: Final = Format(
    name="youtube",
    title="YouTube Data API",
    containers="JSON pages (items), JSON array, JSON lines of threads or comments",
    fields={
        "comment_id": "id",
        "article_id": "snippet.videoId",
        "parent_id": "snippet.parentId, or the thread it stands in",
        "author_id": "authorChannelId.value",
        "author_name": "authorDisplayName",
        "author_handle": "authorDisplayName where it begins with @",
        "created_at": "publishedAt",
        "text": "textOriginal, or textDisplay (HTML)",
        "like_count": "likeCount",
        "source_status": "pending, spam, removed: from moderationStatus",
    },
    notes=("A thread holds some of its replies only; how many are missing is said.",),
    example="youtube.json",
    recognise=_recognise,
    read=_read,
    climbs=True,
)
