"""Finds the entries of a lexicon in many texts at once.

All literal forms, and the anchors of all patterns, are found by one
Aho-Corasick pass over the canonical text of the batch; guards and patterns
then run on what it found alone. Regular expressions run under RE2, whose time
is linear in the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import re2  # type: ignore[import-untyped]

from toolkit.analyzers.lexicon import ANY_LANGUAGE, Entry, Lexicon
from toolkit.analyzers.lexicon.needles import Hits, Needles
from toolkit.analyzers.lexicon.quotes import quoted_spans
from toolkit.analyzers.lexicon.tokens import (
    Canonical,
    IntArray,
    canonical,
    mask_links,
)
from toolkit.analyzers.lexicon.triggers import Triggers, quote_signs, rows_of
from toolkit.text.normalize import fold_quotes

#: Texts, and code points, that are brought into canonical form together: small
#: enough for the processor's cache and for memory, however long the texts are,
#: and large enough that a batch costs little beside its texts.
BATCH: Final = 2000
BATCH_POINTS: Final = 1 << 19

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
        self._needles = Needles(self.entries)
        self._guarded = np.array([guard is not None for guard in self._needles.guards], np.bool_)
        # These two are settled for all hits at once, before the guards run.
        self._cases = {
            case: np.array([entry.guard.case == case for entry in self.entries], np.bool_)
            for case in ("upper", "lower")
        }
        self._patterns = {
            index: _Pattern.of(entry)
            for index, entry in enumerate(self.entries)
            if entry.pattern is not None
        }

    def find(self, texts: Sequence[str]) -> Matches:
        """Every marker of ``texts``; what is found in one depends on it alone."""
        if not texts:
            return _nothing()
        starts = list(_batches(texts))
        parts = [self._find(texts[start:stop]) for start, stop in starts]
        rows = [part.row + start for part, (start, _) in zip(parts, starts, strict=True)]
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Matches.__slots__
            if name != "row"
        }
        return Matches(row=np.concatenate(rows), **joined)

    def _find(self, texts: Sequence[str]) -> Matches:
        whole = canonical(texts)
        hits = self._needles.find(whole)
        keep = self._right_case(whole, hits)
        for at in np.flatnonzero(keep & self._guarded[hits.entry]).tolist():
            keep[at] = self._allows(
                int(hits.entry[at]),
                whole,
                int(hits.row[at]),
                int(hits.begin[at]),
                int(hits.end[at]),
            )
        row, entry, begin, end = (
            values[keep] for values in (hits.row, hits.entry, hits.begin, hits.end)
        )
        start = whole.to_points(begin + 1) - whole.starts[row]
        stop = whole.to_points(end - 2) + 1 - whole.starts[row]
        extra = list(self._run_patterns(texts, whole, hits.tries))
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

    def _right_case(self, whole: Canonical, hits: Hits) -> npt.NDArray[np.bool_]:
        keep = np.ones(hits.entry.size, np.bool_)
        for case, demanded in self._cases.items():
            at = np.flatnonzero(demanded[hits.entry])
            if at.size:
                starts = whole.to_points(hits.begin[at] + 1)
                stops = whole.to_points(hits.end[at] - 2) + 1
                right = whole.is_upper if case == "upper" else whole.is_lower
                keep[at] = right(starts, stops)
        return keep

    def _allows(self, entry: int, whole: Canonical, row: int, begin: int, end: int) -> bool:
        guard = self._needles.guards[entry]
        return guard is None or guard.allows(whole, row, begin, end, self.entries[entry].forms)

    def _run_patterns(
        self, texts: Sequence[str], whole: Canonical, tries: dict[int, set[int]]
    ) -> Iterator[tuple[int, int, int, int]]:
        """Pattern hits that their guards allow: (row, entry, start, end) in code points."""
        triggers = Triggers(texts, whole)
        canonical_text: dict[int, _Encoded] = {}
        raw_text: dict[tuple[int, bool], _Encoded] = {}
        for index, pattern in self._patterns.items():
            entry = self.entries[index]
            links = entry.trigger == "link"
            rows = triggers.rows(entry.trigger) if index not in tries else sorted(tries[index])
            if entry.trigger is None and not entry.raw and index not in tries:
                continue
            for row in rows:
                offset, base = int(whole.starts[row]), int(whole.rows[row])
                if entry.raw:
                    text = raw_text.get((row, links))
                    if text is None:
                        text = raw_text[row, links] = _raw_text(texts[row], links)
                else:
                    text = canonical_text.get(row)
                    if text is None:
                        text = canonical_text[row] = _Encoded(whole.row_text(row))
                for start, end in pattern.spans(text):
                    if entry.raw:
                        points = np.array([offset + start, offset + end - 1])
                        begin, stop = (whole.to_places(points) + np.array([-1, 2])).tolist()
                    else:
                        begin, stop = base + start, base + end
                        points = whole.to_points(np.array([begin + 1, stop - 2]))
                    if self._allows(index, whole, row, begin, stop):
                        first, last = (points - offset).tolist()
                        yield row, index, first, last + 1

    def _resolve(
        self, row: IntArray, entry: IntArray, start: IntArray, stop: IntArray
    ) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Leftmost-longest inside each category of each text; in text order."""
        category = self.category_of[entry]
        order = np.lexsort((entry, -stop, start, category, row))
        row, entry, start, stop = row[order], entry[order], start[order], stop[order]
        category = category[order]
        first = np.ones(row.size, np.bool_)
        first[1:] = (row[1:] != row[:-1]) | (category[1:] != category[:-1])
        overlaps = ~first[1:] & (start[1:] < stop[:-1])
        if overlaps.any():
            # Only a group with an overlap needs to be walked through.
            group = np.cumsum(first)
            walked = np.flatnonzero(np.isin(group, group[1:][overlaps]))
            keep = np.ones(row.size, np.bool_)
            reach = -1
            for at, begins, s, e in zip(
                walked.tolist(),
                first[walked].tolist(),
                start[walked].tolist(),
                stop[walked].tolist(),
                strict=True,
            ):
                if begins or s >= reach:
                    reach = e
                else:
                    keep[at] = False
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


