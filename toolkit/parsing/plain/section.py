"""Where on a page of text the comments stand.

Headings and repetition both count. A heading (``3 thoughts on …``) makes one
byline enough; without a heading, lines of one shape must repeat with somebody's
words between them, and must carry what only comments carry.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from toolkit.parsing.cues import CountHeading, load_cues
from toolkit.parsing.plain.headers import (
    Header,
    headers_between,
    meaningful,
    name_side,
    subject_above,
)
from toolkit.parsing.plain.lines import Line

OPENERS: Final = frozenset({"count", "open", "none"})
CLOSERS: Final = frozenset({"form", "closed", "after", "sidebar"})
#: What stands between the parts of a line such as "12 points | 45 comments".
_PARTS: Final = re.compile(r"[|•·]|\s{2,}")
_SIDEBAR_LINES: Final = 60
#: More headings than these are not all tried.
_HEADINGS: Final = 24


@dataclass(frozen=True, slots=True)
class Place:
    """Where the comments stand.

    ``start`` is the first line that is no longer article, ``first`` the first
    line of comments, ``end`` the line behind the last one. ``heading`` says
    that a heading opens the section, ``headers`` are the bylines in it.
    """

    start: int
    first: int
    end: int
    heading: int | None
    headers: tuple[Header, ...]


def places(lines: Sequence[Line]) -> list[Place]:
    """Every place where comments could stand, to be judged by what they yield."""
    skip = sidebar_lines(lines)
    found = headers_between(lines, 0, len(lines), skip=skip)
    openings = _openings(lines, found, skip)
    run = _best_run(lines, found)
    candidates: list[Place | None] = []
    for heading in _near(openings, run):
        candidates.extend(_below_heading(lines, found, openings, heading))
    if run:
        candidates.append(_without_heading(lines, found, run))
        candidates.extend(
            _without_heading(lines, found, run[first:]) for first in _article_bylines(lines, run)
        )
    if not any(candidates):
        candidates.append(_single(lines, found))
    return [place for place in candidates if place is not None]


def _article_bylines(lines: Sequence[Line], run: Sequence[Header]) -> list[int]:
    """How many bylines at the start of a run may be the article's own, by the length below them."""
    if len(run) < 3:
        return []
    bodies = [letters(lines, one.last + 1, two.first) for one, two in pairwise(run)]
    usual = median(bodies)
    return [
        first
        for first in (1, 2)
        if len(run) > first + 1 and any(size > max(400, 2 * usual) for size in bodies[:first])
    ]


def _openings(lines: Sequence[Line], found: Sequence[Header], skip: frozenset[int]) -> list[int]:
    """Headings over comments; "Replies", which is a label in comments too, only before them."""
    openings = [line for line in lines if line.index not in skip and is_opening(line)]
    proper = [line.index for line in openings if "controls" not in line.kinds]
    if proper:
        return proper
    first = found[0].first if found else len(lines)
    return [line.index for line in openings if line.index < first]


def _near(openings: Sequence[int], run: Sequence[Header]) -> list[int]:
    """A bounded choice of headings: around the run, the first ones and the last ones."""
    if len(openings) <= _HEADINGS:
        return list(openings)
    first = run[0].first if run else 0
    before = [index for index in openings if index <= first][-8:]
    after = [index for index in openings if index > first][:4]
    return sorted({*openings[:4], *before, *after, *openings[-8:]})


def is_opening(line: Line) -> bool:
    """A heading over comments, or a line that counts them."""
    if line.kinds & OPENERS:
        return not ("controls" in line.kinds and "open" not in line.kinds)
    return count_in(line) is not None


def count_in(line: Line) -> CountHeading | None:
    """The count that ``line`` states, also as one of several parts: ``12 points | 45 comments``."""
    if not line.text or len(line.text) > 200:
        return None
    cues = load_cues()
    whole = cues.count(line.text)
    if whole is not None:
        return whole
    parts = _PARTS.split(line.text)
    if len(parts) > 1:
        for part in map(str.strip, parts):
            counted = cues.count(part)
            if counted is not None and "controls" not in cues.kinds(part):
                return counted
    return None


