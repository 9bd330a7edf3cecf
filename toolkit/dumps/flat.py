"""Formats whose records are flat: described by expressions over their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from toolkit.dumps.base import RAW_SCHEMA, Batch, Markup, Reading
from toolkit.dumps.chunks import Chunk, chunks
from toolkit.dumps.opening import Member
from toolkit.dumps.shape import Opening

_KIND: Final = "_kind"
_COMMENT, _ARTICLE, _OTHER, _NAMELESS = 0, 1, 2, 3
_ARTICLE_FIELDS: Final = ("article_id", "url", "title", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """``columns`` are the fields read, all as strings (null where they are not there).

    ``comment`` gives columns of ``RAW_SCHEMA``; ``article`` those of an article that
    stands in a row of its own; ``mentioned`` what a comment's row says about its
    article. ``needs_id`` False: the place of the row names a comment without an id.
    """

    columns: tuple[str, ...]
    comment: Mapping[str, pl.Expr]
    is_article: pl.Expr = field(default_factory=lambda: pl.lit(False))
    is_comment: pl.Expr = field(default_factory=lambda: pl.lit(True))
    article: Mapping[str, pl.Expr] = field(default_factory=dict)
    mentioned: Mapping[str, pl.Expr] = field(default_factory=dict)
    markup: Markup = "plain"
    needs_id: bool = True


def read_flat(flat: Flat, member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    """Every chunk of ``member`` as comments and articles; the rest is rejected."""
    for chunk in chunks(member, opening, reading, flat.columns):
        yield _batch(flat, chunk, member, reading)


def _batch(flat: Flat, chunk: Chunk, member: Member, reading: Reading) -> Batch:
    id_expr = flat.comment.get("comment_id", pl.lit(None, pl.String))
    nameless = (
        id_expr.is_null() | (id_expr.str.strip_chars() == "") if flat.needs_id else pl.lit(False)
    )
    kind = chunk.frame.with_columns(
        pl.when(flat.is_article.fill_null(False))
        .then(_ARTICLE)
        .when(~flat.is_comment.fill_null(False))
        .then(_OTHER)
        .when(nameless)
        .then(_NAMELESS)
        .otherwise(_COMMENT)
        .alias(_KIND)
    )[_KIND]
    frame = chunk.frame
    articles: list[tuple[str, str | None, str | None, str | None]] = []
    if len(kind) and kind.max() != _COMMENT:
        for code, reason in ((_OTHER, "not_a_comment"), (_NAMELESS, "missing_id")):
            for index in (kind == code).arg_true().to_list():
                offset, raw = chunk.place(index)
                reading.reject(member, offset, reason, raw)
        found = frame.filter(kind == _ARTICLE)
        if found.height:
            articles = _articles(found, flat.article)
            reading.articles += len(articles)
        frame = frame.filter(kind == _COMMENT)
    if reading.articles_only and flat.mentioned:
        articles += _articles(frame, flat.mentioned)
    comments = frame.select(
        flat.comment.get(name, pl.lit(None, pl.String)).alias(name) for name in RAW_SCHEMA
    )
    return Batch(
        comments=comments,
        articles=articles,
        markup=flat.markup,
        threaded="parent_id" in flat.comment or "depth" in flat.comment,
        depth_given="depth" in flat.comment,
    )


def _articles(
    frame: pl.DataFrame, fields: Mapping[str, pl.Expr]
) -> list[tuple[str, str | None, str | None, str | None]]:
    found = frame.select(
        fields.get(name, pl.lit(None, pl.String)).alias(name) for name in _ARTICLE_FIELDS
    )
    return found.filter(pl.col("article_id").is_not_null()).unique(maintain_order=True).rows()


def number_id(column: str) -> pl.Expr:
    """An id that a spreadsheet or pandas made a float of: ``22022598.0`` is ``22022598``."""
    return pl.col(column).str.strip_chars().str.replace(r"^(\d+)\.0+$", "$1")


def without(column: pl.Expr, *values: str) -> pl.Expr:
    """Null where the field holds one of ``values``, which all mean "none"."""
    return pl.when(~column.str.strip_chars().is_in(list(values))).then(column)


def truthy(column: str) -> pl.Expr:
    """``true``, ``True``, ``1``, ``1.0`` and the like."""
    return (
        pl.col(column)
        .str.strip_chars()
        .str.to_lowercase()
        .is_in(["true", "1", "1.0", "t", "yes"])
        .fill_null(False)
    )
