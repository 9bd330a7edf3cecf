"""Lines that belong together as the header (or footer) of one comment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from toolkit.parsing.byline import When, is_name, split_name
from toolkit.parsing.cues import cue_key, load_cues
from toolkit.parsing.plain.lines import Line

#: How many lines of buttons may stand between a name and its date.
_MAX_FILLER: Final = 4
#: How far above a date its name can stand.
_MAX_ABOVE: Final = 24

#: More words than these on a line above a date are a headline.
_NAME_LINE_WORDS: Final = 6

Side = Literal["above", "below", "none"]


@dataclass(slots=True)
class Header:
    """Lines ``first`` to ``last`` that say who wrote a comment and when.

    ``family`` is ``B`` (name and date on one line), ``S`` (``X says:``), ``D``
    (a date alone), ``H`` (a name with a handle), ``L`` (an item of a list).
    """

    first: int
    last: int
    family: str
    shape: str
    name: str | None = None
    handle: str | None = None
    when: When | None = None
    when_text: str = ""
    says: bool = False
    parent_name: str | None = None
    user_id: str | None = None
    key: str | None = None
    words: frozenset[str] = frozenset()
    #: Columns of the list marker or name, and of the text behind it.
    start_column: int = 0
    text_column: int = 0
    level: int | None = None
    ordinal: int | None = None
    #: A headline that the writer gave the comment.
    subject: str | None = None
    #: Lines inside or around the header that are not the comment's text.
    spent: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Record:
    """The header of one comment, and the indices of the lines that are its text."""

    header: Header
    body: list[int]


def headers_between(
    lines: Sequence[Line], first: int, end: int, *, skip: frozenset[int] = frozenset()
) -> list[Header]:
    """One header for each line with a byline, in order, not yet joined."""
    return [
        header_of(lines[index])
        for index in range(first, end)
        if (byline := lines[index].byline) is not None and not byline.labelled and index not in skip
    ]


def header_of(line: Line) -> Header:
    """The header that one line makes."""
    byline = line.byline
    assert byline is not None
    if byline.when is None:
        family = "S" if byline.says else "H"
    else:
        family = "D" if byline.name is None else "B"
    when = byline.when
    return Header(
        first=line.index,
        last=line.index,
        family=family,
        shape=byline.shape,
        name=byline.name,
        handle=byline.handle,
        when=when,
        when_text=byline.when_text,
        says=byline.says,
        parent_name=byline.parent_name,
        user_id=byline.user_id,
        key=byline.key,
        words=byline.words,
        start_column=line.indent,
        text_column=line.column,
        level=line.level or None,
        ordinal=line.number if line.number is not None else byline.ordinal,
        spent={line.index},
    )


def join_adjacent(lines: Sequence[Line], headers: Sequence[Header]) -> list[Header]:
    """Join ``X says:`` with the date below (or above) it, over blank lines and buttons."""
    joined: list[Header] = []
    for header in headers:
        if joined and _belong(lines, joined[-1], header):
            _merge(joined[-1], header)
        else:
            joined.append(header)
    return joined


def _belong(lines: Sequence[Line], one: Header, two: Header) -> bool:
    if one.name and two.name and cue_key(one.name) != cue_key(two.name):
        return False
    if one.when and two.when and not (one.name is None or two.name is None):
        return False
    if one.when and two.when and one.family == two.family:
        return False
    filler = 0
    for index in range(one.last + 1, two.first):
        line = lines[index]
        if line.blank:
            continue
        if not line.is_filler or line.marker:
            return False
        filler += 1
    if filler > _MAX_FILLER:
        return False
    # A marker starts a new item: what stands above it belongs to the one before.
    return not (lines[two.first].marker and one.name is not None)


def _merge(one: Header, two: Header) -> None:
    one.spent |= set(range(one.last + 1, two.last + 1))
    one.last = two.last
    if two.family != "D" and one.family == "D":
        one.family = two.family
    one.shape = f"{one.shape}/{two.shape}"
    one.name = one.name or two.name
    one.handle = one.handle or two.handle
    if one.when is None:
        one.when, one.when_text = two.when, two.when_text
    one.says = one.says or two.says
    one.parent_name = one.parent_name or two.parent_name
    one.user_id = one.user_id or two.user_id
    one.key = one.key or two.key
    one.words |= two.words
    one.ordinal = one.ordinal if one.ordinal is not None else two.ordinal
    one.level = one.level if one.level is not None else two.level


def meaningful(lines: Sequence[Line], indices: range) -> int | None:
    """The first index whose line has text and is neither filler nor part of a form."""
    for index in indices:
        line = lines[index]
        if line.text and not line.is_filler and "form" not in line.kinds:
            return index
    return None


def name_side(
    lines: Sequence[Line], headers: Sequence[Header], first: int, end: int
) -> tuple[Side, float]:
    """On which side of dates that stand alone the names stand, and for what share of them."""
    above = below = total = 0
    for at, header in enumerate(headers):
        if header.family != "D" or header.name is not None:
            continue
        total += 1
        low = headers[at - 1].last + 1 if at else first
        high = headers[at + 1].first if at + 1 < len(headers) else end
        if _name_above(lines, header.first, low) is not None:
            above += 1
        if _name_below(lines, header.last, high) is not None:
            below += 1
    if not total:
        return "none", 0.0
    if above >= below and above:
        return "above", above / total
    return ("below", below / total) if below else ("none", 0.0)


def _name_above(lines: Sequence[Line], at: int, low: int) -> int | None:
    index = meaningful(lines, range(at - 1, max(low, at - _MAX_ABOVE) - 1, -1))
    if index is None or not _is_name_line(lines[index]):
        return None
    # A name opens its comment; a line that runs on from text above is that text's end.
    before = lines[index - 1] if index > low else None
    if before is not None and before.is_prose and not lines[index].marker:
        same_column = before.indent == lines[index].indent
        if same_column and lines[at].indent != lines[index].indent:
            return None
    return index


def _name_below(lines: Sequence[Line], at: int, high: int) -> int | None:
    index = meaningful(lines, range(at + 1, min(high, at + _MAX_ABOVE)))
    return index if index is not None and _is_name_line(lines[index]) else None


def _is_name_line(line: Line) -> bool:
    if len(line.text.split()) > _NAME_LINE_WORDS:
        return False  # more likely a headline
    if line.may_be_name:
        return True
    bare = line.text.rstrip(":： ")
    return bare != line.text and is_name(bare)  # "Иван:" above its date


def take_names(
    lines: Sequence[Line], headers: Sequence[Header], first: int, end: int, side: Side
) -> None:
    """Give headers that are dates alone the name that stands on ``side`` of them."""
    for at, header in enumerate(headers):
        if header.family != "D" or header.name is not None:
            continue
        low = headers[at - 1].last + 1 if at else first
        high = headers[at + 1].first if at + 1 < len(headers) else end
        if side == "above":
            index = _name_above(lines, header.first, low)
        else:
            index = _name_below(lines, header.last, high)
        if index is None:
            continue
        line = lines[index]
        header.name, header.handle = _split(line.text)
        header.spent |= set(range(min(index, header.first), max(index, header.last) + 1))
        header.first = min(header.first, index)
        header.last = max(header.last, index)
        header.shape = f"N/{header.shape}" if side == "above" else f"{header.shape}/N"
        if side == "above":
            header.start_column, header.text_column = line.indent, line.column
            header.ordinal = header.ordinal if header.ordinal is not None else line.number
            header.level = header.level or line.level or None


def _split(text: str) -> tuple[str, str | None]:
    """Name and handle of a line that holds nothing else; badges and "says" go."""
    name, handle = split_name(text.rstrip(":： "))
    words = name.split()
    if len(words) > 1 and cue_key(words[-1]) in load_cues().says:
        name = " ".join(words[:-1])
    return name or text, handle


def extend_upwards(lines: Sequence[Line], headers: Sequence[Header], first: int) -> None:
    """Take in avatars, repeated names, badges and list markers just above each header."""
    cues = load_cues()
    for at, header in enumerate(headers):
        low = headers[at - 1].last + 1 if at else first
        key = cue_key(header.name or "")
        index, reached = header.first - 1, header.first
        blanks = 0
        while index >= low and header.first - index <= 10:
            line = lines[index]
            if line.blank:
                blanks += 1
                if blanks > 3:
                    break
            elif (level := stated_level(line)) is not None:
                header.level = level
                reached = index
            elif "avatar" in line.kinds or _repeats(line, key) or (line.marker and not line.text):
                reached = index
            elif not (line.text.isdigit() or _is_badge(cues.kinds(line.text))):
                break
            index -= 1
        if reached < header.first:
            marked = next(
                (lines[k] for k in range(reached, header.first) if lines[k].marker), lines[reached]
            )
            header.spent |= set(range(reached, header.first))
            header.first = reached
            if marked.marker:
                header.start_column, header.text_column = marked.indent, marked.column
                header.ordinal = header.ordinal if header.ordinal is not None else marked.number
                header.level = header.level or marked.level or None


def stated_level(line: Line) -> int | None:
    """0 for ``level 1``, as Reddit printed above each comment."""
    words = cue_key(line.text).split() if len(line.text) < 20 else []
    if len(words) == 2 and words[0] == "level" and words[1].isdigit():
        return max(0, int(words[1][:4]) - 1)
    return None


def _repeats(line: Line, key: str) -> bool:
    """The name once more, or what a picture of the writer is called."""
    if not key:
        return False
    own = cue_key(line.text)
    if own == key:
        return True
    if len(own) <= 2:
        return own == "".join(word[0] for word in key.split()[:2]) or own == key[:1]
    return key in own and len(own) <= len(key) + 24 and not line.is_prose and len(key) > 2


def _is_badge(kinds: frozenset[str]) -> bool:
    return bool(kinds & {"badges", "card"}) and "controls" not in kinds


# --- lines above a byline ------------------------------------------------------

_SCORED: Final = re.compile(
    r"\s*\((?:Score:\s?-?\d+[^()]*|\d+\+?\s?/\s?\d+-)\)\s*\d*\s*$", re.IGNORECASE
)
_LABEL: Final = re.compile(r"^Comment:\s+")
_REPLY_SUBJECT: Final = re.compile(r"^(?:re|aw|antw|rép|rif|sv|odp|отв?)\s?:", re.IGNORECASE)
_LONGEST_SUBJECT: Final = 100


def take_subjects(lines: Sequence[Line], headers: Sequence[Header], first: int) -> None:
    """Take in what forums print above a byline: a subject, "In reply to X", or the real name.

    A subject is known by its score, by ``Re:``, or by standing above every
    byline with a button or a heading before it.
    """
    cues = load_cues()
    above: list[int | None] = []
    without = 0  # answers need no subject
    for at, header in enumerate(headers):
        low = headers[at - 1].last + 1 if at else first
        index = _just_above(lines, header.first, low)
        if index is not None and (answered := cues.reply_to(lines[index].text)) is not None:
            header.parent_name = header.parent_name or answered
            _spend(header, index)
            index = _just_above(lines, index, low)
            without += index is None
        above.append(index)
    settled = [
        index is not None and _is_set_off(lines, index, headers[at - 1].last + 1 if at else first)
        for at, index in enumerate(above)
    ]
    everywhere = len(headers) >= 2 and sum(settled) >= 0.8 * (len(headers) - without)
    for header, index, apart in zip(headers, above, settled, strict=True):
        if index is None or header.family not in "BS":
            continue
        line = lines[index]
        marked = _is_subject(line.text)
        if not marked and not (everywhere and apart):
            continue
        if marked or header.says or "by " in header.shape:
            subject = _LABEL.sub("", line.text)
            if not _REPLY_SUBJECT.match(subject):
                header.subject = _SCORED.sub("", subject).strip() or None
            _spend(header, index)
        elif index == header.first - 1 and _is_name_line(line):
            # "Name" above "Place | date": what looked like the name is the place.
            header.name, header.handle = _split(line.text)
            _spend(header, index)


def subject_above(lines: Sequence[Line], at: int) -> int | None:
    """The line above ``at`` where it is a subject by its own words: ``Re: …``, ``(Score:5)``."""
    index = _just_above(lines, at, max(0, at - 4))
    if index is None or not _is_subject(lines[index].text):
        return None
    return index


def scored_subject(text: str) -> str | None:
    """The words of a subject that carries a score: ``Planks (Score:5)``, ``Gulls (4+ / 0-)``."""
    return _SCORED.sub("", text).strip() or None if _SCORED.search(text) else None


def _is_subject(text: str) -> bool:
    return bool(_SCORED.search(text) or _REPLY_SUBJECT.match(_LABEL.sub("", text)))


def _just_above(lines: Sequence[Line], at: int, low: int) -> int | None:
    index = next((k for k in range(at - 1, low - 1, -1) if lines[k].text), None)
    if index is None:
        return None
    line = lines[index]
    if len(line.text) > _LONGEST_SUBJECT or line.is_filler or line.byline is not None:
        return None
    return index


def _is_set_off(lines: Sequence[Line], index: int, low: int) -> bool:
    """Whether a button, or nothing at all, stands before the line."""
    before = next((k for k in range(index - 1, low - 1, -1) if lines[k].text), None)
    return before is None or lines[before].is_filler


def _spend(header: Header, index: int) -> None:
    header.spent |= set(range(index, header.first))
    header.first = index
