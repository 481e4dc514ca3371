"""Counts: failed and total of what has no time in it."""

from fractions import Fraction

import pytest

from monitor.sla.measure import Measured
from tests.sla.two_days import DAY, START, counts, excluded, scene, taken

TOLD = (counts(1, 1, 8000, 3), counts(30, 2, 8000, 13))


@pytest.mark.parametrize(
    ("number", "unit", "figure"),
    [("share", "ratio", Fraction(999, 1000)), ("failed", "count", 16), ("total", "count", 16000)],
)
def test_the_share_that_did_not_fail_or_one_of_the_numbers(number: str, unit: str, figure: Fraction) -> None:
    found = taken(scene(*TOLD), "counts", "requests", unit, number=number)
    assert found == Measured(Fraction(figure), Fraction(figure), Fraction(figure), 16000)


def test_what_nobody_counted_is_not_known_unless_the_contract_says_so() -> None:
    assert taken(scene(), "counts", "requests") == Measured(None, Fraction(0), Fraction(1), 0)
    assert taken(scene(), "counts", "requests", "count", number="failed") == Measured(None, Fraction(0), None, 0)
    assert taken(scene(), "counts", "requests", empty="good").value == 1
    assert taken(scene(), "counts", "requests", empty="bad").value == 0
    assert taken(scene(), "counts", "requests", "count", number="failed", empty="good").upper == 0


def test_a_fact_that_says_nothing_happened_is_one() -> None:
    found = taken(scene(counts(0, 48, 0, 0)), "counts", "requests", "count", number="failed")
    assert found == Measured(Fraction(0), Fraction(0), Fraction(0), 0)


def test_while_the_period_runs_numbers_only_grow_and_a_share_is_open() -> None:
    there = scene(*TOLD, now=START + DAY)
    assert taken(there, "counts", "requests", "count", number="failed") == Measured(
        Fraction(3), Fraction(3), None, 8000
    )
    assert taken(there, "counts", "requests") == Measured(1 - Fraction(3, 8000), Fraction(0), Fraction(1), 8000)


def test_what_is_excluded_is_not_counted() -> None:
    found = taken(scene(*TOLD, excluded(30, 1)), "counts", "requests")
    assert found.value == 1 - Fraction(3 + Fraction(13, 2)) / 12000
    assert taken(scene(*TOLD, excluded(0, 48)), "counts", "requests") == Measured(None, None, None, 0)


def test_in_each_day() -> None:
    found = taken(scene(*TOLD), "counts", "requests", "count", number="failed", per="day")
    assert [found.value, *(item.value for item in found.items)] == [13, 3, 13]
