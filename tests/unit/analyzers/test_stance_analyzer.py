from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analyzers.base import Analyzer
from toolkit.analyzers.stance import MIN_CONFIDENCE, StanceAnalyzer, label_of
from toolkit.inference.stance_backends import LABELS
from toolkit.inference.stance_cues import CuesBackend

THESIS = "The town of Brackwater should close its old bridge to cars."
AGREES = "I completely agree. The old bridge must be closed to cars before it collapses."
DISAGREES = "Nonsense. The author is wrong: closing the old bridge to cars would ruin the town."
OFF_TOPIC = (
    "My grandmother puts a spoon of vinegar into her lentil soup and lets it rest overnight."
)

COMMENTS = [
    AGREES,
    DISAGREES,
    OFF_TOPIC,
    "The bridge was built in 1821 by an engineer from the coast.",
    "👍👍👍 so true, close it!",
    "Why not?",
]


ANALYZER = StanceAnalyzer(CuesBackend())


def frame(rows: list[tuple[str | None, str | None, str | None]]) -> pl.LazyFrame:
    return pl.LazyFrame(
        rows,
        schema={"text": pl.String, "thesis": pl.String, "language__tag": pl.String},
        orient="row",
    )


def analyse(rows: list[tuple[str | None, str | None, str | None]]) -> list[dict[str, Any]]:
    result = frame(rows).select(ANALYZER.expr().alias("stance")).unnest("stance").collect()
    return result.to_dicts()


def one(text: str | None, thesis: str | None = THESIS, tag: str | None = "en") -> dict[str, Any]:
    return analyse([(text, thesis, tag)])[0]


def analysed(text: str, thesis: str = THESIS, article: str | None = None) -> dict[str, Any]:
    row = one(text, thesis)
    result = {"text": text, "thesis": thesis, "language__tag": "en"}
    result |= {f"stance__{key}": value for key, value in row.items()}
    return result | ({"article_text": article} if article is not None else {})


def test_it_keeps_the_contract() -> None:
    analyzer = ANALYZER
    assert isinstance(analyzer, Analyzer)
    assert analyzer.name == "stance"
    assert "provisional" in analyzer.version
    assert [metric.name for metric in analyzer.metrics] == [
        "label",
        *LABELS,
        "alignment",
        "relevance",
        "null_reason",
    ]


@pytest.mark.parametrize(
    ("text", "label"), [(AGREES, "agree"), (DISAGREES, "disagree"), (OFF_TOPIC, "unrelated")]
)
def test_plain_cases(text: str, label: str) -> None:
    assert one(text)["label"] == label


@pytest.mark.parametrize("text", COMMENTS)
def test_numbers_hold_together(text: str) -> None:
    row = one(text)
    if row["null_reason"] is not None:
        assert row["null_reason"] == "too_short"
        return
    shares = [row[label] for label in LABELS]
    assert sum(shares) == pytest.approx(1.0, abs=1e-5)
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert row["alignment"] == pytest.approx(row["agree"] - row["disagree"], abs=1e-6)
    assert 0.0 <= row["relevance"] <= 1.0


def test_a_side_needs_confidence() -> None:
    rows = analyse([(text, THESIS, "en") for text in COMMENTS])
    for row in rows:
        if row["label"] in ("agree", "disagree"):
            assert row[row["label"]] >= MIN_CONFIDENCE - 1e-6
    unsure = [
        row
        for row in rows
        if row["label"] == "discuss" and row["discuss"] < max(row[label] for label in LABELS)
    ]
    for row in unsure:
        assert max(row["agree"], row["disagree"]) < MIN_CONFIDENCE


def test_the_nearest_line_of_the_thesis_is_the_measure() -> None:
    lines = f"Lentil soup needs no vinegar.\n{THESIS}\n"
    alone, among = one(AGREES), one(AGREES, lines)
    assert among["label"] == alone["label"]
    for name in (*LABELS, "alignment", "relevance"):
        assert among[name] == pytest.approx(alone[name], abs=1e-5)
    assert one(OFF_TOPIC, lines)["relevance"] > one(OFF_TOPIC)["relevance"] + 0.3


@pytest.mark.parametrize(
    ("text", "thesis", "tag", "reason"),
    [
        (None, THESIS, "en", "no_text"),
        ("  \n", THESIS, "en", "no_text"),
        (AGREES, None, "en", "no_thesis"),
        (AGREES, " \n ", "en", "no_thesis"),
        (AGREES, "???", "en", "no_thesis"),
        ("Ich stimme völlig zu, die Brücke muss weg.", THESIS, "de", "language"),
        ("Ich stimme völlig zu, die Brücke muss weg.", THESIS, "und", "language"),
        ("Ich stimme völlig zu, die Brücke muss weg.", THESIS, None, "language"),
        (AGREES, "Die alte Brücke der Stadt muss für Autos gesperrt werden.", "en", "language"),
        (AGREES, "پل قدیمی شهر باید پیاده‌راه شود", "en", "language"),
        ("Yes! Exactly!", THESIS, "en", "too_short"),
        (None, None, None, "no_text"),
    ],
)
def test_null_with_a_reason(
    text: str | None, thesis: str | None, tag: str | None, reason: str
) -> None:
    row = one(text, thesis, tag)
    assert row.pop("null_reason") == reason
    assert set(row.values()) == {None}


@pytest.mark.parametrize("tag", ["und", None, "en", "en-GB"])
def test_english_of_undetermined_language_is_judged(tag: str | None) -> None:
    row = one("I agree with this article.", THESIS, tag)
    assert row["null_reason"] is None
    assert row == one("I agree with this article.", THESIS, "en")


