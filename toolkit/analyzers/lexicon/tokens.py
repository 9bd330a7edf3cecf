"""Canonical token text: the one form in which lexicon entries and comments meet.

In canonical text every token stands between single spaces, in lower case, with
straight quotes: ``Isn’t this "so-called"`` is `` isn't this " so called " ``
(with the leading and trailing space). An entry found there with its own two
spaces is a whole-word match by Unicode's rules, whatever stood around it, and
every position leads back to the code point it came from.

- White space of any length is one boundary; a blank line is the token BREAK.
- A hyphen inside a word is a boundary, so ``well-known`` meets ``well known``.
- An apostrophe inside a word opens a new token (``regime's`` meets
  ``regime``), except before a final t (``couldn't`` is not ``could``).
- A full stop or comma between digits, and the stop inside ``U.S.``, stay.
- Every other mark is a token of its own.
- Han, kana, Thai, Lao, Khmer and Burmese have no spaces between words; there
  each letter is a token.
- Zero-width characters are passed over, so they cannot hide a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import regex

from toolkit.text.normalize import fold_quotes

#: Stands between texts and for a blank line; no entry can hold it.
BREAK: Final = "\x02"
#: Stands for every character of a link, so that no word inside one is a word.
LINK: Final = "\x03"

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_SIZE: Final = 0x110000
# In this order: from _WORD on a character is shown, from _MARK on it is a token by itself.
_PASSED, _SPACE, _WORD, _MARK, _ALONE, _BREAK = range(6)
_KIND_SHIFT: Final = 24
_JOINERS: Final = "'\u2019\u02bc-\u2010\u2011"  # as in toolkit.text.words
_LINKS: Final = regex.compile(r"(?:https?://|www\.)\S+|(?<![\p{L}\p{N}])@\w+", regex.IGNORECASE)
#: A text that holds none of these has nothing to mask.
_LINK_SIGNS: Final = ("//", "@", "www.", "WWW.", LINK)
_PASSED_OVER: Final = (
    r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]+"
)
_UNSPACED: Final = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}&&[\p{L}\p{M}\p{N}]]+"
)


@dataclass(frozen=True, slots=True)
class _Tables:
    """Per code point: class, folded code point, and whether it is a letter of a word, joins
    two words, is a lower-case or an upper-case letter.
    """

    #: The class in the top byte, the folded code point below it.
    letters: npt.NDArray[np.uint32]
    word: BoolArray
    joiner: BoolArray
    lower: BoolArray
    upper: BoolArray


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    # chr() of a surrogate is legal in a str; texts have theirs replaced first.
    # Planes 4 to 13 are unassigned.
    every = "".join(map(chr, range(0x40000)))
    tags = "".join(map(chr, range(0xE0000, 0xE0200)))
    kind = np.full(_SIZE, _MARK, np.uint8)

    def assign(pattern: str, value: int, letters: str = every, offset: int = 0) -> None:
        for match in regex.compile(pattern, regex.V1).finditer(letters):
            kind[offset + match.start() : offset + match.end()] = value

    assign(r"[\p{L}\p{M}\p{N}]+", _WORD)
    assign(r"[\p{L}\p{M}\p{N}]+", _WORD, tags, 0xE0000)
    word = kind == _WORD
    assign(_UNSPACED, _ALONE)
    plane = every[:0x10000]
    assign(r"[\p{White_Space}\p{Cc}]+", _SPACE, plane)
    assign(_PASSED_OVER, _PASSED, plane)
    kind[ord(LINK)] = _WORD
    kind[ord(BREAK)] = kind[0x2029] = _BREAK
    fold = np.arange(_SIZE, dtype=np.uint32)
    # No letter above 0x1FFFF has a case.
    lower, upper = np.zeros(_SIZE, np.bool_), np.zeros(_SIZE, np.bool_)
    for point in range(0x20000):
        letter = chr(point)
        lowered = letter.lower()
        if len(lowered) == 1:
            fold[point] = ord(lowered)
        lower[point], upper[point] = letter.islower(), letter.isupper()
    for point in regex.findall(r"[\p{P}\p{Z}\u02bc]", plane):
        fold[ord(point)] = ord(fold_quotes(point))
    fold[ord("\u2013")] = ord("-")  # an en dash inside a word is a hyphen to many keyboards
    fold[0x2029] = ord(BREAK)
    kind[ord("\u02bc")] = _MARK  # a letter to Unicode, an apostrophe to us
    joiner = np.zeros(_SIZE, np.bool_)
    joiner[[ord(letter) for letter in _JOINERS]] = True
    letters = (kind.astype(np.uint32) << np.uint32(_KIND_SHIFT)) | fold
    return _Tables(letters=letters, word=word, joiner=joiner, lower=lower, upper=upper)


@dataclass(frozen=True, slots=True)
class Canonical:
    """Many texts in one canonical text. All arrays are one-dimensional.

    ``text``: the canonical text; it opens with a BREAK, and one closes each
    row. ``points``: code points of all texts, with the same BREAKs.
    ``starts``/``ends``: where each text begins and ends in ``points``;
    ``rows``: where each begins in ``text``, plus a closing entry.
    """

    text: str
    #: The same as numbers.
    codes: npt.NDArray[np.unsignedinteger[Any]]
    points: npt.NDArray[np.uint32]
    starts: IntArray
    ends: IntArray
    rows: IntArray
    #: For each code point that is not passed over: its place in ``text``, or
    #: that of the last one shown before it.
    places: npt.NDArray[np.int32]
    #: The index in ``points`` of each of ``places``; None where none is passed over.
    index: IntArray | None

    def row_text(self, row: int) -> str:
        """The canonical text of one row, with its two outer spaces."""
        return self.text[self.rows[row] : self.rows[row + 1] - 1]

    def to_points(self, places: IntArray) -> IntArray:
        """Indexes into ``points`` of the characters (no spaces) at ``places`` in ``text``."""
        # In the dtype of the array: another would have numpy copy it at each call.
        found: IntArray = np.searchsorted(self.places, places.astype(np.int32))
        return found if self.index is None else self.index[found]

    def to_places(self, points: IntArray) -> IntArray:
        """The place in ``text`` of the last character shown at or before each of ``points``."""
        if self.index is not None:
            points = np.searchsorted(self.index, points, side="right") - 1
        return self.places[points].astype(np.int64)

    def is_upper(self, starts: IntArray, stops: IntArray) -> BoolArray:
        """Whether each span of ``points`` has capitals and no small letter."""
        upper, lower = self._cased(starts, stops)
        found: BoolArray = (upper > 0) & (lower == 0)
        return found

    def is_lower(self, starts: IntArray, stops: IntArray) -> BoolArray:
        """Whether each span of ``points`` has small letters and no capital."""
        upper, lower = self._cased(starts, stops)
        found: BoolArray = (lower > 0) & (upper == 0)
        return found

    def _cased(self, starts: IntArray, stops: IntArray) -> tuple[IntArray, IntArray]:
        tables = _tables()
        counts: list[IntArray] = []
        for table in (tables.upper, tables.lower):
            before = np.zeros(self.points.size + 1, np.int32)
            np.cumsum(np.take(table, self.points), out=before[1:])
            counts.append(before[stops] - before[starts])
        return counts[0], counts[1]

    def capitals(self) -> BoolArray:
        """For each of ``points``, whether it is an upper-case letter."""
        found: BoolArray = np.take(_tables().upper, self.points)
        return found

    def word_starts(self) -> IntArray:
        """Indexes into ``points`` at which a word (``toolkit.text.words``) begins."""
        tables = _tables()
        word = np.take(tables.word, self.points)
        starts = np.flatnonzero(word[1:] > word[:-1]) + 1
        joined = np.take(tables.joiner, self.points[starts - 1]) & word[starts - 2]
        kept: IntArray = starts[~joined]
        return kept


def _joined(texts: Sequence[str]) -> str:
    """The texts with a BREAK about each, links masked."""
    joined = f"{BREAK}{BREAK.join(texts)}{BREAK}"
    signs = [sign for sign in _LINK_SIGNS if sign in joined]
    if not signs:
        return joined
    # Few texts hold a link: find those from the signs, in place of asking each text.
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
    masked = list(texts)
    for sign in signs:
        at = joined.find(sign)
        while at >= 0:
            row = int(np.searchsorted(ends, at))
            if row < len(texts):
                masked[row] = mask_links(texts[row])
                at = joined.find(sign, int(ends[row]))
            else:
                break
    return f"{BREAK}{BREAK.join(masked)}{BREAK}"


def mask_links(text: str) -> str:
    """Links and @handles overwritten with LINK, letter for letter."""
    if "//" in text or "@" in text or "www." in text or "WWW." in text:
        return _LINKS.sub(lambda match: LINK * len(match.group()), text.replace(LINK, " "))
    return text.replace(LINK, " ") if LINK in text else text


def canonical(texts: Sequence[str]) -> Canonical:
    """Bring ``texts`` into canonical form; each text's part depends on it alone."""
    tables = _tables()
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    ends = np.cumsum(lengths + 1)
    masked = _joined(texts)
    points = np.frombuffer(masked.encode("utf-32-le", "surrogatepass"), np.uint32).copy()
    if not masked.isascii():
        points[(points & 0xFFFFF800) == 0xD800] = 0xFFFD  # surrogates
    if masked.count(BREAK) != len(texts) + 1:
        # A BREAK that a text itself holds is a control character like any other.
        points[points == ord(BREAK)] = ord(" ")
        points[0] = points[ends] = ord(BREAK)

    shown_points, index = points, None
    # "clip" spares a check: no code point lies outside the table.
    letters = np.take(tables.letters, points, mode="clip")
    kind = (letters >> _KIND_SHIFT).astype(np.uint8)
    if not masked.isascii() and (passed := kind == _PASSED).any():
        index = np.flatnonzero(~passed)
        shown_points, letters, kind = points[index], letters[index], kind[index]
    folded = letters & np.uint32((1 << _KIND_SHIFT) - 1)
    run, alone = kind == _WORD, kind >= _MARK
    clitics = _join_inside_words(folded, run, alone, np.flatnonzero(kind == _MARK))
    newlines = np.flatnonzero(shown_points == ord("\n"))
    blank = newlines[shown_points[newlines - 1] == ord("\n")]
    folded[blank], alone[blank] = ord(BREAK), True

    # Each shown character takes one place, and the first of a token one more
    # for the space before it.
    begins = alone.copy()
    begins[1:] |= run[1:] > run[:-1]
    begins[clitics] = True
    shown = run | alone
    places = np.cumsum(shown.view(np.uint8) + begins.view(np.uint8), dtype=np.int32) - np.int32(1)
    at = np.flatnonzero(shown)
    written = folded.take(at)
    narrow = bool(written.max() < 0x80)
    dtype: type[np.unsignedinteger[Any]] = np.uint8 if narrow else np.uint32
    out = np.full(int(places[-1]) + 2, ord(" "), dtype)
    out[places.take(at)] = written

    rows = np.full(len(texts) + 1, 2, np.int64)
    closing = ends if index is None else np.searchsorted(index, ends)
    rows[1:] = places[closing] + 1
    return Canonical(
        codes=out,
        text=out.tobytes().decode("ascii" if narrow else "utf-32-le"),
        points=points,
        starts=ends - lengths,
        ends=ends,
        rows=rows,
        places=places,
        index=index,
    )


