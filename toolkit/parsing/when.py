"""Dates as people's pages print them, in the languages of ``dates.toml``.

General date libraries take seconds to load their locales and find a date in
nearly any line; here a line is cut into tokens once and only the shapes that
comment headers use are tried, so the work is linear in the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final, Literal

from toolkit.parsing.date_shapes import Day, Order, day_at
from toolkit.parsing.date_words import DateWords, Token, date_words, fold_line, tokens

#: Longer lines are prose; their date, if any, stands near the start.
_LONGEST: Final = 500

Kind = Literal["absolute", "relative", "partial"]


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A date expression in a line.

    ``start`` and ``end`` are code-point offsets. ``kind`` is ``absolute`` (day,
    month and year are printed), ``relative`` ("7 days ago", "yesterday, 08:12")
    or ``partial`` (no year, or no day). ``value`` is in UTC where a zone is
    printed, else naive; None for ``partial``, and for ``relative`` where no
    reference time was given. ``ambiguous`` says that day and month could be
    swapped and the order was assumed.
    """

    start: int
    end: int
    kind: Kind
    value: datetime | None = None
    has_time: bool = False
    ambiguous: bool = False


def parse_when(
    text: str,
    *,
    dayfirst: bool | None = None,
    language: str | None = None,
    now: datetime | None = None,
) -> datetime | None:
    """The first date in ``text``: UTC where the text has a zone, else naive.

    Absolute dates in the languages of ``dates.toml``, with Persian, Arabic and
    full-width digits, and the Solar Hijri calendar. A date without a time of
    day is midnight. None where there is no date, where it lacks its year
    ("Monday July 23, @08:25PM"), and for relative dates ("7 days ago") unless
    ``now`` is given; then months and years are counted by the calendar.

    ``dayfirst`` settles ``10/07/2012``; None takes the order usual in
    ``language`` (a BCP 47 tag), and month first where that is unknown.
    """
    found = find_when(text, dayfirst=dayfirst, language=language, now=now)
    return None if found is None else found.value


def find_when(
    text: str,
    *,
    dayfirst: bool | None = None,
    language: str | None = None,
    now: datetime | None = None,
) -> When | None:
    """The first absolute date in ``text``, else the first relative, else the first partial one.

    Only the first 500 code points are read.
    """
    text = text[:_LONGEST]
    folded = fold_line(text)
    words = date_words()
    if not words.might_be(folded):
        return None
    best: When | None = None
    for when in _candidates(text, folded, words, Order(dayfirst, language), now):
        if when.kind == "absolute":
            return when
        if best is None or (best.kind == "partial" and when.kind == "relative"):
            best = when
    return best


def infer_dayfirst(texts: Iterable[str]) -> bool | None:
    """Whether numeric dates on one page put the day first: True, False, or None (cannot tell).

    One date whose number is above 12 settles it; contradictions settle nothing.
    """
    day_first = month_first = False
    for text in texts:
        for match in _SLASHED.finditer(fold_line(text[:_LONGEST])):
            first, second = int(match["a"]), int(match["b"])
            day_first |= first > 12 >= second >= 1
            month_first |= second > 12 >= first >= 1
    return None if day_first == month_first else day_first


_SLASHED: Final = re.compile(
    r"(?<![\d/.-])(?P<a>\d{1,2})([/-])(?P<b>\d{1,2})\2(?:\d{4}|\d\d)(?![\d/-])"
)

_CJK_DATE: Final = re.compile(
    r"(?:(?P<roc>民國|民国)?\s?(?P<y>\d{2,4})\s?[年년]\s?)?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日号號일]"
    r"(?:\s?[(]?(?:星期|週|周|礼拜|禮拜)?[一二三四五六日天月火水木金土](?:曜日?)?[)]?(?![\w]))?"
)


def _candidates(
    text: str, folded: str, words: DateWords, order: Order, now: datetime | None
) -> Iterator[When]:
    for match in _CJK_DATE.finditer(folded):
        year = int(match["y"]) + (1911 if match["roc"] else 0) if match["y"] else None
        day = Day(0, match.end(), year, int(match["m"]), int(match["d"]))
        if (when := _dated(text, folded, match.start(), day, words)) is not None:
            yield when
    tokens_ = tokens(folded)
    index = 0
    while index < len(tokens_):
        found = day_at(tokens_, index, words, order)
        if found is None:
            index += 1
            continue
        start = tokens_[index].start
        previous = index - 1
        if previous >= 0 and tokens_[previous].mark and tokens_[previous].mark in ",.":
            previous -= 1
        if previous >= 0 and tokens_[previous].word in words.weekdays:
            start = tokens_[previous].start
        if (when := _dated(text, folded, start, found, words)) is not None:
            yield when
        while index < len(tokens_) and tokens_[index].start < found.end:
            index += 1
    yield from _relative(text, folded, tokens_, words, now)


# --- the time of day ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clock:
    start: int
    end: int
    time: time
    zone: timezone | None


