"""Finds the entries of a lexicon in many texts at once.

All literal forms, and the anchors of all patterns, are found by one
Aho-Corasick pass over the canonical text of the batch; guards and patterns
then run on what it found alone. Regular expressions run under RE2, whose time
is linear in the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import re2  # type: ignore[import-untyped]
from ahocorasick_rs import AhoCorasick

from toolkit.analyzers.lexicon import ANY_LANGUAGE, Entry, Lexicon
from toolkit.analyzers.lexicon_anchor import anchors
from toolkit.analyzers.lexicon_guard import CompiledGuard
from toolkit.analyzers.lexicon_quotes import quoted_spans
from toolkit.analyzers.lexicon_tokens import (
    Canonical,
    IntArray,
    canonical,
    canonical_phrases,
    mask_links,
)
from toolkit.text.normalize import fold_quotes

#: Texts that are brought into canonical form together: small enough for the
#: processor's cache, large enough that a batch costs little beside its texts.
BATCH: Final = 1000

#: RE2's budget for one pattern, in bytes; counted repetitions need some.
_PATTERN_MEMORY: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Matches:
    """Markers of many texts, ordered by row, start, end and category.

    Parallel arrays: ``row``, ``category`` and ``entry`` (indexes into the
    matcher's ``categories`` and ``entries``), ``start``/``end`` (code points
    of the row's text), ``quoted``. For each text: ``words`` and ``own_words``
    (words outside quotations).
    """

    row: IntArray
    category: IntArray
    entry: IntArray
    start: IntArray
    end: IntArray
    quoted: npt.NDArray[np.bool_]
    words: IntArray
    own_words: IntArray


class Matcher:
    """The entries of a lexicon that hold for one language, compiled."""

    def __init__(self, lexicon: Lexicon, language: str) -> None:
        self.categories: tuple[str, ...] = tuple(lexicon.categories)
        self.entries: tuple[Entry, ...] = tuple(
            entry for entry in lexicon.entries if entry.language in (language, ANY_LANGUAGE)
        )
        place = {name: index for index, name in enumerate(self.categories)}
        self.category_of = np.array([place[entry.category] for entry in self.entries], np.int64)
        self._guards = [CompiledGuard.of(entry.guard) for entry in self.entries]
        self._guarded = np.array([guard is not None for guard in self._guards], np.bool_)

        literals: dict[str, list[int]] = {}
        anchored: dict[str, list[int]] = {}
        self._patterns: dict[int, _Pattern] = {}
        self._everywhere: list[int] = []
        self._raw: list[int] = []
        forms = [(form, index) for index, entry in enumerate(self.entries) for form in entry.forms]
        for (_, index), form in zip(forms, canonical_phrases([f for f, _ in forms]), strict=True):
            owners = literals.setdefault(form, [])
            if index not in owners:
                owners.append(index)
        for index, entry in enumerate(self.entries):
            if entry.pattern is None:
                continue
            self._patterns[index] = _Pattern.of(entry)
            if entry.raw:
                self._raw.append(index)
            elif found := anchors(entry.pattern, before=" ", after=" "):
                for anchor in found:
                    anchored.setdefault(anchor, []).append(index)
            else:
                self._everywhere.append(index)
        literals.pop(" ", None)
        needles = [*literals, *anchored]
        self._automaton = AhoCorasick(needles) if needles else None
        self._literal_count = len(literals)
        self._owners = np.array(list(chain.from_iterable(literals.values())), np.int64)
        self._owner_count = np.array([len(found) for found in literals.values()], np.int64)
        self._owner_first = np.cumsum(self._owner_count) - self._owner_count
        self._anchored = list(anchored.values())

    def find(self, texts: Sequence[str]) -> Matches:
        """Every marker of ``texts``; what is found in one depends on it alone."""
        parts = [self._find(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
        if not parts:
            parts = [self._find([])] if texts else [_nothing()]
        rows = [part.row + index * BATCH for index, part in enumerate(parts)]
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Matches.__slots__
            if name != "row"
        }
        return Matches(row=np.concatenate(rows), **joined)

    def _find(self, texts: Sequence[str]) -> Matches:
        whole = canonical(texts)
        row, entry, begin, end, candidates = self._scan(whole)
        start, stop = whole.to_points(begin + 1), whole.to_points(end - 2) + 1
        start, stop = start - whole.starts[row], stop - whole.starts[row]
        extra = list(self._run_patterns(texts, whole, candidates))
        if extra:
            more = np.array(extra, np.int64)
            row, entry, start, stop = (
                np.concatenate([old, more[:, column]])
                for column, old in enumerate((row, entry, start, stop))
            )
        row, entry, start, stop = self._resolve(row, entry, start, stop)
        quoted, words, own_words = _quotations(texts, whole, row, start)
        return Matches(
            row=row,
            category=self.category_of[entry],
            entry=entry,
            start=start,
            end=stop,
            quoted=quoted,
            words=words,
            own_words=own_words,
        )

    def _scan(
        self, whole: Canonical
    ) -> tuple[IntArray, IntArray, IntArray, IntArray, dict[int, set[int]]]:
        """Literal hits with their guards kept (row, entry, begin and end in canonical text).

        And the rows in which each pattern is to be tried.
        """
        everything = range(len(whole.starts))
        candidates: dict[int, set[int]] = {index: set(everything) for index in self._everywhere}
        if self._automaton is None:
            nothing = np.zeros(0, np.int64)
            return nothing, nothing, nothing, nothing, candidates
        found = self._automaton.find_matches_as_indexes(whole.text, overlapping=True)
        flat = np.fromiter(chain.from_iterable(found), np.int64, 3 * len(found))
        needle, begin, end = flat[0::3], flat[1::3], flat[2::3]
        row = np.searchsorted(whole.rows, begin, side="right") - 1

        anchor = needle >= self._literal_count
        for which, at in set(
            zip((needle[anchor] - self._literal_count).tolist(), row[anchor].tolist(), strict=True)
        ):
            for index in self._anchored[which]:
                candidates.setdefault(index, set()).add(at)

        needle, begin, end, row = needle[~anchor], begin[~anchor], end[~anchor], row[~anchor]
        count = self._owner_count[needle]
        entry = self._owners[
            np.repeat(self._owner_first[needle], count)
            + np.arange(int(count.sum()))
            - np.repeat(np.cumsum(count) - count, count)
        ]
        row, begin, end = (np.repeat(values, count) for values in (row, begin, end))
        keep = np.ones(entry.size, np.bool_)
        for index in np.flatnonzero(self._guarded[entry]).tolist():
            keep[index] = self._allows(
                int(entry[index]), whole, int(row[index]), int(begin[index]), int(end[index])
            )
        return row[keep], entry[keep], begin[keep], end[keep], candidates

    def _allows(self, entry: int, whole: Canonical, row: int, begin: int, end: int) -> bool:
        guard = self._guards[entry]
        return guard is None or guard.allows(whole, row, begin, end, self.entries[entry].forms)

    def _run_patterns(
        self, texts: Sequence[str], whole: Canonical, candidates: dict[int, set[int]]
    ) -> Iterator[tuple[int, int, int, int]]:
        """Pattern hits that their guards allow: (row, entry, start, end) in code points."""
        by_row: dict[int, list[int]] = {}
        for index, rows in candidates.items():
            for row in rows:
                by_row.setdefault(row, []).append(index)
        for row, indexes in by_row.items():
            text = _Encoded(whole.row_text(row))
            base = int(whole.rows[row])
            for index in indexes:
                for begin, end in self._patterns[index].spans(text):
                    if not self._allows(index, whole, row, base + begin, base + end):
                        continue
                    first, last = whole.to_points(
                        np.array([base + begin + 1, base + end - 2])
                    ).tolist()
                    offset = int(whole.starts[row])
                    yield row, index, first - offset, last + 1 - offset
        for index in self._raw:
            trigger = self.entries[index].trigger
            tried = range(len(texts)) if trigger is None else _triggered(trigger, texts, whole)
            for row in tried:
                written = texts[row] if trigger == "link" else mask_links(texts[row])
                text = _Encoded(fold_quotes(written))
                for start, end in self._patterns[index].spans(text):
                    if self._guards[index] is not None:
                        offset = int(whole.starts[row])
                        begin, stop = whole.to_places(
                            np.array([offset + start, offset + end - 1])
                        ).tolist()
                        if not self._allows(index, whole, row, begin - 1, stop + 2):
                            continue
                    yield row, index, start, end

    def _resolve(
        self, row: IntArray, entry: IntArray, start: IntArray, stop: IntArray
    ) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Leftmost-longest inside each category of each text; in text order."""
        category = self.category_of[entry]
        order = np.lexsort((entry, -stop, start, category, row))
        row, entry, start, stop = row[order], entry[order], start[order], stop[order]
        category = category[order]
        same = (row[1:] == row[:-1]) & (category[1:] == category[:-1])
        if (same & (start[1:] < stop[:-1])).any():
            keep = np.ones(row.size, np.bool_)
            last, reach = (-1, -1), -1
            for index, (r, c, s, e) in enumerate(
                zip(row.tolist(), category.tolist(), start.tolist(), stop.tolist(), strict=True)
            ):
                if (r, c) == last and s < reach:
                    keep[index] = False
                else:
                    last, reach = (r, c), e
            row, entry, start, stop = row[keep], entry[keep], start[keep], stop[keep]
            category = category[keep]
        order = np.lexsort((category, stop, start, row))
        return row[order], entry[order], start[order], stop[order]


class _Encoded:
    """A text as UTF-8, with the way back from bytes to code points."""

    def __init__(self, text: str) -> None:
        self.data = text.encode("utf-8", "replace")
        self._points: npt.NDArray[np.int64] | None = None
        if len(self.data) != len(text):
            lead = (np.frombuffer(self.data, np.uint8) & 0xC0) != 0x80
            self._points = np.concatenate([np.cumsum(lead) - lead, [len(text)]])

    def point(self, byte: int) -> int:
        return byte if self._points is None else int(self._points[byte])


@dataclass(frozen=True, slots=True)
class _Pattern:
    compiled: Any
    group: int
    #: A canonical match ends with the space that the next may begin with.
    shared: int

    @classmethod
    def of(cls, entry: Entry) -> _Pattern:
        compiled = compile_pattern(entry.pattern or "", raw=entry.raw)
        return cls(compiled, 1 if compiled.groups else 0, 0 if entry.raw else 1)

    def spans(self, text: _Encoded) -> Iterator[tuple[int, int]]:
        """Matches from left to right, in code points; group 1 is the span where there is one.

        A span of a canonical pattern holds its two outer spaces.
        """
        at = 0
        while match := self.compiled.search(text.data, at):
            start, end = match.span()
            at = max(end - self.shared, at + 1)
            if self.group and match.start(1) >= 0:
                start, end = match.span(1)
                start, end = start - self.shared, end + self.shared
            if end > start:
                yield text.point(start), text.point(end)


def compile_pattern(pattern: str, *, raw: bool) -> Any:
    """An RE2 program: on canonical text between two spaces, on raw text as it stands.

    Raises re2.error for what RE2 refuses (look-around and back-references).
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _PATTERN_MEMORY
    return re2.compile(pattern if raw else f" (?:{pattern}) ", options)


def _nothing() -> Matches:
    empty = np.zeros(0, np.int64)
    return Matches(empty, empty, empty, empty, empty, empty.astype(np.bool_), empty, empty)


def _triggered(trigger: str, texts: Sequence[str], whole: Canonical) -> list[int]:
    """The rows a raw pattern with this trigger is to be tried on."""
    points = whole.points
    match trigger:
        case "capitals":
            capital = (points >= ord("A")) & (points <= ord("Z"))
            hits = np.flatnonzero(capital[2:] & capital[1:-1] & capital[:-2])
        case "stretched":
            letter = points | 0x20
            run = (letter[2:] == letter[1:-1]) & (letter[1:-1] == letter[:-2])
            hits = np.flatnonzero(run & (letter[2:] >= ord("a")) & (letter[2:] <= ord("z")))
        case "digits":
            hits = np.flatnonzero((points >= ord("0")) & (points <= ord("9")))
        case "quotes":
            hits = _quote_signs(points)
        case "link":
            return [row for row, text in enumerate(texts) if "//" in text or "www." in text]
        case _:
            sign = "?" if trigger == "question" else "!"
            return [row for row, text in enumerate(texts) if sign in text]
    return _rows_of(whole, hits)


def _rows_of(whole: Canonical, hits: IntArray) -> list[int]:
    rows: list[int] = np.unique(np.searchsorted(whole.ends, hits, side="left")).tolist()
    return rows


def _quote_signs(points: npt.NDArray[np.uint32]) -> IntArray:
    """Where a quotation could open: a double mark, a bracket, or a single mark after no letter."""
    signs = points == ord('"')
    for sign in ">[<&\u201c\u201d\u201e\u201f\u00ab\u00bb":
        signs |= points == ord(sign)
    single = points == ord("'")
    for sign in "\u2018\u2019\u201a\u201b":
        single |= points == ord(sign)
    # What precedes an opening mark is below the letters, or beyond Latin.
    before = points[:-1]
    signs[1:] |= single[1:] & ((before < ord("0")) | (before > 0x24F) | (before == ord("[")))
    return np.flatnonzero(signs)


def _quotations(
    texts: Sequence[str], whole: Canonical, row: IntArray, start: IntArray
) -> tuple[npt.NDArray[np.bool_], IntArray, IntArray]:
    """Which markers stand in a quotation; all words and own words of each text."""
    words = whole.word_starts()
    owner = np.searchsorted(whole.ends, words, side="left")
    counts = np.bincount(owner, minlength=len(texts)).astype(np.int64)
    own = counts.copy()
    quoted = np.zeros(row.size, np.bool_)
    for index in _rows_of(whole, _quote_signs(whole.points)):
        spans = quoted_spans(texts[index])
        offset = int(whole.starts[index])
        first, last = np.searchsorted(row, [index, index + 1])
        for begin, end in spans:
            inside = np.searchsorted(words, [offset + begin, offset + end])
            own[index] -= inside[1] - inside[0]
            quoted[first:last] |= (start[first:last] >= begin) & (start[first:last] < end)
    return quoted, counts, own
