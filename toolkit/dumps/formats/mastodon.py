"""Mastodon: the context of a status, or statuses alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from toolkit.dumps.base import BadRow, Batch, Builder, Format, Reading
from toolkit.dumps.json_stream import Node
from toolkit.dumps.opening import Member
from toolkit.dumps.records import Source, get, read_records, text
from toolkit.dumps.shape import Opening, has_keys, objects_in
from toolkit.text.html_text import html_to_text

_LISTS: Final = (
    ("ancestors",),
    ("descendants",),
    ("context", "ancestors"),
    ("context", "descendants"),
)


def _arrays(level: int, path: tuple[str, ...]) -> bool:
    return (level == 0 and path == ()) or (level == 1 and (path in _LISTS or path == ("statuses",)))


class _Handler:
    """A context does not hold the status it belongs to: its id is the parent that is not there."""

    def __init__(self, out: Builder) -> None:
        self._out = out

    def opened(self, value: dict[str, Any], node: Node, path: tuple[str, ...], /) -> None:
        if node.value is None:
            node.value = {}
            status = value.get("status")
            if isinstance(status, dict) and status.get("id"):
                node.value["status"] = status["id"]
                if not status.get("in_reply_to_id"):
                    node.value["root"] = str(status["id"])
        node.value["list"] = path[-1]

    def record(self, value: dict[str, Any], node: Node, _path: tuple[str, ...], /) -> None:
        if node.value is not None or "ancestors" in value or "context" in value:
            status = value.get("status")
            if isinstance(status, dict):
                self._status(status, get(node.value, "root") or None)
            return
        if "content" not in value or "account" not in value:
            raise BadRow("not_a_comment")
        owner = node.parent.value if node.parent is not None else None
        root = get(owner, "root")
        if owner is not None and root is None and owner.get("list") != "statuses":
            above = value.get("in_reply_to_id")
            root = str(value.get("id") if above is None else above)
            owner["root"] = root
        self._status(value, root)

    def _status(self, value: dict[str, Any], root: str | None) -> None:
        name, parent = value.get("id"), value.get("in_reply_to_id")
        warning = text(value.get("spoiler_text"))
        body = html_to_text(text(value.get("content")) or "")
        body = "\n\n".join(part for part in (warning, body) if part)
        account = value.get("account")
        if parent is None:
            self._out.article(name, url=text(value.get("url")) or text(value.get("uri")), text=body)
            return
        parent = str(parent)
        self._out.comment(
            comment_id=name,
            article_id=root,
            parent_id=None if parent == root else parent,
            author_id=get(account, "id"),
            author_name=text(get(account, "display_name")) or text(get(account, "username")),
            author_handle=get(account, "acct"),
            created_at=value.get("created_at"),
            text=body,
            like_count=value.get("favourites_count"),
        )
        self._out.article(root, counted=False)


def _recognise(opening: Opening) -> tuple[float, str] | None:
    rows = opening.rows()
    for row in rows:
        context = row if "ancestors" in row or "descendants" in row else row.get("context")
        if isinstance(context, dict):
            statuses = objects_in(context.get("ancestors"))
            statuses += objects_in(context.get("descendants"))
            if {"ancestors", "descendants"} <= context.keys() and not statuses:
                return 0.8, "a context without replies"
            if has_keys(statuses, "in_reply_to_id", "content"):
                return 0.97, "a context: ancestors and descendants with in_reply_to_id"
    listed = [item for row in rows for item in objects_in(row.get("statuses"))]
    if has_keys(listed or rows, "in_reply_to_id", "content", "account"):
        return 0.95, "statuses with in_reply_to_id, account and content"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    lines = opening.kind == "lines" and len(opening.records) > 1
    source = Source(member=member, reading=reading, lines=lines, arrays=_arrays, flat_from=1)
    return read_records(source, _Handler)


FORMAT: Final = Format(
    name="mastodon",
    title="Mastodon context",
    containers="JSON document (ancestors, descendants), JSON lines of them; statuses alone",
    fields={
        "comment_id": "id",
        "article_id": "the root status",
        "parent_id": "in_reply_to_id; null under the root status",
        "author_id": "account.id",
        "author_name": "account.display_name",
        "author_handle": "account.acct",
        "created_at": "created_at",
        "text": "content (HTML), after a content warning where there is one",
        "like_count": "favourites_count",
    },
    notes=("A status that answers nothing is the article.",),
    example="mastodon.json",
    recognise=_recognise,
    read=_read,
    climbs=True,
)
