"""Times as dumps write them -> UTC in microseconds.

Numbers are seconds, milliseconds, microseconds or nanoseconds by their size; text
is ISO 8601, RFC 2822 or one of the forms below. A time without a zone is read as
UTC and counted; one that could mean two days (``03/04/2020``) is null.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

import polars as pl

UTC_US: Final = pl.Datetime("us", "UTC")

_NUMBER: Final = r"^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?$"
#: ``20240131`` and ``20240131235959`` are dates, not seconds.
_COMPACT: Final = (
    r"^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[0-2]\d[0-5]\d[0-5]\d)?$"
)
#: Whole numbers that are no ``20240131`` and no ``20240131235959``: too long, too short.
_ONLY_SECONDS: Final = (100_000_000, 9_999_999_999_999)
_ZONES: Final = {
    "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "CET": 1, "CEST": 2, "BST": 1,
}  # fmt: skip
_NAMED_ZONE: Final = re.compile(r"\s*\(?\b([A-Z]{1,4})\)?$")
_OFFSET: Final = re.compile(r"\s*(?:UTC|GMT)?\s*([+-])(\d{2}):?(\d{2})$")
_FORMATS: Final = (
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y %I:%M %p",
    "%B %d, %Y %I:%M %p",
    "%b %d, %Y, %I:%M %p",
    "%B %d, %Y, %I:%M %p",
    "%b %d, %Y, %I:%M:%S %p",
    "%B %d, %Y at %I:%M %p",
    "%b %d, %Y %H:%M:%S",
    "%d %b %Y %H:%M:%S",
    "%d %B %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "%Y%m%d%H%M%S",
)
_SLASHES: Final = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})(.*)$")
_CLOCKS: Final = ("", "%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")


def to_utc(raw: pl.Series) -> tuple[pl.Series, int, int]:
    """Strings -> ``Datetime("us", "UTC")``, how many could not be read, how many had no zone.

    Empty strings and zero (a missing time, in every dump that has it) are null and
    count as neither.
    """
    text = raw.str.strip_chars()
    plain = text.cast(pl.Int64, strict=False)
    if len(plain) and not plain.has_nulls() and plain.is_between(*_ONLY_SECONDS).all():
        return _from_numbers(plain), 0, 0
    number = text.str.contains(_NUMBER).fill_null(False) & ~text.str.contains(_COMPACT).fill_null(
        False
    )
    if number.all() and not raw.is_null().any():
        whole = text.cast(pl.Int64, strict=False)
        values = whole if not whole.has_nulls() else text.cast(pl.Float64, strict=False)
        times = _from_numbers(values)
        return times, int((times.is_null() & (values.fill_null(1) != 0)).sum()), 0
    zero = text.str.contains(r"^[0\-:. T]*$").fill_null(True)
    numeric = text.set(~number, None)
    whole = numeric.cast(pl.Int64, strict=False)
    if whole.null_count() != numeric.null_count():
        times = _from_numbers(numeric.cast(pl.Float64, strict=False))
    else:
        times = _from_numbers(whole)
    words = ~(number | zero)
    unzoned = 0
    if words.any():
        parsed = [
            parse_time(value) if wanted else (None, True)
            for value, wanted in zip(text.to_list(), words.to_list(), strict=True)
        ]
        unzoned = sum(not zoned for when, zoned in parsed if when is not None)
        read = pl.Series([when for when, _ in parsed], dtype=UTC_US)
        times = times.zip_with(~words, read)
    return times, int((times.is_null() & ~zero).sum()), unzoned


def _from_numbers(values: pl.Series) -> pl.Series:
    size = values.abs()
    scale = (
        pl.when(size < 100_000_000_000)
        .then(values.cast(pl.Float64) * 1e6)
        .when(size < 100_000_000_000_000)
        .then(values.cast(pl.Float64) * 1e3)
        .when(size < 100_000_000_000_000_000)
        .then(values.cast(pl.Float64))
        .otherwise(values.cast(pl.Float64) / 1e3)
    )
    micros = pl.select(scale.alias("us")).to_series()
    # Year 1 to 9999, what datetime can hold; zero is how dumps say "none".
    good = (micros > -62_135_596_800e6) & (micros < 253_402_300_800e6) & (micros != 0)
    whole = micros.round().cast(pl.Int64, strict=False)
    return (
        whole.set(~good.fill_null(False), None).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    )


@lru_cache(maxsize=65_536)
def parse_time(text: str) -> tuple[datetime | None, bool]:
    """``(time in UTC or None, whether it had a zone)``; a time without a zone is taken as UTC."""
    text = " ".join(text.split())[:64]
    try:
        return _in_utc(datetime.fromisoformat(text))
    except ValueError:
        pass
    zone: timezone | None = None
    body = text
    if (found := _OFFSET.search(text)) and len(text) > len(found[0]):
        hours, minutes = int(found[2]), int(found[3])
        if hours < 24 and minutes < 60:
            sign = -1 if found[1] == "-" else 1
            zone = timezone(sign * timedelta(hours=hours, minutes=minutes))
            body = text[: found.start()]
    elif (named := _NAMED_ZONE.search(text)) and named[1] in _ZONES:
        zone = timezone(timedelta(hours=_ZONES[named[1]]))
        body = text[: named.start()]
    when = _without_zone(body)
    if when is None:
        try:
            return _in_utc(parsedate_to_datetime(text))
        except (ValueError, TypeError, IndexError, OverflowError):
            return None, True
    return _in_utc(when.replace(tzinfo=zone) if zone is not None else when)


def _without_zone(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return _with_slashes(text)


def _with_slashes(text: str) -> datetime | None:
    """``13/04/2020`` and ``04/13/2020`` can mean one day only; ``03/04/2020`` two."""
    found = _SLASHES.match(text)
    if found is None:
        return None
    first, second = int(found[1]), int(found[2])
    if first <= 12 and second <= 12 and first != second:
        return None
    day, month = (first, second) if first > 12 else (second, first)
    for form in _CLOCKS:
        try:
            clock = datetime.strptime(found[4].strip(" ,"), form)
            return clock.replace(year=int(found[3]), month=month, day=day)
        except ValueError:
            continue
    return None


def _in_utc(when: datetime) -> tuple[datetime | None, bool]:
    try:
        if when.tzinfo is None:
            return when.replace(tzinfo=UTC), False
        return when.astimezone(UTC), True
    except (OverflowError, ValueError):
        return None, True
