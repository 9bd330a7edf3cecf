"""Summaries per article, thread, author and day; percentiles; differences to the article."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from toolkit.errors import InputError, SettingsError
from toolkit.schema import NULL_REASON
from toolkit.summaries import (
    QUOTE,
    By,
    summarize,
    with_article_difference,
    with_percentiles,
    with_thread_ids,
)

STANCE = pl.Enum(["agree", "disagree", "discuss", "unrelated"])


def comments() -> pl.LazyFrame:
    # Article a: 1 <- 2 <- 3, and 4 below a comment that is missing; b: one comment.
    return pl.LazyFrame(
        {
            "article_id": ["a", "a", "a", "a", "b"],
            "comment_id": ["1", "2", "3", "4", "1"],
            "parent_id": [None, "1", "2", "gone", None],
            "author_id": ["u1", None, "u1", None, None],
            "author_handle": [None, "@bo", None, None, None],
            "author_name": ["Ann", "Bo", "Ann", None, "Cy"],
            "created_at": [
                datetime(2024, 5, 1, 23, 59, tzinfo=UTC),
                datetime(2024, 5, 2, 0, 1, tzinfo=UTC),
                datetime(2024, 5, 2, 9, tzinfo=UTC),
                None,
                datetime(2024, 5, 2, tzinfo=UTC),
            ],
            "text": ["one", "two", None, "four", "five"],
            "readability__lix": [10.0, 20.0, None, 40.0, 50.0],
            "readability__null_reason": [None, None, "no_text", None, None],
            "stance__label": ["agree", "disagree", None, "agree", None],
            "language__tag": ["en", "de", None, "en", "de"],
            "x__flag": [True, False, None, True, None],
        },
        schema_overrides={
            "created_at": pl.Datetime("us", "UTC"),
            "readability__null_reason": NULL_REASON,
            "stance__label": STANCE,
        },
    )


def test_one_row_an_article_with_counts_of_nulls() -> None:
    rows = summarize(comments(), "article").collect().to_dicts()
    assert [row["article_id"] for row in rows] == ["a", "b"]
    first, second = rows
    assert (first["comments"], first["with_text"], first["authors"]) == (4, 3, 2)
    assert first["first_at"] == datetime(2024, 5, 1, 23, 59, tzinfo=UTC)
    assert (first["readability__lix__count"], first["readability__lix__nulls"]) == (3, 1)
    assert first["readability__lix__mean"] == pytest.approx(70 / 3)
    assert first["readability__lix__median"] == 20.0
    assert first["readability__lix__p10"] == pytest.approx(12.0)
    assert first["readability__lix__p90"] == pytest.approx(36.0)
    assert first["readability__null_reason__no_text"] == 1
    assert first["readability__null_reason__too_short"] == 0
    assert first["stance__label__share_agree"] == pytest.approx(2 / 3)
    assert first["stance__label__share_unrelated"] == 0.0
    assert first["language__tag__most_common"] == "en"
    assert first["language__tag__distinct"] == 2
    assert first["x__flag__share_true"] == pytest.approx(2 / 3)
    assert second["stance__label__share_agree"] is None
    assert second["stance__label__nulls"] == 1
    assert second["x__flag__share_true"] is None


def sided(labels: list[str | None], **more: object) -> pl.LazyFrame:
    size = len(labels)
    columns: dict[str, object] = {
        "article_id": ["a"] * size,
        "text": [f"Words {number}." for number in range(size)],
        "stance__label": labels,
        "stance__agree": [0.5 + number / 100 for number in range(size)],
        "stance__disagree": [0.9 - number / 100 for number in range(size)],
    }
    return pl.LazyFrame(columns | more, schema_overrides={"stance__label": STANCE})


def test_shares_come_with_wilsons_interval() -> None:
    from scipy.stats import binomtest

    row = (
        summarize(sided(["agree"] * 3 + ["discuss"] * 7 + [None]), "article")
        .collect()
        .to_dicts()[0]
    )
    for label, count in (("agree", 3), ("disagree", 0), ("discuss", 7), ("unrelated", 0)):
        interval = binomtest(count, 10).proportion_ci(method="wilson")
        assert row[f"stance__label__low_{label}"] == pytest.approx(interval.low)
        assert row[f"stance__label__high_{label}"] == pytest.approx(interval.high)
    none = summarize(sided([None]), "article").collect().to_dicts()[0]
    assert none["stance__label__low_agree"] is None
    assert none["stance__label__high_agree"] is None
    assert none["stance__polarisation"] is None


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["agree", "disagree"], 1.0),
        (["agree", "disagree", "discuss", "unrelated", None], 0.5),
        (["agree"] * 3, 0.0),
        (["discuss"], 0.0),
        # 0.8 take a side; H(1/4) = 0.811278
        (["agree", "disagree", "disagree", "disagree", "discuss"], 0.8 * 0.811278),
    ],
)
def test_polarisation_is_the_share_of_sides_times_their_entropy(
    labels: list[str | None], expected: float
) -> None:
    from toolkit.intervals import division

    row = summarize(sided(labels), "article").collect().to_dicts()[0]
    assert row["stance__polarisation"] == pytest.approx(expected, abs=1e-6)
    judged = sum(label is not None for label in labels)
    same = division(judged, labels.count("agree"), labels.count("disagree"))
    assert row["stance__polarisation"] == pytest.approx(same, abs=1e-12)


def test_the_surest_comment_of_each_side_is_quoted() -> None:
    labels: list[str | None] = ["disagree", "agree", "agree", "disagree", "discuss"]
    row = summarize(sided(labels), "article").collect().to_dicts()[0]
    assert row["stance__quote_agree"] == "Words 2."
    assert row["stance__quote_disagree"] == "Words 0."
    long = sided(["agree"], text=["x" * 400])
    quote = summarize(long, "article").collect()["stance__quote_agree"][0]
    assert quote == "x" * (QUOTE - 1) + "…"
    assert summarize(sided(["discuss"]), "article").collect()["stance__quote_agree"][0] is None
    assert "stance__quote_agree" not in summarize(comments(), "article").collect_schema()

    def span(label: str, score: float, quote: str) -> dict[str, object]:
        return {
            "analyzer": "stance", "label": label, "start": 0, "end": 1, "quote": quote,
            "score": score, "note": None,
        }  # fmt: skip

    spans = [span("disagree", 0.9, "No."), span("agree", 0.6, "Yes."), span("agree", 0.7, "Yes!")]
    frame = sided(["agree"], evidence=[spans])
    row = summarize(frame, "article").collect().to_dicts()[0]
    assert row["stance__quote_agree"] == "Yes!"
    assert summarize(frame, "article").collect().columns.count("quoted_words") == 0


def test_threads_climb_to_the_top_and_name_a_missing_parent() -> None:
    frame = with_thread_ids(comments()).collect()
    assert frame["thread_id"].to_list() == ["1", "1", "1", "gone", "1"]
    rows = summarize(comments(), "thread").collect()
    assert rows.select("article_id", "thread_id", "comments").rows() == [
        ("a", "1", 3),
        ("a", "gone", 1),
        ("b", "1", 1),
    ]


def test_parents_in_a_circle_have_no_thread() -> None:
    frame = pl.LazyFrame(
        {
            "article_id": ["a"] * 4,
            "comment_id": ["1", "2", "3", "4"],
            "parent_id": ["2", "1", "1", "4"],
        }
    )
    assert with_thread_ids(frame).collect()["thread_id"].to_list() == [None, None, None, "4"]


def test_a_very_deep_thread_is_climbed() -> None:
    depth = 5_000
    frame = pl.LazyFrame(
        {
            "article_id": ["a"] * depth,
            "comment_id": [str(i) for i in range(depth)],
            "parent_id": [None, *(str(i) for i in range(depth - 1))],
        }
    )
    assert with_thread_ids(frame).collect()["thread_id"].unique().to_list() == ["0"]


def test_authors_by_what_is_known_of_them_and_the_unknown_together() -> None:
    rows = summarize(comments(), "author").collect().select("author", "comments").rows()
    assert rows == [("@bo", 1), ("Cy", 1), ("u1", 2), (None, 1)]


def test_days_are_utc_dates_and_undated_rows_are_kept() -> None:
    rows = summarize(comments(), "day").collect().select("day", "comments").rows()
    assert rows == [(date(2024, 5, 1), 1), (date(2024, 5, 2), 3), (None, 1)]


@pytest.mark.parametrize("by", ["article", "thread", "author", "day"])
def test_no_comment_gets_lost_whatever_the_key(by: By) -> None:
    assert summarize(comments(), by).collect()["comments"].sum() == 5


@pytest.mark.parametrize("by", ["article", "thread", "author", "day"])
def test_an_empty_frame_gives_an_empty_summary(by: By) -> None:
    assert summarize(comments().head(0), by).collect().height == 0


def test_percentiles_of_an_empty_frame() -> None:
    assert with_percentiles(comments().head(0)).collect().height == 0


def test_percentiles_count_equal_values_half() -> None:
    frame = pl.LazyFrame(
        {
            "article_id": ["a"] * 6 + ["b"] * 2 + [None],
            "comment_id": [str(i) for i in range(9)],
            "parent_id": [None] * 9,
            "x__v": [1.0, 2.0, 2.0, 3.0, 4.0, None, 1.0, 2.0, 9.0],
        },
        schema_overrides={"parent_id": pl.String},
    )
    result = with_percentiles(frame, within=["article"]).collect()
    got = result["x__v__percentile_in_article"].to_list()
    assert got == pytest.approx([10, 40, 40, 70, 90, None, None, None, None])
    assert result.columns == [*frame.collect_schema().names(), "x__v__percentile_in_article"]


def test_percentiles_in_the_thread_leave_no_helper_column() -> None:
    frame = pl.LazyFrame(
        {
            "article_id": ["a"] * 6,
            "comment_id": list("123456"),
            "parent_id": [None, "1", "2", "3", "1", None],
            "x__v": [5, 4, 3, 2, 1, 0],
        }
    )
    result = with_percentiles(frame).collect()
    assert result["x__v__percentile_in_thread"].to_list() == pytest.approx(
        [90, 70, 50, 30, 10, None]
    )
    assert "thread_id" not in result.columns


def test_difference_to_the_article_keeps_rows_and_their_order() -> None:
    articles = pl.LazyFrame(
        {
            "article_id": ["b", "a", "a"],
            "readability__lix": [45.0, 30.0, 99.0],
            "extra__v": [1, 2, 3],
        }
    )
    result = with_article_difference(comments(), articles).collect()
    assert result["readability__lix__minus_article"].to_list() == [-20.0, -10.0, None, 10.0, 5.0]
    assert result.height == 5
    assert "extra__v__minus_article" not in result.columns


def test_what_is_asked_wrongly_is_named() -> None:
    with pytest.raises(SettingsError, match="planet"):
        summarize(comments(), "planet")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="quantiles"):
        summarize(comments(), "article", quantiles=[90])
    with pytest.raises(InputError, match="created_at"):
        summarize(comments().drop("created_at"), "day")
    with pytest.raises(InputError, match="author_id"):
        summarize(comments().select("article_id"), "author")
    with pytest.raises(InputError, match="no column 'x__nothing'"):
        with_percentiles(comments(), ["x__nothing"])
    with pytest.raises(InputError, match="holds no numbers"):
        with_percentiles(comments(), ["stance__label"])
