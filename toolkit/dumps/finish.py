"""From what a format found to rows of ``COMMENT_SCHEMA``: the same for every format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import polars as pl

from toolkit.dumps.base import Batch, Markup, Reading
from toolkit.dumps.pseudonymize import Pseudonymizer
from toolkit.dumps.times import to_utc
from toolkit.schema import ARTICLE_SCHEMA, COMMENT_SCHEMA, PUBLISHED
from toolkit.text.html_text import html_to_text
from toolkit.text.normalize import clean, collapse

#: Bodies that stand for a body that is gone, in lower case.
_DELETED: Final = ["[deleted]", "[deleted by user]", "[comment deleted]"]
_REMOVED: Final = [
    "[removed]",
    "[ removed by reddit ]",
    "[removed by reddit]",
    "[removed by moderator]",
    "[comment removed]",
]
_NOBODY: Final = ["", "[deleted]", "[removed]"]
_LONGEST_MARK: Final = 60
#: Whatever ``clean`` might change: controls, blanks at the ends of lines, and what may not
#: be in normal form NFC (marks, the jamo that join, the letters that Unicode 15 replaces).
#: One pattern, since a pass over the text is what costs. A test holds it against all of Unicode.
_UNCLEAN: Final = (
    r"\n\n\n|[ \t\u00a0]\n|^\n|\n$|[ \t\u00a0]$"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff"
    r"\p{M}\u1161-\u1175\u11a8-\u11c2\u0374\u037e\u0387\u0958-\u095f\u09dc-\u09df"
    r"\u0a33-\u0a5e\u0b5c\u0b5d\u0f43-\u0fb9\u1f71-\u1ffd\u2000\u2001\u2126\u212a\u212b"
    r"\u2329\u232a\u2adc\uf900-\ufaff\ufb1d-\ufb4e\x{16121}-\x{16128}\x{16d63}-\x{16d6a}"
    r"\x{1d15e}-\x{1d1c0}\x{2f800}-\x{2fa1d}]"
)
#: Finds something in whatever is not all blanks.
_SOMETHING: Final = r"\S"
_CONTROLS: Final = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+"
_PEOPLE: Final = ("author_id", "author_name", "author_handle")


def finish(
    batch: Batch,
    reading: Reading,
    *,
    format_name: str,
    climbs: bool,
    pseudonyms: Pseudonymizer | None,
) -> pl.DataFrame:
    """One row a comment, in order, with exactly the columns of ``COMMENT_SCHEMA``."""
    raw = batch.comments
    ids = _identifiers(raw, reading.rows_out)
    text, status = _texts(raw["text"], batch.markup)
    status = raw["source_status"].zip_with(
        raw["source_status"].is_not_null() & (raw["source_status"] != PUBLISHED), status
    )
    created, unread, unzoned = to_utc(raw["created_at"])
    reading.remark("times that could not be read, now null: {n}", unread)
    reading.remark("times without a zone, read as UTC: {n}", unzoned)
    ids, depth = _placed(ids, raw["depth"], batch, reading, climbs=climbs)
    frame = pl.DataFrame(
        [
            *ids.get_columns(),
            *_names(raw),
            created.alias("created_at"),
            text.alias("text"),
            whole_numbers(raw["like_count"]).alias("like_count"),
            depth.alias("depth"),
            pl.int_range(
                reading.rows_out, reading.rows_out + raw.height, dtype=pl.Int64, eager=True
            ).alias("position"),
            raw["source_format"].fill_null(format_name),
            status.fill_null(PUBLISHED).alias("source_status"),
        ]
    )
    reading.rows_out += raw.height
    if pseudonyms is not None:
        frame = pseudonymized(frame, pseudonyms)
    return frame.select(COMMENT_SCHEMA.names())


def pseudonymized(frame: pl.DataFrame, pseudonyms: Pseudonymizer) -> pl.DataFrame:
    """Keyed author ids; no names, no handles, no @mentions, no one's id in an address."""
    known = frame["author_id"].fill_null(frame["author_handle"]).fill_null(frame["author_name"])
    for column in ("author_name", "author_handle"):
        for name in frame[column].drop_nulls().unique(maintain_order=True).to_list():
            pseudonyms.know(name)
    return frame.with_columns(
        _mapped(known, pseudonyms.author).alias("author_id"),
        pl.lit(None, pl.String).alias("author_name"),
        pl.lit(None, pl.String).alias("author_handle"),
        _mapped(frame["text"], pseudonyms.text, r"@|u/"),
        *(
            _mapped(frame[column], pseudonyms.identifier, r"did:|@|u/")
            for column in ("comment_id", "parent_id", "article_id")
        ),
    )


def finish_articles(batch: Batch, pseudonyms: Pseudonymizer | None) -> pl.DataFrame:
    """One row an article of the batch, with the columns of ``ARTICLE_SCHEMA``."""
    frame = pl.DataFrame(batch.articles, schema=ARTICLE_SCHEMA, orient="row")
    text, _ = _texts(frame["text"], batch.markup)
    frame = frame.with_columns(
        _blank_to_null(pl.col("article_id")),
        _blank_to_null(pl.col("url")),
        _mapped(frame["title"], _line).alias("title"),
        text.alias("text"),
    ).filter(pl.col("article_id").is_not_null())
    if pseudonyms is None:
        return frame
    return frame.with_columns(
        *(_mapped(frame[name], pseudonyms.identifier) for name in ("article_id", "url")),
        *(_mapped(frame[name], pseudonyms.text) for name in ("title", "text")),
    )


def _line(title: str) -> str | None:
    return collapse(clean(title)) or None


