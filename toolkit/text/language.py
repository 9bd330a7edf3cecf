"""Which language a text is in.

The detector is py3langid 0.4 (naive Bayes over byte n-grams, after Lui and
Baldwin 2012, "langid.py"): it ships its model, needs numpy alone, and was the
most accurate of those that answer thousands of short comments a second. The
comparison, with figures and the command, stands in ``docs/language.md``.

The model (about 80 MB in memory, about one second to unpack) is loaded at the
first question and kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import regex

if TYPE_CHECKING:
    from toolkit.text.language_batch import BatchIdentifier

#: The tag of a text whose language is not known (BCP 47).
UNDETERMINED: Final = "und"

# Written standard languages that comments come in. The model knows some 60
# more (dialects, ancient and constructed languages); on texts of a few words
# they draw answers away from these.
_TAGS: Final = (
    "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is "
    "it ja ka kk km kn ko ku ky lo lt lv mk ml mn mr ms my ne nl nn no or pa pl ps pt ro ru si sk "
    "sl so sq sr sv sw ta te th tl tr ug uk ur uz vi zh"
)
#: The tags that :func:`detect` can give, besides ``und``.
LANGUAGES: Final = frozenset(_TAGS.split())
#: The model's label for text without linguistic content.
_NO_LANGUAGE: Final = "zxx"

#: Below this confidence the tag is ``und``. On English comments nearly all
#: wrong answers lie under it (``docs/language.md``).
MIN_CONFIDENCE: Final = 0.35
#: Fewer letters than this name no language.
MIN_LETTERS: Final = 6
#: The same for Han, kana and hangul, where a letter is a syllable or a word.
MIN_DENSE_LETTERS: Final = 2
#: Characters that are looked at: a language is plain long before the end.
LOOKED_AT: Final = 500

_NOISE: Final = regex.compile(
    r"(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]+)+|@\w+"
    r"|[^\p{L}\p{M}\p{N}\p{P}\p{Zs}\s]+"
)
# The same for ASCII, where the signs can be listed.
_ASCII_NOISE: Final = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+|@\w+|[$+<=>^`|~\x00-\x08\x0e-\x1f]+"
)
_LETTERS: Final = regex.compile(rf"(?:\p{{L}}[^\p{{L}}]*+){{{MIN_LETTERS}}}")
_DENSE: Final = regex.compile(
    rf"(?:[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}\p{{Hangul}}]\P{{L}}*+){{{MIN_DENSE_LETTERS}}}"
)


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """``tag`` is BCP 47 (``en``, ``zh``), ``und`` where unsure; ``confidence`` in [0, 1].

    The confidence of ``und`` is that of the best guess that was too weak, and
    0 where the text has too few letters.
    """

    tag: str
    confidence: float


@cache
def _identifier() -> BatchIdentifier:
    from py3langid.langid import (  # type: ignore[import-untyped]
        MODEL_FILE,
        LanguageIdentifier,
    )

    from toolkit.text.language_batch import BatchIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES | {_NO_LANGUAGE})
    return BatchIdentifier(identifier)


def detect(texts: Sequence[str]) -> list[LanguageGuess]:
    """One guess a text; each depends on its text alone.

    Addresses, handles, emoji and signs are left out first, and the first
    ``LOOKED_AT`` characters of the rest decide. A text in several languages
    gets the one with most of its characters. Norwegian is ``no`` (Bokmål) or
    ``nn``; Chinese is ``zh`` in either script.
    """
    plain = [_plain(text) for text in texts]
    enough = [_LETTERS.search(text) or _DENSE.search(text) for text in plain]
    asked = [text for text, found in zip(plain, enough, strict=True) if found]
    answers = iter(_identifier().classify(asked) if asked else ())
    return [_guess(*next(answers)) if found else _NO_GUESS for found in enough]


def _plain(text: str) -> str:
    noise = _ASCII_NOISE if text.isascii() else _NOISE
    return noise.sub(" ", text[: 4 * LOOKED_AT])[:LOOKED_AT]


_NO_GUESS: Final = LanguageGuess(UNDETERMINED, 0.0)


def _guess(tag: str, confidence: float) -> LanguageGuess:
    if tag == _NO_LANGUAGE or confidence < MIN_CONFIDENCE:
        return LanguageGuess(UNDETERMINED, confidence)
    return LanguageGuess(tag, confidence)
