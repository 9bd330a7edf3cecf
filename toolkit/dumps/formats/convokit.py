"""ConvoKit corpora: ``utterances.jsonl``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from toolkit.dumps.base import Batch, Format, Reading
from toolkit.dumps.flat import Flat, read_flat, without
from toolkit.dumps.opening import Member
from toolkit.dumps.shape import Opening, has_keys

_CONVERSATION: Final = pl.coalesce("conversation_id", "conversation-id", "root")
_PARENT: Final = pl.coalesce("reply_to", "reply-to")
_SPEAKER: Final = pl.coalesce(
    # Some corpora have an object here.
    pl.when(pl.col("speaker").str.starts_with("{"))
    .then(pl.col("speaker").str.json_path_match("$.id"))
    .otherwise(pl.col("speaker")),
    pl.col("user"),
)
_FLAT: Final = Flat(
    columns=(
        "id", "conversation_id", "conversation-id", "root", "reply_to", "reply-to", "speaker",
        "user", "timestamp", "text", "meta",
    ),
    is_comment=pl.col("text").is_not_null() | _CONVERSATION.is_not_null(),
    comment={
        "comment_id": pl.col("id"),
        "article_id": _CONVERSATION,
        "parent_id": without(_PARENT, "", "None", "null"),
        "author_id": _SPEAKER,
        "author_name": _SPEAKER,
        "created_at": pl.col("timestamp"),
        "text": pl.col("text"),
        "like_count": pl.when(pl.col("meta").str.starts_with("{")).then(
            pl.col("meta").str.json_path_match("$.score")
        ),
    },
    mentioned={"article_id": _CONVERSATION},
)  # fmt: skip


def _recognise(opening: Opening) -> tuple[float, str] | None:
    rows = opening.rows()
    for speaker in ("speaker", "user"):
        for parent in ("reply_to", "reply-to"):
            for root in ("conversation_id", "conversation-id", "root"):
                if has_keys(rows, "id", speaker, parent, root, "text"):
                    return 0.95, f"records with {root}, {speaker}, {parent} and text"
    return None


def _read(member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    return read_flat(_FLAT, member, opening, reading)


FORMAT: Final = Format(
    name="convokit",
    title="ConvoKit utterances",
    containers="JSON lines",
    fields={
        "comment_id": "id",
        "article_id": "conversation_id, or conversation-id",
        "parent_id": "reply_to",
        "author_id": "speaker",
        "author_name": "speaker",
        "created_at": "timestamp",
        "text": "text",
        "like_count": "meta.score",
    },
    notes=("The first utterance of a conversation is a comment like the others (depth 0).",),
    example="convokit.jsonl",
    recognise=_recognise,
    read=_read,
)
