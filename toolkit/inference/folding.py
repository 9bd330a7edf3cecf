"""Many comments as one array of plain letters, with the disguises taken off.

Whoever hides a word from a filter writes it in another alphabet's letters, in
digits and signs, with spaces between, with invisible marks inside, or with
letters repeated. :func:`fold` undoes these for a whole batch at once, and
keeps for every letter its place in the original text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: One past the last Unicode code point.
CODE_POINTS: Final = 0x110000
SPACE: Final = 32
#: A longer word is read as several words of this many letters.
LONGEST_WORD: Final = 64
_CUT: Final = "\n\n"  # two, so that nothing is joined across two texts

# What a digit or a sign stands for beside a letter ("1diot", "a$$", "sh1t").
_LEET: Final = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
# The same, but read so only between two letters ("b!tch", yet not "idiot!").
_LEET_INSIDE: Final = {"!": "i", "|": "i", "+": "t", "#": "*", "%": "*"}


def _leet_tables() -> tuple[Array, Array, Array]:
    target = np.zeros(128, np.uint32)
    inside = np.zeros(128, np.bool_)
    for table, only_inside in ((_LEET, False), (_LEET_INSIDE, True)):
        for sign, letter in table.items():
            target[ord(sign)] = ord(letter)
            inside[ord(sign)] = only_inside
    return target, inside, target != 0


_LEET_TARGET, _LEET_IS_INSIDE, _LEET_ANY = _leet_tables()


@dataclass(frozen=True, slots=True)
class FoldTable:
    """``fold[code point]`` is the plain form of a code point; 0 means: leave it out.

    ``is_word[plain form]`` says whether it belongs to a word. Both have
    CODE_POINTS entries (uint32, bool).
    """

    fold: Array
    is_word: Array

    @classmethod
    def from_arrays(cls, source: Array, target: Array, word_runs: Array) -> FoldTable:
        """From the changed code points and the (start, end) runs of word characters."""
        fold = np.arange(CODE_POINTS, dtype=np.uint32)
        fold[source] = target
        steps = np.zeros(CODE_POINTS + 1, np.int8)
        steps[word_runs[:, 0]] += 1
        steps[word_runs[:, 1]] -= 1
        return cls(fold, np.cumsum(steps[:-1], dtype=np.int8) > 0)


@dataclass(frozen=True, slots=True)
class Folded:
    """Words of a batch: ``' ' word ' ' word ' ' ...`` in one array.

    ``letters`` (uint32) are plain code points with one space before each word
    and one at the end; ``spaces`` (int64) are the indices of those spaces, one
    more than there are words; ``starts`` and ``ends`` (int64) are each word's
    offsets in its own text; ``first_word`` (int64, one more than there are
    texts) is the index of each text's first word.
    """

    letters: Array
    spaces: Array
    starts: Array
    ends: Array
    first_word: Array


def fold(texts: Sequence[str], table: FoldTable) -> Folded:
    """Fold a batch. What comes out for a text depends on that text alone."""
    raw = np.frombuffer(
        (_CUT + _CUT.join(texts) + _CUT).encode("utf-32-le", "surrogatepass"), np.uint32
    )
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + len(_CUT)
    offsets = np.cumsum(lengths) - lengths + len(_CUT)  # of each text in raw
    place: Array | None = None  # index in raw; None while nothing was left out
    plain = table.fold[raw]
    seen = plain != 0
    if not seen.all():
        place = np.flatnonzero(seen)
        plain = plain[place]
    word = table.is_word[plain]
    _read_leet(plain, word)
    begin, end = _runs(word)
    keep = word.copy()
    # A third and later repeat goes ("soooo"): two are left, as in "good".
    same = (plain[2:] == plain[1:-1]) & (plain[1:-1] == plain[:-2])
    keep[2:] &= ~same
    joined = _spaced_letters(plain, begin, end)
    before = np.delete(begin, joined + 1) if joined.size else begin
    keep[before - 1] = True
    last = np.delete(end, joined) if joined.size else end
    keep[-1] = True
    plain[~word] = SPACE
    letters = plain[keep]
    spaces = np.flatnonzero(letters == SPACE)
    starts, ends = before, last - 1
    if np.diff(spaces).max(initial=0) > LONGEST_WORD + 1:
        letters, spaces, starts, ends = _cut_long(letters, spaces, starts, ends, keep)
    if place is not None:
        starts, ends = place[starts], place[ends]
    owner = np.searchsorted(offsets, starts, side="right") - 1
    first_word = np.searchsorted(owner, np.arange(len(texts) + 1))
    shift = offsets[owner]
    return Folded(letters, spaces, starts - shift, ends + 1 - shift, first_word)


def _cut_long(
    letters: Array, spaces: Array, starts: Array, ends: Array, keep: Array
) -> tuple[Array, Array, Array, Array]:
    """Put a space after every LONGEST_WORD letters of a word."""
    place = np.arange(letters.size) - np.repeat(spaces, np.diff(spaces, append=letters.size))
    cuts = np.flatnonzero((place > 1) & (place % LONGEST_WORD == 1))  # begin a further word
    kept = np.flatnonzero(keep)
    starts = np.sort(np.concatenate((starts, kept[cuts])))
    ends = np.sort(np.concatenate((ends, kept[cuts - 1])))
    letters = np.insert(letters, cuts, SPACE)
    return letters, np.flatnonzero(letters == SPACE), starts, ends


def _runs(word: Array) -> tuple[Array, Array]:
    """Begin and end indices of the runs of True; the array starts and ends with False."""
    change = np.flatnonzero(word[1:] != word[:-1]) + 1
    return change[::2], change[1::2]


def _read_leet(plain: Array, word: Array) -> None:
    """Replace digits and signs that stand for letters, in place."""
    at = np.flatnonzero(_LEET_ANY[np.minimum(plain, 127)])
    if not at.size:
        return
    letter = (plain >= 97) & (plain <= 122)
    sign = np.zeros(plain.size, np.bool_)
    sign[at] = ~_LEET_IS_INSIDE[plain[at]]
    left, right = letter[at - 1], letter[at + 1]
    near = (
        left
        | right
        # the second of two signs: "a$$", "n00b"
        | (sign[at - 1] & letter[np.maximum(at - 2, 0)])
        | (sign[at + 1] & letter[np.minimum(at + 2, plain.size - 1)])
    )
    # "@name" is an address; "@ss" is not.
    address = (plain[at] == ord("@")) & ~left & ~(plain[at + 1] == ord("s"))
    ok = np.where(_LEET_IS_INSIDE[plain[at]], left & right, near & ~address)
    at = at[ok]
    plain[at] = _LEET_TARGET[plain[at]]
    word[at] = True


def _spaced_letters(plain: Array, begin: Array, end: Array) -> Array:
    """Indices of one-letter words to be joined with the next ("i d i o t"): runs of three up."""
    single = (end - begin == 1) & (plain[begin] >= 97) & (plain[begin] <= 122)
    link = single[:-1] & single[1:] & (begin[1:] - end[:-1] == 1)
    if not link.any():
        return np.empty(0, np.int64)
    beside = np.zeros(link.size, np.bool_)
    beside[1:] |= link[:-1]
    beside[:-1] |= link[1:]
    return np.flatnonzero(link & beside)
