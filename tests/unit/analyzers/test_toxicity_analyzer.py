"""The toxicity analyzer: what is scored, what is null and why, and its evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from toolkit.analyzers.base import Analyzer
from toolkit.analyzers.language import LanguageAnalyzer
from toolkit.analyzers.toxicity import ToxicityAnalyzer
from toolkit.errors import ModelError, SettingsError
from toolkit.inference import LABELS, ToxicSpan
from toolkit.pipeline import Pipeline
from toolkit.settings import Settings

RUDE = "You are an idiot and a liar."
CIVIL = "Thank you for the article, the second table was new to me."


@pytest.fixture(scope="module")
def analyzer() -> ToxicityAnalyzer:
    return ToxicityAnalyzer.from_settings(Settings())


def analysed(analyzer: Analyzer, texts: list[str | None]) -> pl.DataFrame:
    frame = pl.LazyFrame({"text": pl.Series(texts, dtype=pl.String)})
    return Pipeline([LanguageAnalyzer(), analyzer]).apply(frame).collect()


def test_it_keeps_the_contract(analyzer: ToxicityAnalyzer) -> None:
    assert isinstance(analyzer, Analyzer)
    assert analyzer.name == "toxicity"
    assert analyzer.reads == ("text", "language__tag", "language__confidence")
    assert [metric.name for metric in analyzer.metrics] == [*LABELS, "null_reason"]
    assert all(m.dtype == pl.Float32 and m.bounds == (0, 1) for m in analyzer.metrics[:-1])
    assert analyzer.version.startswith("comment-encoder-")


def test_rude_is_higher_than_civil(analyzer: ToxicityAnalyzer) -> None:
    rows = analysed(analyzer, [RUDE, CIVIL])
    rude, civil = rows["toxicity__toxicity"]
    assert rude > 0.8
    assert civil < 0.1
    assert rows["toxicity__insult"][0] > 0.6
    assert rows["toxicity__null_reason"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "no_text"),
        ("", "no_text"),
        (" \n\t", "no_text"),
        ("\U0001f44d\U0001f44d", "not_prose"),
        ("12345 !!!", "not_prose"),
        ("https://example.org/idiot", "not_prose"),
        ("Das ist wirklich ein sehr guter Artikel, vielen Dank daf\u00fcr.", "language"),
        ("C'est un tr\u00e8s bon article, merci beaucoup pour cette analyse.", "language"),
        ("\u0427\u0442\u043e?", "language"),
        ("\u0628\u0644\u0647", "language"),
        ("\u5f88\u597d", "language"),
    ],
)
def test_null_has_its_reason(analyzer: ToxicityAnalyzer, text: str | None, reason: str) -> None:
    rows = analysed(analyzer, [text])
    assert rows["toxicity__null_reason"].to_list() == [reason]
    assert rows.select(f"toxicity__{label}" for label in LABELS).row(0) == (None,) * len(LABELS)


@pytest.mark.parametrize(
    "text",
    ["idiot", "Moron!", "u r dumb", "KYS", "1d10t", "\u0456d\u0456\u043et", "\U0001d422diot"],
)
def test_a_short_insult_of_no_certain_language_is_scored(
    analyzer: ToxicityAnalyzer, text: str
) -> None:
    rows = analysed(analyzer, [text])
    assert rows["language__tag"].to_list() == ["und"]
    assert rows["toxicity__null_reason"].to_list() == [None]
    assert rows["toxicity__toxicity"][0] > 0.5


def test_a_text_without_words_is_null_even_where_letters_are(analyzer: ToxicityAnalyzer) -> None:
    rows = analysed(analyzer, ["\u3164", CIVIL])  # a Hangul filler is a letter that shows nothing
    assert rows["toxicity__toxicity"][0] is None
    assert rows["toxicity__null_reason"][0] is not None
    assert rows["toxicity__null_reason"][1] is None


def test_evidence_slices_to_the_words(analyzer: ToxicityAnalyzer) -> None:
    text = "I have read it twice. " + RUDE
    found = analyzer.explain({"text": text, "language__tag": "en"})
    assert found
    assert all(text[item.start : item.end] == item.quote for item in found)
    assert any("idiot" in item.quote for item in found)
    assert all(item.analyzer == "toxicity" for item in found)


@pytest.mark.parametrize(
    ("text", "tag"), [(CIVIL, "en"), (None, None), (RUDE, "de"), ("!!", "und")]
)
def test_no_evidence_without_a_high_score(
    analyzer: ToxicityAnalyzer, text: str | None, tag: str | None
) -> None:
    assert analyzer.explain({"text": text, "language__tag": tag}) == []


def test_evidence_in_a_long_comment_names_its_window(analyzer: ToxicityAnalyzer) -> None:
    text = (
        "the council met on monday to talk about the new bridge over the river " * 20
        + f"{RUDE} {RUDE}"
    )
    found = analyzer.explain({"text": text, "language__tag": "en"})
    assert found
    numbers = re.search(r"the score is that of characters (\d+)-(\d+)", found[0].note or "")
    assert numbers is not None
    assert "idiot" in text[int(numbers[1]) : int(numbers[2])]


def test_evidence_says_how_toxic_its_sentence_is(analyzer: ToxicityAnalyzer) -> None:
    text = f"Thank you for the figures on the harbour. {RUDE} See you on Monday."
    found = analyzer.explain({"text": text, "language__tag": "en"})
    assert found
    numbers = re.search(r"its sentence alone has (\d\.\d\d)", found[0].note or "")
    assert numbers is not None
    assert float(numbers[1]) > 0.8


class _Multilingual:
    """A model that reads Russian too, and gives every text one half."""

    labels = ("toxicity", "sexual_explicit")
    languages = frozenset({"en", "ru"})
    version = "test-1"
    review_threshold = 0.5

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.full((len(texts), 2), 0.5, np.float32)

    def spans(self, text: str) -> list[ToxicSpan]:
        return []

    def window(self, text: str) -> tuple[int, int] | None:
        return None


def test_metrics_and_languages_are_the_models() -> None:
    analyzer = ToxicityAnalyzer(_Multilingual())
    assert [metric.name for metric in analyzer.metrics] == [
        "toxicity", "sexual_explicit", "null_reason",
    ]  # fmt: skip
    rows = analysed(analyzer, ["\u0427\u0442\u043e?", "\u5f88\u597d"])
    assert rows["toxicity__sexual_explicit"].to_list() == [0.5, None]


def test_english_taken_for_another_language_is_scored(analyzer: ToxicityAnalyzer) -> None:
    disguised = (
        "Yo\u00fa ar\u00e9 \u00e0 st\u00fcpid m\u00f6r\u00f6n "
        "\u00e1nd I h\u00f4pe yo\u00fa di\u00e9"
    )
    rows = analysed(analyzer, [disguised, "i like ur fat mum haha"])
    assert rows["language__tag"][0] == "hu"
    assert rows["toxicity__toxicity"][0] > 0.5
    assert rows["toxicity__null_reason"].to_list() == [None, None]


def test_a_short_text_needs_a_sure_language(analyzer: ToxicityAnalyzer) -> None:
    def reason(text: str, tag: str, confidence: float | None) -> str | None:
        return analyzer._null_reason(text, tag, confidence)

    assert reason("hola and ur fat", "sv", 0.5) is None
    assert reason("hola and ur fat", "sv", 0.7) == "language"
    assert reason("hola and ur fat", "sv", None) == "language"
    assert reason("hola and ur fat " * 4, "sv", 0.5) == "language"
    assert reason("\u041a\u0442\u043e \u044d\u0442\u043e?", "ru", 0.5) == "language"


def test_other_languages_stay_unscored(analyzer: ToxicityAnalyzer) -> None:
    texts = [
        "Min mormor bodde p\u00e5 den gatan i sextio \u00e5r och \u00e4lskade den.",
        "\u00c7a n'a pas de sens, et tout le monde le sait tr\u00e8s bien dans cette ville.",
    ]
    assert analysed(analyzer, [*texts])["toxicity__null_reason"].to_list() == ["language"] * 2


def test_detoxify_needs_its_files(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="checkpoint"):
        ToxicityAnalyzer.from_settings(Settings(toxicity="detoxify"))
    pytest.importorskip("detoxify", reason="the extra [detoxify] is not installed")
    settings = Settings(
        toxicity="detoxify", detoxify_checkpoint=tmp_path / "a.ckpt", detoxify_config=tmp_path
    )
    with pytest.raises(ModelError, match="no checkpoint"):
        ToxicityAnalyzer.from_settings(settings)


def test_rows_are_kept_in_order(analyzer: ToxicityAnalyzer) -> None:
    texts: list[str | None] = [RUDE, None, CIVIL, "!!!", RUDE] * 50
    rows = analysed(analyzer, texts)
    assert rows["text"].to_list() == texts
    scores = rows["toxicity__toxicity"].to_list()
    assert scores[:5] * 50 == scores
    assert scores[1] is None
    assert scores[3] is None
