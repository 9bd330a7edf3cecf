"""Depth in the thread, from ids and parents alone, in bounded memory.

A dump may be larger than memory and hold parents that are missing, deleted, in
another file, behind their children, or in a circle. Within one batch parents are
found in any order; behind it, among the last :data:`REMEMBERED` comments at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

#: Comments behind the batch whose children are still placed, at least.
REMEMBERED: Final = 1_000_000
#: How an article, a comment of unknown depth, and nothing at all are remembered.
_ARTICLE: Final = -1
_UNKNOWN: Final = -2
_NOTHING: Final = -3

_Keys = npt.NDArray[np.uint64]
_Depths = npt.NDArray[np.int32]


class Places(NamedTuple):
    """What :meth:`Threads.place` finds, in the order of the batch."""

    #: None where it cannot be known.
    depths: list[int | None]
    #: The article of each comment.
    articles: Sequence[str | None]
    #: Whether the parent is an article.
    at_the_top: list[bool]


class _Memory:
    """Depths by the 64-bit hash of an id: 12 bytes an entry, where a dict takes 200.

    A few sorted runs, merged as they grow alike.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[_Keys, _Depths]] = []
        self.size = 0

    def find(self, keys: _Keys) -> _Depths:
        found: _Depths = np.full(len(keys), _NOTHING, np.int32)
        for known, depths in self._runs:
            at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
            hit = (known[at] == keys) & (found == _NOTHING)
            found[hit] = depths[at[hit]]
        return found

    def add(self, keys: _Keys, depths: _Depths) -> None:
        if not len(keys):
            return
        self.size += len(keys)
        self._runs.append(_ordered(keys, depths))
        while len(self._runs) > 1 and len(self._runs[-2][0]) < 2 * len(self._runs[-1][0]):
            last, before = self._runs.pop(), self._runs.pop()
            self._runs.append(
                _ordered(np.concatenate([before[0], last[0]]), np.concatenate([before[1], last[1]]))
            )


class _Roots:
    """The article of each comment, by the hash of its id, as a number of a list of names."""

    def __init__(self) -> None:
        self._memory = _Memory()
        self._names: list[str | None] = [None]
        self._numbers: dict[str | None, int] = {None: 0}

    def find(self, keys: _Keys) -> list[str | None]:
        """None for a comment that is not known, and for one without an article."""
        if not self._memory.size:
            return [None] * len(keys)
        numbers = np.maximum(self._memory.find(keys), 0)
        return [self._names[number] for number in numbers.tolist()]

    def add(self, keys: _Keys, names: Sequence[str | None]) -> None:
        """Of comments that come again the first counts."""
        numbers = np.empty(len(names), np.int32)
        for row, name in enumerate(names):
            number = self._numbers.get(name)
            if number is None:
                number = self._numbers[name] = len(self._names)
                self._names.append(name)
            numbers[row] = number
        keys, first = np.unique(keys, return_index=True)
        new = self._memory.find(keys) == _NOTHING
        self._memory.add(keys[new], numbers[first][new])


def _ordered(keys: _Keys, depths: _Depths) -> tuple[_Keys, _Depths]:
    order = np.argsort(keys, kind="stable")
    return keys[order], depths[order]


