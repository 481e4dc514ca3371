"""A figure reads as keeping its promise exactly when it does."""

from fractions import Fraction
from operator import eq, ge, gt, le, lt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.render.numbers import SECOND, Scale, between, decimal, lasting, moment, percent
from probes.notation import instant

COMPARE = {"<": lt, "<=": le, "==": eq, ">=": ge, ">": gt}
MS = 1_000_000
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("value", "operator", "target", "shown"),
    [
        ("0.99949999", ">=", "0.9995", "99.949 %"),
        ("743/745", ">=", "0.999", "99.731 %"),
        ("1", ">=", "0.999", "100 %"),
        ("0.999995", ">=", "0.9999", "99.999 %"),
        ("0.99999499", ">=", "0.999995", "99.9994 %"),
        ("0.00500001", "<=", "0.005", "0.501 %"),
        ("2/3", "<=", "0.9", "66.667 %"),
        ("0.9990000001", ">", "0.999", "99.90000001 %"),
        ("0.99900000000000000001", ">", "0.999", "99.900000000000 %"),
        ("0.3333", "==", "0.5", "33.33 %"),
    ],
)
def test_a_share_is_rounded_toward_the_unfavourable_side(value: str, operator: str, target: str, shown: str) -> None:
    assert Scale("ratio", "availability", operator, Fraction(target)).display(Fraction(value)) == shown


@given(
    st.fractions(0, 1, max_denominator=10**9),
    st.integers(0, 10**6).map(lambda millionths: Fraction(millionths, 10**6)),
    st.sampled_from(sorted(COMPARE)),
)
def test_what_is_shown_keeps_the_promise_exactly_when_the_value_does(
    value: Fraction, target: Fraction, operator: str
) -> None:
    shown = Fraction(Scale("ratio", "availability", operator, target).display(value).removesuffix(" %")) / 100
    assert COMPARE[operator](shown, target) == COMPARE[operator](value, target)


@pytest.mark.parametrize(
    ("measure", "value", "shown"),
    [
        ("latency", 12_500_000, "12.5 ms"),
        ("latency", Fraction(1, 3), "0.001 ms"),
        ("longest-outage", 3_369 * 10**9, "56m09s"),
        ("total-outage", 4 * 3600 * 10**9, "4h00m00s"),
        ("total-outage", 10**8, "0.1s"),
        ("total-outage", 60 * 10**9 + 1, "1m00.001s"),
        ("jitter", 0, "0 ms"),
    ],
)
def test_lost_time_is_told_by_the_clock_and_latency_in_milliseconds(measure: str, value: Fraction, shown: str) -> None:
    assert Scale("ns", measure, "<=", Fraction(40 * MS)).display(Fraction(value)) == shown


def test_a_count_is_a_whole_number() -> None:
    scale = Scale("count", "outages", "<=", Fraction(3))
    assert (scale.display(Fraction(4)), scale.display_target()) == ("4", "3")


def test_a_target_is_shown_exactly() -> None:
    assert Scale("ratio", "availability", ">=", Fraction("0.9999995")).display_target() == "99.99995 %"
    assert Scale("ns", "total-outage", "<=", Fraction(45 * 60 * 10**9)).display_target() == "45m00s"


def test_a_share_without_target_is_cut() -> None:
    assert percent(Fraction(999_999, 1_000_000)) == "99.999 %"


@given(st.integers(0, 10**18))
def test_a_duration_is_exact(ns: int) -> None:
    text = lasting(ns).removesuffix("s")
    hours, _, rest = text.rpartition("h")
    minutes, _, seconds = rest.rpartition("m")
    total = int(hours or 0) * 3600 + int(minutes or 0) * 60 + Fraction(seconds)
    assert total * 10**9 == ns


@given(st.integers(-(10**9), 10**9), st.integers(0, 8))
def test_a_decimal_is_exact_where_it_ends(number: int, digits: int) -> None:
    value = Fraction(number, 10**digits)
    assert Fraction(decimal(value)) == value


def test_the_two_half_past_twos_of_a_dst_night_are_told_apart() -> None:
    """Europe/Berlin, 2026-10-25: 02:30 comes twice."""
    first, second = instant("2026-10-25T00:30:00Z"), instant("2026-10-25T01:30:00.25Z")
    assert moment(first, BERLIN) == "2026-10-25 02:30:00 +02:00"
    assert moment(second, BERLIN) == "2026-10-25 02:30:00.250 +01:00"
    assert between((first, second), BERLIN).endswith(" (1h00m00.25s)")


def test_a_span_within_a_day_names_the_day_once() -> None:
    span = instant("2026-10-05T10:00:00Z"), instant("2026-10-05T10:05:00Z")
    assert between(span, BERLIN) == "2026-10-05 12:00:00 – 12:05:00 +02:00 (5m00s)"


def test_time_lost_or_waited_is_told_as_time_and_answers_in_milliseconds() -> None:
    hours = Fraction(5 * 3600 + 40 * 60) * SECOND
    assert Scale("ns", "each", "<=", hours).display(hours) == "5h40m00s"
    assert Scale("ns", "total", "<=", hours).display(hours / 7) == "48m34.286s"
    assert Scale("ns", "samples", "<=", Fraction(SECOND)).display(Fraction(SECOND, 4)) == "250 ms"
    assert Scale("business_days", "each", "<=", Fraction(4)).display(Fraction(1)) == "1 business day"
