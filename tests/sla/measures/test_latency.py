"""Latency: every packet's round trip is one value; percentiles are by nearest rank."""

from fractions import Fraction

import pytest

from tests.oracle.build import MS, sample
from tests.sla.measures import MINUTE, burst, figure

TEN = [burst(0, 1, 2, 3, 4, 5), burst(1, 6, 7, 8, 9, None), burst(2, 20)]


@pytest.mark.parametrize(
    ("statistic", "value"), [("mean", Fraction(65, 10)), ("median", 5), ("p90", 9), ("p91", 20), ("max", 20)]
)
def test_a_statistic_pools_the_packets_of_all_samples(statistic: str, value: Fraction) -> None:
    assert figure(TEN, 3 * MINUTE, "mean-latency", statistic=statistic).value == value * MS


def test_the_share_under_a_limit_is_strict() -> None:
    change = {"statistic": "share under", "threshold": 5 * MS, "operator": ">=", "unit": "ratio"}
    assert figure(TEN, 3 * MINUTE, "mean-latency", **change).value == Fraction(4, 10)


def test_a_run_without_packets_counts_what_it_took_less_the_resolution_of_its_name() -> None:
    one = sample(0, seq=1, took=30 * MS, phases=(("resolve", 10 * MS), ("connect", 5 * MS)))
    assert figure([one], MINUTE, "max-latency").value == 20 * MS
