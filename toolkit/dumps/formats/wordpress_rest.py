"""WordPress comments from the REST interface, pages of up to 100."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any, Final

from toolkit.dumps.base import BadRow, Batch, Builder, Format, Reading
from toolkit.dumps.chunks import top_arrays
from toolkit.dumps.formats.wordpress import status_of
from toolkit.dumps.json_stream import Node
from toolkit.dumps.opening import Member
from toolkit.dumps.records import Source, get, read_records, text
from toolkit.dumps.shape import Opening, has_keys
from toolkit.text.html_text import html_to_text


class _Handler:
    def __init__(self, out: Builder) -> None:
        self._out = out

    def opened(self, _value: dict[str, Any], _node: Node, _path: tuple[str, ...], /) -> None:
        """Comments hold no records."""

    def record(self, value: dict[str, Any], _node: Node, _path: tuple[str, ...], /) -> None:
        body = value.get("content")
        if "post" not in value and "title" in value and "link" in value:
            rendered = text(get(body, "rendered"))
            self._out.article(
                value.get("id"),
                url=value.get("link"),
                title=html_to_text(text(get(value, "title", "rendered")) or ""),
                text=html_to_text(rendered) if rendered else None,
            )
            return
        if "post" not in value or "content" not in value:
            raise BadRow("not_a_comment")
        rendered = text(get(body, "rendered"))
        plain = text(get(body, "raw"))
        parent, author, post = value.get("parent"), value.get("author"), value.get("post")
        self._out.comment(
            comment_id=value.get("id"),
            article_id=post,
            parent_id=parent or None,
            author_id=author or None,
            author_name=html.unescape(text(value.get("author_name")) or ""),
            created_at=_gmt(value),
            text=html_to_text(rendered)
            if rendered is not None
            else html_to_text(plain or "", keep_newlines=True),
            source_status=status_of(text(value.get("type")), text(value.get("status"))),
        )
        url = (text(value.get("link")) or "").partition("#comment-")[0]
        self._out.article(post, url=url or None, counted=False)


def _gmt(value: dict[str, Any]) -> Any:
    when = text(value.get("date_gmt"))
    if when and not when.startswith("0000"):
        return when if when.endswith("Z") or "+" in when else f"{when}+00:00"
    return value.get("date")


def _recognise(opening: Opening) -> tuple[float, str] | None:
    rows = opening.rows()
    if has_keys(rows, "id", "post", "parent", "content", "author_name"):
        return 0.95, "records with post, parent, author_name and content.rendered"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    lines = opening.kind == "lines"
    source = Source(member=member, reading=reading, lines=lines, arrays=top_arrays, flat_from=0)
    return read_records(source, _Handler)


FORMAT: Final = Format(
    name="wordpress-rest",
    title="WordPress REST comments",
    containers="JSON array, JSON lines; pages one after another or in a folder",
    fields={
        "comment_id": "id",
        "article_id": "post",
        "parent_id": "parent; 0 is none",
        "author_id": "author; 0 is none",
        "author_name": "author_name",
        "created_at": "date_gmt",
        "text": "content.rendered (HTML)",
        "source_status": "status and type",
    },
    notes=("Pages hold 100 comments at most: give the folder or a glob of all of them.",),
    example="wordpress-rest.json",
    recognise=_recognise,
    read=_read,
)
