"""Slurs and obscenities masked, so that a report can be sent on.

``masked.txt`` lists the words (English, some German, French and Spanish). A
word that the toxicity analyzer flags as an attack on identity or as obscene is
masked as well, whatever its language. All but the first letter become bullets,
one for one: offsets stay valid, and a reader still sees which word it was.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Final

import regex

from toolkit.records import Evidence
from toolkit.text.normalize import fold_case
from toolkit.text.words import word_spans

BULLET: Final = "•"
#: Toxicity labels whose flagged words are masked.
LABELS: Final = frozenset({"obscene", "identity_attack", "severe_toxicity", "sexual_explicit"})
#: A flagged span of more words is a sentence, not a slur; the word list decides there.
MAX_WORDS: Final = 2

_WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+")


@lru_cache(maxsize=1)
def _listed() -> tuple[regex.Pattern[str], regex.Pattern[str]]:
    """The word list as patterns for a whole word: in any case, and in lower case only."""
    lines = files("toolkit.reporting").joinpath("masked.txt").read_text("utf-8").splitlines()
    words = [codecs.decode(line, "rot13") for line in lines if line and not line.startswith("#")]

    def pattern(chosen: Iterable[str]) -> regex.Pattern[str]:
        return regex.compile(
            "|".join(
                regex.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "")
                for word in chosen
            )
        )

    return (
        pattern(word for word in words if not word.startswith("=")),
        pattern(word[1:] for word in words if word.startswith("=")),
    )


@lru_cache(maxsize=20_000)
def _is_listed(word: str) -> bool:
    any_case, lower_only = _listed()
    return bool(any_case.fullmatch(fold_case(word)) or lower_only.fullmatch(word))


def mask(text: str, evidence: Iterable[Evidence] = ()) -> str:
    """``text`` of the same length with every masked word reduced to its first letter."""
    hidden = [match.span() for match in _WORD.finditer(text) if _is_listed(match[0])]
    for item in evidence:
        if item.analyzer == "toxicity" and item.label in LABELS:
            quote = text[item.start : item.end]
            if len(word_spans(quote)) <= MAX_WORDS:
                hidden += [
                    (item.start + match.start(), item.start + match.end())
                    for match in _WORD.finditer(quote)
                ]
    if not hidden:
        return text
    letters = list(text)
    for start, end in hidden:
        letters[start + 1 : end] = BULLET * (end - start - 1)
    return "".join(letters)
