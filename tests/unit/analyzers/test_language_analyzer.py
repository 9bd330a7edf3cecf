"""The language analyzer in the pipeline."""

from __future__ import annotations

import polars as pl

from toolkit.analyzers.base import Analyzer
from toolkit.analyzers.language import LanguageAnalyzer
from toolkit.pipeline import Pipeline
from toolkit.text.language import detect

TEXTS = [
    "Das ist doch völliger Unsinn, finde ich.",
    None,
    "",
    " \n",
    "ok",
    "They promised us a new bridge ten years ago.",
    "😀",
]


def test_it_keeps_the_contract() -> None:
    analyzer = LanguageAnalyzer()
    assert isinstance(analyzer, Analyzer)
    assert (analyzer.name, analyzer.reads) == ("language", ("text", "stated_language"))
    assert [metric.name for metric in analyzer.metrics] == ["tag", "confidence", "null_reason"]
    assert "py3langid" in analyzer.version
    assert analyzer.explain({"text": "Some text"}) == []


def test_tags_confidences_and_reasons_row_by_row() -> None:
    frame = Pipeline([LanguageAnalyzer()]).apply(pl.LazyFrame({"text": TEXTS})).collect()
    assert frame["language__tag"].to_list() == ["de", None, None, None, "und", "en", "und"]
    assert frame["language__null_reason"].to_list() == [
        None, "no_text", "no_text", "no_text", None, None, None,
    ]  # fmt: skip
    assert frame["language__confidence"].dtype == pl.Float32
    assert frame["language__confidence"].is_null().to_list() == [
        False, True, True, True, False, False, False,
    ]  # fmt: skip
    assert frame["language__confidence"].drop_nulls().is_between(0, 1).all()


def test_a_split_of_the_batch_changes_nothing() -> None:
    pipeline = Pipeline([LanguageAnalyzer()])
    whole = pipeline.apply(pl.LazyFrame({"text": TEXTS})).collect()
    parts = [
        pipeline.apply(pl.LazyFrame({"text": [text]}, schema={"text": pl.String})).collect()
        for text in TEXTS
    ]
    assert whole.equals(pl.concat(parts))


def test_it_says_what_the_library_says() -> None:
    text = "They promised us a new bridge ten years ago."
    frame = Pipeline([LanguageAnalyzer()]).apply(pl.LazyFrame({"text": [text]})).collect()
    (guess,) = detect([text])
    assert frame["language__tag"].to_list() == [guess.tag]


def test_a_stated_language_is_taken_for_granted() -> None:
    frame = pl.LazyFrame(
        {"text": ["ok", "They promised us a bridge.", None], "stated_language": ["fr", None, "fr"]}
    )
    result = Pipeline([LanguageAnalyzer()]).apply(frame).collect()
    assert result["language__tag"].to_list() == ["fr", "en", None]
    assert result["language__confidence"][0] == 1.0
    assert result["stated_language"].to_list() == ["fr", None, "fr"]
