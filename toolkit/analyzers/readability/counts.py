"""What the readability formulas stand on: each text counted once.

The counts are textstat's (0.7.13), rule for rule, so that the formulas give
textstat's numbers: a word is a run between white space with its punctuation
taken out (``well-known`` is one word, ``and/or`` too); a sentence is a run up
to ``.``, ``!`` or ``?`` of more than two words. textstat counts words anew
for every metric; here each distinct word is looked at once and remembered.

Three things are put right before counting, and nothing else (:func:`prose`):
web addresses are left out, since they are no words; typographic apostrophes
and the stops of other scripts become the typewriter's, the only ones textstat
knows; and Arabic vowel signs are left out, which textstat counts as letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

import regex

from toolkit.text.syllables import PATTERNS, familiar_words, syllable_counter

#: Words of more letters than this are long (Björnsson 1968).
LONG_WORD: Final = 6
#: Words of at least so many syllables are polysyllabic (McLaughlin 1969, Gunning 1952).
POLYSYLLABLE: Final = 3
#: Sentences of at most so many words are not counted (textstat).
FRAGMENT: Final = 2

_ADDRESS: Final = regex.compile(
    r"(?:\b(?:https?|ftp)://|\bwww\.)[^\s<>\"”»]+"
    # Possessive and from the start of a run only: else every word is walked
    # once for each of its letters in search of the @.
    r"|(?<![\w.+\-])[\w.+\-]++@[\w\-]++(?:\.[\w\-]+)+",
    regex.IGNORECASE,
)
_STRAIGHT: Final = (
    ("\u2019", "'"),
    ("\u2018", "'"),
    ("\u02bc", "'"),
    ("\uff07", "'"),
    ("\u2026", "."),
    ("\u061f", "?"),
    ("\u06d4", "."),
    ("\u0589", "."),
)
_ARABIC_SIGNS: Final = re.compile("[\u064b-\u0653\u0657\u0658\u0670\u0640]")
# textstat's two steps: apostrophes that belong to no English contraction, then
# every sign that is neither a word character nor an apostrophe.
_APOSTROPHE: Final = re.compile(r"'(?![tsd]|ve|ll|re)")
_PUNCTUATION: Final = re.compile(r"[^\w\s']")
_SENTENCE: Final = re.compile(r"\b[^.!?]+[.!?]*")
# Signs that code is full of, and a bracket right after a word: a call.
_CODE: Final = re.compile(r"[{}\[\]<>=;|\\^`]|(?<=\w)\(")
# Scripts in which textstat's letters and words mean nothing: no spaces (Han,
# kana, Thai, ...), syllable blocks (Hangul), or vowels written as marks, which
# Python's \w leaves out (Devanagari, Bengali, ...).
_UNCOUNTED: Final = regex.compile(
    r"[^\P{L}\p{Latin}\p{Cyrillic}\p{Greek}\p{Arabic}\p{Hebrew}\p{Armenian}\p{Georgian}]"
)
#: More letters of such scripts than this share, and no word count is given.
MAX_UNCOUNTED: Final = 0.2

_OWN_RULES: Final = frozenset([*PATTERNS, "ar"])
#: Remembered words per language; then the table starts anew. Bounds memory only.
_TABLE_SIZE: Final = 200_000
_LONGEST_REMEMBERED: Final = 40

_BITS: Final = 32
_MASK: Final = (1 << _BITS) - 1


class Counts(NamedTuple):
    """Counts of one text; all are 0 for the empty text.

    ``characters`` are those that are not white space, ``tokens`` the runs
    between white space (signs alone included), ``letters`` word characters
    (digits too), ``alphabetic`` those that are letters, ``signs`` those that
    code is full of. ``complex_words`` have three syllables or more and are not
    familiar, ``unfamiliar_words`` are not on the Dale-Chall list (both English
    alone). Syllable counts are 0 in a language without a counter, and
    ``monosyllables`` in English, which has no use for them. ``addresses`` are
    the web and mail addresses left out. ``countable`` is False in scripts
    where words cannot be told so. From ``letters`` on the counts are sums over
    words.
    """

    words: int = 0
    sentences: int = 0
    characters: int = 0
    tokens: int = 0
    signs: int = 0
    arabic_syllables: int = 0
    addresses: int = 0
    countable: bool = True
    letters: int = 0
    alphabetic: int = 0
    long_words: int = 0
    syllables: int = 0
    polysyllables: int = 0
    complex_words: int = 0
    unfamiliar_words: int = 0
    # What English has no use for stands last, where a zero costs no bits.
    monosyllables: int = 0
    faseeh_words: int = 0
    long_arabic_words: int = 0


_WORD_FIELDS: Final = len(Counts._fields) - Counts._fields.index("letters")


class _WordTable(dict[str, int]):
    """Word -> its counts, packed into one integer of ``_BITS`` a field.

    Packed, the counts of a text are one ``sum`` over its words, in C; a field
    overflows only past four billion in a single text.
    """

    def __init__(self, count_word: Callable[[str], tuple[int, ...]]) -> None:
        super().__init__()
        self._count_word = count_word

    def __missing__(self, word: str) -> int:
        packed = 0
        for shift, value in enumerate(self._count_word(word)):
            packed |= value << (shift * _BITS)
        if len(word) <= _LONGEST_REMEMBERED:
            if len(self) >= _TABLE_SIZE:
                self.clear()
            self[word] = packed
        return packed


def prose(text: str, language: str) -> str:
    """``text`` as it is counted: without addresses, with the typewriter's signs."""
    return _prose(text, language)[0]


