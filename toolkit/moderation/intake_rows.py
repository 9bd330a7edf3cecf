"""What an import writes about comments: their articles, texts and places in the queue."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
import polars as pl
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from toolkit.errors import MappingError
from toolkit.moderation import preferences
from toolkit.moderation.policy import Policy
from toolkit.moderation.routing import Route, queue_expr
from toolkit.moderation.tables import Article as ArticleRow
from toolkit.moderation.tables import Comment, EarlierText, Item
from toolkit.moderation.tables import Route as RouteRow
from toolkit.schema import COMMENT_SCHEMA, PUBLISHED

#: Where nothing could be measured: neither last nor first.
UNKNOWN_RISK: Final = 0.5
#: What ``risk`` is the largest of.
RISKS: Final = (
    "toxicity",
    "severe_toxicity",
    "threat",
    "insult",
    "identity_attack",
    "obscene",
    "sexual_explicit",
)
_SEVERE: Final = ("severe_toxicity", "threat", "identity_attack", "sexual_explicit")
_ALIGNMENT: Final = "stance__alignment"
_LANGUAGE: Final = "language__tag"
#: Evidence that a card shows; the rest of readability's spans are for a reader of reports.
_SHOWN: Final = ("toxicity", "rhetoric", "stance")
_COUNTER_BOUND: Final = 2**64


def prepared(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with all of COMMENT_SCHEMA and no NUL; MappingError where it has no ids."""
    missing = [name for name in ("comment_id", "article_id", "text") if name not in frame.columns]
    if missing:
        raise MappingError(
            f"the rows have no column {', '.join(missing)}",
            next_step="Import what `toolkit batch` or `toolkit analyze` wrote, or a dump.",
        )
    for name, dtype in COMMENT_SCHEMA.items():
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype).alias(name))
        elif name == "created_at" and frame[name].dtype == pl.String:
            # As CSV and JSON lines have it.
            frame = frame.with_columns(
                pl.col(name).str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
            )
        elif name == "created_at" and frame[name].dtype.time_zone is None:  # type: ignore[attr-defined]
            frame = frame.with_columns(
                pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
            )
        else:
            frame = frame.with_columns(pl.col(name).cast(dtype))
    if frame["comment_id"].null_count() or frame["article_id"].null_count():
        raise MappingError(
            "a row has no comment_id or no article_id",
            next_step="Each comment needs both: by them it is known again.",
        )
    # A NUL cannot be stored in PostgreSQL, and says nothing.
    strings = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    return frame.with_columns(
        pl.col(name).str.replace_all("\x00", "\ufffd", literal=True) for name in strings
    )


