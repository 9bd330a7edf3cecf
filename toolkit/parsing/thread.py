"""Puts comments into their thread: ids, parents, depth, order.

Readers hand over :class:`Draft` records in page order, with whatever the page
says about the thread. A page can say it wrongly, or on purpose: parents that
are missing, that answer each other in a circle, ids that occur twice. What
comes out is always a forest: unique ids, every ``parent_id`` an id on the same
page, depth one more than the parent's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from toolkit.records import Comment
from toolkit.text.normalize import collapse

#: Deeper than any site nests. A claimed level beyond it is taken as this one.
MAX_LEVEL: Final = 1000


@dataclass(slots=True, kw_only=True)
class Draft:
    """A comment as a reader found it, before its place in the thread is known.

    ``parent_key`` is the page's own id of the parent, ``reply_to`` the name of
    the person answered, ``level`` the nesting shown (0 = top). The most exact
    one that leads to a comment on the page wins, in that order.
    """

    text: str | None
    key: str | None = None
    parent_key: str | None = None
    reply_to: str | None = None
    level: int | None = None
    author_name: str | None = None
    author_handle: str | None = None
    author_id: str | None = None
    created_at: datetime | None = None
    like_count: int | None = None
    source_status: str = "published"


@dataclass(frozen=True, slots=True)
class Thread:
    """``orphans`` counts comments that name a parent which is not on the page."""

    comments: tuple[Comment, ...]
    orphans: int = 0


def link(drafts: Sequence[Draft], article_id: str, *, source_format: str = "page") -> Thread:
    """Comments in the order of ``drafts``, with unique ids, parents and depths.

    A comment without an id of its own gets ``c1``, ``c2``, … by its position;
    the second bearer of an id gets ``-2`` behind it.
    """
    ids = unique_ids(drafts)
    by_key: dict[str, int] = {}
    for index, draft in enumerate(drafts):
        if draft.key:
            by_key.setdefault(draft.key, index)
    parents, orphans = _parents(drafts, by_key)
    _break_cycles(parents)
    depths = _depths(parents)
    comments = tuple(
        Comment(
            comment_id=ids[index],
            article_id=article_id,
            parent_id=None if (parent := parents[index]) is None else ids[parent],
            author_id=draft.author_id,
            author_name=draft.author_name,
            author_handle=draft.author_handle,
            created_at=draft.created_at,
            text=draft.text,
            like_count=draft.like_count,
            depth=depths[index],
            position=index,
            source_format=source_format,
            source_status=draft.source_status,
        )
        for index, draft in enumerate(drafts)
    )
    return Thread(comments, orphans)


def relabel(comments: Sequence[Comment], article_id: str) -> tuple[Comment, ...]:
    """The same comments under another article."""
    return tuple(replace(comment, article_id=article_id) for comment in comments)


def unique_ids(drafts: Sequence[Draft]) -> list[str]:
    """An id for each draft: its own where it has one, no two alike."""
    taken = {draft.key for draft in drafts if draft.key}
    seen: set[str] = set()
    ids: list[str] = []
    for index, draft in enumerate(drafts):
        wanted = draft.key or f"c{index + 1}"
        name, number = wanted, 1
        while name in seen or (name != draft.key and name in taken):
            number += 1
            name = f"{wanted}-{number}"
        seen.add(name)
        ids.append(name)
    return ids


def _parents(drafts: Sequence[Draft], by_key: dict[str, int]) -> tuple[list[int | None], int]:
    parents: list[int | None] = []
    orphans = 0
    open_at: list[int | None] = []  # the comment that is open on each level
    last_by: dict[str, int] = {}
    for index, draft in enumerate(drafts):
        level = None if draft.level is None else max(0, min(draft.level, MAX_LEVEL))
        parent = by_key.get(draft.parent_key) if draft.parent_key else None
        if draft.parent_key and parent is None:
            orphans += 1
        if parent == index:
            parent = None
        if parent is None and draft.reply_to:
            parent = last_by.get(_name(draft.reply_to))
        if parent is None and level:
            parent = next((at for at in reversed(open_at[:level]) if at is not None), None)
        parents.append(parent)
        if level is not None:
            del open_at[level:]
            open_at.extend([None] * (level - len(open_at)))
            open_at.append(index)
        if draft.author_name:
            last_by[_name(draft.author_name)] = index
    return parents, orphans


def _name(name: str) -> str:
    return collapse(name).casefold().lstrip("@")


def _break_cycles(parents: list[int | None]) -> None:
    """Cut each circle at its earliest member, which then stands at the top level."""
    done = [False] * len(parents)
    for start in range(len(parents)):
        trail: list[int] = []
        on_trail: set[int] = set()
        node: int | None = start
        while node is not None and not done[node] and node not in on_trail:
            trail.append(node)
            on_trail.add(node)
            node = parents[node]
        if node is not None and node in on_trail:
            circle = trail[trail.index(node) :]
            parents[min(circle)] = None
        for member in trail:
            done[member] = True


def _depths(parents: Sequence[int | None]) -> list[int]:
    depths: list[int | None] = [None] * len(parents)
    for start in range(len(parents)):
        trail: list[int] = []
        node: int | None = start
        while node is not None and depths[node] is None:
            trail.append(node)
            node = parents[node]
        depth = -1 if node is None else (depths[node] or 0)
        for member in reversed(trail):
            depth += 1
            depths[member] = depth
    return [depth or 0 for depth in depths]
