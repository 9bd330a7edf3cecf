from __future__ import annotations

import numpy as np
import pytest

from toolkit.analyzers.lexicon.tokens import BREAK, LINK, canonical, canonical_phrase
from toolkit.text.words import count_words, word_spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nothing\n  more\u00a0than", " nothing more than "),
        ("Isn’t it?", " isn't it ? "),
        ("the regime's", " the regime 's "),
        ("the regime’s", " the regime 's "),
        ("couldn't", " couldn't "),
        ("well-known", " well known "),
        ("well\u2011known", " well known "),
        ("“so-called”", ' " so called " '),
        ("U.S. law", " u.s . law "),
        ("3.5 of 1,000.", " 3.5 of 1,000 . "),
        ("end.Then", " end . then "),
        ("ne\u200bver n\u00adever", " never never "),
        ("所谓的", " 所 谓 的 "),
        ("one\n\ntwo", f" one {BREAK} two "),
        ("one\ntwo", " one two "),
        ("ÄRGER ĞÜÇ", " ärger ğüç "),
        ("a🙄b", " a 🙄 b "),
        ("", " "),
        ("   ", " "),
        (BREAK, " "),
    ],
)
def test_canonical_form(text: str, expected: str) -> None:
    assert canonical_phrase(text) == expected


def test_links_and_handles_hold_no_words() -> None:
    text = "see https://example.org/never-again and @never_again, not a@b"
    form = canonical_phrase(text)
    assert "never" not in form
    assert LINK in form
    assert form.endswith(" not a @ b ")


def test_each_place_leads_back_to_its_code_point() -> None:
    texts = ["Isn’t this\n“so-called” u\u200bnit\u2019s 3.5%?", "", "zwei 🙄 U.S. words", "\u200b"]
    whole = canonical(texts)
    for row, text in enumerate(texts):
        at = whole.rows[row]
        for place in range(int(at), int(whole.rows[row + 1])):
            letter = whole.text[place]
            if letter in (" ", BREAK):
                continue
            point = int(whole.to_points(np.array([place]))[0]) - int(whole.starts[row])
            assert canonical_phrase(text[point]).strip() == letter


def test_rows_are_separate() -> None:
    whole = canonical(["ab c", "", "d"])
    assert [whole.row_text(row) for row in range(3)] == [" ab c ", " ", " d "]


def test_lone_surrogates_do_no_harm() -> None:
    assert canonical_phrase("a \ud800 b") == " a \ufffd b "


@pytest.mark.parametrize(
    "text",
    ["", "one", "it's 3 o'clock - well-known", "'so' a--b ½ ١٢ नमस्ते दुनिया", "a\u02bcb-c'd’e"],
)
def test_word_starts_agree_with_the_words_of_the_text_room(text: str) -> None:
    whole = canonical([text, text])
    starts = whole.word_starts()
    first = starts[starts < whole.ends[0]] - whole.starts[0]
    assert first.tolist() == [start for start, _ in word_spans(text)]
    assert len(starts) == 2 * count_words(text)
