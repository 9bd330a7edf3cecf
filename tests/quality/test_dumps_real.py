"""Real WordPress exports, comment for comment."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from toolkit.dumps import convert, read_dump

# Every reply of the three exports and the comment that it answers.
PARENTS = {
    "3": "2", "1017": "168", "905": "904", "906": "905", "907": "906", "910": "907",
    "911": "910", "912": "911", "913": "912", "914": "913", "915": "914",
}  # fmt: skip


def test_wordpress_exports(corpora: Path, tmp_path: Path) -> None:
    dump = read_dump(corpora / "data" / "dumps")
    assert dump.format == "wordpress-wxr"
    counts = convert(dump, tmp_path / "out.parquet", articles=tmp_path / "articles.parquet")
    assert (counts.rows_in, counts.rows_out, counts.rejected) == (37, 37, 0)
    frame = pl.read_parquet(tmp_path / "out.parquet")
    states = dict(frame["source_status"].value_counts().iter_rows())
    assert states == {"published": 30, "pending": 3, "pingback": 2, "trackback": 2}
    replies = frame.filter(pl.col("parent_id").is_not_null())
    assert dict(replies.select("comment_id", "parent_id").iter_rows()) == PARENTS
    assert frame.filter(pl.col("comment_id") == "915")["depth"].to_list() == [9]
    assert frame["depth"].null_count() == 0
    assert frame["created_at"].null_count() == 0
    assert frame["text"].null_count() == 0
    assert not frame["text"].str.contains("</", literal=True).any()
    articles = pl.read_parquet(tmp_path / "articles.parquet")
    assert frame["article_id"].is_in(articles["article_id"].implode()).all()
    titled = frame.join(articles, on="article_id")
    assert titled["title"].null_count() == 0
    assert titled["url"].str.starts_with("http").all()
