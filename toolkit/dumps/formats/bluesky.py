"""Bluesky: threads with nested replies, or posts alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from toolkit.dumps.base import BadRow, Batch, Builder, Format, Reading
from toolkit.dumps.json_stream import Node
from toolkit.dumps.opening import Member
from toolkit.dumps.records import Source, get, read_records, text
from toolkit.dumps.shape import Opening


def _arrays(level: int, path: tuple[str, ...]) -> bool:
    if level > 0 and path in (("replies",), ("thread", "replies")):
        return True
    return (level, path) in ((0, ()), (1, ("posts",)), (1, ("feed",)), (1, ("records",)))


class _Handler:
    def __init__(self, out: Builder) -> None:
        self._out = out

    def opened(self, value: dict[str, Any], node: Node, path: tuple[str, ...], /) -> None:
        if path in (("posts",), ("feed",), ("records",)):
            node.value = {"page": True}
        elif self._complete(value):
            # In reading order: the post before its replies.
            self._node(value, node)
            node.value = {**(node.value or {}), "done": True}

    def record(self, value: dict[str, Any], node: Node, _path: tuple[str, ...], /) -> None:
        if node.value is None or not (node.value.get("page") or node.value.get("done")):
            self._node(value, node)
        elif node.value.get("done") and not node.value.get("chain"):
            # What stands above the post may be written behind its replies.
            self._above(_tree(value), node)

    @staticmethod
    def _complete(value: dict[str, Any]) -> bool:
        post = get(value, "thread", "post") or value.get("post")
        return isinstance(post, dict) and "uri" in post and "record" in post

    def _node(self, value: dict[str, Any], node: Node) -> None:
        tree = _tree(value)
        chain = self._above(tree, node)
        post = tree.get("post")
        if isinstance(post, dict):
            self._post(post, node)
            node.value["chain"] = chain
        elif tree.get("notFound") is True or tree.get("blocked") is True:
            parent = node.parent.value if node.parent is not None else None
            self._out.comment(
                comment_id=tree.get("uri"),
                article_id=get(parent, "root"),
                parent_id=get(parent, "under"),
                source_status="deleted" if tree.get("notFound") is True else "removed",
            )
        elif "uri" in tree and ("record" in tree or "value" in tree):
            self._post(tree, node)
        else:
            raise BadRow("not_a_comment")

    def _above(self, tree: dict[str, Any], node: Node) -> bool:
        """The posts that this one answers, from the root down; whether there are any."""
        above = tree.get("parent")
        chain: list[dict[str, Any]] = []
        while isinstance(above, dict):
            chain.append(above)
            above = above.get("parent")
        for item in reversed(chain):
            if isinstance(item.get("post"), dict):
                self._post(item["post"], node)
        return bool(chain)

    def _post(self, post: dict[str, Any], node: Node) -> None:
        record = post.get("record") if isinstance(post.get("record"), dict) else post.get("value")
        uri = text(post.get("uri"))
        if uri is None:
            raise BadRow("missing_id")
        author = post.get("author")
        handle = text(get(author, "handle"))
        did = text(get(author, "did")) or uri.removeprefix("at://").partition("/")[0]
        parent = text(get(record, "reply", "parent", "uri"))
        root = text(get(record, "reply", "root", "uri")) or (uri if parent is None else None)
        node.value = {"root": root, "under": None if parent is None else uri}
        body = text(get(record, "text"))
        key = uri.rpartition("/")[2]
        if parent is None:
            self._out.article(
                uri, url=f"https://bsky.app/profile/{handle or did}/post/{key}", text=body
            )
            return
        self._out.comment(
            comment_id=uri,
            article_id=root,
            parent_id=None if parent == root else parent,
            author_id=did,
            author_name=text(get(author, "displayName")) or handle,
            author_handle=handle,
            created_at=get(record, "createdAt") or post.get("indexedAt"),
            text=body,
            like_count=post.get("likeCount"),
        )
        self._out.article(root, counted=False)


def _tree(value: dict[str, Any]) -> dict[str, Any]:
    thread = value.get("thread")
    return thread if isinstance(thread, dict) else value


def _recognise(opening: Opening) -> tuple[float, str] | None:
    for row in opening.rows():
        if get(row, "thread", "post", "uri") is not None:
            return 0.97, "a thread with post.uri"
        candidates = [row, row.get("post")]
        for name in ("posts", "feed", "records"):
            listed = get(row, name, 0)
            candidates += [listed, get(listed, "post")]
        for item in candidates:
            uri = text(get(item, "uri")) or ""
            record = get(item, "record") or get(item, "value")
            if uri.startswith("at://") and get(record, "text") is not None:
                return 0.95, "posts with an at:// address and record.text"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    lines = opening.kind == "lines" and len(opening.records) > 1
    source = Source(member=member, reading=reading, lines=lines, arrays=_arrays)
    return read_records(source, _Handler)


FORMAT: Final = Format(
    name="bluesky",
    title="Bluesky thread",
    containers="JSON document (thread, replies); pages of posts; JSON lines",
    fields={
        "comment_id": "uri",
        "article_id": "record.reply.root.uri",
        "parent_id": "record.reply.parent.uri; null under the root post",
        "author_id": "author.did",
        "author_name": "author.displayName",
        "author_handle": "author.handle",
        "created_at": "record.createdAt",
        "text": "record.text",
        "like_count": "likeCount",
        "source_status": "deleted (notFound), removed (blocked)",
    },
    notes=("A post that answers nothing is the article.",),
    example="bluesky.json",
    recognise=_recognise,
    read=_read,
)
