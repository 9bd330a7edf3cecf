"""A summary by way of the disk is the summary."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from toolkit.errors import OutputError
from toolkit.schema import NULL_REASON
from toolkit.summaries import By, summarize
from toolkit.summaries_file import write_summary


def comments(rows: int, *, articles: int = 7) -> pl.LazyFrame:
    rng = random.Random(4)
    records = []
    for number in range(rows):
        missing = rng.random() < 0.2
        records.append(
            {
                "article_id": None if rng.random() < 0.1 else f"a{rng.randrange(articles)}",
                "comment_id": f"c{number}",
                "parent_id": f"c{rng.randrange(number)}" if number and rng.random() < 0.6 else None,
                "author_id": None,
                "author_name": rng.choice([None, "Sanne", "Bertil", "Orla", "Zoë", "محمد"]),
                "created_at": None
                if rng.random() < 0.1
                else datetime(2031, 5, 1, tzinfo=UTC) + timedelta(hours=rng.randrange(400)),
                "text": None if missing else f"Comment {number}.",
                "thesis": "Left out of a summary.",
                "t__score": None if missing else rng.random(),
                "t__count": None if missing else rng.randrange(5),
                "t__label": None if missing else rng.choice(["agree", "disagree"]),
                "t__sure": None if missing else rng.random() < 0.5,
                "t__tag": None if missing else rng.choice(["en", "fa", "de"]),
                "t__null_reason": "no_text" if missing else None,
                "stance__label": None if missing else rng.choice(["agree", "disagree", "discuss"]),
                "stance__agree": None if missing else rng.random(),
                "stance__disagree": None if missing else rng.random(),
            }
        )
    sides = pl.Enum(["agree", "disagree", "discuss"])
    types = {
        "stance__label": sides,
        "t__label": pl.Enum(["agree", "disagree"]),
        "t__null_reason": NULL_REASON,
    }
    types |= {"t__count": pl.Int32(), "author_id": pl.String(), "article_id": pl.String()}  # type: ignore[dict-item]
    return pl.DataFrame(records, schema_overrides=types, infer_schema_length=None).lazy()


@pytest.mark.parametrize("by", ["article", "thread", "author", "day"])
@pytest.mark.parametrize(("rows_each", "values"), [(30, 8_000_000), (30, 60), (1000, 8_000_000)])
def test_pieces_give_what_the_whole_gives(
    by: By, rows_each: int, values: int, tmp_path: Path
) -> None:
    frame = comments(260)
    path = tmp_path / "new" / "summary.parquet"
    write_summary(frame, by, path, rows_each=rows_each, values_at_once=values)
    expected = summarize(frame, by).collect()
    # Means are summed up in whatever order the rows come.
    assert_frame_equal(pl.read_parquet(path), expected, rel_tol=1e-9)
    assert [file.name for file in path.parent.iterdir()] == ["summary.parquet"]


@pytest.mark.parametrize("article", ["a1", None])
def test_one_article_with_many_threads_is_cut_by_thread(
    article: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = comments(260).with_columns(pl.lit(article, pl.String).alias("article_id"))
    largest: list[int] = []
    import toolkit.summaries_file as module

    real = module.summarize

    def watched(rows: pl.LazyFrame, by: By, **rest: object) -> pl.LazyFrame:
        largest.append(rows.select(pl.len()).collect().item())
        return real(rows, by, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "summarize", watched)
    write_summary(frame, "thread", tmp_path / "s.csv", rows_each=20)
    assert max(largest[1:]) < 130, "the whole article was summed up at once"
    expected = summarize(frame, "thread").collect()
    found = pl.read_csv(tmp_path / "s.csv")
    assert found["comments"].to_list() == expected["comments"].to_list()
    assert found["t__score__median"].to_list() == pytest.approx(
        expected["t__score__median"].to_list()
    )


def test_a_place_that_takes_nothing_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError):
        write_summary(comments(60), "day", tmp_path / "file" / "s.parquet", rows_each=20)
    with pytest.raises(OutputError):
        write_summary(comments(60), "day", tmp_path / "s.xlsx", rows_each=20)
    assert (tmp_path / "file").read_text() == "mine"
