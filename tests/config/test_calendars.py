"""Business hours: what lies inside them, when so much of them has run, and which day is the n-th of business."""

import time
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

import pytest

from config.calendars import Calendar, Minutes, always
from config.periods import from_ns, to_ns
from config.spans import total, union

M = 60 * 10**9
H = 60 * M
NINE: tuple[tuple[Minutes, ...], ...] = (((540, 1020),),) * 5 + ((), ())
SPLIT: tuple[tuple[Minutes, ...], ...] = (((480, 720), (780, 1050)),) * 5 + (((600, 720),), ())
NIGHT: tuple[tuple[Minutes, ...], ...] = (((1320, 1800),),) * 7
EDGES: tuple[tuple[Minutes, ...], ...] = (((0, 150), (150, 165), (1410, 1440)),) * 7
WHOLE: tuple[tuple[Minutes, ...], ...] = (((0, 1440),),) * 7
SHAPES = {"nine": NINE, "split": SPLIT, "night": NIGHT, "edges": EDGES, "whole": WHOLE}
ODD = {
    "America/St_Johns": ("2009-10-30", "2026-03-06"),
    "America/Havana": ("2026-10-30", "2026-03-06"),
    "America/Asuncion": ("2023-09-29",),
    "Pacific/Apia": ("2011-12-28",),
    "Australia/Lord_Howe": ("2026-04-03", "2026-10-02"),
    "Europe/London": ("2025-12-30", "2026-03-27", "2026-10-23"),
    "Asia/Kathmandu": ("2026-12-29",),
}


def utc(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=UTC))