def _dated(text: str, folded: str, start: int, day: Day, words: DateWords) -> When | None:
    """``day`` with the time of day and the zone that stand beside it."""
    clock = _clock_behind(text, folded, day.end, words)
    end = day.end if clock is None else clock.end
    if clock is None and (clock := _clock_before(text, folded, start, words)) is not None:
        start = clock.start
        if clock.zone is None:
            zone, end = _zone(text, folded, end, words)
            clock = replace(clock, zone=zone)
    if day.year is None or day.day is None:
        return When(start=start, end=end, kind="partial", has_time=clock is not None)
    value = _solar_hijri(day) if day.hijri else _gregorian(day)
    if value is None:
        return None
    moment = datetime.combine(value, time() if clock is None else clock.time)
    if clock is not None and clock.zone is not None:
        moment = _to_utc(moment, clock.zone)
    return When(
        start=start,
        end=end,
        kind="absolute",
        value=moment,
        has_time=clock is not None,
        ambiguous=day.ambiguous,
    )


def _clock_behind(text: str, folded: str, start: int, words: DateWords) -> _Clock | None:
    gap = words.gap.match(folded, start)
    where = start if gap is None else gap.end()
    match = words.time.match(folded, where)
    if match is None:
        return None
    between = folded[start:where].strip(" \t\u00a0\u202f")
    return _clock(text, folded, match, words, dotted=bool(between))


def _clock_before(text: str, folded: str, end: int, words: DateWords) -> _Clock | None:
    begin = max(0, end - 40)
    for match in words.time.finditer(folded, begin, end):
        if match.start() and folded[match.start() - 1] in "0123456789:.":
            continue
        clock = _clock(text, folded, match, words, dotted=False)
        if clock is None:
            continue
        gap = words.gap.match(folded, clock.end)
        if gap is not None and gap.end() == end:
            return clock
    return None


def _clock(
    text: str, folded: str, match: re.Match[str], words: DateWords, *, dotted: bool
) -> _Clock | None:
    """The time that ``match`` shows, or None where it is some other number.

    ``dotted`` allows ``13.04``, which is a time only where it is set off from the date.
    """
    hour, minute, second = int(match["h"]), int(match["m"] or 0), int(match["s"] or 0)
    half = match["pre"] or match["post"]
    if match["m"] is None and half is None and match["unit"] is None:
        return None
    if half is not None and 1 <= hour <= 12:
        hour = hour % 12 + (0 if half in words.am else 12)
    if hour > 23 or minute > 59 or second > 59:
        return None
    end = match.end()
    zone, end = _zone(text, folded, end, words)
    set_off = dotted or zone is not None or half is not None or match["unit"] is not None
    if match["sep"] == "." and not set_off:
        return None
    return _Clock(match.start(), end, time(hour, minute, second), zone)


def _zone(text: str, folded: str, start: int, words: DateWords) -> tuple[timezone | None, int]:
    match = words.zone.match(folded, start)
    if match is None:
        return None, start
    name, shift = match["name"], match["shift"]
    if name is not None:
        # "13:04 west of here": other than UTC and GMT, names count in capitals.
        printed = text[match.start("name") : match.end("name")]
        joined = match.start("name") == start
        if name == "z" and not joined:
            return None, start
        if not printed.isupper() and name not in {"utc", "gmt"}:
            return None, start
        minutes = words.zones[name] + (0 if shift is None else _offset_minutes(shift))
    else:
        minutes = _offset_minutes(match["offset"])
    if abs(minutes) >= 24 * 60:
        return None, start
    return timezone(timedelta(minutes=minutes)), match.end()


