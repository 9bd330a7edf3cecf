"""The corpus report: its sums against brute force, its lists, its sentences, its pages."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from corpus_samples import corpus, corpus_frame
from polars.testing import assert_frame_equal
from pypdf import PdfReader
from reporting_pdf import elements, logical_text

from toolkit.errors import InputError, OutputError
from toolkit.reporting import write_corpus_report
from toolkit.reporting.corpus_data import measure
from toolkit.reporting.corpus_examples import choose
from toolkit.reporting.corpus_findings import find_corpus, part_of, percent, periods
from toolkit.reporting.corpus_frames import corpus_drawings
from toolkit.reporting.corpus_groups import MIN_THREAD, group
from toolkit.summaries import with_thread_ids

FRAME = corpus_frame(420)


def findings(frame: pl.DataFrame, **rest: Any) -> dict[str, str]:
    data = corpus(frame, **rest)
    totals = measure(data)
    groups = group(data, totals.comments)
    return {f.rule: f.text for f in find_corpus(totals, groups, choose(data, groups))}


def test_sums_are_those_of_the_rows() -> None:
    totals = measure(corpus(FRAME))
    assert totals.comments == 420
    assert totals.with_text == FRAME["text"].count()
    assert totals.dated == FRAME["created_at"].count()
    assert totals.replies == FRAME["parent_id"].count()
    assert totals.at_or_above_mark() == (FRAME["toxicity__toxicity"] >= 0.5).sum()
    assert int(totals.days["comments"].sum()) == 420
    counts = dict(totals.stance.select("label", "comments").iter_rows())
    for label, count in FRAME["stance__label"].drop_nulls().value_counts().iter_rows():
        assert counts[label] == count
    close = FRAME.filter(
        pl.max_horizontal(
            "stance__agree", "stance__disagree", "stance__discuss", "stance__unrelated"
        )
        < 0.5
    )
    assert int(totals.stance["close_calls"].sum()) == close.height
    reasons = {(a, r): n for a, r, n in totals.reasons.iter_rows()}
    assert reasons["toxicity", "no_text"] == FRAME["text"].null_count()


@pytest.mark.parametrize(
    "name", ["toxicity__toxicity", "readability__flesch_kincaid_grade", "stance__alignment"]
)
def test_quantiles_are_off_by_one_bin_at_most(name: str) -> None:
    score = measure(corpus(FRAME)).score(name)
    assert score is not None
    values = FRAME[name].drop_nulls().cast(pl.Float64)
    assert score["count"] == len(values)
    assert score["mean"] == pytest.approx(values.mean())
    for key, share in (("p10", 0.1), ("median", 0.5), ("p90", 0.9)):
        # The exact quantile lies between two values; the bins' one does within a bin of them.
        low, high = (values.quantile(share, how) for how in ("lower", "higher"))
        assert low - score["step"] <= score[key] <= high + score["step"], key


def test_a_score_without_values_is_null_and_a_constant_one_is_itself() -> None:
    frame = FRAME.with_columns(
        pl.lit(None, pl.Float64).alias("readability__lix"),
        pl.lit(7.25, pl.Float64).alias("readability__gunning_fog"),
    )
    totals = measure(corpus(frame))
    assert totals.score("readability__lix") is None
    fog = totals.score("readability__gunning_fog")
    assert fog is not None
    assert (fog["p10"], fog["median"], fog["p90"], fog["step"]) == (7.25, 7.25, 7.25, 0.0)


def test_parts_give_what_the_whole_gives() -> None:
    data = corpus(FRAME)
    whole, parts = group(data, 420), group(data, 420, rows_each=40)
    frames = ("top_articles", "article_sizes", "top_authors", "author_sizes", "divisive")
    for name in (*frames, "toxic", "constructive"):
        assert_frame_equal(getattr(whole, name), getattr(parts, name))
    assert whole.base == parts.base
    assert whole.eligible == parts.eligible
    assert (whole.articles, whole.threads, whole.authors) == (6, parts.threads, parts.authors)


def test_threads_are_counted_as_they_are() -> None:
    found = group(corpus(FRAME), 420)
    rows = with_thread_ids(FRAME.lazy()).collect()
    assert found.threads == rows.select("article_id", "thread_id").n_unique()
    expected = {
        (article, thread): (toxic, scored)
        for article, thread, toxic, scored in rows.group_by("article_id", "thread_id")
        .agg(
            (pl.col("toxicity__toxicity") >= 0.5).sum().alias("t"),
            pl.col("toxicity__toxicity").count(),
        )
        .iter_rows()
        if scored >= MIN_THREAD
    }
    assert found.eligible["toxic"] == len(expected)
    for row in found.toxic.to_dicts():
        assert expected[row["article_id"], row["thread_id"]] == (row["count"], row["total"])
        assert row["low"] <= row["share"] <= row["high"]
        best = FRAME.row(row["row"], named=True)
        thread = rows.filter(
            pl.col("article_id") == row["article_id"], pl.col("thread_id") == row["thread_id"]
        )
        assert best["toxicity__toxicity"] == thread["toxicity__toxicity"].max()


def heated(threads: dict[str, tuple[int, int]]) -> pl.DataFrame:
    """Threads of so many comments, so many of them toxic, under one article each."""
    frame = corpus_frame(sum(total for _, total in threads.values()))
    articles = [name for name, (_, total) in threads.items() for _ in range(total)]
    toxic = [n < count for count, total in threads.values() for n in range(total)]
    heads = [None if not n else f"c{at}" for at, n in _heads(threads)]
    return frame.with_columns(
        pl.Series("article_id", articles),
        pl.Series("parent_id", heads, pl.String),
        pl.Series("toxicity__toxicity", [0.9 if on else 0.1 for on in toxic], pl.Float32),
    )  # fmt: skip


def _heads(threads: dict[str, tuple[int, int]]) -> list[tuple[int, int]]:
    places, start = [], 0
    for _, total in threads.values():
        places += [(start, n) for n in range(total)]
        start += total
    return places


def test_a_thread_of_two_never_leads() -> None:
    frame = heated({"tiny": (2, 2), "small": (9, 10), "large": (80, 100), "calm": (3, 300)})
    found = group(corpus(frame), frame.height)
    # Nine of ten is a larger share, and eighty of a hundred says more.
    assert found.toxic["article_id"].to_list() == ["large", "small", "calm"]
    assert found.toxic["clear"].to_list() == [True, True, False]
    assert found.base.share("toxic") == pytest.approx(94 / 412)


def test_the_best_of_many_like_threads_is_not_called_toxic() -> None:
    frame = heated({f"a{n}": (1 + (n % 3), 12) for n in range(30)})
    found = findings(frame)
    assert "threads-toxic" not in found
    said = "Of 30 threads with 10 or more scored comments none is clearly more toxic than the whole"
    assert found["threads-toxic-none"] == f"{said} (17 %)."


def test_a_thread_that_stands_out_is_quoted() -> None:
    found = findings(heated({"hot": (15, 20), "calm": (4, 400)}))
    assert (
        "15 of 20 comments reach the toxicity mark, against 4.5 % of all" in found["threads-toxic"]
    )
    assert "(comment 1)" in found["threads-toxic"]


def test_division_needs_both_sides() -> None:
    def sided(record: dict[str, Any]) -> None:
        number = record["position"]
        label = {"a0": "agree", "a1": ("agree", "disagree")[number % 2]}
        record["stance__label"] = label.get(record["article_id"], "discuss")

    found = group(corpus(corpus_frame(300, articles=3, change=sided)), 300)
    rows = {row["article_id"]: row for row in found.divisive.to_dicts()}
    assert found.divisive["article_id"][0] == "a1"
    assert rows["a1"]["divided"] > 0.95
    assert rows["a0"]["divided"] == rows["a2"]["divided"] == 0.0
    assert rows["a0"]["neither"] == 0


@pytest.mark.parametrize(
    ("count", "total", "said"),
    [(3, 14, "3 of 14 comments"), (1, 1, "1 of 1 comment"),
     (50, 1000, "50 of 1,000 comments (5.0 %)"), (1, 90_000, "1 of 90,000 comments (under 0.1 %)")],
)  # fmt: skip
def test_small_numbers_stay_counts(count: int, total: int, said: str) -> None:
    assert part_of(count, total) == said


def test_percentages_are_never_rounded_to_none_or_all() -> None:
    assert [percent(x) for x in (0, 1, 0.0004, 0.9999, 0.123)] == [
        "0 %", "100 %", "under 0.1 %", "over 99.9 %", "12 %",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("span", "unit", "bars"),
    [(1, "day", 1), (30, "day", 30), (300, "week", 43), (1000, "month", 33), (4000, "quarter", 44),
     (15_000, "year", 42), (36_000, "decade", 10)],
)  # fmt: skip
def test_periods_keep_a_figure_readable(span: int, unit: str, bars: int) -> None:
    first = date(2001, 1, 1)
    days = pl.DataFrame({"day": [first, first + timedelta(days=span - 1)], "comments": [3, 4]})
    found, frame = periods(days.unique("day", keep="first", maintain_order=True))
    assert (found, frame.height) == (unit, bars)
    assert frame["comments"].null_count() == 0


def test_findings_say_what_is_not_there() -> None:
    bare = FRAME.select(
        "comment_id",
        "article_id",
        "parent_id",
        "author_name",
        "created_at",
        "text",
        "source_status",
    )
    found = findings(bare)
    assert set(found) == {"count-corpus"}
    assert "without a date" not in found["count-corpus"]
    assert "18 have no date" in found["count-corpus"]
    every = findings(FRAME)
    assert {"stance-corpus", "toxicity-corpus", "rhetoric-corpus", "argument-corpus"} <= set(every)
    assert every["argument-corpus"].startswith("Hedge in ")


def test_an_empty_corpus_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no comments"):
        write_corpus_report(corpus(FRAME.clear()), tmp_path / "x", name="r")
    with pytest.raises(OutputError):
        write_corpus_report(corpus(FRAME), tmp_path / "x", name="r", outputs=frozenset({"docx"}))
    assert not (tmp_path / "x").exists()


def test_one_comment_makes_no_chart(tmp_path: Path) -> None:
    frame = FRAME.head(1)
    data = corpus(frame)
    totals = measure(data)
    groups = group(data, 1)
    assert corpus_drawings(data, totals, groups, choose(data, groups)) == []
    [path] = write_corpus_report(data, tmp_path, name="r", outputs=frozenset({"pdf"}))
    assert "1 comment" in logical_text(path.read_bytes())


def test_pages_hold_every_quoted_comment_whole_and_in_order(tmp_path: Path) -> None:
    outputs = frozenset({"pdf", "png", "svg", "json"})
    paths = write_corpus_report(corpus(FRAME), tmp_path, name="quay", outputs=outputs)
    names = {path.name for path in paths}
    assert paths[0].name == "quay.pdf"
    assert {"quay-p1.png", "quay-volume.png", "quay-volume.svg", "quay-volume.txt", "quay.json",
            "quay-toxicity.png", "quay-stance.png"} <= names  # fmt: skip
    said = json.loads((tmp_path / "quay.json").read_text("utf-8"))
    content = paths[0].read_bytes()
    text = re.sub(r"\s+", " ", logical_text(content))
    at = text.index("The comments that are quoted")
    for quoted in said["quoted"]:
        at = text.index(re.sub(r"\s+", " ", quoted["text"]), at)
    assert said["report"] == "corpus"
    assert said["totals"]["comments"] == 420
    assert sum(day["comments"] for day in said["totals"]["days"]) == 420
    kinds = [str(element["/S"]) for element in elements(content)]
    assert kinds.count("/Figure") >= 5
    assert all("/Alt" in e for e in elements(content) if e["/S"] == "/Figure")
    reader = PdfReader(BytesIO(content))
    assert reader.metadata is not None
    assert reader.metadata.title == "quay – corpus report"


def test_slurs_are_masked_everywhere(tmp_path: Path) -> None:
    frame = corpus_frame(60, articles=2).with_columns(
        pl.lit("What a bunch of fucking liars, the lot of them in this town.").alias("text")
    )
    paths = write_corpus_report(
        corpus(frame), tmp_path, name="r", outputs=frozenset({"pdf", "json"})
    )
    assert "fucking" not in paths[1].read_text("utf-8")
    assert "fucking" not in logical_text(paths[0].read_bytes())
    assert "f••••••" in paths[1].read_text("utf-8")