def _join_inside_words(
    folded: npt.NDArray[np.uint32], run: BoolArray, alone: BoolArray, marks: IntArray
) -> IntArray:
    """Settle the marks between two letters of a word in ``run`` and ``alone``, in place.

    Gives the apostrophes at which a new token begins.
    """
    inner = marks[run[marks - 1] & run[marks + 1]]
    mark, before, after = folded[inner], folded[inner - 1], folded[inner + 1]
    # The first and the last point are BREAKs, so two steps away is still inside.
    short_before, short_after = ~run[inner - 2], ~run[np.minimum(inner + 2, run.size - 1)]
    apostrophe = mark == ord("'")
    negation = apostrophe & (before == ord("n")) & (after == ord("t")) & short_after
    digits = _is_digit(before) & _is_digit(after)
    stop = mark == ord(".")
    number = digits & (stop | (mark == ord(",")))
    initials = stop & short_before & short_after
    stays = inner[apostrophe | number | initials]
    run[stays] = True
    alone[stays] = False
    alone[inner[mark == ord("-")]] = False
    clitics: IntArray = inner[apostrophe & ~negation]
    return clitics


def _is_digit(points: npt.NDArray[np.uint32]) -> BoolArray:
    return (points >= ord("0")) & (points <= ord("9"))


def canonical_phrase(phrase: str) -> str:
    """One phrase in canonical form with its two outer spaces; one space where it holds no token."""
    return canonical_phrases([phrase])[0]


def canonical_phrases(phrases: Sequence[str]) -> list[str]:
    """Each phrase as ``canonical_phrase`` gives it, many at a time."""
    whole = canonical(phrases)
    return [whole.row_text(row) for row in range(len(phrases))]
