"""The time that outages count, by hand."""

from fractions import Fraction

from config.contract.model import Contract, Promise, Service
from config.contract.rules import MeasureRule
from monitor.sla.measures.total import measure as take
from tests.sla.outages.kit import MINUTE, contract, measure, minutes, rule, scene

TOTAL = measure("total")
DOWN = [(-10, 10), (100, 130), (1430, 1460)]


def total(wanted: MeasureRule = TOTAL, terms: Contract | None = None, **more: object) -> list[float | None]:
    found = take([scene(rule(), terms=terms, **more)], wanted, None)  # type: ignore[arg-type]
    return [None if one is None else minutes(one) for one in (found.lower, found.value, found.upper)]


def test_outages_count_for_what_lies_within_the_period() -> None:
    assert total(down=DOWN) == [50, 50, 50]
    assert total(down=DOWN, unknown=[(500, 520)]) == [50, 50, 70]


def test_what_is_still_to_come_may_all_be_lost() -> None:
    assert total(down=[(100, 130)], now=1400) == [30, 30, 70]


def test_a_total_may_begin_beyond_a_length() -> None:
    assert total(measure("total", beyond=20 * MINUTE), down=DOWN) == [30, 30, 30]
    assert total(measure("total", beyond=60 * MINUTE), down=DOWN) == [0, 0, 0]


def test_a_total_may_begin_beyond_what_the_promised_ratio_leaves() -> None:
    promise = Promise(
        id="up",
        text="up >= 99%",
        measure="ratio",
        rule="up",
        operator=">=",
        target=Fraction(99, 100),
        unit="ratio",
        services=("web",),
    )
    up, off = measure("ratio", name="up"), measure("total", allowance=True)
    terms = contract(rule(), measures=(up, off), promises=(promise,))
    assert total(off, terms, down=[(100, 130)]) == [15.6] * 3  # 1 % of 1440 minutes is 14.4


def test_pooled_services_add_up_by_weight() -> None:
    services = (Service(name="web", weight=Fraction(2)), Service(name="line"))
    terms = contract(rule(), services=services)
    both = [scene(terms=terms, down=[(0, 10)]), scene(terms=terms, service=services[1], down=[(0, 5)])]
    assert take(both, measure("total", pool=True), None).value == 25 * MINUTE
