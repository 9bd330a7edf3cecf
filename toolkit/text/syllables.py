"""How many syllables a word has.

English words are looked up in the Carnegie Mellon Pronouncing Dictionary,
whose counts ship with the package; every other word is hyphenated by pyphen
(the patterns of LibreOffice) and has one syllable more than hyphens. This is
what textstat does, save that textstat fetches the dictionary from the network
at its first use and here nothing is ever fetched.

Hyphenation breaks a word where a printer may, and so misses some syllables
(``idea`` and ``über`` are not broken before one letter). Against the
dictionary, pyphen alone is right for about 60 % of the English entries.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Final

#: Language -> hyphenation patterns. English is American, as textstat's default.
PATTERNS: Final = {
    "en": "en_US",
    "de": "de",
    "es": "es",
    "fr": "fr",
    "it": "it",
    "nl": "nl",
    "ru": "ru",
}


@cache
def english_syllables() -> dict[str, int]:
    """Lower-case word -> syllables, 124,926 of them; a word may have 0 (``hm``)."""
    packed = files("toolkit.text").joinpath("data/cmudict_syllables.txt.gz").read_bytes()
    table: dict[str, int] = {}
    for line in gzip.decompress(packed).decode("utf-8").splitlines():
        count, *words = line.split()
        table.update(dict.fromkeys(words, int(count)))
    return table


@cache
def familiar_words() -> frozenset[str]:
    """The Dale-Chall list: words that four in five fourth-graders know, lower case."""
    text = files("toolkit.text").joinpath("data/familiar_words_en.txt").read_text("utf-8")
    return frozenset(text.split())


@cache
def syllable_counter(language: str) -> Callable[[str], int]:
    """A function from one lower-case word without punctuation to its syllables.

    ``language`` is a key of ``PATTERNS``; KeyError for any other.
    """
    from pyphen import Pyphen  # type: ignore[import-untyped]

    hyphenation = Pyphen(lang=PATTERNS[language], cache=False)
    known = english_syllables() if language == "en" else {}

    def count(word: str) -> int:
        found = known.get(word)
        if found is None:
            found = len(hyphenation.positions(word)) + 1
            # pyphen keeps every word it was ever asked about.
            hyphenation.hd.cache.clear()
        return found

    return count
