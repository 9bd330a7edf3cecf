"""What a comment is read against: its article's thesis and text, as columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import polars as pl

from toolkit.records import Article, Page, ThesisSentence
from toolkit.schema import comments_frame

if TYPE_CHECKING:
    from toolkit.dumps import Dump

#: The columns of an articles frame that :func:`with_articles` reads.
ARTICLE_COLUMNS: Final = ("article_id", "title", "text")


def find_thesis(article: Article, *, thesis: str | None = None) -> tuple[ThesisSentence, ...]:
    """Up to three sentences that carry the article's claim; ``thesis`` overrides them."""
    from toolkit.analyzers.thesis import extract_thesis

    return tuple(extract_thesis(replace(article, thesis=thesis) if thesis else article))


def joined(claims: Iterable[ThesisSentence]) -> str | None:
    """The ``thesis`` column's form of a thesis: one sentence a line; None for none."""
    return "\n".join(claim.text for claim in claims) or None


def page_frame(page: Page, *, thesis: str | None, with_thesis: bool) -> pl.LazyFrame:
    """The page's comments with ``thesis`` and ``article_text`` beside each."""
    if with_thesis:
        thesis = joined(find_thesis(page.article, thesis=thesis))
    return (
        comments_frame(page.comments)
        .lazy()
        .with_columns(
            pl.lit(thesis, pl.String).alias("thesis"),
            pl.lit(page.article.text or None, pl.String).alias("article_text"),
        )
    )


def dump_frame(dump: Dump, *, thesis: str | None, with_thesis: bool) -> pl.LazyFrame:
    """The dump's comments, each with the thesis and text of its own article."""
    if thesis is not None:
        return dump.comments.with_columns(pl.lit(thesis).alias("thesis"))
    if not with_thesis:
        return dump.comments
    return with_articles(dump.comments, dump.articles.select(ARTICLE_COLUMNS).collect())


def with_articles(comments: pl.LazyFrame, articles: pl.DataFrame) -> pl.LazyFrame:
    """Join ``thesis`` and ``article_text`` to comments; rows and order stay as they are.

    A comment whose article is not there, or has neither title nor text, gets nulls.
    """
    theses = [_thesis_of(*row) for row in articles.select(ARTICLE_COLUMNS).iter_rows()]
    context = articles.select(
        "article_id",
        pl.Series("thesis", theses, dtype=pl.String),
        pl.col("text").alias("article_text"),
    ).unique("article_id", keep="first", maintain_order=True)
    return comments.join(context.lazy(), on="article_id", how="left", maintain_order="left")


# A long run meets the same article in shard after shard; its thesis depends on
# nothing but the article.
@lru_cache(maxsize=4096)
def _thesis_of(article_id: str, title: str | None, text: str | None) -> str | None:
    return joined(find_thesis(Article(article_id=article_id, title=title, text=text or "")))
