"""Comments and their scores come in: once each, in any order, as often as you like.

A comment is known by ``(article_id, comment_id)``. One that is there already is
left as it is, unless its text has changed (then it waits again), or it comes
with numbers of a version that was not there (then these are added).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
import polars as pl
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from toolkit.errors import MappingError
from toolkit.moderation import preferences
from toolkit.moderation.bulk import run_rules
from toolkit.moderation.events import Entry, append
from toolkit.moderation.policy import Policy
from toolkit.moderation.routing import Route, queue_expr
from toolkit.moderation.store import Store
from toolkit.moderation.tables import Article as ArticleRow
from toolkit.moderation.tables import (
    Attribute,
    Comment,
    EarlierText,
    Item,
    Model,
    Quantiles,
    Score,
)
from toolkit.moderation.tables import Route as RouteRow
from toolkit.schema import COMMENT_SCHEMA, PUBLISHED, SEPARATOR

#: Rows in one transaction.
CHUNK: Final = 5_000
#: Where nothing could be measured: neither last nor first.
UNKNOWN_RISK: Final = 0.5
#: What ``risk`` is the largest of.
_RISKS: Final = (
    "toxicity",
    "severe_toxicity",
    "threat",
    "insult",
    "identity_attack",
    "obscene",
    "sexual_explicit",
)
_SEVERE: Final = ("severe_toxicity", "threat", "identity_attack", "sexual_explicit")
#: Of each analyzer, the metrics that are kept; of rhetoric the counts that are not 0.
_KEPT: Final = {
    "toxicity": _RISKS,
    "stance": ("alignment", "agree", "disagree"),
    "readability": ("flesch_kincaid_grade",),
}
_ALIGNMENT: Final = "stance__alignment"
_LANGUAGE: Final = "language__tag"
#: Evidence that a card shows; the rest of readability's spans are for a reader of reports.
_SHOWN: Final = ("toxicity", "rhetoric", "stance")
_COUNTER_BOUND: Final = 2**64
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
    frame = _prepared(frame)
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


def refresh_quantiles(store: Store) -> int:
    """Compute anew where a score stands among the site's own; the number of attributes."""

    def work(session: Session) -> int:
        pairs = session.execute(
            select(Score.attribute, Score.model)
            .join(Attribute, Attribute.id == Score.attribute)
            .where(~Attribute.name.startswith("rhetoric", autoescape=True))
            .distinct()
        ).all()
        for attribute, model in pairs:
            values = session.execute(
                select(Score.value).where(Score.attribute == attribute, Score.model == model)
            ).scalars()
            column = pl.Series(values, dtype=pl.Float64).sort()
            points = [column.quantile(step / 100, "linear") for step in range(101)]
            session.merge(
                Quantiles(attribute=attribute, model=model, points=points, count=len(column))
            )
        return len(pairs)

    return store.transact(work)


def _prepared(frame: pl.DataFrame) -> pl.DataFrame:
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
        pl.col("text").map_elements(_sha256, return_dtype=pl.String).alias("text_sha256")
    )
    _add_articles(session, chunk, articles)
    known = _known(session, chunk)
    chunk = chunk.join(known, on=("article_id", "comment_id"), how="left", maintain_order="left")
    new = chunk.filter(pl.col("id").is_null())
    old = chunk.filter(pl.col("id").is_not_null())
    edited = old.filter(pl.col("text_sha256").ne_missing(pl.col("known_sha256")))
    ids = _next_ids(session, Comment.__tablename__, len(new), sqlite=store.is_sqlite)
    new = new.with_columns(pl.Series("id", ids, dtype=pl.Int64))
    bulk = _Bulk(session, sqlite=store.is_sqlite)
    _add_comments(bulk, new, at)
    _change_texts(session, edited, at)
    fresh = pl.concat([new, edited.select(new.columns)])
    queued = _add_items(session, bulk, fresh, at, policy, sqlite=store.is_sqlite)
    models = _models(session, chunk, versions, at)
    changed = set(edited["id"])
    scores = _add_scores(session, bulk, new, models, known=False, replace=False)
    scores += _add_scores(session, bulk, edited, models, known=True, replace=True)
    same = old.filter(~pl.col("id").is_in(list(changed)))
    scores += _add_scores(session, bulk, same, models, known=True, replace=False)
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


