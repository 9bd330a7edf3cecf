"""A comment section cut into one record for each comment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from toolkit.parsing.byline import is_name, split_name
from toolkit.parsing.cues import cue_key
from toolkit.parsing.plain.headers import (
    Header,
    Record,
    extend_upwards,
    join_adjacent,
    meaningful,
    name_side,
    scored_subject,
    subject_above,
    take_names,
    take_subjects,
)
from toolkit.parsing.plain.lines import Line
from toolkit.parsing.plain.lists import listed, top_items
from toolkit.parsing.plain.section import Place, count_in, has_words


@dataclass(slots=True)
class Cut:
    """``told_apart`` is False where there are comments that nothing separates."""

    records: list[Record] = field(default_factory=list)
    told_apart: bool = True


def cut(lines: Sequence[Line], place: Place) -> Cut:
    """The records of the section at ``place``, in page order."""
    if place.first >= place.end:
        return Cut()
    lines = _with_recurring(lines, place)
    headers = _headers(lines, place)
    place, headers = _trimmed(lines, place, headers)
    items = top_items(lines, place)
    if headers and not _items_are_better(lines, place, headers, items):
        if _are_footers(lines, place, headers):
            return Cut(_above(lines, place, headers, items))
        return Cut(_below(place, headers))
    if items:
        return Cut(listed(lines, place, items))
    if place.heading is None:
        return Cut([])
    return _separated(lines, place)


def _with_recurring(lines: Sequence[Line], place: Place) -> Sequence[Line]:
    """The lines, with those that recur beside nearly every byline marked as buttons."""
    wanted = max(4, round(0.8 * sum(1 for header in place.headers)))
    if len(place.headers) < 4:
        return lines
    keys = {
        line.index: cue_key(line.text)
        for line in lines[place.first : place.end]
        if line.text and len(line.text) <= 80 and line.byline is None and not line.is_filler
    }
    times = Counter(keys.values())
    marked = [index for index, key in keys.items() if times[key] >= wanted]
    if not marked:
        return lines
    copied = list(lines)
    for index in marked:
        copied[index] = replace(lines[index], is_controls=True)
    return copied


# --- headers -----------------------------------------------------------------


def _headers(lines: Sequence[Line], place: Place) -> list[Header]:
    # Copies: the same bylines may be tried as parts of several places.
    headers = [replace(header, spent=set(header.spent)) for header in place.headers]
    if not headers:
        return []
    if _dates_close(lines, place, headers):
        headers = _close_with_dates(headers)
    else:
        headers = join_adjacent(lines, headers)
    side, share = name_side(lines, headers, place.first, place.end)
    if side != "none" and share >= 0.5:
        if side == "below" and not _names_follow(lines, place, headers):
            headers = _names_on_top(lines, place, headers)
        else:
            take_names(lines, headers, place.first, place.end, side)
    headers = _without_quotes(headers)
    extend_upwards(lines, headers, place.first)
    take_subjects(lines, headers, place.first)
    return headers


def _trimmed(
    lines: Sequence[Line], place: Place, headers: list[Header]
) -> tuple[Place, list[Header]]:
    """Cut off what follows the comments without a word that says so.

    Indentation left of every comment so far ends a list; so does another
    shape of byline behind as many comments as the page states.
    """
    if not headers:
        return place, headers
    stated = count_in(lines[place.heading]) if place.heading is not None else None
    if stated is not None and 0 < stated.count < len(headers):
        first, rest = headers[: stated.count], headers[stated.count :]
        if not {h.shape for h in first} & {h.shape for h in rest}:
            place, headers = replace(place, end=rest[0].first), first
    kept = headers[: max(1, (2 * len(headers)) // 3)]
    column = min(header.start_column for header in kept)
    inside = range(kept[0].first, kept[-1].last + 1)
    indented = len(kept) > 1 and all(
        lines[index].blank or lines[index].indent >= column - 1 for index in inside
    )
    if column >= 2 and indented:
        for index in range(kept[-1].last + 1, place.end):
            if not lines[index].blank and lines[index].indent < column - 1:
                headers = [header for header in headers if header.first < index]
                return replace(place, end=index), headers
    return place, headers


def _dates_close(lines: Sequence[Line], place: Place, headers: Sequence[Header]) -> bool:
    """``X said...``, text, date: the date stands below, as old Blogger pages print it."""
    families = [header.family for header in headers if header.family in "SHD"]
    names = len(families) - families.count("D")
    if len(families) < 2 or families[0] == "D" or families[-1] != "D" or not names:
        return False
    if abs(families.count("D") - names) > max(1, names // 5):
        return False
    first = next(at for at, header in enumerate(headers) if header.family in "SH")
    if first + 1 >= len(headers):
        return False
    between = has_words(lines, headers[first].last + 1, headers[first + 1].first)
    return between and not has_words(lines, headers[-1].last + 1, place.end)


def _close_with_dates(headers: Sequence[Header]) -> list[Header]:
    closed: list[Header] = []
    for header in headers:
        if header.family == "D" and closed:
            owner = closed[-1]
            if owner.when is None:
                owner.when, owner.when_text = header.when, header.when_text
            owner.spent.add(header.first)
        else:
            closed.append(header)
    return closed


def _names_follow(lines: Sequence[Line], place: Place, headers: Sequence[Header]) -> bool:
    """Whether the last date still has a name and a text below it."""
    last = headers[-1]
    name = meaningful(lines, range(last.last + 1, min(place.end, last.last + 8)))
    return name is not None and has_words(lines, name + 1, place.end)


def _names_on_top(lines: Sequence[Line], place: Place, headers: Sequence[Header]) -> list[Header]:
    """Name, text, date: each date closes the comment whose name opened it."""
    turned: list[Header] = []
    top = place.first
    for header in headers:
        if header.family != "D":
            turned.append(header)
            top = header.last + 1
            continue
        index = meaningful(lines, range(top, header.first))
        if index is not None:
            line = lines[index]
            header.spent.add(header.first)
            if line.may_be_name:
                header.name, header.handle = split_name(line.text)
                header.spent.add(index)
            header.start_column, header.text_column = line.indent, line.column
            header.family = "T"
            top = header.last + 1
            header.first = header.last = index
            turned.append(header)
    return turned


def _without_quotes(headers: list[Header]) -> list[Header]:
    """Where comments are dated, a bare ``X wrote:`` opens a quotation, not a comment."""
    dated = sum(1 for header in headers if header.when is not None)
    bare = [header for header in headers if header.when is None]
    if dated >= 2 and len(bare) < len(headers) * 0.5:
        return [header for header in headers if header.when is not None]
    nameless = [h for h in headers if h.family == "D" and h.name is None]
    if nameless and len(nameless) < len(headers) * 0.5:
        return [h for h in headers if not (h.family == "D" and h.name is None)]
    return headers


def _are_footers(lines: Sequence[Line], place: Place, headers: Sequence[Header]) -> bool:
    """Whether bylines stand below the text they belong to."""
    if any(header.family == "T" for header in headers):
        return False
    if _touch_text_above(lines, headers):
        return True
    if has_words(lines, headers[-1].last + 1, place.end):
        return False
    if place.heading is not None:
        return has_words(lines, place.first, headers[0].first)
    return len(headers) > 1 and has_words(lines, 0, headers[0].first)


def _touch_text_above(lines: Sequence[Line], headers: Sequence[Header]) -> bool:
    """Bylines stand right below text, and a blank line parts them from what follows."""
    above = below = 0
    for header in headers:
        before = lines[header.first - 1] if header.first else None
        after = lines[header.last + 1] if header.last + 1 < len(lines) else None
        above += before is not None and bool(before.text) and not before.is_filler
        below += after is not None and bool(after.text) and not after.is_filler
    return len(headers) > 1 and above >= 0.9 * len(headers) and below <= 0.1 * len(headers)


def _below(place: Place, headers: Sequence[Header]) -> list[Record]:
    records = []
    for at, header in enumerate(headers):
        end = headers[at + 1].first if at + 1 < len(headers) else place.end
        body = [k for k in range(header.last + 1, end) if k not in header.spent]
        records.append(Record(header, body))
    return records


def _above(
    lines: Sequence[Line], place: Place, headers: Sequence[Header], items: Sequence[int]
) -> list[Record]:
    records = []
    top = place.first
    starts = set(items)
    if place.heading is None and headers:
        top = _paragraph_start(lines, headers[0].first)
    for header in headers:
        body = [k for k in range(top, header.first) if k not in header.spent]
        first = meaningful(lines, range(top, header.first))
        if first is not None:
            marked = next((k for k in range(first, header.first) if k in starts), first)
            header.start_column, header.text_column = lines[marked].indent, lines[marked].column
            header.ordinal = lines[marked].number
            header.level = lines[marked].level or None
            header.subject = scored_subject(lines[first].text)
            if header.subject:
                body.remove(first)
        records.append(Record(header, body))
        top = header.last + 1
    return records


def _paragraph_start(lines: Sequence[Line], end: int) -> int:
    """Without a heading, the first footer's comment is the one paragraph above it."""
    index = end - 1
    while index > 0 and lines[index].blank:
        index -= 1
    while index > 0 and not lines[index - 1].blank and not lines[index].marker:
        index -= 1
    subject = subject_above(lines, index)
    return index if subject is None else subject


