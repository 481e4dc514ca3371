"""A promise is judged by what satisfies its condition, and left what no other promise stands for instead."""

import pytest

from config.contract.model import Service
from config.contract.noun import Condition
from config.contract.rules import Edge, MeasureRule, OutageRule, Source
from monitor.sla.conditions import Qualities, concerns
from monitor.sla.measures import RULES
from tests.sla.desk import scene, ticket
from tests.sla.histories import contract, promise

RULE = MeasureRule(name="repair", kind="each", of="outage", unit="ns")
HIGH = promise("repair", "<=", 5, "ns", id="high", where=Condition(severity=("high",)))
FIBRE = promise(
    "repair",
    "<=",
    15,
    "ns",
    id="fibre",
    where=Condition(severity=("high",), cause=("fibre_break",)),
    replaces="high",
    services=("hq",),
)
BOTH = contract(HIGH, FIBRE, services=(Service(name="hq"), Service(name="web")))


@pytest.mark.parametrize(
    ("known", "service", "judged"),
    [
        (Qualities(severity="high", cause="power"), "hq", ["high"]),
        (Qualities(severity="High", cause="fibre break"), "hq", ["fibre"]),
        (Qualities(severity="high", cause="fibre break"), "web", ["high"]),
        (Qualities(severity="high"), "hq", ["high"]),
        (Qualities(severity="low", cause="fibre break"), "hq", []),
        (Qualities(), "hq", []),
    ],
)
def test_what_another_promise_stands_for_is_left_out(known: Qualities, service: str, judged: list[str]) -> None:
    promises = [HIGH] if service == "web" else [HIGH, FIBRE]
    assert [p.id for p in promises if concerns(BOTH, RULE, p, service, known)] == judged


def test_a_measures_own_condition_comes_first() -> None:
    loss = RULE.but(where=Condition(category=("gold", "silver")))
    assert concerns(BOTH, loss, None, "hq", Qualities(category="gold"))
    assert not concerns(BOTH, loss, HIGH, "hq", Qualities(severity="high", category="lead"))


def test_of_each_outage_it_is_judged_by_the_promise_that_stands_for_it() -> None:
    """Two outages of high severity, one of them a broken fibre, and one of low severity."""
    told = (
        ticket("Mon 09:00", "Mon 13:00", id="T1", severity="high", cause="power"),
        ticket("Tue 09:00", "Tue 19:00", id="T2", severity="high", cause="fibre break"),
        ticket("Wed 09:00", "Wed 12:00", id="T3", severity="low"),
    )
    loss = OutageRule(
        name="loss", sources=(Source(kind="tickets"),), starts=Edge(of=("report",)), ends=Edge(of=("restored",))
    )
    there = scene(*told, outages=(loss,), promises=(HIGH, FIBRE))
    each = MeasureRule(name="repair", kind="each", of="loss", unit="ns")
    judged = {p.id: RULES["each"].measure([there], each, p) for p in (HIGH, FIBRE)}
    assert [item.key for item in judged["high"].items] == ["T1"]
    assert [item.key for item in judged["fibre"].items] == ["T2"]
    assert [item.key for item in RULES["each"].measure([there], each, None).items] == ["T1", "T2", "T3"]
