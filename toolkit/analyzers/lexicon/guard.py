"""Guards: what must and must not stand about a match."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from toolkit.analyzers.lexicon import Guard
from toolkit.analyzers.lexicon.tokens import BREAK, Canonical, canonical_phrases

#: How far a sentence is looked at to either side, in characters of canonical
#: text, so that one endless sentence cannot cost quadratic time.
WINDOW: Final = 600

_ENDS: Final = (" . ", " ! ", " ? ", " \u2026 ", f" {BREAK} ")
#: In a guard: ``^`` is the start of a sentence, ``$`` its end, ``#`` a number.
_STARTS: Final = (*_ENDS, " : ", ' " ', " ( ", " - ", " \u2014 ")
_CLOSING_MARKS: Final = 8
_DIGITS: Final = tuple(f" {digit}" for digit in "0123456789")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledGuard:
    """A guard in canonical form. An empty tuple is no condition."""

    not_after: tuple[str, ...]
    not_before: tuple[str, ...]
    after: tuple[str, ...]
    before: tuple[str, ...]
    sentence_has: tuple[str, ...]
    sentence_lacks: tuple[str, ...]
    sentence_ends: str | None
    case: str | None

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, guard: Guard) -> CompiledGuard | None:
        """None for a guard without conditions. Entries of one list share theirs."""
        if not guard:
            return None
        return cls(
            not_after=_canonical(guard.not_after, {"^": _STARTS}),
            not_before=_canonical(guard.not_before, {"$": _ENDS, "#": _DIGITS}),
            after=_canonical(guard.after, {"^": _STARTS}),
            before=_canonical(guard.before, {"$": _ENDS, "#": _DIGITS}),
            sentence_has=_canonical(guard.sentence_has, {}),
            sentence_lacks=_canonical(guard.sentence_lacks, {}),
            sentence_ends=guard.sentence_ends,
            case=guard.case,
        )

    @property
    def is_needed(self) -> bool:
        """Whether anything is left to check at a hit; plain case is settled before."""
        return bool(
            self.not_after
            or self.not_before
            or self.after
            or self.before
            or self.sentence_has
            or self.sentence_lacks
            or self.sentence_ends
            or self.case not in (None, "upper", "lower")
        )

    def allows(
        self, whole: Canonical, row: int, begin: int, end: int, forms: tuple[str, ...]
    ) -> bool:
        """Whether the match between the spaces at ``begin`` and ``end - 1`` stands."""
        text = whole.text
        if self.not_after and text.endswith(self.not_after, 0, begin + 1):
            return False
        if self.not_before and text.startswith(self.not_before, end - 1):
            return False
        if self.after and not text.endswith(self.after, 0, begin + 1):
            return False
        if self.before and not text.startswith(self.before, end - 1):
            return False
        if self.case and not self._right_case(whole, begin, end, forms):
            return False
        if not (self.sentence_has or self.sentence_lacks or self.sentence_ends):
            return True
        first = max(int(whole.rows[row]), begin - WINDOW)
        last = min(int(whole.rows[row + 1]) + 1, end + WINDOW)
        start = max(first, *(text.rfind(sign, first, begin + 1) + 2 for sign in _ENDS))
        stops = [at for sign in _ENDS if (at := text.find(sign, end - 1, last)) >= 0]
        stop = min(stops, default=last)
        sentence = text[start : stop + 1]
        if self.sentence_has and not any(phrase in sentence for phrase in self.sentence_has):
            return False
        if any(phrase in sentence for phrase in self.sentence_lacks):
            return False
        return self.sentence_ends is None or self.sentence_ends in _closing(text, stop + 1)

    def _right_case(self, whole: Canonical, begin: int, end: int, forms: tuple[str, ...]) -> bool:
        first, last = whole.to_points(np.array([begin + 1, end - 2])).tolist()
        written = "".join(map(chr, whole.points[first : last + 1].tolist()))
        match self.case:
            case "exact":
                return " ".join(written.split()) in forms
            case "lower":
                return written.islower()
            case "upper":
                return written.isupper()
            case "title":
                return written[:1].isupper()
            case "not_upper":
                return not written.isupper()
            case _:
                return not all(word[:1].isupper() for word in written.split())


def _closing(text: str, at: int) -> str:
    """The run of closing marks at ``at``: a question may end in ``?!`` or ``!?``."""
    end = at
    while end < len(text) and end < at + 2 * _CLOSING_MARKS and text[end] in ".!?\u2026":
        end += 2
    return text[at:end]


def _canonical(phrases: Iterable[str], signs: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    plain = [phrase for phrase in phrases if phrase not in signs]
    found = canonical_phrases(plain) if plain else []
    return (*found, *(form for phrase in phrases for form in signs.get(phrase, ())))