def _items_are_better(
    lines: Sequence[Line], place: Place, headers: Sequence[Header], items: Sequence[int]
) -> bool:
    """Bylines that stand in a few of many items are quotations."""
    if len(items) < 3 or len(headers) >= 0.3 * len(items):
        return False
    stated = count_in(lines[place.heading]) if place.heading is not None else None
    if stated is None:
        return True
    return abs(len(items) - stated.count) < abs(len(headers) - stated.count)


# --- neither -----------------------------------------------------------------


def _separated(lines: Sequence[Line], place: Place) -> Cut:
    """Comments that only buttons separate, or one comment that nothing needs to."""
    stated = count_in(lines[place.heading]) if place.heading is not None else None
    wanted = stated.count if stated is not None else None
    segments = _segments(lines, place)
    if wanted == 1 and segments:
        body = [k for segment in segments for k in segment]
        return Cut([_plain_record(lines, body)])
    if len(segments) >= 2 and (wanted is None or 0.5 * wanted <= len(segments) <= wanted + 1):
        return Cut([_plain_record(lines, segment) for segment in segments])
    named = _named_paragraphs(lines, place)
    if len(named) >= 2 and wanted is not None and 0.7 * wanted <= len(named) <= wanted + 1:
        return Cut([_plain_record(lines, segment) for segment in named])
    return Cut([], told_apart=wanted is None and not segments)


