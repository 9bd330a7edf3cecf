"""The desk's tables as frames, for statistics and exports. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl
from sqlalchemy import ColumnElement, Select, select

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
    query = (
        select(Score.comment, Attribute.name, Model.version, Score.value)
        .join(Attribute, Attribute.id == Score.attribute)
        .join(Model, Model.id == Score.model)
        .where(_named(attributes), Score.comment.in_(decided))
    )
    return _fetch(store, query, SCORES_SCHEMA)


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
    query = (
        select(Attribute.name, Model.version, Score.value, Comment.created_at)
        .join(Attribute, Attribute.id == Score.attribute)
        .join(Model, Model.id == Score.model)
        .join(Comment, Comment.id == Score.comment)
        .where(_named(attributes))
    )
    return _fetch(store, query, ARRIVALS_SCHEMA)


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


def _named(attributes: Sequence[str] | None) -> ColumnElement[bool]:
    if attributes is None:
        return Attribute.name.startswith(PROBABILITIES, autoescape=True)
    return Attribute.name.in_(attributes)


def _fetch(store: Store, query: Select[*tuple[Any, ...]], schema: pl.Schema) -> pl.DataFrame:
    """Rows by position: the query's columns are the schema's."""
    with store.read() as session:
        pages = session.execute(query.execution_options(yield_per=_PAGE)).partitions()
        parts = [
            pl.DataFrame([tuple(row) for row in page], schema=schema, orient="row")
            for page in pages
        ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)
