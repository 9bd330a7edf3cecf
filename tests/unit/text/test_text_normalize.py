"""Normal forms and words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.text.normalize import clean, collapse, fold_case, fold_quotes
from toolkit.text.words import count_words, word_spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("one\r\ntwo\rthree\u2028four\x85five", "one\ntwo\nthree\nfour\nfive"),
        ("one\u2029two", "one\n\ntwo"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("one  \t\ntwo\u00a0", "one\ntwo"),
        ("\n\none\n", "one"),
        ("bell\x07 null\x00 \x9b", "bell null"),
        ("\ufeffmarked", "marked"),
        ("e\u0301", "é"),
        ("broken\ud83d", "broken\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("  indented", "  indented"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.one_of(st.characters(), st.sampled_from("\r\n \t\u2029\x85\x00\ufeff")), max_size=30)
)
def test_clean_text_is_clean(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    clean(text).encode("utf-8")


def test_collapse() -> None:
    assert collapse("  one \n\n two\u00a0three ") == "one two three"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold_quotes(text)) == len(text)
    assert len(fold_case(text)) == len(text)


def test_folding() -> None:
    assert fold_quotes("“It’s” «so‑called»") == '"It\'s" "so-called"'
    assert fold_case("ISTANBUL İ Straße ΑΣ") == "istanbul İ straße ας"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Don't stop, al-Haq!", ["Don't", "stop", "al-Haq"]),
        ("isn’t 'quoted' rock'n'roll", ["isn’t", "quoted", "rock'n'roll"]),
        ("a--b -c- 'd'", ["a", "b", "c", "d"]),
        ("naïve Zürich мост गली", ["naïve", "Zürich", "мост", "गली"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("3.5 km", ["3", "5", "km"]),
        ("😀 !!! ...", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in word_spans(text)] == words
    assert count_words(text) == len(words)
