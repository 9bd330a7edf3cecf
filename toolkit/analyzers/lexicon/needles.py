"""Everything of a lexicon that one Aho-Corasick pass can find.

Needles are literal forms, the anchors of patterns and, for single words that
stand in nearly every text, the form together with each neighbour its guard
names: ``just`` that counts only before ``a tool`` is the needle ``just a
tool``, and ``I`` that does not count after ``world war`` comes with the needle
``world war i``, which blocks it. So a common word costs nothing where its
guard does not let it count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, product
from typing import Final

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import AhoCorasick, Implementation

from toolkit.analyzers.lexicon import Entry
from toolkit.analyzers.lexicon.anchor import anchors
from toolkit.analyzers.lexicon.guard import CompiledGuard
from toolkit.analyzers.lexicon.tokens import Canonical, IntArray, canonical_phrases

#: An entry whose guard would take more needles has it checked at each hit.
MAX_NEEDLES: Final = 1000

_HIT, _BLOCK, _ANCHOR = range(3)


@dataclass(frozen=True, slots=True)
class Hits:
    """Literal hits in canonical text (parallel arrays), and rows to try patterns on.

    ``begin`` is the place of the space before, ``end`` one behind the space
    after. ``tries``: entry index of a pattern -> rows.
    """

    row: IntArray
    entry: IntArray
    begin: IntArray
    end: IntArray
    tries: dict[int, set[int]]


class Needles:
    """The needles of ``entries``; ``guards`` holds what is left to check at each hit."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.guards: list[CompiledGuard | None] = []
        #: Patterns without anchor or trigger: they are tried on every text.
        self.everywhere: list[int] = []
        needles: dict[str, list[tuple[int, int, int, int, int]]] = {}

        def add(needle: str, entry: int, kind: int, lead: int = 0, trail: int = 0) -> None:
            # The space before is looked at afterwards: an automaton that begins
            # with letters is nearly twice as fast as one that begins with spaces.
            bounded = int(needle[0] == " ")
            uses = needles.setdefault(needle[bounded:], [])
            use = (entry, kind, lead - bounded, trail, bounded)
            if use not in uses:
                uses.append(use)

        every = canonical_phrases([form for entry in entries for form in entry.forms])
        at = 0
        for index, entry in enumerate(entries):
            guard = CompiledGuard.of(entry.guard)
            forms, at = every[at : at + len(entry.forms)], at + len(entry.forms)
            forms = [form for form in forms if form != " "]
            if guard is not None and forms and _is_cheap(forms, guard):
                for form in forms:
                    for before, after in product(guard.after or (" ",), guard.before or (" ",)):
                        needle = before[:-1] + form + after[1:]
                        add(needle, index, _HIT, len(before) - 1, len(after) - 1)
                    for before in guard.not_after:
                        add(before[:-1] + form, index, _BLOCK, len(before) - 1)
                    for after in guard.not_before:
                        add(form + after[1:], index, _BLOCK, 0, len(after) - 1)
                guard = replace(guard, not_after=(), not_before=(), after=(), before=())
            else:
                for form in forms:
                    add(form, index, _HIT)
            settled = guard is None or (entry.pattern is None and not guard.is_needed)
            self.guards.append(None if settled else guard)
            if entry.pattern is not None and not entry.raw and entry.trigger is None:
                found = anchors(entry.pattern, before=" ", after=" ")
                for anchor in found:
                    add(anchor, index, _ANCHOR)
                if not found:
                    self.everywhere.append(index)

        # ContiguousNFA is the fastest of the three for tens of thousands of needles.
        self._automaton = (
            AhoCorasick(list(needles), implementation=Implementation.ContiguousNFA)
            if needles
            else None
        )
        uses = list(chain.from_iterable(needles.values()))
        table = np.array(uses, np.int64).reshape(len(uses), 5)
        self._entry, self._kind, self._lead, self._trail, bounded = table.T.copy()
        self._bounded = bounded.astype(np.bool_)
        self._count = np.array([len(found) for found in needles.values()], np.int64)
        self._first = np.cumsum(self._count) - self._count
        self._width = len(entries)
        self._blockable = np.zeros(len(entries), np.bool_)
        self._blockable[self._entry[self._kind == _BLOCK]] = True

    def find(self, whole: Canonical) -> Hits:
        """All hits in ``whole``; a guard in ``guards`` is still to be checked."""
        tries = {index: set(range(len(whole.starts))) for index in self.everywhere}
        if self._automaton is None:
            none = np.zeros(0, np.int64)
            return Hits(none, none, none, none, tries)
        found = self._automaton.find_matches_as_indexes(whole.text, overlapping=True)
        flat = np.fromiter(chain.from_iterable(found), np.int64, 3 * len(found))
        needle, begin, end = flat[0::3], flat[1::3], flat[2::3]
        # A needle can have several uses: each hit is repeated once for each.
        count = self._count[needle]
        total = int(count.sum())
        use = np.repeat(self._first[needle] - (np.cumsum(count) - count), count) + np.arange(total)
        begin, end = np.repeat(begin, count), np.repeat(end, count)
        whole_words = ~self._bounded[use] | (whole.codes[begin - 1] == ord(" "))
        use, begin, end = use[whole_words], begin[whole_words], end[whole_words]
        begin += self._lead[use]
        end -= self._trail[use]
        entry, kind = self._entry[use], self._kind[use]
        row = np.searchsorted(whole.rows, begin, side="right") - 1

        anchor = kind == _ANCHOR
        pairs = zip(entry[anchor].tolist(), row[anchor].tolist(), strict=True)
        for index, at in set(pairs):
            tries.setdefault(index, set()).add(at)

        keep: npt.NDArray[np.bool_] = kind == _HIT
        if (blocks := kind == _BLOCK).any():
            keys = begin * self._width + entry
            doubtful = np.flatnonzero(keep & self._blockable[entry])
            keep[doubtful] = ~np.isin(keys[doubtful], keys[blocks])
        return Hits(row[keep], entry[keep], begin[keep], end[keep], tries)


def _is_cheap(forms: Sequence[str], guard: CompiledGuard) -> bool:
    """Whether the neighbours in ``guard`` make few needles of ``forms``, all single words."""
    if any(form.count(" ") > 2 for form in forms):
        return False
    hits = max(len(guard.after), 1) * max(len(guard.before), 1)
    blocks = len(guard.not_after) + len(guard.not_before)
    return len(forms) * (hits + blocks) <= MAX_NEEDLES
