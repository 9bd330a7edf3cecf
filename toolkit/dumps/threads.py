"""Depth in the thread, from ids and parents alone, in bounded memory.

A dump may be larger than memory and hold parents that are missing, deleted, in
another file, behind their children, or in a circle. Within one batch parents are
found in any order; behind it, among the last :data:`REMEMBERED` comments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

#: Comments behind the batch whose children are still placed, at least.
REMEMBERED: Final = 200_000
#: How an article and a comment of unknown depth are remembered.
_ARTICLE: Final = -1
_UNKNOWN: Final = -2


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
    _young: dict[str, int] = field(default_factory=dict)
    _old: dict[str, int] = field(default_factory=dict)
    _young_roots: dict[str, str | None] = field(default_factory=dict)
    _old_roots: dict[str, str | None] = field(default_factory=dict)

    def article(self, article_id: str) -> None:
        """Remember an article: a comment under it stands at the top."""
        self._young[article_id] = _ARTICLE
        self._young_roots[article_id] = article_id

    def is_article(self, name: str) -> bool:
        """Whether ``name`` is an article that was met before."""
        return self._young.get(name, self._old.get(name)) == _ARTICLE

    def place(
        self,
        ids: Sequence[str],
        parents: Sequence[str | None],
        articles: Sequence[str | None],
        given: Sequence[int | None] | None = None,
    ) -> tuple[list[int | None], Sequence[str | None]]:
        """Depth and article of each comment of a batch, in order.

        Depth is 0 without a parent or under the article itself, one more than the
        parent's else, and None (unknown) where the parent is not at hand. The
        comments of a circle are broken at the first of them, which gets 0.
        Articles are those given, filled from above where :attr:`climbs` says so.
        ``given`` depths are kept.
        """
        young, old = self._young, self._old
        depths: list[int] = []
        waiting: list[int] = []
        repeated = 0
        for index, (name, parent) in enumerate(zip(ids, parents, strict=True)):
            if parent is None:
                depth = 0
            else:
                above = young.get(parent)
                if above is None:
                    above = old.get(parent)
                if above is None or parent == name:
                    # Perhaps it comes later in this batch.
                    waiting.append(index)
                    depths.append(_UNKNOWN)
                    continue
                depth = above + 1 if above != _UNKNOWN else _UNKNOWN
            depths.append(depth)
            if name in young or name in old:
                repeated += 1
            else:
                young[name] = depth
        self.repeated += repeated
        if waiting:
            self._climb(waiting, ids, parents, depths)
        roots = self._roots(ids, parents, articles) if self.climbs else articles
        if len(young) >= REMEMBERED:
            self._old, self._young = young, {}
            self._old_roots, self._young_roots = self._young_roots, {}
        result: list[int | None] = [None if depth == _UNKNOWN else depth for depth in depths]
        if given is not None:
            result = [
                found if said is None else said for found, said in zip(result, given, strict=True)
            ]
        self.unplaced += result.count(None)
        return result, roots

    def _climb(
        self,
        waiting: list[int],
        ids: Sequence[str],
        parents: Sequence[str | None],
        depths: list[int],
    ) -> None:
        """Place the comments whose parent was not there yet when they came."""
        rows: dict[str, int] = {}
        for index in waiting:
            if ids[index] in rows or ids[index] in self._young:
                self.repeated += 1
            rows.setdefault(ids[index], index)
        placed: set[int] = set()
        for start in waiting:
            path: list[int] = []
            seen: dict[int, int] = {}
            index = start
            while index not in placed and index not in seen:
                seen[index] = len(path)
                path.append(index)
                following = rows.get(parents[index] or "")
                if following is None:
                    break
                index = following
            if index in seen and path and rows.get(parents[path[-1]] or "") == index:
                # A circle: its first comment in the order of the source gets no parent,
                # and the others hang below it, the way they came.
                self.cycles += 1
                ring = path[seen[index] :]
                turn = ring.index(min(ring))
                path = path[: seen[index]] + ring[turn + 1 :] + ring[: turn + 1]
                depths[path[-1]] = 0
                self._remember(path[-1], ids, depths, placed)
                self._downwards(ring[turn + 1 :] + ring[:turn], ids, parents, depths, placed)
                path = path[: seen[index]]
            self._downwards(path, ids, parents, depths, placed)

    def _downwards(
        self,
        path: list[int],
        ids: Sequence[str],
        parents: Sequence[str | None],
        depths: list[int],
        placed: set[int],
    ) -> None:
        """Place each of ``path``, which leads upwards, from its end on."""
        for index in reversed(path):
            parent = parents[index] or ""
            above = self._young.get(parent, self._old.get(parent, _UNKNOWN))
            depths[index] = above + 1 if above != _UNKNOWN else _UNKNOWN
            self._remember(index, ids, depths, placed)

    def _remember(
        self, index: int, ids: Sequence[str], depths: list[int], placed: set[int]
    ) -> None:
        placed.add(index)
        self._young.setdefault(ids[index], depths[index])

    def _roots(
        self,
        ids: Sequence[str],
        parents: Sequence[str | None],
        articles: Sequence[str | None],
    ) -> list[str | None]:
        """The article of each comment: its own, or the one above it."""
        rows: dict[str, int] = {}
        for row, name in enumerate(ids):
            rows.setdefault(name, row)
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
                root = self._young_roots.get(parent, self._old_roots.get(parent))
                if root is not None:
                    break
                index = rows.get(parent)
            if root is None and index is not None and done[index]:
                root = found[index]
            for item in path:
                found[item], done[item] = root, True
        for name, root in zip(ids, found, strict=True):
            self._young_roots.setdefault(name, root)
        return found