def sidebar_lines(lines: Sequence[Line]) -> frozenset[int]:
    """Lines of lists like "Recent Comments", which stand under other articles."""
    skip: set[int] = set()
    for line in lines:
        if "sidebar" not in line.kinds:
            continue
        for index in range(line.index + 1, min(len(lines), line.index + _SIDEBAR_LINES)):
            other = lines[index]
            if other.blank:
                continue
            if other.kinds & (OPENERS | CLOSERS) or (other.is_prose and not other.marker):
                break
            skip.add(index)
    return frozenset(skip)


# --- repetition --------------------------------------------------------------


def _best_run(lines: Sequence[Line], found: Sequence[Header]) -> list[Header]:
    """The headers of the shape that most often stands above (or below) words."""
    groups: dict[str, list[Header]] = defaultdict(list)
    for header in found:
        groups[header.family if header.family in "SDH" else header.shape].append(header)
        if header.family == "B":
            groups["B"].append(header)
    best: list[Header] = []
    best_score = 1.5
    for shape, group in groups.items():
        if len(group) < 2:
            continue
        score = sum(
            1.0
            for one, two in zip(group, [*group[1:], None], strict=True)
            if has_words(lines, one.last + 1, two.first if two else min(len(lines), one.last + 12))
        )
        # One shape is better evidence than the mixture of all.
        if shape == "B":
            score *= 0.9
        if score > best_score:
            best, best_score = group, score
    return best


def has_words(lines: Sequence[Line], first: int, end: int) -> bool:
    """Whether somebody's words stand between: prose, or more than a name and buttons."""
    short = 0
    for index in range(first, end):
        line = lines[index]
        if line.blank or line.is_filler or line.byline is not None or line.kinds:
            continue
        if line.is_prose or _is_wordy(line.text):
            return True
        short += 1
        if short > 1:
            return True
    return False


def _without_heading(
    lines: Sequence[Line], found: Sequence[Header], run: list[Header]
) -> Place | None:
    if not _convincing(lines, run):
        return None
    end = _end(lines, run)
    run = [header for header in run if header.first < end]
    first = _first_line(lines, run[0])
    inside = tuple(header for header in found if first <= header.first < end)
    return Place(first, first, end, None, inside)


def _below_heading(
    lines: Sequence[Line], found: Sequence[Header], openings: Sequence[int], heading: int
) -> Iterator[Place]:
    """What stands below one heading: up to the first closing cue, and up to the last byline."""
    line = lines[heading]
    counted = count_in(line)
    start = _up_to(lines, heading, openings)
    if ("none" in line.kinds or (counted is not None and counted.count == 0)) and line.kinds:
        yield Place(start, heading + 1, heading + 1, heading, ())
        return
    behind = [header for header in found if header.first > heading]
    run = _best_run(lines, behind) or behind[:1]
    ends = {_first_close(lines, heading + 1)}
    if run:
        ends.add(closing_line(lines, run[0].last + 1))
        ends.add(_end(lines, run))
    for end in sorted(ends):
        inside = tuple(header for header in behind if header.first < end)
        if not inside and not line.kinds & OPENERS:
            continue  # a count among other things heads nothing without bylines
        if not inside and counted is None and not _bounded(lines, heading, end):
            continue
        if has_words(lines, heading + 1, end):
            yield Place(start, heading + 1, end, heading, inside)


def _up_to(lines: Sequence[Line], start: int, openings: Sequence[int]) -> int:
    """The first of headings that follow each other up to ``start``: "Comments", "3 thoughts"."""
    at = bisect_left(openings, start)
    for index in reversed(openings[max(0, at - 8) : at]):
        if start - index > 8 or any(lines[k].is_prose for k in range(index, start)):
            break
        start = index
    return start


def letters(lines: Sequence[Line], first: int, end: int) -> int:
    """How many characters of words, rather than of buttons and headings, stand in a range."""
    return sum(
        len(lines[index].text)
        for index in range(first, end)
        if not lines[index].is_filler and not lines[index].kinds & (OPENERS | CLOSERS)
    )


