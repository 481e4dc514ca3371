"""A clock that runs in business hours and stands still in pauses, each of them counted once."""

from datetime import date

import pytest

from config.calendars import always
from monitor.sla.stopwatch import Stopwatch
from monitor.sla.words import FOREVER
from tests.sla.desk import HOUR, MINUTE, at, calendar

EVER = always("America/New_York")
OFFICE = calendar("09:00-18:00")


def stopped(*spans: tuple[str, str]) -> Stopwatch:
    return Stopwatch(EVER).stopped((at(start), at(end)) for start, end in spans)


def test_pauses_are_taken_off() -> None:
    """08:00 to 14:00 less 45 minutes and one hour."""
    watch = stopped(("Mon 09:30", "Mon 10:15"), ("Mon 11:00", "Mon 12:00"))
    assert watch.elapsed(at("Mon 08:00"), at("Mon 14:00")) == 255 * MINUTE


def test_pauses_that_overlap_are_taken_off_once() -> None:
    watch = stopped(("Mon 09:30", "Mon 10:30"), ("Mon 10:00", "Mon 11:00"))
    assert watch.elapsed(at("Mon 08:00"), at("Mon 14:00")) == 270 * MINUTE


def test_a_pause_outside_office_hours_takes_nothing_off() -> None:
    watch = Stopwatch(OFFICE).stopped([(at("Mon 17:00"), at("Tue 10:00"))])
    assert watch.elapsed(at("Mon 16:00"), at("Tue 12:00")) == 3 * HOUR
    assert watch.due(at("Mon 16:00"), 3 * HOUR) == at("Tue 12:00")


@pytest.mark.parametrize(
    ("hours", "opened", "length", "due"),
    [
        ("09:00-18:00", "Fri 16:00", 4, "next Mon 11:00"),
        ("09:00-17:00", "Mon 10:00", 5, "Mon 15:00"),
        ("08:00-18:00", "Tue 18:30", 4, "Wed 12:00"),
        ("09:00-17:00", "Mon 10:00", 7, "Mon 17:00"),
        ("09:00-17:00", "Sat 10:00", 1, "next Mon 10:00"),
    ],
)
def test_business_hours_run_on_the_calendar(hours: str, opened: str, length: int, due: str) -> None:
    watch = Stopwatch(calendar(hours))
    assert watch.due(at(opened), length * HOUR) == at(due)
    assert watch.elapsed(at(opened), at(due)) == length * HOUR


@pytest.mark.parametrize(
    ("pause", "due"),
    [
        (("Mon 09:00", "Mon 10:00"), "Mon 13:00"),
        (("Mon 11:00", "Mon 13:00"), "Mon 15:00"),
        (("Mon 13:00", "Mon 14:00"), "Mon 13:00"),
        (("Mon 14:00", "Mon 15:00"), "Mon 13:00"),
    ],
)
def test_what_is_due_moves_by_the_pauses_before_it(pause: tuple[str, str], due: str) -> None:
    assert stopped(pause).due(at("Mon 10:00"), 3 * HOUR) == at(due)


def test_what_hangs_on_a_pause_that_has_not_ended_has_no_due_time_yet() -> None:
    watch = Stopwatch(OFFICE).stopped([(at("Tue 10:00"), FOREVER)])
    assert watch.due(at("Mon 10:00"), 8 * HOUR) == at("Mon 18:00")
    assert watch.due(at("Mon 10:00"), 10 * HOUR) is None
    assert watch.due_day(at("Mon 10:00"), 1) is None
    assert watch.elapsed(at("Mon 10:00"), at("Fri 10:00")) == 9 * HOUR
    assert watch.days(at("Mon 10:00"), at("Thu 10:00")) == 1


@pytest.mark.parametrize(("days", "due"), [(1, "Fri"), (2, "Mon"), (4, "Wed")])
def test_business_days_begin_after_the_day_of_the_event(days: int, due: str) -> None:
    """Opened on Thursday the 8th; Monday the 12th is no holiday here."""
    watch = Stopwatch(OFFICE)
    week = "" if due == "Fri" else "next "
    end = watch.due_day(at("Thu 17:30"), days)
    assert end == at(f"{week}{due} 00:00") + 24 * HOUR
    assert watch.days(at("Thu 17:30"), end - 1) == days
    assert watch.days(at("Thu 17:30"), end + 10 * HOUR) == days + 1


def test_a_business_day_on_which_the_clock_stood_still_is_not_used() -> None:
    """Away all Tuesday and half of Thursday."""
    watch = Stopwatch(OFFICE).stopped([(at("Mon 18:00"), at("Wed 09:00")), (at("Thu 12:00"), at("Thu 17:00"))])
    assert watch.days(at("Mon 10:00"), at("Fri 10:00")) == 3
    assert watch.due_day(at("Mon 10:00"), 3) == at("Sat 00:00")


def test_a_holiday_is_no_business_day() -> None:
    watch = Stopwatch(calendar("09:00-18:00", (date(2026, 10, 12),)))
    assert watch.due_day(at("Fri 12:00"), 1) == at("next Wed 00:00")
