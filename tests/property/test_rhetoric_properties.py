from __future__ import annotations

import time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analyzers.lexicon.tokens import canonical
from toolkit.analyzers.rhetoric import RhetoricAnalyzer
from toolkit.text.words import word_spans

ANALYZER = RhetoricAnalyzer()
#: Pieces that the lexicon, its guards and the quotation rules look at, and what breaks them.
PIECES = st.sampled_from(
    [
        "nothing more than", "merely", "the regime", "training", "mullahs", "I", "you", "never",
        "Who cares", "?", "!", "!!!", ".", ",", "\n", "\n\n", "> ", '"', "“", "”", "'", "’", "said",
        "NEVER AGAIN EVER", "sooooo", "https://a.example/never", "@never", "20%", "in 1990", "/s",
        "[quote]", "[/quote]", "\u200b", "\u00ad", "🙄", "İ", "ß", "é", "所谓", "\x02", "\x03", "-",
        "well-known", "couldn't", "as a doctor,", "either with us or", "the worst day ever",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=14).map(" ".join), st.text(max_size=60))


def measure(texts: list[str | None]) -> pl.DataFrame:
    frame = pl.DataFrame(
        {"text": texts, "language__tag": ["en"] * len(texts)},
        schema={"text": pl.String, "language__tag": pl.String},
    )
    return frame.select(ANALYZER.expr().alias("r")).unnest("r")


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_a_text_gets_the_same_answer_in_any_batch(texts: list[str]) -> None:
    together = measure([*texts, None])
    alone = pl.concat([measure([text]) for text in [*texts, None]])
    assert together.equals(alone, null_equal=True)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_spans_hold_and_counts_agree(text: str) -> None:
    row = measure([text]).row(0, named=True)
    markers = ANALYZER.markers(text, "en")
    for marker in markers:
        assert 0 <= marker.start < marker.end <= len(text)
    by_category: dict[str, int] = {}
    last: dict[str, int] = {}
    for marker in markers:
        assert marker.start >= last.get(marker.category, 0)
        last[marker.category] = marker.end
        if not marker.quoted:
            by_category[marker.category] = by_category.get(marker.category, 0) + 1
    if row["null_reason"] is None:
        for name in ANALYZER.lexicon.categories:
            assert row[name] == by_category.get(name, 0)
            assert row[f"{name}_per_100_words"] >= 0
        assert row["quoted"] == sum(marker.quoted for marker in markers)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_curly_quotes_change_nothing(text: str) -> None:
    """Straight quotes for curly ones; the spans stay where they are."""
    folded = text.translate({0x2019: "'", 0x201C: '"', 0x201D: '"'})
    spans = [(m.category, m.start, m.end) for m in ANALYZER.markers(text, "en")]
    assert spans == [(m.category, m.start, m.end) for m in ANALYZER.markers(folded, "en")]


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_words_are_those_of_the_text_room(text: str) -> None:
    whole = canonical([text.replace("://", " ").replace("@", " ")])
    text = text.replace("://", " ").replace("@", " ")
    if "www." in text.lower() or any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        return
    starts = (whole.word_starts() - whole.starts[0]).tolist()
    assert starts == [start for start, _ in word_spans(text)]


@pytest.mark.parametrize(
    "unit",
    [
        "never ", "I ", "who cares ", "? ", "! ", '"a" ', "'a' ", "NEVER ", "so", "> x\n", "1% ",
        "either with a ", "the worst a b c ", "as a doctor ", "a", "'", "\u200b", "[quote]x ",
        "? a ", "like asking a b ", "https://a.example/b ", "don't you ? ", "0", "0,0 ",
    ],
)  # fmt: skip
def test_hostile_repetition_takes_linear_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    begin = time.perf_counter()
    ANALYZER.markers(text, "en")
    assert time.perf_counter() - begin < 10
