"""From one row a comment to one row an article, thread, author or day; and where a comment stands.

Everything here reads the columns that the pipeline writes and knows nothing of
how they came about. Null stays null: a statistic is taken over the values that
are there, their number stands beside it, and a group without any has null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, get_args

import numpy as np
import polars as pl

from toolkit.errors import InputError, SettingsError
from toolkit.intervals import wilson_columns
from toolkit.schema import SEPARATOR

By = Literal["article", "thread", "author", "day"]
Level = Literal["article", "thread"]

#: Quantiles that :func:`summarize` gives beside the median.
QUANTILES: Final = (0.1, 0.9)
#: A percentile among fewer values than this says nothing and is null.
MIN_GROUP: Final = 5

_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "article": ("article_id",),
    "thread": ("article_id", "thread_id"),
    "author": ("author",),
    "day": ("day",),
}
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "article": ("article_id",),
    "thread": ("article_id", "comment_id", "parent_id"),
    "author": ("author_id", "author_handle", "author_name"),
    "day": ("created_at",),
}
_NULL_REASON: Final = "null_reason"

_STANCE: Final = "stance"
#: The column of which the sides are summed up.
LABEL: Final = f"{_STANCE}{SEPARATOR}label"
_SIDES: Final = ("agree", "disagree")
#: Most letters of a quote; one that goes on ends with an ellipsis.
QUOTE: Final = 300
#: Temporary column: what a comment would be quoted by, and how sure its label is.
QUOTED: Final = "quoted_words"


def summarize(
    frame: pl.LazyFrame, by: By, *, quantiles: Sequence[float] = QUANTILES
) -> pl.LazyFrame:
    """One row per article, thread, author or day, sorted by it.

    Keys: ``article_id``; ``article_id`` and ``thread_id`` (see
    :func:`with_thread_ids`); ``author``, the first of id, handle and name that
    is there; ``day``, the UTC date. Comments without the key share one row
    whose key is null; none is dropped.

    Columns: ``comments`` (rows), ``with_text``, ``authors`` (distinct),
    ``first_at`` and ``last_at`` where the frame has what they need; and for
    each result column ``C``

    - a number: ``C__count`` (values), ``C__nulls``, ``C__mean``, ``C__median``,
      ``C__min``, ``C__max`` and ``C__p10``, ``C__p90`` (``quantiles``, with
      linear interpolation);
    - a label: ``C__count``, ``C__nulls`` and for each category
      ``C__share_LABEL``, its share of the values, in [0, 1], with the ends
      ``C__low_LABEL`` and ``C__high_LABEL`` of Wilson's interval (1927, 95 %);
    - a truth value: ``C__count``, ``C__nulls``, ``C__share_true``;
    - free text, such as a language tag: ``C__count``, ``C__nulls``, ``C__distinct``
      and ``C__most_common`` (the first in order among equals);
    - ``null_reason``: for each reason ``C__REASON``, its number of rows.

    Where there is ``stance__label``: ``stance__polarisation``, the share of
    judged comments that take a side times the Shannon entropy of the two sides
    in bits, in [0, 1]; and where there are the probabilities and the text,
    ``stance__quote_agree`` and ``stance__quote_disagree``, the words of the
    surest comment of each side (see :func:`with_quotes`).

    Raises SettingsError for an unknown ``by`` or a quantile outside [0, 1],
    InputError where the frame lacks the columns of the key.
    """
    if by not in get_args(By):
        raise SettingsError(
            f"cannot summarize by {by!r}", next_step=f"Choose one of: {', '.join(get_args(By))}."
        )
    if any(not 0 <= quantile <= 1 for quantile in quantiles):
        raise SettingsError(
            f"quantiles must lie in [0, 1], not {list(quantiles)}",
            next_step="Write the ninth decile as 0.9.",
        )
    schema = frame.collect_schema()
    rows = with_quotes(_with_key(frame, schema, by))
    statistics = _about_comments(schema)
    for name, dtype in schema.items():
        if SEPARATOR in name:
            statistics += _statistics(name, dtype, quantiles)
        if name == LABEL:
            statistics += _about_sides(quoted=QUOTED in rows.collect_schema())
    keys = _KEYS[by]
    return rows.group_by(keys).agg(statistics).sort(keys, nulls_last=True)


def with_quotes(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Append ``QUOTED``: ``words`` and ``share`` of a comment that takes a side; else null.

    ``words`` is the strongest sentence of its label in ``evidence``, where the
    frame has it, else the text; of either at most ``QUOTE`` letters. ``share``
    is the probability of its label. The frame comes back as it is where it has
    the column already, or lacks stance or text.
    """
    schema = frame.collect_schema()
    shares = [f"{_STANCE}{SEPARATOR}{side}" for side in _SIDES]
    if QUOTED in schema or any(name not in schema for name in (LABEL, "text", *shares)):
        return frame
    label = pl.col(LABEL).cast(pl.String)
    words = pl.col("text")
    if "evidence" in schema:
        words = pl.coalesce(_strongest_sentence(), words)
    words = words.str.strip_chars()
    cut = words.str.slice(0, QUOTE - 1) + "…"
    words = pl.when(words.str.len_chars() > QUOTE).then(cut).otherwise(words)
    share = pl.when(label == _SIDES[0]).then(pl.col(shares[0])).otherwise(pl.col(shares[1]))
    quoted = pl.struct(words.alias("words"), share.alias("share"))
    return frame.with_columns(pl.when(label.is_in(_SIDES)).then(quoted).alias(QUOTED))


