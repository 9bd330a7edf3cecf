from __future__ import annotations

import codecs
from importlib.resources import files

from toolkit.records import Evidence
from toolkit.reporting.masking import mask


def listed(word: str) -> str:
    """A word of the list, so that this file does not have to hold it."""
    return codecs.decode(word, "rot13")


def test_a_listed_word_keeps_its_first_letter_and_its_length() -> None:
    word = listed("shpxvat")
    text = f"What a {word.capitalize()} mess."
    assert mask(text) == f"What a {word[0].upper()}{'•' * (len(word) - 1)} mess."


def test_words_that_only_hold_a_listed_word_stay() -> None:
    text = "Scunthorpe, cocktails, shiitake, title, Essex, raccoon, pedestal"
    assert mask(text) == text


def test_a_name_in_capitals_stays() -> None:
    word = listed("qvpx")
    assert (
        mask(f"{word.capitalize()} Cheney, you {word}") == f"{word.capitalize()} Cheney, you d•••"
    )


def test_flagged_words_are_masked_by_label() -> None:
    text = "you total blurgs, and what a poor argument"

    def item(label: str, start: int, end: int) -> Evidence:
        return Evidence(
            analyzer="toxicity", label=label, start=start, end=end, quote=text[start:end]
        )

    assert mask(text, [item("identity_attack", 10, 16)]) == text.replace("blurgs", "b•••••")
    assert mask(text, [item("insult", 10, 16)]) == text
    # A whole sentence is no slur.
    assert mask(text, [item("obscene", 0, 42)]) == text
    assert mask(text, []) == text


def test_the_list_is_rot13_and_lower_case() -> None:
    lines = files("toolkit.reporting").joinpath("masked.txt").read_text("utf-8").splitlines()
    words = [line for line in lines if line and not line.startswith("#")]
    assert len(words) > 150
    assert len(set(words)) == len(words)
    assert all(word == word.lower() for word in words)
