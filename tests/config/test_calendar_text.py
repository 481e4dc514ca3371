"""``calendars:``, windows and periods as people write them."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.calendars import ALWAYS
from config.contract.calendars import days_of, holidays_of, ranges_of, window
from config.contract.model import Contract
from config.contract.rules import Base
from config.periods import to_ns
from tests.config.kit import CONTRACT, config, problems

H = 3600 * 10**9
WRITTEN = """\
    timezone: Europe/Berlin
    calendars:
      office:
        timezone: Europe/London
        hours: {mon-fri: "09:00-17:30", sat: "13:00-15:00, 10:00-12:00"}
        holidays: [2026-12-28, 2026-12-30..2027-01-02, 12-25]
      nights: {hours: {daily: "22:00-06:00"}}
"""


def contract(tmp_path: Path, more: str) -> Contract:
    return config(tmp_path, CONTRACT + more).contracts["acme"]


def test_a_calendar_has_hours_by_day_a_zone_and_holidays(tmp_path: Path) -> None:
    made = contract(tmp_path, WRITTEN)
    office, nights = made.calendars
    assert (office.name, office.timezone) == ("office", "Europe/London")
    assert office.hours == (((540, 1050),),) * 5 + (((600, 720), (780, 900)), ())
    assert office.yearly == {(12, 25)}
    assert office.holidays == {date(2026, 12, 28), *(date(2026, 12, 30 + i) for i in range(2)), *days(2027, 1, 2)}
    assert (nights.timezone, nights.hours) == ("Europe/Berlin", (((1320, 1800),),) * 7)
    assert made.calendar("office") is office


def days(year: int, first: int, last: int) -> list[date]:
    return [date(year, 1, day) for day in range(first, last + 1)]


def test_the_calendar_of_every_hour_is_always_there(tmp_path: Path) -> None:
    made = contract(tmp_path, "    timezone: Europe/Berlin\n")
    assert made.calendars == () and made.calendar(ALWAYS).always and made.calendar(ALWAYS).timezone == "Europe/Berlin"
    with pytest.raises(KeyError):
        made.calendar("office")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mon-fri", [0, 1, 2, 3, 4]),
        ("sat, sun", [5, 6]),
        ("fri-mon", [4, 5, 6, 0]),
        ("monday-wednesday,sunday", [0, 1, 2, 6]),
        ("daily", [0, 1, 2, 3, 4, 5, 6]),
        ("tue", [1]),
    ],
)
def test_days_are_written_as_people_say_them(typed: str, meant: list[int]) -> None:
    assert days_of(typed) == meant


def test_hours_may_end_a_day_meet_or_run_over_midnight() -> None:
    assert ranges_of("00:00-24:00") == ((0, 1440),)
    assert ranges_of("12:00-13:00, 8:00 - 12:00") == ((480, 720), (720, 780))
    assert ranges_of("22:00-06:00") == ((1320, 1800),)


def test_holidays_of_every_year_may_run_over_its_end() -> None:
    assert holidays_of("12-30..01-02") == ((12, 30), (12, 31), (1, 1), (1, 2))
    assert holidays_of("02-29") == ((2, 29),)


def test_a_window_is_daily_or_of_some_days_in_its_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    daily, weekend = window("00:00-04:00 America/Chicago", berlin), window("sat-sun 00:00-04:00", berlin)
    assert (daily.timezone, daily.hours) == ("America/Chicago", (((0, 240),),) * 7)
    assert (weekend.timezone, weekend.hours) == ("Europe/Berlin", ((),) * 5 + (((0, 240),),) * 2)
    two = window("mon, wed 22:00-02:00, 04:00-05:00 UTC", berlin)
    assert two.hours[2] == ((240, 300), (1320, 1560)) and two.hours[1] == ()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("00:00-04:00 Mars/Base", "no time zone 'Mars/Base'"),
        ("sat-son 00:00-04:00", "no day 'son'"),
        ("04:00", "is no window"),
        (5, "is no window"),
    ],
)
def test_what_is_no_window_is_told(typed: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        window(typed, ZoneInfo("UTC"))


def test_the_base_of_ratios_may_be_a_calendars_hours(tmp_path: Path) -> None:
    calendars = '    calendars: {office: {hours: {mon-fri: "09:00-17:00"}}}\n'
    assert contract(tmp_path, calendars + "    base: scheduled office\n").base == Base(
        kind="scheduled", calendar="office"
    )
    assert contract(tmp_path, "    base: flat 30 days\n").base == Base(kind="flat", flat=720 * H)
    assert contract(tmp_path, "    base: flat 730.5h\n").base == Base(kind="flat", flat=1461 * H // 2)
    assert contract(tmp_path, "").base == Base()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("contract month", "month from day 15"),
        ("contract quarter", "quarter from day 15 of february"),
        ("contract year", "year from day 15 of february"),
        ("month from day 1", "month"),
        ("trailing 4 weeks", "trailing 28 days"),
    ],
)
def test_a_contracts_period_is_kept_in_canonical_words(tmp_path: Path, typed: str, kept: str) -> None:
    assert contract(tmp_path, f"    starts: 2025-02-15\n    period: {typed}\n").period == kept


def test_the_contracts_first_day_is_that_of_its_zone(tmp_path: Path) -> None:
    made = contract(
        tmp_path,
        '    timezone: Europe/Berlin\n    starts: "2025-02-14T23:30:00Z"\n    period: contract month\n',
    )
    assert made.period == "month from day 15"
    assert made.starts == to_ns(datetime(2025, 2, 15, 0, 30, tzinfo=ZoneInfo("Europe/Berlin")))


def test_a_wrong_first_day_is_told_once(tmp_path: Path) -> None:
    [told] = problems(tmp_path, CONTRACT + "    starts: 2025-02-30\n    period: contract month\n")
    assert "starts" in told


def test_a_wrong_calendar_is_told_once_however_often_it_is_named(tmp_path: Path) -> None:
    text = CONTRACT + "    calendars: {office: {hours: {mon-fri: late}}}\n    outages: {slow: {clock: office}}\n"
    [told] = problems(tmp_path, text + "    base: scheduled office\n")
    assert "'late' is no hours" in told
