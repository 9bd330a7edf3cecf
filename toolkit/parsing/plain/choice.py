"""Which of the places that could hold comments does.

Each candidate is cut into records, and the records are judged: whether their
number is the one the page states, whether they have names, dates, times of day
and buttons, and whether the article has been swallowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from statistics import median
from typing import Final

from toolkit.parsing.cues import cue_key
from toolkit.parsing.plain.headers import Record
from toolkit.parsing.plain.lines import Line
from toolkit.parsing.plain.lists import bare_list
from toolkit.parsing.plain.records import Cut, cut
from toolkit.parsing.plain.section import OPENERS, Place, count_in, letters, places

#: A candidate below this is not believed; without a heading it must show more.
_BELIEVED: Final = 1.5
_BELIEVED_BARE: Final = 2.9


@dataclass(frozen=True, slots=True)
class Choice:
    """The place of the comments, and the records it holds."""

    place: Place
    cut: Cut


def choose(lines: Sequence[Line]) -> Choice | None:
    """The comment section of a page, or None where it shows none."""
    total = letters(lines, 0, len(lines))
    best: Choice | None = None
    best_rank = (0.0, -1, 0)
    candidates = places(lines)
    if (bare := bare_list(lines)) is not None:
        candidates.append(bare)
    for place in candidates:
        choice = Choice(place, cut(lines, place))
        score = round(_score(lines, choice, total), 2)
        if score < (_BELIEVED_BARE if place.heading is None else _BELIEVED):
            continue
        # Of equals, the nearest heading above and the shortest section.
        rank = (score, -1 if place.heading is None else place.heading, -place.end)
        if best is None or rank > best_rank:
            best, best_rank = choice, rank
    return best


def _score(lines: Sequence[Line], choice: Choice, total: int) -> float:
    place, records = choice.place, choice.cut.records
    stated = _stated(lines, place)
    if not records:
        return _score_empty(lines, choice, stated, total)
    sizes = [sum(len(lines[k].text) for k in record.body) for record in records]
    share = 1 / len(records)
    named = share * sum(1 for record in records if record.header.name)
    dated = share * sum(1 for record in records if record.header.when is not None)
    timed = share * sum(1 for record in records if _is_timed(record))
    worded = share * sum(1 for size in sizes if size)
    buttons = share * sum(1 for record in records if _has_buttons(lines, record))
    names = {cue_key(record.header.name or "") for record in records}
    score = 1.5 * named + dated + 0.5 * timed + worded + buttons + min(1.5, log10(len(records) + 1))
    if stated is not None:
        agreement = min(stated, len(records)) / max(stated, len(records))
        score += (1.5 if stated == 1 else 3.0) * agreement + 0.5
    elif place.heading is not None:
        score += 0.7
    else:
        score += _agrees_anywhere(lines, place, len(records))
    if place.heading is not None and not lines[place.heading].kinds & OPENERS:
        score -= 0.3  # a count beside a byline is no heading
    bare = share * sum(1 for record in records if record.header.family in "DL")
    if named < 0.5 or bare > 0.5:
        prosy = share * sum(1 for record in records if any(lines[k].is_prose for k in record.body))
        score -= 2.0 if prosy < 0.5 else 0.0  # a menu or headlines, not what people wrote
    listed = records[0].header.family == "L" and dated < 0.5 and buttons < 0.5
    if listed and stated is None and place.heading is not None:
        score -= 1.5  # any list may stand below a word such as "Discussion"
    if len(records) >= 3 and len(names) == 1 and named:
        score -= 1.5  # one writer throughout: an archive, not a discussion
    score -= min(2.0, max(0, _unused(lines, place, records) - 200) / 400)
    score -= 0.0 if records[0].header.family == "L" else _swallowed(sizes)
    return score


def _score_empty(lines: Sequence[Line], choice: Choice, stated: int | None, total: int) -> float:
    """A heading that says "No comments", or comments that cannot be told apart."""
    if choice.place.heading is None or stated is None:
        return 0.0
    before = letters(lines, 0, choice.place.start)
    if stated == 0:
        return 2.0 if before >= 0.3 * total else 0.0
    return 1.6 if not choice.cut.told_apart and before >= 0.3 * total else 0.0


def _stated(lines: Sequence[Line], place: Place) -> int | None:
    if place.heading is None:
        return None
    for index in range(place.heading, place.start - 1, -1):
        counted = count_in(lines[index])
        if counted is not None:
            return counted.count
        if "none" in lines[index].kinds:
            return 0
    return None


def _agrees_anywhere(lines: Sequence[Line], place: Place, found: int) -> float:
    """Support from a count that stands apart, such as "80 comments" beside the byline."""
    if found < 2:
        return 0.0
    for line in lines[: place.start]:
        if line.kinds & {"controls"} or line.is_prose:
            continue
        counted = count_in(line)
        if counted is not None and counted.count >= 2:
            agreement = min(found, counted.count) / max(found, counted.count)
            if agreement >= 0.9:
                return 3.0 * agreement
    return 0.0


def _is_timed(record: Record) -> bool:
    when = record.header.when
    return when is not None and (when.has_time or when.kind == "relative")


def _has_buttons(lines: Sequence[Line], record: Record) -> bool:
    if record.header.words:
        return True
    printed = [lines[k] for k in record.body if lines[k].text]
    return any(line.is_controls for line in (*printed[:2], *printed[-3:]))


def _unused(lines: Sequence[Line], place: Place, records: Sequence[Record]) -> int:
    """Letters between the heading and the first comment that are in no comment."""
    first = min([records[0].header.first, *records[0].body[:1]])
    return letters(lines, place.first, first)


def _swallowed(sizes: Sequence[int]) -> float:
    """How much speaks for the article being inside a comment."""
    others = median(sizes[1:]) if len(sizes) > 1 else 300
    if sizes[0] <= 1500 or sizes[0] <= 5 * others:
        return 0.0
    return 3.0
