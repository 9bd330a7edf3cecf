"""The shapes in which a day, a month and a year stand side by side."""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.parsing.date_words import DateWords, Token, date_words


@dataclass(frozen=True, slots=True)
class Order:
    """Which of two numbers is the day, as far as it is known."""

    dayfirst: bool | None
    language: str | None

    def resolve(self, separator: str) -> tuple[bool, bool]:
        """``(day first, was it assumed)`` for two numbers that could both be months."""
        if self.dayfirst is not None:
            return self.dayfirst, False
        if separator == ".":
            return True, False
        tag = (self.language or "").lower()
        if tag and not tag.startswith("en") and tag != "und":
            return True, False
        if tag.startswith("en-"):
            return tag not in {"en-us", "en-ph"}, False
        return False, True


@dataclass(frozen=True, slots=True)
class Day:
    """A day as printed; ``year`` or ``day`` is None where it is left out."""

    first: int  # index of the first token
    end: int  # offset behind the date
    year: int | None
    month: int
    day: int | None
    hijri: bool = False
    ambiguous: bool = False


def day_at(tokens: list[Token], index: int, words: DateWords, order: Order) -> Day | None:
    """The date whose first token is ``tokens[index]``, or None."""
    token = tokens[index]
    if token.number is not None:
        return _numeric_at(tokens, index, order) or _day_month(tokens, index, words)
    month = _month_at(tokens, index, words)
    return None if month is None else _month_day(tokens, index, *month)


def _at(tokens: list[Token], index: int) -> Token:
    return tokens[index] if 0 <= index < len(tokens) else Token(-1, -1)


def _month_at(tokens: list[Token], index: int, words: DateWords) -> tuple[int, int, bool] | None:
    """``(month, index behind it, solar hijri)`` where a month name stands at ``index``."""
    word = _at(tokens, index).word
    if not word:
        return None
    following = _at(tokens, index + 1).word
    pair = f"{word} {following}" if following else ""
    for table, hijri in ((words.months, False), (words.hijri, True)):
        if pair in table:
            return table[pair], index + 2, hijri
        if word in table:
            behind = index + 1
            if _at(tokens, behind).mark == ".":
                behind += 1
            return table[word], behind, hijri
    return None


def _year_at(tokens: list[Token], index: int) -> tuple[int, int] | None:
    """``(year, index behind it)``: four digits, or two behind an apostrophe."""
    token = _at(tokens, index)
    if token.number is not None and token.digits == 4 and _is_year(token.number):
        following = _at(tokens, index + 1)
        if following.mark == ":" and following.start == token.end:
            return None
        return token.number, index + 1
    if token.mark == "'":
        short = _at(tokens, index + 1)
        if short.number is not None and short.digits == 2 and short.start == token.end:
            return _century(short.number), index + 2
    return None


