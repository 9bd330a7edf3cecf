"""Dates as comment headers print them."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from importlib import resources

import pytest

from toolkit.parsing.byline import find_when, infer_dayfirst, parse_when
from toolkit.parsing.date_words import date_words, fold_line

NOW = datetime(2024, 3, 31, 12, 0, tzinfo=UTC)

ABSOLUTE = {
    # English, and forms of one site or another
    "July 10th, 2012, 1:26 am": "2012-07-10T01:26:00",
    "July 10, 2012 at 1:26 am (Edit)": "2012-07-10T01:26:00",
    "11. Jul, 2012": "2012-07-11T00:00:00",
    "Tuesday, 10 July 2012 at 3:04 pm": "2012-07-10T15:04:00",
    "the 10th of July, 2012": "2012-07-10T00:00:00",
    "Jul 10 '12": "2012-07-10T00:00:00",
    "10-Jul-2012 13:04": "2012-07-10T13:04:00",
    "12:00 am, July 10, 2012": "2012-07-10T00:00:00",
    "July 10, 2012 12:30 PM": "2012-07-10T12:30:00",
    "13:04 10.07.2012": "2012-07-10T13:04:00",
    "28.09.1912:44": "2019-09-28T12:44:00",
    "18.07, 2011 @ 11:43": "2011-07-18T11:43:00",
    "Mon Jul 09, 2012 1:26 am": "2012-07-09T01:26:00",
    # ISO 8601 and other technical forms
    "2012-07-10": "2012-07-10T00:00:00",
    "2012-07-10T01:26:00Z": "2012-07-10T01:26:00+00:00",
    "2012-07-10T01:26:00+02:00": "2012-07-09T23:26:00+00:00",
    "2012-07-10 01:26:00.123": "2012-07-10T01:26:00",
    "Tue, 10 Jul 2012 10:00:00 +0000": "2012-07-10T10:00:00+00:00",
    "12:34, 5 June 2009 (UTC)": "2009-06-05T12:34:00+00:00",
    "Jul 10, 2012 3:04 PM EST": "2012-07-10T20:04:00+00:00",
    "10. Juli 2012 13:04 MESZ": "2012-07-10T11:04:00+00:00",
    # The other languages of the cues
    "10 de julio de 2012 a las 3:04 pm": "2012-07-10T15:04:00",
    "1er juillet 2012 à 14h30": "2012-07-01T14:30:00",
    "10 juillet 2012 à 14 h 30 min": "2012-07-10T14:30:00",
    "mercredi 15 mai 2019 à 08h07": "2019-05-15T08:07:00",
    "10. Juli 2012 um 13:04 Uhr": "2012-07-10T13:04:00",
    "Di, 21. April 2020 - 16:40": "2020-04-21T16:40:00",
    "14.09.2022 um 21.11": "2022-09-14T21:11:00",
    "5 ottobre 2015 alle ore 10.12": "2015-10-05T10:12:00",
    "5 de outubro de 2015 às 10:12": "2015-10-05T10:12:00",
    "5 oktober 2015 om 10:12": "2015-10-05T10:12:00",
    "10 lipca 2012 o 13:04": "2012-07-10T13:04:00",
    "10 июля 2012 г. в 13:04": "2012-07-10T13:04:00",
    "10.07.2012 в 13:04": "2012-07-10T13:04:00",
    "يوليو 10, 2012 في 1:26 م": "2012-07-10T13:26:00",
    "١٠ يوليو، ٢٠١٢ الساعة ١:٢٦ ص": "2012-07-10T01:26:00",
    "كانون الثاني 5, 2012": "2012-01-05T00:00:00",
    "۲۰ تیر ۱۳۹۱ در ۱:۲۶ ب.ظ": "2012-07-10T13:26:00",
    "تیر ۲۰, ۱۳۹۱ در ۱:۲۶ ق.ظ": "2012-07-10T01:26:00",
    "۱۳۹۱/۰۴/۲۰ ۱۳:۰۴": "2012-07-10T13:04:00",
    "۱۵ ژوئن ۲۰۱۴": "2014-06-15T00:00:00",
    "10 Temmuz 2012 saat 13:04": "2012-07-10T13:04:00",
    "2012年7月10日 下午3:04": "2012-07-10T15:04:00",
    "2012 年 7 月 10 日 上午 9:05": "2012-07-10T09:05:00",
    "民國101年7月10日": "2012-07-10T00:00:00",
    "2012年7月10日(火) 15時04分": "2012-07-10T15:04:00",
    "2012年07月10日 3:04 PM": "2012-07-10T15:04:00",
    # Further ones
    "10 juli 2012 kl. 13:04": "2012-07-10T13:04:00",
    "10. heinäkuuta 2012 kello 13.04": "2012-07-10T13:04:00",
    "2012. július 10. 13:04": "2012-07-10T13:04:00",
    "10 липня 2012 о 13:04": "2012-07-10T13:04:00",
}


@pytest.mark.parametrize(("text", "expected"), ABSOLUTE.items(), ids=ABSOLUTE)
def test_absolute(text: str, expected: str) -> None:
    value = parse_when(text)
    assert value is not None
    assert value.isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        "7 days ago", "7d", "3 hr. ago", "an hour ago (edited)", "a year ago", "just now",
        "yesterday", "Yesterday, 08:12 PM", "hace 2 horas", "il y a 5 minutes", "il y a un an",
        "vor 3 Tagen", "1 Monat her", "2 giorni fa", "há 2 dias", "3 dagen geleden", "2 dni temu",
        "2 дня назад", "منذ 3 أيام", "۳ روز پیش", "3 gün önce", "3天前", "3 天前", "5 時間前",
    ],
)  # fmt: skip
def test_relative_needs_a_reference(text: str) -> None:
    found = find_when(text)
    assert found is not None
    assert found.kind == "relative"
    assert parse_when(text) is None
    if "yesterday" not in text:
        value = parse_when(text, now=NOW)
        assert value is not None
        assert value.tzinfo is not None
        assert NOW - timedelta(days=370) <= value <= NOW


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 days ago", "2024-03-24T12:00:00+00:00"),
        ("a month ago", "2024-02-29T12:00:00+00:00"),
        ("2 years ago", "2022-03-31T12:00:00+00:00"),
        ("Yesterday, 08:12 PM", "2024-03-30T20:12:00+00:00"),
        ("vor 3 Stunden", "2024-03-31T09:00:00+00:00"),
        ("9999 years ago", None),
    ],
)
def test_relative_with_a_reference(text: str, expected: str | None) -> None:
    value = parse_when(text, now=NOW)
    assert (None if value is None else value.isoformat()) == expected


@pytest.mark.parametrize("text", ["Monday July 23, @08:25PM", "Jun 20th at 2:41 am", "July 2012"])
def test_incomplete_dates_are_known_to_be_dates(text: str) -> None:
    found = find_when(text)
    assert found is not None
    assert found.kind == "partial"
    assert found.value is None
    assert found.end == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "2012", "192.168.1.10", "version 1.2.10", "July 10:30", "31 February 2012",
        "10.13.2012.5", "99/99/2012", "13 Monate", "1:30", "12345678901234567890", "may we go",
        "30 Esfand 1392", "۳۰ اسفند ۱۳۹۲",
    ],
)  # fmt: skip
def test_no_date(text: str) -> None:
    assert parse_when(text) is None


def test_the_order_of_day_and_month() -> None:
    assert parse_when("10/07/2012", dayfirst=True) == datetime(2012, 7, 10)
    assert parse_when("10/07/2012", dayfirst=False) == datetime(2012, 10, 7)
    assert parse_when("10/07/2012", language="fr") == datetime(2012, 7, 10)
    assert parse_when("10/07/2012", language="en-GB") == datetime(2012, 7, 10)
    assert parse_when("10/07/2012", language="en") == datetime(2012, 10, 7)
    assert parse_when("13/07/2012") == datetime(2012, 7, 13)
    assert parse_when("07/13/2012") == datetime(2012, 7, 13)
    assert parse_when("10.07.2012", language="en") == datetime(2012, 7, 10)
    guessed, sure = find_when("10/07/2012"), find_when("10/07/2012", dayfirst=True)
    assert guessed is not None
    assert guessed.ambiguous
    assert sure is not None
    assert not sure.ambiguous


def test_one_date_settles_the_order_for_a_page() -> None:
    assert infer_dayfirst(["10/07/2012", "13/07/2012"]) is True
    assert infer_dayfirst(["10/07/2012", "07/13/2012"]) is False
    assert infer_dayfirst(["10/07/2012"]) is None
    assert infer_dayfirst(["13/07/2012", "07/13/2012"]) is None


def test_a_year_of_the_moon_is_not_taken_for_one_of_the_sun() -> None:
    assert parse_when("1433/08/20", language="ar") is None


def test_the_solar_hijri_calendar_agrees_with_known_new_years() -> None:
    # 1 Farvardin as observed; leap years end on 30 Esfand.
    new_years = {
        1375: date(1996, 3, 20), 1376: date(1997, 3, 21), 1391: date(2012, 3, 20),
        1395: date(2016, 3, 20), 1396: date(2017, 3, 21), 1399: date(2020, 3, 20),
        1400: date(2021, 3, 21), 1403: date(2024, 3, 20), 1404: date(2025, 3, 21),
    }  # fmt: skip
    for year, expected in new_years.items():
        value = parse_when(f"1 فروردین {year}")
        assert value is not None
        assert value.date() == expected
    assert parse_when("30 اسفند 1399") == datetime(2021, 3, 20)


def test_every_month_of_every_language_is_read_and_means_one_month() -> None:
    text = resources.files("toolkit.parsing").joinpath("dates.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    keys = {"months", "weekdays", "units", "before", "after", "one", "today", "yesterday", "now"}
    for language, table in data["languages"].items():
        assert set(table) == keys, language
        assert len(table["months"]) == 12
        assert len(table["units"]) == 7
        for number, names in enumerate(table["months"], start=1):
            for name in names.split():
                printed = name.replace("_", " ")
                assert date_words().months[fold_line(printed)] == number, (language, name)
                value = parse_when(f"10 {printed} 2012")
                assert value == datetime(2012, number, 10), (language, name)


def test_long_text_is_read_at_its_beginning_only() -> None:
    assert parse_when("x" * 600 + " 10 July 2012") is None
    assert parse_when("10 July 2012 " + "x" * 600) == datetime(2012, 7, 10)


def test_offsets_are_code_points_of_the_text() -> None:
    text = "İpek 🙂 — 10 Temmuz 2012, 13:26 tarihinde"
    found = find_when(text)
    assert found is not None
    assert text[found.start : found.end] == "10 Temmuz 2012, 13:26"
