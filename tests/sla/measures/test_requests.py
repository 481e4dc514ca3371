"""Requests: what did not fail, as one ratio or as the mean of those of equal buckets."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from config.contract.model import ExclusionTerm, Service
from monitor.sla.measure import Measured
from tests.sla.two_days import DAY, HOUR, START, counts, excluded, scene, taken

MEAN: dict[str, Any] = {"aggregate": "mean_of_ratios", "bucket": HOUR}
LIFTED = (ExclusionTerm(cause="planned_maintenance", effect="not_down"),)


def of(*facts: object, **more: object) -> Measured:
    return taken(scene(*facts), "requests", "requests", **more)  # type: ignore[arg-type]


def test_few_that_fail_at_night_weigh_as_much_in_a_mean_of_ratios_as_many_by_day() -> None:
    facts = (counts(3, 1, 4, 2), counts(12, 1, 996, 0))
    assert of(*facts, **MEAN, empty="skip").value == Fraction(3, 4)
    assert of(*facts).value == Fraction(998, 1000)


def test_an_empty_bucket_is_what_the_contract_says() -> None:
    facts = (counts(0, 1, 10, 1), counts(1, 1, 10, 0))
    bad = Fraction(1, 10)
    assert of(*facts, **MEAN, empty="good").value == 1 - bad / 48
    assert of(*facts, **MEAN, empty="bad").value == (2 - bad) / 48
    assert of(*facts, **MEAN, empty="skip").value == (2 - bad) / 2
    assert of(*facts, **MEAN, empty="carry").value == (48 - bad) / 48
    assert of(counts(0, 1, 10, 5), **MEAN, empty="carry").value == Fraction(1, 2)


def test_of_a_bucket_that_nobody_told_of_nothing_is_known() -> None:
    found = of(counts(0, 1, 10, 1), counts(1, 1, 0, 0), **MEAN)
    assert (found.value, found.samples) == (Fraction(9, 10), 1)
    assert (found.lower, found.upper) == (Fraction(9, 10) / 47, (Fraction(9, 10) + 46) / 47)


def test_without_any_facts_there_is_no_value_unless_the_contract_says_what_that_means() -> None:
    assert of(**MEAN) == Measured(None, Fraction(0), Fraction(1), 0)
    assert of() == Measured(None, Fraction(0), Fraction(1), 0)
    assert of(empty="good").value == of(**MEAN, empty="good").lower == 1


def test_a_fact_over_several_buckets_is_in_each_by_its_part() -> None:
    assert of(counts(0, 48, 4800, 48), **MEAN).value == Fraction(99, 100)
    assert of(counts(-24, 48, 4800, 48), counts(24, 24, 100, 50)).value == 1 - Fraction(24 + 50, 2500)


def test_parts_of_a_period_add_up_to_it() -> None:
    facts = (counts(-3, 10, 1000, 7), counts(20, 11, 300, 5))
    whole = of(*facts)
    there = scene(*facts)
    days = [there.during(replace(there.period, start=START + i * DAY, end=START + (i + 1) * DAY)) for i in (0, 1)]
    parts = [taken(day, "counts", "requests", "count", number=which) for day in days for which in ("failed", "total")]
    failed, total = (sum((p.value or 0 for p in parts[i::2]), Fraction(0)) for i in (0, 1))
    assert whole.value == 1 - failed / total


def test_what_is_excluded_leaves_the_base_or_counts_as_good() -> None:
    facts = (counts(0, 1, 100, 100), counts(1, 47, 4700, 47), excluded(0, 1))
    assert of(*facts).value == Fraction(99, 100)
    assert taken(scene(*facts, exclusions=LIFTED), "requests", "requests").value == 1 - Fraction(47, 4800)
    mean = taken(scene(*facts, exclusions=LIFTED), "requests", "requests", **MEAN)
    assert mean.value == 1 - Fraction(47, 100) / 48
    assert of(*facts, **MEAN).value == Fraction(99, 100)


def test_a_bucket_that_is_excluded_whole_is_none_even_if_all_of_it_failed() -> None:
    assert of(excluded(0, 48), counts(0, 48, 10, 10), **MEAN) == Measured(None, None, None, 0)


def test_while_the_period_runs_what_is_to_come_may_be_good_or_bad() -> None:
    there = scene(*(counts(hour, 1, 100, 1) for hour in range(24)), now=START + DAY)
    found = taken(there, "requests", "requests", **MEAN, empty="good")
    assert (found.value, found.lower, found.upper) == (
        Fraction(99, 100),
        Fraction(99, 200),
        (Fraction(99, 100) + 1) / 2,
    )
    assert taken(there, "requests", "requests") == Measured(Fraction(99, 100), Fraction(0), Fraction(1), 2400)


def test_counts_of_another_service_are_not_its_own_and_those_of_none_are_everybodys() -> None:
    facts = (counts(0, 48, 100, 10, service="hq"), counts(0, 48, 100, 0), counts(0, 48, 100, 90, service="other"))
    assert of(*facts).value == Fraction(19, 20)


def test_pooled_services_share_one_figure_and_what_names_none_counts_once() -> None:
    facts = (counts(0, 48, 100, 10, service="hq"), counts(0, 48, 200, 8, service="web"), counts(0, 48, 100, 2))
    web = Service(name="web", weight=Fraction(2))
    both = [scene(*facts), scene(*facts, service=web)]
    assert taken(both, "requests", "requests").value == 1 - Fraction(10 + 2 + 2 * 8, 200 + 2 * 200)


@pytest.mark.parametrize("weight", ["1/2", "3"])
def test_a_weight_is_the_facts_own(weight: str) -> None:
    facts = (counts(0, 1, 100, 10, weight=Fraction(weight)), counts(1, 1, 100, 0))
    assert of(*facts).value == 1 - Fraction(weight) * 10 / (Fraction(weight) * 100 + 100)


def test_in_each_day_the_worst_of_them_is_the_figure() -> None:
    found = of(counts(0, 24, 100, 1), counts(24, 24, 100, 5), per="day")
    assert (found.value, found.lower, found.upper) == (Fraction(95, 100),) * 3
    assert [(item.key, item.value) for item in found.items] == [
        ("2026-10-05", Fraction(99, 100)),
        ("2026-10-06", Fraction(95, 100)),
    ]


def test_over_a_window_of_its_own_that_ends_with_the_period() -> None:
    facts = (counts(-24, 24, 100, 50), counts(0, 48, 100, 0))
    assert of(*facts, over="trailing 3 days").value == Fraction(150, 200)
    assert of(*facts).value == 1


def test_buckets_are_cut_at_the_end_of_the_period() -> None:
    found = of(counts(0, 45, 45, 0), counts(45, 3, 10, 10), aggregate="mean_of_ratios", bucket=9 * HOUR)
    assert (found.value, found.samples) == (Fraction(5, 6), 6)
