"""The words of dates, and a line cut into tokens to look them up."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from toolkit.text.normalize import fold_case

# --- folding ---------------------------------------------------------------

_LETTERS: Final = str.maketrans(
    {
        "\u064a": "\u06cc",  # Arabic yeh, alef maksura -> Persian yeh
        "\u0649": "\u06cc",
        "\u0643": "\u06a9",  # Arabic kaf -> Persian kaf
        "\u0623": "\u0627",  # alef with hamza or madda -> alef
        "\u0625": "\u0627",
        "\u0622": "\u0627",
        "\u0629": "\u0647",  # teh marbuta -> heh
        "\u060c": ",",
        "\uff0c": ",",
        "\uff1a": ":",
        "\uff08": "(",
        "\uff09": ")",
        "\u2019": "'",
        "\u02bc": "'",
        "\u066b": ".",
    }
)


def fold_line(text: str) -> str:
    """Lower case, ASCII digits, one form of Arabic letters; the length stays the same."""
    folded = fold_case(text).translate(_LETTERS)
    if folded.isascii():
        return folded
    return "".join(
        str(int(letter)) if not letter.isascii() and letter.isdecimal() else letter
        for letter in folded
    )


# --- the words -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DateWords:
    """``dates.toml`` as look-up tables over folded words, and the patterns built from it."""

    months: dict[str, int]
    hijri: dict[str, int]
    weekdays: frozenset[str]
    units: dict[str, int]
    before: frozenset[str]
    after: frozenset[str]
    one: frozenset[str]
    named: dict[str, int]
    named_first: frozenset[str]
    of: frozenset[str]
    ordinals: frozenset[str]
    zones: dict[str, int]
    am: frozenset[str]
    time: re.Pattern[str]
    gap: re.Pattern[str]
    zone: re.Pattern[str]
    #: Where a name runs into a month or a weekday: "QuillJuly 10".
    glue: re.Pattern[str]
    #: Words that join a date, a time and a name.
    links: frozenset[str]
    #: First words of everything above: a date without digits or a month needs one.
    telling: frozenset[str]

    def might_be(self, folded: str) -> bool:
        """Whether a line is worth reading: it holds a numeric date or a word of dates."""
        digits = _DIGIT.search(folded) is not None
        if not digits and len(folded) > 80:
            return False
        if digits and _NUMERIC_DATE.search(folded) is not None:
            return True
        return not self.telling.isdisjoint(_WORD.findall(folded))


_DIGIT: Final = re.compile(r"\d")
_WORD: Final = re.compile(r"[^\W\d_]+")
_NUMERIC_DATE: Final = re.compile(
    r"\d\s?[/.\-]\s?\d\d?[/.,\-]\s?\d|\d\s?[年년月월]|\d\s?\w{1,3}\s?(?:前|전|之前|以前)"
)


@lru_cache(maxsize=1)
def date_words() -> DateWords:
    """The tables, read once."""
    data: dict[str, Any] = tomllib.loads(
        resources.files("toolkit.parsing").joinpath("dates.toml").read_text(encoding="utf-8")
    )

    def split(value: str) -> list[str]:
        return [fold_line(word).replace("_", " ") for word in value.split()]

    months: dict[str, int] = {}
    units: dict[str, int] = {}
    named: dict[str, int] = {}
    weekdays: set[str] = set()
    before: set[str] = set()
    after: set[str] = set()
    one: set[str] = set()
    for table in data["languages"].values():
        for number, names in enumerate(table["months"], start=1):
            months.update(dict.fromkeys(split(names), number))
        for number, names in enumerate(table["units"]):
            for name in split(names):
                units.setdefault(name, number)
        weekdays.update(split(table["weekdays"]))
        before.update(split(table["before"]))
        after.update(split(table["after"]))
        one.update(split(table["one"]))
        for key, days in (("today", 0), ("yesterday", 1), ("now", 0)):
            named.update(dict.fromkeys(split(table[key]), days))
    hijri = {
        name: number
        for number, names in enumerate(data["solar_hijri"]["months"], start=1)
        for name in split(names)
    }
    time = data["time"]
    am, pm = split(time["am"]), split(time["pm"])
    half = _alternatives(am + pm)
    hour = _alternatives(split(time["hour"]))
    zones = {name: int(minutes) for name, minutes in data["zones"].items()}
    telling = {
        part
        for table in (months, hijri, units, named)
        for name in table
        for part in _WORD.findall(name)
    }
    return DateWords(
        telling=frozenset(telling),
        glue=re.compile(
            rf"(?<=[^\W\d_])(?=(?:{_alternatives(_capitalised(months, weekdays))})[\s.,])"
        ),
        links=frozenset(split(time["at"])),
        months=months,
        hijri=hijri,
        weekdays=frozenset(weekdays),
        units=units,
        before=frozenset(before),
        after=frozenset(after),
        one=frozenset(one),
        named=named,
        named_first=frozenset(name.split(" ")[0] for name in named),
        of=frozenset(split(time["of"])),
        ordinals=frozenset(split(time["ordinal"])),
        zones=zones,
        am=frozenset(am),
        time=re.compile(
            rf"(?:(?P<pre>{half})\s?)?(?P<h>\d{{1,2}})"
            rf"(?:\s?(?P<sep>[:.]|{hour})\s?(?P<m>\d\d)(?!\d)(?:\s?(?:min|mn)\b)?[分분]?"
            r"(?:[:.\s](?P<s>\d\d)(?![\d:])[秒초]?)?(?:\.\d+)?)?"
            rf"(?:\s?(?P<post>{half})(?!\w)|\s?(?P<unit>{hour})(?!\w))?(?!\d|[:.]\d)"
        ),
        gap=re.compile(
            rf"(?:[\s,;|•·–—\-@/(:.]|t(?=\d)|(?:{_alternatives(split(time['at']))})(?!\w)){{0,10}}"
        ),
        zone=re.compile(
            rf"\s?\(?(?:(?P<name>{_alternatives(list(zones))})"
            r"(?:\s?(?P<shift>[+-]\d{1,2}(?::?\d\d)?))?"
            r"|(?P<offset>[+-]\d\d:?\d\d))(?!\w)\)?"
        ),
    )


def _capitalised(*tables: Iterable[str]) -> list[str]:
    """The names of four letters and more that some language writes with a capital."""
    return [
        name[0].upper() + name[1:]
        for table in tables
        for name in table
        if len(name) > 3 and name[0].upper() != name[0]
    ]


def _alternatives(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


# --- tokens ----------------------------------------------------------------

_TOKEN: Final = re.compile(
    r"(?P<number>\d+)"
    r"|(?P<word>[^\W\d_]+(?:[\u200c\u0300-\u036f\u064b-\u065f\u0670\u0654'\u05f3-]+[^\W\d_]+|[\u0654\u05f3])*)"
    r"|(?P<mark>\S)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A run of digits, a word, or one other character; white space lies between."""

    start: int
    end: int
    number: int | None = None
    word: str = ""
    mark: str = ""

    @property
    def digits(self) -> int:
        """How many characters it has."""
        return self.end - self.start


def tokens(folded: str) -> list[Token]:
    """``folded`` cut up, in order."""
    found = []
    for match in _TOKEN.finditer(folded):
        start, end = match.span()
        number = match["number"]
        if number is not None:
            found.append(Token(start, end, number=int(number) if len(number) <= 9 else -1))
        elif match["word"] is not None:
            found.append(Token(start, end, word=match["word"].removeprefix("d'")))
        else:
            found.append(Token(start, end, mark=match["mark"]))
    return found
