from __future__ import annotations

import polars as pl
import pytest
from reporting_samples import metrics, report_data, single, thread

from toolkit.records import Comment
from toolkit.reporting.data import read_thread


def replies(*parents: str | None) -> list[Comment]:
    return [
        Comment(comment_id=f"c{n}", article_id="a", parent_id=parent, text="x", position=n)
        for n, parent in enumerate(parents)
    ]


def shape(*parents: str | None) -> list[tuple[int | None, int]]:
    rows = read_thread(report_data(replies(*parents), only=[])).rows
    return [(row.parent, row.depth) for row in rows]


def test_rows_are_numbered_in_the_order_of_the_page() -> None:
    comments = thread(20)
    rows = read_thread(report_data(comments[::-1])).rows
    assert [row.number for row in rows] == list(range(1, 21))
    assert [row.comment_id for row in rows] == [comment.comment_id for comment in comments]
    assert [row.text for row in rows] == [comment.text for comment in comments]


def test_replies_hang_under_what_they_answer() -> None:
    assert shape(None, "c0", "c1", "c0") == [(None, 0), (1, 1), (2, 2), (1, 1)]
    assert shape("c2", "c0", None) == [(3, 1), (1, 2), (None, 0)]


@pytest.mark.parametrize(
    "parents",
    [("c0",), ("c1", "c0"), ("c1", "c2", "c0"), ("c1", "c2", "c1"), ("c3", "c0", "c1", "c2")],
)
def test_a_circle_is_cut_and_nobody_is_lost(parents: tuple[str, ...]) -> None:
    found = read_thread(report_data(replies(*parents), only=[]))
    reached = list(found.children().get(None, []))
    for row in reached:
        reached.extend(found.children().get(row.number, []))
    assert sorted(row.number for row in reached) == list(range(1, len(parents) + 1))


def test_a_reply_to_nobody_is_top_level() -> None:
    assert shape("gone", None) == [(None, 0), (None, 0)]


def test_numbers_are_null_and_never_zero_where_there_are_none() -> None:
    row = read_thread(report_data(single("Hi."))).rows[0]
    assert row.number_of("readability", "flesch_kincaid_grade") is None
    assert row.reason("readability") == "too short"
    assert row.number_of("toxicity", "toxicity") is not None
    assert row.reason("toxicity") is None
    assert row.number_of("nothing", "such") is None


def test_words_fall_back_to_white_space() -> None:
    assert read_thread(report_data(single("one two  three"), only=[])).rows[0].words == 3
    assert read_thread(report_data(single("one two"))).rows[0].words == 2


def test_evidence_that_does_not_lie_in_the_text_is_no_mark() -> None:
    data = report_data(single("You are idiots."))
    row = read_thread(data).rows[0]
    assert [item.quote for item in row.evidence_of("toxicity")] == ["idiots"]
    moved = data.comments.with_columns(text=pl.lit("Another text."))
    row = read_thread(report_data_with(data, moved)).rows[0]
    assert row.evidence_of("toxicity") == []


def report_data_with(data: object, frame: pl.DataFrame) -> object:
    from dataclasses import replace

    return replace(data, comments=frame)  # type: ignore[type-var]


def test_categories_are_counts_with_a_rate_and_no_sums() -> None:
    found = read_thread(report_data(single("x")))
    assert found.categories[:2] == ("minimizing", "loaded_label")
    assert "total" not in found.categories
    assert found.toxicity_labels[0] == "toxicity"
    assert "null_reason" not in found.toxicity_labels
    assert found.title("loaded_label") == "Loaded label"
    assert found.title("unheard_of") == "unheard of"
    assert found.family("hedge") == "neutral"
    assert found.family("doubt") == "critical"


def test_article_values_with_or_without_their_prefix() -> None:
    from dataclasses import replace

    data = report_data([])
    assert data.article_value("lix") == 44.0
    assert replace(data, article_metrics={"lix": 41}).article_value("lix") == 41.0
    assert replace(data, article_metrics=None).article_value("lix") is None
    assert set(metrics(["stance"])) < set(metrics())
