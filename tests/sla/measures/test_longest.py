"""The longest outage as a contract counts it, with what it could have been."""

from fractions import Fraction

from config.contract.model import Promise
from config.contract.rules import OutageRule
from monitor.sla.measures.longest import measure as take
from tests.nouns import made
from tests.sla.outages.kit import MINUTE, contract, measure, minutes, rule, scene, ticket

LONGEST = measure("longest")


def longest(outage: OutageRule, **more: object) -> list[float | None]:
    found = take([scene(outage, **more)], LONGEST, None)  # type: ignore[arg-type]
    return [None if one is None else minutes(one) for one in (found.lower, found.value, found.upper)]


def test_outages_belong_whole_to_the_period_they_begin_in() -> None:
    merged = rule(merge_within=5 * MINUTE)
    assert longest(merged, down=[(-100, 50), (100, 120), (124, 126), (1430, 1460)]) == [30, 30, 30]


def test_unknown_time_may_be_part_of_it_or_not() -> None:
    quick = rule(least=5 * MINUTE)
    assert longest(quick, down=[(10, 18), (20, 24)], unknown=[(18, 20)]) == [8, 12, 14]
    assert longest(quick, unknown=[(18, 22)]) == [0, 0, 0]
    assert longest(quick, unknown=[(18, 28)]) == [0, 0, 10]


def test_an_outage_may_have_begun_only_in_the_period() -> None:
    quick = rule(least=5 * MINUTE)
    low, value, high = longest(quick, down=[(-30, -10), (10, 30)], unknown=[(-10, 10)])
    assert (low, value) == (0, 0) and high is not None and high >= 30


def test_there_is_no_upper_bound_while_one_is_open() -> None:
    tickets = rule(sources=({"kind": "tickets"},))
    assert longest(tickets, facts=[ticket("T1", 10)], now=100) == [90, 90, None]
    assert longest(tickets, facts=[ticket("T1", 10, restored=40)]) == [30, 30, 30]


def test_a_promise_may_be_about_some_outages_only() -> None:
    def about(id: str, severity: str, replaces: str | None = None) -> Promise:
        fields = {"id": id, "text": id, "measure": "longest", "rule": "m", "operator": "<=", "unit": "ns"}
        where = {"severity": (severity,)} if severity else {}
        return made(
            Promise, {**fields, "target": Fraction(MINUTE), "services": ("web",), "where": where, "replaces": replaces}
        )

    promises = (about("any", ""), about("worst", "1", "any"))
    tickets = rule(sources=({"kind": "tickets"},))
    terms = contract(tickets, promises=promises)
    facts = [ticket("T1", 10, restored=70, severity="1"), ticket("T2", 100, restored=120, severity="2")]
    here = [scene(terms=terms, facts=facts)]
    assert [take(here, LONGEST, promise).value for promise in promises] == [20 * MINUTE, 60 * MINUTE]