def test_the_same_pair_gives_the_same_answer_in_any_batch() -> None:
    rows: list[tuple[str | None, str | None, str | None]] = [
        (text, thesis, "en")
        for text in (*COMMENTS, None)
        for thesis in (THESIS, "Lentil soup needs no vinegar.", f"{THESIS}\nSoup is good.", None)
    ]
    together = analyse(rows)
    backwards = analyse(rows[::-1])[::-1]
    apart = [analyse([row])[0] for row in rows]
    assert together == backwards == apart


def test_streaming_gives_the_same() -> None:
    rows: list[tuple[str | None, str | None, str | None]] = [
        (text, THESIS, "en") for text in COMMENTS * 3
    ]
    lazy = frame(rows).select(ANALYZER.expr().alias("stance"))
    assert lazy.collect(engine="streaming").equals(lazy.collect(engine="in-memory"))


def test_no_rows() -> None:
    result = frame([]).select(ANALYZER.expr().alias("stance")).unnest("stance").collect()
    assert result.height == 0
    assert result.columns == [metric.name for metric in ANALYZER.metrics]


def test_evidence_is_the_sentences_that_take_a_side() -> None:
    text = f"{AGREES} My cousin lives there."
    row = analysed(text)
    found = ANALYZER.explain(row)
    assert found
    assert {item.label for item in found} <= {"agree", "disagree"}
    for item in found:
        assert text[item.start : item.end] == item.quote
        assert item.score is not None
        assert item.score >= MIN_CONFIDENCE
        assert item.note is None
    assert "My cousin" not in " ".join(item.quote for item in found)


def test_the_strongest_sentence_names_what_it_answers() -> None:
    article = (
        "The weather was fine on Sunday.\n\n"
        "Closing the old bridge to cars would save the town a million crowns a year.\n\n"
        "Would anybody miss the cars?\n"
    )
    text = f"{DISAGREES} I disagree with closing the old bridge to cars, it saves nothing."
    found = ANALYZER.explain(analysed(text, article=article))
    noted = [item for item in found if item.note]
    assert len(noted) == 1
    assert noted[0].score == max(item.score or 0.0 for item in found)
    note = noted[0].note
    assert note is not None
    quote = "Closing the old bridge to cars would save the town a million crowns a year."
    start = article.index(quote)
    assert quote in note
    assert f"{start}–{start + len(quote)}" in note


def test_each_side_of_a_comment_names_what_it_answers() -> None:
    article = (
        "Closing the old bridge to cars would save the town a million crowns a year. "
        "The soup of the mayor is famous in the whole valley."
    )
    text = (
        "I completely agree, the old bridge must be closed to cars. "
        "My cousin lives there. Nonsense, the author is wrong about the soup of the mayor."
    )
    found = ANALYZER.explain(analysed(text, article=article))
    assert [item.label for item in found] == ["agree", "disagree"]
    for item, answered in zip(found, ("Closing the old bridge", "The soup"), strict=True):
        assert text[item.start : item.end] == item.quote
        assert item.note is not None
        assert answered in item.note
        assert f"article text {article.index(answered)}–" in item.note


def test_evidence_where_nobody_takes_a_side() -> None:
    text = "The old bridge has seven arches. My cousin lives near it."
    row = analysed(text) | {"stance__label": "discuss"}
    found = ANALYZER.explain(row)
    assert all(text[item.start : item.end] == item.quote for item in found)
    assert found[0].quote == "The old bridge has seven arches."


def test_a_conceded_sentence_is_no_evidence_of_agreement() -> None:
    text = "I agree that the bridge is old. But the town lives from it. What now, then?"
    found = ANALYZER.explain(analysed(text))
    assert not any(item.label == "agree" for item in found)
    assert ANALYZER.explain(analysed("I agree that the bridge is old. It creaks."))[0].label == (
        "agree"
    )


def test_no_evidence_without_a_stance() -> None:
    analyzer = ANALYZER
    assert analyzer.explain({"text": None, "thesis": THESIS, "stance__label": None}) == []
    assert analyzer.explain({"text": "x", "thesis": None}) == []
    assert analyzer.explain(analysed(OFF_TOPIC)) == []


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=120), thesis=st.text(max_size=60), tag=st.sampled_from(["en", "und"]))
def test_any_text_gives_numbers_or_a_reason(text: str, thesis: str, tag: str) -> None:
    row = one(text, thesis, tag)
    numbers = [row[name] for name in (*LABELS, "alignment", "relevance")]
    if row["null_reason"] is None:
        assert all(number is not None and math.isfinite(number) for number in numbers)
        assert row["label"] in LABELS
    else:
        assert numbers == [None] * 6
    result = {"text": text, "thesis": thesis, "language__tag": tag}
    result |= {f"stance__{key}": value for key, value in row.items()}
    for item in ANALYZER.explain(result):
        assert text[item.start : item.end] == item.quote


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ((0.6, 0.2, 0.1, 0.1), "agree"),
        ((0.1, 0.5, 0.1, 0.3), "disagree"),
        ((0.45, 0.2, 0.2, 0.15), "discuss"),
        # About the thesis is likelier than unrelated, though no single label of the three is.
        ((0.24, 0.26, 0.21, 0.29), "discuss"),
        ((0.2, 0.1, 0.15, 0.55), "unrelated"),
    ],
)
def test_a_label_needs_more_than_to_be_the_likeliest(given: tuple[float, ...], label: str) -> None:
    assert label_of(np.array(given)) == label
