"""Our numbers beside textstat's own.

textstat looks English words up in a pronouncing dictionary that it fetches
from the network; here it is given the same dictionary from our data, so that
everything else (words, sentences, syllables by pyphen, familiar words,
formulas) is textstat's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from readability_samples import LANGUAGES, texts

from toolkit.analyzers.readability import ReadabilityAnalyzer
from toolkit.analyzers.readability.counts import prose
from toolkit.analyzers.readability.formulas import FORMULAS
from toolkit.text.syllables import english_syllables

Oracle = Callable[[str, str, str], float]
# textstat's own names of the languages.
TEXTSTAT = {"en": "en_US"}


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    """``(metric, text, language)`` -> textstat's value."""
    import textstat
    from textstat.backend.counts import _count_syllables

    pronunciations = {word: [["X1"] * n + ["X"]] for word, n in english_syllables().items()}
    patch = pytest.MonkeyPatch()
    patch.setattr(
        _count_syllables,
        "get_cmudict",
        lambda language: pronunciations if language.startswith("en") else None,
    )

    def value(metric: str, text: str, language: str) -> float:
        textstat.set_lang(TEXTSTAT.get(language, language))
        function: Any = getattr(textstat, metric)
        return function(text, 1) if metric == "wiener_sachtextformel" else function(text)

    return value


def measured(samples: list[str], language: str) -> list[dict[str, Any]]:
    frame = pl.LazyFrame({"text": samples, "language__tag": [language] * len(samples)})
    result = frame.select(ReadabilityAnalyzer().expr().alias("r")).unnest("r").collect()
    return result.to_dicts()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_equals_textstats(language: str, oracle: Oracle) -> None:
    number = 300 if language == "en" else 30
    samples = texts(language, number)
    compared = 0
    for text, row in zip(samples, measured(samples, language), strict=True):
        for formula in FORMULAS:
            name = formula.metric.name
            if row[name] is not None:
                # `naïve` and friends: nothing else is changed before counting.
                assert prose(text, language) == text
                assert row[name] == pytest.approx(oracle(name, text, language), rel=1e-12), text
                compared += 1
    assert compared > number * 1.5


def test_counts_equal_textstats(oracle: Oracle) -> None:
    samples = texts("en", 100)
    for text, row in zip(samples, measured(samples, "en"), strict=True):
        assert row["words"] == oracle("lexicon_count", text, "en")
        # textstat says one sentence where there is none of three words.
        assert max(1, row["sentences"]) == oracle("sentence_count", text, "en")


@pytest.mark.parametrize(
    ("text", "as_textstat_should_read_it", "language"),
    [
        # A web address is no word of sixty letters.
        (
            "Read the whole sad story at https://example.org/news/2011/05/a-very-long-title "
            "before you judge anybody here. Thanks to all.",
            "Read the whole sad story at   before you judge anybody here. Thanks to all.",
            "en",
        ),
        # A typographic apostrophe is an apostrophe, an ellipsis is three stops.
        (
            "They didn’t want it, they couldn’t pay for it… and it isn’t even new, is it?",
            "They didn't want it, they couldn't pay for it. and it isn't even new, is it?",
            "en",
        ),
        # The question mark of Arabic ends a sentence.
        (
            "هل كان على رئيسة البلدية أن تستقيل بعد التقرير؟ لا أحد يعرف ماذا سيحدث الآن.",
            "هل كان على رئيسة البلدية أن تستقيل بعد التقرير? لا أحد يعرف ماذا سيحدث الآن.",
            "ar",
        ),
        # Arabic vowel signs are no letters.
        (
            "كَانَ عَلَى رَئِيسَةِ البَلَدِيَّةِ أَنْ تَسْتَقِيلَ بَعْدَ صُدُورِ التَّقْرِيرِ الأَوَّلِ فِي المَدِينَةِ.",
            "كان على رئيسة البلدية أن تستقيل بعد صدور التقرير الأول في المدينة.",
            "ar",
        ),
    ],
)
def test_each_difference_from_textstat_has_its_reason(
    text: str, as_textstat_should_read_it: str, language: str, oracle: Oracle
) -> None:
    text = unicodedata.normalize("NFC", text)
    assert prose(text, language) == as_textstat_should_read_it
    (row,) = measured([text], language)
    compared = 0
    for formula in FORMULAS:
        name = formula.metric.name
        if row[name] is not None:
            expected = oracle(name, as_textstat_should_read_it, language)
            assert row[name] == pytest.approx(expected, rel=1e-12)
            compared += 1
    assert compared >= 3