def _segments(lines: Sequence[Line], place: Place) -> list[list[int]]:
    """Runs of lines apart by buttons that recur."""
    recurring = Counter(
        cue_key(lines[k].text) for k in range(place.first, place.end) if lines[k].is_controls
    )
    segments: list[list[int]] = [[]]
    for k in range(place.first, place.end):
        line = lines[k]
        if line.is_controls and recurring[cue_key(line.text)] > 0:
            if segments[-1]:
                segments.append([])
        elif not (line.blank and not segments[-1]):
            segments[-1].append(k)
    return [s for s in segments if any(not lines[k].is_filler and lines[k].text for k in s)]


def _named_paragraphs(lines: Sequence[Line], place: Place) -> list[list[int]]:
    """Text below short lines that look like names and stand after a blank line."""
    starts = [
        k
        for k in range(place.first, place.end)
        if lines[k].may_be_name
        and (k == place.first or lines[k - 1].blank)
        and (below := meaningful(lines, range(k + 1, min(place.end, k + 4)))) is not None
        and lines[below].is_prose
    ]
    return [
        list(range(start, starts[at + 1] if at + 1 < len(starts) else place.end))
        for at, start in enumerate(starts)
    ]


def _plain_record(lines: Sequence[Line], body: Sequence[int]) -> Record:
    rest = [k for k in body if lines[k].text and not lines[k].is_filler]
    first = lines[rest[0]]
    header = Header(
        first=rest[0], last=rest[0], family="P", shape="P",
        start_column=first.indent, text_column=first.column,
    )  # fmt: skip
    if len(rest) > 1 and first.may_be_name and is_name(first.text) and len(first.text.split()) <= 4:
        header.name, header.handle = split_name(first.text)
        header.spent.add(rest[0])
    return Record(header, [k for k in body if k not in header.spent])
