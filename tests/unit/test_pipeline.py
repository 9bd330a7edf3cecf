from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import pytest

from toolkit.analyzers.base import Analyzer, batched
from toolkit.errors import AnalyzerContractError, InputError, UnknownAnalyzerError
from toolkit.pipeline import Pipeline
from toolkit.records import Evidence
from toolkit.schema import EVIDENCE_DTYPE, Metric, Unit


def _lengths(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(n=pl.col(frame.columns[0]).cast(pl.String).str.len_chars().cast(pl.Int64))


@dataclass
class Fake:
    name: str = "length"
    version: str = "1"
    reads: tuple[str, ...] = ("text",)
    metrics: tuple[Metric, ...] = (
        Metric(name="n", dtype=pl.Int64(), unit=Unit.COUNT, description="Characters."),
    )
    function: Callable[[pl.DataFrame], pl.DataFrame] = _lengths

    def expr(self) -> pl.Expr:
        return batched(self.name, self.reads, self.metrics, self.function)

    def explain(self, row: Mapping[str, Any]) -> list[Evidence]:
        text = row["text"]
        if text is None:
            return []
        assert row[f"{self.name}__n"] is not None
        return [Evidence(analyzer=self.name, label="all", start=0, end=len(text), quote=text)]


TEXTS = pl.LazyFrame({"text": ["one", None, "three"]})


def test_columns_rows_and_order() -> None:
    assert isinstance(Fake(), Analyzer)
    pipeline = Pipeline([Fake()])
    frame = pipeline.apply(TEXTS).collect()
    assert frame.to_dict(as_series=False) == {
        "text": ["one", None, "three"],
        "length__n": [3, None, 5],
    }
    assert list(pipeline.metrics) == ["length__n"]
    assert pipeline.versions == {"length": "1"}


def test_an_analyzer_runs_after_the_one_it_reads() -> None:
    second = Fake(name="second", reads=("length__n",))
    pipeline = Pipeline([second, Fake()])
    assert [analyzer.name for analyzer in pipeline.analyzers] == ["length", "second"]
    assert pipeline.reads == ("text",)
    assert pipeline.apply(TEXTS).collect()["second__n"].to_list() == [1, None, 1]


def test_a_circle_a_double_and_a_stranger_are_refused() -> None:
    with pytest.raises(AnalyzerContractError, match="circle"):
        Pipeline([Fake(name="a", reads=("b__n",)), Fake(name="b", reads=("a__n",))])
    with pytest.raises(AnalyzerContractError, match="two analyzers"):
        Pipeline([Fake(), Fake()])
    with pytest.raises(AnalyzerContractError, match="nothing writes"):
        Pipeline([Fake(reads=("nobody__n",))])
    with pytest.raises(AnalyzerContractError, match="declares a metric twice"):
        Pipeline([Fake(metrics=Fake().metrics * 2)])
    with pytest.raises(AnalyzerContractError, match="holds '__'"):
        Pipeline([Fake(name="a__b")])


def test_a_one_row_answer_is_not_repeated_over_the_batch() -> None:
    broken = Fake(function=lambda frame: _lengths(frame.head(1)))
    with pytest.raises(Exception, match="returned 1 rows for"):
        Pipeline([broken]).apply(TEXTS).collect()


def test_undeclared_columns_are_refused() -> None:
    broken = Fake(function=lambda frame: _lengths(frame).rename({"n": "m"}))
    with pytest.raises(Exception, match="declared"):
        Pipeline([broken]).apply(TEXTS).collect()


def test_missing_base_column_is_the_users_fault_and_context_is_null() -> None:
    with pytest.raises(InputError, match="no column 'text'"):
        Pipeline([Fake()]).apply(pl.LazyFrame({"body": ["x"]}))
    thesis = Fake(reads=("thesis",))
    frame = Pipeline([thesis]).apply(TEXTS).collect()
    assert frame["length__n"].to_list() == [None] * 3
    assert frame.columns == ["text", "length__n"]


def test_results_are_not_overwritten() -> None:
    pipeline = Pipeline([Fake()])
    with pytest.raises(InputError, match="already holds length__n"):
        pipeline.apply(pipeline.apply(TEXTS))


def test_evidence_column() -> None:
    frame = Pipeline([Fake()]).apply(TEXTS, evidence=True).collect()
    assert frame.schema["evidence"] == EVIDENCE_DTYPE
    assert frame["evidence"].list.len().to_list() == [1, 0, 1]
    assert frame["evidence"][2][0]["quote"] == "three"


def test_no_rows() -> None:
    frame = Pipeline([Fake()]).apply(TEXTS.head(0), evidence=True).collect()
    assert frame.height == 0
    assert frame.columns == ["text", "length__n", "evidence"]


def test_names_are_checked_and_dependencies_come_along() -> None:
    with pytest.raises(UnknownAnalyzerError, match="'sentiment'") as caught:
        Pipeline.of(["sentiment"])
    assert "readability" in caught.value.next_step
    with pytest.raises(UnknownAnalyzerError, match="no analyzer"):
        Pipeline.of([])
    names = [analyzer.name for analyzer in Pipeline.of(["readability"]).analyzers]
    assert names == ["language", "readability"]


def test_every_built_in_analyzer_describes_its_metrics() -> None:
    pipeline = Pipeline.of()
    assert [a.name for a in pipeline.analyzers] == [
        "language",
        "readability",
        "toxicity",
        "rhetoric",
        "stance",
    ]
    for analyzer in pipeline.analyzers:
        assert analyzer.version
        names = [metric.name for metric in analyzer.metrics]
        assert "null_reason" in names
        for metric in analyzer.metrics:
            assert metric.description.endswith("."), (analyzer.name, metric.name)
