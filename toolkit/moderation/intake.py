"""Comments and their scores come in: once each, in any order, as often as you like.

A comment is known by ``(article_id, comment_id)``. One that is there already is
left as it is, unless its text has changed (then it waits again), or it comes
with numbers of a version that was not there (then these are added).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import polars as pl
from sqlalchemy import text
from sqlalchemy.orm import Session

from toolkit.moderation.bulk import run_rules
from toolkit.moderation.events import Entry, append
from toolkit.moderation.intake_rows import (
    Bulk,
    add_articles,
    add_comments,
    add_items,
    change_texts,
    known_comments,
    next_ids,
    prepared,
    sha256,
)
from toolkit.moderation.intake_scores import add_scores, model_keys, refresh_quantiles
from toolkit.moderation.policy import Policy
from toolkit.moderation.store import Store
from toolkit.moderation.tables import Comment

__all__ = ["ImportCounts", "import_comments", "refresh_quantiles"]

#: Rows in one transaction.
CHUNK: Final = 5_000
_LOCK: Final = 0x6465736C


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts:
    """What became of the rows: ``rows == new + known + edited + repeated``.

    ``queued`` are the new and edited ones that now wait; ``scores`` the numbers stored.
    """

    rows: int = 0
    new: int = 0
    known: int = 0
    edited: int = 0
    repeated: int = 0
    queued: int = 0
    scores: int = 0

    def __add__(self, other: ImportCounts) -> ImportCounts:
        names = self.__slots__
        return ImportCounts(**{name: getattr(self, name) + getattr(other, name) for name in names})


def import_comments(
    store: Store,
    frame: pl.DataFrame,
    *,
    versions: Mapping[str, str],
    source: str,
    articles: pl.DataFrame | None = None,
    policy: Policy | None = None,
    account: int | None = None,
) -> ImportCounts:
    """Store comments with their result columns, and let them wait for a moderator.

    ``frame`` has ``comment_id``, ``article_id`` and ``text``; further columns of
    ``COMMENT_SCHEMA``, result columns, ``evidence`` and ``thesis`` are used where
    they are there. ``articles`` has ``article_id`` and any of url, title, text,
    thesis. ``versions`` are those of the analyzers (``unknown`` where one is
    missing); ``source`` is a name for the log.

    Raises MappingError where a column is missing or an id is null.
    """
    frame = prepared(frame)
    if frame.is_empty():
        return ImportCounts()
    policy = policy or Policy.default()
    total = ImportCounts()
    for chunk in frame.iter_slices(CHUNK):
        total += store.transact(
            lambda session, chunk=chunk: _import_chunk(  # type: ignore[misc]
                session, store, chunk, versions, source, articles, policy, account
            )
        )
    return total


def _import_chunk(
    session: Session,
    store: Store,
    chunk: pl.DataFrame,
    versions: Mapping[str, str],
    source: str,
    articles: pl.DataFrame | None,
    policy: Policy,
    account: int | None,
) -> ImportCounts:
    at = store.clock()
    if not store.is_sqlite:
        # One intake at a time: it decides what is new.
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    rows = len(chunk)
    chunk = chunk.unique(("article_id", "comment_id"), keep="first", maintain_order=True)
    repeated = rows - len(chunk)
    chunk = chunk.with_columns(
        pl.col("text").map_elements(sha256, return_dtype=pl.String).alias("text_sha256")
    )
    add_articles(session, chunk, articles)
    known = known_comments(session, chunk)
    chunk = chunk.join(known, on=("article_id", "comment_id"), how="left", maintain_order="left")
    new = chunk.filter(pl.col("id").is_null())
    old = chunk.filter(pl.col("id").is_not_null())
    edited = old.filter(pl.col("text_sha256").ne_missing(pl.col("known_sha256")))
    ids = next_ids(session, Comment.__tablename__, len(new), sqlite=store.is_sqlite)
    new = new.with_columns(pl.Series("id", ids, dtype=pl.Int64))
    bulk = Bulk(session, sqlite=store.is_sqlite)
    add_comments(bulk, new, at)
    change_texts(session, edited, at)
    fresh = pl.concat([new, edited.select(new.columns)])
    queued = add_items(session, bulk, fresh, at, policy, sqlite=store.is_sqlite)
    models = model_keys(session, chunk, versions, at)
    changed = set(edited["id"])
    scores = add_scores(session, bulk, new, models, known=False, replace=False)
    scores += add_scores(session, bulk, edited, models, known=True, replace=True)
    same = old.filter(~pl.col("id").is_in(list(changed)))
    scores += add_scores(session, bulk, same, models, known=True, replace=False)
    body: dict[str, Any] = {
        "source": source,
        "new": len(new),
        "edited": sorted(changed),
        "scores": scores,
        # The ids and texts that were taken in, so that the log can say what it was given.
        "sha256": _digest(fresh),
        "policy": policy.version,
        "versions": dict(versions),
    }
    if len(fresh) or scores:
        append(session, at, [Entry(kind="imported", account=account, body=body)])
    run_rules(session, at, list(fresh["id"]))
    return ImportCounts(
        rows=rows,
        new=len(new),
        known=len(same),
        edited=len(edited),
        repeated=repeated,
        queued=queued,
        scores=scores,
    )


def _digest(frame: pl.DataFrame) -> str:
    whole = hashlib.sha256()
    for row in frame.select("article_id", "comment_id", "text_sha256").iter_rows():
        whole.update(orjson.dumps(row) + b"\n")
    return whole.hexdigest()
