"""Readability of any text whatever: no error, no NaN, nothing that a batch could change."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analyzers.readability import ReadabilityAnalyzer
from toolkit.schema import NULL_REASONS

ANALYZER = ReadabilityAnalyzer()
SCORES = [m for m in ANALYZER.metrics if m.name not in ("words", "sentences", "null_reason")]

WORDS = st.sampled_from(
    ["the", "a", "isn't", "isn’t", "extraordinary", "well-known", "and/or", "U.S.", "3.5", "…", "'",
     "“yes”", "No.", "Why?", "\n\n", "İSTANBUL", "naïve", "ß", "Donaudampfschiff", "мост", "الجسر",
     "كَتَبَ", "你好", "नमस्ते", "😀", "https://example.org/a", "me@example.org", "{x: 1}", "_",
     "\ud800", "\x00", "x" * 60, "go.", "they", "went", "home", "together", "yesterday."]
)  # fmt: skip
TEXTS = st.one_of(
    st.none(),
    st.text(max_size=80),
    st.lists(WORDS, max_size=60).map(" ".join),
)
TAGS = st.sampled_from([None, "und", "en", "en-GB", "de", "es", "it", "fr", "nl", "ru", "ar", "zh"])
ROWS = st.lists(st.tuples(TEXTS, TAGS), max_size=8)


def replaced(text: str) -> str:
    """Lone surrogates cannot enter a polars column; the readers replace them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def measure(rows: list[tuple[str | None, str | None]]) -> list[dict[str, Any]]:
    clean = [(text if text is None else replaced(text), tag) for text, tag in rows]
    frame = pl.DataFrame(
        clean, schema={"text": pl.String, "language__tag": pl.String}, orient="row"
    )
    return frame.select(ANALYZER.expr().alias("r")).unnest("r").to_dicts()


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_numbers_are_finite_bounded_or_null_with_a_reason(
    rows: list[tuple[str | None, str | None]],
) -> None:
    for (text, _), row in zip(rows, measure(rows), strict=True):
        values = [row[metric.name] for metric in SCORES]
        for metric, value in zip(SCORES, values, strict=True):
            if value is not None:
                low, high = metric.bounds
                assert math.isfinite(value)
                assert low is None or value >= low
                assert high is None or value <= high
        reason = row["null_reason"]
        assert reason is None or reason in NULL_REASONS
        if all(value is None for value in values):
            assert reason is not None
        if text is None:
            assert reason == "no_text"
            assert row["words"] is None


@settings(max_examples=30, deadline=None)
@given(ROWS, st.integers(0, 8))
def test_a_split_batch_gives_the_same_rows(
    rows: list[tuple[str | None, str | None]], cut: int
) -> None:
    assert measure(rows) == measure(rows[:cut]) + measure(rows[cut:])


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_evidence_quotes_the_text(rows: list[tuple[str | None, str | None]]) -> None:
    for (text, tag), row in zip(rows, measure(rows), strict=True):
        named = {f"readability__{name}": value for name, value in row.items()}
        evidence = ANALYZER.explain({"text": text, "language__tag": tag, **named})
        assert bool(evidence) <= (row["lix"] is not None)
        for item in evidence:
            assert text is not None
            assert text[item.start : item.end] == item.quote
            assert item.quote.strip() == item.quote != ""