def _strongest_sentence() -> pl.Expr:
    def call(rows: pl.Series) -> pl.Series:
        found: list[str | None] = []
        for label, evidence in rows.struct.unnest().iter_rows():
            fitting: list[dict[str, Any]] = [
                item
                for item in evidence or ()
                if item["analyzer"] == _STANCE and item["label"] == label
            ]
            best = max(fitting, key=lambda item: item["score"] or 0.0, default=None)
            found.append(None if best is None else best["quote"])
        return pl.Series(found, dtype=pl.String)

    return pl.struct(LABEL, "evidence").map_batches(
        call, return_dtype=pl.String, is_elementwise=True
    )


def with_thread_ids(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Append ``thread_id``: the ``comment_id`` of the top-level comment above each row.

    Replies to a comment that is not in the frame form the thread of that
    missing comment. Null where parents run in a circle. Comments are told
    apart within their article; rows and order stay as they are.

    Raises InputError where ``article_id``, ``comment_id`` or ``parent_id`` is missing.
    """
    _require(frame.collect_schema(), _NEEDS["thread"])
    return frame.with_columns(
        pl.struct(_NEEDS["thread"])
        .map_batches(_thread_ids, return_dtype=pl.String, is_elementwise=False)
        .alias("thread_id")
    )


def with_percentiles(
    frame: pl.LazyFrame,
    columns: Sequence[str] | None = None,
    *,
    within: Sequence[Level] = ("article", "thread"),
    min_group: int = MIN_GROUP,
) -> pl.LazyFrame:
    """Append where each comment stands among the comments of its article and of its thread.

    For each numeric result column ``C`` (or those of ``columns``)
    ``C__percentile_in_article`` and ``C__percentile_in_thread``: the share of
    the group's values below its own, equal ones counted half, in per cent, so
    strictly between 0 and 100 with the middle at 50. Null where the value is
    null, the group is unknown, or fewer than ``min_group`` values are there.

    Raises InputError where a column is missing or no number.
    """
    schema = frame.collect_schema()
    chosen = _numeric(schema, columns)
    temporary = "thread" in within and "thread_id" not in schema
    if within:
        _require(schema, _NEEDS["article"])
    if temporary:
        frame = with_thread_ids(frame)
    added = []
    for level in within:
        keys = _KEYS[level]
        known = pl.all_horizontal(pl.col(key).is_not_null() for key in keys)
        for name in chosen:
            value = pl.col(name)
            rank = value.rank("average").over(keys)
            size = value.count().over(keys)
            added.append(
                pl.when(known & (size >= min_group))
                .then((rank - 0.5) / size * 100)
                .cast(pl.Float32)
                .alias(f"{name}{SEPARATOR}percentile_in_{level}")
            )
    result = frame.with_columns(added)
    return result.drop("thread_id") if temporary else result


def with_article_difference(
    frame: pl.LazyFrame, articles: pl.LazyFrame, columns: Sequence[str] | None = None
) -> pl.LazyFrame:
    """Append how far each comment lies from its own article: comment minus article.

    ``articles`` holds ``article_id`` and the same result columns, measured on
    the article's text by the same pipeline. For each numeric result column
    ``C`` that both have (or those of ``columns``) ``C__minus_article``, in the
    unit of ``C``; null where either is null or the article is not there.

    Raises InputError where a column is missing or no number.
    """
    _require(frame.collect_schema(), _NEEDS["article"])
    there = articles.collect_schema()
    _require(there, _NEEDS["article"])
    if columns is None:
        columns = [name for name in _numeric(frame.collect_schema(), None) if name in there]
    chosen = _numeric(frame.collect_schema(), columns)
    _numeric(there, chosen)
    beside = {name: f"{name}{SEPARATOR}minus_article" for name in chosen}
    theirs = articles.select(
        "article_id", *(pl.col(name).cast(pl.Float64).alias(beside[name]) for name in chosen)
    ).unique("article_id", keep="first", maintain_order=True)
    joined = frame.join(theirs, on="article_id", how="left", maintain_order="left")
    return joined.with_columns(
        (pl.col(name).cast(pl.Float64) - pl.col(beside[name])).alias(beside[name])
        for name in chosen
    )


def _require(schema: pl.Schema, names: Sequence[str]) -> None:
    missing = [name for name in names if name not in schema]
    if missing:
        raise InputError(
            f"the table has no column {', '.join(map(repr, missing))}",
            next_step=f"Add it; the columns here are: {', '.join(schema.names())}.",
        )


def _numeric(schema: pl.Schema, columns: Sequence[str] | None) -> list[str]:
    if columns is None:
        return [name for name, dtype in schema.items() if SEPARATOR in name and dtype.is_numeric()]
    _require(schema, columns)
    wrong = [name for name in columns if not schema[name].is_numeric()]
    if wrong:
        raise InputError(
            f"{', '.join(map(repr, wrong))} holds no numbers",
            next_step="Choose columns of numbers.",
        )
    return list(columns)


def keys_of(by: By) -> tuple[str, ...]:
    """The columns by which a summary is grouped and sorted."""
    return _KEYS[by]


def keyed(frame: pl.LazyFrame, by: By) -> pl.LazyFrame:
    """``frame`` with the columns of :func:`keys_of`; InputError where it cannot have them."""
    return _with_key(frame, frame.collect_schema(), by)


def _with_key(frame: pl.LazyFrame, schema: pl.Schema, by: By) -> pl.LazyFrame:
    if by == "thread":
        return frame if "thread_id" in schema else with_thread_ids(frame)
    if by == "author":
        there = [name for name in _NEEDS["author"] if name in schema]
        _require(schema, there or _NEEDS["author"][:1])
        return frame.with_columns(pl.coalesce(there).alias("author"))
    _require(schema, _NEEDS[by])
    if by == "day":
        return frame.with_columns(pl.col("created_at").dt.date().alias("day"))
    return frame


def _about_comments(schema: pl.Schema) -> list[pl.Expr]:
    found = [pl.len().alias("comments")]
    if "text" in schema:
        found.append(pl.col("text").count().alias("with_text"))
    authors = [name for name in _NEEDS["author"] if name in schema]
    if authors:
        found.append(pl.coalesce(authors).drop_nulls().n_unique().alias("authors"))
    if "created_at" in schema:
        found.append(pl.col("created_at").min().alias("first_at"))
        found.append(pl.col("created_at").max().alias("last_at"))
    return found


def _statistics(name: str, dtype: pl.DataType, quantiles: Sequence[float]) -> list[pl.Expr]:
    value = pl.col(name)

    def named(expression: pl.Expr, statistic: str) -> pl.Expr:
        return expression.alias(f"{name}{SEPARATOR}{statistic}")

    if name.rpartition(SEPARATOR)[2] == _NULL_REASON and isinstance(dtype, pl.Enum):
        return [named((value == reason).sum(), reason) for reason in dtype.categories]
    counts = [named(value.count(), "count"), named(value.null_count(), "nulls")]
    if dtype == pl.Boolean:
        return [*counts, named(value.mean(), "share_true")]
    if dtype.is_numeric():
        number = value.cast(pl.Float64)
        return [
            *counts,
            named(number.mean(), "mean"),
            named(number.median(), "median"),
            named(number.min(), "min"),
            named(number.max(), "max"),
            *(named(number.quantile(q, "linear"), f"p{q * 100:g}") for q in quantiles),
        ]
    if isinstance(dtype, pl.Enum):
        found = list(counts)
        for label in dtype.categories:
            low, high = wilson_columns((value == label).sum(), value.count())
            found.append(named((value == label).mean(), f"share_{label}"))
            found += [named(low, f"low_{label}"), named(high, f"high_{label}")]
        return found
    if dtype == pl.String:
        return [
            *counts,
            named(value.drop_nulls().n_unique(), "distinct"),
            named(value.drop_nulls().mode().min(), "most_common"),
        ]
    return counts


def _about_sides(*, quoted: bool) -> list[pl.Expr]:
    """How divided the comments are, and with ``quoted`` the words of the surest of each side."""
    label = pl.col(LABEL).cast(pl.String)
    counts = [(label == side).sum().cast(pl.Float64) for side in _SIDES]
    sided, judged = counts[0] + counts[1], label.count().cast(pl.Float64)
    shares = [count / sided for count in counts]
    entropy = sum(
        (pl.when(share > 0).then(-share * share.log(2)).otherwise(0.0) for share in shares),
        start=pl.lit(0.0),
    )
    divided = pl.when(judged > 0).then(
        pl.when(sided > 0).then(sided / judged * entropy).otherwise(0.0)
    )
    found = [divided.alias(f"{_STANCE}{SEPARATOR}polarisation")]
    for side in _SIDES if quoted else ():
        words, share = (pl.col(QUOTED).struct.field(name) for name in ("words", "share"))
        on = (label == side) & words.is_not_null()
        best = words.filter(on).sort_by(
            share.filter(on), descending=True, nulls_last=True, maintain_order=True
        )
        found.append(best.first().alias(f"{_STANCE}{SEPARATOR}quote_{side}"))
    return found


def _thread_ids(ids: pl.Series) -> pl.Series:
    rows = ids.struct.unnest().with_columns(
        pl.struct("article_id", "comment_id").alias("key"),
        pl.struct("article_id", pl.col("parent_id").alias("comment_id")).alias("parent_key"),
    )
    nodes = rows.unique("key", keep="first", maintain_order=True).with_row_index("node")
    place = nodes.select("key", "node")
    above = nodes.join(
        place.rename({"node": "above"}),
        left_on="parent_key",
        right_on="key",
        how="left",
        maintain_order="left",
    )
    own = np.arange(nodes.height)
    found = above["above"].is_not_null() & above["parent_id"].is_not_null()
    jump = np.where(found.to_numpy(), above["above"].fill_null(0).to_numpy(), own).astype(np.int64)
    roots = jump == own
    # Each round doubles how far up a row looks, so the deepest thread is climbed
    # in the logarithm of its depth; a circle never arrives at a root.
    for _ in range(max(1, nodes.height).bit_length()):
        jump = jump[jump]
    names = above.select(pl.coalesce("parent_id", "comment_id")).to_series()
    label = names.gather(jump).set(pl.Series(~roots[jump]), None)
    nodes = nodes.select("key").with_columns(label.alias("thread_id"))
    return rows.select("key").join(
        nodes, on="key", how="left", maintain_order="left", nulls_equal=True
    )["thread_id"]
