"""The desk's tables as frames, for statistics and exports. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl
from sqlalchemy import ColumnElement, Select, select, true

from toolkit.moderation.store import Store
from toolkit.moderation.tables import (
    Account,
    Appeal,
    Attribute,
    Comment,
    Decision,
    Model,
    Score,
    SpanLabel,
)

#: Attributes that are probabilities, and can be read as findings of a model.
PROBABILITIES: Final = "toxicity__"

_PAGE: Final = 20_000
_TIME: Final = pl.Datetime("us", "UTC")

#: One row a decision, undone ones too. docs/desk-measures.md describes each column.
DECISIONS_SCHEMA: Final = pl.Schema(
    {
        "decision": pl.Int64(),
        "event": pl.Int64(),
        "comment": pl.Int64(),
        "comment_id": pl.String(),
        "article_id": pl.String(),
        "round": pl.String(),
        "moderator": pl.String(),
        "act": pl.String(),
        "reason": pl.String(),
        "note": pl.String(),
        "status": pl.String(),
        "seconds": pl.Float64(),
        "selection": pl.String(),
        "recommended": pl.String(),
        "decided_at": _TIME,
        "batch": pl.Int64(),
        "auto_rule": pl.Int64(),
        "undone_by": pl.Int64(),
    }
)


def decisions(store: Store) -> pl.DataFrame:
    """All decisions in their order: ``DECISIONS_SCHEMA``."""
    query = (
        select(
            Decision.id,
            Decision.event,
            Decision.comment,
            Comment.comment_id,
            Comment.article_id,
            Decision.round,
            Account.login,
            Decision.act,
            Decision.reason,
            Decision.note,
            Decision.status,
            Decision.seconds,
            Decision.selection,
            Decision.recommended,
            Decision.decided_at,
            Decision.batch,
            Decision.auto_rule,
            Decision.undone,
        )
        .join(Comment, Comment.id == Decision.comment)
        .join(Account, Account.id == Decision.account)
        .order_by(Decision.id)
    )
    return _fetch(store, query, DECISIONS_SCHEMA)


#: One row a comment, attribute and model version.
SCORES_SCHEMA: Final = pl.Schema(
    {
        "comment": pl.Int64(),
        "attribute": pl.String(),
        "model_version": pl.String(),
        "score": pl.Float64(),
    }
)


def scores(store: Store, attributes: Sequence[str] | None = None) -> pl.DataFrame:
    """Scores of the decided comments: ``SCORES_SCHEMA``; all toxicity labels, or ``attributes``."""
    decided = select(Decision.comment).where(Decision.undone.is_(None))
    return _scores(store, attributes, Score.comment.in_(decided))


#: One row a comment that came in, attribute and model version.
ARRIVALS_SCHEMA: Final = pl.Schema(
    {
        "attribute": pl.String(),
        "model_version": pl.String(),
        "score": pl.Float64(),
        "at": _TIME,
    }
)


def arrivals(store: Store, attributes: Sequence[str] | None = None) -> pl.DataFrame:
    """Scores of all comments with when they were written: ``ARRIVALS_SCHEMA``."""
    times = _fetch(
        store,
        select(Comment.id, Comment.created_at),
        pl.Schema({"comment": pl.Int64(), "at": _TIME}),
    )
    found = _scores(store, attributes, true()).join(times, on="comment", how="left")
    return found.select(ARRIVALS_SCHEMA.names())


#: One row a span that a person confirmed or denied.
SPANS_SCHEMA: Final = pl.Schema(
    {
        "label_id": pl.Int64(),
        "event": pl.Int64(),
        "comment": pl.Int64(),
        "comment_id": pl.String(),
        "article_id": pl.String(),
        "moderator": pl.String(),
        "analyzer": pl.String(),
        "model_version": pl.String(),
        "label": pl.String(),
        "start": pl.Int64(),
        "end": pl.Int64(),
        "confirmed": pl.Boolean(),
        "labelled_at": _TIME,
        "undone_by": pl.Int64(),
        "language": pl.String(),
        "text": pl.String(),
    }
)


def span_labels(store: Store) -> pl.DataFrame:
    """All span labels with their comments' texts: ``SPANS_SCHEMA``."""
    query = (
        select(
            SpanLabel.id,
            SpanLabel.event,
            SpanLabel.comment,
            Comment.comment_id,
            Comment.article_id,
            Account.login,
            SpanLabel.analyzer,
            SpanLabel.model_version,
            SpanLabel.label,
            SpanLabel.start,
            SpanLabel.end,
            SpanLabel.confirmed,
            SpanLabel.labelled_at,
            SpanLabel.undone,
            Comment.language,
            Comment.text,
        )
        .join(Comment, Comment.id == SpanLabel.comment)
        .join(Account, Account.id == SpanLabel.account)
        .order_by(SpanLabel.id)
    )
    return _fetch(store, query, SPANS_SCHEMA)


#: One row an appeal.
APPEALS_SCHEMA: Final = pl.Schema(
    {"decision": pl.Int64(), "stated_at": _TIME, "outcome": pl.String(), "answered_at": _TIME}
)


def appeals(store: Store) -> pl.DataFrame:
    """All appeals: ``APPEALS_SCHEMA``."""
    query = select(Appeal.decision, Appeal.stated_at, Appeal.outcome, Appeal.answered_at).order_by(
        Appeal.id
    )
    return _fetch(store, query, APPEALS_SCHEMA)


def _scores(
    store: Store, attributes: Sequence[str] | None, which: ColumnElement[bool]
) -> pl.DataFrame:
    """``SCORES_SCHEMA``, read as the small keys of the tables: there are millions of rows."""
    named = (
        Attribute.name.startswith(PROBABILITIES, autoescape=True)
        if attributes is None
        else Attribute.name.in_(attributes)
    )
    with store.read() as session:
        names = {
            row.id: row.name for row in session.execute(select(Attribute).where(named)).scalars()
        }
        versions = {row.id: row.version for row in session.execute(select(Model)).scalars()}
        query = select(Score.comment, Score.attribute, Score.model, Score.value).where(
            Score.attribute.in_(names), which
        )
        # The driver's own rows: numbers need nothing done to them, and a row object
        # for each would take most of the time.
        cursor = session.connection().execute(query).cursor
        keys = {"comment": pl.Int64, "attribute": pl.Int64, "model": pl.Int64, "score": pl.Float64}
        parts = []
        while page := cursor.fetchmany(_PAGE) if cursor is not None else []:
            columns = zip(keys.items(), zip(*page, strict=True), strict=True)
            parts.append(
                pl.DataFrame([pl.Series(name, values, dtype) for (name, dtype), values in columns])
            )
    if not parts:
        return pl.DataFrame(schema=SCORES_SCHEMA)
    return pl.concat(parts).select(
        "comment",
        pl.col("attribute").replace_strict(names, return_dtype=pl.String),
        pl.col("model").replace_strict(versions, return_dtype=pl.String).alias("model_version"),
        "score",
    )


def _fetch(store: Store, query: Select[*tuple[Any, ...]], schema: pl.Schema) -> pl.DataFrame:
    """Rows by position: the query's columns are the schema's."""
    with store.read() as session:
        pages = session.execute(query.execution_options(yield_per=_PAGE)).partitions()
        parts = [
            pl.DataFrame([tuple(row) for row in page], schema=schema, orient="row")
            for page in pages
        ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)
