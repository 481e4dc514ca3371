"""How many outages a contract counts, with how many there could have been."""

from config.contract.model import Service
from config.contract.rules import MeasureRule, OutageRule
from monitor.sla.exclusions import Excluded
from monitor.sla.measures.count import measure as take
from tests.sla.outages.kit import MINUTE, contract, measure, rule, scene, spans

COUNT = measure("count")


def count(outage: OutageRule, wanted: MeasureRule = COUNT, **more: object) -> list[int | None]:
    found = take([scene(outage, **more)], wanted, None)  # type: ignore[arg-type]
    return [None if one is None else int(one) for one in (found.lower, found.value, found.upper)]


def test_those_that_began_in_the_period_count() -> None:
    assert count(rule(merge_within=MINUTE), down=[(-10, 5), (20, 30), (31, 40), (1430, 1500)]) == [2, 2, 2]


def test_of_all_outages_only_the_longer_may_count() -> None:
    down = [(0, 30), (100, 131), (300, 345)]
    longer = measure("count", longer=30 * MINUTE)
    assert count(rule(), longer, down=down) == [2, 2, 2]
    at_least = measure("count", longer=30 * MINUTE, strict_longer=False)
    assert count(rule(), at_least, down=down) == [3, 3, 3]


def test_unknown_time_may_join_outages_or_hide_one_more() -> None:
    quick = rule(least=5 * MINUTE)
    assert count(quick, down=[(0, 10), (12, 20)], unknown=[(10, 12)]) == [1, 1, 2]
    assert count(quick, down=[(0, 10)], unknown=[(100, 103)]) == [1, 1, 1]
    assert count(quick, down=[(0, 10)], unknown=[(100, 106)]) == [1, 1, 2]


def test_what_is_still_to_come_may_hide_any_number() -> None:
    assert count(rule(least=MINUTE), down=[(0, 10)], now=100) == [1, 1, None]


def test_an_outage_of_which_nothing_is_charged_counts_for_nothing() -> None:
    gone = Excluded(tuple(spans((0, 60))), (), ())
    assert count(rule(least=MINUTE), down=[(10, 20), (100, 110)], excluded=gone) == [1, 1, 1]


def test_outages_of_pooled_services_add_up() -> None:
    services = (Service(name="web"), Service(name="line"))
    terms = contract(rule(), services=services)
    both = [scene(terms=terms, down=[(0, 10)]), scene(terms=terms, service=services[1], down=[(0, 5), (9, 10)])]
    assert take(both, measure("count", pool=True), None).value == 3
