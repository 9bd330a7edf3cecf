"""The one table of comments, and how a measured number is described.

Base columns (``COMMENT_SCHEMA``) hold no double underscore; every result
column is ``{analyzer}__{metric}``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import polars as pl

from toolkit.records import Comment

#: Joins an analyzer's name and a metric's name into a column name.
SEPARATOR: Final = "__"

#: One row a comment, whatever the source was.
#:
#: ``created_at`` is UTC in microseconds; ``depth`` is 0 at the top level;
#: ``position`` is the 0-based order in the source; ``text`` is NFC and null
#: where the source has no text (deleted, removed, empty), which
#: ``source_status`` then explains.
COMMENT_SCHEMA: Final = pl.Schema(
    {
        "comment_id": pl.String(),
        "article_id": pl.String(),
        "parent_id": pl.String(),
        "author_id": pl.String(),
        "author_name": pl.String(),
        "author_handle": pl.String(),
        "created_at": pl.Datetime("us", "UTC"),
        "text": pl.String(),
        "like_count": pl.Int64(),
        "depth": pl.Int32(),
        "position": pl.Int64(),
        "source_format": pl.String(),
        "source_status": pl.String(),
    }
)

#: One row an article; joined to comments by ``article_id``.
ARTICLE_SCHEMA: Final = pl.Schema(
    {
        "article_id": pl.String(),
        "url": pl.String(),
        "title": pl.String(),
        "text": pl.String(),
    }
)

#: Columns that may ride along with each comment: what its article claims and
#: says, and the language where somebody states it (BCP 47), which the language
#: analyzer then takes for granted. They are inputs of analyzers and never results.
CONTEXT_SCHEMA: Final = pl.Schema(
    {"thesis": pl.String(), "article_text": pl.String(), "stated_language": pl.String()}
)

#: ``source_status`` of an ordinary, visible comment.
PUBLISHED: Final = "published"

#: Why a number is null. One vocabulary for all analyzers, so that a reader
#: learns it once. ``null_reason`` itself is null where the numbers are there.
NULL_REASONS: Final = (
    "no_text",  # the comment has no text (deleted, removed, empty)
    "too_short",  # fewer words than the measure needs
    "too_few_sentences",  # enough words, too few sentences
    "not_prose",  # mostly links, emoji, code or digits
    "language",  # the text's language is not one the measure is made for
    "no_thesis",  # nothing to compare the comment with
)
NULL_REASON: Final = pl.Enum(NULL_REASONS)

#: The evidence column that ``analyze(..., evidence=True)`` appends.
EVIDENCE_DTYPE: Final = pl.List(
    pl.Struct(
        {
            "analyzer": pl.String(),
            "label": pl.String(),
            "start": pl.Int64(),
            "end": pl.Int64(),
            "quote": pl.String(),
            "score": pl.Float64(),
            "note": pl.String(),
        }
    )
)


class Unit(StrEnum):
    """What one step of a metric means."""

    PROBABILITY = "probability"
    COUNT = "count"
    PER_100_WORDS = "per 100 words"
    GRADE = "US school grade"
    SCORE = "score"
    SIMILARITY = "cosine similarity"
    DIFFERENCE = "difference of probabilities"
    LABEL = "label"
    REASON = "reason"


class Direction(StrEnum):
    """How to read a larger value."""

    HIGHER_IS_MORE = "higher means more of what it names"
    HIGHER_IS_EASIER = "higher means easier to read"
    HIGHER_IS_HARDER = "higher means harder to read"
    NONE = "no direction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number (or label) of an analyzer, described once for code and people.

    ``bounds`` are inclusive; None on a side means unbounded there. Not
    computable is null, never NaN and never 0.
    """

    name: str
    dtype: pl.DataType
    unit: Unit
    bounds: tuple[float | None, float | None] = (None, None)
    direction: Direction = Direction.NONE
    description: str

    def __post_init__(self) -> None:
        if SEPARATOR in self.name:
            raise ValueError(f"metric name {self.name!r} holds {SEPARATOR!r}")


def column(analyzer: str, metric: str) -> str:
    """The column name of a metric: ``column("toxicity", "insult")`` is ``toxicity__insult``."""
    return f"{analyzer}{SEPARATOR}{metric}"


def null_reason_metric() -> Metric:
    """The metric every analyzer carries to say why its numbers are null."""
    return Metric(
        name="null_reason",
        dtype=NULL_REASON,
        unit=Unit.REASON,
        description="Why this analyzer's numbers are null; null where they are there.",
    )


def comments_frame(comments: Iterable[Comment]) -> pl.DataFrame:
    """Records -> one row each, in order, with the columns of ``COMMENT_SCHEMA``.

    A time without a zone is taken as UTC; the page it came from warns of that.
    """
    rows = [
        {
            name: _utc(value) if isinstance(value, datetime) else value
            for name in COMMENT_SCHEMA
            for value in (getattr(comment, name),)
        }
        for comment in comments
    ]
    return pl.DataFrame(rows, schema=COMMENT_SCHEMA)


def _utc(when: datetime) -> datetime:
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
