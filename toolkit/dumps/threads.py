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

#: What is known of a comment or article: its depth (None = unknown) and its article.
#: An article has depth -1.
Place = tuple[int | None, str | None]


@dataclass(slots=True)
class Threads:
    """State over one read. Counts say what the dump did wrong."""

    cycles: int = 0
    unplaced: int = 0
    repeated: int = 0
    _young: dict[str, Place] = field(default_factory=dict)
    _old: dict[str, Place] = field(default_factory=dict)

    def article(self, article_id: str) -> None:
        """Remember an article: a parent that names it is none."""
        self._remember(article_id, (-1, article_id))

    def place(
        self,
        ids: Sequence[str],
        parents: Sequence[str | None],
        articles: Sequence[str | None],
        given: Sequence[int | None] | None = None,
    ) -> list[Place]:
        """Depth and article of each comment of a batch, in order.

        Depth is 0 without a parent or under the article itself, one more than the
        parent's else, and None (unknown) where the parent is not at hand. The
        comments of a circle are broken at the first of them, which gets 0. Where
        the dump says no article, it is the parent's. ``given`` depths are kept.
        """
        rows: dict[str, int] = {}
        for index, name in enumerate(ids):
            if name in rows or name in self._young or name in self._old:
                self.repeated += 1
            rows.setdefault(name, index)
        places: list[Place | None] = [None] * len(ids)
        for index, parent in enumerate(parents):
            if places[index] is not None:
                continue
            if parent is None:
                places[index] = (0, articles[index])
                continue
            known = None if parent in rows else self._known(parent)
            if known is not None:
                places[index] = _under(known, articles[index])
            else:
                self._climb(index, rows, parents, articles, places)
        result: list[Place] = []
        for index, found in enumerate(places):
            place = found if found is not None else (None, articles[index])
            if given is not None and given[index] is not None:
                place = (given[index], place[1])
            if place[0] is None:
                self.unplaced += 1
            result.append(place)
        for name, index in rows.items():
            self._remember(name, result[index])
        return result

    def is_article(self, name: str) -> bool:
        """Whether ``name`` is an article that was met before."""
        known = self._known(name)
        return known is not None and known[0] == -1

    def _climb(
        self,
        start: int,
        rows: dict[str, int],
        parents: Sequence[str | None],
        articles: Sequence[str | None],
        places: list[Place | None],
    ) -> None:
        """Up from ``start`` to something placed, then down again."""
        path: list[int] = []
        on_path: dict[int, int] = {}
        index = start
        above: Place | None
        while True:
            if index in on_path:
                # A circle: its first comment in the order of the source gets no parent,
                # and the others hang below it, the way they came.
                self.cycles += 1
                ring = path[on_path[index] :]
                root = min(ring)
                turn = ring.index(root)
                places[root] = (0, articles[root])
                _downwards(ring[turn + 1 :] + ring[:turn], places[root], articles, places)
                path = path[: on_path[index]]
                above = places[index]
                break
            on_path[index] = len(path)
            path.append(index)
            parent = parents[index]
            if parent is None:
                places[index] = (0, articles[index])
                path.pop()
                above = places[index]
                break
            next_index = rows.get(parent)
            if next_index is None:
                above = self._known(parent)
                break
            if places[next_index] is not None:
                above = places[next_index]
                break
            index = next_index
        _downwards(path, above, articles, places)

    def _known(self, name: str) -> Place | None:
        return self._young.get(name) or self._old.get(name)

    def _remember(self, name: str, place: Place) -> None:
        if len(self._young) >= REMEMBERED:
            self._old, self._young = self._young, {}
        if name not in self._young and name not in self._old:
            self._young[name] = place


def _downwards(
    path: list[int],
    above: Place | None,
    articles: Sequence[str | None],
    places: list[Place | None],
) -> None:
    """Place each of ``path``, which leads upwards, from its end on."""
    for item in reversed(path):
        above = _under(above, articles[item]) if above else (None, articles[item])
        places[item] = above


def _under(parent: Place, article: str | None) -> Place:
    depth, above = parent
    return (None if depth is None else depth + 1, article if article is not None else above)
