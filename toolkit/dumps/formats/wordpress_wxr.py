"""WordPress exports (WXR)."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Final

from toolkit.dumps.base import BadRow, Batch, Builder, Format, Reading
from toolkit.dumps.formats.wordpress import status_of
from toolkit.dumps.opening import Member, text_stream
from toolkit.dumps.shape import Opening
from toolkit.dumps.xml_stream import XmlRecord, xml_records
from toolkit.text.html_text import html_to_text

#: Posts and pages are articles though nobody commented on them; menus and revisions are not.
_ARTICLE_TYPES: Final = frozenset({"post", "page", ""})


def _recognise(opening: Opening) -> tuple[float, str] | None:
    if opening.kind == "xml" and "wordpress.org/export/" in opening.text:
        return 0.99, "XML with WordPress's export namespace"
    return None


def _read(member: Member, _opening: Opening, reading: Reading) -> Iterator[Batch]:
    out = Builder(reading)
    article: str | None = None
    commented = False
    waiting: list[XmlRecord] = []  # only where an item names its id after its comments
    with member.open() as unpacked:
        stream = text_stream(member, unpacked, reading.options.encoding)
        for record in xml_records(
            stream, member, reading, {"item": False, "comment": True, "post_id": False}
        ):
            if record.tag == "post_id":
                article = record.fields[""].strip() or None
            elif record.tag == "comment":
                commented = True
                waiting.append(record)
            else:
                article = article or record.fields.get("guid", "").strip() or None
                if commented or record.fields.get("post_type", "").strip() in _ARTICLE_TYPES:
                    _article(record, article, out, reading)
            if article or record.tag == "item":
                for comment in waiting:
                    _comment(comment, article, out, member, reading)
                waiting = []
            if record.tag == "item":
                article, commented = None, False
            if out.full:
                yield out.take()
    for comment in waiting:
        _comment(comment, article, out, member, reading)
    yield out.take()


def _article(item: XmlRecord, name: str | None, out: Builder, reading: Reading) -> None:
    body = item.fields.get("encoded", "")
    out.article(
        name,
        url=item.fields.get("link", "").strip() or None,
        title=html_to_text(item.fields.get("title", "")) or None,
        text=html_to_text(body, keep_newlines=True) or None if reading.articles_only else None,
    )


def _comment(
    record: XmlRecord, article: str | None, out: Builder, member: Member, reading: Reading
) -> None:
    fields = record.fields
    if record.too_large:
        reading.reject(member, record.offset, "row_too_large", record.raw, length=record.size)
        return
    parent, user = (
        fields.get("comment_parent", "").strip(),
        fields.get("comment_user_id", "").strip(),
    )
    when = fields.get("comment_date_gmt", "").strip()
    if when and not when.startswith("0000"):
        when += "+00:00"
    else:
        when = fields.get("comment_date", "")
    try:
        out.comment(
            comment_id=fields.get("comment_id", "").strip(),
            article_id=article,
            parent_id=None if parent in ("", "0") else parent,
            author_id=None if user in ("", "0") else user,
            author_name=html.unescape(fields.get("comment_author", "")),
            created_at=when,
            text=html_to_text(fields.get("comment_content", ""), keep_newlines=True),
            source_status=status_of(fields.get("comment_type"), fields.get("comment_approved")),
        )
    except BadRow as error:
        reading.reject(member, record.offset, error.reason, record.raw, length=record.size)


FORMAT: Final = Format(
    name="wordpress-wxr",
    title="WordPress export (WXR)",
    containers="XML",
    fields={
        "comment_id": "wp:comment_id",
        "article_id": "wp:post_id of the item",
        "parent_id": "wp:comment_parent; 0 is none",
        "author_id": "wp:comment_user_id; 0 is none",
        "author_name": "wp:comment_author",
        "created_at": "wp:comment_date_gmt",
        "text": "wp:comment_content (HTML; line ends are breaks)",
        "source_status": "wp:comment_approved and wp:comment_type",
    },
    notes=(
        "Pingbacks and trackbacks keep their type: pingback, pingback:pending.",
        "WordPress leaves spam out of its exports.",
    ),
    example="wordpress.xml",
    recognise=_recognise,
    read=_read,
)