class Bulk:
    """Many rows of plain values into a table: COPY on PostgreSQL, executemany on SQLite."""

    def __init__(self, session: Session, *, sqlite: bool) -> None:
        self._session, self._sqlite = session, sqlite

    def insert(self, table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
        """Write ``rows``, values in the order of ``columns``, as the driver takes them."""
        names = ", ".join(f'"{name}"' for name in columns)
        cursor: Any = self._session.connection().connection.cursor()
        if self._sqlite:
            marks = ", ".join("?" * len(columns))
            # The names are our own tables'.
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
            cursor.executemany(statement, rows)
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _time(column: str) -> pl.Expr:
    # As SQLAlchemy writes it on SQLite; PostgreSQL reads it as UTC with the zone added.
    return pl.col(column).dt.strftime("%Y-%m-%d %H:%M:%S%.6f")


def sha256(value: str) -> str:
    """Hexadecimal digest of a text, lone surrogates included."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def add_articles(session: Session, chunk: pl.DataFrame, articles: pl.DataFrame | None) -> None:
    """Store the articles of ``chunk`` that are not there yet."""
    wanted = list(dict.fromkeys(chunk["article_id"]))
    there = set(
        session.execute(
            select(ArticleRow.article_id).where(ArticleRow.article_id.in_(wanted))
        ).scalars()
    )
    new = [article for article in wanted if article not in there]
    if not new:
        return
    found: dict[str, dict[str, Any]] = {}
    if articles is not None:
        selected = articles.filter(pl.col("article_id").is_in(new))
        found = {row["article_id"]: row for row in selected.iter_rows(named=True)}
    theses: dict[str, str | None] = {}
    if "thesis" in chunk.columns:
        pairs = chunk.filter(pl.col("article_id").is_in(new), pl.col("thesis").is_not_null())
        theses = dict(pairs.select("article_id", "thesis").iter_rows())
    for article in new:
        row = found.get(article, {})
        session.add(
            ArticleRow(
                article_id=article,
                url=row.get("url"),
                title=row.get("title"),
                text=_no_nul(row.get("text")),
                thesis=_no_nul(row.get("thesis") or theses.get(article)),
            )
        )
    session.flush()


def _no_nul(value: str | None) -> str | None:
    return value and value.replace("\x00", "\ufffd")


def known_comments(session: Session, chunk: pl.DataFrame) -> pl.DataFrame:
    """Of the comments of ``chunk`` that are stored: ids, row ``id`` and ``known_sha256``."""
    rows = session.execute(
        select(Comment.article_id, Comment.comment_id, Comment.id, Comment.text_sha256).where(
            Comment.article_id.in_(list(set(chunk["article_id"]))),
            Comment.comment_id.in_(list(chunk["comment_id"])),
        )
    ).all()
    schema = {
        "article_id": pl.String,
        "comment_id": pl.String,
        "id": pl.Int64,
        "known_sha256": pl.String,
    }
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def next_ids(session: Session, table: str, count: int, *, sqlite: bool) -> list[int]:
    """``count`` row ids that nobody else gets: the caller holds the writers' lock."""
    if not count:
        return []
    if sqlite:
        highest = session.execute(text(f"SELECT coalesce(max(id), 0) FROM {table}")).scalar_one()  # noqa: S608
        return list(range(highest + 1, highest + 1 + count))
    return list(
        session.execute(
            text("SELECT nextval(pg_get_serial_sequence(:t, 'id')) FROM generate_series(1, :n)"),
            {"t": table, "n": count},
        ).scalars()
    )


def add_comments(bulk: Bulk, new: pl.DataFrame, at: datetime) -> None:
    """Store comments that are not there yet; ``new`` has their ``id`` and ``text_sha256``."""
    if new.is_empty():
        return
    author = pl.coalesce("author_id", "author_handle", "author_name")
    zone = "" if bulk._sqlite else "+00"
    # A site that holds a comment back says so; what it shows is not yet decided here.
    status = pl.when(pl.col("source_status") == "held").then(pl.lit("PREMOD"))
    rows = new.select(
        "id",
        "comment_id",
        "article_id",
        "parent_id",
        author.alias("author_key"),
        pl.coalesce("author_name", "author_handle").alias("author_name"),
        (_time("created_at") + zone).alias("created_at"),
        "text",
        pl.col("depth").fill_null(0),
        pl.col("position").fill_null(0),
        pl.col("source_format").fill_null("unknown"),
        pl.col("source_status").fill_null(PUBLISHED),
        _optional(new, _LANGUAGE).alias("language"),
        "text_sha256",
        pl.lit(at.strftime("%Y-%m-%d %H:%M:%S.%f") + zone).alias("imported_at"),
        pl.Series("evidence", [_evidence(row) for row in _column(new, "evidence")], pl.String),
        status.otherwise(pl.lit("NONE")).alias("status"),
        status.otherwise(pl.lit("NONE")).alias("first_status"),
        pl.lit(False).alias("highlighted"),
    )
    bulk.insert(Comment.__tablename__, rows.columns, rows.iter_rows())


def _column(frame: pl.DataFrame, name: str) -> list[Any]:
    return frame[name].to_list() if name in frame.columns else [None] * len(frame)


def _optional(frame: pl.DataFrame, name: str) -> pl.Expr:
    found = pl.col(name) if name in frame.columns else pl.lit(None)
    return found.cast(pl.String)


def _evidence(spans: Any) -> str | None:
    """JSON of the spans that a card shows; CSV and JSON lines have it as text or dicts."""
    if spans is None:
        return None
    try:
        found = orjson.loads(spans) if isinstance(spans, str) else spans
        shown = [
            {
                "analyzer": str(span["analyzer"]),
                "label": str(span["label"]),
                "start": int(span["start"]),
                "end": int(span["end"]),
                "quote": str(span["quote"]),
                "score": span.get("score"),
                "note": span.get("note"),
            }
            for span in found
            if span["analyzer"] in _SHOWN
        ]
    except (orjson.JSONDecodeError, TypeError, KeyError, ValueError, AttributeError) as error:
        raise MappingError(
            "the evidence of a row is not a list of spans",
            next_step="Import what toolkit analyze wrote, or leave the column out.",
        ) from error
    return orjson.dumps(shown).decode().replace("\\u0000", "\ufffd")


def change_texts(session: Session, edited: pl.DataFrame, at: datetime) -> None:
    """Give comments their new text and evidence; the earlier text is kept."""
    for row in edited.iter_rows(named=True):
        comment = session.get_one(Comment, row["id"])
        session.add(EarlierText(comment=comment.id, text=comment.text, replaced_at=at))
        comment.text, comment.text_sha256 = row["text"], row["text_sha256"]
        spans = _evidence(row.get("evidence"))
        comment.evidence = None if spans is None else orjson.loads(spans)
    session.flush()


def add_items(
    session: Session,
    bulk: Bulk,
    fresh: pl.DataFrame,
    at: datetime,
    policy: Policy,
    *,
    sqlite: bool,
) -> int:
    """Let comments wait for a moderator, but for those that wait already; how many."""
    wanted = preferences.load(session)
    routes = [
        Route(conditions=tuple(row.conditions), queue=row.queue)
        for row in session.execute(select(RouteRow).order_by(RouteRow.position)).scalars()
    ]
    # Edited ones whose item still waits go on waiting with it.
    still = select(Item.comment).where(
        Item.comment.in_(list(fresh["id"])), Item.kind == "first", Item.waiting.is_(True)
    )
    waiting = list(session.execute(still).scalars())
    queued = fresh.filter(pl.col("text").is_not_null(), ~pl.col("id").is_in(waiting))
    if queued.is_empty():
        return 0
    queued = policy.apply(queued.lazy()).collect()
    risks = [column for name in RISKS if (column := f"toxicity__{name}") in queued.columns]
    severe = [column for name in _SEVERE if (column := f"toxicity__{name}") in queued.columns]
    zone = "" if sqlite else "+00"
    moment = at.strftime("%Y-%m-%d %H:%M:%S.%f") + zone
    ids = next_ids(session, Item.__tablename__, len(queued), sqlite=sqlite)
    rows = queued.select(
        pl.Series("id", ids, dtype=pl.Int64),
        pl.col("id").alias("comment"),
        pl.lit("first").alias("kind"),
        queue_expr(routes, queued.columns).alias("queue"),
        pl.lit(True).alias("waiting"),
        _largest(risks).fill_null(UNKNOWN_RISK).alias("risk"),
        _number(queued, _ALIGNMENT).alias("stance"),
        pl.coalesce(_time("created_at") + zone, pl.lit(moment)).alias("waits_since"),
        "article_id",
        pl.coalesce("author_id", "author_handle", "author_name").alias("author_key"),
        _optional(queued, _LANGUAGE).alias("language"),
        (_largest(severe) >= wanted.severe_from).fill_null(False).alias("severe"),
        pl.col("recommendation__action").cast(pl.String).alias("recommended"),
        pl.col("recommendation__rule").alias("rule"),
        pl.lit(policy.version).alias("policy_version"),
        pl.when(_drawn("sample", wanted.random_share))
        .then(pl.lit("random"))
        .otherwise(pl.lit("queue"))
        .alias("selection"),
        _drawn("second", wanted.second_share).alias("second_wanted"),
    )
    bulk.insert(Item.__tablename__, rows.columns, rows.iter_rows())
    return len(rows)


def _drawn(salt: str, share: float) -> pl.Expr:
    """A draw that depends on the comment's ids and nothing else of it, the same at each import."""

    def draw(ids: Any) -> bool:
        key = f"{salt}\0{ids['article_id']}\0{ids['comment_id']}".encode("utf-8", "surrogatepass")
        number = int.from_bytes(hashlib.sha256(key).digest()[:8], "big")
        return number < share * _COUNTER_BOUND

    return pl.struct("article_id", "comment_id").map_elements(draw, return_dtype=pl.Boolean)


def _largest(columns: Sequence[str]) -> pl.Expr:
    found = pl.max_horizontal(columns) if columns else pl.lit(None)
    return found.cast(pl.Float64)


def _number(frame: pl.DataFrame, name: str) -> pl.Expr:
    found = pl.col(name) if name in frame.columns else pl.lit(None)
    return found.cast(pl.Float64)
