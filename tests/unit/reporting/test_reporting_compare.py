"""The comparison: what differs clearly, what does not, and what cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from corpus_samples import corpus, corpus_frame
from reporting_pdf import elements, logical_text

from toolkit.errors import InputError
from toolkit.reporting import CorpusData, write_comparison_report
from toolkit.reporting.compare_data import Compared, Measure, compare, measures_of, sums_of
from toolkit.reporting.compare_findings import find_comparison
from toolkit.reporting.corpus_data import measure

FRAME = corpus_frame(240)


def compared(first: CorpusData, second: CorpusData) -> dict[str, Compared]:
    measures = measures_of(first, second, "flesch_kincaid_grade")
    pairs = [sums_of(side, measures, 1) for side in (first, second)]
    return {item.measure.name: item for item in compare(measures, *pairs)}


def test_the_same_comments_differ_in_nothing() -> None:
    found = compared(corpus(FRAME), corpus(FRAME))
    assert {"replies", "toxicity__toxicity", "stance__agree", "rhetoric__constructive",
            "readability__words", "readability__flesch_kincaid_grade"} <= set(found)  # fmt: skip
    assert {item.verdict for item in found.values()} == {"no clear difference"}


def test_sums_are_those_of_the_rows() -> None:
    item = compared(corpus(FRAME), corpus(FRAME.head(90)))["readability__words"]
    words = FRAME["readability__words"].drop_nulls()
    assert item.first.total == len(words)
    assert item.first.ratio == pytest.approx(words.mean())
    variance = words.cast(pl.Float64).var()
    assert item.first.variance == pytest.approx(variance / len(words))  # type: ignore[operator]
    assert item.first.articles == 6


def test_a_large_difference_is_clear_and_has_the_right_sign() -> None:
    calm = FRAME.with_columns(pl.lit(0.1, pl.Float32).alias("toxicity__toxicity"))
    half = FRAME.with_columns(
        pl.when(pl.col("position") % 2 == 0).then(0.9).otherwise(0.1).cast(pl.Float32)
        .alias("toxicity__toxicity")
    )  # fmt: skip
    item = compared(corpus(calm), corpus(half))["toxicity__toxicity"]
    assert item.verdict == "higher"
    assert item.difference is not None
    assert item.difference.value == pytest.approx(0.5)
    assert compared(corpus(half), corpus(calm))["toxicity__toxicity"].verdict == "lower"


def test_few_comments_are_not_compared() -> None:
    found = compared(corpus(FRAME), corpus(FRAME.head(9)))
    assert {item.verdict for item in found.values()} == {"too few to compare"}
    found = compared(corpus(FRAME), corpus(FRAME.head(20)))
    assert found["replies"].verdict != "too few to compare"
    assert found["readability__words"].verdict == "too few to compare"


def test_comments_of_one_article_count_for_less() -> None:
    """Sixty articles, all comments of one alike: there are sixty things to know, not 1,200."""
    rows = 1200
    frame = corpus_frame(rows).with_columns(
        pl.Series("article_id", [f"a{n % 60}" for n in range(rows)]),
        pl.Series("parent_id", ["x" if n % 60 < 27 else None for n in range(rows)]),
    )
    other = frame.with_columns(
        pl.Series("parent_id", ["x" if n % 60 < 33 else None for n in range(rows)])
    )
    item = compared(corpus(frame), corpus(other))["replies"]
    assert item.by_article
    assert item.verdict == "no clear difference"
    assert item.difference is not None
    # The variance of a share of 60 articles, as if each were one comment.
    share = 27 / 60
    assert item.first.clustered == pytest.approx(share * (1 - share) / 59)
    few = [
        corpus(
            side.with_columns(("b" + (pl.col("position") % 20).cast(pl.String)).alias("article_id"))
        )
        for side in (frame, other)
    ]
    alone = compared(*few)["replies"]
    assert not alone.by_article
    assert alone.verdict == "higher"


def findings(first: CorpusData, second: CorpusData) -> dict[str, str]:
    items = list(compared(first, second).values())
    sides = (first, second)
    found = find_comparison(sides, [measure(side) for side in sides], items)
    return {item.rule: item.text for item in found}


def test_findings_name_what_is_clear_and_what_is_not() -> None:
    hot = FRAME.with_columns(pl.lit(0.9, pl.Float32).alias("toxicity__toxicity"))
    cold = FRAME.with_columns(pl.lit(0.1, pl.Float32).alias("toxicity__toxicity"))
    found = findings(corpus(cold), corpus(hot, versions={"toxicity": "linear-2"}))
    said = found["difference-toxicity__toxicity"]
    assert said.startswith(
        "0 of 240 comments (0 %) in A reach the toxicity mark of 0.5, 240 of 240"
    )
    assert "+100.0 points" in said
    assert "answer another comment" in found["difference-none"]
    assert found["difference-none"].endswith("That is no proof that there is none.")
    assert "caution" in found
    same = findings(corpus(FRAME), corpus(FRAME))
    assert not any(rule.startswith("difference-toxicity") for rule in same)


def test_other_versions_are_a_caution() -> None:
    sides = corpus(FRAME), corpus(FRAME, versions={"toxicity": "linear-2"})
    found = find_comparison(sides, [measure(side) for side in sides], [])
    assert "toxicity (linear-1 and linear-2)" in found[-1].text


def test_pages_and_json(tmp_path: Path) -> None:
    other = corpus_frame(200, seed=9)
    paths = write_comparison_report(
        corpus(FRAME, name="spring"),
        corpus(other, name="autumn"),
        tmp_path,
        name="seasons",
        outputs=frozenset({"pdf", "png", "svg", "json"}),
    )
    names = {path.name for path in paths}
    assert paths[0].name == "seasons.pdf"
    assert {"seasons-shares.png", "seasons-toxicity.svg", "seasons-readability.txt"} <= names
    content = paths[0].read_bytes()
    text = logical_text(content)
    assert "spring" in text
    assert "no clear difference" in text
    assert all("/Alt" in e for e in elements(content) if e["/S"] == "/Figure")
    said = json.loads((tmp_path / "seasons.json").read_text("utf-8"))
    assert [side["letter"] for side in said["sides"]] == ["A", "B"]
    assert said["sides"][1]["totals"]["comments"] == 200
    by_name = {item["name"]: item for item in said["measures"]}
    words = by_name["readability__words"]
    assert words["difference"]["low"] < words["difference"]["value"] < words["difference"]["high"]


def test_a_side_without_comments_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="autumn holds no comments"):
        write_comparison_report(
            corpus(FRAME), corpus(FRAME.clear(), name="autumn"), tmp_path, name="r"
        )
    assert not list(tmp_path.iterdir())


def test_a_measure_needs_its_columns_on_both_sides() -> None:
    bare = FRAME.drop([name for name in FRAME.columns if name.startswith("stance__")])
    names: list[Measure] = measures_of(corpus(FRAME), corpus(bare), None)
    assert not any(item.name.startswith("stance__") for item in names)
    assert any(item.name.startswith("toxicity__") for item in names)
