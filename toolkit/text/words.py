"""Words by Unicode's rules, as offsets."""

from __future__ import annotations

from typing import Final

import regex

# A word starts with a letter, mark or digit and may hold apostrophes and
# hyphens inside ("don't", "al-Haq"). Han, kana and Thai have no spaces; there a
# run of letters counts as one word, which is why readability is null for them.
_WORD: Final = regex.compile(
    r"[\p{L}\p{M}\p{N}]+(?:['\u2019\u02bc\-\u2010\u2011][\p{L}\p{M}\p{N}]+)*"
)


def word_spans(text: str) -> list[tuple[int, int]]:
    """``(start, end)`` of each word, in order."""
    return [match.span() for match in _WORD.finditer(text)]


def count_words(text: str) -> int:
    """How many words ``text`` has."""
    return sum(1 for _ in _WORD.finditer(text))
