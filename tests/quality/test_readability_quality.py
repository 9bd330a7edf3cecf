"""Readability beside textstat, and language, on real comments; floors may only rise."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from toolkit.analyzers.readability import ReadabilityAnalyzer
from toolkit.analyzers.readability.counts import prose
from toolkit.analyzers.readability.formulas import FORMULAS
from toolkit.text.language import UNDETERMINED, detect
from toolkit.text.syllables import english_syllables

# No threshold was chosen on these.
NEWS, WIKIPEDIA = "toxicity/news_spans_dev", "toxicity/wikipedia_talk_6label_dev"


def comments(corpora: Path, name: str, number: int | None = None) -> list[str]:
    with gzip.open(corpora / "data" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines][:number]


@pytest.fixture(scope="module")
def textstat_value() -> Callable[[str, str], float]:
    import textstat
    from textstat.backend.counts import _count_syllables

    pronunciations = {word: [["X1"] * n + ["X"]] for word, n in english_syllables().items()}
    pytest.MonkeyPatch().setattr(_count_syllables, "get_cmudict", lambda _: pronunciations)

    def value(metric: str, text: str) -> float:
        textstat.set_lang("en_US")
        return float(getattr(textstat, metric)(text))

    return value


@pytest.mark.parametrize("name", [NEWS, WIKIPEDIA])
def test_real_comments_have_textstats_values(
    name: str, corpora: Path, textstat_value: Callable[[str, str], float]
) -> None:
    texts = comments(corpora, name, 400)
    frame = pl.DataFrame({"text": texts, "language__tag": ["en"] * len(texts)})
    rows = frame.select(ReadabilityAnalyzer().expr().alias("r")).unnest("r").to_dicts()
    measured, unchanged = 0, 0
    for text, row in zip(texts, rows, strict=True):
        read = prose(text, "en")
        measured += row["lix"] is not None
        unchanged += row["lix"] is not None and read == text
        for formula in FORMULAS:
            value: Any = row[formula.metric.name]
            if value is not None:
                assert value == pytest.approx(
                    textstat_value(formula.metric.name, read), rel=1e-12, abs=1e-9
                ), text
    # The rest are comments of under ten words, or mostly links and markup.
    assert measured >= 0.6 * len(texts)
    # Nearly always nothing at all was put right first.
    assert unchanged >= 0.9 * measured


@pytest.mark.parametrize(
    ("name", "english", "other"), [(NEWS, 0.965, 0.003), (WIKIPEDIA, 0.93, 0.02)]
)
def test_comments_in_english_are_english_or_undetermined(
    name: str, english: float, other: float, corpora: Path
) -> None:
    # Wikipedia's talk pages hold some comments in other languages; nearly all
    # of those have a letter that is not ASCII.
    texts = [text for text in comments(corpora, name) if name == NEWS or text.isascii()]
    tags = Counter(guess.tag for guess in detect(texts))
    assert tags["en"] >= english * len(texts), tags
    assert len(texts) - tags["en"] - tags[UNDETERMINED] <= other * len(texts), tags
