"""The share of the base that no outage counts against, by hand."""

from datetime import UTC, datetime
from fractions import Fraction

from config.calendars import Calendar
from config.contract.model import Service
from config.contract.noun import Rounding
from config.contract.rules import Base, MeasureRule, OutageRule
from config.periods import to_ns
from monitor.sla.exclusions import Excluded
from monitor.sla.facts import StateFact
from monitor.sla.measure import Measured
from monitor.sla.measures.ratio import measure as take
from monitor.sla.ruled import measure_rule
from tests.sla.outages.kit import MINUTE, at, contract, measure, rule, scene, spans, ticket

RATIO = measure("ratio")


def ratio(outage: OutageRule, wanted: MeasureRule = RATIO, **more: object) -> Measured:
    """The ratio of the day of 1440 minutes."""
    return take([scene(outage, **more)], wanted, None)  # type: ignore[arg-type]


def triple(found: Measured) -> tuple[Fraction | None, ...]:
    return found.lower, found.value, found.upper


def test_what_is_no_outage_counts_as_up() -> None:
    found = ratio(rule(least=10 * MINUTE), down=[(0, 9), (100, 136)])
    assert triple(found) == (Fraction(1404, 1440),) * 3


def test_the_unknown_is_all_down_or_all_up() -> None:
    found = ratio(rule(), down=[(0, 30)], unknown=[(100, 110)])
    assert triple(found) == (Fraction(1400, 1440), Fraction(1400, 1430), Fraction(1410, 1440))


def test_unknown_time_that_is_too_short_for_an_outage_settles_as_up() -> None:
    found = ratio(rule(least=20 * MINUTE), down=[(0, 30)], unknown=[(100, 110)])
    assert triple(found) == (Fraction(1410, 1440),) * 3


def test_with_nothing_observed_there_is_no_value() -> None:
    assert triple(ratio(rule(), unknown=[(-10, 1450)])) == (0, None, 1)


def test_with_no_base_left_every_figure_is_null() -> None:
    gone = Excluded(tuple(spans((0, 1440))), (), ())
    assert triple(ratio(rule(), excluded=gone)) == (None, None, None)


def test_tickets_need_no_probe_to_be_taken_of_the_whole_period() -> None:
    tickets = rule(sources=({"kind": "tickets"},))
    facts = [ticket("T1", 10, restored=154)]
    assert triple(ratio(tickets, facts=facts, unknown=[(-10, 1450)])) == (Fraction(9, 10),) * 3


def test_excluded_time_leaves_the_base_or_counts_as_up() -> None:
    gone, up = Excluded(tuple(spans((0, 480))), (), ()), Excluded((), tuple(spans((0, 480))), ())
    down = [(400, 500)]
    assert ratio(rule(), down=down, excluded=gone).value == Fraction(940, 960)
    assert ratio(rule(), down=down, excluded=up).value == Fraction(1420, 1440)


def test_a_flat_base_is_so_long_whatever_the_period() -> None:
    flat = measure("ratio", base=Base(kind="flat", flat=1000 * MINUTE))
    assert ratio(rule(), flat, down=[(0, 5)]).value == Fraction(995, 1000)


def test_only_scheduled_hours_count() -> None:
    shop = Calendar("shop", "UTC", (((600, 1200),),) * 7)
    terms = contract(rule(), calendars=(shop,))
    scheduled = measure("ratio", base=Base(kind="scheduled", calendar="shop"))
    found = ratio(rule(), scheduled, terms=terms, down=[(0, 100), (570, 630)])
    assert triple(found) == (Fraction(570, 600),) * 3


def test_a_service_that_began_late_shrinks_the_base_or_counts_as_up() -> None:
    noon = to_ns(datetime(2026, 10, 5, 12, tzinfo=UTC))
    service = Service(name="web", in_service_from=noon)
    absent = Excluded(((noon - 10**18, noon),), (), ())
    more = {"service": service, "excluded": absent, "down": [(800, 836)], "unknown": [(-10, 720)]}
    assert ratio(rule(), **more).value == Fraction(684, 720)
    up = measure("ratio", absent="up")
    assert triple(ratio(rule(), up, **more)) == (Fraction(1404, 1440),) * 3
    flat = measure("ratio", base=Base(kind="flat", flat=2000 * MINUTE))
    assert ratio(rule(), flat, **more).value == Fraction(964, 1000)


def test_services_are_pooled_by_time_and_weight() -> None:
    services = (Service(name="web", weight=Fraction(3)), Service(name="line"))
    terms = contract(rule(), services=services)
    web = scene(terms=terms, down=[(0, 144)])
    line = scene(terms=terms, service=services[1], down=[(0, 720)])
    pooled = measure("ratio", pool=True)
    assert take([web, line], pooled, None).value == 1 - Fraction(3 * 144 + 720, 4 * 1440)


def test_an_outage_weighs_the_share_that_it_hit() -> None:
    facts = [StateFact("web", at(0), at(100), "down", weight=Fraction(21, 1000))]
    weighed = ratio(rule(weighted=True), down=[(0, 100)], facts=facts)
    assert weighed.value == 1 - Fraction(21, 10) / 1440
    asked = ratio(rule(), measure("ratio", weighted=True), down=[(0, 100)], facts=facts)
    assert asked == weighed


def test_a_figure_is_rounded_before_it_is_compared_only_where_the_contract_says_so() -> None:
    here = [scene(rule(), down=[(0, 1)])]  # 1439/1440 = 99.9305…%
    to = {"to": Fraction(1, 10000), "mode": "half_up"}
    shown = measure("ratio", round=Rounding(**to))
    compared = measure("ratio", round=Rounding(compare=True, **to))
    assert measure_rule(here, shown, None).value == Fraction(1439, 1440)
    assert measure_rule(here, compared, None).value == Fraction(9993, 10000)


def test_a_measure_may_settle_the_unknown_itself() -> None:
    here = [scene(rule(), down=[(0, 30)], unknown=[(100, 110)])]
    for policy, value in (("up", (1410, 1440)), ("down", (1400, 1440)), ("exclude", (1400, 1430))):
        found = measure_rule(here, measure("ratio", unknown=policy), None)
        assert triple(found) == (Fraction(*value),) * 3