def _prose(text: str, language: str) -> tuple[str, int]:
    removed = 0
    if "@" in text or "://" in text or "ww." in text or "WW." in text:
        text, removed = _ADDRESS.subn(" ", text)
    if not text.isascii():
        for typographic, plain in _STRAIGHT:
            if typographic in text:
                text = text.replace(typographic, plain)
        if language == "ar":
            text = _ARABIC_SIGNS.sub("", text)
    return text, removed


def address_spans(text: str) -> list[tuple[int, int]]:
    """Where the web and mail addresses stand that :func:`prose` leaves out."""
    return [match.span() for match in _ADDRESS.finditer(text)]


def split_words(text: str) -> list[str]:
    """The words of a text as :func:`prose` gives it: textstat's ``list_words``."""
    if "'" in text:
        text = _APOSTROPHE.sub("", text)
    return _PUNCTUATION.sub("", text).split()


def count_sentences(text: str) -> int:
    """Sentences of more than ``FRAGMENT`` words; textstat gives at least 1, this 0."""
    number = 0
    for piece in _SENTENCE.findall(text):
        first = piece.split(None, FRAGMENT + 1)[: FRAGMENT + 1]
        if len(first) > FRAGMENT and (
            # Three runs that begin with a letter are three words; only where
            # one begins with a sign must the words themselves be looked at.
            (first[0][0].isalnum() and first[1][0].isalnum() and first[2][0].isalnum())
            or len(split_words(piece)) > FRAGMENT
        ):
            number += 1
    return number


def count(text: str, language: str) -> Counts:
    """All counts of one text; ``language`` is a primary subtag (``en``), ``""`` for none."""
    text, addresses = _prose(text, language)
    words = split_words(text)
    tokens = text.split()
    table = _table(language if language in _OWN_RULES else "")
    packed = sum(map(table.__getitem__, words))
    countable = True
    if not text.isascii():
        foreign = sum(1 for _ in _UNCOUNTED.finditer(text))
        letters = foreign and sum(map(str.isalpha, text))
        countable = not foreign or foreign <= MAX_UNCOUNTED * letters
    return Counts(
        len(words),
        count_sentences(text),
        sum(map(len, tokens)),
        len(tokens),
        len(_CODE.findall(text)),
        _arabic_syllables(text) if language == "ar" else 0,
        addresses,
        countable,
        *(packed >> shift & _MASK for shift in range(0, _BITS * _WORD_FIELDS, _BITS)),
    )


@cache
def _table(language: str) -> _WordTable:
    """The word table of a language of ``_OWN_RULES``, or the one that all others share."""
    syllables = syllable_counter(language) if language in PATTERNS else None
    familiar = familiar_words() if language == "en" else frozenset[str]()
    english = language == "en"
    arabic = language == "ar"

    def count_word(word: str) -> tuple[int, ...]:
        letters = len(word) - word.count("'")
        lower = word.lower()
        number = syllables(lower) if syllables else 0
        # textstat takes the punctuation out again after it has made a word
        # small; a capital I with a dot leaves a mark behind there.
        unfamiliar = english and lower not in familiar
        bare = _PUNCTUATION.sub("", lower)
        hard = number if bare == lower else syllables(bare) if syllables and unfamiliar else 0
        return (
            letters,
            sum(map(str.isalpha, word)),
            letters > LONG_WORD,
            number,
            number >= POLYSYLLABLE,
            unfamiliar and hard >= POLYSYLLABLE,
            unfamiliar,
            number == 1 and not english,
            arabic and _faseeh(word.replace("'", "")),
            arabic and letters > _LONG_ARABIC_WORD,
        )

    return _WordTable(count_word)


# OSMAN (El-Haj and Rayson 2016) as textstat computes it for text without vowel
# signs: letters stand in for syllables.
_LONG_ARABIC_WORD: Final = 5
_FASEEH_SYLLABLES: Final = 5
_FASEEH: Final = re.compile("[\u0626\u0621\u0624\u0630\u0638]|\u0648\u0627|\u0648\u0646")
_NO_SYLLABLE: Final = re.compile(r"[\u0627\u0649?.!,\s*]")


def _arabic_syllables(text: str) -> int:
    return max(0, len(_NO_SYLLABLE.sub("", text)) - 2)


def _faseeh(word: str) -> bool:
    return _arabic_syllables(word) > _FASEEH_SYLLABLES and _FASEEH.search(word) is not None