def local(text: str, zone: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def office(zone: str, *holidays: str) -> Calendar:
    return Calendar("office", zone, NINE, frozenset(map(date.fromisoformat, holidays)))


@cache
def shown(zone: str, minute: int) -> datetime:
    """What a local clock shows at a minute since the epoch."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@cache
def first_minute(zone: str, wanted: datetime) -> int:
    """The first minute at which a local clock has reached a time, found by looking at every one around it."""
    around = int((wanted - datetime(1970, 1, 1)).total_seconds()) // 60
    return next(m for m in range(around - 27 * 60, around + 27 * 60) if shown(zone, m) >= wanted)


def open_minutes(calendar: Calendar, first: int, last: int) -> list[bool]:
    """Minute by minute whether it is inside, straight from the rules."""
    inside = [False] * (last - first)
    day = shown(calendar.timezone, first).date() - timedelta(days=3)
    while day <= shown(calendar.timezone, last).date() + timedelta(days=2):
        midnight = datetime(day.year, day.month, day.day)
        was = shown(calendar.timezone, first_minute(calendar.timezone, midnight)).date() == day
        if was and day not in calendar.holidays and (day.month, day.day) not in calendar.yearly:
            for since, to in calendar.hours[day.weekday()]:
                opens = first_minute(calendar.timezone, midnight + timedelta(minutes=since))
                closes = first_minute(calendar.timezone, midnight + timedelta(minutes=to))
                for minute in range(max(first, opens), min(last, closes)):
                    inside[minute - first] = True
        day += timedelta(days=1)
    return inside


CASES = [(shape, zone, start) for shape in SHAPES for zone, starts in ODD.items() for start in starts]


@pytest.mark.parametrize(("shape", "zone", "start"), CASES)
def test_every_minute_is_inside_or_not_as_the_rules_say(shape: str, zone: str, start: str) -> None:
    first = utc(start) // M
    last = first + 4 * 1440
    day = date.fromisoformat(start)
    calendar = Calendar(
        "x", zone, SHAPES[shape], frozenset({day + timedelta(days=2)}) if shape == "nine" else frozenset()
    )
    inside = open_minutes(calendar, first, last)
    wanted = union(((first + i) * M, (first + i + 1) * M) for i, open_ in enumerate(inside) if open_)
    assert calendar.open_spans(first * M, last * M) == wanted
    rng = Random(f"{shape} {zone} {start}")
    for _ in range(30):
        a, b = sorted(rng.randrange(4 * 1440) for _ in range(2))
        ns = rng.randrange(M)
        run = sum(inside[a:b]) * M
        assert calendar.elapsed((first + a) * M, (first + b) * M) == run
        assert calendar.elapsed((first + a) * M, (first + b) * M + ns) == run + ns * inside[b]
        if run:
            due = calendar.after((first + a) * M, run)
            assert calendar.elapsed((first + a) * M, due) == run
            assert calendar.elapsed((first + a) * M, due - 1) == run - 1
        assert calendar.is_open((first + a) * M) == inside[a]


def test_four_business_hours_from_friday_at_four_run_into_monday() -> None:
    """Nine to six, Monday to Friday: two hours on Friday, two on Monday."""
    calendar = Calendar("x", "America/New_York", (((540, 1080),),) * 5 + ((), ()))
    assert calendar.after(local("2026-01-09T16:00", "America/New_York"), 4 * H) == local(
        "2026-01-12T11:00", "America/New_York"
    )


def test_what_is_asked_for_after_hours_begins_with_the_next_day_of_business() -> None:
    calendar = Calendar("x", "Europe/London", (((480, 1080),),) * 5 + ((), ()))
    asked = local("2026-01-06T18:30", "Europe/London")
    assert calendar.opening(asked) == local("2026-01-07T08:00", "Europe/London")
    assert calendar.after(asked, 4 * H) == local("2026-01-07T12:00", "Europe/London")


def test_five_of_a_days_eight_hours_are_done_on_the_same_day() -> None:
    assert office("UTC").after(utc("2026-01-05T10:00"), 5 * H) == utc("2026-01-05T15:00")


def test_opening_is_inside_and_closing_is_not() -> None:
    calendar = office("UTC")
    opens, closes = utc("2026-01-05T09:00"), utc("2026-01-05T17:00")
    assert calendar.is_open(opens) and not calendar.is_open(opens - 1)
    assert calendar.is_open(closes - 1) and not calendar.is_open(closes)
    assert calendar.after(opens, 8 * H) == closes
    assert calendar.after(opens, 8 * H + 1) == utc("2026-01-06T09:00") + 1
    assert calendar.after(closes, 1) == utc("2026-01-06T09:00") + 1
    assert calendar.after(closes, 0) == closes


def test_a_holiday_has_no_hours_but_those_that_ran_over_from_the_day_before() -> None:
    nights = Calendar("x", "UTC", NIGHT, frozenset({date(2026, 1, 6)}))
    assert nights.open_spans(utc("2026-01-05T12:00"), utc("2026-01-08T00:00")) == [
        (utc("2026-01-05T22:00"), utc("2026-01-06T06:00")),
        (utc("2026-01-07T22:00"), utc("2026-01-08T00:00")),
    ]
    yearly = Calendar("x", "UTC", NINE, yearly=frozenset({(12, 25)}))
    assert yearly.elapsed(utc("2026-12-24T00:00"), utc("2026-12-26T00:00")) == 8 * H
    assert yearly.elapsed(utc("2028-12-25T00:00"), utc("2028-12-26T00:00")) == 0


def test_the_night_of_a_clock_change_is_as_long_as_it_is() -> None:
    nights = Calendar("x", "Europe/Berlin", NIGHT)
    assert nights.elapsed(utc("2026-03-28T12:00"), utc("2026-03-29T12:00")) == 7 * H
    assert nights.elapsed(utc("2026-10-24T12:00"), utc("2026-10-25T12:00")) == 9 * H


def test_the_calendar_of_every_hour_is_time_itself() -> None:
    calendar = always("Europe/Berlin")
    assert calendar.open_spans(5, 9) == [(5, 9)] and calendar.open_spans(9, 9) == []
    assert (calendar.elapsed(5, 9), calendar.elapsed(9, 5), calendar.after(5, 4)) == (4, 0, 9)
    assert calendar.nth_business_day_after(utc("2026-01-09T23:30"), 1) == (
        utc("2026-01-10T23:00"),
        utc("2026-01-11T23:00"),
    )


def test_the_nth_business_day_after_an_event_skips_weekends_and_holidays() -> None:
    """A claim of seven business days after June: July 1, 2, 3, 7, 8, 9, 10, where the 4th is a holiday."""
    calendar = office("America/New_York", "2025-07-04")
    last_of_june = local("2025-07-01T00:00", "America/New_York") - 1
    assert calendar.nth_business_day_after(last_of_june, 7) == (
        local("2025-07-10T00:00", "America/New_York"),
        local("2025-07-11T00:00", "America/New_York"),
    )
    assert calendar.nth_business_day_after(last_of_june, 0)[1] == last_of_june + 1


def test_business_days_are_used_up_day_by_day() -> None:
    calendar = office("UTC")
    opened = utc("2026-01-07T15:00")  # a Wednesday
    used = [
        calendar.business_days_used(opened, utc(f"2026-01-{day:02}T00:00")) for day in (6, 7, 8, 9, 10, 11, 12, 13, 14)
    ]
    assert used == [0, 0, 1, 2, 3, 3, 3, 4, 5]
    assert calendar.business_days_used(opened, utc("2026-01-09T23:59")) == 2


@pytest.mark.parametrize("zone", ODD)
def test_what_was_used_agrees_with_the_nth_day(zone: str) -> None:
    calendar = Calendar("x", zone, NINE, frozenset({date(2011, 12, 29), date(2026, 1, 1)}), frozenset({(3, 9)}))
    rng = Random(zone)
    for start in (utc(text) for text in ODD[zone]):
        for _ in range(40):
            event, n = start + rng.randrange(8 * 24 * H), rng.randrange(1, 12)
            opens, closes = calendar.nth_business_day_after(event, n)
            assert opens < closes and calendar.is_business_day(from_ns(opens, ZoneInfo(zone)).date())
            assert calendar.business_days_used(event, opens) == calendar.business_days_used(event, closes - 1) == n
            assert calendar.business_days_used(event, closes) == n + 1


def test_business_days_between_two_dates_are_counted_one_by_one() -> None:
    calendar = Calendar("x", "Pacific/Apia", SPLIT, frozenset({date(2011, 5, 2)}), frozenset({(12, 26)}))
    rng = Random(7)
    for _ in range(50):
        first = date(2009, 1, 1) + timedelta(days=rng.randrange(1500))
        last = first + timedelta(days=rng.randrange(900))
        days = [first + timedelta(days=i) for i in range((last - first).days)]
        skipped = date(2011, 12, 30)  # a Friday that Samoa never had
        wanted = sum(d.weekday() < 6 and d != skipped and calendar.works_on(d) for d in days)
        assert calendar.business_days(first, last) == wanted
    assert not calendar.is_business_day(date(2011, 12, 30))


def test_a_days_hours_are_a_length_where_all_days_have_the_same() -> None:
    assert office("UTC").day_length == 8 * H
    assert Calendar("x", "UTC", NIGHT).day_length == 8 * H
    assert Calendar("x", "UTC", SPLIT).day_length is None
    assert always("UTC").day_length == 24 * H


def test_a_calendar_without_hours_says_so_and_does_not_search_for_ever() -> None:
    never = Calendar("never", "UTC", NINE, yearly=frozenset((m, d) for m in range(1, 13) for d in range(1, 32)))
    with pytest.raises(ValueError, match="the calendar 'never' has no hours after 2026-01-05"):
        never.after(utc("2026-01-05T10:00"), 1)
    with pytest.raises(ValueError, match="the calendar 'never' has no business day after 2026-01-05"):
        never.nth_business_day_after(utc("2026-01-05T10:00"), 1)
    assert never.elapsed(utc("2026-01-05T10:00"), utc("2027-01-05T10:00")) == 0


def test_years_of_business_hours_are_measured_at_once() -> None:
    """Ten years of them, after the calendar was read once, in far less than a millisecond each time."""
    calendar = office("Europe/Berlin", "2026-12-25")
    start, end = utc("2016-01-01T00:00"), utc("2026-01-01T00:00")
    run = calendar.elapsed(start, end)
    assert run == total(calendar.open_spans(start, end))
    began = time.perf_counter()
    for _ in range(200):
        assert calendar.elapsed(start, end) == run
        assert calendar.after(start + H, 100 * H) < end
    assert time.perf_counter() - began < 0.2