@dataclass(slots=True)
class Threads:
    """State over one read. Counts say what the dump did wrong.

    ``climbs``: comments do not name their article; it is that of their parent.
    """

    climbs: bool = False
    cycles: int = 0
    unplaced: int = 0
    repeated: int = 0
    # Two generations: the older one is let go when the younger is full.
    _young: _Memory = field(default_factory=_Memory)
    _old: _Memory = field(default_factory=_Memory)
    _young_roots: _Roots = field(default_factory=_Roots)
    _old_roots: _Roots = field(default_factory=_Roots)

    def articles(self, names: Sequence[str]) -> None:
        """Remember articles: a comment under one stands at the top."""
        names = list(dict.fromkeys(names))
        keys = _keys(names)
        self._young.add(keys, np.full(len(keys), _ARTICLE, np.int32))
        self._young_roots.add(keys, names)

    def place(
        self,
        ids: Sequence[str],
        parents: Sequence[str | None],
        articles: Sequence[str | None],
        given: Sequence[int | None] | None = None,
    ) -> Places:
        """Depth and article of each comment of a batch.

        Depth is 0 without a parent or under the article itself, one more than the
        parent's else, and None (unknown) where the parent is not at hand. The
        comments of a circle are broken at the first of them, which gets 0.
        Articles are those given, filled from above where :attr:`climbs` says so.

        ``given`` depths (None where the source has none of its own) are kept. Where it
        has, a comment without one whose parent's is not known, or that names no parent,
        stays unknown: its source knew what a top level is.
        """
        above_keys = _keys(parents)
        behind = self._find(above_keys)
        far: list[int] = behind.tolist()
        here: dict[str, int] = {}
        depths: list[int] = []
        waiting: list[int] = []
        top = 0 if given is None else _UNKNOWN
        for index, (name, parent) in enumerate(zip(ids, parents, strict=True)):
            said = None if given is None else given[index]
            if said is not None:
                depth = said
            elif parent is None:
                depth = top
            else:
                above = here.get(parent)
                if above is None:
                    above = far[index]
                if above == _NOTHING:
                    # Perhaps it comes later in this batch.
                    waiting.append(index)
                    depths.append(_UNKNOWN)
                    continue
                depth = above + 1 if above != _UNKNOWN else _UNKNOWN
            depths.append(depth)
            here.setdefault(name, depth)
        if waiting:
            self._climb(waiting, ids, parents, depths, here)
        found = np.fromiter(here.values(), np.int32, len(here))
        self._remember(_keys(list(here)), found, len(ids))
        roots = self._roots(ids, parents, above_keys, articles) if self.climbs else articles
        self._let_go()
        result: list[int | None] = [None if depth == _UNKNOWN else depth for depth in depths]
        self.unplaced += sum(
            depth is None and parent is not None
            for depth, parent in zip(result, parents, strict=True)
        )
        return Places(result, roots, (behind == _ARTICLE).tolist())

    def depths(self, ids: pl.Series, parents: pl.Series) -> pl.Series:
        """The depths that :meth:`place` finds where no comment has one of its own (Int32).

        Most batches hold each comment once and behind its parent; these are placed
        without a loop over the comments.
        """
        found = self._depths_at_once(ids, parents)
        if found is None:
            places = self.place(ids.to_list(), parents.to_list(), []).depths
            return pl.Series(places, dtype=pl.Int32)
        return pl.Series(found).set(pl.Series(found == _UNKNOWN), None)

    def _depths_at_once(self, ids: pl.Series, parents: pl.Series) -> _Depths | None:
        """None, and nothing done, where :meth:`place` has to look at the comments."""
        keys = _keys(ids)
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        if (keys[1:] == keys[:-1]).any():
            return None
        # In the order of their parents' keys: a search for keys in order is a quick one.
        children = parents.is_not_null().arg_true().to_numpy()
        above = _keys(parents)[children]
        by_parent = np.argsort(above)
        children, above = children[by_parent], above[by_parent]
        at = np.minimum(np.searchsorted(keys, above), max(len(keys) - 1, 0))
        rows = np.where(keys[at] == above, order[at], -1)
        far = self._find(above)
        if ((rows >= children) & (far == _NOTHING)).any():
            return None
        here = (rows >= 0) & (rows < children)
        found: _Depths = np.zeros(len(keys), np.int32)
        found[children[~here]] = np.where(far >= _ARTICLE, far + 1, _UNKNOWN)[~here]
        # Each comment's way up, twice as far in each round, to the first whose depth is known.
        up = np.arange(len(keys))
        up[children[here]] = rows[here]
        steps: _Depths = np.zeros(len(keys), np.int32)
        steps[children[here]] = 1
        while True:
            further = up[up]
            if (further == up).all():
                break
            steps += steps[up]
            up = further
        found = np.where(found[up] == _UNKNOWN, np.int32(_UNKNOWN), found[up] + steps)
        self._remember(keys, found[order], len(keys))
        self._let_go()
        self.unplaced += int((found[children] == _UNKNOWN).sum())
        return found

    def _remember(self, keys: _Keys, depths: _Depths, comments: int) -> None:
        """``comments`` came, of whom the first with each key counts."""
        new = self._find(keys) == _NOTHING
        self.repeated += comments - int(new.sum())
        self._young.add(keys[new], depths[new])

    def _let_go(self) -> None:
        if self._young.size >= REMEMBERED:
            self._old, self._young = self._young, _Memory()
            self._old_roots, self._young_roots = self._young_roots, _Roots()

    def _find(self, keys: _Keys) -> _Depths:
        found = self._young.find(keys)
        missing = found == _NOTHING
        if self._old.size and missing.any():
            found[missing] = self._old.find(keys[missing])
        return found

    def _climb(
        self,
        waiting: list[int],
        ids: Sequence[str],
        parents: Sequence[str | None],
        depths: list[int],
        here: dict[str, int],
    ) -> None:
        """Place the comments whose parent was not there yet when they came."""
        rows: dict[str, int] = {}
        for row in waiting:
            if ids[row] not in here:
                rows.setdefault(ids[row], row)
        placed: set[int] = set()
        for start in waiting:
            path: list[int] = []
            seen: dict[int, int] = {}
            index: int | None = start
            while index is not None and index not in placed and index not in seen:
                seen[index] = len(path)
                path.append(index)
                index = rows.get(parents[index] or "")
            if index is not None and index in seen:
                # A circle: its first comment in the order of the source gets no parent,
                # and the others hang below it, the way they came.
                self.cycles += 1
                ring = path[seen[index] :]
                turn = ring.index(min(ring))
                depths[ring[turn]] = here[ids[ring[turn]]] = 0
                placed.add(ring[turn])
                _downwards(ring[turn + 1 :] + ring[:turn], ids, parents, depths, here)
                placed.update(ring)
                path = path[: seen[index]]
            _downwards(path, ids, parents, depths, here)
            placed.update(path)

    def _roots(
        self,
        ids: Sequence[str],
        parents: Sequence[str | None],
        above_keys: _Keys,
        articles: Sequence[str | None],
    ) -> list[str | None]:
        """The article of each comment: its own, or the one above it."""
        rows: dict[str, int] = {}
        for row, name in enumerate(ids):
            rows.setdefault(name, row)
        near, far = self._young_roots.find(above_keys), self._old_roots.find(above_keys)
        found: list[str | None] = list(articles)
        done = [article is not None for article in articles]
        for start in range(len(ids)):
            path: list[int] = []
            index: int | None = start
            root: str | None = None
            on_path: set[int] = set()
            while index is not None and not done[index] and index not in on_path:
                path.append(index)
                on_path.add(index)
                parent = parents[index]
                if parent is None:
                    break
                root = near[index] if near[index] is not None else far[index]
                if root is not None:
                    break
                index = rows.get(parent)
            if root is None and index is not None and done[index]:
                root = found[index]
            for item in path:
                found[item], done[item] = root, True
        self._young_roots.add(_keys(ids), found)
        return found


def _downwards(
    path: list[int],
    ids: Sequence[str],
    parents: Sequence[str | None],
    depths: list[int],
    here: dict[str, int],
) -> None:
    """Place each of ``path``, which leads upwards, from its end on."""
    for index in reversed(path):
        above = here.get(parents[index] or "", _UNKNOWN)
        depths[index] = above + 1 if above >= 0 else _UNKNOWN
        here.setdefault(ids[index], depths[index])


def _keys(names: Sequence[Any] | pl.Series) -> _Keys:
    # Nulls hash to something, too; nobody asks for it.
    return pl.Series(names, dtype=pl.String).hash().to_numpy().astype(np.uint64, copy=False)