def whole_numbers(text: pl.Series) -> pl.Series:
    """Digits -> Int64; ``3.0`` is 3; anything else, and what does not fit, is null."""
    trimmed = text.str.strip_chars()
    whole = trimmed.cast(pl.Int64, strict=False)
    if whole.null_count() == text.null_count():
        return whole
    real = trimmed.cast(pl.Float64, strict=False)
    fits = (real.abs() < 9e18) & real.is_finite() & (real == real.round())
    return whole.zip_with(
        whole.is_not_null() | ~fits.fill_null(False), real.cast(pl.Int64, strict=False)
    )


def _identifiers(raw: pl.DataFrame, first: int) -> pl.DataFrame:
    frame = raw.select(
        _blank_to_null(pl.col(column)) for column in ("comment_id", "article_id", "parent_id")
    )
    if frame["comment_id"].has_nulls():
        # Only tables may lack ids; the place in the source is as good a name.
        frame = frame.with_columns(
            pl.col("comment_id").fill_null(
                pl.format("row-{}", pl.int_range(first, first + pl.len(), dtype=pl.Int64))
            )
        )
    return frame


def _blank_to_null(column: pl.Expr) -> pl.Expr:
    trimmed = column.str.strip_chars()
    return pl.when(trimmed != "").then(trimmed)


def _names(raw: pl.DataFrame) -> list[pl.Series]:
    done: dict[str, pl.Series] = {}
    for column in _PEOPLE:
        # Many sources have one name for a person; looking after it once is enough.
        same = next((other for other in done if raw[other].equals(raw[column])), None)
        done[column] = _name(raw[column]) if same is None else done[same].alias(column)
    return list(done.values())


def _name(names: pl.Series) -> pl.Series:
    """Without control characters; null where nobody is named."""
    if names.str.contains(r"[^\x20-\x7e]").any():
        names = names.str.replace_all(_CONTROLS, "").str.normalize("NFC")
    names = names.str.strip_chars()
    return names.set(names.is_in(_NOBODY).fill_null(False), None)


def plain_text(text: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Text as every reader here leaves it, and the ``source_status`` that it tells of.

    The status is null where the text says nothing about it.
    """
    return _texts(text, "plain")


def _texts(text: pl.Series, markup: Markup) -> tuple[pl.Series, pl.Series]:
    """Clean text (null where there is none), and the status that the text itself tells."""
    short = (text.str.len_bytes() <= _LONGEST_MARK).fill_null(False).arg_true()
    mark = text.gather(short).str.strip_chars().str.to_lowercase()
    deleted = _marked(short, mark.is_in(_DELETED), len(text))
    removed = _marked(short, mark.is_in(_REMOVED), len(text))
    text = text.set(deleted | removed, None)
    if markup == "escaped":
        text = text.str.replace_many(["&lt;", "&gt;", "&amp;"], ["<", ">", "&"])
    elif markup == "html":
        text = _mapped(text, html_to_text)
    elif markup == "html-lines":
        text = _mapped(text, lambda body: html_to_text(body, keep_newlines=True))
    if markup in ("plain", "escaped"):
        text = _clean(text)
    text = text.set(~text.str.contains(_SOMETHING).fill_null(True), None)
    status = pl.select(
        pl.when(deleted)
        .then(pl.lit("deleted"))
        .when(removed)
        .then(pl.lit("removed"))
        .when(text.is_null())
        .then(pl.lit("empty"))
        .alias("source_status")
    ).to_series()
    return text, status


def _marked(rows: pl.Series, marked: pl.Series, height: int) -> pl.Series:
    """Whether each of ``height`` is among those of ``rows`` that are ``marked``."""
    return pl.repeat(False, height, eager=True).scatter(rows.filter(marked), True)


def _clean(text: pl.Series) -> pl.Series:
    """``clean`` of each; most need none, which one look tells."""
    return _mapped(text, clean, _UNCLEAN)


def _mapped(
    column: pl.Series, change: Callable[[str], str | None], pattern: str | None = None
) -> pl.Series:
    """``change`` applied to what is not null and, with ``pattern``, holds it."""
    if pattern is None:
        wanted = column.is_not_null()
    else:
        wanted = column.str.contains(pattern).fill_null(False)
    if not wanted.any():
        return column
    rows = wanted.arg_true()
    changed = [change(value) for value in column.gather(rows).to_list()]
    return column.clone().scatter(rows, pl.Series(changed, dtype=pl.String))


def _placed(
    ids: pl.DataFrame, depth: pl.Series, batch: Batch, reading: Reading, *, climbs: bool
) -> tuple[pl.DataFrame, pl.Series]:
    threads = reading.threads
    if climbs and batch.articles:
        threads.articles([article[0] for article in batch.articles])
    if not climbs and not batch.depth_given:
        found = threads.depths(ids["comment_id"], ids["parent_id"])
        return ids, found if batch.threaded else pl.Series([None] * len(ids), dtype=pl.Int32)
    names: list[str] = ids["comment_id"].to_list()
    parents: list[str | None] = ids["parent_id"].to_list()
    given: Sequence[int | None] | None = None
    if batch.depth_given:
        whole = whole_numbers(depth)
        given = whole.set((whole < 0).fill_null(False), None).cast(pl.Int32, strict=False).to_list()
    places = threads.place(names, parents, ids["article_id"].to_list() if climbs else [], given)
    depths = pl.Series(places.depths if batch.threaded else [None] * len(names), dtype=pl.Int32)
    if climbs:
        # A parent that is the article stands for none.
        ids = ids.with_columns(
            pl.Series("article_id", places.articles, dtype=pl.String),
            ids["parent_id"].set(pl.Series(places.at_the_top, dtype=pl.Boolean), None),
        )
    return ids, depths
