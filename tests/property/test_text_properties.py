"""Sentences and languages of any text whatever."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.text.language import LANGUAGES, UNDETERMINED, detect
from toolkit.text.sentences import sentence_spans

# Plain letters alone would seldom meet what the rules are about.
PIECES = st.sampled_from(
    [*".!?…。؟।;\"'“”«»()[]「」-*>\n\t ", "\r\n", "\u2029", "\u2028", "\x0c", "\x85", "\u00a0",
     "Mr. ", "e.g. ", "U.S. ", "J. ", "5. ", "3.5", "www.a.Com", "http://x.Y/z", "a@b.Cd", " a",
     " A", "b", "B", "İ", "ß", "é", "ا", "你", "ค", "\u0301", "\u200d", "😀", ":)",
     "\ud800", "\x00", "1) "]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=40).map("".join))
TAGS = st.sampled_from([None, "", "und", "xx", "en", "en-GB", "de", "el", "ar", "zh-Hant", "ja"])


@settings(max_examples=100, deadline=None)
@given(TEXTS, TAGS)
def test_sentences_are_trimmed_ordered_and_hold_all_there_is(text: str, tag: str | None) -> None:
    end = 0
    for low, high in sentence_spans(text, tag):
        assert low < high
        assert text[low:high] == text[low:high].strip()
        assert not text[end:low].strip()
        end = high
    assert not text[end:].strip()


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=4), TAGS)
def test_paragraphs_are_split_each_on_its_own(parts: list[str], tag: str | None) -> None:
    def pieces(text: str) -> list[str]:
        return [text[low:high] for low, high in sentence_spans(text, tag)]

    assert pieces("\n\n".join(parts)) == [piece for part in parts for piece in pieces(part)]


@settings(max_examples=30, deadline=None)
@given(st.lists(TEXTS, max_size=5))
def test_a_language_is_known_bounded_and_its_texts_own(texts: list[str]) -> None:
    together = detect(texts)
    assert together == [detect([text])[0] for text in texts]
    for guess in together:
        assert guess.tag in LANGUAGES or guess.tag == UNDETERMINED
        assert 0.0 <= guess.confidence <= 1.0