def _raw_text(text: str, links: bool) -> _Encoded:
    """What a raw pattern reads: straight quotes, and links only where it asks for them."""
    return _Encoded(fold_quotes(text if links else mask_links(text)))


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
            inner = self.group and match.start(1) >= 0
            start, end = match.span(1) if inner else match.span()
            # What stands behind the span may stand before the next one too.
            at = max(end if inner else end - self.shared, at + 1)
            if inner:
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


def _batches(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Slices of at most BATCH texts and BATCH_POINTS code points, or of one longer text."""
    start = points = 0
    for index, text in enumerate(texts):
        points += len(text)
        if index > start and (index - start >= BATCH or points > BATCH_POINTS):
            yield start, index
            start, points = index, len(text)
    yield start, len(texts)


def _nothing() -> Matches:
    empty = np.zeros(0, np.int64)
    return Matches(empty, empty, empty, empty, empty, empty.astype(np.bool_), empty, empty)


def _quotations(
    texts: Sequence[str], whole: Canonical, row: IntArray, start: IntArray
) -> tuple[npt.NDArray[np.bool_], IntArray, IntArray]:
    """Which markers stand in a quotation; all words and own words of each text."""
    words = whole.word_starts()
    owner = np.searchsorted(whole.ends, words, side="left")
    counts = np.bincount(owner, minlength=len(texts)).astype(np.int64)
    own = counts.copy()
    quoted = np.zeros(row.size, np.bool_)
    for index in rows_of(whole, quote_signs(whole.points)):
        spans = np.array(quoted_spans(texts[index]), np.int64).reshape(-1, 2)
        inside = np.searchsorted(words, spans + whole.starts[index])
        own[index] -= (inside[:, 1] - inside[:, 0]).sum()
        first, last = np.searchsorted(row, [index, index + 1])
        # The quotation that begins last at or before a marker is the one that can hold it.
        holder = np.searchsorted(spans[:, 0], start[first:last], side="right") - 1
        held = np.flatnonzero(holder >= 0)
        quoted[first + held] = start[first + held] < spans[holder[held], 1]
    return quoted, counts, own
