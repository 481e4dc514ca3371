"""Samples: statistics as a contract defines them, on stretches and in buckets of its own."""

from fractions import Fraction

import pytest

from config.calendars import Calendar
from config.contract.rules import OutageRule
from monitor.sla.measure import Measured
from tests.sla.histories import promise
from tests.sla.two_days import DAY, HOUR, MS, START, burst, excluded, scene, taken

TOLD = (burst(1, 10, 20), burst(2, 30, None), burst(30, 100, 140))
WORKING = Calendar("office", "UTC", (((0, 90),),) * 7)


def latency(*facts: object, **more: object) -> Measured:
    return taken(scene(*facts), "samples", "latency", "ns", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("statistic", "figure"), [("mean", 60), ("median", 30), ("min", 10), ("p80", 100), ("p81", 140), ("max", 140)]
)
def test_packets_of_all_samples_are_pooled(statistic: str, figure: int) -> None:
    assert latency(*TOLD, statistic=statistic) == Measured(*(Fraction(figure * MS),) * 3, 5)


@pytest.mark.parametrize(("statistic", "limit", "figure"), [("share under", 30, 2), ("share over", 30, 2)])
def test_shares_of_the_values_are_strict(statistic: str, limit: int, figure: int) -> None:
    found = taken(scene(*TOLD), "samples", "latency", "ratio", statistic=statistic, threshold=limit * MS)
    assert found.value == Fraction(figure, 5)


def test_loss_and_delivery_are_ratios_of_sums() -> None:
    assert taken(scene(*TOLD), "samples", "packet-loss").value == Fraction(1, 6)
    assert taken(scene(*TOLD), "samples", "packet-delivery").value == Fraction(5, 6)
    assert latency(*TOLD, statistic="mean").value != taken(scene(*TOLD), "samples", "jitter", "ns").value


def test_samples_during_an_outage_are_left_out_where_the_contract_skips_it() -> None:
    told = (burst(1, 12), burst(2, 14), burst(3, 13), burst(4, 900), burst(5, 13))
    down = scene(*told, down=((3.5, 4.5),))
    assert taken(down, "samples", "latency", "ns", skip=("outage",)).value == 13 * MS
    assert taken(down, "samples", "latency", "ns").value == Fraction(952 * MS, 5)


def test_of_an_outage_rule_the_time_that_belongs_to_it_is_skipped() -> None:
    long = OutageRule(name="long", least=2 * HOUR)
    there = scene(burst(1, 10), burst(4, 900), burst(20, 500), down=((3.5, 4.5), (19, 22)), outages=(long,))
    assert taken(there, "samples", "latency", "ns", skip=("long",)).value == Fraction(910 * MS, 2)


def test_samples_in_excluded_time_and_outside_the_clock_do_not_count() -> None:
    assert latency(*TOLD, excluded(1, 1)).value == 90 * MS
    there = scene(*TOLD, calendars=(WORKING,))
    assert taken(there, "samples", "latency", "ns", clock="office").value == 15 * MS


def test_a_statistic_of_equal_buckets() -> None:
    bins = {"bins": 24 * HOUR, "of_bins": "mean"}
    assert latency(*TOLD, **bins).value == (20 + 120) * MS / 2
    assert latency(*TOLD, **bins | {"of_bins": "max"}).value == 120 * MS
    assert latency(*TOLD, **bins, statistic="max").value == (30 + 140) * MS / 2
    loss = taken(scene(*TOLD), "samples", "packet-loss", bins=24 * HOUR, of_bins="max")
    assert (loss.value, loss.samples) == (Fraction(1, 4), 6)


def test_over_a_trailing_window_and_in_each_day() -> None:
    told = (*TOLD, burst(-10, 1000))
    assert latency(*told, over="trailing 3 days").value == Fraction(1300 * MS, 6)
    days = latency(*told, per="day", promise=promise("latency", "<=", 100 * MS, "ns"))
    assert [days.value, *(item.value for item in days.items)] == [120 * MS, 20 * MS, 120 * MS]


def test_while_the_period_runs_or_with_too_little_observed_the_value_binds_nothing() -> None:
    there = scene(*TOLD[:2], now=START + DAY)
    assert taken(there, "samples", "latency", "ns") == Measured(Fraction(20 * MS), None, None, 3)
    assert latency() == Measured(None, None, None, 0)
    assert latency(*TOLD, excluded(0, 48)) == Measured(None, None, None, 0)
