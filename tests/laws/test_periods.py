"""Calendar periods tile time in every zone: each instant is in exactly one, and each begins where its date begins."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest

from config.period_kinds import KINDS
from config.periods import SECOND, containing, day_of, following, from_ns, parse, previous, start_of, to_ns
from tests.oracle.calendar import boundaries, first_instant

AWKWARD = (
    "America/St_Johns",
    "America/Havana",
    "America/Asuncion",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Europe/Madrid",
    "Asia/Gaza",
)
HOUR = 3600 * SECOND
ANCHORED = (
    "week from sunday",
    "month from day 15",
    "month from day 31",
    "quarter from february",
    "quarter from day 30 of march",
    "quarter from day 15 of january",
    "year from april",
    "year from day 29 of february",
)


def utc(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=UTC))


def test_months_of_every_zone_from_2005_to_2030_begin_with_their_date_and_tile_time() -> None:
    """Each month's start has the date of the 1st, the nanosecond before has another, and there is no seam."""
    for number, name in enumerate(sorted(available_timezones())):
        zone = ZoneInfo(name)
        for month in range(2005 * 12 + number % 8, 2031 * 12, 8):
            first = date(month // 12, month % 12 + 1, 1)
            period = parse(f"{first:%Y-%m}", zone)
            assert from_ns(period.start, zone).date() == first, (name, first)
            assert from_ns(period.start - 1_000, zone).date() < first, (name, first)
            after = containing("month", period.end, zone)
            assert after.start == period.end and after.label != period.label, (name, first)
            assert containing("month", period.end - 1, zone) == period, (name, first)


@pytest.mark.parametrize("name", AWKWARD)
def test_every_date_begins_at_the_first_minute_that_carries_it(name: str) -> None:
    zone = ZoneInfo(name)
    days = [date(2026, 1, 1) + timedelta(days=i) for i in range(0, 365, 9)]
    days += [date(2026, 11, 1), date(2026, 3, 29), date(2023, 10, 1), date(2011, 12, 30), date(2011, 12, 31)]
    for day in days:
        assert start_of(day, zone) == first_instant(day, name), (name, day)


@pytest.mark.parametrize("kind", [*KINDS, *ANCHORED])
@pytest.mark.parametrize("name", AWKWARD)
def test_an_instant_is_in_the_period_between_two_boundaries(kind: str, name: str) -> None:
    zone, rng = ZoneInfo(name), Random(f"{kind} {name}")
    for start in (utc("2026-10-28"), utc("2023-09-29"), utc("2011-12-29"), utc("2009-10-30")):
        edges = boundaries(kind, start, start + 4 * 24 * HOUR, name)
        instants = [rng.randrange(start, start + 4 * 24 * HOUR) for _ in range(20)]
        for instant in instants + [edge + late for edge in edges[1:-1] for late in (-1, 0)]:
            period = containing(kind, instant, zone)
            assert (period.start, period.end) in [(a, b) for a, b in pairwise(edges) if a <= instant < b]


def test_the_known_awkward_midnights() -> None:
    """Havana's midnight happens twice (the first counts), Asuncion's never, Madrid's March has 743 hours."""
    assert parse("2026-11", ZoneInfo("America/Havana")).start == utc("2026-11-01T04:00:00")
    assert parse("2023-10", ZoneInfo("America/Asuncion")).start == utc("2023-10-01T04:00:00")
    newfoundland = parse(
        "2009-11", ZoneInfo("America/St_Johns")
    )  # a minute of November, then October's last hour again
    assert newfoundland.start == utc("2009-11-01T02:30:00")
    assert containing("month", utc("2009-11-01T02:45:00"), ZoneInfo("America/St_Johns")) == newfoundland
    madrid = parse("2026-03", ZoneInfo("Europe/Madrid"))
    assert madrid.end - madrid.start == 743 * HOUR
    lord_howe = parse("2026-04-05", ZoneInfo("Australia/Lord_Howe"))
    assert lord_howe.end - lord_howe.start == 24 * HOUR + HOUR // 2


def test_a_date_that_never_was_has_no_length() -> None:
    """Samoa went from 29 to 31 December 2011."""
    apia = ZoneInfo("Pacific/Apia")
    skipped = parse("2011-12-30", apia)
    assert skipped.start == skipped.end == parse("2011-12-31", apia).start == parse("2011-12-29", apia).end


@pytest.mark.parametrize("name", AWKWARD)
def test_splitting_a_year_into_quarters_months_and_days_loses_nothing(name: str) -> None:
    zone = ZoneInfo(name)
    for year in (2011, 2023, 2026):
        whole = parse(str(year), zone)
        for kind in ("quarter", "month", "day"):
            clock, pieces = whole.start, 0
            while clock < whole.end:
                period = containing(kind, clock, zone)
                assert period.start == clock < period.end
                clock, pieces = period.end, pieces + 1
            assert clock == whole.end and pieces >= 4


@pytest.mark.parametrize("kind", [*KINDS, *ANCHORED])
@pytest.mark.parametrize("name", AWKWARD)
def test_periods_of_every_kind_follow_each_other_and_are_found_again_by_their_labels(kind: str, name: str) -> None:
    zone = ZoneInfo(name)
    first = period = containing(kind, utc("2011-12-01"), zone)
    for number in range(1, 40):
        after = containing(kind, period.end, zone)
        assert after.start == period.end < after.end and after.label != period.label
        assert previous(after, 1, zone) in (period, parse("2011-12-30", zone))  # Samoa skipped that day
        assert parse(after.label, zone, kind) == after and after.kind == kind
        local = [from_ns(instant, zone).isoformat() for instant in (after.start, after.end)]
        assert parse("/".join(local), zone, kind) == after
        if kind != "day":
            assert following(first, number, zone) == after and previous(after, number, zone) == first
        period = after


@pytest.mark.parametrize("kind", ["trailing 30 days", "trailing 1 month", "trailing 12 months"])
@pytest.mark.parametrize("name", AWKWARD)
def test_a_trailing_window_ends_with_every_local_day_and_begins_with_one(kind: str, name: str) -> None:
    zone = ZoneInfo(name)
    for start in (utc("2026-10-28"), utc("2023-09-29"), utc("2011-12-27"), utc("2009-10-30")):
        window = containing(kind, start, zone)
        for _ in range(5):
            after = containing(kind, window.end, zone)
            assert window.end < after.end and window.start <= after.start < window.end
            assert (after.start, after.end) == (
                start_of(day_of(after.start, zone), zone),
                containing("day", window.end, zone).end,
            )
            assert containing(kind, after.end - 1, zone) == after
            window = after