def _offset_minutes(text: str) -> int:
    digits = text[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    total = int(hours) * 60 + int(minutes)
    return -total if text[0] == "-" else total


def _to_utc(moment: datetime, zone: timezone) -> datetime:
    try:
        return moment.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


# --- calendars ---------------------------------------------------------------


def _gregorian(day: Day) -> date | None:
    try:
        return date(day.year or 0, day.month, day.day or 0)
    except ValueError:
        return None


def _solar_hijri(day: Day) -> date | None:
    """A day of Iran's calendar as a Gregorian date, exact for the years 1244 to 1472.

    Leap years are those whose number modulo 33 is one of eight (Borkowski, "The Persian
    calendar for 3000 years", Earth, Moon and Planets 74, 1996).
    """
    year, month, number = day.year or 0, day.month, day.day or 0
    length = 31 if month <= 6 else 30 if month < 12 or year % 33 in _HIJRI_LEAPS else 29
    if not (1244 <= year <= 1472 and 1 <= number <= length):
        return None
    cycles, within = divmod(year - 1, 33)
    leaps = cycles * len(_HIJRI_LEAPS) + sum(1 for leap in _HIJRI_LEAPS if leap <= within)
    before_month = (month - 1) * 31 - max(0, month - 7)
    return date.fromordinal(_HIJRI_EPOCH + (year - 1) * 365 + leaps + before_month + number - 1)


_HIJRI_LEAPS: Final = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
#: The proleptic Gregorian ordinal of 1 Farvardin 1; 1 Farvardin 1400 is 21 March 2021.
_HIJRI_EPOCH: Final = 226_895


# --- relative dates ------------------------------------------------------------

_CJK_AGO: Final = re.compile(
    r"(?P<n>\d{1,4})\s?(?P<unit>秒|分鐘|分钟|分|小时|小時|時間|週間|周|週|個月|个月|か月|ヶ月|月|天|日|年|초|분|시간|일|주|개월|년)"
    r"\s?(?:之前|以前|前|전)"
)
_CJK_UNITS: Final = {
    **dict.fromkeys(("秒", "초"), 0),
    **dict.fromkeys(("分鐘", "分钟", "分", "분"), 1),
    **dict.fromkeys(("小时", "小時", "時間", "시간"), 2),
    **dict.fromkeys(("天", "日", "일"), 3),
    **dict.fromkeys(("週間", "周", "週", "주"), 4),
    **dict.fromkeys(("個月", "个月", "か月", "ヶ月", "月", "개월"), 5),
    **dict.fromkeys(("年", "년"), 6),
}


def _relative(
    text: str, folded: str, line: list[Token], words: DateWords, now: datetime | None
) -> Iterator[When]:
    for match in _CJK_AGO.finditer(folded):
        value = _ago(now, int(match["n"]), _CJK_UNITS[match["unit"]])
        yield When(start=match.start(), end=match.end(), kind="relative", value=value)
    for index, token in enumerate(line):
        count = token.number if token.number is not None else 1 if token.word in words.one else None
        if count is not None and 0 <= count < 10_000 and index + 1 < len(line):
            unit = words.units.get(line[index + 1].word)
            if unit is not None:
                span = _framed(line, index, index + 2, words)
                if span is not None:
                    yield When(
                        start=span[0], end=span[1], kind="relative", value=_ago(now, count, unit)
                    )
                continue
        if token.word in words.units and (
            _at_word(line, index - 1) in words.before or _at_word(line, index + 1) in words.after
        ):
            # No number stands for one: "godzinę temu", "منذ ساعة".
            span = _framed(line, index, index + 1, words)
            if span is not None and _at_number(line, index - 1) is None:
                value = _ago(now, 1, words.units[token.word])
                yield When(start=span[0], end=span[1], kind="relative", value=value)
    yield from _named(text, folded, line, words, now)


def _at_word(line: list[Token], index: int) -> str:
    return line[index].word if 0 <= index < len(line) else ""


def _at_number(line: list[Token], index: int) -> int | None:
    return line[index].number if 0 <= index < len(line) else None


_SET_OFF: Final = frozenset("·•|–—-/⋅∙")


def _framed(line: list[Token], first: int, behind: int, words: DateWords) -> tuple[int, int] | None:
    """The span of "7 days ago" from its number to its unit, with what makes it relative."""
    start, end = line[first].start, line[behind - 1].end
    if behind < len(line) and line[behind].mark == ".":
        behind += 1  # "3 hr. ago"
    if _at_word(line, behind) in words.after:
        return start, line[behind].end
    for lead in range(1, 5):
        if _at_word(line, first - lead) in words.before:
            return line[first - lead].start, end
        if " ".join(_at_word(line, k) for k in range(first - lead, first)) in words.before:
            return line[first - lead].start, end
    if behind >= len(line) and (first == 0 or line[first - 1].mark in _SET_OFF):
        return start, end  # "7d", "Name · 3 h": all that stands there
    return None


def _named(
    text: str, folded: str, line: list[Token], words: DateWords, now: datetime | None
) -> Iterator[When]:
    """Words like "yesterday, 08:12 PM" and "just now": alone, or before a time of day."""
    for index, token in enumerate(line):
        if token.word not in words.named_first:
            continue
        for length in (1, 2, 3):
            name = " ".join(_at_word(line, index + k) for k in range(length)).strip()
            if name not in words.named or index + length > len(line):
                continue
            end = line[index + length - 1].end
            clock = _clock_behind(text, folded, end, words)
            if clock is None and not (index == 0 and index + length == len(line)):
                continue
            value = None
            if now is not None and (clock is not None or words.named[name] == 0):
                value = now - timedelta(days=words.named[name])
                if clock is not None:
                    value = datetime.combine(value.date(), clock.time, tzinfo=now.tzinfo)
            yield When(
                start=token.start,
                end=end if clock is None else clock.end,
                kind="relative",
                value=value,
                has_time=clock is not None,
            )
            break


def _ago(now: datetime | None, count: int, unit: int) -> datetime | None:
    """``now`` less ``count`` units; months by the calendar, clamped to the month's last day."""
    if now is None:
        return None
    try:
        if unit <= 4:
            return now - timedelta(seconds=count * (1, 60, 3600, 86_400, 604_800)[unit])
        months = now.year * 12 + now.month - 1 - count * (1 if unit == 5 else 12)
        year, month = divmod(months, 12)
        for last in (31, 30, 29, 28):
            try:
                return now.replace(year=year, month=month + 1, day=min(now.day, last))
            except ValueError:
                continue
    except OverflowError:
        pass
    return None