def _is_wordy(text: str) -> bool:
    return len(text.split()) >= 5 or (len(text) >= 10 and "\u3040" <= text[0] <= "\u9fff")


def _convincing(lines: Sequence[Line], run: Sequence[Header]) -> bool:
    """Whether bylines without a heading over them are those of comments.

    Dates alone head diaries, a place and a date head letters, ``NAME:`` heads
    an interview: none of them carries a time of day, buttons, or a verb of
    saying on a line of its own.
    """
    if len(run) < 2:
        return False
    names = {header.name for header in run if header.name}
    if run[0].family == "D":
        side, share = name_side(lines, run, 0, len(lines))
        timed = sum(1 for header in run if header.when and _is_timed(header)) / len(run)
        if len(run) == 2 and not all(_has_button(lines, header) for header in run):
            return False
        return side != "none" and share >= 0.7 and timed >= (0.5 if len(run) > 3 else 1.0)
    if run[0].family in "SH":
        return True
    telling = sum(
        1
        for header in run
        if _is_timed(header) or header.says or header.user_id or header.key or header.parent_name
    )
    if telling >= len(run) / 2:
        return True
    pressed = sum(1 for header in run if header.words) / len(run)
    return len(run) >= 3 and len(names) >= max(2, len(run) // 2) and pressed >= 0.5


def _has_button(lines: Sequence[Line], header: Header) -> bool:
    """A button on the line of the byline or in the lines below it."""
    below = lines[header.last + 1 : header.last + 40]
    return bool(header.words) or any(line.is_controls for line in below)


def _is_timed(header: Header) -> bool:
    return header.when is not None and (header.when.has_time or header.when.kind == "relative")


def _end(lines: Sequence[Line], run: Sequence[Header]) -> int:
    """Behind the last comment: the first closing cue that no header of the run follows."""
    last = run[-1]
    for one, two in pairwise(run):
        closing = [
            index for index in range(one.last + 1, two.first) if "sidebar" in lines[index].kinds
        ]
        if closing:
            last = one
            break
    return closing_line(lines, last.last + 1)


def closing_line(lines: Sequence[Line], first: int) -> int:
    """The first line from ``first`` on that belongs to what follows comments."""
    for index in range(first, len(lines)):
        if lines[index].kinds & CLOSERS and not _in_reply(lines[index]):
            return index
    return len(lines)


def _first_close(lines: Sequence[Line], first: int) -> int:
    """The first closing line behind words: "Older Comments" may stand above them, too."""
    end = closing_line(lines, first)
    for _ in range(5):
        if end >= len(lines) or has_words(lines, first, end):
            break
        end = closing_line(lines, end + 1)
    return end


def _in_reply(line: Line) -> bool:
    """Words such as "Home" close a section only on a line of their own without marker."""
    return bool(line.marker) and not line.kinds & {"form", "closed", "sidebar"}


def _first_line(lines: Sequence[Line], header: Header) -> int:
    """Where a section without a heading starts: at its first header, name and avatar included."""
    index = header.first
    if header.name is None:
        above = meaningful(lines, range(index - 1, max(-1, index - 7), -1))
        if above is not None and (lines[above].may_be_name or lines[above].byline is not None):
            index = above
    subject = subject_above(lines, index)
    return index if subject is None else subject


# --- headings without repetition ---------------------------------------------


def _bounded(lines: Sequence[Line], heading: int, end: int) -> bool:
    """A heading without a number and without bylines counts only above a short list."""
    first = meaningful(lines, range(heading + 1, end))
    return first is not None and bool(lines[first].marker) and end - heading < 2000


def _single(lines: Sequence[Line], found: Sequence[Header]) -> Place | None:
    """One comment without a heading: its header stands behind prose and before a closing cue."""
    for header in reversed(found[-8:]):
        if header.family == "D" or not has_words(lines, 0, header.first):
            continue
        end = closing_line(lines, header.last + 1)
        if end >= len(lines) or not lines[end].kinds & {"form", "closed"}:
            continue
        telling = header.says or header.family == "H" or _is_timed(header)
        if telling and has_words(lines, header.last + 1, end) and end - header.last < 60:
            return Place(header.first, header.first, end, None, (header,))
    return None
