"""The learned layer of rhetoric: what is counted, what is null, and its evidence."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from toolkit.analyzers.base import Analyzer
from toolkit.analyzers.language import LanguageAnalyzer
from toolkit.analyzers.techniques import TECHNIQUES, TechniquesAnalyzer
from toolkit.inference.technique_encoder import TechniqueSpan
from toolkit.pipeline import Pipeline

LOADED = "What a monstrous plan, and the clowns in the town hall believe in it."


class Finder:
    """Marks fixed words, wherever they stand."""

    version = "finder-1"
    languages = frozenset({"en"})
    words = (("Name_Calling,Labeling", "clowns"), ("Loaded_Language", "monstrous"))

    def technique_spans(self, text: str) -> Sequence[TechniqueSpan]:
        return [
            TechniqueSpan(
                start=text.index(word), end=text.index(word) + len(word), technique=name, score=0.8
            )
            for name, word in self.words
            if word in text
        ]


@pytest.fixture(scope="module")
def analyzer() -> TechniquesAnalyzer:
    return TechniquesAnalyzer(Finder())


def analysed(analyzer: Analyzer, texts: list[str | None]) -> pl.DataFrame:
    frame = pl.LazyFrame({"text": pl.Series(texts, dtype=pl.String)})
    return Pipeline([LanguageAnalyzer(), analyzer]).apply(frame).collect()


def test_it_keeps_the_contract(analyzer: TechniquesAnalyzer) -> None:
    assert isinstance(analyzer, Analyzer)
    names = [column for column, _ in TECHNIQUES.values()]
    assert [metric.name for metric in analyzer.metrics] == [*names, "null_reason"]
    assert analyzer.version == "finder-1/2"


def test_spans_are_counted_by_technique(analyzer: TechniquesAnalyzer) -> None:
    rows = analysed(analyzer, [LOADED, "The council voted on the budget for the harbour."])
    assert rows["techniques__loaded_language"].to_list() == [1, 0]
    assert rows["techniques__name_calling"].to_list() == [1, 0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "no_text"),
        ("  \n", "no_text"),
        ("12 !!", "not_prose"),
        ("Der Stadtrat hat gestern lange über den Haushalt der Gemeinde beraten.", "language"),
        ("Привет, это совсем другой язык, и модель его не знает.", "language"),
    ],
)
def test_what_is_not_read_is_null_and_says_why(
    analyzer: TechniquesAnalyzer, text: str | None, reason: str
) -> None:
    row = analysed(analyzer, [text]).row(0, named=True)
    assert row["techniques__null_reason"] == reason
    assert row["techniques__loaded_language"] is None
    assert analyzer.explain({"text": text, "language__tag": row["language__tag"]}) == []


def test_evidence_stands_in_text_order_and_slices(analyzer: TechniquesAnalyzer) -> None:
    found = analyzer.explain({"text": LOADED, "language__tag": "en"})
    assert [(item.label, item.quote) for item in found] == [
        ("loaded_language", "monstrous"),
        ("name_calling", "clowns"),
    ]
    assert all(LOADED[item.start : item.end] == item.quote for item in found)
    assert {item.note for item in found} == {"marked by the model"}
