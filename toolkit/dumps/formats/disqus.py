"""Disqus exports (XML)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from toolkit.dumps.base import BadRow, Batch, Builder, Format, Reading
from toolkit.dumps.opening import Member, text_stream
from toolkit.dumps.shape import Opening
from toolkit.dumps.xml_stream import XmlRecord, xml_records
from toolkit.text.html_text import html_to_text


def _recognise(opening: Opening) -> tuple[float, str] | None:
    if opening.kind == "xml" and opening.root.startswith("disqus"):
        return 0.99, "XML whose root is disqus"
    return None


def _read(member: Member, _opening: Opening, reading: Reading) -> Iterator[Batch]:
    out = Builder(reading)
    with member.open() as unpacked:
        stream = text_stream(member, unpacked, reading.options.encoding)
        # The thread within a post is a reference, and nests in it.
        for record in xml_records(stream, member, reading, {"post": True, "thread": False}):
            if record.tag == "post":
                _post(record, out, member, reading)
            elif "link" in record.fields or "title" in record.fields:
                message = record.fields.get("message", "")
                out.article(
                    record.attributes.get("id"),
                    url=record.fields.get("link", "").strip() or None,
                    title=record.fields.get("title", "").strip() or None,
                    text=html_to_text(message) or None if reading.articles_only else None,
                )
            if out.full:
                yield out.take()
    yield out.take()


def _post(record: XmlRecord, out: Builder, member: Member, reading: Reading) -> None:
    fields, attributes = record.fields, record.attributes
    if record.too_large:
        reading.reject(member, record.offset, "row_too_large", record.raw, length=record.size)
        return
    spam = fields.get("isSpam", "").strip().lower() == "true"
    deleted = fields.get("isDeleted", "").strip().lower() == "true"
    handle = fields.get("author/username", "").strip() or None
    try:
        out.comment(
            comment_id=attributes.get("id"),
            article_id=attributes.get("thread@id"),
            parent_id=attributes.get("parent@id"),
            author_id=handle,
            author_name=fields.get("author/name"),
            author_handle=handle,
            created_at=fields.get("createdAt"),
            text=html_to_text(fields.get("message", "")),
            source_status="spam" if spam else "deleted" if deleted else None,
        )
    except BadRow as error:
        reading.reject(member, record.offset, error.reason, record.raw, length=record.size)


FORMAT: Final = Format(
    name="disqus",
    title="Disqus export",
    containers="XML",
    fields={
        "comment_id": "post@dsq:id",
        "article_id": "thread@dsq:id",
        "parent_id": "parent@dsq:id",
        "author_id": "author/username",
        "author_name": "author/name",
        "author_handle": "author/username",
        "created_at": "createdAt",
        "text": "message (HTML)",
        "source_status": "spam (isSpam), deleted (isDeleted); either may be missing",
    },
    notes=("Threads become articles: link, title.",),
    example="disqus.xml",
    recognise=_recognise,
    read=_read,
)