def _numeric_at(tokens: list[Token], index: int, order: Order) -> Day | None:
    """``2012-07-10``, ``10.07.2012``, ``7/10/12``."""
    a, sep, b, sep2, c = (_at(tokens, index + k) for k in range(5))
    first, second, third = a.number, b.number, c.number
    if first is None or second is None or third is None:
        return None
    if sep.mark == "." and sep2.mark == "," and c.digits == 4 and _is_year(third):
        return _checked(index, c.end, third, second, first, order=order)  # "18.07, 2011"
    if not sep.mark or sep.mark not in "/.-" or sep2.mark != sep.mark:
        return None
    gaps = (sep.start - a.end, b.start - sep.end, sep2.start - b.end, c.start - sep2.end)
    if gaps[0] or gaps[2] or max(gaps) > (1 if sep.mark == "." else 0):
        return None
    end = c.end
    if c.digits == 4 and a.digits <= 2 and _runs_on(tokens, index + 5, ":", c.end):
        # "28.09.1912:44": a two-digit year with the hour run into it.
        third, end = _century(third // 100), c.start + 2
    elif _number_before(tokens, index, a.start) or _number_behind(tokens, index + 5, c.end):
        return None  # part of a longer chain: an address, a version
    if a.digits == 4 and b.digits <= 2 and c.digits <= 2:
        if not (_is_year(first) or 1300 <= first <= 1499):
            return None
        return _checked(index, end, first, second, third, order=order)
    if a.digits > 2 or b.digits > 2 or c.digits not in (2, 4):
        return None
    if a.digits + b.digits + c.digits < 5 and sep.mark == ".":
        return None  # "1.2.10" numbers a version or a section
    year = third if c.digits == 4 else _century(third)
    if not (_is_year(year) or 1300 <= year <= 1499):
        return None
    if first > 12 or second > 12:
        dayfirst, assumed = first > 12, False
    else:
        dayfirst, assumed = order.resolve(sep.mark)
        assumed = assumed and first != second
    day, month = (first, second) if dayfirst else (second, first)
    return _checked(index, end, year, month, day, order=order, ambiguous=assumed)


def _runs_on(tokens: list[Token], index: int, marks: str, end: int) -> bool:
    token = _at(tokens, index)
    return bool(token.mark) and token.mark in marks and token.start == end


def _number_before(tokens: list[Token], index: int, start: int) -> bool:
    mark = _at(tokens, index - 1)
    joined = bool(mark.mark) and mark.mark in "/.-" and mark.end == start
    return joined and _at(tokens, index - 2).number is not None


def _number_behind(tokens: list[Token], index: int, end: int) -> bool:
    mark, last = _at(tokens, index), _at(tokens, index + 1)
    return (
        _runs_on(tokens, index, "/.-", end) and last.number is not None and last.start == mark.end
    )


def _checked(
    index: int, end: int, year: int, month: int, day: int, *, order: Order, ambiguous: bool = False
) -> Day | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    hijri = 1300 <= year <= 1499
    if hijri and (order.language or "").lower().startswith("ar"):
        # There the number is a year of the lunar calendar, whose months
        # follow the moon as sighted: no table gives the day for sure.
        return Day(index, end, None, month, day)
    return Day(index, end, year, month, day, hijri=hijri, ambiguous=ambiguous)


def _day_month(tokens: list[Token], index: int, words: DateWords) -> Day | None:
    """``10 July 2012``, ``11. Jul, 2012``, ``10 de julio de 2012``, ``2012 July 10``."""
    token = tokens[index]
    number = token.number
    if number is None:
        return None
    leading_year = token.digits == 4 and _is_year(number)
    if not leading_year and not (token.digits <= 2 and 1 <= number <= 31):
        return None
    cursor = index + 1
    following = _at(tokens, cursor)
    suffixed = following.word in words.ordinals and following.start == token.end
    if suffixed or (following.mark and following.mark in ".-/º°ª,"):
        cursor += 1
    while _at(tokens, cursor).word in words.of:
        cursor += 1
    month = _month_at(tokens, cursor, words)
    if month is None:
        return None
    value, behind, hijri = month
    if leading_year:
        if _at(tokens, behind).mark in {",", "-", "/"}:
            behind += 1
        day = _at(tokens, behind)
        if day.number is None or day.digits > 2 or not 1 <= day.number <= 31:
            return None
        return Day(index, day.end, number, value, day.number, hijri=hijri)
    end = tokens[behind - 1].end
    for _ in range(3):
        mark, word = _at(tokens, behind).mark, _at(tokens, behind).word
        if (mark and mark in ",.-/") or word in words.of:
            behind += 1
    year = _year_at(tokens, behind) or _hijri_year_at(tokens, behind, hijri)
    if year is None:
        return Day(index, end, None, value, number, hijri=hijri)
    return Day(index, tokens[year[1] - 1].end, year[0], value, number, hijri=hijri)


def _hijri_year_at(tokens: list[Token], index: int, hijri: bool) -> tuple[int, int] | None:
    token = _at(tokens, index)
    if hijri and token.number is not None and 1300 <= token.number <= 1499:
        return token.number, index + 1
    return None


def _month_day(tokens: list[Token], index: int, month: int, behind: int, hijri: bool) -> Day | None:
    """``July 10th, 2012``, ``Jul 10 '12``, ``July 23``, ``July 2012``."""
    words = date_words()
    if _at(tokens, behind).mark in {"-", "/", ","}:
        behind += 1
    if _at(tokens, behind).word == "the":
        behind += 1
    day = _at(tokens, behind)
    if day.number is None:
        return None
    if day.digits == 4 and _is_year(day.number):
        return Day(index, day.end, day.number, month, None, hijri=hijri)
    if day.digits > 2 or not 1 <= day.number <= 31:
        return None
    end = day.end
    behind += 1
    suffix = _at(tokens, behind)
    if suffix.word in words.ordinals and suffix.start == day.end:
        end = suffix.end
        behind += 1
    elif suffix.mark == ":" and suffix.start == day.end:
        return None  # "July 10:30" is no date
    for _ in range(2):
        mark, word = _at(tokens, behind).mark, _at(tokens, behind).word
        if (mark and mark in ",.-/") or word in words.of:
            behind += 1
    year = _year_at(tokens, behind) or _hijri_year_at(tokens, behind, hijri)
    if year is None:
        return Day(index, end, None, month, day.number, hijri=hijri)
    return Day(index, tokens[year[1] - 1].end, year[0], month, day.number, hijri=hijri)


def _is_year(number: int) -> bool:
    return 1900 <= number <= 2199


def _century(number: int) -> int:
    """Two digits as POSIX reads them: 69 to 99 are 19xx, 00 to 68 are 20xx."""
    return number + (1900 if number >= 69 else 2000)