class _Bulk:
    """Many rows of plain values into a table: COPY on PostgreSQL, executemany on SQLite."""

    def __init__(self, session: Session, *, sqlite: bool) -> None:
        self._session, self._sqlite = session, sqlite

    def insert(self, table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
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


def _sha256(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _digest(frame: pl.DataFrame) -> str:
    whole = hashlib.sha256()
    for row in frame.select("article_id", "comment_id", "text_sha256").iter_rows():
        whole.update(orjson.dumps(row) + b"\n")
    return whole.hexdigest()


def _add_articles(session: Session, chunk: pl.DataFrame, articles: pl.DataFrame | None) -> None:
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


def _known(session: Session, chunk: pl.DataFrame) -> pl.DataFrame:
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


def _next_ids(session: Session, table: str, count: int, *, sqlite: bool) -> list[int]:
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


def _add_comments(bulk: _Bulk, new: pl.DataFrame, at: datetime) -> None:
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


def _change_texts(session: Session, edited: pl.DataFrame, at: datetime) -> None:
    for row in edited.iter_rows(named=True):
        comment = session.get_one(Comment, row["id"])
        session.add(EarlierText(comment=comment.id, text=comment.text, replaced_at=at))
        comment.text, comment.text_sha256 = row["text"], row["text_sha256"]
        spans = _evidence(row.get("evidence"))
        comment.evidence = None if spans is None else orjson.loads(spans)
    session.flush()


def _add_items(
    session: Session,
    bulk: _Bulk,
    fresh: pl.DataFrame,
    at: datetime,
    policy: Policy,
    *,
    sqlite: bool,
) -> int:
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
    risks = [column for name in _RISKS if (column := f"toxicity__{name}") in queued.columns]
    severe = [column for name in _SEVERE if (column := f"toxicity__{name}") in queued.columns]
    zone = "" if sqlite else "+00"
    moment = at.strftime("%Y-%m-%d %H:%M:%S.%f") + zone
    ids = _next_ids(session, Item.__tablename__, len(queued), sqlite=sqlite)
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


def _kept(frame: pl.DataFrame) -> list[str]:
    found = []
    for name, dtype in frame.schema.items():
        analyzer, separator, metric = name.partition(SEPARATOR)
        if not separator or not dtype.is_numeric():
            continue
        if metric in _KEPT.get(analyzer, ()) or (
            analyzer == "rhetoric" and not metric.endswith("_per_100_words")
        ):
            found.append(name)
    return found


def _models(
    session: Session, frame: pl.DataFrame, versions: Mapping[str, str], at: datetime
) -> dict[str, tuple[int, int]]:
    """Column -> (attribute, model), made where they are new."""
    columns = _kept(frame)
    attributes = {row.name: row.id for row in session.execute(select(Attribute)).scalars()}
    models = {
        (row.analyzer, row.version): row.id for row in session.execute(select(Model)).scalars()
    }
    found = {}
    for column in columns:
        analyzer = column.partition(SEPARATOR)[0]
        key = (analyzer, versions.get(analyzer, "unknown"))
        if key not in models:
            model = Model(analyzer=key[0], version=key[1], added_at=at)
            session.add(model)
            session.flush()
            models[key] = model.id
        if column not in attributes:
            attribute = Attribute(name=column)
            session.add(attribute)
            session.flush()
            attributes[column] = attribute.id
        found[column] = (attributes[column], models[key])
    return found


def _add_scores(
    session: Session,
    bulk: _Bulk,
    frame: pl.DataFrame,
    models: Mapping[str, tuple[int, int]],
    *,
    known: bool,
    replace: bool,
) -> int:
    """Numbers of ``frame`` that are not there yet; with ``replace``, those of a new text."""
    if frame.is_empty() or not models:
        return 0
    ids = list(frame["id"])
    there: set[tuple[int, int]] = set()
    if known:
        wanted = {model for _, model in models.values()}
        where = (Score.comment.in_(ids), Score.model.in_(wanted))
        if replace:
            session.execute(delete(Score).where(*where))
        else:
            there = {
                (row.comment, row.model)
                for row in session.execute(
                    select(Score.comment, Score.model).where(*where).distinct()
                )
            }
    count = 0

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal count
        # By comment, as the primary key has it: pages fill in order.
        columns = list(models)
        keys = [models[column] for column in columns]
        sparse = [column.startswith("rhetoric") for column in columns]
        for comment, *values in frame.select("id", *columns).iter_rows():
            for value, (attribute, model), skip_zero in zip(values, keys, sparse, strict=True):
                if value is None or value != value or (skip_zero and not value):
                    continue
                if there and (comment, model) in there:
                    continue
                count += 1
                yield comment, attribute, model, float(value)

    bulk.insert(Score.__tablename__, ("comment", "attribute", "model", "value"), rows())
    return count
