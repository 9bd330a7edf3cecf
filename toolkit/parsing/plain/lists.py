"""Comments as the items of a list, where no byline tells them apart.

Printing a page, or reducing it to text, often loses dates and buttons; what is
left of a comment is its place in a list, and perhaps a name on a line above
its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from toolkit.parsing.byline import split_name
from toolkit.parsing.cues import cue_key
from toolkit.parsing.plain.headers import Header, Record, meaningful
from toolkit.parsing.plain.lines import Line
from toolkit.parsing.plain.section import Place, count_in, has_words, letters

#: A nested item of fewer letters is a point in somebody's list rather than a reply.
_REPLY_LETTERS: Final = 40


def top_items(lines: Sequence[Line], place: Place) -> list[int]:
    """The outer items of the list that the section opens with."""
    if place.heading is None and place.headers:
        return []
    marked = [k for k in range(place.first, place.end) if lines[k].marker]
    if not marked or has_words(lines, place.first, marked[0]):
        return []
    outer = lines[marked[0]]
    items: list[int] = []
    number = 0
    for index in marked:
        line = lines[index]
        if line.indent > outer.indent + 1 or (line.number is None) != (outer.number is None):
            continue
        if line.number is not None:
            if items and line.number <= number:
                continue  # a list inside a comment, printed without indentation
            number = line.number
        items.append(index)
    return items


def listed(lines: Sequence[Line], place: Place, tops: Sequence[int]) -> list[Record]:
    """Records of the items, with nested ones as replies where that fits better."""
    starts = list(tops)
    replies = _replies(lines, place, tops)
    if replies:
        stated = count_in(lines[place.heading]) if place.heading is not None else None
        together = sorted({*tops, *replies})
        fits = stated is None or (
            abs(len(together) - stated.count) <= abs(len(tops) - stated.count)
        )
        starts = together if fits else starts
    named = _have_names(lines, place, starts)
    return [
        _record(lines, index, starts[at + 1] if at + 1 < len(starts) else place.end, named)
        for at, index in enumerate(starts)
    ]


def _record(lines: Sequence[Line], index: int, end: int, named: bool) -> Record:
    line = lines[index]
    header = Header(
        first=index, last=index, family="L", shape="1.", start_column=line.indent,
        text_column=line.column, level=line.level or None, ordinal=line.number,
    )  # fmt: skip
    name_at = index if line.text else meaningful(lines, range(index + 1, end))
    if line.byline is not None and line.byline.name is not None:
        header.name, header.handle = line.byline.name, line.byline.handle
        header.spent.add(index)
    elif named and name_at is not None and lines[name_at].may_be_name:
        header.name, header.handle = split_name(lines[name_at].text)
        header.spent.add(name_at)
    return Record(header, [k for k in range(index, end) if k not in header.spent])


def _have_names(lines: Sequence[Line], place: Place, items: Sequence[int]) -> bool:
    """Most items open with a short line of their own, and text stands below it."""
    votes = 0
    for at, index in enumerate(items):
        end = items[at + 1] if at + 1 < len(items) else place.end
        line = lines[index]
        top = index if line.text else meaningful(lines, range(index + 1, end))
        if top is None:
            continue
        byline = lines[top].byline
        if byline is not None and byline.name:
            votes += 1
            continue
        below = meaningful(lines, range(top + 1, end))
        if lines[top].may_be_name and below is not None:
            votes += 1
    return votes >= 0.6 * len(items)


# --- replies -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Nested:
    index: int
    end: int


def _replies(lines: Sequence[Line], place: Place, tops: Sequence[int]) -> list[int]:
    """Nested items that are replies: they close the item around them, and are of some length."""
    if not _is_indented(lines, place, tops):
        return []
    found: list[int] = []
    for at, top in enumerate(tops):
        end = tops[at + 1] if at + 1 < len(tops) else place.end
        _descend(lines, top, end, found)
    return found


def _descend(lines: Sequence[Line], parent: int, end: int, found: list[int]) -> None:
    pending = [(parent, end)]
    while pending:
        index, limit = pending.pop()
        children = _children(lines, index, limit)
        if children and _are_replies(lines, children, limit):
            found.extend(child.index for child in children)
            pending.extend((child.index, child.end) for child in children)


def _children(lines: Sequence[Line], parent: int, end: int) -> list[_Nested]:
    """The items directly inside ``parent``."""
    column = lines[parent].column - 1
    marked = [k for k in range(parent + 1, end) if lines[k].marker and lines[k].indent >= column]
    if not marked:
        return []
    indent = min(lines[k].indent for k in marked)
    starts = [k for k in marked if lines[k].indent <= indent + 1]
    ends = [*starts[1:], end]
    return [_Nested(start, stop) for start, stop in zip(starts, ends, strict=True)]


def _are_replies(lines: Sequence[Line], children: Sequence[_Nested], end: int) -> bool:
    last = children[-1]
    column = lines[last.index].column - 1
    for k in range(last.index + 1, end):
        if not lines[k].blank and lines[k].indent < column and not lines[k].is_filler:
            return False  # the text around the list goes on below it
    above = next((k for k in range(children[0].index - 1, -1, -1) if lines[k].text), None)
    if above is not None and (lines[above].is_controls or "open" in lines[above].kinds):
        return True
    length = sum(letters(lines, child.index, child.end) for child in children) / len(children)
    return length >= _REPLY_LETTERS


def _is_indented(lines: Sequence[Line], place: Place, tops: Sequence[int]) -> bool:
    """Whether the text of items stands below their first line rather than at the margin."""
    column = min(lines[top].column for top in tops) - 1
    below = [
        line for line in lines[tops[0] : place.end] if line.text and line.index not in set(tops)
    ]
    return bool(below) and sum(1 for line in below if line.indent >= column) >= 0.8 * len(below)


# --- lists without a heading ---------------------------------------------------


def bare_list(lines: Sequence[Line]) -> Place | None:
    """A list of named texts in which people address each other, without a heading.

    Points of an article have headlines too, but nobody answers a headline.
    """
    best: Place | None = None
    start = 0
    while start < len(lines):
        if not lines[start].marker:
            start += 1
            continue
        end = _list_end(lines, start)
        place = Place(start, start, end, None, ())
        items = top_items(lines, place)
        if len(items) >= 2 and _is_discussion(lines, place, items):
            best = place
        start = max(end, start + 1)
    return best


def _list_end(lines: Sequence[Line], start: int) -> int:
    """The first line that stands left of the list's text without being an item."""
    indent = lines[start].indent
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if line.blank or line.indent > indent + 1 or (line.marker and line.indent >= indent - 1):
            continue
        return index
    return len(lines)


def _is_discussion(lines: Sequence[Line], place: Place, tops: Sequence[int]) -> bool:
    records = listed(lines, place, tops)
    names = [cue_key(record.header.name) for record in records if record.header.name]
    if len(records) < 3 or len(names) < 0.7 * len(records):
        return False
    known = set(names)
    addressed = 0
    for record in records:
        first = meaningful(lines, range(record.header.last + 1, record.header.last + 4))
        text = lines[first].text if first is not None and first < place.end else ""
        if text.startswith("@") and any(
            cue_key(" ".join(text[1:].split()[:count])) in known for count in (3, 2, 1)
        ):
            addressed += 1
    return addressed >= 2 or len(names) - len(known) >= max(2, len(names) // 10)
