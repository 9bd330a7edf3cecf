"""Syllables: the dictionary's for English, hyphenation for the rest."""

from __future__ import annotations

import pytest

from toolkit.text.syllables import PATTERNS, english_syllables, familiar_words, syllable_counter


@pytest.mark.parametrize(
    ("language", "word", "syllables"),
    [
        ("en", "idea", 3),
        ("en", "through", 1),
        ("en", "isn't", 2),
        ("en", "extraordinary", 6),
        ("en", "hmm", 0),
        ("en", "podcaster", 3),  # not in the dictionary: pod-cas-ter
        ("de", "bürgermeisterin", 5),
        ("es", "alcaldesa", 4),
        ("fr", "administration", 5),
        ("it", "comunale", 4),
        ("nl", "burgemeester", 4),
        ("ru", "человек", 3),
        # A printer breaks no single letter off, nor between two vowels.
        ("de", "über", 1),
        ("es", "ayuntamiento", 4),
        ("it", "straordinaria", 4),
        ("ru", "администрация", 5),
    ],
)
def test_syllables(language: str, word: str, syllables: int) -> None:
    assert syllable_counter(language)(word) == syllables


def test_the_dictionary_is_whole() -> None:
    assert len(english_syllables()) == 124_926
    assert all(0 <= count <= 12 for count in english_syllables().values())
    assert len(familiar_words()) == 2_941
    assert {"because", "don't", "grandmother"} <= familiar_words()
    assert "extraordinary" not in familiar_words()


def test_every_language_has_patterns() -> None:
    for language in PATTERNS:
        assert syllable_counter(language)("a") == 1


def test_pyphen_keeps_no_words() -> None:
    # It would remember every word of ten million comments.
    counter = syllable_counter("de")
    for number in range(50):
        counter(f"wort{number}")
    cells = dict(zip(counter.__code__.co_freevars, counter.__closure__ or (), strict=True))
    assert cells["hyphenation"].cell_contents.hd.cache == {}
