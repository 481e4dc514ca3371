"""Outages that are one because they lie near one another, or over one another."""

from fractions import Fraction

import pytest

from config.contract.noun import Rounding
from tests.sla.outages.kit import HOUR, MINUTE, SECOND, contract, counted, outages, rule, scene, ticket

TICKETS = {"sources": ({"kind": "tickets"},)}


def test_outages_with_a_small_gap_are_one_charged_as_their_sum() -> None:
    near = rule(merge_within=30 * MINUTE)
    assert counted(near, down=[(0, 10), (40, 45), (76, 80)]) == [(0, 45, 15), (76, 80, 4)]
    assert counted(near.but(merge_span=True), down=[(0, 10), (40, 45)]) == [(0, 45, 45)]


def test_only_those_of_a_certain_length_are_merged() -> None:
    near = rule(merge_within=3 * HOUR, merge_least=20 * MINUTE)
    assert counted(near, down=[(0, 20), (60, 65), (100, 130)]) == [(0, 130, 50), (60, 65, 5)]


@pytest.mark.parametrize(
    ("policy", "nested", "staggered"), [("union", [40], [70]), ("longest", [40], [45]), ("sum", [40, 15], [40, 45])]
)
def test_simultaneous_events_count_by_the_policy(policy: str, nested: list[int], staggered: list[int]) -> None:
    own = rule(overlap=policy, **TICKETS)
    inner = [ticket("a", 0, restored=40), ticket("b", 10, restored=25)]
    crossing = [ticket("a", 0, restored=40), ticket("b", 25, restored=70)]
    assert sorted(-c for *_, c in counted(own, facts=inner)) == sorted(-float(n) for n in nested)
    assert sorted(c for *_, c in counted(own, facts=crossing)) == sorted(float(n) for n in staggered)


def test_events_that_only_touch_are_two() -> None:
    own = rule(overlap="union", **TICKETS)
    assert counted(own, facts=[ticket("a", 0, restored=40), ticket("b", 40, restored=50)]) == [
        (0, 40, 40),
        (40, 50, 10),
    ]


def test_each_outage_is_rounded_by_itself() -> None:
    down = [(10 + 20 / 60, 17 + 5 / 60), (30, 31.5)]  # 405 s and 90 s
    for mode, lengths in (("up", [7, 2]), ("down", [6, 1]), ("half_up", [7, 2])):
        own = rule(round=Rounding(to=Fraction(MINUTE), mode=mode))
        assert [charged for *_, charged in counted(own, down=down)] == lengths


def test_parts_of_a_rounded_outage_add_up_to_the_whole() -> None:
    (one,) = outages(rule(round=Rounding(to=Fraction(MINUTE), mode="up")), down=[(1430 + 20 / 60, 1450)])
    assert one.charged == 20 * MINUTE
    first, rest = one.part(one.start, one.start + 580 * SECOND), one.part(one.start + 580 * SECOND, one.end)
    assert first + rest == one.charged and 0 < first < rest + MINUTE


def test_components_of_a_service_can_count_one_by_one() -> None:
    from config.contract.model import Service

    services = (Service(name="both", of=("a", "b")), Service(name="a"), Service(name="b"))
    own = rule(overlap="sum")
    terms = contract(own, services=services)
    a = scene(terms=terms, service=services[1], down=[(0, 10)])
    b = scene(terms=terms, service=services[2], down=[(5, 20)])
    both = scene(terms=terms, service=services[0], down=[(0, 20)], others={"a": a, "b": b})
    assert [one.charged for one in both.outages("bad")] == [10 * MINUTE, 15 * MINUTE]


def test_outages_are_one_before_it_is_asked_whether_they_are_long_enough() -> None:
    near = rule(merge_within=30 * MINUTE, least=15 * MINUTE)
    assert counted(near, down=[(0, 10), (20, 30), (100, 110)]) == [(0, 30, 20)]


def test_a_ticket_over_the_edge_is_whole_also_beside_other_sources() -> None:
    both = rule(sources=({"kind": "probes"}, {"kind": "tickets"}))
    assert counted(both, facts=[ticket("a", 1400, restored=6000)]) == [(1400, 6000, 4600)]
