"""Given: figures that somebody else counted, of the period or of what is in it."""

from fractions import Fraction

import pytest

from config.periods import Period
from monitor.sla.measure import Measured
from tests.sla.two_days import DAY, HOUR, START, scene, taken, value

WEEK = Period("2026-W41", "week", START, START + 7 * DAY)
MIXED = (value("4", at=START + HOUR), value("5", at=START + 3 * HOUR), value("3", at=START + 30 * HOUR))


def given(*facts: object, **more: object) -> Measured:
    there = scene(*facts, period=more.pop("period", WEEK), now=more.pop("now", None))  # type: ignore[arg-type]
    return taken(there, "given", "csat", "score", **more)


def test_the_figure_told_of_the_period_is_the_value_and_both_bounds() -> None:
    assert given(value("4.6", period="2026-W41")) == Measured(*(Fraction(23, 5),) * 3, 1)
    assert given(value("4.6", period="2026-W41", n=120), *MIXED).samples == 120


@pytest.mark.parametrize(
    ("statistic", "figure"), [(None, 4), ("mean", 4), ("sum", 12), ("last", 3), ("max", 5), ("min", 3), ("median", 4)]
)
def test_of_several_one_statistic(statistic: str | None, figure: int) -> None:
    found = given(*MIXED, value("1", at=START - 1), value("1", at=START + 7 * DAY), statistic=statistic)
    assert [found.value, found.lower, found.samples] == [figure, figure, 3]


def test_parts_of_the_period_are_taken_where_nothing_is_told_of_it() -> None:
    days = [value("2", period="2026-10-05", n=1), value("5", period="2026-10-06", n=3), value("9", period="2026-10-12")]
    assert given(*days).value == Fraction(17, 4)
    assert given(*days[:1], value("5", period="2026-10-06")).value == Fraction(7, 2)
    assert given(*days, statistic="max").value == 5


def test_nothing_told_is_no_value() -> None:
    assert given() == Measured(None, None, None, 0)
    assert given(value("4", period="2026-W40")) == Measured(None, None, None, 0)


def test_what_names_the_service_stands_before_what_names_none() -> None:
    told = (value("3", period="2026-W41"), value("5", period="2026-W41", service="hq"))
    assert given(*told).value == 5
    assert given(told[0], value("1", period="2026-W41", service="other")).value == 3


def test_figures_are_in_the_measures_unit() -> None:
    assert given(value("28", period="2026-W41"), scale=Fraction(10**9)).value == 28 * 10**9
    assert given(value("92.6", period="2026-W41"), scale=Fraction(1, 100)).value == Fraction(926, 1000)


def test_while_the_period_runs_more_may_come_unless_it_is_told_of_the_period() -> None:
    now = START + 20 * HOUR
    assert given(*MIXED, now=now) == Measured(Fraction(9, 2), None, None, 2)
    assert given(value("4", period="2026-W41"), now=now).upper == 4


def test_in_each_day_the_days_own_figure() -> None:
    found = given(*MIXED, per="day")
    assert [item.value for item in found.items][:2] == [Fraction(9, 2), 3]
    assert (found.items[2].value, found.upper) == (None, None)
