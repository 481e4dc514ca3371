"""Kinds of period by their words, and the labels by which people ask for one."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from config.period_kinds import canonical, noun, told
from config.periods import Period, containing, day_of, following, parse, previous, start_of

BERLIN, UTC = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")


def days(period: Period) -> tuple[str, str]:
    """The dates a period in UTC begins with and ends before."""
    first, after = (day_of(instant, UTC) for instant in (period.start, period.end))
    assert (period.start, period.end) == (start_of(first, UTC), start_of(after, UTC))
    return first.isoformat(), after.isoformat()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("month", "month"),
        ("month from day 1", "month"),
        ("month  from day 15", "month from day 15"),
        ("week from monday", "week"),
        ("week from sun", "week from sunday"),
        ("quarter from april", "quarter"),
        ("quarter from november", "quarter from february"),
        ("quarter from day 15 of may", "quarter from day 15 of february"),
        ("quarter from day 15", "quarter from day 15 of january"),
        ("year from jan", "year"),
        ("year from april", "year from april"),
        ("year from day 6 of april", "year from day 6 of april"),
        ("trailing 30 days", "trailing 30 days"),
        ("trailing 1 day", "trailing 1 day"),
        ("trailing 4 weeks", "trailing 28 days"),
        ("trailing 1 year", "trailing 12 months"),
        ("trailing 2 quarters", "trailing 6 months"),
    ],
)
def test_ways_to_say_the_same_are_one(typed: str, kept: str) -> None:
    assert canonical(typed) == kept
    assert canonical(kept) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("contract month", "month from day 31"),
        ("contract quarter", "quarter from day 31 of february"),
        ("contract year", "year from day 31 of august"),
        ("week", "week"),
    ],
)
def test_periods_of_the_contract_begin_with_its_first_day(typed: str, kept: str) -> None:
    assert canonical(typed, date(2025, 8, 31)) == kept


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("monthly", "no period 'monthly'; there are day, month, quarter, week, year; did you mean 'month'?"),
        ("month from day 32", "'month from day 32': there is no day 32; write 1 to 31"),
        (
            "year from day 30 of february",
            "'year from day 30 of february': there is no day 30 of february; write 1 to 29",
        ),
        (
            "month from february",
            "'month from february': a month begins with one of its days; write 'month from day 15'",
        ),
        ("week from day 2", "'week from day 2': a week begins with a day of the week; write 'week from sunday'"),
        ("trailing month", "'trailing month' is no window; write it as 'trailing 30 days' or 'trailing 12 months'"),
        ("trailing 0 days", "'trailing 0 days' cannot be accounted; write 1 to 3660 days"),
        ("trailing 99 years", "'trailing 99 years' cannot be accounted; write 1 to 120 months"),
        (
            "contract month",
            "'contract month' begins with the contract's first day; write that as 'starts: 2026-02-15'",
        ),
    ],
)
def test_what_is_no_kind_of_period_is_told(typed: str, told: str) -> None:
    with pytest.raises(ValueError) as error:
        canonical(typed)
    assert str(error.value) == told


def test_a_misspelt_month_or_weekday_is_told_its_like() -> None:
    for typed, meant in (("quarter from febuary", "'february'"), ("week from sonday", "'sunday'")):
        with pytest.raises(ValueError) as error:
            canonical(typed)
        assert str(error.value).endswith(f"did you mean {meant}?")


@pytest.mark.parametrize(
    ("kind", "label", "first", "after"),
    [
        ("month from day 15", "2026-02", "2026-02-15", "2026-03-15"),
        ("month from day 31", "2026-02", "2026-02-28", "2026-03-31"),
        ("month from day 31", "2024-01", "2024-01-31", "2024-02-29"),
        ("quarter from february", "2026-Q1", "2026-02-01", "2026-05-01"),
        ("quarter from february", "2026-Q4", "2026-11-01", "2027-02-01"),
        ("quarter from day 15 of february", "2026-Q2", "2026-05-15", "2026-08-15"),
        ("year from april", "2026", "2026-04-01", "2027-04-01"),
        ("year from day 29 of february", "2027", "2027-02-28", "2028-02-29"),
        ("week from sunday", "2026-W02", "2026-01-04", "2026-01-11"),
        ("week", "2026-W02", "2026-01-05", "2026-01-12"),
        ("trailing 30 days", "2026-10-05", "2026-09-05", "2026-10-05"),
        ("trailing 12 months", "2028-02-29", "2027-02-28", "2028-02-29"),
        ("trailing 365 days", "2026-10-05", "2025-10-05", "2026-10-05"),
    ],
)
def test_a_label_is_read_as_the_contracts_own_kind_of_period(kind: str, label: str, first: str, after: str) -> None:
    period = parse(label, UTC, kind)
    assert days(period) == (first, after)
    assert (period.label, period.kind) == (label, kind)
    assert parse(f"{first}/{after}", UTC, kind) == period


def test_a_label_of_another_kind_is_that_of_the_calendar() -> None:
    assert parse("2026-Q1", UTC, "month from day 15") == parse("2026-Q1", UTC)
    assert parse("2026-02-15", UTC, "month from day 15").kind == "day"
    assert parse("2026-10", UTC, "trailing 30 days").kind == "month"
    assert parse("2026-10", UTC, "quarter from february") == parse("2026-10", UTC)


def test_a_span_that_is_none_of_the_contracts_periods_is_of_no_kind() -> None:
    assert parse("2026-02-15/2026-03-14", UTC, "month from day 15").kind is None
    assert parse("2026-02-01/2026-03-01", UTC, "month from day 15").kind is None
    assert parse("2026-02-01/2026-03-01", UTC).kind is None
    found = parse("2026-02-01T00:00:00+01:00/2026-03-01", BERLIN, "month")
    assert found == parse("2026-02", BERLIN)


def test_a_billing_month_is_as_long_as_the_clock_changes_make_it() -> None:
    period = parse("2026-03", BERLIN, "month from day 15")
    assert (period.end - period.start) // 3_600_000_000_000 == 31 * 24 - 1


def test_windows_before_each_other_do_not_overlap() -> None:
    window = parse("2026-10-05", UTC, "trailing 30 days")
    assert previous(window, 1, UTC).end == window.start
    assert previous(window, 12, UTC).label == "2025-10-10"
    assert following(previous(window, 5, UTC), 5, UTC) == window


def test_a_span_of_no_kind_has_no_neighbours() -> None:
    with pytest.raises(ValueError, match="'2026-02-01/2026-02-03' is of no kind"):
        previous(parse("2026-02-01/2026-02-03", UTC), 1, UTC)


def test_an_instant_is_in_the_window_that_ends_with_its_day() -> None:
    noon = start_of(date(2026, 10, 4), BERLIN) + 12 * 3600 * 10**9
    window = containing("trailing 30 days", noon, BERLIN)
    assert window.label == "2026-10-05" and window.end == start_of(date(2026, 10, 5), BERLIN)


def test_one_word_for_a_kind() -> None:
    assert [noun(kind) for kind in ("month from day 15", "year", "trailing 30 days")] == ["month", "year", "window"]
    assert told("month") == "calendar month" and told("month from day 15") == "month from day 15"
    assert told("trailing 30 days") == "window of the 30 days before the end of each day"
