"""yt-dlp's ``.info.json`` with comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from toolkit.dumps.base import BadRow, Batch, Builder, Format, Reading
from toolkit.dumps.json_stream import Node, loads, scan
from toolkit.dumps.opening import Member, text_stream
from toolkit.dumps.records import Source, get, read_records, text
from toolkit.dumps.shape import Opening, has_keys, objects_in


def _arrays(level: int, path: tuple[str, ...]) -> bool:
    return (level, path) in ((0, ()), (1, ("comments",)))


class _Handler:
    def __init__(self, out: Builder, source: Source) -> None:
        self._out = out
        self._source = source

    def opened(self, value: dict[str, Any], node: Node, _path: tuple[str, ...], /) -> None:
        name = text(value.get("id"))
        if name is None:
            # The id stands behind the comments: look ahead for it once.
            name = self._behind(node)
        node.value = {"id": name}

    def record(self, value: dict[str, Any], node: Node, _path: tuple[str, ...], /) -> None:
        owner = node.parent
        if node.value is not None or ("comments" in value and "text" not in value):
            self._video(value)
            return
        if "text" not in value and "parent" not in value:
            raise BadRow("not_a_comment")
        author = text(value.get("author"))
        handle = author[1:] if author and author.startswith("@") else None
        parent = value.get("parent")
        self._out.comment(
            comment_id=value.get("id"),
            article_id=get(owner.value, "id") if owner is not None else None,
            parent_id=None if parent == "root" else parent,
            author_id=value.get("author_id"),
            author_name=author,
            author_handle=handle,
            created_at=value.get("timestamp"),
            text=value.get("text"),
            like_count=value.get("like_count"),
        )

    def _video(self, value: dict[str, Any]) -> None:
        name = text(value.get("id"))
        if name is None:
            return
        self._out.article(
            name,
            url=text(value.get("webpage_url")) or text(value.get("original_url")),
            title=text(value.get("title")),
            text=text(value.get("description")),
        )

    def _behind(self, node: Node) -> str | None:
        source = self._source
        with source.member.open() as unpacked:
            stream = text_stream(source.member, unpacked, source.reading.options.encoding)
            for element in scan(
                stream,
                source.arrays,
                name=source.member.name,
                max_row=source.reading.options.max_row_bytes,
                flat_from=1,
            ):
                found = element.node
                if element.kind == "record" and not found.level and found.offset == node.offset:
                    try:
                        return text(get(loads(element.data), "id"))
                    except ValueError:
                        return None
        return None


def _recognise(opening: Opening) -> tuple[float, str] | None:
    for row in opening.rows():
        if has_keys(objects_in(row.get("comments")), "id", "parent", "text"):
            return 0.95, "a video with comments that have parent and text"
    rows = opening.rows()
    if has_keys(rows, "extractor", "webpage_url", "title"):
        return 0.8, "a video with extractor and webpage_url"
    if has_keys(rows, "id", "parent", "text", "author_id", "timestamp"):
        return 0.85, "comments with parent, text, author_id and timestamp"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    reading.remark("yt-dlp's times are estimates, rounded to what the page shows", 1)
    lines = opening.kind == "lines" and len(opening.records) > 1
    source = Source(member=member, reading=reading, lines=lines, arrays=_arrays, flat_from=1)
    return read_records(source, lambda out: _Handler(out, source))


FORMAT: Final = Format(
    name="yt-dlp",
    title="yt-dlp .info.json",
    containers="JSON document, one a video; JSON lines of them; a bare list of comments",
    fields={
        "comment_id": "comments[].id",
        "article_id": "the document's id",
        "parent_id": 'parent; "root" is none',
        "author_id": "author_id",
        "author_name": "author",
        "author_handle": "author where it begins with @",
        "created_at": "timestamp (an estimate)",
        "text": "text",
        "like_count": "like_count",
    },
    notes=("The article's text is the video's description.",),
    example="yt-dlp.info.json",
    recognise=_recognise,
    read=_read,
)
